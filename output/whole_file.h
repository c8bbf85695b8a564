/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_WHOLE_FILE_H
#define TN_WHOLE_FILE_H

#include <stdio.h>

#include "context.h"

/* A text file that appears under its name when it is whole: written to PATH.part, synced, renamed. */
struct tn_whole_file {
    FILE *out; /* to print to */
    const char *path, *part;
    struct tn_context *ctx;
};

/* TN_ERR_IO, reported, if PATH is a folder, a device or a pipe, or cannot be written. Paths live in the arena. */
tn_status tn_whole_file_open(struct tn_whole_file *file, const char *path, struct tn_arena *arena,
                             struct tn_context *ctx);
/* Closes it and gives it its name; after a failure of any print nothing is left, and the reason is reported. */
tn_status tn_whole_file_close(struct tn_whole_file *file);
/* Drops it; does nothing if it is closed. */
void tn_whole_file_abandon(struct tn_whole_file *file);

#endif
