/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_LOAD_H
#define TN_LOAD_H

#include "h5_read.h"
#include "rows.h"

/* Sweeps read back from their files, as rows. */

/* The kind of study of that name, or NULL. */
const struct tn_study_kind *tn_cube_kind(const char *name);

struct tn_cube_reader {
    struct tn_h5_reader h5;
    struct tn_arena arena;
    struct tn_rows_layout layout;
    struct tn_h5_dim dims[H5S_MAX_RANK]; /* sizes only */
    int rank;
    size_t points;       /* in the file */
    uint64_t plan;       /* 0: of an older version */
    size_t all;          /* points of the sweep */
    size_t shard, first; /* of a shard's file: its number, and its first point; shard 0: of none */
    size_t shards;
};
/* TN_ERR_INPUT if it is no sweep of a study that there is. */
tn_status tn_cube_open(struct tn_cube_reader *out, const char *path, struct tn_context *ctx);
/* Points first .. first + count - 1 of the file into rows with room for them, numbered as in the sweep. Variables that
   the file lacks stay missing. */
tn_status tn_cube_read(struct tn_rows *rows, struct tn_cube_reader *reader, size_t first, size_t count);
/* What the sweep is, to write it again; in the reader's arena. */
tn_status tn_cube_describe(struct tn_cube *out, struct tn_cube_reader *reader);
void tn_cube_close(struct tn_cube_reader *reader);

#endif
