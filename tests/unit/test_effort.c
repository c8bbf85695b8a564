/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include "effort.h"

#define KMH (1 / 3.6)

static struct tn_arena arena;

static int clear(void **state)
{
    (void)state;
    tn_arena_clear(&arena);
    return 0;
}

/* HXD1C of 25 t at some of its rows. */
static struct tn_effort_point rows[] = {{0, 570e3, 0},
                                        {5 * KMH, 570e3, 400e3},
                                        {40 * KMH, 470.8e3, 400e3},
                                        {64.8 * KMH, 400.6e3, 400e3},
                                        {65 * KMH, 400e3, 398.8e3},
                                        {80 * KMH, 324e3, 324e3},
                                        {120 * KMH, 216e3, 216e3}};
static const struct tn_list table = {rows, sizeof rows / sizeof *rows};

static struct tn_curve traction(void)
{
    struct tn_curve curve;
    assert_int_equal(tn_curve_from_table(&curve, &table, 0, 65 * KMH, 120 * KMH, &arena), TN_OK);
    return curve;
}

static void table_is_met(void **state)
{
    (void)state;
    struct tn_curve curve = traction(), brake;
    assert_int_equal(tn_curve_from_table(&brake, &table, 1, INFINITY, 120 * KMH, &arena), TN_OK);
    for (size_t i = 0; i < table.count; i++) {
        assert_near_rel(tn_curve_at(&curve, rows[i].speed), rows[i].traction, 1e-13);
        assert_near_abs(tn_curve_at(&brake, rows[i].speed), rows[i].dynamic_brake, 1e-7);
    }
    assert_near_rel(tn_curve_at(&curve, 22.5 * KMH), 520.4e3, 1e-13); /* linear in force */
    assert_near_rel(tn_curve_at(&curve, 72.5 * KMH), 25960.0 / 72.5 * 1e3, 1e-13);
    assert_near_rel(tn_curve_at(&brake, 100 * KMH), 270e3, 1e-13); /* no power branch here: a chord */
    assert_true(tn_curve_at(&curve, 121 * KMH) == 0);
}

static void table_ends(void **state)
{
    (void)state;
    struct tn_effort_point late[] = {{10, 100, 0}, {20, 50, 0}};
    struct tn_curve curve;
    assert_int_equal(tn_curve_from_table(&curve, &(struct tn_list){late, 2}, 0, 10, 40, &arena), TN_OK);
    assert_near_abs(tn_curve_at(&curve, 3), 100, 0);
    assert_near_rel(tn_curve_at(&curve, 40), 25.0, 1e-14); /* the power of the last row holds on */
}

static void pieces_are_found(void **state)
{
    (void)state;
    struct tn_curve curve = traction();
    size_t at = tn_curve_piece(&curve, 40 * KMH, 1);
    assert_true(curve.pieces[at].from_m_s == 40 * KMH);
    assert_int_equal(tn_curve_piece(&curve, 40 * KMH, -1), at - 1);
    assert_int_equal(tn_curve_piece(&curve, 0, -1), 0);
    assert_int_equal(tn_curve_piece(&curve, 1000, 1), curve.count - 1);
}

static double hyperbola(double v, const void *payload)
{
    const double *pole = payload;
    return 1e6 / (v + *pole);
}

static struct tn_curve one_piece(struct tn_effort_piece piece, double end)
{
    struct tn_effort_piece *pieces = tn_arena_alloc(&arena, 1, sizeof *pieces);
    *pieces = piece;
    return (struct tn_curve){pieces, 1, end};
}

static void sum_of_two_poles(void **state)
{
    (void)state;
    struct tn_curve curve = traction(), sum;
    struct tn_curve other = one_piece((struct tn_effort_piece){.c0 = 1e5, .c1 = -100, .p = 2e6, .q = 12.5}, 50);
    assert_int_equal(tn_curve_sum(&sum, &curve, 2, &other, -0.5, &arena), TN_OK);
    assert_near_abs(sum.end_m_s, 50, 0);
    for (double v = 0; v < 50; v += 0.0371)
        assert_near_abs(tn_curve_at(&sum, v), 2 * tn_curve_at(&curve, v) - 0.5 * tn_curve_at(&other, v), 1e-10 * 1e6);
    assert_true(sum.count < 200);
}

static void sum_is_exact_with_one_pole(void **state)
{
    (void)state;
    struct tn_curve curve = traction(), sum;
    struct tn_curve other = one_piece((struct tn_effort_piece){.c0 = 10, .c1 = 3, .c2 = 0.5}, 120 * KMH);
    assert_int_equal(tn_curve_sum(&sum, &curve, 1, &other, 1, &arena), TN_OK);
    assert_int_equal(sum.count, curve.count);
    assert_near_rel(tn_curve_at(&sum, 20), tn_curve_at(&curve, 20) + 10 + 60 + 200, 1e-15);
}

static void min_cuts_at_crossings(void **state)
{
    (void)state;
    /* 1998 electric adhesion on 150 t against the maker's curve: the law is below it up to about 77 km/h. */
    struct tn_curve curve = traction(), min;
    const double weight = 150e3 * 9.81;
    struct tn_curve cap =
        one_piece((struct tn_effort_piece){.c0 = 0.24 * weight, .p = 1.5 * weight / 3.6, .q = 12.5 / 3.6}, 120 * KMH);
    assert_int_equal(tn_curve_min(&min, &curve, &cap, &arena), TN_OK);
    for (double v = 0; v < 33.3; v += 0.0171)
        assert_near_rel(tn_curve_at(&min, v), fmin(tn_curve_at(&curve, v), tn_curve_at(&cap, v)), 1e-12);
    struct tn_curve parabola = one_piece((struct tn_effort_piece){.c0 = 24, .c1 = -10, .c2 = 1}, 10);
    struct tn_curve zero = one_piece((struct tn_effort_piece){.c0 = 0}, 10);
    assert_int_equal(tn_curve_min(&min, &parabola, &zero, &arena), TN_OK); /* negative between 4 and 6 */
    assert_int_equal(min.count, 3);
    assert_near_rel(min.pieces[1].from_m_s, 4.0, 1e-14);
    assert_near_rel(min.pieces[2].from_m_s, 6.0, 1e-14);
}

static double kinked(double v, const void *payload)
{
    (void)payload;
    return fabs(v - 7.123) * (v - 7.123) + 100 * exp(-v / 5);
}

static double bent(double v, const void *payload)
{
    (void)payload;
    return v < 20 ? 500 - v * v / 4 : 8000 / v;
}

static void function_is_met(void **state)
{
    (void)state;
    struct tn_curve curve;
    const double pole = 3.75;
    assert_int_equal(tn_curve_from_function(&curve, hyperbola, &pole, 40, &arena), TN_OK);
    for (double v = 0; v <= 40; v += 0.00917)
        assert_near_rel(tn_curve_at(&curve, v), hyperbola(v, &pole), 1e-10);
    assert_true(curve.count < 200);
    assert_int_equal(tn_curve_from_function(&curve, kinked, NULL, 40, &arena), TN_OK);
    for (double v = 0; v <= 40; v += 0.00917)
        assert_near_abs(tn_curve_at(&curve, v), kinked(v, NULL), 1e-10 * fmax(1.2, kinked(v, NULL)));
    assert_int_equal(tn_curve_from_function(&curve, bent, NULL, 40, &arena), TN_OK);
    for (double v = 0; v <= 40; v += 0.00917)
        assert_near_abs(tn_curve_at(&curve, v), bent(v, NULL), 1e-7);
    assert_true(curve.count < 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(table_is_met, clear),
        cmocka_unit_test_teardown(table_ends, clear),
        cmocka_unit_test_teardown(pieces_are_found, clear),
        cmocka_unit_test_teardown(sum_of_two_poles, clear),
        cmocka_unit_test_teardown(sum_is_exact_with_one_pole, clear),
        cmocka_unit_test_teardown(min_cuts_at_crossings, clear),
        cmocka_unit_test_teardown(function_is_met, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
