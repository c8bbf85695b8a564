/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "made_day.h"
#include "near.h"
#include "plot.h"

static const char stations[] = TN_SOURCE_DIR "/scenarios/lines/golmud-korla-stations.csv";
static struct tn_assumption assumptions[] = {
    {"positions of 38 loops are spread evenly over the gaps", TN_ESTIMATE},
    {"the maintenance window closes the whole line at once, 90 min a day", TN_ASSUMED}};
static const struct tn_provenance provenance = {
    "day.yaml", "26 pairs of 5,200 t on the line of 2024", "resolved", "tonnage run day.yaml", NULL, 0, 2, 0.5};

/* A cyclic timetable, a simulation and a capacity study. */
static tn_status write_file(const char *path, struct tn_arena *arena, struct tn_context *ctx)
{
    struct made_day day, late;
    struct made_capacity capacity;
    if (!made_day_init(&day, stations, MADE_PAIRS, 0, arena) ||
        !made_day_init(&late, stations, MADE_PAIRS, 1800, arena) || !made_capacity_init(&capacity, &day, arena))
        return TN_ERR_IO;
    day.head.assumptions = late.head.assumptions = capacity.head.assumptions = (struct tn_list){assumptions, 2};
    const struct tn_solved solved[] = {{"day", &made_timetable_kind, &day},
                                       {"late", &made_simulation_kind, &late},
                                       {"capacity", &made_capacity_kind, &capacity}};
    return tn_results_write(path, solved, 3, &provenance, ctx);
}

int main(int argc, char **argv)
{
    if (argc == 2) { /* writes the file that tests/cli draws */
        struct tn_arena arena = {0};
        struct tn_context ctx = {0};
        tn_status status = write_file(argv[1], &arena, &ctx);
        tn_arena_clear(&arena);
        tn_context_clear(&ctx);
        return status == TN_OK ? 0 : 1;
    }
    return 0;
}
