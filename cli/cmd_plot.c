/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "diag.h"
#include "plot.h"
#include "terminal.h"

struct values {
    const char *figure;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, figure), "FIG", "the picture: .png, .svg or .pdf"},
    {.name = NULL},
};

static const char *kind_name(int index)
{
    return tn_plot_kinds[index].name;
}

static const char *kind_doc(int index)
{
    return tn_plot_kinds[index].doc;
}

static const struct tn_words words[] = {{"KIND", "kind of plot", kind_name, kind_doc, false}, {.of = NULL}};

static int draw(const char *file, const char *kind, const char *figure, struct tn_arena *arena)
{
    struct tn_context ctx = {0};
    struct tn_list plotted = {0};
    const tn_status status = tn_plot_draw(&plotted, file, kind, figure, arena, &ctx);
    tn_diag_print(stderr, &ctx);
    const struct tn_plotted *rows = plotted.items;
    for (size_t i = 0; status == TN_OK && i < plotted.count; i++) {
        tn_terminal_note("%s", rows[i].command);
        if (rows[i].drawn && !tn_terminal_quiet())
            printf("%s\n", rows[i].figure);
        else if (!rows[i].drawn)
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
    if (end < 0)
        end = draw(operands[0], kind, values.figure, &arena);
    tn_arena_clear(&arena);
    return end;
}

static void more(FILE *out)
{
    fputs(
        "\nWithout a kind: every plot that the file can give. Beside each picture stand its gnuplot script and data.\n",
        out);
}

const struct tn_verb tn_verb_plot = {
    .name = "plot",
    .operands = "OUT.h5 [KIND]",
    .doc = "draws the plots of a results file through gnuplot",
    .examples = "Examples:\n"
                "  tonnage plot capacity.h5\n"
                "  tonnage plot capacity.h5 capacity -o capacity.svg\n",
    .options = options,
    .words = words,
    .operands_min = 1,
    .operands_max = 2,
    .more = more,
    .run = run,
};
