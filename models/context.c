/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "context.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Where there is no memory left for the text of an error, this says at least that there was one. */
static const char no_memory[] = "out of memory";

static void add(struct tn_context *ctx, enum tn_severity severity, const struct tn_place *place, const char *hint,
                const char *format, va_list arguments)
{
    if (severity == TN_SEVERITY_ERROR)
        ctx->errors++;
    if (ctx->count == ctx->allocated) {
        size_t allocated = ctx->allocated == 0 ? 16 : 2 * ctx->allocated;
        struct tn_diagnostic *grown = realloc(ctx->diagnostics, allocated * sizeof *grown);
        if (grown == NULL)
            return;
        ctx->diagnostics = grown;
        ctx->allocated = allocated;
    }
    struct tn_diagnostic *diagnostic = &ctx->diagnostics[ctx->count++];
    *diagnostic = (struct tn_diagnostic){.severity = severity, .place = *place};
    const char *text = tn_arena_vprintf(&ctx->arena, format, arguments);
    diagnostic->text = text != NULL ? text : no_memory;
    diagnostic->hint = hint == NULL ? NULL : tn_arena_copy(&ctx->arena, hint, strlen(hint));
}

static struct tn_place locate(const struct tn_context *ctx, const void *where)
{
    struct tn_place place = {0};
    if (where != NULL && ctx->locate != NULL && !ctx->locate(&place, where, ctx->payload))
        place = (struct tn_place){0};
    return place;
}

tn_status tn_error(struct tn_context *ctx, const void *where, const char *hint, const char *format, ...)
{
    struct tn_place place = locate(ctx, where);
    va_list arguments;
    va_start(arguments, format);
    add(ctx, TN_SEVERITY_ERROR, &place, hint, format, arguments);
    va_end(arguments);
    return TN_ERR_INPUT;
}

void tn_warning(struct tn_context *ctx, const void *where, const char *hint, const char *format, ...)
{
    struct tn_place place = locate(ctx, where);
    va_list arguments;
    va_start(arguments, format);
    add(ctx, TN_SEVERITY_WARNING, &place, hint, format, arguments);
    va_end(arguments);
}

tn_status tn_error_at(struct tn_context *ctx, const struct tn_place *place, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(ctx, TN_SEVERITY_ERROR, place, hint, format, arguments);
    va_end(arguments);
    return TN_ERR_INPUT;
}

void tn_warning_at(struct tn_context *ctx, const struct tn_place *place, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(ctx, TN_SEVERITY_WARNING, place, hint, format, arguments);
    va_end(arguments);
}

void tn_context_progress(const struct tn_context *ctx, size_t done, size_t all, const char *what)
{
    if (ctx->progress != NULL)
        ctx->progress(done, all, what, ctx->progress_payload);
}

void tn_context_clear(struct tn_context *ctx)
{
    free(ctx->diagnostics);
    tn_arena_clear(&ctx->arena);
    ctx->diagnostics = NULL;
    ctx->count = ctx->allocated = ctx->errors = 0;
}
