/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "arena.h"
#include "h5_read.h"
#include "text.h"

/* Two files side by side. */
struct pair {
    struct tn_h5_reader a, b;
    struct tn_arena *arena;
    const struct tn_diff_options *options;
    FILE *out;
    struct tn_diff_counts counts;
};

static const char *plain(struct pair *d, const char *text)
{
    const char *copy = tn_text_plain(text, d->arena);
    return copy ? copy : "";
}

static bool is_skipped(const struct pair *d, const char *name)
{
    for (size_t i = 0; i < d->options->skip_count; i++)
        if (strcmp(d->options->skip[i], name) == 0)
            return true;
    return false;
}

static void only_in(struct pair *d, const char *path, const char *file)
{
    fprintf(d->out, "%s: only in %s\n", plain(d, path), file);
    d->counts.compared++;
    d->counts.differ++;
}

/* "[2, 0, 14]" of the element in file order; "" for a scalar. */
static const char *index_text(struct pair *d, const struct tn_h5_shape *shape, size_t element)
{
    const char *text = "";
    for (int i = shape->rank - 1; i >= 0 && text; i--) {
        const size_t size = shape->sizes[i] ? (size_t)shape->sizes[i] : 1;
        text = tn_arena_printf(d->arena, "%zu%s%s", element % size, *text ? ", " : "", text);
        element /= size;
    }
    return text && *text ? tn_arena_printf(d->arena, " at [%s]", text) : "";
}

/* The word of a flag, or the number with that many digits, all that it takes if 0. */
static const char *number_text(struct pair *d, const char *meanings, double value, int count)
{
    char digits[TN_TEXT_NUMBER];
    const char *word = meanings;
    for (double left = value; word && left >= 1; left--) {
        word = strchr(word, ' ');
        word = word ? word + 1 : NULL;
    }
    if (word && value >= 0)
        return tn_arena_printf(d->arena, "%.*s", (int)strcspn(word, " "), word);
    if (count)
        return tn_arena_printf(d->arena, "%.*g", count, value);
    tn_text_number(digits, value);
    return tn_arena_printf(d->arena, "%s", digits);
}

/* What differs between two arrays of numbers: how many, where most, and by which share of the largest magnitude. */
struct gap {
    size_t count, worst;
    double share;
};

static double largest(const double *a, const double *b, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        most = isfinite(a[i]) ? fmax(most, fabs(a[i])) : most;
        most = isfinite(b[i]) ? fmax(most, fabs(b[i])) : most;
    }
    return most;
}

static struct gap find_gap(const double *a, const double *b, size_t count, double tolerance, double absolute)
{
    const double scale = largest(a, b, count);
    struct gap gap = {0};
    for (size_t i = 0; i < count; i++) {
        const bool finite = isfinite(a[i]) && isfinite(b[i]);
        const bool same = a[i] == b[i] || (isnan(a[i]) && isnan(b[i]));
        const double share = same ? 0 : finite ? fabs(a[i] - b[i]) / scale : (double)INFINITY;
        if (same || share <= tolerance || (finite && fabs(a[i] - b[i]) <= absolute))
            continue;
        if (!gap.count++ || share > gap.share)
            gap.worst = i, gap.share = share;
    }
    return gap;
}

static bool numbers_differ(struct pair *d, const char *path, const struct tn_h5_shape *shape)
{
    const struct tn_list a = tn_h5_numbers(&d->a, path), b = tn_h5_numbers(&d->b, path);
    const char *meanings = tn_h5_attribute(&d->a, path, "flag_meanings");
    const char *units = tn_h5_attribute(&d->a, path, "units");
    const size_t count = a.count < b.count ? a.count : b.count;
    const double *x = a.items, *y = b.items;
    const struct gap gap =
        find_gap(x, y, count, meanings ? 0 : d->options->tolerance, meanings ? 0 : d->options->absolute);
    if (!gap.count)
        return false;
    const char *from = number_text(d, meanings, x[gap.worst], 6), *to = number_text(d, meanings, y[gap.worst], 6);
    if (from && to && strcmp(from, to) == 0)
        from = number_text(d, meanings, x[gap.worst], 0), to = number_text(d, meanings, y[gap.worst], 0);
    fprintf(d->out, "%s: ", plain(d, path));
    if (shape->rank)
        fprintf(d->out, "%zu of %zu values, most%s: ", gap.count, count, index_text(d, shape, gap.worst));
    fprintf(d->out, "%s -> %s%s%s", from ? from : "", to ? to : "", units && strcmp(units, "1") != 0 ? " " : "",
            units && strcmp(units, "1") != 0 ? plain(d, units) : "");
    if (isfinite(gap.share) && !meanings)
        fprintf(d->out, " (%.3g %%)", 100 * gap.share);
    fputc('\n', d->out);
    return true;
}

static bool texts_differ(struct pair *d, const char *path, const struct tn_h5_shape *shape)
{
    const struct tn_list a = tn_h5_texts(&d->a, path), b = tn_h5_texts(&d->b, path);
    const char *const *x = a.items, *const *y = b.items;
    size_t count = 0, first = 0;
    for (size_t i = 0; i < a.count && i < b.count; i++)
        if (strcmp(x[i], y[i]) != 0 && !count++)
            first = i;
    if (!count)
        return false;
    fprintf(d->out, "%s: ", plain(d, path));
    if (shape->rank)
        fprintf(d->out, "%zu of %zu values, first%s: ", count, a.count, index_text(d, shape, first));
    fprintf(d->out, "\"%s\" -> \"%s\"\n", plain(d, x[first]), plain(d, y[first]));
    return true;
}

/* "3 x 70", or "one value". */
static const char *size_text(struct pair *d, const struct tn_h5_shape *shape)
{
    const char *text = "";
    for (int i = 0; i < shape->rank && text; i++)
        text = tn_arena_printf(d->arena, "%s%s%llu", text, i ? " x " : "", (unsigned long long)shape->sizes[i]);
    return !text ? "" : *text ? tn_arena_printf(d->arena, "%s values", text) : "one value";
}

static bool attribute_differs(struct pair *d, const char *path, const char *name)
{
    const char *a = tn_h5_attribute(&d->a, path, name), *b = tn_h5_attribute(&d->b, path, name);
    if ((!a && !b) || (a && b && strcmp(a, b) == 0))
        return false;
    fprintf(d->out, "%s: %s \"%s\" -> \"%s\"\n", strcmp(path, "/") ? plain(d, path) : "file", name,
            a ? plain(d, a) : "", b ? plain(d, b) : "");
    return true;
}

static bool variable_differs(struct pair *d, const char *path)
{
    const struct tn_h5_shape a = tn_h5_shape(&d->a, path), b = tn_h5_shape(&d->b, path);
    const bool text = tn_h5_is_text(&d->a, path);
    if (text != tn_h5_is_text(&d->b, path)) {
        fprintf(d->out, "%s: %s -> %s\n", plain(d, path), text ? "texts" : "numbers", text ? "numbers" : "texts");
        return true;
    }
    bool same = a.rank == b.rank;
    for (int i = 0; same && i < a.rank; i++)
        same = a.sizes[i] == b.sizes[i];
    if (!same) {
        fprintf(d->out, "%s: %s -> %s\n", plain(d, path), size_text(d, &a), size_text(d, &b));
        return true;
    }
    return attribute_differs(d, path, "units") || (text ? texts_differ(d, path, &a) : numbers_differ(d, path, &a));
}

static bool is_variable(struct tn_h5_reader *r, const char *path)
{
    return tn_h5_has(r, path) && !tn_h5_is_dimension(r, path);
}

static const char *path_of(struct pair *d, const char *group, const char *name)
{
    const char *path = strcmp(group, "/") == 0 ? name : tn_arena_printf(d->arena, "%s/%s", group, name);
    return path ? path : name;
}

static void compare_group(struct pair *d, const char *group, const char *const *attributes)
{
    for (; *attributes; attributes++)
        if (attribute_differs(d, group, *attributes))
            d->counts.attributes++;
    const struct tn_list in_a = tn_h5_names(&d->a, group), in_b = tn_h5_names(&d->b, group);
    const char *const *names = in_a.items;
    for (size_t i = 0; i < in_a.count; i++) {
        const char *path = names[i] ? path_of(d, group, names[i]) : "";
        if (!is_variable(&d->a, path) || is_skipped(d, names[i]) || is_skipped(d, path))
            continue;
        if (!is_variable(&d->b, path)) {
            only_in(d, path, d->a.path);
            continue;
        }
        d->counts.compared++;
        d->counts.differ += variable_differs(d, path) ? 1 : 0;
    }
    names = in_b.items;
    for (size_t i = 0; i < in_b.count; i++) {
        const char *path = names[i] ? path_of(d, group, names[i]) : "";
        if (is_variable(&d->b, path) && !is_variable(&d->a, path) && !is_skipped(d, names[i]) && !is_skipped(d, path))
            only_in(d, path, d->b.path);
    }
}

static bool is_study(struct tn_h5_reader *r, const char *name)
{
    return name && strcmp(name, "provenance") != 0 && tn_h5_is_group(r, name);
}

static void compare(struct pair *d)
{
    static const char *const of_file[] = {"sweep", "study", "line", "train", NULL};
    static const char *const of_study[] = {"study", "train", "line", "direction", "depth", "verdict", NULL};
    static const char *const of_study_near[] = {"study", "train", "line", "direction", "depth", NULL};
    compare_group(d, "/", of_file);
    const struct tn_list in_a = tn_h5_names(&d->a, "/"), in_b = tn_h5_names(&d->b, "/");
    for (size_t i = 0; i < in_a.count; i++) {
        const char *name = ((const char *const *)in_a.items)[i];
        if (!is_study(&d->a, name) || is_skipped(d, name))
            continue;
        if (is_study(&d->b, name))
            compare_group(d, name, d->options->tolerance > 0 || d->options->absolute > 0 ? of_study_near : of_study);
        else
            only_in(d, name, d->a.path);
    }
    for (size_t i = 0; i < in_b.count; i++) {
        const char *name = ((const char *const *)in_b.items)[i];
        if (is_study(&d->b, name) && !is_study(&d->a, name) && !is_skipped(d, name))
            only_in(d, name, d->b.path);
    }
}

tn_status tn_results_diff(struct tn_diff_counts *counts_out, FILE *out, const char *a, const char *b,
                          const struct tn_diff_options *options, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct pair d = {.arena = &arena, .options = options, .out = out};
    tn_status status = tn_h5_open(&d.a, a, &arena, ctx);
    if (status == TN_OK) {
        status = tn_h5_open(&d.b, b, &arena, ctx);
        if (status == TN_OK) {
            compare(&d);
            status = d.a.status != TN_OK ? d.a.status : d.b.status;
            tn_h5_close(&d.b);
        }
        tn_h5_close(&d.a);
    }
    *counts_out = d.counts;
    tn_arena_clear(&arena);
    return status;
}
