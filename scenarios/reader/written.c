/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
/* Trees of nodes as YAML and as tables. */
#include <string.h>
#include <yaml.h>

#include "import_parts.h"

enum { WIDTH = 110 };

struct writer {
    yaml_document_t document;
    bool failed;
};

/* What stands in one line: a few single values. */
static bool is_flat(const struct tn_node *node)
{
    size_t width = 0;
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != TN_NODE_SCALAR)
            return false;
        width += strlen(node->items[i]->text) + (node->kind == TN_NODE_MAPPING ? strlen(node->keys[i]->text) + 4 : 2);
    }
    return node->kind != TN_NODE_SCALAR && width <= WIDTH;
}

static int scalar(struct writer *writer, const char *text, bool plain)
{
    const bool odd = *text == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0 || strcmp(text, "<<") == 0;
    const int out = yaml_document_add_scalar(&writer->document, NULL, (const yaml_char_t *)text, (int)strlen(text),
                                             odd && !plain ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE);
    writer->failed |= out == 0;
    return out;
}

/* depth: of the node; flow_from: the depth from which it may stand in one line */
static int write_node(struct writer *writer, const struct tn_node *node, int depth, int flow_from)
{
    const bool flow = depth >= (node->kind == TN_NODE_SEQUENCE ? 1 : flow_from) && is_flat(node);
    int out = 0;
    if (node->kind == TN_NODE_SCALAR)
        out = scalar(writer, node->text, node->plain);
    else if (node->kind == TN_NODE_SEQUENCE)
        out = yaml_document_add_sequence(&writer->document, NULL,
                                         flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
    else
        out = yaml_document_add_mapping(&writer->document, NULL,
                                        flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
    writer->failed |= out == 0;
    for (size_t i = 0; i < node->count && !writer->failed; i++) {
        const int key = node->kind == TN_NODE_MAPPING ? scalar(writer, node->keys[i]->text, false) : 0;
        const int value = writer->failed ? 0 : write_node(writer, node->items[i], depth + 1, flow_from);
        if (writer->failed)
            break;
        const int done = node->kind == TN_NODE_MAPPING
                             ? yaml_document_append_mapping_pair(&writer->document, out, key, value)
                             : yaml_document_append_sequence_item(&writer->document, out, value);
        writer->failed |= done == 0;
    }
    return out;
}

static int collect(void *payload, unsigned char *bytes, size_t size)
{
    struct tn_string *text = payload;
    tn_string_bytes(text, bytes, size);
    return !text->failed;
}

const char *tn_written_yaml(const struct tn_node *root, bool definitions, struct tn_arena *arena)
{
    struct writer writer = {.failed = false};
    struct tn_string text = {0};
    yaml_emitter_t emitter;
    if (!yaml_document_initialize(&writer.document, NULL, NULL, NULL, 1, 1))
        return NULL;
    write_node(&writer, root, 0, definitions ? 3 : 1);
    if (writer.failed || !yaml_emitter_initialize(&emitter)) {
        yaml_document_delete(&writer.document);
        return NULL;
    }
    yaml_emitter_set_output(&emitter, collect, &text);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    const bool ok =
        yaml_emitter_open(&emitter) && yaml_emitter_dump(&emitter, &writer.document) && yaml_emitter_close(&emitter);
    yaml_emitter_delete(&emitter);
    const char *result = tn_string_finish(&text, arena);
    return ok ? result : NULL;
}

/* --- tables --- */

enum { COLUMNS = 64 };

struct column {
    const char *name;
    const char *unit; /* of all its values; NULL: none, or not the same */
};

static size_t find_column(const struct column *columns, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(columns[i].name, name) != 0)
        i++;
    return i;
}

/* The keys of all rows: a key that earlier rows lack comes behind its neighbour. */
static size_t find_columns(struct column *columns, const struct tn_node *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t after = 0;
        for (size_t j = 0; j < list->items[i]->count; j++) {
            const char *name = list->items[i]->keys[j]->text;
            const size_t at = find_column(columns, count, name);
            if (at == count && count < COLUMNS) {
                memmove(&columns[after + 1], &columns[after], (count - after) * sizeof *columns);
                columns[after] = (struct column){name, NULL};
                count++;
                after++;
            } else {
                after = at + 1;
            }
        }
    }
    return count;
}

static void find_unit(struct column *column, const struct tn_node *list, const struct tn_schema *row)
{
    const struct tn_field *field = tn_schema_find(row, column->name);
    if (field == NULL || field->type != TN_NUMBER || field->quantity == TN_Q_NONE)
        return;
    const char *unit = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct tn_node *cell = tn_tree_get(list->items[i], column->name);
        struct tn_number number;
        if (cell == NULL)
            continue;
        if (!tn_number_split(&number, cell->text) || *number.unit == '\0' ||
            (unit != NULL && strcmp(unit, number.unit) != 0))
            return;
        unit = number.unit;
    }
    column->unit = unit;
}

/* Quoted where a reader would take it for something else. */
static void add_cell(struct tn_string *out, const char *text, size_t length)
{
    const bool blank = length > 0 && (strchr(" \t", text[0]) != NULL || strchr(" \t", text[length - 1]) != NULL);
    bool odd = blank || length == 0 || text[0] == '#';
    for (size_t i = 0; i < length; i++)
        odd |= strchr(",\"", text[i]) != NULL;
    if (!odd) {
        tn_string_bytes(out, text, length);
        return;
    }
    tn_string_bytes(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        tn_string_bytes(out, &text[i], 1);
        if (text[i] == '"')
            tn_string_bytes(out, "\"", 1);
    }
    tn_string_bytes(out, "\"", 1);
}

/* The digits of a number alone, where the heading tells its unit. */
static size_t length_of(const char *text, const struct column *column)
{
    struct tn_number number;
    if (column->unit == NULL || !tn_number_split(&number, text))
        return strlen(text);
    size_t length = (size_t)(number.unit - text);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return length;
}

const char *tn_written_csv(const struct tn_node *list, const struct tn_schema *row, struct tn_arena *arena)
{
    struct column columns[COLUMNS] = {{NULL, NULL}};
    const size_t count = find_columns(columns, list);
    struct tn_string out = {0};
    for (size_t c = 0; c < count; c++) {
        find_unit(&columns[c], list, row);
        tn_string_add(&out, "%s%s", c == 0 ? "" : ",", columns[c].name);
        if (columns[c].unit != NULL)
            tn_string_add(&out, " [%s]", columns[c].unit);
    }
    tn_string_add(&out, "\n");
    for (size_t i = 0; i < list->count; i++) {
        for (size_t c = 0; c < count; c++) {
            const struct tn_node *cell = tn_tree_get(list->items[i], columns[c].name);
            if (c > 0)
                tn_string_add(&out, ",");
            if (cell != NULL)
                add_cell(&out, cell->text, length_of(cell->text, &columns[c]));
        }
        tn_string_add(&out, "\n");
    }
    return tn_string_finish(&out, arena);
}
