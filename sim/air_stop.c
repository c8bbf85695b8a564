/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "air_stop.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_roots.h>

#define FASTEST_M_S 150.0
#define SLOWEST_M_S 0.1
#define ROW_S       0.5   /* between rows of a history */
#define SETTLED_S   300.0 /* an application is complete by then, also in the longest trains */
#define PATIENCE_S  3600.0
#define PIPE_STEPS  8 /* of the air in one of the train, which is smooth */
#define NODES       32
#define MOST_ROWS   500 /* even: when every second goes, the next comes when it is due */

tn_status tn_air_stop_init(struct tn_air_stop *stop, const struct tn_train *train, double grade_1, bool emergency,
                           double reduction_Pa, struct tn_arena *arena, struct tn_context *ctx)
{
    *stop =
        (struct tn_air_stop){.train = train, .grade_1 = grade_1, .emergency = emergency, .reduction_Pa = reduction_Pa};
    return tn_pneumatic_init(&stop->charged, train, arena, ctx);
}

/* One stop on its way. */
struct moving {
    const struct tn_air_stop *stop;
    struct tn_pneumatic brake;
    double applied_at_m_s, step_s;
    double time_s, distance_m, speed_m_s;
    struct tn_air_stop_path *path;
    size_t head, tail;        /* first and last braked wagon */
    size_t rows, most, every; /* of the histories: rows, room for rows, steps from row to row */
};

static double brake_force(const struct moving *m, double speed_m_s)
{
    return tn_pneumatic_force(&m->brake, speed_m_s, m->applied_at_m_s, false);
}

static double retarding(const struct moving *m, double speed_m_s)
{
    const struct tn_train *train = m->stop->train;
    return brake_force(m, speed_m_s) + train->mass_kg * train->gravity_m_s2 * m->stop->grade_1 +
           tn_train_resistance(train, speed_m_s, 1, 0, 0, NULL, false);
}

/* Every second row goes when there is no room. */
static void thin(struct moving *m)
{
    struct tn_stop_trace *trace = m->path->trace.items;
    struct tn_stop_cylinder *cylinder = m->path->cylinder.items;
    for (size_t i = 0; 2 * i < m->rows; i++) {
        trace[i] = trace[2 * i];
        cylinder[i] = cylinder[2 * i];
    }
    m->rows = (m->rows + 1) / 2;
    m->every *= 2;
}

static void note(struct moving *m)
{
    if (m->most == 0)
        return;
    if (m->rows == m->most)
        thin(m);
    const struct tn_pipe *pipe = m->brake.pipe;
    struct tn_stop_trace *trace = m->path->trace.items;
    struct tn_stop_cylinder *cylinder = m->path->cylinder.items;
    trace[m->rows] = (struct tn_stop_trace){m->time_s, m->distance_m, m->speed_m_s, brake_force(m, m->speed_m_s)};
    cylinder[m->rows++] = (struct tn_stop_cylinder){m->time_s,
                                                    tn_pipe_cylinder_mean(pipe, NULL),
                                                    tn_pipe_cylinder(pipe, m->head),
                                                    tn_pipe_cylinder(pipe, m->tail),
                                                    tn_pipe_pressure(pipe, m->head),
                                                    tn_pipe_pressure(pipe, m->tail)};
}

static void find_ends(struct moving *m)
{
    const struct tn_pneumatic *brake = &m->brake;
    size_t found = 0;
    for (size_t i = 0; i < brake->count; i++) {
        if (brake->locomotive[i] || !(brake->full_Pa[i] > 0))
            continue;
        m->tail = i;
        if (found++ == 0)
            m->head = i;
    }
}

static tn_status begin(struct moving *m, const struct tn_air_stop *stop, struct tn_air_stop_path *path,
                       double speed_m_s, double pipe_step_s, struct tn_arena *arena)
{
    *m = (struct moving){.stop = stop, .brake = stop->charged, .path = path};
    m->speed_m_s = m->applied_at_m_s = speed_m_s;
    find_ends(m);
    tn_status status = tn_pipe_copy(&m->brake.pipe, stop->charged.pipe, arena);
    if (status != TN_OK)
        return status;
    tn_pipe_step_set(m->brake.pipe, pipe_step_s);
    m->step_s = PIPE_STEPS * pipe_step_s;
    m->every = (size_t)(ROW_S / m->step_s + 0.5);
    if (stop->broken_behind > 0)
        tn_pipe_break(m->brake.pipe, stop->broken_behind - 1);
    else
        tn_pipe_handle_set(m->brake.pipe, stop->emergency ? TN_PIPE_EMERGENCY : TN_PIPE_SERVICE, stop->reduction_Pa);
    return TN_OK;
}

/* A step by the midpoint rule, the air half a step ahead of the train and behind it in turn. False: the train stands.
 */
static bool step(struct moving *m)
{
    double step_s = m->step_s;
    double mass_kg = m->stop->train->mass_effective_kg;
    double half = fmax(0, m->speed_m_s - 0.5 * step_s * retarding(m, m->speed_m_s) / mass_kg);
    tn_pipe_advance(m->brake.pipe, 0.5 * step_s);
    double slowing = retarding(m, half) / mass_kg;
    double next = m->speed_m_s - step_s * slowing;
    double taken_s = next > 0 ? step_s : m->speed_m_s / slowing;
    tn_pipe_advance(m->brake.pipe, taken_s > 0.5 * step_s ? taken_s - 0.5 * step_s : 0);
    next = fmax(0, next);
    m->distance_m += 0.5 * (m->speed_m_s + next) * taken_s;
    m->time_s += taken_s;
    m->speed_m_s = next;
    return next > 0;
}

/* A train that gains speed with the application complete never stops. */
static bool hopeless(const struct moving *m)
{
    return m->speed_m_s > FASTEST_M_S || m->time_s > PATIENCE_S ||
           (m->time_s > SETTLED_S && retarding(m, m->speed_m_s) <= 0);
}

static void go(struct moving *m)
{
    size_t steps = 0;
    note(m);
    while (step(m)) {
        if (++steps % m->every)
            continue;
        note(m);
        if (hopeless(m)) {
            m->path->distance_m = m->path->time_s = INFINITY;
            return;
        }
    }
    note(m);
    m->path->distance_m = m->distance_m;
    m->path->time_s = m->time_s;
}

/* Integral of m v dv / F with the cylinders as they are. */
static double full_distance(const struct moving *m)
{
    double sum = 0;
    gsl_integration_glfixed_table *nodes = gsl_integration_glfixed_table_alloc(NODES);
    for (size_t i = 0; nodes != NULL && i < NODES; i++) {
        double v, weight;
        gsl_integration_glfixed_point(0, m->applied_at_m_s, i, &v, &weight, nodes);
        double force_N = retarding(m, v);
        sum += force_N > 0 ? weight * v / force_N : (double)INFINITY;
    }
    gsl_integration_glfixed_table_free(nodes);
    return nodes ? m->stop->train->mass_effective_kg * sum : (double)NAN;
}

/* Lets the application come to its end, and compares. */
static void compare(struct moving *m)
{
    double v0 = m->applied_at_m_s;
    if (m->time_s < SETTLED_S)
        tn_pipe_advance(m->brake.pipe, SETTLED_S - m->time_s);
    m->path->share_1 = brake_force(m, v0) / tn_pneumatic_full_force(&m->brake, v0, v0);
    double idle_m = m->path->distance_m - full_distance(m);
    m->path->idle_s = isfinite(idle_m) ? idle_m / v0 : (double)NAN;
}

static tn_status histories(struct moving *m, struct tn_arena *arena)
{
    m->most = MOST_ROWS;
    m->path->trace.items = tn_arena_alloc(arena, m->most, sizeof(struct tn_stop_trace));
    m->path->cylinder.items = tn_arena_alloc(arena, m->most, sizeof(struct tn_stop_cylinder));
    return m->path->trace.items && m->path->cylinder.items ? TN_OK : TN_ERR_MEMORY;
}

tn_status tn_air_stop_run(struct tn_air_stop_path *path, const struct tn_air_stop *stop, double speed_m_s,
                          double pipe_step_s, struct tn_arena *arena)
{
    struct moving m;
    struct tn_arena scratch = {0};
    *path = (struct tn_air_stop_path){.idle_s = NAN, .share_1 = NAN};
    tn_status status = begin(&m, stop, path, speed_m_s, pipe_step_s, &scratch);
    if (status == TN_OK && arena != NULL)
        status = histories(&m, arena);
    if (status == TN_OK) {
        go(&m);
        path->trace.count = path->cylinder.count = m.rows;
        if (arena != NULL)
            compare(&m);
    }
    tn_arena_clear(&scratch);
    return status;
}

/* The distance over the rule, brought between -1/2 and 1/2 so that a train that never stops has a place too. */
struct excess {
    const struct tn_air_stop *stop;
    double rule_m, pipe_step_s;
    tn_status status;
};

static double excess_at(double speed_m_s, void *payload)
{
    struct excess *e = payload;
    struct tn_air_stop_path path;
    if (e->status != TN_OK || !(speed_m_s > 0))
        return -0.5;
    e->status = tn_air_stop_run(&path, e->stop, speed_m_s, e->pipe_step_s, NULL);
    return isfinite(path.distance_m) ? path.distance_m / (path.distance_m + e->rule_m) - 0.5 : 0.5;
}

static tn_status root(double *speed_m_s_out, struct excess *e, double low, double high)
{
    gsl_function function = {excess_at, e};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
        return TN_ERR_MEMORY;
    int state = gsl_root_fsolver_set(solver, &function, low, high);
    for (int i = 0; i < 100 && state == GSL_SUCCESS && e->status == TN_OK; i++) {
        state = gsl_root_fsolver_iterate(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
        if (gsl_root_test_interval(low, high, 1e-5, 0) == GSL_SUCCESS)
            break;
    }
    *speed_m_s_out = low; /* of the two sides the one that keeps the rule */
    gsl_root_fsolver_free(solver);
    if (e->status != TN_OK)
        return e->status;
    return state == GSL_SUCCESS ? TN_OK : TN_ERR_NUMERIC;
}

tn_status tn_air_stop_permitted(double *speed_m_s_out, const struct tn_air_stop *stop, double distance_m,
                                double near_m_s, double pipe_step_s)
{
    struct excess e = {stop, distance_m, pipe_step_s, TN_OK};
    double low = 0.95 * near_m_s, high = 1.05 * near_m_s;
    while (e.status == TN_OK && low > 0 && excess_at(low, &e) > 0) {
        high = low;
        low = low > SLOWEST_M_S ? 0.7 * low : 0;
    }
    while (e.status == TN_OK && high < FASTEST_M_S && excess_at(high, &e) <= 0) {
        low = high;
        high *= 1.3;
    }
    if (e.status != TN_OK)
        return e.status;
    if (high >= FASTEST_M_S) {
        *speed_m_s_out = INFINITY;
        return TN_OK;
    }
    return root(speed_m_s_out, &e, low, high);
}
