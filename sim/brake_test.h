/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_BRAKE_TEST_H
#define TN_BRAKE_TEST_H

#include "study.h"

/* The study `brake_test`: the air brake of a standing train, as a yard would test it. Application and release waves,
   filling and emptying of cylinders, what each reduction gives, and recharge over train length and reduction. */

struct tn_brake_test_spec {
    struct tn_ref train;
    double reduction;          /* of the application that is shown */
    double hold;               /* from an application to its release */
    double margin;             /* recharged: every auxiliary reservoir within this of running pressure */
    double trace_time;         /* shown after the release; NAN: until recharged */
    struct tn_list lengths;    /* numbers: wagons of the trains whose recharge is asked */
    struct tn_list reductions; /* numbers: before that recharge */
};
extern const struct tn_schema tn_brake_test_spec_schema;

/* Pressures of the first and the last braked wagon from the application on. */
struct tn_brake_test_row {
    double time_s;
    double pipe_head_Pa, pipe_tail_Pa;
    double cylinder_head_Pa, cylinder_tail_Pa;
    double auxiliary_head_Pa, auxiliary_tail_Pa;
};

/* What a reduction gives in the end. Shares are of the wagons' force in emergency. */
struct tn_brake_test_service {
    double reduction_Pa;
    double cylinder_head_Pa, cylinder_tail_Pa, cylinder_mean_Pa;
    double cylinder_boyle_Pa;
    double share_1;          /* with the train's own shoes */
    double share_iron_1;     /* with the iron shoes of the standard's example */
    double share_standard_1; /* beta_c */
    double difference_1;     /* of share_iron_1 from beta_c, relative */
};

struct tn_brake_test_recharge {
    int wagons;
    double length_m, reduction_Pa;
    double recharge_time_s; /* NAN: never */
    double air_kg;          /* fed meanwhile */
};

struct tn_brake_test_result {
    struct tn_result_head head;
    int wagons;
    double length_m, reduction_Pa, hold_s, margin_Pa;
    double service_wave_m_s, emergency_wave_m_s, release_wave_m_s; /* from the order to the last wagon's cylinder */
    double service_wave_between_m_s, emergency_wave_between_m_s, release_wave_between_m_s; /* first to last valve */
    double fill_head_time_s, fill_tail_time_s;                                             /* from the order to 95 % */
    double emergency_fill_head_time_s, emergency_fill_tail_time_s;
    double release_head_time_s, release_tail_time_s; /* from the order to 40 kPa */
    double recharge_time_s, recharge_air_kg;
    double reduction_effective_Pa, cylinder_full_Pa;
    double share_difference_mean_1, share_own_difference_mean_1; /* means of absolute relative differences */
    double air_residual_1;                                       /* largest of all applications */
    struct tn_list services;                                     /* tn_brake_test_service */
    struct tn_list recharges;                                    /* tn_brake_test_recharge */
    struct tn_list trace;                                        /* tn_brake_test_row */
};
extern const struct tn_schema tn_brake_test_result_schema;
extern const struct tn_study_kind tn_study_brake_test;

#endif
