/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_STOP_H
#define TN_STOP_H

#include "study.h"

/* The study `stop`: how far a train runs on after the brake is applied, and from which speed it keeps the distance
 * rule. */

enum tn_stop_brake { TN_STOP_EMERGENCY, TN_STOP_SERVICE, TN_STOP_BROKEN_PIPE };
enum tn_stop_depth { TN_STOP_EMPIRICAL, TN_STOP_PNEUMATIC };

struct tn_stop_spec {
    struct tn_ref train;
    double grade;
    double from;           /* speed at which the brake is applied */
    int brake;             /* enum tn_stop_brake */
    double reduction;      /* of the service application; NAN: the train's, or the effective maximum */
    int broken_behind;     /* vehicle of the train, counted from 1; -1: in the middle */
    int depth;             /* enum tn_stop_depth */
    double distance;       /* rule; NAN: the train's; 0 = none */
    struct tn_list grades; /* double; of the table of permitted speeds; empty: 0 to -20 permil by 2 */
    struct tn_list rates;  /* double; empty: 0.14 to 0.32 by 0.02 */
};
extern const struct tn_schema tn_stop_spec_schema;

struct tn_stop_trace {
    double time_s, distance_m, speed_m_s, brake_N;
};
/* Pressures while the train stops: mean over the braked vehicles, first and last wagon. */
struct tn_stop_cylinder {
    double time_s, mean_Pa, head_Pa, tail_Pa, pipe_head_Pa, pipe_tail_Pa;
};
struct tn_stop_permitted {
    double grade_1, brake_rate_1, speed_m_s;
};

struct tn_stop_result {
    struct tn_result_head head;
    bool stops;
    bool rule_kept;
    double speed_m_s, grade_1;
    double reduction_Pa;       /* NAN in emergency */
    double distance_m, time_s; /* NAN if it never stops */
    double error_estimate_m;   /* of the distance */
    double idle_time_s, idle_distance_m;
    double deceleration_m_s2; /* mean: v^2 / (2 distance) */
    double brake_rate_1;      /* theta_h of the brakes not cut out; NAN = unknown */
    double service_share_1;   /* force when the application is complete, over that of emergency */
    double rule_distance_m;   /* NAN = no rule */
    double speed_permitted_m_s;
    struct tn_list trace;     /* tn_stop_trace */
    struct tn_list cylinder;  /* tn_stop_cylinder; pneumatic depth only */
    struct tn_list permitted; /* tn_stop_permitted, emergency, empirical */
};
extern const struct tn_schema tn_stop_result_schema;
extern const struct tn_study_kind tn_study_stop;

#endif
