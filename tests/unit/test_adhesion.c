/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include "adhesion.h"

#define KMH (1 / 3.6)

static struct tn_arena arena;

static int clear(void **state)
{
    (void)state;
    tn_arena_clear(&arena);
    return 0;
}

static const struct tn_adhesion_law *law_of(const char *name)
{
    int index = tn_choice_find(tn_adhesion_law_name, name);
    assert_true(index >= 0);
    return &tn_adhesion_laws[index];
}

static double mu(const char *name, double v_kmh)
{
    return tn_adhesion_at(law_of(name), v_kmh * KMH, 1);
}

/* Three decimals of the reference table. */
static void tabulated(void **state)
{
    (void)state;
    static const double row[][4] = {{0, 0.360, 0.327, 0.331},
                                    {20, 0.286, 0.260, 0.278},
                                    {40, 0.269, 0.255, 0.250},
                                    {60, 0.261, 0.253, 0.233},
                                    {80, 0.256, 0.252, 0.221}};
    for (size_t i = 0; i < 5; i++) {
        assert_near_abs(mu("electric-dc", row[i][0]), row[i][1], 0.00051);
        assert_near_abs(mu("diesel-dc", row[i][0]), row[i][2], 0.00051);
        assert_near_abs(mu("curtius-kniffler", row[i][0]), row[i][3], 0.0006);
    }
    assert_near_abs(mu("electric-dc", 0) * 184 * 9.81, 649.8, 0.1); /* starting effort of SS4, kN */
    assert_near_abs(mu("6k", 0), 0.189 + 8.86 / 44, 1e-15);
    assert_near_abs(mu("8g", 50), 0.28 + 4.0 / 350 - 0.03, 1e-15);
    assert_near_abs(mu("nd5", 40), 0.242 + 72.0 / 1240, 1e-15);
    assert_near_abs(mu("braking-dry", 60), 0.0624 + 45.6 / 320, 1e-15);
    assert_near_abs(mu("braking-wet", 60), 0.0405 + 13.55 / 180, 1e-15);
    assert_true(isinf(mu("curve", 60)));
}

static void polach(void **state)
{
    (void)state;
    /* Falls with speed, stays below mu_0, wet below dry. */
    for (double v = 1; v < 120; v += 1) {
        assert_true(mu("polach-dry", v) < mu("polach-dry", v - 1));
        assert_true(mu("polach-wet", v) < mu("polach-wet", v - 1));
        assert_true(mu("polach-wet", v) < mu("polach-dry", v));
    }
    assert_true(mu("polach-dry", 0) < 0.55 && mu("polach-dry", 0) > 0.4);
    assert_true(mu("polach-wet", 0) < 0.30 && mu("polach-wet", 0) > 0.2);
}

static void curve_equals_law(void **state)
{
    (void)state;
    for (int i = 1; tn_adhesion_law_name(i) != NULL; i++) {
        struct tn_curve curve;
        assert_int_equal(tn_adhesion_curve(&curve, &tn_adhesion_laws[i], 0.8, 1e6, 35, &arena), TN_OK);
        for (double v = 0; v <= 35; v += 0.0917)
            assert_near_rel(tn_curve_at(&curve, v), 1e6 * tn_adhesion_at(&tn_adhesion_laws[i], v, 0.8), 2e-10);
        assert_true(curve.count < 300);
    }
}

static void in_curves(void **state)
{
    (void)state;
    assert_near_abs(tn_adhesion_curve_factor(true, INFINITY), 1, 0);
    assert_near_abs(tn_adhesion_curve_factor(true, 300), 0.835, 1e-12);
    assert_near_abs(tn_adhesion_curve_factor(false, 300), 0.9115, 1e-12);
    assert_near_abs(tn_adhesion_curve_factor(false, 580), 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tabulated),
        cmocka_unit_test(polach),
        cmocka_unit_test_teardown(curve_equals_law, clear),
        cmocka_unit_test(in_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
