/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TRAIN_H
#define TN_TRAIN_H

#include "adhesion.h"
#include "brake.h"
#include "locomotive.h"
#include "wagon.h"
#include "weather.h"

enum tn_control { TN_CONTROL_MULTIPLE, TN_CONTROL_SEPARATE, TN_CONTROL_PUSHER }; /* factors 1, 0.98, 0.95 (TB/T 1407) */
const char *tn_control_name(int index);

struct tn_train_locomotives {
    struct tn_ref type; /* tn_locomotive */
    int count;
    int cut_out;        /* of these, hauled dead: mass and resistance stay, no effort */
    int control;        /* how the second and further ones are driven */
    int behind;         /* wagons in front of them along the brake pipe; > 0: distributed power */
    double radio_delay; /* of distributed power, s */
};

enum tn_wagon_state { TN_LOADED, TN_EMPTY };
const char *tn_wagon_state_name(int index);

struct tn_train_wagons {
    struct tn_ref type; /* tn_wagon */
    int state;
    double load; /* trailing mass of this group; NAN: count x the wagon's mass in that state */
    int count;   /* -1: ceil(load / gross), the load shared equally */
};

struct tn_train_brake {
    double deceleration;  /* aimed at when braking to stops and limits, m/s2 */
    bool resistance_adds; /* true: the brake alone gives `deceleration`, resistance and grade come on top */
    double rate;          /* theta_h, converted shoe force over weight; NAN: from the wagons' shoe forces */
    int friction;         /* law; -1: the wagons' */
    int service;          /* enum tn_brake_service */
    double pipe_pressure; /* Pa, gauge */
    double reduction; /* largest service reduction used, Pa; NAN: the effective maximum, 140 kPa at 500, 170 at 600 */
    double distance;  /* emergency distance rule, m; 0 = no rule */
    double leakage;   /* fall of the brake pipe in a minute, cut off from feed and valves, Pa */
    int cut_out;      /* wagons with their brakes cut out, spread over the train */
    int closed_cock;  /* the angle cock behind this vehicle is closed; 0 = none */
};
const char *tn_brake_service_name(int index);

struct tn_train_spec {
    const char *id;
    struct tn_list locomotives; /* tn_train_locomotives */
    struct tn_list wagons;      /* tn_train_wagons */
    double limit;               /* speed limit of the train; NAN = of its vehicles */
    double rotating;            /* rotating allowance of the whole train; NAN = per vehicle */
    int adhesion;               /* law for traction and dynamic braking; `type`: the locomotive's own */
    double effort_factor;       /* lambda_y on tractive effort, 1 */
    bool starting_resistance;   /* replaces running resistance below 2.5 km/h */
    double resistance_factor;   /* on running resistance, 1: to sweep its uncertainty */
    struct tn_train_brake brake;
    struct tn_train_faults faults;
    double net_ratio; /* NAN: from the wagons */
    struct tn_list notes;
};
extern const struct tn_schema tn_train_schema;
const char *tn_train_adhesion_name(int index); /* the laws of adhesion.h, with `type` after the last */

#define TN_STARTING_SPEED_M_S (2.5 / 3.6) /* below it starting resistance replaces running resistance */

/* A stretch of the train with uniform mass per length. */
struct tn_train_group {
    double from_m, to_m; /* behind the head */
    double mass_kg;
};

struct tn_train_air { /* aerodynamic resistance  c (v + headwind)^2  of the vehicles that share a built-in headwind */
    double c_N_s2_m2;
    double headwind_m_s;
};

#define TN_TRAIN_UNITS_SWITCHED 64 /* units that can be switched off one by one */

/* The working locomotives of one row of the spec. */
struct tn_train_unit {
    const struct tn_locomotive *type;
    int working;
    double share;             /* sum of their control factors */
    double from_m, to_m;      /* where the row stands behind the head, `behind` considered */
    struct tn_curve traction; /* the maker's curves of one locomotive */
    struct tn_curve dynamic_brake;
};

/* Whether bit i of a set of units is there. */
static inline bool tn_train_unit_in(uint64_t units, size_t i)
{
    return i < TN_TRAIN_UNITS_SWITCHED && (units >> i & 1) != 0;
}

/* What a train is to the simulation: everything per train, nothing per line. */
struct tn_train {
    const struct tn_train_spec *spec;
    double mass_kg, mass_effective_kg;            /* effective: with rotating masses */
    double locomotive_mass_kg, adhesive_weight_N; /* adhesive weight of working locomotives */
    double load_kg, net_kg;
    double length_m, locomotive_length_m;
    double speed_max_m_s;
    double gravity_m_s2;
    int wagons, locomotives, working;
    struct tn_train_group *groups;
    size_t group_count;
    struct tn_train_unit *units;
    size_t unit_count;
    double a_N, b_N_s_m; /* running resistance but for the air's part */
    double bearing_N;    /* of a_N, where the laws tell */
    struct tn_train_air *air;
    size_t air_count;
    double starting_N;              /* starting resistance; NAN = the running resistance holds from rest */
    struct tn_curve traction;       /* effort at the rim: factor, adhesion and rail applied, power factor 1 */
    struct tn_curve traction_curve; /* the makers' curves alone */
    struct tn_curve dynamic_brake;  /* with adhesion (braking) applied */
    struct tn_curve dynamic_brake_curve;
    struct tn_curve air_brake; /* full service force of the empirical air brake; count 0 if the rate is unknown */
    struct tn_curve air_emergency;
    struct tn_curve service_brake; /* dynamic brake and full service air brake together; count 0: unlimited */
    double brake_rate;             /* theta_h, no brake cut out; NAN = unknown: the brake then never limits braking */
    double brake_cut_out_1;        /* share of its force that brakes cut out do not give */
    const struct tn_friction_law *friction;
    double continuous_speed_m_s; /* largest of the working locomotives' continuous speeds; NAN = unknown */
    bool diesel;                 /* a working locomotive loses power with altitude */
    double auxiliary_W;
};

/* Builds the train in memory of the arena. All references of the spec must be resolved. Errors name the field. */
tn_status tn_train_init(struct tn_train *train, const struct tn_train_spec *spec, const struct tn_weather *weather,
                        double gravity_m_s2, struct tn_arena *arena, struct tn_context *ctx);

/* The traction curve at that altitude (power of diesels reduced) with the whole train in a curve of that radius
   (adhesion laws reduced; INFINITY = straight) and some units off: bit i of `off` is unit i. Equals train->traction for
   electrics on straight track, all of them on. */
tn_status tn_train_traction_at(struct tn_curve *out, const struct tn_train *train, const struct tn_weather *weather,
                               double altitude_m, double curve_radius_m, uint64_t off, struct tn_arena *arena);
/* The brakes with these units off: dynamic_brake and service_brake of the train. */
tn_status tn_train_brakes_at(struct tn_curve *dynamic_brake, struct tn_curve *service_brake,
                             const struct tn_train *train, const struct tn_weather *weather, uint64_t off,
                             struct tn_arena *arena);

/* Running resistance on straight level track, N, with starting resistance below TN_STARTING_SPEED_M_S if starting.
   density_ratio is air density over TN_AIR_DENSITY_REFERENCE; head and cross wind in m/s. */
double tn_train_resistance(const struct tn_train *train, double speed_m_s, double density_ratio, double head_m_s,
                           double cross_m_s, const struct tn_wind *wind, bool starting);

/* Resistance as a curve for the integrator, split into what the air does not see and what scales with its density:
   R(v) = still(v) + density_ratio * air(v), each with pieces cut where they must be. */
tn_status tn_train_resistance_curves(struct tn_curve *still, struct tn_curve *air, const struct tn_train *train,
                                     double head_m_s, double cross_m_s, const struct tn_wind *wind, bool starting,
                                     struct tn_arena *arena);

/* Energy drawn at the pantograph (W) or fuel burned (kg/s) when the rim gives traction_N or the dynamic brake takes
   brake_N at that speed; shared by effort among the units that are not off (bit i: unit i). See docs/models.md. */
double tn_train_line_power(const struct tn_train *train, uint64_t off, double traction_N, double speed_m_s);
double tn_train_regenerated_power(const struct tn_train *train, uint64_t off, double brake_N, double speed_m_s);
double tn_train_fuel_rate(const struct tn_train *train, uint64_t off, double traction_N, double brake_N,
                          double speed_m_s);

/* A stop with the empirical brake: the idle time at the speed of application, then converted shoe force, resistance and
   grade in still air of reference density. TB/T 1407, distance S_b = S_k + S_e. */
struct tn_train_stop {
    double grade_1;
    double rate; /* brake rate in force: theta_h of the brakes not cut out, in service times beta_c; NAN = unknown */
    double idle_s;
};
/* As the train's brake gives it; reduction_Pa is not used for emergency. */
struct tn_train_stop tn_train_stop(const struct tn_train *train, bool emergency, double reduction_Pa, double grade_1);
/* Distance, and time (may be NULL), from one speed to a lower one with the brakes biting; INFINITY if it never slows so
   far, or if the rate is unknown. */
double tn_train_stop_braked(const struct tn_train *train, const struct tn_train_stop *stop, double from_m_s,
                            double to_m_s, double applied_at_m_s, double *time_s_out);
/* Largest speed from which the whole stop stays within distance_m; INFINITY if there is no such rule or no rate. */
double tn_train_stop_permitted(const struct tn_train *train, const struct tn_train_stop *stop, double distance_m);

/* Largest speed from which an emergency stop on that grade stays within distance_m (empirical brake: idle time, then
   full converted force, resistance and grade). INFINITY if the rule or the rate is not given.
   TB/T 1407, distance S_b = S_k + S_e. */
double tn_train_permitted_speed(const struct tn_train *train, double grade_1, double distance_m);
/* Distance of that stop, m; idle_s_out (may be NULL) gets the idle time. INFINITY if it never stops. */
double tn_train_emergency_distance(const struct tn_train *train, double speed_m_s, double grade_1, double *idle_s_out);

#endif
