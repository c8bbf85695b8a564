/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "warm.h"

#include <string.h>

#define PART_S         600.0 /* longest stretch taken at once, for the samples */
#define PART_ERROR_K   0.08
#define CONTINUOUS_TOO 1.001 /* tables and rounding are no overload */

static const struct tn_field spec_fields[] = {
    TN_F_NUMBER(tn_warm_spec, motor_rise, TN_Q_TEMPERATURE_RISE, 15, 0, 1000, 0, "of the motors over the air"),
    TN_F_NUMBER(tn_warm_spec, bearing_rise, TN_Q_TEMPERATURE_RISE, 0, 0, 1000, 0, "of the axle bearings over the air"),
    TN_F_NUMBER(tn_warm_spec, tread_rise, TN_Q_TEMPERATURE_RISE, 0, 0, 1000, 0, "of the wheel treads over the air"),
    TN_F_END};
const struct tn_schema tn_warm_spec_schema = {"warm", "how warm the train is at the start", sizeof(struct tn_warm_spec),
                                              spec_fields};

static void add_motors(struct tn_warm *warm, double rise_K)
{
    double fan = warm->train->spec->faults.fan_speed;
    for (size_t i = 0; i < warm->train->unit_count; i++) {
        const struct tn_train_unit *unit = &warm->train->units[i];
        if (unit->type->motor.kind == TN_MOTOR_NONE)
            continue;
        for (int faulty = fan < 1 ? 1 : 0; faulty >= 0; faulty--) {
            if (!faulty && fan < 1 && unit->working == 1)
                continue;
            struct tn_warm_motor *motor = &warm->motors[warm->motor_count++];
            *motor = (struct tn_warm_motor){.unit = unit, .fan_1 = faulty ? fan : 1, .high_K = rise_K};
            tn_motor_model_init(&motor->model, &unit->type->motor);
            double core = unit->type->motor.kind == TN_MOTOR_TWO_NODE ? unit->type->motor.core_share : 1;
            motor->rise = (struct tn_motor_rise){rise_K, core * rise_K};
        }
    }
}

static double shoe_force(const struct tn_train_wagons *row)
{
    const struct tn_wagon *type = row->type.object;
    return row->state == TN_EMPTY ? type->shoe_force_empty : type->shoe_force;
}

/* Vehicles of a row, from the length that it takes in the train. */
static double vehicles(const struct tn_train_group *group, double length_m)
{
    return fmax(1, round((group->to_m - group->from_m) / length_m));
}

/* Shoe force of the whole train, locomotives that state none at the wagons' rate; NAN: the train brakes by mass. */
static double train_shoes(const struct tn_train *train)
{
    const struct tn_train_spec *spec = train->spec;
    const struct tn_train_wagons *wagons = spec->wagons.items;
    const struct tn_train_locomotives *locomotives = spec->locomotives.items;
    const struct tn_train_group *group = train->groups;
    double shoes = 0, mass = 0, known = 0, unknown_kg = 0;
    if (!isnan(spec->brake.rate))
        return NAN;
    for (size_t i = 0; i < spec->wagons.count; i++) {
        const struct tn_train_group *g = &group[spec->locomotives.count + i];
        shoes += shoe_force(&wagons[i]) * vehicles(g, ((const struct tn_wagon *)wagons[i].type.object)->length);
        mass += g->mass_kg;
    }
    for (size_t i = 0; i < spec->locomotives.count; i++) {
        const struct tn_locomotive *type = locomotives[i].type.object;
        if (isnan(type->shoe_force))
            unknown_kg += group[i].mass_kg;
        else
            known += type->shoe_force * locomotives[i].count;
    }
    return known + shoes * (1 + (mass > 0 ? unknown_kg / mass : 0));
}

static void add_wheels(struct tn_warm *warm, const struct tn_warm_spec *spec)
{
    const struct tn_train *train = warm->train;
    const struct tn_train_wagons *rows = train->spec->wagons.items;
    double shoes = train_shoes(train), drag = train->spec->faults.bearing_torque;
    for (size_t i = 0; i < train->spec->wagons.count; i++) {
        const struct tn_wagon *type = rows[i].type.object;
        const struct tn_train_group *group = &train->groups[train->spec->locomotives.count + i];
        double count = vehicles(group, type->length), wagon_kg = group->mass_kg / count;
        double share = isnan(shoes) || !(shoes > 0) ? wagon_kg / train->mass_kg : shoe_force(&rows[i]) / shoes;
        warm->wheels[warm->wheel_count++] =
            (struct tn_warm_wheel){.type = type,
                                   .torque_N_m = drag * tn_bearing_torque(&type->bearing, wagon_kg / type->axles),
                                   .radius_m = 0.5 * type->wheel_diameter,
                                   .brake_share = share / (2.0 * type->axles),
                                   .bearing_K = spec->bearing_rise,
                                   .tread_K = spec->tread_rise};
    }
}

/* Takes in a part's temperature now and its highest since the last look; `fresh`: the first part of its kind. */
static void take(struct tn_warm_peak *peak, bool fresh, double now_K, double high_K, double limit_K, double at_m)
{
    if (fresh || now_K > peak->now_K)
        peak->now_K = now_K;
    if (!(limit_K - high_K >= peak->margin_K)) {
        peak->max_K = high_K;
        peak->limit_K = limit_K;
        peak->margin_K = limit_K - high_K;
        peak->at_m = at_m;
    }
}

static void keep_sample(struct tn_warm *warm, double time_s)
{
    if (warm->sample_count == warm->sample_space) {
        size_t space = warm->sample_space == 0 ? 1024 : 2 * warm->sample_space;
        struct tn_warm_sample *grown = tn_arena_alloc(warm->arena, space, sizeof *grown);
        if (grown == NULL) {
            warm->status = TN_ERR_MEMORY;
            return;
        }
        if (warm->sample_count > 0)
            memcpy(grown, warm->samples, warm->sample_count * sizeof *grown);
        warm->samples = grown;
        warm->sample_space = space;
    }
    warm->samples[warm->sample_count++] =
        (struct tn_warm_sample){time_s, warm->motor.now_K, warm->bearing.now_K, warm->tread.now_K};
}

static void look(struct tn_warm *warm, double at_m, double time_s)
{
    double air = warm->ambient_K;
    for (size_t i = 0; i < warm->motor_count; i++)
        take(&warm->motor, i == 0, air + warm->motors[i].rise.winding_K, air + warm->motors[i].high_K,
             air + tn_motor_permitted(warm->motors[i].model.motor, air), at_m);
    double alarmed = warm->bearing.margin_K;
    for (size_t i = 0; i < warm->wheel_count; i++) {
        const struct tn_warm_wheel *wheel = &warm->wheels[i];
        take(&warm->bearing, i == 0, air + wheel->bearing_K, air + wheel->bearing_K,
             air + wheel->type->bearing.alarm_extreme, at_m);
        if (warm->bearing.margin_K != alarmed)
            warm->bearing_alarm = tn_bearing_alarm(&wheel->type->bearing, warm->bearing.max_K - air);
        take(&warm->tread, i == 0, air + wheel->tread_K, air + wheel->tread_K, wheel->type->tread.limit, at_m);
    }
    if (warm->keep)
        keep_sample(warm, time_s);
}

void tn_warm_unknown(struct tn_warm *warm)
{
    const struct tn_warm_peak unknown = {NAN, NAN, NAN, NAN, NAN};
    *warm = (struct tn_warm){.motor = unknown, .bearing = unknown, .tread = unknown, .above_continuous_s = NAN};
}

tn_status tn_warm_init(struct tn_warm *warm, const struct tn_train *train, const struct tn_warm_spec *spec,
                       double ambient_K, bool keep, struct tn_arena *arena)
{
    struct tn_warm_peak unknown = {NAN, NAN, NAN, NAN, NAN};
    *warm = (struct tn_warm){.train = train,
                             .ambient_K = ambient_K,
                             .motor = unknown,
                             .bearing = unknown,
                             .tread = unknown,
                             .arena = arena,
                             .keep = keep,
                             .above_continuous_s = NAN};
    warm->motors = tn_arena_alloc(arena, 2 * train->unit_count + 1, sizeof *warm->motors);
    warm->wheels = tn_arena_alloc(arena, train->spec->wagons.count + 1, sizeof *warm->wheels);
    if (warm->motors == NULL || warm->wheels == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < train->unit_count; i++)
        if (train->units[i].type->continuous_effort > 0)
            warm->above_continuous_s = 0;
    add_motors(warm, spec->motor_rise);
    add_wheels(warm, spec);
    look(warm, 0, 0);
    return warm->status;
}

/* Effort of one locomotive of the unit over that of the train: locomotives share it by their curves. */
static double share_of(const struct tn_train *train, uint64_t off, const struct tn_train_unit *unit, double speed_m_s,
                       bool braking)
{
    if (tn_train_unit_in(off, (size_t)(unit - train->units)))
        return 0;
    if (train->unit_count == 1)
        return 1 / unit->share;
    double sum = 0, own = 0;
    for (size_t i = 0; i < train->unit_count; i++) {
        const struct tn_train_unit *other = &train->units[i];
        if (tn_train_unit_in(off, i))
            continue;
        double effort = tn_curve_at(braking ? &other->dynamic_brake : &other->traction, speed_m_s);
        sum += other->share * effort;
        if (other == unit)
            own = effort;
    }
    return sum > 0 ? own / sum : 1.0 / train->working;
}

/* A part of a leg: so short that all but the speed may count as constant. */
struct part {
    double from_m_s, to_m_s, mean_m_s, time_s;
    double effort, power;                                /* mean squares of both, N2 and W2 */
    double effort_from, effort_to, power_from, power_to; /* squares at its ends */
    double air_brake_N;
    double flow_1;
    bool braking;
    uint64_t off; /* units */
};

static void heat_motors(struct tn_warm *warm, const struct part *part)
{
    for (size_t i = 0; i < warm->motor_count; i++) {
        struct tn_warm_motor *motor = &warm->motors[i];
        const struct tn_locomotive *type = motor->unit->type;
        const bool off = tn_train_unit_in(part->off, (size_t)(motor->unit - warm->train->units));
        struct tn_motor_load load = {.energised = part->effort > 0 && !off, .ambient_K = warm->ambient_K};
        if (load.energised) {
            double share = share_of(warm->train, part->off, motor->unit, part->mean_m_s, part->braking);
            double vc = type->continuous_speed, full = type->continuous_effort;
            load.square_N2 = part->effort * share * share;
            load.square_1 = load.square_N2 / (full * full);
            if (part->mean_m_s > vc) /* voltage is at its end: power takes current */
                load.square_1 *= part->power / (part->effort * vc * vc);
            load.speed_1 = part->mean_m_s / vc;
        }
        load.cooling_1 = tn_heat_cooling(type->motor.still_share, motor->fan_1, part->flow_1);
        motor->high_K = tn_motor_heat(&motor->rise, &motor->model, &load, part->time_s);
    }
}

/* How much of the part has more effort (above base speed: power) than the continuous one, its square taken as linear.
 */
static double overloaded(const struct tn_warm *warm, const struct tn_train_unit *unit, const struct part *part)
{
    const struct tn_locomotive *type = unit->type;
    bool fast = part->mean_m_s > type->continuous_speed;
    double share = share_of(warm->train, part->off, unit, part->mean_m_s, part->braking) / type->continuous_effort;
    double factor = share * share / (fast ? type->continuous_speed * type->continuous_speed : 1);
    double from = factor * (fast ? part->power_from : part->effort_from) - CONTINUOUS_TOO * CONTINUOUS_TOO;
    double to = factor * (fast ? part->power_to : part->effort_to) - CONTINUOUS_TOO * CONTINUOUS_TOO;
    double high = from > to ? from : to, low = from > to ? to : from;
    return high <= 0 ? 0 : low >= 0 ? 1 : high / (high - low);
}

static void book_overload(struct tn_warm *warm, const struct part *part)
{
    double most = 0;
    for (size_t i = 0; i < warm->train->unit_count && part->effort > 0; i++)
        if (warm->train->units[i].type->continuous_effort > 0)
            most = fmax(most, overloaded(warm, &warm->train->units[i], part));
    warm->above_continuous_s += most * part->time_s;
}

static void heat_wheels(struct tn_warm *warm, const struct part *part)
{
    for (size_t i = 0; i < warm->wheel_count; i++) {
        struct tn_warm_wheel *wheel = &warm->wheels[i];
        tn_bearing_heat(&wheel->bearing_K, &wheel->type->bearing, wheel->torque_N_m, wheel->radius_m, part->from_m_s,
                        part->to_m_s, part->flow_1, warm->ambient_K, part->time_s);
        tn_tread_heat(&wheel->tread_K, &wheel->type->tread, wheel->brake_share * part->air_brake_N, part->from_m_s,
                      part->to_m_s, part->flow_1, part->time_s);
    }
}

/* How many parts: none too long, and the effort's change within one worth less than PART_ERROR_K. */
static int parts_of(const struct tn_warm *warm, const struct tn_run_leg *leg)
{
    double least = leg->time_s / PART_S;
    double change = fabs(leg->effort_to_N * leg->effort_to_N - leg->effort_from_N * leg->effort_from_N);
    for (size_t i = 0; i < warm->motor_count && change > 0; i++) {
        const struct tn_locomotive *type = warm->motors[i].unit->type;
        double share =
            share_of(warm->train, leg->off, warm->motors[i].unit, leg->to_m_s, false) / type->continuous_effort;
        double winding_K = (1 - type->motor.core_share) * type->motor.rise;
        double error = change * share * share * winding_K * leg->time_s / type->motor.winding_time / 8;
        if (error > PART_ERROR_K)
            least = fmax(least, sqrt(error / PART_ERROR_K));
    }
    return least > 1 ? (int)fmin(ceil(least), 1e6) : 1;
}

/* tn_heat_flow to 1e-7, from the last one where the air is nearly the same. */
static double flow_of(struct tn_warm *warm, double density_1)
{
    double more = density_1 / warm->flow_density_1 - 1;
    if (!(more > -0.01 && more < 0.01)) {
        warm->flow_density_1 = density_1;
        warm->flow_1 = tn_heat_flow(density_1);
        more = 0;
    }
    return warm->flow_1 * (1 + more * (0.8 - 0.08 * more));
}

/* Mean over [a, b] of the parabola on [0, 1] whose values are first its begin, mean and end; not below zero. */
static double parabola(const double *values, double a, double b)
{
    double p0 = values[0], p1 = 6 * values[1] - 4 * values[0] - 2 * values[2];
    double p2 = 3 * (values[0] + values[2]) - 6 * values[1];
    return fmax(0, p0 + p1 * 0.5 * (a + b) + p2 * (a * a + a * b + b * b) / 3);
}

void tn_warm_follow(void *follower, const struct tn_run_leg *leg)
{
    struct tn_warm *warm = follower;
    if (!(leg->time_s > 0))
        return;
    double distance = leg->to_m - leg->from_m;
    double efforts[] = {leg->effort_from_N * leg->effort_from_N, leg->effort_square_N2s / leg->time_s,
                        leg->effort_to_N * leg->effort_to_N};
    double powers[] = {efforts[0] * leg->from_m_s * leg->from_m_s, leg->power_square_W2s / leg->time_s,
                       efforts[2] * leg->to_m_s * leg->to_m_s};
    int parts = parts_of(warm, leg);
    struct part part = {.from_m_s = leg->from_m_s,
                        .to_m_s = leg->to_m_s,
                        .mean_m_s = distance / leg->time_s,
                        .time_s = leg->time_s / parts,
                        .effort = efforts[1],
                        .power = powers[1],
                        .effort_from = efforts[0],
                        .effort_to = efforts[2],
                        .power_from = powers[0],
                        .power_to = powers[2],
                        .air_brake_N = distance > 0 ? leg->air_brake_J / distance : 0,
                        .flow_1 = flow_of(warm, leg->density_1),
                        .braking = leg->dynamic_brake_J > leg->traction_J,
                        .off = leg->off};
    for (int i = 0; i < parts; i++) {
        double a = (double)i / parts, b = (i + 1.0) / parts;
        if (parts > 1) {
            part.effort = parabola(efforts, a, b);
            part.power = parabola(powers, a, b);
            part.effort_from = parabola(efforts, a, a);
            part.effort_to = parabola(efforts, b, b);
            part.power_from = parabola(powers, a, a);
            part.power_to = parabola(powers, b, b);
            part.from_m_s = leg->from_m_s + a * (leg->to_m_s - leg->from_m_s);
            part.to_m_s = leg->from_m_s + b * (leg->to_m_s - leg->from_m_s);
            part.mean_m_s = 0.5 * (part.from_m_s + part.to_m_s);
        }
        heat_motors(warm, &part);
        book_overload(warm, &part);
        heat_wheels(warm, &part);
        look(warm, leg->from_m + b * distance, leg->start_s + b * leg->time_s);
    }
}

struct tn_warm_sample tn_warm_at(const struct tn_warm *warm, double time_s, size_t *hint)
{
    const struct tn_warm_sample *s = warm->samples;
    if (warm->sample_count == 0)
        return (struct tn_warm_sample){time_s, NAN, NAN, NAN};
    while (*hint + 1 < warm->sample_count && s[*hint + 1].time_s < time_s)
        ++*hint;
    const struct tn_warm_sample *a = &s[*hint], *b = *hint + 1 < warm->sample_count ? a + 1 : a;
    double share = b->time_s > a->time_s ? fmin(fmax((time_s - a->time_s) / (b->time_s - a->time_s), 0), 1) : 0;
    return (struct tn_warm_sample){time_s, a->motor_K + share * (b->motor_K - a->motor_K),
                                   a->bearing_K + share * (b->bearing_K - a->bearing_K),
                                   a->tread_K + share * (b->tread_K - a->tread_K)};
}

tn_status tn_warm_assume(struct tn_result_head *head, struct tn_arena *arena)
{
    return tn_assume(head, arena, TN_ESTIMATE,
                     "heat of bearings and treads, unless the wagon states it: constants of low confidence; "
                     "alarms of 45, 55 and 70 K are this project's choice");
}
