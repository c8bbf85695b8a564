/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_RAILJSON_H
#define TN_RAILJSON_H

#include "import_parts.h"

/* An infrastructure of OSRD as a graph of track sections, and the way of a line through it. */

enum tn_rj_direction { TN_RJ_FORWARD, TN_RJ_BACKWARD }; /* START_TO_STOP, STOP_TO_START */

struct tn_rj_track {
    const char *id;
    const struct tn_node *node;
    double length_m;
    int first_step; /* of the way, -1: it is not on it */
};

/* An end of a track section is 2 * track + (0 begin, 1 end). */
struct tn_rj_link {
    size_t to;
    int next; /* of the same end; -1: none */
};

struct tn_rj_spot { /* a place on a track section */
    size_t track;
    double position_m;
};

struct tn_rj_point { /* an operational point */
    const char *id, *name;
    const struct tn_node *node;
    struct tn_rj_spot *parts;
    size_t part_count;
};

struct tn_rj_step { /* a stretch of track, in the direction of travel */
    size_t track;
    enum tn_rj_direction direction;
    double from_m, to_m; /* on the track section; from > to where it runs backward */
    double begin_m;      /* on the way */
    int next;            /* step on the same track section, -1: none */
};

struct tn_rj_way {
    struct tn_rj_step *steps;
    size_t count, room;
    double length_m;
    const char *from, *to; /* names of its ends */
    const struct tn_node *from_node, *to_node;
};

struct tn_rj_infra {
    struct tn_import *import;
    const struct tn_node *root;
    struct tn_rj_track *tracks; /* by id */
    size_t track_count;
    struct tn_rj_link *links;
    size_t link_count, link_room;
    int *first_link; /* of each end */
    struct tn_rj_point *points;
    size_t point_count;
    struct tn_rj_way way;
};

/* The track section of that id, SIZE_MAX if there is none. */
size_t tn_rj_track(const struct tn_rj_infra *infra, const char *id);

/* railjson_path.c: the shortest way from end to end through the points between, as the options name them; reports. */
bool tn_rj_find_way(struct tn_rj_infra *infra);

/* railjson_line.c: the way as a line. */
void tn_rj_put_line(struct tn_rj_infra *infra);

#endif
