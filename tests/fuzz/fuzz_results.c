/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot.h"
#include "report.h"

/* A results file that some other program made: a valid HDF5 file of any contents, described line by line, then read as
   `tonnage info`, `tonnage plot` and `tonnage report` do (without gnuplot). What the HDF5 library makes of damaged
   bytes is not the matter here. Blanks stand between words and in none.

     source TEXT                     the attribute that says who wrote the file; without it nothing more is read
     group PATH
     data PATH TYPE DIMS VALUE...    TYPE as in type_of; DIMS: `-` a scalar, `0` no space, `3`, `2x3`; values repeat
     attr PATH NAME TYPE DIMS VALUE...
     scale PATH NAME                 makes the variable a dimension scale
     attach PATH DIM SCALE
     soft PATH TARGET
     hard PATH TARGET
     outside PATH TARGET             to the object TARGET of a file of its own */

enum { WORDS = 40, VALUES = 4096, LINES = 400 };

static char other_file[512];

/* The type as stored and as written from here; the caller closes it. */
static hid_t type_of(const char *word)
{
    if (strcmp(word, "f8") == 0)
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    if (strcmp(word, "f4") == 0)
        return H5Tcopy(H5T_NATIVE_FLOAT);
    if (strcmp(word, "i4") == 0)
        return H5Tcopy(H5T_NATIVE_INT);
    if (strcmp(word, "u8") == 0)
        return H5Tcopy(H5T_NATIVE_UINT64);
    if (strcmp(word, "i1") == 0)
        return H5Tcopy(H5T_NATIVE_SCHAR);
    if (strcmp(word, "be") == 0)
        return H5Tcopy(H5T_IEEE_F64BE);
    if (strcmp(word, "opaque") == 0)
        return H5Tcreate(H5T_OPAQUE, 8);
    if (strcmp(word, "ref") == 0)
        return H5Tcopy(H5T_STD_REF_OBJ);
    if (strcmp(word, "array") == 0)
        return H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &(hsize_t){2});
    if (strcmp(word, "pair") == 0) {
        hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
        (void)H5Tinsert(pair, "a", 0, H5T_NATIVE_DOUBLE);
        (void)H5Tinsert(pair, "b", 8, H5T_NATIVE_DOUBLE);
        return pair;
    }
    if (strcmp(word, "enum") == 0) {
        hid_t words = H5Tenum_create(H5T_NATIVE_INT);
        (void)H5Tenum_insert(words, "no", &(int){0});
        (void)H5Tenum_insert(words, "yes", &(int){1});
        return words;
    }
    hid_t text = H5Tcopy(H5T_C_S1); /* "s": of any length; "s5": of 5 bytes */
    unsigned long size = strtoul(word + (*word != '\0'), NULL, 10);
    (void)H5Tset_size(text, size > 0 && size < 70000 ? size : H5T_VARIABLE);
    (void)H5Tset_cset(text, H5T_CSET_UTF8);
    return text;
}

static hid_t space_of(const char *word, size_t *count_out)
{
    hsize_t sizes[H5S_MAX_RANK];
    int rank = 0;
    *count_out = 1;
    if (strcmp(word, "-") == 0)
        return H5Screate(H5S_SCALAR);
    if (strcmp(word, "0") == 0)
        return H5Screate(H5S_NULL);
    for (char *end; *word && rank < H5S_MAX_RANK; word = *end == 'x' ? end + 1 : "") {
        sizes[rank] = strtoull(word, &end, 10) & 0xffffffffffff;
        *count_out = sizes[rank] > VALUES ? VALUES + 1 : *count_out * (size_t)sizes[rank];
        *count_out = *count_out > VALUES ? VALUES + 1 : *count_out;
        rank++;
    }
    return H5Screate_simple(rank, sizes, NULL);
}

static bool is_variable_text(hid_t type)
{
    return H5Tis_variable_str(type) > 0;
}

/* Count elements of the type from the words, the last one repeated; given back with free. */
static void *values_of(hid_t type, size_t count, char **words, int word_count)
{
    size_t size = H5Tget_size(type);
    char *values = calloc(count + 1, size);
    FUZZ_MUST(values != NULL);
    for (size_t i = 0; i < count && word_count > 0; i++) {
        char *word = words[i < (size_t)word_count ? i : (size_t)word_count - 1], *to = values + i * size;
        double number = strtod(word, NULL);
        if (is_variable_text(type))
            memcpy(to, &word, sizeof word);
        else if (H5Tget_class(type) == H5T_STRING)
            strncpy(to, word, size);
        else if (H5Tequal(type, H5T_NATIVE_DOUBLE) > 0)
            memcpy(to, &number, sizeof number);
        else if (H5Tequal(type, H5T_NATIVE_INT) > 0)
            memcpy(to, &(int){number > -2e9 && number < 2e9 ? (int)number : 0}, sizeof(int));
        else if (H5Tget_class(type) != H5T_REFERENCE)
            memset(to, *word, size);
    }
    return values;
}

static hid_t creation_list(hid_t space, size_t count)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_ndims(space);
    for (int i = 0; i < rank; i++)
        chunk[i] = 1;
    if (count > VALUES && rank > 0) /* space is taken only for what is written: nothing */
        (void)H5Pset_chunk(list, rank, chunk);
    return list;
}

static void put_data(hid_t file, char **words, int count)
{
    if (count < 4)
        return;
    size_t points;
    hid_t type = type_of(words[2]), space = space_of(words[3], &points), list = creation_list(space, points);
    hid_t data = H5Dcreate2(file, words[1], type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    if (data >= 0 && count > 4 && points <= VALUES && !(H5Tget_class(type) == H5T_STRING && points == 0)) {
        void *values = values_of(type, points, words + 4, count - 4);
        (void)H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
        free(values);
    }
    (void)H5Dclose(data);
    (void)H5Pclose(list);
    (void)H5Sclose(space);
    (void)H5Tclose(type);
}

static void put_attribute(hid_t file, char **words, int count)
{
    if (count < 5)
        return;
    size_t points;
    hid_t type = type_of(words[3]), space = space_of(words[4], &points);
    hid_t attribute = points > VALUES ? -1
                                      : H5Acreate_by_name(file, words[1], words[2], type, space, H5P_DEFAULT,
                                                          H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        void *values = values_of(type, points, words + 5, count - 5);
        if (count > 5)
            (void)H5Awrite(attribute, type, values);
        free(values);
        (void)H5Aclose(attribute);
    }
    (void)H5Sclose(space);
    (void)H5Tclose(type);
}

static void put_scale(hid_t file, const char *path, const char *name)
{
    hid_t data = H5Dopen2(file, path, H5P_DEFAULT);
    if (data >= 0)
        (void)H5DSset_scale(data, name);
    (void)H5Dclose(data);
}

static void attach(hid_t file, const char *path, const char *dim, const char *scale_path)
{
    hid_t data = H5Dopen2(file, path, H5P_DEFAULT), scale = H5Dopen2(file, scale_path, H5P_DEFAULT);
    if (data >= 0 && scale >= 0)
        (void)H5DSattach_scale(data, scale, (unsigned)strtoul(dim, NULL, 10));
    (void)H5Dclose(data);
    (void)H5Dclose(scale);
}

static void put_line(hid_t file, char **words, int count)
{
    const char *verb = count > 1 ? words[0] : "";
    if (strcmp(verb, "source") == 0)
        put_attribute(file, (char *[]){"", "/", "source", "s60", "-", words[1]}, 6);
    else if (strcmp(verb, "group") == 0)
        (void)H5Gclose(H5Gcreate2(file, words[1], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    else if (strcmp(verb, "data") == 0)
        put_data(file, words, count);
    else if (strcmp(verb, "attr") == 0)
        put_attribute(file, words, count);
    else if (strcmp(verb, "scale") == 0 && count > 2)
        put_scale(file, words[1], words[2]);
    else if (strcmp(verb, "attach") == 0 && count > 3)
        attach(file, words[1], words[2], words[3]);
    else if (strcmp(verb, "soft") == 0 && count > 2)
        (void)H5Lcreate_soft(words[2], file, words[1], H5P_DEFAULT, H5P_DEFAULT);
    else if (strcmp(verb, "hard") == 0 && count > 2)
        (void)H5Lcreate_hard(file, words[2], file, words[1], H5P_DEFAULT, H5P_DEFAULT);
    else if (strcmp(verb, "outside") == 0 && count > 2)
        (void)H5Lcreate_external(other_file, words[2], file, words[1], H5P_DEFAULT, H5P_DEFAULT);
}

static void make_file(const char *path, char *text)
{
    hid_t order = H5Pcreate(H5P_FILE_CREATE);
    (void)H5Pset_link_creation_order(order, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, order, H5P_DEFAULT);
    FUZZ_MUST(file >= 0);
    (void)H5Pclose(order);
    char *rest = text;
    for (int i = 0; rest && i < LINES; i++) {
        char *words[WORDS], *line = rest;
        int count = 0;
        rest = strchr(line, '\n');
        if (rest)
            *rest++ = '\0';
        for (char *word; count < WORDS && (word = strtok(count ? NULL : line, " ")) != NULL; count++)
            words[count] = word;
        put_line(file, words, count);
    }
    (void)H5Fclose(file);
}

static void look(const char *path)
{
    static FILE *nowhere;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    struct tn_list plotted;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    FUZZ_MUST(nowhere != NULL);
    tn_status status = tn_results_describe(nowhere, path, &ctx);
    FUZZ_MUST(status != TN_OK || ctx.errors == 0);
    FUZZ_MUST(status == TN_OK || status == TN_ERR_MEMORY || ctx.errors > 0);
    tn_context_clear(&ctx);
    const struct tn_plot_request all = {.figure = fuzz_path("figure.svg")};
    const struct tn_plot_request part = {
        .kind = "string-line", .figure = all.figure, .from = "A", .to = "C", .begin_s = 3600, .end_s = 7200};
    const struct tn_plot_request *requests[] = {&all, &part};
    for (int i = 0; i < 2; i++) {
        status = tn_plot_draw(&plotted, path, requests[i], &arena, &ctx);
        FUZZ_MUST(status == TN_OK || status == TN_ERR_MEMORY || ctx.errors > 0);
        FUZZ_MUST(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) == 0);
        tn_context_clear(&ctx);
    }
    status = tn_report_write(fuzz_path("report.html"), path, &ctx);
    FUZZ_MUST(status == TN_OK || status == TN_ERR_MEMORY || ctx.errors > 0);
    FUZZ_MUST(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) == 0);
    tn_context_clear(&ctx);
    tn_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!*other_file) {
        FUZZ_MUST(setenv("PATH", "/nonexistent", 1) == 0); /* no gnuplot */
        (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
        snprintf(other_file, sizeof other_file, "%s", fuzz_path("other.h5"));
        make_file(other_file, (char[]){"group g\ndata g/x f8 3 1 2 3"});
    }
    char *text = malloc(size + 1);
    FUZZ_MUST(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    make_file(fuzz_path("results.h5"), text);
    free(text);
    look(fuzz_path("results.h5"));
    return 0;
}
