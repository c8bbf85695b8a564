/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SIMULATION_H
#define TN_SIMULATION_H

#include "disturbances.h"
#include "simulate.h"

/* The study `simulation`: the traffic of a line over days or years, event by event, with disturbances. */

struct tn_simulation_spec {
    struct tn_traffic_spec traffic;
    int days, warm_up; /* warm-up days come first and do not count */
    int rule, seed, replicates;
    bool timetable; /* trains run by a timetable that is planned first */
    bool drain;     /* trains that wait outside at the end are still let in */
    int show_from, show_days;
    struct tn_disturbances_spec disturbances;
};
extern const struct tn_schema tn_simulation_spec_schema;

struct tn_simulation_class_row {
    const char *class, *direction;
    double trains_per_day;
    int trains, unfinished; /* of all replicates */
    double delay_mean_s, delay_p95_s, delay_max_s, disturbed_mean_s, outside_mean_s, travel_time_s, travel_speed_m_s,
        stops_mean, locomotive_time_per_day_s;
    int failures;
};
struct tn_simulation_replicate_row {
    double trains_per_day, delay_mean_s, queue_mean, queue_end, queue_growth_per_day;
    bool queue_grows;
};
struct tn_simulation_hour_row { /* of the first replicate */
    double time_s;
    int entered, left, on_line, outside_up, outside_down;
    bool balanced;
};
struct tn_simulation_delay_row { /* share of trains with less delay */
    double share_1, delay_s;
};

struct tn_simulation_result {
    struct tn_result_head head;
    int trains, unfinished, conflicts, deadlocks;
    bool balanced;
    double pairs_per_day, period_s;
    double delay_mean_s, delay_low_s, delay_high_s, delay_p95_s, delay_max_s, disturbed_mean_s, outside_mean_s;
    double travel_speed_m_s;
    double queue_mean, queue_end, queue_growth_per_day;
    bool queue_grows;
    double locomotive_time_per_day_s, locomotives_1;
    double occupancy_1;
    const char *busiest_section;
    int failures, window_late;
    double events, states_judged, moves_refused;
    struct tn_list classes, replicates, delays, hours, stations, sections, paths, windows, conflicts_found;
};
extern const struct tn_schema tn_simulation_result_schema;
extern const struct tn_study_kind tn_study_simulation;

#endif
