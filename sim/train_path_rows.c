/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "train_path.h"

#define DAY TN_NETWORK_DAY_MS

static const struct tn_field path_fields[] = {
    TN_F_STRING(tn_path_row, train, 0, "class and number of the train"),
    TN_F_STRING(tn_path_row, class, 0, "class of the train"),
    TN_F_STRING(tn_path_row, direction, 0, "direction of travel"),
    TN_F_STRING(tn_path_row, station, 0, "station"),
    TN_R_NUMBER(tn_path_row, km_m, TN_Q_LENGTH, "position of the station"),
    TN_R_NUMBER(tn_path_row, arrival_s, TN_Q_TIME, "arrival, from midnight of the first day shown"),
    TN_R_NUMBER(tn_path_row, departure_s, TN_Q_TIME, "departure, from midnight of the first day shown"),
    TN_F_BOOL(tn_path_row, stops, 0, "whether it stops"),
    TN_F_END};
const struct tn_schema tn_path_row_schema = {"path", "a train at a station", sizeof(struct tn_path_row), path_fields};

static const struct tn_field station_fields[] = {
    TN_F_STRING(tn_station_row, name, 0, "name"),
    TN_F_STRING(tn_station_row, kind, 0, "what it is, in words"),
    TN_R_NUMBER(tn_station_row, km_m, TN_Q_LENGTH, "position"),
    TN_F_INTEGER(tn_station_row, tracks, 2, 1, INFINITY, 0, "tracks on which trains can stand"),
    TN_R_NUMBER(tn_station_row, occupancy_1, TN_Q_RATIO, "mean share of its tracks that is taken"),
    TN_F_INTEGER(tn_station_row, trains_most, 0, 0, INFINITY, 0, "trains there at once, at most"),
    TN_F_END};
const struct tn_schema tn_station_row_schema = {"station", "a station with its use", sizeof(struct tn_station_row),
                                                station_fields};

static const struct tn_field section_fields[] = {
    TN_F_STRING(tn_section_row, from, 0, "station at the end where up trains enter"),
    TN_F_STRING(tn_section_row, to, 0, "station at the end where up trains leave"),
    TN_F_NUMBER(tn_section_row, from_km_m, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_HIDDEN, "position of `from`"),
    TN_F_NUMBER(tn_section_row, to_km_m, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_HIDDEN, "position of `to`"),
    TN_R_NUMBER(tn_section_row, distance_m, TN_Q_LENGTH, "length"),
    TN_F_INTEGER(tn_section_row, tracks, 1, 1, INFINITY, 0, "tracks"),
    TN_R_NUMBER(tn_section_row, trains_per_day, TN_Q_NONE, "trains a day"),
    TN_R_NUMBER(tn_section_row, occupancy_1, TN_Q_RATIO, "share of time in which it is taken, intervals included"),
    TN_R_NUMBER(tn_section_row, window_1, TN_Q_RATIO, "share of time in which it is closed"),
    TN_F_END};
const struct tn_schema tn_section_row_schema = {"section", "a section with its use", sizeof(struct tn_section_row),
                                                section_fields};

static const struct tn_field window_fields[] = {
    TN_R_NUMBER(tn_window_row, from_km_m, TN_Q_LENGTH, "where it begins"),
    TN_R_NUMBER(tn_window_row, to_km_m, TN_Q_LENGTH, "where it ends"),
    TN_R_NUMBER(tn_window_row, begin_s, TN_Q_TIME, "when it begins, from midnight of the first day shown"),
    TN_R_NUMBER(tn_window_row, end_s, TN_Q_TIME, "when it ends"), TN_F_END};
const struct tn_schema tn_window_row_schema = {"window", "a maintenance window", sizeof(struct tn_window_row),
                                               window_fields};

static const struct tn_field conflict_fields[] = {
    TN_F_STRING(tn_conflict_row, rule, 0, "the rule that is broken"),
    TN_F_STRING(tn_conflict_row, place, 0, "section or station"),
    TN_F_STRING(tn_conflict_row, train, 0, "the train"),
    TN_F_STRING(tn_conflict_row, other, 0, "the train that it meets"),
    TN_R_NUMBER(tn_conflict_row, km_m, TN_Q_LENGTH, "where"),
    TN_R_NUMBER(tn_conflict_row, time_s, TN_Q_TIME, "when, from midnight of the first day shown"),
    TN_F_END};
const struct tn_schema tn_conflict_row_schema = {"conflict", "a rule that trains break", sizeof(struct tn_conflict_row),
                                                 conflict_fields};

static const char *train_name(const struct tn_network *network, const struct tn_train_path *path,
                              struct tn_arena *arena)
{
    return tn_arena_printf(arena, "%s %d", network->classes[path->class].name, path->number);
}

static const char *direction_name(const struct tn_network_class *class)
{
    return class->direction == TN_NETWORK_UP ? "up" : "down";
}

tn_status tn_rows_of_paths(struct tn_list *rows_out, const struct tn_network *network,
                           const struct tn_train_path *paths, size_t count, struct tn_arena *arena)
{
    size_t timings = 0, n = 0;
    for (size_t p = 0; p < count; p++)
        timings += (size_t)paths[p].count;
    struct tn_path_row *rows = tn_arena_alloc(arena, timings + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t p = 0; p < count; p++) {
        const struct tn_network_class *class = &network->classes[paths[p].class];
        const char *train = train_name(network, &paths[p], arena), *id = tn_text_copy(arena, class->spec->id);
        if (train == NULL || id == NULL)
            return TN_ERR_MEMORY;
        for (int i = 0; i < paths[p].count; i++) {
            const struct tn_timing *t = &paths[p].timings[i];
            const struct tn_network_station *station = &network->stations[t->station];
            rows[n++] = (struct tn_path_row){train,
                                             id,
                                             direction_name(class),
                                             station->name,
                                             station->km_m,
                                             (double)t->arrival_ms / 1e3,
                                             (double)t->departure_ms / 1e3,
                                             t->stops};
        }
    }
    *rows_out = (struct tn_list){rows, n};
    return TN_OK;
}

/* --- time taken --- */

struct span {
    int64_t from, to;
};

struct spans { /* of a place, within what is shown */
    struct span *items;
    size_t count;
    int64_t begin, end;
    bool cyclic;
};

static void put(struct spans *spans, int64_t from, int64_t to)
{
    from = from > spans->begin ? from : spans->begin;
    to = to < spans->end ? to : spans->end;
    if (from < to)
        spans->items[spans->count++] = (struct span){from, to};
}

/* Where days repeat, the part of each day; a stay of over a day fills it. */
static void add(struct spans *spans, int64_t from, int64_t to)
{
    if (!spans->cyclic) {
        put(spans, from, to);
        return;
    }
    const int64_t length = to - from < DAY ? to - from : DAY, start = tn_network_time_of_day(from);
    put(spans, start, start + length);
    put(spans, start - DAY, start - DAY + length);
}

static int by_from(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* Time covered by at least one; empties the spans. */
static int64_t covered(struct spans *spans)
{
    int64_t sum = 0, reached = spans->begin;
    if (spans->count)
        qsort(spans->items, spans->count, sizeof *spans->items, by_from);
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *s = &spans->items[i];
        if (s->to <= reached)
            continue;
        sum += s->to - (s->from > reached ? s->from : reached);
        reached = s->to;
    }
    spans->count = 0;
    return sum;
}

/* Time of all of them together; the most at once. Empties the spans. */
static int64_t total(struct spans *spans, int *most_out)
{
    int64_t sum = 0;
    *most_out = 0;
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *s = &spans->items[i];
        int at_once = 0;
        for (size_t j = 0; j < spans->count; j++)
            at_once += spans->items[j].from <= s->from && s->from < spans->items[j].to;
        if (at_once > *most_out)
            *most_out = at_once;
        sum += s->to - s->from;
    }
    spans->count = 0;
    return sum;
}

static tn_status spans_init(struct spans *spans, size_t paths, int64_t begin_ms, int64_t end_ms, bool cyclic,
                            struct tn_arena *arena)
{
    *spans = (struct spans){tn_arena_alloc(arena, 2 * paths + 1, sizeof(struct span)), 0, begin_ms, end_ms, cyclic};
    return spans->items ? TN_OK : TN_ERR_MEMORY;
}

/* The path's timing at a station, or NULL. */
static const struct tn_timing *timing_at(const struct tn_network *network, const struct tn_train_path *path,
                                         int station)
{
    const struct tn_network_class *class = &network->classes[path->class];
    const int i = tn_network_step(class) * (station - class->first);
    return i >= 0 && i < path->count ? &path->timings[i] : NULL;
}

tn_status tn_rows_of_stations(struct tn_list *rows_out, const struct tn_network *network,
                              const struct tn_train_path *paths, size_t count, int64_t begin_ms, int64_t end_ms,
                              bool cyclic, struct tn_arena *arena)
{
    struct spans spans;
    struct tn_station_row *rows = tn_arena_alloc(arena, (size_t)network->station_count, sizeof *rows);
    if (rows == NULL || spans_init(&spans, count, begin_ms, end_ms, cyclic, arena) != TN_OK)
        return TN_ERR_MEMORY;
    for (int k = 0; k < network->station_count; k++) {
        const struct tn_network_station *station = &network->stations[k];
        for (size_t p = 0; p < count; p++) {
            const struct tn_timing *t = timing_at(network, &paths[p], k);
            if (t)
                add(&spans, t->arrival_ms, t->departure_ms);
        }
        int most;
        const double time = (double)total(&spans, &most), all = (double)(end_ms - begin_ms) * station->tracks;
        rows[k] =
            (struct tn_station_row){station->name, station->kind, station->km_m, station->tracks, time / all, most};
    }
    *rows_out = (struct tn_list){rows, (size_t)network->station_count};
    return TN_OK;
}

/* Trains of one direction in the section; returns how many entered in the time shown. */
static int fill(struct spans *spans, const struct tn_network *network, const struct tn_train_path *paths, size_t count,
                int section, int direction)
{
    const int64_t after = network->meeting_ms < network->following_ms ? network->meeting_ms : network->following_ms;
    int entered = 0;
    for (size_t p = 0; p < count; p++) {
        const struct tn_network_class *class = &network->classes[paths[p].class];
        const int from = direction == TN_NETWORK_UP ? section : section + 1;
        const struct tn_timing *a = timing_at(network, &paths[p], from);
        if (class->direction != direction || a == NULL || a + 1 == paths[p].timings + paths[p].count)
            continue;
        add(spans, a->departure_ms, a[1].arrival_ms + after);
        entered += spans->cyclic || (a->departure_ms >= spans->begin && a->departure_ms < spans->end);
    }
    return entered;
}

static double window_share(const struct tn_network_section *section)
{
    double share = 0; /* windows of a section that overlap count twice: they are the user's */
    for (size_t w = 0; w < section->window_count; w++)
        share += (double)section->windows[w].duration_ms / (double)DAY;
    return share < 1 ? share : 1;
}

tn_status tn_rows_of_sections(struct tn_list *rows_out, const struct tn_network *network,
                              const struct tn_train_path *paths, size_t count, int64_t begin_ms, int64_t end_ms,
                              bool cyclic, struct tn_arena *arena)
{
    struct spans spans;
    struct tn_section_row *rows = tn_arena_alloc(arena, (size_t)network->section_count + 1, sizeof *rows);
    if (rows == NULL || spans_init(&spans, count, begin_ms, end_ms, cyclic, arena) != TN_OK)
        return TN_ERR_MEMORY;
    const double shown = (double)(end_ms - begin_ms), days = shown / (double)DAY;
    for (int k = 0; k < network->section_count; k++) {
        const struct tn_network_station *a = &network->stations[k], *b = a + 1;
        const struct tn_network_section *section = &network->sections[k];
        double taken = 0;
        int entered = 0;
        for (int d = TN_NETWORK_UP; d <= TN_NETWORK_DOWN; d++) {
            entered += fill(&spans, network, paths, count, k, d);
            if (section->tracks > 1 || d == TN_NETWORK_DOWN)
                taken += (double)covered(&spans) / (section->tracks > 1 ? 2 : 1);
        }
        rows[k] = (struct tn_section_row){a->name,
                                          b->name,
                                          a->km_m,
                                          b->km_m,
                                          section->distance_m,
                                          section->tracks,
                                          entered / days,
                                          taken / shown,
                                          window_share(section)};
    }
    *rows_out = (struct tn_list){rows, (size_t)network->section_count};
    return TN_OK;
}

tn_status tn_rows_of_windows(struct tn_list *rows_out, const struct tn_network *network, int64_t begin_ms,
                             int64_t end_ms, struct tn_arena *arena)
{
    const int64_t first = (begin_ms - tn_network_time_of_day(begin_ms)) - DAY;
    const size_t days = (size_t)((end_ms - first) / DAY + 2);
    size_t most = 0, n = 0;
    for (int k = 0; k < network->section_count; k++)
        most += network->sections[k].window_count * days;
    struct tn_window_row *rows = tn_arena_alloc(arena, most + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (int k = 0; k < network->section_count; k++)
        for (size_t w = 0; w < network->sections[k].window_count; w++)
            for (size_t d = 0; d < days; d++) {
                const struct tn_network_window *window = &network->sections[k].windows[w];
                int64_t from = first + (int64_t)d * DAY + window->begin_ms, to = from + window->duration_ms;
                from = from > begin_ms ? from : begin_ms;
                to = to < end_ms ? to : end_ms;
                if (from < to)
                    rows[n++] = (struct tn_window_row){network->stations[k].km_m, network->stations[k + 1].km_m,
                                                       (double)from / 1e3, (double)to / 1e3};
            }
    *rows_out = (struct tn_list){rows, n};
    return TN_OK;
}

tn_status tn_rows_of_conflicts(struct tn_list *rows_out, const struct tn_network *network,
                               const struct tn_train_path *paths, const struct tn_list *conflicts,
                               struct tn_arena *arena)
{
    const struct tn_road_conflict *found = conflicts->items;
    struct tn_conflict_row *rows = tn_arena_alloc(arena, conflicts->count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < conflicts->count; i++) {
        const struct tn_network_station *a =
            &network->stations[found[i].section >= 0 ? found[i].section : found[i].station];
        rows[i].rule = tn_road_rule_name((int)found[i].rule);
        rows[i].place = found[i].section >= 0 ? tn_arena_printf(arena, "%s - %s", a->name, a[1].name) : a->name;
        rows[i].train = train_name(network, &paths[found[i].path], arena);
        rows[i].other = found[i].other >= 0 ? train_name(network, &paths[found[i].other], arena) : "";
        rows[i].km_m = found[i].section >= 0 ? (a->km_m + a[1].km_m) / 2 : a->km_m;
        rows[i].time_s = (double)found[i].time_ms / 1e3;
        if (rows[i].place == NULL || rows[i].train == NULL || rows[i].other == NULL)
            return TN_ERR_MEMORY;
    }
    *rows_out = (struct tn_list){rows, conflicts->count};
    return TN_OK;
}
