/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_NETWORK_H
#define TN_NETWORK_H

#include <stdint.h>

#include "traffic.h"

/* A line at track level as trains of several classes use it: stations with their tracks, the sections between them, and
   what each class needs of both. Stations count from 0 in the direction of up trains; section k lies between stations
   k and k + 1. Times are whole milliseconds, of the day or since the beginning, so that sums and comparisons are exact;
   running times are rounded up.

   The rules of the road, which the planner and the simulator keep and the checker checks:
   - A section with one track holds trains of one direction at a time; one with two tracks, of each direction on its
   own.
   - Between stations with inter-station or semi-automatic block, one train a track; the next one in the same direction
     enters no sooner than `following` after it has arrived. With automatic block (headway_ms >= 0), trains of one
     direction enter and leave it at least a headway apart.
   - After a train has come out of a single track, an opposite one starts into it no sooner than `meeting`; an opposite
     one that passes the station enters no sooner than `not simultaneous`, as any two arrivals from opposite directions
     at a station are that far apart (except where both sections have two tracks).
   - A train stands only where its class fits; standing or passing it has one of the station's tracks to itself, from
     its arrival to its departure.
   - No train is in a section during its window.
   - Trains in the sections of a feeding section draw no more than its power together. */

#define TN_NETWORK_DAY_MS INT64_C(86400000)
enum { TN_NETWORK_UP, TN_NETWORK_DOWN }; /* direction of running: station index rises, falls */

struct tn_network_station {
    const char *name, *kind;
    double km_m;
    int tracks;
    int phase; /* since when it is there; -1 = always */
    int confidence;
};

struct tn_network_window { /* every day; may reach past midnight */
    int64_t begin_ms, duration_ms;
};

struct tn_network_section {
    double distance_m;
    int tracks;
    int64_t headway_ms; /* automatic block; -1: one train at a time */
    const struct tn_network_window *windows;
    size_t window_count;
};

/* Running time of a class through a section: passing both ends at speed, and what a start, a stop or both add. */
struct tn_network_times {
    int64_t pass_ms, start_ms, stop_ms, both_ms;
    double power_W; /* drawn from the line running through: the largest mean over the parts of the section that lie in
                       one feeding section each, or over the section where there is none; 0 unknown */
};

/* Trains of one class in one direction. */
struct tn_network_class {
    const struct tn_traffic_class_spec *spec;
    const char *name; /* "freight up" */
    int direction;
    int first, last;                      /* stations where it begins and ends */
    const struct tn_network_times *times; /* one a section of the network; outside its way unused */
    const bool *fits;                     /* one a station: whether it can stand there */
    const int64_t *dwell_ms;              /* one a station: how long it has to stand there; -1: it need not stop */
    double load_kg, net_kg, length_m;     /* the largest on its way; NAN: no train */
    int locomotives;
    int64_t free_ms; /* way alone on the line: running times, stops and dwells, no waiting */
};

/* A feeding section of the line, with every section of which it feeds a part: a train draws from it, with its mean
   power of the section, as long as it is in one of these. */
struct tn_network_feeding {
    const char *name;
    int first, last; /* sections */
    double power_W;  /* that it can give */
};

struct tn_network_restriction {
    int64_t begin_ms, end_ms; /* time of day; end < begin: past midnight */
    const int64_t *longer_ms; /* [class * section_count + section]: what it adds to a train that enters meanwhile */
};

struct tn_network {
    const struct tn_network_station *stations;
    const struct tn_network_section *sections;
    const struct tn_network_class *classes;
    const struct tn_network_feeding *feedings;
    const struct tn_network_restriction *restrictions;
    int station_count, section_count, class_count, feeding_count, restriction_count;
    int64_t not_simultaneous_ms, meeting_ms, following_ms, approach_ms;
    const char *reason;         /* a train cannot do its way, and why; NULL: all can */
    struct tn_result_head head; /* line, depth and what it rests on */
};

/* Builds the network: train runs for each class that has a train. TN_ERR_INPUT names the field: unknown stations, a
   class without train and running times. A train that cannot do its way is no error but network->reason. What it points
   to lives in the arena. */
tn_status tn_network_init(struct tn_network *network, const struct tn_traffic_spec *traffic,
                          const struct tn_environment *environment, struct tn_arena *arena, struct tn_context *ctx);

/* All of that but the train runs. */
tn_status tn_network_check(const struct tn_traffic_spec *traffic, const struct tn_environment *environment,
                           struct tn_arena *arena, struct tn_context *ctx);

/* Index of the station that the field names; TN_ERR_INPUT about the field, with the nearest name, if there is none. */
tn_status tn_network_station_of(int *index_out, const struct tn_network *network, const char *const *field,
                                struct tn_context *ctx);

/* +1 for up, -1 for down: from one station to the next. */
static inline int tn_network_step(const struct tn_network_class *class)
{
    return class->direction == TN_NETWORK_UP ? 1 : -1;
}

/* The section after a station in the class's direction. */
static inline int tn_network_section_after(const struct tn_network_class *class, int station)
{
    return class->direction == TN_NETWORK_UP ? station : station - 1;
}

/* Time of day of a moment. */
static inline int64_t tn_network_time_of_day(int64_t time_ms)
{
    int64_t rest = time_ms % TN_NETWORK_DAY_MS;
    return rest < 0 ? rest + TN_NETWORK_DAY_MS : rest;
}

/* Running time of class number c through a section that it enters at a time, with restrictions. */
int64_t tn_network_running_ms(const struct tn_network *network, int c, int section, bool starts, bool stops,
                              int64_t entry_ms);

#endif
