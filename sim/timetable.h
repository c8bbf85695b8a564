/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_H
#define TN_TIMETABLE_H

#include "train_path.h"

/* The study `timetable`: when the trains of a day run, so that no rule of the road is broken; and the library call
   behind it. */

struct tn_timetable_limits {
    bool cyclic;        /* the day repeats; else the line is empty before it, and its trains run until they arrive */
    int64_t iterations; /* of the search, for each number of trains tried */
    uint32_t seed;
    int threads;          /* 0: all cores; the result does not depend on it */
    double until_s;       /* time of tn_timetable_clock after which it ends; INFINITY: none */
    int64_t tolerance_ms; /* trains with a time of departure leave that much before or after it */
};

/* A section that its trains need for longer than the day leaves it. */
struct tn_timetable_need {
    int section; /* -1: a feeding section */
    int feeding;
    int64_t need_ms, left_ms;
};

struct tn_timetable_plan {
    const struct tn_train_path *paths; /* of the trains that are placed, class by class */
    size_t count;
    const int *wanted, *placed;     /* trains of each class of the network */
    const int *bound;               /* no more of each class can run; -1: no bound known */
    struct tn_timetable_need limit; /* what sets the bound, or what is overfull; need_ms < 0: nothing */
    bool proved;                    /* that the trains wanted cannot all run */
    const char *reason;             /* why not all are placed, naming the place; NULL: all are */
    int64_t iterations;
    bool late;        /* the time limit ended the search */
    int64_t delay_ms; /* sum of weighted delays of those placed */
    double gap_1;     /* weighted time under way over that alone on the line, less one */
};

/* Plans trains on the network, which must have no reason against it. trains[c]: how many of class c of the network,
   as its spec says when they leave; a negative number: as many as fit, found by trying, the same of both directions of
   a class that runs in pairs. The plan lives in the arena and has been judged by tn_road_check: a plan that breaks a
   rule is TN_ERR_INTERNAL. That not all could be placed is no error. */
tn_status tn_timetable_plan(struct tn_timetable_plan *out, const struct tn_network *network, const int *trains,
                            const struct tn_timetable_limits *limits, struct tn_arena *arena, struct tn_context *ctx);

/* Trains a day of a class as its spec says; negative: as many as fit. */
int tn_timetable_trains(const struct tn_network_class *class);

/* Seconds of the clock that limits count with. */
double tn_timetable_clock(void);

/* How many days trains may be under way that do not repeat. */
int tn_timetable_days(const struct tn_network *network);

/* What a need is about: "A - B". NULL: no memory. */
const char *tn_timetable_place_name(const struct tn_network *network, const struct tn_timetable_need *need,
                                    struct tn_arena *arena);

#endif
