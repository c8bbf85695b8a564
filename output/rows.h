/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_ROWS_H
#define TN_ROWS_H

#include "columns.h"

/* Points of a sweep with their results, column by column: what a chunk of work comes to, in memory and as a file that
   is there whole or not at all. */

enum tn_point_state { TN_POINT_SOLVED, TN_POINT_FAILED, TN_POINT_MISSING, TN_POINT_EXCLUDED };
#define TN_POINT_STATES "solved failed missing excluded"

/* A list that all points have in common. */
struct tn_rows_list {
    const char *name;
    size_t offset; /* in the result */
    const struct tn_schema *schema;
    struct tn_column *columns; /* of single values */
    size_t count;
};

/* What of a kind of study is kept. */
struct tn_rows_layout {
    const struct tn_study_kind *kind;
    struct tn_column *columns; /* of single values */
    size_t count;
    size_t own_reason; /* the column where the result itself says why not; count if none */
    struct tn_rows_list *lists;
    size_t list_count;
};
tn_status tn_rows_layout_init(struct tn_rows_layout *out, const struct tn_study_kind *kind, struct tn_arena *arena);

/* Of the first solved point: what all have in common. */
struct tn_rows_common {
    bool known;
    const char *line, *train;
    struct {
        size_t rows;
        void **values; /* one array a column */
    } * lists;
};

struct tn_rows {
    const struct tn_rows_layout *layout;
    size_t first, count, most; /* points first .. first + count - 1 */
    signed char *states;       /* enum tn_point_state */
    uint64_t *ids;
    const char **reasons;
    void **values; /* one array a column */
    struct tn_rows_common common;
    struct tn_arena arena; /* texts and what is common */
    struct tn_arena own;   /* the arrays */
};

/* Room for that many points. The layout is to outlive it. */
tn_status tn_rows_create(struct tn_rows **out, const struct tn_rows_layout *layout, size_t most);
/* Forgets all; then count points from first on are missing. */
void tn_rows_begin(struct tn_rows *rows, size_t first, size_t count);
/* The point of that index counted from the first. result NULL: it failed because of reason. */
tn_status tn_rows_put(struct tn_rows *rows, size_t index, const void *result, const char *reason);
/* The same from other rows. */
tn_status tn_rows_adopt(struct tn_rows *rows, size_t index, const struct tn_rows *from, size_t from_index);
/* Copies what is common, unless it is known. */
tn_status tn_rows_adopt_common(struct tn_rows_common *to, const struct tn_rows_common *from,
                               const struct tn_rows_layout *layout, struct tn_arena *arena);
void tn_rows_destroy(struct tn_rows *rows);

struct tn_chunk_head {
    uint64_t plan;       /* hash of the sweep */
    size_t first, count; /* points */
    size_t failed, excluded;
};

/* Written beside, synced, renamed. */
tn_status tn_chunk_write(const char *path, const struct tn_rows *rows, uint64_t plan, struct tn_context *ctx);
/* The head alone. TN_ERR_IO with a diagnostic if it is no chunk or cut short. */
tn_status tn_chunk_head(struct tn_chunk_head *out, const char *path, struct tn_context *ctx);
/* All of it, its checksum verified, into rows of the same layout with room enough (rows made anew if *rows is NULL).
   TN_ERR_IO if it is damaged, TN_ERR_INPUT if it is of another layout. */
tn_status tn_chunk_read(struct tn_rows **rows, const struct tn_rows_layout *layout, const char *path,
                        struct tn_context *ctx);

#endif
