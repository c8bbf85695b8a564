/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "near.h"
#include "safe.h"
#include "simulate.h"
#include "train.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  TN_NETWORK_DAY_MS
enum { MOST = 8 };

/* Stations A, B, ... ten kilometres apart with two tracks each, sections of 20 min up and 15 min down, one class. */
struct fixture {
    struct tn_context ctx;
    struct tn_arena arena;
    struct tn_line_spec line;
    struct tn_station stations[MOST];
    struct tn_capacity_section_spec sections[MOST];
    struct tn_traffic_class_spec classes[2];
    struct tn_traffic_window_spec window;
    struct tn_environment environment;
    struct tn_traffic_spec traffic;
    struct tn_network network;
    struct tn_simulate_disturbances disturbances;
    struct tn_simulate_request request;
    struct tn_simulate_outcome out;
};

static const char *const names[MOST] = {"A", "B", "C", "D", "E", "F", "G", "H"};

static void setup(struct fixture *f, int stations)
{
    memset(f, 0, sizeof *f);
    tn_schema_defaults(&tn_line_schema, &f->line);
    f->line.id = "line";
    f->line.up_is_decreasing = false;
    f->line.stations = (struct tn_list){f->stations, (size_t)stations};
    for (int i = 0; i < stations; i++) {
        tn_schema_defaults(&tn_station_schema, &f->stations[i]);
        f->stations[i].name = names[i];
        f->stations[i].km = 10e3 * i;
        f->stations[i].tracks = 2;
        if (i > 0)
            f->sections[i - 1] = (struct tn_capacity_section_spec){names[i - 1], names[i], 1200, 900};
    }
    for (int c = 0; c < 2; c++) {
        tn_schema_defaults(&tn_traffic_class_schema, &f->classes[c]);
        f->classes[c].id = c == 0 ? "freight" : "other";
        f->classes[c].pairs = 1;
    }
    f->environment = (struct tn_environment){.line = &f->line, .phase = -1, .gravity_m_s2 = 9.81};
    f->traffic = (struct tn_traffic_spec){.from = names[0],
                                          .to = names[stations - 1],
                                          .loaded = TN_UP,
                                          .classes = {f->classes, 1},
                                          .sections = {f->sections, (size_t)stations - 1},
                                          .start_addition = 120,
                                          .stop_addition = 60,
                                          .not_simultaneous = 240,
                                          .meeting = 60,
                                          .following = 240,
                                          .approach = 120,
                                          .depth = TN_STRAP,
                                          .tolerance = 1e-7};
    f->request = (struct tn_simulate_request){.network = &f->network,
                                              .disturbances = &f->disturbances,
                                              .rule = TN_SIMULATE_FIRST_COME,
                                              .end_ms = DAY_MS,
                                              .show_end_ms = 10 * DAY_MS,
                                              .drain = true,
                                              .hours = true};
}

static void build(struct fixture *f)
{
    assert_int_equal(tn_network_init(&f->network, &f->traffic, &f->environment, &f->arena, &f->ctx), TN_OK);
    assert_null(f->network.reason);
}

static void simulate(struct fixture *f)
{
    struct tn_list conflicts;
    assert_int_equal(tn_simulate(&f->out, &f->request, &f->arena, &f->ctx), TN_OK);
    assert_false(f->out.deadlock);
    assert_true(f->out.balanced);
    assert_int_equal(tn_road_check(&conflicts, &f->network, f->out.paths, f->out.path_count, false, &f->arena), TN_OK);
    assert_int_equal(conflicts.count, 0);
}

static void clear(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

/* --- safe states --- */

/* B full of up trains, C full of down trains: neither can send. */
static void two_full_stations(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_safe safe;
    setup(&f, 4);
    build(&f);
    assert_int_equal(tn_safe_init(&safe, &f.network, &f.arena), TN_OK);
    const int up = 0, down = 1;
    assert_int_equal(f.network.classes[up].direction, TN_NETWORK_UP);
    assert_true(tn_safe_is_safe(&safe));
    tn_safe_move(&safe, up, -1, 1);
    tn_safe_move(&safe, up, -1, 1);
    assert_true(tn_safe_is_safe(&safe));
    assert_true(tn_safe_allows(&safe, down, -1, 2)); /* one can still meet them at C */
    tn_safe_move(&safe, down, -1, 2);
    assert_false(tn_safe_allows(&safe, down, -1, 2)); /* two cannot */
    assert_true(tn_safe_allows(&safe, up, 1, 2));     /* but C can be filled from B */
    tn_safe_move(&safe, down, -1, 2);
    assert_false(tn_safe_is_safe(&safe));
    tn_safe_move(&safe, down, 2, -1);
    assert_true(tn_safe_is_safe(&safe));
    clear(&f);
}

/* A third track, or a station between them, gives room. */
static void room_between(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_safe safe;
    setup(&f, 5);
    build(&f);
    assert_int_equal(tn_safe_init(&safe, &f.network, &f.arena), TN_OK);
    for (int t = 0; t < 2; t++) {
        tn_safe_move(&safe, 0, -1, 1);
        tn_safe_move(&safe, 1, -1, 3);
    }
    assert_true(tn_safe_is_safe(&safe)); /* they meet at C */
    tn_safe_set_fits(&safe, 0, 2, false);
    tn_safe_set_fits(&safe, 1, 2, false);
    assert_false(tn_safe_is_safe(&safe)); /* where they could but cannot stand */
    tn_safe_set_tracks(&safe, 3, 3);
    assert_true(tn_safe_is_safe(&safe));
    clear(&f);
}

/* The same in a simulation: nothing runs between B and C until two o'clock, and five trains come from each end. Two
   wait at one of the stations, one at the other: the second there would fill it up. */
static void neither_sends(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_traffic_departure_spec departures[10];
    setup(&f, 4);
    for (int i = 0; i < 10; i++)
        departures[i] = (struct tn_traffic_departure_spec){i % 2 ? TN_UP : TN_DOWN, 60.0 * i};
    f.classes[0].pairs = NAN;
    f.classes[0].departures = (struct tn_list){departures, 10};
    f.window = (struct tn_traffic_window_spec){"B", "C", 0, 7260, 0}; /* until after the second hour is full */
    f.traffic.windows = (struct tn_list){&f.window, 1};
    build(&f);
    for (int rule = 0; tn_simulate_rule_name(rule); rule++) {
        f.request.rule = (enum tn_simulate_rule)rule;
        simulate(&f);
        assert_int_equal(f.out.all.trains, 10);
        assert_int_equal(f.out.all.unfinished, 0);
        assert_int_equal(f.out.path_count, 10);
        assert_true(f.out.refused > 0);
        assert_int_equal(f.out.hours[1].on_line, 3);
        assert_int_equal(f.out.hours[1].outside_up + f.out.hours[1].outside_down, 7);
    }
    clear(&f);
}

/* Trains that come when an hour is full and go at once do not wait, in its books either. */
static void nobody_waits_at_full_hours(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_traffic_departure_spec departures[4];
    setup(&f, 4);
    for (int i = 0; i < 4; i++)
        departures[i] = (struct tn_traffic_departure_spec){TN_UP, 3600.0 * (1 + 3 * i)};
    f.classes[0].pairs = NAN;
    f.classes[0].departures = (struct tn_list){departures, 4};
    build(&f);
    simulate(&f);
    assert_int_equal(f.out.all.trains, 4);
    assert_near_abs(f.out.all.outside_mean_s, 0, 0);
    assert_near_abs(f.out.queue_mean, 0, 0);
    assert_int_equal(f.out.hours[0].entered, 1);
    assert_true(f.out.balanced);
    clear(&f);
}

/* --- capacity --- */

/* A course work (tlookup.ru 1042): 24 + 25 min, start 2, meeting 1: 24 + 25 + 2 x 2 + 2 x 1 = 55 min a pair. */
static void saturated_section(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 2);
    f.sections[0].time_up = 25 * 60;
    f.sections[0].time_down = 24 * 60;
    f.classes[0].stop_at_end = false;
    build(&f);
    const double always[] = {INFINITY, INFINITY};
    f.request.trains_per_day = always;
    f.request.drain = false;
    f.request.warm_up_ms = DAY_MS;
    f.request.end_ms = 111 * DAY_MS; /* 110 days hold 2880 pairs of 55 min */
    for (int rule = 0; tn_simulate_rule_name(rule); rule++) {
        f.request.rule = (enum tn_simulate_rule)rule;
        simulate(&f);
        assert_near_abs((double)f.out.classes[0].trains, 2880, 1);
        assert_near_abs((double)f.out.classes[1].trains, 2880, 1);
        assert_near_rel(f.out.sections[0].occupied_s, 110 * 86400.0, 1e-3);
    }
    clear(&f);
}

/* 40 trains a day each way where 26 pairs fit: the queue grows by what is too much. */
static void queue_that_grows(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 2);
    f.sections[0].time_up = 25 * 60;
    f.sections[0].time_down = 24 * 60;
    f.classes[0].stop_at_end = false;
    f.classes[0].pairs = 40;
    build(&f);
    f.request.drain = false;
    f.request.end_ms = 20 * DAY_MS;
    simulate(&f);
    assert_true(f.out.queue_grows);
    assert_near_rel(f.out.queue_growth_per_day, 2 * (40 - 1440.0 / 55), 0.02);
    assert_near_abs(f.out.queue_end, 20 * 2 * (40 - 1440.0 / 55), 3);
    const struct tn_simulate_hour *last = &f.out.hours[f.out.hour_count - 1];
    assert_int_equal(f.out.hour_count, 480);
    assert_near_abs(last->outside_up + last->outside_down, f.out.queue_end, 0);
    f.classes[0].pairs = 20;
    build(&f);
    simulate(&f);
    assert_false(f.out.queue_grows);
    clear(&f);
}

/* --- times --- */

static void alone(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 4);
    f.classes[0].direction = TN_UP;
    f.classes[0].first_up = 3600;
    build(&f);
    simulate(&f);
    assert_int_equal(f.out.all.trains, 1);
    assert_near_abs(f.out.all.delay_mean_s, 0, 0);
    assert_near_abs(f.out.all.travel_mean_s, 3 * 1200 + 120 + 60, 0);
    assert_near_abs(f.out.all.travel_speed_m_s, 30e3 / 3780, 1e-12);
    assert_near_abs(f.out.all.stops_mean, 0, 0);
    const struct tn_timing *t = f.out.paths[0].timings;
    assert_int_equal(t[0].departure_ms, HOUR_MS);
    assert_int_equal(t[1].arrival_ms, HOUR_MS + 1320000);
    assert_int_equal(t[3].arrival_ms, HOUR_MS + 3780000);
    assert_false(t[1].stops);
    clear(&f);
}

/* An up train 1 h and a down train 62 min after midnight, A to D: the down train would pass C after 79 min, the up
   train B after 82. The down train asks first for the section between, two minutes before; the up train stops at B. */
static void meeting(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 4);
    f.classes[0].first_up = 3600;
    f.classes[0].first_down = 3720;
    build(&f);
    simulate(&f);
    assert_int_equal(f.out.path_count, 2);
    const int up = f.out.paths[0].class == 0 ? 0 : 1;
    const struct tn_timing *u = f.out.paths[up].timings, *d = f.out.paths[!up].timings;
    assert_int_equal(d[1].arrival_ms, 4740000); /* 62 + 2 + 15 min */
    assert_false(d[1].stops);
    assert_int_equal(d[2].arrival_ms, 5640000); /* 15 min on */
    assert_false(d[2].stops);
    assert_int_equal(u[1].arrival_ms, 4980000); /* 60 + 2 + 20 + 1 min */
    assert_true(u[1].stops);
    assert_int_equal(u[1].departure_ms, 5700000); /* a minute after it is gone */
    assert_int_equal(u[3].arrival_ms, 8280000);   /* 2 + 20 + 20 + 1 min on */
    assert_near_abs(f.out.classes[0].delay_mean_s, 8280 - 3600 - 3780, 0);
    assert_near_abs(f.out.classes[1].delay_mean_s, 0, 0);
    clear(&f);
}

/* A slow up train at one o'clock and one of twice its speed and more priority after it, at 1:38. */
static void set_fast_train(struct fixture *f, int stations)
{
    setup(f, stations);
    f->classes[0].direction = f->classes[1].direction = TN_UP;
    f->classes[0].first_up = 3600;
    f->classes[1].first_up = 5880;
    f->classes[1].time_factor = 0.5;
    f->classes[1].priority = 1;
    f->traffic.classes.count = 2;
}

/* The slow train would pass C at 1:42 and be at D at 2:03, the fast one passes C at 2:00. It is let by at C. */
static void overtaking(void **state)
{
    (void)state;
    struct fixture f;
    set_fast_train(&f, 5);
    build(&f);
    simulate(&f);
    assert_true(f.out.classes[1].delay_mean_s > 900); /* first come: it stays behind */
    for (int rule = TN_SIMULATE_PRIORITY; rule <= TN_SIMULATE_LOOK_AHEAD; rule++) {
        f.request.rule = (enum tn_simulate_rule)rule;
        simulate(&f);
        assert_int_equal(f.out.path_count, 2);
        assert_int_equal(f.out.paths[0].class, 1);
        const struct tn_timing *slow = f.out.paths[1].timings, *fast = f.out.paths[0].timings;
        assert_near_abs(f.out.classes[1].delay_mean_s, 0, 0);
        assert_false(slow[1].stops);
        assert_true(slow[2].stops);
        assert_int_equal(slow[2].arrival_ms, HOUR_MS + 43 * 60000);
        assert_int_equal(slow[2].departure_ms, fast[3].arrival_ms + 240000);
        assert_false(slow[3].stops);
    }
    clear(&f);
}

/* The same, but the fast train finds the section from B to C closed for three hours. The slow one waits for it as long
   as it would itself have kept it from the section beyond C: 1:42 + 20 + 1 min to D, and 4 min more. */
static void no_patience_without_end(void **state)
{
    (void)state;
    struct fixture f;
    set_fast_train(&f, 5);
    f.window = (struct tn_traffic_window_spec){"B", "C", 6660, 10800, 0};
    f.traffic.windows = (struct tn_list){&f.window, 1};
    build(&f);
    for (int rule = TN_SIMULATE_PRIORITY; rule <= TN_SIMULATE_LOOK_AHEAD; rule++) {
        f.request.rule = (enum tn_simulate_rule)rule;
        simulate(&f);
        assert_int_equal(f.out.path_count, 2);
        assert_int_equal(f.out.paths[0].class, 0);
        const struct tn_timing *slow = f.out.paths[0].timings;
        assert_true(slow[2].stops);
        assert_int_equal(slow[2].departure_ms, HOUR_MS + 67 * 60000);
    }
    clear(&f);
}

/* An up train that would pass B at 1:22 and a down train of more priority that comes through C at 1:27: it is let
   through from C to B, and the up train waits at B. First come, it would wait at C. */
static void let_through(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 4);
    f.classes[0].direction = TN_UP;
    f.classes[0].first_up = 3600;
    f.classes[1].direction = TN_DOWN;
    f.classes[1].first_down = 4200;
    f.classes[1].priority = 1;
    f.traffic.classes.count = 2;
    build(&f);
    simulate(&f);
    assert_true(f.out.classes[1].delay_mean_s > 600);
    assert_near_abs(f.out.classes[0].delay_mean_s, 0, 0);
    for (int rule = TN_SIMULATE_PRIORITY; rule <= TN_SIMULATE_LOOK_AHEAD; rule++) {
        f.request.rule = (enum tn_simulate_rule)rule;
        simulate(&f);
        assert_near_abs(f.out.classes[1].delay_mean_s, 0, 0);
        const struct tn_timing *up = f.out.paths[f.out.paths[0].class == 0 ? 0 : 1].timings;
        assert_true(up[1].stops);
        assert_int_equal(up[1].departure_ms, 4200000 + (2 + 15 + 15) * 60000 + 60000);
    }
    clear(&f);
}

static void by_plan(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 6);
    f.classes[0].pairs = 15;
    build(&f);
    f.request.rule = TN_SIMULATE_TIMETABLE;
    f.request.end_ms = DAY_MS / 2;
    simulate(&f);
    const struct tn_train_path *plan = f.out.paths;
    const size_t count = f.out.path_count;
    assert_true(count > 10);
    f.request.plan = plan;
    f.request.plan_count = count;
    f.request.end_ms = DAY_MS;
    simulate(&f);
    assert_int_equal(f.out.all.trains, count);
    assert_near_abs(f.out.all.delay_max_s, 0, 0);
    f.disturbances.entry = (struct tn_distribution){TN_LAW_EXPONENTIAL, 600, NAN, 1};
    f.request.end_ms = 200 * DAY_MS;
    simulate(&f);
    assert_int_equal(f.out.all.trains, 200 * count);
    assert_true(f.out.all.delay_mean_s > 300);
    clear(&f);
}

/* --- disturbances --- */

static void each_disturbance(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 4);
    f.classes[0].direction = TN_UP;
    build(&f);
    f.request.end_ms = 2000 * DAY_MS;
    f.disturbances.entry = (struct tn_distribution){TN_LAW_CONSTANT, 600, NAN, 1};
    simulate(&f);
    assert_near_abs(f.out.all.delay_mean_s, 600, 1e-9);
    f.disturbances.running = (struct tn_distribution){TN_LAW_CONSTANT, 0.1, NAN, 1};
    simulate(&f);
    assert_near_abs(f.out.all.delay_mean_s, 600 + 0.1 * 3720, 1e-2); /* the stop at the end does not scatter */
    assert_near_abs(f.out.all.disturbed_mean_s, f.out.all.delay_mean_s, 1e-9);
    f.disturbances = (struct tn_simulate_disturbances){.failure_per_m = 1e-6, .failure_per_s = 1e-5};
    f.disturbances.failure = (struct tn_distribution){TN_LAW_CONSTANT, 1800, NAN, 1};
    simulate(&f);
    const double expected = 2000 * (30e3 * 1e-6 + 3720 * 1e-5);
    assert_near_abs((double)f.out.all.failures, expected, 4 * sqrt(expected));
    assert_near_abs(f.out.all.delay_mean_s, 1800.0 * (double)f.out.all.failures / 2000, 1e-6);
    clear(&f);
}

/* A train that follows a window that ends late waits for its end. */
static void window_that_ends_late(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 4);
    f.classes[0].direction = TN_UP;
    f.classes[0].first_up = 3600;
    f.window = (struct tn_traffic_window_spec){"B", "C", 3600, 3600, 0};
    f.traffic.windows = (struct tn_list){&f.window, 1};
    build(&f);
    simulate(&f);
    const struct tn_timing *t = f.out.paths[0].timings;
    assert_int_equal(t[1].arrival_ms, HOUR_MS + 1380000);
    assert_int_equal(t[1].departure_ms, 2 * HOUR_MS);
    f.disturbances.overrun = (struct tn_distribution){TN_LAW_CONSTANT, 900, NAN, 1};
    simulate(&f);
    assert_int_equal(f.out.paths[0].timings[1].departure_ms, 2 * HOUR_MS + 900000);
    clear(&f);
}

/* Nobody stops at a closed loop, and trains meet elsewhere. */
static void closed_loop(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 6);
    f.classes[0].pairs = 20;
    build(&f);
    const struct tn_simulate_closure closure = {2, 6 * HOUR_MS, 18 * HOUR_MS};
    simulate(&f);
    int before = 0, during = 0;
    for (size_t p = 0; p < f.out.path_count; p++)
        for (int i = 0; i < f.out.paths[p].count; i++)
            before += f.out.paths[p].timings[i].station == 2 && f.out.paths[p].timings[i].stops;
    f.disturbances.closures = &closure;
    f.disturbances.closure_count = 1;
    simulate(&f);
    for (size_t p = 0; p < f.out.path_count; p++)
        for (int i = 0; i < f.out.paths[p].count; i++) {
            const struct tn_timing *t = &f.out.paths[p].timings[i];
            during += t->station == 2 && t->stops && t->arrival_ms > 7 * HOUR_MS && t->arrival_ms < 18 * HOUR_MS;
        }
    assert_true(before > 5);
    assert_int_equal(during, 0);
    clear(&f);
}

/* Another class, another replicate: what happens to a train by itself stays the same, or does not. */
static void numbers_by_name(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 8);
    f.classes[1].direction = TN_DOWN;
    f.classes[0].direction = TN_UP;
    f.classes[0].pairs = f.classes[1].pairs = 8;
    f.disturbances.entry = (struct tn_distribution){TN_LAW_EXPONENTIAL, 600, NAN, 1};
    f.disturbances.running = (struct tn_distribution){TN_LAW_EXPONENTIAL, 0.1, NAN, 1};
    build(&f);
    simulate(&f);
    const double alone_s = f.out.all.disturbed_mean_s;
    f.traffic.classes.count = 2;
    build(&f);
    simulate(&f);
    /* but for what a start adds to a running time that scatters */
    assert_near_rel(f.out.classes[0].disturbed_mean_s, alone_s, 0.02);
    const double delay_s = f.out.all.delay_mean_s;
    simulate(&f);
    assert_near_abs(f.out.all.delay_mean_s, delay_s, 0);
    f.request.replicate = 1;
    simulate(&f);
    assert_true(f.out.all.delay_mean_s != delay_s);
    clear(&f);
}

/* --- what cannot be --- */

static void windows_without_gap(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 4);
    f.window = (struct tn_traffic_window_spec){"B", "C", 0, 86400 - 1200, 0};
    f.traffic.windows = (struct tn_list){&f.window, 1};
    build(&f);
    assert_int_equal(tn_simulate(&f.out, &f.request, &f.arena, &f.ctx), TN_ERR_INPUT);
    assert_non_null(strstr(f.ctx.diagnostics[0].text, "from B to C"));
    f.window.duration = 86400 - 1200 - 180 - 480; /* start, stop and what is kept in hand for other arrivals */
    build(&f);
    simulate(&f);
    assert_int_equal(f.out.all.trains, 2);
    clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_full_stations),
        cmocka_unit_test(room_between),
        cmocka_unit_test(neither_sends),
        cmocka_unit_test(nobody_waits_at_full_hours),
        cmocka_unit_test(saturated_section),
        cmocka_unit_test(queue_that_grows),
        cmocka_unit_test(alone),
        cmocka_unit_test(meeting),
        cmocka_unit_test(overtaking),
        cmocka_unit_test(no_patience_without_end),
        cmocka_unit_test(let_through),
        cmocka_unit_test(by_plan),
        cmocka_unit_test(each_disturbance),
        cmocka_unit_test(window_that_ends_late),
        cmocka_unit_test(closed_loop),
        cmocka_unit_test(numbers_by_name),
        cmocka_unit_test(windows_without_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
