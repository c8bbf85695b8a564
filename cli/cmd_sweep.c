/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd_sweep.h"
#include "command.h"
#include "diag.h"
#include "sweep_job.h"
#include "team.h"
#include "terminal.h"

enum { THREADS_MOST = 1024, SHARDS_MOST = 100000, CHUNK_LARGEST = 1000000 };

struct values {
    const char *output, *shard;
    struct tn_opt_texts sets;
    int threads, chunk;
    bool plan, resume;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "OUT.h5",
     "the results file (needed, but for --plan)"},
    {0, "plan", TN_OPT_FLAG, offsetof(struct values, plan), NULL,
     "print axes and number of points, about how long it takes and how large it gets"},
    {0, "resume", TN_OPT_FLAG, offsetof(struct values, resume), NULL,
     "solve only what an earlier run, of the same scenario or one since changed, has not"},
    {0, "shard", TN_OPT_TEXT, offsetof(struct values, shard), "K/N",
     "only the K-th of N parts; a task of a Slurm array knows its own"},
    {0, "chunk", TN_OPT_COUNT, offsetof(struct values, chunk), "POINTS",
     "points that are saved at a time; as suits if not given"},
    {'s', "set", TN_OPT_TEXTS, offsetof(struct values, sets), "PATH=VALUE",
     "change a value of the file; sweep.design.samples=64 too"},
    {'j', "threads", TN_OPT_COUNT, offsetof(struct values, threads), "N", "threads; all cores if not given"},
    {.name = NULL},
};

static bool read_count(size_t *out, const char *text)
{
    char *end;
    errno = 0;
    const unsigned long long value = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    *out = (size_t)value;
    return text && *text >= '0' && *text <= '9' && !*end && !errno;
}

/* What Slurm tells the task of an array. */
static bool shard_of_slurm(size_t *shard, size_t *shards)
{
    size_t task, least, step = 1, count;
    const char *given = getenv("SLURM_ARRAY_TASK_STEP");
    if (!read_count(&task, getenv("SLURM_ARRAY_TASK_ID")) || !read_count(&least, getenv("SLURM_ARRAY_TASK_MIN")) ||
        !read_count(&count, getenv("SLURM_ARRAY_TASK_COUNT")) || (given && !read_count(&step, given)) || step == 0 ||
        task < least)
        return false;
    *shard = (task - least) / step + 1;
    *shards = count;
    return true;
}

/* K/N of --shard, or of Slurm; 1 of 1 else. A team's shards are its ranks. */
static int read_shard(size_t *shard, size_t *shards, const struct values *values)
{
    const char *slash = values->shard ? strchr(values->shard, '/') : NULL;
    char first[24] = "";
    *shard = *shards = 1;
    if (tn_team_size() > 1) {
        *shards = (size_t)tn_team_size();
        return values->shard ? tn_opt_usage("sweep", NULL, "--shard and several ranks: one or the other") : TN_EXIT_OK;
    }
    if (!values->shard) {
        (void)shard_of_slurm(shard, shards);
    } else {
        if (slash && slash - values->shard < (long)sizeof first)
            memcpy(first, values->shard, (size_t)(slash - values->shard));
        if (!slash || !read_count(shard, first) || !read_count(shards, slash + 1))
            return tn_opt_usage("sweep", NULL, "--shard is K/N, such as 2/5, not '%s'", values->shard);
    }
    if (*shard < 1 || *shard > *shards || *shards > SHARDS_MOST)
        return tn_opt_usage("sweep", NULL, "there is no shard %zu of %zu", *shard, *shards);
    return TN_EXIT_OK;
}

static int check_values(const struct values *values, const struct tn_scenario_reader *reader)
{
    if (values->threads > THREADS_MOST)
        return tn_opt_usage("sweep", NULL, "--threads is %d, at most %d run", values->threads, THREADS_MOST);
    if (values->chunk > CHUNK_LARGEST)
        return tn_opt_usage("sweep", NULL, "--chunk is %d, at most %d points are saved at a time", values->chunk,
                            CHUNK_LARGEST);
    if (values->plan)
        return TN_EXIT_OK;
    if (!values->output)
        return tn_opt_usage("sweep", NULL, "where to? -o OUT.h5 is needed");
    if (tn_command_check_output("sweep", values->output))
        return TN_EXIT_USAGE;
    if (tn_command_is_input(reader, values->output))
        return tn_opt_usage("sweep", NULL, "'%s' is a file of the scenario and would be lost", values->output);
    return TN_EXIT_OK;
}

static int work(const struct values *values, const struct tn_scenario_reader *reader, const char *path,
                const char *command, struct tn_arena *arena)
{
    struct tn_context ctx = {0};
    struct tn_provenance provenance;
    struct tn_sweep_job job = {.output = values->output, .resume = values->resume, .start = tn_command_clock()};
    if (!tn_scenario_get(reader)->sweep.axis_count) {
        tn_diag_say("%s has no `sweep:` with axes to go over", path);
        return TN_EXIT_SCENARIO;
    }
    int end = check_values(values, reader);
    if (end == TN_EXIT_OK)
        end = read_shard(&job.shard, &job.shards, values);
    if (end != TN_EXIT_OK)
        return end;
    if (tn_team_rank() == 0)
        tn_command_note_inputs(reader);
    tn_status status = tn_command_provenance(&provenance, reader, path, command, arena);
    provenance.threads = values->threads ? values->threads : omp_get_max_threads();
    if (status == TN_OK)
        status = tn_sweep_job_init(&job, reader, &provenance, (size_t)values->chunk, &ctx);
    end = status != TN_OK ? tn_exit_of(status)
          : values->plan  ? (tn_team_rank() == 0 ? tn_sweep_job_plan(&job, &ctx) : TN_EXIT_OK)
                          : tn_sweep_job_run(&job, &ctx);
    tn_diag_print(stderr, &ctx);
    tn_sweep_job_clear(&job);
    tn_context_clear(&ctx);
    const bool shown = tn_scenario_get(reader)->sweep.design.kind == TN_DESIGN_SALTELLI && !values->plan;
    if (end == TN_EXIT_OK && shown && !tn_terminal_quiet() && tn_team_rank() == 0 &&
        (job.shards == 1 || tn_team_size() > 1))
        end = tn_sweep_show(values->output);
    return end;
}

/* A word that is no file, but nearly a part of the verb. -1 to go on. */
static int check_file(const struct tn_verb *verb, const char *file)
{
    const char *near = access(file, F_OK) == 0 ? NULL : tn_verb_nearest_part(verb, file);
    return near ? tn_opt_usage(verb->name, near, "'%s' is no file and no part of sweep", file) : -1;
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = NULL;
    const struct tn_verb *part = argc > 1 ? tn_verb_part(verb, argv[1]) : NULL;
    if (part)
        return tn_team_rank() == 0 ? part->run(part, argc - 1, argv + 1) : TN_EXIT_OK;
    const char *command = tn_command_line(verb->name, argc, argv, &arena);
    char **files = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &files, &count, verb, argc, argv, &arena);
    if (end < 0)
        end = check_file(verb, files[0]);
    if (end < 0) {
        const tn_status status = tn_scenario_read(&reader, files[0], values.sets.items, values.sets.count, &ctx);
        if (tn_team_rank() == 0)
            tn_diag_print(stderr, &ctx);
        end = status == TN_OK ? work(&values, reader, files[0], command, &arena) : tn_exit_of(status);
    }
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    tn_arena_clear(&arena);
    return end;
}

static void more(FILE *out)
{
    fputs("\n`mpirun -n 8 tonnage-mpi sweep FILE -o OUT.h5` shares the points among the ranks of an MPI job.\n", out);
}

const struct tn_verb tn_verb_sweep = {
    .name = "sweep",
    .operands = "FILE",
    .doc = "solves one study at every point of the file's sweep, on all cores",
    .examples = "Examples:\n"
                "  tonnage sweep scenarios/sweep-capacity.yaml --plan\n"
                "  tonnage sweep scenarios/sweep-capacity.yaml -o capacity.h5\n"
                "  tonnage sweep scenarios/sweep-capacity.yaml -o capacity.h5 --resume\n"
                "  tonnage sweep scenarios/sweep-capacity.yaml -o shards.h5 --shard 2/5\n",
    .options = options,
    .parts = tn_sweep_parts,
    .operands_min = 1,
    .operands_max = 1,
    .more = more,
    .run = run,
};
