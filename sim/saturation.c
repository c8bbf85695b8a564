/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "saturation.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "parallel.h"

enum { GRID = 9, HALVINGS = 5, WIDENINGS = 4 };
#define GRID_FROM 0.4 /* of the guess; up to: */
#define GRID_TO   1.2

struct work {
    const struct tn_saturation_request *request;
    double pairs[GRID];
    double *delays;     /* [grid point * replicates + replicate] */
    double *low, *high; /* around each replicate's pairs */
    double *low_s, *high_s;
    int *busiest; /* section, one a grid point, of the first replicate */
    size_t replicates;
};

/* Simulates one replicate with that many pairs. */
static tn_status simulate(double *delay_s, int *busiest, const struct work *work, double pairs, size_t replicate,
                          struct tn_arena *scratch, struct tn_context *ctx)
{
    const struct tn_saturation_request *r = work->request;
    const struct tn_network *network = r->network;
    double *per_day = tn_arena_alloc(scratch, (size_t)network->class_count + 1, sizeof *per_day);
    struct tn_simulate_outcome out;
    if (per_day == NULL)
        return TN_ERR_MEMORY;
    for (int c = 0; c < network->class_count; c++)
        per_day[c] = network->classes[c].spec == r->class ? pairs : network->classes[c].spec->pairs;
    const struct tn_simulate_request request = {.network = network,
                                                .disturbances = r->disturbances,
                                                .rule = r->rule,
                                                .warm_up_ms = r->warm_up * TN_NETWORK_DAY_MS,
                                                .end_ms = (r->warm_up + r->days) * TN_NETWORK_DAY_MS,
                                                .seed = r->seed,
                                                .replicate = (uint32_t)replicate,
                                                .trains_per_day = per_day};
    tn_status status = tn_simulate(&out, &request, scratch, ctx);
    if (status != TN_OK)
        return status;
    *delay_s = out.all.delay_mean_s;
    if (busiest == NULL)
        return TN_OK;
    *busiest = 0;
    for (int k = 1; k < network->section_count; k++)
        if (out.sections[k].occupied_s / network->sections[k].tracks >
            out.sections[*busiest].occupied_s / network->sections[*busiest].tracks)
            *busiest = k;
    return TN_OK;
}

static tn_status grid_task(size_t i, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    struct work *work = payload;
    const size_t point = i / work->replicates, replicate = i % work->replicates;
    return simulate(&work->delays[i], replicate ? NULL : &work->busiest[point], work, work->pairs[point], replicate,
                    scratch, ctx);
}

/* Halves the interval of a replicate. */
static tn_status halve_task(size_t i, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    struct work *work = payload;
    if (!isfinite(work->low[i]))
        return TN_OK;
    for (int k = 0; k < HALVINGS; k++) {
        const double middle = (work->low[i] + work->high[i]) / 2;
        double delay_s;
        tn_status status = simulate(&delay_s, NULL, work, middle, i, scratch, ctx);
        tn_arena_clear(scratch);
        if (status != TN_OK)
            return status;
        *(delay_s > work->request->delay_limit_s ? &work->high[i] : &work->low[i]) = middle;
        *(delay_s > work->request->delay_limit_s ? &work->high_s[i] : &work->low_s[i]) = delay_s;
    }
    return TN_OK;
}

static tn_status solve_grid(struct work *work, double from, double to, struct tn_context *ctx)
{
    for (int g = 0; g < GRID; g++)
        work->pairs[g] = from + (to - from) * g / (GRID - 1);
    return tn_parallel(GRID * work->replicates, "runs of traffic", grid_task, work, ctx);
}

/* Whether each replicate passes the limit between two points of the grid; else in which direction to look: -1, +1. */
static int bracket(struct work *work)
{
    const double limit = work->request->delay_limit_s;
    int look = 0;
    for (size_t i = 0; i < work->replicates; i++) {
        int g = 0;
        while (g < GRID && work->delays[(size_t)g * work->replicates + i] <= limit)
            g++;
        work->low[i] = work->high[i] = NAN;
        if (g == 0 || g == GRID) {
            look = g == 0 ? -1 : look ? look : 1;
            continue;
        }
        work->low[i] = work->pairs[g - 1];
        work->high[i] = work->pairs[g];
        work->low_s[i] = work->delays[(size_t)(g - 1) * work->replicates + i];
        work->high_s[i] = work->delays[(size_t)g * work->replicates + i];
    }
    return look;
}

static tn_status find(struct work *work, struct tn_context *ctx)
{
    double from = GRID_FROM * work->request->pairs_guess, to = GRID_TO * work->request->pairs_guess;
    for (int i = 0; i <= WIDENINGS; i++) {
        tn_status status = solve_grid(work, from, to, ctx);
        if (status != TN_OK)
            return status;
        const int look = bracket(work);
        if (look == 0)
            break;
        *(look < 0 ? &from : &to) *= look < 0 ? 0.3 : 1.7;
    }
    return tn_parallel(work->replicates, "replicates", halve_task, work, ctx);
}

static double half_interval(const double *values, size_t count)
{
    if (count < 2)
        return (double)NAN;
    const double n = (double)count;
    return gsl_cdf_tdist_Pinv(0.975, n - 1) * gsl_stats_sd(values, 1, count) / sqrt(n);
}

static tn_status fill(struct tn_saturation *out, const struct work *work, struct tn_arena *arena)
{
    const struct tn_network_station *stations = work->request->network->stations;
    const double limit = work->request->delay_limit_s;
    double *pairs = tn_arena_alloc(arena, work->replicates, sizeof *pairs);
    out->curve = tn_arena_alloc(arena, GRID, sizeof *out->curve);
    if (pairs == NULL || out->curve == NULL)
        return TN_ERR_MEMORY;
    int under = 0;
    for (int g = 0; g < GRID; g++) {
        const double *here = work->delays + (size_t)g * work->replicates;
        const double mean = gsl_stats_mean(here, 1, work->replicates), half = half_interval(here, work->replicates);
        out->curve[g] = (struct tn_capacity_delay){work->pairs[g], mean, mean - half, mean + half};
        under = mean <= limit ? g : under;
    }
    out->count = GRID;
    for (size_t i = 0; i < work->replicates; i++) /* between the last two, on a line */
        pairs[i] = work->low[i] +
                   (work->high[i] - work->low[i]) * (limit - work->low_s[i]) / (work->high_s[i] - work->low_s[i]);
    const double half = half_interval(pairs, work->replicates);
    out->pairs_per_day = gsl_stats_mean(pairs, 1, work->replicates);
    out->interval[0] = out->pairs_per_day - half;
    out->interval[1] = out->pairs_per_day + half;
    const int k = work->busiest[under];
    out->busiest = tn_arena_printf(arena, "%s - %s", stations[k].name, stations[k + 1].name);
    return out->busiest ? TN_OK : TN_ERR_MEMORY;
}

tn_status tn_saturation_solve(struct tn_saturation *out, const struct tn_saturation_request *request,
                              struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_arena scratch = {0};
    struct work work = {.request = request, .replicates = (size_t)request->replicates};
    *out = (struct tn_saturation){.pairs_per_day = NAN, .interval = {NAN, NAN}, .busiest = ""};
    work.delays = tn_arena_alloc(&scratch, GRID * work.replicates, sizeof *work.delays);
    work.low = tn_arena_alloc(&scratch, work.replicates, sizeof *work.low);
    work.high = tn_arena_alloc(&scratch, work.replicates, sizeof *work.high);
    work.low_s = tn_arena_alloc(&scratch, work.replicates, sizeof *work.low_s);
    work.high_s = tn_arena_alloc(&scratch, work.replicates, sizeof *work.high_s);
    work.busiest = tn_arena_alloc(&scratch, GRID, sizeof *work.busiest);
    tn_status status = work.delays && work.low && work.high && work.low_s && work.high_s && work.busiest
                           ? find(&work, ctx)
                           : TN_ERR_MEMORY;
    if (status == TN_OK)
        status = fill(out, &work, arena);
    tn_arena_clear(&scratch);
    return status;
}
