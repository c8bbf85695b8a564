/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SENSITIVITY_H
#define TN_SENSITIVITY_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* Which input moves an output most: variance-based indices from values at the rows of a Saltelli design (design.h).
   First order, the share of the output's variance that goes with the input alone, and total, the share that would be
   left if all others were known: A. Saltelli and others, "Variance based sensitivity analysis of model output", Comput.
   Phys. Commun. 181 (2010), 259-270, table 2, estimators (b) and (f). */

struct tn_sensitivity_index {
    double first, first_low, first_high; /* 1, with the ends of its confidence interval */
    double total, total_low, total_high;
};

struct tn_sensitivity {
    double mean, variance;
    size_t samples; /* used: those with no NAN in any of their rows */
};

struct tn_sensitivity_options {
    int resamples;     /* of the bootstrap; 0: no intervals (NAN) */
    double confidence; /* share of the resamples within the interval, such as 0.95 */
    uint64_t seed;
};

/* values: samples x (inputs + 2), as the rows of the design come. One index an input; NAN if the variance is zero or no
   sample is whole. Intervals are percentiles of a bootstrap over samples. Does not depend on threads. */
tn_status tn_sensitivity_find(struct tn_sensitivity *out, struct tn_sensitivity_index *indices, const double *values,
                              size_t samples, size_t inputs, const struct tn_sensitivity_options *options);

#endif
