/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"

#include "run.h"

static const struct tn_field section_spec_fields[] = {
    TN_F_STRING(tn_capacity_section_spec, from, TN_REQUIRED, "station at one end"),
    TN_F_STRING(tn_capacity_section_spec, to, TN_REQUIRED, "station at the other end"),
    TN_F_NUMBER(tn_capacity_section_spec, time_up, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "running time up, passing both ends"),
    TN_F_NUMBER(tn_capacity_section_spec, time_down, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "running time down, passing both ends"),
    TN_F_END
};
static const struct tn_schema section_spec_schema = {"section", "running times between two stations where trains can meet",
                                                     sizeof(struct tn_capacity_section_spec), section_spec_fields};

static const struct tn_field removal_fields[] = {
    TN_F_STRING(tn_capacity_removal, name, 0, "class of the trains"),
    TN_F_NUMBER(tn_capacity_removal, trains, TN_Q_NONE, NAN, 0, INFINITY, TN_REQUIRED, "trains a day (pairs on single track)"),
    TN_F_NUMBER(tn_capacity_removal, coefficient, TN_Q_NONE, NAN, 0, INFINITY, TN_REQUIRED,
                "freight trains that each of them takes the place of"),
    TN_F_END
};
static const struct tn_schema removal_schema = {"removal", "trains of another class", sizeof(struct tn_capacity_removal),
                                                removal_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_capacity_spec, train, &tn_train_schema, 0, "train of the loaded direction"),
    TN_F_REF(tn_capacity_spec, train_back, &tn_train_schema, 0,
             "train of the other direction; the same with empty wagons if not given"),
    TN_F_CHOICE(tn_capacity_spec, loaded, tn_direction_name, TN_UP, 0, "direction of the loaded trains: up or down"),
    TN_F_STRING(tn_capacity_spec, from, 0, "station at one end of the line studied"),
    TN_F_STRING(tn_capacity_spec, to, 0, "station at its other end"),
    TN_F_LIST(tn_capacity_spec, sections, &section_spec_schema, 0, "given running times; from train runs if not given"),
    TN_F_NUMBER(tn_capacity_spec, start_addition, TN_Q_TIME, 120, 0, INFINITY, 0,
                "addition for a start, with given running times"),
    TN_F_NUMBER(tn_capacity_spec, stop_addition, TN_Q_TIME, 60, 0, INFINITY, 0,
                "addition for a stop, with given running times"),
    TN_F_NUMBER(tn_capacity_spec, not_simultaneous, TN_Q_TIME, 240, 0, INFINITY, 0,
                "interval between arrivals from opposite directions"),
    TN_F_NUMBER(tn_capacity_spec, meeting, TN_Q_TIME, 120, 0, INFINITY, 0,
                "interval from an arrival to the departure of the opposite train"),
    TN_F_NUMBER(tn_capacity_spec, following, TN_Q_TIME, 240, 0, INFINITY, 0,
                "interval between trains that follow each other through a section"),
    TN_F_NUMBER(tn_capacity_spec, window, TN_Q_TIME, 5400, 0, 86400, 0, "maintenance window a day"),
    TN_F_NUMBER(tn_capacity_spec, reserve, TN_Q_RATIO, 0.2, 0, INFINITY, 0, "share of the pairs kept in reserve"),
    TN_F_LIST(tn_capacity_spec, removals, &removal_schema, 0, "trains of other classes"),
    TN_F_NUMBER(tn_capacity_spec, pairs_parallel, TN_Q_NONE, NAN, 0, INFINITY, TN_POSITIVE,
                "parallel pairs a day; from the period of the sections if not given"),
    TN_F_NUMBER(tn_capacity_spec, margin, TN_Q_LENGTH, 20, 0, INFINITY, 0, "stopping margin in a loop"),
    TN_F_NUMBER(tn_capacity_spec, net_ratio, TN_Q_RATIO, NAN, 0, 1, 0, "net load over gross; of the wagons if not given"),
    TN_F_NUMBER(tn_capacity_spec, fluctuation, TN_Q_RATIO, 1.1, 1, INFINITY, 0,
                "busiest month over the mean month"),
    TN_F_NUMBER(tn_capacity_spec, pairs, TN_Q_NONE, NAN, 0, INFINITY, 0, "pairs a day that are asked for"),
    TN_F_NUMBER(tn_capacity_spec, reference_load, TN_Q_MASS, NAN, 0, INFINITY, TN_POSITIVE,
                "load against which the gain of the pairs asked for is counted"),
    TN_F_NUMBER(tn_capacity_spec, coupler_limit, TN_Q_FORCE, 2.25e6, 0, INFINITY, TN_POSITIVE,
                "largest pull behind the locomotives"),
    TN_F_NUMBER(tn_capacity_spec, published_pairs, TN_Q_NONE, NAN, 0, INFINITY, 0,
                "published pairs a day, shown beside the result"),
    TN_F_NUMBER(tn_capacity_spec, published_net, TN_Q_MASS, NAN, 0, INFINITY, TN_POSITIVE,
                "published net mass a year, shown beside the result"),
    TN_F_CHOICE(tn_capacity_spec, depth, tn_depth_name, TN_STRAP, 0, "how much of the train's length the model sees"),
    TN_F_NUMBER(tn_capacity_spec, tolerance, TN_Q_NONE, TN_RUN_TOLERANCE, 1e-13, 1e-2, 0,
                "relative error of a step of the train runs"),
    TN_F_END
};
const struct tn_schema tn_capacity_spec_schema = {"capacity", "pairs a day and tonnes a year of a line",
                                                  sizeof(struct tn_capacity_spec), spec_fields};

static const struct tn_field section_fields[] = {
    TN_F_STRING(tn_capacity_section, from, 0, "station at the end where up trains enter"),
    TN_F_STRING(tn_capacity_section, to, 0, "station at the end where up trains leave"),
    TN_R_NUMBER(tn_capacity_section, from_km_m, TN_Q_LENGTH, "position of `from`"),
    TN_R_NUMBER(tn_capacity_section, to_km_m, TN_Q_LENGTH, "position of `to`"),
    TN_R_NUMBER(tn_capacity_section, distance_m, TN_Q_LENGTH, "length"),
    TN_F_INTEGER(tn_capacity_section, tracks, 1, 1, INFINITY, 0, "tracks"),
    TN_R_NUMBER(tn_capacity_section, time_up_s, TN_Q_TIME, "running time up, passing both ends"),
    TN_R_NUMBER(tn_capacity_section, time_down_s, TN_Q_TIME, "running time down, passing both ends"),
    TN_R_NUMBER(tn_capacity_section, start_up_s, TN_Q_TIME, "addition for a start, up"),
    TN_R_NUMBER(tn_capacity_section, stop_up_s, TN_Q_TIME, "addition for a stop, up"),
    TN_R_NUMBER(tn_capacity_section, start_down_s, TN_Q_TIME, "addition for a start, down"),
    TN_R_NUMBER(tn_capacity_section, stop_down_s, TN_Q_TIME, "addition for a stop, down"),
    TN_F_INTEGER(tn_capacity_section, scheme, 0, 0, 4, 0, "crossing scheme with the smallest period; 0 on double track"),
    TN_F_NUMBERS(tn_capacity_section, scheme_periods_s, TN_Q_TIME, "period of each crossing scheme"),
    TN_R_NUMBER(tn_capacity_section, period_s, TN_Q_TIME, "period of a pair"),
    TN_R_NUMBER(tn_capacity_section, pairs_parallel_per_day, TN_Q_NONE, "parallel pairs a day"),
    TN_R_NUMBER(tn_capacity_section, pairs_per_day, TN_Q_NONE, "freight pairs a day, reserve and other trains taken off"),
    TN_F_CHOICE(tn_capacity_section, confidence, tn_confidence_name, TN_PUBLISHED, 0, "how well its length is known"),
    TN_F_END
};
const struct tn_schema tn_capacity_section_schema = {"section", "a section between stations where trains can meet",
                                                     sizeof(struct tn_capacity_section), section_fields};

static const struct tn_field method_fields[] = {
    TN_F_STRING(tn_capacity_method, name, 0, "method"),
    TN_R_NUMBER(tn_capacity_method, pairs_per_day, TN_Q_NONE, "freight pairs a day by it"),
    TN_F_END
};
static const struct tn_schema method_schema = {"method", "pairs a day by one method", sizeof(struct tn_capacity_method),
                                               method_fields};

static const struct tn_field result_fields[] = {
    TN_R_NUMBER(tn_capacity_result, pairs_parallel_per_day, TN_Q_NONE, "parallel pairs a day"),
    TN_R_NUMBER(tn_capacity_result, pairs_per_day, TN_Q_NONE, "freight pairs a day, reserve and other trains taken off"),
    TN_R_NUMBER(tn_capacity_result, pairs_per_day_rounded, TN_Q_NONE, "the same rounded down to half a pair"),
    TN_R_NUMBER(tn_capacity_result, load_kg, TN_Q_MASS, "load of a train of the loaded direction"),
    TN_R_NUMBER(tn_capacity_result, load_back_kg, TN_Q_MASS, "load of a train of the other direction"),
    TN_R_NUMBER(tn_capacity_result, net_ratio_1, TN_Q_RATIO, "net load over gross"),
    TN_R_NUMBER(tn_capacity_result, fluctuation_1, TN_Q_RATIO, "busiest month over the mean month"),
    TN_R_NUMBER(tn_capacity_result, gross_per_year_kg, TN_Q_MASS, "gross load a year, loaded direction"),
    TN_R_NUMBER(tn_capacity_result, net_per_year_kg, TN_Q_MASS, "net load a year, loaded direction"),
    TN_R_NUMBER(tn_capacity_result, net_other_per_year_kg, TN_Q_MASS, "net load a year, other direction"),
    TN_F_STRING(tn_capacity_result, limiting_section, 0, "section with the fewest pairs"),
    TN_R_NUMBER(tn_capacity_result, period_s, TN_Q_TIME, "its period of a pair"),
    TN_R_NUMBER(tn_capacity_result, occupancy_1, TN_Q_RATIO, "share of the day that it is in use"),
    TN_F_BOOL(tn_capacity_result, train_feasible, 0, "the trains can run: start, hold, fit, couplers"),
    TN_F_BOOL(tn_capacity_result, feasible, 0, "the trains can run and the pairs asked for fit"),
    TN_F_STRING(tn_capacity_result, reason, 0, "why not"),
    TN_R_NUMBER(tn_capacity_result, pairs_asked_per_day, TN_Q_NONE, "pairs a day asked for"),
    TN_R_NUMBER(tn_capacity_result, gross_asked_per_year_kg, TN_Q_MASS, "gross load a year of the pairs asked for"),
    TN_R_NUMBER(tn_capacity_result, net_asked_per_year_kg, TN_Q_MASS, "net load a year of the pairs asked for"),
    TN_R_NUMBER(tn_capacity_result, gain_trains_per_day, TN_Q_NONE,
                "trains of the reference load gained a day by the pairs asked for"),
    TN_R_NUMBER(tn_capacity_result, published_pairs_per_day, TN_Q_NONE, "published pairs a day"),
    TN_R_NUMBER(tn_capacity_result, published_net_per_year_kg, TN_Q_MASS, "published net load a year"),
    TN_R_NUMBER(tn_capacity_result, difference_1, TN_Q_RATIO, "net load a year over the published one, less one"),
    TN_R_NUMBER(tn_capacity_result, running_time_up_s, TN_Q_TIME, "running time over the line up"),
    TN_R_NUMBER(tn_capacity_result, running_time_down_s, TN_Q_TIME, "running time over the line down"),
    TN_R_NUMBER(tn_capacity_result, travel_speed_m_s, TN_Q_SPEED, "speed over the line of the loaded train, without stops"),
    TN_F_LIST(tn_capacity_result, sections, &tn_capacity_section_schema, 0, "sections between stations where trains can meet"),
    TN_F_LIST(tn_capacity_result, methods, &method_schema, 0, "pairs a day by each method"),
    TN_F_END
};
const struct tn_schema tn_capacity_result_schema = {"capacity", "pairs a day and tonnes a year of a line",
                                                    sizeof(struct tn_capacity_result), result_fields};

const struct tn_study_kind tn_study_capacity = {
    "capacity", "how many pairs a day and tonnes a year the line carries, and which section limits", &tn_capacity_spec_schema,
    &tn_capacity_result_schema, NULL,
};
