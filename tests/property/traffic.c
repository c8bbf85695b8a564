/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random small lines under random traffic: traffic FIRST_SEED COUNT [FOLDER] simulates COUNT of them. No deadlock,
   every train done, the books balanced at every hour, and every rule of the road kept by every train. A case that fails
   is made as small as it can be and still fail, and left as FOLDER/traffic-SEED.yaml, which `tonnage run` takes.
   traffic scenario SEED prints a case as such a file, which requires what the case gives here. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "simulate.h"
#include "train.h"

enum { STATIONS = 9, CLASSES = 4, WINDOWS = 3, CLOSURES = 2 };

struct problem {
    int stations, classes, windows, closures, days, rule;
    struct tn_station station[STATIONS];
    char names[STATIONS][16];
    bool doubled[STATIONS];
    double headway; /* of double track, s; NAN none */
    double up[STATIONS], down[STATIONS];
    struct tn_traffic_class_spec class[CLASSES];
    struct tn_traffic_stop_spec stop[CLASSES];
    char ids[CLASSES][16];
    struct tn_traffic_window_spec window[WINDOWS];
    struct tn_simulate_closure closure[CLOSURES];
    bool automatic;
    double start, stop_addition, not_simultaneous, meeting, following, approach;
    struct tn_simulate_disturbances disturbances;
    uint64_t seed;
};

static int pick(struct tn_random *r, int low, int high)
{
    return low + (int)tn_random_below(r, (uint64_t)high - (uint64_t)low + 1);
}

static bool coin(struct tn_random *r, double share)
{
    return tn_random_unit(r) < share;
}

static double minutes(struct tn_random *r, int low, int high)
{
    return 60.0 * pick(r, low, high);
}

static void draw_line(struct problem *p, struct tn_random *r)
{
    p->stations = pick(r, 2, STATIONS);
    p->automatic = coin(r, 0.2);
    p->headway = coin(r, 0.5) ? minutes(r, 3, 8) : (double)NAN;
    const double doubled = coin(r, 0.3) ? 0.4 : 0;
    for (int i = 0; i < p->stations; i++) {
        tn_schema_defaults(&tn_station_schema, &p->station[i]);
        snprintf(p->names[i], sizeof p->names[i], "S%d", i);
        p->station[i].name = p->names[i];
        p->station[i].km = 10e3 * i;
        p->station[i].tracks = coin(r, 0.15) ? 1 : pick(r, 2, 3);
        p->station[i].length = coin(r, 0.3) ? 800 : 1000;
        p->doubled[i] = coin(r, doubled);
        p->up[i] = minutes(r, 1, 20);
        p->down[i] = minutes(r, 1, 20);
    }
    p->start = minutes(r, 0, 3);
    p->stop_addition = minutes(r, 0, 2);
    p->not_simultaneous = minutes(r, 0, 5);
    p->meeting = minutes(r, 0, 3);
    p->following = minutes(r, 0, 5);
    p->approach = minutes(r, 0, 4);
}

/* A class's trains fit at its ends. */
static void give_room(struct problem *p, const struct tn_traffic_class_spec *class)
{
    for (int i = 0; class->length > 780 && i < p->stations; i++) {
        const bool first = class->from ? p->names[i] == class->from : i == 0;
        const bool last = class->to ? p->names[i] == class->to : i == p->stations - 1;
        if (first || last)
            p->station[i].length = 1000;
    }
}

static void draw_classes(struct problem *p, struct tn_random *r)
{
    p->classes = pick(r, 1, CLASSES);
    for (int c = 0; c < p->classes; c++) {
        struct tn_traffic_class_spec *class = &p->class[c];
        tn_schema_defaults(&tn_traffic_class_schema, class);
        snprintf(p->ids[c], sizeof p->ids[c], "c%d", c);
        class->id = p->ids[c];
        class->pairs = coin(r, 0.1) ? (double)NAN : pick(r, 1, 30); /* NAN: always waiting */
        class->priority = pick(r, 0, 2);
        class->weight = pick(r, 1, 5);
        class->time_factor = 0.5 + 0.1 * pick(r, 0, 10);
        class->stop_at_end = coin(r, 0.8);
        class->arrivals = coin(r, 0.3) ? TN_ARRIVALS_RANDOM : TN_ARRIVALS_EVEN;
        class->length = coin(r, 0.3) ? 900 : 700;
        class->direction = coin(r, 0.2) ? pick(r, TN_UP, TN_DOWN) : TN_BOTH;
        if (p->stations > 3 && coin(r, 0.3)) {
            const int from = pick(r, 0, p->stations - 2);
            class->from = p->names[from];
            class->to = p->names[pick(r, from + 1, p->stations - 1)];
        }
        give_room(p, class);
        const int at = pick(r, 0, p->stations - 1);
        if (p->station[at].tracks > 1 && p->station[at].length >= class->length + 20 && coin(r, 0.3)) {
            p->stop[c] = (struct tn_traffic_stop_spec){p->names[at], minutes(r, 0, 10)};
        }
    }
}

static void draw_distribution(struct tn_distribution *d, struct tn_random *r, double mean)
{
    d->law = coin(r, 0.5) ? pick(r, TN_LAW_NONE, TN_LAW_WEIBULL) : TN_LAW_NONE;
    const bool deviates = d->law == TN_LAW_NORMAL || d->law >= TN_LAW_LOG_NORMAL;
    d->mean = mean;
    d->deviation = deviates ? mean * (0.5 + tn_random_unit(r)) : (double)NAN;
    d->share = coin(r, 0.3) ? 0.3 : 1;
}

static void draw(struct problem *p, uint64_t seed)
{
    struct tn_random r;
    memset(p, 0, sizeof *p);
    tn_random_init(&r, seed, 99, 0, 0, 0);
    p->seed = seed;
    p->rule = pick(&r, 0, 3);
    p->days = pick(&r, 1, 2);
    draw_line(p, &r);
    draw_classes(p, &r);
    p->windows = coin(&r, 0.4) ? pick(&r, 1, WINDOWS) : 0;
    for (int w = 0; w < p->windows; w++) {
        const int from = pick(&r, 0, p->stations - 2);
        p->window[w] = (struct tn_traffic_window_spec){p->names[from], p->names[pick(&r, from + 1, p->stations - 1)],
                                                       60.0 * pick(&r, 0, 1439), minutes(&r, 10, 180),
                                                       coin(&r, 0.3) ? minutes(&r, -20, 20) : 0};
    }
    p->closures = coin(&r, 0.3) ? pick(&r, 1, CLOSURES) : 0;
    for (int c = 0; c < p->closures; c++) {
        const int64_t begin = 3600000 * (int64_t)pick(&r, 0, 30);
        p->closure[c] = (struct tn_simulate_closure){c == 0 ? pick(&r, 0, p->stations - 1) : 0, begin,
                                                     begin + 3600000 * (int64_t)pick(&r, 1, 20)};
    }
    if (p->closures == 2 && p->closure[0].station == 0)
        p->closures = 1;
    draw_distribution(&p->disturbances.entry, &r, 1200);
    draw_distribution(&p->disturbances.running, &r, 0.1);
    draw_distribution(&p->disturbances.failure, &r, 1800);
    draw_distribution(&p->disturbances.overrun, &r, 900);
    const bool fails = p->disturbances.failure.law != TN_LAW_NONE;
    p->disturbances.failure_per_m = fails && coin(&r, 0.4) ? 1e-5 : 0;
    p->disturbances.failure_per_s = fails && coin(&r, 0.4) ? 1e-4 : 0;
}

/* --- as the program sees it --- */

struct built {
    struct tn_line_spec line;
    struct tn_double_track doubled[STATIONS];
    struct tn_capacity_section_spec sections[STATIONS];
    struct tn_traffic_class_spec class[CLASSES];
    struct tn_environment environment;
    struct tn_traffic_spec traffic;
    struct tn_network network;
};

static tn_status build(struct built *b, const struct problem *p, struct tn_arena *arena, struct tn_context *ctx)
{
    memset(b, 0, sizeof *b);
    tn_schema_defaults(&tn_line_schema, &b->line);
    b->line.id = "line";
    b->line.up_is_decreasing = false;
    b->line.block = p->automatic ? TN_BLOCK_AUTOMATIC : TN_BLOCK_INTER_STATION;
    b->line.headway = 300;
    b->line.stations = (struct tn_list){(void *)p->station, (size_t)p->stations};
    size_t doubled = 0;
    for (int i = 0; i + 1 < p->stations; i++) {
        if (p->doubled[i])
            b->doubled[doubled++] =
                (struct tn_double_track){p->station[i].km, p->station[i + 1].km, -1, -1, p->headway, NULL};
        b->sections[i] = (struct tn_capacity_section_spec){p->names[i], p->names[i + 1], p->up[i], p->down[i]};
    }
    for (int c = 0; c < p->classes; c++) {
        b->class[c] = p->class[c];
        b->class[c].stops = (struct tn_list){(void *)&p->stop[c], p->stop[c].station != NULL};
    }
    b->line.double_track = (struct tn_list){b->doubled, doubled};
    b->environment = (struct tn_environment){.line = &b->line, .phase = -1, .gravity_m_s2 = 9.81};
    b->traffic = (struct tn_traffic_spec){.from = p->names[0],
                                          .to = p->names[p->stations - 1],
                                          .loaded = TN_UP,
                                          .classes = {b->class, (size_t)p->classes},
                                          .windows = {(void *)p->window, (size_t)p->windows},
                                          .sections = {b->sections, (size_t)(p->stations - 1)},
                                          .start_addition = p->start,
                                          .stop_addition = p->stop_addition,
                                          .not_simultaneous = p->not_simultaneous,
                                          .meeting = p->meeting,
                                          .following = p->following,
                                          .approach = p->approach,
                                          .margin = 20,
                                          .depth = TN_STRAP,
                                          .tolerance = 1e-7};
    return tn_network_init(&b->network, &b->traffic, &b->environment, arena, ctx);
}

struct totals {
    long simulated, impossible, trains, events, asked, looked, refused, late;
};

/* Conflicts but those of trains that scatter or failure took into a window. */
static const char *worst(const struct tn_list *conflicts, const struct tn_simulate_outcome *out, char *text,
                         size_t size)
{
    const struct tn_road_conflict *found = conflicts->items;
    for (size_t i = 0; i < conflicts->count; i++)
        if (found[i].rule != TN_RULE_WINDOW || !out->path_late[found[i].path]) {
            snprintf(text, size, "%s: class %d no %d, other %d, station %d, section %d, at %.3f min",
                     tn_road_rule_name((int)found[i].rule), out->paths[found[i].path].class,
                     out->paths[found[i].path].number, found[i].other < 0 ? -1 : out->paths[found[i].other].number,
                     found[i].station, found[i].section, (double)found[i].time_ms / 60e3);
            return text;
        }
    return NULL;
}

/* NULL, or what is wrong; "" if the traffic is impossible as it stands. */
static const char *judge(const struct problem *p, char *text, size_t size, struct totals *totals)
{
    struct tn_arena arena = {0};
    struct tn_context ctx = {0};
    struct built b;
    struct tn_simulate_outcome out;
    struct tn_list conflicts;
    const char *bad = NULL;
    struct tn_simulate_disturbances disturbances = p->disturbances;
    disturbances.closures = p->closure;
    disturbances.closure_count = (size_t)p->closures;
    const int64_t end = p->days * TN_NETWORK_DAY_MS;
    tn_status status = build(&b, p, &arena, &ctx);
    const struct tn_simulate_request request = {.network = &b.network,
                                                .disturbances = &disturbances,
                                                .rule = (enum tn_simulate_rule)p->rule,
                                                .end_ms = end,
                                                .seed = p->seed,
                                                .show_begin_ms = 0,
                                                .show_end_ms = 1000 * end,
                                                .drain = true,
                                                .hours = true};
    if (status != TN_OK || b.network.reason || tn_simulate_impossible(&b.network, &arena)) {
        bad = "";
        totals->impossible++;
    } else if (tn_simulate(&out, &request, &arena, &ctx) != TN_OK) {
        snprintf(text, size, "no outcome");
        bad = text;
    } else if (out.deadlock) {
        bad = "a deadlock";
    } else if (!out.balanced) {
        bad = "the books do not balance";
    } else if (out.all.unfinished) {
        bad = "trains never came in";
    } else if ((int64_t)out.path_count != out.all.trains) {
        bad = "paths and trains differ";
    } else if (out.all.trains && out.delays_s[0] < -1e-9) {
        bad = "a train is faster than alone";
    } else if (tn_road_check(&conflicts, &b.network, out.paths, out.path_count, false, &arena) == TN_OK) {
        bad = worst(&conflicts, &out, text, size);
        totals->simulated++;
        totals->trains += (long)out.all.trains;
        totals->events += (long)out.events;
        totals->asked += (long)out.safe_asked;
        totals->looked += (long)out.safe_looked;
        totals->refused += (long)out.refused;
        totals->late += (long)out.window_late;
    }
    tn_context_clear(&ctx);
    tn_arena_clear(&arena);
    return bad;
}

/* --- smaller --- */

static void cut_first(struct problem *p)
{
    for (int i = 0; i + 1 < p->stations; i++) {
        p->station[i].tracks = p->station[i + 1].tracks;
        p->station[i].length = p->station[i + 1].length;
        p->doubled[i] = p->doubled[i + 1];
        p->up[i] = p->up[i + 1];
        p->down[i] = p->down[i + 1];
    }
    p->stations--;
}

/* The k-th way to make it smaller; false when there are no more. */
static bool smaller(struct problem *p, int k)
{
    const struct tn_distribution none = {TN_LAW_NONE, NAN, NAN, 1};
    if (k < CLASSES) {
        if (k < p->classes && p->classes > 1) {
            p->class[k] = p->class[p->classes - 1];
            p->stop[k] = p->stop[p->classes - 1];
            p->classes--;
        }
    } else if (k == 4) {
        p->windows = p->windows ? p->windows - 1 : 0;
    } else if (k == 5) {
        p->closures = p->closures ? p->closures - 1 : 0;
    } else if (k == 6) {
        p->disturbances.entry = none;
    } else if (k == 7) {
        p->disturbances.running = none;
    } else if (k == 8) {
        p->disturbances.failure = p->disturbances.overrun = none;
        p->disturbances.failure_per_m = p->disturbances.failure_per_s = 0;
    } else if (k == 9) {
        p->stations -= p->stations > 2;
    } else if (k == 10) {
        if (p->stations > 2)
            cut_first(p);
    } else if (k == 11) {
        p->days = 1;
    } else if (k < 12 + CLASSES) {
        p->stop[k - 12].station = NULL;
    } else if (k < 16 + CLASSES) {
        p->class[k - 16].pairs = isnan(p->class[k - 16].pairs) ? 30 : ceil(p->class[k - 16].pairs / 2);
    } else if (k < 20 + CLASSES) {
        p->class[k - 20].from = p->class[k - 20].to = NULL;
    } else if (k < 24 + STATIONS) {
        p->doubled[k - 24] = false;
    } else if (k < 33 + CLASSES) {
        p->class[k - 33].direction = p->class[k - 33].direction ? p->class[k - 33].direction : TN_UP;
    } else if (k < 37 + CLASSES) {
        p->class[k - 37].direction = p->class[k - 37].direction ? p->class[k - 37].direction : TN_DOWN;
    } else {
        return false;
    }
    return true;
}

static void shrink(struct problem *p, struct totals *totals)
{
    char text[256];
    for (bool changed = true; changed;) {
        changed = false;
        struct problem tried = *p;
        for (int k = 0; smaller(&tried, k); k++, tried = *p) {
            if (memcmp(&tried, p, sizeof tried) == 0)
                continue;
            const char *bad = judge(&tried, text, sizeof text, totals);
            if (bad && bad[0]) {
                *p = tried;
                changed = true;
            }
        }
    }
}

/* --- as a scenario --- */

static void print_distribution(FILE *f, const char *name, const struct tn_distribution *d, const char *unit)
{
    fprintf(f, "      %s: {law: %s", name, tn_distribution_name(d->law));
    if (d->law != TN_LAW_NONE)
        fprintf(f, ", mean: %.17g %s", d->mean, unit);
    if (!isnan(d->deviation))
        fprintf(f, ", deviation: %.17g %s", d->deviation, unit);
    fprintf(f, ", share: %g}\n", d->share);
}

static void print_class(FILE *f, const struct tn_traffic_class_spec *c, const struct tn_traffic_stop_spec *stop)
{
    static const char *const directions[] = {"both", "up", "down"};
    fprintf(
        f,
        "      - {id: %s, priority: %d, weight: %g, time_factor: %.17g, stop_at_end: %s, arrivals: %s, length: %g m, "
        "direction: %s",
        c->id, c->priority, c->weight, c->time_factor, c->stop_at_end ? "true" : "false",
        tn_traffic_arrivals_name(c->arrivals), c->length, directions[c->direction]);
    if (!isnan(c->pairs))
        fprintf(f, ", pairs: %g", c->pairs);
    if (c->from)
        fprintf(f, ", from: %s, to: %s", c->from, c->to);
    if (stop->station)
        fprintf(f, ", stops: [{station: %s, dwell: %g s}]", stop->station, stop->dwell);
    fprintf(f, "}\n");
}

static void print_line(FILE *f, const struct problem *p)
{
    fprintf(f,
            "tonnage: 1\nlines:\n  id: line\n  up_is_decreasing: false\n  block: %s\n  headway: 300 s\n  stations:\n",
            p->automatic ? "automatic" : "inter-station");
    for (int i = 0; i < p->stations; i++)
        fprintf(f, "    - {km: %g m, name: %s, tracks: %d, length: %g m}\n", p->station[i].km, p->names[i],
                p->station[i].tracks, p->station[i].length);
    bool first = true;
    for (int i = 0; i + 1 < p->stations; i++) {
        if (!p->doubled[i])
            continue;
        fprintf(f, "%s    - {from: %g m, to: %g m", first ? "  double_track:\n" : "", p->station[i].km,
                p->station[i + 1].km);
        if (!isnan(p->headway))
            fprintf(f, ", headway: %g s", p->headway);
        fprintf(f, "}\n");
        first = false;
    }
}

static void print_problem(FILE *f, const struct problem *p)
{
    print_line(f, p);
    fprintf(f,
            "line: {id: line}\nstudies:\n  - id: traffic\n    kind: simulation\n    from: S0\n    to: S%d\n"
            "    days: %d\n    warm_up: 0\n    show_from: 1\n    show_days: %d\n    drain: true\n    rule: %s\n    "
            "seed: %llu\n",
            p->stations - 1, p->days, p->days, tn_simulate_rule_name(p->rule), (unsigned long long)p->seed);
    fprintf(f,
            "    start_addition: %g s\n    stop_addition: %g s\n    not_simultaneous: %g s\n    meeting: %g s\n"
            "    following: %g s\n    approach: %g s\n    classes:\n",
            p->start, p->stop_addition, p->not_simultaneous, p->meeting, p->following, p->approach);
    for (int c = 0; c < p->classes; c++)
        print_class(f, &p->class[c], &p -> stop[c]);
    fprintf(f, "    sections:\n");
    for (int i = 0; i + 1 < p->stations; i++)
        fprintf(f, "      - {from: S%d, to: S%d, time_up: %g s, time_down: %g s}\n", i, i + 1, p->up[i], p->down[i]);
    for (int w = 0; w < p->windows; w++)
        fprintf(f, "%s      - {from: %s, to: %s, begin: %g s, duration: %g s, shift: %g s}\n",
                w ? "" : "    windows:\n", p->window[w].from, p->window[w].to, p->window[w].begin,
                p->window[w].duration, p->window[w].shift);
    const struct tn_simulate_disturbances *d = &p->disturbances;
    fprintf(f, "    disturbances:\n");
    print_distribution(f, "entry", &d->entry, "s");
    print_distribution(f, "running", &d->running, "");
    print_distribution(f, "failure", &d->failure, "s");
    print_distribution(f, "overrun", &d->overrun, "s");
    if (d->failure_per_m > 0)
        fprintf(f, "      failure_distance: %.17g m\n", 1 / d->failure_per_m);
    if (d->failure_per_s > 0)
        fprintf(f, "      failure_time: %.17g s\n", 1 / d->failure_per_s);
    for (int c = 0; c < p->closures; c++)
        fprintf(f, "%s        - {station: S%d, begin: %g h, end: %g h}\n", c ? "" : "      closures:\n",
                p->closure[c].station, (double)p->closure[c].begin_ms / 3.6e6, (double)p->closure[c].end_ms / 3.6e6);
}

static void leave(struct problem *p, const char *folder, struct totals *totals)
{
    char path[1024], text[256];
    shrink(p, totals);
    const char *bad = judge(p, text, sizeof text, totals);
    snprintf(path, sizeof path, "%s/traffic-%llu.yaml", folder, (unsigned long long)p->seed);
    FILE *f = fopen(path, "w");
    if (f) {
        print_problem(f, p);
        fclose(f);
    }
    printf("made smaller it is: %s; see %s\n", bad ? bad : "gone", path);
}

static int print_scenario(struct problem *p, uint64_t seed)
{
    struct totals totals = {0};
    char text[256];
    draw(p, seed);
    const char *bad = judge(p, text, sizeof text, &totals);
    if (bad && bad[0]) {
        fprintf(stderr, "%s\n", bad);
        return 1;
    }
    print_problem(stdout, p);
    if (bad == NULL)
        printf("require:\n  - {result: traffic.trains, min: %ld, max: %ld}\n"
               "  - {result: traffic.events, min: %ld, max: %ld}\n  - {result: traffic.conflicts, max: 0}\n",
               totals.trains, totals.trains, totals.events, totals.events);
    return 0;
}

int main(int argc, char **argv)
{
    static struct problem problem;
    struct totals totals = {0};
    char text[256];
    if (argc < 3) {
        fprintf(stderr, "usage: traffic FIRST_SEED COUNT [FOLDER] | traffic scenario SEED\n");
        return 2;
    }
    gsl_set_error_handler_off();
    if (strcmp(argv[1], "scenario") == 0)
        return print_scenario(&problem, strtoull(argv[2], NULL, 10));
    const uint64_t first = strtoull(argv[1], NULL, 10);
    const long count = strtol(argv[2], NULL, 10);
    int failed = 0;
    for (uint64_t seed = first; totals.simulated < count && totals.impossible < count && failed < 3; seed++) {
        draw(&problem, seed);
        const char *bad = judge(&problem, text, sizeof text, &totals);
        if (bad == NULL || bad[0] == 0)
            continue;
        printf("seed %llu: %s\n", (unsigned long long)seed, bad);
        fflush(stdout);
        leave(&problem, argc > 3 ? argv[3] : ".", &totals);
        failed++;
    }
    printf(
        "%ld networks simulated, %ld others impossible as they stand; %ld trains, %ld events, %ld trains late into a "
        "window; states judged %ld, by the look ahead %ld, moves refused %ld\n",
        totals.simulated, totals.impossible, totals.trains, totals.events, totals.late, totals.asked, totals.looked,
        totals.refused);
    return failed != 0 || totals.simulated < count;
}
