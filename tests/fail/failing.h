/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_FAILING_H
#define TN_FAILING_H

#include <stdbool.h>

/* Memory that HDF5 takes for itself is a kind of its own. */
enum fail_kind { FAIL_NOTHING, FAIL_MEMORY, FAIL_HDF5, FAIL_IO };

struct fail_state {
    enum fail_kind kind;
    unsigned long nth, calls;
    const char *name; /* of the call that failed: a constant of the program */
};

/* Before the first call that counts. */
void fail_init(void);

/* Counts a call; whether it is the one to fail. */
bool fail_now(enum fail_kind kind, const char *name);

#endif
