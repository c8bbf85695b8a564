/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity_methods.h"

#include <math.h>

#include "capacity_traffic.h"

enum { METHODS = 4 };

/* A method's row; pairs NAN: it gives no figure, and the note says why. */
static tn_status put(struct tn_capacity_result *result, const char *name, double pairs, const double interval[2],
                     const char *place, const char *note, struct tn_arena *arena)
{
    struct tn_capacity_method *rows = (struct tn_capacity_method *)result->methods.items;
    double *numbers = tn_arena_alloc(arena, 2, sizeof *numbers);
    if (numbers == NULL || place == NULL || note == NULL)
        return TN_ERR_MEMORY;
    numbers[0] = interval ? interval[0] : (double)NAN;
    numbers[1] = interval ? interval[1] : (double)NAN;
    rows[result->methods.count++] =
        (struct tn_capacity_method){name, pairs, {numbers, 2}, tn_capacity_net(result, pairs), place, note};
    return TN_OK;
}

static tn_status put_period(struct tn_capacity_result *result, const struct tn_capacity_spec *spec, double by_period,
                            struct tn_arena *arena)
{
    const char *note = tn_arena_printf(arena, "parallel pairs by the period, over 1 + %g, less trains of other classes",
                                       spec->reserve);
    return put(result, "period", by_period, NULL, result->limiting_section ? result->limiting_section : "", note,
               arena);
}

tn_status tn_capacity_fill_methods(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                   const struct tn_environment *environment, double by_period, struct tn_arena *arena,
                                   struct tn_context *ctx)
{
    (void)environment;
    (void)ctx;
    result->methods.items = tn_arena_alloc(arena, METHODS, sizeof(struct tn_capacity_method));
    if (result->methods.items == NULL)
        return TN_ERR_MEMORY;
    tn_status status = put_period(result, spec, by_period, arena);
    if (status == TN_OK && !isnan(result->pairs_power_per_day))
        status = put(result, "power", result->pairs_power_per_day, NULL, result->limit ? result->limit : "",
                     "mean power of the trains within what the feeding sections give", arena);
    return status;
}
