/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_MOTION_H
#define TN_MOTION_H

#include "track.h"

/* The equation of motion of one train, solved by Taylor series. Within a cell (one piece of track, one piece of each
   curve over speed)

     m dv/dt = E(v) - S(v) - r(x) A(v) - K(x) - T(x) v^2,   dx/dt = v

   has E and A = c0 + c1 v + c2 v^2 + p / (v + q), a polynomial S, and r, K, T linear in x, so that the coefficients of
   v(t) follow from a short recurrence; the last ones give the step and its error. */

#define TN_MOTION_ORDER 12 /* at most */

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
    int order;      /* of the last term of v: 4, 6, 8 or 12; those up to 8 are 0 behind it, then they are not set */
    double damping; /* at the step's start, 1/s: how fast a deviation in speed dies out */
    double v[TN_MOTION_ORDER + 1]; /* speed */
    double x[TN_MOTION_ORDER + 2]; /* way from the step's start; x[0] = 0 */
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

/* The equation in a cell around (x, v): m v' = f0 + f1 v + f2 v^2 + p u + g y + xi (b0 + b1 v + b2 v^2 + c y), all over
   m, with xi measured from x. */
struct tn_motion_law {
    double speed_m_s;            /* v */
    double acceleration_m_s2;    /* v' at (x, v) */
    double slope;                /* its derivative by v there: what the newest term of v counts in the next one */
    double f2, p, g;             /* p and g times -1 / (v + q) */
    double b0, b1, b2, c;        /* along the way */
    double inverse, inverse_air; /* 1 / (v + q) */
    bool hyperbolic, aslant;     /* whether u and y are needed */
};
void tn_motion_law_at(struct tn_motion_law *law, const struct tn_motion_cell *cell, const struct tn_track_piece *piece,
                      double mass_kg, double x_m, double speed_m_s);

/* About how long it takes to reach a speed, were it not for the ends of the cell: speed as it follows from its first
   two derivatives if their ratio stays. INFINITY: never. */
double tn_motion_reach_s(const struct tn_motion_law *law, double speed_m_s);

/* The series of the law, no longer than a step of `wanted_s` (> 0 or < 0) needs: its last two terms are then
   tolerance x (v + 1 m/s) at most. Returns the step, shorter than wanted where TN_MOTION_ORDER terms do not carry as
   far. */
double tn_motion_expand(struct tn_motion_series *series, const struct tn_motion_law *law, double wanted_s,
                        double tolerance);

/* c0 + c1 t + .. to the eighth or twelfth power, so grouped that few products wait for others. */
inline double tn_motion_polynomial(const double c[TN_MOTION_ORDER + 1], int order, double t)
{
    const double t2 = t * t, t4 = t2 * t2;
    double last = c[8];
    if (order > 8)
        last += ((c[9] + c[10] * t) + (c[11] + c[12] * t) * t2) * t;
    return ((c[0] + c[1] * t) + (c[2] + c[3] * t) * t2) +
           (((c[4] + c[5] * t) + (c[6] + c[7] * t) * t2) + last * t4) * t4;
}

inline double tn_motion_speed(const struct tn_motion_series *series, double t_s)
{
    return tn_motion_polynomial(series->v, series->order, t_s);
}

inline double tn_motion_distance(const struct tn_motion_series *series, double t_s)
{
    return tn_motion_polynomial(series->x + 1, series->order, t_s) * t_s;
}

/* dv/dt */
inline double tn_motion_pace(const struct tn_motion_series *series, double t_s)
{
    const double *v = series->v, t2 = t_s * t_s, t4 = t2 * t2;
    double last = 0;
    if (series->order > 8)
        last = (9 * v[9] + 10 * v[10] * t_s) + (11 * v[11] + 12 * v[12] * t_s) * t2;
    return ((v[1] + 2 * v[2] * t_s) + (3 * v[3] + 4 * v[4] * t_s) * t2) +
           (((5 * v[5] + 6 * v[6] * t_s) + (7 * v[7] + 8 * v[8] * t_s) * t2) + last * t4) * t4;
}

/* Truncation error in speed of a step t, m/s (magnitude of the last two terms kept). */
double tn_motion_error(const struct tn_motion_series *series, double t_s);

/* Of two numbers, none of them NAN: one instruction, where fmin and fmax are calls. */
inline double tn_motion_least(double a, double b)
{
    return a < b ? a : b;
}
inline double tn_motion_most(double a, double b)
{
    return a > b ? a : b;
}

/* Time in (0, t] (or [t, 0)) at which distance or speed reaches a value that lies between its values at 0 and t. */
double tn_motion_time_at_distance(const struct tn_motion_series *series, double t_s, double distance_m);
double tn_motion_time_at_speed(const struct tn_motion_series *series, double t_s, double speed_m_s);
/* Time of the speed's extremum in (0, t) (or (t, 0)), or t if there is none. */
double tn_motion_time_at_extremum(const struct tn_motion_series *series, double t_s);

/* Works between two times of a step from x, J: of the effort (signed as E), and of running and tunnel resistance. By
   Gauss-Legendre with four nodes, so that the balance of energies tells how well series and forces agree. */
void tn_motion_works(double *effort_J, double *resistance_J, const struct tn_motion_series *series,
                     const struct tn_motion_cell *cell, const struct tn_track_piece *piece, double x_m, double from_s,
                     double to_s);
/* Work against grade and curves between two positions on the piece, J. Exact. */
double tn_motion_work_track(const struct tn_track_piece *piece, double from_m, double to_m);

#endif
