/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TIMETABLE_REGULAR_H
#define TN_TIMETABLE_REGULAR_H

#include "timetable.h"

#endif
