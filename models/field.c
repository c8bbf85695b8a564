/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "field.h"

#include <string.h>

#include "arena.h"

static void *member(const void *object, const struct tn_field *field)
{
    return (char *)(uintptr_t)object + field->offset;
}

static void set_default(const struct tn_field *field, void *object)
{
    void *where = member(object, field);
    switch (field->type) {
    case TN_NUMBER:
        *(double *)where = field->def;
        break;
    case TN_INTEGER:
    case TN_CHOICE:
        *(int *)where = isnan(field->def) ? -1 : (int)field->def;
        break;
    case TN_BOOL:
        *(bool *)where = field->def > 0;
        break;
    case TN_STRUCT:
        tn_schema_defaults(field->sub, where);
        break;
    case TN_STRING:
        *(const char **)where = NULL;
        break;
    case TN_LIST:
    case TN_NUMBERS:
        *(struct tn_list *)where = (struct tn_list){0};
        break;
    case TN_REF:
        *(struct tn_ref *)where = (struct tn_ref){0};
        break;
    case TN_VARIANT:
        *(struct tn_variant *)where = (struct tn_variant){0};
        break;
    }
}

void tn_schema_defaults(const struct tn_schema *schema, void *object)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        set_default(field, object);
}

const struct tn_field *tn_schema_find(const struct tn_schema *schema, const char *name)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

const struct tn_field *tn_schema_id(const struct tn_schema *schema)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->flags & TN_ID)
            return field;
    return NULL;
}

int tn_choice_find(const char *(*choice)(int index), const char *name)
{
    for (int index = 0; choice(index) != NULL; index++)
        if (strcmp(choice(index), name) == 0)
            return index;
    return -1;
}

static bool copy_members(const struct tn_schema *schema, void *copy, struct tn_arena *arena);

static bool copy_list(struct tn_list *list, size_t size, const struct tn_schema *sub, struct tn_arena *arena)
{
    if (list->count == 0)
        return true;
    char *items = tn_arena_alloc(arena, list->count, size);
    if (items == NULL)
        return false;
    memcpy(items, list->items, list->count * size);
    list->items = items;
    for (size_t i = 0; sub != NULL && i < list->count; i++)
        if (!copy_members(sub, items + i * size, arena))
            return false;
    return true;
}

static bool copy_string(const char **text, struct tn_arena *arena)
{
    return *text == NULL || (*text = tn_arena_copy(arena, *text, strlen(*text))) != NULL;
}

static bool copy_member(const struct tn_field *field, void *where, struct tn_arena *arena)
{
    switch (field->type) {
    case TN_STRING:
        return copy_string(where, arena);
    case TN_STRUCT:
        return copy_members(field->sub, where, arena);
    case TN_LIST:
        return copy_list(where, field->sub->size, field->sub, arena);
    case TN_NUMBERS:
        return copy_list(where, sizeof(double), NULL, arena);
    case TN_REF:
        return copy_string(&((struct tn_ref *)where)->id, arena);
    case TN_VARIANT: {
        struct tn_variant *variant = where;
        if (variant->object != NULL)
            variant->object = tn_schema_copy(variant->schema, variant->object, arena);
        return variant->schema == NULL || variant->object != NULL;
    }
    case TN_NUMBER:
    case TN_INTEGER:
    case TN_BOOL:
    case TN_CHOICE:
        break;
    }
    return true;
}

static bool copy_members(const struct tn_schema *schema, void *copy, struct tn_arena *arena)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (!copy_member(field, member(copy, field), arena))
            return false;
    return true;
}

void *tn_schema_copy(const struct tn_schema *schema, const void *object, struct tn_arena *arena)
{
    void *copy = tn_arena_alloc(arena, 1, schema->size);
    if (copy == NULL)
        return NULL;
    memcpy(copy, object, schema->size);
    return copy_members(schema, copy, arena) ? copy : NULL;
}

/* FNV-1a over bytes, finished by the mixing steps of SplitMix64. */
static uint64_t hash_bytes(uint64_t seed, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    uint64_t hash = seed ^ 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

static uint64_t hash_number(uint64_t seed, double value)
{
    /* One pattern for every NaN and for both zeros, so that equal inputs hash alike. */
    uint64_t bits = UINT64_MAX;
    if (!isnan(value)) {
        value += 0.0;
        memcpy(&bits, &value, sizeof bits);
    }
    unsigned char bytes[sizeof bits];
    for (size_t i = 0; i < sizeof bits; i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    return hash_bytes(seed, bytes, sizeof bytes);
}

static uint64_t hash_text(uint64_t seed, const char *text)
{
    return text == NULL ? hash_number(seed, NAN) : hash_bytes(seed, text, strlen(text) + 1);
}

uint64_t tn_hash_add(uint64_t seed, uint64_t number)
{
    unsigned char bytes[sizeof number];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    return hash_bytes(seed, bytes, sizeof bytes);
}

/* What is done about references. */
struct hasher {
    uint64_t (*reference)(const struct tn_schema *schema, const void *object, void *payload);
    void *payload;
};

static uint64_t hash_object(const struct hasher *hasher, const struct tn_schema *schema, const void *object,
                            uint64_t seed);

static uint64_t hash_list(const struct hasher *hasher, const struct tn_field *field, const struct tn_list *list,
                          uint64_t seed)
{
    seed = hash_number(seed, (double)list->count);
    for (size_t i = 0; i < list->count; i++) {
        if (field->type == TN_NUMBERS)
            seed = hash_number(seed, ((const double *)list->items)[i]);
        else
            seed = hash_object(hasher, field->sub, (const char *)list->items + i * field->sub->size, seed);
    }
    return seed;
}

static uint64_t hash_ref(const struct hasher *hasher, const struct tn_field *field, const struct tn_ref *ref,
                         uint64_t seed)
{
    seed = hash_text(seed, ref->id);
    return ref->object == NULL ? seed : tn_hash_add(seed, hasher->reference(field->sub, ref->object, hasher->payload));
}

static uint64_t hash_member(const struct hasher *hasher, const struct tn_field *field, const void *where, uint64_t seed)
{
    switch (field->type) {
    case TN_NUMBER:
        return hash_number(seed, *(const double *)where);
    case TN_INTEGER:
    case TN_CHOICE:
        return hash_number(seed, *(const int *)where);
    case TN_BOOL:
        return hash_number(seed, *(const bool *)where ? 1 : 0);
    case TN_STRING:
        return hash_text(seed, *(const char *const *)where);
    case TN_STRUCT:
        return hash_object(hasher, field->sub, where, seed);
    case TN_LIST:
    case TN_NUMBERS:
        return hash_list(hasher, field, where, seed);
    case TN_REF:
        return hash_ref(hasher, field, where, seed);
    case TN_VARIANT: {
        const struct tn_variant *variant = where;
        return variant->object == NULL ? seed : hash_object(hasher, variant->schema, variant->object, seed);
    }
    }
    return seed;
}

static uint64_t hash_object(const struct hasher *hasher, const struct tn_schema *schema, const void *object,
                            uint64_t seed)
{
    seed = hash_text(seed, schema->name);
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        seed = hash_member(hasher, field, member(object, field), seed);
    return seed;
}

uint64_t tn_schema_hash_by(const struct tn_schema *schema, const void *object, uint64_t seed,
                           uint64_t (*reference)(const struct tn_schema *schema, const void *object, void *payload),
                           void *payload)
{
    return hash_object(&(struct hasher){reference, payload}, schema, object, seed);
}

static uint64_t hash_referenced(const struct tn_schema *schema, const void *object, void *payload)
{
    (void)payload;
    return tn_schema_hash(schema, object, 0);
}

uint64_t tn_schema_hash(const struct tn_schema *schema, const void *object, uint64_t seed)
{
    return tn_schema_hash_by(schema, object, seed, hash_referenced, NULL);
}

const char *tn_confidence_name(int index)
{
    static const char *const names[] = {"published", "derived", "estimate", "assumed"};
    return index >= 0 && index < 4 ? names[index] : NULL;
}

static const struct tn_field note_fields[] = {
    TN_F_STRING(tn_note, value, 0, "what the note is about: a field, or words"),
    TN_F_CHOICE(tn_note, confidence, tn_confidence_name, TN_ESTIMATE, 0, "how well the value is known"),
    TN_F_STRING(tn_note, source, 0, "where the value comes from"),
    TN_F_STRING(tn_note, low, 0, "the value is not less: a sweep's axis `estimate` begins here"),
    TN_F_STRING(tn_note, high, 0, "the value is not more: a sweep's axis `estimate` ends here"),
    TN_F_END,
};

const struct tn_schema tn_note_schema = {"note", "where a value comes from", sizeof(struct tn_note), note_fields};
