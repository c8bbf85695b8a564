/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TRACK_H
#define TN_TRACK_H

#include "line.h"
#include "train.h"

/* How much of a train's length the model sees. */
enum tn_depth { TN_POINT, TN_STRAP };
const char *tn_depth_name(int index);

/* The track as one train feels it with its head at s: on each piece the force of grade, curves and tunnels is
   k0 + k1 (s - from) + (t0 + t1 (s - from)) v^2, positive against motion, and the air has r0 + r1 (s - from) times the
   reference density. At strap depth the forces are averaged exactly over the train's mass distribution. */
struct tn_track_piece {
    double from_m;
    double k0, k1;
    double t0, t1;
    double r0, r1;
    double limit_m_s; /* line, train, station and distance-rule limits; constant on the piece */
    double rule_m_s;  /* the distance rule's part of it (INFINITY where it does not bind) */
    int zone;
};

/* Where wind (bearing), power (altitude of diesels) or the units that a neutral section takes off differ, so do the
   curves. */
struct tn_track_zone {
    double head_m_s, cross_m_s;
    uint64_t off;                  /* units off: bit i is unit i */
    bool neutral;                  /* all of them are */
    struct tn_curve traction;      /* at this zone's altitude, of the units that are not off */
    struct tn_curve dynamic_brake; /* of these units */
    struct tn_curve service_brake; /* that and the full service air brake; count 0: unlimited */
    struct tn_curve still, air;    /* resistance, with starting resistance if the train's spec says so */
};

struct tn_track {
    const struct tn_train *train;
    const struct tn_path *path;
    enum tn_depth depth;
    struct tn_track_piece *pieces; /* the first from s = 0, the last ends at length_m */
    double *pressures_Pa;          /* of the air at begin and end of each; NULL: a uniform grade */
    size_t count;
    double length_m;
    struct tn_track_zone *zones;
    size_t zone_count;
};

tn_status tn_track_init(struct tn_track *track, const struct tn_path *path, const struct tn_train *train,
                        const struct tn_weather *weather, enum tn_depth depth, struct tn_arena *arena,
                        struct tn_context *ctx);

/* What tracks of one path have in common, kept from one to the next: elevations, breakpoints, slopes averaged over the
   lengths of trains. It grows in an arena, all else zero before its first use. A track does not point into it. */
struct tn_track_cache {
    struct tn_arena *arena;
    const struct tn_track_ground *ground; /* NULL: not known yet */
    const struct tn_track_shape *shapes;  /* one for each way in which lengths differ */
    size_t count;                         /* of shapes */
};
/* tn_track_init with a cache that has served this very path (and no other) or none: the same bytes, sooner. */
tn_status tn_track_init_cached(struct tn_track *track, struct tn_track_cache *cache, const struct tn_path *path,
                               const struct tn_train *train, const struct tn_weather *weather, enum tn_depth depth,
                               struct tn_arena *arena, struct tn_context *ctx);

/* Puts a track, not a uniform one, into air of another temperature or density: the same bytes as from the begin. Not
   for a diesel, whose effort changes too. */
void tn_track_set_air(struct tn_track *track, const struct tn_weather *weather);

/* The limit at s, m/s: of the piece that begins there, where one does. */
double tn_track_limit(const struct tn_track *track, double s_m);

/* The neutral section that takes a unit off with the head at s; NULL: none. The units of a row of locomotives are off
   together, from when the first one's front enters until the last one's rear has left (assumed). */
const struct tn_neutral_section *tn_track_neutral(const struct tn_track *track, double s_m);
/* " in the neutral section from km 12.3 to km 12.7" there, otherwise ""; NULL if there is no memory. */
const char *tn_track_neutral_text(const struct tn_track *track, double s_m, struct tn_arena *arena);

/* An endless uniform grade at one altitude: what start, restart, descent, rating and brake cycles stand on.
   curve_radius_m: INFINITY = straight; 600/R whatever a line's law, and less adhesion for traction. There is no bearing
   here: the wind blows where it is worst, with all its speed against a climb or on the level and from behind on a
   descent. The distance rule binds on a descent, curves counted. */
tn_status tn_track_uniform(struct tn_track *track, const struct tn_train *train, const struct tn_weather *weather,
                           double grade_1, double curve_radius_m, double altitude_m, double length_m,
                           struct tn_arena *arena, struct tn_context *ctx);

#endif
