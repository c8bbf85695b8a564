/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "h5_read.h"
#include "text.h"
#include "whole_file.h"

/* A variable as a column of a table. */
struct column {
    const char *name, *path, *units, *long_name, *meanings;
    struct tn_h5_shape shape;
    bool coordinate; /* of its own dimension */
    bool text, integer;
    const void *values; /* const char * or double */
    size_t count;
};

struct export
{
    struct tn_h5_reader file;
    struct tn_arena *arena;
    struct tn_context *ctx;
    const char *folder;
    const char **files; /* written so far */
    size_t file_count, file_most;
    struct tn_whole_file dictionary; /* variables.csv */
    tn_status status;
};

static bool good(struct export *e, tn_status status)
{
    if (e->status == TN_OK)
        e->status = status;
    return e->status == TN_OK;
}

/* A cell as RFC 4180 has it: quoted where it must be. */
static void put_text(FILE *out, const char *text)
{
    const size_t length = strlen(text);
    const bool edge = length && (text[0] == ' ' || text[length - 1] == ' ');
    if (!edge && !text[strcspn(text, ",\"\r\n")]) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', out);
}

static void put_number(FILE *out, const struct column *column, double value)
{
    char digits[TN_TEXT_NUMBER];
    const char *word = column->meanings;
    for (double left = value; word && left >= 1; left--) {
        word = strchr(word, ' ');
        word = word ? word + 1 : NULL;
    }
    if (word && value >= 0) {
        fprintf(out, "%.*s", (int)strcspn(word, " "), word);
    } else if (!isnan(value) && !(column->integer && value <= INT_MIN)) { /* INT_MIN: missing */
        tn_text_number(digits, value);
        fputs(digits, out);
    }
}

static void put_cell(FILE *out, const struct column *column, size_t i)
{
    if (i >= column->count)
        return;
    if (column->text)
        put_text(out, ((const char *const *)column->values)[i]);
    else
        put_number(out, column, ((const double *)column->values)[i]);
}

static void put_line(FILE *out, const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            fputc(',', out);
        put_text(out, cells[i] ? cells[i] : "");
    }
    fputs("\r\n", out);
}

static bool is_written(const struct export *e, const char *path)
{
    for (size_t i = 0; i < e->file_count; i++)
        if (strcmp(e->files[i], path) == 0)
            return true;
    return false;
}

/* FOLDER/NAME.csv; control characters of a name, and a name that is taken, are changed. NULL: no memory. */
static const char *file_path(struct export *e, const char *name)
{
    char *path = tn_arena_printf(e->arena, "%s/%s", e->folder, name);
    for (char *c = path ? path + strlen(e->folder) + 1 : NULL; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '/')
            *c = '_';
    const char *full = path ? tn_arena_printf(e->arena, "%s.csv", path) : NULL;
    while (full && is_written(e, full)) {
        path = tn_arena_printf(e->arena, "%s_", path);
        full = path ? tn_arena_printf(e->arena, "%s.csv", path) : NULL;
    }
    return full;
}

static bool open_table(struct export *e, struct tn_whole_file *table, const char *name)
{
    const char *path = e->status == TN_OK ? file_path(e, name) : NULL;
    if (!path || e->file_count == e->file_most)
        return good(e, path ? TN_ERR_INTERNAL : TN_ERR_MEMORY);
    if (!good(e, tn_whole_file_open(table, path, e->arena, e->ctx)))
        return false;
    e->files[e->file_count++] = path;
    return true;
}

/* Only what was read as it should be takes its name. */
static void finish(struct export *e, struct tn_whole_file *table)
{
    if (good(e, e->file.status))
        good(e, tn_whole_file_close(table));
    else
        tn_whole_file_abandon(table);
}

static void put_in_dictionary(struct export *e, const char *file, const struct column *column)
{
    const char *slash = strrchr(file, '/');
    const char *cells[] = {slash ? slash + 1 : file, column->name, column->units, column->long_name};
    put_line(e->dictionary.out, cells, 4);
}

static void load(struct export *e, struct column *column)
{
    const struct tn_list list =
        column->text ? tn_h5_texts(&e->file, column->path) : tn_h5_numbers(&e->file, column->path);
    column->values = list.items;
    column->count = list.count;
}

static bool same_dims(const struct column *a, const struct column *b)
{
    bool same = a->shape.rank == b->shape.rank;
    for (int i = 0; same && i < a->shape.rank; i++)
        same = a->shape.sizes[i] == b->shape.sizes[i] && a->shape.names[i] && b->shape.names[i] &&
               strcmp(a->shape.names[i], b->shape.names[i]) == 0;
    return same;
}

/* NAME,VALUE rows of what has one value: attributes first. */
static void put_scalars(struct export *e, const char *group, const char *name, struct column *columns, size_t count,
                        const char *const *attributes)
{
    struct tn_whole_file table;
    static const char *const head[] = {"name", "value", "units", "long_name"};
    if (!open_table(e, &table, name))
        return;
    put_line(table.out, head, 4);
    for (; *attributes; attributes++) {
        const char *cells[] = {*attributes, tn_h5_attribute(&e->file, group, *attributes), NULL, NULL};
        if (cells[1])
            put_line(table.out, cells, 4);
    }
    for (size_t i = 0; i < count; i++) {
        if (columns[i].shape.rank)
            continue;
        load(e, &columns[i]);
        put_text(table.out, columns[i].name);
        fputc(',', table.out);
        put_cell(table.out, &columns[i], 0);
        fputc(',', table.out);
        put_text(table.out, columns[i].units ? columns[i].units : "");
        fputc(',', table.out);
        put_text(table.out, columns[i].long_name ? columns[i].long_name : "");
        fputs("\r\n", table.out);
    }
    finish(e, &table);
}

/* Where element i of the shape is along dimension d. */
static size_t along(const struct tn_h5_shape *shape, int d, size_t i)
{
    for (int k = shape->rank - 1; k > d; k--)
        i /= (size_t)shape->sizes[k];
    return i % (size_t)shape->sizes[d];
}

/* The coordinate of each dimension, or its index. */
static struct column *axes_of(struct export *e, struct column *columns, size_t count, const struct tn_h5_shape *shape)
{
    struct column *axes = tn_arena_alloc(e->arena, (size_t)shape->rank + 1, sizeof *axes);
    for (int d = 0; axes && d < shape->rank; d++) {
        const char *name = shape->names[d] ? shape->names[d] : "";
        axes[d] = (struct column){.name = name, .long_name = "index, from 0"};
        for (size_t i = 0; i < count; i++)
            if (columns[i].coordinate && strcmp(columns[i].name, name) == 0)
                axes[d] = columns[i];
        if (axes[d].path)
            load(e, &axes[d]);
    }
    return axes;
}

static void put_rows(FILE *out, struct column *columns, size_t count, const struct column *first,
                     const struct column *axes, size_t rows)
{
    const int rank = axes ? first->shape.rank : 0;
    for (size_t i = 0; i < rows; i++) {
        const char *comma = "";
        for (int d = 0; d < rank; d++, comma = ",") {
            const size_t at = along(&first->shape, d, i);
            fputs(comma, out);
            if (axes[d].values)
                put_cell(out, &axes[d], at);
            else
                fprintf(out, "%zu", at);
        }
        for (size_t k = 0; k < count; k++)
            if (same_dims(&columns[k], first)) {
                fputs(comma, out);
                put_cell(out, &columns[k], i);
                comma = ",";
            }
        fputs("\r\n", out);
    }
}

/* All variables over the dimensions of `first`, a row an element. */
static void put_table(struct export *e, const char *name, struct column *columns, size_t count,
                      const struct column *first)
{
    struct tn_whole_file table;
    if (!open_table(e, &table, name))
        return;
    const char *path = e->files[e->file_count - 1], *comma = "";
    struct column *axes = NULL;
    size_t rows = 1;
    for (int d = 0; d < first->shape.rank; d++)
        rows *= (size_t)first->shape.sizes[d];
    if (first->shape.rank > 1 && !(axes = axes_of(e, columns, count, &first->shape)))
        e->status = TN_ERR_MEMORY;
    for (int d = 0; axes && d < first->shape.rank; d++, comma = ",") {
        fputs(comma, table.out);
        put_text(table.out, axes[d].name);
        put_in_dictionary(e, path, &axes[d]);
    }
    for (size_t k = 0; k < count; k++)
        if (same_dims(&columns[k], first)) {
            load(e, &columns[k]);
            fputs(comma, table.out);
            put_text(table.out, columns[k].name);
            put_in_dictionary(e, path, &columns[k]);
            comma = ",";
        }
    fputs("\r\n", table.out);
    put_rows(table.out, columns, count, first, axes, rows);
    finish(e, &table);
}

/* "climb-runup", "locomotives-pairs-load" */
static const char *table_name(struct export *e, const char *prefix, const struct tn_h5_shape *shape)
{
    const char *name = prefix;
    for (int d = 0; d < shape->rank && name; d++)
        name = tn_arena_printf(e->arena, "%s%s%s", name, *name ? "-" : "", shape->names[d] ? shape->names[d] : "");
    return name;
}

static struct column *columns_of(struct export *e, const char *group, size_t *count_out)
{
    const struct tn_list names = tn_h5_names(&e->file, group);
    struct column *columns = tn_arena_alloc(e->arena, names.count + 1, sizeof *columns);
    size_t count = 0;
    for (size_t i = 0; columns && i < names.count; i++) {
        const char *name = ((const char *const *)names.items)[i];
        const char *path = name && strcmp(group, "/") != 0 ? tn_arena_printf(e->arena, "%s/%s", group, name) : name;
        if (!path || !tn_h5_has(&e->file, path) || tn_h5_is_dimension(&e->file, path))
            continue;
        struct column *c = &columns[count++];
        *c = (struct column){.name = name,
                             .path = path,
                             .units = tn_h5_attribute(&e->file, path, "units"),
                             .long_name = tn_h5_attribute(&e->file, path, "long_name"),
                             .meanings = tn_h5_attribute(&e->file, path, "flag_meanings"),
                             .shape = tn_h5_shape(&e->file, path),
                             .text = tn_h5_is_text(&e->file, path),
                             .integer = tn_h5_is_integer(&e->file, path)};
        c->coordinate = c->shape.rank == 1 && c->shape.names[0] && strcmp(c->shape.names[0], name) == 0;
    }
    *count_out = count;
    good(e, columns ? e->file.status : TN_ERR_MEMORY);
    return columns;
}

static void export_group(struct export *e, const char *group, const char *prefix, const char *scalars,
                         const char *const *attributes)
{
    size_t count = 0;
    struct column *columns = columns_of(e, group, &count);
    if (e->status == TN_OK)
        put_scalars(e, group, scalars, columns, count, attributes);
    for (size_t i = 0; i < count && e->status == TN_OK; i++) {
        size_t before = 0, same = 0;
        for (size_t k = 0; k < count; k++)
            if (same_dims(&columns[k], &columns[i])) {
                same++;
                before += k < i ? 1 : 0;
            }
        const bool bare_axis = same == 1 && columns[i].coordinate; /* stands in the tables over it */
        const char *name = table_name(e, prefix, &columns[i].shape);
        if (columns[i].shape.rank && !before && !bare_axis && name)
            put_table(e, name, columns, count, &columns[i]);
    }
    good(e, e->file.status);
}

static void export_all(struct export *e)
{
    static const char *const of_file[] = {"title", "source", "date_created", "history", "Conventions",
                                          "sweep", "study",  "line",         "train",   NULL};
    static const char *const of_study[] = {"id",        "study", "title",   "train", "line",
                                           "direction", "depth", "verdict", NULL};
    static const char *const of_provenance[] = {"version",  "revision", "compiler", "libraries",
                                                "scenario", "command",  "host",     NULL};
    static const char *const head[] = {"file", "column", "units", "long_name"};
    if (!open_table(e, &e->dictionary, "variables"))
        return;
    put_line(e->dictionary.out, head, 4);
    export_group(e, "/", "", "results", of_file);
    const struct tn_list names = tn_h5_names(&e->file, "/");
    for (size_t i = 0; i < names.count && e->status == TN_OK; i++) {
        const char *name = ((const char *const *)names.items)[i];
        if (name && tn_h5_is_group(&e->file, name))
            export_group(e, name, name, name, strcmp(name, "provenance") == 0 ? of_provenance : of_study);
    }
    finish(e, &e->dictionary);
}

/* Tables: at most one a variable, one of scalars a group, and the dictionary. */
static size_t table_count(struct export *e)
{
    const struct tn_list names = tn_h5_names(&e->file, "/");
    size_t count = names.count + 2;
    for (size_t i = 0; i < names.count; i++) {
        const char *name = ((const char *const *)names.items)[i];
        if (name && tn_h5_is_group(&e->file, name))
            count += tn_h5_names(&e->file, name).count + 1;
    }
    return count;
}

static tn_status make_folder(const char *folder, struct tn_context *ctx)
{
    if (mkdir(folder, 0777) == 0 || errno == EEXIST) /* that it is a folder, the first file will find */
        return TN_OK;
    tn_error(ctx, NULL, NULL, "cannot make the folder '%s': %s", folder, strerror(errno));
    return TN_ERR_IO;
}

tn_status tn_results_export(struct tn_list *files_out, const char *path, const char *folder, struct tn_arena *arena,
                            struct tn_context *ctx)
{
    *files_out = (struct tn_list){0};
    struct export e = {.arena = arena, .ctx = ctx, .folder = folder};
    tn_status status = tn_h5_open(&e.file, path, arena, ctx);
    if (status != TN_OK)
        return status;
    e.file_most = table_count(&e);
    e.files = tn_arena_alloc(arena, e.file_most, sizeof *e.files);
    if (good(&e, e.files ? e.file.status : TN_ERR_MEMORY) && good(&e, make_folder(folder, ctx)))
        export_all(&e);
    tn_h5_close(&e.file);
    *files_out = (struct tn_list){(void *)e.files, e.file_count};
    return e.status;
}
