/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <hdf5.h>

#include "command.h"
#include "diag.h"
#include "nearest.h"
#include "team.h"

static const char *verb_name(size_t i, const void *payload)
{
    (void)payload;
    return tn_verbs[i]->name;
}

static void print_help(FILE *out)
{
    fputs("Examples:\n"
          "  tonnage new run -o first.yaml\n"
          "  tonnage run scenarios/traction-test-5200.yaml\n"
          "  tonnage sweep scenarios/sweep-capacity.yaml -o capacity.h5\n"
          "  tonnage plot capacity.h5\n\n"
          "Usage: tonnage VERB ... | tonnage VERB --help | tonnage --version\n\n"
          "How many tonnes a year a railway can carry, and which limit binds.\n\nVerbs:\n",
          out);
    for (size_t i = 0; tn_verbs[i]; i++)
        fprintf(out, "  %-11s %s\n", tn_verbs[i]->name, tn_verbs[i]->doc);
    fputs("\nEvery verb takes --color WHEN, --quiet and --verbose.\n\n", out);
    fputs(tn_exit_text, out);
}

static void print_version(void)
{
    printf("%s\nrevision %s\n%s\n%s", tn_version(), tn_revision(), tn_compiler(), tn_libraries());
    const size_t length = strlen(tn_libraries());
    if (!length || tn_libraries()[length - 1] != '\n')
        putchar('\n');
}

/* A standard stream that the caller closed would be the next file opened, and take the output into it. */
static void hold_standard_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", O_RDONLY); /* writing to it fails, and is noticed */
}

/* What was printed must have arrived. */
static int close_output(int status)
{
    errno = 0;
    const bool bad = ferror(stdout) != 0;
    if (!fflush(stdout) && !bad)
        return status;
    if (errno != EPIPE) /* the reader had enough: no need to say so */
        fprintf(stderr, "tonnage: error: cannot write to standard output%s%s\n", errno ? ": " : "",
                errno ? strerror(errno) : "");
    return tn_exit_worse(status, TN_EXIT_IO);
}

struct values {
    bool version;
};

static const struct tn_opt options[] = {
    {'V', "version", TN_OPT_FLAG, offsetof(struct values, version), NULL, "version, revision, compiler, libraries"},
    {.name = NULL},
};

static int help(const struct tn_verb *self, int argc, char **argv)
{
    (void)self, (void)argc, (void)argv;
    print_help(stdout);
    return TN_EXIT_OK;
}

static const struct tn_verb *find_verb(const char *name)
{
    for (size_t i = 0; tn_verbs[i]; i++)
        if (!strcmp(name, tn_verbs[i]->name))
            return tn_verbs[i];
    return NULL;
}

static int unknown_verb(const char *name)
{
    size_t count = 0;
    while (tn_verbs[count])
        count++;
    const char *near = strcmp(name, "version") == 0 ? "--version" : tn_nearest_name(name, verb_name, count, NULL);
    return tn_opt_usage(NULL, near, "unknown verb '%s'", name);
}

/* `help`, `help VERB`, `help VERB PART`: as many commands have it. */
static int help_on(int argc, char **argv)
{
    char *words[] = {argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL, NULL};
    const int count = argc > 2 ? 2 : argc - 1;
    if (!count)
        return help(NULL, 0, NULL);
    const struct tn_verb *verb = find_verb(words[0]);
    words[count] = (char[]){"--help"};
    return verb ? verb->run(verb, count + 1, words) : unknown_verb(words[0]);
}

static int dispatch(int argc, char **argv)
{
    static const struct tn_verb self = {.options = options, .run = help};
    struct values values = {0};
    struct tn_arena arena = {0};
    const int end = tn_opt_parse(&values, &argv, &argc, &self, argc, argv, &arena);
    tn_arena_clear(&arena);
    if (end >= 0)
        return end;
    if (values.version) {
        print_version();
        return TN_EXIT_OK;
    }
    if (!argc) {
        print_help(stderr);
        return TN_EXIT_USAGE;
    }
    /* Ranks share a sweep; of anything else one is enough. */
    if (tn_team_rank() > 0 && strcmp(argv[0], tn_verb_sweep.name) != 0)
        return TN_EXIT_OK;
    if (!strcmp(argv[0], "help"))
        return help_on(argc, argv);
    const struct tn_verb *verb = find_verb(argv[0]);
    return verb ? verb->run(verb, argc, argv) : unknown_verb(argv[0]);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing, not the end of a half-written file */
    gsl_set_error_handler_off();
    (void)
        H5dont_atexit(); /* it would trip over a file that a full disk kept from being closed; we close all ourselves */
    tn_team_begin(&argc, &argv);
    if (tn_team_rank() > 0 && !freopen("/dev/null", "w", stdout)) /* results are for one to print */
        return TN_EXIT_INTERNAL;
    const int status = dispatch(argc, argv);
    if (status == TN_EXIT_INTERNAL) /* there may have been no room for a text */
        tn_diag_say("not done: out of memory, or an internal error");
    const int end = close_output(status);
    tn_team_end();
    return end;
}
