/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "uncertainty.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

const char *tn_uncertainty_name(int index)
{
    static const char *const names[] = {"uniform", "log-uniform", "normal", "triangular", "log-normal"};
    return index >= 0 && index < TN_TABLE ? names[index] : NULL;
}

const char *tn_uncertainty_fault(const struct tn_uncertainty *d)
{
    const bool bounded = !isnan(d->from) && !isnan(d->to);
    if (d->kind == TN_TABLE)
        return d->count == 0 ? "the table is empty" : NULL;
    if (bounded && !(d->from < d->to))
        return "'from' must be less than 'to'";
    switch (d->kind) {
    case TN_LOG_UNIFORM:
        if (bounded && !(d->from > 0))
            return "a logarithmic range must be above zero";
        break;
    case TN_NORMAL:
        return !(d->deviation > 0) ? "'deviation' must be more than zero" : NULL;
    case TN_TRIANGULAR:
        if (bounded && !(d->mode >= d->from && d->mode <= d->to))
            return "'mode' must lie between 'from' and 'to'";
        break;
    case TN_LOG_NORMAL:
        if (!(d->median > 0))
            return "'median' must be more than zero";
        return !(d->factor > 1) ? "'factor' must be more than one" : NULL;
    default:
        break;
    }
    return bounded ? NULL : "'from' and 'to' are needed";
}

/* A distribution of GSL's cut at from and to: what is left shares the whole. */
static double cut(double (*below)(double, const struct tn_uncertainty *),
                  double (*inverse)(double, const struct tn_uncertainty *), const struct tn_uncertainty *d, double unit)
{
    const double low = isnan(d->from) ? 0 : below(d->from, d), high = isnan(d->to) ? 1 : below(d->to, d);
    double value = inverse(low + unit * (high - low), d);
    if (value < d->from)
        value = d->from;
    return value > d->to ? d->to : value;
}

static double normal_below(double value, const struct tn_uncertainty *d)
{
    return gsl_cdf_gaussian_P(value - d->mean, d->deviation);
}

static double normal_inverse(double unit, const struct tn_uncertainty *d)
{
    return d->mean + gsl_cdf_gaussian_Pinv(unit, d->deviation);
}

static double log_normal_below(double value, const struct tn_uncertainty *d)
{
    return value > 0 ? gsl_cdf_lognormal_P(value, log(d->median), log(d->factor)) : 0;
}

static double log_normal_inverse(double unit, const struct tn_uncertainty *d)
{
    return unit <= 0 ? 0 : d->median * exp(gsl_cdf_ugaussian_Pinv(unit) * log(d->factor));
}

static double triangular(const struct tn_uncertainty *d, double unit)
{
    const double width = d->to - d->from, rise = (d->mode - d->from) / width;
    return unit < rise ? d->from + sqrt(unit * width * (d->mode - d->from))
                       : d->to - sqrt((1 - unit) * width * (d->to - d->mode));
}

size_t tn_uncertainty_pick(const struct tn_uncertainty *d, double unit)
{
    size_t low = 0, high = d->count - 1; /* the first whose cumulative weight is above */
    if (d->weights == NULL) {
        const size_t at = (size_t)(unit * (double)d->count);
        return at < high ? at : high;
    }
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (d->weights[middle] > unit * d->weights[d->count - 1])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double tn_uncertainty_quantile(const struct tn_uncertainty *d, double unit)
{
    switch (d->kind) {
    case TN_LOG_UNIFORM:
        return d->from * pow(d->to / d->from, unit);
    case TN_NORMAL:
        return cut(normal_below, normal_inverse, d, unit);
    case TN_TRIANGULAR:
        return triangular(d, unit);
    case TN_LOG_NORMAL:
        return cut(log_normal_below, log_normal_inverse, d, unit);
    case TN_TABLE:
        return d->values[tn_uncertainty_pick(d, unit)];
    default:
        return d->from + unit * (d->to - d->from);
    }
}

bool tn_uncertainty_is_open(const struct tn_uncertainty *d)
{
    return (d->kind == TN_NORMAL || d->kind == TN_LOG_NORMAL) && (isnan(d->from) || isnan(d->to));
}
