/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_VALVE_H
#define TN_VALVE_H

#include "field.h"

/* Types of wagon brake valve: a table with their sources. Volumes, openings and thresholds are what the pipe needs to
   know of a valve; areas are effective (discharge coefficient included). */
struct tn_valve {
    const char *name;
    const char *doc;
    const char *source;
    bool graduated_release;        /* cylinder follows the pipe back up (distributor) instead of releasing at once */
    double volume_ratio;           /* auxiliary reservoir over cylinder, at full stroke */
    double clearance;              /* share of the cylinder's volume that holds air when the brake is released */
    double auxiliary_m3;           /* auxiliary reservoir */
    double emergency_m3;           /* emergency reservoir (AAR) or accelerated-release reservoir (120); 0 = none */
    double apply_Pa;               /* pipe below auxiliary by this: application */
    double release_Pa;             /* pipe above auxiliary by this: release */
    double quick_service_m2;       /* pipe vented locally at the start of an application ... */
    double quick_service_Pa;       /* ... until the pipe has fallen by this */
    double vent_m2;                /* accelerated emergency: pipe vented locally */
    double emergency_Pa_s;         /* rate of fall of the pipe that trips it */
    double fill_m2, exhaust_m2;    /* auxiliary to cylinder, cylinder to air */
    double charge_m2;              /* pipe to auxiliary */
    double accelerated_release_m2; /* reservoir to pipe at release; 0 = none */
    double cylinder_max_Pa;        /* limit of cylinder pressure, gauge; INFINITY = equalisation only */
    double emergency_first_Pa;     /* cylinder jumps to this in emergency, then fills slowly; 0 = one stage */
    double emergency_slow_m2;
    bool reserve_joins; /* in emergency the emergency reservoir fills the cylinder too */
    double multiplier;  /* graduated: cylinder over reduction */
};

extern const struct tn_valve tn_valves[]; /* ends with a NULL name */
const char *tn_valve_name(int index);     /* a choice callback */

#endif
