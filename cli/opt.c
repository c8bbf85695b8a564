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

enum { OPTIONS_MAX = 32, FIRST_LONG = 256 };

static const struct tn_opt help_option = {'h', "help", TN_OPT_FLAG, 0, NULL, "show this and exit"};

static size_t option_count(const struct tn_opt *options)
{
    size_t count = 0;
    while (options[count].name)
        count++;
    return count;
}

static const char *option_name(size_t i, const void *payload)
{
    return ((const struct tn_opt *)payload)[i].name;
}

int tn_opt_usage(const char *verb, const char *hint, const char *format, ...)
{
    va_list args;
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

static void print_option(const struct tn_opt *option)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s --%s%s%s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
             option->letter ? "," : " ", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-26s %s\n", left, option->doc);
}

static void print_help(const struct tn_verb *verb)
{
    printf("%s\nUsage: tonnage %s %s [options]\n\n%c%s.\n\nOptions:\n", verb->examples, verb->name, verb->operands,
           toupper((unsigned char)verb->doc[0]), verb->doc + 1);
    for (const struct tn_opt *option = verb->options; option->name; option++)
        print_option(option);
    print_option(&help_option);
    if (verb->more)
        verb->more(stdout);
}

/* The options as getopt_long wants them: values from FIRST_LONG up are rows of the table. */
static void build(struct option *longs, char *shorts, const struct tn_opt *options, size_t count)
{
    *shorts++ = ':';
    for (size_t i = 0; i < count; i++) {
        const bool argument = options[i].type != TN_OPT_FLAG;
        longs[i] =
            (struct option){options[i].name, argument ? required_argument : no_argument, NULL, FIRST_LONG + (int)i};
        if (options[i].letter) {
            *shorts++ = options[i].letter;
            if (argument)
                *shorts++ = ':';
        }
    }
    longs[count] = (struct option){"help", no_argument, NULL, 'h'};
    longs[count + 1] = (struct option){NULL, 0, NULL, 0};
    *shorts++ = 'h';
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

/* Stores an option's value; argc bounds the number of entries of a list. */
static int store(char *values, const struct tn_opt *option, const char *text, const struct tn_verb *verb, int argc,
                 struct tn_arena *arena)
{
    char *to = values + option->offset;
    struct tn_opt_texts *texts = (struct tn_opt_texts *)(void *)to;
    switch (option->type) {
    case TN_OPT_FLAG:
        *(bool *)to = true;
        return -1;
    case TN_OPT_TEXT:
        *(const char **)(void *)to = text;
        return -1;
    case TN_OPT_COUNT:
        if (parse_count((int *)(void *)to, text))
            return tn_opt_usage(verb->name, NULL, "--%s needs a whole number, not '%s'", option->name, text);
        return -1;
    case TN_OPT_NUMBER:
        if (parse_number((double *)(void *)to, text))
            return tn_opt_usage(verb->name, NULL, "--%s needs a number from 0, not '%s'", option->name, text);
        return -1;
    case TN_OPT_TEXTS:
        if (!texts->items)
            texts->items = tn_arena_alloc(arena, (size_t)argc, sizeof *texts->items);
        if (!texts->items)
            return TN_EXIT_INTERNAL;
        texts->items[texts->count++] = text;
        return -1;
    }
    return TN_EXIT_INTERNAL;
}

static int bad_option(const struct tn_verb *verb, size_t count, char **argv)
{
    const char *given = argv[optind - 1];
    if (strncmp(given, "--", 2) != 0)
        return tn_opt_usage(verb->name, NULL, "unknown option '-%c'", optopt);
    const size_t length = strcspn(given + 2, "=");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), given + 2);
    const char *near = tn_nearest_name(name, option_name, count, verb->options);
    char hint[80];
    snprintf(hint, sizeof hint, "--%s", near ? near : "");
    if (optopt)
        return tn_opt_usage(verb->name, NULL, "option '--%s' takes no value", name);
    return tn_opt_usage(verb->name, near ? hint : NULL, "unknown option '--%s'", name);
}

static const struct tn_opt *option_of(int key, const struct tn_verb *verb, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (key == FIRST_LONG + (int)i || (key < FIRST_LONG && key == verb->options[i].letter))
            return &verb->options[i];
    return NULL;
}

int tn_opt_parse(void *values, char ***operands_out, int *operand_count_out, const struct tn_verb *verb, int argc,
                 char **argv, struct tn_arena *arena)
{
    struct option longs[OPTIONS_MAX + 2];
    char shorts[2 * OPTIONS_MAX + 3];
    const size_t count = option_count(verb->options);
    if (count > OPTIONS_MAX)
        return TN_EXIT_INTERNAL;
    build(longs, shorts, verb->options, count);
    opterr = 0;
    optind = 1;
    for (int key; (key = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (key == 'h') {
            print_help(verb);
            return TN_EXIT_OK;
        }
        if (key == '?')
            return bad_option(verb, count, argv);
        if (key == ':')
            return tn_opt_usage(verb->name, NULL, "option '%s' needs a value", argv[optind - 1]);
        const struct tn_opt *option = option_of(key, verb, count);
        const int end = option ? store(values, option, optarg, verb, argc, arena) : TN_EXIT_INTERNAL;
        if (end >= 0)
            return end;
    }
    *operands_out = argv + optind;
    *operand_count_out = argc - optind;
    if (*operand_count_out < verb->operands_min)
        return tn_opt_usage(verb->name, NULL, "%s: tonnage %s %s",
                            *operand_count_out ? "one file more is needed" : "no file given", verb->name,
                            verb->operands);
    if (verb->operands_max >= 0 && *operand_count_out > verb->operands_max)
        return tn_opt_usage(verb->name, NULL, "one argument too many: '%s'", argv[optind + verb->operands_max]);
    return -1;
}
