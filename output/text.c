/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { FIRST_ROOM = 1 << 14 };

void tn_text_number(char buffer[TN_TEXT_NUMBER], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, TN_TEXT_NUMBER, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    for (char *c = buffer; *c; c++)
        if (!strchr("0123456789+-einfa", *c))
            *c = '.';
}

/* Of the character that begins with this byte: 0 for the later bytes of one, 2 for the wide ones of East Asia (Unicode
   TR 11: Hangul Jamo, CJK to Yi, Hangul, compatibility ideographs, full-width forms, the supplementary planes 2 and 3).
 */
static size_t columns_of(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    if ((*c & 0xC0u) == 0x80u)
        return 0;
    unsigned point = 0;
    if (*c >= 0xF0u && c[1] && c[2])
        return *c == 0xF0u && (c[1] & 0xE0u) == 0xA0u ? 2 : 1;
    if (*c >= 0xE0u && c[1] && c[2])
        point = (*c & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu);
    bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF && point != 0x303F) ||
                (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                (point >= 0xFF00 && point <= 0xFF60) || (point >= 0xFFE0 && point <= 0xFFE6);
    return wide ? 2 : 1;
}

void tn_text_put_csv(FILE *out, const char *text)
{
    if (text == NULL)
        return;
    if (strcspn(text, ",\"\r\n") == strlen(text)) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        putc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
        if (*text == '"')
            putc('"', out);
    }
    putc('"', out);
}

/* Not open_memstream: what glibc's has no memory for goes missing without an error. */
tn_status tn_text_made(struct tn_text_file *out, const char *name, void (*put)(FILE *out, const void *payload),
                       const void *payload, struct tn_arena *arena)
{
    char *text = NULL;
    long size = -1;
    for (size_t room = FIRST_ROOM; size < 0; room *= 4) {
        text = tn_arena_alloc(arena, room + 1, 1);
        FILE *stream = text ? fmemopen(text, room, "w") : NULL;
        if (!stream)
            return TN_ERR_MEMORY;
        put(stream, payload);
        const bool whole = !fflush(stream) && !ferror(stream);
        size = whole ? ftell(stream) : -1;
        (void)fclose(stream);
    }
    *out = (struct tn_text_file){name, text, (size_t)size};
    return arena->failed ? TN_ERR_MEMORY : TN_OK;
}

size_t tn_text_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += columns_of(text);
    return width;
}

char *tn_text_plain(const char *text, struct tn_arena *arena)
{
    if (!text)
        text = "";
    char *copy = tn_arena_copy(arena, text, strlen(text));
    for (char *c = copy; c && *c; c++) {
        unsigned char byte = (unsigned char)*c;
        bool c1 = byte == 0xC2 && (unsigned char)c[1] < 0xA0 && c[1]; /* U+0080 to U+009F */
        if (byte < 0x20 || byte == 0x7F)
            *c = ' ';
        else if (c1)
            *c = ' ', c[1] = ' ';
    }
    return copy;
}

/* Where the line that begins at text ends. */
static const char *line_end(const char *text, size_t width)
{
    const char *space = NULL;
    size_t columns = 0;
    for (const char *c = text; *c; c++) {
        if (*c == ' ')
            space = c;
        columns += columns_of(c);
        if (columns > width && columns_of(c))
            return space && space > text ? space : c;
    }
    return text + strlen(text);
}

tn_status tn_text_wrap(struct tn_list *lines_out, const char *text, size_t width, struct tn_arena *arena)
{
    size_t most = strlen(text) / 2 + 2;
    const char **lines = tn_arena_alloc(arena, most, sizeof *lines);
    if (!lines)
        return TN_ERR_MEMORY;
    size_t count = 0;
    while (*text && count < most) {
        const char *end = line_end(text, width > 2 ? width : 2);
        lines[count] = tn_arena_copy(arena, text, (size_t)(end - text));
        if (!lines[count++])
            return TN_ERR_MEMORY;
        for (text = end; *text == ' ';)
            text++;
    }
    *lines_out = (struct tn_list){lines, count};
    return TN_OK;
}

const char *tn_text_stem(const char *name, enum tn_quantity quantity, struct tn_arena *arena)
{
    /* "m s-1" is written _m_s at the end of a name */
    char suffix[32] = "_";
    size_t length = 1;
    for (const char *c = tn_quantity_si(quantity); c && *c && length < sizeof suffix - 1; c++) {
        if (*c == '-')
            while (c[1] && c[1] != ' ')
                c++;
        else
            suffix[length++] = *c == ' ' ? '_' : *c;
    }
    suffix[length] = '\0';
    size_t whole = strlen(name);
    if (length > 1 && whole > length && strcmp(name + whole - length, suffix) == 0)
        whole -= length;
    char *stem = tn_arena_copy(arena, name, whole);
    for (char *c = stem; c && *c; c++)
        if (*c == '_')
            *c = ' ';
    return stem;
}

static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]) && fabs(values[i]) > most)
            most = fabs(values[i]);
    return most;
}

static void scale_time(struct tn_text_scale *scale, double most)
{
    scale->unit = "s";
    scale->factor = 1;
    if (most >= 7200) {
        scale->clock = true;
        scale->unit = "h:mm:ss";
    } else if (most >= 120) {
        scale->unit = "min";
        scale->factor = 60;
    }
}

struct tn_text_scale tn_text_scale_of(enum tn_quantity quantity, const double *values, size_t count)
{
    double most = largest(values, count);
    const struct tn_unit *unit = tn_unit_display(quantity);
    struct tn_text_scale scale = {"", 1, 0, 0, false};
    if (unit) {
        scale.unit = unit->name;
        scale.factor = unit->factor;
        scale.offset = unit->offset;
    }
    if (quantity == TN_Q_TIME)
        scale_time(&scale, most);
    else if (quantity == TN_Q_MASS && most >= 1e9)
        scale = (struct tn_text_scale){"Mt", 1e9, 0, 0, false};
    else if (quantity == TN_Q_MASS && most > 0 && most < 1e3)
        scale = (struct tn_text_scale){"kg", 1, 0, 0, false};
    else if (quantity == TN_Q_LENGTH && most >= 1e4)
        scale = (struct tn_text_scale){"km", 1e3, 0, 0, false};
    if (strcmp(scale.unit, "1") == 0)
        scale.unit = "";
    double shown = fabs((most - scale.offset) / scale.factor);
    bool time = quantity == TN_Q_TIME && shown >= 1; /* 38.5 min, 37.0 s */
    if (shown >= 1000 && !time)
        scale.decimals = strcmp(scale.unit, "km") == 0;
    else if (shown >= 100 || time)
        scale.decimals = 1;
    else if (shown >= 10)
        scale.decimals = 2;
    else if (shown >= 0.1 || shown == 0)
        scale.decimals = 3;
    else
        scale.decimals = -1; /* too small for fixed decimals */
    return scale;
}

static char *clock_text(double seconds, struct tn_arena *arena)
{
    const char *sign = seconds < 0 ? "-" : "";
    long whole = lround(fabs(seconds));
    return tn_arena_printf(arena, "%s%ld:%02ld:%02ld", sign, whole / 3600, whole / 60 % 60, whole % 60);
}

char *tn_text_value(double value, const struct tn_text_scale *scale, struct tn_arena *arena)
{
    if (isnan(value))
        return tn_arena_copy(arena, "-", 1);
    if (isinf(value))
        return tn_arena_printf(arena, "%sunlimited", value < 0 ? "-" : "");
    if (scale->clock)
        return clock_text(value, arena);
    double shown = (value - scale->offset) / scale->factor;
    char digits[400];
    if (scale->decimals < 0)
        snprintf(digits, sizeof digits, "%.3g", shown);
    else
        snprintf(digits, sizeof digits, "%.*f", scale->decimals, shown);
    if (digits[0] == '-' && !digits[strspn(digits, "-0.")]) /* what rounds to nothing has no sign */
        memmove(digits, digits + 1, strlen(digits));
    size_t start = digits[0] == '-', end = start + strspn(digits + start, "0123456789");
    size_t length = strlen(digits);
    char *text = tn_arena_alloc(arena, length + (end - start) / 3 + 1, 1);
    if (!text)
        return NULL;
    size_t to = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > start && i < end && (end - i) % 3 == 0)
            text[to++] = ',';
        text[to++] = digits[i];
    }
    return text;
}

enum tn_quantity tn_text_quantity_named(const char *name)
{
    for (int q = TN_Q_NONE + 1; name && q < TN_Q_COUNT; q++)
        if (strcmp(tn_quantity_name((enum tn_quantity)q), name) == 0)
            return (enum tn_quantity)q;
    return TN_Q_NONE;
}

enum tn_quantity tn_text_quantity(const char *si_unit)
{
    for (int q = TN_Q_NONE + 1; si_unit && q < TN_Q_COUNT; q++) {
        const char *own = tn_quantity_si((enum tn_quantity)q);
        if (own && strcmp(own, "1") != 0 && strcmp(own, si_unit) == 0)
            return (enum tn_quantity)q;
    }
    return TN_Q_NONE;
}

/* The SI unit as people write it: m/s, not m s-1. */
static const char *plain_unit(enum tn_quantity quantity)
{
    const char *si = tn_quantity_si(quantity);
    for (const struct tn_unit *unit = tn_units; unit->name; unit++)
        if (unit->quantity == quantity && unit->factor == 1 && unit->offset == 0)
            return strcmp(si, "1") == 0 ? "" : unit->name;
    return strcmp(si, "1") == 0 ? "" : si;
}

const char *tn_text_result(const struct tn_field *field, double value, const char **unit_out, struct tn_arena *arena)
{
    *unit_out = "";
    if (field->flags & TN_PRECISE && isfinite(value)) {
        *unit_out = plain_unit(field->quantity);
        return tn_arena_printf(arena, "%.4g", value + 0.0);
    }
    struct tn_text_scale scale = tn_text_scale_of(field->quantity, &value, 1);
    if (isfinite(value))
        *unit_out = scale.unit;
    char *text = tn_text_value(value, &scale, arena);
    if (text && strchr(text, '.') && !strchr(text, 'e')) {
        size_t length = strlen(text);
        while (text[length - 1] == '0')
            text[--length] = '\0';
        if (text[length - 1] == '.')
            text[length - 1] = '\0';
    }
    return text;
}

const char *tn_text_member(const struct tn_field *field, const void *member, struct tn_arena *arena)
{
    switch (field->type) {
    case TN_INTEGER:
        return tn_arena_printf(arena, "%d", *(const int *)member);
    case TN_BOOL:
        return *(const bool *)member ? "yes" : "no";
    case TN_CHOICE: {
        int index = *(const int *)member;
        return index < 0 ? NULL : field->choice(index);
    }
    case TN_STRING:
        return *(const char *const *)member;
    case TN_REF:
        return ((const struct tn_ref *)member)->id;
    default:
        return NULL;
    }
}
