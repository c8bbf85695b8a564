/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_BALANCE_H
#define TN_BALANCE_H

#include "track.h"

/* Net force of a train on uniform track as a function of speed alone: a sum of curves over speed, a constant and a
   square term. Roots and quadratures work piece by piece, so that they are exact to rounding. */

#define TN_BALANCE_TERMS 5

struct tn_balance {
    const struct tn_curve *curve[TN_BALANCE_TERMS];
    double factor[TN_BALANCE_TERMS];
    size_t count;
    double constant_N;
    double square_N_s2_m2;
};

/* Adds factor x curve (which must outlive the balance). */
void tn_balance_add(struct tn_balance *balance, const struct tn_curve *curve, double factor);
/* Adds factor x (running resistance, tunnel, grade and curve) felt with the head at x_m of that piece. */
void tn_balance_add_track(struct tn_balance *balance, const struct tn_track *track, const struct tn_track_piece *piece,
                          double x_m, double factor);

/* The sum at speeds just above (direction > 0) or just below (direction < 0) speed_m_s. */
double tn_balance_at(const struct tn_balance *balance, double speed_m_s, int direction);

/* Speeds in (from, to) at which the sum changes sign, by a root or a jump, rising. Zero counts as positive. */
tn_status tn_balance_crossings(struct tn_list *speeds_out, const struct tn_balance *balance, double from_m_s,
                               double to_m_s, struct tn_arena *arena, struct tn_context *ctx);

/* Time and distance in which the sum takes mass_kg from one speed to a higher one: t = int m dv/F, s = int m v dv/F.
   Both INFINITY if the sum is not positive all the way. */
tn_status tn_balance_time(double *time_s_out, double *distance_m_out, const struct tn_balance *balance, double mass_kg,
                          double from_m_s, double to_m_s, struct tn_arena *arena, struct tn_context *ctx);

/* The speed in [from, to] at which numerator / denominator is largest, and the ratio. Where the denominator is not
   positive the ratio is INFINITY. */
tn_status tn_balance_ratio_max(double *speed_m_s_out, double *ratio_out, const struct tn_balance *numerator,
                               const struct tn_balance *denominator, double from_m_s, double to_m_s,
                               struct tn_arena *arena, struct tn_context *ctx);

/* Tractive force that the train's adhesion law allows at that speed, its locomotives' own laws for `type`; INFINITY
   if one of them is `curve` or meant for braking alone. Curves reduce adhesion (tn_adhesion_curve_factor);
   curve_radius_m INFINITY = straight. */
double tn_balance_adhesion(const struct tn_train *train, double speed_m_s, double rail, double curve_radius_m);

/* Tractive force that one law would allow all its working locomotives. */
double tn_balance_law(const struct tn_train *train, const struct tn_adhesion_law *law, double speed_m_s, double rail,
                      double curve_radius_m);

/* The train's spec without its wagons and what is said of them, in `light_out`. */
void tn_balance_light(struct tn_train_spec *light_out, const struct tn_train_spec *spec);

#endif
