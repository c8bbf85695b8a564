/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "columns.h"
#include "html.h"
#include "page.h"
#include "text.h"

/* Numbers of a study as tables, by the rows of its result's schema; the values come from the file. */

enum { ROWS_SHOWN = 12, ROWS_MOST = 400, VALUES_MOST = 60, WORDS = 24 /* longer ones stand in a line of their own */ };

static bool is_shown(const struct tn_field *field)
{
    return !(field->flags & TN_HIDDEN) && field->type != TN_LIST && field->type != TN_NUMBERS;
}

static bool has_train(const struct tn_page *page, const char *group)
{
    const char *train = tn_h5_attribute(page->file, group, "train");
    return train && *train;
}

/* --- what has one value --- */

static const char *value_text(const struct tn_page *page, const struct tn_field *field, const char *path,
                              const char **unit)
{
    *unit = "";
    if (tn_h5_is_text(page->file, path)) {
        struct tn_list texts = tn_h5_texts(page->file, path);
        return texts.count == 1 ? ((const char *const *)texts.items)[0] : NULL;
    }
    struct tn_list numbers = tn_h5_numbers(page->file, path);
    const double *value = numbers.items;
    if (numbers.count != 1 || isnan(*value))
        return NULL;
    if (field->type == TN_BOOL)
        return *value > 0 ? "yes" : "no";
    if (field->type == TN_INTEGER)
        return tn_arena_printf(page->arena, "%.0f", *value);
    return tn_text_result(field, *value, unit, page->arena);
}

static void put_number(const struct tn_page *page, const char *group, const struct tn_column *column)
{
    const char *path = tn_page_path(page, group, column->name), *unit = "";
    const char *text = tn_h5_has(page->file, path) ? value_text(page, column->field, path, &unit) : NULL;
    if (!text || !*text)
        return;
    const bool words = column->field->type != TN_NUMBER && tn_text_width(text) > WORDS;
    fputs(words ? "<tr><th scope=\"row\" colspan=\"2\">" : "<tr><th scope=\"row\">", page->out);
    tn_html_text(page->out, column->field->doc);
    fputs(words ? ":<br><b>" : "</th><td>", page->out);
    tn_html_text(page->out, text);
    if (*unit) {
        fputs("&nbsp;", page->out);
        tn_html_text(page->out, unit);
    }
    fputs(words ? "</b></th></tr>\n" : "</td></tr>\n", page->out);
}

void tn_page_numbers(const struct tn_page *page, const char *group, const struct tn_schema *result)
{
    struct tn_list list = {0};
    const bool train = has_train(page, group);
    if (tn_columns_of(&list, result, page->arena) != TN_OK)
        page->file->status = TN_ERR_MEMORY;
    const struct tn_column *columns = list.items;
    fputs("<div class=\"two\"><table class=\"pairs\"><tbody>\n", page->out);
    for (size_t i = 0; page->file->status == TN_OK && i < list.count; i++)
        if (is_shown(columns[i].field) && (train || !(columns[i].field->flags & TN_OF_TRAIN)))
            put_number(page, group, &columns[i]);
    fputs("</tbody></table></div>\n", page->out);
}

/* --- lists --- */

/* A column of a list as read. */
struct cells {
    const char *head, *unit, *doc;
    bool text;
    struct tn_list texts; /* or numbers */
    const double *numbers;
    struct tn_text_scale scale;
    enum tn_type type;
};

static bool read_cells(struct cells *out, const struct tn_page *page, const char *prefix,
                       const struct tn_column *column, size_t count)
{
    const struct tn_field *field = column->field;
    const char *path = tn_arena_printf(page->arena, "%s%s", prefix, column->name);
    if (!is_shown(field) || !path || !tn_h5_has(page->file, path))
        return false;
    *out = (struct cells){.head = tn_text_stem(column->name, field->quantity, page->arena),
                          .unit = "",
                          .doc = field->doc,
                          .type = field->type,
                          .text = tn_h5_is_text(page->file, path)};
    if (out->text) {
        out->texts = tn_h5_texts(page->file, path);
        return out->texts.count == count;
    }
    struct tn_list numbers = tn_h5_numbers(page->file, path);
    out->numbers = numbers.items;
    out->text = field->type == TN_BOOL;
    if (numbers.count != count)
        return false;
    out->scale = tn_text_scale_of(field->quantity, out->numbers, count);
    bool fraction = false; /* counts such as wagons or trains need no decimals */
    for (size_t i = 0; i < count; i++)
        fraction |= isfinite(out->numbers[i]) && out->numbers[i] != floor(out->numbers[i]);
    if (!fraction && !*out->scale.unit)
        out->scale.decimals = 0;
    out->unit = out->scale.unit;
    return true;
}

static const char *cell_text(const struct tn_page *page, const struct cells *cells, size_t row)
{
    if (cells->texts.items)
        return ((const char *const *)cells->texts.items)[row];
    if (cells->type == TN_BOOL)
        return cells->numbers[row] > 0 ? "yes" : "no";
    return tn_text_value(cells->numbers[row], &cells->scale, page->arena);
}

static void put_head(const struct tn_page *page, const struct cells *cells, size_t count)
{
    fputs("<thead><tr>", page->out);
    for (size_t i = 0; i < count; i++) {
        fputs(cells[i].text ? "<th scope=\"col\" class=\"t\" title=\"" : "<th scope=\"col\" title=\"", page->out);
        tn_html_text(page->out, cells[i].doc);
        fputs("\">", page->out);
        tn_html_text(page->out, cells[i].head);
        if (*cells[i].unit) {
            fputs("<br>", page->out);
            tn_html_text(page->out, cells[i].unit);
        }
        fputs("</th>", page->out);
    }
    fputs("</tr></thead>\n<tbody>\n", page->out);
}

static void put_table(const struct tn_page *page, const char *doc, const struct cells *cells, size_t columns,
                      size_t rows)
{
    const bool folded = rows > ROWS_SHOWN;
    if (folded) {
        fputs("<details><summary>", page->out);
        tn_html_text(page->out, doc);
        fprintf(page->out, ": %zu rows</summary>\n", rows);
    }
    fputs("<div class=\"scroll\"><table>", page->out);
    if (!folded) {
        fputs("<caption>", page->out);
        tn_html_text(page->out, doc);
        fputs("</caption>\n", page->out);
    }
    put_head(page, cells, columns);
    for (size_t row = 0; row < rows && row < ROWS_MOST; row++) {
        fputs("<tr>", page->out);
        for (size_t i = 0; i < columns; i++) {
            fputs(cells[i].text ? "<td class=\"t\">" : "<td>", page->out);
            tn_html_text(page->out, cell_text(page, &cells[i], row));
            fputs("</td>", page->out);
        }
        fputs("</tr>\n", page->out);
    }
    fputs("</tbody></table></div>\n", page->out);
    if (rows > ROWS_MOST)
        fprintf(page->out, "<p class=\"faint\">%zu more rows are in the results file.</p>\n", rows - ROWS_MOST);
    fputs(folded ? "</details>\n" : "", page->out);
}

/* "GROUP/LIST_", or "GROUP/LIST_row_" where the file had to name it so. */
static const char *prefix_of(const struct tn_page *page, const char *group, const char *list, const char *first)
{
    const char *row = tn_page_path(page, group, tn_arena_printf(page->arena, "%s_row_", list));
    const char *probe = tn_arena_printf(page->arena, "%s%s", row, first);
    if (probe && tn_h5_has(page->file, probe))
        return row;
    return tn_page_path(page, group, tn_arena_printf(page->arena, "%s_", list));
}

static void put_list(const struct tn_page *page, const char *group, const struct tn_column *list)
{
    struct tn_list found = {0};
    if (tn_columns_of(&found, list->field->sub, page->arena) != TN_OK || !found.count)
        return;
    const struct tn_column *columns = found.items;
    const char *prefix = prefix_of(page, group, list->name, columns[0].name);
    const char *first = prefix ? tn_arena_printf(page->arena, "%s%s", prefix, columns[0].name) : NULL;
    const size_t rows = first && tn_h5_has(page->file, first) ? (size_t)tn_h5_shape(page->file, first).sizes[0] : 0;
    struct cells *cells = tn_arena_alloc(page->arena, found.count, sizeof *cells);
    size_t count = 0;
    for (size_t i = 0; cells && rows && i < found.count; i++)
        count += read_cells(&cells[count], page, prefix, &columns[i], rows);
    if (count)
        put_table(page, list->field->doc, cells, count, rows);
}

static void put_numbers(const struct tn_page *page, const char *group, const struct tn_column *column)
{
    struct tn_list numbers = tn_h5_numbers(page->file, tn_page_path(page, group, column->name));
    if (!numbers.count || numbers.count > VALUES_MOST)
        return;
    struct tn_text_scale scale = tn_text_scale_of(column->field->quantity, numbers.items, numbers.count);
    fputs("<p><b>", page->out);
    tn_html_text(page->out, column->field->doc);
    fputs("</b>: ", page->out);
    for (size_t i = 0; i < numbers.count; i++) {
        fputs(i ? ", " : "", page->out);
        tn_html_text(page->out, tn_text_value(((const double *)numbers.items)[i], &scale, page->arena));
    }
    fprintf(page->out, " %s</p>\n", scale.unit);
}

void tn_page_lists(const struct tn_page *page, const char *group, const struct tn_schema *result)
{
    struct tn_list list = {0};
    if (tn_columns_of(&list, result, page->arena) != TN_OK)
        page->file->status = TN_ERR_MEMORY;
    const struct tn_column *columns = list.items;
    for (size_t i = 0; page->file->status == TN_OK && i < list.count; i++) {
        if (columns[i].field->flags & TN_HIDDEN)
            continue;
        if (columns[i].field->type == TN_LIST)
            put_list(page, group, &columns[i]);
        else if (columns[i].field->type == TN_NUMBERS)
            put_numbers(page, group, &columns[i]);
    }
}
