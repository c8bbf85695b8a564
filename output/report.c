/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report.h"

#include <math.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

#include "arena.h"
#include "html.h"
#include "page.h"
#include "report_assets.h"
#include "results.h"
#include "whole_file.h"

/* One study of a file: a group, or the root of a sweep. */
struct study {
    const char *group, *id, *question, *verdict;
    const struct tn_study_kind *kind; /* NULL: unknown to this build */
    bool sweep;
};

struct studies {
    struct study *items;
    size_t count;
};

const struct tn_study_kind *tn_page_kind(const char *name)
{
    for (size_t i = 0; name && tn_study_kinds[i]; i++)
        if (strcmp(tn_study_kinds[i]->name, name) == 0)
            return tn_study_kinds[i];
    return NULL;
}

const char *tn_page_path(const struct tn_page *page, const char *group, const char *name)
{
    const char *path = name && strcmp(group, "/") != 0 ? tn_arena_printf(page->arena, "%s/%s", group, name) : name;
    if (!path)
        page->file->status = TN_ERR_MEMORY;
    return path ? path : "";
}

/* --- what is in the file --- */

static void add_study(struct studies *studies, const struct tn_page *page, const char *group)
{
    const bool sweep = strcmp(group, "/") == 0;
    const char *name = tn_h5_attribute(page->file, group, "study");
    const char *id = tn_h5_attribute(page->file, group, sweep ? "sweep" : "id");
    const struct tn_study_kind *kind = tn_page_kind(name);
    if (!name)
        return;
    studies->items[studies->count++] = (struct study){
        .group = group,
        .id = id ? id : group,
        .question = kind ? kind->doc : tn_h5_attribute(page->file, group, "title"),
        .verdict = sweep ? tn_page_cube_words(page) : tn_h5_attribute(page->file, group, "verdict"),
        .kind = kind,
        .sweep = sweep,
    };
}

static struct studies find_studies(const struct tn_page *page)
{
    struct tn_list names = tn_h5_names(page->file, "/");
    struct studies studies = {.items = tn_arena_alloc(page->arena, names.count + 1, sizeof *studies.items)};
    if (!studies.items) {
        page->file->status = TN_ERR_MEMORY;
        return studies;
    }
    if (tn_h5_attribute(page->file, "/", "sweep"))
        add_study(&studies, page, "/");
    for (size_t i = 0; i < names.count; i++) {
        const char *group = ((const char *const *)names.items)[i];
        if (group && strcmp(group, "provenance") != 0 && tn_h5_is_group(page->file, group))
            add_study(&studies, page, group);
    }
    return studies;
}

static void put_attribute(const struct tn_page *page, const char *before, const char *group, const char *name)
{
    const char *text = tn_h5_attribute(page->file, group, name);
    if (!text || !*text)
        return;
    fputs(before, page->out);
    tn_html_text(page->out, text);
}

/* --- head --- */

/* The script's hash: the page allows itself nothing else that runs, and nothing from elsewhere. */
static void put_policy(FILE *out)
{
    struct sha256_ctx sum;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
    sha256_init(&sum);
    sha256_update(&sum, strlen(tn_report_js), (const uint8_t *)tn_report_js);
    sha256_digest(&sum, sizeof digest, digest);
    base64_encode_raw(text, sizeof digest, digest);
    fprintf(out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
            "img-src data:; script-src 'sha256-%s'\">\n",
            text);
}

static void put_head(const struct tn_page *page, const char *title)
{
    FILE *out = page->out;
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", out);
    put_policy(out);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" "
          "href=\"data:,\">\n<title>",
          out);
    tn_html_text(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>", tn_report_css);
    tn_html_text(out, title);
    fputs("</h1>\n<p class=\"meta\">", out);
    put_attribute(page, "", "/", "source");
    put_attribute(page, ", ", "provenance", "scenario");
    put_attribute(page, ", ", "/", "date_created");
    fputs("</p>\n</header>\n<main>\n", out);
}

static void put_answers(const struct tn_page *page, const struct studies *studies)
{
    fputs("<section>\n<h2>In short</h2>\n<ol class=\"answers\">\n", page->out);
    for (size_t i = 0; i < studies->count; i++) {
        const struct study *s = &studies->items[i];
        fprintf(page->out, "<li><a href=\"#study-%zu\"><b>", i + 1);
        tn_html_text(page->out, s->id);
        fputs("</b></a> <span class=\"question\">", page->out);
        tn_html_text(page->out, s->question);
        fputs("</span><p class=\"verdict\">", page->out);
        tn_html_text(page->out, s->verdict && *s->verdict ? s->verdict : "no verdict");
        fputs("</p></li>\n", page->out);
    }
    fputs("</ol>\n</section>\n", page->out);
}

/* --- studies --- */

/* Figures of a study: those of its group, of a sweep all. */
static size_t put_figures(const struct tn_page *page, const struct study *s, const struct tn_list *plotted,
                          size_t number)
{
    const struct tn_plotted *rows = plotted->items;
    for (size_t i = 0; i < plotted->count; i++)
        if (rows[i].text && (s->sweep || strcmp(rows[i].id, s->group) == 0))
            tn_page_figure(page, &rows[i], number++, s->verdict);
    return number;
}

static const char *const levels[] = {"assumed", "estimate", "derived", "published"};
enum { LEVELS = sizeof levels / sizeof *levels };

/* "rests on 3 assumed, 5 estimate": the way to the list. */
static void put_rests(const struct tn_page *page, const char *group)
{
    const struct tn_list found = tn_h5_texts(page->file, tn_page_path(page, group, "assumptions_confidence"));
    const char *separator = "<p class=\"meta\"><a href=\"#grounds\">Rests on</a>: ";
    for (size_t k = 0; k < LEVELS; k++) {
        size_t count = 0;
        for (size_t i = 0; i < found.count; i++) {
            const char *level = ((const char *const *)found.items)[i];
            count += level && strcmp(level, levels[k]) == 0;
        }
        if (!count)
            continue;
        fprintf(page->out, "%s%zu %s", separator, count, levels[k]);
        separator = ", ";
    }
    if (found.count)
        fputs(" points</p>\n", page->out);
}

static void put_answer(const struct tn_page *page, const struct study *s)
{
    fputs("<p class=\"question\">", page->out);
    tn_html_text(page->out, s->question);
    fputs("</p>\n<p class=\"verdict\">", page->out);
    tn_html_text(page->out, s->verdict && *s->verdict ? s->verdict : "no verdict");
    fputs("</p>\n", page->out);
}

/* alone: the only one, whose answer stands just above. */
static size_t put_study(const struct tn_page *page, const struct study *s, size_t i, bool alone,
                        const struct tn_list *plotted, size_t number)
{
    FILE *out = page->out;
    fprintf(out, "<section id=\"study-%zu\">\n<h2>", i + 1);
    tn_html_text(out, s->id);
    fputs(" <small>", out);
    put_attribute(page, s->sweep ? "sweep of " : "", s->group, "study");
    put_attribute(page, ", train ", s->group, "train");
    put_attribute(page, ", line ", s->group, "line");
    put_attribute(page, ", ", s->group, "direction");
    put_attribute(page, ", depth ", s->group, "depth");
    fputs("</small></h2>\n", out);
    if (!alone)
        put_answer(page, s);
    number = put_figures(page, s, plotted, number);
    fputs("<h3>Numbers</h3>\n", out);
    if (!s->kind)
        fputs("<p>This build does not know the kind of study; the numbers are in the results file.</p>\n", out);
    else if (s->sweep)
        tn_page_cube(page, s->kind->result);
    else
        tn_page_numbers(page, s->group, s->kind->result);
    put_rests(page, s->group);
    if (s->kind && !s->sweep)
        tn_page_lists(page, s->group, s->kind->result);
    fputs("</section>\n", out);
    return number;
}

/* --- what the results rest on --- */

/* A point and the studies that it concerns. */
struct ground {
    const char *text, *level;
    bool *of;
};

static struct tn_list gather(const struct tn_page *page, const struct studies *studies)
{
    struct tn_list list = {0};
    struct ground *grounds = NULL;
    size_t room = 0;
    for (size_t s = 0; s < studies->count; s++) {
        const char *group = studies->items[s].group;
        struct tn_list texts = tn_h5_texts(page->file, tn_page_path(page, group, "assumptions_text"));
        struct tn_list found = tn_h5_texts(page->file, tn_page_path(page, group, "assumptions_confidence"));
        struct ground *more = tn_arena_alloc(page->arena, room + texts.count + 1, sizeof *more);
        if (!more)
            return list;
        if (list.count)
            memcpy(more, grounds, list.count * sizeof *more);
        list.items = grounds = more;
        room += texts.count;
        for (size_t i = 0; i < texts.count && i < found.count; i++) {
            const char *text = ((const char *const *)texts.items)[i], *level = ((const char *const *)found.items)[i];
            size_t at = 0;
            if (!text || !level)
                continue;
            while (at < list.count && (strcmp(grounds[at].text, text) != 0 || strcmp(grounds[at].level, level) != 0))
                at++;
            if (at == list.count)
                grounds[list.count++] =
                    (struct ground){text, level, tn_arena_alloc(page->arena, studies->count, sizeof(bool))};
            if (!grounds[at].of)
                return (struct tn_list){0};
            grounds[at].of[s] = true;
        }
    }
    return list;
}

static void put_ground(const struct tn_page *page, const struct studies *studies, const struct ground *ground)
{
    const char *separator = "", *tail = tn_arena_printf(page->arena, " (%s)", ground->level);
    size_t length = strlen(ground->text), end = tail ? strlen(tail) : 0, concerned = 0;
    if (end && length > end && strcmp(ground->text + length - end, tail) == 0)
        length -= end; /* the level stands beside it */
    const char *text = tn_arena_copy(page->arena, ground->text, length);
    fprintf(page->out, "<tr><td class=\"t\"><span class=\"level ");
    tn_html_text(page->out, ground->level);
    fputs("\">", page->out);
    tn_html_text(page->out, ground->level);
    fputs("</span></td><td class=\"t\">", page->out);
    tn_html_text(page->out, text);
    fputs("</td>", page->out);
    for (size_t s = 0; s < studies->count; s++)
        concerned += ground->of[s];
    if (studies->count > 1)
        fputs("<td class=\"t\">", page->out);
    if (studies->count > 1 && concerned == studies->count)
        fputs("all", page->out);
    for (size_t s = 0; studies->count > 1 && concerned < studies->count && s < studies->count; s++) {
        if (!ground->of[s])
            continue;
        fputs(separator, page->out);
        tn_html_text(page->out, studies->items[s].id);
        separator = ", ";
    }
    fputs(studies->count > 1 ? "</td></tr>\n" : "</tr>\n", page->out);
}

static void put_grounds(const struct tn_page *page, const struct studies *studies)
{
    struct tn_list list = gather(page, studies);
    const struct ground *grounds = list.items;
    fputs("<section id=\"grounds\">\n<h2>What the results rest on</h2>\n<p class=\"faint\">published: stands in a "
          "source; "
          "derived: follows from published values; estimate: a usual value, with its reason; assumed: chosen for this "
          "scenario.</p>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\" class=\"t\">known as</th><th "
          "scope=\"col\" class=\"t\">what</th>",
          page->out);
    fputs(studies->count > 1 ? "<th scope=\"col\" class=\"t\">studies</th></tr></thead>\n<tbody>\n"
                             : "</tr></thead>\n<tbody>\n",
          page->out);
    for (size_t k = 0; k <= LEVELS; k++) /* the least known first, then what has another level */
        for (size_t i = 0; i < list.count; i++) {
            size_t level = 0;
            while (level < LEVELS && strcmp(grounds[i].level, levels[level]) != 0)
                level++;
            if (level == k)
                put_ground(page, studies, &grounds[i]);
        }
    fputs("</tbody></table></div>\n</section>\n", page->out);
}

/* --- scenario and provenance --- */

static void put_scenario(const struct tn_page *page)
{
    const struct tn_list text = tn_h5_texts(page->file, "provenance/scenario_text");
    fputs("<section>\n<h2>The scenario as written</h2>\n<details class=\"print\" open><summary>", page->out);
    put_attribute(page, "", "provenance", "scenario");
    fputs("</summary>\n<pre>", page->out);
    if (text.count == 1)
        tn_html_text(page->out, ((const char *const *)text.items)[0]);
    fputs("</pre></details>\n<p class=\"faint\">With all defaults, in SI units, it is in the results file: "
          "provenance/scenario_resolved.</p>\n</section>\n",
          page->out);
}

static void put_inputs(const struct tn_page *page)
{
    const struct tn_list paths = tn_h5_texts(page->file, "provenance/input_path");
    const struct tn_list sums = tn_h5_texts(page->file, "provenance/input_sha256");
    fprintf(page->out,
            "<details><summary>%zu input files with their SHA-256</summary>\n<table class=\"pairs sums\"><tbody>\n",
            paths.count);
    for (size_t i = 0; i < paths.count && i < sums.count; i++) {
        fputs("<tr><th scope=\"row\">", page->out);
        tn_html_text(page->out, ((const char *const *)paths.items)[i]);
        fputs("</th><td class=\"t\"><code>", page->out);
        tn_html_text(page->out, ((const char *const *)sums.items)[i]);
        fputs("</code></td></tr>\n", page->out);
    }
    fputs("</tbody></table></details>\n", page->out);
}

static void put_provenance(const struct tn_page *page, const char *results)
{
    static const char *const names[] = {"version", "revision", "compiler", "libraries", "command", "host"};
    FILE *out = page->out;
    fputs("<section>\n<h2>Where it comes from</h2>\n<table class=\"pairs\"><tbody>\n<tr><th scope=\"row\">results "
          "file</th><td class=\"t\">",
          out);
    tn_html_text(out, results);
    fputs("</td></tr>\n", out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = tn_h5_attribute(page->file, "provenance", names[i]);
        if (!text || !*text)
            continue;
        fprintf(out, "<tr><th scope=\"row\">%s</th><td class=\"t\">", names[i]);
        tn_html_text(out, text);
        fputs("</td></tr>\n", out);
    }
    const double threads = tn_h5_attribute_number(page->file, "provenance", "threads");
    const double wall = tn_h5_attribute_number(page->file, "provenance", "wall_time_s");
    if (isfinite(threads))
        fprintf(out, "<tr><th scope=\"row\">threads</th><td class=\"t\">%.0f</td></tr>\n", threads);
    if (isfinite(wall))
        fprintf(out, "<tr><th scope=\"row\">wall time</th><td class=\"t\">%.3g s</td></tr>\n", wall);
    fputs("</tbody></table>\n", out);
    put_inputs(page);
    fputs("</section>\n", out);
}

/* --- the whole --- */

static void put_page(const struct tn_page *page, const struct tn_list *plotted, const char *results)
{
    const char *title = tn_h5_attribute(page->file, "/", "title");
    struct studies studies = find_studies(page);
    size_t number = 1;
    put_head(page, title && *title ? title : results);
    put_answers(page, &studies);
    for (size_t i = 0; i < studies.count && page->file->status == TN_OK; i++)
        number = put_study(page, &studies.items[i], i, studies.count == 1, plotted, number);
    put_grounds(page, &studies);
    put_scenario(page);
    put_provenance(page, results);
    fprintf(page->out, "</main>\n<script>%s</script>\n</body>\n</html>\n", tn_report_js);
}

tn_status tn_report_write(const char *path, const char *results, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_list plotted = {0};
    struct tn_whole_file file = {0};
    struct tn_h5_reader reader;
    tn_status status = tn_plot_draw(&plotted, results, &(struct tn_plot_request){.page = true}, &arena, ctx);
    if (status != TN_OK || (status = tn_h5_open(&reader, results, &arena, ctx)) != TN_OK)
        goto out;
    status = tn_whole_file_open(&file, path, &arena, ctx);
    if (status == TN_OK) {
        put_page(&(struct tn_page){file.out, &reader, &arena}, &plotted, results);
        status = reader.status == TN_OK && arena.failed ? TN_ERR_MEMORY : reader.status;
    }
    if (status == TN_OK)
        status = tn_whole_file_close(&file);
    else
        tn_whole_file_abandon(&file);
    tn_h5_close(&reader);
out:
    tn_arena_clear(&arena);
    return status;
}
