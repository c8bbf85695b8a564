/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_UNCERTAINTY_H
#define TN_UNCERTAINTY_H

#include <stdbool.h>
#include <stddef.h>

/* How an uncertain number is spread. */

enum tn_uncertainty_kind {
    TN_UNIFORM,     /* between from and to */
    TN_LOG_UNIFORM, /* its logarithm is uniform */
    TN_NORMAL,      /* mean and deviation; cut at from and to where they are given */
    TN_TRIANGULAR,  /* between from and to, most often near mode */
    TN_LOG_NORMAL,  /* half of it below the median; factor: one deviation of its logarithm; cut as the normal */
    TN_TABLE        /* one of the values of a table, each as often as its weight says */
};
const char *tn_uncertainty_name(int index); /* a choice callback; the table has no name */

struct tn_uncertainty {
    int kind;
    double from, to; /* NAN: open */
    double mean, deviation;
    double mode;
    double median, factor;
    const double *values;  /* of a table */
    const double *weights; /* cumulative, the last is their sum; NULL: all alike */
    size_t count;
};

/* Why there is no such distribution, or NULL. */
const char *tn_uncertainty_fault(const struct tn_uncertainty *distribution);
/* The value below which the share `unit` (0 to 1) of the distribution lies; infinite at the open ends. */
double tn_uncertainty_quantile(const struct tn_uncertainty *distribution, double unit);
/* Of a table: the index of that value, by the weights alone. */
size_t tn_uncertainty_pick(const struct tn_uncertainty *table, double unit);
/* Whether some value may be as low or high as it likes. */
bool tn_uncertainty_is_open(const struct tn_uncertainty *distribution);

#endif
