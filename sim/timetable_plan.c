/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "timetable_bound.h"
#include "timetable_path.h"
#include "timetable_search.h"
#include "timetable_start.h"

#define DAY TN_NETWORK_DAY_MS

struct work {
    struct tn_timetable_plan *out;
    const struct tn_network *network;
    const struct tn_timetable_limits *limits;
    int *wanted; /* trains of each class */
    bool *open;  /* as many as fit */
    uint64_t round;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* --- which trains there are --- */

static int listed(const struct tn_network_class *class)
{
    const struct tn_traffic_departure_spec *rows = class->spec->departures.items;
    int count = 0;
    for (size_t i = 0; i < class->spec->departures.count; i++)
        count += (rows[i].direction == TN_UP) == (class->direction == TN_NETWORK_UP);
    return count;
}

/* Time of day of a class's train number k, of count; false: any time will do, and that is a good one. */
static bool departure(int64_t *time_ms, const struct tn_network_class *class, int k, int count)
{
    const struct tn_traffic_departure_spec *rows = class->spec->departures.items;
    const bool up = class->direction == TN_NETWORK_UP;
    const double first_s = up ? class->spec->first_up : class->spec->first_down;
    for (size_t i = 0; i < class->spec->departures.count; i++)
        if ((rows[i].direction == TN_UP) == up && k-- == 0) {
            *time_ms = llround(rows[i].time * 1e3);
            return true;
        }
    if (class->spec->departures.count)
        k = 0; /* more than the list has */
    const double even = (double)DAY * k / count;
    *time_ms = isnan(first_s) ? (int64_t)even : tn_network_time_of_day(llround(first_s * 1e3 + even));
    return !isnan(first_s);
}

static void set_window(struct tn_timetable_train *train, int64_t time_ms, bool fixed, const struct work *work)
{
    const int64_t slack = clamp(work->limits->tolerance_ms, 0, DAY / 2 - 1);
    train->near_ms = time_ms;
    train->first_ms = fixed ? time_ms - slack : 0;
    train->last_ms = fixed ? time_ms + slack : DAY - 1;
    if (!work->limits->cyclic && train->first_ms < 0)
        train->first_ms = 0;
}

static struct tn_timetable_train *trains_of(int *count_out, const struct work *work)
{
    const struct tn_network *network = work->network;
    int count = 0;
    for (int c = 0; c < network->class_count; c++)
        count += work->wanted[c];
    struct tn_timetable_train *rows = tn_arena_alloc(work->arena, (size_t)count + 1, sizeof *rows);
    *count_out = 0;
    for (int c = 0; rows && c < network->class_count; c++)
        for (int k = 0; k < work->wanted[c]; k++) {
            struct tn_timetable_train *row = &rows[(*count_out)++];
            int64_t time_ms;
            *row = (struct tn_timetable_train){.class = c, .number = k + 1};
            const bool fixed = departure(&time_ms, &network->classes[c], k, work->wanted[c]);
            set_window(row, time_ms, fixed, work);
        }
    return rows;
}

/* --- why not --- */

static const char *section_name(const struct work *work, int section)
{
    return tn_arena_printf(work->arena, "%s - %s", work->network->stations[section].name,
                           work->network->stations[section + 1].name);
}

const char *tn_timetable_place_name(const struct tn_network *network, const struct tn_timetable_need *need,
                                    struct tn_arena *arena)
{
    if (need->section >= 0)
        return tn_arena_printf(arena, "%s - %s", network->stations[need->section].name,
                               network->stations[need->section + 1].name);
    const struct tn_network_feeding *feeding = &network->feedings[need->feeding];
    return tn_arena_printf(arena, "feeding section %s", feeding->name ? feeding->name : "without a name");
}

static const char *overfull_text(const struct work *work, const struct tn_timetable_need *need)
{
    const char *place = tn_timetable_place_name(work->network, need, work->arena);
    return place ? tn_arena_printf(work->arena, "%s is needed for %.1f h of the %.1f h that a day leaves it", place,
                                   (double)need->need_ms / 3.6e6, (double)need->left_ms / 3.6e6)
                 : NULL;
}

/* Longest stretch between windows. */
static int64_t longest_gap(const struct tn_network_section *section)
{
    int64_t gap = 0;
    for (size_t i = 0; i < section->window_count; i++) {
        const int64_t end = section->windows[i].begin_ms + section->windows[i].duration_ms;
        int64_t next = DAY;
        for (size_t k = 0; k < section->window_count; k++) {
            const int64_t wait = tn_network_time_of_day(section->windows[k].begin_ms - end);
            const int64_t since = tn_network_time_of_day(end - section->windows[k].begin_ms);
            next = since > 0 && since < section->windows[k].duration_ms ? 0 : wait < next ? wait : next;
        }
        gap = next > gap ? next : gap;
    }
    return section->window_count ? gap : DAY;
}

/* Why a train of the class comes no further than the section even if nobody else is there. */
static const char *alone_text(const struct work *work, int c, int section)
{
    const struct tn_network *network = work->network;
    const struct tn_network_class *class = &network->classes[c];
    const char *place = section_name(work, section);
    const double power_W = class->times[section].power_W;
    if (place == NULL)
        return NULL;
    for (int f = 0; f < network->feeding_count; f++)
        if (section >= network->feedings[f].first && section <= network->feedings[f].last &&
            power_W > network->feedings[f].power_W * (1 + 1e-12))
            return tn_arena_printf(
                work->arena,
                "%s forbids it: a train of class %s draws %.1f MW there, the feeding section %s has %.1f MW", place,
                class->name, power_W / 1e6, network->feedings[f].name ? network->feedings[f].name : "",
                network->feedings[f].power_W / 1e6);
    const int64_t gap = longest_gap(&network->sections[section]), run = class->times[section].pass_ms;
    if (gap < run)
        return tn_arena_printf(work->arena,
                               "%s forbids it: its windows leave %.0f min at once, a train of class %s takes %.0f min",
                               place, (double)gap / 6e4, class->name, (double)run / 6e4);
    return tn_arena_printf(
        work->arena,
        "%s forbids it: a train of class %s does not get through even alone on the line; the windows "
        "leave it no way between the stations where it fits",
        place, class->name);
}

/* Whether each train could run alone; what it says of the first that cannot is the reason. */
static tn_status judge_alone(const struct work *work)
{
    const struct tn_network *network = work->network;
    struct tn_arena scratch = {0};
    struct tn_timetable_board board = {0};
    struct tn_timetable_planner planner = {0};
    struct tn_timing *timings = tn_arena_alloc(&scratch, (size_t)network->station_count, sizeof *timings);
    tn_status status = timings ? tn_timetable_board_init(&board, network, 1, work->limits->cyclic,
                                                         tn_timetable_days(network), &scratch)
                               : TN_ERR_MEMORY;
    if (status == TN_OK)
        status = tn_timetable_planner_init(&planner, &board, &scratch);
    for (int c = 0; status == TN_OK && c < network->class_count && !work->out->proved; c++) {
        const struct tn_network_class *class = &network->classes[c];
        struct tn_timetable_train train = {.class = c};
        for (int k = 0; status == TN_OK && k < work->wanted[c] && !work->out->proved; k++) {
            int64_t time_ms;
            int reach;
            const bool fixed = departure(&time_ms, class, k, work->wanted[c]);
            set_window(&train, time_ms, fixed, work);
            const struct tn_timetable_wish wish = {c, train.first_ms, train.last_ms, time_ms, 400 * DAY};
            work->out->proved = !tn_timetable_path_find(timings, &reach, &planner, &wish) && !planner.met_itself;
            if (planner.failed || board.failed)
                status = TN_ERR_MEMORY;
            else if (work->out->proved)
                work->out->reason =
                    alone_text(work, c, tn_network_section_after(class, class->first + reach * tn_network_step(class)));
            if (!fixed)
                break;
        }
    }
    tn_timetable_planner_free(&planner);
    tn_timetable_board_free(&board);
    tn_arena_clear(&scratch);
    return status == TN_OK && work->out->proved && work->out->reason == NULL ? TN_ERR_MEMORY : status;
}

static const char *not_found_text(const struct work *work, const struct tn_timetable_outcome *found)
{
    int worst = 0;
    for (int k = 1; k < work->network->section_count; k++)
        if (found->failures[k] > found->failures[worst])
            worst = k;
    const char *place = section_name(work, worst);
    return place ? tn_arena_printf(work->arena,
                                   "%d found no way in %lld iterations, most often for want of %s; there may be one",
                                   found->missing, (long long)found->iterations, place)
                 : NULL;
}

/* --- searching --- */

static tn_status search(struct tn_timetable_outcome *found, struct work *work, const struct tn_train_path *start,
                        bool place_only)
{
    struct tn_timetable_task task = {.network = work->network,
                                     .start = start,
                                     .iterations = work->limits->iterations,
                                     .round = work->round++,
                                     .place_only = place_only,
                                     .limits = work->limits,
                                     .ctx = work->ctx};
    task.trains = trains_of(&task.count, work);
    task.what = tn_arena_printf(work->arena, "iterations with %d trains", task.count);
    if (task.trains == NULL || task.what == NULL)
        return TN_ERR_MEMORY;
    if (start == NULL && work->limits->cyclic)
        task.guess_count = tn_timetable_starts(task.guesses, TN_TIMETABLE_GUESSES, &task, work->arena);
    tn_status status = tn_timetable_search(found, &task, work->arena);
    work->out->iterations += found->iterations;
    work->out->late |= found->late;
    return status;
}

/* The paths of a timetable with other numbers of trains, as far as both have them. */
static struct tn_train_path *carry_over(const struct work *work, const struct tn_train_path *paths, const int *had)
{
    int count = 0;
    for (int c = 0; c < work->network->class_count; c++)
        count += work->wanted[c];
    struct tn_train_path *start = tn_arena_alloc(work->arena, (size_t)count + 1, sizeof *start);
    struct tn_train_path *to = start;
    for (int c = 0; start && c < work->network->class_count; c++) {
        for (int k = 0; k < work->wanted[c]; k++)
            if (k < had[c])
                to[k] = paths[k];
        to += work->wanted[c];
        paths += had[c];
    }
    return start;
}

static bool same_kind(const struct work *work, int a, int b)
{
    return work->network->classes[a].spec == work->network->classes[b].spec;
}

/* One train more of a class whose numbers are open, and of its other direction. */
static void add_trains(const struct work *work, int c, int change)
{
    for (int k = 0; k < work->network->class_count; k++)
        if (same_kind(work, c, k))
            work->wanted[k] += change;
}

static bool overfull(struct tn_timetable_need *need, const struct work *work)
{
    tn_timetable_fullest(need, work->network, work->wanted, work->limits->cyclic);
    return tn_timetable_overfull(need);
}

/* The most of each open class that the sections would let through, the others' open ones left out. */
static void set_bounds(struct work *work, int *bound)
{
    const int most = 100000;
    for (int c = 0; c < work->network->class_count; c++)
        bound[c] = -1;
    for (int c = 0; c < work->network->class_count; c++) {
        if (!work->open[c] || bound[c] >= 0)
            continue;
        struct tn_timetable_need need;
        int n = 0;
        do {
            add_trains(work, c, 1);
            n++;
        } while (!overfull(&need, work) && n <= most);
        work->out->limit = need;
        add_trains(work, c, -n);
        for (int k = c; k < work->network->class_count; k++)
            if (same_kind(work, c, k))
                bound[k] = n > most ? -1 : n - 1;
    }
}

/* From a timetable on: one more of an open class, as long as one is found. */
static tn_status grow(struct tn_timetable_outcome *best, struct work *work, const int *bound)
{
    const size_t classes = (size_t)work->network->class_count;
    int *had = tn_arena_alloc(work->arena, classes + 1, sizeof *had);
    bool *full = tn_arena_alloc(work->arena, classes + 1, sizeof *full);
    if (had == NULL || full == NULL)
        return TN_ERR_MEMORY;
    for (bool more = true; more && !work->out->late;) {
        more = false;
        for (int c = 0; c < (int)classes && !work->out->late; c++) {
            if (!work->open[c] || full[c] || (c > 0 && same_kind(work, c, c - 1)) || work->wanted[c] == bound[c])
                continue;
            memcpy(had, work->wanted, classes * sizeof *had);
            add_trains(work, c, 1);
            struct tn_timetable_outcome found;
            tn_status status = work->limits->cyclic ? search(&found, work, NULL, true) : TN_OK;
            if (status == TN_OK && (!work->limits->cyclic || found.missing)) {
                const struct tn_train_path *start = carry_over(work, best->paths, had);
                status = start ? search(&found, work, start, true) : TN_ERR_MEMORY;
            }
            if (status != TN_OK)
                return status;
            full[c] = found.missing > 0;
            if (full[c])
                memcpy(work->wanted, had, classes * sizeof *had);
            else
                *best = found;
            more |= !full[c];
        }
    }
    return TN_OK;
}

/* --- the whole call --- */

static tn_status give(struct work *work, const struct tn_timetable_outcome *found)
{
    struct tn_timetable_plan *out = work->out;
    const struct tn_network *network = work->network;
    int total = 0;
    for (int c = 0; c < network->class_count; c++)
        total += work->wanted[c];
    int *placed = tn_arena_alloc(work->arena, (size_t)network->class_count + 1, sizeof *placed);
    struct tn_train_path *paths = tn_arena_alloc(work->arena, (size_t)total + 1, sizeof *paths);
    if (placed == NULL || paths == NULL)
        return TN_ERR_MEMORY;
    double alone = 0, delay = 0;
    for (int t = 0; found && t < total; t++) {
        if (found->paths[t].count == 0)
            continue;
        const struct tn_network_class *class = &network->classes[found->paths[t].class];
        paths[out->count] = found->paths[t];
        paths[out->count++].number = ++placed[found->paths[t].class];
        alone += class->spec->weight * (double)class->free_ms;
    }
    delay = found ? (double)found->delay_ms : 0;
    out->delay_ms = (int64_t)delay;
    out->gap_1 = alone > 0 ? delay / alone : 0;
    out->paths = paths;
    out->placed = placed;
    struct tn_list conflicts;
    tn_status status = tn_road_check(&conflicts, network, paths, out->count, work->limits->cyclic, work->arena);
    if (status == TN_OK && conflicts.count)
        return tn_error(work->ctx, NULL, NULL, "the timetable breaks the rule `%s`",
                        tn_road_rule_name((int)((struct tn_road_conflict *)conflicts.items)->rule)),
               TN_ERR_INTERNAL;
    return status;
}

static tn_status solve(struct work *work, int *bound)
{
    struct tn_timetable_plan *out = work->out;
    struct tn_timetable_need need;
    struct tn_timetable_outcome found = {0};
    bool any_open = false;
    tn_status status = judge_alone(work);
    if (status != TN_OK || out->proved)
        return status == TN_OK ? give(work, NULL) : status;
    for (int c = 0; c < work->network->class_count; c++)
        any_open |= work->open[c];
    out->proved = overfull(&need, work);
    out->limit = need;
    if (out->proved)
        out->reason = overfull_text(work, &need);
    if (any_open && !out->proved)
        set_bounds(work, bound);
    status = search(&found, work, NULL, any_open || out->proved);
    if (status == TN_OK && found.missing == 0 && any_open) {
        status = grow(&found, work, bound);
        if (status == TN_OK)
            status = search(&found, work, found.paths, false);
    }
    if (status == TN_OK && found.missing && out->reason == NULL)
        out->reason = not_found_text(work, &found);
    return status == TN_OK ? give(work, &found) : status;
}

int tn_timetable_days(const struct tn_network *network)
{
    int64_t longest = 0;
    for (int c = 0; c < network->class_count; c++)
        longest = network->classes[c].free_ms > longest ? network->classes[c].free_ms : longest;
    return 7 + (int)(3 * longest / DAY);
}

int tn_timetable_trains(const struct tn_network_class *class)
{
    if (class->spec->departures.count)
        return listed(class);
    return isnan(class->spec->pairs) ? -1 : (int)lround(class->spec->pairs);
}

tn_status tn_timetable_plan(struct tn_timetable_plan *out, const struct tn_network *network, const int *trains,
                            const struct tn_timetable_limits *limits, struct tn_arena *arena, struct tn_context *ctx)
{
    const size_t classes = (size_t)network->class_count;
    int *bound = tn_arena_alloc(arena, classes + 1, sizeof *bound);
    struct work work = {.out = out,
                        .network = network,
                        .limits = limits,
                        .wanted = tn_arena_alloc(arena, classes + 1, sizeof *work.wanted),
                        .open = tn_arena_alloc(arena, classes + 1, sizeof *work.open),
                        .arena = arena,
                        .ctx = ctx};
    *out = (struct tn_timetable_plan){.wanted = work.wanted, .bound = bound, .limit = {-1, -1, -1, 0}};
    if (bound == NULL || work.wanted == NULL || work.open == NULL)
        return TN_ERR_MEMORY;
    for (size_t c = 0; c < classes; c++) {
        work.open[c] = trains[c] < 0;
        work.wanted[c] = work.open[c] ? 0 : trains[c];
        bound[c] = -1;
    }
    return solve(&work, bound);
}
