/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "arena.h"
#include "figure.h"

/* A recording over the line's km, in the direction of travel from left to right: speed over the line's elevation, the
   force at the wheels with what it goes into, and the adhesion needed. Beside them, where running resistance was found,
   what was found against the vehicles' laws. */

struct trace {
    size_t count;
    const double *km, *speed, *limit, *elevation, *wheel, *dynamic, *air, *resistance, *track, *inertia, *adhesion;
};

static struct trace read_trace(struct tn_figure *f, const char *group)
{
    struct trace t = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "trace_speed_m_s")).count};
    t.km = tn_figure_numbers(f, group, "trace_km_m", t.count);
    t.speed = tn_figure_numbers(f, group, "trace_speed_m_s", t.count);
    t.limit = tn_figure_numbers(f, group, "trace_limit_m_s", t.count);
    t.elevation = tn_figure_numbers(f, group, "trace_elevation_m", t.count);
    t.wheel = tn_figure_numbers(f, group, "trace_wheel_N", t.count);
    t.dynamic = tn_figure_numbers(f, group, "trace_dynamic_brake_N", t.count);
    t.air = tn_figure_numbers(f, group, "trace_air_brake_N", t.count);
    t.resistance = tn_figure_numbers(f, group, "trace_resistance_N", t.count);
    t.track = tn_figure_numbers(f, group, "trace_track_N", t.count);
    t.inertia = tn_figure_numbers(f, group, "trace_inertia_N", t.count);
    t.adhesion = tn_figure_numbers(f, group, "trace_adhesion_needed_1", t.count);
    return t;
}

static void put_trace(struct tn_figure *f, const struct trace *t)
{
    tn_figure_block(f,
                    "km [km], speed [km/h], limit [km/h], elevation [m], traction [kN], dynamic brake [kN], all brakes "
                    "[kN], resistance [kN], grade and curves [kN], inertia [kN], adhesion needed [%]");
    for (size_t i = 0; i < t->count; i++) {
        double kilo = i > 0 ? 1e-3 : (double)NAN; /* forces are those since the sample before */
        tn_figure_row(f,
                      (double[]){t->km[i] / 1e3, t->speed[i] * 3.6, t->limit[i] * 3.6, t->elevation[i],
                                 kilo * (t->wheel[i] > 0 ? t->wheel[i] : 0), -kilo * t->dynamic[i],
                                 -kilo * (t->dynamic[i] + t->air[i]), kilo * t->resistance[i], kilo * t->track[i],
                                 kilo * t->inertia[i], kilo * 1e5 * t->adhesion[i]},
                      11, NULL);
    }
}

/* Rows of all fits, one after the other; the speeds of each rise. */
struct fits {
    size_t count;
    const double *speed, *fitted, *low, *high, *law;
    struct tn_list names; /* of each row */
    int first, blocks;    /* data blocks */
};

static struct fits read_fits(struct tn_figure *f, const char *group)
{
    struct fits fits = {.count = tn_h5_numbers(f->file, tn_figure_path(f, group, "resistance_speed_m_s")).count};
    fits.speed = tn_figure_numbers(f, group, "resistance_speed_m_s", fits.count);
    fits.fitted = tn_figure_numbers(f, group, "resistance_fitted_N", fits.count);
    fits.low = tn_figure_numbers(f, group, "resistance_low_N", fits.count);
    fits.high = tn_figure_numbers(f, group, "resistance_high_N", fits.count);
    fits.law = tn_figure_numbers(f, group, "resistance_law_N", fits.count);
    fits.names = tn_h5_texts(f->file, tn_figure_path(f, group, "resistance_fit"));
    return fits;
}

static bool begins(const struct fits *fits, size_t row)
{
    return row == 0 || !(fits->speed[row] > fits->speed[row - 1]);
}

static void put_fits(struct tn_figure *f, struct fits *fits)
{
    for (size_t i = 0; i < fits->count; i++) {
        if (begins(fits, i)) {
            int block = tn_figure_block(f, "speed [km/h], found [kN], interval from [kN], to [kN], by the laws [kN]");
            fits->first = fits->blocks++ == 0 ? block : fits->first;
        }
        tn_figure_row(f,
                      (double[]){fits->speed[i] * 3.6, fits->fitted[i] / 1e3, fits->low[i] / 1e3, fits->high[i] / 1e3,
                                 fits->law[i] / 1e3},
                      5, NULL);
    }
}

static void put_speed(struct tn_figure *f, const struct trace *t, double edge)
{
    double none = 0, fastest = 1, tightest = HUGE_VAL, low = HUGE_VAL, high = -HUGE_VAL;
    tn_figure_extent(&none, &fastest, t->speed, t->count);
    tn_figure_extent(&tightest, &none, t->limit, t->count);
    bool limited = tightest <= 1.5 * fastest;
    tn_figure_extent(&low, &high, t->elevation, t->count);
    if (!(high >= low))
        low = high = 0;
    double span = fmax(high - low, 20), top = (limited ? fmax(fastest, fmin(none, 1.5 * fastest)) : fastest) * 1.12;
    fprintf(f->script,
            "set tmargin at screen 0.845\nset bmargin at screen 0.61\nset yrange [0:%.6g]\nset ytics 20 nomirror\n"
            "set ylabel 'speed [km/h]' offset 1\nset y2range [%.6g:%.6g]\nset y2tics %.6g font ',13' tc rgb '#6b5a45'\n"
            "set y2label 'elevation [m]' offset -1.5 font ',14' tc rgb '#6b5a45'\n"
            "set key at screen %.4f,0.885 right top horizontal samplen 3 width 2 font ',14'\n"
            "plot data index 0 using 1:4 axes x1y2 with filledcurves y=%.6g lc rgb '#e6dccd' notitle"
            ", data index 0 using 1:4 axes x1y2 with lines lw 1.5 lc rgb '#6b5a45' title 'elevation'",
            top * 3.6, low - 0.15 * span, low + 2.2 * span, tn_figure_step(2 * span, 4), edge, low - 0.15 * span);
    if (limited)
        fputs(", data index 0 using 1:3 with lines lw 2 dt (8,6) lc rgb '#303030' title 'limit'", f->script);
    fprintf(f->script, ", data index 0 using 1:2 with lines lw 2.5 lc rgb '%s' title 'speed'\n", TN_BLUE);
    tn_figure_read(f, 0, 1, 2);
    fputs("unset y2tics\nunset y2label\ndo for [i=1001:1006] { unset label i }\n", f->script);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A force that only few samples pass: recorded speeds jump, and a jump is a force beyond all others. */
static double usual_force(struct tn_figure *f, const struct trace *t)
{
    double *sizes = tn_arena_alloc(f->arena, t->count, sizeof *sizes);
    if (sizes == NULL) {
        f->file->status = TN_ERR_MEMORY;
        return 0;
    }
    for (size_t i = 0; i < t->count; i++)
        sizes[i] = fmax(fmax(fabs(t->wheel[i]), fabs(t->inertia[i])), fmax(fabs(t->track[i]), t->resistance[i]));
    qsort(sizes, t->count, sizeof *sizes, by_size);
    return 1.3 * sizes[(t->count - 1) * 98 / 100];
}

/* What the wheels give, filled; what it goes into, as lines. */
static void put_force(struct tn_figure *f, const struct trace *t, double edge)
{
    double low = 0, high = 1e3, least = 0, most = 0, usual = usual_force(f, t);
    tn_figure_extent(&least, &most, t->wheel, t->count);
    tn_figure_extent(&low, &high, t->wheel, t->count);
    tn_figure_extent(&low, &high, t->resistance, t->count);
    tn_figure_extent(&low, &high, t->track, t->count);
    tn_figure_extent(&low, &high, t->inertia, t->count);
    bool cut = low < -1.2 * usual || high > 1.2 * usual;
    if (cut) {
        low = fmax(low, -usual);
        high = fmin(high, usual);
        fprintf(f->script, "set label 1010 %s at graph 0.995,graph 0.08 right boxed font ',12' tc rgb '%s' front\n",
                tn_figure_quote(f, tn_arena_printf(f->arena, "single samples: from \xE2\x88\x92%s to %s kN",
                                                   tn_figure_tonnes(f, -least), tn_figure_tonnes(f, most))),
                TN_RED);
    }
    double span = (high - low) / 1e3;
    fprintf(f->script,
            "set tmargin at screen 0.545\nset bmargin at screen 0.335\nset yrange [%.6g:%.6g]\nset ytics %.6g\n"
            "set ylabel 'force [kN]' offset 1\n"
            "set key at screen %.4f,0.588 right top horizontal samplen 1 width -1 font ',12'\n"
            "set style fill solid 0.45 noborder\nset xzeroaxis lt 1 lc rgb '#606060'\n"
            "plot data index 0 using 1:5 with filledcurves y=0 lw 0.2 lc rgb '%s' title 'traction'"
            ", data index 0 using 1:6 with filledcurves y=0 lw 0.2 lc rgb '%s' title 'dynamic brake'"
            ", data index 0 using 1:6:7 with filledcurves lw 0.2 lc rgb '%s' title 'air brake'"
            ", data index 0 using 1:8 with lines lw 1.4 lc rgb '#000000' title 'resistance'"
            ", data index 0 using 1:9 with lines lw 1.4 lc rgb '#6b5a45' title 'grade, curves'"
            ", data index 0 using 1:10 with lines lw 1 lc rgb '%s' title 'inertia'\n",
            low / 1e3 - 0.05 * span, high / 1e3 + 0.05 * span, tn_figure_step(span, 4), edge, TN_BLUE, TN_GREEN, TN_RED,
            TN_PURPLE);
    tn_figure_read(f, 0, 1, 5);
    fputs("unset label 1010\n", f->script);
}

static void put_adhesion(struct tn_figure *f, const struct trace *t)
{
    double none = 0, most = 0;
    tn_figure_extent(&none, &most, t->adhesion, t->count);
    if (!(most > 0)) /* no working locomotive, or never traction */
        most = 0.01;
    fprintf(f->script,
            "set tmargin at screen 0.295\nset bmargin at screen 0.175\nset format x '%%g'\nunset key\n"
            "set xlabel 'km of the line%s' offset 0,0.6 font ',15'\nset yrange [0:%.6g]\nset ytics %.6g\n"
            "set ylabel \"adhesion\\nneeded [%%]\" offset 1 font ',14'\n"
            "plot data index 0 using 1:11 with filledcurves y=0 lw 0.2 lc rgb '%s' notitle"
            ", data index 0 using 1:11 with lines lw 1.2 lc rgb '%s' notitle\n",
            t->km[t->count - 1] < t->km[0] ? ", falling: the train runs from left to right" : "", most * 112,
            tn_figure_step(most * 100, 3), TN_ORANGE, TN_ORANGE);
    tn_figure_read(f, 0, 1, 11);
}

static void put_resistance(struct tn_figure *f, const struct fits *fits)
{
    double low = HUGE_VAL, high = -HUGE_VAL, slow = HUGE_VAL, fast = -HUGE_VAL;
    tn_figure_extent(&slow, &fast, fits->speed, fits->count);
    tn_figure_extent(&low, &high, fits->fitted, fits->count);
    tn_figure_extent(&low, &high, fits->law, fits->count);
    double span = fmax(high - low, 0.05 * high);
    fprintf(
        f->script,
        "set lmargin at screen 0.735\nset rmargin at screen 0.985\nset tmargin at screen 0.845\n"
        "set bmargin at screen 0.175\nset xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\nset ytics %.6g\n"
        "set xtics autofreq\nset xlabel 'speed [km/h]' offset 0,0.6\nset ylabel 'running resistance [kN]' offset 1\n"
        "set key at graph 0.03,0.985 left top vertical Left reverse samplen 2 spacing 1.2 font ',13'\n"
        "set style fill transparent solid 0.22 noborder\nplot ",
        slow * 3.6 * 0.95, fast * 3.6 * 1.03, (low - 0.2 * span) / 1e3, (high + 0.45 * span) / 1e3,
        tn_figure_step(1.65 * span / 1e3, 6));
    int block = fits->first;
    const char *const *names = fits->names.items;
    for (size_t i = 0; i < fits->count; i++) {
        if (!begins(fits, i))
            continue;
        size_t k = (size_t)(block - fits->first);
        const char *name = i < fits->names.count && names[i] && names[i][0] ? names[i] : "found";
        const char *colour = tn_figure_colour(k);
        fprintf(f->script,
                "data index %d using 1:3:4 with filledcurves lc rgb '%s' notitle"
                ", data index %d using 1:2 with lines lw 2.5 lc rgb '%s' title %s, ",
                block, colour, block, colour, tn_figure_quote(f, name));
        block++;
    }
    for (int b = fits->first; b < block; b++)
        fprintf(f->script, "%sdata index %d using 1:5 with lines lw 2 lc rgb '#000000' %s", b > fits->first ? ", " : "",
                b, b == fits->first ? "title 'by the laws of the vehicles'" : "notitle");
    fputc('\n', f->script);
    for (int b = fits->first; b < block; b++)
        tn_figure_read_points(f, b, 1, 2);
}

tn_status tn_plot_replay(struct tn_figure *f, const char *group)
{
    struct trace t = read_trace(f, group);
    struct fits fits = read_fits(f, group);
    if (f->file->status != TN_OK)
        return f->file->status;
    double edge = fits.count ? 0.62 : 0.925;
    put_trace(f, &t);
    put_fits(f, &fits);
    const char *train = tn_h5_attribute(f->file, group, "train"), *id = tn_h5_attribute(f->file, group, "id");
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Replay %s of train %s: what its recorded speed says", id ? id : group,
                                    train ? train : "?"),
                    tn_h5_attribute(f->file, group, "verdict"), group);
    fprintf(f->script,
            "set multiplot\nset lmargin at screen 0.08\nset rmargin at screen %.4f\nset xrange [%.9g:%.9g]\n"
            "set format x ''\nset ytics font ',14'\nset xtics font ',14'\n",
            edge, t.km[0] / 1e3, t.km[t.count - 1] / 1e3);
    put_speed(f, &t, edge);
    put_force(f, &t, edge);
    put_adhesion(f, &t);
    if (fits.count)
        put_resistance(f, &fits);
    fputs("unset multiplot\n", f->script);
    return f->file->status;
}
