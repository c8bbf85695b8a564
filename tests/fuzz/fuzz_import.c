/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "import_parts.h"

/* Files of other programs, read and written as `tonnage convert` does. Before the first `%%% NAME` stand lines of what
   the command is told:

     file NAME      a file to convert
     from POINT, to POINT, via POINT, tag TAG, mode MODE */

enum { WORDS = 8, LINE = 200 };

struct order {
    struct tn_import_options options;
    const char *paths[WORDS], *via[WORDS];
    size_t count;
    struct tn_arena arena;
};

static void take(struct order *order, const char *key, const char *text)
{
    const char **options[] = {&order->options.from, &order->options.to, &order->options.tag, &order->options.mode};
    static const char *const keys[] = {"from", "to", "tag", "mode"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            *options[i] = tn_arena_copy(&order->arena, text, strlen(text));
    if (strcmp(key, "via") == 0 && order->options.via_count < WORDS)
        order->via[order->options.via_count++] = tn_arena_copy(&order->arena, text, strlen(text));
    if (strcmp(key, "file") == 0 && order->count < WORDS && !strchr(text, '/'))
        order->paths[order->count++] = tn_arena_printf(&order->arena, "%s/%s", fuzz_folder(), text);
}

static void read_order(struct order *order)
{
    char line[LINE];
    FILE *file = fopen(fuzz_path("order"), "rb");
    FUZZ_MUST(file != NULL);
    order->options.via = order->via;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *text = strchr(line, ' ');
        if (text) {
            *text++ = '\0';
            take(order, line, text);
        }
    }
    FUZZ_MUST(fclose(file) == 0);
}

static void check_diagnostics(const struct tn_context *ctx, tn_status status)
{
    size_t placed = 0;
    for (size_t i = 0; i < ctx->count; i++)
        placed += ctx->diagnostics[i].severity == TN_SEVERITY_ERROR && ctx->diagnostics[i].place.file != NULL;
    FUZZ_MUST(status == TN_OK || status == TN_ERR_INPUT || status == TN_ERR_IO);
    FUZZ_MUST((status == TN_OK) == (ctx->errors == 0));
    FUZZ_MUST(status != TN_ERR_INPUT || placed > 0);
}

static void check_losses(const struct tn_import *import)
{
    const struct tn_list list = tn_import_losses(import);
    const struct tn_loss *losses = list.items;
    for (size_t i = 0; i < list.count; i++)
        FUZZ_MUST(losses[i].kind && *losses[i].kind && losses[i].name && losses[i].why && losses[i].place.file);
}

/* What is written says what was read. */
static void read_back(const struct tn_import *import, const struct tn_list *files)
{
    const struct tn_text_file *texts = files->items;
    struct tn_scenario_reader *reader = NULL;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    fuzz_write_files("order", (const uint8_t *)"", 0); /* the files of the input go */
    for (size_t i = 0; i < files->count; i++) {
        FILE *file = fopen(fuzz_path(texts[i].name), "wb");
        FUZZ_MUST(file != NULL && fwrite(texts[i].text, 1, texts[i].size, file) == texts[i].size);
        FUZZ_MUST(fclose(file) == 0);
    }
    FUZZ_MUST(tn_scenario_read(&reader, fuzz_path("scenario.yaml"), NULL, 0, &ctx) == TN_OK);
    const char *first = tn_scenario_resolved(import->reader, &arena), *second = tn_scenario_resolved(reader, &arena);
    FUZZ_MUST(first && second && strcmp(first, second) == 0);
    struct tn_list stations;
    const struct tn_scenario_line *line = &import->reader->scenario.line;
    if (line->id.id)
        FUZZ_MUST(tn_import_stations(&stations, first, line->id.id, &arena, &ctx) == TN_OK);
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    tn_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct order order = {.count = 0};
    struct tn_import *import = NULL;
    struct tn_context ctx = {0};
    struct tn_list files;
    fuzz_write_files("order", data, size);
    read_order(&order);
    tn_status status = tn_import_read(&import, order.paths, order.count, &order.options, &ctx);
    check_diagnostics(&ctx, status);
    if (status == TN_OK) {
        FUZZ_MUST(tn_import_formats(import).count == order.count);
        check_losses(import);
        FUZZ_MUST(tn_import_write(&files, import) == TN_OK);
        read_back(import, &files);
        FUZZ_MUST((tn_import_tables(&files, import, &ctx) == TN_OK) == (ctx.errors == 0));
        check_losses(import);
    }
    tn_import_destroy(import);
    tn_context_clear(&ctx);
    tn_arena_clear(&order.arena);
    return 0;
}
