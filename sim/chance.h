/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CHANCE_H
#define TN_CHANCE_H

#include <stdint.h>

/* Inside the searches: quick random choices by Philox 4x32-10 (Salmon and others, SC11, 2011). Numbers depend on what
   they are for and on nothing else: the user's seed, the chain of the search, the iteration and a purpose. Choices
   among few are as even as 32 bits are; where a distribution matters there is random.h. */

struct tn_chance {
    uint32_t key[2], counter[4], numbers[4];
    int used; /* of the numbers */
};

void tn_chance_init(struct tn_chance *out, uint32_t seed, uint32_t chain, uint64_t iteration, uint32_t purpose);

/* Of 0 .. count - 1. */
int tn_chance_int(struct tn_chance *chance, int count);

/* Above 0, up to 1. */
double tn_chance_unit(struct tn_chance *chance);

#endif
