/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX ".chunk"

size_t tn_store_first(const struct tn_store *store, size_t chunk)
{
    return chunk * store->plan.chunk;
}

size_t tn_store_count(const struct tn_store *store, size_t chunk)
{
    const size_t left = store->plan.points - tn_store_first(store, chunk);
    return left < store->plan.chunk ? left : store->plan.chunk;
}

void tn_store_shard(size_t *first_chunk_out, size_t *chunks_out, const struct tn_store *store, size_t shard)
{
    const size_t from = store->chunks * (shard - 1) / store->plan.shards;
    *first_chunk_out = from;
    *chunks_out = store->chunks * shard / store->plan.shards - from;
}

const char *tn_store_chunk(const struct tn_store *store, size_t chunk, struct tn_arena *arena)
{
    return tn_arena_printf(arena, "%s/%016" PRIx64 "-%06zu" SUFFIX, store->folder, store->plan.hash, chunk);
}

/* The plan and number in a chunk's name. */
static bool read_name(uint64_t *plan, size_t *chunk, const char *name)
{
    char *end;
    if (strlen(name) < 17 || name[16] != '-' || strspn(name, "0123456789abcdef") != 16)
        return false;
    *plan = strtoull(name, NULL, 16);
    *chunk = strtoull(name + 17, &end, 10);
    return end != name + 17 && strcmp(end, SUFFIX) == 0;
}

static tn_status failed(const char *path, const char *what, struct tn_context *ctx)
{
    tn_error(ctx, NULL, NULL, "cannot %s '%s': %s", what, path, strerror(errno));
    return TN_ERR_IO;
}

tn_status tn_store_scan(struct tn_store *store, struct tn_context *ctx)
{
    DIR *folder = opendir(store->folder);
    if (!folder)
        return failed(store->folder, "read the folder", ctx);
    memset(store->has, 0, store->chunks);
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        uint64_t plan;
        size_t chunk;
        if (read_name(&plan, &chunk, entry->d_name) && plan == store->plan.hash && chunk < store->chunks)
            store->has[chunk] = 1;
    }
    (void)closedir(folder);
    return TN_OK;
}

size_t tn_store_others(const char *const **names_out, const struct tn_store *store, struct tn_arena *arena)
{
    DIR *folder = opendir(store->folder);
    const char **names = NULL;
    size_t count = 0, room = 0;
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        uint64_t plan;
        size_t chunk;
        if (!read_name(&plan, &chunk, entry->d_name) || plan == store->plan.hash)
            continue;
        if (count == room) {
            const char **more = tn_arena_alloc(arena, 2 * room + 16, sizeof *more);
            if (!more)
                break;
            if (count)
                memcpy(more, names, count * sizeof *more);
            names = more;
            room = 2 * room + 16;
        }
        names[count++] = tn_arena_printf(arena, "%s/%s", store->folder, entry->d_name);
    }
    if (folder)
        (void)closedir(folder);
    *names_out = names;
    return count;
}

static tn_status init(struct tn_store *store, const char *path)
{
    *store = (struct tn_store){.lock = -1};
    store->path = tn_arena_copy(&store->arena, path, strlen(path));
    store->folder = tn_arena_printf(&store->arena, "%s.chunks", path);
    return store->path && store->folder ? TN_OK : TN_ERR_MEMORY;
}

static tn_status set_plan(struct tn_store *store, const struct tn_store_plan *plan)
{
    store->plan = *plan;
    store->plan.scenario = tn_arena_copy(&store->arena, plan->scenario, strlen(plan->scenario));
    store->plan.study = tn_arena_copy(&store->arena, plan->study, strlen(plan->study));
    store->chunks = plan->points ? (plan->points + plan->chunk - 1) / plan->chunk : 0;
    store->has = tn_arena_alloc(&store->arena, store->chunks + 1, 1);
    store->plan.kind = tn_arena_copy(&store->arena, plan->kind, strlen(plan->kind));
    return store->plan.scenario && store->plan.study && store->plan.kind && store->has ? TN_OK : TN_ERR_MEMORY;
}

const char *tn_store_part(const char *path, struct tn_arena *arena)
{
    struct utsname host = {.nodename = "host"};
    struct timespec now = {0};
    (void)uname(&host);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return tn_arena_printf(arena, "%s.%s-%ld-%lld%09ld.part", path, host.nodename, (long)getpid(),
                           (long long)now.tv_sec, now.tv_nsec);
}

/* Several shards note the same plan at the same time: each under a name of its own, then renamed. */
static tn_status note_plan(const struct tn_store *store, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    const char *path = tn_arena_printf(&arena, "%s/plan", store->folder);
    const char *part = path ? tn_store_part(path, &arena) : NULL;
    FILE *file = part ? fopen(part, "w") : NULL;
    bool done = file && fprintf(file,
                                "tonnage sweep plan 1\nhash %016" PRIx64 "\npoints %zu\nchunk %zu\nshards %zu\n"
                                "kind %s\nstudy %s\nscenario %s\n",
                                store->plan.hash, store->plan.points, store->plan.chunk, store->plan.shards,
                                store->plan.kind, store->plan.study, store->plan.scenario) > 0;
    if (file && fclose(file) != 0)
        done = false;
    done = done && rename(part, path) == 0;
    tn_status status = done ? TN_OK : failed(path ? path : "", "write", ctx);
    if (!done && part)
        (void)unlink(part);
    tn_arena_clear(&arena);
    return status;
}

/* What follows the key in the next line of the file; NULL if it has another key. */
static const char *take_line(FILE *file, const char *key, struct tn_arena *arena)
{
    char *line = NULL;
    size_t room = 0;
    const size_t length = strlen(key);
    const ssize_t got = getline(&line, &room, file);
    const char *rest = got > (ssize_t)length && strncmp(line, key, length) == 0 && line[length] == ' '
                           ? tn_arena_copy(arena, line + length + 1, strcspn(line + length + 1, "\n"))
                           : NULL;
    free(line);
    return rest;
}

static bool read_plan(struct tn_store_plan *plan, const char *path, struct tn_arena *arena)
{
    static const char *const keys[] = {
        "tonnage sweep plan", "hash", "points", "chunk", "shards", "kind", "study", "scenario"};
    enum { KEYS = sizeof keys / sizeof *keys };
    const char *values[KEYS];
    FILE *file = fopen(path, "r");
    bool good = file != NULL;
    for (int i = 0; good && i < KEYS; i++)
        good = (values[i] = take_line(file, keys[i], arena)) != NULL;
    if (file)
        (void)fclose(file);
    if (!good || strcmp(values[0], "1") != 0)
        return false;
    *plan = (struct tn_store_plan){.hash = strtoull(values[1], NULL, 16),
                                   .points = strtoull(values[2], NULL, 10),
                                   .chunk = strtoull(values[3], NULL, 10),
                                   .shards = strtoull(values[4], NULL, 10),
                                   .kind = values[5],
                                   .study = values[6],
                                   .scenario = values[7]};
    return plan->chunk > 0 && plan->shards > 0;
}

tn_status tn_store_open(struct tn_store *out, const char *path, const struct tn_store_plan *plan,
                        struct tn_context *ctx)
{
    tn_status status = init(out, path);
    if (status == TN_OK)
        status = set_plan(out, plan);
    if (status == TN_OK && mkdir(out->folder, 0777) != 0 && errno != EEXIST)
        status = failed(out->folder, "make the folder", ctx);
    if (status == TN_OK)
        status = note_plan(out, ctx);
    if (status == TN_OK)
        status = tn_store_scan(out, ctx);
    if (status != TN_OK)
        tn_store_close(out);
    return status;
}

tn_status tn_store_look(struct tn_store *out, const char *path, struct tn_context *ctx)
{
    struct tn_store_plan plan;
    tn_status status = init(out, path);
    const char *noted = status == TN_OK ? tn_arena_printf(&out->arena, "%s/plan", out->folder) : NULL;
    if (!noted)
        status = TN_ERR_MEMORY;
    else if (access(out->folder, F_OK) != 0)
        status = TN_ERR_INPUT;
    else if (!read_plan(&plan, noted, &out->arena))
        status = failed(noted, "read the plan", ctx);
    else
        status = set_plan(out, &plan);
    if (status == TN_OK)
        status = tn_store_scan(out, ctx);
    if (status != TN_OK)
        tn_store_close(out);
    return status;
}

void tn_store_close(struct tn_store *store)
{
    if (store->lock >= 0)
        (void)close(store->lock);
    tn_arena_clear(&store->arena);
    *store = (struct tn_store){.lock = -1};
}

#define INDEX ((off_t)1 << 40) /* the byte of the lock that stands for the index */

/* Bytes of one file stand for chunks, so that shards of different counts exclude each other where they overlap.
   0: taken; 1: another process has it; -1: there are no locks here. */
static int take(struct tn_store *store, off_t first, off_t count, bool wait)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = count > 0 ? count : 1};
    const char *path = tn_arena_printf(&store->arena, "%s/lock", store->folder);
    if (store->lock < 0 && path)
        store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (store->lock < 0)
        return -1;
    int done;
    while ((done = fcntl(store->lock, wait ? F_SETLKW : F_SETLK, &lock)) != 0 && wait && errno == EINTR)
        ;
    return done == 0 ? 0 : errno == EACCES || errno == EAGAIN ? 1 : -1;
}

tn_status tn_store_lock(struct tn_store *store, size_t first_chunk, size_t chunks, struct tn_context *ctx)
{
    if (take(store, (off_t)first_chunk, (off_t)chunks, false) != 1)
        return TN_OK;
    tn_error(ctx, NULL, NULL, "another process is at work on this sweep (it holds '%s/lock')", store->folder);
    return TN_ERR_IO;
}

void tn_store_lock_index(struct tn_store *store)
{
    (void)take(store, INDEX, 1, true);
}

static void remove_chunks(struct tn_store *store, size_t shard)
{
    struct tn_arena arena = {0};
    size_t first, count;
    tn_store_shard(&first, &count, store, shard);
    for (size_t i = first; i < first + count; i++) {
        const char *path = tn_store_chunk(store, i, &arena);
        if (path)
            (void)unlink(path);
    }
    tn_arena_clear(&arena);
}

static void remove_file(const struct tn_store *store, const char *name, struct tn_arena *arena)
{
    const char *path = tn_arena_printf(arena, "%s/%s", store->folder, name);
    if (path)
        (void)unlink(path);
}

/* What nobody needs once the sweep is whole: chunks of other plans, parts that a killed process left. The plan goes
   last: whoever is killed in here leaves a folder that tn_store_tidy knows. */
static void remove_rest(struct tn_store *store)
{
    struct tn_arena arena = {0};
    DIR *folder = opendir(store->folder);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot && (strcmp(dot, SUFFIX) == 0 || strcmp(dot, ".part") == 0))
            remove_file(store, entry->d_name, &arena);
    }
    if (folder)
        (void)closedir(folder);
    remove_file(store, "lock", &arena);
    remove_file(store, "plan", &arena);
    (void)rmdir(store->folder);
    tn_arena_clear(&arena);
}

void tn_store_remove(struct tn_store *store, size_t shard)
{
    if (shard > 0)
        remove_chunks(store, shard);
    if (shard == 0 || store->plan.shards == 1)
        remove_rest(store);
}

void tn_store_tidy(const char *path, uint64_t hash)
{
    struct tn_context quiet = {0};
    struct tn_arena arena = {0};
    struct tn_store store;
    if (tn_store_look(&store, path, &quiet) == TN_OK) {
        if (store.plan.hash == hash && tn_store_lock(&store, 0, store.chunks, &quiet) == TN_OK)
            tn_store_remove(&store, 0);
        tn_store_close(&store);
    } else {
        const char *folder = tn_arena_printf(&arena, "%s.chunks", path);
        if (folder)
            (void)rmdir(folder); /* only if it is empty */
    }
    tn_context_clear(&quiet);
    tn_arena_clear(&arena);
}

double tn_store_free(const char *path)
{
    struct tn_arena arena = {0};
    struct statvfs state;
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : tn_arena_copy(&arena, path, (size_t)(slash - path));
    const bool known = folder && statvfs(folder, &state) == 0;
    tn_arena_clear(&arena);
    return known ? (double)state.f_bavail * (double)state.f_frsize : (double)INFINITY;
}
