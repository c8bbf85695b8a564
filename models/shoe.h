/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SHOE_H
#define TN_SHOE_H

#include "brake.h"

/* From the air in the cylinder to the shoe, and from the shoe's force to the converted force of the standard. */

/* Friction of the force K on one shoe, in kN; v and v0 (at application) in km/h:
   phi_K = k (K + a) / (b K + a) (n v + m) / (d v + m) + s (v1 - v0). */
struct tn_shoe_law {
    const char *name; /* as in tn_friction_laws, which holds phi_h of the same shoe */
    const char *doc;
    const char *source;
    double k, a, b;
    double n, m, d;
    double s, v1;
    double conversion; /* K_h = conversion K (K + a) / (b K + a); NAN: k over that of phi_h */
};
extern const struct tn_shoe_law tn_shoe_laws[]; /* ends with a NULL name */
const char *tn_shoe_law_name(int index);
/* The law of that friction law's shoe; NULL if only the converted friction is known (discs). */
const struct tn_shoe_law *tn_shoe_law_of(const struct tn_friction_law *friction);

/* phi_K with force_N on one shoe. */
double tn_shoe_friction(const struct tn_shoe_law *law, double force_N, double speed_m_s, double applied_at_m_s);
/* Converted force of one shoe by the standard's short formula, the same at every speed. */
double tn_shoe_converted(const struct tn_shoe_law *law, double force_N);
/* K phi_K / phi_h at that speed: what the short formula stands for. */
double tn_shoe_converted_at(const struct tn_shoe_law *law, double force_N, double speed_m_s, double applied_at_m_s);

/* Cylinders and rigging of a vehicle. */
struct tn_rigging {
    double diameter_m; /* of a cylinder */
    int cylinders, shoes;
    double ratio;      /* lever ratio: force of all shoes of a cylinder over that of its piston */
    double efficiency; /* 0.90 wagons; 0.85 locomotives and coaches with tread brakes */
};
/* Force on one shoe, N, at a cylinder pressure (gauge). */
double tn_shoe_force(const struct tn_rigging *rigging, double cylinder_Pa);

#endif
