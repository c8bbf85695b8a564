/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "effort.h"

static const struct tn_field point_fields[] = {
    TN_F_NUMBER(tn_effort_point, speed, TN_Q_SPEED, NAN, 0, 150, TN_REQUIRED | TN_RISING, "speed"),
    TN_F_NUMBER(tn_effort_point, traction, TN_Q_FORCE, 0, 0, 1e7, 0, "largest tractive effort at the rim"),
    TN_F_NUMBER(tn_effort_point, dynamic_brake, TN_Q_FORCE, 0, 0, 1e7, 0, "largest dynamic-brake effort at the rim"),
    TN_F_END};

const struct tn_schema tn_effort_point_schema = {"effort", "tractive and dynamic-brake effort over speed",
                                                 sizeof(struct tn_effort_point), point_fields};

static double piece_at(const struct tn_effort_piece *piece, double v)
{
    double smooth = piece->c0 + v * (piece->c1 + v * piece->c2);
    return piece->p == 0 ? smooth : smooth + piece->p / (v + piece->q);
}

size_t tn_curve_piece(const struct tn_curve *curve, double speed_m_s, int direction)
{
    size_t lo = 0, hi = curve->count;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        double from = curve->pieces[mid].from_m_s;
        if (from < speed_m_s || (direction > 0 && from == speed_m_s))
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

double tn_curve_at(const struct tn_curve *curve, double speed_m_s)
{
    if (curve->count == 0 || !(speed_m_s <= curve->end_m_s))
        return 0;
    return piece_at(&curve->pieces[tn_curve_piece(curve, speed_m_s, 1)], speed_m_s);
}

/* Pieces under construction. */
struct builder {
    struct tn_effort_piece *pieces;
    size_t count, allocated;
    struct tn_arena *arena;
};

static bool same_law(const struct tn_effort_piece *a, const struct tn_effort_piece *b)
{
    return a->c0 == b->c0 && a->c1 == b->c1 && a->c2 == b->c2 && a->p == b->p && (a->p == 0 || a->q == b->q);
}

static tn_status append(struct builder *builder, struct tn_effort_piece piece, double from_m_s)
{
    piece.from_m_s = from_m_s;
    if (builder->count > 0 && same_law(&builder->pieces[builder->count - 1], &piece))
        return TN_OK;
    if (builder->count == builder->allocated) {
        size_t allocated = builder->allocated == 0 ? 32 : 2 * builder->allocated;
        struct tn_effort_piece *pieces = tn_arena_alloc(builder->arena, allocated, sizeof *pieces);
        if (pieces == NULL)
            return TN_ERR_MEMORY;
        for (size_t i = 0; i < builder->count; i++)
            pieces[i] = builder->pieces[i];
        builder->pieces = pieces;
        builder->allocated = allocated;
    }
    builder->pieces[builder->count++] = piece;
    return TN_OK;
}

static struct tn_curve built(const struct builder *builder, double end_m_s)
{
    return (struct tn_curve){builder->pieces, builder->count, end_m_s};
}

static double column_of(const struct tn_effort_point *point, int column)
{
    return column == 0 ? point->traction : point->dynamic_brake;
}

/* F v linear in v: F = slope + (P0 - slope v0) / v. */
static struct tn_effort_piece power_between(double v0, double f0, double v1, double f1)
{
    double slope = (f1 * v1 - f0 * v0) / (v1 - v0);
    return (struct tn_effort_piece){.c0 = slope, .p = f0 * v0 - slope * v0};
}

static struct tn_effort_piece force_between(double v0, double f0, double v1, double f1)
{
    double slope = (f1 - f0) / (v1 - v0);
    return (struct tn_effort_piece){.c0 = f0 - slope * v0, .c1 = slope};
}

/* Whether a row of a table goes on as those before it, to rounding. */
static bool continues(const struct builder *builder, double v0, double f0, double v1, double f1)
{
    if (builder->count == 0)
        return false;
    const struct tn_effort_piece *last = &builder->pieces[builder->count - 1];
    const double rounding = 1e-13 * fmax(fabs(f0), fabs(f1));
    return fabs(piece_at(last, v0) - f0) <= rounding && fabs(piece_at(last, v1) - f1) <= rounding;
}

tn_status tn_curve_from_table(struct tn_curve *out, const struct tn_list *points, int column, double power_from_m_s,
                              double end_m_s, struct tn_arena *arena)
{
    const struct tn_effort_point *point = points->items;
    struct builder builder = {.arena = arena};
    if (points->count == 0)
        return TN_ERR_INTERNAL;
    tn_status status = TN_OK;
    if (point[0].speed > 0)
        status = append(&builder, (struct tn_effort_piece){.c0 = column_of(&point[0], column)}, 0);
    /* A knee written in km/h must not miss its own row by a rounding. */
    double knee = power_from_m_s * (1 - 1e-9);
    for (size_t i = 0; i + 1 < points->count && status == TN_OK && point[i].speed < end_m_s; i++) {
        double v0 = point[i].speed, v1 = point[i + 1].speed;
        double f0 = column_of(&point[i], column), f1 = column_of(&point[i + 1], column);
        const bool power = v0 >= knee, same_kind = power == (i > 0 && point[i - 1].speed >= knee);
        if (!same_kind || !continues(&builder, v0, f0, v1, f1))
            status = append(&builder, power ? power_between(v0, f0, v1, f1) : force_between(v0, f0, v1, f1), v0);
    }
    const struct tn_effort_point *last = &point[points->count - 1];
    if (status == TN_OK && last->speed < end_m_s) {
        double force = column_of(last, column);
        struct tn_effort_piece rest = {.c0 = force};
        if (last->speed >= knee)
            rest = (struct tn_effort_piece){.p = force * last->speed};
        status = append(&builder, rest, last->speed);
    }
    *out = built(&builder, end_m_s);
    return status;
}

/* What fit() approximates. */
struct target {
    double (*function)(double speed_m_s, const void *payload);
    const void *payload;
    double scale;    /* size of the function over the whole interval */
    double shortest; /* half width at which a kink is accepted */
};

#define NODES 5 /* zeros of the Chebyshev polynomial T5 */

/* Divided difference of the four values from i on. */
static double third_difference(const double t[NODES], const double value[NODES], int i)
{
    double sum = 0;
    for (int k = i; k < i + 4; k++) {
        double product = 1;
        for (int j = i; j < i + 4; j++)
            if (j != k)
                product *= t[k] - t[j];
        sum += value[k] / product;
    }
    return sum;
}

/* The hyperbola strength / (t + pole) whose third differences are those of the values: a parabola then takes the rest.
   For p / (t + s) the difference over t0..t3 is -p / ((t0 + s) .. (t3 + s)), so that two of them give s. */
static double hyperbola_of(double *pole_out, const double t[NODES], const double value[NODES])
{
    double first = third_difference(t, value, 0), second = third_difference(t, value, 1);
    double ratio = first / second;
    double pole = (t[4] - ratio * t[0]) / (ratio - 1);
    if (!(pole > 1.02 && pole < 1000)) /* it must stand to the left, out of the interval; from afar it is a cubic */
        pole = 1000;
    double head = 1, tail = 1;
    for (int k = 0; k < 4; k++) {
        head *= t[k] + pole;
        tail *= t[k + 1] + pole;
    }
    *pole_out = pole;
    return -0.5 * (first * head + second * tail);
}

static struct tn_effort_piece fit_once(const struct target *target, double middle, double half)
{
    static const double t[NODES] = {-0.95105651629515357, -0.58778525229247313, 0, 0.58778525229247313,
                                    0.95105651629515357};
    double value[NODES], pole, d0 = 0, d1 = 0, d2 = 0;
    for (int k = 0; k < NODES; k++)
        value[k] = target->function(middle + half * t[k], target->payload);
    double strength = hyperbola_of(&pole, t, value);
    for (int k = 0; k < NODES; k++) {
        double rest = value[k] - strength / (t[k] + pole);
        d0 += rest / NODES;
        d1 += 2 * rest * t[k] / NODES;
        d2 += 2 * rest * (2 * t[k] * t[k] - 1) / NODES;
    }
    /* d0 + d1 t + d2 (2 t^2 - 1) with t = (v - middle) / half */
    double k1 = d1 / half, k2 = 2 * d2 / (half * half);
    return (struct tn_effort_piece){.c0 = d0 - d2 - middle * k1 + middle * middle * k2,
                                    .c1 = k1 - 2 * middle * k2,
                                    .c2 = k2,
                                    .p = strength * half,
                                    .q = half * pole - middle};
}

#define FIT_TOLERANCE 3e-11

static bool fits(const struct target *target, const struct tn_effort_piece *piece, double middle, double half)
{
    for (int i = -5; i <= 5; i++) {
        double v = middle + half * i / 5;
        double exact = target->function(v, target->payload);
        if (fabs(piece_at(piece, v) - exact) > FIT_TOLERANCE * fmax(fabs(exact), 1e-3 * target->scale))
            return false;
    }
    return true;
}

static tn_status fit(struct builder *builder, const struct target *target, double from, double to)
{
    double middle = 0.5 * (from + to), half = 0.5 * (to - from);
    struct tn_effort_piece piece = fit_once(target, middle, half);
    if (half <= target->shortest || fits(target, &piece, middle, half))
        return append(builder, piece, from);
    tn_status status = fit(builder, target, from, middle);
    return status == TN_OK ? fit(builder, target, middle, to) : status;
}

tn_status tn_curve_from_function(struct tn_curve *out, double (*function)(double speed_m_s, const void *payload),
                                 const void *payload, double end_m_s, struct tn_arena *arena)
{
    struct builder builder = {.arena = arena};
    struct target target = {function, payload, 0, 1e-7 * end_m_s};
    for (int i = 0; i <= 32; i++)
        target.scale = fmax(target.scale, fabs(function(end_m_s * i / 32, payload)));
    tn_status status = fit(&builder, &target, 0, end_m_s);
    *out = built(&builder, end_m_s);
    return status;
}

/* All piece boundaries of both curves, rising, from 0 to the end; near doubles merged. Returns how many, 0 if no
 * memory. */
static size_t boundaries(double **out, const struct tn_curve *f, const struct tn_curve *g, double end_m_s,
                         struct tn_arena *arena)
{
    double *speeds = tn_arena_alloc(arena, f->count + g->count + 4, sizeof *speeds);
    size_t count = 0, i = 0, j = 0;
    if (speeds == NULL)
        return 0;
    speeds[count++] = 0;
    while (i <= f->count || j <= g->count) {
        double vf = i < f->count ? f->pieces[i].from_m_s : i == f->count ? f->end_m_s : (double)INFINITY;
        double vg = j < g->count ? g->pieces[j].from_m_s : j == g->count ? g->end_m_s : (double)INFINITY;
        double v = fmin(vf, vg);
        if (i <= f->count && vf == v)
            i++;
        else
            j++;
        if (v > speeds[count - 1] + 1e-12 && v < end_m_s - 1e-12)
            speeds[count++] = v;
    }
    speeds[count++] = end_m_s;
    *out = speeds;
    return count;
}

/* The curve's piece at v, which grows from call to call. */
static const struct tn_effort_piece *piece_around(const struct tn_curve *curve, size_t *cursor, double v)
{
    static const struct tn_effort_piece nothing = {0};
    if (curve->count == 0 || v > curve->end_m_s)
        return &nothing;
    while (*cursor + 1 < curve->count && curve->pieces[*cursor + 1].from_m_s <= v)
        ++*cursor;
    return &curve->pieces[*cursor];
}

struct pair {
    struct tn_effort_piece f, g;
    double a, b;
    double scale; /* of both curves as a whole */
};

static double largest(const struct tn_curve *curve, const double *speeds, size_t count)
{
    double value = 0;
    for (size_t i = 0; i < count; i++)
        value = fmax(value, fabs(tn_curve_at(curve, speeds[i])));
    return value;
}

static double pair_sum(double v, const void *payload)
{
    const struct pair *pair = payload;
    return pair->a * piece_at(&pair->f, v) + pair->b * piece_at(&pair->g, v);
}

static tn_status append_sum(struct builder *builder, const struct pair *pair, double from, double to)
{
    const struct tn_effort_piece *f = &pair->f, *g = &pair->g;
    double pf = pair->a * f->p, pg = pair->b * g->p;
    if (pf == 0 || pg == 0 || f->q == g->q) {
        struct tn_effort_piece piece = {0,
                                        pair->a * f->c0 + pair->b * g->c0,
                                        pair->a * f->c1 + pair->b * g->c1,
                                        pair->a * f->c2 + pair->b * g->c2,
                                        pf + pg,
                                        pf != 0 ? f->q : g->q};
        return append(builder, piece, from);
    }
    return fit(builder, &(struct target){pair_sum, pair, pair->scale, 1e-9 * to}, from, to);
}

/* Whether a sum has places where hyperbolas of different poles meet, so that its scale counts. */
static bool is_hyperbolic(const struct tn_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (curve->pieces[i].p != 0)
            return true;
    return false;
}

tn_status tn_curve_sum(struct tn_curve *out, const struct tn_curve *f, double a, const struct tn_curve *g, double b,
                       struct tn_arena *arena)
{
    struct builder builder = {.arena = arena};
    double end = fmax(f->count > 0 ? f->end_m_s : 0, g->count > 0 ? g->end_m_s : 0);
    double *speeds;
    size_t count = boundaries(&speeds, f, g, end, arena);
    if (count == 0)
        return TN_ERR_MEMORY;
    double scale = 0;
    if (is_hyperbolic(f) && is_hyperbolic(g))
        scale = fabs(a) * largest(f, speeds, count) + fabs(b) * largest(g, speeds, count);
    tn_status status = TN_OK;
    size_t at_f = 0, at_g = 0;
    for (size_t i = 0; i + 1 < count && status == TN_OK; i++) {
        double middle = 0.5 * (speeds[i] + speeds[i + 1]);
        struct pair pair = {*piece_around(f, &at_f, middle), *piece_around(g, &at_g, middle), a, b, scale};
        status = append_sum(&builder, &pair, speeds[i], speeds[i + 1]);
    }
    *out = built(&builder, end);
    return status;
}

/* Where f - g changes sign in (lo, hi), by bisection to the last bit. */
static double crossing(const struct pair *pair, double lo, double hi)
{
    bool rising = pair_sum(lo, pair) < 0;
    for (;;) {
        double middle = 0.5 * (lo + hi);
        if (middle <= lo || middle >= hi)
            return middle;
        if ((pair_sum(middle, pair) < 0) == rising)
            lo = middle;
        else
            hi = middle;
    }
}

#define SAMPLES 16 /* of each interval, to find several crossings */

static tn_status append_smaller(struct builder *builder, const struct pair *pair, double from, double to)
{
    bool first = pair_sum(0.5 * (from + to), pair) <= 0;
    return append(builder, first ? pair->f : pair->g, from);
}

/* Neighbours of the same law merge in append(). */
static tn_status append_min(struct builder *builder, const struct pair *pair, double from, double to)
{
    tn_status status = TN_OK;
    for (int i = 0; i < SAMPLES && status == TN_OK; i++) {
        double lo = from + (to - from) * i / SAMPLES, hi = from + (to - from) * (i + 1) / SAMPLES;
        bool crosses = (pair_sum(lo, pair) < 0) != (pair_sum(hi, pair) < 0);
        double cut = crosses ? crossing(pair, lo, hi) : hi;
        if (cut > lo)
            status = append_smaller(builder, pair, lo, cut);
        if (cut < hi && status == TN_OK)
            status = append_smaller(builder, pair, cut, hi);
    }
    return status;
}

tn_status tn_curve_min(struct tn_curve *out, const struct tn_curve *f, const struct tn_curve *g, struct tn_arena *arena)
{
    struct builder builder = {.arena = arena};
    double end = fmin(f->count > 0 ? f->end_m_s : 0, g->count > 0 ? g->end_m_s : 0);
    double *speeds;
    size_t count = boundaries(&speeds, f, g, end, arena);
    if (count == 0)
        return TN_ERR_MEMORY;
    tn_status status = TN_OK;
    size_t at_f = 0, at_g = 0;
    for (size_t i = 0; i + 1 < count && status == TN_OK; i++) {
        double middle = 0.5 * (speeds[i] + speeds[i + 1]);
        struct pair pair = {*piece_around(f, &at_f, middle), *piece_around(g, &at_g, middle), 1, -1, 0};
        status = append_min(&builder, &pair, speeds[i], speeds[i + 1]);
    }
    *out = built(&builder, end);
    return status;
}
