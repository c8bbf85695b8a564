/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_start.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "simulate.h"
#include "timetable_path.h"

#define DAY TN_NETWORK_DAY_MS
enum {
    DAYS_MIN = 6, /* simulated before the day that is taken, and as many after it; */
    WAYS = 4,     /* and so many ways of the slowest class */
    REPEATS = 40,
    EVEN = 3,   /* days whose classes depart evenly from midnight on, or as they say: one for each rule */
    TRIES = 12, /* days */
    TRIES_AT_ONCE = 4,
    PURPOSE = 1 << 30 /* of random numbers: not one of the search's */
};

static const enum tn_simulate_rule rules[EVEN] = {TN_SIMULATE_LOOK_AHEAD, TN_SIMULATE_FIRST_COME, TN_SIMULATE_PRIORITY};

/* A day in the making. */
struct day {
    const struct tn_timetable_task *task;
    uint32_t index;
    struct tn_simulate_request request;
    struct tn_train_path *paths;  /* one a train */
    struct tn_train_path *before; /* the same, simulated before */
    struct tn_train_path *plan;   /* those that there are */
    double lightest;              /* weight */
    int missing;
    double delay_ms;
    bool done;
    struct tn_arena arena;
};

static const struct tn_network_class *class_of(const struct day *day, int train)
{
    return &day->task->network->classes[day->task->trains[train].class];
}

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
static bool hand_out(struct day *day, const struct tn_simulate_outcome *out, int64_t day_ms)
{
    const struct tn_timetable_train *trains = day->task->trains;
    const int count = day->task->count;
    if (out->path_count)
        qsort(out->paths, out->path_count, sizeof *out->paths, by_departure);
    for (size_t p = 0; p < out->path_count; p++) {
        const struct tn_train_path *path = &out->paths[p];
        const int64_t departs = path->timings[0].departure_ms;
        int t = 0;
        if (departs < day_ms || departs >= day_ms + DAY)
            continue;
        while (t < count && (trains[t].class != path->class || day->paths[t].count || !may_depart(&trains[t], departs)))
            t++;
        if (t == count)
            continue;
        day->paths[t].timings = moved(path, day_ms, &day->arena);
        if (day->paths[t].timings == NULL)
            return false;
        day->paths[t].count = path->count;
    }
    return true;
}

/* The last day of a simulation, as paths for the trains; those of before are gone. */
static bool take_day(struct day *day)
{
    struct tn_arena scratch = {0};
    struct tn_context ctx = {0};
    struct tn_simulate_outcome out;
    const int64_t day_ms = days_before(day->task->network) * DAY;
    day->request.end_ms = 2 * day_ms; /* trains of the day meet those of days after it */
    day->request.show_begin_ms = day->request.warm_up_ms = day_ms;
    day->request.show_end_ms = day_ms + DAY;
    bool done = tn_simulate(&out, &day->request, &scratch, &ctx) == TN_OK;
    for (int t = 0; t < day->task->count; t++)
        day->paths[t].count = 0;
    done = done && hand_out(day, &out, day_ms);
    tn_arena_clear(&scratch);
    tn_context_clear(&ctx);
    return done;
}

/* --- trains that nobody disturbs --- */

/* Among those on the board, at that time, or later if it cannot depart then. */
static bool plan_alone(struct day *day, struct tn_timetable_planner *planner, int train, int64_t time_ms)
{
    const struct tn_network_class *class = class_of(day, train);
    const int count = abs(class->last - class->first) + 1;
    const int64_t moment = tn_network_time_of_day(time_ms);
    struct tn_timetable_wish wish = {day->task->trains[train].class, moment, moment, moment, class->free_ms + 7 * DAY};
    struct tn_timing *timings = tn_arena_alloc(&day->arena, (size_t)count, sizeof *timings);
    bool found = false;
    for (; timings && !found && wish.last_ms < moment + DAY; wish.last_ms += DAY / 24)
        found = tn_timetable_path_find(timings, NULL, planner, &wish);
    if (!found)
        return false;
    day->paths[train].timings = timings;
    day->paths[train].count = count;
    return true;
}

/* Writes the heavier trains into the timetable as if only they were on the line. */
static bool clear_the_way(struct day *day)
{
    struct tn_arena scratch = {0};
    struct tn_timetable_board board;
    struct tn_timetable_planner planner = {0};
    const int count = day->task->count;
    bool done = tn_timetable_board_init(&board, day->task->network, count, true, 1, &scratch) == TN_OK &&
                tn_timetable_planner_init(&planner, &board, &scratch) == TN_OK;
    for (int t = 0; done && t < count; t++)
        if (day->paths[t].count && class_of(day, t)->spec->weight > day->lightest &&
            plan_alone(day, &planner, t, day->paths[t].timings[0].departure_ms))
            tn_timetable_place(&board, t, &day->paths[t]);
    done = done && !planner.failed && !board.failed;
    tn_timetable_planner_free(&planner);
    tn_timetable_board_free(&board);
    tn_arena_clear(&scratch);
    return done;
}

/* A timetable of trains that do not see each other, each class some time later than it would be. */
static bool depart_anew(struct day *day)
{
    const struct tn_timetable_task *task = day->task;
    struct tn_arena scratch = {0};
    struct tn_timetable_board empty;
    struct tn_timetable_planner planner = {0};
    struct tn_chance chance;
    int64_t later_ms = 0;
    bool done = tn_timetable_board_init(&empty, task->network, 1, true, 1, &scratch) == TN_OK &&
                tn_timetable_planner_init(&planner, &empty, &scratch) == TN_OK;
    tn_chance_init(&chance, task->limits->seed, day->index, task->round, PURPOSE);
    for (int t = 0; done && t < task->count; t++) {
        const struct tn_timetable_train *train = &task->trains[t];
        const bool free = train->last_ms - train->first_ms >= DAY - 1;
        if (t == 0 || train->class != task->trains[t - 1].class)
            later_ms = (int64_t)(tn_chance_unit(&chance) * (double)DAY);
        plan_alone(day, &planner, t, train->near_ms + (free ? later_ms : 0));
    }
    done = done && !planner.failed && !empty.failed;
    tn_timetable_planner_free(&planner);
    tn_timetable_board_free(&empty);
    tn_arena_clear(&scratch);
    return done;
}

/* --- a day over and over --- */

static void set_plan(struct day *day)
{
    day->request.plan = day->plan;
    day->request.plan_count = 0;
    for (int t = 0; t < day->task->count; t++)
        if (day->paths[t].count)
            day->plan[day->request.plan_count++] = day->paths[t];
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
   their stops never before their time. When the same comes out the day repeats for ever. The way is cleared in the
   first half of the repeats only, so that the day can settle. */
static bool repeat(struct day *day)
{
    bool done = true, same = false;
    day->request.rule = TN_SIMULATE_TIMETABLE;
    for (int i = 0; done && !same && i < REPEATS; i++) {
        memcpy(day->before, day->paths, (size_t)day->task->count * sizeof *day->before);
        done = i >= REPEATS / 2 || clear_the_way(day);
        set_plan(day);
        done = done && take_day(day);
        same = true;
        for (int t = 0; same && t < day->task->count; t++)
            same = same_times(&day->paths[t], &day->before[t]);
    }
    return done;
}

static void value(struct day *day)
{
    for (int t = 0; t < day->task->count; t++) {
        const struct tn_train_path *path = &day->paths[t];
        const struct tn_network_class *class = class_of(day, t);
        if (path->count == 0)
            day->missing++;
        else
            day->delay_ms += class->spec->weight * (double)(path->timings[path->count - 1].arrival_ms -
                                                            path->timings[0].departure_ms - class->free_ms);
    }
}

static void make_day(struct day *day)
{
    const struct tn_timetable_task *task = day->task;
    const size_t count = (size_t)task->count + 1, classes = (size_t)task->network->class_count + 1;
    double *per_day = tn_arena_alloc(&day->arena, classes, sizeof *per_day);
    day->paths = tn_arena_alloc(&day->arena, count, sizeof *day->paths);
    day->before = tn_arena_alloc(&day->arena, count, sizeof *day->before);
    day->plan = tn_arena_alloc(&day->arena, count, sizeof *day->plan);
    if (per_day == NULL || day->paths == NULL || day->before == NULL || day->plan == NULL)
        return;
    day->lightest = INFINITY;
    for (int t = 0; t < task->count; t++) {
        per_day[task->trains[t].class]++;
        day->paths[t] = (struct tn_train_path){task->trains[t].class, task->trains[t].number, NULL, 0};
        day->lightest = fmin(day->lightest, class_of(day, t)->spec->weight);
    }
    day->request = (struct tn_simulate_request){
        .network = task->network, .rule = rules[day->index % EVEN], .trains_per_day = per_day};
    if (day->index >= EVEN) {
        if (!depart_anew(day))
            return;
        set_plan(day);
    }
    day->done = take_day(day) && repeat(day);
    if (day->done)
        value(day);
}

/* --- several days --- */

static bool better(const struct day *a, const struct day *b)
{
    if (a->done != b->done)
        return a->done;
    if (a->missing != b->missing)
        return a->missing < b->missing;
    return a->delay_ms != b->delay_ms ? a->delay_ms < b->delay_ms : a->index < b->index;
}

static const struct tn_train_path *copy(const struct day *day, struct tn_arena *arena)
{
    const int count = day->task->count;
    struct tn_train_path *paths = tn_arena_alloc(arena, (size_t)count + 1, sizeof *paths);
    for (int t = 0; paths && t < count; t++) {
        paths[t] = day->paths[t];
        if (paths[t].count)
            paths[t].timings = moved(&day->paths[t], 0, arena);
        if (paths[t].count && paths[t].timings == NULL)
            return NULL;
    }
    return paths;
}

int tn_timetable_starts(const struct tn_train_path **starts_out, int most, const struct tn_timetable_task *task,
                        struct tn_arena *arena)
{
    const int threads = task->limits->threads > 0 ? task->limits->threads : omp_get_max_threads();
    struct day days[TRIES] = {{0}};
    struct tn_arena scratch = {0};
    int made = tn_simulate_impossible(task->network, &scratch) ? TRIES : 0, best = 0, given = 0;
    while (made < TRIES && tn_timetable_clock() <= task->limits->until_s) {
        for (int i = made; i < made + TRIES_AT_ONCE; i++) {
            days[i].task = task;
            days[i].index = (uint32_t)i;
        }
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
        for (int i = made; i < made + TRIES_AT_ONCE; i++)
            make_day(&days[i]);
        made += TRIES_AT_ONCE;
        tn_context_progress(task->ctx, (size_t)made, TRIES, "days to begin with");
        for (int i = 0; i < made; i++)
            best = better(&days[i], &days[best]) ? i : best;
        if (task->place_only && days[best].done && days[best].missing == 0)
            break;
    }
    for (bool more = true; more && given < most;) {
        for (int i = 0; i < made; i++)
            best = better(&days[i], &days[best]) ? i : best;
        more = days[best].done;
        if (more)
            starts_out[given] = copy(&days[best], arena);
        more = more && starts_out[given] != NULL;
        given += more;
        days[best].done = false;
    }
    for (int i = 0; i < TRIES; i++)
        tn_arena_clear(&days[i].arena);
    tn_arena_clear(&scratch);
    return given;
}
