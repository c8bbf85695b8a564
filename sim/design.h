/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DESIGN_H
#define TN_DESIGN_H

#include "field.h"
#include "status.h"

/* Where a sweep looks: points in the unit cube, one coordinate an axis. */

enum tn_design_kind {
    TN_DESIGN_GRID,     /* every combination of values: no points of the cube */
    TN_DESIGN_RANDOM,   /* independent */
    TN_DESIGN_LATIN,    /* Latin hypercube: one in each of `samples` equal slices of every axis */
    TN_DESIGN_HALTON,   /* GSL's, which begins after the zero point */
    TN_DESIGN_SOBOL,    /* sobol.h, the zero point included */
    TN_DESIGN_SALTELLI, /* Sobol points arranged for sensitivity indices, see sensitivity.h */
};
const char *tn_design_name(int index); /* a choice callback */

struct tn_design_spec {
    int kind;
    int samples;
    int seed;
    bool shift; /* Halton and Sobol points moved at random, all by the same */
};
extern const struct tn_schema tn_design_schema;

#define TN_DESIGN_SALTELLI_MOST 32 /* axes: half of what Sobol points have */

/* Rows of a design over that many axes: samples, or for Saltelli samples times matrices. */
size_t tn_design_rows(const struct tn_design_spec *spec, size_t axes);
/* Matrices of a Saltelli design: A, B, and A with the column of one axis from B for each axis. Row i is of sample
   i / matrices and matrix i % matrices. 1 for others. */
size_t tn_design_matrices(const struct tn_design_spec *spec, size_t axes);
/* Why it cannot be had over that many axes, or NULL. */
const char *tn_design_fault(const struct tn_design_spec *spec, size_t axes);

/* A design being read by several threads. Rows may be asked for in any order; rising is fastest. */
struct tn_design;
tn_status tn_design_create(struct tn_design **out, const struct tn_design_spec *spec, size_t axes, int threads);
/* Coordinates of a row, in [0, 1), one an axis; thread (0 .. threads-1) is the caller's. */
void tn_design_row(double *out, struct tn_design *design, size_t row, int thread);
void tn_design_destroy(struct tn_design *design);

#endif
