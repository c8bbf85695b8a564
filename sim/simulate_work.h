/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SIMULATE_WORK_H
#define TN_SIMULATE_WORK_H

#include "random.h"
#include "safe.h"
#include "simulate.h"

/* What the files of the simulator share: simulate.c (events, who comes when), simulate_move.c (moves and who goes
   forward), simulate_first.c (who goes first), simulate_count.c (what is counted). */

enum { NOBODY = -1, RECENT = 4, LOOK_BACK = 4 }; /* LOOK_BACK: stations, to see who comes */
#define NEVER  INT64_MAX
#define BEFORE (INT64_MIN / 4) /* of what has never been */

/* Outside the line; in a section with its way beyond not set; its arrival at its last station set; its arrival at a
   stop set; standing as long as it has to; standing and wanting to go on. */
enum train_state { OUTSIDE, RUNNING, LEAVING, ARRIVING, DWELLING, WAITING };

struct train {
    int class, number, source, priority;
    enum train_state state;
    int next;           /* in its list: waiting, or free */
    int at;             /* station where it stands, or where its leg ends */
    int from;           /* where its leg began */
    int section;        /* in which it runs, the last of its leg */
    bool starts;        /* it began that section from a standstill */
    int beside;         /* next that is bound for the same station, or NOBODY */
    int behind;         /* train that follows it through the section with its way unset, or NOBODY */
    bool ahead;         /* one runs ahead of it whose way is not set */
    bool decides;       /* would have set its way, but for that one */
    bool late;          /* was in a section when a window should have begun */
    int passed_by;      /* trains that came later and were let go first */
    int64_t patient_ms; /* so long it lets others that are on their way go first; BEFORE: it has not been asked to */
    unsigned tried;
    int64_t due_ms, ready_ms, entry_ms; /* planned, there, on the line */
    int64_t arrived_ms;
    int64_t since_ms;         /* waits since, or passes at */
    int64_t reach_ms;         /* passes the end of its leg, if it may */
    int64_t section_entry_ms; /* into its last section */
    int64_t disturbed_ms;
    double failure_m, failure_s; /* way, running time to the next failure */
    int64_t stops, failures;
    struct tn_random running, failure;
    struct tn_timing *timings; /* NULL: not kept */
    const struct tn_train_path *plan;
    int64_t plan_ms; /* to be added to its times */
};

/* A window that will come, or is there. */
struct window {
    int64_t day, begin_ms, end_ms; /* of that day's, overrun included */
};

struct section {
    int tracks, first, last; /* sections from which legs lead through it */
    int64_t headway_ms;
    int open[2]; /* trains whose leaving time is not set yet */
    int tail[2]; /* the last of them */
    int64_t last_entry_ms[2], last_exit_ms[2];
    int64_t wake_ms;
    int waiting;         /* trains that want to enter it next: standing ones, and outside whether there is any */
    bool dirty, refused; /* in the lists of sim */
    struct window *windows;
    int64_t covered_ms[2]; /* occupied up to here */
    int64_t occupied_ms, trains;
};

struct station {
    int tracks, held; /* held: taken or reserved */
    bool doubled;     /* arrivals of both directions at a time */
    bool early;       /* a track can be given away before the passing train is gone: none comes that soon */
    int64_t arrivals_ms[2][RECENT]; /* the last ones, or set */
    int64_t latest_ms[2];           /* of them */
    int first[2], last[2];          /* waiting trains */
    int bound[2];                   /* trains of each direction whose leg ends here: on their way, or standing */
    int urgent[2];                  /* how many of them outrank others */
    int begins[2];                  /* the first of the classes that begin here, or NOBODY */
    int standing, most;
    int64_t changed_ms, stood_ms;
};

struct way { /* of a class */
    int direction, step;
    int *stop;            /* next station where it can stand, from each */
    int64_t (*run_ms)[4]; /* of each section; index 2 starts + stops */
    int64_t *free_ms;     /* from its first station to each, meeting nobody */
    int first, last;      /* waiting outside */
    int outside;          /* how many */
    int number;           /* of trains so far */
    bool outranks;        /* has more priority than another */
    int beside;           /* next class that begins at the same station in the same direction, or NOBODY */
};

enum source_kind { EVEN, RANDOM, DAILY, PLANNED, ALWAYS };
struct source {
    enum source_kind kind;
    int class;
    int64_t first_ms;
    double interval_ms;
    int64_t count, next_ms;
    uint64_t identity;
    struct tn_random random;
    const struct tn_train_path *path;
};

struct release { /* of power in a feeding section */
    int feeding;
    double power_W;
};

struct event {
    int64_t time_ms;
    uint32_t order, what; /* what: kind in the lowest three bits, index above */
};
enum event_kind { TRAIN, WAKE, COME, FREE_TRACK, FREE_POWER, CLOSE, HOUR };

enum closing { OPEN, CLOSE_WANTED, NOBODY_STOPS, CLOSED };

struct tally { /* of a class */
    int64_t trains, unfinished, disturbed_ms, outside_ms, travel_ms, stops, failures, locomotive_ms, delay_ms;
    double way_m;
    int64_t *delays_ms;
    size_t room;
};

struct sim;
struct rule { /* of dispatching */
    const char *name;
    /* Whether train a goes before train b into a section that both want. */
    bool (*before)(const struct sim *sim, int a, int b, int section);
    /* The same for the last track of a station: an order of all trains, so that they never wait for each other in a
       circle. */
    bool (*order)(const struct sim *sim, int a, int b, int section);
    /* Whether train a, which could go, waits for b, which is on its way: both from when they are ready. NULL: never. */
    bool (*defers)(const struct sim *sim, int a, int b, int section, int64_t ready_a, int64_t ready_b);
};

struct sim {
    const struct tn_simulate_request *request;
    const struct tn_context *ctx; /* to tell its progress */
    const struct tn_network *network;
    const struct rule *rule;
    struct tn_safe safe;
    struct section *sections;
    struct station *stations;
    struct way *ways;
    struct source *sources;
    int source_count;
    double *power_W; /* drawn in each feeding section */
    bool *power_wanted;
    struct release *releases;
    size_t release_count, release_room;
    struct train *trains;
    int train_count, train_room, free;
    struct event *heap;
    size_t heap_count, heap_room;
    uint32_t order;
    int *dirty;
    int *unsafe; /* sections whose trains were refused because of others alone: to be tried after every move */
    int dirty_count, unsafe_count;
    unsigned tries;
    int64_t now_ms;
    struct tn_sampler late, scatter, repair, overrun;
    bool disturbed;
    enum closing *closings; /* one a closure */
    int closings_wanted;
    bool ended; /* nobody comes any more */
    bool hour;  /* one is full: its books are to be kept once all that happens now has happened */
    struct tally *tallies;
    int64_t entered, left;
    int on_line;
    struct tn_simulate_outcome *out;
    size_t path_room;
    struct tn_timing **spare; /* timings that can be used again */
    size_t spare_count, spare_room;
    bool no_memory;
    struct tn_arena scratch, *arena;
};

/* simulate.c */
void tn_simulate_at(struct sim *sim, int64_t time_ms, enum event_kind kind, int index);
void tn_simulate_another(struct sim *sim, int source); /* the next of an endless queue */
/* End of the first window of the section that a stay in it would meet; 0: none. */
int64_t tn_simulate_window(struct sim *sim, int section, int64_t from_ms, int64_t to_ms);

/* simulate_move.c */
void tn_simulate_ready(struct sim *sim, int train);   /* outside, its time has come */
void tn_simulate_waits(struct sim *sim, int train);   /* stands, and wants to go on */
void tn_simulate_decide(struct sim *sim, int train);  /* comes to its leg's end: pass or stop */
void tn_simulate_touch(struct sim *sim, int section); /* something has changed for those who want to enter */
void tn_simulate_touch_station(struct sim *sim, int station);
void tn_simulate_dispatch(struct sim *sim);          /* lets go who can */
void tn_simulate_unbind(struct sim *sim, int train); /* it leaves the station for which it was bound */
void tn_simulate_legs(struct sim *sim);              /* where each class can stop has changed */

/* simulate_first.c */
const struct rule *tn_simulate_rule_row(enum tn_simulate_rule rule);
/* The first train that waits outside, of this class or those beside it; NOBODY: there is none. */
int tn_simulate_first_outside(const struct sim *sim, int class);
/* The first by the rule of those who wait for the section and were not tried this time. */
int tn_simulate_best_waiting(const struct sim *sim, int section);
/* Whether the train would take the last track of its next stop from one that waits for it on the other side, goes first
   and could: else those of one direction could keep the others out for good. */
bool tn_simulate_takes_track(struct sim *sim, int train);
/* Whether the train, which could go on at a time, lets another go first that is on its way: as long as it would have
   kept that one from the section. */
bool tn_simulate_lets_first(struct sim *sim, int train, int64_t ready_ms);
/* The train enters the section: counts, for those who came earlier and are let wait. */
void tn_simulate_count_passed_by(struct sim *sim, int train, int section);

/* simulate_count.c */
tn_status tn_simulate_count_init(struct sim *sim);
void tn_simulate_timing(struct sim *sim, int train, int station, int64_t arrival_ms, int64_t departure_ms, bool stops);
void tn_simulate_stand(struct sim *sim, int station, int more);
void tn_simulate_passed(struct sim *sim, int station);
void tn_simulate_occupy(struct sim *sim, int section, int direction, int64_t from_ms, int64_t to_ms);
void tn_simulate_leaves(struct sim *sim, int train); /* at its last station, now */
void tn_simulate_hour(struct sim *sim);
tn_status tn_simulate_finish(struct sim *sim);

/* Whether trains of both directions come into the station on tracks of their own. */
static inline bool tn_simulate_is_doubled(const struct tn_network *network, int station)
{
    return (station == 0 || network->sections[station - 1].tracks > 1) &&
           (station == network->section_count || network->sections[station].tracks > 1);
}

static inline int way_section(const struct way *way, int station)
{
    return way->direction == TN_NETWORK_UP ? station : station - 1;
}

static inline int wanted_section(const struct sim *sim, const struct train *t)
{
    return way_section(&sim->ways[t->class], t->at);
}

/* The first of those who want to go on from a station: who stands there, then the first of each class that waits
   outside. NOBODY: there is none. */
static inline int first_waiting(const struct sim *sim, int station, int direction)
{
    const struct station *s = &sim->stations[station];
    if (s->first[direction] != NOBODY || s->begins[direction] == NOBODY)
        return s->first[direction];
    return tn_simulate_first_outside(sim, s->begins[direction]);
}

/* Where trains of a direction stand that want to enter the section. */
static inline int station_before(int section, int direction)
{
    return direction == TN_NETWORK_UP ? section : section + 1;
}

static inline int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* As tn_network_running_ms, from the table. */
static inline int64_t running(const struct sim *sim, int class, int section, bool starts, bool stops, int64_t entry_ms)
{
    if (sim->network->restriction_count)
        return tn_network_running_ms(sim->network, class, section, starts, stops, entry_ms);
    return sim->ways[class].run_ms[section][2 * starts + stops];
}

/* From an arrival out of a section to the entry of an opposite train. */
static inline int64_t between_opposite(const struct sim *sim, bool starts)
{
    return starts ? sim->network->meeting_ms : sim->network->not_simultaneous_ms;
}

#endif
