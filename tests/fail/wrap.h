/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_WRAP_H
#define TN_WRAP_H

#include <errno.h>

#include "failing.h"

/* The linker (--wrap) sends the calls of tonnage's own files to these, not those between libraries. The counters are
   those of one thread: what runs here runs on one. */

static inline bool fails(enum fail_kind kind, const char *name)
{
    if (!fail_now(kind, name))
        return false;
    errno = kind == FAIL_MEMORY ? ENOMEM : EIO;
    return true;
}

#define WRAP(kind, type, name, parameters, arguments, failed)                                                          \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return fails(kind, #name) ? (failed) : __real_##name arguments;                                                \
    }

#endif
