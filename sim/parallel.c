/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parallel.h"

#include <stdio.h>

/* Only what somebody waits for takes the lock. */
static void tell(size_t *done, size_t count, const char *what, const struct tn_context *ctx)
{
    if (ctx->progress == NULL || count < 2)
        return;
#pragma omp critical(tn_parallel_progress)
    tn_context_progress(ctx, ++*done, count, what);
}

tn_status tn_parallel(size_t count, const char *what, tn_parallel_task *task, void *payload, struct tn_context *ctx)
{
    size_t done = 0;
    tn_status worst = TN_OK;
    size_t worst_at = count;
    char text[300] = "";
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < count; i++) {
        struct tn_arena scratch = {0};
        struct tn_context own = {.progress = count < 2 ? ctx->progress : NULL,
                                 .progress_payload = ctx->progress_payload};
        tn_status status = task(i, payload, &scratch, &own);
        if (status != TN_OK) {
#pragma omp critical(tn_parallel_worst)
            if (i < worst_at) {
                worst = status;
                worst_at = i;
                snprintf(text, sizeof text, "%s", own.count ? own.diagnostics[own.count - 1].text : "");
            }
        }
        tn_context_clear(&own);
        tn_arena_clear(&scratch);
        tell(&done, count, what, ctx);
    }
    if (text[0])
        (void)tn_error(ctx, NULL, NULL, "%s", text);
    return worst;
}
