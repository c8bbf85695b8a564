/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatch_plan.h"

#include <stdlib.h>
#include <string.h>

static int64_t ticks(int64_t time)
{
    return time << TN_PLAN_TICKS;
}

static int64_t units(int64_t time)
{
    return time >> TN_PLAN_TICKS;
}

static int by_place(const void *a, const void *b)
{
    const struct tn_dispatch_delay *x = a, *y = b;
    if (x->train != y->train)
        return x->train < y->train ? -1 : 1;
    return (x->op > y->op) - (x->op < y->op);
}

static int64_t delay_cost(const struct tn_dispatch_delay *delay, int64_t start)
{
    const int64_t late = units(start) - delay->threshold;
    return late < 0 ? 0 : delay->coeff * late + delay->increment;
}

static int64_t op_cost(const struct tn_plan_model *model, const struct tn_plan_op *op, int64_t start)
{
    int64_t cost = 0;
    for (int i = op->delay_first; i < op->delay_end; i++)
        cost += delay_cost(&model->delays[i], start);
    return cost;
}

static void set_tails(struct tn_plan_op *ops, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        const struct tn_dispatch_op *op = ops[i].op;
        int64_t tail = op->successor_count ? TN_PLAN_LATEST : 0;
        for (int k = 0; k < op->successor_count; k++) {
            const int64_t rest = ops[op->successors[k]].tail;
            tail = rest < tail ? rest : tail;
        }
        ops[i].tail = op->successor_count ? tail + ops[i].duration : 0;
    }
}

/* What the train pays on its cheapest way, each operation at its earliest: nothing that it does costs less. -1: it
   cannot keep its latest starts. earliest and least have room for its operations. */
static int64_t lone_cost(const struct tn_plan_model *model, int train, int64_t *earliest, int64_t *least)
{
    const struct tn_plan_op *ops = model->ops + model->base[train];
    const int count = model->problem->trains[train].op_count;
    for (int i = 0; i < count; i++)
        earliest[i] = least[i] = i ? INT64_MAX : 0;
    for (int i = 0; i < count; i++) {
        if (earliest[i] == INT64_MAX)
            continue;
        earliest[i] = ops[i].lb > earliest[i] ? ops[i].lb : earliest[i];
        if (earliest[i] > ops[i].ub) {
            earliest[i] = INT64_MAX;
            continue;
        }
        least[i] += op_cost(model, &ops[i], earliest[i]);
        for (int k = 0; k < ops[i].op->successor_count; k++) {
            const int next = ops[i].op->successors[k];
            const int64_t ready = earliest[i] + ops[i].duration;
            earliest[next] = ready < earliest[next] ? ready : earliest[next];
            least[next] = least[i] < least[next] ? least[i] : least[next];
        }
    }
    return earliest[count - 1] == INT64_MAX ? -1 : least[count - 1];
}

static tn_status set_bounds(struct tn_plan_model *model, int64_t *bound, struct tn_arena *arena)
{
    int64_t *earliest = tn_arena_alloc(arena, (size_t)model->longest, sizeof *earliest);
    int64_t *least = tn_arena_alloc(arena, (size_t)model->longest, sizeof *least);
    if (!earliest || !least)
        return TN_ERR_MEMORY;
    model->possible = true;
    for (int t = 0; t < model->problem->train_count && model->possible; t++) {
        bound[t] = lone_cost(model, t, earliest, least);
        model->bound_sum += bound[t];
        if (bound[t] < 0) {
            model->possible = false;
            model->impossible_train = t;
        }
    }
    return TN_OK;
}

tn_status tn_plan_model_init(struct tn_plan_model *out, const struct tn_dispatch_problem *problem,
                             struct tn_arena *arena)
{
    int total = 0, longest = 1;
    for (int t = 0; t < problem->train_count; t++) {
        total += problem->trains[t].op_count;
        longest = problem->trains[t].op_count > longest ? problem->trains[t].op_count : longest;
    }
    const size_t trains = (size_t)problem->train_count, delays = (size_t)problem->delay_count;
    int *base = tn_arena_alloc(arena, trains + 1, sizeof *base);
    struct tn_plan_op *ops = tn_arena_alloc(arena, (size_t)total + 1, sizeof *ops);
    struct tn_dispatch_delay *sorted = tn_arena_alloc(arena, delays + 1, sizeof *sorted);
    int64_t *bound = tn_arena_alloc(arena, trains + 1, sizeof *bound);
    if (!base || !ops || !sorted || !bound)
        return TN_ERR_MEMORY;
    if (delays) {
        memcpy(sorted, problem->delays, delays * sizeof *sorted);
        qsort(sorted, delays, sizeof *sorted, by_place);
    }
    int at = 0;
    for (int t = 0; t < problem->train_count; t++) {
        const struct tn_dispatch_train *train = &problem->trains[t];
        base[t + 1] = base[t] + train->op_count;
        for (int i = 0; i < train->op_count; i++) {
            const struct tn_dispatch_op *op = &train->ops[i];
            const int first = at;
            while (at < problem->delay_count && sorted[at].train == t && sorted[at].op == i)
                at++;
            ops[base[t] + i] = (struct tn_plan_op){
                .duration = ticks(op->min_duration),
                .lb = ticks(op->start_lb),
                .ub = op->start_ub == TN_DISPATCH_NEVER ? TN_PLAN_LATEST : ticks(op->start_ub + 1) - 1,
                .op = op,
                .delay_first = first,
                .delay_end = at};
        }
        set_tails(ops + base[t], train->op_count);
    }
    *out = (struct tn_plan_model){
        .problem = problem, .base = base, .ops = ops, .delays = sorted, .bound = bound, .longest = longest};
    return set_bounds(out, bound, arena);
}

tn_status tn_plan_board_init(struct tn_plan_board *out, const struct tn_plan_model *model, struct tn_arena *arena)
{
    const size_t trains = (size_t)model->problem->train_count;
    *out = (struct tn_plan_board){
        .model = model,
        .holds = tn_arena_alloc(arena, (size_t)model->problem->resource_count + 1, sizeof *out->holds),
        .steps = tn_arena_alloc(arena, (size_t)model->base[trains] + 1, sizeof *out->steps),
        .step_count = tn_arena_alloc(arena, trains + 1, sizeof *out->step_count),
        .cost = tn_arena_alloc(arena, trains + 1, sizeof *out->cost),
        .heads = tn_arena_alloc(arena, (size_t)model->longest + 1, sizeof *out->heads)};
    return out->holds && out->steps && out->step_count && out->cost && out->heads ? TN_OK : TN_ERR_MEMORY;
}

void tn_plan_board_free(struct tn_plan_board *board)
{
    for (int r = 0; board->holds && r < board->model->problem->resource_count; r++)
        free(board->holds[r].items);
    free(board->labels);
    board->labels = NULL;
    board->holds = NULL;
}

static bool reserve(struct tn_plan_holds *holds, int count)
{
    if (count <= holds->allocated)
        return true;
    const int allocated = count < 8 ? 16 : 2 * count;
    struct tn_plan_hold *items = realloc(holds->items, (size_t)allocated * sizeof *items);
    if (!items)
        return false;
    holds->items = items;
    holds->allocated = allocated;
    return true;
}

void tn_plan_board_copy(struct tn_plan_board *to, const struct tn_plan_board *from)
{
    const size_t trains = (size_t)from->model->problem->train_count;
    memcpy(to->steps, from->steps, (size_t)from->model->base[trains] * sizeof *to->steps);
    memcpy(to->step_count, from->step_count, trains * sizeof *to->step_count);
    memcpy(to->cost, from->cost, trains * sizeof *to->cost);
    for (int r = 0; r < from->model->problem->resource_count; r++) {
        const struct tn_plan_holds *source = &from->holds[r];
        if (!reserve(&to->holds[r], source->count)) {
            to->failed = true;
            return;
        }
        if (source->count)
            memcpy(to->holds[r].items, source->items, (size_t)source->count * sizeof *source->items);
        to->holds[r].count = source->count;
    }
}

/* The first hold that begins after the time. */
static int after(const struct tn_plan_holds *holds, int64_t time)
{
    int low = 0, high = holds->count;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (holds->items[middle].from > time)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first time from *start on at which one resource is free for the train, and the latest at which it must be left.
   Only holds of one train overlap each other. */
static void gap(int64_t *start, int64_t *latest, const struct tn_plan_holds *holds, int train, int64_t release)
{
    int i = after(holds, *start);
    for (int k = i - 1, owner = -1; k >= 0; k--) {
        const struct tn_plan_hold *hold = &holds->items[k];
        if (hold->train == train)
            continue;
        if (owner >= 0 && hold->train != owner)
            break;
        owner = hold->train;
        *start = hold->to >= *start ? hold->to + 1 : *start;
    }
    for (; i < holds->count; i++) {
        const struct tn_plan_hold *hold = &holds->items[i];
        if (hold->train == train)
            continue;
        if (hold->from - 1 - release >= *start) {
            *latest = hold->from - 1 - release < *latest ? hold->from - 1 - release : *latest;
            return;
        }
        *start = hold->to >= *start ? hold->to + 1 : *start;
    }
}

/* The same for all resources of an operation. */
static void common_gap(int64_t *start, int64_t *latest, const struct tn_plan_board *board, int train,
                       const struct tn_dispatch_op *op)
{
    for (bool moved = true; moved;) {
        moved = false;
        *latest = TN_PLAN_LATEST;
        for (int k = 0; k < op->use_count && !moved; k++) {
            const int64_t before = *start;
            gap(start, latest, &board->holds[op->uses[k].resource], train, ticks(op->uses[k].release));
            moved = *start > before && op->use_count > 1;
        }
    }
}

static bool is_better(const struct tn_plan_label *a, const struct tn_plan_label *b)
{
    return a->guess != b->guess ? a->guess < b->guess : a->start < b->start;
}

/* Keeps the label if it is the best of its operation and its gap. */
static void keep_label(struct tn_plan_board *board, struct tn_plan_label label)
{
    for (int i = board->heads[label.op]; i >= 0; i = board->labels[i].next) {
        struct tn_plan_label *old = &board->labels[i];
        if (old->latest != label.latest)
            continue;
        if (is_better(&label, old)) {
            label.next = old->next;
            *old = label;
        }
        return;
    }
    if (board->label_count == board->label_allocated) {
        const int allocated = 2 * board->label_allocated + 256;
        struct tn_plan_label *labels = realloc(board->labels, (size_t)allocated * sizeof *labels);
        if (!labels) {
            board->failed = true;
            return;
        }
        board->labels = labels;
        board->label_allocated = allocated;
    }
    label.next = board->heads[label.op];
    board->labels[board->label_count] = label;
    board->heads[label.op] = board->label_count++;
}

/* What the train can still not avoid paying at its exit. */
static int64_t rest_cost(const struct tn_plan_model *model, int train, const struct tn_plan_op *op, int64_t start)
{
    return op->op->successor_count ? op_cost(model, &model->ops[model->base[train + 1] - 1], start + op->tail) : 0;
}

/* All ways to start the operation from `start` on, but not after `last`. */
static void enter(struct tn_plan_board *board, int train, int to, int64_t start, int64_t last, int parent,
                  int64_t limit)
{
    const struct tn_plan_model *model = board->model;
    const struct tn_plan_op *op = &model->ops[model->base[train] + to];
    const int64_t so_far = parent >= 0 ? board->labels[parent].cost : 0;
    last = op->ub < last ? op->ub : last;
    start = op->lb > start ? op->lb : start;
    while (start <= last && !board->failed) {
        int64_t latest;
        common_gap(&start, &latest, board, train, op->op);
        if (start > last)
            return;
        const int64_t cost = so_far + op_cost(model, op, start);
        const int64_t guess = cost + rest_cost(model, train, op, start);
        if (guess > limit)
            return; /* later is not cheaper */
        const bool fits = op->op->successor_count ? latest - op->duration >= start : latest == TN_PLAN_LATEST;
        if (fits)
            keep_label(board, (struct tn_plan_label){start, latest, cost, guess, to, parent, -1});
        if (latest == TN_PLAN_LATEST)
            return;
        start = latest + 1;
    }
}

/* Moves the train's waiting towards its entry where that costs nothing: each step as late as the next allows. */
static void delay_steps(struct tn_plan_board *board, int train, int keep, int best)
{
    const struct tn_plan_model *model = board->model;
    struct tn_plan_step *steps = board->steps + model->base[train];
    int step = board->step_count[train] - 1;
    for (int i = board->labels[best].parent; i >= 0; i = board->labels[i].parent) {
        step--;
        const int before = board->labels[i].parent;
        const struct tn_plan_op *op = &model->ops[model->base[train] + steps[step].op];
        if (before < 0 || step <= keep)
            return;
        int64_t time = steps[step + 1].time - op->duration;
        time = time < board->labels[before].latest ? time : board->labels[before].latest;
        time = time < op->ub ? time : op->ub;
        if (op_cost(model, op, time) == op_cost(model, op, steps[step].time))
            steps[step].time = time;
    }
}

static void take_steps(struct tn_plan_board *board, int train, int keep, int best)
{
    struct tn_plan_step *steps = board->steps + board->model->base[train];
    int count = keep;
    for (int i = best; i >= 0; i = board->labels[i].parent)
        count++;
    board->step_count[train] = count;
    board->cost[train] = board->labels[best].cost;
    for (int i = best; i >= 0; i = board->labels[i].parent)
        steps[--count] = (struct tn_plan_step){board->labels[i].start, board->labels[i].op};
}

/* The kept step as the label to go on from. */
static void seed(struct tn_plan_board *board, int train, int keep)
{
    const struct tn_plan_model *model = board->model;
    const struct tn_plan_step *steps = board->steps + model->base[train];
    struct tn_plan_label label = {.start = steps[keep].time, .op = steps[keep].op, .parent = -1};
    for (int i = 0; i <= keep; i++)
        label.cost += op_cost(model, &model->ops[model->base[train] + steps[i].op], steps[i].time);
    common_gap(&label.start, &label.latest, board, train, model->ops[model->base[train] + label.op].op);
    if (label.start == steps[keep].time)
        keep_label(board, label);
}

bool tn_plan_train(struct tn_plan_board *board, int train, int keep, bool late, int64_t limit)
{
    const struct tn_plan_model *model = board->model;
    const int count = model->problem->trains[train].op_count;
    const struct tn_plan_op *ops = model->ops + model->base[train];
    for (int i = 0; i < count; i++)
        board->heads[i] = -1;
    board->label_count = 0;
    if (keep > 0)
        seed(board, train, keep);
    else
        enter(board, train, 0, 0, TN_PLAN_LATEST, -1, limit);
    for (int i = keep > 0 ? board->steps[model->base[train] + keep].op : 0; i < count - 1; i++)
        for (int k = board->heads[i]; k >= 0; k = board->labels[k].next) {
            const int64_t ready = board->labels[k].start + ops[i].duration, latest = board->labels[k].latest;
            for (int s = 0; s < ops[i].op->successor_count; s++)
                enter(board, train, ops[i].op->successors[s], ready, latest, k, limit);
        }
    int best = -1;
    for (int k = board->heads[count - 1]; k >= 0; k = board->labels[k].next)
        if (best < 0 || is_better(&board->labels[k], &board->labels[best]))
            best = k;
    if (best < 0 || board->failed)
        return false;
    take_steps(board, train, keep, best);
    if (late)
        delay_steps(board, train, keep, best);
    return true;
}

static void add_hold(struct tn_plan_board *board, int resource, struct tn_plan_hold hold)
{
    struct tn_plan_holds *holds = &board->holds[resource];
    if (!reserve(holds, holds->count + 1)) {
        board->failed = true;
        return;
    }
    const int at = after(holds, hold.from);
    memmove(holds->items + at + 1, holds->items + at, (size_t)(holds->count - at) * sizeof hold);
    holds->items[at] = hold;
    holds->count++;
}

static void drop_hold(struct tn_plan_board *board, int resource, int train, int64_t from)
{
    struct tn_plan_holds *holds = &board->holds[resource];
    for (int at = after(holds, from) - 1; at >= 0 && holds->items[at].from == from; at--)
        if (holds->items[at].train == train) {
            holds->count--;
            memmove(holds->items + at, holds->items + at + 1, (size_t)(holds->count - at) * sizeof *holds->items);
            return;
        }
}

void tn_plan_place(struct tn_plan_board *board, int train, int first)
{
    const int base = board->model->base[train], count = board->step_count[train];
    const struct tn_plan_step *steps = board->steps + base;
    for (int i = first; i < count; i++) {
        const struct tn_dispatch_op *op = board->model->ops[base + steps[i].op].op;
        for (int k = 0; k < op->use_count; k++) {
            const int64_t to = i + 1 < count ? steps[i + 1].time + ticks(op->uses[k].release) : TN_PLAN_LATEST;
            add_hold(board, op->uses[k].resource, (struct tn_plan_hold){steps[i].time, to, train});
        }
    }
}

void tn_plan_lift(struct tn_plan_board *board, int train, int first)
{
    const int base = board->model->base[train];
    const struct tn_plan_step *steps = board->steps + base;
    for (int i = first; i < board->step_count[train]; i++) {
        const struct tn_dispatch_op *op = board->model->ops[base + steps[i].op].op;
        for (int k = 0; k < op->use_count; k++)
            drop_hold(board, op->uses[k].resource, train, steps[i].time);
    }
}

int64_t tn_plan_cost(const struct tn_plan_board *board, int train)
{
    const int base = board->model->base[train];
    int64_t cost = 0;
    for (int i = 0; i < board->step_count[train]; i++)
        cost +=
            op_cost(board->model, &board->model->ops[base + board->steps[base + i].op], board->steps[base + i].time);
    return cost;
}

struct entry {
    int64_t time;
    int train, step;
};

static int by_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->train != y->train)
        return x->train < y->train ? -1 : 1;
    return (x->step > y->step) - (x->step < y->step);
}

tn_status tn_plan_events(struct tn_dispatch_solution *out, const struct tn_plan_board *board, struct tn_arena *arena)
{
    const struct tn_plan_model *model = board->model;
    const int trains = model->problem->train_count;
    size_t count = 0;
    for (int t = 0; t < trains; t++)
        count += (size_t)board->step_count[t];
    struct entry *entries = tn_arena_alloc(arena, count + 1, sizeof *entries);
    struct tn_dispatch_event *events = tn_arena_alloc(arena, count + 1, sizeof *events);
    if (!entries || !events)
        return TN_ERR_MEMORY;
    size_t n = 0;
    for (int t = 0; t < trains; t++)
        for (int i = 0; i < board->step_count[t]; i++)
            entries[n++] = (struct entry){board->steps[model->base[t] + i].time, t, i};
    qsort(entries, count, sizeof *entries, by_time);
    for (size_t i = 0; i < count; i++) {
        const struct entry *e = &entries[i];
        events[i] =
            (struct tn_dispatch_event){units(e->time), e->train, board->steps[model->base[e->train] + e->step].op};
    }
    *out = (struct tn_dispatch_solution){events, (int)count, tn_dispatch_cost(model->problem, events, (int)count)};
    return TN_OK;
}
