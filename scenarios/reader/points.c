/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* The hash of an object that no axis touches. */
struct known {
    const void *object;
    uint64_t hash;
};

/* A thread's own scenario, and its own copy of the axis values: a value may hold references, and they must point into
   the thread's scenario, whose objects another axis may change. */
struct copy {
    struct tn_arena arena, scratch;
    struct tn_scenario *scenario;
    char **values;
    struct tn_target *targets; /* of the axes */
    bool fixed;                /* no value moves another axis's target */
    double *units;             /* the row of the design in hand */
    struct known *known;
    size_t known_count;
    bool touched; /* while hashing: an axis reaches the object in hand */
};

#define KNOWN 64 /* objects whose hash is remembered */

struct tn_scenario_points {
    const struct tn_scenario *original;
    struct tn_scenario_dim dims[TN_SWEEP_DIMS];
    size_t dim_count;
    struct tn_design *design; /* NULL: no axis is sampled */
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
    copy->targets = tn_arena_alloc(&copy->arena, sweep->axis_count, sizeof *copy->targets);
    copy->units = tn_arena_alloc(&copy->arena, sweep->axis_count, sizeof *copy->units);
    copy->known = tn_arena_alloc(&copy->arena, KNOWN, sizeof *copy->known);
    if (!copy->scenario || !copy->values || !copy->targets || !copy->units || !copy->known)
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
   changes it; it does so anew at every point, because it is written after. Without lists the targets stay. */
static bool find_targets(struct copy *copy, const struct tn_scenario_sweep *sweep, size_t axis, struct tn_context *ctx)
{
    const struct tn_scenario_axis *of = &sweep->axes[axis];
    return copy->fixed || tn_path_find(&copy->targets[axis], copy->scenario, of->path, &of->place, &copy->scratch, ctx);
}

/* A number of a spread; one that could be infinite is taken from within the first of the samples' slices. */
static double spread_number(const struct tn_scenario_axis *axis, double unit, int samples)
{
    const bool open = tn_uncertainty_is_open(&axis->spread);
    return tn_uncertainty_quantile(&axis->spread, open && unit <= 0 ? 0.5 / samples : unit);
}

static struct tn_coordinate sampled(const struct tn_scenario_axis *axis, double unit, int samples)
{
    if (axis->count == 0)
        return (struct tn_coordinate){0, spread_number(axis, unit, samples)};
    const struct tn_uncertainty table = {.kind = TN_TABLE, .weights = axis->weights, .count = axis->count};
    return (struct tn_coordinate){tn_uncertainty_pick(&table, unit), 0};
}

static double number_of(const struct tn_scenario_axis *axis, size_t index)
{
    if (axis->field->type == TN_NUMBER)
        return ((const double *)axis->values)[index];
    return axis->field->type == TN_INTEGER ? ((const int *)axis->values)[index] : (double)NAN;
}

/* Where the point lies on each axis; returns its replicate. */
static uint32_t locate(struct tn_coordinate *at, struct tn_scenario_points *points, size_t point, size_t thread)
{
    const struct tn_scenario_sweep *sweep = &points->original->sweep;
    double *units = points->copies[thread].units;
    size_t row = 0, scale = 1;
    uint32_t replicate = 0;
    for (size_t k = points->dim_count; k-- > 0;) {
        const struct tn_scenario_dim *dim = &points->dims[k];
        const size_t index = point % dim->size;
        point /= dim->size;
        if (dim->kind == TN_DIM_AXIS) {
            at[dim->axis] = (struct tn_coordinate){index, 0};
        } else if (dim->kind == TN_DIM_REPLICATE) {
            replicate = (uint32_t)index;
        } else {
            row += scale * index;
            scale *= dim->size;
        }
    }
    if (points->design != NULL)
        tn_design_row(units, points->design, row, (int)thread);
    for (size_t i = 0, k = 0; i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        if (axis->sampled)
            at[i] = sampled(axis, units[k++], sweep->design.samples);
        if (axis->count > 0)
            at[i].number = number_of(axis, at[i].index);
    }
    return replicate;
}

static bool write_point(struct copy *copy, const struct tn_scenario_sweep *sweep, const struct tn_coordinate *at,
                        struct tn_context *ctx)
{
    bool ok = true;
    for (size_t i = 0; ok && i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        const size_t size = tn_field_size(axis->field), before = ctx->errors;
        ok = find_targets(copy, sweep, i, ctx);
        if (!ok)
            break;
        if (axis->count > 0) {
            memcpy(copy->targets[i].where, copy->values[i] + at[i].index * size, size);
        } else {
            tn_rules_number(axis->field, at[i].number, copy->targets[i].where, ctx);
            *(double *)copy->targets[i].where = at[i].number;
            ok = ctx->errors == before;
        }
    }
    tn_arena_clear(&copy->scratch);
    return ok && check_owners(copy->targets, sweep->axis_count, ctx);
}

/* Finds the targets once, where no axis can move them. */
static bool fix_targets(struct copy *copy, const struct tn_scenario_sweep *sweep)
{
    struct tn_context quiet = {.count = 0};
    bool fixed = true;
    for (size_t i = 0; fixed && i < sweep->axis_count; i++)
        fixed = sweep->axes[i].field->type != TN_LIST && sweep->axes[i].field->type != TN_STRUCT &&
                find_targets(copy, sweep, i, &quiet);
    tn_context_clear(&quiet);
    tn_arena_clear(&copy->scratch);
    return fixed;
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
    *points = (struct tn_scenario_points){.original = original, .threads = (size_t)threads, .copies = copies};
    points->dim_count = tn_scenario_dims(points->dims, &original->sweep);
    tn_status status = TN_OK;
    if (original->sweep.sampled > 0)
        status = tn_design_create(&points->design, &original->sweep.design, original->sweep.sampled, threads);
    for (size_t i = 0; status == TN_OK && i < points->threads; i++) {
        if (!copy_init(&copies[i], original))
            status = TN_ERR_MEMORY;
        else
            copies[i].fixed = fix_targets(&copies[i], &original->sweep);
    }
    if (status == TN_OK)
        *out = points;
    else
        tn_scenario_points_destroy(points);
    return status;
}

tn_status tn_scenario_point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                            void *payload, struct tn_context *ctx)
{
    struct tn_scenario_points *points = payload;
    struct tn_coordinate at[TN_SWEEP_AXES];
    if (thread < 0 || (size_t)thread >= points->threads)
        return TN_ERR_INTERNAL;
    struct copy *copy = &points->copies[thread];
    const struct tn_scenario_sweep *sweep = &points->original->sweep;
    const uint32_t replicate = locate(at, points, i, (size_t)thread);
    if (!write_point(copy, sweep, at, ctx))
        return TN_ERR_INPUT;
    const struct tn_study *study = tn_scenario_study(copy->scenario, sweep->study);
    if (study == NULL)
        return TN_ERR_INTERNAL;
    *spec_out = study->spec.object;
    tn_scenario_environment(environment_out, copy->scenario);
    environment_out->seed = sweep->replicates > 1 ? (uint64_t)sweep->design.seed : 0;
    environment_out->replicate = replicate;
    return TN_OK;
}

bool tn_scenario_point_excluded(struct tn_scenario_points *points, size_t i, int thread)
{
    struct tn_coordinate at[TN_SWEEP_AXES];
    const struct tn_scenario_sweep *sweep = &points->original->sweep;
    if (sweep->where_count == 0)
        return false;
    (void)locate(at, points, i, (size_t)thread);
    return !tn_where_holds(sweep, at);
}

/* The hash of an object behind a reference: what no axis touches is looked at once. */
static uint64_t hash_once(const struct tn_schema *schema, const void *object, void *payload)
{
    const struct tn_scenario_points *points = ((void **)payload)[0];
    struct copy *copy = ((void **)payload)[1];
    for (size_t i = 0; i < copy->known_count; i++)
        if (copy->known[i].object == object)
            return copy->known[i].hash;
    const bool outer = copy->touched;
    copy->touched = false;
    for (size_t i = 0; i < points->original->sweep.axis_count; i++)
        copy->touched = copy->touched || copy->targets[i].owner == object;
    const uint64_t hash = tn_schema_hash_by(schema, object, 0, hash_once, payload);
    if (!copy->touched && copy->known_count < KNOWN)
        copy->known[copy->known_count++] = (struct known){object, hash};
    copy->touched = copy->touched || outer;
    return hash;
}

uint64_t tn_scenario_point_id(struct tn_scenario_points *points, size_t i, int thread, uint64_t seed)
{
    struct tn_environment environment;
    const void *spec;
    struct tn_context quiet = {.count = 0};
    const tn_status status = tn_scenario_point(&spec, &environment, i, thread, points, &quiet);
    tn_context_clear(&quiet);
    if (status != TN_OK)
        return 0;
    struct copy *copy = &points->copies[thread];
    const struct tn_study *study = tn_scenario_study(copy->scenario, points->original->sweep.study);
    void *payload[] = {points, copy};
    uint64_t hash = tn_schema_hash_by(study->spec.schema, spec, seed, hash_once, payload);
    if (environment.line != NULL)
        hash = tn_hash_add(hash, hash_once(&tn_line_schema, environment.line, payload));
    hash = tn_schema_hash_by(&tn_weather_schema, &environment.weather, hash, hash_once, payload);
    const double numbers[] = {environment.gravity_m_s2, environment.phase};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        uint64_t bits;
        memcpy(&bits, &numbers[k], sizeof bits);
        hash = tn_hash_add(hash, bits);
    }
    hash = tn_hash_add(tn_hash_add(hash, environment.seed), environment.replicate);
    return hash != 0 ? hash : 1;
}

void tn_scenario_axis_value(double *number_out, const char **text_out, struct tn_scenario_points *points, size_t axis,
                            size_t row, int thread)
{
    const struct tn_scenario_sweep *sweep = &points->original->sweep;
    const struct tn_scenario_axis *of = &sweep->axes[axis];
    struct tn_coordinate at = {row, 0};
    if (of->sampled) {
        double *units = points->copies[thread].units;
        size_t k = 0;
        for (size_t i = 0; i < axis; i++)
            k += sweep->axes[i].sampled;
        tn_design_row(units, points->design, row, thread);
        at = sampled(of, units[k], sweep->design.samples);
    }
    *number_out = of->count > 0 ? number_of(of, at.index) : at.number;
    *text_out = of->count > 0 ? of->texts[at.index] : NULL;
}

void tn_scenario_points_destroy(struct tn_scenario_points *points)
{
    if (points == NULL)
        return;
    for (size_t i = 0; i < points->threads; i++) {
        tn_arena_clear(&points->copies[i].arena);
        tn_arena_clear(&points->copies[i].scratch);
    }
    tn_design_destroy(points->design);
    free(points->copies);
    free(points);
}
