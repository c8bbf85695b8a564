/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SLICES_H
#define TN_SLICES_H

#include "h5_read.h"
#include "text.h"

/* The cube of a sweep over a grid, of which a slice over one or two axes is drawn: each combination of the values of
   the other axes is a slice, and its name tells them. */
struct tn_slice_axis {
    const char *name, *path, *label; /* label: what it is, for an axis of a picture */
    size_t count, stride;
    const double *numbers; /* SI, or NULL */
    const char *const *texts;
    struct tn_text_scale scale; /* of the numbers, as people read them */
};

struct tn_slice {
    struct tn_slice_axis axes[H5S_MAX_RANK];
    int rank, x, y; /* which axes; -1: none */
    size_t base;    /* point where the slice begins */
    size_t points;  /* of the cube */
};

/* The axes of a variable of the root; x and y none. False where it has other dimensions. */
bool tn_slice_read(struct tn_slice *out, struct tn_h5_reader *r, const char *variable);
/* Names of the slices, const char *; sets base where one is `wanted` (may be NULL). */
struct tn_list tn_slice_names(struct tn_slice *s, struct tn_h5_reader *r, const char *wanted);
/* A point of the slice. */
size_t tn_slice_point(const struct tn_slice *s, size_t x, size_t y);

#endif
