/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "motion.h"

#include <math.h>

#define ORDER TN_MOTION_ORDER

static const struct tn_effort_piece nothing = {0};

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

double tn_motion_piece(const struct tn_effort_piece *piece, double speed_m_s)
{
    double value = piece->c0 + speed_m_s * (piece->c1 + speed_m_s * piece->c2);
    return piece->p == 0 ? value : value + piece->p / (speed_m_s + piece->q);
}

double tn_motion_resistance(const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double x_m,
                            double speed_m_s)
{
    double ahead = x_m - piece->from_m;
    return tn_motion_piece(&cell->still, speed_m_s) +
           (piece->r0 + piece->r1 * ahead) * tn_motion_piece(&cell->air, speed_m_s) +
           (piece->t0 + piece->t1 * ahead) * speed_m_s * speed_m_s;
}

double tn_motion_track(const struct tn_track_piece *piece, double x_m)
{
    return piece->k0 + piece->k1 * (x_m - piece->from_m);
}

double tn_motion_acceleration(const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double mass_kg,
                              double x_m, double speed_m_s)
{
    return (tn_motion_piece(&cell->effort, speed_m_s) - tn_motion_resistance(cell, piece, x_m, speed_m_s) -
            tn_motion_track(piece, x_m)) /
           mass_kg;
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

/* Coefficient n of 1 / (v + q), from those before. */
static double reciprocal(const double *v, const double *u, double inverse, int n)
{
    double sum = 0;
    if (n == 0)
        return inverse;
    for (int j = 1; j <= n; j++)
        sum += v[j] * u[n - j];
    return -inverse * sum;
}

void tn_motion_expand(struct tn_motion_series *series, const struct tn_motion_cell *cell,
                      const struct tn_track_piece *piece, double mass_kg, double x_m, double speed_m_s)
{
    const struct tn_effort_piece *e = &cell->effort, *s = &cell->still, *a = &cell->air;
    const double ahead = x_m - piece->from_m, per_mass = 1 / mass_kg;
    const double r = piece->r0 + piece->r1 * ahead, tunnel = piece->t0 + piece->t1 * ahead;
    /* m v' = f0 + f1 v + f2 v^2 + p u + g y + xi (b0 + b1 v + b2 v^2 + c y), xi measured from the step's start. */
    const double f0 = (e->c0 - s->c0 - r * a->c0 - tn_motion_track(piece, x_m)) * per_mass;
    const double f1 = (e->c1 - s->c1 - r * a->c1) * per_mass;
    const double f2 = (e->c2 - s->c2 - r * a->c2 - tunnel) * per_mass;
    const double p = e->p * per_mass, g = -r * a->p * per_mass;
    const double b0 = -(piece->k1 + piece->r1 * a->c0) * per_mass;
    const double b1 = -piece->r1 * a->c1 * per_mass;
    const double b2 = -(piece->r1 * a->c2 + piece->t1) * per_mass;
    const double c = -piece->r1 * a->p * per_mass;
    const bool aslant = a->p != 0;
    double *v = series->v, *x = series->x, *w = series->w, *u = series->u, *y = series->y;
    const double inverse = p == 0 ? 0 : 1 / (speed_m_s + e->q), inverse_air = aslant ? 1 / (speed_m_s + a->q) : 0;

    v[0] = speed_m_s;
    x[0] = 0;
    for (int n = 0; n <= ORDER; n++) {
        double square = 0, product = 0;
        for (int j = 0; 2 * j < n; j++)
            square += v[j] * v[n - j];
        w[n] = 2 * square + (n % 2 == 0 ? v[n / 2] * v[n / 2] : 0);
        if (p != 0)
            u[n] = reciprocal(v, u, inverse, n);
        if (aslant)
            y[n] = reciprocal(v, y, inverse_air, n);
        x[n + 1] = v[n] / (n + 1);
        if (n == ORDER)
            break;
        for (int j = 1; j <= n; j++)
            product += x[j] * (b1 * v[n - j] + b2 * w[n - j] + (aslant ? c * y[n - j] : 0));
        double next = f1 * v[n] + f2 * w[n] + b0 * x[n] + product;
        if (p != 0)
            next += p * u[n];
        if (aslant)
            next += g * y[n];
        v[n + 1] = (n == 0 ? next + f0 : next) / (n + 1);
    }
}

double tn_motion_speed(const struct tn_motion_series *series, double t_s)
{
    double value = series->v[ORDER];
    for (int n = ORDER - 1; n >= 0; n--)
        value = value * t_s + series->v[n];
    return value;
}

double tn_motion_distance(const struct tn_motion_series *series, double t_s)
{
    double value = series->x[ORDER + 1];
    for (int n = ORDER; n >= 1; n--)
        value = value * t_s + series->x[n];
    return value * t_s;
}

static double acceleration_in(const struct tn_motion_series *series, double t_s)
{
    double value = ORDER * series->v[ORDER];
    for (int n = ORDER - 1; n >= 1; n--)
        value = value * t_s + n * series->v[n];
    return value;
}

double tn_motion_step(const struct tn_motion_series *series, double tolerance)
{
    double allowed = tolerance * (fabs(series->v[0]) + 1);
    double last = fabs(series->v[ORDER]), before = fabs(series->v[ORDER - 1]);
    double step = INFINITY;
    if (last > 0)
        step = pow(allowed / last, 1.0 / ORDER);
    if (before > 0)
        step = fmin(step, pow(allowed / before, 1.0 / (ORDER - 1)));
    return 0.9 * step;
}

double tn_motion_error(const struct tn_motion_series *series, double t_s)
{
    double t = fabs(t_s), power = 1;
    for (int n = 0; n < ORDER - 1; n++)
        power *= t;
    return power * fmax(fabs(series->v[ORDER - 1]), fabs(series->v[ORDER]) * t);
}

/* Root of f between 0 and t by Newton's method, kept inside a shrinking bracket. */
static double solve(const struct tn_motion_series *series, double t_s, double target,
                    double (*f)(const struct tn_motion_series *, double),
                    double (*slope)(const struct tn_motion_series *, double))
{
    double a = 0, b = t_s;
    double at_start = f(series, 0), at_end = f(series, t_s), span = at_end - at_start;
    bool rising = at_end >= at_start;
    double t = span == 0 ? t_s : t_s * (target - at_start) / span;
    for (int i = 0; i < 100; i++) {
        double value = f(series, t) - target;
        if (value == 0)
            break;
        if ((value > 0) == rising)
            b = t;
        else
            a = t;
        double d = slope(series, t);
        double next = d == 0 ? 0.5 * (a + b) : t - value / d;
        if (!(next > fmin(a, b) && next < fmax(a, b)))
            next = 0.5 * (a + b);
        if (fabs(next - t) <= 4e-16 * fabs(t_s) || next == a || next == b) {
            t = next;
            break;
        }
        t = next;
    }
    return t;
}

double tn_motion_time_at_distance(const struct tn_motion_series *series, double t_s, double distance_m)
{
    return solve(series, t_s, distance_m, tn_motion_distance, tn_motion_speed);
}

double tn_motion_time_at_speed(const struct tn_motion_series *series, double t_s, double speed_m_s)
{
    return solve(series, t_s, speed_m_s, tn_motion_speed, acceleration_in);
}

static double jerk_in(const struct tn_motion_series *series, double t_s)
{
    double value = ORDER * (ORDER - 1) * series->v[ORDER];
    for (int n = ORDER - 1; n >= 2; n--)
        value = value * t_s + n * (n - 1) * series->v[n];
    return value;
}

double tn_motion_time_at_extremum(const struct tn_motion_series *series, double t_s)
{
    double at_start = series->v[1], at_end = acceleration_in(series, t_s);
    if (at_start == 0 || at_end == 0 || (at_start > 0) == (at_end > 0))
        return t_s;
    return solve(series, t_s, 0, acceleration_in, jerk_in);
}

/* Integral over [0, t] of (sum of c_n t^n) (sum of v_n t^n), kept to the order of the series. */
static double integrate_product(const double *c, const double *v, double t_s)
{
    double sum = 0;
    for (int n = ORDER; n >= 0; n--) {
        double coefficient = 0;
        for (int j = 0; j <= n; j++)
            coefficient += c[j] * v[n - j];
        sum = sum * t_s + coefficient / (n + 1);
    }
    return sum * t_s;
}

double tn_motion_work_effort(const struct tn_motion_series *series, const struct tn_motion_cell *cell, double t_s)
{
    double force[ORDER + 1];
    for (int n = 0; n <= ORDER; n++)
        force[n] = cell->effort.c1 * series->v[n] + cell->effort.c2 * series->w[n] +
                   (cell->effort.p != 0 ? cell->effort.p * series->u[n] : 0);
    force[0] += cell->effort.c0;
    return integrate_product(force, series->v, t_s);
}

double tn_motion_work_resistance(const struct tn_motion_series *series, const struct tn_motion_cell *cell,
                                 const struct tn_track_piece *piece, double x_m, double t_s)
{
    const double ahead = x_m - piece->from_m, r = piece->r0 + piece->r1 * ahead, t = piece->t0 + piece->t1 * ahead;
    const struct tn_effort_piece *s = &cell->still, *a = &cell->air;
    double force[ORDER + 1], sloped[ORDER + 1];
    for (int n = 0; n <= ORDER; n++) {
        double aslant = a->p != 0 ? a->p * series->y[n] : 0;
        force[n] = (s->c1 + r * a->c1) * series->v[n] + (s->c2 + r * a->c2 + t) * series->w[n] + r * aslant;
        sloped[n] = piece->r1 * (a->c1 * series->v[n] + a->c2 * series->w[n] + aslant) + piece->t1 * series->w[n];
    }
    force[0] += s->c0 + r * a->c0;
    sloped[0] += piece->r1 * a->c0;
    for (int n = 1; n <= ORDER; n++)
        for (int j = 1; j <= n; j++)
            force[n] += series->x[j] * sloped[n - j];
    return integrate_product(force, series->v, t_s);
}

double tn_motion_work_track(const struct tn_track_piece *piece, double from_m, double to_m)
{
    return (to_m - from_m) * tn_motion_track(piece, 0.5 * (from_m + to_m));
}
