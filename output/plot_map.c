/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "columns.h"
#include "figure.h"
#include "page.h"
#include "slices.h"

/* A sweep over two axes as a map: a result as the colour of each point, points that are not feasible hatched. */

enum { WORDS_ACROSS = 26, WORDS_UP = 24 };

struct map {
    struct tn_slice slice;
    const char *name, *doc; /* of the result */
    const double *values, *feasible;
    struct tn_list reasons;
    struct tn_text_scale scale;
    double low, high; /* of the values in the slice, as shown */
};

/* --- which axes, and which result --- */

/* Numbers that were varied, the last two of them. */
static bool choose_axes(struct tn_slice *s)
{
    for (int i = s->rank - 1; i >= 0 && s->y < 0; i--) {
        const struct tn_slice_axis *axis = &s->axes[i];
        if (!axis->numbers || !axis->path || axis->count < 2)
            continue;
        if (s->x < 0)
            s->x = i;
        else
            s->y = i;
    }
    return s->y >= 0;
}

/* Whether neighbours along that axis differ anywhere. */
static bool varies(const struct tn_slice *s, const double *values, int axis)
{
    const size_t stride = s->axes[axis].stride, count = s->axes[axis].count;
    for (size_t i = 0; i + stride < s->points; i++)
        if (i / stride % count + 1 < count && isfinite(values[i]) && isfinite(values[i + stride]) &&
            values[i] != values[i + stride])
            return true;
    return false;
}

static bool shows(const struct tn_slice *s, struct tn_h5_reader *r, const char *name)
{
    struct tn_list numbers = tn_h5_has(r, name) ? tn_h5_numbers(r, name) : (struct tn_list){0};
    return numbers.count == s->points && varies(s, numbers.items, s->x) && varies(s, numbers.items, s->y);
}

/* Of a capacity study the net mass a year of what is asked for, or of what fits; else the first result that varies with
   both axes. NULL: none. */
static const char *choose_result(const struct tn_slice *s, struct tn_h5_reader *r, const struct tn_study_kind *kind)
{
    static const char *const first[] = {"net_asked_per_year_kg", "net_per_year_kg"};
    struct tn_list list = {0};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (shows(s, r, first[i]))
            return first[i];
    if (!kind || tn_columns_of(&list, kind->result, r->arena) != TN_OK)
        return NULL;
    const struct tn_column *columns = list.items;
    for (size_t i = 0; i < list.count; i++)
        if (columns[i].field->type == TN_NUMBER && !(columns[i].field->flags & (TN_HIDDEN | TN_PRECISE)) &&
            shows(s, r, columns[i].name))
            return columns[i].name;
    return NULL;
}

static bool read_map(struct map *m, struct tn_h5_reader *r)
{
    if (!tn_h5_attribute(r, "/", "sweep") || !tn_slice_read(&m->slice, r, "status") || !choose_axes(&m->slice))
        return false;
    m->name = choose_result(&m->slice, r, tn_page_kind(tn_h5_attribute(r, "/", "study")));
    return m->name != NULL;
}

struct tn_list tn_plot_map_slices(struct tn_h5_reader *r)
{
    struct map m;
    return read_map(&m, r) ? tn_slice_names(&m.slice, r, NULL) : (struct tn_list){0};
}

/* --- drawing --- */

static double shown(double value, const struct tn_text_scale *scale)
{
    return (value - scale->offset) / scale->factor;
}

/* Half way to the neighbour before (side -1) or behind (1); as far as to the other one at the ends. */
static double edge(const struct tn_slice_axis *axis, size_t i, int side)
{
    const double own = axis->numbers[i];
    double other = own;
    if (side < 0)
        other = i > 0 ? axis->numbers[i - 1] : 2 * own - axis->numbers[i + 1];
    else
        other = i + 1 < axis->count ? axis->numbers[i + 1] : 2 * own - axis->numbers[i - 1];
    return shown((own + other) / 2, &axis->scale);
}

static const char *words_of(struct tn_figure *f, const struct map *m, size_t at)
{
    const char *reason = tn_figure_text(&m->reasons, at);
    if (m->feasible[at] != 0)
        return *reason ? reason : "";
    return tn_arena_printf(f->arena, "not feasible%s%s", *reason ? ": " : "", reason);
}

/* Words on dark cells are white. */
static double colour_of(const struct map *m, double value)
{
    return (value - m->low) < 0.55 * (m->high - m->low) ? 0xFFFFFF : 0x000000;
}

static const char *with_unit(struct tn_figure *f, const char *label, const struct tn_text_scale *scale)
{
    const char *text = *scale->unit ? tn_arena_printf(f->arena, "%s [%s]", label, scale->unit) : label;
    return text ? text : label;
}

static void put_cells(struct tn_figure *f, struct map *m)
{
    const struct tn_slice *s = &m->slice;
    const struct tn_slice_axis *x = &s->axes[s->x], *y = &s->axes[s->y];
    tn_figure_block(f, tn_arena_printf(f->arena,
                                       "point: %s, %s, %s, (from), (to), (from), (to), (1 not feasible), (colour)",
                                       with_unit(f, x->label, &x->scale), with_unit(f, y->label, &y->scale),
                                       with_unit(f, m->doc, &m->scale)));
    for (size_t i = 0; i < x->count; i++)
        for (size_t k = 0; k < y->count; k++) {
            const size_t at = tn_slice_point(s, i, k);
            const double value = shown(m->values[at], &m->scale);
            tn_figure_row(f,
                          (double[]){shown(x->numbers[i], &x->scale), shown(y->numbers[k], &y->scale), value,
                                     edge(x, i, -1), edge(x, i, 1), edge(y, k, -1), edge(y, k, 1), m->feasible[at] == 0,
                                     colour_of(m, value)},
                          9, NULL);
            tn_figure_note(f, words_of(f, m, at));
        }
}

/* Ticks at the values of an axis of few; gnuplot's own else. Returns how many characters the longest has. */
static size_t put_tics(struct tn_figure *f, const struct tn_slice_axis *axis, char which, size_t most)
{
    char text[32];
    size_t longest = 3;
    if (axis->count <= most)
        fprintf(f->script, "set %ctics (", which);
    for (size_t k = 0; k < axis->count; k++) {
        snprintf(text, sizeof text, "%.6g", shown(axis->numbers[k], &axis->scale));
        longest = strlen(text) > longest ? strlen(text) : longest;
        if (axis->count <= most)
            fprintf(f->script, "%s'%s' %.9g", k ? ", " : "", text, shown(axis->numbers[k], &axis->scale));
    }
    if (axis->count <= most)
        fputs(")\n", f->script);
    return longest < 10 ? longest : 10;
}

static void put_plot(struct tn_figure *f, const struct map *m, bool hatched)
{
    const struct tn_slice_axis *x = &m->slice.axes[m->slice.x], *y = &m->slice.axes[m->slice.y];
    const int decimals = m->scale.decimals > 1 ? 1 : m->scale.decimals < 0 ? 3 : m->scale.decimals;
    fprintf(f->script,
            "set rmargin at screen 0.865\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset cbrange [%.9g:%.9g]\n"
            "unset grid\nset tics scale 0.6\nset xlabel %s\nset ylabel %s offset -0.7\nset cblabel %s offset 1.5\n"
            "set palette defined (0 '#440154', 0.25 '#3B528B', 0.5 '#21918C', 0.75 '#5EC962', 1 '#FDE725')\n"
            "set colorbox user origin screen 0.885,graph 0 size screen 0.016,graph 1\n",
            edge(x, 0, -1), edge(x, x->count - 1, 1), edge(y, 0, -1), edge(y, y->count - 1, 1), m->low, m->high,
            tn_figure_quote(f, with_unit(f, x->label, &x->scale)),
            tn_figure_quote(f, with_unit(f, y->label, &y->scale)), tn_figure_quote(f, with_unit(f, m->doc, &m->scale)));
    put_tics(f, x, 'x', WORDS_ACROSS / 2);
    fprintf(f->script, "set lmargin at screen %.3f\n", 0.06 + 0.0085 * (double)put_tics(f, y, 'y', WORDS_UP));
    fputs("plot data index 0 using 1:2:4:5:6:7:3 with boxxyerror fs solid noborder lc palette notitle", f->script);
    if (hatched)
        fputs(
            ", data index 0 using ($8==1?$1:NaN):2:4:5:6:7 with boxxyerror fs transparent solid 0.55 noborder lc rgb "
            "'#ffffff' "
            "notitle, data index 0 using ($8==1?$1:NaN):2:4:5:6:7 with boxxyerror fs transparent pattern 4 noborder lc "
            "rgb '#404040' notitle",
            f->script);
    if (x->count <= WORDS_ACROSS && y->count <= WORDS_UP)
        fprintf(f->script,
                ", data index 0 using ($8==1?NaN:$1):2:($3==$3?sprintf('%%.%df',$3):''):9 with labels center font "
                "',%d' tc rgb "
                "variable notitle",
                decimals, x->count > 16 ? 11 : 14);
    fputc('\n', f->script);
    tn_figure_read_points(f, 0, 1, 2);
}

static bool read_values(struct tn_figure *f, struct map *m)
{
    struct tn_h5_reader *r = f->file;
    const struct tn_slice *s = &m->slice;
    const double *values = tn_figure_numbers(f, "/", m->name, s->points);
    bool any = false;
    m->values = values;
    m->feasible = tn_figure_numbers(f, "/", "feasible", s->points);
    if (tn_h5_has(r, "reason"))
        m->reasons = tn_h5_texts(r, "reason");
    m->doc = tn_h5_attribute(r, m->name, "long_name");
    m->doc = m->doc ? m->doc : m->name;
    m->scale = tn_text_scale_of(tn_text_quantity(tn_h5_attribute(r, m->name, "units")), values,
                                r->status == TN_OK ? s->points : 0);
    m->low = HUGE_VAL, m->high = -HUGE_VAL;
    for (size_t i = 0; r->status == TN_OK && i < s->axes[s->x].count; i++)
        for (size_t k = 0; k < s->axes[s->y].count; k++) {
            const double value = shown(values[tn_slice_point(s, i, k)], &m->scale);
            tn_figure_extent(&m->low, &m->high, &value, 1);
            any |= m->feasible[tn_slice_point(s, i, k)] == 0;
        }
    if (!(m->low < m->high))
        m->low -= 1, m->high = m->low + 2;
    return any;
}

static const char *heading(struct tn_figure *f, const struct map *m)
{
    const char *x = m->slice.axes[m->slice.x].label, *y = m->slice.axes[m->slice.y].label;
    char *text = tn_arena_printf(f->arena, "%s over %s and %s%s", m->doc, x, y, tn_figure_of_line(f, "/"));
    if (text && *text >= 'a' && *text <= 'z')
        *text = (char)(*text - 'a' + 'A');
    return text ? text : "";
}

tn_status tn_plot_map(struct tn_figure *f, const char *subject)
{
    struct map m = {.reasons = {0}};
    if (!read_map(&m, f->file))
        return f->file->status;
    (void)tn_slice_names(&m.slice, f->file, subject);
    const bool hatched = read_values(f, &m);
    if (f->file->status != TN_OK)
        return f->file->status;
    put_cells(f, &m);
    tn_figure_words(f, heading(f, &m),
                    tn_arena_printf(f->arena, "%s%s%s", subject, *subject && hatched ? "; " : "",
                                    hatched ? "hatched: not feasible" : ""),
                    "/");
    put_plot(f, &m, hatched);
    return f->file->status;
}
