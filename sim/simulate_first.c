/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "simulate_work.h"

static bool came_first(const struct sim *sim, int a, int b, int section)
{
    const struct train *x = &sim->trains[a], *y = &sim->trains[b];
    (void)section;
    if (x->since_ms != y->since_ms)
        return x->since_ms < y->since_ms;
    if (x->due_ms != y->due_ms)
        return x->due_ms < y->due_ms;
    return x->class != y->class ? x->class < y->class : x->number < y->number;
}

static const struct tn_traffic_class_spec *spec_of(const struct sim *sim, int train)
{
    return sim->network->classes[sim->trains[train].class].spec;
}

static bool has_priority(const struct sim *sim, int a, int b, int section)
{
    const int x = sim->trains[a].priority, y = sim->trains[b].priority;
    return x != y ? x > y : came_first(sim, a, b, section);
}

/* When the train should leave the station where it is. */
static int64_t planned_ms(const struct sim *sim, const struct train *t)
{
    const int i = abs(t->at - sim->network->classes[t->class].first);
    return t->plan ? t->plan->timings[i].departure_ms + t->plan_ms : t->due_ms + sim->ways[t->class].free_ms[t->at];
}

static bool is_planned_first(const struct sim *sim, int a, int b, int section)
{
    const int64_t x = planned_ms(sim, &sim->trains[a]), y = planned_ms(sim, &sim->trains[b]);
    return x != y ? x < y : came_first(sim, a, b, section);
}

/* When train b can enter the section after train a, which goes when it is ready and stops behind it. */
static int64_t start_of_second(const struct sim *sim, int a, int b, int section, int64_t ready_a)
{
    const struct train *x = &sim->trains[a], *y = &sim->trains[b];
    const struct section *s = &sim->sections[section];
    const bool same = sim->ways[x->class].direction == sim->ways[y->class].direction;
    const int64_t run_a = running(sim, x->class, section, x->state != RUNNING, true, ready_a);
    if (!same)
        return s->tracks > 1 ? BEFORE : ready_a + run_a + between_opposite(sim, y->state != RUNNING);
    if (s->headway_ms < 0)
        return ready_a + run_a + sim->network->following_ms;
    return ready_a + s->headway_ms + later_of(0, run_a - running(sim, y->class, section, true, false, ready_a));
}

/* Delay of train b, weighted, if it follows train a into the section. */
static double cost_of_second(const struct sim *sim, int a, int b, int section, int64_t ready_a, int64_t ready_b)
{
    const struct train *y = &sim->trains[b];
    const int64_t start = start_of_second(sim, a, b, section, ready_a);
    if (start <= ready_b)
        return 0;
    const int64_t(*run)[4] = (const int64_t(*)[4])sim->ways[y->class].run_ms;
    const int64_t stop = y->state == RUNNING ? run[section][2] - run[section][0] : 0;
    return spec_of(sim, b)->weight * (double)(start - ready_b + stop);
}

static int64_t ready_at(const struct sim *sim, const struct train *t)
{
    if (t->state == WAITING || t->state == OUTSIDE)
        return sim->now_ms;
    const int64_t dwell = sim->network->classes[t->class].dwell_ms[t->at];
    return later_of(sim->now_ms, (t->state == RUNNING ? t->reach_ms : t->arrived_ms) + (dwell > 0 ? dwell : 0));
}

enum { PATIENCE = 2 }; /* so many may be let go before one that came earlier */

static bool costs_less(const struct sim *sim, int a, int b, int section)
{
    const struct train *x = &sim->trains[a], *y = &sim->trains[b];
    if ((x->passed_by >= PATIENCE) != (y->passed_by >= PATIENCE))
        return x->passed_by >= PATIENCE;
    if (sim->trains[a].priority != sim->trains[b].priority)
        return sim->trains[a].priority > sim->trains[b].priority;
    const int64_t ready_a = ready_at(sim, x), ready_b = ready_at(sim, y);
    const double a_first = cost_of_second(sim, a, b, section, ready_a, ready_b);
    const double b_first = cost_of_second(sim, b, a, section, ready_b, ready_a);
    return a_first != b_first ? a_first < b_first : came_first(sim, a, b, section);
}

static bool defers_to_priority(const struct sim *sim, int a, int b, int section, int64_t ready_a, int64_t ready_b)
{
    return sim->trains[b].priority > sim->trains[a].priority &&
           cost_of_second(sim, a, b, section, ready_a, ready_b) > 0;
}

/* By priority; among equals by the weighted delay. */
static bool defers_to_cheaper(const struct sim *sim, int a, int b, int section, int64_t ready_a, int64_t ready_b)
{
    if (sim->trains[a].priority != sim->trains[b].priority)
        return defers_to_priority(sim, a, b, section, ready_a, ready_b);
    return cost_of_second(sim, b, a, section, ready_b, ready_a) < cost_of_second(sim, a, b, section, ready_a, ready_b);
}

static const struct rule rules[] = {
    [TN_SIMULATE_FIRST_COME] = {"first-come", came_first, came_first, NULL},
    [TN_SIMULATE_PRIORITY] = {"priority", has_priority, has_priority, defers_to_priority},
    [TN_SIMULATE_LOOK_AHEAD] = {"look-ahead", costs_less, has_priority, defers_to_cheaper},
    [TN_SIMULATE_TIMETABLE] = {"timetable", is_planned_first, is_planned_first, NULL},
};

const char *tn_simulate_rule_name(int index)
{
    return index >= 0 && index < (int)(sizeof rules / sizeof *rules) ? rules[index].name : NULL;
}

const struct rule *tn_simulate_rule_row(enum tn_simulate_rule rule)
{
    return &rules[rule];
}

int tn_simulate_first_outside(const struct sim *sim, int class)
{
    while (class != NOBODY && sim->ways[class].first == NOBODY)
        class = sim->ways[class].beside;
    return class == NOBODY || (sim->ended && !sim->request->drain) ? NOBODY : sim->ways[class].first;
}

static int next_waiting(const struct sim *sim, int station, int direction, int train)
{
    const struct train *t = &sim->trains[train];
    if (t->state == OUTSIDE)
        return tn_simulate_first_outside(sim, sim->ways[t->class].beside);
    return t->next != NOBODY ? t->next : tn_simulate_first_outside(sim, sim->stations[station].begins[direction]);
}

int tn_simulate_best_waiting(const struct sim *sim, int section)
{
    int best = NOBODY;
    for (int d = TN_NETWORK_UP; d <= TN_NETWORK_DOWN; d++) {
        const int station = station_before(section, d);
        for (int i = first_waiting(sim, station, d); i != NOBODY; i = next_waiting(sim, station, d, i))
            if (sim->trains[i].tried != sim->tries && (best == NOBODY || sim->rule->before(sim, i, best, section)))
                best = i;
    }
    return best;
}

/* Whether nothing but time keeps a waiting train from going. */
static bool could_go(struct sim *sim, const struct train *t)
{
    const struct way *way = &sim->ways[t->class];
    const int to = way->stop[t->at];
    const bool outside = t->state == OUTSIDE;
    for (int i = outside ? t->at : t->at + way->step;; i += way->step) {
        if (sim->stations[i].held >= sim->stations[i].tracks)
            return false;
        if (i == to)
            break;
    }
    return tn_safe_allows(&sim->safe, t->class, outside ? -1 : t->at,
                          to == sim->network->classes[t->class].last ? -1 : to);
}

bool tn_simulate_takes_track(struct sim *sim, int train)
{
    const struct train *t = &sim->trains[train];
    const struct way *way = &sim->ways[t->class];
    const int to = way->stop[t->at], beyond = to + way->step, d = !way->direction;
    if (to == sim->network->classes[t->class].last || sim->stations[to].tracks - sim->stations[to].held > 1)
        return false;
    for (int i = first_waiting(sim, beyond, d); i != NOBODY; i = next_waiting(sim, beyond, d, i))
        if (sim->ways[sim->trains[i].class].stop[beyond] == to && sim->rule->order(sim, i, train, 0) &&
            could_go(sim, &sim->trains[i]))
            return true;
    return false;
}

/* When the train, which will be at another station before, could be at this one on its way. */
static int64_t ready_there(const struct sim *sim, const struct train *t, int station)
{
    const struct way *way = &sim->ways[t->class];
    const int64_t *dwell = sim->network->classes[t->class].dwell_ms;
    int64_t time = ready_at(sim, t);
    bool starts = t->state != RUNNING;
    for (int i = t->at; i != station; i += way->step, starts = false) {
        time += running(sim, t->class, way_section(way, i), starts, false, time);
        time += dwell[i + way->step] > 0 ? dwell[i + way->step] : 0;
    }
    return time;
}

/* Whether the other, which is on its way, is let enter the section before the train, which could at a time. */
static bool is_let_first(struct sim *sim, int train, int64_t ready_ms, int other)
{
    const struct train *t = &sim->trains[train], *o = &sim->trains[other];
    const struct way *way = &sim->ways[t->class], *its = &sim->ways[o->class];
    const bool same = way->direction == its->direction;
    const int station = same ? t->at : t->at + way->step; /* where it comes in */
    const bool needs_track = same && o->at != station;
    if ((sim->network->classes[o->class].last - station) * its->step <= 0 ||
        (needs_track && sim->stations[station].held >= sim->stations[station].tracks))
        return false;
    int64_t there = ready_there(sim, o, station);
    if (needs_track && t->state == RUNNING) { /* not before the train is out of its way */
        const int last = way_section(way, station - way->step);
        const int64_t headway = sim->sections[last].headway_ms;
        const int64_t run = running(sim, o->class, last, false, false, t->reach_ms);
        there = later_of(there, t->reach_ms + (headway >= 0 ? headway : sim->network->following_ms + run));
    }
    return sim->rule->defers(sim, train, other, wanted_section(sim, t), ready_ms, there) && could_go(sim, o);
}

/* One that is on its way to a station in a direction, or stands there or some stations before it, and is let go before
   the train; of equals only one that runs there. */
static int who_comes(struct sim *sim, int train, int64_t ready_ms, int station, int direction)
{
    const int count = sim->network->station_count, back = direction == TN_NETWORK_UP ? -1 : 1;
    const int priority = sim->trains[train].priority;
    for (int i = station, far = 0; i >= 0 && i < count && far < LOOK_BACK; i += back, far++) {
        const struct station *s = &sim->stations[i];
        for (int o = far == 0 || s->urgent[direction] ? s->bound[direction] : NOBODY; o != NOBODY;
             o = sim->trains[o].beside)
            if (o != train && (sim->trains[o].priority > priority || (far == 0 && sim->trains[o].state == RUNNING)) &&
                is_let_first(sim, train, ready_ms, o))
                return o;
    }
    return NOBODY;
}

bool tn_simulate_lets_first(struct sim *sim, int train, int64_t ready_ms)
{
    struct train *t = &sim->trains[train];
    if (sim->rule->defers == NULL || t->state == OUTSIDE || t->passed_by >= PATIENCE ||
        (t->patient_ms != BEFORE && t->patient_ms <= sim->now_ms))
        return false;
    const struct way *way = &sim->ways[t->class];
    int other = who_comes(sim, train, ready_ms, t->at + way->step, !way->direction);
    if (other == NOBODY)
        other = who_comes(sim, train, ready_ms, t->at, way->direction);
    if (other == NOBODY)
        return false;
    if (t->patient_ms == BEFORE)
        t->patient_ms = start_of_second(sim, train, other, wanted_section(sim, t), ready_ms);
    return true;
}

void tn_simulate_count_passed_by(struct sim *sim, int train, int section)
{
    const int64_t since = sim->trains[train].since_ms;
    for (int d = TN_NETWORK_UP; sim->rule->defers && d <= TN_NETWORK_DOWN; d++) {
        const int station = station_before(section, d);
        for (int i = first_waiting(sim, station, d); i != NOBODY; i = next_waiting(sim, station, d, i)) {
            if (i == train)
                continue;
            sim->trains[i].passed_by += sim->trains[i].since_ms < since;
            sim->trains[i].patient_ms = BEFORE;
        }
    }
}
