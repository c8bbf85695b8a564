/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_CAPACITY_TIMES_H
#define TN_CAPACITY_TIMES_H

#include "capacity.h"
#include "section_times.h"

/* Running times of a capacity study by section, as capacity_times.c works them out and capacity.c makes pairs of them.
 */

enum { UP, DOWN, DIRECTIONS }; /* of running */

struct tn_capacity_stretch {
    struct tn_capacity_section row; /* names, places and tracks; the rest is of the result */
    struct tn_section_time times[DIRECTIONS];
    double headway_s; /* given, on double track; NAN: from the running times */
};

/* What trains that run through draw from a feeding section. */
struct tn_capacity_supply {
    const char *name;
    double from_km_m, to_km_m, power_W;
    int confidence;
    double energy_J[DIRECTIONS], time_s[DIRECTIONS];
};

struct tn_capacity_times {
    struct tn_capacity_stretch *sections;
    size_t count;
    struct tn_capacity_supply *supplies;
    size_t supply_count;
    double load_kg, load_back_kg, net_kg, net_back_kg; /* NAN: no train */
    bool train_feasible;
    const char *reason; /* why it is not, or "" */
    double running_s[DIRECTIONS];
    double distance_m;
    struct tn_result_head head; /* names and assumptions */
};

/* The trains of a study on its line, for questions beyond the sections that there are. */
struct tn_capacity_line {
    struct tn_train_spec back_spec;
    struct tn_train train[DIRECTIONS]; /* running up, running down */
    struct tn_path path[DIRECTIONS];
    struct tn_track track[DIRECTIONS];
    size_t *meet; /* stations of the up path where trains can meet, both ends included */
    size_t meet_count;
    double tolerance;
};
/* Neither checks the trains nor runs them. In memory of the arena. */
tn_status tn_capacity_line_init(const struct tn_capacity_line **line_out, const struct tn_capacity_spec *spec,
                                const struct tn_environment *environment, struct tn_arena *arena,
                                struct tn_context *ctx);

/* One train each way past places where trains may meet, the ends of the line first and last. */
struct tn_capacity_ride {
    size_t count;
    double *places_s_m[DIRECTIONS]; /* in each direction of travel */
    struct tn_section_way way[DIRECTIONS];
    struct tn_run through[DIRECTIONS];
};
/* Places in km of the line, in the direction of up trains; two may be one. */
tn_status tn_capacity_ride_past(struct tn_capacity_ride *ride, const struct tn_capacity_line *line, const double *km_m,
                                size_t count, struct tn_arena *arena, struct tn_context *ctx);
/* The same ride as if some of its places were all: their indices, rising, both ends among them. */
tn_status tn_capacity_ride_pick(struct tn_capacity_ride *out, const struct tn_capacity_ride *ride,
                                const struct tn_capacity_line *line, const size_t *places, size_t count,
                                struct tn_arena *arena);
/* Times of the section between places k and k + 1, up. */
tn_status tn_capacity_ride_times(struct tn_section_time times[DIRECTIONS], const struct tn_capacity_ride *ride,
                                 size_t k, struct tn_context *ctx);

/* Whether the times come from train runs. */
static inline bool tn_capacity_needs_runs(const struct tn_capacity_spec *spec)
{
    return spec->sections.count == 0 && isnan(spec->pairs_parallel);
}

/* Tracks and headway of a stretch between the km of its row. */
void tn_capacity_tracks(struct tn_capacity_stretch *section, const struct tn_environment *environment);

/* Period of a pair, the smallest of the four crossing schemes (NAN on double track); scheme 1 to 4, 0 on double track.
 */
double tn_capacity_period(double periods_s[4], int *scheme_out, const struct tn_capacity_stretch *section,
                          const struct tn_capacity_spec *spec);
/* No period of the section can be smaller, whatever starting and stopping add. */
double tn_capacity_period_least(const struct tn_capacity_stretch *section, const struct tn_capacity_spec *spec);
/* Freight pairs a day that the limiting period leaves, reserve and other trains taken off. */
double tn_capacity_pairs(const struct tn_capacity_spec *spec, double period_s);
/* Net mass of a pair of the loaded direction in a year, busiest month considered: of one pair a day. */
double tn_capacity_net_a_pair(const struct tn_capacity_result *result);

#define TN_CAPACITY_DAY_S 86400.0

/* The feeding sections of the line on the way, with what the trains draw from them. */
tn_status tn_capacity_supply_init(struct tn_capacity_times *times, const struct tn_capacity_line *line,
                                  const struct tn_capacity_ride *ride, const struct tn_environment *environment,
                                  struct tn_arena *arena, struct tn_context *ctx);
/* Fills `feedings` and `limit`, and lowers the pairs to what their power allows. */
tn_status tn_capacity_power_solve(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                  const struct tn_capacity_times *times, struct tn_arena *arena);

/* Fills `loops` and `more_loops` of a result whose sections and figures stand. */
tn_status tn_capacity_loops_solve(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                  const struct tn_capacity_times *times, const struct tn_environment *environment,
                                  struct tn_arena *arena, struct tn_context *ctx);
/* Fills what the scatter of station positions makes of the figures. */
tn_status tn_capacity_scatter_solve(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                    const struct tn_capacity_times *times, const struct tn_environment *environment,
                                    struct tn_arena *arena, struct tn_context *ctx);

/* The same locomotives with as many wagons, empty. TN_ERR_MEMORY. */
tn_status tn_capacity_empty_train(struct tn_train_spec *back, const struct tn_train_spec *train,
                                  struct tn_arena *arena);

/* All that comes before solving: the `check` of the study. */
tn_status tn_capacity_check(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                            struct tn_context *ctx);

/* Direction of the loaded trains. */
static inline int tn_capacity_loaded(const struct tn_capacity_spec *spec)
{
    return spec->loaded == TN_DOWN ? DOWN : UP;
}

#endif
