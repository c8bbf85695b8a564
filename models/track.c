/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "track.h"

#include <string.h>

#include <gsl/gsl_sort_double.h>

#define CLOSE_M             1e-6        /* breakpoints closer than this are one */
#define DENSITY_RISE_M      150.0       /* density is linear over so much elevation to (150 m / 8.4 km)^2 / 8 = 4e-5 */
#define DENSITY_JOIN        5e-5        /* neighbouring pieces join if their density is on one line to this */
#define FORCE_JOIN          1e-12       /* the same for forces, in shares of the weight */
#define POWER_BAND_M        50.0        /* altitude over which a diesel's curve is taken as constant */
#define RULE_SPEED_M_S      (0.1 / 3.6) /* permitted speeds are rounded down to it */
#define RULE_GRADE          0.0005 /* permitted speeds are worked out at multiples of it and are linear between, to 1e-5 */
#define CURVE_COEFFICIENT_M 0.6    /* 600/R N/kN, TB/T 1407 */
#define TUNNEL_LENGTH       0.13e-6  /* 0.00013 N/kN per metre, TB/T 1407 */
#define TUNNEL_SPEED        1.296e-9 /* L v^2 / 1e7 N/kN with v in km/h, TB/T 1407 */

const char *tn_depth_name(int index)
{
    static const char *const names[] = {"point", "strap"};
    return index == TN_POINT || index == TN_STRAP ? names[index] : NULL;
}

/* A function along the path: straight between knots, level beyond them. Elevation is one; with the resistance of curves
   and tunnels added up along the way of travel it becomes the virtual height whose slope is the specific force. */
struct polyline {
    double *x, *y;
    double *slope; /* from a knot to the next; 0 after the last */
    double *area;  /* integral of y from the first knot */
    size_t count;
};

enum content { ELEVATION = 1, RESISTANCE = 2, SPEED_RESISTANCE = 4 };

/* Looks a polyline up at rising positions. */
static double height_at(const struct polyline *line, size_t *cursor, double x)
{
    size_t i = *cursor;
    if (line->count == 0)
        return 0;
    while (i < line->count && line->x[i] <= x)
        i++;
    *cursor = i;
    return i == 0 ? line->y[0] : line->y[i - 1] + line->slope[i - 1] * (x - line->x[i - 1]);
}

static double slope_at(const struct polyline *line, size_t *cursor, double x)
{
    height_at(line, cursor, x);
    return *cursor == 0 ? 0 : line->slope[*cursor - 1];
}

static double area_at(const struct polyline *line, size_t *cursor, double x)
{
    height_at(line, cursor, x);
    if (*cursor == 0)
        return line->count == 0 ? 0 : line->y[0] * (x - line->x[0]);
    size_t i = *cursor - 1;
    double run = x - line->x[i];
    return line->area[i] + run * (line->y[i] + 0.5 * line->slope[i] * run);
}

static size_t collect_knots(double *km, const struct tn_line_spec *line, int content)
{
    const struct tn_profile_point *point = line->profile.items;
    const struct tn_curved *curve = line->curves.items;
    const struct tn_tunnel *tunnel = line->tunnels.items;
    size_t n = 0;
    for (size_t i = 0; (content & ELEVATION) && i < line->profile.count; i++)
        km[n++] = point[i].km;
    for (size_t i = 0; (content & RESISTANCE) && i < line->curves.count; i++) {
        km[n++] = curve[i].from;
        km[n++] = curve[i].to;
    }
    for (size_t i = 0; i < line->tunnels.count; i++)
        if (content & (tunnel[i].law == TN_TUNNEL_SPEED ? SPEED_RESISTANCE : RESISTANCE)) {
            km[n++] = tunnel[i].from;
            km[n++] = tunnel[i].to;
        }
    if (n == 0)
        return 0;
    gsl_sort(km, 1, n);
    size_t unique = 1;
    for (size_t i = 1; i < n; i++)
        if (km[i] - km[unique - 1] > CLOSE_M)
            km[unique++] = km[i];
    return unique;
}

/* Specific resistance of curves and tunnels between knots: at[i] from km[i] to km[i + 1]. */
static void collect_resistance(double *at, const double *km, size_t count, const struct tn_line_spec *line, int content)
{
    const struct tn_curved *curve = line->curves.items;
    const struct tn_tunnel *tunnel = line->tunnels.items;
    size_t c = 0, t = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        double middle = 0.5 * (km[i] + km[i + 1]);
        while (c < line->curves.count && curve[c].to <= middle)
            c++;
        while (t < line->tunnels.count && tunnel[t].to <= middle)
            t++;
        at[i] = 0;
        if ((content & RESISTANCE) && c < line->curves.count && curve[c].from < middle)
            at[i] += tn_line_curve_resistance(line, &curve[c]);
        if (t < line->tunnels.count && tunnel[t].from < middle) {
            double length = tunnel[t].to - tunnel[t].from;
            if (tunnel[t].law == TN_TUNNEL_LENGTH && (content & RESISTANCE))
                at[i] += TUNNEL_LENGTH * length;
            if (tunnel[t].law == TN_TUNNEL_SPEED && (content & SPEED_RESISTANCE))
                at[i] += TUNNEL_SPEED * length;
        }
    }
}

static tn_status polyline_init(struct polyline *out, const struct tn_path *path, int content, struct tn_arena *arena)
{
    const struct tn_line_spec *line = path->line;
    size_t most = line->profile.count + 2 * line->curves.count + 2 * line->tunnels.count;
    *out = (struct polyline){0};
    if (most == 0)
        return TN_OK;
    double *km = tn_arena_alloc(arena, 6 * most, sizeof *km);
    if (!km)
        return TN_ERR_MEMORY;
    double *at = km + most;
    size_t n = collect_knots(km, line, content);
    collect_resistance(at, km, n, line, content);
    *out = (struct polyline){km + 2 * most, km + 3 * most, km + 4 * most, km + 5 * most, n};
    double added = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = path->sign > 0 ? i : n - 1 - i;
        out->x[i] = path->sign * (km[k] - path->origin_km_m);
        if (i > 0)
            added += at[path->sign > 0 ? k - 1 : k] * (out->x[i] - out->x[i - 1]);
        out->y[i] = added + (content & ELEVATION ? tn_line_elevation(line, km[k]) : 0);
        if (i == 0)
            continue;
        double run = out->x[i] - out->x[i - 1];
        out->slope[i - 1] = (out->y[i] - out->y[i - 1]) / run;
        out->area[i] = out->area[i - 1] + 0.5 * run * (out->y[i - 1] + out->y[i]);
    }
    return TN_OK;
}

/* What is needed while the pieces are made. */
struct maker {
    const struct tn_path *path;
    const struct tn_train *train;
    const struct tn_weather *weather;
    struct tn_arena *arena;
    struct tn_context *ctx;
    const struct tn_train_group *groups; /* as the depth sees them */
    size_t group_count;
    struct tn_train_group point;
    double middle_m; /* behind the head, where the air is taken */
    struct polyline height, rise, drag;
    double rule_m;     /* distance of the rule; 0: it binds nowhere */
    double *permitted; /* at -i RULE_GRADE; NAN until asked for */
    size_t permitted_count;
    size_t permitted_first; /* the gentlest that binds */
    double *cuts;
    size_t cut_count, cut_room;
    bool no_memory;
    bool neutral; /* neutral sections on the way */
    struct zone_key {
        double bearing, band;
        uint64_t off;
    } * keys;
};

/* Mass-weighted force of a polyline's slopes under the train. */
struct feel {
    const struct maker *maker;
    const struct polyline *line;
    size_t *cursors; /* two a group */
};

static tn_status feel_init(struct feel *feel, const struct maker *maker, const struct polyline *line)
{
    *feel = (struct feel){maker, line, tn_arena_alloc(maker->arena, 2 * maker->group_count, sizeof(size_t))};
    return feel->cursors ? TN_OK : TN_ERR_MEMORY;
}

/* Force with the head at a and at b, between which no knot passes under an end of a group. Exact: the integral of slope
   times mass per length is the difference of heights at the ends of the group. */
static void force_between(const struct feel *feel, double a, double b, double *at_a, double *at_b)
{
    *at_a = *at_b = 0;
    if (feel->line->count == 0)
        return;
    for (size_t i = 0; i < feel->maker->group_count; i++) {
        const struct tn_train_group *g = &feel->maker->groups[i];
        size_t *front = &feel->cursors[2 * i], *back = front + 1;
        double weight = g->mass_kg * feel->maker->train->gravity_m_s2, length = g->to_m - g->from_m;
        if (length > 0) {
            double w = weight / length;
            *at_a += w * (height_at(feel->line, front, a - g->from_m) - height_at(feel->line, back, a - g->to_m));
            *at_b += w * (height_at(feel->line, front, b - g->from_m) - height_at(feel->line, back, b - g->to_m));
        } else {
            double force = weight * slope_at(feel->line, front, 0.5 * (a + b) - g->from_m);
            *at_a += force;
            *at_b += force;
        }
    }
}

/* Work to bring the train's masses to where they are: its derivative is the force. */
static double work_at(const struct feel *feel, double s)
{
    double work = 0;
    for (size_t i = 0; i < feel->maker->group_count; i++) {
        const struct tn_train_group *g = &feel->maker->groups[i];
        size_t *front = &feel->cursors[2 * i], *back = front + 1;
        double weight = g->mass_kg * feel->maker->train->gravity_m_s2, length = g->to_m - g->from_m;
        if (length > 0)
            work +=
                weight / length * (area_at(feel->line, front, s - g->from_m) - area_at(feel->line, back, s - g->to_m));
        else
            work += weight * height_at(feel->line, front, s - g->from_m);
    }
    return work;
}

static void cut(struct maker *maker, double s)
{
    if (!(s > 0 && s < maker->path->length_m) || maker->no_memory)
        return;
    if (maker->cut_count == maker->cut_room) {
        size_t room = maker->cut_room ? 2 * maker->cut_room : 1024;
        double *cuts = tn_arena_alloc(maker->arena, room, sizeof *cuts);
        if (!cuts) {
            maker->no_memory = true;
            return;
        }
        if (maker->cut_count)
            memcpy(cuts, maker->cuts, maker->cut_count * sizeof *cuts);
        maker->cuts = cuts;
        maker->cut_room = room;
    }
    maker->cuts[maker->cut_count++] = s;
}

/* Where a knot passes under an end of a group, and where it will within the distance of the rule. */
static void cut_at_knots(struct maker *maker, const struct polyline *line, double ahead)
{
    for (size_t g = 0; g < maker->group_count; g++) {
        const struct tn_train_group *group = &maker->groups[g];
        bool follows = g > 0 && group[0].from_m == group[-1].to_m;
        for (size_t i = 0; i < line->count; i++) {
            if (!follows)
                cut(maker, line->x[i] + group->from_m - ahead);
            if (group->to_m > group->from_m)
                cut(maker, line->x[i] + group->to_m - ahead);
        }
    }
}

static void cut_at_heights(struct maker *maker)
{
    const struct polyline *height = &maker->height;
    for (size_t i = 0; i < height->count; i++) {
        double x = height->x[i] + maker->middle_m;
        cut(maker, x);
        if (i + 1 == height->count)
            break;
        double run = height->x[i + 1] - height->x[i], rise = fabs(height->y[i + 1] - height->y[i]);
        double parts = ceil(rise / DENSITY_RISE_M);
        for (double k = 1; k < parts; k++)
            cut(maker, x + k * run / parts);
    }
}

static double power_band(double height)
{
    return floor(height / POWER_BAND_M);
}

static void cut_at_zones(struct maker *maker)
{
    const struct polyline *height = &maker->height;
    const struct tn_station *station = maker->path->line->stations.items;
    for (size_t i = 0; maker->weather->wind.speed > 0 && i < maker->path->line->stations.count; i++)
        cut(maker, maker->path->sign * (station[i].km - maker->path->origin_km_m));
    for (size_t i = 0; maker->train->diesel && i + 1 < height->count; i++) {
        double low = fmin(height->y[i], height->y[i + 1]), high = fmax(height->y[i], height->y[i + 1]);
        for (double edge = power_band(low) + 1; edge * POWER_BAND_M < high; edge++)
            cut(maker, height->x[i] + (edge * POWER_BAND_M - height->y[i]) / height->slope[i]);
    }
}

/* Where the limit holds for the head: until the tail has left it. False if not for this train. */
static bool limit_range(const struct maker *maker, const struct tn_limit *limit, double *from, double *to)
{
    const struct tn_path *path = maker->path;
    if (!tn_in_phase(limit->phase, limit->until, path->phase) ||
        (limit->direction != TN_BOTH && (limit->direction == TN_UP) != path->up))
        return false;
    double a = path->sign * (limit->from - path->origin_km_m), b = path->sign * (limit->to - path->origin_km_m);
    *from = fmin(a, b);
    *to = fmax(a, b) + maker->train->length_m;
    return *to > 0 && *from < path->length_m;
}

/* Where a unit is off, for the head. False if never on this path. */
static bool neutral_range(const struct tn_path *path, const struct tn_neutral_section *neutral,
                          const struct tn_train_unit *unit, double *from, double *to)
{
    if (unit->type->energy != TN_ELECTRIC || !tn_in_phase(neutral->phase, neutral->until, path->phase))
        return false;
    double a = path->sign * (neutral->from - path->origin_km_m), b = path->sign * (neutral->to - path->origin_km_m);
    *from = fmin(a, b) + unit->from_m;
    *to = fmax(a, b) + unit->to_m;
    return *to > 0 && *from < path->length_m;
}

static void cut_at_neutrals(struct maker *maker)
{
    const struct tn_neutral_section *neutral = maker->path->line->neutral_sections.items;
    for (size_t i = 0; i < maker->path->line->neutral_sections.count; i++)
        for (size_t u = 0; u < maker->train->unit_count; u++) {
            double from, to;
            if (!neutral_range(maker->path, &neutral[i], &maker->train->units[u], &from, &to))
                continue;
            cut(maker, from);
            cut(maker, to);
            maker->neutral = true;
        }
}

/* The units that are off with the head at s; section_out (may be NULL) gets the neutral section of the first. */
static uint64_t units_off(const struct tn_path *path, const struct tn_train *train, double s_m,
                          const struct tn_neutral_section **section_out)
{
    const struct tn_neutral_section *neutral = path->line->neutral_sections.items;
    uint64_t off = 0;
    for (size_t i = 0; i < path->line->neutral_sections.count; i++)
        for (size_t u = 0; u < train->unit_count && u < TN_TRAIN_UNITS_SWITCHED; u++) {
            double from, to;
            if (!neutral_range(path, &neutral[i], &train->units[u], &from, &to) || s_m < from || s_m >= to)
                continue;
            if (off == 0 && section_out != NULL)
                *section_out = &neutral[i];
            off |= UINT64_C(1) << u;
        }
    return off;
}

const struct tn_neutral_section *tn_track_neutral(const struct tn_track *track, double s_m)
{
    const struct tn_neutral_section *section = NULL;
    if (track->path != NULL)
        units_off(track->path, track->train, s_m + CLOSE_M, &section);
    return section;
}

const char *tn_track_neutral_text(const struct tn_track *track, double s_m, struct tn_arena *arena)
{
    const struct tn_neutral_section *section = tn_track_neutral(track, s_m);
    return section ? tn_arena_printf(arena, " in the neutral section from km %.7g to km %.7g", section->from / 1e3,
                                     section->to / 1e3)
                   : "";
}

static double highest_limit(const struct maker *maker)
{
    double line = maker->path->line->speed;
    return isnan(line) ? maker->train->speed_max_m_s : fmin(line, maker->train->speed_max_m_s);
}

static tn_status cut_all(struct maker *maker)
{
    const struct tn_limit *limit = maker->path->line->limits.items;
    cut_at_knots(maker, &maker->rise, 0);
    cut_at_knots(maker, &maker->drag, 0);
    if (maker->rule_m > 0)
        cut_at_knots(maker, &maker->rise, maker->rule_m);
    cut_at_heights(maker);
    cut_at_zones(maker);
    cut_at_neutrals(maker);
    for (size_t i = 0; i < maker->path->line->limits.count; i++) {
        double from, to;
        if (limit_range(maker, &limit[i], &from, &to)) {
            cut(maker, from);
            cut(maker, to);
        }
    }
    if (maker->no_memory)
        return TN_ERR_MEMORY;
    if (maker->cut_count)
        gsl_sort(maker->cuts, 1, maker->cut_count);
    return TN_OK;
}

/* Pieces from breakpoint to breakpoint, positions only. */
static tn_status make_pieces(struct tn_track *track, struct maker *maker)
{
    tn_status status = cut_all(maker);
    if (status)
        return status;
    track->pieces = tn_arena_alloc(maker->arena, maker->cut_count + 1, sizeof *track->pieces);
    if (!track->pieces)
        return TN_ERR_MEMORY;
    track->count = 1; /* the first begins at 0 */
    for (size_t i = 0; i < maker->cut_count; i++)
        if (maker->cuts[i] - track->pieces[track->count - 1].from_m > CLOSE_M &&
            track->length_m - maker->cuts[i] > CLOSE_M)
            track->pieces[track->count++].from_m = maker->cuts[i];
    return TN_OK;
}

static double piece_end(const struct tn_track *track, size_t i)
{
    return i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
}

static tn_status set_forces(struct tn_track *track, const struct maker *maker)
{
    struct feel rise, drag;
    if (feel_init(&rise, maker, &maker->rise) || feel_init(&drag, maker, &maker->drag))
        return TN_ERR_MEMORY;
    size_t cursor = 0;
    double r =
        tn_weather_density(maker->weather, maker->height.count ? height_at(&maker->height, &cursor, -maker->middle_m)
                                                               : maker->path->line->origin_altitude) /
        TN_AIR_DENSITY_REFERENCE;
    for (size_t i = 0; i < track->count; i++) {
        struct tn_track_piece *p = &track->pieces[i];
        double end = piece_end(track, i), run = end - p->from_m, k, t, next = r;
        force_between(&rise, p->from_m, end, &p->k0, &k);
        force_between(&drag, p->from_m, end, &p->t0, &t);
        if (maker->height.count)
            next = tn_weather_density(maker->weather, height_at(&maker->height, &cursor, end - maker->middle_m)) /
                   TN_AIR_DENSITY_REFERENCE;
        p->k1 = (k - p->k0) / run;
        p->t1 = (t - p->t0) / run;
        p->r0 = r;
        p->r1 = (next - r) / run;
        r = next;
    }
    return TN_OK;
}

static void set_limits(struct tn_track *track, const struct maker *maker)
{
    const struct tn_limit *limit = maker->path->line->limits.items;
    for (size_t i = 0; i < track->count; i++)
        track->pieces[i].limit_m_s = highest_limit(maker);
    for (size_t k = 0; k < maker->path->line->limits.count; k++) {
        double from, to;
        if (!limit_range(maker, &limit[k], &from, &to))
            continue;
        size_t low = 0, high = track->count;
        while (low < high) { /* the first piece that lies in the range but for a joined breakpoint */
            size_t middle = low + (high - low) / 2;
            if (track->pieces[middle].from_m < from - 2 * CLOSE_M)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < track->count && track->pieces[low].from_m < to - 2 * CLOSE_M; low++)
            track->pieces[low].limit_m_s = fmin(track->pieces[low].limit_m_s, limit[k].speed);
    }
}

static double permitted_at(struct maker *maker, size_t i)
{
    if (isnan(maker->permitted[i]))
        maker->permitted[i] = tn_train_permitted_speed(maker->train, -RULE_GRADE * (double)i, maker->rule_m);
    return maker->permitted[i];
}

/* Speed permitted on a mean grade below zero, or INFINITY if that is not below limit. */
static double permitted_speed(struct maker *maker, double grade, double limit)
{
    double steps = -grade / RULE_GRADE;
    size_t i = (size_t)steps;
    if (i + 2 > maker->permitted_count) {
        i = maker->permitted_count - 2;
        steps = (double)(i + 1);
    }
    if (i + 1 < maker->permitted_first || permitted_at(maker, i + 1) >= limit)
        return INFINITY;
    double steeper = permitted_at(maker, i + 1), gentler = permitted_at(maker, i);
    double speed = isfinite(gentler) ? gentler + (steps - (double)i) * (steeper - gentler) : steeper;
    /* A driver's table has steps; without them every metre of a slightly uneven descent has a limit of its own. */
    speed = floor(speed / RULE_SPEED_M_S) * RULE_SPEED_M_S;
    return speed < limit ? speed : (double)INFINITY;
}

/* The steepest mean grade over the distance of the rule with the head anywhere in [a, b]; its derivative there is
 * linear. */
static double worst_grade(const struct maker *maker, const struct feel *here, const struct feel *ahead, double a,
                          double b, double grade_a, double grade_b)
{
    double ka, kb, la, lb, scale = maker->train->mass_kg * maker->train->gravity_m_s2 * maker->rule_m;
    force_between(here, a, b, &ka, &kb);
    force_between(ahead, a + maker->rule_m, b + maker->rule_m, &la, &lb);
    double worst = fmin(grade_a, grade_b), falls = la - ka, rises = lb - kb;
    if (falls < 0 && rises > 0)
        worst = fmin(worst, grade_a + 0.5 * falls * (b - a) * falls / (falls - rises) / scale);
    return rint(worst * 1e9) * 1e-9; /* so that equal stretches have equal limits */
}

static tn_status set_rule(struct tn_track *track, struct maker *maker)
{
    for (size_t i = 0; i < track->count; i++)
        track->pieces[i].rule_m_s = INFINITY;
    if (!(maker->rule_m > 0))
        return TN_OK;
    struct feel work[2], force[2];
    for (size_t k = 0; k < 2; k++)
        if (feel_init(&work[k], maker, &maker->rise) || feel_init(&force[k], maker, &maker->rise))
            return TN_ERR_MEMORY;
    double scale = maker->train->mass_kg * maker->train->gravity_m_s2 * maker->rule_m;
    double grade = (work_at(&work[1], maker->rule_m) - work_at(&work[0], 0)) / scale;
    for (size_t i = 0; i < track->count; i++) {
        struct tn_track_piece *p = &track->pieces[i];
        double end = piece_end(track, i);
        double next = (work_at(&work[1], end + maker->rule_m) - work_at(&work[0], end)) / scale;
        double worst = worst_grade(maker, &force[0], &force[1], p->from_m, end, grade, next);
        if (worst < 0)
            p->rule_m_s = permitted_speed(maker, worst, p->limit_m_s);
        p->limit_m_s = fmin(p->limit_m_s, p->rule_m_s);
        grade = next;
    }
    return TN_OK;
}

/* Finds the mean grade from which the rule binds; none on the line is steeper than its steepest slope. */
static tn_status rule_init(struct maker *maker)
{
    double steepest = 0;
    for (size_t i = 0; i < maker->rise.count; i++)
        steepest = fmin(steepest, maker->rise.slope[i]);
    if (!(maker->train->spec->brake.distance > 0) || steepest == 0)
        return TN_OK;
    maker->rule_m = maker->train->spec->brake.distance;
    maker->permitted_count = (size_t)ceil(-steepest / RULE_GRADE) + 2;
    maker->permitted = tn_arena_alloc(maker->arena, maker->permitted_count, sizeof *maker->permitted);
    if (!maker->permitted)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < maker->permitted_count; i++)
        maker->permitted[i] = NAN;
    double limit = highest_limit(maker);
    size_t low = 0, high = maker->permitted_count - 1;
    if (permitted_at(maker, high) >= limit)
        maker->rule_m = 0;
    while (maker->rule_m > 0 && low < high) {
        size_t middle = low + (high - low) / 2;
        if (permitted_at(maker, middle) < limit)
            high = middle;
        else
            low = middle + 1;
    }
    maker->permitted_first = low;
    return TN_OK;
}

static tn_status zone_init(struct tn_track_zone *zone, const struct tn_train *train, const struct tn_weather *weather,
                           double altitude_m, double curve_radius_m, struct tn_arena *arena)
{
    tn_status status =
        tn_train_traction_at(&zone->traction, train, weather, altitude_m, curve_radius_m, zone->off, arena);
    if (!status)
        status = tn_train_brakes_at(&zone->dynamic_brake, &zone->service_brake, train, weather, zone->off, arena);
    if (!status)
        status = tn_train_resistance_curves(&zone->still, &zone->air, train, zone->head_m_s, zone->cross_m_s,
                                            &weather->wind, train->spec->starting_resistance, arena);
    return status;
}

/* Index of the zone of that bearing and altitude band, which it adds if it is new. */
static tn_status find_zone(int *index, struct tn_track *track, struct maker *maker, struct zone_key key)
{
    for (size_t i = track->zone_count; i-- > 0;)
        if (maker->keys[i].bearing == key.bearing && maker->keys[i].band == key.band && maker->keys[i].off == key.off) {
            *index = (int)i;
            return TN_OK;
        }
    struct tn_track_zone *zone = &track->zones[track->zone_count];
    if (maker->weather->wind.speed > 0)
        tn_wind_components(&zone->head_m_s, &zone->cross_m_s, &maker->weather->wind, key.bearing);
    zone->off = key.off;
    zone->neutral = key.off != 0;
    for (size_t u = 0; u < maker->train->unit_count; u++)
        zone->neutral &= tn_train_unit_in(key.off, u);
    maker->keys[track->zone_count] = key;
    *index = (int)track->zone_count++;
    return zone_init(zone, maker->train, maker->weather, (key.band + 0.5) * POWER_BAND_M, INFINITY, maker->arena);
}

static tn_status set_zones(struct tn_track *track, struct maker *maker)
{
    const struct tn_path *path = maker->path;
    bool windy = maker->weather->wind.speed > 0, diesel = maker->train->diesel;
    if (windy && isnan(tn_line_bearing(path->line, path->origin_km_m)))
        return tn_error(maker->ctx, &path->line->stations,
                        "give lat and lon of at least two stations, or a wind of 0 m/s",
                        "wind needs to know where line %s points", path->line->id);
    if (maker->neutral && maker->train->unit_count > TN_TRAIN_UNITS_SWITCHED)
        return tn_error(maker->ctx, &maker->train->spec->locomotives, NULL,
                        "more than %d rows of locomotives in neutral sections", TN_TRAIN_UNITS_SWITCHED);
    size_t most = windy || diesel || maker->neutral ? track->count : 1, cursor = 0;
    track->zones = tn_arena_alloc(maker->arena, most, sizeof *track->zones);
    maker->keys = tn_arena_alloc(maker->arena, most, sizeof *maker->keys);
    if (!track->zones || !maker->keys)
        return TN_ERR_MEMORY;
    tn_status status = TN_OK;
    double back = path->sign < 0 ? acos(-1.0) : 0; /* the line's bearing is that of growing km */
    for (size_t i = 0; !status && i < most; i++) {
        double s = 0.5 * (track->pieces[i].from_m + piece_end(track, i));
        struct zone_key key = {0, 0, 0};
        if (maker->neutral)
            key.off = units_off(path, maker->train, s, NULL);
        if (windy)
            key.bearing = tn_line_bearing(path->line, path->origin_km_m + path->sign * s) + back;
        if (diesel)
            key.band =
                power_band(maker->height.count ? height_at(&maker->height, &cursor, s) : path->line->origin_altitude);
        status = find_zone(&track->pieces[i].zone, track, maker, key);
    }
    return status;
}

static bool on_line(double value, double from, double to, double share, double tolerance)
{
    return fabs(value - (from + share * (to - from))) <= tolerance;
}

/* Whether b goes on as a does, so that one piece from a to the end of b stands for both. */
static bool joins(const struct tn_track_piece *a, const struct tn_track_piece *b, double end, double weight)
{
    double run = b->from_m - a->from_m, more = end - b->from_m, share = run / (end - a->from_m);
    double force = FORCE_JOIN * weight, per_speed2 = 1e-3 * force;
    double k = b->k0 + b->k1 * more, t = b->t0 + b->t1 * more, r = b->r0 + b->r1 * more;
    return a->limit_m_s == b->limit_m_s && a->rule_m_s == b->rule_m_s && a->zone == b->zone &&
           on_line(b->k0, a->k0, k, share, force) && on_line(a->k0 + a->k1 * run, a->k0, k, share, force) &&
           on_line(b->t0, a->t0, t, share, per_speed2) && on_line(a->t0 + a->t1 * run, a->t0, t, share, per_speed2) &&
           on_line(b->r0, a->r0, r, share, DENSITY_JOIN * b->r0);
}

static void join_pieces(struct tn_track *track)
{
    double weight = track->train->mass_kg * track->train->gravity_m_s2;
    size_t n = 1;
    for (size_t i = 1; i < track->count; i++) {
        struct tn_track_piece *a = &track->pieces[n - 1], *b = &track->pieces[i];
        double end = piece_end(track, i);
        if (!joins(a, b, end, weight)) {
            track->pieces[n++] = *b;
            continue;
        }
        double more = end - b->from_m, run = end - a->from_m;
        a->k1 = (b->k0 + b->k1 * more - a->k0) / run;
        a->t1 = (b->t0 + b->t1 * more - a->t0) / run;
        a->r1 = (b->r0 + b->r1 * more - a->r0) / run;
    }
    track->count = n;
}

static tn_status maker_init(struct maker *maker, enum tn_depth depth)
{
    const struct tn_train *train = maker->train;
    maker->groups = train->groups;
    maker->group_count = train->group_count;
    maker->middle_m = train->length_m / 2;
    if (depth == TN_POINT) {
        maker->point = (struct tn_train_group){0, 0, train->mass_kg};
        maker->groups = &maker->point;
        maker->group_count = 1;
        maker->middle_m = 0;
    }
    tn_status status = polyline_init(&maker->height, maker->path, ELEVATION, maker->arena);
    if (!status)
        status = polyline_init(&maker->rise, maker->path, ELEVATION | RESISTANCE, maker->arena);
    if (!status)
        status = polyline_init(&maker->drag, maker->path, SPEED_RESISTANCE, maker->arena);
    return status ? status : rule_init(maker);
}

tn_status tn_track_init(struct tn_track *track, const struct tn_path *path, const struct tn_train *train,
                        const struct tn_weather *weather, enum tn_depth depth, struct tn_arena *arena,
                        struct tn_context *ctx)
{
    struct maker maker = {.path = path, .train = train, .weather = weather, .arena = arena, .ctx = ctx};
    *track = (struct tn_track){.train = train, .path = path, .depth = depth, .length_m = path->length_m};
    tn_status status = maker_init(&maker, depth);
    if (!status)
        status = make_pieces(track, &maker);
    if (!status)
        status = set_forces(track, &maker);
    if (!status) {
        set_limits(track, &maker);
        status = set_rule(track, &maker);
    }
    if (!status)
        status = set_zones(track, &maker);
    if (!status)
        join_pieces(track);
    return status;
}

tn_status tn_track_uniform(struct tn_track *track, const struct tn_train *train, const struct tn_weather *weather,
                           double grade_1, double curve_radius_m, double altitude_m, double length_m,
                           struct tn_arena *arena, struct tn_context *ctx)
{
    (void)ctx;
    *track = (struct tn_track){.train = train, .depth = TN_STRAP, .length_m = length_m, .count = 1, .zone_count = 1};
    track->pieces = tn_arena_alloc(arena, 1, sizeof *track->pieces);
    track->zones = tn_arena_alloc(arena, 1, sizeof *track->zones);
    if (!track->pieces || !track->zones)
        return TN_ERR_MEMORY;
    struct tn_track_piece *piece = track->pieces;
    double slope = grade_1 + CURVE_COEFFICIENT_M / curve_radius_m;
    piece->k0 = train->mass_kg * train->gravity_m_s2 * slope;
    piece->r0 = tn_weather_density(weather, altitude_m) / TN_AIR_DENSITY_REFERENCE;
    piece->rule_m_s = INFINITY;
    if (slope < 0 && train->spec->brake.distance > 0)
        piece->rule_m_s = tn_train_permitted_speed(train, slope, train->spec->brake.distance);
    if (piece->rule_m_s >= train->speed_max_m_s)
        piece->rule_m_s = INFINITY;
    piece->limit_m_s = fmin(train->speed_max_m_s, piece->rule_m_s);
    /* there is no bearing here: the wind blows where it is worst, against a climb and behind on a descent */
    track->zones->head_m_s = slope < 0 ? -weather->wind.speed : weather->wind.speed;
    return zone_init(track->zones, train, weather, altitude_m, curve_radius_m, arena);
}
