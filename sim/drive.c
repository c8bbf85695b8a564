/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drive.h"

#include <math.h>
#include <string.h>

#define FOLLOW_S        60.0 /* longest part of a step under full traction that followers see */
#define FORCE_JUMP_N    1000.0
#define TRACE_SPACING_M 200.0 /* longest stretch of a trace without a point */

extern inline const struct tn_track_piece *tn_drive_piece(const struct tn_drive *s);
extern inline const struct tn_track_zone *tn_drive_zone(const struct tn_drive *s);
extern inline double tn_drive_below(double speed_m_s, double deceleration);
extern inline double tn_drive_piece_end(const struct tn_drive *s);

static double leg_time_at(const struct tn_drive_leg *leg, double x_m)
{
    if (x_m >= leg->to_m)
        return leg->time_s;
    if (leg->series != NULL) {
        double whole = leg->series_start_s + leg->time_s;
        return tn_motion_time_at_distance(leg->series, whole == 0 ? leg->series_start_s : whole,
                                          x_m - leg->series_start_m) -
               leg->series_start_s;
    }
    double mean = 0.5 * (leg->from_m_s + leg->to_m_s), a = (leg->to_m_s - leg->from_m_s) / leg->time_s;
    if (fabs(a) * leg->time_s <= 1e-12 * mean)
        return (x_m - leg->from_m) / mean;
    double square = leg->from_m_s * leg->from_m_s + 2 * a * (x_m - leg->from_m);
    return (sqrt(fmax(square, 0)) - leg->from_m_s) / a;
}

static double leg_speed_at(const struct tn_drive_leg *leg, double t_s)
{
    if (leg->series != NULL)
        return tn_motion_speed(leg->series, leg->series_start_s + t_s);
    return leg->time_s == 0 ? leg->to_m_s : leg->from_m_s + (leg->to_m_s - leg->from_m_s) * t_s / leg->time_s;
}

/* Mean power drawn from the line. */
static double line_power(const struct tn_drive *s, const struct tn_drive_leg *leg)
{
    double distance = leg->to_m - leg->from_m, speed = leg->time_s > 0 ? distance / leg->time_s : 0;
    return tn_train_line_power(s->train, tn_drive_zone(s)->off, distance > 0 ? leg->traction_J / distance : 0, speed);
}

/* Energy drawn until a time by a train of which all units are alike, from the work of traction until then. */
static double alike_J(const struct tn_drive *s, double work_J, double time_s)
{
    return time_s > 0 ? tn_train_line_power(s->train, 0, work_J / time_s, 1) * time_s : 0;
}

/* Energy drawn until a time of the leg. */
static double drawn_in(const struct tn_drive *s, const struct tn_drive_leg *leg, double t_s)
{
    if (!s->alike)
        return s->run->energy_line_J + line_power(s, leg) * t_s;
    const double share = leg->time_s > 0 ? t_s / leg->time_s : 0;
    return alike_J(s, s->run->work_traction_J + share * leg->traction_J, s->time_s + t_s);
}

/* Times the marks that the leg passes. */
static void time_marks(struct tn_drive *s, const struct tn_drive_leg *leg)
{
    while (s->mark < s->request->mark_count && s->request->marks[s->mark] <= leg->to_m) {
        double t = leg_time_at(leg, s->request->marks[s->mark]);
        s->run->mark_time_s[s->mark] = s->time_s + t;
        s->run->mark_running_s[s->mark] = s->time_s + t - s->run->dwell_time_s;
        s->run->mark_speed_m_s[s->mark] = leg_speed_at(leg, t);
        s->run->mark_energy_J[s->mark] = drawn_in(s, leg, t);
        s->mark++;
    }
}

double tn_drive_drawn_J(const struct tn_drive *s)
{
    return s->alike ? alike_J(s, s->run->work_traction_J, s->time_s) : s->run->energy_line_J;
}

static struct tn_run_point *new_point(struct tn_drive *s)
{
    struct tn_run *run = s->run;
    if (run->point_count == s->points_allocated) {
        size_t allocated = s->points_allocated == 0 ? 1024 : 2 * s->points_allocated;
        struct tn_run_point *grown = tn_arena_alloc(s->arena, allocated, sizeof *grown);
        if (grown == NULL)
            return NULL;
        if (run->point_count > 0)
            memcpy(grown, run->points, run->point_count * sizeof *grown);
        run->points = grown;
        s->points_allocated = allocated;
    }
    return &run->points[run->point_count++];
}

/* Forces at a time of the leg: by its curve, or linear between its ends. */
static struct tn_drive_forces forces_in(const struct tn_drive_leg *leg, double t_s)
{
    if (leg->cell != NULL)
        return (struct tn_drive_forces){.traction_N = tn_motion_piece(&leg->cell->effort, leg_speed_at(leg, t_s))};
    double share = leg->time_s > 0 ? t_s / leg->time_s : 1;
    return (struct tn_drive_forces){leg->from.traction_N + share * (leg->to.traction_N - leg->from.traction_N),
                                    leg->from.dynamic_N + share * (leg->to.dynamic_N - leg->from.dynamic_N),
                                    leg->from.air_N + share * (leg->to.air_N - leg->from.air_N)};
}

static tn_status trace_point(struct tn_drive *s, const struct tn_drive_leg *leg, double x_m, double t_s)
{
    struct tn_run_point *point = new_point(s);
    if (point == NULL)
        return TN_ERR_MEMORY;
    struct tn_drive_forces forces = forces_in(leg, t_s);
    *point = (struct tn_run_point){.s_m = x_m,
                                   .time_s = s->time_s + t_s,
                                   .speed_m_s = leg_speed_at(leg, t_s),
                                   .traction_N = forces.traction_N,
                                   .dynamic_brake_N = forces.dynamic_N,
                                   .air_brake_N = forces.air_N,
                                   .limit_m_s = tn_drive_piece(s)->limit_m_s,
                                   .mode = (int)leg->mode};
    return TN_OK;
}

/* Whether forces or limit at the begin of the leg are not those of the last point: then both stand in the trace. */
static bool jumps(const struct tn_drive *s, const struct tn_drive_leg *leg)
{
    if (s->run->point_count == 0)
        return true;
    const struct tn_run_point *last = &s->run->points[s->run->point_count - 1];
    struct tn_drive_forces now = forces_in(leg, 0);
    return fabs(now.traction_N - last->traction_N) > FORCE_JUMP_N ||
           fabs(now.dynamic_N - last->dynamic_brake_N) > FORCE_JUMP_N ||
           fabs(now.air_N - last->air_brake_N) > FORCE_JUMP_N || last->limit_m_s != tn_drive_piece(s)->limit_m_s;
}

/* Points of the leg, its end included. */
static tn_status trace_leg(struct tn_drive *s, const struct tn_drive_leg *leg)
{
    double length = leg->to_m - leg->from_m;
    int parts = length > TRACE_SPACING_M ? (int)ceil(length / TRACE_SPACING_M) : 1;
    tn_status status = jumps(s, leg) ? trace_point(s, leg, leg->from_m, 0) : TN_OK;
    for (int i = 1; i <= parts && status == TN_OK; i++) {
        double x = i == parts ? leg->to_m : leg->from_m + length * i / parts;
        status = trace_point(s, leg, x, length > 0 ? leg_time_at(leg, x) : leg->time_s);
    }
    return status;
}

/* Books energy drawn, regenerated and burned. */
static void account(struct tn_drive *s, const struct tn_drive_leg *leg)
{
    struct tn_run *run = s->run;
    const uint64_t off = tn_drive_zone(s)->off;
    double distance = leg->to_m - leg->from_m;
    double speed = leg->time_s > 0 ? distance / leg->time_s : 0;
    double traction = distance > 0 ? leg->traction_J / distance : 0,
           brake = distance > 0 ? leg->dynamic_J / distance : 0;
    run->energy_line_J += line_power(s, leg) * leg->time_s;
    if (leg->dynamic_J > 0)
        run->energy_regenerated_J += tn_train_regenerated_power(s->train, off, brake, speed) * leg->time_s;
    run->fuel_kg += tn_train_fuel_rate(s->train, off, traction, brake, speed) * leg->time_s;
}

/* A part of a leg under full traction, from one time to another: all from its series. */
static void traction_part(struct tn_run_leg *out, const struct tn_drive_leg *leg, double from_s, double to_s)
{
    double half = 0.5 * (to_s - from_s);
    out->from_m_s = tn_motion_speed(leg->series, from_s);
    out->to_m_s = tn_motion_speed(leg->series, to_s);
    out->effort_from_N = tn_motion_piece(&leg->cell->effort, out->from_m_s);
    out->effort_to_N = tn_motion_piece(&leg->cell->effort, out->to_m_s);
    out->traction_J = out->effort_square_N2s = out->power_square_W2s = 0;
    for (int i = -1; i <= 1; i++) { /* Gauss-Legendre with three nodes */
        double at = from_s + half * (1 + i * 0.774596669241483377), weight = half * (i == 0 ? 8.0 / 9 : 5.0 / 9);
        double v = tn_motion_speed(leg->series, at), effort = tn_motion_piece(&leg->cell->effort, v);
        out->traction_J += weight * effort * v;
        out->effort_square_N2s += weight * effort * effort;
        out->power_square_W2s += weight * effort * v * effort * v;
    }
}

static void tell_follower(const struct tn_drive *s, struct tn_run_leg *leg)
{
    const struct tn_track_piece *piece = tn_drive_piece(s);
    leg->off = tn_drive_zone(s)->off;
    leg->density_1 = piece->r0 + piece->r1 * (0.5 * (leg->from_m + leg->to_m) - piece->from_m);
    s->request->follow(s->request->follower, leg);
}

/* In parts, so short that a parabola tells how effort and speed go over each. */
static void tell_traction(const struct tn_drive *s, const struct tn_drive_leg *leg)
{
    int parts = leg->time_s > FOLLOW_S ? (int)ceil(leg->time_s / FOLLOW_S) : 1;
    struct tn_run_leg out = {.to_m = leg->from_m, .time_s = leg->time_s / parts};
    for (int i = 0; i < parts; i++) {
        double from = i * out.time_s, to = i + 1 == parts ? leg->time_s : (i + 1) * out.time_s;
        out.from_m = out.to_m;
        out.to_m = i + 1 == parts ? leg->to_m : leg->from_m + tn_motion_distance(leg->series, to);
        out.start_s = s->time_s + from;
        traction_part(&out, leg, from, to);
        tell_follower(s, &out);
    }
}

static void tell_other(const struct tn_drive *s, const struct tn_drive_leg *leg)
{
    double distance = leg->to_m - leg->from_m, mean = distance > 0 ? (leg->traction_J + leg->dynamic_J) / distance : 0;
    double speed = leg->time_s > 0 ? distance / leg->time_s : 0;
    struct tn_run_leg out = {.from_m = leg->from_m,
                             .to_m = leg->to_m,
                             .from_m_s = leg->from_m_s,
                             .to_m_s = leg->to_m_s,
                             .start_s = s->time_s,
                             .time_s = leg->time_s,
                             .traction_J = leg->traction_J,
                             .dynamic_brake_J = leg->dynamic_J,
                             .air_brake_J = leg->air_J,
                             .effort_from_N = leg->from.traction_N + leg->from.dynamic_N,
                             .effort_to_N = leg->to.traction_N + leg->to.dynamic_N,
                             .effort_square_N2s = leg->effort_square_N2s,
                             .power_square_W2s = leg->power_square_W2s};
    if (out.effort_square_N2s == 0)
        out.effort_square_N2s = mean * mean * leg->time_s;
    if (out.power_square_W2s == 0)
        out.power_square_W2s = out.effort_square_N2s * speed * speed;
    if (out.effort_from_N == 0 && out.effort_to_N == 0 && leg->time_s > 0)
        out.effort_from_N = out.effort_to_N = sqrt(out.effort_square_N2s / leg->time_s);
    tell_follower(s, &out);
}

tn_status tn_drive_commit(struct tn_drive *s, const struct tn_drive_leg *leg)
{
    struct tn_run *run = s->run;
    if (s->mark < s->request->mark_count && s->request->marks[s->mark] <= leg->to_m)
        time_marks(s, leg);
    run->work_traction_J += leg->traction_J;
    run->work_dynamic_brake_J += leg->dynamic_J;
    run->work_air_brake_J += leg->air_J;
    run->work_resistance_J += leg->resistance_J;
    run->work_track_J += tn_motion_work_track(tn_drive_piece(s), leg->from_m, leg->to_m);
    if (!s->alike) /* else tn_drive_end does it for all legs at once */
        account(s, leg);
    if (s->request->follow != NULL)
        (leg->cell != NULL ? tell_traction : tell_other)(s, leg);
    tn_status status = s->request->trace ? trace_leg(s, leg) : TN_OK;
    s->mode = leg->mode;
    s->x_m = leg->to_m;
    s->v_m_s = leg->to_m_s;
    s->time_s += leg->time_s;
    run->speed_max_m_s = tn_motion_most(run->speed_max_m_s, leg->to_m_s); /* steps end at extrema */
    run->steps++;
    return status;
}

void tn_drive_pin(struct tn_drive *s)
{
    if (s->v_m_s > 0)
        s->run->error_estimate_s += s->drift_m / s->v_m_s;
    s->drift_m = s->drift_m_s = 0;
}

void tn_drive_advance(struct tn_drive *s)
{
    while (s->piece + 1 < s->track->count && s->track->pieces[s->piece + 1].from_m <= s->x_m)
        s->piece++;
    while (s->stretch < s->ceiling.count && s->ceiling.stretches[s->stretch].to_m <= s->x_m)
        s->stretch++;
}

void tn_drive_overspeed(struct tn_drive *s, double speed_m_s, double at_m)
{
    s->run->held = false;
    if (speed_m_s > s->run->overspeed_max_m_s) {
        s->run->overspeed_max_m_s = speed_m_s;
        s->run->overspeed_s_m = at_m;
    }
}
