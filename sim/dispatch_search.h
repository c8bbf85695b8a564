/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISPATCH_SEARCH_H
#define TN_DISPATCH_SEARCH_H

#include "dispatch_plan.h"

enum tn_search_end { TN_SEARCH_FOUND, TN_SEARCH_NONE, TN_SEARCH_GAVE_UP };

/* Any feasible solution, by trying the orders of events one after the other, each event as early as it can be; what has
   once led nowhere is remembered. NONE: every order was tried. GAVE_UP: after `states` states, or without memory. The
   board must be empty; FOUND places every train on it. */
enum tn_search_end tn_search_feasible(struct tn_plan_board *board, int64_t states);

#endif
