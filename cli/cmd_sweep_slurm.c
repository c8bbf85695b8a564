/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <unistd.h>

#include "cmd_sweep.h"
#include "command.h"

struct values {
    const char *output, *time, *partition;
    struct tn_opt_texts sets;
    int shards, ranks, threads, notice;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "OUT.h5", "the results file (needed)"},
    {0, "shards", TN_OPT_COUNT, offsetof(struct values, shards), "N", "a job array of N tasks; 10 if not given"},
    {0, "ranks", TN_OPT_COUNT, offsetof(struct values, ranks), "N", "one MPI job of N ranks instead"},
    {'j', "threads", TN_OPT_COUNT, offsetof(struct values, threads), "N", "cores of each task or rank; 8 if not given"},
    {0, "time", TN_OPT_TEXT, offsetof(struct values, time), "LIMIT",
     "time limit as Slurm has it; 4:00:00 if not given"},
    {0, "notice", TN_OPT_COUNT, offsetof(struct values, notice), "SECONDS",
     "saves and stops so long before the limit; 180 if not given"},
    {0, "partition", TN_OPT_TEXT, offsetof(struct values, partition), "NAME", "partition; the default if not given"},
    {'s', "set", TN_OPT_TEXTS, offsetof(struct values, sets), "PATH=VALUE", "as for `tonnage sweep`"},
    {.name = NULL},
};

static void print_head(const struct values *values, const char *stem)
{
    const bool array = values->ranks == 0;
    printf("#!/bin/sh\n"
           "# Submit: sbatch THIS. What it stops at, by the time limit, a lost node or a signal, the next try goes on "
           "from.\n"
           "#SBATCH --job-name=%s\n",
           stem);
    if (array)
        printf("#SBATCH --array=1-%d\n#SBATCH --output=%s-%%a.log\n", values->shards, stem);
    else
        printf("#SBATCH --ntasks=%d\n#SBATCH --output=%s.log\n", values->ranks, stem);
    printf("#SBATCH --open-mode=append\n#SBATCH --cpus-per-task=%d\n#SBATCH --time=%s\n", values->threads,
           values->time);
    if (values->partition)
        printf("#SBATCH --partition=%s\n", values->partition);
    printf("#SBATCH --signal=USR1@%d\n#SBATCH --requeue\n\n", values->notice);
}

static void print_command(const struct values *values, const char *file, struct tn_arena *arena)
{
    const bool array = values->ranks == 0;
    printf("srun --kill-on-bad-exit=0 --cpus-per-task=%d %s sweep %s -o %s --resume --threads %d", values->threads,
           array ? "\"${TONNAGE:-tonnage}\"" : "\"${TONNAGE_MPI:-tonnage-mpi}\"", tn_command_quote(file, arena),
           tn_command_quote(values->output, arena), values->threads);
    if (array)
        printf(" --shard \"$SLURM_ARRAY_TASK_ID/%d\"", values->shards);
    for (size_t i = 0; i < values->sets.count; i++)
        printf(" --set %s", tn_command_quote(values->sets.items[i], arena));
    printf("\nstatus=$?\n");
}

/* 6: stopped by the notice, points are missing. */
static void print_tail(const struct values *values)
{
    printf("if [ $status -eq 6 ]; then\n    scontrol requeue \"%s\"\nfi\nexit $status\n",
           values->ranks == 0 ? "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" : "$SLURM_JOB_ID");
}

static int print_script(struct values *values, const char *file, struct tn_arena *arena)
{
    if (!values->output)
        return tn_opt_usage("sweep slurm", NULL, "where to? -o OUT.h5 is needed");
    if (values->shards && values->ranks)
        return tn_opt_usage("sweep slurm", NULL, "--shards and --ranks: one or the other");
    if (tn_command_check_output("sweep slurm", values->output))
        return TN_EXIT_USAGE;
    if (access(file, R_OK) != 0)
        fprintf(stderr, "tonnage: warning: there is no file '%s' here\n", file);
    if (!values->shards && !values->ranks)
        values->shards = 10;
    values->threads = values->threads ? values->threads : 8;
    values->notice = values->notice ? values->notice : 180;
    values->time = values->time ? values->time : "4:00:00";
    const char *slash = strrchr(values->output, '/'), *base = slash ? slash + 1 : values->output;
    const char *dot = strrchr(base, '.');
    char *stem = tn_arena_copy(arena, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
    for (char *c = stem; c && *c; c++) /* a word of a comment line */
        if (*c == ' ' || *c == '\n' || *c == '%' || *c == '\'' || *c == '"')
            *c = '-';
    if (!stem)
        return TN_EXIT_INTERNAL;
    print_head(values, stem);
    print_command(values, file, arena);
    print_tail(values);
    return TN_EXIT_OK;
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &arena);
    if (end < 0)
        end = print_script(&values, files[0], &arena);
    tn_arena_clear(&arena);
    return end;
}

const struct tn_verb tn_verb_sweep_slurm = {
    .name = "sweep slurm",
    .operands = "FILE",
    .doc = "prints a job script for Slurm: an array, or one MPI job",
    .examples = "Examples:\n"
                "  tonnage sweep slurm scenarios/sweep-capacity.yaml -o capacity.h5 --shards 20 > job.sh\n"
                "  tonnage sweep slurm scenarios/sweep-capacity.yaml -o capacity.h5 --ranks 64 --threads 4 > job.sh\n"
                "  sbatch job.sh\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
