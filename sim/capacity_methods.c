/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity_methods.h"

#include <math.h>

#include "capacity_traffic.h"
#include "compression.h"
#include "saturation.h"
#include "timetable.h"

enum { METHODS = 4, PLAN_ITERATIONS = 400 };

/* What the methods that run trains share. */
struct work {
    struct tn_capacity_result *result;
    const struct tn_capacity_spec *spec;
    struct tn_traffic_spec traffic;
    struct tn_network network;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

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

static const struct tn_traffic_class_spec *freight(const struct work *work)
{
    return (const struct tn_traffic_class_spec *)work->traffic.classes.items + TN_CAPACITY_FREIGHT;
}

/* --- compression --- */

static tn_status plan(struct tn_timetable_plan *out, const struct work *work, int pairs)
{
    const struct tn_network *network = &work->network;
    int *trains = tn_arena_alloc(work->arena, (size_t)network->class_count + 1, sizeof *trains);
    if (trains == NULL)
        return TN_ERR_MEMORY;
    for (int c = 0; c < network->class_count; c++)
        trains[c] =
            network->classes[c].spec == freight(work) ? pairs : (int)ceil(network->classes[c].spec->pairs - 1e-9);
    const struct tn_timetable_limits limits = {
        .cyclic = true, .iterations = PLAN_ITERATIONS, .seed = 1, .until_s = INFINITY};
    return tn_timetable_plan(out, network, trains, &limits, work->arena, work->ctx);
}

/* Compresses a timetable of the pairs that the period method allows, or of what can be placed of them. */
static tn_status put_compression(struct work *work, double by_period)
{
    struct tn_timetable_plan timetable;
    struct tn_compression compressed;
    const int pairs = (int)fmax(1, floor(by_period));
    tn_status status = plan(&timetable, work, pairs);
    if (status == TN_OK)
        status = tn_compression_solve(&compressed, &work->network, timetable.paths, timetable.count, freight(work),
                                      work->spec->occupancy_limit, work->arena);
    if (status != TN_OK)
        return status;
    const char *place = "", *note;
    if (compressed.limiting < compressed.count) {
        const struct tn_compressed_part *part = &compressed.parts[compressed.limiting];
        place = tn_arena_printf(work->arena, "%s - %s", work->network.stations[part->first].name,
                                work->network.stations[part->last].name);
    }
    if (compressed.limiting == compressed.count)
        note = tn_arena_printf(work->arena, "no timetable to compress: %s",
                               timetable.reason ? timetable.reason : "no train runs");
    else
        note =
            tn_arena_printf(work->arena,
                            "UIC 406: a timetable of %d pairs takes %.0f %% of the time when compressed, %.0f %% may "
                            "be taken%s",
                            pairs, 100 * compressed.occupancy_1, 100 * work->spec->occupancy_limit,
                            timetable.reason ? "; not all of its trains could be placed" : "");
    return put(work->result, "compression", compressed.pairs_per_day, NULL, place, note, work->arena);
}

/* --- saturation --- */

static tn_status put_saturation(struct work *work, double by_period)
{
    const struct tn_capacity_saturation_spec *spec = &work->spec->saturation;
    struct tn_simulate_disturbances disturbances;
    struct tn_saturation found;
    const char *note;
    if (isnan(spec->delay_limit))
        return put(work->result, "saturation", NAN, NULL, "", "no `saturation.delay_limit` is said", work->arena);
    tn_status status = tn_disturbances_init(&disturbances, &spec->disturbances, &work->network, work->arena, work->ctx);
    if (status != TN_OK)
        return status;
    const struct tn_saturation_request request = {.network = &work->network,
                                                  .disturbances = &disturbances,
                                                  .class = freight(work),
                                                  .delay_limit_s = spec->delay_limit,
                                                  .pairs_guess = fmax(1, by_period),
                                                  .rule = (enum tn_simulate_rule)spec->rule,
                                                  .days = spec->days,
                                                  .warm_up = spec->warm_up,
                                                  .replicates = spec->replicates,
                                                  .seed = (uint64_t)spec->seed};
    status = tn_saturation_solve(&found, &request, work->arena, work->ctx);
    if (status != TN_OK)
        return status;
    work->result->delay_limit_s = spec->delay_limit;
    work->result->delay_curve = (struct tn_list){found.curve, found.count};
    if (isnan(found.pairs_per_day))
        note =
            tn_arena_printf(work->arena, "the mean delay does not pass %.0f min anywhere near", spec->delay_limit / 60);
    else
        note = tn_arena_printf(work->arena, "the mean delay passes %.0f min; 95 %% confidence %.1f to %.1f pairs",
                               spec->delay_limit / 60, found.interval[0], found.interval[1]);
    return put(work->result, "saturation", found.pairs_per_day, found.interval, found.busiest, note, work->arena);
}

static tn_status put_running(struct work *work, const struct tn_environment *environment, double by_period)
{
    tn_status status = tn_capacity_traffic(&work->traffic, work->spec, NAN, work->arena, work->ctx);
    if (status == TN_OK)
        status = tn_network_init(&work->network, &work->traffic, environment, work->arena, work->ctx);
    if (status != TN_OK)
        return status;
    const char *reason =
        work->network.reason ? work->network.reason : tn_simulate_impossible(&work->network, work->arena);
    if (reason) {
        status = put(work->result, "compression", NAN, NULL, "", reason, work->arena);
        return status == TN_OK ? put(work->result, "saturation", NAN, NULL, "", reason, work->arena) : status;
    }
    status = put_compression(work, by_period);
    return status == TN_OK ? put_saturation(work, by_period) : status;
}

tn_status tn_capacity_check_methods(const struct tn_capacity_spec *spec, const struct tn_environment *environment,
                                    struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_traffic_spec traffic;
    if (spec->methods != TN_METHODS_ALL)
        return TN_OK;
    tn_status status = tn_disturbances_check(&spec->saturation.disturbances, ctx);
    if (status == TN_OK)
        status = tn_capacity_traffic(&traffic, spec, NAN, arena, ctx);
    return status == TN_OK ? tn_network_check(&traffic, environment, arena, ctx) : status;
}

tn_status tn_capacity_fill_methods(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                   const struct tn_environment *environment, double by_period, struct tn_arena *arena,
                                   struct tn_context *ctx)
{
    struct work work = {.result = result, .spec = spec, .arena = arena, .ctx = ctx};
    result->delay_limit_s = NAN;
    result->methods.items = tn_arena_alloc(arena, METHODS, sizeof(struct tn_capacity_method));
    if (result->methods.items == NULL)
        return TN_ERR_MEMORY;
    tn_status status = put_period(result, spec, by_period, arena);
    if (status == TN_OK && !isnan(result->pairs_power_per_day))
        status = put(result, "power", result->pairs_power_per_day, NULL, result->limit ? result->limit : "",
                     "mean power of the trains within what the feeding sections give", arena);
    if (status == TN_OK && spec->methods == TN_METHODS_ALL && !isnan(by_period))
        status = put_running(&work, environment, by_period);
    return status;
}
