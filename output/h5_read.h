/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_H5_READ_H
#define TN_H5_READ_H

#include "h5.h"

/* Reading our files back. What is read lives in the arena. After a failure (status) reads give nothing. */
struct h5_reader {
    hid_t file;
    const char *path;
    struct tn_arena *arena;
    struct tn_context *ctx;
    struct h5_quiet quiet;
    tn_status status;
};

/* TN_ERR_INPUT if it is no results file of ours. */
tn_status h5_open(struct h5_reader *r, const char *path, struct tn_arena *arena, struct tn_context *ctx);
void h5_close(struct h5_reader *r);

/* Names below a group ("/" or "climb") in the order of writing: list of const char *. */
struct tn_list h5_names(struct h5_reader *r, const char *group);
bool h5_is_group(struct h5_reader *r, const char *path);
/* A variable of that path is there. */
bool h5_has(struct h5_reader *r, const char *path);
/* A bare dimension, no variable. */
bool h5_is_dimension(struct h5_reader *r, const char *path);
/* A text attribute of the group or variable, or NULL. */
const char *h5_attribute(struct h5_reader *r, const char *path, const char *name);
/* A number attribute, or NAN. */
double h5_attribute_number(struct h5_reader *r, const char *path, const char *name);

/* Values in file order; an empty list where the variable is missing. Numbers and bytes alike come as double. */
struct tn_list h5_numbers(struct h5_reader *r, const char *path);
struct tn_list h5_texts(struct h5_reader *r, const char *path);
bool h5_is_text(struct h5_reader *r, const char *path);
/* Names (const char *) and sizes of a variable's dimensions; count is the rank. */
struct h5_shape {
    int rank;
    const char *names[H5S_MAX_RANK];
    hsize_t sizes[H5S_MAX_RANK];
};
struct h5_shape h5_shape(struct h5_reader *r, const char *path);

#endif
