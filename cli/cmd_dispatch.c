/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "diag.h"
#include "dispatch.h"
#include "displib.h"
#include "displib_write.h"
#include "signals.h"
#include "terminal.h"

enum { THREADS_MOST = 1024 };

struct values {
    const char *output, *time_limit, *iterations;
    int threads, seed;
    bool verify;
};

static const struct tn_opt options[] = {
    {'o', "output", TN_OPT_TEXT, offsetof(struct values, output), "SOLUTION",
     "the solution (needed, but for --verify)"},
    {0, "verify", TN_OPT_FLAG, offsetof(struct values, verify), NULL, "judge a solution instead of searching one"},
    {'t', "time-limit", TN_OPT_TEXT, offsetof(struct values, time_limit), "TIME",
     "search that long, as '90 s' or '10 min'; 60 s if not given"},
    {'n', "iterations", TN_OPT_TEXT, offsetof(struct values, iterations), "N",
     "search that often: the same result on any machine"},
    {'j', "threads", TN_OPT_COUNT, offsetof(struct values, threads), "N", "threads; all cores if not given"},
    {0, "seed", TN_OPT_COUNT, offsetof(struct values, seed), "N", "seed of the random numbers; 0 if not given"},
    {.name = NULL},
};

struct watch {
    double start, limit;
    struct tn_progress progress;
};

static double clock_part(void *payload)
{
    const struct watch *watch = payload;
    return (tn_command_clock() - watch->start) / watch->limit;
}

static bool progress(double done, int64_t objective, void *payload)
{
    struct watch *watch = payload;
    char text[80];
    if (objective < 0)
        snprintf(text, sizeof text, "%3.0f %%  no solution yet ", 100 * done);
    else
        snprintf(text, sizeof text, "%3.0f %%  objective %lld ", 100 * done, (long long)objective);
    tn_progress_say(&watch->progress, text);
    return tn_signal_caught() == 0;
}

/* Seconds, above 0; NAN if the text is none. A bare number is in seconds. */
static double seconds(const char *text)
{
    static const struct {
        const char *name;
        double size;
    } units[] = {{"", 1}, {"s", 1}, {"min", 60}, {"h", 3600}};
    char *end = NULL;
    const double value = strtod(text, &end);
    if (end == text || !(value > 0) || !isfinite(value))
        return NAN;
    end += strspn(end, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].name))
            return value * units[i].size;
    return NAN;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Fills limits from the options; -1, or the exit status of a mistake. */
static int set_limits(struct tn_dispatch_limits *limits, struct watch *watch, const struct values *values,
                      const char *verb)
{
    *limits = (struct tn_dispatch_limits){
        .threads = values->threads, .seed = (uint32_t)values->seed, .progress = progress, .payload = watch};
    const char *time = values->time_limit ? values->time_limit : values->iterations ? NULL : "60 s";
    if (values->threads > THREADS_MOST)
        return tn_opt_usage(verb, NULL, "--threads goes up to %d, not %d", THREADS_MOST, values->threads);
    if (values->iterations) {
        char *end = NULL;
        const double count = strtod(values->iterations, &end);
        if (end == values->iterations || *end || !(count >= 1 && count <= 1e15) || floor(count) < count)
            return tn_opt_usage(verb, NULL, "--iterations needs a whole number above 0, not '%s'", values->iterations);
        limits->iterations = (int64_t)count;
    }
    if (time) {
        watch->limit = seconds(time);
        limits->clock = clock_part;
        if (!(watch->limit > 0))
            return tn_opt_usage(verb, NULL, "--time-limit needs a time as '90 s' or '10 min', not '%s'", time);
    }
    return -1;
}

static int report(const struct tn_dispatch_result *result, const char *problem, const char *path, double took)
{
    if (result->end == TN_DISPATCH_NONE || result->end == TN_DISPATCH_UNSOLVED) {
        printf("%s: %s\n", problem, result->reason);
        return TN_EXIT_NO;
    }
    if (tn_terminal_quiet())
        return TN_EXIT_OK;
    const long long objective = result->solution.objective, bound = result->bound;
    if (result->end == TN_DISPATCH_OPTIMAL)
        printf("%s: objective %lld, and nothing is better; ", path, objective);
    else
        printf("%s: objective %lld, at least %lld is unavoidable; ", path, objective, bound);
    printf("%d events, %lld iterations, %.1f s\n", result->solution.count, (long long)result->iterations, took);
    return TN_EXIT_OK;
}

static int solve(const char *path, const struct values *values, const char *verb)
{
    struct watch watch = {.start = tn_command_clock()};
    struct tn_dispatch_limits limits;
    int end = set_limits(&limits, &watch, values, verb);
    if (end >= 0)
        return end;
    if (same_file(path, values->output))
        return tn_opt_usage(verb, NULL, "-o %s would replace the problem", values->output);
    if (tn_command_check_folder(values->output))
        return TN_EXIT_IO;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    struct tn_displib *file = NULL;
    struct tn_dispatch_result result = {0};
    tn_signal_catch();
    tn_progress_begin(&watch.progress, "", 0);
    tn_status status = tn_displib_read_problem(&file, path, &ctx);
    if (status == TN_OK)
        status = tn_dispatch_solve(&result, tn_displib_problem(file), &limits, &arena, &ctx);
    tn_progress_end(&watch.progress);
    const bool found = result.end == TN_DISPATCH_SOLVED || result.end == TN_DISPATCH_OPTIMAL;
    const bool stopped = status == TN_ERR_STOPPED;
    if (stopped)
        status = TN_OK;
    if (status == TN_OK && found)
        status = tn_displib_write(values->output, &result.solution, &ctx);
    tn_diag_print(stderr, &ctx);
    end =
        status == TN_OK ? report(&result, path, values->output, tn_command_clock() - watch.start) : tn_exit_of(status);
    if (stopped) {
        tn_diag_say(found ? "stopped by a signal; the best solution so far is written"
                          : "stopped by a signal; nothing is written");
        end = TN_EXIT_SIGNAL + tn_signal_caught();
    }
    tn_displib_destroy(file);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
    return end;
}

static int judge(struct tn_displib *problem, struct tn_displib *solution, int64_t claimed, const char *path,
                 struct tn_context *ctx)
{
    ctx->locate = tn_displib_locate;
    ctx->payload = solution;
    const struct tn_dispatch_solution *found = tn_displib_solution(solution);
    tn_status status = tn_dispatch_verify(tn_displib_problem(problem), found, ctx);
    const int64_t cost = tn_dispatch_cost(tn_displib_problem(problem), found->events, found->count);
    if (status == TN_OK && claimed >= 0 && claimed != cost)
        status = tn_error(ctx, found, NULL, "the objective is %lld, not %lld as the file says", (long long)cost,
                          (long long)claimed);
    tn_diag_print(stderr, ctx);
    if (status == TN_OK)
        printf("%s: feasible, objective %lld\n", path, (long long)cost);
    else if (status == TN_ERR_INPUT)
        printf("%s: not feasible\n", path);
    return status == TN_ERR_INPUT ? TN_EXIT_NO : tn_exit_of(status);
}

static int verify(char **paths)
{
    struct tn_context ctx = {0};
    struct tn_displib *problem = NULL, *solution = NULL;
    int64_t claimed = -1;
    tn_status status = tn_displib_read_problem(&problem, paths[0], &ctx);
    if (status == TN_OK)
        status = tn_displib_read_solution(&solution, &claimed, paths[1], &ctx);
    int end = tn_exit_of(status);
    if (status == TN_OK)
        end = judge(problem, solution, claimed, paths[1], &ctx);
    else
        tn_diag_print(stderr, &ctx);
    tn_displib_destroy(problem);
    tn_displib_destroy(solution);
    tn_context_clear(&ctx);
    return end;
}

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct values values = {0};
    struct tn_arena arena = {0};
    char **operands = NULL;
    int count = 0;
    int end = tn_opt_parse(&values, &operands, &count, verb, argc, argv, &arena);
    if (end < 0 && values.verify && count != 2)
        end = tn_opt_usage(verb->name, NULL, "--verify needs a problem and a solution");
    else if (end < 0 && !values.verify && count != 1)
        end = tn_opt_usage(verb->name, NULL, "one argument too many: '%s'", operands[1]);
    else if (end < 0 && !values.verify && !values.output)
        end = tn_opt_usage(verb->name, NULL, "no place for the solution given: -o SOLUTION.json");
    if (end < 0)
        end = values.verify ? verify(operands) : solve(operands[0], &values, verb->name);
    tn_arena_clear(&arena);
    return end;
}

static void more(FILE *out)
{
    fputs("\nFiles are JSON as DISPLIB defines it. What is written has passed the verifier. Without a solution: exit "
          "1.\n",
          out);
}

const struct tn_verb tn_verb_dispatch = {
    .name = "dispatch",
    .operands = "PROBLEM.json [SOLUTION.json]",
    .doc = "routes, orders and times of trains that share track (DISPLIB problems)",
    .examples = "Examples:\n"
                "  tonnage dispatch problem.json -o solution.json --time-limit '2 s'\n"
                "  tonnage dispatch problem.json -o solution.json --time-limit '2 s' --seed 7\n"
                "  tonnage dispatch --verify problem.json solution.json\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .more = more,
    .run = run,
};
