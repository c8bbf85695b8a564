/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps in lanes as every machine can: pairs, which x86-64 has in SSE2. */
#define TN_LANES_WIDTH     2
#define TN_LANES_AVAILABLE true
#include "run_lanes_kernel.h"

const struct tn_lanes_set tn_lanes_plain = {"plain", available, accelerate_all, hold_all, follow_all};
