/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stop_times.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "h5_read.h"
#include "text.h"

struct reading {
    struct tn_h5_reader *file;
    struct tn_stop_times *out;
    struct tn_arena *arena;
    size_t room; /* of trips */
};

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static struct tn_list numbers(struct reading *r, const char *group, const char *name)
{
    return tn_h5_numbers(r->file, tn_arena_printf(r->arena, "%s/%s", group, name));
}

static struct tn_list texts(struct reading *r, const char *group, const char *name)
{
    return tn_h5_texts(r->file, tn_arena_printf(r->arena, "%s/%s", group, name));
}

static struct tn_trip *add_trip(struct reading *r, const char *group)
{
    if (r->out->count == r->room) {
        struct tn_trip *more = tn_arena_alloc(r->arena, 2 * r->room + 16, sizeof *more);
        if (more == NULL)
            return NULL;
        if (r->out->count > 0)
            memcpy(more, r->out->trips, r->out->count * sizeof *more);
        r->out->trips = more;
        r->room = 2 * r->room + 16;
    }
    struct tn_trip *trip = &r->out->trips[r->out->count++];
    *trip = (struct tn_trip){.study = group, .line = tn_h5_attribute(r->file, group, "line")};
    return trip;
}

/* Standing times of a run follow from the running times of its sections. */
static void read_run(struct reading *r, const char *group)
{
    const struct tn_list names = texts(r, group, "stations_name"), km = numbers(r, group, "stations_km_m");
    const struct tn_list time = numbers(r, group, "stations_time_s"), speed = numbers(r, group, "stations_speed_m_s");
    const struct tn_list running = numbers(r, group, "sections_running_time_s");
    const size_t count = names.count;
    if (count < 2 || km.count != count || time.count != count || speed.count != count || running.count + 1 != count)
        return;
    struct tn_trip *trip = add_trip(r, group);
    struct tn_stop_time *times = tn_arena_alloc(r->arena, count, sizeof *times);
    if (trip == NULL || times == NULL) {
        r->file->status = TN_ERR_MEMORY;
        return;
    }
    trip->train = trip->class = tn_h5_attribute(r->file, group, "train");
    trip->direction = tn_h5_attribute(r->file, group, "direction");
    trip->times = times;
    trip->count = count;
    const double *t = time.items;
    for (size_t i = 0; i < count; i++)
        times[i] =
            (struct tn_stop_time){((const char *const *)names.items)[i], ((const double *)km.items)[i], t[i],
                                  i + 1 < count ? fmax(t[i], t[i + 1] - ((const double *)running.items)[i]) : t[i],
                                  ((const double *)speed.items)[i] == 0};
}

struct paths {
    const char *const *trains, *const *classes, *const *directions, *const *stations;
    const double *km, *arrival, *departure, *stops;
    size_t count;
};

/* As in the string-line plot: rows of a train follow each other in time. */
static bool goes_on(const struct paths *p, size_t i)
{
    return i > 0 && p->arrival[i] >= p->departure[i - 1] && strcmp(p->trains[i], p->trains[i - 1]) == 0 &&
           strcmp(p->classes[i], p->classes[i - 1]) == 0 && strcmp(p->directions[i], p->directions[i - 1]) == 0;
}

static bool read_paths(struct paths *out, struct reading *r, const char *group)
{
    const struct tn_list lists[] = {texts(r, group, "paths_train"),         texts(r, group, "paths_class"),
                                    texts(r, group, "paths_direction"),     texts(r, group, "paths_station"),
                                    numbers(r, group, "paths_km_m"),        numbers(r, group, "paths_arrival_s"),
                                    numbers(r, group, "paths_departure_s"), numbers(r, group, "paths_stops")};
    *out = (struct paths){lists[0].items, lists[1].items, lists[2].items, lists[3].items, lists[4].items,
                          lists[5].items, lists[6].items, lists[7].items, lists[0].count};
    for (size_t i = 1; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].count != out->count)
            return false;
    return out->count > 0;
}

/* False: the study kept no paths. */
static bool read_timetable(struct reading *r, const char *group, bool simulated)
{
    struct paths paths;
    if (!read_paths(&paths, r, group))
        return false;
    struct tn_stop_time *times = tn_arena_alloc(r->arena, paths.count, sizeof *times);
    struct tn_trip *trip = NULL;
    for (size_t i = 0; times != NULL && i < paths.count; i++) {
        times[i] = (struct tn_stop_time){paths.stations[i], paths.km[i], paths.arrival[i], paths.departure[i],
                                         paths.stops[i] != 0};
        if (!goes_on(&paths, i)) {
            trip = add_trip(r, group);
            if (trip == NULL)
                break;
            trip->train = paths.trains[i];
            trip->class = paths.classes[i];
            trip->direction = paths.directions[i];
            trip->clock = true;
            trip->simulated = simulated;
            trip->times = &times[i];
        }
        if (trip != NULL)
            trip->count++;
    }
    if (times == NULL || trip == NULL)
        r->file->status = TN_ERR_MEMORY;
    return true;
}

static void add_loss(struct reading *r, struct tn_loss *rows, const char *group, const char *study)
{
    const char *file = tn_arena_printf(r->arena, "%s:/%s", r->out->path, group);
    rows[r->out->losses.count++] = (struct tn_loss){.lost = true,
                                                    .kind = "study",
                                                    .name = study,
                                                    .why = "it does not say when which train is where",
                                                    .place = {.file = file == NULL ? r->out->path : file}};
}

static void read_groups(struct reading *r, const char *wanted)
{
    const struct tn_list names = tn_h5_names(r->file, "/");
    struct tn_loss *losses = tn_arena_alloc(r->arena, names.count + 1, sizeof *losses);
    r->out->losses.items = losses;
    for (size_t i = 0; losses != NULL && i < names.count && r->file->status == TN_OK; i++) {
        const char *group = ((const char *const *)names.items)[i];
        const char *study = tn_h5_is_group(r->file, group) ? tn_h5_attribute(r->file, group, "study") : NULL;
        if (study == NULL || (wanted != NULL && strcmp(wanted, group) != 0))
            continue;
        const bool simulated = is(study, "simulation");
        if (is(study, "run"))
            read_run(r, group);
        else if ((!simulated && !is(study, "timetable")) || !read_timetable(r, group, simulated))
            add_loss(r, losses, group, study);
    }
}

tn_status tn_stop_times_read(struct tn_stop_times *out, const char *path, const char *study, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct tn_h5_reader file;
    *out = (struct tn_stop_times){.path = path};
    tn_status status = tn_h5_open(&file, path, arena, ctx);
    if (status != TN_OK)
        return status == TN_ERR_INPUT ? TN_ERR_IO : status; /* it cannot be read as what it should be */
    struct reading r = {.file = &file, .out = out, .arena = arena};
    out->title = tn_h5_attribute(&file, "/", "title");
    out->created = tn_h5_attribute(&file, "/", "date_created");
    const struct tn_list resolved = tn_h5_texts(&file, "provenance/scenario_resolved");
    out->resolved = resolved.count > 0 ? ((const char *const *)resolved.items)[0] : NULL;
    read_groups(&r, study);
    status = file.status == TN_OK && arena->failed ? TN_ERR_MEMORY : file.status;
    tn_h5_close(&file);
    if (status != TN_OK || out->count > 0)
        return status;
    const struct tn_place place = {.file = path};
    if (study != NULL)
        return tn_error_at(ctx, &place, "`tonnage info` tells what is inside",
                           "no timetable, simulation or run named '%s'", study);
    return tn_error_at(ctx, &place, "`tonnage info` tells what is inside", "no timetable, no simulation and no run");
}

/* --- as a table --- */

const char *tn_stop_time_text(double time_s, struct tn_arena *arena)
{
    const long long whole = llround(time_s), size = whole < 0 ? -whole : whole;
    return tn_arena_printf(arena, "%s%02lld:%02lld:%02lld", whole < 0 ? "-" : "", size / 3600, size / 60 % 60,
                           size % 60);
}

static void put_row(FILE *out, const struct tn_trip *trip, const struct tn_stop_time *time, struct tn_arena *arena)
{
    const char *const names[] = {trip->study, trip->train, trip->class, trip->direction, time->station};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tn_text_put_csv(out, names[i]);
        putc(',', out);
    }
    char km[TN_TEXT_NUMBER];
    tn_text_number(km, time->km_m / 1000);
    fprintf(out, "%s,%s,%s,%.3f,%.3f,%s\n", km, tn_stop_time_text(time->arrival_s, arena),
            tn_stop_time_text(time->departure_s, arena), time->arrival_s, time->departure_s,
            time->stops ? "true" : "false");
}

struct table {
    const struct tn_stop_times *times;
    struct tn_arena *arena;
};

static void put_table(FILE *out, const void *payload)
{
    const struct table *table = payload;
    const struct tn_stop_times *times = table->times;
    fputs("study,train,class,direction,station,km [km],arrival,departure,arrival [s],departure [s],stops\n", out);
    for (size_t t = 0; t < times->count; t++)
        for (size_t i = 0; i < times->trips[t].count; i++)
            put_row(out, &times->trips[t], &times->trips[t].times[i], table->arena);
}

tn_status tn_stop_times_csv(struct tn_list *files_out, const struct tn_stop_times *times, struct tn_arena *arena)
{
    struct tn_text_file *file = tn_arena_alloc(arena, 1, sizeof *file);
    *files_out = (struct tn_list){file, 1};
    return file == NULL ? TN_ERR_MEMORY
                        : tn_text_made(file, "stop-times.csv", put_table, &(struct table){times, arena}, arena);
}
