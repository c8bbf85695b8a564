/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RUN_LANES_H
#define TN_RUN_LANES_H

#include "motion.h"

/* Steps of several trains at once, one in each lane of SIMD registers. Inner part of the module run_batch: what a lane
   computes is, operation for operation, what run.c computes for that train alone, so no lane sees the others and every
   instruction set gives the same bytes. */

#define TN_LANES 8

enum tn_lanes_mode {
    TN_LANES_IDLE,       /* no step waits */
    TN_LANES_ACCELERATE, /* a step under full traction */
    TN_LANES_HOLD,       /* a step at the limit */
    TN_LANES_FOLLOW,     /* a step on a braking curve of constant deceleration */
    TN_LANES_ALONE,      /* out of the ordinary: run.c must do the step; the state is that before it */
    TN_LANES_DONE        /* the step is made */
};

/* One number a lane. */
struct tn_lanes_number {
    double of[TN_LANES];
};
struct tn_lanes_flag {
    long long of[TN_LANES];
};
/* Force over speed: c0 + c1 v + c2 v^2 + p / (v + q). */
struct tn_lanes_piece {
    struct tn_lanes_number c0, c1, c2, p, q;
};

struct tn_lanes {
    struct tn_lanes_flag mode; /* enum tn_lanes_mode */
    /* State and sums, as in tn_drive and tn_run. */
    struct tn_lanes_number x_m, v_m_s, time_s, drift_m_s, drift_m, error_s, top_m_s;
    struct tn_lanes_number traction_J, dynamic_J, air_J, resistance_J, track_J;
    /* The train. */
    struct tn_lanes_number mass_kg, tolerance;
    /* The piece of track; its end or that of the run if that is nearer. */
    struct tn_lanes_number from_m, end_m, k0, k1, t0, t1, r0, r1, limit_m_s;
    /* The braking curve where the train is or that comes next; HUGE_VAL: none. `forced`: not of constant deceleration.
     */
    struct tn_lanes_number curve_from_m, curve_to_m, curve_to_m_s, deceleration;
    struct tn_lanes_flag forced;
    /* Forces around the speed, and the speeds between which they hold. */
    struct tn_lanes_piece traction, dynamic, brake, air; /* air: p and q not used */
    struct tn_lanes_number still0, still1;
    struct tn_lanes_number low_m_s, high_m_s;
    /* The last step: where it began, what it took; the series of one under traction. */
    struct tn_lanes_number leg_x_m, leg_v_m_s, leg_time_s, leg_traction_J, leg_dynamic_J;
    struct tn_lanes_flag order;
    struct tn_lanes_number v[TN_MOTION_ORDER + 1], x[TN_MOTION_ORDER + 2];
};

/* One row an instruction set. */
struct tn_lanes_set {
    const char *name;
    bool (*available)(void); /* on the machine that runs this */
    /* Make a step in every lane of that mode. The mode becomes DONE, ALONE or (at a limit that traction cannot hold)
       ACCELERATE. */
    void (*accelerate)(struct tn_lanes *lanes);
    void (*hold)(struct tn_lanes *lanes);
    void (*follow)(struct tn_lanes *lanes);
};
extern const struct tn_lanes_set tn_lanes_plain, tn_lanes_avx2, tn_lanes_avx512;

#endif
