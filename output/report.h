/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_REPORT_H
#define TN_REPORT_H

#include "context.h"

/* A results file of any kind as one page of HTML that needs nothing else, no network either: what was asked, the
   verdicts in words, the numbers, the plots as SVG whose values can be read by pointer or arrow keys, what the results
   rest on and how well that is known, the scenario as written, and where all comes from. The page allows itself no
   script but its own (Content-Security-Policy). Without gnuplot the page has no plots: a warning.

   Appears under its path when it is whole. TN_ERR_INPUT if `results` is no results file. */
tn_status tn_report_write(const char *path, const char *results, struct tn_context *ctx);

#endif
