/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "folder.h"
#include "made_day.h"
#include "near.h"
#include "plot.h"

/* Plots of trains on a line, of a day made up: what stands in the data and the scripts that gnuplot gets. */

static const char line[] = TN_SOURCE_DIR "/scenarios/lines/golmud-korla-stations.csv";
static struct tn_assumption assumptions[] = {
    {"positions of 38 loops are spread evenly over the gaps", TN_ESTIMATE},
    {"the maintenance window closes the whole line at once, 90 min a day", TN_ASSUMED}};
static const struct tn_provenance provenance = {
    "day.yaml", "26 pairs of 5,200 t on the line of 2024", "resolved", "tonnage run day.yaml", NULL, 0, 2, 0.5};

/* A cyclic timetable `day`, a simulation `late` and a study `capacity`. */
static tn_status write_file(const char *path, bool local, struct tn_arena *arena, struct tn_context *ctx)
{
    struct made_day day, late;
    struct made_capacity capacity;
    if (!made_day_init(&day, line, local, MADE_PAIRS, 0, arena) ||
        !made_day_init(&late, line, local, MADE_PAIRS, 1800, arena) || !made_capacity_init(&capacity, &day, arena))
        return TN_ERR_IO;
    day.head.assumptions = late.head.assumptions = capacity.head.assumptions = (struct tn_list){assumptions, 2};
    const struct tn_solved solved[] = {{"day", &made_timetable_kind, &day},
                                       {"late", &made_simulation_kind, &late},
                                       {"capacity", &made_capacity_kind, &capacity}};
    return tn_results_write(path, solved, 3, &provenance, ctx);
}

/* --- a test's folder, with the file in it --- */

struct fixture {
    struct tn_arena arena;
    struct tn_context ctx;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    char folder[64];
    folder_enter(folder);
    assert_int_equal(write_file("m.h5", false, &f->arena, &f->ctx), TN_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
    free(f);
    return 0;
}

static const struct tn_plotted *draw(struct fixture *f, const struct tn_plot_request *request, size_t count)
{
    struct tn_list plotted;
    assert_int_equal(tn_plot_draw(&plotted, "m.h5", request, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(plotted.count, count);
    assert_int_equal(f->ctx.errors, 0);
    const struct tn_plotted *rows = plotted.items;
    for (size_t i = 0; i < count; i++)
        assert_true(!rows[i].drawn || request->columns > 0 || access(rows[i].figure, R_OK) == 0);
    return rows;
}

static char *text_of(struct fixture *f, const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &info), 0);
    char *text = tn_arena_alloc(&f->arena, (size_t)info.st_size + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)info.st_size, file), info.st_size);
    fclose(file);
    return text;
}

static void assert_holds(const char *text, const char *piece)
{
    if (!strstr(text, piece))
        print_error("missing: %s\n", piece);
    assert_non_null(strstr(text, piece));
}

/* Where the block of that heading begins; its rows end with an empty line and another one. */
static const char *block_of(const char *data, const char *heading)
{
    const char *at = strstr(data, heading);
    if (!at)
        print_error("no block: %s\n", heading);
    assert_non_null(at);
    return strchr(at, '\n') + 1;
}

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

static bool ends(const char *at)
{
    return *at == '\0' || (at[0] == '\n' && (at[1] == '\n' || at[1] == '\0'));
}

/* Rows of a block that hold numbers. */
static size_t rows_of(const char *block)
{
    size_t rows = 0;
    for (const char *at = block; !ends(at); at = next_line(at))
        rows += *at != '\n' && strncmp(at, "NaN", 3) != 0;
    return rows;
}

/* km where the lines of a block stand at an hour; sorted. */
static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t crossings(const char *block, double hour, double *km)
{
    size_t count = 0;
    double h0 = NAN, km0 = NAN, h1, km1;
    for (const char *at = block; !ends(at); at = next_line(at)) {
        if (sscanf(at, "%lf\t%lf", &h1, &km1) != 2 || *at == '\n') {
            h0 = NAN;
            continue;
        }
        if (h0 <= hour && hour < h1)
            km[count++] = km0 + (km1 - km0) * (hour - h0) / (h1 - h0);
        h0 = h1, km0 = km1;
    }
    qsort(km, count, sizeof *km, by_value);
    return count;
}

static void a_cyclic_day_goes_on_where_it_ends(void **state)
{
    struct fixture *f = *state;
    (void)draw(f, &(struct tn_plot_request){.kind = "string-line", .figure = "s.png"}, 2);
    const char *data = text_of(f, "s.dat");
    double at_0[200], at_24[200];
    static const char *const blocks[] = {"freight up: time [h:min], km [km]\n", "freight down: time [h:min], km [km]\n",
                                         "10,000 t up: time [h:min], km [km]\n"};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        const char *block = block_of(data, blocks[b]);
        size_t count = crossings(block, 1e-9, at_0);
        assert_true(count > 1);
        assert_int_equal(crossings(block, 24 + 1e-9, at_24), count);
        for (size_t i = 0; i < count; i++)
            assert_near_abs(at_0[i], at_24[i], 1e-6);
    }
    assert_int_equal(rows_of(block_of(data, "number of a train")), 2 * MADE_PAIRS); /* each once */
    assert_int_equal(rows_of(block_of(data, "window: ")), 86);
    assert_true(rows_of(block_of(data, "freight up: time [h:min], km [km], stands [h]")) > 100);
    assert_holds(text_of(f, "s.gp"), "'freight up: 23'");
    /* the simulation, of two days: nothing before its first train, nothing repeated */
    assert_int_equal(crossings(block_of(text_of(f, "s-late.dat"), "freight up: time [h:min], km [km]\n"), -1, at_0), 0);
    assert_holds(text_of(f, "s-late.gp"), "'day 2' 24");
}

/* Stations that have a name, each at its km, and no two closer than can be read. */
static size_t names_of(const char *script, double *km, size_t most, size_t *all)
{
    size_t count = 0;
    *all = 0;
    for (const char *at = strstr(script, "set ytics (") + strlen("set ytics ("); *at && *at != ')'; (*all)++) {
        bool named = at[1] != '\'';
        at = strchr(at + 1, '\'') + 1;
        if (named && count < most)
            km[count++] = strtod(at, NULL);
        at += strcspn(at, ",)");
        at += *at == ',' ? 2 : 0;
    }
    return count;
}

static void names_of_stations_keep_apart(void **state)
{
    struct fixture *f = *state;
    double km[100];
    size_t all;
    (void)draw(f, &(struct tn_plot_request){.kind = "string-line", .figure = "s.svg"}, 2);
    const char *script = text_of(f, "s.gp");
    size_t count = names_of(script, km, 100, &all);
    assert_int_equal(all, 87); /* all but the line post, which has no track to stand on */
    assert_in_range(count, 25, 46);
    qsort(km, count, sizeof *km, by_value);
    for (size_t i = 1; i < count; i++)
        assert_true(km[i] - km[i - 1] >= 1213.3 / 46 || i == 1 || i + 1 == count);
    static const char *const named[] = {"'Golmud 0.0' 0 0", "'Korla 1213.3'", "'Ruoqiang 798.3'", "'Milan 738.3'"};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        assert_holds(script, named[i]);
    (void)draw(f, &(struct tn_plot_request){.kind = "string-line-detail", .figure = "d.svg"}, 2);
    assert_int_equal(names_of(text_of(f, "d.gp"), km, 100, &all), 16);
    assert_int_equal(all, 16);
}

static void a_part_is_what_was_asked_for(void **state)
{
    struct fixture *f = *state;
    struct tn_plot_request request = {.kind = "string-line",
                                      .figure = "p.png",
                                      .from = "Ruoqiang",
                                      .to = "Milan",
                                      .begin_s = 6 * 3600,
                                      .end_s = 12 * 3600};
    (void)draw(f, &request, 2);
    const char *script = text_of(f, "p.gp");
    assert_holds(script, "set xrange [6:12]");
    assert_holds(script, "set yrange [738.3:798.3]");
    assert_holds(script, "golmud-korla, Ruoqiang to Milan'");
    assert_holds(script, "'6:00 to 12:00; 26 pairs");
    assert_holds(script, "'two tracks'");
    request.to = NULL;
    request.kind = NULL; /* only the kinds that can */
    request.figure = "q.png";
    (void)draw(f, &request, 4);
    assert_holds(text_of(f, "q-section-occupation.gp"), "set xrange [0:798.3]");
    struct tn_list plotted;
    static const struct {
        const char *kind, *from, *to;
    } wrong[] = {{"string-line", "Roqiang", NULL}, {"string-line", "Milan", "Milan"}, {"delay-curve", "Milan", NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        request = (struct tn_plot_request){
            .kind = wrong[i].kind, .figure = "w.png", .from = wrong[i].from, .to = wrong[i].to};
        assert_int_equal(tn_plot_draw(&plotted, "m.h5", &request, &f->arena, &f->ctx), TN_ERR_INPUT);
        assert_int_equal(f->ctx.errors, i + 1);
        assert_int_not_equal(access("w.gp", F_OK), 0);
    }
    assert_string_equal(f->ctx.diagnostics[0].hint, "did you mean 'Ruoqiang'?");
}

static void conflicts_are_marked(void **state)
{
    struct fixture *f = *state;
    (void)draw(f, &(struct tn_plot_request){.kind = "string-line", .figure = "c.png"}, 2);
    const char *data = text_of(f, "c-late.dat"), *block = block_of(data, "conflict: ");
    assert_int_equal(rows_of(block), 3);
    assert_holds(block, "\"section: freight down 5 and freight up 5\"");
    assert_holds(text_of(f, "c-late.gp"), "'conflict (3)'");
    assert_int_equal(rows_of(block_of(text_of(f, "c.dat"), "conflict: ")), 0);
    assert_null(strstr(text_of(f, "c.gp"), "'conflict ("));
    (void)draw(f, &(struct tn_plot_request){.kind = "string-line-detail", .figure = "e.png"}, 2);
    double first = strtod(next_line(block_of(text_of(f, "e-late.dat"), "conflict: ")), NULL), begin, end;
    const char *range = strstr(text_of(f, "e-late.gp"), "set xrange [");
    assert_non_null(range);
    assert_int_equal(sscanf(range, "set xrange [%lf:%lf]", &begin, &end), 2);
    assert_near_abs(end - begin, 8, 1e-9);
    assert_true(begin <= first && first <= end);
}

static void occupation_names_the_busiest(void **state)
{
    struct fixture *f = *state;
    (void)draw(f, &(struct tn_plot_request){.kind = "section-occupation", .figure = "o.png"}, 2);
    const char *data = text_of(f, "o.dat");
    const char *sections = block_of(data, "section: "), *stations = block_of(data, "station: ");
    double taken[6], most = 0, marked = 0;
    size_t count = 0;
    for (const char *at = sections; !ends(at); at = next_line(at), count++) {
        assert_int_equal(sscanf(at, "%lf\t%lf\t%lf\t%lf\t%lf\t%lf", &taken[0], &taken[1], &taken[2], &taken[3],
                                &taken[4], &taken[5]),
                         6);
        assert_near_abs(taken[3] - taken[2], 6.25, 1e-9); /* 90 min of a day */
        most = fmax(most, taken[3]);
        marked = taken[4] == 2 ? taken[3] : marked;
    }
    assert_int_equal(count, 86);
    assert_near_abs(marked, most, 0);
    assert_int_equal(rows_of(stations), 87);
    assert_holds(text_of(f, "o.gp"), "'Altunshan to XJ-new-04: 81 % taken, 6 % closed, 52 trains a day'");
}

static void capacity_is_found_on_the_curve(void **state)
{
    struct fixture *f = *state;
    (void)draw(f, &(struct tn_plot_request){.kind = "delay-curve", .figure = "d.png"}, 1);
    const char *script = text_of(f, "d.gp");
    static const char *const pieces[] = {"'limit: 110 min'", "'simulation: 26.9 (26.3 to 27.4)'",
                                         "'period: 28.0'",   "'compression: 30.4'",
                                         "'published: 26'",  "set label '' at first 26.9,first 110 point"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_holds(script, pieces[i]);
    assert_int_equal(rows_of(block_of(text_of(f, "d.dat"), "pairs [a day], mean")), 15);
}

static void loops_are_named_by_worth(void **state)
{
    struct fixture *f = *state;
    (void)draw(f, &(struct tn_plot_request){.kind = "loop-worth", .figure = "l.png"}, 1);
    const char *script = text_of(f, "l.gp"), *data = text_of(f, "l.dat");
    assert_holds(script, "'A  a loop between Altunshan and XJ-new-04: +1.9 pairs a day'");
    assert_holds(script, "'E  a loop between Milan and XJ-new-12: +0.4 pairs a day'");
    assert_holds(script, "'loop of 2024'");
    assert_holds(script, "net Mt a year");
    const char *named = block_of(data, "named: ");
    assert_int_equal(rows_of(named), 12);
    assert_holds(named, "\"Yingsu 11\"");
    double pairs, km, last = HUGE_VAL;
    for (const char *at = next_line(named); !ends(at); at = next_line(at)) {
        assert_int_equal(sscanf(at, "%lf\t%lf", &km, &pairs), 2);
        assert_true(pairs <= last);
        last = pairs;
    }
}

static void texts_of_any_kind_do_no_harm(void **state)
{
    struct fixture *f = *state;
    static const char evil[] = "x' . system('touch broken') . '`touch broken` $(touch broken)\n\"; @x %s";
    struct made_day day;
    assert_true(made_day_init(&day, line, false, 4, 1800, &f->arena));
    struct tn_station_row *stations = day.stations.items;
    struct tn_section_row *sections = day.sections.items;
    struct tn_path_row *paths = day.paths.items;
    for (size_t i = 0; i < day.stations.count; i++)
        stations[i].name = stations[i].kind = evil;
    for (size_t i = 0; i < day.sections.count; i++)
        sections[i].from = sections[i].to = evil;
    for (size_t i = 0; i < day.paths.count; i++)
        paths[i].class = paths[i].train = evil;
    struct tn_conflict_row conflict = {evil, evil, evil, evil, 600e3, 36e3};
    day.conflicts_found = (struct tn_list){&conflict, 1};
    day.head.line = evil;
    const struct tn_solved solved = {"day", &made_simulation_kind, &day};
    assert_int_equal(tn_results_write("m.h5", &solved, 1, &provenance, &f->ctx), TN_OK);
    (void)draw(f, &(struct tn_plot_request){0}, 3);
    assert_int_not_equal(access("broken", F_OK), 0);
}

/* One train between two stations, no window, no section. */
static void little_is_enough(void **state)
{
    struct fixture *f = *state;
    struct tn_station_row stations[] = {{"B", "station", 9e3, 2, 0, 1}, {"A", "station", 0, 1, 0, 1}};
    struct tn_path_row paths[] = {{"1", "", "up", "B", 9e3, 600, 600, true}, {"1", "", "up", "A", 0, 1200, 1200, true}};
    struct made_day day = {.paths = {paths, 2}, .stations = {stations, 2}};
    const struct tn_solved solved = {"day", &made_timetable_kind, &day};
    assert_int_equal(tn_results_write("m.h5", &solved, 1, &provenance, &f->ctx), TN_OK);
    const struct tn_plotted *plotted = draw(f, &(struct tn_plot_request){0}, 1);
    assert_string_equal(plotted->kind, "string-line");
    assert_holds(text_of(f, "m-string-line.gp"), "set xrange [0:1]");
}

static size_t files_here(void)
{
    size_t count = 0;
    DIR *folder = opendir(".");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void text_fits_the_terminal_and_leaves_no_file(void **state)
{
    struct fixture *f = *state;
    char path[4096];
    size_t before = files_here();
    assert_int_equal(setenv("TMPDIR", ".", 1), 0);
    struct tn_plot_request request = {.columns = 78, .lines = 30};
    struct tn_list plotted;
    tn_status status = tn_plot_draw(&plotted, "m.h5", &request, &f->arena, &f->ctx);
    const struct tn_plotted *rows = plotted.items;
    if (status == TN_OK)
        assert_int_equal(plotted.count, 8);
    else
        assert_non_null(strstr(f->ctx.diagnostics[0].text, "gnuplot is not installed"));
    for (size_t i = 0; i < plotted.count; i++) {
        assert_non_null(rows[i].text);
        assert_holds(rows[i].text, "golmud-korla");
        assert_holds(rows[i].text, "rests on: ");
        for (const char *at = rows[i].text; *at; at = next_line(at))
            assert_true(strcspn(at, "\n") <= 80); /* the ellipsis takes three bytes */
    }
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    status = tn_plot_draw(&plotted, "m.h5", &request, &f->arena, &f->ctx);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_int_equal(status, TN_ERR_IO);
    assert_int_equal(files_here(), before);
}

int main(int argc, char **argv)
{
    if (argc > 1) { /* writes the file that tests/cli draws; with another word, by local names */
        struct tn_arena arena = {0};
        struct tn_context ctx = {0};
        tn_status status = write_file(argv[1], argc > 2, &arena, &ctx);
        tn_arena_clear(&arena);
        tn_context_clear(&ctx);
        return status == TN_OK ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cyclic_day_goes_on_where_it_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(names_of_stations_keep_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_part_is_what_was_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(conflicts_are_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(occupation_names_the_busiest, setup, teardown),
        cmocka_unit_test_setup_teardown(capacity_is_found_on_the_curve, setup, teardown),
        cmocka_unit_test_setup_teardown(loops_are_named_by_worth, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_of_any_kind_do_no_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(little_is_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(text_fits_the_terminal_and_leaves_no_file, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
