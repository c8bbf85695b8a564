/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* A thread's own scenario, and its own copy of the axis values: a value may hold references, and they must point into
   the thread's scenario, whose objects another axis may change. */
struct copy {
    struct tn_arena arena, scratch;
    struct tn_scenario *scenario;
    char **values;
};

struct tn_scenario_points {
    const struct tn_scenario *original;
    size_t threads;
    struct copy *copies;
};

/* One value of a field as an object of its own. */
struct blob {
    struct tn_field fields[2];
    struct tn_schema schema;
};

static void blob_init(struct blob *blob, const struct tn_field *field)
{
    blob->fields[0] = *field;
    blob->fields[0].offset = 0;
    blob->fields[1] = (struct tn_field)TN_F_END;
    blob->schema = (struct tn_schema){field->name, field->doc, tn_field_size(field), NULL};
    blob->schema.fields = blob->fields;
}

static char *copy_values(struct copy *copy, const struct tn_scenario_axis *axis)
{
    struct blob blob;
    blob_init(&blob, axis->field);
    size_t size = blob.schema.size;
    char *values = tn_arena_alloc(&copy->arena, axis->count, size);
    for (size_t i = 0; values != NULL && i < axis->count; i++) {
        void *value = tn_schema_copy(&blob.schema, (const char *)axis->values + i * size, &copy->arena);
        if (value == NULL)
            return NULL;
        (void)tn_refs_resolve_field(axis->field, value, copy->scenario, NULL);
        memcpy(values + i * size, value, size);
    }
    return values;
}

static bool copy_init(struct copy *copy, const struct tn_scenario *original)
{
    const struct tn_scenario_sweep *sweep = &original->sweep;
    copy->scenario = tn_schema_copy(&tn_scenario_schema, original, &copy->arena);
    copy->values = tn_arena_alloc(&copy->arena, sweep->axis_count, sizeof *copy->values);
    if (copy->scenario == NULL || copy->values == NULL)
        return false;
    (void)tn_refs_resolve(&tn_scenario_schema, copy->scenario, copy->scenario, NULL);
    for (size_t i = 0; i < sweep->axis_count; i++)
        if ((copy->values[i] = copy_values(copy, &sweep->axes[i])) == NULL)
            return false;
    return true;
}

/* What `run --set` would refuse: a value that is fine alone may not fit the rest of its object. Trains and studies look
   at themselves when they are solved. */
static bool is_checked(const struct tn_schema *schema)
{
    return schema == &tn_line_schema || schema == &tn_locomotive_schema || schema == &tn_wagon_schema;
}

static bool check_owners(const struct tn_target *targets, size_t count, struct tn_context *ctx)
{
    size_t before = ctx->errors;
    for (size_t i = 0; i < count; i++) {
        bool again = !is_checked(targets[i].owner_schema);
        for (size_t j = 0; j < i; j++)
            again = again || targets[j].owner == targets[i].owner;
        if (again)
            continue;
        tn_rules_check(targets[i].owner_schema, targets[i].owner, ctx);
        if (ctx->errors == before)
            tn_rules_validate(targets[i].owner_schema, targets[i].owner, ctx);
    }
    return ctx->errors == before;
}

/* Axis values of a list share their rows with the scenario they were written into, and an axis inside such a row
   changes it; it does so anew at every point, because it is written after. */
static bool write_point(struct copy *copy, const struct tn_scenario_sweep *sweep, size_t point, struct tn_context *ctx)
{
    size_t index[8];
    struct tn_target targets[8];
    for (size_t axis = sweep->axis_count; axis-- > 0;) {
        index[axis] = point % sweep->axes[axis].count;
        point /= sweep->axes[axis].count;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        size_t size = tn_field_size(axis->field);
        ok = tn_path_find(&targets[i], copy->scenario, axis->path, &axis->place, &copy->scratch, ctx);
        if (ok)
            memcpy(targets[i].where, copy->values[i] + index[i] * size, size);
    }
    tn_arena_clear(&copy->scratch);
    return ok && check_owners(targets, sweep->axis_count, ctx);
}

tn_status tn_scenario_points_create(struct tn_scenario_points **out, const struct tn_scenario_reader *reader,
                                    int threads, struct tn_context *ctx)
{
    *out = NULL;
    const struct tn_scenario *original = &reader->scenario;
    if (threads < 1)
        return TN_ERR_INTERNAL;
    if (original->sweep.axis_count == 0)
        return tn_error(ctx, NULL, "add 'sweep: {study: ID, over: {PATH: [...]}}'", "the scenario has no sweep");
    struct tn_scenario_points *points = calloc(1, sizeof *points);
    struct copy *copies = calloc((size_t)threads, sizeof *copies);
    if (points == NULL || copies == NULL) {
        free(points);
        free(copies);
        return TN_ERR_MEMORY;
    }
    *points = (struct tn_scenario_points){original, (size_t)threads, copies};
    for (size_t i = 0; i < points->threads; i++)
        if (!copy_init(&copies[i], original)) {
            tn_scenario_points_destroy(points);
            return TN_ERR_MEMORY;
        }
    *out = points;
    return TN_OK;
}

tn_status tn_scenario_point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                            void *payload, struct tn_context *ctx)
{
    struct tn_scenario_points *points = payload;
    if (thread < 0 || (size_t)thread >= points->threads)
        return TN_ERR_INTERNAL;
    struct copy *copy = &points->copies[thread];
    const struct tn_scenario_sweep *sweep = &points->original->sweep;
    if (!write_point(copy, sweep, i, ctx))
        return TN_ERR_INPUT;
    const struct tn_study *study = tn_scenario_study(copy->scenario, sweep->study);
    if (study == NULL)
        return TN_ERR_INTERNAL;
    *spec_out = study->spec.object;
    tn_scenario_environment(environment_out, copy->scenario);
    return TN_OK;
}

void tn_scenario_points_destroy(struct tn_scenario_points *points)
{
    if (points == NULL)
        return;
    for (size_t i = 0; i < points->threads; i++) {
        tn_arena_clear(&points->copies[i].arena);
        tn_arena_clear(&points->copies[i].scratch);
    }
    free(points->copies);
    free(points);
}
