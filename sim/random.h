/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RANDOM_H
#define TN_RANDOM_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* Random numbers that depend on what they are for and on nothing else: Philox 4x64-10 (Salmon and others, "Parallel
   random numbers: as easy as 1, 2, 3", SC11, 2011) by Random123, keyed by (seed, purpose) and counted by (point,
   replicate, entity, draw). There is no state to share or save; threads, shards and ranks do not matter, and one more
   entity changes no other's numbers. The same bytes on every machine. */

/* What numbers are drawn for. A purpose of its own for everything that must not move when something else draws more. */
enum tn_random_purpose {
    TN_RANDOM_DESIGN = 1,    /* designs of a sweep */
    TN_RANDOM_REPLICATE = 2, /* replicates of a sweep's point */
    TN_RANDOM_BOOTSTRAP = 3, /* confidence intervals */
    TN_RANDOM_DELAY = 4,     /* traffic: delays of trains when they come */
    TN_RANDOM_SCATTER = 5,   /* capacity: positions of stations */
    TN_RANDOM_ARRIVAL = 6,   /* traffic: when random trains come */
    TN_RANDOM_RUNNING = 7,   /* traffic: scatter of running times */
    TN_RANDOM_FAILURE = 8,   /* traffic: failures of locomotives */
    TN_RANDOM_OVERRUN = 9    /* traffic: maintenance windows that end late */
};

/* A stream of numbers. Copy it to branch; any struct that tn_random_init filled is valid and owns nothing. */
struct tn_random {
    uint64_t key[2];
    uint64_t counter[4]; /* of the next block */
    uint64_t block[4];
    unsigned left; /* of the block */
};

/* The stream of that entity (a train, a station, an axis: numbered by the caller, stably). Draws count from 0. */
void tn_random_init(struct tn_random *out, uint64_t seed, uint32_t purpose, uint64_t point, uint32_t replicate,
                    uint32_t entity);

uint64_t tn_random_bits(struct tn_random *random);
/* In [0, 1), a multiple of 2^-53. One draw. */
double tn_random_unit(struct tn_random *random);
/* Uniform in 0 .. count-1 without bias; count > 0. One draw, seldom more. */
uint64_t tn_random_below(struct tn_random *random, uint64_t count);

/* The stream as GSL's distributions (gsl_ran_...) take it; `random` stays where it is as long as the view is used. No
   gsl_rng_free. With gsl_rng_alloc(&tn_random_gsl_type) GSL makes a stream of its own, keyed by gsl_rng_set alone. */
gsl_rng tn_random_gsl(struct tn_random *random);
extern const gsl_rng_type tn_random_gsl_type;

#endif
