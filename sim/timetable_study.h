/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_STUDY_H
#define TN_TIMETABLE_STUDY_H

#include "timetable.h"

/* The study `timetable`: a day of trains on a line, conflict-free, or the place that forbids it. */

struct tn_timetable_spec {
    struct tn_traffic_spec traffic;
    bool cyclic;
    double departure_tolerance; /* s */
    int iterations, seed;
    double time_limit; /* s; NAN: none */
};
extern const struct tn_schema tn_timetable_spec_schema;

struct tn_timetable_class_row {
    const char *class, *direction;
    double load_kg;
    int wanted, trains;
    double bound;                                                      /* NAN: not known */
    double running_time_s;                                             /* alone on the line */
    double travel_time_s, travel_speed_m_s, delay_mean_s, delay_max_s; /* NAN: no train */
};

struct tn_timetable_result {
    struct tn_result_head head;
    bool feasible;
    const char *reason;
    int trains, missing;
    double pairs_per_day; /* of all classes: trains of the direction with fewer */
    double bound_pairs_per_day;
    const char *limiting_section;
    double need_s, left_s;
    int conflicts, deadlocks;
    double delay_mean_s, delay_p95_s, waiting_s, travel_speed_m_s;
    int meets, passes;
    double gap_1;
    double iterations;
    bool time_limited;
    struct tn_list classes, paths, stations, sections, windows, conflicts_found;
};
extern const struct tn_schema tn_timetable_result_schema;
extern const struct tn_study_kind tn_study_timetable;

#endif
