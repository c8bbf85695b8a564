/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_statistics_double.h>

#define ALIKE 1e-9 /* singular values below this share of the largest count as zero */

static tn_status too_alike(const void *where, struct tn_context *ctx)
{
    return tn_error(ctx, where, "take a stretch with more speeds, or fewer `terms`",
                    "the speeds of the stretch are too much alike to tell the terms of resistance apart");
}

static void fill(struct tn_fit *fit, gsl_matrix *x, const gsl_vector *y, const gsl_vector *c,
                 const gsl_matrix *covariance, double chisq, double confidence)
{
    double freedom = (double)(x->size1 - x->size2);
    double total = gsl_stats_tss(y->data, y->stride, y->size);
    for (int i = 0; i < TN_FIT_TERMS; i++) {
        bool used = i < fit->terms;
        fit->value[i] = used ? gsl_vector_get(c, (size_t)i) : 0;
        fit->error[i] = used ? sqrt(gsl_matrix_get(covariance, (size_t)i, (size_t)i)) : (double)NAN;
        for (int j = 0; j < TN_FIT_TERMS; j++)
            fit->covariance[i][j] = used && j < fit->terms ? gsl_matrix_get(covariance, (size_t)i, (size_t)j) : 0;
    }
    fit->quantile = gsl_cdf_tdist_Pinv(0.5 + 0.5 * confidence, freedom);
    fit->residual_N = sqrt(chisq / freedom);
    fit->r2 = total > 0 ? 1 - chisq / total : (double)NAN;
}

tn_status tn_fit_solve(struct tn_fit *fit, const struct tn_fit_row *rows, size_t count, int terms, double confidence,
                       const void *where, struct tn_context *ctx)
{
    *fit = (struct tn_fit){.rows = count, .terms = terms};
    size_t n = (size_t)terms, rank = 0;
    if (count < n + 1)
        return tn_error(ctx, where, "take a longer stretch or a shorter `interval`",
                        "%zu moving samples in the stretch are too few to find %d terms", count, terms);
    tn_status status = TN_ERR_MEMORY;
    double chisq = 0;
    gsl_matrix *x = gsl_matrix_alloc(count, n), *covariance = gsl_matrix_alloc(n, n);
    gsl_vector *y = gsl_vector_alloc(count), *c = gsl_vector_alloc(n);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(count, n);
    if (x == NULL || covariance == NULL || y == NULL || c == NULL || work == NULL)
        goto out;
    for (size_t i = 0; i < count; i++) {
        gsl_vector_set(y, i, rows[i].force_N);
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(x, i, j, rows[i].x[j]);
    }
    status = gsl_multifit_linear_tsvd(x, y, ALIKE, c, covariance, &chisq, &rank, work) == GSL_SUCCESS ? TN_OK
                                                                                                      : TN_ERR_NUMERIC;
    if (status == TN_OK && rank < n)
        status = too_alike(where, ctx);
    if (status == TN_OK)
        fill(fit, x, y, c, covariance, chisq, confidence);
out:
    gsl_matrix_free(x);
    gsl_matrix_free(covariance);
    gsl_vector_free(y);
    gsl_vector_free(c);
    gsl_multifit_linear_free(work);
    return status;
}

double tn_fit_at(const struct tn_fit *fit, const double x[TN_FIT_TERMS], double *error_out)
{
    double force = 0, variance = 0;
    for (int i = 0; i < fit->terms; i++) {
        force += fit->value[i] * x[i];
        for (int j = 0; j < fit->terms; j++)
            variance += fit->covariance[i][j] * x[i] * x[j];
    }
    *error_out = sqrt(fmax(0, variance));
    return force;
}
