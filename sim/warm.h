/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_WARM_H
#define TN_WARM_H

#include "run.h"

/* Temperatures along a run: motors, axle bearings and wheel treads of one train, leg by leg. It follows a run through
   tn_run_request, with or without a trace. */

extern const struct tn_schema tn_warm_spec_schema;

/* A part of the train that warms: the motors of a row of locomotives, bearings or treads of a row of wagons. */
struct tn_warm_motor {
    struct tn_motor_model model;
    const struct tn_train_unit *unit;
    double fan_1;
    struct tn_motor_rise rise;
    double high_K; /* highest rise of the winding in the last part of a leg */
};
struct tn_warm_wheel {
    const struct tn_wagon *type;
    double torque_N_m, radius_m; /* of a bearing; of the wheel */
    double brake_share;          /* of the train's air-brake force, at one wheel */
    double bearing_K, tread_K;   /* rises */
};

/* Hottest of all parts of a kind; NAN if the train has none whose heating is known. */
struct tn_warm_peak {
    double now_K;          /* temperature now */
    double max_K, limit_K; /* of the part with the least margin so far: highest temperature, permitted one */
    double margin_K, at_m; /* limit - max; where */
};

struct tn_warm_sample {
    double time_s, motor_K, bearing_K, tread_K;
};

struct tn_warm {
    const struct tn_train *train;
    double ambient_K;
    struct tn_warm_motor *motors;
    size_t motor_count;
    struct tn_warm_wheel *wheels;
    size_t wheel_count;
    struct tn_warm_peak motor, bearing, tread;
    const char *bearing_alarm; /* highest level reached, see tn_bearing_alarm */
    double
        above_continuous_s; /* time with more effort than the continuous one in some locomotive; NAN: rating unknown */
    struct tn_arena *arena;
    double flow_density_1, flow_1; /* density for which tn_heat_flow was last asked, and its answer */
    bool keep;                     /* samples at the end of every leg */
    struct tn_warm_sample *samples;
    size_t sample_count, sample_space;
    tn_status status; /* TN_ERR_MEMORY if a sample could not be kept */
};

/* Rows of a result with a run's members for the highest temperatures. */
#define TN_WARM_ROWS(TYPE)                                                                                             \
    TN_R_NUMBER(TYPE, motor_temperature_max_K, TN_Q_TEMPERATURE, "highest temperature of a motor winding"),            \
        TN_R_NUMBER(TYPE, motor_temperature_limit_K, TN_Q_TEMPERATURE, "temperature permitted to the winding"),        \
        TN_R_NUMBER(TYPE, motor_margin_K, TN_Q_TEMPERATURE_RISE, "what is left to the limit of the motors"),           \
        TN_R_NUMBER(TYPE, motor_hottest_m, TN_Q_LENGTH, "distance at which the motors are hottest"),                   \
        TN_R_NUMBER(TYPE, above_continuous_s, TN_Q_TIME, "time with more effort than the continuous one"),             \
        TN_R_NUMBER(TYPE, bearing_temperature_max_K, TN_Q_TEMPERATURE, "highest temperature of an axle bearing"),      \
        TN_R_NUMBER(TYPE, bearing_temperature_limit_K, TN_Q_TEMPERATURE,                                               \
                    "temperature of bearings that stops the train"),                                                   \
        TN_R_NUMBER(TYPE, bearing_margin_K, TN_Q_TEMPERATURE_RISE, "what is left to the limit of the bearings"),       \
        TN_R_NUMBER(TYPE, bearing_hottest_m, TN_Q_LENGTH, "distance at which the bearings are hottest"),               \
        TN_F_STRING(TYPE, bearing_alarm, 0, "highest alarm of bearings reached"),                                      \
        TN_R_NUMBER(TYPE, tread_temperature_max_K, TN_Q_TEMPERATURE, "highest temperature of a wheel rim"),            \
        TN_R_NUMBER(TYPE, tread_temperature_limit_K, TN_Q_TEMPERATURE, "temperature permitted to the rim"),            \
        TN_R_NUMBER(TYPE, tread_margin_K, TN_Q_TEMPERATURE_RISE, "what is left to the limit of the rims"),             \
        TN_R_NUMBER(TYPE, tread_hottest_m, TN_Q_LENGTH, "distance at which the rims are hottest")

/* A train at rest with the rises of the spec. The train's faults add parts of their own. */
tn_status tn_warm_init(struct tn_warm *warm, const struct tn_train *train, const struct tn_warm_spec *spec,
                       double ambient_K, bool keep, struct tn_arena *arena);
/* What is not followed: all temperatures unknown. */
void tn_warm_unknown(struct tn_warm *warm);
/* A leg; of the form that tn_run_request asks for. */
void tn_warm_follow(void *warm, const struct tn_run_leg *leg);
/* The sample at a time, linear between legs; `hint` (from 0) is where the last search ended, times rising. */
struct tn_warm_sample tn_warm_at(const struct tn_warm *warm, double time_s, size_t *hint);
/* What the temperatures of a train with wagons rest on, into the head of a result. */
tn_status tn_warm_assume(struct tn_result_head *head, struct tn_arena *arena);

#endif
