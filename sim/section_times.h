/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SECTION_TIMES_H
#define TN_SECTION_TIMES_H

#include "run.h"

/* Running times of one train from station to station, as timetables and capacity need them. */

/* Running time of a section and what starting at its beginning, stopping at its end or both adds. INFINITY: the train
   cannot start there. */
struct tn_section_time {
    double pass_s, start_s, stop_s, both_s;
    double energy_J; /* drawn from the line when passing both ends */
};

/* The way of a train past stations: the head's positions on the track, rising. It starts at the first and stops at the
   last, or comes and goes at speed. */
struct tn_section_way {
    const struct tn_track *track;
    const double *stations_s_m;
    size_t count;
    double tolerance; /* of the runs */
    bool passes_ends; /* enters at the speed that is permitted there, and leaves at speed */
};

/* Runs the whole way without a stop in between. The marks of the result are the stations; it says itself whether the
   train got there. */
tn_status tn_section_times_through(struct tn_run *through, const struct tn_section_way *way, struct tn_arena *arena,
                                   struct tn_context *ctx);

/* Times of the section from station k to station k + 1, 0 <= k < count - 1, given the run through. At ends of the
   way where the train starts or stops anyhow the running time holds that and nothing is added. */
tn_status tn_section_times_solve(struct tn_section_time *out, const struct tn_section_way *way,
                                 const struct tn_run *through, size_t k, struct tn_context *ctx);

#endif
