/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef TN_SCENARIO_DIR
#define TN_SCENARIO_DIR "/usr/share/tonnage/scenarios"
#endif

struct tn_place tn_source_place(const struct tn_source *source, size_t line, size_t column, size_t length)
{
    return (struct tn_place){
        .file = source->path,
        .line = (int)line,
        .column = (int)column,
        .length = length > 0 ? (int)length : 1,
        .source = line >= 1 && line <= source->line_count ? source->lines + source->starts[line - 1] : NULL,
    };
}

/* Bytes of the UTF-8 sequence at p, 0 if it is none. RFC 3629. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return p[0] >= 0x20 || p[0] == '\t' || p[0] == '\n' || p[0] == '\r' ? 1 : 0;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return length;
}

size_t tn_source_line_end(const char *p, size_t left)
{
    if (*p == '\n')
        return 1;
    if (*p == '\r')
        return left > 1 && p[1] == '\n' ? 2 : 1;
    if (left > 1 && memcmp(p, "\xc2\x85", 2) == 0)
        return 2;
    if (left > 2 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0))
        return 3;
    return 0;
}

/* Fills starts (if not NULL) and cuts the lines (if not NULL); gives their number. */
static size_t cut_lines(const char *text, size_t size, size_t *starts, char *lines)
{
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= size;) {
        size_t end = i < size ? tn_source_line_end(text + i, size - i) : 1;
        if (end > 0) {
            if (starts != NULL)
                starts[count] = start;
            if (lines != NULL && i < size)
                lines[i] = '\0';
            count++;
            start = i + end;
        }
        i += end > 0 ? end : 1;
    }
    return count;
}

static bool is_text(struct tn_scenario_reader *reader, const struct tn_source *source)
{
    const unsigned char *bytes = (const unsigned char *)source->text;
    size_t line = 1, column = 1;
    for (size_t i = 0; i < source->size;) {
        size_t length = utf8_length(bytes + i, source->size - i);
        if (length == 0) {
            struct tn_place place = tn_source_place(source, line, column, 1);
            place.source = NULL; /* would garble the terminal */
            const bool results = i == 0 && source->size >= 4 && memcmp(bytes, "\x89HDF", 4) == 0;
            tn_error_at(reader->ctx, &place,
                        results ? "this is a results file: `tonnage info` and `plot` read it" : "files are UTF-8 text",
                        "not text: byte 0x%02x", bytes[i]);
            return false;
        }
        if (tn_source_line_end(source->text + i, source->size - i) > 0 && !(bytes[i] == '\r' && bytes[i + 1] == '\n')) {
            line++;
            column = 1;
        } else {
            column++;
        }
        i += length;
    }
    return true;
}

struct tn_source *tn_source_init(struct tn_scenario_reader *reader, const char *path, const char *text, size_t size)
{
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    struct tn_source *source = tn_reader_alloc(reader, 1, sizeof *source);
    size_t count = cut_lines(text, size, NULL, NULL);
    size_t *starts = tn_reader_alloc(reader, count, sizeof *starts);
    char *lines = tn_reader_alloc(reader, size + 1, 1);
    if (source == NULL || starts == NULL || lines == NULL)
        return NULL;
    if (size > 0)
        memcpy(lines, text, size);
    cut_lines(text, size, starts, lines);
    const char *slash = strrchr(path, '/');
    const char *directory = slash == NULL ? "" : tn_reader_printf(reader, "%.*s", (int)(slash + 1 - path), path);
    *source = (struct tn_source){path, directory, text, size, lines, starts, count, false};
    return directory != NULL && is_text(reader, source) ? source : NULL;
}

/* The whole file as text in the arena; NULL with errno, or EFBIG. */
static char *slurp(struct tn_scenario_reader *reader, const char *path, size_t *size_out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    size_t size = 0, allocated = 0;
    char *text = NULL, *copy = NULL;
    bool ok = true;
    while (ok && !feof(file) && !ferror(file)) {
        if (allocated - size < 4096) {
            allocated = 2 * allocated + 65536;
            char *grown = realloc(text, allocated);
            ok = grown != NULL;
            text = ok ? grown : text;
        }
        if (ok)
            size += fread(text + size, 1, allocated - size, file);
        if (size > TN_READER_FILE_MAX) {
            errno = EFBIG;
            ok = false;
        }
    }
    if (ok && !ferror(file)) {
        copy = tn_reader_alloc(reader, size + 1, 1);
        if (copy != NULL && size > 0)
            memcpy(copy, text, size);
    }
    int error = errno;
    free(text);
    fclose(file);
    errno = error;
    *size_out = size;
    return copy;
}

static const char *why_unreadable(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "it is a folder";
    if (!S_ISREG(status.st_mode))
        return "it is not a file";
    if (status.st_size > (off_t)TN_READER_FILE_MAX)
        return "it is larger than 64 MiB";
    return NULL;
}

/* Reads and keeps a file. real is taken over. */
static struct tn_source *read_file(struct tn_scenario_reader *reader, const char *path, char *real,
                                   const struct tn_place *place)
{
    size_t size = 0;
    errno = 0;
    const char *why = why_unreadable(real);
    char *text = why != NULL ? NULL : slurp(reader, real, &size);
    if (text == NULL) {
        reader->no_memory |= errno == ENOMEM;
        tn_error_at(reader->ctx, place, NULL, "cannot read %s: %s", path, why != NULL ? why : strerror(errno));
        free(real);
        return NULL;
    }
    size_t allocated = reader->file_allocated;
    if (!tn_reader_grow(reader, &reader->files, reader->file_count, &allocated, sizeof *reader->files) ||
        !tn_reader_grow(reader, &reader->opened, reader->file_count, &reader->file_allocated, sizeof *reader->opened)) {
        free(real);
        return NULL;
    }
    reader->files[reader->file_count] = (struct tn_scenario_file){path, text, size};
    reader->opened[reader->file_count++] = real;
    return tn_source_init(reader, path, text, size);
}

/* A path without links, to be freed; NULL with errno. */
static char *real_path(struct tn_scenario_reader *reader, const char *path)
{
    char *real = realpath(path, NULL);
    reader->no_memory |= real == NULL && errno == ENOMEM;
    return real;
}

/* Takes a real path over; NULL, a folder that is not there, is left out. */
static void add_root(struct tn_scenario_reader *reader, char *real)
{
    if (real == NULL)
        return;
    char **roots = realloc(reader->roots, (reader->root_count + 1) * sizeof *roots);
    if (roots == NULL) {
        free(real);
        reader->no_memory = true;
        return;
    }
    reader->roots = roots;
    roots[reader->root_count++] = real;
}

/* Calls add_root for each search folder: TONNAGE_PATH (colons between), the installed one, that of the source tree. */
static void add_search_roots(struct tn_scenario_reader *reader)
{
    const char *list = getenv("TONNAGE_PATH");
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":");
        const char *folder = tn_reader_printf(reader, "%.*s", (int)length, list);
        if (folder != NULL && length > 0)
            add_root(reader, real_path(reader, folder));
        list += length + (list[length] == ':');
    }
    add_root(reader, real_path(reader, TN_SCENARIO_DIR));
#ifdef TN_SCENARIO_SOURCE_DIR
    add_root(reader, real_path(reader, TN_SCENARIO_SOURCE_DIR));
#endif
}

/* A hint where a file that is not there has the name of a shipped one. */
static const char *shipped_hint(struct tn_scenario_reader *reader, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1, *hint = NULL;
    add_search_roots(reader);
    for (size_t i = 0; i < reader->root_count && hint == NULL; i++) {
        const char *other = tn_reader_printf(reader, "%s/%s", reader->roots[i], name);
        if (*name != '\0' && other != NULL && access(other, R_OK) == 0)
            hint = tn_reader_printf(reader, "%s is there", other);
    }
    return hint;
}

tn_status tn_source_open_first(struct tn_source **out, struct tn_scenario_reader *reader, const char *path)
{
    struct tn_place place = {.file = path};
    path = tn_reader_printf(reader, "%s", path);
    if (path == NULL)
        return TN_ERR_MEMORY;
    place.file = path;
    char *real = real_path(reader, path);
    if (real == NULL) {
        const int why = errno;
        tn_error_at(reader->ctx, &place, why == ENOENT ? shipped_hint(reader, path) : NULL, "cannot read %s: %s", path,
                    strerror(why));
        return TN_ERR_IO;
    }
    const char *slash = strrchr(real, '/');
    char *folder = strndup(real, slash == NULL || slash == real ? 1 : (size_t)(slash - real));
    reader->no_memory |= folder == NULL;
    add_root(reader, folder);
    add_search_roots(reader);
    *out = read_file(reader, path, real, &place);
    return *out != NULL ? TN_OK : reader->file_count == 0 ? TN_ERR_IO : TN_ERR_INPUT;
}

static bool inside(const struct tn_scenario_reader *reader, const char *real)
{
    for (size_t i = 0; i < reader->root_count; i++) {
        size_t length = strlen(reader->roots[i]);
        if (strncmp(real, reader->roots[i], length) == 0 &&
            (real[length] == '/' || reader->roots[i][length - 1] == '/'))
            return true;
    }
    return false;
}

/* The path to show and the real path: beside the naming file, else in a search folder. */
static const char *find_file(struct tn_scenario_reader *reader, const struct tn_node *name, char **real_out)
{
    const char *beside = name->text[0] == '/' ? "" : name->source->directory;
    const char *path = tn_reader_printf(reader, "%s%s", beside, name->text);
    *real_out = path == NULL ? NULL : real_path(reader, path);
    const int why = errno;
    for (size_t i = 1; path != NULL && *real_out == NULL && name->text[0] != '/' && i < reader->root_count; i++) {
        const char *other = tn_reader_printf(reader, "%s/%s", reader->roots[i], name->text);
        *real_out = other == NULL ? NULL : real_path(reader, other);
        if (*real_out != NULL)
            path = other;
    }
    errno = why;
    return path;
}

struct tn_source *tn_source_open(struct tn_scenario_reader *reader, const struct tn_node *name, size_t *again_out)
{
    char *real = NULL;
    errno = 0;
    const char *path = find_file(reader, name, &real);
    if (path == NULL)
        return NULL;
    if (real == NULL) {
        tn_error_at(reader->ctx, &name->place, NULL, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    bool table_of_own = again_out == NULL && name->source->own;
    if (!table_of_own && !inside(reader, real)) {
        tn_error_at(reader->ctx, &name->place, "files stand in the scenario's folder, or in one named by TONNAGE_PATH",
                    "'%s' is outside the scenario's folder", name->text);
        free(real);
        return NULL;
    }
    for (size_t i = 0; again_out != NULL && i < reader->file_count; i++)
        if (strcmp(reader->opened[i], real) == 0) {
            *again_out = i;
            free(real);
            return NULL;
        }
    return read_file(reader, path, real, &name->place);
}
