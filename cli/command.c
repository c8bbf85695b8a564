/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "terminal.h"

int tn_exit_of(tn_status status)
{
    switch (status) {
    case TN_OK:
        return TN_EXIT_OK;
    case TN_ERR_INPUT:
        return TN_EXIT_SCENARIO;
    case TN_ERR_IO:
        return TN_EXIT_IO;
    case TN_ERR_NUMERIC:
        return TN_EXIT_NUMERIC;
    case TN_ERR_MEMORY:
    case TN_ERR_STOPPED:
    case TN_ERR_INTERNAL:
        break;
    }
    return TN_EXIT_INTERNAL;
}

int tn_exit_worse(int a, int b)
{
    return a > b ? a : b;
}

static bool is_plain(const char *word)
{
    return *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")];
}

static size_t append_quoted(char *to, const char *word)
{
    size_t n = 0;
    to[n++] = '\'';
    for (; *word; word++) {
        if (*word == '\'') {
            n += (size_t)sprintf(to + n, "'\\''");
        } else {
            to[n++] = *word;
        }
    }
    to[n++] = '\'';
    return n;
}

const char *tn_command_quote(const char *word, struct tn_arena *arena)
{
    if (is_plain(word))
        return tn_arena_copy(arena, word, strlen(word));
    char *text = tn_arena_alloc(arena, 4 * strlen(word) + 3, 1);
    if (text)
        (void)append_quoted(text, word);
    return text;
}

const char *tn_command_line(const char *verb, int argc, char **argv, struct tn_arena *arena)
{
    size_t size = strlen("tonnage ") + strlen(verb) + 1;
    for (int i = 1; i < argc; i++)
        size += 4 * strlen(argv[i]) + 3;
    char *text = tn_arena_alloc(arena, size, 1);
    if (!text)
        return NULL;
    size_t n = (size_t)snprintf(text, size, "tonnage %s", verb);
    for (int i = 1; i < argc; i++) {
        const size_t length = strlen(argv[i]);
        text[n++] = ' ';
        if (is_plain(argv[i])) {
            memcpy(text + n, argv[i], length);
            n += length;
        } else {
            n += append_quoted(text + n, argv[i]);
        }
    }
    return text;
}

int tn_command_check_output(const char *verb, const char *path)
{
    if (!path || strcmp(path, "-") != 0)
        return TN_EXIT_OK;
    return tn_opt_usage(verb, NULL,
                        "-o names a file: results in HDF5 cannot go to standard output (`tonnage run --json` can)");
}

int tn_command_check_folder(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    char folder[PATH_MAX] = ".";
    if (slash && (size_t)(slash - path) < sizeof folder - 1)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    if (!path || access(folder, W_OK | X_OK) == 0)
        return TN_EXIT_OK;
    tn_diag_say("cannot write '%s': %s", path, strerror(errno));
    return TN_EXIT_IO;
}

bool tn_command_is_input(const struct tn_scenario_reader *reader, const char *path)
{
    struct stat output;
    if (stat(path, &output))
        return false;
    size_t count = 0;
    const struct tn_scenario_file *files = tn_scenario_files(reader, &count);
    for (size_t i = 0; i < count; i++) {
        struct stat input;
        if (!stat(files[i].path, &input) && input.st_dev == output.st_dev && input.st_ino == output.st_ino)
            return true;
    }
    return false;
}

void tn_command_note_inputs(const struct tn_scenario_reader *reader)
{
    size_t count = 0;
    const struct tn_scenario_file *files = tn_scenario_files(reader, &count);
    for (size_t i = 0; i < count; i++)
        tn_terminal_note("read %s, %zu bytes", files[i].path, files[i].size);
}

tn_status tn_command_provenance(struct tn_provenance *out, const struct tn_scenario_reader *reader, const char *path,
                                const char *command, struct tn_arena *arena)
{
    size_t count = 0;
    const struct tn_scenario_file *files = tn_scenario_files(reader, &count);
    struct tn_input_file *inputs = tn_arena_alloc(arena, count, sizeof *inputs);
    if (!inputs)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct tn_input_file){.path = files[i].path, .text = files[i].text, .size = files[i].size};
    *out = (struct tn_provenance){.scenario = path,
                                  .title = tn_scenario_get(reader)->title,
                                  .resolved = tn_scenario_resolved(reader, arena),
                                  .command = command,
                                  .inputs = inputs,
                                  .input_count = count,
                                  .threads = 1};
    return out->resolved && command ? TN_OK : TN_ERR_MEMORY;
}

double tn_command_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
