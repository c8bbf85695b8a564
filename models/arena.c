/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define BLOCK_SIZE ((size_t)0) /* each allocation on its own: the sanitizer sees where it ends */
#else
#define BLOCK_SIZE ((size_t)16384)
#endif

struct tn_arena_block {
    struct tn_arena_block *previous;
    size_t used, size;
    max_align_t data[];
};

void *tn_arena_alloc(struct tn_arena *arena, size_t count, size_t size)
{
    const size_t unit = sizeof(max_align_t);
    if (size != 0 && count > (SIZE_MAX / 2 - unit) / size) {
        arena->failed = true;
        return NULL;
    }
    const size_t bytes = count * size, whole = (bytes + unit - 1) / unit * unit;
    struct tn_arena_block *block = arena->last;
    if (block == NULL || block->size - block->used < bytes) {
        size_t capacity = bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE;
        block = malloc(sizeof *block + capacity);
        if (block == NULL) {
            arena->failed = true;
            return NULL;
        }
        *block = (struct tn_arena_block){.previous = arena->last, .used = 0, .size = capacity};
        arena->last = block;
    }
    void *memory = (char *)block->data + block->used;
    block->used = block->size - block->used < whole ? block->size : block->used + whole;
    memset(memory, 0, bytes);
    return memory;
}

char *tn_arena_copy(struct tn_arena *arena, const char *text, size_t length)
{
    char *copy = tn_arena_alloc(arena, length + 1, 1);
    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *tn_arena_vprintf(struct tn_arena *arena, const char *format, va_list arguments)
{
    char most[256]; /* of what is printed, so that it is seldom printed twice */
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(most, sizeof most, format, arguments);
    char *text = length < 0 ? NULL : tn_arena_alloc(arena, (size_t)length + 1, 1);
    if (text != NULL && (size_t)length < sizeof most)
        memcpy(text, most, (size_t)length);
    else if (text != NULL)
        (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *tn_arena_printf(struct tn_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = tn_arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

void tn_arena_clear(struct tn_arena *arena)
{
    while (arena->last != NULL) {
        struct tn_arena_block *previous = arena->last->previous;
        free(arena->last);
        arena->last = previous;
    }
    arena->failed = false;
}
