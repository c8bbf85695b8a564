/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "parallel.h"
#include "run.h"
#include "timetable.h"

#define DAY_MS TN_NETWORK_DAY_MS
#define DAY_S  86400.0
enum { QUANTILES = 20, PLAN_ITERATIONS = 4000 };

static const struct tn_field spec_fields[] = {
    TN_TRAFFIC_ROWS(tn_simulation_spec),
    TN_F_INTEGER(tn_simulation_spec, days, 30, 1, 36500, 0, "days that count"),
    TN_F_INTEGER(tn_simulation_spec, warm_up, 3, 0, 36500, 0, "days before them, in which the line fills"),
    TN_F_CHOICE(tn_simulation_spec, rule, tn_simulate_rule_name, TN_SIMULATE_LOOK_AHEAD, 0,
                "dispatch rule: who goes first where trains want the same section"),
    TN_F_INTEGER(tn_simulation_spec, seed, 1, 0, INT32_MAX, 0, "of the random numbers"),
    TN_F_INTEGER(tn_simulation_spec, replicates, 1, 1, 10000, 0, "how often, with other random numbers"),
    TN_F_BOOL(tn_simulation_spec, timetable, 0,
              "trains run by a timetable that is planned first, and delays count against it"),
    TN_F_BOOL(tn_simulation_spec, drain, 0, "trains that wait outside at the end are still let in"),
    TN_F_INTEGER(tn_simulation_spec, show_from, 1, 1, 36500, 0, "first of the counted days whose trains are kept"),
    TN_F_INTEGER(tn_simulation_spec, show_days, 1, 0, 400, 0, "how many days' trains are kept, of the first replicate"),
    TN_F_STRUCT(tn_simulation_spec, disturbances, &tn_disturbances_schema, "what makes trains late"),
    TN_F_END};
const struct tn_schema tn_simulation_spec_schema = {"simulation", "the traffic of a line, event by event",
                                                    sizeof(struct tn_simulation_spec), spec_fields};

static const struct tn_field class_fields[] = {
    TN_F_STRING(tn_simulation_class_row, class, 0, "class of trains"),
    TN_F_STRING(tn_simulation_class_row, direction, 0, "direction of travel"),
    TN_R_NUMBER(tn_simulation_class_row, trains_per_day, TN_Q_NONE, "trains a day that arrive"),
    TN_F_INTEGER(tn_simulation_class_row, trains, 0, 0, INFINITY, TN_HIDDEN, "trains counted, of all replicates"),
    TN_F_INTEGER(tn_simulation_class_row, unfinished, 0, 0, INFINITY, 0, "trains not let in before the end"),
    TN_R_NUMBER(tn_simulation_class_row, delay_mean_s, TN_Q_TIME, "delay at the last station, mean"),
    TN_R_NUMBER(tn_simulation_class_row, delay_p95_s, TN_Q_TIME, "delay exceeded by one train of twenty"),
    TN_F_NUMBER(tn_simulation_class_row, delay_max_s, TN_Q_TIME, NAN, -INFINITY, INFINITY, TN_HIDDEN, "largest delay"),
    TN_R_NUMBER(tn_simulation_class_row, disturbed_mean_s, TN_Q_TIME, "part of the delay: its own disturbances"),
    TN_R_NUMBER(tn_simulation_class_row, outside_mean_s, TN_Q_TIME, "part of the delay: waiting outside the line"),
    TN_R_NUMBER(tn_simulation_class_row, travel_time_s, TN_Q_TIME, "time on the line, mean"),
    TN_R_NUMBER(tn_simulation_class_row, travel_speed_m_s, TN_Q_SPEED, "speed over the line, waiting included, mean"),
    TN_R_NUMBER(tn_simulation_class_row, stops_mean, TN_Q_NONE, "stops on the way, mean"),
    TN_R_NUMBER(tn_simulation_class_row, locomotive_time_per_day_s, TN_Q_TIME, "locomotive-hours on the line, a day"),
    TN_F_INTEGER(tn_simulation_class_row, failures, 0, 0, INFINITY, TN_HIDDEN, "failures"),
    TN_F_END};
static const struct tn_schema class_schema = {"class", "trains of a class in one direction",
                                              sizeof(struct tn_simulation_class_row), class_fields};

static const struct tn_field replicate_fields[] = {
    TN_R_NUMBER(tn_simulation_replicate_row, trains_per_day, TN_Q_NONE, "trains a day that arrive"),
    TN_R_NUMBER(tn_simulation_replicate_row, delay_mean_s, TN_Q_TIME, "mean delay"),
    TN_R_NUMBER(tn_simulation_replicate_row, queue_mean, TN_Q_NONE, "trains outside, mean"),
    TN_R_NUMBER(tn_simulation_replicate_row, queue_end, TN_Q_NONE, "trains outside at the end"),
    TN_R_NUMBER(tn_simulation_replicate_row, queue_growth_per_day, TN_Q_NONE, "trains more outside every day"),
    TN_F_BOOL(tn_simulation_replicate_row, queue_grows, 0, "more trains come than the line takes"),
    TN_F_END};
static const struct tn_schema replicate_schema = {"replicate", "a run with random numbers of its own",
                                                  sizeof(struct tn_simulation_replicate_row), replicate_fields};

static const struct tn_field hour_fields[] = {
    TN_R_NUMBER(tn_simulation_hour_row, time_s, TN_Q_TIME, "since midnight of the first day"),
    TN_F_INTEGER(tn_simulation_hour_row, entered, 0, 0, INFINITY, 0, "trains that have entered the line"),
    TN_F_INTEGER(tn_simulation_hour_row, left, 0, 0, INFINITY, 0, "trains that have left it"),
    TN_F_INTEGER(tn_simulation_hour_row, on_line, 0, 0, INFINITY, 0, "trains on it"),
    TN_F_INTEGER(tn_simulation_hour_row, outside_up, 0, 0, INFINITY, 0, "up trains that wait outside"),
    TN_F_INTEGER(tn_simulation_hour_row, outside_down, 0, 0, INFINITY, 0, "down trains that wait outside"),
    TN_F_BOOL(tn_simulation_hour_row, balanced, 0, "entered = left + on the line"),
    TN_F_END};
static const struct tn_schema hour_schema = {"hour", "the books of the line at an hour",
                                             sizeof(struct tn_simulation_hour_row), hour_fields};

static const struct tn_field delay_fields[] = {
    TN_R_NUMBER(tn_simulation_delay_row, share_1, TN_Q_RATIO, "share of the trains"),
    TN_R_NUMBER(tn_simulation_delay_row, delay_s, TN_Q_TIME, "delay that they do not exceed"), TN_F_END};
static const struct tn_schema delay_schema = {"delay", "distribution of the delays",
                                              sizeof(struct tn_simulation_delay_row), delay_fields};

static const struct tn_field result_fields[] = {
    TN_F_INTEGER(tn_simulation_result, trains, 0, 0, INFINITY, 0, "trains counted, of all replicates"),
    TN_F_INTEGER(tn_simulation_result, unfinished, 0, 0, INFINITY, 0, "trains not let in before the end"),
    TN_F_INTEGER(tn_simulation_result, conflicts, 0, 0, INFINITY, 0, "rules broken by the trains kept, by the judge"),
    TN_F_INTEGER(tn_simulation_result, deadlocks, 0, 0, INFINITY, 0, "trains that block each other for good"),
    TN_F_BOOL(tn_simulation_result, balanced, 0, "at every hour trains in = trains out + trains on the line"),
    TN_R_NUMBER(tn_simulation_result, pairs_per_day, TN_Q_NONE, "pairs a day that arrive"),
    TN_R_NUMBER(tn_simulation_result, period_s, TN_Q_TIME, "time a pair"),
    TN_R_NUMBER(tn_simulation_result, delay_mean_s, TN_Q_TIME, "mean delay"),
    TN_R_NUMBER(tn_simulation_result, delay_low_s, TN_Q_TIME, "its 95 % confidence interval over replicates, from"),
    TN_R_NUMBER(tn_simulation_result, delay_high_s, TN_Q_TIME, "its 95 % confidence interval over replicates, to"),
    TN_R_NUMBER(tn_simulation_result, delay_p95_s, TN_Q_TIME, "delay exceeded by one train of twenty"),
    TN_R_NUMBER(tn_simulation_result, delay_max_s, TN_Q_TIME, "largest delay"),
    TN_R_NUMBER(tn_simulation_result, disturbed_mean_s, TN_Q_TIME, "part of the mean delay: trains' own disturbances"),
    TN_R_NUMBER(tn_simulation_result, outside_mean_s, TN_Q_TIME, "part of the mean delay: waiting outside the line"),
    TN_R_NUMBER(tn_simulation_result, travel_speed_m_s, TN_Q_SPEED, "speed over the line, waiting included, mean"),
    TN_R_NUMBER(tn_simulation_result, queue_mean, TN_Q_NONE, "trains that wait outside, mean"),
    TN_R_NUMBER(tn_simulation_result, queue_end, TN_Q_NONE, "trains that wait outside at the end, mean of replicates"),
    TN_R_NUMBER(tn_simulation_result, queue_growth_per_day, TN_Q_NONE, "trains more outside every day"),
    TN_F_BOOL(tn_simulation_result, queue_grows, 0, "more trains come than the line takes"),
    TN_R_NUMBER(tn_simulation_result, locomotive_time_per_day_s, TN_Q_TIME, "locomotive-hours on the line, a day"),
    TN_R_NUMBER(tn_simulation_result, locomotives_1, TN_Q_NONE, "locomotives on the line, mean"),
    TN_R_NUMBER(tn_simulation_result, occupancy_1, TN_Q_RATIO, "occupation of the busiest section"),
    TN_F_STRING(tn_simulation_result, busiest_section, 0, "busiest section"),
    TN_F_INTEGER(tn_simulation_result, failures, 0, 0, INFINITY, 0, "failures of locomotives, of all replicates"),
    TN_F_INTEGER(tn_simulation_result, window_late, 0, 0, INFINITY, 0,
                 "trains that disturbances kept in a section while its window should have begun"),
    TN_R_NUMBER(tn_simulation_result, events, TN_Q_NONE, "events of all replicates"),
    TN_F_NUMBER(tn_simulation_result, states_judged, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "states judged before moves"),
    TN_F_NUMBER(tn_simulation_result, moves_refused, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "moves refused because the state after them was not proved safe"),
    TN_F_LIST(tn_simulation_result, classes, &class_schema, 0, "trains by class and direction"),
    TN_F_LIST(tn_simulation_result, replicates, &replicate_schema, TN_HIDDEN, "runs with random numbers of their own"),
    TN_F_LIST(tn_simulation_result, delays, &delay_schema, TN_HIDDEN, "distribution of the delays"),
    TN_F_LIST(tn_simulation_result, hours, &hour_schema, TN_HIDDEN, "the books of the line at every hour"),
    TN_F_LIST(tn_simulation_result, stations, &tn_station_row_schema, TN_HIDDEN, "use of the stations"),
    TN_F_LIST(tn_simulation_result, sections, &tn_section_row_schema, TN_HIDDEN, "use of the sections"),
    TN_F_LIST(tn_simulation_result, paths, &tn_path_row_schema, TN_HIDDEN, "trains of the days kept"),
    TN_F_LIST(tn_simulation_result, windows, &tn_window_row_schema, TN_HIDDEN, "maintenance windows of the days kept"),
    TN_F_LIST(tn_simulation_result, conflicts_found, &tn_conflict_row_schema, TN_HIDDEN, "rules broken, by the judge"),
    TN_F_END};
const struct tn_schema tn_simulation_result_schema = {"simulation", "the traffic of a line, event by event",
                                                      sizeof(struct tn_simulation_result), result_fields};

/* --- replicates --- */

struct work {
    const struct tn_simulation_spec *spec;
    struct tn_network network;
    struct tn_simulate_disturbances disturbances;
    struct tn_timetable_plan plan;
    struct tn_simulate_request request; /* of the first replicate */
    struct tn_simulate_outcome *outcomes;
    struct tn_arena *arenas; /* one a replicate */
    size_t count;
    struct tn_arena *arena; /* of the result */
    struct tn_context *ctx;
};

static tn_status replicate(size_t i, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    struct work *work = payload;
    struct tn_simulate_request request = work->request;
    (void)scratch;
    request.replicate = (uint32_t)i;
    if (i > 0) {
        request.show_begin_ms = request.show_end_ms = 0;
        request.hours = false;
    }
    return tn_simulate(&work->outcomes[i], &request, &work->arenas[i], ctx);
}

static tn_status plan_first(struct work *work)
{
    const struct tn_network *network = &work->network;
    int *trains = tn_arena_alloc(work->arena, (size_t)network->class_count + 1, sizeof *trains);
    if (trains == NULL)
        return TN_ERR_MEMORY;
    for (int c = 0; c < network->class_count; c++)
        trains[c] = tn_timetable_trains(&network->classes[c]);
    const struct tn_timetable_limits limits = {.cyclic = true,
                                               .iterations = PLAN_ITERATIONS,
                                               .seed = (uint32_t)work->spec->seed,
                                               .until_s = INFINITY,
                                               .tolerance_ms = 600000};
    tn_status status = tn_timetable_plan(&work->plan, network, trains, &limits, work->arena, work->ctx);
    work->request.plan = work->plan.paths;
    work->request.plan_count = work->plan.count;
    return status;
}

static tn_status simulate(struct work *work)
{
    const struct tn_simulation_spec *spec = work->spec;
    const int64_t show = (int64_t)(spec->warm_up + spec->show_from - 1) * DAY_MS;
    work->count = (size_t)spec->replicates;
    work->outcomes = tn_arena_alloc(work->arena, work->count, sizeof *work->outcomes);
    work->arenas = tn_arena_alloc(work->arena, work->count, sizeof *work->arenas);
    if (work->outcomes == NULL || work->arenas == NULL)
        return TN_ERR_MEMORY;
    work->request = (struct tn_simulate_request){.network = &work->network,
                                                 .disturbances = &work->disturbances,
                                                 .rule = (enum tn_simulate_rule)spec->rule,
                                                 .warm_up_ms = spec->warm_up * DAY_MS,
                                                 .end_ms = (int64_t)(spec->warm_up + spec->days) * DAY_MS,
                                                 .seed = (uint64_t)spec->seed,
                                                 .show_begin_ms = show,
                                                 .show_end_ms = show + spec->show_days * DAY_MS,
                                                 .drain = spec->drain,
                                                 .hours = true};
    tn_status status =
        tn_disturbances_init(&work->disturbances, &spec->disturbances, &work->network, work->arena, work->ctx);
    if (status == TN_OK && spec->timetable)
        status = plan_first(work);
    return status == TN_OK ? tn_parallel(work->count, "replicates", replicate, work, work->ctx) : status;
}

/* --- figures of all replicates --- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const struct tn_simulate_class *class_of(const struct work *work, size_t i, int c)
{
    return c < 0 ? &work->outcomes[i].all : &work->outcomes[i].classes[c];
}

/* Mean over the trains of all replicates of a figure that each gives for its own; c < 0: of all classes. */
static double mean_of(const struct work *work, int c, size_t offset, bool finished)
{
    double sum = 0, trains = 0;
    for (size_t i = 0; i < work->count; i++) {
        const struct tn_simulate_class *class = class_of(work, i, c);
        const double count = (double)(class->trains + (finished ? 0 : class->unfinished));
        if (count > 0)
            sum += count * *(const double *)(const void *)((const char *)class + offset);
        trains += count;
    }
    return trains > 0 ? sum / trains : (double)NAN;
}

static tn_status fill_class(struct tn_simulation_class_row *row, const struct work *work, int c)
{
    const struct tn_network_class *class = &work->network.classes[c];
    const double days = (double)work->spec->days * (double)work->count;
    double p95 = 0, trains = 0;
    *row = (struct tn_simulation_class_row){.class = tn_text_copy(work->arena, class->spec->id),
                                            .direction = class->direction == TN_NETWORK_UP ? "up" : "down"};
    for (size_t i = 0; i < work->count; i++) {
        const struct tn_simulate_class *of = class_of(work, i, c);
        const double due = (double)(of->trains + of->unfinished);
        row->trains += (int)of->trains;
        row->unfinished += (int)of->unfinished;
        row->failures += (int)of->failures;
        row->locomotive_time_per_day_s += of->locomotive_s / days;
        if (due <= 0)
            continue;
        row->delay_max_s = fmax(row->delay_max_s, of->delay_max_s);
        p95 += due * of->delay_p95_s;
        trains += due;
    }
    row->trains_per_day = row->trains / days;
    row->delay_p95_s = trains > 0 ? p95 / trains : (double)NAN;
    row->delay_mean_s = mean_of(work, c, offsetof(struct tn_simulate_class, delay_mean_s), false);
    row->disturbed_mean_s = mean_of(work, c, offsetof(struct tn_simulate_class, disturbed_mean_s), false);
    row->outside_mean_s = mean_of(work, c, offsetof(struct tn_simulate_class, outside_mean_s), false);
    row->travel_time_s = mean_of(work, c, offsetof(struct tn_simulate_class, travel_mean_s), true);
    row->travel_speed_m_s = mean_of(work, c, offsetof(struct tn_simulate_class, travel_speed_m_s), true);
    row->stops_mean = mean_of(work, c, offsetof(struct tn_simulate_class, stops_mean), true);
    return row->class ? TN_OK : TN_ERR_MEMORY;
}

static tn_status fill_classes(struct tn_simulation_result *result, const struct work *work)
{
    const size_t count = (size_t)work->network.class_count;
    struct tn_simulation_class_row *rows = tn_arena_alloc(work->arena, count + 1, sizeof *rows);
    double by_direction[2] = {0, 0};
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t c = 0; c < count; c++) {
        if (fill_class(&rows[c], work, (int)c) != TN_OK)
            return TN_ERR_MEMORY;
        by_direction[work->network.classes[c].direction] += rows[c].trains_per_day;
        result->trains += rows[c].trains;
        result->unfinished += rows[c].unfinished;
        result->failures += rows[c].failures;
        result->locomotive_time_per_day_s += rows[c].locomotive_time_per_day_s;
    }
    result->classes = (struct tn_list){rows, count};
    result->locomotives_1 = result->locomotive_time_per_day_s / DAY_S;
    result->pairs_per_day = fmin(by_direction[0], by_direction[1]);
    result->period_s = DAY_S / result->pairs_per_day;
    return TN_OK;
}

static tn_status fill_replicates(struct tn_simulation_result *result, const struct work *work)
{
    struct tn_simulation_replicate_row *rows = tn_arena_alloc(work->arena, work->count, sizeof *rows);
    double *means = tn_arena_alloc(work->arena, work->count, sizeof *means);
    if (rows == NULL || means == NULL)
        return TN_ERR_MEMORY;
    const double n = (double)work->count;
    int growing = 0;
    result->balanced = true;
    for (size_t i = 0; i < work->count; i++) {
        const struct tn_simulate_outcome *out = &work->outcomes[i];
        rows[i] = (struct tn_simulation_replicate_row){(double)out->all.trains / work->spec->days,
                                                       out->all.delay_mean_s,
                                                       out->queue_mean,
                                                       out->queue_end,
                                                       out->queue_growth_per_day,
                                                       out->queue_grows};
        means[i] = out->all.delay_mean_s;
        result->balanced &= out->balanced;
        result->deadlocks += out->deadlock;
        result->queue_mean += out->queue_mean / n;
        result->queue_end += out->queue_end / n;
        result->queue_growth_per_day += out->queue_growth_per_day / n;
        result->window_late += (int)out->window_late;
        result->events += (double)out->events;
        result->states_judged += (double)out->safe_asked;
        result->moves_refused += (double)out->refused;
        growing += out->queue_grows;
    }
    result->queue_grows = 2 * growing > (int)work->count;
    result->replicates = (struct tn_list){rows, work->count};
    result->delay_low_s = result->delay_high_s = NAN;
    if (work->count > 1) {
        const double mean = gsl_stats_mean(means, 1, work->count);
        const double half = gsl_cdf_tdist_Pinv(0.975, n - 1) * gsl_stats_sd(means, 1, work->count) / sqrt(n);
        result->delay_low_s = mean - half;
        result->delay_high_s = mean + half;
    }
    return TN_OK;
}

static tn_status fill_delays(struct tn_simulation_result *result, const struct work *work)
{
    size_t count = 0, n = 0;
    for (size_t i = 0; i < work->count; i++)
        count += (size_t)(work->outcomes[i].all.trains + work->outcomes[i].all.unfinished);
    double *all = malloc((count + 1) * sizeof *all);
    struct tn_simulation_delay_row *rows = tn_arena_alloc(work->arena, QUANTILES + 1, sizeof *rows);
    if (all == NULL || rows == NULL) {
        free(all);
        return TN_ERR_MEMORY;
    }
    for (size_t i = 0; i < work->count; i++) {
        const struct tn_simulate_outcome *out = &work->outcomes[i];
        const size_t here = (size_t)(out->all.trains + out->all.unfinished);
        if (here)
            memcpy(all + n, out->delays_s, here * sizeof *all);
        n += here;
    }
    if (n)
        qsort(all, n, sizeof *all, compare);
    for (int q = 0; n && q <= QUANTILES; q++) {
        const double share = (double)q / QUANTILES;
        rows[q] = (struct tn_simulation_delay_row){share, gsl_stats_quantile_from_sorted_data(all, 1, n, share)};
    }
    result->delays = (struct tn_list){rows, n ? QUANTILES + 1 : 0};
    result->delay_p95_s = n ? gsl_stats_quantile_from_sorted_data(all, 1, n, 0.95) : (double)NAN;
    result->delay_max_s = n ? all[n - 1] : (double)NAN;
    free(all);
    result->delay_mean_s = mean_of(work, -1, offsetof(struct tn_simulate_class, delay_mean_s), false);
    result->disturbed_mean_s = mean_of(work, -1, offsetof(struct tn_simulate_class, disturbed_mean_s), false);
    result->outside_mean_s = mean_of(work, -1, offsetof(struct tn_simulate_class, outside_mean_s), false);
    result->travel_speed_m_s = mean_of(work, -1, offsetof(struct tn_simulate_class, travel_speed_m_s), true);
    return TN_OK;
}

/* Places with the simulator's own counters, means of the replicates. */
static tn_status fill_places(struct tn_simulation_result *result, const struct work *work)
{
    const struct tn_network *network = &work->network;
    const double counted_s = work->spec->days * DAY_S * (double)work->count;
    tn_status status = tn_rows_of_sections(&result->sections, network, NULL, 0, 0, DAY_MS, true, work->arena);
    if (status == TN_OK)
        status = tn_rows_of_stations(&result->stations, network, NULL, 0, 0, DAY_MS, true, work->arena);
    if (status != TN_OK)
        return status;
    struct tn_section_row *sections = (struct tn_section_row *)result->sections.items, *busiest = NULL;
    struct tn_station_row *stations = (struct tn_station_row *)result->stations.items;
    for (size_t i = 0; i < work->count; i++) {
        const struct tn_simulate_outcome *out = &work->outcomes[i];
        for (int k = 0; k < network->section_count; k++) {
            sections[k].occupancy_1 += out->sections[k].occupied_s / counted_s / network->sections[k].tracks;
            sections[k].trains_per_day += (double)out->sections[k].trains * DAY_S / counted_s;
        }
        for (int k = 0; k < network->station_count; k++) {
            stations[k].occupancy_1 += out->stations[k].occupied_s / counted_s / network->stations[k].tracks;
            if (out->stations[k].most > stations[k].trains_most)
                stations[k].trains_most = out->stations[k].most;
        }
    }
    for (int k = 0; k < network->section_count; k++)
        if (busiest == NULL || sections[k].occupancy_1 > busiest->occupancy_1)
            busiest = &sections[k];
    result->busiest_section = busiest ? tn_arena_printf(work->arena, "%s - %s", busiest->from, busiest->to) : "";
    result->occupancy_1 = busiest ? busiest->occupancy_1 : (double)NAN;
    return result->busiest_section ? TN_OK : TN_ERR_MEMORY;
}

static tn_status fill_hours(struct tn_simulation_result *result, const struct work *work)
{
    const struct tn_simulate_outcome *out = &work->outcomes[0];
    struct tn_simulation_hour_row *rows = tn_arena_alloc(work->arena, out->hour_count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < out->hour_count; i++) {
        const struct tn_simulate_hour *h = &out->hours[i];
        rows[i] = (struct tn_simulation_hour_row){3600.0 * (double)(i + 1),
                                                  (int)h->entered,
                                                  (int)h->left,
                                                  h->on_line,
                                                  h->outside_up,
                                                  h->outside_down,
                                                  h->entered == h->left + h->on_line};
    }
    result->hours = (struct tn_list){rows, out->hour_count};
    return TN_OK;
}

/* --- the days kept --- */

/* Times from midnight of the first day shown. */
static tn_status shift(struct tn_train_path *paths, size_t count, int64_t by_ms, struct tn_arena *arena)
{
    for (size_t p = 0; p < count; p++) {
        struct tn_timing *timings = tn_arena_alloc(arena, (size_t)paths[p].count, sizeof *timings);
        if (timings == NULL)
            return TN_ERR_MEMORY;
        for (int i = 0; i < paths[p].count; i++) {
            timings[i] = paths[p].timings[i];
            timings[i].arrival_ms -= by_ms;
            timings[i].departure_ms -= by_ms;
        }
        paths[p].timings = timings;
    }
    return TN_OK;
}

/* What the judge finds, but for trains that their disturbances took into a window. */
static void leave_out_late(struct tn_list *conflicts, const struct tn_simulate_outcome *out)
{
    struct tn_road_conflict *rows = (struct tn_road_conflict *)conflicts->items;
    size_t kept = 0;
    for (size_t i = 0; i < conflicts->count; i++)
        if (rows[i].rule != TN_RULE_WINDOW || !out->path_late[rows[i].path])
            rows[kept++] = rows[i];
    conflicts->count = kept;
}

static tn_status fill_shown(struct tn_simulation_result *result, const struct work *work)
{
    const struct tn_simulate_outcome *out = &work->outcomes[0];
    const int64_t days_ms = work->spec->show_days * DAY_MS;
    struct tn_list conflicts;
    tn_status status = tn_road_check(&conflicts, &work->network, out->paths, out->path_count, false, work->arena);
    if (status != TN_OK)
        return status;
    leave_out_late(&conflicts, out);
    result->conflicts = (int)conflicts.count;
    struct tn_road_conflict *rows = (struct tn_road_conflict *)conflicts.items;
    for (size_t i = 0; i < conflicts.count; i++)
        rows[i].time_ms -= work->request.show_begin_ms;
    status = shift(out->paths, out->path_count, work->request.show_begin_ms, work->arena);
    if (status == TN_OK)
        status = tn_rows_of_conflicts(&result->conflicts_found, &work->network, out->paths, &conflicts, work->arena);
    if (status == TN_OK)
        status = tn_rows_of_paths(&result->paths, &work->network, out->paths, out->path_count, work->arena);
    if (status == TN_OK)
        status = tn_rows_of_windows(&result->windows, &work->network, 0, days_ms, work->arena);
    return status;
}

/* Whether trains of all classes always wait. */
static bool is_saturated(const struct tn_simulation_spec *spec)
{
    const struct tn_traffic_class_spec *rows = spec->traffic.classes.items;
    for (size_t i = 0; i < spec->traffic.classes.count; i++)
        if (!isnan(rows[i].pairs) || rows[i].departures.count)
            return false;
    return !spec->timetable;
}

static tn_status fill_verdict(struct tn_simulation_result *result, const struct work *work)
{
    const char *queue = "", *bad = "";
    if (result->queue_grows)
        queue = tn_arena_printf(work->arena,
                                "; overfull: %.1f trains more wait outside every day, %.0f at the end, %s is the "
                                "busiest section (%.0f %%)",
                                result->queue_growth_per_day, result->queue_end, result->busiest_section,
                                100 * result->occupancy_1);
    if (result->deadlocks || !result->balanced || result->conflicts)
        bad = "; BUT the books or the rules of the road are broken: a bug";
    result->head.failed = bad[0] != '\0';
    const char *late =
        is_saturated(work->spec)
            ? tn_arena_printf(work->arena, "as many as it takes, a pair every %.1f min", result->period_s / 60)
            : tn_arena_printf(work->arena, "%.0f min late in the mean", result->delay_mean_s / 60);
    const char *speed = isnan(result->travel_speed_m_s)
                            ? ""
                            : tn_arena_printf(work->arena, ", travel speed %.1f km/h", result->travel_speed_m_s * 3.6);
    result->head.verdict = queue && late && speed ? tn_arena_printf(work->arena, "%.1f pairs a day, %s%s%s%s",
                                                                    result->pairs_per_day, late, speed, queue, bad)
                                                  : NULL;
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status fill(struct tn_simulation_result *result, const struct work *work)
{
    tn_status status = fill_classes(result, work);
    if (status == TN_OK)
        status = fill_replicates(result, work);
    if (status == TN_OK)
        status = fill_delays(result, work);
    if (status == TN_OK)
        status = fill_places(result, work);
    if (status == TN_OK)
        status = fill_hours(result, work);
    if (status == TN_OK)
        status = fill_shown(result, work);
    return status == TN_OK ? fill_verdict(result, work) : status;
}

/* --- the study --- */

static tn_status refuse(struct tn_simulation_result *result, const char *reason, struct tn_arena *arena)
{
    double *const unknown[] = {&result->pairs_per_day,        &result->period_s,
                               &result->delay_mean_s,         &result->delay_low_s,
                               &result->delay_high_s,         &result->delay_p95_s,
                               &result->delay_max_s,          &result->travel_speed_m_s,
                               &result->disturbed_mean_s,     &result->outside_mean_s,
                               &result->queue_mean,           &result->queue_end,
                               &result->queue_growth_per_day, &result->occupancy_1,
                               &result->locomotives_1,        &result->locomotive_time_per_day_s};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        *unknown[i] = NAN;
    result->balanced = true;
    result->head.failed = true;
    result->head.verdict = tn_arena_printf(arena, "no traffic: %s", reason);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status check_spec(const struct tn_simulation_spec *spec, struct tn_context *ctx)
{
    const struct tn_traffic_class_spec *rows = spec->traffic.classes.items;
    for (size_t i = 0; i < spec->traffic.classes.count; i++)
        if (rows[i].departures.count && !isnan(rows[i].pairs))
            return tn_error(ctx, &rows[i].pairs, "leave one of them out", "class %s has both `pairs` and `departures`",
                            rows[i].id);
    if (spec->show_days && spec->show_from + spec->show_days - 1 > spec->days)
        return tn_error(ctx, &spec->show_days, NULL, "the days shown go beyond the %d that are simulated", spec->days);
    return tn_disturbances_check(&spec->disturbances, ctx);
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_simulation_result *result = result_out;
    struct work work = {.spec = spec, .arena = arena, .ctx = ctx};
    tn_status status = check_spec(spec, ctx);
    if (status == TN_OK)
        status = tn_network_init(&work.network, &work.spec->traffic, environment, arena, ctx);
    if (status != TN_OK)
        return status;
    result->head = work.network.head;
    const char *reason = work.network.reason ? work.network.reason : tn_simulate_impossible(&work.network, arena);
    if (reason)
        return refuse(result, reason, arena);
    status = simulate(&work);
    if (status == TN_OK && work.plan.reason)
        status = refuse(result, work.plan.reason, arena);
    else if (status == TN_OK)
        status = fill(result, &work);
    for (size_t i = 0; work.arenas && i < work.count; i++)
        tn_arena_clear(&work.arenas[i]);
    return status;
}

static tn_status check(const void *spec_in, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    const struct tn_simulation_spec *spec = spec_in;
    tn_status status = check_spec(spec, ctx);
    return status == TN_OK ? tn_network_check(&spec->traffic, environment, arena, ctx) : status;
}

const struct tn_study_kind tn_study_simulation = {
    "simulation",
    "the traffic of a line over days or years, with disturbances: delays, queues, occupation",
    &tn_simulation_spec_schema,
    &tn_simulation_result_schema,
    solve,
    check,
    NULL,
};
