/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#define NODES  4     /* power is a polynomial of degree 5 in time between two events, where the wind does not yaw */
#define NEAR_M 1e-7  /* a piece that begins this close ahead has begun */
#define LATER  1e-9  /* share of a step by which the speed has left a knot */
#define INSIDE 1e-12 /* share of an interval by which its ends are taken inside */

enum { GRADE, CURVES, TUNNELS };

tn_status tn_recording_init(struct tn_recording *recording, const struct tn_path *path, const struct tn_train *train,
                            const struct tn_weather *weather, enum tn_depth depth, struct tn_arena *arena,
                            struct tn_context *ctx)
{
    const struct tn_list none = {NULL, 0};
    *recording = (struct tn_recording){.train = train, .weather = weather};
    recording->nodes = gsl_integration_glfixed_table_alloc(NODES);
    if (recording->nodes == NULL)
        return TN_ERR_MEMORY;
    tn_status status = TN_OK;
    for (int i = GRADE; i <= TUNNELS && status == TN_OK; i++) {
        struct tn_line_spec *line = &recording->lines[i];
        *line = *path->line;
        if (i != GRADE)
            line->profile = line->limits = none;
        if (i != CURVES)
            line->curves = none;
        if (i != TUNNELS)
            line->tunnels = none;
        recording->paths[i] = *path;
        recording->paths[i].line = line;
        status = tn_track_init(&recording->tracks[i], &recording->paths[i], train, weather, depth, arena, ctx);
    }
    return status;
}

void tn_recording_free(struct tn_recording *recording)
{
    if (recording->nodes != NULL)
        gsl_integration_glfixed_table_free(recording->nodes);
    recording->nodes = NULL;
}

static void seek(struct tn_recording *recording, double s_m)
{
    for (int i = GRADE; i <= TUNNELS; i++) {
        const struct tn_track *track = &recording->tracks[i];
        size_t *piece = &recording->piece[i];
        while (*piece + 1 < track->count && track->pieces[*piece + 1].from_m <= s_m)
            ++*piece;
    }
}

static const struct tn_track_piece *piece_of(const struct tn_recording *recording, int track)
{
    return &recording->tracks[track].pieces[recording->piece[track]];
}

static const struct tn_track_zone *zone_of(const struct tn_recording *recording)
{
    return &recording->tracks[GRADE].zones[piece_of(recording, GRADE)->zone];
}

static double density_at(const struct tn_recording *recording, double s_m)
{
    const struct tn_track_piece *piece = piece_of(recording, GRADE);
    return piece->r0 + piece->r1 * (s_m - piece->from_m);
}

static double constant_at(const struct tn_track_piece *piece, double s_m)
{
    return piece->k0 + piece->k1 * (s_m - piece->from_m);
}

/* On the pieces found by seek. Returns the sum. */
static double forces_at(double *force_N, const struct tn_recording *recording, double s_m, double v_m_s)
{
    const struct tn_train *train = recording->train;
    const struct tn_track_piece *tunnel = piece_of(recording, TUNNELS);
    bool starting = v_m_s < TN_STARTING_SPEED_M_S && !isnan(train->starting_N);
    force_N[TN_PART_ROLLING] = starting ? train->starting_N : train->a_N - train->bearing_N + train->b_N_s_m * v_m_s;
    force_N[TN_PART_BEARING] = starting ? 0 : train->bearing_N;
    force_N[TN_PART_AERO] = starting ? 0 : density_at(recording, s_m) * tn_curve_at(&zone_of(recording)->air, v_m_s);
    force_N[TN_PART_GRADE] = constant_at(piece_of(recording, GRADE), s_m);
    force_N[TN_PART_CURVE] = constant_at(piece_of(recording, CURVES), s_m);
    force_N[TN_PART_TUNNEL] =
        constant_at(tunnel, s_m) + (tunnel->t0 + tunnel->t1 * (s_m - tunnel->from_m)) * v_m_s * v_m_s;
    double sum = 0;
    for (int i = 0; i < TN_PART_COUNT; i++)
        sum += force_N[i];
    return sum;
}

static void prepare(struct tn_recording_step *step)
{
    step->to_m = step->from_m + 0.5 * (step->from_m_s + step->to_m_s) * step->time_s;
    step->acceleration_m_s2 = (step->to_m_s - step->from_m_s) / step->time_s;
    step->positive_J = step->negative_J = 0;
    step->dynamic_J = step->air_J = step->effort_square_N2s = step->power_square_W2s = 0;
    step->effort_from_N = step->effort_to_N = step->mean_density_1 = 0;
    step->wheel_max_N = step->power_max_W = -HUGE_VAL;
    step->wheel_min_N = step->power_min_W = HUGE_VAL;
    step->mean_speed_m_s = 0.5 * (step->from_m_s + step->to_m_s);
    step->mean_air_m2_s2 = step->mean_track_N = 0;
    for (int i = 0; i < TN_PART_COUNT; i++)
        step->work_J[i] = 0;
}

static void widen(struct tn_recording_step *step, double wheel_N, double speed_m_s)
{
    step->wheel_max_N = fmax(step->wheel_max_N, wheel_N);
    step->wheel_min_N = fmin(step->wheel_min_N, wheel_N);
    step->power_max_W = fmax(step->power_max_W, wheel_N * speed_m_s);
    step->power_min_W = fmin(step->power_min_W, wheel_N * speed_m_s);
}

static void book(struct tn_recording_step *step, double energy_J)
{
    if (energy_J > 0)
        step->positive_J += energy_J;
    else
        step->negative_J -= energy_J;
}

/* Of the wheel force what the motors give or take: traction, or as much of the braking as the dynamic brake can. */
static double effort_of(const struct tn_recording *recording, double wheel_N, double speed_m_s)
{
    return wheel_N > 0 ? wheel_N : fmin(-wheel_N, tn_curve_at(&recording->train->dynamic_brake, speed_m_s));
}

/* A time in which the wheel force is constant. */
static void book_effort(struct tn_recording_step *step, const struct tn_recording *recording, double wheel_N,
                        double speed_m_s, double time_s)
{
    double effort = effort_of(recording, wheel_N, speed_m_s), power = effort * speed_m_s;
    if (wheel_N < 0) {
        step->dynamic_J += power * time_s;
        step->air_J += (-wheel_N - effort) * speed_m_s * time_s;
    }
    step->effort_square_N2s += effort * effort * time_s;
    step->power_square_W2s += power * power * time_s;
}

void tn_recording_start(struct tn_recording *recording, struct tn_recording_step *step)
{
    prepare(step);
    seek(recording, step->from_m);
    step->limit_m_s = piece_of(recording, GRADE)->limit_m_s;
    double distance = step->to_m - step->from_m;
    double wheel = forces_at(step->force_N, recording, step->from_m, step->from_m_s) +
                   recording->train->mass_effective_kg * step->acceleration_m_s2;
    for (int i = 0; i < TN_PART_COUNT; i++)
        step->work_J[i] = step->force_N[i] * distance;
    book(step, wheel * distance);
    widen(step, wheel, step->mean_speed_m_s);
    step->wheel_end_N = wheel;
    step->mean_density_1 = density_at(recording, step->from_m);
    if (!(distance > 0))
        return;
    book_effort(step, recording, wheel, step->mean_speed_m_s, step->time_s);
    step->effort_from_N = step->effort_to_N = effort_of(recording, wheel, step->mean_speed_m_s);
}

/* The motion within a step, t from its start. */
struct motion {
    const struct tn_recording *recording;
    const struct tn_recording_step *step;
};

static double speed_at(const struct tn_recording_step *step, double t)
{
    return fmax(0, step->from_m_s + step->acceleration_m_s2 * t);
}

static double position_at(const struct tn_recording_step *step, double t)
{
    return step->from_m + (step->from_m_s + 0.5 * step->acceleration_m_s2 * t) * t;
}

static double wheel_at(double t, void *payload)
{
    const struct motion *motion = payload;
    double force[TN_PART_COUNT];
    return forces_at(force, motion->recording, position_at(motion->step, t), speed_at(motion->step, t)) +
           motion->recording->train->mass_effective_kg * motion->step->acceleration_m_s2;
}

/* Gauss's rule over an interval in which the wheel force keeps its sign. */
static void integrate(const struct tn_recording *recording, struct tn_recording_step *step, double from, double to)
{
    double net = 0, inertia = recording->train->mass_effective_kg * step->acceleration_m_s2;
    double head = zone_of(recording)->head_m_s;
    for (size_t n = 0; n < NODES; n++) {
        double t, weight, force[TN_PART_COUNT];
        gsl_integration_glfixed_point(from, to, n, &t, &weight, recording->nodes);
        double v = speed_at(step, t), s = position_at(step, t), w = v + head;
        double wheel = forces_at(force, recording, s, v) + inertia;
        for (int i = 0; i < TN_PART_COUNT; i++)
            step->work_J[i] += weight * force[i] * v;
        net += weight * wheel * v;
        if (step->to_m > step->from_m) /* what holds a standing train is not known */
            book_effort(step, recording, wheel, v, weight);
        step->mean_density_1 += weight * density_at(recording, s) / step->time_s;
        step->mean_air_m2_s2 += weight * density_at(recording, s) * w * fabs(w) / step->time_s;
        step->mean_track_N +=
            weight * (force[TN_PART_GRADE] + force[TN_PART_CURVE] + force[TN_PART_TUNNEL]) / step->time_s;
        widen(step, wheel, v);
    }
    book(step, net);
}

static tn_status find_zero(double *zero_out, struct motion *motion, double from, double to)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
        return TN_ERR_MEMORY;
    gsl_function function = {wheel_at, motion};
    int code = gsl_root_fsolver_set(solver, &function, from, to);
    for (int i = 0; code == GSL_SUCCESS && i < 100; i++) {
        code = gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 1e-12, 1e-12) ==
            GSL_SUCCESS)
            break;
    }
    *zero_out = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return code == GSL_SUCCESS ? TN_OK : TN_ERR_NUMERIC;
}

/* An interval without events; cut where traction turns into braking. */
static tn_status interval(struct tn_recording *recording, struct tn_recording_step *step, double from, double to)
{
    struct motion motion = {recording, step};
    double inside = INSIDE * (to - from), first = from + inside, last = to - inside, zero = to;
    double begins = wheel_at(first, &motion), ends = wheel_at(last, &motion);
    widen(step, begins, speed_at(step, first));
    widen(step, ends, speed_at(step, last));
    if (begins * ends < 0) {
        tn_status status = find_zero(&zero, &motion, first, last);
        if (status != TN_OK)
            return status;
        integrate(recording, step, zero, to);
    }
    integrate(recording, step, from, zero);
    return TN_OK;
}

/* When the head reaches s, which lies ahead at t = 0 and behind at the step's end. */
static double time_at_position(const struct tn_recording_step *step, double s_m)
{
    double ahead = s_m - step->from_m, v = step->from_m_s;
    return 2 * ahead / (v + sqrt(fmax(0, v * v + 2 * step->acceleration_m_s2 * ahead)));
}

/* The knot that the speed meets next, or NAN. */
static double next_knot(const struct tn_curve *curve, double speed_m_s, double acceleration)
{
    if (curve->count == 0 || acceleration == 0)
        return NAN;
    size_t i = tn_curve_piece(curve, speed_m_s, acceleration > 0 ? 1 : -1);
    if (acceleration > 0)
        return i + 1 < curve->count ? curve->pieces[i + 1].from_m_s : (double)NAN;
    return i > 0 ? curve->pieces[i].from_m_s : (double)NAN;
}

/* The first time after t at which a formula changes, or the step's end. */
static double next_event(const struct tn_recording *recording, const struct tn_recording_step *step, double t)
{
    double next = step->time_s;
    for (int i = GRADE; i <= TUNNELS; i++) {
        const struct tn_track *track = &recording->tracks[i];
        size_t ahead = recording->piece[i] + 1;
        if (ahead < track->count && track->pieces[ahead].from_m < step->to_m)
            next = fmin(next, time_at_position(step, track->pieces[ahead].from_m));
    }
    const struct tn_curve *curves[] = {&zone_of(recording)->still, &zone_of(recording)->air,
                                       &recording->train->dynamic_brake};
    double later = speed_at(step, t + LATER * step->time_s);
    for (int i = 0; i < 3; i++) {
        double reached =
            (next_knot(curves[i], later, step->acceleration_m_s2) - step->from_m_s) / step->acceleration_m_s2;
        if (reached > t)
            next = fmin(next, reached);
    }
    return fmax(next, t);
}

tn_status tn_recording_exact(struct tn_recording *recording, struct tn_recording_step *step)
{
    tn_status status = TN_OK;
    double t = 0;
    prepare(step);
    seek(recording, step->from_m + NEAR_M);
    step->limit_m_s = piece_of(recording, GRADE)->limit_m_s;
    double inertia = recording->train->mass_effective_kg * step->acceleration_m_s2;
    if (step->to_m > step->from_m)
        step->effort_from_N = effort_of(
            recording, forces_at(step->force_N, recording, step->from_m, step->from_m_s) + inertia, step->from_m_s);
    while (status == TN_OK && t < step->time_s) {
        double next = next_event(recording, step, t);
        if (next > t)
            status = interval(recording, step, t, next);
        t = next;
        if (t < step->time_s)
            seek(recording, position_at(step, t) + NEAR_M);
    }
    step->wheel_end_N = forces_at(step->force_N, recording, step->to_m, step->to_m_s) + inertia;
    if (step->to_m > step->from_m)
        step->effort_to_N = effort_of(recording, step->wheel_end_N, step->to_m_s);
    return status;
}
