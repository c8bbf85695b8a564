/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "arena.h"
#include "h5.h"

static bool fixed_date(time_t *date_out)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end;
    if (!text || !*text)
        return false;
    errno = 0;
    long long seconds = strtoll(text, &end, 10);
    if (errno || *end || seconds < 0)
        return false;
    *date_out = (time_t)seconds;
    return true;
}

static void put_date(struct tn_h5_writer *w, const char *command)
{
    time_t now = time(NULL);
    struct tm parts;
    char date[32] = "";
    (void)fixed_date(&now);
    if (gmtime_r(&now, &parts))
        (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &parts);
    tn_h5_text_attribute(w, w->file, "date_created", date);
    tn_h5_text_attribute(w, w->file, "history",
                         tn_arena_printf(&w->arena, "%s: %s", date, command ? command : "tonnage"));
}

static const char *sha256_text(const struct tn_input_file *input, struct tn_arena *arena)
{
    struct sha256_ctx sum;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char *text = tn_arena_alloc(arena, 2 * SHA256_DIGEST_SIZE + 1, 1);
    sha256_init(&sum);
    if (input->size)
        sha256_update(&sum, input->size, (const uint8_t *)input->text);
    sha256_digest(&sum, SHA256_DIGEST_SIZE, digest);
    for (size_t i = 0; text && i < SHA256_DIGEST_SIZE; i++) {
        text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

static void put_inputs(struct tn_h5_writer *w, hid_t group, const struct tn_provenance *provenance)
{
    size_t count = provenance->input_count;
    const char **paths = tn_arena_alloc(&w->arena, count + 1, sizeof *paths);
    const char **sums = tn_arena_alloc(&w->arena, count + 1, sizeof *sums);
    int *sizes = tn_arena_alloc(&w->arena, count + 1, sizeof *sizes);
    if (!paths || !sums || !sizes) {
        if (w->status == TN_OK)
            w->status = TN_ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct tn_input_file *input = &provenance->inputs[i];
        paths[i] = input->path;
        sums[i] = input->sha256 ? input->sha256 : sha256_text(input, &w->arena);
        sizes[i] = input->size < INT_MAX ? (int)input->size : INT_MAX;
    }
    struct tn_h5_dim dim = tn_h5_dimension(w, group, "input", count);
    tn_h5_put(w, group,
              &(struct tn_h5_variable){.name = "input_path",
                                       .type = TN_H5_TEXT,
                                       .rank = 1,
                                       .dims = &dim,
                                       .long_name = "path of the input file as read"},
              paths);
    tn_h5_put(w, group,
              &(struct tn_h5_variable){.name = "input_sha256",
                                       .type = TN_H5_TEXT,
                                       .rank = 1,
                                       .dims = &dim,
                                       .long_name = "SHA-256 of the input file"},
              sums);
    tn_h5_put(w, group,
              &(struct tn_h5_variable){.name = "input_size",
                                       .type = TN_H5_INTEGER,
                                       .rank = 1,
                                       .dims = &dim,
                                       .units = "byte",
                                       .long_name = "size of the input file"},
              sizes);
    tn_h5_dim_close(w, &dim);
}

static void put_text(struct tn_h5_writer *w, hid_t group, const char *name, const char *long_name, const char *text)
{
    tn_h5_put(w, group, &(struct tn_h5_variable){.name = name, .type = TN_H5_TEXT, .long_name = long_name}, &text);
}

void tn_h5_put_provenance(struct tn_h5_writer *w, const struct tn_provenance *provenance)
{
    time_t date;
    struct utsname host;
    const char *scenario = "";
    if (provenance->input_count && provenance->inputs[0].text)
        scenario = tn_arena_copy(&w->arena, provenance->inputs[0].text, provenance->inputs[0].size);
    tn_h5_text_attribute(w, w->file, "Conventions", "CF-1.10");
    tn_h5_text_attribute(w, w->file, "title", provenance->title ? provenance->title : provenance->scenario);
    tn_h5_text_attribute(w, w->file, "source", tn_version());
    put_date(w, provenance->command);
    hid_t group = tn_h5_group(w, w->file, "provenance");
    tn_h5_text_attribute(w, group, "version", tn_version());
    tn_h5_text_attribute(w, group, "revision", tn_revision());
    tn_h5_text_attribute(w, group, "compiler", tn_compiler());
    tn_h5_text_attribute(w, group, "libraries", tn_libraries());
    tn_h5_text_attribute(w, group, "scenario", provenance->scenario);
    tn_h5_text_attribute(w, group, "command", provenance->command);
    tn_h5_integer_attribute(w, group, "threads", provenance->threads);
    if (!fixed_date(&date) && uname(&host) == 0)
        tn_h5_text_attribute(w, group, "host", host.nodename);
    put_text(w, group, "scenario_text", "the scenario as written", scenario);
    put_text(w, group, "scenario_resolved", "the scenario with all defaults, in SI units", provenance->resolved);
    put_inputs(w, group, provenance);
    tn_h5_group_close(w, group);
}

void tn_h5_put_wall_time(struct tn_h5_writer *w, double seconds)
{
    time_t date;
    if (w->status != TN_OK || fixed_date(&date))
        return;
    hid_t group = H5Gopen2(w->file, "provenance", H5P_DEFAULT);
    if (group < 0) {
        w->status = tn_h5_error(w->ctx, w->path, "open the provenance");
        return;
    }
    tn_h5_number_attribute(w, group, "wall_time_s", seconds);
    tn_h5_group_close(w, group);
}
