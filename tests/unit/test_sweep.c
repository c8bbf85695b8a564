/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep.h"

#include "capacity.h"
#include "rolling.h"

#define POINTS  1000
#define THREADS 8

/* A made-up study: the sum of a slow series, so that threads overtake each other. Every 97th point fails. */
struct spec {
    double x;
    int terms;
    bool bad;
};
struct result {
    struct tn_result_head head;
    double sum;
    const char *text;
};

static tn_status solve(void *result_out, const void *spec_in, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct result *result = result_out;
    const struct spec *spec = spec_in;
    (void)environment;
    if (spec->bad)
        return tn_error(ctx, &spec->x, NULL, "x of %g is bad", spec->x);
    for (int i = 1; i <= spec->terms; i++)
        result->sum += sin(spec->x * i) / i;
    result->text = tn_arena_printf(arena, "x = %g", spec->x);
    return result->text ? TN_OK : TN_ERR_MEMORY;
}

static const struct tn_field result_fields[] = {TN_R_NUMBER(result, sum, TN_Q_NONE, "sum"), TN_F_END};
static const struct tn_schema result_schema = {"result", "made up", sizeof(struct result), result_fields};
static const struct tn_study_kind kind = {"made-up", "made up", NULL, &result_schema, solve, NULL, NULL};

struct inputs {
    struct spec of[THREADS];
};

static tn_status point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                       void *payload, struct tn_context *ctx)
{
    struct inputs *inputs = payload;
    if (i == 500)
        return tn_error(ctx, NULL, NULL, "point %zu cannot be set", i);
    memset(environment_out, 0, sizeof *environment_out);
    inputs->of[thread] = (struct spec){1 + (double)i, (int)(i * 7919 % 3000), i % 97 == 96};
    *spec_out = &inputs->of[thread];
    return TN_OK;
}

struct taken {
    size_t count, calls, stop_at, done;
    double sum[POINTS];
    char text[POINTS][32];
    tn_status status[POINTS];
};

static tn_status take(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    struct taken *taken = payload;
    (void)ctx;
    for (size_t i = 0; i < count; i++, taken->count++) {
        const struct result *result = rows[i].result;
        assert_int_equal(rows[i].point, taken->count);
        assert_int_equal(rows[i].status == TN_OK, result != NULL);
        taken->status[taken->count] = rows[i].status;
        taken->sum[taken->count] = result ? result->sum : 0;
        strncpy(taken->text[taken->count], result ? result->text : rows[i].reason, sizeof taken->text[0] - 1);
    }
    taken->calls++;
    return TN_OK;
}

static bool progress(size_t done, size_t points, void *payload)
{
    struct taken *taken = payload;
    assert_true(done <= points);
    taken->done = done;
    return done < taken->stop_at;
}

static struct taken *sweep(int threads, size_t points, size_t stop_at, tn_status expected)
{
    static struct taken all[6];
    static int used;
    struct taken *taken = &all[used++ % 6];
    struct inputs inputs;
    struct tn_context ctx;
    memset(taken, 0, sizeof *taken);
    memset(&ctx, 0, sizeof ctx);
    taken->stop_at = stop_at;
    struct tn_sweep_source source = {points, point, &inputs};
    struct tn_sweep_sink sink = {take, progress, taken};
    assert_int_equal(tn_sweep_run(&kind, &source, &sink, threads, &ctx), expected);
    assert_int_equal(ctx.errors, 0); /* failed points are rows, not errors of the sweep */
    tn_context_clear(&ctx);
    return taken;
}

static void same_bytes_for_any_number_of_threads(void **state)
{
    static const int threads[] = {2, 3, 8};
    (void)state;
    const struct taken *one = sweep(1, POINTS, SIZE_MAX, TN_OK);
    assert_int_equal(one->count, POINTS);
    for (size_t i = 0; i < 3; i++) {
        const struct taken *many = sweep(threads[i], POINTS, SIZE_MAX, TN_OK);
        assert_int_equal(many->count, POINTS);
        assert_memory_equal(one->sum, many->sum, sizeof one->sum);
        assert_memory_equal(one->text, many->text, sizeof one->text);
        assert_memory_equal(one->status, many->status, sizeof one->status);
    }
}

static void failed_points_are_rows(void **state)
{
    (void)state;
    const struct taken *taken = sweep(2, POINTS, SIZE_MAX, TN_OK);
    assert_int_equal(taken->status[96], TN_ERR_INPUT);
    assert_string_equal(taken->text[96], "x of 97 is bad");
    assert_int_equal(taken->status[500], TN_ERR_INPUT);
    assert_string_equal(taken->text[500], "point 500 cannot be set");
    assert_int_equal(taken->status[97], TN_OK);
    assert_string_equal(taken->text[97], "x = 98");
    double sum = 0;
    for (int i = 1; i <= (int)((size_t)97 * 7919 % 3000); i++)
        sum += sin(98.0 * i) / i;
    assert_near_abs(taken->sum[97], sum, 0);
}

static void stops_between_chunks(void **state)
{
    (void)state;
    const struct taken *taken = sweep(2, POINTS, 1, TN_ERR_STOPPED);
    assert_int_equal(taken->calls, 1);
    assert_true(taken->count > 0 && taken->count < POINTS && taken->done == taken->count);
    taken = sweep(2, 0, 1, TN_OK);
    assert_int_equal(taken->count, 0);
}

static tn_status refuse(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    (void)rows;
    (void)count;
    (void)payload;
    (void)ctx;
    return TN_ERR_IO;
}

static void a_sink_that_fails_ends_it(void **state)
{
    struct inputs inputs;
    struct tn_context ctx;
    (void)state;
    memset(&ctx, 0, sizeof ctx);
    struct tn_sweep_source source = {POINTS, point, &inputs};
    struct tn_sweep_sink sink = {refuse, NULL, NULL};
    assert_int_equal(tn_sweep_run(&kind, &source, &sink, 2, &ctx), TN_ERR_IO);
    tn_context_clear(&ctx);
}

/* A capacity sweep over loads and pairs shares running times; every row equals the study solved by itself. */
#define LOADS 4
#define PAIRS 5

struct line {
    struct tn_station stations[3];
    struct tn_line_spec spec;
};
struct capacity_inputs {
    struct line line;
    struct rolling rolling[THREADS];
    struct tn_capacity_spec spec[THREADS];
};

static void set_capacity_point(struct capacity_inputs *inputs, struct tn_environment *environment, size_t i, int thread)
{
    struct tn_capacity_spec *spec = &inputs->spec[thread];
    rolling_init(&inputs->rolling[thread], &hxd1_25t, 2, 4000 + 500 * (double)(i / PAIRS));
    tn_schema_defaults(&tn_capacity_spec_schema, spec);
    spec->train = (struct tn_ref){"test", &inputs->rolling[thread].train};
    spec->from = "A";
    spec->to = i == 7 ? "Nowhere" : "C";
    spec->pairs = 10 + (double)(i % PAIRS);
    *environment = (struct tn_environment){.line = &inputs->line.spec, .phase = -1, .gravity_m_s2 = 9.81};
    tn_schema_defaults(&tn_weather_schema, &environment->weather);
    environment->weather.temperature = 288.15;
}

static tn_status capacity_point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                                void *payload, struct tn_context *ctx)
{
    struct capacity_inputs *inputs = payload;
    (void)ctx;
    set_capacity_point(inputs, environment_out, i, thread);
    *spec_out = &inputs->spec[thread];
    return TN_OK;
}

struct capacity_taken {
    size_t count;
    double net[LOADS * PAIRS];
    char verdict[LOADS * PAIRS][256];
};

static tn_status take_capacity(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    struct capacity_taken *taken = payload;
    (void)ctx;
    for (size_t i = 0; i < count; i++, taken->count++) {
        const struct tn_capacity_result *result = rows[i].result;
        taken->net[taken->count] = result ? result->net_asked_per_year_kg : -1;
        strncpy(taken->verdict[taken->count], result ? result->head.verdict : rows[i].reason, 255);
    }
    return TN_OK;
}

static void capacity_rows_equal_single_studies(void **state)
{
    static struct capacity_inputs inputs;
    static struct capacity_taken taken;
    struct tn_context ctx;
    struct tn_arena arena = {0};
    (void)state;
    memset(&ctx, 0, sizeof ctx);
    tn_schema_defaults(&tn_line_schema, &inputs.line.spec);
    for (int i = 0; i < 3; i++) {
        tn_schema_defaults(&tn_station_schema, &inputs.line.stations[i]);
        inputs.line.stations[i].name = i == 0 ? "A" : i == 1 ? "B" : "C";
        inputs.line.stations[i].km = 12e3 * i;
    }
    inputs.line.spec.id = "line";
    inputs.line.spec.stations = (struct tn_list){inputs.line.stations, 3};
    struct tn_sweep_source source = {LOADS * PAIRS, capacity_point, &inputs};
    struct tn_sweep_sink sink = {take_capacity, NULL, &taken};
    assert_int_equal(tn_sweep_run(&tn_study_capacity, &source, &sink, 3, &ctx), TN_OK);
    assert_int_equal(taken.count, LOADS * PAIRS);
    for (size_t i = 0; i < LOADS * PAIRS; i++) {
        struct tn_environment environment;
        struct tn_capacity_result result;
        memset(&result, 0, sizeof result);
        set_capacity_point(&inputs, &environment, i, 0);
        tn_status status = tn_study_capacity.solve(&result, &inputs.spec[0], &environment, &arena, &ctx);
        assert_int_equal(status == TN_OK, i != 7);
        if (status != TN_OK) {
            assert_string_equal(taken.verdict[i], ctx.diagnostics[0].text);
            continue;
        }
        assert_near_abs(taken.net[i], result.net_asked_per_year_kg, 0);
        assert_string_equal(taken.verdict[i], result.head.verdict);
    }
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_for_any_number_of_threads),
        cmocka_unit_test(failed_points_are_rows),
        cmocka_unit_test(stops_between_chunks),
        cmocka_unit_test(a_sink_that_fails_ends_it),
        cmocka_unit_test(capacity_rows_equal_single_studies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
