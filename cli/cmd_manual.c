/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "diag.h"
#include "text.h"
#include "whole_file.h"

struct values {
    const char *folder;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, folder), "DIR", "write every page into that folder"},
    {.name = NULL},
};

/* Text of a page: nothing in it is a request of roff. */
static void put_text(FILE *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        start = *text == '\n';
    }
}

static void put_lines(FILE *out, const char *text)
{
    fputs(".nf\n", out);
    put_text(out, text);
    const size_t length = strlen(text);
    fputs(length && text[length - 1] == '\n' ? ".fi\n" : "\n.fi\n", out);
}

/* Date and version: of the build, so that the same sources give the same page. */
static void put_head(FILE *out, const char *name, int section, const char *doc)
{
    fputs(".TH ", out);
    for (const char *c = name; *c; c++)
        fputc(toupper((unsigned char)*c), out);
    fprintf(out, " %d \"\" \"%s\" \"tonnage\"\n.SH NAME\n", section, tn_version());
    put_text(out, name);
    fputs(" \\- ", out);
    put_text(out, doc);
    fputc('\n', out);
}

static void put_options(FILE *out, const struct tn_opt *option)
{
    for (; option->name; option++) {
        fputs(".TP\n", out);
        if (option->letter)
            fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
        fputs("\\fB\\-\\-", out);
        put_text(out, option->name);
        fputs("\\fR", out);
        if (option->argument) {
            fputs(" \\fI", out);
            put_text(out, option->argument);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        put_text(out, option->doc);
        fputc('\n', out);
    }
}

static void put_words(FILE *out, const struct tn_words *words)
{
    for (; words && words->of; words++) {
        if (!words->doc)
            continue;
        fprintf(out, ".SH %s\n", words->of);
        for (int i = 0; words->word(i); i++) {
            fputs(".TP\n\\fB", out);
            put_text(out, words->word(i));
            fputs("\\fR\n", out);
            put_text(out, words->doc(i));
            fputc('\n', out);
        }
    }
}

static void print_more(FILE *out, const void *verb)
{
    ((const struct tn_verb *)verb)->more(out);
}

/* What ends the verb's help, without the blank line that sets it off there. */
static void put_more(FILE *out, const struct tn_verb *verb)
{
    struct tn_arena arena = {0};
    struct tn_text_file more;
    if (verb->more && tn_text_made(&more, verb->name, print_more, verb, &arena) == TN_OK) {
        fputs(".SH NOTES\n", out);
        put_lines(out, more.text + (*more.text == '\n'));
    }
    tn_arena_clear(&arena);
}

static void put_exit(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    put_text(out, strchr(tn_exit_text, ':') + 2);
}

/* "tonnage-sweep-status" */
static void name_page(char out[64], const struct tn_verb *verb)
{
    snprintf(out, 64, "tonnage-%s", verb->name);
    for (char *c = out; *c; c++)
        if (*c == ' ')
            *c = '-';
}

static void put_reference(FILE *out, const struct tn_verb *verb)
{
    char name[64];
    name_page(name, verb);
    fputs(".BR ", out);
    put_text(out, name);
    fputs(" (1)", out);
}

static void put_verbs(FILE *out, const char *heading, const struct tn_verb *const *verb)
{
    fprintf(out, ".SH %s\n", heading);
    for (; *verb; verb++) {
        fprintf(out, ".TP\n\\fB%s\\fR\n", (*verb)->name);
        put_text(out, (*verb)->doc);
        fputs("; see\n", out);
        put_reference(out, *verb);
        fputc('\n', out);
    }
}

static void put_verb(FILE *out, const struct tn_verb *verb)
{
    char name[64];
    name_page(name, verb);
    put_head(out, name, 1, verb->doc);
    fprintf(out, ".SH SYNOPSIS\n\\fBtonnage %s\\fR ", verb->name);
    put_text(out, verb->operands);
    fputs(" [\\fIoptions\\fR]\n.SH EXAMPLES\n", out);
    put_lines(out, strchr(verb->examples, '\n') + 1);
    fputs(".SH OPTIONS\n", out);
    put_options(out, verb->options);
    put_options(out, tn_opt_common);
    put_words(out, verb->words);
    if (verb->parts)
        put_verbs(out, "PARTS", verb->parts);
    put_more(out, verb);
    put_exit(out);
    fputs(".SH SEE ALSO\n.BR tonnage (1),\n.BR tonnage\\-scenario (5)\n", out);
}

static void put_environment(FILE *out)
{
    static const char *const rows[][2] = {
        {"TONNAGE_PATH", "folders, with colons between, in which files that a scenario includes are looked for"},
        {"NO_COLOR", "if not empty: no colours, but for --color always"},
        {"TERM", "dumb: no colours and no progress"},
        {"SOURCE_DATE_EPOCH",
         "seconds since 1970: the date in results, without host and wall time: equal runs, equal bytes"},
        {"OMP_NUM_THREADS", "threads of sweep and dispatch, where --threads is not given"},
        {"HDF5_USE_FILE_LOCKING", "FALSE on file systems without locks"},
    };
    fputs(".SH ENVIRONMENT\n", out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(out, ".TP\n.B %s\n", rows[i][0]);
        put_text(out, rows[i][1]);
        fputc('\n', out);
    }
}

static void put_command(FILE *out)
{
    put_head(out, "tonnage", 1, "how many tonnes a year a railway can carry, and which limit binds");
    fputs(".SH SYNOPSIS\n\\fBtonnage\\fR \\fIverb\\fR [\\fIoptions\\fR] ...\n.SH DESCRIPTION\n"
          "Simulates freight trains from the physics of one train on the steepest grade to the capacity of a line.\n"
          "A scenario file says the line, the trains and what is asked of them; results are tables, JSON, and HDF5\n"
          "that is also netCDF\\-4. Results go to standard output, all else to standard error.\n",
          out);
    put_verbs(out, "VERBS", tn_verbs);
    fputs(".SH OPTIONS\n.TP\n\\fB\\-V\\fR, \\fB\\-\\-version\\fR\nversion, revision, compiler, libraries\n", out);
    put_options(out, tn_opt_common);
    put_exit(out);
    put_environment(out);
    fputs(".SH SEE ALSO\n.BR tonnage\\-scenario (5)", out);
    for (size_t i = 0; tn_verb_at(i); i++) {
        fputs(",\n", out);
        put_reference(out, tn_verb_at(i));
    }
    fputc('\n', out);
}

static tn_status put_scenario(FILE *out, struct tn_arena *arena)
{
    const char *schema = tn_schema_text(NULL, arena), *starter = tn_scenario_starter("run", arena);
    if (!schema || !starter)
        return TN_ERR_MEMORY;
    put_head(out, "tonnage-scenario", 5, "what a scenario file may say");
    fputs(
        ".SH DESCRIPTION\nA scenario is YAML (or JSON). Values carry their units; a bare number where a unit belongs "
        "is\n"
        "an error, as is a key that is not listed here. Lists may stand in a CSV file, whose heading gives the units.\n"
        ".SH FIELDS\n",
        out);
    put_lines(out, schema);
    fputs(".SH EXAMPLE\n", out);
    put_lines(out, starter);
    fputs(".SH SEE ALSO\n.BR tonnage (1),\n.BR tonnage\\-new (1),\n.BR tonnage\\-schema (1)\n", out);
    return TN_OK;
}

/* The pages that are asked for by name: the command, the scenario file, then the verbs. */
static const char *page_name(int index)
{
    return index == 0 ? "tonnage" : index == 1 ? "scenario" : tn_verbs[index - 2] ? tn_verbs[index - 2]->name : NULL;
}

static const char *part_name(int index)
{
    for (size_t i = 0; tn_verb_at(i); i++)
        if (strchr(tn_verb_at(i)->name, ' ') && index-- == 0)
            return tn_verb_last_word(tn_verb_at(i));
    return NULL;
}

static tn_status begin_page(struct tn_whole_file *file, const char *folder, const char *name, struct tn_context *ctx)
{
    const char *path = tn_arena_printf(&ctx->arena, "%s/%s", folder, name);
    return path ? tn_whole_file_open(file, path, &ctx->arena, ctx) : TN_ERR_MEMORY;
}

static tn_status write_scenario(const char *folder, struct tn_context *ctx)
{
    struct tn_whole_file file;
    tn_status status = begin_page(&file, folder, "tonnage-scenario.5", ctx);
    if (status != TN_OK)
        return status;
    status = put_scenario(file.out, &ctx->arena);
    if (status == TN_OK)
        return tn_whole_file_close(&file);
    tn_whole_file_abandon(&file);
    return status;
}

/* NULL: of the command itself */
static tn_status write_page(const char *folder, const struct tn_verb *verb, struct tn_context *ctx)
{
    struct tn_whole_file file;
    char name[64] = "tonnage", base[72];
    if (verb)
        name_page(name, verb);
    snprintf(base, sizeof base, "%s.1", name);
    const tn_status status = begin_page(&file, folder, base, ctx);
    if (status != TN_OK)
        return status;
    if (verb)
        put_verb(file.out, verb);
    else
        put_command(file.out);
    return tn_whole_file_close(&file);
}

static tn_status write_pages(const char *folder, struct tn_context *ctx)
{
    if (mkdir(folder, 0777) && errno != EEXIST) {
        tn_error(ctx, NULL, NULL, "cannot make the folder '%s': %s", folder, strerror(errno));
        return TN_ERR_IO;
    }
    tn_status status = write_scenario(folder, ctx);
    if (status == TN_OK)
        status = write_page(folder, NULL, ctx);
    for (size_t i = 0; status == TN_OK && tn_verb_at(i); i++)
        status = write_page(folder, tn_verb_at(i), ctx);
    return status;
}

static int print_page(char **operands, int count, struct tn_arena *arena)
{
    int page = 0;
    while (count && strcmp(page_name(page), operands[0]) != 0)
        page++;
    const struct tn_verb *verb = page < 2 ? NULL : tn_verbs[page - 2];
    if (count > 1) {
        verb = verb ? tn_verb_part(verb, operands[1]) : NULL;
        if (!verb)
            return tn_opt_usage("manual", NULL, "'%s' has no part '%s'", operands[0], operands[1]);
    }
    if (page == 1)
        return tn_exit_of(put_scenario(stdout, arena));
    if (verb)
        put_verb(stdout, verb);
    else
        put_command(stdout);
    return TN_EXIT_OK;
}

static const struct tn_words words[] = {
    {"PAGE", "page", page_name, NULL, false},
    {"PART", "part of a verb", part_name, NULL, false},
    {.of = NULL},
};

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_context ctx = {0};
    char **operands = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &operands, &count, verb, argc, argv, &ctx.arena);
    if (end < 0) {
        end = values.folder ? tn_exit_of(write_pages(values.folder, &ctx)) : print_page(operands, count, &ctx.arena);
        tn_diag_print(stderr, &ctx);
    }
    tn_context_clear(&ctx);
    return end;
}

static void more(FILE *out)
{
    fputs(
        "\nPAGE is a verb, `scenario` for the scenario file, or nothing for the command itself; PART one that stands\n"
        "behind a verb, as `status` does behind `sweep`.\n",
        out);
}

const struct tn_verb tn_verb_manual = {
    .name = "manual",
    .operands = "[PAGE] [PART]",
    .doc = "prints a page of the manual, as man reads it",
    .examples = "Examples:\n"
                "  tonnage manual run | man -l -\n"
                "  tonnage manual sweep status | man -l -\n"
                "  tonnage manual -o man\n",
    .options = options,
    .words = words,
    .operands_min = 0,
    .operands_max = 2,
    .more = more,
    .run = run,
};
