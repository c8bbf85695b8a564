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
    {"map", "a result as colours over two axes, what is not feasible hatched (of a sweep over a grid)"},
    {"tornado", "what moves a result most: its inputs by their share of its variance (of a saltelli sweep)"},
    {"capacity-sections", "period of a pair on every section, the limiting one marked (of a capacity study)"},
    {"string-line", "trains over time and distance, every station a line (of a timetable or a simulation)"},
    {"string-line-detail", "the same, closer: the stations and hours where it is tightest (of a long line)"},
    {"section-occupation", "share of time in which each section is taken, and the tracks of stations in use (of both)"},
    {"delay-curve", "mean delay over pairs a day, and the capacity at its limit (of a capacity study)"},
    {"loop-worth", "what each loop is worth, and where more would help most (of a capacity study)"},
    {"speed-distance", "speed and limit, effort, elevation with stations over distance (of a traced run)"},
    {"replay", "speed, wheel force and adhesion needed of a recording, and the running resistance found (of a replay)"},
    {"temperatures", "motors, axle bearings and wheel rims with their limits over distance (of a traced run)"},
    {"effort-speed", "tractive effort, dynamic brake and resistance over speed (of a start study)"},
    {"rating", "heaviest load over the grade by each criterion, and the lowest of them (of a rating)"},
    {"permitted-speed", "largest speed that meets the distance rule over grade and brake rate (of a stop study)"},
    {"brake-cycle", "speed, pressures and brake forces over time (of a brake cycle that uses air)"},
    {"pipe", "pressures of pipe and cylinders over time and position (of a brake cycle that uses air)"},
    {"brake-map", "descents that can be made, over grade, load and share of the dynamic brake (of a brake map)"},
    {"recharge", "recharge time over wagons, a line for each reduction (of a brake test)"},
    {"service-share", "brake force over reduction, simulated and by the standard (of a brake test)"},
    {"brake-pressures", "pressures at head and tail over time, application and release (of a brake test)"},
    {NULL, NULL},
};

/* Beside each kind: the studies and the list that it draws (NULL: a sweep cube), and how. */
static const struct {
    const char *studies[2], *list, *column;
    size_t more; /* rows than these must be there */
    bool tall;   /* 4:3, not 16:9 */
    bool part;   /* can show a part of the line or some hours alone */
    tn_status (*draw)(struct tn_figure *f, const char *subject);
} drawers[] = {
    {{NULL}, NULL, NULL, 0, false, false, tn_plot_capacity},
    {{NULL}, NULL, NULL, 0, false, false, tn_plot_map},
    {{NULL}, NULL, NULL, 0, false, false, tn_plot_tornado},
    {{"capacity"}, "sections", "period_s", 1, false, false, tn_plot_sections},
    {{"timetable", "simulation"}, "paths", "km_m", 1, true, true, tn_plot_string_line},
    {{"timetable", "simulation"}, "stations", "km_m", 30, true, false, tn_plot_string_line_detail},
    {{"timetable", "simulation"}, "sections", "occupancy_1", 0, false, true, tn_plot_occupation},
    {{"capacity"}, "delay_curve", "pairs_per_day", 1, false, false, tn_plot_delay},
    {{"capacity"}, "loops", "km_m", 0, false, false, tn_plot_loops},
    {{"run"}, "trace", "speed_m_s", 1, false, false, tn_plot_run},
    {{"replay"}, "trace", "speed_m_s", 1, false, false, tn_plot_replay},
    {{"run"}, "trace", "bearing_temperature_K", 1, false, false, tn_plot_temperatures},
    {{"start"}, "effort", "traction_N", 1, false, false, tn_plot_effort},
    {{"rating"}, "curve", "load_kg", 1, false, false, tn_plot_rating},
    {{"stop"}, "permitted", "speed_m_s", 1, false, false, tn_plot_permitted},
    {{"brake_cycle"}, "trace", "speed_m_s", 1, false, false, tn_plot_brake_cycle},
    {{"brake_cycle"}, "pipe", "pipe_Pa", 1, false, false, tn_plot_pipe},
    {{"brake_map"}, "cells", "grade_1", 1, false, false, tn_plot_brake_map},
    {{"brake_test"}, "recharges", "wagons", 1, false, false, tn_plot_recharge},
    {{"brake_test"}, "services", "reduction_Pa", 1, false, false, tn_plot_service_share},
    {{"brake_test"}, "trace", "time_s", 1, false, false, tn_plot_brake_pressures},
};

/* A job of drawing: all kinds of a file. */
struct drawing {
    struct tn_h5_reader *file;
    struct tn_arena *arena;
    struct tn_context *ctx;
    const char *results;
    const struct tn_plot_request *request;
    const char *folder; /* of a picture in text or for a page: for its script and data, for a while */
    bool blind;         /* gnuplot is missing, and a page goes without pictures */
    struct tn_plotted *plotted;
    size_t count, most;
};

/* --- names and terminals --- */

static const char *const suffixes[] = {".png", ".svg", ".pdf"};
static const struct {
    const char *name, *sizes[2], *options;
} terminals[] = {
    {"pngcairo", {"1440,810", "1440,1080"}, "fontscale 0.9 font 'DejaVu Sans,17' background rgb 'white'"},
    {"svg", {"1600,900", "1600,1200"}, "dynamic font 'DejaVu Sans,17' fontscale 1.33 background rgb 'white'"},
    {"pdfcairo", {"28cm,15.75cm", "28cm,21cm"}, "font 'DejaVu Sans,17' fontscale 0.5 background rgb 'white'"},
};

static int suffix_of(const char *path)
{
    size_t length = strlen(path);
    for (int i = 0; i < 3; i++)
        if (length > 4 && strcmp(path + length - 4, suffixes[i]) == 0)
            return i;
    return -1;
}

bool tn_plot_is_picture(const char *path)
{
    return suffix_of(path) >= 0;
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
    const char *figure = d->request->figure;
    if (d->folder)
        return tn_arena_printf(d->arena, "%s/picture%s", d->folder, d->request->page ? ".svg" : ".txt");
    const char *stem = stem_of(figure ? figure : d->results, d->arena);
    const char *suffix = figure ? suffixes[suffix_of(figure)] : suffixes[0];
    const char *tag = tag_of(subject, d->arena);
    bool with_kind = !figure || !d->request->kind;
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

static tn_status draw_picture(struct drawing *d, struct tn_plotted *plotted, const char *script,
                              struct tn_readout *readout)
{
    char words[8192];
    const char *part = tn_arena_printf(d->arena, "%s.part", plotted->figure);
    if (!part)
        return TN_ERR_MEMORY;
    int failed = run_gnuplot(script, part, words, sizeof words);
    if (readout)
        tn_readout_place(readout, words);
    if (failed == 0 && rename(part, plotted->figure) == 0) {
        plotted->drawn = true;
        return TN_OK;
    }
    if (failed == 0)
        failed = errno;
    (void)unlink(part);
    if (failed == ENOENT && d->request->page) {
        tn_warning(d->ctx, NULL, "install gnuplot", "gnuplot is not installed: there are no pictures");
        d->blind = true;
        return TN_OK;
    }
    if (failed == ENOENT && d->folder) {
        tn_error(d->ctx, NULL, "install gnuplot", "gnuplot is not installed: %s is not drawn", plotted->kind);
        return TN_ERR_IO;
    }
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

static void write_terminal(struct tn_figure *f, const char *picture, bool tall)
{
    const struct tn_plot_request *request = f->request;
    if (request->columns > 0) {
        fprintf(f->script, "set terminal dumb size %d,%d noenhanced mono\n", request->columns, request->lines);
        return;
    }
    int i = suffix_of(picture);
    fprintf(f->script,
            "set terminal %s size %s %s noenhanced\n"
            "set border 3 lw 1.2 lc rgb '#606060'\nset grid lt 1 lw 0.8 lc rgb '#dddddd'\n"
            "set style textbox opaque noborder\nset tics out nomirror\n"
            "set bmargin at screen %.4g\nset tmargin at screen %.4g\n"
            "set lmargin at screen 0.075\nset rmargin at screen 0.97\n",
            terminals[i].name, terminals[i].sizes[tall], terminals[i].options, 0.19 * f->unit, 1 - 0.125 * f->unit);
}

static void write_head(struct tn_figure *f, const char *picture, size_t kind)
{
    const char *suffix = f->request->columns > 0 ? ".txt" : suffixes[suffix_of(picture)];
    fprintf(f->script,
            "# %s, drawn by gnuplot: gnuplot -c THIS.gp PICTURE%s\n"
            "# The data stand in THIS.dat; for another format change the terminal.\n"
            "if (ARGC < 1) { print 'usage: gnuplot -c THIS.gp PICTURE'; exit status 2 }\n"
            "data = ARG0[1:strlen(ARG0)-3].'.dat'\n"
            "set encoding utf8\nset output ARG1\nset datafile separator \"\\t\"\nunset key\n",
            tn_plot_kinds[kind].name, suffix);
    write_terminal(f, picture, drawers[kind].tall);
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

/* The words of a picture in text: at most so many lines, each with its end. */
static const char *wrapped(const struct drawing *d, const char *text, size_t most)
{
    struct tn_list lines = {0};
    const char *plain = tn_text_plain(text, d->arena), *all = "";
    if (!plain || tn_text_wrap(&lines, plain, (size_t)d->request->columns - 1, d->arena) != TN_OK)
        return "";
    for (size_t i = 0; all && i < lines.count && i < most; i++)
        all = tn_arena_printf(d->arena, "%s%s%s\n", all, ((const char **)lines.items)[i],
                              i + 1 == most && lines.count > most ? "\xE2\x80\xA6" : "");
    return all ? all : "";
}

/* Without blanks at the end of lines, and without blank lines but one between others. */
static void trim(char *text)
{
    char *to = text;
    bool blank = true; /* the line before */
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n"), used = length, step = length + (line[length] == '\n');
        while (used && (line[used - 1] == ' ' || line[used - 1] == '\f'))
            used--;
        memmove(to, line, used);
        line += step;
        to += used;
        if (used || !blank)
            *to++ = '\n';
        blank = used == 0;
    }
    while (to > text && to[-1] == '\n')
        to--;
    *to = '\0';
}

static char *read_all(FILE *file, struct tn_arena *arena)
{
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = size >= 0 ? tn_arena_alloc(arena, (size_t)size + 2, 1) : NULL;
    bool good = text && fseek(file, 0, SEEK_SET) == 0 && fread(text, 1, (size_t)size, file) == (size_t)size;
    return good ? text : NULL;
}

static tn_status read_text(const struct drawing *d, const struct tn_figure *f, struct tn_plotted *plotted)
{
    FILE *file = fopen(plotted->figure, "r");
    char *text = file ? read_all(file, d->arena) : NULL;
    if (file)
        (void)fclose(file);
    if (!text) {
        tn_error(d->ctx, NULL, NULL, "cannot read gnuplot's text: %s", strerror(errno));
        return TN_ERR_IO;
    }
    if (d->request->page) {
        plotted->text = text;
        return TN_OK;
    }
    trim(text);
    plotted->text = tn_arena_printf(d->arena, "%s%s\n%s\n\n%s", wrapped(d, f->title, 2), wrapped(d, f->sentence, 3),
                                    text, wrapped(d, f->foot, 3));
    return plotted->text ? TN_OK : TN_ERR_MEMORY;
}

/* What one picture is made from. */
struct job {
    const char *picture, *script, *data, *command;
    size_t kind;
    bool tall;
};

static tn_status job_of(struct job *job, const struct drawing *d, size_t kind, const char *subject, bool first)
{
    const char *picture = as_file(picture_path(d, tn_plot_kinds[kind].name, subject, first), d->arena);
    const char *stem = picture ? stem_of(picture, d->arena) : NULL;
    *job = (struct job){.kind = kind, .tall = drawers[kind].tall, .picture = picture};
    job->script = stem ? tn_arena_printf(d->arena, "%s.gp", stem) : NULL;
    job->data = stem ? tn_arena_printf(d->arena, "%s.dat", stem) : NULL;
    job->command = job->script ? command_text(job->script, picture, d->arena) : NULL;
    return job->data && job->command ? TN_OK : TN_ERR_MEMORY;
}

/* Script and data. */
static tn_status write_job(const struct job *job, const struct drawing *d, struct tn_figure *f, const char *subject)
{
    tn_status status = TN_OK;
    f->script = fopen(job->script, "w");
    f->data = fopen(job->data, "w");
    if (f->script && f->data) {
        write_head(f, job->picture, job->kind);
        status = drawers[job->kind].draw(f, subject);
        fputs("unset output\n", f->script);
    }
    status = close_both(f, d, job->script, status);
    if (status == TN_OK && f->readout && f->readout->failed)
        status = TN_ERR_MEMORY;
    return status == TN_OK ? d->file->status : status;
}

static void describe(struct tn_plotted *plotted, const struct tn_figure *f, const char *subject, bool tall)
{
    plotted->id = subject;
    plotted->title = f->title;
    plotted->sentence = f->sentence;
    plotted->width = 1600; /* as the terminal of that name says */
    plotted->height = tall ? 1200 : 900;
    plotted->top = 0.085 * f->unit * plotted->height;
    plotted->bottom = 0.075 * f->unit * plotted->height;
    plotted->readout = f->readout;
}

static tn_status draw_one(struct drawing *d, size_t kind, const char *subject, bool first)
{
    struct job job;
    tn_status status = job_of(&job, d, kind, subject, first);
    struct tn_figure f = {
        .file = d->file, .arena = d->arena, .request = d->request, .unit = drawers[kind].tall ? 0.75 : 1};
    if (status == TN_OK && d->request->page) {
        f.readout = tn_arena_alloc(d->arena, 1, sizeof *f.readout);
        if (!f.readout)
            return TN_ERR_MEMORY;
        f.readout->arena = d->arena;
    }
    if (status != TN_OK)
        return status;
    status = write_job(&job, d, &f, subject);
    struct tn_plotted *plotted = &d->plotted[d->count];
    *plotted = (struct tn_plotted){.kind = tn_plot_kinds[kind].name, .figure = job.picture, .command = job.command};
    if (status == TN_OK)
        status = draw_picture(d, plotted, job.script, f.readout);
    if (status == TN_OK && d->folder && plotted->drawn)
        status = read_text(d, &f, plotted);
    if (d->request->page)
        describe(plotted, &f, subject, job.tall);
    d->count += status == TN_OK && !d->blind;
    if (status == TN_ERR_INPUT || d->folder) {
        (void)unlink(job.script);
        (void)unlink(job.data);
    }
    if (d->folder)
        (void)unlink(job.picture);
    return status;
}

/* --- what a file can give --- */

static bool is_of(struct tn_h5_reader *file, const char *group, const char *const studies[2])
{
    const char *study = tn_h5_attribute(file, group, "study");
    for (int i = 0; study && i < 2 && studies[i]; i++)
        if (strcmp(study, studies[i]) == 0)
            return true;
    return false;
}

/* The file itself, where it has indices. */
static struct tn_list tornado_subjects(struct drawing *d)
{
    static const char *const root[] = {"/"};
    return (struct tn_list){(void *)(uintptr_t)root, tn_h5_attribute(d->file, "/", "sensitivity_of") ? 1 : 0};
}

static struct tn_list subjects_of(struct drawing *d, size_t kind)
{
    struct tn_list found = {0};
    if (drawers[kind].draw == tn_plot_tornado)
        return tornado_subjects(d);
    if (!drawers[kind].list)
        return drawers[kind].draw == tn_plot_map ? tn_plot_map_slices(d->file) : tn_plot_capacity_slices(d->file);
    struct tn_list names = tn_h5_names(d->file, "/");
    const char **groups = tn_arena_alloc(d->arena, names.count + 1, sizeof *groups);
    for (size_t i = 0; groups && i < names.count; i++) {
        const char *group = ((const char **)names.items)[i];
        if (!group || !tn_h5_is_group(d->file, group))
            continue;
        const char *list = tn_arena_printf(d->arena, "%s/%s_%s", group, drawers[kind].list, drawers[kind].column);
        if (list && is_of(d->file, group, drawers[kind].studies) &&
            tn_h5_numbers(d->file, list).count > drawers[kind].more)
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
    for (size_t i = 0; i < subjects.count && status == TN_OK && !d->blind; i++)
        status = draw_one(d, kind, ((const char **)subjects.items)[i], i == 0);
    return status;
}

/* Part of the line or of the day. */
static bool wants_part(const struct tn_plot_request *request)
{
    return request->from || request->to || request->end_s > request->begin_s;
}

static tn_status draw_kinds(struct drawing *d)
{
    tn_status status = TN_OK;
    bool known = false;
    const char *kind = d->request->kind;
    for (size_t i = 0; tn_plot_kinds[i].name && status == TN_OK; i++) {
        if (kind && strcmp(kind, tn_plot_kinds[i].name) != 0)
            continue;
        known = true;
        if (!wants_part(d->request) || drawers[i].part)
            status = draw_kind(d, i, kind != NULL);
        else if (kind)
            status = tn_error(d->ctx, NULL, "string-line and section-occupation can",
                              "the plot %s cannot show a part of the line or of the day", kind);
    }
    if (!known)
        return tn_error(d->ctx, NULL, "`tonnage plot --help` lists the kinds", "no kind of plot is named %s", kind);
    if (status == TN_OK && d->count == 0 && !d->request->page)
        tn_warning(d->ctx, NULL, "a run is drawn if it was traced, a sweep if a result varies with two of its axes",
                   "%s holds nothing to plot", d->results);
    return status;
}

/* Script and data of pictures in text or for a page live in a folder that is gone afterwards. */
static tn_status draw_in_folder(struct drawing *d)
{
    const char *parent = getenv("TMPDIR");
    char *folder = tn_arena_printf(d->arena, "%s/tonnage-plot-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!folder)
        return TN_ERR_MEMORY;
    if (!mkdtemp(folder)) {
        tn_error(d->ctx, NULL, "TMPDIR says where", "cannot make the folder %s: %s", folder, strerror(errno));
        return TN_ERR_IO;
    }
    d->folder = folder;
    tn_status status = draw_kinds(d);
    (void)rmdir(folder);
    return status;
}

tn_status tn_plot_draw(struct tn_list *plotted_out, const char *results, const struct tn_plot_request *request,
                       struct tn_arena *arena, struct tn_context *ctx)
{
    struct tn_h5_reader file;
    *plotted_out = (struct tn_list){0};
    if (request->figure && !tn_plot_is_picture(request->figure))
        return tn_error(ctx, NULL, "end it with .png, .svg or .pdf", "%s: unknown kind of picture", request->figure);
    tn_status status = tn_h5_open(&file, results, arena, ctx);
    if (status != TN_OK)
        return status;
    struct drawing d = {.file = &file, .arena = arena, .ctx = ctx, .results = results, .request = request};
    status = request->columns > 0 || request->page ? draw_in_folder(&d) : draw_kinds(&d);
    tn_h5_close(&file);
    *plotted_out = (struct tn_list){d.plotted, d.count};
    return status;
}
