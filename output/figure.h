/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_FIGURE_H
#define TN_FIGURE_H

#include "h5_read.h"
#include "plot.h"
#include "readout.h"

/* A figure in the making: a gnuplot script and its data, in one visual style. */
struct tn_figure {
    struct tn_h5_reader *file;
    struct tn_arena *arena;
    FILE *script, *data;
    int blocks; /* of data, so far */
    const struct tn_plot_request *request;
    double unit;                         /* height of the usual picture over this one's */
    const char *title, *sentence, *foot; /* of a picture that has its words around it, in text or in a page */
    struct tn_readout *readout;          /* of a picture for a page; else NULL */
};

/* Okabe and Ito's colours, which colour-blind readers tell apart too. */
#define TN_BLUE   "#0072B2"
#define TN_RED    "#D55E00"
#define TN_GREEN  "#009E73"
#define TN_ORANGE "#E69F00"
#define TN_SKY    "#56B4E9"
#define TN_PURPLE "#CC79A7"
#define TN_GREY   "#707070"
/* A colour for line i of many. */
const char *tn_figure_colour(size_t i);

/* 'text' as gnuplot reads it, whatever a user wrote into it: nothing in it is run or substituted. */
const char *tn_figure_quote(struct tn_figure *f, const char *text);
/* "5,200" of 5.2e6 kg. */
const char *tn_figure_tonnes(struct tn_figure *f, double mass_kg);
/* Heading, a sentence below it, and at the foot the scenario's title and what the group's result rests on. Defines the
   script's `dot`, the size of a point that stands out. */
void tn_figure_words(struct tn_figure *f, const char *title, const char *sentence, const char *group);

/* The key in so many rows between the words and the graph, whose top margin it sets so that `free` more rows have room.
 */
void tn_figure_key(struct tn_figure *f, int rows, int free);

/* Begins a block of data, to be plotted with `index`; heading names its columns. Returns its index. */
int tn_figure_block(struct tn_figure *f, const char *heading);
/* A row of numbers, and after them, where label is not NULL, a text column. */
void tn_figure_row(struct tn_figure *f, const double *values, size_t count, const char *label);
/* Ends a line that is drawn through the rows of a block; the next row begins another one. */
void tn_figure_break(struct tn_figure *f);

/* After a plot command: its graph can be read by that block's columns x and y (from 1, as `using` counts), the row
   nearest by x; y 0: no point on it. Where the block's heading names them "speed [km/h]", a page says so; names in
   round brackets are left out. */
void tn_figure_read(struct tn_figure *f, int block, int x, int y);
/* The same by the point nearest in the plane, of this and of all blocks so read in the graph. */
void tn_figure_read_points(struct tn_figure *f, int block, int x, int y);
/* The same of bars that are as wide as column `width` says. */
void tn_figure_read_bars(struct tn_figure *f, int block, int x, int width);
/* What a page says of the row just written, beside its numbers; the row's label if nothing. */
void tn_figure_note(struct tn_figure *f, const char *note);

/* 1, 2 or 5 times a power of ten: a distance of ticks that gives about `count` of them. */
double tn_figure_step(double span, int count);
/* Widens [*low, *high] to hold the values that are finite. */
void tn_figure_extent(double *low, double *high, const double *values, size_t count);
/* Which stations to name so that no two names are closer than the gap: the first and last of the list, then those with
   many tracks before those with few; loops of two tracks only where nothing else is near. named: all false. */
void tn_figure_name_stations(bool *named, const double *km_m, const double *tracks, size_t count, double gap_m);

/* How many names to put side by side: `most`, fewer where they are text, which cannot rise. */
int tn_figure_names_most(const struct tn_figure *f, int most);

/* The list `stations` of a group. */
struct tn_figure_stations {
    size_t count;
    struct tn_list names;
    const double *km_m, *tracks;
    bool *named;
};
struct tn_figure_stations tn_figure_stations(struct tn_figure *f, const char *group);
/* The part of the line between the stations that the request names, or all of it. TN_ERR_INPUT if there is no such
   station, or nothing between. */
tn_status tn_figure_part(struct tn_figure *f, const struct tn_figure_stations *stations, double *low_m, double *high_m);
/* "Golmud to Korla", as the request says; "" for the whole line. */
const char *tn_figure_part_words(struct tn_figure *f);
/* ": LINE", or "" where the group names no line. */
const char *tn_figure_of_line(struct tn_figure *f, const char *group);
/* Text i, or "" where the list is shorter. */
const char *tn_figure_text(const struct tn_list *texts, size_t i);
/* "GROUP/NAME", or NAME for the root. */
const char *tn_figure_path(struct tn_figure *f, const char *group, const char *name);
/* A variable as numbers, `count` of them or an empty list. */
const double *tn_figure_numbers(struct tn_figure *f, const char *group, const char *name, size_t count);
/* A scalar; NAN where missing. */
double tn_figure_scalar(struct tn_figure *f, const char *group, const char *name);

/* One a kind. subject: a group, or the slice of a cube. */
tn_status tn_plot_capacity(struct tn_figure *f, const char *subject);
tn_status tn_plot_sections(struct tn_figure *f, const char *subject);
tn_status tn_plot_string_line(struct tn_figure *f, const char *subject);
tn_status tn_plot_string_line_detail(struct tn_figure *f, const char *subject);
tn_status tn_plot_occupation(struct tn_figure *f, const char *subject);
tn_status tn_plot_delay(struct tn_figure *f, const char *subject);
tn_status tn_plot_loops(struct tn_figure *f, const char *subject);
tn_status tn_plot_replay(struct tn_figure *f, const char *subject);
tn_status tn_plot_run(struct tn_figure *f, const char *subject);
tn_status tn_plot_temperatures(struct tn_figure *f, const char *subject);
tn_status tn_plot_effort(struct tn_figure *f, const char *subject);
tn_status tn_plot_brake_cycle(struct tn_figure *f, const char *subject);
tn_status tn_plot_pipe(struct tn_figure *f, const char *subject);
tn_status tn_plot_brake_map(struct tn_figure *f, const char *subject);
tn_status tn_plot_permitted(struct tn_figure *f, const char *subject);
tn_status tn_plot_rating(struct tn_figure *f, const char *subject);
tn_status tn_plot_recharge(struct tn_figure *f, const char *subject);
tn_status tn_plot_service_share(struct tn_figure *f, const char *subject);
tn_status tn_plot_brake_pressures(struct tn_figure *f, const char *subject);
tn_status tn_plot_tornado(struct tn_figure *f, const char *subject);
tn_status tn_plot_map(struct tn_figure *f, const char *subject);
/* Slices of a cube of load and pairs; of any cube over two axes of numbers; empty where it is none. */
struct tn_list tn_plot_capacity_slices(struct tn_h5_reader *r);
struct tn_list tn_plot_map_slices(struct tn_h5_reader *r);

#endif
