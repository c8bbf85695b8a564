/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CMD_SWEEP_H
#define TN_CMD_SWEEP_H

#include "opt.h"

/* What comes behind `tonnage sweep`: status, verify, merge, slurm. Ended by NULL. */
extern const struct tn_verb *const tn_sweep_parts[];
/* What a finished sweep says: its sensitivity indices, if it has any. Returns the exit status. */
int tn_sweep_show(const char *path);

extern const struct tn_verb tn_verb_sweep_slurm;

#endif
