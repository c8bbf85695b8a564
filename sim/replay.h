/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_REPLAY_H
#define TN_REPLAY_H

#include "run.h"

/* The study `replay`: what a recorded speed over time says of the forces and energies at the wheel rim, and which
   running resistance explains it. */

enum tn_replay_scheme { TN_REPLAY_EXACT, TN_REPLAY_STEP_START };
const char *tn_replay_scheme_name(int index);

struct tn_replay_point { /* a sample; rows of a CSV file */
    double time, speed;
    double traction; /* at the wheel rim, braking negative; NAN = not known */
};
struct tn_replay_fit_spec { /* a stretch; the whole recording where no end is given */
    const char *name;
    double from_time, to_time;
    double from_km, to_km;
    double interval; /* samples are put together to at least this time; NAN: each step counts */
    double confidence;
    int terms; /* 1: a, 2: a + b v, 3: a + b v + c v^2 */
};
struct tn_replay_spec {
    struct tn_ref train;
    const char *from, *to; /* station, or */
    double from_km, to_km; /* km where the head is at the first sample; towards which it runs */
    int scheme, depth;
    struct tn_warm_spec warm; /* at the first sample */
    struct tn_list trace;     /* tn_replay_point */
    struct tn_list fits;      /* tn_replay_fit_spec */
};
extern const struct tn_schema tn_replay_spec_schema;

struct tn_replay_section {
    const char *from, *to;
    double distance_m, running_time_s;
};
struct tn_replay_station {
    const char *name;
    double distance_m, km_m, elevation_m, time_s, speed_m_s;
};
struct tn_replay_row { /* forces: mean over distance since the sample before */
    double distance_m, km_m, time_s, speed_m_s, limit_m_s, elevation_m;
    double wheel_N, resistance_N, track_N, inertia_N, power_W, adhesion_needed_1;
    double dynamic_brake_N, air_brake_N; /* parts of a braking wheel_N, >= 0 */
    double motor_temperature_K, bearing_temperature_K, tread_temperature_K;
};
struct tn_replay_fitted {
    const char *name;
    int observations;
    double from_time_s, to_time_s, from_km_m, to_km_m, speed_min_m_s, speed_max_m_s;
    double a_1, a_error_1, a_low_1, a_high_1; /* over the train's weight */
    double b_s_m, b_error_s_m, b_low_s_m, b_high_s_m;
    double c_s2_m2, c_error_s2_m2, c_low_s2_m2, c_high_s2_m2;
    double r2_1, residual_N;
};
struct tn_replay_resistance {
    const char *fit;
    double speed_m_s, fitted_N, low_N, high_N, law_N;
};

struct tn_replay_result {
    struct tn_result_head head;
    const char *scheme;
    double distance_m, end_km_m, running_time_s, travel_time_s, technical_speed_m_s, travel_speed_m_s;
    double speed_max_m_s, overspeed_max_m_s;
    double energy_traction_J, energy_positive_J, energy_negative_J, energy_net_J;
    double energy_dynamic_brake_J, energy_air_brake_J; /* parts of energy_negative_J */
    double energy_line_J, fuel_kg;
    double energy_rolling_J, energy_bearing_J, energy_aero_J, energy_grade_J, energy_curve_J, energy_tunnel_J;
    double energy_kinetic_J, energy_residual_1;
    double power_max_W, power_min_W, wheel_max_N, wheel_min_N;
    double adhesion_needed_max_1, adhesion_needed_km_m;
    double motor_temperature_max_K, motor_temperature_limit_K, motor_margin_K, motor_hottest_m;
    double bearing_temperature_max_K, bearing_temperature_limit_K, bearing_margin_K, bearing_hottest_m;
    double tread_temperature_max_K, tread_temperature_limit_K, tread_margin_K, tread_hottest_m;
    const char *bearing_alarm;
    double above_continuous_s;
    double end_rolling_N, end_bearing_N, end_aero_N, end_grade_N, end_curve_N, end_tunnel_N, end_wheel_N;
    struct tn_list sections;   /* tn_replay_section */
    struct tn_list fits;       /* tn_replay_fitted */
    struct tn_list resistance; /* tn_replay_resistance */
    struct tn_list stations;   /* tn_replay_station */
    struct tn_list trace;      /* tn_replay_row */
};
extern const struct tn_schema tn_replay_result_schema;
extern const struct tn_study_kind tn_study_replay;

#endif
