/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of run_lanes.h, for one instruction set: run_lanes_*.c say which, and include this. The only file that goes
   beyond C11: it uses the vectors of the compilers (GCC and Clang have the same). Arithmetic is elementwise, and
   -ffp-contract=off keeps additions and multiplications apart, so that all sets give the same bytes. */
#include "run_lanes.h"

#include "drive.h"

#define INLINE static inline __attribute__((always_inline))
#define ORDER  TN_MOTION_ORDER

/* TN_LANES_WIDTH lanes go through a step together; `l` points to the first of them. */
#define WIDTH TN_LANES_WIDTH

typedef double number __attribute__((vector_size(8 * WIDTH)));
typedef long long mask __attribute__((vector_size(8 * WIDTH)));
/* The same where they lie in memory. */
typedef double numbers __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
typedef long long masks __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));

INLINE number get(const struct tn_lanes_number *lanes)
{
    return *(const numbers *)lanes->of;
}

INLINE number pick(mask which, number yes, number no)
{
    return (number)((which & (mask)yes) | (~which & (mask)no));
}

INLINE void set(struct tn_lanes_number *lanes, mask which, number value)
{
    numbers *at = (numbers *)lanes->of;
    *at = pick(which, value, *at);
}

INLINE number all(double value)
{
    return value - (number){0};
}

INLINE mask none(void)
{
    return (mask){0};
}

INLINE bool any(mask which)
{
    long long sum = 0;
    for (int i = 0; i < WIDTH; i++)
        sum |= which[i];
    return sum != 0;
}

INLINE number root(number square)
{
    number out;
    for (int i = 0; i < WIDTH; i++)
        out[i] = __builtin_sqrt(square[i]);
    return out;
}

INLINE number magnitude(number value)
{
    return (number)((mask)value & 0x7fffffffffffffffLL);
}

INLINE number smaller(number a, number b)
{
    return pick((mask)(a < b), a, b);
}

INLINE number larger(number a, number b)
{
    return pick((mask)(a > b), a, b);
}

INLINE mask in_mode(const struct tn_lanes *lanes, enum tn_lanes_mode mode)
{
    return (mask)(*(const masks *)lanes->mode.of == (long long)mode);
}

INLINE void set_mode(struct tn_lanes *lanes, mask which, enum tn_lanes_mode mode)
{
    masks *at = (masks *)lanes->mode.of;
    *at = (which & (long long)mode) | (~which & *at);
}

/* The place in its piece, and what that gives. */
struct place {
    number x, v, ahead, density, tunnel, track;
};

INLINE struct place place_of(const struct tn_lanes *l)
{
    struct place at = {.x = get(&l->x_m), .v = get(&l->v_m_s)};
    at.ahead = at.x - get(&l->from_m);
    at.density = get(&l->r0) + get(&l->r1) * at.ahead;
    at.tunnel = get(&l->t0) + get(&l->t1) * at.ahead;
    at.track = get(&l->k0) + get(&l->k1) * at.ahead;
    return at;
}

INLINE number force(const struct tn_lanes_piece *piece, number v)
{
    number p = get(&piece->p), value = get(&piece->c0) + v * (get(&piece->c1) + v * get(&piece->c2));
    return pick((mask)(p == 0), value, value + p / (v + get(&piece->q)));
}

INLINE number still_force(const struct tn_lanes *l, number v)
{
    return get(&l->still0) + v * get(&l->still1);
}

INLINE number air_force(const struct tn_lanes *l, number v)
{
    return get(&l->air.c0) + v * (get(&l->air.c1) + v * get(&l->air.c2));
}

INLINE number resistance(const struct tn_lanes *l, number density, number tunnel, number v)
{
    return still_force(l, v) + density * air_force(l, v) + tunnel * v * v;
}

/* Ends the step of the lanes at x, v after a time; `end` says that all sums are booked. */
INLINE void commit(struct tn_lanes *l, mask which, number x, number v, number t)
{
    number from = get(&l->x_m), track = (x - from) * (get(&l->k0) + get(&l->k1) * (0.5 * (from + x) - get(&l->from_m)));
    set(&l->track_J, which, get(&l->track_J) + track);
    set(&l->leg_x_m, which, from);
    set(&l->leg_v_m_s, which, get(&l->v_m_s));
    set(&l->leg_time_s, which, t);
    set(&l->x_m, which, x);
    set(&l->v_m_s, which, v);
    set(&l->top_m_s, which, larger(get(&l->top_m_s), v));
    set(&l->time_s, which, get(&l->time_s) + t);
    set_mode(l, which, TN_LANES_DONE);
}

INLINE void book(struct tn_lanes_number *sum, mask which, number work)
{
    set(sum, which, get(sum) + work);
}

/* First x in [0, distance] at which f0 + f1 x exceeds bound, or distance. */
INLINE number first_above(number f0, number f1, number bound, number distance)
{
    number at = smaller(larger((bound - f0) / f1, all(0)), distance);
    at = pick((mask)(f1 > 0), at, all(0));
    return pick((mask)(f0 + f1 * distance <= bound), distance, at);
}

#define KINK_M 1e-3 /* as in run.c */

/* Cuts a distance where the force passes a bound. */
INLINE number cut_at_kink(number f0, number f1, number bound, number end_N, number distance)
{
    number at = (bound - f0) / f1;
    mask passes = (mask)(f0 > bound) ^ (mask)(end_N > bound);
    return pick(passes & (mask)(at > KINK_M) & (mask)(at < distance), at, distance);
}

INLINE void hold(struct tn_lanes *l)
{
    mask on = in_mode(l, TN_LANES_HOLD);
    struct place at = place_of(l);
    number v = at.v, air = air_force(l, v);
    number needed = still_force(l, v) + at.density * air + at.tunnel * v * v;
    number slope = get(&l->r1) * air + get(&l->t1) * v * v;
    number f0 = needed + at.track, f1 = slope + get(&l->k1);
    number available = force(&l->dynamic, v), end = smaller(get(&l->end_m), get(&l->curve_from_m)), length = end - at.x;
    number pulled = first_above(f0, f1, force(&l->traction, v), length);
    number braked = first_above(-f0, -f1, force(&l->brake, v), length);
    number kink = smaller(smaller(pulled, braked), length), end_N = f0 + f1 * kink;
    kink = cut_at_kink(f0, f1, all(0), end_N, kink);
    kink = cut_at_kink(f0, f1, -available, end_N, kink);
    mask whole = (mask)(kink >= length), some = (mask)(kink > 1e-9) & ~whole, held = on & (whole | some);
    number x = pick(whole, end, at.x + kink), distance = x - at.x;
    end_N = f0 + f1 * distance;
    mask pulls = (mask)(f0 >= 0) & (mask)(end_N >= 0);
    number begin_N = -f0;
    number until_N = begin_N + -f1 * distance;
    mask brakes = (mask)(smaller(begin_N, until_N) >= 0) & (mask)(larger(begin_N, until_N) <= available);
    mask plain = held & (pulls | brakes);
    set_mode(l, on & ~plain, TN_LANES_ALONE);
    set_mode(l, on & ~held & (mask)(pulled <= braked), TN_LANES_ACCELERATE);
    number traction = pick(pulls, distance * 0.5 * (f0 + end_N), all(0));
    number dynamic = pick(pulls, all(0), distance * 0.5 * (begin_N + until_N));
    book(&l->traction_J, plain, traction);
    book(&l->dynamic_J, plain, dynamic);
    book(&l->resistance_J, plain, distance * (needed + slope * 0.5 * distance));
    set(&l->leg_traction_J, plain, traction);
    set(&l->leg_dynamic_J, plain, dynamic);
    commit(l, plain, x, v, distance / v);
}

/* Works of constant deceleration, by Gauss-Legendre with three nodes. */
struct retarding {
    number traction, dynamic, air, resistance;
};

INLINE void follow(struct tn_lanes *l)
{
    static const double node = 0.774596669241483377, weights[2] = {8.0 / 9, 5.0 / 9};
    mask on = in_mode(l, TN_LANES_FOLLOW);
    struct place at = place_of(l);
    number b = get(&l->deceleration), own = get(&l->mass_kg) * b, v = at.v;
    mask plain = on & (mask)(resistance(l, at.density, at.tunnel, v) + at.track <= own);
    number to = get(&l->curve_to_m), to_v = get(&l->curve_to_m_s), end = smaller(to, get(&l->end_m));
    number square = to_v * to_v + 2 * b * (to - end);
    number after = pick((mask)(end == to), to_v, root(larger(square, all(0)))), low = get(&l->low_m_s);
    mask knot = (mask)(low > after);
    number x = pick(knot, smaller(end, to - (low * low - to_v * to_v) / (2 * b)), end);
    after = pick(knot, low, after);
    number t = (v - after) / b;
    struct retarding sum = {all(0), all(0), all(0), all(0)};
    for (int i = -1; i <= 1; i++) {
        number when = 0.5 * t * (1 + i * node), weight = 0.5 * t * weights[i != 0];
        number speed = v - b * when, ahead = at.x + when * (v - 0.5 * b * when) - get(&l->from_m);
        number density = get(&l->r0) + get(&l->r1) * ahead, tunnel = get(&l->t0) + get(&l->t1) * ahead;
        number resisted = resistance(l, density, tunnel, speed);
        number brake = own - resisted - (get(&l->k0) + get(&l->k1) * ahead), braked = larger(brake, all(0));
        number dynamic = smaller(braked, force(&l->dynamic, speed));
        sum.resistance += weight * speed * resisted;
        sum.traction += weight * speed * larger(-brake, all(0));
        sum.dynamic += weight * speed * dynamic;
        sum.air += weight * speed * (braked - dynamic);
    }
    book(&l->resistance_J, plain, sum.resistance);
    book(&l->traction_J, plain, sum.traction);
    book(&l->dynamic_J, plain, sum.dynamic);
    book(&l->air_J, plain, sum.air);
    set(&l->leg_traction_J, plain, sum.traction);
    set(&l->leg_dynamic_J, plain, sum.dynamic);
    set_mode(l, on & ~plain, TN_LANES_ALONE);
    commit(l, plain, x, after, t);
}

static const double over[ORDER + 2] = {0, 1, 1.0 / 2, 1.0 / 3, 1.0 / 4, 1.0 / 5, 1.0 / 6, 1.0 / 7, 1.0 / 8, 1.0 / 9};

/* Series as in motion.c. Terms beyond a lane's own order are zero; `top` is the largest order of any lane. */
struct series {
    number v[ORDER + 1], x[ORDER + 2], w[ORDER + 1], u[ORDER + 1], sloping[ORDER];
    mask order6, order8; /* lanes that have so many terms */
    int top;
};

struct law {
    number start, slope, f2, p, b0, b1, b2, inverse;
};

INLINE struct law law_of(const struct tn_lanes *l, const struct place *at)
{
    const number per_mass = 1 / get(&l->mass_kg), v = at->v, r1 = get(&l->r1), r = at->density;
    const number a0 = get(&l->air.c0), a1 = get(&l->air.c1), a2 = get(&l->air.c2), p = get(&l->traction.p);
    const number f0 = get(&l->traction.c0) - get(&l->still0) - r * a0 - at->track;
    const number f1 = (get(&l->traction.c1) - get(&l->still1) - r * a1) * per_mass;
    struct law law = {.f2 = (get(&l->traction.c2) - r * a2 - at->tunnel) * per_mass,
                      .b0 = -(get(&l->k1) + r1 * a0) * per_mass,
                      .b1 = -r1 * a1 * per_mass,
                      .b2 = -(r1 * a2 + get(&l->t1)) * per_mass};
    law.start = f0 * per_mass + v * (f1 + v * law.f2);
    law.slope = f1 + 2 * law.f2 * v;
    law.inverse = pick((mask)(p == 0), all(0), 1 / (v + get(&l->traction.q)));
    law.p = -p * per_mass * law.inverse;
    law.start = law.start - law.p;
    law.slope = law.slope + law.p * law.inverse;
    return law;
}

INLINE number square_rest(const number *v, int n)
{
    number sum = all(0);
    for (int j = 1; 2 * j < n; j++)
        sum += v[j] * v[n - j];
    return n % 2 == 0 ? 2 * sum + v[n / 2] * v[n / 2] : 2 * sum;
}

INLINE number reciprocal_rest(const number *v, const number *u, int n)
{
    number sum = all(0);
    for (int j = 1; j < n; j++)
        sum += v[j] * u[n - j];
    return sum;
}

INLINE void next_terms(struct series *s, const struct law *law, int n)
{
    number sloped = all(0), square = square_rest(s->v, n), rest = reciprocal_rest(s->v, s->u, n);
    for (int j = 1; j <= n; j++)
        sloped += s->x[j] * s->sloping[n - j];
    number next = law->f2 * square + law->b0 * s->x[n] + sloped;
    s->u[n] = -law->inverse * (rest + law->inverse * s->v[n]);
    next += law->p * rest;
    s->w[n] = square + 2 * s->v[0] * s->v[n];
    s->sloping[n] = law->b1 * s->v[n] + law->b2 * s->w[n];
    s->x[n + 1] = s->v[n] * over[n + 1];
    s->v[n + 1] = (next + law->slope * s->v[n]) * over[n + 1];
}

/* Magnitude of the last two terms of v at t, where they are of that order. */
INLINE number last_terms(const struct series *s, int order, number t)
{
    number power = t;
    for (int n = 2; n < order; n++)
        power *= t;
    return power * larger(magnitude(s->v[order - 1]), magnitude(s->v[order]) * t);
}

INLINE number error_of(const struct series *s, number t)
{
    number error = last_terms(s, 4, t);
    if (s->top >= 6)
        error = pick(s->order6, last_terms(s, 6, t), error);
    if (s->top >= 8)
        error = pick(s->order8, last_terms(s, 8, t), error);
    return error;
}

/* Terms n and n + 1 of lanes that need no more are zero. */
INLINE void clear_terms(struct series *s, mask keep, int n)
{
    for (int i = n; i <= n + 1; i++) {
        s->v[i] = pick(keep, s->v[i], all(0));
        s->w[i] = pick(keep, s->w[i], all(0));
        s->u[i] = pick(keep, s->u[i], all(0));
        s->x[i + 1] = pick(keep, s->x[i + 1], all(0));
    }
}

/* Returns the step. */
INLINE number expand(struct series *s, const struct law *law, mask on, number v, number wanted, number tolerance)
{
    const number allowed = tolerance * (magnitude(v) + 1);
    s->v[0] = v;
    s->w[0] = v * v;
    s->u[0] = law->inverse;
    s->x[0] = all(0);
    s->x[1] = v;
    s->v[1] = law->start;
    s->sloping[0] = law->b1 * v + law->b2 * s->w[0];
    s->top = 4;
    s->order6 = s->order8 = none();
    for (int n = 1; n < 4; n++)
        next_terms(s, law, n);
    number step = wanted, error = last_terms(s, 4, step);
    s->order6 = on & (mask)(error > allowed);
    if (any(s->order6)) {
        s->top = 6;
        next_terms(s, law, 4);
        next_terms(s, law, 5);
        error = pick(s->order6, last_terms(s, 6, step), error);
        s->order8 = s->order6 & (mask)(error > allowed);
    }
    if (any(s->order8)) {
        s->top = 8;
        next_terms(s, law, 6);
        next_terms(s, law, 7);
        error = pick(s->order8, last_terms(s, 8, step), error);
    }
    const int n = s->top;
    s->w[n] = square_rest(s->v, n) + 2 * s->v[0] * s->v[n];
    s->x[n + 1] = s->v[n] * over[n + 1];
    s->u[n] = -law->inverse * (reciprocal_rest(s->v, s->u, n) + law->inverse * s->v[n]);
    if (n >= 6)
        clear_terms(s, s->order6, 5);
    if (n >= 8)
        clear_terms(s, s->order8, 7);
    for (mask over_it = on & (mask)(error > allowed); any(over_it); over_it = on & (mask)(error > allowed)) {
        step = pick(over_it, step * (0.9 * root(root(root(allowed / error)))), step);
        error = pick(over_it, last_terms(s, 8, step), error);
    }
    return step;
}

/* Distance (0), speed (1) and its derivatives (2, 3) at t. */
INLINE number derived(const struct series *s, int times, number t)
{
    const number *c = times == 0 ? s->x : s->v;
    const int first = times == 0 ? 1 : times - 1, last = times == 0 ? s->top + 1 : s->top;
    number value = all(0);
    for (int n = last; n >= first; n--) {
        double factor = times == 2 ? n : times == 3 ? n * (n - 1) : 1;
        value = value * t + factor * c[n];
    }
    if (times == 0)
        value *= t;
    return value;
}

/* As solve() of motion.c, for the lanes that are on. */
INLINE number solve(const struct series *s, mask on, number t_s, number target, int times, mask rising, number guess)
{
    number low = all(0), high = t_s;
    number t = pick((mask)(guess > low) & (mask)(guess < high), guess, 0.5 * t_s);
    for (int i = 0; i < 100 && any(on); i++) {
        number value = derived(s, times, t) - target;
        on &= ~(mask)(value == 0);
        mask above = ~((mask)(value > 0) ^ rising);
        high = pick(on & above, t, high);
        low = pick(on & ~above, t, low);
        number next = t - value / derived(s, times + 1, t), middle = 0.5 * (low + high);
        next = pick((mask)(next > low) & (mask)(next < high), next, middle);
        number change = magnitude(next - t);
        t = pick(on, next, t);
        on &= ~((mask)(change <= 4e-16 * t_s) | (mask)(next == low) | (mask)(next == high));
    }
    return t;
}

INLINE number time_at_extremum(const struct series *s, mask on, number t)
{
    number at_start = s->v[1], at_end = derived(s, 2, t);
    mask turns = on & ~(mask)(at_start == 0) & ~(mask)(at_end == 0) & ((mask)(at_start > 0) ^ (mask)(at_end > 0));
    if (!any(turns))
        return t;
    number found = solve(s, turns, t, all(0), 2, (mask)(at_end > at_start), t * at_start / (at_start - at_end));
    return pick(turns, found, t);
}

INLINE number time_at_speed(const struct series *s, mask on, number t, number speed)
{
    number change = derived(s, 1, t) - s->v[0];
    number guess = pick((mask)(change == 0), t, t * (speed - s->v[0]) / change);
    return pick(on, solve(s, on, t, speed, 1, (mask)(change >= 0), guess), t);
}

INLINE number time_at_distance(const struct series *s, mask on, number t, number distance)
{
    number v = s->v[0], square = v * v + 2 * s->v[1] * distance;
    number guess = pick((mask)(square >= 0), 2 * distance / (v + root(larger(square, all(0)))), t);
    return pick(on, solve(s, on, t, distance, 0, ~none(), guess), t);
}

#define EXTREMUM_MIN_S 1e-6 /* as in run.c */

/* Cuts the step at extrema, knots, the limit, and the end of piece or braking curve. */
INLINE number cut_step(const struct tn_lanes *l, const struct series *s, mask on, number t, number *x_out,
                       number *v_out)
{
    number end = smaller(get(&l->end_m), get(&l->curve_to_m)), v0 = s->v[0];
    number low = larger(get(&l->low_m_s), all(0)), high = smaller(get(&l->high_m_s), get(&l->limit_m_s));
    number until = time_at_extremum(s, on, t);
    t = pick((mask)(until < EXTREMUM_MIN_S), t, until);
    number v = derived(s, 1, t);
    mask over_it = on & (mask)(v > high) & (mask)(v0 < high),
         under = on & ~over_it & (mask)(v < low) & (mask)(v0 > low);
    if (any(over_it | under)) {
        number knot = pick(over_it, high, low);
        t = time_at_speed(s, over_it | under, t, knot);
        v = pick(over_it | under, knot, v);
    }
    number x = get(&l->x_m) + derived(s, 0, t);
    mask beyond = on & (mask)(x >= end);
    if (any(beyond)) {
        t = time_at_distance(s, beyond, t, end - get(&l->x_m));
        v = pick(beyond, derived(s, 1, t), v);
        x = pick(beyond, end, x);
    }
    *x_out = x;
    *v_out = v;
    return t;
}

INLINE number product(const number *a, const number *b, int n)
{
    number sum = a[0] * b[n];
    for (int j = 1; j <= n; j++)
        sum += a[j] * b[n - j];
    return sum;
}

/* Terms of a lane's own order only. */
INLINE number own_term(const struct series *s, int n, number term)
{
    return n <= 4 ? term : pick(n <= 6 ? s->order6 : s->order8, term, all(0));
}

INLINE number integral(const struct series *s, const number *c, number t)
{
    number sum = c[s->top] * over[s->top + 1];
    for (int n = s->top - 1; n >= 0; n--)
        sum = sum * t + c[n] * over[n + 1];
    return sum * t;
}

INLINE number integral_of_product(const struct series *s, const number *a, const number *b, number t)
{
    number terms[ORDER + 1];
    for (int n = 0; n <= s->top; n++)
        terms[n] = own_term(s, n, product(a, b, n));
    return integral(s, terms, t);
}

INLINE number work_effort(const struct tn_lanes *l, const struct series *s, mask on, number t)
{
    number work = get(&l->traction.c0) * derived(s, 0, t), c2 = get(&l->traction.c2), p = get(&l->traction.p);
    number q = get(&l->traction.q);
    work += get(&l->traction.c1) * integral(s, s->w, t);
    mask curved = on & ~(mask)(c2 == 0), shifted = on & ~(mask)(p == 0) & ~(mask)(q == 0);
    if (any(curved))
        work = pick(curved, work + c2 * integral_of_product(s, s->w, s->v, t), work);
    number through = t;
    if (any(shifted))
        through = pick(shifted, integral_of_product(s, s->u, s->v, t), t);
    return pick((mask)(p == 0), work, work + p * through);
}

INLINE number work_resistance(const struct tn_lanes *l, const struct place *at, const struct series *s, number t)
{
    number distance = derived(s, 0, t), r1 = get(&l->r1), t1 = get(&l->t1);
    number a0 = get(&l->air.c0), a1 = get(&l->air.c1), a2 = get(&l->air.c2), cube[ORDER + 1], rate[ORDER + 1];
    for (int n = 0; n <= s->top; n++)
        cube[n] = own_term(s, n, product(s->w, s->v, n));
    number work = (get(&l->still0) + at->density * a0) * distance +
                  (get(&l->still1) + at->density * a1) * integral(s, s->w, t) +
                  (at->density * a2 + at->tunnel) * integral(s, cube, t);
    for (int n = 0; n <= s->top; n++)
        rate[n] = r1 * (a1 * s->w[n] + a2 * cube[n]) + t1 * cube[n];
    return work + r1 * a0 * 0.5 * distance * distance + integral_of_product(s, rate, s->x, t);
}

INLINE number decay(mask on, number z)
{
    number value = pick((mask)(z >= 0), 1 / (1 + z * (1 + z * (0.5 + z * (1.0 / 6)))), (2 - z) / (2 + z));
    mask grows = on & (mask)(z <= -1);
    for (int i = 0; i < WIDTH && any(grows); i++)
        if (grows[i] != 0)
            value[i] = tn_drive_decay(z[i]);
    return value;
}

/* Bounds of the error in speed and place, as drift() of run.c. */
INLINE void drift(struct tn_lanes *l, const struct place *at, const struct series *s, mask on, number t)
{
    number v = at->v, p = get(&l->traction.p), shifted = v + get(&l->traction.q);
    number pull = get(&l->traction.c1) + 2 * get(&l->traction.c2) * v;
    pull = pick((mask)(p == 0), pull, pull - p / (shifted * shifted));
    number damping =
        (get(&l->still1) + at->density * (get(&l->air.c1) + 2 * get(&l->air.c2) * v) + 2 * at->tunnel * v - pull) /
        get(&l->mass_kg);
    number before = get(&l->drift_m_s), after = before * decay(on, damping * t), error = error_of(s, t);
    set(&l->drift_m, on, get(&l->drift_m) + (larger(before, after) + error) * t);
    set(&l->drift_m_s, on, after + error);
}

/* What was off in place becomes time where the speed is known exactly again. */
INLINE void pin(struct tn_lanes *l, mask on)
{
    number v = get(&l->v_m_s);
    set(&l->error_s, on & (mask)(v > 0), get(&l->error_s) + get(&l->drift_m) / v);
    set(&l->drift_m, on, all(0));
    set(&l->drift_m_s, on, all(0));
}

/* A time that is hardly shorter than the step can be, as reach_s() of run.c. */
INLINE number reach(const struct tn_lanes *l, const struct place *at, number a)
{
    number length = get(&l->end_m) - at->x, v = at->v, high = smaller(get(&l->high_m_s), get(&l->limit_m_s));
    number t = 2 * length / (v + root(larger(v * v + 2 * a * length, all(0))));
    number knot = pick((mask)(a > 0), high, get(&l->low_m_s));
    mask bent = ~(mask)(a == 0) & (mask)(high < HUGE_VAL);
    t = pick(bent, smaller(t, 1.2 * (knot - v) / a + 1e-3), t);
    return smaller(1.05 * t, all(86400));
}

/* Whether the train may have met the braking curve at (x, v): run.c finds out where. */
INLINE mask meets(const struct tn_lanes *l, number x, number v)
{
    mask there = (mask)(get(&l->curve_from_m) < x), forced = *(const masks *)l->forced.of;
    if (!any(there))
        return there;
    number to_v = get(&l->curve_to_m_s);
    number square = to_v * to_v + 2 * get(&l->deceleration) * (get(&l->curve_to_m) - x);
    number ceiling = root(larger(square, all(0)));
    return there & (forced | (mask)(v - ceiling > -1e-9 * (1 + ceiling)));
}

INLINE void keep_series(struct tn_lanes *l, const struct series *s, mask on)
{
    masks *order = (masks *)l->order.of;
    mask own = (s->order6 & 2) + (s->order8 & 2) + 4;
    *order = (on & own) | (~on & *order);
    for (int n = 0; n <= s->top; n++) {
        set(&l->v[n], on, s->v[n]);
        set(&l->x[n + 1], on, s->x[n + 1]);
    }
}

/* What follows the expansion; s->top is a constant where this is called, so that compilers unroll. */
INLINE void make_step(struct tn_lanes *l, const struct place *at, const struct series *s, mask on, mask moves, number t)
{
    number x, v;
    t = cut_step(l, s, moves, t, &x, &v);
    moves &= (mask)(t > 0) & ~meets(l, x, v);
    set_mode(l, on & ~moves, TN_LANES_ALONE);
    number traction = work_effort(l, s, moves, t);
    book(&l->traction_J, moves, traction);
    book(&l->resistance_J, moves, work_resistance(l, at, s, t));
    set(&l->leg_traction_J, moves, traction);
    set(&l->leg_dynamic_J, moves, all(0));
    drift(l, at, s, moves, t);
    keep_series(l, s, moves);
    commit(l, moves, x, v, t);
    pin(l, moves & (mask)(v >= get(&l->limit_m_s)));
}

INLINE void accelerate(struct tn_lanes *l)
{
    mask on = in_mode(l, TN_LANES_ACCELERATE);
    struct place at = place_of(l);
    struct law law = law_of(l, &at);
    struct series s;
    number a = (force(&l->traction, at.v) - resistance(l, at.density, at.tunnel, at.v) - at.track) / get(&l->mass_kg);
    mask stalls = on & (mask)(at.v <= 0) & (mask)(a <= 0), moves = on & ~stalls;
    number t = expand(&s, &law, moves, at.v, reach(l, &at, a), get(&l->tolerance));
    if (s.top == 4) {
        s.top = 4;
        make_step(l, &at, &s, on, moves, t);
    } else if (s.top == 6) {
        s.top = 6;
        make_step(l, &at, &s, on, moves, t);
    } else {
        s.top = 8;
        make_step(l, &at, &s, on, moves, t);
    }
}

/* The lanes from `first` on as if they were the first: all members have the same number of them. */
static inline struct tn_lanes *from_lane(struct tn_lanes *lanes, int first)
{
    return (struct tn_lanes *)(void *)&lanes->mode.of[first];
}

static void accelerate_all(struct tn_lanes *lanes)
{
    for (int i = 0; i < TN_LANES; i += WIDTH)
        if (any(in_mode(from_lane(lanes, i), TN_LANES_ACCELERATE)))
            accelerate(from_lane(lanes, i));
}

static void hold_all(struct tn_lanes *lanes)
{
    for (int i = 0; i < TN_LANES; i += WIDTH)
        if (any(in_mode(from_lane(lanes, i), TN_LANES_HOLD)))
            hold(from_lane(lanes, i));
}

static void follow_all(struct tn_lanes *lanes)
{
    for (int i = 0; i < TN_LANES; i += WIDTH)
        if (any(in_mode(from_lane(lanes, i), TN_LANES_FOLLOW)))
            follow(from_lane(lanes, i));
}

static bool available(void)
{
    return TN_LANES_AVAILABLE;
}
