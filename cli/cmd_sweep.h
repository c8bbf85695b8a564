/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CMD_SWEEP_H
#define TN_CMD_SWEEP_H

#include <stdio.h>

#include "opt.h"

/* What comes behind `tonnage sweep`: status, verify, merge, slurm. NULL: none of them. */
const struct tn_verb *tn_sweep_part(const char *name);
void tn_sweep_print_parts(FILE *out);
/* What a finished sweep says: its sensitivity indices, if it has any. Returns the exit status. */
int tn_sweep_show(const char *path);

extern const struct tn_verb tn_verb_sweep_slurm;

#endif
