/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "cube.h"
#include "load.h"

const char *tn_shard_path(const char *path, size_t shard, size_t shards, struct tn_arena *arena)
{
    const size_t length = strlen(path);
    const bool suffix = length > 3 && strcmp(path + length - 3, ".h5") == 0;
    return tn_arena_printf(arena, "%.*s-%zuof%zu.h5", (int)(suffix ? length - 3 : length), path, shard, shards);
}

enum tn_shard_state tn_shard_find(const char *path, uint64_t plan, size_t shard, size_t shards)
{
    struct tn_context quiet = {0};
    struct tn_cube_reader reader;
    enum tn_shard_state state = TN_SHARD_MISSING;
    if (access(path, F_OK) == 0) {
        state = TN_SHARD_OTHER;
        if (tn_cube_open(&reader, path, &quiet) == TN_OK) {
            const size_t number = reader.shards > 1 ? reader.shard : 1;
            if (reader.plan == plan && number == shard && reader.shards == shards)
                state = TN_SHARD_WHOLE;
            tn_cube_close(&reader);
        }
    }
    tn_context_clear(&quiet);
    return state;
}

static tn_status sha256_file(char text[65], const char *path, struct tn_context *ctx)
{
    enum { PIECE = 1 << 16 };
    struct sha256_ctx sum;
    uint8_t digest[SHA256_DIGEST_SIZE], *piece = malloc(PIECE);
    FILE *file = fopen(path, "rb");
    size_t got = 0;
    sha256_init(&sum);
    while (file && piece && (got = fread(piece, 1, PIECE, file)) > 0)
        sha256_update(&sum, got, piece);
    const bool read = file && piece && !ferror(file);
    if (!read)
        tn_error(ctx, NULL, NULL, "cannot read '%s': %s", path, strerror(errno));
    sha256_digest(&sum, SHA256_DIGEST_SIZE, digest);
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    if (file)
        (void)fclose(file);
    free(piece);
    return read ? TN_OK : TN_ERR_IO;
}

/* The shards of an index. */
struct shards {
    size_t count;
    const char **names; /* relative to the index */
    const char **sums;
    double *firsts, *counts;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool make_shards(struct shards *shards, size_t count, struct tn_arena *arena)
{
    *shards = (struct shards){.count = count,
                              .names = tn_arena_alloc(arena, count + 1, sizeof(char *)),
                              .sums = tn_arena_alloc(arena, count + 1, sizeof(char *)),
                              .firsts = tn_arena_alloc(arena, count + 1, sizeof(double)),
                              .counts = tn_arena_alloc(arena, count + 1, sizeof(double))};
    return shards->names && shards->sums && shards->firsts && shards->counts;
}

/* Looks at every shard, and keeps what all points have in common from the first that solved one. */
static tn_status find_shards(struct shards *shards, struct tn_rows *common, const char *path,
                             const struct tn_cube *cube, struct tn_arena *arena, struct tn_context *ctx)
{
    size_t next = 0;
    for (size_t i = 0; i < shards->count; i++) {
        const char *of = tn_shard_path(path, i + 1, shards->count, arena);
        char *sum = tn_arena_alloc(arena, 65, 1);
        struct tn_cube_reader reader;
        if (!of || !sum)
            return TN_ERR_MEMORY;
        tn_status status = sha256_file(sum, of, ctx);
        if (status == TN_OK)
            status = tn_cube_open(&reader, of, ctx);
        if (status != TN_OK)
            return status;
        if (reader.plan != cube->plan || reader.shard != i + 1 || reader.first != next) {
            tn_cube_close(&reader);
            return tn_error(ctx, NULL, NULL, "%s: not a shard of this sweep", of);
        }
        shards->names[i] = base_name(of);
        shards->sums[i] = sum;
        shards->firsts[i] = (double)reader.first;
        shards->counts[i] = (double)reader.points;
        next += reader.points;
        struct tn_rows *rows = NULL;
        if (!common->common.known && reader.points > 0) {
            status = tn_rows_create(&rows, &reader.layout, 1);
            if (status == TN_OK)
                status = tn_cube_read(rows, &reader, 0, 1);
            if (status == TN_OK)
                status = tn_rows_adopt_common(&common->common, &rows->common, common->layout, &common->arena);
            tn_rows_destroy(rows);
        }
        tn_cube_close(&reader);
        if (status != TN_OK)
            return status;
    }
    return next == tn_cube_points(cube) ? TN_OK : TN_ERR_INTERNAL;
}

/* Where no shard answers, a number reads as NAN and a status as missing. */
static bool set_fill(hid_t list, const struct tn_h5_variable *variable)
{
    static const double none = (double)NAN;
    static const signed char missing = TN_POINT_MISSING;
    if (variable->type == TN_H5_NUMBER)
        return H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &none) >= 0;
    return variable->type != TN_H5_BYTE || H5Pset_fill_value(list, H5T_NATIVE_SCHAR, &missing) >= 0;
}

static bool map_box(hid_t list, hid_t space, const struct tn_h5_box *box, const char *file, const char *name,
                    hsize_t points)
{
    const hsize_t start = box->first, count = box->points;
    hid_t source = H5Screate_simple(1, &points, NULL);
    bool done = source >= 0 && H5Sselect_hyperslab(source, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                H5Sselect_hyperslab(space, H5S_SELECT_SET, box->start, NULL, box->count, NULL) >= 0 &&
                H5Pset_virtual(list, space, file, name, source) >= 0;
    if (source >= 0)
        (void)H5Sclose(source);
    return done;
}

static bool map_shards(hid_t list, const struct tn_cube_file *file, const struct shards *shards, const char *name)
{
    struct tn_h5_box boxes[2 * H5S_MAX_RANK];
    hsize_t sizes[H5S_MAX_RANK];
    for (int i = 0; i < file->rank; i++)
        sizes[i] = file->dims[i].size;
    hid_t space = H5Screate_simple(file->rank, sizes, NULL);
    bool done = space >= 0;
    for (size_t k = 0; done && k < shards->count; k++) {
        const size_t made =
            tn_h5_boxes(boxes, file->rank, file->dims, (size_t)shards->firsts[k], (size_t)shards->counts[k]);
        for (size_t i = 0; done && i < made; i++)
            done = map_box(list, space, &boxes[i], shards->names[k], name, (hsize_t)shards->counts[k]);
    }
    if (space >= 0)
        (void)H5Sclose(space);
    return done;
}

static void put_virtual(struct tn_cube_file *file, const struct shards *shards, const struct tn_h5_variable *variable)
{
    struct tn_h5_writer *w = &file->h5;
    if (w->status != TN_OK)
        return;
    hid_t list = tn_h5_dataset_list();
    if (list < 0 || !set_fill(list, variable) || !map_shards(list, file, shards, variable->name))
        w->status = tn_h5_error(w->ctx, w->path, "map a variable to its shards");
    hid_t data = w->status == TN_OK ? tn_h5_begin_as(w, w->file, variable, list) : -1;
    tn_h5_end(w, data);
    if (list >= 0)
        (void)H5Pclose(list);
}

static void put_shards(struct tn_cube_file *file, const struct shards *shards)
{
    struct tn_h5_writer *w = &file->h5;
    struct tn_h5_dim dim = tn_h5_dimension(w, w->file, "shard", shards->count);
    const struct {
        struct tn_h5_variable variable;
        const void *data;
    } all[] = {
        {{.name = "shard_file", .type = TN_H5_TEXT, .long_name = "file of the shard, beside this one"}, shards->names},
        {{.name = "shard_sha256", .type = TN_H5_TEXT, .long_name = "its SHA-256"}, shards->sums},
        {{.name = "shard_first", .type = TN_H5_NUMBER, .units = "1", .long_name = "its first point"}, shards->firsts},
        {{.name = "shard_count", .type = TN_H5_NUMBER, .units = "1", .long_name = "how many points it has"},
         shards->counts},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct tn_h5_variable variable = all[i].variable;
        variable.rank = 1;
        variable.dims = &dim;
        tn_h5_put(w, w->file, &variable, all[i].data);
    }
    tn_h5_dim_close(w, &dim);
}

static tn_status write_index(const char *path, const struct tn_cube *cube, const struct shards *shards,
                             const struct tn_rows *common, double wall_time_s, struct tn_context *ctx)
{
    struct tn_cube_file *file = calloc(1, sizeof *file);
    struct tn_h5_variable *variables = calloc(TN_CUBE_VARIABLES, sizeof *variables);
    tn_status status = file && variables ? tn_cube_begin(file, path, cube, 0, ctx) : TN_ERR_MEMORY;
    if (status == TN_OK) {
        tn_cube_put_place(file, 0, shards->count, 0, 0);
        const size_t count = tn_cube_variables(variables, file);
        for (size_t k = 0; k < count; k++)
            put_virtual(file, shards, &variables[k]);
        put_shards(file, shards);
        tn_cube_put_common(file, &common->common);
        if (cube->resamples >= 0)
            tn_cube_put_sensitivity(file);
        status = tn_cube_end(file, wall_time_s);
    }
    free(variables);
    free(file);
    return status;
}

tn_status tn_shards_index(const char *path, const struct tn_cube *cube, size_t count, double wall_time_s,
                          struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_rows_layout layout;
    struct tn_rows *common = NULL;
    struct shards shards;
    tn_status status = tn_rows_layout_init(&layout, cube->kind, &arena);
    if (status == TN_OK)
        status = tn_rows_create(&common, &layout, 1);
    if (status == TN_OK && !make_shards(&shards, count, &arena))
        status = TN_ERR_MEMORY;
    if (status == TN_OK)
        status = find_shards(&shards, common, path, cube, &arena, ctx);
    if (status == TN_OK)
        status = write_index(path, cube, &shards, common, wall_time_s, ctx);
    tn_rows_destroy(common);
    tn_arena_clear(&arena);
    return status;
}

/* The file that an index names. */
static const char *beside(const char *index, const char *name, struct tn_arena *arena)
{
    const char *base = base_name(index);
    return tn_arena_printf(arena, "%.*s%s", (int)(base - index), index, name);
}

static void verify_shards(size_t *missing, size_t *damaged, struct tn_cube_reader *reader, struct tn_context *ctx)
{
    const struct tn_list names = tn_h5_texts(&reader->h5, "shard_file"),
                         sums = tn_h5_texts(&reader->h5, "shard_sha256");
    for (size_t i = 0; i < names.count && i < sums.count; i++) {
        const char *path = beside(reader->h5.path, ((const char **)names.items)[i], &reader->arena);
        char sum[65];
        if (!path || access(path, F_OK) != 0) {
            tn_error(ctx, NULL, "run that shard again, with --resume", "the shard '%s' is missing", path ? path : "");
            ++*missing;
        } else if (sha256_file(sum, path, ctx) != TN_OK) {
            ++*damaged;
        } else if (strcmp(sum, ((const char **)sums.items)[i]) != 0) {
            tn_error(ctx, NULL, "remove it and run that shard again, with --resume",
                     "the shard '%s' is damaged, or not the one that the index was made of", path);
            ++*damaged;
        }
    }
}

/* Reads every variable, so that the checksum of each chunk is compared. */
static void verify_variables(size_t *damaged, struct tn_cube_reader *reader, struct tn_context *ctx)
{
    const struct tn_list names = tn_h5_names(&reader->h5, "/");
    for (size_t i = 0; i < names.count; i++) {
        const char *name = ((const char **)names.items)[i];
        if (!name || !tn_h5_has(&reader->h5, name) || tn_h5_is_dimension(&reader->h5, name))
            continue;
        struct tn_arena scratch = {0}, *own = reader->h5.arena;
        reader->h5.arena = &scratch;
        if (tn_h5_is_text(&reader->h5, name))
            (void)tn_h5_texts(&reader->h5, name);
        else
            (void)tn_h5_numbers(&reader->h5, name);
        reader->h5.arena = own;
        tn_arena_clear(&scratch);
        if (reader->h5.status != TN_OK) {
            tn_error(ctx, NULL, NULL, "%s: the variable '%s' is damaged", reader->h5.path, name);
            reader->h5.status = TN_OK;
            ++*damaged;
        }
    }
}

static void verify_states(size_t *missing, struct tn_cube_reader *reader, struct tn_context *ctx)
{
    const struct tn_list states = tn_h5_numbers(&reader->h5, "status");
    size_t count = 0;
    for (size_t i = 0; i < states.count; i++)
        count += ((const double *)states.items)[i] == TN_POINT_MISSING;
    if (count == 0)
        return;
    tn_error(ctx, NULL, NULL, "%s: %zu of %zu points are missing", reader->h5.path, count, states.count);
    *missing += count;
}

tn_status tn_sweep_verify(size_t *missing_out, size_t *damaged_out, const char *path, struct tn_context *ctx)
{
    struct tn_cube_reader reader;
    *missing_out = *damaged_out = 0;
    tn_status status = tn_cube_open(&reader, path, ctx);
    if (status != TN_OK)
        return status;
    verify_shards(missing_out, damaged_out, &reader, ctx);
    if (*missing_out + *damaged_out == 0)
        verify_variables(damaged_out, &reader, ctx);
    if (*missing_out + *damaged_out == 0)
        verify_states(missing_out, &reader, ctx);
    status = reader.h5.status;
    tn_cube_close(&reader);
    return status;
}

enum { PIECE = 65536 };

static tn_status copy_points(struct tn_cube_writer *writer, struct tn_cube_reader *reader, struct tn_context *ctx)
{
    struct tn_rows *rows = NULL;
    tn_status status = tn_rows_create(&rows, &reader->layout, reader->points < PIECE ? reader->points : PIECE);
    for (size_t first = 0; status == TN_OK && first < reader->points; first += PIECE) {
        status = tn_cube_read(rows, reader, first, reader->points - first < PIECE ? reader->points - first : PIECE);
        if (status == TN_OK)
            status = tn_cube_add(writer, rows, ctx);
    }
    tn_rows_destroy(rows);
    return status;
}

tn_status tn_sweep_merge(const char *to, const char *path, struct tn_context *ctx)
{
    struct tn_cube_reader reader;
    struct tn_cube_writer *writer = NULL;
    struct tn_cube cube;
    tn_status status = tn_cube_open(&reader, path, ctx);
    if (status != TN_OK)
        return status;
    if (reader.shard > 0)
        status = tn_error(ctx, NULL, "name the index", "%s is one shard of %zu", path, reader.shards);
    if (status == TN_OK)
        status = tn_cube_describe(&cube, &reader);
    if (status == TN_OK)
        status = tn_cube_create(&writer, to, &cube, 1, 1, 0, reader.points, ctx);
    if (status == TN_OK)
        status = copy_points(writer, &reader, ctx);
    if (status == TN_OK)
        status = tn_cube_commit(writer, tn_h5_attribute_number(&reader.h5, "provenance", "wall_time_s"), ctx);
    else
        tn_cube_abandon(writer);
    tn_cube_close(&reader);
    return status;
}
