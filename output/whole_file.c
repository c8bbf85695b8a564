/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "whole_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static tn_status fail(struct tn_context *ctx, const char *path, const char *reason)
{
    tn_error(ctx, NULL, NULL, "cannot write '%s': %s", path, reason);
    return TN_ERR_IO;
}

tn_status tn_whole_file_open(struct tn_whole_file *file, const char *path, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    *file = (struct tn_whole_file){.ctx = ctx};
    struct stat old;
    if (!*path)
        return fail(ctx, path, "it has no name");
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) /* the rename would take its place */
        return fail(ctx, path, S_ISDIR(old.st_mode) ? "it is a folder" : "it is not a file");
    file->path = tn_arena_copy(arena, path, strlen(path));
    file->part = tn_arena_printf(arena, "%s.part", path);
    if (!file->path || !file->part)
        return TN_ERR_MEMORY;
    file->out = fopen(file->part, "w");
    return file->out ? TN_OK : fail(ctx, path, strerror(errno));
}

tn_status tn_whole_file_close(struct tn_whole_file *file)
{
    errno = 0;
    bool whole = !fflush(file->out) && !ferror(file->out) && !fsync(fileno(file->out));
    int reason = errno;
    if (fclose(file->out) && whole) {
        whole = false;
        reason = errno;
    }
    file->out = NULL;
    if (whole && rename(file->part, file->path)) {
        whole = false;
        reason = errno;
    }
    if (whole)
        return TN_OK;
    (void)unlink(file->part);
    return fail(file->ctx, file->path, reason ? strerror(reason) : "writing failed");
}

void tn_whole_file_abandon(struct tn_whole_file *file)
{
    if (!file->out)
        return;
    (void)fclose(file->out);
    file->out = NULL;
    (void)unlink(file->part);
}
