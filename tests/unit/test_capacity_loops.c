/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>

#include "capacity.h"
#include "rolling.h"

#define MINUTE   60.0
#define STATIONS 6
#define SPARE    2

/* A made-up line over a hill: uneven sections, so that each has a period of its own. */
struct fixture {
    struct rolling rolling;
    struct tn_station stations[STATIONS + SPARE];
    struct tn_profile_point profile[4];
    struct tn_double_track doubled;
    struct tn_tunnel tunnel;
    struct tn_line_spec line;
    struct tn_capacity_spec spec;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_context ctx;
    struct tn_capacity_result result;
};

static void set_station(struct tn_station *station, const char *name, double km)
{
    tn_schema_defaults(&tn_station_schema, station);
    station->name = name;
    station->km = 1e3 * km;
    station->length = 1000;
}

static void prepare(struct fixture *f)
{
    static const char *const names[STATIONS] = {"A", "B", "C", "D", "E", "F"};
    static const double km[STATIONS] = {0, 9, 20, 34, 44, 57};
    static const double points[4][2] = {{0, 100}, {20, 200}, {40, 140}, {57, 150}};
    memset(f, 0, sizeof *f);
    tn_schema_defaults(&tn_capacity_spec_schema, &f->spec);
    f->environment = (struct tn_environment){.phase = -1, .gravity_m_s2 = 9.81, .line = &f->line};
    tn_schema_defaults(&tn_weather_schema, &f->environment.weather);
    f->environment.weather.temperature = 288.15;
    rolling_init(&f->rolling, &hxd1_25t, 2, 5000);
    f->rolling.train.limit = 80 * KMH;
    tn_schema_defaults(&tn_line_schema, &f->line);
    for (int i = 0; i < STATIONS; i++)
        set_station(&f->stations[i], names[i], km[i]);
    for (int i = 0; i < 4; i++)
        f->profile[i] = (struct tn_profile_point){.km = 1e3 * points[i][0], .elevation = points[i][1]};
    f->line.id = "hill";
    f->line.stations = (struct tn_list){f->stations, STATIONS};
    f->line.profile = (struct tn_list){f->profile, 4};
    f->spec.train = (struct tn_ref){"test", &f->rolling.train};
    f->spec.from = "A";
    f->spec.to = "F";
}

static void run(struct fixture *f)
{
    memset(&f->result, 0, sizeof f->result);
    assert_int_equal(tn_study_capacity.solve(&f->result, &f->spec, &f->environment, &f->arena, &f->ctx), TN_OK);
}

static void done(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

static const struct tn_capacity_loop *loop(const struct fixture *f, size_t i)
{
    assert_true(i < f->result.loops.count);
    return (const struct tn_capacity_loop *)f->result.loops.items + i;
}

static const struct tn_capacity_more_loop *more(const struct fixture *f, size_t i)
{
    assert_true(i < f->result.more_loops.count);
    return (const struct tn_capacity_more_loop *)f->result.more_loops.items + i;
}

/* The course work of seven sections (55 min on the fourth, 25 + 24 min): without the station at its far end it is one
   with 18 + 20 min, 87 min of running and the 6 min of scheme 2: 93 min. Without the first station the first two are 38
   + 38 min of running, 82 min, the second with the third 40 + 39, 85 min. */
static void worth_by_hand(void **state)
{
    static const double up[] = {19, 19, 21, 25, 18, 20, 17}, down[] = {18, 20, 19, 24, 20, 21, 19};
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct tn_capacity_section_spec given[7];
    struct fixture f;
    (void)state;
    prepare(&f);
    for (int i = 0; i < 7; i++)
        given[i] = (struct tn_capacity_section_spec){names[i], names[i + 1], up[i] * MINUTE, down[i] * MINUTE};
    f.spec.sections = (struct tn_list){given, 7};
    f.spec.start_addition = 2 * MINUTE;
    f.spec.stop_addition = 1 * MINUTE;
    f.spec.not_simultaneous = 4 * MINUTE;
    f.spec.meeting = 1 * MINUTE;
    f.spec.window = f.spec.reserve = 0;
    f.spec.loops = true;
    run(&f);
    assert_int_equal(f.result.loops.count, 6);
    assert_int_equal(f.result.more_loops.count, 0); /* nobody knows where */
    assert_string_equal(loop(&f, 0)->station, "b");
    assert_near_abs(loop(&f, 0)->period_without_s, (19 + 19 + 18 + 20 + 6) * MINUTE, 1e-9);
    assert_near_abs(loop(&f, 1)->period_without_s, (19 + 21 + 20 + 19 + 6) * MINUTE, 1e-9);
    assert_near_abs(loop(&f, 3)->period_without_s, (25 + 18 + 24 + 20 + 6) * MINUTE, 1e-9);
    assert_near_rel(loop(&f, 3)->worth_pairs_per_day, 1440.0 / 55 - 1440.0 / 93, 1e-12);
    assert_near_rel(loop(&f, 3)->pairs_without_per_day, 1440.0 / 93, 1e-12);
    done(&f);
}

/* Takes a station out of the line file and solves again. */
static double pairs_without(struct fixture *f, size_t station)
{
    struct tn_station kept[STATIONS + SPARE];
    const struct tn_list all = f->line.stations;
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++)
        if (i != station)
            kept[count++] = f->stations[i];
    f->line.stations = (struct tn_list){kept, count};
    f->spec.loops = false;
    run(f);
    f->spec.loops = true;
    f->line.stations = all;
    return f->result.pairs_per_day;
}

static void worth_is_the_line_without_it(void **state)
{
    struct fixture f;
    double without[4], worth[4];
    (void)state;
    prepare(&f);
    f.spec.loops = true;
    run(&f);
    const double pairs = f.result.pairs_per_day;
    assert_int_equal(f.result.loops.count, 4);
    assert_string_equal(loop(&f, 0)->station, "E"); /* up runs towards decreasing km */
    assert_int_equal(loop(&f, 0)->phase, -1);
    for (size_t i = 0; i < 4; i++) {
        without[i] = loop(&f, i)->pairs_without_per_day;
        worth[i] = loop(&f, i)->worth_pairs_per_day;
        assert_true(worth[i] > 0);
        assert_near_rel(loop(&f, i)->worth_net_per_year_kg,
                        worth[i] * f.result.net_per_year_kg / f.result.pairs_per_day, 1e-12);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_near_rel(pairs_without(&f, 4 - i), without[i], 1e-12);
        assert_near_rel(pairs - f.result.pairs_per_day, worth[i], 1e-9);
    }
    done(&f);
}

/* Where double track ends trains meet anyhow; a station within it only splits the headway. */
static void double_track_needs_no_loop(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f);
    f.doubled = (struct tn_double_track){.from = 9e3, .to = 34e3, .phase = -1, .until = -1, .headway = NAN};
    f.line.double_track = (struct tn_list){&f.doubled, 1};
    f.spec.loops = true;
    run(&f);
    assert_int_equal(f.result.loops.count, 2);
    assert_string_equal(loop(&f, 0)->station, "E");
    assert_string_equal(loop(&f, 1)->station, "C");
    const double without = loop(&f, 1)->pairs_without_per_day;
    assert_near_rel(pairs_without(&f, 2), without, 1e-12);
    done(&f);
}

static void add_station(struct fixture *f, const char *name, double km)
{
    size_t i = f->line.stations.count++;
    for (; i > 0 && f->stations[i - 1].km > 1e3 * km; i--)
        f->stations[i] = f->stations[i - 1];
    set_station(&f->stations[i], name, km);
}

/* Each proposed loop, put into the line file, gives what was promised, with equal periods on either side; elsewhere in
   the same section it gives less. */
static void proposed_loops_keep_their_promise(void **state)
{
    struct fixture f;
    struct tn_capacity_more_loop promised[2];
    (void)state;
    prepare(&f);
    f.spec.loops = true;
    f.spec.more_loops = 2;
    run(&f);
    assert_int_equal(f.result.more_loops.count, 2);
    for (size_t i = 0; i < 2; i++)
        promised[i] = *more(&f, i);
    const double pairs = f.result.pairs_per_day;
    const char *limiting = f.result.limiting_section;
    assert_true(promised[0].gain_pairs_per_day > 0);
    assert_near_rel(promised[1].gain_pairs_per_day, promised[1].pairs_per_day - pairs, 1e-12);
    assert_string_equal(limiting, "D - C"); /* 14 km; the one before the end has no start to wait for */
    assert_string_equal(promised[0].from, "D");
    assert_string_equal(promised[0].to, "C");
    f.spec.loops = false;
    for (size_t i = 0; i < 2; i++) {
        add_station(&f, i == 0 ? "X" : "Y", promised[i].km_m / 1e3);
        run(&f);
        assert_near_rel(f.result.pairs_per_day, promised[i].pairs_per_day, 1e-9);
        const struct tn_capacity_section *rows = f.result.sections.items;
        for (size_t k = 0; k + 1 < f.result.sections.count; k++)
            if (rows[k].to_km_m == promised[i].km_m)
                assert_near_abs(rows[k].period_s, rows[k + 1].period_s, 0.5);
    }
    done(&f);
}

/* A tunnel around the best place: the loop goes to a portal, with room to stand. */
static void no_loop_in_a_tunnel(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f);
    f.spec.loops = true;
    f.spec.more_loops = 1;
    run(&f);
    const double free_km = more(&f, 0)->km_m, free_gain = more(&f, 0)->gain_pairs_per_day;
    f.tunnel = (struct tn_tunnel){.from = free_km - 1000, .to = free_km + 2500, .law = TN_TUNNEL_SPEED};
    f.line.tunnels = (struct tn_list){&f.tunnel, 1};
    run(&f);
    assert_near_abs(more(&f, 0)->km_m, free_km - 1500, 1e-6);
    assert_true(more(&f, 0)->gain_pairs_per_day < free_gain);
    done(&f);
}

/* One station between two far ones may stand w to either side of the middle of level track, evenly: the longer section
   is |dx| longer than half, |dx| evenly in [0, w], and each metre takes two trains 1/v. */
static void scatter_of_one_station(void **state)
{
    static const double km[] = {0, 10, 25, 40, 50};
    const double w = 3000, v = 80 * KMH;
    struct fixture f;
    (void)state;
    prepare(&f);
    f.line.profile.count = 0;
    f.line.stations.count = 5;
    for (int i = 0; i < 5; i++)
        f.stations[i].km = 1e3 * km[i];
    f.stations[2].confidence = TN_ESTIMATE;
    f.spec.to = "E";
    run(&f);
    assert_true(isnan(f.result.pairs_median_per_day));
    const double middle = ((const struct tn_capacity_section *)f.result.sections.items)[1].period_s;
    f.spec.scatter = (struct tn_capacity_scatter_spec){.old = w, .law = 1, .draws = 4000, .seed = 7};
    run(&f);
    const double day = (86400 - f.spec.window) / (1 + f.spec.reserve);
    assert_near_rel(f.result.pairs_p05_per_day, day / (middle + 2 * 0.95 * w / v), 2e-3);
    assert_near_rel(f.result.pairs_median_per_day, day / (middle + 2 * 0.50 * w / v), 6e-3);
    assert_near_rel(f.result.pairs_p95_per_day, day / (middle + 2 * 0.05 * w / v), 3e-3);
    const struct tn_capacity_limit_share *share = f.result.scatter_sections.items;
    assert_int_equal(f.result.scatter_sections.count, 2);
    assert_near_abs(share[0].share_1, 0.5, 0.03);
    assert_near_abs(share[0].share_1 + share[1].share_1, 1, 1e-12);
    /* normal: |dx| has the quantiles of the half-normal distribution: 0.0627, 0.6745 and 1.9600 sigma */
    f.spec.scatter.law = 0;
    run(&f);
    assert_near_rel(f.result.pairs_p05_per_day, day / (middle + 2 * 1.9600 * w / v), 6e-3);
    assert_near_rel(f.result.pairs_median_per_day, day / (middle + 2 * 0.6745 * w / v), 6e-3);
    assert_near_rel(f.result.pairs_p95_per_day, day / (middle + 2 * 0.0627 * w / v), 3e-3);
    done(&f);
}

/* Published stations stay, phases have their own spread, and stations keep their order however wide it is. */
static void scatter_by_phase_and_in_order(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f);
    f.spec.scatter = (struct tn_capacity_scatter_spec){.old = 3000, .new = 2000, .draws = 50, .seed = 1};
    run(&f);
    assert_true(f.result.pairs_p05_per_day == f.result.pairs_per_day);
    assert_true(f.result.pairs_p95_per_day == f.result.pairs_per_day);
    for (int i = 0; i < STATIONS; i++)
        f.stations[i].confidence = TN_ESTIMATE;
    f.stations[3].phase = 2024;
    f.spec.scatter.old = 0;
    run(&f);
    const double one = f.result.pairs_p05_per_day;
    assert_true(one < f.result.pairs_per_day);
    f.spec.scatter.old = 3000;
    run(&f);
    assert_true(f.result.pairs_p05_per_day < one);
    f.spec.scatter.old = f.spec.scatter.new = 1e6;
    run(&f);
    assert_true(f.result.pairs_p05_per_day > 0); /* no section is longer than the line */
    double sum = 0;
    const struct tn_capacity_limit_share *share = f.result.scatter_sections.items;
    for (size_t i = 0; i < f.result.scatter_sections.count; i++)
        sum += share[i].share_1;
    assert_near_abs(sum, 1, 1e-12);
    done(&f);
}

static void same_bytes_on_any_number_of_threads(void **state)
{
    struct fixture f;
    double p05[2], worth[2];
    (void)state;
    prepare(&f);
    for (int i = 0; i < STATIONS; i++)
        f.stations[i].confidence = TN_DERIVED;
    f.spec.loops = true;
    f.spec.scatter = (struct tn_capacity_scatter_spec){.old = 3000, .new = 2000, .draws = 100, .seed = 3};
    for (int i = 0; i < 2; i++) {
        omp_set_num_threads(i == 0 ? 1 : 7);
        run(&f);
        p05[i] = f.result.pairs_p05_per_day;
        worth[i] = loop(&f, 2)->worth_pairs_per_day;
    }
    assert_memory_equal(&p05[0], &p05[1], sizeof p05[0]);
    assert_memory_equal(&worth[0], &worth[1], sizeof worth[0]);
    f.spec.scatter.seed = 4;
    run(&f);
    assert_true(f.result.pairs_p05_per_day != p05[0]);
    done(&f);
}

static void refused(void **state)
{
    struct tn_capacity_section_spec given = {"a", "b", 600, 600};
    struct fixture f;
    (void)state;
    prepare(&f);
    f.spec.sections = (struct tn_list){&given, 1};
    f.spec.scatter.old = 1000;
    assert_int_equal(tn_study_capacity.solve(&f.result, &f.spec, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    f.spec.scatter.old = 0;
    f.spec.loops = true;
    f.spec.pairs_parallel = 20;
    assert_int_equal(tn_study_capacity.solve(&f.result, &f.spec, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    f.spec.pairs_parallel = NAN;
    run(&f);
    assert_int_equal(f.result.loops.count, 0);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worth_by_hand),
        cmocka_unit_test(worth_is_the_line_without_it),
        cmocka_unit_test(double_track_needs_no_loop),
        cmocka_unit_test(proposed_loops_keep_their_promise),
        cmocka_unit_test(no_loop_in_a_tunnel),
        cmocka_unit_test(scatter_of_one_station),
        cmocka_unit_test(scatter_by_phase_and_in_order),
        cmocka_unit_test(same_bytes_on_any_number_of_threads),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
