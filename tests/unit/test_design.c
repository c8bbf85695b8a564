/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include <stdlib.h>
#include <string.h>

#include "design.h"
#include "sensitivity.h"
#include "sobol.h"
#include "uncertainty.h"

#define PI 3.14159265358979323846

/* The first points of scipy.stats.qmc.Sobol(8, scramble=False), in sixteenths. */
static void sobol_points_are_exact(void **state)
{
    (void)state;
    static const double expected[16][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0},      {8, 8, 8, 8, 8, 8, 8, 8},     {12, 4, 4, 4, 12, 12, 4, 12},
        {4, 12, 12, 12, 4, 4, 12, 4},  {6, 6, 10, 14, 6, 2, 6, 14},  {14, 14, 2, 6, 14, 10, 14, 6},
        {10, 2, 14, 10, 10, 14, 2, 2}, {2, 10, 6, 2, 2, 6, 10, 10},  {3, 5, 15, 7, 9, 5, 7, 15},
        {11, 13, 7, 15, 1, 13, 15, 7}, {15, 1, 11, 3, 5, 9, 3, 3},   {7, 9, 3, 11, 13, 1, 11, 11},
        {5, 3, 5, 9, 15, 7, 1, 1},     {13, 11, 13, 1, 7, 15, 9, 9}, {9, 7, 1, 13, 3, 11, 5, 13},
        {1, 15, 9, 5, 11, 3, 13, 5},
    };
    gsl_qrng *generator = gsl_qrng_alloc(&tn_sobol_type, 8);
    double point[8];
    for (int i = 0; i < 16; i++) {
        assert_int_equal(gsl_qrng_get(generator, point), 0);
        for (int j = 0; j < 8; j++)
            assert_true(point[j] == expected[i][j] / 16);
    }
    gsl_qrng_free(generator);
}

/* In every dimension the first 2^10 points fall one into each of 2^10 slices, zero included. */
static void sobol_points_are_a_net(void **state)
{
    (void)state;
    enum { POINTS = 1024 };
    static int hits[TN_SOBOL_DIMENSIONS][POINTS];
    gsl_qrng *generator = gsl_qrng_alloc(&tn_sobol_type, TN_SOBOL_DIMENSIONS);
    double point[TN_SOBOL_DIMENSIONS];
    for (int i = 0; i < POINTS; i++) {
        (void)gsl_qrng_get(generator, point);
        for (int j = 0; j < TN_SOBOL_DIMENSIONS; j++)
            hits[j][(int)(point[j] * POINTS)]++;
    }
    for (int j = 0; j < TN_SOBOL_DIMENSIONS; j++)
        for (int i = 0; i < POINTS; i++)
            assert_int_equal(hits[j][i], 1);
    gsl_qrng_free(generator);
}

static void sobol_points_are_found_by_number(void **state)
{
    (void)state;
    gsl_qrng *walk = gsl_qrng_alloc(&tn_sobol_type, 5), *jump = gsl_qrng_alloc(&tn_sobol_type, 5);
    double a[5], b[5];
    for (uint32_t i = 0; i < 3000; i++) {
        (void)gsl_qrng_get(walk, a);
        if (i % 7 == 0)
            tn_sobol_seek(jump, i);
        (void)gsl_qrng_get(jump, b);
        assert_memory_equal(a, b, sizeof a);
    }
    tn_sobol_seek(jump, UINT32_MAX);
    assert_int_equal(gsl_qrng_get(jump, b), 0);
    assert_int_not_equal(gsl_qrng_get(jump, b), 0);
    gsl_qrng_free(walk);
    gsl_qrng_free(jump);
}

static struct tn_design *design_of(int kind, int samples, size_t axes, bool shift)
{
    struct tn_design *design;
    const struct tn_design_spec spec = {.kind = kind, .samples = samples, .seed = 3, .shift = shift};
    assert_null(tn_design_fault(&spec, axes));
    assert_int_equal(tn_design_create(&design, &spec, axes, 2), TN_OK);
    return design;
}

/* Rows do not depend on who asks and when. */
static void rows_come_in_any_order(void **state)
{
    (void)state;
    for (int kind = TN_DESIGN_RANDOM; kind <= TN_DESIGN_SALTELLI; kind++)
        for (int shift = 0; shift < 2; shift++) {
            const bool move = shift && kind >= TN_DESIGN_HALTON;
            struct tn_design *rising = design_of(kind, 100, 3, move), *any = design_of(kind, 100, 3, move);
            const struct tn_design_spec spec = {.kind = kind, .samples = 100};
            const size_t rows = tn_design_rows(&spec, 3);
            assert_int_equal(rows, kind == TN_DESIGN_SALTELLI ? 500 : 100);
            for (size_t i = 0; i < rows; i++) {
                double a[3], b[3], again[3];
                tn_design_row(a, rising, i, 0);
                tn_design_row(b, any, (i * 37) % rows, (int)(i % 2));
                tn_design_row(again, any, i, 1);
                assert_memory_equal(a, again, sizeof a);
                for (int j = 0; j < 3; j++)
                    assert_true(a[j] >= 0 && a[j] < 1 && b[j] >= 0 && b[j] < 1);
            }
            tn_design_destroy(rising);
            tn_design_destroy(any);
        }
}

static void latin_hypercube_takes_each_slice_once(void **state)
{
    (void)state;
    enum { SAMPLES = 257 };
    struct tn_design *design = design_of(TN_DESIGN_LATIN, SAMPLES, 4, false);
    int hits[4][SAMPLES] = {{0}}, diagonal = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        double row[4];
        tn_design_row(row, design, i, 0);
        for (int j = 0; j < 4; j++)
            hits[j][(int)(row[j] * SAMPLES)]++;
        diagonal += (int)(row[0] * SAMPLES) == (int)(row[1] * SAMPLES);
    }
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < SAMPLES; i++)
            assert_int_equal(hits[j][i], 1);
    assert_true(diagonal < 10); /* axes are shuffled apart */
    tn_design_destroy(design);
}

/* Halton, "On the efficiency of certain quasi-random sequences" (1960): radical inverses to bases 2, 3, 5. */
static void halton_points_are_gsl_s(void **state)
{
    (void)state;
    static const double expected[3][3] = {{1 / 2., 1 / 3., 1 / 5.}, {1 / 4., 2 / 3., 2 / 5.}, {3 / 4., 1 / 9., 3 / 5.}};
    struct tn_design *design = design_of(TN_DESIGN_HALTON, 10, 3, false);
    for (size_t i = 0; i < 3; i++) {
        double row[3];
        tn_design_row(row, design, i, 0);
        for (int j = 0; j < 3; j++)
            assert_near_abs(row[j], expected[i][j], 1e-15);
    }
    tn_design_destroy(design);
}

static double ishigami(const double *unit)
{
    const double x = PI * (2 * unit[0] - 1), y = PI * (2 * unit[1] - 1), z = PI * (2 * unit[2] - 1);
    return sin(x) + 7 * sin(y) * sin(y) + 0.1 * z * z * z * z * sin(x);
}

static double g_function(const double *unit)
{
    static const double a[] = {0, 1, 4.5, 9, 99, 99, 99, 99};
    double product = 1;
    for (int i = 0; i < 8; i++)
        product *= (fabs(4 * unit[i] - 2) + a[i]) / (1 + a[i]);
    return product;
}

static void check_indices(double (*function)(const double *), size_t inputs, double mean, double variance,
                          const double *first, const double *total)
{
    enum { SAMPLES = 1 << 14 };
    const size_t rows = SAMPLES * (inputs + 2);
    double *values = calloc(rows, sizeof *values);
    struct tn_design *design = design_of(TN_DESIGN_SALTELLI, SAMPLES, inputs, false);
    for (size_t i = 0; i < rows; i++) {
        double unit[8];
        tn_design_row(unit, design, i, 0);
        values[i] = function(unit);
    }
    struct tn_sensitivity found;
    struct tn_sensitivity_index indices[8];
    const struct tn_sensitivity_options options = {.resamples = 100, .confidence = 0.95, .seed = 1};
    assert_int_equal(tn_sensitivity_find(&found, indices, values, SAMPLES, inputs, &options), TN_OK);
    assert_int_equal(found.samples, SAMPLES);
    assert_near_rel(found.mean, mean, 1e-3);
    assert_near_rel(found.variance, variance, 1e-2);
    for (size_t j = 0; j < inputs; j++) {
        assert_near_abs(indices[j].first, first[j], 0.01);
        assert_near_abs(indices[j].total, total[j], 0.01);
        assert_true(indices[j].first_low <= indices[j].first && indices[j].first <= indices[j].first_high);
        assert_true(indices[j].total_low <= indices[j].total && indices[j].total <= indices[j].total_high);
        assert_true(indices[j].first_low < first[j] + 0.01 && first[j] - 0.01 < indices[j].first_high);
        assert_true(indices[j].first_high - indices[j].first_low < 0.06);
    }
    tn_design_destroy(design);
    free(values);
}

/* Closed forms: Ishigami and Homma (1990) with a = 7, b = 0.1; Sobol's g-function. */
static void indices_of_known_functions(void **state)
{
    (void)state;
    static const double ishigami_first[] = {0.31390519114781146, 0.4424111447900409, 0};
    static const double ishigami_total[] = {0.5575888552099592, 0.4424111447900409, 0.2436836640621477};
    static const double g_first[] = {0.7161921688790331,    0.17904804221975829,   0.02367577417781928,
                                     0.007161921688790333,  7.161921688790333e-05, 7.161921688790333e-05,
                                     7.161921688790333e-05, 7.161921688790333e-05};
    static const double g_total[] = {0.7871441266592748,     0.2421981928182384,     0.03431691015408282,
                                     0.010460387065239534,   0.00010494905191950602, 0.00010494905191950602,
                                     0.00010494905191950602, 0.00010494905191950602};
    check_indices(ishigami, 3, 3.5, 13.844587940719254, ishigami_first, ishigami_total);
    check_indices(g_function, 8, 1, 0.4654244319022067, g_first, g_total);
}

/* A sample with a failed row is left out whole; a constant has no indices. */
static void failed_points_are_left_out(void **state)
{
    (void)state;
    double values[64][4];
    struct tn_sensitivity found;
    struct tn_sensitivity_index indices[2], clean[2];
    const struct tn_sensitivity_options options = {.resamples = 0};
    struct tn_design *design = design_of(TN_DESIGN_SALTELLI, 64, 2, false);
    for (size_t i = 0; i < 64; i++)
        for (size_t k = 0; k < 4; k++) {
            double unit[2];
            tn_design_row(unit, design, 4 * i + k, 0);
            values[i][k] = 3 * unit[0] + unit[1];
        }
    assert_int_equal(tn_sensitivity_find(&found, clean, values[0], 63, 2, &options), TN_OK);
    values[63][2] = (double)NAN;
    assert_int_equal(tn_sensitivity_find(&found, indices, values[0], 64, 2, &options), TN_OK);
    assert_int_equal(found.samples, 63);
    assert_true(indices[0].first == clean[0].first && indices[1].total == clean[1].total);
    assert_true(isnan(indices[0].first_low));
    assert_near_abs(indices[0].first, 0.9, 0.1);
    for (size_t i = 0; i < 64; i++)
        for (size_t k = 0; k < 4; k++)
            values[i][k] = 0.1;
    assert_int_equal(tn_sensitivity_find(&found, indices, values[0], 64, 2, &options), TN_OK);
    assert_true(isnan(indices[0].first) && isnan(indices[1].total));
    tn_design_destroy(design);
}

static void distributions_have_their_quantiles(void **state)
{
    (void)state;
    struct tn_uncertainty d = {.kind = TN_UNIFORM, .from = 2, .to = 6};
    assert_near_abs(tn_uncertainty_quantile(&d, 0), 2, 0);
    assert_near_abs(tn_uncertainty_quantile(&d, 0.25), 3, 1e-15);
    d.kind = TN_LOG_UNIFORM;
    assert_near_rel(tn_uncertainty_quantile(&d, 0.5), sqrt(12), 1e-15);
    d.kind = TN_TRIANGULAR, d.mode = 3;
    assert_near_rel(tn_uncertainty_quantile(&d, 0.25), 3, 1e-15); /* (mode - from) / width of it lies below */
    assert_near_rel(tn_uncertainty_quantile(&d, 1), 6, 1e-15);
    assert_near_rel(tn_uncertainty_quantile(&d, 0.04), 2.4, 1e-15);
    d = (struct tn_uncertainty){.kind = TN_NORMAL, .from = NAN, .to = NAN, .mean = 10, .deviation = 2};
    assert_true(tn_uncertainty_is_open(&d));
    assert_near_rel(tn_uncertainty_quantile(&d, 0.975), 10 + 2 * 1.959963984540054, 1e-12);
    d.from = 8, d.to = 12; /* one deviation each way: symmetrical, and never outside */
    assert_near_rel(tn_uncertainty_quantile(&d, 0.5), 10, 1e-12);
    assert_near_rel(tn_uncertainty_quantile(&d, 0), 8, 1e-12);
    assert_near_rel(tn_uncertainty_quantile(&d, 1), 12, 1e-12);
    assert_false(tn_uncertainty_is_open(&d));
    d = (struct tn_uncertainty){.kind = TN_LOG_NORMAL, .from = NAN, .to = NAN, .median = 5, .factor = 1.5};
    assert_near_rel(tn_uncertainty_quantile(&d, 0.5), 5, 1e-12);
    assert_near_rel(tn_uncertainty_quantile(&d, 0.8413447460685429), 7.5, 1e-12); /* one deviation up */
    const double values[] = {1, 4, 9}, weights[] = {1, 1, 4};
    d = (struct tn_uncertainty){.kind = TN_TABLE, .values = values, .weights = weights, .count = 3};
    assert_near_abs(tn_uncertainty_quantile(&d, 0.24), 1, 0);
    assert_near_abs(tn_uncertainty_quantile(&d, 0.26), 9, 0); /* the second weighs nothing */
    assert_near_abs(tn_uncertainty_quantile(&d, 1), 9, 0);
    d.weights = NULL;
    assert_near_abs(tn_uncertainty_quantile(&d, 0.34), 4, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sobol_points_are_exact),
        cmocka_unit_test(sobol_points_are_a_net),
        cmocka_unit_test(sobol_points_are_found_by_number),
        cmocka_unit_test(rows_come_in_any_order),
        cmocka_unit_test(latin_hypercube_takes_each_slice_once),
        cmocka_unit_test(halton_points_are_gsl_s),
        cmocka_unit_test(indices_of_known_functions),
        cmocka_unit_test(failed_points_are_left_out),
        cmocka_unit_test(distributions_have_their_quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
