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

#define TN_PIPE_CHAMBER_S 0.25 /* time constant of the emergency chamber */

/* What does not change about a vehicle. A pair v w / (v + w) of volumes tells how fast two vessels meet. */
struct tn_pipe_unit {
    const struct tn_valve *valve; /* NULL: none */
    double pipe_m3, cylinder_m3;
    double per_auxiliary, per_cylinder, per_reserve; /* 1 over volume */
    double fill_m3, charge_m3, reserve_m3, join_m3;  /* auxiliary and cylinder, pipe and auxiliary, ... */
    double rest;                                     /* contents of a released cylinder */
    double trip_Pa;                                  /* emergency */
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
#define TN_PIPE_WAVE_S 0.5 /* a wave is taken to run as long after a trigger, an order or a vent */

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
    double *lag;      /* chamber over pipe, at the step before */
    unsigned char *state;
    struct tn_pipe_unit *units;
    double blend; /* of pipe into chamber, in a step */
    struct tn_pipe_driver *drivers;
    struct tn_pipe_order *orders;
    struct tn_pipe_hole *holes;
    double quiet_s; /* from then on no wave runs */
    bool leaky;
    double fed, vented, leaked;
};

/* fmin and fmax are calls, for the sake of NAN. */
static inline double tn_pipe_less(double a, double b)
{
    return a < b ? a : b;
}

static inline double tn_pipe_more(double a, double b)
{
    return a > b ? a : b;
}

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

/* One step of all valves: their reservoirs, cylinders and states; draw[i] is the air that each takes from the pipe. */
void tn_pipe_valves_step(struct tn_pipe *pipe, double dt);

#endif
