/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "results.h"
#include "text.h"

enum { WIDTH = 100, ROWS_MOST = 40, ROWS_ENDS = 5, LABEL_MOST = 58, CELL_MOST = 30, GAP = 2 };

/* A column of a list as shown. */
struct column {
    const char *head, *unit;
    const char **cells; /* one a row */
    size_t width;
    bool text; /* aligned left */
};

struct printer {
    FILE *out;
    struct tn_arena *arena;
};

static void pad(FILE *out, size_t count)
{
    fprintf(out, "%*s", (int)count, "");
}

static void put_left(FILE *out, const char *text, size_t width)
{
    fputs(text, out);
    if (tn_text_width(text) < width)
        pad(out, width - tn_text_width(text));
}

static void put_right(FILE *out, const char *text, size_t width)
{
    if (tn_text_width(text) < width)
        pad(out, width - tn_text_width(text));
    fputs(text, out);
}

static tn_status put_wrapped(const struct printer *p, const char *first, const char *next, const char *text)
{
    struct tn_list lines;
    char *plain = tn_text_plain(text, p->arena);
    tn_status status = plain ? tn_text_wrap(&lines, plain, WIDTH - tn_text_width(first), p->arena) : TN_ERR_MEMORY;
    for (size_t i = 0; status == TN_OK && i < lines.count; i++)
        fprintf(p->out, "%s%s\n", i ? next : first, ((const char **)lines.items)[i]);
    return status;
}

/* --- scalars ---------------------------------------------------------------------------------------------------- */

/* Value and unit; NULL where there is nothing to show. */
static const char *scalar_text(const struct tn_field *field, const void *member, const char **unit,
                               struct tn_arena *arena)
{
    *unit = "";
    if (field->type != TN_NUMBER)
        return tn_text_member(field, member, arena);
    double value = *(const double *)member;
    if (isnan(value))
        return NULL;
    struct tn_text_scale scale = tn_text_scale_of(field->quantity, &value, 1);
    if (isfinite(value))
        *unit = scale.unit;
    char *text = tn_text_value(value, &scale, arena);
    if (text && strchr(text, '.') && !strchr(text, 'e')) {
        size_t length = strlen(text);
        while (text[length - 1] == '0')
            text[--length] = '\0';
        if (text[length - 1] == '.')
            text[length - 1] = '\0';
    }
    return text;
}

static bool is_scalar(const struct tn_field *field)
{
    return !(field->flags & TN_HIDDEN) && field->type != TN_LIST && field->type != TN_NUMBERS &&
           field->type != TN_STRUCT && field->type != TN_VARIANT;
}

static size_t label_width(const struct tn_schema *schema)
{
    size_t most = 0;
    for (const struct tn_field *field = schema->fields; field->name; field++) {
        size_t width = is_scalar(field) ? tn_text_width(field->doc) : 0;
        if (width > most)
            most = width;
    }
    return most < LABEL_MOST ? most : LABEL_MOST;
}

static tn_status put_scalar(const struct printer *p, const struct tn_field *field, const void *member, size_t width)
{
    const char *unit;
    const char *text = scalar_text(field, member, &unit, p->arena);
    if (!text || !*text)
        return TN_OK;
    struct tn_list label;
    tn_status status = tn_text_wrap(&label, field->doc, width, p->arena);
    text = tn_text_plain(text, p->arena);
    if (status != TN_OK || !text)
        return TN_ERR_MEMORY;
    const char **lines = label.items;
    for (size_t i = 0; i + 1 < label.count; i++)
        fprintf(p->out, "  %s\n", lines[i]);
    fputs("  ", p->out);
    put_left(p->out, label.count ? lines[label.count - 1] : "", width + GAP);
    put_right(p->out, text, 12);
    fprintf(p->out, "%s%s\n", *unit ? " " : "", unit);
    return TN_OK;
}

/* --- lists ------------------------------------------------------------------------------------------------------ */

/* A list's rows that are shown: all, or the first and last few. */
static size_t shown_rows(size_t count)
{
    return count <= ROWS_MOST ? count : 2 * ROWS_ENDS;
}

static size_t shown_row(size_t count, size_t i)
{
    return count <= ROWS_MOST || i < ROWS_ENDS ? i : count - 2 * ROWS_ENDS + i;
}

static const char *cut(const char *text, struct tn_arena *arena)
{
    if (tn_text_width(text) <= CELL_MOST)
        return text;
    size_t width = 0, length = 0;
    for (; width < CELL_MOST; length++)
        width += ((unsigned char)text[length] & 0xC0u) != 0x80u;
    return tn_arena_printf(arena, "%.*s\xE2\x80\xA6", (int)(length - 1), text);
}

static void fill_number(struct column *column, const struct tn_field *field, const struct tn_list *list, size_t stride,
                        struct tn_arena *arena)
{
    size_t rows = shown_rows(list->count);
    double *values = tn_arena_alloc(arena, rows + 1, sizeof *values);
    if (!values)
        return;
    for (size_t i = 0; i < rows; i++)
        values[i] = *(const double *)((const char *)list->items + shown_row(list->count, i) * stride + field->offset);
    struct tn_text_scale scale = tn_text_scale_of(field->quantity, values, rows);
    column->unit = scale.unit;
    bool fraction = false; /* counts such as wagons or trains need no decimals */
    for (size_t i = 0; i < rows; i++)
        fraction |= isfinite(values[i]) && values[i] != floor(values[i]);
    if (!fraction && !*scale.unit)
        scale.decimals = 0;
    for (size_t i = 0; i < rows; i++)
        column->cells[i] = tn_text_value(values[i], &scale, arena);
}

static tn_status fill_column(struct column *column, const struct tn_field *field, const struct tn_list *list,
                             size_t stride, struct tn_arena *arena)
{
    size_t rows = shown_rows(list->count);
    *column = (struct column){.head = tn_text_stem(field->name, field->quantity, arena),
                              .unit = "",
                              .cells = tn_arena_alloc(arena, rows + 1, sizeof(char *))};
    if (!column->cells || !column->head)
        return TN_ERR_MEMORY;
    if (field->type == TN_NUMBER) {
        fill_number(column, field, list, stride, arena);
    } else {
        column->text = field->type != TN_INTEGER;
        for (size_t i = 0; i < rows; i++) {
            const char *row = (const char *)list->items + shown_row(list->count, i) * stride;
            const char *text = tn_text_plain(tn_text_member(field, row + field->offset, arena), arena);
            column->cells[i] = text ? cut(text, arena) : NULL;
        }
    }
    column->width = tn_text_width(column->head);
    if (tn_text_width(column->unit) > column->width)
        column->width = tn_text_width(column->unit);
    for (size_t i = 0; i < rows; i++) {
        if (!column->cells[i])
            return TN_ERR_MEMORY;
        if (tn_text_width(column->cells[i]) > column->width)
            column->width = tn_text_width(column->cells[i]);
    }
    return TN_OK;
}

static void put_line(FILE *out, const struct column *columns, const bool *in, size_t count, size_t row, int what)
{
    fputs("  ", out);
    size_t spaces = 0; /* kept back, so that no line ends in them */
    for (size_t i = 0; i < count; i++) {
        if (!in[i])
            continue;
        const char *text = what == 0 ? columns[i].head : what == 1 ? columns[i].unit : columns[i].cells[row];
        size_t empty = columns[i].width - tn_text_width(text);
        spaces += GAP;
        if (!columns[i].text)
            spaces += empty;
        if (*text) {
            pad(out, spaces);
            spaces = 0;
            fputs(text, out);
        } else if (!columns[i].text) {
            continue;
        }
        if (columns[i].text)
            spaces += empty;
    }
    fputc('\n', out);
}

static bool any_unit(const struct column *columns, const bool *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (in[i] && *columns[i].unit)
            return true;
    return false;
}

static void put_block(FILE *out, const struct column *columns, const bool *in, size_t count, size_t list_count)
{
    put_line(out, columns, in, count, 0, 0);
    if (any_unit(columns, in, count))
        put_line(out, columns, in, count, 0, 1);
    for (size_t row = 0; row < shown_rows(list_count); row++) {
        if (list_count > ROWS_MOST && row == ROWS_ENDS)
            fprintf(out, "    ... %zu more rows in the results file\n", list_count - 2 * ROWS_ENDS);
        put_line(out, columns, in, count, row, 2);
    }
}

/* Columns that do not fit beside the others follow in further blocks, each led by the texts at the rows' begin. */
static void put_blocks(FILE *out, const struct column *columns, bool *in, size_t count, size_t list_count)
{
    size_t keys = 0;
    while (keys < count && columns[keys].text && keys < 2)
        keys++;
    for (size_t next = 0; next < count;) {
        size_t width = 4;
        for (size_t i = 0; i < count; i++)
            in[i] = i < keys;
        for (size_t i = 0; i < keys; i++)
            width += columns[i].width + GAP;
        size_t first = next < keys ? keys : next;
        for (next = first; next < count; next++) {
            if (next > first && width + columns[next].width + GAP > WIDTH)
                break;
            width += columns[next].width + GAP;
            in[next] = true;
        }
        put_block(out, columns, in, count, list_count);
        if (next < count)
            fputc('\n', out);
    }
}

static tn_status put_list(const struct printer *p, const struct tn_field *field, const struct tn_list *list)
{
    if (list->count == 0)
        return TN_OK;
    size_t most = 0, count = 0;
    for (const struct tn_field *f = field->sub->fields; f->name; f++)
        most++;
    struct column *columns = tn_arena_alloc(p->arena, most + 1, sizeof *columns);
    bool *in = tn_arena_alloc(p->arena, most + 1, sizeof *in);
    if (!columns || !in)
        return TN_ERR_MEMORY;
    for (const struct tn_field *f = field->sub->fields; f->name; f++) {
        if (!is_scalar(f))
            continue;
        tn_status status = fill_column(&columns[count++], f, list, field->sub->size, p->arena);
        if (status != TN_OK)
            return status;
    }
    fprintf(p->out, "\n  %s\n", field->doc);
    put_blocks(p->out, columns, in, count, list->count);
    return TN_OK;
}

static tn_status put_numbers(const struct printer *p, const struct tn_field *field, const struct tn_list *list)
{
    if (list->count == 0)
        return TN_OK;
    struct tn_text_scale scale = tn_text_scale_of(field->quantity, list->items, list->count);
    char *line = tn_arena_printf(p->arena, "%s", "");
    for (size_t i = 0; line && i < shown_rows(list->count); i++) {
        const char *value = tn_text_value(((const double *)list->items)[shown_row(list->count, i)], &scale, p->arena);
        line = value ? tn_arena_printf(p->arena, "%s%s%s", line, i ? " " : "", value) : NULL;
    }
    if (!line)
        return TN_ERR_MEMORY;
    fprintf(p->out, "\n  %s%s%s%s\n", field->doc, *scale.unit ? " (" : "", scale.unit, *scale.unit ? ")" : "");
    return put_wrapped(p, "    ", "    ", line);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static tn_status put_scalars(const struct printer *p, const struct tn_schema *schema, const void *object, size_t width)
{
    tn_status status = TN_OK;
    for (const struct tn_field *field = schema->fields; status == TN_OK && field->name; field++) {
        const void *member = (const char *)object + field->offset;
        if (field->type == TN_STRUCT && !(field->flags & TN_HIDDEN))
            status = put_scalars(p, field->sub, member, width);
        else if (is_scalar(field))
            status = put_scalar(p, field, member, width);
    }
    return status;
}

static tn_status put_lists(const struct printer *p, const struct tn_schema *schema, const void *object)
{
    tn_status status = TN_OK;
    for (const struct tn_field *field = schema->fields; status == TN_OK && field->name; field++) {
        const void *member = (const char *)object + field->offset;
        if (field->flags & TN_HIDDEN)
            continue;
        if (field->type == TN_LIST)
            status = put_list(p, field, member);
        else if (field->type == TN_NUMBERS)
            status = put_numbers(p, field, member);
    }
    return status;
}

static tn_status put_heading(const struct printer *p, const struct tn_solved *solved)
{
    const struct tn_result_head *head = solved->result;
    const struct {
        const char *before, *text;
    } parts[] = {{"", solved->id},        {" (", solved->kind->name}, {")  train ", head->train},
                 {", line ", head->line}, {", ", head->direction},    {", depth ", head->depth}};
    char *line = tn_arena_printf(p->arena, "%s", "");
    for (size_t i = 0; line && i < sizeof parts / sizeof *parts; i++) {
        const char *before = i == 2 && !parts[i].text ? ")" : parts[i].text ? parts[i].before : "";
        line = tn_arena_printf(p->arena, "%s%s%s", line, before, parts[i].text ? parts[i].text : "");
    }
    return line ? put_wrapped(p, "", "  ", line) : TN_ERR_MEMORY;
}

static tn_status put_assumptions(const struct printer *p, const struct tn_list *list)
{
    tn_status status = TN_OK;
    if (list->count)
        fputs("\n  rests on\n", p->out);
    for (size_t i = 0; status == TN_OK && i < list->count; i++) {
        const struct tn_assumption *row = (const struct tn_assumption *)list->items + i;
        const char *confidence = tn_confidence_name(row->confidence);
        const char *words = row->text ? row->text : "";
        const char *level = tn_arena_printf(p->arena, " (%s)", confidence ? confidence : "unknown");
        bool said = level && strlen(words) > strlen(level) && strcmp(words + strlen(words) - strlen(level), level) == 0;
        const char *text = level ? tn_arena_printf(p->arena, "%s%s", words, said ? "" : level) : NULL;
        status = text ? put_wrapped(p, "  - ", "    ", text) : TN_ERR_MEMORY;
    }
    return status;
}

tn_status tn_table_print(FILE *out, const struct tn_solved *solved, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    const struct printer p = {out, &arena};
    const struct tn_result_head *head = solved->result;
    tn_status status = put_heading(&p, solved);
    if (status == TN_OK)
        status = put_scalars(&p, solved->kind->result, solved->result, label_width(solved->kind->result));
    if (status == TN_OK)
        status = put_lists(&p, solved->kind->result, solved->result);
    if (status == TN_OK && head->verdict) {
        fputc('\n', out);
        status = put_wrapped(&p, "  => ", "     ", head->verdict);
    }
    if (status == TN_OK)
        status = put_assumptions(&p, &head->assumptions);
    tn_arena_clear(&arena);
    if (status == TN_OK && ferror(out)) {
        tn_error(ctx, NULL, NULL, "cannot write the tables");
        status = TN_ERR_IO;
    }
    return status;
}
