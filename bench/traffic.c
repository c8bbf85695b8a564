/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the traffic of a line is simulated: a year of the trains of a study of kind `simulation`, with its
   disturbances, one core, by each dispatch rule. Medians of processor time. Usage: bench-traffic SCENARIO STUDY
   TRAINS_PER_DAY; the trains are shared out over the classes as the study does. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "scenario.h"
#include "simulation.h"

enum { REPEATS = 5, YEAR = 365 };

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int report(struct tn_simulate_request *request, struct tn_context *ctx)
{
    double seconds[REPEATS];
    struct tn_simulate_outcome out = {0};
    for (int i = 0; i < REPEATS; i++) {
        struct tn_arena arena = {0};
        const double begin = now_s();
        const tn_status status = tn_simulate(&out, request, &arena, ctx);
        seconds[i] = now_s() - begin;
        tn_arena_clear(&arena);
        if (status != TN_OK)
            return 1;
    }
    gsl_sort(seconds, 1, REPEATS);
    const double median = gsl_stats_median_from_sorted_data(seconds, 1, REPEATS);
    printf("%-10s  %6.3f s a year (%.3f to %.3f)  %5.2f million events, %5.2f million a second; %.2f million states "
           "judged; %lld trains, %.0f min late in the mean, %.1f wait outside\n",
           tn_simulate_rule_name((int)request->rule), median, seconds[0], seconds[REPEATS - 1],
           (double)out.events / 1e6, (double)out.events / median / 1e6, (double)out.safe_asked / 1e6,
           (long long)out.all.trains, out.all.delay_mean_s / 60, out.queue_mean);
    return out.deadlock || !out.balanced;
}

int main(int argc, char **argv)
{
    struct tn_context ctx = {0};
    struct tn_scenario_reader *reader = NULL;
    struct tn_arena arena = {0};
    struct tn_network network;
    struct tn_simulate_disturbances disturbances;
    gsl_set_error_handler_off();
    if (argc != 4 || tn_scenario_read(&reader, argv[1], NULL, 0, &ctx) != TN_OK) {
        (void)fprintf(stderr, "usage: bench-traffic SCENARIO STUDY (of kind simulation) TRAINS_PER_DAY\n");
        return 2;
    }
    const struct tn_study *study = tn_scenario_study(tn_scenario_get(reader), argv[2]);
    if (study == NULL || study->spec.schema != tn_study_simulation.input)
        return 2;
    const struct tn_simulation_spec *spec = study->spec.object;
    struct tn_environment e;
    tn_scenario_environment(&e, tn_scenario_get(reader));
    const double begin = now_s();
    if (tn_network_init(&network, &spec->traffic, &e, &arena, &ctx) != TN_OK ||
        tn_disturbances_init(&disturbances, &spec->disturbances, &network, &arena, &ctx) != TN_OK)
        return 1;
    printf("%d stations, %d classes, %.0f ms to set up with all train runs\n", network.station_count,
           network.class_count, 1e3 * (now_s() - begin));
    double *trains = tn_arena_alloc(&arena, (size_t)network.class_count + 1, sizeof *trains), sum = 0;
    for (int c = 0; trains && c < network.class_count; c++)
        sum += network.classes[c].spec->pairs;
    for (int c = 0; trains && c < network.class_count; c++)
        trains[c] = network.classes[c].spec->pairs * strtod(argv[3], NULL) / sum;
    struct tn_simulate_request request = {.network = &network,
                                          .disturbances = &disturbances,
                                          .end_ms = YEAR * TN_NETWORK_DAY_MS,
                                          .seed = 1,
                                          .trains_per_day = trains};
    int bad = trains == NULL;
    for (int rule = 0; !bad && tn_simulate_rule_name(rule); rule++) {
        request.rule = (enum tn_simulate_rule)rule;
        bad = report(&request, &ctx);
    }
    tn_arena_clear(&arena);
    tn_scenario_destroy(reader);
    tn_context_clear(&ctx);
    return bad;
}
