/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_REQUIRE_H
#define TN_REQUIRE_H

#include "results.h"
#include "scenario.h"

/* `require:` of a scenario: bounds that results have to keep. */

/* Every required result exists and is a number; errors go to ctx with their place. */
tn_status tn_require_check(const struct tn_scenario *scenario, struct tn_context *ctx);

/* Prints on stderr each bound on a result of that study that is not met. Returns how many. */
size_t tn_require_test(const struct tn_scenario *scenario, const struct tn_solved *solved);

#endif
