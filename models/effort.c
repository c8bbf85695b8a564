/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "effort.h"

static const struct tn_field point_fields[] = {
    TN_F_NUMBER(tn_effort_point, speed, TN_Q_SPEED, NAN, 0, 150, TN_REQUIRED | TN_RISING, "speed"),
    TN_F_NUMBER(tn_effort_point, traction, TN_Q_FORCE, 0, 0, 1e7, 0, "largest tractive effort at the rim"),
    TN_F_NUMBER(tn_effort_point, dynamic_brake, TN_Q_FORCE, 0, 0, 1e7, 0, "largest dynamic-brake effort at the rim"),
    TN_F_END};

const struct tn_schema tn_effort_point_schema = {"effort", "tractive and dynamic-brake effort over speed",
                                                 sizeof(struct tn_effort_point), point_fields};
