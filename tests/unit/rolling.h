/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_TEST_ROLLING_H
#define TN_TEST_ROLLING_H

#include <string.h>

#include "near.h"
#include "train.h"

/* Locomotives, wagons and trains for tests, from the laws behind the shipped stock (not its rounded tables). */

#define ROWS 64
#define KMH  (1 / 3.6)

struct rolling {
    struct tn_effort_point effort[ROWS];
    struct tn_locomotive locomotive;
    struct tn_wagon wagon;
    struct tn_train_locomotives head;
    struct tn_train_wagons tail;
    struct tn_train_spec train;
};

static inline int law_of(const char *(*choice)(int index), const char *name)
{
    int index = tn_choice_find(choice, name);
    assert_true(index >= 0);
    return index;
}

/* An AC electric: start force to 5 km/h, a falling line to the knee, constant power; brake force to its own knee. */
struct rolling_law {
    const char *id;
    double mass_t, length_m, start_kN, line_kN, slope_kN, knee_kmh, power, brake_kN, brake_knee_kmh;
};
static const struct rolling_law hxd1_25t = {"HXD1-25t", 200, 35.2, 760, 779, 3.8, 65, 34560, 461, 75};
static const struct rolling_law hxd1c_25t = {"HXD1C-25t", 150, 22.67, 570, 584.2, 2.833, 65, 25920, 400, 64.8};
static const struct rolling_law hxd1c_23t = {"HXD1C-23t", 138, 22.67, 520, 531.5, 2.308, 70, 25920, 370, 70};

static inline void add_row(struct rolling *r, const struct rolling_law *law, double v)
{
    double traction = v <= 5 ? law->start_kN : v <= law->knee_kmh ? law->line_kN - law->slope_kN * v : law->power / v;
    double brake = v < 1 ? 0 : v <= law->brake_knee_kmh ? law->brake_kN : law->power / v;
    ((struct tn_effort_point *)r->effort)[r->locomotive.effort.count++] =
        (struct tn_effort_point){v * KMH, traction * 1e3, brake * 1e3};
}

static inline void rolling_init(struct rolling *r, const struct rolling_law *law, int count, double load_t)
{
    memset(r, 0, sizeof *r);
    struct tn_locomotive *l = &r->locomotive;
    tn_schema_defaults(&tn_locomotive_schema, l);
    tn_schema_defaults(&tn_wagon_schema, &r->wagon);
    l->id = law->id;
    l->mass = law->mass_t * 1e3;
    l->length = law->length_m;
    l->speed_max = 120 * KMH;
    l->continuous_speed = law->knee_kmh * KMH;
    l->traction_power_from = law->knee_kmh * KMH;
    l->brake_power_from = law->brake_knee_kmh * KMH;
    l->effort = (struct tn_list){r->effort, 0};
    for (int v = 0; v <= 120; v += 5) {
        add_row(r, law, v);
        if (v < law->brake_knee_kmh && law->brake_knee_kmh < v + 5)
            add_row(r, law, law->brake_knee_kmh);
    }
    l->resistance.law = law_of(tn_resistance_law_name, "tbt-hxd");
    r->wagon.id = "C70";
    r->wagon.tare = 23.8e3;
    r->wagon.gross = 93.6e3;
    r->wagon.length = 13.976;
    r->wagon.axles = 4;
    r->wagon.speed_max = 120 * KMH;
    r->wagon.resistance.law = law_of(tn_resistance_law_name, "tbt-wagon-loaded");
    r->wagon.resistance_empty.law = law_of(tn_resistance_law_name, "tbt-wagon-empty");
    r->wagon.starting_resistance = 3.5e-3;
    r->head = (struct tn_train_locomotives){.type = {law->id, l}, .count = count, .control = TN_CONTROL_MULTIPLE};
    r->tail = (struct tn_train_wagons){{"C70", &r->wagon}, TN_LOADED, load_t * 1e3, -1};
    tn_schema_defaults(&tn_train_schema, &r->train);
    r->train.id = "test";
    r->train.locomotives = (struct tn_list){&r->head, 1};
    r->train.wagons = (struct tn_list){&r->tail, 1};
    r->train.rotating = 0.06;
    r->train.adhesion = 0;
    r->train.brake.rate = 0.18;
}

/* A whole train of one mass under constant forces: what closed forms ask for. Only the wagons have resistance. */
static inline void rolling_constant(struct rolling *r, double mass_t, double traction_kN, double brake_kN)
{
    rolling_init(r, &hxd1_25t, 1, mass_t);
    r->locomotive.mass = 1e-3; /* the closed forms give it none */
    r->locomotive.traction_power_from = r->locomotive.brake_power_from = NAN;
    r->locomotive.effort.count = 2;
    r->effort[0] = (struct tn_effort_point){0, traction_kN * 1e3, brake_kN * 1e3};
    r->effort[1] = (struct tn_effort_point){120 * KMH, traction_kN * 1e3, brake_kN * 1e3};
    r->train.starting_resistance = false;
}

/* What the tests of a study on a continuous grade stand on: `struct fixture`, which begins zeroed with its train, and
   functions that set it up on a grade with all defaults, solve it and give its memory back. Needs the study's header.
 */
#define ROLLING_STUDY(name)                                                                                            \
    struct fixture {                                                                                                   \
        struct rolling rolling;                                                                                        \
        struct tn_##name##_spec spec;                                                                                  \
        struct tn_environment environment;                                                                             \
        struct tn_arena arena;                                                                                         \
        struct tn_context ctx;                                                                                         \
        struct tn_##name##_result result;                                                                              \
    };                                                                                                                 \
    static inline void set_up(struct fixture *f, double grade)                                                         \
    {                                                                                                                  \
        tn_schema_defaults(&tn_##name##_spec_schema, &f->spec);                                                        \
        f->spec.train = (struct tn_ref){"test", &f->rolling.train};                                                    \
        f->spec.grade = grade;                                                                                         \
        f->environment = (struct tn_environment){.phase = -1, .gravity_m_s2 = 9.81};                                   \
        tn_schema_defaults(&tn_weather_schema, &f->environment.weather);                                               \
    }                                                                                                                  \
    static inline tn_status attempt(struct fixture *f)                                                                 \
    {                                                                                                                  \
        memset(&f->result, 0, sizeof f->result);                                                                       \
        return tn_study_##name.solve(&f->result, &f->spec, &f->environment, &f->arena, &f->ctx);                       \
    }                                                                                                                  \
    static inline void run(struct fixture *f)                                                                          \
    {                                                                                                                  \
        assert_int_equal(attempt(f), TN_OK);                                                                           \
    }                                                                                                                  \
    static inline void done(struct fixture *f)                                                                         \
    {                                                                                                                  \
        tn_arena_clear(&f->arena);                                                                                     \
        tn_context_clear(&f->ctx);                                                                                     \
    }

#endif
