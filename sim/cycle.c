/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cycle.h"

#include <string.h>

#define KMH          (1 / 3.6)
#define PHASE_MOST_S 7200.0 /* a release that takes longer is given up */
#define ROW_S        0.5    /* between rows of the trace */
#define PIPE_ROW_S   1.0    /* between rows over position, soon after the handle moved; later 2 and 10 times that */
#define PIPE_MOST    40     /* vehicles shown in those */
#define BITE_S       5.0    /* nobody judges an application earlier */
#define FILLED_PA_S  50.0   /* cylinders that rise slower are filled */
#define SPEED_NEAR   (0.05 * KMH)
#define SEARCHES     24

/* A trial: one train with an air brake of its own, moved step by step. */
struct ride {
    const struct tn_cycle_train *c;
    struct tn_pneumatic air;
    double time_s, distance_m, speed_m_s, applied_m_s;
    double air_N, wagons_N, dynamic_N, need_N;
    double acceleration;
    double tread_J, tread_max_W;
    double cylinders_Pa; /* mean after the last step */
    double rise_Pa_s;    /* of it */
    struct tn_cycle_trace *trace;
    double handle_s;          /* when the handle was moved */
    double row_s, pipe_row_s; /* times of the next rows */
};

static double net(struct ride *ride, double speed_m_s)
{
    const struct tn_cycle_train *c = ride->c;
    bool bailed = c->share > 0;
    ride->air_N = tn_pneumatic_force(&ride->air, speed_m_s, ride->applied_m_s, bailed);
    ride->wagons_N = bailed ? ride->air_N : tn_pneumatic_force(&ride->air, speed_m_s, ride->applied_m_s, true);
    ride->dynamic_N = bailed ? c->share * tn_curve_at(&c->train->dynamic_brake, speed_m_s) : 0;
    ride->need_N = tn_balance_at(c->need, speed_m_s, 1);
    return (ride->need_N - ride->dynamic_N - ride->air_N) / c->train->mass_effective_kg;
}

/* Grown by doubling; NULL if there is no memory. */
static void *more(struct tn_arena *arena, void *rows, size_t count, size_t *most, size_t size)
{
    if (count < *most)
        return rows;
    size_t wanted = *most ? 2 * *most : 256;
    void *grown = tn_arena_alloc(arena, wanted, size);
    if (grown && count)
        memcpy(grown, rows, count * size);
    *most = wanted;
    return grown;
}

static void note_row(struct ride *ride)
{
    struct tn_cycle_trace *t = ride->trace;
    const struct tn_pipe *pipe = ride->air.pipe;
    size_t first = 0, last = ride->air.count - 1;
    double lowest = INFINITY;
    while (first < last && ride->air.locomotive[first])
        first++;
    t->rows = more(t->arena, t->rows, t->count, &t->most, sizeof *t->rows);
    if (t->rows == NULL) {
        t->status = TN_ERR_MEMORY;
        return;
    }
    for (size_t i = first; i <= last; i++)
        if (!ride->air.locomotive[i])
            lowest = fmin(lowest, tn_pipe_auxiliary(pipe, i));
    t->rows[t->count++] = (struct tn_cycle_row){
        ride->time_s,
        ride->distance_m,
        ride->speed_m_s,
        tn_pipe_pressure(pipe, 0),
        tn_pipe_pressure(pipe, last),
        tn_pipe_cylinder(pipe, first),
        tn_pipe_cylinder(pipe, last),
        tn_pipe_cylinder_mean(pipe, NULL),
        lowest,
        ride->air_N,
        ride->dynamic_N,
        ride->need_N,
        ride->wagons_N * ride->speed_m_s / ride->c->wheels,
        NAN,
    };
}

/* Vehicles of a kind are taken as equally long. */
static void note_pipe(struct ride *ride)
{
    struct tn_cycle_trace *t = ride->trace;
    const struct tn_pipe *pipe = ride->air.pipe;
    const struct tn_train *train = ride->c->train;
    double locomotive = train->locomotive_length_m / fmax(1, train->locomotives);
    double wagon = (train->length_m - train->locomotive_length_m) / fmax(1, train->wagons), ahead = 0;
    size_t stride = 1 + (ride->air.count - 1) / PIPE_MOST;
    for (size_t i = 0; i < ride->air.count; i++) {
        double length = ride->air.locomotive[i] ? locomotive : wagon, middle = ahead + length / 2;
        ahead += length;
        if (i % stride)
            continue;
        t->pipe = more(t->arena, t->pipe, t->pipe_count, &t->pipe_most, sizeof *t->pipe);
        if (t->pipe == NULL) {
            t->status = TN_ERR_MEMORY;
            return;
        }
        t->pipe[t->pipe_count++] = (struct tn_cycle_pipe_row){ride->time_s, middle, tn_pipe_pressure(pipe, i),
                                                              tn_pipe_cylinder(pipe, i), tn_pipe_auxiliary(pipe, i)};
    }
}

static void note(struct ride *ride)
{
    if (ride->trace == NULL || ride->trace->status != TN_OK)
        return;
    if (ride->time_s >= ride->row_s - 1e-9) {
        note_row(ride);
        ride->row_s += ROW_S;
    }
    if (ride->time_s >= ride->pipe_row_s - 1e-9) {
        note_pipe(ride);
        double since = ride->time_s - ride->handle_s;
        ride->pipe_row_s += PIPE_ROW_S * (since < 60 ? 1 : since < 180 ? 2 : 10);
    }
}

/* Heun's step; the pipe moves on between its two slopes. */
static void advance(struct ride *ride)
{
    double dt = ride->c->step_s, v = ride->speed_m_s, before = ride->cylinders_Pa;
    double from = net(ride, v);
    tn_pipe_advance(ride->air.pipe, dt);
    double to = net(ride, fmax(0, v + from * dt));
    ride->acceleration = 0.5 * (from + to);
    ride->speed_m_s = fmax(0, v + ride->acceleration * dt);
    ride->distance_m += 0.5 * (v + ride->speed_m_s) * dt;
    ride->time_s += dt;
    ride->cylinders_Pa = tn_pipe_cylinder_mean(ride->air.pipe, NULL);
    ride->rise_Pa_s = (ride->cylinders_Pa - before) / dt;
    double tread_W = ride->wagons_N * ride->speed_m_s;
    ride->tread_J += tread_W * dt;
    ride->tread_max_W = fmax(ride->tread_max_W, tread_W);
    note(ride);
}

static tn_status depart(struct ride *ride, const struct tn_cycle_train *c, double speed_m_s,
                        struct tn_cycle_trace *trace)
{
    *ride = (struct ride){.c = c, .air = *c->charged, .speed_m_s = speed_m_s, .applied_m_s = speed_m_s, .trace = trace};
    return tn_pipe_copy(&ride->air.pipe, c->charged->pipe, c->arena);
}

/* A new cycle begins: its clocks, sums and rows start again. */
static void restart_clocks(struct ride *ride)
{
    ride->time_s = ride->distance_m = ride->tread_J = ride->tread_max_W = 0;
    ride->row_s = ride->pipe_row_s = ride->handle_s = 0;
    ride->applied_m_s = ride->speed_m_s;
    ride->cylinders_Pa = tn_pipe_cylinder_mean(ride->air.pipe, NULL);
    if (ride->trace == NULL)
        return;
    ride->trace->count = ride->trace->pipe_count = 0;
    (void)net(ride, ride->speed_m_s);
    note(ride);
}

static bool filled(const struct ride *ride, double since_s)
{
    return ride->time_s - since_s > BITE_S && !tn_pipe_exhausting(ride->air.pipe) && ride->rise_Pa_s < FILLED_PA_S;
}

/* Applies and waits until the train slows or passes the limit. The peak, or NAN if it passes. */
static double peak(struct ride *ride, double reduction_Pa)
{
    double limit = ride->c->limit_m_s + SPEED_NEAR;
    tn_pipe_handle_set(ride->air.pipe, TN_PIPE_SERVICE, reduction_Pa);
    while (ride->time_s < ride->c->rules->apply_time_most) {
        advance(ride);
        if (ride->speed_m_s > limit)
            return NAN;
        if (ride->acceleration < 0)
            return ride->speed_m_s;
        if (filled(ride, 0))
            return NAN;
    }
    return NAN;
}

tn_status tn_cycle_apply_speed(double *speed_out, const struct tn_cycle_train *c, double reduction_Pa)
{
    double low = c->release_m_s, high = c->limit_m_s;
    *speed_out = NAN;
    double idle_s = tn_brake_idle_time(TN_BRAKE_FREIGHT, false, c->train->wagons, reduction_Pa, 0);
    double v = high - idle_s * tn_balance_at(c->need, high, -1) / c->train->mass_effective_kg;
    for (int i = 0; i < SEARCHES && high - low > SPEED_NEAR; i++) {
        struct ride ride;
        if (!(v > low && v < high))
            v = 0.5 * (low + high);
        tn_status status = depart(&ride, c, v, NULL);
        if (status != TN_OK)
            return status;
        double reached = peak(&ride, reduction_Pa);
        if (isnan(reached)) {
            high = v;
            v = 0.5 * (low + high);
            continue;
        }
        *speed_out = low = v;
        if (c->limit_m_s - reached < SPEED_NEAR)
            return TN_OK;
        v += c->limit_m_s - reached;
    }
    return TN_OK;
}

/* From the handle's move to the release speed. */
static enum tn_cycle_end apply(struct ride *ride, struct tn_cycle *cycle, double overspeed_m_s)
{
    const struct tn_cycle_train *c = ride->c;
    double since = 0, lowest = c->running_Pa;
    int further = 0;
    for (size_t i = 0; i < ride->air.count; i++)
        if (!ride->air.locomotive[i])
            lowest = fmin(lowest, tn_pipe_auxiliary(ride->air.pipe, i));
    cycle->loss_Pa = c->running_Pa - lowest;
    if (cycle->loss_Pa < 1)
        cycle->loss_Pa = 0; /* rounding */
    cycle->max_m_s = ride->speed_m_s;
    cycle->total_Pa = cycle->reduction_Pa;
    tn_pipe_handle_set(ride->air.pipe, TN_PIPE_SERVICE, cycle->total_Pa);
    while (ride->speed_m_s > c->release_m_s || tn_pipe_exhausting(ride->air.pipe)) {
        advance(ride);
        cycle->max_m_s = fmax(cycle->max_m_s, ride->speed_m_s);
        if (ride->speed_m_s > 1.5 * c->limit_m_s || ride->time_s > c->rules->apply_time_most)
            return TN_CYCLE_WEAK;
        if (ride->acceleration < 0 || !filled(ride, since))
            continue;
        double extra = fmin(fmin(c->rules->further, cycle->reduction_Pa), c->reduction_most_Pa - cycle->total_Pa);
        if (further++ == c->rules->further_most || extra < 1)
            return TN_CYCLE_WEAK;
        since = ride->time_s;
        cycle->total_Pa += extra;
        tn_pipe_handle_set(ride->air.pipe, TN_PIPE_SERVICE, cycle->total_Pa);
    }
    cycle->apply_s = ride->time_s;
    cycle->apply_m = ride->distance_m;
    return cycle->max_m_s > c->limit_m_s + overspeed_m_s ? TN_CYCLE_OVERSPEED : TN_CYCLE_SETTLED;
}

/* From release back to the apply speed, or, where that comes first, on until the reservoirs are recharged. */
static enum tn_cycle_end release(struct ride *ride, struct tn_cycle *cycle)
{
    const struct tn_cycle_train *c = ride->c;
    double from = ride->time_s, metres = ride->distance_m;
    enum tn_cycle_end end = TN_CYCLE_SETTLED;
    cycle->recharge_s = cycle->return_s = INFINITY;
    cycle->min_m_s = ride->speed_m_s;
    ride->handle_s = ride->pipe_row_s = from;
    tn_pipe_handle_set(ride->air.pipe, TN_PIPE_RELEASE, 0);
    while (isinf(cycle->recharge_s) || isinf(cycle->return_s)) {
        advance(ride);
        double since = ride->time_s - from;
        cycle->min_m_s = fmin(cycle->min_m_s, ride->speed_m_s);
        if (since > PHASE_MOST_S)
            return isinf(cycle->return_s) ? TN_CYCLE_WANDERS : TN_CYCLE_RECHARGE;
        if (isinf(cycle->return_s) && ride->speed_m_s <= 0)
            return TN_CYCLE_STOPS;
        if (isinf(cycle->recharge_s) && tn_pipe_charged(ride->air.pipe, c->rules->recharge_margin))
            cycle->recharge_s = since;
        if (isinf(cycle->return_s) && ride->speed_m_s >= cycle->apply_m_s) {
            cycle->return_s = since;
            cycle->release_m = ride->distance_m - metres;
            end = isinf(cycle->recharge_s) ? TN_CYCLE_RECHARGE : TN_CYCLE_SETTLED;
        }
    }
    cycle->total_s = cycle->apply_s + cycle->return_s;
    return end;
}

static bool alike(const struct tn_cycle *a, const struct tn_cycle *b)
{
    return fabs(a->total_s - b->total_s) < 0.005 * b->total_s && fabs(a->max_m_s - b->max_m_s) < SPEED_NEAR &&
           fabs(a->loss_Pa - b->loss_Pa) < 200;
}

tn_status tn_cycle_run(struct tn_cycle *cycle, const struct tn_cycle_train *c, double reduction_Pa, double apply_m_s,
                       bool adapt, struct tn_cycle_trace *trace)
{
    struct ride ride;
    struct tn_cycle last = {.end = TN_CYCLE_SETTLED};
    *cycle = (struct tn_cycle){.reduction_Pa = reduction_Pa, .apply_m_s = apply_m_s};
    tn_status status = depart(&ride, c, apply_m_s, trace);
    if (status != TN_OK)
        return status;
    do {
        last = *cycle;
        cycle->count++;
        restart_clocks(&ride);
        cycle->end = apply(&ride, cycle, c->rules->overspeed);
        cycle->apply_s = ride.time_s;
        if (cycle->end == TN_CYCLE_SETTLED)
            cycle->end = release(&ride, cycle);
        cycle->tread_mean_W = ride.tread_J / ride.time_s / c->wheels;
        cycle->tread_max_W = ride.tread_max_W / c->wheels;
        if (cycle->end != TN_CYCLE_SETTLED)
            break;
        if (cycle->count > 1 && alike(cycle, &last)) {
            if (cycle->tread_mean_W > c->rules->tread_power_most)
                cycle->end = TN_CYCLE_HOT;
            break;
        }
        if (adapt && cycle->max_m_s > c->limit_m_s)
            cycle->apply_m_s -= cycle->max_m_s - c->limit_m_s;
        cycle->end = TN_CYCLE_WANDERS;
    } while (cycle->count < c->cycles_most);
    return trace ? trace->status : TN_OK;
}
