/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_ARENA_H
#define TN_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "status.h"

/* Memory that is given back all at once. A zeroed struct is a valid, empty arena. Not for sharing between threads. */
struct tn_arena {
    struct tn_arena_block *last;
    bool failed; /* it could not give what was asked for, since it was last empty: something is missing from what it
                    holds */
};

/* Zeroed memory for count objects of the given size, aligned for any type; NULL if there is none or if
   count * size overflows. It lives until tn_arena_clear. */
void *tn_arena_alloc(struct tn_arena *arena, size_t count, size_t size);

/* A copy of the first length bytes of text, NUL-terminated; NULL if there is no memory. */
char *tn_arena_copy(struct tn_arena *arena, const char *text, size_t length);

/* printf and vprintf into the arena; NULL if there is no memory. */
char *tn_arena_printf(struct tn_arena *arena, const char *format, ...) TN_PRINTF(2, 3);
char *tn_arena_vprintf(struct tn_arena *arena, const char *format, va_list arguments) TN_PRINTF(2, 0);

/* Gives everything back; the arena is empty and usable again. */
void tn_arena_clear(struct tn_arena *arena);

#endif
