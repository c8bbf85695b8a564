/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include <string.h>

#include "train.h"

#define KMH     (1 / 3.6)
#define GRAVITY 9.81

static struct tn_arena arena;
static struct tn_context context;
static struct tn_weather weather;

static int begin(void **state)
{
    (void)state;
    tn_schema_defaults(&tn_weather_schema, &weather);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tn_arena_clear(&arena);
    tn_context_clear(&context);
    return 0;
}

static int resistance_law(const char *name)
{
    return tn_choice_find(tn_resistance_law_name, name);
}

/* Maker's line from 5 km/h to the knee, constant power above; brake flat, then constant power. kN, km/h, t. */
static struct tn_locomotive *locomotive(const char *id, double mass, double start, double intercept, double slope,
                                        double knee, double power, double brake)
{
    struct tn_locomotive *it = tn_arena_alloc(&arena, 1, sizeof *it);
    struct tn_effort_point *row = tn_arena_alloc(&arena, 6, sizeof *row);
    double brake_knee = power / brake;
    tn_schema_defaults(&tn_locomotive_schema, it);
    row[0] = (struct tn_effort_point){0, start, 0};
    row[1] = (struct tn_effort_point){5, start, brake};
    row[2] = (struct tn_effort_point){fmin(knee, brake_knee), 0, brake};
    row[3] = (struct tn_effort_point){fmax(knee, brake_knee), 0, 0};
    row[4] = (struct tn_effort_point){120, power / 120, power / 120};
    for (int i = 2; i < 4; i++) {
        double v = row[i].speed;
        row[i].traction = v <= knee ? intercept - slope * v : power / v;
        row[i].dynamic_brake = v <= brake_knee ? brake : power / v;
    }
    for (int i = 0; i < 5; i++)
        row[i] = (struct tn_effort_point){row[i].speed * KMH, 1e3 * row[i].traction, 1e3 * row[i].dynamic_brake};
    it->id = id;
    it->mass = 1e3 * mass;
    it->length = 22.67;
    it->speed_max = 120 * KMH;
    it->traction_power_from = knee * KMH;
    it->brake_power_from = brake_knee * KMH;
    it->effort = (struct tn_list){row, 5};
    it->resistance.law = resistance_law("tbt-hxd");
    it->continuous_speed = knee * KMH;
    return it;
}

static struct tn_locomotive *hxd1_25(void)
{
    return locomotive("HXD1-25t", 200, 760, 779, 3.8, 65, 34560, 461);
}

static struct tn_locomotive *hxd1c_25(void)
{
    return locomotive("HXD1C-25t", 150, 570, 584.2, 2.833, 65, 25920, 400);
}

static struct tn_locomotive *hxd1c_23(void)
{
    return locomotive("HXD1C-23t", 138, 520, 531.5, 2.308, 70, 25920, 370);
}

static struct tn_wagon *c70(void)
{
    struct tn_wagon *it = tn_arena_alloc(&arena, 1, sizeof *it);
    tn_schema_defaults(&tn_wagon_schema, it);
    it->id = "C70";
    it->tare = 23.6e3;
    it->gross = 93.6e3;
    it->length = 13.976;
    it->resistance.law = resistance_law("tbt-wagon-loaded");
    it->resistance_empty.law = resistance_law("tbt-wagon-empty");
    return it;
}

static struct tn_train_spec *empty_spec(void)
{
    struct tn_train_spec *spec = tn_arena_alloc(&arena, 1, sizeof *spec);
    tn_schema_defaults(&tn_train_schema, spec);
    spec->id = "test";
    spec->rotating = 0.06;
    return spec;
}

static struct tn_train_locomotives *add_locomotives(struct tn_train_spec *spec, const struct tn_locomotive *type,
                                                    int count)
{
    struct tn_train_locomotives *rows = tn_arena_alloc(&arena, spec->locomotives.count + 1, sizeof *rows);
    if (spec->locomotives.count > 0)
        memcpy(rows, spec->locomotives.items, spec->locomotives.count * sizeof *rows);
    rows[spec->locomotives.count] =
        (struct tn_train_locomotives){.type = {type->id, type}, .count = count, .control = TN_CONTROL_MULTIPLE};
    spec->locomotives = (struct tn_list){rows, spec->locomotives.count + 1};
    return &rows[spec->locomotives.count - 1];
}

static struct tn_train_wagons *set_wagons(struct tn_train_spec *spec, const struct tn_wagon *type, double load_t)
{
    struct tn_train_wagons *row = tn_arena_alloc(&arena, 1, sizeof *row);
    *row = (struct tn_train_wagons){{type->id, type}, TN_LOADED, 1e3 * load_t, -1};
    spec->wagons = (struct tn_list){row, 1};
    return row;
}

static struct tn_train build(const struct tn_train_spec *spec)
{
    struct tn_train train;
    assert_int_equal(tn_train_init(&train, spec, &weather, GRAVITY, &arena, &context), TN_OK);
    return train;
}

static struct tn_train test_train(const struct tn_locomotive *type, int count)
{
    struct tn_train_spec *spec = empty_spec();
    add_locomotives(spec, type, count);
    set_wagons(spec, c70(), 5200);
    return build(spec);
}

/* Force needed on that grade, kN. */
static double needed(const struct tn_train *train, double v_kmh, double grade_permil)
{
    return 1e-3 * (tn_train_resistance(train, v_kmh * KMH, 1, 0, 0, NULL, true) +
                   train->mass_kg * train->gravity_m_s2 * 1e-3 * grade_permil);
}

static double available(const struct tn_train *train, double v_kmh)
{
    return 1e-3 * tn_curve_at(&train->traction, v_kmh * KMH);
}

/* 5,200 t on 16 permil, worked by hand: start and balance. */
static void start_and_balance(void **state)
{
    (void)state;
    struct tn_train hxd1 = test_train(hxd1_25(), 2);
    assert_near_abs(available(&hxd1, 0), 1520, 0.5);
    assert_near_abs(needed(&hxd1, 0, 16), 1077, 0.5);
    assert_near_abs(available(&hxd1, 70.1), 986, 0.5);
    assert_near_abs(needed(&hxd1, 70.1, 16), 986, 0.5);
    struct tn_train hxd1c = test_train(hxd1c_25(), 2);
    assert_near_abs(available(&hxd1c, 0), 1140, 1e-6);
    assert_near_abs(needed(&hxd1c, 0, 16), 1056.5, 0.05);
    assert_near_abs(available(&hxd1c, 40.9), 936.7, 0.1);
    assert_near_abs(needed(&hxd1c, 40.9, 16), 936.6, 0.1);
    struct tn_train light = test_train(hxd1c_23(), 2);
    assert_near_abs(available(&light, 0), 1040, 1e-6);
    assert_near_abs(needed(&light, 0, 16), 1052, 0.5);
    assert_near_abs(available(&light, 30.1), 924, 0.5);
    assert_near_abs(needed(&light, 30.1, 16), 924, 0.5);
}

/* Dynamic brake holds 5,200 t on -16 permil to 94 km/h (2 HXD1), 28 to 68 (2 HXD1C of 25 t). */
static void brake_holds(void **state)
{
    (void)state;
    struct tn_train hxd1 = test_train(hxd1_25(), 2), hxd1c = test_train(hxd1c_25(), 2);
    const struct {
        struct tn_train *train;
        double v;
    } edge[] = {{&hxd1, 94}, {&hxd1c, 28}, {&hxd1c, 68}};
    for (size_t i = 0; i < 3; i++)
        assert_near_rel(1e-3 * tn_curve_at(&edge[i].train->dynamic_brake, edge[i].v * KMH),
                        -needed(edge[i].train, edge[i].v, -16), 0.007);
}

static void sums(void **state)
{
    (void)state;
    struct tn_train train = test_train(hxd1_25(), 2);
    assert_int_equal(train.wagons, 56); /* 5200 / 93.6 = 55.56 */
    assert_int_equal(train.locomotives, 2);
    assert_near_abs(train.mass_kg, 5600e3, 1e-3);
    assert_near_abs(train.mass_effective_kg, 5600e3 * 1.06, 1e-3);
    assert_near_abs(train.load_kg, 5200e3, 1e-3);
    assert_near_abs(train.net_kg, 5200e3 - 56 * 23.6e3, 1e-3);
    assert_near_abs(train.length_m, 2 * 22.67 + 56 * 13.976, 1e-9);
    assert_near_abs(train.adhesive_weight_N, 400e3 * 9.81, 1e-6);
    assert_near_abs(train.speed_max_m_s, 120 * KMH, 1e-12);
    assert_int_equal(train.group_count, 2);
    assert_near_abs(train.groups[1].from_m, train.locomotive_length_m, 0);
    assert_near_abs(train.groups[1].mass_kg, 5200e3, 1e-3);
    assert_true(isnan(train.brake_rate) && train.air_brake.count == 0 && train.service_brake.count == 0);
    struct tn_train_spec *spec = empty_spec();
    spec->rotating = NAN;
    add_locomotives(spec, hxd1c_25(), 1);
    struct tn_train_wagons *row = set_wagons(spec, c70(), NAN);
    row->load = NAN;
    row->count = 50;
    row->state = TN_EMPTY;
    train = build(spec);
    assert_near_abs(train.mass_effective_kg, 150e3 * 1.10 + 50 * 23.6e3 * 1.09, 1e-3);
    assert_near_abs(train.net_kg, 0, 0);
    /* HXD and empty laws at 60 km/h */
    assert_near_abs(tn_train_resistance(&train, 60 * KMH, 1, 0, 0, NULL, true),
                    (150 * 2.5944 + 50 * 23.6 * 4.9780) * 9.81, 1e-6);
}

/* Extra force of a headwind on 5,200 t loaded at sea level, kN, rounded. */
static void headwind(void **state)
{
    (void)state;
    static const double row[][4] = {
        {10, 27, 36, 45}, {15, 46, 60, 74}, {20, 70, 88, 107}, {25, 98, 121, 144}, {30, 130, 157, 185}};
    struct tn_train_spec *spec = empty_spec();
    set_wagons(spec, c70(), 5200);
    struct tn_train train = build(spec);
    for (size_t i = 0; i < 5; i++)
        for (int j = 1; j < 4; j++) {
            double v = (20 + 20 * j) * KMH;
            double extra = tn_train_resistance(&train, v, 1, row[i][0], 0, NULL, true) -
                           tn_train_resistance(&train, v, 1, 0, 0, NULL, true);
            assert_near_abs(1e-3 * extra, row[i][j], 0.6);
        }
}

/* Curves for the integrator say what the plain formula says: headwind, tail wind, yaw, built-in headwind. */
static void resistance_curves(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    struct tn_locomotive *german = hxd1c_25();
    german->resistance.law = resistance_law("strahl");
    german->resistance.headwind = 15 * KMH;
    add_locomotives(spec, german, 1);
    set_wagons(spec, c70(), 5200);
    struct tn_train train = build(spec);
    const struct tn_wind wind = {.yaw_gain = 0.75, .yaw_angle = 0.26};
    static const double gust[][2] = {{0, 0}, {12, 0}, {-9, 0}, {8, 6}, {-11, 7}, {0, 15}};
    for (size_t i = 0; i < 6; i++)
        for (int starting = 0; starting < 2; starting++) {
            struct tn_curve still, air;
            assert_int_equal(
                tn_train_resistance_curves(&still, &air, &train, gust[i][0], gust[i][1], &wind, starting, &arena),
                TN_OK);
            for (double v = 0; v < 60; v += 0.0731) {
                double exact = tn_train_resistance(&train, v, 0.7, gust[i][0], gust[i][1], &wind, starting);
                assert_near_abs(tn_curve_at(&still, v) + 0.7 * tn_curve_at(&air, v), exact, 1e-9 * fabs(exact) + 1e-5);
            }
            assert_true(air.count < 200);
        }
    assert_near_abs(tn_train_resistance(&train, 0.69, 1, 0, 0, NULL, true), (150 * 5 + 5200 * 3.5) * 9.81, 1e-6);
}

/* Emergency stops of 55 wagons with H shoes, loaded law over the whole mass. Printed distances and permitted speeds. */
static void emergency_stop(void **state)
{
    (void)state;
    static const struct {
        double rate, grade, idle, distance[5], v800, v1400;
    } row[] = {{0.18, 0, 5.18, {390, 522, 674, 846, 1040}, 87.4, 116.3},
               {0.18, -6, 6.04, {447, 598, 773, 973, 1197}, 81.4, 108.3},
               {0.18, -16, 7.49, {575, 775, 1008, 1275, 1576}, 71.2, 94.3},
               {0.20, 0, 5.18, {360, 481, 619, 777, 953}, 91.4, 121.7},
               {0.20, -16, 7.49, {513, 687, 891, 1123, 1385}, 75.7, 100.6}};
    struct tn_train_spec *spec = empty_spec();
    set_wagons(spec, c70(), 55 * 93.6);
    for (size_t i = 0; i < 5; i++) {
        spec->brake.rate = row[i].rate;
        struct tn_train train = build(spec);
        for (int j = 0; j < 5; j++) {
            double idle;
            assert_near_abs(tn_train_emergency_distance(&train, (60 + 10 * j) * KMH, 1e-3 * row[i].grade, &idle),
                            row[i].distance[j], 1.0);
            assert_near_abs(idle, row[i].idle, 0.0051);
        }
        assert_near_abs(tn_train_permitted_speed(&train, 1e-3 * row[i].grade, 800) / KMH, row[i].v800, 0.1);
        assert_near_abs(tn_train_permitted_speed(&train, 1e-3 * row[i].grade, 1400) / KMH, row[i].v1400, 0.1);
        double v = tn_train_permitted_speed(&train, 1e-3 * row[i].grade, 1000);
        assert_near_rel(tn_train_emergency_distance(&train, v, 1e-3 * row[i].grade, NULL), 1000.0, 1e-8);
    }
}

/* data/brake_china/test_vectors.csv */
static void emergency_vectors(void **state)
{
    (void)state;
    static const double row[][5] = {{80, 0.28, 50, 0, 471.1}, {80, 0.28, 50, -12, 578.6}, {60, 0.18, 60, -12, 523.9}};
    for (size_t i = 0; i < 3; i++) {
        struct tn_train_spec *spec = empty_spec();
        set_wagons(spec, c70(), row[i][2] * 93.6);
        spec->brake.rate = row[i][1];
        struct tn_train train = build(spec);
        assert_near_abs(tn_train_emergency_distance(&train, row[i][0] * KMH, 1e-3 * row[i][3], NULL), row[i][4], 0.5);
    }
}

static void no_stop(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    set_wagons(spec, c70(), 5200);
    spec->brake.rate = 0.18;
    struct tn_train train = build(spec);
    assert_true(isinf(tn_train_emergency_distance(&train, 20, -0.070, NULL))); /* brakes give 58 to 41 N/kN */
    assert_true(isinf(tn_train_permitted_speed(&train, -0.016, 0)));           /* no rule */
    assert_near_abs(tn_train_permitted_speed(&train, -0.070, 800), 0, 1e-6);
    double v = tn_train_permitted_speed(&train, -0.050, 20000); /* from some speed on it never stops */
    assert_near_abs(v / KMH, 35, 3);
    spec->brake.rate = NAN;
    train = build(spec);
    assert_true(isinf(tn_train_permitted_speed(&train, -0.016, 800)));
}

static void brake_from_shoes(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    struct tn_wagon *wagon = c70();
    struct tn_locomotive *type = hxd1_25();
    wagon->shoe_force = 170e3;
    add_locomotives(spec, type, 2);
    struct tn_train_wagons *row = set_wagons(spec, wagon, NAN);
    row->load = NAN;
    row->count = 50;
    struct tn_train train = build(spec);
    assert_near_rel(train.brake_rate, 170 / (93.6 * 9.81), 1e-12);
    /* full service at 500 kPa: 0.95; H shoe at 40 km/h: 0.266 */
    assert_near_rel(tn_curve_at(&train.air_brake, 40 * KMH), 0.95 * 0.266 * train.brake_rate * train.mass_kg * 9.81,
                    1e-12);
    assert_near_rel(tn_curve_at(&train.service_brake, 40 * KMH),
                    tn_curve_at(&train.air_brake, 40 * KMH) + tn_curve_at(&train.dynamic_brake, 40 * KMH), 1e-9);
    type->shoe_force = 340e3;
    spec->brake.pipe_pressure = 600e3;
    train = build(spec);
    assert_near_rel(train.brake_rate, 1.12 * (2 * 340 + 50 * 170) / (5080 * 9.81), 1e-12);
    assert_near_rel(tn_curve_at(&train.air_brake, 0), 0.96 * 0.322 * train.brake_rate * train.mass_kg * 9.81, 1e-12);
}

/* Brakes cut out take their share of the force away, and with it of the distance: 11 of 55 wagons alone stop as with
   0.8 of the rate. */
static void brakes_cut_out(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    struct tn_wagon *wagon = c70();
    wagon->shoe_force = 170e3;
    struct tn_train_wagons *row = set_wagons(spec, wagon, NAN);
    row->load = NAN;
    row->count = 55;
    spec->brake.cut_out = 11;
    struct tn_train cut = build(spec);
    double metres = tn_train_emergency_distance(&cut, 60 * KMH, -0.016, NULL);
    double service = tn_curve_at(&cut.air_brake, 10);
    spec->brake.cut_out = 0;
    spec->brake.rate = 0.8 * 170 / (93.6 * 9.81);
    struct tn_train weak = build(spec);
    assert_near_rel(metres, tn_train_emergency_distance(&weak, 60 * KMH, -0.016, NULL), 1e-9);
    assert_near_rel(service, tn_curve_at(&weak.air_brake, 10), 1e-12);
    /* with locomotives of their own shoe force, 2 x 340 of 2 x 340 + 55 x 170 kN stay */
    spec->brake.rate = NAN;
    spec->brake.cut_out = 11;
    struct tn_locomotive *type = hxd1_25();
    type->shoe_force = 340e3;
    add_locomotives(spec, type, 2);
    cut = build(spec);
    assert_near_rel(tn_curve_at(&cut.air_emergency, 0), 0.322 * (680e3 + 44 * 170e3), 1e-12);
    type->shoe_force = NAN; /* their share at the wagons' rate */
    cut = build(spec);
    assert_near_rel(tn_curve_at(&cut.air_emergency, 0), 0.322 * 170e3 * (44 + 400 / 93.6), 1e-12);
    spec->brake.rate = 0.2;
    cut = build(spec);
    assert_near_rel(tn_curve_at(&cut.air_emergency, 0), 0.322 * 0.2 * (400e3 + 44 * 93.6e3) * 9.81, 1e-12);
}

static void adhesion_caps(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    add_locomotives(spec, hxd1c_25(), 2);
    set_wagons(spec, c70(), 5200);
    spec->adhesion = tn_choice_find(tn_train_adhesion_name, "electric-dc");
    struct tn_train train = build(spec);
    assert_near_abs(available(&train, 0), 0.36 * 300 * 9.81, 1e-6);
    assert_near_abs(available(&train, 40), (0.24 + 12.0 / 420) * 300 * 9.81, 1e-6);
    assert_near_abs(available(&train, 120), 2 * 216, 1e-6);
    assert_near_abs(1e-3 * tn_curve_at(&train.traction_curve, 0), 1140, 1e-9);
    weather.rail = 0.5;
    train = build(spec);
    assert_near_abs(available(&train, 40), 0.5 * (0.24 + 12.0 / 420) * 300 * 9.81, 1e-6);
    spec->adhesion = 0;
    train = build(spec);
    assert_near_abs(available(&train, 0), 570, 1e-9);
    weather.rail = 1;
    spec->adhesion = tn_choice_find(tn_train_adhesion_name, "braking-wet"); /* for braking alone */
    train = build(spec);
    assert_near_abs(available(&train, 0), 1140, 1e-9);
    assert_near_abs(1e-3 * tn_curve_at(&train.dynamic_brake, 40 * KMH), (0.0405 + 13.55 / 160) * 300 * 9.81, 1e-6);
    struct tn_locomotive *own = hxd1c_25();
    own->adhesion = tn_choice_find(tn_adhesion_law_name, "curtius-kniffler");
    add_locomotives(spec, own, 1);
    spec->adhesion = tn_choice_find(tn_train_adhesion_name, "type");
    train = build(spec);
    assert_near_abs(available(&train, 0), 1140 + (0.161 + 7.5 / 44) * 150 * 9.81, 1e-6);
}

static void consist(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    add_locomotives(spec, hxd1c_25(), 1);
    struct tn_train_locomotives *row = add_locomotives(spec, hxd1c_23(), 3);
    row->cut_out = 1;
    row->control = TN_CONTROL_SEPARATE;
    spec->effort_factor = 0.9;
    struct tn_train train = build(spec);
    assert_int_equal(train.locomotives, 4);
    assert_int_equal(train.working, 3);
    assert_near_abs(train.mass_kg, 564e3, 1e-6);
    assert_near_abs(train.adhesive_weight_N, 426e3 * 9.81, 1e-6);
    assert_near_abs(available(&train, 0), 0.9 * (570 + 0.98 * 2 * 520), 1e-9);
    assert_near_abs(1e-3 * tn_curve_at(&train.traction_curve, 0), 570 + 2 * 520, 1e-9);
    assert_near_abs(train.continuous_speed_m_s, 70 * KMH, 1e-12);
}

static void diesel_at_altitude(void **state)
{
    (void)state;
    struct tn_locomotive *type = locomotive("diesel", 150, 620, 620, 0, 3987 * 3.6 / 620, 3987 * 3.6, 340);
    type->energy = TN_DIESEL;
    type->derating = (struct tn_derating){1500, 0.1, 303.15, 0};
    assert_near_rel(tn_locomotive_power_factor(type, 3000, 270), 0.85, 1e-12);
    assert_near_rel(tn_locomotive_power_factor(type, 1000, 270), 1.0, 1e-12);
    type->derating = (struct tn_derating){0, 0.11, 297.15, 0.042}; /* DF4: 0.780 at 2000 m, 0.958 at 34 degC */
    assert_near_abs(tn_locomotive_power_factor(type, 2000, 307.15), 0.780 * 0.958, 1e-9);
    type->derating = (struct tn_derating){1500, 0.1, 303.15, 0};
    struct tn_train train = test_train(type, 2);
    struct tn_curve high;
    assert_true(train.diesel);
    assert_int_equal(tn_train_traction_at(&high, &train, &weather, 3000, INFINITY, 0, &arena), TN_OK);
    for (double v = 0.3; v < 120; v += 0.37) {
        double sea = available(&train, v), power = 2 * 3987 * 3.6 / v;
        assert_near_rel(1e-3 * tn_curve_at(&high, v * KMH), fmin(sea, 0.85 * power), 1e-12);
    }
    assert_near_abs(1e-3 * tn_curve_at(&high, 0), 1240, 1e-9);
    /* 242 g/kWh at the rim, idle and braking rates per locomotive */
    assert_near_rel(tn_train_fuel_rate(&train, 0, 500e3, 0, 10), 5e6 * 0.242 / 3.6e6, 1e-12);
    assert_near_rel(tn_train_fuel_rate(&train, 0, 0, 0, 10), 2 * 18.6 / 3600, 1e-12);
    assert_near_rel(tn_train_fuel_rate(&train, 0, 0, 1e5, 10), 2 * 29.3 / 3600, 1e-12);
    assert_near_abs(tn_train_line_power(&train, 0, 500e3, 10), 0, 0);
}

static void energy_at_pantograph(void **state)
{
    (void)state;
    struct tn_locomotive *one = hxd1c_25(), *other = hxd1_25();
    one->efficiency = 0.85;
    one->regeneration = 0.8;
    one->auxiliary_power = 150e3;
    other->efficiency = 0.80;
    other->regeneration = 0;
    struct tn_train_spec *spec = empty_spec();
    add_locomotives(spec, one, 1);
    add_locomotives(spec, other, 1);
    struct tn_train train = build(spec);
    /* at rest 570 : 760 */
    double speed = 3 * KMH;
    assert_near_rel(tn_train_line_power(&train, 0, 1330e3, speed), 150e3 + speed * (570e3 / 0.85 + 760e3 / 0.80),
                    1e-12);
    assert_near_rel(tn_train_line_power(&train, 0, 0, speed), 150e3, 1e-12);
    speed = 40 * KMH; /* brakes 400 : 461 */
    assert_near_rel(tn_train_regenerated_power(&train, 0, 861e3, speed), 0.8 * 400e3 * speed, 1e-12);
}

static bool note_address(struct tn_place *place, const void *where, void *payload)
{
    (void)place;
    *(const void **)payload = where;
    return false;
}

/* One error, and about that field. */
static void refuse(const struct tn_train_spec *spec, const void *where)
{
    struct tn_train train;
    size_t before = context.errors;
    const void *blamed = NULL;
    context.locate = note_address;
    context.payload = &blamed;
    assert_int_equal(tn_train_init(&train, spec, &weather, GRAVITY, &arena, &context), TN_ERR_INPUT);
    assert_int_equal(context.errors, before + 1);
    assert_ptr_equal(blamed, where);
    context.locate = NULL;
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct tn_train_spec *spec = empty_spec();
    refuse(spec, &spec->id);
    struct tn_train_wagons *row = set_wagons(spec, c70(), 5200);
    row->count = 50;
    refuse(spec, &row->load);
    assert_non_null(strstr(context.diagnostics[1].hint, "56 wagons"));
    row->count = 300; /* lighter than their tare */
    refuse(spec, &row->load);
    row->count = -1;
    row->state = TN_EMPTY;
    refuse(spec, &row->load);
    row->load = NAN;
    refuse(spec, &row->type);
    row->state = TN_LOADED;
    row->count = 55;
    spec->brake.pipe_pressure = 550e3;
    refuse(spec, &spec->brake.pipe_pressure);
    spec->brake.pipe_pressure = 500e3;
    build(spec);
    struct tn_train_locomotives *engines = add_locomotives(spec, hxd1_25(), 1);
    engines->cut_out = 2;
    refuse(spec, &engines->cut_out);
    engines->cut_out = 1; /* all dead is possible */
    struct tn_train train = build(spec);
    assert_near_abs(tn_curve_at(&train.traction, 10), 0, 0);
    assert_near_abs(tn_curve_at(&train.dynamic_brake, 10), 0, 0);
    spec->brake.cut_out = 56;
    refuse(spec, &spec->brake.cut_out);
    engines->type.object = NULL;
    assert_int_equal(tn_train_init(&train, spec, &weather, GRAVITY, &arena, &context), TN_ERR_INTERNAL);
}

static void stock_is_checked(void **state)
{
    (void)state;
    struct tn_locomotive *type = hxd1_25();
    struct tn_wagon *wagon = c70();
    assert_int_equal(tn_locomotive_validate(type, &context), TN_OK);
    assert_int_equal(tn_wagon_validate(wagon, &context), TN_OK);
    struct tn_effort_point *row = type->effort.items;
    row[0].speed = 1;
    assert_int_equal(tn_locomotive_validate(type, &context), TN_ERR_INPUT);
    row[0].speed = 0;
    row[2].speed = row[1].speed;
    assert_int_equal(tn_locomotive_validate(type, &context), TN_ERR_INPUT);
    type = hxd1_25();
    type->speed_max = 40;
    assert_int_equal(tn_locomotive_validate(type, &context), TN_ERR_INPUT);
    type = hxd1_25();
    type->adhesive_mass = 201e3;
    assert_int_equal(tn_locomotive_validate(type, &context), TN_ERR_INPUT);
    wagon->gross = 20e3;
    assert_int_equal(tn_wagon_validate(wagon, &context), TN_ERR_INPUT);
    wagon = c70();
    wagon->resistance.law = -1;
    assert_int_equal(tn_wagon_validate(wagon, &context), TN_ERR_INPUT);
    assert_int_equal(context.errors, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(start_and_balance),
        TEST(brake_holds),
        TEST(sums),
        TEST(headwind),
        TEST(resistance_curves),
        TEST(emergency_stop),
        TEST(emergency_vectors),
        TEST(no_stop),
        TEST(brake_from_shoes),
        TEST(brakes_cut_out),
        TEST(adhesion_caps),
        TEST(consist),
        TEST(diesel_at_altitude),
        TEST(energy_at_pantograph),
        TEST(nonsense_is_refused),
        TEST(stock_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
