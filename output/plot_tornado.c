/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "arena.h"
#include "figure.h"
#include "indices.h"

/* A tornado: on the left how far each input moves the mean of the result, on the right its share of the variance, total
   and alone, with intervals. The input that moves most stands on top. */

enum { INPUTS_MOST = 16 };

static double shown(const struct tn_indices *s, double value)
{
    return (value - s->scale.offset) / s->scale.factor;
}

static const char *with_unit(struct tn_figure *f, const char *text, const struct tn_indices *s)
{
    const char *both = *s->scale.unit ? tn_arena_printf(f->arena, "%s [%s]", text, s->scale.unit) : text;
    return both ? both : text;
}

static void put_data(struct tn_figure *f, const struct tn_indices *s, size_t rows)
{
    tn_figure_block(f, "(row), mean where the input is in its lowest tenth, highest tenth, total index, from, to, "
                       "first-order index, from, to, input");
    for (size_t k = 0; k < rows; k++) {
        const size_t i = s->order[k];
        tn_figure_row(f,
                      (double[]){(double)(rows - k), shown(s, s->at_low[i]), shown(s, s->at_high[i]), s->total[i],
                                 s->total_low[i], s->total_high[i], s->first[i], s->first_low[i], s->first_high[i]},
                      9, s->inputs[i]);
    }
}

/* Range of the left panel, with room beside the bars for their figures. */
static void find_range(double *low, double *high, const struct tn_indices *s, size_t rows)
{
    *low = *high = s->mean;
    for (size_t k = 0; k < rows; k++) {
        const double ends[] = {s->at_low[s->order[k]], s->at_high[s->order[k]]};
        tn_figure_extent(low, high, ends, 2);
    }
    const double span = *high > *low ? *high - *low : fabs(s->mean) + 1e-9;
    *low = shown(s, *low - 0.17 * span);
    *high = shown(s, *high + 0.17 * span);
}

/* A bar from the mean to the end in that column. Where both ends lie on one side of it, the low end's bar is the upper
   half and the high end's the lower one. */
static const char *bar(struct tn_figure *f, int column, const char *colour, const char *title)
{
    const bool low = column == 2;
    const char *text = tn_arena_printf(f->arena,
                                       "data index 0 using ((mean+$%d)/2):1:(least(mean,$%d)):(most(mean,$%d)):"
                                       "($1-%s):($1+%s) with boxxyerror fs solid 0.9 noborder lc rgb '%s' title '%s'",
                                       column, column, column, low ? "half($2,$3)" : "0.36",
                                       low ? "0.36" : "half($2,$3)", colour, title);
    return text ? text : "NaN notitle";
}

static void put_bars(struct tn_figure *f, const struct tn_indices *s, double low, double high)
{
    const double mean = shown(s, s->mean);
    const int decimals = s->scale.decimals > 0 ? s->scale.decimals : 1;
    const char *label =
        tn_arena_printf(f->arena, "%s, mean %.*f", with_unit(f, s->doc ? s->doc : s->of, s), decimals, mean);
    fprintf(f->script,
            "set lmargin at screen 0.23\nset rmargin at screen 0.60\nset xrange [%.9g:%.9g]\nset xtics %.6g\n"
            "set xlabel %s font ',14'\n"
            "set arrow from first %.9g,graph 0 to first %.9g,graph 1 nohead lw 1.5 lc rgb '#404040' front\n"
            "mean = %.9g\nleast(a, b) = a < b ? a : b\nmost(a, b) = a < b ? b : a\n"
            "half(a, b) = (a - mean) * (b - mean) > 0 ? 0 : 0.36\n"
            "number(x) = x == x ? sprintf('%%.%df', x) : ''\n",
            low, high, tn_figure_step(high - low, 5), tn_figure_quote(f, label), mean, mean, mean, decimals);
    fprintf(
        f->script,
        "plot %s, %s, data index 0 using (least(mean,least($2,$3))):1:(number(least($2,$3))) with labels right offset "
        "-0.6,0 font ',12' notitle, data index 0 using (most(mean,most($2,$3))):1:(number(most($2,$3))) with labels "
        "left "
        "offset 0.6,0 font ',12' notitle\n",
        bar(f, 2, TN_BLUE, "input in its lowest tenth"), bar(f, 3, TN_ORANGE, "in its highest tenth"));
    tn_figure_read_points(f, 0, 2, 1);
    tn_figure_read_points(f, 0, 3, 1);
}

static void put_indices(struct tn_figure *f, const struct tn_indices *s)
{
    double low = 0, high = 0.1;
    tn_figure_extent(&low, &high, s->total_high, s->count);
    tn_figure_extent(&low, &high, s->first_low, s->count);
    tn_figure_extent(&low, &high, s->first_high, s->count);
    fprintf(f->script,
            "unset arrow\nunset label\nunset ytics\nset lmargin at screen 0.64\nset rmargin at screen 0.97\n"
            "set xrange [%.6g:%.6g]\nset xtics %.6g\nset xlabel 'share of the variance of the result' font ',14'\n"
            "plot data index 0 using ($4/2):($1+0.16):(0):4:($1+0.02):($1+0.34) with boxxyerror fs solid 0.9 noborder "
            "lc rgb '%s' title 'total'"
            ", data index 0 using 4:($1+0.18):5:6 with xerrorbars pt -1 lw 1.6 lc rgb '#303030' notitle"
            ", data index 0 using ($7/2):($1-0.18):(0):7:($1-0.34):($1-0.02) with boxxyerror fs solid 0.9 noborder "
            "lc rgb '%s' title 'of the input alone (first order)'"
            ", data index 0 using 7:($1-0.18):8:9 with xerrorbars pt -1 lw 1.6 lc rgb '#303030' notitle\n",
            low < 0 ? low * 1.1 : 0, high * 1.08, tn_figure_step(high - low, 5), TN_GREEN, TN_SKY);
    tn_figure_read_points(f, 0, 4, 1);
}

tn_status tn_plot_tornado(struct tn_figure *f, const char *subject)
{
    struct tn_indices s;
    (void)subject;
    if (!tn_indices_read(&s, f->file))
        return f->file->status;
    const size_t rows = s.count < INPUTS_MOST ? s.count : INPUTS_MOST;
    double low, high;
    put_data(f, &s, rows);
    find_range(&low, &high, &s, rows);
    const char *rest =
        rows < s.count ? tn_arena_printf(f->arena, "; %zu inputs that move less are left out", s.count - rows) : "";
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "What moves %s most%s", s.doc ? s.doc : s.of, tn_figure_of_line(f, "/")),
                    tn_arena_printf(f->arena,
                                    "means where one input is low or high and all others vary; shares with "
                                    "intervals of %.4g %%%s",
                                    100 * s.confidence, rest ? rest : ""),
                    "/");
    fprintf(f->script,
            "set multiplot\nset tmargin at screen 0.845\n"
            "set key at graph 1,graph 1.012 right bottom horizontal font ',13' samplen 1\n"
            "set yrange [0.4:%.1f]\nset ytics scale 0 font ',14' (",
            (double)rows + 0.6);
    for (size_t k = 0; k < rows; k++)
        fprintf(f->script, "%s%s %zu", k ? ", " : "", tn_figure_quote(f, s.inputs[s.order[k]]), rows - k);
    fputs(")\nunset grid\nset grid xtics lt 1 lw 0.8 lc rgb '#dddddd'\n", f->script);
    put_bars(f, &s, low, high);
    put_indices(f, &s);
    fputs("unset multiplot\n", f->script);
    return f->file->status;
}
