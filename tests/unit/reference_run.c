/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reference_run.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>

struct drive {
    const struct tn_track *track;
    size_t piece;
    bool low;       /* below the speed at which starting resistance ends */
    double *square; /* braking ceiling as v^2 at the end of each piece */
    double tolerance;
    gsl_odeiv2_step *step;
    gsl_odeiv2_control *control;
    gsl_odeiv2_evolve *evolve;
    gsl_odeiv2_system system;
};

static double curve(const struct tn_curve *c, double v)
{
    return v >= c->end_m_s ? 0 : tn_curve_at(c, v);
}

/* Forces on the piece; speeds are kept on one side of the jump of the starting resistance, where the step began. */
static double resistance(const struct drive *d, double x, double v)
{
    const struct tn_track_piece *p = &d->track->pieces[d->piece];
    const struct tn_track_zone *z = &d->track->zones[p->zone];
    double at = v, jump = TN_STARTING_SPEED_M_S;
    if (d->low && v >= jump)
        at = nextafter(jump, 0);
    else if (!d->low && v < jump)
        at = jump;
    double ahead = x - p->from_m;
    return tn_curve_at(&z->still, at) + (p->r0 + p->r1 * ahead) * tn_curve_at(&z->air, at) + p->k0 + p->k1 * ahead +
           (p->t0 + p->t1 * ahead) * v * v;
}

static int derivative(double t, const double y[], double f[], void *payload)
{
    (void)t;
    const struct drive *d = payload;
    const struct tn_track_zone *z = &d->track->zones[d->track->pieces[d->piece].zone];
    f[0] = y[1];
    f[1] = (curve(&z->traction, fmax(y[1], 0)) - resistance(d, y[0], y[1])) / d->track->train->mass_effective_kg;
    return GSL_SUCCESS;
}

static double end_of(const struct tn_track *track, size_t i)
{
    return i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
}

static double ceiling(const struct drive *d, double x)
{
    double b = d->track->train->spec->brake.deceleration;
    double limit = d->track->pieces[d->piece].limit_m_s;
    return fmin(limit, sqrt(fmax(0, d->square[d->piece] + 2 * b * (end_of(d->track, d->piece) - x))));
}

/* What ends a stretch of traction; the first that becomes positive. */
static bool ended(const struct drive *d, const double y[])
{
    return y[0] >= end_of(d->track, d->piece) || y[1] >= ceiling(d, y[0]) ||
           (d->low && y[1] >= TN_STARTING_SPEED_M_S) || (!d->low && y[1] < TN_STARTING_SPEED_M_S);
}

/* From y over h into out, by as many error-controlled steps as it takes. */
static bool advance(struct drive *d, const double y[], double h, double out[])
{
    double t = 0, step = h;
    out[0] = y[0];
    out[1] = y[1];
    gsl_odeiv2_evolve_reset(d->evolve);
    gsl_odeiv2_step_reset(d->step);
    while (t < h)
        if (gsl_odeiv2_evolve_apply(d->evolve, d->control, d->step, &d->system, &t, h, &step, out) != GSL_SUCCESS)
            return false;
    return true;
}

/* Traction until something ends it. Returns the time taken, negative on failure. */
static double traction(struct drive *d, double y[])
{
    double total = 0;
    for (int i = 0; i < 10000000; i++) {
        double h = 2.0, next[2];
        if (!advance(d, y, h, next))
            return -1;
        if (next[1] < 0)
            return -1;
        if (!ended(d, next)) {
            y[0] = next[0];
            y[1] = next[1];
            total += h;
            continue;
        }
        double low = 0, high = h, end[2] = {next[0], next[1]};
        for (int k = 0; k < 80 && high - low > 1e-15 * h; k++) {
            double middle = 0.5 * (low + high);
            if (!advance(d, y, middle, next))
                return -1;
            if (ended(d, next)) {
                high = middle;
                end[0] = next[0];
                end[1] = next[1];
            } else {
                low = middle;
            }
        }
        y[0] = end[0];
        y[1] = end[1];
        return total + high;
    }
    return -1;
}

static double slowest_needed(const struct drive *d, double x, double v)
{
    const struct tn_track_zone *z = &d->track->zones[d->track->pieces[d->piece].zone];
    double below = fmin(v, z->traction.end_m_s * (1 - 1e-12));
    return curve(&z->traction, below) - resistance(d, x, v);
}

/* Holds v to the end of the piece, to the braking curve or as far as traction lasts. */
static double hold(struct drive *d, double y[])
{
    double b = d->track->train->spec->brake.deceleration, end = end_of(d->track, d->piece);
    double braking = end - (y[1] * y[1] - d->square[d->piece]) / (2 * b);
    double to = fmin(end, fmax(braking, y[0]));
    if (slowest_needed(d, to, y[1]) < 0) {
        double low = y[0], high = to;
        for (int k = 0; k < 200 && high - low > 1e-13 * (1 + high); k++) {
            double middle = 0.5 * (low + high);
            if (slowest_needed(d, middle, y[1]) < 0)
                high = middle;
            else
                low = middle;
        }
        to = low;
    }
    double time = (to - y[0]) / y[1];
    y[0] = to;
    return time;
}

static double brake(struct drive *d, double y[])
{
    double b = d->track->train->spec->brake.deceleration, v = sqrt(fmax(0, d->square[d->piece]));
    double time = (y[1] - v) / b;
    y[0] = end_of(d->track, d->piece);
    y[1] = v;
    return time;
}

static double drive_all(struct drive *d)
{
    double y[2] = {0, 0}, time = 0;
    const double length = d->track->length_m;
    d->low = true;
    for (int i = 0; i < 10000000 && y[0] < length; i++) {
        while (d->piece + 1 < d->track->count && d->track->pieces[d->piece + 1].from_m <= y[0])
            d->piece++;
        double level = d->track->pieces[d->piece].limit_m_s, top = ceiling(d, y[0]), used;
        double b = d->track->train->spec->brake.deceleration, square = d->square[d->piece];
        double braking = end_of(d->track, d->piece) - (level * level - square) / (2 * b);
        bool at_top = y[1] >= top * (1 - 1e-12);
        if (at_top && y[0] >= braking - 1e-9) {
            used = brake(d, y);
        } else if (at_top && slowest_needed(d, y[0] + 1e-6, level) >= 0) {
            y[1] = level;
            used = hold(d, y);
        } else {
            used = traction(d, y);
        }
        if (used < 0)
            return -1;
        time += used;
        d->low = y[1] < TN_STARTING_SPEED_M_S;
        if (y[1] <= 0 && y[0] >= length * (1 - 1e-12))
            break;
    }
    return time;
}

double tn_reference_run(const struct tn_track *track, double tolerance)
{
    struct drive d = {.track = track, .tolerance = tolerance};
    d.square = malloc(track->count * sizeof *d.square);
    if (d.square == NULL)
        return -1;
    double b = track->train->spec->brake.deceleration, square = 0;
    for (size_t i = track->count; i > 0; i--) {
        const struct tn_track_piece *p = &track->pieces[i - 1];
        square = fmin(square, p->limit_m_s * p->limit_m_s);
        d.square[i - 1] = square;
        square = fmin(square + 2 * b * (end_of(track, i - 1) - p->from_m), p->limit_m_s * p->limit_m_s);
    }
    d.system = (gsl_odeiv2_system){derivative, NULL, 2, &d};
    d.step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rk8pd, 2);
    d.control = gsl_odeiv2_control_standard_new(tolerance, tolerance, 1, 0);
    d.evolve = gsl_odeiv2_evolve_alloc(2);
    double time = d.step && d.control && d.evolve ? drive_all(&d) : -1;
    gsl_odeiv2_evolve_free(d.evolve);
    gsl_odeiv2_control_free(d.control);
    gsl_odeiv2_step_free(d.step);
    free(d.square);
    return time;
}
