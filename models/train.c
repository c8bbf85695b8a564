/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "train.h"

static const char *pick(const char *const *names, int count, int index)
{
    return index >= 0 && index < count ? names[index] : NULL;
}

const char *tn_control_name(int index)
{
    static const char *const names[] = {"multiple", "separate", "pusher"};
    return pick(names, 3, index);
}

const char *tn_wagon_state_name(int index)
{
    static const char *const names[] = {"loaded", "empty"};
    return pick(names, 2, index);
}

const char *tn_brake_service_name(int index)
{
    static const char *const names[] = {"passenger", "freight"};
    return pick(names, 2, index);
}

static const struct tn_field locomotives_fields[] = {
    TN_F_REF(tn_train_locomotives, type, &tn_locomotive_schema, TN_REQUIRED, "type of locomotive"),
    TN_F_INTEGER(tn_train_locomotives, count, 1, 1, 100, 0, "how many of them"),
    TN_F_INTEGER(tn_train_locomotives, cut_out, 0, 0, 100, 0, "of these, hauled dead"),
    TN_F_CHOICE(tn_train_locomotives, control, tn_control_name, TN_CONTROL_MULTIPLE, 0,
                "how the second and further ones of the train are driven"),
    TN_F_INTEGER(tn_train_locomotives, behind, 0, 0, 10000, 0,
                 "wagons in front of them along the brake pipe (distributed power); their mass stays at the head"),
    TN_F_NUMBER(tn_train_locomotives, radio_delay, TN_Q_TIME, 0, 0, 60, 0,
                "from the driver's order to theirs, distributed power"),
    TN_F_END};

static const struct tn_schema locomotives_schema = {"locomotives", "locomotives of a train, at its head in this order",
                                                    sizeof(struct tn_train_locomotives), locomotives_fields};

static const struct tn_field wagons_fields[] = {
    TN_F_REF(tn_train_wagons, type, &tn_wagon_schema, TN_REQUIRED, "type of wagon"),
    TN_F_CHOICE(tn_train_wagons, state, tn_wagon_state_name, TN_LOADED, 0, "loaded or empty"),
    TN_F_NUMBER(tn_train_wagons, load, TN_Q_MASS, NAN, 0, 1e9, TN_POSITIVE,
                "trailing mass of these wagons; left out: count times the mass of a full or empty wagon"),
    TN_F_INTEGER(tn_train_wagons, count, -1, 1, 10000, 0, "how many; left out: as many as the load needs"), TN_F_END};

static const struct tn_schema wagons_schema = {"wagons", "wagons of a train, behind the locomotives in this order",
                                               sizeof(struct tn_train_wagons), wagons_fields};

static const struct tn_field brake_fields[] = {
    TN_F_NUMBER(tn_train_brake, deceleration, TN_Q_ACCELERATION, 0.3, 0, 5, TN_POSITIVE,
                "aimed at when braking to stops and limits"),
    TN_F_BOOL(tn_train_brake, resistance_adds, 0,
              "the brake alone gives the deceleration, resistance and grade add to it"),
    TN_F_NUMBER(tn_train_brake, rate, TN_Q_RATIO, NAN, 0, 2, TN_POSITIVE,
                "converted shoe force over weight of the train; left out: from its vehicles"),
    TN_F_CHOICE(tn_train_brake, friction, tn_friction_law_name, -1, 0, "friction law; left out: that of the wagons"),
    TN_F_CHOICE(tn_train_brake, service, tn_brake_service_name, TN_BRAKE_FREIGHT, 0, "kind of brake valve"),
    TN_F_NUMBER(tn_train_brake, pipe_pressure, TN_Q_PRESSURE, 500e3, 400e3, 700e3, 0,
                "brake pipe, gauge: 500 or 600 kPa"),
    TN_F_NUMBER(tn_train_brake, reduction, TN_Q_PRESSURE, NAN, 50e3, 200e3, 0,
                "largest service reduction used; left out: 140 kPa at 500, 170 at 600"),
    TN_F_NUMBER(tn_train_brake, distance, TN_Q_LENGTH, 800, 0, 10000, 0,
                "emergency stop within this distance; 0: no rule"),
    TN_F_NUMBER(tn_train_brake, leakage, TN_Q_PRESSURE, 0, 0, 100e3, 0,
                "fall of pressure in a minute of the brake pipe alone, fed by nothing"),
    TN_F_INTEGER(tn_train_brake, cut_out, 0, 0, 10000, 0, "wagons with their brakes cut out, spread over the train"),
    TN_F_INTEGER(tn_train_brake, closed_cock, 0, 0, 10000, 0,
                 "the angle cock behind this vehicle is closed, counted from the head; 0: none"),
    TN_F_END};

static const struct tn_schema brake_schema = {"brake", "brakes of a train", sizeof(struct tn_train_brake),
                                              brake_fields};

static const struct tn_field fields[] = {
    TN_F_STRING(tn_train_spec, id, TN_ID | TN_REQUIRED, "name by which studies call it"),
    TN_F_LIST(tn_train_spec, locomotives, &locomotives_schema, 0, "locomotives, at the head in this order"),
    TN_F_LIST(tn_train_spec, wagons, &wagons_schema, 0, "wagons, behind the locomotives in this order"),
    TN_F_NUMBER(tn_train_spec, limit, TN_Q_SPEED, NAN, 0, 150, TN_POSITIVE, "speed limit; left out: of its vehicles"),
    TN_F_NUMBER(tn_train_spec, rotating, TN_Q_RATIO, NAN, 0, 1, 0,
                "rotating mass of the whole train as a share of its mass; left out: vehicle by vehicle"),
    TN_F_CHOICE(tn_train_spec, adhesion, tn_train_adhesion_name, 0, 0,
                "law that caps traction and dynamic brake; `curve`: none, `type`: the locomotives' own"),
    TN_F_NUMBER(tn_train_spec, effort_factor, TN_Q_RATIO, 1, 0, 1.5, TN_POSITIVE, "factor on tractive effort"),
    TN_F_BOOL(tn_train_spec, starting_resistance, 1, "starting resistance replaces running resistance below 2.5 km/h"),
    TN_F_NUMBER(tn_train_spec, resistance_factor, TN_Q_RATIO, 1, 0, 10, 0, "factor on running resistance"),
    TN_F_STRUCT(tn_train_spec, brake, &brake_schema, "brakes"),
    TN_F_STRUCT(tn_train_spec, faults, &tn_train_faults_schema, "what is wrong with it"),
    TN_F_NUMBER(tn_train_spec, net_ratio, TN_Q_RATIO, NAN, 0, 1, 0, "payload over load; left out: from the wagons"),
    TN_F_LIST(tn_train_spec, notes, &tn_note_schema, 0, "where the values come from"),
    TN_F_END};

const struct tn_schema tn_train_schema = {"train", "a train", sizeof(struct tn_train_spec), fields};

static int adhesion_law_count(void)
{
    int count = 0;
    while (tn_adhesion_law_name(count) != NULL)
        count++;
    return count;
}

const char *tn_train_adhesion_name(int index)
{
    int count = adhesion_law_count();
    return index == count ? "type" : tn_adhesion_law_name(index);
}

#define FASTEST_M_S   150.0 /* of a train none of whose vehicles states a speed; no field takes more */
#define CURVE_END_M_S 200.0 /* resistance and brake curves reach beyond any runaway */
#define PAST_THE_END  1.01  /* effort does not vanish where a train is held at its largest speed */

/* What init builds. */
struct maker {
    struct tn_train *train;
    const struct tn_train_spec *spec;
    const struct tn_weather *weather;
    struct tn_arena *arena;
    struct tn_context *ctx;
    double inertia_kg;            /* vehicle by vehicle */
    double shoes_N;               /* converted shoe force of the vehicles that state it, at 500 kPa */
    double wagon_shoes_N;         /* of the wagons among them */
    double shoed_kg;              /* their mass */
    bool shoes_unknown;           /* of a wagon, or of a train without wagons */
    const struct tn_wagon *wagon; /* of the first row */
};

static tn_status check_ref(struct maker *maker, const struct tn_ref *ref)
{
    if (ref->object != NULL)
        return TN_OK;
    if (ref->id == NULL)
        return tn_error(maker->ctx, ref, NULL, "a vehicle of train `%s` has no type", maker->spec->id);
    tn_error(maker->ctx, ref, NULL, "`%s` was not looked up", ref->id);
    return TN_ERR_INTERNAL;
}

/* Adds count like vehicles: their place in the train, their resistance, their part of the sums. */
static tn_status add_vehicles(struct maker *maker, int count, double mass_kg, double length_m, double rotating,
                              int axles, const struct tn_resistance_spec *spec, double starting)
{
    struct tn_train *train = maker->train;
    struct tn_resistance resistance;
    tn_status status = tn_resistance_init(&resistance, spec, mass_kg, axles, train->gravity_m_s2, maker->ctx);
    if (status != TN_OK)
        return status;
    double factor = count * maker->spec->resistance_factor;
    train->a_N += factor * resistance.a_N;
    train->b_N_s_m += factor * resistance.b_N_s_m;
    train->bearing_N += factor * resistance.bearing_N;
    size_t i = 0;
    while (i < train->air_count && train->air[i].headwind_m_s != resistance.headwind_m_s)
        i++;
    if (i == train->air_count)
        train->air[train->air_count++].headwind_m_s = resistance.headwind_m_s;
    train->air[i].c_N_s2_m2 += factor * resistance.c_N_s2_m2;
    double running = resistance.a_N + resistance.c_N_s2_m2 * resistance.headwind_m_s * resistance.headwind_m_s;
    train->starting_N += count * (isnan(starting) ? running : mass_kg * train->gravity_m_s2 * starting);
    train->groups[train->group_count++] =
        (struct tn_train_group){train->length_m, train->length_m + count * length_m, count * mass_kg};
    train->length_m += count * length_m;
    train->mass_kg += count * mass_kg;
    maker->inertia_kg += count * mass_kg * (1 + rotating);
    return TN_OK;
}

static void add_shoes(struct maker *maker, int count, double mass_kg, double shoe_force_N, bool needed)
{
    if (isnan(shoe_force_N)) {
        maker->shoes_unknown = maker->shoes_unknown || needed;
        return;
    }
    maker->shoes_N += count * shoe_force_N;
    maker->shoed_kg += count * mass_kg;
}

static double adhesive_mass(const struct tn_locomotive *type)
{
    return isnan(type->adhesive_mass) ? type->mass : type->adhesive_mass;
}

static double smaller_speed(double speed_m_s, double limit_m_s)
{
    return isnan(limit_m_s) ? speed_m_s : fmin(speed_m_s, limit_m_s);
}

/* TB/T 1407: the first locomotive gives all, further ones of separate crews 0.98, pushers 0.95. */
static double control_share(int control, int working, bool leads)
{
    static const double factor[] = {1, 0.98, 0.95};
    int further = leads ? working - 1 : working;
    return (leads ? 1 : 0) + further * factor[control];
}

/* The maker's curves, up to the end of the table or the largest speed, whichever is higher. */
static tn_status unit_curves(struct tn_train_unit *unit, const struct maker *maker)
{
    const struct tn_locomotive *type = unit->type;
    const struct tn_effort_point *point = type->effort.items;
    if (type->effort.count == 0)
        return tn_error(maker->ctx, &type->effort, NULL, "locomotive `%s` has no effort table", type->id);
    double end_m_s = PAST_THE_END * fmax(type->speed_max, point[type->effort.count - 1].speed);
    double traction_from = isnan(type->traction_power_from) ? (double)INFINITY : type->traction_power_from;
    double brake_from = isnan(type->brake_power_from) ? (double)INFINITY : type->brake_power_from;
    tn_status status = tn_curve_from_table(&unit->traction, &type->effort, 0, traction_from, end_m_s, maker->arena);
    return status == TN_OK
               ? tn_curve_from_table(&unit->dynamic_brake, &type->effort, 1, brake_from, end_m_s, maker->arena)
               : status;
}

static tn_status add_unit(struct maker *maker, const struct tn_locomotive *type, int working, int control)
{
    struct tn_train *train = maker->train;
    struct tn_train_unit *unit = &train->units[train->unit_count++];
    *unit = (struct tn_train_unit){
        .type = type, .working = working, .share = control_share(control, working, train->working == 0)};
    train->working += working;
    train->adhesive_weight_N += working * adhesive_mass(type) * train->gravity_m_s2;
    train->continuous_speed_m_s = fmax(train->continuous_speed_m_s, type->continuous_speed); /* fmax passes over NAN */
    if (type->energy == TN_ELECTRIC)
        train->auxiliary_W += working * type->auxiliary_power;
    else if (type->derating.per_1000_m > 0 || type->derating.per_10_K > 0)
        train->diesel = true;
    return unit_curves(unit, maker);
}

static tn_status add_locomotives(struct maker *maker, const struct tn_train_locomotives *row)
{
    struct tn_train *train = maker->train;
    tn_status status = check_ref(maker, &row->type);
    if (status != TN_OK)
        return status;
    const struct tn_locomotive *type = row->type.object;
    if (row->cut_out > row->count)
        return tn_error(maker->ctx, &row->cut_out, NULL, "%d locomotives cut out of %d", row->cut_out, row->count);
    status = add_vehicles(maker, row->count, type->mass, type->length, type->rotating, type->axles, &type->resistance,
                          type->starting_resistance);
    if (status == TN_OK && row->count > row->cut_out)
        status = add_unit(maker, type, row->count - row->cut_out, row->control);
    train->locomotives += row->count;
    train->speed_max_m_s = smaller_speed(train->speed_max_m_s, type->speed_max);
    add_shoes(maker, row->count, type->mass, type->shoe_force, maker->spec->wagons.count == 0);
    return status;
}

/* How many wagons the row has and how heavy each is. */
static tn_status count_wagons(int *count_out, double *mass_out, struct maker *maker, const struct tn_train_wagons *row,
                              const struct tn_wagon *type)
{
    double mass = row->state == TN_EMPTY ? type->tare : type->gross;
    int count = row->count;
    if (isnan(row->load)) {
        if (count < 0)
            return tn_error(maker->ctx, &row->type, "give `load`, `count` or both",
                            "how many wagons `%s` there are is not said", type->id);
    } else if (row->state == TN_EMPTY) {
        return tn_error(maker->ctx, &row->load, "give `count` for empty wagons, or leave out `state`",
                        "wagons are either empty or carry a load");
    } else {
        double needed = ceil(row->load / type->gross - 1e-9);
        if (count < 0 && needed > 100000)
            return tn_error(maker->ctx, &row->load, NULL, "%g t would need %.0f wagons", 1e-3 * row->load, needed);
        if (count < 0)
            count = needed < 1 ? 1 : (int)needed;
        if (count < needed) {
            const char *hint =
                tn_arena_printf(maker->arena, "%.0f wagons are needed; leave out `count` to get them", needed);
            return tn_error(maker->ctx, &row->load, hint, "a load of %g t is more than the %g t of %d wagons of %g t",
                            1e-3 * row->load, 1e-3 * count * type->gross, count, 1e-3 * type->gross);
        }
        mass = row->load / count;
        if (mass < type->tare * (1 - 1e-9))
            return tn_error(maker->ctx, &row->load, "`load` is the trailing mass, with the tare of the wagons",
                            "a load of %g t is less than the tare of %d wagons, %g t", 1e-3 * row->load, count,
                            1e-3 * count * type->tare);
    }
    *count_out = count;
    *mass_out = mass;
    return TN_OK;
}

static tn_status add_wagons(struct maker *maker, const struct tn_train_wagons *row)
{
    struct tn_train *train = maker->train;
    int count = 0;
    double mass_kg = 0;
    tn_status status = check_ref(maker, &row->type);
    const struct tn_wagon *type = row->type.object;
    if (status == TN_OK)
        status = count_wagons(&count, &mass_kg, maker, row, type);
    if (status != TN_OK)
        return status;
    bool empty = row->state == TN_EMPTY;
    bool own_law = empty && type->resistance_empty.law >= 0;
    status =
        add_vehicles(maker, count, mass_kg, type->length, empty ? type->rotating_empty : type->rotating_loaded,
                     type->axles, own_law ? &type->resistance_empty : &type->resistance, type->starting_resistance);
    train->wagons += count;
    train->load_kg += count * mass_kg;
    if (!empty)
        train->net_kg += count * (isnan(type->net_ratio) ? mass_kg - type->tare : mass_kg * type->net_ratio);
    train->speed_max_m_s = smaller_speed(train->speed_max_m_s, type->speed_max);
    double before_N = maker->shoes_N;
    add_shoes(maker, count, mass_kg, empty ? type->shoe_force_empty : type->shoe_force, true);
    maker->wagon_shoes_N += maker->shoes_N - before_N;
    if (maker->wagon == NULL)
        maker->wagon = type;
    return status;
}

/* Length of the first so many wagons. */
static double wagons_length(const struct tn_train *train, int wagons)
{
    const struct tn_train_wagons *rows = train->spec->wagons.items;
    double length_m = 0;
    for (size_t i = 0; i < train->spec->wagons.count && wagons > 0; i++) {
        const struct tn_train_group *group = &train->groups[train->spec->locomotives.count + i];
        const struct tn_wagon *type = rows[i].type.object;
        int count = (int)lround((group->to_m - group->from_m) / type->length);
        length_m += (count < wagons ? count : wagons) * type->length;
        wagons -= count;
    }
    return length_m;
}

/* Where the units stand: behind their wagons, and behind the locomotives before them. */
static void place_units(struct tn_train *train)
{
    const struct tn_train_locomotives *rows = train->spec->locomotives.items;
    size_t unit = 0;
    for (size_t r = 0; r < train->spec->locomotives.count; r++) {
        if (rows[r].count == rows[r].cut_out)
            continue;
        double from_m = wagons_length(train, rows[r].behind);
        for (size_t q = 0; q < train->spec->locomotives.count; q++)
            if (rows[q].behind < rows[r].behind || (q < r && rows[q].behind == rows[r].behind))
                from_m += train->groups[q].to_m - train->groups[q].from_m;
        train->units[unit].from_m = from_m;
        train->units[unit++].to_m = from_m + train->groups[r].to_m - train->groups[r].from_m;
    }
}

/* The first error of each row, all rows. */
static tn_status add_all(struct maker *maker)
{
    const struct tn_train_spec *spec = maker->spec;
    struct tn_train *train = maker->train;
    size_t rows = spec->locomotives.count + spec->wagons.count;
    if (rows == 0)
        return tn_error(maker->ctx, &spec->id, "give `locomotives`, `wagons` or both", "train `%s` has no vehicle",
                        spec->id);
    train->groups = tn_arena_alloc(maker->arena, rows, sizeof *train->groups);
    train->air = tn_arena_alloc(maker->arena, rows, sizeof *train->air);
    train->units = tn_arena_alloc(maker->arena, rows, sizeof *train->units);
    if (train->groups == NULL || train->air == NULL || train->units == NULL)
        return TN_ERR_MEMORY;
    const struct tn_train_locomotives *locomotives = spec->locomotives.items;
    const struct tn_train_wagons *wagons = spec->wagons.items;
    tn_status status = TN_OK, worst = TN_OK;
    for (size_t i = 0; i < spec->locomotives.count; i++)
        if ((status = add_locomotives(maker, &locomotives[i])) != TN_OK)
            worst = status;
    train->locomotive_mass_kg = train->mass_kg;
    train->locomotive_length_m = train->length_m;
    for (size_t i = 0; i < spec->wagons.count; i++)
        if ((status = add_wagons(maker, &wagons[i])) != TN_OK)
            worst = status;
    if (worst == TN_OK)
        place_units(train);
    return worst;
}

static const struct tn_adhesion_law *law_of(const struct tn_train_spec *spec, const struct tn_locomotive *type)
{
    return &tn_adhesion_laws[spec->adhesion == adhesion_law_count() ? type->adhesion : spec->adhesion];
}

/* The maker's curve of one locomotive, not above what rail and law allow. A law that is meant for braking alone leaves
   traction to the curve; every other one caps both. */
static tn_status capped(struct tn_curve *out, const struct tn_curve *curve, const struct tn_train *train,
                        const struct tn_locomotive *type, bool traction, double rail, struct tn_arena *arena)
{
    const struct tn_adhesion_law *law = law_of(train->spec, type);
    const struct tn_curve none = {0};
    if (traction && !law->traction)
        law = &tn_adhesion_laws[0];
    if (law == &tn_adhesion_laws[0])
        return tn_curve_sum(out, curve, fmin(rail, 1), &none, 0, arena);
    struct tn_curve cap;
    double weight_N = adhesive_mass(type) * train->gravity_m_s2;
    tn_status status = tn_adhesion_curve(&cap, law, rail, weight_N, curve->end_m_s, arena);
    return status == TN_OK ? tn_curve_min(out, curve, &cap, arena) : status;
}

/* Above the knee power is scaled; below it the effort is what the maker says, as far as that power reaches. */
static tn_status derated(struct tn_curve *out, const struct tn_curve *curve, double knee_m_s, double factor,
                         struct tn_arena *arena)
{
    const struct tn_curve none = {0};
    struct tn_curve scaled;
    tn_status status = tn_curve_sum(&scaled, curve, factor, &none, 0, arena);
    double knee_N = tn_curve_at(curve, knee_m_s);
    if (status != TN_OK || isnan(knee_m_s) || knee_m_s <= 0 || !(knee_N > 0) || factor <= 0) {
        *out = scaled;
        return status;
    }
    double most_N = knee_N;
    for (size_t i = 0; i < curve->count; i++)
        most_N = fmax(most_N, tn_curve_at(curve, curve->pieces[i].from_m_s));
    size_t first = tn_curve_piece(&scaled, knee_m_s, 1);
    struct tn_effort_piece *pieces = tn_arena_alloc(arena, scaled.count - first + 2, sizeof *pieces);
    if (pieces == NULL)
        return TN_ERR_MEMORY;
    double power_W = factor * knee_N * knee_m_s;
    pieces[0] = (struct tn_effort_piece){.c0 = 2 * most_N};
    pieces[1] = (struct tn_effort_piece){.from_m_s = power_W / (2 * most_N), .p = power_W};
    struct tn_curve limit = {pieces, 2, scaled.end_m_s};
    for (size_t i = first; i < scaled.count; i++)
        pieces[limit.count++] = scaled.pieces[i];
    pieces[2].from_m_s = fmax(knee_m_s, pieces[2].from_m_s);
    return tn_curve_min(out, curve, &limit, arena);
}

static tn_status no_effort(struct tn_curve *out, struct tn_arena *arena)
{
    struct tn_effort_piece *piece = tn_arena_alloc(arena, 1, sizeof *piece);
    *out = (struct tn_curve){piece, 1, CURVE_END_M_S};
    return piece == NULL ? TN_ERR_MEMORY : TN_OK;
}

static bool all_off(const struct tn_train *train, uint64_t off)
{
    for (size_t i = 0; i < train->unit_count; i++)
        if (!tn_train_unit_in(off, i))
            return false;
    return true;
}

static tn_status traction_at(struct tn_curve *out, const struct tn_train *train, const struct tn_weather *weather,
                             double altitude_m, double curve_radius_m, bool derate, uint64_t off,
                             struct tn_arena *arena)
{
    tn_status status = TN_OK;
    *out = (struct tn_curve){0};
    if (all_off(train, off))
        return no_effort(out, arena);
    for (size_t i = 0; i < train->unit_count && status == TN_OK; i++) {
        const struct tn_train_unit *unit = &train->units[i];
        struct tn_curve curve = unit->traction, limited;
        if (tn_train_unit_in(off, i))
            continue;
        double factor = derate ? tn_locomotive_power_factor(unit->type, altitude_m, weather->temperature) : 1;
        if (factor < 1)
            status = derated(&curve, &unit->traction, unit->type->traction_power_from, factor, arena);
        const struct tn_adhesion_law *law = law_of(train->spec, unit->type);
        double rail = weather->rail;
        if (law != &tn_adhesion_laws[0] && law->traction)
            rail *= tn_adhesion_curve_factor(unit->type->energy == TN_ELECTRIC, curve_radius_m);
        if (status == TN_OK)
            status = capped(&limited, &curve, train, unit->type, true, rail, arena);
        if (status == TN_OK)
            status = tn_curve_sum(out, out, 1, &limited, unit->share * train->spec->effort_factor, arena);
    }
    return status;
}

tn_status tn_train_traction_at(struct tn_curve *out, const struct tn_train *train, const struct tn_weather *weather,
                               double altitude_m, double curve_radius_m, uint64_t off, struct tn_arena *arena)
{
    if (off == 0 && !train->diesel && tn_adhesion_curve_factor(true, curve_radius_m) == 1) {
        *out = train->traction;
        return TN_OK;
    }
    return traction_at(out, train, weather, altitude_m, curve_radius_m, true, off, arena);
}

/* Adds up what adhesion leaves of the dynamic brakes of the units that are not off. */
static tn_status dynamic_at(struct tn_curve *out, const struct tn_train *train, const struct tn_weather *weather,
                            uint64_t off, struct tn_arena *arena)
{
    tn_status status = TN_OK;
    *out = (struct tn_curve){0};
    if (all_off(train, off))
        return no_effort(out, arena);
    for (size_t i = 0; i < train->unit_count && status == TN_OK; i++) {
        const struct tn_train_unit *unit = &train->units[i];
        struct tn_curve brake;
        if (tn_train_unit_in(off, i))
            continue;
        status = capped(&brake, &unit->dynamic_brake, train, unit->type, false, weather->rail, arena);
        if (status == TN_OK)
            status = tn_curve_sum(out, out, 1, &brake, unit->working, arena);
    }
    return status;
}

tn_status tn_train_brakes_at(struct tn_curve *dynamic_brake, struct tn_curve *service_brake,
                             const struct tn_train *train, const struct tn_weather *weather, uint64_t off,
                             struct tn_arena *arena)
{
    *dynamic_brake = train->dynamic_brake;
    *service_brake = train->service_brake;
    if (off == 0)
        return TN_OK;
    tn_status status = dynamic_at(dynamic_brake, train, weather, off, arena);
    if (status == TN_OK && train->service_brake.count > 0)
        status = tn_curve_sum(service_brake, &train->air_brake, 1, dynamic_brake, 1, arena);
    return status;
}

static tn_status build_effort(struct maker *maker)
{
    struct tn_train *train = maker->train;
    struct tn_arena *arena = maker->arena;
    tn_status status = traction_at(&train->traction, train, maker->weather, 0, INFINITY, false, 0, arena);
    if (train->unit_count == 0) {
        train->traction_curve = train->dynamic_brake = train->dynamic_brake_curve = train->traction;
        return status;
    }
    for (size_t i = 0; i < train->unit_count && status == TN_OK; i++) {
        const struct tn_train_unit *unit = &train->units[i];
        status = tn_curve_sum(&train->traction_curve, &train->traction_curve, 1, &unit->traction, unit->working, arena);
        if (status == TN_OK)
            status = tn_curve_sum(&train->dynamic_brake_curve, &train->dynamic_brake_curve, 1, &unit->dynamic_brake,
                                  unit->working, arena);
    }
    return status == TN_OK ? dynamic_at(&train->dynamic_brake, train, maker->weather, 0, arena) : status;
}

/* TB/T 1407: theta_h = sum of converted shoe forces / weight; 280 kN a wagon at 600 kPa where it is 250 at 500. */
static double brake_rate(const struct maker *maker)
{
    const struct tn_train_brake *brake = &maker->spec->brake;
    if (!isnan(brake->rate))
        return brake->rate;
    if (maker->shoes_unknown || maker->shoed_kg <= 0)
        return NAN;
    double high = brake->pipe_pressure > 550e3 ? 280.0 / 250 : 1;
    return high * maker->shoes_N / (maker->shoed_kg * maker->train->gravity_m_s2);
}

/* The share of the brake force that is lost where some wagons, spread over the train, have their brakes cut out. */
static double brake_cut_out(const struct maker *maker)
{
    const struct tn_train *train = maker->train;
    if (train->wagons == 0 || maker->spec->brake.cut_out == 0)
        return 0;
    double wagons = isnan(maker->spec->brake.rate) && maker->shoes_N > 0
                        ? maker->wagon_shoes_N / maker->shoes_N * (maker->shoed_kg / train->mass_kg)
                        : train->load_kg / train->mass_kg;
    return wagons * maker->spec->brake.cut_out / train->wagons;
}

#define HIGH_FRICTION 3

static const struct tn_friction_law *friction_law(const struct maker *maker)
{
    int law = maker->spec->brake.friction;
    if (law < 0 && maker->wagon != NULL)
        law = maker->wagon->friction;
    return &tn_friction_laws[law < 0 ? HIGH_FRICTION : law];
}

static tn_status build_brakes(struct maker *maker)
{
    struct tn_train *train = maker->train;
    const struct tn_train_brake *brake = &maker->spec->brake;
    struct tn_curve *emergency = &train->air_emergency, *service = &train->air_brake;
    const struct tn_curve none = {0};
    train->friction = friction_law(maker);
    train->brake_rate = brake_rate(maker);
    train->brake_cut_out_1 = brake_cut_out(maker);
    if (isnan(train->brake_rate))
        return TN_OK;
    double reduction = isnan(brake->reduction) ? tn_brake_reduction_most(brake->pipe_pressure) : brake->reduction;
    double share = tn_brake_service_coefficient((enum tn_brake_service)brake->service, brake->pipe_pressure, reduction);
    double force_N = (1 - train->brake_cut_out_1) * train->brake_rate * train->mass_kg * train->gravity_m_s2;
    /* The highest speed at application gives the least friction. */
    double applied_at_m_s = train->speed_max_m_s;
    tn_status status =
        tn_friction_curve(emergency, train->friction, applied_at_m_s, force_N, CURVE_END_M_S, maker->arena);
    if (status == TN_OK)
        status = tn_curve_sum(service, emergency, share, &none, 0, maker->arena);
    if (status == TN_OK)
        status = tn_curve_sum(&train->service_brake, service, 1, &train->dynamic_brake, 1, maker->arena);
    return status;
}

static tn_status check_brake(const struct maker *maker)
{
    const struct tn_train_brake *brake = &maker->spec->brake;
    double pipe = brake->pipe_pressure;
    if (fabs(pipe - 500e3) < 1 || fabs(pipe - 600e3) < 1)
        return TN_OK;
    return tn_error(maker->ctx, &brake->pipe_pressure, "500 kPa or 600 kPa",
                    "no brake tables for a pipe pressure of %g kPa", 1e-3 * pipe);
}

static tn_status check_cut_out(const struct maker *maker)
{
    const struct tn_train_brake *brake = &maker->spec->brake;
    if (brake->cut_out <= maker->train->wagons)
        return TN_OK;
    return tn_error(maker->ctx, &brake->cut_out, NULL, "%d brakes cut out of %d wagons", brake->cut_out,
                    maker->train->wagons);
}

tn_status tn_train_init(struct tn_train *train, const struct tn_train_spec *spec, const struct tn_weather *weather,
                        double gravity_m_s2, struct tn_arena *arena, struct tn_context *ctx)
{
    *train =
        (struct tn_train){.spec = spec, .gravity_m_s2 = gravity_m_s2, .continuous_speed_m_s = NAN, .brake_rate = NAN};
    struct maker maker = {.train = train, .spec = spec, .weather = weather, .arena = arena, .ctx = ctx};
    train->speed_max_m_s = isnan(spec->limit) ? FASTEST_M_S : spec->limit;
    tn_status status = add_all(&maker);
    tn_status brake_status = check_brake(&maker);
    if (status == TN_OK)
        status = check_cut_out(&maker);
    if (status == TN_OK)
        status = brake_status;
    if (status != TN_OK)
        return status;
    train->mass_effective_kg = isnan(spec->rotating) ? maker.inertia_kg : train->mass_kg * (1 + spec->rotating);
    if (!isnan(spec->net_ratio))
        train->net_kg = spec->net_ratio * train->load_kg;
    if (!spec->starting_resistance)
        train->starting_N = NAN;
    status = build_effort(&maker);
    return status == TN_OK ? build_brakes(&maker) : status;
}
