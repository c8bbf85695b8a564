/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "arena.h"
#include "figure.h"

/* Tractive effort and dynamic brake over speed, resistance on the level, on the study's grade and on others between;
   the balance speed stands where traction and resistance cross. */

enum { CURVES_MOST = 8 };

struct curves {
    size_t count;
    const double *speed, *traction, *brake, *level, *grade;
    double grade_1, balance;
};

static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]) && values[i] > most)
            most = values[i];
    return most;
}

static void put_data(struct tn_figure *f, const struct curves *c)
{
    tn_figure_block(f,
                    "speed [km/h], traction [kN], dynamic brake [kN], resistance on the level [kN], on the grade [kN]");
    for (size_t i = 0; i < c->count; i++)
        tn_figure_row(f,
                      (double[]){c->speed[i] * 3.6, c->traction[i] / 1e3, c->brake[i] / 1e3, c->level[i] / 1e3,
                                 c->grade[i] / 1e3},
                      5, NULL);
    tn_figure_block(f, "balance speed [km/h], force [kN]");
    double force = (double)NAN;
    for (size_t i = 0; i + 1 < c->count; i++)
        if (c->balance >= c->speed[i] && c->balance <= c->speed[i + 1] && c->speed[i + 1] > c->speed[i]) {
            double part = (c->balance - c->speed[i]) / (c->speed[i + 1] - c->speed[i]);
            force = c->grade[i] + part * (c->grade[i + 1] - c->grade[i]);
        }
    tn_figure_row(f, (double[]){c->balance * 3.6, force / 1e3}, 2, NULL);
}

/* Resistance on shares of the study's grade; the grade's force is what the two known curves differ by. With `words` the
   labels at the curves' ends, without the curves. */
static void put_grades(struct tn_figure *f, const struct curves *c, double top, bool words)
{
    double permil = c->grade_1 * 1e3, step = tn_figure_step(fabs(permil), 4);
    size_t last = c->count - 1;
    if (fabs(permil) >= 10 && fabs(permil) <= 20)
        step = 4;
    for (int i = 0; i < CURVES_MOST; i++) {
        double at = step * i;
        bool own = at > fabs(permil) - step / 4;
        double share = own ? 1 : at / fabs(permil);
        double end = (c->level[last] + share * (c->grade[last] - c->level[last])) / 1e3;
        if (!words)
            fprintf(f->script, ", data index 0 using 1:($4+%.6g*($5-$4)) with lines lw %g lc rgb '%s' notitle", share,
                    own ? 3.0 : 1.5, own ? TN_RED : "#999999");
        else if (end > 0 && end < top)
            fprintf(f->script, "set label %s at graph 1.008,first %.6g left font ',14' tc rgb '%s'\n",
                    tn_figure_quote(f, own || i > 0 ? tn_arena_printf(f->arena, "%.3g permil", own ? permil : at)
                                                    : "level"),
                    end, own ? TN_RED : "#777777");
        if (own)
            return;
    }
}

tn_status tn_plot_effort(struct tn_figure *f, const char *group)
{
    struct curves c = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "effort_traction_N")).count};
    c.speed = tn_figure_numbers(f, group, "effort_speed_m_s", c.count);
    c.traction = tn_figure_numbers(f, group, "effort_traction_N", c.count);
    c.brake = tn_figure_numbers(f, group, "effort_dynamic_brake_N", c.count);
    c.level = tn_figure_numbers(f, group, "effort_resistance_level_N", c.count);
    c.grade = tn_figure_numbers(f, group, "effort_resistance_N", c.count);
    c.grade_1 = tn_figure_scalar(f, group, "grade_1");
    c.balance = tn_figure_scalar(f, group, "balance_speed_m_s");
    if (f->file->status != TN_OK)
        return f->file->status;
    put_data(f, &c);
    const char *train = tn_h5_attribute(f->file, group, "train");
    double load = tn_figure_scalar(f, group, "load_kg"), top = largest(c.traction, c.count);
    if (largest(c.brake, c.count) > top)
        top = largest(c.brake, c.count);
    if (largest(c.grade, c.count) > top)
        top = largest(c.grade, c.count);
    top *= 1.08 / 1e3;
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Effort and resistance over speed: train %s, %s t, %.3g permil",
                                    train ? train : group, tn_figure_tonnes(f, load), c.grade_1 * 1e3),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script,
            "set rmargin at screen 0.905\nset xlabel 'speed [km/h]'\nset ylabel 'force at the rim [kN]' offset 1\n"
            "set xrange [0:%.6g]\nset yrange [0:%.6g]\n"
            "set key at graph 0.99,0.985 right top vertical samplen 3 spacing 1.25 font ',15'\n",
            c.speed[c.count - 1] * 3.6, top);
    put_grades(f, &c, top, true);
    fprintf(f->script,
            "plot data index 0 using 1:2 with lines lw 4 lc rgb '%s' title 'tractive effort'"
            ", data index 0 using 1:3 with lines lw 3 dt 2 lc rgb '%s' title 'dynamic brake'"
            ", NaN with lines lw 3 lc rgb '%s' title 'resistance on the grade'"
            ", NaN with lines lw 1.5 lc rgb '#999999' title 'on other grades'",
            TN_BLUE, TN_GREEN, TN_RED);
    put_grades(f, &c, top, false);
    if (isfinite(c.balance))
        fprintf(f->script,
                ", data index 1 using 1:2 with points pt 7 ps dot lc rgb '#000000' notitle"
                ", data index 1 using 1:2:(%s) with labels %s offset %s font 'DejaVu Sans Bold,15' notitle",
                tn_figure_quote(f, tn_arena_printf(f->arena, "balance speed %.1f km/h", c.balance * 3.6)),
                c.balance > 0.6 * c.speed[c.count - 1] ? "center" : "left",
                c.balance > 0.6 * c.speed[c.count - 1] ? "4,2" : "1.2,1.1");
    fputc('\n', f->script);
    tn_figure_read(f, 0, 1, 0);
    return f->file->status;
}
