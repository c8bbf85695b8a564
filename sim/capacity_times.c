/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity_times.h"

#include <string.h>

#include "balance.h"
#include "capacity_methods.h"

#define KMH (1 / 3.6)

/* What the times are worked out with; gone afterwards. */
struct work {
    const struct tn_capacity_spec *spec;
    const struct tn_environment *environment;
    struct tn_capacity_times *times;
    struct tn_capacity_line line;
    struct tn_capacity_ride ride;
    size_t dropped, unknown;
    double wagons_N[DIRECTIONS]; /* resistance of the wagons at rest */
    double pull_N[DIRECTIONS];   /* behind the locomotives, starting on the steepest climb */
    struct tn_arena *arena;      /* of the result */
    struct tn_arena *scratch;    /* of the trains, the line and what is gone afterwards */
    struct tn_context *ctx;
};

static void fail(struct work *work, const char *text)
{
    if (work->times->train_feasible)
        work->times->reason = text;
    work->times->train_feasible = false;
}

tn_status tn_capacity_empty_train(struct tn_train_spec *back, const struct tn_train_spec *train, struct tn_arena *arena)
{
    *back = *train;
    struct tn_train_wagons *wagons = tn_arena_alloc(arena, train->wagons.count + 1, sizeof *wagons);
    if (wagons == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < train->wagons.count; i++) {
        wagons[i] = ((const struct tn_train_wagons *)train->wagons.items)[i];
        const struct tn_wagon *type = wagons[i].type.object;
        if (wagons[i].count < 0)
            wagons[i].count = (int)ceil(wagons[i].load / type->gross - 1e-9);
        wagons[i].load = NAN;
        wagons[i].state = TN_EMPTY;
    }
    back->wagons.items = wagons;
    return TN_OK;
}

static tn_status init_trains(struct work *work)
{
    const struct tn_capacity_spec *spec = work->spec;
    const struct tn_environment *e = work->environment;
    const struct tn_train_spec *loaded = spec->train.object, *back = spec->train_back.object;
    int there = tn_capacity_loaded(spec);
    struct tn_train *train = &work->line.train[there], *other = &work->line.train[!there];
    tn_status status = tn_train_init(train, loaded, &e->weather, e->gravity_m_s2, work->scratch, work->ctx);
    if (status == TN_OK && back == NULL) {
        status = tn_capacity_empty_train(&work->line.back_spec, loaded, work->scratch);
        back = &work->line.back_spec;
    }
    if (status == TN_OK)
        status = tn_train_init(other, back, &e->weather, e->gravity_m_s2, work->scratch, work->ctx);
    if (status != TN_OK)
        return status;
    struct tn_capacity_times *times = work->times;
    times->load_kg = train->load_kg;
    times->load_back_kg = other->load_kg;
    times->net_kg = train->net_kg;
    times->net_back_kg = other->net_kg;
    times->head.train = tn_text_copy(work->arena, loaded->id);
    times->head.direction = tn_text_copy(work->arena, tn_direction_name(there == UP ? TN_UP : TN_DOWN));
    status = tn_assume_notes(&times->head, work->arena, loaded, NULL);
    if (status == TN_OK && spec->train_back.object)
        status = tn_assume_notes(&times->head, work->arena, back, NULL);
    else if (status == TN_OK)
        status =
            tn_assume(&times->head, work->arena, TN_ASSUMED, "the same locomotives take as many empty wagons back");
    return status;
}

static tn_status init_paths(struct work *work)
{
    const struct tn_capacity_spec *spec = work->spec;
    const struct tn_environment *e = work->environment;
    struct tn_path path, reverse;
    tn_status status =
        tn_path_init(&path, e->line, e->phase, spec->from, spec->to, &spec->from, &spec->to, work->scratch, work->ctx);
    if (status == TN_OK)
        status = tn_path_init(&reverse, e->line, e->phase, spec->to, spec->from, &spec->to, &spec->from, work->scratch,
                              work->ctx);
    if (status != TN_OK)
        return status;
    work->line.path[UP] = path.up ? path : reverse;
    work->line.path[DOWN] = path.up ? reverse : path;
    work->times->distance_m = path.length_m;
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++)
        status = tn_track_init(&work->line.track[d], &work->line.path[d], &work->line.train[d], &e->weather,
                               (enum tn_depth)spec->depth, work->scratch, work->ctx);
    return status;
}

static bool double_between(const struct work *work, size_t i, double *headway_s_out)
{
    const struct tn_station *a = work->line.path[UP].stations[i], *b = work->line.path[UP].stations[i + 1];
    return tn_line_double_track(work->environment->line, fmin(a->km, b->km), fmax(a->km, b->km),
                                work->environment->phase, headway_s_out);
}

/* Whether both trains fit into the station's tracks. Unknown lengths count as long enough. */
static bool fits(struct work *work, const struct tn_station *station)
{
    double length = tn_line_track_length(work->environment->line, station, work->environment->phase);
    double longest = fmax(work->line.train[UP].length_m, work->line.train[DOWN].length_m);
    if (isnan(length))
        work->unknown++;
    return isnan(length) || length >= longest + work->spec->margin;
}

/* Trains meet where a second track is long enough for both, and where double track ends. */
static tn_status find_meets(struct work *work)
{
    const struct tn_path *path = &work->line.path[UP];
    double headway;
    work->line.meet = tn_arena_alloc(work->scratch, path->station_count, sizeof *work->line.meet);
    if (work->line.meet == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < path->station_count; i++) {
        const struct tn_station *station = path->stations[i];
        bool end = i == 0 || i + 1 == path->station_count;
        bool doubled = (i > 0 && double_between(work, i - 1, &headway)) ||
                       (i + 1 < path->station_count && double_between(work, i, &headway));
        bool room = station->tracks >= 2 && fits(work, station);
        if (end && station->tracks >= 2 && !room)
            fail(work, tn_arena_printf(work->arena, "the train is too long for the tracks of %s", station->name));
        if (!end && !doubled && station->tracks >= 2 && !room)
            work->dropped++;
        if (end || doubled || room)
            work->line.meet[work->line.meet_count++] = i;
    }
    tn_status status = TN_OK;
    if (work->dropped)
        status = tn_assume(&work->times->head, work->arena, TN_DERIVED,
                           "%zu station%s too short for the train are no meeting places", work->dropped,
                           work->dropped == 1 ? "" : "s");
    if (status == TN_OK && work->unknown)
        status = tn_assume(&work->times->head, work->arena, TN_ASSUMED,
                           "tracks of unknown length at %zu station%s are long enough", work->unknown,
                           work->unknown == 1 ? "" : "s");
    return status;
}

static const struct tn_station *meet_station(const struct work *work, size_t k)
{
    return work->line.path[UP].stations[work->line.meet[k]];
}

static const char *direction_text(int d)
{
    return d == UP ? "up" : "down";
}

static tn_status ride_init(struct tn_capacity_ride *ride, size_t count, struct tn_arena *arena)
{
    *ride = (struct tn_capacity_ride){.count = count};
    for (int d = UP; d < DIRECTIONS; d++) {
        double *marks = tn_arena_alloc(arena, count, sizeof *marks);
        if (marks == NULL)
            return TN_ERR_MEMORY;
        ride->places_s_m[d] = marks;
    }
    return TN_OK;
}

static void set_way(struct tn_capacity_ride *ride, const struct tn_capacity_line *line, int d)
{
    ride->way[d] = (struct tn_section_way){&line->track[d], ride->places_s_m[d], ride->count, line->tolerance, false};
}

tn_status tn_capacity_ride_past(struct tn_capacity_ride *ride, const struct tn_capacity_line *line, const double *km_m,
                                size_t count, struct tn_arena *arena, struct tn_context *ctx)
{
    tn_status status = ride_init(ride, count, arena);
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++) {
        for (size_t k = 0; k < count; k++)
            ride->places_s_m[d][k] = fabs(km_m[d == UP ? k : count - 1 - k] - line->path[d].origin_km_m);
        set_way(ride, line, d);
        status = tn_section_times_through(&ride->through[d], &ride->way[d], arena, ctx);
    }
    return status;
}

tn_status tn_capacity_ride_pick(struct tn_capacity_ride *out, const struct tn_capacity_ride *ride,
                                const struct tn_capacity_line *line, const size_t *places, size_t count,
                                struct tn_arena *arena)
{
    tn_status status = ride_init(out, count, arena);
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++) {
        const struct tn_run *from = &ride->through[d];
        struct tn_run *to = &out->through[d];
        *to = *from;
        to->mark_time_s = to->mark_energy_J = NULL;
        to->mark_running_s = tn_arena_alloc(arena, count, sizeof(double));
        to->mark_speed_m_s = tn_arena_alloc(arena, count, sizeof(double));
        if (to->mark_running_s == NULL || to->mark_speed_m_s == NULL)
            return TN_ERR_MEMORY;
        for (size_t k = 0; k < count; k++) {
            size_t at = d == UP ? places[k] : ride->count - 1 - places[count - 1 - k];
            out->places_s_m[d][k] = ride->places_s_m[d][at];
            to->mark_running_s[k] = from->mark_running_s[at];
            to->mark_speed_m_s[k] = from->mark_speed_m_s[at];
        }
        set_way(out, line, d);
    }
    return status;
}

tn_status tn_capacity_ride_times(struct tn_section_time times[DIRECTIONS], const struct tn_capacity_ride *ride,
                                 size_t k, struct tn_context *ctx)
{
    tn_status status = tn_section_times_solve(&times[UP], &ride->way[UP], &ride->through[UP], k, ctx);
    if (status == TN_OK)
        status = tn_section_times_solve(&times[DOWN], &ride->way[DOWN], &ride->through[DOWN], ride->count - 2 - k, ctx);
    return status;
}

static tn_status run_through(struct work *work)
{
    size_t count = work->line.meet_count;
    double *km = tn_arena_alloc(work->scratch, count, sizeof *km);
    if (km == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < count; k++)
        km[k] = meet_station(work, k)->km;
    return tn_capacity_ride_past(&work->ride, &work->line, km, count, work->scratch, work->ctx);
}

/* Whether the train of direction d got through. */
static void check_through(struct work *work, int d)
{
    const struct tn_run *run = &work->ride.through[d];
    const struct tn_path *path = &work->line.path[d];
    work->times->running_s[d] = run->finished ? run->running_time_s : (double)NAN;
    if (!run->finished)
        fail(work, tn_arena_printf(work->arena, "the %s train stalls at km %.1f%s: %s kN needed, %s kN available",
                                   direction_text(d), (path->origin_km_m + path->sign * run->stall_s_m) / 1e3,
                                   tn_track_neutral_text(&work->line.track[d], run->stall_s_m, work->arena),
                                   tn_number_text(work->arena, run->stall_need_N / 1e3, 0),
                                   tn_number_text(work->arena, run->stall_force_N / 1e3, 0)));
    else if (!run->held)
        fail(work,
             tn_arena_printf(work->arena, "the brakes cannot hold the %s train at km %.1f: %.1f km/h over the limit",
                             direction_text(d), (path->origin_km_m + path->sign * run->overspeed_s_m) / 1e3,
                             run->overspeed_max_m_s / KMH));
}

void tn_capacity_tracks(struct tn_capacity_stretch *section, const struct tn_environment *environment)
{
    const struct tn_line_spec *line = environment->line;
    const double a = section->row.from_km_m, b = section->row.to_km_m;
    double headway = NAN;
    bool doubled = tn_line_double_track(line, fmin(a, b), fmax(a, b), environment->phase, &headway);
    if (isnan(headway) && line->block == TN_BLOCK_AUTOMATIC)
        headway = line->headway;
    section->row.tracks = doubled ? 2 : 1;
    section->headway_s = doubled ? headway : (double)NAN;
}

static tn_status init_section(struct tn_capacity_stretch *section, struct work *work, size_t k)
{
    const struct tn_station *a = meet_station(work, k), *b = meet_station(work, k + 1);
    struct tn_capacity_section *row = &section->row;
    row->from = tn_text_copy(work->arena, a->name);
    row->to = tn_text_copy(work->arena, b->name);
    row->from_km_m = a->km;
    row->to_km_m = b->km;
    row->distance_m = fabs(b->km - a->km);
    row->confidence = a->confidence > b->confidence ? a->confidence : b->confidence;
    tn_capacity_tracks(section, work->environment);
    return tn_capacity_ride_times(section->times, &work->ride, k, work->ctx);
}

/* Start on the steepest climb, standing with the whole train on it. */
static void check_climb(struct work *work, const struct tn_track *track, int d)
{
    const struct tn_train *train = &work->line.train[d];
    double missing = -HUGE_VAL, needed = 0, available = 0, grade_N = 0, at_s = 0;
    for (size_t i = 0; i < track->count; i++) {
        const struct tn_track_piece *piece = &track->pieces[i];
        double end = i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
        double x = piece->k1 > 0 ? end : piece->from_m;
        struct tn_balance need = {.count = 0};
        tn_balance_add_track(&need, track, piece, x, 1);
        if (track->zones[piece->zone].off) /* nobody is made to stand in a neutral section */
            continue;
        double force = tn_curve_at(&track->zones[piece->zone].traction, 0), n = tn_balance_at(&need, 0, 1);
        if (n - force <= missing)
            continue;
        missing = n - force;
        needed = n;
        available = force;
        grade_N = piece->k0 + piece->k1 * (x - piece->from_m);
        at_s = x;
    }
    double weight = train->mass_kg * train->gravity_m_s2, permil = 1e3 * grade_N / weight;
    double km = (work->line.path[d].origin_km_m + work->line.path[d].sign * at_s) / 1e3;
    if (missing >= 0)
        fail(work, tn_arena_printf(work->arena,
                                   "the %s train cannot start on %.1f permil at km %.1f: %s kN needed, %s kN available",
                                   direction_text(d), permil, km, tn_number_text(work->arena, needed / 1e3, 0),
                                   tn_number_text(work->arena, available / 1e3, 0)));
    work->pull_N[d] = work->wagons_N[d] + grade_N * train->load_kg / train->mass_kg;
}

/* Dynamic and air brake together at the speed permitted on each descent. An unknown air brake counts as strong enough.
 */
static void check_descent(struct work *work, const struct tn_track *track, int d)
{
    const struct tn_train *train = &work->line.train[d];
    if (train->air_brake.count == 0)
        return;
    for (size_t i = 0; i < track->count; i++) {
        const struct tn_track_piece *piece = &track->pieces[i];
        double end = i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
        double x = piece->k1 < 0 ? end : piece->from_m, v = fmin(piece->limit_m_s, train->speed_max_m_s);
        struct tn_balance spare = {.count = 0};
        tn_balance_add_track(&spare, track, piece, x, 1);
        tn_balance_add(&spare, &track->zones[piece->zone].dynamic_brake, 1);
        tn_balance_add(&spare, &train->air_brake, 1);
        if (tn_balance_at(&spare, v, -1) >= 0)
            continue;
        double weight = train->mass_kg * train->gravity_m_s2;
        fail(work, tn_arena_printf(work->arena, "the brakes cannot hold the %s train on %.1f permil at km %.1f",
                                   direction_text(d), 1e3 * (piece->k0 + piece->k1 * (x - piece->from_m)) / weight,
                                   (work->line.path[d].origin_km_m + work->line.path[d].sign * x) / 1e3));
        return;
    }
}

/* What the wagons alone resist in still air at rest. */
static tn_status wagons_at_rest(struct work *work, int d)
{
    const struct tn_train *train = &work->line.train[d];
    const struct tn_environment *e = work->environment;
    const struct tn_wind calm = {.speed = 0};
    struct tn_train_spec light_spec;
    struct tn_train light;
    bool starting = train->spec->starting_resistance;
    work->wagons_N[d] = tn_train_resistance(train, 0, 1, 0, 0, &calm, starting);
    if (train->locomotives == 0)
        return TN_OK;
    tn_balance_light(&light_spec, train->spec);
    tn_status status = tn_train_init(&light, &light_spec, &e->weather, e->gravity_m_s2, work->scratch, work->ctx);
    if (status == TN_OK)
        work->wagons_N[d] -= tn_train_resistance(&light, 0, 1, 0, 0, &calm, starting);
    return status;
}

static tn_status check_trains(struct work *work)
{
    struct tn_track strap[DIRECTIONS];
    for (int d = UP; d < DIRECTIONS; d++) {
        tn_status status = wagons_at_rest(work, d);
        if (status != TN_OK)
            return status;
        strap[d] = work->line.track[d];
        if (strap[d].depth == TN_STRAP)
            continue;
        status = tn_track_init(&strap[d], &work->line.path[d], &work->line.train[d], &work->environment->weather,
                               TN_STRAP, work->scratch, work->ctx);
        if (status != TN_OK)
            return status;
    }
    for (int d = UP; d < DIRECTIONS; d++)
        check_climb(work, &strap[d], d);
    for (int d = UP; d < DIRECTIONS; d++)
        check_descent(work, &strap[d], d);
    return TN_OK;
}

static void check_couplers(struct work *work)
{
    double limit = work->spec->coupler_limit;
    for (int d = UP; d < DIRECTIONS; d++)
        if (work->pull_N[d] > limit)
            fail(work, tn_arena_printf(work->arena, "the %s train pulls %s kN behind its locomotives, more than %s kN",
                                       direction_text(d), tn_number_text(work->arena, work->pull_N[d] / 1e3, 0),
                                       tn_number_text(work->arena, limit / 1e3, 0)));
}

static tn_status times_from_runs(struct work *work)
{
    struct tn_capacity_times *times = work->times;
    tn_status status = check_trains(work);
    if (status == TN_OK)
        status = find_meets(work);
    check_couplers(work);
    if (status == TN_OK)
        status = run_through(work);
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++)
        check_through(work, d);
    if (status == TN_OK)
        status = tn_assume_notes(&times->head, work->arena, NULL, work->environment->line);
    if (status == TN_OK)
        status = tn_assume_profile(&times->head, work->arena, &work->line.path[UP]);
    times->head.depth = tn_text_copy(work->arena, tn_depth_name(work->spec->depth));
    if (status != TN_OK || !work->ride.through[UP].finished || !work->ride.through[DOWN].finished)
        return status;
    times->count = work->line.meet_count - 1;
    times->sections = tn_arena_alloc(work->arena, times->count, sizeof *times->sections);
    if (times->sections == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; status == TN_OK && k < times->count; k++)
        status = init_section(&times->sections[k], work, k);
    if (status == TN_OK)
        status = tn_capacity_supply_init(times, &work->line, &work->ride, work->environment, work->arena, work->ctx);
    return status;
}

static tn_status times_given(struct work *work)
{
    const struct tn_capacity_spec *spec = work->spec;
    const struct tn_capacity_section_spec *given = spec->sections.items;
    struct tn_capacity_times *times = work->times;
    times->count = spec->sections.count;
    times->sections = tn_arena_alloc(work->arena, times->count + 1, sizeof *times->sections);
    if (times->sections == NULL)
        return TN_ERR_MEMORY;
    times->running_s[UP] = times->running_s[DOWN] = times->count ? 0 : (double)NAN;
    for (size_t k = 0; k < times->count; k++) {
        struct tn_capacity_stretch *section = &times->sections[k];
        double start = spec->start_addition, stop = spec->stop_addition;
        section->row.from = tn_text_copy(work->arena, given[k].from);
        section->row.to = tn_text_copy(work->arena, given[k].to);
        section->row.from_km_m = section->row.to_km_m = section->row.distance_m = NAN;
        section->row.tracks = 1;
        section->times[UP] = (struct tn_section_time){given[k].time_up, start, stop, start + stop, NAN};
        section->times[DOWN] = (struct tn_section_time){given[k].time_down, start, stop, start + stop, NAN};
        section->headway_s = NAN;
        times->running_s[UP] += given[k].time_up;
        times->running_s[DOWN] += given[k].time_down;
    }
    return TN_OK;
}

static tn_status check_landmarks(const struct tn_capacity_spec *spec, struct tn_context *ctx)
{
    const struct tn_capacity_landmark_spec *row = spec->landmarks.items;
    for (size_t i = 0; i < spec->landmarks.count; i++, row++)
        if (isnan(row->load) != isnan(row->pairs) || isnan(row->net) == isnan(row->load))
            return tn_error(ctx, &row->net, "say `net: 33 Mt`, or `load: 5000 t, pairs: 26`",
                            "a landmark is either a net mass a year or a load with pairs a day");
    return TN_OK;
}

static tn_status check_spec(const struct tn_capacity_spec *spec, const struct tn_environment *environment,
                            struct tn_context *ctx)
{
    if (spec->loaded != TN_UP && spec->loaded != TN_DOWN)
        return tn_error(ctx, &spec->loaded, "say up or down", "the loaded direction is one of up and down");
    if (check_landmarks(spec, ctx) != TN_OK)
        return TN_ERR_INPUT;
    if (spec->loops && !isnan(spec->pairs_parallel))
        return tn_error(ctx, &spec->loops, "leave out `pairs_parallel`",
                        "with given parallel pairs no loop is worth anything");
    if ((spec->scatter.old > 0 || spec->scatter.new > 0) && !tn_capacity_needs_runs(spec))
        return tn_error(ctx, &spec->scatter.draws, "leave out `sections` and `pairs_parallel`",
                        "running times that are given do not change where stations are scattered");
    if (spec->sections.count > 0 || !isnan(spec->pairs_parallel))
        return TN_OK;
    if (spec->train.object == NULL)
        return tn_error(ctx, &spec->train, "name a train, or give `sections` with their running times",
                        "no train to take running times from");
    if (environment->line == NULL)
        return tn_error(ctx, &spec->train,
                        "name a line with `line: {id: ...}`, or give `sections` with their running times",
                        "no line to take running times from");
    if (spec->from == NULL || spec->to == NULL)
        return tn_error(ctx, spec->from == NULL ? &spec->from : &spec->to, NULL,
                        "`from` and `to` say which part of the line is studied");
    return TN_OK;
}

/* Everything up to the train runs. */
static tn_status begin(struct work **work_out, const struct tn_capacity_spec *spec,
                       const struct tn_environment *environment, struct tn_arena *arena, struct tn_arena *scratch,
                       struct tn_context *ctx)
{
    struct work *work = *work_out = tn_arena_alloc(arena, 1, sizeof *work);
    struct tn_capacity_times *times = tn_arena_alloc(arena, 1, sizeof *times);
    if (work == NULL || times == NULL)
        return TN_ERR_MEMORY;
    *work = (struct work){
        .spec = spec, .environment = environment, .times = times, .arena = arena, .scratch = scratch, .ctx = ctx};
    work->line.tolerance = spec->tolerance;
    times->train_feasible = true;
    times->reason = "";
    times->load_kg = times->load_back_kg = times->net_kg = times->net_back_kg = times->distance_m = NAN;
    tn_status status = check_spec(spec, environment, ctx);
    if (status == TN_OK && spec->train.object)
        status = init_trains(work);
    if (status == TN_OK && tn_capacity_needs_runs(spec))
        status = init_paths(work);
    return status;
}

tn_status tn_capacity_line_init(const struct tn_capacity_line **line_out, const struct tn_capacity_spec *spec,
                                const struct tn_environment *environment, struct tn_arena *arena,
                                struct tn_context *ctx)
{
    struct work *work;
    tn_status status = begin(&work, spec, environment, arena, arena, ctx);
    if (status == TN_OK)
        status = find_meets(work);
    *line_out = work ? &work->line : NULL;
    return status;
}

tn_status tn_capacity_times_init(const struct tn_capacity_times **times_out, const struct tn_capacity_spec *spec,
                                 const struct tn_environment *environment, struct tn_arena *arena,
                                 struct tn_context *ctx)
{
    struct tn_arena scratch = {0};
    struct work *work;
    tn_status status = begin(&work, spec, environment, arena, &scratch, ctx);
    if (status == TN_OK && tn_capacity_needs_runs(spec)) {
        work->times->head.line = tn_text_copy(arena, environment->line->id);
        status = times_from_runs(work);
    } else if (status == TN_OK) {
        status = times_given(work);
    }
    tn_arena_clear(&scratch);
    if (work == NULL)
        return TN_ERR_MEMORY;
    *times_out = work->times;
    return status;
}

tn_status tn_capacity_check(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                            struct tn_context *ctx)
{
    struct tn_arena scratch = {0};
    struct work *work;
    tn_status status = begin(&work, spec, environment, arena, &scratch, ctx);
    if (status == TN_OK)
        status = tn_capacity_check_methods(spec, environment, arena, ctx);
    tn_arena_clear(&scratch);
    return status;
}

uint64_t tn_capacity_times_key(const struct tn_capacity_spec *spec, const struct tn_environment *environment)
{
    struct tn_capacity_spec cut = *spec;
    cut.not_simultaneous = cut.meeting = cut.following = cut.window = cut.reserve = 0;
    cut.window_begin = cut.approach = cut.occupancy_limit = 0;
    cut.methods = TN_METHODS_PERIOD;
    memset(&cut.saturation, 0, sizeof cut.saturation);
    cut.removals = cut.landmarks = (struct tn_list){NULL, 0};
    cut.loops = false;
    cut.more_loops = 0;
    cut.scatter = (struct tn_capacity_scatter_spec){0};
    cut.net_ratio = cut.fluctuation = cut.pairs = cut.reference_load = cut.published_pairs = cut.published_net = 0;
    uint64_t key = tn_schema_hash(&tn_capacity_spec_schema, &cut, 0);
    key = tn_schema_hash(&tn_weather_schema, &environment->weather, key);
    if (environment->line)
        key = tn_schema_hash(&tn_line_schema, environment->line, key);
    struct rest {
        double phase, gravity;
    } rest = {environment->phase, environment->gravity_m_s2};
    const struct tn_field rest_fields[] = {
        TN_R_NUMBER(rest, phase, TN_Q_NONE, "phase"),
        TN_R_NUMBER(rest, gravity, TN_Q_ACCELERATION, "gravity"),
        TN_F_END,
    };
    const struct tn_schema rest_schema = {"environment", "phase and gravity", sizeof rest, rest_fields};
    return tn_schema_hash(&rest_schema, &rest, key);
}
