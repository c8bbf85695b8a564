/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISTURBANCES_H
#define TN_DISTURBANCES_H

#include "distribution.h"

/* What makes trains late, as a user says it. */

struct tn_network;
struct tn_simulate_disturbances;

struct tn_closure_spec { /* a loop that cannot be used */
    const char *station;
    double begin, end; /* s since midnight of the first day */
};

struct tn_disturbances_spec {
    struct tn_distribution entry, running;
    double failure_distance, failure_time; /* mean between failures of a train, m and s; NAN: none of that kind */
    struct tn_distribution failure, overrun;
    struct tn_list closures; /* tn_closure_spec */
};
extern const struct tn_schema tn_disturbances_schema;

/* Errors name the field; stations are looked up in the network. What out points to lives in the arena. */
tn_status tn_disturbances_init(struct tn_simulate_disturbances *out, const struct tn_disturbances_spec *spec,
                               const struct tn_network *network, struct tn_arena *arena, struct tn_context *ctx);
/* What can be said of them before there is a network. */
tn_status tn_disturbances_check(const struct tn_disturbances_spec *spec, struct tn_context *ctx);

#endif
