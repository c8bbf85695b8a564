/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "import_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *text_of(const struct tn_node *map, const char *key)
{
    const struct tn_node *node = tn_tree_get(map, key);
    return node != NULL && node->kind == TN_NODE_SCALAR ? node->text : "";
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcasecmp(text + length - tail, end) == 0;
}

/* Adds a key of a scenario to that in the making: lists grow, all else is said once. */
static void join(struct tn_import *import, const struct tn_node *key, struct tn_node *value)
{
    const struct tn_field *field = tn_schema_find(&tn_scenario_schema, key->text);
    if (field != NULL && field->type == TN_LIST) {
        value = tn_walk_list(import->reader, field, value);
        struct tn_node *list = value == NULL ? NULL : tn_import_root_list(import, key->text, value);
        for (size_t i = 0; list != NULL && i < value->count; i++)
            tn_import_append(import, list, value->items[i]);
    } else if (tn_tree_get(import->root, key->text) == NULL) {
        tn_import_put(import, import->root, key->text, value);
    } else if (strcmp(key->text, "tonnage") != 0) {
        tn_import_error(import, key, "give one scenario, and others of its parts",
                        "'%s' is given by another file already", key->text);
    }
}

/* A file of our own joins the tree as it is. */
static void import_own(struct tn_import *import, const struct tn_node *root)
{
    struct tn_node *tree = tn_import_new(import, TN_NODE_MAPPING, root);
    if (tree == NULL)
        return;
    *tree = *root;
    struct tn_node *sweep = tn_tree_take(tree, "sweep");
    import->sweep = sweep == NULL ? import->sweep : sweep;
    tn_scenario_include(import->reader, tree);
    for (size_t i = 0; i < tree->count; i++)
        join(import, tree->keys[i], tree->items[i]);
}

/* What files are told apart by. */
static const struct {
    const char *name;
    const char *key;    /* that the file has, */
    const char *ending; /* with this end of its value; NULL: any */
    void (*import)(struct tn_import *, const struct tn_node *);
} formats[] = {
    {"railtoolkit rolling stock", "schema", "rolling-stock.json", tn_import_rolling_stock},
    {"railtoolkit running path", "schema", "running-path.json", tn_import_running_path},
    {"OSRD infrastructure (railjson)", "track_sections", NULL, tn_import_railjson_infra},
    {"OSRD rolling stock (railjson)", "effort_curves", NULL, tn_import_railjson_stock},
    {"OSRD towed rolling stock (railjson)", "rolling_resistance", NULL, tn_import_railjson_stock},
    {"tonnage scenario", "tonnage", NULL, import_own},
    {"part of a tonnage scenario", "lines", NULL, import_own},
    {"part of a tonnage scenario", "locomotives", NULL, import_own},
    {"part of a tonnage scenario", "wagons", NULL, import_own},
};

static void import_tree(struct tn_import *import, const struct tn_node *root)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats && root->kind == TN_NODE_MAPPING; i++) {
        const struct tn_node *key = tn_tree_get(root, formats[i].key);
        if (key == NULL || (formats[i].ending != NULL && !ends_with(text_of(root, formats[i].key), formats[i].ending)))
            continue;
        import->formats[import->format_count++] = formats[i].name;
        formats[i].import(import, root);
        return;
    }
    tn_import_error(import, root,
                    "known are rolling stock and running paths of railtoolkit (schema: ...), rolling stock and "
                    "infrastructure of OSRD, tables in .csv, and scenarios of tonnage",
                    "no format that is known");
}

/* A '#' at the beginning of the line or behind a blank, outside of quotes. */
static bool has_comment(const char *line)
{
    char quote = '\0';
    for (const char *c = line; *c != '\0'; c++) {
        if (quote == '\0' && *c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t'))
            return true;
        if (*c == quote)
            quote = '\0';
        else if (quote == '\0' && (*c == '"' || (*c == '\'' && (c == line || strchr(" \t[{,", c[-1]) != NULL))))
            quote = *c;
    }
    return false;
}

static void note_comments(struct tn_import *import, const struct tn_source *source)
{
    size_t count = 0, first = 0;
    for (size_t line = source->line_count; line >= 1; line--)
        if (has_comment(source->lines + source->starts[line - 1])) {
            count++;
            first = line;
        }
    if (count == 0)
        return;
    const char *text = source->lines + source->starts[first - 1];
    const struct tn_node where = {.place = tn_source_place(source, first, strcspn(text, "#") + 1, 1)};
    tn_import_lost(import, &where, "comments", tn_reader_printf(import->reader, "lines: %zu", count),
                   "they are not data");
}

/* Of all files, also those that others include; JSON has none. */
static void note_all_comments(struct tn_import *import)
{
    for (size_t i = 0; i < import->reader->file_count; i++) {
        const struct tn_scenario_file *file = &import->reader->files[i];
        const char *first = file->text + strspn(file->text, " \t\r\n");
        const struct tn_source *source =
            *first == '{' || *first == '[' ? NULL : tn_source_init(import->reader, file->path, file->text, file->size);
        if (source != NULL)
            note_comments(import, source);
    }
}

static tn_status import_file(struct tn_import *import, const char *path)
{
    struct tn_source *source;
    const tn_status status = tn_source_open_first(&source, import->reader, path);
    if (status != TN_OK)
        return status;
    source->own = true;
    if (ends_with(path, ".csv")) {
        import->formats[import->format_count++] = "table";
        tn_import_table(import, source);
        return TN_OK;
    }
    const struct tn_node *root = tn_tree_parse(import->reader, source, 0);
    if (root != NULL)
        import_tree(import, root);
    return TN_OK;
}

/* --- what is asked of it --- */

static const struct tn_node *station_name(const struct tn_node *line, bool last)
{
    const struct tn_node *stations = tn_tree_get(line, "stations");
    if (stations == NULL || stations->kind != TN_NODE_SEQUENCE || stations->count < 2)
        return NULL;
    return tn_tree_get(stations->items[last ? stations->count - 1 : 0], "name");
}

/* A run of the train from end to end of the line. */
static void add_run(struct tn_import *import, const struct tn_node *line, const struct tn_node *train)
{
    const struct tn_node *first = station_name(line, false), *last = station_name(line, true);
    const char *from = import->from != NULL ? import->from : first == NULL ? NULL : first->text;
    const char *to = import->to != NULL ? import->to : last == NULL ? NULL : last->text;
    struct tn_node *studies = tn_import_root_list(import, "studies", train);
    struct tn_node *study = tn_import_new(import, TN_NODE_MAPPING, train);
    if (from == NULL || to == NULL || study == NULL)
        return;
    const char *id =
        tn_import_unique(import, studies, "id", tn_reader_printf(import->reader, "run-%s", text_of(train, "id")));
    tn_import_put(import, study, "id", tn_import_scalar(import, train, "%s", id));
    tn_import_put(import, study, "kind", tn_import_scalar(import, train, "run"));
    tn_import_put(import, study, "train", tn_import_scalar(import, train, "%s", text_of(train, "id")));
    tn_import_put(import, study, "from", tn_import_scalar(import, line, "%s", from));
    tn_import_put(import, study, "to", tn_import_scalar(import, line, "%s", to));
    tn_import_put(import, study, "depth",
                  tn_import_scalar(import, train, "%s", import->depth == NULL ? "strap" : import->depth));
    tn_import_append(import, studies, study);
}

/* Where it comes from, as its title. */
static void put_title(struct tn_import *import, const struct tn_node *like)
{
    const char *title = NULL;
    for (size_t i = 0; i < import->reader->file_count && tn_tree_get(import->root, "title") == NULL; i++) {
        const char *path = import->reader->files[i].path, *slash = strrchr(path, '/');
        title = tn_reader_printf(import->reader, "%s%s%s", title == NULL ? "converted from" : title,
                                 title == NULL ? " " : ", ", slash == NULL ? path : slash + 1);
        if (title == NULL)
            return;
    }
    if (title != NULL)
        tn_import_put(import, import->root, "title", tn_import_scalar(import, like, "%s", title));
}

/* What files of others leave to say: the format, the line that is meant, a run of each train that can move. */
static void complete(struct tn_import *import, const struct tn_node *like)
{
    const struct tn_node *lines = tn_tree_get(import->root, "lines"), *trains = tn_tree_get(import->root, "trains");
    if (tn_tree_get(import->root, "tonnage") != NULL)
        return;
    tn_import_put(import, import->root, "tonnage", tn_import_scalar(import, like, "1"));
    put_title(import, like);
    const struct tn_node *line = lines == NULL || lines->count == 0 ? NULL : lines->items[0];
    if (line == NULL || tn_tree_get(import->root, "line") != NULL)
        return;
    struct tn_node *choice = tn_import_new(import, TN_NODE_MAPPING, line);
    tn_import_put(import, choice, "id", tn_import_scalar(import, line, "%s", text_of(line, "id")));
    tn_import_put(import, import->root, "line", choice);
    for (size_t i = 0; trains != NULL && i < trains->count; i++)
        if (tn_tree_get(trains->items[i], "locomotives") != NULL)
            add_run(import, line, trains->items[i]);
}

/* What the studies themselves refuse. */
static void check_studies(struct tn_import *import)
{
    const struct tn_scenario *scenario = &import->reader->scenario;
    const struct tn_study *studies = scenario->studies.items;
    struct tn_environment environment;
    tn_scenario_environment(&environment, scenario);
    for (size_t i = 0; i < scenario->studies.count; i++) {
        const struct tn_study_kind *kind = tn_study_kinds[studies[i].kind];
        const bool swept = scenario->sweep.axis_count > 0 && strcmp(scenario->sweep.study, studies[i].id) == 0;
        if (kind->check != NULL && !swept)
            (void)kind->check(studies[i].spec.object, &environment, &import->reader->arena, import->reader->ctx);
    }
}

static tn_status read_all(struct tn_import *import, const char *const *paths, size_t count)
{
    const struct tn_node nothing = {.kind = TN_NODE_MAPPING, .place = {.file = count > 0 ? paths[0] : ""}};
    import->root = tn_import_new(import, TN_NODE_MAPPING, &nothing);
    import->formats = tn_reader_alloc(import->reader, count + 1, sizeof *import->formats);
    if (import->root == NULL || import->formats == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const tn_status status = import_file(import, paths[i]);
        if (status != TN_OK)
            return status;
    }
    struct tn_context *ctx = import->reader->ctx;
    if (ctx->errors == 0 && !import->reader->no_memory) {
        tn_import_couple(import);
        complete(import, import->root);
        tn_scenario_fill(import->reader, import->root, import->sweep);
    }
    if (ctx->errors == 0 && !import->reader->no_memory)
        check_studies(import);
    if (ctx->errors == 0)
        note_all_comments(import);
    return ctx->errors > 0 ? TN_ERR_INPUT : TN_OK;
}

tn_status tn_import_read(struct tn_import **out, const char *const *paths, size_t count,
                         const struct tn_import_options *options, struct tn_context *ctx)
{
    struct tn_import *import = *out = calloc(1, sizeof *import);
    if (import == NULL)
        return TN_ERR_MEMORY;
    import->options = options;
    import->reader = calloc(1, sizeof *import->reader);
    if (import->reader == NULL)
        return TN_ERR_MEMORY;
    import->reader->ctx = ctx;
    ctx->locate = tn_places_find;
    ctx->payload = import->reader;
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    const tn_status status = read_all(import, paths, count);
    tn_c_locale_end(&c);
    import->reader->ctx = NULL;
    return import->reader->no_memory ? TN_ERR_MEMORY : status;
}

void tn_import_destroy(struct tn_import *import)
{
    if (import == NULL)
        return;
    tn_scenario_destroy(import->reader);
    free(import->notes);
    free(import);
}

struct tn_list tn_import_losses(const struct tn_import *import)
{
    return (struct tn_list){import->notes, import->note_count};
}

struct tn_list tn_import_formats(const struct tn_import *import)
{
    return (struct tn_list){import->formats, import->format_count};
}

const struct tn_scenario *tn_import_scenario(const struct tn_import *import)
{
    return &import->reader->scenario;
}

const struct tn_scenario_file *tn_import_files(const struct tn_import *import, size_t *count_out)
{
    return tn_scenario_files(import->reader, count_out);
}

/* --- files --- */

struct writing {
    struct tn_import *import;
    struct tn_text_file *files;
    size_t count, room;
};

static bool add_file(struct writing *writing, const char *name, const char *text)
{
    if (name == NULL || text == NULL || writing->count == writing->room) {
        writing->import->reader->no_memory = true;
        return false;
    }
    writing->files[writing->count++] = (struct tn_text_file){name, text, strlen(text)};
    return true;
}

static const struct tn_schema *row_of(const struct tn_schema *owner, const char *key)
{
    const struct tn_field *field = tn_schema_find(owner, key);
    return field != NULL && field->type == TN_LIST ? field->sub : NULL;
}

static bool is_one_line(const char *text)
{
    const size_t size = strlen(text);
    size_t i = 0;
    while (i < size && tn_source_line_end(text + i, size - i) == 0)
        i++;
    return i == size;
}

/* A list of plain rows, as a table can hold it: one a line. */
static bool is_table(const struct tn_node *list, const struct tn_schema *row)
{
    bool flat = row != NULL && list->kind == TN_NODE_SEQUENCE && list->count > 0;
    for (size_t i = 0; flat && i < list->count; i++) {
        const struct tn_node *item = list->items[i];
        flat = item->kind == TN_NODE_MAPPING;
        for (size_t j = 0; flat && j < item->count; j++)
            flat = item->items[j]->kind == TN_NODE_SCALAR && is_one_line(item->items[j]->text);
    }
    return flat;
}

/* Puts the tables of an object into files of their own, with the key and, if it is not NULL, the object's id in the
   name; gives the object with the names in their place. */
static struct tn_node *with_tables(struct writing *writing, const struct tn_node *object,
                                   const struct tn_schema *schema, const char *id)
{
    struct tn_import *import = writing->import;
    struct tn_node *out = tn_import_new(import, TN_NODE_MAPPING, object);
    for (size_t i = 0; out != NULL && i < object->count; i++) {
        const char *key = object->keys[i]->text;
        struct tn_node *value = object->items[i];
        const struct tn_schema *row = row_of(schema, key);
        if (strcmp(key, "notes") != 0 && is_table(value, row)) {
            const char *name = id == NULL ? tn_reader_printf(import->reader, "%s.csv", key)
                                          : tn_reader_printf(import->reader, "%s-%s.csv", id, key);
            if (!add_file(writing, name, tn_written_csv(value, row, &import->reader->arena)))
                return NULL;
            value = tn_import_scalar(import, value, "%s", name);
        }
        tn_import_put(import, out, key, value);
    }
    return out;
}

/* A file of some of the scenario's lists; false: there are none of them. */
static bool write_part(struct writing *writing, const char *name, const char *const *keys)
{
    struct tn_import *import = writing->import;
    struct tn_node *part = tn_import_new(import, TN_NODE_MAPPING, import->root);
    for (; part != NULL && *keys != NULL; keys++) {
        const struct tn_node *list = tn_tree_get(import->root, *keys);
        if (list == NULL || list->kind != TN_NODE_SEQUENCE || list->count == 0)
            continue;
        struct tn_node *out = tn_import_new(import, TN_NODE_SEQUENCE, list);
        const bool lone_line = strcmp(*keys, "lines") == 0 && list->count == 1;
        for (size_t i = 0; i < list->count; i++)
            tn_import_append(import, out,
                             with_tables(writing, list->items[i], row_of(&tn_scenario_schema, *keys),
                                         lone_line ? NULL : text_of(list->items[i], "id")));
        tn_import_put(import, part, *keys, out);
    }
    return part != NULL && part->count > 0 &&
           add_file(writing, name, tn_written_yaml(part, true, &import->reader->arena));
}

static size_t count_tables(const struct tn_import *import)
{
    static const char *const keys[] = {"lines", "locomotives", "wagons"};
    size_t count = 0;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const struct tn_node *list = tn_tree_get(import->root, keys[k]);
        for (size_t i = 0; list != NULL && i < list->count; i++)
            count += list->items[i]->count;
    }
    return count;
}

static bool is_part(const char *key)
{
    return strcmp(key, "lines") == 0 || strcmp(key, "locomotives") == 0 || strcmp(key, "wagons") == 0;
}

static void write_all(struct writing *writing)
{
    struct tn_import *import = writing->import;
    struct tn_node *main = tn_import_new(import, TN_NODE_MAPPING, import->root);
    struct tn_node *includes = tn_import_new(import, TN_NODE_SEQUENCE, import->root);
    if (write_part(writing, "line.yaml", (const char *const[]){"lines", NULL}))
        tn_import_append(import, includes, tn_import_scalar(import, import->root, "line.yaml"));
    if (write_part(writing, "stock.yaml", (const char *const[]){"locomotives", "wagons", NULL}))
        tn_import_append(import, includes, tn_import_scalar(import, import->root, "stock.yaml"));
    for (const struct tn_field *field = tn_scenario_schema.fields; field->name != NULL; field++) {
        if (!is_part(field->name))
            tn_import_put(import, main, field->name, tn_tree_get(import->root, field->name));
        if (strcmp(field->name, "title") == 0 && includes != NULL && includes->count > 0)
            tn_import_put(import, main, "include", includes);
    }
    tn_import_put(import, main, "sweep", import->sweep);
    if (main != NULL)
        add_file(writing, "scenario.yaml", tn_written_yaml(main, false, &import->reader->arena));
}

tn_status tn_import_write(struct tn_list *files_out, struct tn_import *import)
{
    struct writing writing = {.import = import, .room = count_tables(import) + 3};
    writing.files = tn_reader_alloc(import->reader, writing.room, sizeof *writing.files);
    if (writing.files != NULL)
        write_all(&writing);
    *files_out = (struct tn_list){writing.files, writing.count};
    return import->reader->no_memory ? TN_ERR_MEMORY : TN_OK;
}

/* What tables of a line cannot hold. */
static void note_untabled(struct tn_import *import, const struct tn_node *line)
{
    const struct tn_node *lines = tn_tree_get(import->root, "lines");
    for (size_t i = 0; i < line->count; i++) {
        const char *key = line->keys[i]->text;
        if (strcmp(key, "id") != 0 &&
            (strcmp(key, "notes") == 0 || !is_table(line->items[i], row_of(&tn_line_schema, key))))
            tn_import_lost(import, line->keys[i], "key of the line", key,
                           "tables hold lists of plain rows, a line each");
    }
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i] != line)
            tn_import_lost(import, lines->items[i], "line", text_of(lines->items[i], "id"),
                           "the tables are of one line");
    for (size_t i = 0; i < import->root->count; i++) {
        const char *key = import->root->keys[i]->text;
        if (strcmp(key, "tonnage") != 0 && strcmp(key, "line") != 0 && strcmp(key, "lines") != 0)
            tn_import_lost(import, import->root->keys[i], "key of the scenario", key, "it is not of the line");
    }
}

tn_status tn_import_tables(struct tn_list *files_out, struct tn_import *import, struct tn_context *ctx)
{
    const struct tn_ref *wanted = &import->reader->scenario.line.id;
    const struct tn_node *lines = tn_tree_get(import->root, "lines"), *line = NULL;
    for (size_t i = 0; lines != NULL && i < lines->count; i++)
        if (line == NULL || (wanted->id != NULL && strcmp(text_of(lines->items[i], "id"), wanted->id) == 0))
            line = lines->items[i];
    if (line == NULL) {
        const struct tn_place place = import->root->place;
        return tn_error_at(ctx, &place, NULL, "there is no line to write tables of");
    }
    struct writing writing = {.import = import, .room = line->count + 1};
    writing.files = tn_reader_alloc(import->reader, writing.room, sizeof *writing.files);
    if (writing.files != NULL)
        (void)with_tables(&writing, line, &tn_line_schema, NULL);
    note_untabled(import, line);
    *files_out = (struct tn_list){writing.files, writing.count};
    return import->reader->no_memory ? TN_ERR_MEMORY : TN_OK;
}

/* --- stations of results --- */

static double number_of(const struct tn_node *map, const char *key)
{
    struct tn_number number;
    return tn_number_split(&number, text_of(map, key)) ? number.value : (double)NAN;
}

static void read_stations(struct tn_list *out, const struct tn_node *line, struct tn_arena *arena)
{
    const struct tn_node *stations = tn_tree_get(line, "stations");
    if (stations == NULL || stations->kind != TN_NODE_SEQUENCE)
        return;
    struct tn_station *rows = tn_arena_alloc(arena, stations->count + 1, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < stations->count; i++) {
        const struct tn_node *station = stations->items[i];
        const char *name = text_of(station, "name");
        rows[i] = (struct tn_station){.km = number_of(station, "km"),
                                      .name = tn_arena_copy(arena, name, strlen(name)),
                                      .lat = number_of(station, "lat"),
                                      .lon = number_of(station, "lon")};
        out->count += rows[i].name != NULL;
    }
    out->items = rows;
}

tn_status tn_import_stations(struct tn_list *out, const char *text, const char *line, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    *out = (struct tn_list){NULL, 0};
    struct tn_scenario_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return TN_ERR_MEMORY;
    reader->ctx = ctx;
    const size_t before = ctx->errors;
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    struct tn_source *source = tn_source_init(reader, "the scenario in the results", text, strlen(text));
    const struct tn_node *root = source == NULL ? NULL : tn_tree_parse(reader, source, 0);
    const struct tn_node *lines = root == NULL ? NULL : tn_tree_get(root, "lines");
    for (size_t i = 0; lines != NULL && lines->kind == TN_NODE_SEQUENCE && i < lines->count; i++)
        if (strcmp(text_of(lines->items[i], "id"), line) == 0)
            read_stations(out, lines->items[i], arena);
    tn_c_locale_end(&c);
    const bool no_memory = reader->no_memory;
    tn_scenario_destroy(reader);
    return no_memory ? TN_ERR_MEMORY : ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}
