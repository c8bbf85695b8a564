/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_PATH_H
#define TN_TIMETABLE_PATH_H

#include "timetable_board.h"

/* Inside the planner: the quickest way of one more train between those on a board.

   The train's state at a station is a set of moments, each with the least time it has been under way: the moments at
   which it passes, and those at which it may leave after standing, from the earliest arrival in each free stretch of a
   track on. Sets go from station to station through what section, intervals, windows, power and tracks leave free.
   Where days repeat, a moment is one of the day, so that the states are finite however long the way. For a train that
   takes its running times the answer is exact: a way that exists is found, and none is quicker. Two exceptions where
   days repeat: a way longer than a day on which the train and its own copies overdraw a feeding section is given up,
   though another one may do; and no train stands at a station for more than a day, where its own copy would join it. */

struct tn_timetable_node {
    int64_t first_ms, last_ms; /* moments */
    int64_t cost_ms;           /* time under way at the first; the same or rising by one each ms to the last */
    int64_t back_ms;           /* running time before it; dwell before it; or the moment of arrival */
    int parent;
    unsigned char rises, kind;
};

struct tn_timetable_nodes {
    struct tn_timetable_node *items;
    size_t count, room;
};

struct tn_timetable_planner {
    struct tn_timetable_board *board;
    struct tn_timetable_nodes pool;            /* what parents point into */
    struct tn_timetable_nodes moved, kept, by; /* scratch */
    struct tn_timetable_spans spans;           /* scratch */
    int64_t *tails;                            /* of each station of a way: what is left of it at least */
    bool met_itself;                           /* why the last way was given up */
    bool failed;                               /* no memory */
};

struct tn_timetable_wish {
    int class;
    int64_t first_ms, last_ms; /* departure; less than a period apart */
    int64_t near_ms;           /* of equally quick ways, that which leaves nearest to it */
    int64_t limit_ms;          /* it may take that long */
};

tn_status tn_timetable_planner_init(struct tn_timetable_planner *out, struct tn_timetable_board *board,
                                    struct tn_arena *arena);
void tn_timetable_planner_free(struct tn_timetable_planner *planner);

/* Fills the timings of every station of the class's way and returns true; or false, and *reach_out (may be NULL) is how
   many stations from its first it gets, the last one left out. The departure is within the period, times rise from
   there. */
bool tn_timetable_path_find(struct tn_timing *timings, int *reach_out, struct tn_timetable_planner *planner,
                            const struct tn_timetable_wish *wish);

#endif
