/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "displib.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "nearest.h"

enum { LINE_SHOWN = 160 };

struct spot { /* from 1 */
    int line, column;
};

struct rows { /* an array that the places of its items stand beside */
    void *items;
    struct spot *spots;
    size_t count, size;
};

struct tn_displib {
    struct tn_arena arena;
    struct tn_context *ctx;
    const char *path, *text;
    size_t size;
    yaml_document_t document;
    bool has_document;
    struct rows trains, ops, delays, events;
    struct tn_dispatch_problem problem;
    struct tn_dispatch_solution solution;
    const char **resources;
    int resource_count, *table; /* resources by hash; entries count from 1 */
    size_t table_size;
    long visits_left; /* of nodes; fewer than visits only where aliases repeat them */
    bool bad;
};

static struct spot spot_of(yaml_mark_t mark)
{
    return (struct spot){(int)mark.line + 1, (int)mark.column + 1};
}

/* The line as text; NULL if it is too long to show. */
static const char *line_text(struct tn_displib *file, int line)
{
    const char *at = file->text, *end = at + file->size;
    for (int i = 1; i < line && at; i++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return NULL;
    const size_t length = strcspn(at, "\r\n");
    return length <= LINE_SHOWN ? tn_arena_copy(&file->ctx->arena, at, length) : NULL;
}

static struct tn_place place_of(struct tn_displib *file, struct spot spot)
{
    return (struct tn_place){file->path, spot.line, spot.column, 1,
                             file->ctx->errors < 100 ? line_text(file, spot.line) : NULL};
}

TN_PRINTF(4, 5)
static void complain(struct tn_displib *file, const yaml_node_t *node, const char *hint, const char *format, ...)
{
    const struct tn_place place = place_of(file, spot_of(node->start_mark));
    va_list args;
    va_start(args, format);
    const char *text = tn_arena_vprintf(&file->arena, format, args);
    va_end(args);
    tn_error_at(file->ctx, &place, hint, "%s", text ? text : "no memory");
    file->bad = true;
}

static const yaml_node_t *node_at(struct tn_displib *file, int index)
{
    if (file->visits_left-- == 0)
        complain(file, yaml_document_get_node(&file->document, index), "JSON has none", "aliases are not allowed");
    return yaml_document_get_node(&file->document, index);
}

static bool is_word(const yaml_node_t *node, const char *word)
{
    const size_t length = strlen(word);
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == length &&
           !memcmp(node->data.scalar.value, word, length);
}

/* The value of a key, NULL if it is not there; a key twice is an error. */
static const yaml_node_t *value_of(struct tn_displib *file, const yaml_node_t *map, const char *key)
{
    const yaml_node_t *found = NULL;
    for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = yaml_document_get_node(&file->document, pair->key);
        if (!is_word(name, key))
            continue;
        if (found)
            complain(file, name, NULL, "key '%s' is here twice", key);
        found = node_at(file, pair->value);
    }
    return found;
}

static const char *key_name(size_t i, const void *payload)
{
    return ((const char *const *)payload)[i];
}

/* Reports what is not an object, and a key that is nearly one of the known: passed over, it would change the problem.
 */
static bool is_map(struct tn_displib *file, const yaml_node_t *node, const char *what, const char *const *keys)
{
    if (node->type != YAML_MAPPING_NODE) {
        complain(file, node, NULL, "%s must be an object { ... }", what);
        return false;
    }
    size_t count = 0;
    while (keys[count])
        count++;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = yaml_document_get_node(&file->document, pair->key);
        const char *text = name->type == YAML_SCALAR_NODE ? (const char *)name->data.scalar.value : "";
        const char *near = tn_nearest_name(text, key_name, count, keys);
        if (near && strcmp(near, text) != 0)
            complain(file, name, NULL, "unknown key '%s' in %s; did you mean '%s'?", text, what, near);
    }
    return true;
}

static bool is_list(struct tn_displib *file, const yaml_node_t *node, const char *what)
{
    if (node->type != YAML_SEQUENCE_NODE)
        complain(file, node, NULL, "%s must be a list [ ... ]", what);
    return node->type == YAML_SEQUENCE_NODE;
}

static size_t length_of(const yaml_node_t *list)
{
    return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

/* A whole number from low to high. */
static int64_t integer(struct tn_displib *file, const yaml_node_t *node, const char *key, int64_t low, int64_t high)
{
    const char *text = node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    const bool digits = *text == '-' || (*text >= '0' && *text <= '9');
    if (!digits || *end || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        complain(file, node, NULL, "'%s' must be a whole number", key);
    else if (errno || value < low || value > high)
        complain(file, node, NULL, "'%s' is %.30s, but goes from %lld to %lld", key, text, (long long)low,
                 (long long)high);
    else
        return value;
    return low;
}

static int64_t optional(struct tn_displib *file, const yaml_node_t *map, const char *key, int64_t high, int64_t absent)
{
    const yaml_node_t *node = value_of(file, map, key);
    return node ? integer(file, node, key, 0, high) : absent;
}

static int64_t needed(struct tn_displib *file, const yaml_node_t *map, const char *key, int64_t high, const char *what)
{
    const yaml_node_t *node = value_of(file, map, key);
    if (node)
        return integer(file, node, key, 0, high);
    complain(file, map, NULL, "%s has no '%s'", what, key);
    return 0;
}

static const yaml_node_t *needed_list(struct tn_displib *file, const yaml_node_t *map, const char *key,
                                      const char *what)
{
    const yaml_node_t *node = value_of(file, map, key);
    if (!node)
        complain(file, map, NULL, "%s has no '%s'", what, key);
    return node && is_list(file, node, key) ? node : NULL;
}

static bool make_rows(struct rows *rows, struct tn_displib *file, size_t count, size_t size)
{
    rows->items = tn_arena_alloc(&file->arena, count + 1, size);
    rows->spots = tn_arena_alloc(&file->arena, count + 1, sizeof *rows->spots);
    rows->size = size;
    return rows->items && rows->spots;
}

static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

/* Makes room for one resource more. */
static bool grow_table(struct tn_displib *file)
{
    if (file->table && 2 * ((size_t)file->resource_count + 1) < file->table_size)
        return true;
    const size_t size = file->table_size ? 2 * file->table_size : 256;
    int *table = tn_arena_alloc(&file->arena, size, sizeof *table);
    const char **names = tn_arena_alloc(&file->arena, size, sizeof *names);
    if (!table || !names)
        return false;
    for (int i = 0; i < file->resource_count; i++) {
        names[i] = file->resources[i];
        size_t at = hash_of(names[i]) & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = i + 1;
    }
    file->table = table;
    file->resources = names;
    file->table_size = size;
    return true;
}

/* The number of a resource by its name; -1 without memory. */
static int resource_of(struct tn_displib *file, const char *name)
{
    if (!grow_table(file))
        return -1;
    size_t at = hash_of(name) & (file->table_size - 1);
    for (; file->table[at]; at = (at + 1) & (file->table_size - 1))
        if (!strcmp(file->resources[file->table[at] - 1], name))
            return file->table[at] - 1;
    file->resources[file->resource_count] = name; /* the document's */
    file->table[at] = ++file->resource_count;
    return file->resource_count - 1;
}

static void read_uses(struct tn_dispatch_op *op, struct tn_displib *file, const yaml_node_t *list)
{
    static const char *const keys[] = {"resource", "release_time", NULL};
    struct tn_dispatch_use *uses = tn_arena_alloc(&file->arena, length_of(list) + 1, sizeof *uses);
    for (size_t i = 0; uses && i < length_of(list) && !file->bad; i++) {
        const yaml_node_t *node = node_at(file, list->data.sequence.items.start[i]);
        if (!is_map(file, node, "a use of a resource", keys))
            return;
        const yaml_node_t *name = value_of(file, node, "resource");
        if (!name || name->type != YAML_SCALAR_NODE) {
            complain(file, name ? name : node, NULL, "a use of a resource needs its name in 'resource'");
            return;
        }
        uses[i].resource = resource_of(file, (const char *)name->data.scalar.value);
        uses[i].release = optional(file, node, "release_time", TN_DISPATCH_TIME_MAX, 0);
        op->use_count++;
    }
    op->uses = uses;
}

static void read_successors(struct tn_dispatch_op *op, struct tn_displib *file, const yaml_node_t *list)
{
    int *successors = tn_arena_alloc(&file->arena, length_of(list) + 1, sizeof *successors);
    for (size_t i = 0; successors && i < length_of(list); i++) {
        const yaml_node_t *node = node_at(file, list->data.sequence.items.start[i]);
        successors[i] = (int)integer(file, node, "successors", 0, INT_MAX);
        op->successor_count++;
    }
    op->successors = successors;
}

static void read_op(struct tn_dispatch_op *op, struct tn_displib *file, const yaml_node_t *node)
{
    static const char *const keys[] = {"start_lb", "start_ub", "min_duration", "resources", "successors", NULL};
    op->start_ub = TN_DISPATCH_NEVER;
    if (!is_map(file, node, "an operation", keys))
        return;
    op->min_duration = needed(file, node, "min_duration", TN_DISPATCH_TIME_MAX, "an operation");
    op->start_lb = optional(file, node, "start_lb", TN_DISPATCH_TIME_MAX, 0);
    op->start_ub = optional(file, node, "start_ub", TN_DISPATCH_TIME_MAX, TN_DISPATCH_NEVER);
    const yaml_node_t *uses = value_of(file, node, "resources");
    if (uses && is_list(file, uses, "resources"))
        read_uses(op, file, uses);
    const yaml_node_t *successors = needed_list(file, node, "successors", "an operation");
    if (successors)
        read_successors(op, file, successors);
}

static size_t count_ops(struct tn_displib *file, const yaml_node_t *trains)
{
    size_t count = 0;
    for (size_t t = 0; t < length_of(trains); t++) {
        const yaml_node_t *list = yaml_document_get_node(&file->document, trains->data.sequence.items.start[t]);
        count += list->type == YAML_SEQUENCE_NODE ? length_of(list) : 0;
    }
    return count;
}

static tn_status read_trains(struct tn_displib *file, const yaml_node_t *list)
{
    const size_t trains = length_of(list), ops = count_ops(file, list);
    if (ops > (size_t)file->visits_left) {
        complain(file, list, "JSON has none", "aliases are not allowed");
        return TN_ERR_INPUT;
    }
    if (!make_rows(&file->trains, file, trains, sizeof(struct tn_dispatch_train)) ||
        !make_rows(&file->ops, file, ops, sizeof(struct tn_dispatch_op)))
        return TN_ERR_MEMORY;
    struct tn_dispatch_train *train = file->trains.items;
    struct tn_dispatch_op *all = file->ops.items;
    for (size_t t = 0; t < trains; t++, train++) {
        const yaml_node_t *node = node_at(file, list->data.sequence.items.start[t]);
        file->trains.spots[file->trains.count++] = spot_of(node->start_mark);
        if (!is_list(file, node, "a train"))
            continue;
        train->ops = all + file->ops.count;
        train->op_count = (int)length_of(node);
        for (int i = 0; i < train->op_count; i++) {
            const yaml_node_t *op = node_at(file, node->data.sequence.items.start[i]);
            file->ops.spots[file->ops.count] = spot_of(op->start_mark);
            read_op(&all[file->ops.count++], file, op);
        }
    }
    return TN_OK;
}

static tn_status read_delays(struct tn_displib *file, const yaml_node_t *list)
{
    static const char *const keys[] = {"type", "train", "operation", "threshold", "coeff", "increment", NULL};
    const char *what = "a part of the objective";
    if (!make_rows(&file->delays, file, length_of(list), sizeof(struct tn_dispatch_delay)))
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < length_of(list); i++) {
        const yaml_node_t *node = node_at(file, list->data.sequence.items.start[i]);
        struct tn_dispatch_delay *delay = (struct tn_dispatch_delay *)file->delays.items + i;
        file->delays.spots[file->delays.count++] = spot_of(node->start_mark);
        if (!is_map(file, node, what, keys))
            continue;
        const yaml_node_t *type = value_of(file, node, "type");
        if (!type || !is_word(type, "op_delay"))
            complain(file, type ? type : node, "\"type\": \"op_delay\" is the only one", "%s of another type", what);
        delay->train = (int)needed(file, node, "train", INT_MAX, what);
        delay->op = (int)needed(file, node, "operation", INT_MAX, what);
        delay->threshold = optional(file, node, "threshold", TN_DISPATCH_TIME_MAX, 0);
        delay->coeff = optional(file, node, "coeff", TN_DISPATCH_COEFF_MAX, 0);
        delay->increment = optional(file, node, "increment", TN_DISPATCH_TIME_MAX, 0);
    }
    return TN_OK;
}

static tn_status read_problem(struct tn_displib *file, const yaml_node_t *root)
{
    static const char *const keys[] = {"trains", "objective", NULL};
    if (!is_map(file, root, "a problem", keys))
        return TN_ERR_INPUT;
    const yaml_node_t *trains = needed_list(file, root, "trains", "the problem");
    const yaml_node_t *objective = needed_list(file, root, "objective", "the problem");
    tn_status status = trains ? read_trains(file, trains) : TN_ERR_INPUT;
    if (status == TN_OK && objective)
        status = read_delays(file, objective);
    if (status != TN_OK || file->bad)
        return status != TN_OK ? status : TN_ERR_INPUT;
    file->problem = (struct tn_dispatch_problem){.trains = file->trains.items,
                                                 .delays = file->delays.items,
                                                 .resources = file->resources,
                                                 .train_count = (int)file->trains.count,
                                                 .delay_count = (int)file->delays.count,
                                                 .resource_count = file->resource_count};
    struct tn_context *ctx = file->ctx;
    bool (*const locate)(struct tn_place *, const void *, void *) = ctx->locate;
    void *const payload = ctx->payload;
    ctx->locate = tn_displib_locate;
    ctx->payload = file;
    status = tn_dispatch_check(&file->problem, ctx);
    ctx->locate = locate;
    ctx->payload = payload;
    return status;
}

static tn_status read_solution(struct tn_displib *file, int64_t *objective_out, const yaml_node_t *root)
{
    static const char *const keys[] = {"events", "objective_value", NULL};
    static const char *const event_keys[] = {"time", "train", "operation", NULL};
    if (!is_map(file, root, "a solution", keys))
        return TN_ERR_INPUT;
    *objective_out = optional(file, root, "objective_value", INT64_MAX - 1, -1);
    const yaml_node_t *list = needed_list(file, root, "events", "the solution");
    if (!list)
        return TN_ERR_INPUT;
    if (!make_rows(&file->events, file, length_of(list), sizeof(struct tn_dispatch_event)))
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < length_of(list); i++) {
        const yaml_node_t *node = node_at(file, list->data.sequence.items.start[i]);
        struct tn_dispatch_event *event = (struct tn_dispatch_event *)file->events.items + i;
        file->events.spots[file->events.count++] = spot_of(node->start_mark);
        if (!is_map(file, node, "an event", event_keys))
            continue;
        event->time = needed(file, node, "time", (int64_t)1 << 42, "an event");
        event->train = (int)needed(file, node, "train", INT_MAX, "an event");
        event->op = (int)needed(file, node, "operation", INT_MAX, "an event");
    }
    file->solution.events = file->events.items;
    file->solution.count = (int)file->events.count;
    return file->bad ? TN_ERR_INPUT : TN_OK;
}

/* The whole file in the arena, NUL at its end. */
static tn_status load(struct tn_displib *file)
{
    FILE *in = fopen(file->path, "rb");
    char *text = NULL;
    size_t size = 0, room = 0;
    tn_status status = in ? TN_OK : TN_ERR_IO;
    while (status == TN_OK && !feof(in) && !ferror(in)) {
        if (size + 1 >= room) {
            room = 2 * room + 65536;
            char *more = realloc(text, room);
            status = more ? TN_OK : TN_ERR_MEMORY;
            text = more ? more : text;
        }
        if (status == TN_OK)
            size += fread(text + size, 1, room - 1 - size, in);
    }
    if (status == TN_ERR_IO || (in && ferror(in))) {
        tn_error(file->ctx, NULL, NULL, "cannot read %s: %s", file->path, strerror(errno));
        status = TN_ERR_IO;
    }
    if (in)
        fclose(in);
    file->text = status == TN_OK ? tn_arena_copy(&file->arena, text, size) : NULL;
    file->size = size;
    free(text);
    return status == TN_OK && !file->text ? TN_ERR_MEMORY : status;
}

static tn_status parse(struct tn_displib *file)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return TN_ERR_MEMORY;
    yaml_parser_set_input_string(&parser, (const unsigned char *)file->text, file->size);
    tn_status status = TN_OK;
    file->has_document = yaml_parser_load(&parser, &file->document) != 0;
    if (!file->has_document) {
        const struct tn_place place = place_of(file, spot_of(parser.problem_mark));
        status = parser.error == YAML_MEMORY_ERROR
                     ? TN_ERR_MEMORY
                     : tn_error_at(file->ctx, &place, NULL, "not JSON: %s", parser.problem ? parser.problem : "?");
    } else if (!yaml_document_get_root_node(&file->document)) {
        const struct tn_place place = place_of(file, (struct spot){1, 1});
        status = tn_error_at(file->ctx, &place, NULL, "the file is empty");
    } else {
        file->visits_left = (long)(file->document.nodes.top - file->document.nodes.start);
    }
    yaml_parser_delete(&parser);
    return status;
}

static tn_status open_file(struct tn_displib **out, const char *path, struct tn_context *ctx)
{
    struct tn_displib *file = calloc(1, sizeof *file);
    *out = file;
    if (!file)
        return TN_ERR_MEMORY;
    file->ctx = ctx;
    file->path = tn_arena_copy(&file->arena, path, strlen(path));
    if (!file->path)
        return TN_ERR_MEMORY;
    const tn_status status = load(file);
    return status == TN_OK ? parse(file) : status;
}

tn_status tn_displib_read_problem(struct tn_displib **out, const char *path, struct tn_context *ctx)
{
    const tn_status status = open_file(out, path, ctx);
    return status == TN_OK ? read_problem(*out, yaml_document_get_root_node(&(*out)->document)) : status;
}

tn_status tn_displib_read_solution(struct tn_displib **out, int64_t *objective_out, const char *path,
                                   struct tn_context *ctx)
{
    const tn_status status = open_file(out, path, ctx);
    return status == TN_OK ? read_solution(*out, objective_out, yaml_document_get_root_node(&(*out)->document))
                           : status;
}

void tn_displib_destroy(struct tn_displib *file)
{
    if (!file)
        return;
    if (file->has_document)
        yaml_document_delete(&file->document);
    tn_arena_clear(&file->arena);
    free(file);
}

const struct tn_dispatch_problem *tn_displib_problem(const struct tn_displib *file)
{
    return &file->problem;
}

const struct tn_dispatch_solution *tn_displib_solution(const struct tn_displib *file)
{
    return &file->solution;
}

static bool find(struct spot *out, const struct rows *rows, const void *where)
{
    const char *first = rows->items, *at = where;
    if (!first || at < first || at >= first + rows->count * rows->size)
        return false;
    *out = rows->spots[(size_t)(at - first) / rows->size];
    return true;
}

bool tn_displib_locate(struct tn_place *place_out, const void *where, void *payload)
{
    struct tn_displib *file = payload;
    struct spot spot = {1, 1};
    const bool whole = where == &file->problem || where == &file->solution;
    if (!whole && !find(&spot, &file->ops, where) && !find(&spot, &file->delays, where) &&
        !find(&spot, &file->events, where) && !find(&spot, &file->trains, where))
        return false;
    *place_out = place_of(file, spot);
    return true;
}
