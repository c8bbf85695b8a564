/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TERMINAL_H
#define TN_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "status.h"

/* How the command speaks: set once by its options, before and after the verb. */

/* colour: "auto", "always", "never", or NULL for no change; quiet and verbose only ever switch on. */
void tn_terminal_set(const char *colour, bool quiet, bool verbose);
bool tn_terminal_quiet(void);
/* Whether messages on that stream are coloured: as said; else if it is a terminal, and NO_COLOR and TERM do not speak
   against it (no-color.org). */
bool tn_terminal_colour(FILE *out);
/* With --verbose: "tonnage: text" on stderr. */
void tn_terminal_note(const char *format, ...) TN_PRINTF(1, 2);

/* A bar on stderr, only where that is a terminal and not with --quiet, drawn at most ten times a second. */
struct tn_progress {
    const char *unit; /* "points" */
    double start_s, shown_s;
    double told_s; /* of a count that another may follow: when it was told last, and of how many */
    size_t done;
    size_t begun; /* what was done at the start; speed is counted from there */
    bool bar, drawn;
};
void tn_progress_begin(struct tn_progress *progress, const char *unit, size_t begun);
/* "[####    ]  40 %  40 of 100 points, 12.5 a second, 5 s left"; words, or NULL, follow. */
void tn_progress_show(struct tn_progress *progress, size_t done, size_t all, const char *words);
/* The same where one count follows the other, as a study's do: it begins anew where `done` does not grow. What is over
   within half a second is not shown. */
void tn_progress_follow(struct tn_progress *progress, size_t done, size_t all, const char *unit);
/* The same where there is nothing to count: the text alone. */
void tn_progress_say(struct tn_progress *progress, const char *text);
void tn_progress_end(struct tn_progress *progress);

#endif
