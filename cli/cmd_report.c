/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"
#include "diag.h"
#include "plot.h"
#include "report.h"
#include "terminal.h"

struct values {
    const char *output;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "REPORT.html",
     "the page; without it OUT.html beside OUT.h5"},
    {.name = NULL},
};

/* OUT.html of OUT.h5. */
static const char *page_of(const char *results, struct tn_arena *arena)
{
    size_t length = strlen(results);
    if (length > 3 && strcmp(results + length - 3, ".h5") == 0)
        length -= 3;
    const char *stem = tn_arena_copy(arena, results, length);
    return stem ? tn_arena_printf(arena, "%s.html", stem) : NULL;
}

static int write_page(const char *results, const char *output, struct tn_context *ctx)
{
    const char *path = output ? output : page_of(results, &ctx->arena);
    if (!path)
        return TN_EXIT_INTERNAL;
    if (tn_plot_is_picture(path))
        return tn_opt_usage("report", NULL, "'%s': a report is a page of HTML; a browser prints it as PDF", path);
    if (strcmp(path, results) == 0)
        return tn_opt_usage("report", NULL, "'%s' is the results file and would be lost", path);
    const tn_status status = tn_report_write(path, results, ctx);
    tn_diag_print(stderr, ctx);
    if (status == TN_OK && !output && !tn_terminal_quiet())
        printf("%s\n", path);
    return status == TN_ERR_INPUT ? TN_EXIT_IO : tn_exit_of(status); /* no results file: it cannot be read */
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_context ctx = {0};
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &ctx.arena);
    if (end < 0)
        end = write_page(files[0], values.output, &ctx);
    tn_context_clear(&ctx);
    return end;
}

static void more(FILE *out)
{
    fputs("\nThe page needs no network: verdicts, numbers, plots whose values can be read by pointer or arrow keys, "
          "what\n"
          "the results rest on and how well that is known, the scenario and its provenance. It prints on A4.\n",
          out);
}

const struct tn_verb tn_verb_report = {
    .name = "report",
    .operands = "OUT.h5",
    .doc = "writes a results file as one page of HTML",
    .examples = "Examples:\n"
                "  tonnage report capacity.h5 -o report.html\n"
                "  tonnage report test.h5\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .more = more,
    .run = run,
};
