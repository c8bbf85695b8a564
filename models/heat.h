/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_HEAT_H
#define TN_HEAT_H

#include "context.h"
#include "field.h"

/* Thermal models of motors, axle bearings and wheel treads: lumped nodes whose linear equations are solved exactly over
   a step with constant load. Temperatures are rises over the air's. Equations and sources: docs/models.md, `Heat`. */

enum tn_motor_kind { TN_MOTOR_NONE, TN_MOTOR_TWO_NODE, TN_MOTOR_CURVES };
const char *tn_motor_kind_name(int index);

/* A row of a motor's heating test: with that current it settles at `rise` over the air, with that time constant. */
struct tn_heating_point {
    double current;
    double rise;
    double time_constant;
};

/* A row of the motor's characteristic: current of one motor at that effort of the whole locomotive. */
struct tn_current_point {
    double effort;
    double current;
};

struct tn_motor {
    int kind;                /* enum tn_motor_kind */
    double rise;             /* permitted rise of the winding over air of at most 40 degC */
    double winding_time;     /* heat capacity of the winding x its resistance to the core */
    double core_time;        /* heat capacity of the core x its resistance to the air */
    double core_share;       /* of the permitted rise, what the core has at the continuous rating */
    double iron_share;       /* of the losses at the continuous rating, what arises in the core */
    double still_share;      /* of the cooling, what is left when the fan stands still */
    struct tn_list heating;  /* tn_heating_point */
    struct tn_list currents; /* tn_current_point */
};

struct tn_bearing {
    double torque;        /* of one warm bearing under `axle_load` */
    double axle_load;     /* kg */
    double load_exponent; /* torque goes with axle load to this power */
    double cold_factor; /* torque at cold_temperature over that at warm_temperature; linear between, constant beyond */
    double cold_temperature, warm_temperature;
    double conductance; /* to air of reference density at `speed` */
    double speed;
    double still_share; /* of the conductance, at standstill */
    double heat_capacity;
    double alarm_light, alarm_strong, alarm_extreme, alarm_detector; /* rises */
};

/* One node a wheel. Its conductance follows from `power`: with it at `speed` the rim settles at `limit` in air of 20
 * degC. */
struct tn_tread {
    double power;
    double speed;
    double limit;
    double wheel_share; /* of the brake's heat, what goes into the wheel and not into the shoe */
    double still_share;
    double heat_capacity;
};

extern const struct tn_schema tn_motor_schema, tn_bearing_schema, tn_tread_schema;

/* What is wrong with a train that still runs. */
struct tn_train_faults {
    double bearing_torque; /* times the torque of one bearing of the train's heaviest loaded wagons; 1 = sound */
    double fan_speed;      /* of the motors of one locomotive of each row, over the full one; 1 = sound */
};
extern const struct tn_schema tn_train_faults_schema;

/* Checks what no single field can: tables that rise, time constants, alarms in order. `name` is the vehicle's. */
tn_status tn_motor_validate(const struct tn_motor *motor, const char *name, double continuous_effort_N,
                            double continuous_speed_m_s, struct tn_context *ctx);
tn_status tn_bearing_validate(const struct tn_bearing *bearing, const char *name, struct tn_context *ctx);

/* What thin air does to cooling by a stream of it: density ratio ^ 0.8. The models below take it as flow_1. */
double tn_heat_flow(double density_1);
/* Cooling by a fan over that at full speed in reference air: still + (1 - still) flow fan^0.8. */
double tn_heat_cooling(double still_share, double fan_1, double flow_1);

/* A single node under constant power: C dT/dt = P - G T. */
double tn_heat_node(double rise_K, double power_W, double conductance_W_K, double capacity_J_K, double time_s);

/* A motor in numbers. Two-node: rates at which the nodes take heat from each other and give it to the air (1/s), and at
   which the losses of the continuous rating heat them (K/s; copper at 20 degC). */
struct tn_motor_model {
    const struct tn_motor *motor;
    double winding_core_1_s, core_winding_1_s, core_air_1_s;
    double copper_K_s, iron_K_s;
};
struct tn_motor_rise {
    double winding_K, core_K;
};
struct tn_motor_load {
    double square_N2; /* effort of the locomotive, squared, mean over the step */
    double square_1;  /* the same over the continuous effort, above base speed of power over power (two-node) */
    double speed_1;   /* over the continuous speed: field frequency */
    bool energised;
    double cooling_1; /* tn_heat_cooling */
    double ambient_K;
};
void tn_motor_model_init(struct tn_motor_model *model, const struct tn_motor *motor);
/* Moves the rises on by a step with constant load. Exact. Returns the winding's highest rise within it. */
double tn_motor_heat(struct tn_motor_rise *rise, const struct tn_motor_model *model, const struct tn_motor_load *load,
                     double time_s);
/* Rise permitted in that air: less above 40 degC. */
double tn_motor_permitted(const struct tn_motor *motor, double ambient_K);

/* Power of friction is torque x angular speed. Exact at constant speed; changes of speed are cut until the error is
   below 1e-3 K. */
void tn_bearing_heat(double *rise_K, const struct tn_bearing *bearing, double torque_N_m, double radius_m,
                     double from_m_s, double to_m_s, double flow_1, double ambient_K, double time_s);
/* Torque of one bearing under that axle load, warm. */
double tn_bearing_torque(const struct tn_bearing *bearing, double axle_load_kg);
/* "none", "light", "strong", "extreme", "detector": the highest level that the rise reaches. */
const char *tn_bearing_alarm(const struct tn_bearing *bearing, double rise_K);

/* force_N: brake force at one wheel, constant over the step. */
void tn_tread_heat(double *rise_K, const struct tn_tread *tread, double force_N, double from_m_s, double to_m_s,
                   double flow_1, double time_s);

#endif
