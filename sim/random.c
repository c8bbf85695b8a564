/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random.h"

#include <string.h>

#include <Random123/philox.h>

void tn_random_init(struct tn_random *out, uint64_t seed, uint32_t purpose, uint64_t point, uint32_t replicate,
                    uint32_t entity)
{
    *out = (struct tn_random){.key = {seed, purpose}, .counter = {0, point, replicate, entity}};
}

uint64_t tn_random_bits(struct tn_random *random)
{
    if (random->left == 0) {
        philox4x64_key_t key;
        philox4x64_ctr_t counter;
        memcpy(key.v, random->key, sizeof random->key);
        memcpy(counter.v, random->counter, sizeof random->counter);
        counter = philox4x64(counter, key);
        memcpy(random->block, counter.v, sizeof random->block);
        random->counter[0]++;
        random->left = 4;
    }
    return random->block[4 - random->left--];
}

double tn_random_unit(struct tn_random *random)
{
    return (double)(tn_random_bits(random) >> 11) * 0x1p-53;
}

uint64_t tn_random_below(struct tn_random *random, uint64_t count)
{
    /* 2^64 modulo count: that many of the smallest numbers are one too many for some remainders. */
    const uint64_t surplus = (UINT64_MAX - count + 1) % count;
    uint64_t bits;
    do
        bits = tn_random_bits(random);
    while (bits < surplus);
    return bits % count;
}

static void gsl_set(void *state, unsigned long seed)
{
    tn_random_init(state, seed, 0, 0, 0, 0);
}

static unsigned long gsl_get(void *state)
{
    return (unsigned long)(tn_random_bits(state) >> 32);
}

static double gsl_get_double(void *state)
{
    return tn_random_unit(state);
}

/* 32 bits at a time, the same where a long has no more. */
const gsl_rng_type tn_random_gsl_type = {"philox4x64", 0xffffffffUL,  0, sizeof(struct tn_random), gsl_set,
                                         gsl_get,      gsl_get_double};

gsl_rng tn_random_gsl(struct tn_random *random)
{
    return (gsl_rng){&tn_random_gsl_type, random};
}
