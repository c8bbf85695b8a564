/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SCENARIO_H
#define TN_SCENARIO_H

#include "study.h"

/* What a scenario file says, all includes read, all references resolved, every value in SI. */

struct tn_scenario_line { /* `line:` of the file; a list `lines:` defines lines */
    struct tn_ref id;     /* tn_line_spec */
    int phase;
};

struct tn_scenario_axis {
    const char *path;  /* "trains.test.load" */
    const char *label; /* for plots; NULL: the path */
    const struct tn_field *field;
    size_t count;
    const void *values; /* count blobs of the field's C type, each tn_field_size(field) bytes */
    const char **texts; /* the value as a person reads it ("5200 t", "2 x HXD1-25t") */
    struct tn_place place;
};

struct tn_scenario_sweep {
    const char *study;             /* id */
    struct tn_scenario_axis *axes; /* the last axis varies fastest */
    size_t axis_count;
};

struct tn_scenario_require {
    const char *result; /* "climb.margin_1": study id and result name */
    double min, max;    /* in SI; NAN = open. Written with a unit ("70 km/h") or bare for ratios */
    const struct tn_unit *min_unit, *max_unit; /* as written; NULL = bare. The reader does not know the result's */
};

struct tn_scenario {
    int tonnage; /* format, 1 */
    const char *title;
    double gravity; /* m/s2 */
    struct tn_scenario_line line;
    struct tn_weather weather;
    struct tn_list lines;           /* tn_line_spec */
    struct tn_list locomotives;     /* tn_locomotive */
    struct tn_list wagons;          /* tn_wagon */
    struct tn_list trains;          /* tn_train_spec */
    struct tn_list studies;         /* tn_study */
    struct tn_list require;         /* tn_scenario_require */
    struct tn_scenario_sweep sweep; /* axis_count 0: none */
};
extern const struct tn_schema tn_scenario_schema; /* all but include and sweep, which the reader handles itself */

struct tn_scenario_file {
    const char *path; /* as opened */
    const char *text;
    size_t size;
};

/* A scenario with all that it owns. */
struct tn_scenario_reader;

/* Reads a scenario and everything it includes. sets are "PATH=VALUE" of --set, applied before checking. All errors go
   to ctx (each with its place); TN_ERR_INPUT if there was any, TN_ERR_IO if the file cannot be read. On any failure
   *out is still to be destroyed (it owns the texts that diagnostics point to). */
tn_status tn_scenario_read(struct tn_scenario_reader **out, const char *path, const char *const *sets, size_t set_count,
                           struct tn_context *ctx);
void tn_scenario_destroy(struct tn_scenario_reader *reader);

const struct tn_scenario *tn_scenario_get(const struct tn_scenario_reader *reader);
/* The files read, the scenario first; for provenance. */
const struct tn_scenario_file *tn_scenario_files(const struct tn_scenario_reader *reader, size_t *count_out);
/* The scenario as resolved: YAML with all defaults filled in, SI units written. In memory of the arena. */
const char *tn_scenario_resolved(const struct tn_scenario_reader *reader, struct tn_arena *arena);
/* What a study is solved in. */
void tn_scenario_environment(struct tn_environment *out, const struct tn_scenario *scenario);
const struct tn_study *tn_scenario_study(const struct tn_scenario *scenario, const char *id);

/* Sweep points: a private copy of the scenario per thread, in which the axis values of point i are set. */
struct tn_scenario_points;
tn_status tn_scenario_points_create(struct tn_scenario_points **out, const struct tn_scenario_reader *reader,
                                    int threads, struct tn_context *ctx);
/* Matches struct tn_sweep_source.point; payload is the tn_scenario_points. */
tn_status tn_scenario_point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                            void *payload, struct tn_context *ctx);
void tn_scenario_points_destroy(struct tn_scenario_points *points);

/* Bytes of a field's C type. */
size_t tn_field_size(const struct tn_field *field);

/* The schema of the scenario file, with units and laws of resistance, as text for people, or as JSON Schema (draft 7).
 * In memory of the arena. */
const char *tn_schema_text(const char *name_or_null, struct tn_arena *arena);
const char *tn_schema_json(struct tn_arena *arena);
/* Names that tn_schema_text knows, some of them more than once, but for those of laws; NULL past the end. */
const char *tn_schema_name(int index);

/* A scenario to begin with, that runs: a small line, a train and a study of that kind, with all else that can be said
   as comments. NULL if there is no such kind, or no memory. In memory of the arena. */
const char *tn_scenario_starter(const char *kind_name, struct tn_arena *arena);

#endif
