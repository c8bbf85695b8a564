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
    bool page;             /* as SVG with the words beside it and what can be read off it, without files */
};

struct tn_readout;

struct tn_plotted {
    const char *kind;
    const char *figure;  /* path; the picture may be missing if gnuplot is */
    const char *command; /* how to make it from the script */
    const char *text;    /* the picture itself, where text was asked for (with its words) or a page */
    bool drawn;
    const char *id, *title, *sentence; /* of a page: the subject, its heading and a sentence, which may be NULL */
    double width, height;              /* of a page's picture in its own units, and what of its height is empty */
    double top, bottom;                /* where no words stand */
    const struct tn_readout *readout;
};

/* Whether the path ends as a picture's does: .png, .svg or .pdf. */
bool tn_plot_is_picture(const char *path);

/* Draws. A missing gnuplot is a warning and leaves the script (but for text an error, TN_ERR_IO, and of a page no
   picture); the list
   (struct tn_plotted) lives in the arena. TN_ERR_INPUT if the kind is unknown, the file cannot give it or no station
   has the name. */
tn_status tn_plot_draw(struct tn_list *plotted_out, const char *results, const struct tn_plot_request *request,
                       struct tn_arena *arena, struct tn_context *ctx);

#endif
