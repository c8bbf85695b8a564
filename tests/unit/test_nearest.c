/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include "nearest.h"

static const char *const names[] = {"Golmud", "Golmud South", "Ruoqiang", NULL, "Korla", "load"};
enum { COUNT = sizeof names / sizeof names[0] };

static const char *name(size_t i, const void *payload)
{
    return ((const char *const *)payload)[i];
}

static const char *meant(const char *text)
{
    return tn_nearest_name(text, name, COUNT, names);
}

static void test_slips(void **state)
{
    (void)state;
    assert_string_equal(meant("Ruoqiagn"), "Ruoqiang"); /* two letters swapped count once */
    assert_string_equal(meant("ruoqiang"), "Ruoqiang");
    assert_string_equal(meant("Golmud Sout"), "Golmud South");
    assert_string_equal(meant("Golmud"), "Golmud");
    assert_string_equal(meant("lod"), "load");
    assert_string_equal(meant("Krola"), "Korla");
}

static void test_nothing_near(void **state)
{
    (void)state;
    assert_null(meant("Urumqi"));
    assert_null(meant("lo")); /* two of two letters wrong */
    assert_null(meant(""));
    assert_null(meant("Ru"));
    char longest[200] = {0};
    for (size_t i = 0; i + 1 < sizeof longest; i++)
        longest[i] = 'a';
    assert_null(meant(longest));
    assert_null(tn_nearest_name("Golmud", name, 0, names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slips), cmocka_unit_test(test_nothing_near)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
