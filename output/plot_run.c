/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"
#include "text.h"

/* Speed and limit, effort, and elevation with stations, one above the other over the line's km, in the direction of
   travel from left to right. */

enum { NAMES_MOST = 32 };
#define GRADE_M 20.0 /* grades are means over at least this */

struct trace {
    size_t count;
    const double *km, *distance, *time, *speed, *limit, *elevation, *traction, *dynamic, *air;
    bool falling; /* km fall on the way */
};

static struct trace read_trace(struct tn_figure *f, const char *group)
{
    struct trace t = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "trace_speed_m_s")).count};
    t.km = tn_figure_numbers(f, group, "trace_km_m", t.count);
    t.distance = tn_figure_numbers(f, group, "trace_distance_m", t.count);
    t.time = tn_figure_numbers(f, group, "trace_time_s", t.count);
    t.speed = tn_figure_numbers(f, group, "trace_speed_m_s", t.count);
    t.limit = tn_figure_numbers(f, group, "trace_limit_m_s", t.count);
    t.elevation = tn_figure_numbers(f, group, "trace_elevation_m", t.count);
    t.traction = tn_figure_numbers(f, group, "trace_traction_N", t.count);
    t.dynamic = tn_figure_numbers(f, group, "trace_dynamic_brake_N", t.count);
    t.air = tn_figure_numbers(f, group, "trace_air_brake_N", t.count);
    t.falling = f->file->status == TN_OK && t.km[t.count - 1] < t.km[0];
    return t;
}

/* Of the last metres before a row: positive climbs; NAN where the train has not moved so far. */
static double grade_permil(const struct trace *t, size_t i)
{
    size_t before = i;
    while (before > 0 && t->distance[i] - t->distance[before] < GRADE_M)
        before--;
    double run = t->distance[i] - t->distance[before];
    return run >= GRADE_M ? 1e3 * (t->elevation[i] - t->elevation[before]) / run : (double)NAN;
}

/* "Milan to Ruoqiang", where the row lies. */
static const char *section_of(struct tn_figure *f, const struct tn_figure_stations *s, const struct trace *t, double km)
{
    size_t next = 0;
    while (next < s->count && (t->falling ? s->km_m[next] >= km : s->km_m[next] <= km))
        next++;
    if (!next || next == s->count)
        return s->count ? tn_figure_text(&s->names, next ? next - 1 : 0) : NULL;
    return tn_arena_printf(f->arena, "%s to %s", tn_figure_text(&s->names, next - 1), tn_figure_text(&s->names, next));
}

static void put_trace(struct tn_figure *f, const struct trace *t, const struct tn_figure_stations *s)
{
    tn_figure_block(f, "km [km], speed [km/h], limit [km/h], traction [kN], dynamic brake [kN], all brakes [kN], "
                       "elevation [m], time [min], grade [permil]");
    for (size_t i = 0; i < t->count; i++) {
        tn_figure_row(f,
                      (double[]){t->km[i] / 1e3, t->speed[i] * 3.6, t->limit[i] * 3.6, t->traction[i] / 1e3,
                                 -t->dynamic[i] / 1e3, -(t->dynamic[i] + t->air[i]) / 1e3, t->elevation[i],
                                 t->time[i] / 60, grade_permil(t, i)},
                      9, NULL);
        if (f->readout)
            tn_figure_note(f, section_of(f, s, t, t->km[i]));
    }
}

static struct tn_figure_stations read_stations(struct tn_figure *f, const char *group)
{
    struct tn_figure_stations s = tn_figure_stations(f, group);
    if (s.count)
        tn_figure_name_stations(s.named, s.km_m, s.tracks, s.count,
                                fabs(s.km_m[s.count - 1] - s.km_m[0]) / tn_figure_names_most(f, NAMES_MOST));
    return s;
}

/* Stations as verticals. */
static void put_stations(struct tn_figure *f, const char *group, const struct tn_figure_stations *s, double floor_m)
{
    const double *elevation = tn_figure_numbers(f, group, "stations_elevation_m", s->count);
    if (f->file->status != TN_OK)
        return;
    tn_figure_block(f, "station: km, elevation m, foot m, height m, name or nothing");
    for (size_t i = 0; i < s->count; i++)
        tn_figure_row(f, (double[]){s->km_m[i] / 1e3, elevation[i], floor_m, elevation[i] - floor_m}, 4,
                      s->named[i] ? tn_figure_text(&s->names, i) : "");
}

/* What the panels share. */
struct frame {
    double left, right; /* km */
    double edge;        /* right end of the panels on the screen */
    double floor_m, top_m, speed_most;
};

static void put_speed(struct tn_figure *f, const struct frame *frame)
{
    fprintf(
        f->script,
        "set multiplot\nset rmargin at screen %.4f\nset xrange [%.9g:%.9g]\nset format x ''\n"
        "set lmargin at screen 0.08\nset tmargin at screen 0.865\nset bmargin at screen 0.655\nset yrange [0:%.6g]\n"
        "set ytics 20 font ',15'\nset xtics font ',15'\n"
        "set ylabel 'speed [km/h]' offset 1 font ',15'\n"
        "set key at screen %.4f,0.905 right top horizontal samplen 3 width 2 font ',14'\n"
        "plot data index 0 using 1:2 with lines lw 2.5 lc rgb '%s' title 'speed'"
        ", data index 0 using 1:3 with lines lw 2 dt (8,6) lc rgb '#303030' title 'limit'\n",
        frame->edge, frame->left, frame->right, frame->speed_most * 3.6 * 1.2, frame->edge, TN_BLUE);
    tn_figure_read(f, 0, 1, 2);
    fputs("do for [i=1001:1006] { unset label i }\n", f->script);
}

/* Traction up, brakes down. Where the air brake's short peaks would flatten all else they are cut, and words say so. */
static void put_force(struct tn_figure *f, const struct trace *t, const struct frame *frame)
{
    double traction = 1, dynamic = 0, brakes = 0;
    for (size_t i = 0; i < t->count; i++) {
        traction = fmax(traction, t->traction[i]);
        dynamic = fmax(dynamic, t->dynamic[i]);
        brakes = fmax(brakes, t->dynamic[i] + t->air[i]);
    }
    double bottom = fmin(1.1 * brakes, fmax(1.3 * dynamic, 0.8 * traction)), top = 1.15 * traction;
    if (brakes > bottom)
        fprintf(f->script, "set label 1010 %s at graph 0.995,graph 0.1 right font ',12' tc rgb '%s' front\n",
                tn_figure_quote(f, tn_arena_printf(f->arena, "brakes at most %s kN", tn_figure_tonnes(f, brakes))),
                TN_RED);
    fprintf(f->script,
            "set tmargin at screen 0.595\nset bmargin at screen 0.42\nset yrange [%.6g:%.6g]\nset ytics %.6g\n"
            "set ylabel 'force [kN]' offset 1\n"
            "set key at screen %.4f,0.635 right top horizontal samplen 2 width 2 font ',14'\n"
            "set style fill solid 0.45 noborder\nset xzeroaxis lt 1 lc rgb '#606060'\n"
            "plot data index 0 using 1:4 with filledcurves y=0 lw 0.2 lc rgb '%s' title 'traction'"
            ", data index 0 using 1:5:6 with filledcurves lw 0.2 lc rgb '%s' title 'air brake'"
            ", data index 0 using 1:5 with filledcurves y=0 lw 0.2 lc rgb '%s' title 'dynamic brake'"
            ", data index 0 using 1:4 with lines lw 1.2 lc rgb '%s' notitle"
            ", data index 0 using 1:5 with lines lw 1.2 lc rgb '%s' notitle\n",
            -bottom / 1e3, top / 1e3, tn_figure_step((bottom + top) / 1e3, 4), frame->edge, TN_BLUE, TN_RED, TN_GREEN,
            TN_BLUE, TN_GREEN);
    tn_figure_read(f, 0, 1, 4);
    fputs("unset label 1010\n", f->script);
}

static void put_elevation(struct tn_figure *f, const struct trace *t, const struct frame *frame)
{
    fprintf(f->script,
            "set tmargin at screen 0.395\nset bmargin at screen 0.178\nset format x '%%g'\nunset key\n"
            "set xlabel 'km of the line%s' offset 0,0.3 font ',15'\nset yrange [%.6g:%.6g]\n"
            "set ytics %.6g\nset ylabel 'elevation [m]' offset 1\n"
            "plot data index 0 using 1:7 with filledcurves y=%.6g lc rgb '#d8cbb8' notitle"
            ", data index 0 using 1:7 with lines lw 1.5 lc rgb '#6b5a45' notitle"
            ", data index 1 using 1:3:(0):4 with vectors nohead lw 0.8 lc rgb '#555555' notitle"
            ", data index 1 using 1:2:5 with labels left rotate by 50 offset 0.1,0.6 font ',12' notitle\n",
            t->falling ? ", falling: the train runs from left to right" : "", frame->floor_m, frame->top_m,
            tn_figure_step(frame->top_m - frame->floor_m, 4), frame->floor_m);
    tn_figure_read(f, 0, 1, 7);
    fputs("unset multiplot\n", f->script);
}

/* Names rise to the right: the last one needs room beyond the panels. */
static double right_edge(const struct tn_figure_stations *s)
{
    size_t length = s->count ? tn_text_width(tn_figure_text(&s->names, s->count - 1)) : 0;
    double room = 0.012 + 0.0046 * (double)length;
    return 1 - fmin(fmax(room, 0.03), 0.2);
}

tn_status tn_plot_run(struct tn_figure *f, const char *group)
{
    struct trace t = read_trace(f, group);
    double low = HUGE_VAL, high = -HUGE_VAL, none = 0, speed_most = 0, limit_most = 0;
    if (f->file->status != TN_OK)
        return f->file->status;
    tn_figure_extent(&low, &high, t.elevation, t.count);
    tn_figure_extent(&none, &speed_most, t.speed, t.count);
    tn_figure_extent(&none, &limit_most, t.limit, t.count);
    if (!isfinite(low))
        low = 0, high = 100;
    struct tn_figure_stations stations = read_stations(f, group);
    double span = high - low > 50 ? high - low : 50;
    struct frame frame = {.left = t.km[0] / 1e3,
                          .right = t.km[t.count - 1] / 1e3,
                          .edge = right_edge(&stations),
                          .floor_m = low - 0.12 * span,
                          .top_m = high + 0.8 * span,
                          .speed_most = limit_most > speed_most ? limit_most : speed_most};
    put_trace(f, &t, &stations);
    put_stations(f, group, &stations, frame.floor_m);
    const char *train = tn_h5_attribute(f->file, group, "train"), *id = tn_h5_attribute(f->file, group, "id");
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Run %s of train %s: speed, effort and elevation", id ? id : group,
                                    train ? train : "?"),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    put_speed(f, &frame);
    put_force(f, &t, &frame);
    put_elevation(f, &t, &frame);
    return f->file->status;
}
