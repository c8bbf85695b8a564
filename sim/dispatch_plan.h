/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISPATCH_PLAN_H
#define TN_DISPATCH_PLAN_H

#include "dispatch.h"

/* Inside the solver: a board on which some trains are placed, and the best way of one more train between them.

   Time is counted in ticks, 2^20 to a unit: who takes a resource does so at least a tick after it is free. So ticks
   order the events at equal times, and two trains never change places at one instant. */

enum { TN_PLAN_TICKS = 20 };
#define TN_PLAN_LATEST (INT64_MAX / 4)

struct tn_plan_op {
    int64_t duration, lb, ub; /* ticks */
    int64_t tail;             /* shortest time from the start of this operation to that of the exit */
    const struct tn_dispatch_op *op;
    int delay_first, delay_end; /* into the model's delays */
};

struct tn_plan_model {
    const struct tn_dispatch_problem *problem;
    const int *base;              /* of a train: its first operation among all; one more at the end */
    const struct tn_plan_op *ops; /* of all trains */
    const struct tn_dispatch_delay *delays;
    const int64_t *bound; /* of a train: what it costs alone on the line */
    int longest;          /* operations of the longest train */
    int64_t bound_sum;
    bool possible; /* every train can run alone */
    int impossible_train;
};

struct tn_plan_hold {
    int64_t from, to; /* ticks; to holds the release time too */
    int train;
};

struct tn_plan_holds { /* of one resource, rising */
    struct tn_plan_hold *items;
    int count, allocated;
};

struct tn_plan_label {
    int64_t start, latest; /* the operation starts then, and may end no later than that */
    int64_t cost, guess;   /* so far, and with the rest of the way at its shortest */
    int op, parent, next;
};

struct tn_plan_step {
    int64_t time;
    int op; /* within the train */
};

struct tn_plan_board {
    const struct tn_plan_model *model;
    struct tn_plan_holds *holds; /* of each resource */
    struct tn_plan_step *steps;  /* of all trains, from the model's base */
    int *step_count;             /* of each train; 0: not placed */
    int64_t *cost;               /* of each train */
    struct tn_plan_label *labels;
    int label_count, label_allocated;
    int *heads;  /* of an operation: its first label */
    bool failed; /* no memory */
};

tn_status tn_plan_model_init(struct tn_plan_model *out, const struct tn_dispatch_problem *problem,
                             struct tn_arena *arena);
tn_status tn_plan_board_init(struct tn_plan_board *out, const struct tn_plan_model *model, struct tn_arena *arena);
void tn_plan_board_free(struct tn_plan_board *board);
/* Both boards are of one model. */
void tn_plan_board_copy(struct tn_plan_board *to, const struct tn_plan_board *from);

/* Plans the steps of a train from its step `keep` on (0: all); those before it and their holds stay, and so does the
   time of the step itself. Takes what costs least, then what is earliest, if that costs no more than limit;
   `late` then moves its waiting towards the entry as far as that costs nothing. The train's
   holds from there on must be off the board. The steps, their number and the cost are set only if it succeeds. */
bool tn_plan_train(struct tn_plan_board *board, int train, int keep, bool late, int64_t limit);

/* Puts the train's holds on the board from its step `first` on, or takes them off. */
void tn_plan_place(struct tn_plan_board *board, int train, int first);
void tn_plan_lift(struct tn_plan_board *board, int train, int first);

/* What the train's steps cost. */
int64_t tn_plan_cost(const struct tn_plan_board *board, int train);

/* The steps of the placed trains as events in their order. */
tn_status tn_plan_events(struct tn_dispatch_solution *out, const struct tn_plan_board *board, struct tn_arena *arena);

#endif
