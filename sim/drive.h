/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DRIVE_H
#define TN_DRIVE_H

#include "ceiling.h"

/* The forward run of a train in progress: where it is and what it has used. Inner part of the module run. */

#define TN_DRIVE_KEPT    8    /* cells and levels kept of those last used */
#define TN_SPEED_EPSILON 1e-9 /* relative: speeds this close to the limit are at the limit */

struct tn_descend;

/* Cells of one curve of force as last used. */
struct tn_drive_cells {
    struct tn_motion_cell cells[TN_DRIVE_KEPT];
    const struct tn_track_zone *zones[TN_DRIVE_KEPT]; /* NULL: none yet */
    size_t last, next;                                /* that last used, and the next to be replaced */
};

/* Forces at one speed in one zone, N, resistance of the air at the reference density. */
struct tn_drive_level {
    const struct tn_track_zone *zone; /* NULL: none yet */
    double speed_m_s;
    double still, air, traction, dynamic, brake;
};

struct tn_drive {
    const struct tn_run_request *request;
    const struct tn_track *track;
    const struct tn_train *train;
    struct tn_arena *arena;
    struct tn_run *run;
    double tolerance;
    struct tn_ceiling ceiling;
    struct tn_descend *descend; /* the air brake at pneumatic depth; NULL: the empirical one */
    size_t stretch;             /* first stretch of the ceiling not yet behind the train */
    size_t piece, mark, stop;
    enum tn_run_mode mode; /* of the last step */
    double x_m, v_m_s, time_s;
    double drift_m_s, drift_m; /* bounds of the error in speed and position since speed was last pinned */
    size_t points_allocated;
    bool watched; /* forces at the ends of legs are wanted */
    bool alike;   /* all effort comes from one type of electric locomotive, always on: energies follow from works */
    struct tn_drive_cells traction, braking; /* braking: under the dynamic brake */
    struct tn_drive_level levels[TN_DRIVE_KEPT];
    size_t level, level_next; /* that last used, and the next to be replaced */
};

/* Forces of the train at one place, N, all >= 0. */
struct tn_drive_forces {
    double traction_N, dynamic_N, air_N;
};

/* What one step did. Works are >= 0 but for the track's. */
struct tn_drive_leg {
    double from_m, to_m, from_m_s, to_m_s, time_s;
    double traction_J, dynamic_J, air_J, resistance_J;
    struct tn_drive_forces from, to; /* at its ends */
    /* For followers, as in tn_run_leg; 0: from the works. cell: that of the series, if the effort is its own. */
    double effort_square_N2s, power_square_W2s;
    const struct tn_motion_cell *cell;
    enum tn_run_mode mode;
    /* For marks and trace: how distance and speed follow time. */
    const struct tn_motion_series *series; /* NULL: constant acceleration */
    double series_start_s, series_start_m;
};

inline const struct tn_track_piece *tn_drive_piece(const struct tn_drive *s)
{
    return &s->track->pieces[s->piece];
}
inline const struct tn_track_zone *tn_drive_zone(const struct tn_drive *s)
{
    return &s->track->zones[tn_drive_piece(s)->zone];
}
/* End of the piece, or of the run if that is nearer. */
inline double tn_drive_piece_end(const struct tn_drive *s)
{
    double end = s->piece + 1 < s->track->count ? s->track->pieces[s->piece + 1].from_m : s->track->length_m;
    return tn_motion_least(end, s->request->to_m);
}
/* A run step by step; tn_run_solve is begin, steps for as long as it goes on and none fails, end. Marks go into the
   arena, braking curves into scratch, which must live until the end (and may be the same). */
tn_status tn_drive_begin(struct tn_drive *drive, struct tn_run *run, const struct tn_run_request *request,
                         struct tn_arena *arena, struct tn_arena *scratch);
bool tn_drive_goes_on(const struct tn_drive *drive);
tn_status tn_drive_step(struct tn_drive *drive);
tn_status tn_drive_end(struct tn_drive *drive, tn_status status, struct tn_context *ctx);

/* The speed by which the knots below a train are found that brakes at a constant deceleration: so far below it that the
   way to a knot is more than the rounding of positions. */
inline double tn_drive_below(double speed_m_s, double deceleration)
{
    double margin = TN_SPEED_EPSILON * (1 + speed_m_s) + 1e-9 * deceleration / speed_m_s;
    return fmax(speed_m_s - margin, 0.5 * speed_m_s);
}

/* A bound of exp(-z), close where z is small; the same on every machine. */
double tn_drive_decay(double z);

/* Brings the indices of piece and stretch up to the position. */
void tn_drive_advance(struct tn_drive *drive);
/* Books the leg and moves the train to its end. */
tn_status tn_drive_commit(struct tn_drive *drive, const struct tn_drive_leg *leg);
/* Energy drawn from the line so far. */
double tn_drive_drawn_J(const struct tn_drive *drive);
/* The speed is known exactly again (a limit is held, a braking curve is met): what the position was off becomes time.
 */
void tn_drive_pin(struct tn_drive *drive);
/* The brakes did not keep the train below a limit or before a stop. */
void tn_drive_overspeed(struct tn_drive *drive, double speed_m_s, double at_m);

#endif
