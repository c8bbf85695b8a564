/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "readout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"

/* An array that doubles; NULL if there is no memory. */
static void *grown(struct tn_readout *r, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room ? 2 * *room : 16;
    void *copy = tn_arena_alloc(r->arena, more, size);
    if (!copy) {
        r->failed = true;
        return NULL;
    }
    if (count)
        memcpy(copy, items, count * size);
    *room = more;
    return copy;
}

void tn_readout_block(struct tn_readout *r, const char *heading)
{
    struct tn_readout_block *blocks = grown(r, r->blocks, r->block_count, &r->block_room, sizeof *blocks);
    if (!blocks)
        return;
    r->blocks = blocks;
    blocks[r->block_count++] = (struct tn_readout_block){.heading = heading};
}

static struct tn_readout_block *last_block(struct tn_readout *r)
{
    return r->failed || !r->block_count ? NULL : &r->blocks[r->block_count - 1];
}

void tn_readout_row(struct tn_readout *r, const double *values, size_t count, const char *note)
{
    struct tn_readout_block *b = last_block(r);
    if (!b)
        return;
    if (!b->count)
        b->columns = count;
    size_t room = b->room;
    double *rows = grown(r, b->values, b->count, &room, b->columns * sizeof *rows);
    const char **notes = grown(r, b->notes, b->count, &b->room, sizeof *notes);
    if (!rows || !notes)
        return;
    b->values = rows;
    b->notes = notes;
    for (size_t i = 0; i < b->columns; i++)
        rows[b->count * b->columns + i] = i < count ? values[i] : (double)NAN;
    notes[b->count] = note && *note ? tn_arena_copy(r->arena, note, strlen(note)) : NULL;
    b->count++;
}

void tn_readout_note(struct tn_readout *r, const char *note)
{
    struct tn_readout_block *b = last_block(r);
    if (b && b->count && note)
        b->notes[b->count - 1] = tn_arena_copy(r->arena, note, strlen(note));
}

size_t tn_readout_panel(struct tn_readout *r, const struct tn_readout_panel *panel)
{
    struct tn_readout_panel *panels = grown(r, r->panels, r->panel_count, &r->panel_room, sizeof *panels);
    if (!panels)
        return 0;
    r->panels = panels;
    panels[r->panel_count] = *panel;
    return r->panel_count++;
}

void tn_readout_place(struct tn_readout *r, const char *words)
{
    for (const char *line = words; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "panel ", 6) != 0)
            continue;
        char *end;
        unsigned long number = strtoul(line + 6, &end, 10);
        double at[8];
        int found = 0;
        for (const char *from = end; found < 8; found++, from = end) {
            at[found] = strtod(from, &end);
            if (end == from || !isfinite(at[found]))
                break;
        }
        if (found < 8 || number >= r->panel_count)
            continue;
        struct tn_readout_panel *p = &r->panels[number];
        p->left = at[0], p->right = at[1], p->bottom = fmin(at[2], at[3]), p->top = fmax(at[2], at[3]);
        p->x_low = at[4], p->x_high = at[5], p->y_low = at[6], p->y_high = at[7];
        p->placed = p->right > p->left && p->top > p->bottom && p->x_low != p->x_high && p->y_low != p->y_high;
    }
}

static bool can_be_read(const struct tn_readout *r, const struct tn_readout_panel *p)
{
    if (!p->placed || p->block < 0 || (size_t)p->block >= r->block_count)
        return false;
    const struct tn_readout_block *b = &r->blocks[p->block];
    const int columns = (int)b->columns;
    return b->count && p->x > 0 && p->x <= columns && p->y <= columns && p->width <= columns;
}

bool tn_readout_any(const struct tn_readout *r)
{
    bool any = false;
    for (size_t i = 0; i < r->panel_count; i++)
        any |= can_be_read(r, &r->panels[i]);
    return any;
}

/* --- JSON --- */

static void put_number(FILE *out, double value)
{
    char digits[40];
    if (!isfinite(value)) {
        fputs("null", out);
        return;
    }
    snprintf(digits, sizeof digits, "%.6g", value);
    for (char *c = digits; *c; c++)
        if (!strchr("0123456789+-e", *c))
            *c = '.'; /* whatever the locale */
    fputs(digits, out);
}

/* The columns' names and units: ["speed","km/h"], or null for what is no reading. */
static void put_columns(FILE *out, const struct tn_readout_block *b)
{
    const char *colon = strstr(b->heading, ": "), *name = colon ? colon + 2 : b->heading;
    for (size_t i = 0; i < b->columns; i++) {
        const char *end = name ? strstr(name, ", ") : NULL;
        size_t length = name ? end ? (size_t)(end - name) : strlen(name) : 0;
        const char *open = length && name[length - 1] == ']' ? memchr(name, '[', length) : NULL;
        size_t stem = open && open > name ? (size_t)(open - name) - 1 : length;
        fputs(i ? "," : "", out);
        if (!length || *name == '(') {
            fputs("null", out);
        } else {
            fputc('[', out);
            tn_html_json(out, name, stem);
            fputc(',', out);
            tn_html_json(out, open ? open + 1 : "", open ? length - stem - 3 : 0);
            fputc(']', out);
        }
        name = end ? end + 2 : NULL;
    }
}

static void put_block(FILE *out, const struct tn_readout_block *b)
{
    bool notes = false;
    fputs("{\"columns\":[", out);
    put_columns(out, b);
    fputs("],\"values\":[", out);
    for (size_t i = 0; i < b->columns; i++) {
        fputs(i ? "],[" : "[", out);
        for (size_t k = 0; k < b->count; k++) {
            if (k)
                fputc(',', out);
            put_number(out, b->values[k * b->columns + i]);
        }
    }
    fputs("]]", out);
    for (size_t k = 0; k < b->count; k++)
        notes |= b->notes[k] != NULL;
    for (size_t k = 0; notes && k < b->count; k++) {
        fputs(k ? "," : ",\"notes\":[", out);
        tn_html_json(out, b->notes[k] ? b->notes[k] : "", b->notes[k] ? strlen(b->notes[k]) : 0);
    }
    fputs(notes ? "]}" : "}", out);
}

void tn_readout_print(FILE *out, const struct tn_readout *r, double height)
{
    const char *separator = "";
    fputs("{\"blocks\":{", out);
    for (size_t i = 0; i < r->block_count; i++) {
        bool used = false;
        for (size_t k = 0; k < r->panel_count; k++)
            used |= can_be_read(r, &r->panels[k]) && (size_t)r->panels[k].block == i;
        if (!used)
            continue;
        fprintf(out, "%s\"%zu\":", separator, i);
        put_block(out, &r->blocks[i]);
        separator = ",\n";
    }
    fputs("},\"panels\":[", out);
    separator = "";
    for (size_t k = 0; k < r->panel_count; k++) {
        const struct tn_readout_panel *p = &r->panels[k];
        if (!can_be_read(r, p))
            continue;
        const double at[] = {p->left,  p->right,  height - p->top, height - p->bottom,
                             p->x_low, p->x_high, p->y_low,        p->y_high};
        fprintf(out, "%s{\"block\":%d,\"x\":%d,\"y\":%d,\"width\":%d,\"plane\":%s,\"at\":[", separator, p->block,
                p->x - 1, p->y - 1, p->width - 1, p->plane ? "true" : "false");
        for (size_t i = 0; i < 8; i++) {
            if (i)
                fputc(',', out);
            put_number(out, at[i]);
        }
        fputs("]}", out);
        separator = ",";
    }
    fputs("]}", out);
}
