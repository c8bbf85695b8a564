/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TRAIN_PATH_H
#define TN_TRAIN_PATH_H

#include "network.h"

/* The way of a train over a network in time, planned or as it went; the judge of whether many of them go together; and
   the rows in which results show them. */

struct tn_timing {
    int station;
    int64_t arrival_ms, departure_ms; /* equal where it passes; at its first and last station both are that moment */
    bool stops;
};

struct tn_train_path {
    int class;                       /* of the network */
    int number;                      /* among the trains of its class, from 1 */
    const struct tn_timing *timings; /* every station of its way, in the direction of travel */
    int count;
};

/* Under way, from its first station to its last. */
static inline int64_t tn_train_path_duration_ms(const struct tn_train_path *path)
{
    return path->timings[path->count - 1].arrival_ms - path->timings[0].departure_ms;
}

enum tn_road_rule {                       /* which rule of the road (network.h) is broken; names: tn_road_rule_name */
                    TN_RULE_RUNNING_TIME, /* shorter than the running time of its section */
                    TN_RULE_ORDER,        /* stations left out, times that fall, a stop that is missing or too short */
                    TN_RULE_FIT,          /* stands where it does not fit */
                    TN_RULE_SECTION,      /* two trains where one fits */
                    TN_RULE_FOLLOWING,
                    TN_RULE_MEETING,
                    TN_RULE_NOT_SIMULTANEOUS,
                    TN_RULE_TRACKS, /* more trains than tracks in a station */
                    TN_RULE_WINDOW,
                    TN_RULE_POWER
};
const char *tn_road_rule_name(int index);

struct tn_road_conflict {
    enum tn_road_rule rule;
    int path, other;      /* indices of paths; other -1: it is about one train */
    int station, section; /* where; one of them is -1 */
    int64_t time_ms;
};

/* Every rule that the paths break, in order of time. cyclic: they repeat every day, so that times count modulo a day
   and a path meets its own copies. The judge shares nothing with the planner and the simulator. The list (struct
   tn_road_conflict) lives in the arena; memory is all that can fail. */
tn_status tn_road_check(struct tn_list *conflicts_out, const struct tn_network *network,
                        const struct tn_train_path *paths, size_t count, bool cyclic, struct tn_arena *arena);

/* --- rows of results, shared by the studies `timetable` and `simulation`; plots draw these --- */

struct tn_path_row { /* list `paths`: a train at a station; rows of a train follow each other in its direction */
    const char *train, *class, *direction, *station;
    double km_m, arrival_s, departure_s; /* since midnight of the first day shown */
    bool stops;
};
struct tn_station_row { /* list `stations`, in the direction of up trains */
    const char *name, *kind;
    double km_m;
    int tracks;
    double occupancy_1; /* of its tracks, mean over the time shown */
    int trains_most;    /* at once */
};
struct tn_section_row { /* list `sections` */
    const char *from, *to;
    double from_km_m, to_km_m, distance_m;
    int tracks;
    double trains_per_day;
    double occupancy_1; /* share of time in which it cannot be given to another train, intervals included */
    double window_1;    /* share of time closed */
};
struct tn_window_row { /* list `windows`, over the time shown */
    double from_km_m, to_km_m, begin_s, end_s;
};
struct tn_conflict_row { /* list `conflicts_found` */
    const char *rule, *place, *train, *other;
    double km_m, time_s;
};
extern const struct tn_schema tn_path_row_schema, tn_station_row_schema, tn_section_row_schema, tn_window_row_schema,
    tn_conflict_row_schema;

/* Rows from paths: texts and rows in the arena. [begin, end) is the time shown; windows are cut to it. Sections count
   the occupation by these paths alone. */
tn_status tn_rows_of_paths(struct tn_list *rows_out, const struct tn_network *network,
                           const struct tn_train_path *paths, size_t count, struct tn_arena *arena);
tn_status tn_rows_of_stations(struct tn_list *rows_out, const struct tn_network *network,
                              const struct tn_train_path *paths, size_t count, int64_t begin_ms, int64_t end_ms,
                              bool cyclic, struct tn_arena *arena);
tn_status tn_rows_of_sections(struct tn_list *rows_out, const struct tn_network *network,
                              const struct tn_train_path *paths, size_t count, int64_t begin_ms, int64_t end_ms,
                              bool cyclic, struct tn_arena *arena);
tn_status tn_rows_of_windows(struct tn_list *rows_out, const struct tn_network *network, int64_t begin_ms,
                             int64_t end_ms, struct tn_arena *arena);
tn_status tn_rows_of_conflicts(struct tn_list *rows_out, const struct tn_network *network,
                               const struct tn_train_path *paths, const struct tn_list *conflicts,
                               struct tn_arena *arena);

#endif
