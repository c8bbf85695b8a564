/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_NEAREST_H
#define TN_NEAREST_H

#include <stddef.h>

/* The name that was probably meant by text, or NULL if none is near: at most max(1, length of text / 3) letters wrong,
   capitals ignored. name gives the count names by index; it may give NULL for one to leave out. The first of equals. */
const char *tn_nearest_name(const char *text, const char *(*name)(size_t i, const void *payload), size_t count,
                            const void *payload);

#endif
