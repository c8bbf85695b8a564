/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a mapping of the sweep may hold. Checks for others, too. */
static bool check_keys(struct tn_scenario_reader *reader, const struct tn_node *node, const char *const *names,
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

static struct tn_node *need(struct tn_scenario_reader *reader, const struct tn_node *node, const char *key,
                            const char *what)
{
    struct tn_node *value = tn_tree_get(node, key);
    if (value == NULL)
        tn_error_at(reader->ctx, &node->place, NULL, "%s lacks '%s'", what, key);
    return value;
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

static bool allocate(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node,
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
    if (!allocate(reader, axis, node, (double)node->count))
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

/* A number in the unit in which the axis is said. A step has no zero: its unit counts, not its offset. */
static bool read_end(double *out, struct tn_scenario_reader *reader, const struct tn_scenario_axis *axis,
                     const struct tn_node *node, const struct tn_unit **unit, bool step)
{
    const struct tn_unit *own;
    enum tn_quantity quantity = axis->field->type == TN_INTEGER ? TN_Q_NONE : axis->field->quantity;
    double si;
    if (node == NULL || !tn_quantity_read(&si, &own, reader, node, axis->field->name, quantity))
        return false;
    if (*unit == NULL)
        *unit = own;
    struct tn_number number;
    if (own == *unit && tn_number_split(&number, node->text))
        *out = number.value;
    else if (step)
        *out = (si - (own == NULL ? 0 : own->offset)) / (*unit)->factor;
    else
        *out = (si - (*unit)->offset) / (*unit)->factor;
    return true;
}

static bool range_value(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, size_t i, double value,
                        const struct tn_unit *unit, const struct tn_node *node)
{
    char shown[32];
    /* 0.1 + 2 x 0.1 is shown, and taken, as 0.3 */
    snprintf(shown, sizeof shown, "%.12g", value);
    double tidy = strtod(shown, NULL);
    double si = unit == NULL ? tidy : tidy * unit->factor + unit->offset;
    axis->texts[i] = tn_reader_printf(reader, "%s%s%s", shown, unit == NULL ? "" : " ", unit == NULL ? "" : unit->name);
    char *where = (char *)(uintptr_t)axis->values + i * tn_field_size(axis->field);
    if (axis->texts[i] == NULL)
        return false;
    const struct tn_node named = {.kind = TN_NODE_SCALAR, .text = axis->texts[i], .place = node->place};
    if (axis->field->type == TN_NUMBER) {
        *(double *)(void *)where = si;
    } else if (si != floor(si) || fabs(si) > INT_MAX) {
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' must be a whole number, not %s", axis->field->name,
                    axis->texts[i]);
        return false;
    } else {
        *(int *)(void *)where = (int)si;
    }
    return tn_walk_number_in_range(reader, axis->field, si, unit, &named);
}

static void read_range(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node)
{
    static const char *const keys[] = {"from", "to", "step", "count", "label", NULL};
    if (!check_keys(reader, node, keys, "an axis"))
        return;
    if (axis->field->type != TN_NUMBER && axis->field->type != TN_INTEGER) {
        tn_error_at(reader->ctx, &node->place, "write a list of values", "%s is not a number", axis->path);
        return;
    }
    const struct tn_node *step_node = tn_tree_get(node, "step"), *count_node = tn_tree_get(node, "count");
    if ((step_node == NULL) == (count_node == NULL)) {
        tn_error_at(reader->ctx, &node->place, NULL, "an axis needs either 'step' or 'count'");
        return;
    }
    const struct tn_unit *unit = NULL;
    double from, to, step = 0, count = 0;
    if (!read_end(&from, reader, axis, need(reader, node, "from", "an axis"), &unit, false) ||
        !read_end(&to, reader, axis, need(reader, node, "to", "an axis"), &unit, false))
        return;
    if (step_node != NULL ? !read_end(&step, reader, axis, step_node, &unit, true)
                          : !tn_quantity_read(&count, NULL, reader, count_node, "count", TN_Q_NONE))
        return;
    if (step_node != NULL) {
        count = floor((to - from) / step + 1e-9) + 1;
        if (!(count >= 1) || isinf(count)) {
            tn_error_at(reader->ctx, &step_node->place, NULL, "a step of %s does not lead from %s to %s",
                        step_node->text, tn_tree_get(node, "from")->text, tn_tree_get(node, "to")->text);
            return;
        }
    } else if (count != floor(count)) {
        tn_error_at(reader->ctx, &count_node->place, NULL, "'count' must be a whole number, not %s", count_node->text);
        return;
    } else if (count > 1) {
        step = (to - from) / (count - 1);
    }
    if (!allocate(reader, axis, node, count))
        return;
    for (size_t i = 0; i < axis->count; i++)
        if (!range_value(reader, axis, i, from + (double)i * step, unit, node))
            return;
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

static void read_axis(struct tn_scenario_reader *reader, const struct tn_node *path, const struct tn_node *label,
                      struct tn_node *values)
{
    struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    struct tn_scenario_axis *axis = &sweep->axes[sweep->axis_count];
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
    bool objects = target.field->type == TN_LIST && tn_schema_id(target.field->sub) != NULL;
    if (target.field->flags & TN_ID || strcmp(target.field->name, "kind") == 0 || target.field->type == TN_VARIANT ||
        objects)
        tn_error_at(reader->ctx, &path->place, NULL, "'%s' cannot be swept", target.field->name);
    else if (values->kind == TN_NODE_MAPPING)
        read_range(reader, axis, values);
    else if (values->kind == TN_NODE_SEQUENCE)
        read_list(reader, axis, values);
    else
        tn_error_at(reader->ctx, &values->place, "write [a, b] or {from: a, to: b, step: c}",
                    "an axis needs its values");
    if (reader->ctx->errors == before)
        check_values(reader, axis, values);
    sweep->axis_count++;
}

/* {path:, label:, values:} or {path:, label:, from:, to:, step:} */
static void read_axis_item(struct tn_scenario_reader *reader, struct tn_node *item)
{
    static const char *const keys[] = {"path", "label", "values", "from", "to", "step", "count", NULL};
    struct tn_node *path = check_keys(reader, item, keys, "an axis") ? need(reader, item, "path", "an axis") : NULL;
    if (path == NULL)
        return;
    struct tn_node *values = tn_tree_get(item, "values"), *label = tn_tree_get(item, "label");
    if (values != NULL) {
        read_axis(reader, path, label, values);
        return;
    }
    struct tn_node range = *item;
    range.keys = tn_reader_alloc(reader, item->count, sizeof *range.keys);
    range.items = tn_reader_alloc(reader, item->count, sizeof *range.items);
    range.count = 0;
    for (size_t i = 0; range.keys != NULL && range.items != NULL && i < item->count; i++)
        if (item->items[i] != path) {
            range.keys[range.count] = item->keys[i];
            range.items[range.count++] = item->items[i];
        }
    read_axis(reader, path, label, &range);
}

static void check_points(struct tn_scenario_reader *reader, const struct tn_node *over)
{
    double points = 1;
    for (size_t i = 0; i < reader->scenario.sweep.axis_count; i++)
        points *= (double)reader->scenario.sweep.axes[i].count;
    if (points > TN_READER_POINTS)
        tn_error_at(reader->ctx, &over->place, NULL, "%.6g points, a sweep may have %d", points, TN_READER_POINTS);
}

static void check_study(struct tn_scenario_reader *reader, const struct tn_node *node)
{
    const struct tn_scenario *scenario = &reader->scenario;
    const char *id = scenario->sweep.study == NULL ? "" : scenario->sweep.study;
    const struct tn_study *studies = scenario->studies.items;
    const char **ids = tn_reader_alloc(reader, scenario->studies.count, sizeof *ids);
    if (ids == NULL || tn_scenario_study(scenario, id) != NULL)
        return;
    for (size_t i = 0; i < scenario->studies.count; i++)
        ids[i] = studies[i].id;
    const char *near = tn_refs_nearest(id, ids, scenario->studies.count);
    tn_error_at(reader->ctx, &node->place, near == NULL ? NULL : tn_reader_printf(reader, "did you mean '%s'?", near),
                "there is no study '%s'", id);
}

void tn_axis_read(struct tn_scenario_reader *reader, struct tn_node *node)
{
    static const char *const keys[] = {"study", "over", NULL};
    struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    if (!check_keys(reader, node, keys, "sweep"))
        return;
    struct tn_node *study = need(reader, node, "study", "sweep"), *over = need(reader, node, "over", "sweep");
    if (study == NULL || over == NULL)
        return;
    sweep->study = study->kind == TN_NODE_SCALAR ? study->text : NULL;
    check_study(reader, study);
    if (over->kind == TN_NODE_SCALAR || over->count == 0) {
        tn_error_at(reader->ctx, &over->place, NULL, "'over' names no axis");
        return;
    }
    if (over->count > 8) {
        tn_error_at(reader->ctx, &over->place, NULL, "%zu axes, a sweep may have 8", over->count);
        return;
    }
    sweep->axes = tn_reader_alloc(reader, over->count, sizeof *sweep->axes);
    for (size_t i = 0; sweep->axes != NULL && i < over->count; i++) {
        struct tn_node *item = over->items[i];
        if (over->kind == TN_NODE_SEQUENCE)
            read_axis_item(reader, item);
        else
            read_axis(reader, over->keys[i], tn_tree_get(item, "label"), item);
    }
    check_points(reader, over);
}
