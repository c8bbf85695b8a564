/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct tn_string *text, size_t more)
{
    if (text->failed)
        return false;
    size_t needed = text->length + more + 1;
    if (needed <= text->allocated)
        return true;
    size_t allocated = 2 * needed + 256;
    char *grown = realloc(text->text, allocated);
    if (grown == NULL) {
        text->failed = true;
        return false;
    }
    text->text = grown;
    text->allocated = allocated;
    return true;
}

void tn_string_bytes(struct tn_string *text, const void *bytes, size_t size)
{
    if (!reserve(text, size))
        return;
    memcpy(text->text + text->length, bytes, size);
    text->length += size;
    text->text[text->length] = '\0';
}

void tn_string_add(struct tn_string *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length >= 0 && reserve(text, (size_t)length)) {
        (void)vsnprintf(text->text + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

const char *tn_string_finish(struct tn_string *text, struct tn_arena *arena)
{
    const char *copy = text->failed ? NULL : tn_arena_copy(arena, text->text == NULL ? "" : text->text, text->length);
    free(text->text);
    *text = (struct tn_string){0};
    return copy;
}

void tn_c_locale_begin(struct tn_c_locale *c)
{
    c->ours = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    c->before = c->ours == NULL ? NULL : uselocale(c->ours);
}

void tn_c_locale_end(struct tn_c_locale *c)
{
    if (c->ours == NULL)
        return;
    uselocale(c->before);
    freelocale(c->ours);
}
