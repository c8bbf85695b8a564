/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

/* A number in the unit in which the axis is said, which the first one sets. A step or a deviation has no zero: its
   unit counts, not its offset. */
static bool read_in_unit(double *out, struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                         const struct tn_node *node, const char *name, bool difference)
{
    const struct tn_unit *own;
    enum tn_quantity quantity = axis->field->type == TN_INTEGER ? TN_Q_NONE : axis->field->quantity;
    double si;
    if (!tn_quantity_read(&si, &own, reader, node, name, quantity))
        return false;
    if (axis->unit == NULL)
        axis->unit = own;
    struct tn_number number;
    if (own == axis->unit && tn_number_split(&number, node->text))
        *out = number.value;
    else if (difference)
        *out = (si - (own == NULL ? 0 : own->offset)) / (axis->unit == NULL ? 1 : axis->unit->factor);
    else
        *out = axis->unit == NULL ? si : (si - axis->unit->offset) / axis->unit->factor;
    return true;
}

static double in_si(const struct tn_scenario_axis *axis, double value)
{
    return axis->unit == NULL ? value : value * axis->unit->factor + axis->unit->offset;
}

/* "0.3 m": a value of the axis in its unit. */
static const char *unit_text(struct tn_scenario_reader *reader, const struct tn_scenario_axis *axis, const char *number)
{
    const char *unit = axis->unit == NULL ? "" : axis->unit->name;
    return tn_reader_printf(reader, "%s%s%s", number, *unit == '\0' ? "" : " ", unit);
}

static bool in_range(struct tn_scenario_reader *reader, const struct tn_scenario_axis *axis, double si,
                     const char *text, const struct tn_place *place)
{
    const struct tn_node named = {.kind = TN_NODE_SCALAR, .text = text, .place = *place};
    return text != NULL && tn_walk_number_in_range(reader, axis->field, si, axis->unit, &named);
}

static bool set_value(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, size_t i, double value,
                      const struct tn_node *node)
{
    char shown[32];
    /* 0.1 + 2 x 0.1 is shown, and taken, as 0.3 */
    snprintf(shown, sizeof shown, "%.12g", value);
    double si = in_si(axis, strtod(shown, NULL));
    axis->texts[i] = unit_text(reader, axis, shown);
    char *where = (char *)(uintptr_t)axis->values + i * tn_field_size(axis->field);
    if (axis->texts[i] == NULL)
        return false;
    if (axis->field->type == TN_NUMBER) {
        *(double *)(void *)where = si;
    } else if (si != floor(si) || fabs(si) > INT_MAX) {
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' must be a whole number, not %s", axis->field->name,
                    axis->texts[i]);
        return false;
    } else {
        *(int *)(void *)where = (int)si;
    }
    return in_range(reader, axis, si, axis->texts[i], &node->place);
}

/* What a range says: the ends in the axis's unit, and how many values. */
struct range {
    double from, to, step, count;
    bool log;
};

static bool read_scale(bool *log, struct tn_scenario_reader *reader, const struct tn_node *node)
{
    const struct tn_node *scale = tn_tree_get(node, "scale");
    *log = scale != NULL && scale->kind == TN_NODE_SCALAR && strcmp(scale->text, "log") == 0;
    if (scale == NULL || *log || (scale->kind == TN_NODE_SCALAR && strcmp(scale->text, "linear") == 0))
        return true;
    tn_error_at(reader->ctx, &scale->place, NULL, "'scale' is linear or log");
    return false;
}

static bool read_ends(struct range *range, struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                      const struct tn_node *node)
{
    const struct tn_node *from = tn_tree_get(node, "from"), *to = tn_tree_get(node, "to");
    if (from == NULL || to == NULL) {
        tn_error_at(reader->ctx, &node->place, NULL, "an axis lacks '%s'", from == NULL ? "from" : "to");
        return false;
    }
    if (!read_in_unit(&range->from, reader, axis, from, axis->field->name, false) ||
        !read_in_unit(&range->to, reader, axis, to, axis->field->name, false) || !read_scale(&range->log, reader, node))
        return false;
    if (range->log && !(range->from > 0 && range->to > 0)) {
        tn_error_at(reader->ctx, &from->place, NULL, "a logarithmic range must be above zero");
        return false;
    }
    return true;
}

static bool read_count(double *count, struct tn_scenario_reader *reader, const struct tn_node *node)
{
    if (!tn_quantity_read(count, NULL, reader, node, "count", TN_Q_NONE))
        return false;
    if (*count == floor(*count))
        return true;
    tn_error_at(reader->ctx, &node->place, NULL, "'count' must be a whole number, not %s", node->text);
    return false;
}

static bool count_steps(struct range *range, struct tn_scenario_reader *reader, const struct tn_node *node,
                        const struct tn_node *step)
{
    range->count = floor((range->to - range->from) / range->step + 1e-9) + 1;
    if (range->count >= 1 && !isinf(range->count))
        return true;
    tn_error_at(reader->ctx, &step->place, NULL, "a step of %s does not lead from %s to %s", step->text,
                tn_tree_get(node, "from")->text, tn_tree_get(node, "to")->text);
    return false;
}

/* How many values a range has; 0: it is open to every number in between. */
static bool divide(struct range *range, struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                   const struct tn_node *node)
{
    const struct tn_node *step = tn_tree_get(node, "step"), *count = tn_tree_get(node, "count");
    if (step == NULL && count == NULL && axis->sampled) {
        range->step = 1;
        range->count = axis->field->type == TN_INTEGER ? floor(range->to - range->from) + 1 : 0;
        return true;
    }
    if ((step == NULL) == (count == NULL)) {
        tn_error_at(reader->ctx, &node->place, NULL, "an axis needs either 'step' or 'count'");
        return false;
    }
    if (step != NULL && range->log) {
        tn_error_at(reader->ctx, &step->place, NULL, "a logarithmic range has a 'count', not a 'step'");
        return false;
    }
    if (step != NULL)
        return read_in_unit(&range->step, reader, axis, step, axis->field->name, true) &&
               count_steps(range, reader, node, step);
    range->step = 0;
    return read_count(&range->count, reader, count);
}

static double range_value(const struct range *range, size_t i)
{
    if (range->step != 0)
        return range->from + (double)i * range->step;
    const double share = range->count > 1 ? (double)i / (range->count - 1) : 0;
    if (!range->log)
        return range->from + share * (range->to - range->from);
    return share == 1 ? range->to : range->from * pow(range->to / range->from, share);
}

static bool check_spread(struct tn_scenario_reader *reader, const struct tn_scenario_axis *axis,
                         const struct tn_node *node)
{
    const struct tn_uncertainty *d = &axis->spread;
    const char *fault = tn_uncertainty_fault(d);
    if (fault != NULL) {
        tn_error_at(reader->ctx, &node->place, NULL, "%s: %s", axis->path, fault);
        return false;
    }
    const double ends[] = {d->from, d->to, d->kind == TN_NORMAL ? d->mean : (double)NAN,
                           d->kind == TN_LOG_NORMAL ? d->median : (double)NAN};
    bool fine = true;
    for (size_t i = 0; fine && i < sizeof ends / sizeof *ends; i++) {
        char shown[32];
        if (isnan(ends[i]))
            continue;
        snprintf(shown, sizeof shown, "%.12g",
                 axis->unit == NULL ? ends[i] : (ends[i] - axis->unit->offset) / axis->unit->factor);
        fine = in_range(reader, axis, ends[i], unit_text(reader, axis, shown), &node->place);
    }
    return fine;
}

static void read_range(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node)
{
    struct range range = {0};
    if (!read_ends(&range, reader, axis, node) || !divide(&range, reader, axis, node))
        return;
    if (range.count == 0 && axis->sampled && axis->field->type == TN_NUMBER && tn_tree_get(node, "count") == NULL) {
        axis->spread = (struct tn_uncertainty){.kind = range.log ? TN_LOG_UNIFORM : TN_UNIFORM,
                                               .from = in_si(axis, range.from),
                                               .to = in_si(axis, range.to)};
        (void)check_spread(reader, axis, node);
        return;
    }
    if (!tn_axis_allocate(reader, axis, node, range.count))
        return;
    for (size_t i = 0; i < axis->count; i++)
        if (!set_value(reader, axis, i, range_value(&range, i), node))
            return;
}

/* A parameter of a distribution, in SI; NAN if it is not given. */
static bool read_parameter(double *out, struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                           const struct tn_node *node, const char *name)
{
    const struct tn_node *given = tn_tree_get(node, name);
    const bool difference = strcmp(name, "deviation") == 0, plain = strcmp(name, "factor") == 0;
    *out = (double)NAN;
    if (given == NULL)
        return true;
    if (plain)
        return tn_quantity_read(out, NULL, reader, given, name, TN_Q_NONE);
    if (!read_in_unit(out, reader, axis, given, name, difference))
        return false;
    *out = difference ? *out * (axis->unit == NULL ? 1 : axis->unit->factor) : in_si(axis, *out);
    return true;
}

/* The parameters of each distribution. */
static const char *const parameters[][5] = {
    [TN_UNIFORM] = {"from", "to"},
    [TN_LOG_UNIFORM] = {"from", "to"},
    [TN_NORMAL] = {"mean", "deviation", "from", "to"},
    [TN_TRIANGULAR] = {"from", "mode", "to"},
    [TN_LOG_NORMAL] = {"median", "factor", "from", "to"},
};

static bool read_parameters(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                            const struct tn_node *node)
{
    struct tn_uncertainty *d = &axis->spread;
    const struct {
        const char *name;
        double *out;
    } all[] = {{"from", &d->from}, {"to", &d->to},         {"mean", &d->mean},    {"deviation", &d->deviation},
               {"mode", &d->mode}, {"median", &d->median}, {"factor", &d->factor}};
    bool fine = true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct tn_node *given = tn_tree_get(node, all[i].name);
        bool own = false;
        for (const char *const *name = parameters[d->kind]; *name != NULL; name++)
            own = own || strcmp(*name, all[i].name) == 0;
        if (given != NULL && !own) {
            tn_error_at(reader->ctx, &given->place, NULL, "the %s distribution has no '%s'",
                        tn_uncertainty_name(d->kind), all[i].name);
            fine = false;
        } else {
            fine = read_parameter(all[i].out, reader, axis, node, all[i].name) && fine;
        }
    }
    return fine;
}

static const char *distribution_name(size_t i, const void *payload)
{
    (void)payload;
    return tn_uncertainty_name((int)i);
}

static void read_distribution(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis,
                              const struct tn_node *node, const struct tn_node *name)
{
    const struct tn_node *count_node = tn_tree_get(node, "count"), *step = tn_tree_get(node, "step");
    double count = 0;
    axis->spread.kind = name->kind == TN_NODE_SCALAR ? tn_choice_find(tn_uncertainty_name, name->text) : -1;
    if (axis->spread.kind < 0) {
        const char *near =
            name->kind == TN_NODE_SCALAR ? tn_nearest_name(name->text, distribution_name, TN_TABLE, NULL) : NULL;
        tn_error_at(reader->ctx, &name->place,
                    near != NULL ? tn_reader_printf(reader, "did you mean '%s'?", near)
                                 : "uniform, log-uniform, normal, triangular or log-normal",
                    "unknown distribution");
        return;
    }
    if (axis->field->type != TN_NUMBER || step != NULL) {
        tn_error_at(reader->ctx, &node->place, NULL,
                    step != NULL ? "a distribution has no 'step'" : "a distribution is of numbers, not whole numbers");
        return;
    }
    if (!read_parameters(reader, axis, node) || !check_spread(reader, axis, node) ||
        (count_node != NULL && !read_count(&count, reader, count_node)))
        return;
    if (axis->sampled && count_node == NULL)
        return;
    if (count_node == NULL) {
        tn_error_at(reader->ctx, &node->place, "or sample it: design: {kind: latin-hypercube, samples: 100}",
                    "in a grid a distribution needs a 'count': so many values, equally likely");
        return;
    }
    if (!tn_axis_allocate(reader, axis, count_node, count))
        return;
    for (size_t i = 0; i < axis->count; i++) {
        const double si = tn_uncertainty_quantile(&axis->spread, ((double)i + 0.5) / count);
        if (!set_value(reader, axis, i, axis->unit == NULL ? si : (si - axis->unit->offset) / axis->unit->factor, node))
            return;
    }
}

/* Cumulative weights, from numbers that are not negative. */
static void set_weights(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, double *weights,
                        const struct tn_node *node)
{
    for (size_t i = 0; i < axis->count; i++) {
        if (!(weights[i] >= 0)) {
            tn_error_at(reader->ctx, &node->place, NULL, "a weight cannot be negative");
            return;
        }
        weights[i] += i == 0 ? 0 : weights[i - 1];
    }
    if (!(weights[axis->count - 1] > 0))
        tn_error_at(reader->ctx, &node->place, NULL, "the weights are all zero");
    else if (!axis->sampled)
        tn_error_at(reader->ctx, &node->place, "design: {kind: latin-hypercube, samples: 100}",
                    "weights count only where the axis is sampled");
    else
        axis->weights = weights;
}

static void read_table(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *file)
{
    struct tn_field *fields = tn_reader_alloc(reader, 3, sizeof *fields);
    struct tn_schema *row = tn_reader_alloc(reader, 1, sizeof *row);
    if (fields == NULL || row == NULL)
        return;
    if (axis->field->sub != NULL && axis->field->type != TN_REF) {
        tn_error_at(reader->ctx, &file->place, "write a list of values", "%s is not a single value", axis->path);
        return;
    }
    fields[0] = *axis->field;
    fields[0].flags = TN_REQUIRED;
    fields[1] = (struct tn_field){.name = "weight", .type = TN_NUMBER, .doc = "how often, against the others"};
    *row = (struct tn_schema){"value", "of an axis", 0, fields};
    struct tn_source *source = file->kind == TN_NODE_SCALAR ? tn_source_open(reader, file, NULL) : NULL;
    struct tn_node *table = source == NULL ? NULL : tn_csv_parse(reader, source, row);
    if (table == NULL || !tn_axis_allocate(reader, axis, table, (double)table->count))
        return;
    double *weights = tn_reader_alloc(reader, table->count, sizeof *weights);
    bool weighted = false;
    for (size_t i = 0; weights != NULL && i < table->count; i++) {
        struct tn_node *value = tn_tree_get(table->items[i], axis->field->name);
        const struct tn_node *weight = tn_tree_get(table->items[i], "weight");
        weighted = weighted || weight != NULL;
        if (value == NULL) {
            tn_error_at(reader->ctx, &table->items[i]->place, NULL, "the row lacks '%s'", axis->field->name);
            return;
        }
        axis->texts[i] = value->text;
        tn_walk_field(reader, axis->field, (char *)(uintptr_t)axis->values + i * tn_field_size(axis->field), value);
        weights[i] = 1;
        if (weight != NULL && !tn_quantity_read(&weights[i], NULL, reader, weight, "weight", TN_Q_NONE))
            return;
    }
    if (weighted)
        set_weights(reader, axis, weights, table);
}

void tn_spread_weights(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node)
{
    if (node->kind != TN_NODE_SEQUENCE || node->count != axis->count) {
        tn_error_at(reader->ctx, &node->place, NULL, "%s has %zu values: give as many weights", axis->path,
                    axis->count);
        return;
    }
    double *weights = tn_reader_alloc(reader, node->count, sizeof *weights);
    for (size_t i = 0; weights != NULL && i < node->count; i++)
        if (!tn_quantity_read(&weights[i], NULL, reader, node->items[i], "weight", TN_Q_NONE))
            return;
    if (weights != NULL)
        set_weights(reader, axis, weights, node);
}

void tn_spread_read(struct tn_scenario_reader *reader, struct tn_scenario_axis *axis, const struct tn_node *node)
{
    static const char *const keys[] = {"from",  "to",        "step",   "count",  "scale", "distribution",
                                       "mean",  "deviation", "median", "factor", "mode",  "file",
                                       "label", "grid",      "path",   NULL};
    static const char *const alone[] = {"file", "label", "grid", "path", NULL};
    const struct tn_node *file = tn_tree_get(node, "file"), *distribution = tn_tree_get(node, "distribution");
    if (!tn_axis_check_keys(reader, node, file == NULL ? keys : alone, file == NULL ? "an axis" : "an axis of a file"))
        return;
    if (file != NULL) {
        read_table(reader, axis, file);
        return;
    }
    if (axis->field->type != TN_NUMBER && axis->field->type != TN_INTEGER) {
        tn_error_at(reader->ctx, &node->place, "write a list of values", "%s is not a number", axis->path);
        return;
    }
    if (distribution != NULL)
        read_distribution(reader, axis, node, distribution);
    else
        read_range(reader, axis, node);
}
