/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line.h"

#include <limits.h>
#include <string.h>

#include "nearest.h"

#define GRADE_ERROR 0.1    /* no adhesion railway is steeper: the elevations or km are in the wrong unit */
#define GRADE_WARNING 0.04
#define NEAR_M 1e-6        /* ends of ranges that are this close meet */

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
#define SOURCE_ROW(S) TN_F_STRING(S, source, 0, "where the values come from")

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
    CONFIDENCE_ROW(tn_profile_point, "how well the elevation is known"),
    SOURCE_ROW(tn_profile_point),
    TN_F_END};
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
static const struct tn_schema limit_schema = {"limit", "a speed limit on a stretch of the line", sizeof(struct tn_limit),
                                              limit_fields};

static const struct tn_field curve_fields[] = {
    KM_ROW(tn_curved, from, TN_RISING, "where it begins"),
    KM_ROW(tn_curved, to, 0, "where it ends"),
    TN_F_NUMBER(tn_curved, radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE, "radius"),
    SOURCE_ROW(tn_curved),
    TN_F_END};
static const struct tn_schema curve_schema = {"curve", "a curve of the line", sizeof(struct tn_curved), curve_fields};

static const struct tn_field tunnel_fields[] = {
    KM_ROW(tn_tunnel, from, TN_RISING, "where it begins"),
    KM_ROW(tn_tunnel, to, 0, "where it ends"),
    TN_F_STRING(tn_tunnel, name, 0, "name"),
    TN_F_CHOICE(tn_tunnel, law, tunnel_law_name, TN_TUNNEL_LENGTH, 0,
                "resistance law: 0.00013 N/kN per metre of length, or length x speed squared where the grade is the ruling one"),
    CONFIDENCE_ROW(tn_tunnel, "how well its place is known"),
    SOURCE_ROW(tn_tunnel),
    TN_F_END};
static const struct tn_schema tunnel_schema = {"tunnel", "a tunnel of the line", sizeof(struct tn_tunnel), tunnel_fields};

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

static const struct tn_field loops_fields[] = {
    KM_ROW(tn_loops, from, 0, "where the range begins"),
    KM_ROW(tn_loops, to, 0, "where the range ends"),
    TN_F_NUMBER(tn_loops, length, TN_Q_LENGTH, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE, "usable length of station tracks"),
    PHASE_ROWS(tn_loops),
    CONFIDENCE_ROW(tn_loops, "how well the length is known"),
    SOURCE_ROW(tn_loops),
    TN_F_END};
static const struct tn_schema loops_schema = {"loops", "usable length of the station tracks in a range of the line",
                                              sizeof(struct tn_loops), loops_fields};

static const struct tn_field line_fields[] = {
    TN_F_STRING(tn_line_spec, id, TN_REQUIRED | TN_ID, "name by which other parts of the file refer to it"),
    TN_F_STRING(tn_line_spec, name, 0, "name for people"),
    TN_F_BOOL(tn_line_spec, up_is_decreasing, 1, "up trains run towards decreasing km"),
    TN_F_CHOICE(tn_line_spec, block, tn_block_name, TN_BLOCK_INTER_STATION, 0, "block system"),
    TN_F_NUMBER(tn_line_spec, headway, TN_Q_TIME, NAN, 0, INFINITY, TN_POSITIVE, "headway under automatic block"),
    TN_F_NUMBER(tn_line_spec, origin_altitude, TN_Q_LENGTH, 0, -500, 9000, 0, "elevation where there is no profile"),
    TN_F_NUMBER(tn_line_spec, speed, TN_Q_SPEED, NAN, 0, INFINITY, TN_POSITIVE, "speed limit of the whole line"),
    TN_F_NUMBER(tn_line_spec, curve_coefficient, TN_Q_LENGTH, 0.6, 0, 2, 0,
                "specific curve resistance times radius; 0.6 m is 600/R N/kN"),
    TN_F_LIST(tn_line_spec, stations, &tn_station_schema, 0, "stations and passing loops, in order of km"),
    TN_F_LIST(tn_line_spec, profile, &profile_schema, 0, "longitudinal profile, in order of km"),
    TN_F_LIST(tn_line_spec, limits, &limit_schema, 0, "speed limits"),
    TN_F_LIST(tn_line_spec, curves, &curve_schema, 0, "curves, in order of km"),
    TN_F_LIST(tn_line_spec, tunnels, &tunnel_schema, 0, "tunnels, in order of km"),
    TN_F_LIST(tn_line_spec, double_track, &double_track_schema, 0, "stretches with two tracks"),
    TN_F_LIST(tn_line_spec, loops, &loops_schema, 0, "usable lengths of station tracks; the last row that matches counts"),
    TN_F_LIST(tn_line_spec, notes, &tn_note_schema, 0, "how well values are known"),
    TN_F_END};
const struct tn_schema tn_line_schema = {"line", "a railway line", sizeof(struct tn_line_spec), line_fields};
