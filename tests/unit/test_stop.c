/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stop.h"

#include "rolling.h"

ROLLING_STUDY(stop)

/* Wagons alone, as the tables are made. */
static void wagons(struct fixture *f, int count)
{
    memset(f, 0, sizeof *f);
    rolling_init(&f->rolling, &hxd1_25t, 0, NAN);
    f->rolling.train.locomotives.count = 0;
    f->rolling.tail.load = NAN;
    f->rolling.tail.count = count;
    set_up(f, 0);
    f->spec.from = 70 * KMH;
}

/* Emergency stops of 55 wagons with H shoes: printed idle times, distances from 60 to 100 km/h, permitted speeds. */
static void printed_table(void **state)
{
    static const struct {
        double rate, grade, idle, distance[5], v800, v1400;
    } rows[] = {{0.18, 0, 5.18, {390, 522, 674, 846, 1040}, 87.4, 116.3},
                {0.18, -6, 6.04, {447, 598, 773, 973, 1197}, 81.4, 108.3},
                {0.18, -16, 7.49, {575, 775, 1008, 1275, 1576}, 71.2, 94.3},
                {0.20, 0, 5.18, {360, 481, 619, 777, 953}, 91.4, 121.7},
                {0.20, -16, 7.49, {513, 687, 891, 1123, 1385}, 75.7, 100.6}};
    struct fixture f;
    (void)state;
    wagons(&f, 55);
    for (size_t i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            f.rolling.train.brake.rate = rows[i].rate;
            f.spec.grade = 1e-3 * rows[i].grade;
            f.spec.from = (60 + 10 * j) * KMH;
            f.spec.distance = j % 2 ? 1400 : NAN;
            run(&f);
            assert_near_abs(f.result.idle_time_s, rows[i].idle, 0.0051);
            assert_near_abs(f.result.idle_distance_m, f.result.idle_time_s * f.spec.from, 1e-9);
            assert_near_abs(f.result.distance_m, rows[i].distance[j], 1);
            assert_near_abs(f.result.speed_permitted_m_s / KMH, j % 2 ? rows[i].v1400 : rows[i].v800, 0.2);
            assert_int_equal(f.result.rule_kept, f.result.distance_m <= (j % 2 ? 1400 : 800));
            assert_false(f.result.head.failed);
        }
    done(&f);
}

/* Worked example: 50 wagons with L shoes, brake rate 0.33, 6 permil down, 70 km/h: 5.7 s, 111 m, 639 m. */
static void low_friction_shoes(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 50);
    f.rolling.train.brake.rate = 0.33;
    f.rolling.wagon.friction = law_of(tn_friction_law_name, "low-friction");
    f.spec.grade = -6e-3;
    run(&f);
    assert_near_abs(f.result.idle_time_s, 5.665, 5.1e-4);
    assert_near_rel(f.result.idle_time_s, 5.7, 0.01);
    assert_near_rel(f.result.idle_distance_m, 111.0, 0.01);
    assert_near_rel(f.result.distance_m, 639.0, 0.01);
    done(&f);
}

/* Worked example: 2 DF4 (650 kN, 135 t), 55 loaded (290 kN, 84 t) and 5 empty wagons (115 kN, 20 t), medium phosphorus.
 */
static void mixed_train(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 55);
    f.rolling.locomotive.mass = 135e3;
    f.rolling.locomotive.shoe_force = 650e3;
    f.rolling.head.count = 2;
    f.rolling.train.locomotives.count = 1;
    f.rolling.wagon.tare = 20e3;
    f.rolling.wagon.gross = 84e3;
    f.rolling.wagon.shoe_force = 290e3;
    f.rolling.wagon.shoe_force_empty = 115e3;
    f.rolling.wagon.friction = law_of(tn_friction_law_name, "medium-phosphorus");
    struct tn_train_wagons groups[2] = {f.rolling.tail, f.rolling.tail};
    groups[1].state = TN_EMPTY;
    groups[1].count = 5;
    f.rolling.train.wagons = (struct tn_list){groups, 2};
    f.rolling.train.brake.rate = NAN;
    f.spec.from = 80 * KMH;
    run(&f);
    assert_near_abs(f.result.brake_rate_1, 0.3641, 5.1e-5);
    const struct tn_stop_trace *rows = f.result.trace.items;
    double weight_kN = 4990 * 9.81;
    assert_near_rel(rows[2].brake_N / weight_kN, f.result.brake_rate_1 * 134.2, 5e-4);
    assert_near_abs(rows[42].speed_m_s, 40 * KMH, 1e-12);
    assert_near_rel(rows[42].brake_N / weight_kN, f.result.brake_rate_1 * 152.6, 5e-4);
    f.environment.gravity_m_s2 = 10;
    run(&f);
    assert_near_abs(f.result.brake_rate_1, 0.3572, 5.1e-5);
    done(&f);
}

/* A service stop against plain small steps in time. */
static void service(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 60);
    f.spec.brake = TN_STOP_SERVICE;
    f.spec.reduction = 100e3;
    f.spec.grade = -12e-3;
    f.spec.from = 60 * KMH;
    run(&f);
    assert_near_abs(f.result.idle_time_s, 19.597, 5.1e-4);
    assert_near_abs(f.result.service_share_1, 0.68, 1e-12);
    assert_near_abs(f.result.reduction_Pa, 100e3, 0);
    double v = f.spec.from, s = v * f.result.idle_time_s, t = f.result.idle_time_s, h = 1e-3;
    while (v > 0) {
        double slowing[2];
        for (int i = 0; i < 2; i++) {
            double kmh = (v - (i ? 0.5 * h * slowing[0] : 0)) / KMH;
            double permil =
                680 * 0.18 * 0.322 * (kmh + 150) / (2 * kmh + 150) + 0.92 + 0.0048 * kmh + 0.000125 * kmh * kmh - 12;
            slowing[i] = permil * 9.81e-3 / 1.06;
        }
        double dt = fmin(h, v / slowing[1]);
        s += v * dt - 0.5 * slowing[1] * dt * dt;
        v = dt < h ? 0 : v - h * slowing[1];
        t += dt;
    }
    assert_near_rel(f.result.distance_m, s, 1e-6);
    assert_near_rel(f.result.time_s, t, 1e-6);
    assert_near_rel(f.result.deceleration_m_s2, 0.5 * f.spec.from * f.spec.from / s, 1e-6);
    done(&f);
}

static void histories_end_at_the_stop(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 55);
    f.spec.from = 63.7 * KMH;
    run(&f);
    const struct tn_stop_trace *rows = f.result.trace.items;
    size_t last = f.result.trace.count - 1;
    assert_int_equal(last, 2 + 64);
    assert_near_abs(rows[last].speed_m_s, 0, 0);
    assert_near_rel(rows[last].distance_m, f.result.distance_m, 1e-12);
    assert_near_rel(rows[last].time_s, f.result.time_s, 1e-12);
    for (size_t i = 1; i <= last; i++)
        assert_true(rows[i].time_s >= rows[i - 1].time_s && rows[i].speed_m_s <= rows[i - 1].speed_m_s);
    done(&f);
}

/* The table of permitted speeds is the study's own answer at each grade and rate. */
static void table_of_permitted_speeds(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 55);
    run(&f);
    const struct tn_stop_permitted *rows = f.result.permitted.items;
    assert_int_equal(f.result.permitted.count, 11 * 10);
    double level_kmh = 0, steep_kmh = 0;
    for (size_t i = 0; i < f.result.permitted.count; i++) {
        if (fabs(rows[i].brake_rate_1 - 0.18) < 1e-9 && rows[i].grade_1 == 0)
            level_kmh = rows[i].speed_m_s / KMH;
        if (fabs(rows[i].brake_rate_1 - 0.18) < 1e-9 && fabs(rows[i].grade_1 + 16e-3) < 1e-9)
            steep_kmh = rows[i].speed_m_s / KMH;
    }
    assert_near_abs(level_kmh, 87.4, 0.2);
    assert_near_abs(steep_kmh, 71.2, 0.2);
    double grades[] = {-6e-3, 0.01}, rates[] = {0.18};
    f.spec.grades = (struct tn_list){grades, 2};
    f.spec.rates = (struct tn_list){rates, 1};
    f.spec.brake = TN_STOP_SERVICE; /* the table is of emergency stops all the same */
    run(&f);
    rows = f.result.permitted.items;
    assert_int_equal(f.result.permitted.count, 2);
    assert_near_abs(rows[0].speed_m_s / KMH, 81.4, 0.2);
    assert_true(rows[1].speed_m_s > rows[0].speed_m_s);
    done(&f);
}

static void no_stop(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 55);
    f.spec.grade = -0.07;
    run(&f);
    assert_true(f.result.head.failed && !f.result.stops && !f.result.rule_kept);
    assert_true(isnan(f.result.distance_m) && isnan(f.result.time_s));
    assert_int_equal(f.result.trace.count, 0);
    assert_near_abs(f.result.speed_permitted_m_s, 0, 1e-6);
    f.spec.grade = -0.016;
    f.spec.distance = 0; /* no rule */
    run(&f);
    assert_true(f.result.stops && isnan(f.result.speed_permitted_m_s) && isnan(f.result.rule_distance_m));
    assert_int_equal(f.result.permitted.count, 0);
    assert_string_equal(f.result.head.verdict, "stops from 70 km/h within 775 m on -16 permil");
    done(&f);
}

static void refusals(void **state)
{
    struct fixture f;
    (void)state;
    wagons(&f, 55);
    f.spec.brake = TN_STOP_SERVICE;
    f.spec.reduction = 150e3;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    f.rolling.train.brake.pipe_pressure = 600e3;
    run(&f);
    f.spec.reduction = NAN;
    run(&f);
    assert_near_abs(f.result.reduction_Pa, 170e3, 0);
    double grade = -0.5;
    f.spec.grades = (struct tn_list){&grade, 1};
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    f.spec.grades.count = 0;
    f.rolling.train.brake.rate = NAN;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    assert_int_equal(f.ctx.errors, 3);
    done(&f);
}

/* 5,200 t behind two locomotives, the air simulated. */
static void with_air(struct fixture *f)
{
    wagons(f, -1);
    f->rolling.tail.load = 5200e3;
    f->rolling.head.count = 2;
    f->rolling.train.locomotives.count = 1;
    f->spec.depth = TN_STOP_PNEUMATIC;
}

/* Halving the step changes the distance by less than 0.1 %; the permitted speed keeps the rule to the same accuracy;
   the standard's brake is not far away. */
static void air(void **state)
{
    static const struct {
        int brake;
        double reduction, grade;
    } rows[] = {{TN_STOP_EMERGENCY, NAN, -16e-3}, {TN_STOP_SERVICE, 100e3, 0}, {TN_STOP_SERVICE, 140e3, -6e-3}};
    struct fixture f;
    (void)state;
    with_air(&f);
    for (size_t i = 0; i < 3; i++) {
        f.spec.brake = rows[i].brake;
        f.spec.reduction = rows[i].reduction;
        f.spec.grade = rows[i].grade;
        f.spec.from = 70 * KMH;
        f.spec.distance = 1000;
        run(&f);
        double distance_m = f.result.distance_m;
        assert_true(f.result.stops && f.result.error_estimate_m < 1e-3 * distance_m);
        f.spec.from = f.result.speed_permitted_m_s;
        run(&f);
        assert_near_rel(f.result.distance_m, 1000, 1e-4);
        assert_near_rel(f.result.speed_permitted_m_s, f.spec.from, 1e-4);
        f.spec.from = 70 * KMH;
        f.spec.depth = TN_STOP_EMPIRICAL;
        run(&f);
        assert_near_rel(distance_m, f.result.distance_m, 0.2);
        f.spec.depth = TN_STOP_PNEUMATIC;
    }
    done(&f);
}

/* Full force from the idle time on stops in the same distance; nothing brakes before the air moves. */
static void air_histories(void **state)
{
    struct fixture f;
    (void)state;
    with_air(&f);
    run(&f);
    const struct tn_stop_trace *trace = f.result.trace.items;
    const struct tn_stop_cylinder *air = f.result.cylinder.items;
    size_t last = f.result.trace.count - 1;
    assert_int_equal(f.result.cylinder.count, last + 1);
    assert_near_abs(trace[0].brake_N, 0, 0);
    assert_near_abs(air[0].mean_Pa, 0, 1);
    assert_near_rel(air[0].pipe_tail_Pa, 500e3, 1e-6);
    assert_near_abs(trace[last].speed_m_s, 0, 0);
    assert_near_rel(trace[last].distance_m, f.result.distance_m, 1e-12);
    assert_near_rel(f.result.service_share_1, 1, 0.01);
    /* the wave is on its way: after a second the head brakes, the tail does not */
    assert_near_abs(air[2].time_s, 1, 1e-9);
    assert_true(air[2].head_Pa > 50e3);
    assert_near_abs(air[2].tail_Pa, 0, 1);
    assert_near_rel(air[last].tail_Pa, air[last].head_Pa, 0.02);
    double full_m = f.result.distance_m - f.result.idle_distance_m, sum = 0, v0 = f.spec.from, n = 2000;
    for (double i = 0.5; i < n; i++) {
        double v = v0 * i / n;
        double locomotives = 400 * (1.2 + 0.0065 * v / KMH + 0.000279 * v * v / KMH / KMH);
        double tail = 5200 * (0.92 + 0.0048 * v / KMH + 0.000125 * v * v / KMH / KMH);
        double shoes = 1000 * 0.18 * 5600 * 0.322 * (v / KMH + 150) / (2 * v / KMH + 150);
        sum += v0 / n * 1.06 * 5600e3 * v / (9.81 * (shoes + locomotives + tail));
    }
    assert_near_rel(full_m, sum, 0.005); /* the model's cylinders are 0.1 % short of full */
    done(&f);
}

/* Emergency is air alone, whatever the dynamic brake; without a locomotive nothing feeds the pipe. */
static void air_alone(void **state)
{
    struct fixture f;
    (void)state;
    with_air(&f);
    f.spec.distance = 0;
    run(&f);
    double distance_m = f.result.distance_m;
    for (size_t i = 0; i < f.rolling.locomotive.effort.count; i++)
        f.rolling.effort[i].dynamic_brake *= 0.1;
    run(&f);
    assert_near_abs(f.result.distance_m, distance_m, 0);
    f.spec.grade = -0.08;
    run(&f);
    assert_true(f.result.head.failed && isnan(f.result.distance_m) && isnan(f.result.idle_time_s));
    f.rolling.train.locomotives.count = 0;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_table),
        cmocka_unit_test(low_friction_shoes),
        cmocka_unit_test(mixed_train),
        cmocka_unit_test(service),
        cmocka_unit_test(histories_end_at_the_stop),
        cmocka_unit_test(table_of_permitted_speeds),
        cmocka_unit_test(no_stop),
        cmocka_unit_test(refusals),
        cmocka_unit_test(air),
        cmocka_unit_test(air_histories),
        cmocka_unit_test(air_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
