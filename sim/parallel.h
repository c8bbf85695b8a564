/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PARALLEL_H
#define TN_PARALLEL_H

#include "context.h"

/* Work on one index, by any thread; it writes where no other index does. Scratch is empty and cleared afterwards. */
typedef tn_status tn_parallel_task(size_t index, void *payload, struct tn_arena *scratch, struct tn_context *ctx);

/* The task for 0 to count - 1 on all cores. Of several errors the one of the smallest index counts, whatever the order;
   its text goes to ctx. So does the progress, after each task, as so many `what` ("replicates"); a task that is alone
   tells its own. */
tn_status tn_parallel(size_t count, const char *what, tn_parallel_task *task, void *payload, struct tn_context *ctx);

#endif
