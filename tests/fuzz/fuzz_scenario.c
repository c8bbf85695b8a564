/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "scenario.h"

/* A scenario with the files that it names, read as `tonnage check` and `tonnage sweep --plan` do. */

static void check_diagnostics(const struct tn_context *ctx, tn_status status)
{
    size_t placed = 0;
    for (size_t i = 0; i < ctx->count; i++)
        placed += ctx->diagnostics[i].severity == TN_SEVERITY_ERROR && ctx->diagnostics[i].place.file != NULL;
    FUZZ_MUST(status == TN_OK || status == TN_ERR_INPUT);
    FUZZ_MUST((status == TN_OK) == (ctx->errors == 0));
    FUZZ_MUST(status == TN_OK || placed > 0);
}

static void check_studies(const struct tn_scenario *scenario)
{
    const struct tn_study *studies = scenario->studies.items;
    struct tn_environment environment;
    tn_scenario_environment(&environment, scenario);
    for (size_t i = 0; i < scenario->studies.count && i < 20; i++) {
        const struct tn_study_kind *kind = tn_study_kinds[studies[i].kind];
        struct tn_context ctx = {0};
        struct tn_arena arena = {0};
        if (kind->check)
            (void)kind->check(studies[i].spec.object, &environment, &arena, &ctx);
        tn_arena_clear(&arena);
        tn_context_clear(&ctx);
    }
}

static void set_points(const struct tn_scenario_reader *reader)
{
    const struct tn_scenario_sweep *sweep = &tn_scenario_get(reader)->sweep;
    struct tn_scenario_points *points = NULL;
    struct tn_context ctx = {0};
    size_t count = 1;
    for (size_t i = 0; i < sweep->axis_count; i++)
        count *= sweep->axes[i].count;
    if (tn_scenario_points_create(&points, reader, 1, &ctx) == TN_OK)
        for (size_t i = 0; i < count && i < 4; i++) {
            struct tn_environment environment;
            const void *spec = NULL;
            (void)tn_scenario_point(&spec, &environment, i + 1 == 4 ? count - 1 : i, 0, points, &ctx);
        }
    tn_scenario_points_destroy(points);
    tn_context_clear(&ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tn_scenario_reader *reader = NULL;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    fuzz_write_files("scenario.yaml", data, size);
    tn_status status = tn_scenario_read(&reader, fuzz_path("scenario.yaml"), NULL, 0, &ctx);
    check_diagnostics(&ctx, status);
    if (status == TN_OK) {
        FUZZ_MUST(tn_scenario_resolved(reader, &arena) != NULL);
        check_studies(tn_scenario_get(reader));
        if (tn_scenario_get(reader)->sweep.axis_count > 0)
            set_points(reader);
    }
    tn_scenario_destroy(reader);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
    return 0;
}
