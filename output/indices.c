/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cube.h"
#include "indices.h"
#include "load.h"
#include "sensitivity.h"

/* Sensitivity indices of a Saltelli design: tables over results and inputs, and the mean of a result where an input is
   at its low and at its high end. */

enum { ENDS = 10 }; /* an end is a tenth of the values */

struct inputs {
    size_t count, samples, matrices;
    const size_t *axes; /* the sampled ones */
};

struct tables {
    double *mean, *variance, *samples;      /* over results */
    double *first, *first_low, *first_high; /* over results and inputs */
    double *total, *total_low, *total_high, *low, *high;
    const char **names, **units; /* of the results */
    size_t results;
};

static bool is_dim(const struct tn_cube *cube, size_t axis)
{
    for (size_t i = 0; i < cube->dim_count; i++)
        if (!cube->dims[i].name && cube->dims[i].axis == axis)
            return true;
    return false;
}

static bool find_inputs(struct inputs *inputs, const struct tn_cube *cube, struct tn_arena *arena)
{
    size_t *axes = tn_arena_alloc(arena, cube->axis_count + 1, sizeof *axes);
    *inputs = (struct inputs){
        .axes = axes, .samples = cube->dims[cube->sample_dim].size, .matrices = cube->dims[cube->sample_dim + 1].size};
    for (size_t i = 0; axes && i < cube->axis_count; i++)
        if (!is_dim(cube, i))
            axes[inputs->count++] = i;
    return axes && inputs->matrices == inputs->count + 2;
}

static bool make_tables(struct tables *t, size_t results, size_t inputs, struct tn_arena *arena)
{
    double **const over_results[] = {&t->mean, &t->variance, &t->samples};
    double **const over_both[] = {&t->first,     &t->first_low,  &t->first_high, &t->total,
                                  &t->total_low, &t->total_high, &t->low,        &t->high};
    *t = (struct tables){.names = tn_arena_alloc(arena, results + 1, sizeof(char *)),
                         .units = tn_arena_alloc(arena, results + 1, sizeof(char *))};
    bool made = t->names && t->units;
    for (size_t i = 0; i < sizeof over_results / sizeof *over_results; i++)
        made = (*over_results[i] = tn_arena_alloc(arena, results + 1, sizeof(double))) && made;
    for (size_t i = 0; i < sizeof over_both / sizeof *over_both; i++)
        made = (*over_both[i] = tn_arena_alloc(arena, results * inputs + 1, sizeof(double))) && made;
    return made;
}

/* Mean of the values of matrices A and B where the input is in its lowest and in its highest tenth. */
static void find_ends(double *low, double *high, const double *values, const size_t *order, const struct inputs *inputs)
{
    const size_t count = 2 * inputs->samples, tenth = count / ENDS > 0 ? count / ENDS : 1;
    double sums[2] = {0, 0};
    size_t counts[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        const size_t which = order[i];
        const double value = values[which / 2 * inputs->matrices + which % 2];
        const int end = i < tenth ? 0 : i >= count - tenth ? 1 : -1;
        if (end >= 0 && isfinite(value)) {
            sums[end] += value;
            counts[end]++;
        }
    }
    *low = counts[0] ? sums[0] / (double)counts[0] : (double)NAN;
    *high = counts[1] ? sums[1] / (double)counts[1] : (double)NAN;
}

/* Matrices A and B of every sample in rising order of each input; NULL of an input that is no number. */
static tn_status sort_inputs(size_t ***orders_out, const struct tn_cube *cube, const struct inputs *inputs,
                             struct tn_arena *arena)
{
    const size_t count = 2 * inputs->samples;
    size_t **orders = *orders_out = tn_arena_alloc(arena, inputs->count + 1, sizeof *orders);
    double *at = malloc((count + 1) * sizeof *at);
    tn_status status = orders && at ? TN_OK : TN_ERR_MEMORY;
    for (size_t j = 0; j < inputs->count && status == TN_OK; j++) {
        if (cube->axes[inputs->axes[j]].has_texts)
            continue;
        const char *text;
        for (size_t i = 0; i < count; i++)
            cube->sampled(&at[i], &text, inputs->axes[j], i / 2 * inputs->matrices + i % 2, cube->payload);
        orders[j] = tn_arena_alloc(arena, count + 1, sizeof **orders);
        if (orders[j])
            gsl_sort_index(orders[j], at, 1, count);
        else
            status = TN_ERR_MEMORY;
    }
    free(at);
    return status;
}

static tn_status add_result(struct tables *t, const struct tn_column *column, const double *values, size_t **orders,
                            const struct tn_cube *cube, const struct inputs *inputs,
                            struct tn_sensitivity_index *indices)
{
    const struct tn_sensitivity_options options = {
        .resamples = cube->resamples, .confidence = cube->confidence, .seed = (uint64_t)cube->seed};
    struct tn_sensitivity found;
    tn_status status = tn_sensitivity_find(&found, indices, values, inputs->samples, inputs->count, &options);
    if (status != TN_OK || found.samples == 0 || isnan(indices[0].total))
        return status; /* it does not vary */
    const size_t row = t->results++;
    t->names[row] = column->name;
    t->units[row] = tn_quantity_si(column->field->quantity);
    t->mean[row] = found.mean;
    t->variance[row] = found.variance;
    t->samples[row] = (double)found.samples;
    for (size_t j = 0; j < inputs->count; j++) {
        const size_t at = row * inputs->count + j;
        t->first[at] = indices[j].first, t->first_low[at] = indices[j].first_low;
        t->first_high[at] = indices[j].first_high, t->total[at] = indices[j].total;
        t->total_low[at] = indices[j].total_low, t->total_high[at] = indices[j].total_high;
        t->low[at] = t->high[at] = (double)NAN;
        if (orders[j])
            find_ends(&t->low[at], &t->high[at], values, orders[j], inputs);
    }
    return TN_OK;
}

static tn_status find_tables(struct tables *t, struct tn_cube_file *file, const struct inputs *inputs,
                             struct tn_arena *arena)
{
    const size_t points = inputs->samples * inputs->matrices;
    struct tn_sensitivity_index *indices = tn_arena_alloc(arena, inputs->count + 1, sizeof *indices);
    double *values = malloc((points + 1) * sizeof *values);
    size_t **orders = NULL;
    tn_status status =
        indices && values && make_tables(t, file->layout.count, inputs->count, arena) ? TN_OK : TN_ERR_MEMORY;
    if (status == TN_OK)
        status = sort_inputs(&orders, file->cube, inputs, arena);
    for (size_t k = 0; k < file->layout.count && status == TN_OK; k++) {
        const struct tn_column *column = &file->layout.columns[k];
        if (column->field->type != TN_NUMBER)
            continue;
        hid_t data = H5Dopen2(file->h5.file, column->name, H5P_DEFAULT);
        if (data < 0 || H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
            status = tn_h5_error(file->h5.ctx, file->h5.path, "read a variable");
        if (data >= 0)
            (void)H5Dclose(data);
        if (status == TN_OK)
            status = add_result(t, column, values, orders, file->cube, inputs, indices);
    }
    free(values);
    return status;
}

static void put_tables(struct tn_cube_file *file, const struct tables *t, const struct inputs *inputs,
                       struct tn_arena *arena)
{
    static const char of_result[] = "result_units"; /* says the units, result by result */
    const struct {
        const char *name, *long_name;
        const double *values;
        int rank;
        const char *units;
    } all[] = {
        {"sensitivity_mean", "mean of the result", t->mean, 1, of_result},
        {"sensitivity_variance", "variance of the result, in its units squared", t->variance, 1, of_result},
        {"sensitivity_samples", "samples without a failed point", t->samples, 1, "1"},
        {"sensitivity_first", "first-order index: share of the variance that the input alone explains", t->first, 2,
         "1"},
        {"sensitivity_first_low", "low end of its confidence interval", t->first_low, 2, "1"},
        {"sensitivity_first_high", "high end of its confidence interval", t->first_high, 2, "1"},
        {"sensitivity_total", "total index: share of the variance that would stay if all other inputs were known",
         t->total, 2, "1"},
        {"sensitivity_total_low", "low end of its confidence interval", t->total_low, 2, "1"},
        {"sensitivity_total_high", "high end of its confidence interval", t->total_high, 2, "1"},
        {"sensitivity_at_low", "mean of the result where the input is in its lowest tenth", t->low, 2, of_result},
        {"sensitivity_at_high", "mean of the result where the input is in its highest tenth", t->high, 2, of_result},
    };
    struct tn_h5_writer *w = &file->h5;
    const char **labels = tn_arena_alloc(arena, inputs->count + 1, sizeof *labels);
    for (size_t j = 0; labels && j < inputs->count; j++) {
        const struct tn_cube_axis *axis = &file->cube->axes[inputs->axes[j]];
        labels[j] = axis->label ? axis->label : axis->path;
    }
    if (!labels) {
        w->status = TN_ERR_MEMORY;
        return;
    }
    struct tn_h5_dim sizes[] = {{-1, t->results}, {-1, inputs->count}};
    struct tn_h5_variable names[] = {
        {.name = "result", .type = TN_H5_TEXT, .rank = 1, .dims = &sizes[0], .long_name = "result that varies"},
        {.name = "input", .type = TN_H5_TEXT, .rank = 1, .dims = &sizes[1], .long_name = "uncertain input"}};
    struct tn_h5_variable variable = {
        .name = of_result, .type = TN_H5_TEXT, .rank = 1, .long_name = "units of the result"};
    struct tn_h5_dim dims[2] = {tn_h5_axis(w, w->file, &names[0], t->names), tn_h5_axis(w, w->file, &names[1], labels)};
    variable.dims = dims;
    tn_h5_put(w, w->file, &variable, t->units);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const bool own = all[i].units != of_result;
        variable = (struct tn_h5_variable){
            .name = all[i].name,
            .type = TN_H5_NUMBER,
            .rank = all[i].rank,
            .dims = dims,
            .units = own ? all[i].units : NULL,
            .long_name = all[i].long_name,
            .attributes = {{own ? NULL : "ancillary_variables", own ? NULL : of_result}},
        };
        tn_h5_put(w, w->file, &variable, all[i].values);
    }
    tn_h5_dim_close(w, &dims[0]);
    tn_h5_dim_close(w, &dims[1]);
}

void tn_cube_put_sensitivity(struct tn_cube_file *file)
{
    const struct tn_cube *cube = file->cube;
    struct tn_h5_writer *w = &file->h5;
    struct tn_arena arena = {0};
    struct inputs inputs;
    struct tables tables;
    if (w->status != TN_OK || cube->sample_dims != 2 || !find_inputs(&inputs, cube, &arena))
        return;
    tn_status status = find_tables(&tables, file, &inputs, &arena);
    if (status != TN_OK)
        w->status = status;
    const char *shown = status == TN_OK && tables.results ? tables.names[0] : NULL;
    for (size_t i = 0; shown && cube->shown && i < tables.results; i++)
        if (strcmp(tables.names[i], cube->shown) == 0)
            shown = tables.names[i];
    if (shown)
        put_tables(file, &tables, &inputs, &arena);
    tn_h5_text_attribute(w, w->file, "sensitivity_of", shown);
    tn_h5_integer_attribute(w, w->file, "sensitivity_resamples", cube->resamples);
    tn_h5_number_attribute(w, w->file, "sensitivity_confidence", cube->confidence);
    tn_h5_integer_attribute(w, w->file, "sensitivity_seed", cube->seed);
    tn_arena_clear(&arena);
}

/* --- read back, and as a table --- */

struct line {
    size_t input;
    double total;
};

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->total != y->total)
        return x->total > y->total ? -1 : 1;
    return (x->input > y->input) - (x->input < y->input);
}

/* Inputs from the one that moves the result most; NULL if there is no memory. */
static const size_t *order_of(const double *totals, size_t count, struct tn_arena *arena)
{
    struct line *lines = tn_arena_alloc(arena, count + 1, sizeof *lines);
    size_t *order = tn_arena_alloc(arena, count + 1, sizeof *order);
    if (!lines || !order)
        return NULL;
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct line){i, totals[i]};
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++)
        order[i] = lines[i].input;
    return order;
}

static enum tn_quantity quantity_of(struct tn_h5_reader *r, const char *of)
{
    const char *study = tn_h5_attribute(r, "/", "study");
    const struct tn_study_kind *kind = study ? tn_cube_kind(study) : NULL;
    struct tn_list columns;
    if (!kind || tn_columns_of(&columns, kind->result, r->arena) != TN_OK)
        return TN_Q_NONE;
    for (size_t k = 0; k < columns.count; k++) {
        const struct tn_column *column = &((const struct tn_column *)columns.items)[k];
        if (strcmp(column->name, of) == 0)
            return column->field->quantity;
    }
    return TN_Q_NONE;
}

/* The row of a table over results and inputs. */
static const double *row_of(struct tn_h5_reader *r, const char *name, size_t row, size_t inputs)
{
    const struct tn_list list = tn_h5_numbers(r, name);
    return list.count >= (row + 1) * inputs ? (const double *)list.items + row * inputs : NULL;
}

bool tn_indices_read(struct tn_indices *out, struct tn_h5_reader *r)
{
    const char *of = tn_h5_attribute(r, "/", "sensitivity_of");
    *out = (struct tn_indices){.of = of};
    if (!of)
        return false;
    const struct tn_list results = tn_h5_texts(r, "result"), inputs = tn_h5_texts(r, "input");
    size_t row = 0;
    while (row < results.count && strcmp(((const char **)results.items)[row], of) != 0)
        row++;
    out->count = inputs.count;
    out->inputs = inputs.items;
    const struct {
        const char *name;
        const double **to;
    } all[] = {{"sensitivity_first", &out->first},           {"sensitivity_first_low", &out->first_low},
               {"sensitivity_first_high", &out->first_high}, {"sensitivity_total", &out->total},
               {"sensitivity_total_low", &out->total_low},   {"sensitivity_total_high", &out->total_high},
               {"sensitivity_at_low", &out->at_low},         {"sensitivity_at_high", &out->at_high}};
    bool there = row < results.count && inputs.count > 0;
    for (size_t i = 0; there && i < sizeof all / sizeof *all; i++)
        there = (*all[i].to = row_of(r, all[i].name, row, inputs.count)) != NULL;
    const double *mean = there ? row_of(r, "sensitivity_mean", row, 1) : NULL;
    out->order = there ? order_of(out->total, inputs.count, r->arena) : NULL;
    if (!mean || !out->order)
        return false;
    out->mean = *mean;
    out->doc = tn_h5_attribute(r, of, "long_name");
    out->confidence = tn_h5_attribute_number(r, "/", "sensitivity_confidence");
    out->scale = tn_text_scale_of(quantity_of(r, of), out->at_high, out->count);
    if (out->scale.decimals == 0)
        out->scale.decimals = 1;
    return true;
}

static void print_indices(FILE *out, const struct tn_indices *s, struct tn_arena *arena)
{
    size_t width = 5;
    for (size_t i = 0; i < s->count; i++) {
        const size_t own = tn_text_width(s->inputs[i]);
        width = own > width ? own : width;
    }
    fprintf(out, "\nWhat moves %s most: shares of its variance, with intervals of %.4g %%\n", s->of,
            100 * s->confidence);
    fprintf(out, "%-*s  %-24s  %-24s  mean where it is low .. high%s%s\n", (int)width, "input", "total", "first order",
            *s->scale.unit ? ", " : "", s->scale.unit);
    for (size_t k = 0; k < s->count; k++) {
        const size_t i = s->order[k];
        const char *low = tn_text_value(s->at_low[i], &s->scale, arena),
                   *high = tn_text_value(s->at_high[i], &s->scale, arena);
        fprintf(out, "%s%*s  %6.3f [%6.3f, %6.3f]  %6.3f [%6.3f, %6.3f]  %s .. %s\n", s->inputs[i],
                (int)(width - tn_text_width(s->inputs[i])), "", s->total[i], s->total_low[i], s->total_high[i],
                s->first[i], s->first_low[i], s->first_high[i], low ? low : "", high ? high : "");
    }
}

tn_status tn_sensitivity_print(FILE *out, const char *path, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_indices indices;
    struct tn_h5_reader r;
    tn_status status = tn_h5_open(&r, path, &arena, ctx);
    if (status == TN_OK) {
        if (tn_indices_read(&indices, &r))
            print_indices(out, &indices, &arena);
        status = r.status;
        tn_h5_close(&r);
    }
    tn_arena_clear(&arena);
    return status;
}
