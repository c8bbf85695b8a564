/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_REFERENCE_RUN_H
#define TN_REFERENCE_RUN_H

#include "run.h"

/* The same drive as tn_run_solve from rest to a stop, found another way: GSL's Prince-Dormand 8(9) stepper at tight
   tolerance in time, forces straight from the curves, events by bisection, braking by constant net deceleration from
   speeds kept in a table of (position, square of speed). For trains whose brakes are never at their limit. Returns the
   running time, or a negative number if it fails. */
double tn_reference_run(const struct tn_track *track, double tolerance);

#endif
