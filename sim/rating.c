/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rating.h"

#include <string.h>

#include "balance.h"

static const struct tn_field stop_fields[] = {TN_F_STRING(tn_rating_stop, station, TN_REQUIRED, "name of the station"),
                                              TN_F_END};
static const struct tn_schema stop_schema = {"stop", "station where the train must stop", sizeof(struct tn_rating_stop),
                                             stop_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_rating_spec, train, &tn_train_schema, TN_REQUIRED, "locomotives and wagon type; its load is not used"),
    TN_F_NUMBER(tn_rating_spec, grade, TN_Q_GRADE, NAN, 0, 0.1, TN_REQUIRED, "ruling grade, + climbs"),
    TN_F_NUMBER(tn_rating_spec, grade_down, TN_Q_GRADE, NAN, -0.1, 0.1, 0,
                "steepest descent, with either sign; the ruling grade if not given"),
    TN_F_NUMBER(tn_rating_spec, altitude, TN_Q_LENGTH, 0, -500, 6000, 0, "altitude"),
    TN_F_NUMBER(tn_rating_spec, balance_speed, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed to keep on the ruling grade; the continuous rating of the locomotives if not given"),
    TN_F_NUMBER(tn_rating_spec, effort_factor, TN_Q_RATIO, 1, 0, 1, TN_POSITIVE,
                "factor on tractive effort in the balance criterion: 0.9 in design, 1 in tests"),
    TN_F_NUMBER(tn_rating_spec, hold_speed, TN_Q_SPEED, NAN, 0, 200, TN_POSITIVE,
                "speed at which the dynamic brake must hold; the best one if not given"),
    TN_F_NUMBER(tn_rating_spec, coupler_limit, TN_Q_FORCE, 2.25e6, 0, INFINITY, TN_POSITIVE,
                "largest pull behind the locomotives"),
    TN_F_NUMBER(tn_rating_spec, track_length, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "usable track length; the shortest track of the line where it must stop if not given"),
    TN_F_LIST(tn_rating_spec, stops, &stop_schema, 0,
              "stations where the train must stop; all where trains can meet if not given"),
    TN_F_NUMBER(tn_rating_spec, margin, TN_Q_LENGTH, 20, 0, INFINITY, 0, "stopping margin in the track"),
    TN_F_NUMBER(tn_rating_spec, curve_radius, TN_Q_LENGTH, NAN, 0, INFINITY, TN_POSITIVE,
                "radius of a curve under the whole train; straight if not given"),
    TN_F_END};
const struct tn_schema tn_rating_spec_schema = {"rating", "the heaviest load on a ruling grade",
                                                sizeof(struct tn_rating_spec), spec_fields};

static const struct tn_field criterion_fields[] = {
    TN_F_STRING(tn_rating_criterion, name, 0, "criterion"),
    TN_R_NUMBER(tn_rating_criterion, load_kg, TN_Q_MASS, "heaviest load by it; infinite where it does not bind"),
    TN_R_NUMBER(tn_rating_criterion, load_wagons_kg, TN_Q_MASS, "the same in whole wagons"),
    TN_F_STRING(tn_rating_criterion, detail, 0, "where and how it was found"), TN_F_END};
static const struct tn_schema criterion_schema = {"criterion", "the heaviest load by one criterion",
                                                  sizeof(struct tn_rating_criterion), criterion_fields};

static const struct tn_field curve_fields[] = {
    TN_R_NUMBER(tn_rating_point, grade_1, TN_Q_GRADE, "grade"),
    TN_R_NUMBER(tn_rating_point, load_kg, TN_Q_MASS, "heaviest load on that grade"),
    TN_F_STRING(tn_rating_point, binding, 0, "criterion that binds there"),
    TN_R_NUMBER(tn_rating_point, balance_kg, TN_Q_MASS, "heaviest load by balance speed"),
    TN_R_NUMBER(tn_rating_point, start_kg, TN_Q_MASS, "heaviest load by start"),
    TN_R_NUMBER(tn_rating_point, adhesion_kg, TN_Q_MASS, "heaviest load by adhesion"),
    TN_R_NUMBER(tn_rating_point, dynamic_brake_kg, TN_Q_MASS, "heaviest load by dynamic brake"),
    TN_R_NUMBER(tn_rating_point, coupler_kg, TN_Q_MASS, "heaviest load by coupler"),
    TN_R_NUMBER(tn_rating_point, length_kg, TN_Q_MASS, "heaviest load by length of the track"),
    TN_F_END};
static const struct tn_schema curve_schema = {"curve", "the heaviest load over the grade",
                                              sizeof(struct tn_rating_point), curve_fields};

static const struct tn_field result_fields[] = {
    TN_R_NUMBER(tn_rating_result, load_kg, TN_Q_MASS, "heaviest load in whole wagons"),
    TN_R_NUMBER(tn_rating_result, load_fractional_kg, TN_Q_MASS, "heaviest load"),
    TN_F_INTEGER(tn_rating_result, wagons, 0, 0, INFINITY, 0, "wagons"),
    TN_F_STRING(tn_rating_result, binding, 0, "criterion that binds"),
    TN_F_LIST(tn_rating_result, criteria, &criterion_schema, 0, "the heaviest load by each criterion"),
    TN_F_LIST(tn_rating_result, curve, &curve_schema, TN_HIDDEN, "the heaviest load over the grade"),
    TN_F_END};
const struct tn_schema tn_rating_result_schema = {"rating", "the heaviest load on a ruling grade",
                                                  sizeof(struct tn_rating_result), result_fields};

#define LENGTH_M     1e5 /* of the endless grade; nothing here depends on it */
#define KMH          (1 / 3.6)
#define FLAT         0.01 /* around which the curve lies where the ruling grade is level */
#define GROUP_WAGONS 10   /* of a single type, full, stand for all its wagons */

/* Locomotives alone, and the same with some wagons: all forces grow linearly from the one to the other with the load.
 */
struct pair {
    struct tn_train light, train;
    struct tn_track light_track, track;
    struct tn_balance light_need, need;
};

struct rating {
    const struct tn_rating_spec *spec;
    const struct tn_environment *environment;
    struct tn_train_spec light_spec, train_spec, light_moving, train_moving;
    struct pair climb, descent;
    double radius_m;
    double speed_m_s; /* of the balance; NAN = unknown */
    double wagon_kg;
    struct tn_rating_criterion *criteria;
    size_t count;
    struct tn_arena *arena;
    struct tn_context *ctx;
};

static tn_status prepare_train(struct tn_train *train, struct tn_track *track, struct tn_balance *need,
                               struct rating *rating, const struct tn_train_spec *spec, double grade)
{
    const struct tn_environment *e = rating->environment;
    tn_status status = tn_train_init(train, spec, &e->weather, e->gravity_m_s2, rating->arena, rating->ctx);
    if (status == TN_OK)
        status = tn_track_uniform(track, train, &e->weather, grade, rating->radius_m, rating->spec->altitude, LENGTH_M,
                                  rating->arena, rating->ctx);
    if (status == TN_OK)
        tn_balance_add_track(need, track, &track->pieces[0], 0, 1);
    return status;
}

static tn_status prepare_pair(struct pair *pair, struct rating *rating, const struct tn_train_spec *light,
                              const struct tn_train_spec *train, double grade)
{
    tn_status status = prepare_train(&pair->train, &pair->track, &pair->need, rating, train, grade);
    if (status != TN_OK)
        return status;
    return prepare_train(&pair->light, &pair->light_track, &pair->light_need, rating, light, grade);
}

static struct rating begin(const struct tn_rating_spec *spec, const struct tn_environment *environment,
                           struct tn_arena *arena, struct tn_context *ctx)
{
    return (struct rating){.spec = spec,
                           .environment = environment,
                           .radius_m = isnan(spec->curve_radius) ? HUGE_VAL : spec->curve_radius,
                           .arena = arena,
                           .ctx = ctx};
}

/* One wagon type: full wagons, whatever the load of the train. Several: their mixture as it stands. */
static tn_status prepare(struct rating *rating)
{
    const struct tn_train_spec *spec = rating->spec->train.object;
    if (spec->wagons.count == 0)
        return tn_error(rating->ctx, &rating->spec->train, "give the train a wagon type",
                        "train %s has no wagons to rate", spec->id);
    if (spec->locomotives.count == 0)
        return tn_error(rating->ctx, &rating->spec->train, "give the train locomotives",
                        "train %s has no locomotives to rate", spec->id);
    rating->train_spec = *spec;
    rating->train_spec.adhesion = 0;      /* the criterion `adhesion` asks for it alone */
    rating->train_spec.brake.cut_out = 0; /* of the wagons that it has, not of those it could have */
    if (spec->wagons.count == 1) {
        struct tn_train_wagons *wagons = tn_arena_alloc(rating->arena, 1, sizeof *wagons);
        if (wagons == NULL)
            return TN_ERR_MEMORY;
        *wagons = *(const struct tn_train_wagons *)spec->wagons.items;
        wagons->load = NAN;
        wagons->count = GROUP_WAGONS;
        rating->train_spec.wagons.items = wagons;
    }
    tn_balance_light(&rating->light_spec, &rating->train_spec);
    rating->train_moving = rating->train_spec;
    rating->light_moving = rating->light_spec;
    rating->train_moving.starting_resistance = rating->light_moving.starting_resistance = false;
    rating->train_moving.adhesion = rating->light_moving.adhesion = spec->adhesion;
    double down = isnan(rating->spec->grade_down) ? rating->spec->grade : rating->spec->grade_down;
    tn_status status =
        prepare_pair(&rating->climb, rating, &rating->light_spec, &rating->train_spec, rating->spec->grade);
    if (status == TN_OK)
        status = prepare_pair(&rating->descent, rating, &rating->light_moving, &rating->train_moving, -fabs(down));
    const struct tn_train *train = &rating->climb.train;
    rating->wagon_kg = train->load_kg / train->wagons;
    rating->speed_m_s = isnan(rating->spec->balance_speed) ? train->continuous_speed_m_s : rating->spec->balance_speed;
    return status;
}

/* Load that a force moves at that speed. direction: which side of the speed. */
static double load_at(const struct pair *pair, double force, double speed_m_s, int direction)
{
    double light = tn_balance_at(&pair->light_need, speed_m_s, direction);
    double per_kg = (tn_balance_at(&pair->need, speed_m_s, direction) - light) / pair->train.load_kg;
    if (per_kg <= 0)
        return HUGE_VAL;
    return fmax(0, (force - light) / per_kg);
}

/* Load whose wagons alone need that force. */
static double load_behind(const struct pair *pair, double force, double speed_m_s, int direction)
{
    double wagons =
        tn_balance_at(&pair->need, speed_m_s, direction) - tn_balance_at(&pair->light_need, speed_m_s, direction);
    return wagons > 0 ? force * pair->train.load_kg / wagons : HUGE_VAL;
}

static tn_status add(struct rating *rating, const char *name, double load_kg, const char *detail)
{
    double wagons = floor(load_kg / rating->wagon_kg + 1e-9);
    if (detail == NULL)
        return TN_ERR_MEMORY;
    rating->criteria[rating->count++] =
        (struct tn_rating_criterion){name, load_kg, isfinite(load_kg) ? wagons * rating->wagon_kg : load_kg, detail};
    return TN_OK;
}

static const struct tn_curve *traction_of(const struct pair *pair)
{
    return &pair->track.zones[pair->track.pieces[0].zone].traction;
}

static const char *force_text(struct rating *rating, double force_N, double speed_m_s)
{
    return tn_arena_printf(rating->arena, "%s kN at %.1f km/h", tn_number_text(rating->arena, force_N / 1e3, 0),
                           speed_m_s / KMH);
}

static tn_status balance_and_start(struct rating *rating)
{
    const struct tn_curve *traction = traction_of(&rating->climb);
    tn_status status;
    if (isnan(rating->speed_m_s)) {
        status = add(rating, "balance", HUGE_VAL, "no continuous rating is known and no balance_speed given");
    } else {
        double force = rating->spec->effort_factor * tn_curve_at(traction, rating->speed_m_s);
        status = add(rating, "balance", load_at(&rating->climb, force, rating->speed_m_s, 1),
                     force_text(rating, force, rating->speed_m_s));
    }
    double force = tn_curve_at(traction, 0);
    return status == TN_OK ? add(rating, "start", load_at(&rating->climb, force, 0, 1), force_text(rating, force, 0))
                           : status;
}

static tn_status adhesion(struct rating *rating)
{
    const struct tn_train *train = &rating->descent.train; /* with the law in force */
    double rail = rating->environment->weather.rail;
    double rest = tn_balance_adhesion(train, 0, rail, rating->radius_m);
    if (isinf(rest))
        return add(rating, "adhesion", HUGE_VAL, "the makers' curves are the limit");
    double load = load_at(&rating->climb, rest, 0, 1), force = rest, speed = 0;
    if (!isnan(rating->speed_m_s)) {
        double moving = tn_balance_adhesion(train, rating->speed_m_s, rail, rating->radius_m);
        double at_speed = load_at(&rating->climb, moving, rating->speed_m_s, 1);
        if (at_speed < load) {
            load = at_speed;
            force = moving;
            speed = rating->speed_m_s;
        }
    }
    return add(rating, "adhesion", load, force_text(rating, force, speed));
}

/* The dynamic brake and the locomotives' resistance carry what pushes the wagons. */
static tn_status dynamic_brake(struct rating *rating)
{
    const struct pair *pair = &rating->descent;
    const struct tn_curve *brake = &pair->train.dynamic_brake;
    struct tn_balance hold = pair->light_need, push = pair->need;
    if (brake->count == 0)
        return add(rating, "dynamic-brake", HUGE_VAL, "the locomotives have no dynamic brake");
    tn_balance_add(&hold, brake, 1);
    for (size_t i = 0; i < push.count; i++)
        push.factor[i] = -push.factor[i];
    for (size_t i = 0; i < pair->light_need.count; i++)
        tn_balance_add(&push, pair->light_need.curve[i], pair->light_need.factor[i]);
    push.constant_N = pair->light_need.constant_N - pair->need.constant_N;
    push.square_N_s2_m2 = pair->light_need.square_N_s2_m2 - pair->need.square_N_s2_m2;
    double speed = rating->spec->hold_speed, ratio, top = fmin(brake->end_m_s, pair->train.speed_max_m_s);
    tn_status status = TN_OK;
    if (isnan(speed))
        status = tn_balance_ratio_max(&speed, &ratio, &hold, &push, 0, top, rating->arena, rating->ctx);
    else
        ratio = tn_balance_at(&push, speed, -1) > 0 ? tn_balance_at(&hold, speed, -1) / tn_balance_at(&push, speed, -1)
                                                    : HUGE_VAL;
    if (status != TN_OK)
        return status;
    return add(rating, "dynamic-brake", fmax(0, ratio * pair->train.load_kg),
               force_text(rating, tn_curve_at(brake, speed), speed));
}

static tn_status coupler(struct rating *rating)
{
    double limit = rating->spec->coupler_limit, speed = 0;
    double load = load_behind(&rating->climb, limit, 0, 1);
    if (!isnan(rating->speed_m_s)) {
        double moving = load_behind(&rating->climb, limit, rating->speed_m_s, 1);
        if (moving < load) {
            load = moving;
            speed = rating->speed_m_s;
        }
    }
    return add(rating, "coupler", load, force_text(rating, limit, speed));
}

static bool must_stop(const struct tn_rating_spec *spec, const struct tn_station *station)
{
    const struct tn_rating_stop *stops = spec->stops.items;
    for (size_t i = 0; i < spec->stops.count; i++)
        if (strcmp(stops[i].station, station->name) == 0)
            return true;
    return spec->stops.count == 0 && station->tracks >= 2;
}

static tn_status shortest_track(double *length_out, const char **where_out, struct rating *rating)
{
    const struct tn_rating_spec *spec = rating->spec;
    const struct tn_line_spec *line = rating->environment->line;
    const struct tn_rating_stop *stops = spec->stops.items;
    *length_out = spec->track_length;
    *where_out = "track";
    if (!isnan(*length_out) || line == NULL)
        return TN_OK;
    for (size_t i = 0; i < spec->stops.count; i++)
        if (tn_line_station(line, stops[i].station, rating->environment->phase) == NULL)
            return tn_error(rating->ctx, &stops[i].station, NULL, "line %s has no station %s in this phase", line->id,
                            stops[i].station);
    const struct tn_station *stations = line->stations.items;
    for (size_t i = 0; i < line->stations.count; i++) {
        if (!tn_in_phase(stations[i].phase, stations[i].until, rating->environment->phase) ||
            !must_stop(spec, &stations[i]))
            continue;
        double length = tn_line_track_length(line, &stations[i], rating->environment->phase);
        if (!isnan(length) && !(length >= *length_out)) {
            *length_out = length;
            *where_out = stations[i].name;
        }
    }
    return TN_OK;
}

static tn_status track_length(struct rating *rating)
{
    const struct tn_train *train = &rating->climb.train;
    double length, per_kg = (train->length_m - train->locomotive_length_m) / train->load_kg;
    const char *where;
    tn_status status = shortest_track(&length, &where, rating);
    if (status != TN_OK)
        return status;
    if (isnan(length))
        return add(rating, "length", HUGE_VAL, "no track length is known");
    double room = length - rating->spec->margin - train->locomotive_length_m;
    return add(rating, "length", fmax(0, room / per_kg),
               tn_arena_printf(rating->arena, "%s, %s m", where, tn_number_text(rating->arena, length, 0)));
}

static const struct tn_rating_criterion *least_of(const struct rating *rating)
{
    size_t binding = 0;
    for (size_t i = 1; i < rating->count; i++)
        if (rating->criteria[i].load_kg < rating->criteria[binding].load_kg)
            binding = i;
    return &rating->criteria[binding];
}

static tn_status conclude(struct tn_rating_result *result, struct rating *rating)
{
    const struct tn_rating_criterion *least = least_of(rating);
    result->criteria = (struct tn_list){rating->criteria, rating->count};
    result->load_fractional_kg = least->load_kg;
    result->load_kg = least->load_wagons_kg;
    result->wagons = isfinite(least->load_kg) ? (int)lround(least->load_wagons_kg / rating->wagon_kg) : 0;
    result->binding = least->name;
    result->head.failed = false;
    result->head.verdict = tn_arena_printf(rating->arena, "%s t in %d wagons on %g permil; %s binds at %s t (%s)",
                                           tn_number_text(rating->arena, result->load_kg / 1e3, 0), result->wagons,
                                           1e3 * rating->spec->grade, least->name,
                                           tn_number_text(rating->arena, least->load_kg / 1e3, 0), least->detail);
    return result->head.verdict ? TN_OK : TN_ERR_MEMORY;
}

/* All criteria, in the order of this list. */
enum { BALANCE, START, ADHESION, DYNAMIC_BRAKE, COUPLER, TRACK, CRITERIA };

static tn_status rate(struct rating *rating)
{
    static tn_status (*const steps[])(struct rating *) = {balance_and_start, adhesion, dynamic_brake, coupler,
                                                          track_length};
    rating->criteria = tn_arena_alloc(rating->arena, CRITERIA, sizeof *rating->criteria);
    tn_status status = rating->criteria ? prepare(rating) : TN_ERR_MEMORY;
    for (size_t i = 0; status == TN_OK && i < sizeof steps / sizeof steps[0]; i++)
        status = steps[i](rating);
    return status;
}

/* The same on another grade. A grade that cannot be rated leaves a gap. */
static tn_status rate_on(struct tn_rating_point *point, const struct rating *rating, double grade)
{
    struct tn_arena scratch = {0};
    struct tn_context ctx = {0};
    struct tn_rating_spec spec = *rating->spec;
    spec.grade = grade;
    struct rating there = begin(&spec, rating->environment, &scratch, &ctx);
    tn_status status = rate(&there);
    *point = (struct tn_rating_point){grade, NAN, NULL, NAN, NAN, NAN, NAN, NAN, NAN};
    if (status == TN_OK) {
        const struct tn_rating_criterion *c = there.criteria;
        const struct tn_rating_criterion *least = least_of(&there);
        *point = (struct tn_rating_point){grade,
                                          least->load_kg,
                                          least->name,
                                          c[BALANCE].load_kg,
                                          c[START].load_kg,
                                          c[ADHESION].load_kg,
                                          c[DYNAMIC_BRAKE].load_kg,
                                          c[COUPLER].load_kg,
                                          c[TRACK].load_kg};
    }
    tn_context_clear(&ctx);
    tn_arena_clear(&scratch);
    return status == TN_ERR_MEMORY ? status : TN_OK;
}

static tn_status draw_curve(struct tn_rating_result *result, const struct rating *rating)
{
    enum { POINTS = 49 }; /* the middle one is the ruling grade */
    const double middle = rating->spec->grade > 0 ? rating->spec->grade : FLAT;
    struct tn_rating_point *points = tn_arena_alloc(rating->arena, POINTS, sizeof *points);
    tn_status status = points ? TN_OK : TN_ERR_MEMORY;
    for (int i = 0; status == TN_OK && i < POINTS; i++)
        status = rate_on(&points[i], rating, middle * (0.25 + 1.5 * i / (POINTS - 1)));
    result->curve = (struct tn_list){points, POINTS};
    return status;
}

static tn_status solve_with(struct tn_rating_result *result, const void *spec, const struct tn_environment *environment,
                            bool curve, struct tn_arena *arena, struct tn_context *ctx)
{
    struct rating rating = begin(spec, environment, arena, ctx);
    tn_status status = rate(&rating);
    if (status == TN_OK && curve)
        status = draw_curve(result, &rating);
    if (status != TN_OK)
        return status;
    const struct tn_train_spec *train = rating.spec->train.object;
    result->head.train = tn_text_copy(arena, train->id);
    result->head.line = environment->line ? tn_text_copy(arena, environment->line->id) : NULL;
    status = tn_assume_notes(&result->head, arena, train, NULL);
    if (status == TN_OK && train->wagons.count > 1)
        status = tn_assume(&result->head, arena, TN_ASSUMED, "the mixture of wagons stays as it is");
    return status == TN_OK ? conclude(result, &rating) : status;
}

static tn_status solve(void *result, const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    return solve_with(result, spec, environment, true, arena, ctx);
}

/* Points of a sweep share nothing, but want no curve. */
static tn_status solve_many(struct tn_study_outcome *outcomes, const struct tn_study_many *many, struct tn_arena *arena)
{
    for (size_t i = 0; i < many->count; i++) {
        struct tn_study_outcome *out = &outcomes[i];
        struct tn_context ctx = {0};
        struct tn_environment environment;
        const void *spec;
        out->status = many->inputs(&spec, &environment, i, many->payload, &ctx);
        if (out->status == TN_OK)
            out->status = solve_with(out->result, spec, &environment, false, arena, &ctx);
        out->reason = out->status == TN_OK ? NULL : tn_study_reason(&ctx, out->status, arena);
        tn_context_clear(&ctx);
    }
    return TN_OK;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct rating rating = begin(spec, environment, arena, ctx);
    double length;
    const char *where;
    tn_status status = prepare(&rating);
    return status == TN_OK ? shortest_track(&length, &where, &rating) : status;
}

const struct tn_study_kind tn_study_rating = {
    "rating",
    "the heaviest load for the locomotives on a ruling grade, and what binds",
    &tn_rating_spec_schema,
    &tn_rating_result_schema,
    solve,
    check_study,
    solve_many,
};
