/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"

#define GRADE_ERROR     0.1 /* no adhesion railway is steeper: the elevations or km are in the wrong unit */
#define GRADE_WARNING   0.04
#define DEGREE_OF_CURVE (0.017453292519943295 / 30.48) /* one degree in a chord of 100 ft, 1/m */
#define NEAR_M          1e-6                           /* ends of ranges that are this close meet */

static const char *name_of(const char *const *names, size_t count, int index)
{
    return index >= 0 && (size_t)index < count ? names[index] : NULL;
}

const char *tn_direction_name(int index)
{
    static const char *const names[] = {"both", "up", "down"};
    return name_of(names, sizeof names / sizeof names[0], index);
}

const char *tn_block_name(int index)
{
    static const char *const names[] = {"inter-station", "semi-automatic", "automatic"};
    return name_of(names, sizeof names / sizeof names[0], index);
}

static const char *curve_law_name(int index)
{
    static const char *const names[] = {"coefficient", "altrios"};
    return name_of(names, sizeof names / sizeof names[0], index);
}

static const char *tunnel_law_name(int index)
{
    static const char *const names[] = {"length", "speed"};
    return name_of(names, sizeof names / sizeof names[0], index);
}

#define KM_ROW(S, M, FL, DOC) TN_F_NUMBER(S, M, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_REQUIRED | (FL), DOC)
#define PHASE_ROWS(S)                                                                                                  \
    TN_F_INTEGER(S, phase, -1, -1, 9999, 0, "year from which it is there"),                                            \
        TN_F_INTEGER(S, until, -1, -1, 9999, 0, "year from which it is gone")
#define CONFIDENCE_ROW(S, DOC) TN_F_CHOICE(S, confidence, tn_confidence_name, TN_PUBLISHED, 0, DOC)
#define SOURCE_ROW(S)          TN_F_STRING(S, source, 0, "where the values come from")

static const struct tn_field station_fields[] = {
    KM_ROW(tn_station, km, TN_RISING, "distance from the line's origin"),
    TN_F_STRING(tn_station, name, TN_REQUIRED, "name"),
    TN_F_STRING(tn_station, name_local, 0, "name in the local script"),
    TN_F_INTEGER(tn_station, tracks, 2, 1, 1000, 0, "tracks on which trains can stand, the main one counted"),
    TN_F_NUMBER(tn_station, length, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "usable length of the shortest of its tracks; not given: from the line's loops"),
    TN_F_STRING(tn_station, kind, 0, "what it is, in words"),
    PHASE_ROWS(tn_station),
    TN_F_NUMBER(tn_station, lat, TN_Q_DEGREES, NAN, -90, 90, 0, "geographic latitude, north positive"),
    TN_F_NUMBER(tn_station, lon, TN_Q_DEGREES, NAN, -180, 180, 0, "geographic longitude, east positive"),
    CONFIDENCE_ROW(tn_station, "how well its km is known"),
    SOURCE_ROW(tn_station),
    TN_F_END};
const struct tn_schema tn_station_schema = {"station", "a place on a line where trains can meet or stop",
                                            sizeof(struct tn_station), station_fields};

static const struct tn_field profile_fields[] = {
    KM_ROW(tn_profile_point, km, TN_RISING, "distance from the line's origin"),
    TN_F_NUMBER(tn_profile_point, elevation, TN_Q_LENGTH, NAN, -500, 9000, TN_REQUIRED, "elevation above the sea"),
    CONFIDENCE_ROW(tn_profile_point, "how well the elevation is known"), SOURCE_ROW(tn_profile_point), TN_F_END};
static const struct tn_schema profile_schema = {"profile", "a point of the longitudinal profile",
                                                sizeof(struct tn_profile_point), profile_fields};

static const struct tn_field limit_fields[] = {
    KM_ROW(tn_limit, from, 0, "where it begins"),
    KM_ROW(tn_limit, to, 0, "where it ends"),
    TN_F_NUMBER(tn_limit, speed, TN_Q_SPEED, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE, "largest speed"),
    TN_F_CHOICE(tn_limit, direction, tn_direction_name, TN_BOTH, 0, "trains that it holds for"),
    PHASE_ROWS(tn_limit),
    SOURCE_ROW(tn_limit),
    TN_F_END};
static const struct tn_schema limit_schema = {"limit", "a speed limit on a stretch of the line",
                                              sizeof(struct tn_limit), limit_fields};

static const struct tn_field curve_fields[] = {
    KM_ROW(tn_curved, from, TN_RISING, "where it begins"),
    KM_ROW(tn_curved, to, 0, "where it ends"),
    TN_F_NUMBER(tn_curved, radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE, "radius"),
    TN_F_NUMBER(tn_curved, curvature, TN_Q_PER_LENGTH, NAN, 0, 1, 0, "one over the radius, in place of it"),
    SOURCE_ROW(tn_curved),
    TN_F_END};
static const struct tn_schema curve_schema = {"curve", "a curve of the line", sizeof(struct tn_curved), curve_fields};

static const struct tn_field tunnel_fields[] = {
    KM_ROW(tn_tunnel, from, TN_RISING, "where it begins"),
    KM_ROW(tn_tunnel, to, 0, "where it ends"),
    TN_F_STRING(tn_tunnel, name, 0, "name"),
    TN_F_CHOICE(tn_tunnel, law, tunnel_law_name, TN_TUNNEL_LENGTH, 0,
                "resistance law: 0.00013 N/kN a metre of length, or by speed squared where the ruling grade is inside"),
    CONFIDENCE_ROW(tn_tunnel, "how well its place is known"),
    SOURCE_ROW(tn_tunnel),
    TN_F_END};
static const struct tn_schema tunnel_schema = {"tunnel", "a tunnel of the line", sizeof(struct tn_tunnel),
                                               tunnel_fields};

static const struct tn_field double_track_fields[] = {
    KM_ROW(tn_double_track, from, 0, "where it begins"),
    KM_ROW(tn_double_track, to, 0, "where it ends"),
    PHASE_ROWS(tn_double_track),
    TN_F_NUMBER(tn_double_track, headway, TN_Q_TIME, NAN, 0, INFINITY, TN_POSITIVE,
                "between trains of one direction; not given: running time of the section plus the following interval"),
    SOURCE_ROW(tn_double_track),
    TN_F_END};
static const struct tn_schema double_track_schema = {"double-track", "a stretch with two tracks",
                                                     sizeof(struct tn_double_track), double_track_fields};

static const struct tn_field loops_fields[] = {KM_ROW(tn_loops, from, 0, "where the range begins"),
                                               KM_ROW(tn_loops, to, 0, "where the range ends"),
                                               TN_F_NUMBER(tn_loops, length, TN_Q_LENGTH, NAN, 0, INFINITY,
                                                           TN_REQUIRED | TN_POSITIVE,
                                                           "usable length of station tracks"),
                                               PHASE_ROWS(tn_loops),
                                               CONFIDENCE_ROW(tn_loops, "how well the length is known"),
                                               SOURCE_ROW(tn_loops),
                                               TN_F_END};
static const struct tn_schema loops_schema = {"loops", "usable length of the station tracks in a range of the line",
                                              sizeof(struct tn_loops), loops_fields};

static const struct tn_field neutral_fields[] = {KM_ROW(tn_neutral_section, from, 0, "where it begins"),
                                                 KM_ROW(tn_neutral_section, to, 0, "where it ends"),
                                                 PHASE_ROWS(tn_neutral_section),
                                                 CONFIDENCE_ROW(tn_neutral_section, "how well its place is known"),
                                                 SOURCE_ROW(tn_neutral_section),
                                                 TN_F_END};
static const struct tn_schema neutral_schema = {"neutral-section", "a stretch of the overhead line without voltage",
                                                sizeof(struct tn_neutral_section), neutral_fields};

static const struct tn_field feeding_fields[] = {TN_F_STRING(tn_feeding, name, TN_REQUIRED, "name"),
                                                 KM_ROW(tn_feeding, from, 0, "where it begins"),
                                                 KM_ROW(tn_feeding, to, 0, "where it ends"),
                                                 TN_F_NUMBER(tn_feeding, power, TN_Q_POWER, NAN, 0, INFINITY,
                                                             TN_REQUIRED | TN_POSITIVE,
                                                             "power that it can give to all its trains together"),
                                                 PHASE_ROWS(tn_feeding),
                                                 CONFIDENCE_ROW(tn_feeding, "how well its power is known"),
                                                 SOURCE_ROW(tn_feeding),
                                                 TN_F_END};
static const struct tn_schema feeding_schema = {"feeding", "a stretch of the overhead line that a substation feeds",
                                                sizeof(struct tn_feeding), feeding_fields};

static const struct tn_field line_fields[] = {
    TN_F_STRING(tn_line_spec, id, TN_REQUIRED | TN_ID, "name by which other parts of the file refer to it"),
    TN_F_STRING(tn_line_spec, name, 0, "name for people"),
    TN_F_BOOL(tn_line_spec, up_is_decreasing, 1, "up trains run towards decreasing km"),
    TN_F_CHOICE(tn_line_spec, block, tn_block_name, TN_BLOCK_INTER_STATION, 0, "block system"),
    TN_F_NUMBER(tn_line_spec, headway, TN_Q_TIME, NAN, 0, INFINITY, TN_POSITIVE, "headway under automatic block"),
    TN_F_NUMBER(tn_line_spec, origin_altitude, TN_Q_LENGTH, 0, -500, 9000, 0, "elevation where there is no profile"),
    TN_F_NUMBER(tn_line_spec, speed, TN_Q_SPEED, NAN, 0, INFINITY, TN_POSITIVE, "speed limit of the whole line"),
    TN_F_CHOICE(
        tn_line_spec, curve_law, curve_law_name, TN_CURVE_COEFFICIENT, 0,
        "specific curve resistance: curve_coefficient over radius, or that of ALTRIOS with curve_c0, c1, c2, k1"),
    TN_F_NUMBER(tn_line_spec, curve_c0, TN_Q_LENGTH, 0.056, 0, 10, 0, "law `altrios`: per curvature in gentle curves"),
    TN_F_NUMBER(tn_line_spec, curve_c1, TN_Q_LENGTH, 0.4387579, 0, 10, 0,
                "law `altrios`: per curvature beyond curve_k1"),
    TN_F_NUMBER(tn_line_spec, curve_c2, TN_Q_AREA, 0.01025485, 0, 1000, 0,
                "law `altrios`: per square of the curvature beyond curve_k1"),
    TN_F_NUMBER(tn_line_spec, curve_k1, TN_Q_PER_LENGTH, DEGREE_OF_CURVE, 0, 1, 0,
                "law `altrios`: curvature from which curves are sharp; one degree in 100 ft"),
    TN_F_NUMBER(tn_line_spec, curve_coefficient, TN_Q_LENGTH, 0.6, 0, 2, 0,
                "specific curve resistance times radius; 0.6 m is 600/R N/kN"),
    TN_F_LIST(tn_line_spec, stations, &tn_station_schema, 0, "stations and passing loops, in order of km"),
    TN_F_LIST(tn_line_spec, profile, &profile_schema, 0, "longitudinal profile, in order of km"),
    TN_F_LIST(tn_line_spec, limits, &limit_schema, 0, "speed limits"),
    TN_F_LIST(tn_line_spec, curves, &curve_schema, 0, "curves, in order of km"),
    TN_F_LIST(tn_line_spec, tunnels, &tunnel_schema, 0, "tunnels, in order of km"),
    TN_F_LIST(tn_line_spec, double_track, &double_track_schema, 0, "stretches with two tracks"),
    TN_F_LIST(tn_line_spec, loops, &loops_schema, 0,
              "usable lengths of station tracks; the last row that matches counts"),
    TN_F_LIST(tn_line_spec, neutral_sections, &neutral_schema, 0,
              "neutral sections: electric locomotives are without traction and dynamic brake inside"),
    TN_F_LIST(tn_line_spec, feeding, &feeding_schema, 0, "feeding sections with the power that they can give"),
    TN_F_LIST(tn_line_spec, notes, &tn_note_schema, 0, "how well values are known"),
    TN_F_END};
const struct tn_schema tn_line_schema = {"line", "a railway line", sizeof(struct tn_line_spec), line_fields};

bool tn_in_phase(int from_phase, int until, int phase)
{
    if (phase < 0)
        phase = INT_MAX;
    return (from_phase < 0 || from_phase <= phase) && (until < 0 || phase < until);
}

static double km_of(double metres)
{
    return metres / 1000;
}

static void check_range(const double *from, const double *to, const char *what, struct tn_context *ctx)
{
    if (*from >= *to)
        tn_error(ctx, to, "`from` is the smaller km, whichever way trains run",
                 "%s ends at km %.7g, not after it begins at km %.7g", what, km_of(*to), km_of(*from));
}

void tn_line_extent(double *low_m, double *high_m, const struct tn_line_spec *line)
{
    const struct tn_station *station = line->stations.items;
    const struct tn_profile_point *point = line->profile.items;
    *low_m = HUGE_VAL;
    *high_m = -HUGE_VAL;
    for (size_t i = 0; i < line->stations.count; i++) {
        *low_m = fmin(*low_m, station[i].km);
        *high_m = fmax(*high_m, station[i].km);
    }
    for (size_t i = 0; i < line->profile.count; i++) {
        *low_m = fmin(*low_m, point[i].km);
        *high_m = fmax(*high_m, point[i].km);
    }
}

struct extent {
    double low_m, high_m;
};

/* No train would ever meet it: most likely its km are in another unit or of another line. */
static void check_place(const struct extent *line, const double *from, const double *to, const char *what,
                        struct tn_context *ctx)
{
    if (line->low_m < line->high_m && *from < *to && (*to <= line->low_m || *from >= line->high_m))
        tn_warning(ctx, from, "check the units of its km",
                   "%s from km %.7g to km %.7g is outside the line, which runs from km %.7g to km %.7g", what,
                   km_of(*from), km_of(*to), km_of(line->low_m), km_of(line->high_m));
}

static void check_phases(const int *phase, const int *until, struct tn_context *ctx)
{
    if (*phase >= 0 && *until >= 0 && *until <= *phase)
        tn_error(ctx, until, NULL, "gone from %d, but there only from %d", *until, *phase);
}

static bool phases_meet(const struct tn_station *a, const struct tn_station *b)
{
    return (b->until < 0 || a->phase < b->until) && (a->until < 0 || b->phase < a->until);
}

static void check_name(const struct tn_line_spec *line, size_t i, struct tn_context *ctx)
{
    const struct tn_station *station = line->stations.items;
    for (size_t j = 0; station[i].name && j < i; j++)
        if (station[j].name && strcmp(station[i].name, station[j].name) == 0 && phases_meet(&station[i], &station[j])) {
            tn_error(ctx, &station[i].name,
                     "names are unique; where a station moves, give `until` in the old row and `phase` in the new one",
                     "a station %s stands at km %.7g already", station[i].name, km_of(station[j].km));
            return;
        }
}

static void check_stations(const struct tn_line_spec *line, struct tn_context *ctx)
{
    const struct tn_station *station = line->stations.items;
    if (line->stations.count > TN_LINE_STATIONS) {
        tn_error(ctx, &station[TN_LINE_STATIONS].km, NULL, "a line of %zu stations; at most %d are read",
                 line->stations.count, TN_LINE_STATIONS);
        return;
    }
    for (size_t i = 0; i < line->stations.count; i++) {
        check_phases(&station[i].phase, &station[i].until, ctx);
        check_name(line, i, ctx);
        if (isnan(station[i].lat) != isnan(station[i].lon))
            tn_error(ctx, isnan(station[i].lat) ? &station[i].lon : &station[i].lat, "give both or neither",
                     "%s has only one of lat and lon", station[i].name ? station[i].name : "a station");
    }
}

static void check_profile(const struct tn_line_spec *line, struct tn_context *ctx)
{
    const struct tn_profile_point *point = line->profile.items;
    if (line->profile.count == 1)
        tn_error(ctx, point, "leave the profile out for a level line", "a profile has at least 2 points, not 1");
    for (size_t i = 1; i < line->profile.count; i++) {
        const struct tn_profile_point *a = &point[i - 1], *b = &point[i];
        double grade = (b->elevation - a->elevation) / (b->km - a->km);
        if (!(b->km > a->km))
            continue;
        if (fabs(grade) > GRADE_ERROR)
            tn_error(ctx, &b->elevation, "check the units of km and elevation",
                     "a grade of %.4g permil from km %.7g to km %.7g; a railway has at most %g", 1000 * grade,
                     km_of(a->km), km_of(b->km), 1000 * GRADE_ERROR);
        else if (fabs(grade) > GRADE_WARNING)
            tn_warning(ctx, &b->elevation, "check the elevations",
                       "a grade of %.4g permil from km %.7g to km %.7g is steep for freight", 1000 * grade,
                       km_of(a->km), km_of(b->km));
    }
}

static void check_curves(const struct tn_line_spec *line, const struct extent *extent, struct tn_context *ctx)
{
    const struct tn_curved *curve = line->curves.items;
    for (size_t i = 0; i < line->curves.count; i++) {
        check_range(&curve[i].from, &curve[i].to, "the curve", ctx);
        check_place(extent, &curve[i].from, &curve[i].to, "the curve", ctx);
        if (isnan(curve[i].radius) == isnan(curve[i].curvature))
            tn_error(ctx, isnan(curve[i].radius) ? &curve[i].from : &curve[i].curvature,
                     "give one of radius and curvature", "the curve at km %.7g has %s", km_of(curve[i].from),
                     isnan(curve[i].radius) ? "neither radius nor curvature" : "a radius and a curvature");
        if (i > 0 && curve[i].from < curve[i - 1].to)
            tn_error(ctx, &curve[i].from, NULL,
                     "the curve begins at km %.7g, inside the one before, which ends at km %.7g", km_of(curve[i].from),
                     km_of(curve[i - 1].to));
    }
}

static void check_tunnels(const struct tn_line_spec *line, const struct extent *extent, struct tn_context *ctx)
{
    const struct tn_tunnel *tunnel = line->tunnels.items;
    for (size_t i = 0; i < line->tunnels.count; i++) {
        check_range(&tunnel[i].from, &tunnel[i].to, "the tunnel", ctx);
        check_place(extent, &tunnel[i].from, &tunnel[i].to, "the tunnel", ctx);
        if (i > 0 && tunnel[i].from < tunnel[i - 1].to)
            tn_error(ctx, &tunnel[i].from, NULL,
                     "the tunnel begins at km %.7g, inside the one before, which ends at km %.7g",
                     km_of(tunnel[i].from), km_of(tunnel[i - 1].to));
    }
}

static void check_overlap(const struct tn_feeding *feeding, size_t i, struct tn_context *ctx)
{
    const struct tn_feeding *b = &feeding[i];
    for (size_t j = 0; j < i; j++) {
        const struct tn_feeding *a = &feeding[j];
        bool together = (b->until < 0 || a->phase < b->until) && (a->until < 0 || b->phase < a->until);
        if (!together || a->from >= b->to - NEAR_M || b->from >= a->to - NEAR_M)
            continue;
        tn_error(ctx, &b->from, "each stretch is fed from one substation",
                 "the feeding section overlaps %s, from km %.7g to km %.7g", a->name, km_of(a->from), km_of(a->to));
        return;
    }
}

static void check_supply(const struct tn_line_spec *line, const struct extent *extent, struct tn_context *ctx)
{
    const struct tn_neutral_section *neutral = line->neutral_sections.items;
    for (size_t i = 0; i < line->neutral_sections.count; i++) {
        check_range(&neutral[i].from, &neutral[i].to, "the neutral section", ctx);
        check_place(extent, &neutral[i].from, &neutral[i].to, "the neutral section", ctx);
        check_phases(&neutral[i].phase, &neutral[i].until, ctx);
    }
    const struct tn_feeding *feeding = line->feeding.items;
    if (line->feeding.count > TN_LINE_STATIONS) {
        tn_error(ctx, &feeding[TN_LINE_STATIONS].from, NULL, "a line of %zu feeding sections; at most %d are read",
                 line->feeding.count, TN_LINE_STATIONS);
        return;
    }
    for (size_t i = 0; i < line->feeding.count; i++) {
        check_range(&feeding[i].from, &feeding[i].to, "the feeding section", ctx);
        check_place(extent, &feeding[i].from, &feeding[i].to, "the feeding section", ctx);
        check_phases(&feeding[i].phase, &feeding[i].until, ctx);
        check_overlap(feeding, i, ctx);
    }
}

tn_status tn_line_validate(const struct tn_line_spec *line, struct tn_context *ctx)
{
    size_t errors = ctx->errors;
    struct extent extent;
    tn_line_extent(&extent.low_m, &extent.high_m, line);
    check_stations(line, ctx);
    check_profile(line, ctx);
    check_curves(line, &extent, ctx);
    check_tunnels(line, &extent, ctx);
    check_supply(line, &extent, ctx);
    const struct tn_limit *limit = line->limits.items;
    for (size_t i = 0; i < line->limits.count; i++) {
        check_range(&limit[i].from, &limit[i].to, "the limit", ctx);
        check_place(&extent, &limit[i].from, &limit[i].to, "the limit", ctx);
        check_phases(&limit[i].phase, &limit[i].until, ctx);
    }
    const struct tn_double_track *track = line->double_track.items;
    for (size_t i = 0; i < line->double_track.count; i++) {
        check_range(&track[i].from, &track[i].to, "the double track", ctx);
        check_phases(&track[i].phase, &track[i].until, ctx);
    }
    const struct tn_loops *loops = line->loops.items;
    for (size_t i = 0; i < line->loops.count; i++) {
        check_range(&loops[i].from, &loops[i].to, "the range", ctx);
        check_phases(&loops[i].phase, &loops[i].until, ctx);
    }
    return ctx->errors > errors ? TN_ERR_INPUT : TN_OK;
}

double tn_line_elevation(const struct tn_line_spec *line, double km_m)
{
    const struct tn_profile_point *point = line->profile.items;
    size_t low = 0, high = line->profile.count;
    if (high == 0)
        return line->origin_altitude;
    while (low < high) { /* the first point beyond km */
        size_t middle = low + (high - low) / 2;
        if (point[middle].km > km_m)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0)
        return point[0].elevation;
    if (low == line->profile.count)
        return point[low - 1].elevation;
    double share = (km_m - point[low - 1].km) / (point[low].km - point[low - 1].km);
    return point[low - 1].elevation + share * (point[low].elevation - point[low - 1].elevation);
}

double tn_line_curve_resistance(const struct tn_line_spec *line, const struct tn_curved *curve)
{
    double k = isnan(curve->radius) ? curve->curvature : 1 / curve->radius, k1 = line->curve_k1, beyond = k - k1;
    if (line->curve_law == TN_CURVE_COEFFICIENT)
        return isnan(curve->radius) ? line->curve_coefficient * k : line->curve_coefficient / curve->radius;
    return beyond < 0 ? line->curve_c0 * k
                      : line->curve_c0 * k1 + line->curve_c1 * beyond + line->curve_c2 * beyond * beyond;
}

static bool located(const struct tn_station *station)
{
    return !isnan(station->lat) && !isnan(station->lon);
}

double tn_line_bearing(const struct tn_line_spec *line, double km_m)
{
    const double degree = acos(-1.0) / 180;
    const struct tn_station *station = line->stations.items;
    const struct tn_station *a = NULL, *b = NULL; /* the located stations around km, or the nearest two */
    for (size_t i = 0; i < line->stations.count; i++) {
        if (!located(&station[i]) || (b && b->lat == station[i].lat && b->lon == station[i].lon))
            continue;
        if (a && b->km > km_m)
            break;
        a = b;
        b = &station[i];
    }
    if (!a)
        return NAN;
    double east = remainder(b->lon - a->lon, 360.0) * cos((a->lat + b->lat) / 2 * degree);
    return atan2(east, b->lat - a->lat);
}

const struct tn_station *tn_line_station(const struct tn_line_spec *line, const char *name, int phase)
{
    const struct tn_station *station = line->stations.items;
    for (size_t i = 0; i < line->stations.count; i++)
        if (station[i].name && strcmp(station[i].name, name) == 0 &&
            tn_in_phase(station[i].phase, station[i].until, phase))
            return &station[i];
    return NULL;
}

double tn_line_track_length(const struct tn_line_spec *line, const struct tn_station *station, int phase)
{
    if (!isnan(station->length))
        return station->length;
    const struct tn_loops *loops = line->loops.items;
    for (size_t i = line->loops.count; i-- > 0;)
        if (loops[i].from <= station->km && station->km <= loops[i].to &&
            tn_in_phase(loops[i].phase, loops[i].until, phase))
            return loops[i].length;
    return NAN;
}

bool tn_line_double_track(const struct tn_line_spec *line, double from_m, double to_m, int phase, double *headway_s_out)
{
    const struct tn_double_track *track = line->double_track.items;
    double covered = from_m, headway = 0;
    bool found;
    do {
        found = false;
        for (size_t i = 0; i < line->double_track.count && !found; i++)
            if (track[i].from <= covered + NEAR_M && track[i].to > covered + NEAR_M &&
                tn_in_phase(track[i].phase, track[i].until, phase)) {
                found = true;
                covered = track[i].to;
                if (isnan(track[i].headway) || track[i].headway > headway) /* an unknown one is the worst and stays */
                    headway = track[i].headway;
            }
    } while (found && covered < to_m - NEAR_M);
    if (found && headway_s_out)
        *headway_s_out = headway;
    return found;
}

struct in_phase {
    const struct tn_line_spec *line;
    int phase;
};

static const char *station_name(size_t i, const void *payload)
{
    const struct in_phase *which = payload;
    const struct tn_station *station = (const struct tn_station *)which->line->stations.items + i;
    return tn_in_phase(station->phase, station->until, which->phase) ? station->name : NULL;
}

static tn_status unknown_station(const struct tn_line_spec *line, const char *name, int phase, const void *where,
                                 struct tn_context *ctx)
{
    char hint[200];
    const struct tn_station *station = line->stations.items;
    for (size_t i = 0; i < line->stations.count; i++)
        if (station[i].name && strcmp(station[i].name, name) == 0) {
            if (phase >= 0 && station[i].phase > phase)
                snprintf(hint, sizeof hint, "it is there from phase %d", station[i].phase);
            else
                snprintf(hint, sizeof hint, "it is there only before phase %d", station[i].until);
            return tn_error(ctx, where, hint, "line %s has no station %s in this phase", line->id, name);
        }
    const char *nearest = tn_nearest_name(name, station_name, line->stations.count, &(struct in_phase){line, phase});
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest);
    return tn_error(ctx, where, nearest ? hint : NULL, "line %s has no station %s", line->id, name);
}

static tn_status fill_stations(struct tn_path *path, double from_m, double to_m, struct tn_arena *arena)
{
    const struct tn_station *station = path->line->stations.items;
    double low = fmin(from_m, to_m), high = fmax(from_m, to_m);
    size_t count = path->line->stations.count, n = 0;
    path->stations = tn_arena_alloc(arena, count + 1, sizeof *path->stations);
    path->station_s_m = tn_arena_alloc(arena, count + 1, sizeof *path->station_s_m);
    if (!path->stations || !path->station_s_m)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < count; k++) {
        const struct tn_station *s = &station[path->sign > 0 ? k : count - 1 - k];
        if (s->km < low || s->km > high || !tn_in_phase(s->phase, s->until, path->phase))
            continue;
        path->stations[n] = s;
        path->station_s_m[n++] = fabs(s->km - path->origin_km_m);
    }
    path->station_count = n;
    return TN_OK;
}

tn_status tn_line_find_station(const struct tn_station **out, const struct tn_line_spec *line, int phase,
                               const char *name, const void *where, struct tn_context *ctx)
{
    *out = tn_line_station(line, name, phase);
    return *out ? TN_OK : unknown_station(line, name, phase, where, ctx);
}

tn_status tn_path_between(struct tn_path *path, const struct tn_line_spec *line, int phase, double from_m, double to_m,
                          struct tn_arena *arena)
{
    *path = (struct tn_path){.line = line, .phase = phase, .origin_km_m = from_m};
    path->sign = to_m > from_m ? 1 : -1;
    path->up = (path->sign < 0) == line->up_is_decreasing;
    path->length_m = fabs(to_m - from_m);
    return fill_stations(path, from_m, to_m, arena);
}

tn_status tn_path_init(struct tn_path *path, const struct tn_line_spec *line, int phase, const char *from,
                       const char *to, const void *where_from, const void *where_to, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    const struct tn_station *a, *b;
    tn_status status = tn_line_find_station(&a, line, phase, from, where_from, ctx);
    tn_status status_to = tn_line_find_station(&b, line, phase, to, where_to, ctx);
    if (status || status_to)
        return status ? status : status_to;
    if (a->km == b->km)
        return tn_error(ctx, where_to, "name two stations", "from %s to %s is no way to go", from, to);
    return tn_path_between(path, line, phase, a->km, b->km, arena);
}
