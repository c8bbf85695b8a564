/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compression.h"

#include <math.h>
#include <stdlib.h>

/* A train in a part: its timings there, in the direction of travel. */
struct passage {
    const struct tn_timing *timings;
    int count; /* stations, both ends of the part included where the train reaches them */
    int class, direction;
    int path;
    int64_t phase_ms; /* time of day of the entry */
};

struct part {
    const struct tn_network *network;
    int first, last;
    struct passage *passages; /* in order of entry */
    size_t count;
    size_t *members;   /* what is compressed of them */
    int64_t *apart_ms; /* how much later, at the least, each enters than each: [before][after] */
    int64_t *times_ms; /* of a lap */
};

static int64_t running(const struct part *part, const struct passage *p, int i)
{
    const struct tn_network_class *class = &part->network->classes[p->class];
    const struct tn_timing *t = &p->timings[i];
    return tn_network_running_ms(part->network, p->class, tn_network_section_after(class, t->station), t->stops,
                                 t[1].stops, t->departure_ms);
}

static int64_t dwell(const struct part *part, const struct passage *p, int i)
{
    const int64_t given = part->network->classes[p->class].dwell_ms[p->timings[i].station];
    return p->timings[i].stops && given > 0 ? given : 0;
}

/* Leaving (arriving false) or reaching station i of the passage, since its entry. */
static int64_t moment(const struct part *part, const struct passage *p, int i, bool arriving)
{
    int64_t time = 0;
    for (int k = 0; k < i; k++)
        time += running(part, p, k) + (k + 1 < i || !arriving ? dwell(part, p, k + 1) : 0);
    return time;
}

/* Index of the passage at a station, or -1. */
static int place(const struct part *part, const struct passage *p, int station)
{
    const int i = tn_network_step(&part->network->classes[p->class]) * (station - p->timings[0].station);
    return i >= 0 && i < p->count ? i : -1;
}

/* How much later than a, b enters a section that both use, at the least, told as the time between their entries into
   the part. */
static int64_t apart_in_section(const struct part *part, const struct passage *a, const struct passage *b, int section)
{
    const struct tn_network *network = part->network;
    const struct tn_network_section *s = &network->sections[section];
    const int from_a = place(part, a, a->direction == TN_NETWORK_UP ? section : section + 1);
    const int from_b = place(part, b, b->direction == TN_NETWORK_UP ? section : section + 1);
    if (from_a < 0 || from_b < 0 || from_a + 1 >= a->count || from_b + 1 >= b->count)
        return 0;
    const int64_t in_a = moment(part, a, from_a, false), out_a = moment(part, a, from_a + 1, true);
    const int64_t in_b = moment(part, b, from_b, false), out_b = moment(part, b, from_b + 1, true);
    if (a->direction != b->direction)
        return out_a - in_b + (b->timings[from_b].stops ? network->meeting_ms : network->not_simultaneous_ms);
    if (s->headway_ms < 0)
        return out_a - in_b + network->following_ms;
    const int64_t entry = in_a - in_b, exit = out_a - out_b;
    return (entry > exit ? entry : exit) + s->headway_ms;
}

static int64_t apart(const struct part *part, const struct passage *a, const struct passage *b, bool both_tracks)
{
    int64_t most = 0;
    for (int k = part->first; k < part->last; k++) {
        if (part->network->sections[k].tracks > 1 && (a->direction != b->direction) && both_tracks)
            continue;
        const int64_t need = apart_in_section(part, a, b, k);
        most = need > most ? need : most;
    }
    return most;
}

/* The trains of one direction (-1: all), by their place among the passages. */
static size_t members(const struct part *part, int direction)
{
    size_t count = 0;
    for (size_t i = 0; i < part->count; i++)
        if (direction < 0 || part->passages[i].direction == direction)
            part->members[count++] = i;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            part->apart_ms[i * count + k] =
                apart(part, &part->passages[part->members[i]], &part->passages[part->members[k]], direction < 0);
    return count;
}

/* Entries of `count` trains as early as all before them let them, from train `first` to its own return. */
static int64_t lap(const struct part *part, size_t count, size_t first)
{
    int64_t *times = part->times_ms;
    for (size_t i = 0; i <= count; i++) {
        times[i] = 0;
        for (size_t k = 0; k < i; k++) {
            const int64_t time = times[k] + part->apart_ms[(first + k) % count * count + (first + i) % count];
            times[i] = time > times[i] ? time : times[i];
        }
    }
    return times[count];
}

/* The compressed day of the trains of one direction (-1: all), and what of it trains of other classes take. */
static void compress(const struct part *part, const struct tn_traffic_class_spec *class, int direction, double *time_s,
                     double *others_s)
{
    const size_t count = members(part, direction);
    int64_t longest = 0, others = 0;
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        const int64_t time = lap(part, count, i);
        first = time > longest ? i : first;
        longest = time > longest ? time : longest;
    }
    if (count)
        lap(part, count, first);
    for (size_t i = 0; i < count; i++) {
        const struct passage *p = &part->passages[part->members[(first + i) % count]];
        if (part->network->classes[p->class].spec != class)
            others += part->times_ms[i + 1] - part->times_ms[i];
    }
    *time_s = (double)longest / 1e3;
    *others_s = (double)others / 1e3;
}

static int by_phase(const void *a, const void *b)
{
    const struct passage *x = a, *y = b;
    if (x->phase_ms != y->phase_ms)
        return x->phase_ms < y->phase_ms ? -1 : 1;
    return (x->path > y->path) - (x->path < y->path);
}

/* Trains in the part, in order of the moment at which they enter it. */
static void gather(struct part *part, const struct tn_train_path *paths, size_t count)
{
    part->count = 0;
    for (size_t p = 0; p < count; p++) {
        const struct tn_network_class *class = &part->network->classes[paths[p].class];
        const int step = tn_network_step(class);
        int from = step > 0 ? part->first : part->last, to = step > 0 ? part->last : part->first;
        if (step * (class->first - from) > 0)
            from = class->first;
        if (step * (to - class->last) > 0)
            to = class->last;
        const int length = step * (to - from);
        if (length <= 0)
            continue;
        const struct tn_timing *t = &paths[p].timings[step * (from - class->first)];
        part->passages[part->count++] = (struct passage){
            t, length + 1, paths[p].class, class->direction, (int)p, tn_network_time_of_day(t->departure_ms)};
    }
    if (part->count)
        qsort(part->passages, part->count, sizeof *part->passages, by_phase);
}

static double open_time(const struct part *part)
{
    double closed_most = 0;
    for (int k = part->first; k < part->last; k++) {
        const struct tn_network_section *section = &part->network->sections[k];
        double closed = 0;
        for (size_t w = 0; w < section->window_count; w++)
            closed += (double)section->windows[w].duration_ms / 1e3;
        closed_most = fmax(closed_most, closed);
    }
    return fmax(0, (double)TN_NETWORK_DAY_MS / 1e3 - closed_most);
}

static bool on_two_tracks(const struct part *part)
{
    for (int k = part->first; k < part->last; k++)
        if (part->network->sections[k].tracks < 2)
            return false;
    return true;
}

static void solve_part(struct tn_compressed_part *out, const struct part *part,
                       const struct tn_traffic_class_spec *class, double allowed_1)
{
    int trains[2] = {0, 0};
    double pairs;
    *out = (struct tn_compressed_part){part->first, part->last, 0, 0, open_time(part), 0, HUGE_VAL};
    for (size_t i = 0; i < part->count; i++)
        if (part->network->classes[part->passages[i].class].spec == class)
            trains[part->passages[i].direction]++;
    const bool two = on_two_tracks(part);
    for (int d = two ? TN_NETWORK_UP : -1; d <= (two ? TN_NETWORK_DOWN : -1); d++) {
        double time, others;
        compress(part, class, d, &time, &others);
        const double own = d < 0 ? (trains[0] + trains[1]) / 2.0 : trains[d];
        pairs = own > 0 ? fmax(0, (allowed_1 * out->open_s - others) / ((time - others) / own)) : HUGE_VAL;
        if (d >= 0 && time < out->time_s)
            continue;
        out->time_s = time;
        out->others_s = others;
        out->pairs_per_day = pairs;
    }
    out->occupancy_1 = out->time_s / out->open_s;
}

/* Whether trains of the class stand there in both directions, or begin or end there. */
static bool cuts(const struct tn_network *network, const struct tn_traffic_class_spec *class, int station)
{
    if (station == 0 || station == network->section_count)
        return true;
    for (int c = 0; c < network->class_count; c++)
        if (network->classes[c].spec == class && !network->classes[c].fits[station])
            return false;
    return true;
}

tn_status tn_compression_solve(struct tn_compression *out, const struct tn_network *network,
                               const struct tn_train_path *paths, size_t count,
                               const struct tn_traffic_class_spec *class, double allowed_1, struct tn_arena *arena)
{
    struct part part = {.network = network,
                        .passages = tn_arena_alloc(arena, count + 1, sizeof *part.passages),
                        .members = tn_arena_alloc(arena, count + 1, sizeof *part.members),
                        .apart_ms = tn_arena_alloc(arena, count * count + 1, sizeof *part.apart_ms),
                        .times_ms = tn_arena_alloc(arena, count + 1, sizeof *part.times_ms)};
    *out = (struct tn_compression){.parts = tn_arena_alloc(arena, (size_t)network->section_count, sizeof *out->parts),
                                   .pairs_per_day = NAN,
                                   .occupancy_1 = NAN};
    if (out->parts == NULL || part.passages == NULL || part.members == NULL || part.apart_ms == NULL ||
        part.times_ms == NULL)
        return TN_ERR_MEMORY;
    for (int station = 1; station < network->station_count; station++) {
        if (!cuts(network, class, station))
            continue;
        part.last = station;
        gather(&part, paths, count);
        solve_part(&out->parts[out->count++], &part, class, allowed_1);
        part.first = station;
    }
    out->limiting = out->count;
    for (size_t i = 0; i < out->count; i++)
        if (!isinf(out->parts[i].pairs_per_day) &&
            (out->limiting == out->count || out->parts[i].pairs_per_day < out->parts[out->limiting].pairs_per_day))
            out->limiting = i;
    if (out->limiting < out->count) {
        out->pairs_per_day = out->parts[out->limiting].pairs_per_day;
        out->occupancy_1 = out->parts[out->limiting].occupancy_1;
    }
    return TN_OK;
}
