/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shoe.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

#define KMH 3.6 /* km/h per m/s */

const struct tn_shoe_law tn_shoe_laws[] = {
    {"medium-phosphorus", "cast-iron shoe, medium phosphorus", "TB/T 1407", 0.64, 100, 5, 3.6, 100, 14, 0.0007, 110,
     1.8},
    {"high-phosphorus", "cast-iron shoe, high phosphorus", "TB/T 1407", 0.82, 100, 7, 17, 100, 60, 0.0012, 120, NAN},
    {"low-friction", "composite shoe of low friction (L)", "TB/T 1407", 0.25, 500, 6, 4, 150, 10, 0.0006, 100, NAN},
    {"high-friction", "composite shoe of high friction (H)", "TB/T 1407", 0.41, 200, 4, 1, 150, 2, 0, 0, NAN},
    {"aar-composition", "composition shoe of North American wagons", "estimate, see tn_friction_laws", 0.36, 1, 1, 1,
     100, 1.8, 0, 0, NAN},
    {NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

#define LAW_COUNT ((int)(sizeof tn_shoe_laws / sizeof *tn_shoe_laws) - 1)

const char *tn_shoe_law_name(int index)
{
    return index >= 0 && index < LAW_COUNT ? tn_shoe_laws[index].name : NULL;
}

const struct tn_shoe_law *tn_shoe_law_of(const struct tn_friction_law *friction)
{
    for (int i = 0; i < LAW_COUNT; i++)
        if (strcmp(tn_shoe_laws[i].name, friction->name) == 0)
            return &tn_shoe_laws[i];
    return NULL;
}

static const struct tn_friction_law *friction_of(const struct tn_shoe_law *law)
{
    const struct tn_friction_law *friction = tn_friction_laws;
    while (strcmp(friction->name, law->name) != 0)
        friction++;
    return friction;
}

static double force_part(const struct tn_shoe_law *law, double force_N)
{
    double force_kN = 1e-3 * force_N;
    return (force_kN + law->a) / (law->b * force_kN + law->a);
}

double tn_shoe_friction(const struct tn_shoe_law *law, double force_N, double speed_m_s, double applied_at_m_s)
{
    double v = KMH * speed_m_s;
    double applied = law->s > 0 ? law->s * (law->v1 - KMH * applied_at_m_s) : 0;
    return law->k * force_part(law, force_N) * (law->n * v + law->m) / (law->d * v + law->m) + applied;
}

double tn_shoe_converted(const struct tn_shoe_law *law, double force_N)
{
    double conversion = isnan(law->conversion) ? law->k / friction_of(law)->k : law->conversion;
    return conversion * force_N * force_part(law, force_N);
}

double tn_shoe_converted_at(const struct tn_shoe_law *law, double force_N, double speed_m_s, double applied_at_m_s)
{
    return force_N * tn_shoe_friction(law, force_N, speed_m_s, applied_at_m_s) /
           tn_friction_at(friction_of(law), speed_m_s, applied_at_m_s);
}

/* TB/T 1407: K = (pi/4) d^2 p eta gamma n_z / n_k. */
double tn_shoe_force(const struct tn_rigging *rigging, double cylinder_Pa)
{
    double piston_N = M_PI_4 * rigging->diameter_m * rigging->diameter_m * cylinder_Pa;
    return piston_N * rigging->efficiency * rigging->ratio * rigging->cylinders / rigging->shoes;
}
