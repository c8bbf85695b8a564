/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_WAGON_H
#define TN_WAGON_H

#include "heat.h"
#include "resistance.h"
#include "valve.h"

/* The air brake of a vehicle as the pneumatic model needs it. */
struct tn_air_brake {
    int valve;          /* row of tn_valves */
    double pipe_bore;   /* inner diameter of the brake pipe */
    double pipe_branch; /* volume of the branch to the valve as a share of the pipe's */
    double spring;      /* cylinder pressure that springs and rigging take, gauge */
    int cylinders;
    double cylinder_diameter, cylinder_stroke; /* NAN: volumes of the valve's row */
    double reservoir_ratio;                    /* auxiliary reservoir over cylinders; NAN: of the valve's row */
};

struct tn_wagon {
    const char *id;
    const char *name;
    double tare;
    double gross; /* mass when fully loaded */
    double length;
    int axles;
    double speed_max;       /* NAN = none */
    double rotating_loaded; /* rotating allowance, share of the mass */
    double rotating_empty;
    struct tn_resistance_spec resistance;       /* loaded */
    struct tn_resistance_spec resistance_empty; /* when empty */
    double starting_resistance;
    double net_ratio;  /* payload over gross; NAN: 1 - tare / gross */
    double shoe_force; /* converted shoe force at 500 kPa, loaded, N; NAN = unknown */
    double shoe_force_empty;
    double wheel_diameter;
    struct tn_bearing bearing;
    struct tn_tread tread;
    int friction; /* law of brake.h */
    struct tn_air_brake air_brake;
    struct tn_list notes;
};

extern const struct tn_schema tn_wagon_schema;

tn_status tn_wagon_validate(const struct tn_wagon *wagon, struct tn_context *ctx);

#endif
