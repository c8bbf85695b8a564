/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results.h"
#include "rows.h"

#include <hdf5.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "near.h"
#include "plot.h"
#include "start.h"

/* A kind of study made up for the tests, with a member of every type. */
struct part {
    double speed_m_s;
    const char *name;
    bool ok;
};
struct inner {
    double force_N;
};
struct made_result {
    struct tn_result_head head;
    bool starts;
    int wagons;
    double mass_kg, none_1, time_s, hidden_m;
    const char *binding;
    struct inner inner;
    struct tn_list parts, empty, numbers;
};

static const struct tn_field part_fields[] = {TN_R_NUMBER(part, speed_m_s, TN_Q_SPEED, "speed reached"),
                                              TN_F_STRING(part, name, 0, "name of the part"),
                                              TN_F_BOOL(part, ok, 0, "whether it is well"), TN_F_END};
static const struct tn_schema part_schema = {"part", "a part", sizeof(struct part), part_fields};
static const struct tn_field inner_fields[] = {TN_R_NUMBER(inner, force_N, TN_Q_FORCE, "force inside"), TN_F_END};
static const struct tn_schema inner_schema = {"inner", "inside", sizeof(struct inner), inner_fields};
static const struct tn_field made_fields[] = {
    TN_F_BOOL(made_result, starts, 0, "the train starts"),
    TN_F_INTEGER(made_result, wagons, 0, 0, INFINITY, 0, "number of wagons"),
    TN_R_NUMBER(made_result, mass_kg, TN_Q_MASS, "trailing load"),
    TN_R_NUMBER(made_result, none_1, TN_Q_RATIO, "not given"),
    TN_R_NUMBER(made_result, time_s, TN_Q_TIME, "running time"),
    TN_F_NUMBER(made_result, hidden_m, TN_Q_LENGTH, NAN, 0, 1, TN_HIDDEN, "not for the table"),
    TN_F_STRING(made_result, binding, 0, "binding criterion"),
    TN_F_STRUCT(made_result, inner, &inner_schema, "what is inside"),
    TN_F_LIST(made_result, parts, &part_schema, TN_SHARED, "parts of it"),
    TN_F_LIST(made_result, empty, &part_schema, 0, "nothing"),
    TN_F_NUMBERS(made_result, numbers, TN_Q_TIME, "some numbers"),
    TN_F_END};
static const struct tn_schema made_schema = {"made", "made up", sizeof(struct made_result), made_fields};
static const struct tn_study_kind made_kind = {"made", "a made-up study", NULL, &made_schema, NULL, NULL, NULL};

static struct part parts[50];
static double numbers[] = {60, 120.5, 1e-3};
static struct tn_assumption assumptions[] = {
    {"curves count as compensated", TN_ASSUMED},
    {"the length of the section Ruoqiang to Milan is an estimate", TN_ESTIMATE}};
static const char title[] =
    "a \"title\" with 'quotes', `touch x`, $HOME, @macro, 5 % and \xE6\xA0\xBC\xE5\xB0\x94\xE6\x9C\xA8";
static const char scenario[] = "tonnage: 1\n# caf\xC3\xA9\n";
static const struct tn_input_file inputs[] = {{.path = "scenario.yaml", .text = scenario, .size = sizeof scenario - 1},
                                              {.path = "abc", .text = "abc", .size = 3}};
static const struct tn_provenance provenance = {"scenario.yaml", title, "resolved", "tonnage run x", inputs, 2, 2, 0.5};

static struct made_result made(size_t part_count)
{
    for (size_t i = 0; i < 50; i++)
        parts[i] = (struct part){10.0 * (double)(i + 1) / 3.6, i % 2 ? "even" : NULL, i % 2};
    struct made_result result = {
        .head = {.train = "test", .verdict = "it \"starts\"\n", .assumptions = {assumptions, 2}},
        .starts = true,
        .wagons = 57,
        .mass_kg = 5.2e6,
        .none_1 = NAN,
        .time_s = 4007.4,
        .hidden_m = 0.1,
        .binding = "balance",
        .inner = {1077348.25},
        .parts = {parts, part_count},
        .numbers = {numbers, 3}};
    return result;
}

/* What a writer printed. */
static char *printed(FILE *file)
{
    long size = ftell(file);
    char *text = calloc((size_t)size + 1, 1);
    assert_non_null(text);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    fclose(file);
    return text;
}

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

static void json_holds_every_member(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    struct made_result result = made(2);
    struct tn_solved solved = {"a\tb", &made_kind, &result};
    FILE *file = tmpfile();
    assert_int_equal(tn_json_print(file, "x\xFFy.yaml", &solved, 1, &ctx), TN_OK);
    char *text = printed(file);
    static const char *const pieces[] = {"\"scenario\": \"x\\ufffdy.yaml\"",
                                         "\"id\": \"a\\u0009b\"",
                                         "\"study\": \"made\"",
                                         "\"train\": \"test\"",
                                         "\"line\": null",
                                         "\"starts\": true",
                                         "\"wagons\": 57",
                                         "\"mass_kg\": 5200000,",
                                         "\"none_1\": null",
                                         "\"time_s\": 4007.4",
                                         "\"hidden_m\": 0.1,",
                                         "\"inner\": {\"force_N\": 1077348.25}",
                                         "\"empty\": []",
                                         "\"name\": null, \"ok\": false}",
                                         "\"numbers\": [60, 120.5, 0.001]",
                                         "\"confidence\": \"assumed\"",
                                         "\"verdict\": \"it \\\"starts\\\"\\u000a\""};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (!strstr(text, pieces[i]))
            print_error("missing: %s\nin: %s\n", pieces[i], text);
        assert_non_null(strstr(text, pieces[i]));
    }
    free(text);
}

static void json_numbers_read_back_exactly(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    const double values[] = {0.1, 1.0 / 3, 6.02214076e23, 5e-324, 1.7976931348623157e308, -0.0, 123456789.123456789};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct made_result result = made(0);
        result.mass_kg = values[i];
        struct tn_solved solved = {"s", &made_kind, &result};
        FILE *file = tmpfile();
        assert_int_equal(tn_json_print(file, "x", &solved, 1, &ctx), TN_OK);
        char *text = printed(file);
        double back = strtod(strstr(text, "\"mass_kg\": ") + strlen("\"mass_kg\": "), NULL);
        assert_memory_equal(&back, &values[i], sizeof back);
        free(text);
    }
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;
    for (const char *c = text; *c;) {
        size_t length = strcspn(c, "\n");
        longest = length > longest ? length : longest;
        c += length + (c[length] == '\n');
    }
    return longest;
}

static void table_reads_in_users_units(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    struct made_result result = made(50);
    result.binding =
        "a reason that takes more words than one line of a table has room for beside its label, as some do";
    struct tn_solved solved = {"climb", &made_kind, &result};
    FILE *file = tmpfile();
    assert_int_equal(tn_table_print(file, &solved, &ctx), TN_OK);
    char *text = printed(file);
    static const char *const pieces[] = {
        "climb (made)  train test", "5,200 t",    "66.8 min", "yes", "1,077 kN", "500", "40 more rows",
        "=> it \"starts\"",         "as some do", "speed",    "km/h"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (!strstr(text, pieces[i]))
            print_error("missing: %s\nin: %s\n", pieces[i], text);
        assert_non_null(strstr(text, pieces[i]));
    }
    assert_null(strstr(text, "not for the table"));
    assert_null(strstr(text, "not given"));
    assert_true(longest_line(text) <= 100);
    free(text);
}

/* Of a long list the table shows the rows where the column marked so is smallest. */
static void table_shows_the_rows_that_matter(void **state)
{
    (void)state;
    struct row {
        const char *name;
        double pairs_per_day, period_s;
    };
    struct rows_result {
        struct tn_result_head head;
        struct tn_list rows;
    };
    static const struct tn_field row_fields[] = {
        TN_F_STRING(row, name, 0, "name"),
        TN_F_NUMBER(row, pairs_per_day, TN_Q_NONE, NAN, 0, INFINITY, TN_LEAST, "pairs"),
        TN_R_NUMBER(row, period_s, TN_Q_TIME, "period"), TN_F_END};
    static const struct tn_schema row_schema = {"row", "row", sizeof(struct row), row_fields};
    static const struct tn_field fields[] = {TN_F_LIST(rows_result, rows, &row_schema, 0, "rows"), TN_F_END};
    static const struct tn_schema schema = {"rows", "rows", sizeof(struct rows_result), fields};
    static const struct tn_study_kind kind = {"rows", "rows", NULL, &schema, NULL, NULL, NULL};
    struct row rows[60];
    for (size_t i = 0; i < 60; i++) /* the smallest ten: every sixth row, from the second */
        rows[i] = (struct row){i % 6 == 1 ? "tight"
                               : i % 6    ? "wide"
                                          : "unknown",
                               i % 6 == 1 ? 12 + (double)i / 100
                               : i % 6    ? 30
                                          : (double)NAN,
                               7199.4};
    struct rows_result result = {.rows = {rows, 60}};
    struct tn_solved solved = {"line", &kind, &result};
    struct tn_context ctx = {0};
    FILE *file = tmpfile();
    assert_int_equal(tn_table_print(file, &solved, &ctx), TN_OK);
    char *text = printed(file), *first = strstr(text, "12.01"), *last = strstr(text, "12.55");
    assert_true(first && last && first < last);
    assert_null(strstr(text, "wide"));
    assert_null(strstr(text, "unknown"));
    assert_non_null(strstr(text, "120.0"));
    assert_non_null(strstr(text, "50 rows with more pairs per day"));
    free(text);
}

static void grounds_stand_once(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    struct made_result both = made(2), one = made(2);
    one.head.assumptions.count = 1;
    struct tn_solved solved[] = {{"climb", &made_kind, &both}, {"hold", &made_kind, &one}, {"trip", &made_kind, &both}};
    FILE *file = tmpfile();
    assert_int_equal(tn_table_print_grounds(file, solved, 3, &ctx), TN_OK);
    char *text = printed(file);
    assert_string_equal(text, "climb, hold and trip rest on\n  - curves count as compensated (assumed)\n\n"
                              "climb and trip rest on\n"
                              "  - the length of the section Ruoqiang to Milan is an estimate (estimate)\n");
    free(text);
    file = tmpfile();
    assert_int_equal(tn_table_print_grounds(file, &solved[1], 1, &ctx), TN_OK);
    text = printed(file);
    assert_string_equal(text, "the result rests on\n  - curves count as compensated (assumed)\n");
    free(text);
}

static double read_number(hid_t file, const char *path)
{
    double value = NAN;
    hid_t data = H5Dopen2(file, path, H5P_DEFAULT);
    assert_true(data >= 0);
    assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0);
    H5Dclose(data);
    return value;
}

static void read_first_text(hid_t file, const char *path, size_t index, char *text, size_t size)
{
    char *raw[16] = {0};
    hid_t data = H5Dopen2(file, path, H5P_DEFAULT), type = H5Dget_type(data), space = H5Dget_space(data);
    assert_true(H5Tis_variable_str(type) > 0);
    assert_true(H5Sget_simple_extent_npoints(space) <= 16);
    assert_true(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0);
    snprintf(text, size, "%s", raw[index]);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
    H5Sclose(space), H5Tclose(type), H5Dclose(data);
}

static void file_holds_results_and_provenance(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    char folder[64], text[200];
    folder_enter(folder);
    struct made_result result = made(3);
    struct tn_solved solved[] = {{"climb", &made_kind, &result}, {"provenance", &made_kind, &result}};
    assert_int_equal(tn_results_write("r.h5", solved, 2, &provenance, &ctx), TN_OK);
    assert_false(exists("r.h5.part"));
    hid_t file = H5Fopen("r.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_near_abs(read_number(file, "climb/mass_kg"), 5.2e6, 0);
    assert_near_abs(read_number(file, "climb/inner_force_N"), 1077348.25, 0);
    assert_near_abs(read_number(file, "climb/starts"), 1, 0);
    read_first_text(file, "provenance/scenario_text", 0, text, sizeof text);
    assert_string_equal(text, scenario);
    read_first_text(file, "provenance/input_sha256", 1, text, sizeof text); /* FIPS 180-2, example B.1 */
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    H5Fclose(file);
    FILE *out = tmpfile();
    assert_int_equal(tn_results_describe(out, "r.h5", &ctx), TN_OK);
    char *listing = printed(out);
    assert_non_null(strstr(listing, "parts_speed_m_s"));
    assert_non_null(strstr(listing, "parts=3"));
    assert_non_null(strstr(listing, "5200000 kg"));
    assert_non_null(strstr(listing, "trailing load"));
    free(listing);
}

static char *bytes_of(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    return printed(file);
}

static void equal_runs_give_equal_bytes(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    char folder[64];
    folder_enter(folder);
    assert_int_equal(setenv("SOURCE_DATE_EPOCH", "1700000000", 1), 0);
    struct made_result result = made(3);
    struct tn_solved solved = {"climb", &made_kind, &result};
    struct tn_provenance later = provenance;
    later.wall_time_s = 77;
    assert_int_equal(tn_results_write("a.h5", &solved, 1, &provenance, &ctx), TN_OK);
    sleep(1); /* object times count seconds */
    assert_int_equal(tn_results_write("b.h5", &solved, 1, &later, &ctx), TN_OK);
    assert_int_equal(unsetenv("SOURCE_DATE_EPOCH"), 0);
    size_t size_a, size_b;
    char *a = bytes_of("a.h5", &size_a), *b = bytes_of("b.h5", &size_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(a, b, size_a);
    free(a), free(b);
}

/* A list inside of a list cannot be written: the failure comes late and must leave the file that was there. */
static void a_failure_leaves_the_old_file(void **state)
{
    (void)state;
    struct outer {
        struct tn_list parts;
    };
    struct bad_result {
        struct tn_result_head head;
        struct tn_list outer;
    };
    static const struct tn_field outer_fields[] = {TN_F_LIST(outer, parts, &part_schema, 0, "parts"), TN_F_END};
    static const struct tn_schema outer_schema = {"outer", "outer", sizeof(struct outer), outer_fields};
    static const struct tn_field bad_fields[] = {TN_F_LIST(bad_result, outer, &outer_schema, 0, "outer"), TN_F_END};
    static const struct tn_schema bad_schema = {"bad", "bad", sizeof(struct bad_result), bad_fields};
    static const struct tn_study_kind bad_kind = {"bad", "bad", NULL, &bad_schema, NULL, NULL, NULL};
    struct tn_context ctx = {0};
    char folder[64];
    folder_enter(folder);
    struct made_result result = made(3);
    struct tn_solved solved = {"climb", &made_kind, &result};
    assert_int_equal(tn_results_write("r.h5", &solved, 1, &provenance, &ctx), TN_OK);
    size_t before, after;
    char *a = bytes_of("r.h5", &before);
    struct outer rows[1] = {{{parts, 2}}};
    struct bad_result bad = {.outer = {rows, 1}};
    struct tn_solved both[] = {{"climb", &made_kind, &result}, {"bad", &bad_kind, &bad}};
    assert_int_equal(tn_results_write("r.h5", both, 2, &provenance, &ctx), TN_ERR_INTERNAL);
    char *b = bytes_of("r.h5", &after);
    assert_int_equal(before, after);
    assert_memory_equal(a, b, before);
    assert_false(exists("r.h5.part"));
    free(a), free(b);
    assert_int_equal(tn_results_write("no-such-folder/r.h5", &solved, 1, &provenance, &ctx), TN_ERR_IO);
    assert_int_equal(ctx.errors, 2);
    tn_context_clear(&ctx);
}

static void a_foreign_file_is_refused(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    char folder[64];
    folder_enter(folder);
    FILE *text = fopen("text.h5", "w");
    fputs("no HDF5\n", text);
    fclose(text);
    hid_t file = H5Fcreate("foreign.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    FILE *out = tmpfile();
    assert_int_equal(tn_results_describe(out, "text.h5", &ctx), TN_ERR_IO);
    assert_int_equal(tn_results_describe(out, "foreign.h5", &ctx), TN_ERR_INPUT);
    fclose(out);
    tn_context_clear(&ctx);
}

static const struct tn_cube_axis axes[] = {
    {.path = "trains.test.wagons.type",
     .label = "wagon",
     .type = TN_STRING,
     .count = 2,
     .texts = (const char *const[]){"C70", "C80"}},
    {.path = "trains.test.load",
     .label = "trailing load",
     .type = TN_NUMBER,
     .quantity = TN_Q_MASS,
     .count = 3,
     .numbers = (const double[]){4e6, 5e6, 5.2e6}},
};
static const struct tn_cube_dim dims[] = {{NULL, 0, 2}, {NULL, 1, 3}};
static const struct tn_cube sweep = {.study_id = "climb",
                                     .kind = &made_kind,
                                     .axes = axes,
                                     .axis_count = 2,
                                     .dims = dims,
                                     .dim_count = 2,
                                     .plan = 0xabc,
                                     .resamples = -1,
                                     .provenance = &provenance};

/* Six points: the fifth fails, the last never comes. In two sets of rows, of 4 and 2 points. */
static tn_status fill(struct tn_cube_writer *cube, const struct made_result *like, bool numbered,
                      struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_rows_layout layout;
    struct tn_rows *rows = NULL;
    tn_status status = tn_rows_layout_init(&layout, &made_kind, &arena);
    if (status == TN_OK)
        status = tn_rows_create(&rows, &layout, 4);
    for (size_t first = 0; status == TN_OK && first < 6; first += 4) {
        tn_rows_begin(rows, first, first == 0 ? 4 : 2);
        for (size_t i = 0; status == TN_OK && i < rows->count && first + i < 5; i++) {
            struct made_result result = *like;
            if (numbered)
                result.mass_kg = (double)(first + i);
            rows->ids[i] = first + i + 1;
            status = first + i == 4 ? tn_rows_put(rows, i, NULL, "no such curve") : tn_rows_put(rows, i, &result, NULL);
        }
        if (status == TN_OK)
            status = tn_cube_add(cube, rows, ctx);
    }
    tn_rows_destroy(rows);
    tn_arena_clear(&arena);
    return status;
}

static void cube_keeps_points_and_failures(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    char folder[64], text[200];
    folder_enter(folder);
    struct tn_cube_writer *cube;
    assert_int_equal(tn_cube_create(&cube, "c.h5", &sweep, 1, 1, 0, 6, &ctx), TN_OK);
    assert_false(exists("c.h5"));
    const struct made_result like = made(2);
    assert_int_equal(fill(cube, &like, true, &ctx), TN_OK);
    assert_int_equal(tn_cube_commit(cube, 1.5, &ctx), TN_OK);
    hid_t file = H5Fopen("c.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    double mass[6];
    signed char status[6];
    hid_t data = H5Dopen2(file, "mass_kg", H5P_DEFAULT);
    assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, mass) >= 0);
    H5Dclose(data);
    data = H5Dopen2(file, "status", H5P_DEFAULT);
    assert_true(H5Dread(data, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, status) >= 0);
    H5Dclose(data);
    assert_near_abs(mass[3], 3, 0);
    assert_true(isnan(mass[4]) && isnan(mass[5]));
    assert_int_equal(status[3], 0);
    assert_int_equal(status[4], 1);
    assert_int_equal(status[5], 2);
    read_first_text(file, "reason", 4, text, sizeof text);
    assert_string_equal(text, "no such curve");
    read_first_text(file, "type", 1, text, sizeof text);
    assert_string_equal(text, "C80");
    read_first_text(file, "parts_name", 1, text, sizeof text); /* of the first point */
    assert_string_equal(text, "even");
    H5Fclose(file);
    assert_int_equal(tn_cube_create(&cube, "d.h5", &sweep, 1, 1, 0, 6, &ctx), TN_OK);
    tn_cube_abandon(cube);
    assert_false(exists("d.h5") || exists("d.h5.part"));
    assert_int_equal(tn_cube_create(&cube, "d.h5", &sweep, 1, 1, 0, 6, &ctx), TN_OK);
    assert_int_equal(tn_cube_commit(cube, 1.5, &ctx), TN_ERR_INTERNAL); /* points did not come */
    assert_false(exists("d.h5") || exists("d.h5.part"));
    tn_context_clear(&ctx);
}

/* Numbers that do not pack well, whole and cut pieces, an odd number of bytes: what is read is what was written. */
static void large_cube_is_read_by_hdf5(void **state)
{
    (void)state;
    enum { A = 2, B = 5, C = 16000, POINTS = A * B * C, STEP = 7001 };
    static const struct tn_cube_dim large_dims[] = {{"a", 0, A}, {"b", 0, B}, {"c", 0, C}};
    struct tn_cube large = sweep;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    struct tn_rows_layout layout;
    struct tn_rows *rows;
    struct tn_cube_writer *cube;
    char folder[64];
    folder_enter(folder);
    large.axis_count = 0;
    large.dims = large_dims;
    large.dim_count = 3;
    assert_int_equal(tn_rows_layout_init(&layout, &made_kind, &arena), TN_OK);
    assert_int_equal(tn_rows_create(&rows, &layout, STEP), TN_OK);
    assert_int_equal(tn_cube_create(&cube, "large.h5", &large, 1, 1, 0, POINTS, &ctx), TN_OK);
    struct made_result result = made(2);
    for (size_t first = 0; first < POINTS; first += STEP) {
        tn_rows_begin(rows, first, POINTS - first < STEP ? POINTS - first : STEP);
        for (size_t i = 0; i < rows->count; i++) {
            result.mass_kg = sin((double)(first + i));
            rows->ids[i] = (first + i + 1) * 0x9e3779b97f4a7c15u;
            assert_int_equal(tn_rows_put(rows, i, &result, NULL), TN_OK);
        }
        assert_int_equal(tn_cube_add(cube, rows, &ctx), TN_OK);
    }
    assert_int_equal(tn_cube_commit(cube, 1.5, &ctx), TN_OK);
    hid_t file = H5Fopen("large.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    double *mass = malloc(POINTS * sizeof *mass);
    uint64_t *ids = malloc(POINTS * sizeof *ids);
    hid_t data = H5Dopen2(file, "mass_kg", H5P_DEFAULT);
    assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, mass) >= 0);
    H5Dclose(data);
    data = H5Dopen2(file, "point_id", H5P_DEFAULT);
    assert_true(H5Dread(data, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, ids) >= 0);
    H5Dclose(data);
    H5Fclose(file);
    for (size_t i = 0; i < POINTS; i++)
        assert_true(mass[i] == sin((double)i) && ids[i] == (i + 1) * 0x9e3779b97f4a7c15u);
    free(mass);
    free(ids);
    tn_rows_destroy(rows);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
}

/* Draws a start study whose texts try to break out of gnuplot's strings. */
static void plots_bear_any_title(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    char folder[64];
    folder_enter(folder);
    struct tn_effort_row rows[] = {
        {0, 1.5e6, 0, 2e5, 1.0e6}, {10, 1.2e6, 9e5, 1e5, 0.9e6}, {20, 0.8e6, 9e5, 2e5, 1.0e6}};
    struct tn_start_result result = {
        .head = {.train = "x' . system('touch broken') . '", .verdict = "`touch broken`\n\"; system('touch broken') #"},
        .starts = true,
        .grade_1 = 0.016,
        .load_kg = 5.2e6,
        .balance_speed_m_s = 15,
        .effort = {rows, 3}};
    struct tn_solved solved = {"climb", &tn_study_start, &result};
    struct tn_provenance from = provenance;
    from.title = "a 'b' \"c\" `touch broken` $(touch broken)\nsystem('touch broken')\n@x %s";
    assert_int_equal(tn_results_write("r.h5", &solved, 1, &from, &ctx), TN_OK);
    struct tn_list plotted;
    static const char *const figures[] = {NULL, "it's $HOME `x`.svg", "b.pdf"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        assert_int_equal(
            tn_plot_draw(&plotted, "r.h5",
                         &(struct tn_plot_request){.kind = figures[i] ? "effort-speed" : NULL, .figure = figures[i]},
                         &arena, &ctx),
            TN_OK);
        assert_int_equal(plotted.count, 1);
        const struct tn_plotted *first = plotted.items;
        if (!first->drawn)
            assert_int_equal(ctx.errors, 0); /* no gnuplot here: a warning */
        else
            assert_true(exists(first->figure));
    }
    assert_true(exists("r-effort-speed.gp") && exists("r-effort-speed.dat") && exists("b.gp"));
    assert_false(exists("broken") || exists("b.pdf.part"));
    static const struct tn_plot_request wrong[] = {{.kind = "capacity"}, {.kind = "no-such-kind"}, {.figure = "x.gif"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(tn_plot_draw(&plotted, "r.h5", &wrong[i], &arena, &ctx), TN_ERR_INPUT);
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
}

/* Without gnuplot the script stays, with a warning and the command that draws it. */
static void a_missing_gnuplot_is_a_warning(void **state)
{
    (void)state;
    struct tn_context ctx = {0};
    struct tn_arena arena = {0};
    char folder[64], path[4096];
    folder_enter(folder);
    struct tn_effort_row rows[] = {{0, 1.5e6, 0, 2e5, 1.0e6}, {20, 0.8e6, 9e5, 2e5, 1.0e6}};
    struct tn_start_result result = {.grade_1 = 0.016, .balance_speed_m_s = NAN, .effort = {rows, 2}};
    struct tn_solved solved = {"climb", &tn_study_start, &result};
    assert_int_equal(tn_results_write("r.h5", &solved, 1, &provenance, &ctx), TN_OK);
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    assert_int_equal(setenv("PATH", folder, 1), 0);
    struct tn_list plotted;
    tn_status status = tn_plot_draw(&plotted, "r.h5", &(struct tn_plot_request){0}, &arena, &ctx);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(status, TN_OK);
    assert_int_equal(plotted.count, 1);
    const struct tn_plotted *first = plotted.items;
    assert_false(first->drawn);
    assert_string_equal(first->command, "gnuplot -c r-effort-speed.gp r-effort-speed.png");
    assert_int_equal(ctx.errors, 0);
    assert_int_equal(ctx.count, 1);
    assert_true(exists("r-effort-speed.gp") && !exists("r-effort-speed.png"));
    tn_arena_clear(&arena);
    tn_context_clear(&ctx);
}

int main(int argc, char **argv)
{
    if (argc == 2) { /* writes the files that tests/reading looks at into a folder */
        if (chdir(argv[1]) != 0)
            return 1;
        struct tn_context ctx = {0};
        struct made_result result = made(3);
        struct tn_solved solved = {"climb", &made_kind, &result};
        struct tn_cube_writer *cube;
        bool good = tn_results_write("results.h5", &solved, 1, &provenance, &ctx) == TN_OK &&
                    tn_cube_create(&cube, "cube.h5", &sweep, 1, 1, 0, 6, &ctx) == TN_OK;
        good = good && fill(cube, &result, false, &ctx) == TN_OK;
        return good && tn_cube_commit(cube, 1.5, &ctx) == TN_OK ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_holds_every_member),          cmocka_unit_test(json_numbers_read_back_exactly),
        cmocka_unit_test(table_shows_the_rows_that_matter), cmocka_unit_test(grounds_stand_once),
        cmocka_unit_test(table_reads_in_users_units),       cmocka_unit_test(file_holds_results_and_provenance),
        cmocka_unit_test(equal_runs_give_equal_bytes),      cmocka_unit_test(a_failure_leaves_the_old_file),
        cmocka_unit_test(a_foreign_file_is_refused),        cmocka_unit_test(cube_keeps_points_and_failures),
        cmocka_unit_test(large_cube_is_read_by_hdf5),       cmocka_unit_test(plots_bear_any_title),
        cmocka_unit_test(a_missing_gnuplot_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
