/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trains as a GTFS feed. Stations that a train passes are stop times at which nobody gets on or off. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results.h"
#include "stop_times.h"
#include "text.h"

#define DAY_S 86400.0

enum { FILES = 8, LOSSES = 10, /* at most */ ROUTE_RAIL = 2 };

struct stop {
    const char *line, *name;
    double lat, lon;
};

struct route {
    const char *study, *class, *from, *to;
};

struct feed {
    struct tn_stop_times kept; /* of the results, the trips that the feed holds */
    const struct tn_stop_times *times;
    const struct tn_gtfs_options *options;
    const char *agency, *url, *timezone;
    struct tn_arena *arena;
    struct tn_context *ctx;
    struct stop *stops;
    struct route *routes;
    size_t stop_count, route_count;
    struct tn_text_file *files;
    struct tn_loss *losses;
    size_t loss_count;
    char first_date[9], last_date[9];
};

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void add_loss(struct feed *feed, bool lost, const char *kind, const char *name, const char *why)
{
    feed->losses[feed->loss_count++] = (struct tn_loss){
        .lost = lost, .kind = kind, .name = name == NULL ? "" : name, .why = why, .place = {.file = feed->times->path}};
}

/* A feed has one day, which repeats: a simulation gives the trains that leave on the first day it shows. */
static tn_status keep_trips(struct feed *feed, const struct tn_stop_times *times)
{
    feed->kept = *times;
    feed->kept.count = 0;
    feed->kept.trips = tn_arena_alloc(feed->arena, times->count + 1, sizeof *feed->kept.trips);
    feed->losses = tn_arena_alloc(feed->arena, times->count + LOSSES, sizeof *feed->losses);
    feed->times = &feed->kept;
    if (feed->kept.trips == NULL || feed->losses == NULL)
        return TN_ERR_MEMORY;
    for (size_t t = 0; t < times->count; t++) {
        const struct tn_trip *trip = &times->trips[t];
        const double leaves_s = trip->times[0].departure_s;
        if (trip->count < 2)
            add_loss(feed, true, "train", trip->train, "it is at one station only");
        else if (trip->simulated && (leaves_s < 0 || leaves_s >= DAY_S))
            add_loss(feed, true, "train", trip->train, "it does not leave on the first day that the simulation shows");
        else
            feed->kept.trips[feed->kept.count++] = *trip;
    }
    if (feed->kept.count > 0)
        return TN_OK;
    const struct tn_place place = {.file = times->path};
    return tn_error_at(feed->ctx, &place, NULL, "no train for a feed: %s", feed->losses[0].why);
}

/* --- stops --- */

static const struct tn_station *find_station(const struct feed *feed, const struct tn_trip *trip,
                                             const struct tn_stop_time *time)
{
    const struct tn_station *found = NULL;
    for (size_t l = 0; l < feed->options->line_count; l++) {
        const struct tn_gtfs_line *line = &feed->options->lines[l];
        const struct tn_station *stations = line->stations.items;
        for (size_t i = 0; same(line->id, trip->line) && i < line->stations.count; i++)
            if (same(stations[i].name, time->station) &&
                (found == NULL || fabs(stations[i].km - time->km_m) < fabs(found->km - time->km_m)))
                found = &stations[i];
    }
    return found;
}

static size_t stop_of(const struct feed *feed, const struct tn_trip *trip, const struct tn_stop_time *time)
{
    size_t i = 0;
    while (i < feed->stop_count && !(same(feed->stops[i].line, trip->line) && same(feed->stops[i].name, time->station)))
        i++;
    return i;
}

static tn_status find_stops(struct feed *feed)
{
    const char *unknown = NULL;
    size_t rows = 0, unknown_count = 0;
    for (size_t t = 0; t < feed->times->count; t++)
        rows += feed->times->trips[t].count;
    feed->stops = tn_arena_alloc(feed->arena, rows + 1, sizeof *feed->stops);
    for (size_t t = 0; feed->stops != NULL && t < feed->times->count; t++) {
        const struct tn_trip *trip = &feed->times->trips[t];
        for (size_t i = 0; i < trip->count; i++) {
            if (stop_of(feed, trip, &trip->times[i]) < feed->stop_count)
                continue;
            const struct tn_station *station = find_station(feed, trip, &trip->times[i]);
            const bool known = station != NULL && !isnan(station->lat) && !isnan(station->lon);
            feed->stops[feed->stop_count++] =
                (struct stop){trip->line, trip->times[i].station, known ? station->lat : 0, known ? station->lon : 0};
            if (!known && unknown_count++ < 3)
                unknown = unknown == NULL ? tn_arena_printf(feed->arena, "'%s'", trip->times[i].station)
                                          : tn_arena_printf(feed->arena, "%s, '%s'", unknown, trip->times[i].station);
        }
    }
    if (feed->stops == NULL)
        return TN_ERR_MEMORY;
    if (unknown_count == 0)
        return TN_OK;
    const struct tn_place place = {.file = feed->times->path};
    return tn_error_at(feed->ctx, &place, "give lat and lon in the line's table of stations and solve again",
                       "a feed needs the coordinates of its stops; %zu %s none: %s%s", unknown_count,
                       unknown_count == 1 ? "station has" : "stations have", unknown == NULL ? "" : unknown,
                       unknown_count > 3 ? ", ..." : "");
}

/* --- routes --- */

static size_t route_of(const struct feed *feed, const struct tn_trip *trip)
{
    size_t i = 0;
    while (i < feed->route_count &&
           !(same(feed->routes[i].study, trip->study) && same(feed->routes[i].class, trip->class)))
        i++;
    return i;
}

static bool find_routes(struct feed *feed)
{
    feed->routes = tn_arena_alloc(feed->arena, feed->times->count + 1, sizeof *feed->routes);
    for (size_t t = 0; feed->routes != NULL && t < feed->times->count; t++) {
        const struct tn_trip *trip = &feed->times->trips[t];
        if (route_of(feed, trip) == feed->route_count)
            feed->routes[feed->route_count++] =
                (struct route){trip->study, trip->class, trip->times[0].station, trip->times[trip->count - 1].station};
    }
    return feed->routes != NULL;
}

/* --- shapes: straight from station to station --- */

static bool same_way(const struct tn_trip *a, const struct tn_trip *b)
{
    bool same_stations = same(a->line, b->line) && a->count == b->count;
    for (size_t i = 0; same_stations && i < a->count; i++)
        same_stations = same(a->times[i].station, b->times[i].station);
    return same_stations;
}

/* The first trip of that way, by which its shape is named. */
static size_t shape_of(const struct feed *feed, size_t trip)
{
    size_t i = 0;
    while (i < trip && !same_way(&feed->times->trips[i], &feed->times->trips[trip]))
        i++;
    return i;
}

static double distance_km(const struct tn_trip *trip, size_t i)
{
    return fabs(trip->times[i].km_m - trip->times[0].km_m) / 1000;
}

/* --- files --- */

static void put_cell(FILE *out, const char *text, char after)
{
    tn_text_put_csv(out, text);
    putc(after, out);
}

static void put_agency(FILE *out, const struct feed *feed)
{
    fputs("agency_id,agency_name,agency_url,agency_timezone\n1,", out);
    put_cell(out, feed->agency, ',');
    put_cell(out, feed->url, ',');
    put_cell(out, feed->timezone, '\n');
}

static void put_stops(FILE *out, const struct feed *feed)
{
    fputs("stop_id,stop_name,stop_lat,stop_lon\n", out);
    for (size_t i = 0; i < feed->stop_count; i++) {
        fprintf(out, "%zu,", i + 1);
        put_cell(out, feed->stops[i].name, ',');
        fprintf(out, "%.6f,%.6f\n", feed->stops[i].lat, feed->stops[i].lon);
    }
}

static void put_routes(FILE *out, const struct feed *feed)
{
    fputs("route_id,agency_id,route_short_name,route_long_name,route_type\n", out);
    for (size_t i = 0; i < feed->route_count; i++) {
        const struct route *route = &feed->routes[i];
        fprintf(out, "%zu,1,", i + 1);
        put_cell(out, route->class, ',');
        put_cell(out, tn_arena_printf(feed->arena, "%s: %s - %s", route->study, route->from, route->to), ',');
        fprintf(out, "%d\n", ROUTE_RAIL);
    }
}

static void put_shapes(FILE *out, const struct feed *feed)
{
    fputs("shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_dist_traveled\n", out);
    for (size_t t = 0; t < feed->times->count; t++) {
        const struct tn_trip *trip = &feed->times->trips[t];
        if (shape_of(feed, t) != t)
            continue;
        for (size_t i = 0; i < trip->count; i++) {
            const struct stop *stop = &feed->stops[stop_of(feed, trip, &trip->times[i])];
            fprintf(out, "%zu,%.6f,%.6f,%zu,%.4f\n", t + 1, stop->lat, stop->lon, i + 1, distance_km(trip, i));
        }
    }
}

static void put_trips(FILE *out, const struct feed *feed)
{
    fputs("route_id,service_id,trip_id,trip_headsign,trip_short_name,direction_id,shape_id\n", out);
    for (size_t t = 0; t < feed->times->count; t++) {
        const struct tn_trip *trip = &feed->times->trips[t];
        fprintf(out, "%zu,daily,%zu,", route_of(feed, trip) + 1, t + 1);
        put_cell(out, trip->times[trip->count - 1].station, ',');
        put_cell(out, trip->train, ',');
        fprintf(out, "%d,%zu\n", same(trip->direction, "down"), shape_of(feed, t) + 1);
    }
}

/* Days before the first stop are taken off; what runs past midnight counts on beyond 24 hours. */
static void put_stop_times(FILE *out, const struct feed *feed)
{
    fputs("trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type,"
          "shape_dist_traveled,timepoint\n",
          out);
    for (size_t t = 0; t < feed->times->count; t++) {
        const struct tn_trip *trip = &feed->times->trips[t];
        const double start_s = trip->clock ? 0 : feed->options->start_s;
        const double shift_s = start_s - DAY_S * floor(round(trip->times[0].departure_s + start_s) / DAY_S);
        double last_s = 0;
        for (size_t i = 0; i < trip->count; i++) {
            const struct tn_stop_time *time = &trip->times[i];
            const double arrival_s = fmax(last_s, round((i == 0 ? time->departure_s : time->arrival_s) + shift_s));
            const double departure_s = fmax(arrival_s, round(time->departure_s + shift_s));
            last_s = departure_s;
            fprintf(out, "%zu,%s,%s,%zu,%zu,%d,%d,%.4f,1\n", t + 1, tn_stop_time_text(arrival_s, feed->arena),
                    tn_stop_time_text(departure_s, feed->arena), stop_of(feed, trip, time) + 1, i + 1, !time->stops,
                    !time->stops, distance_km(trip, i));
        }
    }
}

static void put_calendar(FILE *out, const struct feed *feed)
{
    fprintf(out,
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
            "daily,1,1,1,1,1,1,1,%s,%s\n",
            feed->first_date, feed->last_date);
}

static void put_feed_info(FILE *out, const struct feed *feed)
{
    fputs("feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version\n", out);
    put_cell(out, feed->agency, ',');
    put_cell(out, feed->url, ',');
    fprintf(out, "mul,%s,%s,", feed->first_date, feed->last_date);
    put_cell(out, feed->times->created, '\n');
}

struct file {
    const char *name;
    void (*put)(FILE *, const struct feed *);
    const struct feed *feed;
};

static void put_file(FILE *out, const void *payload)
{
    const struct file *file = payload;
    file->put(out, file->feed);
}

/* --- what is left behind --- */

static void find_losses(struct feed *feed)
{
    bool run = false, simulated = false;
    for (size_t t = 0; t < feed->times->count; t++) {
        run |= !feed->times->trips[t].clock;
        simulated |= feed->times->trips[t].simulated;
    }
    if (simulated)
        add_loss(feed, false, "timetable", NULL, "a simulated day, delays and all, stands for every day");
    add_loss(feed, true, "times", NULL, "a feed has whole seconds: they are rounded");
    add_loss(feed, true, "origin of km", NULL, "a feed has distances from the first station of a train");
    add_loss(feed, false, "shapes", NULL, "straight from station to station");
    add_loss(feed, true, "all but times", NULL,
             "speeds, energies, delays, conflicts, the use of sections and tracks have no place in a feed");
    if (feed->options->agency == NULL)
        add_loss(feed, false, "agency", feed->agency, "taken from the title; --agency gives another");
    if (feed->options->url == NULL)
        add_loss(feed, false, "url", feed->url, "a feed needs one; --url gives that of the agency");
    if (feed->options->timezone == NULL)
        add_loss(feed, false, "timezone", feed->timezone, "times of the day are taken to be of this zone; --timezone");
    if (feed->options->first_date == NULL)
        add_loss(feed, false, "dates", tn_arena_printf(feed->arena, "%s-%s", feed->first_date, feed->last_date),
                 "every day of the year of the results; --dates gives others");
    if (run)
        add_loss(feed, false, "start of runs", tn_stop_time_text(feed->options->start_s, feed->arena),
                 "a run has no time of the day; --start gives it");
}

static void set_dates(struct feed *feed)
{
    const char *created = feed->times->created;
    const bool dated = created != NULL && strspn(created, "0123456789") == 4;
    if (feed->options->first_date != NULL) {
        snprintf(feed->first_date, sizeof feed->first_date, "%s", feed->options->first_date);
        snprintf(feed->last_date, sizeof feed->last_date, "%s", feed->options->last_date);
        return;
    }
    snprintf(feed->first_date, sizeof feed->first_date, "%.4s0101", dated ? created : "1970");
    snprintf(feed->last_date, sizeof feed->last_date, "%.4s1231", dated ? created : "1970");
}

tn_status tn_gtfs_write(struct tn_list *files_out, struct tn_list *losses_out, const struct tn_stop_times *times,
                        const struct tn_gtfs_options *options, struct tn_arena *arena, struct tn_context *ctx)
{
    struct feed feed = {.options = options,
                        .agency = options->agency != NULL ? options->agency
                                  : times->title != NULL  ? times->title
                                                          : "tonnage",
                        .url = options->url != NULL ? options->url : "https://example.org",
                        .timezone = options->timezone != NULL ? options->timezone : "Etc/UTC",
                        .arena = arena,
                        .ctx = ctx};
    const struct file files[FILES] = {
        {"agency.txt", put_agency, &feed},         {"stops.txt", put_stops, &feed},
        {"routes.txt", put_routes, &feed},         {"trips.txt", put_trips, &feed},
        {"stop_times.txt", put_stop_times, &feed}, {"calendar.txt", put_calendar, &feed},
        {"shapes.txt", put_shapes, &feed},         {"feed_info.txt", put_feed_info, &feed}};
    feed.files = tn_arena_alloc(arena, FILES, sizeof *feed.files);
    tn_status status = feed.files == NULL ? TN_ERR_MEMORY : keep_trips(&feed, times);
    if (status == TN_OK)
        status = find_stops(&feed);
    if (status == TN_OK && !find_routes(&feed))
        status = TN_ERR_MEMORY;
    if (status != TN_OK)
        return status;
    set_dates(&feed);
    for (size_t i = 0; status == TN_OK && i < FILES; i++)
        status = tn_text_made(&feed.files[i], files[i].name, put_file, &files[i], arena);
    find_losses(&feed);
    *files_out = (struct tn_list){feed.files, FILES};
    *losses_out = (struct tn_list){feed.losses, feed.loss_count};
    return status;
}
