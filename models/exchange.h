/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_EXCHANGE_H
#define TN_EXCHANGE_H

#include "context.h"

/* What conversions hand over. */

struct tn_text_file {
    const char *name;
    const char *text;
    size_t size;
};

/* Something that did not come along, or that had to be assumed. */
struct tn_loss {
    bool lost;        /* false: assumed */
    const char *kind; /* "signal": losses of a kind belong together */
    const char *name; /* of this one; "" where it has none */
    const char *why;
    struct tn_place place; /* where it stands in its file */
};

#endif
