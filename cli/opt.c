/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "opt.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "command.h"
#include "nearest.h"
#include "team.h"
#include "terminal.h"

enum { OPTIONS_MAX = 32, FIRST_LONG = 256 };

struct common {
    const char *color;
    bool quiet, verbose, help;
};

const struct tn_opt tn_opt_common[] = {
    {0, "color", TN_OPT_TEXT, offsetof(struct common, color), "WHEN", "colours in messages: auto, always or never"},
    {'q', "quiet", TN_OPT_FLAG, offsetof(struct common, quiet), NULL,
     "no warnings, no progress, no words about files written"},
    {'v', "verbose", TN_OPT_FLAG, offsetof(struct common, verbose), NULL, "say what is read, solved and written"},
    {'h', "help", TN_OPT_FLAG, offsetof(struct common, help), NULL, "show this and exit"},
    {.name = NULL},
};

static const char *colour_word(int index)
{
    static const char *const words[] = {"auto", "always", "never"};
    return index < 3 ? words[index] : NULL;
}

const struct tn_words tn_opt_common_words[] = {{"color", "choice of --color", colour_word, NULL, false}, {.of = NULL}};

/* The options of the verb and those of all, side by side, each with the values that it fills. */
struct parser {
    const struct tn_verb *verb;
    const struct tn_opt *rows[OPTIONS_MAX];
    char *values[OPTIONS_MAX];
    size_t count;
    struct common common;
    int argc;
    struct tn_arena *arena;
};

static bool add(struct parser *p, const struct tn_opt *options, void *values)
{
    for (; options->name; options++) {
        if (p->count == OPTIONS_MAX)
            return false;
        p->rows[p->count] = options;
        p->values[p->count++] = values;
    }
    return true;
}

static const char *option_name(size_t i, const void *payload)
{
    return ((const struct parser *)payload)->rows[i]->name;
}

int tn_opt_usage(const char *verb, const char *hint, const char *format, ...)
{
    va_list args;
    if (tn_team_rank() > 0) /* all ranks were called the same way */
        return TN_EXIT_USAGE;
    va_start(args, format);
    fprintf(stderr, "tonnage%s%s: ", verb ? " " : "", verb ? verb : "");
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    if (hint)
        fprintf(stderr, "hint: did you mean '%s'?\n", hint);
    fprintf(stderr, "try: tonnage%s%s --help\n", verb ? " " : "", verb ? verb : "");
    return TN_EXIT_USAGE;
}

static void print_options(const struct tn_opt *option)
{
    for (; option->name; option++) {
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
                 option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                 option->argument ? " " : "", option->argument ? option->argument : "");
        printf("  %-26s %s\n", left, option->doc);
    }
}

static void print_words(const struct tn_words *words)
{
    size_t width = 0;
    for (int i = 0; words->word(i); i++)
        width = strlen(words->word(i)) > width ? strlen(words->word(i)) : width;
    printf("\n%s:\n", words->of);
    for (int i = 0; words->word(i); i++)
        printf("  %-*s %s\n", (int)width, words->word(i), words->doc ? words->doc(i) : "");
}

static int print_help(const struct tn_verb *verb)
{
    printf("%s\nUsage: tonnage %s %s [options]\n\n%c%s.\n\nOptions:\n", verb->examples, verb->name, verb->operands,
           toupper((unsigned char)verb->doc[0]), verb->doc + 1);
    print_options(verb->options);
    print_options(tn_opt_common);
    for (const struct tn_words *words = verb->words; words && words->of; words++)
        if (words->doc)
            print_words(words);
    if (verb->parts)
        printf("\nBehind `tonnage %s`, each with its own --help:\n", verb->name);
    for (const struct tn_verb *const *part = verb->parts; part && *part; part++)
        printf("  %-16s %s\n", tn_verb_last_word(*part), (*part)->doc);
    if (verb->more)
        verb->more(stdout);
    return TN_EXIT_OK;
}

/* The options as getopt_long wants them: values from FIRST_LONG up are rows of the parser. */
static void build(struct option *longs, char *shorts, const struct parser *p)
{
    *shorts++ = p->verb->name ? ':' : '+'; /* before the verb: up to it */
    if (!p->verb->name)
        *shorts++ = ':';
    for (size_t i = 0; i < p->count; i++) {
        const bool argument = p->rows[i]->type != TN_OPT_FLAG;
        longs[i] =
            (struct option){p->rows[i]->name, argument ? required_argument : no_argument, NULL, FIRST_LONG + (int)i};
        if (p->rows[i]->letter) {
            *shorts++ = p->rows[i]->letter;
            if (argument)
                *shorts++ = ':';
        }
    }
    longs[p->count] = (struct option){NULL, 0, NULL, 0};
    *shorts = '\0';
}

static int parse_count(int *out, const char *text)
{
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < 0 || value > INT_MAX)
        return -1;
    *out = (int)value;
    return 0;
}

static int parse_number(double *out, const char *text)
{
    char *end = NULL;
    const double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value < 0)
        return -1;
    *out = value;
    return 0;
}

const struct tn_words *tn_opt_words(const struct tn_verb *verb, const char *of)
{
    for (const struct tn_words *words = verb->words; words && words->of; words++)
        if (!strcmp(words->of, of))
            return words;
    for (const struct tn_words *words = tn_opt_common_words; words->of; words++)
        if (!strcmp(words->of, of))
            return words;
    return NULL;
}

static const char *word_name(size_t i, const void *payload)
{
    return ((const struct tn_words *)payload)->word((int)i);
}

/* -1 if the words hold the text, else bad usage. */
static int check_word(const struct tn_verb *verb, const struct tn_words *words, const char *text)
{
    size_t count = 0;
    for (; words->word((int)count); count++)
        if (!strcmp(words->word((int)count), text))
            return -1;
    return tn_opt_usage(verb->name, tn_nearest_name(text, word_name, count, words), "unknown %s '%s'", words->what,
                        text);
}

/* Stores the value of option i; argc bounds the number of entries of a list. */
static int store(struct parser *p, size_t i, const char *text)
{
    const struct tn_opt *option = p->rows[i];
    const char *verb = p->verb->name;
    void *to = p->values[i] + option->offset;
    struct tn_opt_texts *texts = to;
    const struct tn_words *words = option->argument ? tn_opt_words(p->verb, option->name) : NULL;
    const int bad = words && !words->open ? check_word(p->verb, words, text) : -1;
    if (bad >= 0)
        return bad;
    switch (option->type) {
    case TN_OPT_FLAG:
        *(bool *)to = true;
        return -1;
    case TN_OPT_TEXT:
        *(const char **)to = text;
        return -1;
    case TN_OPT_COUNT:
        return !parse_count(to, text)
                   ? -1
                   : tn_opt_usage(verb, NULL, "--%s needs a whole number, not '%s'", option->name, text);
    case TN_OPT_NUMBER:
        return !parse_number(to, text)
                   ? -1
                   : tn_opt_usage(verb, NULL, "--%s needs a number from 0, not '%s'", option->name, text);
    case TN_OPT_TEXTS:
        if (!texts->items)
            texts->items = tn_arena_alloc(p->arena, (size_t)p->argc, sizeof *texts->items);
        if (!texts->items)
            return TN_EXIT_INTERNAL;
        texts->items[texts->count++] = text;
        return -1;
    }
    return TN_EXIT_INTERNAL;
}

static int bad_option(const struct parser *p, char **argv)
{
    const char *given = argv[optind - 1], *verb = p->verb->name;
    if (strncmp(given, "--", 2) != 0)
        return tn_opt_usage(verb, NULL, "unknown option '-%c'", optopt);
    const size_t length = strcspn(given + 2, "=");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), given + 2);
    const char *near = tn_nearest_name(name, option_name, p->count, p);
    char hint[80];
    snprintf(hint, sizeof hint, "--%s", near ? near : "");
    if (optopt)
        return tn_opt_usage(verb, NULL, "option '--%s' takes no value", name);
    return tn_opt_usage(verb, near ? hint : NULL, "unknown option '--%s'", name);
}

static int parse_options(struct parser *p, char **argv)
{
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 3];
    build(longs, shorts, p);
    opterr = 0;
    optind = 0; /* begin anew, in whatever order the last call read */
    for (int key; (key = getopt_long(p->argc, argv, shorts, longs, NULL)) != -1;) {
        if (key == '?')
            return bad_option(p, argv);
        if (key == ':')
            return tn_opt_usage(p->verb->name, NULL, "option '%s' needs a value", argv[optind - 1]);
        size_t i = 0;
        while (i < p->count && key != FIRST_LONG + (int)i && (key >= FIRST_LONG || key != p->rows[i]->letter))
            i++;
        if (i < p->count && p->rows[i] == &tn_opt_common[3])
            return p->verb->name ? print_help(p->verb) : p->verb->run(p->verb, 0, NULL);
        const int end = i < p->count ? store(p, i, optarg) : TN_EXIT_INTERNAL;
        if (end >= 0)
            return end;
    }
    tn_terminal_set(p->common.color, p->common.quiet, p->common.verbose);
    return -1;
}

void tn_opt_operand(char out[32], const struct tn_verb *verb, int i)
{
    const char *from = verb->operands, *last = from;
    for (int n = 0; *from && n <= i; n++) {
        last = from;
        from += strcspn(from, " ");
        from += strspn(from, " ");
    }
    size_t length = 0;
    for (; *last && *last != ' ' && strncmp(last, "...", 3) != 0 && length < 31; last++)
        if (*last != '[' && *last != ']')
            out[length++] = *last;
    out[length] = '\0';
}

static const char *part_name(size_t i, const void *payload)
{
    return tn_verb_last_word(((const struct tn_verb *)payload)->parts[i]);
}

const char *tn_verb_nearest_part(const struct tn_verb *verb, const char *name)
{
    size_t parts = 0;
    while (verb->parts && verb->parts[parts])
        parts++;
    return tn_nearest_name(name, part_name, parts, verb);
}

static int check_operands(const struct tn_verb *verb, char **operands, int count)
{
    if (count < verb->operands_min)
        return tn_opt_usage(verb->name, NULL, "%s: tonnage %s %s", count ? "one file more is needed" : "no file given",
                            verb->name, verb->operands);
    if (verb->operands_max >= 0 && count > verb->operands_max)
        return tn_opt_usage(verb->name, tn_verb_nearest_part(verb, operands[0]), "one argument too many: '%s'",
                            operands[verb->operands_max]);
    int end = -1;
    for (int i = 0; i < count && end < 0; i++) {
        char operand[32];
        tn_opt_operand(operand, verb, i);
        const struct tn_words *words = tn_opt_words(verb, operand);
        end = words && !words->open ? check_word(verb, words, operands[i]) : -1;
    }
    return end;
}

int tn_opt_parse(void *values, char ***operands_out, int *operand_count_out, const struct tn_verb *verb, int argc,
                 char **argv, struct tn_arena *arena)
{
    struct parser p = {.verb = verb, .argc = argc, .arena = arena};
    if (!add(&p, verb->options, values) || !add(&p, tn_opt_common, &p.common))
        return TN_EXIT_INTERNAL;
    const int end = parse_options(&p, argv);
    *operands_out = argv + optind;
    *operand_count_out = argc - optind;
    return end >= 0 || !verb->name ? end : check_operands(verb, *operands_out, *operand_count_out);
}
