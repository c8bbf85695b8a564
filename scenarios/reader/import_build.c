/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What importers share: reading the source, building the scenario, notes. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_parts.h"
#include "nearest.h"

static void note(struct tn_import *import, bool lost, const struct tn_node *where, const char *kind, const char *name,
                 const char *format, va_list arguments)
{
    struct tn_scenario_reader *reader = import->reader;
    const char *why = tn_arena_vprintf(&reader->arena, format, arguments);
    const char *copy = tn_reader_printf(reader, "%s", name == NULL ? "" : name);
    if (why == NULL || copy == NULL ||
        !tn_reader_grow(reader, &import->notes, import->note_count, &import->note_allocated, sizeof *import->notes)) {
        reader->no_memory = true;
        return;
    }
    import->notes[import->note_count++] = (struct tn_loss){lost, kind, copy, why, where->place};
}

void tn_import_lost(struct tn_import *import, const struct tn_node *where, const char *kind, const char *name,
                    const char *why, ...)
{
    va_list arguments;
    va_start(arguments, why);
    note(import, true, where, kind, name, why, arguments);
    va_end(arguments);
}

void tn_import_assumed(struct tn_import *import, const struct tn_node *where, const char *kind, const char *name,
                       const char *why, ...)
{
    va_list arguments;
    va_start(arguments, why);
    note(import, false, where, kind, name, why, arguments);
    va_end(arguments);
}

void tn_import_error(struct tn_import *import, const struct tn_node *where, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = tn_arena_vprintf(&import->reader->arena, format, arguments);
    va_end(arguments);
    import->reader->no_memory |= text == NULL;
    if (text != NULL)
        tn_error_at(import->reader->ctx, &where->place, hint, "%s", text);
}

/* --- reading the source --- */

static bool is_null(const struct tn_node *node)
{
    return node->kind == TN_NODE_SCALAR && node->plain &&
           (*node->text == '\0' || strcmp(node->text, "null") == 0 || strcmp(node->text, "~") == 0);
}

static const char *key_name(size_t i, const void *payload)
{
    return ((const struct tn_import_key *)payload)[i].name;
}

/* Nothing is lost with a key that says nothing. */
static bool is_empty(const struct tn_node *node)
{
    return is_null(node) || (node->kind != TN_NODE_SCALAR && node->count == 0);
}

bool tn_import_map(struct tn_import *import, const struct tn_node *node, const char *what, const char *name,
                   const struct tn_import_key *keys)
{
    if (node->kind != TN_NODE_MAPPING) {
        tn_import_error(import, node, NULL, "%s must be a mapping of keys and values, not %s", what,
                        tn_node_kind_name(node));
        return false;
    }
    size_t count = 0;
    while (keys[count].name != NULL)
        count++;
    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->keys[i]->text;
        size_t k = 0;
        while (k < count && strcmp(keys[k].name, key) != 0)
            k++;
        if (is_empty(node->items[i]) || (k < count && keys[k].why == NULL))
            continue;
        const char *kind = tn_reader_printf(import->reader, "%s of %s", key, what);
        const char *near = k < count ? NULL : tn_nearest_name(key, key_name, count, keys);
        if (kind != NULL)
            tn_import_lost(import, node->keys[i], kind, name, "%s%s%s",
                           k < count      ? keys[k].why
                           : near != NULL ? "not a key of the format; was it meant to be '"
                                          : "not a key of the format",
                           near == NULL ? "" : near, near == NULL ? "" : "'?");
    }
    return true;
}

const struct tn_node *tn_import_get(const struct tn_node *map, const char *key)
{
    const struct tn_node *value = tn_tree_get(map, key);
    return value == NULL || is_null(value) ? NULL : value;
}

const struct tn_node *tn_import_need(struct tn_import *import, const struct tn_node *map, const char *key,
                                     const char *what)
{
    const struct tn_node *value = tn_import_get(map, key);
    if (value == NULL)
        tn_import_error(import, map, NULL, "%s has no '%s'", what, key);
    return value;
}

struct tn_import_items tn_import_list(struct tn_import *import, const struct tn_node *map, const char *key, bool needed,
                                      const char *what)
{
    const struct tn_node *list = needed ? tn_import_need(import, map, key, what) : tn_import_get(map, key);
    if (list == NULL)
        return (struct tn_import_items){NULL, 0};
    if (list->kind == TN_NODE_SEQUENCE)
        return (struct tn_import_items){list->items, list->count};
    tn_import_error(import, list, NULL, "'%s' must be a list, not %s", key, tn_node_kind_name(list));
    return (struct tn_import_items){NULL, 0};
}

const char *tn_import_text(struct tn_import *import, const struct tn_node *node, const char *key)
{
    if (node == NULL || node->kind == TN_NODE_SCALAR)
        return node == NULL ? NULL : node->text;
    tn_import_error(import, node, NULL, "'%s' must be a text, not %s", key, tn_node_kind_name(node));
    return NULL;
}

double tn_import_number(struct tn_import *import, const struct tn_node *node, const char *key)
{
    if (node == NULL)
        return NAN;
    struct tn_number number = {NAN, ""};
    bool fine = node->kind == TN_NODE_SCALAR && tn_number_split(&number, node->text) && *number.unit == '\0';
    if (fine && isfinite(number.value))
        return number.value;
    if (node->kind != TN_NODE_SCALAR)
        tn_import_error(import, node, NULL, "'%s' must be a number, not %s", key, tn_node_kind_name(node));
    else if (fine)
        tn_import_error(import, node, NULL, "'%s' is too large a number", key);
    else
        tn_import_error(import, node, "the format fixes the unit", "'%s' must be a plain number, not '%s'", key,
                        node->text);
    return NAN;
}

/* --- building the scenario --- */

struct tn_node *tn_import_new(struct tn_import *import, enum tn_node_kind kind, const struct tn_node *like)
{
    struct tn_node *node = like == NULL ? NULL : tn_reader_alloc(import->reader, 1, sizeof *node);
    if (node != NULL)
        *node = (struct tn_node){.kind = kind, .source = like->source, .place = like->place};
    return node;
}

struct tn_node *tn_import_scalar(struct tn_import *import, const struct tn_node *like, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = tn_arena_vprintf(&import->reader->arena, format, arguments);
    va_end(arguments);
    struct tn_node *node = text == NULL ? NULL : tn_import_new(import, TN_NODE_SCALAR, like);
    import->reader->no_memory |= text == NULL;
    if (node != NULL)
        node->text = text; /* not plain: a text that spells null is a text */
    return node;
}

void tn_import_put(struct tn_import *import, struct tn_node *map, const char *key, struct tn_node *value)
{
    if (map != NULL && value != NULL)
        (void)tn_tree_put(import->reader, map, key, value);
}

void tn_import_append(struct tn_import *import, struct tn_node *list, struct tn_node *item)
{
    if (list == NULL || item == NULL)
        return;
    if ((list->count & (list->count - 1)) == 0) { /* room doubles at powers of two */
        struct tn_node **items =
            tn_reader_alloc(import->reader, list->count == 0 ? 1 : 2 * list->count, sizeof(struct tn_node *));
        if (items == NULL)
            return;
        for (size_t i = 0; i < list->count; i++)
            items[i] = list->items[i];
        list->items = items;
    }
    list->items[list->count++] = item;
}

void tn_import_copy(struct tn_import *import, struct tn_node *map, const char *key, const struct tn_node *source,
                    const char *unit)
{
    if (source == NULL || isnan(tn_import_number(import, source, key)))
        return;
    tn_import_put(import, map, key,
                  tn_import_scalar(import, source, "%s%s%s", source->text, *unit == '\0' ? "" : " ", unit));
}

void tn_import_put_number(struct tn_import *import, struct tn_node *map, const char *key, const struct tn_node *like,
                          double value, const char *unit)
{
    if (isnan(value)) /* reported where it was read */
        return;
    char digits[64];
    int length = snprintf(digits, sizeof digits, "%.9f", value);
    if (length >= (int)sizeof digits)
        snprintf(digits, sizeof digits, "%.17g", value);
    else
        while (digits[length - 1] == '0' || digits[length - 1] == '.') {
            bool point = digits[--length] == '.';
            digits[length] = '\0';
            if (point)
                break;
        }
    tn_import_put(import, map, key,
                  tn_import_scalar(import, like, "%s%s%s", strcmp(digits, "-0") == 0 ? "0" : digits,
                                   *unit == '\0' ? "" : " ", unit));
}

struct tn_node *tn_import_root_list(struct tn_import *import, const char *name, const struct tn_node *like)
{
    struct tn_node *list = tn_tree_get(import->root, name);
    if (list == NULL) {
        list = tn_import_new(import, TN_NODE_SEQUENCE, like);
        tn_import_put(import, import->root, name, list);
    }
    return list;
}

static bool is_taken(const struct tn_node *list, const char *key, const char *text)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct tn_node *other = tn_tree_get(list->items[i], key);
        if (other != NULL && other->kind == TN_NODE_SCALAR && strcmp(other->text, text) == 0)
            return true;
    }
    return false;
}

const char *tn_import_unique(struct tn_import *import, const struct tn_node *list, const char *key, const char *text)
{
    const char *unique = text;
    for (int i = 2; unique != NULL && is_taken(list, key, unique); i++)
        unique = tn_reader_printf(import->reader, strcmp(key, "id") == 0 ? "%s-%d" : "%s (%d)", text, i);
    return unique == NULL ? text : unique;
}

const char *tn_import_id(struct tn_import *import, const struct tn_node *where, const struct tn_node *list,
                         const char *text)
{
    char *id = tn_reader_printf(import->reader, "%s", *text == '\0' ? "unnamed" : text);
    if (id == NULL)
        return text;
    for (char *c = id; *c != '\0'; c++)
        if ((unsigned char)*c < 0x80 && !isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
            *c = '-';
    const char *unique = tn_import_unique(import, list, "id", id);
    if (strcmp(unique, text) != 0)
        tn_import_assumed(import, where, "id", text,
                          "ids hold letters, digits and - _ . and name one thing: it is '%s'", unique);
    return unique;
}
