/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

const struct tn_study_kind *tn_cube_kind(const char *name)
{
    for (size_t i = 0; name && tn_study_kinds[i]; i++)
        if (strcmp(tn_study_kinds[i]->name, name) == 0)
            return tn_study_kinds[i];
    return NULL;
}

static size_t whole_attribute(struct tn_cube_reader *reader, const char *name, size_t otherwise)
{
    const double value = tn_h5_attribute_number(&reader->h5, "/", name);
    return value >= 0 ? (size_t)value : otherwise;
}

tn_status tn_cube_open(struct tn_cube_reader *out, const char *path, struct tn_context *ctx)
{
    *out = (struct tn_cube_reader){.points = 1};
    tn_status status = tn_h5_open_any(&out->h5, path, &out->arena, ctx);
    if (status != TN_OK) {
        tn_arena_clear(&out->arena);
        return status;
    }
    const struct tn_study_kind *kind = tn_cube_kind(tn_h5_attribute(&out->h5, "/", "study"));
    const char *plan = tn_h5_attribute(&out->h5, "/", "plan");
    if (!kind || !tn_h5_has(&out->h5, "status"))
        status = tn_error(ctx, NULL, NULL, "%s: not the results of a sweep", path);
    if (status == TN_OK)
        status = tn_rows_layout_init(&out->layout, kind, &out->arena);
    const struct tn_h5_shape shape = status == TN_OK ? tn_h5_shape(&out->h5, "status") : (struct tn_h5_shape){0};
    out->rank = shape.rank;
    for (int i = 0; i < shape.rank; i++) {
        out->dims[i] = (struct tn_h5_dim){-1, shape.sizes[i]};
        out->points *= shape.sizes[i];
    }
    out->plan = plan ? strtoull(plan, NULL, 16) : 0;
    out->all = whole_attribute(out, "points", out->points);
    out->shard = whole_attribute(out, "shard", 0);
    out->shards = whole_attribute(out, "shards", 1);
    out->first = whole_attribute(out, "first_point", 0);
    if (status == TN_OK)
        status = out->h5.status;
    if (status != TN_OK)
        tn_cube_close(out);
    return status;
}

void tn_cube_close(struct tn_cube_reader *reader)
{
    tn_h5_close(&reader->h5);
    tn_arena_clear(&reader->arena);
}

static hid_t memory_type(enum tn_h5_type type)
{
    return type == TN_H5_NUMBER    ? H5T_NATIVE_DOUBLE
           : type == TN_H5_INTEGER ? H5T_NATIVE_INT
           : type == TN_H5_ID      ? H5T_NATIVE_UINT64
                                   : H5T_NATIVE_SCHAR;
}

static size_t size_of(enum tn_h5_type type)
{
    return type == TN_H5_BYTE ? 1 : type == TN_H5_INTEGER ? sizeof(int) : 8;
}

/* HDF5 allocates the texts that it reads: copied, then given back. */
static bool keep_texts(char **texts, hid_t type, hid_t space, size_t count, struct tn_arena *arena)
{
    bool kept = true;
    char **copies = malloc((count + 1) * sizeof *copies);
    for (size_t i = 0; copies && i < count; i++) {
        copies[i] = texts[i] ? tn_arena_copy(arena, texts[i], strlen(texts[i])) : NULL;
        kept = kept && (!texts[i] || copies[i]);
    }
    kept = kept && copies && H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts) >= 0;
    if (copies)
        memcpy(texts, copies, count * sizeof *copies);
    free(copies);
    return kept;
}

static bool read_box(hid_t data, hid_t file_type, const struct tn_h5_box *box, enum tn_h5_type type, void *to,
                     struct tn_arena *arena)
{
    const hsize_t points = box->points;
    hid_t file = H5Dget_space(data), space = H5Screate_simple(1, &points, NULL);
    bool done = file >= 0 && space >= 0 &&
                H5Sselect_hyperslab(file, H5S_SELECT_SET, box->start, NULL, box->count, NULL) >= 0 &&
                H5Dread(data, type == TN_H5_TEXT ? file_type : memory_type(type), space, file, H5P_DEFAULT, to) >= 0 &&
                (type != TN_H5_TEXT || keep_texts(to, file_type, space, box->points, arena));
    if (file >= 0)
        (void)H5Sclose(file);
    if (space >= 0)
        (void)H5Sclose(space);
    return done;
}

/* Elements first .. first + count - 1 of a variable over the points; nothing where the file has none of that name and
   type. */
static tn_status read_range(void *to, struct tn_cube_reader *reader, const char *name, enum tn_h5_type type,
                            size_t first, size_t count, struct tn_arena *arena)
{
    struct tn_h5_box boxes[2 * H5S_MAX_RANK];
    if (!tn_h5_has(&reader->h5, name) || tn_h5_is_text(&reader->h5, name) != (type == TN_H5_TEXT))
        return reader->h5.status;
    const struct tn_h5_shape shape = tn_h5_shape(&reader->h5, name);
    for (int i = 0; i < shape.rank; i++)
        if (shape.rank != reader->rank || shape.sizes[i] != reader->dims[i].size)
            return reader->h5.status;
    const size_t made = tn_h5_boxes(boxes, reader->rank, reader->dims, first, count);
    hid_t data = H5Dopen2(reader->h5.file, name, H5P_DEFAULT), file_type = data < 0 ? -1 : H5Dget_type(data);
    bool done = file_type >= 0;
    for (size_t i = 0; done && i < made; i++)
        done = read_box(data, file_type, &boxes[i], type, (char *)to + boxes[i].first * size_of(type), arena);
    if (file_type >= 0)
        (void)H5Tclose(file_type);
    if (data >= 0)
        (void)H5Dclose(data);
    if (!done && reader->h5.status == TN_OK)
        reader->h5.status = tn_h5_error(reader->h5.ctx, reader->h5.path, "read a variable");
    return reader->h5.status;
}

/* One column of a list that all points have in common; NULL where the file has none. */
static void *common_column(struct tn_cube_reader *reader, const char *name, const struct tn_column *column,
                           size_t *rows)
{
    struct tn_h5_reader *r = &reader->h5;
    const enum tn_h5_type type = tn_column_variable(column).type;
    if (!tn_h5_has(r, name))
        return NULL;
    if (type == TN_H5_TEXT) {
        const struct tn_list texts = tn_h5_texts(r, name);
        *rows = texts.count;
        return texts.items;
    }
    const struct tn_list numbers = tn_h5_numbers(r, name);
    *rows = numbers.count;
    if (type == TN_H5_NUMBER)
        return numbers.items;
    void *values = tn_arena_alloc(&reader->arena, numbers.count + 1, tn_column_size(column));
    for (size_t i = 0; values && i < numbers.count; i++) {
        const double number = ((const double *)numbers.items)[i];
        if (type == TN_H5_INTEGER)
            ((int *)values)[i] = (int)number;
        else
            ((signed char *)values)[i] = (signed char)number;
    }
    return values;
}

/* In the reader's arena. Unknown where no point was solved: such files name no line and no train and hold no lists. */
static tn_status read_common(struct tn_rows_common *out, struct tn_cube_reader *reader)
{
    const struct tn_rows_layout *layout = &reader->layout;
    *out = (struct tn_rows_common){.line = tn_h5_attribute(&reader->h5, "/", "line"),
                                   .train = tn_h5_attribute(&reader->h5, "/", "train")};
    out->lists = tn_arena_alloc(&reader->arena, layout->list_count + 1, sizeof *out->lists);
    if (!out->lists)
        return TN_ERR_MEMORY;
    out->known = out->line || out->train;
    for (size_t k = 0; k < layout->list_count; k++) {
        const struct tn_rows_list *list = &layout->lists[k];
        out->lists[k].values = tn_arena_alloc(&reader->arena, list->count + 1, sizeof(void *));
        for (size_t i = 0; out->lists[k].values && i < list->count; i++) {
            const char *name = tn_arena_printf(&reader->arena, "%s_%s", list->name, list->columns[i].name);
            void *values = name ? common_column(reader, name, &list->columns[i], &out->lists[k].rows) : NULL;
            if (!values)
                values = tn_arena_alloc(&reader->arena, 1, tn_column_size(&list->columns[i]));
            out->lists[k].values[i] = values;
        }
        out->known = out->known || out->lists[k].rows > 0;
    }
    return reader->h5.status;
}

tn_status tn_cube_read(struct tn_rows *rows, struct tn_cube_reader *reader, size_t first, size_t count)
{
    tn_rows_begin(rows, reader->first + first, count);
    tn_status status = read_range(rows->states, reader, "status", TN_H5_BYTE, first, count, &rows->arena);
    if (status == TN_OK)
        status = read_range(rows->ids, reader, "point_id", TN_H5_ID, first, count, &rows->arena);
    if (status == TN_OK)
        status = read_range(rows->reasons, reader, "reason", TN_H5_TEXT, first, count, &rows->arena);
    for (size_t k = 0; k < rows->layout->count && status == TN_OK; k++) {
        const struct tn_column *column = &rows->layout->columns[k];
        status = read_range(rows->values[k], reader, column->name, tn_column_variable(column).type, first, count,
                            &rows->arena);
    }
    struct tn_rows_common common;
    if (status == TN_OK)
        status = read_common(&common, reader);
    if (status == TN_OK)
        status = tn_rows_adopt_common(&rows->common, &common, rows->layout, &rows->arena);
    return status;
}

/* The axes of a file: variables with a path. A dimension's own axis is its coordinate. */
struct loaded {
    struct tn_list values; /* double or const char *, one a row of the samples */
    bool texts;
};

static void loaded_value(double *number_out, const char **text_out, size_t axis, size_t row, void *payload)
{
    const struct loaded *loaded = (const struct loaded *)payload + axis;
    *number_out = loaded->texts ? (double)NAN : ((const double *)loaded->values.items)[row];
    *text_out = loaded->texts ? ((const char **)loaded->values.items)[row] : NULL;
}

static enum tn_quantity quantity_of(const char *units)
{
    for (int q = 0; units && q < TN_Q_COUNT; q++)
        if (strcmp(tn_quantity_si((enum tn_quantity)q), units) == 0)
            return (enum tn_quantity)q;
    return TN_Q_NONE;
}

static tn_status describe_axes(struct tn_cube *cube, struct tn_cube_reader *reader, const struct tn_h5_shape *shape)
{
    struct tn_h5_reader *r = &reader->h5;
    const struct tn_list names = tn_h5_names(r, "/");
    struct tn_cube_axis *axes = tn_arena_alloc(&reader->arena, names.count + 1, sizeof *axes);
    struct loaded *loaded = tn_arena_alloc(&reader->arena, names.count + 1, sizeof *loaded);
    struct tn_cube_dim *dims = tn_arena_alloc(&reader->arena, (size_t)shape->rank + 1, sizeof *dims);
    if (!axes || !loaded || !dims)
        return TN_ERR_MEMORY;
    for (int k = 0; k < shape->rank; k++)
        dims[k] = (struct tn_cube_dim){shape->names[k], 0, shape->sizes[k]};
    for (size_t i = 0; i < names.count; i++) {
        const char *name = ((const char **)names.items)[i];
        const char *path = name && tn_h5_has(r, name) ? tn_h5_attribute(r, name, "path") : NULL;
        if (!path)
            continue;
        struct tn_cube_axis *axis = &axes[cube->axis_count];
        const bool texts = tn_h5_is_text(r, name);
        const struct tn_list values = texts ? tn_h5_texts(r, name) : tn_h5_numbers(r, name);
        *axis = (struct tn_cube_axis){.path = path,
                                      .label = tn_h5_attribute(r, name, "long_name"),
                                      .type = texts ? TN_STRING : TN_NUMBER,
                                      .quantity = quantity_of(tn_h5_attribute(r, name, "units")),
                                      .has_texts = texts};
        loaded[cube->axis_count] = (struct loaded){values, texts};
        for (int k = 0; k < shape->rank; k++)
            if (strcmp(shape->names[k], name) == 0) {
                dims[k] = (struct tn_cube_dim){NULL, cube->axis_count, values.count};
                axis->count = values.count;
                axis->numbers = texts ? NULL : values.items;
                axis->texts = texts ? values.items : NULL;
            }
        cube->axis_count++;
    }
    cube->axes = axes;
    cube->dims = dims;
    cube->dim_count = (size_t)shape->rank;
    cube->sampled = loaded_value;
    cube->payload = loaded;
    return r->status;
}

static tn_status describe_provenance(struct tn_provenance **out, struct tn_cube_reader *reader)
{
    struct tn_h5_reader *r = &reader->h5;
    struct tn_provenance *p = *out = tn_arena_alloc(&reader->arena, 1, sizeof *p);
    const struct tn_list paths = tn_h5_texts(r, "provenance/input_path"),
                         sums = tn_h5_texts(r, "provenance/input_sha256"),
                         sizes = tn_h5_numbers(r, "provenance/input_size"),
                         text = tn_h5_texts(r, "provenance/scenario_text"),
                         resolved = tn_h5_texts(r, "provenance/scenario_resolved");
    struct tn_input_file *inputs = tn_arena_alloc(&reader->arena, paths.count + 1, sizeof *inputs);
    if (!p || !inputs)
        return TN_ERR_MEMORY;
    const char *scenario = text.count ? ((const char **)text.items)[0] : "";
    for (size_t i = 0; i < paths.count && i < sums.count && i < sizes.count; i++)
        inputs[i] = (struct tn_input_file){.path = ((const char **)paths.items)[i],
                                           .text = i == 0 ? scenario : NULL,
                                           .size = (size_t)((const double *)sizes.items)[i],
                                           .sha256 = ((const char **)sums.items)[i]};
    *p = (struct tn_provenance){.scenario = tn_h5_attribute(r, "provenance", "scenario"),
                                .title = tn_h5_attribute(r, "/", "title"),
                                .resolved = resolved.count ? ((const char **)resolved.items)[0] : "",
                                .command = tn_h5_attribute(r, "provenance", "command"),
                                .inputs = inputs,
                                .input_count = paths.count,
                                .threads = (int)tn_h5_attribute_number(r, "provenance", "threads")};
    return r->status;
}

tn_status tn_cube_describe(struct tn_cube *out, struct tn_cube_reader *reader)
{
    struct tn_h5_reader *r = &reader->h5;
    const struct tn_h5_shape shape = tn_h5_shape(r, "status");
    struct tn_provenance *provenance;
    const double resamples = tn_h5_attribute_number(r, "/", "sensitivity_resamples");
    *out = (struct tn_cube){.study_id = tn_h5_attribute(r, "/", "sweep"),
                            .kind = reader->layout.kind,
                            .plan = reader->plan,
                            .shown = tn_h5_attribute(r, "/", "sensitivity_of"),
                            .resamples = isnan(resamples) ? -1 : (int)resamples,
                            .confidence = tn_h5_attribute_number(r, "/", "sensitivity_confidence")};
    const double seed = tn_h5_attribute_number(r, "/", "sensitivity_seed");
    out->seed = isnan(seed) ? 0 : (int)seed;
    tn_status status = describe_axes(out, reader, &shape);
    for (size_t i = 0; i < out->dim_count; i++)
        if (out->dims[i].name && strcmp(out->dims[i].name, "replicate") != 0) {
            out->sample_dim = out->sample_dims == 0 ? i : out->sample_dim;
            out->sample_dims++;
        }
    if (status == TN_OK)
        status = describe_provenance(&provenance, reader);
    if (status == TN_OK)
        out->provenance = provenance;
    return status;
}
