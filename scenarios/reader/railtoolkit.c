/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rolling stock and running paths as railtoolkit/schema defines them (2022.05 and 2024.07). What its values mean, the
   schema's own program tells: TrainRuns.jl 1.0, by Wende, Fahrdynamik des Schienenverkehrs, 2003, pages 151 to 153. */
#include <stdlib.h>
#include <string.h>

#include "import_parts.h"

#define NO_PLACE "tonnage has no place for it"

/* What TrainRuns takes where a file is silent. */
#define ROTATION_TRACTION 1.09
#define ROTATION_HAULED   1.06
#define BRAKING_FREIGHT   0.225 /* m/s2 */
#define BRAKING_PASSENGER 0.375
#define HEADWIND          "15 km/h"

static bool word(const struct tn_node *map, const char *key, const char *text)
{
    const struct tn_node *node = tn_import_get(map, key);
    return node != NULL && node->kind == TN_NODE_SCALAR && strcmp(node->text, text) == 0;
}

static double number_or(struct tn_import *import, const struct tn_node *map, const char *key, double other)
{
    const struct tn_node *node = tn_import_get(map, key);
    return node == NULL ? other : tn_import_number(import, node, key);
}

/* --- vehicles --- */

struct vehicle {
    const struct tn_node *node;
    const char *name, *id; /* as the file and as the scenario calls it */
    bool traction, passenger;
    double mass_t, load_t, length_m, rotation;
    bool rotation_given;
};

static const struct tn_import_key vehicle_keys[] = {
    {"id", NULL},
    {"name", NULL},
    {"vehicle_type", NULL},
    {"length", NULL},
    {"mass", NULL},
    {"load_limit", NULL},
    {"mass_traction", NULL},
    {"power_type", NULL},
    {"speed_limit", NULL},
    {"rotation_mass", NULL},
    {"base_resistance", NULL},
    {"rolling_resistance", NULL},
    {"air_resistance", NULL},
    {"tractive_effort", NULL},
    {"a_braking", NULL},
    {"UUID", NO_PLACE},
    {"picture", NO_PLACE},
    {NULL, NULL},
};

/* The speed-effort pairs as a table; gives its last speed, or NAN. */
static double put_effort(struct tn_import *import, struct tn_node *out, const struct tn_node *pairs)
{
    struct tn_node *table = tn_import_new(import, TN_NODE_SEQUENCE, pairs);
    double last = NAN;
    if (pairs->kind != TN_NODE_SEQUENCE) {
        tn_import_error(import, pairs, NULL, "'tractive_effort' must be a list of pairs [km/h, N]");
        return NAN;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        const struct tn_node *pair = pairs->items[i];
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, pair);
        if (pair->kind != TN_NODE_SEQUENCE || pair->count != 2) {
            tn_import_error(import, pair, NULL, "a pair of 'tractive_effort' must be [km/h, N]");
            return NAN;
        }
        last = tn_import_number(import, pair->items[0], "tractive_effort");
        tn_import_copy(import, row, "speed", pair->items[0], "km/h");
        tn_import_copy(import, row, "traction", pair->items[1], "N");
        tn_import_append(import, table, row);
    }
    tn_import_put(import, out, "effort", table);
    return last;
}

/* f0 + f2 ((v + 15)/100)^2 over the empty mass: base resistance on driven axles, rolling resistance on the others. */
static void put_traction_resistance(struct tn_import *import, struct tn_node *out, const struct vehicle *vehicle)
{
    const struct tn_node *node = vehicle->node;
    struct tn_node *law = tn_import_new(import, TN_NODE_MAPPING, node);
    const double driven = number_or(import, node, "mass_traction", vehicle->mass_t) / vehicle->mass_t;
    const double share = vehicle->mass_t / (vehicle->mass_t + vehicle->load_t);
    const double base = number_or(import, node, "base_resistance", 0);
    const double rolling = number_or(import, node, "rolling_resistance", 0);
    const struct tn_node *air = tn_import_get(node, "air_resistance"), *given = tn_import_get(node, "base_resistance");
    if (given == NULL || air == NULL)
        tn_import_assumed(import, node, "resistance", vehicle->name, "coefficients that are not given are 0");
    tn_import_put(import, law, "law", tn_import_scalar(import, node, "strahl"));
    tn_import_put_number(import, law, "f0", given == NULL ? node : given,
                         share * (base * driven + rolling * (1 - driven)), "permil");
    tn_import_put_number(import, law, "f2", air == NULL ? node : air,
                         share * number_or(import, node, "air_resistance", 0), "permil");
    tn_import_put(import, law, "headwind", tn_import_scalar(import, node, HEADWIND));
    tn_import_put(import, out, "resistance", law);
    if (vehicle->load_t > 0)
        tn_import_assumed(import, node, "resistance", vehicle->name,
                          "it resists by its empty mass, as in TrainRuns; its load of %g t has mass only",
                          vehicle->load_t);
}

/* Freight by Strahl, without wind and without a part in proportion to speed; passengers by Sauthoff. */
static void put_hauled_resistance(struct tn_import *import, struct tn_node *out, const struct vehicle *vehicle)
{
    const struct tn_node *node = vehicle->node, *rolling = tn_import_get(node, "rolling_resistance");
    const struct tn_node *base = tn_import_get(node, "base_resistance"), *air = tn_import_get(node, "air_resistance");
    struct tn_node *law = tn_import_new(import, TN_NODE_MAPPING, node);
    if (base == NULL || air == NULL || (vehicle->passenger && rolling == NULL))
        tn_import_assumed(import, node, "resistance", vehicle->name, "coefficients that are not given are 0");
    if (!vehicle->passenger && rolling != NULL)
        tn_import_lost(import, rolling, "rolling_resistance of freight vehicle", vehicle->name,
                       "Strahl's formula, which TrainRuns takes for freight, has no term for it");
    tn_import_put(import, law, "law", tn_import_scalar(import, node, vehicle->passenger ? "sauthoff" : "strahl"));
    if (base == NULL)
        tn_import_put(import, law, "f0", tn_import_scalar(import, node, "0 permil"));
    tn_import_copy(import, law, "f0", base, "permil");
    if (vehicle->passenger && rolling == NULL)
        tn_import_put(import, law, "f1", tn_import_scalar(import, node, "0 permil"));
    if (vehicle->passenger)
        tn_import_copy(import, law, "f1", rolling, "permil");
    if (air == NULL)
        tn_import_put(import, law, "f2", tn_import_scalar(import, node, "0 permil"));
    tn_import_copy(import, law, "f2", air, "permil");
    tn_import_put(import, law, "headwind", tn_import_scalar(import, node, vehicle->passenger ? HEADWIND : "0 km/h"));
    tn_import_put(import, out, "resistance", law);
}

static void put_energy(struct tn_import *import, struct tn_node *out, const struct vehicle *vehicle)
{
    const struct tn_node *node = vehicle->node, *type = tn_import_get(node, "power_type");
    const bool steam = word(node, "power_type", "steam"), diesel = steam || word(node, "power_type", "diesel");
    if (type == NULL)
        tn_import_assumed(import, node, "power_type", vehicle->name, "not given: electric");
    else if (steam)
        tn_import_lost(import, type, "power_type", vehicle->name,
                       "steam is carried as diesel: effort and running times hold, fuel does not");
    else if (!diesel && !word(node, "power_type", "electric"))
        tn_import_error(import, type, "one of diesel, electric, steam", "unknown power_type '%s'",
                        type->kind == TN_NODE_SCALAR ? type->text : tn_node_kind_name(type));
    tn_import_put(import, out, "energy",
                  tn_import_scalar(import, type == NULL ? node : type, "%s", diesel ? "diesel" : "electric"));
    if (!diesel)
        return;
    struct tn_node *derating = tn_import_new(import, TN_NODE_MAPPING, node);
    tn_import_put(import, derating, "per_1000_m", tn_import_scalar(import, node, "0 %%"));
    tn_import_put(import, out, "derating", derating);
}

static void put_locomotive(struct tn_import *import, struct tn_node *out, const struct vehicle *vehicle)
{
    const struct tn_node *node = vehicle->node, *limit = tn_import_get(node, "speed_limit");
    const struct tn_node *mass = tn_import_get(node, "mass"), *load = tn_import_get(node, "load_limit");
    put_energy(import, out, vehicle);
    if (load == NULL)
        tn_import_copy(import, out, "mass", mass, "t");
    else
        tn_import_put_number(import, out, "mass", load, vehicle->mass_t + vehicle->load_t, "t");
    tn_import_copy(import, out, "adhesive_mass", tn_import_get(node, "mass_traction"), "t");
    tn_import_copy(import, out, "length", tn_import_get(node, "length"), "m");
    tn_import_put_number(import, out, "rotating", node, vehicle->rotation - 1, "");
    const double last = put_effort(import, out, tn_import_get(node, "tractive_effort"));
    if (limit != NULL)
        tn_import_copy(import, out, "speed_max", limit, "km/h");
    else
        tn_import_put_number(import, out, "speed_max", node, last, "km/h");
    if (limit == NULL)
        tn_import_assumed(import, node, "speed_limit", vehicle->name, "not given: the last speed of 'tractive_effort'");
    put_traction_resistance(import, out, vehicle);
}

static void put_wagon(struct tn_import *import, struct tn_node *out, const struct vehicle *vehicle)
{
    const struct tn_node *node = vehicle->node, *load = tn_import_get(node, "load_limit");
    const struct tn_node *mass = tn_import_get(node, "mass");
    tn_import_copy(import, out, "tare", mass, "t");
    if (load == NULL)
        tn_import_copy(import, out, "gross", mass, "t");
    else
        tn_import_put_number(import, out, "gross", load, vehicle->mass_t + vehicle->load_t, "t");
    tn_import_copy(import, out, "length", tn_import_get(node, "length"), "m");
    tn_import_copy(import, out, "speed_max", tn_import_get(node, "speed_limit"), "km/h");
    tn_import_put_number(import, out, "rotating_loaded", node, vehicle->rotation - 1, "");
    tn_import_put_number(import, out, "rotating_empty", node, vehicle->rotation - 1, "");
    put_hauled_resistance(import, out, vehicle);
    const struct tn_node *type = tn_import_get(node, "vehicle_type"), *driven = tn_import_get(node, "mass_traction");
    if (word(node, "vehicle_type", "traction unit") || word(node, "vehicle_type", "multiple unit"))
        tn_import_assumed(import, type, "vehicle_type", vehicle->name, "without 'tractive_effort' it is hauled");
    if (driven != NULL)
        tn_import_lost(import, driven, "mass_traction of hauled vehicle", vehicle->name, "it does not drive");
}

static bool read_vehicle(struct vehicle *vehicle, struct tn_import *import, const struct tn_node *node)
{
    static const char *const types[] = {"traction unit", "freight", "passenger", "multiple unit"};
    const struct tn_node *id = node->kind == TN_NODE_MAPPING ? tn_import_get(node, "id") : NULL;
    const char *name = id != NULL && id->kind == TN_NODE_SCALAR ? id->text : "";
    if (!tn_import_map(import, node, "vehicle", name, vehicle_keys))
        return false;
    const struct tn_node *type = tn_import_need(import, node, "vehicle_type", "the vehicle");
    const struct tn_node *mass = tn_import_need(import, node, "mass", "the vehicle");
    const struct tn_node *length = tn_import_need(import, node, "length", "the vehicle");
    id = tn_import_need(import, node, "id", "the vehicle");
    bool known = type == NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        known |= word(node, "vehicle_type", types[i]);
    if (!known)
        tn_import_error(import, type, "one of traction unit, freight, passenger, multiple unit",
                        "unknown vehicle_type '%s'",
                        type->kind == TN_NODE_SCALAR ? type->text : tn_node_kind_name(type));
    *vehicle = (struct vehicle){
        .node = node,
        .name = tn_import_text(import, id, "id"),
        .traction = tn_import_get(node, "tractive_effort") != NULL,
        .passenger = word(node, "vehicle_type", "passenger") || word(node, "vehicle_type", "multiple unit"),
        .mass_t = tn_import_number(import, mass, "mass"),
        .load_t = number_or(import, node, "load_limit", 0),
        .length_m = tn_import_number(import, length, "length"),
        .rotation_given = tn_import_get(node, "rotation_mass") != NULL,
    };
    vehicle->rotation =
        number_or(import, node, "rotation_mass", vehicle->traction ? ROTATION_TRACTION : ROTATION_HAULED);
    return known && vehicle->name != NULL && vehicle->mass_t > 0 && !isnan(vehicle->load_t + vehicle->length_m);
}

static bool import_vehicle(struct vehicle *vehicle, struct tn_import *import, const struct tn_node *node)
{
    if (!read_vehicle(vehicle, import, node))
        return false;
    struct tn_node *list = tn_import_root_list(import, vehicle->traction ? "locomotives" : "wagons", node);
    struct tn_node *out = tn_import_new(import, TN_NODE_MAPPING, node);
    const struct tn_node *id = tn_import_get(node, "id"), *name = tn_import_get(node, "name");
    vehicle->id = tn_import_id(import, id, list, vehicle->name);
    tn_import_put(import, out, "id", tn_import_scalar(import, id, "%s", vehicle->id));
    if (name != NULL && tn_import_text(import, name, "name") != NULL)
        tn_import_put(import, out, "name", tn_import_scalar(import, name, "%s", name->text));
    if (!vehicle->rotation_given)
        tn_import_assumed(import, node, "rotation_mass", vehicle->name, "not given: %g, as TrainRuns takes it",
                          vehicle->rotation);
    if (vehicle->traction)
        put_locomotive(import, out, vehicle);
    else
        put_wagon(import, out, vehicle);
    tn_import_append(import, list, out);
    return true;
}

/* --- trains --- */

static const struct tn_import_key train_keys[] = {
    {"id", NULL}, {"name", NULL}, {"formation", NULL}, {"UUID", NO_PLACE}, {NULL, NULL},
};

struct formation {
    struct vehicle **vehicles;
    size_t count;
    struct vehicle *lead; /* the first that drives */
    bool passenger;
    double rotation; /* by empty mass */
};

static bool read_formation(struct formation *formation, struct tn_import *import, const struct tn_node *train,
                           struct vehicle *vehicles, size_t vehicle_count)
{
    const struct tn_import_items items = tn_import_list(import, train, "formation", true, "the train");
    formation->vehicles = tn_reader_alloc(import->reader, items.count + 1, sizeof *formation->vehicles);
    double mass_t = 0, turned_t = 0;
    bool behind = false, moved = false;
    for (size_t i = 0; formation->vehicles != NULL && i < items.count; i++) {
        const char *id = tn_import_text(import, items.items[i], "formation");
        size_t v = 0;
        while (id != NULL && v < vehicle_count && strcmp(vehicles[v].name, id) != 0)
            v++;
        if (id != NULL && v == vehicle_count)
            tn_import_error(import, items.items[i], "vehicles stand in the list 'vehicles' of the same file",
                            "the formation names a vehicle '%s' that is not there", id);
        if (id == NULL || v == vehicle_count)
            return false;
        struct vehicle *vehicle = formation->vehicles[formation->count++] = &vehicles[v];
        mass_t += vehicle->mass_t;
        turned_t += vehicle->mass_t * vehicle->rotation;
        formation->passenger |= vehicle->passenger;
        if (vehicle->traction && formation->lead == NULL)
            formation->lead = vehicle;
        moved |= vehicle->traction && behind;
        behind |= !vehicle->traction;
    }
    formation->rotation = turned_t / mass_t - 1;
    if (moved)
        tn_import_lost(import, tn_import_get(train, "formation"), "order of formation", "",
                       "locomotives stand at the head; their places among the wagons are not carried");
    return formation->count > 0;
}

/* Rows of like vehicles, in their order. */
static void put_rows(struct tn_import *import, struct tn_node *out, const struct formation *formation, bool traction,
                     const struct tn_node *where)
{
    struct tn_node *rows = tn_import_new(import, TN_NODE_SEQUENCE, where);
    const struct vehicle *before = NULL;
    int count = 0;
    for (size_t i = 0; i <= formation->count; i++) {
        const struct vehicle *vehicle = i < formation->count ? formation->vehicles[i] : NULL;
        if (vehicle != NULL && vehicle->traction != traction)
            continue;
        if (before != NULL && vehicle != before) {
            struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, where);
            tn_import_put(import, row, "type", tn_import_scalar(import, where, "%s", before->id));
            tn_import_put(import, row, "count", tn_import_scalar(import, where, "%d", count));
            tn_import_append(import, rows, row);
            count = 0;
        }
        before = vehicle;
        count++;
    }
    if (rows != NULL && rows->count > 0)
        tn_import_put(import, out, traction ? "locomotives" : "wagons", rows);
}

static void put_brake(struct tn_import *import, struct tn_node *out, const struct formation *formation,
                      const struct tn_node *where)
{
    struct tn_node *brake = tn_import_new(import, TN_NODE_MAPPING, where);
    const struct tn_node *given = formation->lead == NULL ? NULL : tn_import_get(formation->lead->node, "a_braking");
    const double usual = formation->passenger ? BRAKING_PASSENGER : BRAKING_FREIGHT;
    if (given == NULL)
        tn_import_assumed(import, where, "a_braking", "", "not given: %g m/s2, as TrainRuns takes it for %s trains",
                          usual, formation->passenger ? "passenger" : "freight");
    tn_import_put_number(import, brake, "deceleration", given == NULL ? where : given,
                         given == NULL ? usual : fabs(tn_import_number(import, given, "a_braking")), "m/s2");
    tn_import_put(import, brake, "distance", tn_import_scalar(import, where, "0 m"));
    tn_import_put(import, out, "brake", brake);
}

static void import_train(struct tn_import *import, const struct tn_node *node, struct vehicle *vehicles, size_t count)
{
    struct formation formation = {.vehicles = NULL};
    const struct tn_node *id = node->kind == TN_NODE_MAPPING ? tn_import_get(node, "id") : NULL;
    const char *name = id != NULL && id->kind == TN_NODE_SCALAR ? id->text : "";
    if (!tn_import_map(import, node, "train", name, train_keys) ||
        tn_import_need(import, node, "id", "the train") == NULL ||
        !read_formation(&formation, import, node, vehicles, count))
        return;
    struct tn_node *list = tn_import_root_list(import, "trains", node);
    struct tn_node *out = tn_import_new(import, TN_NODE_MAPPING, node);
    const struct tn_node *where = tn_import_get(node, "formation"), *title = tn_import_get(node, "name");
    tn_import_put(import, out, "id", tn_import_scalar(import, id, "%s", tn_import_id(import, id, list, name)));
    put_rows(import, out, &formation, true, where);
    put_rows(import, out, &formation, false, where);
    tn_import_put_number(import, out, "rotating", where, formation.rotation, "");
    tn_import_put(import, out, "starting_resistance", tn_import_scalar(import, where, "false"));
    put_brake(import, out, &formation, where);
    if (formation.lead == NULL)
        tn_import_assumed(import, node, "train", name, "nothing in it drives: no run is asked for");
    if (title != NULL && title->kind == TN_NODE_SCALAR && tn_tree_get(import->root, "title") == NULL)
        tn_import_put(import, import->root, "title", tn_import_scalar(import, title, "%s", title->text));
    else if (title != NULL)
        tn_import_lost(import, title, "name of train", name, "trains have an id only");
    tn_import_append(import, list, out);
}

static const struct tn_import_key stock_keys[] = {
    {"schema", NULL}, {"schema_version", NULL}, {"trains", NULL}, {"vehicles", NULL}, {NULL, NULL},
};

/* Versions that were read for this. */
static void check_version(struct tn_import *import, const struct tn_node *root)
{
    const struct tn_node *version = tn_import_need(import, root, "schema_version", "the file");
    if (version != NULL && !word(root, "schema_version", "2022.05") && !word(root, "schema_version", "2024.07"))
        tn_import_assumed(import, version, "schema_version", version->text == NULL ? "" : version->text,
                          "not a version known here (2022.05, 2024.07); read as the latest");
}

void tn_import_rolling_stock(struct tn_import *import, const struct tn_node *root)
{
    (void)tn_import_map(import, root, "file", "", stock_keys);
    check_version(import, root);
    const struct tn_import_items given = tn_import_list(import, root, "vehicles", false, "the file");
    const struct tn_import_items trains = tn_import_list(import, root, "trains", false, "the file");
    struct vehicle *vehicles = tn_reader_alloc(import->reader, given.count + 1, sizeof *vehicles);
    bool fine = vehicles != NULL;
    if (given.count + trains.count == 0)
        tn_import_error(import, root, NULL, "the file has neither 'vehicles' nor 'trains'");
    for (size_t i = 0; vehicles != NULL && i < given.count; i++)
        fine &= import_vehicle(&vehicles[i], import, given.items[i]);
    if (tn_tree_get(import->root, "gravity") == NULL)
        tn_import_put(import, import->root, "gravity", tn_import_scalar(import, root, "9.80665 m/s2"));
    for (size_t i = 0; fine && i < trains.count; i++)
        import_train(import, trains.items[i], vehicles, given.count);
    import->depth = import->depth == NULL ? "point" : import->depth;
}

/* --- running paths --- */

struct section {
    const struct tn_node *node, *position, *speed, *resistance;
    double position_m, speed_kmh, resistance_permil;
};

struct path {
    const struct tn_node *node;
    const char *name;
    struct section *sections;
    size_t count;
    double sign; /* of km in the direction of travel */
};

static const struct tn_import_key path_keys[] = {
    {"id", NULL},
    {"name", NULL},
    {"description", NULL},
    {"characteristic_sections", NULL},
    {"points_of_interest", NULL},
    {"UUID", NO_PLACE},
    {NULL, NULL},
};
static const struct tn_import_key section_keys[] = {
    {"position", NULL},
    {"speed", NULL},
    {"resistance", NULL},
    {NULL, NULL},
};
static const struct tn_import_key point_keys[] = {
    {"position", NULL},
    {"label", NULL},
    {"measure", NULL},
    {NULL, NULL},
};

/* A cell of a row that is a mapping (2024.07) or a list (2022.05). */
static const struct tn_node *cell(const struct tn_node *row, const struct tn_import_key *keys, size_t i)
{
    if (row->kind == TN_NODE_MAPPING)
        return tn_import_get(row, keys[i].name);
    return row->kind == TN_NODE_SEQUENCE && i < row->count ? row->items[i] : NULL;
}

static bool check_row(struct tn_import *import, const struct tn_node *row, const char *what,
                      const struct tn_import_key *keys)
{
    if (row->kind != TN_NODE_SEQUENCE)
        return tn_import_map(import, row, what, "", keys);
    if (row->count == 3)
        return true;
    tn_import_error(import, row, NULL, "%s must be [%s, %s, %s]", what, keys[0].name, keys[1].name, keys[2].name);
    return false;
}

static bool read_section(struct section *out, struct tn_import *import, const struct tn_node *row)
{
    if (!check_row(import, row, "characteristic section", section_keys))
        return false;
    *out = (struct section){
        row, cell(row, section_keys, 0), cell(row, section_keys, 1), cell(row, section_keys, 2), NAN, NAN, NAN};
    if (out->position == NULL)
        tn_import_error(import, row, NULL, "the section has no 'position'");
    out->position_m = tn_import_number(import, out->position, "position");
    out->speed_kmh = tn_import_number(import, out->speed, "speed");
    out->resistance_permil = tn_import_number(import, out->resistance, "resistance");
    return !isnan(out->position_m);
}

static bool read_sections(struct path *path, struct tn_import *import)
{
    const struct tn_import_items rows = tn_import_list(import, path->node, "characteristic_sections", true, "the path");
    path->sections = tn_reader_alloc(import->reader, rows.count + 1, sizeof *path->sections);
    for (size_t i = 0; path->sections != NULL && i < rows.count; i++) {
        struct section *section = &path->sections[i];
        if (!read_section(section, import, rows.items[i]))
            return false;
        const struct section *before = i == 0 ? NULL : section - 1;
        if (i == 1)
            path->sign = section->position_m < before->position_m ? -1 : 1;
        if (before != NULL && !(path->sign * (section->position_m - before->position_m) > 0)) {
            tn_import_error(import, section->position, "sort the sections by position, each position once",
                            "position %s follows %s", section->position->text, before->position->text);
            return false;
        }
        if (section->speed == NULL && before != NULL) {
            section->speed = before->speed;
            section->speed_kmh = before->speed_kmh;
        }
        if (section->resistance == NULL) {
            section->resistance_permil = before == NULL ? 0 : before->resistance_permil;
            section->resistance = before == NULL ? NULL : before->resistance;
        }
        path->count++;
    }
    if (rows.count == 1)
        tn_import_error(import, rows.items[0], NULL, "a path has at least 2 sections: the last one marks its end");
    return path->count > 1;
}

/* A table from the smaller to the larger km: the sections of the path, or from its end. */
static const struct section *at(const struct path *path, size_t i)
{
    return &path->sections[path->sign > 0 ? i : path->count - 1 - i];
}

/* The section between at(i) and at(i + 1): its values stand where the train enters it. */
static const struct section *between(const struct path *path, size_t i)
{
    return path->sign > 0 ? at(path, i) : at(path, i + 1);
}

/* Neighbours of one speed become one limit. */
static void put_limits(struct tn_import *import, struct tn_node *line, const struct path *path)
{
    struct tn_node *limits = tn_import_new(import, TN_NODE_SEQUENCE, path->node), *row = NULL;
    double speed = NAN;
    for (size_t i = 0; i + 1 < path->count; i++) {
        const struct section *section = between(path, i);
        if (section->speed == NULL) {
            tn_import_assumed(import, section->node, "speed", "", "no limit is given in this section");
            row = NULL;
            continue;
        }
        if (row == NULL || section->speed_kmh != speed) {
            row = tn_import_new(import, TN_NODE_MAPPING, section->node);
            tn_import_copy(import, row, "from", at(path, i)->position, "m");
            tn_import_append(import, limits, row);
        }
        tn_import_copy(import, row, "to", at(path, i + 1)->position, "m");
        tn_import_copy(import, row, "speed", section->speed, "km/h");
        speed = section->speed_kmh;
    }
    if (limits != NULL && limits->count > 0)
        tn_import_put(import, line, "limits", limits);
}

/* Elevation at the smallest position: 0 m where the path begins, or more where it would fall below what a line can be.
 */
static double find_base(const struct path *path)
{
    double elevation = 0, lowest = 0;
    for (size_t i = 0; i + 1 < path->count; i++) {
        elevation += path->sign * between(path, i)->resistance_permil / 1000 *
                     (at(path, i + 1)->position_m - at(path, i)->position_m);
        lowest = fmin(lowest, elevation);
    }
    const double base = path->sign < 0 ? -elevation : 0;
    return lowest + base < -400 ? -lowest : base;
}

static void put_profile(struct tn_import *import, struct tn_node *line, const struct path *path)
{
    struct tn_node *profile = tn_import_new(import, TN_NODE_SEQUENCE, path->node);
    double elevation = find_base(path);
    bool level = true;
    for (size_t i = 0; i < path->count; i++) {
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, at(path, i)->node);
        const struct section *section = i == 0 ? NULL : between(path, i - 1);
        if (section != NULL)
            elevation += path->sign * section->resistance_permil / 1000 *
                         (at(path, i)->position_m - at(path, i - 1)->position_m);
        level &= section == NULL || section->resistance_permil == 0;
        tn_import_copy(import, row, "km", at(path, i)->position, "m");
        tn_import_put_number(import, row, "elevation",
                             section == NULL || section->resistance == NULL ? at(path, i)->node : section->resistance,
                             elevation, "m");
        tn_import_append(import, profile, row);
    }
    if (level)
        return;
    tn_import_put(import, line, "profile", profile);
    tn_import_assumed(import, tn_import_get(path->node, "characteristic_sections"), "resistance", path->name,
                      "path resistance is taken as grade, so that trains the other way meet it with the other sign; "
                      "heights count from %g m at its smallest position",
                      find_base(path));
}

/* --- its stations --- */

struct point {
    const struct tn_node *node, *position, *label;
    double position_m;
};

static int by_position(const void *left, const void *right)
{
    const struct point *a = left, *b = right;
    return (a->position_m > b->position_m) - (a->position_m < b->position_m);
}

/* Points of the file between its ends; room for two more. */
static struct point *read_points(size_t *count_out, struct tn_import *import, const struct path *path)
{
    const struct tn_import_items rows = tn_import_list(import, path->node, "points_of_interest", false, "the path");
    struct point *points = tn_reader_alloc(import->reader, rows.count + 2, sizeof *points);
    const double low = at(path, 0)->position_m, high = at(path, path->count - 1)->position_m;
    *count_out = 0;
    for (size_t i = 0; points != NULL && i < rows.count; i++) {
        const struct tn_node *row = rows.items[i];
        if (!check_row(import, row, "point of interest", point_keys))
            continue;
        const struct tn_node *measure = cell(row, point_keys, 2);
        struct point point = {row, cell(row, point_keys, 0), cell(row, point_keys, 1), NAN};
        const char *label = tn_import_text(import, point.label, "label");
        point.position_m = tn_import_number(import, point.position, "position");
        if (label == NULL || isnan(point.position_m)) {
            tn_import_error(import, row, NULL, "a point of interest needs its position and its label");
            continue;
        }
        if (point.position_m < low || point.position_m > high) {
            tn_import_lost(import, row, "point of interest", label, "it is outside the path");
            continue;
        }
        if (measure != NULL && measure->kind == TN_NODE_SCALAR && strcmp(measure->text, "front") != 0)
            tn_import_lost(import, measure, "measure", label, "times are those of the train's head");
        points[(*count_out)++] = point;
    }
    return points;
}

static struct tn_node *make_station(struct tn_import *import, const struct tn_node *stations,
                                    const struct tn_node *like, const struct tn_node *position, const char *name)
{
    struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, like);
    const char *unique = tn_import_unique(import, stations, "name", name);
    if (strcmp(unique, name) != 0)
        tn_import_assumed(import, like, "label", name, "names of stations are unique: it is '%s'", unique);
    tn_import_copy(import, row, "km", position, "m");
    tn_import_put(import, row, "name", tn_import_scalar(import, like, "%s", unique));
    tn_import_put(import, row, "tracks", tn_import_scalar(import, like, "1"));
    return row;
}

static void put_point(struct tn_import *import, struct tn_node *stations, const struct point *point)
{
    struct tn_node *row = make_station(import, stations, point->node, point->position, point->label->text);
    tn_import_put(import, row, "kind", tn_import_scalar(import, point->node, "point of interest"));
    tn_import_append(import, stations, row);
}

/* Points between the ends become stations, one a place. */
static void put_points(struct tn_import *import, struct tn_node *stations, const struct path *path)
{
    size_t count;
    struct point *points = read_points(&count, import, path);
    const double low = at(path, 0)->position_m, high = at(path, path->count - 1)->position_m;
    if (points != NULL && count > 1)
        qsort(points, count, sizeof *points, by_position);
    for (size_t i = 0; points != NULL && i < count; i++) {
        const struct point *point = &points[i];
        if (point->position_m == low || point->position_m == high)
            tn_import_lost(import, point->node, "point of interest", point->label->text,
                           "the end of the path is a station already");
        else if (i > 0 && point->position_m == points[i - 1].position_m)
            tn_import_lost(import, point->node, "point of interest", point->label->text,
                           "'%s' stands at the same place", points[i - 1].label->text);
        else
            put_point(import, stations, point);
    }
}

static void put_stations(struct tn_import *import, struct tn_node *line, const struct path *path)
{
    struct tn_node *stations = tn_import_new(import, TN_NODE_SEQUENCE, path->node);
    const bool forward = path->sign > 0;
    const struct section *first = at(path, 0), *last = at(path, path->count - 1);
    struct tn_node *low = make_station(import, stations, first->node, first->position, forward ? "start" : "end");
    tn_import_append(import, stations, low);
    put_points(import, stations, path);
    struct tn_node *high = make_station(import, stations, last->node, last->position, forward ? "end" : "start");
    tn_import_append(import, stations, high);
    tn_import_put(import, line, "stations", stations);
    if (import->from != NULL || low == NULL || high == NULL)
        return;
    import->from = tn_tree_get(forward ? low : high, "name")->text;
    import->to = tn_tree_get(forward ? high : low, "name")->text;
}

static void import_path(struct tn_import *import, const struct tn_node *node)
{
    struct path path = {.node = node, .sign = 1};
    const struct tn_node *id = node->kind == TN_NODE_MAPPING ? tn_import_get(node, "id") : NULL;
    path.name = id != NULL && id->kind == TN_NODE_SCALAR ? id->text : "";
    if (!tn_import_map(import, node, "path", path.name, path_keys) ||
        tn_import_need(import, node, "id", "the path") == NULL || !read_sections(&path, import))
        return;
    struct tn_node *lines = tn_import_root_list(import, "lines", node);
    struct tn_node *line = tn_import_new(import, TN_NODE_MAPPING, node);
    const struct tn_node *name = tn_import_get(node, "description"), *other = tn_import_get(node, "name");
    if (name != NULL && other != NULL)
        tn_import_lost(import, other, "name of path", path.name, "a line has one name: its description is taken");
    name = name == NULL ? other : name;
    tn_import_put(import, line, "id", tn_import_scalar(import, id, "%s", tn_import_id(import, id, lines, path.name)));
    if (tn_import_text(import, name, "name") != NULL)
        tn_import_put(import, line, "name", tn_import_scalar(import, name, "%s", name->text));
    tn_import_put(import, line, "up_is_decreasing", tn_import_scalar(import, node, path.sign < 0 ? "true" : "false"));
    put_stations(import, line, &path);
    put_profile(import, line, &path);
    put_limits(import, line, &path);
    tn_import_append(import, lines, line);
}

static const struct tn_import_key paths_keys[] = {
    {"schema", NULL},
    {"schema_version", NULL},
    {"paths", NULL},
    {NULL, NULL},
};

void tn_import_running_path(struct tn_import *import, const struct tn_node *root)
{
    (void)tn_import_map(import, root, "file", "", paths_keys);
    check_version(import, root);
    const struct tn_import_items paths = tn_import_list(import, root, "paths", true, "the file");
    for (size_t i = 0; i < paths.count; i++)
        import_path(import, paths.items[i]);
    if (paths.count > 1)
        tn_import_assumed(import, paths.items[0], "path", "",
                          "of %zu paths the scenario runs the first; --set line.id=... takes another", paths.count);
}
