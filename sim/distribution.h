/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISTRIBUTION_H
#define TN_DISTRIBUTION_H

#include <gsl/gsl_rng.h>

#include "context.h"
#include "field.h"

/* Random quantities that are never negative, as a user says them: a law of the table, its mean and standard deviation.
   Drawn by GSL from any of its generators. */

enum tn_distribution_law {
    TN_LAW_NONE, /* always 0 */
    TN_LAW_CONSTANT,
    TN_LAW_UNIFORM,
    TN_LAW_EXPONENTIAL,
    TN_LAW_NORMAL, /* what is negative counts as 0, so that the mean is a little larger than said */
    TN_LAW_LOG_NORMAL,
    TN_LAW_GAMMA,
    TN_LAW_WEIBULL
};
const char *tn_distribution_name(int index); /* a choice callback */

struct tn_distribution {
    int law;
    double mean, deviation; /* deviation NAN: that of the law, where it has one of its own */
    double share;           /* of the draws that are not 0 at once */
};
/* The same rows for a time and for a ratio. */
extern const struct tn_schema tn_time_distribution_schema, tn_ratio_distribution_schema;

/* Errors name the field. */
tn_status tn_distribution_check(const struct tn_distribution *distribution, struct tn_context *ctx);

/* A distribution that has passed its check, ready to draw from. */
struct tn_sampler {
    int law;
    double a, b; /* the law's own parameters */
    double share;
};
void tn_sampler_init(struct tn_sampler *sampler, const struct tn_distribution *distribution);
double tn_sampler_draw(const struct tn_sampler *sampler, const gsl_rng *rng);

/* Exact mean of the draws. */
double tn_distribution_mean(const struct tn_distribution *distribution);

#endif
