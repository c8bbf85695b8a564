/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_ADHESION_H
#define TN_ADHESION_H

#include "effort.h"

/* mu(v) = c0 + c1 v + p / (v + q), v in km/h as the sources print it; Polach goes through `function`. */
struct tn_adhesion_law {
    const char *name;
    const char *doc;
    const char *source;
    bool traction; /* meant for traction */
    bool braking;  /* meant for braking */
    double c0, c1, p, q;
    double (*function)(double speed_m_s, const void *payload);
};

extern const struct tn_adhesion_law tn_adhesion_laws[]; /* row 0 is `curve`: no law, the effort curve is the limit */
const char *tn_adhesion_law_name(int index);

/* Adhesion coefficient at that speed, times the rail-condition factor. INFINITY for `curve`. */
double tn_adhesion_at(const struct tn_adhesion_law *law, double speed_m_s, double rail);
/* The force the law allows on an adhesive weight, as a curve up to end_m_s. Not for `curve`. */
tn_status tn_adhesion_curve(struct tn_curve *out, const struct tn_adhesion_law *law, double rail,
                            double adhesive_weight_N, double end_m_s, struct tn_arena *arena);
/* Factor on mu in a curve of that radius: electric below 600 m, diesel below 550 m (TB/T 1407). 1 for INFINITY. */
double tn_adhesion_curve_factor(bool electric, double radius_m);

#endif
