/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include "shoe.h"

#define KMH (1 / 3.6)

static const struct tn_shoe_law *law_of(const char *name)
{
    int index = tn_choice_find(tn_shoe_law_name, name);
    assert_true(index >= 0);
    return &tn_shoe_laws[index];
}

/* Worked example: 120 valve, cylinder of 356 mm at 350 kPa, lever ratio 9, eight shoes: 35.27 kN a shoe,
 * converted 31.08. */
static void worked_example(void **state)
{
    (void)state;
    struct tn_rigging rigging = {0.356, 1, 8, 9, 0.9};
    double force_N = tn_shoe_force(&rigging, 350e3);
    assert_near_abs(force_N, 35.27e3, 5);
    assert_near_abs(tn_shoe_converted(law_of("medium-phosphorus"), force_N), 31.08e3, 5);
    assert_near_abs(8 * tn_shoe_converted(law_of("medium-phosphorus"), force_N), 248.6e3, 50);
    rigging.cylinders = 2;
    assert_near_rel(tn_shoe_force(&rigging, 175e3), force_N, 1e-14);
}

/* The actual friction at 25 kN (iron, L) and 20 kN (H) a shoe gives the four constants of phi_h, to the digits given.
 */
static void constants_of_converted_friction(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double force_kN, constant;
    } rows[] = {{"medium-phosphorus", 25, 0.3556},
                {"high-phosphorus", 25, 0.3727},
                {"low-friction", 25, 0.2019},
                {"high-friction", 20, 0.3221}};
    for (size_t i = 0; i < 4; i++) {
        const struct tn_shoe_law *law = law_of(rows[i].name);
        double at_rest = tn_shoe_friction(law, 1e3 * rows[i].force_kN, 0, law->v1 * KMH);
        assert_near_abs(at_rest, rows[i].constant, 5.1e-5);
    }
}

/* By hand: L shoe, K 30 kN, 40 km/h after application at 70: 0.25 x 530/680 x 310/550 + 0.0006 x 30. */
static void by_hand(void **state)
{
    (void)state;
    assert_near_rel(tn_shoe_friction(law_of("low-friction"), 30e3, 40 * KMH, 70 * KMH),
                    0.25 * 530 / 680 * 310 / 550 + 0.018, 1e-12);
    assert_near_rel(tn_shoe_friction(law_of("high-phosphorus"), 30e3, 50 * KMH, 70 * KMH),
                    0.82 * 130 / 310 * 950 / 3100 + 0.06, 1e-12);
}

/* The short formula stands for K phi_K / phi_h: the same within 2 % near the force that it was made for, and exactly
   where friction has no part of its own from the speed at application. */
static void conversion(void **state)
{
    (void)state;
    for (int i = 0; tn_shoe_law_name(i) != NULL; i++) {
        const struct tn_shoe_law *law = &tn_shoe_laws[i];
        for (double v = 0; v <= 100; v += 10) {
            double full = tn_shoe_converted_at(law, 25e3, v * KMH, 100 * KMH);
            assert_near_rel(tn_shoe_converted(law, 25e3), full, 0.02);
        }
    }
    const struct tn_shoe_law *high = law_of("high-friction");
    assert_near_rel(tn_shoe_converted(high, 33e3), tn_shoe_converted_at(high, 33e3, 17, 20), 1e-14);
    assert_near_rel(tn_shoe_converted(high, 20e3) / 20e3, 1, 1e-3);
}

static void laws_belong_together(void **state)
{
    (void)state;
    for (int i = 0; tn_shoe_law_name(i) != NULL; i++) {
        int friction = tn_choice_find(tn_friction_law_name, tn_shoe_law_name(i));
        assert_true(friction >= 0);
        assert_ptr_equal(tn_shoe_law_of(&tn_friction_laws[friction]), &tn_shoe_laws[i]);
    }
    assert_null(tn_shoe_law_of(&tn_friction_laws[tn_choice_find(tn_friction_law_name, "disc")]));
    assert_null(tn_shoe_law_name(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(constants_of_converted_friction),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(conversion),
        cmocka_unit_test(laws_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
