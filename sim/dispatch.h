/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISPATCH_H
#define TN_DISPATCH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "context.h"

/* Trains that share resources: which route each takes, who goes first, and when. The model is that of DISPLIB: a train
   is a graph of operations; it goes from the first to the last, and holds the resources of an operation from its start
   to the start of the next one, and for their release times after that. Times are whole numbers of any one unit. */

#define TN_DISPATCH_NEVER INT64_MAX

enum { TN_DISPATCH_TIME_MAX = 1000000000, TN_DISPATCH_COEFF_MAX = 1000000 };

struct tn_dispatch_use {
    int resource;
    int64_t release;
};

struct tn_dispatch_op {
    int64_t min_duration, start_lb, start_ub; /* start_ub: TN_DISPATCH_NEVER = none */
    const struct tn_dispatch_use *uses;
    const int *successors; /* each of a larger index than the operation; none: the exit */
    int use_count, successor_count;
};

struct tn_dispatch_train {
    const struct tn_dispatch_op *ops; /* the first is the entry, the last is the exit */
    int op_count;
};

/* Costs coeff * max(0, start - threshold), and increment too if start >= threshold. */
struct tn_dispatch_delay {
    int train, op;
    int64_t threshold, coeff, increment;
};

struct tn_dispatch_problem {
    const struct tn_dispatch_train *trains;
    const struct tn_dispatch_delay *delays;
    const char *const *resources; /* names */
    int train_count, delay_count, resource_count;
};

/* The start of an operation; it ends the one before it. */
struct tn_dispatch_event {
    int64_t time;
    int train, op;
};

struct tn_dispatch_solution {
    const struct tn_dispatch_event *events; /* in the order in which they happen; it decides at equal times */
    int count;
    int64_t objective;
};

/* What can be known of a problem's graph before solving: successors rise, only the last operation is an exit, the times
   fit. Errors are reported at the operation, or at the delay. */
tn_status tn_dispatch_check(const struct tn_dispatch_problem *problem, struct tn_context *ctx);

/* The cost of the events; those that name no operation count nothing. */
int64_t tn_dispatch_cost(const struct tn_dispatch_problem *problem, const struct tn_dispatch_event *events, int count);

/* Every rule that the solution breaks is an error at its event, naming train and operation; TN_ERR_INPUT if any is. The
   problem must have passed the check. Shares nothing with the solver. */
tn_status tn_dispatch_verify(const struct tn_dispatch_problem *problem, const struct tn_dispatch_solution *solution,
                             struct tn_context *ctx);

struct tn_dispatch_limits {
    int threads; /* 0: all cores */
    uint32_t seed;
    int64_t iterations; /* 0: until clock says so */
    /* Part of the allowed time that has passed; the search ends at 1. NULL: iterations alone decide, and then the
       solution does not depend on the number of threads, nor on the machine. */
    double (*clock)(void *payload);
    /* Told in the calling thread now and then, with the best so far (-1: none yet); false stops. May be NULL. */
    bool (*progress)(double done, int64_t objective, void *payload);
    void *payload;
};

enum tn_dispatch_end {
    TN_DISPATCH_SOLVED,
    TN_DISPATCH_OPTIMAL,  /* the cost is that of trains which never meet: nothing is better */
    TN_DISPATCH_UNSOLVED, /* no feasible solution was found; there may be one */
    TN_DISPATCH_NONE      /* proved: there is none */
};

struct tn_dispatch_result {
    enum tn_dispatch_end end;
    struct tn_dispatch_solution solution; /* verified; empty if there is none */
    int64_t bound;                        /* no solution costs less */
    int64_t iterations;
    const char *reason; /* of no solution: a sentence */
};

/* Solves; what the result points to lives in the arena. Where no solution was found it is still TN_OK. */
tn_status tn_dispatch_solve(struct tn_dispatch_result *out, const struct tn_dispatch_problem *problem,
                            const struct tn_dispatch_limits *limits, struct tn_arena *arena, struct tn_context *ctx);

#endif
