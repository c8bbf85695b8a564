/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RUN_BATCH_H
#define TN_RUN_BATCH_H

#include "run.h"

/* Many train runs at once, one in each lane of SIMD registers; a lane whose train has arrived takes the next one. What
   a train does there does not depend on its neighbours, their number or order, nor on the instruction set, and follows
   tn_run_solve step by step, so that both agree to rounding (1e-12). */

/* Whether the request is for lanes: a summary without trace, follower, simulated air brake or final speed, of a train
   whose resistance has no aslant wind in it (weather.wind.yaw_gain). It depends on nothing but the request. */
bool tn_run_batch_takes(const struct tn_run_request *request);

/* Names of the instruction sets that this machine has, the plainest first, then NULL. */
#define TN_RUN_BATCH_SETS 4
void tn_run_batch_sets(const char *names[TN_RUN_BATCH_SETS]);

/* Runs all requests, none of which may be one that is not taken (TN_ERR_INTERNAL). One run, one status and one reason
   a request; a reason is NULL or lives in the arena, as the arrays of the runs do. `set`: an instruction set by name;
   NULL: the best there is, TN_ERR_INPUT if this machine does not have it. Returns other than TN_OK only for what is
   wrong with the whole. */
tn_status tn_run_batch_solve(struct tn_run *runs, tn_status *statuses, const char **reasons,
                             const struct tn_run_request *requests, size_t count, const char *set,
                             struct tn_arena *arena);

#endif
