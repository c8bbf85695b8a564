/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_integration.h>

#include "train.h"

#define CURVE_END_M_S 200.0 /* resistance curves reach beyond any runaway */

/* The air as the train meets it. Each group of vehicles: c w |w| k, where w has the law's own headwind too and the yaw
   angle is that of the true wind; k = 1 + yaw_gain (1 - exp(-beta / yaw_angle)). */
struct gust {
    const struct tn_train *train;
    double head_m_s, cross_m_s;
    const struct tn_wind *yawing; /* NULL: k = 1 */
};

static struct gust gust_of(const struct tn_train *train, double head_m_s, double cross_m_s, const struct tn_wind *wind)
{
    bool yaws = wind != NULL && wind->yaw_gain > 0 && cross_m_s != 0;
    return (struct gust){train, head_m_s, cross_m_s, yaws ? wind : NULL};
}

static double gust_force(double speed_m_s, const void *payload)
{
    const struct gust *gust = payload;
    double sum_N = 0, gain = 1;
    for (size_t i = 0; i < gust->train->air_count; i++) {
        const struct tn_train_air *air = &gust->train->air[i];
        double w = speed_m_s + air->headwind_m_s + gust->head_m_s;
        sum_N += air->c_N_s2_m2 * w * fabs(w);
    }
    if (gust->yawing != NULL) {
        double beta = atan2(fabs(gust->cross_m_s), speed_m_s + gust->head_m_s);
        gain += gust->yawing->yaw_gain * (1 - exp(-beta / gust->yawing->yaw_angle));
    }
    return gain * sum_N;
}

double tn_train_resistance(const struct tn_train *train, double speed_m_s, double density_ratio, double head_m_s,
                           double cross_m_s, const struct tn_wind *wind, bool starting)
{
    if (starting && speed_m_s < TN_STARTING_SPEED_M_S && !isnan(train->starting_N))
        return train->starting_N;
    struct gust gust = gust_of(train, head_m_s, cross_m_s, wind);
    return train->a_N + train->b_N_s_m * speed_m_s + density_ratio * gust_force(speed_m_s, &gust);
}

/* Cuts a curve so that it is zero below TN_STARTING_SPEED_M_S. */
static tn_status zero_at_start(struct tn_curve *curve, struct tn_arena *arena)
{
    size_t first = tn_curve_piece(curve, TN_STARTING_SPEED_M_S, 1);
    struct tn_effort_piece *pieces = tn_arena_alloc(arena, curve->count - first + 1, sizeof *pieces);
    if (pieces == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = first; i < curve->count; i++)
        pieces[1 + i - first] = curve->pieces[i];
    pieces[1].from_m_s = TN_STARTING_SPEED_M_S;
    *curve = (struct tn_curve){pieces, curve->count - first + 1, curve->end_m_s};
    return TN_OK;
}

static struct tn_effort_piece parabola(const struct tn_train_air *air, double head_m_s, double from_m_s, double sign)
{
    double c = sign * air->c_N_s2_m2, w = air->headwind_m_s + head_m_s;
    return (struct tn_effort_piece){.from_m_s = from_m_s, .c0 = c * w * w, .c1 = 2 * c * w, .c2 = c};
}

/* Exact: a parabola a group, turned over where the wind comes from behind faster than the train runs. */
static tn_status straight_wind(struct tn_curve *out, const struct gust *gust, struct tn_arena *arena)
{
    tn_status status = TN_OK;
    *out = (struct tn_curve){0};
    for (size_t i = 0; i < gust->train->air_count && status == TN_OK; i++) {
        const struct tn_train_air *air = &gust->train->air[i];
        double turn_m_s = -(air->headwind_m_s + gust->head_m_s);
        struct tn_effort_piece pieces[2] = {parabola(air, gust->head_m_s, 0, -1),
                                            parabola(air, gust->head_m_s, fmax(0, turn_m_s), 1)};
        struct tn_curve one = turn_m_s > 0 ? (struct tn_curve){pieces, 2, CURVE_END_M_S}
                                           : (struct tn_curve){pieces + 1, 1, CURVE_END_M_S};
        status = tn_curve_sum(out, out, 1, &one, 1, arena);
    }
    return status;
}

tn_status tn_train_resistance_curves(struct tn_curve *still, struct tn_curve *air, const struct tn_train *train,
                                     double head_m_s, double cross_m_s, const struct tn_wind *wind, bool starting,
                                     struct tn_arena *arena)
{
    bool starts = starting && !isnan(train->starting_N);
    struct tn_effort_piece *pieces = tn_arena_alloc(arena, 2, sizeof *pieces);
    if (pieces == NULL)
        return TN_ERR_MEMORY;
    *still = (struct tn_curve){pieces, 0, CURVE_END_M_S};
    if (starts)
        pieces[still->count++] = (struct tn_effort_piece){.c0 = train->starting_N};
    pieces[still->count++] = (struct tn_effort_piece){
        .from_m_s = starts ? TN_STARTING_SPEED_M_S : 0, .c0 = train->a_N, .c1 = train->b_N_s_m};
    struct gust gust = gust_of(train, head_m_s, cross_m_s, wind);
    tn_status status = gust.yawing != NULL ? tn_curve_from_function(air, gust_force, &gust, CURVE_END_M_S, arena)
                                           : straight_wind(air, &gust, arena);
    if (status != TN_OK)
        return status;
    return starts ? zero_at_start(air, arena) : TN_OK;
}

/* The part of the train's effort that a unit gives: as its makers' curve to all makers' curves. */
static double share_of(const struct tn_train *train, uint64_t off, const struct tn_train_unit *unit, double speed_m_s,
                       bool traction)
{
    if (train->unit_count == 1)
        return 1;
    double own_N = 0, all_N = 0;
    for (size_t i = 0; i < train->unit_count; i++) {
        const struct tn_train_unit *other = &train->units[i];
        if (tn_train_unit_in(off, i))
            continue;
        double force_N = traction ? other->share * tn_curve_at(&other->traction, speed_m_s)
                                  : other->working * tn_curve_at(&other->dynamic_brake, speed_m_s);
        all_N += force_N;
        if (other == unit)
            own_N = force_N;
    }
    return all_N > 0 ? own_N / all_N : 0;
}

double tn_train_line_power(const struct tn_train *train, uint64_t off, double traction_N, double speed_m_s)
{
    double power_W = train->auxiliary_W;
    for (size_t i = 0; i < train->unit_count; i++) {
        const struct tn_train_unit *unit = &train->units[i];
        if (unit->type->energy == TN_ELECTRIC && tn_train_unit_in(off, i))
            power_W -= unit->working * unit->type->auxiliary_power;
        else if (unit->type->energy == TN_ELECTRIC)
            power_W += share_of(train, off, unit, speed_m_s, true) * traction_N * speed_m_s / unit->type->efficiency;
    }
    return off ? fmax(power_W, 0) : power_W; /* auxiliaries taken off again leave rounding */
}

double tn_train_regenerated_power(const struct tn_train *train, uint64_t off, double brake_N, double speed_m_s)
{
    double power_W = 0;
    for (size_t i = 0; i < train->unit_count; i++) {
        const struct tn_train_unit *unit = &train->units[i];
        if (unit->type->energy == TN_ELECTRIC && !tn_train_unit_in(off, i))
            power_W += share_of(train, off, unit, speed_m_s, false) * brake_N * speed_m_s * unit->type->regeneration;
    }
    return power_W;
}

double tn_train_fuel_rate(const struct tn_train *train, uint64_t off, double traction_N, double brake_N,
                          double speed_m_s)
{
    double rate_kg_s = 0;
    for (size_t i = 0; i < train->unit_count; i++) {
        const struct tn_train_unit *unit = &train->units[i];
        const struct tn_fuel *fuel = &unit->type->fuel;
        if (unit->type->energy != TN_DIESEL)
            continue;
        double idle = unit->working * (brake_N > 0 ? fuel->braking : fuel->idle);
        double pulling =
            traction_N > 0 ? share_of(train, off, unit, speed_m_s, true) * traction_N * speed_m_s * fuel->specific : 0;
        rate_kg_s += fmax(idle, pulling);
    }
    return rate_kg_s;
}

#define NODES 32
#define KMH   3.6 /* km/h per m/s */

/* Stops of the standard: TB/T 1407, S_b = S_k + S_e, still air of reference density. */
struct stop {
    const struct tn_train *train;
    double grade_N, shoes_N;
    double idle_s;
    double at[NODES], weight[NODES]; /* Gauss-Legendre on [-1, 1] */
    double r0, r1, r2;               /* grade and running resistance, r0 + r1 v + r2 v^2 */
    bool parabola;                   /* whether they are one: not with a law's own wind from behind */
};

/* Where the train's own resistance is not a parabola it is looked up. */
static inline double unbraked(const struct stop *stop, double v)
{
    return stop->parabola ? stop->r0 + v * (stop->r1 + v * stop->r2)
                          : stop->grade_N + tn_train_resistance(stop->train, v, 1, 0, 0, NULL, false);
}

/* One over the force against motion at v where the brakes were applied at a speed for which friction is higher by
   `applied`; < 0 where the train is not retarded. The hyperbola of friction is multiplied out: divisions are dear. */
static inline double per_force(const struct stop *stop, double v, double applied)
{
    const struct tn_friction_law *law = stop->train->friction;
    double below = law->d * KMH * v + law->m, above = law->n * KMH * v + law->m;
    return below / (stop->shoes_N * law->k * above + (stop->shoes_N * applied + unbraked(stop, v)) * below);
}

/* The integrals of m v dv / F and m dv / F: smooth, so that Gauss's rule is exact to rounding. */
static double braked(const struct stop *stop, double from, double to, double v0, double *time_s_out)
{
    double sum = 0, times = 0, half = 0.5 * (from - to), middle = 0.5 * (from + to);
    const double applied = tn_friction_at(stop->train->friction, 0, v0) - stop->train->friction->k;
    bool retarded = per_force(stop, to, applied) > 0 && per_force(stop, from, applied) > 0;
    for (size_t i = 0; i < NODES && retarded; i++) {
        double v = middle + half * stop->at[i], share = per_force(stop, v, applied);
        retarded = share > 0;
        sum += stop->weight[i] * share * v;
        times += stop->weight[i] * share;
    }
    if (!retarded)
        return INFINITY;
    if (time_s_out != NULL)
        *time_s_out = stop->train->mass_effective_kg * half * times;
    return stop->train->mass_effective_kg * half * sum;
}

static double stop_distance(const struct stop *stop, double v0)
{
    return v0 * stop->idle_s + braked(stop, v0, 0, v0, NULL);
}

static bool stop_init(struct stop *stop, const struct tn_train *train, const struct tn_train_stop *given)
{
    double weight_N = train->mass_kg * train->gravity_m_s2;
    *stop = (struct stop){.train = train,
                          .grade_N = weight_N * given->grade_1,
                          .shoes_N = weight_N * given->rate,
                          .idle_s = given->idle_s,
                          .r0 = weight_N * given->grade_1 + train->a_N,
                          .r1 = train->b_N_s_m,
                          .parabola = true};
    for (size_t i = 0; i < train->air_count; i++) {
        const struct tn_train_air *air = &train->air[i];
        stop->r0 += air->c_N_s2_m2 * air->headwind_m_s * air->headwind_m_s;
        stop->r1 += 2 * air->c_N_s2_m2 * air->headwind_m_s;
        stop->r2 += air->c_N_s2_m2;
        stop->parabola = stop->parabola && air->headwind_m_s >= 0;
    }
    gsl_integration_glfixed_table *nodes = gsl_integration_glfixed_table_alloc(NODES);
    for (size_t i = 0; nodes != NULL && i < NODES; i++)
        gsl_integration_glfixed_point(-1, 1, i, &stop->at[i], &stop->weight[i], nodes);
    gsl_integration_glfixed_table_free(nodes);
    return nodes != NULL;
}

struct tn_train_stop tn_train_stop(const struct tn_train *train, bool emergency, double reduction_Pa, double grade_1)
{
    const struct tn_train_brake *brake = &train->spec->brake;
    enum tn_brake_service service = (enum tn_brake_service)brake->service;
    double share = emergency ? 1 : tn_brake_service_coefficient(service, brake->pipe_pressure, reduction_Pa);
    return (struct tn_train_stop){grade_1, share * (1 - train->brake_cut_out_1) * train->brake_rate,
                                  tn_brake_idle_time(service, emergency, train->wagons, reduction_Pa, grade_1)};
}

double tn_train_stop_braked(const struct tn_train *train, const struct tn_train_stop *given, double from_m_s,
                            double to_m_s, double applied_at_m_s, double *time_s_out)
{
    struct stop stop;
    if (isnan(given->rate) || !stop_init(&stop, train, given))
        return INFINITY;
    return braked(&stop, from_m_s, to_m_s, applied_at_m_s, time_s_out);
}

double tn_train_emergency_distance(const struct tn_train *train, double speed_m_s, double grade_1, double *idle_s_out)
{
    struct tn_train_stop stop = tn_train_stop(train, true, 0, grade_1);
    if (isnan(train->brake_rate))
        return INFINITY;
    if (idle_s_out != NULL)
        *idle_s_out = stop.idle_s;
    if (!(speed_m_s > 0))
        return 0;
    return speed_m_s * stop.idle_s + tn_train_stop_braked(train, &stop, speed_m_s, 0, speed_m_s, NULL);
}

#define FASTEST_M_S 150.0

/* The distance grows with speed, and may be infinite from some speed on. Its root is nearly linear in speed: regula
   falsi (Illinois) on that where both ends are finite, halving otherwise. */
static double permitted(const struct stop *stop, double distance_m)
{
    const double aim = sqrt(distance_m);
    double lo = 0, below = -aim, hi = FASTEST_M_S / 8, above;
    while ((above = sqrt(stop_distance(stop, hi)) - aim) <= 0) {
        if (hi >= FASTEST_M_S)
            return INFINITY;
        lo = hi;
        below = above;
        hi *= 2;
    }
    int side = 0;
    for (int i = 0; i < 100 && hi - lo > 1e-12 * hi; i++) {
        double v = isinf(above) ? 0.5 * (lo + hi) : (lo * above - hi * below) / (above - below);
        double excess = sqrt(stop_distance(stop, v)) - aim;
        if (fabs(excess) < 5e-10 * aim)
            return v;
        if (excess > 0) {
            hi = v;
            above = excess;
            if (side > 0)
                below *= 0.5;
            side = 1;
        } else {
            lo = v;
            below = excess;
            if (side < 0)
                above *= 0.5;
            side = -1;
        }
    }
    return lo;
}

double tn_train_stop_permitted(const struct tn_train *train, const struct tn_train_stop *given, double distance_m)
{
    struct stop stop;
    if (isnan(given->rate) || !(distance_m > 0) || !stop_init(&stop, train, given))
        return INFINITY;
    return permitted(&stop, distance_m);
}

double tn_train_permitted_speed(const struct tn_train *train, double grade_1, double distance_m)
{
    struct tn_train_stop stop = tn_train_stop(train, true, 0, grade_1);
    return tn_train_stop_permitted(train, &stop, distance_m);
}
