/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pack.h"

#include <stdbool.h>
#include <stdint.h>

#include <zlib.h>

enum { CHECKSUM = 4 };

size_t tn_pack_bound(size_t bytes)
{
    return bytes + bytes / 8 + bytes / 32 + 128 + CHECKSUM; /* deflateBound's, for settings other than the usual */
}

static bool is_little(void)
{
    const uint16_t one = 1;
    return *(const unsigned char *)&one == 1;
}

/* Bytes of one rank together: the lowest of all numbers, then the next. */
static void shuffle(unsigned char *to, const unsigned char *data, size_t count, size_t size)
{
    const bool little = is_little();
    for (size_t byte = 0; byte < size; byte++) {
        const unsigned char *from = data + (little ? byte : size - 1 - byte);
        for (size_t i = 0; i < count; i++)
            to[byte * count + i] = from[i * size];
    }
}

/* Ones' complement of a sum: 65535, not 0, unless nothing was added. */
static uint32_t fold(uint64_t sum)
{
    const uint32_t rest = (uint32_t)(sum % 65535);
    return rest == 0 && sum > 0 ? 65535 : rest;
}

/* Fletcher's checksum over big-endian words of 16 bits (J. G. Fletcher, IEEE Trans. Commun. 30 (1982), 247-252), an odd
   last byte being a word's high one. Sums of 64 bits hold pieces of up to 2^24 words. */
static uint32_t fletcher(const unsigned char *bytes, size_t size)
{
    uint64_t first = 0, second = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        first += (uint64_t)bytes[i] << 8 | bytes[i + 1];
        second += first;
    }
    if (size % 2) {
        first += (uint64_t)bytes[size - 1] << 8;
        second += first;
    }
    return fold(second) << 16 | fold(first);
}

/* Runs only: shuffled numbers hold little else, and it takes half the time of the search for repeats. Any inflate reads
   it. */
static size_t deflate_runs(unsigned char *to, const unsigned char *from, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)from, .avail_in = (uInt)size, .next_out = to};
    stream.avail_out = (uInt)(tn_pack_bound(size) - CHECKSUM);
    if (deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS, 8, Z_RLE) != Z_OK)
        return 0;
    const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    const size_t packed = stream.total_out;
    return deflateEnd(&stream) == Z_OK && done ? packed : 0;
}

size_t tn_pack(unsigned char *to, unsigned char *scratch, const void *data, size_t count, size_t size)
{
    shuffle(scratch, data, count, size);
    const size_t packed = deflate_runs(to, scratch, count * size);
    if (packed == 0)
        return 0;
    const uint32_t sum = fletcher(to, packed);
    for (int i = 0; i < CHECKSUM; i++)
        to[packed + (size_t)i] = (unsigned char)(sum >> 8 * i);
    return packed + CHECKSUM;
}
