/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DIAG_H
#define TN_DIAG_H

#include <stdio.h>

#include "context.h"

enum { TN_DIAG_ERRORS = 20 };

/* Prints what stands in the bag: place, text, source line with a caret, hint; at most TN_DIAG_ERRORS errors, then their
   number. Colour as terminal.h says; no warnings with --quiet. */
void tn_diag_print(FILE *out, const struct tn_context *ctx);

/* The same for what came after the first `from` diagnostics. */
void tn_diag_print_from(FILE *out, const struct tn_context *ctx, size_t from);

/* One error about nothing in a file: "tonnage: error: text". */
void tn_diag_say(const char *format, ...) TN_PRINTF(1, 2);

#endif
