/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ceiling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES    8 /* where a stretch is checked against what the brakes can give */
#define BISECTIONS 60

/* A walk against the direction of travel. */
struct walk {
    const struct tn_run_request *request;
    const struct tn_track *track;
    const struct tn_train *train;
    const struct tn_curve *aimed; /* the force aimed at, one a zone; NULL: all there is */
    double tolerance;
    double weakest_N;  /* no more than the full brake and resistance give at any speed of the train; NAN: not known */
    double x_m, v_m_s; /* where the walk is, and the speed allowed there */
    size_t piece;
    size_t stops; /* that may lie before x: the others are behind the walk */
    struct tn_ceiling *ceiling;
};

double tn_ceiling_speed(const struct tn_ceiling_stretch *stretch, double x_m)
{
    if (stretch->deceleration > 0) {
        double square = stretch->to_m_s * stretch->to_m_s + 2 * stretch->deceleration * (stretch->to_m - x_m);
        return sqrt(fmax(square, 0));
    }
    return tn_motion_speed(&stretch->forced->series, -tn_ceiling_time_left(stretch, x_m));
}

double tn_ceiling_time_left(const struct tn_ceiling_stretch *stretch, double x_m)
{
    if (x_m >= stretch->to_m)
        return 0;
    if (x_m <= stretch->from_m)
        return stretch->time_s;
    if (stretch->deceleration > 0)
        return (tn_ceiling_speed(stretch, x_m) - stretch->to_m_s) / stretch->deceleration;
    return -tn_motion_time_at_distance(&stretch->forced->series, -stretch->time_s, x_m - stretch->to_m);
}

static tn_status push(struct tn_ceiling *ceiling, const struct tn_ceiling_stretch *stretch)
{
    if (ceiling->count == ceiling->allocated) {
        size_t allocated = ceiling->allocated == 0 ? 16 : 2 * ceiling->allocated;
        struct tn_ceiling_stretch *grown = tn_arena_alloc(ceiling->arena, allocated, sizeof *grown);
        if (grown == NULL)
            return TN_ERR_MEMORY;
        if (ceiling->count > 0)
            memcpy(grown, ceiling->stretches, ceiling->count * sizeof *grown);
        ceiling->stretches = grown;
        ceiling->allocated = allocated;
    }
    ceiling->stretches[ceiling->count++] = *stretch;
    return TN_OK;
}

static const struct tn_track_piece *piece_of(const struct walk *walk)
{
    return &walk->track->pieces[walk->piece];
}

/* All that the brakes give here; without a curve: unlimited. */
static struct tn_motion_force full_brake(const struct walk *walk)
{
    const struct tn_curve *service = &walk->track->zones[piece_of(walk)->zone].service_brake;
    return (struct tn_motion_force){service->count > 0 ? service : NULL, service->count > 0 ? -1 : 0};
}

/* The force aimed at here, or all there is. */
static struct tn_motion_force aimed_brake(const struct walk *walk)
{
    return walk->aimed ? (struct tn_motion_force){&walk->aimed[piece_of(walk)->zone], -1} : full_brake(walk);
}

static struct tn_motion_cell cell_of(const struct walk *walk, const struct tn_motion_force *force, double v_m_s)
{
    struct tn_motion_cell cell;
    tn_motion_cell_at(&cell, &walk->track->zones[piece_of(walk)->zone], force, v_m_s, 1);
    return cell;
}

/* Deceleration that the full brake reaches at (x, v). */
static double strongest(const struct walk *walk, double x_m, double v_m_s)
{
    struct tn_motion_force full = full_brake(walk);
    struct tn_motion_cell cell = cell_of(walk, &full, v_m_s);
    return -tn_motion_acceleration(&cell, piece_of(walk), walk->train->mass_effective_kg, x_m, v_m_s);
}

static bool brake_suffices(const struct walk *walk, double x_m, double v_m_s)
{
    return full_brake(walk).curve == NULL || strongest(walk, x_m, v_m_s) >= walk->train->spec->brake.deceleration;
}

/* No more than a curve gives at any speed up to top: its terms are monotonic. */
static double lowest(const struct tn_curve *curve, double top_m_s)
{
    double least = curve->end_m_s < top_m_s ? 0 : HUGE_VAL;
    for (size_t i = 0; i < curve->count && curve->pieces[i].from_m_s < top_m_s; i++) {
        const struct tn_effort_piece *p = &curve->pieces[i];
        double a = p->from_m_s, b = fmin(i + 1 < curve->count ? p[1].from_m_s : curve->end_m_s, top_m_s);
        double value = p->c0 + fmin(p->c1 * a, p->c1 * b) + fmin(p->c2 * a * a, p->c2 * b * b);
        if (p->p != 0)
            value += fmin(p->p / (a + p->q), p->p / (b + p->q));
        least = fmin(least, isnan(value) ? -HUGE_VAL : value);
    }
    return least;
}

#define DENSEST 2.0 /* times the reference density */

/* A bound, so that most stretches need no look at forces. */
static double weakest(const struct walk *walk)
{
    double top = 1.001 * walk->train->speed_max_m_s, least = HUGE_VAL;
    for (size_t i = 0; i < walk->track->zone_count; i++) {
        const struct tn_track_zone *zone = &walk->track->zones[i];
        double brake = zone->service_brake.count == 0 ? HUGE_VAL : lowest(&zone->service_brake, top);
        double air = fmin(DENSEST * lowest(&zone->air, top), 0);
        least = fmin(least, brake + lowest(&zone->still, top) + air);
    }
    return least;
}

/* Whether the bound alone tells that the full brake gives the deceleration all over the piece. */
static bool surely_suffices(struct walk *walk, double top_m_s)
{
    if (isnan(walk->weakest_N))
        walk->weakest_N = weakest(walk);
    const struct tn_track_piece *piece = piece_of(walk);
    double end = walk->piece + 1 < walk->track->count ? piece[1].from_m : walk->track->length_m;
    double run = end - piece->from_m, steepest = fmin(piece->k0, piece->k0 + piece->k1 * run);
    return top_m_s <= walk->train->speed_max_m_s && fmax(piece->r0, piece->r0 + piece->r1 * run) <= DENSEST &&
           walk->weakest_N + steepest >
               walk->train->mass_effective_kg * walk->train->spec->brake.deceleration * (1 + 1e-12);
}

/* Constant net deceleration back from (x, v) to at most x_low and level, as far as the brakes suffice. */
static void retard(struct walk *walk, struct tn_ceiling_stretch *out, double x_low_m, double level_m_s)
{
    const double b = walk->train->spec->brake.deceleration, v = walk->v_m_s, x = walk->x_m;
    double reach = x - (level_m_s * level_m_s - v * v) / (2 * b);
    bool at_level = reach >= x_low_m;
    double from = at_level ? reach : x_low_m, top = at_level ? level_m_s : sqrt(v * v + 2 * b * (x - x_low_m));
    int samples = surely_suffices(walk, top) ? 0 : SAMPLES;
    for (int i = 1; i <= samples; i++) {
        double share = (double)i / SAMPLES, at = x + (from - x) * share;
        if (brake_suffices(walk, at, sqrt(v * v + 2 * b * (x - at))))
            continue;
        double good = x + (from - x) * (double)(i - 1) / SAMPLES, bad = at;
        for (int k = 0; k < BISECTIONS; k++) {
            double middle = 0.5 * (good + bad);
            if (brake_suffices(walk, middle, sqrt(v * v + 2 * b * (x - middle))))
                good = middle;
            else
                bad = middle;
        }
        from = good;
        top = sqrt(v * v + 2 * b * (x - from));
        break;
    }
    *out = (struct tn_ceiling_stretch){.from_m = from,
                                       .to_m = x,
                                       .from_m_s = top,
                                       .to_m_s = v,
                                       .time_s = (top - v) / b,
                                       .deceleration = b,
                                       .piece = walk->piece};
}

/* Time (negative) at which the full brake just gives the aimed deceleration again, in [t, 0]. */
static double until_enough(const struct walk *walk, const struct tn_motion_series *series, double t_s)
{
    double short_of = 0, enough = t_s;
    for (int k = 0; k < BISECTIONS; k++) {
        double middle = 0.5 * (short_of + enough);
        if (brake_suffices(walk, walk->x_m + tn_motion_distance(series, middle), tn_motion_speed(series, middle)))
            enough = middle;
        else
            short_of = middle;
    }
    return enough;
}

/* One step back under the full brake (or the given force), cut at level, x_low and the next knot of a curve. */
static void back_to(const struct walk *walk, const struct tn_ceiling_forced *by, struct tn_ceiling_stretch *out,
                    double t, double x_low_m, double level_m_s)
{
    const struct tn_motion_series *series = &by->series;
    t = tn_motion_time_at_extremum(series, t);
    double top = fmin(level_m_s, by->cell.high_m_s);
    double v = tn_motion_speed(series, t), x = walk->x_m + tn_motion_distance(series, t);
    if (v > top) {
        t = tn_motion_time_at_speed(series, t, top);
        v = top;
        x = walk->x_m + tn_motion_distance(series, t);
    }
    if (x < x_low_m) {
        t = tn_motion_time_at_distance(series, t, x_low_m - walk->x_m);
        v = tn_motion_speed(series, t);
        x = x_low_m;
    }
    if (!walk->train->spec->brake.resistance_adds && brake_suffices(walk, x, v) && t < -1e-6) {
        double earlier = until_enough(walk, series, t);
        if (earlier > t && earlier < -1e-6) {
            t = earlier;
            v = tn_motion_speed(series, t);
            x = walk->x_m + tn_motion_distance(series, t);
        }
    }
    out->from_m = x;
    out->from_m_s = v;
    out->time_s = -t;
}

/* *slows: whether the brake slows the train at all. */
static tn_status brake_back(const struct walk *walk, const struct tn_motion_force *force,
                            struct tn_ceiling_stretch *out, bool *slows, double x_low_m, double level_m_s)
{
    const double length = walk->x_m - x_low_m;
    struct tn_ceiling_forced by = {.cell = cell_of(walk, force, walk->v_m_s)};
    *out = (struct tn_ceiling_stretch){.to_m = walk->x_m, .to_m_s = walk->v_m_s, .piece = walk->piece};
    struct tn_motion_law law;
    tn_motion_law_at(&law, &by.cell, piece_of(walk), walk->train->mass_effective_kg, walk->x_m, walk->v_m_s);
    const double b = -law.acceleration_m_s2;
    *slows = b >= 1e-6;
    if (!*slows)
        return TN_OK;
    double wanted = fmin(fmin(2 * length / (walk->v_m_s + sqrt(walk->v_m_s * walk->v_m_s + 2 * b * length)),
                              2 * (fmin(level_m_s, by.cell.high_m_s) - walk->v_m_s) / b + 1),
                         3600);
    double t = tn_motion_expand(&by.series, &law, -1.1 * wanted, walk->tolerance);
    back_to(walk, &by, out, t, x_low_m, level_m_s);
    *slows = out->time_s > 0;
    struct tn_ceiling_forced *forced = tn_arena_alloc(walk->ceiling->arena, 1, sizeof *forced);
    if (forced == NULL)
        return TN_ERR_MEMORY;
    *forced = by;
    out->forced = forced;
    return TN_OK;
}

/* Extends the braking curve back from (x, v) within the piece until it meets the level or x_low. */
static tn_status extend(struct walk *walk, double x_low_m, double level_m_s)
{
    tn_status status = TN_OK;
    bool adds = walk->train->spec->brake.resistance_adds;
    while (status == TN_OK && walk->x_m > x_low_m && walk->v_m_s < level_m_s) {
        struct tn_ceiling_stretch stretch;
        const struct tn_motion_force full = full_brake(walk), aimed = aimed_brake(walk);
        bool net = !adds && (surely_suffices(walk, level_m_s) || brake_suffices(walk, walk->x_m, walk->v_m_s));
        if (net)
            retard(walk, &stretch, x_low_m, level_m_s);
        bool slows = net && stretch.from_m < stretch.to_m;
        if (!slows)
            status = brake_back(walk, &aimed, &stretch, &slows, x_low_m, level_m_s);
        if (status == TN_OK && !slows && adds) {
            /* The force aimed at does not slow the train on this descent: brake as hard as it takes. */
            slows = full.curve == NULL;
            if (slows)
                retard(walk, &stretch, x_low_m, level_m_s);
            else
                status = brake_back(walk, &full, &stretch, &slows, x_low_m, level_m_s);
        }
        if (status != TN_OK)
            return status;
        if (!slows) {
            /* Nothing slows it: the run itself will show where it runs away. */
            walk->x_m = x_low_m;
            return TN_OK;
        }
        status = push(walk->ceiling, &stretch);
        walk->x_m = stretch.from_m;
        walk->v_m_s = stretch.from_m_s;
    }
    return status;
}

/* The nearest stop in [low, x), or low. */
static double stop_before(struct walk *walk, double low_m, bool *is_stop)
{
    const struct tn_run_stop *stops = walk->request->stops;
    while (walk->stops > 0 && stops[walk->stops - 1].s_m >= walk->x_m)
        walk->stops--;
    *is_stop = walk->stops > 0 && stops[walk->stops - 1].s_m >= low_m;
    return *is_stop ? stops[walk->stops - 1].s_m : low_m;
}

static tn_status walk_piece(struct walk *walk, double x_low_m)
{
    const double level = piece_of(walk)->limit_m_s;
    tn_status status = TN_OK;
    walk->v_m_s = fmin(walk->v_m_s, level);
    while (status == TN_OK && walk->x_m > x_low_m) {
        bool is_stop;
        double next = stop_before(walk, x_low_m, &is_stop);
        if (walk->v_m_s < level)
            status = extend(walk, next, level);
        else
            walk->x_m = next;
        if (walk->x_m <= next && is_stop)
            walk->v_m_s = 0;
    }
    return status;
}

static void reverse(struct tn_ceiling *ceiling)
{
    for (size_t i = 0; i < ceiling->count / 2; i++) {
        struct tn_ceiling_stretch swap = ceiling->stretches[i];
        ceiling->stretches[i] = ceiling->stretches[ceiling->count - 1 - i];
        ceiling->stretches[ceiling->count - 1 - i] = swap;
    }
}

/* The constant force that the deceleration aimed at stands for, as far as the brakes of each zone give it. */
static tn_status aim(struct walk *walk, struct tn_arena *arena)
{
    const struct tn_track *track = walk->track;
    struct tn_curve constant = {.pieces = &(struct tn_effort_piece){0}, .count = 1, .end_m_s = 1000};
    constant.pieces->c0 = walk->train->spec->brake.deceleration * walk->train->mass_effective_kg;
    struct tn_curve *aimed = tn_arena_alloc(arena, track->zone_count, sizeof *aimed);
    tn_status status = aimed ? TN_OK : TN_ERR_MEMORY;
    for (size_t i = 0; status == TN_OK && i < track->zone_count; i++) {
        const struct tn_curve *service = &track->zones[i].service_brake;
        size_t same = 0;
        while (same < i && track->zones[same].off != track->zones[i].off)
            same++;
        if (same < i)
            aimed[i] = aimed[same];
        else
            status = service->count > 0 ? tn_curve_min(&aimed[i], &constant, service, arena)
                                        : tn_curve_sum(&aimed[i], &constant, 1, &constant, 0, arena);
    }
    walk->aimed = aimed;
    return status;
}

tn_status tn_ceiling_init(struct tn_ceiling *ceiling, const struct tn_run_request *request, double tolerance,
                          struct tn_arena *arena)
{
    const struct tn_track *track = request->track;
    const struct tn_train *train = track->train;
    *ceiling = (struct tn_ceiling){.arena = arena};
    struct walk walk = {.request = request,
                        .track = track,
                        .train = train,
                        .tolerance = tolerance,
                        .weakest_N = NAN,
                        .stops = request->stop_count,
                        .ceiling = ceiling};
    if (train->spec->brake.resistance_adds && aim(&walk, arena) != TN_OK)
        return TN_ERR_MEMORY;
    /* Limits beyond the end matter to a train that passes it: as far as it may need to brake at a tenth of the aim. */
    double ahead = 5 * train->speed_max_m_s * train->speed_max_m_s / train->spec->brake.deceleration;
    walk.x_m = request->stop_at_end ? request->to_m : fmin(track->length_m, request->to_m + ahead);
    walk.v_m_s = request->stop_at_end ? 0 : INFINITY;
    walk.piece = track->count - 1;
    while (walk.piece > 0 && track->pieces[walk.piece].from_m >= walk.x_m)
        walk.piece--;
    for (;;) {
        double low = fmax(track->pieces[walk.piece].from_m, request->from_m);
        tn_status status = walk_piece(&walk, low);
        if (status != TN_OK)
            return status;
        if (walk.piece == 0 || low <= request->from_m)
            break;
        walk.piece--;
    }
    reverse(ceiling);
    return TN_OK;
}
