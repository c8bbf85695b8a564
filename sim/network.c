/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "network_times.h"

#define FED_M     1.0    /* shorter parts of a section are rounding of km */
#define UNLIMITED 100000 /* tracks at the ends of a line of which nothing but running times is known */

int64_t tn_network_ms(double time_s)
{
    return (int64_t)ceil(time_s * 1e3 - 1e-6);
}

int64_t tn_network_running_ms(const struct tn_network *network, int c, int section, bool starts, bool stops,
                              int64_t entry_ms)
{
    const struct tn_network_times *times = &network->classes[c].times[section];
    int64_t time = times->pass_ms;
    if (starts && stops)
        time += times->both_ms;
    else if (starts)
        time += times->start_ms;
    else if (stops)
        time += times->stop_ms;
    const int64_t at = network->restriction_count ? tn_network_time_of_day(entry_ms) : 0;
    for (int i = 0; i < network->restriction_count; i++) {
        const struct tn_network_restriction *r = &network->restrictions[i];
        const bool in =
            r->begin_ms <= r->end_ms ? at >= r->begin_ms && at < r->end_ms : at >= r->begin_ms || at < r->end_ms;
        if (in)
            time += r->longer_ms[c * network->section_count + section];
    }
    return time;
}

int tn_network_find(const struct tn_network *network, const char *name)
{
    for (int i = 0; i < network->station_count; i++)
        if (strcmp(network->stations[i].name, name) == 0)
            return i;
    return -1;
}

static const char *station_name(size_t i, const void *payload)
{
    const struct tn_network *network = payload;
    return i < (size_t)network->station_count ? network->stations[i].name : NULL;
}

tn_status tn_network_station_of(int *index_out, const struct tn_network *network, const char *const *field,
                                struct tn_context *ctx)
{
    *index_out = tn_network_find(network, *field);
    if (*index_out >= 0)
        return TN_OK;
    const char *nearest = tn_nearest_name(*field, station_name, (size_t)network->station_count, network);
    char hint[200];
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest);
    return tn_error(ctx, field, nearest ? hint : NULL, "no station %s between the ends of the study", *field);
}

/* The same; def where the field names none. */
static tn_status find(int *index_out, const struct tn_network *network, const char *const *field, int def,
                      struct tn_context *ctx)
{
    *index_out = def;
    return *field ? tn_network_station_of(index_out, network, field, ctx) : TN_OK;
}

/* --- stations and sections --- */

static tn_status stations_of_line(struct tn_network_work *work)
{
    const struct tn_traffic_spec *traffic = work->traffic;
    const struct tn_environment *e = work->environment;
    struct tn_path path;
    if (traffic->from == NULL || traffic->to == NULL)
        return tn_error(work->ctx, traffic->from == NULL ? &traffic->from : &traffic->to, NULL,
                        "`from` and `to` say which part of the line is studied");
    tn_status status = tn_path_init(&path, e->line, e->phase, traffic->from, traffic->to, &traffic->from, &traffic->to,
                                    &work->scratch, work->ctx);
    if (status == TN_OK && !path.up)
        status = tn_path_init(&path, e->line, e->phase, traffic->to, traffic->from, &traffic->to, &traffic->from,
                              &work->scratch, work->ctx);
    if (status != TN_OK)
        return status;
    struct tn_network_station *rows = tn_arena_alloc(work->arena, path.station_count, sizeof *rows);
    work->lengths_m = tn_arena_alloc(&work->scratch, path.station_count, sizeof *work->lengths_m);
    if (rows == NULL || work->lengths_m == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < path.station_count; i++) {
        const struct tn_station *s = path.stations[i];
        rows[i] = (struct tn_network_station){tn_text_copy(work->arena, s->name),
                                              tn_text_copy(work->arena, s->kind),
                                              s->km,
                                              s->tracks,
                                              s->phase,
                                              s->confidence};
        work->lengths_m[i] = tn_line_track_length(e->line, s, e->phase);
        if (rows[i].name == NULL)
            return TN_ERR_MEMORY;
    }
    work->network->stations = rows;
    work->network->station_count = (int)path.station_count;
    return TN_OK;
}

/* Stations of the given running times, which have to follow each other in the direction of up trains. */
static tn_status stations_of_sections(struct tn_network_work *work)
{
    const struct tn_capacity_section_spec *given = work->traffic->sections.items;
    const size_t count = work->traffic->sections.count;
    if (count == 0)
        return tn_error(work->ctx, &work->traffic->classes,
                        "name a line with `line: {id: ...}`, or give `sections` with running times",
                        "no line for the trains to run on");
    struct tn_network_station *rows = tn_arena_alloc(work->arena, count + 1, sizeof *rows);
    work->lengths_m = tn_arena_alloc(&work->scratch, count + 1, sizeof *work->lengths_m);
    if (rows == NULL || work->lengths_m == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i <= count; i++) {
        const char *name = i < count ? given[i].from : given[count - 1].to;
        if (i > 0 && i < count && strcmp(name, given[i - 1].to) != 0)
            return tn_error(work->ctx, &given[i].from, "list the sections in the order in which up trains run",
                            "the section begins at %s, the one before it ends at %s", name, given[i - 1].to);
        const bool end = i == 0 || i == count;
        rows[i] = (struct tn_network_station){
            tn_text_copy(work->arena, name), NULL, NAN, end ? UNLIMITED : 2, -1, TN_PUBLISHED};
        work->lengths_m[i] = NAN;
        if (rows[i].name == NULL)
            return TN_ERR_MEMORY;
    }
    work->network->stations = rows;
    work->network->station_count = (int)count + 1;
    return TN_OK;
}

static tn_status init_sections(struct tn_network_work *work)
{
    struct tn_network *network = work->network;
    const struct tn_line_spec *line = work->environment->line;
    network->section_count = network->station_count - 1;
    struct tn_network_section *rows = tn_arena_alloc(work->arena, (size_t)network->section_count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    work->sections = rows;
    network->sections = rows;
    for (int k = 0; k < network->section_count; k++) {
        const double a = network->stations[k].km_m, b = network->stations[k + 1].km_m;
        double headway = NAN;
        rows[k] = (struct tn_network_section){.distance_m = fabs(b - a), .tracks = 1, .headway_ms = -1};
        if (line == NULL)
            continue;
        if (tn_line_double_track(line, fmin(a, b), fmax(a, b), work->environment->phase, &headway))
            rows[k].tracks = 2;
        if (line->block == TN_BLOCK_AUTOMATIC && isnan(headway))
            headway = line->headway;
        if (!isnan(headway))
            rows[k].headway_ms = tn_network_ms(headway);
    }
    return TN_OK;
}

static tn_status init_windows(struct tn_network_work *work)
{
    struct tn_network *network = work->network;
    const struct tn_traffic_window_spec *spec = work->traffic->windows.items;
    const size_t count = work->traffic->windows.count;
    for (int k = 0; count && k < network->section_count; k++) {
        work->sections[k].windows = tn_arena_alloc(work->arena, count, sizeof *work->sections[k].windows);
        if (work->sections[k].windows == NULL)
            return TN_ERR_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        int a, b;
        tn_status status = find(&a, network, &spec[i].from, 0, work->ctx);
        tn_status status_to = find(&b, network, &spec[i].to, network->station_count - 1, work->ctx);
        if (status != TN_OK || status_to != TN_OK)
            return TN_ERR_INPUT;
        const int low = a < b ? a : b, high = a < b ? b : a;
        for (int k = low; k < high; k++) {
            struct tn_network_section *section = &work->sections[k];
            struct tn_network_window *row = (struct tn_network_window *)(uintptr_t)section->windows;
            row[section->window_count++] = (struct tn_network_window){
                tn_network_time_of_day(tn_network_ms(spec[i].begin + (k - low) * spec[i].shift)),
                tn_network_ms(spec[i].duration)};
        }
    }
    return TN_OK;
}

static tn_status init_feedings(struct tn_network_work *work)
{
    struct tn_network *network = work->network;
    const struct tn_line_spec *line = work->environment->line;
    if (line == NULL || line->feeding.count == 0)
        return TN_OK;
    const struct tn_feeding *given = line->feeding.items;
    struct tn_network_feeding *rows = tn_arena_alloc(work->arena, line->feeding.count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < line->feeding.count; i++) {
        struct tn_network_feeding *row = &rows[network->feeding_count];
        *row = (struct tn_network_feeding){tn_text_copy(work->arena, given[i].name), -1, -1, given[i].power};
        if (row->name == NULL)
            return TN_ERR_MEMORY;
        for (int k = 0; k < network->section_count; k++) {
            const double a = network->stations[k].km_m, b = network->stations[k + 1].km_m;
            if (fmin(fmax(a, b), given[i].to) - fmax(fmin(a, b), given[i].from) < FED_M)
                continue;
            row->first = row->first < 0 ? k : row->first;
            row->last = k;
        }
        if (row->first >= 0 && tn_in_phase(given[i].phase, given[i].until, work->environment->phase))
            network->feeding_count++;
    }
    network->feedings = rows;
    return TN_OK;
}

/* --- classes --- */

static const char *class_name(const struct tn_traffic_class_spec *spec, int direction, struct tn_arena *arena)
{
    return tn_arena_printf(arena, "%s %s", spec->id, direction == TN_NETWORK_UP ? "up" : "down");
}

/* Way, fits and dwells of a class in one direction; the longest of its trains decides what fits. */
static tn_status init_class(struct tn_network_class *class, struct tn_network_work *work,
                            const struct tn_traffic_class_spec *spec, int direction)
{
    const struct tn_network *network = work->network;
    const size_t stations = (size_t)network->station_count;
    int a, b;
    tn_status status = find(&a, network, &spec->from, 0, work->ctx);
    tn_status status_to = find(&b, network, &spec->to, network->station_count - 1, work->ctx);
    if (status != TN_OK || status_to != TN_OK)
        return TN_ERR_INPUT;
    if (a == b)
        return tn_error(work->ctx, &spec->to, NULL, "class %s goes nowhere", spec->id);
    const bool rising = (a < b) == (direction == TN_NETWORK_UP);
    bool *fits = tn_arena_alloc(work->arena, stations, sizeof *fits);
    int64_t *dwell = tn_arena_alloc(work->arena, stations, sizeof *dwell);
    *class = (struct tn_network_class){.spec = spec,
                                       .name = class_name(spec, direction, work->arena),
                                       .direction = direction,
                                       .first = rising ? a : b,
                                       .last = rising ? b : a,
                                       .fits = fits,
                                       .dwell_ms = dwell};
    if (fits == NULL || dwell == NULL || class->name == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < stations; i++)
        dwell[i] = -1;
    const struct tn_traffic_stop_spec *stops = spec->stops.items;
    for (size_t i = 0; i < spec->stops.count; i++) {
        int at;
        if (find(&at, network, &stops[i].station, -1, work->ctx) != TN_OK)
            return TN_ERR_INPUT;
        dwell[at] = tn_network_ms(stops[i].dwell);
    }
    return tn_network_class_times(class, fits, dwell, work);
}

static tn_status init_classes(struct tn_network_work *work)
{
    const struct tn_traffic_class_spec *spec = work->traffic->classes.items;
    struct tn_network_class *rows = tn_arena_alloc(work->arena, 2 * work->traffic->classes.count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    work->network->classes = rows;
    for (size_t i = 0; i < work->traffic->classes.count; i++)
        for (int d = TN_NETWORK_UP; d <= TN_NETWORK_DOWN; d++) {
            if (spec[i].direction == (d == TN_NETWORK_UP ? TN_DOWN : TN_UP))
                continue;
            tn_status status = init_class(&rows[work->network->class_count], work, &spec[i], d);
            if (status != TN_OK)
                return status;
            work->network->class_count++;
        }
    return TN_OK;
}

static tn_status begin(struct tn_network_work *work)
{
    const struct tn_traffic_spec *traffic = work->traffic;
    if (traffic->loaded != TN_UP && traffic->loaded != TN_DOWN)
        return tn_error(work->ctx, &traffic->loaded, "say up or down", "the loaded direction is one of up and down");
    tn_status status = work->environment->line ? stations_of_line(work) : stations_of_sections(work);
    if (status == TN_OK)
        status = init_sections(work);
    if (status == TN_OK)
        status = init_windows(work);
    if (status == TN_OK)
        status = init_feedings(work);
    if (status == TN_OK)
        status = init_classes(work);
    return status;
}

static tn_status build(struct tn_network *network, const struct tn_traffic_spec *traffic,
                       const struct tn_environment *environment, bool runs, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    struct tn_network_work work = {
        .network = network, .traffic = traffic, .environment = environment, .runs = runs, .arena = arena, .ctx = ctx};
    *network = (struct tn_network){.not_simultaneous_ms = tn_network_ms(traffic->not_simultaneous),
                                   .meeting_ms = tn_network_ms(traffic->meeting),
                                   .following_ms = tn_network_ms(traffic->following),
                                   .approach_ms = tn_network_ms(traffic->approach)};
    tn_status status = begin(&work);
    if (status == TN_OK && runs)
        status = tn_network_restrictions(&work);
    if (status == TN_OK && environment->line) {
        network->head.line = tn_text_copy(arena, environment->line->id);
        network->head.depth = tn_text_copy(arena, tn_depth_name(traffic->depth));
        status = tn_assume_notes(&network->head, arena, NULL, environment->line);
    }
    tn_arena_clear(&work.scratch);
    return status;
}

tn_status tn_network_init(struct tn_network *network, const struct tn_traffic_spec *traffic,
                          const struct tn_environment *environment, struct tn_arena *arena, struct tn_context *ctx)
{
    return build(network, traffic, environment, true, arena, ctx);
}

tn_status tn_network_check(const struct tn_traffic_spec *traffic, const struct tn_environment *environment,
                           struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_network network;
    return build(&network, traffic, environment, false, arena, ctx);
}
