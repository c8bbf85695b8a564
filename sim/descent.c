/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descent.h"

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_descent_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_descent_spec, grade, TN_Q_GRADE, NAN, -0.1, 0, TN_REQUIRED, "grade under the whole train, - descends"),
    TN_F_NUMBER(tn_descent_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_descent_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_descent_spec, speed_from, TN_Q_SPEED, NAN, 0, 200, 0,
                "run-away times count from this speed; from the top of the band (or 40 km/h) if not given"),
    TN_F_NUMBER(tn_descent_spec, speed_to, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "and run to this speed; the train's limit if not given"),
    TN_F_END
};
const struct tn_schema tn_descent_spec_schema = {"descent", "hold on a continuous down grade by the dynamic brake",
                                                 sizeof(struct tn_descent_spec), spec_fields};

static const struct tn_field runaway_fields[] = {
    TN_R_NUMBER(tn_descent_runaway, speed_m_s, TN_Q_SPEED, "speed reached"),
    TN_R_NUMBER(tn_descent_runaway, time_s, TN_Q_TIME, "time with the dynamic brake full on"),
    TN_R_NUMBER(tn_descent_runaway, distance_m, TN_Q_LENGTH, "distance with the dynamic brake full on"),
    TN_F_END
};
static const struct tn_schema runaway_schema = {"runaway", "how the train runs away with the dynamic brake full on",
                                                sizeof(struct tn_descent_runaway), runaway_fields};

static const struct tn_field band_fields[] = {
    TN_F_STRING(tn_descent_band, law, 0, "adhesion law"),
    TN_F_BOOL(tn_descent_band, holds, 0, "the dynamic brake holds somewhere"),
    TN_R_NUMBER(tn_descent_band, speed_min_m_s, TN_Q_SPEED, "lowest speed of the band"),
    TN_R_NUMBER(tn_descent_band, speed_max_m_s, TN_Q_SPEED, "highest speed of the band"),
    TN_F_END
};
static const struct tn_schema band_schema = {"band", "speeds held under each adhesion law", sizeof(struct tn_descent_band),
                                             band_fields};

static const struct tn_field row_fields[] = {
    TN_R_NUMBER(tn_descent_row, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_descent_row, brake_needed_N, TN_Q_FORCE, "brake force needed to hold the speed"),
    TN_R_NUMBER(tn_descent_row, dynamic_brake_N, TN_Q_FORCE, "dynamic brake effort"),
    TN_R_NUMBER(tn_descent_row, air_brake_N, TN_Q_FORCE, "full service force of the air brake"),
    TN_F_END
};
static const struct tn_schema row_schema = {"effort", "brake needed and available over speed", sizeof(struct tn_descent_row),
                                            row_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_descent_result, holds, 0, "the dynamic brake holds the train"),
    TN_R_NUMBER(tn_descent_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_descent_result, hold_speed_min_m_s, TN_Q_SPEED, "lowest speed held"),
    TN_R_NUMBER(tn_descent_result, hold_speed_max_m_s, TN_Q_SPEED, "highest speed held"),
    TN_R_NUMBER(tn_descent_result, worst_speed_m_s, TN_Q_SPEED, "speed at which the margin is least"),
    TN_R_NUMBER(tn_descent_result, brake_needed_N, TN_Q_FORCE, "brake force needed there"),
    TN_R_NUMBER(tn_descent_result, dynamic_brake_available_N, TN_Q_FORCE, "dynamic brake available there"),
    TN_R_NUMBER(tn_descent_result, margin_1, TN_Q_RATIO, "available over needed there, less one"),
    TN_R_NUMBER(tn_descent_result, adhesion_needed_1, TN_Q_RATIO, "adhesion coefficient needed there"),
    TN_R_NUMBER(tn_descent_result, speed_permitted_m_s, TN_Q_SPEED,
                "largest speed that meets the emergency distance rule on the grade"),
    TN_F_LIST(tn_descent_result, runaway, &runaway_schema, 0, "how the train runs away with the dynamic brake full on"),
    TN_F_LIST(tn_descent_result, bands, &band_schema, 0, "speeds held under each adhesion law"),
    TN_F_LIST(tn_descent_result, effort, &row_schema, TN_HIDDEN, "brake needed and available over speed"),
    TN_F_END
};
const struct tn_schema tn_descent_result_schema = {"descent", "hold on a continuous down grade by the dynamic brake",
                                                   sizeof(struct tn_descent_result), result_fields};

const struct tn_study_kind tn_study_descent = {
    "descent", "does the dynamic brake hold the train on a continuous down grade, over which speeds",
    &tn_descent_spec_schema, &tn_descent_result_schema, NULL,
};
