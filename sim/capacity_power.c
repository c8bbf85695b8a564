/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity_times.h"
#include "draw.h"

/* What the power of feeding sections leaves of the pairs: the energy of a pair against what the section can give in the
   day less the window; and how many trains are in it at once when the limiting section is full. */

static const struct tn_field feeding_fields[] = {
    TN_F_STRING(tn_capacity_feeding, name, 0, "feeding section"),
    TN_R_NUMBER(tn_capacity_feeding, from_km_m, TN_Q_LENGTH, "km where it begins"),
    TN_R_NUMBER(tn_capacity_feeding, to_km_m, TN_Q_LENGTH, "km where it ends"),
    TN_R_NUMBER(tn_capacity_feeding, power_W, TN_Q_POWER, "power that it can give"),
    TN_R_NUMBER(tn_capacity_feeding, power_up_W, TN_Q_POWER, "mean power of an up train in it"),
    TN_R_NUMBER(tn_capacity_feeding, power_down_W, TN_Q_POWER, "mean power of a down train in it"),
    TN_F_NUMBER(tn_capacity_feeding, energy_pair_J, TN_Q_ENERGY, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "energy that a pair draws from it"),
    TN_F_INTEGER(tn_capacity_feeding, trains_up, 0, 0, INFINITY, 0, "up trains in it at once"),
    TN_F_INTEGER(tn_capacity_feeding, trains_down, 0, 0, INFINITY, 0, "down trains in it at once"),
    TN_R_NUMBER(tn_capacity_feeding, power_together_W, TN_Q_POWER, "their power together"),
    TN_F_BOOL(tn_capacity_feeding, exceeded, 0, "that is more than it can give"),
    TN_F_NUMBER(tn_capacity_feeding, pairs_parallel_per_day, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_HIDDEN,
                "pairs a day that its power carries"),
    TN_F_NUMBER(tn_capacity_feeding, pairs_per_day, TN_Q_NONE, NAN, -INFINITY, INFINITY, TN_LEAST,
                "the same, reserve and other trains taken off"),
    TN_F_END};
const struct tn_schema tn_capacity_feeding_schema = {"feeding", "what a feeding section allows",
                                                     sizeof(struct tn_capacity_feeding), feeding_fields};

tn_status tn_capacity_supply_init(struct tn_capacity_times *times, const struct tn_capacity_line *line,
                                  const struct tn_capacity_ride *ride, const struct tn_environment *environment,
                                  struct tn_arena *arena, struct tn_context *ctx)
{
    const struct tn_list *feedings = &environment->line->feeding;
    const struct tn_feeding *feeding = feedings->items;
    struct tn_arena scratch = {0};
    struct tn_draw draw[DIRECTIONS];
    tn_status status = TN_OK;
    if (feedings->count == 0)
        return TN_OK;
    times->supplies = tn_arena_alloc(arena, feedings->count, sizeof *times->supplies);
    if (times->supplies == NULL)
        return TN_ERR_MEMORY;
    for (int d = UP; status == TN_OK && d < DIRECTIONS; d++)
        status = tn_draw_init(&draw[d], &ride->way[d], &scratch, ctx);
    for (size_t i = 0; status == TN_OK && i < feedings->count; i++) {
        struct tn_capacity_supply *supply = &times->supplies[times->supply_count];
        bool on_way = true;
        *supply = (struct tn_capacity_supply){tn_text_copy(arena, feeding[i].name),
                                              feeding[i].from,
                                              feeding[i].to,
                                              feeding[i].power,
                                              feeding[i].confidence,
                                              {0},
                                              {0}};
        for (int d = UP; d < DIRECTIONS; d++) {
            double a, b;
            on_way = on_way && tn_draw_overlap(&a, &b, &feeding[i], &line->path[d], 0, line->path[d].length_m);
            if (on_way)
                tn_draw_between(&supply->energy_J[d], &supply->time_s[d], &draw[d], a, b);
        }
        times->supply_count += on_way;
        if (supply->name == NULL)
            status = TN_ERR_MEMORY;
    }
    tn_arena_clear(&scratch);
    return status;
}

/* Tracks of the sections that lie in the feeding section with a part: a train each is all that they hold. */
static int tracks_in(const struct tn_capacity_times *times, const struct tn_capacity_supply *supply)
{
    int tracks = 0;
    for (size_t k = 0; k < times->count; k++) {
        const struct tn_capacity_section *row = &times->sections[k].row;
        const double low = fmin(row->from_km_m, row->to_km_m), high = fmax(row->from_km_m, row->to_km_m);
        if (fmin(high, supply->to_km_m) - fmax(low, supply->from_km_m) > 1)
            tracks += row->tracks;
    }
    return tracks;
}

static int at_once(double time_s, double period_s)
{
    return (int)fmin(ceil(time_s / period_s - 1e-9), 1e6);
}

/* The most power that the trains in it at once can draw: one each way every period, as far as there are tracks. */
static void fill_together(struct tn_capacity_feeding *row, const struct tn_capacity_supply *supply, double period_s,
                          int tracks)
{
    const bool up_first = row->power_up_W >= row->power_down_W;
    int *first = up_first ? &row->trains_up : &row->trains_down,
        *second = up_first ? &row->trains_down : &row->trains_up;
    *first = at_once(supply->time_s[up_first ? UP : DOWN], period_s);
    *first = *first < tracks ? *first : tracks;
    *second = at_once(supply->time_s[up_first ? DOWN : UP], period_s);
    *second = *second < tracks - *first ? *second : tracks - *first;
    row->power_together_W = row->trains_up * row->power_up_W + row->trains_down * row->power_down_W;
    row->exceeded = row->power_together_W > row->power_W * (1 + 1e-12);
}

static tn_status fill_row(struct tn_capacity_feeding *row, const struct tn_capacity_supply *supply,
                          const struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                          const struct tn_capacity_times *times, struct tn_arena *arena)
{
    *row = (struct tn_capacity_feeding){.name = tn_text_copy(arena, supply->name),
                                        .from_km_m = supply->from_km_m,
                                        .to_km_m = supply->to_km_m,
                                        .power_W = supply->power_W,
                                        .power_up_W = supply->energy_J[UP] / supply->time_s[UP],
                                        .power_down_W = supply->energy_J[DOWN] / supply->time_s[DOWN],
                                        .energy_pair_J = supply->energy_J[UP] + supply->energy_J[DOWN]};
    fill_together(row, supply, result->period_s, tracks_in(times, supply));
    /* pairs in parallel are the time there is over the time that one takes: here, of the full power */
    const double time_s = row->energy_pair_J / row->power_W;
    row->pairs_parallel_per_day = (TN_CAPACITY_DAY_S - spec->window) / time_s;
    row->pairs_per_day = tn_capacity_pairs(spec, time_s);
    return row->name ? TN_OK : TN_ERR_MEMORY;
}

tn_status tn_capacity_power_solve(struct tn_capacity_result *result, const struct tn_capacity_spec *spec,
                                  const struct tn_capacity_times *times, struct tn_arena *arena)
{
    struct tn_capacity_feeding *rows = tn_arena_alloc(arena, times->supply_count + 1, sizeof *rows), *least = NULL;
    result->pairs_power_per_day = NAN;
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < times->supply_count; i++) {
        tn_status status = fill_row(&rows[i], &times->supplies[i], result, spec, times, arena);
        if (status != TN_OK)
            return status;
        if (least == NULL || rows[i].pairs_per_day < least->pairs_per_day)
            least = &rows[i];
    }
    result->feedings = (struct tn_list){rows, times->supply_count};
    if (result->limiting_section) {
        result->limit = tn_arena_printf(arena, "section %s", result->limiting_section);
        if (result->limit == NULL)
            return TN_ERR_MEMORY;
    }
    if (least == NULL)
        return TN_OK;
    result->pairs_power_per_day = least->pairs_per_day;
    if (least->pairs_per_day >= result->pairs_per_day)
        return TN_OK;
    result->pairs_per_day = least->pairs_per_day;
    result->limit = tn_arena_printf(arena, "power of feeding section %s", least->name);
    if (result->limit == NULL)
        return TN_ERR_MEMORY;
    const int confidence = times->supplies[least - rows].confidence;
    if (confidence <= TN_DERIVED)
        return TN_OK;
    return tn_assume(&result->head, arena, (enum tn_confidence)confidence,
                     "the power of the limiting feeding section %s is not published (%s)", least->name,
                     tn_confidence_name(confidence));
}
