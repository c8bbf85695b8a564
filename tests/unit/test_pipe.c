/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "pneumatic.h"
#include "rolling.h"

#define MOST 400
#define kPa  1e3
#define PSI  6894.757

static struct tn_arena arena;
static struct tn_context ctx;
static struct tn_pipe_vehicle vehicles[MOST];
static size_t vehicle_count;

static const struct tn_valve *valve(const char *name)
{
    return &tn_valves[law_of(tn_valve_name, name)];
}

static void add_locomotive(double feed_m2, double delay_s)
{
    vehicles[vehicle_count++] = (struct tn_pipe_vehicle){.length_m = 35,
                                                         .bore_m = 0.035,
                                                         .volume_m3 = NAN,
                                                         .feed_m2 = feed_m2,
                                                         .exhaust_m2 = 120e-6,
                                                         .delay_s = delay_s};
}

static void add_wagons(int count, const char *name, double length_m)
{
    for (int i = 0; i < count; i++)
        vehicles[vehicle_count++] = (struct tn_pipe_vehicle){
            .length_m = length_m, .bore_m = 0.035, .volume_m3 = 1.15 * 9.621e-4 * length_m, .valve = valve(name)};
}

static struct tn_pipe *made(double running_Pa)
{
    struct tn_pipe *pipe = NULL;
    assert_int_equal(tn_pipe_create(&pipe, vehicles, vehicle_count, running_Pa, &arena, &ctx), TN_OK);
    return pipe;
}

/* A locomotive and wagons like C70. */
static struct tn_pipe *train(int wagons, const char *name, double running_Pa)
{
    vehicle_count = 0;
    add_locomotive(30e-6, 0);
    add_wagons(wagons, name, 14);
    return made(running_Pa);
}

static void reduce(struct tn_pipe *pipe, double reduction_Pa, double wait_s)
{
    tn_pipe_handle_set(pipe, TN_PIPE_SERVICE, reduction_Pa);
    tn_pipe_advance(pipe, wait_s);
}

static int clean(void **state)
{
    (void)state;
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
    return 0;
}

/* data/brake_china/test_vectors.csv: 3.25 r - 100 kPa; (p + 100) / 4.25. */
static void cylinder_against_reduction(void **state)
{
    static const double rows[][3] = {{500, 50, 62.5},   {500, 80, 160},    {500, 100, 225},  {500, 140, 355},
                                     {600, 50, 62.5},   {600, 100, 225},   {600, 140, 355},  {500, 150, 358.8},
                                     {500, 180, 358.8}, {600, 170, 435.3}, {600, 190, 435.3}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tn_pipe *pipe = train(55, "120", rows[i][0] * kPa);
        reduce(pipe, rows[i][1] * kPa, 150);
        assert_near_abs(tn_pipe_cylinder_mean(pipe, NULL) / kPa, rows[i][2], 3);
        assert_near_abs(tn_pipe_cylinder(pipe, 28) / kPa, rows[i][2], 3);
        assert_false(tn_pipe_exhausting(pipe));
    }
}

/* The least reduction that fills the cylinders, by bisection on the model: 141.2 and 164.7 kPa. */
static void effective_maximum(void **state)
{
    static const double rows[][2] = {{500, 141.2}, {600, 164.7}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tn_pipe *pipe = train(20, "120", rows[i][0] * kPa);
        reduce(pipe, 190 * kPa, 120);
        double full = tn_pipe_cylinder_mean(pipe, NULL), low = 120 * kPa, high = 190 * kPa;
        while (high - low > 0.2 * kPa) {
            double middle = (low + high) / 2;
            pipe = train(20, "120", rows[i][0] * kPa);
            reduce(pipe, middle, 120);
            if (tn_pipe_cylinder_mean(pipe, NULL) > full - 1 * kPa)
                high = middle;
            else
                low = middle;
        }
        assert_near_abs(high / kPa, rows[i][1], 3);
    }
}

/* From 90 psi: 2.5 psi in the cylinder for each psi of reduction, 26 give 64, an emergency 77. */
static void north_american_valve(void **state)
{
    static const double rows[][2] = {{10, 25}, {15, 37.5}, {20, 50}, {26, 64}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct tn_pipe *pipe = train(50, "aar", 90 * PSI);
        reduce(pipe, rows[i][0] * PSI, 120);
        assert_near_abs(tn_pipe_cylinder_mean(pipe, NULL) / PSI, rows[i][1], 0.6);
    }
    struct tn_pipe *pipe = train(50, "aar", 90 * PSI);
    tn_pipe_handle_set(pipe, TN_PIPE_EMERGENCY, 0);
    tn_pipe_advance(pipe, 60);
    assert_near_abs(tn_pipe_cylinder_mean(pipe, NULL) / PSI, 77, 1);
}

/* 2.6 r - 10 kPa. */
static void older_chinese_valve(void **state)
{
    (void)state;
    for (double r = 60; r < 125; r += 30) {
        struct tn_pipe *pipe = train(50, "103", 500 * kPa);
        reduce(pipe, r * kPa, 120);
        assert_near_abs(tn_pipe_cylinder_mean(pipe, NULL) / kPa, 2.6 * r - 10, 5);
    }
}

static double wave(int wagons, enum tn_pipe_handle handle, double reduction_Pa)
{
    struct tn_pipe *pipe = train(wagons, "120", 500 * kPa);
    tn_pipe_handle_set(pipe, handle, reduction_Pa);
    while (tn_pipe_cylinder(pipe, (size_t)wagons) <= 0 && tn_pipe_time(pipe) < 60)
        tn_pipe_advance(pipe, 0.025);
    return 14 * wagons / tn_pipe_time(pipe);
}

/* From the order to air in the last cylinder. Published: service 150 to 220 m/s, emergency 250 and more. */
static void waves(void **state)
{
    (void)state;
    for (int n = 50; n <= 150; n += 50) {
        double service = wave(n, TN_PIPE_SERVICE, 50 * kPa), emergency = wave(n, TN_PIPE_EMERGENCY, 0);
        assert_in_range((uintmax_t)service, 150, 219);
        assert_in_range((uintmax_t)emergency, 250, 300);
        assert_in_range((uintmax_t)wave(n, TN_PIPE_SERVICE, 100 * kPa), 150, 219);
    }
}

/* The first step of an emergency: 120 to 150 kPa at once, then slowly. */
static void two_stage_emergency(void **state)
{
    (void)state;
    struct tn_pipe *pipe = train(50, "120", 500 * kPa);
    tn_pipe_handle_set(pipe, TN_PIPE_EMERGENCY, 0);
    while (tn_pipe_cylinder(pipe, 50) <= 0)
        tn_pipe_advance(pipe, 0.025);
    tn_pipe_advance(pipe, 1);
    double first = tn_pipe_cylinder(pipe, 50);
    assert_in_range((uintmax_t)(first / kPa), 120, 220);
    tn_pipe_advance(pipe, 1);
    double rise = tn_pipe_cylinder(pipe, 50) - first;
    assert_in_range((uintmax_t)(rise / kPa), 20, 90);
    tn_pipe_advance(pipe, 30);
    assert_near_abs(tn_pipe_cylinder(pipe, 50) / kPa, 358.8, 1);
    assert_true(tn_pipe_pressure(pipe, 25) < 40 * kPa);
}

/* Times at the tail of ten wagons from its first movement: to 95 % in emergency; from 3.8 to 0.4 bar. */
static void distributor_times(double *fill_s, double *release_s, const char *name)
{
    struct tn_pipe *pipe = train(10, name, 500 * kPa);
    double begin = NAN;
    tn_pipe_handle_set(pipe, TN_PIPE_EMERGENCY, 0);
    while (tn_pipe_cylinder(pipe, 10) < 0.95 * 380 * kPa && tn_pipe_time(pipe) < 100) {
        tn_pipe_advance(pipe, 0.05);
        if (isnan(begin) && tn_pipe_cylinder(pipe, 10) > 0)
            begin = tn_pipe_time(pipe);
    }
    *fill_s = tn_pipe_time(pipe) - begin;
    pipe = train(10, name, 500 * kPa);
    reduce(pipe, 150 * kPa, 60);
    assert_near_abs(tn_pipe_cylinder(pipe, 10) / kPa, 380, 1);
    begin = NAN;
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    while (tn_pipe_cylinder(pipe, 10) > 40 * kPa && tn_pipe_time(pipe) < 200) {
        tn_pipe_advance(pipe, 0.05);
        if (isnan(begin) && tn_pipe_cylinder(pipe, 10) < 379 * kPa)
            begin = tn_pipe_time(pipe);
    }
    *release_s = tn_pipe_time(pipe) - begin;
}

/* UIC: P fills in 3 to 5 s and releases in 15 to 20, G in 18 to 30 and 45 to 60. */
static void distributor(void **state)
{
    double fill = 0, release = 0;
    (void)state;
    distributor_times(&fill, &release, "uic-p");
    assert_true(fill >= 3 && fill <= 5 && release >= 15 && release <= 20);
    distributor_times(&fill, &release, "uic-g");
    assert_true(fill >= 18 && fill <= 30 && release >= 45 && release <= 60);
}

/* Half released by half a recharge; a direct-release valve lets go of everything. */
static void graduated_release(void **state)
{
    (void)state;
    struct tn_pipe *pipe = train(5, "uic-p", 500 * kPa);
    reduce(pipe, 150 * kPa, 30);
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    while (tn_pipe_pressure(pipe, 5) < 420 * kPa)
        tn_pipe_advance(pipe, 0.05);
    tn_pipe_handle_set(pipe, TN_PIPE_LAP, 0);
    tn_pipe_advance(pipe, 60);
    double held = tn_pipe_cylinder(pipe, 5);
    assert_true(held > 100 * kPa && held < 300 * kPa);
    pipe = train(5, "120", 500 * kPa);
    reduce(pipe, 100 * kPa, 30);
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    tn_pipe_advance(pipe, 3);
    tn_pipe_handle_set(pipe, TN_PIPE_LAP, 0);
    tn_pipe_advance(pipe, 60);
    assert_near_abs(tn_pipe_cylinder(pipe, 5), 0, 1);
}

static void further_reductions(void **state)
{
    (void)state;
    struct tn_pipe *pipe = train(55, "120", 500 * kPa);
    static const double steps[] = {50, 70, 100};
    for (size_t i = 0; i < 3; i++) {
        reduce(pipe, steps[i] * kPa, 2);
        assert_true(tn_pipe_exhausting(pipe));
        tn_pipe_advance(pipe, 88);
        assert_near_abs(tn_pipe_cylinder_mean(pipe, NULL) / kPa, 3.25 * steps[i] - 100, 3);
        assert_false(tn_pipe_exhausting(pipe));
    }
}

/* Published order of size for 55 wagons and 50 to 70 kPa: 70 to 150 s. */
static double recharge(struct tn_pipe *pipe, double reduction_Pa)
{
    reduce(pipe, reduction_Pa, 120);
    double begin = tn_pipe_time(pipe);
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    while (!tn_pipe_charged(pipe, 5 * kPa) && tn_pipe_time(pipe) < 3000)
        tn_pipe_advance(pipe, 0.5);
    return tn_pipe_time(pipe) - begin;
}

static void recharges(void **state)
{
    (void)state;
    double small = recharge(train(55, "120", 500 * kPa), 50 * kPa);
    double large = recharge(train(55, "120", 500 * kPa), 70 * kPa);
    double longer = recharge(train(105, "120", 500 * kPa), 50 * kPa);
    assert_true(small >= 70 && large <= 150 && large > small && longer > 1.8 * small);
}

/* Released too early and braked again, the train brakes less. */
static void exhausted(void **state)
{
    (void)state;
    struct tn_pipe *pipe = train(55, "120", 500 * kPa);
    reduce(pipe, 100 * kPa, 60);
    double first = tn_pipe_cylinder_mean(pipe, NULL);
    for (int k = 0; k < 3; k++) {
        tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
        tn_pipe_advance(pipe, 20);
        reduce(pipe, 100 * kPa, 60);
    }
    assert_true(tn_pipe_cylinder_mean(pipe, NULL) < 0.7 * first);
    assert_true(tn_pipe_auxiliary(pipe, 55) < 405 * kPa);
}

/* Published: 10,000 t, one locomotive needs 2.4 times the charging time of three. */
static void distributed_feeds(void **state)
{
    (void)state;
    vehicle_count = 0;
    add_locomotive(30e-6, 0);
    add_wagons(100, "120", 12);
    double one = recharge(made(600 * kPa), 100 * kPa);
    vehicle_count = 0;
    add_locomotive(30e-6, 0);
    add_wagons(33, "120", 12);
    add_locomotive(30e-6, 2);
    add_wagons(33, "120", 12);
    add_locomotive(30e-6, 2);
    add_wagons(34, "120", 12);
    double three = recharge(made(600 * kPa), 100 * kPa);
    assert_near_rel(one / three, 2.4, 0.2);
}

/* Nothing happens at a distributed locomotive before its radio delay. */
static void radio_delay(void **state)
{
    (void)state;
    vehicle_count = 0;
    add_locomotive(30e-6, 0);
    add_wagons(100, "120", 14);
    add_locomotive(30e-6, 3);
    struct tn_pipe *pipe = made(500 * kPa);
    reduce(pipe, 80 * kPa, 2.9);
    assert_near_abs(tn_pipe_pressure(pipe, 101), 500 * kPa, 100);
    assert_true(tn_pipe_exhausting(pipe));
    tn_pipe_advance(pipe, 2);
    assert_true(tn_pipe_cylinder(pipe, 100) > 0);
    assert_near_abs(tn_pipe_cylinder(pipe, 70), 0, 1);
}

/* A hundred orders at once come to the last of them, at the head and by radio. */
static void orders_in_quick_succession(void **state)
{
    struct tn_pipe *pipes[2];
    (void)state;
    for (int many = 0; many < 2; many++) {
        vehicle_count = 0;
        add_locomotive(30e-6, 0);
        add_wagons(20, "120", 14);
        add_locomotive(30e-6, 3);
        pipes[many] = made(500 * kPa);
        for (int i = 0; many && i < 100; i++)
            tn_pipe_handle_set(pipes[many], TN_PIPE_SERVICE, (50 + i % 7 * 10) * kPa);
        reduce(pipes[many], 80 * kPa, 1);
        tn_pipe_advance(pipes[many], 60);
    }
    assert_near_abs(tn_pipe_cylinder_mean(pipes[0], NULL) / kPa, 160, 10);
    assert_near_abs(tn_pipe_cylinder_mean(pipes[1], NULL) / kPa, tn_pipe_cylinder_mean(pipes[0], NULL) / kPa, 0.5);
}

static double surplus(const struct tn_pipe_air *now, const struct tn_pipe_air *begin)
{
    return (now->held_kg + now->vented_kg + now->leaked_kg - now->fed_kg - begin->held_kg) / begin->held_kg;
}

static void handle_all(struct tn_pipe *pipe)
{
    reduce(pipe, 80 * kPa, 60);
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    tn_pipe_advance(pipe, 100);
    tn_pipe_handle_set(pipe, TN_PIPE_EMERGENCY, 0);
    tn_pipe_advance(pipe, 60);
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    tn_pipe_advance(pipe, 200);
    tn_pipe_break(pipe, 20);
    tn_pipe_advance(pipe, 30);
}

static void air_is_conserved(void **state)
{
    static const char *const names[] = {"120", "103", "aar", "uic-p", "uic-g"};
    (void)state;
    for (size_t k = 0; k < 5; k++)
        for (int leaks = 0; leaks < 2; leaks++) {
            (void)train(50, names[k], 500 * kPa);
            for (size_t i = 0; i < vehicle_count; i++)
                vehicles[i].leak_m2 = leaks ? 2e-8 : 0;
            struct tn_pipe *pipe = made(500 * kPa);
            struct tn_pipe_air begin, now;
            tn_pipe_books(pipe, &begin);
            handle_all(pipe);
            tn_pipe_books(pipe, &now);
            assert_near_abs(surplus(&now, &begin), 0, 1e-9);
            assert_true(leaks ? now.leaked_kg > 0 : now.leaked_kg == 0);
            assert_true(now.fed_kg > 0 && now.vented_kg > 0);
        }
}

static void broken_pipe(void **state)
{
    (void)state;
    struct tn_pipe *pipe = train(50, "120", 500 * kPa);
    tn_pipe_break(pipe, 25);
    tn_pipe_advance(pipe, 40);
    for (size_t i = 1; i <= 50; i++)
        assert_true(tn_pipe_cylinder(pipe, i) > 350 * kPa);
    assert_true(tn_pipe_pressure(pipe, 50) < 30 * kPa);
}

static void closed_cock(void **state)
{
    (void)state;
    (void)train(50, "120", 500 * kPa);
    vehicles[30].cock_closed = true;
    struct tn_pipe *pipe = made(500 * kPa);
    reduce(pipe, 140 * kPa, 90);
    assert_near_abs(tn_pipe_cylinder(pipe, 30) / kPa, 355, 3);
    for (size_t i = 31; i <= 50; i++) {
        assert_near_abs(tn_pipe_cylinder(pipe, i), 0, 0);
        assert_near_abs(tn_pipe_pressure(pipe, i), 500 * kPa, 1e-6);
    }
}

static void cut_out(void **state)
{
    (void)state;
    (void)train(50, "120", 500 * kPa);
    vehicles[10].valve = vehicles[11].valve = NULL;
    struct tn_pipe *pipe = made(500 * kPa);
    reduce(pipe, 100 * kPa, 90);
    assert_near_abs(tn_pipe_cylinder(pipe, 10), 0, 0);
    assert_true(isnan(tn_pipe_auxiliary(pipe, 10)));
    assert_near_abs(tn_pipe_pressure(pipe, 10) / kPa, 400, 2);
    assert_near_abs(tn_pipe_cylinder(pipe, 12) / kPa, 225, 3);
}

/* In release leakage is made good. In lap a small one is passed over, as the reservoirs leak back; a large one brakes.
 */
static void leakage(void **state)
{
    static const double leaks_m2[] = {2e-8, 4e-7};
    (void)state;
    for (int large = 0; large < 2; large++) {
        (void)train(50, "120", 500 * kPa);
        for (size_t i = 0; i < vehicle_count; i++)
            vehicles[i].leak_m2 = leaks_m2[large];
        struct tn_pipe *pipe = made(500 * kPa);
        tn_pipe_advance(pipe, 60);
        assert_near_abs(tn_pipe_cylinder_mean(pipe, NULL), 0, 1);
        tn_pipe_handle_set(pipe, TN_PIPE_LAP, 0);
        tn_pipe_advance(pipe, 120);
        assert_true(large == (tn_pipe_cylinder_mean(pipe, NULL) > 20 * kPa));
    }
}

static void same_again(void **state)
{
    (void)state;
    struct tn_pipe *a = train(80, "120", 500 * kPa), *b = train(80, "120", 500 * kPa), *c = NULL;
    reduce(a, 70 * kPa, 30);
    reduce(b, 70 * kPa, 30);
    assert_int_equal(tn_pipe_copy(&c, a, &arena), TN_OK);
    handle_all(a);
    handle_all(b);
    handle_all(c);
    for (size_t i = 0; i <= 80; i++) {
        assert_true(tn_pipe_pressure(a, i) == tn_pipe_pressure(b, i) &&
                    tn_pipe_cylinder(a, i) == tn_pipe_cylinder(b, i));
        assert_true(tn_pipe_pressure(a, i) == tn_pipe_pressure(c, i) &&
                    tn_pipe_cylinder(a, i) == tn_pipe_cylinder(c, i));
    }
}

/* Halved steps: cylinders within 1 % of full service from the tenth second on, the train's mean at all times. */
static void converged(void **state)
{
    (void)state;
    struct tn_pipe *coarse = train(150, "120", 500 * kPa), *fine = train(150, "120", 500 * kPa);
    tn_pipe_step_set(fine, 0.02);
    for (int t = 0; t < 480; t++) {
        if (t == 0 || t == 60 || t == 160) {
            tn_pipe_handle_set(coarse, t < 160 ? TN_PIPE_SERVICE : TN_PIPE_RELEASE, t == 0 ? 60 * kPa : 100 * kPa);
            tn_pipe_handle_set(fine, t < 160 ? TN_PIPE_SERVICE : TN_PIPE_RELEASE, t == 0 ? 60 * kPa : 100 * kPa);
        }
        tn_pipe_advance(coarse, 0.5);
        tn_pipe_advance(fine, 0.5);
        for (size_t i = 1; i <= 150; i++)
            assert_near_abs(tn_pipe_cylinder(coarse, i) / kPa, tn_pipe_cylinder(fine, i) / kPa, t < 20 ? 4.5 : 3.588);
        assert_near_abs(tn_pipe_cylinder_mean(coarse, NULL) / kPa, tn_pipe_cylinder_mean(fine, NULL) / kPa, 1.5);
    }
}

static void refused(void **state)
{
    (void)state;
    struct tn_pipe *pipe = NULL;
    struct tn_valve bare = *valve("120");
    (void)train(3, "120", 500 * kPa);
    bare.auxiliary_m3 = 0;
    vehicles[2].valve = &bare;
    assert_int_equal(tn_pipe_create(&pipe, vehicles, vehicle_count, 500 * kPa, &arena, &ctx), TN_ERR_INPUT);
    assert_non_null(strstr(ctx.diagnostics[0].text, "without a reservoir"));
    vehicles[2].valve = NULL;
    vehicles[2].bore_m = 0;
    assert_int_equal(tn_pipe_create(&pipe, vehicles, vehicle_count, 500 * kPa, &arena, &ctx), TN_ERR_INPUT);
    assert_int_equal(tn_pipe_create(&pipe, vehicles, 0, 500 * kPa, &arena, &ctx), TN_ERR_INPUT);
}

struct fixture {
    struct rolling rolling;
    struct tn_weather weather;
    struct tn_train train;
    struct tn_pneumatic brake;
};

static void spec_of(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    rolling_init(&f->rolling, &hxd1_25t, 2, 5200);
    f->rolling.train.brake.rate = NAN;
    f->rolling.wagon.shoe_force = 165.3e3;
    tn_schema_defaults(&tn_weather_schema, &f->weather);
}

static tn_status build(struct fixture *f)
{
    tn_status status = tn_train_init(&f->train, &f->rolling.train, &f->weather, 9.81, &arena, &ctx);
    return status == TN_OK ? tn_pneumatic_init(&f->brake, &f->train, &arena, &ctx) : status;
}

/* The pneumatic train at full pressure brakes as the empirical one in emergency. */
static void force_of_a_train(void **state)
{
    struct fixture f;
    (void)state;
    for (int high = 0; high < 2; high++) {
        spec_of(&f);
        f.rolling.train.brake.pipe_pressure = high ? 600e3 : 500e3;
        assert_int_equal(build(&f), TN_OK);
        assert_int_equal(f.brake.count, 58);
        assert_true(f.brake.locomotive[1] && !f.brake.locomotive[2]);
        for (double v = 0; v < 25; v += 5) {
            double expected = tn_curve_at(&f.train.air_emergency, v);
            assert_near_rel(tn_pneumatic_full_force(&f.brake, v, v), expected, 1e-6);
        }
        assert_near_abs(tn_pneumatic_force(&f.brake, 10, 10, false), 0, 0);
        tn_pipe_handle_set(f.brake.pipe, TN_PIPE_EMERGENCY, 0);
        tn_pipe_advance(f.brake.pipe, 60);
        double emergency = tn_pneumatic_force(&f.brake, 10, 10, false),
               full = tn_pneumatic_full_force(&f.brake, 10, 10);
        assert_near_rel(emergency, full, 0.01);
        assert_true(tn_pneumatic_force(&f.brake, 10, 10, true) < emergency);
        assert_near_rel(f.brake.full_Pa[30] / kPa, high ? 435.3 : 358.8, 1e-3);
    }
}

/* The standard's table of beta_c against the cylinders of the model, with the iron shoes that it was made for. */
static void service_coefficient(void **state)
{
    (void)state;
    for (int high = 0; high < 2; high++) {
        double sum = 0, pipe_Pa = high ? 600e3 : 500e3, most = high ? 170 : 140;
        int rows = 0;
        for (double r = 50; r <= most; r += 10, rows++) {
            struct fixture f;
            spec_of(&f);
            f.rolling.train.brake.pipe_pressure = pipe_Pa;
            f.rolling.wagon.friction = law_of(tn_friction_law_name, "medium-phosphorus");
            f.rolling.wagon.shoe_force = 250e3;
            assert_int_equal(build(&f), TN_OK);
            reduce(f.brake.pipe, r * kPa, 120);
            double full = 0, table = tn_brake_service_coefficient(TN_BRAKE_FREIGHT, pipe_Pa, r * kPa);
            double force = tn_pneumatic_force(&f.brake, 10, 10, true);
            tn_pipe_handle_set(f.brake.pipe, TN_PIPE_EMERGENCY, 0);
            tn_pipe_advance(f.brake.pipe, 60);
            full = tn_pneumatic_force(&f.brake, 10, 10, true);
            print_message("%3.0f kPa of %3.0f: beta_c %.3f, table %.2f\n", r, pipe_Pa / kPa, force / full, table);
            sum += fabs(force / full / table - 1);
        }
        print_message("mean difference %.1f %%\n", 100 * sum / rows);
        assert_true(sum / rows < 0.1);
    }
}

static void faults_of_a_train(void **state)
{
    struct fixture f;
    (void)state;
    spec_of(&f);
    f.rolling.train.brake.cut_out = 7;
    f.rolling.train.brake.closed_cock = 40;
    assert_int_equal(build(&f), TN_OK);
    int idle = 0;
    for (size_t i = 0; i < f.brake.count; i++)
        idle += f.brake.full_Pa[i] <= 0;
    assert_int_equal(idle, 7);
    assert_near_rel(tn_pneumatic_full_force(&f.brake, 10, 10), tn_curve_at(&f.train.air_emergency, 10), 1e-6);
    reduce(f.brake.pipe, 100 * kPa, 60);
    assert_near_abs(tn_pipe_pressure(f.brake.pipe, 40), 500e3, 1);
    assert_true(tn_pipe_pressure(f.brake.pipe, 39) < 402e3);
}

/* A second row of locomotives in the middle feeds, and stands where it feeds. */
static void distributed_power(void **state)
{
    struct fixture f;
    struct tn_train_locomotives rows[2];
    (void)state;
    spec_of(&f);
    rows[0] = rows[1] = f.rolling.head;
    rows[0].count = rows[1].count = 1;
    rows[1].behind = 28;
    rows[1].radio_delay = 2;
    f.rolling.train.locomotives = (struct tn_list){rows, 2};
    assert_int_equal(build(&f), TN_OK);
    assert_true(f.brake.locomotive[0] && !f.brake.locomotive[28] && f.brake.locomotive[29]);
    rows[1].behind = 70;
    assert_int_equal(build(&f), TN_ERR_INPUT);
}

static void refused_trains(void **state)
{
    struct fixture f;
    (void)state;
    spec_of(&f);
    f.rolling.train.brake.reduction = 170e3;
    assert_int_equal(build(&f), TN_ERR_INPUT);
    assert_non_null(strstr(ctx.diagnostics[0].text, "170 kPa is more than the effective maximum of 140 kPa"));
    spec_of(&f);
    f.rolling.train.brake.cut_out = 57;
    assert_int_equal(build(&f), TN_ERR_INPUT);
    spec_of(&f);
    f.rolling.wagon.shoe_force = NAN;
    assert_int_equal(build(&f), TN_ERR_INPUT);
    spec_of(&f);
    f.rolling.wagon.id = "bare";
    f.rolling.wagon.air_brake.reservoir_ratio = 0;
    assert_int_equal(tn_wagon_validate(&f.rolling.wagon, &ctx), TN_ERR_INPUT);
    assert_non_null(strstr(ctx.diagnostics[ctx.count - 1].text, "without a reservoir"));
}

/* Two cylinders of 254 mm and 200 mm stroke with a reservoir of 3.25 times their volume: the same pressures. */
static void cylinders_of_a_wagon(void **state)
{
    struct fixture f;
    (void)state;
    spec_of(&f);
    f.rolling.wagon.air_brake.cylinders = 2;
    f.rolling.wagon.air_brake.cylinder_diameter = 0.254;
    f.rolling.wagon.air_brake.cylinder_stroke = 0.2;
    assert_int_equal(build(&f), TN_OK);
    reduce(f.brake.pipe, 100 * kPa, 120);
    assert_near_abs(tn_pipe_cylinder(f.brake.pipe, 30) / kPa, 225, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(cylinder_against_reduction, clean),
        cmocka_unit_test_teardown(effective_maximum, clean),
        cmocka_unit_test_teardown(north_american_valve, clean),
        cmocka_unit_test_teardown(older_chinese_valve, clean),
        cmocka_unit_test_teardown(waves, clean),
        cmocka_unit_test_teardown(two_stage_emergency, clean),
        cmocka_unit_test_teardown(distributor, clean),
        cmocka_unit_test_teardown(graduated_release, clean),
        cmocka_unit_test_teardown(further_reductions, clean),
        cmocka_unit_test_teardown(recharges, clean),
        cmocka_unit_test_teardown(exhausted, clean),
        cmocka_unit_test_teardown(distributed_feeds, clean),
        cmocka_unit_test_teardown(radio_delay, clean),
        cmocka_unit_test_teardown(orders_in_quick_succession, clean),
        cmocka_unit_test_teardown(air_is_conserved, clean),
        cmocka_unit_test_teardown(broken_pipe, clean),
        cmocka_unit_test_teardown(closed_cock, clean),
        cmocka_unit_test_teardown(cut_out, clean),
        cmocka_unit_test_teardown(leakage, clean),
        cmocka_unit_test_teardown(same_again, clean),
        cmocka_unit_test_teardown(converged, clean),
        cmocka_unit_test_teardown(refused, clean),
        cmocka_unit_test_teardown(force_of_a_train, clean),
        cmocka_unit_test_teardown(service_coefficient, clean),
        cmocka_unit_test_teardown(faults_of_a_train, clean),
        cmocka_unit_test_teardown(distributed_power, clean),
        cmocka_unit_test_teardown(refused_trains, clean),
        cmocka_unit_test_teardown(cylinders_of_a_wagon, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
