/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RESISTANCE_H
#define TN_RESISTANCE_H

#include "context.h"
#include "field.h"

/* How a vehicle resists, as the user says it: a law of the table and the coefficients that the law takes. Coefficients
   left out take the law's own. */
struct tn_resistance_spec {
    int law;
    double a;          /* specific, 1 (N/kN) */
    double b;          /* specific per speed, s/m */
    double c;          /* specific per speed squared, s2/m2 */
    double force_a;    /* N         (law `force`) */
    double force_b;    /* N s/m */
    double force_c;    /* N s2/m2 */
    double f0, f1, f2; /* Strahl, Sauthoff: specific (N/kN) at 100 km/h units as in the law's text */
    double headwind;   /* m/s added to the speed in the aerodynamic part (15 km/h in German formulas) */
    double drag;       /* drag coefficient of Davis, modified Davis (K), CN (C), in the law's own units */
    double area;       /* frontal area, m2 (Davis, CN) */
    double bearing;    /* N per axle (law `altrios`) */
    double drag_area;  /* drag coefficient times frontal area, m2 (law `altrios`) */
    bool drag_half;    /* whether the dynamic pressure has its factor 1/2 (law `altrios`) */
};
extern const struct tn_schema tn_resistance_schema;

/* Every law reduces to  R(v) = a + b v + c (v + headwind)^2  in N for one vehicle; only c sees the air. */
struct tn_resistance {
    double a_N;
    double b_N_s_m;
    double c_N_s2_m2;
    double headwind_m_s;
    double bearing_N; /* the part of a_N that is of the bearings, where the law tells */
};

struct tn_resistance_law {
    const char *name;
    const char *doc;
    const char *source;
    double a, b, c; /* N/kN with v in km/h, for laws of that form; 0 otherwise */
    tn_status (*evaluate)(struct tn_resistance *out, const struct tn_resistance_law *law,
                          const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                          struct tn_context *ctx);
};

extern const struct tn_resistance_law tn_resistance_laws[]; /* ends with a NULL name */
const char *tn_resistance_law_name(int index);

/* What a law computes, in words and units, and which fields of the spec it takes. */
struct tn_resistance_form {
    const char *formula;
    const char *units;
    const char *const *takes; /* names of fields, the last NULL */
};
const struct tn_resistance_form *tn_resistance_form(const struct tn_resistance_law *law);

/* Errors for coefficients that the law would not look at, and for those that it lacks. */
tn_status tn_resistance_validate(const struct tn_resistance_spec *spec, double mass_kg, int axles,
                                 struct tn_context *ctx);
/* Resistance of one vehicle. TN_ERR_INPUT if the law needs a coefficient that the spec does not give. */
tn_status tn_resistance_init(struct tn_resistance *out, const struct tn_resistance_spec *spec, double mass_kg,
                             int axles, double gravity_m_s2, struct tn_context *ctx);
/* R at that speed in still air of reference density, N. */
double tn_resistance_at(const struct tn_resistance *resistance, double speed_m_s);

#endif
