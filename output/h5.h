/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_H5_H
#define TN_H5_H

#include <hdf5.h>

#include "results.h"

/* HDF5 as netCDF-4 writes it, so that netCDF and xarray read it as their own. */

/* HDF5 prints its errors unless told not to: quiet between begin and end, in the calling thread. */
struct tn_h5_quiet {
    H5E_auto2_t function;
    void *data;
};
void tn_h5_quiet_begin(struct tn_h5_quiet *quiet);
void tn_h5_quiet_end(const struct tn_h5_quiet *quiet);

/* Adds a diagnostic "PATH: cannot WHAT: HDF5's innermost reason"; returns TN_ERR_IO. */
tn_status tn_h5_error(struct tn_context *ctx, const char *path, const char *what);

/* A file being written to PATH.part. After the first failure every call does nothing; tn_h5_commit returns it. */
struct tn_h5_writer {
    hid_t file;
    const char *path;
    char *part;
    struct tn_context *ctx;
    struct tn_arena arena; /* scratch, given back at the end */
    struct tn_h5_quiet quiet;
    tn_status status;
};

tn_status tn_h5_create(struct tn_h5_writer *w, const char *path, struct tn_context *ctx);
/* Flush, close, fsync, rename, fsync of the folder; or, after a failure, abandon. */
tn_status tn_h5_commit(struct tn_h5_writer *w);
void tn_h5_abandon(struct tn_h5_writer *w);

hid_t tn_h5_group(struct tn_h5_writer *w, hid_t parent, const char *name);
void tn_h5_group_close(struct tn_h5_writer *w, hid_t group);

/* Attributes: fixed-length UTF-8; a NULL text writes nothing; texts are cut below the 64 KiB that HDF5 bears. */
void tn_h5_text_attribute(struct tn_h5_writer *w, hid_t object, const char *name, const char *text);
void tn_h5_number_attribute(struct tn_h5_writer *w, hid_t object, const char *name, double value);
void tn_h5_integer_attribute(struct tn_h5_writer *w, hid_t object, const char *name, int value);

struct tn_h5_dim {
    hid_t scale;
    hsize_t size;
};

/* double, int, signed char, const char *, uint64_t */
enum tn_h5_type { TN_H5_NUMBER, TN_H5_INTEGER, TN_H5_BYTE, TN_H5_TEXT, TN_H5_ID };

struct tn_h5_variable {
    const char *name;
    enum tn_h5_type type;
    int rank;
    const struct tn_h5_dim *dims;
    const char *units, *long_name; /* or NULL */
    const char *flag_meanings;     /* "no yes": words of the values 0, 1, ...; or NULL */
    const char *attributes[4][2];  /* more, name and text; ends with a NULL name */
};

/* Writes the variable; data has one element for each point of the dims, the last fastest. NULL texts become "". */
void tn_h5_put(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable, const void *data);
/* The same in pieces. tn_h5_begin makes the variable (virtual: it shows what other files hold, see shards.c), which
   tn_h5_write fills: data are `count` elements from the first-th on, in the order of the file. */
hid_t tn_h5_begin(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable);
void tn_h5_write(struct tn_h5_writer *w, hid_t dataset, const struct tn_h5_variable *variable, size_t first,
                 size_t count, const void *data);
void tn_h5_end(struct tn_h5_writer *w, hid_t dataset);
/* A variable whose creation the caller has described: of that type and list, over the dims. */
hid_t tn_h5_begin_as(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable, hid_t list);

/* A range of elements in the order of the file is, in an array of some dimensions, a few boxes: fewer than twice its
   rank. Returns their number. */
struct tn_h5_box {
    hsize_t start[H5S_MAX_RANK], count[H5S_MAX_RANK];
    size_t first, points; /* of the range: where the box begins in it, and how many elements it has */
};
size_t tn_h5_boxes(struct tn_h5_box boxes[2 * H5S_MAX_RANK], int rank, const struct tn_h5_dim *dims, size_t first,
                   size_t count);
size_t tn_h5_size_of(enum tn_h5_type type);
/* A variable that is packed (all but texts) lies in the file in pieces, each a range of its elements. The piece that
   begins with the first-th element; returns how many elements of the variable it has. It is packed with `most` of them,
   the rest zero. */
size_t tn_h5_piece(struct tn_h5_box *piece, int rank, const struct tn_h5_dim *dims, size_t first);
size_t tn_h5_piece_most(int rank, const struct tn_h5_dim *dims);
/* Writes a piece that tn_pack has packed. */
void tn_h5_write_packed(struct tn_h5_writer *w, hid_t dataset, const struct tn_h5_box *piece, const void *packed,
                        size_t size);
/* The list with which our datasets are made: creation order tracked, no times. */
hid_t tn_h5_dataset_list(void);

/* A dimension without coordinate values (name only). */
struct tn_h5_dim tn_h5_dimension(struct tn_h5_writer *w, hid_t group, const char *name, size_t size);
/* A dimension with coordinate values: the variable (rank 1, dims[0].size points; its scale is not used). */
struct tn_h5_dim tn_h5_axis(struct tn_h5_writer *w, hid_t group, const struct tn_h5_variable *variable,
                            const void *data);
void tn_h5_dim_close(struct tn_h5_writer *w, struct tn_h5_dim *dim);

/* Root attributes and group `provenance`, without the wall time, which is known only at the end. Where
   SOURCE_DATE_EPOCH is set, dates are its and host and wall time are left out: equal runs give equal bytes. */
void tn_h5_put_provenance(struct tn_h5_writer *w, const struct tn_provenance *provenance);
void tn_h5_put_wall_time(struct tn_h5_writer *w, double seconds);

#endif
