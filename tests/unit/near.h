/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TEST_NEAR_H
#define TN_TEST_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka compares floats in single precision; these compare doubles and print both values, difference and tolerance. */
static inline void tn_near(double actual, double expected, double tolerance, const char *text, const char *file,
                           int line)
{
    if (actual == expected)
        return;
    double difference = fabs(actual - expected);
    if (difference <= tolerance)
        return;
    print_error("%s = %.17g, expected %.17g, difference %.3g > %.3g\n", text, actual, expected, difference, tolerance);
    _fail(file, line);
}

#define assert_near_abs(actual, expected, tolerance)                                                                   \
    tn_near((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)
#define assert_near_rel(actual, expected, tolerance)                                                                   \
    tn_near((actual), (expected), (tolerance)*fabs((double)(expected)), #actual, __FILE__, __LINE__)

#endif
