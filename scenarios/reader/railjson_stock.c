/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rolling stock of OSRD (railjson 3.2): one object is a whole train. Its mass and length are spread over as many
   vehicles as a vehicle's limits ask for; effort and resistance are those of the first. */
#include <string.h>

#include "import_parts.h"

#define VEHICLE_M  200.0 /* the largest vehicle that tonnage takes */
#define VEHICLE_KG 1e6

static const struct tn_import_key stock_keys[] = {
    {"railjson_version", NULL},
    {"name", NULL},
    {"effort_curves", NULL},
    {"length", NULL},
    {"mass", NULL},
    {"max_speed", NULL},
    {"gamma", NULL},
    {"inertia_coefficient", NULL},
    {"rolling_resistance", NULL},
    {"startup_time", "a train starts at once"},
    {"startup_acceleration", "a train starts with its whole effort"},
    {"comfort_acceleration", "a train uses its whole effort"},
    {"loading_gauge", "loading gauge is not modelled"},
    {"base_power_class", "effort by electrical profile is not modelled"},
    {"power_restrictions", "effort by electrical profile is not modelled"},
    {"energy_sources", "energy comes from the overhead line or from diesel"},
    {"electrical_power_startup_time", "a neutral section has no delay behind it"},
    {"raise_pantograph_time", "a neutral section has no delay behind it"},
    {"supported_signaling_systems", "signalling is the line's block system"},
    {"metadata", "tonnage has no place for it"},
    {"liveries", "tonnage has no place for it"},
    {"locked", "tonnage has no place for it"},
    {"id", "tonnage has no place for it"},
    {"version", "tonnage has no place for it"},
    {NULL, NULL},
};
static const struct tn_import_key resistance_keys[] = {
    {"type", NULL}, {"A", NULL}, {"B", NULL}, {"C", NULL}, {NULL, NULL}};
static const struct tn_import_key gamma_keys[] = {{"type", NULL}, {"value", NULL}, {NULL, NULL}};
static const struct tn_import_key curves_keys[] = {{"modes", NULL}, {"default_mode", NULL}, {NULL, NULL}};
static const struct tn_import_key mode_keys[] = {
    {"curves", NULL}, {"default_curve", NULL}, {"is_electric", NULL}, {NULL, NULL}};
static const struct tn_import_key curve_keys[] = {{"speeds", NULL}, {"max_efforts", NULL}, {NULL, NULL}};

struct stock {
    const struct tn_node *node;
    const char *name;
    double mass_kg, length_m, inertia;
    int count; /* of vehicles */
};

static bool read_stock(struct stock *stock, struct tn_import *import, const struct tn_node *root)
{
    const struct tn_node *mass = tn_import_need(import, root, "mass", "the rolling stock");
    const struct tn_node *length = tn_import_need(import, root, "length", "the rolling stock");
    const struct tn_node *inertia = tn_import_need(import, root, "inertia_coefficient", "the rolling stock");
    const char *name = tn_import_text(import, tn_import_need(import, root, "name", "the rolling stock"), "name");
    *stock = (struct stock){root,
                            name,
                            tn_import_number(import, mass, "mass"),
                            tn_import_number(import, length, "length"),
                            tn_import_number(import, inertia, "inertia_coefficient"),
                            1};
    if (name == NULL || isnan(stock->mass_kg + stock->length_m + stock->inertia))
        return false;
    const double vehicles = fmax(1, ceil(fmax(stock->length_m / VEHICLE_M, stock->mass_kg / VEHICLE_KG)));
    if (vehicles > 10000) {
        tn_import_error(import, stock->length_m / VEHICLE_M > stock->mass_kg / VEHICLE_KG ? length : mass, NULL,
                        "no train is that large");
        return false;
    }
    stock->count = (int)vehicles;
    return true;
}

/* mass and length of one vehicle */
static void put_size(struct tn_import *import, struct tn_node *out, const struct stock *stock,
                     const char *const *masses)
{
    const struct tn_node *mass = tn_tree_get(stock->node, "mass"), *length = tn_tree_get(stock->node, "length");
    for (; *masses != NULL; masses++)
        if (stock->count == 1)
            tn_import_copy(import, out, *masses, mass, "kg");
        else
            tn_import_put_number(import, out, *masses, mass, stock->mass_kg / stock->count, "kg");
    if (stock->count == 1)
        tn_import_copy(import, out, "length", length, "m");
    else
        tn_import_put_number(import, out, "length", length, stock->length_m / stock->count, "m");
}

/* A + B v + C v^2 of the whole, on one vehicle or shared by all. */
static void put_resistance(struct tn_import *import, struct tn_node *out, const struct stock *stock, int share)
{
    static const struct {
        const char *key, *field, *unit;
    } parts[] = {{"A", "force_a", "N"}, {"B", "force_b", "N/(m/s)"}, {"C", "force_c", "N/(m/s)2"}};
    const struct tn_node *given = tn_import_need(import, stock->node, "rolling_resistance", "the rolling stock");
    if (given == NULL || !tn_import_map(import, given, "rolling resistance", stock->name, resistance_keys))
        return;
    const struct tn_node *type = tn_import_get(given, "type");
    if (type != NULL && type->kind == TN_NODE_SCALAR && strcmp(type->text, "davis") != 0)
        tn_import_error(import, type, "known is davis: A + B v + C v2", "unknown rolling resistance '%s'", type->text);
    struct tn_node *law = tn_import_new(import, TN_NODE_MAPPING, given);
    tn_import_put(import, law, "law", tn_import_scalar(import, type == NULL ? given : type, "force"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct tn_node *part = tn_import_need(import, given, parts[i].key, "the rolling resistance");
        if (part != NULL && share > 1)
            tn_import_put_number(import, law, parts[i].field, part,
                                 tn_import_number(import, part, parts[i].key) / share, parts[i].unit);
        else
            tn_import_copy(import, law, parts[i].field, part, parts[i].unit);
    }
    tn_import_put(import, out, "resistance", law);
}

/* --- effort --- */

static void add_point(struct tn_import *import, struct tn_node *table, const struct tn_node *like, const char *speed,
                      const char *effort)
{
    struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, like);
    tn_import_put(import, row, "speed", tn_import_scalar(import, like, "%s m/s", speed));
    tn_import_put(import, row, "traction", tn_import_scalar(import, like, "%s N", effort));
    tn_import_append(import, table, row);
}

/* The curve as a table from rest to the largest speed, between whose points effort is linear: as OSRD reads it. */
static void put_curve(struct tn_import *import, struct tn_node *out, const struct stock *stock,
                      const struct tn_node *curve)
{
    if (curve == NULL || !tn_import_map(import, curve, "effort curve", stock->name, curve_keys))
        return;
    const struct tn_import_items speeds = tn_import_list(import, curve, "speeds", true, "the effort curve");
    const struct tn_import_items efforts = tn_import_list(import, curve, "max_efforts", true, "the effort curve");
    struct tn_node *table = tn_import_new(import, TN_NODE_SEQUENCE, curve);
    const struct tn_node *most = tn_import_need(import, stock->node, "max_speed", "the rolling stock");
    const double end = tn_import_number(import, most, "max_speed");
    if (speeds.count != efforts.count || speeds.count == 0) {
        tn_import_error(import, curve, NULL, "the curve has %zu speeds and %zu efforts", speeds.count, efforts.count);
        return;
    }
    double last = NAN;
    for (size_t i = 0; i < speeds.count; i++) {
        last = tn_import_number(import, speeds.items[i], "speeds");
        if (isnan(last) || isnan(tn_import_number(import, efforts.items[i], "max_efforts")))
            return;
        if (i == 0 && last > 0)
            add_point(import, table, speeds.items[i], "0", efforts.items[i]->text);
        add_point(import, table, speeds.items[i], speeds.items[i]->text, efforts.items[i]->text);
    }
    if (last < end) {
        add_point(import, table, most, most->text, efforts.items[efforts.count - 1]->text);
        tn_import_assumed(import, speeds.items[speeds.count - 1], "effort curve", stock->name,
                          "it ends before the largest speed; the last effort is held up to it, as OSRD does");
    }
    tn_import_put(import, out, "effort", table);
}

/* The mode that is asked for, or the default. */
static const struct tn_node *find_mode(struct tn_import *import, const struct stock *stock,
                                       const struct tn_node *curves)
{
    const struct tn_node *modes = tn_import_need(import, curves, "modes", "the effort curves");
    const struct tn_node *usual = tn_import_need(import, curves, "default_mode", "the effort curves");
    const char *wanted =
        import->options->mode != NULL ? import->options->mode : tn_import_text(import, usual, "default_mode");
    if (modes == NULL || wanted == NULL)
        return NULL;
    if (modes->kind != TN_NODE_MAPPING) {
        tn_import_error(import, modes, NULL, "'modes' must be a mapping of modes, not %s", tn_node_kind_name(modes));
        return NULL;
    }
    const struct tn_node *mode = tn_tree_get(modes, wanted);
    const char *names = "its modes:";
    for (size_t i = 0; i < modes->count && names != NULL; i++) {
        names = tn_reader_printf(import->reader, "%s%s %s", names, i == 0 ? "" : ",", modes->keys[i]->text);
        if (mode != NULL && modes->items[i] != mode)
            tn_import_lost(import, modes->keys[i], "traction mode", modes->keys[i]->text,
                           "a locomotive has one effort table; --mode takes another");
    }
    if (mode == NULL)
        tn_import_error(import, import->options->mode != NULL ? modes : usual, names, "'%s' has no traction mode '%s'",
                        stock->name, wanted);
    return mode;
}

static void put_effort(struct tn_import *import, struct tn_node *out, const struct stock *stock)
{
    const struct tn_node *curves = tn_import_need(import, stock->node, "effort_curves", "the rolling stock");
    if (curves == NULL || !tn_import_map(import, curves, "effort curves", stock->name, curves_keys))
        return;
    const struct tn_node *mode = find_mode(import, stock, curves);
    if (mode == NULL || !tn_import_map(import, mode, "traction mode", stock->name, mode_keys))
        return;
    const struct tn_node *electric = tn_import_get(mode, "is_electric");
    const bool diesel = electric != NULL && electric->kind == TN_NODE_SCALAR && strcmp(electric->text, "false") == 0;
    tn_import_put(import, out, "energy",
                  tn_import_scalar(import, electric == NULL ? mode : electric, "%s", diesel ? "diesel" : "electric"));
    if (diesel) {
        struct tn_node *derating = tn_import_new(import, TN_NODE_MAPPING, electric);
        tn_import_put(import, derating, "per_1000_m", tn_import_scalar(import, electric, "0 %%"));
        tn_import_put(import, out, "derating", derating);
    }
    const struct tn_import_items others = tn_import_list(import, mode, "curves", false, "the traction mode");
    for (size_t i = 0; i < others.count; i++)
        tn_import_lost(import, others.items[i], "conditional effort curve", stock->name,
                       "the default curve of the mode is taken whatever comfort, profile and power restriction");
    put_curve(import, out, stock, tn_import_need(import, mode, "default_curve", "the traction mode"));
}

/* --- vehicles and train --- */

static struct tn_node *begin(struct tn_import *import, const struct stock *stock, const char *list)
{
    struct tn_node *vehicles = tn_import_root_list(import, list, stock->node);
    struct tn_node *out = tn_import_new(import, TN_NODE_MAPPING, stock->node);
    const struct tn_node *name = tn_tree_get(stock->node, "name");
    const char *id = tn_import_id(import, name, vehicles, stock->name);
    tn_import_put(import, out, "id", tn_import_scalar(import, name, "%s", id));
    if (strcmp(id, stock->name) != 0)
        tn_import_put(import, out, "name", tn_import_scalar(import, name, "%s", stock->name));
    tn_import_append(import, vehicles, out);
    return out;
}

static struct tn_node *row_of(struct tn_import *import, const struct tn_node *vehicle, int count)
{
    struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, vehicle);
    const struct tn_node *id = vehicle == NULL ? NULL : tn_tree_get(vehicle, "id");
    if (id == NULL)
        return NULL;
    tn_import_put(import, row, "type", tn_import_scalar(import, id, "%s", id->text));
    tn_import_put(import, row, "count", tn_import_scalar(import, id, "%d", count));
    return row;
}

static struct tn_node *put_wagon(struct tn_import *import, const struct stock *stock, bool resists)
{
    static const char *const masses[] = {"tare", "gross", NULL};
    struct tn_node *out = begin(import, stock, "wagons");
    const struct tn_node *inertia = tn_tree_get(stock->node, "inertia_coefficient");
    put_size(import, out, stock, masses);
    tn_import_put_number(import, out, "rotating_loaded", inertia, stock->inertia - 1, "");
    tn_import_put_number(import, out, "rotating_empty", inertia, stock->inertia - 1, "");
    if (resists) {
        put_resistance(import, out, stock, stock->count);
    } else {
        struct tn_node *law = tn_import_new(import, TN_NODE_MAPPING, stock->node);
        tn_import_put(import, law, "law", tn_import_scalar(import, stock->node, "general"));
        tn_import_put(import, law, "a", tn_import_scalar(import, stock->node, "0 N/kN"));
        tn_import_put(import, out, "resistance", law);
    }
    return out;
}

static void put_brake(struct tn_import *import, struct tn_node *out, const struct stock *stock)
{
    const struct tn_node *gamma = tn_import_need(import, stock->node, "gamma", "the rolling stock");
    if (gamma == NULL || !tn_import_map(import, gamma, "gamma", stock->name, gamma_keys))
        return;
    struct tn_node *brake = tn_import_new(import, TN_NODE_MAPPING, gamma);
    const char *type = tn_import_text(import, tn_import_get(gamma, "type"), "type");
    const bool adds = type != NULL && strcmp(type, "MAX") == 0;
    if (type != NULL && !adds && strcmp(type, "CONST") != 0)
        tn_import_error(import, tn_tree_get(gamma, "type"), "CONST or MAX", "unknown type of gamma '%s'", type);
    tn_import_copy(import, brake, "deceleration", tn_import_need(import, gamma, "value", "gamma"), "m/s2");
    if (adds)
        tn_import_put(import, brake, "resistance_adds", tn_import_scalar(import, gamma, "true"));
    tn_import_put(import, brake, "distance", tn_import_scalar(import, gamma, "0 m"));
    tn_import_put(import, out, "brake", brake);
}

static void put_train(struct tn_import *import, const struct stock *stock, const struct tn_node *locomotive,
                      const struct tn_node *rest)
{
    struct tn_node *trains = tn_import_root_list(import, "trains", stock->node);
    struct tn_node *out = tn_import_new(import, TN_NODE_MAPPING, stock->node);
    struct tn_node *locomotives = tn_import_new(import, TN_NODE_SEQUENCE, stock->node);
    struct tn_node *wagons = tn_import_new(import, TN_NODE_SEQUENCE, stock->node);
    const struct tn_node *name = tn_tree_get(stock->node, "name");
    const char *id = tn_import_id(import, name, trains, stock->name);
    tn_import_put(import, out, "id", tn_import_scalar(import, name, "%s", id));
    tn_import_append(import, locomotives, row_of(import, locomotive, 1));
    tn_import_put(import, out, "locomotives", locomotives);
    if (rest != NULL)
        tn_import_append(import, wagons, row_of(import, rest, stock->count - 1));
    if (rest != NULL)
        tn_import_put(import, out, "wagons", wagons);
    tn_import_put(import, out, "starting_resistance", tn_import_scalar(import, stock->node, "false"));
    put_brake(import, out, stock);
    tn_import_append(import, trains, out);
    if (import->leads == NULL)
        import->leads = tn_import_new(import, TN_NODE_SEQUENCE, stock->node);
    tn_import_append(import, import->leads, out);
}

static void put_locomotive(struct tn_import *import, const struct stock *stock)
{
    static const char *const masses[] = {"mass", NULL};
    struct tn_node *out = begin(import, stock, "locomotives");
    const struct tn_node *rest = stock->count > 1 ? put_wagon(import, stock, false) : NULL;
    put_size(import, out, stock, masses);
    tn_import_put_number(import, out, "rotating", tn_tree_get(stock->node, "inertia_coefficient"), stock->inertia - 1,
                         "");
    tn_import_copy(import, out, "speed_max", tn_import_need(import, stock->node, "max_speed", "the rolling stock"),
                   "m/s");
    put_effort(import, out, stock);
    put_resistance(import, out, stock, 1);
    if (rest != NULL)
        tn_import_assumed(import, stock->node, "rolling stock", stock->name,
                          "its mass and length are spread evenly over %d vehicles, of which the first drives and "
                          "resists for all",
                          stock->count);
    put_train(import, stock, out, rest);
}

void tn_import_railjson_stock(struct tn_import *import, const struct tn_node *root)
{
    struct stock stock;
    const struct tn_node *name = tn_import_get(root, "name"), *version = tn_import_get(root, "railjson_version");
    const bool drives = tn_tree_get(root, "effort_curves") != NULL;
    const bool known = tn_import_map(import, root, drives ? "rolling stock" : "towed rolling stock",
                                     name != NULL && name->kind == TN_NODE_SCALAR ? name->text : "", stock_keys);
    if (version != NULL && version->kind == TN_NODE_SCALAR && strcmp(version->text, "3.2") != 0)
        tn_import_assumed(import, version, "railjson_version", version->text, "not the version known here (3.2)");
    if (!known || !read_stock(&stock, import, root))
        return;
    if (drives) {
        put_locomotive(import, &stock);
        return;
    }
    const struct tn_node *wagon = put_wagon(import, &stock, true), *gamma = tn_tree_get(root, "gamma");
    if (gamma != NULL)
        tn_import_lost(import, gamma, "gamma of towed rolling stock", stock.name,
                       "the train brakes as its leading stock says");
    if (import->towed == NULL)
        import->towed = tn_import_new(import, TN_NODE_SEQUENCE, root);
    tn_import_append(import, import->towed, row_of(import, wagon, stock.count));
}

void tn_import_couple(struct tn_import *import)
{
    for (size_t i = 0; import->leads != NULL && import->towed != NULL && i < import->leads->count; i++) {
        struct tn_node *train = import->leads->items[i], *wagons = tn_tree_get(train, "wagons");
        if (wagons == NULL) {
            wagons = tn_import_new(import, TN_NODE_SEQUENCE, train);
            tn_import_put(import, train, "wagons", wagons);
        }
        for (size_t j = 0; j < import->towed->count; j++)
            tn_import_append(import, wagons, import->towed->items[j]);
    }
}
