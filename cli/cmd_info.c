/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "diag.h"

static const struct tn_opt options[] = {{.name = NULL}};

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct tn_context ctx = {0};
    char **files = NULL;
    int count = 0, none = 0;
    int end = tn_opt_parse(&none, &files, &count, verb, argc, argv, &ctx.arena);
    if (end < 0) {
        end = tn_exit_of(tn_results_describe(stdout, files[0], &ctx));
        tn_diag_print(stderr, &ctx);
    }
    tn_context_clear(&ctx);
    return end == TN_EXIT_SCENARIO ? TN_EXIT_IO : end; /* not a results file: it cannot be read */
}

const struct tn_verb tn_verb_info = {
    .name = "info",
    .operands = "OUT.h5",
    .doc = "tells what is in a results file and where it comes from",
    .examples = "Examples:\n  tonnage info capacity.h5\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
