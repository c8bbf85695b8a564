/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs in lanes against the same runs alone, against each other in other company, and by every instruction set. */
#include "near.h"
#include "run_batch.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "scenario.h"
#include "sweep.h"

#define TRAINS 120
#define ENDS   5

/* A random train with its weather on a random stretch of the shipped line. */
struct ride {
    struct tn_train_locomotives locomotives[2];
    struct tn_train_wagons wagons;
    struct tn_train_spec spec;
    struct tn_weather weather;
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
    struct tn_run_stop stops[64];
    struct tn_run_request request;
};

struct fixture {
    struct tn_context ctx;
    struct tn_scenario_reader *reader;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_neutral_section neutral[3];
    struct tn_line_spec line; /* that of the scenario, with neutral sections */
    struct ride *rides;
    struct tn_run_request requests[TRAINS];
    struct tn_run runs[TRAINS], again[TRAINS];
    tn_status statuses[TRAINS];
    const char *reasons[TRAINS];
};

static double between(struct tn_random *random, double from, double to)
{
    return from + (to - from) * tn_random_unit(random);
}

static const struct tn_locomotive *locomotive_of(const struct fixture *f, const char *id)
{
    const struct tn_list *list = &tn_scenario_get(f->reader)->locomotives;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(((const struct tn_locomotive *)list->items)[i].id, id) == 0)
            return (const struct tn_locomotive *)list->items + i;
    fail_msg("no locomotive %s", id);
    return NULL;
}

static void make_train(struct fixture *f, struct ride *ride, struct tn_random *random)
{
    static const char *const types[] = {"HXD1-25t", "HXD1C-25t", "HXN5", "DF4B", "HXN3"};
    ride->spec = *(const struct tn_train_spec *)tn_scenario_get(f->reader)->trains.items;
    const size_t rows = 1 + tn_random_below(random, 2), count = sizeof types / sizeof *types;
    for (size_t i = 0; i < rows; i++) {
        ride->locomotives[i] = *(const struct tn_train_locomotives *)ride->spec.locomotives.items;
        const struct tn_locomotive *type = locomotive_of(f, types[tn_random_below(random, count)]);
        ride->locomotives[i].type = (struct tn_ref){type->id, type};
        ride->locomotives[i].count = 1 + (int)tn_random_below(random, 3);
    }
    ride->wagons = *(const struct tn_train_wagons *)ride->spec.wagons.items;
    ride->wagons.load = 1e5 * (double)(3 + tn_random_below(random, 70));
    ride->spec.locomotives = (struct tn_list){ride->locomotives, rows};
    ride->spec.wagons = (struct tn_list){&ride->wagons, 1};
    ride->spec.limit = between(random, 50, 100) / 3.6;
    ride->spec.brake.deceleration = between(random, 0.1, 0.5);
    ride->spec.brake.resistance_adds = tn_random_below(random, 4) == 0;
    ride->spec.brake.distance = tn_random_below(random, 2) ? 800 : 0;
    ride->spec.starting_resistance = tn_random_below(random, 2);
    ride->spec.resistance_factor = between(random, 0.8, 1.3);
    ride->weather = f->environment.weather;
    ride->weather.temperature = between(random, 250, 310);
    ride->weather.rail = between(random, 0.5, 1);
    ride->weather.wind.yaw_gain = 0;
    ride->weather.wind.speed = tn_random_below(random, 2) ? between(random, 0, 25) : 0;
    ride->weather.wind.from = between(random, 0, 360);
}

static void make_request(struct ride *ride, struct tn_random *random)
{
    size_t stop_count = 0;
    for (size_t i = 1; i + 1 < ride->path.station_count; i++)
        if (tn_random_below(random, 4) == 0)
            ride->stops[stop_count++] = (struct tn_run_stop){ride->path.station_s_m[i], between(random, 0, 900)};
    ride->request = (struct tn_run_request){.track = &ride->track,
                                            .to_m = ride->path.length_m,
                                            .entry_m_s = tn_random_below(random, 2) ? between(random, 0, 25) : 0,
                                            .stop_at_end = tn_random_below(random, 2),
                                            .stops = ride->stops,
                                            .stop_count = tn_random_below(random, 2) ? stop_count : 0,
                                            .marks = ride->path.station_s_m,
                                            .mark_count = ride->path.station_count,
                                            .tolerance = pow(10, -4 - (double)tn_random_below(random, 6))};
}

static void set_up(struct fixture *f, uint64_t seed)
{
    static const char *const ends[ENDS][2] = {{"Ruoqiang", "Golmud South"},
                                              {"Golmud", "Korla"},
                                              {"Milan", "Altunshan"},
                                              {"Altunshan", "Bashikaogong"},
                                              {"Korla", "Ruoqiang"}};
    memset(f, 0, sizeof *f);
    assert_int_equal(tn_scenario_read(&f->reader, TN_SOURCE_DIR "/scenarios/traction-test-5200.yaml", NULL, 0, &f->ctx),
                     TN_OK);
    tn_scenario_environment(&f->environment, tn_scenario_get(f->reader));
    f->line = *f->environment.line;
    for (int i = 0; i < 3; i++)
        f->neutral[i] =
            (struct tn_neutral_section){.from = 200e3 + 310e3 * i, .to = 200.3e3 + 310e3 * i, .phase = -1, .until = -1};
    f->line.neutral_sections = (struct tn_list){f->neutral, 3};
    f->rides = tn_arena_alloc(&f->arena, TRAINS, sizeof *f->rides);
    assert_non_null(f->rides);
    for (size_t i = 0; i < TRAINS; i++) {
        struct ride *ride = &f->rides[i];
        struct tn_random random;
        tn_random_init(&random, seed, TN_RANDOM_DESIGN, i, 0, 0);
        const char *const *way = ends[tn_random_below(&random, ENDS)];
        const struct tn_line_spec *line = tn_random_below(&random, 2) ? &f->line : f->environment.line;
        make_train(f, ride, &random);
        assert_int_equal(tn_train_init(&ride->train, &ride->spec, &ride->weather, 9.81, &f->arena, &f->ctx), TN_OK);
        assert_int_equal(
            tn_path_init(&ride->path, line, f->environment.phase, way[0], way[1], NULL, NULL, &f->arena, &f->ctx),
            TN_OK);
        assert_int_equal(tn_track_init(&ride->track, &ride->path, &ride->train, &ride->weather,
                                       tn_random_below(&random, 5) ? TN_STRAP : TN_POINT, &f->arena, &f->ctx),
                         TN_OK);
        make_request(ride, &random);
        f->requests[i] = ride->request;
        assert_true(tn_run_batch_takes(&f->requests[i]));
    }
}

static void tear_down(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_scenario_destroy(f->reader);
    tn_context_clear(&f->ctx);
}

static void solve(struct fixture *f, struct tn_run *runs, const struct tn_run_request *requests, size_t count,
                  const char *set)
{
    assert_int_equal(tn_run_batch_solve(runs, f->statuses, f->reasons, requests, count, set, &f->arena), TN_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(f->statuses[i], TN_OK);
}

static void same_array(const double *a, const double *b, size_t count)
{
    assert_memory_equal(a, b, count * sizeof *a);
}

/* All bytes but for where the arrays are. */
static void same_bytes(const struct tn_run *a, const struct tn_run *b, size_t marks)
{
    struct tn_run left = *a, right = *b;
    same_array(a->mark_time_s, b->mark_time_s, marks);
    same_array(a->mark_speed_m_s, b->mark_speed_m_s, marks);
    same_array(a->mark_running_s, b->mark_running_s, marks);
    same_array(a->mark_energy_J, b->mark_energy_J, marks);
    left.mark_time_s = left.mark_speed_m_s = left.mark_running_s = left.mark_energy_J = NULL;
    right.mark_time_s = right.mark_speed_m_s = right.mark_running_s = right.mark_energy_J = NULL;
    assert_int_equal(left.finished, right.finished);
    assert_int_equal(left.held, right.held);
    assert_memory_equal(&left.stall_s_m, &right.stall_s_m, sizeof left - offsetof(struct tn_run, stall_s_m));
}

/* To 1e-12; `whole` is the size of what a work is a part of. */
static void near_work(double a, double b, double whole)
{
    assert_near_abs(a, b, 1e-12 * whole);
}

static void agree(const struct tn_run *a, const struct tn_run *b, size_t marks)
{
    const double whole = fmax(b->work_traction_J, b->work_resistance_J) + fabs(b->work_track_J);
    assert_int_equal(a->finished, b->finished);
    assert_int_equal(a->held, b->held);
    assert_int_equal(a->steps, b->steps);
    assert_near_rel(a->running_time_s, b->running_time_s, 1e-12);
    assert_near_rel(a->dwell_time_s, b->dwell_time_s, 1e-12);
    assert_near_rel(a->end_s_m, b->end_s_m, 1e-12);
    assert_near_rel(a->stall_s_m, b->stall_s_m, 1e-12);
    assert_near_rel(a->overspeed_max_m_s, b->overspeed_max_m_s, 1e-12);
    assert_near_rel(a->speed_max_m_s, b->speed_max_m_s, 1e-12);
    near_work(a->work_traction_J, b->work_traction_J, whole);
    near_work(a->work_dynamic_brake_J, b->work_dynamic_brake_J, whole);
    near_work(a->work_air_brake_J, b->work_air_brake_J, whole);
    near_work(a->work_resistance_J, b->work_resistance_J, whole);
    near_work(a->work_track_J, b->work_track_J, whole);
    near_work(a->energy_line_J, b->energy_line_J, whole);
    near_work(a->energy_regenerated_J, b->energy_regenerated_J, whole);
    assert_near_rel(a->fuel_kg, b->fuel_kg, 1e-12);
    for (size_t i = 0; i < marks; i++) {
        assert_int_equal(isnan(a->mark_time_s[i]), isnan(b->mark_time_s[i]));
        if (isnan(b->mark_time_s[i]))
            continue;
        assert_near_abs(a->mark_time_s[i], b->mark_time_s[i], 1e-12 * (b->running_time_s + b->dwell_time_s));
        assert_near_abs(a->mark_running_s[i], b->mark_running_s[i], 1e-12 * b->running_time_s);
        near_work(a->mark_energy_J[i], b->mark_energy_J[i], whole);
    }
}

static void as_alone(void **state)
{
    static struct fixture f;
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        size_t stalled = 0, ran_away = 0;
        set_up(&f, seed);
        solve(&f, f.runs, f.requests, TRAINS, NULL);
        for (size_t i = 0; i < TRAINS; i++) {
            assert_int_equal(tn_run_solve(&f.again[i], &f.requests[i], &f.arena, &f.ctx), TN_OK);
            agree(&f.runs[i], &f.again[i], f.requests[i].mark_count);
            stalled += !f.runs[i].finished;
            ran_away += !f.runs[i].held;
        }
        print_message("seed %d: %zu of %d trains stall, %zu run away\n", (int)seed, stalled, TRAINS, ran_away);
        assert_true(stalled > 0 && stalled < TRAINS / 2);
        tear_down(&f);
    }
}

/* A train does not see who is beside it, nor when it was its turn. */
static void in_any_company(void **state)
{
    static struct fixture f;
    static struct tn_run_request shuffled[TRAINS];
    (void)state;
    set_up(&f, 4);
    solve(&f, f.runs, f.requests, TRAINS, NULL);
    for (size_t i = 0; i < TRAINS; i += 7) {
        solve(&f, f.again, &f.requests[i], 1, NULL);
        same_bytes(&f.again[0], &f.runs[i], f.requests[i].mark_count);
    }
    for (size_t step = 11; step < TRAINS; step += 36) { /* none divides TRAINS */
        for (size_t i = 0; i < TRAINS; i++)
            shuffled[i] = f.requests[(i * step + 5) % TRAINS];
        solve(&f, f.again, shuffled, TRAINS, NULL);
        for (size_t i = 0; i < TRAINS; i++)
            same_bytes(&f.again[i], &f.runs[(i * step + 5) % TRAINS], shuffled[i].mark_count);
    }
    tear_down(&f);
}

static void every_instruction_set(void **state)
{
    static struct fixture f;
    const char *sets[TN_RUN_BATCH_SETS];
    (void)state;
    set_up(&f, 5);
    tn_run_batch_sets(sets);
    assert_string_equal(sets[0], "plain");
    solve(&f, f.runs, f.requests, TRAINS, NULL);
    for (size_t k = 0; sets[k] != NULL; k++) {
        print_message("instruction set %s\n", sets[k]);
        solve(&f, f.again, f.requests, TRAINS, sets[k]);
        for (size_t i = 0; i < TRAINS; i++)
            same_bytes(&f.again[i], &f.runs[i], f.requests[i].mark_count);
    }
    tear_down(&f);
}

/* Trains that stall, and trains whose brakes are next to none, among those that arrive. */
static void stalls_and_runaways(void **state)
{
    static struct fixture f;
    (void)state;
    set_up(&f, 6);
    for (size_t i = 0; i < 24; i++) {
        struct ride *ride = &f.rides[i];
        ride->spec = *(const struct tn_train_spec *)tn_scenario_get(f.reader)->trains.items;
        ride->locomotives[0] = *(const struct tn_train_locomotives *)ride->spec.locomotives.items;
        ride->wagons = *(const struct tn_train_wagons *)ride->spec.wagons.items;
        ride->wagons.load = i % 3 == 0 ? 9.5e6 + 1e5 * (double)i : 5e6;
        if (i % 3 == 1) {
            const struct tn_locomotive *type = locomotive_of(&f, "DF4B");
            ride->locomotives[0].type = (struct tn_ref){type->id, type};
            ride->locomotives[0].count = 4;
            ride->spec.brake.rate = 0.008 + 1e-4 * (double)i;
            ride->spec.brake.distance = 0;
        }
        ride->spec.locomotives.items = ride->locomotives;
        ride->spec.wagons.items = &ride->wagons;
        ride->weather = f.environment.weather;
        const bool climbs = i % 3 == 0;
        assert_int_equal(tn_train_init(&ride->train, &ride->spec, &ride->weather, 9.81, &f.arena, &f.ctx), TN_OK);
        assert_int_equal(tn_path_init(&ride->path, f.environment.line, -1, climbs ? "Ruoqiang" : "Altunshan",
                                      climbs ? "Altunshan" : "Bashikaogong", NULL, NULL, &f.arena, &f.ctx),
                         TN_OK);
        assert_int_equal(
            tn_track_init(&ride->track, &ride->path, &ride->train, &ride->weather, TN_STRAP, &f.arena, &f.ctx), TN_OK);
        f.requests[i] = (struct tn_run_request){.track = &ride->track,
                                                .to_m = ride->path.length_m,
                                                .marks = ride->path.station_s_m,
                                                .mark_count = ride->path.station_count};
    }
    solve(&f, f.runs, f.requests, 24, NULL);
    for (size_t i = 0; i < 24; i++) {
        const struct tn_run *run = &f.runs[i];
        assert_int_equal(run->finished, i % 3 != 0);
        assert_int_equal(run->held, i % 3 != 1);
        if (i % 3 == 0)
            assert_true(run->stall_force_N < run->stall_need_N && run->stall_s_m > 60e3);
        if (i % 3 == 1)
            assert_true(run->overspeed_max_m_s > 80 / 3.6);
        assert_int_equal(tn_run_solve(&f.again[i], &f.requests[i], &f.arena, &f.ctx), TN_OK);
        agree(run, &f.again[i], f.requests[i].mark_count);
        assert_near_rel(run->stall_force_N, f.again[i].stall_force_N, 1e-12);
        assert_near_rel(run->stall_need_N, f.again[i].stall_need_N, 1e-12);
    }
    tear_down(&f);
}

static void ignore(void *follower, const struct tn_run_leg *leg)
{
    (void)follower;
    (void)leg;
}

static void what_it_does_not_take(void **state)
{
    static struct fixture f;
    (void)state;
    set_up(&f, 7);
    struct tn_run_request request = f.requests[0];
    request.trace = true;
    assert_false(tn_run_batch_takes(&request));
    assert_int_equal(tn_run_batch_solve(f.runs, f.statuses, f.reasons, &request, 1, NULL, &f.arena), TN_ERR_INTERNAL);
    request = f.requests[0];
    request.follow = ignore;
    assert_false(tn_run_batch_takes(&request));
    request = f.requests[0];
    request.speed_end_m_s = 10;
    assert_false(tn_run_batch_takes(&request));
    struct ride *ride = &f.rides[0];
    ride->weather.wind.speed = 10;
    ride->weather.wind.yaw_gain = 1;
    ride->weather.wind.yaw_angle = 0.3;
    assert_int_equal(tn_track_init(&ride->track, &ride->path, &ride->train, &ride->weather, TN_STRAP, &f.arena, &f.ctx),
                     TN_OK);
    assert_false(tn_run_batch_takes(&f.requests[0]));
    assert_int_equal(tn_run_batch_solve(f.runs, f.statuses, f.reasons, &f.requests[1], 1, "abacus", &f.arena),
                     TN_ERR_INPUT);
    assert_int_equal(tn_run_batch_solve(f.runs, f.statuses, f.reasons, f.requests, 0, NULL, &f.arena), TN_OK);
    tear_down(&f);
}

/* --- the study: many points at once, as a sweep has them --- */

#define POINTS  330
#define THREADS 8

struct study_inputs {
    const struct fixture *f;
    struct ride rides[THREADS];
    struct tn_run_spec specs[THREADS];
    struct tn_run_stop_spec stops[THREADS];
};

static tn_status study_point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                             void *payload, struct tn_context *ctx)
{
    struct study_inputs *inputs = payload;
    const struct fixture *f = inputs->f;
    struct ride *ride = &inputs->rides[thread];
    struct tn_run_spec *spec = &inputs->specs[thread];
    if (i == 77)
        return tn_error(ctx, NULL, NULL, "point %zu cannot be set", i);
    ride->spec = *(const struct tn_train_spec *)tn_scenario_get(f->reader)->trains.items;
    ride->locomotives[0] = *(const struct tn_train_locomotives *)ride->spec.locomotives.items;
    ride->wagons = *(const struct tn_train_wagons *)ride->spec.wagons.items;
    ride->wagons.load = 1e6 + 3e4 * (double)i;
    ride->spec.locomotives.items = ride->locomotives;
    ride->spec.wagons.items = &ride->wagons;
    *environment_out = f->environment;
    environment_out->weather.temperature = 250 + 0.2 * (double)i;
    environment_out->weather.wind.speed = i % 4 == 3 ? 12 : 0;
    environment_out->weather.wind.yaw_gain = i % 8 == 7 ? 1 : 0; /* not for lanes */
    environment_out->weather.wind.yaw_angle = 0.3;
    if (i % 5 == 4)
        environment_out->line = &f->line;
    tn_schema_defaults(&tn_run_spec_schema, spec);
    spec->train = (struct tn_ref){"test", &ride->spec};
    spec->from = i % 2 ? "Ruoqiang" : "Golmud";
    spec->to = i == 78 ? "Nowhere" : i % 2 ? "Golmud South" : "Korla";
    spec->temperatures = i % 50 == 49; /* not for lanes */
    inputs->stops[thread] = (struct tn_run_stop_spec){"Altunshan", 300};
    spec->stops = (struct tn_list){&inputs->stops[thread], i % 3 == 0};
    *spec_out = spec;
    return TN_OK;
}

struct taken {
    size_t count;
    tn_status statuses[POINTS];
    struct tn_run_result results[POINTS];
    char reasons[POINTS][80];
    struct tn_arena arena;
};

static tn_status take(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    struct taken *taken = payload;
    (void)ctx;
    for (size_t i = 0; i < count; i++, taken->count++) {
        taken->statuses[rows[i].point] = rows[i].status;
        if (rows[i].reason != NULL)
            strncpy(taken->reasons[rows[i].point], rows[i].reason, sizeof taken->reasons[0] - 1);
        if (rows[i].result == NULL)
            continue;
        const struct tn_run_result *copy = tn_schema_copy(&tn_run_result_schema, rows[i].result, &taken->arena);
        if (copy == NULL)
            return TN_ERR_MEMORY;
        assert_int_equal(copy->trace.count, 0);
        struct tn_run_section *sections = copy->sections.items; /* texts are not copied with them */
        for (size_t k = 0; k < copy->sections.count; k++)
            sections[k].from = tn_text_copy(&taken->arena, sections[k].from);
        taken->results[rows[i].point] = *copy;
        taken->results[rows[i].point].head.verdict =
            tn_text_copy(&taken->arena, ((const struct tn_run_result *)rows[i].result)->head.verdict);
    }
    return TN_OK;
}

static void sweep_runs(struct taken *taken, struct fixture *f, int threads)
{
    static struct study_inputs inputs;
    struct tn_context ctx;
    memset(taken, 0, sizeof *taken);
    memset(&ctx, 0, sizeof ctx);
    inputs.f = f;
    const struct tn_sweep_source source = {POINTS, study_point, &inputs};
    const struct tn_sweep_sink sink = {take, NULL, taken};
    assert_int_equal(tn_sweep_run(&tn_study_run, &source, &sink, threads, &ctx), TN_OK);
    assert_int_equal(taken->count, POINTS);
    tn_context_clear(&ctx);
}

static void same_numbers(const struct tn_run_result *a, const struct tn_run_result *b, double tolerance)
{
    const double *numbers[2][4] = {
        {&a->running_time_s, &a->travel_time_s, &a->distance_m, &a->energy_line_J},
        {&b->running_time_s, &b->travel_time_s, &b->distance_m, &b->energy_line_J},
    };
    for (int i = 0; i < 4; i++)
        assert_near_rel(*numbers[0][i], *numbers[1][i], tolerance);
    assert_near_rel(a->speed_max_m_s, b->speed_max_m_s, tolerance);
    assert_string_equal(a->head.verdict, b->head.verdict);
    assert_int_equal(a->sections.count, b->sections.count);
    const struct tn_run_section *left = a->sections.items, *right = b->sections.items;
    for (size_t i = 0; i < a->sections.count; i++) {
        assert_string_equal(left[i].from, right[i].from);
        assert_int_equal(isnan(left[i].running_time_s), isnan(right[i].running_time_s));
        if (!isnan(left[i].running_time_s))
            assert_near_abs(left[i].running_time_s, right[i].running_time_s, tolerance * b->running_time_s);
        if (!isnan(right[i].stop_addition_s))
            assert_near_abs(left[i].stop_addition_s, right[i].stop_addition_s, tolerance * b->running_time_s);
    }
}

static void a_sweep_of_runs(void **state)
{
    static struct fixture f;
    static struct taken one, many;
    (void)state;
    set_up(&f, 8);
    sweep_runs(&one, &f, 1);
    for (int threads = 2; threads <= THREADS; threads *= 2) {
        sweep_runs(&many, &f, threads);
        assert_memory_equal(one.statuses, many.statuses, sizeof one.statuses);
        assert_memory_equal(one.reasons, many.reasons, sizeof one.reasons);
        for (size_t i = 0; i < POINTS; i++)
            if (one.statuses[i] == TN_OK)
                same_numbers(&many.results[i], &one.results[i], 0);
        tn_arena_clear(&many.arena);
    }
    static struct study_inputs alone;
    alone.f = &f;
    for (size_t i = 0; i < POINTS; i++) {
        const void *spec;
        struct tn_environment environment;
        struct tn_run_result result = {.distance_m = 0};
        tn_status status = study_point(&spec, &environment, i, 0, &alone, &f.ctx);
        if (status == TN_OK)
            status = tn_study_run.solve(&result, spec, &environment, &f.arena, &f.ctx);
        assert_int_equal(status, one.statuses[i]);
        if (status == TN_OK)
            same_numbers(&one.results[i], &result, 1e-12);
        else
            assert_true(one.reasons[i][0] != '\0');
    }
    assert_int_equal(one.statuses[77], TN_ERR_INPUT);
    assert_string_equal(one.reasons[77], "point 77 cannot be set");
    assert_int_equal(one.statuses[78], TN_ERR_INPUT);
    tn_arena_clear(&one.arena);
    tear_down(&f);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_alone),
        cmocka_unit_test(in_any_company),
        cmocka_unit_test(every_instruction_set),
        cmocka_unit_test(stalls_and_runaways),
        cmocka_unit_test(what_it_does_not_take),
        cmocka_unit_test(a_sweep_of_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
