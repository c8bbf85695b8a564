/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CYCLE_H
#define TN_CYCLE_H

#include "balance.h"
#include "brake_cycle.h"
#include "pneumatic.h"

/* A train on a uniform descent with its air brake and its driver, in time: what brake_cycle stands on. */

struct tn_cycle_trace {
    struct tn_cycle_row *rows;
    struct tn_cycle_pipe_row *pipe;
    size_t count, most, pipe_count, pipe_most;
    struct tn_arena *arena;
    tn_status status;
};

/* What stays the same through all trials. */
struct tn_cycle_train {
    const struct tn_train *train;
    const struct tn_balance *need;      /* brake force that keeps the speed */
    const struct tn_pneumatic *charged; /* the air brake, released and charged */
    const struct tn_cycle_rules *rules; /* release_speed_min resolved */
    double running_Pa, reduction_most_Pa;
    double share; /* of the dynamic brake */
    double limit_m_s, release_m_s;
    double wheels; /* of the wagons */
    double step_s;
    int cycles_most;
    struct tn_arena *arena;
};

enum tn_cycle_end {
    TN_CYCLE_SETTLED,
    TN_CYCLE_WEAK,      /* the air brake does not slow the train */
    TN_CYCLE_OVERSPEED, /* it does, above the limit */
    TN_CYCLE_RECHARGE,  /* back at the apply speed before the reservoirs are recharged */
    TN_CYCLE_STOPS,     /* the train stops before the brakes are off */
    TN_CYCLE_WANDERS,   /* no two cycles alike */
    TN_CYCLE_HOT        /* they are, and heat the wheels too much */
};

struct tn_cycle {
    enum tn_cycle_end end;
    int count;
    double reduction_Pa, total_Pa;
    double apply_m_s, max_m_s, min_m_s;
    double apply_s, recharge_s, return_s, total_s;
    double apply_m, release_m;
    double loss_Pa;
    double tread_mean_W, tread_max_W;
};

/* Highest speed at which an application by that reduction keeps the limit; NAN if it never slows the train. */
tn_status tn_cycle_apply_speed(double *speed_out, const struct tn_cycle_train *c, double reduction_Pa);
/* Cycles from the apply speed on until they repeat or a rule fails. trace may be NULL; it gets the last cycle. */
tn_status tn_cycle_run(struct tn_cycle *cycle, const struct tn_cycle_train *c, double reduction_Pa, double apply_m_s,
                       bool adapt, struct tn_cycle_trace *trace);

#endif
