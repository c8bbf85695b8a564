/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity_traffic.h"

#include <math.h>

static tn_status check_removals(const struct tn_capacity_spec *spec, struct tn_context *ctx)
{
    const struct tn_capacity_removal *rows = spec->removals.items;
    for (size_t i = 0; i < spec->removals.count; i++)
        if (spec->train.object != NULL && rows[i].train.object == NULL)
            return tn_error(ctx, &rows[i].train, "name its train, or leave `methods` at period",
                            "trains of class %s have to run, and have no train",
                            rows[i].name ? rows[i].name : "of a removal");
    return TN_OK;
}

static void fill_class(struct tn_traffic_class_spec *class, const char *id, const struct tn_ref *train,
                       const struct tn_ref *back, double pairs)
{
    tn_schema_defaults(&tn_traffic_class_schema, class);
    class->id = id;
    class->train = *train;
    class->train_back = *back;
    class->pairs = pairs;
}

tn_status tn_capacity_traffic(struct tn_traffic_spec *traffic, const struct tn_capacity_spec *spec, double pairs,
                              struct tn_arena *arena, struct tn_context *ctx)
{
    const struct tn_capacity_removal *removals = spec->removals.items;
    size_t count = 1;
    struct tn_traffic_class_spec *classes = tn_arena_alloc(arena, spec->removals.count + 1, sizeof *classes);
    struct tn_traffic_window_spec *window = tn_arena_alloc(arena, 1, sizeof *window);
    if (classes == NULL || window == NULL)
        return TN_ERR_MEMORY;
    tn_status status = check_removals(spec, ctx);
    if (status != TN_OK)
        return status;
    fill_class(&classes[0], "freight", &spec->train, &spec->train_back, pairs);
    for (size_t i = 0; i < spec->removals.count; i++) {
        if (!(removals[i].trains > 0))
            continue;
        struct tn_traffic_class_spec *class = &classes[count++];
        fill_class(class, removals[i].name ? removals[i].name : "other", &removals[i].train,
                   removals[i].train_back.object ? &removals[i].train_back : &removals[i].train, removals[i].trains);
        class->priority = removals[i].priority;
    }
    *window = (struct tn_traffic_window_spec){NULL, NULL, spec->window_begin, spec->window, 0};
    *traffic = (struct tn_traffic_spec){.from = spec->from,
                                        .to = spec->to,
                                        .loaded = spec->loaded,
                                        .classes = {classes, count},
                                        .windows = {window, spec->window > 0},
                                        .sections = spec->sections,
                                        .start_addition = spec->start_addition,
                                        .stop_addition = spec->stop_addition,
                                        .not_simultaneous = spec->not_simultaneous,
                                        .meeting = spec->meeting,
                                        .following = spec->following,
                                        .approach = spec->approach,
                                        .margin = spec->margin,
                                        .depth = spec->depth,
                                        .tolerance = spec->tolerance};
    return TN_OK;
}
