/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_start.h"

#include <stdlib.h>
#include <string.h>

#include "simulate.h"

#define DAY TN_NETWORK_DAY_MS
enum {
    DAYS_MIN = 6, /* simulated before the day that is taken, and as many after it; */
    WAYS = 4,     /* and so many ways of the slowest class */
    REPEATS = 40
};

static int days_before(const struct tn_network *network)
{
    int64_t longest = 0;
    for (int c = 0; c < network->class_count; c++)
        longest = network->classes[c].free_ms > longest ? network->classes[c].free_ms : longest;
    return DAYS_MIN + (int)(WAYS * longest / DAY);
}

static int by_departure(const void *a, const void *b)
{
    const struct tn_train_path *x = a, *y = b;
    const int64_t s = x->timings[0].departure_ms, t = y->timings[0].departure_ms;
    if (s != t)
        return s < t ? -1 : 1;
    return x->class != y->class ? x->class - y->class : x->number - y->number;
}

/* Whether the train may depart then, days aside. */
static bool may_depart(const struct tn_timetable_train *train, int64_t time_ms)
{
    return tn_network_time_of_day(time_ms - train->first_ms) <= train->last_ms - train->first_ms;
}

/* The same way, days earlier. */
static const struct tn_timing *moved(const struct tn_train_path *path, int64_t by_ms, struct tn_arena *arena)
{
    struct tn_timing *timings = tn_arena_alloc(arena, (size_t)path->count, sizeof *timings);
    for (int i = 0; timings && i < path->count; i++) {
        timings[i] = path->timings[i];
        timings[i].arrival_ms -= by_ms;
        timings[i].departure_ms -= by_ms;
    }
    return timings;
}

/* Gives the day's departures to trains of their class, in order. */
static bool hand_out(struct tn_train_path *start, const struct tn_timetable_train *trains, int count,
                     const struct tn_simulate_outcome *out, int64_t day_ms, struct tn_arena *arena)
{
    if (out->path_count)
        qsort(out->paths, out->path_count, sizeof *out->paths, by_departure);
    for (size_t p = 0; p < out->path_count; p++) {
        const struct tn_train_path *path = &out->paths[p];
        const int64_t departs = path->timings[0].departure_ms;
        int t = 0;
        if (departs < day_ms || departs >= day_ms + DAY)
            continue;
        while (t < count && (trains[t].class != path->class || start[t].count || !may_depart(&trains[t], departs)))
            t++;
        if (t == count)
            continue;
        start[t].timings = moved(path, day_ms, arena);
        if (start[t].timings == NULL)
            return false;
        start[t].count = path->count;
    }
    return true;
}

/* The last day of a simulation, as paths for the trains; those of before are gone. */
static bool take_day(struct tn_train_path *start, const struct tn_timetable_train *trains, int count,
                     struct tn_simulate_request *request, struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_arena scratch = {0};
    struct tn_simulate_outcome out;
    const int64_t day_ms = days_before(request->network) * DAY;
    request->end_ms = 2 * day_ms; /* trains of the day meet those of days after it */
    request->show_begin_ms = request->warm_up_ms = day_ms;
    request->show_end_ms = day_ms + DAY;
    bool done = tn_simulate(&out, request, &scratch, ctx) == TN_OK;
    for (int t = 0; t < count; t++)
        start[t] = (struct tn_train_path){trains[t].class, trains[t].number, NULL, 0};
    done = done && hand_out(start, trains, count, &out, day_ms, arena);
    tn_arena_clear(&scratch);
    return done;
}

static bool same_times(const struct tn_train_path *a, const struct tn_train_path *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++)
        if (a->timings[i].arrival_ms != b->timings[i].arrival_ms ||
            a->timings[i].departure_ms != b->timings[i].departure_ms)
            return false;
    return true;
}

/* Simulates the day's trains again and again, each time by the timetable that came out before: in their order, and from
   their stops never before their time. When the same comes out the day repeats for ever. */
static bool repeat(struct tn_train_path *start, const struct tn_timetable_train *trains, int count,
                   struct tn_simulate_request *request, struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_train_path *before = tn_arena_alloc(arena, (size_t)count + 1, sizeof *before);
    struct tn_train_path *plan = tn_arena_alloc(arena, (size_t)count + 1, sizeof *plan);
    bool done = plan != NULL && before != NULL, same = false;
    request->rule = TN_SIMULATE_TIMETABLE;
    request->plan = plan;
    for (int i = 0; done && !same && i < REPEATS; i++) {
        request->plan_count = 0;
        memcpy(before, start, (size_t)count * sizeof *before);
        for (int t = 0; t < count; t++)
            if (start[t].count)
                plan[request->plan_count++] = start[t];
        done = take_day(start, trains, count, request, arena, ctx);
        same = true;
        for (int t = 0; same && t < count; t++)
            same = same_times(&start[t], &before[t]);
    }
    return done;
}

const struct tn_train_path *tn_timetable_start(const struct tn_network *network,
                                               const struct tn_timetable_train *trains, int count,
                                               struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_arena scratch = {0};
    double *per_day = tn_arena_alloc(&scratch, (size_t)network->class_count + 1, sizeof *per_day);
    struct tn_train_path *start = tn_arena_alloc(arena, (size_t)count + 1, sizeof *start);
    bool done = per_day != NULL && start != NULL && tn_simulate_impossible(network, &scratch) == NULL;
    for (int t = 0; done && t < count; t++)
        per_day[trains[t].class]++;
    struct tn_simulate_request request = {
        .network = network, .rule = TN_SIMULATE_LOOK_AHEAD, .trains_per_day = per_day};
    done = done && take_day(start, trains, count, &request, arena, ctx) &&
           repeat(start, trains, count, &request, arena, ctx);
    tn_arena_clear(&scratch);
    return done ? start : NULL;
}
