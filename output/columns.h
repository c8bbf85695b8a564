/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_COLUMNS_H
#define TN_COLUMNS_H

#include "h5.h"

/* The members of a result as variables of a file: nested structs are flattened, their members named struct_member. */
struct tn_column {
    const char *name;
    const struct tn_field *field;
    size_t offset; /* from the begin of the outermost struct */
};

/* List of struct tn_column, in the order of the rows; lists of structs and of numbers included, variants not. */
tn_status tn_columns_of(struct tn_list *columns_out, const struct tn_schema *schema, struct tn_arena *arena);

/* One value an item into an array of tn_h5_type's element; NULL if there is no memory. Choices become words. */
void *tn_column_gather(const struct tn_column *column, const void *items, size_t stride, size_t count,
                       struct tn_arena *arena);
/* One value into its place in such an array; texts are copied. */
tn_status tn_column_store(void *array, size_t index, const struct tn_column *column, const void *item,
                          struct tn_arena *arena);

/* Bytes of an element, and the variable (name, type, units, long name, flags) without its dims. */
size_t tn_column_size(const struct tn_column *column);
struct tn_h5_variable tn_column_variable(const struct tn_column *column);

#endif
