/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <string.h>
#include <yaml.h>

/* The scenario as a YAML document, every value with its SI unit, in the spelling that the reader takes. Values that are
   not given are left out. */
struct writer {
    yaml_document_t document;
    struct tn_arena *arena;
    bool failed;
};

static int checked(struct writer *writer, int node)
{
    writer->failed |= node == 0;
    return node;
}

static int scalar(struct writer *writer, const char *text, bool quoted)
{
    if (text == NULL) {
        writer->failed = true;
        return 0;
    }
    return checked(writer,
                   yaml_document_add_scalar(&writer->document, NULL, (const yaml_char_t *)text, (int)strlen(text),
                                            quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE));
}

static int string(struct writer *writer, const char *text)
{
    bool quoted = *text == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0 || strcmp(text, "<<") == 0;
    return scalar(writer, text, quoted);
}

static int sequence(struct writer *writer, bool flow)
{
    return checked(writer, yaml_document_add_sequence(&writer->document, NULL,
                                                      flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
}

static int mapping(struct writer *writer, bool flow)
{
    return checked(writer, yaml_document_add_mapping(&writer->document, NULL,
                                                     flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE));
}

static void append(struct writer *writer, int list, int item)
{
    if (!writer->failed && !yaml_document_append_sequence_item(&writer->document, list, item))
        writer->failed = true;
}

static void put(struct writer *writer, int map, const char *key, int value)
{
    if (value == 0)
        return;
    int name = scalar(writer, key, false);
    if (!writer->failed && !yaml_document_append_mapping_pair(&writer->document, map, name, value))
        writer->failed = true;
}

/* The unit of the quantity that is SI itself. */
static const char *si_unit(enum tn_quantity quantity)
{
    if (quantity == TN_Q_COUNT)
        return NULL;
    for (const struct tn_unit *unit = tn_units; unit->name != NULL; unit++)
        if (unit->quantity == quantity && unit->factor == 1 && unit->offset == 0)
            return unit->name;
    return NULL;
}

static int number(struct writer *writer, double value, enum tn_quantity quantity)
{
    if (!isfinite(value))
        return 0;
    char digits[32];
    tn_number_print(digits, value);
    const char *unit = quantity == TN_Q_RATIO ? NULL : si_unit(quantity);
    return scalar(writer, unit == NULL ? digits : tn_arena_printf(writer->arena, "%s %s", digits, unit), false);
}

static bool is_flat(const struct tn_schema *schema)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->type == TN_STRUCT || field->type == TN_LIST || field->type == TN_VARIANT)
            return false;
    return true;
}

static int write_object(struct writer *writer, const struct tn_schema *schema, const char *object);

static int write_list(struct writer *writer, const struct tn_field *field, const struct tn_list *list)
{
    if (list->count == 0)
        return 0;
    int out = sequence(writer, field->type == TN_NUMBERS);
    for (size_t i = 0; i < list->count && !writer->failed; i++) {
        const char *item = (const char *)list->items;
        append(writer, out,
               field->type == TN_NUMBERS ? number(writer, ((const double *)list->items)[i], field->quantity)
                                         : write_object(writer, field->sub, item + i * field->sub->size));
    }
    return out;
}

/* The node, or 0 where the value is not given. */
static int write_value(struct writer *writer, const struct tn_field *field, const void *where)
{
    const char *text = NULL;
    switch (field->type) {
    case TN_NUMBER:
        return number(writer, *(const double *)where, field->quantity);
    case TN_INTEGER:
        if (*(const int *)where < field->min)
            return 0;
        return scalar(writer, tn_arena_printf(writer->arena, "%d", *(const int *)where), false);
    case TN_BOOL:
        return scalar(writer, *(const bool *)where ? "true" : "false", false);
    case TN_STRING:
        text = *(const char *const *)where;
        return text == NULL ? 0 : string(writer, text);
    case TN_CHOICE:
        text = *(const int *)where < 0 ? NULL : field->choice(*(const int *)where);
        return text == NULL ? 0 : string(writer, text);
    case TN_REF:
        text = ((const struct tn_ref *)where)->id;
        return text == NULL ? 0 : string(writer, text);
    case TN_STRUCT:
        return write_object(writer, field->sub, where);
    case TN_LIST:
    case TN_NUMBERS:
        return write_list(writer, field, where);
    case TN_VARIANT:
        break;
    }
    return 0;
}

static size_t write_fields(struct writer *writer, int map, const struct tn_schema *schema, const char *object)
{
    size_t count = 0;
    for (const struct tn_field *field = schema->fields; field->name != NULL && !writer->failed; field++) {
        const void *where = object + field->offset;
        const struct tn_variant *variant = where;
        if (field->type == TN_VARIANT && variant->object != NULL) {
            count += write_fields(writer, map, variant->schema, variant->object);
            continue;
        }
        int value = write_value(writer, field, where);
        put(writer, map, field->name, value);
        count += value != 0;
    }
    return count;
}

/* A part that lacks what it must have was left out by the user, and is left out again. */
static bool is_given(const struct tn_schema *schema, const char *object)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->type == TN_REF && field->flags & TN_REQUIRED &&
            ((const struct tn_ref *)(const void *)(object + field->offset))->id == NULL)
            return false;
    return true;
}

static int write_object(struct writer *writer, const struct tn_schema *schema, const char *object)
{
    if (!is_given(schema, object))
        return 0;
    int map = mapping(writer, is_flat(schema));
    return writer->failed || write_fields(writer, map, schema, object) == 0 ? 0 : map;
}

static int write_weights(struct writer *writer, const struct tn_scenario_axis *axis)
{
    int weights = sequence(writer, true);
    for (size_t i = 0; i < axis->count && !writer->failed; i++)
        append(writer, weights, number(writer, axis->weights[i] - (i == 0 ? 0 : axis->weights[i - 1]), TN_Q_NONE));
    return weights;
}

/* What differs from one distribution to another is there or not. */
static void write_spread(struct writer *writer, int map, const struct tn_scenario_axis *axis)
{
    const struct tn_uncertainty *d = &axis->spread;
    const enum tn_quantity quantity = axis->field->quantity;
    put(writer, map, "distribution", string(writer, tn_uncertainty_name(d->kind)));
    if (d->kind == TN_NORMAL) {
        put(writer, map, "mean", number(writer, d->mean, quantity));
        put(writer, map, "deviation", number(writer, d->deviation, quantity));
    } else if (d->kind == TN_LOG_NORMAL) {
        put(writer, map, "median", number(writer, d->median, quantity));
        put(writer, map, "factor", number(writer, d->factor, TN_Q_NONE));
    } else if (d->kind == TN_TRIANGULAR) {
        put(writer, map, "mode", number(writer, d->mode, quantity));
    }
    put(writer, map, "from", number(writer, d->from, quantity));
    put(writer, map, "to", number(writer, d->to, quantity));
}

static int write_axes(struct writer *writer, const struct tn_scenario_sweep *sweep)
{
    int axes = sequence(writer, false);
    for (size_t i = 0; i < sweep->axis_count && !writer->failed; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        size_t size = tn_field_size(axis->field);
        int map = mapping(writer, false);
        put(writer, map, "path", string(writer, axis->path));
        if (axis->label != NULL)
            put(writer, map, "label", string(writer, axis->label));
        if (!axis->sampled && sweep->design.kind != TN_DESIGN_GRID)
            put(writer, map, "grid", scalar(writer, "true", false));
        if (axis->count == 0) {
            write_spread(writer, map, axis);
        } else {
            int values = sequence(writer, true);
            for (size_t j = 0; j < axis->count && !writer->failed; j++)
                append(writer, values, write_value(writer, axis->field, (const char *)axis->values + j * size));
            put(writer, map, "values", values);
        }
        if (axis->weights != NULL)
            put(writer, map, "weights", write_weights(writer, axis));
        append(writer, axes, map);
    }
    return axes;
}

static int write_where(struct writer *writer, const struct tn_scenario_sweep *sweep)
{
    int list = sequence(writer, false);
    for (size_t i = 0; i < sweep->where_count && !writer->failed; i++)
        append(writer, list, string(writer, sweep->where[i].text));
    return list;
}

static void write_sweep(struct writer *writer, int map, const struct tn_scenario_sweep *sweep)
{
    put(writer, map, "study", string(writer, sweep->study));
    for (const struct tn_field *field = tn_scenario_sweep_schema.fields; field->name != NULL; field++) {
        const bool said = strcmp(field->name, "design") == 0       ? sweep->design.kind != TN_DESIGN_GRID
                          : strcmp(field->name, "replicates") == 0 ? sweep->replicates > 1
                                                                   : sweep->design.kind == TN_DESIGN_SALTELLI;
        if (said)
            put(writer, map, field->name, write_value(writer, field, (const char *)sweep + field->offset));
    }
    if (sweep->where_count > 0)
        put(writer, map, "where", write_where(writer, sweep));
    put(writer, map, "over", write_axes(writer, sweep));
}

static void write_scenario(struct writer *writer, const struct tn_scenario *scenario)
{
    int root = mapping(writer, false);
    if (writer->failed)
        return;
    write_fields(writer, root, &tn_scenario_schema, (const char *)scenario);
    if (scenario->sweep.axis_count == 0 || scenario->sweep.study == NULL)
        return;
    int sweep = mapping(writer, false);
    write_sweep(writer, sweep, &scenario->sweep);
    put(writer, root, "sweep", sweep);
}

static int collect(void *payload, unsigned char *bytes, size_t size)
{
    struct tn_string *text = payload;
    tn_string_bytes(text, bytes, size);
    return !text->failed;
}

static const char *emit(struct writer *writer)
{
    struct tn_string text = {0};
    yaml_emitter_t emitter;
    if (writer->failed || !yaml_emitter_initialize(&emitter)) {
        yaml_document_delete(&writer->document);
        return NULL;
    }
    yaml_emitter_set_output(&emitter, collect, &text);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    bool ok =
        yaml_emitter_open(&emitter) && yaml_emitter_dump(&emitter, &writer->document) && yaml_emitter_close(&emitter);
    yaml_emitter_delete(&emitter);
    const char *result = tn_string_finish(&text, writer->arena);
    return ok ? result : NULL;
}

const char *tn_scenario_resolved(const struct tn_scenario_reader *reader, struct tn_arena *arena)
{
    struct writer writer = {.arena = arena};
    if (!yaml_document_initialize(&writer.document, NULL, NULL, NULL, 1, 1))
        return NULL;
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    write_scenario(&writer, &reader->scenario);
    const char *text = emit(&writer);
    tn_c_locale_end(&c);
    return text;
}
