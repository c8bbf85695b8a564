/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "capacity_times.h"
#include "parallel.h"

/* What each loop is worth: the line without it, its two sections made one. And where more loops would help most: one
   after the other cuts the section that limits, where both halves have the same period, but in no tunnel. */

static const struct tn_field loop_fields[] = {
    TN_F_STRING(tn_capacity_loop, station, 0, "station"),
    TN_F_STRING(tn_capacity_loop, kind, TN_HIDDEN, "what it is, in words"),
    TN_R_NUMBER(tn_capacity_loop, km_m, TN_Q_LENGTH, "its km"),
    TN_F_INTEGER(tn_capacity_loop, phase, -1, -1, 9999, 0, "year from which it is there; -1: always"),
    TN_R_NUMBER(tn_capacity_loop, period_without_s, TN_Q_TIME, "largest period of the line without it"),
    TN_F_NUMBER(tn_capacity_loop, pairs_without_per_day, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_LEAST,
                "freight pairs a day without it"),
    TN_R_NUMBER(tn_capacity_loop, worth_pairs_per_day, TN_Q_NONE, "freight pairs a day that it is worth"),
    TN_R_NUMBER(tn_capacity_loop, worth_net_per_year_kg, TN_Q_MASS, "net load a year that it is worth"),
    TN_F_END};
const struct tn_schema tn_capacity_loop_schema = {"loop", "a station where trains meet, and the line without it",
                                                  sizeof(struct tn_capacity_loop), loop_fields};

static const struct tn_field more_loop_fields[] = {
    TN_R_NUMBER(tn_capacity_more_loop, km_m, TN_Q_LENGTH, "km at which it would stand"),
    TN_F_STRING(tn_capacity_more_loop, from, 0, "station before it, in the direction of up trains"),
    TN_F_STRING(tn_capacity_more_loop, to, 0, "station after it"),
    TN_R_NUMBER(tn_capacity_more_loop, period_s, TN_Q_TIME, "period of a pair on either half of the section"),
    TN_R_NUMBER(tn_capacity_more_loop, pairs_per_day, TN_Q_NONE, "freight pairs a day with it and those before it"),
    TN_R_NUMBER(tn_capacity_more_loop, gain_pairs_per_day, TN_Q_NONE, "more freight pairs a day than now"),
    TN_R_NUMBER(tn_capacity_more_loop, gain_net_per_year_kg, TN_Q_MASS, "more net load a year than now"),
    TN_F_STRING(tn_capacity_more_loop, limiting_section, TN_HIDDEN, "section with the fewest pairs then"),
    TN_F_END};
const struct tn_schema tn_capacity_more_loop_schema = {"more-loop", "a loop that would help",
                                                       sizeof(struct tn_capacity_more_loop), more_loop_fields};

#define END_M         2000.0 /* nearer to a station no other one is built */
#define PORTAL_M      500.0  /* nor nearer to a tunnel: half the length of a loop */
#define PLACE_M       1.0    /* to which a place is found */
#define PLACE_TRIES   60
#define SAME_PERIOD_S 1e-3

struct loops {
    struct tn_capacity_result *result;
    const struct tn_capacity_spec *spec;
    const struct tn_capacity_times *times;
    const struct tn_environment *environment;
    const struct tn_capacity_line *line; /* NULL with given running times */
    struct tn_capacity_ride ride;
    double *periods_s; /* of the sections as they are */
    struct tn_capacity_loop *rows;
};

static double period_of(const struct tn_capacity_stretch *section, const struct tn_capacity_spec *spec)
{
    double periods[4];
    int scheme;
    return tn_capacity_period(periods, &scheme, section, spec);
}

/* Pairs that a largest period leaves, as far as the line is not limited by something else. */
static double pairs_of(const struct loops *loops, double period_s)
{
    return fmin(tn_capacity_pairs(loops->spec, period_s), loops->result->pairs_power_per_day);
}

/* Sections k and k + 1 as one. */
static tn_status merge(struct tn_capacity_stretch *out, const struct loops *loops, size_t k, struct tn_arena *scratch,
                       struct tn_context *ctx)
{
    const struct tn_capacity_stretch *a = &loops->times->sections[k], *b = a + 1;
    *out = *a;
    out->row.to = b->row.to;
    out->row.to_km_m = b->row.to_km_m;
    if (loops->line == NULL) { /* what starting and stopping adds is the same everywhere */
        for (int d = UP; d < DIRECTIONS; d++)
            out->times[d].pass_s += b->times[d].pass_s;
        return TN_OK;
    }
    tn_capacity_tracks(out, loops->environment);
    size_t *places = tn_arena_alloc(scratch, loops->ride.count, sizeof *places);
    if (places == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i + 1 < loops->ride.count; i++)
        places[i] = i <= k ? i : i + 1;
    struct tn_capacity_ride without;
    tn_status status =
        tn_capacity_ride_pick(&without, &loops->ride, loops->line, places, loops->ride.count - 1, scratch);
    return status == TN_OK ? tn_capacity_ride_times(out->times, &without, k, ctx) : status;
}

static tn_status without_loop(size_t k, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    struct loops *loops = payload;
    struct tn_capacity_loop *row = &loops->rows[k];
    struct tn_capacity_stretch merged;
    tn_status status = merge(&merged, loops, k, scratch, ctx);
    if (status != TN_OK)
        return status;
    row->period_without_s = period_of(&merged, loops->spec);
    for (size_t i = 0; i < loops->times->count; i++)
        if (i != k && i != k + 1)
            row->period_without_s = fmax(row->period_without_s, loops->periods_s[i]);
    row->pairs_without_per_day = pairs_of(loops, row->period_without_s);
    row->worth_pairs_per_day = loops->result->pairs_per_day - row->pairs_without_per_day;
    row->worth_net_per_year_kg = row->worth_pairs_per_day * tn_capacity_net_a_pair(loops->result);
    return TN_OK;
}

/* The rows of the stations between sections, without what they are worth. */
static tn_status name_loops(struct loops *loops, struct tn_arena *arena)
{
    const struct tn_capacity_times *times = loops->times;
    loops->rows = tn_arena_alloc(arena, times->count, sizeof *loops->rows);
    loops->periods_s = tn_arena_alloc(arena, times->count, sizeof *loops->periods_s);
    if (loops->rows == NULL || loops->periods_s == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < times->count; k++)
        loops->periods_s[k] = period_of(&times->sections[k], loops->spec);
    for (size_t k = 0; k + 1 < times->count; k++) {
        struct tn_capacity_loop *row = &loops->rows[k];
        const char *name = times->sections[k].row.to, *kind = NULL;
        row->km_m = times->sections[k].row.to_km_m;
        row->phase = -1;
        if (loops->line) {
            const struct tn_station *station = loops->line->path[UP].stations[loops->line->meet[k + 1]];
            row->phase = station->phase;
            kind = station->kind;
        }
        row->station = tn_text_copy(arena, name);
        row->kind = tn_text_copy(arena, kind);
        if (row->station == NULL || (kind && row->kind == NULL))
            return TN_ERR_MEMORY;
    }
    return TN_OK;
}

/* Where double track begins or ends trains meet with or without a loop. */
static void drop_ends_of_double_track(struct loops *loops, size_t *count)
{
    size_t kept = 0;
    for (size_t k = 0; k < *count; k++)
        if (loops->times->sections[k].row.tracks == loops->times->sections[k + 1].row.tracks)
            loops->rows[kept++] = loops->rows[k];
    *count = kept;
}

static tn_status worth_of_loops(struct loops *loops, struct tn_arena *arena, struct tn_context *ctx)
{
    size_t count = loops->times->count > 0 ? loops->times->count - 1 : 0;
    tn_status status = name_loops(loops, arena);
    if (status == TN_OK)
        status = tn_parallel(count, "loops", without_loop, loops, ctx);
    if (status != TN_OK)
        return status;
    drop_ends_of_double_track(loops, &count);
    loops->result->loops = (struct tn_list){loops->rows, count};
    return TN_OK;
}

/* The line with more and more loops, in the direction of up trains. */
struct build {
    const struct loops *loops;
    double *km_m; /* of the places */
    const char **names;
    struct tn_capacity_stretch *sections;
    double *periods_s;
    size_t count; /* sections */
};

static tn_status build_init(struct build *build, const struct loops *loops, size_t more, struct tn_arena *arena)
{
    size_t count = loops->times->count;
    *build = (struct build){.loops = loops,
                            .km_m = tn_arena_alloc(arena, count + more + 1, sizeof *build->km_m),
                            .names = tn_arena_alloc(arena, count + more + 1, sizeof *build->names),
                            .sections = tn_arena_alloc(arena, count + more, sizeof *build->sections),
                            .periods_s = tn_arena_alloc(arena, count + more, sizeof *build->periods_s),
                            .count = count};
    if (!build->km_m || !build->names || !build->sections || !build->periods_s)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < count; k++) {
        build->sections[k] = loops->times->sections[k];
        build->periods_s[k] = loops->periods_s[k];
        build->km_m[k] = build->sections[k].row.from_km_m;
        build->names[k] = build->sections[k].row.from;
    }
    build->km_m[count] = build->sections[count - 1].row.to_km_m;
    build->names[count] = build->sections[count - 1].row.to;
    return TN_OK;
}

static size_t limiting(const struct build *build)
{
    size_t most = 0;
    for (size_t k = 1; k < build->count; k++)
        if (build->periods_s[k] > build->periods_s[most])
            most = k;
    return most;
}

/* Section k cut at km: both halves with their times. */
static tn_status halve(struct tn_capacity_stretch halves[2], const struct build *build, size_t k, double km_m,
                       struct tn_context *ctx)
{
    const struct loops *loops = build->loops;
    struct tn_arena scratch = {0};
    struct tn_capacity_ride ride;
    double *places = tn_arena_alloc(&scratch, build->count + 2, sizeof *places);
    tn_status status = places ? TN_OK : TN_ERR_MEMORY;
    for (size_t i = 0; status == TN_OK && i < build->count + 2; i++)
        places[i] = i <= k ? build->km_m[i] : i == k + 1 ? km_m : build->km_m[i - 1];
    if (status == TN_OK)
        status = tn_capacity_ride_past(&ride, loops->line, places, build->count + 2, &scratch, ctx);
    for (size_t i = 0; status == TN_OK && i < 2; i++) {
        halves[i] = build->sections[k];
        *(i == 0 ? &halves[i].row.to_km_m : &halves[i].row.from_km_m) = km_m;
        tn_capacity_tracks(&halves[i], loops->environment);
        status = tn_capacity_ride_times(halves[i].times, &ride, k + i, ctx);
    }
    tn_arena_clear(&scratch);
    return status;
}

/* Where the halves of section k have the same period, by the false position (Illinois). */
static tn_status cut_at(double *km_m_out, struct tn_capacity_stretch halves[2], const struct build *build, size_t k,
                        struct tn_context *ctx)
{
    const struct tn_capacity_spec *spec = build->loops->spec;
    const double a = build->km_m[k], b = build->km_m[k + 1], sign = b > a ? 1 : -1;
    double low = a + sign * END_M, high = b - sign * END_M, f_low = 0, f_high = 0;
    int side = 0;
    for (int i = 0; i < PLACE_TRIES && fabs(high - low) > PLACE_M; i++) {
        double x = i == 0 ? low : i == 1 ? high : (low * f_high - high * f_low) / (f_high - f_low);
        if (i > 1 && !(x > fmin(low, high) && x < fmax(low, high)))
            x = 0.5 * (low + high);
        tn_status status = halve(halves, build, k, x, ctx);
        if (status != TN_OK)
            return status;
        *km_m_out = x;
        double f = period_of(&halves[0], spec) - period_of(&halves[1], spec);
        if (fabs(f) < SAME_PERIOD_S)
            break;
        if (i < 2) {
            *(i == 0 ? &f_low : &f_high) = f;
        } else if (f > 0) {
            high = x;
            f_high = f;
            f_low *= side > 0 ? 0.5 : 1;
            side = 1;
        } else {
            low = x;
            f_low = f;
            f_high *= side < 0 ? 0.5 : 1;
            side = -1;
        }
    }
    return TN_OK;
}

/* Where the halves have the same period, or beside the tunnel in which that is, on the side that leaves less. */
static tn_status find_place(double *km_m_out, struct tn_capacity_stretch halves[2], const struct build *build, size_t k,
                            struct tn_context *ctx)
{
    const struct tn_line_spec *line = build->loops->environment->line;
    const struct tn_tunnel *tunnel = line->tunnels.items;
    const double low = fmin(build->km_m[k], build->km_m[k + 1]), high = fmax(build->km_m[k], build->km_m[k + 1]);
    tn_status status = cut_at(km_m_out, halves, build, k, ctx);
    size_t i = 0;
    while (i < line->tunnels.count && !(tunnel[i].from - PORTAL_M < *km_m_out && *km_m_out < tunnel[i].to + PORTAL_M))
        i++;
    if (status != TN_OK || i == line->tunnels.count)
        return status;
    const double sides[2] = {tunnel[i].from - PORTAL_M, tunnel[i].to + PORTAL_M};
    double least = HUGE_VAL;
    *km_m_out = NAN;
    for (int side = 0; side < 2 && status == TN_OK; side++) {
        struct tn_capacity_stretch pair[2];
        if (sides[side] < low + END_M || sides[side] > high - END_M)
            continue;
        status = halve(pair, build, k, sides[side], ctx);
        double worse = fmax(period_of(&pair[0], build->loops->spec), period_of(&pair[1], build->loops->spec));
        if (status != TN_OK || worse >= least)
            continue;
        least = worse;
        *km_m_out = sides[side];
        memcpy(halves, pair, sizeof pair);
    }
    return status;
}

static tn_status put_in(struct build *build, size_t k, double km_m, const struct tn_capacity_stretch halves[2],
                        size_t number, struct tn_arena *arena)
{
    size_t after = build->count - k - 1;
    memmove(&build->km_m[k + 2], &build->km_m[k + 1], (after + 1) * sizeof *build->km_m);
    memmove(&build->names[k + 2], &build->names[k + 1], (after + 1) * sizeof *build->names);
    memmove(&build->sections[k + 2], &build->sections[k + 1], after * sizeof *build->sections);
    memmove(&build->periods_s[k + 2], &build->periods_s[k + 1], after * sizeof *build->periods_s);
    build->km_m[k + 1] = km_m;
    build->names[k + 1] = tn_arena_printf(arena, "new loop %zu", number);
    for (size_t i = 0; i < 2; i++) {
        build->sections[k + i] = halves[i];
        build->periods_s[k + i] = period_of(&halves[i], build->loops->spec);
    }
    build->count++;
    return build->names[k + 1] ? TN_OK : TN_ERR_MEMORY;
}

static tn_status put_row(struct tn_capacity_more_loop *row, const struct build *build, size_t k, struct tn_arena *arena)
{
    const struct tn_capacity_result *result = build->loops->result;
    size_t most = limiting(build);
    row->km_m = build->km_m[k + 1];
    row->from = tn_text_copy(arena, build->names[k]);
    row->to = tn_text_copy(arena, build->names[k + 2]);
    row->period_s = fmax(build->periods_s[k], build->periods_s[k + 1]);
    row->pairs_per_day = pairs_of(build->loops, build->periods_s[most]);
    row->gain_pairs_per_day = row->pairs_per_day - result->pairs_per_day;
    row->gain_net_per_year_kg = row->gain_pairs_per_day * tn_capacity_net_a_pair(result);
    row->limiting_section = tn_arena_printf(arena, "%s - %s", build->names[most], build->names[most + 1]);
    return row->from && row->to && row->limiting_section ? TN_OK : TN_ERR_MEMORY;
}

static tn_status more_loops(const struct loops *loops, struct tn_arena *arena, struct tn_context *ctx)
{
    size_t more = (size_t)loops->spec->more_loops, count = 0;
    struct tn_capacity_more_loop *rows = tn_arena_alloc(arena, more + 1, sizeof *rows);
    struct build build;
    if (rows == NULL)
        return TN_ERR_MEMORY;
    tn_status status = build_init(&build, loops, more, arena);
    while (status == TN_OK && count < more) {
        size_t k = limiting(&build);
        struct tn_capacity_stretch halves[2];
        double km_m = NAN;
        if (fabs(build.km_m[k + 1] - build.km_m[k]) < 2.5 * END_M)
            break;
        status = find_place(&km_m, halves, &build, k, ctx);
        if (status != TN_OK || isnan(km_m))
            break;
        double worse = fmax(period_of(&halves[0], loops->spec), period_of(&halves[1], loops->spec));
        if (worse >= build.periods_s[k]) /* a headway does not get shorter */
            break;
        status = put_in(&build, k, km_m, halves, count + 1, arena);
        if (status == TN_OK)
            status = put_row(&rows[count++], &build, k, arena);
    }
    loops->result->more_loops = (struct tn_list){rows, count};
    if (status != TN_OK || count == more)
        return status;
    size_t k = limiting(&build);
    return tn_assume(&loops->result->head, arena, TN_DERIVED,
                     "more than %zu more loops do not help: then %s - %s limits, where none can stand or shorten it",
                     count, build.names[k], build.names[k + 1]);
}

tn_status tn_capacity_loops_solve(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                  const struct tn_capacity_times *times, const struct tn_environment *environment,
                                  struct tn_arena *arena, struct tn_context *ctx)
{
    struct loops loops = {.result = result, .spec = spec, .times = times, .environment = environment};
    struct tn_arena scratch = {0};
    const bool runs = tn_capacity_needs_runs(spec);
    tn_status status = TN_OK;
    if (times->count == 0)
        return TN_OK;
    if (runs)
        status = tn_capacity_line_init(&loops.line, spec, environment, &scratch, ctx);
    if (status == TN_OK && runs) {
        double *km = tn_arena_alloc(&scratch, times->count + 1, sizeof *km);
        for (size_t k = 0; km && k < times->count; k++) {
            km[k] = times->sections[k].row.from_km_m;
            km[k + 1] = times->sections[k].row.to_km_m;
        }
        status =
            km ? tn_capacity_ride_past(&loops.ride, loops.line, km, times->count + 1, &scratch, ctx) : TN_ERR_MEMORY;
    }
    if (status == TN_OK)
        status = worth_of_loops(&loops, arena, ctx);
    if (status == TN_OK && runs)
        status = more_loops(&loops, arena, ctx);
    tn_arena_clear(&scratch);
    return status;
}
