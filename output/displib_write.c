/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "displib_write.h"

#include "whole_file.h"

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
    struct tn_whole_file file;
    const tn_status status = tn_whole_file_open(&file, path, &ctx->arena, ctx);
    if (status != TN_OK)
        return status;
    print(file.out, solution);
    return tn_whole_file_close(&file);
}
