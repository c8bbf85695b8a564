/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "h5_read.h"
#include "text.h"

static const char *plain(struct tn_h5_reader *r, const char *text)
{
    const char *copy = tn_text_plain(text, r->arena);
    return copy ? copy : "";
}

static void put_attribute(FILE *out, struct tn_h5_reader *r, const char *path, const char *name, const char *indent)
{
    const char *text = tn_h5_attribute(r, path, name);
    if (text && *text)
        fprintf(out, "%s%-12s %s\n", indent, name, plain(r, text));
}

static const char *path_of(struct tn_h5_reader *r, const char *group, const char *name)
{
    const char *path = strcmp(group, "/") == 0 ? name : tn_arena_printf(r->arena, "%s/%s", group, name);
    return path ? path : name;
}

/* "(train, load)" */
static const char *shape_text(struct tn_h5_reader *r, const struct tn_h5_shape *shape)
{
    const char *text = "";
    for (int i = 0; i < shape->rank && text; i++)
        text = tn_arena_printf(r->arena, "%s%s%s%s", text, i ? ", " : "(", shape->names[i] ? shape->names[i] : "",
                               i + 1 == shape->rank ? ")" : "");
    return text ? text : "";
}

/* A scalar's value; "" for arrays. */
static const char *value_text(struct tn_h5_reader *r, const char *path)
{
    if (tn_h5_is_text(r, path)) {
        struct tn_list texts = tn_h5_texts(r, path);
        return texts.count ? plain(r, ((const char **)texts.items)[0]) : "";
    }
    struct tn_list numbers = tn_h5_numbers(r, path);
    if (!numbers.count)
        return "";
    const char *meanings = tn_h5_attribute(r, path, "flag_meanings");
    double value = *(double *)numbers.items;
    if (meanings)
        return value > 0 ? "yes" : "no";
    return tn_arena_printf(r->arena, "%.10g", value);
}

static void put_variable(FILE *out, struct tn_h5_reader *r, const char *path, const char *name)
{
    const char *units = tn_h5_attribute(r, path, "units"), *words = tn_h5_attribute(r, path, "long_name");
    struct tn_h5_shape shape = tn_h5_shape(r, path);
    const char *value = shape.rank ? shape_text(r, &shape) : value_text(r, path);
    if (units && strcmp(units, "1") == 0)
        units = NULL;
    const char *right = tn_arena_printf(r->arena, "%s%s%s", value ? value : "", units ? " " : "", units ? units : "");
    fprintf(out, "    %-28s %-28s %s\n", name, right ? right : "", words ? plain(r, words) : "");
}

/* Every dimension of the group's variables once, with its size. */
static void put_dimensions(FILE *out, struct tn_h5_reader *r, const char *group, const struct tn_list *names)
{
    const char *known = ", ";
    for (size_t i = 0; i < names->count && known; i++) {
        const char *path = path_of(r, group, ((const char **)names->items)[i]);
        struct tn_h5_shape shape = tn_h5_has(r, path) ? tn_h5_shape(r, path) : (struct tn_h5_shape){0};
        for (int k = 0; k < shape.rank && known; k++) {
            const char *begin = tn_arena_printf(r->arena, ", %s=", shape.names[k] ? shape.names[k] : "");
            if (begin && !strstr(known, begin))
                known = tn_arena_printf(r->arena, "%s%s%llu", strcmp(known, ", ") ? known : "", begin,
                                        (unsigned long long)shape.sizes[k]);
        }
    }
    if (known && strlen(known) > 2)
        fprintf(out, "  %-12s %s\n", "dimensions", known + 2);
}

static void put_variables(FILE *out, struct tn_h5_reader *r, const char *group)
{
    struct tn_list names = tn_h5_names(r, group);
    put_dimensions(out, r, group, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = ((const char **)names.items)[i];
        const char *path = name ? path_of(r, group, name) : NULL;
        if (path && tn_h5_has(r, path) && !tn_h5_is_dimension(r, path))
            put_variable(out, r, path, name);
    }
}

static void put_study(FILE *out, struct tn_h5_reader *r, const char *group)
{
    static const char *const attributes[] = {"study", "train", "line", "direction", "depth", "verdict"};
    fprintf(out, "\n%s\n", plain(r, group));
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        put_attribute(out, r, group, attributes[i], "  ");
    put_variables(out, r, group);
}

static void put_inputs(FILE *out, struct tn_h5_reader *r)
{
    struct tn_list paths = tn_h5_texts(r, "provenance/input_path"), sums = tn_h5_texts(r, "provenance/input_sha256");
    for (size_t i = 0; i < paths.count && i < sums.count; i++)
        fprintf(out, "  input        %.16s... %s\n", ((const char **)sums.items)[i],
                plain(r, ((const char **)paths.items)[i]));
}

static void put_provenance(FILE *out, struct tn_h5_reader *r)
{
    static const char *const attributes[] = {"version",  "revision", "compiler", "libraries",
                                             "scenario", "command",  "host"};
    fputs("\nprovenance\n", out);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        put_attribute(out, r, "provenance", attributes[i], "  ");
    double threads = tn_h5_attribute_number(r, "provenance", "threads");
    double wall = tn_h5_attribute_number(r, "provenance", "wall_time_s");
    if (!isnan(threads))
        fprintf(out, "  threads      %.0f\n", threads);
    if (!isnan(wall))
        fprintf(out, "  wall time    %.3g s\n", wall);
    put_inputs(out, r);
}

tn_status tn_results_describe(FILE *out, const char *path, struct tn_context *ctx)
{
    static const char *const attributes[] = {"title", "source", "date_created", "history",
                                             "sweep", "study",  "line",         "featureType"};
    struct tn_arena arena = {0};
    struct tn_h5_reader r;
    tn_status status = tn_h5_open(&r, path, &arena, ctx);
    if (status == TN_OK) {
        fprintf(out, "%s\n", path);
        for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
            put_attribute(out, &r, "/", attributes[i], "  ");
        put_variables(out, &r, "/");
        struct tn_list names = tn_h5_names(&r, "/");
        for (size_t i = 0; i < names.count; i++) {
            const char *name = ((const char **)names.items)[i];
            if (name && strcmp(name, "provenance") != 0 && tn_h5_is_group(&r, name))
                put_study(out, &r, name);
        }
        put_provenance(out, &r);
        status = r.status;
        tn_h5_close(&r);
    }
    tn_arena_clear(&arena);
    return status;
}
