/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>
#include <string.h>

#include "command.h"
#include "diag.h"
#include "signals.h"
#include "sweep.h"
#include "terminal.h"

enum { THREADS_MOST = 1024 };

struct values {
    const char *output;
    struct tn_opt_texts sets;
    int threads;
    bool plan;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "OUT.h5",
     "the results file (needed, but for --plan)"},
    {0, "plan", TN_OPT_FLAG, offsetof(struct values, plan), NULL, "print axes and number of points, solve nothing"},
    {'s', "set", TN_OPT_TEXTS, offsetof(struct values, sets), "PATH=VALUE", "change a value of the file"},
    {'j', "threads", TN_OPT_COUNT, offsetof(struct values, threads), "N", "threads; all cores if not given"},
    {.name = NULL},
};

/* Where the rows go, and what they come to. */
struct sink {
    struct tn_cube_writer *writer;
    size_t failed;
    const char *first_reason;
    struct tn_arena *arena;
    struct tn_progress progress;
    double start;
};

static tn_status take(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx)
{
    struct sink *sink = payload;
    for (size_t i = 0; i < count; i++) {
        const void *result = rows[i].status == TN_OK ? rows[i].result : NULL;
        const char *reason = rows[i].reason ? rows[i].reason : "not solved";
        if (!result && !sink->failed++)
            sink->first_reason = tn_arena_copy(sink->arena, reason, strlen(reason));
        const tn_status status = tn_cube_put(sink->writer, rows[i].point, result, result ? NULL : reason, ctx);
        if (status != TN_OK)
            return status;
    }
    return TN_OK;
}

static bool progress(size_t done, size_t points, void *payload)
{
    struct sink *sink = payload;
    tn_progress_show(&sink->progress, done, points, NULL);
    return tn_signal_caught() == 0;
}

static const double *axis_numbers(const struct tn_scenario_axis *axis, struct tn_arena *arena)
{
    if (axis->field->type == TN_NUMBER)
        return axis->values;
    double *numbers = tn_arena_alloc(arena, axis->count, sizeof *numbers);
    for (size_t i = 0; numbers && i < axis->count; i++)
        numbers[i] = ((const int *)axis->values)[i];
    return numbers;
}

static struct tn_cube_axis *cube_axes(const struct tn_scenario_sweep *sweep, struct tn_arena *arena)
{
    struct tn_cube_axis *axes = tn_arena_alloc(arena, sweep->axis_count, sizeof *axes);
    for (size_t i = 0; axes && i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        const bool numeric = axis->field->type == TN_NUMBER || axis->field->type == TN_INTEGER;
        axes[i] = (struct tn_cube_axis){.path = axis->path,
                                        .label = axis->label ? axis->label : axis->path,
                                        .type = axis->field->type,
                                        .quantity = axis->field->quantity,
                                        .count = axis->count,
                                        .numbers = numeric ? axis_numbers(axis, arena) : NULL,
                                        .texts = axis->texts};
        if (numeric && !axes[i].numbers)
            return NULL;
    }
    return axes;
}

static size_t point_count(const struct tn_scenario_sweep *sweep)
{
    size_t points = 1;
    for (size_t i = 0; i < sweep->axis_count; i++)
        points *= sweep->axes[i].count;
    return points;
}

static int print_plan(const struct tn_scenario_sweep *sweep)
{
    printf("study %s\n", sweep->study);
    for (size_t i = 0; i < sweep->axis_count; i++) {
        const struct tn_scenario_axis *axis = &sweep->axes[i];
        printf("axis %-28s %4zu values: %s", axis->path, axis->count, axis->count ? axis->texts[0] : "");
        if (axis->count > 1)
            printf(" .. %s", axis->texts[axis->count - 1]);
        putchar('\n');
    }
    printf("%zu points\n", point_count(sweep));
    return TN_EXIT_OK;
}

static int report(const struct sink *sink, const char *path, size_t points, int threads)
{
    if (!tn_terminal_quiet())
        printf("%s: %zu points, %zu failed, %.2f s on %d %s\n", path, points, sink->failed,
               tn_command_clock() - sink->start, threads, threads == 1 ? "thread" : "threads");
    if (!sink->failed)
        return TN_EXIT_OK;
    if (!tn_terminal_quiet())
        fprintf(stderr, "tonnage: warning: %zu of %zu points failed, the first because: %s\n", sink->failed, points,
                sink->first_reason ? sink->first_reason : "");
    return sink->failed == points ? TN_EXIT_NUMERIC : TN_EXIT_OK;
}

static int finish(struct sink *sink, tn_status status, const char *path, size_t points, int threads,
                  struct tn_context *ctx)
{
    tn_progress_end(&sink->progress);
    if (status == TN_OK && sink->writer) {
        status = tn_cube_commit(sink->writer, tn_command_clock() - sink->start, ctx);
    } else if (sink->writer) {
        tn_cube_abandon(sink->writer);
    }
    tn_diag_print(stderr, ctx);
    if (status == TN_ERR_STOPPED) {
        tn_diag_say("stopped by a signal; nothing is written");
        return TN_EXIT_SIGNAL + tn_signal_caught();
    }
    return status == TN_OK ? report(sink, path, points, threads) : tn_exit_of(status);
}

static int solve(const struct values *values, const struct tn_scenario_reader *reader,
                 const struct tn_provenance *provenance, struct tn_arena *arena)
{
    const struct tn_scenario *scenario = tn_scenario_get(reader);
    const struct tn_study *study = tn_scenario_study(scenario, scenario->sweep.study);
    const struct tn_cube_axis *axes = cube_axes(&scenario->sweep, arena);
    const int threads = provenance->threads;
    if (!study || !axes)
        return TN_EXIT_INTERNAL;
    const struct tn_study_kind *kind = tn_study_kinds[study->kind];
    struct sink state = {.arena = arena, .start = tn_command_clock()};
    struct tn_context ctx = {0};
    struct tn_scenario_points *inputs = NULL;
    const size_t points = point_count(&scenario->sweep);
    tn_signal_catch();
    tn_progress_begin(&state.progress, "points", 0);
    tn_status status = tn_scenario_points_create(&inputs, reader, threads, &ctx);
    if (status == TN_OK)
        status = tn_cube_create(&state.writer, values->output, study->id, kind, axes, scenario->sweep.axis_count,
                                provenance, &ctx);
    if (status == TN_OK) {
        const struct tn_sweep_source source = {points, tn_scenario_point, inputs};
        const struct tn_sweep_sink sink = {take, progress, &state};
        status = tn_sweep_run(kind, &source, &sink, threads, &ctx);
    }
    const int end = finish(&state, status, values->output, points, threads, &ctx);
    tn_scenario_points_destroy(inputs);
    tn_context_clear(&ctx);
    return end;
}

static int work(const struct values *values, const struct tn_scenario_reader *reader, const char *path,
                const char *command, struct tn_arena *arena)
{
    const struct tn_scenario *scenario = tn_scenario_get(reader);
    if (!scenario->sweep.axis_count) {
        tn_diag_say("%s has no `sweep:` with axes to go over", path);
        return TN_EXIT_SCENARIO;
    }
    if (values->plan)
        return print_plan(&scenario->sweep);
    if (!values->output)
        return tn_opt_usage("sweep", NULL, "where to? -o OUT.h5 is needed");
    if (tn_command_check_output("sweep", values->output))
        return TN_EXIT_USAGE;
    if (values->threads > THREADS_MOST)
        return tn_opt_usage("sweep", NULL, "--threads is %d, at most %d run", values->threads, THREADS_MOST);
    if (tn_command_is_input(reader, values->output))
        return tn_opt_usage("sweep", NULL, "'%s' is a file of the scenario and would be lost", values->output);
    tn_command_note_inputs(reader);
    struct tn_provenance provenance;
    const tn_status status = tn_command_provenance(&provenance, reader, path, command, arena);
    provenance.threads = values->threads ? values->threads : omp_get_max_threads();
    return status == TN_OK ? solve(values, reader, &provenance, arena) : tn_exit_of(status);
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = NULL;
    const char *command = tn_command_line(verb->name, argc, argv, &arena);
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &arena);
    if (end < 0) {
        const tn_status status = tn_scenario_read(&reader, files[0], values.sets.items, values.sets.count, &ctx);
        tn_diag_print(stderr, &ctx);
        end = status == TN_OK ? work(&values, reader, files[0], command, &arena) : tn_exit_of(status);
    }
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    tn_arena_clear(&arena);
    return end;
}

const struct tn_verb tn_verb_sweep = {
    .name = "sweep",
    .operands = "FILE",
    .doc = "solves one study at every point of the file's sweep, on all cores",
    .examples = "Examples:\n"
                "  tonnage sweep scenarios/sweep-capacity.yaml --plan\n"
                "  tonnage sweep scenarios/sweep-capacity.yaml -o capacity.h5\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
