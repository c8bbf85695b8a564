/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensitivity.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "random.h"

/* Sums over some samples, from which the indices follow. */
struct sums {
    double squares; /* of A's and B's values about their mean */
    double least;   /* squares that rounding alone could leave */
    double *first, *total;
};

struct problem {
    const double *values;
    size_t *whole; /* samples without NAN */
    size_t count, inputs;
    double mean; /* of A and B, taken off first: the estimators are exact about any constant and best near zero */
};

static void add_sample(struct sums *sums, const struct problem *problem, size_t sample)
{
    const double *row = problem->values + sample * (problem->inputs + 2);
    const double a = row[0] - problem->mean, b = row[1] - problem->mean;
    sums->squares += a * a + b * b;
    for (size_t j = 0; j < problem->inputs; j++) {
        const double ab = row[j + 2] - problem->mean;
        sums->first[j] += b * (ab - a);
        sums->total[j] += (a - ab) * (a - ab);
    }
}

static void clear_sums(struct sums *sums, size_t inputs)
{
    sums->squares = 0;
    for (size_t j = 0; j < inputs; j++)
        sums->first[j] = sums->total[j] = 0;
}

/* One input's index of the sums: the numerator over 1/2 (variance of A and B together). */
static double share(double numerator, const struct sums *sums)
{
    return sums->squares > sums->least ? numerator / (sums->squares / 2) : (double)NAN;
}

static void find_whole(struct problem *problem, size_t samples)
{
    double sum = 0;
    for (size_t i = 0; i < samples; i++) {
        const double *row = problem->values + i * (problem->inputs + 2);
        bool whole = true;
        for (size_t j = 0; j < problem->inputs + 2; j++)
            whole = whole && isfinite(row[j]);
        if (!whole)
            continue;
        problem->whole[problem->count++] = i;
        sum += row[0] + row[1];
    }
    problem->mean = problem->count > 0 ? sum / (2 * (double)problem->count) : (double)NAN;
}

/* firsts and totals: one array of resamples an input. */
static void bootstrap(double *firsts, double *totals, struct sums *sums, const struct problem *problem,
                      const struct tn_sensitivity_options *options)
{
    const size_t resamples = (size_t)options->resamples;
    for (size_t r = 0; r < resamples; r++) {
        struct tn_random random;
        tn_random_init(&random, options->seed, TN_RANDOM_BOOTSTRAP, r, 0, 0);
        clear_sums(sums, problem->inputs);
        for (size_t i = 0; i < problem->count; i++)
            add_sample(sums, problem, problem->whole[tn_random_below(&random, problem->count)]);
        for (size_t j = 0; j < problem->inputs; j++) {
            firsts[j * resamples + r] = share(sums->first[j], sums);
            totals[j * resamples + r] = share(sums->total[j] / 2, sums);
        }
    }
}

static void interval(double *low, double *high, double *of, const struct tn_sensitivity_options *options)
{
    const size_t count = (size_t)options->resamples;
    gsl_sort(of, 1, count);
    *low = gsl_stats_quantile_from_sorted_data(of, 1, count, (1 - options->confidence) / 2);
    *high = gsl_stats_quantile_from_sorted_data(of, 1, count, (1 + options->confidence) / 2);
}

static void find_indices(struct tn_sensitivity_index *indices, struct sums *sums, const struct problem *problem)
{
    clear_sums(sums, problem->inputs);
    for (size_t i = 0; i < problem->count; i++)
        add_sample(sums, problem, problem->whole[i]);
    for (size_t j = 0; j < problem->inputs; j++)
        indices[j] = (struct tn_sensitivity_index){.first = share(sums->first[j], sums),
                                                   .total = share(sums->total[j] / 2, sums),
                                                   .first_low = (double)NAN,
                                                   .first_high = (double)NAN,
                                                   .total_low = (double)NAN,
                                                   .total_high = (double)NAN};
}

tn_status tn_sensitivity_find(struct tn_sensitivity *out, struct tn_sensitivity_index *indices, const double *values,
                              size_t samples, size_t inputs, const struct tn_sensitivity_options *options)
{
    const size_t resamples = options->resamples > 0 ? (size_t)options->resamples : 0;
    struct problem problem = {.values = values, .inputs = inputs};
    struct sums sums = {.first = calloc(inputs + 1, sizeof(double)), .total = calloc(inputs + 1, sizeof(double))};
    double *drawn = calloc(2 * inputs * resamples + 1, sizeof *drawn), *totals = NULL;
    tn_status status = TN_ERR_MEMORY;
    problem.whole = calloc(samples + 1, sizeof *problem.whole);
    if (problem.whole == NULL || sums.first == NULL || sums.total == NULL || drawn == NULL)
        goto out;
    totals = drawn + inputs * resamples;
    find_whole(&problem, samples);
    const double pairs = 2 * (double)problem.count;
    sums.least = pairs * pow(1e-14 * problem.mean, 2);
    find_indices(indices, &sums, &problem);
    *out = (struct tn_sensitivity){problem.mean, pairs > 1 ? sums.squares / (pairs - 1) : (double)NAN, problem.count};
    if (resamples > 0 && problem.count > 0 && sums.squares > sums.least) {
        bootstrap(drawn, totals, &sums, &problem, options);
        for (size_t j = 0; j < inputs; j++) {
            interval(&indices[j].first_low, &indices[j].first_high, drawn + j * resamples, options);
            interval(&indices[j].total_low, &indices[j].total_high, totals + j * resamples, options);
        }
    }
    status = TN_OK;
out:
    free(problem.whole);
    free(sums.first);
    free(sums.total);
    free(drawn);
    return status;
}
