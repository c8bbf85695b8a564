/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PAGE_H
#define TN_PAGE_H

#include "h5_read.h"
#include "plot.h"
#include "study.h"

/* The parts of a report's page. What cannot be read sets the reader's status. */
struct tn_page {
    FILE *out;
    struct tn_h5_reader *file;
    struct tn_arena *arena;
};

/* The kind of that name; NULL if this build knows none. */
const struct tn_study_kind *tn_page_kind(const char *name);
/* "GROUP/NAME", or NAME of the root. */
const char *tn_page_path(const struct tn_page *page, const char *group, const char *name);

/* What has one value, as a table: label, value and unit. */
void tn_page_numbers(const struct tn_page *page, const char *group, const struct tn_schema *result);
/* A table a list; long ones are folded. */
void tn_page_lists(const struct tn_page *page, const char *group, const struct tn_schema *result);

/* A sweep: how many points of which axes were solved. */
const char *tn_page_cube_words(const struct tn_page *page);
/* Its axes, and the range of each result over the points. */
void tn_page_cube(const struct tn_page *page, const struct tn_schema *result);

/* A plot with its readings; number: of the figure, for names in the page. verdict: of its study, not to be said again;
   or NULL. */
void tn_page_figure(const struct tn_page *page, const struct tn_plotted *plotted, size_t number, const char *verdict);

#endif
