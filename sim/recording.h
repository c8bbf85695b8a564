/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RECORDING_H
#define TN_RECORDING_H

#include <gsl/gsl_integration.h>

#include "track.h"

/* What acts on a train whose motion is known: between two samples its speed is linear in time. Forces are positive
   against motion; the wheels give their sum and the inertia. */

enum tn_recording_part {
    TN_PART_ROLLING, /* running resistance but for bearings and air; starting resistance */
    TN_PART_BEARING, /* where the law of resistance tells it */
    TN_PART_AERO,
    TN_PART_GRADE,
    TN_PART_CURVE,
    TN_PART_TUNNEL,
    TN_PART_COUNT
};

/* The way of the train, each of grade, curves and tunnels a track of its own. Not to be moved once made. */
struct tn_recording {
    const struct tn_train *train;
    const struct tn_weather *weather;
    struct tn_line_spec lines[3];
    struct tn_path paths[3];
    struct tn_track tracks[3];
    size_t piece[3]; /* of the head; it only moves on */
    gsl_integration_glfixed_table *nodes;
};

struct tn_recording_step {
    double from_m, from_m_s, to_m_s, time_s; /* given */
    double to_m, acceleration_m_s2;
    double limit_m_s;              /* where it begins */
    double force_N[TN_PART_COUNT]; /* `start`: at the step's start; `exact`: at its end */
    double work_J[TN_PART_COUNT];
    double positive_J, negative_J; /* at the wheel rim, both >= 0 */
    double wheel_max_N, wheel_min_N, wheel_end_N;
    double power_max_W, power_min_W;
    double dynamic_J, air_J;           /* of negative_J: what the dynamic brake can give at that speed, and the rest */
    double effort_from_N, effort_to_N; /* of traction or dynamic brake at its ends; 0 where the train stands */
    double effort_square_N2s, power_square_W2s; /* integrals over time of the effort's square and of its power's */
    double mean_density_1;                      /* of the air over the reference */
    double mean_speed_m_s, mean_air_m2_s2, mean_track_N; /* over time; `exact`. air: density ratio times square of the
                                                            speed in the air; track: grade, curves, tunnels */
};

tn_status tn_recording_init(struct tn_recording *recording, const struct tn_path *path, const struct tn_train *train,
                            const struct tn_weather *weather, enum tn_depth depth, struct tn_arena *arena,
                            struct tn_context *ctx);
void tn_recording_free(struct tn_recording *recording);

/* Steps must come in the order of travel. Both fill what was not given. */
/* Forces of the start hold over the whole step, at its mean speed. */
void tn_recording_start(struct tn_recording *recording, struct tn_recording_step *step);
/* Forces followed along the step; energies are exact to rounding. */
tn_status tn_recording_exact(struct tn_recording *recording, struct tn_recording_step *step);

#endif
