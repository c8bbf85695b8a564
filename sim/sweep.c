/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "capacity.h"

#define CHUNK 256 /* points between two deliveries to the sink */
#define BLOCK 64  /* of them solved at once by a kind that can; a divisor of CHUNK */

/* Running times that several points share. */
struct shared {
    uint64_t key;
    size_t point; /* the first that has the key: its inputs stand for all */
    tn_status status;
    const char *reason;
    const struct tn_capacity_times *times;
};

struct sweep {
    const struct tn_study_kind *kind;
    const struct tn_sweep_source *source;
    const struct tn_sweep_sink *sink;
    int threads;
    struct tn_arena *chunk;         /* one a thread: results of the chunk in hand */
    struct tn_arena *whole;         /* one a thread: running times */
    struct tn_study_memory *memory; /* one a thread */
    struct tn_sweep_row *rows;
    uint64_t *keys;        /* of a capacity sweep, one a point */
    struct shared *shared; /* in order of key */
    size_t shared_count;
};

/* Work for one thread on one index; the context is the thread's own and empty. */
typedef tn_status (*task)(struct sweep *sweep, size_t index, int thread, struct tn_context *ctx);

/* Runs the task for each index in [from, to). A task reports what its point did by itself; what it returns is worse and
   ends the sweep. The smallest index that failed counts, whatever the order. */
static tn_status parallel(struct sweep *sweep, size_t from, size_t to, task run)
{
    tn_status worst = TN_OK;
    size_t worst_at = to;
#pragma omp parallel for schedule(dynamic) num_threads(sweep->threads)
    for (size_t i = from; i < to; i++) {
        struct tn_context ctx;
        memset(&ctx, 0, sizeof ctx);
        tn_status status = run(sweep, i, omp_get_thread_num(), &ctx);
        tn_context_clear(&ctx);
        if (status != TN_OK) {
#pragma omp critical(tn_sweep_worst)
            if (i < worst_at) {
                worst = status;
                worst_at = i;
            }
        }
    }
    return worst;
}

static tn_status inputs(const void **spec, struct tn_environment *environment, struct sweep *sweep, size_t point,
                        int thread, struct tn_context *ctx)
{
    return sweep->source->point(spec, environment, point, thread, sweep->source->payload, ctx);
}

static tn_status key_task(struct sweep *sweep, size_t point, int thread, struct tn_context *ctx)
{
    const void *spec;
    struct tn_environment environment;
    /* A point whose inputs fail keeps the key 0 and fails again, with its reason, when its turn comes. */
    if (inputs(&spec, &environment, sweep, point, thread, ctx) == TN_OK)
        sweep->keys[point] = tn_capacity_times_key(spec, &environment);
    return TN_OK;
}

static tn_status times_task(struct sweep *sweep, size_t index, int thread, struct tn_context *ctx)
{
    struct shared *shared = &sweep->shared[index];
    const void *spec;
    struct tn_environment environment;
    shared->status = inputs(&spec, &environment, sweep, shared->point, thread, ctx);
    if (shared->status == TN_OK)
        shared->status = tn_capacity_times_init(&shared->times, spec, &environment, &sweep->whole[thread], ctx);
    if (shared->status != TN_OK)
        shared->reason = tn_study_reason(ctx, shared->status, &sweep->whole[thread]);
    return TN_OK;
}

static int compare_shared(const void *a, const void *b)
{
    const struct shared *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->point > y->point) - (x->point < y->point);
}

static int compare_key(const void *key, const void *item)
{
    uint64_t x = *(const uint64_t *)key, y = ((const struct shared *)item)->key;
    return (x > y) - (x < y);
}

static bool stopped(const struct sweep *sweep, size_t done)
{
    return sweep->sink->progress && !sweep->sink->progress(done, sweep->source->points, sweep->sink->payload);
}

/* One set of running times for each key, worked out before any point is. */
static tn_status share_times(struct sweep *sweep)
{
    size_t points = sweep->source->points, kept = 0;
    sweep->keys = calloc(points, sizeof *sweep->keys);
    sweep->shared = calloc(points, sizeof *sweep->shared);
    if (sweep->keys == NULL || sweep->shared == NULL)
        return TN_ERR_MEMORY;
    tn_status status = parallel(sweep, 0, points, key_task);
    for (size_t i = 0; i < points; i++)
        sweep->shared[i] = (struct shared){.key = sweep->keys[i], .point = i};
    qsort(sweep->shared, points, sizeof *sweep->shared, compare_shared);
    for (size_t i = 0; i < points; i++)
        if (kept == 0 || sweep->shared[i].key != sweep->shared[kept - 1].key)
            sweep->shared[kept++] = sweep->shared[i];
    sweep->shared_count = kept;
    size_t batch = 8 * (size_t)sweep->threads;
    for (size_t from = 0; status == TN_OK && from < kept; from += batch) {
        status = parallel(sweep, from, from + batch < kept ? from + batch : kept, times_task);
        if (status == TN_OK && stopped(sweep, 0))
            status = TN_ERR_STOPPED;
    }
    return status;
}

static tn_status solve_shared(struct tn_sweep_row *row, void *result, struct sweep *sweep, const void *spec,
                              const struct tn_environment *environment, struct tn_arena *arena, struct tn_context *ctx)
{
    const struct shared *shared =
        bsearch(&sweep->keys[row->point], sweep->shared, sweep->shared_count, sizeof *shared, compare_key);
    if (shared == NULL)
        return TN_ERR_INTERNAL;
    if (shared->status != TN_OK) {
        row->reason = shared->reason;
        return shared->status;
    }
    return tn_capacity_from_times(result, spec, shared->times, environment, arena, ctx);
}

static tn_status point_task(struct sweep *sweep, size_t point, int thread, struct tn_context *ctx)
{
    struct tn_sweep_row *row = &sweep->rows[point % CHUNK];
    struct tn_arena *arena = &sweep->chunk[thread];
    const void *spec;
    struct tn_environment environment;
    void *result = tn_arena_alloc(arena, 1, sweep->kind->result->size);
    if (result == NULL)
        return TN_ERR_MEMORY;
    *row = (struct tn_sweep_row){.point = point};
    tn_status status = inputs(&spec, &environment, sweep, point, thread, ctx);
    if (status == TN_OK && sweep->keys)
        status = solve_shared(row, result, sweep, spec, &environment, arena, ctx);
    else if (status == TN_OK)
        status = sweep->kind->solve(result, spec, &environment, arena, ctx);
    row->status = status;
    if (status == TN_OK)
        row->result = result;
    else if (row->reason == NULL)
        row->reason = tn_study_reason(ctx, status, arena);
    return TN_OK;
}

/* A block of points on its way to solve_many. */
struct block {
    struct sweep *sweep;
    size_t first;
    int thread;
};

static tn_status block_inputs(const void **spec, struct tn_environment *environment, size_t i, void *payload,
                              struct tn_context *ctx)
{
    const struct block *block = payload;
    return inputs(spec, environment, block->sweep, block->first + i, block->thread, ctx);
}

/* The points of one block, which begins at a multiple of BLOCK whatever the number of threads. */
static tn_status block_task(struct sweep *sweep, size_t index, int thread, struct tn_context *ctx)
{
    struct block block = {sweep, index * BLOCK, thread};
    struct tn_arena *arena = &sweep->chunk[thread];
    struct tn_study_outcome outcomes[BLOCK];
    size_t left = sweep->source->points - block.first, count = left < BLOCK ? left : BLOCK;
    (void)ctx;
    for (size_t i = 0; i < count; i++) {
        outcomes[i] = (struct tn_study_outcome){.result = tn_arena_alloc(arena, 1, sweep->kind->result->size)};
        if (outcomes[i].result == NULL)
            return TN_ERR_MEMORY;
    }
    const struct tn_study_many many = {count, block_inputs, &block, &sweep->memory[thread]};
    tn_status status = sweep->kind->solve_many(outcomes, &many, arena);
    for (size_t i = 0; i < count; i++)
        sweep->rows[(block.first + i) % CHUNK] =
            (struct tn_sweep_row){.point = block.first + i,
                                  .status = outcomes[i].status,
                                  .reason = outcomes[i].reason,
                                  .result = outcomes[i].status == TN_OK ? outcomes[i].result : NULL};
    return status;
}

static tn_status solve_points(struct sweep *sweep, size_t from, size_t to)
{
    if (sweep->kind->solve_many == NULL)
        return parallel(sweep, from, to, point_task);
    return parallel(sweep, from / BLOCK, (to + BLOCK - 1) / BLOCK, block_task);
}

static void clear(struct tn_arena *arenas, int threads)
{
    for (int i = 0; arenas && i < threads; i++)
        tn_arena_clear(&arenas[i]);
}

static void empty_memory(struct sweep *sweep, bool all)
{
    for (int i = 0; sweep->memory != NULL && i < sweep->threads; i++)
        if (all || sweep->memory[i].full)
            tn_study_memory_empty(&sweep->memory[i]);
}

static tn_status run_chunks(struct sweep *sweep, struct tn_context *ctx)
{
    size_t points = sweep->source->points;
    for (size_t from = 0; from < points; from += CHUNK) {
        size_t to = from + CHUNK < points ? from + CHUNK : points;
        tn_status status = solve_points(sweep, from, to);
        if (status == TN_OK)
            status = sweep->sink->rows(sweep->rows, to - from, sweep->sink->payload, ctx);
        clear(sweep->chunk, sweep->threads);
        empty_memory(sweep, false);
        if (status != TN_OK)
            return status;
        if (stopped(sweep, to) && to < points)
            return TN_ERR_STOPPED;
    }
    return TN_OK;
}

tn_status tn_sweep_run(const struct tn_study_kind *kind, const struct tn_sweep_source *source,
                       const struct tn_sweep_sink *sink, int threads, struct tn_context *ctx)
{
    struct sweep sweep = {
        .kind = kind, .source = source, .sink = sink, .threads = threads > 0 ? threads : omp_get_max_threads()};
    size_t count = (size_t)sweep.threads;
    tn_status status = TN_ERR_MEMORY;
    sweep.chunk = calloc(count, sizeof *sweep.chunk);
    sweep.whole = calloc(count, sizeof *sweep.whole);
    sweep.memory = calloc(count, sizeof *sweep.memory);
    sweep.rows = calloc(CHUNK, sizeof *sweep.rows);
    if (sweep.chunk == NULL || sweep.whole == NULL || sweep.memory == NULL || sweep.rows == NULL)
        goto out;
    status = kind == &tn_study_capacity && source->points > 0 ? share_times(&sweep) : TN_OK;
    if (status == TN_OK)
        status = run_chunks(&sweep, ctx);
out:
    clear(sweep.chunk, sweep.threads);
    clear(sweep.whole, sweep.threads);
    empty_memory(&sweep, true);
    free(sweep.memory);
    free(sweep.chunk);
    free(sweep.whole);
    free(sweep.rows);
    free(sweep.keys);
    free(sweep.shared);
    return status;
}
