/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a line through an infrastructure: Dijkstra's shortest way over track sections and directions, leg by leg
   through the points that it must pass, without turning round. */
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "railjson.h"

enum { NAMES_SHOWN = 20 };

/* A state is 2 * track + direction: the train runs there in that direction. */
struct search {
    const struct tn_rj_infra *infra;
    double *cost_m;  /* from the start to the entry into the state; INFINITY: not reached */
    size_t *before;  /* state; SIZE_MAX: the start is on this track section */
    double *start_m; /* where on the track section the way begins, if it does */
    size_t *heap;    /* states by cost */
    size_t *slot;    /* of each state in the heap, SIZE_MAX: it is not there */
    size_t heap_count;
    struct tn_arena arena; /* of the arrays */
};

/* --- heap --- */

static bool is_nearer(const struct search *search, size_t a, size_t b)
{
    return search->cost_m[a] < search->cost_m[b] || (a < b && search->cost_m[a] == search->cost_m[b]);
}

static void set(struct search *search, size_t slot, size_t state)
{
    search->heap[slot] = state;
    search->slot[state] = slot;
}

static void raise(struct search *search, size_t slot)
{
    const size_t state = search->heap[slot];
    for (size_t parent = (slot - 1) / 2; slot > 0 && is_nearer(search, state, search->heap[parent]);
         parent = (slot - 1) / 2) {
        set(search, slot, search->heap[parent]);
        slot = parent;
    }
    set(search, slot, state);
}

static size_t pop(struct search *search)
{
    const size_t first = search->heap[0], state = search->heap[--search->heap_count];
    size_t slot = 0;
    for (size_t child = 1; child < search->heap_count; child = 2 * slot + 1) {
        if (child + 1 < search->heap_count && is_nearer(search, search->heap[child + 1], search->heap[child]))
            child++;
        if (!is_nearer(search, search->heap[child], state))
            break;
        set(search, slot, search->heap[child]);
        slot = child;
    }
    if (search->heap_count > 0)
        set(search, slot, state);
    search->slot[first] = SIZE_MAX;
    return first;
}

static void reach(struct search *search, size_t state, double cost_m, size_t before)
{
    if (!(cost_m < search->cost_m[state]))
        return;
    search->cost_m[state] = cost_m;
    search->before[state] = before;
    if (search->slot[state] == SIZE_MAX)
        set(search, search->heap_count++, state);
    raise(search, search->slot[state]);
}

/* --- one leg --- */

static double length_of(const struct search *search, size_t state)
{
    return search->infra->tracks[state / 2].length_m;
}

/* How far into the track section of the state a place is, in the direction of the state. */
static double along(const struct search *search, size_t state, double position_m)
{
    return state % 2 == TN_RJ_FORWARD ? position_m : length_of(search, state) - position_m;
}

static bool make_search(struct search *search, const struct tn_rj_infra *infra)
{
    const size_t states = 2 * infra->track_count;
    *search = (struct search){.infra = infra};
    search->cost_m = tn_arena_alloc(&search->arena, states, sizeof(double));
    search->before = tn_arena_alloc(&search->arena, states, sizeof(size_t));
    search->start_m = tn_arena_alloc(&search->arena, states, sizeof(double));
    search->heap = tn_arena_alloc(&search->arena, states, sizeof(size_t));
    search->slot = tn_arena_alloc(&search->arena, states, sizeof(size_t));
    if (search->cost_m == NULL || search->before == NULL || search->start_m == NULL || search->heap == NULL ||
        search->slot == NULL) {
        infra->import->reader->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < states; i++) {
        search->cost_m[i] = INFINITY;
        search->before[i] = search->slot[i] = SIZE_MAX;
        search->start_m[i] = NAN;
    }
    return true;
}

/* The state in which a target is reached, the nearest one; SIZE_MAX: none is. */
static size_t run_search(struct search *search, const struct tn_rj_spot *targets, size_t count,
                         struct tn_rj_spot *reached_out)
{
    size_t best = SIZE_MAX;
    double best_m = INFINITY;
    while (search->heap_count > 0) {
        const size_t state = pop(search);
        if (search->cost_m[state] >= best_m)
            break;
        const bool first = search->before[state] == SIZE_MAX;
        for (size_t t = 0; t < count; t++) {
            const double entry_m = first ? along(search, state, search->start_m[state]) : 0;
            const double way_m = along(search, state, targets[t].position_m) - entry_m;
            if (targets[t].track != state / 2 || way_m < 0 || search->cost_m[state] + way_m >= best_m)
                continue;
            best = state;
            best_m = search->cost_m[state] + way_m;
            *reached_out = targets[t];
        }
        const double left_m = length_of(search, state) - (first ? along(search, state, search->start_m[state]) : 0);
        const size_t end = 2 * (state / 2) + (state % 2 == TN_RJ_FORWARD);
        for (int i = search->infra->first_link[end]; i >= 0; i = search->infra->links[i].next) {
            const size_t to = search->infra->links[i].to;
            reach(search, 2 * (to / 2) + (to % 2 == 0 ? TN_RJ_FORWARD : TN_RJ_BACKWARD), search->cost_m[state] + left_m,
                  state);
        }
    }
    return best;
}

static void add_step(struct tn_rj_infra *infra, size_t state, double from_m, double to_m)
{
    struct tn_rj_way *way = &infra->way;
    struct tn_rj_step *last = way->count > 0 ? &way->steps[way->count - 1] : NULL;
    const double length_m = fabs(to_m - from_m);
    if (last != NULL && last->track == state / 2 && last->to_m == from_m) { /* the leg before ended here */
        last->to_m = to_m;
        way->length_m += length_m;
        return;
    }
    if (way->count == way->room) {
        struct tn_rj_step *more = tn_reader_alloc(infra->import->reader, 2 * way->room + 16, sizeof *more);
        if (more == NULL)
            return;
        if (way->count > 0)
            memcpy(more, way->steps, way->count * sizeof *more);
        way->steps = more;
        way->room = 2 * way->room + 16;
    }
    way->steps[way->count++] =
        (struct tn_rj_step){state / 2, (enum tn_rj_direction)(state % 2), from_m, to_m, way->length_m, -1};
    way->length_m += length_m;
}

/* Adds the states from the start to this one, which ends at to_m. */
static bool add_leg(struct tn_rj_infra *infra, const struct search *search, size_t last, double to_m)
{
    size_t count = 1;
    for (size_t s = last; search->before[s] != SIZE_MAX; s = search->before[s])
        count++;
    size_t *states = tn_reader_alloc(infra->import->reader, count, sizeof *states);
    if (states == NULL)
        return false;
    for (size_t i = count, s = last; i > 0; i--, s = search->before[s])
        states[i - 1] = s;
    for (size_t i = 0; i < count; i++) {
        const bool forward = states[i] % 2 == TN_RJ_FORWARD;
        const double length_m = length_of(search, states[i]);
        add_step(infra, states[i],
                 i == 0    ? search->start_m[states[i]]
                 : forward ? 0
                           : length_m,
                 i + 1 == count ? to_m
                 : forward      ? length_m
                                : 0);
    }
    return true;
}

/* Starts from the parts of the point in both directions, or from a spot in one. */
static void start_search(struct search *search, const struct tn_rj_spot *spots, size_t count, int direction)
{
    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; d < 2; d++) {
            const size_t state = 2 * spots[i].track + d;
            if ((direction >= 0 && (size_t)direction != d) || search->start_m[state] >= 0)
                continue;
            search->start_m[state] = spots[i].position_m;
            reach(search, state, 0, SIZE_MAX);
        }
}

/* From a point, or from where the leg before ended, *at in *direction (-1: there is none), to the nearest part of the
   next point. */
static bool find_leg(struct tn_rj_infra *infra, const struct tn_rj_point *from, const struct tn_rj_point *to,
                     struct tn_rj_spot *at, int *direction)
{
    struct search search;
    bool found = make_search(&search, infra);
    if (found) {
        start_search(&search, *direction < 0 ? from->parts : at, *direction < 0 ? from->part_count : 1, *direction);
        const size_t last = run_search(&search, to->parts, to->part_count, at);
        found = last != SIZE_MAX && add_leg(infra, &search, last, at->position_m);
        *direction = (int)(last % 2);
        if (last == SIZE_MAX)
            tn_import_error(infra->import, to->node, "trains do not turn round on the way",
                            "there is no way from '%s' to '%s'", from->name, to->name);
    }
    tn_arena_clear(&search.arena);
    return found;
}

/* --- the points by name --- */

static const char *point_name(size_t i, const void *payload)
{
    return ((const struct tn_rj_infra *)payload)->points[i].name;
}

static const char *all_names(const struct tn_rj_infra *infra)
{
    const char *text = "its operational points:";
    for (size_t i = 0; i < infra->point_count && i < NAMES_SHOWN && text != NULL; i++)
        text = tn_reader_printf(infra->import->reader, "%s%s '%s'", text, i == 0 ? "" : ",", infra->points[i].name);
    if (infra->point_count > NAMES_SHOWN && text != NULL)
        text = tn_reader_printf(infra->import->reader, "%s and %zu more", text, infra->point_count - NAMES_SHOWN);
    return infra->point_count == 0 ? "it has no operational points; name places as TRACK:METRES" : text;
}

/* "TRACK:METRES" */
static bool find_spot(struct tn_rj_point *out, const struct tn_rj_infra *infra, const char *text)
{
    const char *colon = strrchr(text, ':');
    struct tn_number number;
    if (colon == NULL || !tn_number_split(&number, colon + 1) || *number.unit != '\0')
        return false;
    const char *id = tn_reader_printf(infra->import->reader, "%.*s", (int)(colon - text), text);
    const size_t track = id == NULL ? SIZE_MAX : tn_rj_track(infra, id);
    struct tn_rj_spot *spot = tn_reader_alloc(infra->import->reader, 1, sizeof *spot);
    if (track == SIZE_MAX || spot == NULL || !(number.value >= 0) || number.value > infra->tracks[track].length_m)
        return false;
    *spot = (struct tn_rj_spot){track, number.value};
    *out = (struct tn_rj_point){text, text, infra->tracks[track].node, spot, 1};
    return true;
}

static bool find_point(struct tn_rj_point *out, const struct tn_rj_infra *infra, const char *text, const char *option)
{
    size_t found = SIZE_MAX, named = 0;
    for (size_t i = 0; i < infra->point_count; i++) {
        if (strcmp(infra->points[i].id, text) == 0) {
            *out = infra->points[i];
            return true;
        }
        if (strcmp(infra->points[i].name, text) == 0) {
            found = i;
            named++;
        }
    }
    if (named == 1) {
        *out = infra->points[found];
        return true;
    }
    if (find_spot(out, infra, text))
        return true;
    const char *near = tn_nearest_name(text, point_name, infra->point_count, infra);
    if (named > 1)
        tn_import_error(infra->import, infra->points[found].node, "name it by its id",
                        "%zu operational points have the name '%s' of %s", named, text, option);
    else
        tn_import_error(infra->import, infra->root,
                        near == NULL ? all_names(infra)
                                     : tn_reader_printf(infra->import->reader, "did you mean '%s'?", near),
                        "there is no operational point '%s', which %s names", text, option);
    return false;
}

/* The ends that the options name; of two operational points these are the ends. */
static bool find_ends(struct tn_rj_point *from, struct tn_rj_point *to, const struct tn_rj_infra *infra)
{
    const struct tn_import_options *options = infra->import->options;
    if (options->from == NULL && options->to == NULL && infra->point_count == 2) {
        *from = infra->points[0];
        *to = infra->points[1];
        return true;
    }
    if (options->from == NULL || options->to == NULL) {
        tn_import_error(infra->import, infra->root, all_names(infra), "name both ends of the line: --from and --to");
        return false;
    }
    return find_point(from, infra, options->from, "--from") && find_point(to, infra, options->to, "--to");
}

/* The place of the ends on the way, and the steps of each track section. */
static void finish(struct tn_rj_infra *infra, const struct tn_rj_point *from, const struct tn_rj_point *to)
{
    struct tn_rj_way *way = &infra->way;
    way->from = from->name;
    way->to = to->name;
    way->from_node = from->node;
    way->to_node = to->node;
    for (size_t i = way->count; i > 0; i--) {
        struct tn_rj_track *track = &infra->tracks[way->steps[i - 1].track];
        way->steps[i - 1].next = track->first_step;
        track->first_step = (int)(i - 1);
    }
}

bool tn_rj_find_way(struct tn_rj_infra *infra)
{
    const struct tn_import_options *options = infra->import->options;
    struct tn_rj_point from, to, next, before;
    struct tn_rj_spot at = {0, 0};
    int direction = -1;
    if (!find_ends(&from, &to, infra))
        return false;
    before = from;
    for (size_t i = 0; i < options->via_count; i++, before = next)
        if (!find_point(&next, infra, options->via[i], "--via") || !find_leg(infra, &before, &next, &at, &direction))
            return false;
    if (!find_leg(infra, &before, &to, &at, &direction))
        return false;
    if (!(infra->way.length_m > 0)) {
        tn_import_error(infra->import, to.node, NULL, "the line from '%s' to '%s' has no length", from.name, to.name);
        return false;
    }
    finish(infra, &from, &to);
    return true;
}
