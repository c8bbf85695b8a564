/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slices.h"

#include <string.h>

#include "arena.h"

static const char *label_of(struct tn_h5_reader *r, const char *name, const char *path)
{
    const char *words = tn_h5_attribute(r, name, "long_name");
    const char *dot = path ? strrchr(path, '.') : NULL;
    if (!words || !*words || (path && strcmp(words, path) == 0))
        words = dot ? dot + 1 : name;
    return words;
}

bool tn_slice_read(struct tn_slice *out, struct tn_h5_reader *r, const char *variable)
{
    struct tn_h5_shape shape = {0};
    *out = (struct tn_slice){.x = -1, .y = -1, .points = 1};
    if (tn_h5_has(r, variable))
        shape = tn_h5_shape(r, variable);
    out->rank = shape.rank;
    for (int i = shape.rank - 1; i >= 0; i--) {
        struct tn_slice_axis *axis = &out->axes[i];
        const char *name = shape.names[i];
        if (!name || !tn_h5_has(r, name))
            return false;
        *axis = (struct tn_slice_axis){.name = name,
                                       .path = tn_h5_attribute(r, name, "path"),
                                       .count = (size_t)shape.sizes[i],
                                       .stride = out->points};
        struct tn_list numbers = {0}, texts = {0};
        if (tn_h5_is_text(r, name))
            texts = tn_h5_texts(r, name);
        else
            numbers = tn_h5_numbers(r, name);
        axis->label = label_of(r, name, axis->path);
        axis->numbers = numbers.count == axis->count ? numbers.items : NULL;
        axis->texts = texts.count == axis->count ? texts.items : NULL;
        enum tn_quantity quantity = tn_text_quantity_named(tn_h5_attribute(r, name, "quantity"));
        if (quantity == TN_Q_NONE)
            quantity = tn_text_quantity(tn_h5_attribute(r, name, "units"));
        axis->scale = tn_text_scale_of(quantity, axis->numbers, axis->numbers ? axis->count : 0);
        out->points *= axis->count;
    }
    return r->status == TN_OK && out->rank > 0;
}

static const char *value_name(struct tn_h5_reader *r, const struct tn_slice_axis *axis, size_t i)
{
    if (axis->texts)
        return axis->texts[i] ? axis->texts[i] : "";
    const char *value = axis->numbers ? tn_text_value(axis->numbers[i], &axis->scale, r->arena) : "";
    const char *text = tn_arena_printf(r->arena, "%s %s%s%s", axis->label, value ? value : "",
                                       *axis->scale.unit ? " " : "", axis->scale.unit);
    return text ? text : axis->name;
}

struct tn_list tn_slice_names(struct tn_slice *s, struct tn_h5_reader *r, const char *wanted)
{
    size_t count = 1;
    for (int i = 0; i < s->rank; i++)
        count *= i == s->x || i == s->y ? 1 : s->axes[i].count;
    const char **names = tn_arena_alloc(r->arena, count + 1, sizeof *names);
    for (size_t k = 0; names && k < count; k++) {
        size_t rest = k, base = 0;
        const char *name = "";
        for (int i = s->rank - 1; i >= 0; i--) {
            if (i == s->x || i == s->y)
                continue;
            size_t at = rest % s->axes[i].count;
            rest /= s->axes[i].count;
            base += at * s->axes[i].stride;
            const char *value = value_name(r, &s->axes[i], at);
            name = name ? tn_arena_printf(r->arena, "%s%s%s", value, *name ? ", " : "", name) : NULL;
        }
        names[k] = name ? name : "";
        if (wanted && strcmp(wanted, names[k]) == 0)
            s->base = base;
    }
    return (struct tn_list){names, names ? count : 0};
}

size_t tn_slice_point(const struct tn_slice *s, size_t x, size_t y)
{
    return s->base + (s->x < 0 ? 0 : x * s->axes[s->x].stride) + (s->y < 0 ? 0 : y * s->axes[s->y].stride);
}
