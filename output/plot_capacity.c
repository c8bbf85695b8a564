/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "figure.h"
#include "slices.h"
#include "text.h"

/* Million tonnes a year over load, a line for each number of pairs a day: solid where trains and timetable allow it,
   faint and dashed where not. */

enum { LEVELS_MOST = 8 };
#define CHARACTER 0.0092 /* width of a letter of 14 points over the graph's */

/* Known figures that the study names: a mass a year (a line across) or a load and pairs a day (a point). */
struct landmarks {
    size_t count;
    const char *const *texts;
    const double *net_kg, *load_kg, *pairs;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* False where the file is no cube of a capacity study over load. */
static bool read_axes(struct tn_h5_reader *r, struct tn_slice *s)
{
    const char *study = tn_h5_attribute(r, "/", "study");
    if (!study || strcmp(study, "capacity") != 0 || !tn_h5_attribute(r, "/", "sweep") ||
        !tn_slice_read(s, r, "net_per_year_kg"))
        return false;
    for (int i = s->rank - 1; i >= 0; i--) {
        const struct tn_slice_axis *axis = &s->axes[i];
        if (axis->path && axis->numbers && (ends_with(axis->path, ".load") || strcmp(axis->path, "load") == 0))
            s->x = i;
        else if (axis->path && axis->numbers && ends_with(axis->path, ".pairs"))
            s->y = i;
    }
    return r->status == TN_OK && s->x >= 0 && s->axes[s->x].count > 1 &&
           tn_h5_numbers(r, "net_per_year_kg").count == s->points;
}

struct tn_list tn_plot_capacity_slices(struct tn_h5_reader *r)
{
    struct tn_slice s;
    return read_axes(r, &s) ? tn_slice_names(&s, r, NULL) : (struct tn_list){0};
}

struct values {
    const double *fits, *pairs, *asked, *asked_pairs, *feasible, *train, *published;
    const char *const *reasons;
};

/* Words at the end of a line, kept apart from one another. */
struct level {
    double y;
    const char *words, *colour;
};

static void spread(struct level *levels, size_t count, double gap)
{
    for (size_t i = 1; i < count; i++) /* by height */
        for (size_t k = i; k > 0 && levels[k].y < levels[k - 1].y; k--) {
            struct level swap = levels[k];
            levels[k] = levels[k - 1];
            levels[k - 1] = swap;
        }
    for (int pass = 0; pass < 60; pass++)
        for (size_t i = 1; i < count; i++) {
            double lack = gap - (levels[i].y - levels[i - 1].y);
            if (lack > 0) {
                levels[i].y += lack / 2;
                levels[i - 1].y -= lack / 2;
            }
        }
}

static const char *point_words(struct tn_figure *f, const struct tn_slice *s, const struct values *v, size_t at,
                               size_t p)
{
    double pairs = s->y < 0 ? v->asked_pairs[at] : s->axes[s->y].numbers[p];
    const char *reason = v->feasible[at] == 1 || !v->reasons ? "" : v->reasons[at];
    return tn_arena_printf(f->arena, "%g pairs a day%s%s%s", pairs, v->feasible[at] == 1 ? "" : ", not feasible",
                           reason && *reason ? ": " : "", reason ? reason : "");
}

static void put_lines(struct tn_figure *f, const struct tn_slice *s, const struct values *v, size_t pairs_count)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    for (size_t p = 0; p < pairs_count; p++) {
        tn_figure_block(
            f, tn_arena_printf(f->arena, "%g pairs a day: load [t], net load [Mt a year], (the same where feasible)",
                               s->y < 0 ? v->asked_pairs[tn_slice_point(s, 0, 0)] : s->axes[s->y].numbers[p]));
        for (size_t i = 0; i < load->count; i++) {
            size_t at = tn_slice_point(s, i, p);
            tn_figure_row(f,
                          (double[]){load->numbers[i] / 1e3, v->asked[at] / 1e9,
                                     v->feasible[at] == 1 ? v->asked[at] / 1e9 : (double)NAN},
                          3, NULL);
            tn_figure_note(f, point_words(f, s, v, at, p));
        }
    }
    tn_figure_block(f, "all pairs that fit: load [t], net load [Mt a year], pairs [a day]");
    for (size_t i = 0; i < load->count; i++) {
        size_t at = tn_slice_point(s, i, 0);
        tn_figure_row(
            f, (double[]){load->numbers[i] / 1e3, v->train[at] == 1 ? v->fits[at] / 1e9 : (double)NAN, v->pairs[at]}, 3,
            NULL);
        tn_figure_note(f, "all pairs that fit");
    }
}

static double highest(const struct tn_slice *s, const struct values *v, size_t pairs_count)
{
    double most = 0;
    for (size_t i = 0; i < s->axes[s->x].count; i++)
        for (size_t p = 0; p < pairs_count; p++) {
            size_t at = tn_slice_point(s, i, p);
            most = isfinite(v->asked[at]) && v->asked[at] > most ? v->asked[at] : most;
            most = isfinite(v->fits[at]) && v->fits[at] > most ? v->fits[at] : most;
        }
    return most;
}

static struct landmarks read_landmarks(struct tn_figure *f)
{
    struct tn_list texts = tn_h5_texts(f->file, "landmarks_text");
    return (struct landmarks){.count = texts.count,
                              .texts = texts.items,
                              .net_kg = tn_figure_numbers(f, "/", "landmarks_net_per_year_kg", texts.count),
                              .load_kg = tn_figure_numbers(f, "/", "landmarks_load_kg", texts.count),
                              .pairs = tn_figure_numbers(f, "/", "landmarks_pairs_per_day", texts.count)};
}

/* The masses a year among the landmarks and the published ones of the study; each gets its words at the right. Returns
   how many. */
static size_t put_references(struct tn_figure *f, const struct tn_slice *s, const struct values *v,
                             const struct landmarks *known, struct level levels[LEVELS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < known->count && count < LEVELS_MOST; i++)
        if (isfinite(known->net_kg[i]))
            levels[count++] = (struct level){known->net_kg[i] / 1e9,
                                             tn_arena_printf(f->arena, "%.4g Mt%s%s", known->net_kg[i] / 1e9,
                                                             *known->texts[i] ? " " : "", known->texts[i]),
                                             "#000000"};
    for (size_t i = 0; i < s->points && count < LEVELS_MOST; i++) {
        double published = v->published[i] / 1e9;
        bool said = !isfinite(published);
        for (size_t k = 0; k < count; k++)
            said |= fabs(levels[k].y - published) < 1e-3;
        if (!said)
            levels[count++] =
                (struct level){published, tn_arena_printf(f->arena, "%.4g Mt published", published), "#000000"};
    }
    for (size_t i = 0; i < count; i++)
        fprintf(f->script,
                "set arrow from graph 0,first %.9g to graph 1,first %.9g nohead lw 2 dt 3 lc rgb '#000000' front\n",
                levels[i].y, levels[i].y);
    return count;
}

/* Whether that many pairs of that load are feasible, by the two loads of the sweep around it. */
static bool is_feasible(const struct tn_slice *s, const struct values *v, double load_kg, double pairs)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    for (size_t i = 0; i + 1 < load->count; i++) {
        double low = load->numbers[i], part = (load_kg - low) / (load->numbers[i + 1] - low);
        size_t at = tn_slice_point(s, i, 0), next = tn_slice_point(s, i + 1, 0);
        if (!(part >= 0 && part <= 1))
            continue;
        if ((part < 1 && v->train[at] != 1) || (part > 0 && v->train[next] != 1))
            return false;
        double fit = part == 0 ? v->pairs[at] : v->pairs[at] + part * (v->pairs[next] - v->pairs[at]);
        return pairs <= fit * (1 + 1e-12);
    }
    return false;
}

/* Net mass a year of a load and pairs a day in this slice: both enter it as factors. */
static double net_of(const struct tn_slice *s, const struct values *v, double load_kg, double pairs)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    size_t count = s->y < 0 ? 1 : s->axes[s->y].count;
    for (size_t i = 0; i < load->count; i++)
        for (size_t p = 0; p < count; p++) {
            size_t at = tn_slice_point(s, i, p);
            double net = v->asked[at] / (load->numbers[i] * v->asked_pairs[at]) * load_kg * pairs;
            if (isfinite(net))
                return net;
        }
    return (double)NAN;
}

/* A point with its words at the upper left, out of the curves' way. */
struct mark {
    double x, y; /* load in t, Mt */
    const char *words;
    int symbol; /* gnuplot's; 0: none */
};

static void add_mark(struct mark *marks, size_t *count, struct mark mark)
{
    size_t at = (*count)++;
    for (; at > 0 && marks[at - 1].x < mark.x; at--) /* the heaviest on top, so that no two leaders cross */
        marks[at] = marks[at - 1];
    marks[at] = mark;
}

/* All pairs that fit, at the heaviest load that can run. */
static void mark_fits(struct mark *marks, size_t *count, struct tn_figure *f, const struct tn_slice *s,
                      const struct values *v)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    size_t last = load->count - 1;
    while (last > 0 && v->train[tn_slice_point(s, last, 0)] != 1)
        last--;
    size_t at = tn_slice_point(s, last, 0);
    double load_kg = load->numbers[last], net = v->fits[at] / 1e9;
    if (v->train[at] != 1 || !isfinite(net))
        return;
    add_mark(marks, count,
             (struct mark){load_kg / 1e3, net,
                           tn_arena_printf(f->arena, "%s t x all %.1f pairs that fit: %.1f Mt",
                                           tn_figure_tonnes(f, load_kg), v->pairs[at], net),
                           0});
}

static size_t find_marks(struct mark *marks, struct tn_figure *f, const struct tn_slice *s, const struct values *v,
                         const struct landmarks *known)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    size_t count = 0;
    mark_fits(marks, &count, f, s, v);
    for (size_t k = 0; k < known->count; k++) {
        double load_kg = known->load_kg[k], net = net_of(s, v, load_kg, known->pairs[k]) / 1e9;
        if (!isfinite(net) || load_kg < load->numbers[0] || load_kg > load->numbers[load->count - 1])
            continue;
        bool feasible = is_feasible(s, v, load_kg, known->pairs[k]);
        const char *words = *known->texts[k] ? known->texts[k]
                                             : tn_arena_printf(f->arena, "%s t x %g pairs a day",
                                                               tn_figure_tonnes(f, load_kg), known->pairs[k]);
        words = tn_arena_printf(f->arena, "%s: %.1f Mt%s", words ? words : "", net, feasible ? "" : ", not feasible");
        add_mark(marks, &count, (struct mark){load_kg / 1e3, net, words, feasible ? 7 : 6});
    }
    return count;
}

static void put_marks(struct tn_figure *f, const struct tn_slice *s, const struct values *v,
                      const struct landmarks *known)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    struct mark *marks = tn_arena_alloc(f->arena, known->count + 2, sizeof *marks);
    size_t count = marks ? find_marks(marks, f, s, v, known) : 0;
    double low = load->numbers[0] / 1e3, span = load->numbers[load->count - 1] / 1e3 - low, end = 1, width = 0;
    for (size_t i = 0; i < count; i++) {
        end = fmin(end, (marks[i].x - low) / span - 0.03);
        width = fmax(width, CHARACTER * (double)(marks[i].words ? strlen(marks[i].words) : 0) + 0.012);
    }
    end = fmax(end, width);
    for (size_t i = 0; i < count; i++) {
        double y = 0.955 - 0.052 * (double)i, x = (marks[i].x - low) / span;
        fprintf(f->script,
                "set label %s at graph %.4f,graph %.4f right front font 'DejaVu Sans Bold,14'\n"
                "set arrow from graph %.4f,graph %.4f to first %.9g,first %.9g nohead lw 1.2 lc rgb '#606060' front\n"
                "set label '' at first %.9g,first %.9g point pt %d ps dot lw 2 lc rgb '#000000' front\n",
                tn_figure_quote(f, marks[i].words), end, y, x > end ? end + 0.006 : x, x > end ? y : y - 0.026,
                marks[i].x, marks[i].y, marks[i].x, marks[i].y, marks[i].symbol);
    }
}

/* Where the train itself cannot run: from that load on, in words within the stretch or beside it. */
static void put_train_reason(struct tn_figure *f, const struct tn_slice_axis *load, double from, const char *reason)
{
    double low = load->numbers[0] / 1e3,
           share = (load->numbers[load->count - 1] / 1e3 - from) / (load->numbers[load->count - 1] / 1e3 - low);
    bool inside = share > 0.25;
    struct tn_list lines;
    const char *text =
        tn_arena_printf(f->arena, "from %s t on not feasible: %s", tn_figure_tonnes(f, from * 1e3), reason);
    const char *plain = text ? tn_text_plain(text, f->arena) : NULL;
    fprintf(
        f->script,
        "set object rectangle from first %.9g,graph 0 to graph 1,graph 1 fc rgb '%s' fs solid 0.07 noborder behind\n"
        "set arrow from first %.9g,graph 0 to first %.9g,graph 1 nohead lw 1.5 lc rgb '%s'\n",
        from, TN_RED, from, from, TN_RED);
    if (!plain || tn_text_wrap(&lines, plain, inside ? (size_t)(share / CHARACTER) : 60, f->arena) != TN_OK)
        return;
    for (size_t i = 0; i < lines.count; i++)
        fprintf(f->script, "set label %s at first %.9g,graph %.4f %s offset %d,0 front font ',14' tc rgb '%s'\n",
                tn_figure_quote(f, ((const char **)lines.items)[i]), from,
                (inside ? 0.035 : 0.08) + 0.042 * (double)(lines.count - 1 - i), inside ? "left" : "right",
                inside ? 1 : -1, TN_RED);
}

/* Why the dashed parts are so: the first reason met at each of the two limits, train and timetable. */
static void put_reasons(struct tn_figure *f, const struct tn_slice *s, const struct values *v, size_t pairs_count)
{
    const struct tn_slice_axis *load = &s->axes[s->x];
    const char *train = NULL, *schedule = NULL;
    double from = (double)NAN, fits = (double)NAN;
    for (size_t i = 0; i < load->count; i++)
        for (size_t p = 0; p < pairs_count; p++) {
            size_t at = tn_slice_point(s, i, p);
            if (v->train[at] == 0 && !train)
                train = v->reasons ? v->reasons[at] : "", from = load->numbers[i] / 1e3;
            else if (v->train[at] == 1 && v->feasible[at] == 0 && !schedule)
                schedule = v->reasons ? v->reasons[at] : "", fits = load->numbers[i];
        }
    if (schedule)
        fprintf(f->script, "set label %s at graph 0.012,graph 0.035 left font ',14' tc rgb '#444444' front\n",
                tn_figure_quote(f, tn_arena_printf(f->arena, "above the black line at %s t: %s",
                                                   tn_figure_tonnes(f, fits), schedule)));
    if (train)
        put_train_reason(f, load, from, train);
}

static void put_ends(struct tn_figure *f, const struct tn_slice *s, const struct values *v, size_t pairs_count,
                     const struct level *references, size_t reference_count, double top)
{
    size_t last = s->axes[s->x].count - 1, count = 0;
    struct level *levels = tn_arena_alloc(f->arena, pairs_count + reference_count + 1, sizeof *levels);
    if (!levels)
        return;
    for (size_t p = 0; p < pairs_count; p++) {
        double pairs = s->y < 0 ? v->asked_pairs[tn_slice_point(s, last, p)] : s->axes[s->y].numbers[p];
        double y = v->asked[tn_slice_point(s, last, p)] / 1e9;
        if (isfinite(y))
            levels[count++] =
                (struct level){y, tn_arena_printf(f->arena, "%g pairs a day", pairs), tn_figure_colour(p)};
    }
    for (size_t i = 0; i < reference_count; i++)
        levels[count++] = references[i];
    spread(levels, count, top * 0.042);
    for (size_t i = 0; i < count; i++)
        fprintf(f->script, "set label %s at graph 1.008,first %.6g left font ',14' tc rgb '%s'\n",
                tn_figure_quote(f, levels[i].words), levels[i].y, levels[i].colour);
}

static void put_plot(struct tn_figure *f, size_t pairs_count)
{
    fprintf(f->script, "plot data index %zu using 1:2 with lines lw 5 lc rgb '#000000'", pairs_count);
    for (size_t p = 0; p < pairs_count; p++)
        fprintf(f->script,
                ", data index %zu using 1:2 with lines lw 1.2 dt 2 lc rgb '%s'"
                ", data index %zu using 1:3 with lines lw 2.5 lc rgb '%s'",
                p, tn_figure_colour(p), p, tn_figure_colour(p));
    fputc('\n', f->script);
    for (int p = 0; p <= (int)pairs_count; p++)
        tn_figure_read_points(f, p, 1, 2);
}

tn_status tn_plot_capacity(struct tn_figure *f, const char *subject)
{
    struct tn_slice s;
    struct tn_h5_reader *r = f->file;
    if (!read_axes(r, &s))
        return r->status;
    (void)tn_slice_names(&s, r, subject);
    struct values v = {
        .fits = tn_figure_numbers(f, "/", "net_per_year_kg", s.points),
        .asked = tn_figure_numbers(f, "/", "net_asked_per_year_kg", s.points),
        .asked_pairs = tn_figure_numbers(f, "/", "pairs_asked_per_day", s.points),
        .feasible = tn_figure_numbers(f, "/", "feasible", s.points),
        .train = tn_figure_numbers(f, "/", "train_feasible", s.points),
        .pairs = tn_figure_numbers(f, "/", "pairs_per_day", s.points),
        .published = tn_figure_numbers(f, "/", "published_net_per_year_kg", s.points),
    };
    struct tn_list reasons = tn_h5_texts(r, "reason");
    v.reasons = reasons.count == s.points ? reasons.items : NULL;
    if (r->status != TN_OK)
        return r->status;
    size_t pairs_count = s.y < 0 ? 1 : s.axes[s.y].count;
    const struct tn_slice_axis *load = &s.axes[s.x];
    put_lines(f, &s, &v, pairs_count);
    tn_figure_words(
        f, tn_arena_printf(f->arena, "Million tonnes a year over the load of a train%s", tn_figure_of_line(f, "/")),
        tn_arena_printf(
            f->arena, "loaded direction%s%s; black line: all pairs a day that fit the timetable; dashed: not feasible",
            *subject ? ", " : "", subject),
        "/");
    struct level references[LEVELS_MOST];
    struct landmarks known = read_landmarks(f);
    size_t reference_count = put_references(f, &s, &v, &known, references);
    double top = highest(&s, &v, pairs_count) / 1e9;
    for (size_t i = 0; i < reference_count; i++)
        top = references[i].y > top ? references[i].y : top;
    top *= 1.16;
    fprintf(f->script,
            "set rmargin at screen 0.835\nset xrange [%.9g:%.9g]\nset yrange [0:%.6g]\n"
            "set xlabel 'trailing load of a train [t]'\nset ylabel 'net load a year [Mt]' offset 1\n",
            load->numbers[0] / 1e3, load->numbers[load->count - 1] / 1e3, top);
    put_marks(f, &s, &v, &known);
    put_reasons(f, &s, &v, pairs_count);
    put_ends(f, &s, &v, pairs_count, references, reference_count, top);
    put_plot(f, pairs_count);
    return r->status;
}
