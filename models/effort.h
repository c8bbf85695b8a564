/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_EFFORT_H
#define TN_EFFORT_H

#include "arena.h"
#include "context.h"
#include "field.h"

/* One row of a locomotive's effort table (CSV or inline). */
struct tn_effort_point {
    double speed;
    double traction;
    double dynamic_brake;
};
extern const struct tn_schema tn_effort_point_schema;

/* F(v) = c0 + c1 v + c2 v^2 + p / (v + q)  for v in [from, next piece's from). */
struct tn_effort_piece {
    double from_m_s;
    double c0, c1, c2;
    double p, q;
};

/* A force over speed: pieces in rising order of speed, the first from 0. Beyond end_m_s the force is zero. Every effort
   curve, adhesion cap and empirical brake of the engine is such a curve, so that one integrator serves all. */
struct tn_curve {
    struct tn_effort_piece *pieces;
    size_t count;
    double end_m_s;
};

double tn_curve_at(const struct tn_curve *curve, double speed_m_s);
/* Index of the piece that holds for speeds just above (direction > 0) or just below (direction < 0) speed_m_s. */
size_t tn_curve_piece(const struct tn_curve *curve, double speed_m_s, int direction);

/* A column of a table: linear in force between rows, linear in power (F v) between rows from power_from_m_s up (the
   constant-power branch; INFINITY = nowhere). Column: 0 traction, 1 dynamic brake. */
tn_status tn_curve_from_table(struct tn_curve *out, const struct tn_list *points, int column, double power_from_m_s,
                              double end_m_s, struct tn_arena *arena);
/* a * f + b * g, exact where the pieces allow it, otherwise cut finely enough for 1e-10 relative. */
tn_status tn_curve_sum(struct tn_curve *out, const struct tn_curve *f, double a, const struct tn_curve *g, double b,
                       struct tn_arena *arena);
/* The smaller of f and g at each speed; crossings become piece boundaries. */
tn_status tn_curve_min(struct tn_curve *out, const struct tn_curve *f, const struct tn_curve *g,
                       struct tn_arena *arena);
/* A curve from any smooth function of speed on [0, end], cut finely enough for 1e-10 relative. */
tn_status tn_curve_from_function(struct tn_curve *out, double (*function)(double speed_m_s, const void *payload),
                                 const void *payload, double end_m_s, struct tn_arena *arena);

#endif
