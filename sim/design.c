/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "design.h"

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>

#include "random.h"
#include "sobol.h"

#define LATIN_MOST  (1 << 24) /* its permutations are kept in memory */
#define HALTON_MOST 1229      /* GSL's */

const char *tn_design_name(int index)
{
    static const char *const names[] = {"grid", "random", "latin-hypercube", "halton", "sobol", "saltelli"};
    return index >= 0 && index < (int)(sizeof names / sizeof *names) ? names[index] : NULL;
}

static const struct tn_field design_fields[] = {
    TN_F_CHOICE(tn_design_spec, kind, tn_design_name, TN_DESIGN_GRID, 0,
                "every combination (grid), or samples: at random, in a Latin hypercube, at Halton or Sobol points; "
                "saltelli: Sobol points arranged for sensitivity indices"),
    TN_F_INTEGER(tn_design_spec, samples, 0, 0, 2147483647, 0,
                 "how many samples; saltelli solves axes + 2 points for each"),
    TN_F_INTEGER(tn_design_spec, seed, 1, 0, 2147483647, 0, "seed of its random numbers"),
    TN_F_BOOL(tn_design_spec, shift, 0, "move all Halton or Sobol points at random, by the same"),
    TN_F_END,
};

const struct tn_schema tn_design_schema = {"design", "which points a sweep solves", sizeof(struct tn_design_spec),
                                           design_fields};

static bool is_sequence(int kind)
{
    return kind == TN_DESIGN_HALTON || kind == TN_DESIGN_SOBOL || kind == TN_DESIGN_SALTELLI;
}

size_t tn_design_matrices(const struct tn_design_spec *spec, size_t axes)
{
    return spec->kind == TN_DESIGN_SALTELLI ? axes + 2 : 1;
}

size_t tn_design_rows(const struct tn_design_spec *spec, size_t axes)
{
    return (size_t)spec->samples * tn_design_matrices(spec, axes);
}

const char *tn_design_fault(const struct tn_design_spec *spec, size_t axes)
{
    if (spec->kind == TN_DESIGN_GRID)
        return spec->samples > 0 ? "a grid has no samples" : NULL;
    if (spec->samples < 1)
        return "how many 'samples'?";
    if (spec->kind == TN_DESIGN_LATIN && spec->samples > LATIN_MOST)
        return "a Latin hypercube may have 16,777,216 samples";
    if (spec->kind == TN_DESIGN_SOBOL && axes > TN_SOBOL_DIMENSIONS)
        return "Sobol points have at most 64 axes";
    if (spec->kind == TN_DESIGN_SALTELLI && axes > TN_DESIGN_SALTELLI_MOST)
        return "sensitivity indices are found for at most 32 axes";
    if (spec->kind == TN_DESIGN_HALTON && axes > HALTON_MOST)
        return "Halton points have at most 1229 axes";
    return spec->shift && !is_sequence(spec->kind) ? "only Halton and Sobol points can be shifted" : NULL;
}

/* A generator of one thread, and the row that it gives next. */
struct sequence {
    gsl_qrng *generator;
    size_t next;
    double *point; /* of the row before next: Saltelli's rows share it */
};

struct tn_design {
    struct tn_design_spec spec;
    size_t axes, dimensions; /* dimensions of the generator */
    uint32_t **slices;       /* of a Latin hypercube: a permutation an axis */
    double *shift;           /* one a dimension, or NULL */
    struct sequence *sequences;
    int threads;
};

static tn_status make_slices(struct tn_design *design)
{
    const size_t samples = (size_t)design->spec.samples;
    design->slices = calloc(design->axes, sizeof *design->slices);
    if (design->slices == NULL)
        return TN_ERR_MEMORY;
    for (size_t axis = 0; axis < design->axes; axis++) {
        uint32_t *slices = design->slices[axis] = malloc(samples * sizeof *slices);
        if (slices == NULL)
            return TN_ERR_MEMORY;
        for (size_t i = 0; i < samples; i++)
            slices[i] = (uint32_t)i;
        struct tn_random random;
        tn_random_init(&random, (uint64_t)design->spec.seed, TN_RANDOM_DESIGN, UINT64_MAX, 0, (uint32_t)axis);
        const gsl_rng view = tn_random_gsl(&random);
        gsl_ran_shuffle(&view, slices, samples, sizeof *slices);
    }
    return TN_OK;
}

static tn_status make_sequences(struct tn_design *design)
{
    const gsl_qrng_type *type = design->spec.kind == TN_DESIGN_HALTON ? gsl_qrng_halton : &tn_sobol_type;
    design->dimensions = design->spec.kind == TN_DESIGN_SALTELLI ? 2 * design->axes : design->axes;
    design->sequences = calloc((size_t)design->threads, sizeof *design->sequences);
    if (design->sequences == NULL)
        return TN_ERR_MEMORY;
    for (int i = 0; i < design->threads; i++) {
        struct sequence *sequence = &design->sequences[i];
        sequence->generator = gsl_qrng_alloc(type, (unsigned)design->dimensions);
        sequence->point = calloc(design->dimensions, sizeof *sequence->point);
        if (sequence->generator == NULL || sequence->point == NULL)
            return TN_ERR_MEMORY;
    }
    if (!design->spec.shift)
        return TN_OK;
    design->shift = calloc(design->dimensions, sizeof *design->shift);
    for (size_t i = 0; design->shift != NULL && i < design->dimensions; i++) {
        struct tn_random random;
        tn_random_init(&random, (uint64_t)design->spec.seed, TN_RANDOM_DESIGN, UINT64_MAX, 1, (uint32_t)i);
        design->shift[i] = tn_random_unit(&random);
    }
    return design->shift == NULL ? TN_ERR_MEMORY : TN_OK;
}

tn_status tn_design_create(struct tn_design **out, const struct tn_design_spec *spec, size_t axes, int threads)
{
    struct tn_design *design = *out = calloc(1, sizeof *design);
    if (design == NULL)
        return TN_ERR_MEMORY;
    *design = (struct tn_design){.spec = *spec, .axes = axes, .threads = threads};
    if (axes == 0 || tn_design_fault(spec, axes) != NULL)
        return TN_ERR_INTERNAL;
    if (is_sequence(spec->kind))
        return make_sequences(design);
    return spec->kind == TN_DESIGN_LATIN ? make_slices(design) : TN_OK;
}

/* Moves a thread's generator to the sample of that index, counted from 0, and reads it. */
static const double *sequence_point(struct tn_design *design, size_t sample, int thread)
{
    struct sequence *sequence = &design->sequences[thread];
    if (sequence->next == sample + 1)
        return sequence->point;
    if (design->spec.kind != TN_DESIGN_HALTON) {
        if (sequence->next != sample)
            tn_sobol_seek(sequence->generator, (uint32_t)sample);
        sequence->next = sample;
    } else if (sequence->next > sample) {
        gsl_qrng_init(sequence->generator);
        sequence->next = 0;
    }
    for (; sequence->next <= sample; sequence->next++)
        (void)gsl_qrng_get(sequence->generator, sequence->point);
    for (size_t i = 0; design->shift != NULL && i < design->dimensions; i++) {
        const double moved = sequence->point[i] + design->shift[i];
        sequence->point[i] = moved < 1 ? moved : moved - 1;
    }
    return sequence->point;
}

static void saltelli_row(double *out, struct tn_design *design, size_t row, int thread)
{
    const size_t matrices = design->axes + 2, matrix = row % matrices;
    const double *a = sequence_point(design, row / matrices, thread), *b = a + design->axes;
    for (size_t axis = 0; axis < design->axes; axis++)
        out[axis] = matrix == 1 || matrix == axis + 2 ? b[axis] : a[axis];
}

static void random_row(double *out, const struct tn_design *design, size_t row)
{
    for (size_t axis = 0; axis < design->axes; axis++) {
        struct tn_random random;
        tn_random_init(&random, (uint64_t)design->spec.seed, TN_RANDOM_DESIGN, row, 0, (uint32_t)axis);
        out[axis] = tn_random_unit(&random);
        if (design->slices != NULL) {
            out[axis] = (design->slices[axis][row] + out[axis]) / design->spec.samples;
            if (out[axis] >= 1) /* rounded up */
                out[axis] = 1 - 0x1p-53;
        }
    }
}

void tn_design_row(double *out, struct tn_design *design, size_t row, int thread)
{
    if (design->spec.kind == TN_DESIGN_SALTELLI)
        saltelli_row(out, design, row, thread);
    else if (design->sequences != NULL)
        memcpy(out, sequence_point(design, row, thread), design->axes * sizeof *out);
    else
        random_row(out, design, row);
}

void tn_design_destroy(struct tn_design *design)
{
    if (design == NULL)
        return;
    for (size_t axis = 0; design->slices != NULL && axis < design->axes; axis++)
        free(design->slices[axis]);
    for (int i = 0; design->sequences != NULL && i < design->threads; i++) {
        if (design->sequences[i].generator != NULL)
            gsl_qrng_free(design->sequences[i].generator);
        free(design->sequences[i].point);
    }
    free(design->slices);
    free(design->sequences);
    free(design->shift);
    free(design);
}
