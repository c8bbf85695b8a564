/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_AIR_STOP_H
#define TN_AIR_STOP_H

#include "pneumatic.h"
#include "stop.h"

/* A stop with the simulated air brake: the driver's handle moves at time 0, the train is one mass on a uniform grade.
 */
struct tn_air_stop {
    const struct tn_train *train;
    double grade_1;
    bool emergency;
    double reduction_Pa;  /* service only */
    size_t broken_behind; /* instead: the pipe breaks behind that many vehicles, the driver's valve feeding on; 0 */
    struct tn_pneumatic charged; /* the train before the application */
};

struct tn_air_stop_path {
    double distance_m, time_s; /* INFINITY if it never stops */
    struct tn_list trace;      /* tn_stop_trace, twice a second; empty if not wanted */
    struct tn_list cylinder;   /* tn_stop_cylinder, at the same times */
    double idle_s;             /* full force from here on would stop the train in the same distance; NAN = never */
    double share_1;            /* force of the complete application over that of emergency, at the first speed */
};

/* Needs a train whose wagons all have a valve and shoes. */
tn_status tn_air_stop_init(struct tn_air_stop *stop, const struct tn_train *train, double grade_1, bool emergency,
                           double reduction_Pa, struct tn_arena *arena, struct tn_context *ctx);
/* The stop with the air in steps of pipe_step_s; with its histories and what is beside them if arena is not NULL. */
tn_status tn_air_stop_run(struct tn_air_stop_path *path, const struct tn_air_stop *stop, double speed_m_s,
                          double pipe_step_s, struct tn_arena *arena);
/* Largest speed from which it stays within distance_m, looked for around near_m_s first; INFINITY if no speed is too
   much, 0 if any is. */
tn_status tn_air_stop_permitted(double *speed_m_s_out, const struct tn_air_stop *stop, double distance_m,
                                double near_m_s, double pipe_step_s);

#endif
