/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rating.h"

static const struct tn_field stop_fields[] = {
    TN_F_STRING(tn_rating_stop, station, TN_REQUIRED, "name of the station"),
    TN_F_END
};
static const struct tn_schema stop_schema = {"stop", "station where the train must stop", sizeof(struct tn_rating_stop),
                                             stop_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_rating_spec, train, &tn_train_schema, TN_REQUIRED, "locomotives and wagon type; its load is not used"),
    TN_F_NUMBER(tn_rating_spec, grade, TN_Q_GRADE, NAN, 0, 0.1, TN_REQUIRED, "ruling grade, + climbs"),
    TN_F_NUMBER(tn_rating_spec, grade_down, TN_Q_GRADE, NAN, -0.1, 0.1, 0,
                "steepest descent, with either sign; the ruling grade if not given"),
    TN_F_NUMBER(tn_rating_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_rating_spec, balance_speed, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed to keep on the ruling grade; the continuous rating of the locomotives if not given"),
    TN_F_NUMBER(tn_rating_spec, effort_factor, TN_Q_RATIO, 1, 0, 1, TN_POSITIVE,
                "factor on tractive effort in the balance criterion: 0.9 in design, 1 in tests"),
    TN_F_NUMBER(tn_rating_spec, hold_speed, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed at which the dynamic brake must hold; the best one if not given"),
    TN_F_NUMBER(tn_rating_spec, coupler_limit, TN_Q_FORCE, 2.25e6, 0, INFINITY, TN_POSITIVE,
                "largest pull behind the locomotives"),
    TN_F_NUMBER(tn_rating_spec, track_length, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "usable track length; the shortest track of the line where it must stop if not given"),
    TN_F_LIST(tn_rating_spec, stops, &stop_schema, 0,
              "stations where the train must stop; all where trains can meet if not given"),
    TN_F_NUMBER(tn_rating_spec, margin, TN_Q_LENGTH, 20, 0, INFINITY, 0, "stopping margin in the track"),
    TN_F_NUMBER(tn_rating_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of a curve under the whole train; straight if not given"),
    TN_F_END
};
const struct tn_schema tn_rating_spec_schema = {"rating", "the heaviest load on a ruling grade",
                                                sizeof(struct tn_rating_spec), spec_fields};

static const struct tn_field criterion_fields[] = {
    TN_F_STRING(tn_rating_criterion, name, 0, "criterion"),
    TN_R_NUMBER(tn_rating_criterion, load_kg, TN_Q_MASS, "heaviest load by it; infinite where it does not bind"),
    TN_R_NUMBER(tn_rating_criterion, load_wagons_kg, TN_Q_MASS, "the same in whole wagons"),
    TN_F_STRING(tn_rating_criterion, detail, 0, "where and how it was found"),
    TN_F_END
};
static const struct tn_schema criterion_schema = {"criterion", "the heaviest load by one criterion",
                                                  sizeof(struct tn_rating_criterion), criterion_fields};

static const struct tn_field result_fields[] = {
    TN_R_NUMBER(tn_rating_result, load_kg, TN_Q_MASS, "heaviest load in whole wagons"),
    TN_R_NUMBER(tn_rating_result, load_fractional_kg, TN_Q_MASS, "heaviest load"),
    TN_F_INTEGER(tn_rating_result, wagons, 0, 0, INFINITY, 0, "wagons"),
    TN_F_STRING(tn_rating_result, binding, 0, "criterion that binds"),
    TN_F_LIST(tn_rating_result, criteria, &criterion_schema, 0, "the heaviest load by each criterion"),
    TN_F_END
};
const struct tn_schema tn_rating_result_schema = {"rating", "the heaviest load on a ruling grade",
                                                  sizeof(struct tn_rating_result), result_fields};

const struct tn_study_kind tn_study_rating = {
    "rating", "the heaviest load for the locomotives on a ruling grade, and what binds", &tn_rating_spec_schema,
    &tn_rating_result_schema, NULL,
};
