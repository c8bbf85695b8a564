/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "random.h"

/* The known answers that Random123 is shipped with (kat_vectors, philox4x64 10). */
static void test_known_answers(void **state)
{
    (void)state;
    static const uint64_t zeros[] = {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b};
    static const uint64_t pi[] = {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6};
    struct tn_random random;
    tn_random_init(&random, 0, 0, 0, 0, 0);
    for (int i = 0; i < 4; i++)
        assert_true(tn_random_bits(&random) == zeros[i]);
    random =
        (struct tn_random){.key = {0x452821e638d01377, 0xbe5466cf34e90c6c},
                           .counter = {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}};
    for (int i = 0; i < 4; i++)
        assert_true(tn_random_bits(&random) == pi[i]);
}

static uint64_t first(uint64_t seed, uint32_t purpose, uint64_t point, uint32_t replicate, uint32_t entity)
{
    struct tn_random random;
    tn_random_init(&random, seed, purpose, point, replicate, entity);
    return tn_random_bits(&random);
}

/* Each part of the name of a stream counts, and none can stand for another. */
static void test_names(void **state)
{
    (void)state;
    const uint64_t numbers[] = {first(0, 0, 0, 0, 0), first(1, 0, 0, 0, 0), first(0, 1, 0, 0, 0),
                                first(0, 0, 1, 0, 0), first(0, 0, 0, 1, 0), first(0, 0, 0, 0, 1)};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            assert_true(numbers[i] != numbers[j]);
    struct tn_random random, branch;
    tn_random_init(&random, 7, TN_RANDOM_DELAY, 3, 2, 1);
    (void)tn_random_bits(&random);
    branch = random;
    for (int i = 0; i < 9; i++)
        assert_true(tn_random_bits(&random) == tn_random_bits(&branch));
}

static void test_unit(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    struct tn_random random;
    tn_random_init(&random, 1, TN_RANDOM_DESIGN, 0, 0, 0);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double unit = tn_random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
        squares += (unit - 0.5) * (unit - 0.5);
    }
    assert_true(fabs(sum / DRAWS - 0.5) < 5 / sqrt(12.0 * DRAWS));
    assert_true(fabs(squares / DRAWS - 1.0 / 12) < 5 / sqrt(180.0 * DRAWS));
}

/* Chi-square of 7 boxes, and a count just above half of all numbers, where a plain remainder would favour some by 2. */
static void test_below(void **state)
{
    (void)state;
    enum { DRAWS = 70000 };
    struct tn_random random;
    tn_random_init(&random, 1, TN_RANDOM_DESIGN, 0, 0, 1);
    int boxes[7] = {0}, low = 0;
    for (int i = 0; i < DRAWS; i++)
        boxes[tn_random_below(&random, 7)]++;
    double chi2 = 0;
    for (int i = 0; i < 7; i++)
        chi2 += (boxes[i] - DRAWS / 7.0) * (boxes[i] - DRAWS / 7.0) / (DRAWS / 7.0);
    assert_true(chi2 < 30); /* 1e-5 of the way beyond 6 degrees of freedom */
    const uint64_t odd = 0xc000000000000000u;
    for (int i = 0; i < 10000; i++) {
        const uint64_t value = tn_random_below(&random, odd);
        assert_true(value < odd);
        low += value < odd / 3;
    }
    assert_true(abs(low - 3333) < 5 * 47);
    assert_true(tn_random_below(&random, 1) == 0);
}

static void test_gsl(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    struct tn_random random, same;
    tn_random_init(&random, 5, TN_RANDOM_DELAY, 0, 0, 0);
    same = random;
    const gsl_rng view = tn_random_gsl(&random);
    assert_true(gsl_rng_uniform(&view) == tn_random_unit(&same));
    assert_true(gsl_rng_get(&view) == tn_random_bits(&same) >> 32);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double value = gsl_ran_gaussian_ziggurat(&view, 2);
        sum += value;
        squares += value * value;
    }
    assert_true(fabs(sum / DRAWS) < 5 * 2 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 4) < 5 * 4 * sqrt(2.0 / DRAWS));
    gsl_rng *own = gsl_rng_alloc(&tn_random_gsl_type);
    assert_non_null(own);
    gsl_rng_set(own, 5);
    assert_true(gsl_rng_get(own) == first(5, 0, 0, 0, 0) >> 32);
    gsl_rng_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_answers), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_unit), cmocka_unit_test(test_below),
                                       cmocka_unit_test(test_gsl)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
