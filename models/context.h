/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CONTEXT_H
#define TN_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "status.h"

/* A place in a file. line and column count from 1; 0 means unknown. */
struct tn_place {
    const char *file;
    int line;
    int column;
    int length;         /* columns to underline, at least 1 */
    const char *source; /* text of the line, or NULL */
};

enum tn_severity { TN_SEVERITY_ERROR, TN_SEVERITY_WARNING };

struct tn_diagnostic {
    enum tn_severity severity;
    struct tn_place place;
    const char *text;
    const char *hint; /* or NULL */
};

/* The caller's bag for diagnostics. A zeroed struct is valid and empty; one per thread. */
struct tn_context {
    struct tn_arena arena;
    struct tn_diagnostic *diagnostics;
    size_t count;
    size_t allocated;
    size_t errors;
    /* Finds the place in the user's files of a field's address (as given to tn_report). May be NULL. */
    bool (*locate)(struct tn_place *place_out, const void *where, void *payload);
    void *payload;
    /* Told how far a long computation has come: `done` of `all` that it counts at the moment, such as "descents"; one
       count follows the other. Called by any thread, but by one at a time. May be NULL. */
    void (*progress)(size_t done, size_t all, const char *what, void *payload);
    void *progress_payload;
};

/* Adds a diagnostic about the field at address `where` (NULL: about nothing in particular). hint may be NULL. Texts are
   copied. Returns TN_ERR_INPUT so that a caller can `return tn_error(...)`. */
tn_status tn_error(struct tn_context *ctx, const void *where, const char *hint, const char *format, ...)
    TN_PRINTF(4, 5);
void tn_warning(struct tn_context *ctx, const void *where, const char *hint, const char *format, ...) TN_PRINTF(4, 5);

/* The same for a known place (copied). */
tn_status tn_error_at(struct tn_context *ctx, const struct tn_place *place, const char *hint, const char *format, ...)
    TN_PRINTF(4, 5);

void tn_warning_at(struct tn_context *ctx, const struct tn_place *place, const char *hint, const char *format, ...)
    TN_PRINTF(4, 5);

/* Tells ctx->progress, if it wants to know. */
void tn_context_progress(const struct tn_context *ctx, size_t done, size_t all, const char *what);

void tn_context_clear(struct tn_context *ctx);

#endif
