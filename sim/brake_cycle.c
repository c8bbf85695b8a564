/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "brake_cycle.h"

#include "cycle.h"

#define KMH 3.6

static const struct tn_field rules_fields[] = {
    TN_F_NUMBER(tn_cycle_rules, reduction_min, TN_Q_PRESSURE, 50e3, 10e3, 200e3, 0,
                "smallest first reduction of an application"),
    TN_F_NUMBER(tn_cycle_rules, reduction_step, TN_Q_PRESSURE, 10e3, 1e3, 100e3, 0,
                "between the first reductions that are tried"),
    TN_F_INTEGER(tn_cycle_rules, further_most, 2, 0, 10, 0, "further reductions in one application at most"),
    TN_F_NUMBER(tn_cycle_rules, further, TN_Q_PRESSURE, 20e3, 1e3, 200e3, 0,
                "size of a further reduction, never more than the first"),
    TN_F_NUMBER(tn_cycle_rules, apply_time_most, TN_Q_TIME, 900, 10, 86400, 0,
                "time from application to release speed; a reduction that takes longer is too small"),
    TN_F_NUMBER(tn_cycle_rules, release_speed_min, TN_Q_SPEED, NAN, 0, 200, 0,
                "no release below; 15 km/h, from 5,000 t 30 km/h, from 10,000 t 35 km/h if not given"),
    TN_F_NUMBER(tn_cycle_rules, recharge_margin, TN_Q_PRESSURE, 5e3, 100, 100e3, 0,
                "no application before every auxiliary reservoir is within this of running pressure"),
    TN_F_NUMBER(tn_cycle_rules, overspeed, TN_Q_SPEED, 1 / KMH, 0, 20, 0, "borne above the limit"),
    TN_F_NUMBER(tn_cycle_rules, tread_power_most, TN_Q_POWER, 26e3, 0, INFINITY, TN_POSITIVE,
                "largest mean power at the tread of a wagon's wheel over a cycle"),
    TN_F_END,
};
const struct tn_schema tn_cycle_rules_schema = {"brake_rules", "how the driver may use the air brake",
                                                sizeof(struct tn_cycle_rules), rules_fields};

tn_status tn_cycle_rules_check(double *most_Pa_out, const struct tn_cycle_rules *rules,
                               const struct tn_train_brake *brake, struct tn_context *ctx)
{
    double effective = tn_brake_reduction_most(brake->pipe_pressure);
    *most_Pa_out = isnan(brake->reduction) ? effective : brake->reduction;
    if (*most_Pa_out > effective * 1.01)
        return tn_error(ctx, &brake->reduction, "beyond it the cylinders fill no further",
                        "a reduction of %g kPa is more than the effective maximum of %g kPa from %g kPa",
                        1e-3 * brake->reduction, 1e-3 * effective, 1e-3 * brake->pipe_pressure);
    if (rules->reduction_min > *most_Pa_out)
        return tn_error(ctx, &rules->reduction_min, NULL,
                        "a first reduction of %g kPa is more than the %g kPa that take effect",
                        1e-3 * rules->reduction_min, 1e-3 * *most_Pa_out);
    return TN_OK;
}

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_brake_cycle_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_brake_cycle_spec, grade, TN_Q_GRADE, NAN, -0.1, 0, TN_REQUIRED,
                "grade under the whole train, - descends"),
    TN_F_NUMBER(tn_brake_cycle_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_brake_cycle_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_brake_cycle_spec, dynamic_brake, TN_Q_RATIO, 0, 0, 1, 0,
                "share of the dynamic brake that is used throughout; 0 = air brake alone"),
    TN_F_NUMBER(tn_brake_cycle_spec, limit, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed limit; the train's and that of the emergency distance rule if not given"),
    TN_F_NUMBER(tn_brake_cycle_spec, apply_speed, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed at which the brake is applied; the highest that keeps the limit if not given"),
    TN_F_NUMBER(tn_brake_cycle_spec, release_speed, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed at which it is released; the lowest that the rules allow if not given"),
    TN_F_NUMBER(tn_brake_cycle_spec, reduction, TN_Q_PRESSURE, NAN, 10e3, 200e3, 0,
                "first reduction; the smallest that makes a cycle if not given"),
    TN_F_STRUCT(tn_brake_cycle_spec, rules, &tn_cycle_rules_schema, "the driver's rules"),
    TN_F_INTEGER(tn_brake_cycle_spec, cycles_most, 20, 2, 1000, 0,
                 "cycles after which no settling is expected any more"),
    TN_F_NUMBER(tn_brake_cycle_spec, step, TN_Q_TIME, 0.25, 0.01, 1, 0, "time step of the train"),
    TN_F_END,
};
const struct tn_schema tn_brake_cycle_spec_schema = {"brake_cycle", "cycle of the air brake on a continuous descent",
                                                     sizeof(struct tn_brake_cycle_spec), spec_fields};

static const struct tn_field trace_fields[] = {
    TN_R_NUMBER(tn_cycle_row, time_s, TN_Q_TIME, "time from the application"),
    TN_R_NUMBER(tn_cycle_row, distance_m, TN_Q_LENGTH, "distance from the application"),
    TN_R_NUMBER(tn_cycle_row, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_cycle_row, pipe_head_Pa, TN_Q_PRESSURE, "brake pipe at the head"),
    TN_R_NUMBER(tn_cycle_row, pipe_tail_Pa, TN_Q_PRESSURE, "brake pipe at the tail"),
    TN_R_NUMBER(tn_cycle_row, cylinder_head_Pa, TN_Q_PRESSURE, "brake cylinder of the first wagon"),
    TN_R_NUMBER(tn_cycle_row, cylinder_tail_Pa, TN_Q_PRESSURE, "brake cylinder of the last wagon"),
    TN_R_NUMBER(tn_cycle_row, cylinder_mean_Pa, TN_Q_PRESSURE, "mean of the brake cylinders"),
    TN_R_NUMBER(tn_cycle_row, auxiliary_min_Pa, TN_Q_PRESSURE, "lowest auxiliary reservoir"),
    TN_R_NUMBER(tn_cycle_row, air_brake_N, TN_Q_FORCE, "force of the air brake"),
    TN_R_NUMBER(tn_cycle_row, dynamic_brake_N, TN_Q_FORCE, "force of the dynamic brake"),
    TN_R_NUMBER(tn_cycle_row, force_needed_N, TN_Q_FORCE, "brake force that would keep the speed"),
    TN_R_NUMBER(tn_cycle_row, tread_power_W, TN_Q_POWER, "power at the tread of a wagon's wheel"),
    TN_R_NUMBER(tn_cycle_row, tread_temperature_K, TN_Q_TEMPERATURE, "temperature of a wagon's tread"),
    TN_F_END,
};
static const struct tn_schema trace_schema = {"trace", "the last cycle over time", sizeof(struct tn_cycle_row),
                                              trace_fields};

static const struct tn_field pipe_fields[] = {
    TN_R_NUMBER(tn_cycle_pipe_row, time_s, TN_Q_TIME, "time from the application"),
    TN_R_NUMBER(tn_cycle_pipe_row, position_m, TN_Q_LENGTH, "position behind the head of the train"),
    TN_R_NUMBER(tn_cycle_pipe_row, pipe_Pa, TN_Q_PRESSURE, "brake pipe"),
    TN_R_NUMBER(tn_cycle_pipe_row, cylinder_Pa, TN_Q_PRESSURE, "brake cylinder"),
    TN_R_NUMBER(tn_cycle_pipe_row, auxiliary_Pa, TN_Q_PRESSURE, "auxiliary reservoir"),
    TN_F_END,
};
static const struct tn_schema pipe_schema = {"pipe", "pressures of the last cycle over time and position",
                                             sizeof(struct tn_cycle_pipe_row), pipe_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_brake_cycle_result, feasible, 0, "the descent can be made so"),
    TN_F_STRING(
        tn_brake_cycle_result, rule, 0,
        "what decides: cycle, no-air, or the rule that fails: limit, hold, overspeed, recharge, stop, settle, heat"),
    TN_F_STRING(tn_brake_cycle_result, reason, 0, "why"),
    TN_R_NUMBER(tn_brake_cycle_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_brake_cycle_result, dynamic_brake_1, TN_Q_RATIO, "share of the dynamic brake used throughout"),
    TN_R_NUMBER(tn_brake_cycle_result, load_kg, TN_Q_MASS, "trailing load"),
    TN_R_NUMBER(tn_brake_cycle_result, limit_m_s, TN_Q_SPEED, "speed limit on the descent"),
    TN_R_NUMBER(tn_brake_cycle_result, apply_speed_m_s, TN_Q_SPEED, "speed at application"),
    TN_R_NUMBER(tn_brake_cycle_result, release_speed_m_s, TN_Q_SPEED, "speed at release"),
    TN_R_NUMBER(tn_brake_cycle_result, speed_max_m_s, TN_Q_SPEED, "highest speed of the cycle"),
    TN_R_NUMBER(tn_brake_cycle_result, speed_min_m_s, TN_Q_SPEED, "lowest speed of the cycle"),
    TN_R_NUMBER(tn_brake_cycle_result, reduction_Pa, TN_Q_PRESSURE, "first reduction"),
    TN_R_NUMBER(tn_brake_cycle_result, reduction_total_Pa, TN_Q_PRESSURE, "with further reductions"),
    TN_R_NUMBER(tn_brake_cycle_result, recharge_time_s, TN_Q_TIME, "time from release until recharged"),
    TN_R_NUMBER(tn_brake_cycle_result, return_time_s, TN_Q_TIME,
                "time from release back to the speed at application, cylinders emptying meanwhile"),
    TN_R_NUMBER(tn_brake_cycle_result, time_allowed_s, TN_Q_TIME,
                "time that the grade gives from release to application speed without air brake"),
    TN_R_NUMBER(tn_brake_cycle_result, cycle_time_s, TN_Q_TIME, "time of a cycle"),
    TN_R_NUMBER(tn_brake_cycle_result, apply_time_s, TN_Q_TIME, "time from application to release"),
    TN_R_NUMBER(tn_brake_cycle_result, apply_distance_m, TN_Q_LENGTH, "distance from application to release"),
    TN_R_NUMBER(tn_brake_cycle_result, release_distance_m, TN_Q_LENGTH, "distance from release to application"),
    TN_F_INTEGER(tn_brake_cycle_result, cycles, 0, -1, 0, 0, "cycles until one repeats the one before, or fails"),
    TN_R_NUMBER(tn_brake_cycle_result, hold_speed_min_m_s, TN_Q_SPEED, "lowest speed held without air brake"),
    TN_R_NUMBER(tn_brake_cycle_result, hold_speed_max_m_s, TN_Q_SPEED, "highest speed held without air brake"),
    TN_R_NUMBER(tn_brake_cycle_result, auxiliary_loss_Pa, TN_Q_PRESSURE,
                "largest lack in an auxiliary reservoir when the last application began"),
    TN_R_NUMBER(tn_brake_cycle_result, tread_power_mean_W, TN_Q_POWER, "mean power at the tread of a wagon's wheel"),
    TN_R_NUMBER(tn_brake_cycle_result, tread_power_max_W, TN_Q_POWER, "largest power at the tread of a wagon's wheel"),
    TN_R_NUMBER(tn_brake_cycle_result, tread_temperature_max_K, TN_Q_TEMPERATURE,
                "highest temperature of a wagon's tread on an endless descent"),
    TN_F_LIST(tn_brake_cycle_result, trace, &trace_schema, TN_HIDDEN, "the last cycle over time"),
    TN_F_LIST(tn_brake_cycle_result, pipe, &pipe_schema, TN_HIDDEN,
              "pressures of the last cycle over time and position"),
    TN_F_END,
};
const struct tn_schema tn_brake_cycle_result_schema = {"brake_cycle", "cycle of the air brake on a continuous descent",
                                                       sizeof(struct tn_brake_cycle_result), result_fields};

#define LENGTH_M 1e5 /* of the endless grade; nothing here depends on it */

struct study {
    const struct tn_brake_cycle_spec *spec;
    const struct tn_environment *environment;
    struct tn_train_spec train_spec;
    struct tn_train train;
    struct tn_track track;
    struct tn_balance need, spare; /* brake that keeps the speed; and what the dynamic brake has more */
    struct tn_pneumatic air;
    struct tn_cycle_rules rules;
    struct tn_cycle_train c;
    struct tn_cycle_trace trace;
    bool with_trace;
    struct tn_brake_cycle_result *result;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

/* Railway operating rules (2012): freight is not released below 15 km/h; heavy trains not below 30, longer ones 35
 * km/h. */
static double release_speed_min(const struct tn_cycle_rules *rules, double load_kg)
{
    if (!isnan(rules->release_speed_min))
        return rules->release_speed_min;
    return (load_kg >= 9999e3 ? 35 : load_kg >= 4999e3 ? 30 : 15) / KMH;
}

static double wheels(const struct tn_train_spec *spec)
{
    const struct tn_train_wagons *row = spec->wagons.items;
    double sum = 0;
    for (size_t i = 0; i < spec->wagons.count; i++) {
        const struct tn_wagon *type = row[i].type.object;
        double count = row[i].count >= 0 ? row[i].count : fmax(1, ceil(row[i].load / type->gross - 1e-9));
        sum += 2 * count * type->axles;
    }
    return fmax(sum, 1);
}

static tn_status check(const struct study *s)
{
    const struct tn_brake_cycle_spec *spec = s->spec;
    if (!isnan(spec->reduction) && spec->reduction < spec->rules.reduction_min)
        return tn_error(s->ctx, &spec->reduction, NULL,
                        "a first reduction of %g kPa is less than the %g kPa of the rules", 1e-3 * spec->reduction,
                        1e-3 * spec->rules.reduction_min);
    if (!isnan(spec->reduction) && spec->reduction > s->c.reduction_most_Pa)
        return tn_error(s->ctx, &spec->reduction, NULL,
                        "a reduction of %g kPa is more than the %g kPa that take effect", 1e-3 * spec->reduction,
                        1e-3 * s->c.reduction_most_Pa);
    if (!isnan(spec->release_speed) && spec->release_speed < s->rules.release_speed_min * (1 - 1e-12))
        return tn_error(s->ctx, &spec->release_speed, "`rules.release_speed_min` says how low it may be",
                        "a release at %g km/h is below the %g km/h of the rules", spec->release_speed * KMH,
                        s->rules.release_speed_min * KMH);
    if (!isnan(spec->apply_speed) && spec->apply_speed <= s->c.release_m_s)
        return tn_error(s->ctx, &spec->apply_speed, NULL, "application at %g km/h is not above release at %g km/h",
                        spec->apply_speed * KMH, s->c.release_m_s * KMH);
    return TN_OK;
}

static void set_rules(struct study *s, double most_Pa)
{
    const struct tn_brake_cycle_spec *spec = s->spec;
    const struct tn_train_brake *brake = &s->train_spec.brake;
    double permitted = tn_train_permitted_speed(&s->train, spec->grade, brake->distance);
    s->rules = spec->rules;
    s->rules.release_speed_min = release_speed_min(&spec->rules, s->train.load_kg);
    s->c = (struct tn_cycle_train){
        .train = &s->train,
        .need = &s->need,
        .charged = &s->air,
        .rules = &s->rules,
        .running_Pa = brake->pipe_pressure,
        .reduction_most_Pa = most_Pa,
        .share = spec->dynamic_brake,
        .limit_m_s = isnan(spec->limit) ? fmin(s->train.speed_max_m_s, permitted) : spec->limit,
        .release_m_s = isnan(spec->release_speed) ? s->rules.release_speed_min : spec->release_speed,
        .wheels = wheels(&s->train_spec),
        .step_s = spec->step,
        .cycles_most = spec->cycles_most,
        .arena = s->arena,
    };
}

static tn_status prepare(struct study *s)
{
    const struct tn_environment *e = s->environment;
    const struct tn_brake_cycle_spec *spec = s->spec;
    /* A moving train has no starting resistance; errors still name the user's fields. */
    tn_status status = tn_train_init(&s->train, spec->train.object, &e->weather, e->gravity_m_s2, s->arena, s->ctx);
    if (status != TN_OK)
        return status;
    double most_Pa;
    s->train_spec = *(const struct tn_train_spec *)spec->train.object;
    status = tn_cycle_rules_check(&most_Pa, &spec->rules, &((const struct tn_train_spec *)spec->train.object)->brake,
                                  s->ctx);
    if (status != TN_OK)
        return status;
    s->train_spec.starting_resistance = false;
    status = tn_train_init(&s->train, &s->train_spec, &e->weather, e->gravity_m_s2, s->arena, s->ctx);
    if (status == TN_OK)
        status = tn_track_uniform(&s->track, &s->train, &e->weather, spec->grade,
                                  isnan(spec->curve_radius) ? (double)INFINITY : spec->curve_radius, spec->altitude,
                                  LENGTH_M, s->arena, s->ctx);
    if (status != TN_OK)
        return status;
    tn_balance_add_track(&s->need, &s->track, &s->track.pieces[0], 0, -1);
    tn_balance_add_track(&s->spare, &s->track, &s->track.pieces[0], 0, 1);
    tn_balance_add(&s->spare, &s->train.dynamic_brake, spec->dynamic_brake);
    set_rules(s, most_Pa);
    status = check(s);
    return status == TN_OK ? tn_pneumatic_init(&s->air, &s->train, s->arena, s->ctx) : status;
}

/* The widest band of speeds between the lowest release and the limit that needs no air brake. */
static tn_status hold_band(struct study *s)
{
    double low = s->rules.release_speed_min, high = s->c.limit_m_s, widest = 0;
    struct tn_list zeros;
    s->result->hold_speed_min_m_s = s->result->hold_speed_max_m_s = NAN;
    if (!(high > low))
        return TN_OK;
    tn_status status = tn_balance_crossings(&zeros, &s->spare, low, high, s->arena, s->ctx);
    const double *v = zeros.items;
    for (size_t i = 0; status == TN_OK && i <= zeros.count; i++) {
        double from = i > 0 ? v[i - 1] : low, to = i < zeros.count ? v[i] : high;
        if (to - from <= widest || tn_balance_at(&s->spare, 0.5 * (from + to), 1) < 0)
            continue;
        widest = to - from;
        s->result->hold_speed_min_m_s = from;
        s->result->hold_speed_max_m_s = to;
    }
    return status;
}

/* In the order of enum tn_cycle_end. */
static const char *const end_names[] = {"cycle", "hold", "overspeed", "recharge", "stop", "settle", "heat"};

static tn_status say(struct study *s, const char *rule, const char *reason)
{
    const char *aid = s->spec->dynamic_brake > 0
                          ? tn_arena_printf(s->arena, "with %g %% of the dynamic brake", 100 * s->spec->dynamic_brake)
                          : "by the air brake alone";
    if (reason == NULL || aid == NULL)
        return TN_ERR_MEMORY;
    s->result->rule = rule;
    s->result->reason = reason;
    s->result->head.verdict =
        tn_arena_printf(s->arena, "%s on %g permil %s: %s", s->result->feasible ? "feasible" : "not feasible",
                        1e3 * s->spec->grade, aid, reason);
    return s->result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static const char *why_recharge(const struct study *s, const struct tn_cycle *y)
{
    const struct tn_brake_cycle_result *r = s->result;
    if (isinf(y->recharge_s))
        return tn_arena_printf(s->arena, "after %g kPa the reservoirs are never recharged", 1e-3 * y->total_Pa);
    return tn_arena_printf(
        s->arena, "recharge after %g kPa needs %.0f s, the grade allows %.0f s from %.1f to %.1f km/h",
        1e-3 * y->total_Pa, y->recharge_s, r->time_allowed_s, r->release_speed_m_s * KMH, r->apply_speed_m_s * KMH);
}

static const char *why(const struct study *s, const struct tn_cycle *y)
{
    struct tn_arena *arena = s->arena;
    double limit = s->c.limit_m_s * KMH, reduction = 1e-3 * y->total_Pa;
    switch (y->end) {
    case TN_CYCLE_SETTLED:
        return tn_arena_printf(
            arena, "%g kPa at %.1f km/h, release at %.1f km/h, every %.0f s; recharge takes %.0f of %.0f s", reduction,
            y->apply_m_s * KMH, s->c.release_m_s * KMH, y->total_s, y->recharge_s, y->return_s);
    case TN_CYCLE_WEAK:
        return tn_arena_printf(arena, "a reduction of %g kPa does not slow the train from %.1f to %.1f km/h", reduction,
                               y->apply_m_s * KMH, s->c.release_m_s * KMH);
    case TN_CYCLE_OVERSPEED:
        return tn_arena_printf(arena, "applied at %.1f km/h the train reaches %.1f km/h, the limit is %.1f km/h",
                               y->apply_m_s * KMH, y->max_m_s * KMH, limit);
    case TN_CYCLE_RECHARGE:
        return why_recharge(s, y);
    case TN_CYCLE_STOPS:
        return tn_arena_printf(arena, "after %g kPa, released at %.1f km/h, the train stops before its brakes let go",
                               reduction, s->c.release_m_s * KMH);
    case TN_CYCLE_HOT:
        return tn_arena_printf(arena, "%.1f kW at each tread as the mean of a cycle of %.0f s, %.1f kW are borne",
                               1e-3 * y->tread_mean_W, y->total_s, 1e-3 * s->rules.tread_power_most);
    case TN_CYCLE_WANDERS:
        break;
    }
    return tn_arena_printf(arena, "no cycle repeats itself within %d", y->count);
}

/* The tread model of the first wagons, from a rise on through the rows of the last cycle; hot: with the brake's heat.
   The rise at the end; with hot the rows and the highest temperature are noted. */
static double warm(struct study *s, const struct tn_tread *tread, double rise_K, bool hot)
{
    struct tn_cycle_row *rows = s->trace.rows;
    double ambient = s->environment->weather.temperature;
    double flow = tn_heat_flow(tn_air_density(s->spec->altitude, ambient) / TN_AIR_DENSITY_REFERENCE);
    for (size_t i = 0; i < s->trace.count; i++) {
        double v = rows[i].speed_m_s, force = hot && v > 0 ? rows[i].tread_power_W / v : 0;
        if (i > 0)
            tn_tread_heat(&rise_K, tread, force, v, v, flow, rows[i].time_s - rows[i - 1].time_s);
        if (!hot)
            continue;
        rows[i].tread_temperature_K = ambient + rise_K;
        s->result->tread_temperature_max_K = fmax(s->result->tread_temperature_max_K, ambient + rise_K);
    }
    return rise_K;
}

/* On an endless descent a wheel begins a cycle as warm as it ends it. The end is linear in the begin: a from the
   cooling alone, b from a cold begin. */
static void tread_temperature(struct study *s)
{
    const struct tn_train_wagons *wagons = s->train_spec.wagons.items;
    if (s->train_spec.wagons.count == 0 || s->trace.count < 2)
        return;
    const struct tn_wagon *type = wagons->type.object;
    double a = warm(s, &type->tread, 1, false), b = warm(s, &type->tread, 0, true);
    if (a < 1)
        (void)warm(s, &type->tread, b / (1 - a), true);
}

static tn_status conclude(struct study *s, const struct tn_cycle *y)
{
    struct tn_brake_cycle_result *r = s->result;
    struct tn_balance net = s->need;
    double metres;
    bool came_back = y->end == TN_CYCLE_SETTLED || y->end == TN_CYCLE_RECHARGE || y->end == TN_CYCLE_HOT;
    r->feasible = y->end == TN_CYCLE_SETTLED;
    r->apply_speed_m_s = y->apply_m_s;
    r->release_speed_m_s = s->c.release_m_s;
    r->speed_max_m_s = y->max_m_s;
    r->reduction_Pa = y->reduction_Pa;
    r->reduction_total_Pa = y->total_Pa;
    r->cycles = y->count;
    r->auxiliary_loss_Pa = y->loss_Pa;
    r->apply_time_s = y->apply_s;
    r->tread_power_max_W = y->tread_max_W;
    if (came_back) {
        r->speed_min_m_s = y->min_m_s;
        r->recharge_time_s = y->recharge_s;
        r->return_time_s = y->return_s;
        r->apply_distance_m = y->apply_m;
        r->release_distance_m = y->release_m;
    }
    tn_balance_add(&net, &s->train.dynamic_brake, -s->spec->dynamic_brake);
    tn_status status = tn_balance_time(&r->time_allowed_s, &metres, &net, s->train.mass_effective_kg, s->c.release_m_s,
                                       y->apply_m_s, s->arena, s->ctx);
    if (status != TN_OK)
        return status;
    if (r->feasible || y->end == TN_CYCLE_HOT) {
        r->cycle_time_s = y->total_s;
        r->tread_power_mean_W = y->tread_mean_W;
        r->tread_temperature_max_K = s->environment->weather.temperature;
        tread_temperature(s);
    }
    return say(s, end_names[y->end], why(s, y));
}

/* One reduction: the apply speed that goes with it, then the cycles. */
static tn_status attempt(struct tn_cycle *cycle, struct study *s, double reduction_Pa)
{
    double apply = s->spec->apply_speed;
    tn_status status = TN_OK;
    s->trace.count = s->trace.pipe_count = 0;
    if (isnan(apply))
        status = tn_cycle_apply_speed(&apply, &s->c, reduction_Pa);
    if (status != TN_OK)
        return status;
    *cycle = (struct tn_cycle){.end = TN_CYCLE_WEAK,
                               .count = 1,
                               .reduction_Pa = reduction_Pa,
                               .total_Pa = reduction_Pa,
                               .apply_m_s = s->c.limit_m_s,
                               .max_m_s = NAN,
                               .loss_Pa = 0,
                               .apply_s = NAN,
                               .tread_max_W = NAN};
    if (isnan(apply))
        return TN_OK;
    return tn_cycle_run(cycle, &s->c, reduction_Pa, apply, isnan(s->spec->apply_speed),
                        s->with_trace ? &s->trace : NULL);
}

/* How near a failure is to a cycle; recharges are compared by the time that they lack. */
static int rank(const struct tn_cycle *cycle)
{
    return cycle->end == TN_CYCLE_WEAK ? 0 : cycle->end == TN_CYCLE_RECHARGE ? 2 : cycle->end == TN_CYCLE_HOT ? 3 : 1;
}

static bool nearer(const struct tn_cycle *a, const struct tn_cycle *b)
{
    if (rank(a) != rank(b))
        return rank(a) > rank(b);
    if (a->end == TN_CYCLE_RECHARGE)
        return a->recharge_s - a->return_s < b->recharge_s - b->return_s;
    return a->end == TN_CYCLE_WEAK && a->reduction_Pa > b->reduction_Pa;
}

static tn_status search(struct study *s)
{
    const struct tn_brake_cycle_spec *spec = s->spec;
    bool given = !isnan(spec->reduction);
    double from = given ? spec->reduction : s->rules.reduction_min, to = given ? from : s->c.reduction_most_Pa;
    struct tn_cycle best = {.count = 0}, cycle = {.count = 0};
    tn_status status = TN_OK;
    double lack = INFINITY; /* of time to recharge; once it grows with the reduction it goes on growing */
    for (double r = from; status == TN_OK && r <= to + 1; r += s->rules.reduction_step) {
        status = attempt(&cycle, s, r);
        if (best.count == 0 || cycle.end == TN_CYCLE_SETTLED || nearer(&cycle, &best))
            best = cycle;
        double last = lack;
        lack = cycle.end == TN_CYCLE_RECHARGE ? cycle.recharge_s - cycle.return_s : (double)INFINITY;
        if (cycle.end == TN_CYCLE_SETTLED || lack > last)
            break;
    }
    if (status == TN_OK && s->with_trace && best.reduction_Pa < cycle.reduction_Pa)
        status = attempt(&best, s, best.reduction_Pa); /* for its rows */
    return status == TN_OK ? conclude(s, &best) : status;
}

static void blank(struct tn_brake_cycle_result *r, const struct study *s)
{
    r->feasible = false;
    r->grade_1 = s->spec->grade;
    r->dynamic_brake_1 = s->spec->dynamic_brake;
    r->load_kg = s->train.load_kg;
    r->limit_m_s = s->c.limit_m_s;
    r->cycles = 0;
    r->apply_speed_m_s = r->release_speed_m_s = r->speed_max_m_s = r->speed_min_m_s = NAN;
    r->reduction_Pa = r->reduction_total_Pa = r->auxiliary_loss_Pa = NAN;
    r->recharge_time_s = r->return_time_s = r->time_allowed_s = r->cycle_time_s = r->apply_time_s = NAN;
    r->apply_distance_m = r->release_distance_m = NAN;
    r->tread_power_mean_W = r->tread_power_max_W = r->tread_temperature_max_K = NAN;
}

static tn_status no_air(struct study *s)
{
    struct tn_brake_cycle_result *r = s->result;
    const char *what = s->spec->dynamic_brake > 0 ? "the dynamic brake" : "resistance";
    r->feasible = true;
    r->tread_power_mean_W = r->tread_power_max_W = 0;
    r->tread_temperature_max_K = s->environment->weather.temperature;
    r->reduction_Pa = r->reduction_total_Pa = 0;
    return say(s, "no-air",
               tn_arena_printf(s->arena, "no air brake needed, %s holds the train from %.1f to %.1f km/h", what,
                               r->hold_speed_min_m_s * KMH, r->hold_speed_max_m_s * KMH));
}

tn_status tn_brake_cycle_solve(struct tn_brake_cycle_result *result, const struct tn_brake_cycle_spec *spec,
                               const struct tn_environment *environment, bool with_trace, struct tn_arena *arena,
                               struct tn_context *ctx)
{
    struct study s = {.spec = spec,
                      .environment = environment,
                      .result = result,
                      .with_trace = with_trace,
                      .trace = {.arena = arena},
                      .arena = arena,
                      .ctx = ctx};
    tn_status status = prepare(&s);
    if (status != TN_OK)
        return status;
    blank(result, &s);
    status = hold_band(&s);
    if (status != TN_OK)
        return status;
    if (!isnan(result->hold_speed_max_m_s))
        return no_air(&s);
    if (!(s.c.limit_m_s > s.c.release_m_s))
        return say(&s, "limit",
                   tn_arena_printf(arena, "the limit of %.1f km/h is not above the lowest release speed of %.1f km/h",
                                   s.c.limit_m_s * KMH, s.c.release_m_s * KMH));
    status = search(&s);
    if (status == TN_OK && with_trace) {
        result->trace = (struct tn_list){s.trace.rows, s.trace.count};
        result->pipe = (struct tn_list){s.trace.pipe, s.trace.pipe_count};
    }
    return status;
}

tn_status tn_brake_cycle_assume(struct tn_result_head *head, const struct tn_train_spec *train, struct tn_arena *arena)
{
    head->train = tn_text_copy(arena, train->id);
    tn_status status = tn_assume_notes(head, arena, train, NULL);
    if (status == TN_OK)
        status =
            tn_assume(head, arena, TN_ASSUMED,
                      "recharge comes from the pneumatic model and its feed: no table of recharge times is public");
    if (status == TN_OK)
        status = tn_assume(head, arena, TN_ESTIMATE,
                           "temperatures of treads from one node a wheel, on an endless descent: a guide value");
    return status;
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_brake_cycle_result *result = result_out;
    const struct tn_brake_cycle_spec *cycle = spec;
    tn_status status = tn_brake_cycle_solve(result, cycle, environment, true, arena, ctx);
    return status == TN_OK ? tn_brake_cycle_assume(&result->head, cycle->train.object, arena) : status;
}

tn_status tn_brake_cycle_check(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                               struct tn_context *ctx)
{
    struct study s = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    return prepare(&s);
}

const struct tn_study_kind tn_study_brake_cycle = {
    "brake_cycle",
    "can the train descend a continuous grade by applying and releasing the air brake, and in which cycle",
    &tn_brake_cycle_spec_schema,
    &tn_brake_cycle_result_schema,
    solve,
    tn_brake_cycle_check,
    NULL,
};
