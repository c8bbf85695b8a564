/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_LOCOMOTIVE_H
#define TN_LOCOMOTIVE_H

#include "effort.h"
#include "heat.h"
#include "resistance.h"

enum tn_energy { TN_ELECTRIC, TN_DIESEL };
const char *tn_energy_name(int index);

/* Loss of diesel power with altitude and heat: factor 1 up to `from`, then less by `per_1000_m` each 1000 m; less by
   `per_10_K` for each 10 K above `hot`. Acts on the power-limited branch. */
struct tn_derating {
    double from;
    double per_1000_m;
    double hot;
    double per_10_K;
};

struct tn_fuel {
    double specific; /* kg per J at the wheel rim */
    double idle;     /* kg/s */
    double braking;  /* kg/s in dynamic braking */
};

struct tn_locomotive {
    const char *id;
    const char *name;
    int energy; /* enum tn_energy */
    double mass;
    double adhesive_mass; /* NAN: mass */
    double length;
    int axles;
    double rotating; /* rotating allowance, share of the mass */
    double speed_max;
    double power;            /* rated power, for information */
    double continuous_speed; /* continuous rating; NAN = unknown */
    double continuous_effort;
    double traction_power_from; /* speed from which traction is power-limited; NAN = nowhere */
    double brake_power_from;    /* the same for the dynamic brake */
    struct tn_list effort;      /* tn_effort_point */
    struct tn_resistance_spec resistance;
    double starting_resistance;
    int adhesion;        /* law of the type, see adhesion.h */
    double efficiency;   /* wheel rim to pantograph (or engine shaft), traction */
    double regeneration; /* efficiency of the way back; 0 = resistor brake */
    double auxiliary_power;
    struct tn_derating derating;
    struct tn_fuel fuel;
    struct tn_motor motor; /* heating */
    double shoe_force;     /* converted shoe force of the air brake, N, at 500 kPa; NAN = as train brake rate says */
    double brake_feed;     /* effective diameter through which the driver's valve feeds the brake pipe */
    double brake_exhaust;  /* the same of its exhaust in service */
    struct tn_list notes;
};

extern const struct tn_schema tn_locomotive_schema;

/* Power factor of a diesel at that altitude and temperature, 0 to 1; 1 for an electric. */
double tn_locomotive_power_factor(const struct tn_locomotive *locomotive, double altitude_m, double temperature_K);

/* Checks what no single field can: effort table from 0, power branch inside it. */
tn_status tn_locomotive_validate(const struct tn_locomotive *locomotive, struct tn_context *ctx);

#endif
