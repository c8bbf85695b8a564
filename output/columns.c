/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "columns.h"

#include <string.h>

#include "arena.h"
#include "text.h"

static size_t count_fields(const struct tn_schema *schema)
{
    size_t count = 0;
    for (const struct tn_field *field = schema->fields; field->name; field++)
        count += field->type == TN_STRUCT ? count_fields(field->sub) : 1;
    return count;
}

static tn_status add_columns(struct tn_column *columns, size_t *count, const struct tn_schema *schema,
                             const char *prefix, size_t offset, struct tn_arena *arena)
{
    for (const struct tn_field *field = schema->fields; field->name; field++) {
        const char *name = tn_arena_printf(arena, "%s%s", prefix, field->name);
        if (!name)
            return TN_ERR_MEMORY;
        if (field->type == TN_STRUCT) {
            const char *deeper = tn_arena_printf(arena, "%s_", name);
            tn_status status =
                deeper ? add_columns(columns, count, field->sub, deeper, offset + field->offset, arena) : TN_ERR_MEMORY;
            if (status != TN_OK)
                return status;
        } else if (field->type != TN_VARIANT) {
            columns[(*count)++] = (struct tn_column){name, field, offset + field->offset};
        }
    }
    return TN_OK;
}

tn_status tn_columns_of(struct tn_list *columns_out, const struct tn_schema *schema, struct tn_arena *arena)
{
    size_t count = 0;
    struct tn_column *columns = tn_arena_alloc(arena, count_fields(schema) + 1, sizeof *columns);
    if (!columns)
        return TN_ERR_MEMORY;
    tn_status status = add_columns(columns, &count, schema, "", 0, arena);
    *columns_out = (struct tn_list){columns, count};
    return status;
}

static enum tn_h5_type type_of(const struct tn_field *field)
{
    switch (field->type) {
    case TN_NUMBER:
    case TN_NUMBERS:
        return TN_H5_NUMBER;
    case TN_INTEGER:
        return TN_H5_INTEGER;
    case TN_BOOL:
        return TN_H5_BYTE;
    default:
        return TN_H5_TEXT;
    }
}

size_t tn_column_size(const struct tn_column *column)
{
    switch (type_of(column->field)) {
    case TN_H5_NUMBER:
        return sizeof(double);
    case TN_H5_INTEGER:
        return sizeof(int);
    case TN_H5_BYTE:
        return sizeof(signed char);
    default:
        return sizeof(const char *);
    }
}

struct tn_h5_variable tn_column_variable(const struct tn_column *column)
{
    const struct tn_field *field = column->field;
    return (struct tn_h5_variable){
        .name = column->name,
        .type = type_of(field),
        .units = type_of(field) == TN_H5_NUMBER ? tn_quantity_si(field->quantity) : NULL,
        .long_name = field->doc,
        .flag_meanings = field->type == TN_BOOL ? "no yes" : NULL,
    };
}

tn_status tn_column_store(void *array, size_t index, const struct tn_column *column, const void *item,
                          struct tn_arena *arena)
{
    const void *member = (const char *)item + column->offset;
    switch (type_of(column->field)) {
    case TN_H5_NUMBER:
        ((double *)array)[index] = *(const double *)member;
        break;
    case TN_H5_INTEGER:
        ((int *)array)[index] = *(const int *)member;
        break;
    case TN_H5_BYTE:
        ((signed char *)array)[index] = *(const bool *)member ? 1 : 0;
        break;
    case TN_H5_TEXT: {
        const char *text = tn_text_member(column->field, member, arena);
        const char *before = index ? ((const char **)array)[index - 1] : NULL;
        if (text && before && strcmp(text, before) == 0) /* neighbours often say the same */
            text = before;
        else if (text && !(text = tn_arena_copy(arena, text, strlen(text))))
            return TN_ERR_MEMORY;
        ((const char **)array)[index] = text;
        break;
    }
    case TN_H5_ID: /* no member is one */
        break;
    }
    return TN_OK;
}

void *tn_column_gather(const struct tn_column *column, const void *items, size_t stride, size_t count,
                       struct tn_arena *arena)
{
    void *array = tn_arena_alloc(arena, count + 1, tn_column_size(column));
    for (size_t i = 0; array && i < count; i++)
        if (tn_column_store(array, i, column, (const char *)items + i * stride, arena) != TN_OK)
            return NULL;
    return array;
}
