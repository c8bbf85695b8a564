/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Infrastructure of OSRD (railjson 3.4): track sections joined by switches. A line is one way through it; what lies
   beside the way, and what a line has no place for, is noted. */
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "railjson.h"

#define VERSION "3.4.12"

static const struct tn_import_key infra_keys[] = {
    {"version", NULL},
    {"track_sections", NULL},
    {"switches", NULL},
    {"extended_switch_types", NULL},
    {"operational_points", NULL},
    {"speed_sections", NULL},
    {"neutral_sections", NULL},
    {"electrifications", NULL},
    {"routes", NULL},
    {"signals", NULL},
    {"buffer_stops", NULL},
    {"detectors", NULL},
    {NULL, NULL},
};

/* Objects that a line has no place for. */
static const struct {
    const char *list, *kind, *why;
} lost[] = {
    {"switches", "switch", "the line takes the way through it; the other ways and its times are not carried"},
    {"electrifications", "electrification", "a locomotive finds its power everywhere but in neutral sections"},
    {"routes", "route", "signalling is the line's block system"},
    {"signals", "signal", "signalling is the line's block system"},
    {"buffer_stops", "buffer stop", "a line ends at its last station"},
    {"detectors", "detector", "signalling is the line's block system"},
};

static const char *text_of(const struct tn_node *map, const char *key)
{
    const struct tn_node *node = map->kind == TN_NODE_MAPPING ? tn_import_get(map, key) : NULL;
    return node != NULL && node->kind == TN_NODE_SCALAR ? node->text : "";
}

/* --- track sections --- */

static int by_id(const void *left, const void *right)
{
    return strcmp(((const struct tn_rj_track *)left)->id, ((const struct tn_rj_track *)right)->id);
}

size_t tn_rj_track(const struct tn_rj_infra *infra, const char *id)
{
    const struct tn_rj_track key = {.id = id};
    const struct tn_rj_track *found =
        infra->track_count == 0 ? NULL : bsearch(&key, infra->tracks, infra->track_count, sizeof key, by_id);
    return found == NULL ? SIZE_MAX : (size_t)(found - infra->tracks);
}

static const char *track_name(size_t i, const void *payload)
{
    return ((const struct tn_rj_infra *)payload)->tracks[i].id;
}

static size_t need_track(struct tn_rj_infra *infra, const struct tn_node *where)
{
    const char *id = tn_import_text(infra->import, where, "track");
    const size_t track = id == NULL ? SIZE_MAX : tn_rj_track(infra, id);
    if (id == NULL || track != SIZE_MAX)
        return track;
    const char *near = tn_nearest_name(id, track_name, infra->track_count, infra);
    tn_import_error(infra->import, where,
                    near == NULL ? NULL : tn_reader_printf(infra->import->reader, "did you mean '%s'?", near),
                    "there is no track section '%s'", id);
    return SIZE_MAX;
}

static bool read_tracks(struct tn_rj_infra *infra)
{
    struct tn_import *import = infra->import;
    const struct tn_import_items list =
        tn_import_list(import, infra->root, "track_sections", true, "the infrastructure");
    infra->tracks = tn_reader_alloc(import->reader, list.count + 1, sizeof *infra->tracks);
    for (size_t i = 0; infra->tracks != NULL && i < list.count; i++) {
        const struct tn_node *node = list.items[i];
        if (node->kind != TN_NODE_MAPPING) {
            tn_import_error(import, node, NULL, "a track section must be an object");
            return false;
        }
        const struct tn_node *id = tn_import_need(import, node, "id", "the track section");
        const struct tn_node *length = tn_import_need(import, node, "length", "the track section");
        const struct tn_rj_track track = {tn_import_text(import, id, "id"), node,
                                          tn_import_number(import, length, "length"), -1};
        if (track.id == NULL || isnan(track.length_m))
            return false;
        if (track.length_m <= 0) {
            tn_import_error(import, length, NULL, "a track section must be longer than 0 m");
            return false;
        }
        infra->tracks[infra->track_count++] = track;
    }
    if (infra->track_count > 1)
        qsort(infra->tracks, infra->track_count, sizeof *infra->tracks, by_id);
    for (size_t i = 1; i < infra->track_count; i++)
        if (strcmp(infra->tracks[i - 1].id, infra->tracks[i].id) == 0) {
            tn_import_error(import, infra->tracks[i].node, NULL, "a track section '%s' is there already",
                            infra->tracks[i].id);
            return false;
        }
    if (infra->track_count == 0)
        tn_import_error(import, infra->root, NULL, "the infrastructure has no track sections");
    return infra->track_count > 0;
}

/* --- switches --- */

/* Ways through the switches that every infrastructure has. */
static const struct {
    const char *type, *from, *to;
} ways[] = {
    {"link", "A", "B"},
    {"point_switch", "A", "B1"},
    {"point_switch", "A", "B2"},
    {"crossing", "A1", "B1"},
    {"crossing", "A2", "B2"},
    {"single_slip_switch", "A1", "B1"},
    {"single_slip_switch", "A2", "B2"},
    {"single_slip_switch", "A1", "B2"},
    {"double_slip_switch", "A1", "B1"},
    {"double_slip_switch", "A1", "B2"},
    {"double_slip_switch", "A2", "B1"},
    {"double_slip_switch", "A2", "B2"},
};

static void add_link(struct tn_rj_infra *infra, size_t from, size_t to)
{
    struct tn_scenario_reader *reader = infra->import->reader;
    if (infra->link_count == infra->link_room) {
        struct tn_rj_link *more = tn_reader_alloc(reader, 2 * infra->link_room + 64, sizeof *more);
        if (more == NULL)
            return;
        if (infra->link_count > 0)
            memcpy(more, infra->links, infra->link_count * sizeof *more);
        infra->links = more;
        infra->link_room = 2 * infra->link_room + 64;
    }
    infra->links[infra->link_count] = (struct tn_rj_link){to, infra->first_link[from]};
    infra->first_link[from] = (int)infra->link_count++;
}

/* The track end that is a port of the switch; SIZE_MAX: reported. */
static size_t port_of(struct tn_rj_infra *infra, const struct tn_node *ports, const char *name,
                      const struct tn_node *where)
{
    const struct tn_node *port = tn_import_get(ports, name);
    if (port == NULL || port->kind != TN_NODE_MAPPING) {
        tn_import_error(infra->import, port == NULL ? where : port, NULL, "the switch has no port '%s'", name);
        return SIZE_MAX;
    }
    const struct tn_node *end = tn_import_need(infra->import, port, "endpoint", "the port");
    const struct tn_node *track_id = tn_import_need(infra->import, port, "track", "the port");
    const size_t track = track_id == NULL ? SIZE_MAX : need_track(infra, track_id);
    if (track == SIZE_MAX || end == NULL)
        return SIZE_MAX;
    const char *text = tn_import_text(infra->import, end, "endpoint");
    if (text == NULL || (strcmp(text, "BEGIN") != 0 && strcmp(text, "END") != 0)) {
        tn_import_error(infra->import, end, "BEGIN or END", "unknown endpoint '%s'", text == NULL ? "" : text);
        return SIZE_MAX;
    }
    return 2 * track + (strcmp(text, "END") == 0);
}

static void join(struct tn_rj_infra *infra, const struct tn_node *ports, const char *from, const char *to,
                 const struct tn_node *where)
{
    const size_t a = port_of(infra, ports, from, where), b = port_of(infra, ports, to, where);
    if (a == SIZE_MAX || b == SIZE_MAX)
        return;
    add_link(infra, a, b);
    add_link(infra, b, a);
}

/* A type of the file's own: groups of connections. */
static bool join_extended(struct tn_rj_infra *infra, const struct tn_node *ports, const char *type,
                          const struct tn_node *where)
{
    struct tn_import *import = infra->import;
    const struct tn_import_items types =
        tn_import_list(import, infra->root, "extended_switch_types", false, "the infrastructure");
    for (size_t i = 0; i < types.count; i++) {
        const struct tn_node *groups = tn_tree_get(types.items[i], "groups");
        if (strcmp(text_of(types.items[i], "id"), type) != 0 || groups == NULL || groups->kind != TN_NODE_MAPPING)
            continue;
        for (size_t g = 0; g < groups->count; g++)
            for (size_t c = 0; groups->items[g]->kind == TN_NODE_SEQUENCE && c < groups->items[g]->count; c++) {
                const struct tn_node *way = groups->items[g]->items[c];
                join(infra, ports, text_of(way, "src"), text_of(way, "dst"), where);
            }
        return true;
    }
    return false;
}

static void read_switch(struct tn_rj_infra *infra, const struct tn_node *node)
{
    struct tn_import *import = infra->import;
    if (node->kind != TN_NODE_MAPPING) {
        tn_import_error(import, node, NULL, "a switch must be an object");
        return;
    }
    const struct tn_node *type = tn_import_need(import, node, "switch_type", "the switch");
    const struct tn_node *ports = tn_import_need(import, node, "ports", "the switch");
    const char *name = tn_import_text(import, type, "switch_type");
    bool known = false;
    if (name == NULL || ports == NULL)
        return;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].type, name) == 0) {
            join(infra, ports, ways[i].from, ways[i].to, node);
            known = true;
        }
    if (!known && !join_extended(infra, ports, name, node))
        tn_import_error(import, type, "types of its own stand in 'extended_switch_types'",
                        "there is no type of switch '%s'", name);
}

static bool read_switches(struct tn_rj_infra *infra)
{
    struct tn_import *import = infra->import;
    const size_t before = import->reader->ctx->errors;
    const struct tn_import_items list = tn_import_list(import, infra->root, "switches", false, "the infrastructure");
    infra->first_link = tn_reader_alloc(import->reader, 2 * infra->track_count, sizeof *infra->first_link);
    for (size_t i = 0; infra->first_link != NULL && i < 2 * infra->track_count; i++)
        infra->first_link[i] = -1;
    for (size_t i = 0; infra->first_link != NULL && i < list.count; i++)
        read_switch(infra, list.items[i]);
    return infra->first_link != NULL && import->reader->ctx->errors == before;
}

/* --- operational points --- */

static bool read_part(struct tn_rj_spot *out, struct tn_rj_infra *infra, const struct tn_node *node)
{
    struct tn_import *import = infra->import;
    if (node->kind != TN_NODE_MAPPING) {
        tn_import_error(import, node, NULL, "a part of an operational point must be an object");
        return false;
    }
    const struct tn_node *track = tn_import_need(import, node, "track", "the part");
    const struct tn_node *position = tn_import_need(import, node, "position", "the part");
    *out = (struct tn_rj_spot){track == NULL ? SIZE_MAX : need_track(infra, track),
                               tn_import_number(import, position, "position")};
    if (out->track == SIZE_MAX || isnan(out->position_m))
        return false;
    if (out->position_m >= 0 && out->position_m <= infra->tracks[out->track].length_m)
        return true;
    tn_import_error(import, position, NULL, "the track section is %g m long", infra->tracks[out->track].length_m);
    return false;
}

static bool read_point(struct tn_rj_point *point, struct tn_rj_infra *infra, const struct tn_node *node)
{
    struct tn_import *import = infra->import;
    if (node->kind != TN_NODE_MAPPING) {
        tn_import_error(import, node, NULL, "an operational point must be an object");
        return false;
    }
    const struct tn_node *id = tn_import_need(import, node, "id", "the operational point");
    const struct tn_node *extensions = tn_import_get(node, "extensions");
    const struct tn_node *identifier = extensions == NULL ? NULL : tn_import_get(extensions, "identifier");
    const struct tn_import_items parts = tn_import_list(import, node, "parts", true, "the operational point");
    *point = (struct tn_rj_point){.id = tn_import_text(import, id, "id"), .node = node};
    if (point->id == NULL)
        return false;
    const char *name = identifier == NULL ? "" : text_of(identifier, "name");
    point->name = *name == '\0' ? point->id : name;
    point->parts = tn_reader_alloc(import->reader, parts.count + 1, sizeof *point->parts);
    for (size_t i = 0; point->parts != NULL && i < parts.count; i++)
        if (read_part(&point->parts[point->part_count], infra, parts.items[i]))
            point->part_count++;
    return point->parts != NULL;
}

static bool read_points(struct tn_rj_infra *infra)
{
    struct tn_import *import = infra->import;
    const size_t before = import->reader->ctx->errors;
    const struct tn_import_items list =
        tn_import_list(import, infra->root, "operational_points", false, "the infrastructure");
    infra->points = tn_reader_alloc(import->reader, list.count + 1, sizeof *infra->points);
    for (size_t i = 0; infra->points != NULL && i < list.count; i++)
        if (read_point(&infra->points[infra->point_count], infra, list.items[i]))
            infra->point_count++;
    return infra->points != NULL && import->reader->ctx->errors == before;
}

/* --- the whole --- */

static void note_lost(struct tn_rj_infra *infra)
{
    struct tn_import *import = infra->import;
    for (size_t k = 0; k < sizeof lost / sizeof *lost; k++) {
        const struct tn_import_items list =
            tn_import_list(import, infra->root, lost[k].list, false, "the infrastructure");
        for (size_t i = 0; i < list.count; i++)
            tn_import_lost(import, list.items[i], lost[k].kind, text_of(list.items[i], "id"), "%s", lost[k].why);
    }
    for (size_t i = 0; i < infra->track_count; i++)
        if (infra->tracks[i].first_step < 0)
            tn_import_lost(import, infra->tracks[i].node, "track section", infra->tracks[i].id,
                           "it is not on the way of the line");
}

void tn_import_railjson_infra(struct tn_import *import, const struct tn_node *root)
{
    struct tn_rj_infra infra = {.import = import, .root = root};
    const struct tn_node *version = tn_import_get(root, "version");
    if (!tn_import_map(import, root, "infrastructure", "", infra_keys))
        return;
    if (version != NULL && strcmp(text_of(root, "version"), VERSION) != 0)
        tn_import_assumed(import, version, "version", text_of(root, "version"),
                          "not the version known here (" VERSION ")");
    if (!read_tracks(&infra) || !read_switches(&infra) || !read_points(&infra) || !tn_rj_find_way(&infra))
        return;
    tn_rj_put_line(&infra);
    note_lost(&infra);
    import->depth = "strap";
    if (tn_tree_get(import->root, "gravity") == NULL)
        tn_import_put(import, import->root, "gravity", tn_import_scalar(import, root, "9.81 m/s2"));
}
