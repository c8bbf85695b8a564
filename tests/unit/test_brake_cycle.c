/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "brake_cycle.h"

#include "rolling.h"

ROLLING_STUDY(brake_cycle)

static void prepare(struct fixture *f, double grade, double dynamic)
{
    set_up(f, grade);
    f->spec.dynamic_brake = dynamic;
}

/* 5,200 t behind two HXD1. */
static void prepare_5200(struct fixture *f, double grade, double dynamic)
{
    rolling_init(&f->rolling, &hxd1_25t, 2, 5200);
    f->rolling.train.limit = 80 * KMH;
    prepare(f, grade, dynamic);
}

/* When the train, speeding up with its brakes off, passes a speed. */
static double passes(const struct fixture *f, double speed)
{
    const struct tn_cycle_row *rows = f->result.trace.items;
    for (size_t i = f->result.trace.count - 1; i > 0; i--) {
        double v = rows[i - 1].speed_m_s, w = rows[i].speed_m_s;
        if (v < speed && w >= speed) {
            assert_true(rows[i - 1].air_brake_N == 0);
            return rows[i - 1].time_s + (speed - v) / (w - v) * (rows[i].time_s - rows[i - 1].time_s);
        }
    }
    fail_msg("%g m/s is never passed", speed);
    return NAN;
}

/* Closed forms: 40 to 70 km/h with a constant dynamic brake, by quadrature and as the simulated train does it. */
static void runs_away_as_the_closed_forms_say(void **state)
{
    static const struct {
        double mass_t, brake_kN, grade, time_s;
    } rows[] = {{10400, 922, -0.012, 656.16},
                {10400, 0, -0.012, 86.36},
                {5200, 461, -0.012, 656.16},
                {5200, 461, -0.020, 95.91}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture f = {.ctx = {.count = 0}};
        rolling_constant(&f.rolling, rows[i].mass_t, 400, rows[i].brake_kN);
        f.rolling.train.brake.rate = 0.3;
        prepare(&f, rows[i].grade, rows[i].brake_kN > 0 ? 1 : 0);
        f.spec.limit = 100 * KMH;
        f.spec.apply_speed = 70 * KMH;
        f.spec.release_speed = 40 * KMH;
        f.spec.reduction = 90e3;
        run(&f);
        assert_near_abs(f.result.time_allowed_s, rows[i].time_s, 6e-3);
        f.spec.apply_speed = 71 * KMH;
        f.spec.release_speed = 36 * KMH;
        run(&f);
        assert_near_rel(passes(&f, 70 * KMH) - passes(&f, 40 * KMH), rows[i].time_s, 1e-3);
        done(&f);
    }
}

/* On 16 permil the train is back at speed before its reservoirs are recharged, whatever the reduction. */
static void no_cycle_by_air_alone_on_the_ruling_grade(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.016, 0);
    run(&f);
    assert_false(f.result.feasible);
    assert_false(f.result.head.failed); /* an answer, not a failure */
    assert_string_equal(f.result.rule, "recharge");
    assert_true(f.result.recharge_time_s > f.result.return_time_s);
    assert_true(f.result.return_time_s > f.result.time_allowed_s);
    assert_true(f.result.reduction_Pa >= 60e3); /* 50 kPa do not hold 16 permil */
    assert_near_abs(f.result.release_speed_m_s, 30 * KMH, 1e-12);
    assert_near_abs(f.result.speed_max_m_s, f.result.limit_m_s, 0.11 * KMH);
    assert_near_abs(f.result.limit_m_s / KMH, 71.2, 0.5); /* 800 m from 16 permil */
    assert_non_null(strstr(f.result.head.verdict, "the grade allows"));
    for (double r = 50e3; r <= 140e3; r += 10e3) {
        f.spec.reduction = r;
        run(&f);
        assert_false(f.result.feasible);
        if (r == 50e3)
            assert_string_equal(f.result.rule, "hold");
    }
    /* released at 40 km/h there is still less time: 41 s to 60 km/h */
    f.spec.reduction = 80e3;
    f.spec.apply_speed = 60 * KMH;
    f.spec.release_speed = 40 * KMH;
    run(&f);
    assert_near_abs(f.result.time_allowed_s, 41, 0.5);
    assert_string_equal(f.result.rule, "recharge");
    done(&f);
}

static void the_dynamic_brake_needs_no_air(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.016, 1);
    run(&f);
    assert_true(f.result.feasible);
    assert_string_equal(f.result.rule, "no-air");
    assert_int_equal(f.result.cycles, 0);
    assert_near_abs(f.result.hold_speed_max_m_s, f.result.limit_m_s, 1e-9);
    f.spec.limit = 110 * KMH;
    run(&f);
    assert_near_abs(f.result.hold_speed_max_m_s / KMH, 94, 1); /* published cross-check */
    done(&f);
}

/* Over a settled cycle nothing is gained: work of grade less resistance = work of the brakes. */
static void books_of_a_blended_cycle(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.016, 0.5);
    run(&f);
    assert_true(f.result.feasible);
    assert_string_equal(f.result.rule, "cycle");
    assert_true(f.result.cycles >= 2);
    assert_true(f.result.return_time_s >= f.result.recharge_time_s);
    assert_near_rel(f.result.cycle_time_s, f.result.apply_time_s + f.result.return_time_s, 1e-12);
    assert_true(f.result.speed_max_m_s <= f.result.limit_m_s + 1 * KMH);
    const struct tn_cycle_row *rows = f.result.trace.items;
    double needed = 0, braked = 0, tread = 0;
    for (size_t i = 1; i < f.result.trace.count; i++) {
        double metres = rows[i].distance_m - rows[i - 1].distance_m, dt = rows[i].time_s - rows[i - 1].time_s;
        needed += 0.5 * (rows[i].force_needed_N + rows[i - 1].force_needed_N) * metres;
        braked +=
            0.5 *
            (rows[i].air_brake_N + rows[i - 1].air_brake_N + rows[i].dynamic_brake_N + rows[i - 1].dynamic_brake_N) *
            metres;
        tread += 0.5 * (rows[i].tread_power_W + rows[i - 1].tread_power_W) * dt;
    }
    assert_near_rel(braked, needed, 2e-3);
    assert_near_rel(f.result.tread_power_mean_W, tread / f.result.cycle_time_s, 5e-3);
    /* the locomotives are bailed off: all of the air brake is at the treads of 56 wagons */
    size_t middle = f.result.trace.count / 4;
    assert_near_rel(rows[middle].tread_power_W * 56 * 8, rows[middle].air_brake_N * rows[middle].speed_m_s, 1e-9);
    /* the wheel begins as warm as it ends */
    assert_near_abs(rows[0].tread_temperature_K, rows[f.result.trace.count - 1].tread_temperature_K, 0.5);
    assert_true(f.result.tread_temperature_max_K > 288.15 + 10);
    done(&f);
}

static double recharge(struct fixture *f, double reduction_Pa)
{
    f->spec.reduction = reduction_Pa;
    run(f);
    return f->result.recharge_time_s;
}

/* Longer trains and larger reductions take longer. */
static void recharge_grows_with_reduction_and_length(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.012, 0);
    double r70 = recharge(&f, 70e3), r100 = recharge(&f, 100e3), r140 = recharge(&f, 140e3);
    assert_true(r70 < r100 && r100 < r140);
    f.rolling.tail.load = 8000e3;
    assert_true(recharge(&f, 70e3) > 1.3 * r70);
    done(&f);
}

/* Without the rule on recharge the reservoirs run lower from cycle to cycle; the brake bites later and the loss is
 * told. */
static void early_applications_lose_reservoir_pressure(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.016, 0);
    f.spec.reduction = 90e3;
    f.spec.rules.recharge_margin = 90e3;
    f.spec.rules.tread_power_most = 1e6;
    run(&f);
    assert_true(f.result.auxiliary_loss_Pa > 5e3);
    assert_true(f.result.auxiliary_loss_Pa < 90e3);
    assert_true(f.result.cycles > 1);
    f.spec.rules.tread_power_most = 15e3;
    run(&f);
    if (f.result.cycles > 2)
        assert_string_equal(f.result.rule, "heat");
    assert_false(f.result.feasible);
    done(&f);
}

static void rules_that_fail_are_named(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.016, 0);
    f.spec.apply_speed = f.spec.limit = 60 * KMH;
    f.spec.reduction = 100e3;
    run(&f);
    assert_string_equal(f.result.rule, "overspeed");
    assert_true(f.result.speed_max_m_s > 61 * KMH);
    f.spec.limit = 25 * KMH;
    f.spec.apply_speed = NAN;
    run(&f);
    assert_string_equal(f.result.rule, "limit");
    assert_false(f.result.feasible);
    done(&f);
}

static void what_cannot_be_is_refused(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.016, 0);
    f.spec.reduction = 150e3;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    f.spec.reduction = 40e3;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    f.spec.reduction = NAN;
    f.spec.release_speed = 20 * KMH;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    f.spec.release_speed = 50 * KMH;
    f.spec.apply_speed = 50 * KMH;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    assert_int_equal(f.ctx.errors, 4);
    done(&f);
}

/* Half the step changes nothing that is printed. */
static void converged_in_the_step(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    prepare_5200(&f, -0.012, 0);
    f.spec.reduction = 80e3;
    run(&f);
    double cycle = f.result.cycle_time_s, back = f.result.return_time_s, apply = f.result.apply_speed_m_s;
    f.spec.step /= 2;
    run(&f);
    assert_true(f.result.feasible);
    assert_near_rel(f.result.cycle_time_s, cycle, 3e-3);
    assert_near_rel(f.result.return_time_s, back, 3e-3);
    assert_near_abs(f.result.apply_speed_m_s, apply, 0.1 * KMH);
    done(&f);
}

/* One descent more each time, of those that there are. */
static void count_progress(size_t done, size_t all, const char *what, void *payload)
{
    size_t *told = payload;
    *told += done == *told + 1 && all == 12 && strcmp(what, "descents") == 0;
}

/* Cells of a map are the cycles of their own studies, in the order grade, load, share. */
static void a_map_is_made_of_cycles(void **state)
{
    static double grades[] = {-0.012, -0.016}, loads[] = {4000e3, 5200e3}, shares[] = {0, 0.5, 1};
    struct fixture f = {.ctx = {.count = 0}};
    struct tn_brake_map_spec spec;
    struct tn_brake_map_result map = {.feasible_cells = 0};
    size_t told = 0;
    (void)state;
    prepare_5200(&f, -0.016, 0);
    tn_schema_defaults(&tn_brake_map_spec_schema, &spec);
    spec.train = f.spec.train;
    spec.grades = (struct tn_list){grades, 2};
    spec.loads = (struct tn_list){loads, 2};
    spec.dynamic_brakes = (struct tn_list){shares, 3};
    f.ctx.progress = count_progress;
    f.ctx.progress_payload = &told;
    assert_int_equal(tn_study_brake_map.solve(&map, &spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(told, 12);
    assert_int_equal(map.cells.count, 12);
    const struct tn_brake_map_cell *cells = map.cells.items;
    int feasible = 0;
    for (size_t i = 0; i < 12; i++) {
        assert_near_abs(cells[i].grade_1, grades[i / 6], 0);
        assert_near_abs(cells[i].load_kg, loads[i / 3 % 2], 1e-6);
        assert_near_abs(cells[i].dynamic_brake_1, shares[i % 3], 0);
        feasible += cells[i].feasible;
        if (i % 3 > 0) /* more dynamic brake never makes it worse */
            assert_true(cells[i].feasible >= cells[i - 1].feasible);
    }
    assert_int_equal(feasible, map.feasible_cells);
    assert_false(cells[9].feasible);
    assert_string_equal(cells[11].rule, "no-air");
    f.spec.dynamic_brake = 0.5;
    f.spec.step = spec.step;
    run(&f);
    assert_near_rel(cells[10].cycle_time_s, f.result.cycle_time_s, 1e-12);
    assert_string_equal(cells[10].reason, f.result.reason);
    spec.grades.count = 0;
    assert_int_equal(tn_study_brake_map.solve(&map, &spec, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    grades[0] = 0.01;
    spec.grades.count = 1;
    assert_int_equal(tn_study_brake_map.solve(&map, &spec, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_away_as_the_closed_forms_say),
        cmocka_unit_test(no_cycle_by_air_alone_on_the_ruling_grade),
        cmocka_unit_test(the_dynamic_brake_needs_no_air),
        cmocka_unit_test(books_of_a_blended_cycle),
        cmocka_unit_test(recharge_grows_with_reduction_and_length),
        cmocka_unit_test(early_applications_lose_reservoir_pressure),
        cmocka_unit_test(rules_that_fail_are_named),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(converged_in_the_step),
        cmocka_unit_test(a_map_is_made_of_cycles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
