/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"

/* The map of descents: a panel for each share of the dynamic brake, a cell for each grade and load. */

enum { AXIS_MOST = 64, PANELS_MOST = 8, ROWS_MOST = 3 };

/* How much cells say, from all to nothing but their colour. */
enum detail { WORDS, NUMBERS, COLOURS };

#define LEFT   0.08 /* of the picture: where all panels lie */
#define RIGHT  0.97
#define BOTTOM 0.17
#define TOP    0.835
#define GAP    0.008 /* between panels side by side */
#define HEAD   0.045 /* above a panel, for its heading */

struct axis {
    double values[AXIS_MOST];
    size_t count;
};

static size_t place_of(struct axis *axis, double value)
{
    for (size_t i = 0; i < axis->count; i++)
        if (axis->values[i] == value)
            return i;
    if (axis->count < AXIS_MOST)
        axis->values[axis->count++] = value;
    return axis->count - 1;
}

struct map {
    size_t count;
    const double *grade, *load, *share, *feasible, *reduction, *cycle, *recharge, *back;
    const char *const *rule;
    struct axis grades, loads, shares;
};

/* What the cell says in two lines: all of it, or its numbers alone. A rule that fails without a number is named. */
static void cell_lines(const char *lines[2], struct tn_figure *f, const struct map *m, size_t i, enum detail detail)
{
    const char *kPa = detail == WORDS ? " kPa" : "", *s = detail == WORDS ? " s" : "";
    lines[1] = "";
    if (strcmp(m->rule[i], "no-air") == 0) {
        lines[0] = detail == WORDS ? "no air" : "";
    } else if (m->feasible[i] > 0) {
        lines[0] = tn_arena_printf(f->arena, "%.0f%s", 1e-3 * m->reduction[i], kPa);
        lines[1] = tn_arena_printf(f->arena, "%.0f%s", m->cycle[i], s);
    } else if (strcmp(m->rule[i], "recharge") == 0 && isfinite(m->recharge[i])) {
        lines[0] = detail == WORDS ? "lacks" : "";
        lines[1] = tn_arena_printf(f->arena, "%s%.0f%s", detail == WORDS ? "" : "-", m->recharge[i] - m->back[i], s);
    } else {
        lines[0] = m->rule[i];
    }
}

/* By the rule that decides: shades that colour-blind readers tell apart, light enough to be written on. */
static const struct kind {
    const char *rule, *colour, *title, *numbers; /* those in its cells */
} kinds[] = {{"no-air", "#c9e8dc", "no air brake needed", ""},
             {"cycle", "#8fc1e3", "a cycle", ": first reduction [kPa], time of a cycle [s]"},
             {"recharge", "#f3c14b", "fails, recharge lacks time", " [s]"},
             {"heat", "#e08247", "fails, treads too hot", ""},
             {NULL, "#bdbdbd", "fails by another rule", ""}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int kind_of(const struct map *m, size_t i)
{
    int k = 0;
    while (kinds[k].rule && strcmp(m->rule[i], kinds[k].rule) != 0)
        k++;
    return k;
}

static bool read_map(struct tn_figure *f, const char *group, struct map *m)
{
    m->count = tn_h5_numbers(f->file, tn_figure_path(f, group, "cells_grade_1")).count;
    m->grade = tn_figure_numbers(f, group, "cells_grade_1", m->count);
    m->load = tn_figure_numbers(f, group, "cells_load_kg", m->count);
    m->share = tn_figure_numbers(f, group, "cells_dynamic_brake_1", m->count);
    m->feasible = tn_figure_numbers(f, group, "cells_feasible", m->count);
    m->reduction = tn_figure_numbers(f, group, "cells_reduction_Pa", m->count);
    m->cycle = tn_figure_numbers(f, group, "cells_cycle_time_s", m->count);
    m->recharge = tn_figure_numbers(f, group, "cells_recharge_time_s", m->count);
    m->back = tn_figure_numbers(f, group, "cells_return_time_s", m->count);
    struct tn_list rules = tn_h5_texts(f->file, tn_figure_path(f, group, "cells_rule"));
    m->rule = rules.items;
    if (f->file->status != TN_OK || rules.count != m->count)
        return false;
    for (size_t i = 0; i < m->count; i++) {
        place_of(&m->grades, m->grade[i]);
        place_of(&m->loads, m->load[i]);
        place_of(&m->shares, m->share[i]);
    }
    return true;
}

/* How panels are laid out and what stands in their cells. */
struct layout {
    size_t panels, columns, rows;
    double width, height; /* of a cell, over those of the picture */
    enum detail detail;
    double font; /* points, as the PNG's terminal has them */
};

/* A character and a line of a font of one point, over the width and the height of the picture. */
#define CHARACTER 4.3e-4
#define LINE      1.85e-3

enum { FONT_MOST = 16, FONT_LEAST = 10, FONT_TICS = 12, KEY = 1100, CELLS = 2000 /* first numbers of objects */ };

/* The largest font whose words fit into every cell; in text what fits has FONT_LEAST, what does not has 0. */
static double font_of(struct tn_figure *f, const struct map *m, const struct layout *l)
{
    double font = FONT_MOST;
    for (size_t i = 0; i < m->count; i++) {
        const char *lines[2];
        cell_lines(lines, f, m, i, l->detail);
        const double longest = fmax(1, fmax((double)strlen(lines[0]), (double)strlen(lines[1])));
        const double tall = *lines[0] && *lines[1] ? 2 : 1;
        if (f->request->columns > 0)
            font = l->width * f->request->columns > longest + 1 && l->height * f->request->lines >= tall ? font : 0;
        else
            font = fmin(font, fmin(0.94 * l->width / (longest * CHARACTER), 0.92 * l->height / (tall * LINE)));
    }
    return font;
}

/* Panels in the number of rows that lets the cells say most in the largest font. */
static struct layout lay_out(struct tn_figure *f, const struct map *m)
{
    struct layout best = {.detail = COLOURS};
    const size_t panels = m->shares.count < PANELS_MOST ? m->shares.count : PANELS_MOST;
    for (enum detail detail = WORDS; detail <= COLOURS && best.rows == 0; detail++)
        for (size_t rows = 1; rows <= ROWS_MOST && rows <= panels; rows++) {
            struct layout l = {.panels = panels, .rows = rows, .columns = (panels + rows - 1) / rows, .detail = detail};
            l.width = ((RIGHT - LEFT) / (double)l.columns - GAP) / (double)m->grades.count;
            l.height = ((TOP + HEAD - BOTTOM) / (double)rows - HEAD) / (double)m->loads.count;
            l.font = detail == COLOURS ? FONT_LEAST : font_of(f, m, &l);
            if (l.font >= FONT_LEAST && l.font > best.font * 1.1)
                best = l;
        }
    return best;
}

/* Ticks in the middle of cells, fewer where their numbers would touch. */
static void put_tics(struct tn_figure *f, const struct axis *axis, char which, double factor, double room)
{
    size_t step = 1 + (size_t)(1 / fmax(room, 0.02));
    if (room >= 1)
        step = 1;
    fprintf(f->script, "set %ctics scale 0 font ',%d' (", which, FONT_TICS);
    for (size_t i = 0; i < axis->count; i += step)
        fprintf(f->script, "%s'%.5g' %zu", i ? ", " : "", factor * axis->values[i], i);
    fputs(")\n", f->script);
}

/* Where the panel lies, its heading, and axes where none stands below or on the left. */
static void put_panel_frame(struct tn_figure *f, const struct map *m, const struct layout *l, size_t panel)
{
    const size_t column = panel % l->columns, row = panel / l->columns;
    const double left = LEFT + (RIGHT - LEFT) / (double)l->columns * (double)column;
    const double height = (TOP + HEAD - BOTTOM) / (double)l->rows, top = TOP - height * (double)row;
    const bool lowest = panel + l->columns >= l->panels;
    fprintf(f->script,
            "set lmargin at screen %.4f\nset rmargin at screen %.4f\nset tmargin at screen %.4f\n"
            "set bmargin at screen %.4f\nset label 10 '%.3g %% of the dynamic brake' at graph 0.5,screen %.4f center "
            "font 'DejaVu Sans Bold,12'\n%s xlabel%s\n%s ylabel%s\nset format x '%s'\nset format y '%s'\n",
            left, left + (RIGHT - LEFT) / (double)l->columns - GAP, top, top - height + HEAD,
            100 * m->shares.values[panel], top + 0.019, lowest ? "set" : "unset",
            lowest ? " 'grade [permil]' offset 0,0.3 font ',14'" : "", column ? "unset" : "set",
            column ? "" : " 'load [t]' offset 0.5 font ',14'", lowest ? "%g" : "", column ? "" : "%g");
    if (lowest)
        put_tics(f, &m->grades, 'x', 1e3, l->width / (4.5 * FONT_TICS * CHARACTER));
    else
        fputs("unset xtics\n", f->script);
    if (column == 0)
        put_tics(f, &m->loads, 'y', 1e-3, l->height / (FONT_TICS * LINE));
    else
        fputs("unset ytics\n", f->script);
}

/* The colours that occur, in a row above the panels: gnuplot's own key would have to fit into one of them. */
static void put_key(struct tn_figure *f, const struct map *m, enum detail detail)
{
    enum { FONT = 12 };
    bool occurs[KINDS] = {false};
    double x = RIGHT;
    for (size_t i = 0; i < m->count; i++)
        occurs[kind_of(m, i)] = true;
    for (size_t k = KINDS; k-- > 0;) {
        if (!occurs[k])
            continue;
        const char *numbers = detail == COLOURS ? "" : kinds[k].numbers;
        x -= FONT * CHARACTER * (double)(strlen(kinds[k].title) + strlen(numbers));
        fprintf(
            f->script,
            "set label %zu '%s%s' at screen %.4f,0.884 left font ',%d'\nset object %zu rect from screen %.4f,0.876 to "
            "screen %.4f,0.892 fc rgb '%s' fs solid noborder\n",
            KEY + k, kinds[k].title, numbers, x, FONT, KEY + k, x - 0.02, x - 0.005, kinds[k].colour);
        x -= 0.035;
    }
}

/* Cell i with its words; between double quotes gnuplot would run what stands in backticks. */
static void put_cell(struct tn_figure *f, struct map *m, const struct layout *l, size_t i)
{
    const double x = (double)place_of(&m->grades, m->grade[i]), y = (double)place_of(&m->loads, m->load[i]);
    const char *lines[2];
    fprintf(f->script,
            "set object %zu rect from %g,%g to %g,%g fc rgb '%s' fs solid border rgb '#ffffff' lw %g behind\n",
            CELLS + i, x - 0.5, y - 0.5, x + 0.5, y + 0.5, kinds[kind_of(m, i)].colour, l->detail == COLOURS ? 0.5 : 2);
    if (l->detail == COLOURS)
        return;
    cell_lines(lines, f, m, i, l->detail);
    const bool two = *lines[0] && *lines[1];
    const double line = f->request->columns > 0 ? 1.0 / f->request->lines : LINE * l->font;
    fprintf(f->script, "set label %zu %s%s%s at %g,%.4g center font ',%.3g'\n", CELLS + i,
            tn_figure_quote(f, *lines[0] ? lines[0] : lines[1]), two ? ".\"\\n\"." : "",
            two ? tn_figure_quote(f, lines[1]) : "", x,
            two ? y + 0.47 * line / l->height : y, /* gnuplot puts the first line where the label is */
            l->font);
}

static void put_share(struct tn_figure *f, struct map *m, const struct layout *l, size_t panel)
{
    put_panel_frame(f, m, l, panel);
    for (size_t i = 0; i < m->count; i++)
        if (m->share[i] == m->shares.values[panel])
            put_cell(f, m, l, i);
    fputs("plot NaN notitle\n", f->script);
    tn_figure_read_points(f, (int)panel, 8, 9);
    fprintf(f->script,
            "do for [i=1001:%d] { unset label i; unset object i }\n"
            "do for [i=%d:%zu] { unset label i; unset object i }\n",
            KEY + KINDS, CELLS, CELLS + m->count);
}

static void put_cells(struct tn_figure *f, struct map *m, double share)
{
    tn_figure_block(f, tn_arena_printf(f->arena,
                                       "%.3g %% of the dynamic brake: grade [permil], load [t], (feasible), first "
                                       "reduction [kPa], cycle [s], recharge [s], back at speed after [s], (column), "
                                       "(row), rule",
                                       100 * share));
    for (size_t i = 0; i < m->count; i++)
        if (m->share[i] == share)
            tn_figure_row(f,
                          (double[]){1e3 * m->grade[i], 1e-3 * m->load[i], m->feasible[i], 1e-3 * m->reduction[i],
                                     m->cycle[i], m->recharge[i], m->back[i], (double)place_of(&m->grades, m->grade[i]),
                                     (double)place_of(&m->loads, m->load[i])},
                          9, m->rule[i]);
}

tn_status tn_plot_brake_map(struct tn_figure *f, const char *group)
{
    struct map m = {.count = 0};
    if (!read_map(f, group, &m))
        return f->file->status;
    for (size_t p = 0; p < m.shares.count; p++)
        put_cells(f, &m, m.shares.values[p]);
    const char *train = tn_h5_attribute(f->file, group, "train");
    const char *verdict = tn_h5_attribute(f->file, group, "verdict");
    const struct layout layout = lay_out(f, &m);
    const char *key = f->request->columns <= 0 ? ""
                                               : "; first reduction [kPa] and time of a cycle [s], or the time that "
                                                 "recharge lacks [-s]; without a number: no air brake needed";
    const char *rest = layout.panels < m.shares.count ? tn_arena_printf(f->arena, "; %zu larger shares are left out",
                                                                        m.shares.count - layout.panels)
                                                      : "";
    tn_figure_words(f,
                    tn_arena_printf(f->arena, "Descents by air brake: train %s over grade, load and dynamic brake",
                                    train ? train : group),
                    tn_arena_printf(f->arena, "%s%s%s", verdict ? verdict : "", rest ? rest : "", key), group);
    fprintf(f->script, "set multiplot\nunset grid\nset xrange [-0.5:%g]\nset yrange [-0.5:%g]\nset tics font ',%d'\n",
            (double)m.grades.count - 0.5, (double)m.loads.count - 0.5, FONT_TICS);
    if (f->request->columns <= 0)
        put_key(f, &m, layout.detail);
    for (size_t p = 0; p < layout.panels; p++)
        put_share(f, &m, &layout, p);
    fputs("unset multiplot\n", f->script);
    return f->file->status;
}
