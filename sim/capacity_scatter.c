/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include <gsl/gsl_heapsort.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "capacity_times.h"
#include "parallel.h"
#include "random.h"

/* The capacity of lines drawn at random around the one of the file: stations that are not surely where it says are
   moved. One ride past all places of all draws gives the passing times; what starting and stopping adds is worked out
   only for sections that might limit. */

static const struct tn_field limit_share_fields[] = {
    TN_F_STRING(tn_capacity_limit_share, section, 0, "section"),
    TN_R_NUMBER(tn_capacity_limit_share, share_1, TN_Q_RATIO, "share of the draws in which it limits"), TN_F_END};
const struct tn_schema tn_capacity_limit_share_schema = {"limit-share", "how often a section limits",
                                                         sizeof(struct tn_capacity_limit_share), limit_share_fields};

#define APART_M 1000.0 /* stations come no nearer than this, or than they are */
#define TRIES   1000   /* at drawing a stretch in order; then its displacements are halved */

struct scatter {
    const struct tn_capacity_spec *spec;
    const struct tn_capacity_times *times;
    const struct tn_capacity_line *line;
    double *spread_m; /* one a station of the path, up; 0: it stays */
    double *moved_m;  /* [draw * meet_count + place]: from the begin of the path, up */
    struct tn_capacity_ride ride;
    size_t *place; /* where in the ride each of them is */
    double *pairs, *periods_s;
    size_t *limiting; /* section */
};

/* Whether double track begins or ends at the station: meeting places by that, they stay. */
static bool at_double_end(const struct tn_environment *environment, const struct tn_station *station)
{
    const struct tn_double_track *track = environment->line->double_track.items;
    for (size_t i = 0; i < environment->line->double_track.count; i++)
        if (tn_in_phase(track[i].phase, track[i].until, environment->phase) &&
            (fabs(track[i].from - station->km) < 1 || fabs(track[i].to - station->km) < 1))
            return true;
    return false;
}

static int first_phase(const struct tn_line_spec *line)
{
    const struct tn_station *station = line->stations.items;
    int first = station[0].phase;
    for (size_t i = 1; i < line->stations.count; i++)
        first = station[i].phase < first ? station[i].phase : first;
    return first;
}

static tn_status find_spreads(struct scatter *s, const struct tn_environment *environment, struct tn_arena *arena)
{
    const struct tn_path *path = &s->line->path[UP];
    const int first = first_phase(environment->line);
    s->spread_m = tn_arena_alloc(arena, path->station_count, sizeof *s->spread_m);
    if (s->spread_m == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 1; i + 1 < path->station_count; i++) {
        const struct tn_station *station = path->stations[i];
        if (station->confidence != TN_PUBLISHED && !at_double_end(environment, station))
            s->spread_m[i] = station->phase > first ? s->spec->scatter.new : s->spec->scatter.old;
    }
    return TN_OK;
}

static bool in_order(const double *moved_m, const double *given_m, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (moved_m[i + 1] - moved_m[i] < fmin(APART_M, given_m[i + 1] - given_m[i]))
            return false;
    return true;
}

/* Moves the stations between two that stay, until they stand in order. */
static void move_stretch(double *moved_m, const struct scatter *s, size_t from, size_t to, uint32_t draw)
{
    const double *given_m = s->line->path[UP].station_s_m;
    struct tn_random random;
    tn_random_init(&random, (uint64_t)s->spec->scatter.seed, TN_RANDOM_SCATTER, 0, draw, (uint32_t)from);
    gsl_rng rng = tn_random_gsl(&random);
    double scale = 1;
    moved_m[from] = given_m[from];
    moved_m[to] = given_m[to];
    for (int tries = 1;; tries++) {
        for (size_t i = from + 1; i < to; i++) {
            double unit = s->spec->scatter.law == TN_SCATTER_UNIFORM ? gsl_ran_flat(&rng, -1, 1)
                                                                     : gsl_ran_gaussian_ziggurat(&rng, 1);
            moved_m[i] = given_m[i] + scale * s->spread_m[i] * unit;
        }
        if (in_order(moved_m, given_m, from, to) || scale < 1e-6)
            break;
        if (tries >= TRIES)
            scale *= 0.5;
    }
    for (size_t i = from; scale < 1e-6 && i <= to; i++)
        moved_m[i] = given_m[i];
}

static tn_status draw_line(size_t draw, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    struct scatter *s = payload;
    const struct tn_path *path = &s->line->path[UP];
    double *moved_m = tn_arena_alloc(scratch, path->station_count, sizeof *moved_m);
    (void)ctx;
    if (moved_m == NULL)
        return TN_ERR_MEMORY;
    size_t from = 0;
    for (size_t i = 1; i < path->station_count; i++)
        if (s->spread_m[i] == 0) {
            move_stretch(moved_m, s, from, i, (uint32_t)draw);
            from = i;
        }
    for (size_t k = 0; k < s->line->meet_count; k++)
        s->moved_m[draw * s->line->meet_count + k] = moved_m[s->line->meet[k]];
    return TN_OK;
}

/* One ride past the places of all draws. */
static tn_status ride_past_all(struct scatter *s, size_t draws, struct tn_arena *arena, struct tn_context *ctx)
{
    const struct tn_path *path = &s->line->path[UP];
    size_t count = draws * s->line->meet_count;
    size_t *order = tn_arena_alloc(arena, count, sizeof *order);
    double *km = tn_arena_alloc(arena, count, sizeof *km);
    s->place = tn_arena_alloc(arena, count, sizeof *s->place);
    if (order == NULL || km == NULL || s->place == NULL)
        return TN_ERR_MEMORY;
    gsl_sort_index(order, s->moved_m, 1, count);
    for (size_t i = 0; i < count; i++) {
        km[i] = path->origin_km_m + path->sign * s->moved_m[order[i]];
        s->place[order[i]] = i;
    }
    return tn_capacity_ride_past(&s->ride, s->line, km, count, arena, ctx);
}

static int by_least_falling(const void *a, const void *b)
{
    const double x = ((const double *)a)[0], y = ((const double *)b)[0];
    return (x < y) - (x > y);
}

/* The largest period of a drawn line: sections in falling order of the least that theirs can be. */
static tn_status solve_draw(size_t draw, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    struct scatter *s = payload;
    const size_t places = s->line->meet_count, count = places - 1;
    struct tn_capacity_ride ride;
    double(*least)[2] = tn_arena_alloc(scratch, count, sizeof *least); /* and the section's index */
    tn_status status = tn_capacity_ride_pick(&ride, &s->ride, s->line, s->place + draw * places, places, scratch);
    if (status != TN_OK || least == NULL)
        return status == TN_OK ? TN_ERR_MEMORY : status;
    for (size_t k = 0; k < count; k++) {
        struct tn_capacity_stretch section = s->times->sections[k];
        const double *up = ride.through[UP].mark_running_s, *down = ride.through[DOWN].mark_running_s;
        section.times[UP].pass_s = up[k + 1] - up[k];
        section.times[DOWN].pass_s = down[count - k] - down[count - 1 - k];
        least[k][0] = tn_capacity_period_least(&section, s->spec);
        least[k][1] = (double)k;
    }
    gsl_heapsort(least, count, sizeof *least, by_least_falling);
    double most = 0;
    for (size_t i = 0; i < count && least[i][0] >= most; i++) {
        size_t k = (size_t)least[i][1];
        struct tn_capacity_stretch section = s->times->sections[k];
        double periods[4];
        int scheme;
        status = tn_capacity_ride_times(section.times, &ride, k, ctx);
        if (status != TN_OK)
            return status;
        double period = tn_capacity_period(periods, &scheme, &section, s->spec);
        if (period < most || (period == most && k > s->limiting[draw]))
            continue;
        most = period;
        s->limiting[draw] = k;
    }
    s->periods_s[draw] = most;
    return TN_OK;
}

static tn_status count_limits(struct tn_capacity_result *result, const struct scatter *s, size_t draws,
                              struct tn_arena *arena)
{
    const size_t count = s->times->count;
    struct tn_capacity_limit_share *rows = tn_arena_alloc(arena, count, sizeof *rows);
    size_t kept = 0;
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < count; k++) {
        size_t times = 0;
        for (size_t i = 0; i < draws; i++)
            times += s->limiting[i] == k;
        if (times == 0)
            continue;
        const double share = (double)times / (double)draws;
        size_t at = kept++; /* sorted in, equal shares in the order of the line */
        for (; at > 0 && rows[at - 1].share_1 < share; at--)
            rows[at] = rows[at - 1];
        rows[at].share_1 = share;
        rows[at].section =
            tn_arena_printf(arena, "%s - %s", s->times->sections[k].row.from, s->times->sections[k].row.to);
        if (rows[at].section == NULL)
            return TN_ERR_MEMORY;
    }
    result->scatter_sections = (struct tn_list){rows, kept};
    return TN_OK;
}

static tn_status fill(struct tn_capacity_result *result, const struct scatter *s, size_t draws, struct tn_arena *arena)
{
    const double net = tn_capacity_net_a_pair(result);
    const struct tn_capacity_scatter_spec *spec = &s->spec->scatter;
    for (size_t i = 0; i < draws; i++)
        s->pairs[i] = fmin(tn_capacity_pairs(s->spec, s->periods_s[i]), result->pairs_power_per_day);
    tn_status status = count_limits(result, s, draws, arena);
    gsl_sort(s->pairs, 1, draws);
    result->pairs_p05_per_day = gsl_stats_quantile_from_sorted_data(s->pairs, 1, draws, 0.05);
    result->pairs_median_per_day = gsl_stats_median_from_sorted_data(s->pairs, 1, draws);
    result->pairs_p95_per_day = gsl_stats_quantile_from_sorted_data(s->pairs, 1, draws, 0.95);
    result->net_p05_per_year_kg = net * result->pairs_p05_per_day;
    result->net_median_per_year_kg = net * result->pairs_median_per_day;
    result->net_p95_per_year_kg = net * result->pairs_p95_per_day;
    if (status != TN_OK)
        return status;
    return tn_assume(&result->head, arena, TN_ASSUMED,
                     "scatter of station positions: %s %g km of the first stations, %g km of later ones, %d draws; "
                     "published positions, the ends of the study and of double track stay",
                     spec->law == TN_SCATTER_UNIFORM ? "uniform, to either side" : "normal, standard deviation",
                     spec->old / 1e3, spec->new / 1e3, spec->draws);
}

tn_status tn_capacity_scatter_solve(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                    const struct tn_capacity_times *times, const struct tn_environment *environment,
                                    struct tn_arena *arena, struct tn_context *ctx)
{
    struct scatter s = {.spec = spec, .times = times};
    struct tn_arena scratch = {0};
    const size_t draws = (size_t)spec->scatter.draws;
    result->pairs_p05_per_day = result->pairs_median_per_day = result->pairs_p95_per_day = NAN;
    result->net_p05_per_year_kg = result->net_median_per_year_kg = result->net_p95_per_year_kg = NAN;
    if (!(spec->scatter.old > 0 || spec->scatter.new > 0) || times->count == 0)
        return TN_OK;
    tn_status status = tn_capacity_line_init(&s.line, spec, environment, &scratch, ctx);
    if (status == TN_OK)
        status = find_spreads(&s, environment, &scratch);
    if (status != TN_OK)
        goto out;
    s.moved_m = tn_arena_alloc(&scratch, draws * s.line->meet_count, sizeof *s.moved_m);
    s.pairs = tn_arena_alloc(&scratch, draws, sizeof *s.pairs);
    s.periods_s = tn_arena_alloc(&scratch, draws, sizeof *s.periods_s);
    s.limiting = tn_arena_alloc(&scratch, draws, sizeof *s.limiting);
    status = s.moved_m && s.pairs && s.periods_s && s.limiting ? tn_parallel(draws, "lines drawn", draw_line, &s, ctx)
                                                               : TN_ERR_MEMORY;
    if (status == TN_OK)
        status = ride_past_all(&s, draws, &scratch, ctx);
    if (status == TN_OK)
        status = tn_parallel(draws, "lines solved", solve_draw, &s, ctx);
    if (status == TN_OK)
        status = fill(result, &s, draws, arena);
out:
    tn_arena_clear(&scratch);
    return status;
}
