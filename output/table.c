/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "results.h"
#include "text.h"

enum { WIDTH = 100, ROWS_MOST = 24, ROWS_ENDS = 5, LABEL_MOST = 58, CELL_MOST = 30, GAP = 2 };

/* A column of a list as shown. */
struct column {
    const char *over, *head, *unit; /* a name of two lines begins in `over` */
    const char **cells;             /* one a row */
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
    return tn_text_result(field, value, unit, arena);
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

/* Goes on in the present line, further lines as far from the left. */
static tn_status put_sentence(const struct printer *p, const char *text, size_t from)
{
    struct tn_list lines;
    tn_status status = tn_text_wrap(&lines, text, WIDTH - from, p->arena);
    for (size_t i = 0; status == TN_OK && i < lines.count; i++) {
        if (i > 0)
            pad(p->out, from);
        fprintf(p->out, "%s\n", ((const char **)lines.items)[i]);
    }
    return status;
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
    if (tn_text_width(text) > WIDTH - 2 - width - GAP)
        return put_sentence(p, text, 2 + width + GAP);
    put_right(p->out, text, 12);
    fprintf(p->out, "%s%s\n", *unit ? " " : "", unit);
    return TN_OK;
}

/* --- lists ------------------------------------------------------------------------------------------------------ */

/* The rows of a list that are shown: all, or of a long one those that matter most, or the first and last few. */
struct rows {
    const struct tn_list *list;
    size_t stride;
    const struct tn_field *least; /* the long list is cut by this column; NULL: to its ends */
    size_t *at, count;
};

static const void *row_at(const struct rows *rows, size_t i)
{
    return (const char *)rows->list->items + rows->at[i] * rows->stride;
}

static double least_at(const struct rows *rows, size_t i)
{
    double value =
        *(const double *)(const void *)((const char *)rows->list->items + i * rows->stride + rows->least->offset);
    return isnan(value) ? HUGE_VAL : value;
}

/* Keeps row i if it is smaller than the largest kept; the rows stay in their order. */
static void keep_least(struct rows *rows, size_t i)
{
    size_t most = 0;
    for (size_t k = 1; k < rows->count; k++)
        if (least_at(rows, rows->at[k]) >= least_at(rows, rows->at[most]))
            most = k;
    if (least_at(rows, i) >= least_at(rows, rows->at[most]))
        return;
    memmove(&rows->at[most], &rows->at[most + 1], (rows->count - most - 1) * sizeof *rows->at);
    rows->at[rows->count - 1] = i;
}

static tn_status pick_rows(struct rows *rows, const struct tn_list *list, const struct tn_schema *schema,
                           struct tn_arena *arena)
{
    bool whole = list->count <= ROWS_MOST;
    *rows = (struct rows){.list = list, .stride = schema ? schema->size : sizeof(double)};
    rows->count = whole ? list->count : 2 * ROWS_ENDS;
    rows->at = tn_arena_alloc(arena, rows->count + 1, sizeof *rows->at);
    if (!rows->at)
        return TN_ERR_MEMORY;
    for (const struct tn_field *field = schema && !whole ? schema->fields : NULL; field && field->name; field++)
        if (field->flags & TN_LEAST && field->type == TN_NUMBER)
            rows->least = field;
    for (size_t i = 0; i < rows->count; i++)
        rows->at[i] = whole || rows->least || i < ROWS_ENDS ? i : list->count - rows->count + i;
    for (size_t i = rows->count; rows->least && i < list->count; i++)
        keep_least(rows, i);
    return TN_OK;
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

static void fill_number(struct column *column, const struct tn_field *field, const struct rows *rows,
                        struct tn_arena *arena)
{
    double *values = tn_arena_alloc(arena, rows->count + 1, sizeof *values);
    if (!values)
        return;
    for (size_t i = 0; i < rows->count; i++)
        values[i] = *(const double *)(const void *)((const char *)row_at(rows, i) + field->offset);
    struct tn_text_scale scale = tn_text_scale_of(field->quantity, values, rows->count);
    column->unit = scale.unit;
    bool fraction = false; /* counts such as wagons or trains need no decimals */
    for (size_t i = 0; i < rows->count; i++)
        fraction |= isfinite(values[i]) && values[i] != floor(values[i]);
    if (!fraction && !*scale.unit)
        scale.decimals = 0;
    for (size_t i = 0; i < rows->count; i++)
        column->cells[i] = tn_text_value(values[i], &scale, arena);
}

/* A name of several words stands in two lines, as narrow as can be. */
static void split_head(struct column *column, char *head)
{
    size_t length = strlen(head), best = length;
    char *at = NULL;
    column->over = "";
    column->head = head;
    for (char *c = strchr(head, ' '); c; c = strchr(c + 1, ' ')) {
        size_t before = (size_t)(c - head), width = before > length - before - 1 ? before : length - before - 1;
        if (width < best)
            best = width, at = c;
    }
    if (!at)
        return;
    *at = '\0';
    column->over = head;
    column->head = at + 1;
}

static tn_status fill_column(struct column *column, const struct tn_field *field, const struct rows *rows,
                             struct tn_arena *arena)
{
    const char *stem = tn_text_stem(field->name, field->quantity, arena);
    char *head = stem ? tn_arena_copy(arena, stem, strlen(stem)) : NULL;
    *column = (struct column){.unit = "", .cells = tn_arena_alloc(arena, rows->count + 1, sizeof(char *))};
    if (!column->cells || !head)
        return TN_ERR_MEMORY;
    split_head(column, head);
    if (field->type == TN_NUMBER) {
        fill_number(column, field, rows, arena);
    } else {
        column->text = field->type != TN_INTEGER;
        for (size_t i = 0; i < rows->count; i++) {
            const char *member = (const char *)row_at(rows, i) + field->offset;
            const char *text = tn_text_plain(tn_text_member(field, member, arena), arena);
            column->cells[i] = text ? cut(text, arena) : NULL;
        }
    }
    const char *const fixed[] = {column->over, column->head, column->unit};
    for (size_t i = 0; i < 3; i++)
        if (tn_text_width(fixed[i]) > column->width)
            column->width = tn_text_width(fixed[i]);
    for (size_t i = 0; i < rows->count; i++) {
        if (!column->cells[i])
            return TN_ERR_MEMORY;
        if (tn_text_width(column->cells[i]) > column->width)
            column->width = tn_text_width(column->cells[i]);
    }
    return TN_OK;
}

enum line { OVER, HEAD, UNIT, CELLS };

static const char *text_of(const struct column *column, enum line line, size_t row)
{
    switch (line) {
    case OVER:
        return column->over;
    case HEAD:
        return column->head;
    case UNIT:
        return column->unit;
    default:
        return column->cells[row];
    }
}

/* A line that holds nothing is left out. */
static void put_line(FILE *out, const struct column *columns, const bool *in, size_t count, enum line line, size_t row)
{
    bool any = line == CELLS;
    for (size_t i = 0; i < count; i++)
        any |= in[i] && *text_of(&columns[i], line, row);
    if (!any)
        return;
    fputs("  ", out);
    size_t spaces = 0; /* kept back, so that no line ends in them */
    for (size_t i = 0; i < count; i++) {
        if (!in[i])
            continue;
        const char *text = text_of(&columns[i], line, row);
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

static void put_block(const struct printer *p, const struct column *columns, const bool *in, size_t count,
                      const struct rows *rows)
{
    size_t left = rows->list->count - rows->count;
    for (enum line line = OVER; line <= UNIT; line++)
        put_line(p->out, columns, in, count, line, 0);
    for (size_t row = 0; row < rows->count; row++) {
        if (left && !rows->least && row == ROWS_ENDS)
            fprintf(p->out, "    ... %zu more rows in the results file (-o)\n", left);
        put_line(p->out, columns, in, count, CELLS, row);
    }
    const char *least = rows->least ? tn_text_stem(rows->least->name, rows->least->quantity, p->arena) : NULL;
    if (left && least)
        fprintf(p->out, "    ... %zu rows with more %s in the results file (-o)\n", left, least);
}

/* Columns that do not fit beside the others follow in further blocks, each led by the texts at the rows' begin. */
static void put_blocks(const struct printer *p, const struct column *columns, bool *in, size_t count,
                       const struct rows *rows)
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
        put_block(p, columns, in, count, rows);
        if (next < count)
            fputc('\n', p->out);
    }
}

static tn_status put_list(const struct printer *p, const struct tn_field *field, const struct tn_list *list)
{
    if (list->count == 0)
        return TN_OK;
    struct rows rows;
    size_t most = 0, count = 0;
    for (const struct tn_field *f = field->sub->fields; f->name; f++)
        most++;
    struct column *columns = tn_arena_alloc(p->arena, most + 1, sizeof *columns);
    bool *in = tn_arena_alloc(p->arena, most + 1, sizeof *in);
    if (!columns || !in || pick_rows(&rows, list, field->sub, p->arena) != TN_OK)
        return TN_ERR_MEMORY;
    for (const struct tn_field *f = field->sub->fields; f->name; f++) {
        if (!is_scalar(f))
            continue;
        tn_status status = fill_column(&columns[count++], f, &rows, p->arena);
        if (status != TN_OK)
            return status;
    }
    fprintf(p->out, "\n  %s\n", field->doc);
    put_blocks(p, columns, in, count, &rows);
    return TN_OK;
}

static tn_status put_numbers(const struct printer *p, const struct tn_field *field, const struct tn_list *list)
{
    if (list->count == 0)
        return TN_OK;
    struct rows rows;
    if (pick_rows(&rows, list, NULL, p->arena) != TN_OK)
        return TN_ERR_MEMORY;
    struct tn_text_scale scale = tn_text_scale_of(field->quantity, list->items, list->count);
    char *line = tn_arena_printf(p->arena, "%s", "");
    for (size_t i = 0; line && i < rows.count; i++) {
        const char *value = tn_text_value(*(const double *)row_at(&rows, i), &scale, p->arena);
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
        if (field->flags & TN_OF_TRAIN && !((const struct tn_result_head *)object)->train)
            continue;
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

static tn_status finish(const struct printer *p, tn_status status, struct tn_context *ctx)
{
    tn_arena_clear(p->arena);
    if (status != TN_OK || !ferror(p->out))
        return status;
    tn_error(ctx, NULL, NULL, "cannot write the tables");
    return TN_ERR_IO;
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
    fputc('\n', out);
    return finish(&p, status, ctx);
}

/* What results rest on: a text and the studies that it concerns. */
struct ground {
    const struct tn_assumption *assumption;
    bool *of; /* one a study */
    bool done;
};

static tn_status put_ground(const struct printer *p, const struct tn_assumption *row)
{
    const char *confidence = tn_confidence_name(row->confidence);
    const char *words = row->text ? row->text : "";
    const char *level = tn_arena_printf(p->arena, " (%s)", confidence ? confidence : "unknown");
    bool said = level && strlen(words) > strlen(level) && strcmp(words + strlen(words) - strlen(level), level) == 0;
    const char *text = level ? tn_arena_printf(p->arena, "%s%s", words, said ? "" : level) : NULL;
    return text ? put_wrapped(p, "  - ", "    ", text) : TN_ERR_MEMORY;
}

/* Equal assumptions of several studies become one. */
static tn_status gather(struct tn_list *grounds_out, const struct tn_solved *solved, size_t count,
                        struct tn_arena *arena)
{
    size_t most = 0, found = 0;
    for (size_t i = 0; i < count; i++)
        most += ((const struct tn_result_head *)solved[i].result)->assumptions.count;
    struct ground *grounds = tn_arena_alloc(arena, most + 1, sizeof *grounds);
    for (size_t i = 0; grounds && i < count; i++) {
        const struct tn_list *list = &((const struct tn_result_head *)solved[i].result)->assumptions;
        for (size_t k = 0; k < list->count; k++) {
            const struct tn_assumption *row = (const struct tn_assumption *)list->items + k;
            size_t at = 0;
            while (at < found && (grounds[at].assumption->confidence != row->confidence ||
                                  strcmp(grounds[at].assumption->text, row->text) != 0))
                at++;
            if (at == found)
                grounds[found++] = (struct ground){row, tn_arena_alloc(arena, count, sizeof(bool)), false};
            if (!grounds[at].of)
                return TN_ERR_MEMORY;
            grounds[at].of[i] = true;
        }
    }
    *grounds_out = (struct tn_list){grounds, found};
    return grounds ? TN_OK : TN_ERR_MEMORY;
}

/* "climb and hold rest on"; one study of a file of one needs no name. */
static tn_status put_studies(const struct printer *p, const struct tn_solved *solved, size_t count, const bool *of)
{
    size_t concerned = 0, named = 0;
    for (size_t i = 0; i < count; i++)
        concerned += of[i];
    const char *line = count == 1 ? "the result" : "";
    for (size_t i = 0; line && count > 1 && i < count; i++)
        if (of[i]) {
            named++;
            const char *after = named + 1 < concerned ? ", " : named < concerned ? " and " : "";
            line = tn_arena_printf(p->arena, "%s%s%s", line, solved[i].id, after);
        }
    line = line ? tn_arena_printf(p->arena, "%s rest%s on", line, concerned == 1 ? "s" : "") : NULL;
    return line ? put_wrapped(p, "", "  ", line) : TN_ERR_MEMORY;
}

tn_status tn_table_print_grounds(FILE *out, const struct tn_solved *solved, size_t count, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    const struct printer p = {out, &arena};
    struct tn_list list;
    tn_status status = gather(&list, solved, count, &arena);
    struct ground *grounds = list.items;
    for (size_t i = 0; status == TN_OK && i < list.count; i++) {
        if (grounds[i].done)
            continue;
        if (i)
            fputc('\n', out);
        status = put_studies(&p, solved, count, grounds[i].of);
        for (size_t k = i; status == TN_OK && k < list.count; k++) {
            if (grounds[k].done || memcmp(grounds[k].of, grounds[i].of, count * sizeof(bool)) != 0)
                continue;
            grounds[k].done = true;
            status = put_ground(&p, grounds[k].assumption);
        }
    }
    return finish(&p, status, ctx);
}
