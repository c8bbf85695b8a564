/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CAPACITY_TRAFFIC_H
#define TN_CAPACITY_TRAFFIC_H

#include "network.h"

/* The assumptions of a capacity study as traffic on a network: the same trains, intervals, window and margin, so that
   methods which run trains stand on what the period method stands on. */

enum { TN_CAPACITY_FREIGHT = 0 }; /* its class among the traffic's classes; those of `removals` follow */

/* Classes: `pairs` freight pairs a day (NAN: as many as fit) and the trains of the removals. The window is one for the
   whole line. TN_ERR_INPUT if a removal names no train where the freight trains have one. What traffic points to lives
   in the arena. */
tn_status tn_capacity_traffic(struct tn_traffic_spec *traffic, const struct tn_capacity_spec *spec, double pairs,
                              struct tn_arena *arena, struct tn_context *ctx);

#endif
