/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_BOUND_H
#define TN_TIMETABLE_BOUND_H

#include "timetable.h"

/* Inside the planner: how long the trains of a day need each section at least, whatever their order. docs/timetable.md
   has the argument. */

/* The section, or feeding section, that is fullest: need over left is the largest. trains: of each class of the
   network. need_ms < 0: nothing is used. */
void tn_timetable_fullest(struct tn_timetable_need *out, const struct tn_network *network, const int *trains,
                          bool cyclic);

static inline bool tn_timetable_overfull(const struct tn_timetable_need *need)
{
    return need->need_ms > need->left_ms;
}

#endif
