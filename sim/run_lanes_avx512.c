/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps in lanes with the instructions of AVX-512, where the compiler was told to use them. */
#if defined(__AVX512F__)
#define TN_LANES_WIDTH 8
#define TN_LANES_AVAILABLE                                                                                             \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
#include "run_lanes_kernel.h"

const struct tn_lanes_set tn_lanes_avx512 = {"avx512", available, accelerate_all, hold_all, follow_all};
#else
#include "run_lanes.h"

static bool available(void)
{
    return false;
}

const struct tn_lanes_set tn_lanes_avx512 = {"avx512", available, NULL, NULL, NULL};
#endif
