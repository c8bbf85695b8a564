/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The train run against a second, independent way of driving, its own error estimate and its books. */
#include "near.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>

#include "descend.h"
#include "reference_run.h"
#include "scenario.h"

/* A train and a stretch of the shipped line. */
struct fixture {
    struct tn_context ctx;
    struct tn_scenario_reader *reader;
    struct tn_arena arena;
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
};

static void set_up(struct fixture *f, const char *const *sets, size_t count, const char *from, const char *to,
                   enum tn_depth depth)
{
    *f = (struct fixture){0};
    assert_int_equal(
        tn_scenario_read(&f->reader, TN_SOURCE_DIR "/scenarios/traction-test-5200.yaml", sets, count, &f->ctx), TN_OK);
    const struct tn_scenario *scenario = tn_scenario_get(f->reader);
    struct tn_environment e;
    tn_scenario_environment(&e, scenario);
    assert_int_equal(tn_train_init(&f->train, scenario->trains.items, &e.weather, e.gravity_m_s2, &f->arena, &f->ctx),
                     TN_OK);
    assert_int_equal(tn_path_init(&f->path, e.line, e.phase, from, to, NULL, NULL, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(tn_track_init(&f->track, &f->path, &f->train, &e.weather, depth, &f->arena, &f->ctx), TN_OK);
}

static void tear_down(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_scenario_destroy(f->reader);
    tn_context_clear(&f->ctx);
}

static void run(struct fixture *f, struct tn_run *out, double tolerance)
{
    struct tn_run_request request = {
        .track = &f->track, .to_m = f->track.length_m, .stop_at_end = true, .tolerance = tolerance};
    assert_int_equal(tn_run_solve(out, &request, &f->arena, &f->ctx), TN_OK);
    assert_true(out->finished && out->held);
}

/* Default settings within 1e-5 of the converged answer (in truth far closer), the tight run within 1e-9, the printed
   estimate above the true error. */
static void compare(const char *load, const char *from, const char *to, enum tn_depth depth)
{
    struct fixture f;
    set_up(&f, &load, 1, from, to, depth);
    double reference = tn_reference_run(&f.track, 1e-13);
    assert_true(reference > 0);
    struct tn_run normal, tight;
    run(&f, &normal, 0);
    run(&f, &tight, 1e-13);
    assert_near_rel(tight.running_time_s, reference, 2e-9);
    assert_near_rel(normal.running_time_s, reference, 1e-7);
    assert_true(fabs(normal.running_time_s - tight.running_time_s) <= normal.error_estimate_s);
    assert_true(normal.error_estimate_s < 1e-5 * normal.running_time_s);
    print_message("%s %s-%s: reference %.6f s, tight %+.1e, default %+.1e, estimate %.1e (relative)\n", load, from, to,
                  reference, tight.running_time_s / reference - 1, normal.running_time_s / reference - 1,
                  normal.error_estimate_s / reference);
    tear_down(&f);
}

static void over_the_summit(void **state)
{
    (void)state;
    compare("trains.test.load=5200 t", "Kuolabulake", "Yitunbulak", TN_STRAP);
}

static void down_the_ramp(void **state)
{
    (void)state;
    compare("trains.test.load=3700 t", "Yitunbulak", "Kuolabulake", TN_STRAP);
}

static void mass_at_the_head(void **state)
{
    (void)state;
    compare("trains.test.load=4400 t", "Kuolabulake", "Bashikaogong", TN_POINT);
}

static void on_the_plain(void **state)
{
    (void)state;
    compare("trains.test.load=6000 t", "Wutumeiren", "Xiaozaohuo", TN_STRAP);
}

static void diesels_lose_power(void **state)
{
    (void)state;
    compare("trains.test.locomotives=[{type: HXN5, count: 3}]", "Bashikaogong", "Altunshan", TN_STRAP);
}

static void books_balance(void **state)
{
    (void)state;
    static const char *const loads[] = {"trains.test.load=1000 t", "trains.test.load=5200 t",
                                        "trains.test.load=6000 t"};
    static const char *const ends[][2] = {{"Korla", "Golmud"}, {"Golmud", "Korla"}, {"Milan", "Altunshan"}};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            struct fixture f;
            struct tn_run result;
            set_up(&f, &loads[i], 1, ends[k][0], ends[k][1], TN_STRAP);
            run(&f, &result, 0);
            assert_true(fabs(result.residual_J) < 1e-6 * result.work_traction_J);
            /* The work against grade is the lift of the masses, which for a straight train is that of its two ends. */
            assert_near_abs(result.end_s_m, f.track.length_m, 0);
            assert_near_abs(result.end_m_s, 0, 0);
            tear_down(&f);
        }
}

/* Halving the tolerance again and again must close in on one answer. */
static void converges(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, NULL, 0, "Korla", "Golmud", TN_STRAP);
    struct tn_run best, result;
    run(&f, &best, 1e-14);
    for (double tolerance = 1e-3; tolerance > 1e-11; tolerance *= 0.1) {
        run(&f, &result, tolerance);
        double error = fabs(result.running_time_s - best.running_time_s);
        assert_true(error <= result.error_estimate_s + best.error_estimate_s + 2e-9 * best.running_time_s);
        assert_true(error <= 100 * tolerance * best.running_time_s);
    }
    tear_down(&f);
}

/* A stop costs time, dwell does not count as running; passing times and their sum agree. */
static void stops_and_marks(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, NULL, 0, "Wutumeiren", "Golmud South", TN_STRAP);
    struct tn_run_stop stop = {f.path.station_s_m[3], 600};
    struct tn_run_request request = {.track = &f.track,
                                     .to_m = f.track.length_m,
                                     .stop_at_end = true,
                                     .stops = &stop,
                                     .stop_count = 1,
                                     .marks = f.path.station_s_m,
                                     .mark_count = f.path.station_count,
                                     .trace = true};
    struct tn_run stopping, passing;
    assert_int_equal(tn_run_solve(&stopping, &request, &f.arena, &f.ctx), TN_OK);
    request.stop_count = 0;
    assert_int_equal(tn_run_solve(&passing, &request, &f.arena, &f.ctx), TN_OK);
    assert_near_abs(stopping.dwell_time_s, 600, 0);
    assert_true(stopping.running_time_s > passing.running_time_s + 60);
    size_t last = f.path.station_count - 1;
    assert_near_rel(stopping.mark_running_s[last], stopping.running_time_s, 1e-12);
    assert_near_rel(stopping.mark_time_s[last], stopping.running_time_s + 600, 1e-12);
    assert_near_abs(stopping.mark_speed_m_s[3], 0, 0);
    assert_near_rel(stopping.mark_running_s[2], passing.mark_running_s[2], 1e-12);
    for (size_t i = 0; i < stopping.point_count; i++)
        assert_true(stopping.points[i].speed_m_s <= stopping.points[i].limit_m_s * (1 + 1e-9));
    for (size_t i = 1; i < stopping.point_count; i++) {
        assert_true(stopping.points[i].time_s >= stopping.points[i - 1].time_s);
        assert_true(stopping.points[i].s_m >= stopping.points[i - 1].s_m);
    }
    tear_down(&f);
}

/* The forces of the trace, added up over its points, are the works of the books. */
static void trace_adds_up(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, NULL, 0, "Ruoqiang", "Yitunbulak", TN_STRAP);
    struct tn_run_request request = {.track = &f.track, .to_m = f.track.length_m, .stop_at_end = true, .trace = true};
    struct tn_run result;
    assert_int_equal(tn_run_solve(&result, &request, &f.arena, &f.ctx), TN_OK);
    double traction = 0, dynamic = 0, air = 0;
    for (size_t i = 1; i < result.point_count; i++) {
        const struct tn_run_point *a = &result.points[i - 1], *b = &result.points[i];
        double distance = b->s_m - a->s_m;
        traction += 0.5 * distance * (a->traction_N + b->traction_N);
        dynamic += 0.5 * distance * (a->dynamic_brake_N + b->dynamic_brake_N);
        air += 0.5 * distance * (a->air_brake_N + b->air_brake_N);
    }
    assert_near_rel(traction, result.work_traction_J, 1e-3);
    assert_near_rel(dynamic, result.work_dynamic_brake_J, 1e-3);
    assert_near_rel(air, result.work_air_brake_J, 2e-2);
    tear_down(&f);
}

/* A run cut in two at a passing speed takes as long as the whole. */
static void parts_add_up(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, NULL, 0, "Ruoqiang", "Golmud South", TN_STRAP);
    struct tn_run_request request = {.track = &f.track,
                                     .to_m = f.track.length_m,
                                     .stop_at_end = true,
                                     .marks = f.path.station_s_m,
                                     .mark_count = f.path.station_count};
    struct tn_run whole, first, second;
    assert_int_equal(tn_run_solve(&whole, &request, &f.arena, &f.ctx), TN_OK);
    for (size_t i = 1; i + 1 < f.path.station_count; i += 5) {
        struct tn_run_request part = request;
        part.mark_count = 0;
        part.to_m = f.path.station_s_m[i];
        part.stop_at_end = false;
        assert_int_equal(tn_run_solve(&first, &part, &f.arena, &f.ctx), TN_OK);
        part.from_m = part.to_m;
        part.to_m = f.track.length_m;
        part.entry_m_s = first.end_m_s;
        part.stop_at_end = true;
        assert_int_equal(tn_run_solve(&second, &part, &f.arena, &f.ctx), TN_OK);
        assert_near_rel(first.end_m_s, whole.mark_speed_m_s[i], 1e-8);
        assert_near_rel(first.running_time_s + second.running_time_s, whole.running_time_s, 1e-8);
    }
    tear_down(&f);
}

static void stalls_where_it_is_too_heavy(void **state)
{
    (void)state;
    struct fixture f;
    const char *sets[] = {"trains.test.load=9500 t", "trains.test.rotating=0.06"};
    set_up(&f, sets, 2, "Ruoqiang", "Altunshan", TN_STRAP);
    struct tn_run result;
    struct tn_run_request request = {.track = &f.track, .to_m = f.track.length_m, .stop_at_end = true};
    assert_int_equal(tn_run_solve(&result, &request, &f.arena, &f.ctx), TN_OK);
    assert_false(result.finished);
    assert_true(result.stall_s_m > 60e3 && result.stall_s_m < 90e3);
    assert_true(result.stall_force_N < result.stall_need_N);
    tear_down(&f);
}

/* No dynamic brake and next to no air brake: the train runs away and says where. */
static void runs_away_without_brakes(void **state)
{
    (void)state;
    struct fixture f;
    const char *sets[] = {"trains.test.brake.rate=0.01", "trains.test.brake.distance=0 m",
                          "trains.test.locomotives=[{type: DF4B, count: 4}]"};
    set_up(&f, sets, 3, "Altunshan", "Bashikaogong", TN_STRAP);
    struct tn_run result;
    struct tn_run_request request = {.track = &f.track, .to_m = f.track.length_m, .stop_at_end = false};
    assert_int_equal(tn_run_solve(&result, &request, &f.arena, &f.ctx), TN_OK);
    assert_false(result.held);
    assert_true(result.overspeed_max_m_s > 80 / 3.6);
    assert_true(fabs(result.residual_J) < 1e-6 * result.work_resistance_J);
    tear_down(&f);
}

/* Two HXD1C do not hold 5,200 t on 16 permil at 70 km/h by their dynamic brake: the air brake is applied and released,
   the limit is kept, the reservoirs are full each time, and the books balance. */
static void air_on_the_ramp(void **state)
{
    (void)state;
    struct fixture f;
    const char *sets[] = {"trains.test.locomotives=[{type: HXD1C-25t, count: 2}]", "trains.test.limit=70 km/h",
                          "studies.trip.depth=pneumatic"};
    set_up(&f, sets, 3, "Bashikaogong", "Suzukesayi", TN_STRAP);
    const struct tn_run_spec *spec = tn_scenario_study(tn_scenario_get(f.reader), "trip")->spec.object;
    struct tn_run_request request = {.track = &f.track, .to_m = f.track.length_m, .stop_at_end = true, .trace = true};
    struct tn_run steady, cycling;
    assert_int_equal(tn_run_solve(&steady, &request, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(tn_descend_create(&request.descend, &f.train, &spec->rules, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(tn_run_solve(&cycling, &request, &f.arena, &f.ctx), TN_OK);
    assert_true(cycling.finished && cycling.held);
    assert_true(isnan(cycling.unready_s_m));
    assert_true(cycling.applications >= 2);
    assert_true(cycling.running_time_s > steady.running_time_s);
    assert_true(cycling.running_time_s < 1.1 * steady.running_time_s);
    assert_true(fabs(cycling.residual_J) < 1e-6 * cycling.work_dynamic_brake_J);
    for (size_t i = 0; i < cycling.point_count; i++)
        assert_true(cycling.points[i].speed_m_s <= cycling.points[i].limit_m_s * (1 + 1e-9));
    tear_down(&f);
}

/* One of them cannot, whatever the driver does with the air, and the run says where. */
static void air_that_does_not_suffice(void **state)
{
    (void)state;
    struct fixture f;
    const char *sets[] = {"trains.test.locomotives=[{type: HXD1C-25t, count: 1}]", "trains.test.limit=70 km/h",
                          "studies.trip.depth=pneumatic"};
    set_up(&f, sets, 3, "Bashikaogong", "XJ-new-07", TN_STRAP);
    const struct tn_run_spec *spec = tn_scenario_study(tn_scenario_get(f.reader), "trip")->spec.object;
    struct tn_run_request request = {.track = &f.track, .to_m = f.track.length_m};
    struct tn_run result;
    assert_int_equal(tn_descend_create(&request.descend, &f.train, &spec->rules, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(tn_run_solve(&result, &request, &f.arena, &f.ctx), TN_OK);
    assert_true(!result.held || !isnan(result.unready_s_m));
    tear_down(&f);
}

/* A result points to nothing of the scenario. */
static void results_outlive_the_scenario(void **state)
{
    struct fixture f;
    struct tn_run_spec spec;
    struct tn_run_result result = {.distance_m = 0};
    struct tn_environment e;
    (void)state;
    set_up(&f, NULL, 0, "Kuolabulake", "Yitunbulak", TN_STRAP);
    tn_scenario_environment(&e, tn_scenario_get(f.reader));
    tn_schema_defaults(&tn_run_spec_schema, &spec);
    spec.train = (struct tn_ref){"test", tn_scenario_get(f.reader)->trains.items};
    spec.from = "Kuolabulake";
    spec.to = "Yitunbulak";
    assert_int_equal(tn_study_run.solve(&result, &spec, &e, &f.arena, &f.ctx), TN_OK);
    assert_ptr_not_equal(result.head.train, f.train.spec->id);
    assert_ptr_not_equal(result.head.line, e.line->id);
    const struct tn_run_section *section = result.sections.items;
    const struct tn_run_station *station = result.stations.items;
    assert_ptr_not_equal(section->from, f.path.stations[0]->name);
    assert_ptr_not_equal(station->name, f.path.stations[0]->name);
    tn_scenario_destroy(f.reader);
    f.reader = NULL;
    assert_string_equal(result.head.train, "test");
    assert_string_equal(section->from, "Kuolabulake");
    assert_string_equal(station[result.stations.count - 1].name, "Yitunbulak");
    tear_down(&f);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_the_summit),
        cmocka_unit_test(down_the_ramp),
        cmocka_unit_test(mass_at_the_head),
        cmocka_unit_test(on_the_plain),
        cmocka_unit_test(diesels_lose_power),
        cmocka_unit_test(books_balance),
        cmocka_unit_test(converges),
        cmocka_unit_test(stops_and_marks),
        cmocka_unit_test(trace_adds_up),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(stalls_where_it_is_too_heavy),
        cmocka_unit_test(runs_away_without_brakes),
        cmocka_unit_test(air_on_the_ramp),
        cmocka_unit_test(air_that_does_not_suffice),
        cmocka_unit_test(results_outlive_the_scenario),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
