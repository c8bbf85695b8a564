/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SOBOL_H
#define TN_SOBOL_H

#include <stdint.h>

#include <gsl/gsl_qrng.h>

/* Sobol points with the direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
   two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), new-joe-kuo-6.21201, as a generator for gsl_qrng_alloc.
   GSL's own gsl_qrng_sobol has older numbers and leaves out the first point, zero, without which the first 2^k points
   are no net. 32 bits: 2^32 points, after which gsl_qrng_get fails. */
#define TN_SOBOL_DIMENSIONS 64
extern const gsl_qrng_type tn_sobol_type;

/* The next point of the generator (of that type) is the one of that index, counted from 0. */
void tn_sobol_seek(gsl_qrng *generator, uint32_t index);

#endif
