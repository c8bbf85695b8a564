/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RESTART_H
#define TN_RESTART_H

#include "start.h"

/* The study `restart`: stopped on a climb by the air brake, does the train get away, and does it roll back meanwhile.
 */
struct tn_restart_spec {
    struct tn_ref train;
    double grade;        /* + climbs */
    double curve_radius; /* NAN = straight */
    double altitude;
    double reduction;       /* that stopped the train */
    double traction_delay;  /* from the release of the air brake until traction is applied */
    double traction_ramp;   /* time in which it rises to all that there is */
    bool locomotive_brake;  /* the locomotives' own brake holds until traction takes over */
    double rollback_most;   /* more is a failure */
    double recharge_margin; /* recharged: every auxiliary reservoir within this of running pressure */
    double step;            /* of time */
};
extern const struct tn_schema tn_restart_spec_schema;

struct tn_restart_row {
    double time_s, distance_m, speed_m_s;
    double traction_N, air_brake_N, locomotive_brake_N;
    double pipe_head_Pa, pipe_tail_Pa, cylinder_head_Pa, cylinder_tail_Pa; /* cylinders: first and last wagon */
};

struct tn_restart_result {
    struct tn_result_head head;
    bool starts; /* it gets away */
    double grade_1;
    double force_available_N, force_needed_N, margin_1; /* as in the study `start` */
    double load_kg, load_startable_kg;
    double adhesion_needed_1, adhesion_available_1;
    double balance_speed_m_s;
    double brake_holding_N;    /* what the train's air brake can hold at rest with that reduction */
    double locomotive_brake_N; /* what the locomotives' own brake can hold, within adhesion */
    double grade_force_N;
    double rollback_m;
    double rollback_speed_m_s; /* largest */
    double moving_time_s;      /* from release until the train moves forward for good; NAN if it does not */
    double release_time_s;     /* until the last wagon's brake is off */
    double recharge_time_s;
    struct tn_list runup; /* tn_start_runup, from release */
    struct tn_list trace; /* tn_restart_row */
};
extern const struct tn_schema tn_restart_result_schema;
extern const struct tn_study_kind tn_study_restart;

#endif
