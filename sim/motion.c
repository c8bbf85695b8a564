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
extern inline double tn_motion_polynomial(const double c[TN_MOTION_ORDER + 1], int order, double t);
extern inline double tn_motion_pace(const struct tn_motion_series *series, double t_s);
extern inline double tn_motion_speed(const struct tn_motion_series *series, double t_s);
extern inline double tn_motion_distance(const struct tn_motion_series *series, double t_s);
extern inline double tn_motion_least(double a, double b);
extern inline double tn_motion_most(double a, double b);

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

void tn_motion_law_at(struct tn_motion_law *law, const struct tn_motion_cell *cell, const struct tn_track_piece *piece,
                      double mass_kg, double x_m, double speed_m_s)
{
    const struct tn_effort_piece *e = &cell->effort, *s = &cell->still, *a = &cell->air;
    const double v = speed_m_s, ahead = x_m - piece->from_m, per_mass = 1 / mass_kg;
    const double r = piece->r0 + piece->r1 * ahead, tunnel = piece->t0 + piece->t1 * ahead;
    const double f0 = e->c0 - s->c0 - r * a->c0 - tn_motion_track(piece, x_m);
    const double f1 = (e->c1 - s->c1 - r * a->c1) * per_mass;
    *law = (struct tn_motion_law){.speed_m_s = v,
                                  .f2 = (e->c2 - s->c2 - r * a->c2 - tunnel) * per_mass,
                                  .b0 = -(piece->k1 + piece->r1 * a->c0) * per_mass,
                                  .b1 = -piece->r1 * a->c1 * per_mass,
                                  .b2 = -(piece->r1 * a->c2 + piece->t1) * per_mass,
                                  .hyperbolic = e->p != 0,
                                  .aslant = a->p != 0};
    law->acceleration_m_s2 = f0 * per_mass + v * (f1 + v * law->f2);
    law->slope = f1 + 2 * law->f2 * v;
    if (law->hyperbolic) {
        law->inverse = 1 / (v + e->q);
        law->p = -e->p * per_mass * law->inverse;
        law->acceleration_m_s2 -= law->p;
        law->slope += law->p * law->inverse;
    }
    if (law->aslant) {
        law->inverse_air = 1 / (v + a->q);
        law->g = r * a->p * per_mass * law->inverse_air;
        law->c = -piece->r1 * a->p * per_mass;
        law->acceleration_m_s2 -= law->g;
        law->slope += law->g * law->inverse_air;
    }
}

/* With z = -v'' dv / v'^2 it takes dv / v' times -ln(1 - z) / z, which (6 - z) / (6 - 4 z) is to the third order. */
double tn_motion_reach_s(const struct tn_motion_law *law, double speed_m_s)
{
    const double v = law->speed_m_s, a = law->acceleration_m_s2, change = speed_m_s - v;
    const double along = law->b0 + v * (law->b1 + v * law->b2) + law->c * law->inverse_air;
    const double bend = -(law->slope * a + along * v) * change, z = bend / (a * a);
    return change * a > 0 && z < 1 ? change / a * (6 - z) / (6 - 4 * z) : (double)INFINITY;
}

static const double over[TN_MOTION_ORDER + 2] = {0,       1,       1.0 / 2, 1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6,
                                                 1.0 / 7, 1.0 / 8, 1.0 / 9, 1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13};

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

/* The other series that go with v, up to a term. */
struct companions {
    double w[ORDER];       /* v^2 */
    double u[ORDER];       /* 1 / (v + q) of the effort; not set where its p = 0 */
    double y[ORDER];       /* the same of the air's resistance (only wind that blows aslant has it) */
    double sloping[ORDER]; /* what xi multiplies, but for b0 */
};

/* From v up to n and all series below n to all up to n, and v up to n + 1. The newest term is kept out of the sums:
   else each would wait for the one before. */
static inline void next_terms(struct tn_motion_series *s, struct companions *c, const struct tn_motion_law *law,
                              bool hyperbolic, bool aslant, int n)
{
    const double *v = s->v;
    double *x = s->x;
    x[n] = v[n - 1] * over[n];
    double sloped = 0, square = square_rest(v, n);
    for (int j = 1; j <= n; j++)
        sloped += x[j] * c->sloping[n - j];
    double next = law->f2 * square + law->b0 * x[n] + sloped;
    if (hyperbolic) {
        double rest = reciprocal_rest(v, c->u, n);
        c->u[n] = -law->inverse * (rest + law->inverse * v[n]);
        next += law->p * rest;
    }
    if (aslant) {
        double rest = reciprocal_rest(v, c->y, n);
        c->y[n] = -law->inverse_air * (rest + law->inverse_air * v[n]);
        next += law->g * rest;
    }
    c->w[n] = square + 2 * v[0] * v[n];
    c->sloping[n] = law->b1 * v[n] + law->b2 * c->w[n];
    if (aslant)
        c->sloping[n] += law->c * c->y[n];
    s->v[n + 1] = (next + law->slope * v[n]) * over[n + 1];
}

static inline void first_terms(struct tn_motion_series *s, struct companions *c, const struct tn_motion_law *law)
{
    const double v = law->speed_m_s;
    s->v[0] = v;
    s->v[1] = law->acceleration_m_s2;
    s->x[0] = 0;
    s->damping = -law->slope;
    c->w[0] = v * v;
    c->u[0] = law->inverse;
    c->y[0] = law->inverse_air;
    c->sloping[0] = law->b1 * v + law->b2 * c->w[0] + law->c * law->inverse_air;
}

/* Magnitude of the last two terms of v at a time t. */
static inline double magnitude(const struct tn_motion_series *s, int order, double t)
{
    const double t2 = t * t, t3 = t2 * t, t4 = t2 * t2;
    const double power = order == 4    ? t3
                         : order == 6  ? t3 * t2
                         : order == 8  ? t3 * t4
                         : order == 10 ? t3 * (t2 * t4)
                                       : t3 * (t4 * t4);
    return power * tn_motion_most(fabs(s->v[order - 1]), fabs(s->v[order]) * t);
}

double tn_motion_error(const struct tn_motion_series *series, double t_s)
{
    const double t = fabs(t_s);
    switch (series->order) {
    case 4:
        return magnitude(series, 4, t);
    case 6:
        return magnitude(series, 6, t);
    case 8:
        return magnitude(series, 8, t);
    case 10:
        return magnitude(series, 10, t);
    default:
        return magnitude(series, ORDER, t);
    }
}

/* As many terms as the step needs; returns what the last two of them come to at its end. */
static inline double expand(struct tn_motion_series *series, const struct tn_motion_law *law, bool hyperbolic,
                            bool aslant, double step, double allowed)
{
    struct companions c;
    first_terms(series, &c, law);
    series->v[5] = series->v[6] = series->v[7] = series->v[8] = 0;
    series->order = 4;
    /* One by one, so that compilers see the numbers. */
    next_terms(series, &c, law, hyperbolic, aslant, 1);
    next_terms(series, &c, law, hyperbolic, aslant, 2);
    next_terms(series, &c, law, hyperbolic, aslant, 3);
    double error = magnitude(series, 4, step);
    if (error > allowed) {
        series->order = 6;
        next_terms(series, &c, law, hyperbolic, aslant, 4);
        next_terms(series, &c, law, hyperbolic, aslant, 5);
        error = magnitude(series, 6, step);
    }
    if (error > allowed) {
        series->order = 8;
        next_terms(series, &c, law, hyperbolic, aslant, 6);
        next_terms(series, &c, law, hyperbolic, aslant, 7);
        error = magnitude(series, 8, step);
    }
    if (error > allowed) {
        series->order = 10;
        series->v[11] = series->v[12] = 0;
        next_terms(series, &c, law, hyperbolic, aslant, 8);
        next_terms(series, &c, law, hyperbolic, aslant, 9);
        error = magnitude(series, 10, step);
    }
    if (error > allowed) {
        series->order = ORDER;
        next_terms(series, &c, law, hyperbolic, aslant, 10);
        next_terms(series, &c, law, hyperbolic, aslant, 11);
        error = magnitude(series, ORDER, step);
    }
    return error;
}

double tn_motion_expand(struct tn_motion_series *series, const struct tn_motion_law *law, double wanted_s,
                        double tolerance)
{
    const double allowed = tolerance * (fabs(law->speed_m_s) + 1);
    double step = fabs(wanted_s), error;
    if (law->aslant)
        error = expand(series, law, true, true, step, allowed);
    else if (law->hyperbolic)
        error = expand(series, law, true, false, step, allowed);
    else
        error = expand(series, law, false, false, step, allowed);
    for (int n = 4; n <= 9; n++)
        series->x[n] = series->v[n - 1] * over[n];
    for (int n = 10; n <= ORDER + 1 && series->order > 8; n++)
        series->x[n] = series->v[n - 1] * over[n];
    /* The sixteenth root shortens too little, but the next round sees to that. */
    while (error > allowed) {
        step *= 0.9 * sqrt(sqrt(sqrt(sqrt(allowed / error))));
        error = magnitude(series, ORDER, step);
    }
    return copysign(step, wanted_s);
}

static inline double jerk_in(const struct tn_motion_series *series, double t_s)
{
    double value = 0;
    for (int n = series->order; n >= 2; n--)
        value = value * t_s + n * (n - 1) * series->v[n];
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
        return tn_motion_pace(series, t_s);
    default:
        return jerk_in(series, t_s);
    }
}

/* Root of distance or a derivative between 0 and t by Newton's method from a guess, kept inside a shrinking bracket.
   After a change of 1e-8 the next would be one of rounding. */
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
        bool newton = next > low && next < high;
        if (!newton)
            next = 0.5 * (low + high);
        double change = fabs(next - t);
        t = next;
        if (change <= (newton ? 1e-8 : 4e-16) * fabs(t_s) || next == low || next == high)
            break;
    }
    return t;
}

/* The time, near t where distance is `beyond` more than wanted, speed v and acceleration a, at which it is as wanted.
 */
static inline double parabola_back(double t_s, double beyond, double v, double a)
{
    double square = v * v - 2 * a * beyond;
    return square >= 0 && v + sqrt(square) != 0 ? t_s - 2 * beyond / (v + sqrt(square)) : t_s;
}

double tn_motion_time_at_distance(const struct tn_motion_series *series, double t_s, double distance_m)
{
    double beyond = tn_motion_distance(series, t_s) - distance_m, guess;
    if (fabs(beyond) < fabs(distance_m))
        guess = parabola_back(t_s, beyond, tn_motion_speed(series, t_s), tn_motion_pace(series, t_s));
    else
        guess = parabola_back(0, -distance_m, series->v[0], series->v[1]);
    return solve(series, t_s, distance_m, 0, t_s > 0, guess);
}

double tn_motion_time_at_speed(const struct tn_motion_series *series, double t_s, double speed_m_s)
{
    const double start = series->v[1], change = tn_motion_speed(series, t_s) - series->v[0];
    const double wanted = speed_m_s - series->v[0], bend = (change / t_s - start) / t_s;
    const double square = start * start + 4 * bend * wanted, root = copysign(sqrt(fabs(square)), start);
    double guess = square < 0 || start + root == 0 ? t_s : 2 * wanted / (start + root);
    return solve(series, t_s, speed_m_s, 1, change >= 0, guess);
}

double tn_motion_time_at_extremum(const struct tn_motion_series *series, double t_s)
{
    double at_start = series->v[1], at_end = tn_motion_pace(series, t_s);
    if (at_start == 0 || at_end == 0 || (at_start > 0) == (at_end > 0))
        return t_s;
    return solve(series, t_s, 0, 2, at_end > at_start, t_s * at_start / (at_start - at_end));
}

#define NODES 4

void tn_motion_works(double *effort_J, double *resistance_J, const struct tn_motion_series *series,
                     const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double x_m, double from_s,
                     double to_s)
{
    static const double node[NODES] = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                       0.8611363115940526};
    static const double weight[NODES] = {0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                                         0.3478548451374538};
    const double half = 0.5 * (to_s - from_s), middle = 0.5 * (from_s + to_s), ahead = x_m - piece->from_m;
    const struct tn_effort_piece *e = &cell->effort, *s = &cell->still, *a = &cell->air;
    double t[NODES], v[NODES], x[NODES], pull[NODES], drag[NODES];
    for (int i = 0; i < NODES; i++)
        t[i] = middle + half * node[i];
    for (int i = 0; i < NODES; i++)
        v[i] = tn_motion_speed(series, t[i]);
    for (int i = 0; i < NODES; i++)
        x[i] = tn_motion_distance(series, t[i]);
    for (int i = 0; i < NODES; i++) {
        double r = piece->r0 + piece->r1 * (ahead + x[i]), tunnel = piece->t0 + piece->t1 * (ahead + x[i]);
        pull[i] = (e->c0 + v[i] * (e->c1 + v[i] * e->c2)) * v[i];
        drag[i] = (s->c0 + r * a->c0 + v[i] * (s->c1 + r * a->c1 + v[i] * (s->c2 + r * a->c2 + tunnel))) * v[i];
    }
    if (e->p != 0)
        for (int i = 0; i < NODES; i++)
            pull[i] += e->q == 0 ? e->p : e->p * v[i] / (v[i] + e->q);
    for (int i = 0; i < NODES && a->p != 0; i++)
        drag[i] += (piece->r0 + piece->r1 * (ahead + x[i])) * a->p * v[i] / (v[i] + a->q);
    *effort_J = half * (weight[0] * pull[0] + weight[1] * pull[1] + weight[2] * pull[2] + weight[3] * pull[3]);
    *resistance_J = half * (weight[0] * drag[0] + weight[1] * drag[1] + weight[2] * drag[2] + weight[3] * drag[3]);
}

double tn_motion_work_track(const struct tn_track_piece *piece, double from_m, double to_m)
{
    return (to_m - from_m) * tn_motion_track(piece, 0.5 * (from_m + to_m));
}
