/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe_state.h"

#define SPAN_Pa     3e3  /* the slide valve is wide open beyond it */
#define SPRING_Pa   40e3 /* of the cylinder's return spring, while its air leaves */
#define VENT_END_Pa 30e3 /* an emergency vent shuts at this pressure, gauge */
#define SHARE       0.5  /* of the way to equal pressures, at most, in one step */

/* Amount that flows in dt from a vessel at p to one at q; never past half the way. pair: v w / (v + w) of their
 * volumes. */
static double amount(double area_m2, double p, double q, double pair_m3, double dt)
{
    return tn_pipe_less(tn_pipe_orifice(TN_CHOKED * area_m2, p, q) * dt, SHARE * (p - q) * pair_m3);
}

/* Auxiliary to cylinder, through an opening that a slide valve uncovers in proportion to what is still wanted: `wanted`
   pascals in a vessel of `volume`. The difference meant is that at the step's end. While the piston moves, the cylinder
   is at the pressure of the air outside. */
static void fill(struct tn_pipe *pipe, size_t i, double area_m2, double wanted, double volume_m3, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    double back = tn_pipe_more(pipe->cylinder[i], TN_ATMOSPHERE);
    if (pipe->auxiliary[i] <= back)
        return;
    double wide = amount(area_m2, pipe->auxiliary[i], back, unit->fill_m3, dt);
    double air = tn_pipe_less(wide, wide * wanted / (SPAN_Pa + wide / volume_m3));
    pipe->auxiliary[i] -= air * unit->per_auxiliary;
    pipe->cylinder[i] += air * unit->per_cylinder;
}

static void exhaust(struct tn_pipe *pipe, size_t i, double area_m2, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    double left = pipe->cylinder[i] - unit->rest;
    if (left <= 0)
        return;
    double p = tn_pipe_more(pipe->cylinder[i], TN_ATMOSPHERE + SPRING_Pa);
    double air = tn_pipe_less(tn_pipe_orifice(TN_CHOKED * area_m2, p, TN_ATMOSPHERE) * dt, left * unit->cylinder_m3);
    pipe->cylinder[i] -= air * unit->per_cylinder;
    pipe->vented += air;
}

/* Pipe to auxiliary, and back where the groove of a direct-release valve is open. */
static double charge(struct tn_pipe *pipe, size_t i, bool both_ways, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    double p = pipe->pressure[i], q = pipe->auxiliary[i], area = unit->valve->charge_m2;
    if (p == q || (p < q && !both_ways))
        return 0;
    double air = p > q ? amount(area, p, q, unit->charge_m3, dt) : -amount(area, q, p, unit->charge_m3, dt);
    pipe->auxiliary[i] += air * unit->per_auxiliary;
    return air;
}

static void stir(struct tn_pipe *pipe)
{
    pipe->quiet_s = pipe->time_s + TN_PIPE_WAVE_S;
}

/* A trigger acts from the moment of crossing: the first step after it is longer by the part of the step before it that
   had then passed, or waves would travel slower the longer the steps are. Excess over the threshold, before and after.
 */
static double longer(double dt, double before, double after)
{
    return before < 0 ? dt * (1 + after / (after - before)) : 2 * dt;
}

/* A fast fall of the pipe, against a chamber that follows it: emergency. Returns the time for which it acts now. */
static double watch(struct tn_pipe *pipe, size_t i, double dt)
{
    double threshold = pipe->units[i].trip_Pa, before = pipe->lag[i], lag = pipe->chamber[i] - pipe->pressure[i];
    pipe->lag[i] = lag;
    pipe->chamber[i] -= lag * pipe->blend;
    if (lag <= threshold || (pipe->state[i] & TN_VALVE_TRIPPED))
        return dt;
    pipe->state[i] |= TN_VALVE_TRIPPED | TN_VALVE_VENTING | TN_VALVE_APPLIED;
    return longer(dt, before - threshold, lag - threshold);
}

/* What quick service and emergency let out of the pipe. */
static double vent(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    double area = 0, p = pipe->pressure[i];
    if (pipe->state[i] & TN_VALVE_QUICK) {
        area = unit->valve->quick_service_m2;
        if (p <= pipe->floor[i])
            pipe->state[i] &= (unsigned char)~TN_VALVE_QUICK;
    }
    if (pipe->state[i] & TN_VALVE_VENTING) {
        area += unit->valve->vent_m2;
        stir(pipe);
        if (p <= TN_ATMOSPHERE + VENT_END_Pa)
            pipe->state[i] &= (unsigned char)~TN_VALVE_VENTING;
    }
    double air = tn_pipe_more(0, amount(area, p, TN_ATMOSPHERE, unit->pipe_m3, dt));
    pipe->vented += air;
    return air;
}

static void apply(struct tn_pipe *pipe, size_t i)
{
    const struct tn_valve *valve = pipe->units[i].valve;
    pipe->state[i] = TN_VALVE_APPLIED;
    stir(pipe);
    if (valve->quick_service_m2 > 0) {
        pipe->state[i] |= TN_VALVE_QUICK;
        pipe->floor[i] = (valve->graduated_release ? pipe->running : pipe->auxiliary[i]) - valve->quick_service_Pa;
    }
}

static void release(struct tn_pipe *pipe, size_t i)
{
    pipe->state[i] = pipe->units[i].valve->accelerated_release_m2 > 0 ? TN_VALVE_HELPING : 0;
    stir(pipe);
}

/* The reserve helps the pipe up at release and is charged from it afterwards. Returns what it takes. */
static double reserve(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    double *vessel = &pipe->reserve[i], p = pipe->pressure[i], air = 0;
    if (*vessel < p)
        air = amount(unit->valve->charge_m2, p, *vessel, unit->reserve_m3, dt);
    else if (pipe->state[i] & TN_VALVE_HELPING)
        air = -amount(unit->valve->accelerated_release_m2, *vessel, p, unit->reserve_m3, dt);
    if (*vessel <= p)
        pipe->state[i] &= (unsigned char)~TN_VALVE_HELPING;
    *vessel += air * unit->per_reserve;
    return air;
}

/* Emergency: the cylinder jumps, then fills slowly; an emergency reservoir joins the auxiliary. */
static void fill_direct(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    const struct tn_valve *valve = unit->valve;
    double excess = pipe->auxiliary[i] - pipe->pressure[i];
    if (excess <= 0)
        return;
    bool tripped = pipe->state[i] & TN_VALVE_TRIPPED;
    bool second =
        tripped && valve->emergency_first_Pa > 0 && pipe->cylinder[i] >= TN_ATMOSPHERE + valve->emergency_first_Pa;
    fill(pipe, i, second ? valve->emergency_slow_m2 : valve->fill_m2, excess, valve->auxiliary_m3, dt);
    if (tripped && valve->reserve_joins && pipe->reserve[i] > pipe->auxiliary[i]) {
        double air = amount(valve->fill_m2, pipe->reserve[i], pipe->auxiliary[i], unit->join_m3, dt);
        pipe->reserve[i] -= air * unit->per_reserve;
        pipe->auxiliary[i] += air * unit->per_auxiliary;
    }
}

/* Releases or applies. Returns the time for which what is now open acts in this step. */
static double trigger(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_valve *valve = pipe->units[i].valve;
    double before = pipe->excess[i], excess = pipe->auxiliary[i] - pipe->pressure[i];
    pipe->excess[i] = excess;
    if (pipe->state[i] & TN_VALVE_APPLIED) {
        if (-excess <= valve->release_Pa || (pipe->state[i] & TN_VALVE_VENTING))
            return dt;
        release(pipe, i);
        return longer(dt, -before - valve->release_Pa, -excess - valve->release_Pa);
    }
    if (excess <= valve->apply_Pa)
        return dt;
    apply(pipe, i);
    return longer(dt, before - valve->apply_Pa, excess - valve->apply_Pa);
}

static double direct(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    double tripped = watch(pipe, i, dt), triggered = trigger(pipe, i, dt), air = 0;
    double acts = tn_pipe_more(tripped, triggered);
    if (pipe->state[i] & (TN_VALVE_QUICK | TN_VALVE_VENTING))
        air = vent(pipe, i, acts);
    if (pipe->state[i] & TN_VALVE_APPLIED) {
        fill_direct(pipe, i, acts);
        return air;
    }
    exhaust(pipe, i, unit->valve->exhaust_m2, acts);
    return air + charge(pipe, i, true, dt) + (unit->reserve_m3 > 0 ? reserve(pipe, i, acts) : 0);
}

/* A distributor: the cylinder follows the fall of the pipe below running pressure, down and up. */
static double graduated(struct tn_pipe *pipe, size_t i, double dt)
{
    const struct tn_pipe_unit *unit = &pipe->units[i];
    const struct tn_valve *valve = unit->valve;
    double fall = pipe->running - pipe->pressure[i];
    if (!(pipe->state[i] & TN_VALVE_APPLIED)) {
        if (fall > valve->apply_Pa)
            apply(pipe, i);
    } else if (fall < valve->apply_Pa) {
        pipe->state[i] = 0;
    }
    double aim = pipe->state[i] & TN_VALVE_APPLIED ? tn_pipe_less(valve->multiplier * fall, valve->cylinder_max_Pa) : 0;
    double wanted = TN_ATMOSPHERE + aim - tn_pipe_more(pipe->cylinder[i], TN_ATMOSPHERE);
    if (aim <= 0)
        exhaust(pipe, i, valve->exhaust_m2, dt);
    else if (wanted > 0)
        fill(pipe, i, valve->fill_m2, wanted, unit->cylinder_m3, dt);
    else if (wanted < 0)
        exhaust(pipe, i, tn_pipe_less(1, -wanted / SPAN_Pa) * valve->exhaust_m2, dt);
    double air = pipe->state[i] & TN_VALVE_QUICK ? vent(pipe, i, dt) : 0;
    return air + charge(pipe, i, false, dt);
}

void tn_pipe_valves_step(struct tn_pipe *pipe, double dt)
{
    pipe->blend = dt / (TN_PIPE_CHAMBER_S + dt);
    for (size_t i = 0; i < pipe->count; i++) {
        const struct tn_valve *valve = pipe->units[i].valve;
        pipe->draw[i] = valve == NULL ? 0 : valve->graduated_release ? graduated(pipe, i, dt) : direct(pipe, i, dt);
    }
}
