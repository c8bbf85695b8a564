/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* A table as each kind of row that a scenario can take from one. The first byte is a letter that picks the kind. */

/* Every schema of a list, in the order of the field table. */
static void add_rows(const struct tn_schema **rows, size_t *count, size_t most, const struct tn_schema *schema)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        const struct tn_schema *inner = field->type == TN_LIST || field->type == TN_STRUCT ? field->sub : NULL;
        bool known = inner == NULL || *count == most;
        for (size_t i = 0; i < *count && !known; i++)
            known = rows[i] == inner;
        if (known)
            continue;
        rows[(*count)++] = inner;
        add_rows(rows, count, most, inner);
    }
}

static void read_table(struct tn_scenario_reader *reader, const struct tn_schema *schema, const char *text, size_t size)
{
    struct tn_source *source = tn_source_init(reader, "table.csv", text, size);
    struct tn_node *list = source == NULL ? NULL : tn_csv_parse(reader, source, schema);
    FUZZ_MUST((list == NULL) == (reader->ctx->errors > 0));
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        void *object = tn_arena_alloc(&reader->arena, 1, schema->size);
        FUZZ_MUST(object != NULL);
        memset(object, 0, schema->size);
        tn_schema_defaults(schema, object);
        tn_walk_object(reader, schema, object, list->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tn_schema *rows[64];
    size_t count = 0;
    add_rows(rows, &count, sizeof rows / sizeof *rows, &tn_scenario_schema);
    if (size == 0)
        return 0;
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = calloc(1, sizeof *reader);
    char *text = malloc(size);
    FUZZ_MUST(reader != NULL && text != NULL);
    reader->ctx = &ctx;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    read_table(reader, rows[(data[0] - (size_t)'A') % count], text, size - 1);
    tn_c_locale_end(&c);
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    free(text);
    return 0;
}
