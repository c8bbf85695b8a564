/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"
#include "diag.h"
#include "require.h"
#include "terminal.h"

static const struct tn_opt options[] = {{.name = NULL}};

static bool is_said(const struct tn_context *ctx, size_t count, const struct tn_diagnostic *d)
{
    for (size_t i = 0; i < count; i++) {
        const struct tn_diagnostic *other = &ctx->diagnostics[i];
        if (other->place.file == d->place.file && other->place.line == d->place.line &&
            other->place.column == d->place.column && !strcmp(other->text, d->text))
            return true;
    }
    return false;
}

/* What a study refuses; what an earlier one said of the same train or line is not said again. */
static tn_status check_study(const struct tn_study *study, const struct tn_environment *environment,
                             struct tn_context *ctx)
{
    const struct tn_study_kind *kind = tn_study_kinds[study->kind];
    struct tn_arena arena = {0};
    const size_t before = ctx->count;
    const tn_status status = kind->check ? kind->check(study->spec.object, environment, &arena, ctx) : TN_OK;
    size_t kept = before;
    for (size_t i = before; i < ctx->count; i++)
        if (!is_said(ctx, kept, &ctx->diagnostics[i]))
            ctx->diagnostics[kept++] = ctx->diagnostics[i];
        else if (ctx->diagnostics[i].severity == TN_SEVERITY_ERROR)
            ctx->errors--;
    ctx->count = kept;
    tn_arena_clear(&arena);
    return status;
}

/* A swept study may be complete only with the values of its axes: it is fine if its first point is. */
static bool first_point_is_fine(const struct tn_scenario_reader *reader, const struct tn_study *study)
{
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    struct tn_scenario_points *points = NULL;
    struct tn_environment environment;
    const void *spec = NULL;
    tn_status status = tn_scenario_points_create(&points, reader, 1, &ctx);
    if (status == TN_OK)
        status = tn_scenario_point(&spec, &environment, 0, 0, points, &ctx);
    if (status == TN_OK)
        status = tn_study_kinds[study->kind]->check(spec, &environment, &arena, &ctx);
    tn_scenario_points_destroy(points);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
    return status == TN_OK;
}

static tn_status check_studies(const struct tn_scenario_reader *reader, struct tn_context *ctx)
{
    const struct tn_scenario *scenario = tn_scenario_get(reader);
    const struct tn_study *studies = scenario->studies.items;
    struct tn_environment environment;
    tn_scenario_environment(&environment, scenario);
    tn_status worst = TN_OK;
    for (size_t i = 0; i < scenario->studies.count; i++) {
        const bool swept = scenario->sweep.axis_count > 0 && !strcmp(scenario->sweep.study, studies[i].id);
        const size_t count = ctx->count, errors = ctx->errors;
        const tn_status status = check_study(&studies[i], &environment, ctx);
        if (status != TN_OK && swept && first_point_is_fine(reader, &studies[i])) {
            ctx->count = count;
            ctx->errors = errors;
        } else if (status != TN_OK) {
            worst = status;
        }
    }
    return worst;
}

static int check_one(const char *path)
{
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = NULL;
    tn_status status = tn_scenario_read(&reader, path, NULL, 0, &ctx);
    if (status == TN_OK) {
        status = tn_require_check(tn_scenario_get(reader), &ctx);
        const tn_status studies = check_studies(reader, &ctx);
        if (status == TN_OK)
            status = studies;
    }
    tn_diag_print(stderr, &ctx);
    if (status == TN_OK && !tn_terminal_quiet()) {
        const struct tn_scenario *s = tn_scenario_get(reader);
        printf("%s: ok: %zu %s, %zu %s\n", path, s->trains.count, s->trains.count == 1 ? "train" : "trains",
               s->studies.count, s->studies.count == 1 ? "study" : "studies");
    }
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    return tn_exit_of(status);
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct tn_arena arena = {0};
    char **files = NULL;
    int count = 0, none = 0;
    int end = tn_opt_parse(&none, &files, &count, verb, argc, argv, &arena);
    if (end < 0) {
        end = TN_EXIT_OK;
        for (int i = 0; i < count; i++)
            end = tn_exit_worse(end, check_one(files[i]));
    }
    tn_arena_clear(&arena);
    return end;
}

const struct tn_verb tn_verb_check = {
    .name = "check",
    .operands = "FILE...",
    .doc = "validates scenario files and reports every mistake with its place",
    .examples = "Examples:\n  tonnage check scenarios/traction-test-5200.yaml\n",
    .options = options,
    .operands_min = 1,
    .operands_max = -1,
    .run = run,
};
