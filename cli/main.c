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

static const struct tn_verb *const verbs[] = {&tn_verb_check, &tn_verb_run,    &tn_verb_sweep,   &tn_verb_plot,
                                              &tn_verb_info,  &tn_verb_schema, &tn_verb_dispatch};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static const char *verb_name(size_t i, const void *payload)
{
    (void)payload;
    return verbs[i]->name;
}

static void print_help(FILE *out)
{
    fputs("Examples:\n"
          "  tonnage run scenarios/traction-test-5200.yaml\n"
          "  tonnage sweep scenarios/sweep-capacity.yaml -o capacity.h5\n"
          "  tonnage plot capacity.h5\n\n"
          "Usage: tonnage VERB ... | tonnage VERB --help | tonnage --version\n\n"
          "How many tonnes a year a railway can carry, and which limit binds.\n\nVerbs:\n",
          out);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(out, "  %-8s %s\n", verbs[i]->name, verbs[i]->doc);
    fputs("\nExit status: 0 ok; 1 a train cannot do what is asked, or a require: is not met; 2 bad usage;\n"
          "3 bad scenario; 4 cannot read or write; 5 numerical failure; 6 a sweep lacks points;\n"
          "70 internal error; 130, 143 stopped by SIGINT, SIGTERM.\n",
          out);
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

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return TN_EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        print_help(stdout);
        return TN_EXIT_OK;
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        print_version();
        return TN_EXIT_OK;
    }
    /* Ranks share a sweep; of anything else one is enough. */
    if (tn_team_rank() > 0 && strcmp(argv[1], tn_verb_sweep.name) != 0)
        return TN_EXIT_OK;
    for (size_t i = 0; i < VERBS; i++)
        if (!strcmp(argv[1], verbs[i]->name))
            return verbs[i]->run(verbs[i], argc - 1, argv + 1);
    return tn_opt_usage(NULL, tn_nearest_name(argv[1], verb_name, VERBS, NULL), "unknown %s '%s'",
                        argv[1][0] == '-' ? "option" : "verb", argv[1]);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing, not the end of a half-written file */
    gsl_set_error_handler_off();
    (void)
        H5dont_atexit(); /* it would trip over a file that a full disk kept from being closed; we close all ourselves */
    tn_team_begin(&argc, &argv);
    const int status = dispatch(argc, argv);
    if (status == TN_EXIT_INTERNAL) /* there may have been no room for a text */
        tn_diag_say("not done: out of memory, or an internal error");
    const int end = close_output(status);
    tn_team_end();
    return end;
}
