/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "replay.h"

#include "fit.h"
#include "rolling.h"

#define SAMPLES 400

struct fixture {
    struct rolling rolling;
    struct tn_line_spec line;
    struct tn_station stations[3];
    struct tn_profile_point profile[4];
    struct tn_curved curve;
    struct tn_tunnel tunnel;
    struct tn_replay_point trace[SAMPLES];
    struct tn_replay_fit_spec fit;
    struct tn_replay_spec spec;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_context ctx;
    struct tn_replay_result result;
    double mass_kg, inertia_kg; /* of the whole train */
};

/* A train of one law a + b v + c v^2 in air of reference density, on a level line of 40 km. */
static void prepare(struct fixture *f, double a, double b, double c)
{
    memset(f, 0, sizeof *f);
    rolling_init(&f->rolling, &hxd1_25t, 2, 5200);
    f->rolling.train.starting_resistance = false;
    struct tn_resistance_spec law;
    tn_schema_defaults(&tn_resistance_schema, &law);
    law.law = law_of(tn_resistance_law_name, "general");
    law.a = a;
    law.b = b;
    law.c = c;
    f->rolling.locomotive.resistance = f->rolling.wagon.resistance = law;
    tn_schema_defaults(&tn_line_schema, &f->line);
    f->line.id = "level";
    f->line.up_is_decreasing = false;
    for (int i = 0; i < 3; i++)
        tn_schema_defaults(&tn_station_schema, &f->stations[i]);
    f->stations[0].name = "A";
    f->stations[1].name = "B";
    f->stations[1].km = 1000;
    f->stations[2].name = "C";
    f->stations[0].km = 0;
    f->stations[2].km = 40e3;
    f->line.stations = (struct tn_list){f->stations, 3};
    f->environment = (struct tn_environment){.line = &f->line, .phase = -1, .gravity_m_s2 = 9.81};
    tn_schema_defaults(&tn_weather_schema, &f->environment.weather);
    f->environment.weather.density = TN_AIR_DENSITY_REFERENCE;
    tn_schema_defaults(&tn_replay_spec_schema, &f->spec);
    f->spec.train = (struct tn_ref){"test", &f->rolling.train};
    f->spec.from = "A";
    f->spec.to = "C";
    f->spec.trace = (struct tn_list){f->trace, 0};
    tn_schema_defaults(tn_schema_find(&tn_replay_spec_schema, "fits")->sub, &f->fit);
    f->fit.name = "stretch";
    f->mass_kg = 5600e3;
    f->inertia_kg = 1.06 * f->mass_kg;
}

static void sample(struct fixture *f, double time, double speed, double traction)
{
    f->trace[f->spec.trace.count++] = (struct tn_replay_point){time, speed, traction};
}

static tn_status solve(struct fixture *f)
{
    memset(&f->result, 0, sizeof f->result);
    return tn_study_replay.solve(&f->result, &f->spec, &f->environment, &f->arena, &f->ctx);
}

static void done(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

static bool note_where(struct tn_place *place_out, const void *where, void *payload)
{
    (void)place_out;
    *(const void **)payload = where;
    return false;
}

static void expect_error(struct fixture *f, const void *where, const char *text)
{
    const void *told = NULL;
    f->ctx.locate = note_where;
    f->ctx.payload = &told;
    assert_int_equal(solve(f), TN_ERR_INPUT);
    assert_ptr_equal(told, where);
    assert_int_equal(f->ctx.errors, 1);
    if (strstr(f->ctx.diagnostics[0].text, text) == NULL)
        fail_msg("'%s' lacks '%s'", f->ctx.diagnostics[0].text, text);
    done(f);
}

/* Braking so gently that drag passes the inertia: the wheels drive above v*, where C v^2 = m d, and brake below. */
static void traction_turns_into_braking_inside_a_step(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 0, 0, 1e-5);
    double c = 1e-5 * f.mass_kg * 9.81, d = 0.02, v = 25, inertia = f.inertia_kg * d;
    double turn = sqrt(inertia / c);
    assert_true(turn > 5 && turn < 20);
    sample(&f, 100, v, NAN);
    sample(&f, 100 + v / d, 0, NAN);
    assert_int_equal(solve(&f), TN_OK);
    double driving = (c / 4 * (pow(v, 4) - pow(turn, 4)) - inertia / 2 * (v * v - turn * turn)) / d;
    double braking = (inertia / 2 * turn * turn - c / 4 * pow(turn, 4)) / d;
    assert_near_rel(f.result.energy_positive_J, driving, 1e-12);
    assert_near_rel(f.result.energy_negative_J, braking, 1e-12);
    assert_near_rel(f.result.energy_aero_J, c / 4 * pow(v, 4) / d, 1e-12);
    assert_near_rel(f.result.energy_kinetic_J, -0.5 * f.inertia_kg * v * v, 1e-12);
    assert_near_abs(f.result.energy_residual_1, 0, 1e-13);
    assert_near_rel(f.result.wheel_max_N, c * v * v - inertia, 1e-9);
    assert_near_rel(f.result.adhesion_needed_max_1, f.result.wheel_max_N / (400e3 * 9.81), 1e-12);
    assert_near_abs(f.result.adhesion_needed_km_m, 0, 0);
    assert_near_rel(f.result.distance_m, v * v / d / 2, 1e-14);
    assert_near_abs(f.result.travel_time_s, v / d, 1e-9);
    done(&f);
}

/* Forces of the start, held: sums by hand over two steps. */
static void forces_held_over_a_step(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 1e-3, 0, 1e-5);
    f.spec.scheme = TN_REPLAY_STEP_START;
    sample(&f, 0, 10, NAN);
    sample(&f, 10, 14, NAN);
    sample(&f, 12, 10, NAN);
    assert_int_equal(solve(&f), TN_OK);
    double weight = f.mass_kg * 9.81, first = weight * (1e-3 + 1e-5 * 100), second = weight * (1e-3 + 1e-5 * 196);
    assert_near_rel(f.result.energy_positive_J, first * 120 + f.inertia_kg / 2 * (196 - 100), 1e-12);
    assert_near_rel(f.result.energy_negative_J, -(second * 24 + f.inertia_kg / 2 * (100 - 196)), 1e-12);
    assert_near_rel(f.result.end_aero_N, weight * 1e-5 * 196, 1e-12);
    assert_near_rel(f.result.end_rolling_N, weight * 1e-3, 1e-12);
    assert_near_rel(f.result.end_wheel_N, second - 2 * f.inertia_kg, 1e-12);
    assert_near_abs(f.result.energy_residual_1, 0, 1e-13);
    done(&f);
}

/* Whatever the speeds, grade and curve take weight times the height, real and virtual, that the masses have climbed. */
static void work_of_the_track_is_a_height(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 0, 0, 0);
    f.profile[0] = (struct tn_profile_point){.km = 2e3, .elevation = 100};
    f.profile[1] = (struct tn_profile_point){.km = 7e3, .elevation = 160};
    f.profile[2] = (struct tn_profile_point){.km = 7.5e3, .elevation = 150};
    f.profile[3] = (struct tn_profile_point){.km = 20e3, .elevation = 300};
    f.line.profile = (struct tn_list){f.profile, 4};
    f.curve = (struct tn_curved){.from = 3000, .to = 3500, .radius = NAN, .curvature = 1.0 / 500};
    f.line.curves = (struct tn_list){&f.curve, 1};
    f.tunnel = (struct tn_tunnel){.from = 4000, .to = 6000, .law = TN_TUNNEL_LENGTH};
    f.line.tunnels = (struct tn_list){&f.tunnel, 1};
    double s = 0, t = 0, v = 0;
    sample(&f, t, v, NAN);
    for (int i = 1; i < 60; i++) {
        double next = 4 + 18 * fabs(sin(0.37 * i)), dt = 13 + 7 * cos(1.7 * i);
        s += 0.5 * (v + next) * dt;
        t += dt;
        v = next;
        sample(&f, t, v, NAN);
    }
    assert_true(s > 8.5e3 && s < 20e3);
    assert_int_equal(solve(&f), TN_OK);
    /* It stood on the level at 100 m, and is on a grade of 12 permil now, from 150 m at km 7.5. */
    double locomotives = s - 35.2, wagons = s - 2 * 35.2 - 56 * 13.976 / 2;
    double lifted = 400e3 * ((locomotives - 7500) * 0.012 + 50) + 5200e3 * ((wagons - 7500) * 0.012 + 50);
    assert_near_rel(f.result.energy_grade_J, 9.81 * lifted, 1e-11);
    assert_near_rel(f.result.energy_curve_J, 9.81 * f.mass_kg * 0.6 / 500 * 500, 1e-11);
    assert_near_rel(f.result.energy_tunnel_J, 9.81 * f.mass_kg * 0.13e-6 * 2000 * 2000, 1e-11);
    assert_near_abs(f.result.energy_residual_1, 0, 1e-13);
    const struct tn_replay_station *passed = f.result.stations.items;
    assert_int_equal(f.result.stations.count, 2);
    assert_string_equal(passed[1].name, "B");
    const struct tn_replay_section *section = f.result.sections.items;
    assert_int_equal(f.result.sections.count, 1);
    assert_near_rel(section->running_time_s, passed[1].time_s, 1e-15);
    done(&f);
}

/* Coasting under A + C v^2 in closed form: v = sqrt(A/C) tan(phi - sqrt(A C)/m t). */
static void coasting_gives_its_resistance_back(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 1.2e-3, 0, 2e-6);
    double weight = f.mass_kg * 9.81, a = 1.2e-3 * weight, c = 2e-6 * weight;
    double phi = atan(22 * sqrt(c / a));
    for (int i = 0; i < SAMPLES; i++)
        sample(&f, i, sqrt(a / c) * tan(phi - sqrt(a * c) / f.inertia_kg * i), 0);
    f.spec.fits = (struct tn_list){&f.fit, 1};
    assert_int_equal(solve(&f), TN_OK);
    const struct tn_replay_fitted *fitted = f.result.fits.items;
    assert_int_equal(fitted->observations, SAMPLES - 1);
    assert_near_rel(fitted->a_1, 1.2e-3, 1e-6);
    assert_near_abs(fitted->b_s_m, 0, 1e-10);
    assert_near_rel(fitted->c_s2_m2, 2e-6, 1e-6);
    assert_near_abs(fitted->r2_1, 1, 1e-9);
    const struct tn_replay_resistance *row = f.result.resistance.items;
    for (size_t i = 0; i < f.result.resistance.count; i++)
        assert_near_rel(row[i].fitted_N, row[i].law_N, 1e-6);
    /* the same from groups of 10 s, over a part of the time */
    f.fit.interval = 10;
    f.fit.from_time = 100;
    f.fit.to_time = 305;
    assert_int_equal(solve(&f), TN_OK);
    fitted = f.result.fits.items;
    assert_int_equal(fitted->observations, 20);
    assert_near_rel(fitted->a_1, 1.2e-3, 1e-5);
    done(&f);
}

/* A climb under known traction: resistance is what traction gives beyond grade and inertia. */
static void traction_and_grade_are_taken_off(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 1e-3, 3e-5, 0);
    f.profile[0] = (struct tn_profile_point){.km = -2e3, .elevation = 0};
    f.profile[1] = (struct tn_profile_point){.km = 40e3, .elevation = 168};
    f.line.profile = (struct tn_list){f.profile, 2};
    double weight = f.mass_kg * 9.81;
    for (int i = 0; i < 100; i++) { /* constant acceleration: the trapezoid of traction is exact */
        double v = 5 + 0.1 * i;
        sample(&f, i, v, weight * (1e-3 + 3e-5 * v + 0.004) + 0.1 * f.inertia_kg);
    }
    f.fit.terms = 2;
    f.spec.fits = (struct tn_list){&f.fit, 1};
    assert_int_equal(solve(&f), TN_OK);
    const struct tn_replay_fitted *fitted = f.result.fits.items;
    assert_near_rel(fitted->a_1, 1e-3, 1e-9);
    assert_near_rel(fitted->b_s_m, 3e-5, 1e-9);
    assert_near_abs(fitted->c_s2_m2, 0, 0);
    assert_true(isnan(fitted->c_error_s2_m2));
    done(&f);
}

/* Up at full effort, over the top, down on the dynamic brake and, where it does not suffice, the air brake. */
static void prepare_hill(struct fixture *f)
{
    prepare(f, 1e-3, 0, 1e-5);
    f->rolling.locomotive.motor.kind = TN_MOTOR_TWO_NODE;
    f->rolling.locomotive.continuous_effort = 532e3;
    for (size_t i = 0; i < f->rolling.locomotive.effort.count; i++)
        f->rolling.effort[i].dynamic_brake *= 0.5;
    f->rolling.train.limit = 60 * KMH;
    f->environment.weather.density = NAN; /* by altitude */
    f->profile[0] = (struct tn_profile_point){.km = -3e3, .elevation = 2000};
    f->profile[1] = (struct tn_profile_point){.km = 18e3, .elevation = 2270};
    f->profile[2] = (struct tn_profile_point){.km = 21e3, .elevation = 2270};
    f->profile[3] = (struct tn_profile_point){.km = 40e3, .elevation = 1980};
    f->line.profile = (struct tn_list){f->profile, 4};
}

/* A run's own trace, as a recording: the same heat. */
static void a_replayed_run_is_as_warm_as_the_run(void **state)
{
    struct fixture f;
    struct tn_run_spec spec;
    struct tn_run_result run = {.steps = 0};
    (void)state;
    prepare_hill(&f);
    tn_schema_defaults(&tn_run_spec_schema, &spec);
    spec.train = f.spec.train;
    spec.from = "A";
    spec.to = "C";
    spec.warm.motor_rise = f.spec.warm.motor_rise = 15;
    spec.warm.bearing_rise = f.spec.warm.bearing_rise = 10;
    assert_int_equal(tn_study_run.solve(&run, &spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_false(run.head.failed);
    const struct tn_run_trace_point *trace = run.trace.items;
    struct tn_replay_point *points = tn_arena_alloc(&f.arena, run.trace.count, sizeof *points);
    assert_non_null(points);
    size_t count = 0;
    for (size_t i = 0; i < run.trace.count; i++)
        if (count == 0 || trace[i].time_s > points[count - 1].time)
            points[count++] = (struct tn_replay_point){trace[i].time_s, trace[i].speed_m_s, NAN};
    f.spec.trace = (struct tn_list){points, count};
    assert_int_equal(solve(&f), TN_OK);
    assert_near_abs(f.result.distance_m, 40e3, 20);
    assert_near_abs(f.result.motor_temperature_max_K, run.motor_temperature_max_K, 0.1);
    assert_near_abs(f.result.bearing_temperature_max_K, run.bearing_temperature_max_K, 0.1);
    assert_near_abs(f.result.tread_temperature_max_K, run.tread_temperature_max_K, 0.1);
    assert_near_abs(f.result.motor_margin_K, f.result.motor_temperature_limit_K - f.result.motor_temperature_max_K,
                    1e-9);
    assert_near_abs(f.result.motor_hottest_m, run.motor_hottest_m, 500);
    /* the hill heats each part, so that the agreement says something */
    assert_true(run.motor_temperature_max_K > f.environment.weather.temperature + 45);
    assert_true(run.tread_temperature_max_K > f.environment.weather.temperature + 20);
    assert_near_rel(f.result.energy_dynamic_brake_J, run.energy_dynamic_brake_J, 5e-3);
    assert_near_rel(f.result.energy_air_brake_J, run.energy_air_brake_J, 5e-3);
    assert_near_rel(f.result.energy_dynamic_brake_J + f.result.energy_air_brake_J, f.result.energy_negative_J, 1e-12);
    const struct tn_replay_row *rows = f.result.trace.items;
    double hottest = 0;
    for (size_t i = 0; i < count; i++)
        hottest = fmax(hottest, rows[i].motor_temperature_K);
    assert_near_abs(rows[0].motor_temperature_K, f.environment.weather.temperature + 15, 1e-12);
    assert_near_abs(hottest, f.result.motor_temperature_max_K, 0.1);
    done(&f);
}

/* Forces held over a step: 461 kN a locomotive stop what they can, the shoes the rest; then it stands, cooling. */
static void braking_is_split_at_the_dynamic_brake(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 0, 0, 0);
    f.spec.scheme = TN_REPLAY_STEP_START;
    f.spec.warm.tread_rise = 50;
    sample(&f, 0, 16, NAN);
    sample(&f, 20, 12, NAN); /* 0.2 m/s2: 1187 kN */
    sample(&f, 60, 12, NAN);
    sample(&f, 180, 0, NAN); /* 0.1 m/s2: 594 kN, the dynamic brake alone */
    sample(&f, 7200, 0, NAN);
    assert_int_equal(solve(&f), TN_OK);
    assert_near_rel(f.result.energy_air_brake_J, (0.2 * f.inertia_kg - 2 * 461e3) * 280, 1e-9);
    assert_near_rel(f.result.energy_dynamic_brake_J, 2 * 461e3 * 280 + 0.1 * f.inertia_kg * 720, 1e-9);
    const struct tn_replay_row *rows = f.result.trace.items;
    assert_near_rel(rows[1].dynamic_brake_N, 2 * 461e3, 1e-9);
    assert_near_rel(rows[1].air_brake_N, 0.2 * f.inertia_kg - 2 * 461e3, 1e-9);
    assert_near_abs(rows[3].air_brake_N, 0, 1e-6);
    assert_true(rows[1].tread_temperature_K > rows[0].tread_temperature_K);
    assert_true(rows[4].tread_temperature_K < rows[3].tread_temperature_K - 20);
    bool told = false;
    for (size_t i = 0; i < f.result.head.assumptions.count; i++) {
        const struct tn_assumption *a = (const struct tn_assumption *)f.result.head.assumptions.items + i;
        told |= strstr(a->text, "by the dynamic brake as far as its curve allows") != NULL;
    }
    assert_true(told);
    done(&f);
}

/* Norris, NIST Statistical Reference Datasets, with its certified values. */
static void certified_line(void **state)
{
    static const double data[][2] = {
        {0.1, 0.2},     {338.8, 337.4}, {118.1, 118.2}, {888.0, 884.6}, {9.2, 10.1},    {228.1, 226.5},
        {668.5, 666.3}, {998.5, 996.3}, {449.1, 448.6}, {778.9, 777.0}, {559.2, 558.2}, {0.3, 0.4},
        {0.1, 0.6},     {778.1, 775.5}, {668.8, 666.9}, {339.3, 338.0}, {448.9, 447.5}, {10.8, 11.6},
        {557.7, 556.0}, {228.3, 228.1}, {998.0, 995.8}, {888.8, 887.6}, {119.6, 120.2}, {0.3, 0.3},
        {0.6, 0.3},     {557.6, 556.8}, {339.3, 339.1}, {888.0, 887.2}, {998.5, 999.0}, {778.9, 779.0},
        {10.2, 11.1},   {117.6, 118.3}, {228.9, 229.2}, {668.4, 669.1}, {449.2, 448.9}, {0.2, 0.5}};
    struct tn_fit_row rows[36];
    struct tn_fit fit;
    struct tn_context ctx = {.count = 0};
    (void)state;
    for (int i = 0; i < 36; i++)
        rows[i] = (struct tn_fit_row){{1, data[i][1], 0}, data[i][0]};
    assert_int_equal(tn_fit_solve(&fit, rows, 36, 2, 0.95, NULL, &ctx), TN_OK);
    assert_near_rel(fit.value[0], -0.262323073774029, 1e-10);
    assert_near_rel(fit.value[1], 1.00211681802045, 1e-12);
    assert_near_rel(fit.error[0], 0.232818234301152, 1e-10);
    assert_near_rel(fit.error[1], 0.429796848199937e-3, 1e-10);
    assert_near_rel(fit.residual_N, 0.884796396144373, 1e-10);
    assert_near_rel(fit.r2, 0.999993745883712, 1e-12);
    assert_near_abs(fit.quantile, 2.032245, 1e-6); /* Student's t, 34 degrees of freedom, 0.975 */
    double error, at = tn_fit_at(&fit, (const double[]){1, 0, 0}, &error);
    assert_near_rel(at, fit.value[0], 1e-15);
    assert_near_rel(error, fit.error[0], 1e-12);
    tn_context_clear(&ctx);
}

static void impossible_recordings(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 1e-3, 0, 0);
    sample(&f, 0, 10, 0);
    expect_error(&f, &f.spec.trace, "at least 2 samples, not 1");
    sample(&f, 10, 10, 0);
    sample(&f, 9, 10, 0);
    expect_error(&f, &f.trace[2].time, "time goes back from 10 s to 9 s");
    f.trace[2].time = 20;
    f.trace[2].speed = -1;
    expect_error(&f, &f.trace[2].speed, "a speed of -1 m/s");
    f.trace[2].speed = 10;
    f.trace[2].time = 5000;
    expect_error(&f, &f.trace[2].time, "at 5000 s the train is at km 50, beyond the end of the line at km 40");
    f.trace[2].time = 20;
    f.spec.fits = (struct tn_list){&f.fit, 1};
    f.fit.terms = 2;
    expect_error(&f, &f.fit, "2 moving samples in the stretch are too few to find 2 terms");
    sample(&f, 30, 10, 0);
    sample(&f, 40, 10, 0);
    expect_error(&f, &f.fit, "too much alike");
    f.trace[2].traction = NAN;
    expect_error(&f, &f.trace[2].time, "traction is not known, as at 20 s");
    f.spec.from_km = 0;
    expect_error(&f, &f.spec.from_km, "give one of `from` and `from_km`");
    f.spec.from = NULL;
    f.spec.from_km = 41e3;
    expect_error(&f, &f.spec.from_km, "km 41 is not on line level, which runs from km 0 to km 40");
    f.spec.from_km = NAN;
    expect_error(&f, &f.spec.train, "a replay needs `from` (a station) or `from_km`");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traction_turns_into_braking_inside_a_step),
        cmocka_unit_test(forces_held_over_a_step),
        cmocka_unit_test(work_of_the_track_is_a_height),
        cmocka_unit_test(coasting_gives_its_resistance_back),
        cmocka_unit_test(traction_and_grade_are_taken_off),
        cmocka_unit_test(a_replayed_run_is_as_warm_as_the_run),
        cmocka_unit_test(braking_is_split_at_the_dynamic_brake),
        cmocka_unit_test(certified_line),
        cmocka_unit_test(impossible_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
