/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descend.h"

#include <math.h>

#define STEP_S         0.2  /* of the train; the pipe takes steps of its own */
#define LOOK_AHEAD_S   90.0 /* how early an application may have to begin */
#define LEAD_STEP_S    3.0
#define TRIAL_S        900.0
#define REST_S         1200.0 /* after so long every pipe is charged as far as it will be */
#define RELEASE_STEP   (2 / 3.6)
#define BELOW_LIMIT    (0.5 / 3.6) /* margin to the limit that the driver keeps when he times an application */
#define GATHER_M_S2    0.03
#define OFF_N          1.0
#define RELEASE_SHARE  0.6
#define RELEASE_LOWEST (30 / 3.6) /* heavy freight trains are not released below (operating rules) */
#define COASTING       (15 / 3.6) /* so near the limit the driver no longer pulls down a descent that needs air */
#define RUN_AWAY       1.5        /* times the limit: the air is given up, what brakes there are stay full on */

struct tn_descend {
    const struct tn_train *train;
    const struct tn_cycle_rules *rules;
    struct tn_pneumatic brake;
    double running_Pa, reduction_most_Pa;
    double pipe_s;     /* time up to which the pipe has been simulated */
    double run_up_m_s; /* by which the last application overshot the speed at which it began */
    double check_m_s;  /* the driver thinks of releasing when the train is as slow as this */
    struct tn_arena *arena;
};

/* A train on its way down: the real one or one in the driver's mind. */
struct ride {
    const struct tn_drive *drive;
    const struct tn_descend *descend;
    struct tn_pneumatic brake;
    size_t piece;
    double x_m, v_m_s;
    double applied_at_m_s;
    bool applied;
    double air_N;
    double change_m_s2, error_m_s; /* of the last step: change of acceleration, truncation error in speed */
};

/* Forces against motion and the share of the dynamic brake, at one end of a step. */
struct forces {
    double resistance_N, track_N, air_N, dynamic_N;
};

tn_status tn_descend_create(struct tn_descend **out, const struct tn_train *train, const struct tn_cycle_rules *rules,
                            struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_descend *d = tn_arena_alloc(arena, 1, sizeof *d);
    if (d == NULL)
        return TN_ERR_MEMORY;
    d->train = train;
    d->rules = rules;
    d->arena = arena;
    d->running_Pa = train->spec->brake.pipe_pressure;
    double reduction = train->spec->brake.reduction;
    d->reduction_most_Pa = !isnan(reduction) ? reduction : tn_brake_reduction_most(d->running_Pa);
    d->run_up_m_s = BELOW_LIMIT;
    *out = d;
    return tn_pneumatic_init(&d->brake, train, arena, ctx);
}

static double piece_end(const struct ride *ride)
{
    const struct tn_track *track = ride->drive->track;
    double end = ride->piece + 1 < track->count ? track->pieces[ride->piece + 1].from_m : track->length_m;
    return fmin(end, ride->drive->request->to_m);
}

static void forces_at(const struct ride *ride, double x_m, double v_m_s, struct forces *out)
{
    const struct tn_track *track = ride->drive->track;
    const struct tn_track_piece *piece = &track->pieces[ride->piece];
    struct tn_motion_force none = {NULL, 0};
    struct tn_motion_cell cell;
    tn_motion_cell_at(&cell, &track->zones[piece->zone], &none, v_m_s, -1);
    out->resistance_N = tn_motion_resistance(&cell, piece, x_m, v_m_s);
    out->track_N = tn_motion_track(piece, x_m);
    out->air_N = tn_pneumatic_force(&ride->brake, v_m_s, ride->applied_at_m_s, true);
    /* The dynamic brake is full on; with the air released no more of it than lets the train gather speed slowly. */
    double excess = -(out->resistance_N + out->track_N + out->air_N) - GATHER_M_S2 * track->train->mass_effective_kg;
    double full = tn_curve_at(&track->zones[piece->zone].dynamic_brake, v_m_s);
    out->dynamic_N = ride->applied ? full : fmin(full, fmax(excess, 0));
}

/* One step of time of train and pipe, Heun's method; the leg says what it did. False where the train would stop. */
static bool ride_step(struct ride *ride, struct tn_drive_leg *leg)
{
    double mass = ride->drive->train->mass_effective_kg, end = piece_end(ride), dt = STEP_S;
    struct forces a, b;
    forces_at(ride, ride->x_m, ride->v_m_s, &a);
    double before = -(a.resistance_N + a.track_N + a.air_N + a.dynamic_N) / mass, v = 0, x = 0;
    double left = end - ride->x_m, square = ride->v_m_s * ride->v_m_s + 2 * before * left;
    double to_end = square > 0 ? 2 * left / (ride->v_m_s + sqrt(square)) : HUGE_VAL;
    dt = fmin(dt, to_end);
    tn_pipe_advance(ride->brake.pipe, dt);
    for (int i = 0; i < 2; i++) {
        double guess = i == 0 ? before : 0.5 * (before - (b.resistance_N + b.track_N + b.air_N + b.dynamic_N) / mass);
        v = ride->v_m_s + guess * dt;
        x = ride->x_m + 0.5 * (ride->v_m_s + v) * dt;
        if (v <= 0)
            return false;
        forces_at(ride, x, v, &b);
    }
    if (dt == to_end) { /* to the very end of the piece, whatever little the forces changed on the way */
        x = end;
        v = 2 * left / dt - ride->v_m_s;
    }
    double distance = x - ride->x_m, mean = 0.5 * (ride->v_m_s + v);
    double resisted = 0.5 * (a.resistance_N + b.resistance_N) * distance, air = 0.5 * (a.air_N + b.air_N) * distance;
    /* The second guess took forces at a slightly other end: what is left goes to the brakes, so that the books close.
     */
    const struct tn_track_piece *piece = &ride->drive->track->pieces[ride->piece];
    double dynamic = -resisted - air - tn_motion_work_track(piece, ride->x_m, x) - mass * mean * (v - ride->v_m_s);
    *leg = (struct tn_drive_leg){.from_m = ride->x_m,
                                 .to_m = x,
                                 .from_m_s = ride->v_m_s,
                                 .to_m_s = v,
                                 .time_s = dt,
                                 .dynamic_J = fmax(dynamic, 0),
                                 .air_J = air + fmin(dynamic, 0),
                                 .resistance_J = resisted,
                                 .mode = TN_RUN_AIR};
    leg->from = (struct tn_drive_forces){.dynamic_N = a.dynamic_N, .air_N = a.air_N};
    leg->to = (struct tn_drive_forces){.dynamic_N = b.dynamic_N, .air_N = b.air_N};
    leg->effort_square_N2s =
        dt * (a.dynamic_N * a.dynamic_N + a.dynamic_N * b.dynamic_N + b.dynamic_N * b.dynamic_N) / 3;
    ride->x_m = leg->to_m;
    ride->v_m_s = v;
    ride->air_N = b.air_N;
    double change = -(b.resistance_N + b.track_N + b.air_N + b.dynamic_N) / mass - before;
    ride->error_m_s = fabs(change - ride->change_m_s2) * dt / 12; /* of the trapezoidal rule */
    ride->change_m_s2 = change;
    const struct tn_track *track = ride->drive->track;
    while (ride->piece + 1 < track->count && track->pieces[ride->piece + 1].from_m <= ride->x_m)
        ride->piece++;
    return true;
}

static double limit_of(const struct ride *ride)
{
    return ride->drive->track->pieces[ride->piece].limit_m_s;
}

static bool ended(const struct ride *ride)
{
    return ride->x_m >= ride->drive->request->to_m;
}

/* A ride in the driver's mind from a position and speed, with a copy of the air as it is. */
static tn_status imagine(struct ride *out, const struct ride *from, struct tn_arena *scratch)
{
    *out = *from;
    return tn_pipe_copy(&out->brake.pipe, from->brake.pipe, scratch);
}

static void apply(struct ride *ride, double reduction_Pa)
{
    tn_pipe_handle_set(ride->brake.pipe, TN_PIPE_SERVICE, reduction_Pa);
    ride->applied = true;
    ride->applied_at_m_s = ride->v_m_s;
}

static void release(struct ride *ride)
{
    tn_pipe_handle_set(ride->brake.pipe, TN_PIPE_RELEASE, 0);
    ride->applied = false;
}

/* Highest speed over the limit after an application now, until it turns; HUGE_VAL if it does not turn. */
static double overshoot(struct ride *ride, double reduction_Pa)
{
    double most = -HUGE_VAL;
    struct tn_drive_leg leg;
    apply(ride, reduction_Pa);
    for (double t = 0; t < TRIAL_S && !ended(ride); t += STEP_S) {
        double before = ride->v_m_s;
        if (!ride_step(ride, &leg))
            return most;
        most = fmax(most, ride->v_m_s - limit_of(ride));
        if (ride->v_m_s < before && t > 30)
            return most;
    }
    return ended(ride) ? most : HUGE_VAL;
}

/* The smallest first reduction that turns the train, with its overshoot. */
static tn_status choose_reduction(double *reduction_Pa, double *overshoot_m_s, const struct ride *now)
{
    const struct tn_descend *d = now->descend;
    struct tn_arena scratch = {0};
    tn_status status = TN_OK;
    *reduction_Pa = d->reduction_most_Pa;
    *overshoot_m_s = HUGE_VAL;
    for (double r = d->rules->reduction_min; r <= d->reduction_most_Pa + 1 && status == TN_OK;
         r += d->rules->reduction_step) {
        struct ride trial;
        status = imagine(&trial, now, &scratch);
        double over = status == TN_OK ? overshoot(&trial, r) : HUGE_VAL;
        tn_arena_clear(&scratch);
        if (over < HUGE_VAL) {
            *reduction_Pa = r;
            *overshoot_m_s = over;
            break;
        }
    }
    return status;
}

/* Whether the dynamic brake is about to be taken off, or is. */
static bool neutral_ahead(const struct ride *ride)
{
    const struct tn_track *track = ride->drive->track;
    const double horizon = ride->x_m + ride->v_m_s * LOOK_AHEAD_S;
    for (size_t i = ride->piece; i < track->count && track->pieces[i].from_m < horizon; i++)
        if (track->zones[track->pieces[i].zone].off)
            return true;
    return false;
}

/* Whether, released now, the reservoirs are full again before the brake is needed, and the train stays below the limit
   through a neutral section that is near. */
static tn_status may_release(bool *yes, const struct ride *now)
{
    const struct tn_descend *d = now->descend;
    struct tn_arena scratch = {0};
    struct ride trial;
    tn_status status = imagine(&trial, now, &scratch);
    struct tn_drive_leg leg;
    *yes = true;
    if (status == TN_OK) {
        release(&trial);
        for (double t = 0; t < TRIAL_S && !ended(&trial); t += STEP_S) {
            if ((tn_pipe_charged(trial.brake.pipe, d->rules->recharge_margin) && !neutral_ahead(&trial)) ||
                !ride_step(&trial, &leg))
                break;
            if (trial.v_m_s >= limit_of(&trial) - d->run_up_m_s) {
                *yes = false;
                break;
            }
        }
    }
    tn_arena_clear(&scratch);
    return status;
}

/* The air as it is after the time since it was last looked at, released. */
static void catch_up(struct tn_descend *d, double time_s)
{
    tn_pipe_advance(d->brake.pipe, fmin(fmax(time_s - d->pipe_s, 0), REST_S));
    d->pipe_s = time_s;
}

static struct ride ride_of(const struct tn_drive *drive)
{
    return (struct ride){.drive = drive,
                         .descend = drive->descend,
                         .brake = drive->descend->brake,
                         .piece = drive->piece,
                         .x_m = drive->x_m,
                         .v_m_s = drive->v_m_s,
                         .applied_at_m_s = drive->v_m_s};
}

double tn_descend_look_at(const struct tn_drive *drive)
{
    const double end = tn_drive_piece_end(drive), before = drive->v_m_s * (LOOK_AHEAD_S - LEAD_STEP_S);
    return end - before > drive->x_m ? end - before : end;
}

double tn_descend_need(const struct tn_drive *drive)
{
    const struct tn_track *track = drive->track;
    double v = drive->v_m_s, horizon = fmin(drive->x_m + v * LOOK_AHEAD_S, drive->request->to_m);
    for (size_t i = drive->piece; i < track->count && track->pieces[i].from_m < horizon; i++) {
        const struct tn_track_piece *piece = &track->pieces[i];
        if (piece->limit_m_s != track->pieces[drive->piece].limit_m_s)
            return HUGE_VAL;
        double from = fmax(piece->from_m, drive->x_m);
        double to = fmin(i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m, horizon);
        struct tn_motion_force none = {NULL, 0};
        struct tn_motion_cell cell;
        tn_motion_cell_at(&cell, &track->zones[piece->zone], &none, v, -1);
        double at_from = -(tn_motion_resistance(&cell, piece, from, v) + tn_motion_track(piece, from));
        double at_to = -(tn_motion_resistance(&cell, piece, to, v) + tn_motion_track(piece, to));
        double available = tn_curve_at(&track->zones[piece->zone].dynamic_brake, v);
        if (at_from > available)
            return from;
        if (at_to > available)
            return from + (to - from) * (available - at_from) / (at_to - at_from);
    }
    return HUGE_VAL;
}

tn_status tn_descend_apply_at(double *at_m, struct tn_drive *drive, double need_m)
{
    struct tn_descend *d = drive->descend;
    catch_up(d, drive->time_s);
    double v = drive->v_m_s;
    for (double lead = 0; lead <= LOOK_AHEAD_S; lead += LEAD_STEP_S) {
        struct ride from = ride_of(drive);
        from.x_m = fmax(need_m - v * lead, drive->x_m);
        while (from.piece + 1 < drive->track->count && drive->track->pieces[from.piece + 1].from_m <= from.x_m)
            from.piece++;
        double reduction, over;
        tn_status status = choose_reduction(&reduction, &over, &from);
        if (status != TN_OK)
            return status;
        *at_m = from.x_m;
        if (over <= 0 || from.x_m <= drive->x_m)
            return TN_OK;
    }
    return TN_OK;
}

/* Ends the leg on the braking curve where it would pass it: that takes over. */
static bool meet_ceiling(const struct tn_drive *drive, struct tn_drive_leg *leg)
{
    const struct tn_ceiling *ceiling = &drive->ceiling;
    size_t i = drive->stretch;
    while (i < ceiling->count && ceiling->stretches[i].to_m < leg->to_m)
        i++;
    if (i == ceiling->count || ceiling->stretches[i].from_m > leg->to_m)
        return false;
    double speed = tn_ceiling_speed(&ceiling->stretches[i], leg->to_m);
    if (leg->to_m_s < speed)
        return false;
    leg->air_J += 0.5 * drive->train->mass_effective_kg * (leg->to_m_s - speed) * (leg->to_m_s + speed);
    leg->to_m_s = speed;
    return true;
}

static tn_status apply_again(struct tn_drive *drive, struct ride *ride, double *top_m_s)
{
    double reduction, over;
    tn_status status = choose_reduction(&reduction, &over, ride);
    apply(ride, reduction);
    drive->descend->check_m_s = ride->v_m_s - RELEASE_STEP;
    *top_m_s = ride->v_m_s;
    drive->run->applications++;
    return status;
}

/* What the driver does before the next step. */
static tn_status handle(struct tn_drive *drive, struct ride *ride, double *top_m_s)
{
    struct tn_descend *d = drive->descend;
    if (!ride->applied) {
        if (ride->v_m_s < limit_of(ride) - d->run_up_m_s)
            return TN_OK;
        if (!tn_pipe_charged(ride->brake.pipe, d->rules->recharge_margin) && isnan(drive->run->unready_s_m))
            drive->run->unready_s_m = ride->x_m;
        return apply_again(drive, ride, top_m_s);
    }
    double lowest = isnan(d->rules->release_speed_min) ? RELEASE_LOWEST : d->rules->release_speed_min;
    /* Under a low limit the rule would leave no band to brake in. */
    lowest = fmin(lowest, RELEASE_SHARE * limit_of(ride));
    *top_m_s = fmax(*top_m_s, ride->v_m_s);
    d->run_up_m_s = fmax(*top_m_s - ride->applied_at_m_s, 0) + BELOW_LIMIT;
    if (tn_pipe_exhausting(ride->brake.pipe) || ride->v_m_s > d->check_m_s)
        return TN_OK;
    d->check_m_s = ride->v_m_s - RELEASE_STEP;
    bool yes = true;
    tn_status status = ride->v_m_s > lowest ? may_release(&yes, ride) : TN_OK;
    if (yes)
        release(ride);
    return status;
}

/* Released, the cylinders empty, and the dynamic brake enough from here on, or no brake needed here. */
static bool done(const struct tn_drive *drive, const struct ride *ride)
{
    if (ride->applied || ride->air_N > OFF_N)
        return false;
    struct forces now;
    forces_at(ride, ride->x_m, ride->v_m_s, &now);
    if (now.resistance_N + now.track_N >= 0) /* the grade no longer drives the train: pull again */
        return true;
    struct tn_drive at_limit = *drive;
    at_limit.v_m_s = limit_of(ride);
    return -(now.resistance_N + now.track_N) <=
               tn_curve_at(&drive->track->zones[drive->track->pieces[ride->piece].zone].dynamic_brake, ride->v_m_s) &&
           tn_descend_need(&at_limit) == HUGE_VAL;
}

bool tn_descend_ahead(const struct tn_drive *drive)
{
    struct tn_drive at_limit = *drive;
    at_limit.v_m_s = tn_drive_piece(drive)->limit_m_s;
    if (drive->v_m_s < fmax(at_limit.v_m_s - COASTING, 0.5 * at_limit.v_m_s) || tn_descend_need(&at_limit) > drive->x_m)
        return false;
    struct ride ride = ride_of(drive);
    struct forces now;
    forces_at(&ride, ride.x_m, ride.v_m_s, &now);
    return now.resistance_N + now.track_N < 0;
}

tn_status tn_descend_drive(struct tn_drive *drive, enum tn_descend_entry entry)
{
    struct tn_descend *d = drive->descend;
    catch_up(d, drive->time_s);
    struct ride ride = ride_of(drive);
    double top = ride.v_m_s;
    tn_status status = TN_OK;
    if (entry != TN_DESCEND_RELEASED)
        status = apply_again(drive, &ride, &top);
    if (entry == TN_DESCEND_BRAKING) /* along the braking curve the air has been on */
        tn_pipe_advance(d->brake.pipe, LOOK_AHEAD_S);
    while (status == TN_OK && !ended(&ride)) {
        struct tn_drive_leg leg;
        if (!ride_step(&ride, &leg))
            break;
        bool braking = meet_ceiling(drive, &leg);
        drive->drift_m_s += ride.error_m_s;
        drive->drift_m += drive->drift_m_s * leg.time_s;
        status = tn_drive_commit(drive, &leg);
        d->pipe_s = drive->time_s;
        tn_drive_advance(drive);
        double limit = limit_of(&ride);
        if (!braking && ride.v_m_s > limit * (1 + TN_SPEED_EPSILON))
            tn_drive_overspeed(drive, ride.v_m_s, ride.x_m);
        if (braking || done(drive, &ride) || ride.v_m_s > RUN_AWAY * limit)
            break;
        if (status == TN_OK)
            status = handle(drive, &ride, &top);
    }
    release(&ride);
    return status;
}
