/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "simulate_work.h"

#define DAY     TN_NETWORK_DAY_MS
#define HOUR_MS INT64_C(3600000)

/* --- events: a heap, earliest first; at equal times in the order in which they were set --- */

enum { KIND_BITS = 3 };

static bool is_sooner(const struct event *a, const struct event *b)
{
    /* without a branch: which is sooner cannot be foreseen */
    return (a->time_ms < b->time_ms) | ((a->time_ms == b->time_ms) & (a->order < b->order));
}

static void sift_up(struct sim *sim, size_t i, struct event event)
{
    for (; i > 0 && is_sooner(&event, &sim->heap[(i - 1) / 2]); i = (i - 1) / 2)
        sim->heap[i] = sim->heap[(i - 1) / 2];
    sim->heap[i] = event;
}

void tn_simulate_at(struct sim *sim, int64_t time_ms, enum event_kind kind, int index)
{
    if (sim->heap_count + 1 >= sim->heap_room) { /* one more, for the end of the heap in take() */
        const size_t room = 2 * sim->heap_room + 256;
        struct event *grown = tn_arena_alloc(&sim->scratch, room, sizeof *grown);
        if (grown == NULL) {
            sim->no_memory = true;
            return;
        }
        if (sim->heap_count)
            memcpy(grown, sim->heap, sim->heap_count * sizeof *grown);
        sim->heap = grown;
        sim->heap_room = room;
    }
    const struct event event = {time_ms, sim->order++, (uint32_t)index << KIND_BITS | (uint32_t)kind};
    sift_up(sim, sim->heap_count++, event);
}

static struct event take(struct sim *sim)
{
    const struct event first = sim->heap[0], last = sim->heap[--sim->heap_count];
    size_t i = 0;
    sim->heap[sim->heap_count].time_ms = NEVER;
    for (size_t child = 1; child < sim->heap_count; child = 2 * i + 1) { /* the hole goes down to the end */
        child += is_sooner(&sim->heap[child + 1], &sim->heap[child]);
        sim->heap[i] = sim->heap[child];
        i = child;
    }
    sift_up(sim, i, last);
    return first;
}

/* --- windows --- */

static int64_t window_end(struct sim *sim, int section, size_t w, int64_t day)
{
    const struct tn_network_window *window = &sim->network->sections[section].windows[w];
    int64_t end = day * DAY + window->begin_ms + window->duration_ms;
    if (sim->overrun.share > 0) {
        struct tn_random random;
        tn_random_init(&random, sim->request->seed, TN_RANDOM_OVERRUN, (uint64_t)(day + 1), sim->request->replicate,
                       (uint32_t)section << 8 | (uint32_t)(w & 255));
        const gsl_rng rng = tn_random_gsl(&random);
        end += (int64_t)ceil(1e3 * tn_sampler_draw(&sim->overrun, &rng));
    }
    return end;
}

static void set_window(struct sim *sim, int section, size_t w, int64_t day)
{
    const int64_t begin = day * DAY + sim->network->sections[section].windows[w].begin_ms;
    sim->sections[section].windows[w] = (struct window){day, begin, window_end(sim, section, w, day)};
}

int64_t tn_simulate_window(struct sim *sim, int section, int64_t from_ms, int64_t to_ms)
{
    const struct tn_network_section *s = &sim->network->sections[section];
    for (size_t w = 0; w < s->window_count; w++) {
        struct window *window = &sim->sections[section].windows[w];
        while (window->end_ms <= sim->now_ms)
            set_window(sim, section, w, window->day + 1);
        int64_t day = window->day, end = window->end_ms;
        for (int64_t begin = window->begin_ms; begin < to_ms; begin += DAY, end = window_end(sim, section, w, ++day))
            if (from_ms < end)
                return end;
    }
    return 0;
}

/* --- ways and legs --- */

void tn_simulate_legs(struct sim *sim)
{
    const struct tn_network *network = sim->network;
    for (int k = 0; k < network->section_count; k++)
        sim->sections[k].first = sim->sections[k].last = k;
    for (int c = 0; c < network->class_count; c++) {
        const struct tn_network_class *class = &network->classes[c];
        struct way *way = &sim->ways[c];
        int next = class->last;
        for (int i = class->last; i != class->first; i -= way->step) {
            const int from = i - way->step;
            if (i == class->last || ((sim->safe.fits[c * sim->safe.words + i / 64] >> (i % 64) & 1) != 0))
                next = i;
            way->stop[from] = next;
            const int first = way_section(way, from);
            for (int j = from; j != next; j += way->step) {
                struct section *s = &sim->sections[way_section(way, j)];
                s->first = first < s->first ? first : s->first;
                s->last = first > s->last ? first : s->last;
            }
        }
    }
}

static tn_status init_way(struct sim *sim, int c)
{
    const struct tn_network *network = sim->network;
    const struct tn_network_class *class = &network->classes[c];
    struct way *way = &sim->ways[c];
    const size_t stations = (size_t)network->station_count;
    *way = (struct way){class->direction, tn_network_step(class), .first = NOBODY, .last = NOBODY};
    way->stop = tn_arena_alloc(&sim->scratch, stations, sizeof *way->stop);
    way->run_ms = tn_arena_alloc(&sim->scratch, stations, sizeof *way->run_ms);
    way->free_ms = tn_arena_alloc(&sim->scratch, stations, sizeof *way->free_ms);
    if (!way->stop || !way->run_ms || !way->free_ms)
        return TN_ERR_MEMORY;
    for (int other = 0; other < network->class_count; other++)
        way->outranks |= class->spec->priority > network->classes[other].spec->priority;
    bool starts = class->spec->stop_at_end;
    int64_t free = 0;
    for (int i = class->first; i != class->last; i += way->step) {
        const int k = way_section(way, i), next = i + way->step;
        const struct tn_network_times *t = &class->times[k];
        int64_t *run = way->run_ms[k];
        run[0] = t->pass_ms;
        run[1] = t->pass_ms + t->stop_ms;
        run[2] = t->pass_ms + t->start_ms;
        run[3] = t->pass_ms + (t->both_ms > t->start_ms ? t->both_ms : t->start_ms);
        const bool stops = next == class->last ? class->spec->stop_at_end : class->dwell_ms[next] >= 0;
        free += run[2 * starts + stops];
        free += stops && next != class->last ? class->dwell_ms[next] : 0;
        way->free_ms[next] = free;
        starts = stops;
    }
    return TN_OK;
}

/* Whether no train can come into the station sooner than a way can be set before a passing. */
static bool releases_early(const struct sim *sim, int station)
{
    for (int c = 0; c < sim->network->class_count; c++) {
        const struct tn_network_class *class = &sim->network->classes[c];
        const int from = station - sim->ways[c].step;
        if (class->first == station)
            return false;
        const bool comes = sim->ways[c].direction == TN_NETWORK_UP ? from >= class->first && station <= class->last
                                                                   : from <= class->first && station >= class->last;
        if (comes && class->times[way_section(&sim->ways[c], from)].pass_ms <= sim->network->approach_ms)
            return false;
    }
    return true;
}

static tn_status init_places(struct sim *sim)
{
    const struct tn_network *network = sim->network;
    for (int k = 0; k < network->section_count; k++) {
        const struct tn_network_section *of = &network->sections[k];
        struct section *s = &sim->sections[k];
        s->tracks = of->tracks;
        s->headway_ms = of->headway_ms;
        s->wake_ms = BEFORE;
        for (int d = 0; d < 2; d++) {
            s->tail[d] = NOBODY;
            s->last_entry_ms[d] = s->last_exit_ms[d] = s->covered_ms[d] = BEFORE;
        }
        s->windows = tn_arena_alloc(&sim->scratch, of->window_count + 1, sizeof *s->windows);
        if (s->windows == NULL)
            return TN_ERR_MEMORY;
        for (size_t w = 0; w < of->window_count; w++)
            set_window(sim, k, w, -1);
    }
    for (int i = 0; i < network->station_count; i++) {
        struct station *s = &sim->stations[i];
        s->tracks = network->stations[i].tracks;
        s->doubled = tn_simulate_is_doubled(network, i);
        s->early = releases_early(sim, i);
        for (int d = 0; d < 2; d++) {
            s->first[d] = s->last[d] = s->bound[d] = s->begins[d] = NOBODY;
            s->latest_ms[d] = BEFORE;
            for (int r = 0; r < RECENT; r++)
                s->arrivals_ms[d][r] = BEFORE;
        }
    }
    for (int c = network->class_count - 1; c >= 0; c--) {
        int *begins = &sim->stations[network->classes[c].first].begins[sim->ways[c].direction];
        sim->ways[c].beside = *begins;
        *begins = c;
    }
    return TN_OK;
}

/* --- who comes when --- */

static uint64_t name_hash(const char *name, uint64_t salt)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ salt; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return hash;
}

/* Sets the source's next time; NEVER when there is none. */
static void advance(struct sim *sim, struct source *s)
{
    switch (s->kind) {
    case EVEN:
        s->next_ms = s->first_ms + (int64_t)floor((double)s->count * s->interval_ms);
        break;
    case RANDOM: {
        const gsl_rng rng = tn_random_gsl(&s->random);
        s->next_ms += (int64_t)ceil(gsl_ran_exponential(&rng, s->interval_ms));
        break;
    }
    case DAILY:
    case PLANNED:
        s->next_ms = s->first_ms + s->count * DAY;
        break;
    default:
        s->next_ms = sim->now_ms;
    }
    if (s->next_ms >= sim->request->end_ms)
        s->next_ms = NEVER;
}

static int spread_first(const struct tn_network_class *class, double interval_ms, int c)
{
    const double given = class->direction == TN_NETWORK_UP ? class->spec->first_up : class->spec->first_down;
    const double golden = 0.6180339887498949 * c; /* spreads the classes over the interval */
    return (int)(isnan(given) ? interval_ms * (golden - floor(golden)) : 1e3 * given);
}

static double per_day(const struct sim *sim, int c)
{
    return sim->request->trains_per_day ? sim->request->trains_per_day[c] : sim->network->classes[c].spec->pairs;
}

static struct source *add_source(struct sim *sim, enum source_kind kind, int class, uint64_t identity)
{
    struct source *s = &sim->sources[sim->source_count++];
    *s = (struct source){.kind = kind, .class = class, .identity = identity};
    return s;
}

static void class_sources(struct sim *sim, int c)
{
    const struct tn_network_class *class = &sim->network->classes[c];
    const struct tn_traffic_departure_spec *rows = class->spec->departures.items;
    const double trains = per_day(sim, c);
    const uint64_t identity = name_hash(class->name, 0);
    if (sim->request->trains_per_day == NULL && class->spec->departures.count) {
        for (size_t i = 0; i < class->spec->departures.count; i++) {
            if ((rows[i].direction == TN_UP) != (class->direction == TN_NETWORK_UP))
                continue;
            const int64_t time = tn_network_time_of_day(llround(1e3 * rows[i].time));
            add_source(sim, DAILY, c, name_hash(class->name, (uint64_t)time + 1))->first_ms = time;
        }
    } else if (isnan(trains) || isinf(trains)) {
        add_source(sim, ALWAYS, c, identity);
    } else if (trains > 0) {
        const bool random = class->spec->arrivals == TN_ARRIVALS_RANDOM;
        struct source *s = add_source(sim, random ? RANDOM : EVEN, c, identity);
        s->interval_ms = (double)DAY / trains;
        s->first_ms = spread_first(class, s->interval_ms, c);
        if (random)
            tn_random_init(&s->random, sim->request->seed, TN_RANDOM_ARRIVAL, identity, sim->request->replicate, 0);
    }
}

static tn_status init_sources(struct sim *sim)
{
    size_t most = sim->request->plan ? sim->request->plan_count : (size_t)sim->network->class_count;
    for (int c = 0; !sim->request->plan && c < sim->network->class_count; c++)
        most += sim->network->classes[c].spec->departures.count;
    sim->sources = tn_arena_alloc(&sim->scratch, most + 1, sizeof *sim->sources);
    if (sim->sources == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; sim->request->plan && i < sim->request->plan_count; i++) {
        const struct tn_train_path *path = &sim->request->plan[i];
        const char *name = sim->network->classes[path->class].name;
        struct source *s = add_source(sim, PLANNED, path->class, name_hash(name, (uint64_t)path->number));
        s->path = path;
        s->first_ms = tn_network_time_of_day(path->timings[0].departure_ms);
    }
    for (int c = 0; !sim->request->plan && c < sim->network->class_count; c++)
        class_sources(sim, c);
    for (int i = 0; i < sim->source_count; i++) {
        advance(sim, &sim->sources[i]);
        if (sim->sources[i].next_ms != NEVER)
            tn_simulate_at(sim, sim->sources[i].next_ms, COME, i);
    }
    return TN_OK;
}

static int new_train(struct sim *sim)
{
    if (sim->free != NOBODY) {
        const int train = sim->free;
        sim->free = sim->trains[train].next;
        return train;
    }
    if (sim->train_count == sim->train_room) {
        const int room = 2 * sim->train_room + 128;
        struct train *grown = tn_arena_alloc(&sim->scratch, (size_t)room, sizeof *grown);
        if (grown == NULL) {
            sim->no_memory = true;
            return NOBODY;
        }
        if (sim->train_count)
            memcpy(grown, sim->trains, (size_t)sim->train_count * sizeof *grown);
        sim->trains = grown;
        sim->train_room = room;
    }
    return sim->train_count++;
}

static double to_failure(struct train *t, double rate)
{
    const gsl_rng rng = tn_random_gsl(&t->failure);
    return rate > 0 ? gsl_ran_exponential(&rng, 1 / rate) : (double)INFINITY;
}

/* The next train of a source. */
static void come(struct sim *sim, int source)
{
    const int train = new_train(sim);
    if (train == NOBODY)
        return;
    struct source *s = &sim->sources[source];
    struct train *t = &sim->trains[train];
    const struct tn_simulate_disturbances *d = sim->request->disturbances;
    *t = (struct train){.class = s->class,
                        .number = ++sim->ways[s->class].number,
                        .source = source,
                        .priority = sim->network->classes[s->class].spec->priority,
                        .state = OUTSIDE,
                        .next = NOBODY,
                        .behind = NOBODY,
                        .at = sim->network->classes[s->class].first,
                        .due_ms = s->next_ms,
                        .ready_ms = s->next_ms,
                        .patient_ms = BEFORE,
                        .failure_m = INFINITY,
                        .failure_s = INFINITY,
                        .plan = s->path};
    if (s->path)
        t->plan_ms = s->next_ms - s->path->timings[0].departure_ms;
    if (sim->disturbed) {
        struct tn_random late;
        const uint32_t entity = (uint32_t)s->count;
        tn_random_init(&late, sim->request->seed, TN_RANDOM_DELAY, s->identity, sim->request->replicate, entity);
        tn_random_init(&t->running, sim->request->seed, TN_RANDOM_RUNNING, s->identity, sim->request->replicate,
                       entity);
        tn_random_init(&t->failure, sim->request->seed, TN_RANDOM_FAILURE, s->identity, sim->request->replicate,
                       entity);
        const gsl_rng rng = tn_random_gsl(&late);
        t->ready_ms += (int64_t)ceil(1e3 * tn_sampler_draw(&sim->late, &rng));
        t->disturbed_ms = t->ready_ms - t->due_ms;
        t->failure_m = to_failure(t, d->failure_per_m);
        t->failure_s = to_failure(t, d->failure_per_s);
    }
    s->count++;
    if (s->kind != ALWAYS)
        advance(sim, s);
    if (s->kind != ALWAYS && s->next_ms != NEVER)
        tn_simulate_at(sim, s->next_ms, COME, source);
    if (t->ready_ms > sim->now_ms)
        tn_simulate_at(sim, t->ready_ms, TRAIN, train);
    else
        tn_simulate_ready(sim, train);
}

void tn_simulate_another(struct sim *sim, int source)
{
    advance(sim, &sim->sources[source]);
    if (sim->sources[source].next_ms != NEVER)
        come(sim, source);
}

/* --- closed loops --- */

static void set_stops(struct sim *sim, int station, bool allowed)
{
    for (int c = 0; c < sim->network->class_count; c++) {
        const struct tn_network_class *class = &sim->network->classes[c];
        const bool has_to = class->dwell_ms[station] >= 0 || class->first == station || class->last == station;
        tn_safe_set_fits(&sim->safe, c, station, class->fits[station] && (allowed || has_to));
    }
}

static void set_tracks(struct sim *sim, int station, int tracks)
{
    sim->stations[station].tracks = tracks;
    tn_safe_set_tracks(&sim->safe, station, tracks);
}

/* A loop closes as soon as the line is safe without stops there, and loses its tracks as soon as it is empty. */
static void close_loops(struct sim *sim)
{
    const struct tn_simulate_disturbances *d = sim->request->disturbances;
    for (size_t i = 0; i < d->closure_count; i++) {
        const int station = d->closures[i].station;
        if (sim->closings[i] == CLOSE_WANTED) {
            set_stops(sim, station, false);
            if (tn_safe_is_safe(&sim->safe)) {
                sim->closings[i] = NOBODY_STOPS;
                tn_simulate_legs(sim);
                for (int k = 0; k < sim->network->section_count; k++)
                    tn_simulate_touch(sim, k);
            } else {
                set_stops(sim, station, true);
            }
        }
        if (sim->closings[i] == NOBODY_STOPS && sim->stations[station].held == 0) {
            set_tracks(sim, station, 1);
            sim->closings[i] = CLOSED;
            sim->closings_wanted--;
        }
    }
}

/* Event 2 i: closure i begins; 2 i + 1: it ends. */
static void closure(struct sim *sim, int index)
{
    const struct tn_simulate_closure *c = &sim->request->disturbances->closures[index / 2];
    enum closing *closing = &sim->closings[index / 2];
    if (index % 2 == 0) {
        *closing = CLOSE_WANTED;
        sim->closings_wanted++;
        return;
    }
    sim->closings_wanted -= *closing != CLOSED;
    *closing = OPEN;
    set_stops(sim, c->station, true);
    set_tracks(sim, c->station, sim->network->stations[c->station].tracks);
    tn_simulate_legs(sim);
    for (int k = 0; k < sim->network->section_count; k++)
        tn_simulate_touch(sim, k);
}

/* --- the run --- */

static void train_event(struct sim *sim, int train)
{
    struct train *t = &sim->trains[train];
    int64_t from = 0;
    switch (t->state) {
    case OUTSIDE:
        tn_simulate_ready(sim, train);
        break;
    case RUNNING:
        tn_simulate_decide(sim, train);
        break;
    case LEAVING:
        tn_simulate_at(sim, sim->now_ms + 1, FREE_TRACK, t->at);
        tn_simulate_unbind(sim, train);
        tn_simulate_leaves(sim, train);
        break;
    case ARRIVING:
        tn_simulate_stand(sim, t->at, 1);
        from = t->arrived_ms + sim->network->classes[t->class].dwell_ms[t->at];
        if (t->plan) {
            const struct tn_timing *planned = &t->plan->timings[abs(t->at - sim->network->classes[t->class].first)];
            if (planned->stops && planned->departure_ms + t->plan_ms > from)
                from = planned->departure_ms + t->plan_ms;
        }
        t->state = DWELLING;
        if (from > sim->now_ms) {
            tn_simulate_at(sim, from, TRAIN, train);
            break;
        }
        tn_simulate_waits(sim, train);
        break;
    default:
        tn_simulate_waits(sim, train);
    }
}

static void handle(struct sim *sim, uint32_t what)
{
    const int index = (int)(what >> KIND_BITS);
    switch ((enum event_kind)(what & ((1U << KIND_BITS) - 1))) {
    case TRAIN:
        train_event(sim, index);
        break;
    case WAKE:
        if (sim->sections[index].wake_ms == sim->now_ms)
            tn_simulate_touch(sim, index);
        break;
    case COME:
        come(sim, index);
        break;
    case FREE_TRACK:
        sim->stations[index].held--;
        tn_simulate_touch_station(sim, index);
        break;
    case FREE_POWER: {
        const struct release *r = &sim->releases[index];
        sim->power_W[r->feeding] -= r->power_W;
        for (int k = sim->network->feedings[r->feeding].first;
             sim->power_wanted[r->feeding] && k <= sim->network->feedings[r->feeding].last; k++)
            tn_simulate_touch(sim, k);
        sim->power_wanted[r->feeding] = false;
        break;
    }
    case CLOSE:
        closure(sim, index);
        break;
    case HOUR:
        sim->hour = true;
        if (sim->now_ms + HOUR_MS <= sim->request->end_ms)
            tn_simulate_at(sim, sim->now_ms + HOUR_MS, HOUR, 0);
        sim->ended = sim->now_ms + HOUR_MS > sim->request->end_ms;
        break;
    }
}

static void keep_hour(struct sim *sim)
{
    if (!sim->hour)
        return;
    sim->hour = false;
    tn_simulate_hour(sim);
    if (sim->now_ms % DAY == 0)
        tn_context_progress(sim->ctx, (size_t)(sim->now_ms / DAY), (size_t)(sim->request->end_ms / DAY), "days");
}

static void run(struct sim *sim)
{
    const int64_t hang_ms = sim->request->end_ms + 366 * DAY * (sim->request->drain ? 10 : 1);
    while (sim->heap_count && !sim->no_memory && sim->heap[0].time_ms < hang_ms) {
        sim->now_ms = sim->heap[0].time_ms;
        do {
            handle(sim, take(sim).what);
            sim->out->events++;
        } while (sim->heap_count && sim->heap[0].time_ms == sim->now_ms);
        if (sim->closings_wanted)
            close_loops(sim);
        tn_simulate_dispatch(sim);
        keep_hour(sim);
        if (sim->ended && sim->on_line == 0 && !sim->request->drain)
            break;
    }
    sim->out->deadlock = sim->on_line > 0;
}

static tn_status init(struct sim *sim)
{
    const struct tn_network *network = sim->network;
    const struct tn_simulate_disturbances *d = sim->request->disturbances;
    const size_t stations = (size_t)network->station_count, sections = (size_t)network->section_count;
    struct tn_arena *scratch = &sim->scratch;
    sim->sections = tn_arena_alloc(scratch, sections + 1, sizeof *sim->sections);
    sim->stations = tn_arena_alloc(scratch, stations, sizeof *sim->stations);
    sim->ways = tn_arena_alloc(scratch, (size_t)network->class_count + 1, sizeof *sim->ways);
    sim->dirty = tn_arena_alloc(scratch, sections + 1, sizeof *sim->dirty);
    sim->unsafe = tn_arena_alloc(scratch, sections + 1, sizeof *sim->unsafe);
    sim->power_W = tn_arena_alloc(scratch, (size_t)network->feeding_count + 1, sizeof *sim->power_W);
    sim->power_wanted = tn_arena_alloc(scratch, (size_t)network->feeding_count + 1, sizeof *sim->power_wanted);
    sim->closings = tn_arena_alloc(scratch, d ? d->closure_count + 1 : 1, sizeof *sim->closings);
    if (!sim->sections || !sim->stations || !sim->ways || !sim->dirty || !sim->unsafe || !sim->power_W ||
        !sim->power_wanted || !sim->closings)
        return TN_ERR_MEMORY;
    if (d) {
        tn_sampler_init(&sim->late, &d->entry);
        tn_sampler_init(&sim->scatter, &d->running);
        tn_sampler_init(&sim->repair, &d->failure);
        tn_sampler_init(&sim->overrun, &d->overrun);
        sim->disturbed = true;
    }
    tn_status status = tn_safe_init(&sim->safe, network, scratch);
    for (int c = 0; status == TN_OK && c < network->class_count; c++)
        status = init_way(sim, c);
    if (status == TN_OK)
        status = init_places(sim);
    if (status != TN_OK)
        return status;
    tn_simulate_legs(sim);
    tn_simulate_at(sim, HOUR_MS, HOUR, 0);
    for (size_t i = 0; d && i < d->closure_count; i++) {
        tn_simulate_at(sim, d->closures[i].begin_ms, CLOSE, (int)(2 * i));
        tn_simulate_at(sim, d->closures[i].end_ms, CLOSE, (int)(2 * i + 1));
    }
    status = tn_simulate_count_init(sim);
    return status == TN_OK ? init_sources(sim) : status;
}

tn_status tn_simulate(struct tn_simulate_outcome *outcome, const struct tn_simulate_request *request,
                      struct tn_arena *arena, struct tn_context *ctx)
{
    struct sim sim = {.request = request,
                      .ctx = ctx,
                      .network = request->network,
                      .rule = tn_simulate_rule_row(request->rule),
                      .free = NOBODY,
                      .out = outcome,
                      .arena = arena};
    *outcome = (struct tn_simulate_outcome){.balanced = true};
    const char *reason = tn_simulate_impossible(request->network, &sim.scratch);
    tn_status status = reason ? tn_error(ctx, NULL, NULL, "%s", reason) : init(&sim);
    if (status == TN_OK) {
        run(&sim);
        status = sim.no_memory ? TN_ERR_MEMORY : tn_simulate_finish(&sim);
    }
    outcome->safe_asked = sim.safe.asked;
    outcome->safe_looked = sim.safe.looked;
    tn_arena_clear(&sim.scratch);
    return status;
}
