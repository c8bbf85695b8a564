/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stop.h"

#include "air_stop.h"

static const char *brake_name(int index)
{
    static const char *const names[] = {"emergency", "service", "broken-pipe"};
    return index >= 0 && index < 3 ? names[index] : NULL;
}

static const char *depth_name(int index)
{
    static const char *const names[] = {"empirical", "pneumatic"};
    return index >= 0 && index < 2 ? names[index] : NULL;
}

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_stop_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_stop_spec, grade, TN_Q_GRADE, 0, -0.1, 0.1, 0, "grade under the whole train, + climbs"),
    TN_F_NUMBER(tn_stop_spec, from, TN_Q_SPEED, NAN, 0, 150, TN_REQUIRED | TN_POSITIVE,
                "speed at which the brake is applied"),
    TN_F_CHOICE(tn_stop_spec, brake, brake_name, TN_STOP_EMERGENCY, 0,
                "application of the brake; broken-pipe: none, but the pipe breaks, and the train stays together"),
    TN_F_INTEGER(tn_stop_spec, broken_behind, -1, 1, 10000, 0,
                 "vehicle behind which the pipe breaks, counted from the head; left out: in the middle"),
    TN_F_NUMBER(tn_stop_spec, reduction, TN_Q_PRESSURE, NAN, 50e3, 170e3, 0,
                "service reduction of the brake pipe; left out: the train's largest"),
    TN_F_CHOICE(tn_stop_spec, depth, depth_name, TN_STOP_EMPIRICAL, 0,
                "brake of the standard, or air simulated vehicle by vehicle"),
    TN_F_NUMBER(tn_stop_spec, distance, TN_Q_LENGTH, NAN, 0, 20000, 0,
                "distance rule; left out: that of the train; 0: none"),
    TN_F_NUMBERS(tn_stop_spec, grades, TN_Q_GRADE,
                 "grades of the table of permitted speeds; 0 to -20 permil if not given"),
    TN_F_NUMBERS(tn_stop_spec, rates, TN_Q_RATIO, "brake rates of that table; 0.14 to 0.32 if not given"),
    TN_F_END};
const struct tn_schema tn_stop_spec_schema = {"stop", "stop from a speed on a continuous grade",
                                              sizeof(struct tn_stop_spec), spec_fields};

static const struct tn_field trace_fields[] = {
    TN_R_NUMBER(tn_stop_trace, time_s, TN_Q_TIME, "time since the application"),
    TN_R_NUMBER(tn_stop_trace, distance_m, TN_Q_LENGTH, "distance since the application"),
    TN_R_NUMBER(tn_stop_trace, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_stop_trace, brake_N, TN_Q_FORCE, "brake force"), TN_F_END};
static const struct tn_schema trace_schema = {"trace", "speed over time and distance", sizeof(struct tn_stop_trace),
                                              trace_fields};

static const struct tn_field cylinder_fields[] = {
    TN_R_NUMBER(tn_stop_cylinder, time_s, TN_Q_TIME, "time since the application"),
    TN_R_NUMBER(tn_stop_cylinder, mean_Pa, TN_Q_PRESSURE, "mean cylinder pressure"),
    TN_R_NUMBER(tn_stop_cylinder, head_Pa, TN_Q_PRESSURE, "cylinder pressure of the first wagon"),
    TN_R_NUMBER(tn_stop_cylinder, tail_Pa, TN_Q_PRESSURE, "cylinder pressure of the last wagon"),
    TN_R_NUMBER(tn_stop_cylinder, pipe_head_Pa, TN_Q_PRESSURE, "pipe pressure at the first wagon"),
    TN_R_NUMBER(tn_stop_cylinder, pipe_tail_Pa, TN_Q_PRESSURE, "pipe pressure at the last wagon"),
    TN_F_END};
static const struct tn_schema cylinder_schema = {"cylinder", "pressures while the train stops",
                                                 sizeof(struct tn_stop_cylinder), cylinder_fields};

static const struct tn_field permitted_fields[] = {
    TN_R_NUMBER(tn_stop_permitted, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_stop_permitted, brake_rate_1, TN_Q_RATIO, "converted shoe force over weight of the train"),
    TN_R_NUMBER(tn_stop_permitted, speed_m_s, TN_Q_SPEED, "largest speed that meets the distance rule in emergency"),
    TN_F_END};
static const struct tn_schema permitted_schema = {"permitted", "permitted speed over grade and brake rate",
                                                  sizeof(struct tn_stop_permitted), permitted_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_stop_result, stops, 0, "the train stops"),
    TN_F_BOOL(tn_stop_result, rule_kept, 0, "it stops within the distance rule"),
    TN_R_NUMBER(tn_stop_result, speed_m_s, TN_Q_SPEED, "speed at application"),
    TN_R_NUMBER(tn_stop_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_stop_result, reduction_Pa, TN_Q_PRESSURE, "service reduction of the brake pipe"),
    TN_R_NUMBER(tn_stop_result, distance_m, TN_Q_LENGTH, "stopping distance"),
    TN_R_NUMBER(tn_stop_result, time_s, TN_Q_TIME, "time to stop"),
    TN_R_NUMBER(tn_stop_result, error_estimate_m, TN_Q_LENGTH, "numerical error of the distance, estimated"),
    TN_R_NUMBER(tn_stop_result, idle_time_s, TN_Q_TIME,
                "idle time before full force; pneumatic: the one that gives the same distance"),
    TN_R_NUMBER(tn_stop_result, idle_distance_m, TN_Q_LENGTH, "distance in the idle time"),
    TN_R_NUMBER(tn_stop_result, deceleration_m_s2, TN_Q_ACCELERATION, "mean deceleration over the distance"),
    TN_R_NUMBER(tn_stop_result, brake_rate_1, TN_Q_RATIO,
                "converted shoe force over weight of the train, without brakes cut out"),
    TN_R_NUMBER(tn_stop_result, service_share_1, TN_Q_RATIO,
                "force of the complete application over that of emergency"),
    TN_R_NUMBER(tn_stop_result, rule_distance_m, TN_Q_LENGTH, "distance rule"),
    TN_R_NUMBER(tn_stop_result, speed_permitted_m_s, TN_Q_SPEED, "largest speed that meets the distance rule"),
    TN_F_LIST(tn_stop_result, trace, &trace_schema, TN_HIDDEN, "speed over time and distance"),
    TN_F_LIST(tn_stop_result, cylinder, &cylinder_schema, TN_HIDDEN, "pressures while the train stops"),
    TN_F_LIST(tn_stop_result, permitted, &permitted_schema, TN_HIDDEN, "permitted speed over grade and brake rate"),
    TN_F_END};
const struct tn_schema tn_stop_result_schema = {"stop", "stop from a speed on a continuous grade",
                                                sizeof(struct tn_stop_result), result_fields};

#define KMH    (1 / 3.6)
#define STEP_S 0.00625 /* of the air; halved for the result, the difference is the error estimate */

struct stopping {
    const struct tn_stop_spec *spec;
    const struct tn_train_spec *train_spec;
    struct tn_train train;
    bool emergency;
    double reduction_Pa;
    double rule_m; /* 0 = none */
    struct tn_arena *arena;
    struct tn_context *ctx;
};

static tn_status check_list(const struct tn_list *list, double low, double high, const char *name, const char *hint,
                            struct tn_context *ctx)
{
    const double *values = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (!(values[i] >= low && values[i] <= high))
            return tn_error(ctx, &values[i], hint, "a %s of %g in the table of permitted speeds", name, values[i]);
    return TN_OK;
}

static tn_status check(const struct stopping *s)
{
    const struct tn_stop_spec *spec = s->spec;
    double most = tn_brake_reduction_most(s->train_spec->brake.pipe_pressure);
    if (!s->emergency && s->reduction_Pa > most * (1 + 1e-9))
        return tn_error(s->ctx, isnan(spec->reduction) ? &s->train_spec->brake.reduction : &spec->reduction,
                        "beyond it the cylinders are full: use `brake: emergency`",
                        "a reduction of %g kPa is more than the largest that has effect at %g kPa, %g kPa",
                        1e-3 * s->reduction_Pa, 1e-3 * s->train_spec->brake.pipe_pressure, 1e-3 * most);
    int vehicles = s->train.locomotives + s->train.wagons;
    if (spec->broken_behind >= vehicles)
        return tn_error(s->ctx, &spec->broken_behind, "the pipe breaks behind a vehicle that another one follows",
                        "the train has %d vehicles, none behind number %d", vehicles, spec->broken_behind);
    if (spec->brake == TN_STOP_BROKEN_PIPE && spec->depth == TN_STOP_EMPIRICAL)
        return tn_error(s->ctx, &spec->brake, "say `depth: pneumatic`", "a broken pipe needs the air simulated");
    if (spec->depth == TN_STOP_EMPIRICAL && isnan(s->train.brake_rate))
        return tn_error(s->ctx, &spec->train, "give the train `brake: {rate: 0.18}`, or its wagons `shoe_force`",
                        "the brake rate of train `%s` is not known", s->train_spec->id);
    tn_status status = check_list(&spec->grades, -0.1, 0.1, "grade", "-100 to 100 permil", s->ctx);
    return status == TN_OK ? check_list(&spec->rates, 1e-3, 2, "brake rate", "0.001 to 2", s->ctx) : status;
}

static tn_status prepare(struct stopping *s, const struct tn_environment *environment)
{
    const struct tn_stop_spec *spec = s->spec;
    s->train_spec = spec->train.object;
    tn_status status =
        tn_train_init(&s->train, s->train_spec, &environment->weather, environment->gravity_m_s2, s->arena, s->ctx);
    const struct tn_train_brake *brake = &s->train_spec->brake;
    s->emergency = spec->brake != TN_STOP_SERVICE;
    s->reduction_Pa = isnan(spec->reduction) ? brake->reduction : spec->reduction;
    if (isnan(s->reduction_Pa))
        s->reduction_Pa = tn_brake_reduction_most(brake->pipe_pressure);
    s->rule_m = isnan(spec->distance) ? brake->distance : spec->distance;
    return status == TN_OK ? check(s) : status;
}

/* Rows at the application, when the brakes bite, and at each km/h below. */
static tn_status empirical_trace(struct tn_stop_result *result, const struct stopping *s,
                                 const struct tn_train_stop *stop)
{
    const struct tn_train *train = &s->train;
    double v0 = s->spec->from, shoes_N = stop->rate * train->mass_kg * train->gravity_m_s2;
    size_t steps = (size_t)ceil(v0 / KMH - 1e-9), count = 0;
    struct tn_stop_trace *rows = tn_arena_alloc(s->arena, steps + 3, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    struct tn_stop_trace at = {0, 0, v0, 0};
    rows[count++] = at;
    at = (struct tn_stop_trace){stop->idle_s, v0 * stop->idle_s, v0, 0};
    rows[count++] = at;
    at.brake_N = shoes_N * tn_friction_at(train->friction, v0, v0);
    rows[count++] = at;
    for (size_t i = steps; i-- > 0;) {
        double v = KMH * (double)i, time_s;
        at.distance_m += tn_train_stop_braked(train, stop, at.speed_m_s, v, v0, &time_s);
        at.time_s += time_s;
        at.speed_m_s = v;
        at.brake_N = shoes_N * tn_friction_at(train->friction, v, v0);
        rows[count++] = at;
    }
    result->trace = (struct tn_list){rows, count};
    return TN_OK;
}

static tn_status empirical(struct tn_stop_result *result, const struct stopping *s)
{
    double v0 = s->spec->from, time_s = NAN;
    struct tn_train_stop stop = tn_train_stop(&s->train, s->emergency, s->reduction_Pa, s->spec->grade);
    double braked_m = tn_train_stop_braked(&s->train, &stop, v0, 0, v0, &time_s);
    result->service_share_1 = stop.rate / ((1 - s->train.brake_cut_out_1) * s->train.brake_rate);
    result->idle_time_s = stop.idle_s;
    result->idle_distance_m = stop.idle_s * v0;
    result->speed_permitted_m_s = tn_train_stop_permitted(&s->train, &stop, s->rule_m);
    result->stops = isfinite(braked_m);
    if (!result->stops)
        return TN_OK;
    result->distance_m = result->idle_distance_m + braked_m;
    result->time_s = stop.idle_s + time_s;
    result->error_estimate_m = 1e-9 * result->distance_m;
    return empirical_trace(result, s, &stop);
}

static tn_status init_air(struct tn_air_stop *stop, const struct stopping *s)
{
    tn_status status =
        tn_air_stop_init(stop, &s->train, s->spec->grade, s->emergency, s->reduction_Pa, s->arena, s->ctx);
    if (s->spec->brake == TN_STOP_BROKEN_PIPE)
        stop->broken_behind =
            s->spec->broken_behind > 0 ? (size_t)s->spec->broken_behind : (stop->charged.count + 1) / 2;
    return status;
}

static tn_status pneumatic(struct tn_stop_result *result, const struct stopping *s)
{
    struct tn_air_stop stop;
    struct tn_air_stop_path rough, path;
    double v0 = s->spec->from;
    tn_status status = init_air(&stop, s);
    if (status == TN_OK)
        status = tn_air_stop_run(&rough, &stop, v0, STEP_S, NULL);
    if (status == TN_OK)
        status = tn_air_stop_run(&path, &stop, v0, STEP_S / 2, s->arena);
    if (status == TN_OK && s->rule_m > 0) {
        double near_m_s = isfinite(path.distance_m) ? v0 * sqrt(s->rule_m / path.distance_m) : v0;
        status = tn_air_stop_permitted(&result->speed_permitted_m_s, &stop, s->rule_m, near_m_s, STEP_S / 2);
    }
    if (status != TN_OK)
        return status;
    result->stops = isfinite(path.distance_m);
    result->service_share_1 = path.share_1;
    result->trace = path.trace;
    result->cylinder = path.cylinder;
    if (!result->stops)
        return TN_OK;
    result->distance_m = path.distance_m;
    result->time_s = path.time_s;
    result->idle_time_s = path.idle_s;
    result->idle_distance_m = path.idle_s * v0;
    result->error_estimate_m = fabs(path.distance_m - rough.distance_m);
    return TN_OK;
}

static tn_status permitted_table(struct tn_stop_result *result, const struct stopping *s)
{
    static const double all_grades[] = {0, -2e-3, -4e-3, -6e-3, -8e-3, -10e-3, -12e-3, -14e-3, -16e-3, -18e-3, -20e-3};
    static const double all_rates[] = {0.14, 0.16, 0.18, 0.20, 0.22, 0.24, 0.26, 0.28, 0.30, 0.32};
    const struct tn_stop_spec *spec = s->spec;
    size_t grade_count = spec->grades.count ? spec->grades.count : sizeof all_grades / sizeof *all_grades;
    size_t rate_count = spec->rates.count ? spec->rates.count : sizeof all_rates / sizeof *all_rates;
    const double *grades = spec->grades.count ? spec->grades.items : all_grades;
    const double *rates = spec->rates.count ? spec->rates.items : all_rates;
    if (!(s->rule_m > 0))
        return TN_OK;
    struct tn_stop_permitted *rows = tn_arena_alloc(s->arena, grade_count * rate_count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < grade_count; i++)
        for (size_t j = 0; j < rate_count; j++) {
            struct tn_train_stop stop = tn_train_stop(&s->train, true, 0, grades[i]);
            stop.rate = rates[j];
            double speed_m_s = tn_train_stop_permitted(&s->train, &stop, s->rule_m);
            rows[i * rate_count + j] =
                (struct tn_stop_permitted){grades[i], rates[j], isfinite(speed_m_s) ? speed_m_s : (double)NAN};
        }
    result->permitted = (struct tn_list){rows, grade_count * rate_count};
    return TN_OK;
}

static tn_status verdict(struct tn_stop_result *result, const struct stopping *s)
{
    const char *how = "", *rule = "";
    if (!s->emergency)
        how = tn_arena_printf(s->arena, " by a reduction of %g kPa", 1e-3 * s->reduction_Pa);
    const char *colon = result->stops ? ": rule" : "; rule", *metres = tn_number_text(s->arena, s->rule_m, 0);
    if (s->rule_m > 0 && result->speed_permitted_m_s < 0.1 * KMH)
        rule = tn_arena_printf(s->arena, "%s %s m not kept from any speed", colon, metres);
    else if (s->rule_m > 0)
        rule = tn_arena_printf(s->arena, "%s %s m %s; up to %s km/h", colon, metres,
                               result->rule_kept ? "kept" : "not kept",
                               tn_number_text(s->arena, 3.6 * result->speed_permitted_m_s, 1));
    if (how == NULL || rule == NULL)
        return TN_ERR_MEMORY;
    double from = 3.6 * s->spec->from, permil = 1e3 * s->spec->grade;
    result->head.verdict =
        result->stops
            ? tn_arena_printf(s->arena, "stops from %g km/h%s within %s m on %g permil%s", from, how,
                              tn_number_text(s->arena, result->distance_m, 0), permil, rule)
            : tn_arena_printf(s->arena, "does not stop from %g km/h%s on %g permil%s", from, how, permil, rule);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static void conclude(struct tn_stop_result *result, const struct stopping *s)
{
    double v0 = s->spec->from;
    result->head.failed = !result->stops;
    result->speed_m_s = v0;
    result->grade_1 = s->spec->grade;
    result->brake_rate_1 = (1 - s->train.brake_cut_out_1) * s->train.brake_rate;
    result->reduction_Pa = s->emergency ? (double)NAN : s->reduction_Pa;
    result->rule_distance_m = s->rule_m > 0 ? s->rule_m : (double)NAN;
    result->deceleration_m_s2 = 0.5 * v0 * v0 / result->distance_m;
    result->rule_kept = s->rule_m > 0 && result->distance_m <= s->rule_m;
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_stop_result *result = result_out;
    struct stopping s = {.spec = spec, .arena = arena, .ctx = ctx};
    tn_status status = prepare(&s, environment);
    if (status != TN_OK)
        return status;
    result->distance_m = result->time_s = result->error_estimate_m = NAN;
    result->idle_time_s = result->idle_distance_m = result->speed_permitted_m_s = NAN;
    status = s.spec->depth == TN_STOP_PNEUMATIC ? pneumatic(result, &s) : empirical(result, &s);
    if (status == TN_OK)
        status = permitted_table(result, &s);
    if (status != TN_OK)
        return status;
    conclude(result, &s);
    result->head.train = tn_text_copy(arena, s.train_spec->id);
    result->head.depth = depth_name(s.spec->depth);
    status = tn_assume_notes(&result->head, arena, s.train_spec, NULL);
    if (status == TN_OK)
        status = verdict(result, &s);
    if (!isfinite(result->speed_permitted_m_s))
        result->speed_permitted_m_s = NAN;
    return status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct stopping s = {.spec = spec, .arena = arena, .ctx = ctx};
    tn_status status = prepare(&s, environment);
    struct tn_air_stop stop;
    return status == TN_OK && s.spec->depth == TN_STOP_PNEUMATIC ? init_air(&stop, &s) : status;
}

const struct tn_study_kind tn_study_stop = {
    "stop",
    "how far a train runs on after an emergency or service application, and from which speed it keeps the distance "
    "rule",
    &tn_stop_spec_schema,
    &tn_stop_result_schema,
    solve,
    check_study,
    NULL,
};
