/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd_sweep.h"
#include "command.h"
#include "diag.h"
#include "load.h"
#include "store.h"
#include "terminal.h"

/* --- status --- */

/* Points by what became of them, and why some failed. */
struct tally {
    size_t solved, failed, missing, excluded;
    struct reason {
        const char *text;
        size_t count, first;
    } reasons[100];
    size_t reason_count;
    struct tn_arena arena;
};

static void add_reason(struct tally *tally, const char *text, size_t point)
{
    const size_t most = sizeof tally->reasons / sizeof *tally->reasons;
    if (!text)
        text = "";
    for (size_t i = 0; i < tally->reason_count; i++)
        if (strcmp(tally->reasons[i].text, text) == 0) {
            tally->reasons[i].count++;
            return;
        }
    const char *copy = tally->reason_count < most ? tn_arena_copy(&tally->arena, text, strlen(text)) : NULL;
    if (copy)
        tally->reasons[tally->reason_count++] = (struct reason){copy, 1, point};
}

static void add_rows(struct tally *tally, const struct tn_rows *rows)
{
    const size_t own = rows->layout->own_reason;
    for (size_t i = 0; i < rows->count; i++) {
        tally->solved += rows->states[i] == TN_POINT_SOLVED;
        tally->failed += rows->states[i] == TN_POINT_FAILED;
        tally->missing += rows->states[i] == TN_POINT_MISSING;
        tally->excluded += rows->states[i] == TN_POINT_EXCLUDED;
        const char *reason = own < rows->layout->count ? ((const char **)rows->values[own])[i] : rows->reasons[i];
        if (rows->states[i] == TN_POINT_FAILED)
            add_reason(tally, reason, rows->first + i);
    }
}

enum { PIECE = 65536 };

static tn_status add_file(struct tally *tally, const char *path, struct tn_context *ctx)
{
    struct tn_cube_reader reader;
    struct tn_rows *rows = NULL;
    tn_status status = tn_cube_open(&reader, path, ctx);
    if (status != TN_OK)
        return status;
    status = tn_rows_create(&rows, &reader.layout, reader.points < PIECE ? reader.points : PIECE);
    for (size_t first = 0; status == TN_OK && first < reader.points; first += PIECE) {
        status = tn_cube_read(rows, &reader, first, reader.points - first < PIECE ? reader.points - first : PIECE);
        if (status == TN_OK)
            add_rows(tally, rows);
    }
    tn_rows_destroy(rows);
    tn_cube_close(&reader);
    return status;
}

/* A shard that is whole has no chunks any more. */
static tn_status add_shard(struct tally *tally, const struct tn_store *store, size_t shard,
                           const struct tn_rows_layout *layout, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_rows *rows = NULL;
    size_t first, count, there = 0;
    tn_store_shard(&first, &count, store, shard);
    const size_t shards = store->plan.shards;
    const char *path = shards > 1 ? tn_shard_path(store->path, shard, shards, &arena) : store->path;
    tn_status status = path ? TN_OK : TN_ERR_MEMORY;
    if (path && tn_shard_find(path, store->plan.hash, shard, shards) == TN_SHARD_WHOLE) {
        printf("shard %zu of %zu: whole, %s\n", shard, shards, path);
        status = add_file(tally, path, ctx);
        tn_arena_clear(&arena);
        return status;
    }
    for (size_t i = first; i < first + count && status == TN_OK; i++) {
        if (!store->has[i]) {
            tally->missing += tn_store_count(store, i);
            continue;
        }
        const char *chunk = tn_store_chunk(store, i, &arena);
        struct tn_context quiet = {0};
        there++;
        if (chunk && tn_chunk_read(&rows, layout, chunk, &quiet) == TN_OK) {
            add_rows(tally, rows);
        } else {
            printf("damaged: %s\n", chunk ? chunk : "");
            tally->missing += tn_store_count(store, i);
        }
        tn_context_clear(&quiet);
    }
    if (shards > 1)
        printf("shard %zu of %zu: %zu of %zu chunks\n", shard, shards, there, count);
    else
        printf("%zu of %zu chunks of %zu points in %s\n", there, count, store->plan.chunk, store->folder);
    tn_rows_destroy(rows);
    tn_arena_clear(&arena);
    return status;
}

static int compare_reasons(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static int print_tally(struct tally *tally)
{
    printf("%zu points solved, %zu failed, %zu missing", tally->solved, tally->failed, tally->missing);
    if (tally->excluded)
        printf(", %zu left out by `where`", tally->excluded);
    printf("\n");
    qsort(tally->reasons, tally->reason_count, sizeof *tally->reasons, compare_reasons);
    for (size_t i = 0; i < tally->reason_count && i < 10; i++)
        printf("failed %zu times, first at point %zu: %s\n", tally->reasons[i].count, tally->reasons[i].first,
               tally->reasons[i].text);
    if (tally->reason_count > 10)
        printf("and for %zu other reasons\n", tally->reason_count - 10);
    return tally->missing ? TN_EXIT_INCOMPLETE : TN_EXIT_OK;
}

static tn_status status_of_store(struct tally *tally, const struct tn_store *store, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_rows_layout layout;
    const struct tn_study_kind *kind = tn_cube_kind(store->plan.kind);
    tn_status status = kind ? tn_rows_layout_init(&layout, kind, &arena) : TN_ERR_INPUT;
    printf("%s: study %s of %s, %zu points\n", store->path, store->plan.study, store->plan.scenario,
           store->plan.points);
    for (size_t i = 1; i <= store->plan.shards && status == TN_OK; i++)
        status = add_shard(tally, store, i, &layout, ctx);
    tn_arena_clear(&arena);
    return status;
}

static int print_status(const char *path)
{
    struct tally *tally = calloc(1, sizeof *tally);
    struct tn_context ctx = {0};
    struct tn_store store;
    if (!tally)
        return TN_EXIT_INTERNAL;
    tn_status status = tn_store_look(&store, path, &ctx);
    if (status == TN_OK) {
        status = status_of_store(tally, &store, &ctx);
        tn_store_close(&store);
    } else if (status == TN_ERR_INPUT) {
        status = add_file(tally, path, &ctx);
        if (status == TN_OK)
            printf("%s\n", path);
    }
    tn_diag_print(stderr, &ctx);
    const int end = status == TN_OK ? print_tally(tally) : tn_exit_of(status);
    tn_arena_clear(&tally->arena);
    tn_context_clear(&ctx);
    free(tally);
    return end;
}

/* --- verify, merge --- */

static int verify(const char *path)
{
    struct tn_context ctx = {0};
    size_t missing, damaged;
    const tn_status status = tn_sweep_verify(&missing, &damaged, path, &ctx);
    tn_diag_print(stderr, &ctx);
    tn_context_clear(&ctx);
    if (status != TN_OK)
        return tn_exit_of(status);
    if (missing + damaged == 0 && !tn_terminal_quiet())
        printf("%s: whole\n", path);
    return damaged ? TN_EXIT_IO : missing ? TN_EXIT_INCOMPLETE : TN_EXIT_OK;
}

static int merge(const char *path, const char *to)
{
    struct tn_context ctx = {0};
    size_t missing, damaged;
    tn_status status = tn_sweep_verify(&missing, &damaged, path, &ctx);
    if (status == TN_OK && missing + damaged == 0)
        status = tn_sweep_merge(to, path, &ctx);
    tn_diag_print(stderr, &ctx);
    tn_context_clear(&ctx);
    if (status != TN_OK)
        return tn_exit_of(status);
    if (missing + damaged)
        return damaged ? TN_EXIT_IO : TN_EXIT_INCOMPLETE;
    if (!tn_terminal_quiet())
        printf("%s\n", to);
    return TN_EXIT_OK;
}

int tn_sweep_show(const char *path)
{
    struct tn_context ctx = {0};
    const tn_status status = tn_sensitivity_print(stdout, path, &ctx);
    tn_diag_print(stderr, &ctx);
    tn_context_clear(&ctx);
    return tn_exit_of(status);
}

/* --- as verbs --- */

struct values {
    const char *output;
};
static const struct tn_verb status_verb, verify_verb;
static const struct tn_opt no_options[] = {{.name = NULL}};
static const struct tn_opt merge_options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "MERGED.h5", "the plain file (needed)"},
    {.name = NULL},
};

static int run_part(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &arena);
    if (end < 0) {
        if (verb == &status_verb)
            end = print_status(files[0]);
        else if (verb == &verify_verb)
            end = verify(files[0]);
        else if (!values.output)
            end = tn_opt_usage(verb->name, NULL, "where to? -o MERGED.h5 is needed");
        else if (!(end = tn_command_check_output(verb->name, values.output)))
            end = merge(files[0], values.output);
    }
    tn_arena_clear(&arena);
    return end;
}

static const struct tn_verb status_verb = {
    .name = "sweep status",
    .operands = "OUT.h5",
    .doc = "what of a sweep is there, what failed and why, what is missing",
    .examples = "Examples:\n  tonnage sweep status capacity.h5\n",
    .options = no_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_part,
};

static const struct tn_verb verify_verb = {
    .name = "sweep verify",
    .operands = "OUT.h5",
    .doc = "names shards that are missing or damaged, reads every value",
    .examples = "Examples:\n  tonnage sweep verify capacity.h5\n",
    .options = no_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_part,
};

static const struct tn_verb merge_verb = {
    .name = "sweep merge",
    .operands = "OUT.h5",
    .doc = "one plain file of an index and its shards",
    .examples = "Examples:\n  tonnage sweep merge capacity.h5 -o capacity-all.h5\n",
    .options = merge_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_part,
};

const struct tn_verb *const tn_sweep_parts[] = {&status_verb, &verify_verb, &merge_verb, &tn_verb_sweep_slurm, NULL};
