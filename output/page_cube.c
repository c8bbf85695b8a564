/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "columns.h"
#include "html.h"
#include "indices.h"
#include "page.h"
#include "text.h"

/* A sweep: its axes, and the range of each result over the points that were solved. */

enum { NAMED_MOST = 6 };

/* The dimensions of a sweep's results, from one that every kind has. */
static struct tn_h5_shape shape_of(const struct tn_page *page)
{
    return tn_h5_shape(page->file, "status");
}

static size_t count_of(const struct tn_h5_shape *shape)
{
    size_t count = 1;
    for (int i = 0; i < shape->rank; i++)
        count *= (size_t)shape->sizes[i];
    return shape->rank ? count : 0;
}

/* "load 5,200 t, pairs 28" of a point. */
static const char *point_words(const struct tn_page *page, const struct tn_h5_shape *shape, size_t point)
{
    const char *words = "";
    for (int i = shape->rank - 1; words && i >= 0; i--) {
        const char *name = shape->names[i] ? shape->names[i] : "", *value = NULL, *unit = "";
        const size_t count = (size_t)shape->sizes[i], at = count ? point % count : 0;
        struct tn_list texts = tn_h5_texts(page->file, name), numbers = tn_h5_numbers(page->file, name);
        point = count ? point / count : 0;
        if (texts.count == count) {
            value = ((const char *const *)texts.items)[at];
            name = "";
        } else if (numbers.count == count) {
            const enum tn_quantity quantity = tn_text_quantity(tn_h5_attribute(page->file, name, "units"));
            value = tn_text_result(&(struct tn_field){.type = TN_NUMBER, .quantity = quantity},
                                   ((const double *)numbers.items)[at], &unit, page->arena);
        }
        if (value)
            words = tn_arena_printf(page->arena, "%s%s%s%s%s%s%s", name, *name ? " " : "", value, *unit ? " " : "",
                                    unit, *words ? ", " : "", words);
    }
    return words ? words : "";
}

/* Of a sweep of capacity: where the feasible points carry most. */
static const char *best_words(const struct tn_page *page, const struct tn_h5_shape *shape,
                              const struct tn_list *feasible)
{
    const struct tn_list net = tn_h5_numbers(page->file, "net_asked_per_year_kg");
    const double *mass = net.items, *can = feasible->items;
    size_t best = net.count;
    for (size_t i = 0; i < net.count && net.count == feasible->count; i++)
        if (can[i] == 1 && isfinite(mass[i]) && (best == net.count || mass[i] > mass[best]))
            best = i;
    if (best == net.count)
        return NULL;
    return tn_arena_printf(page->arena, "at most %.1f Mt net a year are feasible: %s", mass[best] / 1e9,
                           point_words(page, shape, best));
}

/* Of a sweep with sensitivity indices: the mean of its result, and what moves it most. */
static const char *indices_words(const struct tn_page *page)
{
    struct tn_indices s;
    const char *unit = "";
    if (!tn_h5_attribute(page->file, "/", "sensitivity_of") || !tn_indices_read(&s, page->file) || !s.count)
        return NULL;
    const char *mean = tn_text_value(s.mean, &s.scale, page->arena);
    unit = s.scale.unit;
    return tn_arena_printf(page->arena, "%s: mean %s%s%s; most moved by %s (%.0f %% of the variance)",
                           s.doc ? s.doc : s.of, mean ? mean : "", *unit ? " " : "", unit, s.inputs[s.order[0]],
                           100 * s.total[s.order[0]]);
}

static const char *answer_words(const struct tn_page *page, const struct tn_h5_shape *shape,
                                const struct tn_list *feasible)
{
    const char *indices = indices_words(page);
    return indices ? indices : best_words(page, shape, feasible);
}

const char *tn_page_cube_words(const struct tn_page *page)
{
    const struct tn_h5_shape shape = shape_of(page);
    const struct tn_list states = tn_h5_numbers(page->file, "status"); /* as TN_POINT_STATES has them */
    const struct tn_list feasible = tn_h5_numbers(page->file, "feasible");
    const size_t count = count_of(&shape);
    size_t of[4] = {0}, can = 0;
    for (size_t i = 0; i < states.count; i++) {
        const double state = ((const double *)states.items)[i];
        if (state >= 0 && state < 4)
            of[(size_t)state]++;
    }
    for (size_t i = 0; i < feasible.count; i++)
        can += ((const double *)feasible.items)[i] == 1;
    const char *words = tn_arena_printf(page->arena, "%zu point%s", count, count == 1 ? "" : "s");
    for (int i = 0; words && shape.rank > 1 && i < shape.rank; i++)
        words = tn_arena_printf(page->arena, "%s%s%llu %s", words, i ? " x " : ": ", (unsigned long long)shape.sizes[i],
                                shape.names[i] ? shape.names[i] : "");
    static const char *const states_words[] = {"solved", "failed", "missing", "excluded"};
    for (size_t i = 1; words && i < 4; i++)
        if (of[i])
            words = tn_arena_printf(page->arena, "%s; %zu %s", words, of[i], states_words[i]);
    if (words && feasible.count == count)
        words = tn_arena_printf(page->arena, "%s; feasible at %zu", words, can);
    const char *answer = count ? answer_words(page, &shape, &feasible) : NULL;
    if (words && answer)
        words = tn_arena_printf(page->arena, "%s (%s)", answer, words);
    return words ? words : "";
}

/* --- axes --- */

static void put_texts(const struct tn_page *page, const struct tn_list *texts)
{
    for (size_t i = 0; i < texts->count && i < NAMED_MOST; i++) {
        fputs(i ? ", " : "", page->out);
        tn_html_text(page->out, ((const char *const *)texts->items)[i]);
    }
    if (texts->count > NAMED_MOST)
        fprintf(page->out, " and %zu more", texts->count - NAMED_MOST);
}

static void extent(double *low, double *high, const struct tn_list *numbers)
{
    *low = HUGE_VAL, *high = -HUGE_VAL;
    for (size_t i = 0; i < numbers->count; i++) {
        const double value = ((const double *)numbers->items)[i];
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
}

/* A variable with an attribute `path`: what was varied. */
static void put_axis(const struct tn_page *page, const char *name, const char *path)
{
    const char *doc = tn_h5_attribute(page->file, name, "long_name");
    fputs("<tr><td class=\"t\">", page->out);
    tn_html_text(page->out, doc && *doc ? doc : name);
    fputs("</td><td class=\"t\"><code>", page->out);
    tn_html_text(page->out, path);
    fputs("</code></td>", page->out);
    if (tn_h5_is_text(page->file, name)) {
        const struct tn_list texts = tn_h5_texts(page->file, name);
        fprintf(page->out, "<td>%zu</td><td class=\"t\">", texts.count);
        put_texts(page, &texts);
    } else {
        const struct tn_list numbers = tn_h5_numbers(page->file, name);
        double ends[2];
        extent(&ends[0], &ends[1], &numbers);
        const struct tn_text_scale scale =
            tn_text_scale_of(tn_text_quantity(tn_h5_attribute(page->file, name, "units")), ends, 2);
        fprintf(page->out, "<td>%zu</td><td class=\"t\">", numbers.count);
        tn_html_text(page->out, tn_text_value(ends[0], &scale, page->arena));
        fputs(" to ", page->out);
        tn_html_text(page->out, tn_text_value(ends[1], &scale, page->arena));
        fprintf(page->out, " %s", scale.unit);
    }
    fputs("</td></tr>\n", page->out);
}

static void put_axes(const struct tn_page *page)
{
    const struct tn_list names = tn_h5_names(page->file, "/");
    fputs("<div class=\"scroll\"><table><caption>What is varied</caption>\n<thead><tr><th scope=\"col\" "
          "class=\"t\">axis</th>"
          "<th scope=\"col\" class=\"t\">field</th><th scope=\"col\">values</th><th scope=\"col\" "
          "class=\"t\">which</th></tr>"
          "</thead>\n<tbody>\n",
          page->out);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = ((const char *const *)names.items)[i];
        const char *path = name && tn_h5_has(page->file, name) ? tn_h5_attribute(page->file, name, "path") : NULL;
        if (path)
            put_axis(page, name, path);
    }
    fputs("</tbody></table></div>\n", page->out);
}

/* --- results over the points --- */

static void put_range(const struct tn_page *page, const struct tn_column *column)
{
    const struct tn_list numbers = tn_h5_numbers(page->file, column->name);
    double ends[2], sum = 0;
    size_t known = 0;
    extent(&ends[0], &ends[1], &numbers);
    for (size_t i = 0; i < numbers.count; i++) {
        const double value = ((const double *)numbers.items)[i];
        if (!isfinite(value))
            continue;
        sum += value;
        known++;
    }
    if (!known)
        return;
    const struct tn_text_scale scale = tn_text_scale_of(column->field->quantity, ends, 2);
    fputs("<tr><td class=\"t\">", page->out);
    tn_html_text(page->out, column->field->doc);
    fputs("</td>", page->out);
    for (int i = 0; i < 3; i++) {
        fputs("<td>", page->out);
        tn_html_text(page->out, tn_text_value(i == 0   ? ends[0]
                                              : i == 1 ? sum / (double)known
                                                       : ends[1],
                                              &scale, page->arena));
        fputs("</td>", page->out);
    }
    fprintf(page->out, "<td class=\"t\">%s</td></tr>\n", scale.unit);
}

void tn_page_cube(const struct tn_page *page, const struct tn_schema *result)
{
    struct tn_list list = {0};
    if (tn_columns_of(&list, result, page->arena) != TN_OK)
        page->file->status = TN_ERR_MEMORY;
    const struct tn_column *columns = list.items;
    put_axes(page);
    fputs("<div class=\"scroll\"><table><caption>Results over all points</caption>\n<thead><tr><th scope=\"col\" "
          "class=\"t\">"
          "result</th><th scope=\"col\">least</th><th scope=\"col\">mean</th><th scope=\"col\">most</th><th "
          "scope=\"col\" "
          "class=\"t\">unit</th></tr></thead>\n<tbody>\n",
          page->out);
    for (size_t i = 0; page->file->status == TN_OK && i < list.count; i++)
        if (columns[i].field->type == TN_NUMBER && !(columns[i].field->flags & TN_HIDDEN) &&
            tn_h5_has(page->file, columns[i].name))
            put_range(page, &columns[i]);
    fputs("</tbody></table></div>\n", page->out);
}
