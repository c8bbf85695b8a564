/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_board.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY TN_NETWORK_DAY_MS

struct tn_timetable_step {
    int64_t time_ms, change;
};

/* --- spans --- */

static void push(struct tn_timetable_board *board, struct tn_timetable_spans *spans, struct tn_timetable_span span)
{
    if (spans->count == spans->room) {
        const size_t room = 2 * spans->room + 64;
        struct tn_timetable_span *grown = realloc(spans->items, room * sizeof *grown);
        if (grown == NULL) {
            board->failed = true;
            return;
        }
        spans->items = grown;
        spans->room = room;
    }
    spans->items[spans->count++] = span;
}

void tn_timetable_spans_free(struct tn_timetable_spans *spans)
{
    free(spans->items);
    *spans = (struct tn_timetable_spans){0};
}

/* The moments from first to last are out of the question. */
static void forbid(struct tn_timetable_board *board, int64_t first_ms, int64_t last_ms)
{
    const int64_t period = board->period_ms;
    if (last_ms < first_ms)
        return;
    if (!board->cyclic || last_ms - first_ms >= period - 1) {
        const bool all = board->cyclic;
        first_ms = all ? 0 : tn_timetable_most(first_ms, 0);
        last_ms = all ? period - 1 : tn_timetable_least(last_ms, period - 1);
        if (first_ms <= last_ms)
            push(board, &board->forbidden, (struct tn_timetable_span){first_ms, last_ms, 0});
        return;
    }
    const int64_t length = last_ms - first_ms, begin = tn_network_time_of_day(first_ms), end = begin + length;
    push(board, &board->forbidden, (struct tn_timetable_span){begin, tn_timetable_least(end, period - 1), 0});
    if (end >= period)
        push(board, &board->forbidden, (struct tn_timetable_span){0, end - period, 0});
}

/* Nearly sorted already: uses are. */
static void sort_spans(struct tn_timetable_spans *spans)
{
    for (size_t i = 1; i < spans->count; i++) {
        const struct tn_timetable_span span = spans->items[i];
        size_t k = i;
        for (; k > 0 && spans->items[k - 1].first_ms > span.first_ms; k--)
            spans->items[k] = spans->items[k - 1];
        spans->items[k] = span;
    }
}

/* Adds what is left of first .. last without the forbidden moments. */
static void allow_rest(struct tn_timetable_spans *out, struct tn_timetable_board *board, int64_t first_ms,
                       int64_t last_ms, int64_t run_ms)
{
    sort_spans(&board->forbidden);
    int64_t at = first_ms;
    for (size_t i = 0; i < board->forbidden.count && at <= last_ms; i++) {
        const struct tn_timetable_span *bad = &board->forbidden.items[i];
        const int64_t end = tn_timetable_least(bad->first_ms - 1, last_ms);
        if (at <= end)
            push(board, out, (struct tn_timetable_span){at, end, run_ms});
        at = tn_timetable_most(at, bad->last_ms + 1);
    }
    if (at <= last_ms)
        push(board, out, (struct tn_timetable_span){at, last_ms, run_ms});
}

/* --- the board --- */

tn_status tn_timetable_board_init(struct tn_timetable_board *out, const struct tn_network *network, int trains,
                                  bool cyclic, int days, struct tn_arena *arena)
{
    const size_t sections = (size_t)network->section_count, stations = (size_t)network->station_count;
    *out = (struct tn_timetable_board){.network = network,
                                       .cyclic = cyclic,
                                       .period_ms = cyclic ? DAY : days * DAY,
                                       .trains = trains,
                                       .sections = tn_arena_alloc(arena, sections + 1, sizeof *out->sections),
                                       .stations = tn_arena_alloc(arena, stations, sizeof *out->stations)};
    if (out->sections == NULL || out->stations == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < sections + stations; i++) {
        struct tn_timetable_uses *uses = i < sections ? &out->sections[i] : &out->stations[i - sections];
        uses->items = tn_arena_alloc(arena, (size_t)trains + 1, sizeof *uses->items);
        if (uses->items == NULL)
            return TN_ERR_MEMORY;
    }
    return TN_OK;
}

void tn_timetable_board_free(struct tn_timetable_board *board)
{
    tn_timetable_spans_free(&board->forbidden);
    free(board->steps);
    board->steps = NULL;
}

static void insert(struct tn_timetable_uses *uses, struct tn_timetable_use use)
{
    int k = uses->count++;
    for (; k > 0 && uses->items[k - 1].from_ms > use.from_ms; k--)
        uses->items[k] = uses->items[k - 1];
    uses->items[k] = use;
}

static void take(struct tn_timetable_uses *uses, int train)
{
    int kept = 0;
    for (int i = 0; i < uses->count; i++)
        if (uses->items[i].train != train)
            uses->items[kept++] = uses->items[i];
    uses->count = kept;
}

void tn_timetable_place(struct tn_timetable_board *board, int train, const struct tn_train_path *path)
{
    const struct tn_network_class *class = &board->network->classes[path->class];
    for (int i = 0; i < path->count; i++) {
        const struct tn_timing *t = &path->timings[i];
        const int64_t arrival = tn_timetable_moment(board, t->arrival_ms);
        const int64_t departure = tn_timetable_moment(board, t->departure_ms);
        insert(
            &board->stations[t->station],
            (struct tn_timetable_use){arrival, arrival + t->departure_ms - t->arrival_ms, train, path->class, false});
        if (i + 1 < path->count)
            insert(&board->sections[tn_network_section_after(class, t->station)],
                   (struct tn_timetable_use){departure, departure + t[1].arrival_ms - t->departure_ms, train,
                                             path->class, t->stops});
    }
}

void tn_timetable_lift(struct tn_timetable_board *board, int train, const struct tn_train_path *path)
{
    const struct tn_network_class *class = &board->network->classes[path->class];
    for (int i = 0; i < path->count; i++) {
        take(&board->stations[path->timings[i].station], train);
        if (i + 1 < path->count)
            take(&board->sections[tn_network_section_after(class, path->timings[i].station)], train);
    }
}

/* --- profiles: how much is in use --- */

static void step(struct tn_timetable_board *board, size_t *count, int64_t time_ms, int64_t change)
{
    if (*count == board->step_room) {
        const size_t room = 2 * board->step_room + 64;
        struct tn_timetable_step *grown = realloc(board->steps, room * sizeof *grown);
        if (grown == NULL) {
            board->failed = true;
            return;
        }
        board->steps = grown;
        board->step_room = room;
    }
    board->steps[(*count)++] = (struct tn_timetable_step){time_ms, change};
}

/* From first to last, `amount` more is in use. Returns what of it counts at the beginning of the period. */
static int64_t raise(struct tn_timetable_board *board, size_t *count, int64_t first_ms, int64_t last_ms, int64_t amount)
{
    const int64_t period = board->period_ms;
    if (!board->cyclic) {
        step(board, count, first_ms, amount);
        step(board, count, last_ms + 1, -amount);
        return 0;
    }
    const int64_t whole = (last_ms - first_ms + 1) / period, end = tn_network_time_of_day(last_ms + 1);
    const bool wraps = end < first_ms && (last_ms - first_ms + 1) % period;
    if ((last_ms - first_ms + 1) % period) {
        step(board, count, first_ms, amount);
        step(board, count, end, -amount);
    }
    return amount * (whole + wraps);
}

static int by_time(const void *a, const void *b)
{
    const struct tn_timetable_step *x = a, *y = b;
    return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

/* Forbids a train that is there for `stay_ms` from its first moment on to meet a moment at which the level is above the
   limit. */
static void forbid_above(struct tn_timetable_board *board, size_t steps, int64_t level, int64_t limit, int64_t stay_ms)
{
    int64_t since = 0;
    if (steps)
        qsort(board->steps, steps, sizeof *board->steps, by_time);
    for (size_t i = 0; i < steps;) {
        const int64_t time = board->steps[i].time_ms, before = level;
        for (; i < steps && board->steps[i].time_ms == time; i++)
            level += board->steps[i].change;
        if (before > limit && level <= limit)
            forbid(board, since - stay_ms + 1, time - 1);
        else if (before <= limit && level > limit)
            since = time;
    }
    if (level > limit)
        forbid(board, since - stay_ms + 1, board->period_ms - 1);
}

/* --- what one more train may do --- */

static void forbid_uses(struct tn_timetable_board *board, int class, int section, bool starts, int64_t run_ms)
{
    const struct tn_network *network = board->network;
    const struct tn_network_section *s = &network->sections[section];
    const int direction = network->classes[class].direction;
    const int64_t gap = starts ? network->meeting_ms : network->not_simultaneous_ms;
    const int64_t following = network->following_ms, headway = s->headway_ms;
    if (board->cyclic && (headway < 0 ? run_ms + following : headway) > board->period_ms)
        forbid(board, 0, board->period_ms - 1); /* it meets itself a day later */
    for (int i = 0; i < board->sections[section].count; i++) {
        const struct tn_timetable_use *use = &board->sections[section].items[i];
        if (network->classes[use->class].direction != direction) {
            const int64_t other = use->starts ? network->meeting_ms : network->not_simultaneous_ms;
            if (s->tracks == 1)
                forbid(board, use->from_ms - other - run_ms + 1, use->to_ms + gap - 1);
        } else if (headway < 0) {
            forbid(board, use->from_ms - following - run_ms + 1, use->to_ms + following - 1);
        } else {
            forbid(board, tn_timetable_least(use->from_ms, use->to_ms - run_ms) - headway + 1,
                   tn_timetable_most(use->from_ms, use->to_ms - run_ms) + headway - 1);
        }
    }
}

static void forbid_windows(struct tn_timetable_board *board, int section, int64_t run_ms)
{
    const struct tn_network_section *s = &board->network->sections[section];
    for (size_t w = 0; w < s->window_count; w++) {
        const int64_t begin = s->windows[w].begin_ms, end = begin + s->windows[w].duration_ms;
        for (int64_t day = board->cyclic ? 0 : -DAY; day < board->period_ms; day += DAY)
            forbid(board, day + begin - run_ms + 1, day + end - 1);
    }
}

/* Whole watts, rounded so that nothing is overdrawn. */
static int64_t watts(double power_W)
{
    return (int64_t)ceil(power_W * (1 - 1e-12));
}

static int64_t limit_W(const struct tn_network_feeding *feeding)
{
    return (int64_t)floor(feeding->power_W * (1 + 1e-12));
}

/* What the trains on the board draw. Returns the level at the beginning of the period. */
static int64_t profile_power(struct tn_timetable_board *board, size_t *steps, const struct tn_network_feeding *feeding)
{
    int64_t level = 0;
    for (int k = feeding->first; k <= feeding->last; k++)
        for (int i = 0; i < board->sections[k].count; i++) {
            const struct tn_timetable_use *use = &board->sections[k].items[i];
            level += raise(board, steps, use->from_ms, use->to_ms - 1,
                           watts(board->network->classes[use->class].times[k].power_W));
        }
    return level;
}

static void forbid_power(struct tn_timetable_board *board, int class, int section, int64_t run_ms)
{
    const struct tn_network *network = board->network;
    const int64_t power = watts(network->classes[class].times[section].power_W);
    for (int f = 0; f < network->feeding_count; f++) {
        const struct tn_network_feeding *feeding = &network->feedings[f];
        size_t steps = 0;
        if (section < feeding->first || section > feeding->last || power == 0)
            continue;
        const int64_t level = profile_power(board, &steps, feeding);
        forbid_above(board, steps, level + power, limit_W(feeding), run_ms);
    }
}

/* Where a restriction begins or ends next after a time of day; a day where none does. */
static int64_t next_change(const struct tn_network *network, int64_t time_of_day_ms)
{
    int64_t next = DAY;
    for (int i = 0; i < network->restriction_count; i++) {
        const int64_t ends[] = {network->restrictions[i].begin_ms, network->restrictions[i].end_ms};
        for (int k = 0; k < 2; k++)
            if (ends[k] > time_of_day_ms && ends[k] < next)
                next = ends[k];
    }
    return next;
}

/* Entries of a train that takes run_ms. */
static void forbid_entries(struct tn_timetable_board *board, int class, int section, bool starts, int64_t run_ms)
{
    board->forbidden.count = 0;
    forbid_uses(board, class, section, starts, run_ms);
    forbid_windows(board, section, run_ms);
    if (board->network->feeding_count)
        forbid_power(board, class, section, run_ms);
}

void tn_timetable_entries(struct tn_timetable_spans *out, struct tn_timetable_board *board, int class, int section,
                          bool starts, bool stops)
{
    const struct tn_network *network = board->network;
    out->count = 0;
    for (int64_t from = 0, to; from < board->period_ms; from = to) {
        const int64_t run = tn_network_running_ms(network, class, section, starts, stops, from);
        const int64_t of_day = tn_network_time_of_day(from);
        to = network->restriction_count ? from - of_day + next_change(network, of_day) : board->period_ms;
        forbid_entries(board, class, section, starts, run);
        allow_rest(out, board, from, to - 1, run);
    }
}

static void forbid_full(struct tn_timetable_board *board, int station)
{
    const struct tn_timetable_uses *uses = &board->stations[station];
    const int tracks = board->network->stations[station].tracks;
    size_t steps = 0;
    int64_t level = 0;
    if (uses->count < tracks)
        return;
    for (int i = 0; i < uses->count; i++)
        level += raise(board, &steps, uses->items[i].from_ms,
                       tn_timetable_most(uses->items[i].from_ms, uses->items[i].to_ms - 1), 1);
    forbid_above(board, steps, level, tracks - 1, 1);
}

static bool doubled(const struct tn_network *network, int station)
{
    return (station == 0 || network->sections[station - 1].tracks > 1) &&
           (station == network->section_count || network->sections[station].tracks > 1);
}

void tn_timetable_arrivals(struct tn_timetable_spans *out, struct tn_timetable_board *board, int class, int station)
{
    const struct tn_network *network = board->network;
    const struct tn_network_class *own = &network->classes[class];
    const struct tn_timetable_uses *uses = &board->stations[station];
    const int64_t apart = network->not_simultaneous_ms;
    out->count = board->forbidden.count = 0;
    for (int i = 0; i < uses->count && own->first != station && !doubled(network, station); i++) {
        const struct tn_network_class *other = &network->classes[uses->items[i].class];
        if (other->direction != own->direction && other->first != station)
            forbid(board, uses->items[i].from_ms - apart + 1, uses->items[i].from_ms + apart - 1);
    }
    forbid_full(board, station);
    allow_rest(out, board, 0, board->period_ms - 1, 0);
}

void tn_timetable_room(struct tn_timetable_spans *out, struct tn_timetable_board *board, int station)
{
    out->count = board->forbidden.count = 0;
    forbid_full(board, station);
    allow_rest(out, board, 0, board->period_ms - 1, 0);
}

/* --- a whole path --- */

/* How long from a moment on all is in the spans. */
static int64_t lasts(const struct tn_timetable_board *board, const struct tn_timetable_spans *spans, int64_t moment_ms)
{
    for (size_t i = 0; i < spans->count; i++) {
        if (moment_ms < spans->items[i].first_ms || moment_ms > spans->items[i].last_ms)
            continue;
        const int64_t rest = spans->items[i].last_ms + 1 - moment_ms;
        const bool on = board->cyclic && i + 1 == spans->count && spans->items[i].last_ms == board->period_ms - 1 &&
                        spans->items[0].first_ms == 0;
        return on ? rest + spans->items[0].last_ms + 1 : rest;
    }
    return 0;
}

static bool overdraws(struct tn_timetable_board *board, const struct tn_network_feeding *feeding,
                      const struct tn_train_path *path)
{
    const struct tn_network_class *class = &board->network->classes[path->class];
    size_t steps = 0;
    int64_t level = profile_power(board, &steps, feeding);
    for (int i = 0; i + 1 < path->count; i++) {
        const struct tn_timing *t = &path->timings[i];
        const int section = tn_network_section_after(class, t->station);
        const int64_t from = tn_timetable_moment(board, t->departure_ms);
        if (section >= feeding->first && section <= feeding->last)
            level += raise(board, &steps, from, from + t[1].arrival_ms - t->departure_ms - 1,
                           watts(class->times[section].power_W));
    }
    board->forbidden.count = 0;
    forbid_above(board, steps, level, limit_W(feeding), 1);
    return board->forbidden.count > 0;
}

bool tn_timetable_meets_itself(struct tn_timetable_board *board, const struct tn_train_path *path)
{
    const int64_t time = path->timings[path->count - 1].arrival_ms - path->timings[0].departure_ms;
    for (int f = 0; board->cyclic && time >= board->period_ms && f < board->network->feeding_count; f++)
        if (overdraws(board, &board->network->feedings[f], path))
            return true;
    return false;
}

bool tn_timetable_goes(struct tn_timetable_board *board, struct tn_timetable_spans *scratch,
                       const struct tn_train_path *path)
{
    const struct tn_network_class *class = &board->network->classes[path->class];
    for (int i = 0; i < path->count; i++) {
        const struct tn_timing *t = &path->timings[i];
        const int64_t arrival = tn_timetable_moment(board, t->arrival_ms), stay = t->departure_ms - t->arrival_ms;
        if (board->cyclic && stay > board->period_ms)
            return false; /* it would meet its own copy */
        tn_timetable_arrivals(scratch, board, path->class, t->station);
        if (!lasts(board, scratch, arrival))
            return false;
        tn_timetable_room(scratch, board, t->station);
        if (lasts(board, scratch, arrival) < stay)
            return false;
        if (i + 1 == path->count)
            break;
        scratch->count = 0; /* it may take longer than it has to */
        forbid_entries(board, path->class, tn_network_section_after(class, t->station), t->stops,
                       t[1].arrival_ms - t->departure_ms);
        allow_rest(scratch, board, 0, board->period_ms - 1, 0);
        if (!lasts(board, scratch, tn_timetable_moment(board, t->departure_ms)))
            return false;
    }
    return !tn_timetable_meets_itself(board, path);
}
