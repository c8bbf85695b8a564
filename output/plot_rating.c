/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "arena.h"
#include "figure.h"

/* The heaviest load over the grade: a curve for each criterion, the lowest of them as the edge of what is permitted,
   and the study's own answer on the ruling grade. */

enum { CRITERIA = 6 };
static const struct criterion {
    const char *name, *words, *colour;
} criteria[CRITERIA] = {
    {"curve_balance_kg", "balance speed", TN_BLUE}, {"curve_start_kg", "start", TN_SKY},
    {"curve_adhesion_kg", "adhesion", TN_PURPLE},   {"curve_dynamic_brake_kg", "dynamic brake", TN_GREEN},
    {"curve_coupler_kg", "coupler", TN_ORANGE},     {"curve_length_kg", "track length", TN_RED},
};

struct rating {
    size_t count;
    const double *grade, *load, *by[CRITERIA];
    double own_permil, own_t; /* the study's answer, in whole wagons */
};

static bool read_rating(struct tn_figure *f, const char *group, struct rating *r)
{
    r->count = tn_h5_numbers(f->file, tn_figure_path(f, group, "curve_grade_1")).count;
    r->grade = tn_figure_numbers(f, group, "curve_grade_1", r->count);
    r->load = tn_figure_numbers(f, group, "curve_load_kg", r->count);
    for (int k = 0; k < CRITERIA; k++)
        r->by[k] = tn_figure_numbers(f, group, criteria[k].name, r->count);
    if (f->file->status != TN_OK)
        return false;
    r->own_permil = 1e3 * r->grade[r->count / 2];
    r->own_t = 1e-3 * tn_figure_scalar(f, group, "load_kg");
    return true;
}

/* In tonnes, nothing where the criterion does not bind. */
static double tonnes(double kg)
{
    return isfinite(kg) ? 1e-3 * kg : (double)NAN;
}

static void put_data(struct tn_figure *f, const char *group, const struct rating *r)
{
    struct tn_list binding = tn_h5_texts(f->file, tn_figure_path(f, group, "curve_binding"));
    tn_figure_block(f,
                    "grade [permil], permitted [t], by balance speed [t], start [t], adhesion [t], dynamic brake [t], "
                    "coupler [t], track length [t], what binds");
    for (size_t i = 0; i < r->count; i++) {
        double row[2 + CRITERIA] = {1e3 * r->grade[i], tonnes(r->load[i])};
        for (int k = 0; k < CRITERIA; k++)
            row[2 + k] = tonnes(r->by[k][i]);
        tn_figure_row(f, row, 2 + CRITERIA, tn_figure_text(&binding, i));
        tn_figure_note(f, tn_arena_printf(f->arena, "%s binds", tn_figure_text(&binding, i)));
    }
}

/* Above all that can be said of the ruling grade; what is heavier on easier grades lies outside. */
static double top_of(const struct rating *r)
{
    double top = fmax(1, isfinite(r->own_t) ? r->own_t : 0);
    const double most = 4 * top;
    for (int k = 0; k < CRITERIA; k++)
        if (tonnes(r->by[k][r->count / 2]) < most)
            top = fmax(top, tonnes(r->by[k][r->count / 2]));
    return 1.22 * top;
}

struct name {
    double end, y; /* of the curve and of its name, of the graph */
    int criterion;
};

static int by_height(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    return x->y != y->y ? (x->y > y->y) - (x->y < y->y) : (x->criterion > y->criterion) - (x->criterion < y->criterion);
}

/* Names at the right ends of the curves, moved apart where they would touch. */
static void put_names(struct tn_figure *f, const struct rating *r, double top_t)
{
    const double apart = f->request->columns > 0 ? 1.4 / f->request->lines : 0.045;
    struct name names[CRITERIA];
    size_t count = 0;
    for (int k = 0; k < CRITERIA; k++) {
        const double end = tonnes(r->by[k][r->count - 1]) / top_t;
        if (end >= 0 && end <= 1)
            names[count++] = (struct name){end, end, k};
    }
    qsort(names, count, sizeof *names, by_height);
    for (size_t i = 1; i < count; i++)
        names[i].y = fmax(names[i].y, names[i - 1].y + apart);
    for (size_t i = count; i-- > 0;)
        names[i].y = fmin(names[i].y, i + 1 < count ? names[i + 1].y - apart : 1);
    for (size_t i = 0; i < count; i++)
        fprintf(f->script,
                "set label '%s' at graph 1.03,graph %.4f left font 'DejaVu Sans Bold,13' tc rgb '%s'\n"
                "set arrow from graph 1.003,graph %.4f to graph 1.026,graph %.4f nohead lw 1.5 lc rgb '%s'\n",
                criteria[names[i].criterion].words, names[i].y, criteria[names[i].criterion].colour, names[i].end,
                names[i].y, criteria[names[i].criterion].colour);
}

/* The ruling grade, and the answer on it. */
static void put_answer(struct tn_figure *f, const struct rating *r)
{
    fprintf(f->script, "set arrow from first %.6g,graph 0 to first %.6g,graph 1 nohead lw 1.5 dt 2 lc rgb '#404040'\n",
            r->own_permil, r->own_permil);
    if (isfinite(r->own_t))
        fprintf(f->script,
                "set label %s at first %.6g,first %.6g right offset -1,-1.2 front font 'DejaVu Sans Bold,15'\n"
                "set label '' at first %.6g,first %.6g point pt 7 ps dot lc rgb '#000000' front\n",
                tn_figure_quote(f, tn_arena_printf(f->arena, "%.4g permil: %s t in whole wagons", r->own_permil,
                                                   tn_figure_tonnes(f, 1e3 * r->own_t))),
                r->own_permil, r->own_t, r->own_permil, r->own_t);
}

tn_status tn_plot_rating(struct tn_figure *f, const char *group)
{
    struct rating r = {.count = 0};
    if (!read_rating(f, group, &r))
        return f->file->status;
    const char *train = tn_h5_attribute(f->file, group, "train");
    const double top = top_of(&r);
    put_data(f, group, &r);
    tn_figure_words(f, tn_arena_printf(f->arena, "Heaviest load over the grade: train %s", train ? train : group),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script,
            "set lmargin at screen 0.09\nset rmargin at screen 0.85\nset xlabel 'grade [permil]'\nset ylabel 'load "
            "[t]' offset 1.5\n"
            "set xrange [%.6g:%.6g]\nset yrange [0:%.6g]\n"
            "set label 'permitted' at graph 0.03,graph 0.06 left front font ',15' tc rgb '#505050'\n",
            1e3 * r.grade[0], 1e3 * r.grade[r.count - 1], top);
    put_names(f, &r, top);
    put_answer(f, &r);
    fputs("plot ", f->script);
    if (f->request->columns <= 0)
        fprintf(
            f->script,
            "data index 0 using 1:($2 < %.6g ? $2 : %.6g) with filledcurves y=0 fs solid 1 noborder lc rgb '#efefef' "
            "notitle, ",
            top, top);
    fputs("data index 0 using 1:2 with lines lw 9 lc rgb '#202020' notitle", f->script);
    for (int k = 0; k < CRITERIA; k++)
        fprintf(f->script, ", data index 0 using 1:%d with lines lw 3 lc rgb '%s' notitle", 3 + k, criteria[k].colour);
    fputs("\n", f->script);
    tn_figure_read(f, 0, 1, 2);
    return f->file->status;
}
