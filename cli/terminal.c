/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* One command line, one way to speak. */
static struct {
    enum { AUTO, ALWAYS, NEVER } colour;
    bool quiet, verbose;
} manner;

static const double least_pause_s = 0.1, patience_s = 0.5;

void tn_terminal_set(const char *colour, bool quiet, bool verbose)
{
    if (colour)
        manner.colour = !strcmp(colour, "always") ? ALWAYS : !strcmp(colour, "never") ? NEVER : AUTO;
    manner.quiet |= quiet;
    manner.verbose |= verbose;
}

bool tn_terminal_quiet(void)
{
    return manner.quiet;
}

static bool is_terminal(FILE *out)
{
    const char *term = getenv("TERM");
    return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;
}

bool tn_terminal_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR");
    return manner.colour == ALWAYS || (manner.colour == AUTO && !(no && *no) && is_terminal(out));
}

void tn_terminal_note(const char *format, ...)
{
    if (!manner.verbose)
        return;
    va_list args;
    va_start(args, format);
    fputs("tonnage: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void tn_progress_begin(struct tn_progress *progress, const char *unit, size_t begun)
{
    const double now = tn_command_clock();
    *progress = (struct tn_progress){.unit = unit,
                                     .start_s = now,
                                     .shown_s = now + patience_s - least_pause_s,
                                     .told_s = now,
                                     .begun = begun,
                                     .bar = !manner.quiet && is_terminal(stderr)};
}

/* Whether it is time to draw again. */
static bool is_due(struct tn_progress *progress, bool last)
{
    const double now = tn_command_clock();
    if (!progress->bar || (!last && progress->drawn && now - progress->shown_s < least_pause_s))
        return false;
    progress->shown_s = now;
    progress->drawn = true;
    return true;
}

/* "45 s", "12 min", "3.5 h" */
static void put_duration(FILE *out, double seconds)
{
    if (seconds < 100)
        fprintf(out, "%.0f s", seconds);
    else if (seconds < 6000)
        fprintf(out, "%.0f min", seconds / 60);
    else
        fprintf(out, "%.1f h", seconds / 3600);
}

void tn_progress_show(struct tn_progress *progress, size_t done, size_t all, const char *words)
{
    static const char full[] = "##############################";
    enum { WIDTH = sizeof full - 1 };
    if (!all || !is_due(progress, done == all))
        return;
    const int filled = (int)((double)done / (double)all * WIDTH);
    fprintf(stderr, "\r\033[K[%.*s%*s] %3.0f %%  %zu of %zu %s", filled, full, WIDTH - filled, "",
            100 * (double)done / (double)all, done, all, progress->unit);
    const double took_s = progress->shown_s - progress->start_s;
    if (done > progress->begun && took_s > 0) {
        const double per_s = (double)(done - progress->begun) / took_s;
        fprintf(stderr, ", %.*f a second, ", per_s < 10 ? 1 : 0, per_s);
        put_duration(stderr, (double)(all - done) / per_s);
        fputs(" left", stderr);
    }
    if (words)
        fprintf(stderr, ", %s", words);
    fflush(stderr);
}

void tn_progress_follow(struct tn_progress *progress, size_t done, size_t all, const char *unit)
{
    if (!progress->bar)
        return;
    const double now = tn_command_clock();
    if (done <= progress->done)
        progress->start_s = progress->told_s;
    progress->told_s = now;
    progress->done = done;
    progress->unit = unit;
    if (now - progress->shown_s >= least_pause_s)
        tn_progress_show(progress, done, all, NULL);
}

void tn_progress_say(struct tn_progress *progress, const char *text)
{
    if (!is_due(progress, false))
        return;
    fprintf(stderr, "\r\033[K%s", text);
    fflush(stderr);
}

void tn_progress_end(struct tn_progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
