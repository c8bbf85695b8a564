/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"

#include <string.h>

#include "balance.h"
#include "run.h"

static const struct tn_field section_spec_fields[] = {
    TN_F_STRING(tn_capacity_section_spec, from, TN_REQUIRED, "station at one end"),
    TN_F_STRING(tn_capacity_section_spec, to, TN_REQUIRED, "station at the other end"),
    TN_F_NUMBER(tn_capacity_section_spec, time_up, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "running time up, passing both ends"),
    TN_F_NUMBER(tn_capacity_section_spec, time_down, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "running time down, passing both ends"),
    TN_F_END};
static const struct tn_schema section_spec_schema = {"section",
                                                     "running times between two stations where trains can meet",
                                                     sizeof(struct tn_capacity_section_spec), section_spec_fields};

static const struct tn_field removal_fields[] = {TN_F_STRING(tn_capacity_removal, name, 0, "class of the trains"),
                                                 TN_F_NUMBER(tn_capacity_removal, trains, TN_Q_NONE, NAN, 0, INFINITY,
                                                             TN_REQUIRED, "trains a day (pairs on single track)"),
                                                 TN_F_NUMBER(tn_capacity_removal, coefficient, TN_Q_NONE, NAN, 0,
                                                             INFINITY, TN_REQUIRED,
                                                             "freight trains that each of them takes the place of"),
                                                 TN_F_END};
static const struct tn_schema removal_schema = {"removal", "trains of another class",
                                                sizeof(struct tn_capacity_removal), removal_fields};

static const struct tn_field landmark_spec_fields[] = {
    TN_F_STRING(tn_capacity_landmark_spec, text, 0, "what it is"),
    TN_F_NUMBER(tn_capacity_landmark_spec, net, TN_Q_MASS, NAN, 0, INFINITY, TN_POSITIVE, "net mass a year"),
    TN_F_NUMBER(tn_capacity_landmark_spec, load, TN_Q_MASS, NAN, 0, INFINITY, TN_POSITIVE,
                "load of a train, with `pairs`"),
    TN_F_NUMBER(tn_capacity_landmark_spec, pairs, TN_Q_NONE, NAN, 0, INFINITY, TN_POSITIVE, "pairs a day of that load"),
    TN_F_END};
static const struct tn_schema landmark_spec_schema = {
    "landmark", "a known figure to see the results against: a net mass a year, or a load and pairs a day",
    sizeof(struct tn_capacity_landmark_spec), landmark_spec_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_capacity_spec, train, &tn_train_schema, 0, "train of the loaded direction"),
    TN_F_REF(tn_capacity_spec, train_back, &tn_train_schema, 0,
             "train of the other direction; the same with empty wagons if not given"),
    TN_F_CHOICE(tn_capacity_spec, loaded, tn_direction_name, TN_UP, 0, "direction of the loaded trains: up or down"),
    TN_F_STRING(tn_capacity_spec, from, 0, "station at one end of the line studied"),
    TN_F_STRING(tn_capacity_spec, to, 0, "station at its other end"),
    TN_F_LIST(tn_capacity_spec, sections, &section_spec_schema, 0, "given running times; from train runs if not given"),
    TN_F_NUMBER(tn_capacity_spec, start_addition, TN_Q_TIME, 120, 0, INFINITY, 0,
                "addition for a start, with given running times"),
    TN_F_NUMBER(tn_capacity_spec, stop_addition, TN_Q_TIME, 60, 0, INFINITY, 0,
                "addition for a stop, with given running times"),
    TN_F_NUMBER(tn_capacity_spec, not_simultaneous, TN_Q_TIME, 240, 0, INFINITY, 0,
                "interval between arrivals from opposite directions"),
    TN_F_NUMBER(tn_capacity_spec, meeting, TN_Q_TIME, 120, 0, INFINITY, 0,
                "interval from an arrival to the departure of the opposite train"),
    TN_F_NUMBER(tn_capacity_spec, following, TN_Q_TIME, 240, 0, INFINITY, 0,
                "interval between trains that follow each other through a section"),
    TN_F_NUMBER(tn_capacity_spec, window, TN_Q_TIME, 5400, 0, 86400, 0, "maintenance window a day"),
    TN_F_NUMBER(tn_capacity_spec, reserve, TN_Q_RATIO, 0.2, 0, INFINITY, 0, "share of the pairs kept in reserve"),
    TN_F_LIST(tn_capacity_spec, removals, &removal_schema, 0, "trains of other classes"),
    TN_F_NUMBER(tn_capacity_spec, pairs_parallel, TN_Q_NONE, NAN, 0, INFINITY, TN_POSITIVE,
                "parallel pairs a day; from the period of the sections if not given"),
    TN_F_NUMBER(tn_capacity_spec, margin, TN_Q_LENGTH, 20, 0, INFINITY, 0, "stopping margin in a loop"),
    TN_F_NUMBER(tn_capacity_spec, net_ratio, TN_Q_RATIO, NAN, 0, 1, 0,
                "net load over gross; of the wagons if not given"),
    TN_F_NUMBER(tn_capacity_spec, fluctuation, TN_Q_RATIO, 1.1, 1, INFINITY, 0, "busiest month over the mean month"),
    TN_F_NUMBER(tn_capacity_spec, pairs, TN_Q_NONE, NAN, 0, INFINITY, 0, "pairs a day that are asked for"),
    TN_F_NUMBER(tn_capacity_spec, reference_load, TN_Q_MASS, NAN, 0, INFINITY, TN_POSITIVE,
                "load against which the gain of the pairs asked for is counted"),
    TN_F_NUMBER(tn_capacity_spec, coupler_limit, TN_Q_FORCE, 2.25e6, 0, INFINITY, TN_POSITIVE,
                "largest pull behind the locomotives"),
    TN_F_NUMBER(tn_capacity_spec, published_pairs, TN_Q_NONE, NAN, 0, INFINITY, 0,
                "published pairs a day, shown beside the result"),
    TN_F_NUMBER(tn_capacity_spec, published_net, TN_Q_MASS, NAN, 0, INFINITY, TN_POSITIVE,
                "published net mass a year, shown beside the result"),
    TN_F_LIST(tn_capacity_spec, landmarks, &landmark_spec_schema, 0, "known figures, drawn into plots"),
    TN_F_CHOICE(tn_capacity_spec, depth, tn_depth_name, TN_STRAP, 0, "how much of the train's length the model sees"),
    TN_F_NUMBER(tn_capacity_spec, tolerance, TN_Q_NONE, TN_RUN_TOLERANCE, 1e-13, 1e-2, 0,
                "relative error of a step of the train runs"),
    TN_F_END};
const struct tn_schema tn_capacity_spec_schema = {"capacity", "pairs a day and tonnes a year of a line",
                                                  sizeof(struct tn_capacity_spec), spec_fields};

static const struct tn_field section_fields[] = {
    TN_F_STRING(tn_capacity_section, from, 0, "station at the end where up trains enter"),
    TN_F_STRING(tn_capacity_section, to, 0, "station at the end where up trains leave"),
    TN_F_NUMBER(tn_capacity_section, from_km_m, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_HIDDEN, "position of `from`"),
    TN_F_NUMBER(tn_capacity_section, to_km_m, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_HIDDEN, "position of `to`"),
    TN_R_NUMBER(tn_capacity_section, distance_m, TN_Q_LENGTH, "length"),
    TN_F_INTEGER(tn_capacity_section, tracks, 1, 1, INFINITY, 0, "tracks"),
    TN_R_NUMBER(tn_capacity_section, time_up_s, TN_Q_TIME, "running time up, passing both ends"),
    TN_R_NUMBER(tn_capacity_section, time_down_s, TN_Q_TIME, "running time down, passing both ends"),
    TN_F_NUMBER(tn_capacity_section, start_up_s, TN_Q_TIME, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "addition for a start, up"),
    TN_F_NUMBER(tn_capacity_section, stop_up_s, TN_Q_TIME, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "addition for a stop, up"),
    TN_F_NUMBER(tn_capacity_section, start_down_s, TN_Q_TIME, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "addition for a start, down"),
    TN_F_NUMBER(tn_capacity_section, stop_down_s, TN_Q_TIME, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "addition for a stop, down"),
    TN_F_INTEGER(tn_capacity_section, scheme, 0, 0, 4, 0,
                 "crossing scheme with the smallest period; 0 on double track"),
    TN_F_NUMBERS(tn_capacity_section, scheme_periods_s, TN_Q_TIME, "period of each crossing scheme"),
    TN_R_NUMBER(tn_capacity_section, period_s, TN_Q_TIME, "period of a pair"),
    TN_F_NUMBER(tn_capacity_section, pairs_parallel_per_day, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "parallel pairs a day"),
    TN_F_NUMBER(tn_capacity_section, pairs_per_day, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_LEAST,
                "freight pairs a day, reserve and other trains taken off"),
    TN_F_CHOICE(tn_capacity_section, confidence, tn_confidence_name, TN_PUBLISHED, TN_HIDDEN,
                "how well its length is known"),
    TN_F_END};
const struct tn_schema tn_capacity_section_schema = {"section", "a section between stations where trains can meet",
                                                     sizeof(struct tn_capacity_section), section_fields};

static const struct tn_field method_fields[] = {
    TN_F_STRING(tn_capacity_method, name, 0, "method"),
    TN_R_NUMBER(tn_capacity_method, pairs_per_day, TN_Q_NONE, "freight pairs a day by it"), TN_F_END};
static const struct tn_schema method_schema = {"method", "pairs a day by one method", sizeof(struct tn_capacity_method),
                                               method_fields};

static const struct tn_field landmark_fields[] = {
    TN_F_STRING(tn_capacity_landmark, text, 0, "what it is"),
    TN_R_NUMBER(tn_capacity_landmark, net_per_year_kg, TN_Q_MASS, "net load a year"),
    TN_R_NUMBER(tn_capacity_landmark, load_kg, TN_Q_MASS, "load of a train"),
    TN_R_NUMBER(tn_capacity_landmark, pairs_per_day, TN_Q_NONE, "pairs a day of that load"), TN_F_END};
static const struct tn_schema landmark_schema = {"landmark", "a known figure to see the results against",
                                                 sizeof(struct tn_capacity_landmark), landmark_fields};

static const struct tn_field result_fields[] = {
    TN_R_NUMBER(tn_capacity_result, pairs_parallel_per_day, TN_Q_NONE, "parallel pairs a day"),
    TN_R_NUMBER(tn_capacity_result, pairs_per_day, TN_Q_NONE,
                "freight pairs a day, reserve and other trains taken off"),
    TN_R_NUMBER(tn_capacity_result, pairs_per_day_rounded, TN_Q_NONE, "the same rounded down to half a pair"),
    TN_R_NUMBER(tn_capacity_result, load_kg, TN_Q_MASS, "load of a train of the loaded direction"),
    TN_R_NUMBER(tn_capacity_result, load_back_kg, TN_Q_MASS, "load of a train of the other direction"),
    TN_R_NUMBER(tn_capacity_result, net_ratio_1, TN_Q_RATIO, "net load over gross"),
    TN_R_NUMBER(tn_capacity_result, fluctuation_1, TN_Q_RATIO, "busiest month over the mean month"),
    TN_R_NUMBER(tn_capacity_result, gross_per_year_kg, TN_Q_MASS, "gross load a year, loaded direction"),
    TN_R_NUMBER(tn_capacity_result, net_per_year_kg, TN_Q_MASS, "net load a year, loaded direction"),
    TN_R_NUMBER(tn_capacity_result, net_other_per_year_kg, TN_Q_MASS, "net load a year, other direction"),
    TN_F_STRING(tn_capacity_result, limiting_section, 0, "section with the fewest pairs"),
    TN_R_NUMBER(tn_capacity_result, period_s, TN_Q_TIME, "its period of a pair"),
    TN_R_NUMBER(tn_capacity_result, occupancy_1, TN_Q_RATIO, "share of the day that it is in use"),
    TN_ROW_(tn_capacity_result, train_feasible, TN_BOOL, TN_Q_NONE, 0, 0, 1, NULL, NULL, TN_OF_TRAIN,
            "the trains can run: start, hold, fit, couplers"),
    TN_F_BOOL(tn_capacity_result, feasible, 0, "the pairs asked for fit and trains, if given, can run"),
    TN_F_STRING(tn_capacity_result, reason, 0, "why not"),
    TN_R_NUMBER(tn_capacity_result, pairs_asked_per_day, TN_Q_NONE, "pairs a day asked for"),
    TN_R_NUMBER(tn_capacity_result, gross_asked_per_year_kg, TN_Q_MASS, "gross load a year of the pairs asked for"),
    TN_R_NUMBER(tn_capacity_result, net_asked_per_year_kg, TN_Q_MASS, "net load a year of the pairs asked for"),
    TN_R_NUMBER(tn_capacity_result, gain_trains_per_day, TN_Q_NONE,
                "trains of the reference load gained a day by the pairs asked for"),
    TN_R_NUMBER(tn_capacity_result, published_pairs_per_day, TN_Q_NONE, "published pairs a day"),
    TN_R_NUMBER(tn_capacity_result, published_net_per_year_kg, TN_Q_MASS, "published net load a year"),
    TN_R_NUMBER(tn_capacity_result, difference_1, TN_Q_RATIO, "net load a year over the published one, less one"),
    TN_R_NUMBER(tn_capacity_result, running_time_up_s, TN_Q_TIME, "running time over the line up"),
    TN_R_NUMBER(tn_capacity_result, running_time_down_s, TN_Q_TIME, "running time over the line down"),
    TN_R_NUMBER(tn_capacity_result, travel_speed_m_s, TN_Q_SPEED,
                "speed over the line of the loaded train, without stops"),
    TN_F_LIST(tn_capacity_result, sections, &tn_capacity_section_schema, 0,
              "sections between stations where trains can meet"),
    TN_F_LIST(tn_capacity_result, methods, &method_schema, 0, "pairs a day by each method"),
    TN_F_LIST(tn_capacity_result, landmarks, &landmark_schema, TN_HIDDEN | TN_SHARED, "known figures"),
    TN_F_END};
const struct tn_schema tn_capacity_result_schema = {"capacity", "pairs a day and tonnes a year of a line",
                                                    sizeof(struct tn_capacity_result), result_fields};

#define DAY_S       86400.0
#define DAYS_A_YEAR 365.0
#define KMH         (1 / 3.6)

enum { UP, DOWN, DIRECTIONS };

/* Running time of a section and what starting at its beginning, stopping at its end or both adds. INFINITY: the train
   cannot start there. */
struct times {
    double pass_s, start_s, stop_s, both_s;
};

struct section {
    struct tn_capacity_section row;
    struct times times[DIRECTIONS];
    double headway_s; /* given, on double track; NAN: from the running times */
};

struct tn_capacity_times {
    struct section *sections;
    size_t count;
    bool have_trains;
    double load_kg, load_back_kg, net_kg, net_back_kg;
    bool train_feasible;
    const char *reason;
    double running_s[DIRECTIONS];
    double distance_m;
    struct tn_result_head head; /* names and assumptions */
};

/* What the times are worked out with; gone afterwards. */
struct work {
    const struct tn_capacity_spec *spec;
    const struct tn_environment *environment;
    struct tn_capacity_times *times;
    struct tn_train_spec back_spec;
    struct tn_train train[DIRECTIONS]; /* running up, running down */
    struct tn_path path[DIRECTIONS];
    struct tn_track track[DIRECTIONS];
    struct tn_run through[DIRECTIONS];
    size_t *meet; /* stations of the up path where trains can meet, both ends included */
    size_t meet_count;
    size_t dropped, unknown;
    double wagons_N[DIRECTIONS]; /* resistance of the wagons at rest */
    double pull_N[DIRECTIONS];   /* behind the locomotives, starting on the steepest climb */
    struct tn_arena *arena;      /* of the result */
    struct tn_arena scratch;
    struct tn_context *ctx;
};

static void fail(struct work *work, const char *text)
{
    if (work->times->train_feasible)
        work->times->reason = text;
    work->times->train_feasible = false;
}

static int loaded_direction(const struct tn_capacity_spec *spec)
{
    return spec->loaded == TN_DOWN ? DOWN : UP;
}

/* The same locomotives with as many wagons, empty. */
static tn_status empty_train(struct tn_train_spec *back, const struct tn_train_spec *train, struct tn_arena *arena)
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
    int there = loaded_direction(spec);
    struct tn_train *train = &work->train[there], *other = &work->train[!there];
    tn_status status = tn_train_init(train, loaded, &e->weather, e->gravity_m_s2, &work->scratch, work->ctx);
    if (status == TN_OK && back == NULL) {
        status = empty_train(&work->back_spec, loaded, &work->scratch);
        back = &work->back_spec;
    }
    if (status == TN_OK)
        status = tn_train_init(other, back, &e->weather, e->gravity_m_s2, &work->scratch, work->ctx);
    if (status != TN_OK)
        return status;
    struct tn_capacity_times *times = work->times;
    times->have_trains = true;
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
        tn_path_init(&path, e->line, e->phase, spec->from, spec->to, &spec->from, &spec->to, &work->scratch, work->ctx);
    if (status == TN_OK)
        status = tn_path_init(&reverse, e->line, e->phase, spec->to, spec->from, &spec->to, &spec->from, &work->scratch,
                              work->ctx);
    if (status != TN_OK)
        return status;
    work->path[UP] = path.up ? path : reverse;
    work->path[DOWN] = path.up ? reverse : path;
    work->times->distance_m = path.length_m;
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++)
        status = tn_track_init(&work->track[d], &work->path[d], &work->train[d], &e->weather,
                               (enum tn_depth)spec->depth, &work->scratch, work->ctx);
    return status;
}

static bool double_between(const struct work *work, size_t i, double *headway_s_out)
{
    const struct tn_station *a = work->path[UP].stations[i], *b = work->path[UP].stations[i + 1];
    return tn_line_double_track(work->environment->line, fmin(a->km, b->km), fmax(a->km, b->km),
                                work->environment->phase, headway_s_out);
}

/* Whether both trains fit into the station's tracks. Unknown lengths count as long enough. */
static bool fits(struct work *work, const struct tn_station *station)
{
    double length = tn_line_track_length(work->environment->line, station, work->environment->phase);
    double longest = fmax(work->train[UP].length_m, work->train[DOWN].length_m);
    if (isnan(length))
        work->unknown++;
    return isnan(length) || length >= longest + work->spec->margin;
}

/* Trains meet where a second track is long enough for both, and where double track ends. */
static tn_status find_meets(struct work *work)
{
    const struct tn_path *path = &work->path[UP];
    double headway;
    work->meet = tn_arena_alloc(&work->scratch, path->station_count, sizeof *work->meet);
    if (work->meet == NULL)
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
            work->meet[work->meet_count++] = i;
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

/* Position on the path of direction d of the k-th meeting station in order of travel. */
static double meet_s(const struct work *work, int d, size_t k)
{
    size_t last = work->path[UP].station_count - 1;
    if (d == UP)
        return work->path[UP].station_s_m[work->meet[k]];
    return work->path[DOWN].station_s_m[last - work->meet[work->meet_count - 1 - k]];
}

static const struct tn_station *meet_station(const struct work *work, int d, size_t k)
{
    return work->path[UP].stations[work->meet[d == UP ? k : work->meet_count - 1 - k]];
}

static const char *direction_text(int d)
{
    return d == UP ? "up" : "down";
}

static tn_status run_through(struct work *work, int d)
{
    double *marks = tn_arena_alloc(&work->scratch, work->meet_count, sizeof *marks);
    if (marks == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < work->meet_count; k++)
        marks[k] = meet_s(work, d, k);
    struct tn_run_request request = {.track = &work->track[d],
                                     .to_m = work->path[d].length_m,
                                     .stop_at_end = true,
                                     .marks = marks,
                                     .mark_count = work->meet_count,
                                     .tolerance = work->spec->tolerance};
    struct tn_run *run = &work->through[d];
    tn_status status = tn_run_solve(run, &request, &work->scratch, work->ctx);
    if (status != TN_OK)
        return status;
    const struct tn_path *path = &work->path[d];
    work->times->running_s[d] = run->finished ? run->running_time_s : (double)NAN;
    if (!run->finished)
        fail(work, tn_arena_printf(work->arena, "the %s train stalls at km %.1f: %s kN needed, %s kN available",
                                   direction_text(d), (path->origin_km_m + path->sign * run->stall_s_m) / 1e3,
                                   tn_number_text(work->arena, run->stall_need_N / 1e3, 0),
                                   tn_number_text(work->arena, run->stall_force_N / 1e3, 0)));
    else if (!run->held)
        fail(work,
             tn_arena_printf(work->arena, "the brakes cannot hold the %s train at km %.1f: %.1f km/h over the limit",
                             direction_text(d), (path->origin_km_m + path->sign * run->overspeed_s_m) / 1e3,
                             run->overspeed_max_m_s / KMH));
    return TN_OK;
}

/* Time from one meeting station to the next; INFINITY if the train does not get there. */
static tn_status run_section(double *time_s_out, struct work *work, int d, size_t k, double entry_m_s, bool stop)
{
    struct tn_arena arena = {NULL};
    struct tn_run run;
    struct tn_run_request request = {.track = &work->track[d],
                                     .from_m = meet_s(work, d, k),
                                     .to_m = meet_s(work, d, k + 1),
                                     .entry_m_s = entry_m_s,
                                     .stop_at_end = stop,
                                     .tolerance = work->spec->tolerance};
    memset(&run, 0, sizeof run);
    tn_status status = tn_run_solve(&run, &request, &arena, work->ctx);
    *time_s_out = status == TN_OK && run.finished ? run.running_time_s : HUGE_VAL;
    tn_arena_clear(&arena);
    return status;
}

/* At the ends of the line trains start and stop anyhow: there the running time holds it and nothing is added. */
static tn_status time_section(struct times *times, struct work *work, int d, size_t k)
{
    const struct tn_run *through = &work->through[d];
    bool first = k == 0, last = k + 2 == work->meet_count;
    double entry = first ? 0 : through->mark_speed_m_s[k], time;
    times->pass_s = through->mark_running_s[k + 1] - through->mark_running_s[k];
    times->start_s = times->stop_s = times->both_s = 0;
    tn_status status = TN_OK;
    if (!last) {
        status = run_section(&time, work, d, k, entry, true);
        times->stop_s = fmax(0, time - times->pass_s);
    }
    if (status == TN_OK && !first) {
        status = run_section(&time, work, d, k, 0, last);
        times->start_s = fmax(0, time - times->pass_s);
    }
    if (first || last) {
        times->both_s = first ? times->stop_s : times->start_s;
        return status;
    }
    if (status == TN_OK)
        status = run_section(&time, work, d, k, 0, true);
    times->both_s = fmax(0, time - times->pass_s);
    return status;
}

static double line_headway(const struct work *work, double given_s)
{
    const struct tn_line_spec *line = work->environment->line;
    if (isnan(given_s) && line->block == TN_BLOCK_AUTOMATIC)
        return line->headway;
    return given_s;
}

static tn_status init_section(struct section *section, struct work *work, size_t k)
{
    const struct tn_station *a = meet_station(work, UP, k), *b = meet_station(work, UP, k + 1);
    struct tn_capacity_section *row = &section->row;
    double headway = NAN;
    row->from = tn_text_copy(work->arena, a->name);
    row->to = tn_text_copy(work->arena, b->name);
    row->from_km_m = a->km;
    row->to_km_m = b->km;
    row->distance_m = fabs(b->km - a->km);
    row->confidence = a->confidence > b->confidence ? a->confidence : b->confidence;
    bool doubled = tn_line_double_track(work->environment->line, fmin(a->km, b->km), fmax(a->km, b->km),
                                        work->environment->phase, &headway);
    row->tracks = doubled ? 2 : 1;
    section->headway_s = doubled ? line_headway(work, headway) : (double)NAN;
    tn_status status = time_section(&section->times[UP], work, UP, k);
    if (status == TN_OK)
        status = time_section(&section->times[DOWN], work, DOWN, work->meet_count - 2 - k);
    return status;
}

/* Start on the steepest climb, standing with the whole train on it. */
static void check_climb(struct work *work, const struct tn_track *track, int d)
{
    const struct tn_train *train = &work->train[d];
    double missing = -HUGE_VAL, needed = 0, available = 0, grade_N = 0, at_s = 0;
    for (size_t i = 0; i < track->count; i++) {
        const struct tn_track_piece *piece = &track->pieces[i];
        double end = i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
        double x = piece->k1 > 0 ? end : piece->from_m;
        struct tn_balance need = {.count = 0};
        tn_balance_add_track(&need, track, piece, x, 1);
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
    double km = (work->path[d].origin_km_m + work->path[d].sign * at_s) / 1e3;
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
    const struct tn_train *train = &work->train[d];
    if (train->air_brake.count == 0)
        return;
    for (size_t i = 0; i < track->count; i++) {
        const struct tn_track_piece *piece = &track->pieces[i];
        double end = i + 1 < track->count ? track->pieces[i + 1].from_m : track->length_m;
        double x = piece->k1 < 0 ? end : piece->from_m, v = fmin(piece->limit_m_s, train->speed_max_m_s);
        struct tn_balance spare = {.count = 0};
        tn_balance_add_track(&spare, track, piece, x, 1);
        tn_balance_add(&spare, &train->dynamic_brake, 1);
        tn_balance_add(&spare, &train->air_brake, 1);
        if (tn_balance_at(&spare, v, -1) >= 0)
            continue;
        double weight = train->mass_kg * train->gravity_m_s2;
        fail(work, tn_arena_printf(work->arena, "the brakes cannot hold the %s train on %.1f permil at km %.1f",
                                   direction_text(d), 1e3 * (piece->k0 + piece->k1 * (x - piece->from_m)) / weight,
                                   (work->path[d].origin_km_m + work->path[d].sign * x) / 1e3));
        return;
    }
}

/* What the wagons alone resist in still air at rest. */
static tn_status wagons_at_rest(struct work *work, int d)
{
    const struct tn_train *train = &work->train[d];
    const struct tn_environment *e = work->environment;
    const struct tn_wind calm = {.speed = 0};
    struct tn_train_spec light_spec;
    struct tn_train light;
    bool starting = train->spec->starting_resistance;
    work->wagons_N[d] = tn_train_resistance(train, 0, 1, 0, 0, &calm, starting);
    if (train->locomotives == 0)
        return TN_OK;
    tn_balance_light(&light_spec, train->spec);
    tn_status status = tn_train_init(&light, &light_spec, &e->weather, e->gravity_m_s2, &work->scratch, work->ctx);
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
        strap[d] = work->track[d];
        if (strap[d].depth == TN_STRAP)
            continue;
        status = tn_track_init(&strap[d], &work->path[d], &work->train[d], &work->environment->weather, TN_STRAP,
                               &work->scratch, work->ctx);
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
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++)
        status = run_through(work, d);
    if (status == TN_OK)
        status = tn_assume_notes(&times->head, work->arena, NULL, work->environment->line);
    if (status == TN_OK)
        status = tn_assume_profile(&times->head, work->arena, &work->path[UP]);
    times->head.depth = tn_text_copy(work->arena, tn_depth_name(work->spec->depth));
    if (status != TN_OK || !work->through[UP].finished || !work->through[DOWN].finished)
        return status;
    times->count = work->meet_count - 1;
    times->sections = tn_arena_alloc(work->arena, times->count, sizeof *times->sections);
    if (times->sections == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; status == TN_OK && k < times->count; k++)
        status = init_section(&times->sections[k], work, k);
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
        struct section *section = &times->sections[k];
        double start = spec->start_addition, stop = spec->stop_addition;
        section->row.from = tn_text_copy(work->arena, given[k].from);
        section->row.to = tn_text_copy(work->arena, given[k].to);
        section->row.from_km_m = section->row.to_km_m = section->row.distance_m = NAN;
        section->row.tracks = 1;
        section->times[UP] = (struct times){given[k].time_up, start, stop, start + stop};
        section->times[DOWN] = (struct times){given[k].time_down, start, stop, start + stop};
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
    if (spec->sections.count > 0 || !isnan(spec->pairs_parallel))
        return TN_OK;
    if (spec->train.object == NULL)
        return tn_error(ctx, &spec->train, "name a train, or give `sections` with their running times",
                        "no train to take running times from");
    if (environment->line == NULL)
        return tn_error(ctx, NULL, "name a line with `line: {id: ...}`, or give `sections` with their running times",
                        "no line to take running times from");
    if (spec->from == NULL || spec->to == NULL)
        return tn_error(ctx, spec->from == NULL ? &spec->from : &spec->to, NULL,
                        "`from` and `to` say which part of the line is studied");
    return TN_OK;
}

static bool needs_runs(const struct tn_capacity_spec *spec)
{
    return spec->sections.count == 0 && isnan(spec->pairs_parallel);
}

/* Everything up to the train runs. */
static tn_status begin(struct work **work_out, const struct tn_capacity_spec *spec,
                       const struct tn_environment *environment, struct tn_arena *arena, struct tn_context *ctx)
{
    struct work *work = *work_out = tn_arena_alloc(arena, 1, sizeof *work);
    struct tn_capacity_times *times = tn_arena_alloc(arena, 1, sizeof *times);
    if (work == NULL || times == NULL)
        return TN_ERR_MEMORY;
    *work = (struct work){.spec = spec, .environment = environment, .times = times, .arena = arena, .ctx = ctx};
    times->train_feasible = true;
    times->reason = "";
    times->load_kg = times->load_back_kg = times->net_kg = times->net_back_kg = times->distance_m = NAN;
    tn_status status = check_spec(spec, environment, ctx);
    if (status == TN_OK && spec->train.object)
        status = init_trains(work);
    if (status == TN_OK && needs_runs(spec))
        status = init_paths(work);
    return status;
}

tn_status tn_capacity_times_init(const struct tn_capacity_times **times_out, const struct tn_capacity_spec *spec,
                                 const struct tn_environment *environment, struct tn_arena *arena,
                                 struct tn_context *ctx)
{
    struct work *work;
    tn_status status = begin(&work, spec, environment, arena, ctx);
    if (status == TN_OK && needs_runs(spec)) {
        work->times->head.line = tn_text_copy(arena, environment->line->id);
        status = times_from_runs(work);
    } else if (status == TN_OK) {
        status = times_given(work);
    }
    if (work == NULL)
        return TN_ERR_MEMORY;
    tn_arena_clear(&work->scratch);
    *times_out = work->times;
    return status;
}

uint64_t tn_capacity_times_key(const struct tn_capacity_spec *spec, const struct tn_environment *environment)
{
    struct tn_capacity_spec cut = *spec;
    cut.not_simultaneous = cut.meeting = cut.following = cut.window = cut.reserve = 0;
    cut.removals = cut.landmarks = (struct tn_list){NULL, 0};
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

/* The four crossing schemes: both trains enter without stopping; both leave without stopping; the up train passes both
   ends; the down train does. */
static void crossing_periods(double periods[4], const struct times times[DIRECTIONS],
                             const struct tn_capacity_spec *spec)
{
    double pass = times[UP].pass_s + times[DOWN].pass_s, arrival = spec->not_simultaneous, meeting = spec->meeting;
    periods[0] = pass + times[UP].stop_s + times[DOWN].stop_s + 2 * arrival;
    periods[1] = pass + times[UP].start_s + times[DOWN].start_s + 2 * meeting;
    periods[2] = pass + times[DOWN].both_s + arrival + meeting;
    periods[3] = pass + times[UP].both_s + arrival + meeting;
}

static double taken_off(const struct tn_capacity_spec *spec)
{
    const struct tn_capacity_removal *rows = spec->removals.items;
    double sum = 0;
    for (size_t i = 0; i < spec->removals.count; i++)
        sum += rows[i].trains * rows[i].coefficient;
    return sum;
}

static double freight_pairs(const struct tn_capacity_spec *spec, double parallel)
{
    return fmax(0, parallel / (1 + spec->reserve) - taken_off(spec));
}

static tn_status fill_section(struct tn_capacity_section *row, const struct section *section,
                              const struct tn_capacity_spec *spec, struct tn_arena *arena)
{
    const struct times *up = &section->times[UP], *down = &section->times[DOWN];
    double *periods = tn_arena_alloc(arena, 4, sizeof *periods);
    *row = section->row;
    row->from = tn_text_copy(arena, section->row.from);
    row->to = tn_text_copy(arena, section->row.to);
    if (periods == NULL || row->from == NULL || row->to == NULL)
        return TN_ERR_MEMORY;
    row->time_up_s = up->pass_s;
    row->time_down_s = down->pass_s;
    row->start_up_s = up->start_s;
    row->stop_up_s = up->stop_s;
    row->start_down_s = down->start_s;
    row->stop_down_s = down->stop_s;
    row->scheme_periods_s = (struct tn_list){periods, 4};
    crossing_periods(periods, section->times, spec);
    row->scheme = 1;
    for (int k = 1; k < 4; k++)
        if (periods[k] < periods[row->scheme - 1])
            row->scheme = k + 1;
    row->period_s = periods[row->scheme - 1];
    if (row->tracks > 1) {
        for (int k = 0; k < 4; k++)
            periods[k] = NAN;
        row->scheme = 0;
        row->period_s =
            isnan(section->headway_s) ? fmax(up->pass_s, down->pass_s) + spec->following : section->headway_s;
    }
    row->pairs_parallel_per_day = (DAY_S - spec->window) / row->period_s;
    row->pairs_per_day = freight_pairs(spec, row->pairs_parallel_per_day);
    return TN_OK;
}

static tn_status fill_sections(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                               const struct tn_capacity_times *times, struct tn_arena *arena)
{
    struct tn_capacity_section *rows = tn_arena_alloc(arena, times->count + 1, sizeof *rows), *limiting = NULL;
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t k = 0; k < times->count; k++) {
        tn_status status = fill_section(&rows[k], &times->sections[k], spec, arena);
        if (status != TN_OK)
            return status;
        if (limiting == NULL || rows[k].pairs_parallel_per_day < limiting->pairs_parallel_per_day)
            limiting = &rows[k];
    }
    result->sections = (struct tn_list){rows, times->count};
    result->pairs_parallel_per_day =
        isnan(spec->pairs_parallel) && limiting ? limiting->pairs_parallel_per_day : spec->pairs_parallel;
    result->pairs_per_day =
        isnan(result->pairs_parallel_per_day) ? (double)NAN : freight_pairs(spec, result->pairs_parallel_per_day);
    result->pairs_per_day_rounded = floor(2 * result->pairs_per_day + 1e-9) / 2;
    result->period_s = limiting ? limiting->period_s : (double)NAN;
    if (limiting == NULL)
        return TN_OK;
    result->limiting_section = tn_arena_printf(arena, "%s - %s", limiting->from, limiting->to);
    if (result->limiting_section == NULL)
        return TN_ERR_MEMORY;
    if (limiting->confidence <= TN_DERIVED)
        return TN_OK;
    return tn_assume(&result->head, arena, (enum tn_confidence)limiting->confidence,
                     "the length of the limiting section %s rests on a station position that is not published (%s)",
                     result->limiting_section, tn_confidence_name(limiting->confidence));
}

static void fill_tonnes(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                        const struct tn_capacity_times *times)
{
    double pairs = result->pairs_per_day, asked = spec->pairs;
    result->load_kg = times->load_kg;
    result->load_back_kg = times->load_back_kg;
    result->net_ratio_1 = isnan(spec->net_ratio) ? times->net_kg / times->load_kg : spec->net_ratio;
    result->fluctuation_1 = spec->fluctuation;
    double net_a_pair = result->load_kg * result->net_ratio_1 / spec->fluctuation;
    result->gross_per_year_kg = DAYS_A_YEAR * pairs * result->load_kg;
    result->net_per_year_kg = DAYS_A_YEAR * pairs * net_a_pair;
    result->net_other_per_year_kg = DAYS_A_YEAR * pairs * times->net_back_kg / spec->fluctuation;
    result->pairs_asked_per_day = asked;
    result->gross_asked_per_year_kg = DAYS_A_YEAR * asked * result->load_kg;
    result->net_asked_per_year_kg = DAYS_A_YEAR * asked * net_a_pair;
    result->gain_trains_per_day = asked * (result->load_kg - spec->reference_load) / spec->reference_load;
    result->published_pairs_per_day = spec->published_pairs;
    result->published_net_per_year_kg = spec->published_net;
    result->difference_1 = result->net_per_year_kg / spec->published_net - 1;
    result->occupancy_1 = ((isnan(asked) ? pairs : asked) + taken_off(spec)) * result->period_s / DAY_S;
    result->running_time_up_s = times->running_s[UP];
    result->running_time_down_s = times->running_s[DOWN];
    result->travel_speed_m_s = times->distance_m / times->running_s[loaded_direction(spec)];
}

static tn_status fill_landmarks(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                struct tn_arena *arena)
{
    const struct tn_capacity_landmark_spec *given = spec->landmarks.items;
    struct tn_capacity_landmark *rows = tn_arena_alloc(arena, spec->landmarks.count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < spec->landmarks.count; i++) {
        rows[i] = (struct tn_capacity_landmark){tn_text_copy(arena, given[i].text), given[i].net, given[i].load,
                                                given[i].pairs};
        if (given[i].text != NULL && rows[i].text == NULL)
            return TN_ERR_MEMORY;
    }
    result->landmarks = (struct tn_list){rows, spec->landmarks.count};
    return TN_OK;
}

static tn_status fill_reason(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                             const struct tn_capacity_times *times, struct tn_arena *arena)
{
    result->train_feasible = times->train_feasible;
    result->head.failed = !times->train_feasible;
    result->reason = tn_text_copy(arena, times->reason);
    bool room = isnan(spec->pairs) || spec->pairs <= result->pairs_per_day * (1 + 1e-12);
    result->feasible = times->train_feasible && room;
    if (times->train_feasible && !room)
        result->reason =
            tn_arena_printf(arena, "%g pairs a day asked, %.1f possible", spec->pairs, result->pairs_per_day);
    return result->reason ? TN_OK : TN_ERR_MEMORY;
}

static tn_status fill_verdict(struct tn_capacity_result *result, struct tn_arena *arena)
{
    const char *tonnes = "", *limit = "", *published = "", *but = "";
    if (!isnan(result->net_per_year_kg))
        tonnes = tn_arena_printf(arena, ", %.1f Mt net a year %s", result->net_per_year_kg / 1e9,
                                 result->head.direction ? result->head.direction : "");
    if (result->limiting_section)
        limit =
            tn_arena_printf(arena, "; limited by %s, %.1f min a pair", result->limiting_section, result->period_s / 60);
    if (!isnan(result->difference_1))
        published = tn_arena_printf(arena, "; published %.1f Mt (%+.0f %%)", result->published_net_per_year_kg / 1e9,
                                    100 * result->difference_1);
    if (result->reason[0])
        but = tn_arena_printf(arena, "; but %s", result->reason);
    if (tonnes == NULL || limit == NULL || published == NULL || but == NULL)
        return TN_ERR_MEMORY;
    if (isnan(result->pairs_per_day))
        result->head.verdict = tn_arena_printf(arena, "no capacity: %s", result->reason);
    else
        result->head.verdict =
            tn_arena_printf(arena, "%.1f pairs a day%s%s%s%s", result->pairs_per_day, tonnes, limit, published, but);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

tn_status tn_capacity_from_times(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                 const struct tn_capacity_times *times, const struct tn_environment *environment,
                                 struct tn_arena *arena, struct tn_context *ctx)
{
    (void)environment;
    (void)ctx;
    const struct tn_assumption *assumptions = times->head.assumptions.items;
    result->head.train = tn_text_copy(arena, times->head.train);
    result->head.line = tn_text_copy(arena, times->head.line);
    result->head.direction = tn_text_copy(arena, times->head.direction);
    result->head.depth = tn_text_copy(arena, times->head.depth);
    tn_status status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < times->head.assumptions.count; i++)
        status =
            tn_assume(&result->head, arena, (enum tn_confidence)assumptions[i].confidence, "%s", assumptions[i].text);
    if (status == TN_OK)
        status = fill_sections(result, spec, times, arena);
    if (status != TN_OK)
        return status;
    fill_tonnes(result, spec, times);
    status = fill_landmarks(result, spec, arena);
    if (status != TN_OK)
        return status;
    struct tn_capacity_method *method = tn_arena_alloc(arena, 1, sizeof *method);
    if (method == NULL)
        return TN_ERR_MEMORY;
    *method = (struct tn_capacity_method){"period", result->pairs_per_day};
    result->methods = (struct tn_list){method, 1};
    status = fill_reason(result, spec, times, arena);
    return status == TN_OK ? fill_verdict(result, arena) : status;
}

static tn_status solve(void *result, const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    const struct tn_capacity_times *times;
    tn_status status = tn_capacity_times_init(&times, spec, environment, arena, ctx);
    return status == TN_OK ? tn_capacity_from_times(result, spec, times, environment, arena, ctx) : status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct work *work;
    tn_status status = begin(&work, spec, environment, arena, ctx);
    if (work != NULL)
        tn_arena_clear(&work->scratch);
    return status;
}

const struct tn_study_kind tn_study_capacity = {
    "capacity",
    "how many pairs a day and tonnes a year the line carries, and which section limits",
    &tn_capacity_spec_schema,
    &tn_capacity_result_schema,
    solve,
    check_study,
};
