/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PIPE_STATE_H
#define TN_PIPE_STATE_H

#include "pipe.h"

/* What pipe.c and pipe_valve.c share. Inside, pressures are absolute and amounts of air are pressure times volume, Pa
   m3: the air is isothermal. A column has one entry a vehicle; flow, inertia and drag belong to the link in front of
   it. */

#define TN_ATMOSPHERE 100e3 /* Pa: the rule p = 3.25 r - 100 kPa stands on it */
#define TN_CHOKED     198.6 /* m/s: 0.6847 sqrt(R T), flow of p V through a choked opening over area and pressure */

enum tn_pipe_valve_state {
    TN_VALVE_APPLIED = 1, /* direct release: auxiliary cut from the pipe, exhaust shut */
    TN_VALVE_QUICK = 2,   /* venting the pipe for quick service */
    TN_VALVE_TRIPPED = 4, /* emergency */
    TN_VALVE_VENTING = 8, /* venting the pipe in emergency */
    TN_VALVE_HELPING = 16 /* its reserve flows into the pipe at release */
};

struct tn_pipe_order {
    double at_s;
    enum tn_pipe_handle handle;
    double target;
};

struct tn_pipe_driver {
    size_t node;
    double feed;    /* flow when wide open */
    double exhaust; /* flow over pressure when wide open */
    double delay_s;
    enum tn_pipe_handle handle;
    double set, target; /* of its equalising reservoir */
    size_t next;        /* order */
    bool flowing;       /* exhausting at the last step */
};

struct tn_pipe_hole {
    size_t node;
    double conductance;
};

#define TN_PIPE_ORDERS 64

struct tn_pipe {
    size_t count, valved, driver_count, order_count, hole_count, block_count;
    double running, time_s, step_s, step_max_s;
    double *block;
    double *pressure, *per_volume, *flow, *inertia, *drag, *area;
    double *draw; /* air that leaves the pipe in a step, but for its neighbours */
    double *leak; /* conductance */
    double *auxiliary;
    double *cylinder; /* contents over volume: the pressure once the piston is out */
    double *reserve;  /* emergency or accelerated-release reservoir */
    double *chamber;  /* follows the pipe slowly: tells a fast fall */
    double *floor;    /* pipe pressure at which quick service ends */
    double *excess;   /* what the trigger watches, at the step before */
    double *late;     /* share of a step by which a trigger came before the step's end */
    unsigned char *state;
    const struct tn_valve **valves;
    struct tn_pipe_driver *drivers;
    struct tn_pipe_order *orders;
    struct tn_pipe_hole *holes;
    bool leaky;
    double fed, vented, leaked;
};

/* Flow of p V from pressure p to q through an opening, conductance = TN_CHOKED x effective area. St Venant's law as the
   ellipse of ISO 6358 with critical ratio 0.528. */
static inline double tn_pipe_orifice(double conductance, double p, double q)
{
    const double b = 0.528;
    double below = p - q;
    if (q <= b * p)
        return conductance * p;
    return below > 0 ? conductance / (1 - b) * sqrt(below * (p * (1 - 2 * b) + q)) : 0;
}

/* One step of the valve of vehicle i: its reservoirs, cylinder and state. Returns the air that it takes from the pipe.
 */
double tn_pipe_valve_step(struct tn_pipe *pipe, size_t i, double dt);

#endif
