/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_FIELD_H
#define TN_FIELD_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quantity.h"

/* One table describes each thing that a user can say and each that a user gets: a schema names a struct, its rows name
   the members. The reader, `tonnage schema`, --set, sweep axes, JSON, HDF5 and tables all walk these rows. */

enum tn_type {
    TN_NUMBER,  /* double in SI; NAN = not given */
    TN_INTEGER, /* int */
    TN_BOOL,    /* bool */
    TN_STRING,  /* const char *; NULL = not given */
    TN_CHOICE,  /* int, index of a name; -1 = not given */
    TN_STRUCT,  /* nested struct, described by sub */
    TN_LIST,    /* struct tn_list of structs described by sub; in a file a sequence of mappings, one mapping, or the
                   name of a CSV file whose columns are the fields */
    TN_NUMBERS, /* struct tn_list of double */
    TN_REF,     /* struct tn_ref to an object described by sub, by its id */
    TN_VARIANT  /* struct tn_variant: schema picked by the sibling choice field `kind` */
};

struct tn_list {
    void *items;
    size_t count;
};

struct tn_ref {
    const char *id;     /* NULL = not given */
    const void *object; /* set by the reader once all files are read */
};

struct tn_variant {
    const struct tn_schema *schema;
    void *object;
};

enum tn_field_flag {
    TN_REQUIRED = 1,   /* must be given */
    TN_ID = 2,         /* TN_STRING that names the object */
    TN_POSITIVE = 4,   /* greater than zero, where min = 0 would allow zero */
    TN_RISING = 8,     /* in a list: greater than in the row before (tables sorted by this column) */
    TN_PRECISE = 32,   /* in results: small numbers, shown with an exponent and not converted */
    TN_HIDDEN = 16,    /* in results: not shown in the terminal table (still in JSON and HDF5) */
    TN_SHARED = 64,    /* in results: a list that is the same at every point of a sweep; its file holds it once */
    TN_OF_TRAIN = 256, /* in results: says nothing where the result has no train: not shown, null in JSON */
    TN_LEAST = 128     /* in rows of results: of a long list the table shows those where this is smallest */
};

struct tn_schema;

struct tn_field {
    const char *name;
    enum tn_type type;
    enum tn_quantity quantity;
    size_t offset;
    double def;                                   /* numbers, integers, booleans, choice index; NAN or -1 = not given */
    double min, max;                              /* in SI, inclusive; -INFINITY, INFINITY where open */
    const struct tn_schema *sub;                  /* struct, list, ref */
    const char *(*choice)(int index);             /* name of choice `index`, NULL past the end */
    const struct tn_schema *(*variant)(int kind); /* TN_VARIANT */
    unsigned flags;
    const char *doc; /* one line, no full stop; also the long name in results */
};

struct tn_schema {
    const char *name; /* "locomotive", "station", ... */
    const char *doc;
    size_t size;
    const struct tn_field *fields; /* ends with a NULL name */
};

/* Rows. S is the struct, M the member; the field's name is the member's name. */
#define TN_ROW_(S, M, T, Q, D, LO, HI, SUB, CH, FL, DOC)                                                               \
    {                                                                                                                  \
#M, T, Q, offsetof(struct S, M), D, LO, HI, SUB, CH, NULL, FL, DOC                                             \
    }
#define TN_F_NUMBER(S, M, Q, D, LO, HI, FL, DOC) TN_ROW_(S, M, TN_NUMBER, Q, D, LO, HI, NULL, NULL, FL, DOC)
#define TN_F_INTEGER(S, M, D, LO, HI, FL, DOC)   TN_ROW_(S, M, TN_INTEGER, TN_Q_NONE, D, LO, HI, NULL, NULL, FL, DOC)
#define TN_F_BOOL(S, M, D, DOC)                  TN_ROW_(S, M, TN_BOOL, TN_Q_NONE, D, 0, 1, NULL, NULL, 0, DOC)
#define TN_F_STRING(S, M, FL, DOC)               TN_ROW_(S, M, TN_STRING, TN_Q_NONE, NAN, 0, 0, NULL, NULL, FL, DOC)
#define TN_F_CHOICE(S, M, CH, D, FL, DOC)        TN_ROW_(S, M, TN_CHOICE, TN_Q_NONE, D, 0, 0, NULL, CH, FL, DOC)
#define TN_F_STRUCT(S, M, SUB, DOC)              TN_ROW_(S, M, TN_STRUCT, TN_Q_NONE, NAN, 0, 0, SUB, NULL, 0, DOC)
#define TN_F_LIST(S, M, SUB, FL, DOC)            TN_ROW_(S, M, TN_LIST, TN_Q_NONE, NAN, 0, 0, SUB, NULL, FL, DOC)
#define TN_F_NUMBERS(S, M, Q, DOC)               TN_ROW_(S, M, TN_NUMBERS, Q, NAN, -INFINITY, INFINITY, NULL, NULL, 0, DOC)
#define TN_F_REF(S, M, SUB, FL, DOC)             TN_ROW_(S, M, TN_REF, TN_Q_NONE, NAN, 0, 0, SUB, NULL, FL, DOC)
#define TN_F_END                                                                                                       \
    {                                                                                                                  \
        NULL, TN_NUMBER, TN_Q_NONE, 0, 0, 0, 0, NULL, NULL, NULL, 0, NULL                                              \
    }
/* A result: no default, no range. */
#define TN_R_NUMBER(S, M, Q, DOC) TN_F_NUMBER(S, M, Q, NAN, -INFINITY, INFINITY, 0, DOC)

/* Fills an object of the schema with the defaults of its rows, nested structs included. */
void tn_schema_defaults(const struct tn_schema *schema, void *object);
/* The row of that name, or NULL. */
const struct tn_field *tn_schema_find(const struct tn_schema *schema, const char *name);
/* The row with flag TN_ID, or NULL. */
const struct tn_field *tn_schema_id(const struct tn_schema *schema);
/* Index of the choice of that name, or -1. */
int tn_choice_find(const char *(*choice)(int index), const char *name);

struct tn_arena;
/* A copy of the object in memory of the arena, with its lists, strings and variants; references keep pointing at the
   same objects. NULL if there is no memory. */
void *tn_schema_copy(const struct tn_schema *schema, const void *object, struct tn_arena *arena);
/* A hash of all that the object says, through references too: equal inputs give equal hashes on every machine. */
uint64_t tn_schema_hash(const struct tn_schema *schema, const void *object, uint64_t seed);
/* The same, where `reference` says the hash of an object that a reference leads to: it may remember it. */
uint64_t tn_schema_hash_by(const struct tn_schema *schema, const void *object, uint64_t seed,
                           uint64_t (*reference)(const struct tn_schema *schema, const void *object, void *payload),
                           void *payload);
/* Adds a number to a hash. */
uint64_t tn_hash_add(uint64_t seed, uint64_t number);

/* How well a value is known. */
enum tn_confidence { TN_PUBLISHED, TN_DERIVED, TN_ESTIMATE, TN_ASSUMED };
const char *tn_confidence_name(int index); /* a choice callback */

/* Where a value of an object comes from. Lists of notes stand in lines, stock, trains and studies. */
struct tn_note {
    const char *value; /* name of the field, or several, or words */
    int confidence;
    const char *source;
    const char *low, *high; /* between which the value lies, as a user writes it; or NULL */
};
extern const struct tn_schema tn_note_schema;

#endif
