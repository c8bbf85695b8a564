/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"

/* The period of a pair on each section as a bar over the section's length, so that the line reads like a map. */

static size_t limiting(const double *pairs, size_t count)
{
    size_t least = 0;
    for (size_t i = 1; i < count; i++)
        if (pairs[i] < pairs[least] || isnan(pairs[least]))
            least = i;
    return least;
}

static void put_data(struct tn_figure *f, const char *group, size_t count, const double *period, size_t worst)
{
    const double *pairs = tn_figure_numbers(f, group, "sections_pairs_per_day", count);
    const double *from = tn_figure_numbers(f, group, "sections_from_km_m", count);
    const double *to = tn_figure_numbers(f, group, "sections_to_km_m", count);
    const double *tracks = tn_figure_numbers(f, group, "sections_tracks", count);
    struct tn_list names = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_from"));
    struct tn_list ends = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_to"));
    if (f->file->status != TN_OK)
        return;
    tn_figure_block(
        f, "middle [km], length [km], period of a pair [min], (0 single 1 double 2 limiting), pairs [a day], section");
    for (size_t i = 0; i < count; i++)
        tn_figure_row(f,
                      (double[]){(from[i] + to[i]) / 2e3, fabs(to[i] - from[i]) / 1e3, period[i] / 60,
                                 i == worst      ? 2
                                 : tracks[i] > 1 ? 1
                                                 : 0,
                                 pairs[i]},
                      5, tn_arena_printf(f->arena, "%s to %s", tn_figure_text(&names, i), tn_figure_text(&ends, i)));
}

/* The period that still leaves so many pairs a day. The study takes the same reserve and trains off each section, so
   that pairs = a / period - b; NAN where the sections do not tell a and b. */
static double period_for(double wanted, const double *period, const double *pairs, size_t count)
{
    size_t i = count, j = count;
    for (size_t k = 0; k < count; k++) {
        if (!(pairs[k] > 0))
            continue;
        i = i == count || period[k] > period[i] ? k : i;
        j = j == count || period[k] < period[j] ? k : j;
    }
    if (i == count || !(period[i] > period[j]))
        return (double)NAN;
    double a = (pairs[j] - pairs[i]) / (1 / period[j] - 1 / period[i]);
    return a / (wanted + a / period[i] - pairs[i]);
}

/* A line across at the period that the pairs asked for, or published, leave. Returns its minutes. */
static double put_wanted(struct tn_figure *f, const char *group, const double *period, const double *pairs,
                         size_t count)
{
    double asked = tn_figure_scalar(f, group, "pairs_asked_per_day");
    double wanted = isfinite(asked) ? asked : tn_figure_scalar(f, group, "published_pairs_per_day");
    double minutes = period_for(wanted, period, pairs, count) / 60;
    if (!isfinite(minutes) || minutes <= 0)
        return 0;
    fprintf(f->script,
            "set arrow from graph 0,first %.6g to graph 1,first %.6g nohead lw 2 dt 2 lc rgb '#000000' front\n"
            "set label %s at graph 0.008,first %.6g left offset 0,0.7 front font ',14'\n",
            minutes, minutes,
            tn_figure_quote(f, tn_arena_printf(f->arena, "%g pairs a day%s: at most %.1f min", wanted,
                                               isfinite(asked) ? "" : " (published)", minutes)),
            minutes);
    return minutes;
}

/* km of the ends. */
static void extent(struct tn_figure *f, const char *group, size_t count, double *low, double *high)
{
    const double *from = tn_figure_numbers(f, group, "sections_from_km_m", count);
    const double *to = tn_figure_numbers(f, group, "sections_to_km_m", count);
    *low = HUGE_VAL, *high = -HUGE_VAL;
    tn_figure_extent(low, high, from, count);
    tn_figure_extent(low, high, to, count);
    *low /= 1e3, *high /= 1e3;
}

static void put_limiting(struct tn_figure *f, const char *group, size_t worst, size_t count, double period_s,
                         double pairs)
{
    struct tn_list from = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_from"));
    struct tn_list to = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_to"));
    double low, high, at = tn_figure_numbers(f, group, "sections_from_km_m", count)[worst] / 1e3;
    extent(f, group, count, &low, &high);
    double share = (at - low) / (high - low);
    fprintf(f->script,
            ", data index 0 using ($4==2?$1:NaN):3:(%s) with labels %s offset 0,0.8 font 'DejaVu Sans Bold,14'"
            " tc rgb '%s' notitle",
            tn_figure_quote(f, tn_arena_printf(f->arena, "%s to %s: %.1f min, %.1f pairs a day",
                                               tn_figure_text(&from, worst), tn_figure_text(&to, worst), period_s / 60,
                                               pairs)),
            share < 0.25   ? "left"
            : share > 0.75 ? "right"
                           : "center",
            TN_RED);
}

tn_status tn_plot_sections(struct tn_figure *f, const char *group)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "sections_period_s")).count;
    const double *period = tn_figure_numbers(f, group, "sections_period_s", count);
    const double *pairs = tn_figure_numbers(f, group, "sections_pairs_per_day", count);
    const double *tracks = tn_figure_numbers(f, group, "sections_tracks", count);
    bool any_double = false;
    double low, high, top = 0;
    extent(f, group, count, &low, &high);
    if (f->file->status != TN_OK)
        return f->file->status;
    size_t worst = limiting(pairs, count);
    put_data(f, group, count, period, worst);
    for (size_t i = 0; i < count; i++) {
        top = isfinite(period[i]) ? fmax(top, period[i] / 60) : top;
        any_double |= tracks[i] > 1 && i != worst;
    }
    if (low < high)
        fprintf(f->script, "set xrange [%.9g:%.9g]\n", low, high);
    tn_figure_words(f, tn_arena_printf(f->arena, "Period of a pair on each section%s", tn_figure_of_line(f, group)),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    top = fmax(top, put_wanted(f, group, period, pairs, count));
    fprintf(f->script,
            "set xlabel 'km of the line'\nset ylabel 'period of a pair of trains [min]' offset 1\n"
            "set yrange [0:%.6g]\nset style fill solid 0.85 border rgb 'white'\n"
            "set key at graph 1,0.995 right top horizontal samplen 1.5 width 2 font ',14'\n",
            top * 1.24);
    fprintf(f->script,
            "plot data index 0 using 1:($4==0?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'single track'"
            ", data index 0 using 1:($4==1?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' %s"
            ", data index 0 using 1:($4==2?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'limiting section'",
            TN_BLUE, TN_SKY, any_double ? "title 'double track'" : "notitle", TN_RED);
    put_limiting(f, group, worst, count, period[worst], pairs[worst]);
    fputc('\n', f->script);
    tn_figure_read_bars(f, 0, 1, 2);
    return f->file->status;
}
