/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CAPACITY_METHODS_H
#define TN_CAPACITY_METHODS_H

#include "capacity.h"

/* Fills result->methods: the period method (by_period pairs a day) and the power of feeding sections, which the result
   holds already, and where spec->methods says so those that run trains, side by side. */
tn_status tn_capacity_fill_methods(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                   const struct tn_environment *environment, double by_period, struct tn_arena *arena,
                                   struct tn_context *ctx);

/* What these methods would refuse. */
tn_status tn_capacity_check_methods(const struct tn_capacity_spec *spec, const struct tn_environment *environment,
                                    struct tn_arena *arena, struct tn_context *ctx);

/* Net load a year of that many freight pairs a day. */
double tn_capacity_net(const struct tn_capacity_result *result, double pairs_per_day);

#endif
