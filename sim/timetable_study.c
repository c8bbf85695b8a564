/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_study.h"

#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "run.h"

#define DAY TN_NETWORK_DAY_MS

static const struct tn_field spec_fields[] = {
    TN_TRAFFIC_ROWS(tn_timetable_spec),
    TN_F_BOOL(tn_timetable_spec, cyclic, 1,
              "the day repeats every 24 h; else the line is empty before it and trains run until they arrive"),
    TN_F_NUMBER(tn_timetable_spec, departure_tolerance, TN_Q_TIME, 600, 0, 43199, 0,
                "how much before or after its given time a train may depart"),
    TN_F_INTEGER(tn_timetable_spec, iterations, 1000, 0, 1e9, 0, "of the search, for each number of trains tried"),
    TN_F_INTEGER(tn_timetable_spec, seed, 1, 0, INT32_MAX, 0, "of the search's random numbers"),
    TN_F_NUMBER(tn_timetable_spec, time_limit, TN_Q_TIME, NAN, 0, INFINITY, TN_POSITIVE,
                "when the search ends at the latest; what it has found by then depends on the machine"),
    TN_F_END};
const struct tn_schema tn_timetable_spec_schema = {"timetable", "trains of a day, conflict-free",
                                                   sizeof(struct tn_timetable_spec), spec_fields};

static const struct tn_field class_fields[] = {
    TN_F_STRING(tn_timetable_class_row, class, 0, "class of trains"),
    TN_F_STRING(tn_timetable_class_row, direction, 0, "direction of travel"),
    TN_R_NUMBER(tn_timetable_class_row, load_kg, TN_Q_MASS, "load of a train"),
    TN_F_INTEGER(tn_timetable_class_row, wanted, 0, 0, INFINITY, 0, "trains wanted a day, or tried"),
    TN_F_INTEGER(tn_timetable_class_row, trains, 0, 0, INFINITY, 0, "trains in the timetable"),
    TN_R_NUMBER(tn_timetable_class_row, bound, TN_Q_NONE, "no more can run, if their number is sought"),
    TN_R_NUMBER(tn_timetable_class_row, running_time_s, TN_Q_TIME, "time over the line, alone on it"),
    TN_R_NUMBER(tn_timetable_class_row, travel_time_s, TN_Q_TIME, "time over the line, mean"),
    TN_R_NUMBER(tn_timetable_class_row, travel_speed_m_s, TN_Q_SPEED, "speed over the line, waiting included, mean"),
    TN_R_NUMBER(tn_timetable_class_row, delay_mean_s, TN_Q_TIME, "time lost to other trains and windows, mean"),
    TN_R_NUMBER(tn_timetable_class_row, delay_max_s, TN_Q_TIME, "time lost to other trains and windows, largest"),
    TN_F_END};
static const struct tn_schema class_schema = {"class", "trains of a class in one direction",
                                              sizeof(struct tn_timetable_class_row), class_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_timetable_result, feasible, 0, "all trains wanted run without a conflict"),
    TN_F_STRING(tn_timetable_result, reason, 0, "why not"),
    TN_F_INTEGER(tn_timetable_result, trains, 0, 0, INFINITY, 0, "trains of the day"),
    TN_F_INTEGER(tn_timetable_result, missing, 0, 0, INFINITY, 0, "trains wanted that found no way"),
    TN_R_NUMBER(tn_timetable_result, pairs_per_day, TN_Q_NONE, "pairs a day, all classes"),
    TN_R_NUMBER(tn_timetable_result, bound_pairs_per_day, TN_Q_NONE,
                "no more pairs can run, if their number is sought"),
    TN_F_STRING(tn_timetable_result, limiting_section, 0, "section that sets the bound, or the fullest one"),
    TN_R_NUMBER(tn_timetable_result, need_s, TN_Q_TIME,
                "time that its trains need in a day at least; where the number is sought: one pair more"),
    TN_R_NUMBER(tn_timetable_result, left_s, TN_Q_TIME, "time that the day leaves it"),
    TN_F_INTEGER(tn_timetable_result, conflicts, 0, 0, INFINITY, 0, "rules broken, by the judge"),
    TN_F_INTEGER(tn_timetable_result, deadlocks, 0, 0, INFINITY, 0, "trains that block each other for good"),
    TN_R_NUMBER(tn_timetable_result, delay_mean_s, TN_Q_TIME, "time lost to other trains and windows, mean of trains"),
    TN_R_NUMBER(tn_timetable_result, delay_p95_s, TN_Q_TIME, "the same, exceeded by one train of twenty"),
    TN_R_NUMBER(tn_timetable_result, waiting_s, TN_Q_TIME, "standing beyond the dwells, all trains of a day"),
    TN_R_NUMBER(tn_timetable_result, travel_speed_m_s, TN_Q_SPEED, "distance over time of all trains"),
    TN_F_INTEGER(tn_timetable_result, meets, 0, 0, INFINITY, 0, "stops at which a train from the other side comes by"),
    TN_F_INTEGER(tn_timetable_result, passes, 0, 0, INFINITY, 0, "stops at which a train is overtaken"),
    TN_R_NUMBER(tn_timetable_result, gap_1, TN_Q_RATIO,
                "weighted time under way over that of the trains alone on the line, less one"),
    TN_R_NUMBER(tn_timetable_result, iterations, TN_Q_NONE, "iterations of the search"),
    TN_F_BOOL(tn_timetable_result, time_limited, 0, "the time limit ended the search"),
    TN_F_LIST(tn_timetable_result, classes, &class_schema, 0, "trains by class and direction"),
    TN_F_LIST(tn_timetable_result, paths, &tn_path_row_schema, TN_HIDDEN, "each train at each station of its way"),
    TN_F_LIST(tn_timetable_result, stations, &tn_station_row_schema, TN_HIDDEN, "use of the stations"),
    TN_F_LIST(tn_timetable_result, sections, &tn_section_row_schema, TN_HIDDEN, "use of the sections"),
    TN_F_LIST(tn_timetable_result, windows, &tn_window_row_schema, TN_HIDDEN, "maintenance windows"),
    TN_F_LIST(tn_timetable_result, conflicts_found, &tn_conflict_row_schema, TN_HIDDEN, "rules broken, by the judge"),
    TN_F_END};
const struct tn_schema tn_timetable_result_schema = {"timetable", "trains of a day, conflict-free",
                                                     sizeof(struct tn_timetable_result), result_fields};

static int64_t milliseconds(double time_s)
{
    return llround(time_s * 1e3);
}

static double distance(const struct tn_network *network, const struct tn_network_class *class)
{
    double sum = 0;
    for (int k = class->first; k != class->last; k += tn_network_step(class))
        sum += network->sections[tn_network_section_after(class, k)].distance_m;
    return sum;
}

static double delay(const struct tn_network *network, const struct tn_train_path *path)
{
    return (double)(tn_train_path_duration_ms(path) - network->classes[path->class].free_ms) / 1e3;
}

/* --- figures of the whole --- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static tn_status fill_delays(struct tn_timetable_result *result, const struct tn_network *network,
                             const struct tn_timetable_plan *plan)
{
    result->delay_mean_s = result->delay_p95_s = result->travel_speed_m_s = NAN;
    if (plan->count == 0)
        return TN_OK;
    double *delays = malloc(plan->count * sizeof *delays), way_m = 0, time_s = 0;
    if (delays == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < plan->count; i++) {
        delays[i] = delay(network, &plan->paths[i]);
        way_m += distance(network, &network->classes[plan->paths[i].class]);
        time_s += (double)tn_train_path_duration_ms(&plan->paths[i]) / 1e3;
    }
    qsort(delays, plan->count, sizeof *delays, compare);
    result->delay_mean_s = gsl_stats_mean(delays, 1, plan->count);
    result->delay_p95_s = gsl_stats_quantile_from_sorted_data(delays, 1, plan->count, 0.95);
    result->travel_speed_m_s = way_m / time_s;
    free(delays);
    return TN_OK;
}

static int64_t after(int64_t time_ms, int64_t since_ms, bool cyclic)
{
    return cyclic ? tn_network_time_of_day(time_ms - since_ms) : time_ms - since_ms;
}

/* What the trains of a station do while another one stands there. */
static void count_meets(struct tn_timetable_result *result, const struct tn_network *network,
                        const struct tn_timetable_plan *plan, size_t p, int i, bool cyclic)
{
    const struct tn_timing *t = &plan->paths[p].timings[i];
    const struct tn_network_class *class = &network->classes[plan->paths[p].class];
    bool met = false, passed = false;
    for (size_t q = 0; q < plan->count; q++) {
        const struct tn_network_class *other = &network->classes[plan->paths[q].class];
        const int k = tn_network_step(other) * (t->station - other->first);
        if (q == p || k < 0 || k >= plan->paths[q].count)
            continue;
        const struct tn_timing *o = &plan->paths[q].timings[k];
        const int64_t stood = t->departure_ms - t->arrival_ms;
        const int64_t in = after(o->arrival_ms, t->arrival_ms, cyclic);
        const int64_t out = after(o->departure_ms, t->arrival_ms, cyclic);
        if (in < 0 || in > stood)
            continue;
        met |= other->direction != class->direction;
        passed |= other->direction == class->direction && out < stood && out >= in;
    }
    result->meets += met;
    result->passes += passed;
}

static void fill_standing(struct tn_timetable_result *result, const struct tn_network *network,
                          const struct tn_timetable_plan *plan, bool cyclic)
{
    int64_t waiting = 0;
    for (size_t p = 0; p < plan->count; p++) {
        const struct tn_train_path *path = &plan->paths[p];
        for (int i = 1; i + 1 < path->count; i++) {
            const struct tn_timing *t = &path->timings[i];
            const int64_t dwell = network->classes[path->class].dwell_ms[t->station];
            if (!t->stops)
                continue;
            waiting += t->departure_ms - t->arrival_ms - (dwell > 0 ? dwell : 0);
            count_meets(result, network, plan, p, i, cyclic);
        }
    }
    result->waiting_s = (double)waiting / 1e3;
}

static tn_status fill_classes(struct tn_timetable_result *result, const struct tn_network *network,
                              const struct tn_timetable_plan *plan, struct tn_arena *arena)
{
    struct tn_timetable_class_row *rows = tn_arena_alloc(arena, (size_t)network->class_count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    int by_direction[2] = {0, 0}, bound[2] = {0, 0};
    bool bounded = false;
    for (int c = 0; c < network->class_count; c++) {
        const struct tn_network_class *class = &network->classes[c];
        struct tn_timetable_class_row *row = &rows[c];
        double sum = 0, worst = 0, lost = 0;
        *row = (struct tn_timetable_class_row){tn_text_copy(arena, class->spec->id),
                                               class->direction == TN_NETWORK_UP ? "up" : "down",
                                               class->load_kg,
                                               plan->wanted[c],
                                               plan->placed[c],
                                               plan->bound[c] < 0 ? (double)NAN : plan->bound[c],
                                               (double)class->free_ms / 1e3,
                                               NAN,
                                               NAN,
                                               NAN,
                                               NAN};
        if (row->class == NULL)
            return TN_ERR_MEMORY;
        for (size_t i = 0; i < plan->count; i++) {
            if (plan->paths[i].class != c)
                continue;
            sum += (double)tn_train_path_duration_ms(&plan->paths[i]) / 1e3;
            lost += delay(network, &plan->paths[i]);
            worst = fmax(worst, delay(network, &plan->paths[i]));
        }
        if (row->trains) {
            row->travel_time_s = sum / row->trains;
            row->travel_speed_m_s = distance(network, class) / row->travel_time_s;
            row->delay_mean_s = lost / row->trains;
            row->delay_max_s = worst;
        }
        by_direction[class->direction] += row->trains;
        bound[class->direction] += plan->bound[c] < 0 ? row->wanted : plan->bound[c];
        bounded |= plan->bound[c] >= 0;
        result->missing += row->wanted - row->trains;
    }
    result->classes = (struct tn_list){rows, (size_t)network->class_count};
    result->pairs_per_day = by_direction[0] < by_direction[1] ? by_direction[0] : by_direction[1];
    result->bound_pairs_per_day = bounded ? (double)(bound[0] < bound[1] ? bound[0] : bound[1]) : (double)NAN;
    return TN_OK;
}

/* What is shown: a day that repeats, or all from the first departure's midnight to the last arrival. */
static int64_t shown_until(const struct tn_timetable_plan *plan, bool cyclic)
{
    int64_t end = DAY;
    for (size_t i = 0; !cyclic && i < plan->count; i++) {
        const int64_t last = plan->paths[i].timings[plan->paths[i].count - 1].arrival_ms;
        end = last > end ? last : end;
    }
    return end;
}

static tn_status fill_rows(struct tn_timetable_result *result, const struct tn_network *network,
                           const struct tn_timetable_plan *plan, bool cyclic, struct tn_arena *arena)
{
    struct tn_list conflicts;
    const int64_t end = shown_until(plan, cyclic);
    tn_status status = tn_road_check(&conflicts, network, plan->paths, plan->count, cyclic, arena);
    if (status == TN_OK)
        status = tn_rows_of_conflicts(&result->conflicts_found, network, plan->paths, &conflicts, arena);
    if (status == TN_OK)
        status = tn_rows_of_paths(&result->paths, network, plan->paths, plan->count, arena);
    if (status == TN_OK)
        status = tn_rows_of_stations(&result->stations, network, plan->paths, plan->count, 0, end, cyclic, arena);
    if (status == TN_OK)
        status = tn_rows_of_sections(&result->sections, network, plan->paths, plan->count, 0, end, cyclic, arena);
    if (status == TN_OK)
        status = tn_rows_of_windows(&result->windows, network, 0, end, arena);
    result->conflicts = (int)conflicts.count;
    return status;
}

/* --- in words --- */

static const char *text_of_trains(const struct tn_network *network, const int *numbers, struct tn_arena *arena)
{
    const char *text = "";
    for (int c = 0; text && c < network->class_count; c++) {
        const struct tn_network_class *class = &network->classes[c];
        const bool pair =
            c + 1 < network->class_count && network->classes[c + 1].spec == class->spec && numbers[c] == numbers[c + 1];
        if (numbers[c] > 0)
            text = tn_arena_printf(arena, "%s%s%d %s%s%s", text, text[0] ? ", " : "", numbers[c],
                                   pair ? numbers[c] == 1 ? "pair" : "pairs" : "trains", " ",
                                   pair ? class->spec->id : class->name);
        c += pair;
    }
    return text && text[0] == '\0' ? "no train" : text;
}

static tn_status fill_verdict(struct tn_timetable_result *result, const struct tn_network *network,
                              const struct tn_timetable_plan *plan, bool cyclic, struct tn_arena *arena)
{
    const char *placed = text_of_trains(network, plan->placed, arena);
    const char *wanted = text_of_trains(network, plan->wanted, arena), *bound = "";
    if (placed == NULL || wanted == NULL)
        return TN_ERR_MEMORY;
    if (!isnan(result->bound_pairs_per_day) && result->limiting_section)
        bound = tn_arena_printf(arena, "; %.0f pairs in all, no more than %.0f can run, because of %s",
                                result->pairs_per_day, result->bound_pairs_per_day, result->limiting_section);
    if (plan->reason)
        result->head.verdict = tn_arena_printf(
            arena, plan->proved ? "no timetable for %s: %s" : "no timetable found for %s: %s", wanted, plan->reason);
    else
        result->head.verdict = tn_arena_printf(
            arena,
            "%s: a conflict-free %sday, %.0f min lost to others and windows in the mean, travel speed %.1f km/h%s%s",
            placed, cyclic ? "cyclic " : "", result->delay_mean_s / 60, result->travel_speed_m_s * 3.6,
            bound ? bound : "", plan->late ? "; ended by the time limit" : "");
    return result->head.verdict && bound ? TN_OK : TN_ERR_MEMORY;
}

static tn_status fill(struct tn_timetable_result *result, const struct tn_network *network,
                      const struct tn_timetable_plan *plan, bool cyclic, struct tn_arena *arena)
{
    result->trains = (int)plan->count;
    result->gap_1 = plan->gap_1;
    result->iterations = (double)plan->iterations;
    result->time_limited = plan->late;
    result->need_s = result->left_s = NAN;
    result->reason = plan->reason ? plan->reason : "";
    result->feasible = plan->reason == NULL;
    result->head.failed = !result->feasible;
    if (plan->limit.need_ms >= 0) {
        result->limiting_section = tn_timetable_place_name(network, &plan->limit, arena);
        result->need_s = (double)plan->limit.need_ms / 1e3;
        result->left_s = (double)plan->limit.left_ms / 1e3;
        if (result->limiting_section == NULL)
            return TN_ERR_MEMORY;
    }
    tn_status status = fill_classes(result, network, plan, arena);
    if (status == TN_OK)
        status = fill_delays(result, network, plan);
    if (status == TN_OK)
        status = fill_rows(result, network, plan, cyclic, arena);
    fill_standing(result, network, plan, cyclic);
    return status == TN_OK ? fill_verdict(result, network, plan, cyclic, arena) : status;
}

/* --- the study --- */

/* A train of the line itself that cannot do its way ends the study. */
static tn_status refuse(struct tn_timetable_result *result, const struct tn_network *network, struct tn_arena *arena)
{
    result->reason = network->reason;
    result->head.failed = true;
    result->pairs_per_day = result->bound_pairs_per_day = result->need_s = result->left_s = NAN;
    result->delay_mean_s = result->delay_p95_s = result->waiting_s = result->travel_speed_m_s = result->gap_1 = NAN;
    result->head.verdict = tn_arena_printf(arena, "no timetable: %s", network->reason);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status check_classes(const struct tn_timetable_spec *spec, struct tn_context *ctx)
{
    const struct tn_traffic_class_spec *rows = spec->traffic.classes.items;
    for (size_t i = 0; i < spec->traffic.classes.count; i++) {
        if (rows[i].departures.count && !isnan(rows[i].pairs))
            return tn_error(ctx, &rows[i].pairs, "leave one of them out", "class %s has both `pairs` and `departures`",
                            rows[i].id);
        if (!isnan(rows[i].pairs) && fabs(rows[i].pairs - round(rows[i].pairs)) > 1e-9)
            return tn_error(ctx, &rows[i].pairs, "round it; a train that runs every other day takes a path every day",
                            "a timetable has whole trains, not %g of class %s", rows[i].pairs, rows[i].id);
    }
    return TN_OK;
}

static tn_status solve(void *result_out, const void *spec_in, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_timetable_result *result = result_out;
    const struct tn_timetable_spec *spec = spec_in;
    struct tn_network network;
    struct tn_timetable_plan plan;
    tn_status status = check_classes(spec, ctx);
    if (status == TN_OK)
        status = tn_network_init(&network, &spec->traffic, environment, arena, ctx);
    if (status != TN_OK)
        return status;
    result->head = network.head;
    if (network.reason)
        return refuse(result, &network, arena);
    int *trains = tn_arena_alloc(arena, (size_t)network.class_count + 1, sizeof *trains);
    if (trains == NULL)
        return TN_ERR_MEMORY;
    for (int c = 0; c < network.class_count; c++)
        trains[c] = tn_timetable_trains(&network.classes[c]);
    const struct tn_timetable_limits limits = {
        .cyclic = spec->cyclic,
        .iterations = spec->iterations,
        .seed = (uint32_t)spec->seed,
        .until_s = isnan(spec->time_limit) ? (double)INFINITY : tn_timetable_clock() + spec->time_limit,
        .tolerance_ms = milliseconds(spec->departure_tolerance)};
    status = tn_timetable_plan(&plan, &network, trains, &limits, arena, ctx);
    return status == TN_OK ? fill(result, &network, &plan, spec->cyclic, arena) : status;
}

static tn_status check(const void *spec_in, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    const struct tn_timetable_spec *spec = spec_in;
    tn_status status = check_classes(spec, ctx);
    return status == TN_OK ? tn_network_check(&spec->traffic, environment, arena, ctx) : status;
}

const struct tn_study_kind tn_study_timetable = {
    "timetable",
    "when the trains of a day run without a conflict, or the section that forbids it",
    &tn_timetable_spec_schema,
    &tn_timetable_result_schema,
    solve,
    check,
    NULL,
};
