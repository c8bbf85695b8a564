/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof of safety against trying every order, on random tiny lines: safe FIRST_SEED COUNT. A state that is proved
   to be safe lets all its trains come to their ends, and has a move that leads to a state proved to be safe; trains
   enter an empty line. How many states it refuses that would have been all right is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "safe.h"

enum { STATIONS = 8, CLASSES = 4, STATES = 200000 };

struct line {
    struct tn_network network;
    struct tn_network_station stations[STATIONS];
    struct tn_network_class classes[CLASSES];
    bool fits[CLASSES][STATIONS];
};

struct state { /* how many of each class stand where */
    unsigned char at[CLASSES][STATIONS];
};

struct seen {
    struct state states[2 * STATES];
    bool used[2 * STATES];
    int count;
};

static int pick(struct tn_random *r, int low, int high)
{
    return low + (int)tn_random_below(r, (uint64_t)high - (uint64_t)low + 1);
}

static void draw_line(struct line *line, struct tn_random *r)
{
    struct tn_network *n = &line->network;
    memset(line, 0, sizeof *line);
    *n = (struct tn_network){.stations = line->stations, .classes = line->classes};
    n->station_count = pick(r, 2, STATIONS);
    n->section_count = n->station_count - 1;
    n->class_count = pick(r, 2, CLASSES);
    for (int i = 0; i < n->station_count; i++)
        line->stations[i].tracks = pick(r, 0, 3) ? pick(r, 2, 3) : 1;
    for (int c = 0; c < n->class_count; c++) {
        struct tn_network_class *class = &line->classes[c];
        const bool whole = pick(r, 0, 2) > 0;
        const int low = whole ? 0 : pick(r, 0, n->station_count - 2);
        const int high = whole ? n->station_count - 1 : pick(r, low + 1, n->station_count - 1);
        class->direction = c < 2 ? c : pick(r, TN_NETWORK_UP, TN_NETWORK_DOWN);
        class->first = class->direction == TN_NETWORK_UP ? low : high;
        class->last = class->direction == TN_NETWORK_UP ? high : low;
        class->fits = line->fits[c];
        for (int i = 0; i < n->station_count; i++)
            line->fits[c][i] = i == low || i == high || (line->stations[i].tracks > 1 && pick(r, 0, 4) > 0);
    }
}

static int trains_at(const struct line *line, const struct state *state, int station)
{
    int sum = 0;
    for (int c = 0; c < line->network.class_count; c++)
        sum += state->at[c][station];
    return sum;
}

static bool is_empty(const struct state *state)
{
    static const struct state none;
    return memcmp(state, &none, sizeof none) == 0;
}

/* Where a train of the class comes to by one move: to the next station where it fits, over such with a track free, or
   out of the line. -1: it cannot move. */
static int leg(const struct line *line, const struct state *state, int c, int from)
{
    const struct tn_network_class *class = &line->classes[c];
    for (int i = from; i != class->last;) {
        i += tn_network_step(class);
        if (trains_at(line, state, i) >= line->stations[i].tracks)
            return -1;
        if (i == class->last || line->fits[c][i])
            return i;
    }
    return -1;
}

static void shift(const struct line *line, struct state *state, int c, int from, int to)
{
    if (from >= 0)
        state->at[c][from]--;
    if (to >= 0 && to != line->classes[c].last)
        state->at[c][to]++;
}

/* Whether it is new. */
static bool note(struct seen *seen, const struct state *state)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    const unsigned char *bytes = (const unsigned char *)state;
    for (size_t i = 0; i < sizeof *state; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    int at = (int)(hash % (2 * STATES));
    while (seen->used[at]) {
        if (memcmp(&seen->states[at], state, sizeof *state) == 0)
            return false;
        at = (at + 1) % (2 * STATES);
    }
    seen->used[at] = true;
    seen->states[at] = *state;
    seen->count++;
    return true;
}

/* Whether some order of moves brings all trains out. */
static bool finishes(const struct line *line, const struct state *state, struct seen *seen)
{
    if (is_empty(state))
        return true;
    if (seen->count >= STATES || !note(seen, state))
        return false;
    for (int c = 0; c < line->network.class_count; c++)
        for (int i = 0; i < line->network.station_count; i++) {
            const int to = state->at[c][i] ? leg(line, state, c, i) : -1;
            struct state after = *state;
            if (to < 0)
                continue;
            shift(line, &after, c, i, to);
            if (finishes(line, &after, seen))
                return true;
        }
    return false;
}

/* Whether a move leads from a safe state to a safe state. */
static bool goes_on(const struct line *line, const struct state *state, struct tn_safe *safe)
{
    for (int c = 0; c < line->network.class_count; c++)
        for (int i = 0; i < line->network.station_count; i++) {
            const int to = state->at[c][i] ? leg(line, state, c, i) : -1;
            if (to >= 0 && tn_safe_allows(safe, c, i, to == line->classes[c].last ? -1 : to))
                return true;
        }
    return false;
}

/* Whether every judgement ahead of a move is that of the state after it. */
static bool foresees(const struct line *line, const struct state *state, struct tn_safe *safe)
{
    for (int c = 0; c < line->network.class_count; c++)
        for (int i = 0; i < line->network.station_count; i++) {
            const int to = state->at[c][i] ? leg(line, state, c, i) : -1;
            const int at = to == line->classes[c].last ? -1 : to;
            if (to < 0)
                continue;
            const bool allowed = tn_safe_allows(safe, c, i, at);
            tn_safe_move(safe, c, i, at);
            const bool is_safe = tn_safe_is_safe(safe);
            tn_safe_move(safe, c, at, i);
            if (allowed != is_safe)
                return false;
        }
    return true;
}

/* Crowds trains on the tracks of stations on their way, at most stations in one direction. */
static void draw_state(const struct line *line, struct state *state, struct tn_random *r)
{
    memset(state, 0, sizeof *state);
    const int crowd = pick(r, 4, 10);
    for (int i = 0; i < line->network.station_count; i++) {
        const int direction = pick(r, TN_NETWORK_UP, TN_NETWORK_DOWN), mixed = pick(r, 0, 3);
        for (int t = 0, tries = 0; t < line->stations[i].tracks && tries < 4 * CLASSES; tries++) {
            const int c = pick(r, 0, line->network.class_count - 1);
            const struct tn_network_class *class = &line->classes[c];
            const bool up = class->direction == TN_NETWORK_UP;
            const bool on_way = up ? i > class->first && i < class->last : i < class->first && i > class->last;
            const bool wanted = class->direction == direction || mixed == 0;
            if (!wanted || !on_way || !line->fits[c][i])
                continue;
            if (pick(r, 1, 10) <= crowd)
                state->at[c][i]++;
            t++;
        }
    }
}

static void print(const struct line *line, const struct state *state)
{
    for (int i = 0; i < line->network.station_count; i++) {
        printf("  station %d, %d tracks:", i, line->stations[i].tracks);
        for (int c = 0; c < line->network.class_count; c++)
            printf(" %s%d%s x%d", line->classes[c].direction == TN_NETWORK_UP ? "up " : "down ", c,
                   line->fits[c][i] ? "" : " (does not fit)", state->at[c][i]);
        printf("\n");
    }
}

struct totals {
    long safe, unsafe, refused, cut;
};

static bool judge(const struct line *line, struct tn_random *r, struct totals *totals)
{
    static struct seen seen;
    struct tn_arena arena = {0};
    struct tn_safe safe;
    struct state state;
    draw_state(line, &state, r);
    if (tn_safe_init(&safe, &line->network, &arena) != TN_OK)
        return false;
    for (int c = 0; c < line->network.class_count; c++)
        for (int i = 0; i < line->network.station_count; i++)
            for (int t = 0; t < state.at[c][i]; t++)
                tn_safe_move(&safe, c, -1, i);
    if (seen.count)
        memset(seen.used, 0, sizeof seen.used);
    seen.count = 0;
    const bool is_safe = tn_safe_is_safe(&safe), finished = finishes(line, &state, &seen);
    const bool cut = !finished && seen.count >= STATES;
    const bool foreseen = foresees(line, &state, &safe);
    const bool good = foreseen && (!is_safe || cut || (finished && (is_empty(&state) || goes_on(line, &state, &safe))));
    totals->safe += is_safe;
    totals->unsafe += !finished && !cut;
    totals->refused += finished && !is_safe;
    totals->cut += cut;
    if (!good) {
        printf("%s\n", !foreseen  ? "a judgement ahead of a move is not that of the state after it"
                       : finished ? "no move leads from a safe state to a safe state"
                                  : "a deadlock that is called safe");
        print(line, &state);
    }
    tn_arena_clear(&arena);
    return good;
}

int main(int argc, char **argv)
{
    static struct line line;
    struct totals totals = {0};
    if (argc < 3) {
        fprintf(stderr, "usage: safe FIRST_SEED COUNT\n");
        return 2;
    }
    const uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
    bool good = true;
    for (uint64_t seed = first; seed < first + count && good; seed++) {
        struct tn_random r;
        tn_random_init(&r, seed, 98, 0, 0, 0);
        draw_line(&line, &r);
        good = judge(&line, &r, &totals);
        if (!good)
            printf("seed %llu\n", (unsigned long long)seed);
    }
    printf("%ld states proved safe, %ld without a way out; %ld more refused that had one; %ld too large to try\n",
           totals.safe, totals.unsafe, totals.refused, totals.cut);
    return !good || totals.cut > 0 || totals.unsafe == 0;
}
