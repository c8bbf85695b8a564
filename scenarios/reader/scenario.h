/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SCENARIO_H
#define TN_SCENARIO_H

#include "design.h"
#include "study.h"
#include "uncertainty.h"

/* What a scenario file says, all includes read, all references resolved, every value in SI. */

struct tn_scenario_line { /* `line:` of the file; a list `lines:` defines lines */
    struct tn_ref id;     /* tn_line_spec */
    int phase;
};

struct tn_scenario_axis {
    const char *path;  /* "trains.test.load" */
    const char *label; /* for plots; NULL: the path */
    const struct tn_field *field;
    struct tn_place place;
    bool sampled; /* takes its values at the rows of the design; else each of them is met with those of the others */
    size_t count; /* of values; 0: a number spread as `spread` says */
    const void *values;    /* count blobs of the field's C type, each tn_field_size(field) bytes */
    const char **texts;    /* the value as a person reads it ("5200 t", "2 x HXD1-25t") */
    const double *weights; /* sampled: cumulative weights of the values; NULL: all alike */
    struct tn_uncertainty spread;
    const struct tn_unit *unit; /* in which it is said; NULL = bare */
};

/* A comparison: an axis with a number times another axis, or with a value. */
struct tn_scenario_term {
    size_t axis;
    int relation;      /* enum in where.c */
    size_t other;      /* axis; SIZE_MAX: the value */
    double factor;     /* of the other axis */
    double number;     /* in SI */
    const char *value; /* text of a value that is no number; else NULL */
};
/* What must hold at a point, or it is left out: at least one of the terms. */
struct tn_scenario_where {
    const char *text;
    struct tn_scenario_term *terms;
    size_t term_count;
};

/* How sensitivity indices are found and shown, of a Saltelli design. */
struct tn_scenario_sensitivity {
    const char *of;    /* result that the table and the plot show; NULL: the first that varies */
    int resamples;     /* of the bootstrap */
    double confidence; /* of the intervals */
};

struct tn_scenario_sweep {
    const char *study; /* id */
    struct tn_design_spec design;
    int replicates;
    struct tn_scenario_sensitivity sensitivity;
    struct tn_scenario_axis *axes; /* of those not sampled the last varies fastest */
    size_t axis_count, sampled;
    struct tn_scenario_where *where;
    size_t where_count;
};
extern const struct tn_schema tn_scenario_sweep_schema; /* all but study, over and where */

#define TN_SWEEP_AXES 32
#define TN_SWEEP_DIMS (TN_SWEEP_AXES + 3)

/* A sweep's points fill a box: a dimension an axis that is not sampled, then samples, the matrices of a Saltelli
   design, and replicates, each where there is more than one to tell apart. */
enum tn_scenario_dim_kind { TN_DIM_AXIS, TN_DIM_SAMPLE, TN_DIM_MATRIX, TN_DIM_REPLICATE };
struct tn_scenario_dim {
    int kind;
    size_t axis; /* of TN_DIM_AXIS */
    size_t size;
};
/* Returns their number; the last varies fastest. */
size_t tn_scenario_dims(struct tn_scenario_dim dims[TN_SWEEP_DIMS], const struct tn_scenario_sweep *sweep);
double tn_scenario_point_count(const struct tn_scenario_sweep *sweep);

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

/* Sweep points: a private copy of the scenario per thread, in which the axis values of point i are set. What they point
   to stays valid until the thread's next call. */
struct tn_scenario_points;
tn_status tn_scenario_points_create(struct tn_scenario_points **out, const struct tn_scenario_reader *reader,
                                    int threads, struct tn_context *ctx);
/* Matches struct tn_sweep_source.point; payload is the tn_scenario_points. */
tn_status tn_scenario_point(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                            void *payload, struct tn_context *ctx);
/* Whether the sweep's `where` leaves the point out. */
bool tn_scenario_point_excluded(struct tn_scenario_points *points, size_t i, int thread);
/* A hash of all that the point's study sees: equal inputs give equal ids in any sweep of any file. `seed` stands for
   who solves it. 0 if the inputs cannot be made. */
uint64_t tn_scenario_point_id(struct tn_scenario_points *points, size_t i, int thread, uint64_t seed);
/* The value of an axis at a row of the design (of a sampled axis) or its value of that index: a number, or a text. */
void tn_scenario_axis_value(double *number_out, const char **text_out, struct tn_scenario_points *points, size_t axis,
                            size_t row, int thread);
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
