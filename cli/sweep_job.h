/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SWEEP_JOB_H
#define TN_SWEEP_JOB_H

#include "results.h"
#include "rows.h"
#include "scenario.h"
#include "store.h"
#include "sweep.h"
#include "terminal.h"

/* A sweep at work: what it is, what is there of it, and the steps from one to the other. */

struct tn_sweep_job {
    const char *output;
    size_t shard, shards; /* counted from 1 */
    bool resume;
    int threads;
    const struct tn_scenario_reader *reader;
    const struct tn_provenance *provenance;
    const struct tn_study *study;
    const struct tn_study_kind *kind;
    struct tn_scenario_points *inputs;
    struct tn_sweep_source source;
    struct tn_sweep *sweep;
    struct tn_rows_layout layout;
    struct tn_cube cube;
    struct tn_store store;
    uint64_t seed; /* of ids: this version, this kind of study */
    size_t points, chunk;
    struct tn_progress progress;
    double start, output_s;      /* when it began; time spent writing */
    size_t solved, failed, kept; /* points by this process; rows that an earlier run had */
    const char *first_reason;
    struct tn_arena arena;
};

/* Reads the sweep of the scenario; chunk 0: as many points as suit. TN_ERR_INPUT if it has none. */
tn_status tn_sweep_job_init(struct tn_sweep_job *job, const struct tn_scenario_reader *reader,
                            const struct tn_provenance *provenance, size_t chunk, struct tn_context *ctx);
void tn_sweep_job_clear(struct tn_sweep_job *job);

/* Axes, design, number of points, and about how much time and room they will take. Solves a few to know. */
int tn_sweep_job_plan(struct tn_sweep_job *job, struct tn_context *ctx);
/* Solves what is missing and writes it. Returns the exit status. */
int tn_sweep_job_run(struct tn_sweep_job *job, struct tn_context *ctx);

#endif
