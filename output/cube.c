/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cube.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "pack.h"

/* The file as xarray sees it: the root holds one coordinate an axis (load(load), pairs(pairs), ...), named by the last
   word of the axis's path, or, where it is sampled, its values over the samples (load(sample)); one variable a number,
   integer, bool and string of the result over all dimensions, `point_id`, `status` and `reason`; assumptions and lists
   that are the same at every point, of the first solved one; group `provenance`. */

size_t tn_cube_points(const struct tn_cube *cube)
{
    size_t points = 1;
    for (size_t i = 0; i < cube->dim_count; i++)
        points *= cube->dims[i].size;
    return points;
}

static bool name_taken(const struct tn_cube_file *file, size_t axis, const char *name)
{
    static const char *const taken[] = {"provenance", "status", "reason",    "point_id", "point",
                                        "sample",     "matrix", "replicate", "result",   "input"};
    const struct tn_cube *cube = file->cube;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return true;
    for (size_t k = 0; k < file->layout.count; k++)
        if (strcmp(name, file->layout.columns[k].name) == 0)
            return true;
    for (size_t i = 0; i < cube->axis_count; i++) {
        const char *dot = strrchr(cube->axes[i].path, '.');
        if (i != axis && strcmp(dot ? dot + 1 : cube->axes[i].path, name) == 0)
            return true;
    }
    return false;
}

/* The last word of the path; all of it where another has the same last word. */
static const char *axis_name(struct tn_cube_file *file, size_t axis)
{
    const char *path = file->cube->axes[axis].path, *dot = strrchr(path, '.');
    const char *last = dot ? dot + 1 : path;
    bool whole = name_taken(file, axis, last);
    char *name = tn_arena_printf(&file->arena, "%s%s", whole ? "axis_" : "", whole ? path : last);
    for (char *c = name; c && *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
            *c = '_';
    return name;
}

static struct tn_h5_variable axis_variable(struct tn_cube_file *file, size_t axis)
{
    const struct tn_cube_axis *from = &file->cube->axes[axis];
    const bool number = from->count ? from->numbers != NULL : !from->has_texts;
    /* a grade and a share of something both have the unit 1: readers who want permil have to be told */
    const bool pure = number && from->quantity != TN_Q_NONE && strcmp(tn_quantity_si(from->quantity), "1") == 0;
    return (struct tn_h5_variable){
        .name = axis_name(file, axis),
        .type = number ? TN_H5_NUMBER : TN_H5_TEXT,
        .units = number ? tn_quantity_si(from->quantity) : NULL,
        .long_name = from->label ? from->label : from->path,
        .attributes = {{"path", from->path}, {pure ? "quantity" : NULL, tn_quantity_name(from->quantity)}},
    };
}

static struct tn_h5_dim put_axis(struct tn_cube_file *file, size_t axis)
{
    const struct tn_cube_axis *from = &file->cube->axes[axis];
    const struct tn_h5_dim size = {-1, from->count};
    struct tn_h5_variable variable = axis_variable(file, axis);
    variable.rank = 1;
    variable.dims = &size;
    if (!variable.name) {
        file->h5.status = TN_ERR_MEMORY;
        return size;
    }
    return tn_h5_axis(&file->h5, file->h5.file, &variable,
                      from->numbers ? (const void *)from->numbers : (const void *)from->texts);
}

static bool is_dim(const struct tn_cube *cube, size_t axis)
{
    for (size_t i = 0; i < cube->dim_count; i++)
        if (!cube->dims[i].name && cube->dims[i].axis == axis)
            return true;
    return false;
}

/* "A", "B", and the axis whose column is B's. */
static struct tn_h5_dim put_matrices(struct tn_cube_file *file, size_t count)
{
    const char **names = tn_arena_alloc(&file->arena, count + 1, sizeof *names);
    size_t made = 2;
    const struct tn_h5_dim size = {-1, count};
    const struct tn_h5_variable variable = {
        .name = "matrix",
        .type = TN_H5_TEXT,
        .rank = 1,
        .dims = &size,
        .long_name = "A, B, or the axis that A takes from B",
    };
    if (!names) {
        file->h5.status = TN_ERR_MEMORY;
        return size;
    }
    names[0] = "A";
    names[1] = "B";
    for (size_t i = 0; i < file->cube->axis_count && made < count; i++)
        if (!is_dim(file->cube, i))
            names[made++] = file->cube->axes[i].path;
    return tn_h5_axis(&file->h5, file->h5.file, &variable, names);
}

static void put_dims(struct tn_cube_file *file)
{
    const struct tn_cube *cube = file->cube;
    for (size_t i = 0; i < cube->dim_count && file->h5.status == TN_OK; i++) {
        const struct tn_cube_dim *dim = &cube->dims[i];
        file->dims[i] = !dim->name ? put_axis(file, dim->axis)
                        : strcmp(dim->name, "matrix") == 0
                            ? put_matrices(file, dim->size)
                            : tn_h5_dimension(&file->h5, file->h5.file, dim->name, dim->size);
        file->rank++;
    }
}

enum { PIECE = 65536 };

/* The values of a sampled axis, a piece at a time. */
static void put_sampled(struct tn_cube_file *file, size_t axis, void *piece)
{
    const struct tn_cube *cube = file->cube;
    struct tn_h5_variable variable = axis_variable(file, axis);
    size_t rows = 1;
    for (size_t i = 0; i < cube->sample_dims; i++)
        rows *= cube->dims[cube->sample_dim + i].size;
    variable.rank = (int)cube->sample_dims;
    variable.dims = &file->dims[cube->sample_dim];
    if (!variable.name)
        file->h5.status = TN_ERR_MEMORY;
    hid_t data = tn_h5_begin(&file->h5, file->h5.file, &variable);
    for (size_t first = 0; first < rows && file->h5.status == TN_OK; first += PIECE) {
        const size_t count = rows - first < PIECE ? rows - first : PIECE;
        for (size_t i = 0; i < count; i++) {
            double number;
            const char *text;
            cube->sampled(&number, &text, axis, first + i, cube->payload);
            if (variable.type == TN_H5_TEXT)
                ((const char **)piece)[i] = text ? text : "";
            else
                ((double *)piece)[i] = number;
        }
        tn_h5_write(&file->h5, data, &variable, first, count, piece);
    }
    tn_h5_end(&file->h5, data);
}

static void put_axes(struct tn_cube_file *file)
{
    void *piece = malloc(PIECE * sizeof(double));
    if (!piece)
        file->h5.status = TN_ERR_MEMORY;
    for (size_t i = 0; i < file->cube->axis_count && file->h5.status == TN_OK; i++)
        if (!is_dim(file->cube, i))
            put_sampled(file, i, piece);
    free(piece);
}

tn_status tn_cube_begin(struct tn_cube_file *file, const char *path, const struct tn_cube *cube, size_t points,
                        struct tn_context *ctx)
{
    *file = (struct tn_cube_file){.cube = cube};
    if (cube->dim_count > H5S_MAX_RANK)
        return tn_error(ctx, NULL, "sample them: design: {kind: latin-hypercube, samples: 1000}",
                        "a grid has at most %d axes", H5S_MAX_RANK);
    tn_status status = tn_h5_create(&file->h5, path, ctx);
    if (status != TN_OK)
        return status;
    status = tn_rows_layout_init(&file->layout, cube->kind, &file->arena);
    if (status != TN_OK)
        file->h5.status = status;
    tn_h5_put_provenance(&file->h5, cube->provenance);
    tn_h5_text_attribute(&file->h5, file->h5.file, "sweep", cube->study_id);
    tn_h5_text_attribute(&file->h5, file->h5.file, "study", cube->kind->name);
    if (points > 0) {
        file->rank = 1;
        file->dims[0] = tn_h5_dimension(&file->h5, file->h5.file, "point", points);
    } else {
        put_dims(file);
        put_axes(file);
    }
    status = file->h5.status;
    if (status != TN_OK)
        tn_cube_drop(file);
    return status;
}

void tn_cube_put_place(struct tn_cube_file *file, size_t shard, size_t shards, size_t first, size_t count)
{
    struct tn_h5_writer *w = &file->h5;
    char plan[17];
    snprintf(plan, sizeof plan, "%016llx", (unsigned long long)file->cube->plan);
    tn_h5_text_attribute(w, w->file, "plan", plan);
    tn_h5_number_attribute(w, w->file, "points", (double)tn_cube_points(file->cube));
    if (shards < 2)
        return;
    tn_h5_integer_attribute(w, w->file, "shards", (int)shards);
    if (shard == 0)
        return;
    tn_h5_integer_attribute(w, w->file, "shard", (int)shard);
    tn_h5_number_attribute(w, w->file, "first_point", (double)first);
    tn_h5_number_attribute(w, w->file, "point_count", (double)count);
}

size_t tn_cube_variables(struct tn_h5_variable *out, const struct tn_cube_file *file)
{
    size_t count = 0;
    for (size_t k = 0; k < file->layout.count && count < TN_CUBE_VARIABLES - 3; k++) {
        out[count] = tn_column_variable(&file->layout.columns[k]);
        if (out[count].flag_meanings)
            out[count].flag_meanings = "no yes unknown";
        count++;
    }
    out[count++] =
        (struct tn_h5_variable){.name = "point_id", .type = TN_H5_ID, .long_name = "hash of the point's inputs"};
    out[count++] = (struct tn_h5_variable){.name = "status",
                                           .type = TN_H5_BYTE,
                                           .long_name = "whether the point was solved",
                                           .flag_meanings = TN_POINT_STATES};
    if (file->layout.own_reason == file->layout.count)
        out[count++] =
            (struct tn_h5_variable){.name = "reason", .type = TN_H5_TEXT, .long_name = "why the point failed"};
    for (size_t i = 0; i < count; i++) {
        out[i].rank = file->rank;
        out[i].dims = file->dims;
    }
    return count;
}

static void put_list(struct tn_cube_file *file, const struct tn_rows_list *list, size_t rows, void *const *values)
{
    struct tn_h5_writer *w = &file->h5;
    struct tn_h5_dim dim = tn_h5_dimension(w, w->file, list->name, rows);
    for (size_t i = 0; i < list->count && w->status == TN_OK; i++) {
        struct tn_h5_variable variable = tn_column_variable(&list->columns[i]);
        variable.name = tn_arena_printf(&file->arena, "%s_%s", list->name, list->columns[i].name);
        variable.rank = 1;
        variable.dims = &dim;
        if (variable.name)
            tn_h5_put(w, w->file, &variable, rows ? values[i] : &(double){0});
        else
            w->status = TN_ERR_MEMORY;
    }
    tn_h5_dim_close(w, &dim);
}

void tn_cube_put_common(struct tn_cube_file *file, const struct tn_rows_common *common)
{
    struct tn_h5_writer *w = &file->h5;
    if (common->known) {
        tn_h5_text_attribute(w, w->file, "line", common->line);
        tn_h5_text_attribute(w, w->file, "train", common->train);
    }
    for (size_t k = 0; k < file->layout.list_count; k++)
        put_list(file, &file->layout.lists[k], common->known ? common->lists[k].rows : 0,
                 common->known ? common->lists[k].values : NULL);
}

tn_status tn_cube_end(struct tn_cube_file *file, double wall_time_s)
{
    tn_h5_put_wall_time(&file->h5, wall_time_s);
    for (int i = 0; i < file->rank; i++)
        tn_h5_dim_close(&file->h5, &file->dims[i]);
    tn_status status = tn_h5_commit(&file->h5);
    tn_arena_clear(&file->arena);
    return status;
}

void tn_cube_drop(struct tn_cube_file *file)
{
    tn_h5_abandon(&file->h5);
    tn_arena_clear(&file->arena);
}

/* The numbers of one variable on their way to the file, a piece of it. */
struct pack {
    unsigned char *raw, *scratch, *packed;
    size_t size;
};

struct tn_cube_writer {
    struct tn_cube_file file;
    struct tn_h5_variable variables[TN_CUBE_VARIABLES];
    hid_t data[TN_CUBE_VARIABLES];
    struct pack packs[TN_CUBE_VARIABLES];
    size_t count;
    size_t first, points, added;
    struct tn_h5_box piece; /* in hand */
    size_t filled, most;    /* of it; elements of a whole piece */
    bool box;               /* all points over the sweep's dimensions, not a shard */
    struct tn_rows_common common;
    struct tn_arena arena;
};

static bool is_packed(const struct tn_h5_variable *variable)
{
    return variable->type != TN_H5_TEXT;
}

static bool make_packs(struct tn_cube_writer *writer)
{
    writer->most = tn_h5_piece_most(writer->file.rank, writer->file.dims);
    for (size_t k = 0; k < writer->count; k++) {
        if (!is_packed(&writer->variables[k]))
            continue;
        const size_t bytes = writer->most * tn_h5_size_of(writer->variables[k].type);
        struct pack *pack = &writer->packs[k];
        pack->raw = malloc(2 * bytes + tn_pack_bound(bytes));
        if (!pack->raw)
            return false;
        pack->scratch = pack->raw + bytes;
        pack->packed = pack->scratch + bytes;
    }
    return true;
}

/* Packs the piece in hand, all variables side by side, and writes it. */
static void write_piece(struct tn_cube_writer *writer)
{
    struct tn_h5_writer *w = &writer->file.h5;
    const int threads = writer->file.cube->provenance->threads;
#pragma omp parallel for schedule(dynamic) num_threads(threads > 0 ? threads : 1)
    for (size_t k = 0; k < writer->count; k++) {
        struct pack *pack = &writer->packs[k];
        const size_t size = tn_h5_size_of(writer->variables[k].type);
        if (!is_packed(&writer->variables[k]))
            continue;
        memset(pack->raw + writer->filled * size, 0, (writer->most - writer->filled) * size);
        pack->size = tn_pack(pack->packed, pack->scratch, pack->raw, writer->most, size);
    }
    for (size_t k = 0; k < writer->count; k++) {
        if (!is_packed(&writer->variables[k]))
            continue;
        if (writer->packs[k].size == 0)
            w->status = TN_ERR_MEMORY;
        tn_h5_write_packed(w, writer->data[k], &writer->piece, writer->packs[k].packed, writer->packs[k].size);
    }
}

tn_status tn_cube_create(struct tn_cube_writer **out, const char *path, const struct tn_cube *cube, size_t shard,
                         size_t shards, size_t first, size_t count, struct tn_context *ctx)
{
    *out = NULL;
    struct tn_cube_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return TN_ERR_MEMORY;
    tn_status status = tn_cube_begin(&writer->file, path, cube, shards > 1 ? count : 0, ctx);
    if (status != TN_OK) {
        free(writer);
        return status;
    }
    writer->first = first;
    writer->points = count;
    writer->box = shards < 2;
    tn_cube_put_place(&writer->file, shard, shards, first, count);
    writer->count = tn_cube_variables(writer->variables, &writer->file);
    for (size_t k = 0; k < writer->count; k++)
        writer->data[k] = tn_h5_begin(&writer->file.h5, writer->file.h5.file, &writer->variables[k]);
    if (!make_packs(writer))
        writer->file.h5.status = TN_ERR_MEMORY;
    status = writer->file.h5.status;
    if (status == TN_OK)
        *out = writer;
    else
        tn_cube_abandon(writer);
    return status;
}

/* The values of variable k of the rows. */
static const void *values_of(const struct tn_cube_writer *writer, size_t k, const struct tn_rows *rows)
{
    const char *name = writer->variables[k].name;
    return k < writer->file.layout.count   ? rows->values[k]
           : strcmp(name, "point_id") == 0 ? (const void *)rows->ids
           : strcmp(name, "status") == 0   ? (const void *)rows->states
                                           : (const void *)rows->reasons;
}

static void write_texts(struct tn_cube_writer *writer, size_t k, const struct tn_rows *rows)
{
    const char **texts = (const char **)(uintptr_t)values_of(writer, k, rows);
    for (size_t i = 0; i < rows->count; i++)
        if (!texts[i])
            texts[i] = "";
    tn_h5_write(&writer->file.h5, writer->data[k], &writer->variables[k], writer->added, rows->count, texts);
}

/* Some rows from one on into the piece in hand; returns how many had room. */
static size_t fill_piece(struct tn_cube_writer *writer, const struct tn_rows *rows, size_t from)
{
    if (writer->filled == 0)
        (void)tn_h5_piece(&writer->piece, writer->file.rank, writer->file.dims, writer->added + from);
    const size_t room = writer->piece.points - writer->filled, left = rows->count - from;
    const size_t count = left < room ? left : room;
    for (size_t k = 0; k < writer->count; k++) {
        const size_t size = tn_h5_size_of(writer->variables[k].type);
        if (is_packed(&writer->variables[k]))
            memcpy(writer->packs[k].raw + writer->filled * size, (const char *)values_of(writer, k, rows) + from * size,
                   count * size);
    }
    writer->filled += count;
    return count;
}

tn_status tn_cube_add(struct tn_cube_writer *writer, const struct tn_rows *rows, struct tn_context *ctx)
{
    struct tn_h5_writer *w = &writer->file.h5;
    w->ctx = ctx;
    if (rows->first != writer->first + writer->added || rows->count > writer->points - writer->added) {
        tn_error(ctx, NULL, NULL, "points %zu to %zu are not the next of the sweep", rows->first,
                 rows->first + rows->count);
        return TN_ERR_INTERNAL;
    }
    for (size_t k = 0; k < writer->count && w->status == TN_OK; k++)
        if (!is_packed(&writer->variables[k]))
            write_texts(writer, k, rows);
    for (size_t done = 0; done < rows->count && w->status == TN_OK;) {
        done += fill_piece(writer, rows, done);
        if (writer->filled < writer->piece.points)
            break;
        write_piece(writer);
        writer->filled = 0;
    }
    writer->added += rows->count;
    tn_status status = w->status;
    if (status == TN_OK)
        status = tn_rows_adopt_common(&writer->common, &rows->common, &writer->file.layout, &writer->arena);
    return status;
}

static void close_data(struct tn_cube_writer *writer)
{
    for (size_t k = 0; k < writer->count; k++)
        tn_h5_end(&writer->file.h5, writer->data[k]);
    for (size_t k = 0; k < writer->count; k++)
        free(writer->packs[k].raw);
    writer->count = 0;
}

tn_status tn_cube_commit(struct tn_cube_writer *writer, double wall_time_s, struct tn_context *ctx)
{
    struct tn_cube_file *file = &writer->file;
    file->h5.ctx = ctx;
    if (writer->added != writer->points && file->h5.status == TN_OK) {
        tn_error(ctx, NULL, NULL, "%zu of %zu points were given", writer->added, writer->points);
        file->h5.status = TN_ERR_INTERNAL;
    }
    close_data(writer);
    tn_cube_put_common(file, &writer->common);
    if (writer->box && file->cube->resamples >= 0)
        tn_cube_put_sensitivity(file);
    tn_status status = tn_cube_end(file, wall_time_s);
    tn_arena_clear(&writer->arena);
    free(writer);
    return status;
}

void tn_cube_abandon(struct tn_cube_writer *writer)
{
    if (!writer)
        return;
    close_data(writer);
    tn_cube_drop(&writer->file);
    tn_arena_clear(&writer->arena);
    free(writer);
}
