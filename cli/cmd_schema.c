/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "nearest.h"

struct values {
    bool json;
};

static const struct tn_opt options[] = {
    {0, "json", TN_OPT_FLAG, offsetof(struct values, json), NULL, "as JSON Schema, for editors"},
    {.name = NULL},
};

/* Laws are asked for by name too, so that other words than these are not wrong. */
static const char *name_of(size_t i, const void *payload)
{
    (void)payload;
    return tn_schema_name((int)i);
}

static const struct tn_words words[] = {{"NAME", "part of the scenario file", tn_schema_name, NULL, true},
                                        {.of = NULL}};

static const char *nearest(const char *text)
{
    size_t count = 0;
    while (tn_schema_name((int)count))
        count++;
    return tn_nearest_name(text, name_of, count, NULL);
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **names = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &names, &count, verb, argc, argv, &arena);
    if (end < 0) {
        const char *name = count ? names[0] : NULL;
        const char *text = values.json ? tn_schema_json(&arena) : tn_schema_text(name, &arena);
        end = TN_EXIT_OK;
        if (text)
            fputs(text, stdout);
        else if (name && !values.json)
            end = tn_opt_usage(verb->name, nearest(name), "the scenario file has no '%s'", name);
        else
            end = TN_EXIT_INTERNAL;
    }
    tn_arena_clear(&arena);
    return end;
}

const struct tn_verb tn_verb_schema = {
    .name = "schema",
    .operands = "[NAME]",
    .doc = "tells what a scenario file may say: fields, units, ranges, defaults",
    .examples = "Examples:\n"
                "  tonnage schema\n"
                "  tonnage schema train\n"
                "  tonnage schema laws\n"
                "  tonnage schema --json > scenario.schema.json\n",
    .options = options,
    .words = words,
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
