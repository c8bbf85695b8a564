/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "diag.h"
#include "require.h"

static const struct tn_opt options[] = {{.name = NULL}};

static int check_one(const char *path)
{
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = NULL;
    tn_status status = tn_scenario_read(&reader, path, NULL, 0, &ctx);
    if (status == TN_OK)
        status = tn_require_check(tn_scenario_get(reader), &ctx);
    tn_diag_print(stderr, &ctx);
    if (status == TN_OK) {
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
