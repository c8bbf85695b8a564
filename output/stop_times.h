/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_STOP_TIMES_H
#define TN_STOP_TIMES_H

#include "exchange.h"
#include "line.h"

/* Trains by station and time out of a results file, and how they are written for others. */

struct tn_stop_time {
    const char *station;
    double km_m, arrival_s, departure_s; /* from midnight of the first day shown; of a run from its start */
    bool stops;
};

struct tn_trip {
    const char *study, *line, *train, *class, *direction; /* "up" or "down" */
    bool clock;                                           /* its times are times of the day */
    bool simulated;                                       /* as it went on that day, delays and all */
    struct tn_stop_time *times;
    size_t count;
};

struct tn_stop_times {
    const char *path;                       /* of the results */
    const char *title, *created, *resolved; /* of the file; resolved: its scenario; NULL where it is not there */
    struct tn_trip *trips;
    size_t count;
    struct tn_list losses; /* struct tn_loss */
};

/* The trains of all studies `timetable`, `simulation` and `run` of the file, or of one study (study NULL: all).
   TN_ERR_IO if the file is no results file, TN_ERR_INPUT if it has no such trains; reported. All in the arena. */
tn_status tn_stop_times_read(struct tn_stop_times *out, const char *path, const char *study, struct tn_arena *arena,
                             struct tn_context *ctx);
/* One row a train and station: struct tn_text_file. */
tn_status tn_stop_times_csv(struct tn_list *files_out, const struct tn_stop_times *times, struct tn_arena *arena);

/* "25:03:00", rounded to the second. */
const char *tn_stop_time_text(double time_s, struct tn_arena *arena);

struct tn_gtfs_line { /* where its stations are */
    const char *id;
    struct tn_list stations; /* struct tn_station */
};

struct tn_gtfs_options {
    const char *agency, *url, *timezone; /* NULL: the title of the results, https://example.org, Etc/UTC */
    const char *first_date, *last_date;  /* YYYYMMDD, every day between them; NULL: the year of the results */
    double start_s;                      /* time of the day at which runs start */
    const struct tn_gtfs_line *lines;
    size_t line_count;
};

/* The trains as a GTFS feed (https://gtfs.org/schedule/reference): list of struct tn_text_file. What it cannot hold
   goes to losses (list of struct tn_loss). TN_ERR_INPUT, reported, if a station has no coordinates: a feed without them
   is not valid. */
tn_status tn_gtfs_write(struct tn_list *files_out, struct tn_list *losses_out, const struct tn_stop_times *times,
                        const struct tn_gtfs_options *options, struct tn_arena *arena, struct tn_context *ctx);

#endif
