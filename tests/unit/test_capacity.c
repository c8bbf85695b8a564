/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"

#include "rolling.h"
#include "run.h"

#define MINUTE   60.0
#define STATIONS 5

struct fixture {
    struct rolling rolling;
    struct tn_station stations[STATIONS];
    struct tn_double_track doubled;
    struct tn_profile_point profile[2];
    struct tn_line_spec line;
    struct tn_capacity_spec spec;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_context ctx;
    struct tn_capacity_result result;
};

static void prepare(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    tn_schema_defaults(&tn_capacity_spec_schema, &f->spec);
    f->environment = (struct tn_environment){.phase = -1, .gravity_m_s2 = 9.81};
    tn_schema_defaults(&tn_weather_schema, &f->environment.weather);
    f->environment.weather.temperature = 288.15;
}

static tn_status run(struct fixture *f)
{
    memset(&f->result, 0, sizeof f->result);
    tn_status status = tn_study_capacity.solve(&f->result, &f->spec, &f->environment, &f->arena, &f->ctx);
    if (status == TN_ERR_NUMERIC)
        print_error("%s\n", f->ctx.count ? f->ctx.diagnostics[f->ctx.count - 1].text : "no text");
    return status;
}

static void done(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

static const struct tn_capacity_section *section(const struct fixture *f, size_t i)
{
    assert_true(i < f->result.sections.count);
    return (const struct tn_capacity_section *)f->result.sections.items + i;
}

/* A course work: seven sections, the limiting one 24 + 25 min; periods 59, 55, 57, 57 min; 26 pairs. */
static void course_work_of_seven_sections(void **state)
{
    static const double up[] = {19, 19, 21, 25, 18, 20, 17}, down[] = {18, 20, 19, 24, 20, 21, 19};
    struct tn_capacity_section_spec given[7];
    struct fixture f;
    (void)state;
    prepare(&f);
    for (int i = 0; i < 7; i++)
        given[i] =
            (struct tn_capacity_section_spec){i == 3 ? "s" : "a", i == 3 ? "t" : "b", up[i] * MINUTE, down[i] * MINUTE};
    f.spec.sections = (struct tn_list){given, 7};
    f.spec.start_addition = 2 * MINUTE;
    f.spec.stop_addition = 1 * MINUTE;
    f.spec.not_simultaneous = 4 * MINUTE;
    f.spec.meeting = 1 * MINUTE;
    f.spec.window = f.spec.reserve = 0;
    assert_int_equal(run(&f), TN_OK);
    assert_string_equal(f.result.limiting_section, "s - t");
    static const double periods[] = {59, 55, 57, 57};
    const double *got = section(&f, 3)->scheme_periods_s.items;
    for (int k = 0; k < 4; k++)
        assert_near_abs(got[k], periods[k] * MINUTE, 1e-9);
    assert_int_equal(section(&f, 3)->scheme, 2);
    assert_near_abs(f.result.period_s, 55 * MINUTE, 1e-9);
    assert_near_rel(f.result.pairs_parallel_per_day, 1440.0 / 55, 1e-14);
    assert_near_abs(f.result.pairs_per_day_rounded, 26, 1e-12);
    assert_false(f.result.head.failed);
    done(&f);
}

/* 22 parallel pairs less 1.2 + 1 + 1.2 + 1.6 for other trains: 17. At 55 min a pair that is 64.9 % of the day. */
static void course_work_of_removals(void **state)
{
    struct tn_capacity_removal removals[] = {{.name = "fast", .trains = 1, .coefficient = 1.2},
                                             {.name = "local", .trains = 1, .coefficient = 1},
                                             {.name = "pick-up", .trains = 1, .coefficient = 1.2},
                                             {.name = "other", .trains = 1, .coefficient = 1.6}};
    struct tn_capacity_section_spec limiting = {"s", "t", 25 * MINUTE, 24 * MINUTE};
    struct fixture f;
    (void)state;
    prepare(&f);
    f.spec.pairs_parallel = 22;
    f.spec.removals = (struct tn_list){removals, 4};
    f.spec.window = f.spec.reserve = 0;
    assert_int_equal(run(&f), TN_OK);
    assert_near_abs(f.result.pairs_per_day, 17, 1e-12);
    assert_near_abs(f.result.pairs_per_day_rounded, 17, 1e-12);
    f.spec.sections = (struct tn_list){&limiting, 1};
    f.spec.removals.count = 0;
    f.spec.meeting = 1 * MINUTE;
    f.spec.pairs = 17;
    assert_int_equal(run(&f), TN_OK);
    assert_near_abs(f.result.occupancy_1, 0.649, 5e-4);
    done(&f);
}

/* A textbook problem: six sections, 57 min on every scheme of the limiting one, window 60 min: 24.2 pairs. */
static void textbook_of_six_sections(void **state)
{
    static const double down[] = {21, 18, 15, 20, 24, 13}, up[] = {17, 15, 12, 16, 23, 10};
    struct tn_capacity_section_spec given[6];
    struct fixture f;
    (void)state;
    prepare(&f);
    for (int i = 0; i < 6; i++)
        given[i] =
            (struct tn_capacity_section_spec){i == 4 ? "d" : "x", i == 4 ? "e" : "y", up[i] * MINUTE, down[i] * MINUTE};
    f.spec.sections = (struct tn_list){given, 6};
    f.spec.start_addition = 2 * MINUTE;
    f.spec.stop_addition = 1 * MINUTE;
    f.spec.not_simultaneous = 4 * MINUTE;
    f.spec.meeting = 3 * MINUTE;
    f.spec.window = 60 * MINUTE;
    f.spec.reserve = 0;
    assert_int_equal(run(&f), TN_OK);
    const double *got = section(&f, 4)->scheme_periods_s.items;
    for (int k = 0; k < 4; k++)
        assert_near_abs(got[k], 57 * MINUTE, 1e-9);
    assert_string_equal(f.result.limiting_section, "d - e");
    assert_near_rel(f.result.pairs_per_day, 1380.0 / 57, 1e-14);
    assert_near_abs(f.result.pairs_per_day_rounded, 24, 1e-12);
    done(&f);
}

/* 41.4 min carry 26 freight pairs beside one passenger pair (1.2) with a window of 90 min and a reserve of 0.20;
   26 pairs of 5,000 t carry 32.35 Mt net at 0.75 / 1.10. */
static void pairs_and_tonnes(void **state)
{
    struct tn_capacity_removal passenger = {.name = "passenger", .trains = 1, .coefficient = 1.2};
    struct fixture f;
    (void)state;
    prepare(&f);
    rolling_init(&f.rolling, &hxd1_25t, 2, 5000);
    f.spec.train = (struct tn_ref){"test", &f.rolling.train};
    f.spec.pairs_parallel = 1350 / (1350 / (1.2 * (26 + 1.2)));
    f.spec.removals = (struct tn_list){&passenger, 1};
    f.spec.net_ratio = 0.75;
    f.spec.fluctuation = 1.10;
    f.spec.pairs = 26;
    f.spec.reference_load = 5000e3;
    f.spec.published_net = 33e9;
    assert_int_equal(run(&f), TN_OK);
    assert_near_abs(f.result.pairs_per_day, 26, 1e-12);
    assert_near_rel(f.result.gross_per_year_kg, 47.45e9, 1e-12);
    assert_near_rel(f.result.net_per_year_kg, 32.35e9, 2e-4);
    assert_near_rel(f.result.difference_1, 47.45 * 0.75 / 1.1 / 33 - 1, 1e-9);
    assert_near_abs(f.result.net_other_per_year_kg, 0, 0);
    assert_near_abs(f.result.gain_trains_per_day, 0, 1e-12);
    assert_true(f.result.feasible);
    f.rolling.tail.load = 5200e3;
    f.spec.pairs = 27;
    assert_int_equal(run(&f), TN_OK);
    assert_false(f.result.feasible);
    assert_true(f.result.train_feasible && !f.result.head.failed);
    assert_string_equal(f.result.reason, "27 pairs a day asked, 26.0 possible");
    f.spec.pairs = 26;
    assert_int_equal(run(&f), TN_OK);
    assert_near_abs(f.result.gain_trains_per_day, 1.04, 1e-12); /* trains of 5,000 t */
    assert_near_rel(f.result.gross_per_year_kg - 47.45e9, 1.898e9, 1e-9);
    done(&f);
}

/* A made-up level line of 40 km, stations every 10 km, tracks of 1000 m but for one. */
static void prepare_line(struct fixture *f)
{
    static const char *const names[] = {"A", "B", "C", "D", "E"};
    prepare(f);
    rolling_init(&f->rolling, &hxd1_25t, 2, 5000);
    f->rolling.train.limit = 80 * KMH;
    tn_schema_defaults(&tn_line_schema, &f->line);
    for (int i = 0; i < STATIONS; i++) {
        tn_schema_defaults(&tn_station_schema, &f->stations[i]);
        f->stations[i].name = names[i];
        f->stations[i].km = 10e3 * i;
        f->stations[i].length = 1000;
    }
    f->line.id = "line";
    f->line.stations = (struct tn_list){f->stations, STATIONS};
    f->environment.line = &f->line;
    f->spec.train = (struct tn_ref){"test", &f->rolling.train};
    f->spec.from = "A";
    f->spec.to = "E";
}

static void times_from_runs(void **state)
{
    struct fixture f;
    (void)state;
    prepare_line(&f);
    assert_int_equal(run(&f), TN_OK);
    assert_int_equal(f.result.sections.count, 4);
    assert_true(f.result.train_feasible);
    const struct tn_capacity_section *s = section(&f, 1);
    assert_string_equal(s->from, "D"); /* up runs towards decreasing km */
    assert_string_equal(s->to, "C");
    assert_near_abs(s->distance_m, 10e3, 1e-9);
    /* in the middle of the line trains pass at 80 km/h: 450 s; stopping at 0.3 m/s2 adds v / 2a = 37 s */
    assert_near_abs(section(&f, 2)->time_up_s, 450, 1);
    assert_near_abs(section(&f, 2)->stop_up_s, 80 * KMH / 0.6, 0.5);
    assert_true(section(&f, 2)->start_up_s > section(&f, 2)->start_down_s); /* empties start faster */
    /* ends: starting and stopping there is in the running time */
    assert_near_abs(section(&f, 0)->start_up_s, 0, 0);
    assert_near_abs(section(&f, 3)->stop_up_s, 0, 0);
    double up = 0, down = 0;
    for (size_t i = 0; i < 4; i++) {
        up += section(&f, i)->time_up_s;
        down += section(&f, i)->time_down_s;
    }
    assert_near_rel(up, f.result.running_time_up_s, 1e-9);
    assert_near_rel(down, f.result.running_time_down_s, 1e-9);
    const double *periods = section(&f, 2)->scheme_periods_s.items;
    s = section(&f, 2);
    assert_near_rel(periods[0], s->time_up_s + s->time_down_s + s->stop_up_s + s->stop_down_s + 480, 1e-12);
    assert_near_rel(periods[1], s->time_up_s + s->time_down_s + s->start_up_s + s->start_down_s + 240, 1e-12);
    done(&f);
}

/* A station too short for the train is no meeting place; an end too short makes the train infeasible. */
static void stations_too_short(void **state)
{
    struct fixture f;
    (void)state;
    prepare_line(&f);
    f.stations[2].length = 800; /* the train needs 70.4 + 54 x 13.976 + 20 */
    assert_int_equal(run(&f), TN_OK);
    assert_int_equal(f.result.sections.count, 3);
    assert_string_equal(f.result.limiting_section, "D - B");
    assert_true(f.result.train_feasible);
    f.stations[0].length = 800;
    assert_int_equal(run(&f), TN_OK);
    assert_false(f.result.train_feasible);
    assert_true(f.result.head.failed);
    assert_non_null(strstr(f.result.reason, "too long for the tracks of A"));
    done(&f);
}

/* Double track: by headway if given, otherwise the longer running time and the following interval. */
static void double_track(void **state)
{
    struct fixture f;
    (void)state;
    prepare_line(&f);
    f.doubled = (struct tn_double_track){.from = 10e3, .to = 30e3, .phase = -1, .until = -1, .headway = NAN};
    f.line.double_track = (struct tn_list){&f.doubled, 1};
    assert_int_equal(run(&f), TN_OK);
    assert_int_equal(section(&f, 1)->tracks, 2);
    assert_int_equal(section(&f, 1)->scheme, 0);
    assert_near_rel(section(&f, 1)->period_s, fmax(section(&f, 1)->time_up_s, section(&f, 1)->time_down_s) + 240,
                    1e-12);
    assert_int_equal(section(&f, 0)->tracks, 1);
    f.doubled.headway = 600;
    assert_int_equal(run(&f), TN_OK);
    assert_near_rel(section(&f, 1)->pairs_parallel_per_day, (86400.0 - 5400) / 600, 1e-12);
    done(&f);
}

/* A train that cannot restart on the steepest climb is infeasible and the reason says where. */
static void too_heavy_for_the_climb(void **state)
{
    struct fixture f;
    (void)state;
    prepare_line(&f);
    rolling_init(&f.rolling, &hxd1c_23t, 2, 5200);
    f.rolling.train.limit = 80 * KMH;
    tn_schema_defaults(&tn_line_schema, &f.line);
    f.line.id = "line";
    f.line.stations = (struct tn_list){f.stations, STATIONS};
    f.profile[0] = (struct tn_profile_point){.km = 0, .elevation = 640, .confidence = TN_PUBLISHED};
    f.profile[1] = (struct tn_profile_point){.km = 40e3, .elevation = 0, .confidence = TN_PUBLISHED};
    f.line.profile = (struct tn_list){f.profile, 2};
    assert_int_equal(run(&f), TN_OK);
    assert_false(f.result.train_feasible);
    assert_non_null(strstr(f.result.reason, "the up train cannot start on 16.0 permil"));
    assert_non_null(strstr(f.result.head.verdict, f.result.reason));
    done(&f);
}

/* The pull behind the locomotives, level start: 5,000 t x 3.5 N/kN = 171.7 kN. */
static void couplers_too_weak(void **state)
{
    struct fixture f;
    (void)state;
    prepare_line(&f);
    f.spec.coupler_limit = 171e3;
    assert_int_equal(run(&f), TN_OK);
    assert_false(f.result.train_feasible);
    assert_non_null(strstr(f.result.reason, "kN behind its locomotives, more than 171 kN"));
    f.spec.coupler_limit = 172e3;
    assert_int_equal(run(&f), TN_OK);
    assert_true(f.result.train_feasible);
    done(&f);
}

/* Points that differ in pairs or window share their running times; the result is the same as from scratch. */
static void times_are_shared(void **state)
{
    struct fixture f;
    (void)state;
    prepare_line(&f);
    uint64_t key = tn_capacity_times_key(&f.spec, &f.environment);
    const struct tn_capacity_times *times;
    assert_int_equal(tn_capacity_times_init(&times, &f.spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    f.spec.pairs = 12;
    f.spec.window = 0;
    f.spec.reserve = 0.1;
    assert_true(tn_capacity_times_key(&f.spec, &f.environment) == key);
    struct tn_capacity_result shared;
    memset(&shared, 0, sizeof shared);
    assert_int_equal(tn_capacity_from_times(&shared, &f.spec, times, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(run(&f), TN_OK);
    assert_true(shared.pairs_per_day == f.result.pairs_per_day);
    assert_string_equal(shared.head.verdict, f.result.head.verdict);
    f.rolling.tail.load += 1;
    assert_true(tn_capacity_times_key(&f.spec, &f.environment) != key);
    f.rolling.tail.load -= 1;
    f.environment.phase = 2020;
    assert_true(tn_capacity_times_key(&f.spec, &f.environment) != key);
    f.environment.phase = -1;
    f.stations[1].length = 900;
    assert_true(tn_capacity_times_key(&f.spec, &f.environment) != key);
    done(&f);
}

static void landmarks_are_kept(void **state)
{
    struct tn_capacity_landmark_spec given[2] = {{"as opened", 16e9, NAN, NAN}, {NULL, NAN, 5.2e6, 26}};
    struct fixture f;
    (void)state;
    prepare_line(&f);
    uint64_t key = tn_capacity_times_key(&f.spec, &f.environment);
    f.spec.landmarks = (struct tn_list){given, 2};
    assert_true(tn_capacity_times_key(&f.spec, &f.environment) == key);
    assert_int_equal(run(&f), TN_OK);
    const struct tn_capacity_landmark *rows = f.result.landmarks.items;
    assert_int_equal(f.result.landmarks.count, 2);
    assert_string_equal(rows[0].text, "as opened");
    assert_near_abs(rows[0].net_per_year_kg, 16e9, 0);
    assert_null(rows[1].text);
    assert_near_abs(rows[1].load_kg, 5.2e6, 0);
    assert_near_abs(rows[1].pairs_per_day, 26, 0);
    given[1].pairs = NAN;
    assert_int_equal(run(&f), TN_ERR_INPUT);
    given[1] = (struct tn_capacity_landmark_spec){NULL, 33e9, 5.2e6, 26};
    assert_int_equal(run(&f), TN_ERR_INPUT);
    given[1] = (struct tn_capacity_landmark_spec){"nothing", NAN, NAN, NAN};
    assert_int_equal(run(&f), TN_ERR_INPUT);
    done(&f);
}

static void missing_inputs_are_errors(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f);
    assert_int_equal(run(&f), TN_ERR_INPUT);
    done(&f);
    prepare_line(&f);
    f.spec.to = "Nowhere";
    assert_int_equal(run(&f), TN_ERR_INPUT);
    f.spec.to = NULL;
    assert_int_equal(run(&f), TN_ERR_INPUT);
    f.spec.to = "E";
    f.spec.loaded = TN_BOTH;
    assert_int_equal(run(&f), TN_ERR_INPUT);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(course_work_of_seven_sections),
        cmocka_unit_test(course_work_of_removals),
        cmocka_unit_test(textbook_of_six_sections),
        cmocka_unit_test(pairs_and_tonnes),
        cmocka_unit_test(times_from_runs),
        cmocka_unit_test(stations_too_short),
        cmocka_unit_test(double_track),
        cmocka_unit_test(too_heavy_for_the_climb),
        cmocka_unit_test(couplers_too_weak),
        cmocka_unit_test(times_are_shared),
        cmocka_unit_test(landmarks_are_kept),
        cmocka_unit_test(missing_inputs_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
