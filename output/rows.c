/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { UNKNOWN = 2 }; /* of a bool */

/* The columns of single values. */
static tn_status plain_columns(struct tn_column **columns_out, size_t *count_out, const struct tn_schema *schema,
                               struct tn_arena *arena)
{
    struct tn_list all;
    tn_status status = tn_columns_of(&all, schema, arena);
    if (status != TN_OK)
        return status;
    struct tn_column *columns = all.items;
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++)
        if (columns[i].field->type != TN_LIST && columns[i].field->type != TN_NUMBERS)
            columns[count++] = columns[i];
    *columns_out = columns, *count_out = count;
    return TN_OK;
}

static tn_status add_list(struct tn_rows_layout *layout, const char *name, size_t offset,
                          const struct tn_schema *schema, struct tn_arena *arena)
{
    struct tn_rows_list *list = &layout->lists[layout->list_count++];
    *list = (struct tn_rows_list){.name = name, .offset = offset, .schema = schema};
    return plain_columns(&list->columns, &list->count, schema, arena);
}

static tn_status find_lists(struct tn_rows_layout *layout, struct tn_arena *arena)
{
    struct tn_list all;
    tn_status status = tn_columns_of(&all, layout->kind->result, arena);
    if (status != TN_OK)
        return status;
    layout->lists = tn_arena_alloc(arena, all.count + 1, sizeof *layout->lists);
    if (!layout->lists)
        return TN_ERR_MEMORY;
    status =
        add_list(layout, "assumptions", offsetof(struct tn_result_head, assumptions), &tn_assumption_schema, arena);
    const struct tn_column *column = all.items;
    for (size_t i = 0; i < all.count && status == TN_OK; i++, column++)
        if (column->field->type == TN_LIST && column->field->flags & TN_SHARED)
            status = add_list(layout, column->name, column->offset, column->field->sub, arena);
    return status;
}

tn_status tn_rows_layout_init(struct tn_rows_layout *out, const struct tn_study_kind *kind, struct tn_arena *arena)
{
    *out = (struct tn_rows_layout){.kind = kind};
    tn_status status = plain_columns(&out->columns, &out->count, kind->result, arena);
    if (status != TN_OK)
        return status;
    out->own_reason = out->count;
    for (size_t k = 0; k < out->count; k++)
        if (strcmp(out->columns[k].name, "reason") == 0 && out->columns[k].field->type == TN_STRING)
            out->own_reason = k;
    return find_lists(out, arena);
}

tn_status tn_rows_create(struct tn_rows **out, const struct tn_rows_layout *layout, size_t most)
{
    struct tn_rows *rows = *out = calloc(1, sizeof *rows);
    if (!rows)
        return TN_ERR_MEMORY;
    *rows = (struct tn_rows){.layout = layout, .most = most};
    rows->states = tn_arena_alloc(&rows->own, most + 1, sizeof *rows->states);
    rows->ids = tn_arena_alloc(&rows->own, most + 1, sizeof *rows->ids);
    rows->reasons = tn_arena_alloc(&rows->own, most + 1, sizeof *rows->reasons);
    rows->values = tn_arena_alloc(&rows->own, layout->count + 1, sizeof *rows->values);
    if (!rows->states || !rows->ids || !rows->reasons || !rows->values)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < layout->count; k++)
        if (!(rows->values[k] = tn_arena_alloc(&rows->own, most + 1, tn_column_size(&layout->columns[k]))))
            return TN_ERR_MEMORY;
    return TN_OK;
}

void tn_rows_destroy(struct tn_rows *rows)
{
    if (!rows)
        return;
    tn_arena_clear(&rows->arena);
    tn_arena_clear(&rows->own);
    free(rows);
}

static void fill_missing(void *values, const struct tn_column *column, size_t count)
{
    for (size_t i = 0; i < count; i++)
        switch (column->field->type) {
        case TN_NUMBER:
            ((double *)values)[i] = (double)NAN;
            break;
        case TN_INTEGER:
            ((int *)values)[i] = INT_MIN;
            break;
        case TN_BOOL:
            ((signed char *)values)[i] = UNKNOWN;
            break;
        default:
            ((const char **)values)[i] = NULL;
            break;
        }
}

void tn_rows_begin(struct tn_rows *rows, size_t first, size_t count)
{
    tn_arena_clear(&rows->arena);
    rows->common = (struct tn_rows_common){.known = false};
    rows->first = first;
    rows->count = count;
    for (size_t i = 0; i < count; i++) {
        rows->states[i] = TN_POINT_MISSING;
        rows->ids[i] = 0;
        rows->reasons[i] = NULL;
    }
    for (size_t k = 0; k < rows->layout->count; k++)
        fill_missing(rows->values[k], &rows->layout->columns[k], count);
}

static tn_status keep_common(struct tn_rows *rows, const void *result)
{
    const struct tn_rows_layout *layout = rows->layout;
    const struct tn_result_head *head = result;
    struct tn_rows_common *common = &rows->common;
    common->lists = tn_arena_alloc(&rows->arena, layout->list_count + 1, sizeof *common->lists);
    if (!common->lists)
        return TN_ERR_MEMORY;
    common->line = tn_text_copy(&rows->arena, head->line);
    common->train = tn_text_copy(&rows->arena, head->train);
    for (size_t k = 0; k < layout->list_count; k++) {
        const struct tn_rows_list *list = &layout->lists[k];
        const struct tn_list *items = (const void *)((const char *)result + list->offset);
        common->lists[k].rows = items->count;
        common->lists[k].values = tn_arena_alloc(&rows->arena, list->count + 1, sizeof(void *));
        for (size_t i = 0; common->lists[k].values && i < list->count; i++) {
            void *values =
                tn_column_gather(&list->columns[i], items->items, list->schema->size, items->count, &rows->arena);
            if (!values)
                return TN_ERR_MEMORY;
            common->lists[k].values[i] = values;
        }
        if (!common->lists[k].values)
            return TN_ERR_MEMORY;
    }
    common->known = true;
    return TN_OK;
}

static tn_status put_failed(struct tn_rows *rows, size_t index, const char *reason)
{
    const size_t own = rows->layout->own_reason;
    const char *why = reason ? reason : "failed";
    why = tn_arena_copy(&rows->arena, why, strlen(why));
    rows->states[index] = TN_POINT_FAILED;
    rows->reasons[index] = why;
    if (own < rows->layout->count)
        ((const char **)rows->values[own])[index] = why;
    return why ? TN_OK : TN_ERR_MEMORY;
}

tn_status tn_rows_put(struct tn_rows *rows, size_t index, const void *result, const char *reason)
{
    if (!result)
        return put_failed(rows, index, reason);
    tn_status status = TN_OK;
    rows->states[index] = TN_POINT_SOLVED;
    for (size_t k = 0; k < rows->layout->count && status == TN_OK; k++)
        status = tn_column_store(rows->values[k], index, &rows->layout->columns[k], result, &rows->arena);
    if (status == TN_OK && !rows->common.known)
        status = keep_common(rows, result);
    return status;
}

static bool is_text(const struct tn_column *column)
{
    return tn_column_variable(column).type == TN_H5_TEXT;
}

/* Copies elements of a column's type; texts into the arena. */
static bool copy_values(void *to, const void *from, size_t count, const struct tn_column *column,
                        struct tn_arena *arena)
{
    memcpy(to, from, count * tn_column_size(column));
    const char **texts = to;
    for (size_t i = 0; is_text(column) && i < count; i++)
        if (texts[i] && !(texts[i] = tn_arena_copy(arena, texts[i], strlen(texts[i]))))
            return false;
    return true;
}

tn_status tn_rows_adopt_common(struct tn_rows_common *to, const struct tn_rows_common *from,
                               const struct tn_rows_layout *layout, struct tn_arena *arena)
{
    if (to->known || !from->known)
        return TN_OK;
    to->line = tn_text_copy(arena, from->line);
    to->train = tn_text_copy(arena, from->train);
    to->lists = tn_arena_alloc(arena, layout->list_count + 1, sizeof *to->lists);
    for (size_t k = 0; to->lists && k < layout->list_count; k++) {
        const struct tn_rows_list *list = &layout->lists[k];
        const size_t rows = to->lists[k].rows = from->lists[k].rows;
        to->lists[k].values = tn_arena_alloc(arena, list->count + 1, sizeof(void *));
        for (size_t i = 0; to->lists[k].values && i < list->count; i++) {
            void *values = tn_arena_alloc(arena, rows + 1, tn_column_size(&list->columns[i]));
            if (!values || !copy_values(values, from->lists[k].values[i], rows, &list->columns[i], arena))
                return TN_ERR_MEMORY;
            to->lists[k].values[i] = values;
        }
        if (!to->lists[k].values)
            return TN_ERR_MEMORY;
    }
    to->known = to->lists != NULL;
    return to->known ? TN_OK : TN_ERR_MEMORY;
}

tn_status tn_rows_adopt(struct tn_rows *rows, size_t index, const struct tn_rows *from, size_t from_index)
{
    rows->states[index] = from->states[from_index];
    rows->ids[index] = from->ids[from_index];
    rows->reasons[index] = tn_text_copy(&rows->arena, from->reasons[from_index]);
    if (from->reasons[from_index] && !rows->reasons[index])
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < rows->layout->count; k++) {
        const struct tn_column *column = &rows->layout->columns[k];
        const size_t size = tn_column_size(column);
        if (!copy_values((char *)rows->values[k] + index * size, (const char *)from->values[k] + from_index * size, 1,
                         column, &rows->arena))
            return TN_ERR_MEMORY;
    }
    return rows->states[index] == TN_POINT_SOLVED
               ? tn_rows_adopt_common(&rows->common, &from->common, rows->layout, &rows->arena)
               : TN_OK;
}
