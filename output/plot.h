/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PLOT_H
#define TN_PLOT_H

#include "results.h"

/* Plots of a results file, through gnuplot: beside FIGURE stand FIGURE's script (.gp) and data (.dat), to restyle and
   run again. No shell is involved. */

struct tn_plot_kind {
    const char *name; /* "capacity", "speed-distance", "effort-speed", ... */
    const char *doc;
};
extern const struct tn_plot_kind tn_plot_kinds[]; /* ends with a NULL name */

struct tn_plotted {
    const char *kind;
    const char *figure;  /* path; the picture may be missing if gnuplot is */
    const char *command; /* how to make it from the script */
    bool drawn;
};

/* Draws one kind, or (kind NULL) every kind the file can give. figure: where to (its suffix png, svg or pdf chooses the
   format); NULL: beside the file, as NAME-KIND.png. A missing gnuplot is a warning and leaves the script; the list
   lives in the arena. TN_ERR_INPUT if the kind is unknown or the file cannot give it. */
tn_status tn_plot_draw(struct tn_list *plotted_out, const char *results, const char *kind, const char *figure,
                       struct tn_arena *arena, struct tn_context *ctx);

#endif
