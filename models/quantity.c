/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quantity.h"

#include <string.h>

static const struct {
    const char *si, *name, *display;
} quantities[TN_Q_COUNT] = {
    [TN_Q_NONE] = {"1", "number", NULL},
    [TN_Q_RATIO] = {"1", "ratio", NULL},
    [TN_Q_LENGTH] = {"m", "length", "m"},
    [TN_Q_AREA] = {"m2", "area", "m2"},
    [TN_Q_SPEED] = {"m s-1", "speed", "km/h"},
    [TN_Q_ACCELERATION] = {"m s-2", "acceleration", "m/s2"},
    [TN_Q_TIME] = {"s", "time", "min"},
    [TN_Q_MASS] = {"kg", "mass", "t"},
    [TN_Q_FORCE] = {"N", "force", "kN"},
    [TN_Q_POWER] = {"W", "power", "kW"},
    [TN_Q_ENERGY] = {"J", "energy", "kWh"},
    [TN_Q_PRESSURE] = {"Pa", "pressure", "kPa"},
    [TN_Q_TEMPERATURE] = {"K", "temperature", "degC"},
    [TN_Q_ANGLE] = {"rad", "angle", "deg"},
    [TN_Q_GRADE] = {"1", "grade", "permil"},
    [TN_Q_SPECIFIC] = {"1", "specific force", "N/kN"},
    [TN_Q_SPECIFIC_PER_SPEED] = {"s m-1", "specific force per speed", "N/kN/(km/h)"},
    [TN_Q_SPECIFIC_PER_SPEED2] = {"s2 m-2", "specific force per speed squared", "N/kN/(km/h)2"},
    [TN_Q_FORCE_PER_SPEED] = {"N s m-1", "force per speed", "N/(m/s)"},
    [TN_Q_FORCE_PER_SPEED2] = {"N s2 m-2", "force per speed squared", "N/(m/s)2"},
    [TN_Q_DENSITY] = {"kg m-3", "density", "kg/m3"},
    [TN_Q_MASS_PER_ENERGY] = {"kg J-1", "specific consumption", "g/kWh"},
    [TN_Q_MASS_PER_TIME] = {"kg s-1", "mass flow", "kg/h"},
    [TN_Q_PER_LENGTH] = {"m-1", "curvature", "1/m"},
    [TN_Q_DEGREES] = {"degree", "direction or position on the globe", "deg"},
    [TN_Q_SPECIFIC_ENERGY] = {"J kg-1 m-1", "energy per mass and distance", "kWh/(10 kt km)"},
    [TN_Q_TEMPERATURE_RISE] = {"K", "difference of temperatures", "K"},
    [TN_Q_CURRENT] = {"A", "current", "A"},
    [TN_Q_TORQUE] = {"N m", "torque", "N m"},
    [TN_Q_HEAT_CAPACITY] = {"J K-1", "heat capacity", "kJ/K"},
    [TN_Q_HEAT_CONDUCTANCE] = {"W K-1", "heat flow per difference of temperatures", "W/K"},
};

#define DEGREE      0.017453292519943295
#define POUND       0.45359237
#define FOOT        0.3048
#define MILE        1609.344
#define POUND_FORCE 4.4482216152605

const struct tn_unit tn_units[] = {
    {"%", TN_Q_RATIO, 0.01, 0},
    {"1", TN_Q_RATIO, 1, 0},
    {"permil", TN_Q_RATIO, 0.001, 0},
    {"m", TN_Q_LENGTH, 1, 0},
    {"km", TN_Q_LENGTH, 1000, 0},
    {"mm", TN_Q_LENGTH, 0.001, 0},
    {"ft", TN_Q_LENGTH, FOOT, 0},
    {"mi", TN_Q_LENGTH, MILE, 0},
    {"m2", TN_Q_AREA, 1, 0},
    {"ft2", TN_Q_AREA, FOOT *FOOT, 0},
    {"km/h", TN_Q_SPEED, 1 / 3.6, 0},
    {"m/s", TN_Q_SPEED, 1, 0},
    {"mph", TN_Q_SPEED, MILE / 3600, 0},
    {"m/s2", TN_Q_ACCELERATION, 1, 0},
    {"min", TN_Q_TIME, 60, 0},
    {"s", TN_Q_TIME, 1, 0},
    {"h", TN_Q_TIME, 3600, 0},
    {"d", TN_Q_TIME, 86400, 0},
    {"t", TN_Q_MASS, 1000, 0},
    {"kg", TN_Q_MASS, 1, 0},
    {"Mt", TN_Q_MASS, 1e9, 0},
    {"kt", TN_Q_MASS, 1e6, 0},
    {"lb", TN_Q_MASS, POUND, 0},
    {"short_ton", TN_Q_MASS, 2000 * POUND, 0},
    {"kN", TN_Q_FORCE, 1000, 0},
    {"N", TN_Q_FORCE, 1, 0},
    {"MN", TN_Q_FORCE, 1e6, 0},
    {"lbf", TN_Q_FORCE, POUND_FORCE, 0},
    {"klbf", TN_Q_FORCE, 1000 * POUND_FORCE, 0},
    {"kW", TN_Q_POWER, 1000, 0},
    {"W", TN_Q_POWER, 1, 0},
    {"MW", TN_Q_POWER, 1e6, 0},
    {"hp", TN_Q_POWER, 745.6998715822702, 0},
    {"kWh", TN_Q_ENERGY, 3.6e6, 0},
    {"J", TN_Q_ENERGY, 1, 0},
    {"kJ", TN_Q_ENERGY, 1e3, 0},
    {"MJ", TN_Q_ENERGY, 1e6, 0},
    {"GJ", TN_Q_ENERGY, 1e9, 0},
    {"MWh", TN_Q_ENERGY, 3.6e9, 0},
    {"kPa", TN_Q_PRESSURE, 1000, 0},
    {"Pa", TN_Q_PRESSURE, 1, 0},
    {"MPa", TN_Q_PRESSURE, 1e6, 0},
    {"bar", TN_Q_PRESSURE, 1e5, 0},
    {"psi", TN_Q_PRESSURE, 6894.757293168361, 0},
    {"degC", TN_Q_TEMPERATURE, 1, 273.15},
    {"K", TN_Q_TEMPERATURE, 1, 0},
    {"degF", TN_Q_TEMPERATURE, 5.0 / 9, 459.67 * 5 / 9},
    {"deg", TN_Q_ANGLE, DEGREE, 0},
    {"rad", TN_Q_ANGLE, 1, 0},
    {"permil", TN_Q_GRADE, 0.001, 0},
    {"%", TN_Q_GRADE, 0.01, 0},
    {"1", TN_Q_GRADE, 1, 0},
    {"N/kN", TN_Q_SPECIFIC, 0.001, 0},
    {"permil", TN_Q_SPECIFIC, 0.001, 0},
    {"lb/short_ton", TN_Q_SPECIFIC, 0.0005, 0},
    {"1", TN_Q_SPECIFIC, 1, 0},
    {"N/kN/(km/h)", TN_Q_SPECIFIC_PER_SPEED, 0.0036, 0},
    {"s/m", TN_Q_SPECIFIC_PER_SPEED, 1, 0},
    {"N/kN/(km/h)2", TN_Q_SPECIFIC_PER_SPEED2, 0.01296, 0},
    {"s2/m2", TN_Q_SPECIFIC_PER_SPEED2, 1, 0},
    {"N/(m/s)", TN_Q_FORCE_PER_SPEED, 1, 0},
    {"N/(km/h)", TN_Q_FORCE_PER_SPEED, 3.6, 0},
    {"N/(m/s)2", TN_Q_FORCE_PER_SPEED2, 1, 0},
    {"N/(km/h)2", TN_Q_FORCE_PER_SPEED2, 12.96, 0},
    {"kg/m3", TN_Q_DENSITY, 1, 0},
    {"g/kWh", TN_Q_MASS_PER_ENERGY, 1e-3 / 3.6e6, 0},
    {"kg/J", TN_Q_MASS_PER_ENERGY, 1, 0},
    {"kg/h", TN_Q_MASS_PER_TIME, 1.0 / 3600, 0},
    {"kg/s", TN_Q_MASS_PER_TIME, 1, 0},
    {"1/m", TN_Q_PER_LENGTH, 1, 0},
    {"deg", TN_Q_DEGREES, 1, 0},
    {"kWh/(10 kt km)", TN_Q_SPECIFIC_ENERGY, 3.6e-4, 0},
    {"J/(kg m)", TN_Q_SPECIFIC_ENERGY, 1, 0},
    {"K", TN_Q_TEMPERATURE_RISE, 1, 0},
    {"A", TN_Q_CURRENT, 1, 0},
    {"kA", TN_Q_CURRENT, 1000, 0},
    {"N m", TN_Q_TORQUE, 1, 0},
    {"kJ/K", TN_Q_HEAT_CAPACITY, 1e3, 0},
    {"J/K", TN_Q_HEAT_CAPACITY, 1, 0},
    {"W/K", TN_Q_HEAT_CONDUCTANCE, 1, 0},
    {NULL, TN_Q_NONE, 0, 0},
};

const char *tn_quantity_si(enum tn_quantity quantity)
{
    return quantities[quantity].si;
}

const char *tn_quantity_name(enum tn_quantity quantity)
{
    return quantities[quantity].name;
}

const struct tn_unit *tn_unit_find(enum tn_quantity quantity, const char *name, size_t length)
{
    for (const struct tn_unit *unit = tn_units; unit->name != NULL; unit++)
        if (unit->quantity == quantity && strlen(unit->name) == length && memcmp(unit->name, name, length) == 0)
            return unit;
    return NULL;
}

const struct tn_unit *tn_unit_display(enum tn_quantity quantity)
{
    const char *name = quantities[quantity].display;
    return name == NULL ? NULL : tn_unit_find(quantity, name, strlen(name));
}
