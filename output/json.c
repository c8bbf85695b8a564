/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "results.h"
#include "text.h"

/* Bytes of the valid UTF-8 sequence at text, 0 if it is none. */
static size_t sequence(const unsigned char *text)
{
    size_t length = *text < 0x80                    ? 1
                    : *text >= 0xC2 && *text < 0xE0 ? 2
                    : (*text & 0xF0u) == 0xE0       ? 3
                    : *text >= 0xF0 && *text < 0xF5 ? 4
                                                    : 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0u) != 0x80u)
            return 0;
    if (length == 3 && ((text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] >= 0xA0)))
        return 0;
    if (length == 4 && ((text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] >= 0x90)))
        return 0;
    return length;
}

static void put_text(FILE *out, const char *text)
{
    if (!text) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        size_t length = sequence(c);
        if (length == 0)
            fputs("\\ufffd", out);
        else if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7F)
            fprintf(out, "\\u%04x", *c);
        else
            fwrite(c, 1, length, out);
        c += length ? length : 1;
    }
    fputc('"', out);
}

static void put_number(FILE *out, double value)
{
    char digits[TN_TEXT_NUMBER];
    if (!isfinite(value)) {
        fputs("null", out);
        return;
    }
    tn_text_number(digits, value);
    fputs(digits, out);
}

static void put_object(FILE *out, const struct tn_schema *schema, const void *object);

static void put_list(FILE *out, const struct tn_schema *sub, const struct tn_list *list)
{
    fputc('[', out);
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? ",\n        " : "\n        ", out);
        put_object(out, sub, (const char *)list->items + i * sub->size);
    }
    fputs(list->count ? "\n      ]" : "]", out);
}

static void put_member(FILE *out, const struct tn_field *field, const void *member)
{
    switch (field->type) {
    case TN_NUMBER:
        put_number(out, *(const double *)member);
        break;
    case TN_INTEGER:
        fprintf(out, "%d", *(const int *)member);
        break;
    case TN_BOOL:
        fputs(*(const bool *)member ? "true" : "false", out);
        break;
    case TN_STRUCT:
        put_object(out, field->sub, member);
        break;
    case TN_LIST:
        put_list(out, field->sub, member);
        break;
    case TN_NUMBERS: {
        const struct tn_list *list = member;
        for (size_t i = 0; i < list->count; i++) {
            fputs(i ? ", " : "[", out);
            put_number(out, ((const double *)list->items)[i]);
        }
        fputs(list->count ? "]" : "[]", out);
        break;
    }
    case TN_VARIANT: {
        const struct tn_variant *variant = member;
        if (variant->schema)
            put_object(out, variant->schema, variant->object);
        else
            fputs("null", out);
        break;
    }
    default:
        put_text(out, tn_text_member(field, member, NULL));
        break;
    }
}

static void put_object(FILE *out, const struct tn_schema *schema, const void *object)
{
    fputc('{', out);
    for (const struct tn_field *field = schema->fields; field->name; field++) {
        fprintf(out, "%s\"%s\": ", field == schema->fields ? "" : ", ", field->name);
        put_member(out, field, (const char *)object + field->offset);
    }
    fputc('}', out);
}

static void put_solved(FILE *out, const struct tn_solved *solved)
{
    const struct tn_result_head *head = solved->result;
    const struct {
        const char *name, *text;
    } first[] = {{"id", solved->id},   {"study", solved->kind->name},  {"train", head->train},
                 {"line", head->line}, {"direction", head->direction}, {"depth", head->depth}};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        fprintf(out, "%s\"%s\": ", i ? ",\n      " : "    {\n      ", first[i].name);
        put_text(out, first[i].text);
    }
    for (const struct tn_field *field = solved->kind->result->fields; field->name; field++) {
        fprintf(out, ",\n      \"%s\": ", field->name);
        if (field->flags & TN_OF_TRAIN && !head->train)
            fputs("null", out);
        else
            put_member(out, field, (const char *)solved->result + field->offset);
    }
    fputs(",\n      \"assumptions\": ", out);
    put_list(out, &tn_assumption_schema, &head->assumptions);
    fputs(",\n      \"verdict\": ", out);
    put_text(out, head->verdict);
    fputs("\n    }", out);
}

tn_status tn_json_print(FILE *out, const char *scenario, const struct tn_solved *solved, size_t count,
                        struct tn_context *ctx)
{
    const char *version = strrchr(tn_version(), ' ');
    fputs("{\n  \"tonnage\": ", out);
    put_text(out, version ? version + 1 : tn_version());
    fputs(",\n  \"scenario\": ", out);
    put_text(out, scenario);
    fputs(",\n  \"results\": [", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ",\n" : "\n", out);
        put_solved(out, &solved[i]);
    }
    fputs(count ? "\n  ]\n}\n" : "]\n}\n", out);
    if (!ferror(out))
        return TN_OK;
    tn_error(ctx, NULL, NULL, "cannot write the results as JSON");
    return TN_ERR_IO;
}
