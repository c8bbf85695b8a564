/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <omp.h>

#include "command.h"
#include "diag.h"
#include "parallel.h"
#include "signals.h"
#include "sweep_old.h"
#include "team.h"

#define GRACE_S 60 /* how long a chunk in hand may take after a signal; then it is given up */
/* Points in hand for each thread, of a kind that takes a fraction of a second for a point and of one that takes less
   than a thousandth: their chunks are written at once, all threads together. */
#define IN_HAND      8
#define IN_HAND_FAST 1024

/* The work of one run: chunks that are missing, claimed some at a time. */
struct work {
    struct tn_sweep_job *job;
    struct tn_sweep_old old;
    size_t *todo; /* chunks */
    size_t todo_count, todo_points;
    size_t most;           /* chunks in hand at most */
    const size_t *chunks;  /* in hand */
    struct tn_rows **rows; /* one a chunk in hand */
    size_t *points;        /* to solve, of the chunks in hand */
    struct place {
        size_t chunk, index; /* among those in hand; in its rows */
    } * places;
    size_t count, next; /* of points; the next row to come */
    size_t done;        /* points before those in hand */
    double signalled;   /* when a signal was first seen */
};

static const char *text_of_reason(const struct tn_sweep_row *row)
{
    return row->reason ? row->reason : "not solved";
}

static tn_status take(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    struct work *work = payload;
    (void)ctx;
    for (size_t i = 0; i < count; i++, work->next++) {
        const struct place *place = &work->places[work->next];
        const bool solved = rows[i].status == TN_OK;
        if (rows[i].status == TN_ERR_MEMORY || rows[i].status == TN_ERR_INTERNAL)
            return rows[i].status; /* says nothing about the point */
        const tn_status status = tn_rows_put(work->rows[place->chunk], place->index, solved ? rows[i].result : NULL,
                                             solved ? NULL : text_of_reason(&rows[i]));
        if (status != TN_OK)
            return status;
    }
    return TN_OK;
}

static bool progress(size_t done, size_t points, void *payload)
{
    struct work *work = payload;
    (void)points;
    tn_team_poll();
    tn_progress_show(&work->job->progress, work->done + done, work->todo_points, NULL);
    if (tn_signal_caught() && work->signalled == 0)
        work->signalled = tn_command_clock();
    return work->signalled == 0 || tn_command_clock() - work->signalled < GRACE_S;
}

static bool make_room(struct work *work)
{
    struct tn_sweep_job *job = work->job;
    const size_t wanted = (job->kind->solve_many ? IN_HAND_FAST : IN_HAND) * (size_t)job->threads;
    work->most = (size_t)tn_team_most((int)((wanted + job->chunk - 1) / job->chunk));
    work->rows = calloc(work->most, sizeof(struct tn_rows *));
    work->points = calloc(work->most * job->chunk, sizeof *work->points);
    work->places = calloc(work->most * job->chunk, sizeof *work->places);
    bool made = work->rows && work->points && work->places;
    for (size_t i = 0; made && i < work->most; i++)
        made = tn_rows_create(&work->rows[i], &job->layout, job->chunk) == TN_OK;
    return made;
}

static void clear_work(struct work *work)
{
    for (size_t i = 0; work->rows && i < work->most; i++)
        tn_rows_destroy(work->rows[i]);
    free(work->rows);
    free(work->points);
    free(work->places);
    free(work->todo);
    tn_sweep_old_clear(&work->old);
}

/* Ids of a chunk's points, and which are left out. */
static void identify(struct tn_sweep_job *job, struct tn_rows *rows)
{
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (size_t i = 0; i < rows->count; i++) {
        const int thread = omp_get_thread_num();
        if (tn_scenario_point_excluded(job->inputs, rows->first + i, thread))
            rows->states[i] = TN_POINT_EXCLUDED;
        rows->ids[i] = tn_scenario_point_id(job->inputs, rows->first + i, thread, job->seed);
    }
}

/* Begins a chunk in hand: what is left out or known needs no solving. */
static tn_status begin_chunk(struct work *work, size_t hand, size_t chunk)
{
    struct tn_sweep_job *job = work->job;
    struct tn_rows *rows = work->rows[hand];
    tn_status status = TN_OK;
    tn_rows_begin(rows, tn_store_first(&job->store, chunk), tn_store_count(&job->store, chunk));
    identify(job, rows);
    for (size_t i = 0; i < rows->count && status == TN_OK; i++) {
        size_t index;
        const struct tn_rows *known = tn_sweep_old_find(&index, &work->old, rows->ids[i]);
        if (rows->states[i] == TN_POINT_EXCLUDED)
            continue;
        if (known) {
            status = tn_rows_adopt(rows, i, known, index);
            job->kept++;
            continue;
        }
        work->points[work->count] = rows->first + i;
        work->places[work->count++] = (struct place){hand, i};
    }
    return status;
}

static tn_status write_chunk(size_t hand, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    const struct work *work = payload;
    const struct tn_sweep_job *job = work->job;
    const char *path = tn_store_chunk(&job->store, work->chunks[hand], scratch);
    return path ? tn_chunk_write(path, work->rows[hand], job->cube.plan, ctx) : TN_ERR_MEMORY;
}

static tn_status solve_chunks(struct work *work, const size_t *chunks, size_t count, struct tn_context *ctx)
{
    struct tn_sweep_job *job = work->job;
    const struct tn_sweep_sink sink = {take, progress, work};
    tn_status status = TN_OK;
    work->chunks = chunks;
    work->count = work->next = 0;
    for (size_t i = 0; i < count && status == TN_OK; i++)
        status = begin_chunk(work, i, chunks[i]);
    if (status == TN_OK)
        status = tn_sweep_points(job->sweep, work->points, work->count, &sink, ctx);
    const double before = tn_command_clock();
    if (status == TN_OK)
        status = tn_parallel(count, "chunks written", write_chunk, work, ctx);
    job->output_s += tn_command_clock() - before;
    job->solved += status == TN_OK ? work->count : 0;
    return status;
}

/* All that anybody else has not claimed. */
static tn_status solve(struct work *work, struct tn_context *ctx)
{
    tn_status status = TN_OK;
    for (size_t first; status == TN_OK && (first = tn_team_claim(work->most)) < work->todo_count;) {
        const size_t left = work->todo_count - first, count = left < work->most ? left : work->most;
        work->done = first * work->job->chunk;
        if (work->done > work->todo_points)
            work->done = work->todo_points;
        status = solve_chunks(work, work->todo + first, count, ctx);
        if (status == TN_OK && tn_signal_caught() && first + count < work->todo_count)
            status = TN_ERR_STOPPED;
    }
    if (status != TN_OK)
        tn_team_stop();
    return status;
}

/* Chunks of this process's shard; of a team, all. */
static void range_of(size_t *first, size_t *count, const struct tn_sweep_job *job)
{
    *first = 0;
    *count = job->store.chunks;
    if (tn_team_size() == 1)
        tn_store_shard(first, count, &job->store, job->shard);
}

static tn_status find_todo(struct work *work)
{
    struct tn_sweep_job *job = work->job;
    size_t first, count;
    range_of(&first, &count, job);
    tn_team_share(job->store.has, job->store.chunks);
    work->todo = calloc(count + 1, sizeof *work->todo);
    if (!work->todo)
        return TN_ERR_MEMORY;
    for (size_t i = first; i < first + count; i++)
        if (!job->store.has[i]) {
            work->todo[work->todo_count++] = i;
            work->todo_points += tn_store_count(&job->store, i);
        }
    return TN_OK;
}

static size_t count_there(const struct tn_sweep_job *job)
{
    size_t first, count, there = 0;
    range_of(&first, &count, job);
    for (size_t i = first; i < first + count; i++)
        there += job->store.has[i];
    return there;
}

static const char *file_of(struct tn_sweep_job *job, size_t shard)
{
    return job->shards == 1 ? job->output : tn_shard_path(job->output, shard, job->shards, &job->arena);
}

/* --- from chunks to a shard --- */

static void count_rows(struct tn_sweep_job *job, const struct tn_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const bool failed = rows->states[i] == TN_POINT_FAILED;
        const char *reason = rows->reasons[i] ? rows->reasons[i] : "";
        if (failed && !job->first_reason)
            job->first_reason = tn_arena_copy(&job->arena, reason, strlen(reason));
        job->failed += failed;
    }
}

static tn_status add_chunks(struct tn_cube_writer *writer, struct tn_sweep_job *job, size_t first, size_t count,
                            struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_rows *rows = NULL;
    tn_status status = TN_OK;
    if (tn_team_rank() == 0)
        tn_progress_begin(&job->progress, "chunks written", 0);
    for (size_t i = first; i < first + count && status == TN_OK; i++) {
        const char *path = tn_store_chunk(&job->store, i, &arena);
        status = path ? tn_chunk_read(&rows, &job->layout, path, ctx) : TN_ERR_MEMORY;
        if (status == TN_OK)
            count_rows(job, rows);
        if (status == TN_OK)
            status = tn_cube_add(writer, rows, ctx);
        tn_progress_show(&job->progress, i - first + 1, count, NULL);
        tn_arena_clear(&arena);
    }
    tn_progress_end(&job->progress);
    tn_rows_destroy(rows);
    return status;
}

static tn_status assemble(struct tn_sweep_job *job, size_t shard, struct tn_context *ctx)
{
    struct tn_cube_writer *writer;
    size_t first, count;
    tn_store_shard(&first, &count, &job->store, shard);
    const size_t from = tn_store_first(&job->store, first);
    const size_t points =
        count ? tn_store_first(&job->store, first + count - 1) + tn_store_count(&job->store, first + count - 1) - from
              : 0;
    const char *path = file_of(job, shard);
    const double before = tn_command_clock();
    tn_status status =
        path ? tn_cube_create(&writer, path, &job->cube, shard, job->shards, from, points, ctx) : TN_ERR_MEMORY;
    if (status != TN_OK)
        return status;
    status = add_chunks(writer, job, first, count, ctx);
    if (status == TN_OK)
        status = tn_cube_commit(writer, tn_command_clock() - job->start, ctx);
    else
        tn_cube_abandon(writer);
    job->output_s += tn_command_clock() - before;
    return status;
}

/* Once every shard is there, whoever finishes last makes the index. */
static tn_status make_index(struct tn_sweep_job *job, bool *made, struct tn_context *ctx)
{
    size_t whole = 0;
    tn_store_lock_index(&job->store);
    for (size_t i = 1; i <= job->shards; i++) {
        const char *path = file_of(job, i);
        whole += path && tn_shard_find(path, job->cube.plan, i, job->shards) == TN_SHARD_WHOLE;
    }
    *made = whole == job->shards;
    if (!*made)
        return TN_OK;
    const tn_status status =
        tn_shards_index(job->output, &job->cube, job->shards, tn_command_clock() - job->start, ctx);
    if (status == TN_OK)
        tn_store_remove(&job->store, 0);
    return status;
}

/* --- the whole run --- */

static int stopped(const struct tn_sweep_job *job)
{
    const int signal = tn_signal_caught();
    if (tn_team_rank() == 0)
        tn_diag_say("stopped by a signal; what is done is in %s: `--resume` goes on from there", job->store.folder);
    return signal == 0 || signal == TN_SIGNAL_NOTICE ? TN_EXIT_INCOMPLETE : TN_EXIT_SIGNAL + signal;
}

static int report(struct tn_sweep_job *job, const char *path, size_t points)
{
    const double wall = tn_command_clock() - job->start;
    if (tn_terminal_quiet())
        return job->failed < points || !points ? TN_EXIT_OK : TN_EXIT_NUMERIC;
    printf("%s: %zu points, %zu failed, %.2f s on %d %s, %.0f %% of it writing", path, points, job->failed, wall,
           job->threads, job->threads == 1 ? "thread" : "threads", wall > 0 ? 100 * job->output_s / wall : 0);
    if (job->solved < points)
        printf("; %zu solved now", job->solved);
    printf("\n");
    if (!job->failed)
        return TN_EXIT_OK;
    fprintf(stderr, "tonnage: warning: %zu of %zu points failed, the first because: %s\n", job->failed, points,
            job->first_reason ? job->first_reason : "");
    return job->failed == points ? TN_EXIT_NUMERIC : TN_EXIT_OK;
}

static tn_status open_store(struct tn_sweep_job *job, struct tn_context *ctx)
{
    const struct tn_store_plan plan = {.hash = job->cube.plan,
                                       .scenario = job->provenance->scenario,
                                       .study = job->study->id,
                                       .kind = job->kind->name,
                                       .points = job->points,
                                       .chunk = job->chunk,
                                       .shards = job->shards};
    return tn_store_open(&job->store, job->output, &plan, ctx);
}

static bool is_whole(struct tn_sweep_job *job, const char *path, size_t shard)
{
    return path && tn_shard_find(path, job->cube.plan, shard, job->shards) == TN_SHARD_WHOLE;
}

/* All is done; only the index may be missing, where the last shard was killed before it, or the chunks be left, where
   it was killed after it. */
static int nothing_to_do(struct tn_sweep_job *job, const char *path, struct tn_context *ctx)
{
    bool made = false;
    tn_status status = TN_OK;
    if (job->shards > 1 && !is_whole(job, job->output, 0)) {
        status = open_store(job, ctx);
        if (status == TN_OK)
            status = make_index(job, &made, ctx);
    } else {
        tn_store_tidy(job->output, job->cube.plan);
    }
    if (status == TN_OK && !tn_terminal_quiet())
        printf("%s: whole already, nothing to do\n", path);
    return tn_exit_of(status);
}

static bool is_room(struct tn_sweep_job *job, struct tn_context *ctx)
{
    const double room = tn_store_free(job->output);
    double bytes = 9; /* id and state */
    for (size_t k = 0; k < job->layout.count; k++)
        bytes += (double)tn_column_size(&job->layout.columns[k]);
    bytes *= (double)job->points;
    if (bytes <= room)
        return true;
    tn_error(ctx, NULL, "`--plan` tells how much is needed", "%zu points need about %.1f GB, %.1f GB are free",
             job->points, bytes / 1e9, room / 1e9);
    return false;
}

/* Whether all is done already, or must not be begun; -1: go on. */
static int look(struct tn_sweep_job *job, struct tn_context *ctx)
{
    const bool team = tn_team_size() > 1;
    const char *path = team ? job->output : file_of(job, job->shard);
    if (job->resume && is_whole(job, path, team ? 0 : job->shard))
        return nothing_to_do(job, path, ctx);
    return is_room(job, ctx) ? -1 : TN_EXIT_IO;
}

static int begin(struct tn_sweep_job *job, struct tn_context *ctx)
{
    tn_status status = open_store(job, ctx);
    size_t first, count;
    if (status != TN_OK)
        return tn_exit_of(status);
    range_of(&first, &count, job);
    if (tn_team_rank() == 0)
        status = tn_store_lock(&job->store, first, count, ctx);
    if (status != TN_OK)
        return tn_exit_of(status);
    const size_t there = count_there(job);
    if (there == 0 || job->resume)
        return TN_EXIT_OK;
    tn_error(ctx, NULL, "`--resume` goes on from there; to begin anew remove the folder",
             "%s holds %zu chunks of an earlier run", job->store.folder, there);
    return TN_EXIT_USAGE;
}

static int finish_alone(struct tn_sweep_job *job, struct tn_context *ctx)
{
    bool made = false;
    size_t first, count;
    tn_status status = assemble(job, job->shard, ctx);
    if (status == TN_OK)
        tn_store_remove(&job->store, job->shard);
    if (status == TN_OK && job->shards > 1)
        status = make_index(job, &made, ctx);
    if (status != TN_OK)
        return tn_exit_of(status);
    tn_store_shard(&first, &count, &job->store, job->shard);
    size_t points = 0;
    for (size_t i = first; i < first + count; i++)
        points += tn_store_count(&job->store, i);
    const int end = report(job, file_of(job, job->shard), points);
    if (made && !tn_terminal_quiet())
        printf("%s: all %zu shards are there, %zu points\n", job->output, job->shards, job->points);
    return end;
}

/* Each rank assembles a shard; chunks stay until the index stands. */
static int finish_team(struct tn_sweep_job *job, struct tn_context *ctx)
{
    bool made = false;
    int end = tn_team_most(tn_exit_of(assemble(job, (size_t)tn_team_rank() + 1, ctx)));
    if (end == TN_EXIT_OK && tn_team_rank() == 0)
        end = tn_exit_of(make_index(job, &made, ctx));
    end = tn_team_most(end);
    job->failed = (size_t)tn_team_sum((double)job->failed);
    job->solved = (size_t)tn_team_sum((double)job->solved);
    if (end == TN_EXIT_OK && tn_team_rank() == 0)
        end = report(job, job->output, job->points);
    return tn_team_most(end);
}

int tn_sweep_job_run(struct tn_sweep_job *job, struct tn_context *ctx)
{
    struct work work = {.job = job};
    job->start = tn_command_clock();
    omp_set_num_threads(job->threads);
    int end = tn_team_rank() == 0 ? look(job, ctx) : -1;
    tn_team_share(&end, sizeof end);
    if (end >= 0)
        return end;
    end = tn_team_rank() == 0 ? begin(job, ctx) : TN_EXIT_OK;
    end = tn_team_most(end);
    if (end == TN_EXIT_OK && tn_team_rank() > 0)
        end = begin(job, ctx);
    end = tn_team_most(end);
    if (end != TN_EXIT_OK)
        return end;
    tn_signal_catch();
    tn_signal_catch_notice();
    tn_status status = make_room(&work) ? find_todo(&work) : TN_ERR_MEMORY;
    if (status == TN_OK && job->resume && work.todo_count > 0)
        status = tn_sweep_old_read(&work.old, job);
    end = tn_team_most(tn_exit_of(status));
    if (end == TN_EXIT_OK) {
        if (tn_team_rank() == 0) {
            tn_terminal_note("%zu of %zu points to solve; chunks of %zu in %s", work.todo_points, job->points,
                             job->chunk, job->store.folder);
            tn_progress_begin(&job->progress, "points", 0);
        }
        if (!tn_team_open() && tn_team_rank() == 0 && !tn_terminal_quiet())
            fputs("tonnage: warning: no one-sided MPI over this network: chunks are dealt out in turn\n"
                  "hint: with Open MPI set OMPI_MCA_osc=pt2pt\n",
                  stderr);
        status = solve(&work, ctx);
        tn_progress_end(&job->progress);
        end = status == TN_ERR_STOPPED ? stopped(job) : tn_exit_of(status);
        end = tn_team_most(end);
        tn_team_close();
    }
    clear_work(&work);
    if (end != TN_EXIT_OK)
        return end;
    return tn_team_size() > 1 ? finish_team(job, ctx) : finish_alone(job, ctx);
}
