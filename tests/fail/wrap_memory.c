/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_integration.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_qrng.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_vector.h>
#include <stddef.h>
#include <yaml.h>

#include "wrap.h"

/* Under the sanitizers, which have the allocator for themselves: tonnage's own allocations, and the functions of
   libraries that allocate for it. */

void fail_init(void)
{
}

/* What HDF5 loses by itself. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

WRAP(FAIL_MEMORY, void *, malloc, (size_t size), (size), NULL)
WRAP(FAIL_MEMORY, void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(FAIL_MEMORY, void *, realloc, (void *old, size_t size), (old, size), NULL)
WRAP(FAIL_MEMORY, gsl_vector *, gsl_vector_alloc, (size_t n), (n), NULL)
WRAP(FAIL_MEMORY, gsl_matrix *, gsl_matrix_alloc, (size_t n, size_t m), (n, m), NULL)
WRAP(FAIL_MEMORY, gsl_qrng *, gsl_qrng_alloc, (const gsl_qrng_type *type, unsigned dimension), (type, dimension), NULL)
WRAP(FAIL_MEMORY, gsl_root_fsolver *, gsl_root_fsolver_alloc, (const gsl_root_fsolver_type *type), (type), NULL)
WRAP(FAIL_MEMORY, gsl_integration_glfixed_table *, gsl_integration_glfixed_table_alloc, (size_t n), (n), NULL)
WRAP(FAIL_MEMORY, gsl_integration_cquad_workspace *, gsl_integration_cquad_workspace_alloc, (size_t n), (n), NULL)
WRAP(FAIL_MEMORY, gsl_multifit_linear_workspace *, gsl_multifit_linear_alloc, (size_t n, size_t p), (n, p), NULL)
WRAP(FAIL_MEMORY, int, yaml_parser_initialize, (yaml_parser_t * parser), (parser), 0)
WRAP(FAIL_MEMORY, int, yaml_emitter_initialize, (yaml_emitter_t * emitter), (emitter), 0)
WRAP(FAIL_MEMORY, int, yaml_document_add_sequence,
     (yaml_document_t * document, const yaml_char_t *tag, yaml_sequence_style_t style), (document, tag, style), 0)
WRAP(FAIL_MEMORY, int, yaml_document_add_mapping,
     (yaml_document_t * document, const yaml_char_t *tag, yaml_mapping_style_t style), (document, tag, style), 0)
WRAP(FAIL_MEMORY, int, yaml_document_append_sequence_item, (yaml_document_t * document, int sequence, int item),
     (document, sequence, item), 0)
WRAP(FAIL_MEMORY, int, yaml_document_append_mapping_pair, (yaml_document_t * document, int mapping, int key, int value),
     (document, mapping, key, value), 0)
