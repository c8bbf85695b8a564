/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "motion.h"

#include <math.h>

#define ORDER TN_MOTION_ORDER

static const struct tn_effort_piece nothing = {0};

/* The inline functions of the header, for callers that want an address. */
extern inline double tn_motion_piece(const struct tn_effort_piece *piece, double speed_m_s);
extern inline double tn_motion_track(const struct tn_track_piece *piece, double x_m);
extern inline double tn_motion_resistance(const struct tn_motion_cell *cell, const struct tn_track_piece *piece,
                                          double x_m, double speed_m_s);
extern inline double tn_motion_acceleration(const struct tn_motion_cell *cell, const struct tn_track_piece *piece,
                                            double mass_kg, double x_m, double speed_m_s);
extern inline double tn_motion_speed(const struct tn_motion_series *series, double t_s);
extern inline double tn_motion_distance(const struct tn_motion_series *series, double t_s);

/* Narrows [low, high] to the curve's piece at v and returns the piece. */
static const struct tn_effort_piece *narrow(struct tn_motion_cell *cell, const struct tn_curve *curve, double speed_m_s,
                                            int direction)
{
    if (curve == NULL || curve->count == 0)
        return &nothing;
    bool beyond = direction >= 0 ? speed_m_s >= curve->end_m_s : speed_m_s > curve->end_m_s;
    if (beyond) {
        cell->low_m_s = fmax(cell->low_m_s, curve->end_m_s);
        return &nothing;
    }
    size_t i = tn_curve_piece(curve, speed_m_s, direction >= 0 ? 1 : -1);
    double high = i + 1 < curve->count ? curve->pieces[i + 1].from_m_s : curve->end_m_s;
    cell->low_m_s = fmax(cell->low_m_s, curve->pieces[i].from_m_s);
    cell->high_m_s = fmin(cell->high_m_s, high);
    return &curve->pieces[i];
}

void tn_motion_cell_at(struct tn_motion_cell *cell, const struct tn_track_zone *zone,
                       const struct tn_motion_force *force, double speed_m_s, int direction)
{
    cell->low_m_s = 0;
    cell->high_m_s = INFINITY;
    cell->effort = *narrow(cell, force->sign == 0 ? NULL : force->curve, speed_m_s, direction);
    cell->effort.c0 *= force->sign;
    cell->effort.c1 *= force->sign;
    cell->effort.c2 *= force->sign;
    cell->effort.p *= force->sign;
    cell->still = *narrow(cell, &zone->still, speed_m_s, direction);
    cell->air = *narrow(cell, &zone->air, speed_m_s, direction);
}

static double slope_of(const struct tn_effort_piece *piece, double v)
{
    double slope = piece->c1 + 2 * piece->c2 * v;
    return piece->p == 0 ? slope : slope - piece->p / ((v + piece->q) * (v + piece->q));
}

double tn_motion_damping(const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double mass_kg,
                         double x_m, double speed_m_s)
{
    double ahead = x_m - piece->from_m;
    return (slope_of(&cell->still, speed_m_s) + (piece->r0 + piece->r1 * ahead) * slope_of(&cell->air, speed_m_s) +
            2 * (piece->t0 + piece->t1 * ahead) * speed_m_s - slope_of(&cell->effort, speed_m_s)) /
           mass_kg;
}

/* m v' = f0 + f1 v + f2 v^2 + p u + g y + xi (b0 + b1 v + b2 v^2 + c y), all over m, xi measured from the step's start.
 */
struct law {
    double start;    /* v' at the start */
    double slope;    /* derivative of v' by v there: what the newest term of v counts in the next one */
    double f2, p, g; /* p and g times -1 / (v + q) at the start */
    double b0, b1, b2, c;
    double inverse, inverse_air; /* 1 / (v + q) at the start */
    bool hyperbolic, aslant;     /* whether u and y are needed */
};

static inline struct law law_at(const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double mass_kg,
                                double x_m, double v)
{
    const struct tn_effort_piece *e = &cell->effort, *s = &cell->still, *a = &cell->air;
    const double ahead = x_m - piece->from_m, per_mass = 1 / mass_kg;
    const double r = piece->r0 + piece->r1 * ahead, tunnel = piece->t0 + piece->t1 * ahead;
    const double f0 = e->c0 - s->c0 - r * a->c0 - tn_motion_track(piece, x_m);
    const double f1 = (e->c1 - s->c1 - r * a->c1) * per_mass;
    struct law law = {.f2 = (e->c2 - s->c2 - r * a->c2 - tunnel) * per_mass,
                      .b0 = -(piece->k1 + piece->r1 * a->c0) * per_mass,
                      .b1 = -piece->r1 * a->c1 * per_mass,
                      .b2 = -(piece->r1 * a->c2 + piece->t1) * per_mass,
                      .hyperbolic = e->p != 0,
                      .aslant = a->p != 0};
    law.start = f0 * per_mass + v * (f1 + v * law.f2);
    law.slope = f1 + 2 * law.f2 * v;
    if (law.hyperbolic) {
        law.inverse = 1 / (v + e->q);
        law.p = -e->p * per_mass * law.inverse;
        law.start -= law.p;
        law.slope += law.p * law.inverse;
    }
    if (law.aslant) {
        law.inverse_air = 1 / (v + a->q);
        law.g = r * a->p * per_mass * law.inverse_air;
        law.c = -piece->r1 * a->p * per_mass;
        law.start -= law.g;
        law.slope += law.g * law.inverse_air;
    }
    return law;
}

static const double over[TN_MOTION_ORDER + 2] = {0,       1,       1.0 / 2, 1.0 / 3, 1.0 / 4,
                                                 1.0 / 5, 1.0 / 6, 1.0 / 7, 1.0 / 8, 1.0 / 9};

/* Coefficient n of the product of two series. */
static inline double product(const double *a, const double *b, int n)
{
    double sum = a[0] * b[n];
    for (int j = 1; j <= n; j++)
        sum += a[j] * b[n - j];
    return sum;
}

/* Coefficient n of the square of v but for 2 v[0] v[n]. */
static inline double square_rest(const double *v, int n)
{
    double sum = 0;
    for (int j = 1; 2 * j < n; j++)
        sum += v[j] * v[n - j];
    return n % 2 == 0 ? 2 * sum + v[n / 2] * v[n / 2] : 2 * sum;
}

/* Coefficient n of 1 / (v + q) is -1 / (v + q) times this, but for v[n] / (v + q). */
static inline double reciprocal_rest(const double *v, const double *u, int n)
{
    double sum = 0;
    for (int j = 1; j < n; j++)
        sum += v[j] * u[n - j];
    return sum;
}

/* Term n of what xi multiplies, but for b0. */
static inline double sloping_term(const struct tn_motion_series *s, const struct law *law, int n)
{
    double term = law->b1 * s->v[n] + law->b2 * s->w[n];
    return law->aslant ? term + law->c * s->y[n] : term;
}

/* From v up to n and all series below n to all up to n, and v up to n + 1. The newest term is kept out of the sums:
   else each would wait for the one before. */
static inline void next_terms(struct tn_motion_series *s, double *sloping, const struct law *law, int n)
{
    const double *v = s->v, *x = s->x;
    double sloped = 0, square = square_rest(v, n);
    for (int j = 1; j <= n; j++)
        sloped += x[j] * sloping[n - j];
    double next = law->f2 * square + law->b0 * x[n] + sloped;
    if (law->hyperbolic) {
        double rest = reciprocal_rest(v, s->u, n);
        s->u[n] = -law->inverse * (rest + law->inverse * v[n]);
        next += law->p * rest;
    }
    if (law->aslant) {
        double rest = reciprocal_rest(v, s->y, n);
        s->y[n] = -law->inverse_air * (rest + law->inverse_air * v[n]);
        next += law->g * rest;
    }
    s->w[n] = square + 2 * v[0] * v[n];
    sloping[n] = sloping_term(s, law, n);
    s->x[n + 1] = v[n] * over[n + 1];
    s->v[n + 1] = (next + law->slope * v[n]) * over[n + 1];
}

static inline void first_terms(struct tn_motion_series *s, const struct law *law, double speed_m_s)
{
    s->v[0] = speed_m_s;
    s->w[0] = speed_m_s * speed_m_s;
    s->u[0] = law->inverse;
    s->y[0] = law->inverse_air;
    s->x[0] = 0;
    s->x[1] = speed_m_s;
    s->v[1] = law->start;
}

/* Magnitude of the last two terms of v at a time t. */
static inline double magnitude(const struct tn_motion_series *s, int order, double t)
{
    double power = t;
    for (int n = 2; n < order; n++)
        power *= t;
    return power * fmax(fabs(s->v[order - 1]), fabs(s->v[order]) * t);
}

double tn_motion_error(const struct tn_motion_series *series, double t_s)
{
    const double t = fabs(t_s);
    return series->order == 4 ? magnitude(series, 4, t) : magnitude(series, series->order, t);
}

/* Brings the other series up to the last term of v. */
static void last_terms(struct tn_motion_series *s, const struct law *law)
{
    const int n = s->order;
    s->w[n] = square_rest(s->v, n) + 2 * s->v[0] * s->v[n];
    s->x[n + 1] = s->v[n] * over[n + 1];
    if (law->hyperbolic)
        s->u[n] = -law->inverse * (reciprocal_rest(s->v, s->u, n) + law->inverse * s->v[n]);
    if (law->aslant)
        s->y[n] = -law->inverse_air * (reciprocal_rest(s->v, s->y, n) + law->inverse_air * s->v[n]);
}

double tn_motion_expand(struct tn_motion_series *series, const struct tn_motion_cell *cell,
                        const struct tn_track_piece *piece, double mass_kg, double x_m, double speed_m_s,
                        double wanted_s, double tolerance)
{
    const struct law law = law_at(cell, piece, mass_kg, x_m, speed_m_s);
    const double allowed = tolerance * (fabs(speed_m_s) + 1);
    double step = fabs(wanted_s), sloping[ORDER];
    first_terms(series, &law, speed_m_s);
    sloping[0] = sloping_term(series, &law, 0);
    series->order = 4;
    /* One by one, so that compilers see the numbers. */
    next_terms(series, sloping, &law, 1);
    next_terms(series, sloping, &law, 2);
    next_terms(series, sloping, &law, 3);
    double error = magnitude(series, 4, step);
    if (error > allowed) {
        series->order = 6;
        next_terms(series, sloping, &law, 4);
        next_terms(series, sloping, &law, 5);
        error = magnitude(series, 6, step);
    }
    if (error > allowed) {
        series->order = ORDER;
        next_terms(series, sloping, &law, 6);
        next_terms(series, sloping, &law, 7);
        error = magnitude(series, ORDER, step);
    }
    last_terms(series, &law);
    /* The eighth root shortens too little for the term before the last, but the next round sees to that. */
    while (error > allowed) {
        step *= 0.9 * sqrt(sqrt(sqrt(allowed / error)));
        error = magnitude(series, ORDER, step);
    }
    return copysign(step, wanted_s);
}

static inline double jerk_in(const struct tn_motion_series *series, double t_s)
{
    double value = series->order * (series->order - 1) * series->v[series->order];
    for (int n = series->order - 1; n >= 2; n--)
        value = value * t_s + n * (n - 1) * series->v[n];
    return value;
}

static inline double acceleration_in(const struct tn_motion_series *series, double t_s)
{
    double value = series->order * series->v[series->order];
    for (int n = series->order - 1; n >= 1; n--)
        value = value * t_s + n * series->v[n];
    return value;
}

/* What is looked up in a series: distance, speed and its derivatives, by how many times it is derived. */
static inline double derived(const struct tn_motion_series *series, int times, double t_s)
{
    switch (times) {
    case 0:
        return tn_motion_distance(series, t_s);
    case 1:
        return tn_motion_speed(series, t_s);
    case 2:
        return acceleration_in(series, t_s);
    default:
        return jerk_in(series, t_s);
    }
}

/* Root of distance or a derivative between 0 and t by Newton's method from a guess, kept inside a shrinking bracket. */
static inline double solve(const struct tn_motion_series *series, double t_s, double target, int times, bool rising,
                           double guess)
{
    double low = t_s < 0 ? t_s : 0, high = t_s < 0 ? 0 : t_s;
    double t = guess > low && guess < high ? guess : 0.5 * t_s;
    const bool upwards = rising == (t_s > 0); /* whether the value rises with t */
    for (int i = 0; i < 100; i++) {
        double value = derived(series, times, t) - target;
        if (value == 0)
            break;
        if ((value > 0) == upwards)
            high = t;
        else
            low = t;
        double d = derived(series, times + 1, t);
        double next = d == 0 ? 0.5 * (low + high) : t - value / d;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        double change = fabs(next - t);
        t = next;
        if (change <= 4e-16 * fabs(t_s) || next == low || next == high)
            break;
    }
    return t;
}

double tn_motion_time_at_distance(const struct tn_motion_series *series, double t_s, double distance_m)
{
    double v = series->v[0], square = v * v + 2 * series->v[1] * distance_m;
    double guess = square >= 0 ? 2 * distance_m / (v + sqrt(square)) : t_s;
    return solve(series, t_s, distance_m, 0, t_s > 0, guess);
}

double tn_motion_time_at_speed(const struct tn_motion_series *series, double t_s, double speed_m_s)
{
    double change = tn_motion_speed(series, t_s) - series->v[0];
    double guess = change == 0 ? t_s : t_s * (speed_m_s - series->v[0]) / change;
    return solve(series, t_s, speed_m_s, 1, change >= 0, guess);
}

double tn_motion_time_at_extremum(const struct tn_motion_series *series, double t_s)
{
    double at_start = series->v[1], at_end = acceleration_in(series, t_s);
    if (at_start == 0 || at_end == 0 || (at_start > 0) == (at_end > 0))
        return t_s;
    return solve(series, t_s, 0, 2, at_end > at_start, t_s * at_start / (at_start - at_end));
}

/* Integral over [0, t] of a series. */
static inline double integral(const double *c, int order, double t_s)
{
    double sum = c[order] * over[order + 1];
    for (int n = order - 1; n >= 0; n--)
        sum = sum * t_s + c[n] * over[n + 1];
    return sum * t_s;
}

/* The same of the product of two. */
static inline double integral_of_product(const double *a, const double *b, int order, double t_s)
{
    double sum = product(a, b, order) * over[order + 1];
    for (int n = order - 1; n >= 0; n--)
        sum = sum * t_s + product(a, b, n) * over[n + 1];
    return sum * t_s;
}

static inline double work_effort(const struct tn_motion_series *s, const struct tn_effort_piece *e, int order,
                                 double t_s)
{
    double work = e->c0 * tn_motion_distance(s, t_s);
    if (e->c1 != 0)
        work += e->c1 * integral(s->w, order, t_s);
    if (e->c2 != 0)
        work += e->c2 * integral_of_product(s->w, s->v, order, t_s);
    if (e->p != 0)
        work += e->p * (e->q == 0 ? t_s : integral_of_product(s->u, s->v, order, t_s));
    return work;
}

double tn_motion_work_effort(const struct tn_motion_series *series, const struct tn_motion_cell *cell, double t_s)
{
    switch (series->order) {
    case 4:
        return work_effort(series, &cell->effort, 4, t_s);
    case 6:
        return work_effort(series, &cell->effort, 6, t_s);
    default:
        return work_effort(series, &cell->effort, ORDER, t_s);
    }
}

static inline double work_resistance(const struct tn_motion_series *series, const struct tn_motion_cell *cell,
                                     const struct tn_track_piece *piece, double x_m, int order, double t_s)
{
    const double ahead = x_m - piece->from_m, r = piece->r0 + piece->r1 * ahead, t = piece->t0 + piece->t1 * ahead;
    const struct tn_effort_piece *s = &cell->still, *a = &cell->air;
    const double distance = tn_motion_distance(series, t_s);
    double cube[ORDER + 1], rate[ORDER + 1];
    for (int n = 0; n <= order; n++)
        cube[n] = product(series->w, series->v, n);
    double work = (s->c0 + r * a->c0) * distance + (s->c1 + r * a->c1) * integral(series->w, order, t_s) +
                  (s->c2 + r * a->c2 + t) * integral(cube, order, t_s);
    if (a->p != 0)
        work += r * a->p * integral_of_product(series->y, series->v, order, t_s);
    if (piece->r1 == 0 && piece->t1 == 0)
        return work;
    /* What grows with xi: xi v integrates to a square. */
    for (int n = 0; n <= order; n++) {
        double aslant = a->p != 0 ? a->p * product(series->y, series->v, n) : 0;
        rate[n] = piece->r1 * (a->c1 * series->w[n] + a->c2 * cube[n] + aslant) + piece->t1 * cube[n];
    }
    return work + piece->r1 * a->c0 * 0.5 * distance * distance + integral_of_product(rate, series->x, order, t_s);
}

double tn_motion_work_resistance(const struct tn_motion_series *series, const struct tn_motion_cell *cell,
                                 const struct tn_track_piece *piece, double x_m, double t_s)
{
    switch (series->order) {
    case 4:
        return work_resistance(series, cell, piece, x_m, 4, t_s);
    case 6:
        return work_resistance(series, cell, piece, x_m, 6, t_s);
    default:
        return work_resistance(series, cell, piece, x_m, ORDER, t_s);
    }
}

double tn_motion_work_track(const struct tn_track_piece *piece, double from_m, double to_m)
{
    return (to_m - from_m) * tn_motion_track(piece, 0.5 * (from_m + to_m));
}
