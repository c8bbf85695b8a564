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

/* An axis of a sweep cube. */
struct tn_cube_axis {
    const char *path; /* "trains.test.load" */
    const char *label;
    enum tn_type type; /* TN_NUMBER or TN_INTEGER: values in numbers; else texts name the values */
    enum tn_quantity quantity;
    size_t count;
    const double *numbers; /* or NULL */
    const char *const *texts;
};

/* Writes a sweep as an N-dimensional cube over its axes: one variable per number, integer, bool or string of the
   study's result. Rows may come in any number of calls, rising. Failed points are NAN with their reason in `reason`. */
struct tn_cube_writer;
tn_status tn_cube_create(struct tn_cube_writer **out, const char *path, const char *study_id,
                         const struct tn_study_kind *kind, const struct tn_cube_axis *axes, size_t axis_count,
                         const struct tn_provenance *provenance, struct tn_context *ctx);
/* Matches the arguments of a sweep sink's row. result NULL: failed, reason says why. */
tn_status tn_cube_put(struct tn_cube_writer *writer, size_t point, const void *result, const char *reason,
                      struct tn_context *ctx);
/* Closes, syncs and renames; then the file is whole. wall_time_s goes into provenance. Frees the writer in any case. */
tn_status tn_cube_commit(struct tn_cube_writer *writer, double wall_time_s, struct tn_context *ctx);
/* Drops the file. */
void tn_cube_abandon(struct tn_cube_writer *writer);

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
