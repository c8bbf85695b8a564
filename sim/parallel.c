/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parallel.h"

#include <stdio.h>

tn_status tn_parallel(size_t count, tn_parallel_task *task, void *payload, struct tn_context *ctx)
{
    tn_status worst = TN_OK;
    size_t worst_at = count;
    char text[300] = "";
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < count; i++) {
        struct tn_arena scratch = {0};
        struct tn_context own = {0};
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
    }
    if (text[0])
        (void)tn_error(ctx, NULL, NULL, "%s", text);
    return worst;
}
