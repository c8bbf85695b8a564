/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "h5.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"

enum { ATTRIBUTE_MOST = 60000, CHUNK_MOST = 65536 };

void tn_h5_quiet_begin(struct tn_h5_quiet *quiet)
{
    if (H5Eget_auto2(H5E_DEFAULT, &quiet->function, &quiet->data) < 0)
        *quiet = (struct tn_h5_quiet){0};
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void tn_h5_quiet_end(const struct tn_h5_quiet *quiet)
{
    (void)H5Eset_auto2(H5E_DEFAULT, quiet->function, quiet->data);
}

/* An upward walk begins at the innermost error. */
static herr_t innermost(unsigned n, const H5E_error2_t *error, void *payload)
{
    if (n == 0)
        snprintf(payload, 300, "%s", error->desc ? error->desc : "");
    return 0;
}

tn_status tn_h5_error(struct tn_context *ctx, const char *path, const char *what)
{
    char reason[300] = "";
    (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
    const char *hint =
        strstr(reason, "unable to lock") ? "on a file system without locks set HDF5_USE_FILE_LOCKING=FALSE" : NULL;
    tn_error(ctx, NULL, hint, "%s: cannot %s%s%s", path, what, *reason ? ": " : "", reason);
    return TN_ERR_IO;
}

/* Takes note of a failed call; true while all is well. */
static bool good(struct tn_h5_writer *w, bool success, const char *what)
{
    if (!success && w->status == TN_OK)
        w->status = tn_h5_error(w->ctx, w->path, what);
    return w->status == TN_OK;
}

static bool memory(struct tn_h5_writer *w, const void *pointer)
{
    if (!pointer && w->status == TN_OK)
        w->status = TN_ERR_MEMORY;
    return w->status == TN_OK;
}

/* netCDF appends only where creation order is tracked; equal runs give equal bytes only without object times. */
static hid_t creation_list(hid_t class)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t list = H5Pcreate(class);
    bool links = class != H5P_DATASET_CREATE;
    if (list < 0 || H5Pset_attr_creation_order(list, order) < 0 || H5Pset_obj_track_times(list, 0) < 0 ||
        (links && H5Pset_link_creation_order(list, order) < 0)) {
        if (list >= 0)
            (void)H5Pclose(list);
        return -1;
    }
    return list;
}

/* What a failed creation left; a file that another process is writing is locked by HDF5, and stays. */
static void discard(const char *part)
{
    int file = open(part, O_RDWR);
    if (file < 0)
        return;
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        (void)unlink(part);
    (void)close(file);
}

static bool create_file(struct tn_h5_writer *w)
{
    hid_t create = creation_list(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
    bool made = create >= 0 && access >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0;
    if (made)
        w->file = H5Fcreate(w->part, H5F_ACC_TRUNC, create, access);
    if (made && w->file < 0)
        discard(w->part);
    bool success = good(w, made && w->file >= 0, "create the file");
    if (create >= 0)
        (void)H5Pclose(create);
    if (access >= 0)
        (void)H5Pclose(access);
    return success;
}

/* The file takes its name by a rename, which would put it in place of a device or a pipe. */
static bool may_replace(struct tn_h5_writer *w)
{
    struct stat old;
    const char *reason = !*w->path                                          ? "it has no name"
                         : stat(w->path, &old) != 0 || S_ISREG(old.st_mode) ? NULL
                         : S_ISDIR(old.st_mode)                             ? "it is a folder"
                                                                            : "it is not a file";
    if (!reason)
        return true;
    tn_error(w->ctx, NULL, NULL, "cannot write '%s': %s", w->path, reason);
    w->status = TN_ERR_IO;
    return false;
}

tn_status tn_h5_create(struct tn_h5_writer *w, const char *path, struct tn_context *ctx)
{
    *w = (struct tn_h5_writer){.file = -1, .ctx = ctx};
    w->path = tn_arena_copy(&w->arena, path, strlen(path));
    w->part = tn_arena_printf(&w->arena, "%s.part", path);
    tn_h5_quiet_begin(&w->quiet);
    if (!w->path || !w->part)
        w->status = TN_ERR_MEMORY;
    else if (may_replace(w))
        create_file(w);
    tn_status status = w->status;
    if (status != TN_OK)
        tn_h5_abandon(w);
    return status;
}

void tn_h5_abandon(struct tn_h5_writer *w)
{
    if (w->file >= 0) {
        (void)H5Fclose(w->file);
        (void)unlink(w->part);
    }
    tn_h5_quiet_end(&w->quiet);
    tn_arena_clear(&w->arena);
    *w = (struct tn_h5_writer){.file = -1, .status = TN_ERR_STOPPED};
}

static bool sync_path(const char *path)
{
    int file = open(path, O_RDONLY);
    if (file < 0)
        return false;
    bool done = fsync(file) == 0;
    return close(file) == 0 && done;
}

/* HDF5 never syncs: only a synced file may take the final name. */
static bool make_whole(struct tn_h5_writer *w)
{
    const char *slash = strrchr(w->path, '/');
    const char *folder = !slash             ? "."
                         : slash == w->path ? "/"
                                            : tn_arena_copy(&w->arena, w->path, (size_t)(slash - w->path));
    if (folder && sync_path(w->part) && rename(w->part, w->path) == 0) {
        (void)sync_path(folder); /* some file systems refuse to sync a folder; the file is whole anyhow */
        return true;
    }
    tn_error(w->ctx, NULL, NULL, "%s: cannot finish the file: %s", w->path, strerror(errno));
    w->status = TN_ERR_IO;
    return false;
}

tn_status tn_h5_commit(struct tn_h5_writer *w)
{
    if (w->status == TN_OK)
        good(w, H5Fflush(w->file, H5F_SCOPE_GLOBAL) >= 0, "write the file");
    if (w->status == TN_OK) {
        bool closed = H5Fclose(w->file) >= 0;
        w->file = -1; /* HDF5 crashes where a file that it could not close is closed again */
        if (!good(w, closed, "close the file") || !make_whole(w))
            (void)unlink(w->part);
    }
    tn_status status = w->status;
    tn_h5_abandon(w);
    return status;
}

hid_t tn_h5_group(struct tn_h5_writer *w, hid_t parent, const char *name)
{
    if (w->status != TN_OK)
        return -1;
    hid_t list = creation_list(H5P_GROUP_CREATE);
    hid_t group = list < 0 ? -1 : H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    good(w, group >= 0, "create a group");
    if (list >= 0)
        (void)H5Pclose(list);
    return group;
}

void tn_h5_group_close(struct tn_h5_writer *w, hid_t group)
{
    if (group >= 0)
        good(w, H5Gclose(group) >= 0, "close a group");
}

/* --- attributes --- */

static void put_attribute(struct tn_h5_writer *w, hid_t object, const char *name, hid_t type, const hsize_t *count,
                          const void *data)
{
    if (w->status != TN_OK)
        return;
    hid_t space = count ? H5Screate_simple(1, count, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = space < 0 ? -1 : H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    good(w, attribute >= 0 && H5Awrite(attribute, type, data) >= 0, "write an attribute");
    if (attribute >= 0)
        good(w, H5Aclose(attribute) >= 0, "close an attribute");
    if (space >= 0)
        (void)H5Sclose(space);
}

static size_t cut_length(const char *text)
{
    size_t length = strlen(text);
    if (length <= ATTRIBUTE_MOST)
        return length;
    length = ATTRIBUTE_MOST;
    while (length && ((unsigned char)text[length] & 0xC0u) == 0x80u)
        length--;
    return length;
}

void tn_h5_text_attribute(struct tn_h5_writer *w, hid_t object, const char *name, const char *text)
{
    if (w->status != TN_OK || !text)
        return;
    size_t length = cut_length(text);
    char *copy = tn_arena_copy(&w->arena, text, length);
    if (!memory(w, copy))
        return;
    hid_t type =
        H5Tcopy(H5T_C_S1); /* as long as the text, as netCDF has it: a NUL would be part of it to its readers */
    bool made = type >= 0 && H5Tset_size(type, length ? length : 1) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
                H5Tset_strpad(type, H5T_STR_NULLTERM) >= 0;
    if (good(w, made, "write an attribute"))
        put_attribute(w, object, name, type, NULL, copy);
    if (type >= 0)
        (void)H5Tclose(type);
}

void tn_h5_number_attribute(struct tn_h5_writer *w, hid_t object, const char *name, double value)
{
    put_attribute(w, object, name, H5T_NATIVE_DOUBLE, NULL, &value);
}

void tn_h5_integer_attribute(struct tn_h5_writer *w, hid_t object, const char *name, int value)
{
    put_attribute(w, object, name, H5T_NATIVE_INT, NULL, &value);
}

static void put_flags(struct tn_h5_writer *w, hid_t object, const char *meanings)
{
    signed char values[32];
    hsize_t count = 1;
    for (const char *c = meanings; *c; c++)
        count += *c == ' ';
    for (hsize_t i = 0; i < count && i < 32; i++)
        values[i] = (signed char)i;
    put_attribute(w, object, "flag_values", H5T_NATIVE_SCHAR, &count, values);
    tn_h5_text_attribute(w, object, "flag_meanings", meanings);
}

/* --- variables --- */

static hid_t type_of(enum tn_h5_type type)
{
    if (type == TN_H5_TEXT) {
        hid_t text = H5Tcopy(H5T_C_S1);
        if (text >= 0 && H5Tset_size(text, H5T_VARIABLE) >= 0 && H5Tset_cset(text, H5T_CSET_UTF8) >= 0)
            return text;
        if (text >= 0)
            (void)H5Tclose(text);
        return -1;
    }
    return H5Tcopy(type == TN_H5_NUMBER    ? H5T_IEEE_F64LE
                   : type == TN_H5_INTEGER ? H5T_STD_I32LE
                   : type == TN_H5_ID      ? H5T_STD_U64LE
                                           : H5T_STD_I8LE);
}

static hid_t memory_type(enum tn_h5_type type, hid_t file_type)
{
    return type == TN_H5_TEXT      ? file_type
           : type == TN_H5_NUMBER  ? H5T_NATIVE_DOUBLE
           : type == TN_H5_INTEGER ? H5T_NATIVE_INT
           : type == TN_H5_ID      ? H5T_NATIVE_UINT64
                                   : H5T_NATIVE_SCHAR;
}

/* The last dimensions whole, one in stretches, those before it one by one: a piece is a range of elements in their
   order. */
static void piece_shape(hsize_t *shape, int rank, const struct tn_h5_dim *dims)
{
    hsize_t left = CHUNK_MOST;
    for (int i = rank - 1; i >= 0; i--) {
        const hsize_t size = dims[i].size ? dims[i].size : 1;
        shape[i] = size < left ? size : left;
        left = shape[i] < size ? 1 : left / shape[i];
    }
}

/* Chunked where the data can be packed; an empty dimension must be extendible to exist in netCDF. Texts live in HDF5's
   heap, out of the filters' reach. */
static bool set_storage(hid_t list, const struct tn_h5_variable *variable, bool empty)
{
    bool pack = variable->type != TN_H5_TEXT;
    if (variable->rank == 0 || (!pack && !empty))
        return true;
    hsize_t chunk[H5S_MAX_RANK];
    piece_shape(chunk, variable->rank, variable->dims);
    return H5Pset_chunk(list, variable->rank, chunk) >= 0 &&
           (!pack || (H5Pset_shuffle(list) >= 0 && H5Pset_deflate(list, 1) >= 0 && H5Pset_fletcher32(list) >= 0));
}

hid_t tn_h5_dataset_list(void)
{
    return creation_list(H5P_DATASET_CREATE);
}

static hid_t create_dataset(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable, hid_t type,
                            hid_t list)
{
    hsize_t size[H5S_MAX_RANK + 1], most[H5S_MAX_RANK + 1];
    for (int i = 0; i < variable->rank; i++) {
        size[i] = variable->dims[i].size;
        most[i] = size[i] ? size[i] : H5S_UNLIMITED;
    }
    hid_t data = -1, space = variable->rank ? H5Screate_simple(variable->rank, size, most) : H5Screate(H5S_SCALAR);
    if (list >= 0 && space >= 0 && type >= 0)
        data = H5Dcreate2(group, variable->name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    good(w, data >= 0, tn_arena_printf(&w->arena, "create the variable %s", variable->name));
    if (space >= 0)
        (void)H5Sclose(space);
    return data;
}

static bool is_empty(const struct tn_h5_variable *variable)
{
    for (int i = 0; i < variable->rank; i++)
        if (variable->dims[i].size == 0)
            return true;
    return false;
}

static const void *without_nulls(struct tn_h5_writer *w, const struct tn_h5_variable *variable, const void *data)
{
    size_t count = 1;
    for (int i = 0; i < variable->rank; i++)
        count *= variable->dims[i].size;
    const char **texts = tn_arena_alloc(&w->arena, count + 1, sizeof *texts);
    if (!memory(w, texts))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *text = ((const char *const *)data)[i];
        texts[i] = text ? text : "";
    }
    return texts;
}

static void put_attributes(struct tn_h5_writer *w, hid_t data, const struct tn_h5_variable *variable)
{
    tn_h5_text_attribute(w, data, "long_name", variable->long_name);
    tn_h5_text_attribute(w, data, "units", variable->units);
    if (variable->flag_meanings)
        put_flags(w, data, variable->flag_meanings);
    for (int i = 0; i < 4 && variable->attributes[i][0]; i++)
        tn_h5_text_attribute(w, data, variable->attributes[i][0], variable->attributes[i][1]);
}

/* Makes all but the scales; returns the open dataset. list: NULL for the usual one. */
static hid_t begin(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable, const hid_t *list)
{
    if (w->status != TN_OK)
        return -1;
    hid_t type = type_of(variable->type), own = list ? *list : creation_list(H5P_DATASET_CREATE), dataset = -1;
    if (list || good(w, own >= 0 && set_storage(own, variable, is_empty(variable)), "describe a variable"))
        dataset = create_dataset(w, group, variable, type, own);
    put_attributes(w, dataset, variable);
    if (type >= 0)
        (void)H5Tclose(type);
    if (!list && own >= 0)
        (void)H5Pclose(own);
    return dataset;
}

static void write_all(struct tn_h5_writer *w, hid_t dataset, const struct tn_h5_variable *variable, const void *data)
{
    if (w->status != TN_OK)
        return;
    hid_t type = type_of(variable->type);
    if (variable->type == TN_H5_TEXT)
        data = without_nulls(w, variable, data);
    if (w->status == TN_OK && data)
        good(w, H5Dwrite(dataset, memory_type(variable->type, type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0,
             "write a variable");
    if (type >= 0)
        (void)H5Tclose(type);
}

static void attach(struct tn_h5_writer *w, hid_t dataset, const struct tn_h5_variable *variable)
{
    for (int i = 0; w->status == TN_OK && i < variable->rank; i++)
        good(w, H5DSattach_scale(dataset, variable->dims[i].scale, (unsigned)i) >= 0, "attach a dimension");
}

void tn_h5_end(struct tn_h5_writer *w, hid_t dataset)
{
    if (dataset >= 0)
        good(w, H5Dclose(dataset) >= 0, "close a variable");
}

void tn_h5_put(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable, const void *data)
{
    hid_t dataset = begin(w, group, variable, NULL);
    write_all(w, dataset, variable, data);
    attach(w, dataset, variable);
    tn_h5_end(w, dataset);
}

hid_t tn_h5_begin(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable)
{
    hid_t dataset = begin(w, group, variable, NULL);
    attach(w, dataset, variable);
    return dataset;
}

hid_t tn_h5_begin_as(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable, hid_t list)
{
    hid_t dataset = begin(w, group, variable, &list);
    attach(w, dataset, variable);
    return dataset;
}

/* Elements of the file between two steps along the dimension. */
static size_t stride_of(int dim, int rank, const struct tn_h5_dim *dims)
{
    size_t stride = 1;
    for (int i = dim + 1; i < rank; i++)
        stride *= dims[i].size;
    return stride;
}

/* The largest box that begins at an element and ends within the range. */
static void largest_box(struct tn_h5_box *box, int rank, const struct tn_h5_dim *dims, size_t at, size_t left)
{
    int dim = rank - 1;
    while (dim > 0 && at % stride_of(dim - 1, rank, dims) == 0 && left >= stride_of(dim - 1, rank, dims))
        dim--;
    const size_t stride = stride_of(dim, rank, dims);
    box->points = stride;
    for (int i = 0; i < rank; i++) {
        box->start[i] = at / stride_of(i, rank, dims) % dims[i].size;
        box->count[i] = i < dim ? 1 : dims[i].size;
    }
    const size_t room = dims[dim].size - box->start[dim];
    box->count[dim] = left / stride < room ? left / stride : room;
    box->points *= box->count[dim];
}

size_t tn_h5_boxes(struct tn_h5_box boxes[2 * H5S_MAX_RANK], int rank, const struct tn_h5_dim *dims, size_t first,
                   size_t count)
{
    size_t made = 0;
    for (size_t done = 0; done < count; done += boxes[made++].points) {
        boxes[made].first = done;
        largest_box(&boxes[made], rank, dims, first + done, count - done);
    }
    return made;
}

/* One box; data begin with its first element. Texts are converted on their way, in a buffer that HDF5 clears each time:
   a megabyte if it is not told how little it takes. */
static bool write_box(hid_t dataset, hid_t type, const struct tn_h5_box *box, const void *data)
{
    const hsize_t points = box->points;
    const size_t buffer = (points < CHUNK_MOST ? (size_t)points : CHUNK_MOST) * sizeof(hvl_t);
    hid_t file = H5Dget_space(dataset), memory_space = H5Screate_simple(1, &points, NULL);
    hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    bool done = file >= 0 && memory_space >= 0 && transfer >= 0 && H5Pset_buffer(transfer, buffer, NULL, NULL) >= 0 &&
                H5Sselect_hyperslab(file, H5S_SELECT_SET, box->start, NULL, box->count, NULL) >= 0 &&
                H5Dwrite(dataset, type, memory_space, file, transfer, data) >= 0;
    if (transfer >= 0)
        (void)H5Pclose(transfer);
    if (file >= 0)
        (void)H5Sclose(file);
    if (memory_space >= 0)
        (void)H5Sclose(memory_space);
    return done;
}

size_t tn_h5_size_of(enum tn_h5_type type)
{
    return type == TN_H5_BYTE ? 1 : type == TN_H5_INTEGER ? sizeof(int) : type == TN_H5_TEXT ? sizeof(char *) : 8;
}

size_t tn_h5_piece_most(int rank, const struct tn_h5_dim *dims)
{
    hsize_t shape[H5S_MAX_RANK];
    size_t most = 1;
    piece_shape(shape, rank, dims);
    for (int i = 0; i < rank; i++)
        most *= shape[i];
    return most;
}

size_t tn_h5_piece(struct tn_h5_box *piece, int rank, const struct tn_h5_dim *dims, size_t first)
{
    hsize_t shape[H5S_MAX_RANK];
    piece_shape(shape, rank, dims);
    *piece = (struct tn_h5_box){.first = first, .points = 1};
    for (int i = 0; i < rank; i++) {
        piece->start[i] = first / stride_of(i, rank, dims) % dims[i].size;
        const hsize_t left = dims[i].size - piece->start[i];
        piece->count[i] = shape[i] < left ? shape[i] : left;
        piece->points *= piece->count[i];
    }
    return piece->points;
}

void tn_h5_write_packed(struct tn_h5_writer *w, hid_t dataset, const struct tn_h5_box *piece, const void *packed,
                        size_t size)
{
    if (w->status == TN_OK)
        good(w, H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, piece->start, size, packed) >= 0, "write a variable");
}

void tn_h5_write(struct tn_h5_writer *w, hid_t dataset, const struct tn_h5_variable *variable, size_t first,
                 size_t count, const void *data)
{
    struct tn_h5_box boxes[2 * H5S_MAX_RANK];
    if (w->status != TN_OK)
        return;
    const size_t made = tn_h5_boxes(boxes, variable->rank, variable->dims, first, count);
    hid_t type = type_of(variable->type);
    for (size_t i = 0; i < made && w->status == TN_OK; i++)
        good(w,
             write_box(dataset, memory_type(variable->type, type), &boxes[i],
                       (const char *)data + boxes[i].first * tn_h5_size_of(variable->type)),
             "write a variable");
    if (type >= 0)
        (void)H5Tclose(type);
}

struct tn_h5_dim tn_h5_axis(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable,
                            const void *data)
{
    struct tn_h5_dim dim = {begin(w, group, variable, NULL), variable->dims[0].size};
    write_all(w, dim.scale, variable, data);
    if (w->status == TN_OK)
        good(w, H5DSset_scale(dim.scale, variable->name) >= 0, "make a dimension");
    return dim;
}

struct tn_h5_dim tn_h5_dimension(struct tn_h5_writer *w, hid_t group, const char *name, size_t size)
{
    struct tn_h5_dim dim = {-1, size};
    if (w->status != TN_OK)
        return dim;
    char label[80]; /* netCDF knows a bare dimension by these words */
    snprintf(label, sizeof label, "This is a netCDF dimension but not a netCDF variable.%10d", (int)size);
    hid_t list = creation_list(H5P_DATASET_CREATE);
    hsize_t most = size ? size : H5S_UNLIMITED, chunk = 1;
    hid_t space = H5Screate_simple(1, &dim.size, &most);
    if (list >= 0 && space >= 0 && (size || H5Pset_chunk(list, 1, &chunk) >= 0))
        dim.scale = H5Dcreate2(group, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    good(w, dim.scale >= 0 && H5DSset_scale(dim.scale, label) >= 0,
         tn_arena_printf(&w->arena, "create the dimension %s", name));
    if (space >= 0)
        (void)H5Sclose(space);
    if (list >= 0)
        (void)H5Pclose(list);
    return dim;
}

void tn_h5_dim_close(struct tn_h5_writer *w, struct tn_h5_dim *dim)
{
    if (dim->scale >= 0)
        good(w, H5Dclose(dim->scale) >= 0, "close a dimension");
    dim->scale = -1;
}
