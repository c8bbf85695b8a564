/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_FUZZ_H
#define TN_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls with each input; in builds without it replay.c does, with the files of the corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The folder of this process for inputs that must be files; made at the first call, taken away at exit. */
const char *fuzz_folder(void);
/* folder/name; good until the next call but three. */
const char *fuzz_path(const char *name);

/* Writes an input as files of the folder: up to the first line `%%% NAME` it is the file `first`, then NAME and so on.
   Files of the input before are gone. Names are cut to letters, digits, '.', '-' and '_'. */
void fuzz_write_files(const char *first, const uint8_t *data, size_t size);

/* Ends the process if a condition that must always hold does not. */
#define FUZZ_MUST(condition)                                                                                           \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            fuzz_fail(#condition, __FILE__, __LINE__);                                                                 \
    } while (0)
void fuzz_fail(const char *condition, const char *file, int line);

#endif
