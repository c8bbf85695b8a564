/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_QUANTITY_H
#define TN_QUANTITY_H

#include <stddef.h>

/* Kinds of number. Inside the engine every value is in the SI unit of its quantity. */
enum tn_quantity {
    TN_Q_NONE,  /* plain number, no unit written */
    TN_Q_RATIO, /* 1, may be written with % */
    TN_Q_LENGTH,
    TN_Q_AREA,
    TN_Q_SPEED,
    TN_Q_ACCELERATION,
    TN_Q_TIME,
    TN_Q_MASS,
    TN_Q_FORCE,
    TN_Q_POWER,
    TN_Q_ENERGY,
    TN_Q_PRESSURE,
    TN_Q_TEMPERATURE,
    TN_Q_ANGLE,
    TN_Q_GRADE,               /* rise over run, 1; written in permil or % */
    TN_Q_SPECIFIC,            /* force over weight, 1; written in N/kN */
    TN_Q_SPECIFIC_PER_SPEED,  /* s m-1 */
    TN_Q_SPECIFIC_PER_SPEED2, /* s2 m-2 */
    TN_Q_FORCE_PER_SPEED,     /* N s m-1 */
    TN_Q_FORCE_PER_SPEED2,    /* N s2 m-2 */
    TN_Q_DENSITY,
    TN_Q_MASS_PER_ENERGY,  /* kg J-1, specific fuel consumption */
    TN_Q_MASS_PER_TIME,    /* kg s-1 */
    TN_Q_PER_LENGTH,       /* m-1 */
    TN_Q_DEGREES,          /* geographic degree */
    TN_Q_SPECIFIC_ENERGY,  /* J kg-1 m-1, energy per mass and distance */
    TN_Q_TEMPERATURE_RISE, /* K, a difference of temperatures */
    TN_Q_CURRENT,
    TN_Q_TORQUE,
    TN_Q_HEAT_CAPACITY,    /* J K-1 */
    TN_Q_HEAT_CONDUCTANCE, /* W K-1 */
    TN_Q_COUNT
};

/* SI unit in the spelling of UDUNITS ("m s-1", "1"), for files and labels. */
const char *tn_quantity_si(enum tn_quantity quantity);
/* Name of the quantity in words ("speed"). */
const char *tn_quantity_name(enum tn_quantity quantity);

/* A unit a user may write: SI = value * factor + offset. */
struct tn_unit {
    const char *name;
    enum tn_quantity quantity;
    double factor;
    double offset;
};

/* All units; the first of each quantity is the one shown in hints and tables. Ends with a NULL name. */
extern const struct tn_unit tn_units[];
/* NULL if the quantity has no unit of that name. */
const struct tn_unit *tn_unit_find(enum tn_quantity quantity, const char *name, size_t length);
/* The unit in which people read the quantity (km/h for speed); NULL for plain numbers. */
const struct tn_unit *tn_unit_display(enum tn_quantity quantity);

#endif
