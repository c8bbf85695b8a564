/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "distribution.h"
#include "near.h"
#include "random.h"

enum { DRAWS = 200000 };

/* Mean and deviation of the draws are those that were said. */
static void moments(void **state)
{
    (void)state;
    static double draws[DRAWS];
    const struct tn_distribution said[] = {
        {TN_LAW_CONSTANT, 600, NAN, 1},    {TN_LAW_UNIFORM, 600, NAN, 1}, {TN_LAW_UNIFORM, 600, 100, 1},
        {TN_LAW_EXPONENTIAL, 600, NAN, 1}, {TN_LAW_NORMAL, 600, 100, 1},  {TN_LAW_LOG_NORMAL, 600, 900, 1},
        {TN_LAW_GAMMA, 600, 300, 1},       {TN_LAW_GAMMA, 600, 900, 1},   {TN_LAW_WEIBULL, 600, 300, 1},
        {TN_LAW_WEIBULL, 600, 900, 1},
    };
    const double own[] = {0, 1200 / sqrt(12), 100, 600, 100, 900, 300, 900, 300, 900};
    for (size_t k = 0; k < sizeof said / sizeof *said; k++) {
        struct tn_random random;
        struct tn_sampler sampler;
        tn_random_init(&random, 1, TN_RANDOM_DELAY, k, 0, 0);
        const gsl_rng rng = tn_random_gsl(&random);
        assert_int_equal(tn_distribution_check(&said[k], NULL), TN_OK);
        tn_sampler_init(&sampler, &said[k]);
        for (int i = 0; i < DRAWS; i++) {
            draws[i] = tn_sampler_draw(&sampler, &rng);
            assert_true(draws[i] >= 0);
        }
        const double mean = gsl_stats_mean(draws, 1, DRAWS), deviation = gsl_stats_sd(draws, 1, DRAWS);
        assert_near_abs(mean, 600, 5 * own[k] / sqrt(DRAWS) + 1e-9);
        assert_near_rel(deviation + 1, own[k] + 1, 0.03);
        assert_near_rel(tn_distribution_mean(&said[k]), 600, 1e-6);
    }
}

/* A share of the draws; a normal law cut at zero. */
static void shares(void **state)
{
    (void)state;
    const struct tn_distribution said[] = {{TN_LAW_EXPONENTIAL, 600, NAN, 0.25}, {TN_LAW_NORMAL, 100, 100, 1}};
    for (int k = 0; k < 2; k++) {
        struct tn_random random;
        struct tn_sampler sampler;
        double sum = 0;
        int zeros = 0;
        tn_random_init(&random, 2, TN_RANDOM_DELAY, (uint64_t)k, 0, 0);
        const gsl_rng rng = tn_random_gsl(&random);
        tn_sampler_init(&sampler, &said[k]);
        for (int i = 0; i < DRAWS; i++) {
            const double draw = tn_sampler_draw(&sampler, &rng);
            sum += draw;
            zeros += draw == 0;
        }
        assert_near_rel(sum / DRAWS, tn_distribution_mean(&said[k]), 0.02);
        assert_near_abs((double)zeros / DRAWS, k == 0 ? 0.75 : 0.158655, 0.005);
    }
}

static void refusals(void **state)
{
    (void)state;
    const struct tn_distribution bad[] = {{TN_LAW_EXPONENTIAL, NAN, NAN, 1},
                                          {TN_LAW_EXPONENTIAL, 1, 1, 1},
                                          {TN_LAW_GAMMA, 1, NAN, 1},
                                          {TN_LAW_UNIFORM, 1, 1, 1},
                                          {TN_LAW_WEIBULL, 1, 1000, 1}};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct tn_context ctx;
        memset(&ctx, 0, sizeof ctx);
        assert_int_equal(tn_distribution_check(&bad[k], &ctx), TN_ERR_INPUT);
        assert_int_equal(ctx.count, 1);
        tn_context_clear(&ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments), cmocka_unit_test(shares), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
