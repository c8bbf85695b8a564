/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "figure.h"
#include "text.h"

/* Mean delay over pairs a day with its confidence interval, the limit that the user set, and the capacity where the one
   meets the other; beside it what the other methods and published figures say. */

enum { MARKS_MOST = 12, BAND_STEPS = 40 };

#define TOP       0.955 /* of the graph: the highest words of a mark, and how much lower the next ones stand */
#define ROW       0.055
#define CHARACTER 0.0078 /* its width over that of the graph */

struct curve {
    size_t count;
    const double *pairs, *mean, *low, *high;
};

/* A number of pairs a day that is named, with its interval or without. */
struct mark {
    double pairs, low, high;
    const char *words, *colour;
    bool published;
    bool after; /* its words stand on its right */
};

static struct curve read_curve(struct tn_figure *f, const char *group)
{
    struct curve c = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "delay_curve_pairs_per_day")).count};
    c.pairs = tn_figure_numbers(f, group, "delay_curve_pairs_per_day", c.count);
    c.mean = tn_figure_numbers(f, group, "delay_curve_delay_mean_s", c.count);
    c.low = tn_figure_numbers(f, group, "delay_curve_delay_low_s", c.count);
    c.high = tn_figure_numbers(f, group, "delay_curve_delay_high_s", c.count);
    return c;
}

static void put_curve(struct tn_figure *f, const struct curve *c)
{
    tn_figure_block(f, "pairs [a day], mean delay [min], interval from [min], to [min]");
    for (size_t i = 0; i < c->count; i++)
        tn_figure_row(f, (double[]){c->pairs[i], c->mean[i] / 60, c->low[i] / 60, c->high[i] / 60}, 4, NULL);
}

/* The band in small steps up to the top: gnuplot fills wrongly what reaches far beyond the picture. */
static void put_band(struct tn_figure *f, const struct curve *c, double top_min)
{
    tn_figure_block(f, "pairs a day, confidence interval min");
    for (size_t i = 0; i + 1 < c->count; i++)
        for (int k = 0; k <= BAND_STEPS; k++) {
            const double u = (double)k / BAND_STEPS, low = (1 - u) * c->low[i] + u * c->low[i + 1];
            const double high = (1 - u) * c->high[i] + u * c->high[i + 1];
            const double pairs = (1 - u) * c->pairs[i] + u * c->pairs[i + 1];
            tn_figure_row(f, (double[]){pairs, fmin(low / 60, top_min), fmin(high / 60, top_min)}, 3, NULL);
        }
}

/* What the methods give; the one that has an interval was found on the curve. */
static size_t find_methods(struct tn_figure *f, const char *group, struct mark *marks)
{
    static const char *const colours[] = {TN_GREEN, TN_PURPLE, "#8A6D00"};
    struct tn_list names = tn_h5_texts(f->file, tn_figure_path(f, group, "methods_name"));
    const double *pairs = tn_figure_numbers(f, group, "methods_pairs_per_day", names.count);
    const double *ends = tn_figure_numbers(f, group, "methods_interval", 2 * names.count);
    size_t count = 0;
    for (size_t i = 0; f->file->status == TN_OK && i < names.count && count < MARKS_MOST; i++) {
        double low = ends[2 * i], high = ends[2 * i + 1];
        bool interval = isfinite(low) && isfinite(high);
        const char *words = tn_arena_printf(f->arena, "%s: %.1f", tn_figure_text(&names, i), pairs[i]);
        if (interval)
            words = tn_arena_printf(f->arena, "%s (%.1f to %.1f)", words ? words : "", low, high);
        if (isfinite(pairs[i]))
            marks[count++] =
                (struct mark){pairs[i], low, high, words, interval ? TN_RED : colours[i % 3], false, false};
    }
    return count;
}

static size_t find_published(struct tn_figure *f, const char *group, struct mark *marks, size_t count)
{
    struct tn_list texts = tn_h5_texts(f->file, tn_figure_path(f, group, "landmarks_text"));
    const double *known = tn_figure_numbers(f, group, "landmarks_pairs_per_day", texts.count);
    double published = tn_figure_scalar(f, group, "published_pairs_per_day");
    if (isfinite(published) && count < MARKS_MOST)
        marks[count++] = (struct mark){.pairs = published,
                                       .low = (double)NAN,
                                       .high = (double)NAN,
                                       .colour = "#000000",
                                       .published = true,
                                       .words = tn_arena_printf(f->arena, "published: %g", published)};
    for (size_t i = 0; f->file->status == TN_OK && i < texts.count && count < MARKS_MOST; i++)
        if (isfinite(known[i]) && known[i] != published)
            marks[count++] = (struct mark){.pairs = known[i],
                                           .low = (double)NAN,
                                           .high = (double)NAN,
                                           .colour = "#000000",
                                           .published = true,
                                           .words = *tn_figure_text(&texts, i)
                                                        ? tn_figure_text(&texts, i)
                                                        : tn_arena_printf(f->arena, "%g pairs a day", known[i])};
    return count;
}

static int by_pairs(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;
    return (x->pairs > y->pairs) - (x->pairs < y->pairs);
}

/* Words stand on the left of their mark, but behind the curve where it has risen to them. The picture, from left to
   right, becomes as wide as they need. */
static void choose_sides(double *left, double *right, struct tn_figure *f, struct mark *marks, size_t count,
                         const struct curve *c, double top_min)
{
    const double low_s = 60 * top_min * (TOP - ROW * (double)(count + 1));
    const double character = f->request->columns > 0 ? 1.0 / f->request->columns : CHARACTER;
    double rise = HUGE_VAL;
    for (size_t i = c->count; i-- > 1;)
        if (c->mean[i] >= low_s && c->mean[i - 1] < low_s)
            rise = c->pairs[i - 1] +
                   (c->pairs[i] - c->pairs[i - 1]) * (low_s - c->mean[i - 1]) / (c->mean[i] - c->mean[i - 1]);
    for (size_t i = 0; i < count; i++) {
        const double pairs = marks[i].pairs, width = fmin(0.4, character * (double)(tn_text_width(marks[i].words) + 3));
        marks[i].after = pairs > rise || pairs < width * *right;
        if (marks[i].after)
            *right = fmax(*right, *left + (pairs - *left) / (1 - width));
        else
            *left = fmin(*left, (pairs - width * *right) / (1 - width));
    }
}

/* A vertical up to its words. Those on the left of their marks stand the higher the farther right, those on the right
   the lower: so no line crosses words. */
static void put_mark(struct tn_figure *f, const struct mark *m, double y, double left, double right)
{
    if (isfinite(m->low) && isfinite(m->high))
        fprintf(f->script,
                "set object rectangle from first %.9g,graph 0 to first %.9g,graph %.4f fc rgb '%s' fs solid 0.15 "
                "noborder behind\n",
                fmax(m->low, left), fmin(m->high, right), y - ROW / 2, m->colour);
    fprintf(f->script,
            "set arrow from first %.9g,graph 0 to first %.9g,graph %.4f nohead lw 2 dt %d lc rgb '%s'\n"
            "set label %s at first %.9g,graph %.4f %s offset %s,0 front font 'DejaVu Sans Bold,14' tc rgb '%s'\n",
            m->pairs, m->pairs, y + 0.35 * ROW, m->published ? 2 : 1, m->colour, tn_figure_quote(f, m->words), m->pairs,
            y, m->after ? "left" : "right", m->after ? "0.6" : "-0.6", m->colour);
}

static void put_marks(struct tn_figure *f, const struct mark *marks, size_t count, double left, double right)
{
    for (size_t i = 0; i < count; i++) {
        size_t row = 0; /* of marks on the same side, those nearer to the curve stand above it */
        for (size_t k = 0; k < count; k++)
            row += marks[k].after == marks[i].after && (marks[i].after ? k < i : k > i);
        if (marks[i].pairs >= left && marks[i].pairs <= right)
            put_mark(f, &marks[i], TOP - ROW * (double)row, left, right);
    }
}

tn_status tn_plot_delay(struct tn_figure *f, const char *group)
{
    struct curve c = read_curve(f, group);
    struct mark marks[MARKS_MOST];
    double left = HUGE_VAL, right = -HUGE_VAL, least = 0, top = 60;
    double limit = tn_figure_scalar(f, group, "delay_limit_s");
    size_t methods = find_methods(f, group, marks), count = find_published(f, group, marks, methods);
    if (f->file->status != TN_OK)
        return f->file->status;
    tn_figure_extent(&left, &right, c.pairs, c.count);
    for (size_t i = 0; i < count; i++)
        tn_figure_extent(&left, &right, &marks[i].pairs, 1);
    tn_figure_extent(&least, &top, c.mean, c.count);
    if (isfinite(limit)) /* saturation goes on and on: what matters lies around the limit */
        top = fmax(fmin(top, 4 * limit), 1.5 * limit);
    const double room = 0.04 * (right - left);
    left = fmax(0, left - room), right += room;
    qsort(marks, count, sizeof *marks, by_pairs);
    choose_sides(&left, &right, f, marks, count, &c, 1.1 * top / 60);
    put_curve(f, &c);
    put_band(f, &c, 1.1 * top / 60);
    tn_figure_words(f, tn_arena_printf(f->arena, "Mean delay over pairs a day%s", tn_figure_of_line(f, group)),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script,
            "set xrange [%.9g:%.9g]\nset yrange [0:%.6g]\nset xlabel 'pairs of trains a day'\n"
            "set ylabel 'mean delay of a train [min]' offset 1\nset style fill transparent solid 0.22 noborder\n",
            left, right, 1.1 * top / 60);
    tn_figure_key(f, 1, 0);
    if (isfinite(limit))
        fprintf(f->script,
                "set arrow from graph 0,first %.6g to graph 1,first %.6g nohead lw 2 dt 3 lc rgb '%s'\n"
                "set label 'limit: %.3g min' at graph 0.008,first %.6g left offset 0,0.7 front boxed font ',14' tc rgb "
                "'%s'\n",
                limit / 60, limit / 60, TN_RED, limit / 60, limit / 60, TN_RED);
    put_marks(f, marks, count, left, right);
    for (size_t i = 0; i < count && isfinite(limit); i++)
        if (isfinite(marks[i].low) && isfinite(marks[i].high)) /* found where the delay meets the limit */
            fprintf(f->script, "set label '' at first %.9g,first %.9g point pt 7 ps dot lc rgb '%s' front\n",
                    marks[i].pairs, limit / 60, TN_RED);
    fprintf(f->script,
            "plot data index 1 using 1:2:3 with filledcurves lc rgb '%s' title 'confidence interval'"
            ", data index 0 using 1:2 with linespoints lw 3 pt 7 ps 0.5*dot lc rgb '%s' title 'mean delay'\n",
            TN_BLUE, TN_BLUE);
    tn_figure_read(f, 0, 1, 2);
    return f->file->status;
}
