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
    TN_F_NUMBER(tn_derating, hot, TN_Q_TEMPERATURE, 303.15, 203.15, 333.15, 0,
                "temperature up to which power is whole"),
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

static const struct tn_schema fuel_schema = {"fuel", "fuel consumption of a diesel", sizeof(struct tn_fuel),
                                             fuel_fields};

static const struct tn_field fields[] = {
    TN_F_STRING(tn_locomotive, id, TN_ID | TN_REQUIRED, "name by which trains call it"),
    TN_F_STRING(tn_locomotive, name, 0, "full name"),
    TN_F_CHOICE(tn_locomotive, energy, tn_energy_name, TN_ELECTRIC, 0, "where its power comes from"),
    TN_F_NUMBER(tn_locomotive, mass, TN_Q_MASS, NAN, 1000, 1e6, TN_REQUIRED, "mass in working order"),
    TN_F_NUMBER(tn_locomotive, adhesive_mass, TN_Q_MASS, NAN, 1000, 1e6, 0,
                "mass on driven axles; left out: all of it"),
    TN_F_NUMBER(tn_locomotive, length, TN_Q_LENGTH, NAN, 1, 200, TN_REQUIRED, "length over couplers"),
    TN_F_INTEGER(tn_locomotive, axles, 6, 2, 32, 0, "number of axles"),
    TN_F_NUMBER(tn_locomotive, rotating, TN_Q_RATIO, 0.10, 0, 1, 0, "rotating mass as a share of the mass"),
    TN_F_NUMBER(tn_locomotive, speed_max, TN_Q_SPEED, NAN, 1, 150, TN_REQUIRED, "largest speed"),
    TN_F_NUMBER(tn_locomotive, power, TN_Q_POWER, NAN, 0, 1e8, 0, "rated power, for information"),
    TN_F_NUMBER(tn_locomotive, continuous_speed, TN_Q_SPEED, NAN, 0, 150, TN_POSITIVE,
                "speed of the continuous rating"),
    TN_F_NUMBER(tn_locomotive, continuous_effort, TN_Q_FORCE, NAN, 0, 1e7, TN_POSITIVE,
                "effort of the continuous rating"),
    TN_F_NUMBER(tn_locomotive, traction_power_from, TN_Q_SPEED, NAN, 0, 150, 0,
                "speed from which power, not effort, is interpolated between rows of the traction table"),
    TN_F_NUMBER(tn_locomotive, brake_power_from, TN_Q_SPEED, NAN, 0, 150, 0, "the same for the dynamic brake"),
    TN_F_LIST(tn_locomotive, effort, &tn_effort_point_schema, TN_REQUIRED, "effort over speed"),
    TN_F_STRUCT(tn_locomotive, resistance, &tn_resistance_schema, "running resistance"),
    TN_F_NUMBER(tn_locomotive, starting_resistance, TN_Q_SPECIFIC, 0.005, 0, 0.1, 0,
                "resistance at starting, force over weight"),
    TN_F_CHOICE(tn_locomotive, adhesion, tn_adhesion_law_name, 0, 0, "adhesion law of the type"),
    TN_F_NUMBER(tn_locomotive, efficiency, TN_Q_RATIO, 0.85, 0, 1, TN_POSITIVE,
                "from pantograph to wheel rim, traction"),
    TN_F_NUMBER(tn_locomotive, regeneration, TN_Q_RATIO, 0, 0, 1, 0,
                "from wheel rim to pantograph, dynamic brake; 0: the brake heats resistors"),
    TN_F_NUMBER(tn_locomotive, auxiliary_power, TN_Q_POWER, 0, 0, 1e7, 0, "power of fans, pumps and compressors"),
    TN_F_STRUCT(tn_locomotive, derating, &derating_schema, "loss of diesel power with altitude and heat"),
    TN_F_STRUCT(tn_locomotive, fuel, &fuel_schema, "fuel consumption of a diesel"),
    TN_F_STRUCT(tn_locomotive, motor, &tn_motor_schema, "heating of its motors"),
    TN_F_NUMBER(tn_locomotive, shoe_force, TN_Q_FORCE, NAN, 0, 1e7, 0,
                "converted shoe force of the air brake at 500 kPa; left out: its share at the train's brake rate"),
    TN_F_NUMBER(tn_locomotive, brake_feed, TN_Q_LENGTH, 6.2e-3, 0, 0.05, 0,
                "effective diameter through which the driver's valve feeds the brake pipe; 0: it cannot"),
    TN_F_NUMBER(tn_locomotive, brake_exhaust, TN_Q_LENGTH, 12.4e-3, 0, 0.05, TN_POSITIVE,
                "effective diameter of the driver's valve's exhaust in service"),
    TN_F_LIST(tn_locomotive, notes, &tn_note_schema, 0, "where the values come from"),
    TN_F_END};

const struct tn_schema tn_locomotive_schema = {"locomotive", "a type of locomotive", sizeof(struct tn_locomotive),
                                               fields};

double tn_locomotive_power_factor(const struct tn_locomotive *locomotive, double altitude_m, double temperature_K)
{
    const struct tn_derating *derating = &locomotive->derating;
    if (locomotive->energy != TN_DIESEL)
        return 1;
    double thin = 1 - derating->per_1000_m * fmax(0, altitude_m - derating->from) / 1000;
    double hot = 1 - derating->per_10_K * fmax(0, temperature_K - derating->hot) / 10;
    return fmax(0, thin) * fmax(0, hot);
}

#define KMH 3.6 /* km/h per m/s */

static void validate_table(const struct tn_locomotive *locomotive, struct tn_context *ctx)
{
    const struct tn_effort_point *point = locomotive->effort.items;
    size_t count = locomotive->effort.count;
    if (count < 2) {
        tn_error(ctx, &locomotive->effort, "give at least effort at rest and at the largest speed",
                 "the effort table of `%s` has %zu rows", locomotive->id, count);
        return;
    }
    if (point[0].speed != 0)
        tn_error(ctx, &point[0].speed, "the first row gives the effort at rest: 0 km/h",
                 "the effort table of `%s` starts at %g km/h", locomotive->id, KMH * point[0].speed);
    for (size_t i = 1; i < count; i++)
        if (!(point[i].speed > point[i - 1].speed))
            tn_error(ctx, &point[i].speed, "sort the rows by speed, each speed once",
                     "the effort table of `%s` goes from %g to %g km/h", locomotive->id, KMH * point[i - 1].speed,
                     KMH * point[i].speed);
    double last = point[count - 1].speed;
    if (last < locomotive->speed_max * (1 - 1e-9))
        tn_error(ctx, &point[count - 1].speed, "add rows up to `speed_max`",
                 "the effort table of `%s` ends at %g km/h, before its largest speed of %g km/h", locomotive->id,
                 KMH * last, KMH * locomotive->speed_max);
    const double *branch[] = {&locomotive->traction_power_from, &locomotive->brake_power_from};
    for (int i = 0; i < 2; i++)
        if (*branch[i] > last)
            tn_error(ctx, branch[i], NULL,
                     "the power branch of `%s` starts at %g km/h, beyond its effort table, which ends at %g km/h",
                     locomotive->id, KMH * *branch[i], KMH * last);
}

tn_status tn_locomotive_validate(const struct tn_locomotive *locomotive, struct tn_context *ctx)
{
    size_t before = ctx->errors;
    validate_table(locomotive, ctx);
    if (locomotive->adhesive_mass > locomotive->mass)
        tn_error(ctx, &locomotive->adhesive_mass, NULL, "adhesive mass of %g t is more than the whole mass of %g t",
                 1e-3 * locomotive->adhesive_mass, 1e-3 * locomotive->mass);
    (void)tn_motor_validate(&locomotive->motor, locomotive->id, locomotive->continuous_effort,
                            locomotive->continuous_speed, ctx);
    (void)tn_resistance_validate(&locomotive->resistance, locomotive->mass, locomotive->axles, ctx);
    return ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}
