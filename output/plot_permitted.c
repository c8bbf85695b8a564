/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "arena.h"
#include "figure.h"

/* The largest speed that meets the emergency distance rule, over the grade, a line for each brake rate; the
   study's own answer as a point. */

struct permitted {
    size_t count;
    const double *grade, *rate, *speed;
};

/* Rows of one rate, in the order of the table. */
static int put_rate(struct tn_figure *f, const struct permitted *p, double rate)
{
    int block =
        tn_figure_block(f, tn_arena_printf(f->arena, "brake rate %g: grade [permil], permitted speed [km/h]", rate));
    for (size_t i = 0; i < p->count; i++)
        if (p->rate[i] == rate) {
            tn_figure_row(f, (double[]){1e3 * p->grade[i], 3.6 * p->speed[i]}, 2, NULL);
            tn_figure_note(f, tn_arena_printf(f->arena, "brake rate %.3g", rate));
        }
    return block;
}

static bool seen_before(const struct permitted *p, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (p->rate[j] == p->rate[i])
            return true;
    return false;
}

/* Where the line of the i-th row's rate ends: the row of its steepest grade. */
static size_t steepest(const struct permitted *p, size_t i)
{
    size_t end = i;
    for (size_t j = i; j < p->count; j++)
        if (p->rate[j] == p->rate[i] && isfinite(p->speed[j]) && p->grade[j] < p->grade[end])
            end = j;
    return end;
}

static const char *colour_of(double rate, double low, double high)
{
    static const char *const shades[] = {"#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"};
    double share = high > low ? (rate - low) / (high - low) : 1;
    return shades[(size_t)(share * 5.999)];
}

/* Labels stand on white, speeds begin where the lines do. */
static void put_axes(struct tn_figure *f, const struct permitted *p, double own_grade, double own_speed, double *low,
                     double *high)
{
    double flat = own_grade, steep = own_grade, top = isfinite(own_speed) ? own_speed : 0;
    double bottom = isfinite(own_speed) ? own_speed : (double)INFINITY;
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < p->count; i++) {
        flat = fmax(flat, 1e3 * p->grade[i]);
        steep = fmin(steep, 1e3 * p->grade[i]);
        *low = fmin(*low, p->rate[i]);
        *high = fmax(*high, p->rate[i]);
        if (!isfinite(p->speed[i]))
            continue;
        top = fmax(top, 3.6 * p->speed[i]);
        bottom = fmin(bottom, 3.6 * p->speed[i]);
    }
    if (flat <= steep)
        flat = steep + 1;
    fprintf(f->script,
            "set rmargin at screen 0.915\nset xlabel 'grade [permil]'\n"
            "set ylabel 'permitted speed [km/h]' offset 1\nset xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\n",
            flat, steep, bottom < top ? 10 * floor(0.09 * bottom) : 0, fmax(1, 1.06 * top));
}

/* The grade stands on the right of the figure, where the steepest grades are. */
static bool right_side(const struct permitted *p, double grade)
{
    double flat = grade, steep = grade;
    for (size_t i = 0; i < p->count; i++) {
        flat = fmax(flat, 1e3 * p->grade[i]);
        steep = fmin(steep, 1e3 * p->grade[i]);
    }
    return flat - grade > 0.7 * (flat - steep);
}

/* What the point is: the lines are of emergency stops by the standard. */
static const char *own_words(struct tn_figure *f, const char *group, double speed)
{
    const char *depth = tn_h5_attribute(f->file, group, "depth");
    bool service = isfinite(tn_figure_scalar(f, group, "reduction_Pa"));
    const char *words = tn_arena_printf(f->arena, "this train, %s, %s: %.1f km/h", service ? "service" : "emergency",
                                        depth ? depth : "", speed);
    return tn_figure_quote(f, isfinite(speed) && words ? words : "");
}

tn_status tn_plot_permitted(struct tn_figure *f, const char *group)
{
    struct permitted p = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "permitted_speed_m_s")).count};
    p.grade = tn_figure_numbers(f, group, "permitted_grade_1", p.count);
    p.rate = tn_figure_numbers(f, group, "permitted_brake_rate_1", p.count);
    p.speed = tn_figure_numbers(f, group, "permitted_speed_m_s", p.count);
    double grade = 1e3 * tn_figure_scalar(f, group, "grade_1");
    double speed = 3.6 * tn_figure_scalar(f, group, "speed_permitted_m_s");
    double rule = tn_figure_scalar(f, group, "rule_distance_m"), low, high;
    if (f->file->status != TN_OK)
        return f->file->status;
    const char *train = tn_h5_attribute(f->file, group, "train");
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Permitted speed over grade and brake rate: train %s, stop within %.0f m",
                                    train ? train : group, rule),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    put_axes(f, &p, grade, speed, &low, &high);
    struct tn_list lines = {tn_arena_alloc(f->arena, p.count + 1, sizeof(size_t)), 0};
    size_t *firsts = lines.items;
    for (size_t i = 0; firsts && i < p.count; i++)
        if (!seen_before(&p, i)) {
            size_t end = steepest(&p, i);
            put_rate(f, &p, p.rate[i]);
            firsts[lines.count++] = i;
            if (isfinite(p.speed[end]))
                fprintf(f->script, "set label %s at graph 1.008,first %.6g left font ',12' tc rgb '%s'\n",
                        tn_figure_quote(f, tn_arena_printf(f->arena, "%.3g", p.rate[i])), 3.6 * p.speed[end],
                        colour_of(p.rate[i], low, high));
        }
    int own = tn_figure_block(f, "the train: grade [permil], permitted speed [km/h]");
    tn_figure_row(f, (double[]){grade, speed}, 2, NULL);
    tn_figure_note(f, "this train");
    fputs("set label 'brake rate' at graph 1.008,graph 1.02 left font ',12' tc rgb '#333333'\nplot ", f->script);
    for (size_t i = 0; i < lines.count; i++)
        fprintf(f->script, "data index %zu using 1:2 with linespoints lw 2.5 pt 7 ps 0.4 lc rgb '%s' notitle, ", i,
                colour_of(p.rate[firsts[i]], low, high));
    fprintf(f->script,
            "data index %d using 1:2 with points pt 7 ps 2.2 lc rgb '%s' notitle, data index %d using 1:2:(%s) with "
            "labels boxed %s font 'DejaVu Sans Bold,13' notitle\n",
            own, TN_RED, own, own_words(f, group, speed),
            right_side(&p, grade) ? "right offset -1.2,1.1" : "left offset 1.2,1.1");
    for (int block = 0; block <= own; block++)
        tn_figure_read_points(f, block, 1, 2);
    return f->file->status;
}
