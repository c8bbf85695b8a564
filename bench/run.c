/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast and how exact a train run is: medians of the Taylor run at several tolerances and of a naive Euler loop of
   several steps over the same track, with the error in running time of each against the tightest run (frontier.sh draws
   them). Usage: bench-run SCENARIO STUDY */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenario.h"
#include "warm.h"

#define REPEATS 21

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process: others may share the core */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What most engines do: acceleration at the step's start, speed clamped at the limit, braking by the ceiling v^2/2b. */
static double euler_run(const struct tn_track *track, double step_s)
{
    const struct tn_train *train = track->train;
    const double b = train->spec->brake.deceleration;
    double *square = malloc((track->count + 1) * sizeof *square);
    if (square == NULL)
        return NAN;
    square[track->count] = 0;
    for (size_t i = track->count; i > 0; i--) {
        double end = i < track->count ? track->pieces[i].from_m : track->length_m,
               limit = track->pieces[i - 1].limit_m_s;
        square[i - 1] =
            fmin(fmin(square[i], limit * limit) + 2 * b * (end - track->pieces[i - 1].from_m), limit * limit);
    }
    double x = 0, v = 0, t = 0;
    size_t i = 0;
    while (x < track->length_m && t < 1e6) {
        while (i + 1 < track->count && track->pieces[i + 1].from_m <= x)
            i++;
        const struct tn_track_piece *p = &track->pieces[i];
        const struct tn_track_zone *z = &track->zones[p->zone];
        double ahead = x - p->from_m, end = i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
        double force = tn_curve_at(&z->traction, v) - tn_curve_at(&z->still, v) -
                       (p->r0 + p->r1 * ahead) * tn_curve_at(&z->air, v) - p->k0 - p->k1 * ahead -
                       (p->t0 + p->t1 * ahead) * v * v;
        v += step_s * force / train->mass_effective_kg;
        double top = sqrt(fmin(p->limit_m_s * p->limit_m_s,
                               fmin(square[i + 1], p->limit_m_s * p->limit_m_s) + 2 * b * fmax(end - x, 0)));
        v = fmin(v, top);
        if (v < 0.05 && t > 10)
            break;
        x += v * step_s;
        t += step_s;
    }
    free(square);
    return t;
}

static double median(double *values, size_t count)
{
    gsl_sort(values, 1, count);
    return gsl_stats_median_from_sorted_data(values, 1, count);
}

/* Time of one run, s; the last run in *run. */
static double time_once(struct tn_run *run, const struct tn_run_request *request, int inner, struct tn_context *ctx)
{
    double begin = now_s();
    for (int i = 0; i < inner; i++) {
        struct tn_arena arena = {0};
        if (tn_run_solve(run, request, &arena, ctx) != TN_OK)
            exit(EXIT_FAILURE);
        tn_arena_clear(&arena);
    }
    return (now_s() - begin) / inner;
}

/* The median of many. */
static double time_run(struct tn_run *run, const struct tn_run_request *request, int inner, struct tn_context *ctx)
{
    double times[REPEATS];
    for (int r = 0; r < REPEATS; r++)
        times[r] = time_once(run, request, inner, ctx);
    return median(times, REPEATS);
}

static double time_euler(double *result, const struct tn_track *track, double step_s)
{
    double begin = now_s();
    *result = euler_run(track, step_s);
    return now_s() - begin;
}

/* All methods in turn, again and again: a core that slows down for a while slows them all. */
static void report(const struct tn_track *track, struct tn_run_request *request, struct tn_context *ctx)
{
    enum { EULER = 6, TAYLOR = 8 };
    static const double steps_s[EULER] = {10, 3, 1, 0.3, 0.1, 0.03};
    static const double tolerances[TAYLOR] = {1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12};
    static double euler_s[EULER][REPEATS], taylor_s[TAYLOR][REPEATS];
    double euler[EULER];
    struct tn_run best, run[TAYLOR];
    request->tolerance = 1e-14;
    (void)time_once(&best, request, 1, ctx);
    for (int r = 0; r < REPEATS; r++) {
        for (int i = 0; i < EULER; i++)
            euler_s[i][r] = time_euler(&euler[i], track, steps_s[i]);
        for (int i = 0; i < TAYLOR; i++) {
            request->tolerance = tolerances[i];
            taylor_s[i][r] = time_once(&run[i], request, 20, ctx);
        }
    }
    const double one_s = median(euler_s[2], REPEATS);
    printf("%zu pieces, %.1f km, %.3f s running time\n", track->count, track->length_m / 1000, best.running_time_s);
    printf("%-22s %10s %8s %12s %12s %8s\n", "method", "ms a run", "steps", "error, rel.", "estimate", "faster");
    for (int i = 0; i < EULER; i++) {
        double s = median(euler_s[i], REPEATS);
        printf("Euler, %-5g s %8s %10.4f %8.0f %12.1e %12s %8.3g\n", steps_s[i], "", 1e3 * s, euler[i] / steps_s[i],
               fabs(euler[i] / best.running_time_s - 1), "-", one_s / s);
    }
    for (int i = 0; i < TAYLOR; i++) {
        double s = median(taylor_s[i], REPEATS);
        printf("Taylor, %.0e %8s %10.4f %8zu %12.1e %12.1e %8.3g\n", tolerances[i], "", 1e3 * s, run[i].steps,
               fabs(run[i].running_time_s / best.running_time_s - 1), run[i].error_estimate_s / run[i].running_time_s,
               one_s / s);
    }
}

/* What temperatures cost: the run with and without them, and the whole study without a trace. */
static void report_heat(const struct tn_run_spec *spec, const struct tn_environment *e, struct tn_run_request *request,
                        struct tn_context *ctx)
{
    double times[3][REPEATS];
    struct tn_run_spec plain = *spec;
    plain.trace = false;
    request->tolerance = spec->tolerance;
    for (int r = 0; r < REPEATS; r++)
        for (int kind = 0; kind < 3; kind++) {
            struct tn_arena arena = {0};
            struct tn_run run;
            struct tn_warm warm;
            struct tn_run_result result = {0};
            double begin = now_s();
            tn_status status = TN_OK;
            if (kind == 1)
                status = tn_warm_init(&warm, request->track->train, &spec->warm, e->weather.temperature, false, &arena);
            request->follow = kind == 1 ? tn_warm_follow : NULL;
            request->follower = &warm;
            if (status == TN_OK)
                status = kind == 2 ? tn_study_run.solve(&result, &plain, e, &arena, ctx)
                                   : tn_run_solve(&run, request, &arena, ctx);
            if (status != TN_OK)
                exit(EXIT_FAILURE);
            times[kind][r] = now_s() - begin;
            tn_arena_clear(&arena);
        }
    double run_s = median(times[0], REPEATS), heat_s = median(times[1], REPEATS) - run_s;
    double study_s = median(times[2], REPEATS);
    printf(
        "temperatures: %.4f ms beside a run of %.4f ms; they add %.0f %% to a study without trace, %.4f ms with them\n",
        1e3 * heat_s, 1e3 * run_s, 100 * heat_s / (study_s - heat_s), 1e3 * study_s);
}

/* The study's run with stops and speed restrictions at even distances. */
static void report_restricted(const struct tn_run_spec *spec, const struct tn_environment *e,
                              const struct tn_train *train, struct tn_context *ctx)
{
    enum { STOPS = 80, LIMITS = 200 };
    static struct tn_limit limits[LIMITS];
    static struct tn_run_stop stops[STOPS];
    struct tn_line_spec line = *e->line;
    struct tn_path path;
    struct tn_track track;
    struct tn_run run, best;
    struct tn_arena arena = {0};
    line.limits = (struct tn_list){limits, LIMITS};
    if (tn_path_init(&path, &line, e->phase, spec->from, spec->to, NULL, NULL, &arena, ctx) != TN_OK)
        exit(EXIT_FAILURE);
    for (int i = 0; i < LIMITS; i++) {
        double from = path.length_m * (i + 0.3) / LIMITS, km = path.origin_km_m + path.sign * from;
        limits[i] = (struct tn_limit){fmin(km, km + path.sign * 1000),
                                      fmax(km, km + path.sign * 1000),
                                      (40 + 5 * (i % 7)) / 3.6,
                                      TN_BOTH,
                                      -1,
                                      -1,
                                      NULL};
    }
    for (int i = 0; i < STOPS; i++)
        stops[i] = (struct tn_run_stop){path.length_m * (i + 0.7) / (STOPS + 1), 60};
    if (tn_track_init(&track, &path, train, &e->weather, (enum tn_depth)spec->depth, &arena, ctx) != TN_OK)
        exit(EXIT_FAILURE);
    struct tn_run_request request = {.track = &track,
                                     .to_m = track.length_m,
                                     .stop_at_end = true,
                                     .stops = stops,
                                     .stop_count = STOPS,
                                     .marks = path.station_s_m,
                                     .mark_count = path.station_count};
    double s = time_run(&run, &request, 20, ctx);
    request.tolerance = 1e-14;
    (void)time_run(&best, &request, 1, ctx);
    printf("%d stops, %d restrictions: %.4f ms a run, %zu pieces, %zu steps, error %.1e, estimate %.1e\n", STOPS,
           LIMITS, 1e3 * s, track.count, run.steps, fabs(run.running_time_s / best.running_time_s - 1),
           run.error_estimate_s / run.running_time_s);
    tn_arena_clear(&arena);
}

/* Points of other loads and weather. */
#define POINTS 256
struct point {
    struct tn_train_wagons wagons;
    struct tn_train_spec train_spec;
    struct tn_run_spec spec;
    struct tn_environment environment;
};

static void make_points(struct point *points, const struct tn_run_spec *spec, const struct tn_environment *e)
{
    for (int i = 0; i < POINTS; i++) {
        struct point *p = &points[i];
        p->train_spec = *(const struct tn_train_spec *)spec->train.object;
        p->wagons = *(const struct tn_train_wagons *)p->train_spec.wagons.items;
        p->wagons.load = 5e6 + 2e5 * i / POINTS;
        p->train_spec.wagons = (struct tn_list){&p->wagons, 1};
        p->spec = *spec;
        p->spec.train.object = &p->train_spec;
        p->spec.temperatures = p->spec.trace = false;
        p->environment = *e;
        p->environment.weather.temperature = 253 + 60.0 * (i * 37 % POINTS) / POINTS;
    }
}

static tn_status point_inputs(const void **spec_out, struct tn_environment *environment_out, size_t i, void *payload,
                              struct tn_context *ctx)
{
    const struct point *p = (const struct point *)payload + i;
    (void)ctx;
    *spec_out = &p->spec;
    *environment_out = p->environment;
    return TN_OK;
}

/* Median time of a point's whole study, s: set up, run, passing runs, result. */
static double time_studies(struct point *points)
{
    static struct tn_run_result results[POINTS];
    static struct tn_study_outcome outcomes[POINTS];
    struct tn_study_memory memory = {.full = false};
    double times[REPEATS];
    for (int r = 0; r < REPEATS; r++) {
        struct tn_arena arena = {0};
        memset(results, 0, sizeof results);
        double begin = now_s();
        for (int block = 0; block < POINTS; block += 64) {
            const struct tn_study_many many = {64, point_inputs, points + block, &memory};
            for (int i = block; i < block + 64; i++)
                outcomes[i] = (struct tn_study_outcome){.result = &results[i]};
            if (tn_study_run.solve_many(outcomes + block, &many, &arena) != TN_OK)
                exit(EXIT_FAILURE);
        }
        times[r] = (now_s() - begin) / POINTS;
        tn_arena_clear(&arena);
    }
    tn_study_memory_empty(&memory);
    return median(times, REPEATS);
}

static void report_points(const struct tn_run_spec *spec, const struct tn_environment *e)
{
    static struct point points[POINTS];
    make_points(points, spec, e);
    printf("%d loads and temperatures, the whole study: %.4f ms a point\n", POINTS, 1e3 * time_studies(points));
}

int main(int argc, char **argv)
{
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = NULL;
    struct tn_arena arena = {0};
    gsl_set_error_handler_off();
    if (argc != 3 || tn_scenario_read(&reader, argv[1], NULL, 0, &ctx) != TN_OK) {
        (void)fprintf(stderr, "usage: bench-run SCENARIO STUDY (of kind run)\n");
        return 2;
    }
    struct tn_environment e;
    tn_scenario_environment(&e, tn_scenario_get(reader));
    const struct tn_study *study = tn_scenario_study(tn_scenario_get(reader), argv[2]);
    if (study == NULL || study->spec.schema != tn_study_run.input)
        return 2;
    const struct tn_run_spec *spec = study->spec.object;
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
    double begin = now_s();
    if (tn_train_init(&train, spec->train.object, &e.weather, e.gravity_m_s2, &arena, &ctx) != TN_OK ||
        tn_path_init(&path, e.line, e.phase, spec->from, spec->to, NULL, NULL, &arena, &ctx) != TN_OK)
        return 1;
    double middle = now_s();
    if (tn_track_init(&track, &path, &train, &e.weather, (enum tn_depth)spec->depth, &arena, &ctx) != TN_OK)
        return 1;
    printf("train %.3f ms, track %.3f ms to set up\n", 1e3 * (middle - begin), 1e3 * (now_s() - middle));
    struct tn_run_request request = {.track = &track,
                                     .to_m = track.length_m,
                                     .stop_at_end = true,
                                     .marks = path.station_s_m,
                                     .mark_count = path.station_count};
    report(&track, &request, &ctx);
    report_heat(spec, &e, &request, &ctx);
    report_restricted(spec, &e, &train, &ctx);
    report_points(spec, &e);
    tn_arena_clear(&arena);
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    return 0;
}
