/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TRAFFIC_H
#define TN_TRAFFIC_H

#include "capacity.h"

/* What a user says of the trains of a line and of the rules by which they share it: the part that studies of timetables
   and of their simulation have in common. */

struct tn_traffic_stop_spec {
    const char *station;
    double dwell; /* s */
};

/* Where another formation takes over: a helper is put on or taken off, a load is split. */
struct tn_traffic_change_spec {
    const char *at;      /* station */
    struct tn_ref train; /* tn_train_spec from there on, in the direction of travel */
    int direction;       /* of the trains that change */
    double dwell;        /* s */
};

struct tn_traffic_departure_spec {
    int direction; /* up or down */
    double time;   /* of the day, s */
};

enum tn_traffic_arrivals { TN_ARRIVALS_EVEN, TN_ARRIVALS_RANDOM };

/* Trains of one kind: pairs of them, or one direction alone. */
struct tn_traffic_class_spec {
    const char *id;
    struct tn_ref train, train_back; /* tn_train_spec; train in the study's loaded direction, train_back in the other
                                        (not given: the same with empty wagons) */
    const char *from, *to;           /* NULL: as the study; any order */
    int direction;                   /* TN_BOTH: pairs */
    int priority;                    /* the larger goes first */
    double weight;                   /* of its delay against others' */
    double pairs;                    /* a day (trains, if in one direction); NAN: as many as fit, or the list */
    struct tn_list departures;       /* tn_traffic_departure_spec: the day's trains one by one */
    double first_up, first_down;     /* s; of even departures, time of day; NAN: spread by the planner */
    int arrivals;                    /* enum tn_traffic_arrivals: how they come in a simulation */
    struct tn_list stops;            /* tn_traffic_stop_spec, both directions */
    struct tn_list changes;          /* tn_traffic_change_spec */
    double time_factor;              /* on running times */
    double length;                   /* of its trains where no train is given, m; NAN: they fit everywhere */
    bool stop_at_end;                /* false: it comes from and goes beyond the ends without a stop */
};

struct tn_traffic_window_spec { /* a maintenance window: no train is in its sections */
    const char *from, *to;      /* stations; NULL: the ends of the study */
    double begin, duration;     /* s; time of day */
    double shift;               /* s; by which it begins later from section to section, up */
};

struct tn_traffic_restriction_spec { /* a speed restriction that does not last */
    double from, to;                 /* m, km of the line */
    double speed;                    /* m/s */
    double begin, end;               /* s, time of day; end < begin: past midnight */
};

struct tn_traffic_spec {
    const char *from, *to; /* ends of the line studied, any order */
    int loaded;            /* direction of `train` of a class */
    struct tn_list classes, windows, restrictions;
    struct tn_list sections; /* tn_capacity_section_spec: given running times, of classes without a train */
    double start_addition, stop_addition;
    double not_simultaneous, meeting, following; /* station intervals, s */
    double approach; /* how long before passing a station the way on must be set, or the train stops there, s */
    double margin;   /* stopping margin in a loop, m */
    int depth;
    double tolerance;
};

extern const struct tn_schema tn_traffic_class_schema, tn_traffic_window_schema, tn_traffic_restriction_schema,
    tn_capacity_section_spec_schema;
const char *tn_traffic_arrivals_name(int index);

/* The rows of a tn_traffic_spec that is the member `traffic` of struct S, for the tables of both studies. */
#define TN_TRAFFIC_ROW_(S, M, T, Q, D, LO, HI, SUB, CH, FL, DOC)                                                       \
    {                                                                                                                  \
#M, T, Q, offsetof(struct S, traffic.M), D, LO, HI, SUB, CH, NULL, FL, DOC                                     \
    }
#define TN_TRAFFIC_TIME_(S, M, D, DOC)       TN_TRAFFIC_ROW_(S, M, TN_NUMBER, TN_Q_TIME, D, 0, INFINITY, NULL, NULL, 0, DOC)
#define TN_TRAFFIC_LIST_(S, M, SUB, FL, DOC) TN_TRAFFIC_ROW_(S, M, TN_LIST, TN_Q_NONE, NAN, 0, 0, SUB, NULL, FL, DOC)
#define TN_TRAFFIC_ROWS(S)                                                                                             \
    TN_TRAFFIC_ROW_(S, from, TN_STRING, TN_Q_NONE, NAN, 0, 0, NULL, NULL, 0,                                           \
                    "station at one end of the line studied"),                                                         \
        TN_TRAFFIC_ROW_(S, to, TN_STRING, TN_Q_NONE, NAN, 0, 0, NULL, NULL, 0, "station at its other end"),            \
        TN_TRAFFIC_ROW_(S, loaded, TN_CHOICE, TN_Q_NONE, TN_UP, 0, 0, NULL, tn_direction_name, 0,                      \
                        "direction in which a class's `train` runs: up or down"),                                      \
        TN_TRAFFIC_LIST_(S, classes, &tn_traffic_class_schema, TN_REQUIRED, "kinds of trains and how many of each"),   \
        TN_TRAFFIC_LIST_(S, windows, &tn_traffic_window_schema, 0, "maintenance windows, every day"),                  \
        TN_TRAFFIC_LIST_(S, restrictions, &tn_traffic_restriction_schema, 0,                                           \
                         "speed restrictions for a part of every day"),                                                \
        TN_TRAFFIC_LIST_(S, sections, &tn_capacity_section_spec_schema, 0,                                             \
                         "given running times, of classes without a train"),                                           \
        TN_TRAFFIC_TIME_(S, start_addition, 120, "addition for a start, with given running times"),                    \
        TN_TRAFFIC_TIME_(S, stop_addition, 60, "addition for a stop, with given running times"),                       \
        TN_TRAFFIC_TIME_(S, not_simultaneous, 240, "interval between arrivals from opposite directions"),              \
        TN_TRAFFIC_TIME_(S, meeting, 120, "interval from an arrival to the departure of the opposite train"),          \
        TN_TRAFFIC_TIME_(S, following, 240, "interval between trains that follow each other through a section"),       \
        TN_TRAFFIC_TIME_(S, approach, 120,                                                                             \
                         "how long before passing a station the way on must be set, or the train stops there"),        \
        TN_TRAFFIC_ROW_(S, margin, TN_NUMBER, TN_Q_LENGTH, 20, 0, INFINITY, NULL, NULL, 0,                             \
                        "stopping margin in a loop"),                                                                  \
        TN_TRAFFIC_ROW_(S, depth, TN_CHOICE, TN_Q_NONE, TN_STRAP, 0, 0, NULL, tn_depth_name, 0,                        \
                        "how much of the train's length the model sees"),                                              \
        TN_TRAFFIC_ROW_(S, tolerance, TN_NUMBER, TN_Q_NONE, TN_RUN_TOLERANCE, 1e-13, 1e-2, NULL, NULL, 0,              \
                        "relative error of a step of the train runs")

#endif
