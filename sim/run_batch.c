/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "run_lanes.h"

/* The forces of a train between two neighbouring knots of all its effort curves. low and high: of traction alone and of
   the dynamic brake alone, where a step under one of them ends. */
struct effort_row {
    double from_m_s;
    struct tn_effort_piece traction, dynamic, brake;
    double traction_low, traction_high, dynamic_low, dynamic_high;
};
struct resistance_row {
    double from_m_s, to_m_s;
    struct tn_effort_piece still, air;
};

/* Rows in rising order of speed, the first from 0, for one zone of a track. */
struct table {
    const struct tn_track_zone *zone; /* whose rows they are; NULL: none yet */
    struct effort_row *efforts;
    struct resistance_row *resistances;
    size_t effort_count, resistance_count;
    double end_m_s; /* where the first of the effort curves ends */
};

/* A train on its way. */
struct lane {
    struct tn_drive drive; /* position and sums are in the lanes while they make steps */
    size_t index;          /* of the request; drive.request is NULL where no train is */
    struct table *tables;  /* one a zone */
    const struct table *table;
    size_t effort, resistance;             /* rows near the speed */
    const void *effort_in, *resistance_in; /* rows whose coefficients are in the lanes */
    size_t piece_in, curve_in;
    double before_m_s; /* speed before it was set to that of a limit or braking curve */
    struct tn_arena scratch;
};

struct batch {
    struct tn_lanes lanes;
    struct lane lane[TN_LANES];
    const struct tn_lanes_set *set;
    struct tn_run *runs;
    tn_status *statuses;
    const char **reasons;
    const struct tn_run_request *requests;
    size_t count, next;
    struct tn_arena *arena;
};

static const struct tn_lanes_set *const sets[] = {&tn_lanes_plain, &tn_lanes_avx2, &tn_lanes_avx512};
#define SET_COUNT (sizeof sets / sizeof *sets)

void tn_run_batch_sets(const char *names[TN_RUN_BATCH_SETS])
{
    size_t count = 0;
    for (size_t i = 0; i < SET_COUNT; i++)
        if (sets[i]->available())
            names[count++] = sets[i]->name;
    names[count] = NULL;
}

static const struct tn_lanes_set *choose_set(const char *name)
{
    for (size_t i = SET_COUNT; i-- > 0;)
        if (sets[i]->available() && (name == NULL || strcmp(name, sets[i]->name) == 0))
            return sets[i];
    return NULL;
}

static bool is_parabola(const struct tn_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (curve->pieces[i].p != 0)
            return false;
    return true;
}

static bool is_straight(const struct tn_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (curve->pieces[i].c2 != 0 || curve->pieces[i].p != 0)
            return false;
    return true;
}

bool tn_run_batch_takes(const struct tn_run_request *request)
{
    if (request->trace || request->follow != NULL || request->descend != NULL || request->speed_end_m_s > 0)
        return false;
    for (size_t i = 0; i < request->track->zone_count; i++)
        if (!is_straight(&request->track->zones[i].still) || !is_parabola(&request->track->zones[i].air))
            return false;
    return true;
}

/* The curve's piece for speeds just above v, and where it begins and ends. */
static struct tn_effort_piece piece_above(const struct tn_curve *curve, double v, double *low, double *high)
{
    *low = 0;
    *high = INFINITY;
    if (curve->count == 0)
        return (struct tn_effort_piece){0};
    if (v >= curve->end_m_s) {
        *low = curve->end_m_s;
        return (struct tn_effort_piece){0};
    }
    size_t i = tn_curve_piece(curve, v, 1);
    *low = curve->pieces[i].from_m_s;
    *high = i + 1 < curve->count ? curve->pieces[i + 1].from_m_s : curve->end_m_s;
    return curve->pieces[i];
}

/* The least knot of the curves above v. */
static double next_knot(const struct tn_curve *const *curves, size_t count, double v)
{
    double next = INFINITY, low, high;
    for (size_t i = 0; i < count; i++) {
        (void)piece_above(curves[i], v, &low, &high);
        next = fmin(next, high);
    }
    return next;
}

static tn_status fill_efforts(struct table *table, struct tn_arena *arena)
{
    const struct tn_track_zone *zone = table->zone;
    const struct tn_curve *curves[] = {&zone->traction, &zone->dynamic_brake, &zone->service_brake};
    size_t most = 4;
    table->end_m_s = INFINITY;
    for (size_t i = 0; i < 3; i++) {
        most += curves[i]->count + 1;
        if (curves[i]->count > 0)
            table->end_m_s = fmin(table->end_m_s, curves[i]->end_m_s);
    }
    table->efforts = tn_arena_alloc(arena, most, sizeof *table->efforts);
    if (table->efforts == NULL)
        return TN_ERR_MEMORY;
    table->effort_count = 0;
    for (double v = 0; isfinite(v); v = next_knot(curves, 3, v)) {
        struct effort_row *row = &table->efforts[table->effort_count++];
        double low, high;
        row->from_m_s = v;
        row->traction = piece_above(curves[0], v, &row->traction_low, &row->traction_high);
        row->dynamic = piece_above(curves[1], v, &row->dynamic_low, &row->dynamic_high);
        row->brake = piece_above(curves[2], v, &low, &high);
        if (curves[2]->count == 0)
            row->brake.c0 = HUGE_VAL; /* unlimited */
    }
    return TN_OK;
}

static tn_status fill_resistances(struct table *table, struct tn_arena *arena)
{
    const struct tn_track_zone *zone = table->zone;
    const struct tn_curve *curves[] = {&zone->still, &zone->air};
    table->resistances = tn_arena_alloc(arena, zone->still.count + zone->air.count + 4, sizeof *table->resistances);
    if (table->resistances == NULL)
        return TN_ERR_MEMORY;
    table->resistance_count = 0;
    for (double v = 0; isfinite(v);) {
        struct resistance_row *row = &table->resistances[table->resistance_count++];
        double low, high;
        row->from_m_s = v;
        row->still = piece_above(curves[0], v, &low, &high);
        row->air = piece_above(curves[1], v, &low, &high);
        v = row->to_m_s = next_knot(curves, 2, v);
    }
    return TN_OK;
}

static bool same_efforts(const struct tn_track_zone *a, const struct tn_track_zone *b)
{
    return a->traction.pieces == b->traction.pieces && a->dynamic_brake.pieces == b->dynamic_brake.pieces &&
           a->service_brake.pieces == b->service_brake.pieces;
}

/* The table of a zone, made when it is first needed. Zones of the same curves share its rows. */
static tn_status table_of(const struct table **out, struct lane *lane, int zone)
{
    const struct tn_track *track = lane->drive.track;
    struct table *table = &lane->tables[zone];
    *out = table;
    if (table->zone != NULL)
        return TN_OK;
    table->zone = &track->zones[zone];
    tn_status status = TN_OK;
    if (zone > 0 && lane->tables[0].zone != NULL && same_efforts(lane->tables[0].zone, table->zone)) {
        table->efforts = lane->tables[0].efforts;
        table->effort_count = lane->tables[0].effort_count;
        table->end_m_s = lane->tables[0].end_m_s;
    } else {
        status = fill_efforts(table, &lane->scratch);
    }
    return status == TN_OK ? fill_resistances(table, &lane->scratch) : status;
}

/* Row that holds just above (or, `below`, just below) v, found from the one that held before. */
static void find_rows(struct lane *lane, double v, bool below)
{
    const struct table *table = lane->table;
    size_t e = lane->effort < table->effort_count ? lane->effort : 0;
    size_t r = lane->resistance < table->resistance_count ? lane->resistance : 0;
    const struct effort_row *efforts = table->efforts;
    const struct resistance_row *resistances = table->resistances;
    if (below) {
        while (e + 1 < table->effort_count && efforts[e + 1].from_m_s < v)
            e++;
        while (e > 0 && efforts[e].from_m_s >= v)
            e--;
        while (r + 1 < table->resistance_count && resistances[r + 1].from_m_s < v)
            r++;
        while (r > 0 && resistances[r].from_m_s >= v)
            r--;
    } else {
        while (e + 1 < table->effort_count && efforts[e + 1].from_m_s <= v)
            e++;
        while (e > 0 && efforts[e].from_m_s > v)
            e--;
        while (r + 1 < table->resistance_count && resistances[r + 1].from_m_s <= v)
            r++;
        while (r > 0 && resistances[r].from_m_s > v)
            r--;
    }
    lane->effort = e;
    lane->resistance = r;
}

static void put_piece(struct tn_lanes_piece *lanes, int i, const struct tn_effort_piece *piece)
{
    lanes->c0.of[i] = piece->c0;
    lanes->c1.of[i] = piece->c1;
    lanes->c2.of[i] = piece->c2;
    lanes->p.of[i] = piece->p;
    lanes->q.of[i] = piece->q;
}

/* Brings the forces of the rows into the lanes. */
static void load_rows(struct batch *batch, int i)
{
    struct tn_lanes *l = &batch->lanes;
    struct lane *lane = &batch->lane[i];
    const struct effort_row *effort = &lane->table->efforts[lane->effort];
    const struct resistance_row *resistance = &lane->table->resistances[lane->resistance];
    if (lane->effort_in != effort) {
        put_piece(&l->traction, i, &effort->traction);
        put_piece(&l->dynamic, i, &effort->dynamic);
        put_piece(&l->brake, i, &effort->brake);
        lane->effort_in = effort;
    }
    if (lane->resistance_in != resistance) {
        put_piece(&l->air, i, &resistance->air);
        l->still0.of[i] = resistance->still.c0;
        l->still1.of[i] = resistance->still.c1;
        lane->resistance_in = resistance;
    }
}

static void set_cell(struct batch *batch, int i, double low, double high)
{
    const struct lane *lane = &batch->lane[i];
    const struct resistance_row *resistance = &lane->table->resistances[lane->resistance];
    batch->lanes.low_m_s.of[i] = low > resistance->from_m_s ? low : resistance->from_m_s;
    batch->lanes.high_m_s.of[i] = high < resistance->to_m_s ? high : resistance->to_m_s;
}

static void traction_cell(struct batch *batch, int i, bool below)
{
    struct lane *lane = &batch->lane[i];
    find_rows(lane, batch->lanes.v_m_s.of[i], below);
    const struct effort_row *effort = &lane->table->efforts[lane->effort];
    set_cell(batch, i, effort->traction_low, effort->traction_high);
    load_rows(batch, i);
}

/* As choose_cell() of run.c: the cell on the side of v to which the train accelerates. */
static void set_traction(struct batch *batch, int i)
{
    const struct lane *lane = &batch->lane[i];
    const struct tn_drive *s = &lane->drive;
    double v = batch->lanes.v_m_s.of[i];
    traction_cell(batch, i, false);
    if (v > batch->lanes.low_m_s.of[i] || v == 0)
        return;
    const struct resistance_row *resistance = &lane->table->resistances[lane->resistance];
    const struct tn_motion_cell cell = {
        .effort = lane->table->efforts[lane->effort].traction, .still = resistance->still, .air = resistance->air};
    if (tn_motion_acceleration(&cell, tn_drive_piece(s), s->train->mass_effective_kg, batch->lanes.x_m.of[i], v) < 0)
        traction_cell(batch, i, true);
}

static void load_piece(struct batch *batch, int i)
{
    struct tn_lanes *l = &batch->lanes;
    const struct tn_drive *s = &batch->lane[i].drive;
    const struct tn_track_piece *piece = tn_drive_piece(s);
    l->from_m.of[i] = piece->from_m;
    l->end_m.of[i] = tn_drive_piece_end(s);
    l->k0.of[i] = piece->k0;
    l->k1.of[i] = piece->k1;
    l->t0.of[i] = piece->t0;
    l->t1.of[i] = piece->t1;
    l->r0.of[i] = piece->r0;
    l->r1.of[i] = piece->r1;
    l->limit_m_s.of[i] = piece->limit_m_s;
    batch->lane[i].piece_in = s->piece;
}

static void load_curve(struct batch *batch, int i)
{
    struct tn_lanes *l = &batch->lanes;
    const struct tn_drive *s = &batch->lane[i].drive;
    const struct tn_ceiling_stretch none = {HUGE_VAL, HUGE_VAL, 0, 0, 0, 1, NULL, 0};
    const struct tn_ceiling_stretch *stretch =
        s->stretch < s->ceiling.count ? &s->ceiling.stretches[s->stretch] : &none;
    l->curve_from_m.of[i] = stretch->from_m;
    l->curve_to_m.of[i] = stretch->to_m;
    l->curve_to_m_s.of[i] = stretch->to_m_s;
    l->deceleration.of[i] = stretch->deceleration;
    l->forced.of[i] = stretch->forced != NULL ? -1 : 0;
    batch->lane[i].curve_in = s->stretch;
}

/* Puts the train where the lane is, and back. */
static void to_drive(struct batch *batch, int i)
{
    const struct tn_lanes *l = &batch->lanes;
    struct tn_drive *s = &batch->lane[i].drive;
    struct tn_run *run = s->run;
    s->x_m = l->x_m.of[i];
    s->v_m_s = l->v_m_s.of[i];
    s->time_s = l->time_s.of[i];
    s->drift_m_s = l->drift_m_s.of[i];
    s->drift_m = l->drift_m.of[i];
    run->error_estimate_s = l->error_s.of[i];
    run->speed_max_m_s = l->top_m_s.of[i];
    run->work_traction_J = l->traction_J.of[i];
    run->work_dynamic_brake_J = l->dynamic_J.of[i];
    run->work_air_brake_J = l->air_J.of[i];
    run->work_resistance_J = l->resistance_J.of[i];
    run->work_track_J = l->track_J.of[i];
}

static void from_drive(struct batch *batch, int i)
{
    struct tn_lanes *l = &batch->lanes;
    const struct tn_drive *s = &batch->lane[i].drive;
    const struct tn_run *run = s->run;
    l->x_m.of[i] = s->x_m;
    l->v_m_s.of[i] = s->v_m_s;
    l->time_s.of[i] = s->time_s;
    l->drift_m_s.of[i] = s->drift_m_s;
    l->drift_m.of[i] = s->drift_m;
    l->error_s.of[i] = run->error_estimate_s;
    l->top_m_s.of[i] = run->speed_max_m_s;
    l->traction_J.of[i] = run->work_traction_J;
    l->dynamic_J.of[i] = run->work_dynamic_brake_J;
    l->air_J.of[i] = run->work_air_brake_J;
    l->resistance_J.of[i] = run->work_resistance_J;
    l->track_J.of[i] = run->work_track_J;
}

static void finish(struct batch *batch, int i, tn_status status)
{
    struct lane *lane = &batch->lane[i];
    struct tn_context ctx;
    memset(&ctx, 0, sizeof ctx);
    if (lane->drive.request != NULL)
        status = tn_drive_end(&lane->drive, status, &ctx);
    batch->statuses[lane->index] = status;
    if (status != TN_OK)
        batch->reasons[lane->index] = ctx.count > 0 ? tn_text_copy(batch->arena, ctx.diagnostics[0].text) : NULL;
    tn_context_clear(&ctx);
    tn_arena_clear(&lane->scratch);
    lane->drive.request = NULL;
    batch->lanes.mode.of[i] = TN_LANES_IDLE;
}

/* Sets off the next train in the lane. False: there is none. */
static bool refill(struct batch *batch, int i)
{
    struct lane *lane = &batch->lane[i];
    while (batch->next < batch->count) {
        size_t index = batch->next++;
        const struct tn_run_request *request = &batch->requests[index];
        *lane = (struct lane){.index = index, .piece_in = SIZE_MAX, .curve_in = SIZE_MAX};
        tn_status status = tn_drive_begin(&lane->drive, &batch->runs[index], request, batch->arena, &lane->scratch);
        if (status == TN_OK) {
            lane->tables = tn_arena_alloc(&lane->scratch, request->track->zone_count, sizeof *lane->tables);
            status = lane->tables == NULL ? TN_ERR_MEMORY : TN_OK;
        }
        if (status != TN_OK) {
            lane->drive.request = NULL;
            finish(batch, i, status);
            continue;
        }
        batch->lanes.mass_kg.of[i] = lane->drive.train->mass_effective_kg;
        batch->lanes.tolerance.of[i] = lane->drive.tolerance;
        from_drive(batch, i);
        return true;
    }
    return false;
}

/* What the train does next, as tn_drive_step() decides it. */
static enum tn_lanes_mode next_mode(struct batch *batch, int i)
{
    struct tn_lanes *l = &batch->lanes;
    struct lane *lane = &batch->lane[i];
    struct tn_drive *s = &lane->drive;
    double x = l->x_m.of[i], v = l->v_m_s.of[i], limit = l->limit_m_s.of[i];
    lane->before_m_s = v;
    if (s->stop < s->request->stop_count && s->request->stops[s->stop].s_m <= x)
        return TN_LANES_ALONE;
    bool on_curve = l->curve_from_m.of[i] <= x;
    if (on_curve) {
        if (l->forced.of[i])
            return TN_LANES_ALONE;
        double ceiling = tn_ceiling_speed(&s->ceiling.stretches[s->stretch], x);
        if (fabs(v - ceiling) <= TN_SPEED_EPSILON * (1 + ceiling)) {
            find_rows(lane, tn_drive_below(ceiling, l->deceleration.of[i]), true);
            const struct effort_row *effort = &lane->table->efforts[lane->effort];
            set_cell(batch, i, effort->dynamic_low, effort->dynamic_high);
            load_rows(batch, i);
            l->v_m_s.of[i] = ceiling;
            return TN_LANES_FOLLOW;
        }
        limit = ceiling < limit ? ceiling : limit;
    }
    if (v > limit * (1 + TN_SPEED_EPSILON))
        return TN_LANES_ALONE;
    if (!on_curve && v >= limit * (1 - 1e-14)) {
        if (limit >= lane->table->end_m_s * (1 - 1e-9))
            return TN_LANES_ALONE; /* effort ends here: which side counts is for run.c */
        find_rows(lane, limit, true);
        size_t resistance = lane->resistance;
        find_rows(lane, limit, false);
        lane->resistance = resistance;
        load_rows(batch, i);
        l->v_m_s.of[i] = limit;
        return TN_LANES_HOLD;
    }
    set_traction(batch, i);
    return TN_LANES_ACCELERATE;
}

/* Marks and energies of a step that the lanes have made. */
static void book_step(struct batch *batch, int i)
{
    const struct tn_lanes *l = &batch->lanes;
    struct tn_drive *s = &batch->lane[i].drive;
    double to = l->x_m.of[i];
    s->run->steps++;
    bool marked = s->mark < s->request->mark_count && s->request->marks[s->mark] <= to;
    if (!marked && s->alike)
        return;
    struct tn_drive_leg leg = {.from_m = l->leg_x_m.of[i],
                               .to_m = to,
                               .from_m_s = l->leg_v_m_s.of[i],
                               .to_m_s = l->v_m_s.of[i],
                               .time_s = l->leg_time_s.of[i],
                               .traction_J = l->leg_traction_J.of[i],
                               .dynamic_J = l->leg_dynamic_J.of[i]};
    struct tn_motion_series series;
    if (marked && l->order.of[i] > 0) {
        series.order = (int)l->order.of[i];
        for (int n = 0; n <= series.order; n++)
            series.v[n] = l->v[n].of[i];
        for (int n = 1; n <= series.order + 1; n++)
            series.x[n] = l->x[n].of[i];
        leg.series = &series;
        leg.series_start_m = leg.from_m;
    }
    s->time_s = l->time_s.of[i] - leg.time_s;
    s->run->work_traction_J = l->traction_J.of[i] - leg.traction_J;
    if (marked)
        tn_drive_time_marks(s, &leg);
    tn_drive_account(s, &leg);
}

/* Brings the lane to where a step waits in it: takes notice of the last one, makes those that are out of the ordinary,
   sets off the next train. */
static void bring_up(struct batch *batch, int i)
{
    struct tn_lanes *l = &batch->lanes;
    struct lane *lane = &batch->lane[i];
    struct tn_drive *s = &lane->drive;
    for (;;) {
        tn_status status = TN_OK;
        if (l->mode.of[i] == TN_LANES_ALONE) {
            l->v_m_s.of[i] = lane->before_m_s;
            to_drive(batch, i);
            status = tn_drive_step(s);
            from_drive(batch, i);
        } else if (l->mode.of[i] == TN_LANES_DONE) {
            book_step(batch, i);
        }
        s->x_m = l->x_m.of[i];
        s->v_m_s = l->v_m_s.of[i];
        if (s->request == NULL || status != TN_OK || !tn_drive_goes_on(s)) {
            if (s->request != NULL) {
                to_drive(batch, i);
                finish(batch, i, status);
            }
            if (!refill(batch, i))
                return;
            if (!tn_drive_goes_on(s)) {
                l->mode.of[i] = TN_LANES_IDLE;
                continue;
            }
        }
        tn_drive_advance(s);
        if (s->piece != lane->piece_in)
            load_piece(batch, i);
        if (s->stretch != lane->curve_in)
            load_curve(batch, i);
        if (table_of(&lane->table, lane, tn_drive_piece(s)->zone) != TN_OK) {
            to_drive(batch, i);
            finish(batch, i, TN_ERR_MEMORY);
            continue;
        }
        l->order.of[i] = 0;
        l->mode.of[i] = next_mode(batch, i);
        if (l->mode.of[i] != TN_LANES_ALONE)
            return;
    }
}

static int count_mode(const struct batch *batch, enum tn_lanes_mode mode)
{
    int count = 0;
    for (int i = 0; i < TN_LANES; i++)
        count += batch->lanes.mode.of[i] == (long long)mode;
    return count;
}

/* Steps at the limit. A train that traction does not hold there goes on under all it has. */
static void hold_lanes(struct batch *batch)
{
    const struct tn_lanes_flag before = batch->lanes.mode;
    batch->set->hold(&batch->lanes);
    for (int i = 0; i < TN_LANES; i++)
        if (before.of[i] == TN_LANES_HOLD && batch->lanes.mode.of[i] == TN_LANES_ACCELERATE)
            set_traction(batch, i);
}

/* The costly steps under traction wait until all lanes have one. */
static void run_lanes(struct batch *batch)
{
    for (;;) {
        for (int i = 0; i < TN_LANES; i++) {
            long long mode = batch->lanes.mode.of[i];
            if (mode == TN_LANES_IDLE || mode == TN_LANES_ALONE || mode == TN_LANES_DONE)
                bring_up(batch, i);
        }
        int pulling = count_mode(batch, TN_LANES_ACCELERATE), holding = count_mode(batch, TN_LANES_HOLD);
        int braking = count_mode(batch, TN_LANES_FOLLOW);
        if (pulling + holding + braking == 0)
            return;
        if (braking > 0)
            batch->set->follow(&batch->lanes);
        if (holding > 0)
            hold_lanes(batch);
        if (holding + braking == 0)
            batch->set->accelerate(&batch->lanes);
    }
}

tn_status tn_run_batch_solve(struct tn_run *runs, tn_status *statuses, const char **reasons,
                             const struct tn_run_request *requests, size_t count, const char *set,
                             struct tn_arena *arena)
{
    const struct tn_lanes_set *chosen = choose_set(set);
    if (chosen == NULL)
        return TN_ERR_INPUT;
    for (size_t i = 0; i < count; i++) {
        if (!tn_run_batch_takes(&requests[i]))
            return TN_ERR_INTERNAL;
        statuses[i] = TN_OK;
        reasons[i] = NULL;
    }
    struct batch *batch = aligned_alloc(64, (sizeof *batch + 63) / 64 * 64);
    if (batch == NULL)
        return TN_ERR_MEMORY;
    memset(batch, 0, sizeof *batch);
    batch->set = chosen;
    batch->runs = runs;
    batch->statuses = statuses;
    batch->reasons = reasons;
    batch->requests = requests;
    batch->count = count;
    batch->arena = arena;
    run_lanes(batch);
    free(batch);
    return TN_OK;
}
