/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "brake_test.h"

#include "rolling.h"

#define kPa 1e3

struct fixture {
    struct rolling rolling;
    struct tn_brake_test_spec spec;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_context ctx;
    struct tn_brake_test_result result;
};

static double short_list[] = {10, 30, 60}, one_length[] = {10}, some[] = {50 * kPa, 90 * kPa}, one[] = {50 * kPa};

/* So many C70 behind two HXD1; recharge of one small train only. */
static void prepare(struct fixture *f, int wagons)
{
    memset(f, 0, sizeof *f);
    rolling_init(&f->rolling, &hxd1_25t, 2, 1);
    f->rolling.tail.load = NAN;
    f->rolling.tail.count = wagons;
    tn_schema_defaults(&tn_brake_test_spec_schema, &f->spec);
    f->spec.train = (struct tn_ref){"test", &f->rolling.train};
    f->spec.lengths = (struct tn_list){one_length, 1};
    f->spec.reductions = (struct tn_list){one, 1};
    f->environment = (struct tn_environment){.phase = -1, .gravity_m_s2 = 9.81};
    tn_schema_defaults(&tn_weather_schema, &f->environment.weather);
}

static tn_status try(struct fixture *f)
{
    memset(&f->result, 0, sizeof f->result);
    return tn_study_brake_test.solve(&f->result, &f->spec, &f->environment, &f->arena, &f->ctx);
}

static void done(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

/* From the order to the last cylinder: service 150 to 220 m/s, emergency 250 and more (120 valve). */
static void waves(void **state)
{
    (void)state;
    for (int wagons = 50; wagons <= 150; wagons += 50) {
        struct fixture f;
        prepare(&f, wagons);
        assert_int_equal(try(&f), TN_OK);
        const struct tn_brake_test_result *r = &f.result;
        assert_true(r->service_wave_m_s > 150 && r->service_wave_m_s < 220);
        assert_true(r->emergency_wave_m_s >= 250 && r->emergency_wave_m_s < 290);
        assert_true(r->release_wave_m_s > 100 && r->release_wave_m_s < 290);
        assert_true(r->service_wave_between_m_s > r->service_wave_m_s);
        assert_true(r->fill_tail_time_s > r->fill_head_time_s);
        assert_true(r->release_tail_time_s > r->release_head_time_s);
        assert_true(r->air_residual_1 < 1e-9);
        done(&f);
    }
}

/* Rule book 140 from 500 kPa and 170 from 600; Boyle's law 141.2 and 164.7. The standard's table of beta_c. */
static void reductions(void **state)
{
    static const double rows[][3] = {{500, 141.2, 358.8}, {600, 164.7, 435.3}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        prepare(&f, 56);
        f.rolling.train.brake.pipe_pressure = rows[i][0] * kPa;
        assert_int_equal(try(&f), TN_OK);
        const struct tn_brake_test_service *services = f.result.services.items;
        assert_near_abs(f.result.reduction_effective_Pa / kPa, rows[i][1], 3);
        assert_near_abs(f.result.cylinder_full_Pa / kPa, rows[i][2], 3);
        assert_int_equal(f.result.services.count, i == 0 ? 10 : 13);
        assert_true(f.result.share_difference_mean_1 > 0.001 && f.result.share_difference_mean_1 < 0.1);
        for (size_t k = 0; k < f.result.services.count; k++) {
            double r = services[k].reduction_Pa / kPa, expected = fmin(3.25 * r - 100, rows[i][2]);
            assert_near_abs(services[k].cylinder_boyle_Pa / kPa, expected, 0.1);
            assert_near_abs(services[k].cylinder_mean_Pa / kPa, expected, 3);
            assert_true(k == 0 || services[k].share_iron_1 >= services[k - 1].share_iron_1);
            assert_true(services[k].share_1 < services[k].share_iron_1);
        }
        done(&f);
    }
}

/* Position P of UIC 540, a few coaches: 3 to 5 s to 95 %, 15 to 20 s down to 40 kPa. */
static void distributor(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 2);
    f.rolling.wagon.air_brake.valve = law_of(tn_valve_name, "uic-p");
    f.spec.reduction = 140 * kPa;
    assert_int_equal(try(&f), TN_OK);
    assert_true(f.result.emergency_fill_head_time_s > 3 && f.result.emergency_fill_head_time_s < 5);
    assert_true(f.result.release_head_time_s > 13 && f.result.release_head_time_s < 20);
    done(&f);
}

/* Longer trains and larger reductions take longer and more air, which is what the reduction took out. */
static void recharge(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 30);
    f.spec.reduction = 90 * kPa;
    f.spec.lengths = (struct tn_list){short_list, 3};
    f.spec.reductions = (struct tn_list){some, 2};
    assert_int_equal(try(&f), TN_OK);
    const struct tn_brake_test_recharge *rows = f.result.recharges.items;
    assert_int_equal(f.result.recharges.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(rows[i].wagons, short_list[i / 2]);
        assert_near_abs(rows[i].length_m, 2 * 35.2 + 13.976 * rows[i].wagons, 1e-6);
        assert_true(i % 2 == 0 || rows[i].recharge_time_s > rows[i - 1].recharge_time_s);
        assert_true(i < 2 || rows[i].recharge_time_s > rows[i - 2].recharge_time_s);
        /* pipe of 15.5 l and auxiliary of 60 l a wagon; locomotives and what the valves vent come on top */
        double wagons_kg = rows[i].wagons * (0.0155 + 0.060) * rows[i].reduction_Pa / (287.05 * 293.15);
        assert_true(rows[i].air_kg > 0.8 * wagons_kg && rows[i].air_kg < 1.7 * wagons_kg);
    }
    assert_near_rel(f.result.recharge_time_s, rows[3].recharge_time_s, 1e-3);
    assert_near_rel(f.result.recharge_air_kg, rows[3].air_kg, 1e-3);
    const struct tn_brake_test_row *trace = f.result.trace.items;
    for (size_t i = 1; i < f.result.trace.count; i++)
        assert_true(trace[i].time_s > trace[i - 1].time_s);
    assert_near_abs(trace[0].pipe_head_Pa, 500 * kPa, 1);
    assert_near_abs(trace[f.result.trace.count - 1].pipe_tail_Pa, 500 * kPa, 10 * kPa);
    done(&f);
}

/* Behind a closed cock nothing moves. */
static void closed_cock(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f, 20);
    f.rolling.train.brake.closed_cock = 10;
    assert_int_equal(try(&f), TN_OK);
    assert_true(isnan(f.result.service_wave_m_s) && isnan(f.result.emergency_wave_m_s));
    assert_non_null(strstr(f.result.head.verdict, "no wave"));
    done(&f);
}

/* Leakage slows recharge; what a reduction gives is told of a tight train. */
static void leakage(void **state)
{
    struct fixture tight, leaky;
    (void)state;
    prepare(&tight, 30);
    prepare(&leaky, 30);
    leaky.rolling.train.brake.leakage = 20 * kPa;
    assert_int_equal(try(&tight), TN_OK);
    assert_int_equal(try(&leaky), TN_OK);
    assert_true(leaky.result.recharge_time_s > tight.result.recharge_time_s + 5);
    assert_near_abs(leaky.result.reduction_effective_Pa, tight.result.reduction_effective_Pa, 1);
    assert_near_abs(leaky.result.share_difference_mean_1, tight.result.share_difference_mean_1, 0.002);
    assert_true(leaky.result.air_residual_1 < 1e-9);
    done(&tight);
    done(&leaky);
}

static void impossible(void **state)
{
    static double fraction[] = {10.5}, large[] = {150 * kPa};
    struct fixture f;
    (void)state;
    prepare(&f, 10);
    f.spec.reduction = 150 * kPa;
    assert_int_equal(try(&f), TN_ERR_INPUT);
    done(&f);
    prepare(&f, 10);
    f.spec.lengths.items = fraction;
    assert_int_equal(try(&f), TN_ERR_INPUT);
    done(&f);
    prepare(&f, 10);
    f.spec.reductions.items = large;
    assert_int_equal(try(&f), TN_ERR_INPUT);
    done(&f);
    prepare(&f, 10);
    f.rolling.train.brake.cut_out = 10;
    assert_int_equal(try(&f), TN_ERR_INPUT);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves),      cmocka_unit_test(reductions),  cmocka_unit_test(distributor),
        cmocka_unit_test(recharge),   cmocka_unit_test(closed_cock), cmocka_unit_test(leakage),
        cmocka_unit_test(impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
