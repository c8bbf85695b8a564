/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_NETWORK_TIMES_H
#define TN_NETWORK_TIMES_H

#include "network.h"

/* The train runs behind a network, class by class; shared by network.c and network_times.c only. */

struct tn_network_work {
    struct tn_network *network;
    struct tn_network_section *sections; /* the network's, to be written */
    const struct tn_traffic_spec *traffic;
    const struct tn_environment *environment;
    bool runs;         /* false: check only */
    double *lengths_m; /* usable length of each station's tracks; NAN unknown */
    struct tn_arena *arena, scratch;
    struct tn_context *ctx;
};

/* Rounded up to whole milliseconds. */
int64_t tn_network_ms(double time_s);
/* Index of the station, or -1. */
int tn_network_find(const struct tn_network *network, const char *name);

/* Fills where the class fits, its dwells at changes of formation, its times (work->runs) and what follows from them. */
tn_status tn_network_class_times(struct tn_network_class *class, bool *fits, int64_t *dwell_ms,
                                 struct tn_network_work *work);

/* What each restriction adds to the running times of each class. */
tn_status tn_network_restrictions(struct tn_network_work *work);

#endif
