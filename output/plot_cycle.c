/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "arena.h"
#include "figure.h"

/* The air brake on a descent: a cycle over time, and its pressures over time and position. */

#define KMH 3.6

static const char *permil_and_share(struct tn_figure *f, const char *group)
{
    double share = tn_figure_scalar(f, group, "dynamic_brake_1"), grade = tn_figure_scalar(f, group, "grade_1");
    double load = tn_figure_scalar(f, group, "load_kg");
    return share > 0 ? tn_arena_printf(f->arena, "%s t, %.3g permil, %.3g %% of the dynamic brake",
                                       tn_figure_tonnes(f, load), 1e3 * grade, 100 * share)
                     : tn_arena_printf(f->arena, "%s t, %.3g permil, air brake alone", tn_figure_tonnes(f, load),
                                       1e3 * grade);
}

enum { COLUMNS = 12 };
static const struct {
    const char *name;
    double factor, offset;
} columns[COLUMNS] = {
    {"trace_time_s", 1, 0},
    {"trace_speed_m_s", KMH, 0},
    {"trace_pipe_head_Pa", 1e-3, 0},
    {"trace_pipe_tail_Pa", 1e-3, 0},
    {"trace_cylinder_head_Pa", 1e-3, 0},
    {"trace_cylinder_tail_Pa", 1e-3, 0},
    {"trace_auxiliary_min_Pa", 1e-3, 0},
    {"trace_force_needed_N", 1e-3, 0},
    {"trace_dynamic_brake_N", 1e-3, 0},
    {"trace_air_brake_N", 1e-3, 0},
    {"trace_tread_power_W", 1e-3, 0},
    {"trace_tread_temperature_K", 1, -273.15},
};

/* Largest of each column, in the units of the plot. */
static void put_trace(struct tn_figure *f, const char *group, size_t count, double *most)
{
    const double *data[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) {
        data[k] = tn_figure_numbers(f, group, columns[k].name, count);
        most[k] = 0;
        if (data[k] == NULL)
            return;
    }
    tn_figure_block(
        f, "time [s], speed [km/h], pipe at the head [kPa], at the tail [kPa], first cylinder [kPa], last [kPa], "
           "lowest auxiliary reservoir [kPa], force needed [kN], dynamic brake [kN], air brake [kN], tread "
           "power [kW], tread temperature [\xC2\xB0"
           "C]");
    for (size_t i = 0; i < count; i++) {
        double row[COLUMNS];
        for (int k = 0; k < COLUMNS; k++) {
            row[k] = columns[k].factor * data[k][i] + columns[k].offset;
            most[k] = fmax(most[k], row[k]);
        }
        tn_figure_row(f, row, COLUMNS, NULL);
    }
}

/* A vertical line where the brake is released and, where the train comes back first, where it should be applied. */
static void put_moments(struct tn_figure *f, const char *group, double end)
{
    double applied = tn_figure_scalar(f, group, "apply_time_s"), back = tn_figure_scalar(f, group, "return_time_s");
    double charged = tn_figure_scalar(f, group, "recharge_time_s");
    const double at[] = {applied, applied + back, applied + charged};
    static const char *const words[] = {"release", "back at apply speed", "recharged"};
    for (int i = 0; i < 3; i++) {
        if (!(isfinite(at[i]) && at[i] <= end * 1.001))
            continue;
        fprintf(f->script,
                "set arrow %d from %.6g,graph 0 to %.6g,graph 1 nohead lw 1.2 dt 3 lc rgb '#404040' back\n"
                "set label %d '%s' at %.6g,graph %.2f right offset -0.4,0 font ',11' tc rgb '#404040'\n",
                i + 1, at[i], at[i], i + 1, words[i], at[i], 0.08 + 0.11 * i);
    }
}

tn_status tn_plot_brake_cycle(struct tn_figure *f, const char *group)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "trace_time_s")).count;
    double most[COLUMNS], limit = KMH * tn_figure_scalar(f, group, "limit_m_s");
    put_trace(f, group, count, most);
    if (f->file->status != TN_OK)
        return f->file->status;
    double force = fmax(fmax(most[7], most[8]), fmax(most[9], 1)), pressure = fmax(fmax(most[2], most[4]), 1);
    tn_figure_words(f, tn_arena_printf(f->arena, "Cycle of the air brake: %s", permil_and_share(f, group)),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    put_moments(f, group, most[0]);
    fprintf(f->script,
            "set multiplot\nset rmargin at screen 0.97\nset tics font ',12'\nset xrange [0:%.6g]\nset format x ''\n"
            "set tmargin at screen 0.855\nset bmargin at screen 0.64\nset yrange [0:%.6g]\nset ytics 20\n"
            "set ylabel 'speed [km/h]' offset 1 font ',13'\nset key at screen 0.97,0.885 right top horizontal samplen "
            "2 font ',11'\n"
            "plot %.6g with lines lw 4 lc rgb '#c4c4c4' title 'limit', data index 0 using 1:2 with lines lw 2.5 lc rgb "
            "'%s' title 'speed'\n",
            most[0], 1.15 * fmax(most[1], limit), limit, TN_BLUE);
    tn_figure_read(f, 0, 1, 2);
    fputs("do for [i=1001:1006] { unset label i }\ndo for [i=1:3] { unset label i }\n", f->script);
    fprintf(
        f->script,
        "set tmargin at screen 0.605\nset bmargin at screen 0.40\nset yrange [0:%.6g]\nset ytics %.6g\n"
        "set ylabel 'pressure [kPa]' offset 1 font ',13'\nset key at screen 0.97,0.635 right top horizontal samplen 2 "
        "font ',11'\n"
        "plot data index 0 using 1:3 with lines lw 2.5 lc rgb '%s' title 'pipe, head', data index 0 using 1:4 with "
        "lines lw 2.5 lc rgb '%s' title 'pipe, tail', data index 0 using 1:7 with lines lw 2 dt 2 lc rgb '%s' title "
        "'lowest auxiliary reservoir', data index 0 using 1:5 with lines lw 2.5 lc rgb '%s' title 'cylinder, first "
        "wagon', data index 0 using 1:6 with lines lw 2.5 lc rgb '%s' title 'last wagon'\n",
        1.05 * pressure, tn_figure_step(pressure, 4), TN_BLUE, TN_SKY, TN_PURPLE, TN_RED, TN_ORANGE);
    tn_figure_read(f, 0, 1, 3);
    fprintf(
        f->script,
        "set tmargin at screen 0.365\nset bmargin at screen 0.17\nset format x '%%g'\nset yrange [0:%.6g]\n"
        "set ytics %.6g\nset xlabel 'time from the application [s]' offset 0,0.7 font ',13'\nset ylabel 'force [kN]' "
        "offset 1 font ',13'\n"
        "set key at screen 0.97,0.395 right top horizontal samplen 2 width 1.5 font ',11'\nset style fill solid 0.6 "
        "noborder\n"
        "plot data index 0 using 1:($9+$10) with filledcurves y=0 lc rgb '%s' title 'air brake', data index 0 using "
        "1:9 with filledcurves y=0 lc rgb '%s' title 'dynamic brake', data index 0 using 1:8 with lines lw 2 lc rgb "
        "'#202020' title 'needed to keep the speed'\n",
        1.12 * fmax(force, most[8] + most[9]), tn_figure_step(force, 4), TN_RED, TN_GREEN);
    tn_figure_read(f, 0, 1, 0);
    fputs("unset multiplot\n", f->script);
    return f->file->status;
}

/* Scans of one time each, parted by an empty line, as gnuplot's surfaces want them. */
static void put_scans(struct tn_figure *f, const char *group, size_t count)
{
    const double applied = tn_figure_scalar(f, group, "apply_time_s");
    const double *time = tn_figure_numbers(f, group, "pipe_time_s", count);
    const double *position = tn_figure_numbers(f, group, "pipe_position_m", count);
    const double *pipe = tn_figure_numbers(f, group, "pipe_pipe_Pa", count);
    const double *cylinder = tn_figure_numbers(f, group, "pipe_cylinder_Pa", count);
    if (f->file->status != TN_OK)
        return;
    tn_figure_block(f,
                    "time [s], behind the head [m], brake pipe [kPa], brake cylinder [kPa], (time from the release)");
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && time[i] != time[i - 1])
            fputc('\n', f->data);
        tn_figure_row(f, (double[]){time[i], position[i], 1e-3 * pipe[i], 1e-3 * cylinder[i], time[i] - applied}, 5,
                      NULL);
    }
}

struct panel {
    double left, right, bottom, top; /* screen */
    double from_s, to_s;             /* of the cycle */
    int column;
    const char *label, *range;
};

static void put_panel(struct tn_figure *f, const struct panel *p, double length_m, bool box, bool below)
{
    fprintf(
        f->script,
        "set lmargin at screen %g\nset rmargin at screen %g\nset bmargin at screen %g\nset tmargin at screen %g\n"
        "set xrange [0:%.6g]\nset yrange [0:%.6g]\nset cbrange %s\nset cblabel '%s' offset 1 font ',13'\n%s colorbox\n"
        "set xlabel '%s' offset 0,0.7 font ',13'\nset xtics autofreq\nset format x '%s'\n",
        p->left, p->right, p->bottom, p->top, p->to_s - p->from_s, length_m, p->range, p->label, box ? "set" : "unset",
        below ? (p->from_s > 0 ? "time from the release [s]" : "time from the application [s]") : "",
        below ? "%g" : "");
    if (box)
        fprintf(f->script, "set colorbox user origin 0.90,%g size 0.014,%g\n", p->bottom, p->top - p->bottom);
    fprintf(f->script, "splot data index 0 using ($1-%.9g):2:%d with pm3d notitle\n", p->from_s, p->column);
    tn_figure_read_points(f, 0, p->from_s > 0 ? 5 : 1, 2);
    fputs("do for [i=1001:1006] { unset label i }\n", f->script);
}

tn_status tn_plot_pipe(struct tn_figure *f, const char *group)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "pipe_time_s")).count;
    put_scans(f, group, count);
    double applied = tn_figure_scalar(f, group, "apply_time_s"), length = 0, end = 0;
    const double *position = tn_figure_numbers(f, group, "pipe_position_m", count);
    const double *time = tn_figure_numbers(f, group, "pipe_time_s", count);
    if (f->file->status != TN_OK)
        return f->file->status;
    for (size_t i = 0; i < count; i++) {
        length = fmax(length, position[i]);
        end = fmax(end, time[i]);
    }
    bool released = isfinite(applied) && end > applied + 1;
    double first = released ? fmin(60, applied) : fmin(60, end), second = released ? fmin(150, end - applied) : 0;
    double split = released ? 0.40 : 0.885;
    tn_figure_words(f, tn_arena_printf(f->arena, "Pressures along the train: %s", permil_and_share(f, group)),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    fputs("set multiplot\nset view map\nunset grid\nset pm3d map corners2color c1\n"
          "set palette defined (0 '#08306b', 0.35 '#2171b5', 0.6 '#6baed6', 0.85 '#deebf7', 1 '#fff7ec')\n"
          "set tics font ',12' scale 0.6\n",
          f->script);
    for (int row = 0; row < 2; row++) {
        double bottom = row == 0 ? 0.54 : 0.175, top = row == 0 ? 0.87 : 0.505;
        const char *label = row == 0 ? "brake pipe [kPa]" : "brake cylinder [kPa]";
        const char *range = row == 0 ? "[*:*]" : "[0:*]";
        if (row == 1)
            fputs("set palette defined (0 '#ffffff', 0.3 '#fdd0a2', 0.6 '#f16913', 1 '#7f2704')\n", f->script);
        fputs("set ylabel 'behind the head [m]' offset -0.6 font ',13'\nset format y '%g'\n", f->script);
        put_panel(f, &(struct panel){0.075, split, bottom, top, 0, first, 3 + row, label, range}, length, !released,
                  row == 1);
        fputs("unset ylabel\nset format y ''\n", f->script);
        if (released)
            put_panel(f, &(struct panel){0.43, 0.885, bottom, top, applied, applied + second, 3 + row, label, range},
                      length, true, row == 1);
    }
    fputs("unset multiplot\n", f->script);
    return f->file->status;
}
