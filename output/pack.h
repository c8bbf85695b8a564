/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PACK_H
#define TN_PACK_H

#include <stddef.h>

/* What HDF5's filters shuffle, deflate and fletcher32 make of a piece of a dataset, made here: HDF5 packs one piece at
   a time, we the variables of a sweep side by side. HDF5 reads it as its own. Called from several threads at once. */

/* Room that `to` needs for so many bytes. */
size_t tn_pack_bound(size_t bytes);
/* Packs `count` numbers of `size` bytes each, in the machine's order, as little-endian ones. scratch: as many bytes as
   data. Returns the size, 0 if there is no memory. */
size_t tn_pack(unsigned char *to, unsigned char *scratch, const void *data, size_t count, size_t size);

#endif
