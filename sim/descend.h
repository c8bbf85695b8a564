/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_DESCEND_H
#define TN_DESCEND_H

#include "brake_cycle.h"
#include "drive.h"
#include "pneumatic.h"

/* The driver and his air brake on a descent that the dynamic brake alone does not hold: he looks ahead, applies in time
   to keep the limit, releases as soon as the reservoirs will be full again before he needs them. Brake pipe and
   cylinders are simulated. Inner part of the module run. */

/* In memory of the arena. rules are kept by reference. */
tn_status tn_descend_create(struct tn_descend **out, const struct tn_train *train, const struct tn_cycle_rules *rules,
                            struct tn_arena *arena, struct tn_context *ctx);

/* A train that holds its speed: where, ahead of it, the dynamic brake no longer suffices and the limit is still the
   same; HUGE_VAL if that is further than the driver looks. */
/* Where the driver has to look ahead again before he comes to a piece of track that he does not see yet. */
double tn_descend_look_at(const struct tn_drive *drive);
double tn_descend_need(const struct tn_drive *drive);
/* The position, between the train's and `need`, at which he must apply to keep the limit there (as late as that is). */
tn_status tn_descend_apply_at(double *at_m, struct tn_drive *drive, double need_m);
/* Whether the train, below the limit, is on a stretch where at the limit it will need the air brake, and near it. */
bool tn_descend_ahead(const struct tn_drive *drive);

enum tn_descend_entry {
    TN_DESCEND_APPLY,   /* the time has come to apply */
    TN_DESCEND_BRAKING, /* it has been applied along a braking curve */
    TN_DESCEND_RELEASED /* the train is still gathering speed */
};
/* Drives by air from the train's position until the dynamic brake alone holds again, a braking curve is met or the run
   ends. Books every step. */
tn_status tn_descend_drive(struct tn_drive *drive, enum tn_descend_entry entry);

#endif
