/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "arena.h"
#include "figure.h"

/* The air brake of a standing train: recharge over length and reduction, service shares, pressures over time. */

static const char *train_of(struct tn_figure *f, const char *group)
{
    const char *train = tn_h5_attribute(f->file, group, "train");
    return train ? train : group;
}

/* --- recharge --- */

struct recharge {
    size_t count;
    const double *wagons, *reduction, *time, *air, *length;
};

static bool seen_before(const struct recharge *r, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (r->reduction[j] == r->reduction[i])
            return true;
    return false;
}

/* A block of one reduction, and its name at the end of the line. */
static void put_reduction(struct tn_figure *f, const struct recharge *r, double reduction, const char *colour)
{
    double end_wagons = NAN, end_min = NAN;
    tn_figure_block(
        f, tn_arena_printf(f->arena, "%g kPa: wagons, recharge [min], length [m], air [kg]", 1e-3 * reduction));
    for (size_t i = 0; i < r->count; i++) {
        if (r->reduction[i] != reduction)
            continue;
        tn_figure_row(f, (double[]){r->wagons[i], r->time[i] / 60, r->length[i], r->air[i]}, 4, NULL);
        tn_figure_note(f, tn_arena_printf(f->arena, "reduction %g kPa", 1e-3 * reduction));
        if (isfinite(r->time[i]) && !(r->wagons[i] < end_wagons)) {
            end_wagons = r->wagons[i];
            end_min = r->time[i] / 60;
        }
    }
    if (isfinite(end_min))
        fprintf(f->script, "set label '%g kPa' at %.6g,%.6g left offset 1,0 font 'DejaVu Sans Bold,14' tc rgb '%s'\n",
                1e-3 * reduction, end_wagons, end_min, colour);
}

tn_status tn_plot_recharge(struct tn_figure *f, const char *group)
{
    struct recharge r = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "recharges_wagons")).count};
    r.wagons = tn_figure_numbers(f, group, "recharges_wagons", r.count);
    r.reduction = tn_figure_numbers(f, group, "recharges_reduction_Pa", r.count);
    r.time = tn_figure_numbers(f, group, "recharges_recharge_time_s", r.count);
    r.length = tn_figure_numbers(f, group, "recharges_length_m", r.count);
    r.air = tn_figure_numbers(f, group, "recharges_air_kg", r.count);
    if (f->file->status != TN_OK)
        return f->file->status;
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Recharge after a brake application: trains like %s", train_of(f, group)),
                    tn_arena_printf(f->arena,
                                    "from the release until every auxiliary reservoir is within %g kPa of running "
                                    "pressure; each line is the reduction before it",
                                    1e-3 * tn_figure_scalar(f, group, "margin_Pa")),
                    group);
    double wide = 0, high = 0;
    for (size_t i = 0; i < r.count; i++) {
        wide = fmax(wide, r.wagons[i]);
        high = fmax(high, isfinite(r.time[i]) ? r.time[i] / 60 : 0);
    }
    size_t lines = 0;
    for (size_t i = 0; i < r.count; i++)
        if (!seen_before(&r, i))
            put_reduction(f, &r, r.reduction[i], tn_figure_colour(lines++));
    fprintf(f->script,
            "set rmargin at screen 0.90\nset xlabel 'wagons' offset 0,0.3\nset ylabel 'recharge [min]' offset 1\n"
            "set xrange [0:%.6g]\nset yrange [0:%.6g]\nplot ",
            wide, fmax(1, 1.06 * high));
    for (size_t i = 0; i < lines; i++)
        fprintf(f->script, "%sdata index %zu using 1:2 with linespoints lw 2.5 pt 7 ps 0.5*dot lc rgb '%s' notitle",
                i ? ", " : "", i, tn_figure_colour(i));
    fputs("\n", f->script);
    for (int i = 0; i < (int)lines; i++)
        tn_figure_read_points(f, i, 1, 2);
    return f->file->status;
}

/* --- service-share --- */

tn_status tn_plot_service_share(struct tn_figure *f, const char *group)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "services_reduction_Pa")).count;
    const double *reduction = tn_figure_numbers(f, group, "services_reduction_Pa", count);
    const double *own = tn_figure_numbers(f, group, "services_share_1", count);
    const double *iron = tn_figure_numbers(f, group, "services_share_iron_1", count);
    const double *standard = tn_figure_numbers(f, group, "services_share_standard_1", count);
    double mean = tn_figure_scalar(f, group, "share_difference_mean_1");
    double own_mean = tn_figure_scalar(f, group, "share_own_difference_mean_1");
    if (f->file->status != TN_OK)
        return f->file->status;
    double from = INFINITY, to = 0;
    tn_figure_block(f,
                    "reduction [kPa], share with iron shoes, share with the train's own shoes, beta_c of the standard");
    for (size_t i = 0; i < count; i++) {
        from = fmin(from, 1e-3 * reduction[i]);
        to = fmax(to, 1e-3 * reduction[i]);
        tn_figure_row(f, (double[]){1e-3 * reduction[i], iron[i], own[i], standard[i]}, 4, NULL);
    }
    tn_figure_words(
        f, tn_arena_printf(f->arena, "Service brake force over reduction: train %s", train_of(f, group)),
        tn_arena_printf(f->arena,
                        "share of emergency force; mean difference from the standard %.1f %% with the iron shoes "
                        "that its table was made for, %.1f %% with the train's own",
                        100 * mean, 100 * own_mean),
        group);
    fprintf(f->script,
            "set xlabel 'reduction [kPa]' offset 0,0.3\nset ylabel 'share of emergency force (beta_c)' offset 1\n"
            "set xrange [%.6g:%.6g]\nset yrange [0:1.08]\nset ytics 0.2\n"
            "set key at graph 0.03,0.97 left top Left reverse samplen 3 spacing 1.3\n"
            "plot data index 0 using 1:2 with lines lw 3 lc rgb '%s' title 'simulated cylinders, iron shoes', data "
            "index 0 using 1:3 with lines lw 3 dt 2 lc rgb '%s' title \"simulated cylinders, the train's own shoes\", "
            "data index 0 using 1:4 with points pt 7 ps 0.8*dot lc rgb '%s' title 'table of the standard'\n",
            from - 5, to + 5, TN_BLUE, TN_SKY, TN_RED);
    tn_figure_read(f, 0, 1, 0);
    return f->file->status;
}

/* --- brake-pressures --- */

enum { COLUMNS = 7 };
static const char *const columns[COLUMNS] = {
    "trace_time_s",           "trace_pipe_head_Pa",      "trace_pipe_tail_Pa",     "trace_cylinder_head_Pa",
    "trace_cylinder_tail_Pa", "trace_auxiliary_head_Pa", "trace_auxiliary_tail_Pa"};

/* What the plot shows: until the tail is filled, and from the release on. */
struct span {
    double applied_s, end_s, most_kPa;
};

static void put_trace(struct tn_figure *f, const char *group, size_t count, struct span *span)
{
    const double hold = tn_figure_scalar(f, group, "hold_s");
    const double *data[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) {
        data[k] = tn_figure_numbers(f, group, columns[k], count);
        if (data[k] == NULL)
            return;
    }
    tn_figure_block(
        f, "time [s], pipe at the head [kPa], at the tail [kPa], first cylinder [kPa], last [kPa], first auxiliary "
           "reservoir [kPa], last [kPa], (time from the release)");
    for (size_t i = 0; i < count; i++) {
        double row[COLUMNS + 1];
        for (int k = 0; k < COLUMNS; k++)
            row[k] = (k ? 1e-3 : 1) * data[k][i];
        row[COLUMNS] = row[0] - hold;
        span->most_kPa = fmax(span->most_kPa, row[1]);
        span->end_s = row[0];
        tn_figure_row(f, row, COLUMNS + 1, NULL);
    }
}

static void put_panel(struct tn_figure *f, double left, double right, double from_s, double to_s, const char *label,
                      bool key)
{
    static const struct {
        const char *title, *colour;
        int column;
        double width;
    } lines[] = {{"auxiliary reservoir, first wagon", TN_GREEN, 6, 5}, {"last wagon", "#8FD3BC", 7, 5},
                 {"brake pipe, first wagon", TN_BLUE, 2, 2.2},         {"last wagon", TN_SKY, 3, 2.2},
                 {"brake cylinder, first wagon", TN_RED, 4, 2.6},      {"last wagon", TN_ORANGE, 5, 2.6}};
    fprintf(f->script,
            "set lmargin at screen %g\nset rmargin at screen %g\nset xrange [0:%.6g]\nset xlabel '%s' offset 0,0.3\n"
            "plot ",
            left, right, to_s - from_s, label);
    for (int k = 0; k < 6; k++)
        fprintf(f->script, "%sdata index 0 using ($1-%.9g):%d with lines lw %g lc rgb '%s' title %s", k ? ", " : "",
                from_s, lines[k].column, lines[k].width, lines[k].colour,
                key ? tn_figure_quote(f, lines[k].title) : "''");
    fputs("\n", f->script);
    tn_figure_read(f, 0, from_s > 0 ? COLUMNS + 1 : 1, 0);
}

tn_status tn_plot_brake_pressures(struct tn_figure *f, const char *group)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "trace_time_s")).count;
    struct span span = {0};
    put_trace(f, group, count, &span);
    double hold = tn_figure_scalar(f, group, "hold_s"), fill = tn_figure_scalar(f, group, "fill_tail_time_s");
    double wagons = tn_figure_scalar(f, group, "wagons"), reduction = tn_figure_scalar(f, group, "reduction_Pa");
    if (f->file->status != TN_OK)
        return f->file->status;
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Application and release, %.0f kPa: train %s, %.0f wagons",
                                    1e-3 * reduction, train_of(f, group), wagons),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    double shown = fmin(hold, isfinite(fill) ? fmax(20, 1.5 * fill) : hold), after = span.end_s - hold;
    double split = 0.075 + 0.855 * fmin(0.6, fmax(0.3, shown / (shown + after)));
    fprintf(f->script,
            "set multiplot\nset tmargin at screen 0.845\nset yrange [0:%.6g]\nset ytics %.6g\nset ylabel "
            "'pressure [kPa]' offset 1\nset tics font ',13'\n",
            1.05 * span.most_kPa, tn_figure_step(span.most_kPa, 5));
    put_panel(f, 0.075, split, 0, shown, "time from the application [s]", false);
    fputs("do for [i=1001:1006] { unset label i }\nunset ylabel\nset format y ''\n"
          "set key at graph 0.97,0.70 right top samplen 3 spacing 1.2 font ',14'\n",
          f->script);
    put_panel(f, split + 0.025, 0.97, hold, span.end_s, "time from the release [s]", true);
    fputs("unset multiplot\n", f->script);
    return f->file->status;
}
