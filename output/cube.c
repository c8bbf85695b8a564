/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "columns.h"

/* The file as xarray sees it: the root holds one coordinate an axis (load(load), pairs(pairs), ...), named by the last
   word of the axis's path, one variable a number, integer, bool and string of the result over all axes, `status`
   (solved, failed, missing) and `reason`; assumptions and lists that are the same at every point, of the first solved
   one; group `provenance`. The points are kept in memory and written at the end, so that each variable is packed in one
   go. */

enum { SOLVED, FAILED, MISSING, UNKNOWN = 2 };

/* A list that all points have in common. */
struct shared {
    const char *name;
    size_t offset; /* in the result */
    const struct tn_schema *schema;
    struct tn_column *columns; /* of plain values only */
    const void **values;       /* one array a column */
    size_t count, rows;
};

struct tn_cube_writer {
    struct tn_h5_writer h5;
    struct tn_arena arena;
    struct tn_h5_dim *dims;
    size_t rank, points;
    struct tn_column *columns; /* of plain values only */
    size_t count;
    void **values; /* one array a column */
    signed char *status;
    const char **reasons;
    size_t own_reason; /* the column where the result itself says why not; count if none */
    struct shared *shared;
    size_t shared_count;
    bool kept; /* shared lists are, of a solved point */
};

static void fill_missing(struct tn_cube_writer *cube)
{
    for (size_t i = 0; i < cube->points; i++)
        cube->status[i] = MISSING;
    for (size_t k = 0; k < cube->count; k++)
        for (size_t i = 0; i < cube->points; i++)
            switch (cube->columns[k].field->type) {
            case TN_NUMBER:
                ((double *)cube->values[k])[i] = (double)NAN;
                break;
            case TN_INTEGER:
                ((int *)cube->values[k])[i] = INT_MIN;
                break;
            case TN_BOOL:
                ((signed char *)cube->values[k])[i] = UNKNOWN;
                break;
            default:
                break;
            }
}

/* The columns of single values, in *columns_out. */
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

static tn_status add_shared(struct tn_cube_writer *cube, const char *name, size_t offset,
                            const struct tn_schema *schema)
{
    struct shared *shared = &cube->shared[cube->shared_count++];
    *shared = (struct shared){.name = name, .offset = offset, .schema = schema};
    tn_status status = plain_columns(&shared->columns, &shared->count, schema, &cube->arena);
    if (status == TN_OK)
        shared->values = tn_arena_alloc(&cube->arena, shared->count + 1, sizeof *shared->values);
    return status != TN_OK ? status : shared->values ? TN_OK : TN_ERR_MEMORY;
}

static tn_status find_shared(struct tn_cube_writer *cube, const struct tn_schema *schema)
{
    struct tn_list all;
    tn_status status = tn_columns_of(&all, schema, &cube->arena);
    if (status != TN_OK)
        return status;
    cube->shared = tn_arena_alloc(&cube->arena, all.count + 1, sizeof *cube->shared);
    if (!cube->shared)
        return TN_ERR_MEMORY;
    status = add_shared(cube, "assumptions", offsetof(struct tn_result_head, assumptions), &tn_assumption_schema);
    const struct tn_column *column = all.items;
    for (size_t i = 0; i < all.count && status == TN_OK; i++, column++)
        if (column->field->type == TN_LIST && column->field->flags & TN_SHARED)
            status = add_shared(cube, column->name, column->offset, column->field->sub);
    return status;
}

static tn_status make_columns(struct tn_cube_writer *cube, const struct tn_schema *schema)
{
    tn_status status = plain_columns(&cube->columns, &cube->count, schema, &cube->arena);
    if (status == TN_OK)
        status = find_shared(cube, schema);
    if (status != TN_OK)
        return status;
    cube->values = tn_arena_alloc(&cube->arena, cube->count + 1, sizeof *cube->values);
    cube->status = tn_arena_alloc(&cube->arena, cube->points, sizeof *cube->status);
    cube->reasons = tn_arena_alloc(&cube->arena, cube->points, sizeof *cube->reasons);
    if (!cube->values || !cube->status || !cube->reasons)
        return TN_ERR_MEMORY;
    cube->own_reason = cube->count;
    for (size_t k = 0; k < cube->count; k++) {
        cube->values[k] = tn_arena_alloc(&cube->arena, cube->points, tn_column_size(&cube->columns[k]));
        if (!cube->values[k])
            return TN_ERR_MEMORY;
        if (strcmp(cube->columns[k].name, "reason") == 0 && cube->columns[k].field->type == TN_STRING)
            cube->own_reason = k;
    }
    fill_missing(cube);
    return TN_OK;
}

static bool name_taken(const struct tn_cube_writer *cube, const struct tn_cube_axis *axes, size_t axis_count,
                       size_t axis, const char *name)
{
    static const char *const taken[] = {"provenance", "status", "reason"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return true;
    for (size_t k = 0; k < cube->count; k++)
        if (strcmp(name, cube->columns[k].name) == 0)
            return true;
    for (size_t k = 0; k < cube->shared_count; k++)
        if (strncmp(name, cube->shared[k].name, strlen(cube->shared[k].name)) == 0)
            return true;
    for (size_t i = 0; i < axis_count; i++) {
        const char *dot = strrchr(axes[i].path, '.');
        if (i != axis && strcmp(name, dot ? dot + 1 : axes[i].path) == 0)
            return true;
    }
    return false;
}

/* The last word of the path, or the whole path where that word is taken. */
static const char *axis_name(struct tn_cube_writer *cube, const struct tn_cube_axis *axes, size_t axis_count,
                             size_t axis)
{
    const char *dot = strrchr(axes[axis].path, '.');
    const char *last = dot ? dot + 1 : axes[axis].path;
    bool whole = name_taken(cube, axes, axis_count, axis, last);
    char *name = tn_arena_printf(&cube->arena, "%s%s", whole ? "axis_" : "", whole ? axes[axis].path : last);
    for (char *c = name; c && *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
            *c = '_';
    return name;
}

static tn_status put_axis(struct tn_cube_writer *cube, const struct tn_cube_axis *axes, size_t axis_count, size_t axis)
{
    const struct tn_cube_axis *from = &axes[axis];
    bool number = from->type == TN_NUMBER || from->type == TN_INTEGER;
    const char *name = axis_name(cube, axes, axis_count, axis);
    if (!name)
        return TN_ERR_MEMORY;
    const struct tn_h5_dim size = {-1, from->count};
    const struct tn_h5_variable variable = {
        .name = name,
        .type = number ? TN_H5_NUMBER : TN_H5_TEXT,
        .rank = 1,
        .dims = &size,
        .units = number ? tn_quantity_si(from->quantity) : NULL,
        .long_name = from->label ? from->label : from->path,
        .attributes = {{"path", from->path}},
    };
    const void *data = number ? (const void *)from->numbers : (const void *)from->texts;
    cube->dims[axis] = tn_h5_axis(&cube->h5, cube->h5.file, &variable, data);
    return cube->h5.status;
}

static tn_status begin(struct tn_cube_writer *cube, const char *study_id, const struct tn_study_kind *kind,
                       const struct tn_cube_axis *axes, size_t axis_count, const struct tn_provenance *provenance)
{
    cube->rank = axis_count;
    cube->points = 1;
    for (size_t i = 0; i < axis_count; i++)
        cube->points *= axes[i].count;
    cube->dims = tn_arena_alloc(&cube->arena, axis_count + 1, sizeof *cube->dims);
    tn_status status = cube->dims ? make_columns(cube, kind->result) : TN_ERR_MEMORY;
    if (status != TN_OK)
        return status;
    tn_h5_put_provenance(&cube->h5, provenance);
    tn_h5_text_attribute(&cube->h5, cube->h5.file, "sweep", study_id);
    tn_h5_text_attribute(&cube->h5, cube->h5.file, "study", kind->name);
    status = cube->h5.status;
    for (size_t i = 0; i < axis_count && status == TN_OK; i++)
        status = put_axis(cube, axes, axis_count, i);
    return status;
}

tn_status tn_cube_create(struct tn_cube_writer **out, const char *path, const char *study_id,
                         const struct tn_study_kind *kind, const struct tn_cube_axis *axes, size_t axis_count,
                         const struct tn_provenance *provenance, struct tn_context *ctx)
{
    *out = NULL;
    if (axis_count > H5S_MAX_RANK)
        return tn_error(ctx, NULL, NULL, "a sweep has at most %d axes", H5S_MAX_RANK);
    struct tn_cube_writer *cube = calloc(1, sizeof *cube);
    if (!cube)
        return TN_ERR_MEMORY;
    tn_status status = tn_h5_create(&cube->h5, path, ctx);
    if (status != TN_OK) {
        free(cube);
        return status;
    }
    status = begin(cube, study_id, kind, axes, axis_count, provenance);
    if (status != TN_OK)
        tn_cube_abandon(cube);
    else
        *out = cube;
    return status;
}

static tn_status keep_shared(struct tn_cube_writer *cube, const void *result)
{
    for (struct shared *s = cube->shared; s < cube->shared + cube->shared_count; s++) {
        const struct tn_list *list = (const void *)((const char *)result + s->offset);
        s->rows = list->count;
        for (size_t i = 0; i < s->count; i++) {
            s->values[i] = tn_column_gather(&s->columns[i], list->items, s->schema->size, list->count, &cube->arena);
            if (!s->values[i])
                return TN_ERR_MEMORY;
        }
    }
    cube->kept = true;
    return TN_OK;
}

tn_status tn_cube_put(struct tn_cube_writer *cube, size_t point, const void *result, const char *reason,
                      struct tn_context *ctx)
{
    if (point >= cube->points) {
        tn_error(ctx, NULL, NULL, "the sweep has no point %zu", point);
        return TN_ERR_INTERNAL;
    }
    cube->status[point] = result ? SOLVED : FAILED;
    if (!result) {
        const char *why = reason ? reason : "failed";
        cube->reasons[point] = tn_arena_copy(&cube->arena, why, strlen(why));
        if (cube->own_reason < cube->count)
            ((const char **)cube->values[cube->own_reason])[point] = cube->reasons[point];
        return cube->reasons[point] ? TN_OK : TN_ERR_MEMORY;
    }
    tn_status status = TN_OK;
    for (size_t k = 0; k < cube->count && status == TN_OK; k++)
        status = tn_column_store(cube->values[k], point, &cube->columns[k], result, &cube->arena);
    if (status == TN_OK && !cube->kept) {
        const struct tn_result_head *head = result;
        tn_h5_text_attribute(&cube->h5, cube->h5.file, "line", head->line);
        tn_h5_text_attribute(&cube->h5, cube->h5.file, "train", head->train);
        status = keep_shared(cube, result);
    }
    return status;
}

static void put_shared(struct tn_cube_writer *cube, const struct shared *shared)
{
    struct tn_h5_writer *w = &cube->h5;
    struct tn_h5_dim dim = tn_h5_dimension(w, w->file, shared->name, shared->rows);
    for (size_t i = 0; i < shared->count && w->status == TN_OK; i++) {
        struct tn_h5_variable variable = tn_column_variable(&shared->columns[i]);
        variable.name = tn_arena_printf(&cube->arena, "%s_%s", shared->name, shared->columns[i].name);
        variable.rank = 1;
        variable.dims = &dim;
        if (variable.name)
            tn_h5_put(w, w->file, &variable, shared->rows ? shared->values[i] : &(double){0});
        else
            w->status = TN_ERR_MEMORY;
    }
    tn_h5_dim_close(w, &dim);
}

tn_status tn_cube_commit(struct tn_cube_writer *cube, double wall_time_s, struct tn_context *ctx)
{
    struct tn_h5_writer *w = &cube->h5;
    int rank = (int)cube->rank;
    w->ctx = ctx;
    tn_h5_put_wall_time(w, wall_time_s);
    for (size_t k = 0; k < cube->count; k++) {
        struct tn_h5_variable variable = tn_column_variable(&cube->columns[k]);
        variable.rank = rank;
        variable.dims = cube->dims;
        if (variable.flag_meanings)
            variable.flag_meanings = "no yes unknown";
        tn_h5_put(w, w->file, &variable, cube->values[k]);
    }
    tn_h5_put(w, w->file,
              &(struct tn_h5_variable){.name = "status",
                                       .type = TN_H5_BYTE,
                                       .rank = rank,
                                       .dims = cube->dims,
                                       .long_name = "whether the point was solved",
                                       .flag_meanings = "solved failed missing"},
              cube->status);
    if (cube->own_reason == cube->count)
        tn_h5_put(w, w->file,
                  &(struct tn_h5_variable){.name = "reason",
                                           .type = TN_H5_TEXT,
                                           .rank = rank,
                                           .dims = cube->dims,
                                           .long_name = "why the point failed"},
                  cube->reasons);
    for (size_t i = 0; i < cube->shared_count; i++)
        put_shared(cube, &cube->shared[i]);
    for (size_t i = 0; i < cube->rank; i++)
        tn_h5_dim_close(w, &cube->dims[i]);
    tn_status status = tn_h5_commit(w);
    tn_arena_clear(&cube->arena);
    free(cube);
    return status;
}

void tn_cube_abandon(struct tn_cube_writer *cube)
{
    if (!cube)
        return;
    tn_h5_abandon(&cube->h5);
    tn_arena_clear(&cube->arena);
    free(cube);
}
