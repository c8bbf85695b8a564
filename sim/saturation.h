/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SATURATION_H
#define TN_SATURATION_H

#include "simulate.h"

/* Capacity by saturation: the pairs a day at which the mean delay of simulated trains passes a limit. */

struct tn_saturation_request {
    const struct tn_network *network;
    const struct tn_simulate_disturbances *disturbances;
    const struct tn_traffic_class_spec *class; /* of whose pairs the number is sought; others run as they say */
    double delay_limit_s, pairs_guess;         /* where the search begins, > 0 */
    enum tn_simulate_rule rule;
    int days, warm_up, replicates;
    uint64_t seed;
};

struct tn_saturation {
    double pairs_per_day; /* mean of the replicates; NAN: the limit is passed with hardly a train, or never */
    double interval[2];   /* its 95 % confidence interval by Student's t; NAN for one replicate */
    struct tn_capacity_delay *curve; /* delay over pairs, rising */
    size_t count;
    const char *busiest; /* section, at the largest number of pairs below the limit: "A - B"; "" if unknown */
};

/* Simulates on all cores; the result does not depend on how many. What out points to lives in the arena. */
tn_status tn_saturation_solve(struct tn_saturation *out, const struct tn_saturation_request *request,
                              struct tn_arena *arena, struct tn_context *ctx);

#endif
