/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

/* Text of a file may hold anything: control characters must not reach the terminal. */
static void put_clean(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i];
        fputc((c < 0x20 && c != '\t') || c == 0x7f ? '?' : c, out);
    }
}

/* Decodes one character; a broken byte counts as one character of itself. */
static size_t decode(uint32_t *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    const size_t length = s[0] < 0xc0 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    uint32_t code = length == 1 ? s[0] : s[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            *out = s[0];
            return 1;
        }
        code = code << 6 | (s[i] & 0x3fu);
    }
    *out = code;
    return length;
}

/* Columns that a terminal gives a character: 0 for combining marks, 2 for the wide East Asian blocks. */
static int width(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || c == 0xfeff)
        return 0;
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                   (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                   (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x20000 && c <= 0x3fffd)
               ? 2
               : 1;
}

/* Where a line is cut to be shown: it may be as long as a file. */
enum { SHOWN_BEFORE = 100, SHOWN = 160 };

static const char *skip(const char *s, int columns)
{
    uint32_t c;
    for (int i = 0; i < columns && *s; i++)
        s += decode(&c, s);
    return s;
}

/* The line, or the part of it around the place, and carets below. */
static void put_source(FILE *out, const struct tn_place *place, bool colour)
{
    const int before = place->column > SHOWN_BEFORE + 1 ? place->column - 1 - SHOWN_BEFORE : 0;
    const char *from = skip(place->source, before), *to = skip(from, SHOWN), *s = from;
    const char *dots = *from && before > 0 ? "..." : "";
    uint32_t c;
    fprintf(out, "  %s", dots);
    put_clean(out, from, (size_t)(to - from));
    fprintf(out, "%s\n  %*s%s", *to ? "..." : "", (int)strlen(dots), "", colour ? "\033[32m" : "");
    for (int column = before + 1; column < place->column && s < to; column++) {
        s += decode(&c, s);
        if (c == '\t')
            fputc('\t', out);
        else
            fprintf(out, "%*s", width(c), "");
    }
    fputc('^', out);
    int under = -1;
    for (int i = 0; i < place->length && s < to; i++) {
        s += decode(&c, s);
        under += c == '\t' ? 1 : width(c);
    }
    while (under-- > 0)
        fputc('~', out);
    fprintf(out, "%s\n", colour ? "\033[0m" : "");
}

/* A text in full up to what can be read, then its size: a message may quote a value as long as a file. */
static void put_text(FILE *out, const char *text)
{
    enum { TEXT_SHOWN = 600 };
    const size_t length = strlen(text);
    const char *to = skip(text, TEXT_SHOWN);
    put_clean(out, text, (size_t)(to - text));
    if (*to)
        fprintf(out, "... (%zu bytes)", length);
}

static void put_one(FILE *out, const struct tn_diagnostic *d, bool colour)
{
    const struct tn_place *place = &d->place;
    const bool error = d->severity == TN_SEVERITY_ERROR;
    fputs(colour ? "\033[1m" : "", out);
    put_text(out, place->file ? place->file : "tonnage");
    if (place->file && place->line > 0)
        fprintf(out, ":%d:%d", place->line, place->column > 0 ? place->column : 1);
    fprintf(out, ": %s%s:%s ", colour ? (error ? "\033[31m" : "\033[35m") : "", error ? "error" : "warning",
            colour ? "\033[0m" : "");
    put_text(out, d->text);
    fputc('\n', out);
    if (place->file && place->line > 0 && place->source)
        put_source(out, place, colour);
    if (d->hint) {
        fputs("hint: ", out);
        put_text(out, d->hint);
        fputc('\n', out);
    }
}

void tn_diag_print_from(FILE *out, const struct tn_context *ctx, size_t from)
{
    const bool colour = tn_terminal_colour(out), quiet = tn_terminal_quiet();
    size_t errors = 0;
    for (size_t i = from; i < ctx->count; i++) {
        const bool error = ctx->diagnostics[i].severity == TN_SEVERITY_ERROR;
        if ((error && errors++ >= TN_DIAG_ERRORS) || (!error && quiet))
            continue;
        put_one(out, &ctx->diagnostics[i], colour);
    }
    if (errors > TN_DIAG_ERRORS)
        fprintf(out, "tonnage: %zu errors, the first %d shown\n", errors, TN_DIAG_ERRORS);
    fflush(out);
}

void tn_diag_print(FILE *out, const struct tn_context *ctx)
{
    tn_diag_print_from(out, ctx, 0);
}

void tn_diag_say(const char *format, ...)
{
    const bool colour = tn_terminal_colour(stderr);
    va_list args;
    va_start(args, format);
    fputs(colour ? "\033[1mtonnage: \033[31merror:\033[0m " : "tonnage: error: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}
