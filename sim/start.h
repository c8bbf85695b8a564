/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_START_H
#define TN_START_H

#include "study.h"

/* The study `start`: can the train start on a continuous grade, with what margin, how does it gather speed. */
struct tn_start_spec {
    struct tn_ref train;
    double grade;        /* + climbs */
    double curve_radius; /* NAN = straight */
    double altitude;
    struct tn_list speeds; /* TN_NUMBERS: the run-up is timed at these; empty: every 10 km/h to the balance speed */
};
extern const struct tn_schema tn_start_spec_schema;

struct tn_start_runup {
    double speed_m_s, time_s, distance_m;
};
/* What each adhesion law would allow: at rest and at the balance speed. */
struct tn_adhesion_row {
    const char *law;
    double available_1; /* at rest, rail condition applied */
    double force_N;     /* tractive force it would allow at rest */
    bool starts;
};
/* Effort and resistance over speed, for the effort-speed diagram; where a curve jumps, a row on each side of it. */
struct tn_effort_row {
    double speed_m_s, traction_N, dynamic_brake_N, resistance_level_N, resistance_N;
};

struct tn_start_result {
    struct tn_result_head head;
    bool starts;
    double grade_1;
    double force_available_N, force_needed_N, margin_1; /* margin: available / needed - 1 */
    double load_kg, load_startable_kg;
    double adhesion_needed_1, adhesion_available_1; /* available: of the law in force; the maker's curve for `curve` */
    double balance_speed_m_s;                       /* NAN: none */
    double adhesion_balance_1;                      /* needed there */
    struct tn_list runup;                           /* tn_start_runup */
    struct tn_list laws;                            /* tn_adhesion_row */
    struct tn_list effort;                          /* tn_effort_row, hidden in the table */
};
extern const struct tn_schema tn_start_result_schema;
extern const struct tn_study_kind tn_study_start;

/* Largest speed at which traction equals resistance on the track's uniform grade and is falling below it; NAN if the
   train does not start or accelerates to its top speed (then the top speed). */
double tn_balance_speed(const struct tn_track *track);

#endif
