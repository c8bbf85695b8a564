/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <string.h>

static const struct tn_field sensitivity_fields[] = {
    TN_F_STRING(tn_scenario_sensitivity, of, 0, "result that is shown; all are kept"),
    TN_F_INTEGER(tn_scenario_sensitivity, resamples, 1000, 0, 1000000, 0,
                 "resamples of the bootstrap for confidence intervals; 0: none"),
    TN_F_NUMBER(tn_scenario_sensitivity, confidence, TN_Q_RATIO, 0.95, 0.5, 0.9999, 0,
                "share of the resamples inside an interval"),
    TN_F_END,
};
static const struct tn_schema sensitivity_schema = {"sensitivity", "how the indices of a saltelli design are found",
                                                    sizeof(struct tn_scenario_sensitivity), sensitivity_fields};

static const struct tn_field sweep_fields[] = {
    TN_F_STRUCT(tn_scenario_sweep, design, &tn_design_schema, "which points are solved; left out: every combination"),
    TN_F_INTEGER(tn_scenario_sweep, replicates, 1, 1, 1000000, 0,
                 "how often each point is solved, with other random numbers"),
    TN_F_STRUCT(tn_scenario_sweep, sensitivity, &sensitivity_schema, "indices of a saltelli design"),
    TN_F_END,
};
const struct tn_schema tn_scenario_sweep_schema = {"sweep", "a study at many points", sizeof(struct tn_scenario_sweep),
                                                   sweep_fields};

size_t tn_scenario_dims(struct tn_scenario_dim dims[TN_SWEEP_DIMS], const struct tn_scenario_sweep *sweep)
{
    size_t count = 0;
    for (size_t i = 0; i < sweep->axis_count; i++)
        if (!sweep->axes[i].sampled)
            dims[count++] = (struct tn_scenario_dim){TN_DIM_AXIS, i, sweep->axes[i].count};
    if (sweep->sampled > 0) {
        const size_t matrices = tn_design_matrices(&sweep->design, sweep->sampled);
        dims[count++] = (struct tn_scenario_dim){TN_DIM_SAMPLE, 0, (size_t)sweep->design.samples};
        if (matrices > 1)
            dims[count++] = (struct tn_scenario_dim){TN_DIM_MATRIX, 0, matrices};
    }
    if (sweep->replicates > 1)
        dims[count++] = (struct tn_scenario_dim){TN_DIM_REPLICATE, 0, (size_t)sweep->replicates};
    return count;
}

double tn_scenario_point_count(const struct tn_scenario_sweep *sweep)
{
    struct tn_scenario_dim dims[TN_SWEEP_DIMS];
    const size_t count = tn_scenario_dims(dims, sweep);
    double points = 1;
    for (size_t i = 0; i < count; i++)
        points *= (double)dims[i].size;
    return points;
}

static void check_points(struct tn_scenario_reader *reader, const struct tn_node *over)
{
    const double points = tn_scenario_point_count(&reader->scenario.sweep);
    if (points > TN_READER_POINTS)
        tn_error_at(reader->ctx, &over->place, NULL, "%.6g points, a sweep may have %d", points, TN_READER_POINTS);
}

static void check_study(struct tn_scenario_reader *reader, const struct tn_node *node)
{
    const struct tn_scenario *scenario = &reader->scenario;
    const char *id = scenario->sweep.study == NULL ? "" : scenario->sweep.study;
    const struct tn_study *studies = scenario->studies.items;
    const char **ids = tn_reader_alloc(reader, scenario->studies.count, sizeof *ids);
    if (ids == NULL || tn_scenario_study(scenario, id) != NULL)
        return;
    for (size_t i = 0; i < scenario->studies.count; i++)
        ids[i] = studies[i].id;
    const char *near = tn_refs_nearest(id, ids, scenario->studies.count);
    tn_error_at(reader->ctx, &node->place, near == NULL ? NULL : tn_reader_printf(reader, "did you mean '%s'?", near),
                "there is no study '%s'", id);
}

/* The settings that the field table describes: all keys but those read by hand. */
static void read_settings(struct tn_scenario_reader *reader, const struct tn_node *node)
{
    struct tn_node rest = *node;
    rest.keys = tn_reader_alloc(reader, node->count, sizeof *rest.keys);
    rest.items = tn_reader_alloc(reader, node->count, sizeof *rest.items);
    rest.count = 0;
    for (size_t i = 0; rest.keys != NULL && rest.items != NULL && i < node->count; i++)
        if (tn_schema_find(&tn_scenario_sweep_schema, node->keys[i]->text) != NULL) {
            rest.keys[rest.count] = node->keys[i];
            rest.items[rest.count++] = node->items[i];
        }
    tn_walk_object(reader, &tn_scenario_sweep_schema, &reader->scenario.sweep, &rest);
}

static void check_design(struct tn_scenario_reader *reader, const struct tn_node *node)
{
    const struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    const struct tn_node *design = tn_tree_get(node, "design"), *where = tn_tree_get(node, "where");
    const struct tn_place *place = design == NULL ? &node->place : &design->place;
    const char *fault = tn_design_fault(&sweep->design, sweep->sampled);
    if (fault != NULL)
        tn_error_at(reader->ctx, place, NULL, "%s", fault);
    else if (sweep->design.kind != TN_DESIGN_GRID && sweep->sampled == 0)
        tn_error_at(reader->ctx, place, "leave out `grid: true` of one, or the design", "no axis is sampled");
    if (sweep->design.kind == TN_DESIGN_SALTELLI && where != NULL)
        tn_error_at(reader->ctx, &where->place, "choose ranges in which every point can be solved",
                    "indices need all points of their design: 'where' cannot leave any out");
    if (sweep->design.kind != TN_DESIGN_SALTELLI && tn_tree_get(node, "sensitivity") != NULL)
        tn_error_at(reader->ctx, &tn_tree_get(node, "sensitivity")->place, "design: {kind: saltelli, samples: 1024}",
                    "sensitivity indices are those of a saltelli design");
}

/* The named result of the study that sensitivity is shown of. */
static void check_shown(struct tn_scenario_reader *reader, const struct tn_node *node)
{
    const struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    const struct tn_study *study = tn_scenario_study(&reader->scenario, sweep->study);
    const struct tn_node *shown = tn_tree_get(node, "sensitivity");
    if (study == NULL || study->kind < 0 || sweep->sensitivity.of == NULL || shown == NULL)
        return; /* reported where it was read */
    const struct tn_schema *schema = tn_study_kinds[study->kind]->result;
    const struct tn_field *field = tn_schema_find(schema, sweep->sensitivity.of);
    if (field == NULL || field->type != TN_NUMBER)
        tn_error_at(reader->ctx, &shown->place, tn_walk_nearest(&reader->arena, sweep->sensitivity.of, schema, NULL),
                    "'%s' is no number that the study gives", sweep->sensitivity.of);
}

void tn_sweep_read(struct tn_scenario_reader *reader, struct tn_node *node)
{
    static const char *const keys[] = {"study", "over", "design", "replicates", "where", "sensitivity", NULL};
    struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    tn_schema_defaults(&tn_scenario_sweep_schema, sweep);
    if (!tn_axis_check_keys(reader, node, keys, "sweep"))
        return;
    struct tn_node *study = tn_tree_get(node, "study"), *over = tn_tree_get(node, "over");
    struct tn_node *where = tn_tree_get(node, "where");
    if (study == NULL || over == NULL) {
        tn_error_at(reader->ctx, &node->place, NULL, "sweep lacks '%s'", study == NULL ? "study" : "over");
        return;
    }
    const size_t before = reader->ctx->errors;
    sweep->study = study->kind == TN_NODE_SCALAR ? study->text : NULL;
    check_study(reader, study);
    read_settings(reader, node);
    tn_axis_read(reader, over);
    if (reader->ctx->errors > before)
        return;
    if (where != NULL)
        tn_where_read(reader, where);
    check_design(reader, node);
    check_shown(reader, node);
    if (reader->ctx->errors == before)
        check_points(reader, over);
}

bool tn_sweep_set(struct tn_scenario_reader *reader, struct tn_node *sweep, const char *path, struct tn_node *value,
                  const struct tn_place *place)
{
    static const char *const groups[] = {"design", "sensitivity"};
    if (strncmp(path, "sweep.", 6) != 0)
        return false;
    path += 6;
    const char *dot = strchr(path, '.');
    if (sweep == NULL || sweep->kind != TN_NODE_MAPPING)
        tn_error_at(reader->ctx, place, NULL, "the scenario has no sweep");
    else if (dot == NULL)
        tn_tree_put(reader, sweep, path, value);
    for (size_t i = 0; dot != NULL && sweep != NULL && i < 2; i++) {
        const size_t length = strlen(groups[i]);
        if (strncmp(path, groups[i], length) != 0 || path + length != dot)
            continue;
        struct tn_node *group = tn_tree_get(sweep, groups[i]);
        if (group == NULL) {
            group = tn_reader_alloc(reader, 1, sizeof *group);
            if (group == NULL)
                return true;
            *group = (struct tn_node){.kind = TN_NODE_MAPPING, .source = value->source, .place = value->place};
            tn_tree_put(reader, sweep, groups[i], group);
        }
        if (group->kind == TN_NODE_MAPPING)
            tn_tree_put(reader, group, dot + 1, value);
        return true;
    }
    if (dot != NULL)
        tn_error_at(reader->ctx, place, "sweep.design.samples, sweep.replicates", "'sweep.%s' cannot be set", path);
    return true;
}
