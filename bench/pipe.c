/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The brake pipe of long trains: speed against real time, error against halved steps, waves, times of recharge against
   length and reduction, one feed against three. Usage: bench-pipe */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pipe.h"

#define MOST    256
#define REPEATS 15
#define ROWS    1200 /* of 0.5 s */
#define kPa     1e3

static struct tn_pipe_vehicle vehicles[MOST];
static size_t count;

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void locomotive(double delay_s)
{
    vehicles[count++] = (struct tn_pipe_vehicle){
        .length_m = 35, .bore_m = 0.035, .volume_m3 = NAN, .feed_m2 = 30e-6, .exhaust_m2 = 120e-6, .delay_s = delay_s};
}

static void wagons(int n, double length_m)
{
    for (int i = 0; i < n; i++)
        vehicles[count++] = (struct tn_pipe_vehicle){
            .length_m = length_m, .bore_m = 0.035, .volume_m3 = 1.15 * 9.621e-4 * length_m, .valve = &tn_valves[0]};
}

static struct tn_pipe *made(double running_Pa, struct tn_arena *arena)
{
    struct tn_context ctx = {0};
    struct tn_pipe *pipe = NULL;
    if (tn_pipe_create(&pipe, vehicles, count, running_Pa, arena, &ctx) != TN_OK)
        exit(EXIT_FAILURE);
    return pipe;
}

static struct tn_pipe *train(int n, struct tn_arena *arena)
{
    count = 0;
    locomotive(0);
    wagons(n, 14);
    return made(500 * kPa, arena);
}

/* Ten minutes: 60 kPa, after half a minute 100, from 90 s on release. */
static void half_second(struct tn_pipe *pipe, int row)
{
    if (row == 0 || row == 60)
        tn_pipe_handle_set(pipe, TN_PIPE_SERVICE, row == 0 ? 60 * kPa : 100 * kPa);
    if (row == 180)
        tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    tn_pipe_advance(pipe, 0.5);
}

static double run_s(double step_s)
{
    double best = INFINITY;
    for (int k = 0; k < REPEATS; k++) {
        struct tn_arena arena = {0};
        struct tn_pipe *pipe = train(150, &arena);
        if (step_s > 0)
            tn_pipe_step_set(pipe, step_s);
        double begin = now_s();
        for (int row = 0; row < ROWS; row++)
            half_second(pipe, row);
        best = fmin(best, now_s() - begin);
        tn_arena_clear(&arena);
    }
    return best;
}

/* Largest difference in the cylinders to the run with the finest steps, over 225 kPa: any wagon in the first ten
   seconds after an order, any wagon later, the mean of the train. */
static void errors(double largest[3], double step_s, double fine_s)
{
    struct tn_arena arena = {0};
    struct tn_pipe *a = train(150, &arena), *b = train(150, &arena);
    tn_pipe_step_set(a, step_s);
    tn_pipe_step_set(b, fine_s);
    largest[0] = largest[1] = largest[2] = 0;
    for (int row = 0; row < ROWS; row++) {
        half_second(a, row);
        half_second(b, row);
        bool early = row < 20 || (row >= 60 && row < 80) || (row >= 180 && row < 200);
        for (size_t i = 1; i < count; i++) {
            double *most = &largest[early ? 0 : 1];
            *most = fmax(*most, fabs(tn_pipe_cylinder(a, i) - tn_pipe_cylinder(b, i)) / (225 * kPa));
        }
        largest[2] =
            fmax(largest[2], fabs(tn_pipe_cylinder_mean(a, NULL) - tn_pipe_cylinder_mean(b, NULL)) / (225 * kPa));
    }
    tn_arena_clear(&arena);
}

static void speed(void)
{
    static const double steps[] = {0.04, 0.02, 0.01, 0.005};
    printf("150 wagons, 600 s: 60 and 100 kPa, release\n%8s %16s %14s %14s %14s\n", "step ms", "x real time",
           "first 10 s %", "later %", "mean %");
    for (size_t i = 0; i < 4; i++) {
        double e[3];
        errors(e, steps[i], 0.00125);
        printf("%8.1f %16.0f %14.2f %14.2f %14.2f\n", 1e3 * steps[i], 600 / run_s(steps[i]), 100 * e[0], 100 * e[1],
               100 * e[2]);
    }
}

static double wave_m_s(int n, enum tn_pipe_handle handle)
{
    struct tn_arena arena = {0};
    struct tn_pipe *pipe = train(n, &arena);
    tn_pipe_handle_set(pipe, handle, 50 * kPa);
    while (tn_pipe_cylinder(pipe, (size_t)n) <= 0 && tn_pipe_time(pipe) < 100)
        tn_pipe_advance(pipe, 0.02);
    double s = tn_pipe_time(pipe);
    tn_arena_clear(&arena);
    return 14 * n / s;
}

static double recharge_s(struct tn_pipe *pipe, double reduction_Pa, double margin_Pa)
{
    tn_pipe_handle_set(pipe, TN_PIPE_SERVICE, reduction_Pa);
    tn_pipe_advance(pipe, 120);
    double begin = tn_pipe_time(pipe);
    tn_pipe_handle_set(pipe, TN_PIPE_RELEASE, 0);
    while (!tn_pipe_charged(pipe, margin_Pa) && tn_pipe_time(pipe) < 5000)
        tn_pipe_advance(pipe, 0.5);
    return tn_pipe_time(pipe) - begin;
}

static void recharges(void)
{
    static const int lengths[] = {56, 105, 150, 210};
    static const double reductions[] = {50, 70, 100};
    printf("\nrecharge from 120 s of service to within 5 kPa in every auxiliary reservoir, s (10 kPa)\n%8s", "wagons");
    for (size_t k = 0; k < 3; k++)
        printf("    r = %3.0f kPa", reductions[k]);
    printf("\n");
    for (size_t i = 0; i < 4; i++) {
        printf("%8d", lengths[i]);
        for (size_t k = 0; k < 3; k++) {
            struct tn_arena arena = {0};
            double tight = recharge_s(train(lengths[i], &arena), reductions[k] * kPa, 5 * kPa);
            double loose = recharge_s(train(lengths[i], &arena), reductions[k] * kPa, 10 * kPa);
            printf("  %5.0f (%4.0f)", tight, loose);
            tn_arena_clear(&arena);
        }
        printf("\n");
    }
}

static double feeds_s(int feeds, double reduction_Pa)
{
    struct tn_arena arena = {0};
    count = 0;
    for (int k = 0; k < feeds; k++) {
        locomotive(k > 0 ? 2 : 0);
        wagons(100 / feeds, 12);
    }
    wagons(100 % feeds, 12);
    double s = recharge_s(made(600 * kPa, &arena), reduction_Pa, 5 * kPa);
    tn_arena_clear(&arena);
    return s;
}

int main(void)
{
    speed();
    printf("\n%8s %18s %18s\n", "wagons", "service wave m/s", "emergency m/s");
    for (int n = 50; n <= 150; n += 50)
        printf("%8d %18.0f %18.0f\n", n, wave_m_s(n, TN_PIPE_SERVICE), wave_m_s(n, TN_PIPE_EMERGENCY));
    recharges();
    printf("\n10,000 t, 100 wagons, 600 kPa: one feed against three spread along the train\n");
    for (double r = 50; r < 175; r += 60) {
        double one = feeds_s(1, r * kPa), three = feeds_s(3, r * kPa);
        printf("r = %3.0f kPa: %4.0f s and %4.0f s, ratio %.2f (published 2.4)\n", r, one, three, one / three);
    }
    return EXIT_SUCCESS;
}
