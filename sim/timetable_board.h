/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_BOARD_H
#define TN_TIMETABLE_BOARD_H

#include "train_path.h"

/* Inside the planner: which trains are where and when, and when one more may be there, by the rules of the road
   (network.h). Where days repeat, time is that of the day and everything is taken modulo a day; else it runs from 0 to
   the board's period. Moments are whole milliseconds, so sets of moments are lists of spans with both ends included. */

struct tn_timetable_span {
    int64_t first_ms, last_ms;
    int64_t run_ms; /* of spans of entries: the running time from there */
};

struct tn_timetable_spans { /* rising, apart */
    struct tn_timetable_span *items;
    size_t count, room;
};

struct tn_timetable_use { /* of a section: entry and exit; of a station: arrival and departure */
    int64_t from_ms, to_ms;
    int train, class;
    bool starts; /* into a section: from a standstill */
};

struct tn_timetable_uses {
    struct tn_timetable_use *items; /* rising by from_ms */
    int count;
};

struct tn_timetable_step; /* of a profile; timetable_board.c */

struct tn_timetable_board {
    const struct tn_network *network;
    bool cyclic;
    int64_t period_ms;
    int trains;                          /* the most that it holds */
    struct tn_timetable_uses *sections;  /* of each section */
    struct tn_timetable_uses *stations;  /* of each station */
    struct tn_timetable_spans forbidden; /* scratch */
    struct tn_timetable_step *steps;     /* scratch */
    size_t step_room;
    bool failed; /* no memory */
};

/* An empty board for up to `trains` trains. days: how many days it reaches if they do not repeat. Uses live in the
   arena, scratch until tn_timetable_board_free. */
tn_status tn_timetable_board_init(struct tn_timetable_board *out, const struct tn_network *network, int trains,
                                  bool cyclic, int days, struct tn_arena *arena);
void tn_timetable_board_free(struct tn_timetable_board *board);
void tn_timetable_spans_free(struct tn_timetable_spans *spans);

/* Puts a train with its path on the board, or takes it off. */
void tn_timetable_place(struct tn_timetable_board *board, int train, const struct tn_train_path *path);
void tn_timetable_lift(struct tn_timetable_board *board, int train, const struct tn_train_path *path);

/* When a train of the class may enter the section, starting and stopping at its ends or not. */
void tn_timetable_entries(struct tn_timetable_spans *out, struct tn_timetable_board *board, int class, int section,
                          bool starts, bool stops);
/* When it may arrive at the station, or pass it, or begin there: a track is free at that moment and no arrival from the
   other side is too near. */
void tn_timetable_arrivals(struct tn_timetable_spans *out, struct tn_timetable_board *board, int class, int station);
/* When one more track of the station is free. */
void tn_timetable_room(struct tn_timetable_spans *out, struct tn_timetable_board *board, int station);

/* Whether a train with that path, which is in order by itself, would break no rule of the road. */
bool tn_timetable_goes(struct tn_timetable_board *board, struct tn_timetable_spans *scratch,
                       const struct tn_train_path *path);

/* Whether a train that keeps all else meets its own copy of another day in a feeding section, and they draw too much
   with the trains on the board. All other rules let trains meet themselves, or tn_timetable_entries keeps them. */
bool tn_timetable_meets_itself(struct tn_timetable_board *board, const struct tn_train_path *path);

static inline int64_t tn_timetable_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static inline int64_t tn_timetable_most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The moment within the period. */
static inline int64_t tn_timetable_moment(const struct tn_timetable_board *board, int64_t time_ms)
{
    return board->cyclic ? tn_network_time_of_day(time_ms) : time_ms;
}

#endif
