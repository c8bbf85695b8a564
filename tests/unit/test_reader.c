/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "near.h"

#include <dirent.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"
#include "scenario.h"
#include "start.h"

#ifndef TN_TEST_DATA
#ifdef TN_SOURCE_DIR
#define TN_TEST_DATA TN_SOURCE_DIR "/tests"
#else
#define TN_TEST_DATA "tests"
#endif
#endif

/* The folder with valid/ and invalid/: the first argument, or TN_TEST_DATA/reader. */
static const char *folder = TN_TEST_DATA "/reader";

struct read {
    struct tn_context ctx;
    struct tn_scenario_reader *reader;
    struct tn_arena arena;
    tn_status status;
};

static const struct tn_scenario *read_file(struct read *read, const char *path, const char *const *sets, size_t count)
{
    *read = (struct read){.status = TN_OK};
    read->status = tn_scenario_read(&read->reader, path, sets, count, &read->ctx);
    return read->reader == NULL ? NULL : tn_scenario_get(read->reader);
}

static void forget(struct read *read)
{
    tn_scenario_destroy(read->reader);
    tn_context_clear(&read->ctx);
    tn_arena_clear(&read->arena);
}

/* FILE:LINE:COL: error: text, with files as seen from `base`, and the hint below. */
static char *messages(struct read *read, const char *base)
{
    const char *all = "";
    for (size_t i = 0; i < read->ctx.count; i++) {
        const struct tn_diagnostic *d = &read->ctx.diagnostics[i];
        const char *file = d->place.file == NULL ? "-" : d->place.file;
        if (strncmp(file, base, strlen(base)) == 0)
            file += strlen(base);
        all = tn_arena_printf(&read->arena, "%s%s:%d:%d: %s: %s\n%s%s%s", all, file, d->place.line, d->place.column,
                              d->severity == TN_SEVERITY_ERROR ? "error" : "warning", d->text,
                              d->hint == NULL ? "" : "  hint: ", d->hint == NULL ? "" : d->hint,
                              d->hint == NULL ? "" : "\n");
        assert_non_null(all);
    }
    return tn_arena_copy(&read->arena, all, strlen(all));
}

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = calloc(1, 65536);
    assert_non_null(text);
    size_t size = fread(text, 1, 65535, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

/* Lines `# set: PATH=VALUE` at the head of a test file are its --set arguments. */
static size_t find_sets(char *text, const char **sets, size_t room)
{
    size_t count = 0;
    for (char *line = text; line != NULL && *line == '#' && count < room;) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (strncmp(line, "# set: ", 7) == 0)
            sets[count++] = line + 7;
        line = end;
    }
    return count;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the .yaml files of a folder, sorted. */
static size_t list_files(char *names[256], const char *path)
{
    DIR *directory = opendir(path);
    size_t count = 0;
    if (directory == NULL)
        fail_msg("no folder %s", path);
    for (struct dirent *entry; count < 256 && (entry = readdir(directory)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0)
            names[count++] = strdup(entry->d_name);
    }
    closedir(directory);
    qsort(names, count, sizeof *names, by_name);
    return count;
}

/* In the folder of the file, so that messages name files as they are written. */
static bool one_invalid(const char *name)
{
    char expect[1024];
    snprintf(expect, sizeof expect, "%.*s.expect", (int)strlen(name) - 5, name);
    const char *sets[4];
    char *text = slurp(name), *expected = slurp(expect);
    size_t count = find_sets(text, sets, 4);
    struct read read;
    read_file(&read, name, sets, count);
    const char *got = messages(&read, "");
    bool same = expected != NULL && strcmp(got, expected) == 0 && read.status != TN_OK;
    if (!same)
        print_error("%s: expected\n%sgot\n%s", name, expected == NULL ? "(no .expect file)\n" : expected, got);
    if (!same && getenv("TN_WRITE_EXPECT") != NULL) {
        FILE *file = fopen(expect, "wb");
        assert_non_null(file);
        fputs(got, file);
        fclose(file);
    }
    forget(&read);
    free(text);
    free(expected);
    return same;
}

static void test_invalid(void **state)
{
    (void)state;
    char base[1024], here[1024], *names[256];
    snprintf(base, sizeof base, "%s/invalid/", folder);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(base), 0);
    size_t count = list_files(names, "."), wrong = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += one_invalid(names[i]) ? 0 : 1;
        free(names[i]);
    }
    assert_int_equal(chdir(here), 0);
    assert_true(count > 60);
    assert_int_equal(wrong, 0);
}

static void write_text(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
}

static char temporary[] = "/tmp/tonnage-reader-XXXXXX";

static const char *temporary_file(char path[1024], const char *name)
{
    snprintf(path, 1024, "%s/%s", temporary, name);
    return path;
}

/* What the reader writes as resolved, it reads as the same scenario. */
static bool one_valid(const char *base, const char *name)
{
    char path[1024], again[1024];
    snprintf(path, sizeof path, "%s%s", base, name);
    const char *sets[4];
    char *text = slurp(path);
    size_t count = find_sets(text, sets, 4);
    struct read first, second;
    const struct tn_scenario *a = read_file(&first, path, sets, count);
    bool ok = first.status == TN_OK;
    if (!ok)
        print_error("%s: %s", name, messages(&first, base));
    const char *resolved = tn_scenario_resolved(first.reader, &first.arena);
    assert_non_null(resolved);
    write_text(temporary_file(again, "resolved.yaml"), resolved, strlen(resolved));
    const struct tn_scenario *b = read_file(&second, again, NULL, 0);
    if (second.status != TN_OK)
        print_error("%s resolved: %s%s", name, messages(&second, base), resolved);
    ok = ok && second.status == TN_OK &&
         tn_schema_hash(&tn_scenario_schema, a, 1) == tn_schema_hash(&tn_scenario_schema, b, 1) &&
         a->sweep.axis_count == b->sweep.axis_count;
    if (!ok)
        print_error("%s does not come back\n", name);
    forget(&second);
    forget(&first);
    free(text);
    return ok;
}

static void test_valid(void **state)
{
    (void)state;
    char base[1024], *names[256];
    snprintf(base, sizeof base, "%s/valid/", folder);
    size_t count = list_files(names, base), wrong = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += one_valid(base, names[i]) ? 0 : 1;
        free(names[i]);
    }
    assert_true(count >= 8);
    assert_int_equal(wrong, 0);
}

static const struct tn_scenario *read_valid(struct read *read, const char *name, const char *const *sets, size_t count)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/valid/%s", folder, name);
    const struct tn_scenario *scenario = read_file(read, path, sets, count);
    if (read->status != TN_OK)
        fail_msg("%s", messages(read, ""));
    return scenario;
}

/* Values by hand from the file: every quantity arrives in SI. */
static void test_values(void **state)
{
    (void)state;
    struct read read;
    const struct tn_scenario *s = read_valid(&read, "full.yaml", NULL, 0);
    assert_string_equal(s->title, "a hill line");
    assert_near_rel(s->gravity, 9.80665, 1e-15);
    assert_near_rel(s->weather.temperature, 263.15, 1e-15);
    assert_near_rel(s->weather.wind.speed, 5.0, 1e-15);
    assert_near_rel(s->weather.rail, 0.8, 1e-15);
    const struct tn_train_spec *train = s->trains.items;
    const struct tn_train_wagons *wagons = train->wagons.items;
    assert_int_equal(train->wagons.count, 1);
    assert_near_rel(wagons->load, 5200e3, 1e-15);
    assert_near_rel(train->limit, 80 / 3.6, 1e-15);
    assert_near_rel(train->rotating, 0.06, 1e-15);
    assert_string_equal(((const struct tn_wagon *)wagons->type.object)->id, "box");
    const struct tn_locomotive *locomotive = s->locomotives.items;
    const struct tn_effort_point *effort = locomotive->effort.items;
    assert_int_equal(locomotive->effort.count, 4);
    assert_near_rel(effort[1].speed, 10 / 3.6, 1e-15);
    assert_near_rel(effort[1].traction, 700e3, 1e-15);
    assert_near_rel(locomotive->resistance.a, 0.0012, 1e-12);
    assert_near_rel(locomotive->resistance.b, 0.0065e-3 * 3.6, 1e-12);
    const struct tn_line_spec *line = s->line.id.object;
    assert_int_equal(s->line.phase, 2024);
    assert_int_equal(line->stations.count, 3);
    const struct tn_station *station = line->stations.items;
    assert_string_equal(station[1].name, "Upper, the \"old\" one");
    assert_near_rel(station[1].km, 12500.0, 1e-15);
    assert_true(isnan(station[1].lat));
    const struct tn_study *study = tn_scenario_study(s, "climb");
    const struct tn_start_spec *start = study->spec.object;
    assert_near_rel(start->grade, 0.016, 1e-15);
    assert_true(start->train.object == train);
    assert_int_equal(start->speeds.count, 2);
    assert_near_rel(((const double *)start->speeds.items)[1], 40 / 3.6, 1e-15);
    const struct tn_scenario_require *require = s->require.items;
    assert_near_rel(require[1].min, 70 / 3.6, 1e-15);
    assert_true(isnan(require[1].max));
    size_t files;
    assert_non_null(tn_scenario_files(read.reader, &files));
    assert_int_equal(files, 6); /* itself, two includes, three tables */
    forget(&read);
}

static void test_set(void **state)
{
    (void)state;
    const char *const sets[] = {"trains.test.load=6000 t",
                                "weather.temperature=-40 degC",
                                "line.phase=2020",
                                "studies.trip.tolerance=1e-6",
                                "trains.test.deceleration=0.5 m/s2",
                                "trains.test.locomotives=[{type: E1, count: 3}, {type: E1, cut_out: 1}]",
                                "locomotives.E1.mass=150 t",
                                "lines.hill.stations.2.name=Far End",
                                "trains.test.wagons.0.state=empty",
                                "title=a=b"};
    struct read read;
    const struct tn_scenario *s = read_valid(&read, "full.yaml", sets, sizeof sets / sizeof *sets);
    const struct tn_train_spec *train = s->trains.items;
    assert_near_rel(((const struct tn_train_wagons *)train->wagons.items)->load, 6000e3, 1e-15);
    assert_int_equal(((const struct tn_train_wagons *)train->wagons.items)->state, TN_EMPTY);
    assert_near_rel(s->weather.temperature, 233.15, 1e-15);
    assert_int_equal(s->line.phase, 2020);
    assert_near_rel(((const struct tn_run_spec *)tn_scenario_study(s, "trip")->spec.object)->tolerance, 1e-6, 1e-15);
    assert_near_rel(train->brake.deceleration, 0.5, 1e-15);
    assert_int_equal(train->locomotives.count, 2);
    assert_int_equal(((const struct tn_train_locomotives *)train->locomotives.items)[1].cut_out, 1);
    assert_near_rel(((const struct tn_locomotive *)s->locomotives.items)->mass, 150e3, 1e-15);
    const struct tn_line_spec *line = s->lines.items;
    assert_string_equal(((const struct tn_station *)line->stations.items)[2].name, "Far End");
    assert_string_equal(s->title, "a=b");
    forget(&read);
}

/* The place of a field, of a field that was left out (its object's), and none of a stranger's address. */
static void test_places(void **state)
{
    (void)state;
    struct read read;
    const struct tn_scenario *s = read_valid(&read, "full.yaml", NULL, 0);
    const struct tn_train_spec *train = s->trains.items;
    const struct tn_line_spec *line = s->lines.items;
    const struct tn_station *station = line->stations.items;
    tn_error(&read.ctx, &train->limit, NULL, "given");
    tn_error(&read.ctx, &train->brake.distance, NULL, "left out");
    tn_error(&read.ctx, &station[1].km, NULL, "cell");
    tn_error(&read.ctx, &read, NULL, "nowhere");
    char base[1024];
    snprintf(base, sizeof base, "%s/valid/", folder);
    assert_string_equal(messages(&read, base), "full.yaml:15:12: error: given\n"
                                               "full.yaml:11:5: error: left out\n"
                                               "parts/hill-stations.csv:4:1: error: cell\n"
                                               "-:0:0: error: nowhere\n");
    assert_string_equal(read.ctx.diagnostics[0].place.source, "    limit: 80 km/h");
    assert_int_equal(read.ctx.diagnostics[0].place.length, 7);
    forget(&read);
}

static void test_sweep(void **state)
{
    (void)state;
    struct read read;
    const struct tn_scenario *s = read_valid(&read, "sweep.yaml", NULL, 0);
    assert_int_equal(s->sweep.axis_count, 5);
    const struct tn_scenario_axis *load = &s->sweep.axes[0];
    assert_int_equal(load->count, 4);
    assert_string_equal(load->texts[3], "4.3 kt");
    assert_near_rel(((const double *)load->values)[3], 4300e3, 1e-15);
    assert_string_equal(load->label, "trailing load");
    const struct tn_scenario_axis *temperature = &s->sweep.axes[1];
    assert_int_equal(temperature->count, 3);
    assert_near_rel(((const double *)temperature->values)[1], 273.15, 1e-15);
    assert_string_equal(temperature->texts[0], "-20 degC");
    assert_string_equal(s->sweep.axes[2].texts[1], "3 x E1 + E1");
    struct tn_scenario_points *points;
    assert_int_equal(tn_scenario_points_create(&points, read.reader, 2, &read.ctx), TN_OK);
    /* axes of 4, 3, 2, 2 and 2 values, the last varies fastest: 2 1 1 0 1 */
    const size_t point = (((2 * 3 + 1) * 2 + 1) * 2 + 0) * 2 + 1;
    const void *specs[2];
    struct tn_environment environment[2];
    for (int thread = 0; thread < 2; thread++)
        assert_int_equal(
            tn_scenario_point(&specs[thread], &environment[thread], thread == 0 ? point : 0, thread, points, &read.ctx),
            TN_OK);
    const struct tn_start_spec *start = specs[0], *other = specs[1];
    const struct tn_train_spec *train = start->train.object;
    assert_true(train != s->trains.items && start->train.object != other->train.object);
    assert_near_rel(((const struct tn_train_wagons *)train->wagons.items)->load, 4200e3, 1e-15);
    assert_near_rel(environment[0].weather.temperature, 273.15, 1e-15);
    assert_int_equal(train->locomotives.count, 2);
    const struct tn_train_locomotives *consist = train->locomotives.items;
    const struct tn_locomotive *locomotive = consist->type.object;
    assert_int_equal(consist->count, 3);
    assert_near_rel(locomotive->mass, 140e3, 1e-15);
    assert_true(consist[1].type.object == locomotive && locomotive != s->locomotives.items);
    assert_int_equal(train->adhesion, tn_choice_find(tn_train_adhesion_name, "type"));
    const struct tn_train_spec *first = other->train.object;
    assert_near_rel(((const struct tn_train_wagons *)first->wagons.items)->load, 4000e3, 1e-15);
    assert_int_equal(first->locomotives.count, 1);
    assert_near_rel(((const struct tn_locomotive *)s->locomotives.items)->mass, 138e3, 1e-15);
    tn_scenario_points_destroy(points);
    forget(&read);
}

/* Points whose values are fine one by one and do not fit together fail, and the next one is not touched by it. */
static void test_sweep_checks(void **state)
{
    (void)state;
    static const char text[] =
        "tonnage: 1\n"
        "line: {id: my}\n"
        "lines: [{id: my, stations: [{km: 0 km, name: a}, {km: 10 km, name: b}, {km: 30 km, name: c}]}]\n"
        "locomotives: [{id: L, mass: 138 t, length: 20 m, speed_max: 100 km/h, resistance: {law: tbt-hxd},\n"
        "  effort: [{speed: 0 km/h, traction: 500 kN}, {speed: 50 km/h, traction: 400 kN},\n"
        "           {speed: 100 km/h, traction: 200 kN}]}]\n"
        "wagons: [{id: W, tare: 20 t, gross: 80 t, length: 14 m, resistance: {law: tbt-wagon-loaded}}]\n"
        "trains: [{id: full, locomotives: {type: L}, wagons: {type: W, load: 800 t}}]\n"
        "studies: [{id: go, kind: run, train: full, from: a, to: c}]\n"
        "sweep:\n"
        "  study: go\n"
        "  over:\n"
        "    lines.my.stations.1.km: [21 km, 40 km]\n"
        "    wagons.W.tare: [20 t, 90 t]\n"
        "    locomotives.L.effort.1.speed: [50 km/h, 120 km/h]\n";
    static const char *const reasons[8] = {NULL,
                                           "'speed' must rise: 100 km/h after 120",
                                           "less than the tare",
                                           "less than the tare",
                                           "must rise: 30000 m after 40000 m",
                                           "'km' must rise",
                                           "'km' must rise",
                                           "'km' must rise"};
    char path[1024];
    struct read read;
    write_text(temporary_file(path, "hostile.yaml"), text, strlen(text));
    read_file(&read, path, NULL, 0);
    if (read.status != TN_OK)
        fail_msg("%s", messages(&read, ""));
    struct tn_scenario_points *points;
    assert_int_equal(tn_scenario_points_create(&points, read.reader, 1, &read.ctx), TN_OK);
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < 8; i++) {
            struct tn_context ctx = {.count = 0};
            struct tn_environment environment;
            const void *spec;
            tn_status status = tn_scenario_point(&spec, &environment, i, 0, points, &ctx);
            assert_int_equal(status, reasons[i] == NULL ? TN_OK : TN_ERR_INPUT);
            if (reasons[i] != NULL && strstr(ctx.diagnostics[0].text, reasons[i]) == NULL)
                fail_msg("point %zu: '%s' not in '%s'", i, reasons[i], ctx.diagnostics[0].text);
            tn_context_clear(&ctx);
        }
    tn_scenario_points_destroy(points);
    forget(&read);
}

/* Which of 3 x 2 x 2 points a constraint leaves: a letter each, in the order of the points. */
static void test_where(void **state)
{
    (void)state;
    static const char text[] =
        "tonnage: 1\n"
        "locomotives: [{id: L, mass: 138 t, length: 20 m, speed_max: 100 km/h, resistance: {law: tbt-hxd},\n"
        "  effort: [{speed: 0 km/h, traction: 500 kN}, {speed: 100 km/h, traction: 200 kN}]}]\n"
        "wagons: [{id: W, tare: 20 t, gross: 80 t, length: 14 m, resistance: {law: tbt-wagon-loaded}}]\n"
        "trains: [{id: a, locomotives: {type: L}, wagons: {type: W, load: 800 t}},\n"
        "         {id: b, locomotives: {type: L}, wagons: {type: W, load: 800 t}}]\n"
        "studies: [{id: go, kind: start, train: a, grade: 6 permil}]\n"
        "sweep:\n"
        "  study: go\n"
        "  over:\n"
        "    trains.a.load: [400 t, 800 t, 1600 t]\n"
        "    trains.b.load: [400 t, 800 t]\n"
        "    trains.a.adhesion: [curve, electric-dc]\n"
        "  where: ";
    static const char *const rules[][2] = {
        {"trains.a.load == 800 t", "....xxxx...."},
        {"trains.a.load != 800 t", "xxxx....xxxx"},
        {"trains.a.load >= 0.8 kt", "....xxxxxxxx"},
        {"trains.a.load > 800 t", "........xxxx"},
        {"trains.a.load < trains.b.load", "..xx........"},
        {"trains.a.load <= trains.b.load", "xxxx..xx...."},
        {"trains.a.load == 2 * trains.b.load", "....xx....xx"},
        {"trains.a.adhesion == curve", "x.x.x.x.x.x."},
        {"trains.a.adhesion != curve", ".x.x.x.x.x.x"},
        {"trains.a.load > 800 t or trains.a.adhesion != curve", ".x.x.x.xxxxx"},
        {"[trains.a.load > 400 t, trains.a.adhesion == curve]", "....x.x.x.x."},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char path[1024], all[2048], got[13] = "";
        struct read read;
        struct tn_scenario_points *points;
        const int size = snprintf(all, sizeof all, "%s%s\n", text, rules[i][0]);
        write_text(temporary_file(path, "hostile.yaml"), all, (size_t)size);
        read_file(&read, path, NULL, 0);
        if (read.status != TN_OK)
            fail_msg("%s", messages(&read, ""));
        assert_int_equal(tn_scenario_points_create(&points, read.reader, 1, &read.ctx), TN_OK);
        for (size_t k = 0; k < 12; k++)
            got[k] = tn_scenario_point_excluded(points, k, 0) ? '.' : 'x';
        assert_string_equal(got, rules[i][1]);
        tn_scenario_points_destroy(points);
        forget(&read);
    }
}

static void expect_error(const char *text, size_t size, const char *words)
{
    char path[1024];
    struct read read;
    write_text(temporary_file(path, "hostile.yaml"), text, size);
    read_file(&read, path, NULL, 0);
    assert_int_not_equal(read.status, TN_OK);
    assert_true(read.ctx.errors > 0);
    const char *got = messages(&read, "");
    if (strstr(got, words) == NULL)
        fail_msg("'%s' not in: %.400s", words, got);
    forget(&read);
}

static void test_hostile(void **state)
{
    (void)state;
    size_t size = (size_t)65 << 20;
    char *big = malloc(size);
    assert_non_null(big);
    memset(big, '[', size);
    expect_error(big, size, "larger than 64 MiB");
    expect_error(big, 100000, "nested too deep");
    memset(big, '{', 100000);
    expect_error(big, 100000, "nested too deep");
    memset(big, '-', size);
    expect_error(big, 3000, "mapping");
    memset(big, '9', 5000);
    memcpy(big, "tonnage: 1\ngravity: ", 20);
    memcpy(big + 4990, " m/s2\n", 6);
    expect_error(big, 4996, "too large a number");
    for (size_t i = 0; i < 200000; i++)
        memcpy(big + 8 * i, "a: [1]\n ", 8);
    expect_error(big, 8 * 200000, "syntax");
    size_t length = 0;
    for (int i = 0; i < 3000; i++)
        length += (size_t)sprintf(big + length, "k%d: 1\n", i);
    expect_error(big, length, "3000 keys in one mapping");
    uint32_t seed = 12345;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < 300; i++) {
            seed = seed * 1664525u + 1013904223u;
            big[i] = (char)(seed >> 24);
        }
        expect_error(big, 300, "error");
    }
    free(big);
}

/* Every cut and every changed byte of a good file is read or refused, never worse. */
static void test_mutations(void **state)
{
    (void)state;
    char path[1024];
    snprintf(path, sizeof path, "%s/valid/one-file.yaml", folder);
    char *text = slurp(path);
    assert_non_null(text);
    size_t size = strlen(text);
    temporary_file(path, "mutant.yaml");
    static const char bytes[] = "\t:[{-\"'&*!#,} \n9";
    uint32_t seed = 7;
    for (size_t i = 0; i < 600; i++) {
        seed = seed * 1664525u + 1013904223u;
        size_t at = (size_t)(seed >> 8) % size;
        char kept = text[at];
        text[at] = bytes[i % (sizeof bytes - 1)];
        struct read read;
        write_text(path, text, i % 3 == 0 ? at : size);
        read_file(&read, path, NULL, 0);
        assert_true((read.status == TN_OK) == (read.ctx.errors == 0));
        forget(&read);
        text[at] = kept;
    }
    free(text);
}

static void test_unreadable(void **state)
{
    (void)state;
    struct read read;
    read_file(&read, "/nowhere/scenario.yaml", NULL, 0);
    assert_int_equal(read.status, TN_ERR_IO);
    assert_string_equal(messages(&read, ""),
                        "/nowhere/scenario.yaml:0:0: error: cannot read /nowhere/scenario.yaml: No such "
                        "file or directory\n");
    forget(&read);
    read_file(&read, temporary, NULL, 0);
    assert_int_equal(read.status, TN_ERR_IO);
    assert_non_null(strstr(messages(&read, ""), "it is a folder"));
    forget(&read);
}

/* A comma for a point in the user's locale changes nothing. */
static void test_locale(void **state)
{
    (void)state;
    const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < 4; i++)
        if (setlocale(LC_ALL, names[i]) != NULL)
            break;
    struct read read;
    const struct tn_scenario *s = read_valid(&read, "full.yaml", NULL, 0);
    assert_near_rel(s->gravity, 9.80665, 1e-15);
    assert_non_null(strstr(tn_scenario_resolved(read.reader, &read.arena), "9.80665 m/s2"));
    forget(&read);
    setlocale(LC_ALL, "C");
}

static void test_search_path(void **state)
{
    (void)state;
    char path[1024], inner[1024];
    const char *text = "tonnage: 1\ninclude: stock/one.yaml\n";
    write_text(temporary_file(path, "outer.yaml"), text, strlen(text));
    snprintf(inner, sizeof inner, "%s/valid", folder);
    setenv("TONNAGE_PATH", inner, 1);
    struct read read;
    const struct tn_scenario *s = read_file(&read, path, NULL, 0);
    if (read.status != TN_OK)
        fail_msg("%s", messages(&read, ""));
    assert_int_equal(s->locomotives.count, 1);
    forget(&read);
    unsetenv("TONNAGE_PATH");
    read_file(&read, path, NULL, 0);
    assert_int_equal(read.status, TN_ERR_INPUT);
    forget(&read);
}

static void test_schema(void **state)
{
    (void)state;
    struct tn_arena arena = {0};
    const char *text = tn_schema_text(NULL, &arena);
    assert_non_null(strstr(text, "\nlocomotive: "));
    assert_non_null(strstr(text, "from 1 t to 1000 t; required"));
    assert_non_null(strstr(text, "km/h, m/s, mph"));
    assert_null(strstr(tn_schema_text("train", &arena), "\nlocomotive: "));
    assert_null(tn_schema_text("nothing", &arena));
    const char *law = tn_schema_text("modified-davis", &arena);
    assert_non_null(strstr(law, "0.6 + 20/w + 0.01 V"));
    assert_non_null(strstr(law, "takes drag, headwind (km/h)\n"));
    assert_null(strstr(law, "tbt-hxd"));
    assert_non_null(strstr(tn_schema_text("laws", &arena), "its own: a = 1.2 b = 0.0065 c = 0.000279\n"));
    const char *json = tn_schema_json(&arena);
    assert_non_null(strstr(json, "draft-07"));
    assert_non_null(strstr(json, "(km\\\\/h|m\\\\/s|mph)$"));
    const char *stop = strstr(json, "\n    \"stop\": "); /* two schemas of that name, two definitions */
    assert_non_null(stop);
    assert_null(strstr(stop + 1, "\n    \"stop\": "));
    long braces = 0;
    for (const char *p = json; *p != '\0'; p++)
        braces += (*p == '{') - (*p == '}');
    assert_int_equal(braces, 0);
    tn_arena_clear(&arena);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(temporary) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"resolved.yaml", "hostile.yaml", "mutant.yaml", "outer.yaml"};
    char path[1024];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)unlink(temporary_file(path, names[i]));
    return rmdir(temporary);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invalid),      cmocka_unit_test(test_valid),       cmocka_unit_test(test_values),
        cmocka_unit_test(test_set),          cmocka_unit_test(test_places),      cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_hostile),      cmocka_unit_test(test_mutations),   cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_locale),       cmocka_unit_test(test_search_path), cmocka_unit_test(test_schema),
        cmocka_unit_test(test_sweep_checks), cmocka_unit_test(test_where),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
