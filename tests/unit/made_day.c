/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "made_day.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define MINUTE 60.0
#define HOUR   3600.0
#define WINDOW (1.5 * HOUR)
enum { STATIONS_MOST = 200, CONFLICTS = 3 };

static const struct tn_field day_fields[] = {
    TN_F_BOOL(made_day, cyclic, 0, "it repeats every day"),
    TN_F_LIST(made_day, paths, &tn_path_row_schema, 0, "trains"),
    TN_F_LIST(made_day, stations, &tn_station_row_schema, 0, "stations"),
    TN_F_LIST(made_day, sections, &tn_section_row_schema, 0, "sections"),
    TN_F_LIST(made_day, windows, &tn_window_row_schema, 0, "windows"),
    TN_F_LIST(made_day, conflicts_found, &tn_conflict_row_schema, 0, "conflicts"),
    TN_F_END};
static const struct tn_schema day_schema = {"day", "a day", sizeof(struct made_day), day_fields};
const struct tn_study_kind made_timetable_kind = {
    "timetable", "a timetable made up for tests", NULL, &day_schema, NULL, NULL, NULL};
const struct tn_study_kind made_simulation_kind = {
    "simulation", "a simulation made up for tests", NULL, &day_schema, NULL, NULL, NULL};

static const struct tn_field method_fields[] = {
    TN_F_STRING(made_method, name, 0, "method"), TN_R_NUMBER(made_method, pairs_per_day, TN_Q_NONE, "pairs a day"),
    TN_F_NUMBERS(made_method, interval, TN_Q_NONE, "their interval"), TN_F_END};
static const struct tn_schema method_schema = {"method", "a method", sizeof(struct made_method), method_fields};
static const struct tn_field delay_fields[] = {TN_R_NUMBER(made_delay, pairs_per_day, TN_Q_NONE, "pairs a day"),
                                               TN_R_NUMBER(made_delay, delay_mean_s, TN_Q_TIME, "mean delay"),
                                               TN_R_NUMBER(made_delay, delay_low_s, TN_Q_TIME, "low end"),
                                               TN_R_NUMBER(made_delay, delay_high_s, TN_Q_TIME, "high end"), TN_F_END};
static const struct tn_schema delay_schema = {"delay", "a point of the curve", sizeof(struct made_delay), delay_fields};
static const struct tn_field loop_fields[] = {TN_F_STRING(made_loop, station, 0, "station"),
                                              TN_R_NUMBER(made_loop, km_m, TN_Q_LENGTH, "km of the line"),
                                              TN_F_INTEGER(made_loop, phase, 0, 0, INFINITY, 0, "phase"),
                                              TN_R_NUMBER(made_loop, worth_pairs_per_day, TN_Q_NONE, "pairs a day"),
                                              TN_R_NUMBER(made_loop, worth_net_per_year_kg, TN_Q_MASS, "net a year"),
                                              TN_F_END};
static const struct tn_schema loop_schema = {"loop", "a loop", sizeof(struct made_loop), loop_fields};
static const struct tn_field more_fields[] = {
    TN_R_NUMBER(made_more, km_m, TN_Q_LENGTH, "km of the line"), TN_F_STRING(made_more, between, 0, "between"),
    TN_R_NUMBER(made_more, gain_pairs_per_day, TN_Q_NONE, "pairs a day"), TN_F_END};
static const struct tn_schema more_schema = {"more", "a loop more", sizeof(struct made_more), more_fields};
static const struct tn_field capacity_fields[] = {
    TN_R_NUMBER(made_capacity, delay_limit_s, TN_Q_TIME, "limit"),
    TN_R_NUMBER(made_capacity, published_pairs_per_day, TN_Q_NONE, "published"),
    TN_F_LIST(made_capacity, methods, &method_schema, 0, "methods"),
    TN_F_LIST(made_capacity, delay_curve, &delay_schema, 0, "delay"),
    TN_F_LIST(made_capacity, loops, &loop_schema, 0, "loops"),
    TN_F_LIST(made_capacity, more_loops, &more_schema, 0, "loops more"),
    TN_F_END};
static const struct tn_schema capacity_schema = {"capacity", "capacity", sizeof(struct made_capacity), capacity_fields};
const struct tn_study_kind made_capacity_kind = {
    "capacity", "capacity made up for tests", NULL, &capacity_schema, NULL, NULL, NULL};

/* --- the line --- */

struct road {
    int count;
    struct tn_station_row stations[STATIONS_MOST]; /* by rising km */
    int phases[STATIONS_MOST];
    int meets[STATIONS_MOST]; /* stations where trains meet */
    int meet_count;
    double headway_s, base_s; /* between trains of a direction; day without the window */
};

static bool read_stations(struct road *road, const char *path, bool by_local_name, struct tn_arena *arena)
{
    char line[1000], name[100], local[100], kind[100];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        *local = '\0';
        double km;
        int tracks, phase;
        bool good = sscanf(line, "%lf,%99[^,],%99[^,],%d,%99[^,],%d", &km, name, local, &tracks, kind, &phase) == 6 ||
                    sscanf(line, "%lf,%99[^,],,%d,%99[^,],%d", &km, name, &tracks, kind, &phase) == 5;
        if (!good || tracks < 2 || road->count == STATIONS_MOST)
            continue;
        const char *called = by_local_name && *local ? local : name;
        road->phases[road->count] = phase;
        road->stations[road->count++] = (struct tn_station_row){tn_arena_copy(arena, called, strlen(called)),
                                                                tn_arena_copy(arena, kind, strlen(kind)),
                                                                km * 1e3,
                                                                tracks,
                                                                0,
                                                                0};
    }
    if (file)
        fclose(file);
    return road->count > 1;
}

static bool is_double(const struct road *road, int k)
{
    return road->stations[k].km_m >= 738e3 && road->stations[k + 1].km_m <= 799e3;
}

/* Of the section after station k. */
static double running_s(const struct road *road, int k, bool up)
{
    double km_m = road->stations[k].km_m, d = road->stations[k + 1].km_m - km_m;
    bool steep = km_m > 479e3 && km_m < 738e3;
    return d / ((steep ? up ? 52 : 58 : up ? 70 : 75) / 3.6);
}

/* From meet to meet, all trains take less than half a headway. */
static void choose_meets(struct road *road)
{
    double sum = 0, most = road->headway_s / 2 - 6 * MINUTE;
    road->meets[road->meet_count++] = 0;
    for (int k = 0; k + 1 < road->count; k++) {
        double slow = fmax(running_s(road, k, true), running_s(road, k, false));
        if (sum > 0 && sum + slow > most) {
            road->meets[road->meet_count++] = k;
            sum = 0;
        }
        sum += slow;
    }
    road->meets[road->meet_count++] = road->count - 1;
}

/* When the line is closed, in the day without its window: trains pass or stand at a station then. */
static double closed_s(const struct road *road)
{
    double half = road->headway_s / 2;
    return half * floor(10 * HOUR / half);
}

/* Time of the day without its window, to time: everything stands still while the line is closed. */
static double with_window(const struct road *road, double time_s, bool departs)
{
    double day = floor((time_s + 0.5) / road->base_s), rest = time_s - day * road->base_s;
    return day * 24 * HOUR + rest + (rest > closed_s(road) + (departs ? -0.5 : 0.5) ? WINDOW : 0);
}

/* --- trains --- */

struct rows {
    struct tn_path_row *items;
    size_t count;
};

/* Train n of a direction: it is at meet j when n headways and j halves of one have passed. Of the two that meet one
   passes and the other waits: up trains pass where j is even. */
static void add_train(struct rows *rows, const struct road *road, bool up, int n, double late_s, struct tn_arena *arena)
{
    const char *class = n % 13 == 5 ? "10,000 t" : n % 26 == 8 ? "passenger" : "freight";
    const char *name = tn_arena_printf(arena, "%s %s %d", class, up ? "up" : "down", n + 1);
    double half = road->headway_s / 2, arrival = 0;
    int last = road->meet_count - 1, step = up ? -1 : 1;
    for (int j = 0; j <= last; j++) {
        int at = up ? last - j : j, here = road->meets[at];
        bool passes = (at % 2 == 0) == up && j > 0 && j < last;
        double time = n * road->headway_s + (up ? last % 2 * half : 0) + j * half + (2 * j > last ? late_s : 0);
        double time_there = time + half - (((at + step) % 2 == 0) == up ? 0 : 4 * MINUTE), sum = 0;
        for (int k = here; j < last && k != road->meets[at + step]; k += step)
            sum += running_s(road, up ? k - 1 : k, up);
        double now = j == last ? arrival : passes ? time : fmax(time + 2 * MINUTE, time_there - sum);
        arrival = j == 0 ? now : passes ? time : arrival;
        double from = with_window(road, arrival, false), to = with_window(road, now, j < last);
        rows->items[rows->count++] = (struct tn_path_row){
            name, class, up ? "up" : "down", road->stations[here].name, road->stations[here].km_m, from, to, to > from};
        if (j == last)
            break;
        double squeeze = fmin(1, (time_there - now) / sum);
        for (int k = here; k != road->meets[at + step]; k += step) {
            now += squeeze * running_s(road, up ? k - 1 : k, up);
            double passing = with_window(road, now, false);
            if (k + step != road->meets[at + step])
                rows->items[rows->count++] = (struct tn_path_row){name,
                                                                  class,
                                                                  up ? "up" : "down",
                                                                  road->stations[k + step].name,
                                                                  road->stations[k + step].km_m,
                                                                  passing,
                                                                  passing,
                                                                  false};
        }
        arrival = now;
    }
}

static bool by_other_train(const struct tn_path_row *a, const struct tn_path_row *b)
{
    return strcmp(a->train, b->train) == 0 && a->departure_s <= b->arrival_s;
}

/* Trains that meet between stations of single track: the first ones, by row. */
static size_t find_conflicts(struct tn_conflict_row *found, const struct rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i + 1 < rows->count; i++)
        for (size_t k = i + 1; k + 1 < rows->count && count < CONFLICTS; k++) {
            const struct tn_path_row *a = &rows->items[i], *b = &rows->items[k];
            if (a->km_m != b[1].km_m || a[1].km_m != b->km_m || !by_other_train(a, a + 1) ||
                !by_other_train(b, b + 1) ||
                fmax(a->departure_s, b->departure_s) >= fmin(a[1].arrival_s, b[1].arrival_s))
                continue;
            double mid = (fmax(a->departure_s, b->departure_s) + fmin(a[1].arrival_s, b[1].arrival_s)) / 2;
            if (count && fabs(mid - found[count - 1].time_s) < 2 * HOUR)
                continue;
            found[count++] =
                (struct tn_conflict_row){"section", a->station, a->train, b->train, (a->km_m + b->km_m) / 2, mid};
        }
    return count;
}

static void count_use(struct tn_section_row *sections, struct tn_station_row *stations, const struct road *road,
                      const struct rows *rows, double days)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct tn_path_row *row = &rows->items[i];
        int k = 0;
        while (k < road->count && road->stations[k].km_m != row->km_m)
            k++;
        if (k == road->count)
            continue;
        stations[k].occupancy_1 += (row->departure_s - row->arrival_s) / (24 * HOUR * days * stations[k].tracks);
        stations[k].trains_most = row->stops ? 2 : stations[k].trains_most ? stations[k].trains_most : 1;
        bool up = strcmp(row->direction, "up") == 0;
        int section = up ? k - 1 : k;
        if (i + 1 == rows->count || !by_other_train(row, row + 1) || section < 0 || section + 1 >= road->count)
            continue;
        sections[section].trains_per_day += 1 / days;
        sections[section].occupancy_1 += (row[1].arrival_s - row->departure_s + 3 * MINUTE) /
                                         (24 * HOUR * days * (is_double(road, section) ? 2 : 1));
    }
}

static bool add_lists(struct made_day *day, const struct road *road, const struct rows *rows, int days,
                      struct tn_arena *arena)
{
    size_t count = (size_t)road->count;
    struct tn_section_row *sections = tn_arena_alloc(arena, count, sizeof *sections);
    struct tn_station_row *stations = tn_arena_alloc(arena, count, sizeof *stations);
    struct tn_window_row *windows = tn_arena_alloc(arena, count * (size_t)days, sizeof *windows);
    struct tn_conflict_row *conflicts = tn_arena_alloc(arena, CONFLICTS, sizeof *conflicts);
    if (!sections || !stations || !windows || !conflicts)
        return false;
    memcpy(stations, road->stations, count * sizeof *stations);
    double closed = closed_s(road);
    for (size_t k = 0; k + 1 < count; k++) {
        const struct tn_station_row *a = &road->stations[k], *b = a + 1;
        sections[k] = (struct tn_section_row){a->name,
                                              b->name,
                                              a->km_m,
                                              b->km_m,
                                              b->km_m - a->km_m,
                                              is_double(road, (int)k) ? 2 : 1,
                                              0,
                                              0,
                                              WINDOW / (24 * HOUR)};
        for (int d = 0; d < days; d++)
            windows[k * (size_t)days + (size_t)d] =
                (struct tn_window_row){a->km_m, b->km_m, closed + d * 24 * HOUR, closed + d * 24 * HOUR + WINDOW};
    }
    count_use(sections, stations, road, rows, days);
    for (size_t k = 0; k < count / 2; k++) { /* up trains see the last one first */
        struct tn_station_row swap = stations[k];
        stations[k] = stations[count - 1 - k];
        stations[count - 1 - k] = swap;
    }
    day->stations = (struct tn_list){stations, count};
    day->sections = (struct tn_list){sections, count - 1};
    day->windows = (struct tn_list){windows, (count - 1) * (size_t)days};
    day->conflicts_found = (struct tn_list){conflicts, day->cyclic ? 0 : find_conflicts(conflicts, rows)};
    return true;
}

bool made_day_init(struct made_day *day, const char *stations, bool local, int pairs, double late_s,
                   struct tn_arena *arena)
{
    struct road road = {.base_s = 24 * HOUR - WINDOW, .headway_s = (24 * HOUR - WINDOW) / pairs};
    int days = late_s > 0 ? 2 : 1;
    if (!read_stations(&road, stations, local, arena))
        return false;
    choose_meets(&road);
    struct rows rows = {tn_arena_alloc(arena, (size_t)(2 * days * pairs * road.count), sizeof(struct tn_path_row)), 0};
    if (!rows.items)
        return false;
    for (int n = 0; n < days * pairs; n++)
        for (int up = 0; up < 2; up++)
            add_train(&rows, &road, up, n, n % 9 == 4 ? late_s : 0, arena);
    *day = (struct made_day){
        .head = {.line = "golmud-korla", .verdict = "26 pairs a day fit without a conflict; they travel at 38 km/h"},
        .cyclic = days == 1,
        .paths = {rows.items, rows.count}};
    if (days > 1)
        day->head.verdict = "two days with late trains: 3 conflicts";
    return add_lists(day, &road, &rows, days, arena);
}

bool made_capacity_init(struct made_capacity *capacity, const struct made_day *day, struct tn_arena *arena)
{
    enum { POINTS = 15 };
    const struct tn_station_row *stations = day->stations.items;
    struct made_delay *curve = tn_arena_alloc(arena, POINTS, sizeof *curve);
    struct made_loop *loops = tn_arena_alloc(arena, day->stations.count, sizeof *loops);
    static struct made_more more[] = {{573e3, "Altunshan and XJ-new-04", 1.9},
                                      {747e3, "Milan and XJ-new-12", 0.4},
                                      {980e3, "Kaerdaban and Yingsu", 1.6},
                                      {1003e3, "Yingsu and Tieganlike", 0.9},
                                      {455e3, "Huatugou and QH-new-20", 0.7}};
    static double interval[] = {26.3, 27.4};
    static struct made_method methods[] = {
        {"period", 28.0, {0}}, {"compression", 30.4, {0}}, {"simulation", 26.9, {interval, 2}}};
    if (!curve || !loops)
        return false;
    for (int i = 0; i < POINTS; i++) {
        double pairs = 18 + i, mean = 25 * MINUTE * pairs / fmax(33.5 - pairs, 0.2);
        curve[i] = (struct made_delay){pairs, mean, mean * (1 - 0.01 * (i + 2)), mean * (1 + 0.012 * (i + 2))};
    }
    size_t count = 0;
    for (size_t i = 1; i + 1 < day->stations.count; i++) {
        double gap = fabs(stations[i + 1].km_m - stations[i - 1].km_m) / 1e3;
        double worth = fmax(0, gap - 24) * (0.3 + 0.25 * sin((double)i * 1.7));
        bool loop = strcmp(stations[i].kind, "passing loop") == 0;
        loops[count++] =
            (struct made_loop){stations[i].name, stations[i].km_m, loop ? 2024 : 2020, worth, worth * 1.236e9};
    }
    *capacity = (struct made_capacity){
        .head = {.line = "golmud-korla",
                 .verdict = "28.0 pairs a day, 34.6 Mt a year; Bashikaogong to XJ-new-06 limits"},
        .delay_limit_s = 110 * MINUTE,
        .published_pairs_per_day = 26,
        .methods = {methods, 3},
        .delay_curve = {curve, POINTS},
        .loops = {loops, count},
        .more_loops = {more, 5}};
    return true;
}
