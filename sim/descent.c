/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descent.h"

#include "balance.h"

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_descent_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_descent_spec, grade, TN_Q_GRADE, NAN, -0.1, 0, TN_REQUIRED,
                "grade under the whole train, - descends"),
    TN_F_NUMBER(tn_descent_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_descent_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_descent_spec, speed_from, TN_Q_SPEED, NAN, 0, 200, 0,
                "run-away times count from this speed; from the top of the band (or 40 km/h) if not given"),
    TN_F_NUMBER(tn_descent_spec, speed_to, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "and run to this speed; the train's limit if not given"),
    TN_F_END};
const struct tn_schema tn_descent_spec_schema = {"descent", "hold on a continuous down grade by the dynamic brake",
                                                 sizeof(struct tn_descent_spec), spec_fields};

static const struct tn_field runaway_fields[] = {
    TN_R_NUMBER(tn_descent_runaway, speed_m_s, TN_Q_SPEED, "speed reached"),
    TN_R_NUMBER(tn_descent_runaway, time_s, TN_Q_TIME, "time with the dynamic brake full on"),
    TN_R_NUMBER(tn_descent_runaway, distance_m, TN_Q_LENGTH, "distance with the dynamic brake full on"), TN_F_END};
static const struct tn_schema runaway_schema = {"runaway", "how the train runs away with the dynamic brake full on",
                                                sizeof(struct tn_descent_runaway), runaway_fields};

static const struct tn_field band_fields[] = {
    TN_F_STRING(tn_descent_band, law, 0, "adhesion law"),
    TN_F_BOOL(tn_descent_band, holds, 0, "the dynamic brake holds somewhere"),
    TN_R_NUMBER(tn_descent_band, speed_min_m_s, TN_Q_SPEED, "lowest speed of the band"),
    TN_R_NUMBER(tn_descent_band, speed_max_m_s, TN_Q_SPEED, "highest speed of the band"), TN_F_END};
static const struct tn_schema band_schema = {"band", "speeds held under each adhesion law",
                                             sizeof(struct tn_descent_band), band_fields};

static const struct tn_field row_fields[] = {
    TN_R_NUMBER(tn_descent_row, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_descent_row, brake_needed_N, TN_Q_FORCE, "brake force needed to hold the speed"),
    TN_R_NUMBER(tn_descent_row, dynamic_brake_N, TN_Q_FORCE, "dynamic brake effort"),
    TN_R_NUMBER(tn_descent_row, air_brake_N, TN_Q_FORCE, "full service force of the air brake"), TN_F_END};
static const struct tn_schema row_schema = {"effort", "brake needed and available over speed",
                                            sizeof(struct tn_descent_row), row_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_descent_result, holds, 0, "the dynamic brake holds the train"),
    TN_R_NUMBER(tn_descent_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_descent_result, hold_speed_min_m_s, TN_Q_SPEED, "lowest speed held"),
    TN_R_NUMBER(tn_descent_result, hold_speed_max_m_s, TN_Q_SPEED, "highest speed held"),
    TN_R_NUMBER(tn_descent_result, worst_speed_m_s, TN_Q_SPEED, "speed at which the margin is least"),
    TN_R_NUMBER(tn_descent_result, brake_needed_N, TN_Q_FORCE, "brake force needed there"),
    TN_R_NUMBER(tn_descent_result, dynamic_brake_available_N, TN_Q_FORCE, "dynamic brake available there"),
    TN_R_NUMBER(tn_descent_result, margin_1, TN_Q_RATIO, "available over needed there, less one"),
    TN_R_NUMBER(tn_descent_result, adhesion_needed_1, TN_Q_RATIO, "adhesion coefficient needed there"),
    TN_R_NUMBER(tn_descent_result, speed_permitted_m_s, TN_Q_SPEED,
                "largest speed that meets the emergency distance rule on the grade"),
    TN_F_LIST(tn_descent_result, runaway, &runaway_schema, 0, "how the train runs away with the dynamic brake full on"),
    TN_F_LIST(tn_descent_result, bands, &band_schema, 0, "speeds held under each adhesion law"),
    TN_F_LIST(tn_descent_result, effort, &row_schema, TN_HIDDEN, "brake needed and available over speed"),
    TN_F_END};
const struct tn_schema tn_descent_result_schema = {"descent", "hold on a continuous down grade by the dynamic brake",
                                                   sizeof(struct tn_descent_result), result_fields};

#define LENGTH_M 1e5 /* of the endless grade; nothing here depends on it */
#define KMH      (1 / 3.6)
#define SLOWEST  (10 * KMH) /* below it nobody descends; the worst speed is looked for above */

struct descent {
    const struct tn_descent_spec *spec;
    const struct tn_environment *environment;
    struct tn_train_spec train_spec;
    struct tn_train train;
    struct tn_track track;
    struct tn_balance need; /* brake force that keeps the speed */
    struct tn_arena *arena;
    struct tn_context *ctx;
};

/* The widest run of speeds at which the brake gives what is needed; one that begins beyond the train's largest speed is
   of no use. */
static tn_status find_band(struct tn_descent_band *band, const struct descent *descent, const struct tn_curve *brake)
{
    struct tn_balance spare = descent->need;
    struct tn_list zeros;
    for (size_t i = 0; i < spare.count; i++)
        spare.factor[i] = -spare.factor[i];
    spare.constant_N = -spare.constant_N;
    spare.square_N_s2_m2 = -spare.square_N_s2_m2;
    tn_balance_add(&spare, brake, 1);
    double end = brake->count ? brake->end_m_s : descent->train.speed_max_m_s;
    band->holds = false;
    band->speed_min_m_s = band->speed_max_m_s = NAN;
    tn_status status = tn_balance_crossings(&zeros, &spare, 0, end, descent->arena, descent->ctx);
    const double *v = zeros.items;
    double widest = 0;
    for (size_t i = 0; status == TN_OK && i <= zeros.count; i++) {
        double from = i > 0 ? v[i - 1] : 0, to = i < zeros.count ? v[i] : end;
        if (to - from <= widest || from > descent->train.speed_max_m_s ||
            tn_balance_at(&spare, 0.5 * (from + to), 1) < 0)
            continue;
        widest = to - from;
        *band = (struct tn_descent_band){band->law, true, from, to};
    }
    return status;
}

static tn_status find_bands(struct tn_descent_result *result, struct descent *descent)
{
    const struct tn_train *train = &descent->train;
    struct tn_descent_band own = {.law = NULL};
    size_t laws = 0, count = 0;
    while (tn_adhesion_law_name((int)laws))
        laws++;
    struct tn_descent_band *bands = tn_arena_alloc(descent->arena, laws, sizeof *bands);
    if (bands == NULL)
        return TN_ERR_MEMORY;
    tn_status status = find_band(&own, descent, &train->dynamic_brake);
    result->holds = own.holds;
    result->hold_speed_min_m_s = own.speed_min_m_s;
    result->hold_speed_max_m_s = own.speed_max_m_s;
    for (size_t i = 0; status == TN_OK && i < laws; i++) {
        struct tn_curve cap, brake = train->dynamic_brake_curve;
        if (i > 0 && !tn_adhesion_laws[i].braking)
            continue;
        if (i > 0 && brake.count > 0) {
            status = tn_adhesion_curve(&cap, &tn_adhesion_laws[i], descent->environment->weather.rail,
                                       train->adhesive_weight_N, brake.end_m_s, descent->arena);
            if (status == TN_OK)
                status = tn_curve_min(&brake, &train->dynamic_brake_curve, &cap, descent->arena);
        }
        bands[count].law = tn_adhesion_laws[i].name;
        if (status == TN_OK)
            status = find_band(&bands[count++], descent, &brake);
    }
    result->bands = (struct tn_list){bands, count};
    return status;
}

/* The worst speed of the band below the train's limit; without a band the speed at which least is missing. */
static tn_status worst(struct tn_descent_result *result, struct descent *descent)
{
    const struct tn_train *train = &descent->train;
    struct tn_balance brake = {.count = 0};
    double speed, ratio;
    tn_balance_add(&brake, &train->dynamic_brake, 1);
    double low = SLOWEST, high = train->speed_max_m_s;
    if (train->dynamic_brake.count)
        high = fmin(high, train->dynamic_brake.end_m_s);
    if (result->holds) {
        low = fmax(low, result->hold_speed_min_m_s);
        high = fmin(high, result->hold_speed_max_m_s);
    }
    if (low > high)
        low = high;
    tn_status status =
        result->holds
            ? tn_balance_ratio_max(&speed, &ratio, &descent->need, &brake, low, high, descent->arena, descent->ctx)
            : tn_balance_ratio_max(&speed, &ratio, &brake, &descent->need, low, high, descent->arena, descent->ctx);
    if (status != TN_OK)
        return status;
    if (low == high)
        speed = low;
    result->worst_speed_m_s = speed;
    result->brake_needed_N = fmax(0, tn_balance_at(&descent->need, speed, -1));
    result->dynamic_brake_available_N = tn_balance_at(&brake, speed, -1);
    result->margin_1 =
        result->brake_needed_N > 0 ? result->dynamic_brake_available_N / result->brake_needed_N - 1 : HUGE_VAL;
    result->adhesion_needed_1 = result->brake_needed_N / train->adhesive_weight_N;
    return TN_OK;
}

/* Rows every 10 km/h and at the end; what is not reached with the dynamic brake full on is NAN. */
static tn_status run_away(struct tn_descent_result *result, struct descent *descent)
{
    const struct tn_descent_spec *spec = descent->spec;
    double from = spec->speed_from, to = isnan(spec->speed_to) ? descent->train.speed_max_m_s : spec->speed_to;
    if (isnan(from))
        from = result->holds ? result->hold_speed_max_m_s : 40 * KMH;
    result->runaway = (struct tn_list){NULL, 0};
    if (from >= to)
        return TN_OK;
    struct tn_balance net = descent->need;
    tn_balance_add(&net, &descent->train.dynamic_brake, -1);
    size_t count = 0, most = (size_t)((to - from) / (10 * KMH)) + 3;
    struct tn_descent_runaway *rows = tn_arena_alloc(descent->arena, most, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    tn_status status = TN_OK;
    double time = 0, distance = 0, last = from;
    for (size_t step = (size_t)(from / (10 * KMH) + 1e-9) + 1; status == TN_OK && last < to; step++) {
        double next = fmin(to, 10 * KMH * (double)step), dt, ds;
        if (to - next < 1e-9 * to)
            next = to;
        status =
            tn_balance_time(&dt, &ds, &net, descent->train.mass_effective_kg, last, next, descent->arena, descent->ctx);
        time += isfinite(dt) ? dt : (double)NAN;
        distance += isfinite(ds) ? ds : (double)NAN;
        rows[count++] = (struct tn_descent_runaway){next, time, distance};
        last = next;
    }
    result->runaway = (struct tn_list){rows, count};
    return status;
}

static tn_status effort_rows(struct tn_descent_result *result, struct descent *descent)
{
    const struct tn_train *train = &descent->train;
    double top = fmax(train->speed_max_m_s, train->dynamic_brake.count ? train->dynamic_brake.end_m_s : 0);
    size_t count = 1 + (size_t)(top / KMH + 1e-9);
    struct tn_descent_row *rows = tn_arena_alloc(descent->arena, count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double v = KMH * (double)i;
        rows[i] = (struct tn_descent_row){v, fmax(0, tn_balance_at(&descent->need, v, 1)),
                                          train->dynamic_brake.count ? tn_curve_at(&train->dynamic_brake, v) : 0,
                                          train->air_brake.count ? tn_curve_at(&train->air_brake, v) : (double)NAN};
    }
    result->effort = (struct tn_list){rows, count};
    return TN_OK;
}

static tn_status verdict(struct tn_descent_result *result, struct descent *descent)
{
    struct tn_arena *arena = descent->arena;
    double permil = 1e3 * result->grade_1, limit = descent->train.speed_max_m_s;
    if (!result->holds) {
        result->head.verdict = tn_arena_printf(
            arena, "the dynamic brake cannot hold the train on %g permil: %s kN needed, %s kN available at %.1f km/h",
            permil, tn_number_text(arena, result->brake_needed_N / 1e3, 0),
            tn_number_text(arena, result->dynamic_brake_available_N / 1e3, 0), result->worst_speed_m_s / KMH);
        return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
    }
    const char *tail = "", *from = "";
    if (limit < result->hold_speed_max_m_s)
        tail = tn_arena_printf(arena, "; the train's limit is %.1f km/h", limit / KMH);
    if (result->hold_speed_min_m_s > 0)
        from = tn_arena_printf(arena, "from %.1f ", result->hold_speed_min_m_s / KMH);
    if (tail == NULL || from == NULL)
        return TN_ERR_MEMORY;
    result->head.verdict = tn_arena_printf(arena, "the dynamic brake holds the train on %g permil %sup to %.1f km/h%s",
                                           permil, from, result->hold_speed_max_m_s / KMH, tail);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status prepare(struct descent *descent)
{
    const struct tn_environment *e = descent->environment;
    const struct tn_descent_spec *spec = descent->spec;
    double radius = isnan(spec->curve_radius) ? HUGE_VAL : spec->curve_radius;
    /* Starting resistance would seem to hold any train at a crawl; a moving train has none. */
    descent->train_spec = *(const struct tn_train_spec *)spec->train.object;
    descent->train_spec.starting_resistance = false;
    tn_status status =
        tn_train_init(&descent->train, spec->train.object, &e->weather, e->gravity_m_s2, descent->arena, descent->ctx);
    if (status == TN_OK)
        status = tn_train_init(&descent->train, &descent->train_spec, &e->weather, e->gravity_m_s2, descent->arena,
                               descent->ctx);
    if (status == TN_OK)
        status = tn_track_uniform(&descent->track, &descent->train, &e->weather, spec->grade, radius, spec->altitude,
                                  LENGTH_M, descent->arena, descent->ctx);
    if (status == TN_OK)
        tn_balance_add_track(&descent->need, &descent->track, &descent->track.pieces[0], 0, -1);
    return status;
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_descent_result *result = result_out;
    struct descent descent = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    tn_status status = prepare(&descent);
    if (status != TN_OK)
        return status;
    const struct tn_train_spec *train = descent.spec->train.object;
    result->grade_1 = descent.spec->grade;
    result->head.train = tn_text_copy(arena, train->id);
    double permitted = tn_train_permitted_speed(&descent.train, result->grade_1, train->brake.distance);
    result->speed_permitted_m_s = isfinite(permitted) ? permitted : (double)NAN;
    status = find_bands(result, &descent);
    result->head.failed = !result->holds;
    if (status == TN_OK)
        status = worst(result, &descent);
    if (status == TN_OK)
        status = run_away(result, &descent);
    if (status == TN_OK)
        status = effort_rows(result, &descent);
    if (status == TN_OK)
        status = tn_assume_notes(&result->head, arena, train, NULL);
    return status == TN_OK ? verdict(result, &descent) : status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct descent descent = {.spec = spec, .environment = environment, .arena = arena, .ctx = ctx};
    return prepare(&descent);
}

const struct tn_study_kind tn_study_descent = {
    "descent",
    "does the dynamic brake hold the train on a continuous down grade, over which speeds",
    &tn_descent_spec_schema,
    &tn_descent_result_schema,
    solve,
    check_study,
    NULL,
};
