/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"
#include "draw.h"
#include "network.h"
#include "rolling.h"

#define STATIONS 4

/* 45 km of 8 permil, stations every 15 km, fed in two stretches that meet in the middle section. */
struct fixture {
    struct rolling rolling;
    struct tn_station stations[STATIONS];
    struct tn_profile_point profile[2];
    struct tn_feeding feeding[2];
    struct tn_line_spec line;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_context ctx;
};

static void prepare(struct fixture *f)
{
    static const char *const names[STATIONS] = {"A", "B", "C", "D"};
    memset(f, 0, sizeof *f);
    rolling_init(&f->rolling, &hxd1_25t, 2, 5000);
    f->rolling.train.limit = 80 * KMH;
    f->rolling.train.brake.distance = 0;
    tn_schema_defaults(&tn_line_schema, &f->line);
    for (int i = 0; i < STATIONS; i++) {
        tn_schema_defaults(&tn_station_schema, &f->stations[i]);
        f->stations[i].name = names[i];
        f->stations[i].km = 15e3 * i;
        f->stations[i].length = 1000;
    }
    for (int i = 0; i < 2; i++)
        f->profile[i] = (struct tn_profile_point){.km = 45e3 * i, .elevation = 1000 - 8e-3 * 45e3 * i};
    f->feeding[0] = (struct tn_feeding){.name = "east", .from = 0, .to = 20e3, .power = 30e6, .phase = -1, .until = -1};
    f->feeding[1] =
        (struct tn_feeding){.name = "west", .from = 20e3, .to = 45e3, .power = 40e6, .phase = -1, .until = -1};
    f->line.id = "line";
    f->line.stations = (struct tn_list){f->stations, STATIONS};
    f->line.profile = (struct tn_list){f->profile, 2};
    f->line.feeding = (struct tn_list){f->feeding, 2};
    f->environment = (struct tn_environment){.line = &f->line, .phase = -1, .gravity_m_s2 = 9.81};
    tn_schema_defaults(&tn_weather_schema, &f->environment.weather);
    f->environment.weather.temperature = 288.15;
}

static void done(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
}

/* Parts add up to the whole, and a train that holds 80 km/h draws what resistance and grade take, over 0.85. */
static void energy_by_place(void **state)
{
    struct fixture f;
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
    struct tn_draw draw;
    double energy, time, sum = 0, a, b;
    (void)state;
    prepare(&f);
    f.profile[1].elevation = 1000 - 2e-3 * 45e3; /* gentle enough to hold the limit */
    f.rolling.locomotive.efficiency = 0.85;
    assert_int_equal(tn_train_init(&train, &f.rolling.train, &f.environment.weather, 9.81, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(tn_path_init(&path, &f.line, -1, "D", "A", NULL, NULL, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(tn_track_init(&track, &path, &train, &f.environment.weather, TN_STRAP, &f.arena, &f.ctx), TN_OK);
    const struct tn_section_way way = {&track, path.station_s_m, path.station_count, 1e-8, true};
    assert_int_equal(tn_draw_init(&draw, &way, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(draw.count, 8); /* four stations, two ends each of two feeding sections */
    for (size_t i = 0; i < 2; i++) {
        assert_true(tn_draw_overlap(&a, &b, &f.feeding[i], &path, 0, 45e3));
        tn_draw_between(&energy, &time, &draw, a, b);
        sum += energy;
    }
    tn_draw_between(&energy, &time, &draw, 0, 45e3);
    assert_near_rel(sum, energy, 1e-12);
    tn_draw_between(&energy, &time, &draw, 15e3, 30e3);
    const double force = train.mass_kg * 9.81 * 2e-3 + tn_train_resistance(&train, 80 * KMH, 0.905, 0, 0, NULL, false);
    assert_near_rel(time, 15e3 / (80 * KMH), 1e-9);
    assert_near_rel(energy, 15e3 * force / 0.85 + train.auxiliary_W * time, 5e-3);
    assert_false(tn_draw_overlap(&a, &b, &f.feeding[1], &path, 26e3, 40e3)); /* s = 25 km is km 20 */
    done(&f);
}

static void set_traffic(struct fixture *f, struct tn_traffic_spec *traffic, struct tn_traffic_class_spec *class)
{
    memset(traffic, 0, sizeof *traffic);
    tn_schema_defaults(&tn_traffic_class_schema, class);
    class->id = "freight";
    class->train = (struct tn_ref){"test", &f->rolling.train};
    *traffic = (struct tn_traffic_spec){.from = "A",
                                        .to = "D",
                                        .loaded = TN_UP,
                                        .classes = {class, 1},
                                        .margin = 20,
                                        .depth = TN_STRAP,
                                        .tolerance = 1e-8};
}

/* Feeding sections by the sections of the network that they feed a part of; a section with a change of feeding has the
   larger of the means on either side. */
static void in_the_network(void **state)
{
    struct fixture f;
    struct tn_traffic_spec traffic;
    struct tn_traffic_class_spec class;
    struct tn_network network, whole;
    (void)state;
    prepare(&f);
    set_traffic(&f, &traffic, &class);
    assert_int_equal(tn_network_init(&network, &traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_null(network.reason);
    assert_int_equal(network.feeding_count, 2); /* up runs towards decreasing km: section 0 is D - C */
    assert_string_equal(network.feedings[0].name, "east");
    assert_int_equal(network.feedings[0].first, 1);
    assert_int_equal(network.feedings[0].last, 2);
    assert_int_equal(network.feedings[1].first, 0);
    assert_int_equal(network.feedings[1].last, 1);
    assert_near_abs(network.feedings[1].power_W, 40e6, 0);
    f.line.feeding.count = 0;
    assert_int_equal(tn_network_init(&whole, &traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(whole.feeding_count, 0);
    const struct tn_network_class *up = &network.classes[0], *down = &network.classes[1];
    assert_int_equal(up->direction, TN_NETWORK_UP);
    assert_true(up->times[1].power_W > whole.classes[0].times[1].power_W * 0.999);
    assert_near_rel(up->times[2].power_W, whole.classes[0].times[2].power_W, 1e-3);
    assert_true(up->times[1].pass_ms == whole.classes[0].times[1].pass_ms);
    assert_true(up->times[1].power_W > 11e6); /* climbing at 80 km/h */
    assert_true(down->times[1].power_W < 2e6);
    f.line.feeding.count = 2;
    f.feeding[1].phase = 2024;
    f.environment.phase = 2020;
    assert_int_equal(tn_network_init(&network, &traffic, &f.environment, &f.arena, &f.ctx), TN_OK);
    assert_int_equal(network.feeding_count, 1);
    done(&f);
}

/* Power limits in proportion; without a limit nothing changes; trains at once go with the tracks there are. */
static void as_a_limit_of_capacity(void **state)
{
    struct fixture f;
    struct tn_capacity_spec spec;
    struct tn_capacity_result free, limited, half;
    (void)state;
    prepare(&f);
    tn_schema_defaults(&tn_capacity_spec_schema, &spec);
    spec.train = (struct tn_ref){"test", &f.rolling.train};
    spec.from = "A";
    spec.to = "D";
    struct tn_capacity_result *const results[] = {&free, &limited, &half};
    for (int i = 0; i < 3; i++) {
        memset(results[i], 0, sizeof *results[i]);
        f.feeding[0].power = i == 0 ? 100e6 : i == 1 ? 6e6 : 3e6;
        assert_int_equal(tn_study_capacity.solve(results[i], &spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    }
    assert_string_equal(free.limit, "section B - A");
    assert_true(free.pairs_power_per_day > free.pairs_per_day);
    assert_string_equal(limited.limit, "power of feeding section east");
    assert_true(limited.pairs_per_day < free.pairs_per_day);
    assert_near_rel(half.pairs_per_day, limited.pairs_per_day / 2, 1e-12); /* no removals */
    assert_near_rel(limited.pairs_parallel_per_day, free.pairs_parallel_per_day, 1e-12);
    assert_near_abs(limited.pairs_per_day_rounded, floor(2 * limited.pairs_per_day) / 2, 1e-12);
    assert_near_rel(limited.net_per_year_kg / limited.pairs_per_day, free.net_per_year_kg / free.pairs_per_day, 1e-12);
    const struct tn_capacity_feeding *east = limited.feedings.items;
    assert_near_rel(east->pairs_parallel_per_day, 6e6 * (86400 - spec.window) / east->energy_pair_J, 1e-12);
    assert_int_equal(east->trains_up + east->trains_down, 2); /* of two sections */
    assert_true(east->exceeded);
    f.feeding[0].from = 1e3; /* within one section: one train at a time, the one that draws more */
    f.feeding[0].to = 14e3;
    memset(&half, 0, sizeof half);
    assert_int_equal(tn_study_capacity.solve(&half, &spec, &f.environment, &f.arena, &f.ctx), TN_OK);
    east = half.feedings.items;
    assert_int_equal(east->trains_up, 1);
    assert_int_equal(east->trains_down, 0);
    assert_near_rel(east->power_together_W, east->power_up_W, 1e-12);
    done(&f);
}

static void overlaps_are_refused(void **state)
{
    struct fixture f;
    (void)state;
    prepare(&f);
    assert_int_equal(tn_line_validate(&f.line, &f.ctx), TN_OK);
    f.feeding[1].from = 19e3;
    assert_int_equal(tn_line_validate(&f.line, &f.ctx), TN_ERR_INPUT);
    f.feeding[1].phase = 2024;
    f.feeding[0].until = 2024; /* one after the other */
    assert_int_equal(tn_line_validate(&f.line, &f.ctx), TN_OK);
    f.feeding[1].to = 18e3;
    assert_int_equal(tn_line_validate(&f.line, &f.ctx), TN_ERR_INPUT);
    struct tn_neutral_section neutral = {.from = 2e3, .to = 1e3, .phase = -1, .until = -1};
    f.line.feeding.count = 0;
    f.line.neutral_sections = (struct tn_list){&neutral, 1};
    assert_int_equal(tn_line_validate(&f.line, &f.ctx), TN_ERR_INPUT);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_by_place),
        cmocka_unit_test(in_the_network),
        cmocka_unit_test(as_a_limit_of_capacity),
        cmocka_unit_test(overlaps_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
