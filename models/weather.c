/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "weather.h"

#define DEGREE (3.14159265358979323846 / 180.0)

static const struct tn_field wind_fields[] = {
    TN_F_NUMBER(tn_wind, speed, TN_Q_SPEED, 0, 0, 60, 0, "speed of the wind"),
    TN_F_NUMBER(tn_wind, from, TN_Q_DEGREES, 0, -360, 360, 0, "direction the wind blows from, clockwise from north"),
    TN_F_NUMBER(tn_wind, yaw_gain, TN_Q_RATIO, 0, 0, 5, 0,
                "growth of drag with the yaw angle of the wind; 0: only the headwind component counts"),
    TN_F_NUMBER(tn_wind, yaw_angle, TN_Q_ANGLE, 15 * DEGREE, 0, 90 * DEGREE, TN_POSITIVE,
                "yaw angle at which 63 % of the growth is reached"),
    TN_F_END};

static const struct tn_schema wind_schema = {"wind", "steady wind over the whole line", sizeof(struct tn_wind),
                                             wind_fields};

static const struct tn_field weather_fields[] = {
    TN_F_NUMBER(tn_weather, temperature, TN_Q_TEMPERATURE, 288.15, 203.15, 333.15, 0,
                "air temperature, at every altitude"),
    TN_F_STRUCT(tn_weather, wind, &wind_schema, "wind"),
    TN_F_NUMBER(tn_weather, rail, TN_Q_RATIO, 1, 0, 2, TN_POSITIVE,
                "rail condition: factor on every adhesion law; with `curve`, below 1, on the effort curve itself"),
    TN_F_NUMBER(tn_weather, density, TN_Q_DENSITY, NAN, 0, 3, TN_POSITIVE,
                "density of the air at every altitude; left out: from altitude and temperature"),
    TN_F_END};

const struct tn_schema tn_weather_schema = {"weather", "air and rail that the trains run in", sizeof(struct tn_weather),
                                            weather_fields};

#define GAS_CONSTANT 287.05287 /* J/(kg K), dry air, ISO 2533 */
#define LAPSE        0.0065    /* K/m */

double tn_air_pressure(double altitude_m)
{
    return 101325.0 * pow(1.0 - LAPSE * altitude_m / 288.15, 9.80665 / (LAPSE * GAS_CONSTANT));
}

double tn_air_density(double altitude_m, double temperature_K)
{
    return tn_air_pressure(altitude_m) / (GAS_CONSTANT * temperature_K);
}

double tn_weather_density_at(const struct tn_weather *weather, double pressure_Pa)
{
    return weather->density > 0 ? weather->density : pressure_Pa / (GAS_CONSTANT * weather->temperature);
}

double tn_weather_density(const struct tn_weather *weather, double altitude_m)
{
    return tn_weather_density_at(weather, weather->density > 0 ? 0 : tn_air_pressure(altitude_m));
}

void tn_wind_components(double *head_m_s, double *cross_m_s, const struct tn_wind *wind, double bearing_rad)
{
    double angle = wind->from * DEGREE - bearing_rad;
    *head_m_s = wind->speed * cos(angle);
    *cross_m_s = wind->speed * sin(angle);
}
