/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "figure.h"
#include "text.h"

/* The string-line diagram: time across, the line upward, each train a line in the colour of its class; it stands where
   its line is level. A cyclic timetable repeats: its trains of the night come in again at the left. */

enum {
    SHADES = 6,           /* classes of their own colour; the rest share the last one */
    NAMES_MOST = 46,      /* of stations */
    CONFLICTS_NAMED = 5,  /* with words; more would hide the trains */
    DETAIL_STATIONS = 16, /* of the closer picture */
    DETAIL_HOURS = 8
};
#define DAY_S        86400.0
#define HOUR_S       3600.0
#define TIME_MOST_S  (1000 * DAY_S) /* a file of other making may hold any */
#define CHARACTER    0.0056         /* width of a letter of a station's name over the picture's */
#define TRAIN_LETTER 0.0075         /* the same of a train's number over the graph's */

struct day {
    size_t count; /* rows of paths */
    struct tn_list trains, classes, directions, places;
    const double *km, *arrival, *departure, *stops;
    struct tn_figure_stations stations;
    bool cyclic;
};

struct view {
    double low, high;  /* km */
    double begin, end; /* h */
};

/* The rows of one train. */
struct run {
    size_t first, count, class;
    int direction; /* 0 up, 1 down */
};

/* Trains of one class. */
struct class
{
    const char *name;
    size_t count[2]; /* up, down */
};

struct runs {
    size_t count, class_count;
    struct run *items;
    struct class *classes;
};

/* Whether a picture can have these on its axis of time; reports what cannot be. */
static bool are_times(struct tn_figure *f, const char *group, const char *name, const double *times, size_t count)
{
    for (size_t i = 0; f->file->status == TN_OK && i < count; i++)
        if (!(fabs(times[i]) <= TIME_MOST_S))
            f->file->status = tn_error(f->file->ctx, NULL, NULL, "%s: %s/%s holds %g s, which cannot be drawn",
                                       f->file->path, group, name, times[i]);
    return f->file->status == TN_OK;
}

static struct day read_day(struct tn_figure *f, const char *group)
{
    const char *study = tn_h5_attribute(f->file, group, "study");
    double cyclic = tn_figure_scalar(f, group, "cyclic");
    struct day day = {.trains = tn_h5_texts(f->file, tn_figure_path(f, group, "paths_train")),
                      .classes = tn_h5_texts(f->file, tn_figure_path(f, group, "paths_class")),
                      .directions = tn_h5_texts(f->file, tn_figure_path(f, group, "paths_direction")),
                      .places = tn_h5_texts(f->file, tn_figure_path(f, group, "paths_station")),
                      .stations = tn_figure_stations(f, group),
                      .cyclic = isfinite(cyclic) ? cyclic != 0 : study && strcmp(study, "timetable") == 0};
    day.count = day.trains.count;
    day.km = tn_figure_numbers(f, group, "paths_km_m", day.count);
    day.arrival = tn_figure_numbers(f, group, "paths_arrival_s", day.count);
    day.departure = tn_figure_numbers(f, group, "paths_departure_s", day.count);
    day.stops = tn_figure_numbers(f, group, "paths_stops", day.count);
    if (!are_times(f, group, "paths_arrival_s", day.arrival, day.count) ||
        !are_times(f, group, "paths_departure_s", day.departure, day.count))
        day.count = 0;
    return day;
}

/* --- trains --- */

/* Okabe and Ito's colours without red, which is for conflicts; up trains darker than down trains. */
static const char *colour_of(size_t class, int direction)
{
    static const char *const colours[SHADES][2] = {{TN_BLUE, "#7DB6D8"},   {"#B87F00", TN_ORANGE},
                                                   {"#007A59", "#66C5AB"}, {"#A9447F", TN_PURPLE},
                                                   {"#6A5300", "#BBA968"}, {"#303030", "#909090"}};
    return colours[class < SHADES ? class : SHADES - 1][direction];
}

static bool goes_on(const struct day *day, size_t i)
{
    return i > 0 && day->arrival[i] >= day->departure[i - 1] &&
           strcmp(tn_figure_text(&day->trains, i), tn_figure_text(&day->trains, i - 1)) == 0 &&
           strcmp(tn_figure_text(&day->classes, i), tn_figure_text(&day->classes, i - 1)) == 0 &&
           strcmp(tn_figure_text(&day->directions, i), tn_figure_text(&day->directions, i - 1)) == 0;
}

static size_t class_of(struct runs *runs, const char *name)
{
    size_t i = 0;
    while (i < runs->class_count && strcmp(runs->classes[i].name, name) != 0)
        i++;
    if (i == runs->class_count)
        runs->classes[runs->class_count++] = (struct class){name, {0, 0}};
    return i;
}

static struct runs find_runs(struct tn_figure *f, const struct day *day)
{
    struct runs runs = {.items = tn_arena_alloc(f->arena, day->count + 1, sizeof *runs.items),
                        .classes = tn_arena_alloc(f->arena, day->count + 1, sizeof *runs.classes)};
    if (!runs.items || !runs.classes)
        f->file->status = TN_ERR_MEMORY;
    for (size_t i = 0; f->file->status == TN_OK && i < day->count; i++) {
        if (!goes_on(day, i)) {
            int direction = strcmp(tn_figure_text(&day->directions, i), "down") == 0;
            size_t class = class_of(&runs, tn_figure_text(&day->classes, i));
            runs.items[runs.count++] = (struct run){i, 0, class, direction};
            runs.classes[class].count[direction]++;
        }
        runs.items[runs.count - 1].count++;
    }
    return runs;
}

/* How often something from first to last (h) shows in the view: shifted by days from *low to *high. */
static void copies(const struct day *day, const struct view *view, double first, double last, int *low, int *high)
{
    *low = 0, *high = first <= view->end && last >= view->begin ? 0 : -1;
    if (day->cyclic) {
        *low = (int)ceil((view->begin - last) / 24);
        *high = (int)floor((view->end - first) / 24);
    }
}

/* "6:05", of a later day "day 2 6:05". */
static const char *clock_words(struct tn_figure *f, const struct day *day, double time_s)
{
    long minute = lround(time_s / 60), of_day = ((minute % 1440) + 1440) % 1440;
    const char *words =
        minute >= 1440 && !day->cyclic
            ? tn_arena_printf(f->arena, "day %ld %ld:%02ld", minute / 1440 + 1, of_day / 60, of_day % 60)
            : tn_arena_printf(f->arena, "%ld:%02ld", of_day / 60, of_day % 60);
    return words ? words : "";
}

/* Which train, where and when. */
static void put_note(struct tn_figure *f, const struct day *day, size_t i)
{
    if (!f->readout)
        return;
    const char *train = tn_figure_text(&day->trains, i), *place = tn_figure_text(&day->places, i);
    const char *from = clock_words(f, day, day->arrival[i]);
    tn_figure_note(f, day->departure[i] - day->arrival[i] >= 30
                          ? tn_arena_printf(f->arena, "%s: %s, %s to %s", train, place, from,
                                            clock_words(f, day, day->departure[i]))
                          : tn_arena_printf(f->arena, "%s: %s, %s", train, place, from));
}

static void put_run(struct tn_figure *f, const struct day *day, const struct run *run, double shift_h)
{
    tn_figure_break(f);
    for (size_t i = run->first; i < run->first + run->count; i++) {
        double km = day->km[i] / 1e3, arrival = day->arrival[i] / HOUR_S + shift_h,
               departure = day->departure[i] / HOUR_S + shift_h;
        tn_figure_row(f, (double[]){arrival, km}, 2, NULL);
        put_note(f, day, i);
        if (departure > arrival) {
            tn_figure_row(f, (double[]){departure, km}, 2, NULL);
            put_note(f, day, i);
        }
    }
}

static void put_dwells(struct tn_figure *f, const struct day *day, const struct run *run, double shift_h)
{
    for (size_t i = run->first; i < run->first + run->count; i++)
        if (day->stops[i] == 1 && day->departure[i] > day->arrival[i])
            tn_figure_row(f,
                          (double[]){day->arrival[i] / HOUR_S + shift_h, day->km[i] / 1e3,
                                     (day->departure[i] - day->arrival[i]) / HOUR_S},
                          3, NULL);
}

typedef void put_part(struct tn_figure *f, const struct day *day, const struct run *run, double shift_h);

/* A block of what `put` writes of every train of a class and direction that shows. */
static void put_class(struct tn_figure *f, const struct day *day, const struct runs *runs, const struct view *view,
                      size_t class, int direction, put_part *put)
{
    tn_figure_block(f, tn_arena_printf(f->arena, "%s %s: time [h:min], km [km]%s", runs->classes[class].name,
                                       direction ? "down" : "up", put == put_dwells ? ", stands [h]" : ""));
    tn_figure_row(f, (double[]){(double)NAN, (double)NAN, (double)NAN}, 3, NULL); /* no block is empty */
    for (size_t k = 0; k < runs->count; k++) {
        const struct run *run = &runs->items[k];
        int low, high;
        copies(day, view, day->arrival[run->first] / HOUR_S, day->departure[run->first + run->count - 1] / HOUR_S, &low,
               &high);
        for (int i = low; run->class == class && run->direction == direction && i <= high; i++)
            put(f, day, run, 24.0 * i);
    }
}

/* --- numbers of trains, where their lines come into view --- */

enum edge { BELOW, ABOVE, INSIDE };
struct tag {
    double hour, km;
    enum edge edge;
    size_t class;
    const char *text;
};

/* "12" of the train "freight up 12" of the class "freight": the colour tells the class, the slope the direction. */
static const char *number_of(const struct day *day, const struct run *run)
{
    const char *text = tn_figure_text(&day->trains, run->first);
    const char *const words[] = {tn_figure_text(&day->classes, run->first),
                                 tn_figure_text(&day->directions, run->first)};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(words[i]);
        if (length && strncmp(text, words[i], length) == 0 && strchr(" -_/#", text[length]) && text[length] &&
            text[length + 1])
            text += length + 1;
    }
    return text;
}

/* Cuts the part [*from, *to] of a piece from a to b (values along it) down to where it lies in [low, high]. */
static void clip(double a, double b, double low, double high, double *from, double *to)
{
    if (a == b) {
        if (a < low || a > high)
            *from = 1, *to = 0;
        return;
    }
    double enter = ((b > a ? low : high) - a) / (b - a), leave = ((b > a ? high : low) - a) / (b - a);
    *from = fmax(*from, enter);
    *to = fmin(*to, leave);
}

static bool enters(const struct view *view, double h0, double km0, double h1, double km1, double *hour, double *km)
{
    double from = 0, to = 1;
    clip(h0, h1, view->begin, view->end, &from, &to);
    clip(km0, km1, view->low, view->high, &from, &to);
    *hour = h0 + from * (h1 - h0), *km = km0 + from * (km1 - km0);
    return from < to;
}

/* False where no part of the train shows. */
static bool find_entry(const struct day *day, const struct run *run, const struct view *view, double shift_h,
                       double *hour, double *km)
{
    for (size_t i = run->first; i < run->first + run->count; i++) {
        double h = day->departure[i] / HOUR_S + shift_h, at = day->km[i] / 1e3;
        if (enters(view, day->arrival[i] / HOUR_S + shift_h, at, h, at, hour, km))
            return true;
        if (i + 1 < run->first + run->count &&
            enters(view, h, at, day->arrival[i + 1] / HOUR_S + shift_h, day->km[i + 1] / 1e3, hour, km))
            return true;
    }
    return false;
}

static bool has_room(const struct tag *tags, size_t count, const struct tag *tag, const struct view *view)
{
    for (size_t i = 0; i < count; i++) {
        double width = TRAIN_LETTER * (double)(tn_text_width(tags[i].text) + tn_text_width(tag->text) + 1) / 2;
        if (tags[i].edge == tag->edge && fabs(tags[i].hour - tag->hour) < width * (view->end - view->begin) &&
            fabs(tags[i].km - tag->km) < 0.02 * (view->high - view->low))
            return false;
    }
    return true;
}

/* Numbers stand outside the graph where trains begin at its edge; one that comes in at the left has its number at the
   line, unless its beginning shows elsewhere. */
static void put_tags(struct tn_figure *f, const struct day *day, const struct runs *runs, const struct view *view)
{
    size_t count = 0, most = runs->count * (size_t)(2 + (view->end - view->begin) / 24) + 1;
    struct tag *tags = tn_arena_alloc(f->arena, most, sizeof *tags);
    double slack = 1e-6 * (view->high - view->low);
    for (size_t k = 0; tags && k < runs->count; k++) {
        const struct run *run = &runs->items[k];
        int low, high;
        copies(day, view, day->arrival[run->first] / HOUR_S, day->departure[run->first + run->count - 1] / HOUR_S, &low,
               &high);
        bool said = false;
        for (int i = high; i >= low; i--) { /* the latest copy begins in view if one does */
            struct tag tag = {.class = run->class, .text = number_of(day, run)};
            if (!find_entry(day, run, view, 24.0 * i, &tag.hour, &tag.km))
                continue;
            bool left = tag.hour <= view->begin + 1e-9;
            tag.edge = left                           ? INSIDE
                       : tag.km <= view->low + slack  ? BELOW
                       : tag.km >= view->high - slack ? ABOVE
                                                      : INSIDE;
            if ((!said || !left) && count < most && has_room(tags, count, &tag, view))
                tags[count++] = tag;
            said = true;
        }
    }
    tn_figure_block(f, "number of a train: h, km, 0 below 1 above 2 inside, colour, text");
    tn_figure_row(f, (double[]){(double)NAN, (double)NAN, 0, 0}, 4, "");
    for (size_t i = 0; i < count; i++)
        tn_figure_row(f,
                      (double[]){tags[i].hour, tags[i].km, tags[i].edge,
                                 (double)strtoul(colour_of(tags[i].class, 0) + 1, NULL, 16)},
                      4, tags[i].text);
}

/* --- windows and conflicts --- */

static void put_windows(struct tn_figure *f, const char *group, const struct day *day, const struct view *view)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "windows_begin_s")).count;
    const double *from = tn_figure_numbers(f, group, "windows_from_km_m", count);
    const double *to = tn_figure_numbers(f, group, "windows_to_km_m", count);
    const double *begin = tn_figure_numbers(f, group, "windows_begin_s", count);
    const double *end = tn_figure_numbers(f, group, "windows_end_s", count);
    if (!are_times(f, group, "windows_begin_s", begin, count) || !are_times(f, group, "windows_end_s", end, count))
        return;
    tn_figure_block(f, "window: middle h, middle km, begin h, end h, from km, to km");
    tn_figure_row(f, (double[]){(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN}, 6, NULL);
    for (size_t i = 0; i < count; i++) {
        int low, high;
        copies(day, view, begin[i] / HOUR_S, end[i] / HOUR_S, &low, &high);
        for (int k = low; k <= high; k++)
            tn_figure_row(f,
                          (double[]){(begin[i] + end[i]) / 2 / HOUR_S + 24.0 * k, (from[i] + to[i]) / 2e3,
                                     begin[i] / HOUR_S + 24.0 * k, end[i] / HOUR_S + 24.0 * k, from[i] / 1e3,
                                     to[i] / 1e3},
                          6, NULL);
    }
}

/* Returns how many there are. */
static size_t put_conflicts(struct tn_figure *f, const char *group, const struct day *day, const struct view *view)
{
    struct tn_list rules = tn_h5_texts(f->file, tn_figure_path(f, group, "conflicts_found_rule"));
    struct tn_list trains = tn_h5_texts(f->file, tn_figure_path(f, group, "conflicts_found_train"));
    struct tn_list others = tn_h5_texts(f->file, tn_figure_path(f, group, "conflicts_found_other"));
    const double *km = tn_figure_numbers(f, group, "conflicts_found_km_m", rules.count);
    const double *time = tn_figure_numbers(f, group, "conflicts_found_time_s", rules.count);
    if (!are_times(f, group, "conflicts_found_time_s", time, rules.count))
        return 0;
    tn_figure_block(f, "conflict: time [h:min], km [km], (1 left 2 right of the middle), text");
    tn_figure_row(f, (double[]){(double)NAN, (double)NAN, 0}, 3, "");
    for (size_t i = 0; i < rules.count; i++) {
        const char *other = tn_figure_text(&others, i);
        const char *text = tn_arena_printf(f->arena, "%s: %s%s%s", tn_figure_text(&rules, i),
                                           tn_figure_text(&trains, i), *other ? " and " : "", other);
        int low, high;
        copies(day, view, time[i] / HOUR_S, time[i] / HOUR_S, &low, &high);
        for (int k = low; k <= high; k++) {
            double hour = time[i] / HOUR_S + 24.0 * k;
            tn_figure_row(f, (double[]){hour, km[i] / 1e3, hour > (view->begin + view->end) / 2 ? 2 : 1}, 3,
                          rules.count <= CONFLICTS_NAMED ? text : "");
            tn_figure_note(f, text);
        }
    }
    return rules.count;
}

/* --- axes --- */

/* Hours, and where a day begins its number. */
static void put_hours(struct tn_figure *f, const struct view *view)
{
    static const int steps[] = {1, 2, 3, 6, 12, 24, 168};
    double span = view->end - view->begin;
    size_t s = 0;
    while (s + 1 < sizeof steps / sizeof *steps && span / steps[s] > 26)
        s++;
    fputs("set xtics (", f->script);
    for (int h = (int)ceil(view->begin / steps[s]) * steps[s], n = 0; h <= view->end; h += steps[s]) {
        bool midnight = h % 24 == 0 && view->end > 24 && h < view->end;
        fprintf(f->script, midnight ? "%s'day %d' %d" : "%s'%d' %d", n++ ? ", " : "", midnight ? h / 24 + 1 : h % 24,
                h);
    }
    int parts = span <= 12 ? 6 : span <= 26 ? 2 : 1; /* 10 or 30 min */
    for (int i = (int)ceil(view->begin * parts); parts > 1 && i <= view->end * parts; i++)
        if (i % parts)
            fprintf(f->script, ", '' %.9g 1", (double)i / parts);
    fprintf(f->script, ")\nset xrange [%.9g:%.9g]\n", view->begin, view->end);
}

/* Every station a line, as many of them named as can be read. Returns the width of the longest name. */
static size_t put_stations(struct tn_figure *f, struct tn_figure_stations *s, const struct view *view)
{
    size_t most = f->request->columns > 0 ? (size_t)f->request->lines / 2 : NAMES_MOST, widest = 4;
    size_t first = s->count, last = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->km_m[i] >= view->low * 1e3 && s->km_m[i] <= view->high * 1e3)
            first = i < first ? i : first, last = i + 1;
    if (first < last)
        tn_figure_name_stations(s->named + first, s->km_m + first, s->tracks + first, last - first,
                                (view->high - view->low) * 1e3 / (double)most);
    fputs("set ytics (", f->script);
    for (size_t i = first; i < last; i++) {
        const char *name = tn_figure_text(&s->names, i);
        const char *words = tn_arena_printf(f->arena, "%s %.1f", name, s->km_m[i] / 1e3);
        if (s->named[i] && words && tn_text_width(words) > widest)
            widest = tn_text_width(words);
        fprintf(f->script, "%s%s %.9g %d", i > first ? ", " : "", s->named[i] ? tn_figure_quote(f, words) : "''",
                s->km_m[i] / 1e3, s->named[i] ? 0 : 1);
    }
    fprintf(f->script, ")\nset yrange [%.9g:%.9g]\n", view->low, view->high);
    return widest;
}

/* A thick axis where the line has two tracks. Returns whether it has. */
static bool put_tracks(struct tn_figure *f, const char *group, const struct view *view)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "sections_tracks")).count;
    const double *tracks = tn_figure_numbers(f, group, "sections_tracks", count);
    const double *from = tn_figure_numbers(f, group, "sections_from_km_m", count);
    const double *to = tn_figure_numbers(f, group, "sections_to_km_m", count);
    bool any = false;
    for (size_t i = 0; f->file->status == TN_OK && i < count; i++) {
        double low = fmax(fmin(from[i], to[i]) / 1e3, view->low), high = fmin(fmax(from[i], to[i]) / 1e3, view->high);
        if (!(tracks[i] > 1) || !(low < high))
            continue;
        any = true;
        fprintf(f->script,
                "set arrow from graph 0,first %.9g to graph 0,first %.9g nohead lw 5 lc rgb '#404040' front\n", low,
                high);
    }
    return any;
}

static void put_frame(struct tn_figure *f, const struct day *day, size_t widest)
{
    const struct tn_figure_stations *s = &day->stations;
    bool text = f->request->columns > 0;
    double left = text ? (double)(widest + 3) / f->request->columns : 0.014 + CHARACTER * (double)widest;
    const char *first = tn_figure_text(&s->names, 0), *last = s->count ? tn_figure_text(&s->names, s->count - 1) : "";
    bool falls = s->count && s->km_m[0] > s->km_m[s->count - 1]; /* km, in the direction of up trains */
    fprintf(f->script,
            "set lmargin at screen %.4f\nset rmargin at screen 0.98\n"
            "set xlabel %s offset 0,%s font ',14'\n",
            left,
            tn_figure_quote(
                f, tn_arena_printf(f->arena, "hour of the day     rising: towards %s (%s)     falling: towards %s (%s)",
                                   falls ? first : last, falls ? "down" : "up", falls ? last : first,
                                   falls ? "up" : "down")),
            text ? "0" : "-0.9");
    if (!text)
        fputs("set bmargin at screen 0.165\nset ytics font ',11' tc rgb '#202020' scale 0.4\nset clip two\n"
              "set xtics offset 0,-0.9 font ',14' tc rgb '#202020' scale 0.6\n"
              "set label 1 'station, km' at graph 0,graph 1.032 right offset -0.8,0 font ',11' tc rgb '#606060'\n"
              "set grid xtics mxtics ytics mytics lt 1 lw 1.0 lc rgb '#cfcfcf', lt 1 lw 0.7 lc rgb '#ececec' back\n",
              f->script);
    tn_figure_key(f, 2, 1);
}

static void put_plot(struct tn_figure *f, const struct runs *runs, const struct view *view, size_t conflicts,
                     bool tracks, bool windows)
{
    double dwell = view->end - view->begin > 12 ? 2.6 : 4.5; /* width */
    const char *name = f->request->columns > 0 ? "" : "boxed ";
    fputs("plot data index 0 using 1:2:3:4:5:6 with boxxyerror fs solid 0.3 noborder lc rgb '#909090' notitle",
          f->script);
    for (size_t c = 0; c < runs->class_count; c++)
        for (int d = 0; d < 2; d++) {
            const struct class *class = &runs->classes[c];
            size_t block = 3 + 4 * c + 2 * (size_t)d;
            const char *words =
                tn_arena_printf(f->arena, "%s %s: %zu", class->name, d ? "down" : "up", class->count[d]);
            fprintf(f->script,
                    ", data index %zu using 1:2 with lines lw 1.6 lc rgb '%s' %s %s"
                    ", data index %zu using 1:2:3:(0) with vectors nohead lw %g lc rgb '%s' notitle",
                    block, colour_of(c, d), class->count[d] ? "title" : "notitle",
                    class->count[d] ? tn_figure_quote(f, words) : "", block + 1, dwell, colour_of(c, d));
        }
    if (windows)
        fputs(", keyentry with boxes fs solid 0.3 noborder lc rgb '#909090' title 'maintenance window'", f->script);
    if (tracks)
        fputs(", keyentry with lines lw 5 lc rgb '#404040' title 'two tracks'", f->script);
    if (conflicts)
        fprintf(
            f->script,
            ", data index 1 using 1:2 with points pt 6 ps dot lw 3 lc rgb '%s' title 'conflict (%zu)'"
            ", data index 1 using ($3==1?$1:NaN):2:4 with labels %sleft offset 1.3,0.9 font 'DejaVu Sans Bold,12' "
            "tc rgb '%s' notitle"
            ", data index 1 using ($3==2?$1:NaN):2:4 with labels %sright offset -1.3,0.9 font 'DejaVu Sans Bold,12' "
            "tc rgb '%s' notitle",
            TN_RED, conflicts, name, TN_RED, name, TN_RED);
    fprintf(f->script,
            ", data index 2 using ($3==0?$1:NaN):2:5:4 with labels center offset 0,-0.55 font ',11' tc rgb variable "
            "notitle"
            ", data index 2 using ($3==1?$1:NaN):2:5:4 with labels center offset 0,0.55 font ',11' tc rgb variable "
            "notitle"
            ", data index 2 using ($3==2?$1:NaN):2:5:4 with labels %sleft offset 0.4,0 font ',11' tc rgb variable "
            "notitle\n",
            name);
    for (size_t block = 3; block < 3 + 4 * runs->class_count; block += 2)
        tn_figure_read_points(f, (int)block, 1, 2);
    if (conflicts)
        tn_figure_read_points(f, 1, 1, 2);
}

/* title and part: words after what is drawn, and before the verdict; either may be NULL for want of memory. */
static tn_status draw(struct tn_figure *f, const char *group, struct day *day, const struct view *view,
                      const char *title, const char *part)
{
    struct runs runs = find_runs(f, day);
    put_windows(f, group, day, view);
    size_t conflicts = put_conflicts(f, group, day, view);
    if (f->file->status != TN_OK)
        return f->file->status;
    put_tags(f, day, &runs, view);
    for (size_t c = 0; c < runs.class_count; c++)
        for (int d = 0; d < 2; d++) {
            put_class(f, day, &runs, view, c, d, put_run);
            put_class(f, day, &runs, view, c, d, put_dwells);
        }
    const char *verdict = tn_h5_attribute(f->file, group, "verdict");
    title = tn_arena_printf(f->arena, "String-line diagram%s%s", tn_figure_of_line(f, group), title ? title : "");
    if (part && *part)
        verdict = tn_arena_printf(f->arena, "%s%s%s", part, verdict ? "; " : "", verdict ? verdict : "");
    tn_figure_words(f, title ? title : "", verdict, group);
    size_t widest = put_stations(f, &day->stations, view);
    put_frame(f, day, widest);
    put_hours(f, view);
    bool tracks = put_tracks(f, group, view);
    put_plot(f, &runs, view, conflicts, tracks,
             tn_h5_numbers(f->file, tn_figure_path(f, group, "windows_begin_s")).count > 0);
    return f->file->status;
}

static const char *hours_words(struct tn_figure *f, const struct view *view)
{
    long begin = lround(view->begin * 60), end = lround(view->end * 60);
    const char *words = tn_arena_printf(f->arena, "%ld:%02ld to %ld:%02ld", begin / 60, begin % 60, end / 60, end % 60);
    return words ? words : "";
}

/* The hours that the request names; else all that the rows hold, in whole hours: one day if it repeats. */
static tn_status find_hours(struct tn_figure *f, const char *group, const struct day *day, struct view *view)
{
    const struct tn_plot_request *request = f->request;
    double low = HUGE_VAL, high = -HUGE_VAL;
    tn_figure_extent(&low, &high, day->arrival, day->count);
    tn_figure_extent(&low, &high, day->departure, day->count);
    view->begin = day->cyclic ? 0 : floor(low / HOUR_S);
    view->end = day->cyclic ? 24 : fmax(ceil(high / HOUR_S), view->begin + 1);
    if (request->end_s > request->begin_s)
        view->begin = request->begin_s / HOUR_S, view->end = request->end_s / HOUR_S;
    if (isfinite(view->begin) && isfinite(view->end))
        return TN_OK;
    return tn_error(f->file->ctx, NULL, NULL, "%s: no train of %s has a time", f->file->path, group);
}

tn_status tn_plot_string_line(struct tn_figure *f, const char *group)
{
    struct day day = read_day(f, group);
    struct view view;
    tn_status status = f->file->status;
    if (status == TN_OK)
        status = tn_figure_part(f, &day.stations, &view.low, &view.high);
    if (status == TN_OK && f->request->end_s > f->request->begin_s &&
        !(fabs(f->request->begin_s) <= TIME_MOST_S && fabs(f->request->end_s) <= TIME_MOST_S))
        status = tn_error(f->file->ctx, NULL, NULL, "hours of more than %g days cannot be drawn", TIME_MOST_S / DAY_S);
    if (status != TN_OK)
        return status;
    view.low /= 1e3, view.high /= 1e3;
    status = find_hours(f, group, &day, &view);
    if (status != TN_OK)
        return status;
    return draw(f, group, &day, &view, tn_figure_part_words(f),
                f->request->end_s > f->request->begin_s ? hours_words(f, &view) : "");
}

/* --- the closer picture --- */

/* Where to look: at the first conflict, or else in the middle of the section that is taken longest. */
static void find_centre(struct tn_figure *f, const char *group, const struct day *day, double *km_m, double *time_s)
{
    struct tn_list conflicts = tn_h5_numbers(f->file, tn_figure_path(f, group, "conflicts_found_km_m"));
    struct tn_list taken = tn_h5_numbers(f->file, tn_figure_path(f, group, "sections_occupancy_1"));
    const double *at = tn_figure_numbers(f, group, "conflicts_found_time_s", conflicts.count);
    const double *from = tn_figure_numbers(f, group, "sections_from_km_m", taken.count);
    const double *to = tn_figure_numbers(f, group, "sections_to_km_m", taken.count);
    *km_m = day->stations.km_m[day->stations.count / 2], *time_s = (double)NAN;
    if (!are_times(f, group, "conflicts_found_time_s", at, conflicts.count))
        return;
    if (conflicts.count) {
        *km_m = *(const double *)conflicts.items, *time_s = at[0];
        return;
    }
    const double *share = taken.items;
    double most = -1;
    for (size_t i = 0; i < taken.count; i++)
        if (share[i] > most)
            most = share[i], *km_m = (from[i] + to[i]) / 2;
}

/* How many trains come to the stations of the view in so many hours from each hour on; where there are most. */
static double busiest_hour(const struct day *day, const struct view *view, double first, double last)
{
    double best = first;
    size_t most = 0;
    for (double begin = first; begin + DETAIL_HOURS <= last; begin += 1) {
        size_t count = 0;
        for (size_t i = 0; i < day->count; i++) {
            double hour = day->arrival[i] / HOUR_S;
            if (day->cyclic)
                hour -= 24 * floor(hour / 24);
            count += hour >= begin && hour < begin + DETAIL_HOURS && day->km[i] >= view->low * 1e3 &&
                     day->km[i] <= view->high * 1e3;
        }
        if (count > most)
            most = count, best = begin;
    }
    return best;
}

tn_status tn_plot_string_line_detail(struct tn_figure *f, const char *group)
{
    struct day day = read_day(f, group);
    const struct tn_figure_stations *s = &day.stations;
    double km_m, time_s;
    if (f->file->status == TN_OK && s->count < DETAIL_STATIONS)
        f->file->status =
            tn_error(f->file->ctx, NULL, NULL, "%s: %s has not all names of its stations", f->file->path, group);
    if (f->file->status != TN_OK)
        return f->file->status;
    find_centre(f, group, &day, &km_m, &time_s);
    size_t nearest = 0;
    for (size_t i = 1; i < s->count; i++)
        if (fabs(s->km_m[i] - km_m) < fabs(s->km_m[nearest] - km_m))
            nearest = i;
    size_t first = nearest > DETAIL_STATIONS / 2 ? nearest - DETAIL_STATIONS / 2 : 0;
    if (first + DETAIL_STATIONS > s->count)
        first = s->count - DETAIL_STATIONS;
    size_t last = first + DETAIL_STATIONS - 1;
    struct view whole,
        view = {.low = fmin(s->km_m[first], s->km_m[last]) / 1e3, .high = fmax(s->km_m[first], s->km_m[last]) / 1e3};
    if ((f->file->status = find_hours(f, group, &day, &whole)) != TN_OK)
        return f->file->status;
    view.begin = isfinite(time_s) ? floor(time_s / HOUR_S) - DETAIL_HOURS / 2.0
                                  : busiest_hour(&day, &view, whole.begin, whole.end);
    view.begin = fmax(whole.begin, fmin(view.begin, whole.end - DETAIL_HOURS));
    view.end = view.begin + DETAIL_HOURS;
    const char *ends =
        tn_arena_printf(f->arena, ", %s to %s", tn_figure_text(&s->names, first), tn_figure_text(&s->names, last));
    const char *why = isfinite(time_s) ? "around the first conflict" : "around the busiest section";
    return draw(f, group, &day, &view, ends, tn_arena_printf(f->arena, "%s, %s", hours_words(f, &view), why));
}
