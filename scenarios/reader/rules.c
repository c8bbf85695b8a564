/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

/* A value in the unit in which it is shown. */
static double shown(const struct tn_field *field, double value)
{
    const struct tn_unit *unit = tn_unit_display(field->quantity);
    return unit == NULL ? value : (value - unit->offset) / unit->factor;
}

static const char *unit_of(const struct tn_field *field)
{
    const struct tn_unit *unit = tn_unit_display(field->quantity);
    return unit == NULL ? "" : unit->name;
}

void tn_rules_number(const struct tn_field *field, double value, const void *where, struct tn_context *ctx)
{
    bool open = field->flags & TN_POSITIVE && field->min == 0;
    if (value < field->min || (open && value <= 0))
        tn_error(ctx, where, NULL, "'%s' is %.7g %s, must be %s %.7g", field->name, shown(field, value), unit_of(field),
                 open ? "more than" : "at least", shown(field, field->min));
    else if (value > field->max)
        tn_error(ctx, where, NULL, "'%s' is %.7g %s, must be at most %.7g", field->name, shown(field, value),
                 unit_of(field), shown(field, field->max));
}

static void check_rising(const struct tn_schema *row, const struct tn_list *list, struct tn_context *ctx)
{
    for (const struct tn_field *field = row->fields; field->name != NULL; field++)
        for (size_t i = 1; field->flags & TN_RISING && field->type == TN_NUMBER && i < list->count; i++) {
            const char *item = (const char *)list->items + i * row->size + field->offset;
            double now = *(const double *)(const void *)item,
                   before = *(const double *)(const void *)(item - row->size);
            if (now <= before)
                tn_error(ctx, item, "sort the rows", "'%s' must rise: %.7g %s after %.7g %s in %s", field->name,
                         shown(field, now), unit_of(field), shown(field, before), unit_of(field), row->name);
        }
}

static void check_list(const struct tn_field *field, const struct tn_list *list, struct tn_context *ctx)
{
    for (size_t i = 0; i < list->count; i++)
        tn_rules_check(field->sub, (const char *)list->items + i * field->sub->size, ctx);
    check_rising(field->sub, list, ctx);
}

void tn_rules_check(const struct tn_schema *schema, const void *object, struct tn_context *ctx)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        const void *where = (const char *)object + field->offset;
        if (field->type == TN_NUMBER)
            tn_rules_number(field, *(const double *)where, where, ctx);
        else if (field->type == TN_STRUCT)
            tn_rules_check(field->sub, where, ctx);
        else if (field->type == TN_LIST)
            check_list(field, where, ctx);
    }
}

void tn_rules_validate(const struct tn_schema *schema, const void *object, struct tn_context *ctx)
{
    if (schema == &tn_locomotive_schema)
        (void)tn_locomotive_validate(object, ctx);
    else if (schema == &tn_wagon_schema)
        (void)tn_wagon_validate(object, ctx);
    else if (schema == &tn_line_schema)
        (void)tn_line_validate(object, ctx);
}
