/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "figure.h"
#include "text.h"

/* What each loop is worth, as a bar where it lies: the pairs a day that the line would lose without it; and where a
   loop more would help most. */

enum { NAMED_MOST = 12, NAMES_ROOM = 34, COLOURS = 4, MORE_MOST = 9 };
#define LETTER 0.0148 /* height of a letter of a name that rises, over the graph's */
#define BAR    0.006  /* width of a bar over the line's length */
#define ROW    0.047  /* height of a line of words over the graph's */

struct loops {
    size_t count;
    struct tn_list names;
    const double *km, *phase, *pairs, *net;
    double phases[COLOURS]; /* the distinct ones, in order of appearance; the rest count as the last */
    size_t phase_count;
};

struct more {
    size_t count;
    struct tn_list between;
    const double *km, *pairs;
};

static size_t phase_of(struct loops *l, double phase)
{
    size_t i = 0;
    while (i < l->phase_count && !(l->phases[i] == phase || (isnan(phase) && isnan(l->phases[i]))))
        i++;
    if (i == l->phase_count && i < COLOURS)
        l->phases[l->phase_count++] = phase;
    return i < COLOURS ? i : COLOURS - 1;
}

static struct loops read_loops(struct tn_figure *f, const char *group)
{
    struct loops l = {.names = tn_h5_texts(f->file, tn_figure_path(f, group, "loops_station"))};
    l.count = l.names.count;
    l.km = tn_figure_numbers(f, group, "loops_km_m", l.count);
    l.phase = tn_figure_numbers(f, group, "loops_phase", l.count);
    l.pairs = tn_figure_numbers(f, group, "loops_worth_pairs_per_day", l.count);
    l.net = tn_figure_numbers(f, group, "loops_worth_net_per_year_kg", l.count);
    return l;
}

static struct more read_more(struct tn_figure *f, const char *group)
{
    struct more m = {.between = tn_h5_texts(f->file, tn_figure_path(f, group, "more_loops_between"))};
    m.count = m.between.count;
    m.km = tn_figure_numbers(f, group, "more_loops_km_m", m.count);
    m.pairs = tn_figure_numbers(f, group, "more_loops_gain_pairs_per_day", m.count);
    return m;
}

/* A bar that may get its name. */
struct bar {
    double km, pairs;
    const char *words;
    bool named;
};

static int by_worth(const void *a, const void *b)
{
    const struct bar *x = a, *y = b;
    if (x->pairs != y->pairs)
        return x->pairs < y->pairs ? 1 : -1;
    return x->km < y->km ? -1 : x->km > y->km;
}

/* The most valuable loops, where there is room beside those that are worth more. */
static void choose_names(struct bar *bars, size_t count, double gap_km)
{
    size_t named = 0;
    for (size_t i = 0; i < count && named < NAMED_MOST; i++) {
        bool room = bars[i].pairs > 0;
        for (size_t k = 0; room && k < i; k++)
            room = !bars[k].named || fabs(bars[k].km - bars[i].km) >= gap_km;
        bars[i].named = room;
        named += room;
    }
}

/* Returns the height (pairs a day) below which all bars lie with their names, `share` of the graph's. */
static double put_names(struct tn_figure *f, const struct loops *l, double span_km, double share)
{
    struct bar *bars = tn_arena_alloc(f->arena, l->count + 1, sizeof *bars);
    size_t count = 0;
    double top = 0;
    for (size_t i = 0; bars && i < l->count; i++)
        bars[count++] =
            (struct bar){l->km[i] / 1e3, l->pairs[i],
                         tn_arena_printf(f->arena, "%s %.2g", tn_figure_text(&l->names, i), l->pairs[i]), false};
    if (bars) {
        qsort(bars, count, sizeof *bars, by_worth);
        choose_names(bars, count, span_km / tn_figure_names_most(f, NAMES_ROOM));
    }
    tn_figure_block(f, "named: km, pairs a day, station and pairs");
    tn_figure_row(f, (double[]){(double)NAN, (double)NAN}, 2, "");
    for (size_t i = 0; i < count; i++) {
        double room = bars[i].named && bars[i].words ? LETTER * (double)tn_text_width(bars[i].words) + 0.04 : 0.02;
        top = fmax(top, bars[i].pairs / fmax(share - room, 0.3));
        if (bars[i].named)
            tn_figure_row(f, (double[]){bars[i].km, bars[i].pairs}, 2, bars[i].words);
    }
    return top;
}

/* Places for a loop more: a letter at each, and a list of them above the bars. Returns the share of the graph's height
   that is left. */
static double put_more(struct tn_figure *f, const struct more *m)
{
    struct bar *bars = tn_arena_alloc(f->arena, m->count + 1, sizeof *bars);
    size_t count = bars ? m->count < MORE_MOST ? m->count : MORE_MOST : 0;
    for (size_t i = 0; bars && i < m->count; i++)
        bars[i] = (struct bar){m->km[i] / 1e3, m->pairs[i], tn_figure_text(&m->between, i), true};
    if (bars)
        qsort(bars, m->count, sizeof *bars, by_worth);
    tn_figure_block(f, "a loop more: km [km], one loop more brings [pairs a day], its letter");
    tn_figure_row(f, (double[]){(double)NAN, (double)NAN}, 2, "");
    for (size_t i = 0; i < count; i++) {
        const char *letter = tn_arena_printf(f->arena, "%c", (char)('A' + i));
        tn_figure_row(f, (double[]){bars[i].km, bars[i].pairs}, 2, letter);
        tn_figure_note(f, tn_arena_printf(f->arena, "%c: between %s", (char)('A' + i), bars[i].words));
        fprintf(f->script, "set label %s at graph 0.012,graph %.4f left front font ',14' tc rgb '%s'\n",
                tn_figure_quote(f, tn_arena_printf(f->arena, "%c  a loop between %s: +%.2g pairs a day",
                                                   (char)('A' + i), bars[i].words, bars[i].pairs)),
                0.965 - ROW * (double)i, TN_RED);
    }
    return 1 - ROW * (double)count;
}

/* Returns the largest number of pairs a day that the graph has to show. */
static double put_data(struct tn_figure *f, struct loops *l, const struct more *m, double span_km)
{
    double least = 0, most = 0;
    tn_figure_block(f, "loop: km [km], worth [pairs a day], net load [Mt a year], (phase), (number of the phase), "
                       "(width km), station");
    for (size_t i = 0; i < l->count; i++)
        tn_figure_row(f,
                      (double[]){l->km[i] / 1e3, l->pairs[i], l->net[i] / 1e9, l->phase[i],
                                 (double)phase_of(l, l->phase[i]), BAR * span_km},
                      6, tn_figure_text(&l->names, i));
    double share = put_more(f, m), top = put_names(f, l, span_km, share);
    tn_figure_extent(&least, &most, m->pairs, m->count);
    top = fmax(top, most / (share - 0.08));
    return top > 0 ? top : 1;
}

/* Mt a year at the right, if a pair is worth as much at every loop. */
static void put_tonnes(struct tn_figure *f, const struct loops *l, double top)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t i = 0; i < l->count; i++) {
        double ratio = l->net[i] / l->pairs[i];
        tn_figure_extent(&low, &high, &ratio, 1);
    }
    if (high - low <= 1e-6 * high && high > 0)
        fprintf(f->script,
                "set rmargin at screen 0.925\nset y2range [0:%.9g]\nset y2tics %.6g\n"
                "set y2label 'net Mt a year' offset -1\nset border 11\n",
                top * high / 1e9, tn_figure_step(top * high / 1e9, 5));
}

static void put_plot(struct tn_figure *f, const struct loops *l, const struct more *m, double width)
{
    static const char *const colours[COLOURS] = {TN_SKY, TN_BLUE, TN_PURPLE, TN_GREY};
    fputs("plot ", f->script);
    for (size_t i = 0; i < l->phase_count; i++)
        fprintf(f->script, "%sdata index 0 using ($5==%zu?$1:NaN):2:(%.6g) with boxes lw 0.5 lc rgb '%s' title %s",
                i ? ", " : "", i, width, colours[l->phase_count == 1 ? 1 : i],
                tn_figure_quote(f, isfinite(l->phases[i]) ? tn_arena_printf(f->arena, "loop of %g", l->phases[i])
                                                          : "loop"));
    if (m->count)
        fprintf(
            f->script,
            ", data index 1 using 1:2 with impulses lw 3 lc rgb '%s' notitle"
            ", data index 1 using 1:2 with points pt 9 ps 0.8*dot lc rgb '%s' title 'with one loop more here'"
            ", data index 1 using 1:2:3 with labels center boxed offset 0,1.0 font 'DejaVu Sans Bold,13' tc rgb '%s' "
            "notitle",
            TN_RED, TN_RED, TN_RED);
    fputs(", data index 2 using 1:2:3 with labels left rotate by 55 offset 0,0.7 font ',13' notitle\n", f->script);
    tn_figure_read_bars(f, 0, 1, 6);
    tn_figure_read_points(f, 1, 1, 2);
}

tn_status tn_plot_loops(struct tn_figure *f, const char *group)
{
    struct loops l = read_loops(f, group);
    struct more m = read_more(f, group);
    double low = HUGE_VAL, high = -HUGE_VAL;
    if (f->file->status != TN_OK)
        return f->file->status;
    tn_figure_extent(&low, &high, l.km, l.count);
    tn_figure_extent(&low, &high, m.km, m.count);
    double span = fmax(high - low, 1e3) / 1e3, top = put_data(f, &l, &m, span);
    tn_figure_words(
        f, tn_arena_printf(f->arena, "What each passing loop is worth%s", tn_figure_of_line(f, group)),
        "pairs of trains a day that the line would lose without it, and that one more would bring; all else as it is",
        group);
    fprintf(f->script,
            "set xrange [%.9g:%.9g]\nset yrange [0:%.6g]\nset xlabel 'km of the line'\n"
            "set ylabel 'pairs of trains a day' offset 1\nset style fill solid 0.85 border rgb 'white'\n",
            low / 1e3 - 0.015 * span, high / 1e3 + 0.03 * span, top);
    tn_figure_key(f, 1, 0);
    put_tonnes(f, &l, top);
    put_plot(f, &l, &m, BAR * span);
    return f->file->status;
}
