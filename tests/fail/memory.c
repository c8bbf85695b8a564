/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "failing.h"

/* The allocator of the whole process: a symbol of the program comes before that of a library, so the calls of GSL,
   libyaml, HDF5 and the C library come here with ours. glibc has the real ones under these names. */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);

struct span {
    uintptr_t from, to;
};

static struct span hdf5, hdf5_hl, own; /* where the code of HDF5, of its high-level library, of the program is */

static bool ready;

static int look(struct dl_phdr_info *info, size_t size, void *payload)
{
    struct span *span = strstr(info->dlpi_name, "/libhdf5_serial.so")      ? &hdf5
                        : strstr(info->dlpi_name, "/libhdf5_serial_hl.so") ? &hdf5_hl
                        : *info->dlpi_name == '\0'                         ? &own
                                                                           : NULL;
    (void)size;
    (void)payload;
    for (int i = 0; span && i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            span->from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            span->to = span->from + info->dlpi_phdr[i].p_memsz;
        }
    return 0;
}

void fail_init(void)
{
    void *frame;
    (void)dl_iterate_phdr(look, NULL);
    (void)backtrace(&frame, 1); /* it allocates at its first call */
    ready = true;
}

static bool in(const struct span *span, const void *code)
{
    return (uintptr_t)code >= span->from && (uintptr_t)code < span->to;
}

/* Called by HDF5, or by another library for it. */
static bool is_hdf5(const void *caller)
{
    void *frames[16];
    const int count = in(&own, caller) ? 0 : backtrace(frames, 16);
    for (int i = 0; i < count; i++)
        if (in(&hdf5, frames[i]) || in(&hdf5_hl, frames[i]))
            return true;
    return false;
}

static bool fails(const char *name, const void *caller)
{
    if (!ready || !fail_now(is_hdf5(caller) ? FAIL_HDF5 : FAIL_MEMORY, name))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails("malloc", __builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails("calloc", __builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails("realloc", __builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}
