/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/stat.h>

#include "command.h"
#include "diag.h"
#include "terminal.h"
#include "whole_file.h"

struct values {
    const char *output;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "FILE", "the file to write; it must not be there"},
    {.name = NULL},
};

static const char *kind_doc(int index)
{
    return tn_study_kinds[index]->doc;
}

static const struct tn_words words[] = {{"KIND", "kind of study", tn_study_kind_name, kind_doc, false}, {.of = NULL}};

static int write_file(const char *path, const char *text, struct tn_context *ctx)
{
    struct stat old;
    struct tn_whole_file file;
    if (!lstat(path, &old))
        return tn_opt_usage("new", NULL, "'%s' is there already", path);
    tn_status status = tn_whole_file_open(&file, path, &ctx->arena, ctx);
    if (status == TN_OK) {
        fputs(text, file.out);
        status = tn_whole_file_close(&file);
    }
    tn_diag_print(stderr, ctx);
    if (status == TN_OK && !tn_terminal_quiet())
        printf("%s: now `tonnage run %s`\n", path, path);
    return tn_exit_of(status);
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_context ctx = {0};
    char **operands = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &operands, &count, verb, argc, argv, &ctx.arena);
    if (end < 0) {
        const char *text = tn_scenario_starter(count ? operands[0] : "run", &ctx.arena);
        end = TN_EXIT_OK;
        if (!text)
            end = TN_EXIT_INTERNAL;
        else if (values.output)
            end = write_file(values.output, text, &ctx);
        else
            fputs(text, stdout);
    }
    tn_context_clear(&ctx);
    return end;
}

const struct tn_verb tn_verb_new = {
    .name = "new",
    .operands = "[KIND]",
    .doc = "writes a scenario to begin with: a study of that kind (run if not given), commented",
    .examples = "Examples:\n"
                "  tonnage new\n"
                "  tonnage new capacity -o mine.yaml\n",
    .options = options,
    .words = words,
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
