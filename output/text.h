/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TEXT_H
#define TN_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "exchange.h"
#include "field.h"
#include "status.h"

/* Words and numbers as text, for all writers of this folder. */

#define TN_TEXT_NUMBER 40

/* The shortest decimal that reads back as the same double, with a point whatever the locale. "nan", "inf" as printf. */
void tn_text_number(char buffer[TN_TEXT_NUMBER], double value);

/* Prints a field of a CSV table, in quotes where it needs them; line breaks become spaces. NULL: nothing. */
void tn_text_put_csv(FILE *out, const char *text);

/* What `put` prints, as the text of a file in the arena, with a NUL behind it. It may be called again where there was
   no room for all of it. TN_ERR_MEMORY if there is none, for the text or for what `put` takes from the arena. */
tn_status tn_text_made(struct tn_text_file *out, const char *name, void (*put)(FILE *out, const void *payload),
                       const void *payload, struct tn_arena *arena);

/* Columns on a terminal: code points, not bytes, and two for each that is wide. */
size_t tn_text_width(const char *text);

/* A copy with every control character as a space, so that a title can move no cursor and end no line. NULL: "". */
char *tn_text_plain(const char *text, struct tn_arena *arena);

/* Splits at spaces into lines of at most `width` columns: list of const char *. */
tn_status tn_text_wrap(struct tn_list *lines_out, const char *text, size_t width, struct tn_arena *arena);

/* A field's name without the unit at its end: "speed" for speed_m_s. */
const char *tn_text_stem(const char *name, enum tn_quantity quantity, struct tn_arena *arena);

/* How a column of values is shown: in which unit and with how many decimals. */
struct tn_text_scale {
    const char *unit;      /* "" for none */
    double factor, offset; /* shown = (SI - offset) / factor */
    int decimals;
    bool clock; /* h:mm:ss */
};
/* Scale that suits the largest of the values. */
struct tn_text_scale tn_text_scale_of(enum tn_quantity quantity, const double *values, size_t count);
/* The value with thousands separators; "-" for NAN, "unlimited" for infinity. NULL if there is no memory. */
char *tn_text_value(double value, const struct tn_text_scale *scale, struct tn_arena *arena);

/* The quantity whose SI unit that is, as files write it; TN_Q_NONE for none. */
enum tn_quantity tn_text_quantity(const char *si_unit);
/* The quantity of that name ("grade"); TN_Q_NONE for another, or none. */
enum tn_quantity tn_text_quantity_named(const char *name);

/* A number of a result that stands alone, with *unit_out ("" for none) and without needless zeros; NULL if there is no
   memory. */
const char *tn_text_result(const struct tn_field *field, double value, const char **unit_out, struct tn_arena *arena);

/* An int, bool or choice member as words; a string or the id of a reference; NULL where not given. */
const char *tn_text_member(const struct tn_field *field, const void *member, struct tn_arena *arena);

#endif
