/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_INDICES_H
#define TN_INDICES_H

#include "h5_read.h"
#include "text.h"

/* Sensitivity indices of the result that a sweep's file shows, read back. Arrays over inputs. */
struct tn_indices {
    const char *of, *doc; /* name of the result, and what it is */
    size_t count;
    const char *const *inputs;
    const double *first, *first_low, *first_high, *total, *total_low, *total_high;
    const double *at_low, *at_high; /* mean of the result where the input is in its lowest and highest tenth, or NAN */
    const size_t *order;            /* of inputs: the largest total index first */
    double mean, confidence;
    struct tn_text_scale scale; /* of the result */
};
/* In the reader's arena. False where the file has none. */
bool tn_indices_read(struct tn_indices *out, struct tn_h5_reader *r);

#endif
