/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "near.h"
#include "random.h"
#include "run.h"
#include "small_network.h"
#include "timetable_bound.h"
#include "timetable_path.h"

#define HOUR (60 * MIN)

static const struct tn_timetable_limits limits = {
    .cyclic = true, .iterations = 2000, .seed = 1, .threads = 1, .until_s = INFINITY, .tolerance_ms = 0};

/* --- random networks whose times are whole units, so that trying every unit of the day tries everything --- */

enum { STATIONS = 8, SECTIONS = STATIONS - 1, CLASSES = 2, TRAINS = 8 };

struct coarse {
    struct tn_network_station stations[STATIONS];
    struct tn_network_section sections[SECTIONS];
    struct tn_network_window windows[SECTIONS];
    struct tn_network_times times[CLASSES][SECTIONS];
    struct tn_traffic_class_spec spec;
    struct tn_network_class classes[CLASSES];
    bool fits[CLASSES][STATIONS];
    int64_t dwells[CLASSES][STATIONS], longer[CLASSES * SECTIONS];
    struct tn_network_feeding feeding;
    struct tn_network_restriction restriction;
    struct tn_network network;
    int64_t unit;
    int day; /* units */
};

static int pick(struct tn_random *r, int low, int high)
{
    return low + (int)tn_random_below(r, (uint64_t)high - (uint64_t)low + 1);
}

static bool coin(struct tn_random *r, double share)
{
    return tn_random_unit(r) < share;
}

static int64_t units(struct coarse *f, struct tn_random *r, int low, int high)
{
    return f->unit * pick(r, low, high);
}

static void draw_class(struct coarse *f, int c, int count, int longest, struct tn_random *r)
{
    for (int i = 0; i < count; i++) {
        const bool end = i == 0 || i == count - 1;
        f->fits[c][i] = end || coin(r, 0.8);
        f->dwells[c][i] = !end && f->fits[c][i] && coin(r, 0.2) ? units(f, r, 0, 2) : -1;
    }
    for (int k = 0; k + 1 < count; k++) {
        struct tn_network_times *t = &f->times[c][k];
        const int64_t start = units(f, r, 0, 1), stop = units(f, r, 0, 1);
        const bool shared = start > 0 && stop > 0 && coin(r, 0.3);
        *t = (struct tn_network_times){units(f, r, 1, longest), start, stop, shared ? start : start + stop,
                                       coin(r, 0.8) ? 1e6 : 0};
        f->longer[c * (count - 1) + k] = coin(r, 0.5) ? units(f, r, 0, 2) : 0;
    }
    f->classes[c] = (struct tn_network_class){.spec = &f->spec,
                                              .name = c ? "freight down" : "freight up",
                                              .direction = c,
                                              .first = c ? count - 1 : 0,
                                              .last = c ? 0 : count - 1,
                                              .times = f->times[c],
                                              .fits = f->fits[c],
                                              .dwell_ms = f->dwells[c],
                                              .locomotives = 1};
}

/* Alone on the line: by trying all ways of stopping. */
static int64_t free_time(const struct coarse *f, int c)
{
    const struct tn_network_class *class = &f->classes[c];
    const bool ends = f->spec.stop_at_end;
    int64_t time = 0;
    for (int i = class->first; i != class->last; i += tn_network_step(class)) {
        const int next = i + tn_network_step(class);
        const bool starts = i == class->first ? ends : class->dwell_ms[i] >= 0;
        const bool stops = next == class->last ? ends : class->dwell_ms[next] >= 0;
        const struct tn_network_times *t = &class->times[tn_network_section_after(class, i)];
        time += t->pass_ms + (starts && stops ? t->both_ms : starts ? t->start_ms : stops ? t->stop_ms : 0);
        time += next != class->last && class->dwell_ms[next] > 0 ? class->dwell_ms[next] : 0;
    }
    return time;
}

static void draw_coarse(struct coarse *f, uint64_t seed, int day, int stations, int longest)
{
    struct tn_random r;
    tn_random_init(&r, seed, 7, 0, 0, 0);
    memset(f, 0, sizeof *f);
    f->day = day;
    f->unit = DAY / day;
    tn_schema_defaults(&tn_traffic_class_schema, &f->spec);
    f->spec.id = "freight";
    f->spec.stop_at_end = coin(&r, 0.7);
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G", "H"};
    for (int i = 0; i < stations; i++)
        f->stations[i] = (struct tn_network_station){names[i], NULL, 1e4 * i, pick(&r, 1, 3), -1, 0};
    for (int k = 0; k + 1 < stations; k++) {
        const bool window = coin(&r, 0.3);
        f->windows[k] = (struct tn_network_window){units(f, &r, 0, day - 1), units(f, &r, 1, 2)};
        f->sections[k] = (struct tn_network_section){1e4, coin(&r, 0.25) ? 2 : 1,
                                                     coin(&r, 0.3) ? units(f, &r, 0, 2) : -1, &f->windows[k], window};
    }
    for (int c = 0; c < CLASSES; c++)
        draw_class(f, c, stations, longest, &r);
    f->feeding = (struct tn_network_feeding){"F", 0, stations - 2, coin(&r, 0.5) ? 1.5e6 : 2.5e6};
    f->restriction = (struct tn_network_restriction){units(f, &r, 0, day - 1), units(f, &r, 0, day - 1), f->longer};
    f->network = (struct tn_network){.stations = f->stations,
                                     .sections = f->sections,
                                     .classes = f->classes,
                                     .feedings = &f->feeding,
                                     .restrictions = &f->restriction,
                                     .station_count = stations,
                                     .section_count = stations - 1,
                                     .class_count = CLASSES,
                                     .feeding_count = coin(&r, 0.2),
                                     .restriction_count = coin(&r, 0.2),
                                     .not_simultaneous_ms = units(f, &r, 0, 2),
                                     .meeting_ms = units(f, &r, 0, 1),
                                     .following_ms = units(f, &r, 0, 1)};
    for (int c = 0; c < CLASSES; c++)
        f->classes[c].free_ms = free_time(f, c);
}

/* --- every path of a class, on whole units --- */

struct every {
    struct tn_train_path *paths;
    struct tn_timing *timings;
    size_t count, room;
};

static void add_path(struct every *every, int class, const struct tn_timing *timings, int count)
{
    if (every->count == every->room) {
        every->room = 2 * every->room + 1024;
        every->paths = realloc(every->paths, every->room * sizeof *every->paths);
        every->timings = realloc(every->timings, every->room * STATIONS * sizeof *every->timings);
        assert_true(every->paths != NULL && every->timings != NULL);
    }
    memcpy(every->timings + every->count * STATIONS, timings, (size_t)count * sizeof *timings);
    every->paths[every->count++] = (struct tn_train_path){class, 1, NULL, count};
}

/* Standing a day and longer never helps where days repeat, nor here elsewhere. */
static void go_on(struct every *every, struct coarse *f, int c, struct tn_timing *t, int i)
{
    const struct tn_network_class *class = &f->classes[c];
    const int next = t[i].station + tn_network_step(class);
    const int section = tn_network_section_after(class, t[i].station);
    const bool end = next == class->last;
    for (int stops = 0; stops < 2; stops++) {
        if (end ? stops != class->spec->stop_at_end : stops ? !class->fits[next] : class->dwell_ms[next] >= 0)
            continue;
        const int64_t arrival =
            t[i].departure_ms + tn_network_running_ms(&f->network, c, section, t[i].stops, stops, t[i].departure_ms);
        const int64_t dwell = !end && class->dwell_ms[next] > 0 ? class->dwell_ms[next] : 0;
        for (int64_t stand = dwell; stand < (stops && !end ? DAY : 1); stand += f->unit) {
            t[i + 1] = (struct tn_timing){next, arrival, arrival + stand, stops};
            if (end)
                add_path(every, c, t, i + 2);
            else
                go_on(every, f, c, t, i + 1);
        }
    }
}

static void every_path(struct every *every, struct coarse *f, int c)
{
    struct tn_timing t[STATIONS];
    for (int h = 0; h < f->day; h++) {
        t[0] = (struct tn_timing){f->classes[c].first, h * f->unit, h * f->unit, f->spec.stop_at_end};
        go_on(every, f, c, t, 0);
    }
    for (size_t i = 0; i < every->count; i++)
        every->paths[i].timings = every->timings + i * STATIONS;
}

static void free_every(struct every *every)
{
    free(every->paths);
    free(every->timings);
}

static bool together(const struct tn_network *network, const struct tn_train_path *paths, size_t count, bool cyclic)
{
    struct tn_arena arena = {0};
    struct tn_list found;
    assert_int_equal(tn_road_check(&found, network, paths, count, cyclic, &arena), TN_OK);
    tn_arena_clear(&arena);
    return found.count == 0;
}

/* --- the quickest way of one train --- */

/* Puts some trains on the board, each at a whole unit. */
static size_t fill_board(struct tn_train_path *paths, struct tn_timing *timings, struct coarse *f,
                         struct tn_timetable_board *board, struct tn_timetable_planner *planner, struct tn_random *r)
{
    size_t count = 0;
    for (int i = 0; i < 6; i++) {
        const int64_t at = units(f, r, 0, f->day - 1);
        const struct tn_timetable_wish wish = {pick(r, 0, 1), at, at, at, 20 * DAY};
        struct tn_timing *own = timings + count * STATIONS;
        if (!tn_timetable_path_find(own, NULL, planner, &wish))
            continue;
        paths[count] = (struct tn_train_path){wish.class, 1, own, f->network.station_count};
        tn_timetable_place(board, (int)count, &paths[count]);
        count++;
    }
    return count;
}

static bool between_units(const struct coarse *f, const struct tn_train_path *path)
{
    for (int i = 0; i < path->count; i++)
        if (path->timings[i].arrival_ms % f->unit != 0 || path->timings[i].departure_ms % f->unit != 0)
            return true;
    return false;
}

enum outcome { NO_WAY, QUICKEST, QUICKER };

/* QUICKER: between whole units, where two trains may not be at a place at the same moment. */
static enum outcome compare_path(struct coarse *f, uint64_t seed, bool cyclic)
{
    struct tn_arena arena = {0};
    struct tn_random r;
    struct tn_timetable_board board;
    struct tn_timetable_planner planner;
    struct tn_train_path paths[TRAINS];
    struct tn_timing timings[TRAINS * STATIONS], found[STATIONS];
    struct every every = {0};
    tn_random_init(&r, seed, 8, 0, 0, 0);
    assert_int_equal(tn_timetable_board_init(&board, &f->network, TRAINS, cyclic, 20, &arena), TN_OK);
    assert_int_equal(tn_timetable_planner_init(&planner, &board, &arena), TN_OK);
    const size_t count = fill_board(paths, timings, f, &board, &planner, &r);
    assert_true(together(&f->network, paths, count, cyclic));
    const int c = pick(&r, 0, 1);
    const struct tn_timetable_wish wish = {c, 0, DAY - 1, 0, 20 * DAY};
    const bool is = tn_timetable_path_find(found, NULL, &planner, &wish);
    int64_t least = INT64_MAX;
    every_path(&every, f, c);
    for (size_t i = 0; i < every.count; i++) {
        if (tn_train_path_duration_ms(&every.paths[i]) >= least)
            continue;
        paths[count] = every.paths[i];
        const bool goes = tn_timetable_goes(&board, &planner.spans, &every.paths[i]);
        assert_int_equal(goes, together(&f->network, paths, count + 1, cyclic));
        if (goes)
            least = tn_train_path_duration_ms(&every.paths[i]);
    }
    assert_true(is || least == INT64_MAX);
    enum outcome outcome = is ? QUICKEST : NO_WAY;
    if (is) {
        paths[count] = (struct tn_train_path){c, 1, found, f->network.station_count};
        assert_true(together(&f->network, paths, count + 1, cyclic));
        if (tn_train_path_duration_ms(&paths[count]) < least && between_units(f, &paths[count]))
            outcome = QUICKER;
        else
            assert_int_equal(tn_train_path_duration_ms(&paths[count]), least);
    }
    free_every(&every);
    tn_timetable_planner_free(&planner);
    tn_timetable_board_free(&board);
    tn_arena_clear(&arena);
    return outcome;
}

/* Ways that wrap round midnight, and longer than a day, are among these. */
static void quickest_way(void **state)
{
    (void)state;
    int of[3] = {0, 0, 0};
    for (uint64_t seed = 1; seed <= 240; seed++) {
        static struct coarse f;
        const bool large = seed % 8 == 0;
        draw_coarse(&f, seed, large ? 12 : 24, large ? 4 : 3, large ? 6 : 11);
        of[compare_path(&f, seed, seed % 3 != 0)]++;
    }
    assert_true(of[NO_WAY] > 10);
    assert_true(of[QUICKEST] > 100);
    assert_true(of[QUICKER] < 30);
}

/* --- whole timetables --- */

struct exhaust {
    const struct coarse *f;
    const struct every *every; /* both classes */
    const bool *go;            /* [i * count + k]: these two together */
    const int *wanted;
    struct tn_train_path paths[TRAINS];
    size_t index[TRAINS];
};

/* Whether trains from number n on can be added, class by class and each class in the order of the list. */
static bool any_way(struct exhaust *e, int n, size_t from)
{
    const size_t count = e->every->count;
    if (n == e->wanted[0] + e->wanted[1])
        return true;
    const int class = n >= e->wanted[0];
    for (size_t i = n == e->wanted[0] ? 0 : from; i < count; i++) {
        bool goes = e->every->paths[i].class == class && e->go[i * count + i];
        for (int k = 0; goes && k < n; k++)
            goes = e->go[e->index[k] * count + i];
        if (!goes)
            continue;
        e->paths[n] = e->every->paths[i];
        e->index[n] = i;
        if (together(&e->f->network, e->paths, (size_t)n + 1, true) && any_way(e, n + 1, i))
            return true;
    }
    return false;
}

static bool exists(struct coarse *f, const int *wanted)
{
    struct every every = {0};
    for (int c = 0; c < CLASSES; c++)
        every_path(&every, f, c);
    bool *go = malloc(every.count * every.count + 1);
    assert_non_null(go);
    for (size_t i = 0; i < every.count; i++)
        for (size_t k = 0; k <= i; k++) {
            const struct tn_train_path two[] = {every.paths[i], every.paths[k]};
            const bool same = i == k;
            go[i * every.count + k] = go[k * every.count + i] = together(&f->network, two, same ? 1 : 2, true);
        }
    struct exhaust e = {.f = f, .every = &every, .go = go, .wanted = wanted};
    const bool found = any_way(&e, 0, 0);
    free(go);
    free_every(&every);
    return found;
}

static void make(struct tn_timetable_plan *plan, const struct tn_network *network, const int *trains,
                 const struct tn_timetable_limits *how, struct tn_arena *arena)
{
    struct tn_context ctx = {0};
    assert_int_equal(tn_timetable_plan(plan, network, trains, how, arena, &ctx), TN_OK);
    assert_true(together(network, plan->paths, plan->count, how->cyclic));
    tn_context_clear(&ctx);
}

/* What trying everything finds is found, what it does not find is not, and what is proved is true. */
static void against_everything(void **state)
{
    (void)state;
    int feasible = 0, proved = 0, missed = 0, tried = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        static struct coarse f;
        struct tn_arena arena = {0};
        struct tn_timetable_plan plan;
        struct tn_random r;
        draw_coarse(&f, seed, 12, seed % 3 ? 3 : 2, 4);
        tn_random_init(&r, seed, 9, 0, 0, 0);
        const int wanted[] = {pick(&r, 0, 3), pick(&r, 0, 3)};
        make(&plan, &f.network, wanted, &limits, &arena);
        const bool all = plan.count == (size_t)wanted[0] + (size_t)wanted[1], is = exists(&f, wanted);
        assert_int_equal(all, plan.reason == NULL);
        assert_false(all && !is);
        assert_false(plan.proved && is);
        feasible += is;
        proved += plan.proved;
        missed += is && !all;
        tried++;
        tn_arena_clear(&arena);
    }
    assert_in_range(feasible, tried / 4, tried - tried / 10);
    assert_true(proved > tried / 20);
    assert_int_equal(missed, 0);
}

static void same_plans(const struct tn_timetable_plan *a, const struct tn_timetable_plan *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->delay_ms, b->delay_ms);
    for (size_t p = 0; p < a->count; p++)
        for (int i = 0; i < a->paths[p].count; i++) {
            const struct tn_timing *x = &a->paths[p].timings[i], *y = &b->paths[p].timings[i];
            assert_true(x->station == y->station && x->arrival_ms == y->arrival_ms &&
                        x->departure_ms == y->departure_ms && x->stops == y->stops);
        }
}

/* On any line: no conflict (make() asks the judge), no more trains than the bound says, the same for any threads. */
static void any_line(void **state)
{
    (void)state;
    int placed = 0, bounded = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        static struct coarse f;
        struct tn_arena arena = {0};
        struct tn_timetable_plan plans[3];
        const int as_many[] = {-1, -1}, few[] = {3, 3};
        draw_coarse(&f, seed, 96, 4 + (int)(seed % 5), 6);
        for (int i = 0; i < 3; i++) {
            struct tn_timetable_limits how = limits;
            how.threads = i + 1;
            how.iterations = 48;
            how.cyclic = seed % 4 != 0;
            make(&plans[i], &f.network, seed % 2 ? as_many : few, &how, &arena);
            same_plans(&plans[i], &plans[0]);
        }
        for (int c = 0; c < CLASSES; c++) {
            placed += plans[0].placed[c];
            bounded += plans[0].bound[c] > 0;
            assert_true(plans[0].bound[c] < 0 || plans[0].placed[c] <= plans[0].bound[c]);
        }
        tn_arena_clear(&arena);
    }
    assert_true(placed > 50 && bounded > 4);
}

/* --- a corridor of a textbook (tests/cases/capacity-ru-1) --- */

struct corridor {
    struct tn_station stations[8];
    struct tn_capacity_section_spec sections[7];
    struct tn_line_spec line;
    struct tn_traffic_class_spec class;
    struct tn_traffic_spec traffic;
    struct tn_environment environment;
    struct tn_network network;
    struct tn_arena arena;
};

static void corridor_init(struct corridor *f)
{
    static const char *const names[] = {"E", "p", "r", "s", "t", "sh", "shch", "K"};
    static const int up[] = {19, 19, 21, 25, 18, 20, 17}, down[] = {18, 20, 19, 24, 20, 21, 19};
    struct tn_context ctx = {0};
    memset(f, 0, sizeof *f);
    tn_schema_defaults(&tn_line_schema, &f->line);
    tn_schema_defaults(&tn_traffic_class_schema, &f->class);
    f->line.id = "line";
    f->line.up_is_decreasing = false;
    f->line.block = TN_BLOCK_INTER_STATION;
    f->line.stations = (struct tn_list){f->stations, 8};
    for (int i = 0; i < 8; i++) {
        tn_schema_defaults(&tn_station_schema, &f->stations[i]);
        f->stations[i].name = names[i];
        f->stations[i].km = 1e4 * i;
        f->stations[i].tracks = 3;
        if (i < 7)
            f->sections[i] = (struct tn_capacity_section_spec){names[i], names[i + 1], 60 * up[i], 60 * down[i]};
    }
    f->class.id = "freight";
    f->traffic = (struct tn_traffic_spec){.from = "E",
                                          .to = "K",
                                          .loaded = TN_UP,
                                          .classes = {&f->class, 1},
                                          .sections = {f->sections, 7},
                                          .start_addition = 120,
                                          .stop_addition = 60,
                                          .not_simultaneous = 240,
                                          .meeting = 60,
                                          .following = 240,
                                          .margin = 20,
                                          .depth = TN_STRAP,
                                          .tolerance = TN_RUN_TOLERANCE};
    f->environment = (struct tn_environment){.line = &f->line, .phase = -1, .gravity_m_s2 = 9.81};
    assert_int_equal(tn_network_init(&f->network, &f->traffic, &f->environment, &f->arena, &ctx), TN_OK);
    tn_context_clear(&ctx);
}

/* 55 min a pair in s - t: 26 pairs, and no more, which is found and proved. */
static void textbook(void **state)
{
    (void)state;
    struct corridor f;
    struct tn_timetable_plan plan;
    corridor_init(&f);
    const int as_many[] = {-1, -1}, more[] = {27, 27};
    make(&plan, &f.network, as_many, &limits, &f.arena);
    assert_null(plan.reason);
    for (int d = 0; d < 2; d++) {
        assert_int_equal(plan.placed[d], 26);
        assert_int_equal(plan.bound[d], 26);
    }
    assert_int_equal(plan.limit.section, 3);
    assert_int_equal(plan.limit.need_ms, 27 * 55 * MIN);
    make(&plan, &f.network, more, &limits, &f.arena);
    assert_true(plan.proved);
    assert_non_null(strstr(plan.reason, "s - t"));
    tn_arena_clear(&f.arena);
}

static void same_for_any_threads(void **state)
{
    (void)state;
    struct corridor f;
    struct tn_timetable_plan plans[3];
    corridor_init(&f);
    const int trains[] = {20, 20};
    for (int i = 0; i < 3; i++) {
        struct tn_timetable_limits how = limits;
        how.threads = i + 1;
        how.iterations = 400;
        make(&plans[i], &f.network, trains, &how, &f.arena);
        same_plans(&plans[i], &plans[0]);
    }
    tn_arena_clear(&f.arena);
}

/* --- rules and reasons on three stations --- */

static void three_stations(struct small_network *f)
{
    small_network_init(f);
    tn_schema_defaults(&tn_traffic_class_schema, &f->spec);
    f->spec.id = "freight";
    for (int c = 0; c < 2; c++)
        f->classes[c].free_ms = (c ? 27 : 23) * MIN;
}

static void reasons(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_timetable_plan plan;
    const int pair[] = {1, 1};
    three_stations(&f);
    struct tn_network_window window = {0, DAY - 10 * MIN}; /* 10 min are left of B - C, which takes 11 */
    f.sections[1].windows = &window;
    f.sections[1].window_count = 1;
    make(&plan, &f.network, pair, &limits, &f.arena);
    assert_true(plan.proved);
    assert_int_equal(plan.count, 0);
    assert_non_null(strstr(plan.reason, "B - C"));
    f.sections[1].window_count = 0;
    struct tn_network_feeding feeding = {"west", 0, 0, 0.9e6};
    f.network.feedings = &feeding;
    f.network.feeding_count = 1;
    make(&plan, &f.network, pair, &limits, &f.arena);
    assert_true(plan.proved);
    assert_non_null(strstr(plan.reason, "west"));
    feeding.power_W = 1.1e6; /* one at a time */
    make(&plan, &f.network, pair, &limits, &f.arena);
    assert_null(plan.reason);
    tn_arena_clear(&f.arena);
}

/* A pair on one track needs 12 + 2 min up and, from B, 15 + 2 down: 1440 / 31 = 46.4. On two tracks up needs 13 + 3 and
   down 13 + 3 between stations, or 14 + 3 where it starts: 1440 / 17 = 84.7. */
static void two_tracks(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_timetable_plan plan;
    const int as_many[] = {-1, -1};
    three_stations(&f);
    f.sections[0].tracks = f.sections[1].tracks = 2;
    f.stations[1].tracks = 4;
    f.stations[0].tracks = f.stations[2].tracks = 4;
    make(&plan, &f.network, as_many, &limits, &f.arena);
    assert_int_equal(plan.bound[0], 84);
    assert_int_equal(plan.placed[0], 84);
    assert_int_equal(plan.placed[1], 84);
    tn_arena_clear(&f.arena);
}

static const struct tn_train_path *path_of(const struct tn_timetable_plan *plan, int class)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->paths[i].class == class)
            return &plan->paths[i];
    return NULL;
}

/* The slow train leaves first; the fast one, which weighs more, passes it at B without waiting. */
static void overtaking(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_timetable_plan plan;
    three_stations(&f);
    struct tn_traffic_departure_spec slow = {TN_UP, 600 * 60}, fast = {TN_UP, 625 * 60};
    struct tn_traffic_class_spec express = f.spec;
    express.id = "express";
    express.priority = 1;
    express.weight = 5;
    f.spec.departures = (struct tn_list){&slow, 1};
    express.departures = (struct tn_list){&fast, 1};
    struct tn_network_times slow_times[] = {{15 * MIN, 2 * MIN, MIN, 3 * MIN, 0}, {60 * MIN, 2 * MIN, MIN, 3 * MIN, 0}};
    f.classes[0].times = slow_times;
    f.classes[0].free_ms = 78 * MIN;
    f.classes[1] = f.classes[0];
    f.classes[1].spec = &express;
    f.classes[1].name = "express up";
    f.classes[1].times = f.times[0];
    f.classes[1].free_ms = 23 * MIN;
    const int one[] = {1, 1};
    for (int cyclic = 0; cyclic < 2; cyclic++) {
        struct tn_timetable_limits how = limits;
        how.cyclic = cyclic;
        make(&plan, &f.network, one, &how, &f.arena);
        assert_null(plan.reason);
        const struct tn_train_path *first = path_of(&plan, 0), *second = path_of(&plan, 1);
        assert_true(first->timings[0].departure_ms < second->timings[0].departure_ms);
        assert_int_equal(tn_train_path_duration_ms(second), 23 * MIN);
        assert_true(first->timings[1].stops);
        assert_true(first->timings[1].departure_ms > second->timings[1].departure_ms);
    }
    tn_arena_clear(&f.arena);
}

/* Not cyclic: more trains than a day's departures could arrive in run into the next. */
static void one_day(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_timetable_plan plan;
    three_stations(&f);
    const int trains[] = {30, 30};
    struct tn_timetable_limits how = limits;
    how.cyclic = false;
    how.iterations = 200;
    make(&plan, &f.network, trains, &how, &f.arena);
    assert_null(plan.reason);
    for (size_t i = 0; i < plan.count; i++)
        assert_in_range(plan.paths[i].timings[0].departure_ms, 0, DAY - 1);
    tn_arena_clear(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quickest_way), cmocka_unit_test(against_everything),   cmocka_unit_test(any_line),
        cmocka_unit_test(textbook),     cmocka_unit_test(same_for_any_threads), cmocka_unit_test(reasons),
        cmocka_unit_test(two_tracks),   cmocka_unit_test(overtaking),           cmocka_unit_test(one_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
