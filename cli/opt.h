/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_OPT_H
#define TN_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Options of a verb: one table drives the parser, --help, the manual pages and the completions. */

enum tn_opt_type { TN_OPT_FLAG, TN_OPT_TEXT, TN_OPT_COUNT, TN_OPT_NUMBER, TN_OPT_TEXTS };

struct tn_opt_texts {
    const char **items;
    size_t count;
};

struct tn_opt {
    char letter;      /* 0: none */
    const char *name; /* ends a table if NULL */
    enum tn_opt_type type;
    size_t offset; /* of a bool, const char *, int or double (not negative), or struct tn_opt_texts in the values */
    const char *argument; /* as --help names it; NULL for a flag */
    const char *doc;
};

/* The words that the argument of an option or an operand may be. */
struct tn_words {
    const char *of;   /* name of the option, or the operand without brackets: "KIND"; ends a table if NULL */
    const char *what; /* "kind of plot", for messages */
    const char *(*word)(int index); /* NULL past the end */
    const char *(*doc)(int index);  /* or NULL */
    bool open;                      /* other words are fine too: these only complete */
};

struct tn_verb {
    const char *name;     /* "run", or "sweep status"; NULL: of the command itself, before the verb */
    const char *operands; /* "FILE..." */
    const char *doc;
    const char *examples; /* lines of --help, after one that says "Examples:" */
    const struct tn_opt *options;
    const struct tn_words *words;       /* or NULL */
    const struct tn_verb *const *parts; /* verbs behind this one, such as "sweep status", ended by NULL; or NULL */
    int operands_min, operands_max;     /* max -1: any number */
    void (*more)(FILE *out);            /* ends --help; may be NULL */
    int (*run)(const struct tn_verb *verb, int argc, char **argv);
};

/* All verbs, ended by NULL. */
extern const struct tn_verb *const tn_verbs[];
/* All verbs, each followed by its parts; NULL past the end. */
const struct tn_verb *tn_verb_at(size_t i);
/* The verb's part of that name ("status"); NULL if it has none. */
const struct tn_verb *tn_verb_part(const struct tn_verb *verb, const char *name);
/* The name of a part that was probably meant ("status" by "statsu"); NULL if none is near. */
const char *tn_verb_nearest_part(const struct tn_verb *verb, const char *name);
/* Its name behind the verb's: "status" of "sweep status". */
const char *tn_verb_last_word(const struct tn_verb *part);
/* What every verb takes: --color, --quiet, --verbose, --help. */
extern const struct tn_opt tn_opt_common[];
extern const struct tn_words tn_opt_common_words[];

/* The words of that option or operand of the verb (or of every verb); NULL if it may be anything. */
const struct tn_words *tn_opt_words(const struct tn_verb *verb, const char *of);
/* Operand i of "FILE [KIND]" without brackets and dots, the last one again for each further one; "" if there is none.
 */
void tn_opt_operand(char out[32], const struct tn_verb *verb, int i);

/* Fills values from argv (argv[0] is the verb); *operands_out then holds the rest and *operand_count_out their number.
   Returns -1 to go on, or the exit status with which to end: after --help, or a mistake that it has reported. Room for
   lists comes from the arena. */
struct tn_arena;
int tn_opt_parse(void *values, char ***operands_out, int *operand_count_out, const struct tn_verb *verb, int argc,
                 char **argv, struct tn_arena *arena);

/* "tonnage VERB: text" and where to read more, on stderr. Returns the exit status for bad usage. */
int tn_opt_usage(const char *verb, const char *hint, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
