/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "train_path.h"

#include <stdlib.h>
#include <string.h>

#define DAY TN_NETWORK_DAY_MS

const char *tn_road_rule_name(int index)
{
    static const char *const names[] = {"running time",     "order",  "fit",    "section", "following", "meeting",
                                        "not simultaneous", "tracks", "window", "power"};
    return index >= 0 && index < (int)(sizeof names / sizeof *names) ? names[index] : NULL;
}

struct judge {
    const struct tn_network *network;
    const struct tn_train_path *paths;
    size_t count;
    bool cyclic;
    struct tn_road_conflict *found;
    size_t found_count, found_room;
    struct tn_arena *arena;
    bool no_memory;
};

/* A train in a section, or at a station: from its arrival to its departure. */
struct stay {
    int64_t from, to;
    int path, direction, class;
    bool starts; /* into a section: from a standstill */
};

static void found(struct judge *judge, struct tn_road_conflict conflict)
{
    if (judge->found_count == judge->found_room) {
        const size_t room = 2 * judge->found_room + 8;
        struct tn_road_conflict *grown = tn_arena_alloc(judge->arena, room, sizeof *grown);
        if (grown == NULL) {
            judge->no_memory = true;
            return;
        }
        if (judge->found_count)
            memcpy(grown, judge->found, judge->found_count * sizeof *grown);
        judge->found = grown;
        judge->found_room = room;
    }
    judge->found[judge->found_count++] = conflict;
}

/* --- one train by itself --- */

static void judge_timing(struct judge *judge, int p, int i)
{
    const struct tn_train_path *path = &judge->paths[p];
    const struct tn_network_class *class = &judge->network->classes[path->class];
    const struct tn_timing *t = &path->timings[i];
    const int64_t stood = t->departure_ms - t->arrival_ms;
    const bool end = i == 0 || i == path->count - 1;
    const struct tn_road_conflict here = {TN_RULE_ORDER, p, -1, t->station, -1, t->arrival_ms};
    /* one that comes from beyond the line may have waited there, and starts from a standstill */
    const bool as_said = i == 0 ? t->stops || !class->spec->stop_at_end : t->stops == class->spec->stop_at_end;
    if (t->station != class->first + i * tn_network_step(class) || stood < 0 || (stood > 0 && (end || !t->stops)) ||
        (end && !as_said)) {
        found(judge, here);
        return;
    }
    if (!end && class->dwell_ms[t->station] >= 0 && (!t->stops || stood < class->dwell_ms[t->station]))
        found(judge, here);
    if (t->stops && !class->fits[t->station]) {
        struct tn_road_conflict conflict = here;
        conflict.rule = TN_RULE_FIT;
        found(judge, conflict);
    }
    if (end && i > 0)
        return;
    const struct tn_timing *next = t + 1;
    const int section = tn_network_section_after(class, t->station);
    if (next->arrival_ms - t->departure_ms <
        tn_network_running_ms(judge->network, path->class, section, t->stops, next->stops, t->departure_ms))
        found(judge, (struct tn_road_conflict){TN_RULE_RUNNING_TIME, p, -1, -1, section, t->departure_ms});
}

static bool judge_alone(struct judge *judge)
{
    for (size_t p = 0; p < judge->count; p++) {
        const struct tn_train_path *path = &judge->paths[p];
        const struct tn_network_class *class = &judge->network->classes[path->class];
        if (path->count != abs(class->last - class->first) + 1) {
            found(judge, (struct tn_road_conflict){TN_RULE_ORDER, (int)p, -1, class->first, -1, 0});
            continue;
        }
        for (int i = 0; i < path->count; i++)
            judge_timing(judge, (int)p, i);
    }
    for (size_t i = 0; i < judge->found_count; i++)
        if (judge->found[i].rule == TN_RULE_ORDER)
            return false; /* the rest would read what is not there */
    return true;
}

/* --- stays, sorted --- */

static int by_time(const void *a, const void *b)
{
    const struct stay *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to) /* with a headway of 0 two may enter together */
        return x->to < y->to ? -1 : 1;
    return (x->path > y->path) - (x->path < y->path);
}

static void shift(struct stay *stay, int64_t by)
{
    stay->from += by;
    stay->to += by;
}

/* Sorts; where days repeat, moves each stay to the first day and adds a copy a day later. */
static size_t arrange(struct stay *stays, size_t count, bool cyclic)
{
    for (size_t i = 0; cyclic && i < count; i++) {
        shift(&stays[i], tn_network_time_of_day(stays[i].from) - stays[i].from);
        stays[count + i] = stays[i];
        shift(&stays[count + i], DAY);
    }
    count *= cyclic ? 2 : 1;
    if (count)
        qsort(stays, count, sizeof *stays, by_time);
    return count;
}

/* Trains in a section. Room for twice as many paths. */
static size_t in_section(struct stay *stays, const struct judge *judge, int section)
{
    size_t n = 0;
    for (size_t p = 0; p < judge->count; p++) {
        const struct tn_network_class *class = &judge->network->classes[judge->paths[p].class];
        const int entry = class->direction == TN_NETWORK_UP ? section : section + 1;
        const int i = tn_network_step(class) * (entry - class->first);
        if (i < 0 || i + 1 >= judge->paths[p].count)
            continue;
        const struct tn_timing *t = &judge->paths[p].timings[i];
        stays[n++] =
            (struct stay){t->departure_ms, t[1].arrival_ms, (int)p, class->direction, judge->paths[p].class, t->stops};
    }
    return n;
}

static size_t at_station(struct stay *stays, const struct judge *judge, int station)
{
    size_t n = 0;
    for (size_t p = 0; p < judge->count; p++) {
        const struct tn_network_class *class = &judge->network->classes[judge->paths[p].class];
        const int i = tn_network_step(class) * (station - class->first);
        if (i < 0 || i >= judge->paths[p].count)
            continue;
        const struct tn_timing *t = &judge->paths[p].timings[i];
        stays[n++] =
            (struct stay){t->arrival_ms, t->departure_ms, (int)p, class->direction, judge->paths[p].class, t->stops};
    }
    return n;
}

/* --- sections --- */

/* Passes the end of the line; elsewhere its arrival from the section before is judged. */
static bool comes_from_beyond(const struct judge *judge, const struct stay *stay, int section)
{
    const struct tn_network_class *class = &judge->network->classes[stay->class];
    return !stay->starts && class->first == (class->direction == TN_NETWORK_UP ? section : section + 1);
}

static void judge_pair(struct judge *judge, int section, const struct stay *a, const struct stay *b)
{
    const struct tn_network *network = judge->network;
    const struct tn_network_section *s = &network->sections[section];
    struct tn_road_conflict conflict = {TN_RULE_SECTION, a->path, b->path, -1, section, b->from};
    if (a->direction != b->direction) {
        if (s->tracks > 1)
            return;
        if (b->from < a->to)
            found(judge, conflict);
        else if (b->starts && b->from - a->to < network->meeting_ms) {
            conflict.rule = TN_RULE_MEETING;
            found(judge, conflict);
        } else if (comes_from_beyond(judge, b, section) && b->from - a->to < network->not_simultaneous_ms) {
            conflict.rule = TN_RULE_NOT_SIMULTANEOUS;
            found(judge, conflict);
        }
        return;
    }
    conflict.rule = TN_RULE_FOLLOWING;
    if (s->headway_ms >= 0) {
        if (b->from - a->from < s->headway_ms || b->to - a->to < s->headway_ms)
            found(judge, conflict);
    } else if (b->from - a->to < network->following_ms) {
        if (b->from < a->to)
            conflict.rule = TN_RULE_SECTION;
        found(judge, conflict);
    }
}

static int64_t longest_interval(const struct tn_network *network, const struct tn_network_section *section)
{
    const int64_t intervals[] = {network->following_ms, network->meeting_ms, network->not_simultaneous_ms};
    int64_t most = section->headway_ms;
    for (int i = 0; i < 3; i++)
        most = intervals[i] > most ? intervals[i] : most;
    return most;
}

static void judge_windows(struct judge *judge, int section, const struct stay *stay)
{
    const struct tn_network_section *s = &judge->network->sections[section];
    for (size_t w = 0; w < s->window_count; w++) {
        /* the first window of its kind that ends after the train has come */
        const int64_t begin = s->windows[w].begin_ms, duration = s->windows[w].duration_ms;
        const int64_t since = tn_network_time_of_day(stay->from - begin);
        const int64_t wait = since < duration ? 0 : DAY - since;
        if (stay->from + wait < stay->to)
            found(judge, (struct tn_road_conflict){TN_RULE_WINDOW, stay->path, -1, -1, section, stay->from + wait});
    }
}

static void judge_section(struct judge *judge, int section, struct stay *stays)
{
    const struct tn_network_section *s = &judge->network->sections[section];
    const size_t trains = in_section(stays, judge, section);
    const int64_t reach = longest_interval(judge->network, s);
    for (size_t i = 0; i < trains; i++)
        judge_windows(judge, section, &stays[i]);
    const size_t count = arrange(stays, trains, judge->cyclic);
    for (size_t i = 0; i < count; i++) {
        if (judge->cyclic && stays[i].from >= DAY)
            break;
        for (size_t j = i + 1; j < count && stays[j].from < stays[i].to + reach; j++)
            judge_pair(judge, section, &stays[i], &stays[j]);
    }
}

/* --- stations --- */

static int64_t floor_days(int64_t time)
{
    return (time - tn_network_time_of_day(time)) / DAY;
}

/* How many trains, or copies of one, the stay puts on tracks at a moment; passing takes one at that moment alone. */
static int64_t present(const struct stay *stay, int64_t at, bool cyclic)
{
    if (stay->from == stay->to)
        return cyclic ? tn_network_time_of_day(at - stay->from) == 0 : at == stay->from;
    if (!cyclic)
        return stay->from <= at && at < stay->to;
    return floor_days(at - stay->from) - floor_days(at - stay->to);
}

static int64_t presence(const struct stay *stays, size_t count, int64_t at, bool cyclic)
{
    int64_t sum = 0;
    for (size_t j = 0; j < count; j++)
        sum += present(&stays[j], at, cyclic);
    return sum;
}

/* Whether the train comes out of a section here, and does not begin. */
static bool arrives(const struct judge *judge, const struct stay *stay, int station)
{
    return judge->network->classes[stay->class].first != station;
}

static bool doubled(const struct tn_network *network, int station)
{
    const bool before = station == 0 || network->sections[station - 1].tracks > 1;
    const bool after = station == network->section_count || network->sections[station].tracks > 1;
    return before && after;
}

static void judge_station(struct judge *judge, int station, struct stay *stays)
{
    const struct tn_network *network = judge->network;
    const size_t trains = at_station(stays, judge, station);
    for (size_t i = 0; i < trains; i++)
        if (presence(stays, trains, stays[i].from, judge->cyclic) > network->stations[station].tracks)
            found(judge, (struct tn_road_conflict){TN_RULE_TRACKS, stays[i].path, -1, station, -1, stays[i].from});
    if (doubled(network, station))
        return;
    const size_t count = arrange(stays, trains, judge->cyclic);
    for (size_t i = 0; i < count; i++) {
        if (judge->cyclic && stays[i].from >= DAY)
            break;
        for (size_t j = i + 1; j < count && stays[j].from - stays[i].from < network->not_simultaneous_ms; j++)
            if (stays[i].direction != stays[j].direction && arrives(judge, &stays[i], station) &&
                arrives(judge, &stays[j], station))
                found(judge, (struct tn_road_conflict){TN_RULE_NOT_SIMULTANEOUS, stays[i].path, stays[j].path, station,
                                                       -1, stays[j].from});
    }
}

/* --- power --- */

static void judge_feeding(struct judge *judge, const struct tn_network_feeding *feeding, struct stay *stays,
                          struct stay *all, double *power_W)
{
    size_t n = 0;
    for (int k = feeding->first; k <= feeding->last; k++) {
        const size_t trains = in_section(stays, judge, k);
        for (size_t i = 0; i < trains; i++) {
            all[n] = stays[i];
            power_W[n++] = judge->network->classes[stays[i].class].times[k].power_W;
        }
    }
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += power_W[j] * (double)present(&all[j], all[i].from, judge->cyclic);
        if (sum > feeding->power_W * (1 + 1e-12))
            found(judge, (struct tn_road_conflict){TN_RULE_POWER, all[i].path, -1, -1, feeding->first, all[i].from});
    }
}

static void judge_power(struct judge *judge, struct stay *stays)
{
    const struct tn_network *network = judge->network;
    if (network->feeding_count == 0 || judge->count == 0)
        return;
    const size_t most = judge->count * (size_t)network->section_count;
    struct stay *all = tn_arena_alloc(judge->arena, most, sizeof *all);
    double *power_W = tn_arena_alloc(judge->arena, most, sizeof *power_W);
    judge->no_memory |= all == NULL || power_W == NULL;
    for (int i = 0; !judge->no_memory && i < network->feeding_count; i++)
        judge_feeding(judge, &network->feedings[i], stays, all, power_W);
}

static int by_conflict_time(const void *a, const void *b)
{
    const struct tn_road_conflict *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    if (x->path != y->path)
        return (x->path > y->path) - (x->path < y->path);
    return (int)x->rule - (int)y->rule;
}

tn_status tn_road_check(struct tn_list *conflicts_out, const struct tn_network *network,
                        const struct tn_train_path *paths, size_t count, bool cyclic, struct tn_arena *arena)
{
    struct judge judge = {.network = network, .paths = paths, .count = count, .cyclic = cyclic, .arena = arena};
    struct stay *stays = tn_arena_alloc(arena, 2 * count + 1, sizeof *stays);
    *conflicts_out = (struct tn_list){NULL, 0};
    if (stays == NULL)
        return TN_ERR_MEMORY;
    if (judge_alone(&judge)) {
        for (int k = 0; k < network->section_count; k++)
            judge_section(&judge, k, stays);
        for (int i = 0; i < network->station_count; i++)
            judge_station(&judge, i, stays);
        judge_power(&judge, stays);
    }
    if (judge.found_count)
        qsort(judge.found, judge.found_count, sizeof *judge.found, by_conflict_time);
    *conflicts_out = (struct tn_list){judge.found, judge.found_count};
    return judge.no_memory ? TN_ERR_MEMORY : TN_OK;
}
