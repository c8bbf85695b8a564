/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CAPACITY_TIMES_H
#define TN_CAPACITY_TIMES_H

#include "capacity.h"
#include "section_times.h"

/* Running times of a capacity study by section, as capacity_times.c works them out and capacity.c makes pairs of them.
 */

enum { UP, DOWN, DIRECTIONS }; /* of running */

struct tn_capacity_stretch {
    struct tn_capacity_section row; /* names, places and tracks; the rest is of the result */
    struct tn_section_time times[DIRECTIONS];
    double headway_s; /* given, on double track; NAN: from the running times */
};

struct tn_capacity_times {
    struct tn_capacity_stretch *sections;
    size_t count;
    double load_kg, load_back_kg, net_kg, net_back_kg; /* NAN: no train */
    bool train_feasible;
    const char *reason; /* why it is not, or "" */
    double running_s[DIRECTIONS];
    double distance_m;
    struct tn_result_head head; /* names and assumptions */
};

/* The same locomotives with as many wagons, empty. TN_ERR_MEMORY. */
tn_status tn_capacity_empty_train(struct tn_train_spec *back, const struct tn_train_spec *train,
                                  struct tn_arena *arena);

/* All that comes before solving: the `check` of the study. */
tn_status tn_capacity_check(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                            struct tn_context *ctx);

/* Direction of the loaded trains. */
static inline int tn_capacity_loaded(const struct tn_capacity_spec *spec)
{
    return spec->loaded == TN_DOWN ? DOWN : UP;
}

#endif
