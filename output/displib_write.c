/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "displib_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print(FILE *out, const struct tn_dispatch_solution *solution)
{
    fprintf(out, "{\"objective_value\": %lld, \"events\": [", (long long)solution->objective);
    for (int i = 0; i < solution->count; i++)
        fprintf(out, "%s\n{\"time\": %lld, \"train\": %d, \"operation\": %d}", i ? "," : "",
                (long long)solution->events[i].time, solution->events[i].train, solution->events[i].op);
    fputs("\n]}\n", out);
}

tn_status tn_displib_write(const char *path, const struct tn_dispatch_solution *solution, struct tn_context *ctx)
{
    struct stat old;
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) { /* the rename would take its place */
        tn_error(ctx, NULL, NULL, "cannot write '%s': it is %s", path,
                 S_ISDIR(old.st_mode) ? "a folder" : "not a file");
        return TN_ERR_IO;
    }
    const char *part = tn_arena_printf(&ctx->arena, "%s.part", path);
    if (!part)
        return TN_ERR_MEMORY;
    FILE *out = fopen(part, "w");
    bool whole = out != NULL;
    int reason = errno;
    if (out) {
        print(out, solution);
        whole = !fflush(out) && !ferror(out) && !fsync(fileno(out));
        reason = errno;
        if (fclose(out) && whole) {
            whole = false;
            reason = errno;
        }
        if (whole && rename(part, path)) {
            whole = false;
            reason = errno;
        }
        if (!whole)
            (void)unlink(part);
    }
    if (whole)
        return TN_OK;
    tn_error(ctx, NULL, NULL, "cannot write '%s': %s", path, strerror(reason));
    return TN_ERR_IO;
}
