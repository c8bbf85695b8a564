/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_IMPORT_H
#define TN_IMPORT_H

#include "exchange.h"
#include "scenario.h"

/* Other programs' files as scenarios: rolling stock and running paths of railtoolkit, rolling stock and infrastructure
   of OSRD (railjson), tables of a line in CSV. Scenarios of our own are read too, to be written out again. What a file
   is, its content tells. */

struct tn_import_options { /* all may be NULL */
    const char *from, *to; /* ends of the way through an infrastructure: operational points, by name or id */
    const char *const *via;
    size_t via_count;
    const char *tag;  /* whose speed limits count where they differ */
    const char *mode; /* of traction, where a vehicle has several */
};

struct tn_import;

/* Reads the files into one scenario and checks it as a scenario is checked; errors go to ctx with their place in the
   file that was given. TN_ERR_INPUT if there was any, TN_ERR_IO if a file cannot be read. On any failure *out is still
   to be destroyed, after the diagnostics are printed. */
tn_status tn_import_read(struct tn_import **out, const char *const *paths, size_t count,
                         const struct tn_import_options *options, struct tn_context *ctx);
void tn_import_destroy(struct tn_import *import);

/* struct tn_loss, in the order of the files. */
struct tn_list tn_import_losses(const struct tn_import *import);
/* What each file was taken for ("railtoolkit rolling stock"): const char *, one a file. */
struct tn_list tn_import_formats(const struct tn_import *import);
const struct tn_scenario *tn_import_scenario(const struct tn_import *import);
/* The files that were read. */
const struct tn_scenario_file *tn_import_files(const struct tn_import *import, size_t *count_out);

/* The scenario as files (struct tn_text_file) that include each other: scenario.yaml, line.yaml, stock.yaml and tables
   in CSV. Memory is all that can fail. */
tn_status tn_import_write(struct tn_list *files_out, struct tn_import *import);
/* The tables of the scenario's line: stations.csv, profile.csv, limits.csv, ... TN_ERR_INPUT if there is no line. */
tn_status tn_import_tables(struct tn_list *files_out, struct tn_import *import, struct tn_context *ctx);

/* The stations of a line in the text of a scenario as resolved (tn_scenario_resolved): list of struct tn_station with
   km, name, lat and lon (NAN: not given), in the arena. */
tn_status tn_import_stations(struct tn_list *out, const char *text, const char *line, struct tn_arena *arena,
                             struct tn_context *ctx);

#endif
