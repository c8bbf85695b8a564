/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"
#include "descend.h"
#include "rolling.h"
#include "run.h"

/* A line of 40 km on one grade with a neutral section in the middle. */
struct fixture {
    struct rolling rolling;
    struct tn_train_locomotives rows[2];
    struct tn_station stations[3];
    struct tn_profile_point profile[2];
    struct tn_neutral_section neutral;
    struct tn_line_spec line;
    struct tn_weather weather;
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
    struct tn_arena arena;
    struct tn_context ctx;
};

#define LENGTH_M 40e3
#define AT_M     20e3

static void prepare(struct fixture *f, double permil, double neutral_m)
{
    memset(f, 0, sizeof *f);
    rolling_init(&f->rolling, &hxd1_25t, 2, 5000);
    f->rolling.train.limit = 80 * KMH;
    f->rolling.train.brake.distance = 0;
    tn_schema_defaults(&tn_weather_schema, &f->weather);
    f->weather.temperature = 288.15;
    tn_schema_defaults(&tn_line_schema, &f->line);
    for (int i = 0; i < 3; i++) {
        tn_schema_defaults(&tn_station_schema, &f->stations[i]);
        f->stations[i].name = i == 0 ? "A" : i == 1 ? "B" : "C";
        f->stations[i].km = LENGTH_M / 2 * i;
    }
    for (int i = 0; i < 2; i++)
        f->profile[i] = (struct tn_profile_point){.km = LENGTH_M * i, .elevation = 1000 + permil / 1e3 * LENGTH_M * i};
    f->neutral = (struct tn_neutral_section){.from = AT_M, .to = AT_M + neutral_m, .phase = -1, .until = -1};
    f->line.id = "line";
    f->line.stations = (struct tn_list){f->stations, 3};
    f->line.profile = (struct tn_list){f->profile, 2};
    f->line.neutral_sections = (struct tn_list){&f->neutral, neutral_m > 0 ? 1 : 0};
}

static void make_track(struct fixture *f, const char *from, const char *to, enum tn_depth depth)
{
    assert_int_equal(tn_train_init(&f->train, &f->rolling.train, &f->weather, 9.81, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(tn_path_init(&f->path, &f->line, -1, from, to, NULL, NULL, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(tn_track_init(&f->track, &f->path, &f->train, &f->weather, depth, &f->arena, &f->ctx), TN_OK);
}

static void run(struct fixture *f, struct tn_run *out, double from_m, double entry_kmh)
{
    struct tn_run_request request = {
        .track = &f->track, .from_m = from_m, .to_m = f->path.length_m, .entry_m_s = entry_kmh * KMH, .trace = true};
    assert_int_equal(tn_run_solve(out, &request, &f->arena, &f->ctx), TN_OK);
    assert_true(fabs(out->residual_J) <= 1e-7 * fmax(out->work_traction_J, out->work_resistance_J));
}

static void done(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

static const struct tn_track_zone *zone_at(const struct fixture *f, double s_m)
{
    size_t i = 0;
    while (i + 1 < f->track.count && f->track.pieces[i + 1].from_m <= s_m)
        i++;
    return &f->track.zones[f->track.pieces[i].zone];
}

/* Off from the head's entry until the second locomotive has left, 70.4 m behind the head; either way, at each depth. */
static void where_it_is_off(void **state)
{
    struct fixture f;
    (void)state;
    for (int way = 0; way < 2; way++)
        for (int depth = TN_POINT; depth <= TN_STRAP; depth++) {
            prepare(&f, 0, 400);
            make_track(&f, way ? "C" : "A", way ? "A" : "C", (enum tn_depth)depth);
            const double from = way ? LENGTH_M - AT_M - 400 : AT_M, to = from + 400 + 70.4;
            assert_false(zone_at(&f, from - 1)->neutral);
            assert_true(zone_at(&f, from + 1)->neutral);
            assert_true(zone_at(&f, to - 1)->neutral);
            assert_false(zone_at(&f, to + 1)->neutral);
            assert_near_abs(tn_curve_at(&zone_at(&f, from + 1)->traction, 10), 0, 0);
            assert_near_abs(tn_curve_at(&zone_at(&f, from + 1)->dynamic_brake, 10), 0, 0);
            assert_true(tn_track_neutral(&f.track, from + 1) == &f.neutral);
            assert_null(tn_track_neutral(&f.track, from - 1));
            done(&f);
        }
}

/* Two locomotives, one behind 30 wagons: each is off where it is itself, and the other one pulls. Cut-out locomotives
   and diesels have nothing to lose. */
static void distributed_power(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 0, 400);
    f.rolling.head.count = 1;
    f.rows[0] = f.rows[1] = f.rolling.head;
    f.rows[1].behind = 30;
    f.rolling.train.locomotives = (struct tn_list){f.rows, 2};
    make_track(&f, "A", "C", TN_STRAP);
    const double second = 35.2 + 30 * 13.976;
    const struct tn_track_zone *whole = zone_at(&f, 0), *front = zone_at(&f, AT_M + 1);
    const struct tn_track_zone *rear = zone_at(&f, AT_M + second + 1);
    assert_int_equal(front->off, 1);
    assert_int_equal(zone_at(&f, AT_M + 435)->off, 1);
    assert_int_equal(zone_at(&f, AT_M + 436)->off, 0);
    assert_int_equal(zone_at(&f, AT_M + second - 1)->off, 0);
    assert_int_equal(rear->off, 2);
    assert_int_equal(zone_at(&f, AT_M + second + 435.2 + 1)->off, 0);
    assert_false(rear->neutral);
    for (double v = 1; v < 30; v += 7) {
        assert_near_rel(tn_curve_at(&front->traction, v), tn_curve_at(&whole->traction, v) / 2, 1e-12);
        assert_near_rel(tn_curve_at(&rear->dynamic_brake, v), tn_curve_at(&whole->dynamic_brake, v) / 2, 1e-12);
    }
    const double all = tn_train_line_power(&f.train, 0, 400e3, 10), one = tn_train_line_power(&f.train, 2, 400e3, 10);
    assert_near_rel(all - one, f.rolling.locomotive.auxiliary_power, 1e-9); /* the first gives all of the effort */
    done(&f);
    prepare(&f, 0, 400);
    f.rolling.locomotive.energy = TN_DIESEL;
    make_track(&f, "A", "C", TN_STRAP);
    assert_int_equal(zone_at(&f, AT_M + 1)->off, 0);
    done(&f);
}

/* On a climb of 4 permil 0.47 km without traction cost the kinetic energy that grade and resistance take there. */
static void coasting_up(void **state)
{
    struct fixture f;
    struct tn_run with, without;
    (void)state;
    prepare(&f, 4, 400);
    make_track(&f, "A", "C", TN_STRAP);
    run(&f, &with, 0, 80);
    double v[2] = {0, 0}, resistance = 0;
    for (size_t i = 0; i < with.point_count; i++) {
        const struct tn_run_point *p = &with.points[i];
        v[0] = p->s_m == AT_M ? p->speed_m_s : v[0];
        v[1] = p->s_m == AT_M + 470.4 ? p->speed_m_s : v[1];
    }
    const double middle = 0.5 * (v[0] + v[1]);
    resistance = tn_train_resistance(&f.train, middle, f.track.pieces[0].r0, 0, 0, NULL, false);
    const double lost = 0.5 * f.train.mass_effective_kg * (v[0] * v[0] - v[1] * v[1]);
    assert_near_rel(lost, 470.4 * (f.train.mass_kg * 9.81 * 4e-3 + resistance), 2e-3);
    f.line.neutral_sections.count = 0;
    make_track(&f, "A", "C", TN_STRAP);
    run(&f, &without, 0, 80);
    assert_true(with.running_time_s > without.running_time_s + 0.5);
    done(&f);
}

/* 3 km on 16 permil are too long to coast through: the train stalls inside, and cannot start there. */
static void stalls_inside(void **state)
{
    struct fixture f;
    struct tn_run result;
    (void)state;
    prepare(&f, 16, 3000);
    make_track(&f, "A", "C", TN_STRAP);
    run(&f, &result, AT_M - 1000, 60);
    assert_false(result.finished);
    assert_true(result.stall_s_m > AT_M + 500 && result.stall_s_m < AT_M + 2000);
    assert_near_abs(result.stall_force_N, 0, 0);
    assert_true(result.stall_need_N > 16e-3 * 9.81 * f.train.mass_kg);
    assert_string_equal(tn_track_neutral_text(&f.track, result.stall_s_m, &f.arena),
                        " in the neutral section from km 20 to km 23");
    run(&f, &result, AT_M + 1, 0);
    assert_false(result.finished);
    assert_near_abs(result.stall_s_m, AT_M + 1, 0);
    done(&f);
}

/* The study says why. */
static void the_study_says_why(void **state)
{
    struct fixture f;
    struct tn_run_spec spec;
    struct tn_run_result result;
    (void)state;
    prepare(&f, 16, 3000);
    const struct tn_environment environment = {&f.line, -1, f.weather, 9.81, .seed = 0};
    tn_schema_defaults(&tn_run_spec_schema, &spec);
    spec.train = (struct tn_ref){"test", &f.rolling.train};
    spec.from = "A";
    spec.to = "C";
    memset(&result, 0, sizeof result);
    assert_int_equal(tn_study_run.solve(&result, &spec, &environment, &f.arena, &f.ctx), TN_OK);
    assert_true(result.head.failed);
    assert_non_null(strstr(result.head.verdict, "the train stalls at km 21."));
    assert_non_null(strstr(result.head.verdict, "in the neutral section from km 20 to km 23: 1039 kN needed, 0 kN"));
    spec.from = "B";
    memset(&result, 0, sizeof result);
    assert_int_equal(tn_study_run.solve(&result, &spec, &environment, &f.arena, &f.ctx), TN_OK);
    assert_non_null(
        strstr(result.head.verdict, "the train cannot start at km 20.00 in the neutral section from km 20"));
    done(&f);
}

/* Down 10 permil at the limit: the dynamic brake holds the train, in the neutral section the air brake does. */
static void held_by_air(void **state)
{
    struct fixture f;
    struct tn_run result;
    double works[2] = {0, 0};
    (void)state;
    prepare(&f, -10, 400);
    make_track(&f, "A", "C", TN_STRAP);
    run(&f, &result, 0, 80);
    assert_true(result.finished && result.held);
    assert_near_rel(result.running_time_s, LENGTH_M / (80 * KMH), 1e-9);
    for (size_t i = 0; i + 1 < result.point_count; i++) {
        const struct tn_run_point *p = &result.points[i], *q = p + 1;
        works[0] += 0.5 * (p->air_brake_N + q->air_brake_N) * (q->s_m - p->s_m);
        if (p->s_m > AT_M + 1 && q->s_m < AT_M + 469)
            assert_true(p->dynamic_brake_N == 0 && p->air_brake_N > 0);
        if (p->s_m > 1000 && q->s_m < AT_M - 1) /* the line begins level */
            assert_true(p->dynamic_brake_N > 0 && p->air_brake_N == 0);
    }
    works[1] =
        470.4 * (f.train.mass_kg * 9.81 * 10e-3 - tn_train_resistance(&f.train, 80 * KMH, 0.9, 0, 0, NULL, false));
    assert_near_rel(result.work_air_brake_J, works[0], 1e-6);
    assert_near_rel(result.work_air_brake_J, works[1], 5e-3);
    done(&f);
}

/* A braking curve into a limit beyond the neutral section, with an air brake too weak for the deceleration aimed at:
   the train brakes by air alone there, keeps the limit, and the books balance. */
static void braking_curve_through_it(void **state)
{
    struct fixture f;
    struct tn_run weak, strong;
    struct tn_limit slow = {.from = AT_M + 700, .to = LENGTH_M, .speed = 40 * KMH, .phase = -1, .until = -1};
    (void)state;
    for (int adds = 0; adds < 2; adds++) {
        prepare(&f, -5, 400);
        f.line.limits = (struct tn_list){&slow, 1};
        f.rolling.train.brake.rate = 0.02;
        f.rolling.train.brake.resistance_adds = adds;
        make_track(&f, "A", "C", TN_STRAP);
        run(&f, &weak, 0, 80);
        assert_true(weak.finished && weak.held);
        f.line.neutral_sections.count = 0;
        make_track(&f, "A", "C", TN_STRAP);
        run(&f, &strong, 0, 80);
        assert_true(strong.held);
        assert_true(weak.running_time_s > strong.running_time_s + 1); /* it has to begin earlier */
        done(&f);
    }
}

/* Pneumatic depth: the driver applies the air brake where the dynamic brake is about to be gone. */
static void air_at_pneumatic_depth(void **state)
{
    struct fixture f;
    struct tn_run result;
    struct tn_run_spec spec;
    (void)state;
    prepare(&f, -12, 400);
    make_track(&f, "A", "C", TN_STRAP);
    tn_schema_defaults(&tn_run_spec_schema, &spec);
    struct tn_run_request request = {
        .track = &f.track, .to_m = f.path.length_m, .entry_m_s = 70 * KMH, .stop_at_end = false};
    assert_int_equal(tn_descend_create(&request.descend, &f.train, &spec.rules, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(tn_run_solve(&result, &request, &f.arena, &f.ctx), TN_OK);
    assert_true(result.finished);
    assert_true(result.applications > 0);
    assert_true(result.held);
    assert_true(fabs(result.residual_J) < 1e-6 * result.work_dynamic_brake_J);
    done(&f);
}

static double period_of(const struct tn_capacity_result *result, size_t section)
{
    return ((const struct tn_capacity_section *)result->sections.items)[section].period_s;
}

/* Capacity: the same line with and without; a station whose trains would start inside is one. */
static void capacity_counts_it(void **state)
{
    struct fixture f;
    struct tn_capacity_spec spec;
    struct tn_capacity_result with, without;
    (void)state;
    prepare(&f, 4, 400);
    f.neutral.from -= 5e3;
    f.neutral.to -= 5e3;
    const struct tn_environment environment = {&f.line, -1, f.weather, 9.81, .seed = 0};
    tn_schema_defaults(&tn_capacity_spec_schema, &spec);
    spec.train = (struct tn_ref){"test", &f.rolling.train};
    spec.from = "A";
    spec.to = "C";
    memset(&with, 0, sizeof with);
    memset(&without, 0, sizeof without);
    assert_int_equal(tn_study_capacity.solve(&with, &spec, &environment, &f.arena, &f.ctx), TN_OK);
    f.line.neutral_sections.count = 0;
    assert_int_equal(tn_study_capacity.solve(&without, &spec, &environment, &f.arena, &f.ctx), TN_OK);
    assert_true(with.train_feasible);
    assert_true(with.running_time_down_s > without.running_time_down_s + 1);
    assert_true(period_of(&with, 1) > period_of(&without, 1) + 1);
    assert_near_abs(period_of(&with, 0), period_of(&without, 0), 1e-4);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_is_off),
        cmocka_unit_test(distributed_power),
        cmocka_unit_test(coasting_up),
        cmocka_unit_test(stalls_inside),
        cmocka_unit_test(the_study_says_why),
        cmocka_unit_test(held_by_air),
        cmocka_unit_test(braking_curve_through_it),
        cmocka_unit_test(air_at_pneumatic_depth),
        cmocka_unit_test(capacity_counts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
