/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "rows.h"
#include "store.h"

/* A chunk file: the head, then arrays one after another as rows.c has them, in the byte order of this machine; texts as
   their lengths (UINT32_MAX: none) and their bytes. It lives until its shard is assembled, so nothing needs to read it
   but us: no library, no packing, one write. The checksum is over all of it. */

static const char magic[16] = "tonnage chunk 1";

struct head {
    char magic[16];
    uint64_t order; /* of bytes */
    uint64_t plan, layout, first, count, failed, excluded, size, sum;
};
#define ORDER 0x0102030405060708u

/* Words mixed one after another: quick, and any change of a byte changes the end. */
static uint64_t checksum(const unsigned char *bytes, size_t size)
{
    uint64_t sum = size * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, size - i < 8 ? size - i : 8);
        sum = (sum ^ word) * 0xbf58476d1ce4e5b9u;
        sum ^= sum >> 29;
    }
    return sum;
}

static uint64_t sum_of(struct head head, const unsigned char *body)
{
    head.sum = 0;
    unsigned char bytes[sizeof head];
    memcpy(bytes, &head, sizeof head);
    return checksum(bytes, sizeof bytes) ^ checksum(body, head.size - sizeof head);
}

static uint64_t hash_column(uint64_t hash, const struct tn_column *column)
{
    for (const char *c = column->name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    return (hash ^ (uint64_t)column->field->type) * 0x100000001b3u;
}

/* Names and types of the columns: rows of another layout cannot be read. */
static uint64_t layout_hash(const struct tn_rows_layout *layout)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t k = 0; k < layout->count; k++)
        hash = hash_column(hash, &layout->columns[k]);
    for (size_t k = 0; k < layout->list_count; k++)
        for (size_t i = 0; i < layout->lists[k].count; i++)
            hash = hash_column(hash, &layout->lists[k].columns[i]);
    return hash;
}

/* A growing run of bytes. */
struct bytes {
    unsigned char *data;
    size_t size, room;
    bool failed;
};

static void add(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->failed || size == 0)
        return;
    if (size > bytes->room - bytes->size) {
        const size_t room = 2 * (bytes->size + size) + 4096;
        unsigned char *grown = realloc(bytes->data, room);
        if (!grown) {
            bytes->failed = true;
            return;
        }
        bytes->data = grown;
        bytes->room = room;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void add_texts(struct bytes *bytes, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t length = texts[i] ? (uint32_t)strlen(texts[i]) : UINT32_MAX;
        add(bytes, &length, sizeof length);
    }
    for (size_t i = 0; i < count; i++)
        if (texts[i])
            add(bytes, texts[i], strlen(texts[i]));
}

static bool is_text(const struct tn_column *column)
{
    return tn_column_variable(column).type == TN_H5_TEXT;
}

static void add_column(struct bytes *bytes, const struct tn_column *column, const void *values, size_t count)
{
    if (is_text(column))
        add_texts(bytes, values, count);
    else
        add(bytes, values, count * tn_column_size(column));
}

static void add_common(struct bytes *bytes, const struct tn_rows *rows)
{
    const struct tn_rows_common *common = &rows->common;
    const unsigned char known = common->known;
    add(bytes, &known, 1);
    if (!known)
        return;
    add_texts(bytes, &common->line, 1);
    add_texts(bytes, &common->train, 1);
    for (size_t k = 0; k < rows->layout->list_count; k++) {
        const uint64_t count = common->lists[k].rows;
        add(bytes, &count, sizeof count);
        for (size_t i = 0; i < rows->layout->lists[k].count; i++)
            add_column(bytes, &rows->layout->lists[k].columns[i], common->lists[k].values[i], count);
    }
}

static bool encode(struct bytes *bytes, const struct tn_rows *rows, uint64_t plan)
{
    struct head head = {
        .order = ORDER, .plan = plan, .layout = layout_hash(rows->layout), .first = rows->first, .count = rows->count};
    memcpy(head.magic, magic, sizeof magic);
    for (size_t i = 0; i < rows->count; i++) {
        head.failed += rows->states[i] == TN_POINT_FAILED;
        head.excluded += rows->states[i] == TN_POINT_EXCLUDED;
    }
    add(bytes, &head, sizeof head);
    add(bytes, rows->states, rows->count);
    add(bytes, rows->ids, rows->count * sizeof *rows->ids);
    add_texts(bytes, rows->reasons, rows->count);
    for (size_t k = 0; k < rows->layout->count; k++)
        add_column(bytes, &rows->layout->columns[k], rows->values[k], rows->count);
    add_common(bytes, rows);
    if (bytes->failed)
        return false;
    head.size = bytes->size;
    head.sum = sum_of(head, bytes->data + sizeof head);
    memcpy(bytes->data, &head, sizeof head);
    return true;
}

static bool write_bytes(int file, const struct bytes *bytes)
{
    for (size_t done = 0; done < bytes->size;) {
        const ssize_t wrote = write(file, bytes->data + done, bytes->size - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        done += (size_t)wrote;
    }
    return true;
}

tn_status tn_chunk_write(const char *path, const struct tn_rows *rows, uint64_t plan, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct bytes bytes = {0};
    const char *part = tn_store_part(path, &arena);
    tn_status status = TN_ERR_MEMORY;
    if (!part || !encode(&bytes, rows, plan))
        goto out;
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool done = file >= 0 && write_bytes(file, &bytes) && fsync(file) == 0;
    int reason = errno;
    if (file >= 0 && close(file) != 0 && done) {
        done = false;
        reason = errno;
    }
    if (done && rename(part, path) != 0) {
        done = false;
        reason = errno;
    }
    status = TN_OK;
    if (!done) {
        (void)unlink(part);
        tn_error(ctx, NULL, "what is written is kept; `--resume` goes on from there", "cannot write '%s': %s", path,
                 strerror(reason));
        status = TN_ERR_IO;
    }
out:
    free(bytes.data);
    tn_arena_clear(&arena);
    return status;
}

static tn_status damaged(const char *path, const char *why, struct tn_context *ctx)
{
    tn_error(ctx, NULL, "remove the file: its points will be solved again", "%s: %s", path, why);
    return TN_ERR_IO;
}

static tn_status read_head(struct head *head, FILE *file, const char *path, struct tn_context *ctx)
{
    struct stat state;
    if (!file || fread(head, sizeof *head, 1, file) != 1 || fstat(fileno(file), &state) != 0)
        return damaged(path, file && feof(file) ? "cut short" : strerror(errno), ctx);
    if (memcmp(head->magic, magic, sizeof magic) != 0 || head->order != ORDER)
        return damaged(path, "no chunk of a sweep written on such a machine", ctx);
    return (uint64_t)state.st_size == head->size ? TN_OK : damaged(path, "cut short", ctx);
}

tn_status tn_chunk_head(struct tn_chunk_head *out, const char *path, struct tn_context *ctx)
{
    struct head head;
    FILE *file = fopen(path, "rb");
    tn_status status = read_head(&head, file, path, ctx);
    if (file)
        (void)fclose(file);
    if (status == TN_OK)
        *out = (struct tn_chunk_head){head.plan, head.first, head.count, head.failed, head.excluded};
    return status;
}

/* Bytes being read. */
struct cursor {
    const unsigned char *at, *end;
    bool failed;
    struct tn_arena *arena;
};

static void take(void *to, struct cursor *cursor, size_t size)
{
    if (cursor->failed || size > (size_t)(cursor->end - cursor->at)) {
        cursor->failed = true;
        return;
    }
    if (size)
        memcpy(to, cursor->at, size);
    cursor->at += size;
}

static void take_texts(const char **texts, struct cursor *cursor, size_t count)
{
    const unsigned char *lengths = cursor->at;
    if (cursor->failed || count > (size_t)(cursor->end - cursor->at) / sizeof(uint32_t)) {
        cursor->failed = true;
        return;
    }
    cursor->at += count * sizeof(uint32_t);
    for (size_t i = 0; i < count && !cursor->failed; i++) {
        uint32_t length;
        memcpy(&length, lengths + i * sizeof length, sizeof length);
        texts[i] = NULL;
        if (length == UINT32_MAX)
            continue;
        if (length <= (size_t)(cursor->end - cursor->at))
            texts[i] = tn_arena_copy(cursor->arena, (const char *)cursor->at, length);
        cursor->failed = !texts[i];
        cursor->at += cursor->failed ? 0 : length;
    }
}

static void take_column(void *values, struct cursor *cursor, const struct tn_column *column, size_t count)
{
    if (is_text(column))
        take_texts(values, cursor, count);
    else
        take(values, cursor, count * tn_column_size(column));
}

static void take_common(struct tn_rows *rows, struct cursor *cursor)
{
    struct tn_rows_common *common = &rows->common;
    unsigned char known = 0;
    take(&known, cursor, 1);
    if (!known || cursor->failed)
        return;
    take_texts(&common->line, cursor, 1);
    take_texts(&common->train, cursor, 1);
    common->lists = tn_arena_alloc(&rows->arena, rows->layout->list_count + 1, sizeof *common->lists);
    for (size_t k = 0; common->lists && !cursor->failed && k < rows->layout->list_count; k++) {
        const struct tn_rows_list *list = &rows->layout->lists[k];
        uint64_t count = 0;
        take(&count, cursor, sizeof count);
        common->lists[k].rows = count;
        common->lists[k].values = tn_arena_alloc(&rows->arena, list->count + 1, sizeof(void *));
        for (size_t i = 0; common->lists[k].values && !cursor->failed && i < list->count; i++) {
            common->lists[k].values[i] = tn_arena_alloc(&rows->arena, count + 1, tn_column_size(&list->columns[i]));
            cursor->failed = !common->lists[k].values[i];
            if (!cursor->failed)
                take_column(common->lists[k].values[i], cursor, &list->columns[i], count);
        }
        cursor->failed = cursor->failed || !common->lists[k].values;
    }
    common->known = common->lists && !cursor->failed;
}

static bool decode(struct tn_rows *rows, const struct head *head, const unsigned char *body, size_t size)
{
    tn_rows_begin(rows, head->first, head->count);
    struct cursor cursor = {.at = body, .end = body + size, .arena = &rows->arena};
    take(rows->states, &cursor, rows->count);
    take(rows->ids, &cursor, rows->count * sizeof *rows->ids);
    take_texts(rows->reasons, &cursor, rows->count);
    for (size_t k = 0; k < rows->layout->count; k++)
        take_column(rows->values[k], &cursor, &rows->layout->columns[k], rows->count);
    take_common(rows, &cursor);
    return !cursor.failed && cursor.at == cursor.end;
}

tn_status tn_chunk_read(struct tn_rows **rows, const struct tn_rows_layout *layout, const char *path,
                        struct tn_context *ctx)
{
    struct head head;
    unsigned char *body = NULL;
    FILE *file = fopen(path, "rb");
    tn_status status = read_head(&head, file, path, ctx);
    const size_t size = status == TN_OK ? head.size - sizeof head : 0;
    if (status == TN_OK && head.layout != layout_hash(layout))
        status = tn_error(ctx, NULL, NULL, "%s: written by another version of tonnage", path);
    if (status == TN_OK)
        status = (body = malloc(size + 1)) ? TN_OK : TN_ERR_MEMORY;
    if (status == TN_OK && fread(body, 1, size, file) != size)
        status = damaged(path, "cannot be read", ctx);
    if (status == TN_OK && sum_of(head, body) != head.sum)
        status = damaged(path, "damaged: its checksum does not fit", ctx);
    if (status == TN_OK && *rows && (*rows)->most < head.count) {
        tn_rows_destroy(*rows);
        *rows = NULL;
    }
    if (status == TN_OK && !*rows)
        status = tn_rows_create(rows, layout, head.count);
    if (status == TN_OK && !decode(*rows, &head, body, size))
        status = damaged(path, "damaged", ctx);
    free(body);
    if (file)
        (void)fclose(file);
    return status;
}
