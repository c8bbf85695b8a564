/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "losses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static bool same_kind(const struct tn_loss *a, const struct tn_loss *b)
{
    return a->lost == b->lost && strcmp(a->kind, b->kind) == 0 && strcmp(a->why, b->why) == 0;
}

static int by_kind(const void *left, const void *right)
{
    const struct tn_loss *a = *(const struct tn_loss *const *)left, *b = *(const struct tn_loss *const *)right;
    const int kind = strcmp(a->kind, b->kind), why = strcmp(a->why, b->why);
    return kind != 0 ? kind : why != 0 ? why : (a > b) - (a < b);
}

static void print_one(const struct tn_loss *loss)
{
    const struct tn_place *place = &loss->place;
    printf("    %s", place->file);
    if (place->line > 0)
        printf(":%d:%d", place->line, place->column);
    printf("%s%s\n", *loss->name ? " " : "", loss->name);
}

/* The losses of one kind, which stand beside each other. */
static void print_kind(const struct tn_loss *const *losses, size_t count, size_t most, const char *elsewhere)
{
    printf("  %s", losses[0]->kind);
    if (count > 1)
        printf(" (%zu)", count);
    printf(": %s\n", losses[0]->why);
    for (size_t i = 0; i < count && i < most; i++)
        print_one(losses[i]);
    if (count > most)
        printf("    and %zu more, all in %s\n", count - most, elsewhere);
}

static void print_half(const struct tn_loss **sorted, const struct tn_list *losses, bool lost, size_t most,
                       const char *elsewhere)
{
    const struct tn_loss *rows = losses->items;
    size_t count = 0;
    for (size_t i = 0; i < losses->count; i++)
        if (rows[i].lost == lost)
            sorted[count++] = &rows[i];
    if (lost || count > 0)
        printf("\n%s: %zu\n", lost ? "not carried" : "assumed", count);
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, by_kind);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && same_kind(sorted[i], sorted[next]);)
            next++;
        print_kind(sorted + i, next - i, most, elsewhere);
    }
}

tn_status tn_losses_print(const struct tn_list *losses, size_t most, const char *elsewhere)
{
    const struct tn_loss **sorted = calloc(losses->count + 1, sizeof *sorted);
    if (sorted == NULL)
        return TN_ERR_MEMORY;
    print_half(sorted, losses, true, most, elsewhere);
    print_half(sorted, losses, false, most, elsewhere);
    free(sorted);
    return TN_OK;
}

static void put_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        putc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
        if (*text == '"')
            putc('"', out);
    }
    fputs("\",", out);
}

static void put_table(FILE *stream, const void *payload)
{
    const struct tn_list *losses = payload;
    const struct tn_loss *rows = losses->items;
    fputs("what,kind,name,why,file,line,column\n", stream);
    for (size_t i = 0; i < losses->count; i++) {
        put_quoted(stream, rows[i].lost ? "not carried" : "assumed");
        put_quoted(stream, rows[i].kind);
        put_quoted(stream, rows[i].name);
        put_quoted(stream, rows[i].why);
        put_quoted(stream, rows[i].place.file);
        fprintf(stream, "%d,%d\n", rows[i].place.line, rows[i].place.column);
    }
}

tn_status tn_losses_csv(struct tn_text_file *out, const struct tn_list *losses, struct tn_arena *arena)
{
    return tn_text_made(out, "losses.csv", put_table, losses, arena);
}
