/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "brake_cycle.h"
#include "brake_test.h"
#include "capacity.h"
#include "descent.h"
#include "rating.h"
#include "replay.h"
#include "restart.h"
#include "run.h"
#include "simulation.h"
#include "start.h"
#include "stop.h"
#include "timetable_study.h"

static const struct tn_field assumption_fields[] = {
    TN_F_STRING(tn_assumption, text, 0, "what the result rests on"),
    TN_F_CHOICE(tn_assumption, confidence, tn_confidence_name, TN_ASSUMED, 0, "how well it is known"), TN_F_END};
const struct tn_schema tn_assumption_schema = {"assumption", "what a result rests on", sizeof(struct tn_assumption),
                                               assumption_fields};

static const struct tn_field head_fields[] = {
    TN_F_STRING(tn_result_head, train, 0, "id of the train"),
    TN_F_STRING(tn_result_head, line, 0, "id of the line"),
    TN_F_STRING(tn_result_head, direction, 0, "direction of travel"),
    TN_F_STRING(tn_result_head, depth, 0, "how much of the train's length the model sees"),
    TN_F_STRING(tn_result_head, verdict, 0, "the answer in one sentence"),
    TN_F_BOOL(tn_result_head, failed, 0, "the answer is no"),
    TN_F_LIST(tn_result_head, assumptions, &tn_assumption_schema, 0, "what the result rests on"),
    TN_F_END};
const struct tn_schema tn_result_head_schema = {"result", "what every result has", sizeof(struct tn_result_head),
                                                head_fields};

const struct tn_study_kind *const tn_study_kinds[] = {
    &tn_study_start,      &tn_study_restart,
    &tn_study_descent,    &tn_study_brake_cycle,
    &tn_study_brake_map,  &tn_study_brake_test,
    &tn_study_stop,       &tn_study_run,
    &tn_study_replay,     &tn_study_rating,
    &tn_study_capacity,   &tn_study_timetable,
    &tn_study_simulation, NULL,
};

const char *tn_study_kind_name(int index)
{
    for (int i = 0; index >= 0 && tn_study_kinds[i]; i++)
        if (i == index)
            return tn_study_kinds[i]->name;
    return NULL;
}

const struct tn_schema *tn_study_kind_input(int index)
{
    for (int i = 0; index >= 0 && tn_study_kinds[i]; i++)
        if (i == index)
            return tn_study_kinds[i]->input;
    return NULL;
}

static const struct tn_field study_fields[] = {
    TN_F_STRING(tn_study, id, TN_REQUIRED | TN_ID, "name of the study"),
    TN_F_CHOICE(tn_study, kind, tn_study_kind_name, -1, TN_REQUIRED, "what is asked"),
    {"spec", TN_VARIANT, TN_Q_NONE, offsetof(struct tn_study, spec), NAN, 0, 0, NULL, NULL, tn_study_kind_input, 0,
     "what the kind of study takes"},
    TN_F_END};
const struct tn_schema tn_study_schema = {"study", "a question about a train or a line", sizeof(struct tn_study),
                                          study_fields};

static bool assumed_already(const struct tn_result_head *head, const char *text)
{
    const struct tn_assumption *rows = head->assumptions.items;
    for (size_t i = 0; i < head->assumptions.count; i++)
        if (strcmp(rows[i].text, text) == 0)
            return true;
    return false;
}

/* Lists grow by doubling: a power of two is full. */
static struct tn_assumption *grow(struct tn_list *list, struct tn_arena *arena)
{
    size_t count = list->count;
    if ((count & (count - 1)) == 0) {
        struct tn_assumption *items = tn_arena_alloc(arena, count ? 2 * count : 1, sizeof *items);
        if (!items)
            return NULL;
        if (count)
            memcpy(items, list->items, count * sizeof *items);
        list->items = items;
    }
    list->count = count + 1;
    return (struct tn_assumption *)list->items + count;
}

static tn_status assume_text(struct tn_result_head *head, struct tn_arena *arena, int confidence, const char *text)
{
    if (!text)
        return TN_ERR_MEMORY;
    if (assumed_already(head, text))
        return TN_OK;
    struct tn_assumption *row = grow(&head->assumptions, arena);
    if (!row)
        return TN_ERR_MEMORY;
    row->text = text;
    row->confidence = confidence;
    return TN_OK;
}

tn_status tn_assume(struct tn_result_head *head, struct tn_arena *arena, enum tn_confidence confidence,
                    const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : tn_arena_alloc(arena, (size_t)length + 1, 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return assume_text(head, arena, (int)confidence, text);
}

static tn_status assume_list(struct tn_result_head *head, struct tn_arena *arena, const char *owner,
                             const struct tn_list *notes)
{
    const struct tn_note *rows = notes->items;
    for (size_t i = 0; i < notes->count; i++) {
        if (rows[i].confidence == TN_PUBLISHED)
            continue;
        const char *name = tn_confidence_name(rows[i].confidence);
        char *text = tn_arena_printf(arena, "%s%s%s: %s (%s)", owner ? owner : "", owner ? " " : "",
                                     rows[i].value ? rows[i].value : "data",
                                     rows[i].source ? rows[i].source : "no source", name ? name : "unknown");
        tn_status status = assume_text(head, arena, rows[i].confidence, text);
        if (status != TN_OK)
            return status;
    }
    return TN_OK;
}

tn_status tn_assume_notes(struct tn_result_head *head, struct tn_arena *arena, const struct tn_train_spec *train,
                          const struct tn_line_spec *line)
{
    tn_status status = TN_OK;
    const struct tn_train_locomotives *locomotives = train ? train->locomotives.items : NULL;
    for (size_t i = 0; train && status == TN_OK && i < train->locomotives.count; i++) {
        const struct tn_locomotive *type = locomotives[i].type.object;
        if (type)
            status = assume_list(head, arena, type->id, &type->notes);
    }
    const struct tn_train_wagons *wagons = train ? train->wagons.items : NULL;
    for (size_t i = 0; train && status == TN_OK && i < train->wagons.count; i++) {
        const struct tn_wagon *type = wagons[i].type.object;
        if (type)
            status = assume_list(head, arena, type->id, &type->notes);
    }
    if (train && status == TN_OK)
        status = assume_list(head, arena, train->id, &train->notes);
    if (line && status == TN_OK)
        status = assume_list(head, arena, line->id, &line->notes);
    return status;
}

tn_status tn_assume_profile(struct tn_result_head *head, struct tn_arena *arena, const struct tn_path *path)
{
    const struct tn_profile_point *point = path->line->profile.items;
    size_t count = path->line->profile.count;
    double end = path->origin_km_m + path->sign * path->length_m;
    double low = fmin(path->origin_km_m, end), high = fmax(path->origin_km_m, end);
    const double near_m = 1; /* profiles and stations are rounded to metres */
    tn_status status = TN_OK;
    if (count > 0 && point[0].km > low + near_m)
        status = tn_assume(head, arena, TN_ASSUMED, "level beyond the profile, from km %.7g to km %.7g", low / 1e3,
                           fmin(point[0].km, high) / 1e3);
    if (status == TN_OK && count > 0 && point[count - 1].km < high - near_m)
        status = tn_assume(head, arena, TN_ASSUMED, "level beyond the profile, from km %.7g to km %.7g",
                           fmax(point[count - 1].km, low) / 1e3, high / 1e3);
    return status;
}

const char *tn_study_reason(const struct tn_context *ctx, tn_status status, struct tn_arena *arena)
{
    for (size_t i = 0; i < ctx->count; i++)
        if (ctx->diagnostics[i].severity == TN_SEVERITY_ERROR)
            return tn_text_copy(arena, ctx->diagnostics[i].text);
    return status == TN_ERR_MEMORY ? "no memory" : "failed";
}

void tn_study_memory_empty(struct tn_study_memory *memory)
{
    tn_arena_clear(&memory->arena);
    *memory = (struct tn_study_memory){.full = false};
}

const char *tn_text_copy(struct tn_arena *arena, const char *text)
{
    return text ? tn_arena_copy(arena, text, strlen(text)) : NULL;
}

const char *tn_number_text(struct tn_arena *arena, double value, int decimals)
{
    char plain[64];
    if (!isfinite(value))
        return isnan(value) ? "unknown" : "unlimited";
    int length = snprintf(plain, sizeof plain, "%.*f", decimals, value);
    if (length < 0 || (size_t)length >= sizeof plain)
        return tn_arena_printf(arena, "%g", value);
    char *text = tn_arena_alloc(arena, 2 * sizeof plain, 1);
    if (text == NULL)
        return NULL;
    size_t out = 0, whole = strcspn(plain, ".");
    for (size_t i = 0; i < (size_t)length; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0 && plain[i - 1] != '-')
            text[out++] = ',';
        text[out++] = plain[i];
    }
    return text;
}
