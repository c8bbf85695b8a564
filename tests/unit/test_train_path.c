/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "near.h"
#include "small_network.h"

static size_t count(struct small_network *f, const struct tn_train_path *paths, size_t n, bool cyclic,
                    enum tn_road_rule *rule_out)
{
    struct tn_list found;
    assert_int_equal(tn_road_check(&found, &f->network, paths, n, cyclic, &f->arena), TN_OK);
    if (found.count)
        *rule_out = ((struct tn_road_conflict *)found.items)[0].rule;
    return found.count;
}

#define expect(F, PATHS, CYCLIC, RULE)                                                                                 \
    do {                                                                                                               \
        enum tn_road_rule rule_ = TN_RULE_ORDER;                                                                       \
        assert_true(count(F, PATHS, sizeof(PATHS) / sizeof *(PATHS), CYCLIC, &rule_) > 0);                             \
        assert_string_equal(tn_road_rule_name((int)rule_), tn_road_rule_name(RULE));                                   \
    } while (0)
#define expect_none(F, PATHS, CYCLIC)                                                                                  \
    do {                                                                                                               \
        enum tn_road_rule rule_ = TN_RULE_ORDER;                                                                       \
        assert_int_equal(count(F, PATHS, sizeof(PATHS) / sizeof *(PATHS), CYCLIC, &rule_), 0);                         \
    } while (0)

/* Up passes B at 12, where down waits from 5 on: B's rules are just kept. */
static void meets(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    struct tn_train_path good[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 1, 1, -7, 8, 14, 29)};
    expect_none(&f, good, false);
    expect_none(&f, good, true);
    struct tn_train_path near[] = {good[0], small_path(&f, 1, 1, -6, 9, 14, 29)};
    expect(&f, near, false, TN_RULE_NOT_SIMULTANEOUS);
    struct tn_train_path early[] = {good[0], small_path(&f, 1, 1, -7, 8, 13, 28)};
    expect(&f, early, false, TN_RULE_MEETING);
    struct tn_train_path head_on[] = {good[0], small_path(&f, 1, 1, -7, 8, 11, 26)};
    expect(&f, head_on, false, TN_RULE_SECTION);
    expect(&f, head_on, true, TN_RULE_SECTION);
    tn_arena_clear(&f.arena);
}

static void alone(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    struct tn_train_path fast[] = {small_path(&f, 0, 1, 0, 11, 11, 23)}; /* 12 with its start */
    expect(&f, fast, false, TN_RULE_RUNNING_TIME);
    struct tn_train_path fast_stop[] = {small_path(&f, 0, 1, 0, 12, 20, 33)}; /* 13 with start and stop */
    expect(&f, fast_stop, false, TN_RULE_RUNNING_TIME);
    struct tn_train_path backwards[] = {small_path(&f, 0, 1, 0, 20, 15, 33)};
    expect(&f, backwards, false, TN_RULE_ORDER);
    struct tn_train_path stops[] = {small_path(&f, 0, 1, 0, 13, 14, 27)};
    expect_none(&f, stops, false);
    f.dwells[1] = 5 * MIN;
    expect(&f, stops, false, TN_RULE_ORDER);
    f.dwells[1] = -1;
    f.fits[1] = false;
    expect(&f, stops, false, TN_RULE_FIT);
    tn_arena_clear(&f.arena);
}

static void follow(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    struct tn_train_path good[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 0, 2, 15, 27, 27, 38)};
    expect_none(&f, good, false);
    struct tn_train_path near[] = {good[0], small_path(&f, 0, 2, 14, 26, 26, 37)};
    expect(&f, near, false, TN_RULE_FOLLOWING);
    struct tn_train_path both[] = {good[0], small_path(&f, 0, 2, 11, 23, 23, 34)};
    expect(&f, both, false, TN_RULE_SECTION);
    f.sections[0].headway_ms = f.sections[1].headway_ms = 6 * MIN; /* automatic block */
    expect_none(&f, both, false);
    struct tn_train_path closer[] = {good[0], small_path(&f, 0, 2, 5, 17, 17, 28)};
    expect(&f, closer, false, TN_RULE_FOLLOWING);
    /* a train that overtakes inside a section arrives too soon before the other */
    struct tn_train_path slow[] = {small_path(&f, 0, 1, 0, 30, 30, 41), small_path(&f, 0, 2, 7, 19, 19, 30)};
    expect(&f, slow, false, TN_RULE_FOLLOWING);
    tn_arena_clear(&f.arena);
}

static void over_midnight(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    const int64_t day = DAY / MIN;
    /* just before midnight against just after it: the same as meets(), a day apart */
    struct tn_train_path near[] = {small_path(&f, 0, 1, day, day + 12, day + 12, day + 23),
                                   small_path(&f, 1, 1, -7, 8, 13, 28)};
    expect(&f, near, true, TN_RULE_MEETING);
    expect_none(&f, near, false);
    /* waits a day: meets its own copy on the two tracks, and nobody else may come */
    struct tn_train_path still[] = {small_path(&f, 0, 1, 0, 13, 13 + day + 10, 36 + day)};
    expect_none(&f, still, true);
    f.stations[1].tracks = 1;
    expect(&f, still, true, TN_RULE_TRACKS);
    expect_none(&f, still, false);
    tn_arena_clear(&f.arena);
}

static void tracks_windows_power(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    struct tn_train_path three[] = {small_path(&f, 0, 1, 0, 13, 100, 113), small_path(&f, 0, 2, 20, 33, 120, 133),
                                    small_path(&f, 0, 3, 40, 52, 52, 63)};
    expect(&f, three, false, TN_RULE_TRACKS);
    f.stations[1].tracks = 3;
    expect_none(&f, three, false);

    struct tn_network_window window = {DAY - 5 * MIN, 10 * MIN}; /* past midnight */
    f.sections[0].windows = &window;
    f.sections[0].window_count = 1;
    struct tn_train_path one[] = {small_path(&f, 0, 1, 4, 16, 16, 27)};
    expect(&f, one, false, TN_RULE_WINDOW);
    struct tn_train_path later[] = {small_path(&f, 0, 1, 5, 17, 17, 28)};
    expect_none(&f, later, false);
    struct tn_train_path before[] = {small_path(&f, 0, 1, DAY / MIN - 17, DAY / MIN - 5, DAY / MIN - 5, DAY / MIN + 6)};
    expect_none(&f, before, true);
    f.sections[0].window_count = 0;

    struct tn_network_feeding feeding = {"F", 0, 1, 1.5e6};
    f.network.feedings = &feeding;
    f.network.feeding_count = 1;
    struct tn_train_path two[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 0, 2, 15, 27, 27, 38)};
    expect(&f, two, false, TN_RULE_POWER);
    feeding.power_W = 2e6;
    expect_none(&f, two, false);
    tn_arena_clear(&f.arena);
}

static void double_track(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    f.sections[0].tracks = f.sections[1].tracks = 2;
    struct tn_train_path crossing[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 1, 1, -2, 12, 12, 25)};
    expect_none(&f, crossing, false);
    f.sections[1].tracks = 1;
    expect(&f, crossing, false, TN_RULE_NOT_SIMULTANEOUS); /* both at B at 12 */
    tn_arena_clear(&f.arena);
}

static void rows(void **state)
{
    (void)state;
    struct small_network f;
    small_network_init(&f);
    struct tn_list list;
    struct tn_train_path good[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 1, 1, -7, 8, 14, 29)};
    assert_int_equal(tn_rows_of_paths(&list, &f.network, good, 2, &f.arena), TN_OK);
    const struct tn_path_row *p = list.items;
    assert_int_equal(list.count, 6);
    assert_string_equal(p[4].train, "freight down 1");
    assert_string_equal(p[4].station, "B");
    assert_near_abs(p[4].departure_s, 14 * 60, 1e-12);
    assert_int_equal(tn_rows_of_stations(&list, &f.network, good, 2, 0, DAY, true, &f.arena), TN_OK);
    const struct tn_station_row *s = list.items;
    assert_near_abs(s[1].occupancy_1, 6.0 / 2880, 1e-12);
    assert_int_equal(s[1].trains_most, 1);
    assert_int_equal(tn_rows_of_sections(&list, &f.network, good, 2, 0, DAY, true, &f.arena), TN_OK);
    const struct tn_section_row *k = list.items;
    assert_near_abs(k[0].trains_per_day, 2, 1e-12);
    assert_near_abs(k[0].occupancy_1, (14 + 17) / 1440.0, 1e-12); /* 0..12 and 14..29, 2 more after each */
    assert_near_abs(k[1].occupancy_1, (17 + 13) / 1440.0, 1e-12); /* -7..8 and 12..23 */
    assert_int_equal(tn_rows_of_sections(&list, &f.network, good, 2, 0, DAY, false, &f.arena), TN_OK);
    assert_near_abs(((const struct tn_section_row *)list.items)[1].occupancy_1, (10 + 13) / 1440.0, 1e-12);
    tn_arena_clear(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meets),         cmocka_unit_test(alone),        cmocka_unit_test(follow),
        cmocka_unit_test(over_midnight), cmocka_unit_test(double_track), cmocka_unit_test(tracks_windows_power),
        cmocka_unit_test(rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
