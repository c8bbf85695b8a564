/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_LOSSES_H
#define TN_LOSSES_H

#include "exchange.h"
#include "field.h"

/* The loss report of a conversion: struct tn_loss. */

/* Prints what is not carried, then what is assumed, by kind; at most `most` of a kind. elsewhere: the file that holds
   all of them. TN_ERR_MEMORY: nothing is printed. */
tn_status tn_losses_print(const struct tn_list *losses, size_t most, const char *elsewhere);
/* All of them as a table. */
tn_status tn_losses_csv(struct tn_text_file *out, const struct tn_list *losses, struct tn_arena *arena);

#endif
