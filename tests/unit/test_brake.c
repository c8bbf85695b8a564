/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include "brake.h"

#define KMH (1 / 3.6)

static struct tn_arena arena;

static double phi(const char *name, double v_kmh, double applied_kmh)
{
    int index = tn_choice_find(tn_friction_law_name, name);
    assert_true(index >= 0);
    return tn_friction_at(&tn_friction_laws[index], v_kmh * KMH, applied_kmh * KMH);
}

/* data/brake_china/test_vectors.csv and the worked example with medium-phosphorus shoes. */
static void friction(void **state)
{
    (void)state;
    static const double high[][2] = {{0, 0.32200},  {20, 0.28811}, {40, 0.26600},
                                     {60, 0.25044}, {80, 0.23890}, {100, 0.23000}};
    for (size_t i = 0; i < 6; i++)
        assert_near_abs(phi("high-friction", high[i][0], 80), high[i][1], 5.1e-6);
    assert_near_abs(phi("high-phosphorus", 0, 80), 0.42000, 5.1e-6);
    assert_near_abs(phi("high-phosphorus", 40, 80), 0.16406, 5.1e-6);
    assert_near_abs(phi("high-phosphorus", 80, 80), 0.15884, 5.1e-6);
    assert_near_abs(phi("medium-phosphorus", 80, 80), 0.1342, 5.1e-5);
    assert_near_abs(phi("medium-phosphorus", 40, 80), 0.1526, 5.1e-5);
    assert_near_abs(phi("medium-phosphorus", 0, 80), 0.377, 5.1e-4);
    assert_near_abs(phi("disc", 0, 80), 0.358, 1e-12);
}

static void friction_curve(void **state)
{
    (void)state;
    for (int i = 0; tn_friction_law_name(i) != NULL; i++) {
        struct tn_curve curve;
        assert_int_equal(tn_friction_curve(&curve, &tn_friction_laws[i], 22, 1e6, 40, &arena), TN_OK);
        for (double v = 0; v < 40; v += 0.7)
            assert_near_rel(tn_curve_at(&curve, v), 1e6 * tn_friction_at(&tn_friction_laws[i], v, 22), 1e-13);
    }
    tn_arena_clear(&arena);
}

static void service_coefficient(void **state)
{
    (void)state;
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 500e3, 50e3), 0.19, 1e-12);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 500e3, 140e3), 0.95, 1e-12);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 500e3, 165e3), 0.95, 1e-12);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 500e3, NAN), 0, 0);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 600e3, 75e3), 0.415, 1e-12);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_PASSENGER, 600e3, 170e3), 1, 1e-12);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_PASSENGER, 600e3, 300e3), 1, 1e-12);
    assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 500e3, 49e3), 0, 0);
}

/* The whole table of TB/T 1407, 50 to 170 kPa. */
static void printed_shares(void **state)
{
    (void)state;
    static const double passenger[] = {19, 29, 39, 47, 55, 61, 69, 76, 82, 88, 93, 98, 100};
    static const double freight[] = {17, 28, 37, 46, 53, 60, 67, 73, 78, 83, 88, 93, 96};
    static const double low[] = {19, 32, 42, 52, 60, 68, 75, 83, 89, 95};
    for (int i = 0; i < 13; i++) {
        double r = 50e3 + 10e3 * i;
        assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_PASSENGER, 600e3, r), 0.01 * passenger[i], 1e-12);
        assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 600e3, r), 0.01 * freight[i], 1e-12);
        if (i < 10)
            assert_near_abs(tn_brake_service_coefficient(TN_BRAKE_FREIGHT, 500e3, r), 0.01 * low[i], 1e-12);
    }
}

/* data/brake_china/test_vectors.csv */
static void idle_time(void **state)
{
    (void)state;
    static const double emergency[][3] = {{50, 0, 4.850}, {50, -6, 5.665}, {60, -12, 7.348}, {108, -12, 11.516}};
    static const double service[][4] = {
        {50, 50, 0, 8.000}, {50, 100, 0, 12.400}, {60, 50, -12, 12.290}, {60, 100, -12, 19.597}};
    for (size_t i = 0; i < 4; i++) {
        assert_near_abs(tn_brake_idle_time(TN_BRAKE_FREIGHT, true, (int)emergency[i][0], 0, 1e-3 * emergency[i][1]),
                        emergency[i][2], 5.1e-4);
        assert_near_abs(
            tn_brake_idle_time(TN_BRAKE_FREIGHT, false, (int)service[i][0], 1e3 * service[i][1], 1e-3 * service[i][2]),
            service[i][3], 5.1e-4);
    }
    assert_near_abs(tn_brake_idle_time(TN_BRAKE_FREIGHT, true, 50, 0, 0.010), 4.850, 1e-12); /* climbing */
    assert_near_abs(tn_brake_idle_time(TN_BRAKE_PASSENGER, true, 18, 0, -0.010), 4.3, 1e-12);
    assert_near_abs(tn_brake_idle_time(TN_BRAKE_PASSENGER, false, 18, 100e3, -0.010), 7.7 * 1.3, 1e-12);
    assert_near_abs(tn_brake_idle_time(TN_BRAKE_FREIGHT, true, 0, 0, -0.010), 2.5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(friction),       cmocka_unit_test(friction_curve), cmocka_unit_test(service_coefficient),
        cmocka_unit_test(printed_shares), cmocka_unit_test(idle_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
