/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run.h"

#include <math.h>

#include "descend.h"

#define STEPS_MAX      10000000
#define EXTREMUM_MIN_S 1e-6
#define STANDING_M_S   1e-3
#define KINK_M         1e-3 /* shorter stretches of holding are not cut */

/* The ceiling's stretch at x (in (from, to]), or NULL where only the limit holds. */
static const struct tn_ceiling_stretch *stretch_at(const struct tn_drive *s, double x_m)
{
    for (size_t i = s->stretch; i < s->ceiling.count && s->ceiling.stretches[i].from_m < x_m; i++)
        if (x_m <= s->ceiling.stretches[i].to_m)
            return &s->ceiling.stretches[i];
    return NULL;
}

/* How much the train at the end of t is above the braking curve; < 0 below or where there is none. */
static double above_ceiling(const struct tn_drive *s, const struct tn_motion_series *series, double t_s)
{
    double x = s->x_m + tn_motion_distance(series, t_s);
    const struct tn_ceiling_stretch *stretch = stretch_at(s, x);
    return stretch == NULL ? -HUGE_VAL : tn_motion_speed(series, t_s) - tn_ceiling_speed(stretch, x);
}

/* The time in [0, t] at which the train meets the braking curve, or t, when it is at x. */
static double meet_ceiling(const struct tn_drive *s, const struct tn_motion_series *series, double t_s, double x_m,
                           bool *met)
{
    *met = false;
    if (stretch_at(s, x_m) == NULL)
        return t_s;
    double below = 0, above = t_s, excess = above_ceiling(s, series, t_s);
    *met = excess >= 0;
    if (!*met || excess == 0)
        return t_s;
    /* Illinois' variant of the false position; the curve is only known from its first stretch on, hence the bisection
       where the lower end is still before it. */
    double f_below = -HUGE_VAL, f_above = excess;
    int side = 0;
    for (int i = 0; i < 200 && above - below > 4e-16 * t_s; i++) {
        double t = isinf(f_below) ? 0.5 * (below + above) : below - f_below * (above - below) / (f_above - f_below);
        if (!(t > below && t < above))
            t = 0.5 * (below + above);
        double f = above_ceiling(s, series, t);
        if (f == 0)
            return t;
        if (f > 0) {
            above = t;
            f_above = f;
            if (side == 1)
                f_below *= 0.5;
            side = 1;
        } else {
            below = t;
            f_below = f;
            if (side == -1)
                f_above *= 0.5;
            side = -1;
        }
        if (fabs(f) < 1e-13 * (1 + s->v_m_s))
            return t;
    }
    return below;
}

/* The cell on the side of v to which the train accelerates. */
static void choose_cell(const struct tn_drive *s, const struct tn_motion_force *force, struct tn_motion_cell *cell)
{
    tn_motion_cell_at(cell, tn_drive_zone(s), force, s->v_m_s, 1);
    if (s->v_m_s > cell->low_m_s || s->v_m_s == 0)
        return;
    if (tn_motion_acceleration(cell, tn_drive_piece(s), s->train->mass_effective_kg, s->x_m, s->v_m_s) < 0)
        tn_motion_cell_at(cell, tn_drive_zone(s), force, s->v_m_s, -1);
}

/* The cell at the speed on one side of it, from those last used or a new one. */
static const struct tn_motion_cell *cell_at(struct tn_drive_cells *kept, const struct tn_track_zone *zone,
                                            const struct tn_motion_force *force, double speed_m_s, int direction)
{
    for (size_t i = 0; i < TN_DRIVE_KEPT; i++) {
        const struct tn_motion_cell *cell = &kept->cells[i];
        if (kept->zones[i] == zone && speed_m_s >= cell->low_m_s && speed_m_s <= cell->high_m_s &&
            speed_m_s != (direction >= 0 ? cell->high_m_s : cell->low_m_s)) {
            kept->last = i;
            return cell;
        }
    }
    kept->last = kept->next;
    kept->next = (kept->next + 1) % TN_DRIVE_KEPT;
    kept->zones[kept->last] = zone;
    tn_motion_cell_at(&kept->cells[kept->last], zone, force, speed_m_s, direction);
    return &kept->cells[kept->last];
}

/* The law under full traction, in the cell on the side of v to which the train accelerates; mostly that of the last
   step. slows: it is known to lose speed, though it may not yet do so here. */
static const struct tn_motion_cell *traction_law(struct tn_motion_law *law, struct tn_drive *s, bool slows)
{
    const struct tn_track_zone *zone = tn_drive_zone(s);
    const struct tn_track_piece *piece = tn_drive_piece(s);
    const struct tn_motion_force force = {&zone->traction, 1};
    const double mass = s->train->mass_effective_kg, v = s->v_m_s;
    const struct tn_motion_cell *cell = &s->traction.cells[s->traction.last];
    if (s->traction.zones[s->traction.last] != zone || v <= cell->low_m_s || v >= cell->high_m_s)
        cell = cell_at(&s->traction, zone, &force, v, slows ? -1 : 1);
    tn_motion_law_at(law, cell, piece, mass, s->x_m, v);
    if (slows || v > cell->low_m_s || v == 0 || law->acceleration_m_s2 >= 0)
        return cell;
    cell = cell_at(&s->traction, zone, &force, v, -1);
    tn_motion_law_at(law, cell, piece, mass, s->x_m, v);
    return cell;
}

/* A time that is hardly shorter than the step to the end of the piece or to one of two speeds can be. */
static double reach_s(const struct tn_drive *s, const struct tn_motion_law *law, double low_m_s, double high_m_s)
{
    double length = tn_drive_piece_end(s) - s->x_m, v = s->v_m_s, a = law->acceleration_m_s2;
    double t = 2 * length / (v + sqrt(tn_motion_most(v * v + 2 * a * length, 0)));
    t = tn_motion_least(t, 1.2 * tn_motion_reach_s(law, a > 0 ? high_m_s : low_m_s) + 1e-3);
    return tn_motion_least(1.05 * t, 86400);
}

/* The end of a step. */
struct cut {
    double t_s, x_m, v_m_s;
    double top_s, top_m_s; /* where the speed is highest within it, > t_s: at an end */
};

/* Cuts a step at a time before which the speed only rises or only falls where it passes high or low. */
static void cut_at_speed(struct cut *cut, const struct tn_motion_series *series, double low_m_s, double high_m_s,
                         double t_s)
{
    const double from = series->v[0], to = tn_motion_speed(series, t_s);
    cut->t_s = t_s;
    cut->v_m_s = to;
    if (to > high_m_s && from < high_m_s)
        cut->v_m_s = high_m_s;
    else if (to < low_m_s && from > low_m_s)
        cut->v_m_s = low_m_s;
    if (cut->v_m_s != to)
        cut->t_s = tn_motion_time_at_speed(series, t_s, cut->v_m_s);
}

/* Cuts a step at the piece's end and at the next knot of a curve; sets the state at its end exactly there. It goes over
   an extremum of the speed if it may (`over`) and if nothing is passed on either side. */
static void cut_step(struct cut *cut, const struct tn_drive *s, const struct tn_motion_series *series,
                     const struct tn_motion_cell *cell, double low_m_s, double high_m_s, double t_s, bool over)
{
    double end = tn_drive_piece_end(s);
    const double low = tn_motion_most(cell->low_m_s, low_m_s), high = tn_motion_least(cell->high_m_s, high_m_s);
    /* No further than the next stretch of a braking curve, so that none is jumped over. */
    if (s->stretch < s->ceiling.count)
        end = tn_motion_least(end, s->ceiling.stretches[s->stretch].to_m);
    double turn = tn_motion_time_at_extremum(series, t_s);
    /* Where a limit can just no longer be held the acceleration is zero but for rounding: no extremum worth a step. */
    if (turn < EXTREMUM_MIN_S)
        turn = t_s;
    cut_at_speed(cut, series, low, high, turn);
    cut->top_s = HUGE_VAL;
    if (over && turn < t_s && cut->t_s == turn) {
        const double there = cut->v_m_s, v = tn_motion_speed(series, t_s);
        if (v >= low && v <= high)
            *cut = (struct cut){.t_s = t_s, .v_m_s = v, .top_s = turn, .top_m_s = there};
    }
    cut->x_m = s->x_m + tn_motion_distance(series, cut->t_s);
    if (cut->x_m >= end) {
        cut->t_s = tn_motion_time_at_distance(series, cut->t_s, end - s->x_m);
        cut->v_m_s = tn_motion_speed(series, cut->t_s);
        cut->x_m = end;
    }
}

double tn_drive_decay(double z)
{
    if (z >= 0)
        return 1 / (1 + z * (1 + z * (0.5 + z * (1.0 / 6))));
    if (z > -1)
        return (2 - z) / (2 + z);
    double half = z > -100 ? tn_drive_decay(0.5 * z) : HUGE_VAL;
    return half * half;
}

/* What is off in speed dies out (or grows) with the damping of the motion; what the step itself adds comes on top. */
static void drift(struct tn_drive *s, const struct tn_motion_series *series, double t_s)
{
    double after = s->drift_m_s * tn_drive_decay(series->damping * t_s), error = tn_motion_error(series, t_s);
    s->drift_m += (tn_motion_most(s->drift_m_s, after) + error) * t_s;
    s->drift_m_s = after + error;
}

static tn_status stall(struct tn_drive *s, double force_N, double need_N)
{
    s->run->finished = false;
    s->run->stall_s_m = s->x_m;
    s->run->stall_force_N = force_N;
    s->run->stall_need_N = need_N;
    return TN_ERR_STOPPED;
}

/* One step under full traction. slows: as for traction_law(). */
static tn_status accelerate(struct tn_drive *s, bool slows)
{
    const struct tn_track_piece *piece = tn_drive_piece(s);
    struct tn_motion_law law;
    const struct tn_motion_cell *cell = traction_law(&law, s, slows);
    struct tn_motion_series series;
    if (s->v_m_s <= 0 && law.acceleration_m_s2 <= 0)
        return stall(s, cell->effort.c0 + (cell->effort.p != 0 ? cell->effort.p / cell->effort.q : 0),
                     tn_motion_resistance(cell, piece, s->x_m, 0) + tn_motion_track(piece, s->x_m));
    double high = piece->limit_m_s;
    if (s->request->speed_end_m_s > 0)
        high = tn_motion_least(high, s->request->speed_end_m_s);
    double t = reach_s(s, &law, cell->low_m_s, tn_motion_least(cell->high_m_s, high));
    t = tn_motion_expand(&series, &law, t, s->tolerance);
    struct cut cut;
    cut_step(&cut, s, &series, cell, 0, high, t, true);
    bool met;
    double meeting = meet_ceiling(s, &series, cut.t_s, cut.x_m, &met);
    if (meeting < cut.t_s) {
        cut.t_s = meeting;
        cut.x_m = s->x_m + tn_motion_distance(&series, meeting);
        cut.v_m_s = tn_motion_speed(&series, meeting);
    }
    if (!(cut.t_s > 0) && !met)
        return cut.v_m_s <= 0 || cut.x_m <= s->x_m ? stall(s, 0, 0) : TN_ERR_NUMERIC;
    struct tn_drive_leg leg = {.from_m = s->x_m,
                               .to_m = cut.x_m,
                               .from_m_s = s->v_m_s,
                               .to_m_s = cut.v_m_s,
                               .time_s = cut.t_s,
                               .mode = tn_drive_zone(s)->neutral ? TN_RUN_NEUTRAL : TN_RUN_TRACTION,
                               .cell = cell,
                               .series = &series,
                               .series_start_m = s->x_m};
    tn_motion_works(&leg.traction_J, &leg.resistance_J, &series, cell, piece, s->x_m, 0, cut.t_s);
    drift(s, &series, cut.t_s);
    if (cut.top_s < cut.t_s)
        s->run->speed_max_m_s = tn_motion_most(s->run->speed_max_m_s, cut.top_m_s);
    tn_status status = tn_drive_commit(s, &leg);
    if (status == TN_OK && (met || s->v_m_s >= piece->limit_m_s))
        tn_drive_pin(s);
    return status;
}

/* Integral over [0, d] of max(f0 + f1 x - floor, 0), capped at cap, for linear f. */
static double positive_part(double f0, double f1, double distance, double floor_N, double cap)
{
    double begin = f0 - floor_N, end = begin + f1 * distance;
    if (tn_motion_least(begin, end) >= 0 && tn_motion_most(begin, end) <= cap)
        return distance * 0.5 * (begin + end);
    if (tn_motion_most(begin, end) <= 0)
        return 0;
    double knots[4] = {0, distance, distance, distance};
    if (f1 != 0) {
        double a = tn_motion_least(tn_motion_most((floor_N - f0) / f1, 0), distance),
               b = tn_motion_least(tn_motion_most((floor_N + cap - f0) / f1, 0), distance);
        knots[1] = tn_motion_least(a, b);
        knots[2] = tn_motion_most(a, b);
    }
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double middle = f0 + f1 * 0.5 * (knots[i] + knots[i + 1]) - floor_N;
        sum += (knots[i + 1] - knots[i]) * tn_motion_least(tn_motion_most(middle, 0), cap);
    }
    return sum;
}

/* Integral over [0, d] of the square of f0 + f1 x, cut off below `least`: the effort of holding. */
static double square_held(double f0, double f1, double distance, double least)
{
    double knot = f1 != 0 ? fmin(fmax((least - f0) / f1, 0), distance) : 0, sum = 0;
    for (int i = 0; i < 2; i++) {
        double from = i == 0 ? 0 : knot, to = i == 0 ? knot : distance;
        double a = fmax(f0 + f1 * from, least), b = fmax(f0 + f1 * to, least);
        if (fmax(f0 + f1 * 0.5 * (from + to), least) == least)
            a = b = least;
        sum += (to - from) * (a * a + a * b + b * b) / 3;
    }
    return sum;
}

/* First x in [0, distance] at which f0 + f1 x exceeds bound, or distance. */
static double first_above(double f0, double f1, double bound, double distance)
{
    if (f0 + f1 * distance <= bound)
        return distance;
    return f1 > 0 ? tn_motion_least(tn_motion_most((bound - f0) / f1, 0), distance) : 0;
}

static void make_level(struct tn_drive_level *level, const struct tn_track_zone *zone, double speed_m_s)
{
    const struct tn_motion_force none = {NULL, 0};
    const struct tn_curve *traction = &zone->traction, *brake = &zone->service_brake;
    struct tn_motion_cell cell;
    tn_motion_cell_at(&cell, zone, &none, speed_m_s, -1);
    *level =
        (struct tn_drive_level){.zone = zone,
                                .speed_m_s = speed_m_s,
                                .still = tn_motion_piece(&cell.still, speed_m_s),
                                .air = tn_motion_piece(&cell.air, speed_m_s),
                                /* At the very end of the curve the force just below it counts. */
                                .traction = tn_curve_at(traction, fmin(speed_m_s, traction->end_m_s * (1 - 1e-12))),
                                .dynamic = tn_curve_at(&zone->dynamic_brake, speed_m_s),
                                .brake = brake->count == 0 ? HUGE_VAL : tn_curve_at(brake, speed_m_s)};
}

/* The forces at the speed in the zone where the train is. */
static const struct tn_drive_level *level_at(struct tn_drive *s, double speed_m_s)
{
    const struct tn_track_zone *zone = tn_drive_zone(s);
    for (size_t i = 0; i < TN_DRIVE_KEPT; i++) {
        const struct tn_drive_level *level = &s->levels[(s->level + i) % TN_DRIVE_KEPT];
        if (level->zone == zone && level->speed_m_s == speed_m_s) {
            s->level = (s->level + i) % TN_DRIVE_KEPT;
            return level;
        }
    }
    s->level = s->level_next;
    s->level_next = (s->level_next + 1) % TN_DRIVE_KEPT;
    make_level(&s->levels[s->level], zone, speed_m_s);
    return &s->levels[s->level];
}

/* What it takes to keep the speed: a linear function of position on the piece. */
struct holding {
    double force_N, slope_N_m; /* needed at x: + traction, - brake */
    double resistance_N, resistance_slope_N_m;
    double traction_N, dynamic_N, brake_N; /* available */
};

static void holding_at(struct tn_drive *s, double speed_m_s, struct holding *out)
{
    const struct tn_track_piece *piece = tn_drive_piece(s);
    const struct tn_drive_level *level = level_at(s, speed_m_s);
    const double ahead = s->x_m - piece->from_m;
    out->resistance_N = level->still + (piece->r0 + piece->r1 * ahead) * level->air +
                        (piece->t0 + piece->t1 * ahead) * speed_m_s * speed_m_s;
    out->resistance_slope_N_m = piece->r1 * level->air + piece->t1 * speed_m_s * speed_m_s;
    out->force_N = out->resistance_N + tn_motion_track(piece, s->x_m);
    out->slope_N_m = out->resistance_slope_N_m + piece->k1;
    out->traction_N = level->traction;
    out->dynamic_N = level->dynamic;
    out->brake_N = level->brake;
}

/* A force at the rim, + traction, - brake, as it comes from traction, dynamic brake and then air. */
static struct tn_drive_forces split(const struct tn_drive *s, double force_N, double speed_m_s)
{
    const struct tn_curve *dynamic = &tn_drive_zone(s)->dynamic_brake;
    double brake = fmax(-force_N, 0), available = tn_curve_at(dynamic, speed_m_s);
    return (struct tn_drive_forces){fmax(force_N, 0), fmin(brake, available), fmax(brake - available, 0)};
}

/* Keeps the speed as far as end_m. */
static tn_status hold(struct tn_drive *s, const struct holding *need, double end_m)
{
    double distance_m = end_m - s->x_m, available = need->dynamic_N;
    double f0 = need->force_N, f1 = need->slope_N_m;
    struct tn_drive_leg leg = {.from_m = s->x_m,
                               .to_m = end_m,
                               .from_m_s = s->v_m_s,
                               .to_m_s = s->v_m_s,
                               .time_s = distance_m / s->v_m_s,
                               .mode = TN_RUN_HOLD};
    double end_N = f0 + f1 * distance_m;
    if (f0 >= 0 && end_N >= 0) {
        leg.traction_J = distance_m * 0.5 * (f0 + end_N);
    } else {
        leg.traction_J = positive_part(f0, f1, distance_m, 0, HUGE_VAL);
        leg.dynamic_J = positive_part(-f0, -f1, distance_m, 0, available);
        leg.air_J = positive_part(-f0, -f1, distance_m, available, HUGE_VAL);
    }
    if (s->watched) {
        leg.from = split(s, f0, s->v_m_s);
        leg.to = split(s, f0 + f1 * distance_m, s->v_m_s);
        leg.effort_square_N2s = square_held(f0, f1, distance_m, -available) / s->v_m_s;
    }
    leg.resistance_J = distance_m * (need->resistance_N + need->resistance_slope_N_m * 0.5 * distance_m);
    return tn_drive_commit(s, &leg);
}

/* One step with the brakes fully on, above the limit: a train that cannot be held. */
static tn_status run_away(struct tn_drive *s)
{
    const struct tn_track_piece *piece = tn_drive_piece(s);
    const struct tn_train *train = s->train;
    struct tn_motion_force force = {&tn_drive_zone(s)->service_brake, -1};
    struct tn_motion_cell cell;
    struct tn_motion_series series;
    struct tn_motion_law law;
    choose_cell(s, &force, &cell);
    tn_motion_law_at(&law, &cell, piece, train->mass_effective_kg, s->x_m, s->v_m_s);
    double t = reach_s(s, &law, fmax(cell.low_m_s, piece->limit_m_s), cell.high_m_s);
    t = tn_motion_expand(&series, &law, t, s->tolerance);
    struct cut cut;
    cut_step(&cut, s, &series, &cell, piece->limit_m_s, HUGE_VAL, t, false);
    if (!(cut.t_s > 0) || cut.v_m_s > 1000)
        return TN_ERR_NUMERIC;
    tn_drive_overspeed(s, cut.v_m_s, cut.x_m);
    struct tn_drive_leg leg = {.from_m = s->x_m,
                               .to_m = cut.x_m,
                               .from_m_s = s->v_m_s,
                               .to_m_s = cut.v_m_s,
                               .time_s = cut.t_s,
                               .mode = TN_RUN_OVERSPEED,
                               .series = &series,
                               .series_start_m = s->x_m};
    double brake;
    tn_motion_works(&brake, &leg.resistance_J, &series, &cell, piece, s->x_m, 0, cut.t_s);
    brake = -brake;
    double middle = tn_motion_speed(&series, 0.5 * cut.t_s);
    double dynamic = tn_curve_at(&tn_drive_zone(s)->dynamic_brake, middle) * (cut.x_m - s->x_m);
    leg.dynamic_J = fmin(brake, dynamic);
    leg.air_J = brake - leg.dynamic_J;
    leg.from = split(s, tn_motion_piece(&cell.effort, s->v_m_s), s->v_m_s);
    leg.to = split(s, tn_motion_piece(&cell.effort, cut.v_m_s), cut.v_m_s);
    drift(s, &series, cut.t_s);
    return tn_drive_commit(s, &leg);
}

/* How far the force needed stays with traction, with the dynamic brake or with both brakes; at most `distance`. */
static double force_kink(const struct holding *need, double distance)
{
    const double bounds[2] = {0, -need->dynamic_N};
    double end_N = need->force_N + need->slope_N_m * distance;
    for (int i = 0; i < 2; i++) {
        if ((need->force_N > bounds[i]) == (end_N > bounds[i]))
            continue;
        double at = (bounds[i] - need->force_N) / need->slope_N_m;
        if (at > KINK_M && at < distance)
            distance = at;
    }
    return distance;
}

/* At the limit: hold it as far as traction and brakes allow. Sets the force needed when it cannot be held at all. */
static tn_status keep_limit(struct tn_drive *s)
{
    double end = tn_drive_piece_end(s);
    if (s->stretch < s->ceiling.count && s->ceiling.stretches[s->stretch].from_m > s->x_m)
        end = tn_motion_least(end, s->ceiling.stretches[s->stretch].from_m);
    struct holding need;
    holding_at(s, s->v_m_s, &need);
    double distance = first_above(need.force_N, need.slope_N_m, need.traction_N, end - s->x_m);
    double braked = first_above(-need.force_N, -need.slope_N_m, need.brake_N, end - s->x_m);
    double reach = tn_motion_least(distance, braked);
    if (s->descend != NULL) {
        double needed = tn_descend_need(s), at = needed;
        tn_status status = needed < HUGE_VAL ? tn_descend_apply_at(&at, s, needed) : TN_OK;
        if (status != TN_OK)
            return status;
        if (at <= s->x_m + 1e-6)
            return tn_descend_drive(s, s->mode == TN_RUN_BRAKE ? TN_DESCEND_BRAKING : TN_DESCEND_APPLY);
        end = tn_motion_least(end, tn_motion_least(at, tn_descend_look_at(s)));
    }
    double kink = force_kink(&need, tn_motion_least(reach, end - s->x_m));
    if (kink >= end - s->x_m)
        return hold(s, &need, end);
    if (kink > 1e-9)
        return hold(s, &need, s->x_m + kink);
    return distance <= braked ? accelerate(s, true) : run_away(s);
}

static const double gauss_node = 0.774596669241483377;
static const double gauss_weights[2] = {8.0 / 9, 5.0 / 9};

/* Works of a stretch of constant deceleration between two speeds of one cell, by Gauss-Legendre in time with three
   nodes: exact for what is a polynomial of speed and place. */
static void work_retarding(const struct tn_drive *s, const struct tn_motion_cell *cell, double deceleration,
                           double from_m_s, double to_m_s, double from_m, struct tn_drive_leg *leg)
{
    const struct tn_track_piece *piece = tn_drive_piece(s);
    double t = (from_m_s - to_m_s) / deceleration;
    for (int i = -1; i <= 1; i++) {
        double at = 0.5 * t * (1 + i * gauss_node);
        double weight = 0.5 * t * gauss_weights[i != 0];
        double v = from_m_s - deceleration * at, x = from_m + at * (from_m_s - 0.5 * deceleration * at);
        double resistance = tn_motion_resistance(cell, piece, x, v);
        double brake = s->train->mass_effective_kg * deceleration - resistance - tn_motion_track(piece, x);
        double dynamic = tn_motion_least(tn_motion_most(brake, 0), -tn_motion_piece(&cell->effort, v));
        leg->resistance_J += weight * v * resistance;
        leg->traction_J += weight * v * tn_motion_most(-brake, 0);
        leg->dynamic_J += weight * v * dynamic;
        leg->air_J += weight * v * (tn_motion_most(brake, 0) - dynamic);
        if (!s->watched)
            continue;
        double effort = brake < 0 ? brake : dynamic;
        leg->effort_square_N2s += weight * effort * effort;
        leg->power_square_W2s += weight * effort * v * effort * v;
    }
}

/* Forces at one place of such a stretch. */
static struct tn_drive_forces retarding_forces(const struct tn_drive *s, const struct tn_motion_cell *cell,
                                               double deceleration, double x_m, double v_m_s)
{
    const struct tn_track_piece *piece = tn_drive_piece(s);
    double needed = tn_motion_resistance(cell, piece, x_m, v_m_s) + tn_motion_track(piece, x_m) -
                    s->train->mass_effective_kg * deceleration;
    return split(s, needed, v_m_s);
}

/* The cell of a train that brakes from v: knots of the dynamic brake count too, they bend its share. NULL: the stretch
   has its own. */
static const struct tn_motion_cell *braking_cell(struct tn_drive *s, const struct tn_ceiling_stretch *stretch,
                                                 double speed_m_s)
{
    const struct tn_track_zone *zone = tn_drive_zone(s);
    const struct tn_motion_force dynamic = {&zone->dynamic_brake, -1};
    return stretch->forced != NULL
               ? NULL
               : cell_at(&s->braking, zone, &dynamic, tn_drive_below(speed_m_s, stretch->deceleration), -1);
}

/* Whether a train on the braking curve at x needs more traction to stay on it than it has: then it falls below. */
static bool falls_below(struct tn_drive *s, const struct tn_ceiling_stretch *stretch, const struct tn_motion_cell *cell)
{
    if (stretch->forced != NULL)
        return false;
    const struct tn_track_piece *piece = tn_drive_piece(s);
    double own = s->train->mass_effective_kg * stretch->deceleration;
    if (tn_motion_resistance(cell, piece, s->x_m, s->v_m_s) + tn_motion_track(piece, s->x_m) <= own)
        return false;
    struct holding need;
    holding_at(s, s->v_m_s, &need);
    return need.force_N - own > need.traction_N;
}

/* Along the braking curve: to the stretch's end, the run's end, or the next knot of a resistance curve. */
static tn_status follow(struct tn_drive *s, const struct tn_ceiling_stretch *stretch, const struct tn_motion_cell *cell)
{
    double end = fmin(stretch->to_m, tn_drive_piece_end(s));
    struct tn_drive_leg leg = {.from_m = s->x_m, .to_m = end, .from_m_s = s->v_m_s, .mode = TN_RUN_BRAKE};
    leg.to_m_s = end == stretch->to_m ? stretch->to_m_s : tn_ceiling_speed(stretch, end);
    struct tn_motion_series shifted;
    if (stretch->deceleration > 0) {
        if (cell->low_m_s > leg.to_m_s) {
            leg.to_m_s = cell->low_m_s;
            leg.to_m = fmin(end, stretch->to_m - (leg.to_m_s * leg.to_m_s - stretch->to_m_s * stretch->to_m_s) /
                                                     (2 * stretch->deceleration));
        }
        leg.time_s = (s->v_m_s - leg.to_m_s) / stretch->deceleration;
        work_retarding(s, cell, stretch->deceleration, s->v_m_s, leg.to_m_s, s->x_m, &leg);
        if (s->watched) {
            leg.from = retarding_forces(s, cell, stretch->deceleration, leg.from_m, leg.from_m_s);
            leg.to = retarding_forces(s, cell, stretch->deceleration, leg.to_m, leg.to_m_s);
        }
    } else {
        double left = tn_ceiling_time_left(stretch, s->x_m), after = tn_ceiling_time_left(stretch, end);
        shifted = stretch->forced->series;
        leg.series = &shifted;
        leg.series_start_s = -left;
        leg.series_start_m = stretch->to_m;
        leg.time_s = left - after;
        double brake;
        tn_motion_works(&brake, &leg.resistance_J, &shifted, &stretch->forced->cell, tn_drive_piece(s), stretch->to_m,
                        -left, -after);
        brake = -brake;
        const struct tn_curve *curve = &tn_drive_zone(s)->dynamic_brake;
        double middle = tn_motion_speed(&shifted, -0.5 * (left + after));
        leg.dynamic_J = fmin(brake, tn_curve_at(curve, middle) * (leg.to_m - leg.from_m));
        leg.air_J = brake - leg.dynamic_J;
        leg.from = split(s, tn_motion_piece(&stretch->forced->cell.effort, leg.from_m_s), leg.from_m_s);
        leg.to = split(s, tn_motion_piece(&stretch->forced->cell.effort, leg.to_m_s), leg.to_m_s);
    }
    return tn_drive_commit(s, &leg);
}

/* Stands at a stop for its dwell. */
static tn_status dwell(struct tn_drive *s, double dwell_s)
{
    struct tn_drive_leg leg = {.from_m = s->x_m, .to_m = s->x_m, .time_s = dwell_s, .mode = TN_RUN_DWELL};
    s->v_m_s = 0;
    s->drift_m = s->drift_m_s = 0;
    tn_status status = tn_drive_commit(s, &leg);
    s->run->dwell_time_s += dwell_s;
    return status;
}

tn_status tn_drive_step(struct tn_drive *s)
{
    tn_drive_advance(s);
    if (s->stop < s->request->stop_count && s->request->stops[s->stop].s_m <= s->x_m) {
        if (s->v_m_s <= STANDING_M_S)
            return dwell(s, s->request->stops[s->stop++].dwell_s);
        tn_drive_overspeed(s, s->v_m_s, s->x_m); /* the brakes did not stop it */
        s->stop++;
    }
    double limit = tn_drive_piece(s)->limit_m_s;
    const struct tn_ceiling_stretch *stretch =
        s->stretch < s->ceiling.count && s->ceiling.stretches[s->stretch].from_m <= s->x_m
            ? &s->ceiling.stretches[s->stretch]
            : NULL;
    if (stretch != NULL) {
        double ceiling = tn_ceiling_speed(stretch, s->x_m);
        if (fabs(s->v_m_s - ceiling) <= TN_SPEED_EPSILON * (1 + ceiling)) {
            double speed = s->v_m_s;
            const struct tn_motion_cell *cell = braking_cell(s, stretch, ceiling);
            s->v_m_s = ceiling;
            if (!falls_below(s, stretch, cell))
                return follow(s, stretch, cell);
            s->v_m_s = speed;
        }
        limit = fmin(limit, ceiling);
    }
    if (s->v_m_s > limit * (1 + TN_SPEED_EPSILON))
        return s->train->service_brake.count > 0 ? run_away(s) : TN_ERR_NUMERIC;
    if (stretch == NULL && s->v_m_s >= limit * (1 - 1e-14)) {
        s->v_m_s = limit;
        return keep_limit(s);
    }
    if (s->descend != NULL && stretch == NULL && tn_descend_ahead(s))
        return tn_descend_drive(s, TN_DESCEND_RELEASED);
    return accelerate(s, false);
}

static bool is_alike(const struct tn_track *track)
{
    const struct tn_train *train = track->train;
    bool alike = train->unit_count == 0 || (train->unit_count == 1 && train->units[0].type->energy == TN_ELECTRIC);
    for (size_t i = 0; i < track->zone_count; i++)
        alike = alike && track->zones[i].off == 0;
    return alike;
}

tn_status tn_drive_begin(struct tn_drive *s, struct tn_run *run, const struct tn_run_request *request,
                         struct tn_arena *arena, struct tn_arena *scratch)
{
    *s = (struct tn_drive){.request = request,
                           .track = request->track,
                           .train = request->track->train,
                           .arena = arena,
                           .run = run,
                           .x_m = request->from_m,
                           .tolerance = request->tolerance > 0 ? request->tolerance : TN_RUN_TOLERANCE};
    *run = (struct tn_run){.finished = true, .held = true, .unready_s_m = NAN};
    s->descend = request->descend;
    s->watched = request->trace || request->follow != NULL;
    s->alike = is_alike(s->track);
    run->mark_time_s = tn_arena_alloc(s->arena, request->mark_count + 1, sizeof(double));
    run->mark_running_s = tn_arena_alloc(s->arena, request->mark_count + 1, sizeof(double));
    run->mark_speed_m_s = tn_arena_alloc(s->arena, request->mark_count + 1, sizeof(double));
    run->mark_energy_J = tn_arena_alloc(s->arena, request->mark_count + 1, sizeof(double));
    if (run->mark_time_s == NULL || run->mark_running_s == NULL || run->mark_speed_m_s == NULL ||
        run->mark_energy_J == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < request->mark_count; i++)
        run->mark_time_s[i] = run->mark_running_s[i] = run->mark_speed_m_s[i] = run->mark_energy_J[i] = NAN;
    tn_status status = tn_ceiling_init(&s->ceiling, request, s->tolerance, scratch);
    if (status != TN_OK)
        return status;
    tn_drive_advance(s);
    double entry = fmin(request->entry_m_s, tn_drive_piece(s)->limit_m_s);
    const struct tn_ceiling_stretch *first = s->ceiling.count > 0 ? &s->ceiling.stretches[0] : NULL;
    if (first != NULL && first->from_m <= s->x_m)
        entry = fmin(entry, tn_ceiling_speed(first, s->x_m));
    s->v_m_s = run->entry_m_s = run->speed_max_m_s = entry;
    while (s->mark < request->mark_count && request->marks[s->mark] <= s->x_m) {
        run->mark_time_s[s->mark] = run->mark_running_s[s->mark] = run->mark_energy_J[s->mark] = 0;
        run->mark_speed_m_s[s->mark++] = entry;
    }
    return TN_OK;
}

static void close_books(struct tn_drive *s)
{
    struct tn_run *run = s->run;
    const double entry_m_s = run->entry_m_s;
    double mass = s->train->mass_effective_kg;
    tn_drive_pin(s);
    run->running_time_s = s->time_s - run->dwell_time_s;
    /* Rounding of the sums, which no truncation error covers. */
    run->error_estimate_s += 1e-16 * s->time_s * sqrt((double)run->steps + 1);
    run->kinetic_J = 0.5 * mass * (s->v_m_s - entry_m_s) * (s->v_m_s + entry_m_s);
    run->residual_J = run->work_traction_J - run->work_dynamic_brake_J - run->work_air_brake_J -
                      run->work_resistance_J - run->work_track_J - run->kinetic_J;
    if (s->alike) { /* mean powers over the whole time */
        run->energy_line_J = tn_drive_drawn_J(s);
        run->energy_regenerated_J = tn_train_regenerated_power(s->train, 0, run->work_dynamic_brake_J, 1);
    }
    run->end_s_m = s->x_m;
    run->end_m_s = s->v_m_s;
}

bool tn_drive_goes_on(const struct tn_drive *s)
{
    return s->x_m < s->request->to_m && s->run->steps < STEPS_MAX &&
           !(s->request->speed_end_m_s > 0 && s->v_m_s >= s->request->speed_end_m_s);
}

tn_status tn_drive_end(struct tn_drive *s, tn_status status, struct tn_context *ctx)
{
    if (status == TN_ERR_STOPPED && !s->run->finished)
        status = TN_OK;
    if (status == TN_OK && s->run->steps >= STEPS_MAX)
        status = TN_ERR_NUMERIC;
    if (status == TN_ERR_NUMERIC)
        (void)tn_error(ctx, NULL, NULL, "the train run cannot be integrated beyond %.3f km of its path", s->x_m / 1000);
    close_books(s);
    return status;
}

tn_status tn_run_solve(struct tn_run *run, const struct tn_run_request *request, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    struct tn_drive s;
    tn_status status = tn_drive_begin(&s, run, request, arena, arena);
    if (status != TN_OK)
        return status;
    while (status == TN_OK && tn_drive_goes_on(&s))
        status = tn_drive_step(&s);
    return tn_drive_end(&s, status, ctx);
}
