/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "html.h"
#include "readout.h"

/* What a writer puts into a stream; freed by the caller. */
#define WRITTEN(TEXT, CALL)                                                                                            \
    do {                                                                                                               \
        size_t size_ = 0;                                                                                              \
        FILE *out = open_memstream(&(TEXT), &size_);                                                                   \
        assert_non_null(out);                                                                                          \
        CALL;                                                                                                          \
        assert_int_equal(fclose(out), 0);                                                                              \
    } while (0)

#define FFFD "\xEF\xBF\xBD"

/* RFC 3629: what is no UTF-8 becomes U+FFFD; the HTML standard: controls and noncharacters are errors. */
static void test_text(void **state)
{
    static const struct {
        const char *text, *page;
    } rows[] = {
        {NULL, ""},
        {"<script>alert('1')&\"2\"</script>", "&lt;script&gt;alert(&#39;1&#39;)&amp;&quot;2&quot;&lt;/script&gt;"},
        {"`ls` $(ls) &amp;", "`ls` $(ls) &amp;amp;"},
        {"\xE8\x8B\xA5\xE7\xBE\x8C \xF0\x9F\x9A\x82", "\xE8\x8B\xA5\xE7\xBE\x8C \xF0\x9F\x9A\x82"},
        {"a\tb\nc\x01\x1B\x7F\xC2\x9B", "a\tb\nc"},
        {"\xFF\x80", FFFD FFFD},
        {"\xC0\xBC", FFFD FFFD},          /* '<' in two bytes */
        {"\xE0\x80\xBC", FFFD FFFD FFFD}, /* in three */
        {"\xED\xA0\x80", FFFD FFFD FFFD}, /* a surrogate */
        {"\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD},
        {"\xE8\x8B", FFFD FFFD}, /* cut off */
        {"\xE8<", FFFD "&lt;"},
        {"\xEF\xBF\xBE\xEF\xB7\x90", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;
        WRITTEN(text, tn_html_text(out, rows[i].text));
        assert_string_equal(text, rows[i].page);
        free(text);
    }
}

static void test_json(void **state)
{
    static const char given[] = "</script>\"\\\n\x01 \xE4\xB8\xA2 \xFF&";
    char *text = NULL;
    (void)state;
    WRITTEN(text, tn_html_json(out, given, sizeof given - 1));
    assert_string_equal(text, "\"\\u003c/script\\u003e\\u0022\\u005c\\u000a\\u0001 \xE4\xB8\xA2 " FFFD "\\u0026\"");
    free(text);
}

static void test_readout(void **state)
{
    struct tn_arena arena = {0};
    struct tn_readout r = {.arena = &arena};
    char *text = NULL;
    (void)state;
    tn_readout_block(&r, "a train: km [km], speed [km/h], (code)");
    tn_readout_row(&r, (double[]){1.5, 80, 1}, 3, NULL);
    tn_readout_note(&r, "A \"b\"");
    tn_readout_row(&r, (double[]){2, (double)NAN}, 2, NULL);
    assert_int_equal(tn_readout_panel(&r, &(struct tn_readout_panel){.block = 0, .x = 1, .y = 2}), 0);
    assert_int_equal(tn_readout_panel(&r, &(struct tn_readout_panel){.block = 7, .x = 1, .y = 2}), 1);
    assert_int_equal(tn_readout_panel(&r, &(struct tn_readout_panel){.block = 0, .x = 9, .y = 2}), 2);
    assert_false(tn_readout_any(&r));
    tn_readout_place(&r,
                     "warning: panel\npanel 0 100 nonsense\npanel 9 0 1 0 1 0 1 0 1\npanel 2 10 110 20 220 1 2 0 100\n"
                     "panel 1 10 110 20 220 1 2 0 100\npanel 0 10 110 20 220 1 2 0 100");
    assert_true(tn_readout_any(&r));
    WRITTEN(text, tn_readout_print(out, &r, 900));
    assert_string_equal(
        text, "{\"blocks\":{\"0\":{\"columns\":[[\"km\",\"km\"],[\"speed\",\"km/h\"],null],\"values\":[[1.5,2]"
              ",[80,null],[1,null]],\"notes\":[\"A \\u0022b\\u0022\",\"\"]}},\"panels\":[{\"block\":0,\"x\":0,"
              "\"y\":1,\"width\":-1,\"plane\":false,\"at\":[10,110,680,880,1,2,0,100]}]}");
    free(text);
    assert_false(r.failed);
    tn_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_json),
                                       cmocka_unit_test(test_readout)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
