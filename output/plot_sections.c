/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"

/* The period of a pair on each section as a bar over the section's length, so that the line reads like a map. */

static const char *name_of(const struct tn_list *names, size_t i)
{
    return i < names->count ? ((const char *const *)names->items)[i] : "";
}

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
    const double *from = tn_figure_numbers(f, group, "sections_from_km_m", count);
    const double *to = tn_figure_numbers(f, group, "sections_to_km_m", count);
    const double *tracks = tn_figure_numbers(f, group, "sections_tracks", count);
    struct tn_list names = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_from"));
    struct tn_list ends = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_to"));
    if (f->file->status != TN_OK)
        return;
    tn_figure_block(f, "middle km, width km, period min, 0 single 1 double 2 limiting, section");
    for (size_t i = 0; i < count; i++)
        tn_figure_row(f,
                      (double[]){(from[i] + to[i]) / 2e3, fabs(to[i] - from[i]) / 1e3, period[i] / 60,
                                 i == worst      ? 2
                                 : tracks[i] > 1 ? 1
                                                 : 0},
                      4, tn_arena_printf(f->arena, "%s to %s", name_of(&names, i), name_of(&ends, i)));
}

tn_status tn_plot_sections(struct tn_figure *f, const char *group)
{
    size_t count = tn_h5_numbers(f->file, tn_figure_path(f, group, "sections_period_s")).count;
    const double *period = tn_figure_numbers(f, group, "sections_period_s", count);
    const double *pairs = tn_figure_numbers(f, group, "sections_pairs_per_day", count);
    if (f->file->status != TN_OK)
        return f->file->status;
    size_t worst = limiting(pairs, count);
    put_data(f, group, count, period, worst);
    double top = 0;
    for (size_t i = 0; i < count; i++)
        top = isfinite(period[i]) && period[i] > top ? period[i] : top;
    struct tn_list from = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_from"));
    struct tn_list to = tn_h5_texts(f->file, tn_figure_path(f, group, "sections_to"));
    const double *starts = tn_figure_numbers(f, group, "sections_from_km_m", count);
    const double *ends = tn_figure_numbers(f, group, "sections_to_km_m", count);
    if (f->file->status != TN_OK)
        return f->file->status;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, fmin(starts[i], ends[i]));
        high = fmax(high, fmax(starts[i], ends[i]));
    }
    if (low < high)
        fprintf(f->script, "set xrange [%.9g:%.9g]\n", low / 1e3, high / 1e3);
    const char *line = tn_h5_attribute(f->file, group, "line");
    tn_figure_words(
        f, tn_arena_printf(f->arena, "Period of a pair on each section%s%s", line ? ": " : "", line ? line : ""),
        tn_h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script,
            "set xlabel 'km of the line'\nset ylabel 'period of a pair of trains [min]'\n"
            "set yrange [0:%.6g]\nset style fill solid 0.85 border rgb 'white'\n"
            "set key at screen 0.97,0.895 right top horizontal samplen 1.5 width 2 font ',12'\n",
            top / 60 * 1.18);
    fprintf(f->script,
            "plot data index 0 using 1:($4==0?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'single track'"
            ", data index 0 using 1:($4==1?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'double track'"
            ", data index 0 using 1:($4==2?$3:NaN):2 with boxes lw 0.5 lc rgb '%s' title 'limiting section'"
            ", data index 0 using ($4==2?$1:NaN):3:(%s) with labels center offset 0,1 font 'DejaVu Sans Bold,12'"
            " tc rgb '%s' notitle\n",
            TN_BLUE, TN_SKY, TN_RED,
            tn_figure_quote(f, tn_arena_printf(f->arena, "%s to %s: %.1f min, %.1f pairs a day", name_of(&from, worst),
                                               name_of(&to, worst), period[worst] / 60, pairs[worst])),
            TN_RED);
    return f->file->status;
}
