/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "start.h"

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_start_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_start_spec, grade, TN_Q_GRADE, NAN, -0.1, 0.1, TN_REQUIRED, "grade under the whole train, + climbs"),
    TN_F_NUMBER(tn_start_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_start_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBERS(tn_start_spec, speeds, TN_Q_SPEED,
                 "speeds at which the run-up from rest is timed; every 10 km/h if not given"),
    TN_F_END
};
const struct tn_schema tn_start_spec_schema = {"start", "start on a continuous grade", sizeof(struct tn_start_spec),
                                               spec_fields};

static const struct tn_field runup_fields[] = {
    TN_R_NUMBER(tn_start_runup, speed_m_s, TN_Q_SPEED, "speed reached"),
    TN_R_NUMBER(tn_start_runup, time_s, TN_Q_TIME, "time from rest"),
    TN_R_NUMBER(tn_start_runup, distance_m, TN_Q_LENGTH, "distance from rest"),
    TN_F_END
};
static const struct tn_schema runup_schema = {"runup", "run-up from rest", sizeof(struct tn_start_runup), runup_fields};

static const struct tn_field adhesion_fields[] = {
    TN_F_STRING(tn_adhesion_row, law, 0, "adhesion law"),
    TN_R_NUMBER(tn_adhesion_row, available_1, TN_Q_RATIO, "coefficient it allows at rest, rail condition applied"),
    TN_R_NUMBER(tn_adhesion_row, force_N, TN_Q_FORCE, "tractive force it would allow at rest"),
    TN_F_BOOL(tn_adhesion_row, starts, 0, "the train would start with it"),
    TN_F_END
};
static const struct tn_schema adhesion_schema = {"adhesion", "what each adhesion law would allow",
                                                 sizeof(struct tn_adhesion_row), adhesion_fields};

static const struct tn_field effort_fields[] = {
    TN_R_NUMBER(tn_effort_row, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_effort_row, traction_N, TN_Q_FORCE, "tractive effort at the rim"),
    TN_R_NUMBER(tn_effort_row, dynamic_brake_N, TN_Q_FORCE, "dynamic brake effort at the rim"),
    TN_R_NUMBER(tn_effort_row, resistance_level_N, TN_Q_FORCE, "resistance on level straight track"),
    TN_R_NUMBER(tn_effort_row, resistance_N, TN_Q_FORCE, "resistance on the grade"),
    TN_F_END
};
static const struct tn_schema effort_schema = {"effort", "effort and resistance over speed", sizeof(struct tn_effort_row),
                                               effort_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_start_result, starts, 0, "the train starts"),
    TN_R_NUMBER(tn_start_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_start_result, force_available_N, TN_Q_FORCE, "tractive force available at rest"),
    TN_R_NUMBER(tn_start_result, force_needed_N, TN_Q_FORCE, "tractive force needed to start"),
    TN_R_NUMBER(tn_start_result, margin_1, TN_Q_RATIO, "available over needed, less one"),
    TN_R_NUMBER(tn_start_result, load_kg, TN_Q_MASS, "trailing load"),
    TN_R_NUMBER(tn_start_result, load_startable_kg, TN_Q_MASS, "largest load that would start"),
    TN_R_NUMBER(tn_start_result, adhesion_needed_1, TN_Q_RATIO, "adhesion coefficient needed to start"),
    TN_R_NUMBER(tn_start_result, adhesion_available_1, TN_Q_RATIO,
                "adhesion coefficient at rest of the law in force, or implied by the maker's curve"),
    TN_R_NUMBER(tn_start_result, balance_speed_m_s, TN_Q_SPEED, "balance speed on the grade"),
    TN_R_NUMBER(tn_start_result, adhesion_balance_1, TN_Q_RATIO, "adhesion coefficient needed at the balance speed"),
    TN_F_LIST(tn_start_result, runup, &runup_schema, 0, "run-up from rest on the grade"),
    TN_F_LIST(tn_start_result, adhesion, &adhesion_schema, 0, "what each adhesion law would allow"),
    TN_F_LIST(tn_start_result, effort, &effort_schema, TN_HIDDEN, "effort and resistance over speed"),
    TN_F_END
};
const struct tn_schema tn_start_result_schema = {"start", "start on a continuous grade", sizeof(struct tn_start_result),
                                                 result_fields};

const struct tn_study_kind tn_study_start = {
    "start", "can the train start on a continuous grade, and how fast does it gather speed", &tn_start_spec_schema,
    &tn_start_result_schema, NULL,
};
