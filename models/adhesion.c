/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "adhesion.h"

#define KMH 3.6 /* km/h per m/s */
#define PI  3.14159265358979323846

/* Polach, Wear 258 (2005): friction falls with sliding velocity, force saturates with creep. */
struct polach {
    double stick, slip;      /* k_A, k_S */
    double friction;         /* mu_0 */
    double floor, decay_s_m; /* A, B */
};

/* Linear creep force over load of a wheel of 12 t on a contact of 6 mm half axes: G pi a b c11 / (4 Q). */
#define CREEP_STIFFNESS 81.5
#define CREEP_MAX       0.2 /* what creep control of a locomotive works with */

static double polach_force(const struct polach *rail, double creep, double speed_m_s)
{
    double mu = rail->friction * ((1 - rail->floor) * exp(-rail->decay_s_m * creep * speed_m_s) + rail->floor);
    double e = CREEP_STIFFNESS / mu * creep;
    double stick = rail->stick * e;
    return 2 * mu / PI * (stick / (1 + stick * stick) + atan(rail->slip * e));
}

/* The peak over creep: a coarse scan brackets it, golden section closes in. */
static double polach_peak(const struct polach *rail, double speed_m_s)
{
    enum { SCAN = 64 };
    const double golden = 0.61803398874989485;
    int best = 1;
    for (int i = 2; i <= SCAN; i++)
        if (polach_force(rail, CREEP_MAX * i / SCAN, speed_m_s) >
            polach_force(rail, CREEP_MAX * best / SCAN, speed_m_s))
            best = i;
    double lo = CREEP_MAX * (best - 1) / SCAN;
    double hi = CREEP_MAX * (best < SCAN ? best + 1 : SCAN) / SCAN;
    for (int i = 0; i < 60; i++) {
        double left = hi - golden * (hi - lo);
        double right = lo + golden * (hi - lo);
        if (polach_force(rail, left, speed_m_s) < polach_force(rail, right, speed_m_s))
            lo = left;
        else
            hi = right;
    }
    return polach_force(rail, 0.5 * (lo + hi), speed_m_s);
}

static double polach_dry(double speed_m_s, const void *payload)
{
    static const struct polach dry = {1.00, 0.40, 0.55, 0.40, 0.60};
    (void)payload;
    return polach_peak(&dry, speed_m_s);
}

static double polach_wet(double speed_m_s, const void *payload)
{
    static const struct polach wet = {0.30, 0.10, 0.30, 0.40, 0.20};
    (void)payload;
    return polach_peak(&wet, speed_m_s);
}

#define TBT    "TB/T 1407"
#define POLACH "Polach, Wear 258 (2005) 992-1000; peak up to 20 % creep"

const struct tn_adhesion_law tn_adhesion_laws[] = {
    {"curve", "none: the maker's effort curve is the limit", "", true, true, 0, 0, 0, 0, NULL},
    {"electric-dc", "0.24 + 12/(100 + 8 v): Chinese electric with DC motors", TBT, true, false, 0.24, 0, 12.0 / 8,
     100.0 / 8, NULL},
    {"6k", "0.189 + 8.86/(44 + v): 6K", TBT, true, false, 0.189, 0, 8.86, 44, NULL},
    {"8g", "0.28 + 4/(50 + 6 v) - 0.0006 v: 8G", TBT, true, false, 0.28, -0.0006, 4.0 / 6, 50.0 / 6, NULL},
    {"diesel-dc", "0.248 + 5.9/(75 + 20 v): Chinese diesel-electric with DC motors", TBT, true, false, 0.248, 0,
     5.9 / 20, 75.0 / 20, NULL},
    {"nd5", "0.242 + 72/(800 + 11 v): ND5", TBT, true, false, 0.242, 0, 72.0 / 11, 800.0 / 11, NULL},
    {"curtius-kniffler", "0.161 + 7.5/(44 + v): dry rail", "Curtius and Kniffler, Elektrische Bahnen, 1944", true, true,
     0.161, 0, 7.5, 44, NULL},
    {"braking-dry", "0.0624 + 45.6/(v + 260): braking, dry rail", TBT, false, true, 0.0624, 0, 45.6, 260, NULL},
    {"braking-wet", "0.0405 + 13.55/(v + 120): braking, wet rail", TBT, false, true, 0.0405, 0, 13.55, 120, NULL},
    {"polach-dry", "peak of the creep force, dry rail", POLACH, true, true, 0, 0, 0, 0, polach_dry},
    {"polach-wet", "peak of the creep force, wet rail", POLACH, true, true, 0, 0, 0, 0, polach_wet},
    {NULL, NULL, NULL, false, false, 0, 0, 0, 0, NULL}};

#define LAW_COUNT ((int)(sizeof tn_adhesion_laws / sizeof *tn_adhesion_laws) - 1)

const char *tn_adhesion_law_name(int index)
{
    return index >= 0 && index < LAW_COUNT ? tn_adhesion_laws[index].name : NULL;
}

double tn_adhesion_at(const struct tn_adhesion_law *law, double speed_m_s, double rail)
{
    if (law == &tn_adhesion_laws[0])
        return INFINITY;
    if (law->function != NULL)
        return rail * law->function(speed_m_s, NULL);
    double v = KMH * speed_m_s;
    return rail * (law->c0 + law->c1 * v + law->p / (v + law->q));
}

static void scale(struct tn_curve *curve, double factor)
{
    for (size_t i = 0; i < curve->count; i++) {
        struct tn_effort_piece *piece = &curve->pieces[i];
        piece->c0 *= factor;
        piece->c1 *= factor;
        piece->c2 *= factor;
        piece->p *= factor;
    }
}

tn_status tn_adhesion_curve(struct tn_curve *out, const struct tn_adhesion_law *law, double rail,
                            double adhesive_weight_N, double end_m_s, struct tn_arena *arena)
{
    if (law == &tn_adhesion_laws[0])
        return TN_ERR_INTERNAL;
    if (law->function != NULL) {
        tn_status status = tn_curve_from_function(out, law->function, NULL, end_m_s, arena);
        if (status == TN_OK)
            scale(out, rail * adhesive_weight_N);
        return status;
    }
    struct tn_effort_piece *piece = tn_arena_alloc(arena, 1, sizeof *piece);
    if (piece == NULL)
        return TN_ERR_MEMORY;
    *piece = (struct tn_effort_piece){0, law->c0, KMH * law->c1, 0, law->p / KMH, law->q / KMH};
    *out = (struct tn_curve){piece, 1, end_m_s};
    scale(out, rail * adhesive_weight_N);
    return TN_OK;
}

double tn_adhesion_curve_factor(bool electric, double radius_m)
{
    if (electric)
        return radius_m < 600 ? 0.67 + 0.00055 * radius_m : 1;
    return radius_m < 550 ? 0.805 + 0.000355 * radius_m : 1;
}
