/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SWEEP_OLD_H
#define TN_SWEEP_OLD_H

#include "sweep_job.h"

/* Rows of an earlier run of a sweep whose scenario has changed since: those whose points have the same inputs as
   before are taken over. */
struct tn_sweep_old {
    struct tn_rows **sets;
    size_t set_count;
    struct tn_sweep_old_row *rows; /* open addressing by id; size a power of two */
    size_t size, count;
};

/* Reads chunks of other plans and a whole file of another plan. What cannot be read counts as not there. */
tn_status tn_sweep_old_read(struct tn_sweep_old *out, const struct tn_sweep_job *job);
/* The row of that id: its rows and index in them, or NULL. */
const struct tn_rows *tn_sweep_old_find(size_t *index_out, const struct tn_sweep_old *old, uint64_t id);
void tn_sweep_old_clear(struct tn_sweep_old *old);

#endif
