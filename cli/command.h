/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_COMMAND_H
#define TN_COMMAND_H

#include "opt.h"
#include "results.h"
#include "scenario.h"

/* What the verbs share. */

enum {
    TN_EXIT_OK = 0,
    TN_EXIT_NO = 1, /* a train cannot, a `require:` is not met, or files differ */
    TN_EXIT_USAGE = 2,
    TN_EXIT_SCENARIO = 3,
    TN_EXIT_IO = 4,
    TN_EXIT_NUMERIC = 5,
    TN_EXIT_INCOMPLETE = 6, /* a sweep of which points are missing */
    TN_EXIT_INTERNAL = 70,
    TN_EXIT_SIGNAL = 128 /* + number of the signal */
};

extern const struct tn_verb tn_verb_check, tn_verb_completion, tn_verb_convert, tn_verb_diff, tn_verb_dispatch,
    tn_verb_export, tn_verb_info, tn_verb_manual, tn_verb_new, tn_verb_plot, tn_verb_report, tn_verb_run,
    tn_verb_schema, tn_verb_sweep;

/* What the exit statuses mean, for help and manual. */
extern const char tn_exit_text[];

int tn_exit_of(tn_status status);
/* The one that matters more. */
int tn_exit_worse(int a, int b);

/* The command line as one string, quoted where a shell would need it; for provenance. */
const char *tn_command_line(const char *verb, int argc, char **argv, struct tn_arena *arena);
/* A word as a shell would have to be given it. NULL if there is no memory. */
const char *tn_command_quote(const char *word, struct tn_arena *arena);
/* Why results cannot go to that path, as a usage error of the verb; TN_EXIT_OK if they can. */
int tn_command_check_output(const char *verb, const char *path);
/* Whether the folder of that path is there and may be written to; TN_EXIT_IO, reported, if not. Of use before long
   work. */
int tn_command_check_folder(const char *path);
/* True if the path is one of the scenario's own files. */
bool tn_command_is_input(const struct tn_scenario_reader *reader, const char *path);
/* With --verbose: the files of the scenario. */
void tn_command_note_inputs(const struct tn_scenario_reader *reader);
/* Provenance of results of that scenario; what it points to lives in the arena and the reader. */
tn_status tn_command_provenance(struct tn_provenance *out, const struct tn_scenario_reader *reader, const char *path,
                                const char *command, struct tn_arena *arena);
/* Seconds of a clock that only goes forward. */
double tn_command_clock(void);

#endif
