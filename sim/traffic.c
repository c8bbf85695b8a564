/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traffic.h"

#include "run.h"

const char *tn_traffic_arrivals_name(int index)
{
    static const char *const names[] = {"even", "random"};
    return index >= 0 && index < 2 ? names[index] : NULL;
}

static const struct tn_field stop_fields[] = {
    TN_F_STRING(tn_traffic_stop_spec, station, TN_REQUIRED, "where every train of the class stops"),
    TN_F_NUMBER(tn_traffic_stop_spec, dwell, TN_Q_TIME, 0, 0, 43200, 0, "how long it stands at least"), TN_F_END};
static const struct tn_schema stop_schema = {"traffic-stop", "a stop of all trains of a class",
                                             sizeof(struct tn_traffic_stop_spec), stop_fields};

static const struct tn_field change_fields[] = {
    TN_F_STRING(tn_traffic_change_spec, at, TN_REQUIRED, "station where the formation changes"),
    TN_F_REF(tn_traffic_change_spec, train, &tn_train_schema, TN_REQUIRED, "the train from there on"),
    TN_F_CHOICE(tn_traffic_change_spec, direction, tn_direction_name, TN_BOTH, 0, "trains that change there"),
    TN_F_NUMBER(tn_traffic_change_spec, dwell, TN_Q_TIME, 0, 0, 43200, 0, "how long that takes"), TN_F_END};
static const struct tn_schema change_schema = {"change", "a change of the formation on the way: helpers on and off",
                                               sizeof(struct tn_traffic_change_spec), change_fields};

static const struct tn_field departure_fields[] = {
    TN_F_CHOICE(tn_traffic_departure_spec, direction, tn_direction_name, -1, TN_REQUIRED, "up or down"),
    TN_F_NUMBER(tn_traffic_departure_spec, time, TN_Q_TIME, NAN, 0, 86400, TN_REQUIRED, "time of day"), TN_F_END};
static const struct tn_schema departure_schema = {"departure", "a train of the day",
                                                  sizeof(struct tn_traffic_departure_spec), departure_fields};

static const struct tn_field class_fields[] = {
    TN_F_STRING(tn_traffic_class_spec, id, TN_REQUIRED | TN_ID, "name of the class"),
    TN_F_REF(tn_traffic_class_spec, train, &tn_train_schema, 0,
             "its train in the loaded direction; not given: the running times of `sections`"),
    TN_F_REF(tn_traffic_class_spec, train_back, &tn_train_schema, 0,
             "its train in the other direction; the same with empty wagons if not given"),
    TN_F_STRING(tn_traffic_class_spec, from, 0, "station at one end of its way; that of the study if not given"),
    TN_F_STRING(tn_traffic_class_spec, to, 0, "station at its other end"),
    TN_F_CHOICE(tn_traffic_class_spec, direction, tn_direction_name, TN_BOTH, 0, "both: pairs of trains"),
    TN_F_INTEGER(tn_traffic_class_spec, priority, 0, -100, 100, 0, "the larger goes first"),
    TN_F_NUMBER(tn_traffic_class_spec, weight, TN_Q_NONE, 1, 0, 1e6, TN_POSITIVE,
                "what a minute of its delay counts against others'"),
    TN_F_NUMBER(tn_traffic_class_spec, pairs, TN_Q_NONE, NAN, 0, 1e4, TN_POSITIVE,
                "pairs a day, trains of a class in one direction; not given: as many as fit"),
    TN_F_LIST(tn_traffic_class_spec, departures, &departure_schema, 0, "the trains of a day one by one"),
    TN_F_NUMBER(tn_traffic_class_spec, first_up, TN_Q_TIME, NAN, 0, 86400, 0, "time of day of the first even one, up"),
    TN_F_NUMBER(tn_traffic_class_spec, first_down, TN_Q_TIME, NAN, 0, 86400, 0,
                "time of day of the first even one, down"),
    TN_F_CHOICE(tn_traffic_class_spec, arrivals, tn_traffic_arrivals_name, TN_ARRIVALS_EVEN, 0,
                "how they come in a simulation: evenly, or at random"),
    TN_F_LIST(tn_traffic_class_spec, stops, &stop_schema, 0, "where they stop, in both directions"),
    TN_F_LIST(tn_traffic_class_spec, changes, &change_schema, 0, "where the formation changes"),
    TN_F_NUMBER(tn_traffic_class_spec, time_factor, TN_Q_NONE, 1, 0.1, 10, 0, "on running times and additions"),
    TN_F_NUMBER(tn_traffic_class_spec, length, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "length of its trains, of a class without a train; not given: they fit everywhere"),
    TN_F_BOOL(tn_traffic_class_spec, stop_at_end, 1,
              "whether they start and stop at the ends, or come from and go beyond them at speed"),
    TN_F_END};
const struct tn_schema tn_traffic_class_schema = {"class", "trains of one kind", sizeof(struct tn_traffic_class_spec),
                                                  class_fields};

static const struct tn_field window_fields[] = {
    TN_F_STRING(tn_traffic_window_spec, from, 0, "station at one end; the end of the study if not given"),
    TN_F_STRING(tn_traffic_window_spec, to, 0, "station at the other end"),
    TN_F_NUMBER(tn_traffic_window_spec, begin, TN_Q_TIME, NAN, 0, 86400, TN_REQUIRED, "time of day when it begins"),
    TN_F_NUMBER(tn_traffic_window_spec, duration, TN_Q_TIME, NAN, 0, 86400, TN_REQUIRED | TN_POSITIVE, "how long"),
    TN_F_NUMBER(tn_traffic_window_spec, shift, TN_Q_TIME, 0, -86400, 86400, 0,
                "how much later it begins at each next section, up"),
    TN_F_END};
const struct tn_schema tn_traffic_window_schema = {"window", "a maintenance window: no train is in its sections",
                                                   sizeof(struct tn_traffic_window_spec), window_fields};

static const struct tn_field restriction_fields[] = {
    TN_F_NUMBER(tn_traffic_restriction_spec, from, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_REQUIRED,
                "km where it begins"),
    TN_F_NUMBER(tn_traffic_restriction_spec, to, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_REQUIRED,
                "km where it ends"),
    TN_F_NUMBER(tn_traffic_restriction_spec, speed, TN_Q_SPEED, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "largest speed"),
    TN_F_NUMBER(tn_traffic_restriction_spec, begin, TN_Q_TIME, 0, 0, 86400, 0, "time of day when it begins"),
    TN_F_NUMBER(tn_traffic_restriction_spec, end, TN_Q_TIME, 86400, 0, 86400, 0,
                "time of day when it ends; before `begin`: the next day"),
    TN_F_END};
const struct tn_schema tn_traffic_restriction_schema = {"restriction", "a speed restriction for a part of every day",
                                                        sizeof(struct tn_traffic_restriction_spec), restriction_fields};
