/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"

/* Above, the share of time in which each section is taken, as a bar over its length, and on it the share in which it is
   closed; below, the tracks of each station and how many trains stand there at most. */

enum { NAMES_MOST = 34, TRACKS_SHOWN = 5 };

struct sections {
    size_t count, busiest;
    const double *from, *to, *taken, *closed, *tracks, *trains;
    struct tn_list names, ends;
};

static struct sections read_sections(struct tn_figure *f, const char *group)
{
    struct sections s = {.names = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_from")),
                         .ends = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_to")),
                         .count = tn_h5_numbers(f->file, tn_figure_path(f, group, "sections_occupancy_1")).count};
    s.from = tn_figure_numbers(f, group, "sections_from_km_m", s.count);
    s.to = tn_figure_numbers(f, group, "sections_to_km_m", s.count);
    s.taken = tn_figure_numbers(f, group, "sections_occupancy_1", s.count);
    s.closed = tn_figure_numbers(f, group, "sections_window_1", s.count);
    s.tracks = tn_figure_numbers(f, group, "sections_tracks", s.count);
    s.trains = tn_figure_numbers(f, group, "sections_trains_per_day", s.count);
    return s;
}

static double closed_at(const struct sections *s, size_t i)
{
    return isfinite(s->closed[i]) ? s->closed[i] : 0;
}

/* Busiest of those in view. */
static void find_busiest(struct sections *s, double low_m, double high_m)
{
    s->busiest = s->count;
    for (size_t i = 0; i < s->count; i++) {
        bool shows = fmax(s->from[i], s->to[i]) > low_m && fmin(s->from[i], s->to[i]) < high_m;
        if (shows && isfinite(s->taken[i]) &&
            (s->busiest == s->count || s->taken[i] + closed_at(s, i) > s->taken[s->busiest] + closed_at(s, s->busiest)))
            s->busiest = i;
    }
}

static void put_sections(struct tn_figure *f, const struct sections *s)
{
    tn_figure_block(f,
                    "section: middle [km], length [km], taken [%], taken or closed [%], (0 single 1 double 2 busiest), "
                    "trains [a day], name");
    for (size_t i = 0; i < s->count; i++)
        tn_figure_row(f,
                      (double[]){(s->from[i] + s->to[i]) / 2e3, fabs(s->to[i] - s->from[i]) / 1e3, 100 * s->taken[i],
                                 100 * (s->taken[i] + closed_at(s, i)),
                                 i == s->busiest    ? 2
                                 : s->tracks[i] > 1 ? 1
                                                    : 0,
                                 s->trains[i]},
                      6,
                      tn_arena_printf(f->arena, "%s to %s", tn_figure_text(&s->names, i), tn_figure_text(&s->ends, i)));
}

/* Yards have more tracks than the panel has room for: they are cut off there, and say how many they have. Returns the
   room. */
static double put_stations(struct tn_figure *f, const char *group, struct tn_figure_stations *s, double low_m,
                           double high_m)
{
    const double *most = tn_figure_numbers(f, group, "stations_trains_most", s->count);
    const double *taken = tn_figure_numbers(f, group, "stations_occupancy_1", s->count);
    double room = TRACKS_SHOWN, none = 0;
    if (f->file->status != TN_OK || s->count == 0)
        return room;
    tn_figure_extent(&none, &room, most, s->count);
    tn_figure_name_stations(s->named, s->km_m, s->tracks, s->count,
                            (high_m - low_m) / tn_figure_names_most(f, NAMES_MOST));
    tn_figure_block(
        f, "station: km [km], tracks, trains at most, tracks taken in the mean, (1 all taken), name or nothing");
    for (size_t i = 0; i < s->count; i++)
        if (s->km_m[i] >= low_m && s->km_m[i] <= high_m) {
            tn_figure_row(
                f,
                (double[]){s->km_m[i] / 1e3, s->tracks[i], most[i], taken[i] * s->tracks[i], most[i] >= s->tracks[i]},
                5, s->named[i] ? tn_figure_text(&s->names, i) : "");
            tn_figure_note(f, tn_figure_text(&s->names, i));
        }
    return room;
}

static void put_busiest(struct tn_figure *f, const struct sections *s, double low_m, double high_m)
{
    size_t i = s->busiest;
    if (i == s->count)
        return;
    double share = ((s->from[i] + s->to[i]) / 2 - low_m) / (high_m - low_m);
    const char *closed =
        closed_at(s, i) > 0 ? tn_arena_printf(f->arena, ", %.0f %% closed", 100 * closed_at(s, i)) : "";
    fprintf(f->script,
            ", data index 0 using ($5==2?$1:NaN):4:(%s) with labels %s boxed offset 0,0.9 font 'DejaVu Sans Bold,14' "
            "tc rgb '%s'"
            " notitle",
            tn_figure_quote(f, tn_arena_printf(f->arena, "%s to %s: %.0f %% taken%s, %.3g trains a day",
                                               tn_figure_text(&s->names, i), tn_figure_text(&s->ends, i),
                                               100 * s->taken[i], closed ? closed : "", s->trains[i])),
            share < 0.3   ? "left"
            : share > 0.7 ? "right"
                          : "center",
            TN_RED);
}

static void put_upper(struct tn_figure *f, const char *group, const struct sections *s, double low_m, double high_m)
{
    double top = 100, least = 0, limit = 100 * tn_figure_scalar(f, group, "occupancy_limit_1");
    bool any_double = false, any_closed = false;
    for (size_t i = 0; i < s->count; i++) {
        double all = 100 * (s->taken[i] + closed_at(s, i));
        tn_figure_extent(&least, &top, &all, 1);
        any_double |= s->tracks[i] > 1 && i != s->busiest;
        any_closed |= closed_at(s, i) > 0;
    }
    if (isfinite(limit))
        fprintf(f->script,
                "set arrow 1 from graph 0,first %.6g to graph 1,first %.6g nohead lw 2.5 dt 2 lc rgb '#000000' front\n"
                "set label 1 'limit %.3g %%' at graph 0.005,first %.6g left offset 0,0.6 front boxed font ',13'\n",
                limit, limit, limit, limit);
    tn_figure_key(f, 1, 0);
    fprintf(f->script,
            "set multiplot\nset xrange [%.9g:%.9g]\nset yrange [0:%.6g]\nset ytics 20\nset format x ''\n"
            "set ylabel 'share of the time [%%]' offset 1\nset style fill solid 0.85 border rgb 'white'\n"
            "set bmargin at screen 0.46\n"
            "set arrow 2 from graph 0,first 100 to graph 1,first 100 nohead lw 1.5 lc rgb '#303030' back\n"
            "plot data index 0 using 1:4:2 with boxes lw 0.5 lc rgb '#b0b0b0' %s"
            ", data index 0 using 1:($5==0?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'taken, single track'"
            ", data index 0 using 1:($5==1?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' %s"
            ", data index 0 using 1:($5==2?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'busiest'",
            low_m / 1e3, high_m / 1e3, 1.12 * top, any_closed ? "title 'closed (window)'" : "notitle", TN_BLUE, TN_SKY,
            any_double ? "title 'taken, two tracks'" : "notitle", TN_RED);
    put_busiest(f, s, low_m, high_m);
    fputc('\n', f->script);
    tn_figure_read_bars(f, 0, 1, 2);
    fputs("do for [i=1001:1006] { unset label i }\nunset label 1\nunset arrow 1\nunset arrow 2\n", f->script);
}

static void put_lower(struct tn_figure *f, double low_m, double high_m, double room)
{
    double width = 0.007 * (high_m - low_m) / 1e3;
    fprintf(
        f->script,
        "room = %.6g\nset tmargin at screen 0.425\nset bmargin at screen 0.185\nset yrange [0:2.2*room]\n"
        "set ytics %.6g\nset format x '%%g'\nset xlabel 'km of the line' offset 0,0.3\nset ylabel 'tracks' offset 1\n"
        "set key at screen 0.98,0.455 right top horizontal samplen 2 width 1 font ',13'\n"
        "plot data index 1 using 1:($2>room?room:$2):(%.6g) with boxes lw 0.5 lc rgb '#c8c8c8' title 'tracks'"
        ", data index 1 using 1:($5==0?$3:NaN):(%.6g) with boxes lw 0.5 lc rgb '%s' title 'trains at most'"
        ", data index 1 using 1:($5==1?$3:NaN):(%.6g) with boxes lw 0.5 lc rgb '%s' title 'all tracks taken at times'"
        ", data index 1 using 1:4 with points pt 7 ps 0.3*dot lc rgb '#000000' title 'in the mean'"
        ", data index 1 using 1:($2>room?0.8*room:NaN):2 with labels center font 'DejaVu Sans Bold,10' notitle"
        ", data index 1 using 1:($2>room?room:$2):6 with labels left rotate by 55 offset 0.15,0.35 font ',11' "
        "notitle\n",
        room, tn_figure_step(2.2 * room, 4), width, width, TN_GREEN, width, TN_ORANGE);
    tn_figure_read(f, 1, 1, 0);
    fputs("unset multiplot\n", f->script);
}

tn_status tn_plot_occupation(struct tn_figure *f, const char *group)
{
    struct sections s = read_sections(f, group);
    struct tn_figure_stations stations = tn_figure_stations(f, group);
    double low_m, high_m;
    tn_status status = f->file->status;
    if (status == TN_OK)
        status = tn_figure_part(f, &stations, &low_m, &high_m);
    if (status != TN_OK)
        return status;
    find_busiest(&s, low_m, high_m);
    put_sections(f, &s);
    double room = put_stations(f, group, &stations, low_m, high_m);
    const char *heading = tn_arena_printf(f->arena, "Occupation of sections and stations%s%s",
                                          tn_figure_of_line(f, group), tn_figure_part_words(f));
    tn_figure_words(f, heading ? heading : "", tn_h5_attribute(f->file, group, "verdict"), group);
    put_upper(f, group, &s, low_m, high_m);
    put_lower(f, low_m, high_m, room);
    return f->file->status;
}
