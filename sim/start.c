/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "start.h"

#include "balance.h"

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_start_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_NUMBER(tn_start_spec, grade, TN_Q_GRADE, NAN, -0.1, 0.1, TN_REQUIRED, "grade under the whole train, + climbs"),
    TN_F_NUMBER(tn_start_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of the curve under the whole train; straight if not given"),
    TN_F_NUMBER(tn_start_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBERS(tn_start_spec, speeds, TN_Q_SPEED,
                 "speeds at which the run-up from rest is timed; every 10 km/h if not given"),
    TN_F_END};
const struct tn_schema tn_start_spec_schema = {"start", "start on a continuous grade", sizeof(struct tn_start_spec),
                                               spec_fields};

static const struct tn_field runup_fields[] = {
    TN_R_NUMBER(tn_start_runup, speed_m_s, TN_Q_SPEED, "speed reached"),
    TN_R_NUMBER(tn_start_runup, time_s, TN_Q_TIME, "time from rest"),
    TN_R_NUMBER(tn_start_runup, distance_m, TN_Q_LENGTH, "distance from rest"), TN_F_END};
static const struct tn_schema runup_schema = {"runup", "run-up from rest", sizeof(struct tn_start_runup), runup_fields};

static const struct tn_field law_fields[] = {
    TN_F_STRING(tn_adhesion_row, law, 0, "adhesion law"),
    TN_R_NUMBER(tn_adhesion_row, available_1, TN_Q_RATIO, "coefficient it allows at rest, rail condition applied"),
    TN_R_NUMBER(tn_adhesion_row, force_N, TN_Q_FORCE, "tractive force it would allow at rest"),
    TN_F_BOOL(tn_adhesion_row, starts, 0, "the train would start with it"), TN_F_END};
static const struct tn_schema law_schema = {"law", "what each adhesion law would allow", sizeof(struct tn_adhesion_row),
                                            law_fields};

static const struct tn_field effort_fields[] = {
    TN_R_NUMBER(tn_effort_row, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_effort_row, traction_N, TN_Q_FORCE, "tractive effort at the rim"),
    TN_R_NUMBER(tn_effort_row, dynamic_brake_N, TN_Q_FORCE, "dynamic brake effort at the rim"),
    TN_R_NUMBER(tn_effort_row, resistance_level_N, TN_Q_FORCE, "resistance on level straight track"),
    TN_R_NUMBER(tn_effort_row, resistance_N, TN_Q_FORCE, "resistance on the grade"),
    TN_F_END};
static const struct tn_schema effort_schema = {"effort", "effort and resistance over speed",
                                               sizeof(struct tn_effort_row), effort_fields};

static const struct tn_field result_fields[] = {
    TN_F_BOOL(tn_start_result, starts, 0, "the train starts"),
    TN_R_NUMBER(tn_start_result, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_start_result, force_available_N, TN_Q_FORCE, "tractive force available at rest"),
    TN_R_NUMBER(tn_start_result, force_needed_N, TN_Q_FORCE, "tractive force needed to start"),
    TN_R_NUMBER(tn_start_result, margin_1, TN_Q_RATIO, "available over needed, less one"),
    TN_R_NUMBER(tn_start_result, load_kg, TN_Q_MASS, "trailing load"),
    TN_R_NUMBER(tn_start_result, load_startable_kg, TN_Q_MASS, "largest load that would start"),
    TN_R_NUMBER(tn_start_result, adhesion_needed_1, TN_Q_RATIO, "adhesion coefficient needed to start"),
    TN_R_NUMBER(tn_start_result, adhesion_available_1, TN_Q_RATIO,
                "adhesion coefficient at rest of the law in force, or implied by the maker's curve"),
    TN_R_NUMBER(tn_start_result, balance_speed_m_s, TN_Q_SPEED, "balance speed on the grade"),
    TN_R_NUMBER(tn_start_result, adhesion_balance_1, TN_Q_RATIO, "adhesion coefficient needed at the balance speed"),
    TN_F_LIST(tn_start_result, runup, &runup_schema, 0, "run-up from rest on the grade"),
    TN_F_LIST(tn_start_result, laws, &law_schema, 0, "what each adhesion law would allow"),
    TN_F_LIST(tn_start_result, effort, &effort_schema, TN_HIDDEN, "effort and resistance over speed"),
    TN_F_END};
const struct tn_schema tn_start_result_schema = {"start", "start on a continuous grade", sizeof(struct tn_start_result),
                                                 result_fields};

#define LENGTH_M 1e5 /* of the endless grade; nothing here depends on it */
#define KMH      (1 / 3.6)

/* What a start is solved with. */
struct start {
    const struct tn_start_spec *spec;
    const struct tn_environment *environment;
    struct tn_train train;
    struct tn_track track;
    double radius_m;
    struct tn_balance need; /* resistance and grade */
    struct tn_balance net;  /* traction - need */
    struct tn_arena *arena;
    struct tn_context *ctx;
};

static tn_status balance_speed(double *speed_out, const struct tn_track *track, double from_m_s, struct tn_arena *arena,
                               struct tn_context *ctx)
{
    struct tn_balance net = {.count = 0};
    struct tn_list zeros;
    tn_balance_add(&net, &track->zones[track->pieces[0].zone].traction, 1);
    tn_balance_add_track(&net, track, &track->pieces[0], 0, -1);
    *speed_out = NAN;
    if (tn_balance_at(&net, from_m_s, 1) <= 0)
        return TN_OK;
    tn_status status = tn_balance_crossings(&zeros, &net, from_m_s, track->train->speed_max_m_s, arena, ctx);
    if (status == TN_OK)
        *speed_out = zeros.count ? *(const double *)zeros.items : track->train->speed_max_m_s;
    return status;
}

double tn_balance_speed(const struct tn_track *track)
{
    struct tn_arena arena = {0};
    struct tn_context ctx = {.count = 0};
    double speed;
    if (balance_speed(&speed, track, 0, &arena, &ctx) != TN_OK)
        speed = NAN;
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
    return speed;
}

static struct start begin(const struct tn_start_spec *spec, const struct tn_environment *environment,
                          struct tn_arena *arena, struct tn_context *ctx)
{
    return (struct start){.spec = spec,
                          .environment = environment,
                          .radius_m = isnan(spec->curve_radius) ? HUGE_VAL : spec->curve_radius,
                          .arena = arena,
                          .ctx = ctx};
}

static tn_status prepare(struct start *start, struct tn_train *train, struct tn_track *track,
                         const struct tn_train_spec *spec)
{
    const struct tn_environment *e = start->environment;
    tn_status status = tn_train_init(train, spec, &e->weather, e->gravity_m_s2, start->arena, start->ctx);
    if (status == TN_OK)
        status = tn_track_uniform(track, train, &e->weather, start->spec->grade, start->radius_m, start->spec->altitude,
                                  LENGTH_M, start->arena, start->ctx);
    return status;
}

/* Load at which the force available is the force needed: the wagons' need grows with their mass, the locomotives'
 * stays. */
static tn_status startable(double *load_out, struct start *start, const struct tn_start_result *result)
{
    struct tn_train_spec light_spec;
    struct tn_train light;
    struct tn_track track;
    struct tn_balance need = {.count = 0};
    *load_out = NAN;
    if (!(start->train.load_kg > 0))
        return TN_OK;
    if (start->train.locomotives > 0) {
        tn_balance_light(&light_spec, start->train.spec);
        tn_status status = prepare(start, &light, &track, &light_spec);
        if (status != TN_OK)
            return status;
        tn_balance_add_track(&need, &track, &track.pieces[0], 0, 1);
    }
    double locomotives = tn_balance_at(&need, 0, 1), wagons = result->force_needed_N - locomotives;
    if (wagons <= 0)
        *load_out = INFINITY;
    else
        *load_out = fmax(0, start->train.load_kg * (result->force_available_N - locomotives) / wagons);
    return TN_OK;
}

static tn_status default_speeds(struct tn_list *speeds_out, struct start *start, double top_m_s)
{
    size_t most = 1 + (size_t)(isfinite(top_m_s) ? top_m_s / (10 * KMH) : 0);
    double *speeds = tn_arena_alloc(start->arena, most, sizeof *speeds);
    if (speeds == NULL)
        return TN_ERR_MEMORY;
    size_t count = 0;
    while (count < most && 10 * KMH * (double)(count + 1) <= top_m_s) {
        speeds[count] = 10 * KMH * (double)(count + 1);
        count++;
    }
    *speeds_out = (struct tn_list){speeds, count};
    return TN_OK;
}

static tn_status run_up(struct tn_start_result *result, struct start *start)
{
    struct tn_list wanted = start->spec->speeds;
    tn_status status = TN_OK;
    if (wanted.count == 0)
        status = default_speeds(&wanted, start, result->balance_speed_m_s);
    struct tn_start_runup *rows = tn_arena_alloc(start->arena, wanted.count + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    const double *speeds = wanted.items;
    double from = 0, time = 0, distance = 0;
    for (size_t i = 0; status == TN_OK && i < wanted.count; i++) {
        double dt, ds;
        if (i > 0 && speeds[i] < from)
            from = time = distance = 0;
        bool within = result->starts && speeds[i] <= start->train.speed_max_m_s * (1 + 1e-12);
        status = tn_balance_time(&dt, &ds, &start->net, start->train.mass_effective_kg, from, speeds[i], start->arena,
                                 start->ctx);
        if (status == TN_OK && within && isfinite(dt)) {
            time += dt;
            distance += ds;
            from = speeds[i];
            rows[i] = (struct tn_start_runup){speeds[i], time, distance};
        } else {
            rows[i] = (struct tn_start_runup){speeds[i], NAN, NAN};
        }
    }
    result->runup = (struct tn_list){rows, wanted.count};
    return status;
}

static tn_status law_rows(struct tn_start_result *result, const struct start *start)
{
    const struct tn_train *train = &start->train;
    size_t laws = 0;
    while (tn_adhesion_law_name((int)laws))
        laws++;
    struct tn_adhesion_row *rows = tn_arena_alloc(start->arena, laws + 1, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    double rail = start->environment->weather.rail;
    size_t count = 0;
    for (size_t i = 1; i < laws; i++) {
        if (!tn_adhesion_laws[i].traction)
            continue;
        double force = tn_balance_law(train, &tn_adhesion_laws[i], 0, rail, start->radius_m);
        rows[count++] =
            (struct tn_adhesion_row){tn_adhesion_laws[i].name, force / train->adhesive_weight_N, force,
                                     fmin(force, tn_curve_at(&train->traction_curve, 0)) > result->force_needed_N};
    }
    result->laws = (struct tn_list){rows, count};
    return TN_OK;
}

/* The curves of the effort-speed diagram. */
enum { TRACTION, BRAKE, LEVEL, GRADE, CURVES };

static struct tn_effort_row effort_row(const struct tn_balance curves[CURVES], double v, int side)
{
    return (struct tn_effort_row){v, tn_balance_at(&curves[TRACTION], v, side), tn_balance_at(&curves[BRAKE], v, side),
                                  tn_balance_at(&curves[LEVEL], v, side), tn_balance_at(&curves[GRADE], v, side)};
}

/* The lowest speed above `from` at which a curve jumps; INFINITY if none does. */
static double next_jump(const struct tn_balance curves[CURVES], double from)
{
    double next = HUGE_VAL;
    for (int i = 0; i < CURVES; i++)
        for (size_t k = 0; k < curves[i].count; k++) {
            const struct tn_curve *curve = curves[i].curve[k];
            for (size_t j = 1; j < curve->count && curve->pieces[j].from_m_s < next; j++) {
                double v = curve->pieces[j].from_m_s;
                double below = tn_balance_at(&curves[i], v, -1), above = tn_balance_at(&curves[i], v, 1);
                if (v > from && fabs(above - below) > 1e-6 * (fabs(above) + fabs(below)))
                    next = v;
            }
        }
    return next;
}

/* Every 1 km/h to the train's top speed, and a row on both sides of each jump. */
static tn_status effort_rows(struct tn_start_result *result, struct start *start)
{
    const struct tn_environment *e = start->environment;
    struct tn_track level;
    struct tn_balance curves[CURVES] = {{.count = 0}};
    tn_status status = tn_track_uniform(&level, &start->train, &e->weather, 0, INFINITY, start->spec->altitude,
                                        LENGTH_M, start->arena, start->ctx);
    if (status != TN_OK)
        return status;
    tn_balance_add(&curves[TRACTION], &start->track.zones[start->track.pieces[0].zone].traction, 1);
    tn_balance_add(&curves[BRAKE], &start->train.dynamic_brake, 1);
    tn_balance_add_track(&curves[LEVEL], &level, &level.pieces[0], 0, 1);
    curves[GRADE] = start->need;
    size_t steps = 1 + (size_t)(start->train.speed_max_m_s / KMH + 1e-9), count = 0, jumps = 0;
    double top = KMH * (double)(steps - 1);
    for (double v = next_jump(curves, 0); v < top; v = next_jump(curves, v))
        jumps++;
    struct tn_effort_row *rows = tn_arena_alloc(start->arena, steps + 2 * jumps, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    double jump = next_jump(curves, 0);
    for (size_t i = 0; i < steps; i++) {
        double v = KMH * (double)i;
        for (; jump < v; jump = next_jump(curves, jump)) {
            rows[count++] = effort_row(curves, jump, -1);
            rows[count++] = effort_row(curves, jump, 1);
        }
        rows[count++] = effort_row(curves, v, i == 0 ? 1 : -1);
    }
    result->effort = (struct tn_list){rows, count};
    return TN_OK;
}

/* A train that cannot start may still climb if it comes moving: its balance speed then. */
static tn_status moving_balance(double *speed_out, struct start *start)
{
    struct tn_list zeros;
    *speed_out = NAN;
    tn_status status =
        tn_balance_crossings(&zeros, &start->net, 0, start->train.speed_max_m_s, start->arena, start->ctx);
    size_t fall = tn_balance_at(&start->net, 0, 1) >= 0 ? 0 : 1; /* signs alternate */
    if (status == TN_OK && zeros.count > fall)
        *speed_out = ((const double *)zeros.items)[fall];
    return status;
}

static tn_status verdict(struct tn_start_result *result, struct start *start)
{
    struct tn_arena *arena = start->arena;
    const char *needed = tn_number_text(arena, result->force_needed_N / 1e3, 0);
    const char *available = tn_number_text(arena, result->force_available_N / 1e3, 0);
    double permil = 1e3 * result->grade_1, moving;
    if (result->starts) {
        bool limited = result->balance_speed_m_s >= start->train.speed_max_m_s;
        result->head.verdict =
            tn_arena_printf(arena, "starts on %g permil: %s kN needed, %s kN available (%+.1f %%); %s %.1f km/h",
                            permil, needed, available, 100 * result->margin_1,
                            limited ? "reaches its top speed of" : "balances at", result->balance_speed_m_s / KMH);
        return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
    }
    tn_status status = moving_balance(&moving, start);
    if (status != TN_OK)
        return status;
    const char *tail = "";
    if (!isnan(moving))
        tail = tn_arena_printf(arena, "; if moving it balances at %.1f km/h", moving / KMH);
    result->head.verdict =
        tn_arena_printf(arena, "cannot start on %g permil: %s kN needed, %s kN available; would start %s t%s", permil,
                        needed, available, tn_number_text(arena, floor(result->load_startable_kg / 1e3), 0), tail);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

static tn_status forces(struct tn_start_result *result, struct start *start)
{
    const struct tn_train *train = &start->train;
    double rail = start->environment->weather.rail;
    const struct tn_curve *traction = &start->track.zones[start->track.pieces[0].zone].traction;
    double law = tn_balance_adhesion(train, 0, rail, start->radius_m);
    result->grade_1 = start->spec->grade;
    result->load_kg = train->load_kg;
    result->force_available_N = fmin(tn_curve_at(traction, 0), law);
    result->force_needed_N = tn_balance_at(&start->need, 0, 1);
    result->margin_1 = result->force_needed_N > 0 ? result->force_available_N / result->force_needed_N - 1 : HUGE_VAL;
    result->starts = result->force_available_N > result->force_needed_N;
    result->head.failed = !result->starts;
    result->adhesion_needed_1 = result->force_needed_N / train->adhesive_weight_N;
    result->adhesion_available_1 = (isfinite(law) ? law : result->force_available_N) / train->adhesive_weight_N;
    result->balance_speed_m_s = result->adhesion_balance_1 = NAN;
    if (!result->starts)
        return TN_OK;
    tn_status status = balance_speed(&result->balance_speed_m_s, &start->track, 0, start->arena, start->ctx);
    result->adhesion_balance_1 = tn_balance_at(&start->need, result->balance_speed_m_s, -1) / train->adhesive_weight_N;
    return status;
}

static tn_status head(struct tn_start_result *result, struct start *start)
{
    const struct tn_train_spec *train = start->spec->train.object;
    tn_status status = tn_assume_notes(&result->head, start->arena, train, NULL);
    result->head.train = tn_text_copy(start->arena, train->id);
    if (status == TN_OK && isinf(start->radius_m))
        status = tn_assume(&result->head, start->arena, TN_ASSUMED, "the grade carries no curve");
    return status;
}

static tn_status solve(void *result_out, const void *spec, const struct tn_environment *environment,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_start_result *result = result_out;
    struct start start = begin(spec, environment, arena, ctx);
    tn_status status = prepare(&start, &start.train, &start.track, start.spec->train.object);
    if (status != TN_OK)
        return status;
    tn_balance_add_track(&start.need, &start.track, &start.track.pieces[0], 0, 1);
    tn_balance_add(&start.net, &start.track.zones[start.track.pieces[0].zone].traction, 1);
    tn_balance_add_track(&start.net, &start.track, &start.track.pieces[0], 0, -1);
    status = forces(result, &start);
    if (status == TN_OK)
        status = startable(&result->load_startable_kg, &start, result);
    if (status == TN_OK)
        status = run_up(result, &start);
    if (status == TN_OK)
        status = law_rows(result, &start);
    if (status == TN_OK)
        status = effort_rows(result, &start);
    if (status == TN_OK)
        status = head(result, &start);
    return status == TN_OK ? verdict(result, &start) : status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct start start = begin(spec, environment, arena, ctx);
    return prepare(&start, &start.train, &start.track, start.spec->train.object);
}

const struct tn_study_kind tn_study_start = {
    "start",
    "can the train start on a continuous grade, and how fast does it gather speed",
    &tn_start_spec_schema,
    &tn_start_result_schema,
    solve,
    check_study,
    NULL,
};
