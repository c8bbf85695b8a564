/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_START_H
#define TN_TIMETABLE_START_H

#include "timetable_search.h"

/* Inside the planner: where the search begins. Trains placed one by one each take the quickest way that is left, and
   the last ones find none. So days are simulated first, without disturbances: dispatching from moment to moment shares
   the line out evenly. A day is then simulated over and over by the timetable that came out before, and soon repeats
   nearly or exactly. Where classes weigh differently, the heavier ones are written into that timetable as if only they
   were on the line, so that the others come to make way. Several days are tried, which differ in the dispatch rule and
   in when classes depart. */

/* Paths for each of the task's trains, as far as a day gives them (count 0: none), from the best days, best first: most
   trains, then least weighted delay. Fills starts_out with as many as there are, up to `most`, and returns how many.
   Some trains of a day may be in each other's way, where it repeats only nearly. */
int tn_timetable_starts(const struct tn_train_path **starts_out, int most, const struct tn_timetable_task *task,
                        struct tn_arena *arena);

#endif
