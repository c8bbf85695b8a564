/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MADE_DAY_H
#define MADE_DAY_H

#include "results.h"
#include "train_path.h"

/* Results of a day on the Golmud-Korla line, made up for tests of plots: trains in both directions meet where they are
   half a headway apart, all stand while the line is closed. No planner and no simulator has a part in them. */

enum { MADE_PAIRS = 26 };

struct made_day {
    struct tn_result_head head;
    bool cyclic;
    struct tn_list paths, stations, sections, windows, conflicts_found;
};

struct made_delay {
    double pairs_per_day, delay_mean_s, delay_low_s, delay_high_s;
};
struct made_loop {
    const char *station;
    double km_m;
    int phase;
    double worth_pairs_per_day, worth_net_per_year_kg;
};
struct made_more {
    double km_m;
    const char *between;
    double gain_pairs_per_day;
};
struct made_method {
    const char *name;
    double pairs_per_day;
    struct tn_list interval;
};
struct made_capacity {
    struct tn_result_head head;
    double delay_limit_s, published_pairs_per_day;
    struct tn_list methods, delay_curve, loops, more_loops;
};

extern const struct tn_study_kind made_timetable_kind, made_simulation_kind, made_capacity_kind;

/* A cyclic timetable of so many pairs; late_s > 0: a simulation of it over two days, in which some trains are late by
   up to so much and run into others. stations: the line's CSV file; local: by their names there. All in the arena;
   false if it cannot be read. */
bool made_day_init(struct made_day *day, const char *stations, bool local, int pairs, double late_s,
                   struct tn_arena *arena);
/* Delays, loops and gaps of the same line. */
bool made_capacity_init(struct made_capacity *capacity, const struct made_day *day, struct tn_arena *arena);

#endif
