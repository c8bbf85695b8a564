/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "restart.h"

#include "rolling.h"

ROLLING_STUDY(restart)

static void prepare(struct fixture *f, const struct rolling_law *law, double grade)
{
    rolling_init(&f->rolling, law, 2, 5200);
    set_up(f, grade);
}

/* Published cross-check: two HXD1C of 23 t give 1,040 kN where 1,052 kN are needed. */
static void too_weak_to_restart(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare(&f, &hxd1c_23t, 0.016);
    run(&f);
    assert_false(f.result.starts);
    assert_true(f.result.head.failed);
    assert_near_abs(f.result.force_needed_N / 1e3, 1052, 1);
    assert_near_abs(f.result.force_available_N / 1e3, 1040, 1e-6);
    assert_true(f.result.load_startable_kg < 5200e3);
    assert_non_null(strstr(f.result.head.verdict, "cannot restart on 16 permil: 1,052 kN needed, 1,040 kN available"));
    assert_true(isnan(f.result.moving_time_s));
    assert_true(f.result.recharge_time_s > 30);
    done(&f);
}

/* Traction rises in 20 s to 1,520 kN and 1,077 kN are needed: it moves when the ramp has got there, and no sooner. */
static void moves_when_traction_suffices(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare(&f, &hxd1_25t, 0.016);
    run(&f);
    assert_true(f.result.starts);
    assert_false(f.result.head.failed);
    assert_near_rel(f.result.force_needed_N, (400 * 21 + 5200 * 19.5) * 9.81, 1e-9);
    double ramp = 20 * f.result.force_needed_N / f.result.force_available_N;
    assert_near_abs(f.result.moving_time_s, fmax(ramp, f.result.release_time_s), 1);
    assert_true(f.result.moving_time_s >= ramp - 0.06);
    assert_true(f.result.rollback_m < 0.5);
    assert_true(f.result.recharge_time_s > f.result.moving_time_s);
    f.spec.traction_ramp = 60;
    f.spec.rollback_most = 1000;
    run(&f);
    assert_true(f.result.moving_time_s >= 3 * ramp - 0.06);
    done(&f);
}

/* Once the brakes are off and traction is full the run-up is that of the study `start`. */
static void runs_up_like_a_start(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    struct tn_start_spec spec;
    struct tn_start_result start;
    (void)state;
    prepare(&f, &hxd1_25t, 0.016);
    run(&f);
    tn_schema_defaults(&tn_start_spec_schema, &spec);
    memset(&start, 0, sizeof start);
    spec.train = f.spec.train;
    spec.grade = f.spec.grade;
    assert_int_equal(tn_study_start.solve(&start, &spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    const struct tn_start_runup *a = f.result.runup.items, *b = start.runup.items;
    assert_int_equal(f.result.runup.count, start.runup.count);
    assert_true(start.runup.count >= 5);
    for (size_t i = 1; i < start.runup.count; i++) {
        assert_near_rel(a[i].time_s - a[i - 1].time_s, b[i].time_s - b[i - 1].time_s, 2e-3);
        assert_near_rel(a[i].distance_m - a[i - 1].distance_m, b[i].distance_m - b[i - 1].distance_m, 2e-3);
    }
    assert_true(a[0].time_s > b[0].time_s + 5); /* release and ramp cost time */
    assert_near_rel(f.result.force_needed_N, start.force_needed_N, 1e-12);
    assert_near_rel(f.result.load_startable_kg, start.load_startable_kg, 1e-12);
    done(&f);
}

/* With the brakes off and traction late, the train rolls back; the locomotives' own brake makes it less. */
static void rolls_back_when_traction_is_late(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare(&f, &hxd1_25t, 0.016);
    f.spec.rollback_most = 1000;
    f.spec.traction_delay = 15;
    run(&f);
    double held = f.result.rollback_m;
    f.spec.locomotive_brake = false;
    run(&f);
    assert_true(f.result.rollback_m > held);
    assert_near_abs(f.result.locomotive_brake_N, 0, 0);
    assert_true(f.result.starts); /* it gets away in the end */
    double less = f.result.rollback_m;
    f.spec.traction_delay = 25;
    run(&f);
    assert_true(f.result.rollback_m > less);
    const struct tn_restart_row *rows = f.result.trace.items;
    double lowest = 0;
    for (size_t i = 0; i < f.result.trace.count; i++)
        lowest = fmin(lowest, rows[i].distance_m);
    assert_near_abs(f.result.rollback_m, -lowest, 0.5);
    f.spec.rollback_most = 5;
    run(&f);
    assert_false(f.result.starts);
    assert_true(f.result.head.failed);
    assert_non_null(strstr(f.result.head.verdict, "rolls back"));
    done(&f);
}

/* Rolling back freely: a = (grade - starting resistance) / effective mass, below 2.5 km/h. */
static void rolls_back_as_fast_as_the_grade_says(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare(&f, &hxd1_25t, 0.016);
    f.spec.rollback_most = 1000;
    f.spec.traction_delay = 60;
    f.spec.locomotive_brake = false;
    run(&f);
    const struct tn_restart_row *rows = f.result.trace.items;
    double expected = (400 * (5 - 16) + 5200 * (3.5 - 16)) * 9.81 / (5600e3 * 1.06);
    size_t checked = 0;
    for (size_t i = 1; i < f.result.trace.count; i++) {
        if (rows[i - 1].air_brake_N > 0 || rows[i].speed_m_s < -2.5 * KMH || rows[i].traction_N > 0)
            continue;
        assert_near_rel((rows[i].speed_m_s - rows[i - 1].speed_m_s) / (rows[i].time_s - rows[i - 1].time_s), expected,
                        1e-6);
        checked++;
    }
    assert_true(checked > 1);
    done(&f);
}

/* On the level nothing pulls back; a locomotive's brake does not hold the train for ever. */
static void starts_on_the_level(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare(&f, &hxd1_25t, 0);
    run(&f);
    assert_true(f.result.starts);
    assert_near_abs(f.result.rollback_m, 0, 0);
    done(&f);
}

static void reductions_beyond_the_maximum_are_refused(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare(&f, &hxd1_25t, 0.016);
    f.spec.reduction = 160e3;
    assert_int_equal(tn_study_restart.solve(&f.result, &f.spec, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    assert_int_equal(f.ctx.errors, 1);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_weak_to_restart),
        cmocka_unit_test(moves_when_traction_suffices),
        cmocka_unit_test(runs_up_like_a_start),
        cmocka_unit_test(rolls_back_when_traction_is_late),
        cmocka_unit_test(rolls_back_as_fast_as_the_grade_says),
        cmocka_unit_test(starts_on_the_level),
        cmocka_unit_test(reductions_beyond_the_maximum_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
