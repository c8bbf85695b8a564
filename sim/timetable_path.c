/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_path.h"

#include <stdlib.h>
#include <string.h>

enum node_kind {
    ORIGIN,
    RUN,     /* comes out of a section; parent: how it went in */
    THROUGH, /* leaves after its dwell; parent: the arrival */
    WAIT     /* leaves after waiting since back_ms */
};

/* Where the sets of a station stand in the pool. */
struct range {
    size_t first, end;
};

static int64_t cost_at(const struct tn_timetable_node *node, int64_t moment_ms)
{
    return node->cost_ms + (node->rises ? moment_ms - node->first_ms : 0);
}

static void add(struct tn_timetable_planner *planner, struct tn_timetable_nodes *nodes, struct tn_timetable_node node)
{
    if (nodes->count == nodes->room) {
        const size_t room = 2 * nodes->room + 256;
        struct tn_timetable_node *grown = realloc(nodes->items, room * sizeof *grown);
        if (grown == NULL) {
            planner->failed = true;
            return;
        }
        nodes->items = grown;
        nodes->room = room;
    }
    nodes->items[nodes->count++] = node;
}

/* The part of a node from first to last. */
static struct tn_timetable_node part(const struct tn_timetable_node *node, int64_t first_ms, int64_t last_ms)
{
    struct tn_timetable_node cut = *node;
    cut.cost_ms = cost_at(node, first_ms);
    cut.first_ms = first_ms;
    cut.last_ms = last_ms;
    return cut;
}

/* A node whose moments may lie beyond the period, as far as it can be taken up; split where the day ends. */
static void add_round(struct tn_timetable_planner *planner, struct tn_timetable_nodes *nodes,
                      struct tn_timetable_node node, int64_t limit_ms)
{
    const int64_t period = planner->board->period_ms;
    if (node.rises)
        node.last_ms = tn_timetable_least(node.last_ms, node.first_ms + limit_ms - node.cost_ms);
    if (node.cost_ms > limit_ms || node.last_ms < node.first_ms)
        return;
    if (!planner->board->cyclic) {
        node.last_ms = tn_timetable_least(node.last_ms, period - 1);
        if (node.first_ms <= node.last_ms)
            add(planner, nodes, node);
        return;
    }
    while (node.first_ms <= node.last_ms) {
        const int64_t begin = tn_network_time_of_day(node.first_ms), back = node.first_ms - begin;
        struct tn_timetable_node piece =
            part(&node, node.first_ms, tn_timetable_least(node.last_ms, back + period - 1));
        const int64_t next = piece.last_ms + 1;
        piece.first_ms -= back;
        piece.last_ms -= back;
        add(planner, nodes, piece);
        if (next > node.last_ms)
            return;
        node = part(&node, next, node.last_ms);
    }
}

/* --- the lower envelope of two lists --- */

static void emit(struct tn_timetable_planner *planner, struct tn_timetable_nodes *out,
                 const struct tn_timetable_node *node, int64_t first_ms, int64_t last_ms)
{
    if (first_ms > last_ms)
        return;
    struct tn_timetable_node *before = out->count ? &out->items[out->count - 1] : NULL;
    if (before && before->last_ms + 1 == first_ms && before->parent == node->parent && before->kind == node->kind &&
        before->back_ms == node->back_ms && before->rises == node->rises &&
        cost_at(before, first_ms) == cost_at(node, first_ms))
        before->last_ms = last_ms; /* goes on */
    else
        add(planner, out, part(node, first_ms, last_ms));
}

/* Both hold from first to last: the cheaper one at each moment. */
static void emit_cheaper(struct tn_timetable_planner *planner, struct tn_timetable_nodes *out,
                         const struct tn_timetable_node *a, const struct tn_timetable_node *b, int64_t first_ms,
                         int64_t last_ms)
{
    const int64_t cost_a = cost_at(a, first_ms), cost_b = cost_at(b, first_ms);
    if (a->rises == b->rises) {
        emit(planner, out, cost_a <= cost_b ? a : b, first_ms, last_ms);
        return;
    }
    const struct tn_timetable_node *flat = a->rises ? b : a, *steep = a->rises ? a : b;
    const int64_t lead = a->rises ? cost_b - cost_a : cost_a - cost_b; /* how much cheaper the steep one begins */
    const int64_t turn = lead > 0 ? tn_timetable_least(last_ms, first_ms + lead - 1) : first_ms - 1;
    emit(planner, out, steep, first_ms, turn);
    emit(planner, out, flat, turn + 1, last_ms);
}

static void merge(struct tn_timetable_planner *planner, struct tn_timetable_nodes *out,
                  const struct tn_timetable_node *a, size_t a_count, const struct tn_timetable_node *b, size_t b_count)
{
    int64_t at = INT64_MIN;
    for (size_t i = 0, j = 0; i < a_count || j < b_count;) {
        const int64_t from_a = i < a_count ? tn_timetable_most(a[i].first_ms, at) : INT64_MAX;
        const int64_t from_b = j < b_count ? tn_timetable_most(b[j].first_ms, at) : INT64_MAX;
        const int64_t to_a = i < a_count ? a[i].last_ms : INT64_MAX, to_b = j < b_count ? b[j].last_ms : INT64_MAX;
        if (from_a < from_b) {
            at = tn_timetable_least(to_a, from_b - 1) + 1;
            emit(planner, out, &a[i], from_a, at - 1);
        } else if (from_b < from_a) {
            at = tn_timetable_least(to_b, from_a - 1) + 1;
            emit(planner, out, &b[j], from_b, at - 1);
        } else {
            at = tn_timetable_least(to_a, to_b) + 1;
            emit_cheaper(planner, out, &a[i], &b[j], from_a, at - 1);
        }
        i += i < a_count && to_a < at;
        j += j < b_count && to_b < at;
    }
}

/* The end of the stretch of nodes from i on that rise and lie apart. */
static size_t sorted_until(const struct tn_timetable_nodes *nodes, size_t i)
{
    for (i++; i < nodes->count && nodes->items[i].first_ms > nodes->items[i - 1].last_ms; i++)
        ;
    return i;
}

/* Makes `moved` one rising list with the cheapest node at each moment. */
static void level(struct tn_timetable_planner *planner)
{
    struct tn_timetable_nodes *nodes = &planner->moved;
    while (!planner->failed && nodes->count && sorted_until(nodes, 0) < nodes->count) {
        planner->by.count = 0;
        for (size_t i = 0; i < nodes->count;) {
            const size_t middle = sorted_until(nodes, i);
            const size_t end = middle < nodes->count ? sorted_until(nodes, middle) : middle;
            merge(planner, &planner->by, nodes->items + i, middle - i, nodes->items + middle, end - middle);
            i = end;
        }
        const struct tn_timetable_nodes swapped = *nodes;
        *nodes = planner->by;
        planner->by = swapped;
    }
}

/* --- from station to station --- */

static struct range pooled(struct tn_timetable_planner *planner, const struct tn_timetable_nodes *nodes)
{
    struct range range = {planner->pool.count, planner->pool.count};
    for (size_t i = 0; i < nodes->count; i++)
        add(planner, &planner->pool, nodes->items[i]);
    range.end = planner->pool.count;
    return range;
}

/* Adds to `moved` what comes through the section of the nodes in the range. */
static void go_through(struct tn_timetable_planner *planner, struct range range, int64_t limit_ms)
{
    const struct tn_timetable_spans *spans = &planner->spans;
    size_t s = 0;
    for (size_t i = range.first; i < range.end; i++) {
        while (s < spans->count && spans->items[s].last_ms < planner->pool.items[i].first_ms)
            s++;
        for (size_t k = s; k < spans->count; k++) {
            const struct tn_timetable_node *node = &planner->pool.items[i];
            const struct tn_timetable_span *span = &spans->items[k];
            const int64_t first = tn_timetable_most(node->first_ms, span->first_ms),
                          last = tn_timetable_least(node->last_ms, span->last_ms);
            if (span->first_ms > node->last_ms)
                break;
            struct tn_timetable_node out = part(node, first, last);
            out.first_ms += span->run_ms;
            out.last_ms += span->run_ms;
            out.cost_ms += span->run_ms;
            out.back_ms = span->run_ms;
            out.parent = (int)i;
            out.kind = RUN;
            add_round(planner, &planner->moved, out, limit_ms);
        }
    }
}

/* Keeps of `moved` the moments in `spans`. */
static void keep_within(struct tn_timetable_planner *planner)
{
    const struct tn_timetable_spans *spans = &planner->spans;
    planner->kept.count = 0;
    size_t s = 0;
    for (size_t i = 0; i < planner->moved.count; i++) {
        const struct tn_timetable_node *node = &planner->moved.items[i];
        while (s < spans->count && spans->items[s].last_ms < node->first_ms)
            s++;
        for (size_t k = s; k < spans->count && spans->items[k].first_ms <= node->last_ms; k++)
            emit(planner, &planner->kept, node, tn_timetable_most(node->first_ms, spans->items[k].first_ms),
                 tn_timetable_least(node->last_ms, spans->items[k].last_ms));
    }
}

struct move {
    int class, section, from, to; /* stations */
    int64_t limit_ms;             /* of the time under way on arrival */
};

/* Arrivals at the next station that stop there or do not, from those that pass and those that leave. */
static struct range arrive(struct tn_timetable_planner *planner, const struct move *move, const struct range from[2],
                           bool stops)
{
    planner->moved.count = 0;
    for (int starts = 0; starts < 2; starts++) {
        if (from[starts].first == from[starts].end)
            continue;
        tn_timetable_entries(&planner->spans, planner->board, move->class, move->section, starts, stops);
        go_through(planner, from[starts], move->limit_ms);
    }
    if (planner->moved.count == 0)
        return (struct range){0, 0};
    level(planner);
    tn_timetable_arrivals(&planner->spans, planner->board, move->class, move->to);
    keep_within(planner);
    return pooled(planner, &planner->kept);
}

/* --- standing --- */

/* A stretch of time with a free track, as it is swept: what waits there, and who could have come. */
struct stand {
    int64_t at_ms;   /* swept so far */
    int64_t ready;   /* time under way less moment, of the best that waits; INT64_MAX: nobody */
    int64_t back_ms; /* when it arrived */
    int parent;
    int64_t dwell_ms, limit_ms;
    int64_t end_ms;  /* the track is free until then */
    int64_t skip_ms; /* moments before it are of the first round, and not put down */
};

/* The one that waits leaves, from where the sweep is up to `last`; but not when its next copy has come. */
static void wait_until(struct tn_timetable_planner *planner, struct stand *stand, int64_t last_ms)
{
    const int64_t first = tn_timetable_most(stand->at_ms, stand->skip_ms), period = planner->board->period_ms;
    last_ms = tn_timetable_least(last_ms, stand->end_ms);
    const int64_t gone = planner->board->cyclic ? stand->back_ms + period : INT64_MAX;
    if (stand->ready != INT64_MAX && first <= tn_timetable_least(last_ms, gone))
        add_round(planner, &planner->moved,
                  (struct tn_timetable_node){first, tn_timetable_least(last_ms, gone), stand->ready + first,
                                             stand->back_ms, stand->parent, 1, WAIT},
                  stand->limit_ms);
    stand->at_ms = tn_timetable_most(stand->at_ms, last_ms + 1);
}

static void sweep(struct tn_timetable_planner *planner, struct stand *stand, int index, int64_t shift_ms)
{
    const struct tn_timetable_node *node = &planner->pool.items[index];
    const int64_t dwell = stand->dwell_ms, cost = node->cost_ms + dwell;
    const int64_t first = node->first_ms + shift_ms + dwell, last = node->last_ms + shift_ms + dwell;
    wait_until(planner, stand, first - 1);
    stand->at_ms = first;
    if (!node->rises) {
        const int64_t turn = stand->ready == INT64_MAX ? first - 1 : tn_timetable_least(last, cost - stand->ready);
        wait_until(planner, stand, turn); /* as long as who waits is no worse off */
        const int64_t from = tn_timetable_most(stand->at_ms, stand->skip_ms),
                      to = tn_timetable_least(last, stand->end_ms);
        if (from <= to)
            add_round(planner, &planner->moved, (struct tn_timetable_node){from, to, cost, dwell, index, 0, THROUGH},
                      stand->limit_ms);
        stand->at_ms = last + 1;
        if (stand->ready > cost - last) {
            stand->ready = cost - last;
            stand->back_ms = last - dwell;
            stand->parent = index;
        }
    } else if (stand->ready > cost - first) {
        stand->ready = cost - first;
        stand->back_ms = first - dwell;
        stand->parent = index;
    }
}

/* Arrivals with first moments from..to, a shift later. */
static void sweep_all(struct tn_timetable_planner *planner, struct stand *stand, struct range arrivals,
                      struct tn_timetable_span span, int64_t shift_ms)
{
    for (size_t i = arrivals.first; i < arrivals.end; i++)
        if (planner->pool.items[i].first_ms >= span.first_ms && planner->pool.items[i].first_ms <= span.last_ms)
            sweep(planner, stand, (int)i, shift_ms);
}

/* When the train may leave that arrives and stands: from the arrivals in a free stretch on to its end. */
static struct range leave(struct tn_timetable_planner *planner, int station, struct range arrivals, int64_t dwell_ms,
                          int64_t limit_ms)
{
    struct tn_timetable_board *board = planner->board;
    const int64_t period = board->period_ms;
    planner->moved.count = 0;
    if (arrivals.first == arrivals.end)
        return arrivals;
    tn_timetable_room(&planner->spans, board, station);
    const struct tn_timetable_span *room = planner->spans.items;
    const size_t count = planner->spans.count;
    const bool joined = board->cyclic && count && room[0].first_ms == 0 && room[count - 1].last_ms == period - 1;
    for (size_t i = 0; i < count; i++) {
        const bool wraps = joined && i == count - 1, always = joined && count == 1;
        if (joined && !wraps && i == 0)
            continue; /* with the last */
        struct stand stand = {room[i].first_ms, INT64_MAX,           0, -1, dwell_ms,
                              limit_ms,         room[i].last_ms + 1, /* it may leave when the next one comes */
                              INT64_MIN};
        if (wraps)
            stand.end_ms = always ? 2 * period - 1 : period + room[0].last_ms + 1;
        sweep_all(planner, &stand, arrivals, room[i], 0);
        if (always) { /* what waits from the day before comes first */
            stand.skip_ms = period;
            planner->moved.count = 0;
        }
        if (wraps)
            sweep_all(planner, &stand, arrivals, room[0], period);
        wait_until(planner, &stand, stand.end_ms);
    }
    level(planner);
    return pooled(planner, &planner->moved);
}

/* --- the whole way --- */

static int64_t min_addition(const struct tn_network_times *times)
{
    return times->start_ms > 0 ? times->start_ms : 0;
}

static void set_tails(struct tn_timetable_planner *planner, const struct tn_network_class *class)
{
    const int step = tn_network_step(class), count = abs(class->last - class->first) + 1;
    planner->tails[count - 1] = 0;
    for (int i = count - 2; i >= 0; i--) {
        const int station = class->first + i * step, next = station + step;
        const int64_t dwell = i + 1 < count - 1 && class->dwell_ms[next] > 0 ? class->dwell_ms[next] : 0;
        planner->tails[i] =
            planner->tails[i + 1] + class->times[tn_network_section_after(class, station)].pass_ms + dwell;
    }
}

/* The moment at which the quickest way ends, nearest to the wish; node_out < 0: none. */
static int64_t best_end(int *node_out, const struct tn_timetable_planner *planner, struct range ends, int64_t near_ms)
{
    const struct tn_timetable_board *board = planner->board;
    int64_t cost = INT64_MAX, off = INT64_MAX, end = 0;
    *node_out = -1;
    for (size_t i = ends.first; i < ends.end; i++)
        cost = tn_timetable_least(cost, planner->pool.items[i].cost_ms);
    for (size_t i = ends.first; i < ends.end; i++) {
        const struct tn_timetable_node *node = &planner->pool.items[i];
        if (node->cost_ms != cost)
            continue;
        const int64_t length = node->rises ? 0 : node->last_ms - node->first_ms;
        const int64_t after = tn_timetable_moment(board, near_ms - (node->first_ms - cost)); /* of the wish */
        const int64_t at = after < 0 ? 0 : tn_timetable_least(after, length);
        const int64_t missed = after < 0 ? -after : after - at;
        const int64_t before = board->cyclic && after > length ? board->period_ms - after : INT64_MAX;
        if (tn_timetable_least(missed, before) < off) {
            off = tn_timetable_least(missed, before);
            end = node->first_ms + (before < missed ? 0 : at);
            *node_out = (int)i;
        }
    }
    return end;
}

static void trace_back(struct tn_timing *timings, const struct tn_timetable_planner *planner,
                       const struct tn_network_class *class, int node, int64_t end_ms)
{
    const struct tn_timetable_board *board = planner->board;
    int i = abs(class->last - class->first);
    int64_t moment = end_ms, time = 0; /* time: since the departure, once all is known */
    timings[i] = (struct tn_timing){class->last, 0, 0, class->spec->stop_at_end};
    while (planner->pool.items[node].kind != ORIGIN) {
        const struct tn_timetable_node *at = &planner->pool.items[node];
        int64_t back = at->back_ms;
        if (at->kind == WAIT) { /* for its dwell and less than a day longer */
            const int64_t dwell = tn_timetable_most(class->dwell_ms[class->first + i * tn_network_step(class)], 0);
            back = dwell + tn_timetable_moment(board, moment - at->back_ms - dwell);
        }
        time -= back;
        moment = tn_timetable_moment(board, moment - back);
        if (at->kind == RUN) {
            i--;
            const bool starts = planner->pool.items[at->parent].kind != RUN;
            timings[i] = (struct tn_timing){class->first + i * tn_network_step(class), time, time,
                                            i > 0 ? starts : class->spec->stop_at_end};
        } else {
            timings[i].arrival_ms = time;
        }
        node = at->parent;
    }
    for (int k = abs(class->last - class->first); k >= 0; k--) {
        timings[k].arrival_ms += moment - time;
        timings[k].departure_ms += moment - time;
    }
}

bool tn_timetable_path_find(struct tn_timing *timings, int *reach_out, struct tn_timetable_planner *planner,
                            const struct tn_timetable_wish *wish)
{
    const struct tn_network_class *class = &planner->board->network->classes[wish->class];
    const int count = abs(class->last - class->first) + 1, step = tn_network_step(class);
    struct range at[2] = {{0, 0}, {0, 0}}; /* passing, leaving */
    planner->pool.count = planner->moved.count = 0;
    planner->met_itself = false;
    set_tails(planner, class);
    add_round(planner, &planner->moved, (struct tn_timetable_node){wish->first_ms, wish->last_ms, 0, 0, -1, 0, ORIGIN},
              wish->limit_ms);
    level(planner);
    tn_timetable_arrivals(&planner->spans, planner->board, wish->class, class->first);
    keep_within(planner);
    at[class->spec->stop_at_end] = pooled(planner, &planner->kept);
    int i = 0;
    for (; i + 1 < count && !planner->failed; i++) {
        const int station = class->first + i * step, next = station + step;
        const bool end = i + 2 == count;
        const struct move move = {wish->class, tn_network_section_after(class, station), station, next,
                                  wish->limit_ms - planner->tails[i + 1]};
        struct range to[2] = {{0, 0}, {0, 0}};
        if (end ? !class->spec->stop_at_end : class->dwell_ms[next] < 0)
            to[0] = arrive(planner, &move, at, false);
        if (end ? class->spec->stop_at_end : class->fits[next])
            to[1] = arrive(planner, &move, at, true);
        if (!end) {
            const int64_t start = min_addition(&class->times[tn_network_section_after(class, next)]);
            to[1] = leave(planner, next, to[1], tn_timetable_most(class->dwell_ms[next], 0), move.limit_ms - start);
        }
        at[0] = to[0];
        at[1] = to[1];
        if (at[0].first == at[0].end && at[1].first == at[1].end)
            break;
    }
    if (reach_out)
        *reach_out = i + 1 < count ? i : count - 2;
    if (i + 1 < count || planner->failed || planner->board->failed)
        return false;
    int node;
    const int64_t end_ms = best_end(&node, planner, at[class->spec->stop_at_end], wish->near_ms);
    if (node < 0)
        return false;
    trace_back(timings, planner, class, node, end_ms);
    planner->met_itself =
        tn_timetable_meets_itself(planner->board, &(struct tn_train_path){wish->class, 1, timings, count});
    return !planner->met_itself;
}

tn_status tn_timetable_planner_init(struct tn_timetable_planner *out, struct tn_timetable_board *board,
                                    struct tn_arena *arena)
{
    *out = (struct tn_timetable_planner){
        .board = board, .tails = tn_arena_alloc(arena, (size_t)board->network->station_count, sizeof *out->tails)};
    return out->tails ? TN_OK : TN_ERR_MEMORY;
}

void tn_timetable_planner_free(struct tn_timetable_planner *planner)
{
    free(planner->pool.items);
    free(planner->moved.items);
    free(planner->kept.items);
    free(planner->by.items);
    tn_timetable_spans_free(&planner->spans);
    planner->pool = planner->moved = planner->kept = planner->by = (struct tn_timetable_nodes){0};
}
