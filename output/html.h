/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_HTML_H
#define TN_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Text that others wrote, into a page: nothing in it is markup or script. Bytes that are no UTF-8 become U+FFFD,
   control characters but tabs and ends of lines are left out. */

/* As text or as the value of a quoted attribute; NULL: nothing. */
void tn_html_text(FILE *out, const char *text);
/* As a JSON string in quotes, safe inside of a script element. */
void tn_html_json(FILE *out, const char *text, size_t length);

#endif
