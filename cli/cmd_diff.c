/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "diag.h"
#include "terminal.h"

struct values {
    double tolerance, absolute;
    struct tn_opt_texts skip;
};

static const struct tn_opt options[] = {
    {'t', "tol", TN_OPT_NUMBER, offsetof(struct values, tolerance), "SHARE",
     "numbers may differ by that share of the variable's largest; 0 if not given"},
    {0, "abs", TN_OPT_NUMBER, offsetof(struct values, absolute), "NUMBER",
     "or by that much, in the variable's unit; 0 if not given"},
    {0, "skip", TN_OPT_TEXTS, offsetof(struct values, skip), "NAME",
     "pass over that variable or study (may be repeated)"},
    {.name = NULL},
};

static int report(const struct tn_diff_counts *counts, const char *a, const char *b, const struct values *values)
{
    const bool differ = counts->differ || counts->attributes;
    if (tn_terminal_quiet())
        return differ ? TN_EXIT_NO : TN_EXIT_OK;
    if (differ) {
        printf("%zu of %zu variables differ\n", counts->differ, counts->compared);
        return TN_EXIT_NO;
    }
    printf("%s and %s are the same", a, b);
    if (values->tolerance > 0)
        printf(" within a share of %g", values->tolerance);
    if (values->absolute > 0)
        printf(" within %g", values->absolute);
    printf(": %zu variables\n", counts->compared);
    return TN_EXIT_OK;
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_context ctx = {0};
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &ctx.arena);
    if (end < 0) {
        const struct tn_diff_options how = {values.tolerance, values.absolute, values.skip.items, values.skip.count};
        struct tn_diff_counts counts;
        FILE *out = tn_terminal_quiet() ? fopen("/dev/null", "w") : stdout;
        end = out ? tn_exit_of(tn_results_diff(&counts, out, files[0], files[1], &how, &ctx)) : TN_EXIT_INTERNAL;
        if (out && out != stdout)
            (void)fclose(out);
        tn_diag_print(stderr, &ctx);
        if (end == TN_EXIT_OK)
            end = report(&counts, files[0], files[1], &values);
    }
    tn_context_clear(&ctx);
    return end == TN_EXIT_SCENARIO ? TN_EXIT_IO : end; /* not a results file: it cannot be read */
}

static void more(FILE *out)
{
    fputs(
        "\nA line a variable that differs: A's value -> B's, and by which share of the variable's largest magnitude.\n"
        "Provenance is not compared, and with --tol or --abs verdicts are not, which say numbers in words.\n"
        "Exit status: 0 the same, 1 they differ.\n",
        out);
}

const struct tn_verb tn_verb_diff = {
    .name = "diff",
    .operands = "A.h5 B.h5",
    .doc = "compares two results files variable by variable",
    .examples = "Examples:\n"
                "  tonnage diff before.h5 after.h5\n"
                "  tonnage diff before.h5 after.h5 --tol 1e-9 --skip energy_residual_1\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
    .more = more,
    .run = run,
};
