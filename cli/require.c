/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "require.h"

#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "nearest.h"

/* "climb.runup[2].time_s": the study whose id, followed by a dot, begins the name. */
static const char *after_id(const char *result, const char *id)
{
    const size_t length = strlen(id);
    return !strncmp(result, id, length) && result[length] == '.' ? result + length + 1 : NULL;
}

static const struct tn_field *find_row(const struct tn_schema *schema, const char *name, size_t length)
{
    for (const struct tn_field *field = schema->fields; field->name; field++)
        if (strlen(field->name) == length && !strncmp(field->name, name, length))
            return field;
    return NULL;
}

static bool is_number(const struct tn_field *field)
{
    return field->type == TN_NUMBER || field->type == TN_INTEGER || field->type == TN_BOOL;
}

/* The row that a name leads to. With an object, *object follows it (NULL: the list has no such row). */
static const struct tn_field *follow(const struct tn_schema *schema, const char *name, const char **object)
{
    for (;;) {
        const size_t length = strcspn(name, ".[");
        const struct tn_field *field = find_row(schema, name, length);
        if (!field || (!name[length] && is_number(field)))
            return field;
        if (field->type == TN_LIST && name[length] == '[') {
            char *end = NULL;
            const unsigned long index = strtoul(name + length + 1, &end, 10);
            if (end[0] != ']' || end[1] != '.')
                return NULL;
            const struct tn_list *list = *object ? (const void *)(*object + field->offset) : NULL;
            *object = list && index < list->count ? (const char *)list->items + index * field->sub->size : NULL;
            name = end + 2;
        } else if (field->type == TN_STRUCT && name[length] == '.') {
            *object = *object ? *object + field->offset : NULL;
            name += length + 1;
        } else {
            return NULL;
        }
        schema = field->sub;
    }
}

static double value_of(const struct tn_field *field, const char *object)
{
    const void *at = object + field->offset;
    switch (field->type) {
    case TN_NUMBER:
        return *(const double *)at;
    case TN_INTEGER:
        return *(const int *)at;
    case TN_BOOL:
        return *(const bool *)at;
    default:
        return (double)NAN;
    }
}

static const char *field_name(size_t i, const void *payload)
{
    const struct tn_field *field = &((const struct tn_field *)payload)[i];
    return is_number(field) ? field->name : NULL;
}

static size_t field_count(const struct tn_schema *schema)
{
    size_t count = 0;
    while (schema->fields[count].name)
        count++;
    return count;
}

static const char *study_id(size_t i, const void *payload)
{
    return ((const struct tn_study *)payload)[i].id;
}

static void unknown_study(const struct tn_scenario *scenario, const struct tn_scenario_require *require,
                          struct tn_context *ctx)
{
    char id[64];
    snprintf(id, sizeof id, "%.*s", (int)strcspn(require->result, "."), require->result);
    const char *near = tn_nearest_name(id, study_id, scenario->studies.count, scenario->studies.items);
    const char *hint = near && strchr(require->result, '.') ? tn_arena_printf(&ctx->arena, "did you mean '%s'?", near)
                                                            : "a required result is STUDY.NAME, e.g. climb.margin_1";
    tn_error(ctx, &require->result, hint, "'%s' names no study of the file", require->result);
}

static enum tn_quantity quantity_of(const struct tn_field *field)
{
    return field->type == TN_NUMBER ? field->quantity : TN_Q_NONE;
}

static const char *units_of(enum tn_quantity quantity, struct tn_arena *arena)
{
    const char *list = "units:";
    for (const struct tn_unit *unit = tn_units; unit->name && list; unit++)
        if (unit->quantity == quantity)
            list = tn_arena_printf(arena, "%s%s %s", list, strchr(list, ' ') ? "," : "", unit->name);
    return list;
}

static void check_unit(const struct tn_scenario_require *require, const struct tn_field *field, const double *bound,
                       const struct tn_unit *unit, const char *name, struct tn_context *ctx)
{
    const enum tn_quantity quantity = quantity_of(field);
    if (!unit || tn_unit_find(quantity, unit->name, strlen(unit->name)))
        return;
    const bool plain = quantity == TN_Q_NONE;
    tn_error(ctx, bound, plain ? "write it without a unit" : units_of(quantity, &ctx->arena),
             "'%s' has the unit '%s', but '%s' is a %s", name, unit->name, require->result, tn_quantity_name(quantity));
}

/* A bound in the unit of its result, where quantities share a unit's name. */
static double bound_of(double si, const struct tn_unit *unit, const struct tn_field *field)
{
    const struct tn_unit *own = unit ? tn_unit_find(quantity_of(field), unit->name, strlen(unit->name)) : NULL;
    return own && own != unit ? (si - unit->offset) / unit->factor * own->factor + own->offset : si;
}

static void check_bounds(const struct tn_scenario_require *require, const struct tn_field *field,
                         struct tn_context *ctx)
{
    check_unit(require, field, &require->min, require->min_unit, "min", ctx);
    check_unit(require, field, &require->max, require->max_unit, "max", ctx);
    if (isnan(require->min) && isnan(require->max))
        tn_error(ctx, &require->result, "give `min`, `max` or both", "nothing is asked of '%s'", require->result);
    else if (require->min > require->max)
        tn_error(ctx, &require->max, NULL, "no value of '%s' can be at least `min` and at most `max`", require->result);
}

static void check_one(const struct tn_scenario *scenario, const struct tn_scenario_require *require,
                      struct tn_context *ctx)
{
    const struct tn_study *studies = scenario->studies.items;
    for (size_t i = 0; i < scenario->studies.count; i++) {
        const char *name = after_id(require->result, studies[i].id);
        if (!name)
            continue;
        const struct tn_study_kind *kind = tn_study_kinds[studies[i].kind];
        const char *object = NULL;
        const struct tn_field *field = follow(kind->result, name, &object);
        if (field) {
            check_bounds(require, field, ctx);
            return;
        }
        const char *near = tn_nearest_name(name, field_name, field_count(kind->result), kind->result->fields);
        tn_error(ctx, &require->result, near ? tn_arena_printf(&ctx->arena, "did you mean '%s'?", near) : NULL,
                 "a %s study has no numeric result '%s'", kind->name, name);
        return;
    }
    unknown_study(scenario, require, ctx);
}

tn_status tn_require_check(const struct tn_scenario *scenario, struct tn_context *ctx)
{
    const struct tn_scenario_require *rows = scenario->require.items;
    const size_t before = ctx->errors;
    for (size_t i = 0; i < scenario->require.count; i++)
        if (rows[i].result)
            check_one(scenario, &rows[i], ctx);
    return ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}

static double shown(double si, const struct tn_unit *unit)
{
    return unit ? (si - unit->offset) / unit->factor : si;
}

static bool test_one(const struct tn_scenario_require *require, const struct tn_field *field, double value)
{
    const double min = bound_of(require->min, require->min_unit, field);
    const double max = bound_of(require->max, require->max_unit, field);
    const bool low = !isnan(min) && !(value >= min), high = !isnan(max) && !(value <= max);
    if (!low && !high)
        return true;
    const struct tn_unit *unit = field->type == TN_NUMBER ? tn_unit_display(field->quantity) : NULL;
    const double bound = shown(low ? min : max, unit);
    const char *sign = unit ? unit->name : "";
    const char *space = *sign ? " " : "";
    if (isnan(value))
        tn_diag_say("required: %s has no value; asked for at %s %g%s%s", require->result, low ? "least" : "most", bound,
                    space, sign);
    else
        tn_diag_say("required: %s is %.6g%s%s; asked for at %s %g%s%s", require->result, shown(value, unit), space,
                    sign, low ? "least" : "most", bound, space, sign);
    return false;
}

size_t tn_require_test(const struct tn_scenario *scenario, const struct tn_solved *solved)
{
    const struct tn_scenario_require *rows = scenario->require.items;
    size_t missed = 0;
    for (size_t i = 0; i < scenario->require.count; i++) {
        const char *name = rows[i].result ? after_id(rows[i].result, solved->id) : NULL;
        if (!name)
            continue;
        const char *object = solved->result;
        const struct tn_field *field = follow(solved->kind->result, name, &object);
        if (field && !test_one(&rows[i], field, object ? value_of(field, object) : (double)NAN))
            missed++;
    }
    return missed;
}
