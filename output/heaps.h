/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_HEAPS_H
#define TN_HEAPS_H

#include <stdbool.h>

/* Whether HDF5 may read the texts of that file. It walks a global heap from object to object by their sizes (HDF5 File
   Format Specification 3.0, III.E) and never ends where one has none, as where a block of zeros took the place of what
   was written. Files of more than 256 MiB are taken as whole: to read all of them takes too long. */
bool tn_heaps_whole(const char *path);

#endif
