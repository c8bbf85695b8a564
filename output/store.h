/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_STORE_H
#define TN_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"
#include "context.h"

/* The folder OUT.h5.chunks beside a sweep's file: chunks of points that are done, until their shard is assembled. A
   chunk's file carries the sweep's hash in its name, so that those of a scenario since changed are told apart. */

struct tn_store_plan {
    uint64_t hash;
    const char *scenario, *study, *kind; /* as named */
    size_t points, chunk, shards;        /* all points, points of a chunk, shards */
};

struct tn_store {
    const char *path;   /* of the sweep's file */
    const char *folder; /* beside it */
    struct tn_store_plan plan;
    size_t chunks;
    unsigned char *has; /* one a chunk: its file is there */
    int lock;           /* open file of which bytes are locked, or -1 */
    struct tn_arena arena;
};

/* Makes the folder and notes the plan, or, without `write`, reads the plan that was noted: TN_ERR_INPUT without a word
   if there is no folder. Then looks which chunks are there. */
tn_status tn_store_open(struct tn_store *out, const char *path, const struct tn_store_plan *plan,
                        struct tn_context *ctx);
tn_status tn_store_look(struct tn_store *out, const char *path, struct tn_context *ctx);
/* Looks again. */
tn_status tn_store_scan(struct tn_store *store, struct tn_context *ctx);
void tn_store_close(struct tn_store *store);

/* Takes chunks for this process; TN_ERR_IO if another has some of them. File systems without locks have none. */
tn_status tn_store_lock(struct tn_store *store, size_t first_chunk, size_t chunks, struct tn_context *ctx);
/* Waits until no other process makes the index. */
void tn_store_lock_index(struct tn_store *store);

/* Points and chunks of a shard, which count from 1. */
void tn_store_shard(size_t *first_chunk_out, size_t *chunks_out, const struct tn_store *store, size_t shard);
size_t tn_store_first(const struct tn_store *store, size_t chunk);
size_t tn_store_count(const struct tn_store *store, size_t chunk);
/* In memory of the arena. */
const char *tn_store_chunk(const struct tn_store *store, size_t chunk, struct tn_arena *arena);
/* A name beside the path that no other process takes, on whatever machine or in whatever container. */
const char *tn_store_part(const char *path, struct tn_arena *arena);
/* Chunks of other plans: list of const char * in memory of the arena. */
size_t tn_store_others(const char *const **names_out, const struct tn_store *store, struct tn_arena *arena);

/* Removes the chunks of the shard; of the only one, or with shard 0, all that is left, and the folder. */
void tn_store_remove(struct tn_store *store, size_t shard);
/* For the path of a sweep that is whole: removes the folder if a process that was killed left it, and only if it is
   this plan's and nobody is at work in it. */
void tn_store_tidy(const char *path, uint64_t hash);
/* Bytes free where the sweep's file goes; infinite if nobody knows. */
double tn_store_free(const char *path);

#endif
