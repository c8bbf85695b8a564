/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_MOTION_H
#define TN_MOTION_H

#include "track.h"

/* The equation of motion of one train, solved by Taylor series. Within a cell (one piece of track, one piece of each
   curve over speed)

     m dv/dt = E(v) - S(v) - r(x) A(v) - K(x) - T(x) v^2,   dx/dt = v

   has E and A = c0 + c1 v + c2 v^2 + p / (v + q), a polynomial S, and r, K, T linear in x, so that the coefficients of
   v(t) follow from a short recurrence; the last ones give the step and its error. */

#define TN_MOTION_ORDER 8 /* at most */

/* A force that the driver applies: curve times sign (+1 traction, -1 brake, 0 coasting). */
struct tn_motion_force {
    const struct tn_curve *curve; /* NULL: none */
    double sign;
};

/* Where the speed v lies between the knots of all curves, with their coefficients. */
struct tn_motion_cell {
    double low_m_s, high_m_s;
    struct tn_effort_piece effort; /* sign applied */
    struct tn_effort_piece still, air;
};

struct tn_motion_series {
    int order; /* of the last term of v: 4, 6 or 8 */
    double v[TN_MOTION_ORDER + 1];
    double x[TN_MOTION_ORDER + 2]; /* from the step's start; x[0] = 0 */
    double w[TN_MOTION_ORDER + 1]; /* v^2 */
    double u[TN_MOTION_ORDER + 1]; /* 1 / (v + q) of the effort; not set where its p = 0 */
    double y[TN_MOTION_ORDER + 1]; /* the same of the air's resistance (only wind that blows aslant has it) */
};

/* The cell for speeds just above (direction >= 0) or just below v. */
void tn_motion_cell_at(struct tn_motion_cell *cell, const struct tn_track_zone *zone,
                       const struct tn_motion_force *force, double speed_m_s, int direction);

/* Force of a curve's piece at v, N. */
inline double tn_motion_piece(const struct tn_effort_piece *piece, double speed_m_s)
{
    double value = piece->c0 + speed_m_s * (piece->c1 + speed_m_s * piece->c2);
    return piece->p == 0 ? value : value + piece->p / (speed_m_s + piece->q);
}

/* How fast a deviation in speed dies out at (x, v), 1/s: minus the derivative of acceleration by speed. */
double tn_motion_damping(const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double mass_kg,
                         double x_m, double speed_m_s);

/* Forces against motion at x: resistance (running, tunnel) and track (grade, curves), N. */
inline double tn_motion_track(const struct tn_track_piece *piece, double x_m)
{
    return piece->k0 + piece->k1 * (x_m - piece->from_m);
}

inline double tn_motion_resistance(const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double x_m,
                                   double speed_m_s)
{
    double ahead = x_m - piece->from_m;
    return tn_motion_piece(&cell->still, speed_m_s) +
           (piece->r0 + piece->r1 * ahead) * tn_motion_piece(&cell->air, speed_m_s) +
           (piece->t0 + piece->t1 * ahead) * speed_m_s * speed_m_s;
}

/* Acceleration at x on the piece, m/s2. */
inline double tn_motion_acceleration(const struct tn_motion_cell *cell, const struct tn_track_piece *piece,
                                     double mass_kg, double x_m, double speed_m_s)
{
    return (tn_motion_piece(&cell->effort, speed_m_s) - tn_motion_resistance(cell, piece, x_m, speed_m_s) -
            tn_motion_track(piece, x_m)) /
           mass_kg;
}

/* The series at (x, v), no longer than a step of `wanted_s` (> 0 or < 0) needs: its last two terms are then a tenth of
   tolerance x (v + 1 m/s) at most. Returns the step, shorter than wanted where TN_MOTION_ORDER terms do not carry as
   far. */
double tn_motion_expand(struct tn_motion_series *series, const struct tn_motion_cell *cell,
                        const struct tn_track_piece *piece, double mass_kg, double x_m, double speed_m_s,
                        double wanted_s, double tolerance);

inline double tn_motion_speed(const struct tn_motion_series *series, double t_s)
{
    double value = series->v[series->order];
    for (int n = series->order - 1; n >= 0; n--)
        value = value * t_s + series->v[n];
    return value;
}

inline double tn_motion_distance(const struct tn_motion_series *series, double t_s)
{
    double value = series->x[series->order + 1];
    for (int n = series->order; n >= 1; n--)
        value = value * t_s + series->x[n];
    return value * t_s;
}

/* Truncation error in speed of a step t, m/s (magnitude of the last two terms kept). */
double tn_motion_error(const struct tn_motion_series *series, double t_s);

/* Time in (0, t] (or [t, 0)) at which distance or speed reaches a value that lies between its values at 0 and t. */
double tn_motion_time_at_distance(const struct tn_motion_series *series, double t_s, double distance_m);
double tn_motion_time_at_speed(const struct tn_motion_series *series, double t_s, double speed_m_s);
/* Time of the speed's extremum in (0, t), or t if there is none. */
double tn_motion_time_at_extremum(const struct tn_motion_series *series, double t_s);

/* Work over a step t, J: of the effort (signed as E), and of running and tunnel resistance. */
double tn_motion_work_effort(const struct tn_motion_series *series, const struct tn_motion_cell *cell, double t_s);
double tn_motion_work_resistance(const struct tn_motion_series *series, const struct tn_motion_cell *cell,
                                 const struct tn_track_piece *piece, double x_m, double t_s);
/* Work against grade and curves between two positions on the piece, J. Exact. */
double tn_motion_work_track(const struct tn_track_piece *piece, double from_m, double to_m);

#endif
