/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"

/* Speed and limit, effort, and elevation with stations, one above the other over the line's km, in the direction of
   travel from left to right. */

enum { NAMES_MOST = 22 };

struct trace {
    size_t count;
    const double *km, *time, *speed, *limit, *elevation, *traction, *dynamic, *air;
    bool falling; /* km fall on the way */
};

static struct trace read_trace(struct tn_figure *f, const char *group)
{
    struct trace t = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "trace_speed_m_s")).count};
    t.km = tn_figure_numbers(f, group, "trace_km_m", t.count);
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

static void put_trace(struct tn_figure *f, const struct trace *t)
{
    tn_figure_block(f,
                    "km, speed km/h, limit km/h, traction kN, dynamic brake kN, all brakes kN, elevation m, time min");
    for (size_t i = 0; i < t->count; i++)
        tn_figure_row(f,
                      (double[]){t->km[i] / 1e3, t->speed[i] * 3.6, t->limit[i] * 3.6, t->traction[i] / 1e3,
                                 -t->dynamic[i] / 1e3, -(t->dynamic[i] + t->air[i]) / 1e3, t->elevation[i],
                                 t->time[i] / 60},
                      8, NULL);
}

/* Stations as verticals; names only so many as can be read, the first and last always. */
static void put_stations(struct tn_figure *f, const char *group, const struct trace *t, double floor_m, double top_m)
{
    struct tn_list names = tn_h5_texts(f->file, tn_figure_path(f, group, "stations_name"));
    const double *km = tn_figure_numbers(f, group, "stations_km_m", names.count);
    const double *elevation = tn_figure_numbers(f, group, "stations_elevation_m", names.count);
    if (f->file->status != TN_OK)
        return;
    double span = fabs(t->km[t->count - 1] - t->km[0]), last = -INFINITY;
    tn_figure_block(f, "station: km, elevation m, foot m, height m, name or nothing");
    for (size_t i = 0; i < names.count; i++) {
        double along = fabs(km[i] - t->km[0]);
        double left = fabs(km[names.count - 1] - km[i]);
        bool named = i == 0 || i + 1 == names.count || (along - last > span / NAMES_MOST && left > span / NAMES_MOST);
        if (named)
            last = along;
        tn_figure_row(f, (double[]){km[i] / 1e3, elevation[i], floor_m, elevation[i] - floor_m, top_m}, 5,
                      named ? ((const char *const *)names.items)[i] : "");
    }
}

static void extent(const double *values, size_t count, double *least, double *most)
{
    *least = INFINITY, *most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        *least = values[i] < *least ? values[i] : *least;
        *most = values[i] > *most ? values[i] : *most;
    }
}

static void put_panels(struct tn_figure *f, const struct trace *t, double floor_m, double top_m, double speed_most)
{
    double low = t->km[0] / 1e3, high = t->km[t->count - 1] / 1e3, low_N = 0, high_N = 1e3;
    for (size_t i = 0; i < t->count; i++) {
        low_N = fmin(low_N, -1.08 * (t->dynamic[i] + t->air[i]));
        high_N = fmax(high_N, 1.08 * t->traction[i]);
    }
    fprintf(
        f->script,
        "set multiplot\nset rmargin at screen 0.945\nset xrange [%.9g:%.9g]\nset format x ''\n"
        "set tmargin at screen 0.875\nset bmargin at screen 0.625\nset yrange [0:%.6g]\nset ytics 20\n"
        "set ylabel 'speed [km/h]' offset 1\nset key at screen 0.945,0.91 right top horizontal samplen 2 font ',11'\n"
        "plot data index 0 using 1:3 with lines lw 5 lc rgb '%s' title 'limit'"
        ", data index 0 using 1:2 with lines lw 2 lc rgb '%s' title 'speed'\n",
        low, high, speed_most * 3.6 * 1.15, "#c4c4c4", TN_BLUE);
    fputs("do for [i=1001:1006] { unset label i }\n", f->script);
    fprintf(
        f->script,
        "set tmargin at screen 0.595\nset bmargin at screen 0.405\nset yrange [%.6g:%.6g]\nset ytics %.6g\n"
        "set ylabel 'force [kN]' offset 1\nset key at screen 0.945,0.625 right top horizontal samplen 2 font ',11'\n"
        "set style fill solid 0.6 noborder\nset xzeroaxis lt 1 lc rgb '#606060'\n"
        "plot data index 0 using 1:4 with filledcurves y=0 lc rgb '%s' title 'traction'"
        ", data index 0 using 1:6 with filledcurves y=0 lc rgb '%s' title 'air brake'"
        ", data index 0 using 1:5 with filledcurves y=0 lc rgb '%s' title 'dynamic brake'\n",
        low_N / 1e3, high_N / 1e3, tn_figure_step((high_N - low_N) / 1e3, 4), TN_BLUE, TN_RED, TN_GREEN);
    fprintf(f->script,
            "set tmargin at screen 0.375\nset bmargin at screen 0.15\nset format x '%%g'\nunset key\n"
            "set xlabel 'km of the line (travel from left to right%s)' offset 0,0.4\nset yrange [%.6g:%.6g]\n"
            "set ytics %.6g\nset ylabel 'elevation [m]' offset 1\n"
            "plot data index 0 using 1:7 with filledcurves y=%.6g lc rgb '#d8cbb8' notitle"
            ", data index 0 using 1:7 with lines lw 1.5 lc rgb '#6b5a45' notitle"
            ", data index 1 using 1:3:(0):4 with vectors nohead lw 0.8 lc rgb '#555555' notitle"
            ", data index 1 using 1:2:6 with labels left rotate by 50 offset 0.1,0.6 font ',9' notitle\n"
            "unset multiplot\n",
            t->falling ? ", km falling" : "", floor_m, top_m, tn_figure_step(top_m - floor_m, 4), floor_m);
}

tn_status tn_plot_run(struct tn_figure *f, const char *group)
{
    struct trace t = read_trace(f, group);
    double low, high, none, speed_most, limit_most;
    if (f->file->status != TN_OK)
        return f->file->status;
    extent(t.elevation, t.count, &low, &high);
    extent(t.speed, t.count, &none, &speed_most);
    extent(t.limit, t.count, &none, &limit_most);
    if (!isfinite(low))
        low = 0, high = 100;
    double span = high - low > 50 ? high - low : 50, floor_m = low - 0.12 * span, top_m = high + 0.75 * span;
    put_trace(f, &t);
    put_stations(f, group, &t, floor_m, top_m);
    const char *train = tn_h5_attribute(f->file, group, "train"), *id = tn_h5_attribute(f->file, group, "id");
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Run %s of train %s: speed, effort and elevation", id ? id : group,
                                    train ? train : "?"),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    if (isfinite(limit_most) && limit_most > speed_most)
        speed_most = limit_most;
    put_panels(f, &t, floor_m, top_m, speed_most);
    return f->file->status;
}
