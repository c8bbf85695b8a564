/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study `run`: many points at once, as a sweep has them, against each alone; additions for starts and stops against
   a train that runs the whole way without a stop. */
#include "near.h"
#include "run.h"

#include <gsl/gsl_errno.h>
#include <string.h>

#include "scenario.h"
#include "sweep.h"

struct fixture {
    struct tn_context ctx;
    struct tn_scenario_reader *reader;
    struct tn_environment environment;
    struct tn_arena arena;
    struct tn_neutral_section neutral[3];
    struct tn_line_spec line; /* that of the scenario, with neutral sections */
};

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    assert_int_equal(tn_scenario_read(&f->reader, TN_SOURCE_DIR "/scenarios/traction-test-5200.yaml", NULL, 0, &f->ctx),
                     TN_OK);
    tn_scenario_environment(&f->environment, tn_scenario_get(f->reader));
    f->line = *f->environment.line;
    for (int i = 0; i < 3; i++)
        f->neutral[i] =
            (struct tn_neutral_section){.from = 200e3 + 310e3 * i, .to = 200.3e3 + 310e3 * i, .phase = -1, .until = -1};
    f->line.neutral_sections = (struct tn_list){f->neutral, 3};
}

static void tear_down(struct fixture *f)
{
    tn_arena_clear(&f->arena);
    tn_scenario_destroy(f->reader);
    tn_context_clear(&f->ctx);
}

/* A train on its stretch of the line, one a thread. */
struct ride {
    struct tn_train_locomotives locomotives[1];
    struct tn_train_wagons wagons;
    struct tn_train_spec spec;
};

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
    environment_out->weather.wind.yaw_gain = i % 8 == 7 ? 1 : 0;
    environment_out->weather.wind.yaw_angle = 0.3;
    if (i % 5 == 4)
        environment_out->line = &f->line;
    tn_schema_defaults(&tn_run_spec_schema, spec);
    spec->train = (struct tn_ref){"test", &ride->spec};
    spec->from = i % 2 ? "Ruoqiang" : "Golmud";
    spec->to = i == 78 ? "Nowhere" : i % 2 ? "Golmud South" : "Korla";
    spec->temperatures = i % 50 == 49;
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

static void same_bytes(const double *a, const double *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

static void same_results(const struct tn_run_result *a, const struct tn_run_result *b)
{
    const size_t numbers =
        (offsetof(struct tn_run_result, speed_max_m_s) - offsetof(struct tn_run_result, running_time_s)) /
        sizeof(double);
    for (size_t i = 0; i <= numbers; i++)
        same_bytes(&a->running_time_s + i, &b->running_time_s + i);
    same_bytes(&a->motor_temperature_max_K, &b->motor_temperature_max_K);
    assert_string_equal(a->head.verdict, b->head.verdict);
    assert_int_equal(a->steps, b->steps);
    assert_int_equal(a->head.assumptions.count, b->head.assumptions.count);
    assert_int_equal(a->sections.count, b->sections.count);
    const struct tn_run_section *left = a->sections.items, *right = b->sections.items;
    for (size_t i = 0; i < a->sections.count; i++) {
        assert_string_equal(left[i].from, right[i].from);
        same_bytes(&left[i].running_time_s, &right[i].running_time_s);
        same_bytes(&left[i].start_addition_s, &right[i].start_addition_s);
        same_bytes(&left[i].stop_addition_s, &right[i].stop_addition_s);
    }
}

static void a_sweep_of_runs(void **state)
{
    static struct fixture f;
    static struct taken one, many;
    (void)state;
    set_up(&f);
    sweep_runs(&one, &f, 1);
    for (int threads = 2; threads <= THREADS; threads *= 2) {
        sweep_runs(&many, &f, threads);
        assert_memory_equal(one.statuses, many.statuses, sizeof one.statuses);
        assert_memory_equal(one.reasons, many.reasons, sizeof one.reasons);
        for (size_t i = 0; i < POINTS; i++)
            if (one.statuses[i] == TN_OK)
                same_results(&many.results[i], &one.results[i]);
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
            same_results(&one.results[i], &result);
        else
            assert_true(one.reasons[i][0] != '\0');
    }
    assert_int_equal(one.statuses[77], TN_ERR_INPUT);
    assert_string_equal(one.reasons[77], "point 77 cannot be set");
    assert_int_equal(one.statuses[78], TN_ERR_INPUT);
    tn_arena_clear(&one.arena);
    tear_down(&f);
}

/* Times over sections of a point's train that runs the whole way without a stop. */
static void run_passing(struct tn_run *run, struct tn_track *track, struct tn_path *path,
                        const struct tn_run_spec *spec, const struct tn_environment *e, struct fixture *f)
{
    struct tn_train *train = tn_arena_alloc(&f->arena, 1, sizeof *train);
    assert_non_null(train);
    assert_int_equal(tn_train_init(train, spec->train.object, &e->weather, e->gravity_m_s2, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(tn_path_init(path, e->line, e->phase, spec->from, spec->to, NULL, NULL, &f->arena, &f->ctx),
                     TN_OK);
    assert_int_equal(tn_track_init(track, path, train, &e->weather, TN_STRAP, &f->arena, &f->ctx), TN_OK);
    const struct tn_run_request request = {.track = track,
                                           .to_m = path->length_m,
                                           .entry_m_s = 1000,
                                           .marks = path->station_s_m,
                                           .mark_count = path->station_count};
    assert_int_equal(tn_run_solve(run, &request, &f->arena, &f->ctx), TN_OK);
}

static void additions_against_the_whole_way(void **state)
{
    static struct fixture f;
    static struct study_inputs inputs;
    size_t compared = 0;
    (void)state;
    set_up(&f);
    inputs.f = &f;
    for (size_t i = 0; i < POINTS; i += 6) {
        const void *given;
        struct tn_environment e;
        struct tn_run_result result = {.distance_m = 0};
        struct tn_run passing;
        struct tn_track track;
        struct tn_path path;
        if (i == 78)
            continue;
        assert_int_equal(study_point(&given, &e, i, 0, &inputs, &f.ctx), TN_OK);
        const struct tn_run_spec *spec = given;
        assert_int_equal(tn_study_run.solve(&result, spec, &e, &f.arena, &f.ctx), TN_OK);
        run_passing(&passing, &track, &path, spec, &e, &f);
        const struct tn_run_section *sections = result.sections.items;
        for (size_t k = 0; k < result.sections.count; k++) {
            double addition = sections[k].start_addition_s + sections[k].stop_addition_s;
            if (addition == 0 || isnan(addition))
                continue;
            double time_s = passing.mark_running_s[k + 1] - passing.mark_running_s[k];
            assert_near_abs(sections[k].running_time_s - addition, time_s, 1e-7);
            compared++;
        }
    }
    assert_true(compared > 100);
    tear_down(&f);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_of_runs),
        cmocka_unit_test(additions_against_the_whole_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
