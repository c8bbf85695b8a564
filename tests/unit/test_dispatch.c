/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dispatch.h"
#include "displib.h"

struct fixture {
    struct tn_displib *file;
    const struct tn_dispatch_problem *problem;
    struct tn_dispatch_result result;
    struct tn_arena arena;
    struct tn_context ctx;
};

static void read_text(struct fixture *f, const char *text)
{
    *f = (struct fixture){0};
    char path[] = "dispatch-XXXXXX";
    const int out = mkstemp(path);
    assert_true(out >= 0);
    assert_int_equal(write(out, text, strlen(text)), (ssize_t)strlen(text));
    close(out);
    const tn_status status = tn_displib_read_problem(&f->file, path, &f->ctx);
    unlink(path);
    if (status != TN_OK)
        print_error("%s\n", f->ctx.count ? f->ctx.diagnostics[0].text : "no text");
    assert_int_equal(status, TN_OK);
    f->problem = tn_displib_problem(f->file);
}

static void solve(struct fixture *f, int threads)
{
    const struct tn_dispatch_limits limits = {.threads = threads, .seed = 1, .iterations = 4000};
    assert_int_equal(tn_dispatch_solve(&f->result, f->problem, &limits, &f->arena, &f->ctx), TN_OK);
}

static void expect(const char *text, enum tn_dispatch_end end, int64_t objective)
{
    struct fixture f;
    read_text(&f, text);
    solve(&f, 1);
    assert_int_equal(f.result.end, end);
    if (end == TN_DISPATCH_SOLVED || end == TN_DISPATCH_OPTIMAL) {
        assert_int_equal(f.result.solution.objective, objective);
        assert_int_equal(tn_dispatch_verify(f.problem, &f.result.solution, &f.ctx), TN_OK);
    } else {
        assert_non_null(f.result.reason);
        assert_int_equal(f.result.solution.count, 0);
    }
    tn_displib_destroy(f.file);
    tn_arena_clear(&f.arena);
    tn_context_clear(&f.ctx);
}

#define OP(rest, successors) "{" rest ",\"successors\":[" successors "]}"
#define ON(name)             "\"min_duration\":10,\"resources\":[{\"resource\":\"" name "\"}]"
#define IN                   "\"min_duration\":0,\"start_ub\":1000"
#define EXIT                 "{\"min_duration\":0,\"successors\":[]}"
#define LATE(train, op, from)                                                                                          \
    "{\"type\":\"op_delay\",\"train\":" train ",\"operation\":" op ",\"threshold\":" from ",\"coeff\":1}"
#define PROBLEM(trains, objective) "{\"trains\":[" trains "],\"objective\":[" objective "]}"

/* Two sections with a station between: from one end to the other takes 30. */
#define LINE(first, tracks, station, last)                                                                             \
    "[" OP(IN, "1") "," OP(ON(first), station) "," tracks "," OP(ON(last), "5") "," EXIT "]"
#define TWO_TRACKS OP(ON("t1"), "4") "," OP(ON("t2"), "4")

static void test_meeting(void **state)
{
    (void)state;
    expect(PROBLEM(LINE("a", TWO_TRACKS, "2,3", "b") "," LINE("b", TWO_TRACKS, "2,3", "a"),
                   LATE("0", "5", "30") "," LATE("1", "5", "30")),
           TN_DISPATCH_OPTIMAL, 0);
}

/* Only one track in the station: the second leaves its end when the first is in there, at 30. */
static void test_no_room_to_meet(void **state)
{
    (void)state;
    expect(PROBLEM(LINE("a", TWO_TRACKS, "2", "b") "," LINE("b", TWO_TRACKS, "2", "a"),
                   LATE("0", "5", "30") "," LATE("1", "5", "30")),
           TN_DISPATCH_SOLVED, 30);
}

/* It stands on one track and wants the other's. */
#define FROM_TO(from, to)                                                                                              \
    "[{\"start_ub\":0,\"min_duration\":5,\"resources\":[{\"resource\":\"" from                                         \
    "\"}],\"successors\":[1]}," OP(ON(to), "2") "," EXIT "]"

static void test_two_full_stations(void **state)
{
    (void)state;
    expect(PROBLEM(FROM_TO("a", "b") "," FROM_TO("b", "a"), ""), TN_DISPATCH_NONE, 0);
    expect(PROBLEM(FROM_TO("a", "b") "," FROM_TO("b", "c") "," FROM_TO("c", "a"), ""), TN_DISPATCH_NONE, 0);
}

/* The same, but the last has somewhere to go: b, then a may follow. */
static void test_chain(void **state)
{
    (void)state;
    expect(PROBLEM(FROM_TO("a", "b") "," FROM_TO("b", "c") "," FROM_TO("c", "d"), LATE("0", "2", "15")),
           TN_DISPATCH_OPTIMAL, 0);
}

static void test_latest_start(void **state)
{
    (void)state;
    const char *two = FROM_TO("a", "b") "," FROM_TO("a", "c");
    char text[2000];
    snprintf(text, sizeof text, "{\"trains\":[%s],\"objective\":[]}", two);
    expect(text, TN_DISPATCH_NONE, 0);
    expect(
        PROBLEM("[{\"min_duration\":9,\"successors\":[1]},{\"min_duration\":0,\"start_ub\":8,\"successors\":[]}]", ""),
        TN_DISPATCH_NONE, 0);
    expect(
        PROBLEM("[{\"min_duration\":9,\"successors\":[1]},{\"min_duration\":0,\"start_ub\":9,\"successors\":[]}]", ""),
        TN_DISPATCH_OPTIMAL, 0);
}

/* Both may enter first, but who takes the free track `x` away shuts the other in for ever: its exit holds it. */
static void test_trap(void **state)
{
    (void)state;
    const char *trap =
        PROBLEM("[" OP(IN, "1") "," OP(ON("x"), "2") "," OP(
                    ON("y"), "3") "," EXIT "],"
                                  "[" OP(IN, "1") ",{\"min_duration\":0,\"resources\":[{\"resource\":\"x\"}],"
                                                  "\"successors\":[]}]",
                LATE("1", "1", "0"));
    expect(trap, TN_DISPATCH_SOLVED, 10);
}

/* One train takes 5 on a track that is free again 9 later: the second enters at 14 and leaves at 24. */
static void test_release_time(void **state)
{
    (void)state;
#define SLOW(name) "{\"min_duration\":5,\"resources\":[{\"resource\":\"" name "\",\"release_time\":9}],\"successors\":["
#define PAIR       "[" OP(IN, "1") "," SLOW("a") "2]}," SLOW("b") "3]}," EXIT "]"
    expect(PROBLEM(PAIR "," PAIR, LATE("0", "3", "0") "," LATE("1", "3", "0")), TN_DISPATCH_SOLVED, 34);
}

static void test_increment(void **state)
{
    (void)state;
    expect(PROBLEM("[" OP(IN, "1") "," EXIT "]", "{\"type\":\"op_delay\",\"train\":0,\"operation\":1,\"increment\":7}"),
           TN_DISPATCH_OPTIMAL, 7);
    expect(PROBLEM("", ""), TN_DISPATCH_OPTIMAL, 0);
}

static const char *const crowd = PROBLEM(
    LINE("a", TWO_TRACKS, "2,3", "b") "," LINE("b", TWO_TRACKS, "2,3", "a") "," LINE(
        "a", TWO_TRACKS, "2,3", "b") "," LINE("b", TWO_TRACKS, "2,3", "a") "," LINE("b", TWO_TRACKS, "2,3", "a"),
    LATE("0", "5", "30") "," LATE("1", "5", "30") "," LATE("2", "5", "30") "," LATE("3", "5", "30") "," LATE("4", "5",
                                                                                                             "30"));

static void test_threads(void **state)
{
    (void)state;
    struct fixture one, other;
    read_text(&one, crowd);
    solve(&one, 1);
    for (int threads = 2; threads <= 3; threads++) {
        read_text(&other, crowd);
        solve(&other, threads);
        assert_int_equal(other.result.solution.count, one.result.solution.count);
        for (int i = 0; i < one.result.solution.count; i++) {
            const struct tn_dispatch_event *a = &one.result.solution.events[i], *b = &other.result.solution.events[i];
            assert_true(a->time == b->time && a->train == b->train && a->op == b->op);
        }
        tn_displib_destroy(other.file);
        tn_arena_clear(&other.arena);
        tn_context_clear(&other.ctx);
    }
    tn_displib_destroy(one.file);
    tn_arena_clear(&one.arena);
    tn_context_clear(&one.ctx);
}

/* A solution by hand: train 0 from 0 to 30, train 1 after it. */
static const struct tn_dispatch_event by_hand[] = {{0, 0, 0},  {0, 0, 1},  {0, 1, 0},  {10, 0, 2}, {20, 0, 4},
                                                   {30, 0, 5}, {30, 1, 1}, {40, 1, 2}, {50, 1, 4}, {60, 1, 5}};
enum { BY_HAND = sizeof by_hand / sizeof by_hand[0] };
static const char *const hand_problem =
    PROBLEM(LINE("a", TWO_TRACKS, "2,3", "b") "," LINE("b", TWO_TRACKS, "2,3", "a"), LATE("1", "5", "30"));

static void expect_verdict(const struct tn_dispatch_event *events, int count, const char *text)
{
    struct fixture f;
    read_text(&f, hand_problem);
    const struct tn_dispatch_solution solution = {events, count, 0};
    const tn_status status = tn_dispatch_verify(f.problem, &solution, &f.ctx);
    bool said = !text && !f.ctx.errors;
    for (size_t i = 0; text && i < f.ctx.count; i++)
        said = said || strstr(f.ctx.diagnostics[i].text, text);
    for (size_t i = 0; !said && i < f.ctx.count; i++)
        print_error("%s\n", f.ctx.diagnostics[i].text);
    assert_true(said);
    assert_int_equal(status, text ? TN_ERR_INPUT : TN_OK);
    tn_displib_destroy(f.file);
    tn_context_clear(&f.ctx);
}

static void test_verifier(void **state)
{
    (void)state;
    static const struct {
        int at;
        struct tn_dispatch_event event;
        const char *text;
    } cases[] = {
        {3, {9, 0, 2}, "train 0, operation 2 starts at 9, but operation 1, begun at 0, takes 10"},
        {3, {10, 0, 4}, "train 0, operation 4: it does not follow operation 1"},
        {0, {0, 0, 1}, "train 0 begins with operation 1"},
        {2, {1001, 1, 0}, "train 1, operation 0 starts at 1001, after its latest 1000"},
        {5, {50, 0, 5}, "train 1, operation 1 starts at 30, but the event before it at 50"},
        {6, {29, 1, 1}, "train 1, operation 1 starts at 29, but the event before it at 30"},
        {9, {60, 7, 0}, "train 7, operation 0: the problem has none such"},
        {9, {60, 1, 6}, "train 1, operation 6: the problem has none such"},
    };
    expect_verdict(by_hand, BY_HAND, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tn_dispatch_event events[BY_HAND];
        memcpy(events, by_hand, sizeof events);
        events[cases[i].at] = cases[i].event;
        expect_verdict(events, BY_HAND, cases[i].text);
    }
    struct tn_dispatch_event swapped[BY_HAND];
    memcpy(swapped, by_hand, sizeof swapped);
    swapped[5] = by_hand[6]; /* enters before the other has left, at the same time */
    swapped[6] = by_hand[5];
    expect_verdict(swapped, BY_HAND, "train 1, operation 1 takes b at 30, while train 0 has it in operation 4");
    expect_verdict(by_hand, BY_HAND - 1, "train 1 ends in operation 4, not in its exit, operation 5");
    expect_verdict(by_hand, 2, "train 1 does not run");
    const struct tn_dispatch_event early[] = {{-1, 0, 0}};
    expect_verdict(early, 1, "train 0, operation 0 starts before time 0");
}

static void test_verifier_release(void **state)
{
    (void)state;
    struct fixture f;
    read_text(&f, PROBLEM(PAIR "," PAIR, ""));
    const struct tn_dispatch_event events[] = {{0, 0, 0},  {0, 0, 1},  {0, 1, 0},  {5, 0, 2},
                                               {10, 0, 3}, {13, 1, 1}, {19, 1, 2}, {24, 1, 3}};
    const struct tn_dispatch_solution solution = {events, 8, 0};
    assert_int_equal(tn_dispatch_verify(f.problem, &solution, &f.ctx), TN_ERR_INPUT);
    assert_int_equal(f.ctx.errors, 1);
    assert_string_equal(f.ctx.diagnostics[0].text,
                        "train 1, operation 1 takes a at 13, but after train 0, operation 1, it is free from 14 on");
    tn_displib_destroy(f.file);
    tn_context_clear(&f.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meeting),           cmocka_unit_test(test_no_room_to_meet),
        cmocka_unit_test(test_two_full_stations), cmocka_unit_test(test_chain),
        cmocka_unit_test(test_latest_start),      cmocka_unit_test(test_trap),
        cmocka_unit_test(test_release_time),      cmocka_unit_test(test_increment),
        cmocka_unit_test(test_threads),           cmocka_unit_test(test_verifier),
        cmocka_unit_test(test_verifier_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
