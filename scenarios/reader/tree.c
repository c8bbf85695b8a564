/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <string.h>
#include <yaml.h>

struct tree {
    struct tn_scenario_reader *reader;
    const struct tn_source *source;
    size_t offset; /* of the YAML in the source, on its first line */
};

static struct tn_place place_of(const struct tree *tree, const yaml_mark_t *start, const yaml_mark_t *end)
{
    size_t shift = start->line == 0 ? tree->offset : 0, lines = tree->source->line_count;
    if (start->line >= lines) /* libyaml ends a text without a last line end one line further */
        return tn_source_place(tree->source, lines, strlen(tree->source->lines + tree->source->starts[lines - 1]) + 1,
                               1);
    size_t length = end->line == start->line && end->column > start->column ? end->column - start->column : 1;
    return tn_source_place(tree->source, start->line + 1, start->column + shift + 1, length);
}

static void refuse(const struct tree *tree, const yaml_event_t *event, const char *hint, const char *what)
{
    struct tn_place place = place_of(tree, &event->start_mark, &event->end_mark);
    tn_error_at(tree->reader->ctx, &place, hint, "%s", what);
}

/* A character that libyaml does not take is known by its byte. */
static struct tn_place place_of_byte(const struct tree *tree, size_t at)
{
    const struct tn_source *source = tree->source;
    size_t line = source->line_count, column = 1;
    at += tree->offset;
    while (line > 1 && source->starts[line - 1] > at)
        line--;
    for (size_t i = source->starts[line - 1]; i < at && i < source->size; i++)
        column += (source->text[i] & 0xc0) != 0x80;
    struct tn_place place = tn_source_place(source, line, column, 1);
    place.source = NULL; /* would garble the terminal */
    return place;
}

static void syntax_error(const struct tree *tree, const yaml_parser_t *parser)
{
    if (parser->problem == NULL) { /* libyaml has a text for all but the lack of memory */
        tree->reader->no_memory = true;
        return;
    }
    yaml_mark_t mark = parser->problem_mark;
    struct tn_place place =
        parser->error == YAML_READER_ERROR ? place_of_byte(tree, parser->problem_offset) : place_of(tree, &mark, &mark);
    const char *hint = NULL;
    size_t column = (size_t)place.column;
    if (place.source != NULL && column >= 1 && column <= strlen(place.source) && place.source[column - 1] == '\t')
        hint = "indent with spaces, not with tabs";
    else if (parser->context != NULL && parser->context_mark.line < mark.line && tree->offset == 0)
        hint = tn_reader_printf(tree->reader, "%s that starts at line %zu", parser->context,
                                parser->context_mark.line + 1);
    tn_error_at(tree->reader->ctx, &place, hint, "syntax: %s", parser->problem);
}

static void check_event(const struct tree *tree, const yaml_event_t *event, int *depth, size_t *nodes, int *documents)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        refuse(tree, event, "write the values out", "aliases are not read");
        return;
    case YAML_DOCUMENT_START_EVENT:
        if (++*documents == 2)
            refuse(tree, event, "one scenario a file", "a second document is not read");
        return;
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        ++*depth;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        ++*depth;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        --*depth;
        return;
    default:
        return;
    }
    ++*nodes;
    if (anchor != NULL)
        refuse(tree, event, "write the values out", "anchors are not read");
    if (tag != NULL)
        refuse(tree, event, "the field decides the type", "tags are not read");
    if (*depth > TN_READER_DEPTH)
        refuse(tree, event, NULL, "nested too deep");
    if (*nodes > TN_READER_NODES)
        refuse(tree, event, "put tables into CSV files", "too many values in one file");
}

static void start_parser(yaml_parser_t *parser, const struct tree *tree)
{
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)tree->source->text + tree->offset,
                                 tree->source->size - tree->offset);
}

/* Events first: what is refused is never built, so that no alias is ever expanded. */
static bool scan(const struct tree *tree)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        tree->reader->no_memory = true;
        return false;
    }
    start_parser(&parser, tree);
    int depth = 0, documents = 0;
    size_t nodes = 0, before = tree->reader->ctx->errors;
    bool end = false;
    while (!end && documents < 2 && depth <= TN_READER_DEPTH && nodes <= TN_READER_NODES) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            syntax_error(tree, &parser);
            break;
        }
        check_event(tree, &event, &depth, &nodes, &documents);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (end && documents == 0) {
        struct tn_place place = tn_source_place(tree->source, 1, 1 + tree->offset, 1);
        tn_error_at(tree->reader->ctx, &place, NULL, tree->offset > 0 ? "no value" : "the file is empty");
    }
    return tree->reader->ctx->errors == before;
}

static struct tn_node *convert(const struct tree *tree, yaml_document_t *document, int index);

static bool check_keys(const struct tree *tree, const struct tn_node *mapping)
{
    struct tn_context *ctx = tree->reader->ctx;
    for (size_t i = 0; i < mapping->count; i++) {
        const struct tn_node *key = mapping->keys[i];
        if (key->kind != TN_NODE_SCALAR) {
            tn_error_at(ctx, &key->place, NULL, "a key must be a name");
            return false;
        }
        if (key->plain && strcmp(key->text, "<<") == 0) {
            tn_error_at(ctx, &key->place, "write the values out", "merge keys are not read");
            return false;
        }
        for (size_t j = 0; j < i; j++)
            if (strcmp(mapping->keys[j]->text, key->text) == 0) {
                tn_error_at(ctx, &key->place, NULL, "key '%s' is already given at line %d", key->text,
                            mapping->keys[j]->place.line);
                break;
            }
    }
    return true;
}

static bool convert_mapping(const struct tree *tree, struct tn_node *out, yaml_document_t *document,
                            const yaml_node_t *node)
{
    const yaml_node_pair_t *pairs = node->data.mapping.pairs.start;
    size_t count = (size_t)(node->data.mapping.pairs.top - pairs);
    if (count > TN_READER_KEYS) {
        tn_error_at(tree->reader->ctx, &out->place, NULL, "%zu keys in one mapping, at most %d are read", count,
                    TN_READER_KEYS);
        return false;
    }
    out->kind = TN_NODE_MAPPING;
    out->keys = tn_reader_alloc(tree->reader, count, sizeof *out->keys);
    out->items = tn_reader_alloc(tree->reader, count, sizeof *out->items);
    if (out->keys == NULL || out->items == NULL)
        return false;
    for (; out->count < count; out->count++) {
        struct tn_node *key = convert(tree, document, pairs[out->count].key);
        struct tn_node *value = convert(tree, document, pairs[out->count].value);
        if (key == NULL || value == NULL)
            return false;
        out->keys[out->count] = key;
        out->items[out->count] = value;
    }
    if (node->data.mapping.style != YAML_FLOW_MAPPING_STYLE && count > 0)
        out->place.length = out->keys[0]->place.length;
    return check_keys(tree, out);
}

static bool convert_sequence(const struct tree *tree, struct tn_node *out, yaml_document_t *document,
                             const yaml_node_t *node)
{
    const yaml_node_item_t *items = node->data.sequence.items.start;
    size_t count = (size_t)(node->data.sequence.items.top - items);
    out->kind = TN_NODE_SEQUENCE;
    out->items = tn_reader_alloc(tree->reader, count, sizeof *out->items);
    if (out->items == NULL)
        return false;
    for (; out->count < count; out->count++)
        if ((out->items[out->count] = convert(tree, document, items[out->count])) == NULL)
            return false;
    return true;
}

static bool convert_scalar(const struct tree *tree, struct tn_node *out, const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;
    out->kind = TN_NODE_SCALAR;
    out->plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\0', length) != NULL) {
        tn_error_at(tree->reader->ctx, &out->place, NULL, "a text with a zero byte");
        return false;
    }
    out->text = tn_arena_copy(&tree->reader->arena, text, length);
    tree->reader->no_memory |= out->text == NULL;
    return out->text != NULL;
}

static struct tn_node *convert(const struct tree *tree, yaml_document_t *document, int index)
{
    const yaml_node_t *node = yaml_document_get_node(document, index);
    struct tn_node *out = tn_reader_alloc(tree->reader, 1, sizeof *out);
    if (node == NULL || out == NULL)
        return NULL;
    out->source = tree->source;
    out->place = place_of(tree, &node->start_mark, &node->end_mark);
    bool ok = node->type == YAML_MAPPING_NODE    ? convert_mapping(tree, out, document, node)
              : node->type == YAML_SEQUENCE_NODE ? convert_sequence(tree, out, document, node)
                                                 : convert_scalar(tree, out, node);
    return ok ? out : NULL;
}

struct tn_node *tn_tree_parse(struct tn_scenario_reader *reader, const struct tn_source *source, size_t offset)
{
    const struct tree tree = {reader, source, offset};
    if (!scan(&tree))
        return NULL;
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser)) {
        reader->no_memory = true;
        return NULL;
    }
    start_parser(&parser, &tree);
    struct tn_node *root = NULL;
    if (yaml_parser_load(&parser, &document)) {
        if (yaml_document_get_root_node(&document) != NULL)
            root = convert(&tree, &document, 1);
        yaml_document_delete(&document);
    } else {
        syntax_error(&tree, &parser);
    }
    yaml_parser_delete(&parser);
    return root;
}

struct tn_node *tn_tree_scalar(struct tn_scenario_reader *reader, const struct tn_source *source, const char *text,
                               const struct tn_place *place)
{
    struct tn_node *node = tn_reader_alloc(reader, 1, sizeof *node);
    if (node != NULL)
        *node =
            (struct tn_node){.kind = TN_NODE_SCALAR, .plain = true, .text = text, .source = source, .place = *place};
    return node;
}

struct tn_node *tn_tree_get(const struct tn_node *mapping, const char *key)
{
    for (size_t i = 0; mapping->kind == TN_NODE_MAPPING && i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key) == 0)
            return mapping->items[i];
    return NULL;
}

bool tn_tree_put(struct tn_scenario_reader *reader, struct tn_node *mapping, const char *key, struct tn_node *value)
{
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key) == 0) {
            mapping->items[i] = value;
            return true;
        }
    struct tn_node **keys = tn_reader_alloc(reader, mapping->count + 1, sizeof *keys);
    struct tn_node **items = tn_reader_alloc(reader, mapping->count + 1, sizeof *items);
    struct tn_node *name = tn_tree_scalar(reader, value->source, key, &value->place);
    if (keys == NULL || items == NULL || name == NULL)
        return false;
    for (size_t i = 0; i < mapping->count; i++) {
        keys[i] = mapping->keys[i];
        items[i] = mapping->items[i];
    }
    keys[mapping->count] = name;
    items[mapping->count] = value;
    mapping->keys = keys;
    mapping->items = items;
    mapping->count++;
    return true;
}

struct tn_node *tn_tree_take(struct tn_node *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key) == 0) {
            struct tn_node *value = mapping->items[i];
            mapping->count--;
            for (size_t j = i; j < mapping->count; j++) {
                mapping->keys[j] = mapping->keys[j + 1];
                mapping->items[j] = mapping->items[j + 1];
            }
            return value;
        }
    return NULL;
}

const char *tn_node_kind_name(const struct tn_node *node)
{
    return node->kind == TN_NODE_MAPPING ? "a mapping" : node->kind == TN_NODE_SEQUENCE ? "a list" : "a single value";
}
