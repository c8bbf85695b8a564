/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_LINE_H
#define TN_LINE_H

#include "arena.h"
#include "context.h"
#include "field.h"

/* A line as the user says it. km run from the line's origin; everything is in metres inside. An item with a phase is
   there from that phase (a year) on, one with `until` only before that phase. */

struct tn_station {
    double km;
    const char *name;
    const char *name_local;
    int tracks;    /* tracks on which trains can stand, the main one counted */
    double length; /* usable length of the shortest of them; NAN: from the line's loops */
    const char *kind;
    int phase, until; /* -1 = always */
    double lat, lon;  /* degrees; NAN = unknown */
    int confidence;   /* of km */
    const char *source;
};

struct tn_profile_point {
    double km, elevation;
    int confidence;
    const char *source;
};

enum tn_direction { TN_BOTH, TN_UP, TN_DOWN };
const char *tn_direction_name(int index);

struct tn_limit {
    double from, to, speed;
    int direction;
    int phase, until;
    const char *source;
};

struct tn_curved {
    double from, to;
    double radius, curvature; /* one of them, the other NAN */
    const char *source;
};

/* Specific resistance of a curve of curvature k: coefficient * k, or piecewise: c0 k up to k1, beyond it
   c0 k1 + c1 (k - k1) + c2 (k - k1)^2, as ALTRIOS has it. */
enum tn_curve_law { TN_CURVE_COEFFICIENT, TN_CURVE_ALTRIOS };

enum tn_tunnel_law {
    TN_TUNNEL_LENGTH,
    TN_TUNNEL_SPEED
}; /* 0.00013 L, or L v^2 / 1e7 with a limiting grade (TB/T 1407) */
struct tn_tunnel {
    double from, to;
    const char *name;
    int law;
    int confidence;
    const char *source;
};

struct tn_double_track {
    double from, to;
    int phase, until;
    double headway; /* between trains of one direction, s; NAN: the running time of the section plus the following
                       interval */
    const char *source;
};

struct tn_loops { /* usable length of the tracks of the stations in a range; the last row that matches counts */
    double from, to, length;
    int phase, until;
    int confidence;
    const char *source;
};

/* Traction and dynamic brake are off while a working electric locomotive is inside. */
struct tn_neutral_section {
    double from, to;
    int phase, until;
    int confidence;
    const char *source;
};

struct tn_feeding { /* a stretch that a substation feeds */
    const char *name;
    double from, to;
    double power; /* that it can give in the mean, W */
    int phase, until;
    int confidence;
    const char *source;
};

enum tn_block { TN_BLOCK_INTER_STATION, TN_BLOCK_SEMI_AUTOMATIC, TN_BLOCK_AUTOMATIC };
const char *tn_block_name(int index);

#define TN_LINE_STATIONS 10000 /* the most stations, and feeding sections, of a line */

struct tn_line_spec {
    const char *id;
    const char *name;
    bool up_is_decreasing; /* up = decreasing km */
    int block;
    double headway;                                /* automatic block, s */
    double origin_altitude;                        /* used where there is no profile */
    double speed;                                  /* line speed limit; NAN = none */
    int curve_law;                                 /* enum tn_curve_law */
    double curve_c0, curve_c1, curve_c2, curve_k1; /* m, m, m2, 1/m; law `altrios` */
    double curve_coefficient;                      /* w_r = coefficient / R, coefficient in m: 0.6 m = 600/R N/kN */
    struct tn_list stations, profile, limits, curves, tunnels, double_track, loops, neutral_sections, feeding;
    struct tn_list notes;
};
extern const struct tn_schema tn_station_schema;
extern const struct tn_schema tn_line_schema;

/* The least and the largest km that the line's stations and profile know; low > high if there are none. */
void tn_line_extent(double *low_m, double *high_m, const struct tn_line_spec *line);
tn_status tn_line_validate(const struct tn_line_spec *line, struct tn_context *ctx);

bool tn_in_phase(int from_phase, int until, int phase); /* phase -1: the latest */

/* Elevation at km (m), linear between profile points, level beyond the ends. */
double tn_line_elevation(const struct tn_line_spec *line, double km_m);
/* Specific resistance (force over weight) in a curve of the line. */
double tn_line_curve_resistance(const struct tn_line_spec *line, const struct tn_curved *curve);
/* Bearing of travel in increasing km at km, rad clockwise from north, from the stations' coordinates; NAN if unknown.
 */
double tn_line_bearing(const struct tn_line_spec *line, double km_m);
/* Station by name (exact) that exists in the phase, or NULL. */
const struct tn_station *tn_line_station(const struct tn_line_spec *line, const char *name, int phase);
/* Usable track length at a station in the phase, m; NAN = unknown. */
double tn_line_track_length(const struct tn_line_spec *line, const struct tn_station *station, int phase);
/* Whether the whole of [from, to] has a second track in the phase; headway_s_out as in the row. */
bool tn_line_double_track(const struct tn_line_spec *line, double from_m, double to_m, int phase,
                          double *headway_s_out);

/* The line as a train meets it: s (m) grows in the direction of travel from the origin station; the train's head is at
 * s. */
struct tn_path {
    const struct tn_line_spec *line;
    int phase;
    bool up;
    double origin_km_m;                 /* km of s = 0 */
    double sign;                        /* +1: km grows with s, -1: falls */
    double length_m;                    /* s of the destination */
    const struct tn_station **stations; /* in order of travel, origin and destination included */
    double *station_s_m;
    size_t station_count;
};

/* TN_ERR_INPUT if a station is unknown (with the nearest name as hint) or from equals to. where_from and where_to are
   the addresses of the fields that gave the names. */
tn_status tn_path_init(struct tn_path *path, const struct tn_line_spec *line, int phase, const char *from,
                       const char *to, const void *where_from, const void *where_to, struct tn_arena *arena,
                       struct tn_context *ctx);
/* The station of that name in the phase; TN_ERR_INPUT about `where` if there is none. */
tn_status tn_line_find_station(const struct tn_station **out, const struct tn_line_spec *line, int phase,
                               const char *name, const void *where, struct tn_context *ctx);
/* The path between two different km, with the stations on the way; memory is all that can fail. */
tn_status tn_path_between(struct tn_path *path, const struct tn_line_spec *line, int phase, double from_m, double to_m,
                          struct tn_arena *arena);

#endif
