/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "locomotive.h"

#include "adhesion.h"

const char *tn_energy_name(int index)
{
    static const char *const names[] = {"electric", "diesel"};
    return index >= 0 && index < 2 ? names[index] : NULL;
}

static const struct tn_field derating_fields[] = {
    TN_F_NUMBER(tn_derating, from, TN_Q_LENGTH, 1500, 0, 6000, 0, "altitude up to which power is whole"),
    TN_F_NUMBER(tn_derating, per_1000_m, TN_Q_RATIO, 0.095, 0, 1, 0, "share of power lost with each 1000 m above that"),
    TN_F_NUMBER(tn_derating, hot, TN_Q_TEMPERATURE, 303.15, 203.15, 333.15, 0, "temperature up to which power is whole"),
    TN_F_NUMBER(tn_derating, per_10_K, TN_Q_RATIO, 0, 0, 1, 0, "share of power lost with each 10 K above that"),
    TN_F_END};

static const struct tn_schema derating_schema = {"derating", "loss of diesel power with altitude and heat",
                                                 sizeof(struct tn_derating), derating_fields};

/* Defaults: an eight-notch diesel of 4 MW at the rim. */
static const struct tn_field fuel_fields[] = {
    TN_F_NUMBER(tn_fuel, specific, TN_Q_MASS_PER_ENERGY, 0.242 / 3.6e6, 0, 1e-5, 0, "fuel burned per work at the rim"),
    TN_F_NUMBER(tn_fuel, idle, TN_Q_MASS_PER_TIME, 18.6 / 3600, 0, 1, 0, "fuel burned when idling and coasting"),
    TN_F_NUMBER(tn_fuel, braking, TN_Q_MASS_PER_TIME, 29.3 / 3600, 0, 1, 0, "fuel burned in dynamic braking"),
    TN_F_END};

static const struct tn_schema fuel_schema = {"fuel", "fuel consumption of a diesel", sizeof(struct tn_fuel), fuel_fields};

static const struct tn_field fields[] = {
    TN_F_STRING(tn_locomotive, id, TN_ID | TN_REQUIRED, "name by which trains call it"),
    TN_F_STRING(tn_locomotive, name, 0, "full name"),
    TN_F_CHOICE(tn_locomotive, energy, tn_energy_name, TN_ELECTRIC, 0, "where its power comes from"),
    TN_F_NUMBER(tn_locomotive, mass, TN_Q_MASS, NAN, 1000, 1e6, TN_REQUIRED, "mass in working order"),
    TN_F_NUMBER(tn_locomotive, adhesive_mass, TN_Q_MASS, NAN, 1000, 1e6, 0, "mass on driven axles; left out: all of it"),
    TN_F_NUMBER(tn_locomotive, length, TN_Q_LENGTH, NAN, 1, 200, TN_REQUIRED, "length over couplers"),
    TN_F_INTEGER(tn_locomotive, axles, 6, 2, 32, 0, "number of axles"),
    TN_F_NUMBER(tn_locomotive, rotating, TN_Q_RATIO, 0.10, 0, 1, 0, "rotating mass as a share of the mass"),
    TN_F_NUMBER(tn_locomotive, speed_max, TN_Q_SPEED, NAN, 1, 150, TN_REQUIRED, "largest speed"),
    TN_F_NUMBER(tn_locomotive, power, TN_Q_POWER, NAN, 0, 1e8, 0, "rated power, for information"),
    TN_F_NUMBER(tn_locomotive, continuous_speed, TN_Q_SPEED, NAN, 0, 150, TN_POSITIVE, "speed of the continuous rating"),
    TN_F_NUMBER(tn_locomotive, continuous_effort, TN_Q_FORCE, NAN, 0, 1e7, TN_POSITIVE, "effort of the continuous rating"),
    TN_F_NUMBER(tn_locomotive, traction_power_from, TN_Q_SPEED, NAN, 0, 150, 0,
                "speed from which power, not effort, is interpolated between rows of the traction table"),
    TN_F_NUMBER(tn_locomotive, brake_power_from, TN_Q_SPEED, NAN, 0, 150, 0, "the same for the dynamic brake"),
    TN_F_LIST(tn_locomotive, effort, &tn_effort_point_schema, TN_REQUIRED, "effort over speed"),
    TN_F_STRUCT(tn_locomotive, resistance, &tn_resistance_schema, "running resistance"),
    TN_F_NUMBER(tn_locomotive, starting_resistance, TN_Q_SPECIFIC, 0.005, 0, 0.1, 0,
                "resistance at starting, force over weight"),
    TN_F_CHOICE(tn_locomotive, adhesion, tn_adhesion_law_name, 0, 0, "adhesion law of the type"),
    TN_F_NUMBER(tn_locomotive, efficiency, TN_Q_RATIO, 0.85, 0, 1, TN_POSITIVE, "from pantograph to wheel rim, traction"),
    TN_F_NUMBER(tn_locomotive, regeneration, TN_Q_RATIO, 0, 0, 1, 0,
                "from wheel rim to pantograph, dynamic brake; 0: the brake heats resistors"),
    TN_F_NUMBER(tn_locomotive, auxiliary_power, TN_Q_POWER, 0, 0, 1e7, 0, "power of fans, pumps and compressors"),
    TN_F_STRUCT(tn_locomotive, derating, &derating_schema, "loss of diesel power with altitude and heat"),
    TN_F_STRUCT(tn_locomotive, fuel, &fuel_schema, "fuel consumption of a diesel"),
    TN_F_NUMBER(tn_locomotive, shoe_force, TN_Q_FORCE, NAN, 0, 1e7, 0,
                "converted shoe force of the air brake at 500 kPa; left out: its share at the train's brake rate"),
    TN_F_LIST(tn_locomotive, notes, &tn_note_schema, 0, "where the values come from"),
    TN_F_END};

const struct tn_schema tn_locomotive_schema = {"locomotive", "a type of locomotive", sizeof(struct tn_locomotive), fields};
