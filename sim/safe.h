/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SAFE_H
#define TN_SAFE_H

#include "network.h"

/* Whether trains on a line can still all come to their ends: the proof that goes before each move of the simulator. The
   state is that of the line at rest: each train that runs counts at the station where it has a track reserved, for
   there it will come without needing anything else; trains that are bound for their last station do not count, for
   there they leave by themselves. docs/simulation.md holds the proof that a safe state always has a move to a safe
   state. */

struct tn_safe {
    int stations, classes, words; /* words of a bitmap of stations */
    const struct tn_network *network;
    int *tracks;           /* of each station */
    int *at[2];            /* trains of a direction at each station */
    int *of_class;         /* [station * classes + class] */
    uint64_t *full;        /* stations with as many trains as tracks */
    uint64_t *one_way[2];  /* full, and all their trains run in one direction */
    uint64_t *roomy[2];    /* can take a train of a direction without becoming `one_way` */
    uint64_t *fits;        /* [class * words]: where a class can stand */
    bool facing;           /* a station full of up trains lies below one full of down trains */
    int64_t asked, looked; /* how often the state was judged, and how often the look at places ahead was needed */
};

/* An empty line. In memory of the arena, which is all that can fail. */
tn_status tn_safe_init(struct tn_safe *safe, const struct tn_network *network, struct tn_arena *arena);

/* A train of the class goes from a station to another; -1: comes from outside, leaves (or is bound for its last). */
void tn_safe_move(struct tn_safe *safe, int class, int from, int to);

/* Whether the state is proved to be safe. */
bool tn_safe_is_safe(struct tn_safe *safe);

/* Whether it would be so after the move. */
bool tn_safe_allows(struct tn_safe *safe, int class, int from, int to);

/* From now on the station has that many tracks, and the class can stand there or cannot. */
void tn_safe_set_tracks(struct tn_safe *safe, int station, int tracks);
void tn_safe_set_fits(struct tn_safe *safe, int class, int station, bool fits);

#endif
