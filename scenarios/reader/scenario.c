/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct tn_field line_fields[] = {
    TN_F_REF(tn_scenario_line, id, &tn_line_schema, TN_REQUIRED, "the line"),
    TN_F_INTEGER(tn_scenario_line, phase, -1, -1, 9999, 0, "year of its infrastructure; left out: the latest"),
    TN_F_END};
static const struct tn_schema line_choice_schema = {"chosen-line", "the line that the studies are about",
                                                    sizeof(struct tn_scenario_line), line_fields};

/* TN_Q_COUNT: of any quantity, since a result may be of any. */
static const struct tn_field require_fields[] = {
    TN_F_STRING(tn_scenario_require, result, TN_REQUIRED, "study id and result name, such as climb.margin_1"),
    TN_F_NUMBER(tn_scenario_require, min, TN_Q_COUNT, NAN, -INFINITY, INFINITY, 0,
                "smallest value, in SI or with a unit"),
    TN_F_NUMBER(tn_scenario_require, max, TN_Q_COUNT, NAN, -INFINITY, INFINITY, 0,
                "largest value, in SI or with a unit"),
    TN_F_END};
static const struct tn_schema require_schema = {"requirement", "what a result must be",
                                                sizeof(struct tn_scenario_require), require_fields};

static const struct tn_field scenario_fields[] = {
    TN_F_INTEGER(tn_scenario, tonnage, NAN, 1, 1, 0, "format of the file: 1; needed in the scenario itself"),
    TN_F_STRING(tn_scenario, title, 0, "what it is about"),
    TN_F_NUMBER(tn_scenario, gravity, TN_Q_ACCELERATION, 9.81, 9, 10, 0, "acceleration of gravity"),
    TN_F_STRUCT(tn_scenario, line, &line_choice_schema, "the line that the studies are about"),
    TN_F_STRUCT(tn_scenario, weather, &tn_weather_schema, "air and rail"),
    TN_F_LIST(tn_scenario, lines, &tn_line_schema, 0, "definitions of lines"),
    TN_F_LIST(tn_scenario, locomotives, &tn_locomotive_schema, 0, "definitions of locomotives"),
    TN_F_LIST(tn_scenario, wagons, &tn_wagon_schema, 0, "definitions of wagons"),
    TN_F_LIST(tn_scenario, trains, &tn_train_schema, 0, "trains"),
    TN_F_LIST(tn_scenario, studies, &tn_study_schema, 0, "what is asked"),
    TN_F_LIST(tn_scenario, require, &require_schema, 0, "what results must be, or the command fails"),
    TN_F_END};
const struct tn_schema tn_scenario_schema = {"scenario", "a scenario file", sizeof(struct tn_scenario),
                                             scenario_fields};

void *tn_reader_alloc(struct tn_scenario_reader *reader, size_t count, size_t size)
{
    void *memory = tn_arena_alloc(&reader->arena, count, size);
    reader->no_memory |= memory == NULL;
    return memory;
}

char *tn_reader_printf(struct tn_scenario_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = tn_arena_vprintf(&reader->arena, format, arguments);
    va_end(arguments);
    reader->no_memory |= text == NULL;
    return text;
}

bool tn_reader_grow(struct tn_scenario_reader *reader, void *array, size_t count, size_t *allocated, size_t size)
{
    if (count < *allocated)
        return true;
    void *old;
    memcpy(&old, array, sizeof old);
    size_t room = 2 * *allocated + 16;
    void *grown = room > SIZE_MAX / size ? NULL : realloc(old, room * size);
    if (grown == NULL) {
        reader->no_memory = true;
        return false;
    }
    memcpy(array, &grown, sizeof grown);
    *allocated = room;
    return true;
}

size_t tn_field_size(const struct tn_field *field)
{
    switch (field->type) {
    case TN_NUMBER:
        return sizeof(double);
    case TN_INTEGER:
    case TN_CHOICE:
        return sizeof(int);
    case TN_BOOL:
        return sizeof(bool);
    case TN_STRING:
        return sizeof(const char *);
    case TN_STRUCT:
        return field->sub->size;
    case TN_LIST:
    case TN_NUMBERS:
        return sizeof(struct tn_list);
    case TN_REF:
        return sizeof(struct tn_ref);
    case TN_VARIANT:
        return sizeof(struct tn_variant);
    }
    return 0;
}

/* The format must be said, and known: nothing else is read from a file of another format. */
static bool check_format(struct tn_scenario_reader *reader, const struct tn_node *root, bool needed)
{
    const struct tn_node *given = tn_tree_get(root, "tonnage");
    if (given == NULL && needed)
        tn_error_at(reader->ctx, &root->place, "begin the file with 'tonnage: 1', the format it is written in",
                    "scenario lacks 'tonnage'");
    if (given == NULL || (given->kind == TN_NODE_SCALAR && strcmp(given->text, "1") == 0))
        return true;
    tn_error_at(reader->ctx, &given->place, "this version reads format 1", "unknown format '%s'",
                given->kind == TN_NODE_SCALAR ? given->text : tn_node_kind_name(given));
    return false;
}

static bool is_mapping(struct tn_scenario_reader *reader, const struct tn_node *root)
{
    if (root->kind == TN_NODE_MAPPING)
        return true;
    tn_error_at(reader->ctx, &root->place, NULL, "a scenario must be a mapping of keys and values, not %s",
                tn_node_kind_name(root));
    return false;
}

/* Adds the items of an included list to the scenario's. */
static void append_list(struct tn_scenario_reader *reader, struct tn_node *root, const struct tn_field *field,
                        struct tn_node *more)
{
    struct tn_node *list = tn_tree_get(root, field->name);
    more = tn_walk_list(reader, field, more);
    if (more == NULL)
        return;
    if (list == NULL) {
        tn_tree_put(reader, root, field->name, more);
        return;
    }
    list = tn_walk_list(reader, field, list);
    struct tn_node **items =
        list == NULL ? NULL : tn_reader_alloc(reader, list->count + more->count, sizeof(struct tn_node *));
    if (items == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    for (size_t i = 0; i < more->count; i++)
        items[list->count + i] = more->items[i];
    list->items = items;
    list->count += more->count;
}

/* Files that are being read, the innermost first. */
struct chain {
    const struct chain *outer;
    size_t file;
};

static void include_all(struct tn_scenario_reader *reader, struct tn_node *root, struct tn_node *list,
                        const struct chain *chain);

static void merge(struct tn_scenario_reader *reader, struct tn_node *root, const struct tn_node *fragment,
                  const struct chain *chain)
{
    for (size_t i = 0; i < fragment->count; i++) {
        const char *key = fragment->keys[i]->text;
        const struct tn_field *field = tn_schema_find(&tn_scenario_schema, key);
        if (field != NULL && field->type == TN_LIST)
            append_list(reader, root, field, fragment->items[i]);
        else if (strcmp(key, "include") == 0)
            include_all(reader, root, fragment->items[i], chain);
        else if (field == NULL && strcmp(key, "sweep") != 0)
            tn_error_at(reader->ctx, &fragment->keys[i]->place,
                        tn_walk_nearest(&reader->arena, key, &tn_scenario_schema, NULL),
                        "unknown key '%s' in an included file", key);
        else if (strcmp(key, "tonnage") != 0 && strcmp(key, "title") != 0)
            tn_error_at(reader->ctx, &fragment->keys[i]->place, "an included file adds to lists only",
                        "'%s' can stand only in the scenario itself", key);
    }
}

static void include_file(struct tn_scenario_reader *reader, struct tn_node *root, const struct tn_node *name,
                         const struct chain *chain)
{
    if (name->kind != TN_NODE_SCALAR) {
        tn_error_at(reader->ctx, &name->place, NULL, "'include' names files, not %s", tn_node_kind_name(name));
        return;
    }
    size_t again = SIZE_MAX;
    size_t file = reader->file_count;
    struct tn_source *source = tn_source_open(reader, name, &again);
    for (const struct chain *c = chain; again != SIZE_MAX && c != NULL; c = c->outer)
        if (c->file == again) {
            tn_error_at(reader->ctx, &name->place, NULL, "'%s' includes itself", name->text);
            return;
        }
    struct tn_node *fragment = source == NULL ? NULL : tn_tree_parse(reader, source, 0);
    const struct chain inner = {chain, file};
    if (fragment != NULL && is_mapping(reader, fragment) && check_format(reader, fragment, false))
        merge(reader, root, fragment, &inner);
}

static void include_all(struct tn_scenario_reader *reader, struct tn_node *root, struct tn_node *list,
                        const struct chain *chain)
{
    int depth = 0;
    for (const struct chain *c = chain; c != NULL; c = c->outer)
        depth++;
    if (depth > TN_READER_DEPTH)
        tn_error_at(reader->ctx, &list->place, NULL, "included too deep");
    else if (list->kind != TN_NODE_SEQUENCE)
        include_file(reader, root, list, chain);
    else
        for (size_t i = 0; i < list->count; i++)
            include_file(reader, root, list->items[i], chain);
}

/* PATH=VALUE of the command line. */
static void apply_set(struct tn_scenario_reader *reader, struct tn_node *root, struct tn_node *sweep, const char *set)
{
    const char *text = tn_reader_printf(reader, "%s", set);
    struct tn_source *source = text == NULL ? NULL : tn_source_init(reader, "--set", text, strlen(text));
    if (source == NULL)
        return;
    size_t length = strcspn(text, "=");
    struct tn_place place = tn_source_place(source, 1, 1, length);
    if (text[length] == '\0' || length == 0) {
        tn_error_at(reader->ctx, &place, "write PATH=VALUE, such as trains.test.load=5200 t", "no value to set");
        return;
    }
    source->own = true;
    const char *path = tn_reader_printf(reader, "%.*s", (int)length, text);
    struct tn_node *value = tn_tree_parse(reader, source, length + 1);
    if (path != NULL && value != NULL && !tn_sweep_set(reader, sweep, path, value, &place))
        tn_path_set(reader, root, path, value, &place);
}

static bool is_bad(const struct tn_scenario_reader *reader, const void *object)
{
    for (size_t i = 0; i < reader->bad_count; i++)
        if (reader->bad[i] == object)
            return true;
    return false;
}

/* What no single field can tell; not for objects that have errors already, nor behind a flood of errors. */
static void validate(struct tn_scenario_reader *reader)
{
    if (reader->bad_count > 1000)
        return;
    const struct tn_scenario *scenario = &reader->scenario;
    const struct tn_list *const lists[] = {&scenario->locomotives, &scenario->wagons, &scenario->lines};
    const struct tn_schema *const schemas[] = {&tn_locomotive_schema, &tn_wagon_schema, &tn_line_schema};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (size_t i = 0; i < lists[k]->count; i++) {
            const char *object = (const char *)lists[k]->items + i * schemas[k]->size;
            if (!is_bad(reader, object))
                tn_rules_validate(schemas[k], object, reader->ctx);
        }
}

/* Whether a bound's unit suits its result is for those to say who know results. */
static void note_units(struct tn_scenario_reader *reader, const struct tn_node *root)
{
    const struct tn_list *list = &reader->scenario.require;
    const struct tn_node *nodes = tn_tree_get(root, "require");
    for (size_t i = 0; i < list->count && nodes != NULL && i < nodes->count; i++) {
        struct tn_scenario_require *row = (struct tn_scenario_require *)list->items + i;
        const struct tn_node *min = tn_tree_get(nodes->items[i], "min"), *max = tn_tree_get(nodes->items[i], "max");
        double value;
        if (is_bad(reader, row))
            continue;
        if (min != NULL)
            (void)tn_quantity_read(&value, &row->min_unit, reader, min, "min", TN_Q_COUNT);
        if (max != NULL)
            (void)tn_quantity_read(&value, &row->max_unit, reader, max, "max", TN_Q_COUNT);
    }
}

void tn_scenario_include(struct tn_scenario_reader *reader, struct tn_node *root)
{
    struct tn_node *includes = tn_tree_take(root, "include");
    if (includes != NULL)
        include_all(reader, root, includes, &(struct chain){NULL, 0});
}

void tn_scenario_fill(struct tn_scenario_reader *reader, struct tn_node *root, struct tn_node *sweep)
{
    tn_schema_defaults(&tn_scenario_schema, &reader->scenario);
    tn_walk_object(reader, &tn_scenario_schema, &reader->scenario, root);
    note_units(reader, root);
    (void)tn_refs_resolve(&tn_scenario_schema, &reader->scenario, &reader->scenario, reader->ctx);
    validate(reader);
    if (sweep != NULL)
        tn_sweep_read(reader, sweep);
    tn_places_sort(reader);
}

static tn_status read_all(struct tn_scenario_reader *reader, const char *path, const char *const *sets,
                          size_t set_count)
{
    struct tn_source *source;
    tn_status status = tn_source_open_first(&source, reader, path);
    if (status != TN_OK)
        return status;
    source->own = true;
    struct tn_node *root = tn_tree_parse(reader, source, 0);
    if (root == NULL || !is_mapping(reader, root) || !check_format(reader, root, true))
        return TN_ERR_INPUT;
    struct tn_node *sweep = tn_tree_take(root, "sweep");
    tn_scenario_include(reader, root);
    for (size_t i = 0; i < set_count; i++)
        apply_set(reader, root, sweep, sets[i]);
    tn_scenario_fill(reader, root, sweep);
    return TN_OK;
}

tn_status tn_scenario_read(struct tn_scenario_reader **out, const char *path, const char *const *sets, size_t set_count,
                           struct tn_context *ctx)
{
    struct tn_scenario_reader *reader = *out = calloc(1, sizeof *reader);
    if (reader == NULL)
        return TN_ERR_MEMORY;
    size_t before = ctx->errors;
    reader->ctx = ctx;
    ctx->locate = tn_places_find;
    ctx->payload = reader;
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    tn_status status = read_all(reader, path, sets, set_count);
    tn_c_locale_end(&c);
    reader->ctx = NULL;
    if (reader->no_memory)
        return TN_ERR_MEMORY;
    return status == TN_OK && ctx->errors > before ? TN_ERR_INPUT : status;
}

void tn_scenario_destroy(struct tn_scenario_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->file_count; i++)
        free(reader->opened[i]);
    for (size_t i = 0; i < reader->root_count; i++)
        free(reader->roots[i]);
    free(reader->opened);
    free(reader->roots);
    free(reader->files);
    free(reader->spans);
    free(reader->bad);
    tn_arena_clear(&reader->arena);
    free(reader);
}

const struct tn_scenario *tn_scenario_get(const struct tn_scenario_reader *reader)
{
    return &reader->scenario;
}

const struct tn_scenario_file *tn_scenario_files(const struct tn_scenario_reader *reader, size_t *count_out)
{
    *count_out = reader->file_count;
    return reader->files;
}

void tn_scenario_environment(struct tn_environment *out, const struct tn_scenario *scenario)
{
    *out = (struct tn_environment){
        .line = scenario->line.id.object,
        .phase = scenario->line.phase,
        .weather = scenario->weather,
        .gravity_m_s2 = scenario->gravity,
    };
}

const struct tn_study *tn_scenario_study(const struct tn_scenario *scenario, const char *id)
{
    const struct tn_study *studies = scenario->studies.items;
    for (size_t i = 0; i < scenario->studies.count; i++)
        if (studies[i].id != NULL && strcmp(studies[i].id, id) == 0)
            return &studies[i];
    return NULL;
}
