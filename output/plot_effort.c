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

static void put_data(struct figure *f, const struct curves *c)
{
    figure_block(f, "speed km/h, traction kN, dynamic brake kN, resistance on the level kN, on the grade kN");
    for (size_t i = 0; i < c->count; i++)
        figure_row(f, (double[]){c->speed[i] * 3.6, c->traction[i] / 1e3, c->brake[i] / 1e3, c->level[i] / 1e3,
                                 c->grade[i] / 1e3}, 5, NULL);
    figure_block(f, "balance speed km/h, force kN");
    double force = (double)NAN;
    for (size_t i = 0; i + 1 < c->count; i++)
        if (c->balance >= c->speed[i] && c->balance <= c->speed[i + 1] && c->speed[i + 1] > c->speed[i]) {
            double part = (c->balance - c->speed[i]) / (c->speed[i + 1] - c->speed[i]);
            force = c->grade[i] + part * (c->grade[i + 1] - c->grade[i]);
        }
    figure_row(f, (double[]){c->balance * 3.6, force / 1e3}, 2, NULL);
}

/* Resistance on a share of the study's grade; the grade's force is what the two known curves differ by. */
static void put_grades(struct figure *f, const struct curves *c, double top)
{
    double permil = c->grade_1 * 1e3, step = fabs(permil) > 20 ? 8 : 4;
    size_t last = c->count - 1;
    for (int i = 0; i < CURVES_MOST; i++) {
        double at = step * i;
        bool own = at >= fabs(permil) - step / 4;
        double share = own ? 1 : at / fabs(permil);
        double end = (c->level[last] + share * (c->grade[last] - c->level[last])) / 1e3;
        fprintf(f->script, ", data index 0 using 1:($4+%.6g*($5-$4)) with lines lw %g lc rgb '%s'", share, own ? 3.0 : 1.5,
                own ? FIGURE_RED : "#999999");
        if (end > 0 && end < top)
            fprintf(f->script, ", '+' every ::::0 using (%.6g):(%.6g):(%s) with labels left offset 0.6,0 font ',11' tc rgb '%s'",
                    c->speed[last] * 3.6, end,
                    figure_quote(f, tn_arena_printf(f->arena, own ? "%.3g permil" : at > 0 ? "%.3g" : "level", own ? permil : at)),
                    own ? FIGURE_RED : "#777777");
        if (own)
            return;
    }
}

tn_status plot_effort(struct figure *f, const char *group)
{
    struct curves c = {.count = h5_numbers(f->file, figure_path(f, group, "effort_speed_m_s")).count};
    c.speed = figure_numbers(f, group, "effort_speed_m_s", c.count);
    c.traction = figure_numbers(f, group, "effort_traction_N", c.count);
    c.brake = figure_numbers(f, group, "effort_dynamic_brake_N", c.count);
    c.level = figure_numbers(f, group, "effort_resistance_level_N", c.count);
    c.grade = figure_numbers(f, group, "effort_resistance_N", c.count);
    c.grade_1 = figure_scalar(f, group, "grade_1");
    c.balance = figure_scalar(f, group, "balance_speed_m_s");
    if (f->file->status != TN_OK)
        return f->file->status;
    put_data(f, &c);
    const char *train = h5_attribute(f->file, group, "train");
    double load = figure_scalar(f, group, "load_kg"), top = largest(c.traction, c.count);
    if (largest(c.brake, c.count) > top)
        top = largest(c.brake, c.count);
    if (largest(c.grade, c.count) > top)
        top = largest(c.grade, c.count);
    top *= 1.08 / 1e3;
    figure_words(f, tn_arena_printf(f->arena, "Effort and resistance over speed: train %s, %.0f t, %.3g permil",
                                    train ? train : group, load / 1e3, c.grade_1 * 1e3),
                 h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script, "set rmargin at screen 0.915\nset xlabel 'speed [km/h]'\nset ylabel 'force at the rim [kN]'\n"
            "set xrange [0:%.6g]\nset yrange [0:%.6g]\nset samples 2\n"
            "set key at screen 0.915,0.895 right top horizontal samplen 2 width 2 font ',12'\n",
            c.speed[c.count - 1] * 3.6, top);
    fprintf(f->script, "plot data index 0 using 1:2 with lines lw 4 lc rgb '%s' title 'tractive effort'"
            ", data index 0 using 1:3 with lines lw 3 dt 2 lc rgb '%s' title 'dynamic brake'"
            ", NaN with lines lw 3 lc rgb '%s' title 'resistance on the grade'"
            ", NaN with lines lw 1.5 lc rgb '#999999' title 'on other grades'",
            FIGURE_BLUE, FIGURE_GREEN, FIGURE_RED);
    put_grades(f, &c, top);
    if (isfinite(c.balance))
        fprintf(f->script, ", data index 1 using 1:2 with points pt 7 ps 2.2 lc rgb '#000000' notitle"
                ", data index 1 using 1:2:(%s) with labels left offset 1.2,1.1 font 'DejaVu Sans Bold,13' notitle",
                figure_quote(f, tn_arena_printf(f->arena, "balance speed %.1f km/h", c.balance * 3.6)));
    fputc('\n', f->script);
    return f->file->status;
}
