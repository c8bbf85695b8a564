/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PLOT_H
#define TN_PLOT_H

#include "results.h"

/* Plots of a results file, through gnuplot: beside FIGURE stand FIGURE's script (.gp) and data (.dat), to restyle and
   run again. No shell is involved. Or as text, for a terminal. */

struct tn_plot_kind {
    const char *name; /* "capacity", "speed-distance", "effort-speed", ... */
    const char *doc;
};
extern const struct tn_plot_kind tn_plot_kinds[]; /* ends with a NULL name */

/* What is wanted; all zero: every kind that the file can give, beside the file. */
struct tn_plot_request {
    const char *kind;      /* NULL: every kind */
    const char *figure;    /* where to; its suffix png, svg or pdf chooses the format; NULL: NAME-KIND.png */
    int columns, lines;    /* greater than 0: as text of that size, without files */
    const char *from, *to; /* stations: this part of the line alone, for the kinds that show trains on it */
    double begin_s, end_s; /* end > begin: these hours alone, since midnight of the first day */
};

struct tn_plotted {
    const char *kind;
    const char *figure;  /* path; the picture may be missing if gnuplot is */
    const char *command; /* how to make it from the script */
    const char *text;    /* the picture itself, with the words around it, where text was asked for */
    bool drawn;
};

/* Draws. A missing gnuplot is a warning and leaves the script (but for text an error, TN_ERR_IO); the list
   (struct tn_plotted) lives in the arena. TN_ERR_INPUT if the kind is unknown, the file cannot give it or no station
   has the name. */
tn_status tn_plot_draw(struct tn_list *plotted_out, const char *results, const struct tn_plot_request *request,
                       struct tn_arena *arena, struct tn_context *ctx);

#endif
