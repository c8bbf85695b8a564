/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe.h"

#include <string.h>

#include "pipe_state.h"

#define STEP_S       0.04
#define GAS_CONSTANT 287.05
#define TEMPERATURE  293.15
#define RT           (GAS_CONSTANT * TEMPERATURE) /* J/kg */
#define FRICTION     0.025                        /* Darcy, turbulent, hoses and bends included */
#define PI           3.14159265358979323846
#define SUPPLY_Pa    (850e3 + TN_ATMOSPHERE) /* main reservoir */
#define BAND_Pa      5e3                     /* a driver's valve is wide open beyond it */
#define SERVICE_Pa_s 25e3                    /* fall of the equalising reservoir: 140 kPa in 5 to 6 s */
#define EMERGENCY_M2 450e-6                  /* driver's valve in emergency */
#define DISCHARGE    0.8                     /* of a broken pipe */
#define HOLES        16
#define WAVE_PARTS   8   /* of a step while a wave runs */
#define FAST_Pa_s    8e3 /* a node that changes faster is part of a wave */
#define OPENS_Pa     1e3 /* a driver's valve needs that much to exhaust, so that the swing of the air is not let out */
#define HEARD        100 /* Pa m3/s, 1 litre of free air a second: a driver's valve exhausts audibly */

static double bore_area(const struct tn_pipe_vehicle *vehicle)
{
    return PI / 4 * vehicle->bore_m * vehicle->bore_m;
}

static tn_status check(const struct tn_pipe_vehicle *vehicle, size_t number, double running_Pa, struct tn_context *ctx)
{
    if (!(vehicle->length_m > 0 && vehicle->bore_m > 0) || vehicle->volume_m3 <= 0)
        return tn_error(ctx, vehicle, NULL, "the brake pipe of vehicle %zu has no length, bore or volume", number);
    if (vehicle->feed_m2 < 0 || vehicle->exhaust_m2 < 0 || vehicle->leak_m2 < 0 || vehicle->delay_s < 0)
        return tn_error(ctx, vehicle, NULL, "an opening or the delay of vehicle %zu is negative", number);
    const struct tn_valve *valve = vehicle->valve;
    if (valve == NULL)
        return TN_OK;
    if (!(valve->auxiliary_m3 > 0 && valve->volume_ratio > 0))
        return tn_error(ctx, vehicle, NULL, "vehicle %zu has a brake cylinder without a reservoir to fill it", number);
    if (valve->graduated_release && valve->apply_Pa >= running_Pa)
        return tn_error(ctx, vehicle, NULL, "the valve of vehicle %zu needs more than %g kPa in the pipe", number,
                        1e-3 * running_Pa);
    return TN_OK;
}

/* One block of doubles for all columns. */
static tn_status allocate(struct tn_pipe *pipe, struct tn_arena *arena)
{
    double **columns[] = {&pipe->pressure, &pipe->per_volume, &pipe->flow,  &pipe->inertia,   &pipe->drag,
                          &pipe->area,     &pipe->draw,       &pipe->leak,  &pipe->auxiliary, &pipe->cylinder,
                          &pipe->reserve,  &pipe->chamber,    &pipe->floor, &pipe->excess,    &pipe->lag};
    size_t stride = pipe->count + 1, many = sizeof columns / sizeof *columns;
    double *block = tn_arena_alloc(arena, many * stride, sizeof *block);
    pipe->state = tn_arena_alloc(arena, stride, sizeof *pipe->state);
    pipe->units = tn_arena_alloc(arena, stride, sizeof *pipe->units);
    pipe->drivers = tn_arena_alloc(arena, stride, sizeof *pipe->drivers);
    pipe->orders = tn_arena_alloc(arena, TN_PIPE_ORDERS, sizeof *pipe->orders);
    pipe->holes = tn_arena_alloc(arena, HOLES, sizeof *pipe->holes);
    if (block == NULL || pipe->state == NULL || pipe->units == NULL || pipe->drivers == NULL || pipe->orders == NULL ||
        pipe->holes == NULL)
        return TN_ERR_MEMORY;
    pipe->block = block;
    pipe->block_count = many * stride;
    for (size_t i = 0; i < many; i++)
        *columns[i] = block + i * stride;
    return TN_OK;
}

/* The pipe between the middles of two vehicles: dq/dt (sum of l / A) = RT (p1 - p2) - q |q| / p (sum of f l / (2 D
   A^2)), q the flow of p V. */
static void link(struct tn_pipe *pipe, size_t i, const struct tn_pipe_vehicle *a, const struct tn_pipe_vehicle *b)
{
    double inertance = 0, drag = 0;
    const struct tn_pipe_vehicle *side[] = {a, b};
    for (int k = 0; k < 2; k++) {
        double area = bore_area(side[k]), half = side[k]->length_m / 2;
        inertance += half / area;
        drag += FRICTION * half / (2 * side[k]->bore_m * area * area);
    }
    pipe->inertia[i] = RT / inertance;
    pipe->drag[i] = 2 * drag / inertance; /* 2: the mean pressure is taken as a sum */
}

static double pair(double v, double w)
{
    return v > 0 && w > 0 ? v * w / (v + w) : 0;
}

static struct tn_pipe_unit unit_of(const struct tn_valve *valve, double pipe_m3)
{
    if (valve == NULL)
        return (struct tn_pipe_unit){.pipe_m3 = pipe_m3};
    double auxiliary = valve->auxiliary_m3, cylinder = auxiliary / valve->volume_ratio, more = valve->emergency_m3;
    return (struct tn_pipe_unit){.valve = valve,
                                 .pipe_m3 = pipe_m3,
                                 .cylinder_m3 = cylinder,
                                 .per_auxiliary = 1 / auxiliary,
                                 .per_cylinder = 1 / cylinder,
                                 .per_reserve = more > 0 ? 1 / more : 0,
                                 .fill_m3 = pair(auxiliary, cylinder),
                                 .charge_m3 = pair(pipe_m3, auxiliary),
                                 .reserve_m3 = pair(pipe_m3, more),
                                 .join_m3 = pair(auxiliary, more),
                                 .rest = valve->clearance * TN_ATMOSPHERE,
                                 .trip_Pa = valve->emergency_Pa_s * TN_PIPE_CHAMBER_S};
}

static void charge(struct tn_pipe *pipe, size_t i, const struct tn_pipe_vehicle *vehicle)
{
    const struct tn_valve *valve = vehicle->valve;
    double volume = isnan(vehicle->volume_m3) ? bore_area(vehicle) * vehicle->length_m : vehicle->volume_m3;
    pipe->pressure[i] = pipe->chamber[i] = pipe->running;
    pipe->per_volume[i] = 1 / volume;
    pipe->area[i] = bore_area(vehicle);
    pipe->leak[i] = TN_CHOKED * vehicle->leak_m2;
    pipe->leaky = pipe->leaky || vehicle->leak_m2 > 0;
    pipe->units[i] = unit_of(valve, volume);
    if (valve != NULL) {
        pipe->auxiliary[i] = pipe->reserve[i] = pipe->running;
        pipe->cylinder[i] = valve->clearance * TN_ATMOSPHERE;
        pipe->valved++;
    }
    if (vehicle->feed_m2 > 0 || vehicle->exhaust_m2 > 0)
        pipe->drivers[pipe->driver_count++] = (struct tn_pipe_driver){.node = i,
                                                                      .feed = TN_CHOKED * vehicle->feed_m2 * SUPPLY_Pa,
                                                                      .exhaust = TN_CHOKED * vehicle->exhaust_m2,
                                                                      .delay_s = vehicle->delay_s,
                                                                      .handle = TN_PIPE_RELEASE,
                                                                      .set = pipe->running,
                                                                      .target = pipe->running};
}

/* The chain's fastest oscillation bounds the explicit step. */
static double largest_step(const struct tn_pipe *pipe)
{
    double square = 0;
    for (size_t i = 1; i < pipe->count; i++)
        square = fmax(square, 2 * pipe->inertia[i] * (pipe->per_volume[i - 1] + pipe->per_volume[i]));
    return square > 0 ? 0.9 * 2 / sqrt(square) : (double)INFINITY;
}

tn_status tn_pipe_create(struct tn_pipe **out, const struct tn_pipe_vehicle *vehicles, size_t count, double running_Pa,
                         struct tn_arena *arena, struct tn_context *ctx)
{
    if (count == 0 || !(running_Pa > 0))
        return tn_error(ctx, vehicles, NULL, "a brake pipe needs a vehicle and a running pressure");
    for (size_t i = 0; i < count; i++)
        if (check(&vehicles[i], i + 1, running_Pa, ctx) != TN_OK)
            return TN_ERR_INPUT;
    struct tn_pipe *pipe = tn_arena_alloc(arena, 1, sizeof *pipe);
    if (pipe == NULL)
        return TN_ERR_MEMORY;
    pipe->count = count;
    pipe->running = running_Pa + TN_ATMOSPHERE;
    tn_status status = allocate(pipe, arena);
    if (status != TN_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        charge(pipe, i, &vehicles[i]);
        if (i > 0 && !vehicles[i - 1].cock_closed)
            link(pipe, i, &vehicles[i - 1], &vehicles[i]);
    }
    pipe->step_max_s = largest_step(pipe);
    for (size_t i = 1; i < count; i++)
        if (vehicles[i - 1].cock_closed)
            pipe->drag[i] = 1;
    tn_pipe_step_set(pipe, STEP_S);
    *out = pipe;
    return TN_OK;
}

tn_status tn_pipe_copy(struct tn_pipe **out, const struct tn_pipe *pipe, struct tn_arena *arena)
{
    struct tn_pipe *copy = tn_arena_alloc(arena, 1, sizeof *copy);
    if (copy == NULL)
        return TN_ERR_MEMORY;
    *copy = *pipe;
    tn_status status = allocate(copy, arena);
    if (status != TN_OK)
        return status;
    memcpy(copy->block, pipe->block, pipe->block_count * sizeof *pipe->block);
    memcpy(copy->state, pipe->state, pipe->count * sizeof *pipe->state);
    memcpy(copy->units, pipe->units, pipe->count * sizeof *pipe->units);
    memcpy(copy->drivers, pipe->drivers, pipe->driver_count * sizeof *pipe->drivers);
    memcpy(copy->orders, pipe->orders, pipe->order_count * sizeof *pipe->orders);
    memcpy(copy->holes, pipe->holes, pipe->hole_count * sizeof *pipe->holes);
    *out = copy;
    return TN_OK;
}

/* Orders that every driver's valve has taken are dropped; if the list is still full, the oldest is too. */
static void forget_orders(struct tn_pipe *pipe)
{
    size_t taken = pipe->order_count;
    for (size_t k = 0; k < pipe->driver_count; k++)
        if (pipe->drivers[k].next < taken)
            taken = pipe->drivers[k].next;
    if (taken == 0)
        taken = 1;
    pipe->order_count -= taken;
    memmove(pipe->orders, pipe->orders + taken, pipe->order_count * sizeof *pipe->orders);
    for (size_t k = 0; k < pipe->driver_count; k++)
        pipe->drivers[k].next -= pipe->drivers[k].next < taken ? pipe->drivers[k].next : taken;
}

void tn_pipe_handle_set(struct tn_pipe *pipe, enum tn_pipe_handle handle, double reduction_Pa)
{
    if (pipe->order_count == TN_PIPE_ORDERS)
        forget_orders(pipe);
    pipe->orders[pipe->order_count++] = (struct tn_pipe_order){pipe->time_s, handle, pipe->running - reduction_Pa};
}

void tn_pipe_break(struct tn_pipe *pipe, size_t behind)
{
    if (behind + 1 >= pipe->count || pipe->hole_count + 2 > HOLES)
        return;
    pipe->inertia[behind + 1] = pipe->flow[behind + 1] = 0;
    for (size_t node = behind; node <= behind + 1; node++)
        pipe->holes[pipe->hole_count++] = (struct tn_pipe_hole){node, TN_CHOKED * DISCHARGE * pipe->area[node]};
}

void tn_pipe_step_set(struct tn_pipe *pipe, double step_s)
{
    pipe->step_s = fmin(step_s, pipe->step_max_s);
}

/* Friction is taken at the step's end, so that no flow is too fast for the step. */
static void links(struct tn_pipe *pipe, double dt)
{
    const double *restrict pressure = pipe->pressure, *restrict inertia = pipe->inertia, *restrict drag = pipe->drag;
    double *restrict flow = pipe->flow;
    for (size_t i = 1; i < pipe->count; i++) {
        double sum = pressure[i - 1] + pressure[i];
        double free = flow[i] + dt * inertia[i] * (pressure[i - 1] - pressure[i]);
        flow[i] = free * sum / (sum + dt * drag[i] * fabs(flow[i]));
    }
}

static void take_orders(struct tn_pipe *pipe, struct tn_pipe_driver *driver)
{
    while (driver->next < pipe->order_count) {
        const struct tn_pipe_order *order = &pipe->orders[driver->next];
        if (pipe->time_s < order->at_s + driver->delay_s)
            return;
        if (order->handle == TN_PIPE_SERVICE && driver->handle != TN_PIPE_SERVICE)
            driver->set = fmin(pipe->pressure[driver->node], pipe->running);
        driver->handle = order->handle;
        pipe->quiet_s = pipe->time_s + TN_PIPE_WAVE_S;
        driver->target = order->target;
        driver->next++;
    }
}

/* The valve opens in proportion to the difference at the step's end; given is what it would be without the valve. */
static double toward(double wide, double difference, double per_volume, double dt)
{
    return dt * fmin(wide, wide * difference / (BAND_Pa + dt * wide * per_volume));
}

static void drive(struct tn_pipe *pipe, struct tn_pipe_driver *driver, double dt)
{
    size_t i = driver->node;
    double p = pipe->pressure[i], air = 0;
    double next = p + (dt * (pipe->flow[i] - pipe->flow[i + 1]) - pipe->draw[i]) * pipe->per_volume[i];
    take_orders(pipe, driver);
    driver->flowing = false;
    if (driver->handle == TN_PIPE_RELEASE && next < pipe->running) {
        air = toward(driver->feed, pipe->running - next, pipe->per_volume[i], dt);
        pipe->fed += air;
        pipe->draw[i] -= air;
        return;
    }
    if (driver->handle == TN_PIPE_SERVICE) {
        driver->set = fmax(driver->target, driver->set - SERVICE_Pa_s * dt);
        if (next > driver->set + OPENS_Pa)
            air = toward(driver->exhaust * p, next - driver->set - OPENS_Pa, pipe->per_volume[i], dt);
        driver->flowing = driver->set > driver->target || air > HEARD * dt;
    } else if (driver->handle == TN_PIPE_EMERGENCY && p > TN_ATMOSPHERE) {
        air = fmin(dt * tn_pipe_orifice(TN_CHOKED * EMERGENCY_M2, p, TN_ATMOSPHERE),
                   0.5 * (p - TN_ATMOSPHERE) / pipe->per_volume[i]);
        driver->flowing = air > HEARD * dt;
    }
    pipe->vented += air;
    pipe->draw[i] += air;
}

static void lose(struct tn_pipe *pipe, double dt)
{
    for (size_t k = 0; k < pipe->hole_count; k++) {
        size_t i = pipe->holes[k].node;
        double p = pipe->pressure[i];
        double air = fmin(dt * tn_pipe_orifice(pipe->holes[k].conductance, p, TN_ATMOSPHERE),
                          0.5 * (p - TN_ATMOSPHERE) / pipe->per_volume[i]);
        pipe->vented += fmax(air, 0);
        pipe->draw[i] += fmax(air, 0);
    }
    for (size_t i = 0; pipe->leaky && i < pipe->count; i++) {
        double air = dt * tn_pipe_orifice(pipe->leak[i], pipe->pressure[i], TN_ATMOSPHERE);
        pipe->leaked += air;
        pipe->draw[i] += air;
    }
}

static void step(struct tn_pipe *pipe, double dt)
{
    links(pipe, dt);
    tn_pipe_valves_step(pipe, dt);
    for (size_t k = 0; k < pipe->driver_count; k++)
        drive(pipe, &pipe->drivers[k], dt);
    if (pipe->leaky || pipe->hole_count > 0)
        lose(pipe, dt);
    const double *restrict flow = pipe->flow, *restrict draw = pipe->draw, *restrict per_volume = pipe->per_volume;
    double *restrict pressure = pipe->pressure;
    double most = 0;
    for (size_t i = 0; i < pipe->count; i++) {
        double rise = (dt * (flow[i] - flow[i + 1]) - draw[i]) * per_volume[i];
        pressure[i] += rise;
        most = fabs(rise) > most ? fabs(rise) : most;
    }
    pipe->time_s += dt;
    if (most > FAST_Pa_s * dt)
        pipe->quiet_s = pipe->time_s + TN_PIPE_WAVE_S;
}

void tn_pipe_advance(struct tn_pipe *pipe, double time_s)
{
    if (!(time_s > 0))
        return;
    double steps = ceil(time_s / pipe->step_s - 1e-9);
    double begin = pipe->time_s;
    if (pipe->driver_count > 0 && pipe->drivers[0].next < pipe->order_count)
        pipe->quiet_s = begin + TN_PIPE_WAVE_S;
    for (double k = 0; k < steps; k++) {
        double dt = time_s / steps;
        for (int parts = pipe->time_s < pipe->quiet_s ? WAVE_PARTS : 1, part = 0; part < parts; part++)
            step(pipe, dt / parts);
        pipe->time_s = begin + (k + 1) * dt;
    }
}

double tn_pipe_time(const struct tn_pipe *pipe)
{
    return pipe->time_s;
}

double tn_pipe_pressure(const struct tn_pipe *pipe, size_t vehicle)
{
    return pipe->pressure[vehicle] - TN_ATMOSPHERE;
}

double tn_pipe_auxiliary(const struct tn_pipe *pipe, size_t vehicle)
{
    return pipe->units[vehicle].valve != NULL ? pipe->auxiliary[vehicle] - TN_ATMOSPHERE : (double)NAN;
}

double tn_pipe_cylinder(const struct tn_pipe *pipe, size_t vehicle)
{
    return fmax(pipe->cylinder[vehicle] - TN_ATMOSPHERE, 0);
}

bool tn_pipe_exhausting(const struct tn_pipe *pipe)
{
    for (size_t k = 0; k < pipe->driver_count; k++)
        if (pipe->drivers[k].flowing || pipe->drivers[k].next < pipe->order_count)
            return true;
    return false;
}

bool tn_pipe_charged(const struct tn_pipe *pipe, double margin_Pa)
{
    for (size_t i = 0; i < pipe->count; i++)
        if (pipe->units[i].valve != NULL && pipe->auxiliary[i] < pipe->running - margin_Pa)
            return false;
    return true;
}

double tn_pipe_cylinder_mean(const struct tn_pipe *pipe, const double *weights)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < pipe->count; i++) {
        if (pipe->units[i].valve == NULL)
            continue;
        double weight = weights != NULL ? weights[i] : 1;
        sum += weight * tn_pipe_cylinder(pipe, i);
        all += weight;
    }
    return all > 0 ? sum / all : 0;
}

void tn_pipe_books(const struct tn_pipe *pipe, struct tn_pipe_air *air)
{
    double held = 0;
    for (size_t i = 0; i < pipe->count; i++) {
        held += pipe->pressure[i] / pipe->per_volume[i];
        const struct tn_valve *valve = pipe->units[i].valve;
        if (valve != NULL)
            held += valve->auxiliary_m3 * (pipe->auxiliary[i] + pipe->cylinder[i] / valve->volume_ratio) +
                    valve->emergency_m3 * pipe->reserve[i];
    }
    *air = (struct tn_pipe_air){held / RT, pipe->fed / RT, pipe->vented / RT, pipe->leaked / RT};
}
