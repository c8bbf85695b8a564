/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_WHOLE_FOLDER_H
#define TN_WHOLE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "context.h"

/* A folder of text files that appears under its name when it is whole: written beside it, synced, renamed. */
struct tn_whole_folder {
    const char *path, *part;
    const char **names; /* of the files so far */
    size_t count, room;
    bool merge; /* the folder is there: its files of these names are replaced, the others stay */
    struct tn_arena *arena;
    struct tn_context *ctx;
};

/* At most `files` files will be put. TN_ERR_IO, reported, if PATH cannot be made, is no folder, or holds files already
   and replace is false. Paths live in the arena. */
tn_status tn_whole_folder_open(struct tn_whole_folder *folder, const char *path, size_t files, bool replace,
                               struct tn_arena *arena, struct tn_context *ctx);
/* TN_ERR_IO, reported, if it cannot be written. */
tn_status tn_whole_folder_put(struct tn_whole_folder *folder, const char *name, const char *text, size_t size);
/* Gives it its name. A folder that was there gets file by file, each whole. Nothing is left of a failure but files that
   were replaced by then. */
tn_status tn_whole_folder_close(struct tn_whole_folder *folder);
/* Drops it; does nothing if it is closed. */
void tn_whole_folder_abandon(struct tn_whole_folder *folder);

#endif
