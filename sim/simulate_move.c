/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "simulate_work.h"

/* A move takes a train over a leg: from where it stands, passes or comes in, to the next station where its class can
   stand. All that the leg needs is checked, then reserved; what is reserved ahead is given back as the train goes on.
 */

enum verdict { FREE, LATER, BLOCKED, UNSAFE };

/* --- running times --- */

/* What befalls the train in a section: scatter of its running time and failures. */
static int64_t mishaps(struct sim *sim, struct train *t, int section, int64_t running_ms)
{
    int64_t more = 0;
    if (sim->scatter.share > 0) {
        const gsl_rng rng = tn_random_gsl(&t->running);
        more = (int64_t)ceil((double)running_ms * tn_sampler_draw(&sim->scatter, &rng));
    }
    t->failure_m -= sim->network->sections[section].distance_m;
    t->failure_s -= (double)running_ms / 1e3;
    while (t->failure_m < 0 || t->failure_s < 0) {
        const gsl_rng rng = tn_random_gsl(&t->failure);
        const struct tn_simulate_disturbances *d = sim->request->disturbances;
        if (t->failure_m < 0)
            t->failure_m += gsl_ran_exponential(&rng, 1 / d->failure_per_m);
        else
            t->failure_s += gsl_ran_exponential(&rng, 1 / d->failure_per_s);
        more += (int64_t)ceil(1e3 * tn_sampler_draw(&sim->repair, &rng));
        t->failures++;
    }
    t->disturbed_ms += more;
    return more;
}

/* --- intervals --- */

/* When a train of the direction may enter the section, that long after an opposite one; NEVER: not as long as those in
   it have no time to leave. */
static int64_t earliest_entry(const struct sim *sim, const struct section *s, int direction, int64_t opposite_ms)
{
    int64_t time = BEFORE;
    if (s->tracks == 1) {
        if (s->open[!direction])
            return NEVER;
        time = s->last_exit_ms[!direction] + opposite_ms;
    }
    if (s->headway_ms >= 0)
        return later_of(time, s->last_entry_ms[direction] + s->headway_ms);
    return s->open[direction] ? NEVER : later_of(time, s->last_exit_ms[direction] + sim->network->following_ms);
}

/* When a train of the direction may arrive, at that time or later: apart from those of the other direction. */
static int64_t earliest_arrival(const struct sim *sim, int station, int direction, int64_t time_ms)
{
    const struct station *s = &sim->stations[station];
    const int64_t apart = sim->network->not_simultaneous_ms;
    if (time_ms >= s->latest_ms[!direction] + apart)
        return time_ms;
    for (int i = 0; !s->doubled && i < RECENT; i++) {
        const int64_t other = s->arrivals_ms[!direction][i];
        if (time_ms > other - apart && time_ms < other + apart) {
            time_ms = other + apart;
            i = -1;
        }
    }
    return time_ms;
}

static void set_arrival(struct sim *sim, int station, int direction, int64_t time_ms)
{
    struct station *s = &sim->stations[station];
    int64_t *recent = s->arrivals_ms[direction];
    int oldest = 0;
    s->latest_ms[direction] = later_of(s->latest_ms[direction], time_ms);
    for (int i = 1; i < RECENT; i++)
        if (recent[i] < recent[oldest])
            oldest = i;
    recent[oldest] = time_ms;
}

/* --- power --- */

/* What the class draws most in the sections of a feeding section on its way between two stations. */
static double leg_power(const struct sim *sim, int class, int from, int to, int feeding)
{
    const struct tn_network_feeding *f = &sim->network->feedings[feeding];
    const struct way *way = &sim->ways[class];
    double most = 0;
    for (int i = from; i != to; i += way->step) {
        const int k = way_section(way, i);
        if (k >= f->first && k <= f->last)
            most = fmax(most, sim->network->classes[class].times[k].power_W);
    }
    return most;
}

static bool has_power(struct sim *sim, int class, int from, int to)
{
    for (int f = 0; f < sim->network->feeding_count; f++) {
        const double need = leg_power(sim, class, from, to, f);
        if (need > 0 && sim->power_W[f] + need > sim->network->feedings[f].power_W * (1 + 1e-13)) {
            sim->power_wanted[f] = true;
            return false;
        }
    }
    return true;
}

static void take_power(struct sim *sim, int class, int from, int to)
{
    for (int f = 0; f < sim->network->feeding_count; f++)
        sim->power_W[f] += leg_power(sim, class, from, to, f);
}

/* The train leaves its leg at that time. */
static void release_power(struct sim *sim, const struct train *t, int64_t time_ms)
{
    for (int f = 0; f < sim->network->feeding_count; f++) {
        const double power = leg_power(sim, t->class, t->from, t->at, f);
        if (power <= 0)
            continue;
        if (sim->release_count == sim->release_room) {
            const size_t room = 2 * sim->release_room + 64;
            struct release *grown = tn_arena_alloc(&sim->scratch, room, sizeof *grown);
            if (grown == NULL) {
                sim->no_memory = true;
                return;
            }
            for (size_t i = 0; i < sim->release_count; i++)
                grown[i] = sim->releases[i];
            sim->releases = grown;
            sim->release_room = room;
        }
        sim->releases[sim->release_count] = (struct release){f, power};
        tn_simulate_at(sim, time_ms, FREE_POWER, (int)sim->release_count++);
    }
}

/* --- those who wait --- */

static void touch(struct sim *sim, int first, int last)
{
    for (int k = first; k <= last; k++) {
        struct section *s = &sim->sections[k];
        if (s->waiting == 0 || s->dirty)
            continue;
        s->dirty = true;
        sim->dirty[sim->dirty_count++] = k;
    }
}

void tn_simulate_touch(struct sim *sim, int section)
{
    touch(sim, sim->sections[section].first, sim->sections[section].last);
}

void tn_simulate_touch_station(struct sim *sim, int station)
{
    const int before = station > 0 ? station - 1 : 0;
    const int after = station < sim->network->section_count ? station : station - 1;
    const struct section *a = &sim->sections[before], *b = &sim->sections[after];
    touch(sim, a->first < b->first ? a->first : b->first, a->last > b->last ? a->last : b->last);
}

static void append(struct train *trains, int *first, int *last, int train)
{
    trains[train].next = NOBODY;
    if (*first == NOBODY)
        *first = train;
    else
        trains[*last].next = train;
    *last = train;
}

static void drop(struct train *trains, int *first, int *last, int train)
{
    int before = NOBODY;
    for (int i = *first; i != train; i = trains[i].next)
        before = i;
    if (before == NOBODY)
        *first = trains[train].next;
    else
        trains[before].next = trains[train].next;
    if (*last == train)
        *last = before;
}

void tn_simulate_ready(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    struct way *way = &sim->ways[t->class];
    const int k = wanted_section(sim, t);
    t->since_ms = sim->now_ms;
    append(sim->trains, &way->first, &way->last, train);
    way->outside++;
    sim->sections[k].waiting++;
    tn_simulate_touch(sim, k);
}

void tn_simulate_waits(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    struct station *s = &sim->stations[t->at];
    const int d = sim->ways[t->class].direction, k = wanted_section(sim, t);
    t->state = WAITING;
    t->since_ms = sim->now_ms;
    append(sim->trains, &s->first[d], &s->last[d], train);
    sim->sections[k].waiting++;
    tn_simulate_touch(sim, k);
}

/* --- moves --- */

/* Whether the train may go at a time; else when_ms: not before. */
static enum verdict judge(struct sim *sim, const struct train *t, int64_t time_ms, bool starts, int64_t *when_ms)
{
    const struct way *way = &sim->ways[t->class];
    const int d = way->direction, to = way->stop[t->at];
    const bool outside = t->state == OUTSIDE;
    int64_t entry = time_ms, wait = 0;
    if (outside && sim->stations[t->at].held >= sim->stations[t->at].tracks)
        return BLOCKED;
    for (int i = t->at; i != to; i += way->step) {
        const int next = i + way->step, k = way_section(way, i);
        const struct section *s = &sim->sections[k];
        const int64_t from = earliest_entry(sim, s, d, between_opposite(sim, starts));
        if (from == NEVER || sim->stations[next].held >= sim->stations[next].tracks ||
            (next != to && s->headway_ms >= 0 && s->open[d]))
            return BLOCKED;
        wait = later_of(wait, from - entry);
        const int64_t run = running(sim, t->class, k, starts, next == to, entry);
        if (sim->network->sections[k].window_count) {
            /* an arrival can still be put off by one from the other side */
            const int64_t off = sim->stations[next].doubled ? 0 : 2 * sim->network->not_simultaneous_ms;
            const int64_t end = tn_simulate_window(sim, k, entry, entry + run + off);
            wait = later_of(wait, end ? end - entry : 0);
        }
        entry += run;
        if (next != to)
            wait = later_of(wait, earliest_arrival(sim, next, d, entry) - entry);
        starts = false;
    }
    if (wait > 0) {
        *when_ms = time_ms + wait;
        return LATER;
    }
    if (!has_power(sim, t->class, t->at, to))
        return BLOCKED;
    const bool leaves = to == sim->network->classes[t->class].last;
    if (tn_safe_allows(&sim->safe, t->class, outside ? -1 : t->at, leaves ? -1 : to))
        return FREE;
    sim->out->refused++;
    return UNSAFE;
}

/* From now on it is known when the train leaves its section. */
static void set_exit(struct sim *sim, int train, int section, int64_t entry_ms, int64_t exit_ms)
{
    struct train *t = &sim->trains[train];
    struct section *s = &sim->sections[section];
    const struct tn_network_section *of = &sim->network->sections[section];
    const int d = sim->ways[t->class].direction;
    s->last_exit_ms[d] = exit_ms;
    for (size_t w = 0; w < of->window_count; w++) {
        const int64_t since = tn_network_time_of_day(entry_ms - of->windows[w].begin_ms);
        if (since < of->windows[w].duration_ms || entry_ms + TN_NETWORK_DAY_MS - since < exit_ms) {
            t->late = true;
            sim->out->window_late++;
        }
    }
    tn_simulate_occupy(sim, section, d, entry_ms, exit_ms);
    tn_simulate_touch(sim, section);
}

static void leave_section(struct sim *sim, int train, int64_t exit_ms)
{
    struct train *t = &sim->trains[train];
    struct section *s = &sim->sections[t->section];
    const int d = sim->ways[t->class].direction;
    s->open[d]--;
    if (s->tail[d] == train)
        s->tail[d] = NOBODY;
    if (t->behind != NOBODY) {
        struct train *behind = &sim->trains[t->behind];
        behind->ahead = false;
        if (behind->decides)
            tn_simulate_at(sim, sim->now_ms, TRAIN, t->behind);
        behind->decides = false;
        t->behind = NOBODY;
    }
    set_exit(sim, train, t->section, t->section_entry_ms, exit_ms);
    if (sim->network->feeding_count)
        release_power(sim, t, exit_ms);
}

/* A passing takes a track at that moment: it is free a millisecond later. */
static void hold_until(struct sim *sim, int station, int64_t time_ms)
{
    sim->stations[station].held++;
    tn_simulate_at(sim, time_ms + 1, FREE_TRACK, station);
}

/* Runs through a leg's sections but the last, and enters that. */
static void enter(struct sim *sim, int train, int64_t time_ms, bool starts)
{
    struct train *t = &sim->trains[train];
    const struct way *way = &sim->ways[t->class];
    const int d = way->direction;
    for (int i = t->from; i != t->at; i += way->step, starts = false) {
        const int next = i + way->step, k = way_section(way, i);
        struct section *s = &sim->sections[k];
        int64_t run = running(sim, t->class, k, starts, false, time_ms);
        run += sim->disturbed ? mishaps(sim, t, k, run) : 0;
        int64_t exit = time_ms + run;
        if (s->headway_ms >= 0) {
            const int64_t ahead = s->tail[d] == NOBODY ? s->last_exit_ms[d] : sim->trains[s->tail[d]].reach_ms;
            exit = later_of(exit, ahead + s->headway_ms);
        }
        s->last_entry_ms[d] = time_ms;
        if (next != t->at) {
            exit = earliest_arrival(sim, next, d, exit);
            set_arrival(sim, next, d, exit);
            set_exit(sim, train, k, time_ms, exit);
            hold_until(sim, next, exit);
            tn_simulate_timing(sim, train, next, exit, exit, false);
            tn_simulate_passed(sim, next);
        } else {
            t->section = k;
            t->section_entry_ms = time_ms;
            t->starts = starts;
            t->reach_ms = exit;
            t->ahead = s->tail[d] != NOBODY;
            if (t->ahead)
                sim->trains[s->tail[d]].behind = train;
            s->tail[d] = train;
            s->open[d]++;
        }
        time_ms = exit;
    }
}

static void bind(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    const struct way *way = &sim->ways[t->class];
    int *last = &sim->stations[t->at].bound[way->direction];
    sim->stations[t->at].urgent[way->direction] += way->outranks;
    while (*last != NOBODY)
        last = &sim->trains[*last].beside;
    *last = train;
    t->beside = NOBODY;
}

void tn_simulate_unbind(struct sim *sim, int train)
{
    const struct train *t = &sim->trains[train];
    const struct way *way = &sim->ways[t->class];
    int *link = &sim->stations[t->at].bound[way->direction];
    sim->stations[t->at].urgent[way->direction] -= way->outranks;
    while (*link != train)
        link = &sim->trains[*link].beside;
    *link = t->beside;
}

static void come_in(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    struct way *way = &sim->ways[t->class];
    drop(sim->trains, &way->first, &way->last, train);
    way->outside--;
    t->entry_ms = sim->now_ms;
    sim->entered++;
    sim->on_line++;
    if (sim->sources[t->source].kind == ALWAYS)
        tn_simulate_another(sim, t->source);
}

/* Gives back what it has at its station, as of that time. */
static void give_back(struct sim *sim, struct train *t, int64_t time_ms)
{
    struct station *s = &sim->stations[t->at];
    const bool at_once = t->state == WAITING && t->arrived_ms == time_ms;
    if (at_once || (t->state == RUNNING && !s->early)) {
        tn_simulate_at(sim, time_ms + 1, FREE_TRACK, t->at);
        return;
    }
    s->held--;
    tn_simulate_touch_station(sim, t->at);
}

static void move(struct sim *sim, int train, int64_t time_ms, bool starts)
{
    struct train *t = &sim->trains[train];
    const int from = t->at, k = wanted_section(sim, t), d = sim->ways[t->class].direction;
    const bool outside = t->state == OUTSIDE;
    if (t->state != RUNNING)
        sim->sections[k].waiting--;
    if (outside) {
        come_in(sim, train);
        t = &sim->trains[train]; /* there may be more of them now */
        tn_simulate_timing(sim, train, from, time_ms, time_ms, starts);
        hold_until(sim, from, time_ms);
    } else {
        if (t->state == WAITING) {
            struct station *s = &sim->stations[from];
            drop(sim->trains, &s->first[d], &s->last[d], train);
            tn_simulate_stand(sim, from, -1);
            tn_simulate_timing(sim, train, from, t->arrived_ms, time_ms, true);
        }
        give_back(sim, t, time_ms);
        tn_simulate_unbind(sim, train);
    }
    const int to = sim->ways[t->class].stop[from];
    tn_safe_move(&sim->safe, t->class, outside ? -1 : from, to == sim->network->classes[t->class].last ? -1 : to);
    t->from = from;
    t->at = to;
    bind(sim, train);
    t->state = RUNNING;
    t->passed_by = 0;
    t->patient_ms = BEFORE;
    sim->stations[to].held++;
    if (sim->network->feeding_count)
        take_power(sim, t->class, from, to);
    enter(sim, train, time_ms, starts);
    const int64_t decides = t->reach_ms - sim->network->approach_ms;
    tn_simulate_at(sim, later_of(time_ms, decides), TRAIN, train);
    while (sim->unsafe_count) {
        const int u = sim->unsafe[--sim->unsafe_count];
        sim->sections[u].refused = false;
        tn_simulate_touch(sim, u);
    }
}

/* --- those who wait go on --- */

static void wake(struct sim *sim, int section, int64_t time_ms)
{
    struct section *s = &sim->sections[section];
    if (s->wake_ms > sim->now_ms && s->wake_ms <= time_ms)
        return;
    s->wake_ms = time_ms;
    tn_simulate_at(sim, time_ms, WAKE, section);
}

static bool starts_now(const struct sim *sim, const struct train *t)
{
    /* comes from beyond at speed if it need not wait */
    return t->state != OUTSIDE || t->since_ms < sim->now_ms || sim->sources[t->source].kind == ALWAYS ||
           sim->network->classes[t->class].spec->stop_at_end;
}

/* Nobody who waits for the section can enter it sooner. */
static int64_t opens_at(const struct sim *sim, int section)
{
    const struct section *s = &sim->sections[section];
    const int64_t starting = between_opposite(sim, true), passing = between_opposite(sim, false);
    int64_t opens = NEVER;
    for (int d = TN_NETWORK_UP; d <= TN_NETWORK_DOWN; d++) {
        if (first_waiting(sim, station_before(section, d), d) == NOBODY)
            continue;
        const int64_t entry = earliest_entry(sim, s, d, starting < passing ? starting : passing);
        opens = entry < opens ? entry : opens;
    }
    return opens;
}

static void dispatch_section(struct sim *sim, int section)
{
    struct section *s = &sim->sections[section];
    int64_t soonest = NEVER;
    sim->tries++;
    while (s->waiting > 0) {
        const int64_t opens = opens_at(sim, section);
        if (opens > sim->now_ms) {
            soonest = opens < soonest ? opens : soonest;
            break;
        }
        const int train = tn_simulate_best_waiting(sim, section);
        if (train == NOBODY)
            break;
        struct train *t = &sim->trains[train];
        int64_t when = NEVER;
        t->tried = sim->tries;
        const bool starts = starts_now(sim, t);
        enum verdict verdict = judge(sim, t, sim->now_ms, starts, &when);
        if (verdict == FREE && tn_simulate_lets_first(sim, train, sim->now_ms)) {
            verdict = LATER;
            when = t->patient_ms;
        }
        const bool held = verdict == FREE && tn_simulate_takes_track(sim, train);
        if (verdict == FREE && !held) {
            tn_simulate_count_passed_by(sim, train, section);
            move(sim, train, sim->now_ms, starts);
        } else if (verdict == LATER) {
            soonest = when < soonest ? when : soonest;
        } else if ((verdict == UNSAFE || held) && !s->refused) {
            s->refused = true;
            sim->unsafe[sim->unsafe_count++] = section;
        }
    }
    if (soonest != NEVER)
        wake(sim, section, soonest);
}

void tn_simulate_dispatch(struct sim *sim)
{
    while (sim->dirty_count > 0) {
        const int section = sim->dirty[--sim->dirty_count];
        sim->sections[section].dirty = false;
        dispatch_section(sim, section);
    }
}

/* Whether one that waits goes first and could go by then. */
static bool yields(struct sim *sim, int train)
{
    const struct train *t = &sim->trains[train];
    const int section = wanted_section(sim, t);
    if (sim->sections[section].waiting == 0)
        return false;
    sim->tries++;
    for (int other = tn_simulate_best_waiting(sim, section); other != NOBODY;
         other = tn_simulate_best_waiting(sim, section)) {
        int64_t when = sim->now_ms;
        if (!sim->rule->before(sim, other, train, section))
            return false;
        sim->trains[other].tried = sim->tries;
        const enum verdict verdict = judge(sim, &sim->trains[other], sim->now_ms, true, &when);
        if ((verdict == FREE || verdict == LATER) && when <= t->reach_ms)
            return true;
    }
    return false;
}

/* --- at the end of a leg --- */

/* The train's stop or passing is set: those who let it go first look again. */
static void tell(struct sim *sim, int train)
{
    const struct train *t = &sim->trains[train];
    const struct way *way = &sim->ways[t->class];
    tn_simulate_touch_station(sim, t->at);
    for (int i = t->at + way->step, n = 1; way->outranks && n < LOOK_BACK; i += way->step, n++) {
        if (i < 0 || i >= sim->network->station_count)
            break;
        tn_simulate_touch_station(sim, i);
    }
}

static void stop(struct sim *sim, int train, enum train_state state)
{
    struct train *t = &sim->trains[train];
    const struct way *way = &sim->ways[t->class];
    const int64_t *run = way->run_ms[t->section];
    const bool at_speed = state == LEAVING && !sim->network->classes[t->class].spec->stop_at_end;
    const int64_t more = t->starts ? run[3] - run[2] : run[1] - run[0];
    t->arrived_ms = earliest_arrival(sim, t->at, way->direction, t->reach_ms + (at_speed ? 0 : more));
    set_arrival(sim, t->at, way->direction, t->arrived_ms);
    leave_section(sim, train, t->arrived_ms);
    tell(sim, train);
    t->state = state;
    t->stops += state != LEAVING;
    tn_simulate_at(sim, t->arrived_ms, TRAIN, train);
}

static bool has_to_stop(const struct sim *sim, const struct train *t)
{
    const struct tn_network_class *class = &sim->network->classes[t->class];
    if (class->dwell_ms[t->at] >= 0)
        return true;
    if (t->plan == NULL)
        return false;
    const struct tn_timing *planned = &t->plan->timings[abs(t->at - class->first)];
    return planned->stops && planned->departure_ms + t->plan_ms > t->reach_ms;
}

void tn_simulate_decide(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    const struct section *s = &sim->sections[t->section];
    const int d = sim->ways[t->class].direction;
    if (t->ahead) {
        t->decides = true;
        return;
    }
    if (s->headway_ms >= 0 && s->last_exit_ms[d] + s->headway_ms > t->reach_ms) {
        t->reach_ms = s->last_exit_ms[d] + s->headway_ms;
        if (t->reach_ms - sim->network->approach_ms > sim->now_ms) {
            tn_simulate_at(sim, t->reach_ms - sim->network->approach_ms, TRAIN, train);
            return;
        }
    }
    if (t->at == sim->network->classes[t->class].last) {
        stop(sim, train, LEAVING);
        return;
    }
    int64_t when;
    t->since_ms = t->reach_ms;
    if (has_to_stop(sim, t) || earliest_arrival(sim, t->at, d, t->reach_ms) > t->reach_ms || yields(sim, train) ||
        judge(sim, t, t->reach_ms, false, &when) != FREE || tn_simulate_takes_track(sim, train) ||
        tn_simulate_lets_first(sim, train, t->reach_ms)) {
        stop(sim, train, ARRIVING);
        return;
    }
    set_arrival(sim, t->at, d, t->reach_ms);
    tn_simulate_timing(sim, train, t->at, t->reach_ms, t->reach_ms, false);
    tn_simulate_passed(sim, t->at);
    tn_simulate_count_passed_by(sim, train, wanted_section(sim, t));
    const int64_t time = t->reach_ms;
    if (sim->ways[t->class].outranks)
        tell(sim, train);
    leave_section(sim, train, time);
    move(sim, train, time, false);
}
