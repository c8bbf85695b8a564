/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "brake_test.h"

#include <string.h>

#include "parallel.h"
#include "pneumatic.h"

#define ATMOSPHERE_Pa 100e3
#define STEP_S        0.025  /* between the rows of a history */
#define PATIENCE_S    7200.0 /* a recharge that takes longer is given up */
#define LOOK_S        1.0    /* between looks at a recharge */
#define MOVES_Pa      1e3    /* a valve has moved when its reservoir or cylinder has changed by that */
#define FILLED        0.95
#define RELEASED_Pa   40e3
#define SERVICE_Pa    50e3 /* the standard's table begins */
#define SERVICE_STEP  10e3
#define EFFECTIVE_Pa  200  /* to which the effective maximum is searched */
#define SPEED_M_S     10.0 /* at which shares are taken; the friction cancels */
#define CALM_S        10.0 /* settled: in that time ... */
#define CALM_Pa       10.0 /* ... less than that */
#define CALM_MOST_S   1500.0
#define SHOWN_S       300 /* after the release, at most, shown if nothing is said */

static const double default_lengths[] = {25, 56, 80, 105, 150, 210};
static const double default_reductions[] = {50e3, 70e3, 100e3, 140e3, 170e3};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_brake_test_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_brake_test_spec, reduction, TN_Q_PRESSURE, 100e3, 30e3, 200e3, 0,
                "reduction of the application that is shown"),
    TN_F_NUMBER(tn_brake_test_spec, hold, TN_Q_TIME, 120, 10, 3600, 0, "time from an application to its release"),
    TN_F_NUMBER(tn_brake_test_spec, margin, TN_Q_PRESSURE, 5e3, 100, 100e3, 0,
                "recharged: every auxiliary reservoir within this of running pressure"),
    TN_F_NUMBER(tn_brake_test_spec, trace_time, TN_Q_TIME, NAN, 1, 3600, 0,
                "time shown after the release; until recharged if not given"),
    TN_F_NUMBERS(tn_brake_test_spec, lengths, TN_Q_NONE,
                 "numbers of wagons, as the train's first, whose recharge is asked; 25 to 210 if not given"),
    TN_F_NUMBERS(tn_brake_test_spec, reductions, TN_Q_PRESSURE,
                 "reductions before that recharge; 50, 70, 100, 140 kPa, at 600 kPa 170 too, if not given"),
    TN_F_END,
};
const struct tn_schema tn_brake_test_spec_schema = {"brake_test", "the air brake of a standing train",
                                                    sizeof(struct tn_brake_test_spec), spec_fields};

static const struct tn_field trace_fields[] = {
    TN_R_NUMBER(tn_brake_test_row, time_s, TN_Q_TIME, "time from the application"),
    TN_R_NUMBER(tn_brake_test_row, pipe_head_Pa, TN_Q_PRESSURE, "brake pipe at the first wagon"),
    TN_R_NUMBER(tn_brake_test_row, pipe_tail_Pa, TN_Q_PRESSURE, "brake pipe at the last wagon"),
    TN_R_NUMBER(tn_brake_test_row, cylinder_head_Pa, TN_Q_PRESSURE, "brake cylinder of the first wagon"),
    TN_R_NUMBER(tn_brake_test_row, cylinder_tail_Pa, TN_Q_PRESSURE, "brake cylinder of the last wagon"),
    TN_R_NUMBER(tn_brake_test_row, auxiliary_head_Pa, TN_Q_PRESSURE, "auxiliary reservoir of the first wagon"),
    TN_R_NUMBER(tn_brake_test_row, auxiliary_tail_Pa, TN_Q_PRESSURE, "auxiliary reservoir of the last wagon"),
    TN_F_END,
};
static const struct tn_schema trace_schema = {"trace", "pressures of an application and its release",
                                              sizeof(struct tn_brake_test_row), trace_fields};

static const struct tn_field service_fields[] = {
    TN_R_NUMBER(tn_brake_test_service, reduction_Pa, TN_Q_PRESSURE, "reduction"),
    TN_R_NUMBER(tn_brake_test_service, cylinder_head_Pa, TN_Q_PRESSURE, "brake cylinder of the first wagon"),
    TN_R_NUMBER(tn_brake_test_service, cylinder_tail_Pa, TN_Q_PRESSURE, "brake cylinder of the last wagon"),
    TN_R_NUMBER(tn_brake_test_service, cylinder_mean_Pa, TN_Q_PRESSURE, "mean of the brake cylinders of the wagons"),
    TN_R_NUMBER(tn_brake_test_service, cylinder_boyle_Pa, TN_Q_PRESSURE, "cylinder by Boyle's law from the volumes"),
    TN_R_NUMBER(tn_brake_test_service, share_1, TN_Q_RATIO, "share of the wagons' emergency force, own shoes"),
    TN_R_NUMBER(tn_brake_test_service, share_iron_1, TN_Q_RATIO, "the same with iron shoes"),
    TN_R_NUMBER(tn_brake_test_service, share_standard_1, TN_Q_RATIO, "beta_c of the standard"),
    TN_R_NUMBER(tn_brake_test_service, difference_1, TN_Q_RATIO, "of the share with iron shoes from the standard's"),
    TN_F_END,
};
static const struct tn_schema service_schema = {"services", "what each reduction gives",
                                                sizeof(struct tn_brake_test_service), service_fields};

static const struct tn_field recharge_fields[] = {
    TN_F_INTEGER(tn_brake_test_recharge, wagons, 0, 0, 0, 0, "wagons"),
    TN_R_NUMBER(tn_brake_test_recharge, length_m, TN_Q_LENGTH, "length of the train"),
    TN_R_NUMBER(tn_brake_test_recharge, reduction_Pa, TN_Q_PRESSURE, "reduction"),
    TN_R_NUMBER(tn_brake_test_recharge, recharge_time_s, TN_Q_TIME, "time from release until recharged"),
    TN_R_NUMBER(tn_brake_test_recharge, air_kg, TN_Q_MASS, "air fed meanwhile"),
    TN_F_END,
};
static const struct tn_schema recharge_schema = {"recharges", "recharge over train length and reduction",
                                                 sizeof(struct tn_brake_test_recharge), recharge_fields};

/* Waves are told in m/s. */
#define PLAIN(S, M, Q, DOC) TN_F_NUMBER(S, M, Q, NAN, -INFINITY, INFINITY, TN_PRECISE, DOC)
#define WAVE(M, DOC)        PLAIN(tn_brake_test_result, M, TN_Q_SPEED, DOC)

static const struct tn_field result_fields[] = {
    TN_F_INTEGER(tn_brake_test_result, wagons, 0, 0, 0, 0, "wagons of the train"),
    TN_R_NUMBER(tn_brake_test_result, length_m, TN_Q_LENGTH, "length of the train"),
    TN_R_NUMBER(tn_brake_test_result, reduction_Pa, TN_Q_PRESSURE, "reduction of the service application"),
    TN_R_NUMBER(tn_brake_test_result, hold_s, TN_Q_TIME, "time from the application to the release"),
    TN_R_NUMBER(tn_brake_test_result, margin_Pa, TN_Q_PRESSURE, "recharged within this of running pressure"),
    WAVE(service_wave_m_s, "service wave: way over time from the order to the last wagon's cylinder"),
    WAVE(emergency_wave_m_s, "emergency wave: way over time from the order to the last wagon's cylinder"),
    WAVE(release_wave_m_s, "release wave: way over time from the order to the last wagon's cylinder"),
    WAVE(service_wave_between_m_s, "service wave from the first to the last wagon's valve"),
    WAVE(emergency_wave_between_m_s, "emergency wave from the first to the last wagon's valve"),
    WAVE(release_wave_between_m_s, "release wave from the first to the last wagon's valve"),
    TN_R_NUMBER(tn_brake_test_result, fill_head_time_s, TN_Q_TIME,
                "time from the service order until the first wagon's cylinder is filled to 95 %"),
    TN_R_NUMBER(tn_brake_test_result, fill_tail_time_s, TN_Q_TIME, "the same of the last wagon"),
    TN_R_NUMBER(tn_brake_test_result, emergency_fill_head_time_s, TN_Q_TIME,
                "time from an emergency order until the first wagon's cylinder is filled to 95 %"),
    TN_R_NUMBER(tn_brake_test_result, emergency_fill_tail_time_s, TN_Q_TIME, "the same of the last wagon"),
    TN_R_NUMBER(tn_brake_test_result, release_head_time_s, TN_Q_TIME,
                "time from the release until the first wagon's cylinder is down to 40 kPa"),
    TN_R_NUMBER(tn_brake_test_result, release_tail_time_s, TN_Q_TIME, "the same of the last wagon"),
    TN_R_NUMBER(tn_brake_test_result, recharge_time_s, TN_Q_TIME, "time from release until recharged"),
    TN_R_NUMBER(tn_brake_test_result, recharge_air_kg, TN_Q_MASS, "air fed meanwhile"),
    TN_R_NUMBER(tn_brake_test_result, reduction_effective_Pa, TN_Q_PRESSURE,
                "effective maximum: a larger reduction fills the cylinders no further"),
    TN_R_NUMBER(tn_brake_test_result, cylinder_full_Pa, TN_Q_PRESSURE, "mean cylinder pressure there"),
    TN_R_NUMBER(tn_brake_test_result, share_difference_mean_1, TN_Q_RATIO,
                "mean difference of the simulated service share from beta_c of the standard, iron shoes"),
    TN_R_NUMBER(tn_brake_test_result, share_own_difference_mean_1, TN_Q_RATIO, "the same with the train's own shoes"),
    PLAIN(tn_brake_test_result, air_residual_1, TN_Q_RATIO,
          "air that the books cannot account for, over that in the train"),
    TN_F_LIST(tn_brake_test_result, services, &service_schema, 0, "what each reduction gives"),
    TN_F_LIST(tn_brake_test_result, recharges, &recharge_schema, 0, "recharge over train length and reduction"),
    TN_F_LIST(tn_brake_test_result, trace, &trace_schema, TN_HIDDEN, "pressures of an application and its release"),
    TN_F_END,
};
const struct tn_schema tn_brake_test_result_schema = {"brake_test", "the air brake of a standing train",
                                                      sizeof(struct tn_brake_test_result), result_fields};

struct test {
    const struct tn_brake_test_spec *spec;
    const struct tn_environment *environment;
    const struct tn_train_spec *train_spec;
    struct tn_train train;
    struct tn_pneumatic air; /* charged and released */
    struct tn_train_spec tight_spec;
    struct tn_train tight_train;
    struct tn_pneumatic tight; /* the same without leakage, which would fill the cylinders of any application */
    size_t head, tail;         /* first and last braked wagon */
    double between_m;          /* them */
    double way_m;              /* from the first vehicle, where the driver sits, to the last braked wagon */
    double most_Pa;            /* largest reduction by the rules */
    double residual_1;         /* largest so far of the books of air */
    struct tn_brake_test_result *result;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

/* Middles of the vehicles along the pipe: locomotives stand where they feed. */
static void place(double *middles, const struct tn_train_spec *spec)
{
    const struct tn_train_locomotives *engines = spec->locomotives.items;
    const struct tn_train_wagons *rows = spec->wagons.items;
    double at = 0;
    size_t n = 0, row = 0;
    int left = 0, passed = 0;
    for (;;) {
        for (size_t e = 0; e < spec->locomotives.count; e++)
            for (int k = 0; engines[e].behind == passed && k < engines[e].count; k++) {
                double length = ((const struct tn_locomotive *)engines[e].type.object)->length;
                middles[n++] = at + length / 2;
                at += length;
            }
        while (left == 0 && row < spec->wagons.count) {
            const struct tn_wagon *type = rows[row].type.object;
            left = rows[row].count >= 0 ? rows[row].count : (int)fmax(1, ceil(rows[row].load / type->gross - 1e-9));
            row++;
        }
        if (left == 0)
            return;
        double length = ((const struct tn_wagon *)rows[row - 1].type.object)->length;
        middles[n++] = at + length / 2;
        at += length;
        left--;
        passed++;
    }
}

static tn_status find_ends(struct test *t)
{
    size_t found = 0;
    double *middles = tn_arena_alloc(t->arena, t->air.count, sizeof *middles);
    if (middles == NULL)
        return TN_ERR_MEMORY;
    place(middles, t->train_spec);
    for (size_t i = 0; i < t->air.count; i++) {
        if (t->air.locomotive[i] || !(t->air.full_Pa[i] > 0))
            continue;
        t->tail = i;
        if (found++ == 0)
            t->head = i;
    }
    t->between_m = middles[t->tail] - middles[t->head];
    t->way_m = middles[t->tail] - middles[0];
    if (found == 0)
        return tn_error(t->ctx, &t->spec->train, NULL, "no wagon of train `%s` brakes", t->train_spec->id);
    return TN_OK;
}

static int scaled(int value, int count, int own)
{
    return (int)lround((double)value * count / own);
}

/* The train with so many wagons like its first, what stands in the middle of it in proportion, all cocks open. */
static tn_status lengthened(struct tn_train_spec *out, const struct test *t, int count, struct tn_arena *arena)
{
    const struct tn_train_spec *spec = t->train_spec;
    struct tn_train_wagons *row = tn_arena_alloc(arena, 1, sizeof *row);
    struct tn_train_locomotives *engines = tn_arena_alloc(arena, spec->locomotives.count + 1, sizeof *engines);
    if (row == NULL || engines == NULL)
        return TN_ERR_MEMORY;
    memcpy(row, spec->wagons.items, sizeof *row);
    memcpy(engines, spec->locomotives.items, spec->locomotives.count * sizeof *engines);
    double gross = ((const struct tn_wagon *)row->type.object)->gross;
    if (!isnan(row->load))
        row->load *= count / (row->count >= 0 ? row->count : fmax(1, ceil(row->load / gross - 1e-9)));
    row->count = count;
    for (size_t i = 0; i < spec->locomotives.count; i++)
        engines[i].behind = scaled(engines[i].behind, count, t->train.wagons);
    *out = *spec;
    out->wagons = (struct tn_list){row, 1};
    out->locomotives.items = engines;
    out->brake.cut_out = scaled(spec->brake.cut_out, count, t->train.wagons);
    out->brake.closed_cock = 0;
    return TN_OK;
}

static double residual(const struct tn_pipe *charged, const struct tn_pipe *pipe)
{
    struct tn_air_pair {
        struct tn_pipe_air was, is;
    } a;
    tn_pipe_books(charged, &a.was);
    tn_pipe_books(pipe, &a.is);
    return fabs(a.is.held_kg + a.is.vented_kg + a.is.leaked_kg - a.is.fed_kg - a.was.held_kg) / a.was.held_kg;
}

static void check_books(struct test *t, const struct tn_pipe *charged, const struct tn_pipe *pipe)
{
    t->residual_1 = fmax(t->residual_1, residual(charged, pipe));
}

static void note(struct tn_brake_test_row *row, const struct test *t, const struct tn_pipe *pipe)
{
    *row = (struct tn_brake_test_row){tn_pipe_time(pipe),
                                      tn_pipe_pressure(pipe, t->head),
                                      tn_pipe_pressure(pipe, t->tail),
                                      tn_pipe_cylinder(pipe, t->head),
                                      tn_pipe_cylinder(pipe, t->tail),
                                      tn_pipe_auxiliary(pipe, t->head),
                                      tn_pipe_auxiliary(pipe, t->tail)};
}

/* Advances and keeps the pressures, the first row as they are now. */
static tn_status watch(struct tn_list *history, const struct test *t, struct tn_pipe *pipe, double time_s,
                       struct tn_arena *arena)
{
    size_t steps = (size_t)ceil(time_s / STEP_S - 1e-9);
    struct tn_brake_test_row *rows = tn_arena_alloc(arena, steps + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    note(&rows[0], t, pipe);
    for (size_t i = 1; i <= steps; i++) {
        tn_pipe_advance(pipe, time_s / (double)steps);
        note(&rows[i], t, pipe);
    }
    *history = (struct tn_list){rows, steps + 1};
    return TN_OK;
}

static double value(const struct tn_brake_test_row *row, size_t member)
{
    double out;
    memcpy(&out, (const char *)row + member, sizeof out);
    return out;
}

/* Time from the beginning until a member first passes the level; NAN: never. */
static double passes(const struct tn_list *history, size_t member, double level)
{
    const struct tn_brake_test_row *rows = history->items;
    bool rises = value(&rows[0], member) < level;
    for (size_t i = 1; i < history->count; i++) {
        double was = value(&rows[i - 1], member), is = value(&rows[i], member);
        if (rises ? is < level : is > level)
            continue;
        double part = is != was ? (level - was) / (is - was) : 1;
        return rows[i - 1].time_s + part * (rows[i].time_s - rows[i - 1].time_s) - rows[0].time_s;
    }
    return NAN;
}

#define HEAD(kind) offsetof(struct tn_brake_test_row, kind##_head_Pa)
#define TAIL(kind) offsetof(struct tn_brake_test_row, kind##_tail_Pa)

static double last(const struct tn_list *history, size_t member)
{
    return value((const struct tn_brake_test_row *)history->items + history->count - 1, member);
}

/* Way from the driver's valve to the last wagon over the time from the order until its cylinder begins to fill
   or to empty. */
static double wave(const struct test *t, const struct tn_list *history)
{
    const struct tn_brake_test_row *first = history->items;
    bool filled = first->cylinder_tail_Pa > MOVES_Pa;
    return t->way_m / passes(history, TAIL(cylinder), filled ? first->cylinder_tail_Pa - MOVES_Pa : MOVES_Pa);
}

/* Between the valves of the first and last wagon. Apparent where the train is fed at several places; NAN where the last
   is not reached, or first. */
static double wave_between(const struct test *t, const struct tn_list *history, size_t head, size_t tail)
{
    const struct tn_brake_test_row *first = history->items;
    double took =
        passes(history, tail, value(first, tail) - MOVES_Pa) - passes(history, head, value(first, head) - MOVES_Pa);
    return took > 0 ? t->between_m / took : (double)NAN;
}

static double lowest_auxiliary(const struct tn_pipe *pipe, size_t count)
{
    double low = INFINITY;
    for (size_t i = 0; i < count; i++)
        low = fmin(low, tn_pipe_auxiliary(pipe, i)); /* NAN of plain pipes is passed over */
    return low;
}

/* Releases and waits until every auxiliary reservoir is within the margin. */
static void recharge(double *time_s_out, double *air_kg_out, struct tn_pipe *pipe, size_t count, double level_Pa)
{
    struct tn_pipe_air air;
    tn_pipe_books(pipe, &air);
    double low = lowest_auxiliary(pipe, count), fed_kg = air.fed_kg;
    *time_s_out = *air_kg_out = NAN;
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    for (double time_s = 0; time_s < PATIENCE_S; time_s += LOOK_S) {
        tn_pipe_advance(pipe, LOOK_S);
        double is = lowest_auxiliary(pipe, count);
        if (is >= level_Pa) {
            tn_pipe_books(pipe, &air);
            *time_s_out = time_s + (low < level_Pa ? LOOK_S * (level_Pa - low) / (is - low) : 0);
            *air_kg_out = air.fed_kg - fed_kg;
            return;
        }
        low = is;
    }
}

/* Rows that a plot needs of both histories: close together after an order, then a second apart. */
static tn_status thin(struct test *t, const struct tn_list *applied, const struct tn_list *released)
{
    const struct tn_list *histories[] = {applied, released};
    struct tn_brake_test_row *out = tn_arena_alloc(t->arena, applied->count + released->count, sizeof *out);
    size_t n = 0;
    if (out == NULL)
        return TN_ERR_MEMORY;
    for (int h = 0; h < 2; h++) {
        const struct tn_brake_test_row *rows = histories[h]->items;
        size_t every;
        for (size_t i = (size_t)h; i < histories[h]->count;
             i += every) { /* the release begins where the application ends */
            double since = (double)i * STEP_S;
            every = (size_t)((since < 20 ? 0.2 : since < 60 ? 0.5 : 1) / STEP_S + 0.5);
            out[n++] = rows[i];
        }
    }
    t->result->trace = (struct tn_list){out, n};
    return TN_OK;
}

static tn_status service_and_release(struct test *t, struct tn_arena *scratch)
{
    struct tn_brake_test_result *r = t->result;
    struct tn_pipe *pipe = NULL, *copy = NULL;
    struct tn_list applied, released;
    double level = t->train_spec->brake.pipe_pressure - t->spec->margin;
    tn_status status = tn_pipe_copy(&pipe, t->air.pipe, scratch);
    if (status != TN_OK)
        return status;
    tn_pipe_handle_set(pipe, TN_PIPE_SERVICE, t->spec->reduction);
    status = watch(&applied, t, pipe, t->spec->hold, scratch);
    if (status == TN_OK)
        status = tn_pipe_copy(&copy, pipe, scratch);
    if (status != TN_OK)
        return status;
    recharge(&r->recharge_time_s, &r->recharge_air_kg, copy, t->air.count, level);
    check_books(t, t->air.pipe, copy);
    double shown = t->spec->trace_time;
    if (isnan(shown))
        shown = fmin(SHOWN_S, isnan(r->recharge_time_s) ? (double)INFINITY : fmax(60, 1.1 * r->recharge_time_s));
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    status = watch(&released, t, pipe, shown, scratch);
    if (status != TN_OK)
        return status;
    r->service_wave_m_s = wave(t, &applied);
    r->release_wave_m_s = wave(t, &released);
    r->service_wave_between_m_s = wave_between(t, &applied, HEAD(auxiliary), TAIL(auxiliary));
    r->release_wave_between_m_s = wave_between(t, &released, HEAD(cylinder), TAIL(cylinder));
    r->fill_head_time_s = passes(&applied, HEAD(cylinder), FILLED * last(&applied, HEAD(cylinder)));
    r->fill_tail_time_s = passes(&applied, TAIL(cylinder), FILLED * last(&applied, TAIL(cylinder)));
    r->release_head_time_s = passes(&released, HEAD(cylinder), RELEASED_Pa);
    r->release_tail_time_s = passes(&released, TAIL(cylinder), RELEASED_Pa);
    return thin(t, &applied, &released);
}

/* Until the cylinders rise no further. */
static void settle(struct tn_pipe *pipe)
{
    double was, is = tn_pipe_cylinder_mean(pipe, NULL);
    do {
        was = is;
        tn_pipe_advance(pipe, CALM_S);
        is = tn_pipe_cylinder_mean(pipe, NULL);
    } while ((tn_pipe_exhausting(pipe) || fabs(is - was) > CALM_Pa) && tn_pipe_time(pipe) < CALM_MOST_S);
}

/* An application to its end on a copy of the charged train, without leakage. */
static tn_status apply(struct tn_pneumatic *out, struct test *t, double reduction_Pa, struct tn_arena *scratch)
{
    *out = t->tight;
    tn_status status = tn_pipe_copy(&out->pipe, t->tight.pipe, scratch);
    if (status != TN_OK)
        return status;
    tn_pipe_handle_set(out->pipe, TN_PIPE_SERVICE, reduction_Pa);
    settle(out->pipe);
    check_books(t, t->tight.pipe, out->pipe);
    return TN_OK;
}

static double wagons_mean(const struct tn_pneumatic *air)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < air->count; i++) {
        if (air->locomotive[i] || !(air->full_Pa[i] > 0))
            continue;
        sum += tn_pipe_cylinder(air->pipe, i);
        n++;
    }
    return sum / n;
}

/* Converted force with the iron shoes and rigging of the standard's example: 356 mm, lever ratio 9, eight shoes. */
static double iron(const struct tn_pneumatic *air)
{
    const struct tn_rigging rigging = {.diameter_m = 0.356, .cylinders = 1, .shoes = 8, .ratio = 9, .efficiency = 0.9};
    const struct tn_shoe_law *law = &tn_shoe_laws[tn_choice_find(tn_shoe_law_name, "medium-phosphorus")];
    double sum = 0;
    for (size_t i = 0; i < air->count; i++)
        if (!air->locomotive[i] && air->full_Pa[i] > air->spring_Pa[i])
            sum += tn_shoe_converted(
                law, tn_shoe_force(&rigging, fmax(0, tn_pipe_cylinder(air->pipe, i) - air->spring_Pa[i])));
    return sum;
}

/* What the volumes of the first wagon's valve give: p = ratio r less what the empty cylinder lacks. */
static double boyle(const struct test *t, double reduction_Pa)
{
    const struct tn_wagon *type = ((const struct tn_train_wagons *)t->train_spec->wagons.items)->type.object;
    const struct tn_valve *valve = &tn_valves[type->air_brake.valve];
    double ratio = isnan(type->air_brake.reservoir_ratio) ? valve->volume_ratio : type->air_brake.reservoir_ratio;
    double asked = valve->graduated_release ? valve->multiplier * reduction_Pa
                                            : ratio * reduction_Pa - (1 - valve->clearance) * ATMOSPHERE_Pa;
    double reservoirs = ratio * (t->train_spec->brake.pipe_pressure + ATMOSPHERE_Pa) + valve->clearance * ATMOSPHERE_Pa;
    double full = fmin(reservoirs / (ratio + 1) - ATMOSPHERE_Pa, valve->cylinder_max_Pa);
    return fmax(0, fmin(asked, full));
}

struct full {
    double own, iron; /* wagons' force in emergency */
};

static tn_status emergency(struct full *full, struct test *t, struct tn_arena *scratch)
{
    struct tn_brake_test_result *r = t->result;
    struct tn_pneumatic air = t->air;
    struct tn_list history;
    tn_status status = tn_pipe_copy(&air.pipe, t->air.pipe, scratch);
    if (status != TN_OK)
        return status;
    tn_pipe_handle_set(air.pipe, TN_PIPE_EMERGENCY, 0);
    status = watch(&history, t, air.pipe, t->spec->hold, scratch);
    if (status != TN_OK)
        return status;
    check_books(t, t->air.pipe, air.pipe);
    r->emergency_wave_m_s = wave(t, &history);
    r->emergency_wave_between_m_s = wave_between(t, &history, HEAD(auxiliary), TAIL(auxiliary));
    r->emergency_fill_head_time_s = passes(&history, HEAD(cylinder), FILLED * last(&history, HEAD(cylinder)));
    r->emergency_fill_tail_time_s = passes(&history, TAIL(cylinder), FILLED * last(&history, TAIL(cylinder)));
    full->own = tn_pneumatic_force(&air, SPEED_M_S, SPEED_M_S, true);
    full->iron = iron(&air);
    return TN_OK;
}

/* Rows that do not depend on each other. */
struct rows {
    const struct test *test;
    const struct full *full;
    struct tn_brake_test_service *services;
    struct tn_brake_test_recharge *recharges;
    double *residuals_1; /* one a row */
};

/* All rows, and the largest residual of their books. */
static tn_status solve_rows(struct test *t, struct rows *rows, size_t count, const char *what, tn_parallel_task *task)
{
    rows->test = t;
    rows->residuals_1 = tn_arena_alloc(t->arena, count, sizeof *rows->residuals_1);
    if (rows->residuals_1 == NULL)
        return TN_ERR_MEMORY;
    tn_status status = tn_parallel(count, what, task, rows, t->ctx);
    for (size_t i = 0; i < count; i++)
        t->residual_1 = fmax(t->residual_1, rows->residuals_1[i]);
    return status;
}

static tn_status service_row(size_t i, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    const struct rows *rows = payload;
    struct tn_brake_test_service *row = &rows->services[i];
    struct test t = *rows->test;
    struct tn_pneumatic air;
    (void)ctx;
    t.residual_1 = 0;
    tn_status status = apply(&air, &t, row->reduction_Pa, scratch);
    if (status != TN_OK)
        return status;
    const struct tn_train_brake *brake = &t.train_spec->brake;
    row->cylinder_head_Pa = tn_pipe_cylinder(air.pipe, t.head);
    row->cylinder_tail_Pa = tn_pipe_cylinder(air.pipe, t.tail);
    row->cylinder_mean_Pa = wagons_mean(&air);
    row->cylinder_boyle_Pa = boyle(&t, row->reduction_Pa);
    row->share_1 = tn_pneumatic_force(&air, SPEED_M_S, SPEED_M_S, true) / rows->full->own;
    row->share_iron_1 = iron(&air) / rows->full->iron;
    row->share_standard_1 =
        tn_brake_service_coefficient((enum tn_brake_service)brake->service, brake->pipe_pressure, row->reduction_Pa);
    row->difference_1 = row->share_iron_1 / row->share_standard_1 - 1;
    rows->residuals_1[i] = t.residual_1;
    return TN_OK;
}

static tn_status services(struct test *t, const struct full *full)
{
    struct tn_brake_test_result *r = t->result;
    size_t count = (size_t)((t->most_Pa - SERVICE_Pa) / SERVICE_STEP + 1.5);
    struct tn_brake_test_service *rows = tn_arena_alloc(t->arena, count, sizeof *rows);
    double sum = 0, own = 0;
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        rows[i].reduction_Pa = SERVICE_Pa + SERVICE_STEP * (double)i;
    tn_status status =
        solve_rows(t, &(struct rows){.full = full, .services = rows}, count, "service applications", service_row);
    if (status != TN_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        sum += fabs(rows[i].difference_1);
        own += fabs(rows[i].share_1 / rows[i].share_standard_1 - 1);
    }
    r->services = (struct tn_list){rows, count};
    r->share_difference_mean_1 = sum / (double)count;
    r->share_own_difference_mean_1 = own / (double)count;
    return TN_OK;
}

static tn_status cylinder_after(double *mean_Pa_out, struct test *t, double reduction_Pa)
{
    struct tn_arena scratch = {0};
    struct tn_pneumatic air;
    tn_status status = apply(&air, t, reduction_Pa, &scratch);
    if (status == TN_OK)
        *mean_Pa_out = wagons_mean(&air);
    tn_arena_clear(&scratch);
    return status;
}

/* The least reduction that gives what one far beyond gives, to 0.3 % of it, by bisection. */
static tn_status effective_maximum(struct test *t)
{
    struct tn_brake_test_result *r = t->result;
    double low = SERVICE_Pa, high = 0.5 * t->train_spec->brake.pipe_pressure, mean = 0;
    tn_status status = cylinder_after(&r->cylinder_full_Pa, t, high);
    while (status == TN_OK && high - low > EFFECTIVE_Pa) {
        double middle = (low + high) / 2;
        status = cylinder_after(&mean, t, middle);
        if (mean > r->cylinder_full_Pa - MOVES_Pa)
            high = middle;
        else
            low = middle;
    }
    r->reduction_effective_Pa = high;
    return status;
}

static tn_status recharge_row(size_t i, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    const struct rows *rows = payload;
    const struct test *t = rows->test;
    struct tn_brake_test_recharge *row = &rows->recharges[i];
    struct tn_train_spec spec;
    struct tn_train train;
    struct tn_pneumatic air;
    struct tn_pipe *pipe = NULL;
    tn_status status = lengthened(&spec, t, row->wagons, scratch);
    if (status == TN_OK)
        status = tn_train_init(&train, &spec, &t->environment->weather, t->environment->gravity_m_s2, scratch, ctx);
    if (status == TN_OK)
        status = tn_pneumatic_init(&air, &train, scratch, ctx);
    if (status == TN_OK)
        status = tn_pipe_copy(&pipe, air.pipe, scratch);
    if (status != TN_OK)
        return status;
    row->length_m = train.length_m;
    tn_pipe_handle_set(pipe, TN_PIPE_SERVICE, row->reduction_Pa);
    tn_pipe_advance(pipe, t->spec->hold);
    recharge(&row->recharge_time_s, &row->air_kg, pipe, air.count,
             t->train_spec->brake.pipe_pressure - t->spec->margin);
    rows->residuals_1[i] = residual(air.pipe, pipe);
    return TN_OK;
}

static tn_status recharges(struct test *t)
{
    struct tn_list lengths = t->spec->lengths, reductions = t->spec->reductions;
    if (lengths.count == 0)
        lengths =
            (struct tn_list){(void *)(uintptr_t)default_lengths, sizeof default_lengths / sizeof *default_lengths};
    if (reductions.count == 0)
        reductions = (struct tn_list){(void *)(uintptr_t)default_reductions, t->most_Pa > 150e3 ? 5 : 4};
    const size_t count = lengths.count * reductions.count;
    struct tn_brake_test_recharge *rows = tn_arena_alloc(t->arena, count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        rows[i].wagons = (int)((const double *)lengths.items)[i / reductions.count];
        rows[i].reduction_Pa = ((const double *)reductions.items)[i % reductions.count];
    }
    t->result->recharges = (struct tn_list){rows, count};
    return solve_rows(t, &(struct rows){.recharges = rows}, count, "recharges", recharge_row);
}

static tn_status check(const struct test *t)
{
    const struct tn_brake_test_spec *spec = t->spec;
    const double *lengths = spec->lengths.items, *reductions = spec->reductions.items;
    double most = t->most_Pa * 1.01;
    for (size_t i = 0; i < spec->lengths.count; i++)
        if (!(lengths[i] >= 1 && lengths[i] <= 1000) || lengths[i] != floor(lengths[i]))
            return tn_error(t->ctx, &spec->lengths, "whole numbers from 1 to 1000", "no train has %g wagons",
                            lengths[i]);
    for (size_t i = 0; i < spec->reductions.count; i++)
        if (!(reductions[i] >= 30e3 && reductions[i] <= most))
            return tn_error(t->ctx, &spec->reductions, NULL,
                            "a reduction of %g kPa is not between 30 kPa and the largest that has effect, %g kPa",
                            1e-3 * reductions[i], 1e-3 * t->most_Pa);
    if (spec->reduction > most)
        return tn_error(t->ctx, &spec->reduction, NULL,
                        "a reduction of %g kPa is more than the largest that has effect at %g kPa, %g kPa",
                        1e-3 * spec->reduction, 1e-3 * t->train_spec->brake.pipe_pressure, 1e-3 * t->most_Pa);
    return TN_OK;
}

static tn_status verdict(struct test *t)
{
    struct tn_brake_test_result *r = t->result;
    struct tn_arena *arena = t->arena;
    const char *service = tn_number_text(arena, r->service_wave_m_s, 0);
    const char *emergency_text = tn_number_text(arena, r->emergency_wave_m_s, 0);
    const char *time = tn_number_text(arena, r->recharge_time_s, 0);
    const char *reduction = tn_number_text(arena, 1e-3 * r->reduction_Pa, 0);
    if (service == NULL || emergency_text == NULL || time == NULL || reduction == NULL)
        return TN_ERR_MEMORY;
    const char *waves =
        isfinite(r->service_wave_m_s) && isfinite(r->emergency_wave_m_s)
            ? tn_arena_printf(arena, "service wave %s m/s, emergency wave %s m/s", service, emergency_text)
            : "no wave from the first to the last wagon";
    const char *charge = isfinite(r->recharge_time_s)
                             ? tn_arena_printf(arena, "recharge after %s kPa takes %s s", reduction, time)
                             : tn_arena_printf(arena, "after %s kPa it is never recharged", reduction);
    if (waves == NULL || charge == NULL)
        return TN_ERR_MEMORY;
    r->head.verdict = tn_arena_printf(arena, "%d wagons: %s; %s", r->wagons, waves, charge);
    return r->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status assume(struct test *t)
{
    struct tn_result_head *head = &t->result->head;
    head->train = tn_text_copy(t->arena, t->train_spec->id);
    head->depth = "pneumatic";
    tn_status status =
        tn_assume(head, t->arena, TN_ASSUMED,
                  "recharge and waves come from the simulated pipe; openings of feed, exhaust and valves are "
                  "estimates, and no table of recharge times is public");
    if (status == TN_OK)
        status = tn_assume(head, t->arena, TN_DERIVED,
                           "iron shoes: the standard's example, cylinder of 356 mm, lever ratio 9, eight shoes");
    return status == TN_OK ? tn_assume_notes(head, t->arena, t->train_spec, NULL) : status;
}

static tn_status tighten(struct test *t)
{
    t->tight = t->air;
    if (!(t->train_spec->brake.leakage > 0))
        return TN_OK;
    t->tight_spec = *t->train_spec;
    t->tight_spec.brake.leakage = 0;
    t->tight_train = t->train;
    t->tight_train.spec = &t->tight_spec;
    return tn_pneumatic_init(&t->tight, &t->tight_train, t->arena, t->ctx);
}

static tn_status begin(struct test *t)
{
    struct tn_brake_test_result *r = t->result;
    tn_status status = tn_train_init(&t->train, t->train_spec, &t->environment->weather, t->environment->gravity_m_s2,
                                     t->arena, t->ctx);
    if (status == TN_OK && t->train.wagons == 0)
        status = tn_error(t->ctx, &t->spec->train, NULL, "train `%s` has no wagons", t->train_spec->id);
    if (status == TN_OK)
        status = check(t);
    if (status == TN_OK)
        status = tn_pneumatic_init(&t->air, &t->train, t->arena, t->ctx);
    if (status == TN_OK)
        status = find_ends(t);
    if (status == TN_OK)
        status = tighten(t);
    r->wagons = t->train.wagons;
    r->length_m = t->train.length_m;
    r->reduction_Pa = t->spec->reduction;
    r->hold_s = t->spec->hold;
    r->margin_Pa = t->spec->margin;
    return status;
}

static struct test test_of(struct tn_brake_test_result *result, const struct tn_brake_test_spec *spec,
                           const struct tn_environment *environment, struct tn_arena *arena, struct tn_context *ctx)
{
    const struct tn_train_spec *train = spec->train.object;
    return (struct test){.spec = spec,
                         .environment = environment,
                         .train_spec = train,
                         .most_Pa = tn_brake_reduction_most(train->brake.pipe_pressure),
                         .result = result,
                         .arena = arena,
                         .ctx = ctx};
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct tn_brake_test_result result;
    struct test t = test_of(&result, spec, environment, arena, ctx);
    return begin(&t);
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct test t = test_of(result_out, spec, environment, arena, ctx);
    struct tn_arena scratch = {0};
    struct full full;
    tn_status status = begin(&t);
    if (status == TN_OK)
        status = service_and_release(&t, &scratch);
    if (status == TN_OK)
        status = emergency(&full, &t, &scratch);
    tn_arena_clear(&scratch);
    if (status == TN_OK)
        status = services(&t, &full);
    if (status == TN_OK)
        status = effective_maximum(&t);
    if (status == TN_OK)
        status = recharges(&t);
    t.result->air_residual_1 = t.residual_1;
    if (status == TN_OK)
        status = assume(&t);
    return status == TN_OK ? verdict(&t) : status;
}

const struct tn_study_kind tn_study_brake_test = {
    "brake_test",
    "the air brake of a standing train: waves, filling, service shares, recharge over length and reduction",
    &tn_brake_test_spec_schema,
    &tn_brake_test_result_schema,
    solve,
    check_study,
    NULL,
};
