/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatch.h"

static const char *const out_of_range = "times are whole numbers from 0 to 1,000,000,000";

static bool is_time(int64_t time)
{
    return time >= 0 && time <= TN_DISPATCH_TIME_MAX;
}

static tn_status check_op(const struct tn_dispatch_problem *problem, int t, int i, struct tn_context *ctx)
{
    const struct tn_dispatch_train *train = &problem->trains[t];
    const struct tn_dispatch_op *op = &train->ops[i];
    tn_status status = TN_OK;
    if (!is_time(op->min_duration) || !is_time(op->start_lb) ||
        (op->start_ub != TN_DISPATCH_NEVER && !is_time(op->start_ub)))
        status = tn_error(ctx, op, out_of_range, "train %d, operation %d: a time is out of range", t, i);
    if (op->start_ub < op->start_lb)
        status = tn_error(ctx, op, "raise start_ub or lower start_lb",
                          "train %d, operation %d: its latest start %lld is before its earliest %lld", t, i,
                          (long long)op->start_ub, (long long)op->start_lb);
    if (!op->successor_count && i != train->op_count - 1)
        status = tn_error(ctx, op, "a train has one exit, its last operation",
                          "train %d, operation %d: no successors, and it is not the last", t, i);
    for (int k = 0; k < op->successor_count; k++) {
        if (op->successors[k] >= train->op_count || op->successors[k] < 0)
            status =
                tn_error(ctx, op, NULL, "train %d, operation %d: successor %d, but the train has operations 0 to %d", t,
                         i, op->successors[k], train->op_count - 1);
        else if (op->successors[k] <= i)
            status =
                tn_error(ctx, op, "operations stand in an order in which every successor comes later",
                         "train %d, operation %d: its successor %d does not come after it", t, i, op->successors[k]);
    }
    for (int k = 0; k < op->use_count; k++) {
        if (op->uses[k].resource < 0 || op->uses[k].resource >= problem->resource_count)
            status = tn_error(ctx, op, NULL, "train %d, operation %d: no such resource", t, i);
        if (!is_time(op->uses[k].release))
            status = tn_error(ctx, op, out_of_range, "train %d, operation %d: release time out of range", t, i);
    }
    return status;
}

static tn_status check_delays(const struct tn_dispatch_problem *problem, struct tn_context *ctx)
{
    tn_status status = TN_OK;
    for (int i = 0; i < problem->delay_count; i++) {
        const struct tn_dispatch_delay *delay = &problem->delays[i];
        if (delay->train < 0 || delay->train >= problem->train_count)
            status = tn_error(ctx, delay, NULL, "delay %d: no train %d; there are %d", i, delay->train,
                              problem->train_count);
        else if (delay->op < 0 || delay->op >= problem->trains[delay->train].op_count)
            status = tn_error(ctx, delay, NULL, "delay %d: train %d has no operation %d", i, delay->train, delay->op);
        if (!is_time(delay->threshold) || delay->coeff < 0 || delay->coeff > TN_DISPATCH_COEFF_MAX ||
            !is_time(delay->increment))
            status = tn_error(ctx, delay, "thresholds and increments go up to 1,000,000,000, coeff to 1,000,000",
                              "delay %d: a number is out of range", i);
    }
    return status;
}

tn_status tn_dispatch_check(const struct tn_dispatch_problem *problem, struct tn_context *ctx)
{
    tn_status status = TN_OK;
    int64_t span = 0, latest = 0, delays = 0;
    const int64_t span_max = (int64_t)1 << 40;
    for (int t = 0; t < problem->train_count; t++) {
        const struct tn_dispatch_train *train = &problem->trains[t];
        if (train->op_count < 1)
            status = tn_error(ctx, train, NULL, "train %d has no operations", t);
        for (int i = 0; i < train->op_count; i++) {
            const struct tn_dispatch_op *op = &train->ops[i];
            const tn_status bad = check_op(problem, t, i, ctx);
            status = bad != TN_OK ? bad : status;
            span += op->min_duration;
            latest = op->start_lb > latest ? op->start_lb : latest;
            for (int k = 0; k < op->use_count; k++)
                span += op->uses[k].release;
        }
    }
    const tn_status bad = check_delays(problem, ctx);
    status = bad != TN_OK ? bad : status;
    for (int i = 0; status == TN_OK && i < problem->delay_count; i++)
        delays += problem->delays[i].coeff + 1;
    if (status == TN_OK && (span + latest > span_max || (delays && (span + latest) > INT64_MAX / 8 / delays)))
        status =
            tn_error(ctx, problem, "write times in larger units", "the times of all operations sum up to too much");
    return status;
}

int64_t tn_dispatch_cost(const struct tn_dispatch_problem *problem, const struct tn_dispatch_event *events, int count)
{
    int64_t cost = 0;
    for (int i = 0; i < problem->delay_count; i++) {
        const struct tn_dispatch_delay *delay = &problem->delays[i];
        for (int k = 0; k < count; k++)
            if (events[k].train == delay->train && events[k].op == delay->op && events[k].time >= delay->threshold)
                cost += delay->coeff * (events[k].time - delay->threshold) + delay->increment;
    }
    return cost;
}

struct use { /* the last that a train had of a resource, or has */
    int op;
    int64_t until; /* end and release */
    bool held;
};

struct judge {
    const struct tn_dispatch_problem *problem;
    const struct tn_dispatch_solution *solution;
    struct tn_context *ctx;
    int *op;                 /* of a train: where it is; -1 not in */
    int64_t *time;           /* since when */
    struct use *const *uses; /* of a resource, by train; NULL rows cannot be */
    tn_status status;
};

static void judge_path(struct judge *j, const struct tn_dispatch_event *e)
{
    const int at = j->op[e->train];
    if (at < 0) {
        if (e->op != 0)
            j->status = tn_error(j->ctx, e, NULL, "train %d begins with operation %d, not with its entry, operation 0",
                                 e->train, e->op);
        return;
    }
    const struct tn_dispatch_op *from = &j->problem->trains[e->train].ops[at];
    bool follows = false;
    for (int k = 0; k < from->successor_count; k++)
        follows = follows || from->successors[k] == e->op;
    if (!follows)
        j->status =
            tn_error(j->ctx, e, NULL, "train %d, operation %d: it does not follow operation %d, where the train is",
                     e->train, e->op, at);
    if (e->time < j->time[e->train] + from->min_duration)
        j->status = tn_error(
            j->ctx, e, NULL, "train %d, operation %d starts at %lld, but operation %d, begun at %lld, takes %lld",
            e->train, e->op, (long long)e->time, at, (long long)j->time[e->train], (long long)from->min_duration);
}

static void judge_bounds(struct judge *j, const struct tn_dispatch_event *e)
{
    const struct tn_dispatch_op *op = &j->problem->trains[e->train].ops[e->op];
    if (e->time < op->start_lb)
        j->status = tn_error(j->ctx, e, NULL, "train %d, operation %d starts at %lld, before its earliest %lld",
                             e->train, e->op, (long long)e->time, (long long)op->start_lb);
    if (e->time > op->start_ub)
        j->status = tn_error(j->ctx, e, NULL, "train %d, operation %d starts at %lld, after its latest %lld", e->train,
                             e->op, (long long)e->time, (long long)op->start_ub);
}

static void end_uses(struct judge *j, const struct tn_dispatch_event *e)
{
    const struct tn_dispatch_op *left = &j->problem->trains[e->train].ops[j->op[e->train]];
    for (int k = 0; k < left->use_count; k++) {
        struct use *use = &j->uses[left->uses[k].resource][e->train];
        const int64_t until = e->time + left->uses[k].release;
        use->held = false;
        if (until >= use->until) {
            use->until = until;
            use->op = j->op[e->train];
        }
    }
}

static void begin_uses(struct judge *j, const struct tn_dispatch_event *e)
{
    const struct tn_dispatch_op *op = &j->problem->trains[e->train].ops[e->op];
    for (int k = 0; k < op->use_count; k++) {
        const int r = op->uses[k].resource;
        for (int t = 0; t < j->problem->train_count; t++) {
            const struct use *use = &j->uses[r][t];
            if (t == e->train)
                continue;
            if (use->held)
                j->status = tn_error(j->ctx, e, NULL,
                                     "train %d, operation %d takes %s at %lld, while train %d has it in operation %d",
                                     e->train, e->op, j->problem->resources[r], (long long)e->time, t, j->op[t]);
            else if (use->until > e->time)
                j->status = tn_error(j->ctx, e, NULL,
                                     "train %d, operation %d takes %s at %lld, but after train %d, operation %d, it is "
                                     "free from %lld on",
                                     e->train, e->op, j->problem->resources[r], (long long)e->time, t, use->op,
                                     (long long)use->until);
        }
        j->uses[r][e->train].held = true;
    }
}

static void judge_event(struct judge *j, int i)
{
    const struct tn_dispatch_event *e = &j->solution->events[i];
    const struct tn_dispatch_problem *problem = j->problem;
    if (e->train < 0 || e->train >= problem->train_count || e->op < 0 || e->op >= problem->trains[e->train].op_count) {
        j->status = tn_error(j->ctx, e, NULL, "train %d, operation %d: the problem has none such", e->train, e->op);
        return;
    }
    if (i && e->time < j->solution->events[i - 1].time)
        j->status = tn_error(j->ctx, e, "events stand in the order of their times",
                             "train %d, operation %d starts at %lld, but the event before it at %lld", e->train, e->op,
                             (long long)e->time, (long long)j->solution->events[i - 1].time);
    if (e->time < 0)
        j->status = tn_error(j->ctx, e, NULL, "train %d, operation %d starts before time 0", e->train, e->op);
    judge_path(j, e);
    judge_bounds(j, e);
    if (j->op[e->train] >= 0)
        end_uses(j, e);
    begin_uses(j, e);
    j->op[e->train] = e->op;
    j->time[e->train] = e->time;
}

static tn_status prepare(struct judge *j, struct tn_arena *arena)
{
    const size_t trains = (size_t)j->problem->train_count, resources = (size_t)j->problem->resource_count;
    j->op = tn_arena_alloc(arena, trains + 1, sizeof *j->op);
    j->time = tn_arena_alloc(arena, trains + 1, sizeof *j->time);
    struct use **uses = tn_arena_alloc(arena, resources + 1, sizeof *uses);
    struct use *all = tn_arena_alloc(arena, resources + 1, (trains + 1) * sizeof *all);
    if (!j->op || !j->time || !uses || !all)
        return TN_ERR_MEMORY;
    for (size_t r = 0; r < resources; r++)
        uses[r] = all + r * (trains + 1);
    for (size_t t = 0; t < trains; t++)
        j->op[t] = -1;
    j->uses = uses;
    return TN_OK;
}

tn_status tn_dispatch_verify(const struct tn_dispatch_problem *problem, const struct tn_dispatch_solution *solution,
                             struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct judge j = {.problem = problem, .solution = solution, .ctx = ctx};
    const tn_status status = prepare(&j, &arena);
    for (int i = 0; status == TN_OK && i < solution->count; i++)
        judge_event(&j, i);
    for (int t = 0; status == TN_OK && t < problem->train_count; t++) {
        const int last = problem->trains[t].op_count - 1;
        if (j.op[t] < 0)
            j.status = tn_error(ctx, solution, NULL, "train %d does not run", t);
        else if (j.op[t] != last)
            j.status = tn_error(ctx, solution, NULL, "train %d ends in operation %d, not in its exit, operation %d", t,
                                j.op[t], last);
    }
    tn_arena_clear(&arena);
    return status != TN_OK ? status : j.status;
}
