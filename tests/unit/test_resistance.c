/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include "resistance.h"
#include "weather.h"

#define KMH (1 / 3.6)

static struct tn_context context;

static int clear(void **state)
{
    (void)state;
    tn_context_clear(&context);
    return 0;
}

static struct tn_resistance_spec spec_of(const char *law)
{
    struct tn_resistance_spec spec;
    tn_schema_defaults(&tn_resistance_schema, &spec);
    spec.law = tn_choice_find(tn_resistance_law_name, law);
    assert_true(spec.law >= 0);
    return spec;
}

/* N/kN of a vehicle of 93.6 t on four axles. */
static double specific(const char *law, double v_kmh)
{
    struct tn_resistance_spec spec = spec_of(law);
    struct tn_resistance resistance;
    assert_int_equal(tn_resistance_init(&resistance, &spec, 93600, 4, 9.81, &context), TN_OK);
    return tn_resistance_at(&resistance, v_kmh * KMH) / (93.6 * 9.81);
}

/* Reference table worked out from the printed coefficients of TB/T 1407. */
static void standard_types(void **state)
{
    (void)state;
    static const struct {
        double v, hxd, ss4, df8c, loaded, empty, tank;
    } row[] = {
        {0, 1.2000, 2.2500, 1.1400, 0.9200, 2.2300, 0.5300},  {20, 1.4416, 2.7580, 1.2936, 1.0660, 2.6060, 0.8040},
        {40, 1.9064, 3.5220, 1.7424, 1.3120, 3.5220, 1.1420}, {60, 2.5944, 4.5420, 2.4864, 1.6580, 4.9780, 1.5440},
        {80, 3.5056, 5.8180, 3.5256, 2.1040, 6.9740, 2.0100}, {100, 4.6400, 7.3500, 4.8600, 2.6500, 9.5100, 2.5400}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_near_abs(specific("tbt-hxd", row[i].v), row[i].hxd, 1e-9);
        assert_near_abs(specific("tbt-ss4", row[i].v), row[i].ss4, 1e-9);
        assert_near_abs(specific("tbt-df8c", row[i].v), row[i].df8c, 1e-9);
        assert_near_abs(specific("tbt-wagon-loaded", row[i].v), row[i].loaded, 1e-9);
        assert_near_abs(specific("tbt-wagon-empty", row[i].v), row[i].empty, 1e-9);
        assert_near_abs(specific("tbt-tank-block", row[i].v), row[i].tank, 1e-9);
    }
}

/* A loaded four-axle wagon of 93.6 t by the formulas of several railways, two decimals. */
static void peers(void **state)
{
    (void)state;
    static const struct {
        double v, cn, davis, modified, russian, strahl;
    } row[] = {{20, 1.32, 1.53, 0.80, 0.96, 1.56},
               {40, 1.60, 1.93, 1.02, 1.17, 2.02},
               {60, 1.96, 2.40, 1.35, 1.47, 2.80},
               {80, 2.37, 2.96, 1.77, 1.85, 3.90},
               {100, 2.86, 3.59, 2.31, 2.32, 5.30}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_near_abs(specific("cn", row[i].v), row[i].cn, 0.011);
        assert_near_abs(specific("davis", row[i].v), row[i].davis, 0.011);
        assert_near_abs(specific("modified-davis", row[i].v), row[i].modified, 0.006);
        assert_near_abs(specific("vniizht", row[i].v), row[i].russian, 0.006);
        assert_near_abs(specific("strahl", row[i].v), row[i].strahl, 0.006);
    }
}

/* The unit car of ALTRIOS beside those peers: 0.75 N/kN, 80 N an axle, 4 m2 without the half. */
static void bearings_by_the_axle(void **state)
{
    (void)state;
    static const double row[][2] = {{20, 1.26}, {40, 1.76}, {60, 2.58}, {80, 3.73}, {100, 5.22}};
    struct tn_resistance_spec spec = spec_of("altrios");
    struct tn_resistance resistance;
    assert_int_equal(tn_resistance_init(&resistance, &spec, 93600, 4, 9.81, &context), TN_ERR_INPUT);
    tn_context_clear(&context);
    spec.a = 0.75e-3;
    spec.bearing = 80;
    spec.drag_area = 4;
    spec.drag_half = false;
    assert_int_equal(tn_resistance_init(&resistance, &spec, 93600, 4, 9.81, &context), TN_OK);
    assert_near_abs(resistance.bearing_N, 320, 0);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_near_abs(tn_resistance_at(&resistance, row[i][0] * KMH) / (93.6 * 9.81), row[i][1], 0.005);
    double whole = resistance.c_N_s2_m2;
    spec.drag_half = true;
    assert_int_equal(tn_resistance_init(&resistance, &spec, 93600, 4, 9.81, &context), TN_OK);
    assert_near_rel(resistance.c_N_s2_m2, whole / 2, 1e-15);
}

/* Published unit tests of TrainRuns.jl, g 9.80665. */
static void strahl_as_published(void **state)
{
    (void)state;
    struct tn_resistance_spec spec = spec_of("strahl");
    struct tn_resistance resistance;
    spec.f0 = 2.2e-3;
    spec.f2 = 10e-3;
    spec.headwind = 15 * KMH;
    assert_int_equal(tn_resistance_init(&resistance, &spec, 80e3, 4, 9.80665, &context), TN_OK);
    assert_near_rel(tn_resistance_at(&resistance, 15), 5461.127252, 1e-9);
    spec = spec_of("strahl");
    assert_int_equal(tn_resistance_init(&resistance, &spec, 840e3, 4, 9.80665, &context), TN_OK);
    assert_near_rel(tn_resistance_at(&resistance, 15), 20900.7327026, 1e-9);
}

static void sauthoff_at_speed(void **state)
{
    (void)state;
    assert_near_abs(specific("sauthoff", 85), 2.0 + 0.715 * 0.85 + 3.64, 1e-9); /* 85 + 15 km/h */
}

static void coefficients_of_the_user(void **state)
{
    (void)state;
    struct tn_resistance_spec spec = spec_of("tbt-wagon-loaded");
    struct tn_resistance resistance;
    spec.c = 0.0002 * 0.01296; /* N/kN/(km/h)2 */
    assert_int_equal(tn_resistance_init(&resistance, &spec, 1e5, 4, 10, &context), TN_OK);
    assert_near_rel(tn_resistance_at(&resistance, 100 * KMH), (0.92 + 0.48 + 2.0) * 1000, 1e-12);
    spec = spec_of("force");
    spec.force_a = 1000;
    spec.force_c = 3;
    assert_int_equal(tn_resistance_init(&resistance, &spec, 1e5, 4, 10, &context), TN_OK);
    assert_near_rel(tn_resistance_at(&resistance, 10), 1300.0, 1e-15);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    static const char *const laws[] = {"general", "force"};
    struct tn_resistance resistance;
    for (size_t i = 0; i < 2; i++) {
        struct tn_resistance_spec spec = spec_of(laws[i]);
        assert_int_equal(tn_resistance_init(&resistance, &spec, 1e5, 4, 10, &context), TN_ERR_INPUT);
        assert_int_equal(context.errors, i + 1);
    }
    struct tn_resistance_spec none;
    tn_schema_defaults(&tn_resistance_schema, &none);
    assert_int_equal(tn_resistance_init(&resistance, &none, 1e5, 4, 10, &context), TN_ERR_INPUT);
}

/* ISA pressures and densities as tabulated: kPa at 1000 to 3500 m; kg/m3 at 3000 m from -25 to 30 degC. */
static void air(void **state)
{
    (void)state;
    static const double pressure[][2] = {{1000, 89.9}, {2000, 79.5}, {2800, 71.9}, {3000, 70.1}, {3500, 65.8}};
    static const double density[][2] = {{-25, 0.984}, {0, 0.894}, {15, 0.848}, {30, 0.806}};
    for (size_t i = 0; i < 5; i++)
        assert_near_abs(1e-3 * tn_air_pressure(pressure[i][0]), pressure[i][1], 0.051);
    for (size_t i = 0; i < 4; i++)
        assert_near_abs(tn_air_density(3000, 273.15 + density[i][0]), density[i][1], 0.00051);
    assert_near_abs(tn_air_density(0, 288.15), TN_AIR_DENSITY_REFERENCE, 1e-4);
}

static void wind(void **state)
{
    (void)state;
    const double right = 1.5707963267948966;
    struct tn_wind west = {.speed = 20, .from = 270};
    double head, cross;
    tn_wind_components(&head, &cross, &west, 3 * right); /* heading west */
    assert_near_abs(head, 20, 1e-9);
    assert_near_abs(cross, 0, 1e-9);
    tn_wind_components(&head, &cross, &west, right); /* heading east */
    assert_near_abs(head, -20, 1e-9);
    tn_wind_components(&head, &cross, &west, 0); /* heading north: from the left */
    assert_near_abs(head, 0, 1e-9);
    assert_near_abs(cross, -20, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_types),
        cmocka_unit_test(peers),
        cmocka_unit_test(bearings_by_the_axle),
        cmocka_unit_test(strahl_as_published),
        cmocka_unit_test(sauthoff_at_speed),
        cmocka_unit_test(coefficients_of_the_user),
        cmocka_unit_test_teardown(what_is_missing_is_said, clear),
        cmocka_unit_test(air),
        cmocka_unit_test(wind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
