/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"

static bool is_null(const struct tn_node *node)
{
    return node->kind == TN_NODE_SCALAR && node->plain &&
           (*node->text == '\0' || strcmp(node->text, "null") == 0 || strcmp(node->text, "~") == 0);
}

static bool is_scalar(struct tn_scenario_reader *reader, const struct tn_node *node, const char *name, const char *what)
{
    if (is_null(node))
        tn_error_at(reader->ctx, &node->place, "leave the key out", "'%s' has no value", name);
    else if (node->kind != TN_NODE_SCALAR)
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' must be %s, not %s", name, what, tn_node_kind_name(node));
    else
        return true;
    return false;
}

/* names of two schemas in turn, but for variants, which have none */
struct names {
    const struct tn_schema *schema, *variant;
    size_t split;
};

static size_t field_count(const struct tn_schema *schema)
{
    size_t count = 0;
    while (schema != NULL && schema->fields[count].name != NULL)
        count++;
    return count;
}

static const char *field_name(size_t i, const void *payload)
{
    const struct names *names = payload;
    const struct tn_field *field =
        i < names->split ? &names->schema->fields[i] : &names->variant->fields[i - names->split];
    return field->type == TN_VARIANT ? NULL : field->name;
}

const char *tn_walk_nearest(struct tn_arena *arena, const char *name, const struct tn_schema *schema,
                            const struct tn_schema *variant)
{
    const struct names names = {schema, variant, field_count(schema)};
    const char *near = tn_nearest_name(name, field_name, names.split + field_count(variant), &names);
    return near == NULL ? NULL : tn_arena_printf(arena, "did you mean '%s'?", near);
}

const char *tn_article(const char *noun)
{
    return *noun != '\0' && strchr("aeiou", *noun) != NULL ? "an" : "a";
}

/* A limit in the unit that the user wrote. */
static const char *limit_text(struct tn_scenario_reader *reader, double limit, const struct tn_unit *unit)
{
    double value = unit == NULL ? limit : (limit - unit->offset) / unit->factor;
    return tn_reader_printf(reader, "%.7g%s%s", value, unit == NULL ? "" : " ", unit == NULL ? "" : unit->name);
}

bool tn_walk_number_in_range(struct tn_scenario_reader *reader, const struct tn_field *field, double value,
                             const struct tn_unit *unit, const struct tn_node *node)
{
    bool open = field->flags & TN_POSITIVE && field->min == 0;
    bool low = value < field->min || (open && value <= 0);
    if (!low && value <= field->max)
        return true;
    const char *least = limit_text(reader, field->min, unit), *most = limit_text(reader, field->max, unit);
    struct tn_context *ctx = reader->ctx;
    if (isinf(field->max))
        tn_error_at(ctx, &node->place, NULL, "'%s' is %s, must be %s %s", field->name, node->text,
                    open ? "more than" : "at least", least);
    else if (isinf(field->min))
        tn_error_at(ctx, &node->place, NULL, "'%s' is %s, must be at most %s", field->name, node->text, most);
    else
        tn_error_at(ctx, &node->place, NULL, "'%s' is %s, must be %s %s and at most %s", field->name, node->text,
                    open ? "more than" : "at least", least, most);
    return false;
}

static void read_number(struct tn_scenario_reader *reader, const struct tn_field *field, double *where,
                        const struct tn_node *node)
{
    double value;
    const struct tn_unit *unit;
    if (tn_quantity_read(&value, &unit, reader, node, field->name, field->quantity) &&
        tn_walk_number_in_range(reader, field, value, unit, node))
        *where = value;
}

static void read_integer(struct tn_scenario_reader *reader, const struct tn_field *field, int *where,
                         const struct tn_node *node)
{
    double value;
    if (!tn_quantity_read(&value, NULL, reader, node, field->name, TN_Q_NONE))
        return;
    if (value != floor(value))
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' must be a whole number, not %s", field->name, node->text);
    else if (tn_walk_number_in_range(reader, field, value, NULL, node)) {
        if (value >= INT_MIN && value <= INT_MAX)
            *where = (int)value;
        else
            tn_error_at(reader->ctx, &node->place, NULL, "'%s' is too large a number", field->name);
    }
}

static void read_bool(struct tn_scenario_reader *reader, const struct tn_field *field, bool *where,
                      const struct tn_node *node)
{
    if (!is_scalar(reader, node, field->name, "true or false"))
        return;
    bool yes = strcmp(node->text, "true") == 0;
    if (yes || strcmp(node->text, "false") == 0)
        *where = yes;
    else
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' must be true or false, not '%s'", field->name, node->text);
}

/* The character at p: how many bytes it has, and whether ids may hold it. Beyond ASCII letters of any script are taken;
   blocks without letters are not. */
static size_t id_character(const unsigned char *p, bool *fine)
{
    static const struct {
        unsigned long from, to;
    } odd[] = {{0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},
               {0xf7, 0xf7},     {0x2000, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x3004}, {0x3008, 0x3020},
               {0x3030, 0x3030}, {0xe000, 0xf8ff}, {0xfe10, 0xfe6f}, {0xfeff, 0xff0f}, {0xffe0, 0xffff}};
    unsigned long code = *p;
    if (code < 0x80) {
        *fine = (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z') ||
                code == '-' || code == '_' || code == '.';
        return 1;
    }
    size_t size = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
    code &= 0x7fu >> size;
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (p[i] & 0x3fu);
    *fine = true;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        *fine = *fine && !(code >= odd[i].from && code <= odd[i].to);
    return size;
}

/* Ids stand in paths, in names of results and in files of other programs. */
static bool check_id(struct tn_scenario_reader *reader, const struct tn_field *field, const struct tn_node *node)
{
    const unsigned char *p = (const unsigned char *)node->text;
    bool fine = true;
    size_t size = 1;
    if (*p == '\0') {
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' is empty", field->name);
        return false;
    }
    for (; fine && *p != '\0'; p += size) {
        size = id_character(p, &fine);
        if (!fine)
            tn_error_at(reader->ctx, &node->place, "letters, digits and the signs - _ . may stand in it",
                        "'%s' cannot hold '%.*s'", field->name, (int)size, (const char *)p);
    }
    return fine;
}

static void read_string(struct tn_scenario_reader *reader, const struct tn_field *field, const char **where,
                        const struct tn_node *node)
{
    if (!is_scalar(reader, node, field->name, "a text"))
        return;
    if (!(field->flags & TN_ID) || check_id(reader, field, node))
        *where = node->text;
}

static const char *choice_name(size_t i, const void *payload)
{
    const struct tn_field *field = payload;
    return field->choice((int)i);
}

static void read_choice(struct tn_scenario_reader *reader, const struct tn_field *field, int *where,
                        const struct tn_node *node)
{
    if (!is_scalar(reader, node, field->name, "a name"))
        return;
    int index = tn_choice_find(field->choice, node->text);
    if (index >= 0) {
        *where = index;
        return;
    }
    size_t count = 0;
    const char *list = "one of";
    for (; field->choice((int)count) != NULL && list != NULL; count++)
        list = tn_reader_printf(reader, "%s%s %s", list, count == 0 ? "" : ",", field->choice((int)count));
    const char *near = tn_nearest_name(node->text, choice_name, count, field);
    const char *hint = near == NULL ? list
                       : count > 8  ? tn_reader_printf(reader, "did you mean '%s'?", near)
                                    : tn_reader_printf(reader, "did you mean '%s'? %s", near, list);
    tn_error_at(reader->ctx, &node->place, hint, "'%s' cannot be '%s'", field->name, node->text);
}

static void read_ref(struct tn_scenario_reader *reader, const struct tn_field *field, struct tn_ref *where,
                     const struct tn_node *node)
{
    if (is_scalar(reader, node, field->name, "the id of one"))
        *where = (struct tn_ref){.id = node->text};
}

static void read_numbers(struct tn_scenario_reader *reader, const struct tn_field *field, struct tn_list *where,
                         struct tn_node *node)
{
    struct tn_node *const *items = node->kind == TN_NODE_SEQUENCE ? node->items : &node;
    size_t count = node->kind == TN_NODE_SEQUENCE ? node->count : 1;
    double *numbers = tn_reader_alloc(reader, count, sizeof *numbers);
    if (numbers == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        read_number(reader, field, &numbers[i], items[i]);
        tn_places_add(reader, &numbers[i], sizeof numbers[i], &items[i]->place);
    }
    *where = (struct tn_list){numbers, count};
}

struct tn_node *tn_walk_list(struct tn_scenario_reader *reader, const struct tn_field *field, struct tn_node *node)
{
    if (node->kind == TN_NODE_SEQUENCE)
        return node;
    if (node->kind == TN_NODE_SCALAR) {
        if (!is_scalar(reader, node, field->name, "a list"))
            return NULL;
        struct tn_source *source = tn_source_open(reader, node, NULL);
        struct tn_node *table = source == NULL ? NULL : tn_csv_parse(reader, source, field->sub);
        if (table != NULL)
            *node = *table;
        return table;
    }
    struct tn_node *item = tn_reader_alloc(reader, 1, sizeof *item);
    struct tn_node **items = tn_reader_alloc(reader, 1, sizeof(struct tn_node *));
    if (item == NULL || items == NULL)
        return NULL;
    *item = *node;
    items[0] = item;
    node->kind = TN_NODE_SEQUENCE;
    node->items = items;
    node->keys = NULL;
    node->count = 1;
    return node;
}

/* Columns that must rise do so from row to row. */
static void check_rising(struct tn_scenario_reader *reader, const struct tn_schema *row, const char *items,
                         const struct tn_node *node)
{
    for (const struct tn_field *field = row->fields; field->name != NULL; field++)
        for (size_t i = 1; field->flags & TN_RISING && field->type == TN_NUMBER && i < node->count; i++) {
            double before = *(const double *)(const void *)(items + (i - 1) * row->size + field->offset);
            double now = *(const double *)(const void *)(items + i * row->size + field->offset);
            const struct tn_node *cell = tn_tree_get(node->items[i], field->name);
            const struct tn_node *above = tn_tree_get(node->items[i - 1], field->name);
            if (now <= before && cell != NULL && above != NULL)
                tn_error_at(reader->ctx, &cell->place, "sort the rows", "'%s' must rise: %s after %s", field->name,
                            cell->text, above->text);
        }
}

static void check_ids(struct tn_scenario_reader *reader, const struct tn_schema *schema, const char *items,
                      const struct tn_node *node)
{
    const struct tn_field *id = tn_schema_id(schema);
    for (size_t i = 1; id != NULL && i < node->count; i++) {
        const char *name = *(const char *const *)(items + i * schema->size + id->offset);
        for (size_t j = 0; name != NULL && j < i; j++) {
            const char *other = *(const char *const *)(items + j * schema->size + id->offset);
            const struct tn_place *place = &node->items[j]->place;
            if (other == NULL || strcmp(name, other) != 0)
                continue;
            const struct tn_node *cell = tn_tree_get(node->items[i], id->name);
            tn_error_at(reader->ctx, cell != NULL ? &cell->place : &node->items[i]->place, NULL,
                        "%s '%s' is already defined at %s:%d", schema->name, name, place->file, place->line);
            break;
        }
    }
}

static void read_list(struct tn_scenario_reader *reader, const struct tn_field *field, struct tn_list *where,
                      struct tn_node *node)
{
    const struct tn_schema *sub = field->sub;
    node = tn_walk_list(reader, field, node);
    if (node == NULL)
        return;
    if (tn_schema_id(sub) != NULL && node->count > TN_READER_OBJECTS) {
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' has %zu objects, at most %d are read", field->name,
                    node->count, TN_READER_OBJECTS);
        return;
    }
    char *items = tn_reader_alloc(reader, node->count, sub->size);
    if (items == NULL)
        return;
    for (size_t i = 0; i < node->count; i++)
        tn_schema_defaults(sub, items + i * sub->size);
    *where = (struct tn_list){node->count > 0 ? items : NULL, node->count};
    for (size_t i = 0; i < node->count; i++)
        tn_walk_object(reader, sub, items + i * sub->size, node->items[i]);
    check_rising(reader, sub, items, node);
    check_ids(reader, sub, items, node);
}

static size_t span_of(const struct tn_field *field)
{
    return field->type == TN_VARIANT ? 0 : tn_field_size(field);
}

void tn_walk_field(struct tn_scenario_reader *reader, const struct tn_field *field, void *where, struct tn_node *node)
{
    tn_places_add(reader, where, span_of(field), &node->place);
    switch (field->type) {
    case TN_NUMBER:
        read_number(reader, field, where, node);
        break;
    case TN_INTEGER:
        read_integer(reader, field, where, node);
        break;
    case TN_BOOL:
        read_bool(reader, field, where, node);
        break;
    case TN_STRING:
        read_string(reader, field, where, node);
        break;
    case TN_CHOICE:
        read_choice(reader, field, where, node);
        break;
    case TN_STRUCT:
        tn_walk_object(reader, field->sub, where, node);
        break;
    case TN_LIST:
        read_list(reader, field, where, node);
        break;
    case TN_NUMBERS:
        read_numbers(reader, field, where, node);
        break;
    case TN_REF:
        read_ref(reader, field, where, node);
        break;
    case TN_VARIANT: /* its keys stand beside `kind`: see tn_walk_object */
        break;
    }
}

static const struct tn_field *find_key(const struct tn_schema *schema, const char *name)
{
    const struct tn_field *field = schema == NULL ? NULL : tn_schema_find(schema, name);
    return field == NULL || field->type == TN_VARIANT ? NULL : field;
}

static void check_required(struct tn_scenario_reader *reader, const struct tn_schema *schema, const char *name,
                           const struct tn_node *node)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->flags & TN_REQUIRED && field->type != TN_VARIANT && tn_tree_get(node, field->name) == NULL)
            tn_error_at(reader->ctx, &node->place, tn_reader_printf(reader, "%s: %s", field->name, field->doc),
                        "%s lacks '%s'", name, field->name);
}

/* The variant's schema and object, once its kind is known. */
static void *make_variant(struct tn_scenario_reader *reader, const struct tn_schema *schema, char *object,
                          const struct tn_node *node, const struct tn_schema **schema_out)
{
    const struct tn_field *field = schema->fields;
    while (field->name != NULL && field->type != TN_VARIANT)
        field++;
    const struct tn_field *kind = tn_schema_find(schema, "kind");
    const struct tn_node *given = tn_tree_get(node, "kind");
    if (field->name == NULL || kind == NULL || given == NULL || given->kind != TN_NODE_SCALAR)
        return NULL;
    int index = tn_choice_find(kind->choice, given->text);
    const struct tn_schema *sub = index < 0 ? NULL : field->variant(index);
    void *made = sub == NULL ? NULL : tn_reader_alloc(reader, 1, sub->size);
    if (made == NULL)
        return NULL;
    tn_schema_defaults(sub, made);
    tn_places_add(reader, made, sub->size, &node->place);
    *(struct tn_variant *)(void *)(object + field->offset) = (struct tn_variant){sub, made};
    *schema_out = sub;
    return made;
}

static bool has_variant(const struct tn_schema *schema)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->type == TN_VARIANT)
            return true;
    return false;
}

static void note_bad(struct tn_scenario_reader *reader, const void *object)
{
    if (tn_reader_grow(reader, &reader->bad, reader->bad_count, &reader->bad_allocated, sizeof *reader->bad))
        reader->bad[reader->bad_count++] = object;
}

void tn_walk_object(struct tn_scenario_reader *reader, const struct tn_schema *schema, void *object,
                    struct tn_node *node)
{
    struct tn_context *ctx = reader->ctx;
    size_t before = ctx->errors;
    if (node->kind != TN_NODE_MAPPING) {
        if (is_null(node))
            tn_error_at(ctx, &node->place, "leave the key out", "%s has no value", schema->name);
        else
            tn_error_at(ctx, &node->place, NULL, "%s must be a mapping of keys and values, not %s", schema->name,
                        tn_node_kind_name(node));
        note_bad(reader, object);
        return;
    }
    tn_places_add(reader, object, schema->size, &node->place);
    const struct tn_schema *variant = NULL;
    char *special = make_variant(reader, schema, object, node, &variant);
    for (size_t i = 0; i < node->count; i++) {
        const char *name = node->keys[i]->text;
        const struct tn_field *field = find_key(schema, name);
        char *owner = object;
        if (field == NULL && variant != NULL) {
            field = find_key(variant, name);
            owner = special;
        }
        if (field != NULL)
            tn_walk_field(reader, field, owner + field->offset, node->items[i]);
        else if (variant != NULL || !has_variant(schema))
            tn_error_at(ctx, &node->keys[i]->place, tn_walk_nearest(&reader->arena, name, schema, variant),
                        "unknown key '%s' in %s", name, variant != NULL ? variant->name : schema->name);
    }
    check_required(reader, schema, schema->name, node);
    if (variant != NULL)
        check_required(reader, variant, variant->name, node);
    if (ctx->errors > before)
        note_bad(reader, object);
}
