/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity_methods.h"
#include "capacity_times.h"
#include "run.h"
#include "simulate.h"

const char *tn_capacity_methods_name(int index)
{
    static const char *const names[] = {"period", "all"};
    return index >= 0 && index < 2 ? names[index] : NULL;
}

static const struct tn_field section_spec_fields[] = {
    TN_F_STRING(tn_capacity_section_spec, from, TN_REQUIRED, "station at one end"),
    TN_F_STRING(tn_capacity_section_spec, to, TN_REQUIRED, "station at the other end"),
    TN_F_NUMBER(tn_capacity_section_spec, time_up, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "running time up, passing both ends"),
    TN_F_NUMBER(tn_capacity_section_spec, time_down, TN_Q_TIME, NAN, 0, INFINITY, TN_REQUIRED | TN_POSITIVE,
                "running time down, passing both ends"),
    TN_F_END};
const struct tn_schema tn_capacity_section_spec_schema = {"section",
                                                          "running times between two stations where trains can meet",
                                                          sizeof(struct tn_capacity_section_spec), section_spec_fields};

static const struct tn_field removal_fields[] = {
    TN_F_STRING(tn_capacity_removal, name, 0, "class of the trains"),
    TN_F_NUMBER(tn_capacity_removal, trains, TN_Q_NONE, NAN, 0, INFINITY, TN_REQUIRED,
                "trains a day (pairs on single track)"),
    TN_F_NUMBER(tn_capacity_removal, coefficient, TN_Q_NONE, NAN, 0, INFINITY, TN_REQUIRED,
                "freight trains that each of them takes the place of"),
    TN_F_REF(tn_capacity_removal, train, &tn_train_schema, 0, "what runs, for methods that run trains"),
    TN_F_REF(tn_capacity_removal, train_back, &tn_train_schema, 0,
             "what runs in the other direction; the same if not given"),
    TN_F_INTEGER(tn_capacity_removal, priority, 1, -100, 100, 0, "against freight trains, which have 0"),
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

static const char *scatter_law_name(int index)
{
    static const char *const names[] = {"normal", "uniform"};
    return index == TN_SCATTER_NORMAL || index == TN_SCATTER_UNIFORM ? names[index] : NULL;
}

static const struct tn_field scatter_fields[] = {
    TN_F_NUMBER(tn_capacity_scatter_spec, old, TN_Q_LENGTH, 0, 0, INFINITY, 0, "of stations of the line's first phase"),
    TN_F_NUMBER(tn_capacity_scatter_spec, new, TN_Q_LENGTH, 0, 0, INFINITY, 0, "of stations added later"),
    TN_F_CHOICE(tn_capacity_scatter_spec, law, scatter_law_name, TN_SCATTER_NORMAL, 0,
                "normal, with that standard deviation, or uniform, as far to either side"),
    TN_F_INTEGER(tn_capacity_scatter_spec, draws, 200, 1, 1000000, 0, "how often the line is drawn"),
    TN_F_INTEGER(tn_capacity_scatter_spec, seed, 1, 0, 2147483647, 0, "of the random numbers"),
    TN_F_END};
static const struct tn_schema scatter_schema = {"scatter", "how far stations may stand from where the line says",
                                                sizeof(struct tn_capacity_scatter_spec), scatter_fields};

static const struct tn_field saturation_fields[] = {
    TN_F_NUMBER(tn_capacity_saturation_spec, delay_limit, TN_Q_TIME, NAN, 0, INFINITY, TN_POSITIVE,
                "mean delay of a train that the capacity is found at; not given: no such method"),
    TN_F_INTEGER(tn_capacity_saturation_spec, days, 20, 1, 3650, 0, "days that count, of each simulation"),
    TN_F_INTEGER(tn_capacity_saturation_spec, warm_up, 4, 0, 3650, 0, "days before them"),
    TN_F_INTEGER(tn_capacity_saturation_spec, replicates, 6, 1, 1000, 0, "with other random numbers"),
    TN_F_INTEGER(tn_capacity_saturation_spec, seed, 1, 0, INT32_MAX, 0, "of the random numbers"),
    TN_F_CHOICE(tn_capacity_saturation_spec, rule, tn_simulate_rule_name, TN_SIMULATE_LOOK_AHEAD, 0, "dispatch rule"),
    TN_F_STRUCT(tn_capacity_saturation_spec, disturbances, &tn_disturbances_schema, "what makes trains late"),
    TN_F_END};
static const struct tn_schema saturation_schema = {"saturation", "capacity by the delay of simulated trains",
                                                   sizeof(struct tn_capacity_saturation_spec), saturation_fields};

static const struct tn_field delay_fields[] = {
    TN_R_NUMBER(tn_capacity_delay, pairs_per_day, TN_Q_NONE, "freight pairs a day"),
    TN_R_NUMBER(tn_capacity_delay, delay_mean_s, TN_Q_TIME, "mean delay of a train"),
    TN_R_NUMBER(tn_capacity_delay, delay_low_s, TN_Q_TIME, "its 95 % confidence interval, from"),
    TN_R_NUMBER(tn_capacity_delay, delay_high_s, TN_Q_TIME, "its 95 % confidence interval, to"), TN_F_END};
const struct tn_schema tn_capacity_delay_schema = {"delay", "mean delay at a number of pairs",
                                                   sizeof(struct tn_capacity_delay), delay_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_capacity_spec, train, &tn_train_schema, 0, "train of the loaded direction"),
    TN_F_REF(tn_capacity_spec, train_back, &tn_train_schema, 0,
             "train of the other direction; the same with empty wagons if not given"),
    TN_F_CHOICE(tn_capacity_spec, loaded, tn_direction_name, TN_UP, 0, "direction of the loaded trains: up or down"),
    TN_F_STRING(tn_capacity_spec, from, 0, "station at one end of the line studied"),
    TN_F_STRING(tn_capacity_spec, to, 0, "station at its other end"),
    TN_F_LIST(tn_capacity_spec, sections, &tn_capacity_section_spec_schema, 0,
              "given running times; from train runs if not given"),
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
    TN_F_NUMBER(tn_capacity_spec, window_begin, TN_Q_TIME, 43200, 0, 86400, 0,
                "time of day when it begins, for methods that run trains"),
    TN_F_NUMBER(tn_capacity_spec, approach, TN_Q_TIME, 120, 0, INFINITY, 0,
                "how long before passing a station the way on must be set, for methods that run trains"),
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
    TN_F_CHOICE(tn_capacity_spec, methods, tn_capacity_methods_name, TN_METHODS_PERIOD, 0,
                "the period method alone, or beside it a timetable compressed and a simulation saturated"),
    TN_F_NUMBER(tn_capacity_spec, occupancy_limit, TN_Q_RATIO, 0.75, 0, 1, TN_POSITIVE,
                "share of the time that may be taken after compression (UIC 406: 0.75 mixed traffic, peak)"),
    TN_F_STRUCT(tn_capacity_spec, saturation, &saturation_schema, "capacity by the delay of simulated trains"),
    TN_F_BOOL(tn_capacity_spec, loops, 0, "work out what each loop is worth, and where more would help most"),
    TN_F_INTEGER(tn_capacity_spec, more_loops, 5, 0, 1000, 0, "how many more, with `loops`"),
    TN_F_STRUCT(tn_capacity_spec, scatter, &scatter_schema, "uncertainty of station positions"),
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
    TN_R_NUMBER(tn_capacity_method, pairs_per_day, TN_Q_NONE, "freight pairs a day by it"),
    TN_F_NUMBERS(tn_capacity_method, interval, TN_Q_NONE, "their 95 % confidence interval"),
    TN_R_NUMBER(tn_capacity_method, net_per_year_kg, TN_Q_MASS, "net load a year, loaded direction"),
    TN_F_STRING(tn_capacity_method, place, 0, "what limits"),
    TN_F_STRING(tn_capacity_method, note, 0, "what the figure is, or why there is none"),
    TN_F_END};
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
    TN_R_NUMBER(tn_capacity_result, pairs_power_per_day, TN_Q_NONE,
                "freight pairs a day that the power of the feeding sections allows"),
    TN_F_STRING(tn_capacity_result, limit, TN_HIDDEN, "what the pairs are limited by"),
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
    TN_R_NUMBER(tn_capacity_result, delay_limit_s, TN_Q_TIME, "mean delay at which the simulation is saturated"),
    TN_F_LIST(tn_capacity_result, delay_curve, &tn_capacity_delay_schema, 0, "mean delay over pairs a day, simulated"),
    TN_F_LIST(tn_capacity_result, landmarks, &landmark_schema, TN_HIDDEN | TN_SHARED, "known figures"),
    TN_F_LIST(tn_capacity_result, feedings, &tn_capacity_feeding_schema, 0, "what the feeding sections allow"),
    TN_F_LIST(tn_capacity_result, loops, &tn_capacity_loop_schema, 0,
              "what each station where trains meet is worth: the line without it"),
    TN_F_LIST(tn_capacity_result, more_loops, &tn_capacity_more_loop_schema, 0,
              "loops that would help most, each in the section that limits with those before it"),
    TN_R_NUMBER(tn_capacity_result, pairs_p05_per_day, TN_Q_NONE, "freight pairs a day, stations scattered: 5 %"),
    TN_R_NUMBER(tn_capacity_result, pairs_median_per_day, TN_Q_NONE, "freight pairs a day, stations scattered: median"),
    TN_R_NUMBER(tn_capacity_result, pairs_p95_per_day, TN_Q_NONE, "freight pairs a day, stations scattered: 95 %"),
    TN_R_NUMBER(tn_capacity_result, net_p05_per_year_kg, TN_Q_MASS, "net load a year, stations scattered: 5 %"),
    TN_R_NUMBER(tn_capacity_result, net_median_per_year_kg, TN_Q_MASS, "net load a year, stations scattered: median"),
    TN_R_NUMBER(tn_capacity_result, net_p95_per_year_kg, TN_Q_MASS, "net load a year, stations scattered: 95 %"),
    TN_F_LIST(tn_capacity_result, scatter_sections, &tn_capacity_limit_share_schema, 0,
              "how often each section limits with stations scattered"),
    TN_F_END};
const struct tn_schema tn_capacity_result_schema = {"capacity", "pairs a day and tonnes a year of a line",
                                                    sizeof(struct tn_capacity_result), result_fields};

#define DAY_S       TN_CAPACITY_DAY_S
#define DAYS_A_YEAR 365.0

/* The four crossing schemes: both trains enter without stopping; both leave without stopping; the up train passes both
   ends; the down train does. */
static void crossing_periods(double periods[4], const struct tn_section_time times[DIRECTIONS],
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

double tn_capacity_period(double periods_s[4], int *scheme_out, const struct tn_capacity_stretch *section,
                          const struct tn_capacity_spec *spec)
{
    const struct tn_section_time *up = &section->times[UP], *down = &section->times[DOWN];
    int best = 0;
    *scheme_out = 0;
    if (section->row.tracks > 1) {
        for (int k = 0; k < 4; k++)
            periods_s[k] = NAN;
        return isnan(section->headway_s) ? fmax(up->pass_s, down->pass_s) + spec->following : section->headway_s;
    }
    crossing_periods(periods_s, section->times, spec);
    for (int k = 1; k < 4; k++)
        if (periods_s[k] < periods_s[best])
            best = k;
    *scheme_out = best + 1;
    return periods_s[best];
}

double tn_capacity_period_least(const struct tn_capacity_stretch *section, const struct tn_capacity_spec *spec)
{
    double periods[4];
    int scheme;
    if (section->row.tracks > 1)
        return tn_capacity_period(periods, &scheme, section, spec);
    return section->times[UP].pass_s + section->times[DOWN].pass_s + 2 * fmin(spec->not_simultaneous, spec->meeting);
}

double tn_capacity_pairs(const struct tn_capacity_spec *spec, double period_s)
{
    return freight_pairs(spec, (DAY_S - spec->window) / period_s);
}

double tn_capacity_net_a_pair(const struct tn_capacity_result *result)
{
    return DAYS_A_YEAR * result->load_kg * result->net_ratio_1 / result->fluctuation_1;
}

static tn_status fill_section(struct tn_capacity_section *row, const struct tn_capacity_stretch *section,
                              const struct tn_capacity_spec *spec, struct tn_arena *arena)
{
    const struct tn_section_time *up = &section->times[UP], *down = &section->times[DOWN];
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
    row->period_s = tn_capacity_period(periods, &row->scheme, section, spec);
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

double tn_capacity_net(const struct tn_capacity_result *result, double pairs_per_day)
{
    return DAYS_A_YEAR * pairs_per_day * result->load_kg * result->net_ratio_1 / result->fluctuation_1;
}

static void fill_tonnes(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                        const struct tn_capacity_times *times)
{
    double pairs = result->pairs_per_day, asked = spec->pairs;
    result->load_kg = times->load_kg;
    result->load_back_kg = times->load_back_kg;
    result->net_ratio_1 = isnan(spec->net_ratio) ? times->net_kg / times->load_kg : spec->net_ratio;
    result->fluctuation_1 = spec->fluctuation;
    result->gross_per_year_kg = DAYS_A_YEAR * pairs * result->load_kg;
    result->net_per_year_kg = tn_capacity_net(result, pairs);
    result->net_other_per_year_kg = DAYS_A_YEAR * pairs * times->net_back_kg / spec->fluctuation;
    result->pairs_asked_per_day = asked;
    result->gross_asked_per_year_kg = DAYS_A_YEAR * asked * result->load_kg;
    result->net_asked_per_year_kg = tn_capacity_net(result, asked);
    result->gain_trains_per_day = asked * (result->load_kg - spec->reference_load) / spec->reference_load;
    result->published_pairs_per_day = spec->published_pairs;
    result->published_net_per_year_kg = spec->published_net;
    result->difference_1 = result->net_per_year_kg / spec->published_net - 1;
    result->occupancy_1 = ((isnan(asked) ? pairs : asked) + taken_off(spec)) * result->period_s / DAY_S;
    result->running_time_up_s = times->running_s[UP];
    result->running_time_down_s = times->running_s[DOWN];
    result->travel_speed_m_s = times->distance_m / times->running_s[tn_capacity_loaded(spec)];
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
    if (result->limit && result->pairs_per_day == result->pairs_power_per_day)
        limit = tn_arena_printf(arena, "; limited by the %s", result->limit);
    else if (result->limiting_section)
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
    const double by_period = result->pairs_per_day;
    if (status == TN_OK)
        status = tn_capacity_power_solve(result, spec, times, arena);
    if (status != TN_OK)
        return status;
    result->pairs_per_day_rounded = floor(2 * result->pairs_per_day + 1e-9) / 2;
    fill_tonnes(result, spec, times);
    status = fill_landmarks(result, spec, arena);
    if (status != TN_OK)
        return status;
    status = tn_capacity_fill_methods(result, spec, environment, by_period, arena, ctx);
    if (status == TN_OK && spec->loops)
        status = tn_capacity_loops_solve(result, spec, times, environment, arena, ctx);
    if (status == TN_OK)
        status = tn_capacity_scatter_solve(result, spec, times, environment, arena, ctx);
    if (status == TN_OK)
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

const struct tn_study_kind tn_study_capacity = {
    "capacity",
    "how many pairs a day and tonnes a year the line carries, and which section limits",
    &tn_capacity_spec_schema,
    &tn_capacity_result_schema,
    solve,
    tn_capacity_check,
    NULL,
};
