/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"
#include "diag.h"
#include "import.h"
#include "whole_folder.h"

enum { SHOWN = 5 }; /* notes of a kind; the rest stands in losses.csv */

struct values {
    const char *output, *as;
    bool replace;
    struct tn_opt_texts via;
    struct tn_import_options import;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "FOLDER", "where the files go (needed)"},
    {0, "as", TN_OPT_TEXT, offsetof(struct values, as), "FORMAT", "scenario, csv or gtfs; scenario if not given"},
    {0, "replace", TN_OPT_FLAG, offsetof(struct values, replace), NULL, "replace files that are in the folder"},
    {0, "from", TN_OPT_TEXT, offsetof(struct values, import.from), "POINT", "infrastructure: where the line begins"},
    {0, "to", TN_OPT_TEXT, offsetof(struct values, import.to), "POINT", "infrastructure: where it ends"},
    {0, "via", TN_OPT_TEXTS, offsetof(struct values, via), "POINT", "infrastructure: on the way; any number of times"},
    {0, "tag", TN_OPT_TEXT, offsetof(struct values, import.tag), "TAG",
     "infrastructure: the trains whose speed limits count"},
    {0, "mode", TN_OPT_TEXT, offsetof(struct values, import.mode), "MODE",
     "rolling stock: the traction mode, where it has several"},
    {.name = NULL},
};

/* --- the report --- */

static bool same_kind(const struct tn_import_note *a, const struct tn_import_note *b)
{
    return a->lost == b->lost && strcmp(a->kind, b->kind) == 0 && strcmp(a->why, b->why) == 0;
}

static bool is_first(const struct tn_import_note *notes, size_t i)
{
    size_t j = 0;
    while (j < i && !same_kind(&notes[j], &notes[i]))
        j++;
    return j == i;
}

static void print_kind(const struct tn_import_note *notes, size_t count, size_t first, size_t most)
{
    size_t members = 0;
    for (size_t i = first; i < count; i++)
        members += same_kind(&notes[i], &notes[first]);
    printf("  %s", notes[first].kind);
    if (members > 1)
        printf(" (%zu)", members);
    printf(": %s\n", notes[first].why);
    size_t shown = 0;
    for (size_t i = first; i < count && shown < most; i++)
        if (same_kind(&notes[i], &notes[first])) {
            const struct tn_place *place = &notes[i].place;
            if (place->line > 0)
                printf("    %s:%d:%d%s%s\n", place->file, place->line, place->column, *notes[i].name ? " " : "",
                       notes[i].name);
            else
                printf("    %s%s%s\n", place->file, *notes[i].name ? " " : "", notes[i].name);
            shown++;
        }
    if (shown < members)
        printf("    and %zu more, all in losses.csv\n", members - shown);
}

static void print_notes(const struct tn_list *list, bool lost, size_t most)
{
    const struct tn_import_note *notes = list->items;
    size_t members = 0;
    for (size_t i = 0; i < list->count; i++)
        members += notes[i].lost == lost;
    if (lost || members > 0)
        printf("\n%s: %zu\n", lost ? "not carried" : "assumed", members);
    for (size_t i = 0; i < list->count; i++)
        if (notes[i].lost == lost && is_first(notes, i))
            print_kind(notes, list->count, i, most);
}

static void print_report(const struct tn_whole_folder *folder, const struct tn_import *import, size_t most)
{
    const struct tn_list notes = tn_import_notes(import), formats = tn_import_formats(import);
    size_t count;
    const struct tn_scenario_file *files = tn_import_files(import, &count);
    for (size_t i = 0; i < count && i < formats.count; i++)
        printf("read %s: %s\n", files[i].path, ((const char *const *)formats.items)[i]);
    for (size_t i = 0; i < folder->count; i++)
        printf("wrote %s/%s\n", folder->path, folder->names[i]);
    print_notes(&notes, true, most);
    print_notes(&notes, false, most);
}

/* --- losses.csv --- */

static size_t add_quoted(char *to, const char *text)
{
    size_t n = 0;
    to[n++] = '"';
    for (; *text; text++) {
        to[n++] = *text == '\n' || *text == '\r' ? ' ' : *text;
        if (*text == '"')
            to[n++] = '"';
    }
    to[n++] = '"';
    return n;
}

static size_t room_of(const struct tn_import_note *note)
{
    return 2 * (strlen(note->kind) + strlen(note->name) + strlen(note->why) + strlen(note->place.file)) + 80;
}

static tn_status put_losses(struct tn_whole_folder *folder, const struct tn_list *list, struct tn_arena *arena)
{
    static const char head[] = "what,kind,name,why,file,line,column\n";
    const struct tn_import_note *notes = list->items;
    size_t room = sizeof head, n = sizeof head - 1;
    for (size_t i = 0; i < list->count; i++)
        room += room_of(&notes[i]);
    char *text = tn_arena_alloc(arena, room, 1);
    if (text == NULL)
        return TN_ERR_MEMORY;
    memcpy(text, head, n);
    for (size_t i = 0; i < list->count; i++) {
        const char *const cells[] = {notes[i].lost ? "not carried" : "assumed", notes[i].kind, notes[i].name,
                                     notes[i].why, notes[i].place.file};
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            n += add_quoted(text + n, cells[c]);
            text[n++] = ',';
        }
        n += (size_t)sprintf(text + n, "%d,%d\n", notes[i].place.line, notes[i].place.column);
    }
    return tn_whole_folder_put(folder, "losses.csv", text, n);
}

/* --- files in, folder out --- */

static tn_status write_folder(struct tn_whole_folder *folder, struct tn_import *import, const struct values *values,
                              struct tn_context *ctx)
{
    const bool tables = values->as && strcmp(values->as, "csv") == 0;
    const struct tn_list notes = tn_import_notes(import);
    struct tn_list files;
    tn_status status = tables ? tn_import_tables(&files, import, ctx) : tn_import_write(&files, import);
    if (status == TN_OK)
        status = tn_whole_folder_open(folder, values->output, files.count + 1, values->replace, &ctx->arena, ctx);
    const struct tn_text_file *rows = files.items;
    for (size_t i = 0; status == TN_OK && i < files.count; i++)
        status = tn_whole_folder_put(folder, rows[i].name, rows[i].text, rows[i].size);
    if (status == TN_OK && !tables)
        status = put_losses(folder, &notes, &ctx->arena);
    if (status == TN_OK)
        return tn_whole_folder_close(folder);
    tn_whole_folder_abandon(folder);
    return status;
}

static int convert(const char *const *paths, size_t count, const struct values *values)
{
    struct tn_context ctx = {0};
    struct tn_import *import = NULL;
    struct tn_whole_folder folder = {0};
    tn_status status = tn_import_read(&import, paths, count, &values->import, &ctx);
    if (status == TN_OK)
        status = write_folder(&folder, import, values, &ctx);
    tn_diag_print(stderr, &ctx);
    const bool tables = values->as && strcmp(values->as, "csv") == 0;
    if (status == TN_OK)
        print_report(&folder, import, tables ? SIZE_MAX : SHOWN);
    tn_import_destroy(import);
    tn_context_clear(&ctx);
    return tn_exit_of(status);
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &arena);
    if (end < 0 && (!values.output || !*values.output))
        end = tn_opt_usage(verb->name, NULL, "where to? -o FOLDER is needed");
    if (end < 0) {
        values.import.via = values.via.items;
        values.import.via_count = values.via.count;
        end = convert((const char *const *)files, (size_t)count, &values);
    }
    tn_arena_clear(&arena);
    return end;
}

const struct tn_verb tn_verb_convert = {
    .name = "convert",
    .operands = "FILE...",
    .doc = "files of other programs into scenarios, and results into tables and GTFS",
    .examples = "Examples:\n"
                "  tonnage convert rolling-stock.yaml running-path.yaml -o trip\n"
                "  tonnage convert infra.json stock.json --from West --to East -o corridor\n"
                "  tonnage convert profile.csv stations.csv -o line\n",
    .options = options,
    .operands_min = 1,
    .operands_max = -1,
    .run = run,
};
