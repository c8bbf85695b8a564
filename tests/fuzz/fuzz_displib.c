/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include "displib.h"

#include <unistd.h>

/* A dispatching problem, and behind a line `%%% solution.json` a solution of it, read and judged. */

static void judge(const struct tn_displib *problem)
{
    struct tn_displib *solution = NULL;
    struct tn_context ctx = {0};
    int64_t objective = -1;
    if (tn_displib_read_solution(&solution, &objective, fuzz_path("solution.json"), &ctx) == TN_OK) {
        (void)tn_dispatch_verify(tn_displib_problem(problem), tn_displib_solution(solution), &ctx);
        const struct tn_dispatch_solution *events = tn_displib_solution(solution);
        (void)tn_dispatch_cost(tn_displib_problem(problem), events->events, events->count);
    } else {
        FUZZ_MUST(ctx.errors > 0);
    }
    tn_displib_destroy(solution);
    tn_context_clear(&ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tn_displib *problem = NULL;
    struct tn_context ctx = {0};
    fuzz_write_files("problem.json", data, size);
    tn_status status = tn_displib_read_problem(&problem, fuzz_path("problem.json"), &ctx);
    FUZZ_MUST((status == TN_OK) == (ctx.errors == 0));
    if (status == TN_OK) {
        ctx.locate = tn_displib_locate;
        ctx.payload = problem;
        status = tn_dispatch_check(tn_displib_problem(problem), &ctx);
    }
    if (status == TN_OK && access(fuzz_path("solution.json"), R_OK) == 0)
        judge(problem);
    tn_displib_destroy(problem);
    tn_context_clear(&ctx);
    return 0;
}
