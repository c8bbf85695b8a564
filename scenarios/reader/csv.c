/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <string.h>

#define COLUMNS 64

struct column {
    const struct tn_field *field;
    const char *unit; /* of the header, or NULL */
};

struct table {
    struct tn_scenario_reader *reader;
    const struct tn_source *source;
    const struct tn_schema *row;
    struct column columns[COLUMNS];
    size_t column_count;
    tn_csv_unknown *unknown; /* NULL: an unknown column is an error */
    void *payload;
};

struct cell {
    const char *text;
    bool quoted;
    struct tn_place place;
};

static size_t characters(const char *text, const char *end)
{
    size_t count = 0;
    for (; text < end; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

static struct tn_place place_of(const struct table *table, size_t line, const char *from, const char *to)
{
    const char *start = table->source->lines + table->source->starts[line - 1];
    return tn_source_place(table->source, line, characters(start, from) + 1, characters(from, to));
}

/* Text between quotes, in which "" is a quote; *p moves behind it. */
static const char *quoted(const struct table *table, const char **p, bool *closed)
{
    size_t length = 0;
    char *text = tn_reader_alloc(table->reader, strlen(*p) + 1, 1);
    const char *c = *p + 1;
    while (*c != '\0' && (*c != '"' || c[1] == '"')) {
        c += *c == '"';
        if (text != NULL)
            text[length] = *c;
        length++;
        c++;
    }
    *closed = *c == '"';
    *p = c + *closed;
    return text;
}

/* The next cell of a line; *p moves to the comma or the end. */
static bool next_cell(struct cell *cell, const struct table *table, size_t line, const char **p)
{
    const char *from = skip_blanks(*p), *to = from;
    cell->quoted = *from == '"';
    if (cell->quoted) {
        bool closed;
        cell->text = quoted(table, &to, &closed);
        *p = skip_blanks(to);
        cell->place = place_of(table, line, from, to);
        if (!closed || (**p != ',' && **p != '\0')) {
            tn_error_at(table->reader->ctx, &cell->place, NULL, "quotes must begin and end a cell");
            return false;
        }
        return cell->text != NULL;
    }
    *p = from + strcspn(from, ",");
    to = *p;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    cell->text = tn_arena_copy(&table->reader->arena, from, (size_t)(to - from));
    table->reader->no_memory |= cell->text == NULL;
    cell->place = place_of(table, line, from, to);
    return cell->text != NULL;
}

/* "km [km]" into name and unit. */
static bool split_heading(struct table *table, const struct cell *cell, const char **name, const char **unit)
{
    const char *open = strchr(cell->text, '[');
    *name = cell->text;
    *unit = NULL;
    if (open == NULL)
        return true;
    const char *close = strchr(open, ']'), *end = open;
    if (close == NULL || close[1] != '\0') {
        tn_error_at(table->reader->ctx, &cell->place, "write a column as 'name [unit]'", "column '%s'", cell->text);
        return false;
    }
    while (end > cell->text && end[-1] == ' ')
        end--;
    *name = tn_reader_printf(table->reader, "%.*s", (int)(end - cell->text), cell->text);
    *unit = tn_reader_printf(table->reader, "%.*s", (int)(close - open - 1), open + 1);
    return *name != NULL && *unit != NULL;
}

static bool fits_cell(const struct tn_field *field)
{
    return field->type != TN_STRUCT && field->type != TN_LIST && field->type != TN_NUMBERS && field->type != TN_VARIANT;
}

static const char *column_names(const struct table *table)
{
    const char *names = "";
    for (const struct tn_field *field = table->row->fields; field->name != NULL && names != NULL; field++)
        if (fits_cell(field))
            names = tn_reader_printf(table->reader, "%s%s%s", names, *names == '\0' ? "" : ", ", field->name);
    return names == NULL ? "" : names;
}

static const char *heading_hint(const struct table *table, const struct tn_field *field)
{
    const struct tn_unit *unit = tn_unit_display(field->quantity);
    return unit == NULL ? tn_reader_printf(table->reader, "write %s or %s [%%]", field->name, field->name)
                        : tn_reader_printf(table->reader, "write %s [%s]", field->name, unit->name);
}

static void heading(struct table *table, const struct cell *cell)
{
    struct tn_context *ctx = table->reader->ctx;
    struct column *column = &table->columns[table->column_count++];
    const char *name, *unit;
    *column = (struct column){0};
    if (!split_heading(table, cell, &name, &unit))
        return;
    const struct tn_field *field = tn_schema_find(table->row, name);
    if (field == NULL && table->unknown != NULL) {
        table->unknown(&cell->place, name, table->payload);
        return;
    }
    if (field == NULL) {
        const char *near = tn_walk_nearest(&table->reader->arena, name, table->row, NULL);
        tn_error_at(ctx, &cell->place,
                    tn_reader_printf(table->reader, "%s%scolumns: %s", near == NULL ? "" : near,
                                     near == NULL ? "" : " ", column_names(table)),
                    "unknown column '%s' in %s", name, table->row->name);
        return;
    }
    for (size_t i = 0; i + 1 < table->column_count; i++)
        if (table->columns[i].field == field) {
            tn_error_at(ctx, &cell->place, NULL, "column '%s' is already given", name);
            return;
        }
    bool number = field->type == TN_NUMBER && field->quantity != TN_Q_NONE;
    if (!fits_cell(field))
        tn_error_at(ctx, &cell->place, NULL, "'%s' cannot stand in a table", name);
    else if (unit != NULL && !number)
        tn_error_at(ctx, &cell->place, NULL, "'%s' takes no unit", name);
    else if (unit != NULL && tn_unit_find(field->quantity, unit, strlen(unit)) == NULL)
        tn_error_at(ctx, &cell->place, heading_hint(table, field), "'%s' is %s %s: it has no unit '%s'", name,
                    tn_article(tn_quantity_name(field->quantity)), tn_quantity_name(field->quantity), unit);
    else if (unit == NULL && number && field->quantity != TN_Q_RATIO)
        tn_error_at(ctx, &cell->place, heading_hint(table, field), "column '%s' is %s %s and needs a unit", name,
                    tn_article(tn_quantity_name(field->quantity)), tn_quantity_name(field->quantity));
    else
        *column = (struct column){field, unit};
}

static void check_columns(struct table *table, size_t line)
{
    const char *start = table->source->lines + table->source->starts[line - 1];
    const struct tn_place place = place_of(table, line, start, start + strlen(start));
    for (const struct tn_field *field = table->row->fields; field->name != NULL; field++) {
        size_t i = 0;
        while (i < table->column_count && table->columns[i].field != field)
            i++;
        if (field->flags & TN_REQUIRED && i == table->column_count)
            tn_error_at(table->reader->ctx, &place, tn_reader_printf(table->reader, "%s: %s", field->name, field->doc),
                        "the table lacks a column '%s'", field->name);
    }
}

static bool read_header(struct table *table, size_t line)
{
    size_t before = table->reader->ctx->errors;
    const char *p = table->source->lines + table->source->starts[line - 1];
    for (;; p++) {
        struct cell cell;
        if (!next_cell(&cell, table, line, &p))
            return false;
        if (table->column_count == COLUMNS) {
            tn_error_at(table->reader->ctx, &cell.place, NULL, "more than %d columns", COLUMNS);
            return false;
        }
        heading(table, &cell);
        if (*p == '\0')
            break;
    }
    if (table->reader->ctx->errors == before)
        check_columns(table, line);
    return table->reader->ctx->errors == before && !table->reader->no_memory;
}

static bool add_cell(struct table *table, struct tn_node *row, const struct cell *cell, const struct column *column)
{
    if (column->field == NULL || (*cell->text == '\0' && !cell->quoted))
        return true;
    struct tn_number number;
    const char *text = cell->text;
    if (column->unit != NULL && tn_number_split(&number, text) && *number.unit == '\0')
        text = tn_reader_printf(table->reader, "%s %s", text, column->unit);
    if (text == NULL)
        return false;
    struct tn_node *value = tn_tree_scalar(table->reader, table->source, text, &cell->place);
    struct tn_node *key = tn_tree_scalar(table->reader, table->source, column->field->name, &cell->place);
    if (value == NULL || key == NULL)
        return false;
    value->plain = !cell->quoted;
    row->keys[row->count] = key;
    row->items[row->count++] = value;
    return true;
}

static struct tn_node *read_row(struct table *table, size_t line)
{
    struct tn_scenario_reader *reader = table->reader;
    const char *start = table->source->lines + table->source->starts[line - 1], *p = start;
    struct tn_node *row = tn_reader_alloc(reader, 1, sizeof *row);
    if (row == NULL)
        return NULL;
    *row = (struct tn_node){.kind = TN_NODE_MAPPING, .source = table->source};
    row->place = place_of(table, line, skip_blanks(start), start + strlen(start));
    row->keys = tn_reader_alloc(reader, table->column_count, sizeof *row->keys);
    row->items = tn_reader_alloc(reader, table->column_count, sizeof *row->items);
    if (row->keys == NULL || row->items == NULL)
        return NULL;
    size_t count = 0;
    for (;; p++) {
        struct cell cell;
        if (!next_cell(&cell, table, line, &p))
            return NULL;
        if (count < table->column_count && !add_cell(table, row, &cell, &table->columns[count]))
            return NULL;
        count++;
        if (*p == '\0')
            break;
    }
    if (count != table->column_count) {
        tn_error_at(reader->ctx, &row->place, NULL, "a row of %zu cells in a table of %zu columns", count,
                    table->column_count);
        return NULL;
    }
    return row;
}

static bool is_skipped(const char *text)
{
    return *text == '\0' || *text == '#';
}

const char **tn_csv_headings(size_t *count_out, struct tn_scenario_reader *reader, const struct tn_source *source)
{
    struct table table = {.reader = reader, .source = source};
    const char **names = tn_reader_alloc(reader, COLUMNS, sizeof *names);
    size_t line = 1;
    *count_out = 0;
    while (line <= source->line_count && is_skipped(skip_blanks(source->lines + source->starts[line - 1])))
        line++;
    const char *p = line <= source->line_count ? source->lines + source->starts[line - 1] : NULL;
    for (; names != NULL && p != NULL && *count_out < COLUMNS; p++) {
        struct cell cell;
        const char *unit;
        if (!next_cell(&cell, &table, line, &p) || !split_heading(&table, &cell, &names[*count_out], &unit))
            return NULL;
        ++*count_out;
        if (*p == '\0')
            break;
    }
    return names;
}

struct tn_node *tn_csv_parse(struct tn_scenario_reader *reader, const struct tn_source *source,
                             const struct tn_schema *row)
{
    return tn_csv_parse_known(reader, source, row, NULL, NULL);
}

struct tn_node *tn_csv_parse_known(struct tn_scenario_reader *reader, const struct tn_source *source,
                                   const struct tn_schema *row, tn_csv_unknown *unknown, void *payload)
{
    struct table table = {.reader = reader, .source = source, .row = row, .unknown = unknown, .payload = payload};
    struct tn_node *list = tn_reader_alloc(reader, 1, sizeof *list);
    struct tn_node **items = tn_reader_alloc(reader, source->line_count, sizeof(struct tn_node *));
    if (list == NULL || items == NULL)
        return NULL;
    *list = (struct tn_node){.kind = TN_NODE_SEQUENCE, .items = items, .source = source};
    list->place = tn_source_place(source, 1, 1, 1);
    bool ok = true;
    for (size_t line = 1; line <= source->line_count; line++) {
        const char *text = skip_blanks(source->lines + source->starts[line - 1]);
        if (is_skipped(text))
            continue;
        if (table.column_count == 0) {
            if (!read_header(&table, line))
                return NULL;
            continue;
        }
        struct tn_node *item = read_row(&table, line);
        if (item != NULL)
            items[list->count++] = item;
        ok = ok && item != NULL;
    }
    if (table.column_count == 0) {
        tn_error_at(reader->ctx, &list->place, "the first line names the columns", "the table is empty");
        return NULL;
    }
    if (ok && list->count == 0) {
        tn_error_at(reader->ctx, &list->place, "leave the key out if there is nothing to say",
                    "the table has columns but no rows");
        return NULL;
    }
    return ok ? list : NULL;
}
