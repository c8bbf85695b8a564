/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_fit.h>

#include "simulate_work.h"

#define DAY     TN_NETWORK_DAY_MS
#define HOUR_MS INT64_C(3600000)

tn_status tn_simulate_count_init(struct sim *sim)
{
    const struct tn_network *network = sim->network;
    struct tn_simulate_outcome *out = sim->out;
    const size_t classes = (size_t)network->class_count, hours = (size_t)(sim->request->end_ms / HOUR_MS);
    sim->tallies = tn_arena_alloc(&sim->scratch, classes + 1, sizeof *sim->tallies);
    out->classes = tn_arena_alloc(sim->arena, classes + 1, sizeof *out->classes);
    out->sections = tn_arena_alloc(sim->arena, (size_t)network->section_count + 1, sizeof *out->sections);
    out->stations = tn_arena_alloc(sim->arena, (size_t)network->station_count, sizeof *out->stations);
    out->hours = tn_arena_alloc(sim->request->hours ? sim->arena : &sim->scratch, hours + 1, sizeof *out->hours);
    if (!sim->tallies || !out->classes || !out->sections || !out->stations || !out->hours)
        return TN_ERR_MEMORY;
    return TN_OK;
}

/* Time within what is counted. */
static int64_t counted(const struct sim *sim, int64_t from_ms, int64_t to_ms)
{
    const int64_t begin = sim->request->warm_up_ms, end = sim->request->end_ms;
    from_ms = from_ms > begin ? from_ms : begin;
    to_ms = to_ms < end ? to_ms : end;
    return to_ms > from_ms ? to_ms - from_ms : 0;
}

/* --- places --- */

void tn_simulate_occupy(struct sim *sim, int section, int direction, int64_t from_ms, int64_t to_ms)
{
    struct section *s = &sim->sections[section];
    const struct tn_network *network = sim->network;
    int64_t *covered = &s->covered_ms[s->tracks > 1 ? direction : 0];
    to_ms += network->meeting_ms < network->following_ms ? network->meeting_ms : network->following_ms;
    s->occupied_ms += counted(sim, from_ms > *covered ? from_ms : *covered, to_ms);
    *covered = to_ms > *covered ? to_ms : *covered;
    s->trains += from_ms >= sim->request->warm_up_ms && from_ms < sim->request->end_ms;
}

void tn_simulate_stand(struct sim *sim, int station, int more)
{
    struct station *s = &sim->stations[station];
    s->stood_ms += s->standing * counted(sim, s->changed_ms, sim->now_ms);
    s->changed_ms = sim->now_ms;
    s->standing += more;
    s->most = s->standing > s->most ? s->standing : s->most;
}

void tn_simulate_passed(struct sim *sim, int station)
{
    struct station *s = &sim->stations[station];
    s->most = s->standing + 1 > s->most ? s->standing + 1 : s->most;
}

/* --- paths that are shown --- */

static struct tn_timing *timings_of(struct sim *sim)
{
    if (sim->spare_count)
        return sim->spare[--sim->spare_count];
    struct tn_timing *new = tn_arena_alloc(&sim->scratch, (size_t)sim->network->station_count, sizeof *new);
    sim->no_memory |= new == NULL;
    return new;
}

void tn_simulate_timing(struct sim *sim, int train, int station, int64_t arrival_ms, int64_t departure_ms, bool stops)
{
    struct train *t = &sim->trains[train];
    if (sim->request->show_end_ms <= sim->request->show_begin_ms)
        return;
    const int i = abs(station - sim->network->classes[t->class].first);
    if (i == 0 && arrival_ms < sim->request->show_end_ms)
        t->timings = timings_of(sim);
    if (t->timings)
        t->timings[i] = (struct tn_timing){station, arrival_ms, departure_ms, stops};
}

static void *grown(struct sim *sim, const void *items, size_t count, size_t room, size_t size, struct tn_arena *arena)
{
    void *new = tn_arena_alloc(arena, room, size);
    sim->no_memory |= new == NULL;
    if (new &&count)
        memcpy(new, items, count * size);
    return new;
}

static void keep_path(struct sim *sim, const struct train *t)
{
    struct tn_simulate_outcome *out = sim->out;
    const struct tn_network_class *class = &sim->network->classes[t->class];
    const int count = abs(class->last - class->first) + 1;
    struct tn_timing *copy = tn_arena_alloc(sim->arena, (size_t)count, sizeof *copy);
    if (out->path_count == sim->path_room) {
        const size_t room = 2 * sim->path_room + 32;
        out->paths = grown(sim, out->paths, out->path_count, room, sizeof *out->paths, sim->arena);
        out->path_late = grown(sim, out->path_late, out->path_count, room, sizeof *out->path_late, sim->arena);
        sim->path_room = room;
    }
    sim->no_memory |= copy == NULL;
    if (sim->no_memory)
        return;
    memcpy(copy, t->timings, (size_t)count * sizeof *copy);
    out->path_late[out->path_count] = t->late;
    out->paths[out->path_count++] = (struct tn_train_path){t->class, t->number, copy, count};
}

static void finish_timings(struct sim *sim, struct train *t)
{
    if (t->timings == NULL)
        return;
    if (sim->now_ms > sim->request->show_begin_ms && t->entry_ms < sim->request->show_end_ms)
        keep_path(sim, t);
    if (sim->spare_count == sim->spare_room) {
        const size_t room = 2 * sim->spare_room + 32;
        sim->spare = grown(sim, sim->spare, sim->spare_count, room, sizeof(struct tn_timing *), &sim->scratch);
        sim->spare_room = room;
    }
    if (!sim->no_memory)
        sim->spare[sim->spare_count++] = t->timings;
    t->timings = NULL;
}

/* --- trains --- */

static void add_delay(struct sim *sim, struct tally *tally, int64_t delay_ms)
{
    const size_t count = (size_t)(tally->trains + tally->unfinished);
    if (count == tally->room) {
        const size_t room = 2 * tally->room + 256;
        tally->delays_ms = grown(sim, tally->delays_ms, count, room, sizeof *tally->delays_ms, &sim->scratch);
        tally->room = room;
    }
    if (!sim->no_memory)
        tally->delays_ms[count] = delay_ms;
    tally->delay_ms += delay_ms;
}

/* What it is late at its last station against the plan, or against itself meeting nobody. */
static int64_t delay_of(const struct sim *sim, const struct train *t, int64_t arrival_ms)
{
    const struct tn_network_class *class = &sim->network->classes[t->class];
    if (t->plan)
        return arrival_ms - (t->plan->timings[t->plan->count - 1].arrival_ms + t->plan_ms);
    return arrival_ms - t->due_ms - sim->ways[t->class].free_ms[class->last];
}

static bool is_counted(const struct sim *sim, const struct train *t)
{
    return t->due_ms >= sim->request->warm_up_ms && t->due_ms < sim->request->end_ms;
}

void tn_simulate_leaves(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    const struct tn_network_class *class = &sim->network->classes[t->class];
    const int64_t travel = sim->now_ms - t->entry_ms;
    tn_simulate_timing(sim, train, t->at, sim->now_ms, sim->now_ms, class->spec->stop_at_end);
    tn_simulate_passed(sim, t->at);
    finish_timings(sim, t);
    if (is_counted(sim, t)) {
        struct tally *tally = &sim->tallies[t->class];
        add_delay(sim, tally, delay_of(sim, t, sim->now_ms));
        tally->trains++;
        tally->disturbed_ms += t->disturbed_ms;
        tally->outside_ms += t->entry_ms - t->ready_ms;
        tally->travel_ms += travel;
        tally->stops += t->stops;
        tally->failures += t->failures;
        tally->locomotive_ms += class->locomotives * travel;
    }
    sim->left++;
    sim->on_line--;
    t->state = OUTSIDE;
    t->class = NOBODY;
    t->next = sim->free;
    sim->free = train;
}

/* Counts those on the line one by one: entered and left must agree with them. */
void tn_simulate_hour(struct sim *sim)
{
    struct tn_simulate_outcome *out = sim->out;
    struct tn_simulate_hour *row = &out->hours[out->hour_count++];
    *row = (struct tn_simulate_hour){.entered = sim->entered, .left = sim->left};
    for (int i = 0; i < sim->train_count; i++)
        row->on_line += sim->trains[i].class != NOBODY && sim->trains[i].state != OUTSIDE;
    for (int c = 0; c < sim->network->class_count; c++) {
        const struct way *way = &sim->ways[c];
        *(way->direction == TN_NETWORK_UP ? &row->outside_up : &row->outside_down) += way->outside;
    }
    out->balanced &= row->entered == row->left + row->on_line;
}

/* --- at the end --- */

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double way_length(const struct sim *sim, int c)
{
    const struct way *way = &sim->ways[c];
    double sum = 0;
    for (int i = sim->network->classes[c].first; i != sim->network->classes[c].last; i += way->step)
        sum += sim->network->sections[way_section(way, i)].distance_m;
    return sum;
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : (double)NAN;
}

/* From a tally, and its delays in rising order. */
static struct tn_simulate_class summary(const struct tally *t, const double *delays_s)
{
    const double done = (double)t->trains, all = (double)(t->trains + t->unfinished);
    const size_t count = (size_t)(t->trains + t->unfinished);
    const size_t rank = count ? (size_t)ceil(0.95 * all) - 1 : 0;
    return (struct tn_simulate_class){.trains = t->trains,
                                      .unfinished = t->unfinished,
                                      .delay_mean_s = ratio((double)t->delay_ms / 1e3, all),
                                      .delay_p95_s = count ? delays_s[rank] : (double)NAN,
                                      .delay_max_s = count ? delays_s[count - 1] : (double)NAN,
                                      .disturbed_mean_s = ratio((double)t->disturbed_ms / 1e3, done),
                                      .outside_mean_s = ratio((double)t->outside_ms / 1e3, done),
                                      .travel_mean_s = ratio((double)t->travel_ms / 1e3, done),
                                      .travel_speed_m_s = ratio(t->way_m, (double)t->travel_ms / 1e3),
                                      .stops_mean = ratio((double)t->stops, done),
                                      .locomotive_s = (double)t->locomotive_ms / 1e3,
                                      .failures = t->failures};
}

static tn_status summarise(struct sim *sim)
{
    struct tn_simulate_outcome *out = sim->out;
    struct tally all = {0};
    size_t total = 0, filled = 0;
    for (int c = 0; c < sim->network->class_count; c++)
        total += (size_t)(sim->tallies[c].trains + sim->tallies[c].unfinished);
    double *delays = tn_arena_alloc(sim->arena, total + 1, sizeof *delays);
    if (delays == NULL)
        return TN_ERR_MEMORY;
    for (int c = 0; c < sim->network->class_count; c++) {
        struct tally *t = &sim->tallies[c];
        const size_t count = (size_t)(t->trains + t->unfinished);
        for (size_t i = 0; i < count; i++)
            delays[filled + i] = (double)t->delays_ms[i] / 1e3;
        qsort(delays + filled, count, sizeof *delays, rising);
        t->way_m = way_length(sim, c) * (double)t->trains;
        out->classes[c] = summary(t, delays + filled);
        filled += count;
        all.trains += t->trains;
        all.unfinished += t->unfinished;
        all.delay_ms += t->delay_ms;
        all.disturbed_ms += t->disturbed_ms;
        all.outside_ms += t->outside_ms;
        all.travel_ms += t->travel_ms;
        all.stops += t->stops;
        all.failures += t->failures;
        all.locomotive_ms += t->locomotive_ms;
        all.way_m += t->way_m;
    }
    qsort(delays, total, sizeof *delays, rising);
    out->delays_s = delays;
    out->all = summary(&all, delays);
    return TN_OK;
}

static void count_places(struct sim *sim)
{
    for (int k = 0; k < sim->network->section_count; k++) {
        const struct section *s = &sim->sections[k];
        sim->out->sections[k] = (struct tn_simulate_use){(double)s->occupied_ms / 1e3, s->trains, 0};
    }
    for (int i = 0; i < sim->network->station_count; i++) {
        struct station *s = &sim->stations[i];
        s->stood_ms += s->standing * counted(sim, s->changed_ms, sim->now_ms);
        sim->out->stations[i] = (struct tn_simulate_use){(double)s->stood_ms / 1e3, 0, s->most};
    }
}

/* A line through the number of trains outside at every hour of the time counted. */
static tn_status judge_queue(struct sim *sim)
{
    struct tn_simulate_outcome *out = sim->out;
    const size_t first = (size_t)(sim->request->warm_up_ms / HOUR_MS);
    if (out->hour_count <= first + 1)
        return TN_OK;
    const size_t count = out->hour_count - first;
    double *day = tn_arena_alloc(&sim->scratch, count, sizeof *day);
    double *outside = tn_arena_alloc(&sim->scratch, count, sizeof *outside);
    if (day == NULL || outside == NULL)
        return TN_ERR_MEMORY;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct tn_simulate_hour *row = &out->hours[first + i];
        day[i] = (double)i / 24;
        outside[i] = row->outside_up + row->outside_down;
        sum += outside[i];
    }
    double at_first, slope, c00, c01, c11, squares;
    gsl_fit_linear(day, 1, outside, 1, count, &at_first, &slope, &c00, &c01, &c11, &squares);
    const double days = (double)count / 24, due = (double)(out->all.trains + out->all.unfinished) / days;
    out->queue_mean = sum / (double)count;
    out->queue_end = outside[count - 1];
    out->queue_growth_per_day = slope;
    out->queue_grows = slope > 0.01 * due && slope * days > 0.1 * due && out->queue_end > 2;
    return TN_OK;
}

tn_status tn_simulate_finish(struct sim *sim)
{
    struct tn_simulate_outcome *out = sim->out;
    for (int i = 0; i < sim->train_count; i++) {
        const struct train *t = &sim->trains[i];
        if (t->class == NOBODY || !is_counted(sim, t))
            continue;
        struct tally *tally = &sim->tallies[t->class];
        const int64_t so_far = sim->request->end_ms - t->due_ms;
        add_delay(sim, tally, so_far);
        tally->unfinished++;
    }
    if (sim->no_memory)
        return TN_ERR_MEMORY;
    count_places(sim);
    tn_status status = summarise(sim);
    if (status == TN_OK)
        status = judge_queue(sim);
    if (!sim->request->hours) {
        out->hours = NULL;
        out->hour_count = 0;
    }
    return status;
}

/* --- what cannot be done at all --- */

/* Whether the class gets through a leg, begun at a time of day, outside of all windows; with what simulate_move.c keeps
   in hand for arrivals that are put off. */
static bool gets_through(const struct tn_network *network, int c, int from, int to, int64_t entry)
{
    const struct tn_network_class *class = &network->classes[c];
    const int step = tn_network_step(class);
    bool starts = true;
    for (int i = from; i != to; i += step, starts = false) {
        const int k = tn_network_section_after(class, i);
        const int64_t exit = entry + tn_network_running_ms(network, c, k, starts, i + step == to, entry);
        const int64_t off = tn_simulate_is_doubled(network, i + step) ? 0 : 2 * network->not_simultaneous_ms;
        for (size_t w = 0; w < network->sections[k].window_count; w++) {
            const struct tn_network_window *window = &network->sections[k].windows[w];
            const int64_t since = tn_network_time_of_day(entry - window->begin_ms);
            if (since < window->duration_ms || entry + DAY - since < exit + off)
                return false;
        }
        entry = exit;
    }
    return true;
}

/* Whether it does so at some time of day: if at any, then also when it enters one of the sections as a window ends, or
   at midnight. */
static bool has_gap(const struct tn_network *network, int c, int from, int to)
{
    const struct tn_network_class *class = &network->classes[c];
    const int step = tn_network_step(class);
    int64_t ahead = 0;
    for (int i = from; i != to; i += step) {
        const int k = tn_network_section_after(class, i);
        for (size_t w = 0; w < network->sections[k].window_count; w++) {
            const struct tn_network_window *window = &network->sections[k].windows[w];
            if (gets_through(network, c, from, to,
                             tn_network_time_of_day(window->begin_ms + window->duration_ms - ahead)))
                return true;
        }
        ahead += tn_network_running_ms(network, c, k, i == from, i + step == to, 0);
    }
    return gets_through(network, c, from, to, 0);
}

static const char *no_power(const struct tn_network *network, int c, struct tn_arena *arena)
{
    const struct tn_network_class *class = &network->classes[c];
    for (int f = 0; f < network->feeding_count; f++)
        for (int i = class->first; i != class->last; i += tn_network_step(class)) {
            const int k = tn_network_section_after(class, i);
            const struct tn_network_feeding *feeding = &network->feedings[f];
            if (k >= feeding->first && k <= feeding->last && class->times[k].power_W > feeding->power_W)
                return tn_arena_printf(arena, "a train of class %s draws %.1f MW from %s to %s, %s gives %.1f MW",
                                       class->name, class->times[k].power_W / 1e6, network->stations[k].name,
                                       network->stations[k + 1].name, feeding->name ? feeding->name : "its feeding",
                                       feeding->power_W / 1e6);
        }
    return NULL;
}

const char *tn_simulate_impossible(const struct tn_network *network, struct tn_arena *arena)
{
    for (int c = 0; c < network->class_count; c++) {
        const struct tn_network_class *class = &network->classes[c];
        const int step = tn_network_step(class);
        const char *reason = no_power(network, c, arena);
        if (reason)
            return reason;
        for (int from = class->first, i = from + step; from != class->last; i += step) {
            if (i != class->last && !class->fits[i])
                continue;
            if (!has_gap(network, c, from, i))
                return tn_arena_printf(arena,
                                       "no gap between windows is long enough for a train of class %s from %s to %s",
                                       class->name, network->stations[from].name, network->stations[i].name);
            from = i;
        }
    }
    return NULL;
}
