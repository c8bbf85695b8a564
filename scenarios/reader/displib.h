/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISPLIB_H
#define TN_DISPLIB_H

#include "dispatch.h"

/* Problems and solutions of train dispatching as DISPLIB writes them in JSON. Keys that it does not define are passed
   over. Errors go to ctx, each with its place; TN_ERR_INPUT if there was any, TN_ERR_IO if the file cannot be read. */

struct tn_displib; /* a file as read, with all that it owns */

/* On any failure *out is still to be destroyed, after the diagnostics are printed. */
tn_status tn_displib_read_problem(struct tn_displib **out, const char *path, struct tn_context *ctx);
/* *objective_out: the cost that the file claims, -1 if none. */
tn_status tn_displib_read_solution(struct tn_displib **out, int64_t *objective_out, const char *path,
                                   struct tn_context *ctx);
void tn_displib_destroy(struct tn_displib *file);

/* What the file says; empty in a file of the other kind. */
const struct tn_dispatch_problem *tn_displib_problem(const struct tn_displib *file);
const struct tn_dispatch_solution *tn_displib_solution(const struct tn_displib *file);

/* For tn_context.locate: where in the file a train, operation, delay or event stands. payload is the tn_displib. */
bool tn_displib_locate(struct tn_place *place_out, const void *where, void *payload);

#endif
