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

/* What a path gives every train. */
struct tn_track_ground {
    struct polyline height, rise, drag;
    double steepest; /* least slope of rise, at most 0 */
};

/* A stretch between two breakpoints as the train's lengths make it. */
struct stretch {
    double from_m;
    double limit_m_s;         /* of the line; INFINITY: none */
    double pressure_Pa;       /* where the air is taken with the head at its begin */
    double bearing_rad, band; /* of its zone */
    uint64_t off;             /* units in neutral sections */
    double steepest_1;        /* no train's mean grade over the rule's distance is less, with its head here */
    size_t goes_on; /* of the first of a row of stretches that differ by the rule at most: one past the last */
};

/* What one group of vehicles feels on a stretch, over its weight. */
struct share {
    double rise_from, rise_to; /* slope under it with the head at the ends of the stretch */
    double drag_from, drag_to;
    double fall_m; /* of its middle from the begin of the stretch over the rule's distance, < 0 downwards */
    double steeper_from, steeper_to; /* how much more slope there is that far ahead */
};

/* Where a unit stands, and whether neutral sections switch it off. */
struct place {
    double from_m, to_m;
    bool electric;
};

/* All of a track that hangs on its path and on lengths alone, so that trains may share it. */
struct tn_track_shape {
    const struct tn_track_shape *next;
    double length_m, middle_m, rule_m; /* of the train; behind the head, where the air is taken; 0: no rule */
    bool windy, diesel, neutral;
    const struct tn_train_group *groups; /* masses not used */
    const struct place *units;
    size_t group_count, unit_count;
    struct stretch *stretches; /* one more than count: the last has the pressure at the end */
    struct share *shares;      /* one a group and stretch; behind the last only the falls from its end */
    size_t count;
};

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
    double middle_m;                      /* behind the head, where the air is taken */
    const struct tn_track_ground *ground; /* of the path */
    double rule_m;                        /* distance of the rule; 0: it binds nowhere */
    double *permitted;                    /* at -i RULE_GRADE; NAN until asked for */
    size_t permitted_count;
    size_t permitted_first; /* the gentlest that binds */
    double binding_1;       /* on mean grades above it the rule does not bind */
    double *weight_N;       /* of each group */
    struct zone_key {
        double bearing, band;
        uint64_t off;
    } * keys;
};

/* Breakpoints in the making. */
struct cuts {
    const struct maker *maker;
    struct tn_arena *arena;
    double *at;
    size_t count, room;
    bool no_memory;
    bool neutral; /* neutral sections on the way */
};

/* A polyline under the groups of a train that moves on: two cursors a group. */
struct feel {
    const struct polyline *line;
    size_t *cursors;
};

static tn_status feel_init(struct feel *feel, const struct maker *maker, const struct polyline *line,
                           struct tn_arena *arena)
{
    *feel = (struct feel){line, tn_arena_alloc(arena, 2 * maker->group_count, sizeof(size_t))};
    return feel->cursors ? TN_OK : TN_ERR_MEMORY;
}

/* Mean slope under group g with the head at a and at b, between which no knot passes under one of its ends. Exact: the
   integral of slope is the difference of heights at the ends of the group. */
static void slopes_under(const struct feel *feel, size_t g, const struct tn_train_group *group, double a, double b,
                         double *at_a, double *at_b)
{
    size_t *front = &feel->cursors[2 * g], *back = front + 1;
    double length = group->to_m - group->from_m;
    *at_a = *at_b = 0;
    if (feel->line->count == 0)
        return;
    if (length > 0) {
        *at_a =
            (height_at(feel->line, front, a - group->from_m) - height_at(feel->line, back, a - group->to_m)) / length;
        *at_b =
            (height_at(feel->line, front, b - group->from_m) - height_at(feel->line, back, b - group->to_m)) / length;
    } else {
        *at_a = *at_b = slope_at(feel->line, front, 0.5 * (a + b) - group->from_m);
    }
}

/* Mean height under group g with the head at s. */
static double height_under(const struct feel *feel, size_t g, const struct tn_train_group *group, double s)
{
    size_t *front = &feel->cursors[2 * g], *back = front + 1;
    double length = group->to_m - group->from_m;
    if (length > 0)
        return (area_at(feel->line, front, s - group->from_m) - area_at(feel->line, back, s - group->to_m)) / length;
    return height_at(feel->line, front, s - group->from_m);
}

static void cut(struct cuts *cuts, double s)
{
    if (!(s > 0 && s < cuts->maker->path->length_m) || cuts->no_memory)
        return;
    if (cuts->count == cuts->room) {
        size_t room = cuts->room ? 2 * cuts->room : 1024;
        double *at = tn_arena_alloc(cuts->arena, room, sizeof *at);
        if (!at) {
            cuts->no_memory = true;
            return;
        }
        if (cuts->count)
            memcpy(at, cuts->at, cuts->count * sizeof *at);
        cuts->at = at;
        cuts->room = room;
    }
    cuts->at[cuts->count++] = s;
}

/* Where a knot passes under an end of a group, and where it will within the distance of the rule. */
static void cut_at_knots(struct cuts *cuts, const struct polyline *line, double ahead)
{
    const struct maker *maker = cuts->maker;
    for (size_t g = 0; g < maker->group_count; g++) {
        const struct tn_train_group *group = &maker->groups[g];
        bool follows = g > 0 && group[0].from_m == group[-1].to_m;
        for (size_t i = 0; i < line->count; i++) {
            if (!follows)
                cut(cuts, line->x[i] + group->from_m - ahead);
            if (group->to_m > group->from_m)
                cut(cuts, line->x[i] + group->to_m - ahead);
        }
    }
}

static void cut_at_heights(struct cuts *cuts)
{
    const struct maker *maker = cuts->maker;
    const struct polyline *height = &maker->ground->height;
    for (size_t i = 0; i < height->count; i++) {
        double x = height->x[i] + maker->middle_m;
        cut(cuts, x);
        if (i + 1 == height->count)
            break;
        double run = height->x[i + 1] - height->x[i], rise = fabs(height->y[i + 1] - height->y[i]);
        double parts = ceil(rise / DENSITY_RISE_M);
        for (double k = 1; k < parts; k++)
            cut(cuts, x + k * run / parts);
    }
}

static double power_band(double height)
{
    return floor(height / POWER_BAND_M);
}

static void cut_at_zones(struct cuts *cuts)
{
    const struct maker *maker = cuts->maker;
    const struct polyline *height = &maker->ground->height;
    const struct tn_station *station = maker->path->line->stations.items;
    for (size_t i = 0; maker->weather->wind.speed > 0 && i < maker->path->line->stations.count; i++)
        cut(cuts, maker->path->sign * (station[i].km - maker->path->origin_km_m));
    for (size_t i = 0; maker->train->diesel && i + 1 < height->count; i++) {
        double low = fmin(height->y[i], height->y[i + 1]), high = fmax(height->y[i], height->y[i + 1]);
        for (double edge = power_band(low) + 1; edge * POWER_BAND_M < high; edge++)
            cut(cuts, height->x[i] + (edge * POWER_BAND_M - height->y[i]) / height->slope[i]);
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

static void cut_at_neutrals(struct cuts *cuts)
{
    const struct maker *maker = cuts->maker;
    const struct tn_neutral_section *neutral = maker->path->line->neutral_sections.items;
    for (size_t i = 0; i < maker->path->line->neutral_sections.count; i++)
        for (size_t u = 0; u < maker->train->unit_count; u++) {
            double from, to;
            if (!neutral_range(maker->path, &neutral[i], &maker->train->units[u], &from, &to))
                continue;
            cut(cuts, from);
            cut(cuts, to);
            cuts->neutral = true;
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

static tn_status cut_all(struct cuts *cuts)
{
    const struct maker *maker = cuts->maker;
    const struct tn_track_ground *ground = maker->ground;
    const struct tn_limit *limit = maker->path->line->limits.items;
    cut_at_knots(cuts, &ground->rise, 0);
    cut_at_knots(cuts, &ground->drag, 0);
    if (maker->rule_m > 0)
        cut_at_knots(cuts, &ground->rise, maker->rule_m);
    cut_at_heights(cuts);
    cut_at_zones(cuts);
    cut_at_neutrals(cuts);
    for (size_t i = 0; i < maker->path->line->limits.count; i++) {
        double from, to;
        if (limit_range(maker, &limit[i], &from, &to)) {
            cut(cuts, from);
            cut(cuts, to);
        }
    }
    if (cuts->no_memory)
        return TN_ERR_MEMORY;
    if (cuts->count)
        gsl_sort(cuts->at, 1, cuts->count);
    return TN_OK;
}

static double stretch_end(const struct tn_track_shape *shape, size_t i, double length_m)
{
    return i + 1 < shape->count ? shape->stretches[i + 1].from_m : length_m;
}

/* Stretches from breakpoint to breakpoint, positions only. */
static tn_status make_stretches(struct tn_track_shape *shape, const struct maker *maker, struct tn_arena *arena)
{
    struct cuts cuts = {.maker = maker, .arena = arena};
    tn_status status = cut_all(&cuts);
    if (status)
        return status;
    shape->stretches = tn_arena_alloc(arena, cuts.count + 2, sizeof *shape->stretches);
    if (!shape->stretches)
        return TN_ERR_MEMORY;
    shape->neutral = cuts.neutral;
    shape->count = 1; /* the first begins at 0 */
    for (size_t i = 0; i < cuts.count; i++)
        if (cuts.at[i] - shape->stretches[shape->count - 1].from_m > CLOSE_M &&
            maker->path->length_m - cuts.at[i] > CLOSE_M)
            shape->stretches[shape->count++].from_m = cuts.at[i];
    return TN_OK;
}

static tn_status set_shares(struct tn_track_shape *shape, const struct maker *maker, struct tn_arena *arena)
{
    const struct tn_track_ground *ground = maker->ground;
    const size_t groups = maker->group_count;
    struct feel rise, drag, work[2], ahead;
    shape->shares = tn_arena_alloc(arena, (shape->count + 1) * groups, sizeof *shape->shares);
    if (!shape->shares || feel_init(&rise, maker, &ground->rise, arena) ||
        feel_init(&drag, maker, &ground->drag, arena) || feel_init(&work[0], maker, &ground->rise, arena) ||
        feel_init(&work[1], maker, &ground->rise, arena) || feel_init(&ahead, maker, &ground->rise, arena))
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < shape->count; i++) {
        double a = shape->stretches[i].from_m, b = stretch_end(shape, i, maker->path->length_m);
        for (size_t g = 0; g < groups; g++) {
            struct share *share = &shape->shares[i * groups + g];
            const struct tn_train_group *group = &maker->groups[g];
            slopes_under(&rise, g, group, a, b, &share->rise_from, &share->rise_to);
            slopes_under(&drag, g, group, a, b, &share->drag_from, &share->drag_to);
            if (!(maker->rule_m > 0))
                continue;
            share->fall_m = height_under(&work[1], g, group, a + maker->rule_m) - height_under(&work[0], g, group, a);
            slopes_under(&ahead, g, group, a + maker->rule_m, b + maker->rule_m, &share->steeper_from,
                         &share->steeper_to);
            share->steeper_from -= share->rise_from;
            share->steeper_to -= share->rise_to;
        }
    }
    const double end = maker->path->length_m;
    for (size_t g = 0; g < groups && maker->rule_m > 0; g++)
        shape->shares[shape->count * groups + g].fall_m =
            height_under(&work[1], g, &maker->groups[g], end + maker->rule_m) -
            height_under(&work[0], g, &maker->groups[g], end);
    return TN_OK;
}

static void set_air(struct tn_track_shape *shape, const struct maker *maker)
{
    const struct polyline *height = &maker->ground->height;
    double pressure = tn_air_pressure(maker->path->line->origin_altitude);
    size_t cursor = 0;
    for (size_t i = 0; i <= shape->count; i++) {
        double s = i < shape->count ? shape->stretches[i].from_m : maker->path->length_m;
        shape->stretches[i].pressure_Pa =
            height->count ? tn_air_pressure(height_at(height, &cursor, s - maker->middle_m)) : pressure;
    }
}

static void set_line_limits(struct tn_track_shape *shape, const struct maker *maker)
{
    const struct tn_limit *limit = maker->path->line->limits.items;
    for (size_t i = 0; i < shape->count; i++)
        shape->stretches[i].limit_m_s = INFINITY;
    for (size_t k = 0; k < maker->path->line->limits.count; k++) {
        double from, to;
        if (!limit_range(maker, &limit[k], &from, &to))
            continue;
        size_t low = 0, high = shape->count;
        while (low < high) { /* the first stretch that lies in the range but for a joined breakpoint */
            size_t middle = low + (high - low) / 2;
            if (shape->stretches[middle].from_m < from - 2 * CLOSE_M)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < shape->count && shape->stretches[low].from_m < to - 2 * CLOSE_M; low++)
            shape->stretches[low].limit_m_s = fmin(shape->stretches[low].limit_m_s, limit[k].speed);
    }
}

static void set_zone_keys(struct tn_track_shape *shape, const struct maker *maker)
{
    const struct tn_path *path = maker->path;
    const struct polyline *height = &maker->ground->height;
    double back = path->sign < 0 ? acos(-1.0) : 0; /* the line's bearing is that of growing km */
    size_t cursor = 0;
    for (size_t i = 0; i < shape->count && (shape->windy || shape->diesel || shape->neutral); i++) {
        struct stretch *stretch = &shape->stretches[i];
        double s = 0.5 * (stretch->from_m + stretch_end(shape, i, path->length_m));
        if (shape->neutral)
            stretch->off = units_off(path, maker->train, s, NULL);
        if (shape->windy)
            stretch->bearing_rad = tn_line_bearing(path->line, path->origin_km_m + path->sign * s) + back;
        if (shape->diesel)
            stretch->band = power_band(height->count ? height_at(height, &cursor, s) : path->line->origin_altitude);
    }
}

static bool on_line(double value, double from, double to, double share, double tolerance)
{
    return fabs(value - (from + share * (to - from))) <= tolerance;
}

/* Whether stretch `next` goes on as those before it from `first` on do, so that one piece may stand for them all: the
   same limit of the line and zone, and with the shares of each group what a train feels is on one line. */
static bool goes_on(const struct tn_track_shape *shape, size_t first, size_t next, double length_m)
{
    const struct stretch *a = &shape->stretches[first], *b = &shape->stretches[next];
    const size_t groups = shape->group_count;
    double whole = stretch_end(shape, next, length_m) - a->from_m, share = (b->from_m - a->from_m) / whole;
    if (a->limit_m_s != b->limit_m_s || a->bearing_rad != b->bearing_rad || a->band != b->band || a->off != b->off ||
        !on_line(b->pressure_Pa, a->pressure_Pa, b[1].pressure_Pa, share, DENSITY_JOIN * b->pressure_Pa))
        return false;
    for (size_t g = 0; g < groups; g++) {
        const struct share *from = &shape->shares[first * groups + g], *to = &shape->shares[next * groups + g];
        const struct share *before = to - groups;
        const double slope = FORCE_JOIN, drag = 1e-3 * FORCE_JOIN;
        if (!on_line(to->rise_from, from->rise_from, to->rise_to, share, slope) ||
            !on_line(before->rise_to, from->rise_from, to->rise_to, share, slope) ||
            !on_line(to->drag_from, from->drag_from, to->drag_to, share, drag) ||
            !on_line(before->drag_to, from->drag_from, to->drag_to, share, drag))
            return false;
    }
    return true;
}

static void join_stretches(struct tn_track_shape *shape, double length_m)
{
    for (size_t first = 0, next; first < shape->count; first = next) {
        for (next = first + 1; next < shape->count && goes_on(shape, first, next, length_m); next++)
            ;
        shape->stretches[first].goes_on = next;
    }
}

/* The least grade on a stretch that is `from` at its begin and `to` at its end, with derivatives `falls` and `rises`
   there and linear between. */
static double least_grade(double run, double from, double to, double falls, double rises)
{
    double least = fmin(from, to);
    return falls < 0 && rises > 0 ? fmin(least, from + 0.5 * falls * run * falls / (falls - rises)) : least;
}

/* A train's mean grade is a mean of those of its groups, so it is nowhere less than the least of theirs. */
static void set_steepest(struct tn_track_shape *shape, double length_m)
{
    const size_t groups = shape->group_count;
    for (size_t i = 0; i < shape->count && shape->rule_m > 0; i++) {
        double run = stretch_end(shape, i, length_m) - shape->stretches[i].from_m, per_m = 1 / shape->rule_m;
        double steepest = INFINITY;
        for (size_t g = 0; g < groups; g++) {
            const struct share *share = &shape->shares[i * groups + g];
            steepest = fmin(steepest, least_grade(run, share->fall_m * per_m, share[groups].fall_m * per_m,
                                                  share->steeper_from * per_m, share->steeper_to * per_m));
        }
        shape->stretches[i].steepest_1 = steepest;
    }
}

static bool same_shape(const struct tn_track_shape *shape, const struct maker *maker)
{
    bool same = shape->length_m == maker->train->length_m && shape->middle_m == maker->middle_m &&
                shape->rule_m == maker->rule_m && shape->windy == (maker->weather->wind.speed > 0) &&
                shape->diesel == maker->train->diesel && shape->group_count == maker->group_count &&
                shape->unit_count == maker->train->unit_count;
    for (size_t u = 0; same && u < shape->unit_count; u++)
        same = shape->units[u].from_m == maker->train->units[u].from_m &&
               shape->units[u].to_m == maker->train->units[u].to_m &&
               shape->units[u].electric == (maker->train->units[u].type->energy == TN_ELECTRIC);
    for (size_t g = 0; same && g < maker->group_count; g++)
        same = shape->groups[g].from_m == maker->groups[g].from_m && shape->groups[g].to_m == maker->groups[g].to_m;
    return same;
}

/* The shape for the maker's train: one that is kept, or a new one. */
static tn_status find_shape(const struct tn_track_shape **out, struct tn_track_cache *cache, const struct maker *maker)
{
    for (const struct tn_track_shape *shape = cache->shapes; shape != NULL; shape = shape->next)
        if (same_shape(shape, maker)) {
            *out = shape;
            return TN_OK;
        }
    struct tn_track_shape *shape = tn_arena_alloc(cache->arena, 1, sizeof *shape);
    struct tn_train_group *groups = tn_arena_alloc(cache->arena, maker->group_count, sizeof *groups);
    const size_t unit_count = maker->train->unit_count;
    struct place *units = tn_arena_alloc(cache->arena, unit_count + 1, sizeof *units);
    if (!shape || !groups || !units)
        return TN_ERR_MEMORY;
    for (size_t u = 0; u < unit_count; u++) {
        const struct tn_train_unit *unit = &maker->train->units[u];
        units[u] = (struct place){unit->from_m, unit->to_m, unit->type->energy == TN_ELECTRIC};
    }
    memcpy(groups, maker->groups, maker->group_count * sizeof *groups);
    *shape = (struct tn_track_shape){.next = cache->shapes,
                                     .length_m = maker->train->length_m,
                                     .middle_m = maker->middle_m,
                                     .rule_m = maker->rule_m,
                                     .windy = maker->weather->wind.speed > 0,
                                     .diesel = maker->train->diesel,
                                     .groups = groups,
                                     .units = units,
                                     .unit_count = unit_count,
                                     .group_count = maker->group_count};
    tn_status status = make_stretches(shape, maker, cache->arena);
    if (!status)
        status = set_shares(shape, maker, cache->arena);
    if (status)
        return status;
    set_air(shape, maker);
    set_line_limits(shape, maker);
    set_zone_keys(shape, maker);
    join_stretches(shape, maker->path->length_m);
    set_steepest(shape, maker->path->length_m);
    cache->shapes = shape;
    cache->count++;
    *out = shape;
    return TN_OK;
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

/* Mean grade over the distance of the rule with the head at the begin of stretch i. */
static double mean_grade(const struct maker *maker, const struct tn_track_shape *shape, size_t i)
{
    double work = 0;
    for (size_t g = 0; g < shape->group_count; g++)
        work += maker->weight_N[g] * shape->shares[i * shape->group_count + g].fall_m;
    return work / (maker->train->mass_kg * maker->train->gravity_m_s2 * maker->rule_m);
}

/* The steepest with the head anywhere on the stretch, where the grade is `from` at its begin and `to` at its end; its
   derivative is linear there. */
static double worst_grade(const struct maker *maker, const struct tn_track_shape *shape, size_t i, double run,
                          double from, double to)
{
    double falls = 0, rises = 0, scale = maker->train->mass_kg * maker->train->gravity_m_s2 * maker->rule_m;
    for (size_t g = 0; g < shape->group_count; g++) {
        const struct share *share = &shape->shares[i * shape->group_count + g];
        falls += maker->weight_N[g] * share->steeper_from;
        rises += maker->weight_N[g] * share->steeper_to;
    }
    double worst = least_grade(run, from, to, falls / scale, rises / scale);
    return rint(worst * 1e9) * 1e-9; /* so that equal stretches have equal limits */
}

/* Speed that the rule permits on stretch i; INFINITY where that is not below `limit`. */
static double rule_speed(struct maker *maker, const struct tn_track_shape *shape, size_t i, double limit)
{
    if (!(maker->rule_m > 0) || shape->stretches[i].steepest_1 > maker->binding_1)
        return INFINITY;
    double run = stretch_end(shape, i, maker->path->length_m) - shape->stretches[i].from_m;
    double worst = worst_grade(maker, shape, i, run, mean_grade(maker, shape, i), mean_grade(maker, shape, i + 1));
    return worst < 0 ? permitted_speed(maker, worst, limit) : (double)INFINITY;
}

/* The piece from the begin of stretch i to the end of stretch `last`. */
static void set_piece(struct tn_track *track, const struct maker *maker, const struct tn_track_shape *shape, size_t i,
                      size_t last)
{
    struct tn_track_piece *p = &track->pieces[track->count];
    const size_t groups = shape->group_count;
    const struct stretch *first = &shape->stretches[i];
    double per_run = 1 / (stretch_end(shape, last, maker->path->length_m) - first->from_m), k = 0, t = 0;
    *p = (struct tn_track_piece){.from_m = first->from_m};
    track->pressures_Pa[2 * track->count] = first->pressure_Pa;
    track->pressures_Pa[2 * track->count + 1] = shape->stretches[last + 1].pressure_Pa;
    for (size_t g = 0; g < groups; g++) {
        const struct share *begin = &shape->shares[i * groups + g], *end = &shape->shares[last * groups + g];
        p->k0 += maker->weight_N[g] * begin->rise_from;
        k += maker->weight_N[g] * end->rise_to;
        p->t0 += maker->weight_N[g] * begin->drag_from;
        t += maker->weight_N[g] * end->drag_to;
    }
    p->k1 = (k - p->k0) * per_run;
    p->t1 = (t - p->t0) * per_run;
}

/* Whether the train stops from `limit` in more than the distance of the rule. */
static bool rule_binds(const struct maker *maker, size_t i, double limit)
{
    return tn_train_emergency_distance(maker->train, limit, -RULE_GRADE * (double)i, NULL) > maker->rule_m;
}

/* Finds the mean grade from which the rule binds; none on the line is steeper than its steepest slope. */
static tn_status rule_init(struct maker *maker)
{
    const double steepest = maker->ground->steepest;
    if (!(maker->train->spec->brake.distance > 0) || steepest == 0 || isnan(maker->train->brake_rate))
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
    if (!rule_binds(maker, high, limit))
        maker->rule_m = 0;
    while (maker->rule_m > 0 && low < high) {
        size_t middle = low + (high - low) / 2;
        if (rule_binds(maker, middle, limit))
            high = middle;
        else
            low = middle + 1;
    }
    maker->permitted_first = low;
    maker->binding_1 = low > 0 ? -RULE_GRADE * (double)(low - 1) + 1e-8 : 0;
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

/* Room for zones: one, or as many as rows of stretches. */
static tn_status init_zones(struct tn_track *track, struct maker *maker, const struct tn_track_shape *shape)
{
    if (shape->neutral && shape->unit_count > TN_TRAIN_UNITS_SWITCHED)
        return tn_error(maker->ctx, &maker->train->spec->locomotives, NULL,
                        "more than %d rows of locomotives in neutral sections", TN_TRAIN_UNITS_SWITCHED);
    size_t most = shape->windy || shape->diesel || shape->neutral ? shape->count : 1;
    track->zones = tn_arena_alloc(maker->arena, most, sizeof *track->zones);
    maker->keys = tn_arena_alloc(maker->arena, most, sizeof *maker->keys);
    return track->zones && maker->keys ? TN_OK : TN_ERR_MEMORY;
}

/* Pieces with forces, limits and zones. */
static tn_status set_pieces(struct tn_track *track, struct maker *maker, const struct tn_track_shape *shape)
{
    double highest = highest_limit(maker);
    size_t most = 0;
    for (size_t i = 0; i < shape->count; i++)
        most += maker->rule_m > 0 && shape->stretches[i].steepest_1 <= maker->binding_1
                    ? 2
                    : shape->stretches[i].goes_on > 0;
    track->pieces = tn_arena_alloc(maker->arena, most, sizeof *track->pieces);
    track->pressures_Pa = tn_arena_alloc(maker->arena, 2 * most, sizeof *track->pressures_Pa);
    if (!track->pieces || !track->pressures_Pa)
        return TN_ERR_MEMORY;
    tn_status status = TN_OK;
    for (size_t row = 0; !status && row < shape->count; row = shape->stretches[row].goes_on) {
        const struct stretch *stretch = &shape->stretches[row];
        double limit = fmin(stretch->limit_m_s, highest), rule = rule_speed(maker, shape, row, limit);
        int zone = 0;
        status = find_zone(&zone, track, maker, (struct zone_key){stretch->bearing_rad, stretch->band, stretch->off});
        for (size_t first = row; first < stretch->goes_on;) {
            size_t next = first + 1;
            double next_rule = rule;
            while (next < stretch->goes_on && (next_rule = rule_speed(maker, shape, next, limit)) == rule)
                next++;
            set_piece(track, maker, shape, first, next - 1);
            struct tn_track_piece *p = &track->pieces[track->count++];
            p->rule_m_s = rule;
            p->limit_m_s = fmin(limit, rule);
            p->zone = zone;
            first = next;
            rule = next_rule;
        }
    }
    return status;
}

/* Fills the maker's groups and weights. */
static tn_status set_groups(struct maker *maker, enum tn_depth depth)
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
    maker->weight_N = tn_arena_alloc(maker->arena, maker->group_count, sizeof *maker->weight_N);
    if (!maker->weight_N)
        return TN_ERR_MEMORY;
    for (size_t g = 0; g < maker->group_count; g++)
        maker->weight_N[g] = maker->groups[g].mass_kg * train->gravity_m_s2;
    return TN_OK;
}

static tn_status find_ground(struct tn_track_cache *cache, const struct tn_path *path)
{
    if (cache->ground)
        return TN_OK;
    struct tn_track_ground *ground = tn_arena_alloc(cache->arena, 1, sizeof *ground);
    if (!ground)
        return TN_ERR_MEMORY;
    tn_status status = polyline_init(&ground->height, path, ELEVATION, cache->arena);
    if (!status)
        status = polyline_init(&ground->rise, path, ELEVATION | RESISTANCE, cache->arena);
    if (!status)
        status = polyline_init(&ground->drag, path, SPEED_RESISTANCE, cache->arena);
    for (size_t i = 0; i < ground->rise.count; i++)
        ground->steepest = fmin(ground->steepest, ground->rise.slope[i]);
    if (!status)
        cache->ground = ground;
    return status;
}

void tn_track_set_air(struct tn_track *track, const struct tn_weather *weather)
{
    for (size_t i = 0; i < track->count; i++) {
        struct tn_track_piece *p = &track->pieces[i];
        double end = i + 1 < track->count ? p[1].from_m : track->length_m;
        p->r0 = tn_weather_density_at(weather, track->pressures_Pa[2 * i]) / TN_AIR_DENSITY_REFERENCE;
        double r = tn_weather_density_at(weather, track->pressures_Pa[2 * i + 1]) / TN_AIR_DENSITY_REFERENCE;
        p->r1 = (r - p->r0) / (end - p->from_m);
    }
}

double tn_track_limit(const struct tn_track *track, double s_m)
{
    size_t low = 0, high = track->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (track->pieces[middle].from_m <= s_m)
            low = middle;
        else
            high = middle;
    }
    return track->pieces[low].limit_m_s;
}

tn_status tn_track_init_cached(struct tn_track *track, struct tn_track_cache *cache, const struct tn_path *path,
                               const struct tn_train *train, const struct tn_weather *weather, enum tn_depth depth,
                               struct tn_arena *arena, struct tn_context *ctx)
{
    struct maker maker = {.path = path, .train = train, .weather = weather, .arena = arena, .ctx = ctx};
    const struct tn_track_shape *shape = NULL;
    *track = (struct tn_track){.train = train, .path = path, .depth = depth, .length_m = path->length_m};
    if (weather->wind.speed > 0 && isnan(tn_line_bearing(path->line, path->origin_km_m)))
        return tn_error(ctx, &path->line->stations, "give lat and lon of at least two stations, or a wind of 0 m/s",
                        "wind needs to know where line %s points", path->line->id);
    tn_status status = set_groups(&maker, depth);
    if (!status)
        status = find_ground(cache, path);
    maker.ground = cache->ground;
    if (!status)
        status = rule_init(&maker);
    if (!status)
        status = find_shape(&shape, cache, &maker);
    if (!status)
        status = init_zones(track, &maker, shape);
    if (!status)
        status = set_pieces(track, &maker, shape);
    if (!status)
        tn_track_set_air(track, weather);
    return status;
}

tn_status tn_track_init(struct tn_track *track, const struct tn_path *path, const struct tn_train *train,
                        const struct tn_weather *weather, enum tn_depth depth, struct tn_arena *arena,
                        struct tn_context *ctx)
{
    struct tn_arena passing = {0};
    struct tn_track_cache own = {.arena = &passing};
    tn_status status = tn_track_init_cached(track, &own, path, train, weather, depth, arena, ctx);
    tn_arena_clear(&passing);
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
