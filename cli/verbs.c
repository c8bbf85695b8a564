/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"

/* In the order of --help. */
const struct tn_verb *const tn_verbs[] = {
    &tn_verb_new,     &tn_verb_check,    &tn_verb_run,    &tn_verb_sweep,      &tn_verb_plot,
    &tn_verb_report,  &tn_verb_info,     &tn_verb_diff,   &tn_verb_export,     &tn_verb_schema,
    &tn_verb_convert, &tn_verb_dispatch, &tn_verb_manual, &tn_verb_completion, NULL,
};

const struct tn_verb *tn_verb_at(size_t i)
{
    for (const struct tn_verb *const *verb = tn_verbs; *verb; verb++) {
        if (i-- == 0)
            return *verb;
        for (const struct tn_verb *const *part = (*verb)->parts; part && *part; part++)
            if (i-- == 0)
                return *part;
    }
    return NULL;
}

const char *tn_verb_last_word(const struct tn_verb *part)
{
    const char *space = strrchr(part->name, ' ');
    return space ? space + 1 : part->name;
}

const struct tn_verb *tn_verb_part(const struct tn_verb *verb, const char *name)
{
    for (const struct tn_verb *const *part = verb->parts; part && *part; part++)
        if (!strcmp(tn_verb_last_word(*part), name))
            return *part;
    return NULL;
}

const char tn_exit_text[] = "Exit status: 0 ok; 1 a train cannot do what is asked, a require: is not met, or two\n"
                            "files differ; 2 bad usage; 3 bad scenario; 4 cannot read or write; 5 numerical failure;\n"
                            "6 a sweep lacks points; 70 internal error; 130, 143 stopped by SIGINT, SIGTERM.\n";
