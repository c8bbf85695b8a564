/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_FIGURE_H
#define TN_FIGURE_H

#include "h5_read.h"
#include "plot.h"

/* A figure in the making: a gnuplot script and its data, in one visual style. */
struct figure {
    struct h5_reader *file;
    struct tn_arena *arena;
    FILE *script, *data;
    int blocks;          /* of data, so far */
};

/* Okabe and Ito's colours, which colour-blind readers tell apart too. */
#define FIGURE_BLUE "#0072B2"
#define FIGURE_RED "#D55E00"
#define FIGURE_GREEN "#009E73"
#define FIGURE_ORANGE "#E69F00"
#define FIGURE_SKY "#56B4E9"
#define FIGURE_PURPLE "#CC79A7"
#define FIGURE_GREY "#707070"
/* A colour for line i of many. */
const char *figure_colour(size_t i);

/* 'text' as gnuplot reads it, whatever a user wrote into it: nothing in it is run or substituted. */
const char *figure_quote(struct figure *f, const char *text);
/* Heading, a sentence below it, and at the foot the scenario's title and what the group's result rests on. */
void figure_words(struct figure *f, const char *title, const char *sentence, const char *group);

/* Begins a block of data, to be plotted with `index`; heading names its columns. Returns its index. */
int figure_block(struct figure *f, const char *heading);
/* A row of numbers, and after them, where label is not NULL, a text column. */
void figure_row(struct figure *f, const double *values, size_t count, const char *label);

/* "GROUP/NAME", or NAME for the root. */
const char *figure_path(struct figure *f, const char *group, const char *name);
/* A variable as numbers, `count` of them or an empty list. */
const double *figure_numbers(struct figure *f, const char *group, const char *name, size_t count);
/* A scalar; NAN where missing. */
double figure_scalar(struct figure *f, const char *group, const char *name);

/* One a kind. subject: a group, or the slice of a cube. */
tn_status plot_capacity(struct figure *f, const char *subject);
tn_status plot_sections(struct figure *f, const char *subject);
tn_status plot_run(struct figure *f, const char *subject);
tn_status plot_effort(struct figure *f, const char *subject);
/* Slices of a cube of load and pairs; empty where it is none. */
struct tn_list plot_capacity_slices(struct h5_reader *r);

#endif
