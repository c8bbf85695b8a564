/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "train.h"

static const char *pick(const char *const *names, int count, int index)
{
    return index >= 0 && index < count ? names[index] : NULL;
}

const char *tn_control_name(int index)
{
    static const char *const names[] = {"multiple", "separate", "pusher"};
    return pick(names, 3, index);
}

const char *tn_wagon_state_name(int index)
{
    static const char *const names[] = {"loaded", "empty"};
    return pick(names, 2, index);
}

const char *tn_brake_service_name(int index)
{
    static const char *const names[] = {"passenger", "freight"};
    return pick(names, 2, index);
}

static const struct tn_field locomotives_fields[] = {
    TN_F_REF(tn_train_locomotives, type, &tn_locomotive_schema, TN_REQUIRED, "type of locomotive"),
    TN_F_INTEGER(tn_train_locomotives, count, 1, 1, 100, 0, "how many of them"),
    TN_F_INTEGER(tn_train_locomotives, cut_out, 0, 0, 100, 0, "of these, hauled dead"),
    TN_F_CHOICE(tn_train_locomotives, control, tn_control_name, TN_CONTROL_MULTIPLE, 0,
                "how the second and further ones of the train are driven"),
    TN_F_END};

static const struct tn_schema locomotives_schema = {"locomotives", "locomotives of a train, at its head in this order",
                                                    sizeof(struct tn_train_locomotives), locomotives_fields};

static const struct tn_field wagons_fields[] = {
    TN_F_REF(tn_train_wagons, type, &tn_wagon_schema, TN_REQUIRED, "type of wagon"),
    TN_F_CHOICE(tn_train_wagons, state, tn_wagon_state_name, TN_LOADED, 0, "loaded or empty"),
    TN_F_NUMBER(tn_train_wagons, load, TN_Q_MASS, NAN, 0, 1e9, TN_POSITIVE,
                "trailing mass of these wagons; left out: count times the mass of a full or empty wagon"),
    TN_F_INTEGER(tn_train_wagons, count, -1, 1, 10000, 0, "how many; left out: as many as the load needs"),
    TN_F_END};

static const struct tn_schema wagons_schema = {"wagons", "wagons of a train, behind the locomotives in this order",
                                               sizeof(struct tn_train_wagons), wagons_fields};

static const struct tn_field brake_fields[] = {
    TN_F_NUMBER(tn_train_brake, deceleration, TN_Q_ACCELERATION, 0.3, 0, 5, TN_POSITIVE,
                "aimed at when braking to stops and limits"),
    TN_F_BOOL(tn_train_brake, resistance_adds, 0, "the brake alone gives the deceleration, resistance and grade add to it"),
    TN_F_NUMBER(tn_train_brake, rate, TN_Q_RATIO, NAN, 0, 2, TN_POSITIVE,
                "converted shoe force over weight of the train; left out: from its vehicles"),
    TN_F_CHOICE(tn_train_brake, friction, tn_friction_law_name, -1, 0, "friction law; left out: that of the wagons"),
    TN_F_CHOICE(tn_train_brake, service, tn_brake_service_name, TN_BRAKE_FREIGHT, 0, "kind of brake valve"),
    TN_F_NUMBER(tn_train_brake, pipe_pressure, TN_Q_PRESSURE, 500e3, 400e3, 700e3, 0, "brake pipe, gauge: 500 or 600 kPa"),
    TN_F_NUMBER(tn_train_brake, reduction, TN_Q_PRESSURE, NAN, 50e3, 200e3, 0,
                "largest service reduction used; left out: 140 kPa at 500, 170 at 600"),
    TN_F_NUMBER(tn_train_brake, distance, TN_Q_LENGTH, 800, 0, 10000, 0, "emergency stop within this distance; 0: no rule"),
    TN_F_END};

static const struct tn_schema brake_schema = {"brake", "brakes of a train", sizeof(struct tn_train_brake), brake_fields};

static const struct tn_field fields[] = {
    TN_F_STRING(tn_train_spec, id, TN_ID | TN_REQUIRED, "name by which studies call it"),
    TN_F_LIST(tn_train_spec, locomotives, &locomotives_schema, 0, "locomotives, at the head in this order"),
    TN_F_LIST(tn_train_spec, wagons, &wagons_schema, 0, "wagons, behind the locomotives in this order"),
    TN_F_NUMBER(tn_train_spec, limit, TN_Q_SPEED, NAN, 0, 150, TN_POSITIVE, "speed limit; left out: of its vehicles"),
    TN_F_NUMBER(tn_train_spec, rotating, TN_Q_RATIO, NAN, 0, 1, 0,
                "rotating mass of the whole train as a share of its mass; left out: vehicle by vehicle"),
    TN_F_CHOICE(tn_train_spec, adhesion, tn_train_adhesion_name, 0, 0,
                "law that caps traction and dynamic brake; `curve`: none, `type`: the locomotives' own"),
    TN_F_NUMBER(tn_train_spec, effort_factor, TN_Q_RATIO, 1, 0, 1.5, TN_POSITIVE, "factor on tractive effort"),
    TN_F_BOOL(tn_train_spec, starting_resistance, 1, "starting resistance replaces running resistance below 2.5 km/h"),
    TN_F_NUMBER(tn_train_spec, resistance_factor, TN_Q_RATIO, 1, 0, 10, 0, "factor on running resistance"),
    TN_F_STRUCT(tn_train_spec, brake, &brake_schema, "brakes"),
    TN_F_NUMBER(tn_train_spec, net_ratio, TN_Q_RATIO, NAN, 0, 1, 0, "payload over load; left out: from the wagons"),
    TN_F_LIST(tn_train_spec, notes, &tn_note_schema, 0, "where the values come from"),
    TN_F_END};

const struct tn_schema tn_train_schema = {"train", "a train", sizeof(struct tn_train_spec), fields};
