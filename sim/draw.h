/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DRAW_H
#define TN_DRAW_H

#include "section_times.h"

/* What a train that runs through draws from the line, place by place: where feeding sections begin and end, and at the
   stations of its way. What it feeds back is not counted against it. */
struct tn_draw {
    double *places_s_m, *energy_J, *time_s; /* rising */
    size_t count;
};

/* Runs the way once. In memory of the arena. A train that stalls leaves NAN beyond that place. */
tn_status tn_draw_init(struct tn_draw *draw, const struct tn_section_way *way, struct tn_arena *arena,
                       struct tn_context *ctx);

/* Energy and time between two of its places. */
void tn_draw_between(double *energy_J_out, double *time_s_out, const struct tn_draw *draw, double from_s_m,
                     double to_s_m);

/* The part of [from, to] on the path that the feeding section covers, in the direction of travel; false if less than a
   metre or not in the phase. */
bool tn_draw_overlap(double *from_s_m_out, double *to_s_m_out, const struct tn_feeding *feeding,
                     const struct tn_path *path, double from_s_m, double to_s_m);

/* Mean power drawn between two places: the largest over the parts that lie in one feeding section each; without feeding
   sections over the whole. */
double tn_draw_power(const struct tn_draw *draw, const struct tn_path *path, double from_s_m, double to_s_m);

#endif
