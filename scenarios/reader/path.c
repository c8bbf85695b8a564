/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* Paths such as trains.test.load: fields and, inside lists, an id or the number of a row, counted from 0. A name that
   an object does not have, but exactly one of its parts, means the part's. The same grammar is walked twice: over the
   tree
   (--set, before anything is checked) and over the objects (sweep axes, whose values are written into memory). */

/* What an object can say: its schema and, for a study, that of its kind. */
struct shape {
    const struct tn_schema *schema, *variant;
};

/* Where errors go. */
struct path {
    const char *text;
    const struct tn_place *place;
    struct tn_context *ctx;
    struct tn_arena *arena;
};

static size_t name_length(const char *rest)
{
    return strcspn(rest, ".");
}

/* What follows a part of the path: behind its dot. */
static const char *after(const char *rest, size_t length)
{
    return rest + length + (rest[length] == '.');
}

static const struct tn_field *find_named(const struct tn_schema *schema, const char *name, size_t length)
{
    for (const struct tn_field *field = schema == NULL ? NULL : schema->fields; field != NULL && field->name != NULL;
         field++)
        if (field->type != TN_VARIANT && strlen(field->name) == length && memcmp(field->name, name, length) == 0)
            return field;
    return NULL;
}

struct choice {
    const struct tn_field *field; /* of the object itself */
    bool of_variant;              /* it stands in the variant's object */
    bool inside;                  /* the name is one of its parts', not its own */
    size_t found;
};

static void choose_in(struct choice *choice, const struct tn_schema *schema, bool of_variant, const char *name,
                      size_t length)
{
    for (const struct tn_field *field = schema == NULL ? NULL : schema->fields; field != NULL && field->name != NULL;
         field++)
        if ((field->type == TN_STRUCT || field->type == TN_LIST) && find_named(field->sub, name, length) != NULL) {
            choice->found++;
            choice->field = field;
            choice->of_variant = of_variant;
            choice->inside = true;
        }
}

/* The nearest name among the fields of an object and those of its parts. */
static const char *nearest_field(const struct path *path, const struct shape *shape, const char *name)
{
    const char *hint = tn_walk_nearest(path->arena, name, shape->schema, shape->variant);
    const struct tn_schema *const both[] = {shape->schema, shape->variant};
    for (size_t i = 0; i < 2 && both[i] != NULL; i++)
        for (const struct tn_field *field = both[i]->fields; hint == NULL && field->name != NULL; field++)
            if (field->type == TN_STRUCT || field->type == TN_LIST)
                hint = tn_walk_nearest(path->arena, name, field->sub, NULL);
    return hint;
}

static void report_choice(const struct choice *choice, const struct path *path, const struct shape *shape,
                          const char *name)
{
    const char *object = shape->variant != NULL ? shape->variant->name : shape->schema->name;
    if (name == NULL)
        return;
    if (choice->found == 0)
        tn_error_at(path->ctx, path->place, nearest_field(path, shape, name), "'%s': %s has no '%s'", path->text,
                    object, name);
    else
        tn_error_at(path->ctx, path->place,
                    tn_arena_printf(path->arena, "say of which, such as %s.%s", choice->field->name, name),
                    "'%s': several parts of %s have a '%s'", path->text, object, name);
}

static bool choose(struct choice *choice, const struct path *path, const struct shape *shape, const char *rest)
{
    size_t length = name_length(rest);
    *choice = (struct choice){.field = find_named(shape->schema, rest, length), .found = 1};
    if (choice->field == NULL && (choice->field = find_named(shape->variant, rest, length)) != NULL)
        choice->of_variant = true;
    if (choice->field != NULL)
        return true;
    choice->found = 0;
    choose_in(choice, shape->schema, false, rest, length);
    choose_in(choice, shape->variant, true, rest, length);
    if (choice->found == 1)
        return true;
    report_choice(choice, path, shape, tn_arena_copy(path->arena, rest, length));
    return false;
}

/* Which row the path names. ids: of the rows (NULL entries: none). Moves *rest behind it. */
static bool pick_row(size_t *row, const char **rest, const struct path *path, const char *const *ids, size_t count,
                     bool implied, const char *list)
{
    size_t best = 0, length = name_length(*rest);
    for (size_t i = 0; i < count && !implied; i++) {
        size_t n = ids[i] == NULL ? 0 : strlen(ids[i]);
        if (n > best && strncmp(*rest, ids[i], n) == 0 && ((*rest)[n] == '.' || (*rest)[n] == '\0')) {
            best = n;
            *row = i;
        }
    }
    if (best > 0) {
        *rest = after(*rest, best);
        return true;
    }
    if (!implied && length > 0 && length < 8 && strspn(*rest, "0123456789") == length) {
        *row = (size_t)strtoul(*rest, NULL, 10);
        *rest = after(*rest, length);
        if (*row < count)
            return true;
        tn_error_at(path->ctx, path->place, "rows count from 0", "'%s': '%s' has %zu row%s", path->text, list, count,
                    count == 1 ? "" : "s");
        return false;
    }
    *row = 0;
    if (count == 1 && ids[0] == NULL)
        return true;
    if (count > 0 && ids[0] != NULL) {
        const char *id = tn_arena_copy(path->arena, *rest, length);
        const char *near = id == NULL ? NULL : tn_refs_nearest(id, ids, count);
        tn_error_at(path->ctx, path->place,
                    near == NULL ? NULL : tn_arena_printf(path->arena, "did you mean '%s'?", near),
                    "'%s': there is no '%s' in %s", path->text, id == NULL ? "" : id, list);
    } else
        tn_error_at(path->ctx, path->place, count == 0 ? NULL : "name the row, counted from 0",
                    "'%s': '%s' has %zu row%s", path->text, list, count, count == 1 ? "" : "s");
    return false;
}

static bool has_parts(const struct path *path, const struct tn_field *field)
{
    if (field->type == TN_STRUCT || field->type == TN_LIST)
        return true;
    tn_error_at(path->ctx, path->place, NULL, "'%s': '%s' has no parts", path->text, field->name);
    return false;
}

/* over the tree */

static struct shape node_shape(const struct tn_schema *schema, const struct tn_node *node)
{
    struct shape shape = {schema, NULL};
    const struct tn_node *given = tn_tree_get(node, "kind");
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->type == TN_VARIANT && given != NULL && given->kind == TN_NODE_SCALAR) {
            int kind = tn_choice_find(tn_schema_find(schema, "kind")->choice, given->text);
            shape.variant = kind < 0 ? NULL : field->variant(kind);
        }
    return shape;
}

static const char *node_id(const struct tn_node *row, const struct tn_schema *schema)
{
    const struct tn_field *field = tn_schema_id(schema);
    const struct tn_node *id = field == NULL ? NULL : tn_tree_get(row, field->name);
    return id != NULL && id->kind == TN_NODE_SCALAR ? id->text : NULL;
}

static struct tn_node *new_mapping(struct tn_scenario_reader *reader, const struct tn_node *value)
{
    struct tn_node *node = tn_reader_alloc(reader, 1, sizeof *node);
    if (node != NULL)
        *node = (struct tn_node){.kind = TN_NODE_MAPPING, .source = value->source, .place = value->place};
    return node;
}

static struct tn_node *row_node(struct tn_scenario_reader *reader, const struct path *path,
                                const struct tn_field *field, struct tn_node *list, const char **rest, bool implied)
{
    list = tn_walk_list(reader, field, list);
    const char **ids = list == NULL ? NULL : tn_reader_alloc(reader, list->count, sizeof *ids);
    if (ids == NULL)
        return NULL;
    for (size_t i = 0; i < list->count; i++)
        ids[i] = node_id(list->items[i], field->sub);
    size_t row;
    return pick_row(&row, rest, path, ids, list->count, implied, field->name) ? list->items[row] : NULL;
}

static void set_in(struct tn_scenario_reader *reader, const struct path *path, const struct tn_schema *schema,
                   struct tn_node *object, const char *rest, struct tn_node *value, int depth)
{
    if (object->kind != TN_NODE_MAPPING || depth > TN_READER_DEPTH) {
        tn_error_at(path->ctx, path->place, NULL, "'%s': there is no %s with keys to set", path->text, schema->name);
        return;
    }
    const struct shape shape = node_shape(schema, object);
    struct choice choice;
    if (!choose(&choice, path, &shape, rest))
        return;
    const struct tn_field *field = choice.field;
    const char *tail = choice.inside ? rest : after(rest, name_length(rest));
    if (*tail == '\0') {
        tn_tree_put(reader, object, field->name, value);
        return;
    }
    if (!has_parts(path, field))
        return;
    struct tn_node *part = tn_tree_get(object, field->name);
    if (part == NULL && field->type == TN_STRUCT) {
        part = new_mapping(reader, value);
        if (part == NULL || !tn_tree_put(reader, object, field->name, part))
            return;
    }
    if (part != NULL && field->type == TN_LIST)
        part = row_node(reader, path, field, part, &tail, choice.inside);
    else if (part == NULL)
        tn_error_at(path->ctx, path->place, NULL, "'%s': there are no %s", path->text, field->name);
    if (part != NULL && *tail != '\0')
        set_in(reader, path, field->sub, part, tail, value, depth + 1);
    else if (part != NULL)
        *part = *value;
}

void tn_path_set(struct tn_scenario_reader *reader, struct tn_node *root, const char *path, struct tn_node *value,
                 const struct tn_place *place)
{
    const struct path whole = {path, place, reader->ctx, &reader->arena};
    set_in(reader, &whole, &tn_scenario_schema, root, path, value, 0);
}

/* over the objects */

static const struct tn_variant *object_variant(const struct tn_schema *schema, const char *object)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->type == TN_VARIANT)
            return (const void *)(object + field->offset);
    return NULL;
}

static char *row_object(const struct path *path, const struct tn_field *field, const struct tn_list *list,
                        const char **rest, bool implied)
{
    const struct tn_field *id = tn_schema_id(field->sub);
    const char **ids = tn_arena_alloc(path->arena, list->count, sizeof *ids);
    if (ids == NULL)
        return NULL;
    char *items = list->items;
    for (size_t i = 0; i < list->count && id != NULL; i++)
        ids[i] = *(const char **)(void *)(items + i * field->sub->size + id->offset);
    size_t row;
    return pick_row(&row, rest, path, ids, list->count, implied, field->name) ? items + row * field->sub->size : NULL;
}

static bool find_in(struct tn_target *out, const struct path *path, const struct tn_schema *schema, char *object,
                    const char *rest)
{
    *out = (struct tn_target){.field = NULL};
    for (int depth = 0; depth <= TN_READER_DEPTH; depth++) {
        const struct tn_variant *variant = object_variant(schema, object);
        const struct shape shape = {schema, variant == NULL ? NULL : variant->schema};
        struct choice choice;
        if (!choose(&choice, path, &shape, rest))
            return false;
        const struct tn_field *field = choice.field;
        char *where = (choice.of_variant ? (char *)variant->object : object) + field->offset;
        const char *tail = choice.inside ? rest : after(rest, name_length(rest));
        out->field = field;
        out->where = where;
        if (*tail == '\0')
            return true;
        if (!has_parts(path, field))
            return false;
        object = field->type == TN_STRUCT ? where : row_object(path, field, (const void *)where, &tail, choice.inside);
        if (object == NULL)
            return false;
        if (tn_schema_id(field->sub) != NULL) {
            out->owner_schema = field->sub;
            out->owner = object;
        }
        if (*tail == '\0')
            break;
        schema = field->sub;
        rest = tail;
    }
    tn_error_at(path->ctx, path->place, NULL, "'%s': name a field of it", path->text);
    return false;
}

bool tn_path_find(struct tn_target *out, struct tn_scenario *scenario, const char *path, const struct tn_place *place,
                  struct tn_arena *arena, struct tn_context *ctx)
{
    const struct path whole = {path, place, ctx, arena};
    return find_in(out, &whole, &tn_scenario_schema, (char *)scenario, path);
}
