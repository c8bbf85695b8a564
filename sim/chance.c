/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chance.h"

#include <string.h>

#include <Random123/philox.h>

void tn_chance_init(struct tn_chance *out, uint32_t seed, uint32_t chain, uint64_t iteration, uint32_t purpose)
{
    *out = (struct tn_chance){
        .key = {seed, chain}, .counter = {(uint32_t)iteration, (uint32_t)(iteration >> 32), purpose, 0}, .used = 4};
}

static uint32_t bits(struct tn_chance *chance)
{
    if (chance->used == 4) {
        philox4x32_key_t key;
        philox4x32_ctr_t counter;
        memcpy(key.v, chance->key, sizeof chance->key);
        memcpy(counter.v, chance->counter, sizeof chance->counter);
        counter = philox4x32(counter, key);
        memcpy(chance->numbers, counter.v, sizeof chance->numbers);
        chance->counter[3]++;
        chance->used = 0;
    }
    return chance->numbers[chance->used++];
}

int tn_chance_int(struct tn_chance *chance, int count)
{
    return (int)((uint64_t)bits(chance) * (uint64_t)count >> 32);
}

double tn_chance_unit(struct tn_chance *chance)
{
    return ((double)bits(chance) + 1) / 4294967296.0;
}
