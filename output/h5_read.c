/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "h5_read.h"

#include <errno.h>
#include <hdf5_hl.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "heaps.h"

enum {
    ATTRIBUTE_MOST = 1 << 16, /* HDF5 bears no longer ones */
    VALUES_MOST = 100000000,  /* of a variable: points of the largest sweep */
    PACKED_MOST = 1100        /* values are at most so many times what is stored of them; deflate ends at 1032 */
};

static const char by_whom[] = "results are written by `tonnage run -o` and `tonnage sweep -o`";

static bool good(struct tn_h5_reader *r, bool success, const char *what)
{
    if (!success && r->status == TN_OK)
        r->status = tn_h5_error(r->ctx, r->path, what);
    return r->status == TN_OK;
}

/* HDF5 shows a missing shard of a sweep as fill values, and says nothing. */
static void check_shards(struct tn_h5_reader *r)
{
    const struct tn_list names = tn_h5_has(r, "shard_file") ? tn_h5_texts(r, "shard_file") : (struct tn_list){0};
    const char *slash = strrchr(r->path, '/');
    for (size_t i = 0; i < names.count && r->status == TN_OK; i++) {
        const char *path = tn_arena_printf(r->arena, "%.*s%s", slash ? (int)(slash + 1 - r->path) : 0, r->path,
                                           ((const char **)names.items)[i]);
        if (path && access(path, R_OK) == 0)
            continue;
        tn_error(r->ctx, NULL, "`tonnage sweep verify` names all that are missing", "%s: its shard '%s' is missing",
                 r->path, path ? path : "");
        r->status = TN_ERR_IO;
    }
}

tn_status tn_h5_open(struct tn_h5_reader *r, const char *path, struct tn_arena *arena, struct tn_context *ctx)
{
    tn_status status = tn_h5_open_any(r, path, arena, ctx);
    if (status != TN_OK)
        return status;
    check_shards(r);
    status = r->status;
    if (status != TN_OK)
        tn_h5_close(r);
    return status;
}

/* Why a file could not be opened, in plain words where HDF5 has none. */
static void say_why_not_open(struct tn_h5_reader *r)
{
    if (access(r->path, R_OK) != 0)
        tn_error(r->ctx, NULL, NULL, "cannot read %s: %s", r->path, strerror(errno));
    else if (H5Fis_hdf5(r->path) == 0)
        tn_error(r->ctx, NULL, by_whom, "%s: not a results file of tonnage", r->path);
    else
        good(r, false, "open the file");
    r->status = TN_ERR_IO;
}

tn_status tn_h5_open_any(struct tn_h5_reader *r, const char *path, struct tn_arena *arena, struct tn_context *ctx)
{
    *r = (struct tn_h5_reader){.file = -1, .path = path, .arena = arena, .ctx = ctx};
    tn_h5_quiet_begin(&r->quiet);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0)
        r->file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (r->file < 0)
        say_why_not_open(r);
    if (access >= 0)
        (void)H5Pclose(access);
    const char *source = r->status == TN_OK ? tn_h5_attribute(r, "/", "source") : NULL;
    if (r->status == TN_OK && (!source || strncmp(source, "tonnage", 7) != 0))
        r->status = tn_error(ctx, NULL, by_whom, "%s: not a results file of tonnage", path);
    if (r->status == TN_OK && !tn_heaps_whole(path)) {
        tn_error(ctx, NULL, NULL, "%s: the file is damaged: a heap of texts is broken", path);
        r->status = TN_ERR_IO;
    }
    tn_status status = r->status;
    if (status != TN_OK)
        tn_h5_close(r);
    return status;
}

void tn_h5_close(struct tn_h5_reader *r)
{
    if (r->file >= 0)
        (void)H5Fclose(r->file);
    r->file = -1;
    tn_h5_quiet_end(&r->quiet);
}

struct names {
    struct tn_h5_reader *reader;
    const char **names; /* NULL: only counted */
    size_t count, most;
};

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *payload)
{
    struct names *names = payload;
    (void)group, (void)info;
    if (names->names && names->count < names->most)
        names->names[names->count] = tn_arena_copy(names->reader->arena, name, strlen(name));
    names->count += !names->names || names->count < names->most;
    return 0;
}

/* The names in order of writing; a file of other making may not track it. */
static bool list_names(hid_t group, struct names *names)
{
    hsize_t at = 0;
    if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, add_name, names) >= 0)
        return true;
    names->count = 0;
    at = 0;
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, add_name, names) >= 0;
}

struct tn_list tn_h5_names(struct tn_h5_reader *r, const char *group)
{
    struct tn_list none = {0};
    if (r->status != TN_OK)
        return none;
    hid_t id = H5Gopen2(r->file, group, H5P_DEFAULT);
    if (!good(r, id >= 0, "list the variables"))
        return none;
    struct names names = {.reader = r};
    if (good(r, list_names(id, &names), "list the variables")) {
        names.most = names.count;
        names.count = 0;
        names.names = tn_arena_alloc(r->arena, names.most + 1, sizeof(char *));
        if (!names.names)
            r->status = TN_ERR_MEMORY;
        else
            good(r, list_names(id, &names), "list the variables");
    }
    (void)H5Gclose(id);
    return r->status == TN_OK ? (struct tn_list){names.names, names.count} : none;
}

/* What stands in the file itself: other links may lead out of it. */
static bool is_hard_link(struct tn_h5_reader *r, const char *path)
{
    H5L_info_t info;
    const htri_t there = H5Lexists(r->file, path, H5P_DEFAULT);
    return good(r, there >= 0, "look a name up") && there > 0 &&
           good(r, H5Lget_info(r->file, path, &info, H5P_DEFAULT) >= 0, "look a name up") && info.type == H5L_TYPE_HARD;
}

/* path: NULL where there was no memory for it */
static H5O_type_t object_type(struct tn_h5_reader *r, const char *path)
{
    H5O_info_t info;
    if (r->status == TN_OK && !path)
        r->status = TN_ERR_MEMORY;
    if (r->status != TN_OK)
        return H5O_TYPE_UNKNOWN;
    bool root = strcmp(path, "/") == 0;
    /* every link on the way has to be there before its end may be asked for */
    const char *slash = root ? NULL : strchr(path, '/');
    if (slash) {
        char *first = tn_arena_copy(r->arena, path, (size_t)(slash - path));
        if (!first || !is_hard_link(r, first))
            return H5O_TYPE_UNKNOWN;
    }
    if (!root && !is_hard_link(r, path))
        return H5O_TYPE_UNKNOWN;
    return good(r, H5Oget_info_by_name(r->file, path, &info, H5P_DEFAULT) >= 0, "look at what it holds")
               ? info.type
               : H5O_TYPE_UNKNOWN;
}

bool tn_h5_is_group(struct tn_h5_reader *r, const char *path)
{
    return object_type(r, path) == H5O_TYPE_GROUP;
}

bool tn_h5_has(struct tn_h5_reader *r, const char *path)
{
    return object_type(r, path) == H5O_TYPE_DATASET;
}

bool tn_h5_is_dimension(struct tn_h5_reader *r, const char *path)
{
    static const char bare[] = "This is a netCDF dimension but not a netCDF variable";
    const char *name = tn_h5_attribute(r, path, "NAME");
    return name && strncmp(name, bare, sizeof bare - 1) == 0;
}

static char *read_text(struct tn_h5_reader *r, hid_t attribute)
{
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    char *text = NULL;
    if (good(r, type >= 0 && space >= 0, "read an attribute") && H5Tget_class(type) == H5T_STRING &&
        H5Tis_variable_str(type) == 0 && H5Tget_size(type) <= ATTRIBUTE_MOST &&
        H5Sget_simple_extent_npoints(space) == 1) {
        text = tn_arena_alloc(r->arena, H5Tget_size(type) + 1, 1);
        if (!text)
            r->status = TN_ERR_MEMORY;
        else if (!good(r, H5Aread(attribute, type, text) >= 0, "read an attribute"))
            text = NULL;
    }
    if (space >= 0)
        (void)H5Sclose(space);
    if (type >= 0)
        (void)H5Tclose(type);
    return text;
}

static hid_t open_attribute(struct tn_h5_reader *r, const char *path, const char *name)
{
    const htri_t there =
        object_type(r, path) == H5O_TYPE_UNKNOWN ? 0 : H5Aexists_by_name(r->file, path, name, H5P_DEFAULT);
    if (there == 0)
        return -1;
    hid_t attribute = there > 0 ? H5Aopen_by_name(r->file, path, name, H5P_DEFAULT, H5P_DEFAULT) : -1;
    good(r, attribute >= 0, "read an attribute");
    return attribute;
}

const char *tn_h5_attribute(struct tn_h5_reader *r, const char *path, const char *name)
{
    hid_t attribute = open_attribute(r, path, name);
    if (attribute < 0)
        return NULL;
    char *text = read_text(r, attribute);
    (void)H5Aclose(attribute);
    return text;
}

double tn_h5_attribute_number(struct tn_h5_reader *r, const char *path, const char *name)
{
    double value = (double)NAN;
    hid_t attribute = open_attribute(r, path, name);
    if (attribute < 0)
        return value;
    hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
    bool plain = good(r, type >= 0 && space >= 0, "read an attribute") && H5Sget_simple_extent_npoints(space) == 1 &&
                 (H5Tget_class(type) == H5T_FLOAT || H5Tget_class(type) == H5T_INTEGER);
    if (plain && !good(r, H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) >= 0, "read an attribute"))
        value = (double)NAN;
    if (space >= 0)
        (void)H5Sclose(space);
    if (type >= 0)
        (void)H5Tclose(type);
    (void)H5Aclose(attribute);
    return value;
}

/* An open variable with its type and number of elements. */
struct opened {
    hid_t data, type, space;
    size_t count;
};

static void close_variable(struct opened *v)
{
    if (v->type >= 0)
        (void)H5Tclose(v->type);
    if (v->space >= 0)
        (void)H5Sclose(v->space);
    if (v->data >= 0)
        (void)H5Dclose(v->data);
}

/* Whether the file can hold so many values: a few bytes may claim any number. What stands in other files (of a virtual
   dataset) is not known; plain files of other programs are not ours to read. */
static bool is_held(const struct opened *v)
{
    hid_t how = H5Dget_create_plist(v->data);
    const bool outside = how < 0 || H5Pget_external_count(how) != 0;
    const bool virtual = how >= 0 && H5Pget_layout(how) == H5D_VIRTUAL;
    if (how >= 0)
        (void)H5Pclose(how);
    if (outside || v->count > VALUES_MOST)
        return false;
    return virtual || v->count <= 1024 || v->count / PACKED_MOST <= H5Dget_storage_size(v->data);
}

static bool open_variable(struct tn_h5_reader *r, const char *path, struct opened *v)
{
    *v = (struct opened){-1, -1, -1, 0};
    if (!tn_h5_has(r, path))
        return false;
    v->data = H5Dopen2(r->file, path, H5P_DEFAULT);
    v->type = v->data < 0 ? -1 : H5Dget_type(v->data);
    v->space = v->data < 0 ? -1 : H5Dget_space(v->data);
    hssize_t count = v->space < 0 ? -1 : H5Sget_simple_extent_npoints(v->space);
    v->count = count < 0 ? 0 : (size_t)count;
    if (good(r, v->type >= 0 && count >= 0, "read a variable"))
        return true;
    close_variable(v);
    return false;
}

static bool open_values(struct tn_h5_reader *r, const char *path, struct opened *v)
{
    if (!open_variable(r, path, v))
        return false;
    if (is_held(v))
        return true;
    r->status = tn_error(r->ctx, NULL, "the file is damaged, or of other making",
                         "%s: the variable %s claims %zu values that the file does not hold", r->path, path, v->count);
    close_variable(v);
    return false;
}

struct tn_list tn_h5_numbers(struct tn_h5_reader *r, const char *path)
{
    struct tn_list list = {0};
    struct opened v;
    if (!open_values(r, path, &v))
        return list;
    H5T_class_t class = H5Tget_class(v.type);
    if (class == H5T_FLOAT || class == H5T_INTEGER) {
        double *values = tn_arena_alloc(r->arena, v.count + 1, sizeof *values);
        if (!values)
            r->status = TN_ERR_MEMORY;
        else if (good(r, H5Dread(v.data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0,
                      "read a variable"))
            list = (struct tn_list){values, v.count};
    }
    close_variable(&v);
    return list;
}

static bool is_of_class(struct tn_h5_reader *r, const char *path, H5T_class_t class)
{
    struct opened v;
    if (!open_variable(r, path, &v))
        return false;
    const bool is = H5Tget_class(v.type) == class;
    close_variable(&v);
    return is;
}

bool tn_h5_is_text(struct tn_h5_reader *r, const char *path)
{
    return is_of_class(r, path, H5T_STRING);
}

bool tn_h5_is_integer(struct tn_h5_reader *r, const char *path)
{
    return is_of_class(r, path, H5T_INTEGER);
}

/* HDF5 allocates the texts that it reads: copied, then given back. */
static void keep_texts(struct tn_h5_reader *r, const struct opened *v, char **raw, const char **texts)
{
    const bool read = good(r, H5Dread(v->data, v->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0, "read a variable");
    for (size_t i = 0; i < v->count && read; i++) {
        const char *text = raw[i] ? raw[i] : "";
        texts[i] = tn_arena_copy(r->arena, text, strlen(text));
        if (!texts[i])
            r->status = TN_ERR_MEMORY;
    }
    (void)H5Dvlen_reclaim(v->type, v->space, H5P_DEFAULT, raw); /* also what a failed read has left */
}

struct tn_list tn_h5_texts(struct tn_h5_reader *r, const char *path)
{
    struct tn_list list = {0};
    struct opened v;
    if (!open_values(r, path, &v))
        return list;
    if (H5Tget_class(v.type) == H5T_STRING && H5Tis_variable_str(v.type) > 0) {
        char **raw = tn_arena_alloc(r->arena, v.count + 1, sizeof *raw);
        const char **texts = tn_arena_alloc(r->arena, v.count + 1, sizeof *texts);
        if (!raw || !texts)
            r->status = TN_ERR_MEMORY;
        else
            keep_texts(r, &v, raw, texts);
        if (r->status == TN_OK)
            list = (struct tn_list){texts, v.count};
    }
    close_variable(&v);
    return list;
}

static herr_t first_scale(hid_t data, unsigned dim, hid_t scale, void *payload)
{
    char *name = payload;
    (void)data, (void)dim;
    return H5Iget_name(scale, name, 256) < 0 ? -1 : 1;
}

struct tn_h5_shape tn_h5_shape(struct tn_h5_reader *r, const char *path)
{
    struct tn_h5_shape shape = {0};
    struct opened v;
    if (!open_variable(r, path, &v))
        return shape;
    shape.rank = H5Sget_simple_extent_ndims(v.space);
    if (shape.rank > 0)
        (void)H5Sget_simple_extent_dims(v.space, shape.sizes, NULL);
    bool scale = H5DSis_scale(v.data) > 0;
    for (int i = 0; i < shape.rank; i++) {
        char name[256] = "";
        if (scale)
            (void)H5Iget_name(v.data, name, sizeof name);
        else
            (void)H5DSiterate_scales(v.data, (unsigned)i, NULL, first_scale, name);
        const char *slash = strrchr(name, '/');
        shape.names[i] = tn_arena_printf(r->arena, "%s", slash ? slash + 1 : name);
    }
    close_variable(&v);
    return shape;
}
