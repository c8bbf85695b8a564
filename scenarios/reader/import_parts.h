/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_IMPORT_PARTS_H
#define TN_IMPORT_PARTS_H

#include "import.h"
#include "reader.h"

/* Inside of the import. An importer translates the tree of its file into the tree of a scenario: values keep the place
   where they stood, so that the reader's own checks speak of the file that the user gave. */

struct tn_import {
    struct tn_scenario_reader *reader;
    const struct tn_import_options *options;
    struct tn_node *root, *sweep; /* of the scenario in the making */
    struct tn_loss *notes;
    size_t note_count, note_allocated;
    const char **formats;
    size_t format_count;
    const char *from, *to;         /* ends of the run that is asked for; NULL: of the line */
    const char *depth;             /* of that run */
    struct tn_node *leads, *towed; /* OSRD: trains, and rows of the wagons that they tow */
};

/* The files, each in its format. */
void tn_import_rolling_stock(struct tn_import *import, const struct tn_node *root); /* railtoolkit.c */
void tn_import_running_path(struct tn_import *import, const struct tn_node *root);
void tn_import_railjson_stock(struct tn_import *import, const struct tn_node *root); /* railjson_stock.c */
void tn_import_couple(struct tn_import *import); /* what is towed, when all files are read */
void tn_import_railjson_infra(struct tn_import *import, const struct tn_node *root); /* railjson_infra.c */
void tn_import_table(struct tn_import *import, struct tn_source *source);            /* import_csv.c */

/* --- notes: `where` gives the place, kind and name what it is --- */
TN_PRINTF(5, 6)
void tn_import_lost(struct tn_import *import, const struct tn_node *where, const char *kind, const char *name,
                    const char *why, ...);
TN_PRINTF(5, 6)
void tn_import_assumed(struct tn_import *import, const struct tn_node *where, const char *kind, const char *name,
                       const char *why, ...);
TN_PRINTF(4, 5)
void tn_import_error(struct tn_import *import, const struct tn_node *where, const char *hint, const char *format, ...);

/* --- reading the source --- */

/* A key of a mapping. why NULL: it comes along. */
struct tn_import_key {
    const char *name;
    const char *why; /* it does not */
};
/* Reports what is no mapping; notes keys that do not come along and keys that nobody knows (the table ends with a NULL
   name). what: "vehicle". */
bool tn_import_map(struct tn_import *import, const struct tn_node *node, const char *what, const char *name,
                   const struct tn_import_key *keys);
/* The value of a key, or NULL; null counts as not given. */
const struct tn_node *tn_import_get(const struct tn_node *map, const char *key);
/* The same where it must be there: reports. */
const struct tn_node *tn_import_need(struct tn_import *import, const struct tn_node *map, const char *key,
                                     const char *what);
/* The list of a key: its items, or none. Reports what is no list, and a list that is not there but must be. */
struct tn_import_items {
    struct tn_node *const *items;
    size_t count;
};
struct tn_import_items tn_import_list(struct tn_import *import, const struct tn_node *map, const char *key, bool needed,
                                      const char *what);
/* The text of a scalar; NULL: none there, or reported. */
const char *tn_import_text(struct tn_import *import, const struct tn_node *node, const char *key);
/* The number of a scalar without a unit; NAN: none there, or reported. */
double tn_import_number(struct tn_import *import, const struct tn_node *node, const char *key);

/* --- building the scenario: the new node has the place of `like`; without it there is none --- */
struct tn_node *tn_import_new(struct tn_import *import, enum tn_node_kind kind, const struct tn_node *like);
TN_PRINTF(3, 4)
struct tn_node *tn_import_scalar(struct tn_import *import, const struct tn_node *like, const char *format, ...);
/* Nothing happens where the value is NULL. */
void tn_import_put(struct tn_import *import, struct tn_node *map, const char *key, struct tn_node *value);
void tn_import_append(struct tn_import *import, struct tn_node *list, struct tn_node *item);
/* The number of the source's scalar with that unit, digits as they stand; nothing if source is NULL. */
void tn_import_copy(struct tn_import *import, struct tn_node *map, const char *key, const struct tn_node *source,
                    const char *unit);
/* A computed number with its unit ("" = none), to nine digits behind the point; nothing if it is NAN. */
void tn_import_put_number(struct tn_import *import, struct tn_node *map, const char *key, const struct tn_node *like,
                          double value, const char *unit);
/* The list of that name in the scenario, made if it is not there. */
struct tn_node *tn_import_root_list(struct tn_import *import, const char *name, const struct tn_node *like);
/* A text as an id that no other object of the list has; notes what it changed. */
const char *tn_import_id(struct tn_import *import, const struct tn_node *where, const struct tn_node *list,
                         const char *text);
/* A text that no item of the list has under the key. */
const char *tn_import_unique(struct tn_import *import, const struct tn_node *list, const char *key, const char *text);

/* written.c: trees as text. */
/* definitions: items of its lists are written key by key, however short. */
const char *tn_written_yaml(const struct tn_node *root, bool definitions, struct tn_arena *arena);
/* Rows of the schema; a column has the unit of all its values in its heading. */
const char *tn_written_csv(const struct tn_node *list, const struct tn_schema *row, struct tn_arena *arena);

#endif
