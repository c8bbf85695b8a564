/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_SEARCH_H
#define TN_TIMETABLE_SEARCH_H

#include "timetable.h"

/* Inside the planner: many trains at once. They are placed one after the other, each on its quickest way between those
   before it, and then taken off and placed anew in small sets that meet (large neighbourhood search, as in dispatch.c).
   Some chains of that run side by side, the same ones whatever the number of threads, and random numbers are keyed by
   chain and iteration: only a time limit makes the result depend on the machine. */

enum { TN_TIMETABLE_GUESSES = 3 };

struct tn_timetable_train {
    int class, number;
    int64_t first_ms, last_ms; /* departure between these; less than a day apart */
    int64_t near_ms;           /* and best near this */
};

struct tn_timetable_task {
    const struct tn_network *network;
    const struct tn_timetable_train *trains;
    int count;
    const struct tn_train_path *start; /* one a train, or NULL; without timings: not placed. Taken as far as they go
                                          together */
    const struct tn_train_path *guesses[TN_TIMETABLE_GUESSES]; /* without a start: the same, which may be worse than
                                                                  none; best first */
    int guess_count;
    int64_t iterations; /* from which on the search ends; sooner if no train has a delay */
    uint64_t round;     /* of several searches: to draw other numbers */
    bool place_only;    /* it ends when all are placed */
    const struct tn_timetable_limits *limits;
    const struct tn_context *ctx; /* told of the progress */
    const char *what;             /* "iterations with 53 trains" */
};

struct tn_timetable_outcome {
    struct tn_train_path *paths; /* one a train; count 0: not placed */
    int missing;
    int64_t delay_ms; /* sum of weighted delays */
    int64_t iterations;
    int64_t *failures; /* of each section: how often a train came no further */
    bool late;         /* the time limit ended it */
};

tn_status tn_timetable_search(struct tn_timetable_outcome *out, const struct tn_timetable_task *task,
                              struct tn_arena *arena);

#endif
