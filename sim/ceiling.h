/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CEILING_H
#define TN_CEILING_H

#include "motion.h"
#include "run.h"

/* The braking curves of a run, found backwards from every stop and every drop of the limit: where a train must be
   slower than the limit of the piece it is on. */

/* How the train moves under a given brake force. */
struct tn_ceiling_forced {
    struct tn_motion_series series; /* from the stretch's to_m backwards: times -time_s .. 0 */
    struct tn_motion_cell cell;
};

/* A stretch of a braking curve on one piece of track, either of constant net deceleration or of a given brake force. */
struct tn_ceiling_stretch {
    double from_m, to_m; /* in order of travel */
    double from_m_s, to_m_s;
    double time_s;
    double deceleration;                    /* constant net deceleration; 0: by force */
    const struct tn_ceiling_forced *forced; /* NULL: constant deceleration */
    size_t piece;
};

struct tn_ceiling {
    struct tn_ceiling_stretch *stretches; /* in order of travel */
    size_t count, allocated;
    struct tn_arena *arena;
};

/* Builds the curves of the request between from_m and the first position beyond to_m that can matter. */
tn_status tn_ceiling_init(struct tn_ceiling *ceiling, const struct tn_run_request *request, double tolerance,
                          struct tn_arena *arena);

/* Speed of the stretch at x, which must lie in it. */
double tn_ceiling_speed(const struct tn_ceiling_stretch *stretch, double x_m);
/* Time still needed on the stretch from x to its end. */
double tn_ceiling_time_left(const struct tn_ceiling_stretch *stretch, double x_m);

#endif
