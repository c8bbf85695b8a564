/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "columns.h"
#include "replay.h"
#include "run.h"

/* The file as xarray sees it (and ncdump, h5py):
     /                     Conventions, title, history, source, date_created; the traced runs (or, without any, the
                           replays) as CF trajectories, a contiguous ragged array: run_id(run), train_id(run),
                           row_size(run), time_s(obs), distance_m(obs), speed_m_s(obs), ...
     /STUDY                study, train, line, direction, depth, verdict as attributes; one scalar variable a number;
                           of a list one variable a column, named LIST_COLUMN, over the dimension LIST
                           (LIST_row_COLUMN throughout a list where a number has such a name already)
     /provenance           scenario_text, scenario_resolved, input_path(input), ...
   so that xarray.open_dataset(file, group='climb').runup_time_s is all it takes. */

static bool enough(struct tn_h5_writer *w, const void *pointer)
{
    if (!pointer && w->status == TN_OK)
        w->status = TN_ERR_MEMORY;
    return w->status == TN_OK;
}

static struct tn_list columns(struct tn_h5_writer *w, const struct tn_schema *schema)
{
    struct tn_list list = {0};
    if (w->status == TN_OK)
        w->status = tn_columns_of(&list, schema, &w->arena);
    return list;
}

static const char *joined(struct tn_h5_writer *w, const char *prefix, const char *name)
{
    const char *text = tn_arena_printf(&w->arena, "%s%s", prefix, name);
    return enough(w, text) ? text : name;
}

/* Numbers of each row side by side, rows filled up with NAN. */
static void put_number_rows(struct tn_h5_writer *w, hid_t group, const struct tn_column *column, const char *name,
                            const struct tn_list *rows, size_t stride, const struct tn_h5_dim *dim)
{
    size_t most = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct tn_list *list = (const void *)((const char *)rows->items + i * stride + column->offset);
        most = list->count > most ? list->count : most;
    }
    double *values = tn_arena_alloc(&w->arena, rows->count * most + 1, sizeof *values);
    if (!enough(w, values))
        return;
    for (size_t i = 0; i < rows->count; i++) {
        const struct tn_list *list = (const void *)((const char *)rows->items + i * stride + column->offset);
        for (size_t k = 0; k < most; k++)
            values[i * most + k] = k < list->count ? ((const double *)list->items)[k] : (double)NAN;
    }
    struct tn_h5_dim dims[2] = {*dim, tn_h5_dimension(w, group, joined(w, name, "_index"), most)};
    struct tn_h5_variable variable = tn_column_variable(column);
    variable.name = name;
    variable.rank = 2;
    variable.dims = dims;
    tn_h5_put(w, group, &variable, values);
    tn_h5_dim_close(w, &dims[1]);
}

/* The columns of a list over dim, each name after the prefix. */
static void put_rows(struct tn_h5_writer *w, hid_t group, const char *prefix, const struct tn_schema *schema,
                     const struct tn_list *rows, const struct tn_h5_dim *dim, const char *coordinates)
{
    struct tn_list list = columns(w, schema);
    for (size_t i = 0; w->status == TN_OK && i < list.count; i++) {
        const struct tn_column *column = (const struct tn_column *)list.items + i;
        const char *name = joined(w, prefix, column->name);
        if (column->field->type == TN_NUMBERS) {
            put_number_rows(w, group, column, name, rows, schema->size, dim);
        } else if (column->field->type == TN_LIST) {
            tn_error(w->ctx, NULL, NULL, "results cannot hold the list %s inside of a list", name);
            w->status = TN_ERR_INTERNAL;
        } else {
            struct tn_h5_variable variable = tn_column_variable(column);
            variable.name = name;
            variable.rank = 1;
            variable.dims = dim;
            if (coordinates && strcmp(name, "time_s") != 0 && strcmp(name, "distance_m") != 0)
                variable.attributes[0][0] = "coordinates", variable.attributes[0][1] = coordinates;
            const void *data = tn_column_gather(column, rows->items, schema->size, rows->count, &w->arena);
            if (enough(w, data))
                tn_h5_put(w, group, &variable, data);
        }
    }
}

static void put_list(struct tn_h5_writer *w, hid_t group, const char *name, const char *prefix,
                     const struct tn_schema *schema, const struct tn_list *rows)
{
    struct tn_h5_dim dim = tn_h5_dimension(w, group, name, rows->count);
    put_rows(w, group, prefix, schema, rows, &dim, NULL);
    tn_h5_dim_close(w, &dim);
}

/* "LIST_", unless a column of the list would take the name of another member of the result. */
static const char *prefix_of(struct tn_h5_writer *w, const struct tn_column *list, const struct tn_list *members)
{
    const char *prefix = joined(w, list->name, "_");
    size_t length = strlen(prefix);
    for (size_t i = 0; i < members->count; i++) {
        const char *name = ((const struct tn_column *)members->items)[i].name;
        if (strncmp(name, prefix, length) == 0 && tn_schema_find(list->field->sub, name + length))
            return joined(w, prefix, "row_");
    }
    return prefix;
}

static void put_numbers(struct tn_h5_writer *w, hid_t group, const struct tn_column *column,
                        const struct tn_list *numbers)
{
    struct tn_h5_dim dim = tn_h5_dimension(w, group, joined(w, column->name, "_index"), numbers->count);
    struct tn_h5_variable variable = tn_column_variable(column);
    variable.rank = 1;
    variable.dims = &dim;
    tn_h5_put(w, group, &variable, numbers->items ? numbers->items : &(double){(double)NAN});
    tn_h5_dim_close(w, &dim);
}

static void put_result(struct tn_h5_writer *w, hid_t group, const struct tn_schema *schema, const void *result)
{
    struct tn_list list = columns(w, schema);
    for (size_t i = 0; w->status == TN_OK && i < list.count; i++) {
        const struct tn_column *column = (const struct tn_column *)list.items + i;
        const void *member = (const char *)result + column->offset;
        if (column->field->type == TN_LIST) {
            put_list(w, group, column->name, prefix_of(w, column, &list), column->field->sub, member);
        } else if (column->field->type == TN_NUMBERS) {
            put_numbers(w, group, column, member);
        } else {
            struct tn_h5_variable variable = tn_column_variable(column);
            const void *data = tn_column_gather(column, result, 0, 1, &w->arena);
            if (enough(w, data))
                tn_h5_put(w, group, &variable, data);
        }
    }
}

/* What goes into the file; runs that are traced also stand in the root. */
struct content {
    const struct tn_solved *solved;
    size_t count;
    const struct tn_study_kind *traced; /* the kind of these; NULL: none */
};

static const struct tn_list *trace_of(const struct tn_solved *solved)
{
    const struct tn_field *field = tn_schema_find(solved->kind->result, "trace");
    return field ? (const void *)((const char *)solved->result + field->offset) : NULL;
}

static bool has_trace(const struct content *content, const struct tn_study_kind *kind)
{
    for (size_t i = 0; i < content->count; i++)
        if (content->solved[i].kind == kind && trace_of(&content->solved[i])->count)
            return true;
    return false;
}

static bool is_taken(const char *name, const struct content *content, size_t own)
{
    static const char *const taken[] = {"provenance", "run", "obs", "run_id", "train_id", "row_size", ".", NULL};
    for (size_t i = 0; taken[i]; i++)
        if (strcmp(name, taken[i]) == 0)
            return true;
    for (size_t i = 0; i < content->count; i++)
        if (i != own && strcmp(name, content->solved[i].id) == 0)
            return true;
    return content->traced && tn_schema_find(tn_schema_find(content->traced->result, "trace")->sub, name);
}

/* netCDF names hold no slash, and names of the root or of another study are taken. */
static const char *group_name(struct tn_h5_writer *w, const struct content *content, size_t own)
{
    const char *id = content->solved[own].id;
    char *copy = tn_arena_copy(&w->arena, id, strlen(id));
    if (!enough(w, copy))
        return id;
    for (char *c = copy; *c; c++)
        if (*c == '/')
            *c = '_';
    const char *name = copy;
    while (w->status == TN_OK && is_taken(name, content, own))
        name = joined(w, name, "_");
    return name;
}

static void put_study(struct tn_h5_writer *w, const struct content *content, size_t own)
{
    const struct tn_solved *solved = &content->solved[own];
    const struct tn_result_head *head = solved->result;
    hid_t group = tn_h5_group(w, w->file, group_name(w, content, own));
    tn_h5_text_attribute(w, group, "id", solved->id);
    tn_h5_text_attribute(w, group, "study", solved->kind->name);
    tn_h5_text_attribute(w, group, "title", solved->kind->doc);
    tn_h5_text_attribute(w, group, "train", head->train);
    tn_h5_text_attribute(w, group, "line", head->line);
    tn_h5_text_attribute(w, group, "direction", head->direction);
    tn_h5_text_attribute(w, group, "depth", head->depth);
    tn_h5_text_attribute(w, group, "verdict", head->verdict);
    put_result(w, group, solved->kind->result, solved->result);
    put_list(w, group, "assumptions", "assumptions_", &tn_assumption_schema, &head->assumptions);
    tn_h5_group_close(w, group);
}

/* The runs of the traced kind one after the other. */
struct runs {
    struct tn_list rows;
    const char **id, **train;
    int *size;
    size_t count;
};

static bool join_runs(struct runs *runs, const struct content *content, size_t row_size, struct tn_arena *arena)
{
    size_t total = 0;
    for (size_t i = 0; i < content->count; i++)
        total += content->solved[i].kind == content->traced ? trace_of(&content->solved[i])->count : 0;
    char *rows = tn_arena_alloc(arena, total, row_size);
    *runs = (struct runs){.rows = {rows, total},
                          .id = tn_arena_alloc(arena, content->count, sizeof *runs->id),
                          .train = tn_arena_alloc(arena, content->count, sizeof *runs->train),
                          .size = tn_arena_alloc(arena, content->count, sizeof *runs->size)};
    if (!rows || !runs->id || !runs->train || !runs->size)
        return false;
    for (size_t i = 0; i < content->count; i++) {
        const struct tn_solved *solved = &content->solved[i];
        const struct tn_list *trace = solved->kind == content->traced ? trace_of(solved) : NULL;
        if (!trace || !trace->count)
            continue;
        memcpy(rows, trace->items, trace->count * row_size);
        rows += trace->count * row_size;
        runs->id[runs->count] = solved->id;
        runs->train[runs->count] = ((const struct tn_result_head *)solved->result)->train;
        runs->size[runs->count++] = (int)trace->count;
    }
    return true;
}

static void put_of_runs(struct tn_h5_writer *w, const struct tn_h5_dim *run, const char *name, enum tn_h5_type type,
                        const char *long_name, const char *attribute, const char *value, const void *data)
{
    tn_h5_put(w, w->file,
              &(struct tn_h5_variable){.name = name,
                                       .type = type,
                                       .rank = 1,
                                       .dims = run,
                                       .long_name = long_name,
                                       .attributes = {{attribute, value}}},
              data);
}

static void put_trajectories(struct tn_h5_writer *w, const struct content *content)
{
    const struct tn_schema *schema = tn_schema_find(content->traced->result, "trace")->sub;
    struct runs runs;
    if (!join_runs(&runs, content, schema->size, &w->arena)) {
        w->status = TN_ERR_MEMORY;
        return;
    }
    tn_h5_text_attribute(w, w->file, "featureType", "trajectory");
    struct tn_h5_dim run = tn_h5_dimension(w, w->file, "run", runs.count),
                     obs = tn_h5_dimension(w, w->file, "obs", runs.rows.count);
    put_of_runs(w, &run, "run_id", TN_H5_TEXT, "study of the run", "cf_role", "trajectory_id", runs.id);
    put_of_runs(w, &run, "train_id", TN_H5_TEXT, "train of the run", NULL, NULL, runs.train);
    put_of_runs(w, &run, "row_size", TN_H5_INTEGER, "number of points of the run", "sample_dimension", "obs",
                runs.size);
    put_rows(w, w->file, "", schema, &runs.rows, &obs, "time_s distance_m");
    tn_h5_dim_close(w, &run);
    tn_h5_dim_close(w, &obs);
}

tn_status tn_results_write(const char *path, const struct tn_solved *solved, size_t count,
                           const struct tn_provenance *provenance, struct tn_context *ctx)
{
    struct tn_h5_writer w;
    tn_status status = tn_h5_create(&w, path, ctx);
    if (status != TN_OK)
        return status;
    tn_h5_put_provenance(&w, provenance);
    tn_h5_put_wall_time(&w, provenance->wall_time_s);
    struct content content = {solved, count, NULL};
    if (has_trace(&content, &tn_study_run))
        content.traced = &tn_study_run;
    else if (has_trace(&content, &tn_study_replay))
        content.traced = &tn_study_replay;
    for (size_t i = 0; i < count; i++)
        put_study(&w, &content, i);
    if (content.traced)
        put_trajectories(&w, &content);
    return tn_h5_commit(&w);
}
