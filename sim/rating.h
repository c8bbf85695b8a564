/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RATING_H
#define TN_RATING_H

#include "study.h"

/* The study `rating`: the heaviest load for a train's locomotives and wagon type on a ruling grade, by each criterion.
 */
struct tn_rating_stop {
    const char *station;
};
struct tn_rating_spec {
    struct tn_ref train; /* its load is not used */
    double grade;        /* ruling grade, + climbs */
    double grade_down;   /* steepest descent, given as a positive or negative grade; NAN: the same */
    double altitude;
    double balance_speed; /* NAN: at the continuous rating of the locomotives */
    double effort_factor; /* on the balance criterion: 0.9 in design, 1 in tests */
    double hold_speed;    /* the dynamic brake must hold here; NAN: somewhere in its band */
    double coupler_limit; /* 2,250 kN */
    double track_length;  /* NAN: shortest track of the line's stations where it must stop */
    struct tn_list stops; /* tn_rating_stop; empty: all stations of the line where trains can meet */
    double margin;        /* of the track length, m */
    double curve_radius;
};
extern const struct tn_schema tn_rating_spec_schema;

struct tn_rating_criterion {
    const char *name;      /* balance, start, adhesion, dynamic-brake, coupler, length */
    double load_kg;        /* fractional; INFINITY: does not bind; 0: not even the locomotives */
    double load_wagons_kg; /* in whole wagons */
    const char *detail;    /* e.g. "986 kN at 70 km/h" or "loop Kuolabulake, 880 m" */
};

/* On a grade, with the descent as steep if the spec gives none; loads as in tn_rating_criterion. */
struct tn_rating_point {
    double grade_1;
    double load_kg; /* the least of them */
    const char *binding;
    double balance_kg, start_kg, adhesion_kg, dynamic_brake_kg, coupler_kg, length_kg;
};

struct tn_rating_result {
    struct tn_result_head head;
    double load_kg; /* whole wagons */
    double load_fractional_kg;
    int wagons;
    const char *binding;
    struct tn_list criteria;
    struct tn_list curve; /* tn_rating_point, from a quarter of the ruling grade to 1.75 times it; none in a sweep */
};
extern const struct tn_schema tn_rating_result_schema;
extern const struct tn_study_kind tn_study_rating;

#endif
