/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wrap.h"

WRAP(FAIL_IO, char *, realpath, (const char *path, char *resolved), (path, resolved), NULL)
WRAP(FAIL_IO, DIR *, opendir, (const char *path), (path), NULL)
WRAP(FAIL_IO, int, fseek, (FILE * file, long offset, int whence), (file, offset, whence), -1)

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
size_t __real_fread(void *to, size_t size, size_t count, FILE *file);
size_t __wrap_fread(void *to, size_t size, size_t count, FILE *file);
int __real_fflush(FILE *file);
int __wrap_fflush(FILE *file);
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);

/* From now on the stream's own reads and writes fail, so that its error is set as it would be. */
static void break_stream(FILE *file, const char *path, int flags)
{
    int broken = open(path, flags);
    (void)dup2(broken, fileno(file));
    (void)close(broken);
}

/* What cannot be opened, or opens but cannot be written. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
    FILE *file = fails(FAIL_IO, "fopen") ? NULL : __real_fopen(path, mode);
    if (file && mode[0] == 'w' && fails(FAIL_IO, "fwrite"))
        break_stream(file, "/dev/full", O_WRONLY);
    return file;
}

size_t __wrap_fread(void *to, size_t size, size_t count, FILE *file)
{
    if (fails(FAIL_IO, "fread"))
        break_stream(file, "/", O_RDONLY);
    return __real_fread(to, size, count, file);
}

int __wrap_fflush(FILE *file)
{
    if (file != stderr && fileno(file) >= 0 && fails(FAIL_IO, "fflush"))
        break_stream(file, "/dev/full", O_WRONLY);
    return __real_fflush(file);
}

int __wrap_fclose(FILE *file)
{
    const bool failed = fileno(file) >= 0 && fails(FAIL_IO, "fclose"); /* without a file it is a stream in memory */
    const int status = __real_fclose(file);
    errno = failed ? EIO : errno;
    return failed ? EOF : status;
}

#define WRAP_H5(name, parameters, arguments)      WRAP(FAIL_IO, hid_t, name, parameters, arguments, -1)
#define WRAP_H5_DOES(name, parameters, arguments) WRAP(FAIL_IO, herr_t, name, parameters, arguments, -1)

WRAP_H5(H5Fopen, (const char *path, unsigned flags, hid_t access), (path, flags, access))
WRAP_H5(H5Fcreate, (const char *path, unsigned flags, hid_t creation, hid_t access), (path, flags, creation, access))
WRAP_H5(H5Gcreate2, (hid_t at, const char *name, hid_t link, hid_t creation, hid_t access),
        (at, name, link, creation, access))
WRAP_H5(H5Gopen2, (hid_t at, const char *name, hid_t access), (at, name, access))
WRAP_H5(H5Dcreate2, (hid_t at, const char *name, hid_t type, hid_t space, hid_t link, hid_t creation, hid_t access),
        (at, name, type, space, link, creation, access))
WRAP_H5(H5Dopen2, (hid_t at, const char *name, hid_t access), (at, name, access))
WRAP_H5(H5Dget_type, (hid_t data), (data))
WRAP_H5(H5Dget_space, (hid_t data), (data))
WRAP_H5(H5Acreate2, (hid_t at, const char *name, hid_t type, hid_t space, hid_t creation, hid_t access),
        (at, name, type, space, creation, access))
WRAP_H5(H5Aopen_by_name, (hid_t at, const char *object, const char *name, hid_t access, hid_t link),
        (at, object, name, access, link))
WRAP_H5(H5Aget_type, (hid_t attribute), (attribute))
WRAP_H5(H5Aget_space, (hid_t attribute), (attribute))
WRAP_H5(H5Screate, (H5S_class_t kind), (kind))
WRAP_H5(H5Screate_simple, (int rank, const hsize_t *sizes, const hsize_t *most), (rank, sizes, most))
WRAP_H5(H5Tcopy, (hid_t type), (type))
WRAP_H5(H5Pcreate, (hid_t kind), (kind))
WRAP_H5_DOES(H5Dwrite, (hid_t data, hid_t type, hid_t memory, hid_t file, hid_t transfer, const void *values),
             (data, type, memory, file, transfer, values))
WRAP_H5_DOES(H5Dread, (hid_t data, hid_t type, hid_t memory, hid_t file, hid_t transfer, void *values),
             (data, type, memory, file, transfer, values))
WRAP_H5_DOES(H5Awrite, (hid_t attribute, hid_t type, const void *value), (attribute, type, value))
WRAP_H5_DOES(H5Aread, (hid_t attribute, hid_t type, void *value), (attribute, type, value))
WRAP_H5_DOES(H5Fflush, (hid_t file, H5F_scope_t scope), (file, scope))
WRAP_H5_DOES(H5Tset_size, (hid_t type, size_t size), (type, size))
WRAP_H5_DOES(H5Pset_chunk, (hid_t list, int rank, const hsize_t sizes[]), (list, rank, sizes))
WRAP_H5_DOES(H5DSset_scale, (hid_t data, const char *name), (data, name))
WRAP_H5_DOES(H5DSattach_scale, (hid_t data, hid_t scale, unsigned dim), (data, scale, dim))
WRAP_H5_DOES(H5Sselect_hyperslab,
             (hid_t space, H5S_seloper_t how, const hsize_t start[], const hsize_t stride[], const hsize_t count[],
              const hsize_t block[]),
             (space, how, start, stride, count, block))
WRAP_H5_DOES(H5Pset_deflate, (hid_t list, unsigned level), (list, level))
WRAP_H5_DOES(H5Pset_shuffle, (hid_t list), (list))
WRAP_H5_DOES(H5Pset_fletcher32, (hid_t list), (list))
WRAP_H5_DOES(H5Pset_fill_value, (hid_t list, hid_t type, const void *value), (list, type, value))
WRAP_H5_DOES(H5Pset_obj_track_times, (hid_t list, bool track), (list, track))
WRAP_H5_DOES(H5Pset_link_creation_order, (hid_t list, unsigned flags), (list, flags))
WRAP_H5_DOES(H5Pset_attr_creation_order, (hid_t list, unsigned flags), (list, flags))
WRAP_H5_DOES(H5Pset_fclose_degree, (hid_t list, H5F_close_degree_t degree), (list, degree))
WRAP_H5_DOES(H5Tset_cset, (hid_t type, H5T_cset_t set), (type, set))
WRAP_H5_DOES(H5Tset_strpad, (hid_t type, H5T_str_t pad), (type, pad))
WRAP_H5_DOES(H5Dwrite_chunk,
             (hid_t data, hid_t transfer, uint32_t filters, const hsize_t *at, size_t size, const void *bytes),
             (data, transfer, filters, at, size, bytes))

herr_t __real_H5Fclose(hid_t file);
herr_t __wrap_H5Fclose(hid_t file);

/* The file is closed, but the disk has not all of it. */
herr_t __wrap_H5Fclose(hid_t file)
{
    const bool failed = fails(FAIL_IO, "H5Fclose");
    const herr_t status = __real_H5Fclose(file);
    return failed ? -1 : status;
}
