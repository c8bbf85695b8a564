/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sobol.h"

#include <string.h>

#include <gsl/gsl_errno.h>

#define BITS 32

/* A primitive polynomial, its bits the coefficients, and the first odd numbers m, as many as its degree. The numbers
   are those of new-joe-kuo-6.21201 as SciPy hands them out (BSD-3). */
static const struct {
    uint16_t polynomial;
    uint16_t m[9];
} numbers[TN_SOBOL_DIMENSIONS] = {
    {1, {1}},
    {3, {1}},
    {7, {1, 3}},
    {11, {1, 3, 1}},
    {13, {1, 1, 1}},
    {19, {1, 1, 3, 3}},
    {25, {1, 3, 5, 13}},
    {37, {1, 1, 5, 5, 17}},
    {41, {1, 1, 5, 5, 5}},
    {47, {1, 1, 7, 11, 19}},
    {55, {1, 1, 5, 1, 1}},
    {59, {1, 1, 1, 3, 11}},
    {61, {1, 3, 5, 5, 31}},
    {67, {1, 3, 3, 9, 7, 49}},
    {91, {1, 1, 1, 15, 21, 21}},
    {97, {1, 3, 1, 13, 27, 49}},
    {103, {1, 1, 1, 15, 7, 5}},
    {109, {1, 3, 1, 15, 13, 25}},
    {115, {1, 1, 5, 5, 19, 61}},
    {131, {1, 3, 7, 11, 23, 15, 103}},
    {137, {1, 3, 7, 13, 13, 15, 69}},
    {143, {1, 1, 3, 13, 7, 35, 63}},
    {145, {1, 3, 5, 9, 1, 25, 53}},
    {157, {1, 3, 1, 13, 9, 35, 107}},
    {167, {1, 3, 1, 5, 27, 61, 31}},
    {171, {1, 1, 5, 11, 19, 41, 61}},
    {185, {1, 3, 5, 3, 3, 13, 69}},
    {191, {1, 1, 7, 13, 1, 19, 1}},
    {193, {1, 3, 7, 5, 13, 19, 59}},
    {203, {1, 1, 3, 9, 25, 29, 41}},
    {211, {1, 3, 5, 13, 23, 1, 55}},
    {213, {1, 3, 7, 3, 13, 59, 17}},
    {229, {1, 3, 1, 3, 5, 53, 69}},
    {239, {1, 1, 5, 5, 23, 33, 13}},
    {241, {1, 1, 7, 7, 1, 61, 123}},
    {247, {1, 1, 7, 9, 13, 61, 49}},
    {253, {1, 3, 3, 5, 3, 55, 33}},
    {285, {1, 3, 1, 15, 31, 13, 49, 245}},
    {299, {1, 3, 5, 15, 31, 59, 63, 97}},
    {301, {1, 3, 1, 11, 11, 11, 77, 249}},
    {333, {1, 3, 1, 11, 27, 43, 71, 9}},
    {351, {1, 1, 7, 15, 21, 11, 81, 45}},
    {355, {1, 3, 7, 3, 25, 31, 65, 79}},
    {357, {1, 3, 1, 1, 19, 11, 3, 205}},
    {361, {1, 1, 5, 9, 19, 21, 29, 157}},
    {369, {1, 3, 7, 11, 1, 33, 89, 185}},
    {391, {1, 3, 3, 3, 15, 9, 79, 71}},
    {397, {1, 3, 7, 11, 15, 39, 119, 27}},
    {425, {1, 1, 3, 1, 11, 31, 97, 225}},
    {451, {1, 1, 1, 3, 23, 43, 57, 177}},
    {463, {1, 3, 7, 7, 17, 17, 37, 71}},
    {487, {1, 3, 1, 5, 27, 63, 123, 213}},
    {501, {1, 1, 3, 5, 11, 43, 53, 133}},
    {529, {1, 3, 5, 5, 29, 17, 47, 173, 479}},
    {539, {1, 3, 3, 11, 3, 1, 109, 9, 69}},
    {545, {1, 1, 1, 5, 17, 39, 23, 5, 343}},
    {557, {1, 3, 1, 5, 25, 15, 31, 103, 499}},
    {563, {1, 1, 1, 11, 11, 17, 63, 105, 183}},
    {601, {1, 1, 5, 11, 9, 29, 97, 231, 363}},
    {607, {1, 1, 5, 15, 19, 45, 41, 7, 383}},
    {617, {1, 3, 7, 7, 31, 19, 83, 137, 221}},
    {623, {1, 1, 1, 3, 23, 15, 111, 223, 83}},
    {631, {1, 1, 5, 13, 31, 15, 55, 25, 161}},
    {637, {1, 1, 3, 13, 25, 47, 39, 87, 257}},
};

struct state {
    uint64_t index; /* of the next point */
    uint32_t x[TN_SOBOL_DIMENSIONS];
    uint32_t v[TN_SOBOL_DIMENSIONS][BITS]; /* direction numbers */
};

static size_t state_size(unsigned dimensions)
{
    (void)dimensions;
    return sizeof(struct state);
}

/* m_k = 2 a_1 m_{k-1} ^ 4 a_2 m_{k-2} ^ ... ^ 2^s m_{k-s} ^ m_{k-s}; the direction is m_k with its point moved. */
static void set_directions(uint32_t *v, unsigned dimension)
{
    const uint32_t polynomial = numbers[dimension].polynomial;
    unsigned degree = 0;
    while (polynomial >> (degree + 1))
        degree++;
    uint32_t m[BITS];
    for (unsigned k = 0; k < BITS; k++) {
        if (degree == 0 || k < degree) {
            m[k] = degree == 0 ? 1 : numbers[dimension].m[k];
        } else {
            m[k] = m[k - degree];
            for (unsigned i = 1; i <= degree; i++)
                if (polynomial >> (degree - i) & 1u)
                    m[k] ^= m[k - i] << i;
        }
        v[k] = m[k] << (BITS - 1 - k);
    }
}

static int init_state(void *state_in, unsigned dimensions)
{
    struct state *state = state_in;
    memset(state, 0, sizeof *state);
    for (unsigned i = 0; i < dimensions; i++)
        set_directions(state->v[i], i);
    return GSL_SUCCESS;
}

/* Point n is the exclusive or of the directions where the Gray code of n has a one: from each point to the next one
   direction changes, that of the lowest zero of n. */
static int get(void *state_in, unsigned dimensions, double *point)
{
    struct state *state = state_in;
    if (state->index >> BITS)
        return GSL_EFAILED;
    for (unsigned i = 0; i < dimensions; i++)
        point[i] = state->x[i] * 0x1p-32;
    unsigned bit = 0;
    while (state->index >> bit & 1u)
        bit++;
    state->index++;
    for (unsigned i = 0; bit < BITS && i < dimensions; i++)
        state->x[i] ^= state->v[i][bit];
    return GSL_SUCCESS;
}

const gsl_qrng_type tn_sobol_type = {"sobol-joe-kuo", TN_SOBOL_DIMENSIONS, state_size, init_state, get};

void tn_sobol_seek(gsl_qrng *generator, uint32_t index)
{
    struct state *state = generator->state;
    const uint32_t gray = index ^ index >> 1;
    memset(state->x, 0, sizeof state->x);
    for (unsigned i = 0; i < generator->dimension; i++)
        for (unsigned bit = 0; bit < BITS; bit++)
            if (gray >> bit & 1u)
                state->x[i] ^= state->v[i][bit];
    state->index = index;
}
