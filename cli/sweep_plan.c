/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "sweep_job.h"

enum { CHUNK_LEAST = 16, CHUNK_MOST = 8192, CHUNKS = 64 };

static const double *axis_numbers(const struct tn_scenario_axis *axis, struct tn_arena *arena)
{
    if (axis->field->type == TN_NUMBER)
        return axis->values;
    double *numbers = tn_arena_alloc(arena, axis->count, sizeof *numbers);
    for (size_t i = 0; numbers && i < axis->count; i++)
        numbers[i] = ((const int *)axis->values)[i];
    return numbers;
}

static struct tn_cube_axis *cube_axes(const struct tn_scenario_sweep *sweep, struct tn_arena *arena)
{
    struct tn_cube_axis *axes = tn_arena_alloc(arena, sweep->axis_count, sizeof *axes);
    for (size_t i = 0; axes && i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        const bool numeric = axis->field->type == TN_NUMBER || axis->field->type == TN_INTEGER;
        const bool listed = numeric && !axis->sampled;
        axes[i] = (struct tn_cube_axis){.path = axis->path,
                                        .label = axis->label ? axis->label : axis->path,
                                        .type = axis->field->type,
                                        .quantity = axis->field->quantity,
                                        .count = axis->sampled ? 0 : axis->count,
                                        .numbers = listed ? axis_numbers(axis, arena) : NULL,
                                        .texts = axis->texts,
                                        .has_texts = !numeric};
        if (listed && !axes[i].numbers)
            return NULL;
    }
    return axes;
}

static void sampled_value(double *number_out, const char **text_out, size_t axis, size_t row, void *payload)
{
    tn_scenario_axis_value(number_out, text_out, payload, axis, row, 0);
}

static tn_status describe(struct tn_sweep_job *job)
{
    static const char *const names[] = {
        [TN_DIM_SAMPLE] = "sample", [TN_DIM_MATRIX] = "matrix", [TN_DIM_REPLICATE] = "replicate"};
    const struct tn_scenario_sweep *sweep = &tn_scenario_get(job->reader)->sweep;
    struct tn_scenario_dim dims[TN_SWEEP_DIMS];
    const size_t count = tn_scenario_dims(dims, sweep);
    struct tn_cube_dim *cube_dims = tn_arena_alloc(&job->arena, count + 1, sizeof *cube_dims);
    struct tn_cube *cube = &job->cube;
    *cube = (struct tn_cube){.study_id = job->study->id,
                             .kind = job->kind,
                             .axes = cube_axes(sweep, &job->arena),
                             .axis_count = sweep->axis_count,
                             .dims = cube_dims,
                             .dim_count = count,
                             .sampled = sampled_value,
                             .payload = job->inputs,
                             .shown = sweep->sensitivity.of,
                             .resamples = sweep->design.kind == TN_DESIGN_SALTELLI ? sweep->sensitivity.resamples : -1,
                             .seed = sweep->design.seed,
                             .confidence = sweep->sensitivity.confidence,
                             .provenance = job->provenance};
    if (!cube->axes || !cube_dims)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        cube_dims[i] = (struct tn_cube_dim){names[dims[i].kind], dims[i].axis, dims[i].size};
        if (dims[i].kind == TN_DIM_AXIS)
            cube_dims[i].name = NULL;
        if (dims[i].kind == TN_DIM_SAMPLE)
            cube->sample_dim = i;
        cube->sample_dims += dims[i].kind == TN_DIM_SAMPLE || dims[i].kind == TN_DIM_MATRIX;
    }
    return TN_OK;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = tn_hash_add(hash, (unsigned char)*text);
    return tn_hash_add(hash, 0);
}

tn_status tn_sweep_job_init(struct tn_sweep_job *job, const struct tn_scenario_reader *reader,
                            const struct tn_provenance *provenance, size_t chunk, struct tn_context *ctx)
{
    const struct tn_scenario *scenario = tn_scenario_get(reader);
    job->reader = reader;
    job->provenance = provenance;
    job->threads = provenance->threads;
    job->study = tn_scenario_study(scenario, scenario->sweep.study);
    job->store.lock = -1;
    if (!job->study)
        return TN_ERR_INTERNAL;
    job->kind = tn_study_kinds[job->study->kind];
    job->points = (size_t)tn_scenario_point_count(&scenario->sweep);
    job->chunk = job->points / CHUNKS;
    job->chunk = chunk                      ? chunk
                 : job->chunk < CHUNK_LEAST ? CHUNK_LEAST
                 : job->chunk > CHUNK_MOST  ? CHUNK_MOST
                                            : job->chunk;
    job->seed = hash_text(hash_text(0, tn_version()), job->kind->name);
    tn_status status = tn_scenario_points_create(&job->inputs, reader, job->threads, ctx);
    if (status == TN_OK)
        status = tn_rows_layout_init(&job->layout, job->kind, &job->arena);
    if (status == TN_OK)
        status = describe(job);
    if (status != TN_OK)
        return status;
    job->cube.plan = tn_hash_add(hash_text(hash_text(job->seed, provenance->resolved), job->study->id), job->chunk);
    job->source = (struct tn_sweep_source){job->points, tn_scenario_point, job->inputs};
    return tn_sweep_create(&job->sweep, job->kind, &job->source, job->threads);
}

void tn_sweep_job_clear(struct tn_sweep_job *job)
{
    tn_sweep_destroy(job->sweep);
    tn_scenario_points_destroy(job->inputs);
    if (job->store.folder)
        tn_store_close(&job->store);
    tn_arena_clear(&job->arena);
}

/* Points of a few places of the sweep, solved to see how long they take. */
struct probe {
    size_t solved, failed;
    const char *reason;
    struct tn_arena *arena;
};

static tn_status take_probe(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    struct probe *probe = payload;
    (void)ctx;
    for (size_t i = 0; i < count; i++) {
        probe->solved++;
        if (rows[i].status == TN_OK)
            continue;
        probe->failed++;
        if (!probe->reason && rows[i].reason)
            probe->reason = tn_arena_copy(probe->arena, rows[i].reason, strlen(rows[i].reason));
    }
    return TN_OK;
}

/* Seconds a point with all threads: growing sets of points until a second is gone. What the points of a set share was
   worked out for the sets before, so all the time counts for the last set. */
static tn_status time_points(double *seconds, struct probe *probe, struct tn_sweep_job *job, struct tn_context *ctx)
{
    const struct tn_sweep_sink sink = {take_probe, NULL, probe};
    const double start = tn_command_clock();
    tn_status status = TN_OK;
    for (size_t count = (size_t)job->threads; status == TN_OK && tn_command_clock() - start < 1; count *= 4) {
        if (count > job->points)
            count = job->points;
        size_t *points = calloc(count, sizeof *points), some = 0;
        for (size_t i = 0; points && i < count; i++) {
            const size_t point = (size_t)((double)job->points * ((double)i + 0.5) / (double)count);
            if (!tn_scenario_point_excluded(job->inputs, point, 0))
                points[some++] = point;
        }
        status = points ? tn_sweep_points(job->sweep, points, some, &sink, ctx) : TN_ERR_MEMORY;
        if (some)
            *seconds = (tn_command_clock() - start) / (double)some;
        free(points);
        if (count == job->points)
            break;
    }
    return status;
}

/* Points that `where` leaves out: counted, or of many a thousand asked. */
static size_t count_excluded(struct tn_sweep_job *job)
{
    enum { MOST = 1000000, ASKED = 10000 };
    const size_t asked = job->points <= MOST ? job->points : ASKED;
    size_t excluded = 0;
    if (tn_scenario_get(job->reader)->sweep.where_count == 0)
        return 0;
    for (size_t i = 0; i < asked; i++)
        excluded +=
            tn_scenario_point_excluded(job->inputs, (size_t)((double)job->points * (double)i / (double)asked), 0);
    return (size_t)((double)excluded * ((double)job->points / (double)asked) + 0.5);
}

/* Bytes of a point's numbers; texts are taken as long as a short sentence. */
static double point_bytes(const struct tn_sweep_job *job)
{
    double bytes = 9; /* id and state */
    for (size_t k = 0; k < job->layout.count; k++)
        bytes += job->layout.columns[k].field->type == TN_STRING ? 32 : (double)tn_column_size(&job->layout.columns[k]);
    return bytes;
}

static void print_duration(double seconds)
{
    if (seconds < 90)
        printf("%.2g s", seconds);
    else if (seconds < 5400)
        printf("%.0f min", seconds / 60);
    else if (seconds < 48 * 3600)
        printf("%.1f h", seconds / 3600);
    else
        printf("%.0f days", seconds / 86400);
}

static void print_bytes(double bytes)
{
    if (bytes < 1e6)
        printf("%.0f kB", bytes / 1e3 + 1);
    else if (bytes < 1e9)
        printf("%.1f MB", bytes / 1e6);
    else
        printf("%.1f GB", bytes / 1e9);
}

static void print_number(double value, const struct tn_unit *unit)
{
    printf("%.6g", unit ? (value - unit->offset) / unit->factor : value);
    if (unit)
        printf(" %s", unit->name);
}

static void print_spread(const struct tn_scenario_axis *axis)
{
    const struct tn_uncertainty *d = &axis->spread;
    const struct tn_unit plain = {.name = axis->unit ? axis->unit->name : "",
                                  .factor = axis->unit ? axis->unit->factor : 1};
    printf("%s", tn_uncertainty_name(d->kind));
    if (d->kind == TN_NORMAL) {
        printf(", mean ");
        print_number(d->mean, axis->unit);
        printf(", deviation ");
        print_number(d->deviation, axis->unit ? &plain : NULL);
    } else if (d->kind == TN_LOG_NORMAL) {
        printf(", median ");
        print_number(d->median, axis->unit);
        printf(", factor %.6g", d->factor);
    } else if (d->kind == TN_TRIANGULAR) {
        printf(", mode ");
        print_number(d->mode, axis->unit);
    }
    if (!isnan(d->from)) {
        printf(", from ");
        print_number(d->from, axis->unit);
    }
    if (!isnan(d->to)) {
        printf(", to ");
        print_number(d->to, axis->unit);
    }
}

static void print_axes(const struct tn_scenario_sweep *sweep)
{
    for (size_t i = 0; i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        printf("axis %-28s ", axis->path);
        if (axis->count == 0) {
            print_spread(axis);
        } else {
            printf("%4zu values: %s", axis->count, axis->texts[0]);
            if (axis->count > 1)
                printf(" .. %s", axis->texts[axis->count - 1]);
        }
        printf("%s\n", axis->sampled && axis->count ? ", sampled" : "");
    }
    if (sweep->design.kind != TN_DESIGN_GRID)
        printf("design %s, %d samples%s, seed %d\n", tn_design_name(sweep->design.kind), sweep->design.samples,
               sweep->design.shift ? ", shifted" : "", sweep->design.seed);
    if (sweep->replicates > 1)
        printf("replicates %d\n", sweep->replicates);
    for (size_t i = 0; i < sweep->where_count; i++)
        printf("where %s\n", sweep->where[i].text);
}

int tn_sweep_job_plan(struct tn_sweep_job *job, struct tn_context *ctx)
{
    const struct tn_scenario_sweep *sweep = &tn_scenario_get(job->reader)->sweep;
    struct probe probe = {.arena = &job->arena};
    double seconds = 0;
    const size_t excluded = count_excluded(job);
    printf("study %s\n", sweep->study);
    print_axes(sweep);
    printf("%zu points", job->points);
    if (excluded)
        printf(", %s%zu of them left out", job->points > 1000000 ? "about " : "", excluded);
    printf(", in %zu chunks of %zu\n", (job->points + job->chunk - 1) / job->chunk, job->chunk);
    const tn_status status = time_points(&seconds, &probe, job, ctx);
    if (status != TN_OK)
        return tn_exit_of(status);
    printf("time about ");
    print_duration(seconds * (double)(job->points - excluded));
    printf(" with %d %s; values take at most ", job->threads, job->threads == 1 ? "thread" : "threads");
    print_bytes(point_bytes(job) * (double)job->points);
    printf("\n");
    if (probe.failed)
        printf("of %zu points tried %zu failed, the first because: %s\n", probe.solved, probe.failed,
               probe.reason ? probe.reason : "");
    return TN_EXIT_OK;
}
