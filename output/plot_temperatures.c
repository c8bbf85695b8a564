/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "arena.h"
#include "figure.h"

/* Temperatures of motors, bearings and treads with their limits over the line's km, in the direction of travel from
   left to right; the elevation below them. */

#define ZERO_CELSIUS 273.15

struct part {
    const char *name, *title, *colour;
    double bottom, top; /* of its panel on the screen */
    const double *temperature;
    double max_K, limit_K, margin_K, at_m;
};

static void read_part(struct part *p, struct tn_figure *f, const char *group, size_t count)
{
    const char *column = tn_arena_printf(f->arena, "trace_%s_temperature_K", p->name);
    const char *max = tn_arena_printf(f->arena, "%s_temperature_max_K", p->name);
    const char *limit = tn_arena_printf(f->arena, "%s_temperature_limit_K", p->name);
    const char *margin = tn_arena_printf(f->arena, "%s_margin_K", p->name);
    const char *at = tn_arena_printf(f->arena, "%s_hottest_m", p->name);
    if (column == NULL || max == NULL || limit == NULL || margin == NULL || at == NULL) {
        f->file->status = TN_ERR_MEMORY;
        return;
    }
    p->temperature = tn_figure_numbers(f, group, column, count);
    p->max_K = tn_figure_scalar(f, group, max);
    p->limit_K = tn_figure_scalar(f, group, limit);
    p->margin_K = tn_figure_scalar(f, group, margin);
    p->at_m = tn_figure_scalar(f, group, at);
}

/* Km of the line at a distance run. */
static double km_at(const double *km, const double *distance, size_t count, double at_m)
{
    size_t i = 0;
    while (i + 1 < count && distance[i] < at_m)
        i++;
    return km[i] / 1e3;
}

static const char *words_of(struct tn_figure *f, const struct part *p)
{
    if (isnan(p->max_K))
        return "no data of their heating";
    return tn_arena_printf(f->arena,
                           "highest %.0f \xC2\xB0"
                           "C, %.0f K %s the limit (dashed)",
                           p->max_K - ZERO_CELSIUS, fabs(p->margin_K), p->margin_K < 0 ? "above" : "below");
}

/* Temperature in column `column` of block 0, its limit dashed, its highest as a point with its value. */
static void put_panel(struct tn_figure *f, const struct part *p, int column, int mark)
{
    double low = HUGE_VAL, high = p->limit_K - ZERO_CELSIUS;
    if (isfinite(p->max_K))
        high = fmax(high, p->max_K - ZERO_CELSIUS);
    low = isfinite(p->temperature[0]) ? p->temperature[0] - ZERO_CELSIUS : 0;
    if (!isfinite(high))
        low = 0, high = 100;
    double span = high - low;
    fprintf(f->script,
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\nset yrange [%.6g:%.6g]\nset ytics %.6g\n"
            "set ylabel %s font ',14' offset 1\n"
            "set label 1010 %s at graph 0.995,graph 0.66 right font ',14' tc rgb '%s' front\n",
            p->top, p->bottom, low - 0.06 * span, high + 0.12 * span, tn_figure_step(span, 4),
            tn_figure_quote(f, tn_arena_printf(f->arena,
                                               "%s [\xC2\xB0"
                                               "C]",
                                               p->title)),
            tn_figure_quote(f, words_of(f, p)), p->margin_K < 0 ? TN_RED : "#303030");
    if (isfinite(p->max_K))
        fprintf(f->script,
                "plot data index 0 using 1:%d with lines lw 2.5 lc rgb '%s'"
                ", %.6g with lines lw 2 dt (8,6) lc rgb '#303030'"
                ", data index %d using 1:2 with points pt 7 ps 1.4 lc rgb '%s'\n",
                column, p->colour, p->limit_K - ZERO_CELSIUS, mark, p->colour);
    else
        fputs("plot NaN notitle\n", f->script);
    if (isfinite(p->max_K))
        tn_figure_read(f, 0, 1, column);
    fputs("unset label 1010\ndo for [i=1001:1006] { unset label i }\n", f->script);
}

static void put_elevation(struct tn_figure *f, const double *elevation, size_t count, bool falling)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, elevation[i]);
        high = fmax(high, elevation[i]);
    }
    if (!(high - low > 50))
        high = low + 50;
    double floor_m = low - 0.1 * (high - low);
    fprintf(f->script,
            "set tmargin at screen 0.27\nset bmargin at screen 0.165\nset format x '%%g'\n"
            "set xlabel 'km of the line%s' offset 0,0.3 font ',15'\nset yrange [%.6g:%.6g]\nset ytics %.6g\n"
            "set ylabel 'height [m]'\n"
            "plot data index 0 using 1:5 with filledcurves y=%.6g lc rgb '#d8cbb8'"
            ", data index 0 using 1:5 with lines lw 1.5 lc rgb '#6b5a45'\n",
            falling ? ", falling: the train runs from left to right" : "", floor_m, high + 0.1 * (high - low),
            tn_figure_step(high - low, 2), floor_m);
    tn_figure_read(f, 0, 1, 5);
    fputs("unset multiplot\n", f->script);
}

tn_status tn_plot_temperatures(struct tn_figure *f, const char *group)
{
    struct part parts[] = {{.name = "motor", .title = "motors", .colour = TN_RED, .bottom = 0.67, .top = 0.865},
                           {.name = "bearing", .title = "bearings", .colour = TN_BLUE, .bottom = 0.485, .top = 0.645},
                           {.name = "tread", .title = "wheel rims", .colour = TN_GREEN, .bottom = 0.30, .top = 0.46}};
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "trace_bearing_temperature_K")).count;
    const double *km = tn_figure_numbers(f, group, "trace_km_m", count);
    const double *distance = tn_figure_numbers(f, group, "trace_distance_m", count);
    const double *elevation = tn_figure_numbers(f, group, "trace_elevation_m", count);
    for (size_t p = 0; p < 3; p++)
        read_part(&parts[p], f, group, count);
    if (f->file->status != TN_OK)
        return f->file->status;
    tn_figure_block(f, "km [km], motors [\xC2\xB0"
                       "C], bearings [\xC2\xB0"
                       "C], wheel rims [\xC2\xB0"
                       "C], elevation [m]");
    for (size_t i = 0; i < count; i++)
        tn_figure_row(f,
                      (double[]){km[i] / 1e3, parts[0].temperature[i] - ZERO_CELSIUS,
                                 parts[1].temperature[i] - ZERO_CELSIUS, parts[2].temperature[i] - ZERO_CELSIUS,
                                 elevation[i]},
                      5, NULL);
    for (size_t p = 0; p < 3; p++) {
        tn_figure_block(f, tn_arena_printf(f->arena, "highest of %s: km, degC", parts[p].title));
        tn_figure_row(f, (double[]){km_at(km, distance, count, parts[p].at_m), parts[p].max_K - ZERO_CELSIUS}, 2, NULL);
    }
    const char *train = tn_h5_attribute(f->file, group, "train"), *id = tn_h5_attribute(f->file, group, "id");
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Run %s of train %s: temperatures and their limits", id ? id : group,
                                    train ? train : "?"),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script,
            "set multiplot\nset lmargin at screen 0.08\nset xrange [%.9g:%.9g]\nset format x ''\nunset key\n"
            "set ytics font ',15'\nset xtics font ',15'\n",
            km[0] / 1e3, km[count - 1] / 1e3);
    for (int p = 0; p < 3; p++)
        put_panel(f, &parts[p], p + 2, p + 1);
    put_elevation(f, elevation, count, km[count - 1] < km[0]);
    return f->file->status;
}
