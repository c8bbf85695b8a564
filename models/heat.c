/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "heat.h"

#define COPPER_PER_K    0.0039 /* growth of copper's resistance, from 20 degC */
#define COPPER_K        293.15
#define RATING_K        313.15 /* air in which the permitted rise holds: 40 degC */
#define TREAD_K         293.15
#define SUBSTEP_ERROR_K 1e-3
#define SUBSTEPS_MAX    1000

const char *tn_motor_kind_name(int index)
{
    static const char *const names[] = {"none", "two-node", "curves"};
    return index >= 0 && index < 3 ? names[index] : NULL;
}

static const struct tn_field heating_fields[] = {
    TN_F_NUMBER(tn_heating_point, current, TN_Q_CURRENT, NAN, 0, 1e5, TN_REQUIRED | TN_RISING, "current of a motor"),
    TN_F_NUMBER(tn_heating_point, rise, TN_Q_TEMPERATURE_RISE, NAN, 0, 1000, TN_REQUIRED,
                "rise over the air at which it settles"),
    TN_F_NUMBER(tn_heating_point, time_constant, TN_Q_TIME, NAN, 0, 1e6, TN_REQUIRED | TN_POSITIVE,
                "time constant of heating"),
    TN_F_END};

static const struct tn_schema heating_schema = {"heating", "heating test of a motor", sizeof(struct tn_heating_point),
                                                heating_fields};

static const struct tn_field current_fields[] = {
    TN_F_NUMBER(tn_current_point, effort, TN_Q_FORCE, NAN, 0, 1e7, TN_REQUIRED | TN_RISING, "effort of the locomotive"),
    TN_F_NUMBER(tn_current_point, current, TN_Q_CURRENT, NAN, 0, 1e5, TN_REQUIRED, "current of one of its motors"),
    TN_F_END};

static const struct tn_schema current_schema = {"current", "current of a motor over effort",
                                                sizeof(struct tn_current_point), current_fields};

static const struct tn_field motor_fields[] = {
    TN_F_CHOICE(tn_motor, kind, tn_motor_kind_name, TN_MOTOR_NONE, 0,
                "how its heating is modelled: not, as winding and core, or by heating curves"),
    TN_F_NUMBER(tn_motor, rise, TN_Q_TEMPERATURE_RISE, 180, 0, 1000, TN_POSITIVE,
                "permitted rise over air of at most 40 degC; settled at the continuous rating (two-node)"),
    TN_F_NUMBER(tn_motor, winding_time, TN_Q_TIME, 600, 0, 1e6, TN_POSITIVE,
                "time constant of the winding against the core (two-node)"),
    TN_F_NUMBER(tn_motor, core_time, TN_Q_TIME, 3000, 0, 1e6, TN_POSITIVE,
                "time constant of the core against the air (two-node)"),
    TN_F_NUMBER(tn_motor, core_share, TN_Q_RATIO, 0.6, 0.01, 0.99, 0,
                "rise of the core over that of the winding at the continuous rating (two-node)"),
    TN_F_NUMBER(tn_motor, iron_share, TN_Q_RATIO, 0.3, 0, 0.95, 0,
                "losses in the core over all losses at the continuous rating (two-node)"),
    TN_F_NUMBER(tn_motor, still_share, TN_Q_RATIO, 0.1, 0.01, 1, 0, "cooling left when the fan stands still"),
    TN_F_LIST(tn_motor, heating, &heating_schema, 0, "heating test (curves)"),
    TN_F_LIST(tn_motor, currents, &current_schema, 0, "current over effort (curves)"),
    TN_F_END};

const struct tn_schema tn_motor_schema = {"motor", "heating of traction motors", sizeof(struct tn_motor), motor_fields};

static const struct tn_field bearing_fields[] = {
    TN_F_NUMBER(tn_bearing, torque, TN_Q_TORQUE, 10, 0, 1e4, 0, "torque of one warm bearing under `axle_load`"),
    TN_F_NUMBER(tn_bearing, axle_load, TN_Q_MASS, 25e3, 1000, 1e5, 0, "axle load at which `torque` holds"),
    TN_F_NUMBER(tn_bearing, load_exponent, TN_Q_NONE, 0.75, 0, 2, 0, "torque goes with axle load to this power"),
    TN_F_NUMBER(tn_bearing, cold_factor, TN_Q_RATIO, 2.5, 1, 20, 0,
                "torque at `cold_temperature` over that at `warm_temperature`"),
    TN_F_NUMBER(tn_bearing, cold_temperature, TN_Q_TEMPERATURE, 253.15, 173.15, 473.15, 0,
                "of the bearing; below it the grease stiffens no further"),
    TN_F_NUMBER(tn_bearing, warm_temperature, TN_Q_TEMPERATURE, 313.15, 173.15, 473.15, 0,
                "of the bearing; above it the grease thins no further"),
    TN_F_NUMBER(tn_bearing, conductance, TN_Q_HEAT_CONDUCTANCE, 17, 0, 1e4, TN_POSITIVE,
                "heat given to the air at `speed`"),
    TN_F_NUMBER(tn_bearing, speed, TN_Q_SPEED, 80 / 3.6, 1, 150, 0, "speed at which `conductance` holds"),
    TN_F_NUMBER(tn_bearing, still_share, TN_Q_RATIO, 0.4, 0.01, 1, 0, "conductance at standstill over that at `speed`"),
    TN_F_NUMBER(tn_bearing, heat_capacity, TN_Q_HEAT_CAPACITY, 53e3, 0, 1e8, TN_POSITIVE,
                "heat capacity of bearing and axle box"),
    TN_F_NUMBER(tn_bearing, alarm_light, TN_Q_TEMPERATURE_RISE, 45, 0, 1000, 0, "rise of the first alarm"),
    TN_F_NUMBER(tn_bearing, alarm_strong, TN_Q_TEMPERATURE_RISE, 55, 0, 1000, 0, "rise of the second alarm"),
    TN_F_NUMBER(tn_bearing, alarm_extreme, TN_Q_TEMPERATURE_RISE, 70, 0, 1000, 0,
                "rise of the third alarm, at which the train must stop: the limit"),
    TN_F_NUMBER(tn_bearing, alarm_detector, TN_Q_TEMPERATURE_RISE, 94.4, 0, 1000, 0,
                "rise at which North American detectors stop a train"),
    TN_F_END};

const struct tn_schema tn_bearing_schema = {"bearing", "heating of axle bearings", sizeof(struct tn_bearing),
                                            bearing_fields};

static const struct tn_field tread_fields[] = {
    TN_F_NUMBER(tn_tread, power, TN_Q_POWER, 23e3, 0, 1e6, TN_POSITIVE,
                "brake power of one wheel that may last, at `speed`"),
    TN_F_NUMBER(tn_tread, speed, TN_Q_SPEED, 50 / 3.6, 1, 150, 0, "speed at which `power` holds"),
    TN_F_NUMBER(tn_tread, limit, TN_Q_TEMPERATURE, 573.15, 300, 1500, 0, "permitted temperature of the rim"),
    TN_F_NUMBER(tn_tread, wheel_share, TN_Q_RATIO, 0.9, 0, 1, TN_POSITIVE,
                "share of the heat that goes into the wheel, not the shoe"),
    TN_F_NUMBER(tn_tread, still_share, TN_Q_RATIO, 0.4, 0.01, 1, 0,
                "heat given to the air at standstill over that at `speed`"),
    TN_F_NUMBER(tn_tread, heat_capacity, TN_Q_HEAT_CAPACITY, 160e3, 0, 1e8, TN_POSITIVE, "heat capacity of one wheel"),
    TN_F_END};

const struct tn_schema tn_tread_schema = {"tread", "heating of wheel treads", sizeof(struct tn_tread), tread_fields};

static const struct tn_field faults_fields[] = {
    TN_F_NUMBER(tn_train_faults, bearing_torque, TN_Q_NONE, 1, 1, 100, 0,
                "times the torque of one bearing of each row of wagons; dragging: 3 to 20"),
    TN_F_NUMBER(tn_train_faults, fan_speed, TN_Q_RATIO, 1, 0, 1, 0,
                "speed of the motors' fans in one locomotive of each row; failed: 0"),
    TN_F_END};

const struct tn_schema tn_train_faults_schema = {"faults", "what is wrong with the train",
                                                 sizeof(struct tn_train_faults), faults_fields};

static void check_heating(const struct tn_motor *motor, const char *name, struct tn_context *ctx)
{
    const struct tn_heating_point *row = motor->heating.items;
    size_t count = motor->heating.count;
    if (count < 2) {
        tn_error(ctx, &motor->heating, "give rows from 0 A to the largest current",
                 "the heating test of `%s` has %zu rows", name, count);
        return;
    }
    if (row[0].current != 0)
        tn_error(ctx, &row[0].current, "the first row says how the motor cools: 0 A",
                 "the heating test of `%s` starts at %g A", name, row[0].current);
    for (size_t i = 1; i < count; i++) {
        if (!(row[i].current > row[i - 1].current))
            tn_error(ctx, &row[i].current, "sort the rows by current, each current once",
                     "the heating test of `%s` goes from %g to %g A", name, row[i - 1].current, row[i].current);
        if (row[i].rise < row[i - 1].rise)
            tn_error(ctx, &row[i].rise, "more current heats more",
                     "the heating curve of `%s` falls from %g K at %g A to %g K at %g A", name, row[i - 1].rise,
                     row[i - 1].current, row[i].rise, row[i].current);
    }
}

static void check_currents(const struct tn_motor *motor, const char *name, struct tn_context *ctx)
{
    const struct tn_current_point *row = motor->currents.items;
    size_t count = motor->currents.count;
    if (count < 2) {
        tn_error(ctx, &motor->currents, "give rows from rest to the largest effort",
                 "the current over effort of `%s` has %zu rows", name, count);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        if (!(row[i].effort > row[i - 1].effort))
            tn_error(ctx, &row[i].effort, "sort the rows by effort, each effort once",
                     "the current over effort of `%s` goes from %g to %g kN", name, 1e-3 * row[i - 1].effort,
                     1e-3 * row[i].effort);
        if (row[i].current < row[i - 1].current)
            tn_error(ctx, &row[i].current, "more effort takes more current",
                     "the current of `%s` falls from %g to %g A between %g and %g kN", name, row[i - 1].current,
                     row[i].current, 1e-3 * row[i - 1].effort, 1e-3 * row[i].effort);
    }
}

tn_status tn_motor_validate(const struct tn_motor *motor, const char *name, double continuous_effort_N,
                            double continuous_speed_m_s, struct tn_context *ctx)
{
    size_t before = ctx->errors;
    if (motor->kind == TN_MOTOR_CURVES) {
        check_heating(motor, name, ctx);
        check_currents(motor, name, ctx);
    }
    if (motor->kind == TN_MOTOR_TWO_NODE && !(continuous_effort_N > 0 && continuous_speed_m_s > 0))
        tn_error(ctx, &motor->kind, "add `continuous_effort` and `continuous_speed`",
                 "the two-node model of `%s` rests on its continuous rating, which is not given", name);
    return ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}

tn_status tn_bearing_validate(const struct tn_bearing *bearing, const char *name, struct tn_context *ctx)
{
    size_t before = ctx->errors;
    if (!(bearing->warm_temperature > bearing->cold_temperature))
        tn_error(ctx, &bearing->warm_temperature, NULL, "the bearings of `%s` are warm at %g degC but cold at %g degC",
                 name, bearing->warm_temperature - 273.15, bearing->cold_temperature - 273.15);
    if (!(bearing->alarm_light <= bearing->alarm_strong && bearing->alarm_strong <= bearing->alarm_extreme))
        tn_error(ctx, &bearing->alarm_strong, "light <= strong <= extreme",
                 "the alarms for bearings of `%s` do not rise: %g, %g, %g K", name, bearing->alarm_light,
                 bearing->alarm_strong, bearing->alarm_extreme);
    return ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}

double tn_heat_flow(double density_1)
{
    return density_1 == 1 ? 1 : pow(density_1, 0.8);
}

double tn_heat_cooling(double still_share, double fan_1, double flow_1)
{
    return still_share + (1 - still_share) * flow_1 * (fan_1 == 1 ? 1 : pow(fan_1, 0.8));
}

/* (exp(a t) - 1)/a */
static double growth(double a, double t)
{
    double x = a * t;
    return fabs(x) < 1e-8 ? t : (exp(x) - 1) / a; /* good to 1e-16/a, which is far below any rise that counts */
}

double tn_heat_node(double rise_K, double power_W, double conductance_W_K, double capacity_J_K, double time_s)
{
    double rate = (power_W - conductance_W_K * rise_K) / capacity_J_K;
    return rate == 0 ? rise_K : rise_K + rate * growth(-conductance_W_K / capacity_J_K, time_s);
}

/* With the losses at the continuous rating as the unit of power. */
void tn_motor_model_init(struct tn_motor_model *model, const struct tn_motor *motor)
{
    double core_K = motor->core_share * motor->rise, winding_K = motor->rise - core_K;
    double copper = 1 - motor->iron_share, between = copper / winding_K, outside = 1 / core_K;
    double winding_C = motor->winding_time * between, core_C = motor->core_time * outside;
    *model = (struct tn_motor_model){.motor = motor,
                                     .winding_core_1_s = between / winding_C,
                                     .core_winding_1_s = between / core_C,
                                     .core_air_1_s = outside / core_C,
                                     .iron_K_s = motor->iron_share / core_C};
    model->copper_K_s = copper / (1 + COPPER_PER_K * (RATING_K + motor->rise - COPPER_K)) / winding_C;
}

/* d(w, c)/dt = A (w, c) + b. */
struct two_nodes {
    double a11, a12, a21, a22, b1, b2;
    double slow, fast; /* eigenvalues of A: both are real, as the nodes heat each other */
};

static void set_up_nodes(struct two_nodes *n, const struct tn_motor_model *m, const struct tn_motor_load *load)
{
    double copper = m->copper_K_s * load->square_1;
    n->a11 = copper * COPPER_PER_K - m->winding_core_1_s;
    n->a12 = m->winding_core_1_s;
    n->a21 = m->core_winding_1_s;
    n->a22 = -m->core_winding_1_s - m->core_air_1_s * load->cooling_1;
    n->b1 = copper * (1 + COPPER_PER_K * (load->ambient_K - COPPER_K));
    n->b2 = !load->energised ? 0 : load->speed_1 < 1 ? m->iron_K_s * load->speed_1 * sqrt(load->speed_1) : m->iron_K_s;
    double middle = 0.5 * (n->a11 + n->a22), half = 0.5 * (n->a11 - n->a22);
    double apart = sqrt(half * half + n->a12 * n->a21);
    n->slow = middle + apart;
    n->fast = middle - apart;
}

/* The rises after a time: the integral of exp(A t) is g + (G - g)/(slow - fast) (A - fast), by divided differences,
   with G and g those of the eigenvalues. */
static struct tn_motor_rise after(const struct two_nodes *n, const struct tn_motor_rise *rise, double rate_w,
                                  double rate_c, double time_s)
{
    double g = growth(n->fast, time_s), slope = (growth(n->slow, time_s) - g) / (n->slow - n->fast);
    return (struct tn_motor_rise){rise->winding_K + g * rate_w +
                                      slope * ((n->a11 - n->fast) * rate_w + n->a12 * rate_c),
                                  rise->core_K + g * rate_c + slope * (n->a21 * rate_w + (n->a22 - n->fast) * rate_c)};
}

static double heat_two_nodes(struct tn_motor_rise *rise, const struct tn_motor_model *m,
                             const struct tn_motor_load *load, double time_s)
{
    struct two_nodes n;
    set_up_nodes(&n, m, load);
    const struct tn_motor_rise begin = *rise;
    double rate_w = n.a11 * begin.winding_K + n.a12 * begin.core_K + n.b1;
    double rate_c = n.a21 * begin.winding_K + n.a22 * begin.core_K + n.b2;
    *rise = after(&n, &begin, rate_w, rate_c, time_s);
    double high = begin.winding_K > rise->winding_K ? begin.winding_K : rise->winding_K;
    if (rate_w <= 0 || n.a11 * rise->winding_K + n.a12 * rise->core_K + n.b1 >= 0)
        return high;
    /* The winding's rate is p exp(slow t) + q exp(fast t) and changes its sign once. */
    double p = ((n.a11 - n.fast) * rate_w + n.a12 * rate_c) / (n.slow - n.fast), q = rate_w - p;
    double peak = log(-q / p) / (n.slow - n.fast);
    return peak > 0 && peak < time_s ? after(&n, &begin, rate_w, rate_c, peak).winding_K : high;
}

static double current_of(const struct tn_motor *motor, double effort_N)
{
    const struct tn_current_point *row = motor->currents.items;
    size_t i = 1, count = motor->currents.count;
    while (i + 1 < count && row[i].effort < effort_N)
        i++;
    double share = (effort_N - row[i - 1].effort) / (row[i].effort - row[i - 1].effort);
    return fmax(0, row[i - 1].current + share * (row[i].current - row[i - 1].current));
}

/* Beyond the last row the rise goes with the square of the current. */
static void heat_by_curves(struct tn_motor_rise *rise, const struct tn_motor *motor, const struct tn_motor_load *load,
                           double time_s)
{
    const struct tn_heating_point *row = motor->heating.items;
    size_t i = 1, count = motor->heating.count;
    double current = load->energised ? current_of(motor, sqrt(load->square_N2)) : 0;
    while (i + 1 < count && row[i].current < current)
        i++;
    double share = fmin(1, (current - row[i - 1].current) / (row[i].current - row[i - 1].current));
    double settled = row[i - 1].rise + share * (row[i].rise - row[i - 1].rise);
    double time = row[i - 1].time_constant + share * (row[i].time_constant - row[i - 1].time_constant);
    if (current > row[i].current)
        settled *= current * current / (row[i].current * row[i].current);
    settled /= load->cooling_1;
    time /= load->cooling_1;
    rise->winding_K = rise->core_K = settled + (rise->winding_K - settled) * exp(-time_s / time);
}

double tn_motor_heat(struct tn_motor_rise *rise, const struct tn_motor_model *model, const struct tn_motor_load *load,
                     double time_s)
{
    double begin = rise->winding_K;
    if (model->motor->kind == TN_MOTOR_TWO_NODE)
        return heat_two_nodes(rise, model, load, time_s);
    if (model->motor->kind == TN_MOTOR_CURVES)
        heat_by_curves(rise, model->motor, load, time_s);
    return fmax(begin, rise->winding_K);
}

double tn_motor_permitted(const struct tn_motor *motor, double ambient_K)
{
    return motor->rise - fmax(0, ambient_K - RATING_K);
}

/* Parts of a step in which speed changes, so that taking it as constant in each is exact to SUBSTEP_ERROR_K; rates are
   those of the rise at the step's two ends. */
static int parts_of(double rate_from, double rate_to, double decay_1_s, double time_s)
{
    double error = fabs(rate_to - rate_from) * time_s * decay_1_s * time_s / 12;
    if (!(error > SUBSTEP_ERROR_K))
        return 1;
    double parts = ceil(sqrt(error / SUBSTEP_ERROR_K));
    return parts < SUBSTEPS_MAX ? (int)parts : SUBSTEPS_MAX;
}

static double outer_conductance(double reference_W_K, double still_share, double speed_1, double flow_1)
{
    return reference_W_K * (still_share + (1 - still_share) * speed_1 * flow_1);
}

/* Torque factor of the grease: f0 + f1 x rise between low and high. */
struct grease {
    double f0, f1_1_K, low_K, high_K;
};

static void grease_at(struct grease *out, const struct tn_bearing *b, double ambient_K, double rise_K, double rate)
{
    double cold = b->cold_temperature - ambient_K, warm = b->warm_temperature - ambient_K;
    if (rise_K < cold || (rise_K == cold && rate < 0))
        *out = (struct grease){b->cold_factor, 0, -(double)INFINITY, cold};
    else if (rise_K > warm || (rise_K == warm && rate >= 0))
        *out = (struct grease){1, 0, warm, (double)INFINITY};
    else {
        double slope = (1 - b->cold_factor) / (warm - cold);
        *out = (struct grease){1 - slope * warm, slope, cold, warm};
    }
}

static double grease_factor(const struct tn_bearing *b, double ambient_K, double rise_K)
{
    double warm = (ambient_K + rise_K - b->cold_temperature) / (b->warm_temperature - b->cold_temperature);
    return b->cold_factor + (1 - b->cold_factor) * fmin(fmax(warm, 0), 1);
}

/* At constant speed: exact from knot to knot of the grease's curve. */
static double bearing_step(double rise_K, const struct tn_bearing *b, double friction_W, double conductance_W_K,
                           double ambient_K, double time_s)
{
    for (int i = 0; i < 8 && time_s > 0; i++) {
        struct grease grease;
        double rate = friction_W * grease_factor(b, ambient_K, rise_K) - conductance_W_K * rise_K;
        grease_at(&grease, b, ambient_K, rise_K, rate);
        double power = friction_W * grease.f0, leaving = conductance_W_K - friction_W * grease.f1_1_K;
        double next = tn_heat_node(rise_K, power, leaving, b->heat_capacity, time_s);
        double knot = next > grease.high_K ? grease.high_K : grease.low_K;
        if (next >= grease.low_K && next <= grease.high_K)
            return next;
        double settled = power / leaving;
        time_s -= -b->heat_capacity / leaving * log((settled - knot) / (settled - rise_K));
        rise_K = knot;
    }
    return rise_K;
}

double tn_bearing_torque(const struct tn_bearing *bearing, double axle_load_kg)
{
    return bearing->torque * pow(axle_load_kg / bearing->axle_load, bearing->load_exponent);
}

void tn_bearing_heat(double *rise_K, const struct tn_bearing *bearing, double torque_N_m, double radius_m,
                     double from_m_s, double to_m_s, double flow_1, double ambient_K, double time_s)
{
    double rate[2] = {0}, leaving[2] = {0};
    for (int i = 0; i < 2 && from_m_s != to_m_s; i++) {
        double v = i == 0 ? from_m_s : to_m_s;
        leaving[i] = outer_conductance(bearing->conductance, bearing->still_share, v / bearing->speed, flow_1);
        rate[i] = (torque_N_m * v / radius_m * grease_factor(bearing, ambient_K, *rise_K) - leaving[i] * *rise_K) /
                  bearing->heat_capacity;
    }
    const int parts = parts_of(rate[0], rate[1], (leaving[0] + leaving[1]) / bearing->heat_capacity, time_s);
    for (int i = 0; i < parts; i++) {
        double v = from_m_s + (to_m_s - from_m_s) * (i + 0.5) / parts;
        *rise_K =
            bearing_step(*rise_K, bearing, torque_N_m * v / radius_m,
                         outer_conductance(bearing->conductance, bearing->still_share, v / bearing->speed, flow_1),
                         ambient_K, time_s / parts);
    }
}

const char *tn_bearing_alarm(const struct tn_bearing *bearing, double rise_K)
{
    return rise_K >= bearing->alarm_detector  ? "detector"
           : rise_K >= bearing->alarm_extreme ? "extreme"
           : rise_K >= bearing->alarm_strong  ? "strong"
           : rise_K >= bearing->alarm_light   ? "light"
                                              : "none";
}

void tn_tread_heat(double *rise_K, const struct tn_tread *tread, double force_N, double from_m_s, double to_m_s,
                   double flow_1, double time_s)
{
    double reference = tread->wheel_share * tread->power / (tread->limit - TREAD_K);
    double force = tread->wheel_share * force_N, rate[2] = {0}, leaving[2] = {0};
    for (int i = 0; i < 2 && from_m_s != to_m_s; i++) {
        double v = i == 0 ? from_m_s : to_m_s;
        leaving[i] = outer_conductance(reference, tread->still_share, v / tread->speed, flow_1);
        rate[i] = (force * v - leaving[i] * *rise_K) / tread->heat_capacity;
    }
    const int parts = parts_of(rate[0], rate[1], (leaving[0] + leaving[1]) / tread->heat_capacity, time_s);
    for (int i = 0; i < parts; i++) {
        double v = from_m_s + (to_m_s - from_m_s) * (i + 0.5) / parts;
        *rise_K =
            tn_heat_node(*rise_K, force * v, outer_conductance(reference, tread->still_share, v / tread->speed, flow_1),
                         tread->heat_capacity, time_s / parts);
    }
}
