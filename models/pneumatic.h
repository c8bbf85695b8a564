/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_PNEUMATIC_H
#define TN_PNEUMATIC_H

#include "pipe.h"
#include "shoe.h"
#include "train.h"

/* The air brake of a train as built from its stock: pipe and valves, and the force of its shoes. */
struct tn_pneumatic {
    const struct tn_train *train;
    struct tn_pipe *pipe;
    size_t count;        /* vehicles in the order of the pipe: distributed locomotives stand where they feed */
    double *converted_N; /* converted shoe force of each vehicle at full_Pa of cylinder pressure */
    double *full_Pa;     /* after an emergency application; 0: its brake is cut out */
    double *spring_Pa;   /* taken by springs and rigging */
    double *shoe_N;      /* force on one shoe at full_Pa */
    const struct tn_shoe_law **shoe_law; /* NULL: proportional (discs) */
    int *shoes;
    const struct tn_friction_law **friction;
    bool *locomotive; /* has its own straight air brake too */
};

/* Builds it; every wagon needs a valve and a shoe force (from its type or the train's brake rate). */
tn_status tn_pneumatic_init(struct tn_pneumatic *pneumatic, const struct tn_train *train, struct tn_arena *arena,
                            struct tn_context *ctx);
/* Brake force of the whole train at that speed with the cylinders as they are, N. The force on a shoe is
   proportional to cylinder pressure above that of the return spring; its converted force follows by shoe.h.
   bailed_off: the locomotives' cylinders are released (dynamic brake in use). */
double tn_pneumatic_force(const struct tn_pneumatic *pneumatic, double speed_m_s, double applied_at_m_s,
                          bool bailed_off);
/* The same with every cylinder at the pressure of a full emergency application. */
double tn_pneumatic_full_force(const struct tn_pneumatic *pneumatic, double speed_m_s, double applied_at_m_s);

#endif
