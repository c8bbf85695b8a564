/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network_times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capacity_times.h"
#include "draw.h"
#include "run.h"
#include "section_times.h"

/* A stretch of a class's way with one formation. */
struct leg {
    int from, to; /* stations in the direction of travel */
    const struct tn_train_spec *train;
    double dwell_s; /* of the change before it */
};

struct legs {
    struct leg *items;
    int count;
};

static bool changes_here(const struct tn_traffic_change_spec *change, int direction)
{
    return change->direction == TN_BOTH || (change->direction == TN_UP) == (direction == TN_NETWORK_UP);
}

/* The formation at the beginning; NULL: given running times. */
static tn_status first_train(const struct tn_train_spec **out, const struct tn_network_class *class,
                             struct tn_network_work *work)
{
    const struct tn_traffic_class_spec *spec = class->spec;
    const bool loaded = (work->traffic->loaded == TN_UP) == (class->direction == TN_NETWORK_UP);
    *out = spec->train.object;
    if (loaded || *out == NULL)
        return TN_OK;
    if (spec->train_back.object) {
        *out = spec->train_back.object;
        return TN_OK;
    }
    struct tn_train_spec *back = tn_arena_alloc(&work->scratch, 1, sizeof *back);
    if (back == NULL)
        return TN_ERR_MEMORY;
    *out = back;
    tn_status status = tn_capacity_empty_train(back, spec->train.object, &work->scratch);
    if (status == TN_OK)
        status = tn_assume(&work->network->head, work->arena, TN_ASSUMED,
                           "the same locomotives take as many empty wagons back");
    return status;
}

static int in_travel(const struct tn_network_class *class, int station)
{
    return tn_network_step(class) * (station - class->first);
}

static tn_status find_legs(struct legs *legs, const struct tn_network_class *class, struct tn_network_work *work)
{
    const struct tn_traffic_change_spec *change = class->spec->changes.items;
    const size_t changes = class->spec->changes.count;
    const struct tn_train_spec *train;
    tn_status status = first_train(&train, class, work);
    legs->items = tn_arena_alloc(&work->scratch, changes + 1, sizeof *legs->items);
    if (status != TN_OK || legs->items == NULL)
        return status == TN_OK ? TN_ERR_MEMORY : status;
    legs->items[0] = (struct leg){class->first, class->last, train, 0};
    legs->count = 1;
    for (size_t i = 0; i < changes; i++) {
        if (!changes_here(&change[i], class->direction))
            continue;
        const int at = tn_network_find(work->network, change[i].at), travelled = in_travel(class, at);
        if (at < 0 || travelled <= 0 || travelled >= in_travel(class, class->last))
            return tn_error(work->ctx, &change[i].at, NULL, "%s is no station on the way of class %s", change[i].at,
                            class->spec->id);
        int k = legs->count++;
        for (; k > 0 && in_travel(class, legs->items[k - 1].from) > travelled; k--)
            legs->items[k] = legs->items[k - 1];
        legs->items[k] = (struct leg){at, class->last, change[i].train.object, change[i].dwell};
    }
    for (int k = 0; k + 1 < legs->count; k++)
        legs->items[k].to = legs->items[k + 1].from;
    return TN_OK;
}

/* Why the train does not do its way. */
static tn_status refuse(struct tn_network_work *work, const struct tn_network_class *class, const struct tn_run *run,
                        const struct tn_track *track)
{
    const struct tn_path *path = track->path;
    const double at_m = run->finished ? run->overspeed_s_m : run->stall_s_m;
    const double km = (path->origin_km_m + path->sign * at_m) / 1e3;
    const char *text =
        run->finished
            ? tn_arena_printf(work->arena, "the brakes cannot hold the train of class %s at km %.1f", class->name, km)
            : tn_arena_printf(work->arena, "the train of class %s stalls at km %.1f%s: %s kN needed, %s kN available",
                              class->name, km, tn_track_neutral_text(track, run->stall_s_m, work->arena),
                              tn_number_text(work->arena, run->stall_need_N / 1e3, 0),
                              tn_number_text(work->arena, run->stall_force_N / 1e3, 0));
    if (work->network->reason == NULL)
        work->network->reason = text;
    return text ? TN_OK : TN_ERR_MEMORY;
}

static void put_times(struct tn_network_times *out, const struct tn_section_time *in, double factor)
{
    *out = (struct tn_network_times){.pass_ms = tn_network_ms(factor * in->pass_s),
                                     .start_ms = -1,
                                     .stop_ms = tn_network_ms(factor * in->stop_s),
                                     .both_ms = -1,
                                     .power_W = fmax(0, in->energy_J / in->pass_s)};
    if (isinf(in->start_s)) /* the caller sees to it that nobody starts here */
        return;
    out->start_ms = tn_network_ms(factor * in->start_s);
    out->both_ms = tn_network_ms(factor * fmax(in->both_s, fmax(in->start_s, in->stop_s)));
}

/* Runs a leg over the line and fills its sections. */
static tn_status run_leg(struct tn_network_times *times, const struct leg *leg, const struct tn_network_class *class,
                         const struct tn_line_spec *line, struct tn_network_work *work)
{
    const struct tn_network *network = work->network;
    const struct tn_environment *e = work->environment;
    const int step = tn_network_step(class), count = abs(leg->to - leg->from) + 1;
    struct tn_arena arena = {0};
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
    struct tn_run through;
    const double origin_m = network->stations[leg->from].km_m;
    double *s_m = tn_arena_alloc(&arena, (size_t)count, sizeof *s_m);
    tn_status status = s_m ? TN_OK : TN_ERR_MEMORY;
    for (int i = 0; status == TN_OK && i < count; i++)
        s_m[i] = fabs(network->stations[leg->from + i * step].km_m - origin_m);
    if (status == TN_OK)
        status = tn_train_init(&train, leg->train, &e->weather, e->gravity_m_s2, &arena, work->ctx);
    if (status == TN_OK)
        status = tn_path_between(&path, line, e->phase, origin_m, network->stations[leg->to].km_m, &arena);
    if (status == TN_OK)
        status =
            tn_track_init(&track, &path, &train, &e->weather, (enum tn_depth)work->traffic->depth, &arena, work->ctx);
    const bool whole = leg->from == class->first && leg->to == class->last;
    const struct tn_section_way way = {&track, s_m, (size_t)count, work->traffic->tolerance,
                                       whole && !class->spec->stop_at_end};
    if (status == TN_OK)
        status = tn_section_times_through(&through, &way, &arena, work->ctx);
    if (status == TN_OK && !(through.finished && through.held))
        status = refuse(work, class, &through, &track);
    const bool fed = line->feeding.count > 0;
    struct tn_draw draw = {0};
    if (status == TN_OK && fed)
        status = tn_draw_init(&draw, &way, &arena, work->ctx);
    for (int k = 0; status == TN_OK && through.finished && k + 1 < count; k++) {
        struct tn_section_time time;
        const int station = leg->from + k * step;
        struct tn_network_times *out = &times[tn_network_section_after(class, station)];
        status = tn_section_times_solve(&time, &way, &through, (size_t)k, work->ctx);
        if (status != TN_OK)
            break;
        put_times(out, &time, class->spec->time_factor);
        if (fed)
            out->power_W = tn_draw_power(&draw, &path, s_m[k], s_m[k + 1]);
    }
    tn_arena_clear(&arena);
    return status;
}

/* Of a class without a train: those of `sections`. */
static tn_status given_times(struct tn_network_times *times, const struct tn_network_class *class,
                             struct tn_network_work *work)
{
    const struct tn_traffic_spec *traffic = work->traffic;
    const struct tn_capacity_section_spec *given = traffic->sections.items;
    const struct tn_network *network = work->network;
    const double start = traffic->start_addition, stop = traffic->stop_addition;
    if (traffic->sections.count == 0)
        return tn_error(work->ctx, &class->spec->train, "name a train, or give `sections` with running times",
                        "class %s has no train to take running times from", class->spec->id);
    for (int station = class->first; station != class->last; station += tn_network_step(class)) {
        const int k = tn_network_section_after(class, station);
        const char *a = network->stations[k].name, *b = network->stations[k + 1].name;
        size_t i = 0;
        while (i < traffic->sections.count && !(strcmp(given[i].from, a) == 0 && strcmp(given[i].to, b) == 0) &&
               !(strcmp(given[i].from, b) == 0 && strcmp(given[i].to, a) == 0))
            i++;
        if (i == traffic->sections.count)
            return tn_error(work->ctx, &class->spec->train, "name a train, or add the section to `sections`",
                            "class %s has no running time from %s to %s", class->spec->id, a, b);
        const double pass = class->direction == TN_NETWORK_UP ? given[i].time_up : given[i].time_down;
        const struct tn_section_time time = {pass, start, stop, start + stop, 0};
        put_times(&times[k], &time, class->spec->time_factor);
    }
    return TN_OK;
}

static tn_status class_times(struct tn_network_times *times, const struct legs *legs,
                             const struct tn_network_class *class, const struct tn_line_spec *line,
                             struct tn_network_work *work)
{
    tn_status status = TN_OK;
    if (legs->items[0].train == NULL)
        return given_times(times, class, work);
    for (int i = 0; status == TN_OK && i < legs->count; i++)
        status = run_leg(times, &legs->items[i], class, line, work);
    return status;
}

/* Length, load and locomotives of the largest formation on the way. */
static tn_status largest(struct tn_network_class *class, const struct legs *legs, struct tn_network_work *work)
{
    const struct tn_environment *e = work->environment;
    class->load_kg = class->net_kg = NAN;
    class->length_m = legs->items[0].train ? (double)NAN : class->spec->length;
    for (int i = 0; i < legs->count && legs->items[i].train; i++) {
        struct tn_train train;
        tn_status status =
            tn_train_init(&train, legs->items[i].train, &e->weather, e->gravity_m_s2, &work->scratch, work->ctx);
        if (status != TN_OK)
            return status;
        status = tn_assume_notes(&work->network->head, work->arena, legs->items[i].train, NULL);
        if (status != TN_OK)
            return status;
        class->load_kg = fmax(class->load_kg, train.load_kg);
        class->net_kg = fmax(class->net_kg, train.net_kg);
        class->length_m = fmax(class->length_m, train.length_m);
        if (train.locomotives > class->locomotives)
            class->locomotives = train.locomotives;
    }
    return TN_OK;
}

/* A train stands where a second track is long enough for it, and at the ends of its way. */
static tn_status find_fits(const struct tn_network_class *class, bool *fits, struct tn_network_work *work)
{
    const struct tn_network *network = work->network;
    for (int i = 0; i < network->station_count; i++) {
        const double length = work->lengths_m[i];
        const bool long_enough =
            isnan(class->length_m) || isnan(length) || length >= class->length_m + work->traffic->margin;
        const bool end = i == class->first || i == class->last;
        fits[i] = end || (network->stations[i].tracks >= 2 && long_enough);
        if (!fits[i] && class->dwell_ms[i] >= 0)
            return tn_error(work->ctx, &class->spec->stops, NULL, "class %s has to stop at %s, where it does not fit",
                            class->spec->id, network->stations[i].name);
        if (end && !long_enough && work->network->reason == NULL) {
            work->network->reason =
                tn_arena_printf(work->arena, "the train of class %s is too long for the tracks of %s", class->name,
                                network->stations[i].name);
            if (work->network->reason == NULL)
                return TN_ERR_MEMORY;
        }
    }
    return TN_OK;
}

/* Where the train could not get away it must not stop. */
static tn_status forbid_starts(const struct tn_network_class *class, bool *fits, struct tn_network_work *work)
{
    const struct tn_network *network = work->network;
    tn_status status = TN_OK;
    for (int i = class->first; status == TN_OK && i != class->last; i += tn_network_step(class)) {
        if (class->times[tn_network_section_after(class, i)].start_ms >= 0)
            continue;
        fits[i] = false;
        if (i == class->first || class->dwell_ms[i] >= 0) {
            work->network->reason = tn_arena_printf(work->arena, "the train of class %s cannot start at %s",
                                                    class->name, network->stations[i].name);
            status = work->network->reason ? TN_OK : TN_ERR_MEMORY;
        } else {
            status = tn_assume(&work->network->head, work->arena, TN_DERIVED,
                               "trains of class %s cannot start again at %s and never stop there", class->name,
                               network->stations[i].name);
        }
    }
    return status;
}

static int64_t free_running(const struct tn_network *network, const struct tn_network_class *class, int c)
{
    int64_t time = 0;
    bool starts = class->spec->stop_at_end;
    for (int i = class->first, step = tn_network_step(class); i != class->last; i += step) {
        const int next = i + step;
        const bool stops = next == class->last ? class->spec->stop_at_end : class->dwell_ms[next] >= 0;
        time += tn_network_running_ms(network, c, tn_network_section_after(class, i), starts, stops, 0);
        if (stops && next != class->last)
            time += class->dwell_ms[next];
        starts = stops;
    }
    return time;
}

tn_status tn_network_class_times(struct tn_network_class *class, bool *fits, int64_t *dwell_ms,
                                 struct tn_network_work *work)
{
    struct tn_network *network = work->network;
    struct legs legs;
    struct tn_network_times *times = tn_arena_alloc(work->arena, (size_t)network->section_count, sizeof *times);
    if (times == NULL)
        return TN_ERR_MEMORY;
    class->times = times;
    tn_status status = find_legs(&legs, class, work);
    for (int i = 1; status == TN_OK && i < legs.count; i++) {
        const int64_t dwell = tn_network_ms(legs.items[i].dwell_s);
        if (dwell > dwell_ms[legs.items[i].from])
            dwell_ms[legs.items[i].from] = dwell;
    }
    if (status == TN_OK)
        status = largest(class, &legs, work);
    if (status == TN_OK)
        status = find_fits(class, fits, work);
    if (status != TN_OK || !work->runs || network->reason)
        return status == TN_OK && legs.items[0].train == NULL ? given_times(times, class, work) : status;
    status = class_times(times, &legs, class, work->environment->line, work);
    if (status == TN_OK && network->reason == NULL)
        status = forbid_starts(class, fits, work);
    if (status == TN_OK && network->reason == NULL)
        class->free_ms = free_running(network, class, network->class_count);
    return status;
}

/* --- restrictions --- */

/* What the restricted line adds to each class, section by section. */
static tn_status longer(int64_t *longer_ms, const struct tn_line_spec *line, struct tn_network_work *work)
{
    const struct tn_network *network = work->network;
    const size_t sections = (size_t)network->section_count;
    struct tn_network_times *times = tn_arena_alloc(&work->scratch, sections, sizeof *times);
    if (times == NULL)
        return TN_ERR_MEMORY;
    for (int c = 0; c < network->class_count; c++) {
        const struct tn_network_class *class = &network->classes[c];
        struct legs legs;
        tn_status status = find_legs(&legs, class, work);
        if (status != TN_OK || legs.items[0].train == NULL)
            return status;
        memcpy(times, class->times, sections * sizeof *times);
        status = class_times(times, &legs, class, line, work);
        if (status != TN_OK)
            return status;
        for (size_t k = 0; k < sections; k++) {
            const int64_t more = times[k].pass_ms - class->times[k].pass_ms;
            longer_ms[(size_t)c * sections + k] = more > 0 ? more : 0;
        }
    }
    return TN_OK;
}

tn_status tn_network_restrictions(struct tn_network_work *work)
{
    const struct tn_traffic_restriction_spec *spec = work->traffic->restrictions.items;
    const size_t count = work->traffic->restrictions.count;
    struct tn_network *network = work->network;
    const struct tn_line_spec *line = work->environment->line;
    if (count == 0 || network->reason)
        return TN_OK;
    if (line == NULL)
        return tn_error(work->ctx, &spec[0].from, NULL, "speed restrictions need a line");
    struct tn_network_restriction *rows = tn_arena_alloc(work->arena, count, sizeof *rows);
    struct tn_limit *limits = tn_arena_alloc(&work->scratch, line->limits.count + 1, sizeof *limits);
    if (rows == NULL || limits == NULL)
        return TN_ERR_MEMORY;
    if (line->limits.count)
        memcpy(limits, line->limits.items, line->limits.count * sizeof *limits);
    for (size_t i = 0; i < count; i++) {
        struct tn_line_spec slow = *line;
        if (spec[i].from >= spec[i].to)
            return tn_error(work->ctx, &spec[i].to, NULL, "the restriction ends where it begins or before");
        limits[line->limits.count] =
            (struct tn_limit){.from = spec[i].from, .to = spec[i].to, .speed = spec[i].speed, .phase = -1, .until = -1};
        slow.limits = (struct tn_list){limits, line->limits.count + 1};
        int64_t *extra =
            tn_arena_alloc(work->arena, (size_t)network->class_count * (size_t)network->section_count, sizeof *extra);
        if (extra == NULL)
            return TN_ERR_MEMORY;
        rows[i] = (struct tn_network_restriction){tn_network_ms(spec[i].begin), tn_network_ms(spec[i].end), extra};
        tn_status status = longer(extra, &slow, work);
        if (status != TN_OK)
            return status;
    }
    network->restrictions = rows;
    network->restriction_count = (int)count;
    return TN_OK;
}
