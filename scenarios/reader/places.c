/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <stdlib.h>

/* Spans nest: a field lies in its object, an object in its list or parent. Sorted by address, larger spans first, the
   innermost span around an address is the last one at or before it that reaches it. A field that the user left out is
   so found at the object that lacks it. */

void tn_places_add(struct tn_scenario_reader *reader, const void *address, size_t size, const struct tn_place *place)
{
    if (!tn_reader_grow(reader, &reader->spans, reader->span_count, &reader->span_allocated, sizeof *reader->spans))
        return;
    reader->spans[reader->span_count] = (struct tn_span){address, size, reader->span_count, *place};
    reader->span_count++;
    reader->spans_sorted = false;
}

static int compare(const void *left, const void *right)
{
    const struct tn_span *a = left, *b = right;
    uintptr_t p = (uintptr_t)a->address, q = (uintptr_t)b->address;
    if (p != q)
        return p < q ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

void tn_places_sort(struct tn_scenario_reader *reader)
{
    if (!reader->spans_sorted && reader->span_count > 0)
        qsort(reader->spans, reader->span_count, sizeof *reader->spans, compare);
    reader->spans_sorted = true;
}

bool tn_places_find(struct tn_place *place_out, const void *where, void *payload)
{
    struct tn_scenario_reader *reader = payload;
    if (!reader->spans_sorted)
        tn_places_sort(reader);
    uintptr_t address = (uintptr_t)where;
    size_t low = 0, high = reader->span_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)reader->spans[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    while (low-- > 0) {
        const struct tn_span *span = &reader->spans[low];
        if (address - (uintptr_t)span->address < span->size) {
            *place_out = span->place;
            return true;
        }
    }
    return false;
}
