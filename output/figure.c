/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure.h"

#include <math.h>
#include <string.h>

#include "arena.h"
#include "nearest.h"
#include "text.h"

enum {
    NAME_COLUMNS = 15,
    TITLE_WIDTH = 78,
    CAPTION_WIDTH = 190,
    CAPTION_LINES = 3,
    SENTENCE_WIDTH = 126,
    SENTENCE_MOST = 146
};

const char *tn_figure_colour(size_t i)
{
    static const char *const colours[] = {TN_BLUE, TN_ORANGE, TN_GREEN,  TN_PURPLE,
                                          TN_RED,  TN_SKY,    "#8A6D00", "#404040"};
    return colours[i % (sizeof colours / sizeof *colours)];
}

const char *tn_figure_tonnes(struct tn_figure *f, double mass_kg)
{
    const struct tn_text_scale scale = {"t", 1e3, 0, 0, false};
    const char *text = tn_text_value(mass_kg, &scale, f->arena);
    return text ? text : "";
}

const char *tn_figure_quote(struct tn_figure *f, const char *text)
{
    const char *plain = tn_text_plain(text, f->arena);
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

const char *tn_figure_path(struct tn_figure *f, const char *group, const char *name)
{
    const char *path = strcmp(group, "/") == 0 ? name : tn_arena_printf(f->arena, "%s/%s", group, name);
    return path ? path : name;
}

const double *tn_figure_numbers(struct tn_figure *f, const char *group, const char *name, size_t count)
{
    struct tn_list list = tn_h5_numbers(f->file, tn_figure_path(f, group, name));
    if (list.count == count && list.items)
        return list.items;
    double *none = tn_arena_alloc(f->arena, count + 1, sizeof *none);
    if (!none)
        f->file->status = TN_ERR_MEMORY;
    for (size_t i = 0; none && i < count; i++)
        none[i] = (double)NAN;
    return none;
}

double tn_figure_scalar(struct tn_figure *f, const char *group, const char *name)
{
    struct tn_list list = tn_h5_numbers(f->file, tn_figure_path(f, group, name));
    return list.count == 1 ? *(const double *)list.items : (double)NAN;
}

static const char *with_level(struct tn_figure *f, const char *text, const char *level)
{
    const char *open = strrchr(text, '(');
    bool said = open && strncmp(open + 1, level, strlen(level)) == 0;
    const char *both = said ? text : tn_arena_printf(f->arena, "%s (%s)", text, level);
    return both ? both : text;
}

/* Title of the scenario, version, and what the result rests on, least known first. */
static const char *caption(struct tn_figure *f, const char *group)
{
    static const char *const order[] = {"assumed", "estimate", "derived"};
    const char *title = tn_h5_attribute(f->file, "/", "title"), *source = tn_h5_attribute(f->file, "/", "source");
    struct tn_list texts = tn_h5_texts(f->file, tn_figure_path(f, group, "assumptions_text"));
    struct tn_list levels = tn_h5_texts(f->file, tn_figure_path(f, group, "assumptions_confidence"));
    const char *text = tn_arena_printf(f->arena, "%s | %s", title ? title : "", source ? source : "");
    size_t used = 0;
    for (size_t level = 0; level < sizeof order / sizeof *order; level++)
        for (size_t i = 0; text && i < texts.count && i < levels.count; i++)
            if (strcmp(((const char **)levels.items)[i], order[level]) == 0)
                text = tn_arena_printf(f->arena, "%s%s%s", text, used++ ? "; " : " | rests on: ",
                                       with_level(f, ((const char **)texts.items)[i], order[level]));
    return text ? text : "";
}

void tn_figure_words(struct tn_figure *f, const char *title, const char *sentence, const char *group)
{
    struct tn_list lines = {0};
    /* svg and pdf draw points larger than png */
    fputs("dot = GPVAL_TERM eq 'pngcairo' ? 2.4 : 1.3\n", f->script);
    f->title = title, f->sentence = sentence;
    if (f->request->columns > 0 || f->readout) {
        f->foot = caption(f, group);
        return;
    }
    fprintf(f->script, "set label 1001 %s at screen 0.012,%.4f left font 'DejaVu Sans Bold,%d'\n",
            tn_figure_quote(f, title), 1 - 0.037 * f->unit, tn_text_width(title) > TITLE_WIDTH ? 17 : 22);
    if (sentence) {
        const char *plain = tn_text_plain(sentence, f->arena);
        if (plain && tn_text_wrap(&lines, plain, SENTENCE_MOST, f->arena) == TN_OK && lines.count)
            fprintf(f->script, "set label 1002 %s at screen 0.012,%.4f left font 'DejaVu Sans,%d' tc rgb '#333333'\n",
                    tn_figure_quote(f, tn_arena_printf(f->arena, "%s%s", ((const char **)lines.items)[0],
                                                       lines.count > 1 ? "\xE2\x80\xA6" : "")),
                    1 - 0.085 * f->unit, tn_text_width(((const char **)lines.items)[0]) > SENTENCE_WIDTH ? 14 : 16);
    }
    const char *foot = tn_text_plain(caption(f, group), f->arena);
    if (!foot || tn_text_wrap(&lines, foot, CAPTION_WIDTH, f->arena) != TN_OK)
        return;
    for (size_t i = 0; i < lines.count && i < CAPTION_LINES; i++) {
        const char *more = i + 1 == CAPTION_LINES && lines.count > CAPTION_LINES ? "\xE2\x80\xA6" : "";
        const char *line = tn_arena_printf(f->arena, "%s%s", ((const char **)lines.items)[i], more);
        fprintf(f->script, "set label %zu %s at screen 0.012,%.3f left font 'DejaVu Sans,11' tc rgb '#555555'\n",
                1003 + i, tn_figure_quote(f, line), f->unit * (0.064 - 0.023 * (double)i));
    }
}

const char *tn_figure_text(const struct tn_list *texts, size_t i)
{
    const char *text = i < texts->count ? ((const char *const *)texts->items)[i] : NULL;
    return text ? text : "";
}

void tn_figure_extent(double *low, double *high, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        *low = fmin(*low, values[i]);
        *high = fmax(*high, values[i]);
    }
}

void tn_figure_key(struct tn_figure *f, int rows, int free)
{
    if (f->request->columns > 0)
        return;
    fprintf(f->script,
            "set key at screen 0.98,%.4f right top horizontal maxrows %d samplen 2 width 2 font ',13'\n"
            "set tmargin at screen %.4f\n",
            1 - 0.1 * f->unit, rows, 1 - (0.112 + 0.026 * (rows + free)) * f->unit);
}

static double known_tracks(const double *tracks, size_t i)
{
    return isfinite(tracks[i]) ? tracks[i] : 0;
}

void tn_figure_name_stations(bool *named, const double *km_m, const double *tracks, size_t count, double gap_m)
{
    if (count)
        named[0] = named[count - 1] = true;
    for (double last = HUGE_VAL, now = 0; last >= 0; last = now) {
        now = -1;
        for (size_t i = 0; i < count; i++)
            if (known_tracks(tracks, i) < last)
                now = fmax(now, known_tracks(tracks, i));
        for (size_t i = 0; i < count; i++) {
            bool room = known_tracks(tracks, i) == now;
            for (size_t k = 0; room && k < count; k++)
                room = !named[k] || fabs(km_m[i] - km_m[k]) >= (now > 2 ? gap_m : 2 * gap_m);
            named[i] |= room;
        }
    }
}

int tn_figure_names_most(const struct tn_figure *f, int most)
{
    int columns = f->request->columns;
    return columns > 0 && columns / NAME_COLUMNS < most ? columns / NAME_COLUMNS + 1 : most;
}

struct tn_figure_stations tn_figure_stations(struct tn_figure *f, const char *group)
{
    struct tn_figure_stations s = {.names = tn_h5_texts(f->file, tn_figure_path(f, group, "stations_name"))};
    s.count = s.names.count;
    s.km_m = tn_figure_numbers(f, group, "stations_km_m", s.count);
    s.tracks = tn_figure_numbers(f, group, "stations_tracks", s.count);
    s.named = tn_arena_alloc(f->arena, s.count + 1, sizeof(bool));
    if (!s.named)
        f->file->status = TN_ERR_MEMORY;
    if (f->file->status != TN_OK)
        s.count = 0;
    return s;
}

static const char *station_name(size_t i, const void *payload)
{
    return tn_figure_text(&((const struct tn_figure_stations *)payload)->names, i);
}

static tn_status find_station(struct tn_figure *f, const struct tn_figure_stations *s, const char *name, double *km_m)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(tn_figure_text(&s->names, i), name) == 0) {
            *km_m = s->km_m[i];
            return TN_OK;
        }
    const char *near = tn_nearest_name(name, station_name, s->count, s);
    return tn_error(f->file->ctx, NULL, near ? tn_arena_printf(f->arena, "did you mean '%s'?", near) : NULL,
                    "%s has no station %s", f->file->path, name);
}

tn_status tn_figure_part(struct tn_figure *f, const struct tn_figure_stations *stations, double *low_m, double *high_m)
{
    const char *const ends[2] = {f->request->from, f->request->to};
    double low = HUGE_VAL, high = -HUGE_VAL, at[2] = {0, 0};
    tn_figure_extent(&low, &high, stations->km_m, stations->count);
    *low_m = low, *high_m = high;
    if (!ends[0] && !ends[1])
        return TN_OK;
    for (size_t i = 0; i < 2; i++) { /* one end alone: on to the end of the line that lies in its direction */
        tn_status status = ends[i] ? find_station(f, stations, ends[i], &at[i]) : TN_OK;
        if (status != TN_OK)
            return status;
    }
    if (!ends[0])
        at[0] = stations->km_m[0];
    if (!ends[1])
        at[1] = stations->km_m[stations->count - 1];
    *low_m = fmin(at[0], at[1]), *high_m = fmax(at[0], at[1]);
    return *low_m < *high_m ? TN_OK
                            : tn_error(f->file->ctx, NULL, NULL, "nothing lies between %s and %s",
                                       ends[0] ? ends[0] : "the beginning", ends[1] ? ends[1] : "the end");
}

const char *tn_figure_part_words(struct tn_figure *f)
{
    const char *from = f->request->from, *to = f->request->to;
    const char *words = from && to ? tn_arena_printf(f->arena, ", %s to %s", from, to)
                        : from     ? tn_arena_printf(f->arena, ", from %s", from)
                        : to       ? tn_arena_printf(f->arena, ", to %s", to)
                                   : "";
    return words ? words : "";
}

const char *tn_figure_of_line(struct tn_figure *f, const char *group)
{
    const char *line = tn_h5_attribute(f->file, group, "line");
    const char *words = line ? tn_arena_printf(f->arena, ": %s", line) : "";
    return words ? words : "";
}

double tn_figure_step(double span, int count)
{
    double rough = span > 0 ? span / count : 1, ten = pow(10, floor(log10(rough)));
    return rough < 1.5 * ten ? ten : rough < 3.5 * ten ? 2 * ten : rough < 7.5 * ten ? 5 * ten : 10 * ten;
}

int tn_figure_block(struct tn_figure *f, const char *heading)
{
    const char *plain = tn_text_plain(heading, f->arena);
    fprintf(f->data, "%s# %s\n", f->blocks ? "\n\n" : "", plain ? plain : "");
    if (f->readout)
        tn_readout_block(f->readout, plain ? plain : "");
    return f->blocks++;
}

void tn_figure_break(struct tn_figure *f)
{
    fputc('\n', f->data);
}

void tn_figure_note(struct tn_figure *f, const char *note)
{
    if (f->readout)
        tn_readout_note(f->readout, note);
}

static void put_panel(struct tn_figure *f, const struct tn_readout_panel *panel)
{
    if (!f->readout)
        return;
    fprintf(
        f->script,
        "print sprintf('panel %zu %%.9g %%.9g %%.9g %%.9g %%.9g %%.9g %%.9g %%.9g', GPVAL_TERM_XMIN, GPVAL_TERM_XMAX, "
        "GPVAL_TERM_YMIN, GPVAL_TERM_YMAX, GPVAL_X_MIN, GPVAL_X_MAX, GPVAL_Y_MIN, GPVAL_Y_MAX)\n",
        tn_readout_panel(f->readout, panel));
}

void tn_figure_read(struct tn_figure *f, int block, int x, int y)
{
    put_panel(f, &(struct tn_readout_panel){.block = block, .x = x, .y = y});
}

void tn_figure_read_points(struct tn_figure *f, int block, int x, int y)
{
    put_panel(f, &(struct tn_readout_panel){.block = block, .x = x, .y = y, .plane = true});
}

void tn_figure_read_bars(struct tn_figure *f, int block, int x, int width)
{
    put_panel(f, &(struct tn_readout_panel){.block = block, .x = x, .width = width});
}

void tn_figure_row(struct tn_figure *f, const double *values, size_t count, const char *label)
{
    char digits[TN_TEXT_NUMBER];
    if (f->readout)
        tn_readout_row(f->readout, values, count, label);
    for (size_t i = 0; i < count; i++) {
        tn_text_number(digits, values[i]);
        fprintf(f->data, "%s%s", i ? "\t" : "", isnan(values[i]) ? "NaN" : digits);
    }
    if (label) {
        char *plain = tn_text_plain(label, f->arena);
        for (char *c = plain; c && *c; c++)
            if (*c == '"')
                *c = '\'';
        fprintf(f->data, "\t\"%s\"", plain ? plain : "");
    }
    fputc('\n', f->data);
}
