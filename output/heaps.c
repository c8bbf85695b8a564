/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "heaps.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = 16, HEAP = 4096, PIECE = 1 << 16, FILE_MOST = 1 << 28 };

static const char signature[8] = "GCOL\1"; /* version 1, three zeros */

static uint64_t number(const unsigned char *bytes, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

/* A part of the file that is in memory. */
struct window {
    int file;
    off_t at;
    ssize_t count;
    unsigned char bytes[HEAP];
};

/* The header at a place of the file, NULL beyond its end. */
static const unsigned char *header(struct window *window, off_t at)
{
    if (at < window->at || at + HEADER > window->at + window->count) {
        window->at = at;
        window->count = pread(window->file, window->bytes, sizeof window->bytes, at);
    }
    return window->count >= HEADER ? window->bytes + (at - window->at) : NULL;
}

/* The walk that HDF5 will make; lengths are of 8 bytes in our files. */
static bool walk(int file, off_t at)
{
    struct window window;
    window.file = file;
    window.at = window.count = 0;
    const unsigned char *bytes = header(&window, at);
    if (!bytes)
        return true; /* cut off: HDF5 sees that */
    const uint64_t size = number(bytes + 8, 8);
    if (size > FILE_MOST)
        return true; /* so is that */
    for (uint64_t done = HEADER; done + HEADER <= size;) {
        if (!(bytes = header(&window, at + (off_t)done)))
            return true;
        const uint64_t held = number(bytes + 8, 8), index = number(bytes, 2);
        const uint64_t step = index == 0 ? held : HEADER + ((held + 7) & ~(uint64_t)7);
        if (step == 0 || step > size - done)
            return false;
        done += step;
    }
    return true;
}

bool tn_heaps_whole(const char *path)
{
    static const size_t overlap = sizeof signature - 1;
    unsigned char bytes[PIECE];
    struct stat status;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    bool whole = true;
    if (file < 0)
        return true;
    const off_t size = fstat(file, &status) == 0 && status.st_size <= FILE_MOST ? status.st_size : 0;
    for (off_t at = 0; whole && at < size; at += PIECE - (off_t)overlap) {
        const ssize_t got = pread(file, bytes, PIECE, at);
        const unsigned char *from = bytes, *end = bytes + (got > 0 ? got : 0), *found;
        while (whole && (size_t)(end - from) >= sizeof signature &&
               (found = memchr(from, 'G', (size_t)(end - from) - overlap)) != NULL) {
            from = found + 1;
            if (memcmp(found, signature, sizeof signature) == 0)
                whole = walk(file, at + (found - bytes));
        }
        if (got <= 0)
            break;
    }
    (void)close(file);
    return whole;
}
