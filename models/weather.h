/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_WEATHER_H
#define TN_WEATHER_H

#include "field.h"

struct tn_wind {
    double speed;     /* m/s */
    double from;      /* degrees clockwise from north that the wind blows from */
    double yaw_gain;  /* k_s, growth of drag with yaw; 0 = headwind component only */
    double yaw_angle; /* beta_0, rad */
};

struct tn_weather {
    double temperature; /* K, at every altitude */
    struct tn_wind wind;
    double rail;    /* rail condition: factor on every adhesion law */
    double density; /* of the air at every altitude, kg/m3; NAN or 0: from altitude and temperature */
};

extern const struct tn_schema tn_weather_schema;

#define TN_AIR_DENSITY_REFERENCE 1.225 /* kg/m3, at which resistance coefficients are stated */

/* Pressure of the ISA troposphere at altitude_m, Pa. ISO 2533:1975, equation (12). */
double tn_air_pressure(double altitude_m);
/* Density of dry air at that altitude and temperature, kg/m3 (ideal gas, R = 287.05287 J/(kg K)). */
double tn_air_density(double altitude_m, double temperature_K);
/* The weather's own density if it states one, else that of altitude and temperature. */
double tn_weather_density(const struct tn_weather *weather, double altitude_m);

/* The same where the air has that pressure. */
double tn_weather_density_at(const struct tn_weather *weather, double pressure_Pa);

/* Wind seen by a train heading bearing_rad (clockwise from north): against it (positive = headwind) and across it, m/s.
 */
void tn_wind_components(double *head_m_s, double *cross_m_s, const struct tn_wind *wind, double bearing_rad);

#endif
