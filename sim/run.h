/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RUN_H
#define TN_RUN_H

#include "brake_cycle.h"
#include "study.h"

/* The train run: least-time driving of one train over a track. */

#define TN_RUN_TOLERANCE 1e-7 /* local relative error of a step at default settings */

struct tn_run_stop {
    double s_m;     /* where the head stands */
    double dwell_s; /* standing time, not part of the running time */
};

enum tn_run_mode { /* names: tn_run_mode_name */
                   TN_RUN_TRACTION,
                   TN_RUN_HOLD,
                   TN_RUN_BRAKE,
                   TN_RUN_OVERSPEED,
                   TN_RUN_DWELL,
                   TN_RUN_AIR,    /* by the air brake on a descent, pneumatic depth */
                   TN_RUN_NEUTRAL /* without traction in a neutral section */
};
const char *tn_run_mode_name(int index);

/* A point of the trace. */
struct tn_run_point {
    double s_m, time_s, speed_m_s;
    double traction_N, dynamic_brake_N, air_brake_N; /* at the rim, all >= 0 */
    double limit_m_s;
    int mode;
};

/* What one step of a run did, or a part of it, for whoever follows it. */
struct tn_run_leg {
    double from_m, to_m, from_m_s, to_m_s;
    double start_s, time_s;
    double traction_J, dynamic_brake_J, air_brake_J;
    double effort_from_N, effort_to_N; /* of traction or dynamic brake at its ends */
    double effort_square_N2s;          /* integrals over time of its square and of its power's: what heats motors */
    double power_square_W2s;
    uint64_t off;     /* units off in neutral sections: bit i is unit i */
    double density_1; /* of the air over the reference, at its middle */
};

struct tn_descend;

struct tn_run_request {
    const struct tn_track *track;
    double from_m, to_m; /* of the head, from < to */
    double entry_m_s;    /* speed at from; 0 = starts from rest */
    bool stop_at_end;
    const struct tn_run_stop *stops; /* between from and to, rising */
    size_t stop_count;
    const double *marks; /* positions whose passing is timed, rising, in [from, to] */
    size_t mark_count;
    double tolerance;                                             /* 0: TN_RUN_TOLERANCE */
    bool trace;                                                   /* keep the points (in the arena) */
    void (*follow)(void *follower, const struct tn_run_leg *leg); /* called for each step; NULL: nobody follows */
    void *follower;
    struct tn_descend *descend; /* the air brake at pneumatic depth (descend.h); NULL: the empirical one */
    double speed_end_m_s;       /* stop when this speed is first reached; 0 = do not */
};

struct tn_run {
    bool finished; /* false: stalled or could not start; where and why below */
    bool held;     /* false: a limit was passed because the brakes could not hold the train */
    double stall_s_m, stall_force_N, stall_need_N;
    double overspeed_max_m_s, overspeed_s_m;
    double speed_max_m_s;
    int applications;        /* of the air brake on descents, pneumatic depth */
    double unready_s_m;      /* where it was first needed before its reservoirs were full; NAN */
    double entry_m_s;        /* speed at the begin: that asked for, or what limits and stops ahead allow */
    double end_s_m, end_m_s; /* where and how fast the head was at the end */
    double running_time_s, dwell_time_s;
    double error_estimate_s;
    double work_traction_J, work_dynamic_brake_J, work_air_brake_J; /* at the rim, >= 0 */
    double work_resistance_J;                                       /* running and starting resistance, tunnels */
    double work_track_J;                                            /* grade and curves: + = lifted */
    double kinetic_J;                                               /* gained */
    double energy_line_J, energy_regenerated_J, fuel_kg;
    double residual_J;                    /* traction - brakes - resistance - track - kinetic */
    double *mark_time_s, *mark_speed_m_s; /* one a mark; time counts from the start, dwell before the mark included */
    double *mark_running_s;               /* the same without dwell */
    double *mark_energy_J;                /* of energy_line_J, drawn so far */
    struct tn_run_point *points;
    size_t point_count;
    size_t steps;
};

/* Runs the train. The result's arrays live in the arena. TN_ERR_NUMERIC if the integration fails; a train that stalls
   or runs away is a result, not an error. */
tn_status tn_run_solve(struct tn_run *run, const struct tn_run_request *request, struct tn_arena *arena,
                       struct tn_context *ctx);

/* How warm the train is when it starts: rises over the air. */
struct tn_warm_spec {
    double motor_rise, bearing_rise, tread_rise;
};

/* The study `run`. Its solve_many keeps what studies over the same line share. */
struct tn_run_stop_spec {
    const char *station;
    double dwell;
};
struct tn_run_spec {
    struct tn_ref train;
    const char *from, *to;
    struct tn_list stops; /* tn_run_stop_spec */
    int depth;            /* enum tn_depth, or: */
#define TN_RUN_PNEUMATIC 2
    struct tn_cycle_rules rules;
    double tolerance;
    double entry_speed; /* passing speed at `from`; 0 = starts there */
    bool stop_at_end;
    struct tn_warm_spec warm;
    bool temperatures; /* of motors, bearings and wheels */
    bool trace;        /* keep the trace for plots */
};
extern const struct tn_schema tn_run_spec_schema;
const char *tn_run_depth_name(int index);

struct tn_run_section {
    const char *from, *to;
    double distance_m, running_time_s;
    double start_addition_s, stop_addition_s; /* against passing at speed; 0 where it neither starts nor stops */
    double speed_to_m_s;                      /* speed when passing `to` */
};

struct tn_run_result {
    struct tn_result_head head;
    double running_time_s, travel_time_s, error_estimate_s;
    double distance_m, technical_speed_m_s, travel_speed_m_s;
    double energy_traction_J, energy_regenerated_J, energy_line_J, fuel_kg;
    double energy_dynamic_brake_J, energy_air_brake_J, energy_resistance_J, energy_track_J, energy_kinetic_J;
    double energy_residual_1;
    double energy_specific_J_kg_m; /* at the pantograph, per gross mass (locomotives included) and distance */
    double overspeed_max_m_s, speed_max_m_s;
    double motor_temperature_max_K, motor_temperature_limit_K, motor_margin_K, motor_hottest_m;
    double bearing_temperature_max_K, bearing_temperature_limit_K, bearing_margin_K, bearing_hottest_m;
    double tread_temperature_max_K, tread_temperature_limit_K, tread_margin_K, tread_hottest_m;
    const char *bearing_alarm;
    double above_continuous_s;
    int steps;
    int air_applications;
    struct tn_list sections; /* tn_run_section */
    struct tn_list trace;    /* tn_run_trace_point */
    struct tn_list phases;   /* tn_run_phase */
    struct tn_list stations; /* tn_run_station, for plots */
};
struct tn_run_phase { /* a stretch driven in one way */
    const char *mode; /* traction, hold, brake, overspeed, dwell */
    double from_m, to_m, from_m_s, to_m_s, time_s;
};
struct tn_run_trace_point {
    double distance_m, km_m, time_s, speed_m_s, limit_m_s, elevation_m, traction_N, dynamic_brake_N, air_brake_N;
    double motor_temperature_K, bearing_temperature_K, tread_temperature_K;
};
struct tn_run_station {
    const char *name, *kind;
    int tracks;
    double distance_m, km_m, elevation_m, time_s, speed_m_s;
};
extern const struct tn_schema tn_run_result_schema;
extern const struct tn_study_kind tn_study_run;

#endif
