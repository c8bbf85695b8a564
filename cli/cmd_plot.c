/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"
#include "diag.h"
#include "nearest.h"
#include "plot.h"

struct values {
    const char *figure;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, figure), "FIG", "the picture: .png, .svg or .pdf"},
    {.name = NULL},
};

static const char *kind_name(size_t i, const void *payload)
{
    (void)payload;
    return tn_plot_kinds[i].name;
}

static size_t kind_count(void)
{
    size_t count = 0;
    while (tn_plot_kinds[count].name)
        count++;
    return count;
}

static bool is_kind(const char *name)
{
    for (size_t i = 0; tn_plot_kinds[i].name; i++)
        if (!strcmp(tn_plot_kinds[i].name, name))
            return true;
    return false;
}

static int draw(const char *file, const char *kind, const char *figure, struct tn_arena *arena)
{
    struct tn_context ctx = {0};
    struct tn_list plotted = {0};
    const tn_status status = tn_plot_draw(&plotted, file, kind, figure, arena, &ctx);
    tn_diag_print(stderr, &ctx);
    const struct tn_plotted *rows = plotted.items;
    for (size_t i = 0; status == TN_OK && i < plotted.count; i++) {
        if (rows[i].drawn)
            printf("%s\n", rows[i].figure);
        else
            printf("%s is not drawn; to draw it: %s\n", rows[i].figure, rows[i].command);
    }
    tn_context_clear(&ctx);
    return status == TN_ERR_INPUT ? TN_EXIT_USAGE : tn_exit_of(status);
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **operands = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &operands, &count, verb, argc, argv, &arena);
    const char *kind = end < 0 && count > 1 ? operands[1] : NULL;
    if (kind && !is_kind(kind))
        end = tn_opt_usage(verb->name, tn_nearest_name(kind, kind_name, kind_count(), NULL),
                           "unknown kind of plot '%s'", kind);
    if (end < 0)
        end = draw(operands[0], kind, values.figure, &arena);
    tn_arena_clear(&arena);
    return end;
}

static void more(FILE *out)
{
    fputs("\nKinds (without one: every plot that the file can give):\n", out);
    for (size_t i = 0; tn_plot_kinds[i].name; i++)
        fprintf(out, "  %-16s %s\n", tn_plot_kinds[i].name, tn_plot_kinds[i].doc);
}

const struct tn_verb tn_verb_plot = {
    .name = "plot",
    .operands = "OUT.h5 [KIND]",
    .doc = "draws the plots of a results file through gnuplot",
    .examples = "Examples:\n"
                "  tonnage plot capacity.h5\n"
                "  tonnage plot capacity.h5 capacity -o capacity.svg\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .more = more,
    .run = run,
};
