/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "distribution.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

/* A law: its own parameters from mean and deviation, and how GSL draws from it. */
struct law {
    const char *name;
    void (*parameters)(double *a, double *b, double mean, double deviation);
    double (*draw)(const gsl_rng *rng, double a, double b);
    bool deviates; /* takes a deviation */
};

static void none(double *a, double *b, double mean, double deviation)
{
    (void)deviation;
    *a = mean;
    *b = 0;
}

static double draw_constant(const gsl_rng *rng, double a, double b)
{
    (void)rng;
    (void)b;
    return a;
}

/* From 0 to twice the mean, or as wide as the deviation says: its square is a twelfth of the width's. */
static void uniform(double *a, double *b, double mean, double deviation)
{
    const double half = isnan(deviation) ? mean : sqrt(3) * deviation;
    *a = fmax(0, mean - half);
    *b = mean + half;
}

static double draw_exponential(const gsl_rng *rng, double a, double b)
{
    (void)b;
    return gsl_ran_exponential(rng, a);
}

static void normal(double *a, double *b, double mean, double deviation)
{
    *a = mean;
    *b = deviation;
}

static double draw_normal(const gsl_rng *rng, double a, double b)
{
    return fmax(0, a + gsl_ran_gaussian_ziggurat(rng, b));
}

/* Mean exp(a + b^2/2), variance (exp(b^2) - 1) mean^2. */
static void log_normal(double *a, double *b, double mean, double deviation)
{
    *b = sqrt(log1p(gsl_pow_2(deviation / mean)));
    *a = log(mean) - *b * *b / 2;
}

static double draw_log_normal(const gsl_rng *rng, double a, double b)
{
    return exp(a + gsl_ran_gaussian_ziggurat(rng, b));
}

/* Mean a b, variance a b^2. */
static void gamma_law(double *a, double *b, double mean, double deviation)
{
    *a = gsl_pow_2(mean / deviation);
    *b = deviation * deviation / mean;
}

/* Mean a Gamma(1 + 1/b); the shape b from the coefficient of variation by bisection: it falls as b rises. */
static void weibull(double *a, double *b, double mean, double deviation)
{
    const double wanted = log1p(gsl_pow_2(deviation / mean));
    double low = log(0.05), high = log(200);
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2, k = exp(middle);
        if (gsl_sf_lngamma(1 + 2 / k) - 2 * gsl_sf_lngamma(1 + 1 / k) > wanted)
            low = middle;
        else
            high = middle;
    }
    *b = exp(low);
    *a = mean / exp(gsl_sf_lngamma(1 + 1 / *b));
}

static const struct law laws[] = {
    [TN_LAW_NONE] = {"none", none, draw_constant, false},
    [TN_LAW_CONSTANT] = {"constant", none, draw_constant, false},
    [TN_LAW_UNIFORM] = {"uniform", uniform, gsl_ran_flat, true},
    [TN_LAW_EXPONENTIAL] = {"exponential", none, draw_exponential, false},
    [TN_LAW_NORMAL] = {"normal", normal, draw_normal, true},
    [TN_LAW_LOG_NORMAL] = {"log-normal", log_normal, draw_log_normal, true},
    [TN_LAW_GAMMA] = {"gamma", gamma_law, gsl_ran_gamma, true},
    [TN_LAW_WEIBULL] = {"weibull", weibull, gsl_ran_weibull, true},
};

const char *tn_distribution_name(int index)
{
    return index >= 0 && index < (int)(sizeof laws / sizeof *laws) ? laws[index].name : NULL;
}

#define FIELDS(Q)                                                                                                      \
    TN_F_CHOICE(tn_distribution, law, tn_distribution_name, TN_LAW_NONE, 0,                                            \
                "none, constant, uniform, exponential, normal, log-normal, gamma or weibull"),                         \
        TN_F_NUMBER(tn_distribution, mean, Q, NAN, 0, INFINITY, TN_POSITIVE, "mean"),                                  \
        TN_F_NUMBER(tn_distribution, deviation, Q, NAN, 0, INFINITY, TN_POSITIVE, "standard deviation"),               \
        TN_F_NUMBER(tn_distribution, share, TN_Q_RATIO, 1, 0, 1, 0, "share of the draws; the others are 0"), TN_F_END

static const struct tn_field time_fields[] = {FIELDS(TN_Q_TIME)};
static const struct tn_field ratio_fields[] = {FIELDS(TN_Q_RATIO)};
const struct tn_schema tn_time_distribution_schema = {"random-time", "a random time, never negative",
                                                      sizeof(struct tn_distribution), time_fields};
const struct tn_schema tn_ratio_distribution_schema = {"random-ratio", "a random ratio, never negative",
                                                       sizeof(struct tn_distribution), ratio_fields};

tn_status tn_distribution_check(const struct tn_distribution *d, struct tn_context *ctx)
{
    if (d->law == TN_LAW_NONE)
        return TN_OK;
    const struct law *law = &laws[d->law];
    if (isnan(d->mean))
        return tn_error(ctx, &d->mean, NULL, "the law %s needs its mean", law->name);
    if (!law->deviates && !isnan(d->deviation))
        return tn_error(ctx, &d->deviation, NULL, "the law %s takes no deviation", law->name);
    if (law->deviates && isnan(d->deviation) && d->law != TN_LAW_UNIFORM)
        return tn_error(ctx, &d->deviation, NULL, "the law %s needs its deviation", law->name);
    if (d->law == TN_LAW_UNIFORM && sqrt(3) * d->deviation > d->mean * (1 + 1e-12))
        return tn_error(ctx, &d->deviation, "at most the mean over the root of 3", "the law would go below zero");
    if (d->law == TN_LAW_WEIBULL && !(d->deviation / d->mean > 0.01 && d->deviation / d->mean < 100))
        return tn_error(ctx, &d->deviation, NULL, "the deviation is too far from the mean");
    return TN_OK;
}

void tn_sampler_init(struct tn_sampler *sampler, const struct tn_distribution *d)
{
    *sampler = (struct tn_sampler){d->law, 0, 0, d->law == TN_LAW_NONE ? 0 : d->share};
    if (d->law != TN_LAW_NONE)
        laws[d->law].parameters(&sampler->a, &sampler->b, d->mean, d->deviation);
}

double tn_sampler_draw(const struct tn_sampler *sampler, const gsl_rng *rng)
{
    if (sampler->share <= 0 || (sampler->share < 1 && gsl_rng_uniform(rng) >= sampler->share))
        return 0;
    return laws[sampler->law].draw(rng, sampler->a, sampler->b);
}

double tn_distribution_mean(const struct tn_distribution *d)
{
    if (d->law == TN_LAW_NONE)
        return 0;
    double mean = d->mean;
    if (d->law == TN_LAW_NORMAL) {
        const double z = d->mean / d->deviation;
        mean = d->mean * gsl_cdf_ugaussian_P(z) + d->deviation * gsl_ran_ugaussian_pdf(z);
    }
    return d->share * mean;
}
