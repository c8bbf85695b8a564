/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DESCENT_H
#define TN_DESCENT_H

#include "study.h"

/* The study `descent`: does the dynamic brake hold the train on a continuous down grade, over which band of speeds. */
struct tn_descent_spec {
    struct tn_ref train;
    double grade; /* - descends */
    double altitude;
    double curve_radius;
    double speed_from,
        speed_to; /* run-away times from and to; NAN: from the top of the band (or 40 km/h) to the limit */
};
extern const struct tn_schema tn_descent_spec_schema;

struct tn_descent_runaway {
    double speed_m_s, time_s, distance_m;
};
struct tn_descent_band { /* the band that one adhesion law for braking allows */
    const char *law;
    bool holds;
    double speed_min_m_s, speed_max_m_s;
};
struct tn_descent_row {
    double speed_m_s, brake_needed_N, dynamic_brake_N, air_brake_N;
};

struct tn_descent_result {
    struct tn_result_head head;
    bool holds;
    double grade_1;
    double hold_speed_min_m_s, hold_speed_max_m_s; /* the band; NAN if there is none */
    double worst_speed_m_s; /* in the band, where the margin is least (or, without a band, where it is least short) */
    double brake_needed_N, dynamic_brake_available_N, margin_1, adhesion_needed_1;
    double speed_permitted_m_s; /* by the emergency distance rule; NAN = no rule */
    struct tn_list runaway;     /* with the dynamic brake full on, from speed_from */
    struct tn_list bands;       /* tn_descent_band */
    struct tn_list effort;      /* tn_descent_row */
};
extern const struct tn_schema tn_descent_result_schema;
extern const struct tn_study_kind tn_study_descent;

#endif
