/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_FIT_H
#define TN_FIT_H

#include "context.h"

/* The running resistance a + b v + c w^2 that explains measured forces, by linear least squares. */

#define TN_FIT_TERMS 3

struct tn_fit_row {
    double x[TN_FIT_TERMS]; /* what a, b and c multiply */
    double force_N;
};

struct tn_fit {
    size_t rows;
    int terms;                                       /* the first of them; the rest is 0 */
    double value[TN_FIT_TERMS], error[TN_FIT_TERMS]; /* errors: standard; unused terms NAN */
    double covariance[TN_FIT_TERMS][TN_FIT_TERMS];
    double quantile;   /* of Student's t: value +- quantile * error is the interval of that confidence */
    double r2;         /* share of the variance that is explained */
    double residual_N; /* standard deviation of what is left */
};

/* confidence such as 0.95. TN_ERR_INPUT, about `where`, if the rows are too few or too much alike for the terms. */
tn_status tn_fit_solve(struct tn_fit *fit, const struct tn_fit_row *rows, size_t count, int terms, double confidence,
                       const void *where, struct tn_context *ctx);
/* The fitted force at x and its standard error. */
double tn_fit_at(const struct tn_fit *fit, const double x[TN_FIT_TERMS], double *error_out);

#endif
