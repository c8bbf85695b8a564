/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PIPE_H
#define TN_PIPE_H

#include "arena.h"
#include "context.h"
#include "valve.h"

/* The air brake of a whole train: the brake pipe as a row of nodes, one a vehicle, with the valve, auxiliary reservoir
   and brake cylinder of each; turbulent flow between nodes with the gas's inertia; feed and exhaust at each driver's
   valve. Isothermal air. What is left out stands in docs/models.md. Pressures are gauge, Pa, in and out. */

struct tn_pipe_vehicle {
    double length_m;              /* of the vehicle's pipe, hoses included */
    double bore_m;                /* inner diameter of the pipe */
    double volume_m3;             /* of the pipe with its branch; NAN: from length and bore */
    const struct tn_valve *valve; /* NULL: a plain pipe (cut-out brake, or a locomotive) */
    double feed_m2;               /* > 0: a driver's valve here can feed through this opening (effective) */
    double exhaust_m2;            /* its exhaust in service */
    double delay_s;               /* after the command (radio of distributed power); 0 = the lead */
    double leak_m2;               /* leakage of pipe and joints, effective */
    bool cock_closed;             /* the angle cock at its rear end is closed */
};

enum tn_pipe_handle {
    TN_PIPE_RELEASE,   /* feed to running pressure */
    TN_PIPE_SERVICE,   /* bring the pipe at each driver's valve to (running pressure - reduction), then lap */
    TN_PIPE_EMERGENCY, /* vent it */
    TN_PIPE_LAP        /* neither feed nor vent */
};

struct tn_pipe;

/* A charged train, brakes released. In memory of the arena. TN_ERR_INPUT names the vehicle. */
tn_status tn_pipe_create(struct tn_pipe **out, const struct tn_pipe_vehicle *vehicles, size_t count, double running_Pa,
                         struct tn_arena *arena, struct tn_context *ctx);

/* Moves the driver's handle. reduction_Pa counts from running pressure; used for service only. */
void tn_pipe_handle_set(struct tn_pipe *pipe, enum tn_pipe_handle handle, double reduction_Pa);
/* Breaks the pipe behind a vehicle (both ends open). */
void tn_pipe_break(struct tn_pipe *pipe, size_t behind);

/* Advances by a time, in steps of its own: tn_pipe_step_set (40 ms unless set), an eighth of it while a wave runs. */
void tn_pipe_advance(struct tn_pipe *pipe, double time_s);
void tn_pipe_step_set(struct tn_pipe *pipe, double step_s);
double tn_pipe_time(const struct tn_pipe *pipe);

double tn_pipe_pressure(const struct tn_pipe *pipe, size_t vehicle);
double tn_pipe_auxiliary(const struct tn_pipe *pipe, size_t vehicle);
double tn_pipe_cylinder(const struct tn_pipe *pipe, size_t vehicle);
/* Exhausting still at a driver's valve: no release may be made yet. */
bool tn_pipe_exhausting(const struct tn_pipe *pipe);
/* All auxiliary reservoirs within margin_Pa of running pressure. */
bool tn_pipe_charged(const struct tn_pipe *pipe, double margin_Pa);
/* Mean over the vehicles with a valve of cylinder pressure, weighted by weights (one a vehicle; NULL = equal). */
double tn_pipe_cylinder_mean(const struct tn_pipe *pipe, const double *weights);

/* Air in the train, what was fed, vented and lost since creation, kg: in = out + held, for the books. */
struct tn_pipe_air {
    double held_kg, fed_kg, vented_kg, leaked_kg;
};
void tn_pipe_books(const struct tn_pipe *pipe, struct tn_pipe_air *air);

/* A copy of the state (same arena), to try a handling from here. */
tn_status tn_pipe_copy(struct tn_pipe **out, const struct tn_pipe *pipe, struct tn_arena *arena);

#endif
