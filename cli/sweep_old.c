/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_old.h"

#include <stdlib.h>
#include <unistd.h>

#include "load.h"

struct tn_sweep_old_row {
    uint64_t id; /* 0: none */
    uint32_t set, index;
};

static tn_status add_set(struct tn_sweep_old *old, struct tn_rows *rows)
{
    struct tn_rows **sets = realloc(old->sets, (old->set_count + 1) * sizeof(struct tn_rows *));
    if (!sets) {
        tn_rows_destroy(rows);
        return TN_ERR_MEMORY;
    }
    old->sets = sets;
    sets[old->set_count++] = rows;
    return TN_OK;
}

static tn_status read_chunks(struct tn_sweep_old *old, const struct tn_sweep_job *job)
{
    struct tn_arena arena = {0};
    const char *const *names;
    const size_t count = tn_store_others(&names, &job->store, &arena);
    tn_status status = TN_OK;
    for (size_t i = 0; i < count && status == TN_OK; i++) {
        struct tn_context quiet = {0};
        struct tn_rows *rows = NULL;
        if (names[i] && tn_chunk_read(&rows, &job->layout, names[i], &quiet) == TN_OK)
            status = add_set(old, rows);
        else
            tn_rows_destroy(rows);
        tn_context_clear(&quiet);
    }
    tn_arena_clear(&arena);
    return status;
}

/* The file itself, or the index with its shards. */
static tn_status read_file(struct tn_sweep_old *old, const struct tn_sweep_job *job)
{
    struct tn_context quiet = {0};
    struct tn_cube_reader reader;
    struct tn_rows *rows = NULL;
    tn_status status = TN_OK;
    if (access(job->output, F_OK) != 0)
        return TN_OK;
    if (tn_cube_open(&reader, job->output, &quiet) == TN_OK) {
        if (reader.layout.kind == job->kind && reader.shard == 0) {
            status = tn_rows_create(&rows, &job->layout, reader.points);
            if (status == TN_OK && tn_cube_read(rows, &reader, 0, reader.points) == TN_OK)
                status = add_set(old, rows);
            else
                tn_rows_destroy(rows);
        }
        tn_cube_close(&reader);
    }
    tn_context_clear(&quiet);
    return status;
}

static size_t slot_of(const struct tn_sweep_old *old, uint64_t id)
{
    size_t slot = id & (old->size - 1);
    while (old->rows[slot].id != 0 && old->rows[slot].id != id)
        slot = (slot + 1) & (old->size - 1);
    return slot;
}

/* Points that failed for want of memory, or were never solved, are none. */
static tn_status make_table(struct tn_sweep_old *old)
{
    size_t count = 0;
    for (size_t i = 0; i < old->set_count; i++)
        count += old->sets[i]->count;
    for (old->size = 16; old->size < 2 * count; old->size *= 2)
        ;
    old->rows = calloc(old->size, sizeof *old->rows);
    if (!old->rows)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < old->set_count; i++)
        for (size_t k = 0; k < old->sets[i]->count; k++) {
            const struct tn_rows *rows = old->sets[i];
            if (rows->ids[k] == 0 || (rows->states[k] != TN_POINT_SOLVED && rows->states[k] != TN_POINT_FAILED))
                continue;
            const size_t slot = slot_of(old, rows->ids[k]);
            old->count += old->rows[slot].id == 0;
            old->rows[slot] = (struct tn_sweep_old_row){rows->ids[k], (uint32_t)i, (uint32_t)k};
        }
    return TN_OK;
}

tn_status tn_sweep_old_read(struct tn_sweep_old *out, const struct tn_sweep_job *job)
{
    *out = (struct tn_sweep_old){.sets = NULL};
    tn_status status = read_file(out, job);
    if (status == TN_OK)
        status = read_chunks(out, job);
    return status == TN_OK ? make_table(out) : status;
}

const struct tn_rows *tn_sweep_old_find(size_t *index_out, const struct tn_sweep_old *old, uint64_t id)
{
    if (old->count == 0 || id == 0)
        return NULL;
    const struct tn_sweep_old_row *row = &old->rows[slot_of(old, id)];
    *index_out = row->index;
    return row->id == id ? old->sets[row->set] : NULL;
}

void tn_sweep_old_clear(struct tn_sweep_old *old)
{
    for (size_t i = 0; i < old->set_count; i++)
        tn_rows_destroy(old->sets[i]);
    free(old->sets);
    free(old->rows);
}
