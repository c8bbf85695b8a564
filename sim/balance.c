/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_roots.h>

#define SUBDIVISIONS    8 /* looks within a piece for pairs of roots and for the best ratio */
#define ROOT_ITERATIONS 200
#define QUADRATURE      1e-11 /* relative, per piece */

void tn_balance_add(struct tn_balance *balance, const struct tn_curve *curve, double factor)
{
    if (curve->count == 0 || balance->count == TN_BALANCE_TERMS)
        return;
    balance->curve[balance->count] = curve;
    balance->factor[balance->count++] = factor;
}

void tn_balance_add_track(struct tn_balance *balance, const struct tn_track *track, const struct tn_track_piece *piece,
                          double x_m, double factor)
{
    const struct tn_track_zone *zone = &track->zones[piece->zone];
    double ahead = x_m - piece->from_m;
    tn_balance_add(balance, &zone->still, factor);
    tn_balance_add(balance, &zone->air, factor * (piece->r0 + piece->r1 * ahead));
    balance->constant_N += factor * (piece->k0 + piece->k1 * ahead);
    balance->square_N_s2_m2 += factor * (piece->t0 + piece->t1 * ahead);
}

/* The balance between two neighbouring knots of its curves: one formula. */
struct cell {
    const struct tn_balance *balance;
    const struct tn_effort_piece *piece[TN_BALANCE_TERMS]; /* NULL: the curve is zero there */
};

static struct cell cell_at(const struct tn_balance *balance, double speed, int direction)
{
    struct cell cell = {balance, {NULL}};
    for (size_t i = 0; i < balance->count; i++) {
        const struct tn_curve *curve = balance->curve[i];
        bool beyond = direction > 0 ? speed >= curve->end_m_s : speed > curve->end_m_s;
        cell.piece[i] = beyond ? NULL : &curve->pieces[tn_curve_piece(curve, speed, direction)];
    }
    return cell;
}

static double cell_force(const struct cell *cell, double v)
{
    double sum = cell->balance->constant_N + cell->balance->square_N_s2_m2 * v * v;
    for (size_t i = 0; i < cell->balance->count; i++) {
        const struct tn_effort_piece *piece = cell->piece[i];
        if (piece == NULL)
            continue;
        double force = piece->c0 + v * (piece->c1 + v * piece->c2);
        if (piece->p != 0)
            force += piece->p / (v + piece->q);
        sum += cell->balance->factor[i] * force;
    }
    return sum;
}

double tn_balance_at(const struct tn_balance *balance, double speed_m_s, int direction)
{
    struct cell cell = cell_at(balance, speed_m_s, direction);
    return cell_force(&cell, speed_m_s);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t knots(double *out, const struct tn_balance *balance, double from, double to)
{
    size_t count = 0;
    for (size_t i = 0; i < balance->count; i++) {
        const struct tn_curve *curve = balance->curve[i];
        for (size_t k = 0; k <= curve->count; k++) {
            double v = k < curve->count ? curve->pieces[k].from_m_s : curve->end_m_s;
            if (v > from && v < to)
                out[count++] = v;
        }
    }
    return count;
}

static size_t knots_most(const struct tn_balance *balance)
{
    size_t most = 0;
    for (size_t i = 0; i < balance->count; i++)
        most += balance->curve[i]->count + 1;
    return most;
}

/* from, the knots of one or two balances between, to; rising, without doubles. */
static tn_status cut(double **cuts_out, size_t *count_out, const struct tn_balance *balance,
                     const struct tn_balance *other, double from, double to, struct tn_arena *arena)
{
    double *cuts = tn_arena_alloc(arena, knots_most(balance) + (other ? knots_most(other) : 0) + 2, sizeof *cuts);
    if (cuts == NULL)
        return TN_ERR_MEMORY;
    size_t count = 0, kept = 0;
    cuts[count++] = from;
    count += knots(cuts + count, balance, from, to);
    if (other)
        count += knots(cuts + count, other, from, to);
    cuts[count++] = to;
    qsort(cuts, count, sizeof *cuts, compare_numbers);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || cuts[i] > cuts[kept - 1])
            cuts[kept++] = cuts[i];
    *cuts_out = cuts;
    *count_out = kept;
    return TN_OK;
}

static double root_function(double v, void *cell)
{
    return cell_force(cell, v);
}

static tn_status find_root(double *root_out, struct cell *cell, double low, double high, struct tn_context *ctx)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
        return TN_ERR_MEMORY;
    gsl_function function = {root_function, cell};
    int code = gsl_root_fsolver_set(solver, &function, low, high);
    for (int i = 0; code == GSL_SUCCESS && i < ROOT_ITERATIONS; i++) {
        code = gsl_root_fsolver_iterate(solver);
        if (code == GSL_SUCCESS &&
            gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 1e-13, 1e-13) ==
                GSL_SUCCESS)
            break;
    }
    *root_out = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    if (code == GSL_SUCCESS)
        return TN_OK;
    tn_error(ctx, NULL, NULL, "no balance speed found between %g and %g m/s: %s", low, high, gsl_strerror(code));
    return TN_ERR_NUMERIC;
}

tn_status tn_balance_crossings(struct tn_list *speeds_out, const struct tn_balance *balance, double from_m_s,
                               double to_m_s, struct tn_arena *arena, struct tn_context *ctx)
{
    double *cuts;
    size_t count;
    *speeds_out = (struct tn_list){NULL, 0};
    if (!(to_m_s > from_m_s))
        return TN_OK;
    tn_status status = cut(&cuts, &count, balance, NULL, from_m_s, to_m_s, arena);
    if (status != TN_OK)
        return status;
    double *speeds = tn_arena_alloc(arena, count * (SUBDIVISIONS + 1), sizeof *speeds);
    if (speeds == NULL)
        return TN_ERR_MEMORY;
    size_t found = 0;
    bool positive = tn_balance_at(balance, from_m_s, 1) >= 0;
    for (size_t i = 0; i + 1 < count; i++) {
        struct cell cell = cell_at(balance, 0.5 * (cuts[i] + cuts[i + 1]), 1);
        double step = (cuts[i + 1] - cuts[i]) / SUBDIVISIONS;
        if ((cell_force(&cell, cuts[i]) >= 0) != positive) {
            speeds[found++] = cuts[i];
            positive = !positive;
        }
        for (int k = 0; k < SUBDIVISIONS; k++) {
            double low = cuts[i] + step * k, high = k + 1 < SUBDIVISIONS ? cuts[i] + step * (k + 1) : cuts[i + 1];
            if ((cell_force(&cell, high) >= 0) == positive)
                continue;
            status = find_root(&speeds[found], &cell, low, high, ctx);
            if (status != TN_OK)
                return status;
            found++;
            positive = !positive;
        }
    }
    *speeds_out = (struct tn_list){speeds, found};
    return TN_OK;
}

struct quadrature {
    struct cell cell;
    double mass;
};

static double time_function(double v, void *payload)
{
    const struct quadrature *q = payload;
    return q->mass / cell_force(&q->cell, v);
}

static double distance_function(double v, void *payload)
{
    return v * time_function(v, payload);
}

tn_status tn_balance_time(double *time_s_out, double *distance_m_out, const struct tn_balance *balance, double mass_kg,
                          double from_m_s, double to_m_s, struct tn_arena *arena, struct tn_context *ctx)
{
    double *cuts, time = 0, distance = 0;
    size_t count;
    struct tn_list zeros;
    *time_s_out = *distance_m_out = INFINITY;
    if (to_m_s <= from_m_s) {
        *time_s_out = *distance_m_out = 0;
        return TN_OK;
    }
    tn_status status = tn_balance_crossings(&zeros, balance, from_m_s, to_m_s, arena, ctx);
    if (status != TN_OK)
        return status;
    if (zeros.count > 0 || tn_balance_at(balance, from_m_s, 1) <= 0 || tn_balance_at(balance, to_m_s, -1) <= 0)
        return TN_OK;
    status = cut(&cuts, &count, balance, NULL, from_m_s, to_m_s, arena);
    gsl_integration_cquad_workspace *workspace = status == TN_OK ? gsl_integration_cquad_workspace_alloc(100) : NULL;
    if (workspace == NULL)
        return status == TN_OK ? TN_ERR_MEMORY : status;
    int code = GSL_SUCCESS;
    for (size_t i = 0; code == GSL_SUCCESS && i + 1 < count; i++) {
        struct quadrature payload = {cell_at(balance, 0.5 * (cuts[i] + cuts[i + 1]), 1), mass_kg};
        gsl_function time_of = {time_function, &payload}, distance_of = {distance_function, &payload};
        double part;
        code = gsl_integration_cquad(&time_of, cuts[i], cuts[i + 1], 0, QUADRATURE, workspace, &part, NULL, NULL);
        time += part;
        if (code == GSL_SUCCESS)
            code =
                gsl_integration_cquad(&distance_of, cuts[i], cuts[i + 1], 0, QUADRATURE, workspace, &part, NULL, NULL);
        distance += part;
    }
    gsl_integration_cquad_workspace_free(workspace);
    if (code != GSL_SUCCESS) {
        tn_error(ctx, NULL, NULL, "no running time from %g to %g m/s: %s", from_m_s, to_m_s, gsl_strerror(code));
        return TN_ERR_NUMERIC;
    }
    *time_s_out = time;
    *distance_m_out = distance;
    return TN_OK;
}

static double ratio_in(const struct cell *above, const struct cell *below, double v)
{
    double denominator = cell_force(below, v);
    return denominator > 0 ? cell_force(above, v) / denominator : HUGE_VAL;
}

/* Golden section: the ratio has one top between neighbouring samples of a piece. */
static double refine(const struct cell *above, const struct cell *below, double low, double high)
{
    const double golden = 0.61803398874989485;
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double fa = ratio_in(above, below, a), fb = ratio_in(above, below, b);
    for (int i = 0; i < 60; i++) {
        if (fa > fb) {
            high = b;
            b = a;
            fb = fa;
            a = high - golden * (high - low);
            fa = ratio_in(above, below, a);
        } else {
            low = a;
            a = b;
            fa = fb;
            b = low + golden * (high - low);
            fb = ratio_in(above, below, b);
        }
    }
    return 0.5 * (low + high);
}

tn_status tn_balance_ratio_max(double *speed_m_s_out, double *ratio_out, const struct tn_balance *numerator,
                               const struct tn_balance *denominator, double from_m_s, double to_m_s,
                               struct tn_arena *arena, struct tn_context *ctx)
{
    double *cuts;
    size_t count;
    (void)ctx;
    *speed_m_s_out = from_m_s;
    *ratio_out = -INFINITY;
    tn_status status = cut(&cuts, &count, numerator, denominator, from_m_s, to_m_s, arena);
    for (size_t i = 0; status == TN_OK && i + 1 < count; i++) {
        double middle = 0.5 * (cuts[i] + cuts[i + 1]), step = (cuts[i + 1] - cuts[i]) / SUBDIVISIONS;
        struct cell above = cell_at(numerator, middle, 1), below = cell_at(denominator, middle, 1);
        for (int k = 0; k <= 2 * SUBDIVISIONS; k++) {
            double v;
            if (k <= SUBDIVISIONS)
                v = k < SUBDIVISIONS ? cuts[i] + step * k : cuts[i + 1];
            else
                v = refine(&above, &below, cuts[i] + step * (k - SUBDIVISIONS - 1),
                           fmin(cuts[i + 1], cuts[i] + step * (k - SUBDIVISIONS + 1)));
            double ratio = ratio_in(&above, &below, v);
            if (ratio > *ratio_out) {
                *ratio_out = ratio;
                *speed_m_s_out = v;
            }
        }
    }
    return status;
}

static int law_count(void)
{
    int count = 0;
    while (tn_adhesion_law_name(count))
        count++;
    return count;
}

static double unit_adhesion(const struct tn_train *train, const struct tn_train_unit *unit,
                            const struct tn_adhesion_law *law, double speed_m_s, double rail, double curve_radius_m)
{
    const struct tn_locomotive *type = unit->type;
    double mass_kg = isnan(type->adhesive_mass) ? type->mass : type->adhesive_mass;
    return tn_adhesion_at(law, speed_m_s, rail) *
           tn_adhesion_curve_factor(type->energy == TN_ELECTRIC, curve_radius_m) * unit->working * mass_kg *
           train->gravity_m_s2;
}

double tn_balance_law(const struct tn_train *train, const struct tn_adhesion_law *law, double speed_m_s, double rail,
                      double curve_radius_m)
{
    double sum_N = 0;
    for (size_t i = 0; i < train->unit_count; i++)
        sum_N += unit_adhesion(train, &train->units[i], law, speed_m_s, rail, curve_radius_m);
    return sum_N;
}

double tn_balance_adhesion(const struct tn_train *train, double speed_m_s, double rail, double curve_radius_m)
{
    double sum_N = 0;
    int laws = law_count();
    for (size_t i = 0; i < train->unit_count; i++) {
        int law = train->spec->adhesion < laws ? train->spec->adhesion : train->units[i].type->adhesion;
        if (law <= 0 || !tn_adhesion_laws[law].traction)
            return INFINITY;
        sum_N += unit_adhesion(train, &train->units[i], &tn_adhesion_laws[law], speed_m_s, rail, curve_radius_m);
    }
    return sum_N;
}

void tn_balance_light(struct tn_train_spec *light_out, const struct tn_train_spec *spec)
{
    *light_out = *spec;
    light_out->wagons = (struct tn_list){NULL, 0};
    light_out->brake.cut_out = 0;
}
