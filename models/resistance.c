/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resistance.h"

#include <string.h>

static const struct tn_field fields[] = {
    TN_F_CHOICE(tn_resistance_spec, law, tn_resistance_law_name, -1, 0, "law of running resistance"),
    TN_F_NUMBER(tn_resistance_spec, a, TN_Q_SPECIFIC, NAN, 0, 1, 0, "constant part, force over weight"),
    TN_F_NUMBER(tn_resistance_spec, b, TN_Q_SPECIFIC_PER_SPEED, NAN, -1, 1, 0, "part that grows with speed"),
    TN_F_NUMBER(tn_resistance_spec, c, TN_Q_SPECIFIC_PER_SPEED2, NAN, 0, 1, 0, "part that grows with speed squared"),
    TN_F_NUMBER(tn_resistance_spec, force_a, TN_Q_FORCE, NAN, 0, 1e7, 0, "constant force per vehicle, law `force`"),
    TN_F_NUMBER(tn_resistance_spec, force_b, TN_Q_FORCE_PER_SPEED, NAN, -1e6, 1e6, 0,
                "force per vehicle that grows with speed, law `force`"),
    TN_F_NUMBER(tn_resistance_spec, force_c, TN_Q_FORCE_PER_SPEED2, NAN, 0, 1e5, 0,
                "force per vehicle that grows with speed squared, law `force`"),
    TN_F_NUMBER(tn_resistance_spec, f0, TN_Q_SPECIFIC, NAN, 0, 1, 0, "constant part of `strahl` and `sauthoff`"),
    TN_F_NUMBER(tn_resistance_spec, f1, TN_Q_SPECIFIC, NAN, -1, 1, 0, "linear part of `sauthoff` at 100 km/h"),
    TN_F_NUMBER(tn_resistance_spec, f2, TN_Q_SPECIFIC, NAN, 0, 1, 0,
                "square part of `strahl` and `sauthoff` at 100 km/h"),
    TN_F_NUMBER(tn_resistance_spec, headwind, TN_Q_SPEED, NAN, 0, 30, 0,
                "allowance added to the speed in the square part"),
    TN_F_NUMBER(tn_resistance_spec, drag, TN_Q_NONE, NAN, 0, 1000, 0,
                "drag coefficient of `davis` (C), `modified-davis` (K), `cn` (C), in the law's own units"),
    TN_F_NUMBER(tn_resistance_spec, area, TN_Q_AREA, NAN, 0, 100, TN_POSITIVE, "frontal area of `davis` and `cn`"),
    TN_F_NUMBER(tn_resistance_spec, bearing, TN_Q_FORCE, NAN, 0, 1e5, 0, "bearing resistance per axle of `altrios`"),
    TN_F_NUMBER(tn_resistance_spec, drag_area, TN_Q_AREA, NAN, 0, 1000, 0,
                "drag coefficient times frontal area of `altrios`"),
    TN_F_BOOL(tn_resistance_spec, drag_half, 1,
              "`altrios`: drag is half of air density times drag area times speed squared; false: without the half"),
    TN_F_END};

const struct tn_schema tn_resistance_schema = {"resistance", "how a vehicle resists running",
                                               sizeof(struct tn_resistance_spec), fields};

#define MPH               0.44704   /* m/s */
#define SHORT_TON         907.18474 /* kg */
#define SQUARE_FOOT       (0.3048 * 0.3048)
#define POUND_PER_TON     0.0005    /* force over weight */
#define KMH               (1 / 3.6) /* m/s */
#define AIR_DENSITY       1.225     /* kg/m3, at which coefficients are stated */
#define AREA_OF_A_GONDOLA (105 * SQUARE_FOOT)

static double given_or(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

/* w = a + b v + c (v + headwind)^2 over weight. */
static tn_status specific(struct tn_resistance *out, const struct tn_resistance_law *law,
                          const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                          struct tn_context *ctx)
{
    (void)axles;
    (void)ctx;
    double weight_N = mass_kg * gravity_m_s2;
    out->a_N = weight_N * given_or(spec->a, law->a * 1e-3);
    out->b_N_s_m = weight_N * given_or(spec->b, law->b * 3.6e-3);
    out->c_N_s2_m2 = weight_N * given_or(spec->c, law->c * 12.96e-3);
    out->headwind_m_s = given_or(spec->headwind, 0);
    return TN_OK;
}

static tn_status general(struct tn_resistance *out, const struct tn_resistance_law *law,
                         const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                         struct tn_context *ctx)
{
    if (isnan(spec->a))
        return tn_error(ctx, &spec->law, "give at least `a`, e.g. a: 0.92 N/kN",
                        "law `general` needs its coefficients");
    return specific(out, law, spec, mass_kg, axles, gravity_m_s2, ctx);
}

static tn_status force(struct tn_resistance *out, const struct tn_resistance_law *law,
                       const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                       struct tn_context *ctx)
{
    (void)law;
    (void)mass_kg;
    (void)axles;
    (void)gravity_m_s2;
    if (isnan(spec->force_a))
        return tn_error(ctx, &spec->law, "give at least `force_a`, e.g. force_a: 2 kN",
                        "law `force` needs its coefficients");
    out->a_N = spec->force_a;
    out->b_N_s_m = given_or(spec->force_b, 0);
    out->c_N_s2_m2 = given_or(spec->force_c, 0);
    out->headwind_m_s = given_or(spec->headwind, 0);
    return TN_OK;
}

/* A law in pounds per short ton and mph: w = a + b V + c V^2, printed by the American sources. */
static void american(struct tn_resistance *out, const struct tn_resistance_spec *spec, double weight_N, double a,
                     double b, double c)
{
    out->a_N = weight_N * POUND_PER_TON * a;
    out->b_N_s_m = weight_N * POUND_PER_TON * b / MPH;
    out->c_N_s2_m2 = weight_N * POUND_PER_TON * c / (MPH * MPH);
    out->headwind_m_s = given_or(spec->headwind, 0);
}

/* 1.3 + 29/w + 0.045 V + C A V^2 / W; w axle load and W mass in short tons, A in square feet. */
static tn_status davis(struct tn_resistance *out, const struct tn_resistance_law *law,
                       const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                       struct tn_context *ctx)
{
    (void)law;
    (void)ctx;
    double tons = mass_kg / SHORT_TON;
    double area = given_or(spec->area, AREA_OF_A_GONDOLA) / SQUARE_FOOT;
    american(out, spec, mass_kg * gravity_m_s2, 1.3 + 29 * axles / tons, 0.045,
             given_or(spec->drag, 0.0005) * area / tons);
    return TN_OK;
}

/* 0.6 + 20/w + 0.01 V + K V^2 / (w n). */
static tn_status modified_davis(struct tn_resistance *out, const struct tn_resistance_law *law,
                                const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                                struct tn_context *ctx)
{
    (void)law;
    (void)ctx;
    double tons = mass_kg / SHORT_TON;
    american(out, spec, mass_kg * gravity_m_s2, 0.6 + 20 * axles / tons, 0.01, given_or(spec->drag, 0.07) / tons);
    return TN_OK;
}

/* 1.5 + 18 N/W + 0.03 V + C a V^2 / (10000 W). */
static tn_status canadian(struct tn_resistance *out, const struct tn_resistance_law *law,
                          const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                          struct tn_context *ctx)
{
    (void)law;
    (void)ctx;
    double tons = mass_kg / SHORT_TON;
    double area = given_or(spec->area, AREA_OF_A_GONDOLA) / SQUARE_FOOT;
    american(out, spec, mass_kg * gravity_m_s2, 1.5 + 18 * axles / tons, 0.03,
             given_or(spec->drag, 4.2) * area / (10000 * tons));
    return TN_OK;
}

/* 0.7 + (3 + 0.1 v + 0.0025 v^2) / q0 in N/kN; q0 axle load in t, v in km/h. */
static tn_status russian(struct tn_resistance *out, const struct tn_resistance_law *law,
                         const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                         struct tn_context *ctx)
{
    double axle_load_t = mass_kg * 1e-3 / axles;
    struct tn_resistance_law row = *law;
    row.a = 0.7 + 3 / axle_load_t;
    row.b = 0.1 / axle_load_t;
    row.c = 0.0025 / axle_load_t;
    return specific(out, &row, spec, mass_kg, axles, gravity_m_s2, ctx);
}

/* Rolling a and b over weight, bearings by the axle, drag from its area. */
static tn_status altrios(struct tn_resistance *out, const struct tn_resistance_law *law,
                         const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                         struct tn_context *ctx)
{
    if (isnan(spec->a) || isnan(spec->drag_area))
        return tn_error(ctx, &spec->law, "e.g. a: 0.75 N/kN, bearing: 80 N, drag_area: 4 m2",
                        "law `altrios` needs `a` and `drag_area`");
    tn_status status = specific(out, law, spec, mass_kg, axles, gravity_m_s2, ctx);
    out->bearing_N = axles * given_or(spec->bearing, 0);
    out->a_N += out->bearing_N;
    out->c_N_s2_m2 = (spec->drag_half ? 0.5 : 1) * AIR_DENSITY * spec->drag_area;
    return status;
}

/* f0 + f1 v/100 + f2 ((v + headwind)/100)^2 in N/kN, v in km/h; a, b, c of the row hold f0, f1, f2. */
static tn_status german(struct tn_resistance *out, const struct tn_resistance_law *law,
                        const struct tn_resistance_spec *spec, double mass_kg, double headwind_m_s, double gravity_m_s2)
{
    const double hundred = 100 * KMH;
    double weight_N = mass_kg * gravity_m_s2;
    out->a_N = weight_N * given_or(spec->f0, law->a * 1e-3);
    out->b_N_s_m = weight_N * given_or(spec->f1, law->b * 1e-3) / hundred;
    out->c_N_s2_m2 = weight_N * given_or(spec->f2, law->c * 1e-3) / (hundred * hundred);
    out->headwind_m_s = given_or(spec->headwind, headwind_m_s);
    return TN_OK;
}

static tn_status strahl(struct tn_resistance *out, const struct tn_resistance_law *law,
                        const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                        struct tn_context *ctx)
{
    (void)axles;
    (void)ctx;
    return german(out, law, spec, mass_kg, 0, gravity_m_s2);
}

static tn_status sauthoff(struct tn_resistance *out, const struct tn_resistance_law *law,
                          const struct tn_resistance_spec *spec, double mass_kg, int axles, double gravity_m_s2,
                          struct tn_context *ctx)
{
    (void)axles;
    (void)ctx;
    return german(out, law, spec, mass_kg, 15 * KMH, gravity_m_s2);
}

#define TBT       "TB/T 1407"
#define TRAINRUNS "Hansen and Pachl, Railway Timetabling and Operations, 2014; Wende, Fahrdynamik, 2003"

const struct tn_resistance_law tn_resistance_laws[] = {
    {"tbt-ss4", "SS1, SS3, SS3B, SS4, SS6", TBT, 2.25, 0.0190, 0.000320, specific},
    {"tbt-ss7", "SS7", TBT, 1.40, 0.0038, 0.000348, specific},
    {"tbt-ss8", "SS8", TBT, 1.02, 0.0035, 0.000426, specific},
    {"tbt-6k", "6K", TBT, 3.25, 0.0092, 0.000308, specific},
    {"tbt-8g", "8G", TBT, 2.55, 0.0083, 0.000212, specific},
    {"tbt-hxd", "HXD1, HXD2, HXD3 and their B and C types", "heavy-haul literature; one law for all is an assumption",
     1.20, 0.0065, 0.000279, specific},
    {"tbt-hxd1d", "HXD1D", TBT, 1.48, 0.0018, 0.000304, specific},
    {"tbt-df4", "DF4, DF4B, DF4C, DF7D", TBT, 2.28, 0.0293, 0.000178, specific},
    {"tbt-df8", "DF8; DF8B by assumption", TBT, 2.40, 0.0022, 0.000391, specific},
    {"tbt-df8c", "DF8C; HXN3 and HXN5 by assumption", TBT, 1.14, 0.0003, 0.000369, specific},
    {"tbt-df11", "DF11", TBT, 0.86, 0.0054, 0.000218, specific},
    {"tbt-df", "DF", TBT, 2.93, 0.0073, 0.000271, specific},
    {"tbt-nd5", "ND5", TBT, 1.31, 0.0167, 0.000391, specific},
    {"tbt-nd2", "ND2", TBT, 2.98, 0.0202, 0.000033, specific},
    {"tbt-wagon-loaded", "loaded wagon on roller bearings", TBT, 0.92, 0.0048, 0.000125, specific},
    {"tbt-wagon-plain-bearing", "loaded wagon on plain bearings", TBT, 1.07, 0.0011, 0.000236, specific},
    {"tbt-wagon-empty", "empty wagon", TBT, 2.23, 0.0053, 0.000675, specific},
    {"tbt-tank-block", "loaded tank wagon in a block train", TBT, 0.53, 0.0121, 0.000080, specific},
    {"tbt-coach-21-22", "coach of type 21 or 22", TBT, 1.66, 0.0075, 0.000155, specific},
    {"tbt-coach-25", "coach of type 25B or 25G", TBT, 1.82, 0.0100, 0.000145, specific},
    {"tbt-coach-fast-single", "fast coach, single deck", TBT, 1.61, 0.0040, 0.000187, specific},
    {"tbt-coach-fast-double", "fast coach, double deck", TBT, 1.24, 0.0035, 0.000157, specific},
    {"davis", "1.3 + 29/w + 0.045 V + C A V^2/W lb/ton", "Davis, General Electric Review, 1926", 0, 0, 0, davis},
    {"modified-davis", "0.6 + 20/w + 0.01 V + K V^2/(w n) lb/ton", "AREA Manual", 0, 0, 0, modified_davis},
    {"cn", "1.5 + 18 N/W + 0.03 V + C a V^2/(10000 W) lb/ton", "Canadian National; AREMA Manual", 0, 0, 0, canadian},
    {"vniizht", "0.7 + (3 + 0.1 v + 0.0025 v^2)/q0 N/kN, loaded wagon", "VNIIZhT traction rules", 0, 0, 0, russian},
    {"vniizht-locomotive", "locomotive in traction", "VNIIZhT traction rules", 1.9, 0.01, 0.0003, specific},
    {"strahl", "f0 + f2 ((v + headwind)/100)^2 N/kN; ore train 1.4 and 3.9", TRAINRUNS, 1.4, 0, 3.9, strahl},
    {"sauthoff", "f0 + f1 v/100 + f2 ((v + 15)/100)^2 N/kN; coach", TRAINRUNS, 2.0, 0.715, 3.64, sauthoff},
    {"altrios", "a + b v over weight + bearing per axle + rho drag_area v^2/2",
     "ALTRIOS (NREL); coefficients of the user", 0, 0, 0, altrios},
    {"general", "a + b v + c v^2 over weight", "coefficients of the user", 0, 0, 0, general},
    {"force", "A + B v + C v^2 per vehicle", "coefficients of the user", 0, 0, 0, force},
    {NULL, NULL, NULL, 0, 0, 0, NULL}};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define AMERICAN   "V in mph, w short tons an axle, W short tons a vehicle, N axles, A in square feet"

/* One row a function that evaluates laws. */
static const struct {
    tn_status (*evaluate)(struct tn_resistance *, const struct tn_resistance_law *, const struct tn_resistance_spec *,
                          double, int, double, struct tn_context *);
    struct tn_resistance_form form;
} forms[] = {
    {specific, {"a + b v + c (v + headwind)^2", "N/kN, v in km/h", NAMES("a", "b", "c", "headwind")}},
    {general, {"a + b v + c (v + headwind)^2", "N/kN, v in km/h", NAMES("a", "b", "c", "headwind")}},
    {force,
     {"force_a + force_b v + force_c (v + headwind)^2", "N per vehicle, v in m/s",
      NAMES("force_a", "force_b", "force_c", "headwind")}},
    {davis,
     {"1.3 + 29/w + 0.045 V + drag A (V + headwind)^2/W", "lb/ton, " AMERICAN, NAMES("drag", "area", "headwind")}},
    {modified_davis, {"0.6 + 20/w + 0.01 V + drag (V + headwind)^2/W", "lb/ton, " AMERICAN, NAMES("drag", "headwind")}},
    {canadian,
     {"1.5 + 18 N/W + 0.03 V + drag A (V + headwind)^2/(10000 W)", "lb/ton, " AMERICAN,
      NAMES("drag", "area", "headwind")}},
    {russian,
     {"0.7 + (3 + 0.1 v + 0.0025 (v + headwind)^2)/q0, or a, b, c in place of its terms",
      "N/kN, v in km/h, q0 tonnes an axle", NAMES("a", "b", "c", "headwind")}},
    {strahl, {"f0 + f2 ((v + headwind)/100)^2", "N/kN, v in km/h", NAMES("f0", "f2", "headwind")}},
    {sauthoff,
     {"f0 + f1 v/100 + f2 ((v + headwind)/100)^2", "N/kN, v in km/h; headwind 15 km/h if not given",
      NAMES("f0", "f1", "f2", "headwind")}},
    {altrios,
     {"weight (a + b v) + axles bearing + rho/2 drag_area (v + headwind)^2", "N per vehicle; rho = 1.225 kg/m3",
      NAMES("a", "b", "bearing", "drag_area", "drag_half", "headwind")}},
};

const struct tn_resistance_form *tn_resistance_form(const struct tn_resistance_law *law)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].evaluate == law->evaluate)
            return &forms[i].form;
    return NULL;
}

static bool is_taken(const struct tn_resistance_form *form, const char *name)
{
    for (const char *const *taken = form->takes; *taken != NULL; taken++)
        if (strcmp(*taken, name) == 0)
            return true;
    return false;
}

static bool is_given(const struct tn_field *field, const void *value)
{
    return field->type == TN_BOOL ? *(const bool *)value != (field->def > 0)
                                  : field->type == TN_NUMBER && !isnan(*(const double *)value);
}

static void check_taken(const struct tn_resistance_spec *spec, struct tn_context *ctx)
{
    const struct tn_resistance_law *law = &tn_resistance_laws[spec->law];
    const struct tn_resistance_form *form = tn_resistance_form(law);
    const char *hint = tn_arena_printf(&ctx->arena, "it is %s and takes", form->formula);
    for (const char *const *taken = form->takes; *taken != NULL && hint != NULL; taken++)
        hint = tn_arena_printf(&ctx->arena, "%s%s `%s`", hint, taken == form->takes ? "" : ",", *taken);
    for (const struct tn_field *field = fields; field->name != NULL; field++) {
        const void *value = (const char *)spec + field->offset;
        if (is_given(field, value) && !is_taken(form, field->name))
            tn_error(ctx, value, hint, "law `%s` has no `%s`", law->name, field->name);
    }
}

tn_status tn_resistance_validate(const struct tn_resistance_spec *spec, double mass_kg, int axles,
                                 struct tn_context *ctx)
{
    struct tn_resistance resistance;
    size_t before = ctx->errors;
    if (tn_resistance_init(&resistance, spec, mass_kg, axles, 9.81, ctx) == TN_OK)
        check_taken(spec, ctx);
    return ctx->errors > before ? TN_ERR_INPUT : TN_OK;
}

#define LAW_COUNT ((int)(sizeof tn_resistance_laws / sizeof *tn_resistance_laws) - 1)

const char *tn_resistance_law_name(int index)
{
    return index >= 0 && index < LAW_COUNT ? tn_resistance_laws[index].name : NULL;
}

tn_status tn_resistance_init(struct tn_resistance *out, const struct tn_resistance_spec *spec, double mass_kg,
                             int axles, double gravity_m_s2, struct tn_context *ctx)
{
    *out = (struct tn_resistance){0};
    if (spec->law < 0 || spec->law >= LAW_COUNT)
        return tn_error(ctx, &spec->law, "e.g. resistance: {law: tbt-wagon-loaded}",
                        "no law of running resistance given");
    const struct tn_resistance_law *law = &tn_resistance_laws[spec->law];
    return law->evaluate(out, law, spec, mass_kg, axles, gravity_m_s2, ctx);
}

double tn_resistance_at(const struct tn_resistance *resistance, double speed_m_s)
{
    double air_m_s = speed_m_s + resistance->headwind_m_s;
    return resistance->a_N + resistance->b_N_s_m * speed_m_s + resistance->c_N_s2_m2 * air_m_s * air_m_s;
}
