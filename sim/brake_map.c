/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "brake_cycle.h"

#include <string.h>

#include "parallel.h"

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_brake_map_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_ROW_(tn_brake_map_spec, grades, TN_NUMBERS, TN_Q_GRADE, NAN, -INFINITY, INFINITY, NULL, NULL, TN_REQUIRED,
            "grades, - descends"),
    TN_F_NUMBERS(tn_brake_map_spec, loads, TN_Q_MASS, "trailing loads; the train's own if not given"),
    TN_F_NUMBERS(tn_brake_map_spec, dynamic_brakes, TN_Q_RATIO, "shares of the dynamic brake; 0 and 1 if not given"),
    TN_F_NUMBER(tn_brake_map_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_brake_map_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_brake_map_spec, limit, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed limit; the train's and that of the emergency distance rule if not given"),
    TN_F_STRUCT(tn_brake_map_spec, rules, &tn_cycle_rules_schema, "the driver's rules"),
    TN_F_NUMBER(tn_brake_map_spec, step, TN_Q_TIME, 0.5, 0.01, 1, 0, "time step of the train"),
    TN_F_END,
};
const struct tn_schema tn_brake_map_spec_schema = {
    "brake_map", "descents that can be made, over grade, load and share of the dynamic brake",
    sizeof(struct tn_brake_map_spec), spec_fields};

static const struct tn_field cell_fields[] = {
    TN_R_NUMBER(tn_brake_map_cell, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_brake_map_cell, load_kg, TN_Q_MASS, "trailing load"),
    TN_R_NUMBER(tn_brake_map_cell, dynamic_brake_1, TN_Q_RATIO, "share of the dynamic brake"),
    TN_F_BOOL(tn_brake_map_cell, feasible, 0, "the descent can be made so"),
    TN_F_STRING(tn_brake_map_cell, rule, 0, "what decides"),
    TN_F_STRING(tn_brake_map_cell, reason, TN_HIDDEN, "why"),
    TN_R_NUMBER(tn_brake_map_cell, reduction_Pa, TN_Q_PRESSURE, "first reduction"),
    TN_R_NUMBER(tn_brake_map_cell, apply_speed_m_s, TN_Q_SPEED, "speed at application"),
    TN_R_NUMBER(tn_brake_map_cell, recharge_time_s, TN_Q_TIME, "time from release until recharged"),
    TN_R_NUMBER(tn_brake_map_cell, return_time_s, TN_Q_TIME, "time from release back to the speed at application"),
    TN_R_NUMBER(tn_brake_map_cell, time_allowed_s, TN_Q_TIME, "the same without air brake"),
    TN_R_NUMBER(tn_brake_map_cell, cycle_time_s, TN_Q_TIME, "time of a cycle"),
    TN_F_END,
};
static const struct tn_schema cell_schema = {"cells", "one descent a row", sizeof(struct tn_brake_map_cell),
                                             cell_fields};

static const struct tn_field result_fields[] = {
    TN_F_INTEGER(tn_brake_map_result, feasible_cells, 0, 0, 0, 0, "descents that can be made"),
    TN_F_LIST(tn_brake_map_result, cells, &cell_schema, 0, "one descent a row"),
    TN_F_END,
};
const struct tn_schema tn_brake_map_result_schema = {
    "brake_map", "descents that can be made, over grade, load and share of the dynamic brake",
    sizeof(struct tn_brake_map_result), result_fields};

/* The train with another load: every row of loaded wagons grows alike, their number follows. */
static tn_status loaded(struct tn_train_spec *out, const struct tn_train_spec *spec, double load_kg, double own_kg,
                        struct tn_arena *arena)
{
    *out = *spec;
    if (isnan(load_kg))
        return TN_OK;
    struct tn_train_wagons *rows = tn_arena_alloc(arena, spec->wagons.count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    memcpy(rows, spec->wagons.items, spec->wagons.count * sizeof *rows);
    for (size_t i = 0; i < spec->wagons.count; i++) {
        const struct tn_wagon *type = rows[i].type.object;
        double own = isnan(rows[i].load) ? rows[i].count * type->gross : rows[i].load;
        if (rows[i].state == TN_EMPTY)
            continue;
        rows[i].load = load_kg * own / own_kg;
        rows[i].count = -1;
    }
    out->wagons.items = rows;
    return TN_OK;
}

struct map {
    const struct tn_brake_map_spec *spec;
    const struct tn_environment *environment;
    double own_kg;                   /* the train's own load */
    struct tn_brake_map_cell *cells; /* those to solve */
    struct tn_arena *words;          /* one a cell */
    struct tn_arena *arena;
    struct tn_context *ctx;
};

/* The cycle of one cell, of a train that `train` then holds. */
static tn_status cycle_of(struct tn_brake_cycle_spec *out, struct tn_train_spec *train, const struct map *map,
                          double grade_1, double share, double load_kg, struct tn_arena *arena)
{
    const struct tn_brake_map_spec *spec = map->spec;
    tn_schema_defaults(&tn_brake_cycle_spec_schema, out);
    out->train = (struct tn_ref){spec->train.id, train};
    out->grade = grade_1;
    out->dynamic_brake = share;
    out->curve_radius = spec->curve_radius;
    out->altitude = spec->altitude;
    out->limit = spec->limit;
    out->rules = spec->rules;
    out->step = spec->step;
    return loaded(train, spec->train.object, load_kg, map->own_kg, arena);
}

static tn_status solve_cell(size_t i, void *payload, struct tn_arena *scratch, struct tn_context *ctx)
{
    const struct map *map = payload;
    struct tn_brake_map_cell *cell = &map->cells[i];
    struct tn_brake_cycle_spec one;
    struct tn_brake_cycle_result result = {.feasible = false};
    struct tn_train_spec train;
    tn_status status = cycle_of(&one, &train, map, cell->grade_1, cell->dynamic_brake_1, cell->load_kg, scratch);
    if (status == TN_OK)
        status = tn_brake_cycle_solve(&result, &one, map->environment, false, scratch, ctx);
    if (status != TN_OK)
        return status;
    cell->load_kg = result.load_kg;
    cell->feasible = result.feasible;
    cell->rule = tn_text_copy(&map->words[i], result.rule);
    cell->reason = tn_text_copy(&map->words[i], result.reason);
    cell->reduction_Pa = result.reduction_Pa;
    cell->apply_speed_m_s = result.apply_speed_m_s;
    cell->recharge_time_s = result.recharge_time_s;
    cell->return_time_s = result.return_time_s;
    cell->time_allowed_s = result.time_allowed_s;
    cell->cycle_time_s = result.cycle_time_s;
    return cell->rule && cell->reason ? TN_OK : TN_ERR_MEMORY;
}

/* The words of the cells, from memory of the tasks to that of the result. */
static tn_status keep_words(const struct map *map, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tn_brake_map_cell *cell = &map->cells[i];
        cell->rule = tn_text_copy(map->arena, cell->rule);
        cell->reason = tn_text_copy(map->arena, cell->reason);
        if (cell->rule == NULL || cell->reason == NULL)
            return TN_ERR_MEMORY;
    }
    return TN_OK;
}

static tn_status check_range(const struct map *map, const struct tn_list *list, double low, double high,
                             const char *what)
{
    const double *v = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (!(v[i] >= low && v[i] <= high))
            return tn_error(map->ctx, list, what, "number %zu of the list is out of range", i + 1);
    return TN_OK;
}

static tn_status check(struct map *map)
{
    const struct tn_brake_map_spec *spec = map->spec;
    struct tn_train train;
    if (spec->grades.count == 0)
        return tn_error(map->ctx, &spec->grades, "grades: [-16 permil, -12 permil]", "no grade is given");
    tn_status status = check_range(map, &spec->grades, -0.1, 0, "grades of a descent lie between -100 and 0 permil");
    if (status == TN_OK)
        status = check_range(map, &spec->loads, 1e3, 1e9, "loads are at least 1 t");
    if (status == TN_OK)
        status = check_range(map, &spec->dynamic_brakes, 0, 1, "a share lies between 0 and 1");
    if (status == TN_OK)
        status = tn_train_init(&train, spec->train.object, &map->environment->weather, map->environment->gravity_m_s2,
                               map->arena, map->ctx);
    double most_Pa;
    if (status == TN_OK)
        status = tn_cycle_rules_check(&most_Pa, &spec->rules, &train.spec->brake, map->ctx);
    if (status != TN_OK)
        return status;
    map->own_kg = train.load_kg;
    if (spec->loads.count && !(train.load_kg > 0))
        return tn_error(map->ctx, &spec->loads, NULL, "train `%s` has no wagons to load", train.spec->id);
    return TN_OK;
}

/* What cells refuse depends on the load alone. */
static tn_status check_loads(const struct map *map)
{
    const struct tn_brake_map_spec *spec = map->spec;
    const double *grades = spec->grades.items, *loads = spec->loads.items;
    tn_status status = TN_OK;
    for (size_t i = 0; status == TN_OK && (i == 0 || i < spec->loads.count); i++) {
        struct tn_brake_cycle_spec one;
        struct tn_train_spec train;
        struct tn_arena scratch = {0};
        status = cycle_of(&one, &train, map, grades[0], 0, spec->loads.count ? loads[i] : (double)NAN, &scratch);
        if (status == TN_OK)
            status = tn_brake_cycle_check(&one, map->environment, &scratch, map->ctx);
        tn_arena_clear(&scratch);
    }
    return status;
}

/* The cells to solve, by grade, load and share. */
static tn_status lay_out(size_t *count_out, struct map *map)
{
    static const double none_and_all[] = {0, 1}, own[] = {NAN};
    const struct tn_brake_map_spec *spec = map->spec;
    const double *grades = spec->grades.items;
    const double *loads = spec->loads.count ? spec->loads.items : own;
    const double *shares = spec->dynamic_brakes.count ? spec->dynamic_brakes.items : none_and_all;
    size_t load_count = spec->loads.count ? spec->loads.count : 1;
    size_t share_count = spec->dynamic_brakes.count ? spec->dynamic_brakes.count : 2;
    const size_t most = spec->grades.count * load_count * share_count;
    size_t count = 0;
    map->cells = tn_arena_alloc(map->arena, most, sizeof *map->cells);
    map->words = tn_arena_alloc(map->arena, most, sizeof *map->words);
    if (map->cells == NULL || map->words == NULL)
        return TN_ERR_MEMORY;
    for (size_t g = 0; g < spec->grades.count; g++)
        for (size_t l = 0; l < load_count; l++)
            for (size_t d = 0; d < share_count; d++)
                map->cells[count++] =
                    (struct tn_brake_map_cell){.grade_1 = grades[g], .load_kg = loads[l], .dynamic_brake_1 = shares[d]};
    *count_out = count;
    return TN_OK;
}

static tn_status solve_cells(struct tn_brake_map_result *result, struct map *map)
{
    size_t count = 0;
    tn_status status = lay_out(&count, map);
    if (status == TN_OK)
        status = tn_parallel(count, "descents", solve_cell, map, map->ctx);
    if (status == TN_OK)
        status = keep_words(map, count);
    for (size_t i = 0; i < count; i++) {
        result->feasible_cells += map->cells[i].feasible;
        tn_arena_clear(&map->words[i]);
    }
    result->cells = (struct tn_list){map->cells, count};
    return status;
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_brake_map_result *result = result_out;
    struct map map = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    tn_status status = check(&map);
    if (status == TN_OK)
        status = solve_cells(result, &map);
    if (status == TN_OK)
        status = tn_brake_cycle_assume(&result->head, map.spec->train.object, arena);
    if (status != TN_OK)
        return status;
    result->head.verdict =
        tn_arena_printf(arena, "%d of %zu descents can be made", result->feasible_cells, result->cells.count);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct map map = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    tn_status status = check(&map);
    return status == TN_OK ? check_loads(&map) : status;
}

const struct tn_study_kind tn_study_brake_map = {
    "brake_map",
    "which descents can be made, over grade, load and share of the dynamic brake",
    &tn_brake_map_spec_schema,
    &tn_brake_map_result_schema,
    solve,
    check_study,
    NULL,
};
