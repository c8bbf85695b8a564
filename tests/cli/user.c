/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "results.h"
#include "scenario.h"

/* A program of somebody else's: solves the first study of a scenario file and prints it. */
int main(int argc, char **argv)
{
    struct tn_scenario_reader *reader = NULL;
    struct tn_arena arena = {0};
    struct tn_context ctx = {0};
    tn_status status = argc == 2 ? tn_scenario_read(&reader, argv[1], NULL, 0, &ctx) : TN_ERR_INPUT;
    if (status == TN_OK) {
        const struct tn_study *study = tn_scenario_get(reader)->studies.items;
        struct tn_solved solved = {study->id, tn_study_kinds[study->kind], NULL};
        struct tn_environment environment;
        tn_scenario_environment(&environment, tn_scenario_get(reader));
        void *result = tn_arena_alloc(&arena, 1, solved.kind->result->size);
        solved.result = result;
        status = solved.kind->solve(result, study->spec.object, &environment, &arena, &ctx);
        if (status == TN_OK)
            status = tn_table_print(stdout, &solved, &ctx);
    }
    for (size_t i = 0; i < ctx.count; i++)
        fprintf(stderr, "%s\n", ctx.diagnostics[i].text);
    tn_scenario_destroy(reader);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
    return status != TN_OK;
}
