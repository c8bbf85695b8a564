/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_READOUT_H
#define TN_READOUT_H

#include <stdbool.h>
#include <stdio.h>

#include "arena.h"

/* What a reader can read off a picture: the rows of its data, and where its graphs lie. The figures record it while
   they write script and data, gnuplot says where the graphs came to lie, and a page's script finds the row that the
   reader points at. */

/* Rows of numbers as they stand in the figure's data. The heading names the columns: "section: km [km], period [min],
   (code)"; what is in round brackets is no reading. */
struct tn_readout_block {
    const char *heading;
    size_t columns, count, room;
    double *values;     /* count rows */
    const char **notes; /* words of a row, or NULL */
};

/* Columns from 1, as gnuplot counts them. */
struct tn_readout_panel {
    int block;
    int x, y;   /* y 0: none */
    int width;  /* of a bar over x; 0: none */
    bool plane; /* the nearest point counts, not the nearest row by x */
    bool placed;
    double left, right, bottom, top;     /* pixels from the left and bottom */
    double x_low, x_high, y_low, y_high; /* what stands there */
};

struct tn_readout {
    struct tn_arena *arena;
    struct tn_readout_block *blocks;
    size_t block_count, block_room;
    struct tn_readout_panel *panels;
    size_t panel_count, panel_room;
    bool failed; /* no memory */
};

void tn_readout_block(struct tn_readout *r, const char *heading);
/* Of the last block; the first row says how many columns there are, missing ones are NAN. */
void tn_readout_row(struct tn_readout *r, const double *values, size_t count, const char *note);
/* Words of the last row, in place of others. */
void tn_readout_note(struct tn_readout *r, const char *note);
/* Returns its number. */
size_t tn_readout_panel(struct tn_readout *r, const struct tn_readout_panel *panel);
/* Takes from gnuplot's words where the panels are: lines "panel N left right bottom top x y ..." */
void tn_readout_place(struct tn_readout *r, const char *words);
/* Whether any panel can be read. */
bool tn_readout_any(const struct tn_readout *r);
/* JSON for a script element: without "<". height: of the picture in pixels. */
void tn_readout_print(FILE *out, const struct tn_readout *r, double height);

#endif
