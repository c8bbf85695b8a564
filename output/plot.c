/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "figure.h"
#include "text.h"

extern char **environ;

const struct tn_plot_kind tn_plot_kinds[] = {
    {"capacity", "million tonnes a year over load, a line for each number of pairs a day (of a sweep)"},
    {"capacity-sections", "period of a pair on every section, the limiting one marked (of a capacity study)"},
    {"speed-distance", "speed and limit, effort, elevation with stations over distance (of a traced run)"},
    {"replay", "speed, wheel force and adhesion needed of a recording, and the running resistance found (of a replay)"},
    {"temperatures", "motors, axle bearings and wheel rims with their limits over distance (of a traced run)"},
    {"effort-speed", "tractive effort, dynamic brake and resistance over speed (of a start study)"},
    {"permitted-speed", "largest speed that meets the distance rule over grade and brake rate (of a stop study)"},
    {"brake-cycle", "speed, pressures and brake forces over time (of a brake cycle that uses air)"},
    {"pipe", "pressures of pipe and cylinders over time and position (of a brake cycle that uses air)"},
    {"brake-map", "descents that can be made, over grade, load and share of the dynamic brake (of a brake map)"},
    {"recharge", "recharge time over wagons, a line for each reduction (of a brake test)"},
    {"service-share", "brake force over reduction, simulated and by the standard (of a brake test)"},
    {"brake-pressures", "pressures at head and tail over time, application and release (of a brake test)"},
    {NULL, NULL},
};

/* Beside each kind: the study and the list that it draws (NULL: a sweep cube), and how. */
static const struct {
    const char *study, *list, *column;
    tn_status (*draw)(struct tn_figure *f, const char *subject);
} drawers[] = {
    {NULL, NULL, NULL, tn_plot_capacity},
    {"capacity", "sections", "period_s", tn_plot_sections},
    {"run", "trace", "speed_m_s", tn_plot_run},
    {"replay", "trace", "speed_m_s", tn_plot_replay},
    {"run", "trace", "bearing_temperature_K", tn_plot_temperatures},
    {"start", "effort", "traction_N", tn_plot_effort},
    {"stop", "permitted", "speed_m_s", tn_plot_permitted},
    {"brake_cycle", "trace", "speed_m_s", tn_plot_brake_cycle},
    {"brake_cycle", "pipe", "pipe_Pa", tn_plot_pipe},
    {"brake_map", "cells", "grade_1", tn_plot_brake_map},
    {"brake_test", "recharges", "wagons", tn_plot_recharge},
    {"brake_test", "services", "reduction_Pa", tn_plot_service_share},
    {"brake_test", "trace", "time_s", tn_plot_brake_pressures},
};

/* A job of drawing: all kinds of a file. */
struct drawing {
    struct tn_h5_reader *file;
    struct tn_arena *arena;
    struct tn_context *ctx;
    const char *results, *figure;
    bool many; /* kinds wanted */
    struct tn_plotted *plotted;
    size_t count, most;
};

/* --- names and terminals --- */

static const char *const suffixes[] = {".png", ".svg", ".pdf"};
static const char *const terminals[] = {
    "pngcairo size 1440,810 fontscale 0.9 font 'DejaVu Sans,17' background rgb 'white' noenhanced",
    "svg size 1600,900 dynamic font 'DejaVu Sans,17' fontscale 1.33 background rgb 'white' noenhanced",
    "pdfcairo size 28cm,15.75cm font 'DejaVu Sans,17' fontscale 0.5 background rgb 'white' noenhanced",
};

static int suffix_of(const char *path)
{
    size_t length = strlen(path);
    for (int i = 0; i < 3; i++)
        if (length > 4 && strcmp(path + length - 4, suffixes[i]) == 0)
            return i;
    return -1;
}

static const char *stem_of(const char *path, struct tn_arena *arena)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    bool has = dot && dot != path && (!slash || dot > slash + 1);
    return tn_arena_copy(arena, path, has ? (size_t)(dot - path) : strlen(path));
}

static const char *tag_of(const char *subject, struct tn_arena *arena)
{
    char *tag = tn_arena_copy(arena, subject, strlen(subject));
    for (char *c = tag; c && *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("/\\:*?\"'<>|,", *c))
            *c = '-';
    return tag;
}

/* NAME-KIND.png; the second and later subjects of a kind carry their name too. */
static const char *picture_path(const struct drawing *d, const char *kind, const char *subject, bool first)
{
    const char *stem = stem_of(d->figure ? d->figure : d->results, d->arena);
    const char *suffix = d->figure ? suffixes[suffix_of(d->figure)] : suffixes[0];
    const char *tag = tag_of(subject, d->arena);
    bool with_kind = !d->figure || d->many;
    if (!stem || !tag)
        return NULL;
    return tn_arena_printf(d->arena, "%s%s%s%s%s%s", stem, with_kind ? "-" : "", with_kind ? kind : "",
                           first ? "" : "-", first ? "" : tag, suffix);
}

/* gnuplot runs what follows a '|' or '<' at the beginning of a name, expands '~' and takes '-' for its input: a
   relative name that does not begin plainly begins with "./". */
static const char *as_file(const char *path, struct tn_arena *arena)
{
    unsigned char first = path ? (unsigned char)*path : '/';
    bool is_plain = first == '/' || first == '.' || first == '_' || first >= 0x80 || isalnum(first);
    return is_plain ? path : tn_arena_printf(arena, "./%s", path);
}

/* --- gnuplot --- */

/* A word for a shell, in quotes where it needs them. */
static const char *shell_word(const char *text, struct tn_arena *arena)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:@%";
    if (text[strspn(text, plain)] == '\0')
        return text;
    char *word = tn_arena_alloc(arena, 4 * strlen(text) + 3, 1), *to = word;
    if (!word)
        return NULL;
    *to++ = '\'';
    for (; *text; text++) {
        const char *step = *text == '\'' ? "'\\''" : (char[]){*text, '\0'};
        to = stpcpy(to, step);
    }
    *to = '\'';
    return word;
}

static const char *command_text(const char *script, const char *picture, struct tn_arena *arena)
{
    const char *first = shell_word(script, arena), *second = shell_word(picture, arena);
    return first && second ? tn_arena_printf(arena, "gnuplot -c %s %s", first, second) : NULL;
}

/* Starts gnuplot with its words going into the pipe; 0 or an errno. */
static int spawn(pid_t *child, const char *script, const char *picture, int pipe_in)
{
    posix_spawn_file_actions_t actions;
    char *arguments[] = {(char[]){"gnuplot"}, (char[]){"-c"}, (char *)(uintptr_t)script, (char *)(uintptr_t)picture,
                         NULL};
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, pipe_in, 1);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, pipe_in, 2);
    if (!failed)
        failed = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Everything that comes through the pipe; the first bytes are kept. */
static void drain(int pipe_out, char *text, size_t size)
{
    char buffer[512];
    size_t length = 0;
    for (;;) {
        ssize_t got = read(pipe_out, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got && length + 1 < size; i++)
            text[length++] = buffer[i];
    }
    text[length] = '\0';
}

/* Runs the script; 0 = the picture stands, else an errno or -1 with gnuplot's words. */
static int run_gnuplot(const char *script, const char *picture, char *words, size_t size)
{
    int ends[2], state = 0;
    pid_t child;
    words[0] = '\0';
    if (pipe(ends) != 0)
        return errno;
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    int failed = spawn(&child, script, picture, ends[1]);
    (void)close(ends[1]);
    if (!failed)
        drain(ends[0], words, size);
    (void)close(ends[0]);
    if (failed)
        return failed;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return errno;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 127)
        return ENOENT; /* some systems find out only in the child */
    return WIFEXITED(state) && WEXITSTATUS(state) == 0 ? 0 : -1;
}

static tn_status draw_picture(const struct drawing *d, struct tn_plotted *plotted, const char *script)
{
    char words[1024];
    const char *part = tn_arena_printf(d->arena, "%s.part", plotted->figure);
    if (!part)
        return TN_ERR_MEMORY;
    int failed = run_gnuplot(script, part, words, sizeof words);
    if (failed == 0 && rename(part, plotted->figure) == 0) {
        plotted->drawn = true;
        return TN_OK;
    }
    if (failed == 0)
        failed = errno;
    (void)unlink(part);
    if (failed == ENOENT) {
        tn_warning(d->ctx, NULL, tn_arena_printf(d->arena, "install gnuplot, then: %s", plotted->command),
                   "gnuplot is not installed: %s is not drawn", plotted->figure);
        return TN_OK;
    }
    const char *why = failed > 0 ? strerror(failed) : tn_text_plain(words, d->arena);
    tn_error(d->ctx, NULL, NULL, "gnuplot cannot draw %s: %s", plotted->figure, why ? why : "");
    return TN_ERR_IO;
}

/* --- one figure --- */

static void write_head(struct tn_figure *f, const char *picture, const char *kind)
{
    int suffix = suffix_of(picture);
    fprintf(f->script,
            "# %s, drawn by gnuplot: gnuplot -c THIS.gp PICTURE%s\n"
            "# The data stand in THIS.dat; for another format change the terminal.\n"
            "if (ARGC < 1) { print 'usage: gnuplot -c THIS.gp PICTURE'; exit status 2 }\n"
            "data = ARG0[1:strlen(ARG0)-3].'.dat'\n"
            "set encoding utf8\nset terminal %s\nset output ARG1\nset datafile separator \"\\t\"\n"
            "set border 3 lw 1.2 lc rgb '#606060'\nset grid lt 1 lw 0.8 lc rgb '#dddddd'\n"
            "set style textbox opaque noborder\nset tics out nomirror\nset bmargin at screen 0.19\nset tmargin at "
            "screen 0.875\n"
            "set lmargin at screen 0.075\nset rmargin at screen 0.97\nunset key\n",
            kind, suffixes[suffix], terminals[suffix]);
}

static tn_status close_both(struct tn_figure *f, const struct drawing *d, const char *script, tn_status status)
{
    bool good = true;
    if (f->script) {
        good = !ferror(f->script);
        good &= fclose(f->script) == 0;
    }
    if (f->data) {
        good &= !ferror(f->data);
        good &= fclose(f->data) == 0;
    }
    if (good && f->script && f->data)
        return status;
    tn_error(d->ctx, NULL, NULL, "%s: cannot write the figure's script and data: %s", script, strerror(errno));
    return TN_ERR_IO;
}

static tn_status draw_one(struct drawing *d, size_t kind, const char *subject, bool first)
{
    const char *name = tn_plot_kinds[kind].name, *picture = as_file(picture_path(d, name, subject, first), d->arena);
    const char *stem = picture ? stem_of(picture, d->arena) : NULL;
    const char *script = stem ? tn_arena_printf(d->arena, "%s.gp", stem) : NULL;
    const char *data = stem ? tn_arena_printf(d->arena, "%s.dat", stem) : NULL;
    const char *command = script ? command_text(script, picture, d->arena) : NULL;
    if (!data || !command)
        return TN_ERR_MEMORY;
    struct tn_figure f = {d->file, d->arena, fopen(script, "w"), fopen(data, "w"), 0};
    tn_status status = TN_OK;
    if (f.script && f.data) {
        write_head(&f, picture, name);
        status = drawers[kind].draw(&f, subject);
        fputs("unset output\n", f.script);
    }
    status = close_both(&f, d, script, status);
    if (status == TN_OK)
        status = d->file->status;
    if (status != TN_OK)
        return status;
    d->plotted[d->count] = (struct tn_plotted){name, picture, command, false};
    return draw_picture(d, &d->plotted[d->count++], script);
}

/* --- what a file can give --- */

static struct tn_list subjects_of(struct drawing *d, size_t kind)
{
    struct tn_list found = {0};
    if (!drawers[kind].study)
        return tn_plot_capacity_slices(d->file);
    struct tn_list names = tn_h5_names(d->file, "/");
    const char **groups = tn_arena_alloc(d->arena, names.count + 1, sizeof *groups);
    for (size_t i = 0; groups && i < names.count; i++) {
        const char *group = ((const char **)names.items)[i];
        if (!group || !tn_h5_is_group(d->file, group))
            continue;
        const char *study = tn_h5_attribute(d->file, group, "study");
        const char *list = tn_arena_printf(d->arena, "%s/%s_%s", group, drawers[kind].list, drawers[kind].column);
        if (study && list && strcmp(study, drawers[kind].study) == 0 && tn_h5_numbers(d->file, list).count > 1)
            groups[found.count++] = group;
    }
    found.items = groups;
    return found;
}

static tn_status draw_kind(struct drawing *d, size_t kind, bool must)
{
    struct tn_list subjects = subjects_of(d, kind);
    if (must && subjects.count == 0)
        return d->file->status != TN_OK ? d->file->status
                                        : tn_error(d->ctx, NULL, "`tonnage info` lists what the file holds",
                                                   "%s cannot give the plot %s: %s", d->results,
                                                   tn_plot_kinds[kind].name, tn_plot_kinds[kind].doc);
    struct tn_plotted *more = tn_arena_alloc(d->arena, d->count + subjects.count + 1, sizeof *more);
    if (!more)
        return TN_ERR_MEMORY;
    if (d->count)
        memcpy(more, d->plotted, d->count * sizeof *more);
    d->plotted = more;
    tn_status status = TN_OK;
    for (size_t i = 0; i < subjects.count && status == TN_OK; i++)
        status = draw_one(d, kind, ((const char **)subjects.items)[i], i == 0);
    return status;
}

static tn_status draw_kinds(struct drawing *d, const char *kind)
{
    tn_status status = TN_OK;
    bool known = false;
    for (size_t i = 0; tn_plot_kinds[i].name && status == TN_OK; i++) {
        if (kind && strcmp(kind, tn_plot_kinds[i].name) != 0)
            continue;
        known = true;
        status = draw_kind(d, i, kind != NULL);
    }
    if (!known)
        return tn_error(d->ctx, NULL, "`tonnage plot --help` lists the kinds", "no kind of plot is named %s", kind);
    if (status == TN_OK && d->count == 0)
        tn_warning(d->ctx, NULL, "a run is drawn if it was traced, a sweep if it varies load and pairs",
                   "%s holds nothing to plot", d->results);
    return status;
}

tn_status tn_plot_draw(struct tn_list *plotted_out, const char *results, const char *kind, const char *figure,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_h5_reader file;
    *plotted_out = (struct tn_list){0};
    if (figure && suffix_of(figure) < 0)
        return tn_error(ctx, NULL, "end it with .png, .svg or .pdf", "%s: unknown kind of picture", figure);
    tn_status status = tn_h5_open(&file, results, arena, ctx);
    if (status != TN_OK)
        return status;
    struct drawing d = {.file = &file, .arena = arena, .ctx = ctx, .results = results, .figure = figure, .many = !kind};
    status = draw_kinds(&d, kind);
    tn_h5_close(&file);
    *plotted_out = (struct tn_list){d.plotted, d.count};
    return status;
}
