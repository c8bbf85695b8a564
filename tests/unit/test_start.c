/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "start.h"

#include "rolling.h"

ROLLING_STUDY(start)

/* Published cross-check of 5,200 t on 16 permil, by hand calculation. */
static void starts_on_the_ruling_grade(void **state)
{
    static const struct {
        const struct rolling_law *law;
        double available_kN, needed_kN, balance_kmh;
    } rows[] = {{&hxd1_25t, 1520, 1077, 70.1}, {&hxd1c_25t, 1140, 1057, 40.9}, {&hxd1c_23t, 1040, 1052, NAN}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture f = {.ctx = {.count = 0}};
        rolling_init(&f.rolling, rows[i].law, 2, 5200);
        set_up(&f, 0.016);
        run(&f);
        assert_near_rel(f.result.force_available_N, rows[i].available_kN * 1e3, 1e-6);
        assert_near_rel(f.result.force_needed_N, rows[i].needed_kN * 1e3, 1e-3);
        assert_int_equal(f.result.starts, !isnan(rows[i].balance_kmh));
        assert_int_equal(f.result.head.failed, isnan(rows[i].balance_kmh));
        if (f.result.starts)
            assert_near_rel(f.result.balance_speed_m_s / KMH, rows[i].balance_kmh, 2e-3);
        else
            assert_true(isnan(f.result.balance_speed_m_s));
        done(&f);
    }
}

/* 300 t x 21 + 5200 t x 19.5 N/kN at g = 9.81. */
static void force_needed_is_exact(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    assert_near_rel(f.result.force_needed_N, (300e3 * 21e-3 + 5200e3 * 19.5e-3) * 9.81, 1e-12);
    assert_near_rel(f.result.adhesion_needed_1, 0.359, 2e-3);
    assert_near_rel(f.result.adhesion_available_1, 1140e3 / (300e3 * 9.81), 1e-9);
    assert_near_rel(f.result.adhesion_balance_1, 0.318, 3e-3);
    /* at the startable load both forces are the same */
    double load = f.result.load_startable_kg;
    assert_near_rel(1140e3, (300e3 * 21e-3 + load * 19.5e-3) * 9.81, 1e-12);
    done(&f);
}

static void verdict_says_what_would_start(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_23t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    assert_string_equal(f.result.head.verdict,
                        "cannot start on 16 permil: 1,052 kN needed, 1,040 kN available; would start "
                        "5,139 t; if moving it balances at 30.1 km/h");
    assert_true(f.result.runup.count == 0);
    done(&f);
}

/* Published level run-ups, starting resistance ignored. */
static void run_up_on_level(void **state)
{
    static const double speeds_kmh[] = {40, 60, 80};
    static const struct {
        const struct rolling_law *law;
        int count;
        double load_t, time_s[3], distance_m[3];
    } rows[] = {{&hxd1_25t, 1, 5000, {95.3, 155.3, 233.4}, {553, 1391, 2927}},
                {&hxd1c_25t, 2, 5200, {65.5, 105.9, 157.2}, {379, 944, 1950}}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f = {.ctx = {.count = 0}};
        double speeds[3];
        for (int k = 0; k < 3; k++)
            speeds[k] = speeds_kmh[k] * KMH;
        rolling_init(&f.rolling, rows[i].law, rows[i].count, rows[i].load_t);
        f.rolling.train.starting_resistance = false;
        set_up(&f, 0);
        f.spec.speeds = (struct tn_list){speeds, 3};
        run(&f);
        const struct tn_start_runup *rows_out = f.result.runup.items;
        assert_int_equal(f.result.runup.count, 3);
        for (int k = 0; k < 3; k++) {
            assert_near_rel(rows_out[k].time_s, rows[i].time_s[k], 5e-3);
            assert_near_rel(rows_out[k].distance_m, rows[i].distance_m[k], 5e-3);
        }
        done(&f);
    }
}

/* Closed forms t = int dv/a, s = int v dv/a under constant force, loaded-wagon law over the whole mass. */
static void run_up_under_constant_force(void **state)
{
    static const struct {
        double force_kN, speed_kmh, time_s, distance_m;
    } rows[] = {{400, 40, 177.6890, 996.744}, {400, 60, 272.0297, 2309.408}, {500, 60, 209.8408, 1773.909}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture f = {.ctx = {.count = 0}};
        double speed = rows[i].speed_kmh * KMH;
        rolling_constant(&f.rolling, 5200, rows[i].force_kN, 0);
        set_up(&f, 0);
        f.spec.speeds = (struct tn_list){&speed, 1};
        run(&f);
        const struct tn_start_runup *row = f.result.runup.items;
        assert_near_abs(row->time_s, rows[i].time_s, 6e-5);
        assert_near_abs(row->distance_m, rows[i].distance_m, 6e-4);
        done(&f);
    }
}

/* Constant power at the rim on a grade. */
static void balance_of_constant_power(void **state)
{
    static const struct {
        double power_kW, grade, speed_kmh;
    } rows[] = {{7200, 0.006, 65.4056}, {9600, 0.006, 82.8628}, {9600, 0.013, 46.9781}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture f = {.ctx = {.count = 0}};
        double from = 5 * KMH, to = 120 * KMH, power = rows[i].power_kW * 1e3;
        rolling_constant(&f.rolling, 5200, power / from / 1e3, 0);
        f.rolling.locomotive.effort.count = 3;
        f.rolling.locomotive.traction_power_from = from;
        f.rolling.effort[1] = (struct tn_effort_point){from, power / from, 0};
        f.rolling.effort[2] = (struct tn_effort_point){to, power / to, 0};
        set_up(&f, rows[i].grade);
        run(&f);
        assert_near_abs(f.result.balance_speed_m_s / KMH, rows[i].speed_kmh, 6e-5);
        done(&f);
    }
}

static void speeds_out_of_reach_are_unknown(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    double speeds[] = {30 * KMH, 60 * KMH};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 5200);
    set_up(&f, 0.016);
    f.spec.speeds = (struct tn_list){speeds, 2};
    run(&f);
    const struct tn_start_runup *rows = f.result.runup.items;
    assert_true(rows[0].time_s > 0);
    assert_true(isnan(rows[1].time_s) && isnan(rows[1].distance_m));
    done(&f);
}

/* Starting resistance ends at 2.5 km/h: the diagram has a row on each side. */
static void effort_rows_at_a_jump(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    const struct tn_effort_row *rows = f.result.effort.items;
    int jumps = 0;
    for (size_t i = 1; i < f.result.effort.count; i++) {
        assert_true(rows[i].speed_m_s >= rows[i - 1].speed_m_s);
        if (rows[i].speed_m_s > rows[i - 1].speed_m_s)
            continue;
        jumps++;
        assert_near_rel(rows[i].speed_m_s, 2.5 / 3.6, 1e-12);
        assert_near_rel(rows[i - 1].resistance_N, f.result.force_needed_N, 1e-12);
        assert_true(rows[i].resistance_N < 0.9 * f.result.force_needed_N);
        assert_near_rel(rows[i].traction_N, rows[i - 1].traction_N, 1e-12);
    }
    assert_int_equal(jumps, 1);
    assert_near_rel(rows[0].traction_N, f.result.force_available_N, 1e-12);
    done(&f);
}

/* 0.36 of the DC-era law at rest, 0.331 of Curtius and Kniffler. */
static void laws_at_rest(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    const struct tn_adhesion_row *rows = f.result.laws.items;
    bool seen = false;
    for (size_t i = 0; i < f.result.laws.count; i++) {
        if (strcmp(rows[i].law, "curtius-kniffler") == 0) {
            seen = true;
            assert_near_abs(rows[i].available_1, 0.331, 1e-3);
            assert_false(rows[i].starts);
        }
        if (strcmp(rows[i].law, "electric-dc") == 0) {
            assert_near_abs(rows[i].available_1, 0.36, 1e-9);
            assert_true(rows[i].starts);
        }
    }
    assert_true(seen);
    f.rolling.train.adhesion = law_of(tn_train_adhesion_name, "curtius-kniffler");
    run(&f);
    assert_false(f.result.starts);
    assert_near_abs(f.result.adhesion_available_1, 0.3315, 1e-3);
    done(&f);
}

/* Light enough to outrun its balance: the top speed, and the verdict says so. */
static void top_speed_limits(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1_25t, 2, 2000);
    f.rolling.train.limit = 80 * KMH;
    set_up(&f, 0.006);
    run(&f);
    assert_near_rel(f.result.balance_speed_m_s, 80 * KMH, 1e-12);
    assert_non_null(strstr(f.result.head.verdict, "top speed"));
    done(&f);
}

/* In a curve of 300 m an electric loses adhesion by 0.835, a diesel by 0.9115, each its own, and the run-up as well as
   the start; `curve` and a law for braking alone leave the effort as it is. */
static void a_curve_takes_adhesion(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 2000);
    struct tn_locomotive diesel = f.rolling.locomotive;
    struct tn_train_locomotives rows[2] = {f.rolling.head, f.rolling.head};
    diesel.energy = TN_DIESEL;
    rows[1].type = (struct tn_ref){"diesel", &diesel};
    rows[1].count = 1;
    f.rolling.train.locomotives = (struct tn_list){rows, 2};
    set_up(&f, 0.016);
    f.spec.curve_radius = 300;
    f.rolling.train.adhesion = law_of(tn_train_adhesion_name, "electric-dc");
    run(&f);
    double weight = (2 * 0.835 + 0.9115) * 150e3 * 9.81;
    assert_near_rel(f.result.force_available_N, 0.36 * weight, 1e-12);
    assert_near_rel(f.result.adhesion_available_1, 0.36 * weight / (450e3 * 9.81), 1e-12);
    const struct tn_adhesion_row *law = f.result.laws.items;
    assert_string_equal(law->law, "electric-dc");
    assert_near_rel(law->force_N, 0.36 * weight, 1e-12);
    const struct tn_effort_row *effort = f.result.effort.items;
    assert_near_rel(effort[0].traction_N, 0.36 * weight, 1e-12);
    for (size_t i = 0; i < f.result.effort.count; i++)
        if (fabs(effort[i].speed_m_s - 40 * KMH) < 1e-9)
            assert_near_rel(effort[i].traction_N, (0.24 + 12.0 / 420) * weight, 1e-9);
    /* one under its law, the others under the makers' curves: each its own */
    diesel.adhesion = law_of(tn_adhesion_law_name, "electric-dc");
    f.rolling.train.adhesion = law_of(tn_train_adhesion_name, "type");
    run(&f);
    assert_near_rel(f.result.force_available_N, 1140e3 + 0.36 * 0.9115 * 150e3 * 9.81, 1e-12);
    static const char *const free[] = {"curve", "braking-dry"};
    for (int i = 0; i < 2; i++) {
        f.rolling.train.adhesion = law_of(tn_train_adhesion_name, free[i]);
        run(&f);
        assert_near_rel(f.result.force_available_N, 1710e3, 1e-12);
    }
    done(&f);
}

/* Wagons that state no speed, without a locomotive: they do not climb; downhill they start by themselves. */
static void wagons_alone(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1_25t, 1, 936);
    f.rolling.train.locomotives.count = 0;
    f.rolling.wagon.speed_max = NAN;
    set_up(&f, 0.010);
    run(&f);
    assert_false(f.result.starts);
    assert_near_abs(f.result.load_startable_kg, 0, 0);
    set_up(&f, -0.010);
    run(&f);
    assert_true(f.result.starts);
    double tail = (10 - 0.92) / 0.000125, half = 0.5 * 0.0048 / 0.000125; /* 0.92 + 0.0048 v + 0.000125 v^2 = 10 */
    assert_near_rel(f.result.balance_speed_m_s / KMH, sqrt(half * half + tail) - half, 1e-7);
    assert_true(f.result.effort.count > 400);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_on_the_ruling_grade),
        cmocka_unit_test(force_needed_is_exact),
        cmocka_unit_test(verdict_says_what_would_start),
        cmocka_unit_test(run_up_on_level),
        cmocka_unit_test(run_up_under_constant_force),
        cmocka_unit_test(balance_of_constant_power),
        cmocka_unit_test(speeds_out_of_reach_are_unknown),
        cmocka_unit_test(effort_rows_at_a_jump),
        cmocka_unit_test(laws_at_rest),
        cmocka_unit_test(top_speed_limits),
        cmocka_unit_test(wagons_alone),
        cmocka_unit_test(a_curve_takes_adhesion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
