/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe_state.h"

#define SPAN_Pa     3e3  /* the slide valve is wide open beyond it */
#define SPRING_Pa   40e3 /* of the cylinder's return spring, while its air leaves */
#define CHAMBER_S   0.25 /* time constant of the emergency chamber */
#define VENT_END_Pa 30e3 /* an emergency vent shuts at this pressure, gauge */
#define SHARE       0.5  /* of the way to equal pressures, at most, in one step */

static double cylinder_pressure(double contents)
{
    return fmax(contents, TN_ATMOSPHERE);
}

/* Amount that flows in dt from a vessel at p of volume v to one at q of volume w; never past half the way. */
static double amount(double area_m2, double p, double q, double v, double w, double dt)
{
    double free = tn_pipe_orifice(TN_CHOKED * area_m2, p, q) * dt;
    return fmin(free, SHARE * (p - q) * v * w / (v + w));
}

static double vented(double area_m2, double p, double v, double dt)
{
    double free = tn_pipe_orifice(TN_CHOKED * area_m2, p, TN_ATMOSPHERE) * dt;
    return fmax(0, fmin(free, SHARE * (p - TN_ATMOSPHERE) * v));
}

/* Auxiliary to cylinder through an opening. While the piston moves, the cylinder is at the pressure of the air outside.
 */
static void fill(struct tn_pipe *pipe, size_t i, double area_m2, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double v = valve->auxiliary_m3, w = v / valve->volume_ratio;
    double back = cylinder_pressure(pipe->cylinder[i]);
    if (pipe->auxiliary[i] <= back)
        return;
    double air = amount(area_m2, pipe->auxiliary[i], back, v, w, dt);
    pipe->auxiliary[i] -= air / v;
    pipe->cylinder[i] += air / w;
}

static void exhaust(struct tn_pipe *pipe, size_t i, double area_m2, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double rest = valve->clearance * TN_ATMOSPHERE, w = valve->auxiliary_m3 / valve->volume_ratio;
    if (pipe->cylinder[i] <= rest)
        return;
    double p = fmax(pipe->cylinder[i], TN_ATMOSPHERE + SPRING_Pa);
    double air = fmin(tn_pipe_orifice(TN_CHOKED * area_m2, p, TN_ATMOSPHERE) * dt, (pipe->cylinder[i] - rest) * w);
    pipe->cylinder[i] -= air / w;
    pipe->vented += air;
}

/* Pipe to auxiliary, and back too where the groove of a direct-release valve is open. */
static double charge(struct tn_pipe *pipe, size_t i, double *vessel, double volume, bool both_ways, double dt)
{
    double p = pipe->pressure[i], q = *vessel, v = 1 / pipe->per_volume[i], area = pipe->valves[i]->charge_m2;
    if (p == q || (p < q && !both_ways))
        return 0;
    double air = p > q ? amount(area, p, q, v, volume, dt) : -amount(area, q, p, volume, v, dt);
    *vessel += air / volume;
    return air;
}

/* Share of the step that had passed since the trigger, from the excess before and after. */
static double since(double before, double after)
{
    return after > 0 && before < after ? fmin(1, after / (after - before)) : 0;
}

/* A fast fall of the pipe, against a chamber that follows it: emergency. */
static void watch(struct tn_pipe *pipe, size_t i, double dt)
{
    double threshold = pipe->valves[i]->emergency_Pa_s * CHAMBER_S;
    double lag = pipe->chamber[i] - pipe->pressure[i];
    pipe->chamber[i] -= lag * dt / (CHAMBER_S + dt);
    if (lag > threshold && !(pipe->state[i] & TN_VALVE_TRIPPED))
        pipe->state[i] |= TN_VALVE_TRIPPED | TN_VALVE_VENTING | TN_VALVE_APPLIED;
}

static double vents(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double area = 0, p = pipe->pressure[i];
    if (pipe->state[i] & TN_VALVE_QUICK) {
        area = valve->quick_service_m2;
        if (p <= pipe->floor[i])
            pipe->state[i] &= (unsigned char)~TN_VALVE_QUICK;
    }
    if (pipe->state[i] & TN_VALVE_VENTING) {
        area += valve->vent_m2;
        if (p <= TN_ATMOSPHERE + VENT_END_Pa)
            pipe->state[i] &= (unsigned char)~TN_VALVE_VENTING;
    }
    double air = vented(area, p, 1 / pipe->per_volume[i], dt * (1 + pipe->late[i]));
    pipe->late[i] = 0;
    pipe->vented += air;
    return air;
}

static void apply(struct tn_pipe *pipe, size_t i, double excess, double before)
{
    const struct tn_valve *valve = pipe->valves[i];
    pipe->state[i] |= TN_VALVE_APPLIED;
    pipe->state[i] &= (unsigned char)~TN_VALVE_HELPING;
    if (valve->quick_service_m2 > 0) {
        pipe->state[i] |= TN_VALVE_QUICK;
        pipe->floor[i] = pipe->pressure[i] + valve->apply_Pa - valve->quick_service_Pa;
        pipe->late[i] = since(before, excess);
    }
}

static void release(struct tn_pipe *pipe, size_t i)
{
    pipe->state[i] = pipe->valves[i]->accelerated_release_m2 > 0 ? TN_VALVE_HELPING : 0;
}

/* The reserve helps the pipe up at release and is charged from it afterwards. */
static double reserve(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double *vessel = &pipe->reserve[i], volume = valve->emergency_m3, p = pipe->pressure[i];
    if (!(volume > 0))
        return 0;
    if (!(pipe->state[i] & TN_VALVE_HELPING))
        return charge(pipe, i, vessel, volume, false, dt);
    if (*vessel <= p) {
        pipe->state[i] &= (unsigned char)~TN_VALVE_HELPING;
        return 0;
    }
    double air = amount(valve->accelerated_release_m2, *vessel, p, volume, 1 / pipe->per_volume[i], dt);
    *vessel -= air / volume;
    return -air;
}

/* Emergency: the cylinder jumps, then fills slowly; an emergency reservoir joins the auxiliary. */
static void fill_direct(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double open = (pipe->auxiliary[i] - pipe->pressure[i]) / SPAN_Pa;
    if (open <= 0)
        return;
    bool tripped = pipe->state[i] & TN_VALVE_TRIPPED;
    bool second =
        tripped && valve->emergency_first_Pa > 0 && pipe->cylinder[i] >= TN_ATMOSPHERE + valve->emergency_first_Pa;
    fill(pipe, i, second ? valve->emergency_slow_m2 : fmin(open, 1) * valve->fill_m2, dt);
    if (tripped && valve->reserve_joins && pipe->reserve[i] > pipe->auxiliary[i]) {
        double air =
            amount(valve->fill_m2, pipe->reserve[i], pipe->auxiliary[i], valve->emergency_m3, valve->auxiliary_m3, dt);
        pipe->reserve[i] -= air / valve->emergency_m3;
        pipe->auxiliary[i] += air / valve->auxiliary_m3;
    }
}

static double direct(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double before = pipe->excess[i], excess = pipe->auxiliary[i] - pipe->pressure[i];
    pipe->excess[i] = excess;
    if (pipe->state[i] & TN_VALVE_APPLIED) {
        if (-excess > valve->release_Pa && !(pipe->state[i] & TN_VALVE_VENTING))
            release(pipe, i);
    } else if (excess > valve->apply_Pa) {
        apply(pipe, i, excess - valve->apply_Pa, before - valve->apply_Pa);
    }
    double air = 0;
    if (pipe->state[i] & (TN_VALVE_QUICK | TN_VALVE_VENTING))
        air = vents(pipe, i, dt);
    if (pipe->state[i] & TN_VALVE_APPLIED) {
        fill_direct(pipe, i, dt);
        return air;
    }
    exhaust(pipe, i, valve->exhaust_m2, dt);
    return air + charge(pipe, i, &pipe->auxiliary[i], valve->auxiliary_m3, true, dt) + reserve(pipe, i, dt);
}

/* A distributor: the cylinder follows the fall of the pipe below running pressure, down and up. */
static double graduated(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_valve *valve = pipe->valves[i];
    double before = pipe->excess[i], fall = pipe->running - pipe->pressure[i];
    pipe->excess[i] = fall;
    if (!(pipe->state[i] & TN_VALVE_APPLIED)) {
        if (fall > valve->apply_Pa)
            apply(pipe, i, fall - valve->apply_Pa, before - valve->apply_Pa);
    } else if (fall < valve->apply_Pa) {
        pipe->state[i] = 0;
    }
    double aim = pipe->state[i] & TN_VALVE_APPLIED ? fmin(valve->multiplier * fall, valve->cylinder_max_Pa) : 0;
    double open = (TN_ATMOSPHERE + aim - cylinder_pressure(pipe->cylinder[i])) / SPAN_Pa;
    if (open > 0 && aim > 0)
        fill(pipe, i, fmin(open, 1) * valve->fill_m2, dt);
    else if (open < 0 || aim <= 0)
        exhaust(pipe, i, aim <= 0 ? valve->exhaust_m2 : fmin(-open, 1) * valve->exhaust_m2, dt);
    double air = pipe->state[i] & TN_VALVE_QUICK ? vents(pipe, i, dt) : 0;
    return air + charge(pipe, i, &pipe->auxiliary[i], valve->auxiliary_m3, false, dt);
}

double tn_pipe_valve_step(struct tn_pipe *pipe, size_t i, double dt)
{
    if (pipe->valves[i]->graduated_release)
        return graduated(pipe, i, dt);
    watch(pipe, i, dt);
    return direct(pipe, i, dt);
}
