/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resistance.h"

static const struct tn_field fields[] = {
    TN_F_CHOICE(tn_resistance_spec, law, tn_resistance_law_name, -1, 0, "law of running resistance"),
    TN_F_NUMBER(tn_resistance_spec, a, TN_Q_SPECIFIC, NAN, 0, 1, 0, "constant part, force over weight"),
    TN_F_NUMBER(tn_resistance_spec, b, TN_Q_SPECIFIC_PER_SPEED, NAN, -1, 1, 0, "part that grows with speed"),
    TN_F_NUMBER(tn_resistance_spec, c, TN_Q_SPECIFIC_PER_SPEED2, NAN, 0, 1, 0, "part that grows with speed squared"),
    TN_F_NUMBER(tn_resistance_spec, force_a, TN_Q_FORCE, NAN, 0, 1e7, 0, "constant force per vehicle, law `force`"),
    TN_F_NUMBER(tn_resistance_spec, force_b, TN_Q_FORCE_PER_SPEED, NAN, -1e6, 1e6, 0,
                "force per vehicle that grows with speed, law `force`"),
    TN_F_NUMBER(tn_resistance_spec, force_c, TN_Q_FORCE_PER_SPEED2, NAN, 0, 1e5, 0,
                "force per vehicle that grows with speed squared, law `force`"),
    TN_F_NUMBER(tn_resistance_spec, f0, TN_Q_SPECIFIC, NAN, 0, 1, 0, "constant part of `strahl` and `sauthoff`"),
    TN_F_NUMBER(tn_resistance_spec, f1, TN_Q_SPECIFIC, NAN, -1, 1, 0, "linear part of `sauthoff` at 100 km/h"),
    TN_F_NUMBER(tn_resistance_spec, f2, TN_Q_SPECIFIC, NAN, 0, 1, 0, "square part of `strahl` and `sauthoff` at 100 km/h"),
    TN_F_NUMBER(tn_resistance_spec, headwind, TN_Q_SPEED, NAN, 0, 30, 0, "allowance added to the speed in the square part"),
    TN_F_NUMBER(tn_resistance_spec, drag, TN_Q_NONE, NAN, 0, 1000, 0,
                "drag coefficient of `davis` (C), `modified-davis` (K), `cn` (C), in the law's own units"),
    TN_F_NUMBER(tn_resistance_spec, area, TN_Q_AREA, NAN, 0, 100, TN_POSITIVE, "frontal area of `davis` and `cn`"),
    TN_F_END};

const struct tn_schema tn_resistance_schema = {"resistance", "how a vehicle resists running",
                                               sizeof(struct tn_resistance_spec), fields};
