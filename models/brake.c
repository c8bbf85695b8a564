/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "brake.h"

#define KMH 3.6 /* km/h per m/s */

const struct tn_friction_law tn_friction_laws[] = {
    {"medium-phosphorus", "cast-iron shoe, medium phosphorus", "TB/T 1407", 0.356, 3.6, 100, 14, 0.0007, 110},
    {"high-phosphorus", "cast-iron shoe, high phosphorus", "TB/T 1407", 0.372, 17, 100, 60, 0.0012, 120},
    {"low-friction", "composite shoe of low friction (L)", "TB/T 1407", 0.202, 4, 150, 10, 0.0006, 100},
    {"high-friction", "composite shoe of high friction (H)", "TB/T 1407", 0.322, 1, 150, 2, 0, 0},
    {"disc", "disc brake with composite pads", "TB/T 1407", 0.358, 1, 150, 2, 0, 0},
    /* No formula is public: 0.36 at rest, 0.26 at 100 km/h, between the two composite shoes above and flatter. */
    {"aar-composition", "composition shoe of North American wagons", "estimate", 0.36, 1, 100, 1.8, 0, 0},
    {NULL, NULL, NULL, 0, 0, 0, 0, 0, 0}};

#define LAW_COUNT ((int)(sizeof tn_friction_laws / sizeof *tn_friction_laws) - 1)

const char *tn_friction_law_name(int index)
{
    return index >= 0 && index < LAW_COUNT ? tn_friction_laws[index].name : NULL;
}

/* The part that the speed at application gives; where the law has none, that speed may be unknown. */
static double applied_part(const struct tn_friction_law *law, double applied_at_m_s)
{
    return law->s > 0 ? law->s * (law->v1 - KMH * applied_at_m_s) : 0;
}

double tn_friction_at(const struct tn_friction_law *law, double speed_m_s, double applied_at_m_s)
{
    double v = KMH * speed_m_s;
    return law->k * (law->n * v + law->m) / (law->d * v + law->m) + applied_part(law, applied_at_m_s);
}

tn_status tn_friction_curve(struct tn_curve *out, const struct tn_friction_law *law, double applied_at_m_s,
                            double force_N, double end_m_s, struct tn_arena *arena)
{
    struct tn_effort_piece *piece = tn_arena_alloc(arena, 1, sizeof *piece);
    if (piece == NULL)
        return TN_ERR_MEMORY;
    /* (n v + m) / (d v + m) = n/d + (m/d) (1 - n/d) / (v + m/d) */
    double ratio = law->n / law->d;
    double pole = law->m / law->d;
    piece->c0 = force_N * (law->k * ratio + applied_part(law, applied_at_m_s));
    piece->p = force_N * law->k * pole * (1 - ratio) / KMH;
    piece->q = pole / KMH;
    *out = (struct tn_curve){piece, 1, end_m_s};
    return TN_OK;
}

#define ROWS 13 /* reductions of 50 to 170 kPa in steps of 10 */

/* TB/T 1407. The table at 500 kPa ends at 140 kPa, where the cylinder is full. */
static const double passenger_600[ROWS] = {0.19, 0.29, 0.39, 0.47, 0.55, 0.61, 0.69,
                                           0.76, 0.82, 0.88, 0.93, 0.98, 1.00};
static const double freight_600[ROWS] = {0.17, 0.28, 0.37, 0.46, 0.53, 0.60, 0.67, 0.73, 0.78, 0.83, 0.88, 0.93, 0.96};
static const double freight_500[ROWS] = {0.19, 0.32, 0.42, 0.52, 0.60, 0.68, 0.75, 0.83, 0.89, 0.95, 0.95, 0.95, 0.95};

double tn_brake_reduction_most(double pipe_Pa)
{
    return pipe_Pa > 550e3 ? 170e3 : 140e3;
}

double tn_brake_service_coefficient(enum tn_brake_service service, double pipe_Pa, double reduction_Pa)
{
    const double *table = pipe_Pa < 550e3 ? freight_500 : service == TN_BRAKE_PASSENGER ? passenger_600 : freight_600;
    double row = (reduction_Pa - 50e3) / 10e3;
    if (!(row >= 0))
        return 0;
    if (row >= ROWS - 1)
        return table[ROWS - 1];
    int below = (int)row;
    return table[below] + (row - below) * (table[below + 1] - table[below]);
}

double tn_brake_idle_time(enum tn_brake_service service, bool emergency, int vehicles, double reduction_Pa,
                          double grade_1)
{
    double grade_permil = grade_1 < 0 ? 1000 * grade_1 : 0;
    double reduction_kPa = 1e-3 * reduction_Pa;
    if (vehicles == 0)
        return 2.5;
    if (service == TN_BRAKE_PASSENGER)
        return emergency ? 3.5 - 0.08 * grade_permil
                         : (4.1 + 0.002 * reduction_kPa * vehicles) * (1 - 0.03 * grade_permil);
    return emergency ? (1.6 + 0.065 * vehicles) * (1 - 0.028 * grade_permil)
                     : (3.6 + 0.00176 * reduction_kPa * vehicles) * (1 - 0.032 * grade_permil);
}
