/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way through an infrastructure as a line: what lies along it, by its distance from the beginning. Trains from the
   first end to the other are up trains, with growing km. */
#include <stdlib.h>
#include <string.h>

#include "railjson.h"

#define NEAR_M 1e-6 /* ends that are this close meet */

/* Something along the way. */
struct stretch {
    double from_m, to_m; /* on the way */
    double value;        /* grade, radius, speed */
    int direction;       /* of limits */
    size_t order;        /* as in the file */
    const struct tn_node *node, *speed;
};

struct stretches {
    struct stretch *items;
    size_t count, room;
};

static const struct tn_import_key track_keys[] = {
    {"id", NULL},
    {"length", NULL},
    {"slopes", NULL},
    {"curves", NULL},
    {"geo", "of the shape, only the places of stations are carried"},
    {"loading_gauge_limits", "loading gauge is not modelled"},
    {"extensions", "tonnage has no place for it"},
    {NULL, NULL},
};
static const struct tn_import_key slope_keys[] = {{"gradient", NULL}, {"begin", NULL}, {"end", NULL}, {NULL, NULL}};
static const struct tn_import_key curve_keys[] = {{"radius", NULL}, {"begin", NULL}, {"end", NULL}, {NULL, NULL}};

static void add(struct stretches *list, struct tn_import *import, struct stretch stretch)
{
    if (!(stretch.to_m - stretch.from_m > NEAR_M))
        return;
    if (list->count == list->room) {
        struct stretch *more = tn_reader_alloc(import->reader, 2 * list->room + 16, sizeof *more);
        if (more == NULL)
            return;
        if (list->count > 0)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
        list->room = 2 * list->room + 16;
    }
    stretch.order = list->count;
    list->items[list->count++] = stretch;
}

static int by_place(const void *left, const void *right)
{
    const struct stretch *a = left, *b = right;
    if (a->from_m != b->from_m)
        return a->from_m > b->from_m ? 1 : -1;
    return (a->order > b->order) - (a->order < b->order);
}

static void sort(struct stretches *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_place);
}

/* The part of [low, high] of the step's track section that the step covers, on the way. */
static bool place(double *from_m, double *to_m, const struct tn_rj_step *step, double low, double high)
{
    const bool forward = step->direction == TN_RJ_FORWARD;
    const double first = fmax(low, fmin(step->from_m, step->to_m));
    const double last = fmin(high, fmax(step->from_m, step->to_m));
    *from_m = step->begin_m + (forward ? first - step->from_m : step->from_m - last);
    *to_m = step->begin_m + (forward ? last - step->from_m : step->from_m - first);
    return last > first;
}

/* begin and end of a range on its track section; reports. */
static bool read_range(double *begin, double *end, struct tn_import *import, const struct tn_node *node,
                       const struct tn_rj_track *track)
{
    const struct tn_node *first = tn_import_need(import, node, "begin", "the range");
    const struct tn_node *last = tn_import_need(import, node, "end", "the range");
    *begin = tn_import_number(import, first, "begin");
    *end = tn_import_number(import, last, "end");
    if (isnan(*begin + *end))
        return false;
    if (*begin <= *end && *begin >= 0 && *end <= track->length_m + NEAR_M)
        return true;
    tn_import_error(import, last, NULL, "the range from %g to %g m does not fit its track section of %g m", *begin,
                    *end, track->length_m);
    return false;
}

/* Slopes or curves of the track section under a step. */
static void add_of_step(struct stretches *list, struct tn_rj_infra *infra, const struct tn_rj_step *step,
                        const char *key, const char *value_key, const struct tn_import_key *keys)
{
    struct tn_import *import = infra->import;
    const struct tn_rj_track *track = &infra->tracks[step->track];
    const struct tn_import_items items = tn_import_list(import, track->node, key, false, "the track section");
    for (size_t i = 0; i < items.count; i++) {
        const struct tn_node *node = items.items[i];
        struct stretch stretch = {.node = node};
        double begin, end;
        if (!tn_import_map(import, node, value_key, track->id, keys) || !read_range(&begin, &end, import, node, track))
            continue;
        stretch.value = tn_import_number(import, tn_import_need(import, node, value_key, "the range"), value_key);
        if (place(&stretch.from_m, &stretch.to_m, step, begin, end) && stretch.value != 0)
            add(list, import, stretch);
    }
}

/* Where stretches overlap, the one that begins later counts. */
static void cut_overlaps(struct stretches *list, struct tn_import *import, const char *kind)
{
    sort(list);
    for (size_t i = 1; i < list->count; i++)
        if (list->items[i].from_m < list->items[i - 1].to_m - NEAR_M) {
            tn_import_lost(import, list->items[i - 1].node, kind, "", "from where the next one begins");
            list->items[i - 1].to_m = list->items[i].from_m;
        }
}

/* --- profile and curves --- */

static void add_height(struct tn_import *import, struct tn_node *profile, const struct tn_node *like, double km_m,
                       double elevation_m)
{
    struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, like);
    tn_import_put_number(import, row, "km", like, km_m / 1000, "km");
    tn_import_put_number(import, row, "elevation", like, elevation_m, "m");
    tn_import_append(import, profile, row);
}

static double lowest(const struct stretches *slopes)
{
    double elevation = 0, low = 0;
    for (size_t i = 0; i < slopes->count; i++) {
        elevation += slopes->items[i].value / 1000 * (slopes->items[i].to_m - slopes->items[i].from_m);
        low = fmin(low, elevation);
    }
    return low;
}

static void put_profile(struct tn_rj_infra *infra, struct tn_node *line)
{
    struct tn_import *import = infra->import;
    struct stretches slopes = {NULL, 0, 0};
    for (size_t i = 0; i < infra->way.count; i++) {
        const struct tn_rj_step *step = &infra->way.steps[i];
        const size_t before = slopes.count;
        add_of_step(&slopes, infra, step, "slopes", "gradient", slope_keys);
        for (size_t k = before; step->direction == TN_RJ_BACKWARD && k < slopes.count; k++)
            slopes.items[k].value = -slopes.items[k].value;
    }
    cut_overlaps(&slopes, import, "slope");
    if (slopes.count == 0)
        return;
    struct tn_node *profile = tn_import_new(import, TN_NODE_SEQUENCE, infra->root);
    const double low = lowest(&slopes), base = low < -400 ? -low : 0;
    double at_m = 0, elevation_m = base;
    add_height(import, profile, infra->way.from_node, 0, elevation_m);
    for (size_t i = 0; i < slopes.count; i++) {
        const struct stretch *slope = &slopes.items[i];
        if (slope->from_m > at_m + NEAR_M)
            add_height(import, profile, slope->node, slope->from_m, elevation_m);
        elevation_m += slope->value / 1000 * (slope->to_m - slope->from_m);
        at_m = slope->to_m;
        add_height(import, profile, slope->node, at_m, elevation_m);
    }
    if (infra->way.length_m > at_m + NEAR_M)
        add_height(import, profile, infra->way.to_node, infra->way.length_m, elevation_m);
    tn_import_put(import, line, "profile", profile);
    tn_import_assumed(import, infra->way.from_node, "elevation", infra->way.from,
                      "not known where the line begins: taken as %g m", base);
}

static void put_curves(struct tn_rj_infra *infra, struct tn_node *line)
{
    struct tn_import *import = infra->import;
    struct stretches curves = {NULL, 0, 0};
    for (size_t i = 0; i < infra->way.count; i++)
        add_of_step(&curves, infra, &infra->way.steps[i], "curves", "radius", curve_keys);
    cut_overlaps(&curves, import, "curve");
    struct tn_node *table = tn_import_new(import, TN_NODE_SEQUENCE, infra->root);
    for (size_t i = 0; i < curves.count; i++) {
        const struct stretch *curve = &curves.items[i];
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, curve->node);
        tn_import_put_number(import, row, "from", curve->node, curve->from_m / 1000, "km");
        tn_import_put_number(import, row, "to", curve->node, curve->to_m / 1000, "km");
        tn_import_put_number(import, row, "radius", tn_tree_get(curve->node, "radius"), fabs(curve->value), "m");
        tn_import_append(import, table, row);
    }
    if (curves.count > 0)
        tn_import_put(import, line, "curves", table);
    if (curves.count > 0) /* 800/R permil, as OSRD has it */
        tn_import_put(import, line, "curve_coefficient", tn_import_scalar(import, infra->root, "0.8 m"));
}

/* --- limits and neutral sections: ranges on track sections --- */

static const struct tn_import_key speed_keys[] = {
    {"id", NULL},           {"speed_limit", NULL}, {"speed_limit_by_tag", NULL},
    {"track_ranges", NULL}, {"on_routes", NULL},   {"extensions", "tonnage has no place for it"},
    {NULL, NULL},
};
static const struct tn_import_key neutral_keys[] = {
    {"id", NULL},
    {"track_ranges", NULL},
    {"announcement_track_ranges", "traction goes off where the section begins"},
    {"lower_pantograph", "lowering the pantograph takes no time"},
    {"extensions", "tonnage has no place for it"},
    {NULL, NULL},
};
static const struct tn_import_key range_keys[] = {
    {"track", NULL}, {"begin", NULL}, {"end", NULL}, {"applicable_directions", NULL}, {"direction", NULL}, {NULL, NULL},
};

static const char *id_of(const struct tn_node *node)
{
    const struct tn_node *id = node->kind == TN_NODE_MAPPING ? tn_import_get(node, "id") : NULL;
    return id != NULL && id->kind == TN_NODE_SCALAR ? id->text : "";
}

/* For up trains (along the way), down trains, or both. */
static int direction_of(struct tn_import *import, const struct tn_node *range, const struct tn_rj_step *step)
{
    const struct tn_node *given = tn_import_get(range, "applicable_directions");
    given = given == NULL ? tn_import_get(range, "direction") : given;
    const char *text = tn_import_text(import, given, "direction");
    if (text == NULL || strcmp(text, "BOTH") == 0)
        return TN_BOTH;
    const bool forward = strcmp(text, "START_TO_STOP") == 0;
    if (!forward && strcmp(text, "STOP_TO_START") != 0)
        tn_import_error(import, given, "START_TO_STOP, STOP_TO_START or BOTH", "unknown direction '%s'", text);
    return forward == (step->direction == TN_RJ_FORWARD) ? TN_UP : TN_DOWN;
}

static void add_range(struct stretches *list, struct tn_rj_infra *infra, const struct tn_node *range,
                      const struct stretch *like)
{
    struct tn_import *import = infra->import;
    if (!tn_import_map(import, range, "track range", "", range_keys))
        return;
    const struct tn_node *id = tn_import_need(import, range, "track", "the range");
    const char *name = tn_import_text(import, id, "track");
    const size_t track = name == NULL ? SIZE_MAX : tn_rj_track(infra, name);
    double begin, end;
    if (name != NULL && track == SIZE_MAX)
        tn_import_error(import, id, NULL, "there is no track section '%s'", name);
    if (track == SIZE_MAX || !read_range(&begin, &end, import, range, &infra->tracks[track]))
        return;
    for (int s = infra->tracks[track].first_step; s >= 0; s = infra->way.steps[s].next) {
        struct stretch stretch = *like;
        stretch.direction = direction_of(import, range, &infra->way.steps[s]);
        if (place(&stretch.from_m, &stretch.to_m, &infra->way.steps[s], begin, end))
            add(list, import, stretch);
    }
}

/* Stretches of one object that touch, of one direction, become one; moves them to `all`. */
static void take(struct stretches *all, struct stretches *own, struct tn_import *import)
{
    sort(own);
    for (int direction = TN_BOTH; direction <= TN_DOWN; direction++) {
        struct stretch open = {.to_m = NAN};
        for (size_t i = 0; i < own->count; i++) {
            const struct stretch *next = &own->items[i];
            if (next->direction != direction)
                continue;
            if (next->from_m <= open.to_m + NEAR_M) {
                open.to_m = fmax(open.to_m, next->to_m);
                continue;
            }
            if (!isnan(open.to_m))
                add(all, import, open);
            open = *next;
        }
        if (!isnan(open.to_m))
            add(all, import, open);
    }
}

/* The limit for the trains that are asked for; NULL: none. */
static const struct tn_node *find_speed(struct tn_import *import, const struct tn_node *section)
{
    const struct tn_node *tags = tn_import_get(section, "speed_limit_by_tag"),
                         *usual = tn_import_get(section, "speed_limit");
    const char *wanted = import->options->tag;
    const struct tn_node *own =
        tags == NULL || tags->kind != TN_NODE_MAPPING || wanted == NULL ? NULL : tn_import_get(tags, wanted);
    for (size_t i = 0; tags != NULL && tags->kind == TN_NODE_MAPPING && i < tags->count; i++)
        if (tags->items[i] != own)
            tn_import_lost(import, tags->keys[i], "speed limit by tag", tags->keys[i]->text,
                           "a limit holds for all trains of its direction; --tag takes those of one tag");
    if (own != NULL && usual != NULL)
        tn_import_lost(import, usual, "speed limit of other trains", id_of(section), "that of the tag is taken");
    return own == NULL ? usual : own;
}

static void add_speed_section(struct stretches *all, struct tn_rj_infra *infra, const struct tn_node *section)
{
    struct tn_import *import = infra->import;
    struct stretches own = {NULL, 0, 0};
    const struct tn_import_items ranges = tn_import_list(import, section, "track_ranges", true, "the speed section");
    struct stretch like = {.node = section};
    for (size_t i = 0; i < ranges.count; i++)
        add_range(&own, infra, ranges.items[i], &like);
    if (own.count == 0) {
        tn_import_lost(import, section, "speed section", id_of(section), "it is not on the way of the line");
        return;
    }
    if (!tn_import_map(import, section, "speed section", id_of(section), speed_keys))
        return;
    const struct tn_node *routes = tn_import_get(section, "on_routes"), *speed = find_speed(import, section);
    if (routes != NULL && routes->count > 0)
        tn_import_assumed(import, routes, "on_routes", id_of(section), "the limit holds whatever the route");
    for (size_t i = 0; i < own.count; i++)
        own.items[i].speed = speed;
    if (speed != NULL)
        take(all, &own, import);
}

static void put_limits(struct tn_rj_infra *infra, struct tn_node *line)
{
    struct tn_import *import = infra->import;
    struct stretches all = {NULL, 0, 0};
    const struct tn_import_items list =
        tn_import_list(import, infra->root, "speed_sections", false, "the infrastructure");
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i]->kind == TN_NODE_MAPPING)
            add_speed_section(&all, infra, list.items[i]);
        else
            tn_import_error(import, list.items[i], NULL, "a speed section must be an object");
    sort(&all);
    struct tn_node *table = tn_import_new(import, TN_NODE_SEQUENCE, infra->root);
    for (size_t i = 0; i < all.count; i++) {
        const struct stretch *limit = &all.items[i];
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, limit->node);
        tn_import_put_number(import, row, "from", limit->node, limit->from_m / 1000, "km");
        tn_import_put_number(import, row, "to", limit->node, limit->to_m / 1000, "km");
        tn_import_copy(import, row, "speed", limit->speed, "m/s");
        if (limit->direction != TN_BOTH)
            tn_import_put(import, row, "direction",
                          tn_import_scalar(import, limit->node, "%s", tn_direction_name(limit->direction)));
        tn_import_append(import, table, row);
    }
    if (all.count > 0)
        tn_import_put(import, line, "limits", table);
}

static void add_neutral_section(struct stretches *all, struct tn_rj_infra *infra, const struct tn_node *section)
{
    struct tn_import *import = infra->import;
    struct stretches own = {NULL, 0, 0};
    const struct tn_import_items ranges = tn_import_list(import, section, "track_ranges", true, "the neutral section");
    const struct stretch like = {.node = section};
    for (size_t i = 0; i < ranges.count; i++)
        add_range(&own, infra, ranges.items[i], &like);
    size_t along = 0;
    for (size_t i = 0; i < own.count; i++)
        if (own.items[i].direction != TN_DOWN) {
            own.items[along] = own.items[i];
            own.items[along++].direction = TN_BOTH;
        }
    if (along == 0)
        tn_import_lost(import, section, "neutral section", id_of(section),
                       own.count > 0 ? "it is for trains of the other direction" : "it is not on the way of the line");
    own.count = along;
    if (along > 0 && tn_import_map(import, section, "neutral section", id_of(section), neutral_keys))
        take(all, &own, import);
}

static void put_neutral_sections(struct tn_rj_infra *infra, struct tn_node *line)
{
    struct tn_import *import = infra->import;
    struct stretches all = {NULL, 0, 0};
    const struct tn_import_items list =
        tn_import_list(import, infra->root, "neutral_sections", false, "the infrastructure");
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i]->kind == TN_NODE_MAPPING)
            add_neutral_section(&all, infra, list.items[i]);
        else
            tn_import_error(import, list.items[i], NULL, "a neutral section must be an object");
    sort(&all);
    struct tn_node *table = tn_import_new(import, TN_NODE_SEQUENCE, infra->root);
    for (size_t i = 0; i < all.count; i++) {
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, all.items[i].node);
        tn_import_put_number(import, row, "from", all.items[i].node, all.items[i].from_m / 1000, "km");
        tn_import_put_number(import, row, "to", all.items[i].node, all.items[i].to_m / 1000, "km");
        tn_import_append(import, table, row);
    }
    if (all.count > 0)
        tn_import_put(import, line, "neutral_sections", table);
    if (all.count > 0)
        tn_import_assumed(import, infra->root, "neutral section", "", "those on the way hold in both directions");
}

/* --- stations --- */

static const struct tn_import_key point_keys[] = {
    {"id", NULL}, {"parts", NULL}, {"extensions", NULL}, {"weight", "tonnage has no place for it"}, {NULL, NULL},
};
static const struct tn_import_key part_keys[] = {
    {"track", NULL},
    {"position", NULL},
    {"extensions", "tonnage has no place for it"},
    {NULL, NULL},
};
static const struct tn_import_key extension_keys[] = {
    {"identifier", NULL},
    {"sncf", "tonnage has no place for it"},
    {NULL, NULL},
};
static const struct tn_import_key identifier_keys[] = {
    {"name", NULL},
    {"uic", "tonnage has no place for it"},
    {NULL, NULL},
};

struct stop {
    double at_m; /* on the way */
    const char *name;
    const struct tn_node *node;
    struct tn_rj_spot spot;
    int tracks;
};

/* The first place of the point on the way. */
static bool on_way(double *at_m, struct tn_rj_spot *spot, const struct tn_rj_infra *infra,
                   const struct tn_rj_point *point)
{
    *at_m = INFINITY;
    for (size_t i = 0; i < point->part_count; i++)
        for (int s = infra->tracks[point->parts[i].track].first_step; s >= 0; s = infra->way.steps[s].next) {
            const struct tn_rj_step *step = &infra->way.steps[s];
            const double x = point->parts[i].position_m;
            const double here = step->begin_m + fabs(x - step->from_m);
            if (x < fmin(step->from_m, step->to_m) || x > fmax(step->from_m, step->to_m) || here >= *at_m)
                continue;
            *at_m = here;
            *spot = point->parts[i];
        }
    return isfinite(*at_m);
}

/* A pair of coordinates, longitude and latitude. */
static bool read_pair(double out[2], const struct tn_node *pair)
{
    struct tn_number number;
    for (size_t i = 0; i < 2; i++) {
        if (pair->kind != TN_NODE_SEQUENCE || pair->count < 2 || pair->items[i]->kind != TN_NODE_SCALAR ||
            !tn_number_split(&number, pair->items[i]->text))
            return false;
        out[i] = number.value;
    }
    return fabs(out[0]) <= 180 && fabs(out[1]) <= 90;
}

/* The point at that length along a shape, or its end; gives the length of the shape up to there, NAN if it is none. */
static double walk_shape(double out[2], const struct tn_node *shape, double length)
{
    double walked = 0, next[2];
    for (size_t i = 0; i < shape->count; i++) {
        if (!read_pair(next, shape->items[i]))
            return NAN;
        const double step = i == 0 ? 0 : hypot(next[0] - out[0], next[1] - out[1]);
        const double share = step > 0 ? fmin(1, (length - walked) / step) : 1;
        out[0] = i == 0 ? next[0] : out[0] + share * (next[0] - out[0]);
        out[1] = i == 0 ? next[1] : out[1] + share * (next[1] - out[1]);
        walked += share * step;
        if (share < 1)
            break;
    }
    return shape->count > 1 ? walked : (double)NAN;
}

/* Longitude and latitude of a place: its share of the track section's length is taken as that of the shape's. */
static bool find_coordinates(double out[2], const struct tn_rj_infra *infra, const struct tn_rj_spot *spot)
{
    const struct tn_rj_track *track = &infra->tracks[spot->track];
    const struct tn_node *geo = tn_import_get(track->node, "geo");
    const struct tn_node *shape =
        geo == NULL || geo->kind != TN_NODE_MAPPING ? NULL : tn_import_get(geo, "coordinates");
    if (shape == NULL || shape->kind != TN_NODE_SEQUENCE)
        return false;
    const double whole = walk_shape(out, shape, HUGE_VAL);
    return whole > 0 && walk_shape(out, shape, whole * spot->position_m / track->length_m) >= 0;
}

static int by_distance(const void *left, const void *right)
{
    const struct stop *a = left, *b = right;
    return (a->at_m > b->at_m) - (a->at_m < b->at_m);
}

static void note_point(struct tn_import *import, const struct tn_rj_point *point)
{
    (void)tn_import_map(import, point->node, "operational point", point->name, point_keys);
    const struct tn_node *extensions = tn_import_get(point->node, "extensions");
    if (extensions != NULL && tn_import_map(import, extensions, "operational point", point->name, extension_keys) &&
        tn_import_get(extensions, "identifier") != NULL)
        (void)tn_import_map(import, tn_import_get(extensions, "identifier"), "operational point", point->name,
                            identifier_keys);
    const struct tn_import_items parts = tn_import_list(import, point->node, "parts", false, "the operational point");
    for (size_t i = 0; i < parts.count; i++)
        (void)tn_import_map(import, parts.items[i], "part of operational point", point->name, part_keys);
}

/* Operational points on the way, and its ends where they are none. */
static struct stop *find_stops(size_t *count_out, struct tn_rj_infra *infra)
{
    struct tn_import *import = infra->import;
    const struct tn_rj_way *way = &infra->way;
    struct stop *stops = tn_reader_alloc(import->reader, infra->point_count + 2, sizeof *stops);
    bool first = false, last = false;
    size_t count = 0;
    for (size_t i = 0; stops != NULL && i < infra->point_count; i++) {
        const struct tn_rj_point *point = &infra->points[i];
        struct stop *stop = &stops[count];
        if (!on_way(&stop->at_m, &stop->spot, infra, point)) {
            tn_import_lost(import, point->node, "operational point", point->name, "it is not on the way of the line");
            continue;
        }
        stop->name = point->name;
        stop->node = point->node;
        stop->tracks = (int)point->part_count;
        first |= stop->at_m <= NEAR_M;
        last |= stop->at_m >= way->length_m - NEAR_M;
        note_point(import, point);
        count++;
    }
    if (stops != NULL && !first)
        stops[count++] = (struct stop){0, way->from, way->from_node, {way->steps[0].track, way->steps[0].from_m}, 1};
    if (stops != NULL && !last)
        stops[count++] = (struct stop){way->length_m,
                                       way->to,
                                       way->to_node,
                                       {way->steps[way->count - 1].track, way->steps[way->count - 1].to_m},
                                       1};
    if (count > 1)
        qsort(stops, count, sizeof *stops, by_distance);
    *count_out = stops == NULL ? 0 : count;
    return stops;
}

static void put_stations(struct tn_rj_infra *infra, struct tn_node *line)
{
    struct tn_import *import = infra->import;
    struct tn_node *table = tn_import_new(import, TN_NODE_SEQUENCE, infra->root);
    size_t count;
    const struct stop *stops = find_stops(&count, infra), *before = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct stop *stop = &stops[i];
        double coordinates[2] = {NAN, NAN};
        if (before != NULL && !(stop->at_m > before->at_m + NEAR_M)) {
            tn_import_lost(import, stop->node, "operational point", stop->name, "'%s' stands at the same place",
                           before->name);
            continue;
        }
        before = stop;
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, stop->node);
        const char *name = tn_import_unique(import, table, "name", stop->name);
        if (strcmp(name, stop->name) != 0)
            tn_import_assumed(import, stop->node, "name", stop->name, "names of stations are unique: it is '%s'", name);
        tn_import_put_number(import, row, "km", stop->node, stop->at_m / 1000, "km");
        tn_import_put(import, row, "name", tn_import_scalar(import, stop->node, "%s", name));
        tn_import_put(import, row, "tracks", tn_import_scalar(import, stop->node, "%d", stop->tracks));
        if (find_coordinates(coordinates, infra, &stop->spot)) {
            tn_import_put_number(import, row, "lat", stop->node, coordinates[1], "deg");
            tn_import_put_number(import, row, "lon", stop->node, coordinates[0], "deg");
        }
        tn_import_append(import, table, row);
    }
    tn_import_put(import, line, "stations", table);
    tn_import_assumed(import, infra->root, "tracks", "", "a station has as many as its operational point has parts");
}

void tn_rj_put_line(struct tn_rj_infra *infra)
{
    struct tn_import *import = infra->import;
    struct tn_node *lines = tn_import_root_list(import, "lines", infra->root);
    struct tn_node *line = tn_import_new(import, TN_NODE_MAPPING, infra->root);
    const char *id = tn_import_unique(import, lines, "id", "line");
    const char *name = tn_reader_printf(import->reader, "%s to %s", infra->way.from, infra->way.to);
    tn_import_put(import, line, "id", tn_import_scalar(import, infra->root, "%s", id));
    if (name != NULL)
        tn_import_put(import, line, "name", tn_import_scalar(import, infra->root, "%s", name));
    tn_import_put(import, line, "up_is_decreasing", tn_import_scalar(import, infra->root, "false"));
    for (size_t i = 0; i < infra->track_count; i++)
        if (infra->tracks[i].first_step >= 0)
            (void)tn_import_map(import, infra->tracks[i].node, "track section", infra->tracks[i].id, track_keys);
    put_stations(infra, line);
    put_profile(infra, line);
    put_curves(infra, line);
    put_limits(infra, line);
    put_neutral_sections(infra, line);
    tn_import_append(import, lines, line);
}
