/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pneumatic.h"

#include <string.h>

#define PIPE_BORE_M   0.035 /* locomotives: as wagons */
#define BRANCH        0.15
#define SPRING_Pa     30e3
#define ATMOSPHERE_Pa 100e3
#define HIGH          (280.0 / 250) /* converted force at 600 kPa over that at 500, TB/T 1407; as tn_train has it */
#define CHOKED_M_S    198.6         /* flow of p V over area and pressure */

/* What init builds. */
struct builder {
    struct tn_pneumatic *pneumatic;
    const struct tn_train *train;
    struct tn_pipe_vehicle *vehicles;
    struct tn_arena *arena;
    struct tn_context *ctx;
    size_t at;  /* vehicles placed */
    int wagons; /* of them */
    bool fed;   /* a driver's valve stands among them */
};

static const struct tn_valve *valve_named(const char *name)
{
    return &tn_valves[tn_choice_find(tn_valve_name, name)];
}

static double opening(double diameter_m)
{
    return 3.14159265358979323846 / 4 * diameter_m * diameter_m;
}

/* Gauge pressure of the cylinder after an emergency application: reservoirs and cylinder in one. */
static double full_pressure(const struct tn_valve *valve, double running_Pa)
{
    double cylinder = valve->auxiliary_m3 / valve->volume_ratio;
    double reservoirs = valve->auxiliary_m3 + (valve->reserve_joins ? valve->emergency_m3 : 0);
    double absolute = (reservoirs * (running_Pa + ATMOSPHERE_Pa) + valve->clearance * ATMOSPHERE_Pa * cylinder) /
                      (reservoirs + cylinder);
    double asked = valve->graduated_release ? valve->multiplier * running_Pa : (double)INFINITY;
    return fmin(fmin(absolute - ATMOSPHERE_Pa, valve->cylinder_max_Pa), asked);
}

/* Force on one shoe that the standard converts to converted_N: K_h = c K (K + a) / (b K + a), K in kN. */
static double unconverted(const struct tn_shoe_law *law, double converted_N)
{
    double h = 1e-3 * converted_N, c = tn_shoe_converted(law, 1e-6) / 1e-6;
    double half = (c * law->a - h * law->b) / (2 * c);
    return 1e3 * (sqrt(half * half + h * law->a / c) - half);
}

/* The row of the valve's table with the volumes of the wagon's own cylinders and reservoir. NULL: no memory. */
static const struct tn_valve *fitted(const struct builder *builder, const struct tn_air_brake *brake)
{
    const struct tn_valve *row = &tn_valves[brake->valve];
    if (isnan(brake->cylinder_diameter) && isnan(brake->reservoir_ratio))
        return row;
    struct tn_valve *own = tn_arena_alloc(builder->arena, 1, sizeof *own);
    if (own == NULL)
        return NULL;
    *own = *row;
    double cylinders = row->auxiliary_m3 / row->volume_ratio;
    if (!isnan(brake->cylinder_diameter))
        cylinders = brake->cylinders * opening(brake->cylinder_diameter) * brake->cylinder_stroke;
    if (!isnan(brake->reservoir_ratio))
        own->volume_ratio = brake->reservoir_ratio;
    own->auxiliary_m3 = own->volume_ratio * cylinders;
    return own;
}

/* Places one vehicle: its pipe, valve and shoes. */
static void place(struct builder *builder, double length_m, const struct tn_air_brake *brake,
                  const struct tn_valve *valve, double converted_N, int shoes, const struct tn_friction_law *friction)
{
    struct tn_pneumatic *p = builder->pneumatic;
    const struct tn_train_brake *spec = &builder->train->spec->brake;
    size_t i = builder->at++;
    double volume = opening(brake->pipe_bore) * length_m * (1 + brake->pipe_branch);
    double leak = spec->leakage / 60 * volume / (CHOKED_M_S * (spec->pipe_pressure + ATMOSPHERE_Pa));
    builder->vehicles[i] = (struct tn_pipe_vehicle){.length_m = length_m,
                                                    .bore_m = brake->pipe_bore,
                                                    .volume_m3 = volume,
                                                    .valve = valve,
                                                    .leak_m2 = leak,
                                                    .cock_closed = (int)i + 1 == spec->closed_cock};
    p->converted_N[i] = converted_N;
    p->full_Pa[i] = valve != NULL ? full_pressure(valve, spec->pipe_pressure) : 0;
    p->spring_Pa[i] = brake->spring;
    p->friction[i] = friction;
    const struct tn_shoe_law *law = tn_shoe_law_of(friction);
    p->shoes[i] = shoes;
    p->shoe_law[i] = law;
    p->shoe_N[i] = law != NULL ? unconverted(law, converted_N / shoes) : converted_N / shoes;
}

/* Converted force at the running pressure: that of the type, or the vehicle's share at the train's brake rate. */
static double converted(const struct tn_train *train, double shoe_force_N, double mass_kg)
{
    const struct tn_train_brake *brake = &train->spec->brake;
    double high = brake->pipe_pressure > 550e3 ? HIGH : 1;
    return isnan(brake->rate) && !isnan(shoe_force_N) ? high * shoe_force_N
                                                      : train->brake_rate * mass_kg * train->gravity_m_s2;
}

static void place_locomotives(struct builder *builder, const struct tn_train_locomotives *row)
{
    const struct tn_train *train = builder->train;
    const struct tn_locomotive *type = row->type.object;
    const struct tn_air_brake brake = {.pipe_bore = PIPE_BORE_M, .pipe_branch = BRANCH, .spring = SPRING_Pa};
    bool drives = row->count > row->cut_out && type->brake_feed > 0 && (row->behind > 0 || !builder->fed);
    for (int k = 0; k < row->count; k++) {
        builder->pneumatic->locomotive[builder->at] = true;
        place(builder, type->length, &brake, valve_named("locomotive"), converted(train, type->shoe_force, type->mass),
              2 * type->axles, train->friction);
        if (k > 0 || !drives)
            continue;
        struct tn_pipe_vehicle *vehicle = &builder->vehicles[builder->at - 1];
        vehicle->feed_m2 = opening(type->brake_feed);
        vehicle->exhaust_m2 = opening(type->brake_exhaust);
        vehicle->delay_s = row->radio_delay;
        builder->fed = true;
    }
}

/* The locomotives that stand behind so many wagons. */
static void place_row(struct builder *builder, int wagons)
{
    const struct tn_train_spec *spec = builder->train->spec;
    const struct tn_train_locomotives *rows = spec->locomotives.items;
    for (size_t r = 0; r < spec->locomotives.count; r++)
        if (rows[r].behind == wagons)
            place_locomotives(builder, &rows[r]);
}

/* Wagon number w of n has its brake cut out: k of them, spread evenly. */
static bool cut_out(int w, int n, int k)
{
    return (long)(w + 1) * k / n > (long)w * k / n;
}

static tn_status place_wagons(struct builder *builder, const struct tn_train_wagons *row,
                              const struct tn_train_group *group)
{
    const struct tn_train *train = builder->train;
    const struct tn_train_brake *brake = &train->spec->brake;
    const struct tn_wagon *type = row->type.object;
    int count = (int)lround((group->to_m - group->from_m) / type->length);
    double shoe_N = row->state == TN_EMPTY ? type->shoe_force_empty : type->shoe_force;
    const struct tn_friction_law *friction = &tn_friction_laws[brake->friction >= 0 ? brake->friction : type->friction];
    const struct tn_valve *valve = fitted(builder, &type->air_brake);
    if (valve == NULL)
        return TN_ERR_MEMORY;
    for (int k = 0; k < count; k++) {
        bool idle = cut_out(builder->wagons, train->wagons, brake->cut_out);
        place(builder, type->length, &type->air_brake, idle ? NULL : valve,
              converted(train, shoe_N, group->mass_kg / count), 2 * type->axles, friction);
        builder->wagons++;
        place_row(builder, builder->wagons);
    }
    return TN_OK;
}

static tn_status check(const struct builder *builder)
{
    const struct tn_train *train = builder->train;
    const struct tn_train_spec *spec = train->spec;
    const struct tn_train_brake *brake = &spec->brake;
    const struct tn_train_locomotives *rows = spec->locomotives.items;
    size_t before = builder->ctx->errors;
    if (isnan(train->brake_rate))
        tn_error(builder->ctx, &brake->rate, "give `shoe_force` of every wagon, or the train's `brake: {rate: ...}`",
                 "the brake force of train `%s` is not known", spec->id);
    if (brake->closed_cock > train->wagons + train->locomotives)
        tn_error(builder->ctx, &brake->closed_cock, NULL, "a cock closed behind vehicle %d of %d", brake->closed_cock,
                 train->wagons + train->locomotives);
    for (size_t r = 0; r < spec->locomotives.count; r++)
        if (rows[r].behind > train->wagons)
            tn_error(builder->ctx, &rows[r].behind, NULL, "locomotives behind wagon %d of %d", rows[r].behind,
                     train->wagons);
    double most_Pa = tn_brake_reduction_most(brake->pipe_pressure);
    if (brake->reduction > most_Pa * 1.01)
        tn_error(builder->ctx, &brake->reduction, "beyond it the cylinders fill no further",
                 "a reduction of %g kPa is more than the effective maximum of %g kPa from %g kPa",
                 1e-3 * brake->reduction, 1e-3 * most_Pa, 1e-3 * brake->pipe_pressure);
    return builder->ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}

static tn_status allocate(struct builder *builder)
{
    struct tn_pneumatic *p = builder->pneumatic;
    struct tn_arena *arena = builder->arena;
    size_t n = p->count;
    builder->vehicles = tn_arena_alloc(arena, n, sizeof *builder->vehicles);
    p->converted_N = tn_arena_alloc(arena, n, sizeof *p->converted_N);
    p->full_Pa = tn_arena_alloc(arena, n, sizeof *p->full_Pa);
    p->spring_Pa = tn_arena_alloc(arena, n, sizeof *p->spring_Pa);
    p->shoe_N = tn_arena_alloc(arena, n, sizeof *p->shoe_N);
    p->shoe_law = tn_arena_alloc(arena, n, sizeof *p->shoe_law);
    p->shoes = tn_arena_alloc(arena, n, sizeof *p->shoes);
    p->friction = tn_arena_alloc(arena, n, sizeof *p->friction);
    p->locomotive = tn_arena_alloc(arena, n, sizeof *p->locomotive);
    return builder->vehicles != NULL && p->converted_N != NULL && p->full_Pa != NULL && p->spring_Pa != NULL &&
                   p->shoe_N != NULL && p->shoe_law != NULL && p->shoes != NULL && p->friction != NULL &&
                   p->locomotive != NULL
               ? TN_OK
               : TN_ERR_MEMORY;
}

tn_status tn_pneumatic_init(struct tn_pneumatic *pneumatic, const struct tn_train *train, struct tn_arena *arena,
                            struct tn_context *ctx)
{
    const struct tn_train_spec *spec = train->spec;
    *pneumatic = (struct tn_pneumatic){.train = train, .count = (size_t)(train->wagons + train->locomotives)};
    struct builder builder = {.pneumatic = pneumatic, .train = train, .arena = arena, .ctx = ctx};
    tn_status status = check(&builder);
    if (status == TN_OK)
        status = allocate(&builder);
    if (status != TN_OK)
        return status;
    place_row(&builder, 0);
    const struct tn_train_wagons *rows = spec->wagons.items;
    for (size_t r = 0; r < spec->wagons.count && status == TN_OK; r++)
        status = place_wagons(&builder, &rows[r], &train->groups[spec->locomotives.count + r]);
    if (status != TN_OK)
        return status;
    if (!builder.fed)
        return tn_error(ctx, &spec->locomotives, "it needs a working locomotive",
                        "nothing feeds the brake pipe of train `%s`", spec->id);
    return tn_pipe_create(&pneumatic->pipe, builder.vehicles, pneumatic->count, spec->brake.pipe_pressure, arena, ctx);
}

/* Converted force of a vehicle whose cylinders are at that share of their full pressure above the springs. */
static double converted_at(const struct tn_pneumatic *p, size_t i, double share)
{
    const struct tn_shoe_law *law = p->shoe_law[i];
    return law == NULL ? share * p->converted_N[i] : p->shoes[i] * tn_shoe_converted(law, share * p->shoe_N[i]);
}

static double force(const struct tn_pneumatic *p, double speed_m_s, double applied_at_m_s, bool bailed_off, bool full)
{
    double sum = 0, friction = 0;
    const struct tn_friction_law *law = NULL;
    for (size_t i = 0; i < p->count; i++) {
        if (bailed_off && p->locomotive[i])
            continue;
        double share = full ? (p->full_Pa[i] > 0 ? 1 : 0)
                            : (tn_pipe_cylinder(p->pipe, i) - p->spring_Pa[i]) / (p->full_Pa[i] - p->spring_Pa[i]);
        if (!(share > 0) || p->full_Pa[i] <= p->spring_Pa[i])
            continue;
        if (p->friction[i] != law) {
            law = p->friction[i];
            friction = tn_friction_at(law, speed_m_s, applied_at_m_s);
        }
        sum += friction * converted_at(p, i, share);
    }
    return sum;
}

double tn_pneumatic_force(const struct tn_pneumatic *pneumatic, double speed_m_s, double applied_at_m_s,
                          bool bailed_off)
{
    return force(pneumatic, speed_m_s, applied_at_m_s, bailed_off, false);
}

double tn_pneumatic_full_force(const struct tn_pneumatic *pneumatic, double speed_m_s, double applied_at_m_s)
{
    return force(pneumatic, speed_m_s, applied_at_m_s, false, true);
}
