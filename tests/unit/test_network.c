/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "near.h"
#include "network.h"
#include "run.h"
#include "scenario.h"

struct fixture {
    struct tn_context ctx;
    struct tn_scenario_reader *reader;
    const struct tn_scenario *scenario;
    struct tn_environment environment;
    struct tn_traffic_class_spec class;
    struct tn_traffic_spec traffic;
    struct tn_arena arena;
};

/* The trains and the line of a shipped capacity scenario. */
static void setup(struct fixture *f, const char *name)
{
    char path[1024];
    memset(f, 0, sizeof *f);
    snprintf(path, sizeof path, "%s/scenarios/%s", TN_SOURCE_DIR, name);
    assert_int_equal(tn_scenario_read(&f->reader, path, NULL, 0, &f->ctx), TN_OK);
    f->scenario = tn_scenario_get(f->reader);
    tn_scenario_environment(&f->environment, f->scenario);
    const struct tn_train_spec *train = f->scenario->trains.items;
    tn_schema_defaults(&tn_traffic_class_schema, &f->class);
    f->class.id = "freight";
    f->class.train = (struct tn_ref){train->id, train};
    f->class.pairs = 26;
    f->traffic = (struct tn_traffic_spec){.from = "Korla",
                                          .to = "Golmud South",
                                          .loaded = TN_UP,
                                          .classes = {&f->class, 1},
                                          .not_simultaneous = 240,
                                          .meeting = 120,
                                          .following = 240,
                                          .approach = 120,
                                          .margin = 20,
                                          .depth = TN_STRAP,
                                          .tolerance = TN_RUN_TOLERANCE};
}

static void clear(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_scenario_destroy(f->reader);
    tn_context_clear(&f->ctx);
}

/* The same runs as in the study `capacity`: where its sections are single sections of the network, so are the times. */
static void as_capacity(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_network n;
    struct tn_capacity_result capacity;
    setup(&f, "capacity-2024.yaml");
    memset(&capacity, 0, sizeof capacity);
    assert_int_equal(tn_network_init(&n, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    const struct tn_study *study = f.scenario->studies.items;
    struct tn_capacity_spec spec = *(const struct tn_capacity_spec *)study->spec.object;
    spec.methods = TN_METHODS_PERIOD;
    spec.loops = false;
    spec.scatter = (struct tn_capacity_scatter_spec){0};
    assert_int_equal(tn_study_capacity.solve(&capacity, &spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_null(n.reason);
    assert_int_equal(n.class_count, 2);
    assert_string_equal(n.stations[0].name, "Korla"); /* up trains come from there */
    assert_string_equal(n.stations[n.station_count - 1].name, "Golmud South");
    const struct tn_capacity_section *row = capacity.sections.items;
    int compared = 0;
    for (size_t i = 0; i < capacity.sections.count; i++)
        for (int k = 0; k < n.section_count; k++) {
            if (strcmp(row[i].from, n.stations[k].name) != 0 || strcmp(row[i].to, n.stations[k + 1].name) != 0)
                continue;
            const struct tn_network_times *up = &n.classes[0].times[k], *down = &n.classes[1].times[k];
            assert_near_abs((double)up->pass_ms, 1e3 * row[i].time_up_s, 2); /* marks cut a run's steps elsewhere */
            assert_near_abs((double)down->pass_ms, 1e3 * row[i].time_down_s, 2);
            assert_near_abs((double)up->start_ms, 1e3 * row[i].start_up_s, 2);
            assert_near_abs((double)down->stop_ms, 1e3 * row[i].stop_down_s, 2);
            assert_int_equal(n.sections[k].tracks, row[i].tracks);
            compared++;
        }
    assert_true(compared > 80);
    clear(&f);
}

static int station(const struct tn_network *n, const char *name)
{
    for (int i = 0; i < n->station_count; i++)
        if (strcmp(n->stations[i].name, name) == 0)
            return i;
    fail_msg("no station %s", name);
    return -1;
}

static void stands_where_it_fits(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_network n;
    setup(&f, "capacity-2020.yaml");
    assert_int_equal(tn_network_init(&n, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_false(n.classes[0].fits[station(&n, "Golmud River line post")]); /* one track */
    assert_true(n.classes[0].fits[station(&n, "Milan")]);
    clear(&f);
}

static void windows_of_day(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_network n;
    setup(&f, "capacity-2020.yaml");
    struct tn_traffic_window_spec window = {"Milan", "Ruoqiang", 23.5 * 3600, 5400, 1800};
    f.traffic.windows = (struct tn_list){&window, 1};
    assert_int_equal(tn_network_init(&n, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    const int a = station(&n, "Ruoqiang"), b = station(&n, "Milan");
    assert_true(a < b); /* up runs from Ruoqiang to Milan */
    for (int k = 0; k < n.section_count; k++)
        assert_int_equal(n.sections[k].window_count, k >= a && k < b);
    assert_int_equal(n.sections[a].windows[0].begin_ms, 84600000);
    if (a + 1 < b)
        assert_int_equal(n.sections[a + 1].windows[0].begin_ms, 0); /* half an hour later: midnight */
    clear(&f);
}

static void restrictions_in_time(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_network n;
    setup(&f, "capacity-2020.yaml");
    struct tn_traffic_restriction_spec slow = {900e3, 905e3, 30 / 3.6, 22 * 3600, 2 * 3600};
    f.traffic.restrictions = (struct tn_list){&slow, 1};
    assert_int_equal(tn_network_init(&n, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    int slower = 0;
    for (int k = 0; k < n.section_count; k++) {
        const int64_t day = tn_network_running_ms(&n, 0, k, false, false, INT64_C(12) * 3600000);
        const int64_t night = tn_network_running_ms(&n, 0, k, false, false, INT64_C(25) * 3600000);
        assert_int_equal(day, n.classes[0].times[k].pass_ms);
        slower += night > day;
        if (night > day + 60000) { /* 5.9 km at 30 instead of 80 km/h and the way back to speed */
            assert_true(night - day > 430000 && night - day < 700000);
            assert_true(n.stations[k].km_m > 900e3 && n.stations[k + 1].km_m < 905e3);
        }
    }
    assert_true(slower >= 1);
    clear(&f);
}

static void changes_of_formation(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_network plain, changed;
    setup(&f, "capacity-2020.yaml");
    struct tn_train_spec light = *(const struct tn_train_spec *)f.class.train.object, strong;
    struct tn_train_wagons wagons = *(const struct tn_train_wagons *)light.wagons.items;
    wagons.load = 4e6; /* with a third locomotive it fits into the loops of 850 m */
    light.wagons = (struct tn_list){&wagons, 1};
    f.class.train = (struct tn_ref){light.id, &light};
    assert_int_equal(tn_network_init(&plain, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    strong = light;
    struct tn_train_locomotives three = *(const struct tn_train_locomotives *)strong.locomotives.items;
    three.count = 3;
    strong.locomotives = (struct tn_list){&three, 1};
    struct tn_traffic_change_spec changes[] = {
        {"Mangya Zhen", {strong.id, f.class.train.object}, TN_UP, 600},
        {"Milan", {strong.id, &strong}, TN_UP, 1200},
    };
    f.class.changes = (struct tn_list){changes, 2};
    assert_int_equal(tn_network_init(&changed, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_null(changed.reason);
    const int milan = station(&changed, "Milan"), mangya = station(&changed, "Mangya Zhen");
    assert_int_equal(changed.classes[0].locomotives, 3);
    assert_int_equal(changed.classes[0].dwell_ms[milan], 1200000);
    assert_int_equal(changed.classes[0].dwell_ms[mangya], 600000);
    assert_int_equal(changed.classes[1].dwell_ms[milan], -1); /* the other direction does not change */
    for (int k = milan + 1; k + 1 < mangya; k++) {            /* quicker off on the ramp with a helper, and no slower */
        assert_true(changed.classes[0].times[k].pass_ms <= plain.classes[0].times[k].pass_ms + 2);
        assert_true(changed.classes[0].times[k].start_ms <= plain.classes[0].times[k].start_ms);
    }
    assert_true(changed.classes[0].times[milan + 2].start_ms < plain.classes[0].times[milan + 2].start_ms);
    /* starts and stops at the change are in the running times there */
    assert_int_equal(changed.classes[0].times[milan].start_ms, 0);
    assert_int_equal(changed.classes[0].times[milan - 1].stop_ms, 0);
    clear(&f);
}

static void refusals(void **state)
{
    (void)state;
    struct fixture f;
    struct tn_network n;
    setup(&f, "capacity-2020.yaml");
    f.class.from = "Milann";
    assert_int_equal(tn_network_init(&n, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    assert_non_null(strstr(f.ctx.diagnostics[0].hint, "Milan"));
    f.class.from = NULL;
    f.class.train = (struct tn_ref){NULL, NULL};
    assert_int_equal(tn_network_check(&f.traffic, &f.environment, &f.arena, &f.ctx), TN_ERR_INPUT);
    /* too heavy for the ramp: no error, but the answer is no */
    struct tn_train_spec heavy = *(const struct tn_train_spec *)f.scenario->trains.items;
    struct tn_train_wagons wagons = *(const struct tn_train_wagons *)heavy.wagons.items;
    wagons.load = 12e6;
    heavy.wagons = (struct tn_list){&wagons, 1};
    f.class.train = (struct tn_ref){heavy.id, &heavy};
    assert_int_equal(tn_network_init(&n, &f.traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_non_null(n.reason);
    clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_capacity),          cmocka_unit_test(stands_where_it_fits),
        cmocka_unit_test(windows_of_day),       cmocka_unit_test(restrictions_in_time),
        cmocka_unit_test(changes_of_formation), cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
