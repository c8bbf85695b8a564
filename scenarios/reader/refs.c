/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <string.h>

#include "nearest.h"

struct pool {
    const struct tn_schema *schema;
    const struct tn_list *list; /* NULL: the scenario has no such list */
};

static struct pool find_pool(const struct tn_schema *schema, const struct tn_scenario *scenario)
{
    for (const struct tn_field *field = tn_scenario_schema.fields; field->name != NULL; field++)
        if (field->type == TN_LIST && field->sub == schema)
            return (struct pool){schema, (const void *)((const char *)scenario + field->offset)};
    return (struct pool){schema, NULL};
}

struct ids {
    const char *const *names;
};

static const char *id_name(size_t i, const void *payload)
{
    return ((const struct ids *)payload)->names[i];
}

const char *tn_refs_nearest(const char *id, const char *const *ids, size_t count)
{
    size_t length = strlen(id);
    for (size_t i = 0; length > 0 && i < count; i++)
        if (ids[i] != NULL && strncmp(ids[i], id, length) == 0)
            return ids[i];
    return tn_nearest_name(id, id_name, count, &(struct ids){ids});
}

static const char *pool_name(size_t i, const void *payload)
{
    const struct pool *pool = payload;
    const char *item = (const char *)pool->list->items + i * pool->schema->size;
    return *(const char *const *)(item + tn_schema_id(pool->schema)->offset);
}

static bool resolve_ref(const struct tn_schema *schema, struct tn_ref *ref, const struct tn_scenario *scenario,
                        struct tn_context *ctx)
{
    if (ref->id == NULL)
        return true;
    const struct pool pool = find_pool(schema, scenario);
    size_t count = pool.list == NULL || tn_schema_id(schema) == NULL ? 0 : pool.list->count;
    for (size_t i = 0; i < count; i++)
        if (pool_name(i, &pool) != NULL && strcmp(pool_name(i, &pool), ref->id) == 0) {
            ref->object = (const char *)pool.list->items + i * schema->size;
            return true;
        }
    if (ctx == NULL)
        return false;
    const char **ids = tn_arena_alloc(&ctx->arena, count, sizeof *ids);
    for (size_t i = 0; ids != NULL && i < count; i++)
        ids[i] = pool_name(i, &pool);
    const char *near = ids == NULL ? NULL : tn_refs_nearest(ref->id, ids, count);
    char *hint = near == NULL ? NULL : tn_arena_printf(&ctx->arena, "did you mean '%s'?", near);
    tn_error(ctx, ref, hint, "there is no %s '%s'", schema->name, ref->id);
    return false;
}

static bool resolve_list(const struct tn_schema *sub, const struct tn_list *list, const struct tn_scenario *scenario,
                         struct tn_context *ctx)
{
    bool ok = true;
    for (size_t i = 0; i < list->count; i++)
        ok = tn_refs_resolve(sub, (char *)list->items + i * sub->size, scenario, ctx) && ok;
    return ok;
}

bool tn_refs_resolve_field(const struct tn_field *field, void *where, const struct tn_scenario *scenario,
                           struct tn_context *ctx)
{
    const struct tn_variant *variant = where;
    if (field->type == TN_REF)
        return resolve_ref(field->sub, where, scenario, ctx);
    if (field->type == TN_STRUCT)
        return tn_refs_resolve(field->sub, where, scenario, ctx);
    if (field->type == TN_LIST)
        return resolve_list(field->sub, where, scenario, ctx);
    if (field->type == TN_VARIANT && variant->object != NULL)
        return tn_refs_resolve(variant->schema, variant->object, scenario, ctx);
    return true;
}

bool tn_refs_resolve(const struct tn_schema *schema, void *object, const struct tn_scenario *scenario,
                     struct tn_context *ctx)
{
    bool ok = true;
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        ok = tn_refs_resolve_field(field, (char *)object + field->offset, scenario, ctx) && ok;
    return ok;
}
