/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Gives the fuzz target every file that is named, and every file of the folders that are named: what libFuzzer does
   with
   `-runs=0`, for compilers without it. */

static int failures, count;

static void give(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0, room = 0, got = 1;
    while (file && got > 0) {
        if (size == room) {
            room = 2 * room + 4096;
            data = realloc(data, room);
            FUZZ_MUST(data != NULL);
        }
        got = fread(data + size, 1, room - size, file);
        size += got;
    }
    if (!file || ferror(file)) {
        perror(path);
        failures++;
    } else {
        uint8_t *exact = malloc(size > 0 ? size : 1); /* so that a read past the end is seen */
        FUZZ_MUST(exact != NULL);
        if (size > 0)
            memcpy(exact, data, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
        free(exact);
        count++;
    }
    if (file)
        fclose(file);
    free(data);
}

static void give_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int entry_count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < entry_count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            give(path);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
            give_folder(argv[i]);
        else
            give(argv[i]);
    }
    printf("%d inputs\n", count);
    return failures > 0 || count == 0;
}
