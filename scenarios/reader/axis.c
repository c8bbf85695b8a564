/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a mapping of the sweep may hold. Checks for others, too. */
bool tn_axis_check_keys(struct tn_scenario_reader *reader, const struct tn_node *node, const char *const *names,
                        const char *what)
{
    size_t before = reader->ctx->errors;
    if (node->kind != TN_NODE_MAPPING) {
        tn_error_at(reader->ctx, &node->place, NULL, "%s must be a mapping, not %s", what, tn_node_kind_name(node));
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const char *const *name = names;
        while (*name != NULL && strcmp(*name, node->keys[i]->text) != 0)
            name++;
        if (*name == NULL)
            tn_error_at(reader->ctx, &node->keys[i]->place, NULL, "unknown key '%s' in %s", node->keys[i]->text, what);
    }
    return reader->ctx->errors == before;
}

static const char *join(struct tn_scenario_reader *reader, const char *text, const char *separator, const char *more)
{
    return text == NULL || more == NULL
               ? NULL
               : tn_reader_printf(reader, "%s%s%s", text, *text == '\0' ? "" : separator, more);
}

/* A value as a person reads it: "5200 t"; for a consist "2 x HXD1-25t". */
static const char *text_of(struct tn_scenario_reader *reader, const struct tn_node *node)
{
    const char *text = "";
    if (node->kind == TN_NODE_SCALAR)
        return node->text;
    if (node->kind == TN_NODE_SEQUENCE) {
        for (size_t i = 0; i < node->count; i++)
            text = join(reader, text, " + ", text_of(reader, node->items[i]));
        return text;
    }
    const struct tn_node *count = tn_tree_get(node, "count"), *type = tn_tree_get(node, "type");
    if (type != NULL && type->kind == TN_NODE_SCALAR) {
        text = type->text;
        if (count != NULL && count->kind == TN_NODE_SCALAR)
            text = tn_reader_printf(reader, "%s x %s", count->text, type->text);
    }
    for (size_t i = 0; i < node->count; i++)
        if (type == NULL || (node->items[i] != type && node->items[i] != count))
            text = join(reader, text, " ", text_of(reader, node->items[i]));
    return text;
}

bool tn_axis_allocate(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node,
                      double count)
{
    if (!(count >= 1 && count <= TN_READER_VALUES)) {
        tn_error_at(reader->ctx, &node->place, NULL, "%s has %.6g values, it may have 1 to %d", axis->path, count,
                    TN_READER_VALUES);
        return false;
    }
    axis->count = (size_t)count;
    axis->values = tn_reader_alloc(reader, axis->count, tn_field_size(axis->field));
    axis->texts = tn_reader_alloc(reader, axis->count, sizeof *axis->texts);
    return axis->values != NULL && axis->texts != NULL;
}

static void read_list(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node)
{
    if (!tn_axis_allocate(reader, axis, node, (double)node->count))
        return;
    size_t size = tn_field_size(axis->field);
    for (size_t i = 0; i < axis->count; i++) {
        char *where = (char *)(uintptr_t)axis->values + i * size;
        if (axis->field->type == TN_STRUCT)
            tn_schema_defaults(axis->field->sub, where);
        axis->texts[i] = text_of(reader, node->items[i]);
        tn_walk_field(reader, axis->field, where, node->items[i]);
        (void)tn_refs_resolve_field(axis->field, where, &reader->scenario, reader->ctx);
    }
}

struct value {
    uint64_t hash;
    size_t i;
};

static int compare_values(const void *left, const void *right)
{
    const struct value *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->i > b->i) - (a->i < b->i);
}

/* The same value twice would be the same point twice. */
static void check_values(struct tn_scenario_reader *reader, const struct tn_scenario_axis *axis,
                         const struct tn_node *node)
{
    const struct tn_field fields[] = {{.name = axis->field->name,
                                       .type = axis->field->type,
                                       .sub = axis->field->sub,
                                       .choice = axis->field->choice,
                                       .variant = axis->field->variant},
                                      TN_F_END};
    const struct tn_schema schema = {"value", "of an axis", tn_field_size(axis->field), fields};
    struct value *values = tn_reader_alloc(reader, axis->count, sizeof *values);
    if (values == NULL || axis->values == NULL)
        return;
    for (size_t i = 0; i < axis->count; i++)
        values[i] = (struct value){tn_schema_hash(&schema, (const char *)axis->values + i * schema.size, 0), i};
    qsort(values, axis->count, sizeof *values, compare_values);
    for (size_t k = 1; k < axis->count; k++)
        if (values[k].hash == values[k - 1].hash) {
            const bool listed = node->kind == TN_NODE_SEQUENCE;
            const size_t first = values[k - 1].i, second = values[k].i;
            tn_error_at(reader->ctx, listed ? &node->items[second]->place : &node->place, NULL,
                        "%s has the value %s twice%s", axis->path, axis->texts[second],
                        strcmp(axis->texts[first], axis->texts[second]) == 0
                            ? ""
                            : tn_reader_printf(reader, ", once as %s", axis->texts[first]));
            return;
        }
}

/* What an axis leads to: nothing that another one does, nothing that no point would feel. */
static void check_target(struct tn_scenario_reader *reader, const struct tn_scenario_axis *axis,
                         const struct tn_target *target)
{
    const struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    for (size_t i = 0; i < sweep->axis_count; i++) {
        struct tn_target other;
        const struct tn_scenario_axis *before = &sweep->axes[i];
        struct tn_context quiet = {.count = 0};
        bool found = tn_path_find(&other, &reader->scenario, before->path, &before->place, &reader->arena, &quiet);
        tn_context_clear(&quiet);
        if (!found || other.field != target->field || other.where != target->where)
            continue;
        if (strcmp(before->path, axis->path) == 0)
            tn_error_at(reader->ctx, &axis->place, NULL, "%s is an axis already", axis->path);
        else
            tn_error_at(reader->ctx, &axis->place, "leave one of them out", "%s is the same field as the axis %s",
                        axis->path, before->path);
    }
    const struct tn_study *study = target->owner_schema == &tn_study_schema ? target->owner : NULL;
    if (study != NULL && study->id != NULL && sweep->study != NULL && strcmp(study->id, sweep->study) != 0)
        tn_warning_at(reader->ctx, &axis->place, NULL,
                      "%s changes the study '%s', but '%s' is swept: its points do not feel it", axis->path, study->id,
                      sweep->study);
}

/* {value: limit, low: 75 km/h, high: 90 km/h}: the note about the field among those of its object. */
static const struct tn_note *find_note(const struct tn_target *target, const char *path)
{
    const struct tn_schema *schema = target->owner_schema;
    const char *owner = target->owner;
    const struct tn_field *field = schema == NULL ? NULL : tn_schema_find(schema, "notes");
    if (field == NULL)
        return NULL;
    const struct tn_list *list = (const void *)(owner + field->offset);
    const struct tn_note *notes = list->items;
    const size_t length = strlen(path);
    for (size_t i = 0; i < list->count; i++) {
        const size_t n = notes[i].value == NULL ? 0 : strlen(notes[i].value);
        if (n > 0 && n < length && path[length - n - 1] == '.' && strcmp(path + length - n, notes[i].value) == 0 &&
            notes[i].low != NULL && notes[i].high != NULL)
            return &notes[i];
    }
    return NULL;
}

/* `estimate`: between the low and the high of the field's note. */
static void read_estimate(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                          const struct tn_target *target, const struct tn_node *node)
{
    const struct tn_note *note = find_note(target, axis->path);
    if (note == NULL) {
        tn_error_at(reader->ctx, &node->place,
                    tn_reader_printf(reader, "notes: - {value: %s, low: ..., high: ...}", axis->field->name),
                    "no note of its object gives the range of %s", axis->path);
        return;
    }
    struct tn_node low = *node, high = *node, *keys[2], *items[] = {&low, &high};
    low.text = note->low;
    high.text = note->high;
    keys[0] = tn_tree_scalar(reader, node->source, "from", &node->place);
    keys[1] = tn_tree_scalar(reader, node->source, "to", &node->place);
    const struct tn_node range = {.kind = TN_NODE_MAPPING,
                                  .keys = keys,
                                  .items = items,
                                  .count = 2,
                                  .source = node->source,
                                  .place = node->place};
    if (keys[0] != NULL && keys[1] != NULL)
        tn_spread_read(reader, axis, &range);
}

static bool is_estimate(const struct tn_node *node)
{
    return node->kind == TN_NODE_SCALAR && strcmp(node->text, "estimate") == 0;
}

static void read_values(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, struct tn_node *node,
                        const struct tn_target *target)
{
    static const char *const keys[] = {"path", "label", "grid", "values", "weights", NULL};
    const struct tn_node *values = tn_tree_get(node, "values"), *weights = tn_tree_get(node, "weights");
    if (node->kind == TN_NODE_SEQUENCE) {
        read_list(reader, axis, node);
    } else if (values != NULL && values->kind == TN_NODE_SEQUENCE) {
        if (!tn_axis_check_keys(reader, node, keys, "an axis of values"))
            return;
        read_list(reader, axis, values);
        if (weights != NULL)
            tn_spread_weights(reader, axis, weights);
    } else if (node->kind == TN_NODE_MAPPING && values == NULL) {
        tn_spread_read(reader, axis, node);
    } else if (is_estimate(values == NULL ? node : values)) {
        if (values == NULL || tn_axis_check_keys(reader, node, keys, "an axis of an estimate"))
            read_estimate(reader, axis, target, values == NULL ? node : values);
    } else {
        tn_error_at(reader->ctx, &node->place, "write [a, b] or {from: a, to: b, step: c}", "an axis needs its values");
    }
}

static bool can_be_swept(const struct tn_field *field)
{
    const bool objects = field->type == TN_LIST && tn_schema_id(field->sub) != NULL;
    return !(field->flags & TN_ID) && strcmp(field->name, "kind") != 0 && field->type != TN_VARIANT && !objects;
}

/* A sampled axis takes its values from the design, unless it says `grid: true`. */
static bool read_kind(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, struct tn_node *node)
{
    static const struct tn_field grid_field = TN_ROW_(tn_scenario_axis, sampled, TN_BOOL, TN_Q_NONE, 0, 0, 1, NULL,
                                                      NULL, 0, "every value is met with those of the other axes");
    struct tn_node *grid = tn_tree_get(node, "grid");
    bool crossed = reader->scenario.sweep.design.kind == TN_DESIGN_GRID;
    struct tn_field field = grid_field;
    field.name = "grid";
    const size_t before = reader->ctx->errors;
    if (grid != NULL)
        tn_walk_field(reader, &field, &crossed, grid);
    axis->sampled = !crossed && reader->scenario.sweep.design.kind != TN_DESIGN_GRID;
    return reader->ctx->errors == before;
}

static void read_axis(struct tn_scenario_reader *reader, const struct tn_node *path, struct tn_node *node)
{
    struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    struct tn_scenario_axis *axis = &sweep->axes[sweep->axis_count];
    const struct tn_node *label = tn_tree_get(node, "label");
    if (path->kind != TN_NODE_SCALAR || (label != NULL && label->kind != TN_NODE_SCALAR)) {
        tn_error_at(reader->ctx, &path->place, NULL, "the path and the label of an axis are texts");
        return;
    }
    struct tn_target target;
    *axis = (struct tn_scenario_axis){
        .path = path->text, .label = label == NULL ? NULL : label->text, .place = path->place};
    if (!tn_path_find(&target, &reader->scenario, axis->path, &axis->place, &reader->arena, reader->ctx))
        return;
    check_target(reader, axis, &target);
    axis->field = target.field;
    const size_t before = reader->ctx->errors;
    if (!can_be_swept(target.field))
        tn_error_at(reader->ctx, &path->place, NULL, "'%s' cannot be swept", target.field->name);
    else if (read_kind(reader, axis, node))
        read_values(reader, axis, node, &target);
    if (reader->ctx->errors == before && axis->count > 0 && !axis->sampled)
        check_values(reader, axis, tn_tree_get(node, "values") != NULL ? tn_tree_get(node, "values") : node);
    sweep->axis_count++;
    sweep->sampled += axis->sampled;
}

void tn_axis_read(struct tn_scenario_reader *reader, const struct tn_node *over)
{
    struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    if (over->kind == TN_NODE_SCALAR || over->count == 0) {
        tn_error_at(reader->ctx, &over->place, NULL, "'over' names no axis");
        return;
    }
    if (over->count > TN_SWEEP_AXES) {
        tn_error_at(reader->ctx, &over->place, NULL, "%zu axes, a sweep may have %d", over->count, TN_SWEEP_AXES);
        return;
    }
    sweep->axes = tn_reader_alloc(reader, over->count, sizeof *sweep->axes);
    for (size_t i = 0; sweep->axes != NULL && i < over->count; i++) {
        struct tn_node *item = over->items[i];
        const struct tn_node *path = tn_tree_get(item, "path");
        if (over->kind == TN_NODE_MAPPING && path != NULL)
            tn_error_at(reader->ctx, &path->place, NULL, "unknown key 'path' in an axis");
        else if (over->kind == TN_NODE_MAPPING)
            read_axis(reader, over->keys[i], item);
        else if (item->kind != TN_NODE_MAPPING || path == NULL)
            tn_error_at(reader->ctx, &item->place, NULL,
                        item->kind != TN_NODE_MAPPING ? "an axis must be a mapping, not %s" : "an axis lacks 'path'",
                        tn_node_kind_name(item));
        else
            read_axis(reader, path, item);
    }
}
