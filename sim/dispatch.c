/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatch.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "dispatch_plan.h"
#include "dispatch_search.h"

enum {
    CHAINS = 4,      /* searches side by side, whatever the number of threads up to that */
    CHAINS_MAX = 64, /* more threads than that have nothing to do */
    ROUND = 256,     /* iterations of a chain between two looks at the clock */
    SET_MAX = 10,    /* trains planned anew at once */
    WALK_MAX = 40,   /* steps in which these are gathered */
    LATE_OF_8 = 5,   /* plans whose waiting moves towards the entry: trains outside are in nobody's way */
    SEARCH_STATES = 100000,
    PROGRESS_STEPS = 20 /* how often poor chains take over from good ones */
};
#define TEMPERATURE 0.01               /* at the start, as a part of what the best costs above the bound */
#define MISSING     ((int64_t)1 << 48) /* the cost of a train that is not placed */

enum purpose { PURPOSE_ORDER, PURPOSE_SEARCH };

struct chain {
    struct tn_plan_board board, best;
    int64_t cost, best_cost;
    uint32_t index;
    struct tn_plan_step *saved; /* SET_MAX rows of the longest train */
    struct tn_arena arena;
};

/* The trains that an iteration takes off and plans anew. */
struct set {
    int trains[SET_MAX], keep[SET_MAX], count[SET_MAX];
    int64_t cost[SET_MAX];
    int size;
};

static int64_t cost_of(const struct tn_plan_board *board, int train)
{
    return board->step_count[train] ? board->cost[train] : MISSING;
}

static bool in_set(const struct set *set, int train)
{
    for (int i = 0; i < set->size; i++)
        if (set->trains[i] == train)
            return true;
    return false;
}

/* A train that is late, the later the likelier; or any. */
static int pick_late(const struct tn_plan_board *board, struct tn_chance *chance)
{
    const struct tn_plan_model *model = board->model;
    const int trains = model->problem->train_count;
    int64_t sum = 0;
    for (int t = 0; t < trains; t++)
        sum += cost_of(board, t) - model->bound[t];
    if (sum <= 0 || tn_chance_int(chance, 8) == 0)
        return tn_chance_int(chance, trains);
    int64_t at = (int64_t)(tn_chance_unit(chance) * (double)sum);
    for (int t = 0; t < trains; t++) {
        at -= cost_of(board, t) - model->bound[t];
        if (at < 0)
            return t;
    }
    return trains - 1;
}

static const struct tn_plan_op *op_at(const struct tn_plan_board *board, int train, int step)
{
    const int base = board->model->base[train];
    return &board->model->ops[base + board->steps[base + step].op];
}

/* A step at which the train waits for a resource, by some tries; or any step. */
static int pick_step(const struct tn_plan_board *board, int train, struct tn_chance *chance)
{
    const struct tn_plan_step *steps = board->steps + board->model->base[train];
    const int count = board->step_count[train], first = tn_chance_int(chance, count);
    if (tn_chance_int(chance, 3) == 0)
        return first;
    for (int i = 0; i < count; i++) {
        const int step = first + i < count ? first + i : first + i - count;
        if (step == 0)
            continue;
        const int64_t ready = steps[step - 1].time + op_at(board, train, step - 1)->duration;
        const int64_t lb = op_at(board, train, step)->lb;
        if (steps[step].time > (ready > lb ? ready : lb))
            return step;
    }
    return first;
}

/* Who had the resource before the time, or has it after; -1: nobody. */
static int neighbour(const struct tn_plan_holds *holds, int64_t time, int train, bool later)
{
    int i = 0;
    while (i < holds->count && holds->items[i].from < time)
        i++;
    for (i -= later ? 0 : 1; i >= 0 && i < holds->count; i += later ? 1 : -1)
        if (holds->items[i].train != train)
            return holds->items[i].train;
    return -1;
}

/* Somebody whom the train meets. */
static int pick_neighbour(const struct tn_plan_board *board, int train, struct tn_chance *chance)
{
    const struct tn_plan_model *model = board->model;
    const struct tn_plan_op *op;
    int64_t time;
    if (board->step_count[train]) {
        const int step = pick_step(board, train, chance);
        op = op_at(board, train, step);
        time = board->steps[model->base[train] + step].time;
    } else {
        op = &model->ops[model->base[train] + tn_chance_int(chance, model->problem->trains[train].op_count)];
        time = op->lb;
    }
    if (!op->op->use_count)
        return -1;
    const int resource = op->op->uses[tn_chance_int(chance, op->op->use_count)].resource;
    return neighbour(&board->holds[resource], time, train, tn_chance_int(chance, 3) == 0);
}

/* A late train and some that it meets, or that these meet. */
static void gather(struct set *set, const struct tn_plan_board *board, struct tn_chance *chance)
{
    const int trains = board->model->problem->train_count;
    static const int sizes[] = {1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, SET_MAX};
    int want = sizes[tn_chance_int(chance, (int)(sizeof sizes / sizeof *sizes))];
    want = want < trains ? want : trains;
    int at = pick_late(board, chance);
    set->trains[0] = at;
    set->size = 1;
    for (int i = 0; i < WALK_MAX && set->size < want; i++) {
        const int next = tn_chance_int(chance, 12) ? pick_neighbour(board, at, chance) : tn_chance_int(chance, trains);
        if (next >= 0 && !in_set(set, next))
            set->trains[set->size++] = next;
        at = next >= 0 && tn_chance_int(chance, 2) ? next : set->trains[tn_chance_int(chance, set->size)];
    }
}

/* From which step on each is planned anew: all, or what comes after some time. */
static void cut(struct set *set, const struct tn_plan_board *board, bool whole, struct tn_chance *chance)
{
    const int lead = set->trains[0];
    int64_t time = -1;
    if (!whole && board->step_count[lead] && tn_chance_int(chance, 2))
        time = board->steps[board->model->base[lead] + pick_step(board, lead, chance)].time;
    int size = 0;
    for (int i = 0; i < set->size; i++) {
        const int train = set->trains[i], count = board->step_count[train];
        const struct tn_plan_step *steps = board->steps + board->model->base[train];
        int keep = 0;
        while (time >= 0 && keep < count && steps[keep].time < time)
            keep++;
        if (time >= 0 && keep == count)
            continue; /* all of it is before */
        set->trains[size] = train;
        set->keep[size++] = keep > 0 ? keep - 1 : 0;
    }
    set->size = size;
}

static void shuffle(int *items, int *beside, int count, struct tn_chance *chance)
{
    for (int i = count - 1; i > 0; i--) {
        const int k = tn_chance_int(chance, i + 1), item = items[i];
        items[i] = items[k];
        items[k] = item;
        if (beside) {
            const int other = beside[i];
            beside[i] = beside[k];
            beside[k] = other;
        }
    }
}

static void save(struct set *set, struct chain *chain)
{
    const struct tn_plan_model *model = chain->board.model;
    for (int i = 0; i < set->size; i++) {
        const int t = set->trains[i];
        set->count[i] = chain->board.step_count[t];
        set->cost[i] = cost_of(&chain->board, t);
        memcpy(chain->saved + (size_t)i * (size_t)model->longest, chain->board.steps + model->base[t],
               (size_t)set->count[i] * sizeof *chain->saved);
        tn_plan_lift(&chain->board, t, set->keep[i]);
    }
}

/* Puts back what was; the first `planned` are on the board as planned. */
static void restore(const struct set *set, struct chain *chain, int planned)
{
    const struct tn_plan_model *model = chain->board.model;
    for (int i = 0; i < planned; i++)
        tn_plan_lift(&chain->board, set->trains[i], set->keep[i]);
    for (int i = 0; i < set->size; i++) {
        const int t = set->trains[i];
        memcpy(chain->board.steps + model->base[t], chain->saved + (size_t)i * (size_t)model->longest,
               (size_t)set->count[i] * sizeof *chain->saved);
        chain->board.step_count[t] = set->count[i];
        chain->board.cost[t] = set->cost[i];
        tn_plan_place(&chain->board, t, set->keep[i]);
    }
}

/* Plans the set in its order; false if that would cost more than limit, and then nothing has changed. */
static bool replan(struct chain *chain, struct set *set, int64_t limit, struct tn_chance *chance)
{
    struct tn_plan_board *board = &chain->board;
    int64_t cost = chain->cost;
    for (int i = 0; i < set->size; i++)
        cost += board->model->bound[set->trains[i]] - set->cost[i];
    for (int i = 0; i < set->size; i++) {
        const int t = set->trains[i];
        cost -= board->model->bound[t];
        if (tn_plan_train(board, t, set->keep[i], tn_chance_int(chance, 8) < LATE_OF_8, limit - cost)) {
            tn_plan_place(board, t, set->keep[i]);
        } else if (set->keep[i] == 0 && cost + MISSING <= limit) {
            board->step_count[t] = 0;
        } else {
            restore(set, chain, i);
            return false;
        }
        cost += cost_of(board, t);
    }
    chain->cost = cost;
    return true;
}

static void iterate(struct chain *chain, uint64_t iteration, uint32_t seed, double temperature)
{
    struct tn_chance chance;
    tn_chance_init(&chance, seed, chain->index, iteration, PURPOSE_SEARCH);
    struct set set;
    gather(&set, &chain->board, &chance);
    cut(&set, &chain->board, chain->cost >= MISSING, &chance);
    if (!set.size)
        return;
    shuffle(set.trains, set.keep, set.size, &chance);
    const int64_t limit = chain->cost + (int64_t)(-log(tn_chance_unit(&chance)) * temperature);
    save(&set, chain);
    if (replan(chain, &set, limit, &chance) && chain->cost < chain->best_cost) {
        chain->best_cost = chain->cost;
        tn_plan_board_copy(&chain->best, &chain->board);
    }
}

struct first {
    int64_t time;
    int train;
};

static int by_time(const void *a, const void *b)
{
    const struct first *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->train > y->train) - (x->train < y->train);
}

/* The trains one after the other, first those that stand on the line from the beginning, then as they enter; each chain
   but the first shuffles neighbours. */
static tn_status construct(struct chain *chain, uint32_t seed)
{
    const struct tn_plan_model *model = chain->board.model;
    const int trains = model->problem->train_count;
    struct first *order = tn_arena_alloc(&chain->arena, (size_t)trains + 1, sizeof *order);
    if (!order)
        return TN_ERR_MEMORY;
    struct tn_chance chance;
    tn_chance_init(&chance, seed, chain->index, 0, PURPOSE_ORDER);
    const int64_t spread = chain->index ? (int64_t)1800 << TN_PLAN_TICKS : 0;
    for (int t = 0; t < trains; t++) {
        const struct tn_plan_op *ops = model->ops + model->base[t];
        const int second = model->problem->trains[t].op_count > 1 ? 1 : 0;
        const bool stands = ops->op->use_count && ops->ub < TN_PLAN_LATEST;
        order[t] =
            (struct first){stands ? -1 : ops[second].lb + (int64_t)(tn_chance_unit(&chance) * (double)spread), t};
    }
    qsort(order, (size_t)trains, sizeof *order, by_time);
    chain->cost = 0;
    for (int i = 0; i < trains; i++) {
        const int t = order[i].train;
        if (tn_plan_train(&chain->board, t, 0, false, INT64_MAX))
            tn_plan_place(&chain->board, t, 0);
        chain->cost += cost_of(&chain->board, t);
    }
    chain->best_cost = chain->cost;
    tn_plan_board_copy(&chain->best, &chain->board);
    return TN_OK;
}

static tn_status chain_init(struct chain *chain, uint32_t index, const struct tn_plan_model *model)
{
    *chain = (struct chain){.index = index};
    tn_status status = tn_plan_board_init(&chain->board, model, &chain->arena);
    if (status == TN_OK)
        status = tn_plan_board_init(&chain->best, model, &chain->arena);
    chain->saved = tn_arena_alloc(&chain->arena, SET_MAX * (size_t)model->longest, sizeof *chain->saved);
    return chain->saved ? status : TN_ERR_MEMORY;
}

static void chain_free(struct chain *chain)
{
    if (chain->board.model)
        tn_plan_board_free(&chain->board);
    if (chain->best.model)
        tn_plan_board_free(&chain->best);
    tn_arena_clear(&chain->arena);
}

struct search {
    const struct tn_plan_model *model;
    const struct tn_dispatch_limits *limits;
    struct chain *chains;
    int count, threads;
    int64_t iterations; /* of each chain */
};

static int best_of(const struct search *search)
{
    int best = 0;
    for (int i = 1; i < search->count; i++)
        if (search->chains[i].best_cost < search->chains[best].best_cost)
            best = i;
    return best;
}

/* The poorest chain goes on from the best solution. */
static void share(struct search *search)
{
    const int best = best_of(search);
    int worst = best;
    for (int i = 0; i < search->count; i++)
        if (search->chains[i].cost > search->chains[worst].cost)
            worst = i;
    if (worst == best || search->chains[worst].cost <= search->chains[best].best_cost)
        return;
    tn_plan_board_copy(&search->chains[worst].board, &search->chains[best].best);
    search->chains[worst].cost = search->chains[best].best_cost;
}

static double part_done(const struct search *search, int64_t most)
{
    const struct tn_dispatch_limits *limits = search->limits;
    double done = limits->clock ? limits->clock(limits->payload) : 0;
    if (most) {
        const double part = (double)search->iterations / (double)most;
        done = part > done ? part : done;
    }
    return done;
}

static bool any_failed(const struct search *search)
{
    for (int i = 0; i < search->count; i++)
        if (search->chains[i].board.failed || search->chains[i].best.failed)
            return true;
    return false;
}

/* Annealing: worse solutions are taken less and less. */
static tn_status improve(struct search *search)
{
    const struct tn_dispatch_limits *limits = search->limits;
    const int64_t most = (limits->iterations + search->count - 1) / search->count;
    int shared = 0;
    for (double done = part_done(search, most); done < 1; done = part_done(search, most)) {
        const int64_t best = search->chains[best_of(search)].best_cost;
        if (best == search->model->bound_sum)
            return TN_OK;
        if (limits->progress && !limits->progress(done, best < MISSING ? best : -1, limits->payload))
            return TN_ERR_STOPPED;
        const double scale = best < MISSING ? (double)(best - search->model->bound_sum) : 0;
        const double temperature = TEMPERATURE * scale * pow(0.01, done) * (done < 0.95);
        int64_t round = most && most - search->iterations < ROUND ? most - search->iterations : ROUND;
#pragma omp parallel for num_threads(search->threads) schedule(dynamic, 1)
        for (int i = 0; i < search->count; i++)
            for (int64_t k = 0; k < round; k++)
                iterate(&search->chains[i], (uint64_t)(search->iterations + k + 1), limits->seed, temperature);
        search->iterations += round;
        if (any_failed(search))
            return TN_ERR_MEMORY;
        if (done * PROGRESS_STEPS > shared + 1) {
            share(search);
            shared++;
        }
    }
    return TN_OK;
}

/* Where planning train by train leaves some out, orders of events are tried one by one. */
static enum tn_search_end rescue(struct search *search)
{
    struct chain *chain = &search->chains[0];
    struct tn_plan_board *board = &chain->board;
    for (int t = 0; t < search->model->problem->train_count; t++) {
        tn_plan_lift(board, t, 0);
        board->step_count[t] = 0;
    }
    const enum tn_search_end end = tn_search_feasible(board, SEARCH_STATES);
    if (end != TN_SEARCH_FOUND) {
        tn_plan_board_copy(board, &chain->best);
        return end;
    }
    chain->cost = 0;
    for (int t = 0; t < search->model->problem->train_count; t++)
        chain->cost += board->cost[t];
    chain->best_cost = chain->cost;
    tn_plan_board_copy(&chain->best, board);
    return end;
}

static tn_status conclude(struct tn_dispatch_result *out, const struct search *search, struct tn_arena *arena)
{
    const struct chain *best = &search->chains[best_of(search)];
    out->bound = search->model->bound_sum;
    out->iterations = search->iterations * search->count;
    if (best->best_cost >= MISSING) {
        out->end = TN_DISPATCH_UNSOLVED;
        out->reason = "no way was found to bring all trains to their exits; there may be one";
        return TN_OK;
    }
    struct tn_context judged = {0};
    tn_status status = tn_plan_events(&out->solution, &best->best, arena);
    if (status == TN_OK && (tn_dispatch_verify(search->model->problem, &out->solution, &judged) != TN_OK ||
                            out->solution.objective != best->best_cost))
        status = TN_ERR_INTERNAL;
    tn_context_clear(&judged);
    out->end = best->best_cost == out->bound ? TN_DISPATCH_OPTIMAL : TN_DISPATCH_SOLVED;
    return status;
}

static tn_status search_all(struct tn_dispatch_result *out, struct search *search, struct tn_arena *arena)
{
    tn_status status = TN_OK;
    for (int i = 0; i < search->count && status == TN_OK; i++) {
        status = chain_init(&search->chains[i], (uint32_t)i, search->model);
        if (status == TN_OK)
            status = construct(&search->chains[i], search->limits->seed);
    }
    if (status == TN_OK && search->chains[best_of(search)].best_cost >= MISSING && rescue(search) == TN_SEARCH_NONE) {
        *out = (struct tn_dispatch_result){.end = TN_DISPATCH_NONE,
                                           .reason = "there is no solution: every order of the trains ends in a "
                                                     "deadlock, or after a latest start"};
        return TN_OK;
    }
    if (status == TN_OK)
        status = improve(search);
    if (status != TN_OK && status != TN_ERR_STOPPED)
        return status;
    const tn_status concluded = conclude(out, search, arena);
    return concluded != TN_OK ? concluded : status;
}

tn_status tn_dispatch_solve(struct tn_dispatch_result *out, const struct tn_dispatch_problem *problem,
                            const struct tn_dispatch_limits *limits, struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_plan_model model;
    struct tn_arena scratch = {0};
    *out = (struct tn_dispatch_result){0};
    tn_status status = tn_dispatch_check(problem, ctx);
    if (status == TN_OK)
        status = tn_plan_model_init(&model, problem, &scratch);
    if (status != TN_OK)
        goto out;
    if (!model.possible) {
        out->end = TN_DISPATCH_NONE;
        out->reason = tn_arena_printf(arena, "there is no solution: train %d cannot keep its latest starts, even alone",
                                      model.impossible_train);
        goto out;
    }
    struct search search = {.model = &model, .limits = limits, .threads = limits->threads};
    if (search.threads <= 0)
        search.threads = omp_get_num_procs();
    search.count = !limits->clock || search.threads < CHAINS ? CHAINS : search.threads;
    search.count = search.count < CHAINS_MAX ? search.count : CHAINS_MAX;
    search.chains = tn_arena_alloc(&scratch, (size_t)search.count, sizeof *search.chains);
    status = search.chains ? search_all(out, &search, arena) : TN_ERR_MEMORY;
    for (int i = 0; search.chains && i < search.count; i++)
        chain_free(&search.chains[i]);
out:
    tn_arena_clear(&scratch);
    return status;
}
