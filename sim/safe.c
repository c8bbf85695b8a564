/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "safe.h"

enum { BITS = 64 };

static bool has(const uint64_t *bits, int i)
{
    return (bits[i / BITS] >> (i % BITS)) & 1;
}

static void put(uint64_t *word, uint64_t bit, bool on)
{
    *word = (*word & ~bit) | (bit & -(uint64_t)on); /* no branch: it changes at random */
}

static int lowest(uint64_t word)
{
    int i = 0;
    for (int half = BITS / 2; half; half /= 2)
        if ((word & ((UINT64_C(1) << half) - 1)) == 0) {
            word >>= half;
            i += half;
        }
    return i;
}

static int highest(uint64_t word)
{
    int i = 0;
    for (int half = BITS / 2; half; half /= 2)
        if (word >> half) {
            word >>= half;
            i += half;
        }
    return i;
}

/* The first station of the set from `from` on upwards; `end` if there is none below it. */
static int next(const uint64_t *bits, int from, int end)
{
    for (int w = from / BITS; from < end && w * BITS < end; w++) {
        const uint64_t word = w == from / BITS ? bits[w] & (UINT64_MAX << (from % BITS)) : bits[w];
        if (word) {
            const int i = w * BITS + lowest(word);
            return i < end ? i : end;
        }
    }
    return end;
}

/* The same downwards; -1 if there is none. */
static int previous(const uint64_t *bits, int from)
{
    for (int w = from / BITS; from >= 0 && w >= 0; w--) {
        const uint64_t word = w == from / BITS ? bits[w] & (UINT64_MAX >> (BITS - 1 - from % BITS)) : bits[w];
        if (word)
            return w * BITS + highest(word);
    }
    return -1;
}

tn_status tn_safe_init(struct tn_safe *safe, const struct tn_network *network, struct tn_arena *arena)
{
    const size_t stations = (size_t)network->station_count, classes = (size_t)network->class_count;
    const size_t words = (stations + BITS - 1) / BITS;
    *safe = (struct tn_safe){
        .stations = network->station_count, .classes = network->class_count, .words = (int)words, .network = network};
    safe->tracks = tn_arena_alloc(arena, stations, sizeof *safe->tracks);
    safe->of_class = tn_arena_alloc(arena, stations * (classes + 1), sizeof *safe->of_class);
    safe->full = tn_arena_alloc(arena, words, sizeof *safe->full);
    safe->fits = tn_arena_alloc(arena, words * (classes + 1), sizeof *safe->fits);
    if (!safe->tracks || !safe->of_class || !safe->full || !safe->fits)
        return TN_ERR_MEMORY;
    for (int d = 0; d < 2; d++) {
        safe->at[d] = tn_arena_alloc(arena, stations, sizeof *safe->at[d]);
        safe->one_way[d] = tn_arena_alloc(arena, words, sizeof *safe->one_way[d]);
        safe->roomy[d] = tn_arena_alloc(arena, words, sizeof *safe->roomy[d]);
        if (!safe->at[d] || !safe->one_way[d] || !safe->roomy[d])
            return TN_ERR_MEMORY;
    }
    for (int i = 0; i < safe->stations; i++)
        tn_safe_set_tracks(safe, i, network->stations[i].tracks);
    for (int c = 0; c < safe->classes; c++)
        for (int i = 0; i < safe->stations; i++)
            tn_safe_set_fits(safe, c, i, network->classes[c].fits[i]);
    return TN_OK;
}

static int room(const struct tn_safe *safe, int station)
{
    return safe->tracks[station] - safe->at[TN_NETWORK_UP][station] - safe->at[TN_NETWORK_DOWN][station];
}

static void update(struct tn_safe *safe, int station)
{
    const int up = safe->at[TN_NETWORK_UP][station], down = safe->at[TN_NETWORK_DOWN][station];
    const int left = room(safe, station);
    const int w = station / BITS;
    const uint64_t bit = UINT64_C(1) << (station % BITS);
    put(&safe->full[w], bit, left <= 0);
    put(&safe->one_way[TN_NETWORK_UP][w], bit, left <= 0 && down == 0);
    put(&safe->one_way[TN_NETWORK_DOWN][w], bit, left <= 0 && up == 0);
    put(&safe->roomy[TN_NETWORK_UP][w], bit, left >= 2 || (left == 1 && down > 0));
    put(&safe->roomy[TN_NETWORK_DOWN][w], bit, left >= 2 || (left == 1 && up > 0));
}

/* Station `top`: the highest full of down trains; `bottom`: the lowest below it full of up trains. Whether there are.
 */
static bool find_facing(const struct tn_safe *safe, int *bottom, int *top)
{
    *top = previous(safe->one_way[TN_NETWORK_DOWN], safe->stations - 1);
    *bottom = *top < 0 ? 0 : next(safe->one_way[TN_NETWORK_UP], 0, *top);
    return *bottom < *top;
}

void tn_safe_set_tracks(struct tn_safe *safe, int station, int tracks)
{
    int bottom, top;
    safe->tracks[station] = tracks;
    update(safe, station);
    safe->facing = find_facing(safe, &bottom, &top);
}

void tn_safe_set_fits(struct tn_safe *safe, int class, int station, bool fits)
{
    put(&safe->fits[class * safe->words + station / BITS], UINT64_C(1) << (station % BITS), fits);
}

static void count(struct tn_safe *safe, int class, int station, int more)
{
    safe->at[safe->network->classes[class].direction][station] += more;
    safe->of_class[station * safe->classes + class] += more;
    update(safe, station);
}

void tn_safe_move(struct tn_safe *safe, int class, int from, int to)
{
    int bottom, top;
    if (from >= 0)
        count(safe, class, from, -1);
    if (to >= 0)
        count(safe, class, to, 1);
    safe->facing = find_facing(safe, &bottom, &top);
}

/* Whether some station of both sets lies strictly between the two. */
static bool meet_between(const uint64_t *a, const uint64_t *b, int low, int high)
{
    for (int i = next(a, low + 1, high); i < high; i = next(a, i + 1, high))
        if (has(b, i))
            return true;
    return false;
}

/* Whether one of the trains of a full one-way station can step ahead to where it blocks nobody. */
static bool steps_ahead(const struct tn_safe *safe, int station, int direction)
{
    const bool up = direction == TN_NETWORK_UP;
    const int low = up ? station : previous(safe->full, station - 1);
    const int high = up ? next(safe->full, station + 1, safe->stations) : station;
    for (int c = 0; c < safe->classes; c++) {
        const int last = safe->network->classes[c].last;
        if (safe->of_class[station * safe->classes + c] == 0)
            continue;
        if (last > low && last < high)
            return true;
        if (meet_between(safe->roomy[direction], &safe->fits[c * safe->words], low, high))
            return true;
    }
    return false;
}

bool tn_safe_is_safe(struct tn_safe *safe)
{
    int bottom, top;
    safe->asked++;
    if (!find_facing(safe, &bottom, &top))
        return true;
    safe->looked++;
    while (bottom < top && steps_ahead(safe, bottom, TN_NETWORK_UP))
        bottom = next(safe->one_way[TN_NETWORK_UP], bottom + 1, top);
    for (int p = top; p > bottom; p = previous(safe->one_way[TN_NETWORK_DOWN], p - 1))
        if (!steps_ahead(safe, p, TN_NETWORK_DOWN))
            return false;
    return true;
}

bool tn_safe_allows(struct tn_safe *safe, int class, int from, int to)
{
    const int opposite = !safe->network->classes[class].direction;
    if (!safe->facing && (from < 0 || room(safe, from) >= 0) &&
        (to < 0 || room(safe, to) > 1 || safe->at[opposite][to] > 0)) { /* the move makes no station full one way */
        safe->asked++;
        return true;
    }
    tn_safe_move(safe, class, from, to);
    const bool is_safe = tn_safe_is_safe(safe);
    tn_safe_move(safe, class, to, from);
    return is_safe;
}
