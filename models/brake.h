/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_BRAKE_H
#define TN_BRAKE_H

#include "effort.h"

/* The standard's empirical air brake: converted shoe force, friction law, service coefficient, idle time. */

/* Friction of converted shoe force: phi_h(v) = k (n v + m) / (d v + m) + s (v1 - v0), v and v0 (at application) in
 * km/h. */
struct tn_friction_law {
    const char *name;
    const char *doc;
    const char *source;
    double k, n, m, d;
    double s, v1;
};
extern const struct tn_friction_law tn_friction_laws[];
const char *tn_friction_law_name(int index);
double tn_friction_at(const struct tn_friction_law *law, double speed_m_s, double applied_at_m_s);
/* friction times force as a curve up to end_m_s. */
tn_status tn_friction_curve(struct tn_curve *out, const struct tn_friction_law *law, double applied_at_m_s,
                            double force_N, double end_m_s, struct tn_arena *arena);

enum tn_brake_service { TN_BRAKE_PASSENGER, TN_BRAKE_FREIGHT };

/* Largest reduction that still adds brake force, Pa: 140 kPa at a pipe of 500, 170 at 600 (operating rules). */
double tn_brake_reduction_most(double pipe_Pa);

/* beta_c, share of the full brake force at a service reduction. TB/T 1407 table; linear between rows, 1 at most; 0
   below the smallest reduction of 50 kPa and for NAN, the last row's beyond the table. pipe_Pa is 500 or 600 kPa. */
double tn_brake_service_coefficient(enum tn_brake_service service, double pipe_Pa, double reduction_Pa);

/* Idle-run time before the brakes bite, s. TB/T 1407. vehicles: wagons or coaches; grade_1: 0 if climbing.
   reduction_Pa is not used for emergency. vehicles = 0: light engine. */
double tn_brake_idle_time(enum tn_brake_service service, bool emergency, int vehicles, double reduction_Pa,
                          double grade_1);

#endif
