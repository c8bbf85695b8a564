/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "restart.h"

#include <string.h>

#include "balance.h"
#include "pneumatic.h"

#define KMH (1 / 3.6)

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_restart_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_restart_spec, grade, TN_Q_GRADE, NAN, 0, 0.1, TN_REQUIRED, "grade under the whole train, + climbs"),
    TN_F_NUMBER(tn_restart_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_restart_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_restart_spec, reduction, TN_Q_PRESSURE, 100e3, 10e3, 200e3, 0,
                "reduction of pipe pressure by which the train was stopped"),
    TN_F_NUMBER(tn_restart_spec, traction_delay, TN_Q_TIME, 0, -120, 600, 0,
                "from the release of the air brake until traction is applied; negative: before it"),
    TN_F_NUMBER(tn_restart_spec, traction_ramp, TN_Q_TIME, 20, 0, 600, 0,
                "time in which traction rises to all that there is"),
    TN_F_BOOL(tn_restart_spec, locomotive_brake, 1, "the locomotives' own brake holds until traction takes over"),
    TN_F_NUMBER(tn_restart_spec, rollback_most, TN_Q_LENGTH, 5, 0, 1000, 0,
                "a train that rolls back further does not restart"),
    TN_F_NUMBER(tn_restart_spec, recharge_margin, TN_Q_PRESSURE, 10e3, 100, 100e3, 0,
                "recharged when every auxiliary reservoir is within this of running pressure"),
    TN_F_NUMBER(tn_restart_spec, step, TN_Q_TIME, 0.05, 0.01, 0.5, 0, "time step of the train"),
    TN_F_END,
};
const struct tn_schema tn_restart_spec_schema = {"restart", "restart on a climb after a stop by the air brake",
                                                 sizeof(struct tn_restart_spec), spec_fields};

static const struct tn_field runup_fields[] = {
    TN_R_NUMBER(tn_start_runup, speed_m_s, TN_Q_SPEED, "speed reached"),
    TN_R_NUMBER(tn_start_runup, time_s, TN_Q_TIME, "time from the release of the brake"),
    TN_R_NUMBER(tn_start_runup, distance_m, TN_Q_LENGTH, "distance from where the train stood"),
    TN_F_END,
};
static const struct tn_schema runup_schema = {"runup", "run-up from the release of the brake",
                                              sizeof(struct tn_start_runup), runup_fields};

static const struct tn_field row_fields[] = {
    TN_R_NUMBER(tn_restart_row, time_s, TN_Q_TIME, "time from the release of the brake"),
    TN_R_NUMBER(tn_restart_row, distance_m, TN_Q_LENGTH, "distance from where the train stood"),
    TN_R_NUMBER(tn_restart_row, speed_m_s, TN_Q_SPEED, "speed, negative backwards"),
    TN_R_NUMBER(tn_restart_row, traction_N, TN_Q_FORCE, "tractive effort"),
    TN_R_NUMBER(tn_restart_row, air_brake_N, TN_Q_FORCE, "force that the wagons' brakes can hold"),
    TN_R_NUMBER(tn_restart_row, locomotive_brake_N, TN_Q_FORCE, "force that the locomotives' own brake can hold"),
    TN_R_NUMBER(tn_restart_row, pipe_head_Pa, TN_Q_PRESSURE, "brake pipe at the head"),
    TN_R_NUMBER(tn_restart_row, pipe_tail_Pa, TN_Q_PRESSURE, "brake pipe at the tail"),
    TN_R_NUMBER(tn_restart_row, cylinder_head_Pa, TN_Q_PRESSURE, "brake cylinder of the first wagon"),
    TN_R_NUMBER(tn_restart_row, cylinder_tail_Pa, TN_Q_PRESSURE, "brake cylinder of the last wagon"),
    TN_F_END,
};
static const struct tn_schema row_schema = {"trace", "the restart over time", sizeof(struct tn_restart_row),
                                            row_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_restart_result, starts, 0, "the train gets away"),
    TN_R_NUMBER(tn_restart_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_restart_result, force_available_N, TN_Q_FORCE, "tractive force available at rest"),
    TN_R_NUMBER(tn_restart_result, force_needed_N, TN_Q_FORCE, "tractive force needed to start"),
    TN_R_NUMBER(tn_restart_result, margin_1, TN_Q_RATIO, "available over needed, less one"),
    TN_R_NUMBER(tn_restart_result, load_kg, TN_Q_MASS, "trailing load"),
    TN_R_NUMBER(tn_restart_result, load_startable_kg, TN_Q_MASS, "largest load that would start"),
    TN_R_NUMBER(tn_restart_result, adhesion_needed_1, TN_Q_RATIO, "adhesion coefficient needed to start"),
    TN_R_NUMBER(tn_restart_result, adhesion_available_1, TN_Q_RATIO,
                "adhesion coefficient at rest of the law in force, or implied by the maker's curve"),
    TN_R_NUMBER(tn_restart_result, balance_speed_m_s, TN_Q_SPEED, "balance speed on the grade"),
    TN_R_NUMBER(tn_restart_result, brake_holding_N, TN_Q_FORCE, "force that the wagons' brakes hold at rest"),
    TN_R_NUMBER(tn_restart_result, locomotive_brake_N, TN_Q_FORCE,
                "force that the locomotives' own brake holds, within adhesion"),
    TN_R_NUMBER(tn_restart_result, grade_force_N, TN_Q_FORCE, "force of the grade"),
    TN_R_NUMBER(tn_restart_result, rollback_m, TN_Q_LENGTH, "distance rolled back"),
    TN_R_NUMBER(tn_restart_result, rollback_speed_m_s, TN_Q_SPEED, "largest speed of rolling back"),
    TN_R_NUMBER(tn_restart_result, moving_time_s, TN_Q_TIME, "from release until the train moves forward for good"),
    TN_R_NUMBER(tn_restart_result, release_time_s, TN_Q_TIME, "from release until every wagon's brake is off"),
    TN_R_NUMBER(tn_restart_result, recharge_time_s, TN_Q_TIME, "from release until recharged"),
    TN_F_LIST(tn_restart_result, runup, &runup_schema, 0, "run-up from the release of the brake"),
    TN_F_LIST(tn_restart_result, trace, &row_schema, TN_HIDDEN, "the restart over time"),
    TN_F_END,
};
const struct tn_schema tn_restart_result_schema = {"restart", "restart on a climb after a stop by the air brake",
                                                   sizeof(struct tn_restart_result), result_fields};

#define LENGTH_M   1e5   /* of the endless grade; nothing here depends on it */
#define STAND_S    300.0 /* between application and release: the cylinders are full */
#define WATCH_S    600.0 /* a train that has not got away by then does not */
#define RECHARGE_S 7200.0
#define ROW_S      0.5
#define AWAY_M     300.0 /* rolled back so far, it has run away */
#define OFF_1      1e-3  /* of what the brakes held: they are off */

struct study {
    const struct tn_restart_spec *spec;
    const struct tn_environment *environment;
    struct tn_train train;
    struct tn_track track;
    struct tn_balance need, net; /* resistance and grade; traction less both */
    struct tn_pneumatic air;
    struct tn_restart_result *result;
    size_t first_wagon;
    /* the state */
    double time_s, distance_m, speed_m_s;
    double traction_N, air_N, locomotive_N;
    double moving_s;
    bool stuck;     /* stands, and nothing moves it */
    size_t reached; /* rows of the run-up */
    struct tn_restart_row *rows;
    size_t row_count, row_most;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

static tn_status prepare(struct study *s)
{
    const struct tn_environment *e = s->environment;
    double radius = isnan(s->spec->curve_radius) ? (double)INFINITY : s->spec->curve_radius;
    tn_status status = tn_train_init(&s->train, s->spec->train.object, &e->weather, e->gravity_m_s2, s->arena, s->ctx);
    if (status == TN_OK)
        status = tn_track_uniform(&s->track, &s->train, &e->weather, s->spec->grade, radius, s->spec->altitude,
                                  LENGTH_M, s->arena, s->ctx);
    if (status == TN_OK)
        status = tn_pneumatic_init(&s->air, &s->train, s->arena, s->ctx);
    if (status != TN_OK)
        return status;
    const struct tn_train_brake *brake = &s->train.spec->brake;
    double most = !isnan(brake->reduction) ? brake->reduction : tn_brake_reduction_most(brake->pipe_pressure);
    if (s->spec->reduction > most)
        return tn_error(s->ctx, &s->spec->reduction, NULL,
                        "a reduction of %g kPa is more than the %g kPa that take effect", 1e-3 * s->spec->reduction,
                        1e-3 * most);
    tn_balance_add_track(&s->need, &s->track, &s->track.pieces[0], 0, 1);
    tn_balance_add(&s->net, &s->track.zones[s->track.pieces[0].zone].traction, 1);
    tn_balance_add_track(&s->net, &s->track, &s->track.pieces[0], 0, -1);
    while (s->first_wagon + 1 < s->air.count && s->air.locomotive[s->first_wagon])
        s->first_wagon++;
    return TN_OK;
}

/* The study `start` of the same train: force, load and balance speed. */
static tn_status start_of(struct study *s)
{
    struct tn_start_spec spec;
    struct tn_start_result start;
    memset(&start, 0, sizeof start);
    tn_schema_defaults(&tn_start_spec_schema, &spec);
    spec.train = s->spec->train;
    spec.grade = s->spec->grade;
    spec.curve_radius = s->spec->curve_radius;
    spec.altitude = s->spec->altitude;
    tn_status status = tn_study_start.solve(&start, &spec, s->environment, s->arena, s->ctx);
    struct tn_restart_result *r = s->result;
    r->head = start.head;
    r->grade_1 = start.grade_1;
    r->force_available_N = start.force_available_N;
    r->force_needed_N = start.force_needed_N;
    r->margin_1 = start.margin_1;
    r->load_kg = start.load_kg;
    r->load_startable_kg = start.load_startable_kg;
    r->adhesion_needed_1 = start.adhesion_needed_1;
    r->adhesion_available_1 = start.adhesion_available_1;
    r->balance_speed_m_s = start.balance_speed_m_s;
    r->runup = start.runup;
    return status;
}

/* The locomotives' straight air brake at rest: all shoes, not beyond the adhesion of a dry rail. */
static double locomotive_brake(const struct study *s)
{
    int dry = tn_choice_find(tn_adhesion_law_name, "braking-dry");
    double force = 0, rail = s->environment->weather.rail;
    for (size_t i = 0; i < s->air.count; i++)
        if (s->air.locomotive[i])
            force += s->air.converted_N[i] * tn_friction_at(s->air.friction[i], 0, 0);
    double mu = dry < 0 ? 0 : tn_adhesion_at(&tn_adhesion_laws[dry], 0, rail);
    return s->spec->locomotive_brake ? fmin(force, mu * s->train.adhesive_weight_N) : 0;
}

static double ramp(const struct tn_restart_spec *spec, double time_s)
{
    double since = time_s - spec->traction_delay;
    if (since <= 0)
        return 0;
    return spec->traction_ramp > 0 ? fmin(1, since / spec->traction_ramp) : 1;
}

/* Forces now: traction and grade drive; brakes and resistance oppose motion or hold. The locomotives' brake is eased as
   traction takes over the force of the grade. */
static double acceleration(struct study *s, double speed_m_s)
{
    double v = fabs(speed_m_s), forward = fmax(0, speed_m_s);
    double full = fmin(tn_curve_at(&s->track.zones[s->track.pieces[0].zone].traction, forward),
                       s->result->adhesion_available_1 * s->train.adhesive_weight_N);
    s->traction_N = ramp(s->spec, s->time_s) * full;
    s->air_N = tn_pneumatic_force(&s->air, v, 0, true);
    s->locomotive_N = s->result->locomotive_brake_N * fmax(0, 1 - s->traction_N / fmax(1, s->result->grade_force_N));
    double drive = s->traction_N - s->result->grade_force_N;
    double oppose = s->air_N + s->locomotive_N + tn_balance_at(&s->need, v, 1) - s->result->grade_force_N;
    double direction = speed_m_s != 0 ? speed_m_s : drive;
    s->stuck = speed_m_s == 0 && fabs(drive) <= oppose;
    if (s->stuck)
        return 0;
    return (drive - copysign(oppose, direction)) / s->train.mass_effective_kg;
}

static tn_status note(struct study *s)
{
    if (s->time_s < ROW_S * (double)s->row_count - 1e-9)
        return TN_OK;
    if (s->row_count == s->row_most) {
        size_t most = s->row_most ? 2 * s->row_most : 256;
        struct tn_restart_row *rows = tn_arena_alloc(s->arena, most, sizeof *rows);
        if (rows == NULL)
            return TN_ERR_MEMORY;
        if (s->row_count)
            memcpy(rows, s->rows, s->row_count * sizeof *rows);
        s->rows = rows;
        s->row_most = most;
    }
    const struct tn_pipe *pipe = s->air.pipe;
    size_t last = s->air.count - 1;
    s->rows[s->row_count++] = (struct tn_restart_row){
        s->time_s,
        s->distance_m,
        s->speed_m_s,
        s->traction_N,
        s->air_N,
        s->locomotive_N,
        tn_pipe_pressure(pipe, 0),
        tn_pipe_pressure(pipe, last),
        tn_pipe_cylinder(pipe, s->first_wagon),
        tn_pipe_cylinder(pipe, last),
    };
    return TN_OK;
}

/* Heun's step; where the speed changes its sign the train stands. */
static void advance(struct study *s)
{
    struct tn_restart_result *r = s->result;
    struct tn_start_runup *runup = r->runup.items;
    double dt = s->spec->step, v = s->speed_m_s, from = acceleration(s, v);
    tn_pipe_advance(s->air.pipe, dt);
    s->time_s += dt;
    double next = v + from * dt;
    if (v * next < 0)
        next = 0;
    double to = acceleration(s, next);
    double end = v + 0.5 * (from + to) * dt;
    if (v * end < 0)
        end = 0;
    double metres = 0.5 * (v + end) * dt;
    while (s->reached < r->runup.count && end >= runup[s->reached].speed_m_s) {
        double part = end > v ? (runup[s->reached].speed_m_s - v) / (end - v) : 1;
        runup[s->reached].time_s = s->time_s - (1 - part) * dt;
        runup[s->reached++].distance_m = s->distance_m + part * metres;
    }
    if (v <= 0 && end > 0)
        s->moving_s = s->time_s;
    if (end <= 0)
        s->moving_s = NAN;
    s->speed_m_s = end;
    s->distance_m += metres;
    r->rollback_m = fmax(r->rollback_m, -s->distance_m);
    r->rollback_speed_m_s = fmax(r->rollback_speed_m_s, -end);
}

/* The brakes are off, traction is all there is and the train moves on above starting resistance: it has got away. */
static bool over(const struct study *s)
{
    if (s->distance_m < -AWAY_M)
        return true;
    return !isnan(s->result->release_time_s) && ramp(s->spec, s->time_s) >= 1 &&
           (s->speed_m_s > TN_STARTING_SPEED_M_S || (s->speed_m_s == 0 && s->stuck));
}

static tn_status move(struct study *s)
{
    struct tn_restart_result *r = s->result;
    tn_status status = TN_OK;
    r->release_time_s = r->recharge_time_s = s->moving_s = NAN;
    r->rollback_m = r->rollback_speed_m_s = 0;
    tn_pipe_handle_set(s->air.pipe, TN_PIPE_RELEASE, 0);
    (void)acceleration(s, 0);
    status = note(s);
    while (status == TN_OK && s->time_s < WATCH_S && !over(s)) {
        advance(s);
        if (isnan(r->release_time_s) && s->air_N <= OFF_1 * r->brake_holding_N)
            r->release_time_s = s->time_s;
        if (isnan(r->recharge_time_s) && tn_pipe_charged(s->air.pipe, s->spec->recharge_margin))
            r->recharge_time_s = s->time_s;
        status = note(s);
    }
    double time = s->time_s;
    while (isnan(r->recharge_time_s) && time < RECHARGE_S) {
        tn_pipe_advance(s->air.pipe, 1);
        time += 1;
        if (tn_pipe_charged(s->air.pipe, s->spec->recharge_margin))
            r->recharge_time_s = time;
    }
    r->trace = (struct tn_list){s->rows, s->row_count};
    return status;
}

/* What is left of the run-up, with the brakes off and full traction. */
static tn_status run_up(struct study *s)
{
    struct tn_start_runup *rows = s->result->runup.items;
    double v = s->speed_m_s, time = s->time_s, metres = s->distance_m;
    for (size_t i = s->reached; i < s->result->runup.count; i++) {
        double dt = NAN, ds = NAN;
        tn_status status = TN_OK;
        if (s->result->starts)
            status =
                tn_balance_time(&dt, &ds, &s->net, s->train.mass_effective_kg, v, rows[i].speed_m_s, s->arena, s->ctx);
        if (status != TN_OK)
            return status;
        time += isfinite(dt) ? dt : (double)NAN;
        metres += isfinite(ds) ? ds : (double)NAN;
        v = rows[i].speed_m_s;
        rows[i].time_s = time;
        rows[i].distance_m = metres;
    }
    return TN_OK;
}

static const char *failure(const struct study *s)
{
    struct tn_arena *arena = s->arena;
    const struct tn_restart_result *r = s->result;
    double permil = 1e3 * r->grade_1;
    if (r->force_available_N <= r->force_needed_N)
        return tn_arena_printf(arena, "cannot restart on %g permil: %s kN needed, %s kN available; would start %s t",
                               permil, tn_number_text(arena, r->force_needed_N / 1e3, 0),
                               tn_number_text(arena, r->force_available_N / 1e3, 0),
                               tn_number_text(arena, floor(r->load_startable_kg / 1e3), 0));
    if (r->brake_holding_N + r->locomotive_brake_N < r->grade_force_N)
        return tn_arena_printf(
            arena, "cannot restart on %g permil: a reduction of %g kPa holds %s kN, the grade pulls %s kN", permil,
            1e-3 * s->spec->reduction, tn_number_text(arena, (r->brake_holding_N + r->locomotive_brake_N) / 1e3, 0),
            tn_number_text(arena, r->grade_force_N / 1e3, 0));
    return tn_arena_printf(arena, "does not restart on %g permil: it rolls back %s m, %g m are borne", permil,
                           tn_number_text(arena, r->rollback_m, 1), s->spec->rollback_most);
}

static tn_status conclude(struct study *s)
{
    struct tn_restart_result *r = s->result;
    struct tn_arena *arena = s->arena;
    r->starts = s->speed_m_s > 0 && r->force_available_N > r->force_needed_N && s->distance_m > -AWAY_M &&
                r->rollback_m <= s->spec->rollback_most;
    r->moving_time_s = r->starts ? s->moving_s : (double)NAN;
    r->head.failed = !r->starts;
    tn_status status = run_up(s);
    if (status != TN_OK)
        return status;
    if (!r->starts) {
        r->head.verdict = failure(s);
        return r->head.verdict ? TN_OK : TN_ERR_MEMORY;
    }
    const char *back = "without rolling back";
    if (r->rollback_m > 0.005)
        back = tn_arena_printf(arena, "rolling back %.2f m", r->rollback_m);
    const char *charged = isnan(r->recharge_time_s)
                              ? "the brake is never recharged"
                              : tn_arena_printf(arena, "the brake is recharged after %.0f s", r->recharge_time_s);
    if (back == NULL || charged == NULL)
        return TN_ERR_MEMORY;
    r->head.verdict = tn_arena_printf(
        arena, "restarts on %g permil %s: moves %.0f s after the release, %s kN needed, %s kN available; %s",
        1e3 * r->grade_1, back, r->moving_time_s, tn_number_text(arena, r->force_needed_N / 1e3, 0),
        tn_number_text(arena, r->force_available_N / 1e3, 0), charged);
    return r->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct study s = {.spec = spec, .environment = environment, .result = result_out, .arena = arena, .ctx = ctx};
    tn_status status = prepare(&s);
    if (status == TN_OK)
        status = start_of(&s);
    if (status != TN_OK)
        return status;
    s.result->grade_force_N = s.train.mass_kg * s.train.gravity_m_s2 * s.spec->grade;
    tn_pipe_handle_set(s.air.pipe, TN_PIPE_SERVICE, s.spec->reduction);
    tn_pipe_advance(s.air.pipe, STAND_S);
    s.result->brake_holding_N = tn_pneumatic_force(&s.air, 0, 0, true);
    s.result->locomotive_brake_N = locomotive_brake(&s);
    status = move(&s);
    if (status == TN_OK)
        status = tn_assume(&s.result->head, arena, TN_ASSUMED,
                           "the locomotives' own brake is eased in proportion as traction takes over the grade");
    return status == TN_OK ? conclude(&s) : status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct study s = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    return prepare(&s);
}

const struct tn_study_kind tn_study_restart = {
    "restart",
    "stopped on a climb by the air brake, does the train get away",
    &tn_restart_spec_schema,
    &tn_restart_result_schema,
    solve,
    check_study,
    NULL,
};
