/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"
#include "diag.h"
#include "nearest.h"
#include "require.h"
#include "terminal.h"

struct values {
    const char *output;
    struct tn_opt_texts sets, studies;
    bool json;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "OUT.h5", "write results there too, as HDF5"},
    {'s', "set", TN_OPT_TEXTS, offsetof(struct values, sets), "PATH=VALUE", "change a value of the file"},
    {0, "study", TN_OPT_TEXTS, offsetof(struct values, studies), "ID", "solve this study only (may be repeated)"},
    {0, "json", TN_OPT_FLAG, offsetof(struct values, json), NULL, "print one JSON object instead of tables"},
    {.name = NULL},
};

/* What one call works on; everything but the reader lives in the arena. */
struct job {
    const struct values *values;
    const struct tn_scenario *scenario;
    struct tn_solved *solved;
    size_t count;
    struct tn_arena arena;
    struct tn_context ctx;
};

static const char *study_id(size_t i, const void *payload)
{
    return ((const struct tn_study *)payload)[i].id;
}

static bool is_wanted(const struct values *values, const char *id)
{
    for (size_t i = 0; i < values->studies.count; i++)
        if (!strcmp(values->studies.items[i], id))
            return true;
    return !values->studies.count;
}

static int check_wanted(const struct values *values, const struct tn_scenario *scenario)
{
    for (size_t i = 0; i < values->studies.count; i++) {
        const char *id = values->studies.items[i];
        if (!tn_scenario_study(scenario, id))
            return tn_opt_usage("run", tn_nearest_name(id, study_id, scenario->studies.count, scenario->studies.items),
                                "the file has no study '%s'", id);
    }
    return TN_EXIT_OK;
}

static void show_progress(size_t done, size_t all, const char *what, void *payload)
{
    tn_progress_follow(payload, done, all, what);
}

/* Solves one study; a failure is reported and does not touch the others. */
static int solve(struct job *job, const struct tn_study *study)
{
    const struct tn_study_kind *kind = tn_study_kinds[study->kind];
    struct tn_environment environment;
    tn_scenario_environment(&environment, job->scenario);
    const size_t before = job->ctx.count;
    const double start = tn_command_clock();
    struct tn_progress progress;
    tn_progress_begin(&progress, NULL, 0);
    job->ctx.progress = progress.bar ? show_progress : NULL;
    job->ctx.progress_payload = &progress;
    void *result = tn_arena_alloc(&job->arena, 1, kind->result->size);
    tn_status status =
        result ? kind->solve(result, study->spec.object, &environment, &job->arena, &job->ctx) : TN_ERR_MEMORY;
    tn_progress_end(&progress);
    job->ctx.progress = NULL;
    if (status == TN_OK && job->arena.failed)
        status = TN_ERR_MEMORY;
    tn_diag_print_from(stderr, &job->ctx, before);
    tn_terminal_note("study '%s' took %.3f s", study->id, tn_command_clock() - start);
    if (status != TN_OK) {
        tn_diag_say("study '%s' is not solved", study->id);
        return tn_exit_of(status);
    }
    job->solved[job->count++] = (struct tn_solved){study->id, kind, result};
    return ((const struct tn_result_head *)result)->failed ? TN_EXIT_NO : TN_EXIT_OK;
}

static int solve_all(struct job *job)
{
    const struct tn_list *studies = &job->scenario->studies;
    job->solved = tn_arena_alloc(&job->arena, studies->count, sizeof *job->solved);
    if (!job->solved && studies->count)
        return TN_EXIT_INTERNAL;
    const bool tables = !job->values->json && !(tn_terminal_quiet() && job->values->output);
    int end = TN_EXIT_OK;
    for (size_t i = 0; i < studies->count; i++) {
        const struct tn_study *study = &((const struct tn_study *)studies->items)[i];
        if (!is_wanted(job->values, study->id))
            continue;
        const size_t count = job->count;
        end = tn_exit_worse(end, solve(job, study));
        if (job->count > count && tables)
            end = tn_exit_worse(end, tn_exit_of(tn_table_print(stdout, &job->solved[count], &job->ctx)));
    }
    if (tables)
        end = tn_exit_worse(end, tn_exit_of(tn_table_print_grounds(stdout, job->solved, job->count, &job->ctx)));
    return end;
}

static int write_results(struct job *job, const struct tn_scenario_reader *reader, const char *path,
                         const char *command, double start)
{
    struct tn_provenance provenance;
    tn_status status = tn_command_provenance(&provenance, reader, path, command, &job->arena);
    provenance.wall_time_s = tn_command_clock() - start;
    const size_t before = job->ctx.count;
    if (status == TN_OK)
        status = tn_results_write(job->values->output, job->solved, job->count, &provenance, &job->ctx);
    tn_diag_print_from(stderr, &job->ctx, before);
    if (status == TN_OK)
        tn_terminal_note("wrote %s", job->values->output);
    return tn_exit_of(status);
}

static int work(struct job *job, const struct tn_scenario_reader *reader, const char *path, const char *command)
{
    const double start = tn_command_clock();
    const char *output = job->values->output;
    if (tn_command_check_output("run", output))
        return TN_EXIT_USAGE;
    if (output && tn_command_is_input(reader, output))
        return tn_opt_usage("run", NULL, "'%s' is a file of the scenario and would be lost", output);
    if (check_wanted(job->values, job->scenario))
        return TN_EXIT_USAGE;
    if (tn_command_check_folder(output))
        return TN_EXIT_IO;
    tn_command_note_inputs(reader);
    int end = solve_all(job);
    if (job->values->json)
        end = tn_exit_worse(end, tn_exit_of(tn_json_print(stdout, path, job->solved, job->count, &job->ctx)));
    for (size_t i = 0; i < job->count; i++)
        if (tn_require_test(job->scenario, &job->solved[i]))
            end = tn_exit_worse(end, TN_EXIT_NO);
    if (output && end != TN_EXIT_INTERNAL) /* results of which some are missing for no fault of the scenario */
        end = tn_exit_worse(end, write_results(job, reader, path, command, start));
    return end;
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct job job = {.values = &values};
    struct tn_scenario_reader *reader = NULL;
    const char *command = tn_command_line(verb->name, argc, argv, &job.arena);
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &job.arena);
    if (end < 0) {
        tn_status status = tn_scenario_read(&reader, files[0], values.sets.items, values.sets.count, &job.ctx);
        if (status == TN_OK)
            status = tn_require_check(job.scenario = tn_scenario_get(reader), &job.ctx);
        tn_diag_print(stderr, &job.ctx);
        end = status == TN_OK ? work(&job, reader, files[0], command) : tn_exit_of(status);
    }
    tn_scenario_destroy(reader);
    tn_context_clear(&job.ctx);
    tn_arena_clear(&job.arena);
    return end;
}

static void more(FILE *out)
{
    fputs("\nStudies that a file may ask for:\n", out);
    for (size_t i = 0; tn_study_kinds[i]; i++)
        fprintf(out, "  %-11s %s\n", tn_study_kinds[i]->name, tn_study_kinds[i]->doc);
}

const struct tn_verb tn_verb_run = {
    .name = "run",
    .operands = "FILE",
    .doc = "solves the studies of a scenario file",
    .examples = "Examples:\n"
                "  tonnage run scenarios/traction-test-5200.yaml\n"
                "  tonnage run scenarios/traction-test-5200.yaml -o test.h5 --set 'trains.test.load=5000 t'\n"
                "  tonnage run scenarios/rating-16permil.yaml --json\n"
                "  tonnage run scenarios/simulation-2024.yaml --set studies.year.days=30 -o day.h5\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .more = more,
    .run = run,
};
