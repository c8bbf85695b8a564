/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "capacity.h"

#define CHUNK       256  /* points between two deliveries to the sink */
#define BLOCK       64   /* points solved at once by a kind that can, at most */
#define BLOCKS      16   /* of them for each thread between two deliveries: threads wait for the last one */
#define SHARED_MOST 1024 /* sets of running times that are kept, and points of a capacity study taken at once */

/* Running times that several points share. */
struct shared {
    uint64_t key;
    size_t point; /* the first that has the key: its inputs stand for all */
    tn_status status;
    const char *reason;
    const struct tn_capacity_times *times;
};

struct tn_sweep {
    const struct tn_study_kind *kind;
    const struct tn_sweep_source *source;
    int threads;
    struct tn_arena *chunk;         /* one a thread: results of the chunk in hand */
    struct tn_arena *whole;         /* one a thread: running times */
    struct tn_study_memory *memory; /* one a thread */
    struct tn_sweep_row *rows;      /* as many as a chunk has points */
    size_t chunk_points;
    const size_t *points;        /* those asked for; NULL: the first ones */
    size_t from, total;          /* of them in hand: begins there; all of them */
    size_t chunk_from, chunk_to; /* the chunk in hand */
    size_t block;                /* points of its blocks */
    uint64_t *keys;              /* of a capacity sweep, one a point asked for */
    struct shared *shared;       /* in order of key */
    size_t shared_count, solved; /* those known; the new ones are behind them until they are solved */
};

static size_t point_of(const struct tn_sweep *sweep, size_t index)
{
    return sweep->points == NULL ? sweep->from + index : sweep->points[sweep->from + index];
}

/* Work for one thread on one index; the context is the thread's own and empty. */
typedef tn_status (*task)(struct tn_sweep *sweep, size_t index, int thread, struct tn_context *ctx);

/* Runs the task for each index in [from, to). A task reports what its point did by itself; what it returns is worse and
   ends the sweep. The smallest index that failed counts, whatever the order. */
static tn_status parallel(struct tn_sweep *sweep, size_t from, size_t to, task run)
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

static tn_status inputs(const void **spec, struct tn_environment *environment, struct tn_sweep *sweep, size_t point,
                        int thread, struct tn_context *ctx)
{
    return sweep->source->point(spec, environment, point, thread, sweep->source->payload, ctx);
}

static tn_status key_task(struct tn_sweep *sweep, size_t index, int thread, struct tn_context *ctx)
{
    const void *spec;
    struct tn_environment environment;
    /* A point whose inputs fail keeps the key 0 and fails again, with its reason, when its turn comes. */
    if (inputs(&spec, &environment, sweep, point_of(sweep, index), thread, ctx) == TN_OK)
        sweep->keys[index] = tn_capacity_times_key(spec, &environment);
    return TN_OK;
}

static tn_status times_task(struct tn_sweep *sweep, size_t index, int thread, struct tn_context *ctx)
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

static bool stopped(const struct tn_sweep *sweep, const struct tn_sweep_sink *sink, size_t done)
{
    return sink->progress && !sink->progress(sweep->from + done, sweep->total, sink->payload);
}

static void clear(struct tn_arena *arenas, int threads)
{
    for (int i = 0; arenas && i < threads; i++)
        tn_arena_clear(&arenas[i]);
}

/* The keys asked for that are not known yet, each once, go behind those that are. */
static tn_status add_keys(struct tn_sweep *sweep, size_t count)
{
    if (sweep->solved > SHARED_MOST) {
        clear(sweep->whole, sweep->threads);
        sweep->solved = 0;
    }
    struct shared *grown = realloc(sweep->shared, (sweep->solved + count) * sizeof *grown);
    if (grown == NULL)
        return TN_ERR_MEMORY;
    struct shared *added = grown + sweep->solved;
    size_t kept = 0;
    sweep->shared = grown;
    for (size_t i = 0; i < count; i++)
        added[i] = (struct shared){.key = sweep->keys[i], .point = point_of(sweep, i)};
    qsort(added, count, sizeof *added, compare_shared);
    for (size_t i = 0; i < count; i++)
        if ((kept == 0 || added[i].key != added[kept - 1].key) &&
            bsearch(&added[i].key, grown, sweep->solved, sizeof *grown, compare_key) == NULL)
            added[kept++] = added[i];
    sweep->shared_count = sweep->solved + kept;
    return TN_OK;
}

/* One set of running times for each key, worked out before any point is. */
static tn_status share_times(struct tn_sweep *sweep, size_t count, const struct tn_sweep_sink *sink)
{
    free(sweep->keys);
    sweep->keys = calloc(count, sizeof *sweep->keys);
    if (sweep->keys == NULL)
        return TN_ERR_MEMORY;
    tn_status status = parallel(sweep, 0, count, key_task);
    if (status == TN_OK)
        status = add_keys(sweep, count);
    const size_t batch = 8 * (size_t)sweep->threads;
    for (size_t from = sweep->solved; status == TN_OK && from < sweep->shared_count; from += batch) {
        const size_t to = from + batch < sweep->shared_count ? from + batch : sweep->shared_count;
        status = parallel(sweep, from, to, times_task);
        if (status == TN_OK && stopped(sweep, sink, 0))
            status = TN_ERR_STOPPED;
    }
    if (status == TN_OK) {
        sweep->solved = sweep->shared_count;
        qsort(sweep->shared, sweep->solved, sizeof *sweep->shared, compare_shared);
    }
    return status;
}

static tn_status solve_shared(struct tn_sweep_row *row, void *result, struct tn_sweep *sweep, uint64_t key,
                              const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                              struct tn_context *ctx)
{
    const struct shared *shared = bsearch(&key, sweep->shared, sweep->solved, sizeof *shared, compare_key);
    if (shared == NULL)
        return TN_ERR_INTERNAL;
    if (shared->status != TN_OK) {
        row->reason = shared->reason;
        return shared->status;
    }
    return tn_capacity_from_times(result, spec, shared->times, environment, arena, ctx);
}

static tn_status point_task(struct tn_sweep *sweep, size_t index, int thread, struct tn_context *ctx)
{
    const size_t point = point_of(sweep, index);
    struct tn_sweep_row *row = &sweep->rows[index % sweep->chunk_points];
    struct tn_arena *arena = &sweep->chunk[thread];
    const void *spec;
    struct tn_environment environment;
    void *result = tn_arena_alloc(arena, 1, sweep->kind->result->size);
    if (result == NULL)
        return TN_ERR_MEMORY;
    *row = (struct tn_sweep_row){.point = point};
    tn_status status = inputs(&spec, &environment, sweep, point, thread, ctx);
    if (status == TN_OK && sweep->keys)
        status = solve_shared(row, result, sweep, sweep->keys[index], spec, &environment, arena, ctx);
    else if (status == TN_OK)
        status = sweep->kind->solve(result, spec, &environment, arena, ctx);
    if (status == TN_ERR_MEMORY || arena->failed) /* no property of the point: it is to be solved again */
        return TN_ERR_MEMORY;
    row->status = status;
    if (status == TN_OK)
        row->result = result;
    else if (row->reason == NULL)
        row->reason = tn_study_reason(ctx, status, arena);
    return TN_OK;
}

/* A block of points on its way to solve_many. */
struct block {
    struct tn_sweep *sweep;
    size_t first;
    int thread;
};

static tn_status block_inputs(const void **spec, struct tn_environment *environment, size_t i, void *payload,
                              struct tn_context *ctx)
{
    const struct block *block = payload;
    return inputs(spec, environment, block->sweep, point_of(block->sweep, block->first + i), block->thread, ctx);
}

/* The points of one block of the chunk in hand. */
static tn_status block_task(struct tn_sweep *sweep, size_t index, int thread, struct tn_context *ctx)
{
    struct block block = {sweep, sweep->chunk_from + index * sweep->block, thread};
    struct tn_arena *arena = &sweep->chunk[thread];
    struct tn_study_outcome outcomes[BLOCK];
    size_t left = sweep->chunk_to - block.first, count = left < sweep->block ? left : sweep->block;
    (void)ctx;
    for (size_t i = 0; i < count; i++) {
        outcomes[i] = (struct tn_study_outcome){.result = tn_arena_alloc(arena, 1, sweep->kind->result->size)};
        if (outcomes[i].result == NULL)
            return TN_ERR_MEMORY;
    }
    const struct tn_study_many many = {count, block_inputs, &block, &sweep->memory[thread]};
    tn_status status = sweep->kind->solve_many(outcomes, &many, arena);
    for (size_t i = 0; i < count; i++)
        sweep->rows[(block.first + i) % sweep->chunk_points] =
            (struct tn_sweep_row){.point = point_of(sweep, block.first + i),
                                  .status = outcomes[i].status,
                                  .reason = outcomes[i].reason,
                                  .result = outcomes[i].status == TN_OK ? outcomes[i].result : NULL};
    return status == TN_OK && arena->failed ? TN_ERR_MEMORY : status; /* as in point_task */
}

/* The same number of blocks for each thread, of the same size: none waits for the last one. */
static tn_status solve_chunk(struct tn_sweep *sweep, size_t from, size_t to)
{
    if (sweep->kind->solve_many == NULL)
        return parallel(sweep, from, to, point_task);
    const size_t threads = (size_t)sweep->threads, count = to - from, turn = BLOCK * threads;
    const size_t blocks = (count + turn - 1) / turn * threads;
    sweep->chunk_from = from;
    sweep->chunk_to = to;
    sweep->block = (count + blocks - 1) / blocks;
    return parallel(sweep, 0, (count + sweep->block - 1) / sweep->block, block_task);
}

static void empty_memory(struct tn_sweep *sweep, bool all)
{
    for (int i = 0; sweep->memory != NULL && i < sweep->threads; i++)
        if (all || sweep->memory[i].full)
            tn_study_memory_empty(&sweep->memory[i]);
}

static tn_status run_chunks(struct tn_sweep *sweep, size_t count, const struct tn_sweep_sink *sink,
                            struct tn_context *ctx)
{
    for (size_t from = 0; from < count; from += sweep->chunk_points) {
        size_t to = from + sweep->chunk_points < count ? from + sweep->chunk_points : count;
        tn_status status = solve_chunk(sweep, from, to);
        if (status == TN_OK)
            status = sink->rows(sweep->rows, to - from, sink->payload, ctx);
        clear(sweep->chunk, sweep->threads);
        empty_memory(sweep, false);
        if (status != TN_OK)
            return status;
        if (stopped(sweep, sink, to) && sweep->from + to < sweep->total)
            return TN_ERR_STOPPED;
    }
    return TN_OK;
}

tn_status tn_sweep_create(struct tn_sweep **out, const struct tn_study_kind *kind, const struct tn_sweep_source *source,
                          int threads)
{
    struct tn_sweep *sweep = *out = calloc(1, sizeof *sweep);
    if (sweep == NULL)
        return TN_ERR_MEMORY;
    *sweep =
        (struct tn_sweep){.kind = kind, .source = source, .threads = threads > 0 ? threads : omp_get_max_threads()};
    sweep->chunk = calloc((size_t)sweep->threads, sizeof *sweep->chunk);
    sweep->whole = calloc((size_t)sweep->threads, sizeof *sweep->whole);
    sweep->memory = calloc((size_t)sweep->threads, sizeof *sweep->memory);
    sweep->chunk_points = kind->solve_many != NULL ? BLOCK * BLOCKS * (size_t)sweep->threads : CHUNK;
    sweep->rows = calloc(sweep->chunk_points, sizeof *sweep->rows);
    return sweep->chunk == NULL || sweep->whole == NULL || sweep->memory == NULL || sweep->rows == NULL ? TN_ERR_MEMORY
                                                                                                        : TN_OK;
}

tn_status tn_sweep_points(struct tn_sweep *sweep, const size_t *points, size_t count, const struct tn_sweep_sink *sink,
                          struct tn_context *ctx)
{
    const bool shares = sweep->kind == &tn_study_capacity;
    const size_t step = shares && count > SHARED_MOST ? SHARED_MOST : count;
    tn_status status = TN_OK;
    sweep->points = points;
    sweep->total = count;
    for (sweep->from = 0; status == TN_OK && sweep->from < count; sweep->from += step) {
        const size_t now = count - sweep->from < step ? count - sweep->from : step;
        if (shares)
            status = share_times(sweep, now, sink);
        if (status == TN_OK)
            status = run_chunks(sweep, now, sink, ctx);
    }
    return status;
}

void tn_sweep_destroy(struct tn_sweep *sweep)
{
    if (sweep == NULL)
        return;
    clear(sweep->chunk, sweep->threads);
    clear(sweep->whole, sweep->threads);
    empty_memory(sweep, true);
    free(sweep->memory);
    free(sweep->chunk);
    free(sweep->whole);
    free(sweep->rows);
    free(sweep->keys);
    free(sweep->shared);
    free(sweep);
}

tn_status tn_sweep_run(const struct tn_study_kind *kind, const struct tn_sweep_source *source,
                       const struct tn_sweep_sink *sink, int threads, struct tn_context *ctx)
{
    struct tn_sweep *sweep;
    tn_status status = tn_sweep_create(&sweep, kind, source, threads);
    if (status == TN_OK)
        status = tn_sweep_points(sweep, NULL, source->points, sink, ctx);
    tn_sweep_destroy(sweep);
    return status;
}
