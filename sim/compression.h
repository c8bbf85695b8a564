/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_COMPRESSION_H
#define TN_COMPRESSION_H

#include "train_path.h"

/* Capacity by compression of a timetable, after UIC 406 (2nd edition, 2013), whose readings differ; these are our
   rules:
   - The line is cut at the stations where trains of the class in question can stand in both directions. Each part is
     compressed on its own, with the trains of a day that repeats.
   - Order, stops and dwells of the trains stay as in the timetable, and so do their running times; the waiting goes.
   - A train follows another through a part as soon as the rules of the road (network.h) let it: `meeting` after an
     opposite one if it starts from a stand, `not simultaneous` if it passes; `following` after the section of its own
     direction is free, or the headway. It keeps that from all trains before it, also from those that the one just
     before it does not meet.
   - On two tracks each direction counts by itself, and the one that takes longer counts.
   - The occupancy of a part is the compressed time over the day less the windows of its most closed section.
   - Trains of the class are added or taken away, in pairs of the mean time that theirs take, until the part is taken
   for the share that is allowed. */

struct tn_compressed_part {
    int first, last; /* stations at its ends, first < last */
    double time_s;   /* compressed, of all trains of a day */
    double others_s; /* of it, of trains of other classes */
    double open_s;   /* day less windows */
    double occupancy_1;
    double pairs_per_day; /* of the class, at the allowed share; INFINITY where none of its trains runs */
};

struct tn_compression {
    struct tn_compressed_part *parts;
    size_t count;
    size_t limiting;                   /* the part with the fewest pairs; count if there is none */
    double pairs_per_day, occupancy_1; /* of the limiting part; NAN if there is none */
};

/* Compresses a cyclic timetable that tn_road_check finds nothing against. class: of whose pairs the capacity is asked;
   its trains run both ways. What out points to lives in the arena; memory is all that can fail. */
tn_status tn_compression_solve(struct tn_compression *out, const struct tn_network *network,
                               const struct tn_train_path *paths, size_t count,
                               const struct tn_traffic_class_spec *class, double allowed_1, struct tn_arena *arena);

#endif
