/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compression.h"
#include "near.h"
#include "small_network.h"

/* Up starts at A and passes B, down stops at B until up has passed: on A - B both start (12 + 2 + 15 + 2 min), on B - C
   down starts and stops and up passes B (11 + 2 + 15 + 4). */
static void a_pair(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_compression c;
    small_network_init(&f);
    struct tn_train_path paths[] = {small_path(&f, 0, 1, 600, 612, 612, 623), small_path(&f, 1, 1, 590, 605, 700, 715)};
    assert_int_equal(tn_compression_solve(&c, &f.network, paths, 2, &f.spec, 1, &f.arena), TN_OK);
    assert_int_equal(c.count, 2);
    assert_near_abs(c.parts[0].time_s, 31 * 60, 1e-9);
    assert_near_abs(c.parts[1].time_s, 32 * 60, 1e-9);
    assert_int_equal(c.limiting, 1);
    assert_near_abs(c.pairs_per_day, 1440 / 32.0, 1e-9);
    assert_near_abs(c.occupancy_1, 32 / 1440.0, 1e-12);

    struct tn_network_window window = {0, 90 * MIN};
    f.sections[0].windows = &window;
    f.sections[0].window_count = 1;
    assert_int_equal(tn_compression_solve(&c, &f.network, paths, 2, &f.spec, 0.75, &f.arena), TN_OK);
    assert_int_equal(c.limiting, 0);
    assert_near_abs(c.pairs_per_day, 0.75 * 1350 / 31, 1e-9);
    tn_arena_clear(&f.arena);
}

/* Where trains cannot stand at B the line is one part, and followers go block by block. */
static void one_part(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_compression c;
    small_network_init(&f);
    f.fits[1] = false;
    struct tn_train_path paths[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 0, 2, 100, 112, 112, 123),
                                    small_path(&f, 1, 1, 200, 214, 214, 227), small_path(&f, 1, 2, 300, 314, 314, 327)};
    assert_int_equal(tn_compression_solve(&c, &f.network, paths, 4, &f.spec, 1, &f.arena), TN_OK);
    assert_int_equal(c.count, 1);
    /* up, up 15 (12 + 3), up, down 25 (23 + 2), down, down 17 (14 + 3), down, up 29 */
    assert_near_abs(c.parts[0].time_s, (15 + 25 + 17 + 29) * 60, 1e-9);
    assert_near_abs(c.pairs_per_day, 1440 / 43.0, 1e-9);
    tn_arena_clear(&f.arena);
}

static void two_tracks(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_compression c;
    small_network_init(&f);
    f.sections[0].tracks = f.sections[1].tracks = 2;
    struct tn_train_path paths[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 1, 1, 200, 214, 214, 227)};
    assert_int_equal(tn_compression_solve(&c, &f.network, paths, 2, &f.spec, 1, &f.arena), TN_OK);
    assert_near_abs(c.parts[0].time_s, 16 * 60, 1e-9);   /* down: 12 + 1 for its stop, 3 between */
    assert_near_abs(c.pairs_per_day, 1440 / 17.0, 1e-9); /* on B - C, where down starts: 14 + 3 */
    tn_arena_clear(&f.arena);
}

/* Trains of another class keep their time; only pairs of the class are added. */
static void other_class(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_compression c;
    small_network_init(&f);
    struct tn_traffic_class_spec fast = {.id = "passenger", .stop_at_end = true};
    struct tn_network_class classes[4] = {f.classes[0], f.classes[1], f.classes[0], f.classes[1]};
    classes[2].spec = classes[3].spec = &fast;
    f.network.classes = classes;
    f.network.class_count = 4;
    struct tn_train_path paths[] = {small_path(&f, 0, 1, 600, 612, 612, 623), small_path(&f, 1, 1, 590, 605, 700, 715),
                                    small_path(&f, 2, 1, 0, 12, 12, 23)};
    assert_int_equal(tn_compression_solve(&c, &f.network, paths, 3, &f.spec, 1, &f.arena), TN_OK);
    /* A - B: up up 15, up (at 600) down 14, down up 17: of the passenger train 15 */
    assert_near_abs(c.parts[0].time_s, 46 * 60, 1e-9);
    assert_near_abs(c.parts[0].others_s, 15 * 60, 1e-9);
    assert_near_abs(c.parts[0].pairs_per_day, (1440 - 15) / 31.0, 1e-9);
    tn_arena_clear(&f.arena);
}

/* A train that runs only to B does not let the next one closer to the train before it. */
static void short_train_between(void **state)
{
    (void)state;
    struct small_network f;
    struct tn_compression c;
    small_network_init(&f);
    f.fits[1] = false;
    struct tn_network_class classes[3] = {f.classes[0], f.classes[1], f.classes[0]};
    classes[2].last = 1;
    f.network.classes = classes;
    f.network.class_count = 3;
    struct tn_train_path paths[] = {small_path(&f, 0, 1, 0, 12, 12, 23), small_path(&f, 2, 1, 100, 113, 113, 113),
                                    small_path(&f, 1, 1, 200, 214, 214, 227)};
    paths[1].timings = (const struct tn_timing[]){{0, 100 * MIN, 100 * MIN, true}, {1, 113 * MIN, 113 * MIN, true}};
    paths[1].count = 2;
    assert_int_equal(tn_compression_solve(&c, &f.network, paths, 3, &f.spec, 1, &f.arena), TN_OK);
    /* up, down 25 as if nothing were between (up, short 15, and the way down to B lasts longer than the short train's);
       down, up 29 */
    assert_int_equal(c.count, 1);
    assert_near_abs(c.parts[0].time_s, (25 + 29) * 60, 1e-9);
    tn_arena_clear(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair),
        cmocka_unit_test(one_part),
        cmocka_unit_test(two_tracks),
        cmocka_unit_test(other_class),
        cmocka_unit_test(short_train_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
