/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "whole_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static tn_status fail(struct tn_context *ctx, const char *path, const char *reason)
{
    tn_error(ctx, NULL, NULL, "cannot write '%s': %s", path, reason);
    return TN_ERR_IO;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Something in the folder; an unreadable one counts as full. */
static bool holds_files(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return true;
    bool found = false;
    for (const struct dirent *entry; !found && (entry = readdir(dir)) != NULL;)
        found = !is_dots(entry->d_name);
    closedir(dir);
    return found;
}

/* A new folder beside the path; NULL with errno. */
static const char *make_part(const char *path, struct tn_arena *arena)
{
    for (int i = 0; i < 100; i++) {
        const char *part =
            i == 0 ? tn_arena_printf(arena, "%s.part", path) : tn_arena_printf(arena, "%s.part-%d", path, i);
        if (part != NULL && mkdir(part, 0777) == 0)
            return part;
        if (part == NULL || errno != EEXIST)
            return NULL;
    }
    return NULL;
}

tn_status tn_whole_folder_open(struct tn_whole_folder *folder, const char *path, size_t files, bool replace,
                               struct tn_arena *arena, struct tn_context *ctx)
{
    *folder = (struct tn_whole_folder){.room = files, .arena = arena, .ctx = ctx};
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    const char *clean = tn_arena_copy(arena, path, length);
    folder->names = tn_arena_alloc(arena, files + 1, sizeof *folder->names);
    if (clean == NULL || folder->names == NULL)
        return TN_ERR_MEMORY;
    struct stat old;
    if (length == 0)
        return fail(ctx, path, "it has no name");
    if (stat(clean, &old) == 0) {
        if (!S_ISDIR(old.st_mode))
            return fail(ctx, path, "it is there and not a folder");
        folder->merge = holds_files(clean);
        if (folder->merge && !replace) {
            tn_error(ctx, NULL, "name another folder, or give --replace", "cannot write '%s': it holds files", path);
            return TN_ERR_IO;
        }
    }
    errno = ENOMEM;
    folder->path = clean;
    folder->part = make_part(clean, arena);
    return folder->part != NULL ? TN_OK : fail(ctx, path, strerror(errno));
}

static const char *inside(struct tn_whole_folder *folder, const char *path, const char *name)
{
    return tn_arena_printf(folder->arena, "%s/%s", path, name);
}

tn_status tn_whole_folder_put(struct tn_whole_folder *folder, const char *name, const char *text, size_t size)
{
    const char *path = inside(folder, folder->part, name);
    if (path == NULL || folder->count == folder->room)
        return path == NULL ? TN_ERR_MEMORY : TN_ERR_INTERNAL;
    FILE *out = fopen(path, "wb");
    if (out == NULL)
        return fail(folder->ctx, name, strerror(errno));
    folder->names[folder->count++] = name;
    errno = 0;
    bool whole = fwrite(text, 1, size, out) == size && !fflush(out) && !fsync(fileno(out));
    int reason = errno;
    if (fclose(out) && whole) {
        whole = false;
        reason = errno;
    }
    return whole ? TN_OK : fail(folder->ctx, name, reason != 0 ? strerror(reason) : "writing failed");
}

/* The folder's own entries reach the disk. */
static void sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

static tn_status merge(struct tn_whole_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        const char *from = inside(folder, folder->part, folder->names[i]);
        const char *to = inside(folder, folder->path, folder->names[i]);
        if (from == NULL || to == NULL)
            return TN_ERR_MEMORY;
        if (rename(from, to) != 0)
            return fail(folder->ctx, to, strerror(errno));
    }
    return TN_OK;
}

tn_status tn_whole_folder_close(struct tn_whole_folder *folder)
{
    tn_status status = TN_OK;
    sync_folder(folder->part);
    if (folder->merge)
        status = merge(folder);
    else if (rename(folder->part, folder->path) == 0)
        folder->part = NULL;
    else
        status = fail(folder->ctx, folder->path, strerror(errno));
    tn_whole_folder_abandon(folder);
    return status;
}

void tn_whole_folder_abandon(struct tn_whole_folder *folder)
{
    if (folder->part == NULL)
        return;
    for (size_t i = 0; i < folder->count; i++) {
        const char *path = inside(folder, folder->part, folder->names[i]);
        if (path != NULL)
            (void)unlink(path);
    }
    (void)rmdir(folder->part);
    folder->part = NULL;
}
