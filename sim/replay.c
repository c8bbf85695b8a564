/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "replay.h"

#include <math.h>

#include "fit.h"
#include "recording.h"
#include "warm.h"

#define KMH    (1 / 3.6)
#define JOIN_M 1e-6 /* rounding of a sum of distances */

const char *tn_replay_scheme_name(int index)
{
    static const char *const names[] = {"exact", "step-start"};
    return index >= 0 && index < 2 ? names[index] : NULL;
}

static const struct tn_field point_fields[] = {
    TN_F_NUMBER(tn_replay_point, time, TN_Q_TIME, NAN, -HUGE_VAL, HUGE_VAL, TN_REQUIRED | TN_RISING, "time"),
    TN_F_NUMBER(tn_replay_point, speed, TN_Q_SPEED, NAN, 0, 200, TN_REQUIRED, "speed"),
    TN_F_NUMBER(tn_replay_point, traction, TN_Q_FORCE, NAN, -1e8, 1e8, 0,
                "force at the wheel rim, braking negative, 0 where the train coasts"),
    TN_F_END,
};
static const struct tn_schema point_schema = {"sample", "a sample of a recording", sizeof(struct tn_replay_point),
                                              point_fields};

static const struct tn_field fit_fields[] = {
    TN_F_STRING(tn_replay_fit_spec, name, 0, "name of the stretch"),
    TN_F_NUMBER(tn_replay_fit_spec, from_time, TN_Q_TIME, NAN, -HUGE_VAL, HUGE_VAL, 0, "from this time on"),
    TN_F_NUMBER(tn_replay_fit_spec, to_time, TN_Q_TIME, NAN, -HUGE_VAL, HUGE_VAL, 0, "up to this time"),
    TN_F_NUMBER(tn_replay_fit_spec, from_km, TN_Q_LENGTH, NAN, -HUGE_VAL, HUGE_VAL, 0, "head from this km on"),
    TN_F_NUMBER(tn_replay_fit_spec, to_km, TN_Q_LENGTH, NAN, -HUGE_VAL, HUGE_VAL, 0, "head up to this km"),
    TN_F_NUMBER(tn_replay_fit_spec, interval, TN_Q_TIME, NAN, 0, HUGE_VAL, TN_POSITIVE,
                "samples are put together to at least this time; not given: each step counts"),
    TN_F_NUMBER(tn_replay_fit_spec, confidence, TN_Q_RATIO, 0.95, 0.5, 0.9999, 0, "of the intervals"),
    TN_F_INTEGER(tn_replay_fit_spec, terms, 3, 1, TN_FIT_TERMS, 0, "1: a, 2: a + b v, 3: a + b v + c v^2"),
    TN_F_END,
};
static const struct tn_schema fit_schema = {"fit", "a stretch whose running resistance is found",
                                            sizeof(struct tn_replay_fit_spec), fit_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_replay_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_STRING(tn_replay_spec, from, 0, "station where its head is at the first sample"),
    TN_F_NUMBER(tn_replay_spec, from_km, TN_Q_LENGTH, NAN, -HUGE_VAL, HUGE_VAL, 0, "km of that, in place of a station"),
    TN_F_STRING(tn_replay_spec, to, 0, "station towards which it runs"),
    TN_F_NUMBER(tn_replay_spec, to_km, TN_Q_LENGTH, NAN, -HUGE_VAL, HUGE_VAL, 0, "km of that, in place of a station"),
    TN_F_CHOICE(tn_replay_spec, scheme, tn_replay_scheme_name, TN_REPLAY_EXACT, 0,
                "forces followed along each step, or those of its start held over it"),
    TN_F_CHOICE(tn_replay_spec, depth, tn_depth_name, TN_STRAP, 0,
                "mass at the head (point) or along the train (strap)"),
    TN_F_STRUCT(tn_replay_spec, warm, &tn_warm_spec_schema, "how warm the train is at the first sample"),
    TN_F_LIST(tn_replay_spec, trace, &point_schema, TN_REQUIRED, "the recording: time, speed and, if known, traction"),
    TN_F_LIST(tn_replay_spec, fits, &fit_schema, 0, "stretches of known traction whose running resistance is found"),
    TN_F_END,
};
const struct tn_schema tn_replay_spec_schema = {"replay", "a recorded speed over time", sizeof(struct tn_replay_spec),
                                                spec_fields};

static const struct tn_field section_fields[] = {
    TN_F_STRING(tn_replay_section, from, 0, "first station of the section"),
    TN_F_STRING(tn_replay_section, to, 0, "last station of the section"),
    TN_R_NUMBER(tn_replay_section, distance_m, TN_Q_LENGTH, "length of the section"),
    TN_R_NUMBER(tn_replay_section, running_time_s, TN_Q_TIME, "running time over the section, standing left out"),
    TN_F_END,
};
static const struct tn_schema section_schema = {"section", "a section of the recording",
                                                sizeof(struct tn_replay_section), section_fields};

static const struct tn_field station_fields[] = {
    TN_F_STRING(tn_replay_station, name, 0, "name of the station"),
    TN_R_NUMBER(tn_replay_station, distance_m, TN_Q_LENGTH, "distance from the start"),
    TN_R_NUMBER(tn_replay_station, km_m, TN_Q_LENGTH, "position on the line"),
    TN_R_NUMBER(tn_replay_station, elevation_m, TN_Q_LENGTH, "elevation"),
    TN_R_NUMBER(tn_replay_station, time_s, TN_Q_TIME, "time of the recording when the head is there"),
    TN_R_NUMBER(tn_replay_station, speed_m_s, TN_Q_SPEED, "speed there"),
    TN_F_END,
};
static const struct tn_schema station_schema = {"passing", "stations on the way", sizeof(struct tn_replay_station),
                                                station_fields};

static const struct tn_field row_fields[] = {
    TN_R_NUMBER(tn_replay_row, distance_m, TN_Q_LENGTH, "distance from the start"),
    TN_R_NUMBER(tn_replay_row, km_m, TN_Q_LENGTH, "position of the head on the line"),
    TN_R_NUMBER(tn_replay_row, time_s, TN_Q_TIME, "time of the recording"),
    TN_R_NUMBER(tn_replay_row, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_replay_row, limit_m_s, TN_Q_SPEED, "speed limit"),
    TN_R_NUMBER(tn_replay_row, elevation_m, TN_Q_LENGTH, "elevation of the track under the head"),
    TN_R_NUMBER(tn_replay_row, wheel_N, TN_Q_FORCE,
                "force at the wheel rim, braking negative, mean since the sample before"),
    TN_R_NUMBER(tn_replay_row, resistance_N, TN_Q_FORCE, "running and tunnel resistance, mean since the sample before"),
    TN_R_NUMBER(tn_replay_row, track_N, TN_Q_FORCE, "force of grade and curves, mean since the sample before"),
    TN_R_NUMBER(tn_replay_row, inertia_N, TN_Q_FORCE, "force that accelerates, mean since the sample before"),
    TN_R_NUMBER(tn_replay_row, power_W, TN_Q_POWER, "power at the wheel rim, mean since the sample before"),
    TN_R_NUMBER(tn_replay_row, adhesion_needed_1, TN_Q_RATIO, "traction over the locomotives' adhesive weight"),
    TN_R_NUMBER(tn_replay_row, dynamic_brake_N, TN_Q_FORCE, "of braking, what the dynamic brake can give, mean"),
    TN_R_NUMBER(tn_replay_row, air_brake_N, TN_Q_FORCE, "of braking, the rest, mean"),
    TN_R_NUMBER(tn_replay_row, motor_temperature_K, TN_Q_TEMPERATURE, "temperature of the hottest motor winding"),
    TN_R_NUMBER(tn_replay_row, bearing_temperature_K, TN_Q_TEMPERATURE, "temperature of the hottest axle bearing"),
    TN_R_NUMBER(tn_replay_row, tread_temperature_K, TN_Q_TEMPERATURE, "temperature of the hottest wheel rim"),
    TN_F_END,
};
static const struct tn_schema row_schema = {"trace", "the recording sample by sample", sizeof(struct tn_replay_row),
                                            row_fields};

#define TERM_ROWS(VALUE, ERROR, LOW, HIGH, Q, WHAT)                                                                    \
    TN_F_NUMBER(tn_replay_fitted, VALUE, Q, NAN, -HUGE_VAL, HUGE_VAL, TN_PRECISE, WHAT),                               \
        TN_F_NUMBER(tn_replay_fitted, ERROR, Q, NAN, 0, HUGE_VAL, TN_PRECISE, WHAT ", standard error"),                \
        TN_F_NUMBER(tn_replay_fitted, LOW, Q, NAN, -HUGE_VAL, HUGE_VAL, TN_PRECISE, WHAT ", low end of the interval"), \
        TN_F_NUMBER(tn_replay_fitted, HIGH, Q, NAN, -HUGE_VAL, HUGE_VAL, TN_PRECISE,                                   \
                    WHAT ", high end of the interval")
static const struct tn_field fitted_fields[] = {
    TN_F_STRING(tn_replay_fitted, name, 0, "the stretch"),
    TN_F_INTEGER(tn_replay_fitted, observations, -1, 0, 0, 0, "steps, or groups of steps, that count"),
    TN_R_NUMBER(tn_replay_fitted, from_time_s, TN_Q_TIME, "first sample that counts"),
    TN_R_NUMBER(tn_replay_fitted, to_time_s, TN_Q_TIME, "last sample that counts"),
    TN_R_NUMBER(tn_replay_fitted, from_km_m, TN_Q_LENGTH, "head at the first sample"),
    TN_R_NUMBER(tn_replay_fitted, to_km_m, TN_Q_LENGTH, "head at the last sample"),
    TN_R_NUMBER(tn_replay_fitted, speed_min_m_s, TN_Q_SPEED, "lowest speed"),
    TN_R_NUMBER(tn_replay_fitted, speed_max_m_s, TN_Q_SPEED, "highest speed"),
    TERM_ROWS(a_1, a_error_1, a_low_1, a_high_1, TN_Q_SPECIFIC, "constant term over the train's weight"),
    TERM_ROWS(b_s_m, b_error_s_m, b_low_s_m, b_high_s_m, TN_Q_SPECIFIC_PER_SPEED, "linear term over weight"),
    TERM_ROWS(c_s2_m2, c_error_s2_m2, c_low_s2_m2, c_high_s2_m2, TN_Q_SPECIFIC_PER_SPEED2,
              "square term over weight, in air of reference density"),
    TN_F_NUMBER(tn_replay_fitted, r2_1, TN_Q_RATIO, NAN, 0, 1, TN_PRECISE, "share of the variance that is explained"),
    TN_R_NUMBER(tn_replay_fitted, residual_N, TN_Q_FORCE, "standard deviation of what is left"),
    TN_F_END,
};
static const struct tn_schema fitted_schema = {"fitted", "running resistance found by least squares",
                                               sizeof(struct tn_replay_fitted), fitted_fields};

static const struct tn_field resistance_fields[] = {
    TN_F_STRING(tn_replay_resistance, fit, 0, "the stretch"),
    TN_R_NUMBER(tn_replay_resistance, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_replay_resistance, fitted_N, TN_Q_FORCE, "running resistance found"),
    TN_R_NUMBER(tn_replay_resistance, low_N, TN_Q_FORCE, "low end of its interval"),
    TN_R_NUMBER(tn_replay_resistance, high_N, TN_Q_FORCE, "high end of its interval"),
    TN_R_NUMBER(tn_replay_resistance, law_N, TN_Q_FORCE, "running resistance by the vehicles' laws"),
    TN_F_END,
};
static const struct tn_schema resistance_schema = {"resistance", "running resistance found and by the laws",
                                                   sizeof(struct tn_replay_resistance), resistance_fields};

#define ENERGY(NAME, DOC) TN_R_NUMBER(tn_replay_result, NAME, TN_Q_ENERGY, DOC)
#define END(NAME, DOC)    TN_R_NUMBER(tn_replay_result, NAME, TN_Q_FORCE, DOC " of the last step")
static const struct tn_field result_fields[] = {
    TN_F_STRING(tn_replay_result, scheme, 0, "how forces are followed over a step"),
    TN_R_NUMBER(tn_replay_result, distance_m, TN_Q_LENGTH, "distance run"),
    TN_R_NUMBER(tn_replay_result, end_km_m, TN_Q_LENGTH, "where the head is at the end"),
    TN_R_NUMBER(tn_replay_result, running_time_s, TN_Q_TIME, "running time, standing left out"),
    TN_R_NUMBER(tn_replay_result, travel_time_s, TN_Q_TIME, "travel time, standing included"),
    TN_R_NUMBER(tn_replay_result, technical_speed_m_s, TN_Q_SPEED, "technical speed (distance over running time)"),
    TN_R_NUMBER(tn_replay_result, travel_speed_m_s, TN_Q_SPEED, "travel speed (distance over travel time)"),
    TN_R_NUMBER(tn_replay_result, speed_max_m_s, TN_Q_SPEED, "highest speed"),
    TN_R_NUMBER(tn_replay_result, overspeed_max_m_s, TN_Q_SPEED, "highest speed above a limit; 0 = none passed"),
    ENERGY(energy_traction_J, "work of traction at the rim"),
    ENERGY(energy_positive_J, "work at the rim where it drives"),
    ENERGY(energy_negative_J, "work at the rim where it brakes"),
    ENERGY(energy_dynamic_brake_J, "of it, what the dynamic brake can take at that speed"),
    ENERGY(energy_air_brake_J, "of it, the rest"),
    ENERGY(energy_net_J, "work at the rim, braking taken off"),
    ENERGY(energy_line_J, "energy drawn at the pantograph, auxiliaries included"),
    TN_R_NUMBER(tn_replay_result, fuel_kg, TN_Q_MASS, "fuel burned"),
    ENERGY(energy_rolling_J, "work of rolling resistance"),
    ENERGY(energy_bearing_J, "work of bearings, where the laws tell them from rolling"),
    ENERGY(energy_aero_J, "work against the air"),
    ENERGY(energy_grade_J, "work against grade"),
    ENERGY(energy_curve_J, "work against curves"),
    ENERGY(energy_tunnel_J, "work against tunnels"),
    ENERGY(energy_kinetic_J, "kinetic energy gained"),
    TN_F_NUMBER(tn_replay_result, energy_residual_1, TN_Q_RATIO, NAN, 0, HUGE_VAL, TN_PRECISE,
                "what the energy balance leaves, over the work at the rim"),
    TN_R_NUMBER(tn_replay_result, power_max_W, TN_Q_POWER, "largest power at the rim"),
    TN_R_NUMBER(tn_replay_result, power_min_W, TN_Q_POWER, "largest braking power at the rim, negative"),
    TN_R_NUMBER(tn_replay_result, wheel_max_N, TN_Q_FORCE, "largest force at the rim"),
    TN_R_NUMBER(tn_replay_result, wheel_min_N, TN_Q_FORCE, "largest braking force at the rim, negative"),
    TN_R_NUMBER(tn_replay_result, adhesion_needed_max_1, TN_Q_RATIO, "largest traction over adhesive weight"),
    TN_R_NUMBER(tn_replay_result, adhesion_needed_km_m, TN_Q_LENGTH, "where that was"),
    TN_WARM_ROWS(tn_replay_result),
    END(end_rolling_N, "rolling resistance"),
    END(end_bearing_N, "bearing resistance"),
    END(end_aero_N, "resistance of the air"),
    END(end_grade_N, "force of the grade"),
    END(end_curve_N, "resistance of curves"),
    END(end_tunnel_N, "resistance of tunnels"),
    END(end_wheel_N, "force at the rim"),
    TN_F_LIST(tn_replay_result, sections, &section_schema, 0, "sections between stations"),
    TN_F_LIST(tn_replay_result, fits, &fitted_schema, 0, "running resistance found by least squares"),
    TN_F_LIST(tn_replay_result, resistance, &resistance_schema, 0, "running resistance found and by the laws"),
    TN_F_LIST(tn_replay_result, stations, &station_schema, TN_HIDDEN, "stations on the way"),
    TN_F_LIST(tn_replay_result, trace, &row_schema, TN_HIDDEN, "the recording sample by sample"),
    TN_F_END,
};
const struct tn_schema tn_replay_result_schema = {"replay_result", "what a recording says",
                                                  sizeof(struct tn_replay_result), result_fields};

struct replay {
    const struct tn_replay_spec *spec;
    const struct tn_environment *environment;
    struct tn_train_spec train_spec;
    struct tn_train train;
    struct tn_path path;
    struct tn_recording recording;
    struct tn_warm warm;
    struct tn_recording_step *exact; /* one a step, for the fits */
    size_t station;                  /* the next to be passed */
    struct tn_replay_result *result;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

static const struct tn_replay_point *points(const struct replay *replay)
{
    return replay->spec->trace.items;
}

static double km_at(const struct replay *replay, double s_m)
{
    return replay->path.origin_km_m + replay->path.sign * s_m;
}

/* km of an end of the way, given as a station or as km. */
static tn_status find_end(double *km_out, const struct replay *replay, const char *const *station, const double *km,
                          const char *name)
{
    const struct tn_environment *e = replay->environment;
    if (*station == NULL && isnan(*km))
        return tn_error(replay->ctx, &replay->spec->train, NULL, "a replay needs `%s` (a station) or `%s_km`", name,
                        name);
    if (*station != NULL && !isnan(*km))
        return tn_error(replay->ctx, km, NULL, "give one of `%s` and `%s_km`", name, name);
    const struct tn_station *found;
    if (*station != NULL) {
        tn_status status = tn_line_find_station(&found, e->line, e->phase, *station, station, replay->ctx);
        *km_out = status == TN_OK ? found->km : (double)NAN;
        return status;
    }
    double low, high;
    tn_line_extent(&low, &high, e->line);
    if (*km < low - JOIN_M || *km > high + JOIN_M)
        return tn_error(replay->ctx, km, NULL, "km %.7g is not on line %s, which runs from km %.7g to km %.7g",
                        *km / 1e3, e->line->id, low / 1e3, high / 1e3);
    *km_out = *km;
    return TN_OK;
}

static tn_status find_path(struct replay *replay)
{
    const struct tn_replay_spec *spec = replay->spec;
    const struct tn_environment *e = replay->environment;
    if (e->line == NULL)
        return tn_error(replay->ctx, &spec->train, "add `line: {id: ...}` to the scenario", "a replay needs a line");
    double from, to;
    tn_status status = find_end(&from, replay, &spec->from, &spec->from_km, "from");
    tn_status status_to = find_end(&to, replay, &spec->to, &spec->to_km, "to");
    if (status != TN_OK || status_to != TN_OK)
        return status != TN_OK ? status : status_to;
    if (from == to)
        return tn_error(replay->ctx, spec->to != NULL ? (const void *)&spec->to : &spec->to_km, NULL,
                        "from km %.7g to km %.7g is no way to go", from / 1e3, to / 1e3);
    double low, high; /* a recording's distance drifts: the way goes on to the line's end */
    tn_line_extent(&low, &high, e->line);
    return tn_path_between(&replay->path, e->line, e->phase, from, to > from ? high : low, replay->arena);
}

static tn_status check_trace(const struct replay *replay)
{
    const struct tn_replay_point *point = points(replay);
    size_t count = replay->spec->trace.count;
    if (count < 2)
        return tn_error(replay->ctx, &replay->spec->trace, NULL, "a recording has at least 2 samples, not %zu", count);
    for (size_t i = 0; i < count; i++) {
        if (!(point[i].speed >= 0 && isfinite(point[i].speed)))
            return tn_error(replay->ctx, &point[i].speed, NULL, "a speed of %g m/s", point[i].speed);
        if (i > 0 && !(point[i].time > point[i - 1].time))
            return tn_error(replay->ctx, &point[i].time, NULL, "time goes back from %.10g s to %.10g s",
                            point[i - 1].time, point[i].time);
    }
    return TN_OK;
}

static tn_status prepare(struct replay *replay)
{
    const struct tn_environment *e = replay->environment;
    const struct tn_train_spec *spec = replay->spec->train.object;
    tn_status status = check_trace(replay);
    if (status == TN_OK)
        status = find_path(replay);
    if (status == TN_OK)
        status = tn_train_init(&replay->train, spec, &e->weather, e->gravity_m_s2, replay->arena, replay->ctx);
    if (status != TN_OK)
        return status;
    replay->train_spec = *spec; /* the distance rule limits drivers, it does not judge a recording */
    replay->train_spec.brake.distance = 0;
    status =
        tn_train_init(&replay->train, &replay->train_spec, &e->weather, e->gravity_m_s2, replay->arena, replay->ctx);
    if (status == TN_OK)
        status = tn_warm_init(&replay->warm, &replay->train, &replay->spec->warm, e->weather.temperature, false,
                              replay->arena);
    return status == TN_OK ? tn_recording_init(&replay->recording, &replay->path, &replay->train, &e->weather,
                                               (enum tn_depth)replay->spec->depth, replay->arena, replay->ctx)
                           : status;
}

/* Stations that the head passes in the step; time from the acceleration, which is constant. */
static void pass_stations(struct replay *replay, const struct tn_recording_step *step, double start_s,
                          double standing_s)
{
    const struct tn_path *path = &replay->path;
    struct tn_replay_station *rows = replay->result->stations.items;
    struct tn_replay_section *sections = replay->result->sections.items;
    for (; replay->station < path->station_count; replay->station++) {
        size_t i = replay->station;
        double s = path->station_s_m[i], v = step->from_m_s, a = step->acceleration_m_s2;
        if (s > step->to_m + JOIN_M)
            break;
        double square = fmax(0, v * v + 2 * a * (s - step->from_m)), slow = v + sqrt(square);
        double t = slow > 0 ? fmin(step->time_s, 2 * fmax(0, s - step->from_m) / slow) : 0;
        double km = path->stations[i]->km;
        rows[i] = (struct tn_replay_station){tn_text_copy(replay->arena, path->stations[i]->name),
                                             s,
                                             km,
                                             tn_line_elevation(path->line, km),
                                             start_s + t,
                                             sqrt(square)};
        /* running time of the way so far; made the section's below */
        sections[i].running_time_s = start_s + t - standing_s;
        replay->result->stations.count = i + 1;
    }
}

static void end_sections(struct replay *replay)
{
    struct tn_replay_section *sections = replay->result->sections.items;
    const struct tn_replay_station *rows = replay->result->stations.items;
    size_t count = replay->result->stations.count;
    for (size_t i = 0; i + 1 < count; i++)
        sections[i] =
            (struct tn_replay_section){rows[i].name, rows[i + 1].name, rows[i + 1].distance_m - rows[i].distance_m,
                                       sections[i + 1].running_time_s - sections[i].running_time_s};
    replay->result->sections.count = count > 0 ? count - 1 : 0;
}

static void add_step(struct replay *replay, const struct tn_recording_step *step)
{
    struct tn_replay_result *r = replay->result;
    const struct tn_train *train = &replay->train;
    double distance = step->to_m - step->from_m, net = step->positive_J - step->negative_J;
    double mean = distance > 0 ? net / distance : 0;
    double *works[TN_PART_COUNT] = {&r->energy_rolling_J, &r->energy_bearing_J, &r->energy_aero_J,
                                    &r->energy_grade_J,   &r->energy_curve_J,   &r->energy_tunnel_J};
    for (int i = 0; i < TN_PART_COUNT; i++)
        *works[i] += step->work_J[i];
    r->energy_positive_J += step->positive_J;
    r->energy_negative_J += step->negative_J;
    r->energy_dynamic_brake_J += step->dynamic_J;
    r->energy_air_brake_J += step->air_J;
    r->energy_line_J += tn_train_line_power(train, 0, fmax(0, mean), step->mean_speed_m_s) * step->time_s;
    r->fuel_kg += tn_train_fuel_rate(train, 0, fmax(0, mean), fmax(0, -mean), step->mean_speed_m_s) * step->time_s;
    r->energy_kinetic_J +=
        0.5 * train->mass_effective_kg * (step->to_m_s * step->to_m_s - step->from_m_s * step->from_m_s);
    r->speed_max_m_s = fmax(r->speed_max_m_s, fmax(step->from_m_s, step->to_m_s));
    r->overspeed_max_m_s = fmax(r->overspeed_max_m_s, step->from_m_s - step->limit_m_s);
    if (!(distance > 0)) /* what holds a standing train is not known */
        return;
    r->running_time_s += step->time_s;
    r->power_max_W = fmax(r->power_max_W, step->power_max_W);
    r->power_min_W = fmin(r->power_min_W, step->power_min_W);
    if (step->wheel_max_N > r->wheel_max_N)
        r->adhesion_needed_km_m = km_at(replay, step->from_m);
    r->wheel_max_N = fmax(r->wheel_max_N, step->wheel_max_N);
    r->wheel_min_N = fmin(r->wheel_min_N, step->wheel_min_N);
}

static void heat(struct replay *replay, const struct tn_recording_step *step, double start_s)
{
    struct tn_run_leg leg = {.from_m = step->from_m,
                             .to_m = step->to_m,
                             .from_m_s = step->from_m_s,
                             .to_m_s = step->to_m_s,
                             .start_s = start_s,
                             .time_s = step->time_s,
                             .traction_J = step->positive_J,
                             .dynamic_brake_J = step->dynamic_J,
                             .air_brake_J = step->air_J,
                             .effort_from_N = step->effort_from_N,
                             .effort_to_N = step->effort_to_N,
                             .effort_square_N2s = step->effort_square_N2s,
                             .power_square_W2s = step->power_square_W2s,
                             .density_1 = step->mean_density_1};
    tn_warm_follow(&replay->warm, &leg);
}

static void add_row(struct replay *replay, size_t i, const struct tn_recording_step *step)
{
    struct tn_replay_row *row = (struct tn_replay_row *)replay->result->trace.items + i;
    double s = i == 0 ? 0 : step->to_m, km = km_at(replay, s), speed = points(replay)[i].speed;
    *row = (struct tn_replay_row){.distance_m = s,
                                  .km_m = km,
                                  .time_s = points(replay)[i].time,
                                  .speed_m_s = speed,
                                  .limit_m_s = step->limit_m_s,
                                  .elevation_m = tn_line_elevation(replay->path.line, km),
                                  .motor_temperature_K = replay->warm.motor.now_K,
                                  .bearing_temperature_K = replay->warm.bearing.now_K,
                                  .tread_temperature_K = replay->warm.tread.now_K};
    double distance = i == 0 ? 0 : step->to_m - step->from_m;
    if (distance > 0) {
        row->wheel_N = (step->positive_J - step->negative_J) / distance;
        row->resistance_N = (step->work_J[TN_PART_ROLLING] + step->work_J[TN_PART_BEARING] +
                             step->work_J[TN_PART_AERO] + step->work_J[TN_PART_TUNNEL]) /
                            distance;
        row->track_N = (step->work_J[TN_PART_GRADE] + step->work_J[TN_PART_CURVE]) / distance;
        row->inertia_N = replay->train.mass_effective_kg * step->acceleration_m_s2;
        row->dynamic_brake_N = step->dynamic_J / distance;
        row->air_brake_N = step->air_J / distance;
        row->power_W = (step->positive_J - step->negative_J) / step->time_s;
    }
    double weight = replay->train.adhesive_weight_N;
    row->adhesion_needed_1 = weight > 0 ? fmax(0, row->wheel_N) / weight : (double)NAN;
}

static tn_status allocate(struct replay *replay)
{
    struct tn_replay_result *r = replay->result;
    size_t count = replay->spec->trace.count, stations = replay->path.station_count + 1;
    replay->exact = tn_arena_alloc(replay->arena, count, sizeof *replay->exact);
    r->trace.items = tn_arena_alloc(replay->arena, count, sizeof(struct tn_replay_row));
    r->stations.items = tn_arena_alloc(replay->arena, stations, sizeof(struct tn_replay_station));
    r->sections.items = tn_arena_alloc(replay->arena, stations, sizeof(struct tn_replay_section));
    r->trace.count = count;
    return replay->exact && r->trace.items && r->stations.items && r->sections.items ? TN_OK : TN_ERR_MEMORY;
}

static void end_forces(struct tn_replay_result *r, const struct tn_recording_step *step)
{
    r->end_rolling_N = step->force_N[TN_PART_ROLLING];
    r->end_bearing_N = step->force_N[TN_PART_BEARING];
    r->end_aero_N = step->force_N[TN_PART_AERO];
    r->end_grade_N = step->force_N[TN_PART_GRADE];
    r->end_curve_N = step->force_N[TN_PART_CURVE];
    r->end_tunnel_N = step->force_N[TN_PART_TUNNEL];
    r->end_wheel_N = step->wheel_end_N;
}

static tn_status follow(struct replay *replay)
{
    const struct tn_replay_point *point = points(replay);
    struct tn_recording_step step = {.to_m = 0};
    tn_status status = allocate(replay);
    double standing = 0;
    for (size_t i = 1; status == TN_OK && i < replay->spec->trace.count; i++) {
        step = (struct tn_recording_step){.from_m = step.to_m,
                                          .from_m_s = point[i - 1].speed,
                                          .to_m_s = point[i].speed,
                                          .time_s = point[i].time - point[i - 1].time};
        replay->exact[i] = step;
        double to = step.from_m + 0.5 * (step.from_m_s + step.to_m_s) * step.time_s;
        if (to > replay->path.length_m + JOIN_M)
            return tn_error(replay->ctx, &point[i].time,
                            "check where it begins, which way it runs, and the unit of the speeds",
                            "at %.10g s the train is at km %.7g, beyond the end of the line at km %.7g", point[i].time,
                            km_at(replay, to) / 1e3, km_at(replay, replay->path.length_m) / 1e3);
        if (replay->spec->scheme == TN_REPLAY_STEP_START)
            tn_recording_start(&replay->recording, &step);
        status = tn_recording_exact(&replay->recording, &replay->exact[i]);
        if (replay->spec->scheme == TN_REPLAY_EXACT)
            step = replay->exact[i];
        if (i == 1)
            add_row(replay, 0, &step);
        if (step.to_m == step.from_m)
            standing += step.time_s;
        pass_stations(replay, &step, point[i - 1].time, standing);
        add_step(replay, &step);
        heat(replay, &step, point[i - 1].time);
        add_row(replay, i, &step);
    }
    end_forces(replay->result, &step);
    end_sections(replay);
    return status;
}

static void summarize(struct replay *replay)
{
    struct tn_replay_result *r = replay->result;
    const struct tn_replay_point *point = points(replay);
    size_t last = replay->spec->trace.count - 1;
    r->distance_m = ((const struct tn_replay_row *)r->trace.items)[last].distance_m;
    r->end_km_m = km_at(replay, r->distance_m);
    r->travel_time_s = point[last].time - point[0].time;
    r->technical_speed_m_s = r->running_time_s > 0 ? r->distance_m / r->running_time_s : 0;
    r->travel_speed_m_s = r->distance_m / r->travel_time_s;
    r->energy_traction_J = r->energy_positive_J;
    r->energy_net_J = r->energy_positive_J - r->energy_negative_J;
    double left = r->energy_net_J - r->energy_rolling_J - r->energy_bearing_J - r->energy_aero_J - r->energy_grade_J -
                  r->energy_curve_J - r->energy_tunnel_J - r->energy_kinetic_J;
    double whole = r->energy_positive_J + r->energy_negative_J;
    r->energy_residual_1 = whole > 0 ? fabs(left) / whole : 0;
    double weight = replay->train.adhesive_weight_N;
    r->adhesion_needed_max_1 = weight > 0 ? r->wheel_max_N / weight : (double)NAN;
}

static void fill_temperatures(struct tn_replay_result *r, const struct tn_warm *warm)
{
    const struct tn_warm_peak *motor = &warm->motor, *bearing = &warm->bearing, *tread = &warm->tread;
    r->motor_temperature_max_K = motor->max_K;
    r->motor_temperature_limit_K = motor->limit_K;
    r->motor_margin_K = motor->margin_K;
    r->motor_hottest_m = motor->at_m;
    r->bearing_temperature_max_K = bearing->max_K;
    r->bearing_temperature_limit_K = bearing->limit_K;
    r->bearing_margin_K = bearing->margin_K;
    r->bearing_hottest_m = bearing->at_m;
    r->tread_temperature_max_K = tread->max_K;
    r->tread_temperature_limit_K = tread->limit_K;
    r->tread_margin_K = tread->margin_K;
    r->tread_hottest_m = tread->at_m;
    r->bearing_alarm = warm->bearing_alarm;
    r->above_continuous_s = warm->above_continuous_s;
}

/* A stretch's steps on their way into observations: means over time. */
struct stretch {
    struct tn_fit_row *rows;
    size_t count;
    struct tn_fit_row sum;
    double time_s;
    struct tn_replay_fitted *fitted;
};

static bool in_stretch(const struct replay *replay, const struct tn_replay_fit_spec *fit, size_t i)
{
    const struct tn_recording_step *step = &replay->exact[i];
    double a = km_at(replay, step->from_m), b = km_at(replay, step->to_m);
    const struct tn_replay_point *point = points(replay);
    return !(point[i - 1].time < fit->from_time) && !(point[i].time > fit->to_time) && !(fmin(a, b) < fit->from_km) &&
           !(fmax(a, b) > fit->to_km) && step->from_m_s >= TN_STARTING_SPEED_M_S &&
           step->to_m_s >= TN_STARTING_SPEED_M_S;
}

static void widen(struct tn_replay_fitted *fitted, const struct replay *replay, size_t i)
{
    const struct tn_recording_step *step = &replay->exact[i];
    const struct tn_replay_point *point = points(replay);
    if (isnan(fitted->from_time_s)) {
        fitted->from_time_s = point[i - 1].time;
        fitted->from_km_m = km_at(replay, step->from_m);
    }
    fitted->to_time_s = point[i].time;
    fitted->to_km_m = km_at(replay, step->to_m);
    fitted->speed_min_m_s = fmin(fitted->speed_min_m_s, fmin(step->from_m_s, step->to_m_s));
    fitted->speed_max_m_s = fmax(fitted->speed_max_m_s, fmax(step->from_m_s, step->to_m_s));
}

/* Newton's law over the step, integrated over time: what traction gives beyond inertia and track is resistance. */
static tn_status observe(struct stretch *stretch, const struct replay *replay, const struct tn_replay_fit_spec *fit,
                         size_t i)
{
    const struct tn_recording_step *step = &replay->exact[i];
    const struct tn_replay_point *point = points(replay);
    size_t unknown = isnan(point[i].traction) ? i : i - 1;
    if (isnan(point[unknown].traction))
        return tn_error(replay->ctx, &point[unknown].time, "add a column `traction [kN]`, 0 where the train coasts",
                        "the running resistance cannot be found where traction is not known, as at %.10g s",
                        point[unknown].time);
    double traction = 0.5 * (point[i - 1].traction + point[i].traction), dt = step->time_s;
    const double x[TN_FIT_TERMS] = {1, step->mean_speed_m_s, step->mean_air_m2_s2};
    for (int k = 0; k < TN_FIT_TERMS; k++)
        stretch->sum.x[k] += x[k] * dt;
    stretch->sum.force_N +=
        (traction - step->mean_track_N) * dt - replay->train.mass_effective_kg * (step->to_m_s - step->from_m_s);
    stretch->time_s += dt;
    widen(stretch->fitted, replay, i);
    if (!isnan(fit->interval) && stretch->time_s < fit->interval * (1 - 1e-9))
        return TN_OK;
    struct tn_fit_row *row = &stretch->rows[stretch->count++];
    for (int k = 0; k < TN_FIT_TERMS; k++)
        row->x[k] = stretch->sum.x[k] / stretch->time_s;
    row->force_N = stretch->sum.force_N / stretch->time_s;
    stretch->sum = (struct tn_fit_row){.force_N = 0};
    stretch->time_s = 0;
    return TN_OK;
}

static tn_status collect(struct stretch *stretch, const struct replay *replay, const struct tn_replay_fit_spec *fit)
{
    tn_status status = TN_OK;
    stretch->rows = tn_arena_alloc(replay->arena, replay->spec->trace.count, sizeof *stretch->rows);
    if (stretch->rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 1; status == TN_OK && i < replay->spec->trace.count; i++) {
        if (in_stretch(replay, fit, i)) {
            status = observe(stretch, replay, fit, i);
        } else { /* a group does not reach over a gap */
            stretch->sum = (struct tn_fit_row){.force_N = 0};
            stretch->time_s = 0;
        }
    }
    return status;
}

static void fill_fitted(struct tn_replay_fitted *out, const struct tn_fit *fit, double weight_N)
{
    double *value[] = {&out->a_1, &out->b_s_m, &out->c_s2_m2};
    double *error[] = {&out->a_error_1, &out->b_error_s_m, &out->c_error_s2_m2};
    double *low[] = {&out->a_low_1, &out->b_low_s_m, &out->c_low_s2_m2};
    double *high[] = {&out->a_high_1, &out->b_high_s_m, &out->c_high_s2_m2};
    for (int i = 0; i < TN_FIT_TERMS; i++) {
        *value[i] = fit->value[i] / weight_N;
        *error[i] = fit->error[i] / weight_N;
        *low[i] = (fit->value[i] - fit->quantile * fit->error[i]) / weight_N;
        *high[i] = (fit->value[i] + fit->quantile * fit->error[i]) / weight_N;
    }
    out->observations = (int)fit->rows;
    out->r2_1 = fit->r2;
    out->residual_N = fit->residual_N;
}

/* Every 10 km/h inside the speeds of the stretch, and at their ends. */
static tn_status add_resistance(struct replay *replay, const struct tn_fit *fit, const struct tn_replay_fitted *fitted)
{
    double low = fitted->speed_min_m_s, high = fitted->speed_max_m_s, step = 10 * KMH;
    struct tn_list *list = &replay->result->resistance;
    size_t first = (size_t)floor(low / step) + 1, most = (size_t)ceil(high / step) + 2;
    struct tn_replay_resistance *rows = tn_arena_alloc(replay->arena, list->count + most, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < list->count; i++)
        rows[i] = ((const struct tn_replay_resistance *)list->items)[i];
    for (size_t k = first - 1; k < first + most; k++) {
        double v = fmin(high, fmax(low, step * (double)k)), error;
        double force = tn_fit_at(fit, (const double[]){1, v, v * v}, &error), margin = fit->quantile * error;
        rows[list->count++] =
            (struct tn_replay_resistance){fitted->name,   v,
                                          force,          force - margin,
                                          force + margin, tn_train_resistance(&replay->train, v, 1, 0, 0, NULL, false)};
        if (v >= high)
            break;
    }
    list->items = rows;
    return TN_OK;
}

static tn_status fit_all(struct replay *replay)
{
    const struct tn_replay_fit_spec *specs = replay->spec->fits.items;
    size_t count = replay->spec->fits.count;
    struct tn_replay_fitted *fitted = tn_arena_alloc(replay->arena, count + 1, sizeof *fitted);
    tn_status status = fitted != NULL ? TN_OK : TN_ERR_MEMORY;
    for (size_t i = 0; status == TN_OK && i < count; i++) {
        struct stretch stretch = {.fitted = &fitted[i]};
        struct tn_fit fit;
        fitted[i] = (struct tn_replay_fitted){
            .name = tn_text_copy(replay->arena, specs[i].name), .from_time_s = NAN, .speed_min_m_s = HUGE_VAL};
        status = collect(&stretch, replay, &specs[i]);
        if (status == TN_OK)
            status = tn_fit_solve(&fit, stretch.rows, stretch.count, specs[i].terms, specs[i].confidence, &specs[i],
                                  replay->ctx);
        if (status != TN_OK)
            break;
        fill_fitted(&fitted[i], &fit, replay->train.mass_kg * replay->train.gravity_m_s2);
        status = add_resistance(replay, &fit, &fitted[i]);
    }
    replay->result->fits = (struct tn_list){fitted, count};
    return status;
}

static tn_status conclude(struct replay *replay)
{
    struct tn_replay_result *r = replay->result;
    struct tn_arena *arena = replay->arena;
    const struct tn_train_spec *train = replay->spec->train.object;
    r->scheme = tn_replay_scheme_name(replay->spec->scheme);
    r->head.train = tn_text_copy(arena, train->id);
    r->head.line = tn_text_copy(arena, replay->environment->line->id);
    r->head.direction = tn_direction_name(replay->path.up ? TN_UP : TN_DOWN);
    r->head.depth = tn_depth_name(replay->spec->depth);
    r->head.verdict = tn_arena_printf(arena, "%.1f km in %.1f min: the wheels gave %s kWh and braked %s kWh away",
                                      r->distance_m / 1e3, r->travel_time_s / 60,
                                      tn_number_text(arena, r->energy_positive_J / 3.6e6, 0),
                                      tn_number_text(arena, r->energy_negative_J / 3.6e6, 0));
    if (r->head.verdict == NULL)
        return TN_ERR_MEMORY;
    tn_status status = tn_assume(&r->head, arena, TN_ASSUMED, "between samples the speed is linear in time");
    if (status == TN_OK && r->energy_negative_J > 0)
        status = tn_assume(&r->head, arena, TN_ASSUMED,
                           "the train is braked by the dynamic brake as far as its curve allows at that speed, and by "
                           "the air brake beyond");
    if (status == TN_OK && replay->warm.wheel_count > 0)
        status = tn_warm_assume(&r->head, arena);
    if (status == TN_OK)
        status = tn_assume_notes(&r->head, arena, train, replay->environment->line);
    return status;
}

static tn_status solve(void *result, const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    struct replay replay = {.spec = spec, .environment = environment, .result = result, .arena = arena, .ctx = ctx};
    tn_status status = prepare(&replay);
    if (status == TN_OK)
        status = follow(&replay);
    if (status == TN_OK) {
        summarize(&replay);
        fill_temperatures(replay.result, &replay.warm);
        status = fit_all(&replay);
    }
    tn_recording_free(&replay.recording);
    return status == TN_OK ? conclude(&replay) : status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct replay replay = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    tn_status status = prepare(&replay);
    tn_recording_free(&replay.recording);
    return status;
}

const struct tn_study_kind tn_study_replay = {
    "replay",
    "what a recorded speed over time says of forces, energies, temperatures, adhesion and running resistance",
    &tn_replay_spec_schema,
    &tn_replay_result_schema,
    solve,
    check_study,
    NULL,
};
