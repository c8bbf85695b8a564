/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "diag.h"
#include "terminal.h"

struct values {
    const char *csv;
};

static const struct tn_opt options[] = {
    {0, "csv", TN_OPT_TEXT, offsetof(struct values, csv), "DIR", "the folder for the tables (needed)"},
    {.name = NULL},
};

static int export(const char *path, const char *folder, struct tn_context *ctx)
{
    struct tn_list files;
    const tn_status status = tn_results_export(&files, path, folder, &ctx->arena, ctx);
    tn_diag_print(stderr, ctx);
    for (size_t i = 0; status == TN_OK && !tn_terminal_quiet() && i < files.count; i++)
        printf("%s\n", ((const char *const *)files.items)[i]);
    return status == TN_ERR_INPUT ? TN_EXIT_IO : tn_exit_of(status); /* not a results file: it cannot be read */
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_context ctx = {0};
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &ctx.arena);
    if (end < 0 && (!values.csv || !*values.csv))
        end = tn_opt_usage(verb->name, NULL, "where to? --csv DIR is needed");
    if (end < 0)
        end = export(files[0], values.csv, &ctx);
    tn_context_clear(&ctx);
    return end;
}

static void more(FILE *out)
{
    fputs(
        "\nSTUDY.csv holds what has one value, STUDY-LIST.csv a list with a column a variable; of a sweep a row is a\n"
        "point. variables.csv tells the unit and the meaning of each column. What is missing is an empty cell.\n",
        out);
}

const struct tn_verb tn_verb_export = {
    .name = "export",
    .operands = "OUT.h5",
    .doc = "writes a results file as CSV tables",
    .examples = "Examples:\n  tonnage export capacity.h5 --csv tables\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .more = more,
    .run = run,
};
