/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Bytes of the character that begins here, and its code point; 1 byte and U+FFFD for what is none (RFC 3629). */
static size_t character(const unsigned char *text, size_t left, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned first = text[0];
    const size_t length = first < 0x80   ? 1
                          : first < 0xC2 ? 0
                          : first < 0xE0 ? 2
                          : first < 0xF0 ? 3
                          : first < 0xF5 ? 4
                                         : 0;
    *point = length == 1 ? first : length == 2 ? first & 0x1Fu : length == 3 ? first & 0x0Fu : first & 0x07u;
    bool good = length > 0 && length <= left;
    for (size_t i = 1; good && i < length; i++) {
        good = (text[i] & 0xC0u) == 0x80;
        *point = *point << 6 | (text[i] & 0x3Fu);
    }
    if (good && *point >= least[length] && *point <= 0x10FFFF && (*point < 0xD800 || *point > 0xDFFF))
        return length;
    *point = 0xFFFD;
    return 1;
}

static bool is_control(uint32_t point)
{
    const bool white = point == '\t' || point == '\n';
    return (point < 0x20 && !white) || (point >= 0x7F && point < 0xA0) || (point & 0xFFFEu) == 0xFFFE ||
           (point >= 0xFDD0 && point <= 0xFDEF);
}

static void put_character(FILE *out, const char *bytes, size_t length, uint32_t point)
{
    if (point == 0xFFFD)
        fputs("\xEF\xBF\xBD", out);
    else
        fwrite(bytes, 1, length, out);
}

static const char *entity(uint32_t point)
{
    switch (point) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void tn_html_text(FILE *out, const char *text)
{
    const size_t length = text ? strlen(text) : 0;
    for (size_t i = 0, step; i < length; i += step) {
        uint32_t point;
        step = character((const unsigned char *)text + i, length - i, &point);
        const char *named = entity(point);
        if (named)
            fputs(named, out);
        else if (!is_control(point))
            put_character(out, text + i, step, point);
    }
}

void tn_html_json(FILE *out, const char *text, size_t length)
{
    fputc('"', out);
    for (size_t i = 0, step; i < length; i += step) {
        uint32_t point;
        step = character((const unsigned char *)text + i, length - i, &point);
        if (point < 0x20 || (point < 0x80 && strchr("\"\\<>&", (int)point)))
            fprintf(out, "\\u%04x", (unsigned)point);
        else if (!is_control(point))
            put_character(out, text + i, step, point);
    }
    fputc('"', out);
}
