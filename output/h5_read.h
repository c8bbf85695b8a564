/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_H5_READ_H
#define TN_H5_READ_H

#include "h5.h"

/* Reading our files back. What is read lives in the arena. After a failure (status) reads give nothing. */
struct tn_h5_reader {
    hid_t file;
    const char *path;
    struct tn_arena *arena;
    struct tn_context *ctx;
    struct tn_h5_quiet quiet;
    tn_status status;
};

/* TN_ERR_INPUT if it is no results file of ours; TN_ERR_IO if it is the index of a sweep of which a shard is missing.
 */
tn_status tn_h5_open(struct tn_h5_reader *r, const char *path, struct tn_arena *arena, struct tn_context *ctx);
/* The same for whoever looks after missing shards: what they held reads as NAN, status `missing`. */
tn_status tn_h5_open_any(struct tn_h5_reader *r, const char *path, struct tn_arena *arena, struct tn_context *ctx);
void tn_h5_close(struct tn_h5_reader *r);

/* Names below a group ("/" or "climb") in the order of writing: list of const char *. */
struct tn_list tn_h5_names(struct tn_h5_reader *r, const char *group);
bool tn_h5_is_group(struct tn_h5_reader *r, const char *path);
/* A variable of that path is there. */
bool tn_h5_has(struct tn_h5_reader *r, const char *path);
/* A bare dimension, no variable. */
bool tn_h5_is_dimension(struct tn_h5_reader *r, const char *path);
/* A text attribute of the group or variable, or NULL. */
const char *tn_h5_attribute(struct tn_h5_reader *r, const char *path, const char *name);
/* A number attribute, or NAN. */
double tn_h5_attribute_number(struct tn_h5_reader *r, const char *path, const char *name);

/* Values in file order; an empty list where the variable is missing. Numbers and bytes alike come as double. */
struct tn_list tn_h5_numbers(struct tn_h5_reader *r, const char *path);
struct tn_list tn_h5_texts(struct tn_h5_reader *r, const char *path);
bool tn_h5_is_text(struct tn_h5_reader *r, const char *path);
bool tn_h5_is_integer(struct tn_h5_reader *r, const char *path);
/* Names (const char *) and sizes of a variable's dimensions; count is the rank. */
struct tn_h5_shape {
    int rank;
    const char *names[H5S_MAX_RANK];
    hsize_t sizes[H5S_MAX_RANK];
};
struct tn_h5_shape tn_h5_shape(struct tn_h5_reader *r, const char *path);

#endif
