/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 512, NAME = 64 };

static char folder[PATH / 2];

static void empty_folder(void)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    while (entries && (entry = readdir(entries)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)remove(fuzz_path(entry->d_name));
    if (entries)
        closedir(entries);
}

static void remove_folder(void)
{
    empty_folder();
    (void)rmdir(folder);
}

const char *fuzz_folder(void)
{
    if (!*folder) {
        const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        snprintf(folder, sizeof folder, "%s/tonnage-fuzz-XXXXXX", base);
        FUZZ_MUST(mkdtemp(folder) != NULL);
        atexit(remove_folder);
    }
    return folder;
}

const char *fuzz_path(const char *name)
{
    static char paths[4][PATH];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    FUZZ_MUST(snprintf(path, PATH, "%s/%s", fuzz_folder(), name) < PATH);
    return path;
}

static void write_file(const char *name, const uint8_t *data, size_t size)
{
    FILE *file = fopen(fuzz_path(name), "wb");
    FUZZ_MUST(file != NULL);
    FUZZ_MUST(fwrite(data, 1, size, file) == size);
    FUZZ_MUST(fclose(file) == 0);
}

/* The line `%%% NAME` at p: its NAME, and where the line after it begins; NULL if it is another line. */
static const uint8_t *heading(char name[NAME], const uint8_t *p, const uint8_t *end)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    size_t length = 0;
    if (end - p < 5 || memcmp(p, "%%% ", 4) != 0)
        return NULL;
    for (p += 4; p < end && *p != '\n'; p++)
        if (*p && strchr(letters, *p) && length < NAME - 1)
            name[length++] = (char)*p;
    name[length] = '\0';
    return length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? NULL : p + (p < end);
}

void fuzz_write_files(const char *first, const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size, *start = data;
    char name[NAME], next[NAME];
    (void)fuzz_folder();
    empty_folder();
    snprintf(name, sizeof name, "%s", first);
    for (const uint8_t *p = data; p < end;) {
        const uint8_t *after = heading(next, p, end);
        if (after) {
            write_file(name, start, (size_t)(p - start));
            memcpy(name, next, sizeof name);
            start = p = after;
            continue;
        }
        p = memchr(p, '\n', (size_t)(end - p));
        p = p ? p + 1 : end;
    }
    write_file(name, start, (size_t)(end - start));
}

void fuzz_fail(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}
