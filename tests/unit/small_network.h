/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TEST_SMALL_NETWORK_H
#define TN_TEST_SMALL_NETWORK_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "train_path.h"

#define MIN INT64_C(60000)
#define DAY TN_NETWORK_DAY_MS

/* Three stations, two sections of 10 min up and 12 down, 2 for a start and 1 for a stop; not simultaneous 4, meeting 2,
   following 3. */
struct small_network {
    struct tn_network_station stations[3];
    struct tn_network_section sections[2];
    struct tn_network_times times[2][2];
    struct tn_network_class classes[2];
    struct tn_traffic_class_spec spec;
    bool fits[3];
    int64_t dwells[3];
    struct tn_network network;
    struct tn_arena arena;
};

static inline void small_network_init(struct small_network *f)
{
    static const char *const names[] = {"A", "B", "C"};
    memset(f, 0, sizeof *f);
    for (int i = 0; i < 3; i++) {
        f->stations[i] = (struct tn_network_station){names[i], NULL, 1e4 * i, 2, -1, 0};
        f->fits[i] = true;
        f->dwells[i] = -1;
    }
    for (int k = 0; k < 2; k++) {
        f->sections[k] = (struct tn_network_section){.distance_m = 1e4, .tracks = 1, .headway_ms = -1};
        for (int d = 0; d < 2; d++)
            f->times[d][k] = (struct tn_network_times){(d ? 12 : 10) * MIN, 2 * MIN, MIN, 3 * MIN, 1e6};
    }
    f->spec = (struct tn_traffic_class_spec){.id = "freight", .stop_at_end = true};
    for (int d = 0; d < 2; d++)
        f->classes[d] = (struct tn_network_class){.spec = &f->spec,
                                                  .name = d ? "freight down" : "freight up",
                                                  .direction = d,
                                                  .first = d ? 2 : 0,
                                                  .last = d ? 0 : 2,
                                                  .times = f->times[d],
                                                  .fits = f->fits,
                                                  .dwell_ms = f->dwells};
    f->network = (struct tn_network){.stations = f->stations,
                                     .sections = f->sections,
                                     .classes = f->classes,
                                     .station_count = 3,
                                     .section_count = 2,
                                     .class_count = 2,
                                     .not_simultaneous_ms = 4 * MIN,
                                     .meeting_ms = 2 * MIN,
                                     .following_ms = 3 * MIN};
}

/* Odd classes run down. Minutes: departure, arrival and departure at B, arrival. The same at B: it passes. */
static inline struct tn_train_path small_path(struct small_network *f, int class, int number, int64_t from, int64_t at,
                                              int64_t leave, int64_t to)
{
    struct tn_timing *t = tn_arena_alloc(&f->arena, 3, sizeof *t);
    assert_non_null(t);
    t[0] = (struct tn_timing){class % 2 ? 2 : 0, from * MIN, from * MIN, true};
    t[1] = (struct tn_timing){1, at * MIN, leave * MIN, at != leave};
    t[2] = (struct tn_timing){class % 2 ? 0 : 2, to * MIN, to * MIN, true};
    return (struct tn_train_path){class, number, t, 3};
}

#endif
