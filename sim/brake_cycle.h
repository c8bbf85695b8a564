/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_BRAKE_CYCLE_H
#define TN_BRAKE_CYCLE_H

#include "study.h"

/* The study `brake_cycle`: can the train descend a continuous grade by applying and releasing the air brake, with a
   share of the dynamic brake throughout, and which cycle does it settle into. And `brake_map`: the same over a grid. */

/* How the driver may use the air brake. */
struct tn_cycle_rules {
    double reduction_min;     /* the first reduction is no less */
    double reduction_step;    /* between the reductions that the study tries */
    int further_most;         /* further reductions in one application */
    double further;           /* size of each; no more than the first */
    double apply_time_most;   /* an application that slows the train later takes a larger reduction */
    double release_speed_min; /* no release below; NAN: by the load */
    double recharge_margin;   /* recharged: every auxiliary reservoir within this of running pressure */
    double overspeed;         /* borne above the limit */
    double tread_power_most;  /* per wheel of the wagons, mean over a cycle */
};
extern const struct tn_schema tn_cycle_rules_schema;
/* The largest reduction that takes effect: the train's own, or 140 kPa at 500 and 170 at 600 kPa. Refuses a train's own
   one beyond these, and rules whose first reduction is larger. */
tn_status tn_cycle_rules_check(double *most_Pa_out, const struct tn_cycle_rules *rules,
                               const struct tn_train_brake *brake, struct tn_context *ctx);

struct tn_brake_cycle_spec {
    struct tn_ref train;
    double grade; /* - descends */
    double curve_radius;
    double altitude;
    double dynamic_brake; /* share of the dynamic brake that is used throughout, 0 to 1 */
    double limit;         /* NAN: the train's limit and the emergency distance rule */
    double apply_speed;   /* NAN: as high as keeps the limit */
    double release_speed; /* NAN: the lowest that the rules allow */
    double reduction;     /* NAN: the smallest that makes a cycle */
    struct tn_cycle_rules rules;
    int cycles_most;
    double step; /* of time, for the train; the pipe takes steps of its own */
};
extern const struct tn_schema tn_brake_cycle_spec_schema;

/* The last cycle over time. */
struct tn_cycle_row {
    double time_s, distance_m, speed_m_s;
    double pipe_head_Pa, pipe_tail_Pa;
    double cylinder_head_Pa, cylinder_tail_Pa, cylinder_mean_Pa; /* head and tail: of the wagons */
    double auxiliary_min_Pa;
    double air_brake_N, dynamic_brake_N, force_needed_N;
    double tread_power_W; /* per wheel of the wagons */
    double tread_temperature_K;
};
/* And over position. */
struct tn_cycle_pipe_row {
    double time_s, position_m, pipe_Pa, cylinder_Pa, auxiliary_Pa;
};

struct tn_brake_cycle_result {
    struct tn_result_head head;
    bool feasible;
    const char *rule;   /* word for what decides: `cycle`, `no-air`, or the rule that fails */
    const char *reason; /* the same as a sentence */
    double grade_1, dynamic_brake_1, load_kg, limit_m_s;
    double apply_speed_m_s, release_speed_m_s, speed_max_m_s, speed_min_m_s;
    double reduction_Pa;       /* first */
    double reduction_total_Pa; /* with further reductions of the last cycle */
    double recharge_time_s;    /* from release until all auxiliary reservoirs are recharged */
    double return_time_s;      /* from release until back at the apply speed, cylinders emptying meanwhile */
    double time_allowed_s;     /* what the grade gives from release to apply speed without any air brake */
    double cycle_time_s, apply_time_s, apply_distance_m, release_distance_m;
    int cycles;                                    /* until the cycle repeats itself, or fails; 0: no air is needed */
    double hold_speed_min_m_s, hold_speed_max_m_s; /* held by the dynamic brake without air; NAN */
    double auxiliary_loss_Pa; /* largest lack in an auxiliary reservoir when the last application began */
    double tread_power_mean_W, tread_power_max_W; /* per wheel of the wagons, over the cycle */
    double tread_temperature_max_K;               /* on an endless descent */
    struct tn_list trace;                         /* tn_cycle_row */
    struct tn_list pipe;                          /* tn_cycle_pipe_row */
};
extern const struct tn_schema tn_brake_cycle_result_schema;
extern const struct tn_study_kind tn_study_brake_cycle;

struct tn_brake_map_spec {
    struct tn_ref train;
    struct tn_list grades, loads, dynamic_brakes; /* numbers; no loads: the train's own */
    double curve_radius, altitude, limit;
    struct tn_cycle_rules rules;
    double step;
};
extern const struct tn_schema tn_brake_map_spec_schema;

struct tn_brake_map_cell {
    double grade_1, load_kg, dynamic_brake_1;
    bool feasible;
    const char *rule, *reason;
    double reduction_Pa, apply_speed_m_s, recharge_time_s, return_time_s, time_allowed_s, cycle_time_s;
};
struct tn_brake_map_result {
    struct tn_result_head head;
    int feasible_cells;
    struct tn_list cells; /* tn_brake_map_cell */
};
extern const struct tn_schema tn_brake_map_result_schema;
extern const struct tn_study_kind tn_study_brake_map;

/* Solves one cycle without its head's assumptions; with_trace: fills trace and pipe too. */
tn_status tn_brake_cycle_solve(struct tn_brake_cycle_result *result, const struct tn_brake_cycle_spec *spec,
                               const struct tn_environment *environment, bool with_trace, struct tn_arena *arena,
                               struct tn_context *ctx);

/* What it would refuse, as struct tn_study_kind.check. */
tn_status tn_brake_cycle_check(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                               struct tn_context *ctx);

/* What a descent by air brake rests on, into the head of its result. */
tn_status tn_brake_cycle_assume(struct tn_result_head *head, const struct tn_train_spec *train, struct tn_arena *arena);

#endif
