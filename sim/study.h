/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_STUDY_H
#define TN_STUDY_H

#include "track.h"

/* What every study is solved in. */
struct tn_environment {
    const struct tn_line_spec *line; /* NULL if the scenario names none */
    int phase;                       /* -1 = latest */
    struct tn_weather weather;
    double gravity_m_s2;
    /* What random numbers of a study begin with (random.h): tn_random_init(seed, purpose, 0, replicate, entity). All
       points of a sweep meet the same numbers, so that they can be compared; replicates meet others. 0 in a run. */
    uint64_t seed;
    uint32_t replicate;
};

/* A sentence of what a result rests on. */
struct tn_assumption {
    const char *text;
    int confidence;
};
extern const struct tn_schema tn_assumption_schema;

/* First member of every result struct. */
struct tn_result_head {
    const char *train;          /* id, or NULL */
    const char *line;           /* id, or NULL */
    const char *direction;      /* "up", "down" or NULL */
    const char *depth;          /* "point", "strap" or NULL */
    const char *verdict;        /* one plain sentence */
    bool failed;                /* the answer is no: exit status 1 */
    struct tn_list assumptions; /* tn_assumption */
};
extern const struct tn_schema tn_result_head_schema;

/* What a caller of solve_many keeps for it from one call to the next: zeroed before the first, emptied after the last.
   Results may point into it. One a thread. */
struct tn_study_memory {
    struct tn_arena arena;
    void *data;
    bool full; /* to be emptied as soon as no result is needed any more */
};
void tn_study_memory_empty(struct tn_study_memory *memory);

/* The inputs of many studies of one kind, asked for in rising order, each once. What they point to stays valid until
   the next is asked for. */
struct tn_study_many {
    size_t count;
    tn_status (*inputs)(const void **spec_out, struct tn_environment *environment_out, size_t i, void *payload,
                        struct tn_context *ctx);
    void *payload;
    struct tn_study_memory *memory;
};

struct tn_study_outcome {
    tn_status status;
    const char *reason; /* why not TN_OK, or NULL */
    void *result;       /* as solve fills it; the caller gives it, zeroed */
};

/* The first error in the context, in the arena, for a reason. */
const char *tn_study_reason(const struct tn_context *ctx, tn_status status, struct tn_arena *arena);

/* One row a kind of study: `tonnage` offers what stands in this table. */
struct tn_study_kind {
    const char *name;
    const char *doc;
    const struct tn_schema *input;  /* of the spec that solve takes */
    const struct tn_schema *result; /* rows after the head; the struct begins with struct tn_result_head */
    /* Solves into result (zeroed, result->size bytes); all it points to lives in the arena. */
    tn_status (*solve)(void *result, const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx);
    /* All that solve would refuse before it solves: trains, paths, tracks, and what fields say together. May be NULL.
     */
    tn_status (*check)(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx);
    /* Many, because what they share is worked out once: an outcome each, which depends on nothing but its own inputs
       and is that of solve, byte for byte, but for a trace, which is left out. Returns other than TN_OK only where
       nothing can go on. NULL: solve each by itself. */
    tn_status (*solve_many)(struct tn_study_outcome *outcomes, const struct tn_study_many *many,
                            struct tn_arena *arena);
};

extern const struct tn_study_kind *const tn_study_kinds[]; /* ends with NULL */
const char *tn_study_kind_name(int index);
const struct tn_schema *tn_study_kind_input(int index);

/* id and kind as the user says them, and the spec of that kind. */
struct tn_study {
    const char *id;
    int kind;
    struct tn_variant spec;
};
extern const struct tn_schema tn_study_schema;

/* Adds an assumption (text copied). */
tn_status tn_assume(struct tn_result_head *head, struct tn_arena *arena, enum tn_confidence confidence,
                    const char *format, ...) TN_PRINTF(4, 5);
/* A copy in the arena: results must not point into the scenario. NULL for NULL. */
const char *tn_text_copy(struct tn_arena *arena, const char *text);
/* A number for a sentence: "1,052" or "-3.5"; NULL if there is no memory. */
const char *tn_number_text(struct tn_arena *arena, double value, int decimals);

/* Says where the way goes on beyond the line's profile, as if level; nothing for a line without one. */
tn_status tn_assume_profile(struct tn_result_head *head, struct tn_arena *arena, const struct tn_path *path);

/* Adds every note below `published` of the train's stock (and of the line, if not NULL). */
tn_status tn_assume_notes(struct tn_result_head *head, struct tn_arena *arena, const struct tn_train_spec *train,
                          const struct tn_line_spec *line);

#endif
