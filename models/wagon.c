/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wagon.h"

#include "brake.h"

static const struct tn_field air_brake_fields[] = {
    TN_F_CHOICE(tn_air_brake, valve, tn_valve_name, 0, 0, "type of brake valve"),
    TN_F_NUMBER(tn_air_brake, pipe_bore, TN_Q_LENGTH, 0.035, 0.01, 0.1, 0, "inner diameter of the brake pipe"),
    TN_F_NUMBER(tn_air_brake, pipe_branch, TN_Q_RATIO, 0.15, 0, 2, 0,
                "volume of the branch to the valve as a share of the pipe's"),
    TN_F_NUMBER(tn_air_brake, spring, TN_Q_PRESSURE, 30e3, 0, 150e3, 0,
                "cylinder pressure that return springs and rigging take"),
    TN_F_INTEGER(tn_air_brake, cylinders, 1, 1, 16, 0, "number of brake cylinders, where their size is given"),
    TN_F_NUMBER(tn_air_brake, cylinder_diameter, TN_Q_LENGTH, NAN, 0.05, 1, 0,
                "of a brake cylinder; left out: the volume usual with the valve"),
    TN_F_NUMBER(tn_air_brake, cylinder_stroke, TN_Q_LENGTH, NAN, 0.02, 1, 0, "of a brake cylinder, brake applied"),
    TN_F_NUMBER(tn_air_brake, reservoir_ratio, TN_Q_RATIO, NAN, 0, 20, 0,
                "volume of the auxiliary reservoir over that of the cylinders; left out: as usual with the valve"),
    TN_F_END};

static const struct tn_schema air_brake_schema = {"air_brake", "air brake of a vehicle, for the pneumatic model",
                                                  sizeof(struct tn_air_brake), air_brake_fields};

static const struct tn_field fields[] = {
    TN_F_STRING(tn_wagon, id, TN_ID | TN_REQUIRED, "name by which trains call it"),
    TN_F_STRING(tn_wagon, name, 0, "full name"),
    TN_F_NUMBER(tn_wagon, tare, TN_Q_MASS, NAN, 1000, 1e6, TN_REQUIRED, "mass when empty"),
    TN_F_NUMBER(tn_wagon, gross, TN_Q_MASS, NAN, 1000, 1e6, TN_REQUIRED, "mass when fully loaded"),
    TN_F_NUMBER(tn_wagon, length, TN_Q_LENGTH, NAN, 1, 200, TN_REQUIRED, "length over couplers"),
    TN_F_INTEGER(tn_wagon, axles, 4, 1, 32, 0, "number of axles"),
    TN_F_NUMBER(tn_wagon, speed_max, TN_Q_SPEED, NAN, 1, 150, 0, "largest speed"),
    TN_F_NUMBER(tn_wagon, rotating_loaded, TN_Q_RATIO, 0.035, 0, 1, 0, "rotating mass as a share of the mass, loaded"),
    TN_F_NUMBER(tn_wagon, rotating_empty, TN_Q_RATIO, 0.09, 0, 1, 0, "rotating mass as a share of the mass, empty"),
    TN_F_STRUCT(tn_wagon, resistance, &tn_resistance_schema, "running resistance, loaded"),
    TN_F_STRUCT(tn_wagon, resistance_empty, &tn_resistance_schema, "running resistance, empty; left out: the same law"),
    TN_F_NUMBER(tn_wagon, starting_resistance, TN_Q_SPECIFIC, 0.0035, 0, 0.1, 0,
                "resistance at starting, force over weight"),
    TN_F_NUMBER(tn_wagon, net_ratio, TN_Q_RATIO, NAN, 0, 1, 0,
                "payload over gross mass; left out: from tare and gross"),
    TN_F_NUMBER(tn_wagon, shoe_force, TN_Q_FORCE, NAN, 0, 1e7, 0, "converted shoe force at 500 kPa, loaded"),
    TN_F_NUMBER(tn_wagon, shoe_force_empty, TN_Q_FORCE, NAN, 0, 1e7, 0, "converted shoe force at 500 kPa, empty"),
    TN_F_CHOICE(tn_wagon, friction, tn_friction_law_name, 3, 0, "friction law of its brake shoes"),
    TN_F_NUMBER(tn_wagon, wheel_diameter, TN_Q_LENGTH, 0.84, 0.2, 2, 0, "diameter of its wheels"),
    TN_F_STRUCT(tn_wagon, bearing, &tn_bearing_schema, "heating of its axle bearings"),
    TN_F_STRUCT(tn_wagon, tread, &tn_tread_schema, "heating of its wheel treads"),
    TN_F_STRUCT(tn_wagon, air_brake, &air_brake_schema, "air brake, for the pneumatic model"),
    TN_F_LIST(tn_wagon, notes, &tn_note_schema, 0, "where the values come from"),
    TN_F_END};

const struct tn_schema tn_wagon_schema = {"wagon", "a type of wagon or coach", sizeof(struct tn_wagon), fields};

static void validate_air_brake(const struct tn_wagon *wagon, struct tn_context *ctx)
{
    const struct tn_air_brake *brake = &wagon->air_brake;
    if (brake->reservoir_ratio <= 0)
        tn_error(ctx, &brake->reservoir_ratio, "leave it out for the reservoir that is usual with the valve",
                 "wagon `%s` has a brake cylinder without a reservoir to fill it", wagon->id);
    if (isnan(brake->cylinder_diameter) != isnan(brake->cylinder_stroke))
        tn_error(ctx, &brake->cylinder_diameter, "give `cylinder_diameter` and `cylinder_stroke`, or neither",
                 "the volume of the brake cylinders of wagon `%s` is not known", wagon->id);
}

tn_status tn_wagon_validate(const struct tn_wagon *wagon, struct tn_context *ctx)
{
    size_t before = ctx->errors;
    if (wagon->gross < wagon->tare)
        tn_error(ctx, &wagon->gross, "`gross` is the mass of wagon and payload",
                 "gross mass of %g t is less than the tare of %g t", 1e-3 * wagon->gross, 1e-3 * wagon->tare);
    validate_air_brake(wagon, ctx);
    (void)tn_bearing_validate(&wagon->bearing, wagon->id, ctx);
    (void)tn_resistance_validate(&wagon->resistance, wagon->gross, wagon->axles, ctx);
    if (wagon->resistance_empty.law >= 0)
        (void)tn_resistance_validate(&wagon->resistance_empty, wagon->tare, wagon->axles, ctx);
    return ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}
