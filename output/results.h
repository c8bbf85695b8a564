/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RESULTS_H
#define TN_RESULTS_H

#include <stdio.h>

#include "study.h"

/* A solved study. */
struct tn_solved {
    const char *id;
    const struct tn_study_kind *kind;
    const void *result;
};

struct tn_input_file {
    const char *path;
    const char *text;
    size_t size;
    const char *sha256; /* in hexadecimal; NULL: of the text */
};

/* Where results come from; written into every file. */
struct tn_provenance {
    const char *scenario; /* path as given */
    const char *title;
    const char *resolved;               /* scenario with all defaults, SI */
    const char *command;                /* command line */
    const struct tn_input_file *inputs; /* the scenario first */
    size_t input_count;
    int threads;
    double wall_time_s;
};

/* Name, version, revision, compiler and libraries of this build: "tonnage 0.1.0", ... (build.c, from CMake). */
const char *tn_version(void);
const char *tn_revision(void);
const char *tn_compiler(void);
const char *tn_libraries(void); /* one per line */

/* Tables for people, in the units people read (km/h, kN, t, min). Of long lists the file holds what is not shown. */
tn_status tn_table_print(FILE *out, const struct tn_solved *solved, struct tn_context *ctx);
/* What the studies rest on, each point once with the studies that it concerns. */
tn_status tn_table_print_grounds(FILE *out, const struct tn_solved *solved, size_t count, struct tn_context *ctx);

/* One JSON object as in DESIGN: {"tonnage", "scenario", "results": [...]}; SI, names of the schemas, numbers with 17
   digits, NAN and infinity as null. */
tn_status tn_json_print(FILE *out, const char *scenario, const struct tn_solved *solved, size_t count,
                        struct tn_context *ctx);

/* HDF5 that is netCDF-4/CF. Written to PATH.part, flushed, synced, renamed; nothing is left on failure. One group a
   study (its id), its scalars as scalar datasets, its lists as one dataset a column over a dimension scale; provenance
   in group `provenance`; traced runs also as CF trajectories. */
tn_status tn_results_write(const char *path, const struct tn_solved *solved, size_t count,
                           const struct tn_provenance *provenance, struct tn_context *ctx);

/* An axis of a sweep. */
struct tn_cube_axis {
    const char *path; /* "trains.test.load" */
    const char *label;
    enum tn_type type; /* TN_NUMBER or TN_INTEGER: values in numbers; else texts name the values */
    enum tn_quantity quantity;
    size_t count;          /* 0: its values are told by the cube's `sampled`, one a sample and matrix */
    const double *numbers; /* or NULL */
    const char *const *texts;
    bool has_texts; /* of a sampled axis */
};

/* A dimension of a sweep's box: an axis, or one that only has a name. */
struct tn_cube_dim {
    const char *name; /* NULL: the axis's */
    size_t axis;
    size_t size;
};

/* A sweep: one variable per number, integer, bool or string of the study's result over the dimensions. */
struct tn_cube {
    const char *study_id;
    const struct tn_study_kind *kind;
    const struct tn_cube_axis *axes;
    size_t axis_count;
    const struct tn_cube_dim *dims; /* the last varies fastest */
    size_t dim_count;
    size_t sample_dim, sample_dims; /* dimensions over which sampled axes vary: the first, and how many */
    /* Value of a sampled axis at a row, the index over those dimensions. */
    void (*sampled)(double *number_out, const char **text_out, size_t axis, size_t row, void *payload);
    void *payload;
    uint64_t plan; /* hash of all that the sweep is */
    /* Sensitivity indices, of a Saltelli design: dims sample and matrix. resamples -1: none. */
    const char *shown; /* result to show, or NULL */
    int resamples, seed;
    double confidence;
    const struct tn_provenance *provenance;
};
size_t tn_cube_points(const struct tn_cube *cube);

struct tn_rows;
/* A sweep being written. Shard 1 of 1: the box itself; of more: its part of the points, one after another, which
   tn_shards_index then shows as a box. Rows come in rising order, all of them. */
struct tn_cube_writer;
tn_status tn_cube_create(struct tn_cube_writer **out, const char *path, const struct tn_cube *cube, size_t shard,
                         size_t shards, size_t first, size_t count, struct tn_context *ctx);
tn_status tn_cube_add(struct tn_cube_writer *writer, const struct tn_rows *rows, struct tn_context *ctx);
/* Closes, syncs and renames; then the file is whole. wall_time_s goes into provenance. Frees the writer in any case. */
tn_status tn_cube_commit(struct tn_cube_writer *writer, double wall_time_s, struct tn_context *ctx);
/* Drops the file. */
void tn_cube_abandon(struct tn_cube_writer *writer);

/* The file of a shard of several: "out-2of5.h5" for "out.h5". In the arena. */
const char *tn_shard_path(const char *path, size_t shard, size_t shards, struct tn_arena *arena);
enum tn_shard_state { TN_SHARD_WHOLE, TN_SHARD_MISSING, TN_SHARD_OTHER }; /* other: of another sweep, or no sweep */
enum tn_shard_state tn_shard_find(const char *path, uint64_t plan, size_t shard, size_t shards);
/* The index of shards that are all there: a file that reads as the box, its variables virtual datasets over those of
   the shards, whose names (relative) and SHA-256 it keeps. */
tn_status tn_shards_index(const char *path, const struct tn_cube *cube, size_t shards, double wall_time_s,
                          struct tn_context *ctx);
/* Looks at all that a sweep's file holds: every variable is read, shards are compared with their SHA-256. What is
   wrong is told in ctx; missing and damaged count files and variables. */
tn_status tn_sweep_verify(size_t *missing_out, size_t *damaged_out, const char *path, struct tn_context *ctx);
/* One plain file of a sweep's index, or of any sweep. */
tn_status tn_sweep_merge(const char *to, const char *path, struct tn_context *ctx);
/* Table of the sensitivity indices of one result; nothing where the file has none. */
tn_status tn_sensitivity_print(FILE *out, const char *path, struct tn_context *ctx);

/* What is inside, for `tonnage info`. */
tn_status tn_results_describe(FILE *out, const char *path, struct tn_context *ctx);

struct tn_diff_options {
    double tolerance; /* of numbers, as a share of the largest magnitude of the variable in both files; 0: exactly */
    double absolute;  /* or by that much, in the variable's unit */
    const char *const *skip; /* variables by name or path, and studies, that may differ */
    size_t skip_count;
};
struct tn_diff_counts {
    size_t compared;   /* variables, those of one file only included; a missing study counts as one */
    size_t differ;     /* of these */
    size_t attributes; /* words of a file or study that differ: its train, line, verdict, ... */
};

/* Compares two results files variable by variable, all but their provenance, and prints a line for each that differs.
   NAN equals NAN. Where a tolerance is given, verdicts are passed over: they say numbers in words. */
tn_status tn_results_diff(struct tn_diff_counts *counts_out, FILE *out, const char *a, const char *b,
                          const struct tn_diff_options *options, struct tn_context *ctx);

/* Writes all that is in a results file as CSV tables into a folder, which is made if it is not there: STUDY.csv with
   what has one value, STUDY-LIST.csv with a column a variable, a sweep as one row a point, and variables.csv, which
   tells units and meanings. NAN and values that are missing are empty cells. *files_out: paths (const char *) in the
   arena. Existing files of these names are replaced. */
tn_status tn_results_export(struct tn_list *files_out, const char *path, const char *folder, struct tn_arena *arena,
                            struct tn_context *ctx);

#endif
