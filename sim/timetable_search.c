/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_search.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "timetable_path.h"

#define DAY     TN_NETWORK_DAY_MS
#define MISSING (INT64_C(1) << 46) /* the cost of a train that is not placed */

enum {
    CHAINS = 4,
    ROUND = 16,   /* iterations of a chain between two looks at the clock */
    SET_MAX = 8,  /* trains planned anew at once */
    WALK_MAX = 24 /* steps in which these are gathered */
};
#define WARMTH 0.02 /* of the search at its beginning: share of the mean delay that a set may get worse by */

enum purpose { PURPOSE_ORDER, PURPOSE_SEARCH };

static uint32_t purpose_of(const struct tn_timetable_task *task, enum purpose purpose)
{
    return (uint32_t)(2 * task->round) + purpose;
}

/* --- a chain --- */

struct state { /* of all trains */
    struct tn_train_path *paths;
    struct tn_timing *timings; /* that the paths point into */
    int64_t *cost;
    int64_t sum;
};

struct chain {
    const struct tn_timetable_task *task;
    struct tn_timetable_board board;
    struct tn_timetable_planner planner;
    struct state now, best;
    struct tn_timing *saved; /* SET_MAX ways */
    int longest;             /* stations of the longest way */
    uint32_t index;
    int64_t *failures;
    struct tn_arena arena;
};

struct set {
    int trains[SET_MAX], count[SET_MAX];
    int64_t cost[SET_MAX];
    int size;
};

static const struct tn_network_class *class_of(const struct tn_timetable_task *task, int train)
{
    return &task->network->classes[task->trains[train].class];
}

static int way_count(const struct tn_network_class *class)
{
    return abs(class->last - class->first) + 1;
}

/* Weighted delay. */
static int64_t path_cost(const struct tn_timetable_task *task, int train, const struct tn_train_path *path)
{
    if (path->count == 0)
        return MISSING;
    const struct tn_network_class *class = class_of(task, train);
    return llround(class->spec->weight * (double)(tn_train_path_duration_ms(path) - class->free_ms));
}

static struct tn_timing *timings_of(const struct state *state, int train)
{
    return (struct tn_timing *)(uintptr_t)state->paths[train].timings;
}

static tn_status state_init(struct state *out, const struct tn_timetable_task *task, struct tn_arena *arena)
{
    size_t total = 0;
    for (int t = 0; t < task->count; t++)
        total += (size_t)way_count(class_of(task, t));
    out->paths = tn_arena_alloc(arena, (size_t)task->count + 1, sizeof *out->paths);
    out->timings = tn_arena_alloc(arena, total + 1, sizeof *out->timings);
    out->cost = tn_arena_alloc(arena, (size_t)task->count + 1, sizeof *out->cost);
    if (out->paths == NULL || out->timings == NULL || out->cost == NULL)
        return TN_ERR_MEMORY;
    struct tn_timing *at = out->timings;
    for (int t = 0; t < task->count; t++) {
        out->paths[t] = (struct tn_train_path){task->trains[t].class, task->trains[t].number, at, 0};
        out->cost[t] = MISSING;
        at += way_count(class_of(task, t));
    }
    out->sum = task->count * MISSING;
    return TN_OK;
}

static void state_copy(struct state *to, const struct state *from, const struct tn_timetable_task *task)
{
    for (int t = 0; t < task->count; t++) {
        const int count = from->paths[t].count;
        if (count)
            memcpy(timings_of(to, t), from->paths[t].timings, (size_t)count * sizeof *to->timings);
        to->paths[t].count = count;
        to->cost[t] = from->cost[t];
    }
    to->sum = from->sum;
}

/* Brings the board in line with another state. */
static void take_over(struct chain *chain, const struct state *state)
{
    const struct tn_timetable_task *task = chain->task;
    for (int t = 0; t < task->count; t++)
        if (chain->now.paths[t].count)
            tn_timetable_lift(&chain->board, t, &chain->now.paths[t]);
    state_copy(&chain->now, state, task);
    for (int t = 0; t < task->count; t++)
        if (chain->now.paths[t].count)
            tn_timetable_place(&chain->board, t, &chain->now.paths[t]);
}

/* Plans a train that is off the board, for no more than a cost; on success it is on the board. */
static bool plan(struct chain *chain, int train, const struct tn_timetable_train *wanted, int64_t limit)
{
    const struct tn_timetable_task *task = chain->task;
    const struct tn_network_class *class = class_of(task, train);
    const double longer = (double)limit / class->spec->weight;
    const int64_t most_ms = 100 * DAY, room = longer < (double)most_ms ? (int64_t)longer : most_ms;
    const struct tn_timetable_wish wish = {wanted->class, wanted->first_ms, wanted->last_ms, wanted->near_ms,
                                           class->free_ms + room};
    struct tn_train_path *path = &chain->now.paths[train];
    int reach;
    if (limit < 0 || !tn_timetable_path_find(timings_of(&chain->now, train), &reach, &chain->planner, &wish)) {
        if (limit >= MISSING)
            chain->failures[tn_network_section_after(class, class->first + reach * tn_network_step(class))]++;
        return false;
    }
    path->count = way_count(class);
    chain->now.cost[train] = path_cost(task, train, path);
    tn_timetable_place(&chain->board, train, path);
    return true;
}

/* --- gathering trains that meet --- */

static bool in_set(const struct set *set, int train)
{
    for (int i = 0; i < set->size; i++)
        if (set->trains[i] == train)
            return true;
    return false;
}

/* A train that costs, the more the likelier; or any. */
static int pick_lead(const struct chain *chain, struct tn_chance *chance)
{
    const int count = chain->task->count;
    int64_t sum = 0;
    for (int t = 0; t < count; t++)
        sum += chain->now.cost[t] > 0 ? chain->now.cost[t] : 0;
    if (sum <= 0 || tn_chance_int(chance, 6) == 0)
        return tn_chance_int(chance, count);
    int64_t at = (int64_t)(tn_chance_unit(chance) * (double)sum);
    for (int t = 0; t < count; t++) {
        at -= chain->now.cost[t] > 0 ? chain->now.cost[t] : 0;
        if (at < 0)
            return t;
    }
    return count - 1;
}

/* Where a train is at some moment: a section of its way and the time it enters. One that is not placed: where it would
   be, alone on the line. */
static int pick_section(int64_t *time_ms, const struct chain *chain, int train, struct tn_chance *chance)
{
    const struct tn_network_class *class = class_of(chain->task, train);
    const struct tn_train_path *path = &chain->now.paths[train];
    const struct tn_timetable_train *wanted = &chain->task->trains[train];
    const int i = tn_chance_int(chance, way_count(class) - 1), step = tn_network_step(class);
    if (path->count) {
        *time_ms = path->timings[i].departure_ms;
        return tn_network_section_after(class, path->timings[i].station);
    }
    const double length = (double)(wanted->last_ms - wanted->first_ms);
    *time_ms = wanted->first_ms + (int64_t)(tn_chance_unit(chance) * length);
    for (int k = 0; k < i; k++)
        *time_ms += class->times[tn_network_section_after(class, class->first + k * step)].pass_ms;
    return tn_network_section_after(class, class->first + i * step);
}

/* Who is in the section before that time, or after it; -1: nobody. */
static int neighbour(const struct chain *chain, int section, int64_t time_ms, int train, bool after)
{
    const struct tn_timetable_uses *uses = &chain->board.sections[section];
    const int64_t time = tn_timetable_moment(&chain->board, time_ms);
    int i = 0;
    while (i < uses->count && uses->items[i].from_ms < time)
        i++;
    i -= after ? 0 : 1;
    for (int tries = 0; tries < uses->count; tries++, i += after ? 1 : -1) {
        const int at = (i % uses->count + uses->count) % uses->count;
        if (at != i && !chain->board.cyclic)
            return -1;
        if (uses->items[at].train != train)
            return uses->items[at].train;
    }
    return -1;
}

static void gather(struct set *set, const struct chain *chain, struct tn_chance *chance)
{
    static const int sizes[] = {1, 2, 2, 3, 3, 3, 4, 4, 5, 6, SET_MAX};
    int want = sizes[tn_chance_int(chance, (int)(sizeof sizes / sizeof *sizes))], section;
    want = want < chain->task->count ? want : chain->task->count;
    int64_t time_ms;
    set->trains[0] = pick_lead(chain, chance);
    set->size = 1;
    for (int i = 0; i < WALK_MAX && set->size < want; i++) {
        const int from = set->trains[tn_chance_int(chance, 2) ? 0 : tn_chance_int(chance, set->size)];
        section = pick_section(&time_ms, chain, from, chance);
        const int next = neighbour(chain, section, time_ms, from, tn_chance_int(chance, 2));
        if (next >= 0 && !in_set(set, next))
            set->trains[set->size++] = next;
    }
}

static void shuffle(int *items, int count, struct tn_chance *chance)
{
    for (int i = count - 1; i > 0; i--) {
        const int k = tn_chance_int(chance, i + 1), item = items[i];
        items[i] = items[k];
        items[k] = item;
    }
}

/* --- an iteration --- */

static void save(struct set *set, struct chain *chain)
{
    for (int i = 0; i < set->size; i++) {
        struct tn_train_path *path = &chain->now.paths[set->trains[i]];
        set->count[i] = path->count;
        set->cost[i] = chain->now.cost[set->trains[i]];
        if (path->count) {
            memcpy(chain->saved + i * chain->longest, path->timings, (size_t)path->count * sizeof *path->timings);
            tn_timetable_lift(&chain->board, set->trains[i], path);
        }
        path->count = 0;
    }
}

static void restore(const struct set *set, struct chain *chain)
{
    for (int i = 0; i < set->size; i++)
        if (chain->now.paths[set->trains[i]].count)
            tn_timetable_lift(&chain->board, set->trains[i], &chain->now.paths[set->trains[i]]);
    for (int i = 0; i < set->size; i++) {
        struct tn_train_path *path = &chain->now.paths[set->trains[i]];
        path->count = set->count[i];
        chain->now.cost[set->trains[i]] = set->cost[i];
        if (path->count) {
            memcpy(timings_of(&chain->now, set->trains[i]), chain->saved + i * chain->longest,
                   (size_t)path->count * sizeof *path->timings);
            tn_timetable_place(&chain->board, set->trains[i], path);
        }
    }
}

/* When a train is to leave this time: near any moment, and half of the time not far from it, though the way may be
   longer then. */
static struct tn_timetable_train pick_wish(const struct tn_timetable_task *task, int train, struct tn_chance *chance)
{
    struct tn_timetable_train wish = task->trains[train];
    wish.near_ms = wish.first_ms + (int64_t)(tn_chance_unit(chance) * (double)(wish.last_ms - wish.first_ms));
    if (tn_chance_int(chance, 2)) {
        const int64_t off = (DAY / 2) >> tn_chance_int(chance, 10);
        wish.first_ms = wish.near_ms - off > wish.first_ms ? wish.near_ms - off : wish.first_ms;
        wish.last_ms = wish.near_ms + off < wish.last_ms ? wish.near_ms + off : wish.last_ms;
    }
    return wish;
}

/* Plans the set in its order; false if that would cost more than limit, and then nothing has changed. */
static bool replan(struct chain *chain, struct set *set, int64_t limit, struct tn_chance *chance)
{
    int64_t cost = chain->now.sum;
    for (int i = 0; i < set->size; i++)
        cost -= set->cost[i];
    for (int i = 0; i < set->size; i++) {
        const int t = set->trains[i];
        const struct tn_timetable_train wish = pick_wish(chain->task, t, chance);
        if (!plan(chain, t, &wish, limit - cost)) {
            chain->now.cost[t] = MISSING;
            if (cost + MISSING > limit) {
                restore(set, chain);
                return false;
            }
        }
        cost += chain->now.cost[t];
    }
    chain->now.sum = cost;
    return true;
}

static void iterate(struct chain *chain, uint64_t iteration, double warmth)
{
    struct tn_chance chance;
    tn_chance_init(&chance, chain->task->limits->seed, chain->index, iteration,
                   purpose_of(chain->task, PURPOSE_SEARCH));
    struct set set;
    gather(&set, chain, &chance);
    shuffle(set.trains, set.size, &chance);
    const int64_t limit = chain->now.sum + (int64_t)(-log(tn_chance_unit(&chance)) * warmth);
    save(&set, chain);
    if (replan(chain, &set, limit, &chance) && chain->now.sum < chain->best.sum)
        state_copy(&chain->best, &chain->now, chain->task);
}

/* --- the first placing --- */

struct rank {
    double key;
    int train;
};

static int by_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->key < y->key || x->key > y->key)
        return x->key < y->key ? -1 : 1;
    return (x->train > y->train) - (x->train < y->train);
}

/* Guesses go to the chains in turn, but for the second one, which does without. */
static const struct tn_train_path *start_of(const struct tn_timetable_task *task, uint32_t chain)
{
    if (task->start || task->guess_count == 0)
        return task->start;
    return chain == 1 ? NULL : task->guesses[(chain > 1 ? chain - 1 : 0) % (uint32_t)task->guess_count];
}

/* The trains one after the other: what there is of a start, then by priority. The first two chains take them by their
   wishes, the others shuffle. */
static tn_status construct(struct chain *chain)
{
    const struct tn_timetable_task *task = chain->task;
    struct rank *order = tn_arena_alloc(&chain->arena, (size_t)task->count + 1, sizeof *order);
    if (order == NULL)
        return TN_ERR_MEMORY;
    struct tn_chance chance;
    tn_chance_init(&chance, task->limits->seed, chain->index, 0, purpose_of(task, PURPOSE_ORDER));
    const struct tn_train_path *start = start_of(task, chain->index);
    for (int t = 0; t < task->count; t++) {
        const double noise = chain->index > 1 ? tn_chance_unit(&chance) : (double)task->trains[t].near_ms / (double)DAY;
        order[t] = (struct rank){-class_of(task, t)->spec->priority + 0.999 * fmin(noise, 1), t};
    }
    qsort(order, (size_t)task->count, sizeof *order, by_rank);
    for (int i = 0; start && i < task->count; i++) {
        const struct tn_train_path *path = &start[i];
        if (path->count == 0 || !tn_timetable_goes(&chain->board, &chain->planner.spans, path))
            continue;
        memcpy(timings_of(&chain->now, i), path->timings, (size_t)path->count * sizeof *path->timings);
        chain->now.paths[i].count = path->count;
        chain->now.cost[i] = path_cost(task, i, path);
        tn_timetable_place(&chain->board, i, &chain->now.paths[i]);
    }
    chain->now.sum = 0;
    for (int i = 0; i < task->count; i++) {
        const int t = order[i].train;
        if (chain->now.paths[t].count == 0)
            plan(chain, t, &task->trains[t], MISSING);
        chain->now.sum += chain->now.cost[t];
    }
    state_copy(&chain->best, &chain->now, task);
    return TN_OK;
}

static tn_status chain_init(struct chain *chain, uint32_t index, const struct tn_timetable_task *task, int days)
{
    *chain = (struct chain){.task = task, .index = index};
    tn_status status =
        tn_timetable_board_init(&chain->board, task->network, task->count, task->limits->cyclic, days, &chain->arena);
    if (status == TN_OK)
        status = tn_timetable_planner_init(&chain->planner, &chain->board, &chain->arena);
    if (status == TN_OK)
        status = state_init(&chain->now, task, &chain->arena);
    if (status == TN_OK)
        status = state_init(&chain->best, task, &chain->arena);
    for (int t = 0; t < task->count; t++)
        chain->longest = way_count(class_of(task, t)) > chain->longest ? way_count(class_of(task, t)) : chain->longest;
    chain->saved = tn_arena_alloc(&chain->arena, SET_MAX * (size_t)chain->longest + 1, sizeof *chain->saved);
    chain->failures = tn_arena_alloc(&chain->arena, (size_t)task->network->section_count + 1, sizeof *chain->failures);
    return status == TN_OK && (chain->saved == NULL || chain->failures == NULL) ? TN_ERR_MEMORY : status;
}

static void chain_free(struct chain *chain)
{
    tn_timetable_planner_free(&chain->planner);
    tn_timetable_board_free(&chain->board);
    tn_arena_clear(&chain->arena);
}

static bool chain_failed(const struct chain *chain)
{
    return chain->board.failed || chain->planner.failed;
}

/* --- all chains --- */

struct search {
    const struct tn_timetable_task *task;
    struct chain chains[CHAINS];
    int threads;
    int64_t iterations; /* of each chain */
    bool late;
};

double tn_timetable_clock(void)
{
    return omp_get_wtime();
}

static int best_of(const struct search *search)
{
    int best = 0;
    for (int i = 1; i < CHAINS; i++)
        if (search->chains[i].best.sum < search->chains[best].best.sum)
            best = i;
    return best;
}

/* The poorest chain goes on from the best solution. */
static void share(struct search *search)
{
    const int best = best_of(search);
    int worst = 0;
    for (int i = 1; i < CHAINS; i++)
        if (search->chains[i].now.sum > search->chains[worst].now.sum)
            worst = i;
    if (search->chains[worst].now.sum > search->chains[best].best.sum)
        take_over(&search->chains[worst], &search->chains[best].best);
}

static bool finished(const struct search *search)
{
    const int64_t best = search->chains[best_of(search)].best.sum;
    return best <= 0 || (search->task->place_only && best < MISSING);
}

static tn_status improve(struct search *search)
{
    const int64_t most = (search->task->iterations + CHAINS - 1) / CHAINS;
    int shared = 0;
    while (search->iterations < most && !finished(search)) {
        if (tn_timetable_clock() > search->task->limits->until_s) {
            search->late = true;
            return TN_OK;
        }
        const double done = (double)search->iterations / (double)most;
        const int64_t best = search->chains[best_of(search)].best.sum % MISSING;
        const double warmth =
            done > 0.9 ? 0 : WARMTH * pow(0.01, done) * (double)best / (double)search->task->count * 10;
        const int64_t round = most - search->iterations < ROUND ? most - search->iterations : ROUND;
#pragma omp parallel for num_threads(search->threads) schedule(dynamic, 1)
        for (int i = 0; i < CHAINS; i++)
            for (int64_t k = 0; k < round; k++)
                iterate(&search->chains[i], (uint64_t)(search->iterations + k + 1), warmth);
        search->iterations += round;
        tn_context_progress(search->task->ctx, (size_t)search->iterations, (size_t)most, search->task->what);
        for (int i = 0; i < CHAINS; i++)
            if (chain_failed(&search->chains[i]))
                return TN_ERR_MEMORY;
        if (done * 20 > shared + 1) {
            share(search);
            shared++;
        }
    }
    return TN_OK;
}

static tn_status conclude(struct tn_timetable_outcome *out, const struct search *search, struct tn_arena *arena)
{
    const struct tn_timetable_task *task = search->task;
    const struct chain *best = &search->chains[best_of(search)];
    struct state state;
    tn_status status = state_init(&state, task, arena);
    out->failures = tn_arena_alloc(arena, (size_t)task->network->section_count + 1, sizeof *out->failures);
    if (status != TN_OK || out->failures == NULL)
        return TN_ERR_MEMORY;
    state_copy(&state, &best->best, task);
    out->paths = state.paths;
    out->missing = 0;
    for (int t = 0; t < task->count; t++)
        out->missing += state.paths[t].count == 0;
    out->delay_ms = state.sum - out->missing * MISSING;
    out->iterations = search->iterations * CHAINS;
    out->late = search->late;
    for (int i = 0; i < CHAINS; i++)
        for (int k = 0; k < task->network->section_count; k++)
            out->failures[k] += search->chains[i].failures[k];
    return TN_OK;
}

tn_status tn_timetable_search(struct tn_timetable_outcome *out, const struct tn_timetable_task *task,
                              struct tn_arena *arena)
{
    struct search search = {.task = task,
                            .threads = task->limits->threads > 0 ? task->limits->threads : omp_get_max_threads()};
    tn_status status = TN_OK;
    *out = (struct tn_timetable_outcome){0};
    for (int i = 0; status == TN_OK && i < CHAINS; i++)
        status = chain_init(&search.chains[i], (uint32_t)i, task, tn_timetable_days(task->network));
    if (status != TN_OK)
        goto out;
    tn_status built[CHAINS];
#pragma omp parallel for num_threads(search.threads) schedule(dynamic, 1)
    for (int i = 0; i < CHAINS; i++)
        built[i] = construct(&search.chains[i]);
    for (int i = 0; i < CHAINS; i++)
        if (built[i] != TN_OK || chain_failed(&search.chains[i]))
            status = TN_ERR_MEMORY;
    if (status == TN_OK)
        status = improve(&search);
    if (status == TN_OK)
        status = conclude(out, &search, arena);
out:
    for (int i = 0; i < CHAINS; i++)
        chain_free(&search.chains[i]);
    return status;
}
