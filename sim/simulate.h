/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SIMULATE_H
#define TN_SIMULATE_H

#include "distribution.h"
#include "train_path.h"

/* The traffic of a line, event by event: trains come, run, pass or stop, wait for each other and leave. Each move keeps
   the rules of the road (network.h) and is proved to lead to a safe state (safe.h), so that there is never a deadlock.
   docs/simulation.md says what happens when. */

/* Dispatch rules: who goes first where trains want the same section. */
enum tn_simulate_rule {
    TN_SIMULATE_FIRST_COME,
    TN_SIMULATE_PRIORITY,   /* of the class, trains on their way there included; then first come */
    TN_SIMULATE_LOOK_AHEAD, /* the same; then the order of a pair that costs less weighted delay */
    TN_SIMULATE_TIMETABLE   /* as planned: by the timetable, or else by trains that meet nobody */
};
const char *tn_simulate_rule_name(int index); /* a choice callback */

struct tn_simulate_closure { /* of all side tracks of a station: nobody stops there */
    int station;
    int64_t begin_ms, end_ms;
};

struct tn_simulate_disturbances {
    struct tn_distribution entry;        /* s, by which trains come late */
    struct tn_distribution running;      /* relative, by which a section takes longer than its running time */
    double failure_per_m, failure_per_s; /* of a train's way, of its running time */
    struct tn_distribution failure;      /* s, for which the train then stands in its section */
    struct tn_distribution overrun;      /* s, by which windows end late */
    const struct tn_simulate_closure *closures;
    size_t closure_count;
};

struct tn_simulate_request {
    const struct tn_network *network;
    const struct tn_simulate_disturbances *disturbances; /* NULL: none */
    enum tn_simulate_rule rule;
    int64_t warm_up_ms, end_ms; /* trains that are due from warm_up on count; none comes after the end */
    uint64_t seed;
    uint32_t replicate;
    const double *trains_per_day; /* one a class of the network, instead of what the class says; INFINITY: as many as
                                     it takes, always waiting. NULL: all as their classes say */
    const struct tn_train_path
        *plan; /* not NULL: these trains every day instead of all others; delays count against it */
    size_t plan_count;
    int64_t show_begin_ms, show_end_ms; /* paths of trains that are on the line in this time are kept */
    bool drain;                         /* let in after the end those that still wait outside */
    bool hours;                         /* keep the rows of every hour */
};

struct tn_simulate_class {
    int64_t trains, unfinished; /* due in the time counted: done; not let in before the end */
    double delay_mean_s;        /* of all due: at the last station against a train that meets nobody, or the plan;
                                   those not let in count their time outside so far */
    double delay_p95_s, delay_max_s;
    double disturbed_mean_s; /* part of it: its own late entry, scatter and failures */
    double outside_mean_s;   /* part of it: waiting outside the line */
    double travel_mean_s;    /* on the line */
    double travel_speed_m_s; /* from end to end of its way, waiting on the line included */
    double stops_mean;       /* on the way */
    double locomotive_s;     /* locomotives times time on the line */
    int64_t failures;
};

struct tn_simulate_hour { /* at its end, since the beginning */
    int64_t entered, left;
    int on_line, outside_up, outside_down; /* at that moment */
};

struct tn_simulate_use { /* of a section or a station, over the time counted */
    double occupied_s;   /* section: cannot be given to another train, intervals included; station: track time */
    int64_t trains;
    int most; /* station: trains at once */
};

struct tn_simulate_outcome {
    struct tn_simulate_class all;
    struct tn_simulate_class *classes; /* one a class of the network */
    const double *delays_s;            /* all.trains + all.unfinished of them, rising */
    struct tn_simulate_use *sections, *stations;
    struct tn_simulate_hour *hours;
    size_t hour_count;
    bool balanced;                /* trains in = trains out + trains on the line, at every hour */
    bool deadlock;                /* trains on the line, and nothing that could happen any more: a bug */
    double queue_mean, queue_end; /* trains outside: mean over the time counted, at the end */
    double queue_growth_per_day;  /* slope of the line through the trains outside at every hour */
    bool queue_grows; /* by more than a train in a hundred that come, and a tenth of a day's trains in all */
    int64_t events, safe_asked, safe_looked, refused; /* work: events; states judged, and refused */
    int64_t window_late;                              /* trains still in a section when its window should have begun */
    struct tn_train_path *paths;                      /* of the trains shown, in the order in which they left */
    bool *path_late; /* one a path: it was in a section when a window should have begun */
    size_t path_count;
};

/* Simulates. The outcome lives in the arena. TN_ERR_INPUT with the reason, if a class can never do its way (windows
   that leave no gap, feeding power). */
tn_status tn_simulate(struct tn_simulate_outcome *outcome, const struct tn_simulate_request *request,
                      struct tn_arena *arena, struct tn_context *ctx);

/* Why a class can never do its way, in a sentence; NULL if all can, or if there is no memory. */
const char *tn_simulate_impossible(const struct tn_network *network, struct tn_arena *arena);

#endif
