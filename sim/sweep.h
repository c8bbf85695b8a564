/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SWEEP_H
#define TN_SWEEP_H

#include "study.h"

/* A sweep: one study at many points, on all cores. It knows neither files nor formats: a source gives the
   inputs of a point, a sink takes the results. */

struct tn_sweep_source {
    size_t points;
    /* Inputs of point i, for the calling thread (0 .. threads-1). What they point to stays valid until the thread's
       next call. Called from several threads at once. */
    tn_status (*point)(const void **spec_out, struct tn_environment *environment_out, size_t i, int thread,
                       void *payload, struct tn_context *ctx);
    void *payload;
};

struct tn_sweep_row {
    size_t point;
    tn_status status;   /* not TN_OK: the point failed */
    const char *reason; /* why, or NULL */
    const void *result; /* of the study's result schema; NULL if failed */
};

struct tn_sweep_sink {
    /* Takes rows in the order of the points asked for, in the calling (main) thread. Results are valid during the call
     * only. */
    tn_status (*rows)(const struct tn_sweep_row *rows, size_t count, void *payload, struct tn_context *ctx);
    /* Progress, in the main thread; may be NULL. Return false to stop after the chunk in hand. */
    bool (*progress)(size_t done, size_t points, void *payload);
    void *payload;
};

/* Solves the source's points, some at a time, with `threads` OpenMP threads (0: all cores). Results do not depend on
   the number of threads, nor on which points are asked for together. Points of a capacity study share running times
   where trains and line are the same. */
struct tn_sweep;
tn_status tn_sweep_create(struct tn_sweep **out, const struct tn_study_kind *kind, const struct tn_sweep_source *source,
                          int threads);
/* Solves the points of those numbers, in the order given; NULL: the first count. TN_ERR_STOPPED if progress said stop
   before the last. */
tn_status tn_sweep_points(struct tn_sweep *sweep, const size_t *points, size_t count, const struct tn_sweep_sink *sink,
                          struct tn_context *ctx);
void tn_sweep_destroy(struct tn_sweep *sweep);

/* All points at once. */
tn_status tn_sweep_run(const struct tn_study_kind *kind, const struct tn_sweep_source *source,
                       const struct tn_sweep_sink *sink, int threads, struct tn_context *ctx);

#endif
