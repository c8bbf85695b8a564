/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatch_search.h"

#include <stdlib.h>
#include <string.h>

/* Where the trains are, and since when. An event never gains by waiting: all bounds from above and all rules between
   trains are kept the better the earlier it is. So a search over orders is a search over all solutions. */

struct move {
    int64_t time;
    int train, op;
};

struct free_from { /* of a resource, for all but the train that held it last, and for that one */
    int64_t others, own;
    int last;
};

struct frame {
    struct move done; /* the move that led here */
    int before_op;    /* of its train */
    int64_t before_time, clock;
    struct free_from *undo; /* of the resources that the train left */
    struct move *moves;
    int count, next;
};

struct search {
    const struct tn_dispatch_problem *problem;
    int64_t *time; /* of a train: when its operation started */
    int *op;       /* -1: not yet in */
    int *holder;   /* of a resource, -1: none */
    struct free_from *free_from;
    int64_t clock;
    const struct tn_plan_model *model;
    int64_t *keys; /* states that led nowhere */
    int64_t *table;
    size_t key_size, key_count, table_size;
    int64_t states;
    int *bounds_left; /* of an operation among all: bounds from above after it */
    struct tn_arena arena;
};

static const struct tn_dispatch_op *op_of(const struct search *s, int train, int op)
{
    return &s->problem->trains[train].ops[op];
}

/* When the train could start the operation next; NEVER if something is in its way. */
static int64_t earliest(const struct search *s, int train, int to)
{
    const struct tn_dispatch_op *op = op_of(s, train, to);
    int64_t time = op->start_lb > s->clock ? op->start_lb : s->clock;
    if (s->op[train] >= 0) {
        const int64_t ready = s->time[train] + op_of(s, train, s->op[train])->min_duration;
        time = ready > time ? ready : time;
    }
    for (int k = 0; k < op->use_count; k++) {
        const int r = op->uses[k].resource;
        if (s->holder[r] >= 0 && s->holder[r] != train)
            return TN_DISPATCH_NEVER;
        const int64_t from = s->free_from[r].last == train ? s->free_from[r].own : s->free_from[r].others;
        time = from > time ? from : time;
    }
    return time <= op->start_ub ? time : TN_DISPATCH_NEVER;
}

/* False if a train is already too late for all that it could do. */
static bool has_time(const struct search *s, int train)
{
    const int at = s->op[train];
    if (at < 0)
        return s->clock <= op_of(s, train, 0)->start_ub;
    const struct tn_dispatch_op *op = op_of(s, train, at);
    int64_t ready = s->time[train] + op->min_duration;
    ready = s->clock > ready ? s->clock : ready;
    for (int k = 0; k < op->successor_count; k++)
        if (ready <= op_of(s, train, op->successors[k])->start_ub)
            return true;
    return op->successor_count == 0;
}

static int by_time(const void *a, const void *b)
{
    const struct move *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->train != y->train)
        return x->train < y->train ? -1 : 1;
    return (x->op > y->op) - (x->op < y->op);
}

/* The moves from here, the earliest first. Returns false if there is no memory. */
static bool find_moves(struct frame *frame, struct search *s)
{
    struct move *moves = NULL;
    int count = 0, room = 0;
    frame->moves = NULL;
    frame->count = frame->next = 0;
    for (int t = 0; t < s->problem->train_count; t++) {
        const struct tn_dispatch_op *at = s->op[t] >= 0 ? op_of(s, t, s->op[t]) : NULL;
        if (!has_time(s, t)) {
            free(moves);
            return true;
        }
        for (int k = 0; k < (at ? at->successor_count : 1); k++) {
            const int to = at ? at->successors[k] : 0;
            const int64_t time = earliest(s, t, to);
            if (time == TN_DISPATCH_NEVER)
                continue;
            if (count == room) {
                room = 2 * room + 8;
                struct move *more = realloc(moves, (size_t)room * sizeof *moves);
                if (!more) {
                    free(moves);
                    return false;
                }
                moves = more;
            }
            moves[count++] = (struct move){time, t, to};
        }
    }
    if (count)
        qsort(moves, (size_t)count, sizeof *moves, by_time);
    frame->moves = moves;
    frame->count = count;
    return true;
}

static void leave(struct search *s, int train, int op, int64_t time)
{
    const struct tn_dispatch_op *left = op_of(s, train, op);
    for (int k = 0; k < left->use_count; k++) {
        struct free_from *f = &s->free_from[left->uses[k].resource];
        const int64_t until = time + left->uses[k].release;
        s->holder[left->uses[k].resource] = -1;
        if (f->last != train) {
            *f = (struct free_from){f->others > f->own ? f->others : f->own, 0, train};
            f->own = f->others;
        }
        f->others = until > f->others ? until : f->others;
    }
}

static void take(struct search *s, int train, int op)
{
    const struct tn_dispatch_op *taken = op_of(s, train, op);
    for (int k = 0; k < taken->use_count; k++)
        s->holder[taken->uses[k].resource] = train;
}

static bool apply(struct frame *frame, struct search *s, struct move move)
{
    *frame = (struct frame){
        .done = move, .before_op = s->op[move.train], .before_time = s->time[move.train], .clock = s->clock};
    if (frame->before_op >= 0) {
        const struct tn_dispatch_op *left = op_of(s, move.train, frame->before_op);
        frame->undo = malloc(((size_t)left->use_count + 1) * sizeof *frame->undo);
        if (!frame->undo)
            return false;
        for (int k = 0; k < left->use_count; k++)
            frame->undo[k] = s->free_from[left->uses[k].resource];
        leave(s, move.train, frame->before_op, move.time);
    }
    take(s, move.train, move.op);
    s->op[move.train] = move.op;
    s->time[move.train] = move.time;
    s->clock = move.time;
    return true;
}

static void take_back(struct frame *frame, struct search *s)
{
    const struct tn_dispatch_op *entered = op_of(s, frame->done.train, frame->done.op);
    for (int k = 0; k < entered->use_count; k++)
        s->holder[entered->uses[k].resource] = -1;
    s->op[frame->done.train] = frame->before_op;
    s->time[frame->done.train] = frame->before_time;
    s->clock = frame->clock;
    if (frame->before_op >= 0) {
        const struct tn_dispatch_op *left = op_of(s, frame->done.train, frame->before_op);
        for (int k = left->use_count - 1; k >= 0; k--)
            s->free_from[left->uses[k].resource] = frame->undo[k];
        take(s, frame->done.train, frame->before_op);
    }
    free(frame->undo);
    free(frame->moves);
    *frame = (struct frame){0};
}

/* The state as a key: without bounds ahead, when the trains came to where they are makes no difference to whether they
   can go on. Returns true if it was there already. */
static bool known(struct search *s)
{
    const int trains = s->problem->train_count;
    int64_t *key = s->keys + s->key_count * s->key_size;
    bool bounds = false;
    for (int t = 0; t < trains; t++) {
        key[t] = s->op[t];
        bounds = bounds || s->op[t] < 0 || s->bounds_left[s->model->base[t] + s->op[t]] > 0;
    }
    memset(key + trains, 0, (s->key_size - (size_t)trains) * sizeof *key);
    if (bounds) {
        memcpy(key + trains, s->time, (size_t)trains * sizeof *key);
        memcpy(key + 2 * trains, s->free_from, (size_t)s->problem->resource_count * sizeof *s->free_from);
        key[s->key_size - 1] = s->clock;
    }
    uint64_t hash = 0;
    for (size_t i = 0; i < s->key_size; i++) {
        hash = (hash ^ (uint64_t)key[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    size_t at = (size_t)hash & (s->table_size - 1);
    for (; s->table[at]; at = (at + 1) & (s->table_size - 1))
        if (!memcmp(s->keys + (size_t)(s->table[at] - 1) * s->key_size, key, s->key_size * sizeof *key))
            return true;
    s->table[at] = (int64_t)++s->key_count;
    return false;
}

static bool all_out(const struct search *s)
{
    for (int t = 0; t < s->problem->train_count; t++)
        if (s->op[t] != s->problem->trains[t].op_count - 1)
            return false;
    return true;
}

static bool prepare(struct search *s, const struct tn_plan_model *model, int64_t states)
{
    const size_t trains = (size_t)model->problem->train_count, resources = (size_t)model->problem->resource_count;
    const int total = model->base[trains];
    *s = (struct search){.problem = model->problem, .model = model};
    s->key_size = 2 * trains + resources * (sizeof *s->free_from / sizeof *s->keys) + 1;
    const int64_t room = (int64_t)((size_t)1 << 25) / (int64_t)s->key_size;
    s->states = states < room ? states : room;
    for (s->table_size = 64; s->table_size < 2 * (size_t)s->states; s->table_size *= 2)
        continue;
    s->time = tn_arena_alloc(&s->arena, trains + 1, sizeof *s->time);
    s->op = tn_arena_alloc(&s->arena, trains + 1, sizeof *s->op);
    s->holder = tn_arena_alloc(&s->arena, resources + 1, sizeof *s->holder);
    s->free_from = tn_arena_alloc(&s->arena, resources + 1, sizeof *s->free_from);
    s->bounds_left = tn_arena_alloc(&s->arena, (size_t)total + 1, sizeof *s->bounds_left);
    s->keys = tn_arena_alloc(&s->arena, ((size_t)s->states + 2) * s->key_size, sizeof *s->keys);
    s->table = tn_arena_alloc(&s->arena, s->table_size, sizeof *s->table);
    if (!s->time || !s->op || !s->holder || !s->free_from || !s->bounds_left || !s->keys || !s->table)
        return false;
    for (size_t t = 0; t < trains; t++) {
        s->op[t] = -1;
        int left = 0;
        for (int i = model->problem->trains[t].op_count - 1; i >= 0; i--) {
            s->bounds_left[model->base[t] + i] = left;
            left += model->problem->trains[t].ops[i].start_ub != TN_DISPATCH_NEVER;
        }
    }
    for (size_t r = 0; r < resources; r++) {
        s->holder[r] = -1;
        s->free_from[r].last = -1;
    }
    return true;
}

/* The moves made, as steps on the board; their number in the order are the ticks. */
static void put(struct tn_plan_board *board, const struct frame *frames, int depth)
{
    const struct tn_plan_model *model = board->model;
    for (int i = 1; i <= depth; i++) {
        const struct move *move = &frames[i].done;
        board->steps[model->base[move->train] + board->step_count[move->train]++] =
            (struct tn_plan_step){(move->time << TN_PLAN_TICKS) + i, move->op};
    }
    for (int t = 0; t < model->problem->train_count; t++) {
        tn_plan_place(board, t, 0);
        board->cost[t] = tn_plan_cost(board, t);
    }
}

static enum tn_search_end descend(struct search *s, struct frame *frames, struct tn_plan_board *board)
{
    int depth = 0;
    enum tn_search_end end = TN_SEARCH_NONE;
    if (!find_moves(&frames[0], s))
        return TN_SEARCH_GAVE_UP;
    while (depth >= 0) {
        struct frame *here = &frames[depth];
        if (all_out(s)) {
            put(board, frames, depth);
            end = TN_SEARCH_FOUND;
            break;
        }
        if (here->next == here->count) {
            if (depth)
                take_back(here, s);
            depth--;
            continue;
        }
        if ((int64_t)s->key_count >= s->states || !apply(&frames[depth + 1], s, here->moves[here->next++])) {
            end = TN_SEARCH_GAVE_UP;
            break;
        }
        depth++;
        if (!known(s) && !find_moves(&frames[depth], s)) {
            end = TN_SEARCH_GAVE_UP;
            break;
        }
    }
    return end;
}

enum tn_search_end tn_search_feasible(struct tn_plan_board *board, int64_t states)
{
    const struct tn_plan_model *model = board->model;
    const size_t deepest = (size_t)model->base[model->problem->train_count] + 2;
    struct search s;
    struct frame *frames = calloc(deepest, sizeof *frames);
    enum tn_search_end end = TN_SEARCH_GAVE_UP;
    if (prepare(&s, model, states) && frames)
        end = descend(&s, frames, board);
    for (size_t i = 0; frames && i < deepest; i++) {
        free(frames[i].undo);
        free(frames[i].moves);
    }
    free(frames);
    tn_arena_clear(&s.arena);
    return end;
}
