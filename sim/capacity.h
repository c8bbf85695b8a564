/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CAPACITY_H
#define TN_CAPACITY_H

#include "disturbances.h"
#include "study.h"

/* The study `capacity`: pairs a day of a line by the period method, and the tonnes a year that they carry. */

/* Section times given by the user instead of train runs. */
struct tn_capacity_section_spec {
    const char *from, *to;
    double time_up, time_down; /* passing both ends */
};
/* Trains of another class, taken off by their removal coefficient. */
struct tn_capacity_removal {
    const char *name;
    double trains; /* a day (pairs on single track) */
    double coefficient;
    struct tn_ref train, train_back; /* what runs, for methods that run trains; back: the same if not given */
    int priority;                    /* over freight trains, 0 */
};

/* What the methods beside the period method need to know. */
enum tn_capacity_methods { TN_METHODS_PERIOD, TN_METHODS_ALL };
const char *tn_capacity_methods_name(int index);
/* Something to see the results against: a mass a year, or a load and pairs a day. */
struct tn_capacity_landmark_spec {
    const char *text;
    double net; /* a year */
    double load, pairs;
};
/* How far stations may stand from where the line file says: the line is drawn anew many times. Published positions, the
   ends of the study and stations where double track begins or ends stay; the others stay in order. */
enum tn_capacity_scatter_law { TN_SCATTER_NORMAL, TN_SCATTER_UNIFORM };
struct tn_capacity_scatter_spec {
    double old, new; /* of stations of the line's first phase, and of later ones; both 0: no scatter */
    int law;         /* normal: standard deviation; uniform: largest deviation */
    int draws;
    int seed;
};
/* Capacity by saturation: the pairs a day at which the mean delay of a simulation passes a limit. */
struct tn_capacity_saturation_spec {
    double delay_limit; /* s; NAN: not asked */
    int days, warm_up, replicates, seed, rule;
    struct tn_disturbances_spec disturbances;
};
struct tn_capacity_spec {
    struct tn_ref train;                  /* loaded direction */
    struct tn_ref train_back;             /* the other direction; not given: the same train */
    int loaded;                           /* direction of the loaded trains: up or down */
    const char *from, *to;                /* ends of the line studied, any order */
    struct tn_list sections;              /* tn_capacity_section_spec; empty: from train runs */
    double start_addition, stop_addition; /* with given section times */
    double not_simultaneous;              /* not-simultaneous arrival interval */
    double meeting;                       /* meeting interval */
    double following;                     /* following interval, inter-station block */
    double approach;     /* how long before passing a station the way on must be set; methods that run trains */
    double window;       /* maintenance window a day */
    double window_begin; /* time of day; methods that run trains */
    double reserve;      /* alpha */
    struct tn_list removals;
    double pairs_parallel;  /* N given; NAN: from the period */
    double margin;          /* stopping margin in a loop */
    double net_ratio;       /* phi; NAN: of the wagons */
    double fluctuation;     /* beta */
    double pairs;           /* asked for a day: is it feasible, what does it carry; NAN = not asked */
    double reference_load;  /* the gain of the pairs asked is counted against this load; NAN = not asked */
    double coupler_limit;   /* on the pull behind the locomotives */
    double published_pairs; /* printed beside the prediction; NAN = none */
    double published_net;   /* kg a year */
    struct tn_list landmarks;
    int methods;            /* enum tn_capacity_methods */
    double occupancy_limit; /* share of the time that may be taken after compression */
    struct tn_capacity_saturation_spec saturation;
    bool loops;     /* what each is worth, and: */
    int more_loops; /* that many more where they help most */
    struct tn_capacity_scatter_spec scatter;
    int depth;
    double tolerance;
};
extern const struct tn_schema tn_capacity_spec_schema;

struct tn_capacity_section {
    const char *from, *to;
    double from_km_m, to_km_m, distance_m;
    int tracks;
    double time_up_s, time_down_s;                           /* passing both ends */
    double start_up_s, stop_up_s, start_down_s, stop_down_s; /* additions */
    int scheme;                      /* 1..4, the one with the smallest period; 0 on double track */
    struct tn_list scheme_periods_s; /* four numbers; NAN on double track */
    double period_s;
    double pairs_parallel_per_day, pairs_per_day;
    int confidence; /* of the section's length: the worse of its ends */
};
extern const struct tn_schema tn_capacity_section_schema;
struct tn_capacity_method {
    const char *name;
    double pairs_per_day;
    struct tn_list interval; /* of the pairs, 2.5 and 97.5 %; empty where the method gives none */
    double net_per_year_kg;
    const char *place; /* that limits, or "" */
    const char *note;  /* what the figure is, or why there is none */
};

/* What a feeding section allows. */
struct tn_capacity_feeding {
    const char *name;
    double from_km_m, to_km_m;
    double power_W;                  /* that it can give */
    double power_up_W, power_down_W; /* mean of a train while it runs through */
    double energy_pair_J;
    int trains_up, trains_down; /* in it at once, when the limiting section is full */
    double power_together_W;
    bool exceeded;
    double pairs_parallel_per_day, pairs_per_day;
};
extern const struct tn_schema tn_capacity_feeding_schema;

/* A station where trains meet, and the line without it. */
struct tn_capacity_loop {
    const char *station, *kind;
    double km_m;
    int phase;               /* since when it is there; -1 = always */
    double period_without_s; /* of the limiting section of the line without it */
    double pairs_without_per_day;
    double worth_pairs_per_day, worth_net_per_year_kg;
};
extern const struct tn_schema tn_capacity_loop_schema;
/* One more loop, in the section that limits with those before it. */
struct tn_capacity_more_loop {
    double km_m;
    const char *from, *to;                           /* places between which it stands, earlier new loops among them */
    double period_s;                                 /* of either half of the section */
    double pairs_per_day;                            /* of the line with it and those before it */
    double gain_pairs_per_day, gain_net_per_year_kg; /* over the line as it is */
    const char *limiting_section;                    /* then */
};
extern const struct tn_schema tn_capacity_more_loop_schema;
/* How often a section limits when positions are scattered. */
struct tn_capacity_limit_share {
    const char *section;
    double share_1;
};
extern const struct tn_schema tn_capacity_limit_share_schema;

/* A point of the curve of delay over pairs, with the 95 % confidence interval of the mean over replicates. */
struct tn_capacity_delay {
    double pairs_per_day, delay_mean_s, delay_low_s, delay_high_s;
};
extern const struct tn_schema tn_capacity_delay_schema;

struct tn_capacity_landmark {
    const char *text;
    double net_per_year_kg;
    double load_kg, pairs_per_day; /* NAN where the landmark is a mass a year, which is NAN in the others */
};

struct tn_capacity_result {
    struct tn_result_head head;
    double pairs_parallel_per_day, pairs_per_day, pairs_per_day_rounded;
    double pairs_power_per_day; /* that the feeding sections allow; NAN: unlimited */
    double load_kg, load_back_kg, net_ratio_1, fluctuation_1;
    double gross_per_year_kg, net_per_year_kg, net_other_per_year_kg;
    const char *limiting_section;
    double period_s, occupancy_1;
    const char *limit;   /* what the pairs are limited by: "section A - B", "power of feeding section C" */
    bool train_feasible; /* it starts on the steepest climb, is held on the steepest descent, fits, the coupler bears it
                          */
    bool feasible;       /* train feasible and the pairs asked for fit */
    const char *reason;  /* why not, or "" */
    double pairs_asked_per_day, gross_asked_per_year_kg, net_asked_per_year_kg;
    double gain_trains_per_day; /* pairs asked x (load - reference load) / reference load */
    double published_pairs_per_day, published_net_per_year_kg, difference_1; /* predicted / published - 1 */
    double running_time_up_s, running_time_down_s, travel_speed_m_s;
    struct tn_list sections;
    struct tn_list methods;
    double delay_limit_s;       /* NAN: not asked */
    struct tn_list delay_curve; /* tn_capacity_delay */
    struct tn_list landmarks;
    struct tn_list feedings;   /* tn_capacity_feeding */
    struct tn_list loops;      /* tn_capacity_loop, in the direction of up trains */
    struct tn_list more_loops; /* tn_capacity_more_loop, in order of building */
    double pairs_p05_per_day, pairs_median_per_day, pairs_p95_per_day; /* stations scattered; NAN: not asked */
    double net_p05_per_year_kg, net_median_per_year_kg, net_p95_per_year_kg;
    struct tn_list scatter_sections; /* tn_capacity_limit_share, most often first */
};
extern const struct tn_schema tn_capacity_result_schema;
extern const struct tn_study_kind tn_study_capacity;

/* What of a capacity study depends on trains and line only: computed once, shared by every point of a sweep that
   differs in pairs, window, reserve or coefficients. */
struct tn_capacity_times;
/* In memory of the arena. */
tn_status tn_capacity_times_init(const struct tn_capacity_times **times_out, const struct tn_capacity_spec *spec,
                                 const struct tn_environment *environment, struct tn_arena *arena,
                                 struct tn_context *ctx);
/* Hash of the inputs that the times depend on. */
uint64_t tn_capacity_times_key(const struct tn_capacity_spec *spec, const struct tn_environment *environment);
tn_status tn_capacity_from_times(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                 const struct tn_capacity_times *times, const struct tn_environment *environment,
                                 struct tn_arena *arena, struct tn_context *ctx);

#endif
