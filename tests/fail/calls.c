/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "failing.h"

/* What tonnage and HDF5 ask of the kernel. A symbol of the program comes before that of a library, so these are called
   by both (not by the C library within its streams; wrap_files.c breaks those). */

static bool fails(const char *name)
{
    if (!fail_now(FAIL_IO, name))
        return false;
    errno = EIO;
    return true;
}

/* No time passes, so that what is printed of it is always the same. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
    (void)clock;
    *out = (struct timespec){.tv_sec = 0};
    return 0;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const int mode = flags & O_CREAT ? va_arg(more, int) : 0;
    va_end(more);
    return fails("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *to, size_t size)
{
    return fails("read") ? -1 : syscall(SYS_read, fd, to, size);
}

ssize_t write(int fd, const void *from, size_t size)
{
    return fd != STDERR_FILENO && fails("write") ? -1 : syscall(SYS_write, fd, from, size);
}

ssize_t pread(int fd, void *to, size_t size, off_t at)
{
    return fails("pread") ? -1 : syscall(SYS_pread64, fd, to, size, at);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at)
{
    return fails("pwrite") ? -1 : syscall(SYS_pwrite64, fd, from, size, at);
}

int ftruncate(int fd, off_t size)
{
    return fails("ftruncate") ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int fsync(int fd)
{
    (void)fd; /* no power is lost here, and disks are slow */
    return fails("fsync") ? -1 : 0;
}

/* As the kernel does it: what fails to close is closed all the same. */
int close(int fd)
{
    const bool failed = fails("close");
    const int status = (int)syscall(SYS_close, fd);
    errno = failed ? EIO : errno;
    return failed ? -1 : status;
}

int rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode)
{
    return fails("mkdir") ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
