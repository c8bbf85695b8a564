/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timetable_bound.h"

#include <math.h>

#include "timetable_board.h"

#define DAY   TN_NETWORK_DAY_MS
#define NEVER (INT64_MAX / 4)

/* A class in a section. */
struct use {
    const struct tn_network_class *class;
    const struct tn_network_times *times;
    int entry, exit;            /* stations */
    bool must_start, must_stop; /* whatever the others do */
    bool can_start, can_stop, can_pass_in;
    int64_t run_ms;            /* at least */
    int64_t start_ms, stop_ms; /* what starting and stopping adds at least, each its share if it does both */
};

static bool in_section(const struct tn_network_class *class, int section)
{
    return section >= (class->first < class->last ? class->first : class->last) &&
           section < (class->first < class->last ? class->last : class->first);
}

static bool must_stand(const struct tn_network_class *class, int station)
{
    return station == class->first || station == class->last ? class->spec->stop_at_end : class->dwell_ms[station] >= 0;
}

static int64_t run_of(const struct tn_network_times *times, bool starts, bool stops)
{
    if (starts && stops)
        return times->pass_ms + times->both_ms;
    return times->pass_ms + (starts ? times->start_ms : 0) + (stops ? times->stop_ms : 0);
}

static struct use use_of(const struct tn_network_class *class, int section)
{
    const bool up = class->direction == TN_NETWORK_UP;
    struct use use = {.class = class,
                      .times = &class->times[section],
                      .entry = up ? section : section + 1,
                      .exit = up ? section + 1 : section};
    use.must_start = must_stand(class, use.entry);
    use.must_stop = must_stand(class, use.exit);
    use.can_start = use.must_start || (use.entry != class->first && class->fits[use.entry]);
    use.can_stop = use.must_stop || (use.exit != class->last && class->fits[use.exit]);
    use.can_pass_in = !use.must_start;
    use.run_ms = run_of(use.times, use.must_start, use.must_stop);
    if (!use.must_start && use.can_start)
        use.start_ms = run_of(use.times, true, use.must_stop) - use.run_ms;
    if (!use.must_stop && use.can_stop)
        use.stop_ms = run_of(use.times, use.must_start, true) - use.run_ms;
    const int64_t apart = use.start_ms + use.stop_ms;
    if (!use.must_start && !use.must_stop && use.can_start && use.can_stop && use.times->both_ms < apart) {
        const double share = (double)use.times->both_ms / (double)apart;
        use.start_ms = (int64_t)floor(share * (double)use.start_ms);
        use.stop_ms = (int64_t)floor(share * (double)use.stop_ms);
    }
    return use;
}

/* From the exit of one train to the entry of the opposite one, and what that makes them stop and start. */
static int64_t turn_ms(const struct tn_network *network, const struct use *out, const struct use *in)
{
    int64_t time = NEVER;
    if (in->can_start)
        time = network->meeting_ms + in->start_ms;
    if (!in->can_pass_in)
        return time;
    /* One that passes comes from the section into which the other wants to go. */
    const bool goes_on = out->exit != out->class->last && in->entry != in->class->first;
    const int beyond = out->exit > out->entry ? out->exit : out->exit - 1;
    const bool stops = goes_on && network->sections[beyond].tracks == 1;
    if (!stops || out->can_stop)
        time = tn_timetable_least(time, network->not_simultaneous_ms + (stops ? out->stop_ms : 0));
    return time;
}

/* Entry to entry of a train and the next in its direction. */
static int64_t same_ms(const struct tn_network *network, int section, const struct use *use)
{
    const int64_t headway = network->sections[section].headway_ms;
    return headway >= 0 ? headway : use->run_ms + network->following_ms;
}

/* And of a train and the next against it: at best. */
static int64_t against_ms(const struct tn_network *network, int section, const struct use *use, const int *trains)
{
    int64_t turn = NEVER;
    if (network->sections[section].tracks > 1)
        return NEVER;
    for (int c = 0; c < network->class_count; c++) {
        const struct tn_network_class *other = &network->classes[c];
        if (trains[c] == 0 || !in_section(other, section) || other->direction == use->class->direction)
            continue;
        const struct use in = use_of(other, section);
        turn = tn_timetable_least(turn, turn_ms(network, use, &in));
    }
    return turn >= NEVER ? NEVER : use->run_ms + turn;
}

/* Time of the day in windows, and how many stretches that is. */
static int64_t closed_ms(int *stretches, const struct tn_network_section *section)
{
    int64_t sum = 0;
    *stretches = 0;
    for (size_t i = 0; i < section->window_count; i++) {
        /* of each window, what no other covers that reaches further */
        const int64_t begin = section->windows[i].begin_ms;
        int64_t own = tn_timetable_least(section->windows[i].duration_ms, DAY);
        bool joined = false;
        for (size_t k = 0; k < section->window_count; k++) {
            const int64_t after = tn_network_time_of_day(section->windows[k].begin_ms - begin);
            if (k == i)
                continue;
            if (after == 0 && k < i)
                own = tn_timetable_most(0, own - section->windows[k].duration_ms);
            else if (after > 0 && after < own)
                own = after;
            const int64_t since = tn_network_time_of_day(begin - section->windows[k].begin_ms);
            joined |= since <= section->windows[k].duration_ms && (since > 0 || k < i);
        }
        sum += own;
        *stretches += !joined;
    }
    return tn_timetable_least(sum, DAY);
}

struct tally {
    int64_t need_ms;
    int64_t give_ms; /* most that an interval between trains gains where a window covers it */
    int64_t turn_ms[2];
    bool used[2];
};

static void count_class(struct tally *tally, const struct tn_network *network, int section, int c, const int *trains)
{
    const struct tn_network_class *class = &network->classes[c];
    if (trains[c] == 0 || !in_section(class, section))
        return;
    const struct use use = use_of(class, section);
    const int64_t same = same_ms(network, section, &use), against = against_ms(network, section, &use, trains);
    const int64_t step = tn_timetable_least(same, against);
    const bool first = !tally->used[0] && !tally->used[1];
    tally->need_ms += trains[c] * step;
    tally->give_ms = first ? step - use.run_ms : tn_timetable_most(tally->give_ms, step - use.run_ms);
    if (against < NEVER) {
        tally->give_ms = tn_timetable_most(tally->give_ms, against - use.run_ms);
        const int64_t more = against - step;
        int64_t *turn = &tally->turn_ms[class->direction];
        *turn = tally->used[class->direction] ? tn_timetable_least(*turn, more) : more;
    }
    tally->used[class->direction] = true;
}

/* Trains of a direction on a track of their own, or of both on one. */
static struct tn_timetable_need need_of(const struct tn_network *network, int section, const int *trains, int direction,
                                        bool cyclic)
{
    const bool single = network->sections[section].tracks == 1;
    struct tally tally = {0};
    int64_t last = 0;
    for (int c = 0; c < network->class_count; c++) {
        const struct tn_network_class *class = &network->classes[c];
        const bool here = cyclic || class->first == (class->direction == TN_NETWORK_UP ? section : section + 1);
        if (!here || ((!single || !cyclic) && class->direction != direction))
            continue;
        const int64_t before = tally.need_ms;
        count_class(&tally, network, section, c, trains);
        if (trains[c])
            last = tn_timetable_most(last, (tally.need_ms - before) / trains[c]);
    }
    struct tn_timetable_need need = {section, -1, tally.need_ms, DAY};
    if (!tally.used[0] && !tally.used[1])
        need.need_ms = -1;
    else if (!cyclic) /* all that is known is that they leave within a day */
        need.need_ms -= last;
    else {
        int stretches;
        need.left_ms = DAY - closed_ms(&stretches, &network->sections[section]);
        if (tally.used[0] && tally.used[1])
            need.need_ms += tally.turn_ms[0] + tally.turn_ms[1];
        need.need_ms -= stretches * tally.give_ms;
    }
    return need;
}

static bool fuller(const struct tn_timetable_need *a, const struct tn_timetable_need *b)
{
    if (a->need_ms < 0 || b->need_ms < 0)
        return b->need_ms < 0 && a->need_ms >= 0;
    return (double)a->need_ms / fmax(1, (double)a->left_ms) > (double)b->need_ms / fmax(1, (double)b->left_ms);
}

/* Power over the day: no more than the feeding section has. */
static struct tn_timetable_need need_of_power(const struct tn_network *network, int f, const int *trains)
{
    const struct tn_network_feeding *feeding = &network->feedings[f];
    double drawn = 0;
    for (int k = feeding->first; k <= feeding->last; k++)
        for (int c = 0; c < network->class_count; c++)
            if (trains[c] && in_section(&network->classes[c], k))
                drawn +=
                    trains[c] * network->classes[c].times[k].power_W * (double)use_of(&network->classes[c], k).run_ms;
    return (struct tn_timetable_need){-1, f, (int64_t)(drawn / feeding->power_W), DAY};
}

void tn_timetable_fullest(struct tn_timetable_need *out, const struct tn_network *network, const int *trains,
                          bool cyclic)
{
    *out = (struct tn_timetable_need){-1, -1, -1, 0};
    for (int k = 0; k < network->section_count; k++)
        for (int d = TN_NETWORK_UP; d <= TN_NETWORK_DOWN; d++) {
            const struct tn_timetable_need need = need_of(network, k, trains, d, cyclic);
            if (fuller(&need, out))
                *out = need;
        }
    for (int f = 0; cyclic && f < network->feeding_count; f++) {
        const struct tn_timetable_need need = need_of_power(network, f, trains);
        if (fuller(&need, out))
            *out = need;
    }
}
