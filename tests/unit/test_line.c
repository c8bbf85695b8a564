/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include <string.h>

#include "line.h"

static struct tn_station stations[] = {
    {.km = 0, .name = "West", .tracks = 3, .length = 1050, .phase = -1, .until = -1, .lat = 40, .lon = 90},
    {.km = 10000, .name = "Old Loop", .tracks = 2, .length = NAN, .phase = -1, .until = 2024, .lat = NAN, .lon = NAN},
    {.km = 11000, .name = "New Loop", .tracks = 2, .length = NAN, .phase = 2024, .until = -1, .lat = NAN, .lon = NAN},
    {.km = 20000, .name = "Middle", .tracks = 2, .length = NAN, .phase = -1, .until = -1, .lat = 40, .lon = 90.2},
    {.km = 30000, .name = "East", .tracks = 4, .length = NAN, .phase = -1, .until = -1, .lat = 40.1, .lon = 90.2},
};
static struct tn_profile_point profile[] = {
    {.km = 1000, .elevation = 100}, {.km = 11000, .elevation = 200}, {.km = 21000, .elevation = 40}};
static struct tn_double_track second[] = {
    {.from = 10000, .to = 20000, .phase = 2024, .until = -1, .headway = 480},
    {.from = 20000, .to = 25000, .phase = 2024, .until = -1, .headway = 600},
    {.from = 25000, .to = 30000, .phase = 2030, .until = -1, .headway = NAN},
};
static struct tn_loops loops[] = {
    {.from = 0, .to = 30000, .length = 850, .phase = -1, .until = -1},
    {.from = 15000, .to = 30000, .length = 880, .phase = 2024, .until = -1},
};

#define LIST(ROWS)                                                                                                     \
    {                                                                                                                  \
        ROWS, sizeof ROWS / sizeof ROWS[0]                                                                             \
    }

static struct tn_line_spec example(void)
{
    struct tn_line_spec line;
    tn_schema_defaults(&tn_line_schema, &line);
    line.id = "example";
    line.stations = (struct tn_list)LIST(stations);
    line.profile = (struct tn_list)LIST(profile);
    line.double_track = (struct tn_list)LIST(second);
    line.loops = (struct tn_list)LIST(loops);
    return line;
}

static void test_defaults(void **state)
{
    (void)state;
    struct tn_line_spec line;
    tn_schema_defaults(&tn_line_schema, &line);
    assert_near_abs(line.curve_coefficient, 0.6, 0);
    assert_true(line.up_is_decreasing);
    assert_true(isnan(line.speed));
    assert_int_equal(line.profile.count, 0);
    struct tn_station station;
    tn_schema_defaults(&tn_station_schema, &station);
    assert_int_equal(station.tracks, 2);
    assert_int_equal(station.phase, -1);
    assert_int_equal(station.confidence, TN_PUBLISHED);
    assert_true(isnan(station.lat));
}

static void test_phases(void **state)
{
    (void)state;
    assert_true(tn_in_phase(-1, -1, 2020));
    assert_true(tn_in_phase(2024, -1, 2024));
    assert_false(tn_in_phase(2024, -1, 2023));
    assert_false(tn_in_phase(-1, 2024, 2024));
    assert_true(tn_in_phase(-1, 2024, 2023));
    assert_true(tn_in_phase(2024, -1, -1)); /* the latest */
    assert_false(tn_in_phase(-1, 2024, -1));
}

static void test_elevation(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    assert_near_abs(tn_line_elevation(&line, -5000), 100, 0);
    assert_near_abs(tn_line_elevation(&line, 1000), 100, 0);
    assert_near_abs(tn_line_elevation(&line, 6000), 150, 1e-12);
    assert_near_abs(tn_line_elevation(&line, 11000), 200, 0);
    assert_near_abs(tn_line_elevation(&line, 20000), 56, 1e-12);
    assert_near_abs(tn_line_elevation(&line, 1e6), 40, 0);
    line.profile.count = 0;
    line.origin_altitude = 77;
    assert_near_abs(tn_line_elevation(&line, 6000), 77, 0);
}

static void test_bearing(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    const double east = acos(0.0);
    assert_near_abs(tn_line_bearing(&line, 5000), east, 1e-12);
    assert_near_abs(tn_line_bearing(&line, -1), east, 1e-12);
    assert_near_abs(tn_line_bearing(&line, 25000), 0, 1e-12);
    assert_near_abs(tn_line_bearing(&line, 99000), 0, 1e-12);
    line.stations.count = 3; /* one with coordinates only */
    assert_true(isnan(tn_line_bearing(&line, 5000)));
}

static void test_tracks(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    double headway = 0;
    assert_false(tn_line_double_track(&line, 10000, 20000, 2020, &headway));
    assert_true(tn_line_double_track(&line, 10000, 20000, 2024, &headway));
    assert_near_abs(headway, 480, 0);
    assert_true(tn_line_double_track(&line, 12000, 24000, 2024, &headway)); /* two rows that meet; the longer headway */
    assert_near_abs(headway, 600, 0);
    assert_false(tn_line_double_track(&line, 12000, 26000, 2024, &headway));
    assert_false(tn_line_double_track(&line, 9000, 20000, 2024, &headway));
    assert_true(tn_line_double_track(&line, 10000, 30000, -1, &headway));
    assert_true(isnan(headway));
    assert_true(tn_line_double_track(&line, 10000, 20000, -1, NULL));
    assert_near_abs(tn_line_track_length(&line, &stations[0], 2024), 1050, 0);
    assert_near_abs(tn_line_track_length(&line, &stations[3], 2020), 850, 0);
    assert_near_abs(tn_line_track_length(&line, &stations[3], 2024), 880, 0);
    line.loops.count = 0;
    assert_true(isnan(tn_line_track_length(&line, &stations[3], 2024)));
}

static void test_paths(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_arena arena = {0};
    struct tn_context ctx = {0};
    struct tn_path path;
    assert_int_equal(tn_path_init(&path, &line, 2020, "East", "West", NULL, NULL, &arena, &ctx), TN_OK);
    assert_true(path.up);
    assert_near_abs(path.length_m, 30000, 0);
    assert_near_abs(path.sign, -1, 0);
    assert_int_equal(path.station_count, 4);
    assert_string_equal(path.stations[1]->name, "Middle");
    assert_string_equal(path.stations[2]->name, "Old Loop");
    assert_near_abs(path.station_s_m[2], 20000, 0);
    assert_int_equal(tn_path_init(&path, &line, -1, "New Loop", "East", NULL, NULL, &arena, &ctx), TN_OK);
    assert_false(path.up);
    assert_int_equal(path.station_count, 3);
    assert_near_abs(path.station_s_m[0], 0, 0);
    assert_near_abs(path.station_s_m[1], 9000, 0);
    line.up_is_decreasing = false;
    assert_int_equal(tn_path_init(&path, &line, -1, "West", "East", NULL, NULL, &arena, &ctx), TN_OK);
    assert_true(path.up);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
}

static void expect_error(struct tn_context *ctx, const char *text, const char *hint)
{
    assert_int_equal(ctx->errors, 1);
    assert_string_equal(ctx->diagnostics[0].text, text);
    if (hint)
        assert_string_equal(ctx->diagnostics[0].hint, hint);
    else
        assert_null(ctx->diagnostics[0].hint);
    tn_context_clear(ctx);
    *ctx = (struct tn_context){0};
}

static void test_unknown_stations(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_arena arena = {0};
    struct tn_context ctx = {0};
    struct tn_path path;
    assert_int_equal(tn_path_init(&path, &line, 2020, "East", "Midle", NULL, NULL, &arena, &ctx), TN_ERR_INPUT);
    expect_error(&ctx, "line example has no station Midle", "did you mean Middle?");
    tn_path_init(&path, &line, 2020, "East", "New Loop", NULL, NULL, &arena, &ctx);
    expect_error(&ctx, "line example has no station New Loop in this phase", "it is there from phase 2024");
    tn_path_init(&path, &line, -1, "Old Loop", "East", NULL, NULL, &arena, &ctx);
    expect_error(&ctx, "line example has no station Old Loop in this phase", "it is there only before phase 2024");
    tn_path_init(&path, &line, -1, "Vladivostok", "East", NULL, NULL, &arena, &ctx);
    expect_error(&ctx, "line example has no station Vladivostok", NULL);
    assert_int_equal(tn_path_init(&path, &line, -1, "East", "East", NULL, NULL, &arena, &ctx), TN_ERR_INPUT);
    expect_error(&ctx, "from East to East is no way to go", "name two stations");
    tn_arena_clear(&arena);
}

static void test_valid(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_context ctx = {0};
    assert_int_equal(tn_line_validate(&line, &ctx), TN_OK);
    assert_int_equal(ctx.count, 0);
    tn_context_clear(&ctx);
}

static void test_bad_profile(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_context ctx = {0};
    struct tn_profile_point steep[] = {{.km = 0, .elevation = 100}, {.km = 1000, .elevation = 300}};
    line.profile = (struct tn_list)LIST(steep);
    assert_int_equal(tn_line_validate(&line, &ctx), TN_ERR_INPUT);
    expect_error(&ctx, "a grade of 200 permil from km 0 to km 1; a railway has at most 100",
                 "check the units of km and elevation");
    steep[1].elevation = 150; /* a rack railway's, but possible */
    assert_int_equal(tn_line_validate(&line, &ctx), TN_OK);
    assert_int_equal(ctx.count, 1);
    assert_int_equal(ctx.diagnostics[0].severity, TN_SEVERITY_WARNING);
    tn_context_clear(&ctx);
    line.profile.count = 1;
    assert_int_equal(tn_line_validate(&line, &ctx), TN_ERR_INPUT);
    expect_error(&ctx, "a profile has at least 2 points, not 1", "leave the profile out for a level line");
}

static void test_bad_rows(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_context ctx = {0};
    struct tn_limit limit[] = {{.from = 5000, .to = 5000, .speed = 10, .phase = -1, .until = -1}};
    line.limits = (struct tn_list)LIST(limit);
    assert_int_equal(tn_line_validate(&line, &ctx), TN_ERR_INPUT);
    expect_error(&ctx, "the limit ends at km 5, not after it begins at km 5",
                 "`from` is the smaller km, whichever way trains run");
    limit[0] = (struct tn_limit){.from = 0, .to = 5000, .speed = 10, .phase = 2024, .until = 2020};
    tn_line_validate(&line, &ctx);
    expect_error(&ctx, "gone from 2020, but there only from 2024", NULL);
    line.limits.count = 0;
    struct tn_tunnel tunnel[] = {{.from = 1000, .to = 3000}, {.from = 2500, .to = 4000}};
    line.tunnels = (struct tn_list)LIST(tunnel);
    tn_line_validate(&line, &ctx);
    expect_error(&ctx, "the tunnel begins at km 2.5, inside the one before, which ends at km 3", NULL);
    tunnel[1].from = 3000;
    assert_int_equal(tn_line_validate(&line, &ctx), TN_OK);
    struct tn_curved curve[] = {{.from = 1000, .to = 3000, .radius = 500, .curvature = NAN},
                                {.from = 3500, .to = 3400, .radius = 500, .curvature = NAN}};
    line.curves = (struct tn_list)LIST(curve);
    tn_line_validate(&line, &ctx);
    expect_error(&ctx, "the curve ends at km 3.4, not after it begins at km 3.5",
                 "`from` is the smaller km, whichever way trains run");
}

static void test_curve_laws(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_context ctx = {0};
    struct tn_curved curve[] = {{.from = 1000, .to = 3000, .radius = 500, .curvature = NAN},
                                {.from = 3000, .to = 3400, .radius = NAN, .curvature = 0.002}};
    line.curves = (struct tn_list)LIST(curve);
    assert_int_equal(tn_line_validate(&line, &ctx), TN_OK);
    assert_near_rel(tn_line_curve_resistance(&line, &curve[0]), 0.6 / 500, 1e-15);
    assert_near_rel(tn_line_curve_resistance(&line, &curve[1]), 0.6 / 500, 1e-15);
    line.curve_law = TN_CURVE_ALTRIOS;
    double k1 = 5.726147e-4, beyond = 0.002 - k1;
    assert_near_rel(tn_line_curve_resistance(&line, &curve[1]),
                    0.056 * k1 + 0.4387579 * beyond + 0.01025485 * beyond * beyond, 1e-6);
    curve[1].curvature = 0.0005;
    assert_near_rel(tn_line_curve_resistance(&line, &curve[1]), 0.056 * 0.0005, 1e-15);
    curve[0].curvature = 0.002;
    tn_line_validate(&line, &ctx);
    expect_error(&ctx, "the curve at km 1 has a radius and a curvature", "give one of radius and curvature");
    curve[0].curvature = curve[0].radius = NAN;
    tn_line_validate(&line, &ctx);
    expect_error(&ctx, "the curve at km 1 has neither radius nor curvature", "give one of radius and curvature");
}

static void test_bad_stations(void **state)
{
    (void)state;
    struct tn_line_spec line = example();
    struct tn_context ctx = {0};
    struct tn_station twice[3];
    memcpy(twice, stations, sizeof twice);
    twice[2].name = "Old Loop"; /* moved by a kilometre in 2024: both rows may stand */
    line.stations = (struct tn_list)LIST(twice);
    assert_int_equal(tn_line_validate(&line, &ctx), TN_OK);
    twice[2].phase = 2020;
    assert_int_equal(tn_line_validate(&line, &ctx), TN_ERR_INPUT);
    assert_int_equal(ctx.errors, 1);
    assert_string_equal(ctx.diagnostics[0].text, "a station Old Loop stands at km 10 already");
    twice[2].phase = 2024;
    tn_context_clear(&ctx);
    ctx = (struct tn_context){0};
    twice[0].lon = NAN;
    tn_line_validate(&line, &ctx);
    expect_error(&ctx, "West has only one of lat and lon", "give both or neither");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults),         cmocka_unit_test(test_phases),
                                       cmocka_unit_test(test_elevation),        cmocka_unit_test(test_bearing),
                                       cmocka_unit_test(test_tracks),           cmocka_unit_test(test_paths),
                                       cmocka_unit_test(test_unknown_stations), cmocka_unit_test(test_valid),
                                       cmocka_unit_test(test_bad_profile),      cmocka_unit_test(test_bad_rows),
                                       cmocka_unit_test(test_curve_laws),       cmocka_unit_test(test_bad_stations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
