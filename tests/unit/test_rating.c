/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rating.h"

#include "line.h"
#include "rolling.h"

ROLLING_STUDY(rating)

static const struct tn_rating_criterion *criterion(const struct fixture *f, const char *name)
{
    const struct tn_rating_criterion *rows = f->result.criteria.items;
    for (size_t i = 0; i < f->result.criteria.count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    fail_msg("no criterion %s", name);
    return NULL;
}

/* Reference masses on the ruling grade, t, one locomotive at its continuous point, full and 0.9 of the effort. */
static void reference_masses(void **state)
{
    static const double grades[] = {6, 9, 12, 13, 16, 20};
    static const struct {
        const struct rolling_law *law;
        double full[6], design[6], force_kN;
    } rows[] = {
        {&hxd1_25t, {6762, 4821, 3726, 3460, 2842, 2283}, {6063, 4317, 3332, 3093, 2536, 2033}, 532},
        {&hxd1c_25t, {5084, 3625, 2802, 2602, 2137, 1717}, {4559, 3246, 2506, 2326, 1907, 1529}, 400},
        {&hxd1c_23t, {4635, 3318, 2570, 2388, 1964, 1579}, {4156, 2971, 2298, 2134, 1753, 1407}, 370},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int k = 0; k < 6; k++) {
            struct fixture f = {.ctx = {.count = 0}};
            rolling_init(&f.rolling, rows[i].law, 1, 5200);
            set_up(&f, grades[k] * 1e-3);
            run(&f);
            assert_near_rel(criterion(&f, "balance")->load_kg, rows[i].full[k] * 1e3, 1e-3);
            f.spec.effort_factor = 0.9;
            run(&f);
            assert_near_rel(criterion(&f, "balance")->load_kg, rows[i].design[k] * 1e3, 1e-3);
            done(&f);
        }
    }
}

/* G_q = [F - P (w_q' + i) g] / [(w_q'' + i) g], and the pull of the wagons alone for the coupler. */
static void start_and_coupler(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    double start = (1140e3 - 300e3 * 21e-3 * 9.81) / (19.5e-3 * 9.81), coupler = 2250e3 / (19.5e-3 * 9.81);
    assert_near_rel(criterion(&f, "start")->load_kg, start, 1e-12);
    assert_near_rel(criterion(&f, "coupler")->load_kg, coupler, 1e-12);
    assert_near_rel(criterion(&f, "start")->load_wagons_kg, floor(start / 93.6e3) * 93.6e3, 1e-12);
    done(&f);
}

/* An 880 m loop less 30 m and two locomotives of 35.2 m, 93.6 t in 13.976 m: 5,221 t published (with 6.70 t/m). */
static void track_length(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1_25t, 2, 5200);
    set_up(&f, 0.004);
    f.spec.track_length = 880;
    f.spec.margin = 30;
    run(&f);
    assert_near_rel(criterion(&f, "length")->load_kg, 5221e3, 1e-3);
    assert_string_equal(f.result.binding, "length");
    assert_int_equal(f.result.wagons, 55);
    assert_near_rel(f.result.load_kg, 55 * 93.6e3, 1e-12);
    done(&f);
}

/* The shortest track among the stations where it must stop. */
static void track_length_of_the_line(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    struct tn_station stations[3];
    struct tn_line_spec line;
    struct tn_rating_stop stop = {"C"};
    (void)state;
    memset(&line, 0, sizeof line);
    tn_schema_defaults(&tn_line_schema, &line);
    for (int i = 0; i < 3; i++) {
        memset(&stations[i], 0, sizeof stations[i]);
        tn_schema_defaults(&tn_station_schema, &stations[i]);
        stations[i].name = i == 0 ? "A" : i == 1 ? "B" : "C";
        stations[i].km = 10e3 * i;
        stations[i].length = i == 1 ? 600 : 1000 + i;
    }
    line.id = "line";
    line.stations = (struct tn_list){stations, 3};
    rolling_init(&f.rolling, &hxd1_25t, 2, 5200);
    set_up(&f, 0.004);
    f.environment.line = &line;
    run(&f);
    assert_string_equal(criterion(&f, "length")->detail, "B, 600 m");
    f.spec.stops = (struct tn_list){&stop, 1};
    run(&f);
    assert_string_equal(criterion(&f, "length")->detail, "C, 1,002 m");
    stop.station = "D";
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    done(&f);
}

/* The dynamic brake holds its rating exactly, at the speed where it does best. */
static void dynamic_brake(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1c_25t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    double v = 64.8, loco = 1.2 + 0.0065 * v + 0.000279 * v * v, wagon = 0.92 + 0.0048 * v + 0.000125 * v * v;
    double best = (800e3 / 9.81 - 300e3 * (16 - loco) * 1e-3) / ((16 - wagon) * 1e-3);
    assert_near_rel(criterion(&f, "dynamic-brake")->load_kg, best, 1e-9);
    f.spec.hold_speed = 80 * KMH;
    run(&f);
    assert_true(criterion(&f, "dynamic-brake")->load_kg < best);
    done(&f);
}

/* 5,684 t published for two HXD1 of 25 t at their continuous point on 16 permil; no law, no adhesion limit. */
static void binding_criterion(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1_25t, 2, 5200);
    set_up(&f, 0.016);
    run(&f);
    assert_string_equal(f.result.binding, "balance");
    assert_near_rel(f.result.load_fractional_kg, 5684e3, 1e-3);
    assert_true(isinf(criterion(&f, "adhesion")->load_kg));
    f.rolling.train.adhesion = law_of(tn_train_adhesion_name, "curtius-kniffler");
    run(&f);
    assert_string_equal(f.result.binding, "adhesion");
    double v = 65, mu = 0.161 + 7.5 / (44 + v);
    double loco = 1.2 + 0.0065 * v + 0.000279 * v * v, wagon = 0.92 + 0.0048 * v + 0.000125 * v * v;
    double load = (mu * 400e3 - 400e3 * (16 + loco) * 1e-3) / ((16 + wagon) * 1e-3);
    assert_near_rel(criterion(&f, "adhesion")->load_kg, load, 1e-9);
    done(&f);
}

/* Each point of the curve is the rating of its grade, and the middle one that of the ruling grade. */
static void curve_over_the_grade(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1_25t, 2, 5200);
    set_up(&f, 0.016);
    f.spec.track_length = 880;
    run(&f);
    const struct tn_rating_point *points = f.result.curve.items;
    const size_t count = f.result.curve.count, middle = count / 2;
    double was = INFINITY;
    assert_int_equal(count % 2, 1);
    assert_near_abs(points[middle].grade_1, 0.016, 1e-17);
    assert_near_abs(points[middle].load_kg, f.result.load_fractional_kg, 0);
    assert_near_abs(points[middle].balance_kg, criterion(&f, "balance")->load_kg, 0);
    assert_near_abs(points[middle].length_kg, criterion(&f, "length")->load_kg, 0);
    for (size_t i = 0; i < count; i++) {
        const struct tn_rating_point *p = &points[i];
        const double by[] = {p->balance_kg,       p->start_kg,   p->adhesion_kg,
                             p->dynamic_brake_kg, p->coupler_kg, p->length_kg};
        double least = INFINITY;
        for (int k = 0; k < 6; k++)
            least = fmin(least, by[k]);
        assert_near_abs(p->load_kg, least, 0);
        assert_true(p->load_kg <= was && p->balance_kg > 0);
        was = p->load_kg;
    }
    const struct tn_rating_point last = points[count - 1];
    assert_string_equal(points[0].binding, "length");
    assert_string_equal(last.binding, last.balance_kg < last.dynamic_brake_kg ? "balance" : "dynamic-brake");
    f.spec.grade = last.grade_1;
    run(&f);
    assert_near_abs(f.result.load_fractional_kg, last.load_kg, 0);
    assert_near_abs(criterion(&f, "start")->load_kg, last.start_kg, 0);
    assert_near_abs(criterion(&f, "dynamic-brake")->load_kg, last.dynamic_brake_kg, 0);
    done(&f);
}

static void needs_wagons_and_locomotives(void **state)
{
    struct fixture f = {.ctx = {.count = 0}};
    (void)state;
    rolling_init(&f.rolling, &hxd1_25t, 2, 5200);
    f.rolling.train.wagons.count = 0;
    set_up(&f, 0.016);
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    assert_int_equal(f.ctx.errors, 1);
    f.rolling.train.wagons.count = 1;
    f.rolling.train.locomotives.count = 0;
    assert_int_equal(attempt(&f), TN_ERR_INPUT);
    assert_non_null(strstr(f.ctx.diagnostics[1].text, "no locomotives"));
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_masses),     cmocka_unit_test(start_and_coupler),
        cmocka_unit_test(track_length),         cmocka_unit_test(track_length_of_the_line),
        cmocka_unit_test(dynamic_brake),        cmocka_unit_test(binding_criterion),
        cmocka_unit_test(curve_over_the_grade), cmocka_unit_test(needs_wagons_and_locomotives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
