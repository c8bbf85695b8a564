/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure.h"

#include <math.h>
#include <string.h>

#include "arena.h"
#include "text.h"

enum { CAPTION_WIDTH = 178, CAPTION_LINES = 3 };

const char *figure_colour(size_t i)
{
    static const char *const colours[] = {FIGURE_BLUE, FIGURE_ORANGE, FIGURE_GREEN, FIGURE_PURPLE,
                                          FIGURE_RED, FIGURE_SKY, "#8A6D00", "#404040"};
    return colours[i % (sizeof colours / sizeof *colours)];
}

const char *figure_quote(struct figure *f, const char *text)
{
    const char *plain = text_plain(text, f->arena);
    char *quoted = plain ? tn_arena_alloc(f->arena, 2 * strlen(plain) + 3, 1) : NULL;
    if (!quoted)
        return "''";
    char *to = quoted;
    *to++ = '\'';
    for (; *plain; plain++) {
        if (*plain == '\'')
            *to++ = '\'';
        *to++ = *plain;
    }
    *to = '\'';
    return quoted;
}

const char *figure_path(struct figure *f, const char *group, const char *name)
{
    const char *path = strcmp(group, "/") == 0 ? name : tn_arena_printf(f->arena, "%s/%s", group, name);
    return path ? path : name;
}

const double *figure_numbers(struct figure *f, const char *group, const char *name, size_t count)
{
    struct tn_list list = h5_numbers(f->file, figure_path(f, group, name));
    if (list.count == count && list.items)
        return list.items;
    double *none = tn_arena_alloc(f->arena, count + 1, sizeof *none);
    if (!none)
        f->file->status = TN_ERR_MEMORY;
    for (size_t i = 0; none && i < count; i++)
        none[i] = (double)NAN;
    return none;
}

double figure_scalar(struct figure *f, const char *group, const char *name)
{
    struct tn_list list = h5_numbers(f->file, figure_path(f, group, name));
    return list.count == 1 ? *(const double *)list.items : (double)NAN;
}

/* Title of the scenario, version, and what the result rests on, least known first. */
static const char *caption(struct figure *f, const char *group)
{
    static const char *const order[] = {"assumed", "estimate", "derived"};
    const char *title = h5_attribute(f->file, "/", "title"), *source = h5_attribute(f->file, "/", "source");
    struct tn_list texts = h5_texts(f->file, figure_path(f, group, "assumptions_text"));
    struct tn_list levels = h5_texts(f->file, figure_path(f, group, "assumptions_confidence"));
    const char *text = tn_arena_printf(f->arena, "%s | %s", title ? title : "", source ? source : "");
    size_t used = 0;
    for (size_t level = 0; level < sizeof order / sizeof *order; level++)
        for (size_t i = 0; text && i < texts.count && i < levels.count; i++)
            if (strcmp(((const char **)levels.items)[i], order[level]) == 0)
                text = tn_arena_printf(f->arena, "%s%s%s (%s)", text, used++ ? "; " : " | rests on: ",
                                       ((const char **)texts.items)[i], order[level]);
    return text ? text : "";
}

void figure_words(struct figure *f, const char *title, const char *sentence, const char *group)
{
    struct tn_list lines = {0};
    fprintf(f->script, "set label 1001 %s at screen 0.012,0.965 left font 'DejaVu Sans Bold,18'\n", figure_quote(f, title));
    if (sentence) {
        const char *plain = text_plain(sentence, f->arena);
        if (plain && text_wrap(&lines, plain, 135, f->arena) == TN_OK && lines.count)
            fprintf(f->script, "set label 1002 %s at screen 0.012,0.925 left font 'DejaVu Sans,13' tc rgb '#333333'\n",
                    figure_quote(f, tn_arena_printf(f->arena, "%s%s", ((const char **)lines.items)[0],
                                                    lines.count > 1 ? "\xE2\x80\xA6" : "")));
    }
    const char *foot = text_plain(caption(f, group), f->arena);
    if (!foot || text_wrap(&lines, foot, CAPTION_WIDTH, f->arena) != TN_OK)
        return;
    for (size_t i = 0; i < lines.count && i < CAPTION_LINES; i++) {
        const char *more = i + 1 == CAPTION_LINES && lines.count > CAPTION_LINES ? "\xE2\x80\xA6" : "";
        const char *line = tn_arena_printf(f->arena, "%s%s", ((const char **)lines.items)[i], more);
        fprintf(f->script, "set label %zu %s at screen 0.012,%.3f left font 'DejaVu Sans,10' tc rgb '#555555'\n", 1003 + i,
                figure_quote(f, line), 0.066 - 0.022 * (double)i);
    }
}

int figure_block(struct figure *f, const char *heading)
{
    fprintf(f->data, "%s# %s\n", f->blocks ? "\n\n" : "", heading);
    return f->blocks++;
}

void figure_row(struct figure *f, const double *values, size_t count, const char *label)
{
    char digits[TEXT_NUMBER];
    for (size_t i = 0; i < count; i++) {
        text_number(digits, values[i]);
        fprintf(f->data, "%s%s", i ? "\t" : "", isnan(values[i]) ? "NaN" : digits);
    }
    if (label) {
        char *plain = text_plain(label, f->arena);
        for (char *c = plain; c && *c; c++)
            if (*c == '"')
                *c = '\'';
        fprintf(f->data, "\t\"%s\"", plain ? plain : "");
    }
    fputc('\n', f->data);
}
