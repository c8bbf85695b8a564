/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DISPLIB_WRITE_H
#define TN_DISPLIB_WRITE_H

#include "dispatch.h"

/* Writes a solution as DISPLIB has it, JSON with an event a line. Written to PATH.part, synced, renamed: the file
   appears when it is whole; nothing is left on failure. */
tn_status tn_displib_write(const char *path, const struct tn_dispatch_solution *solution, struct tn_context *ctx);

#endif
