/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_READER_H
#define TN_READER_H

#include "scenario.h"

/* Inside of the reader. Files become sources, sources become trees of nodes, --set edits the tree, the walker fills
   structs from it by the field table. */

#define TN_READER_DEPTH    32
#define TN_READER_FILE_MAX ((size_t)64 << 20)
#define TN_READER_NODES    4000000
#define TN_READER_KEYS     1000
#define TN_READER_OBJECTS  10000 /* with ids, in one list */
#define TN_READER_POINTS   100000000
#define TN_READER_VALUES   1000000 /* of one sweep axis */

/* A text with its lines. */
struct tn_source {
    const char *path;      /* as shown */
    const char *directory; /* from where it names other files; "" = here */
    const char *text;      /* NUL-terminated */
    size_t size;
    const char *lines; /* the text, each line ended by NUL */
    const size_t *starts;
    size_t line_count;
    bool own; /* the user's own words, the scenario or --set: may name tables anywhere */
};

enum tn_node_kind { TN_NODE_SCALAR, TN_NODE_SEQUENCE, TN_NODE_MAPPING };

struct tn_node {
    enum tn_node_kind kind;
    bool plain;             /* scalar without quotes */
    const char *text;       /* of a scalar */
    struct tn_node **keys;  /* scalars, of a mapping */
    struct tn_node **items; /* of a sequence, or values of a mapping */
    size_t count;
    const struct tn_source *source;
    struct tn_place place;
};

/* What the user's file says at an address. */
struct tn_span {
    const char *address;
    size_t size;
    size_t order;
    struct tn_place place;
};

struct tn_scenario_reader {
    struct tn_arena arena;
    struct tn_context *ctx;
    bool no_memory;
    struct tn_scenario scenario;
    struct tn_scenario_file *files;
    size_t file_count, file_allocated;
    char **opened; /* real paths of the files of `files` */
    char **roots;  /* folders that files may be in */
    size_t root_count;
    struct tn_span *spans;
    size_t span_count, span_allocated;
    bool spans_sorted;
    const void **bad; /* objects with errors of their own */
    size_t bad_count, bad_allocated;
};

/* memory: as tn_arena_alloc and realloc, but a failure is noted in the reader. */
void *tn_reader_alloc(struct tn_scenario_reader *reader, size_t count, size_t size);
char *tn_reader_printf(struct tn_scenario_reader *reader, const char *format, ...) TN_PRINTF(2, 3);
/* Room for one more in a heap array. */
bool tn_reader_grow(struct tn_scenario_reader *reader, void *array, size_t count, size_t *allocated, size_t size);

/* scenario.c */
/* Reads what the tree includes into it. */
void tn_scenario_include(struct tn_scenario_reader *reader, struct tn_node *root);
/* Fills the reader's scenario from a tree without includes and without `sweep` (given apart, or NULL), checks it,
   resolves its references. */
void tn_scenario_fill(struct tn_scenario_reader *reader, struct tn_node *root, struct tn_node *sweep);

/* source.c */
struct tn_place tn_source_place(const struct tn_source *source, size_t line, size_t column, size_t length);
/* Bytes of the line end at p, 0 if there is none: as libyaml counts lines, so that its line numbers are ours. */
size_t tn_source_line_end(const char *p, size_t left);
/* Indexes a text; reports what is not UTF-8 text. The text is not copied. */
struct tn_source *tn_source_init(struct tn_scenario_reader *reader, const char *path, const char *text, size_t size);
/* The scenario itself; sets the folders that others may be in. */
tn_status tn_source_open_first(struct tn_source **out, struct tn_scenario_reader *reader, const char *path);
/* The file that a node names, relative to the node's own file. again_out (if not NULL): a file that had been read
   before is not read again; its index goes there and NULL is returned. */
struct tn_source *tn_source_open(struct tn_scenario_reader *reader, const struct tn_node *name, size_t *again_out);

/* tree.c */
struct tn_node *tn_tree_parse(struct tn_scenario_reader *reader, const struct tn_source *source, size_t offset);
struct tn_node *tn_tree_scalar(struct tn_scenario_reader *reader, const struct tn_source *source, const char *text,
                               const struct tn_place *place);
struct tn_node *tn_tree_get(const struct tn_node *mapping, const char *key);
/* Sets or adds a key. */
bool tn_tree_put(struct tn_scenario_reader *reader, struct tn_node *mapping, const char *key, struct tn_node *value);
/* Takes a key out of a mapping; NULL if it is not there. */
struct tn_node *tn_tree_take(struct tn_node *mapping, const char *key);
const char *tn_node_kind_name(const struct tn_node *node);

/* csv.c: a table as a sequence of mappings. */
struct tn_node *tn_csv_parse(struct tn_scenario_reader *reader, const struct tn_source *source,
                             const struct tn_schema *row);
/* The same; columns that the schema does not know are told and passed over (unknown NULL: an error). */
typedef void tn_csv_unknown(const struct tn_place *place, const char *name, void *payload);
struct tn_node *tn_csv_parse_known(struct tn_scenario_reader *reader, const struct tn_source *source,
                                   const struct tn_schema *row, tn_csv_unknown *unknown, void *payload);
/* The names of the columns, without units; NULL: reported. */
const char **tn_csv_headings(size_t *count_out, struct tn_scenario_reader *reader, const struct tn_source *source);

/* units.c */
struct tn_number {
    double value;
    const char *unit; /* the rest of the text */
};
bool tn_number_split(struct tn_number *out, const char *text);
/* A number of the quantity in SI (TN_Q_COUNT: of any). Reports at the node. unit_out: as written, NULL = bare. */
bool tn_quantity_read(double *out, const struct tn_unit **unit_out, struct tn_scenario_reader *reader,
                      const struct tn_node *node, const char *name, enum tn_quantity quantity);
/* Shortest decimal that reads back as the value. */
void tn_number_print(char out[32], double value);

/* walk.c */
void tn_walk_object(struct tn_scenario_reader *reader, const struct tn_schema *schema, void *object,
                    struct tn_node *node);
/* Reads a node into the field of an object of its schema. */
void tn_walk_field(struct tn_scenario_reader *reader, const struct tn_field *field, void *where, struct tn_node *node);
/* Makes a sequence of what stands for a list: one mapping, or the name of a CSV file. NULL: reported. */
struct tn_node *tn_walk_list(struct tn_scenario_reader *reader, const struct tn_field *field, struct tn_node *node);
bool tn_walk_number_in_range(struct tn_scenario_reader *reader, const struct tn_field *field, double value,
                             const struct tn_unit *unit, const struct tn_node *node);
/* Hint of the name that was meant among the fields of one or two schemas; NULL = none. */
const char *tn_walk_nearest(struct tn_arena *arena, const char *name, const struct tn_schema *schema,
                            const struct tn_schema *variant);
/* "an acceleration" */
const char *tn_article(const char *noun);

/* refs.c */
/* Points every reference in the object at the object of that id in the scenario. ctx may be NULL. */
bool tn_refs_resolve(const struct tn_schema *schema, void *object, const struct tn_scenario *scenario,
                     struct tn_context *ctx);
bool tn_refs_resolve_field(const struct tn_field *field, void *where, const struct tn_scenario *scenario,
                           struct tn_context *ctx);
/* The id that was meant: one that begins so, or else the nearest; NULL = none. */
const char *tn_refs_nearest(const char *id, const char *const *ids, size_t count);

/* places.c */
void tn_places_add(struct tn_scenario_reader *reader, const void *address, size_t size, const struct tn_place *place);
void tn_places_sort(struct tn_scenario_reader *reader);
bool tn_places_find(struct tn_place *place_out, const void *where, void *payload);

/* path.c */
struct tn_target {
    const struct tn_field *field;
    void *where;
    const struct tn_schema *owner_schema; /* of the object with an id that the path leads through; NULL: none */
    void *owner;
};
/* Sets a value in the tree; reports at the place. */
void tn_path_set(struct tn_scenario_reader *reader, struct tn_node *root, const char *path, struct tn_node *value,
                 const struct tn_place *place);
/* The field of that path in a scenario; reports at the place. */
bool tn_path_find(struct tn_target *out, struct tn_scenario *scenario, const char *path, const struct tn_place *place,
                  struct tn_arena *arena, struct tn_context *ctx);

/* rules.c */
/* Checks that the reader makes field by field, on an object whose values came from elsewhere: ranges, rising columns.
 */
void tn_rules_check(const struct tn_schema *schema, const void *object, struct tn_context *ctx);
/* The range of one number. */
void tn_rules_number(const struct tn_field *field, double value, const void *where, struct tn_context *ctx);
/* What no single field can tell of a line, locomotive or wagon; of others nothing. */
void tn_rules_validate(const struct tn_schema *schema, const void *object, struct tn_context *ctx);

/* axis.c */
/* What a mapping may hold; reports others. */
bool tn_axis_check_keys(struct tn_scenario_reader *reader, const struct tn_node *node, const char *const *names,
                        const char *what);
/* The axes of a sweep whose study and design are known. */
void tn_axis_read(struct tn_scenario_reader *reader, const struct tn_node *over);

/* spread.c: ranges and distributions. */
/* Values of {from, to, step | count, scale, distribution, ...}: a list of count values, or count 0 and a spread. */
void tn_spread_read(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node);
/* Weights of the axis's values, a list of as many numbers. */
void tn_spread_weights(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node);
/* Room for the values of an axis; reports too many. */
bool tn_axis_allocate(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node,
                      double count);

/* where.c */
void tn_where_read(struct tn_scenario_reader *reader, struct tn_node *node);
/* A point's place on an axis: the index of a value, or a number. */
struct tn_coordinate {
    size_t index;
    double number;
};
bool tn_where_holds(const struct tn_scenario_sweep *sweep, const struct tn_coordinate *at);

/* sweep.c: the whole of `sweep:`. */
void tn_sweep_read(struct tn_scenario_reader *reader, struct tn_node *sweep);
/* --set sweep.KEY[.KEY]=VALUE; false if the path is another's. */
bool tn_sweep_set(struct tn_scenario_reader *reader, struct tn_node *sweep, const char *path, struct tn_node *value,
                  const struct tn_place *place);

/* string.c: a growing string. */
struct tn_string {
    char *text;
    size_t length, allocated;
    bool failed;
};
void tn_string_add(struct tn_string *text, const char *format, ...) TN_PRINTF(2, 3);
void tn_string_bytes(struct tn_string *text, const void *bytes, size_t size);
/* Moves it into the arena. */
const char *tn_string_finish(struct tn_string *text, struct tn_arena *arena);

/* schema.c: "length; more than 0 m; required" */
void tn_schema_add_field(struct tn_string *out, const struct tn_field *field);

/* The calling thread speaks the C locale between these two. */
struct tn_c_locale {
    void *ours, *before; /* locale_t */
};
void tn_c_locale_begin(struct tn_c_locale *c);
void tn_c_locale_end(struct tn_c_locale *c);

#endif
