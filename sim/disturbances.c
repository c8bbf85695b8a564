/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disturbances.h"

#include <math.h>

#include "simulate.h"

static const struct tn_field closure_fields[] = {
    TN_F_STRING(tn_closure_spec, station, TN_REQUIRED, "station whose side tracks are closed"),
    TN_F_NUMBER(tn_closure_spec, begin, TN_Q_TIME, 0, 0, INFINITY, 0, "when, from midnight of the first day"),
    TN_F_NUMBER(tn_closure_spec, end, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "until when, from midnight of the first day"),
    TN_F_END};
static const struct tn_schema closure_schema = {"closure", "a closed loop: nobody stops there",
                                                sizeof(struct tn_closure_spec), closure_fields};

static const struct tn_field disturbance_fields[] = {
    TN_F_STRUCT(tn_disturbances_spec, entry, &tn_time_distribution_schema, "how late trains come to the line"),
    TN_F_STRUCT(tn_disturbances_spec, running, &tn_ratio_distribution_schema,
                "how much longer a train takes for a section, over its running time"),
    TN_F_NUMBER(tn_disturbances_spec, failure_distance, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "mean way of a train between failures; not given: none by way"),
    TN_F_NUMBER(tn_disturbances_spec, failure_time, TN_Q_TIME, NAN, 0, INFINITY, TN_POSITIVE,
                "mean running time of a train between failures; not given: none by time"),
    TN_F_STRUCT(tn_disturbances_spec, failure, &tn_time_distribution_schema,
                "how long a train stands in its section after a failure"),
    TN_F_STRUCT(tn_disturbances_spec, overrun, &tn_time_distribution_schema, "how late maintenance windows end"),
    TN_F_LIST(tn_disturbances_spec, closures, &closure_schema, 0, "closed loops"),
    TN_F_END};
const struct tn_schema tn_disturbances_schema = {"disturbances", "what makes trains late",
                                                 sizeof(struct tn_disturbances_spec), disturbance_fields};

tn_status tn_disturbances_check(const struct tn_disturbances_spec *spec, struct tn_context *ctx)
{
    const struct tn_distribution *laws[] = {&spec->entry, &spec->running, &spec->failure, &spec->overrun};
    const struct tn_closure_spec *closure = spec->closures.items;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        if (tn_distribution_check(laws[i], ctx) != TN_OK)
            return TN_ERR_INPUT;
    for (size_t i = 0; i < spec->closures.count; i++)
        if (closure[i].end <= closure[i].begin)
            return tn_error(ctx, &closure[i].end, NULL, "the closure ends before it begins");
    if ((!isnan(spec->failure_distance) || !isnan(spec->failure_time)) && spec->failure.law == TN_LAW_NONE)
        return tn_error(ctx, &spec->failure, "say how long: failure: {law: exponential, mean: 40 min}",
                        "trains fail, and nothing says for how long");
    return TN_OK;
}

static tn_status closures(struct tn_simulate_disturbances *out, const struct tn_disturbances_spec *spec,
                          const struct tn_network *network, struct tn_arena *arena, struct tn_context *ctx)
{
    const struct tn_closure_spec *given = spec->closures.items;
    struct tn_simulate_closure *rows = tn_arena_alloc(arena, spec->closures.count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < spec->closures.count; i++) {
        int station;
        tn_status status = tn_network_station_of(&station, network, &given[i].station, ctx);
        if (status != TN_OK)
            return status;
        rows[i] = (struct tn_simulate_closure){station, llround(1e3 * given[i].begin), llround(1e3 * given[i].end)};
    }
    out->closures = rows;
    out->closure_count = spec->closures.count;
    return TN_OK;
}

tn_status tn_disturbances_init(struct tn_simulate_disturbances *out, const struct tn_disturbances_spec *spec,
                               const struct tn_network *network, struct tn_arena *arena, struct tn_context *ctx)
{
    tn_status status = tn_disturbances_check(spec, ctx);
    *out = (struct tn_simulate_disturbances){.entry = spec->entry,
                                             .running = spec->running,
                                             .failure_per_m =
                                                 isnan(spec->failure_distance) ? 0 : 1 / spec->failure_distance,
                                             .failure_per_s = isnan(spec->failure_time) ? 0 : 1 / spec->failure_time,
                                             .failure = spec->failure,
                                             .overrun = spec->overrun};
    return status == TN_OK ? closures(out, spec, network, arena, ctx) : status;
}
