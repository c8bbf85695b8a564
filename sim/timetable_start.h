/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_START_H
#define TN_TIMETABLE_START_H

#include "timetable_search.h"

/* Inside the planner: where the search begins. Trains placed one by one each take the quickest way that is left, and
   the last ones find none. So the day is simulated first, without disturbances and over and over: dispatching from
   moment to moment shares the line out evenly, and the days soon repeat nearly or exactly. Of the last one the search
   keeps what goes together when it repeats for ever. */

/* A path for each of the trains, as far as a simulated day gives one (count 0: none); NULL if there is no memory, or
   nothing that could be simulated. */
const struct tn_train_path *tn_timetable_start(const struct tn_network *network,
                                               const struct tn_timetable_train *trains, int count,
                                               struct tn_arena *arena, struct tn_context *ctx);

#endif
