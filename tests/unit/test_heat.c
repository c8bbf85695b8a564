/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "heat.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <stdlib.h>

#include "rolling.h"
#include "warm.h"

#define DEGC(t) ((t) + 273.15)
#define MIN     60.0
#define H       3600.0

/* --- the same equations, written down once more and left to Prince and Dormand --- */

struct reference {
    double (*speed)(double t, const struct reference *r);
    double v0, acceleration;
    const struct tn_bearing *bearing;
    const struct tn_tread *tread;
    const struct tn_motor *motor;
    double torque_N_m, radius_m, force_N, ambient_K, flow_1, cooling_1, effort_1, speed_1;
};

static double speed_at(const struct reference *r, double t)
{
    return r->v0 + r->acceleration * t;
}

static int bearing_rate(double t, const double y[], double f[], void *payload)
{
    const struct reference *r = payload;
    const struct tn_bearing *b = r->bearing;
    double v = speed_at(r, t), temperature = r->ambient_K + y[0], grease = b->cold_factor;
    if (temperature >= b->warm_temperature)
        grease = 1;
    else if (temperature > b->cold_temperature)
        grease = b->cold_factor + (1 - b->cold_factor) * (temperature - b->cold_temperature) /
                                      (b->warm_temperature - b->cold_temperature);
    double conductance = b->conductance * (b->still_share + (1 - b->still_share) * v / b->speed * r->flow_1);
    f[0] = (r->torque_N_m * grease * v / r->radius_m - conductance * y[0]) / b->heat_capacity;
    return GSL_SUCCESS;
}

static int tread_rate(double t, const double y[], double f[], void *payload)
{
    const struct reference *r = payload;
    const struct tn_tread *w = r->tread;
    double v = speed_at(r, t), settled = w->wheel_share * w->power / (w->limit - DEGC(20));
    double conductance = settled * (w->still_share + (1 - w->still_share) * v / w->speed * r->flow_1);
    f[0] = (w->wheel_share * r->force_N * v - conductance * y[0]) / w->heat_capacity;
    return GSL_SUCCESS;
}

/* In watts over the losses at the continuous rating. */
static int motor_rate(double t, const double y[], double f[], void *payload)
{
    const struct reference *r = payload;
    const struct tn_motor *m = r->motor;
    (void)t;
    double core_K = m->core_share * m->rise, winding_K = m->rise - core_K, hot = 40 + m->rise;
    double r12 = winding_K / (1 - m->iron_share), r2 = core_K / r->cooling_1;
    double c1 = m->winding_time / r12, c2 = m->core_time / core_K;
    double copper = (1 - m->iron_share) * r->effort_1 * r->effort_1 / (1 + 0.0039 * (hot - 20));
    double winding_degC = r->ambient_K + y[0] - 273.15, iron = m->iron_share * fmin(1, pow(r->speed_1, 1.5));
    f[0] = (copper * (1 + 0.0039 * (winding_degC - 20)) - (y[0] - y[1]) / r12) / c1;
    f[1] = (iron + (y[0] - y[1]) / r12 - y[1] / r2) / c2;
    return GSL_SUCCESS;
}

/* The first of the variables at the end; its highest on the way, at a thousand points. */
static double solve(int (*rate)(double, const double[], double[], void *), size_t size, double y[], struct reference *r,
                    double time_s)
{
    gsl_odeiv2_system system = {rate, NULL, size, r};
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1, 1e-11, 1e-13);
    double t = 0, highest = y[0];
    assert_non_null(driver);
    for (int i = 1; i <= 1000; i++) {
        assert_int_equal(gsl_odeiv2_driver_apply(driver, &t, time_s * i / 1000, y), GSL_SUCCESS);
        highest = fmax(highest, y[0]);
    }
    gsl_odeiv2_driver_free(driver);
    return highest;
}

/* --- motors --- */

static struct tn_motor motor_of(int kind)
{
    struct tn_motor motor;
    tn_schema_defaults(&tn_motor_schema, &motor);
    motor.kind = kind;
    motor.rise = 200;
    return motor;
}

/* HXD1C with 468 kN instead of 400, from 80 % of the permitted rise: 9, 17, 26 min at 20, 40, 60 min. */
static void an_overloaded_motor_reaches_its_limit(void **state)
{
    static const double constant_min[] = {20, 40, 60}, published_min[] = {9, 17, 26};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct tn_motor motor = motor_of(TN_MOTOR_CURVES);
        double more = (468.0 / 400) * (468.0 / 400), time = constant_min[i] * MIN;
        struct tn_heating_point heating[] = {{0, 0, time}, {400, 200, time}, {468, 200 * more, time}};
        struct tn_current_point currents[] = {{0, 0}, {600e3, 600}};
        motor.heating = (struct tn_list){heating, 3};
        motor.currents = (struct tn_list){currents, 2};
        struct tn_motor_model model;
        struct tn_motor_load load = {
            .square_N2 = 468e3 * 468e3, .energised = true, .cooling_1 = 1, .ambient_K = DEGC(20)};
        struct tn_motor_rise rise = {160, 160};
        tn_motor_model_init(&model, &motor);
        double t = 0;
        while (rise.winding_K < tn_motor_permitted(&motor, load.ambient_K)) {
            tn_motor_heat(&rise, &model, &load, 1);
            t += 1;
        }
        assert_near_abs(t / MIN, published_min[i], 0.5);
        assert_near_abs(t, time * log((more - 0.8) / (more - 1)), 1);
    }
}

static void heating_curves_are_read_between_and_beyond_their_rows(void **state)
{
    (void)state;
    struct tn_motor motor = motor_of(TN_MOTOR_CURVES);
    struct tn_heating_point heating[] = {{0, 0, 40 * MIN}, {400, 50, 30 * MIN}, {800, 150, 20 * MIN}};
    struct tn_current_point currents[] = {{0, 0}, {100e3, 300}, {400e3, 900}};
    motor.heating = (struct tn_list){heating, 3};
    motor.currents = (struct tn_list){currents, 2 + 1};
    struct tn_motor_model model;
    tn_motor_model_init(&model, &motor);
    static const struct {
        double effort_kN, settled_K, constant_min;
    } rows[] = {{50, 18.75, 36.25}, {200, 75, 27.5}, {400, 150 * 81 / 64.0, 20}};
    for (int i = 0; i < 3; i++) {
        struct tn_motor_load load = {rows[i].effort_kN * rows[i].effort_kN * 1e6, 0, 0, true, 1, DEGC(20)};
        struct tn_motor_rise rise = {15, 15};
        tn_motor_heat(&rise, &model, &load, 600);
        double left = exp(-10 / rows[i].constant_min);
        assert_near_rel(rise.winding_K, rows[i].settled_K + (15 - rows[i].settled_K) * left, 1e-12);
        /* The standard's own step, good while it is short against the time constant. */
        rise = (struct tn_motor_rise){15, 15};
        tn_motor_heat(&rise, &model, &load, 60);
        double share = 1 / rows[i].constant_min;
        assert_near_abs(rise.winding_K, rows[i].settled_K * share + 15 * (1 - share),
                        0.5 * share * share * (rows[i].settled_K - 15));
    }
    struct tn_motor_load off = {1e10, 0, 0, false, 1, DEGC(20)};
    struct tn_motor_rise cooling = {100, 100};
    tn_motor_heat(&cooling, &model, &off, 40 * MIN);
    assert_near_rel(cooling.winding_K, 100 * exp(-1), 1e-12);
}

static void a_two_node_motor_settles_at_its_rating(void **state)
{
    (void)state;
    struct tn_motor motor = motor_of(TN_MOTOR_TWO_NODE);
    struct tn_motor_model model;
    struct tn_motor_load load = {0, 1, 1, true, 1, DEGC(40)};
    struct tn_motor_rise rise = {0, 0};
    tn_motor_model_init(&model, &motor);
    for (int i = 0; i < 100; i++)
        tn_motor_heat(&rise, &model, &load, 1 * H);
    assert_near_abs(rise.winding_K, 200, 1e-9);
    assert_near_abs(rise.core_K, 120, 1e-9);
    assert_near_abs(tn_motor_permitted(&motor, DEGC(40)), 200, 1e-9);
    assert_near_abs(tn_motor_permitted(&motor, DEGC(-10)), 200, 1e-9);
    assert_near_abs(tn_motor_permitted(&motor, DEGC(50)), 190, 1e-9);
    load.ambient_K = DEGC(-10); /* colder copper loses less */
    for (int i = 0; i < 100; i++)
        tn_motor_heat(&rise, &model, &load, 1 * H);
    assert_true(rise.winding_K > 170 && rise.winding_K < 190);
    load.cooling_1 = tn_heat_cooling(motor.still_share, 1, tn_heat_flow(0.7)); /* thin air cools less */
    for (int i = 0; i < 100; i++)
        tn_motor_heat(&rise, &model, &load, 1 * H);
    assert_true(rise.winding_K > 220);
}

static void two_nodes_agree_with_prince_and_dormand(void **state)
{
    static const struct {
        double effort_1, speed_1, winding_K, core_K, cooling_1, time_s;
    } rows[] = {{1.4, 0.6, 20, 10, 1, 900},     {0, 0, 190, 120, 1, 1800},  {0.3, 1.5, 30, 150, 0.8, 1200},
                {2.5, 0.1, 100, 110, 1, 300},   {1, 1, 150, 20, 0.1, 7200}, {4, 0.05, 15, 9, 1, 60},
                {0.9, 1.2, 120, 180, 1, 20000}, {6, 0.2, 15, 9, 0.1, 1200}};
    (void)state;
    struct tn_motor motor = motor_of(TN_MOTOR_TWO_NODE);
    struct tn_motor_model model;
    tn_motor_model_init(&model, &motor);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reference r = {.motor = &motor,
                              .ambient_K = DEGC(5),
                              .cooling_1 = rows[i].cooling_1,
                              .effort_1 = rows[i].effort_1,
                              .speed_1 = rows[i].speed_1};
        struct tn_motor_load load = {
            0, rows[i].effort_1 * rows[i].effort_1, rows[i].speed_1, true, rows[i].cooling_1, r.ambient_K};
        struct tn_motor_rise rise = {rows[i].winding_K, rows[i].core_K}, halves = rise;
        double y[2] = {rise.winding_K, rise.core_K};
        double highest = solve(motor_rate, 2, y, &r, rows[i].time_s);
        double high = tn_motor_heat(&rise, &model, &load, rows[i].time_s);
        assert_near_rel(rise.winding_K, y[0], 1e-8);
        assert_near_rel(rise.core_K, y[1], 1e-8);
        assert_true(high >= highest - 1e-6 * highest);
        assert_near_rel(high, highest, 1e-4);
        for (int k = 0; k < 64; k++)
            tn_motor_heat(&halves, &model, &load, rows[i].time_s / 64);
        assert_near_rel(halves.winding_K, rise.winding_K, 1e-11);
    }
}

static void fans_cool(void **state)
{
    (void)state;
    assert_near_abs(tn_heat_cooling(0.1, 1, 1), 1, 0);
    assert_near_abs(tn_heat_cooling(0.1, 0, 1), 0.1, 0);
    assert_near_rel(tn_heat_cooling(0, 1, tn_heat_flow(0.73)), pow(0.73, 0.8), 1e-15);
    assert_near_rel(tn_heat_cooling(0.1, 0.5, 1), 0.1 + 0.9 * pow(0.5, 0.8), 1e-15);
}

/* --- bearings and treads --- */

static struct tn_bearing bearing_default(void)
{
    struct tn_bearing bearing;
    tn_schema_defaults(&tn_bearing_schema, &bearing);
    return bearing;
}

/* About 30 K at 80 km/h with a time constant of about 50 min, once warm. */
static void a_warm_bearing_settles(void **state)
{
    (void)state;
    struct tn_bearing bearing = bearing_default();
    double rise = 25, v = 80 * KMH, torque = tn_bearing_torque(&bearing, 25e3);
    assert_near_abs(torque, 10, 1e-12);
    assert_near_rel(tn_bearing_torque(&bearing, 12.5e3), 10 * pow(0.5, 0.75), 1e-12);
    double settled = torque * v / 0.42 / 17, constant = 53e3 / 17;
    assert_near_abs(settled, 31, 1);
    assert_near_abs(constant / MIN, 52, 1);
    tn_bearing_heat(&rise, &bearing, torque, 0.42, v, v, 1, DEGC(35), 20 * MIN);
    assert_near_rel(rise, settled + (25 - settled) * exp(-20 * MIN / constant), 1e-12);
    assert_string_equal(tn_bearing_alarm(&bearing, rise), "none");
}

static void a_dragging_bearing_is_found(void **state)
{
    (void)state;
    struct tn_bearing bearing = bearing_default();
    double v = 80 * KMH, rise = 0;
    tn_bearing_heat(&rise, &bearing, 5 * 10, 0.42, v, v, 1, DEGC(30), 3 * H);
    assert_string_equal(tn_bearing_alarm(&bearing, rise), "detector");
    assert_string_equal(tn_bearing_alarm(&bearing, 44.9), "none");
    assert_string_equal(tn_bearing_alarm(&bearing, 45), "light");
    assert_string_equal(tn_bearing_alarm(&bearing, 55), "strong");
    assert_string_equal(tn_bearing_alarm(&bearing, 94), "extreme");
}

static void bearings_agree_with_prince_and_dormand(void **state)
{
    static const struct {
        double from_kmh, to_kmh, ambient_degC, start_K, drag, flow_1, time_s;
    } rows[] = {{80, 80, -40, 0, 1, 1, 7200},  {0, 80, -10, 0, 1, 0.8, 300},   {80, 0, 20, 40, 1, 1, 200},
                {0, 0, -30, 60, 1, 1, 20000},  {60, 60, 0, 0, 15, 0.8, 3600},  {120, 5, -25, 90, 3, 0.7, 3000},
                {0, 100, -40, 0, 20, 1, 1000}, {70, 70, -35, 120, 1, 1, 90000}};
    (void)state;
    struct tn_bearing bearing = bearing_default();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double v0 = rows[i].from_kmh * KMH, v1 = rows[i].to_kmh * KMH, rise = rows[i].start_K, y[1] = {rise};
        struct reference r = {.bearing = &bearing,
                              .v0 = v0,
                              .acceleration = (v1 - v0) / rows[i].time_s,
                              .torque_N_m = 10 * rows[i].drag,
                              .radius_m = 0.42,
                              .ambient_K = DEGC(rows[i].ambient_degC),
                              .flow_1 = rows[i].flow_1};
        solve(bearing_rate, 1, y, &r, rows[i].time_s);
        tn_bearing_heat(&rise, &bearing, r.torque_N_m, 0.42, v0, v1, r.flow_1, r.ambient_K, rows[i].time_s);
        assert_near_abs(rise, y[0], v0 == v1 ? 1e-6 : 5e-3);
    }
}

static void treads_settle_at_their_limit(void **state)
{
    (void)state;
    struct tn_tread tread;
    tn_schema_defaults(&tn_tread_schema, &tread);
    double v = 50 * KMH, rise = 0;
    tn_tread_heat(&rise, &tread, 23e3 / v, v, v, 1, 1000 * H);
    assert_near_abs(rise, 280, 1e-6);
    rise = 100;
    double y[1] = {100};
    struct reference r = {.tread = &tread, .v0 = 90 * KMH, .acceleration = -0.25, .force_N = 3000, .flow_1 = 0.8};
    solve(tread_rate, 1, y, &r, 100);
    tn_tread_heat(&rise, &tread, 3000, 90 * KMH, 0, 0.8, 100);
    assert_near_abs(rise, y[0], 5e-3);
}

/* --- what is refused --- */

static void tables_that_fall_are_refused(void **state)
{
    (void)state;
    struct tn_motor motor = motor_of(TN_MOTOR_CURVES);
    struct tn_heating_point heating[] = {{0, 0, 1800}, {400, 120, 1800}, {800, 110, 1800}};
    struct tn_current_point currents[] = {{0, 0}, {400e3, 800}};
    motor.heating = (struct tn_list){heating, 3};
    motor.currents = (struct tn_list){currents, 2};
    struct tn_context ctx = {.count = 0};
    assert_int_equal(tn_motor_validate(&motor, "x", 400e3, 18, &ctx), TN_ERR_INPUT);
    assert_int_equal(ctx.errors, 1);
    assert_non_null(strstr(ctx.diagnostics[0].text, "falls from 120 K at 400 A to 110 K at 800 A"));
    heating[2].rise = 130;
    assert_int_equal(tn_motor_validate(&motor, "x", 400e3, 18, &ctx), TN_OK);
    currents[1].current = -1;
    assert_int_equal(tn_motor_validate(&motor, "x", 400e3, 18, &ctx), TN_ERR_INPUT);
    motor.kind = TN_MOTOR_TWO_NODE;
    assert_int_equal(tn_motor_validate(&motor, "x", NAN, NAN, &ctx), TN_ERR_INPUT);
    assert_int_equal(tn_motor_validate(&motor, "x", 400e3, 18, &ctx), TN_OK);
    struct tn_bearing bearing = bearing_default();
    assert_int_equal(tn_bearing_validate(&bearing, "x", &ctx), TN_OK);
    bearing.alarm_strong = 100;
    assert_int_equal(tn_bearing_validate(&bearing, "x", &ctx), TN_ERR_INPUT);
    tn_context_clear(&ctx);
}

/* --- along a run --- */

struct trip {
    struct rolling rolling;
    struct tn_train train;
    struct tn_track track;
    struct tn_warm_spec spec;
    struct tn_run run;
    struct tn_warm warm;
    struct tn_weather weather;
    struct tn_arena arena;
    struct tn_context ctx;
};

static void prepare(struct trip *t, const struct rolling_law *law, double load_t, double continuous_N)
{
    *t = (struct trip){.spec = {.motor_rise = 15}};
    rolling_init(&t->rolling, law, 2, load_t);
    t->rolling.locomotive.motor = motor_of(TN_MOTOR_TWO_NODE);
    t->rolling.locomotive.continuous_effort = continuous_N;
    tn_schema_defaults(&tn_weather_schema, &t->weather);
    t->weather.temperature = DEGC(15);
}

static void go(struct trip *t, double grade, double length_m, double altitude_m, double entry_kmh, double tolerance,
               bool keep)
{
    assert_int_equal(tn_train_init(&t->train, &t->rolling.train, &t->weather, 9.81, &t->arena, &t->ctx), TN_OK);
    assert_int_equal(tn_track_uniform(&t->track, &t->train, &t->weather, grade, (double)INFINITY, altitude_m, length_m,
                                      &t->arena, &t->ctx),
                     TN_OK);
    assert_int_equal(tn_warm_init(&t->warm, &t->train, &t->spec, t->weather.temperature, keep, &t->arena), TN_OK);
    struct tn_run_request request = {.track = &t->track,
                                     .to_m = length_m,
                                     .entry_m_s = entry_kmh * KMH,
                                     .tolerance = tolerance,
                                     .trace = keep,
                                     .follow = tn_warm_follow,
                                     .follower = &t->warm};
    assert_int_equal(tn_run_solve(&t->run, &request, &t->arena, &t->ctx), TN_OK);
    assert_int_equal(t->warm.status, TN_OK);
}

static void clear(struct trip *t)
{
    tn_arena_clear(&t->arena);
    tn_context_clear(&t->ctx);
}

/* 2 HXD1C with 5,200 t on 16 permil: 40.9 km/h at 468 kN each, 117 % of the continuous effort. */
static void the_overload_of_two_hxd1c_is_booked(void **state)
{
    struct trip t;
    (void)state;
    prepare(&t, &hxd1c_25t, 5200, 400e3);
    go(&t, 0.016, 60e3, 0, 0, 0, false);
    assert_true(t.run.finished);
    assert_near_abs(t.run.end_m_s / KMH, 40.9, 0.1);
    assert_near_rel(t.warm.above_continuous_s, t.run.running_time_s, 1e-9);
    assert_near_abs(t.warm.motor.limit_K, DEGC(15) + 200, 0);
    assert_true(t.warm.motor.margin_K > 0);
    t.weather.temperature = DEGC(40);
    t.spec.motor_rise = 160; /* 80 % warm: this climb is too much on a hot day */
    go(&t, 0.016, 60e3, 0, 0, 0, false);
    assert_true(t.warm.motor.margin_K < 0);
    clear(&t);
}

static void on_a_held_speed_the_rises_are_those_of_closed_forms(void **state)
{
    struct trip t;
    (void)state;
    prepare(&t, &hxd1_25t, 5200, 532e3);
    t.rolling.train.limit = 60 * KMH;
    go(&t, 0.004, 200e3, 0, 60, 0, false);
    double time = 200e3 / (60 * KMH), torque = tn_bearing_torque(&t.rolling.wagon.bearing, 5200e3 / 56 / 4);
    double rise = 0;
    assert_int_equal(t.train.wagons, 56);
    tn_bearing_heat(&rise, &t.rolling.wagon.bearing, torque, 0.42, 60 * KMH, 60 * KMH, 1, DEGC(15), time);
    assert_near_abs(t.warm.bearing.now_K, DEGC(15) + rise, 1e-6);
    struct tn_motor_model model;
    double effort = t.run.work_traction_J / 200e3 / 2;
    struct tn_motor_load load = {0, effort * effort / (532e3 * 532e3), 60.0 / 65, true, 1, DEGC(15)};
    struct tn_motor_rise motor = {15, 9};
    tn_motor_model_init(&model, &t.rolling.locomotive.motor);
    tn_motor_heat(&motor, &model, &load, time);
    assert_near_abs(t.warm.motor.now_K, DEGC(15) + motor.winding_K, 1e-6);
    assert_near_abs(t.warm.above_continuous_s, 0, 0);
    assert_near_abs(t.warm.tread.max_K, DEGC(15), 0);
    clear(&t);
}

/* The promise: halving the step changes nothing beyond 0.1 K. Here steps shrink by far more. */
static void temperatures_do_not_depend_on_the_step(void **state)
{
    static const double tolerances[] = {1e-3, 1e-5, 1e-6, 1e-9};
    static const double grades[] = {0.016, 0.012, 0.005, -0.002};
    (void)state;
    for (size_t g = 0; g < 4; g++) {
        double motor = NAN, bearing = NAN, above = NAN;
        for (int i = 3; i >= 0; i--) {
            struct trip t;
            prepare(&t, &hxd1_25t, 5200, 532e3);
            go(&t, grades[g], 30e3, 2500, 0, tolerances[i], false);
            if (i == 3) {
                motor = t.warm.motor.max_K;
                bearing = t.warm.bearing.max_K;
                above = t.warm.above_continuous_s;
            }
            assert_near_abs(t.warm.motor.max_K, motor, 0.05);
            assert_near_abs(t.warm.bearing.max_K, bearing, 0.01);
            assert_near_abs(t.warm.above_continuous_s, above, 2);
            clear(&t);
        }
    }
}

static void a_trace_changes_nothing(void **state)
{
    struct trip with, without;
    (void)state;
    prepare(&with, &hxd1_25t, 5200, 532e3);
    prepare(&without, &hxd1_25t, 5200, 532e3);
    go(&with, 0.01, 20e3, 1000, 0, 0, true);
    go(&without, 0.01, 20e3, 1000, 0, 0, false);
    assert_true(with.warm.motor.max_K == without.warm.motor.max_K);
    assert_true(with.warm.bearing.now_K == without.warm.bearing.now_K);
    assert_true(with.warm.sample_count > 1);
    size_t hint = 0;
    struct tn_warm_sample first = tn_warm_at(&with.warm, 0, &hint);
    assert_near_abs(first.motor_K, DEGC(15) + 15, 1e-12);
    struct tn_warm_sample last = tn_warm_at(&with.warm, with.run.running_time_s, &hint);
    assert_near_abs(last.motor_K, with.warm.motor.now_K, 1e-9);
    assert_near_abs(last.bearing_K, with.warm.bearing.now_K, 1e-9);
    clear(&with);
    clear(&without);
}

/* Dragging downhill on the air brake alone: 23 kW a wheel at 50 km/h on 16 permil, near what may last. */
static void drag_braking_heats_the_treads(void **state)
{
    struct trip t;
    (void)state;
    prepare(&t, &hxd1_25t, 5241.6, 532e3); /* 56 wagons of 93.6 t */
    for (size_t i = 0; i < t.rolling.locomotive.effort.count; i++)
        t.rolling.effort[i].dynamic_brake = 0;
    t.rolling.train.limit = 50 * KMH;
    t.weather.temperature = DEGC(20);
    go(&t, -0.016, 30e3, 0, 50, 0, false);
    assert_near_rel(t.run.work_air_brake_J / t.run.running_time_s * 93.6e3 / t.train.mass_kg / 8, 23e3, 0.06);
    assert_true(t.warm.tread.max_K > DEGC(150) && t.warm.tread.margin_K > 0);
    go(&t, -0.016, 300e3, 0, 50, 0, false);
    assert_near_abs(t.warm.tread.max_K, DEGC(300), 20);
    clear(&t);
}

static void faults_show(void **state)
{
    struct trip sound, faulty;
    (void)state;
    prepare(&sound, &hxd1_25t, 5200, 532e3);
    prepare(&faulty, &hxd1_25t, 5200, 532e3);
    faulty.rolling.train.faults = (struct tn_train_faults){.bearing_torque = 10, .fan_speed = 0};
    go(&sound, 0.014, 80e3, 0, 60, 0, false);
    go(&faulty, 0.014, 80e3, 0, 60, 0, false);
    assert_string_equal(sound.warm.bearing_alarm, "none");
    assert_string_equal(faulty.warm.bearing_alarm, "detector");
    assert_int_equal(sound.warm.motor_count, 1);
    assert_int_equal(faulty.warm.motor_count, 2); /* the other locomotive's fans run */
    assert_true(faulty.warm.motor.max_K > sound.warm.motor.max_K + 25);
    assert_true(faulty.warm.motor.margin_K < sound.warm.motor.margin_K - 25);
    assert_near_abs(faulty.run.running_time_s, sound.run.running_time_s, 0);
    clear(&sound);
    clear(&faulty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overloaded_motor_reaches_its_limit),
        cmocka_unit_test(heating_curves_are_read_between_and_beyond_their_rows),
        cmocka_unit_test(a_two_node_motor_settles_at_its_rating),
        cmocka_unit_test(two_nodes_agree_with_prince_and_dormand),
        cmocka_unit_test(fans_cool),
        cmocka_unit_test(a_warm_bearing_settles),
        cmocka_unit_test(a_dragging_bearing_is_found),
        cmocka_unit_test(bearings_agree_with_prince_and_dormand),
        cmocka_unit_test(treads_settle_at_their_limit),
        cmocka_unit_test(tables_that_fall_are_refused),
        cmocka_unit_test(the_overload_of_two_hxd1c_is_booked),
        cmocka_unit_test(on_a_held_speed_the_rises_are_those_of_closed_forms),
        cmocka_unit_test(temperatures_do_not_depend_on_the_step),
        cmocka_unit_test(a_trace_changes_nothing),
        cmocka_unit_test(drag_braking_heats_the_treads),
        cmocka_unit_test(faults_show),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
