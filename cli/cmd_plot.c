/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "diag.h"
#include "plot.h"
#include "terminal.h"

enum { COLUMNS = 100, LINES = 36, LINES_LEAST = 24 }; /* of text that goes to no terminal; fewer lines show nothing */

struct values {
    const char *figure, *from, *to, *hours;
    bool text;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, figure), "FIG", "the picture: .png, .svg or .pdf"},
    {0, "term", TN_OPT_FLAG, offsetof(struct values, text), NULL, "rough plots in the terminal, no files"},
    {0, "from", TN_OPT_TEXT, offsetof(struct values, from), "STATION",
     "from here on (string-line, section-occupation)"},
    {0, "to", TN_OPT_TEXT, offsetof(struct values, to), "STATION", "up to there"},
    {0, "hours", TN_OPT_TEXT, offsetof(struct values, hours), "A-B", "of the day, as 6-12 or 7:30-9 (string-line)"},
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

/* "7" or "7:30" at *text, in seconds; negative if it is neither. */
static double read_hour(const char **text)
{
    char *end;
    if (**text < '0' || **text > '9')
        return -1;
    double seconds = 3600 * (double)strtoul(*text, &end, 10);
    if (end[0] == ':' && end[1] >= '0' && end[1] <= '5' && end[2] >= '0' && end[2] <= '9') {
        seconds += 60 * (10 * (end[1] - '0') + (end[2] - '0'));
        end += 3;
    }
    *text = end;
    return seconds;
}

static bool read_hours(struct tn_plot_request *request, const char *text)
{
    request->begin_s = read_hour(&text);
    if (request->begin_s < 0 || *text++ != '-')
        return false;
    request->end_s = read_hour(&text);
    return *text == '\0' && request->end_s > request->begin_s;
}

static void size_of_terminal(struct tn_plot_request *request)
{
    struct winsize size = {0};
    request->columns = COLUMNS, request->lines = LINES;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        request->columns = size.ws_col, request->lines = size.ws_row > LINES_LEAST + 4 ? size.ws_row - 4 : LINES_LEAST;
}

static int draw(const char *file, const struct tn_plot_request *request, struct tn_arena *arena)
{
    struct tn_context ctx = {0};
    struct tn_list plotted = {0};
    const tn_status status = tn_plot_draw(&plotted, file, request, arena, &ctx);
    tn_diag_print(stderr, &ctx);
    const struct tn_plotted *rows = plotted.items;
    for (size_t i = 0; status == TN_OK && i < plotted.count; i++) {
        if (rows[i].command)
            tn_terminal_note("%s", rows[i].command);
        if (rows[i].text)
            printf("%s%s", i ? "\n" : "", rows[i].text);
        else if (rows[i].drawn && !tn_terminal_quiet())
            printf("%s\n", rows[i].figure);
        else if (!rows[i].drawn)
            printf("%s is not drawn; to draw it: %s\n", rows[i].figure, rows[i].command);
    }
    tn_context_clear(&ctx);
    return status == TN_ERR_INPUT ? TN_EXIT_USAGE : tn_exit_of(status);
}

/* -1 to go on, or the exit status. */
static int request_of(struct tn_plot_request *request, const struct values *values, const char *kind, const char *verb)
{
    *request = (struct tn_plot_request){.kind = kind, .figure = values->figure, .from = values->from, .to = values->to};
    if (values->text && values->figure)
        return tn_opt_usage(verb, NULL, "--term makes no file: it goes without -o");
    if (values->hours && !read_hours(request, values->hours))
        return tn_opt_usage(verb, NULL, "--hours takes two times of the day, as 6-12 or 7:30-9, not '%s'",
                            values->hours);
    if (values->text)
        size_of_terminal(request);
    return -1;
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **operands = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &operands, &count, verb, argc, argv, &arena);
    struct tn_plot_request request;
    if (end < 0)
        end = request_of(&request, &values, count > 1 ? operands[1] : NULL, verb->name);
    if (end < 0)
        end = draw(operands[0], &request, &arena);
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
                "  tonnage plot capacity.h5 capacity -o capacity.svg\n"
                "  tonnage plot day.h5 string-line --from Ruoqiang --to Milan --hours 6-12\n"
                "  tonnage plot capacity.h5 --term\n",
    .options = options,
    .words = words,
    .operands_min = 1,
    .operands_max = 2,
    .more = more,
    .run = run,
};
