/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "diag.h"
#include "import.h"
#include "losses.h"
#include "stop_times.h"
#include "terminal.h"
#include "whole_folder.h"

enum { SHOWN = 5 }; /* losses of a kind, where a file holds all of them */

struct values {
    const char *output, *as, *study, *agency, *url, *timezone, *dates, *start;
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
    {0, "study", TN_OPT_TEXT, offsetof(struct values, study), "ID", "results: this study alone"},
    {0, "agency", TN_OPT_TEXT, offsetof(struct values, agency), "NAME", "gtfs: whose trains; the title if not given"},
    {0, "url", TN_OPT_TEXT, offsetof(struct values, url), "URL",
     "gtfs: of the agency; https://example.org if not given"},
    {0, "timezone", TN_OPT_TEXT, offsetof(struct values, timezone), "ZONE",
     "gtfs: as Asia/Shanghai; Etc/UTC if not given"},
    {0, "dates", TN_OPT_TEXT, offsetof(struct values, dates), "A-B", "gtfs: days of service, as 20250101-20251231"},
    {0, "start", TN_OPT_TEXT, offsetof(struct values, start), "TIME",
     "gtfs: when runs start, as 6:30; 0:00 if not given"},
    {.name = NULL},
};

static const char *format_name(int index)
{
    static const char *const names[] = {"scenario", "csv", "gtfs"};
    return index < 3 ? names[index] : NULL;
}

static const struct tn_words words[] = {{"as", "format", format_name, NULL, false}, {.of = NULL}};

struct outcome { /* of a conversion */
    struct tn_list files, losses;
};

/* --- writing --- */

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* An input that the outcome would replace, or NULL. */
static const char *find_clash(const struct outcome *outcome, const char *folder, const char *const *paths, size_t count,
                              struct tn_arena *arena)
{
    const struct tn_text_file *files = outcome->files.items;
    for (size_t f = 0; f < outcome->files.count; f++) {
        const char *target = tn_arena_printf(arena, "%s/%s", folder, files[f].name);
        for (size_t i = 0; target && i < count; i++)
            if (same_file(target, paths[i]))
                return paths[i];
    }
    return NULL;
}

static tn_status put_losses(struct tn_whole_folder *folder, const struct tn_list *losses, struct tn_arena *arena)
{
    struct tn_text_file file;
    const tn_status status = tn_losses_csv(&file, losses, arena);
    return status == TN_OK ? tn_whole_folder_put(folder, file.name, file.text, file.size) : status;
}

static tn_status write_folder(struct tn_whole_folder *folder, const struct outcome *outcome,
                              const struct values *values, struct tn_context *ctx)
{
    const struct tn_text_file *files = outcome->files.items;
    tn_status status =
        tn_whole_folder_open(folder, values->output, outcome->files.count + 1, values->replace, &ctx->arena, ctx);
    for (size_t i = 0; status == TN_OK && i < outcome->files.count; i++)
        status = tn_whole_folder_put(folder, files[i].name, files[i].text, files[i].size);
    const bool listed = strcmp(values->as, "scenario") == 0; /* tables and feeds hold nothing but their own */
    if (status == TN_OK && listed)
        status = put_losses(folder, &outcome->losses, &ctx->arena);
    if (status == TN_OK)
        return tn_whole_folder_close(folder);
    tn_whole_folder_abandon(folder);
    return status;
}

/* Writes it, or prints why not; the exit status. */
static int finish(tn_status status, struct tn_whole_folder *folder, const struct outcome *outcome,
                  const struct values *values, const char *const *paths, size_t count, struct tn_context *ctx)
{
    const char *clash = status == TN_OK ? find_clash(outcome, values->output, paths, count, &ctx->arena) : NULL;
    if (clash)
        return tn_opt_usage("convert", NULL, "-o %s would replace %s", values->output, clash);
    if (status == TN_OK)
        status = write_folder(folder, outcome, values, ctx);
    tn_diag_print(stderr, ctx);
    return tn_exit_of(status);
}

static int print_report(const struct tn_whole_folder *folder, const struct outcome *outcome,
                        const struct values *values)
{
    const bool listed = strcmp(values->as, "scenario") == 0;
    for (size_t i = 0; i < folder->count && !tn_terminal_quiet(); i++)
        printf("wrote %s/%s\n", folder->path, folder->names[i]);
    return tn_exit_of(tn_losses_print(&outcome->losses, listed ? SHOWN : SIZE_MAX, "losses.csv"));
}

/* --- files of others, and scenarios --- */

static void print_formats(const struct tn_import *import)
{
    size_t count;
    const struct tn_scenario_file *files = tn_import_files(import, &count);
    const struct tn_list formats = tn_import_formats(import);
    const char *const *names = formats.items;
    for (size_t i = 0; i < formats.count && i < count && !tn_terminal_quiet(); i++)
        printf("read %s: %s\n", files[i].path, names[i]);
}

static int convert_files(const char *const *paths, size_t count, const struct values *values)
{
    struct tn_context ctx = {0};
    struct tn_import *import = NULL;
    struct tn_whole_folder folder = {0};
    struct outcome outcome = {0};
    tn_status status = tn_import_read(&import, paths, count, &values->import, &ctx);
    if (status == TN_OK)
        status = strcmp(values->as, "csv") == 0 ? tn_import_tables(&outcome.files, import, &ctx)
                                                : tn_import_write(&outcome.files, import);
    if (status == TN_OK)
        outcome.losses = tn_import_losses(import);
    int end = finish(status, &folder, &outcome, values, paths, count, &ctx);
    if (end == TN_EXIT_OK) {
        print_formats(import);
        end = print_report(&folder, &outcome, values);
    }
    tn_import_destroy(import);
    tn_context_clear(&ctx);
    return end;
}

/* --- results --- */

/* 1 or 0; -1, reported, where the file cannot be read. */
static int is_results(const char *path)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char head[sizeof signature];
    FILE *file = fopen(path, "rb");
    const bool read = file && fread(head, 1, sizeof head, file) == sizeof head;
    const bool failed = !file || ferror(file);
    if (failed)
        tn_diag_say("cannot read %s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    return failed ? -1 : read && memcmp(head, signature, sizeof head) == 0;
}

/* Where the stations of each line are, as far as its scenario says. */
static tn_status find_lines(struct tn_gtfs_options *gtfs, const struct tn_stop_times *times, struct tn_context *ctx)
{
    struct tn_gtfs_line *lines = tn_arena_alloc(&ctx->arena, times->count + 1, sizeof *lines);
    tn_status status = lines ? TN_OK : TN_ERR_MEMORY;
    gtfs->lines = lines;
    for (size_t t = 0; status == TN_OK && t < times->count; t++) {
        const char *line = times->trips[t].line;
        size_t i = 0;
        while (line && i < gtfs->line_count && strcmp(lines[i].id, line) != 0)
            i++;
        if (!line || i < gtfs->line_count)
            continue;
        lines[i].id = line;
        gtfs->line_count++;
        if (times->resolved)
            status = tn_import_stations(&lines[i].stations, times->resolved, line, &ctx->arena, ctx);
    }
    return status;
}

static bool is_date(const char *text, size_t length)
{
    if (length != 8 || strspn(text, "0123456789") < 8)
        return false;
    const int month = 10 * (text[4] - '0') + text[5] - '0', day = 10 * (text[6] - '0') + text[7] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* "20250101-20251231" */
static bool read_dates(struct tn_gtfs_options *gtfs, const char *text, struct tn_arena *arena)
{
    const char *dash = strchr(text, '-');
    if (!dash || !is_date(text, (size_t)(dash - text)) || !is_date(dash + 1, strlen(dash + 1)) ||
        strcmp(dash + 1, text) < 0)
        return false;
    gtfs->first_date = tn_arena_copy(arena, text, 8);
    gtfs->last_date = dash + 1;
    return gtfs->first_date != NULL;
}

/* "6:30" or "6:30:15", in seconds */
static bool read_start(double *out, const char *text)
{
    static const long most[] = {23, 59, 59}, size[] = {3600, 60, 1};
    long seconds = 0;
    size_t part = 0;
    for (; part < 3; part++) {
        const size_t digits = strspn(text, "0123456789");
        char *end = NULL;
        const long value = strtol(text, &end, 10);
        if (digits < 1 || digits > 2 || value > most[part])
            return false;
        seconds += size[part] * value;
        text = end + 1;
        if (*end != ':')
            break;
    }
    *out = (double)seconds;
    return part >= 1 && part < 3 && text[-1] == '\0';
}

static int gtfs_options(struct tn_gtfs_options *out, const struct values *values, struct tn_arena *arena)
{
    *out = (struct tn_gtfs_options){.agency = values->agency, .url = values->url, .timezone = values->timezone};
    if (values->dates && !read_dates(out, values->dates, arena))
        return tn_opt_usage("convert", NULL, "--dates takes two dates as 20250101-20251231, not '%s'", values->dates);
    if (values->start && !read_start(&out->start_s, values->start))
        return tn_opt_usage("convert", NULL, "--start takes a time of the day as 6:30, not '%s'", values->start);
    return -1;
}

static tn_status join_losses(struct tn_list *out, const struct tn_list *more, struct tn_arena *arena)
{
    struct tn_loss *rows = tn_arena_alloc(arena, out->count + more->count + 1, sizeof *rows);
    if (!rows)
        return TN_ERR_MEMORY;
    if (out->count)
        memcpy(rows, out->items, out->count * sizeof *rows);
    if (more->count)
        memcpy(rows + out->count, more->items, more->count * sizeof *rows);
    *out = (struct tn_list){rows, out->count + more->count};
    return TN_OK;
}

static tn_status make_feed(struct outcome *outcome, const struct tn_stop_times *times, struct tn_gtfs_options *gtfs,
                           struct tn_context *ctx)
{
    struct tn_list losses = {0};
    tn_status status = find_lines(gtfs, times, ctx);
    if (status == TN_OK)
        status = tn_gtfs_write(&outcome->files, &losses, times, gtfs, &ctx->arena, ctx);
    return status == TN_OK ? join_losses(&outcome->losses, &losses, &ctx->arena) : status;
}

static int convert_results(const char *const *path, const struct values *values)
{
    struct tn_context ctx = {0};
    struct tn_stop_times times;
    struct tn_gtfs_options gtfs;
    struct tn_whole_folder folder = {0};
    struct outcome outcome = {0};
    int end = gtfs_options(&gtfs, values, &ctx.arena);
    if (end >= 0) {
        tn_context_clear(&ctx);
        return end;
    }
    tn_status status = tn_stop_times_read(&times, *path, values->study, &ctx.arena, &ctx);
    outcome.losses = times.losses;
    if (status == TN_OK)
        status = strcmp(values->as, "csv") == 0 ? tn_stop_times_csv(&outcome.files, &times, &ctx.arena)
                                                : make_feed(&outcome, &times, &gtfs, &ctx);
    end = finish(status, &folder, &outcome, values, path, 1, &ctx);
    if (end == TN_EXIT_OK)
        end = print_report(&folder, &outcome, values);
    tn_context_clear(&ctx);
    return end;
}

/* --- the verb --- */

static int convert(const char *const *paths, size_t count, struct values *values, const char *verb)
{
    bool results = false;
    for (size_t i = 0; i < count; i++) {
        const int is = is_results(paths[i]);
        if (is < 0)
            return TN_EXIT_IO;
        results |= is > 0;
    }
    if (results && count > 1)
        return tn_opt_usage(verb, NULL, "one results file at a time");
    if (results && !values->as)
        return tn_opt_usage(verb, NULL, "results go into tables or a feed: --as csv or --as gtfs");
    values->as = values->as ? values->as : "scenario";
    if (results && strcmp(values->as, "scenario") == 0)
        return tn_opt_usage(verb, NULL, "results make no scenario; --as csv or --as gtfs");
    if (!results && strcmp(values->as, "gtfs") == 0)
        return tn_opt_usage(verb, NULL, "a feed is made of results: solve the scenario with -o first");
    return results ? convert_results(paths, values) : convert_files(paths, count, values);
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
        end = convert((const char *const *)files, (size_t)count, &values, verb->name);
    }
    tn_arena_clear(&arena);
    return end;
}

static void more(FILE *out)
{
    fputs("\nRead: rolling stock and running paths of railtoolkit (YAML), rolling stock and infrastructure of OSRD\n"
          "(railjson), tables of a line (CSV: profile, stations, limits, curves, ...), scenarios, and results of\n"
          "timetables, simulations and runs (HDF5). What a file is, its content tells.\n"
          "Written: a scenario (scenario.yaml with line.yaml, stock.yaml and tables), the tables of a line or stop\n"
          "times (csv), or a GTFS feed. What could not be carried, and what had to be assumed, is listed with its\n"
          "place in the file; beside a scenario all of it stands in losses.csv.\n",
          out);
}

const struct tn_verb tn_verb_convert = {
    .name = "convert",
    .operands = "FILE...",
    .doc = "files of other programs into scenarios, results into stop times and GTFS",
    .examples = "Examples:\n"
                "  tonnage convert freight.yaml slope.yaml -o trip\n"
                "  tonnage convert infra.json stock.json --from West --to East -o corridor\n"
                "  tonnage convert profile.csv stations.csv -o line\n"
                "  tonnage convert day.h5 --as gtfs --timezone Asia/Shanghai -o feed\n",
    .options = options,
    .words = words,
    .operands_min = 1,
    .operands_max = -1,
    .more = more,
    .run = run,
};
