/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CUBE_H
#define TN_CUBE_H

#include "rows.h"

/* What cube.c shares with shards.c: the parts of a sweep's file. */

/* The file with its head: provenance, attributes, dimensions with the axes' values. */
struct tn_cube_file {
    struct tn_h5_writer h5;
    const struct tn_cube *cube;
    struct tn_rows_layout layout;
    struct tn_h5_dim dims[H5S_MAX_RANK];
    int rank;
    struct tn_arena arena;
};
/* points > 0: a shard, over one dimension of so many points. On failure nothing is left. */
tn_status tn_cube_begin(struct tn_cube_file *file, const char *path, const struct tn_cube *cube, size_t points,
                        struct tn_context *ctx);
/* The variables over all points: columns of the result, then point_id, status and, unless a column is, reason. Their
   number; each without its dims. */
size_t tn_cube_variables(struct tn_h5_variable *out, const struct tn_cube_file *file);
#define TN_CUBE_VARIABLES 512
/* What all points have in common. */
void tn_cube_put_common(struct tn_cube_file *file, const struct tn_rows_common *common);
/* Indices, from the values in the file. */
void tn_cube_put_sensitivity(struct tn_cube_file *file);
/* Closes the dimensions and gives the file its name. */
tn_status tn_cube_end(struct tn_cube_file *file, double wall_time_s);
void tn_cube_drop(struct tn_cube_file *file);

/* Attributes by which a file's place in a sweep is known. */
void tn_cube_put_place(struct tn_cube_file *file, size_t shard, size_t shards, size_t first, size_t count);

#endif
