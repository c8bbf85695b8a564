/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "near.h"

#include <string.h>

#include "track.h"

#define LIST(ROWS)                                                                                                     \
    {                                                                                                                  \
        ROWS, sizeof ROWS / sizeof ROWS[0]                                                                             \
    }
#define G 9.81

/* A hilly line with kinks closer and farther apart than the train is long. */
static struct tn_profile_point hills[] = {{.km = 0, .elevation = 100},        {.km = 3000, .elevation = 120},
                                          {.km = 3200, .elevation = 123.2},   {.km = 9000, .elevation = 30.4},
                                          {.km = 9650, .elevation = 29.75},   {.km = 22000, .elevation = 227.35},
                                          {.km = 26000, .elevation = 227.35}, {.km = 40000, .elevation = 3.35}};
static struct tn_station ends[] = {{.km = 1000, .name = "A", .phase = -1, .until = -1, .lat = NAN, .lon = NAN},
                                   {.km = 39000, .name = "B", .phase = -1, .until = -1, .lat = NAN, .lon = NAN}};
static struct tn_train_group masses[] = {{0, 70.4, 400e3}, {70.4, 500, 3200e3}, {500, 853, 1900e3}};

struct fixture {
    struct tn_line_spec line;
    struct tn_train_spec spec;
    struct tn_train train;
    struct tn_weather weather;
    struct tn_path path;
    struct tn_track track;
    struct tn_arena arena;
    struct tn_context ctx;
};

static int set_up(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    tn_schema_defaults(&tn_line_schema, &f.line);
    f.line.id = "hills";
    f.line.profile = (struct tn_list)LIST(hills);
    f.line.stations = (struct tn_list)LIST(ends);
    f.weather = (struct tn_weather){.temperature = 288.15, .rail = 1};
    f.train = (struct tn_train){.spec = &f.spec,
                                .mass_kg = 5500e3,
                                .mass_effective_kg = 5830e3,
                                .length_m = 853,
                                .locomotive_length_m = 70.4,
                                .speed_max_m_s = 80 / 3.6,
                                .gravity_m_s2 = G,
                                .groups = masses,
                                .group_count = sizeof masses / sizeof masses[0],
                                .a_N = 5500 * 9.81 * 0.92,
                                .starting_N = NAN,
                                .brake_rate = NAN,
                                .wagons = 56};
    f.train.friction = &tn_friction_laws[0];
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tn_arena_clear(&f->arena);
    tn_context_clear(&f->ctx);
    return 0;
}

static void make(struct fixture *f, const char *from, const char *to, enum tn_depth depth)
{
    assert_int_equal(tn_path_init(&f->path, &f->line, -1, from, to, NULL, NULL, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(tn_track_init(&f->track, &f->path, &f->train, &f->weather, depth, &f->arena, &f->ctx), TN_OK);
    assert_near_abs(f->track.pieces[0].from_m, 0, 0);
    for (size_t i = 1; i < f->track.count; i++)
        assert_true(f->track.pieces[i].from_m > f->track.pieces[i - 1].from_m);
    assert_true(f->track.pieces[f->track.count - 1].from_m < f->track.length_m);
    assert_near_abs(f->track.length_m, f->path.length_m, 0);
}

static const struct tn_track_piece *piece_at(const struct tn_track *track, double s)
{
    size_t i = track->count - 1;
    while (track->pieces[i].from_m > s)
        i--;
    return &track->pieces[i];
}

static double force_at(const struct tn_track *track, double s)
{
    const struct tn_track_piece *p = piece_at(track, s);
    return p->k0 + p->k1 * (s - p->from_m);
}

static double tunnel_at(const struct tn_track *track, double s)
{
    const struct tn_track_piece *p = piece_at(track, s);
    return p->t0 + p->t1 * (s - p->from_m);
}

static double density_at(const struct tn_track *track, double s)
{
    const struct tn_track_piece *p = piece_at(track, s);
    return p->r0 + p->r1 * (s - p->from_m);
}

static double force_integral(const struct tn_track *track, double from, double to)
{
    double sum = 0;
    for (size_t i = 0; i < track->count; i++) {
        const struct tn_track_piece *p = &track->pieces[i];
        double a = fmax(from, p->from_m), b = fmin(to, i + 1 < track->count ? p[1].from_m : track->length_m);
        if (b > a)
            sum += (b - a) * (p->k0 + p->k1 * (0.5 * (a + b) - p->from_m));
    }
    return sum;
}

/* Uniform numbers in [0, 1) that are the same everywhere. */
static double draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

/* Elevation of the hills as sums of grades, without the line's own functions. */
static double hill(double km)
{
    double y = hills[0].elevation;
    for (size_t i = 0; i + 1 < sizeof hills / sizeof hills[0]; i++) {
        double grade = (hills[i + 1].elevation - hills[i].elevation) / (hills[i + 1].km - hills[i].km);
        y += grade * (fmin(fmax(km, hills[i].km), hills[i + 1].km) - hills[i].km);
    }
    return y;
}

/* Force on the train, each group cut into slices, from the slope of each stretch that a slice covers. */
static double brute_force(const struct fixture *f, double s, double radius_coefficient, double from, double to)
{
    double sum = 0;
    for (size_t g = 0; g < f->train.group_count; g++) {
        const struct tn_train_group *group = &f->train.groups[g];
        enum { SLICES = 20 };
        double length = (group->to_m - group->from_m) / SLICES;
        for (int i = 0; i < SLICES; i++) {
            double a = f->path.origin_km_m + f->path.sign * (s - group->from_m - i * length);
            double b = f->path.origin_km_m + f->path.sign * (s - group->from_m - (i + 1) * length);
            double covered = fmax(0, fmin(fmax(a, b), to) - fmax(fmin(a, b), from));
            sum += G * group->mass_kg / SLICES * (hill(a) - hill(b) + radius_coefficient * covered) / length;
        }
    }
    return sum;
}

static void test_strap_against_vehicles(void **state)
{
    struct fixture *f = *state;
    double scale = f->train.mass_kg * G * 0.016;
    const char *const names[] = {"A", "B"};
    for (size_t way = 0; way < 2; way++) {
        make(f, names[way], names[1 - way], TN_STRAP);
        uint64_t seed = 7;
        for (int i = 0; i < 500; i++) {
            double s = draw(&seed) * f->track.length_m;
            assert_near_abs(force_at(&f->track, s), brute_force(f, s, 0, 0, 0), 1e-12 * scale);
        }
    }
}

static void test_curves(void **state)
{
    struct fixture *f = *state;
    struct tn_curved curve[] = {{.from = 12000, .to = 12400, .radius = 500, .curvature = NAN}};
    f->line.curves = (struct tn_list)LIST(curve);
    double scale = f->train.mass_kg * G * 0.016;
    make(f, "B", "A", TN_STRAP);
    uint64_t seed = 11;
    for (int i = 0; i < 300; i++) {
        double s = 26000 + 2000 * draw(&seed);
        assert_near_abs(force_at(&f->track, s), brute_force(f, s, 0.6 / 500, 12000, 12400), 1e-12 * scale);
    }
    /* 600/R = 1.2 N/kN on all of the train when the head is at it */
    make(f, "A", "B", TN_POINT);
    assert_near_rel(force_at(&f->track, 11200) - force_at(&f->track, 10900), f->train.mass_kg * G * 1.2e-3, 1e-10);
}

static void test_work_is_rise(void **state)
{
    struct fixture *f = *state;
    ends[0].km = -2000; /* level beyond both ends of the profile, so that the whole train is */
    ends[1].km = 42000;
    double rise = f->train.mass_kg * G * (3.35 - 100);
    make(f, "A", "B", TN_STRAP);
    assert_near_rel(force_integral(&f->track, 0, f->track.length_m), rise, 1e-11);
    make(f, "A", "B", TN_POINT);
    assert_near_rel(force_integral(&f->track, 0, f->track.length_m), rise, 1e-11);
    make(f, "B", "A", TN_STRAP);
    assert_near_rel(force_integral(&f->track, 0, f->track.length_m), -rise, 1e-11);
    ends[0].km = 1000;
    ends[1].km = 39000;
}

static void test_behind_origin(void **state)
{
    struct fixture *f = *state; /* the tail stands on the line behind the origin: 20/3 permil from km 0 to 3 */
    make(f, "A", "B", TN_STRAP);
    assert_near_rel(force_at(&f->track, 0), f->train.mass_kg * G * 20 / 3000, 1e-12);
}

static void test_point(void **state)
{
    struct fixture *f = *state;
    make(f, "A", "B", TN_POINT);
    assert_int_equal(piece_at(&f->track, 1500)->k1 == 0, true);
    assert_near_rel(force_at(&f->track, 2100), f->train.mass_kg * G * 3.2 / 200, 1e-12);
    assert_near_rel(force_at(&f->track, 30000), -f->train.mass_kg * G * 0.016, 1e-12);
    assert_near_rel(force_at(&f->track, 2000 + 1e-3), f->train.mass_kg * G * 3.2 / 200, 1e-12);
    struct tn_track point = f->track;
    struct tn_train_group dot[] = {{0, 1e-3, 5500e3}};
    f->train.groups = dot;
    f->train.group_count = 1;
    make(f, "A", "B", TN_STRAP); /* the limit of zero length */
    dot[0].to_m = 0;
    uint64_t seed = 5;
    for (int i = 0; i < 200; i++) {
        double s = draw(&seed) * point.length_m;
        assert_near_abs(force_at(&f->track, s), force_at(&point, s), 1e-8 * f->train.mass_kg);
    }
    make(f, "A", "B", TN_STRAP); /* a group of no length is a point mass */
    for (int i = 0; i < 200; i++) {
        double s = draw(&seed) * point.length_m;
        assert_near_abs(force_at(&f->track, s), force_at(&point, s), 1e-12 * f->train.mass_kg);
    }
}

static void test_mirror(void **state)
{
    struct fixture *f = *state;
    struct tn_profile_point mirrored[sizeof hills / sizeof hills[0]];
    size_t n = sizeof hills / sizeof hills[0];
    for (size_t i = 0; i < n; i++)
        mirrored[i] =
            (struct tn_profile_point){.km = 40000 - hills[n - 1 - i].km, .elevation = hills[n - 1 - i].elevation};
    struct tn_limit limit[] = {{.from = 5000, .to = 8000, .speed = 10, .direction = TN_UP, .phase = -1, .until = -1}};
    struct tn_limit other[] = {
        {.from = 32000, .to = 35000, .speed = 10, .direction = TN_DOWN, .phase = -1, .until = -1}};
    f->line.limits = (struct tn_list)LIST(limit);
    make(f, "B", "A", TN_STRAP);
    assert_true(f->path.up);
    struct tn_track there = f->track;
    f->line.profile = (struct tn_list)LIST(mirrored);
    f->line.limits = (struct tn_list)LIST(other);
    make(f, "A", "B", TN_STRAP);
    assert_false(f->path.up);
    assert_int_equal(there.count, f->track.count);
    for (size_t i = 0; i < there.count; i++) {
        const struct tn_track_piece *a = &there.pieces[i], *b = &f->track.pieces[i];
        assert_near_abs(a->from_m, b->from_m, 1e-9);
        assert_near_abs(a->k0, b->k0, 1e-11 * f->train.mass_kg * G);
        assert_near_abs(a->limit_m_s, b->limit_m_s, 0);
        assert_near_abs(a->r0, b->r0, 1e-12);
    }
}

static void test_limits(void **state)
{
    struct fixture *f = *state;
    struct tn_limit limit[] = {
        {.from = 5000, .to = 6000, .speed = 15, .phase = -1, .until = -1},
        {.from = 5500, .to = 5600, .speed = 10, .direction = TN_DOWN, .phase = -1, .until = -1},
        {.from = 5500, .to = 5600, .speed = 5, .direction = TN_UP, .phase = -1, .until = -1},
        {.from = 500, .to = 900, .speed = 8, .phase = -1, .until = -1},
        {.from = 20000, .to = 21000, .speed = 3, .phase = 2030, .until = 2040},
    };
    f->line.limits = (struct tn_list)LIST(limit);
    f->line.speed = 20;
    for (int depth = TN_POINT; depth <= TN_STRAP; depth++) {
        make(f, "A", "B", (enum tn_depth)depth);
        assert_near_abs(piece_at(&f->track, 0)->limit_m_s, 8, 0); /* the tail is in it until s = 753 */
        assert_near_abs(piece_at(&f->track, 752.9)->limit_m_s, 8, 0);
        assert_near_abs(piece_at(&f->track, 753.1)->limit_m_s, 20, 0);
        assert_near_abs(piece_at(&f->track, 3999.9)->limit_m_s, 20, 0);
        assert_near_abs(piece_at(&f->track, 4000.1)->limit_m_s, 15, 0);
        assert_near_abs(piece_at(&f->track, 4500.1)->limit_m_s, 10, 0);
        assert_near_abs(piece_at(&f->track, 5452.9)->limit_m_s, 10, 0);
        assert_near_abs(piece_at(&f->track, 5453.1)->limit_m_s, 15, 0);
        assert_near_abs(piece_at(&f->track, 5852.9)->limit_m_s, 15, 0);
        assert_near_abs(piece_at(&f->track, 5853.1)->limit_m_s, 20, 0);
        assert_near_abs(piece_at(&f->track, 19500)->limit_m_s, 20, 0);
    }
    make(f, "B", "A", TN_STRAP);
    assert_near_abs(piece_at(&f->track, 33400.1)->limit_m_s, 5, 0);
    f->line.speed = 30;
    make(f, "A", "B", TN_STRAP);
    assert_near_abs(piece_at(&f->track, 30000)->limit_m_s, 80 / 3.6, 0);
    assert_true(isinf(piece_at(&f->track, 30000)->rule_m_s));
}

static void test_tunnels(void **state)
{
    struct fixture *f = *state;
    struct tn_tunnel tunnel[] = {{.from = 23000, .to = 25000, .law = TN_TUNNEL_LENGTH},
                                 {.from = 30000, .to = 33000, .law = TN_TUNNEL_SPEED}};
    double weight = f->train.mass_kg * G;
    make(f, "A", "B", TN_STRAP);
    struct tn_track plain = f->track;
    f->line.tunnels = (struct tn_list)LIST(tunnel);
    make(f, "A", "B", TN_STRAP);
    /* 0.00013 N/kN x 2000 m = 0.26 N/kN with the whole train inside */
    assert_near_rel(force_at(&f->track, 23500) - force_at(&plain, 23500), 0.26e-3 * weight, 1e-9);
    assert_near_rel(force_at(&f->track, 22000 + 70.4) - force_at(&plain, 22000 + 70.4), 0.26e-3 * G * 400e3, 1e-8);
    assert_near_abs(force_at(&f->track, 24900), force_at(&plain, 24900), 1e-9 * weight);
    /* 3000 m x (60 km/h)^2 / 1e7 = 1.08 N/kN */
    assert_near_rel(tunnel_at(&f->track, 31000) * (60 / 3.6) * (60 / 3.6), 1.08e-3 * weight, 1e-10);
    assert_near_abs(tunnel_at(&f->track, 28000), 0, 0);
    assert_near_rel(tunnel_at(&f->track, 29000 + 70.4), 3000 * 1.296e-9 * G * 400e3, 1e-9);
    assert_near_rel(tunnel_at(&f->track, 32853 - 353.0 / 2), 3000 * 1.296e-9 * G * 1900e3 / 2, 1e-8);
    assert_near_abs(force_at(&f->track, 31000), force_at(&plain, 31000), 1e-11 * weight);
}

static void test_density(void **state)
{
    struct fixture *f = *state;
    make(f, "A", "B", TN_STRAP);
    for (double s = 0; s < f->track.length_m; s += 37) {
        double truth = tn_air_density(hill(1000 + s - 853.0 / 2), 288.15) / TN_AIR_DENSITY_REFERENCE;
        assert_near_rel(density_at(&f->track, s), truth, 1e-4);
    }
    struct tn_profile_point high[] = {{.km = 0, .elevation = 0}, {.km = 100000, .elevation = 4000}};
    f->line.profile = (struct tn_list)LIST(high);
    make(f, "A", "B", TN_STRAP);
    for (double s = 0; s < f->track.length_m; s += 371) {
        double truth = tn_air_density(0.04 * (1000 + s - 853.0 / 2), 288.15) / TN_AIR_DENSITY_REFERENCE;
        assert_near_rel(density_at(&f->track, s), truth, 1e-4);
    }
    f->line.profile.count = 0;
    f->line.origin_altitude = 2800;
    make(f, "A", "B", TN_STRAP);
    assert_int_equal(f->track.count, 1);
    assert_near_rel(f->track.pieces[0].r0, tn_air_density(2800, 288.15) / TN_AIR_DENSITY_REFERENCE, 1e-15);
}

/* Permitted speeds are rounded down to a tenth of a km/h. */
static void assert_permitted(double actual, double exact)
{
    assert_true(actual <= exact * (1 + 3e-5));
    assert_true(actual > exact * (1 - 3e-5) - 0.1 / 3.6);
    assert_near_abs(actual * 36, rint(actual * 36), 1e-9);
}

/* On each piece the limit is what the steepest mean grade on it permits, neither more nor less. plain: without the
 * rule. */
static size_t check_rule(const struct fixture *f, const struct tn_track *plain)
{
    size_t bound = 0;
    for (size_t i = 0; i + 1 < f->track.count; i++) {
        const struct tn_track_piece *p = &f->track.pieces[i];
        double worst = INFINITY, weight = f->train.mass_kg * f->train.gravity_m_s2;
        if (p[1].from_m + 800 > f->track.length_m)
            break;
        for (int k = 0; k <= 200; k++) {
            double s = p->from_m + k / 200.0 * (p[1].from_m - p->from_m);
            worst = fmin(worst, force_integral(plain, s, s + 800) / 800 / weight);
        }
        double permitted = INFINITY;
        if (worst < 0)
            permitted = tn_train_permitted_speed(&f->train, worst, 800);
        if (permitted < f->train.speed_max_m_s * (1 - 1e-4)) {
            assert_permitted(p->rule_m_s, permitted);
            bound++;
        } else if (permitted > f->train.speed_max_m_s * (1 + 1e-4)) {
            assert_true(isinf(p->rule_m_s));
        }
        assert_near_abs(p->limit_m_s, fmin(p->rule_m_s, f->train.speed_max_m_s), 0);
    }
    return bound;
}

static void test_distance_rule(void **state)
{
    struct fixture *f = *state;
    const char *const names[] = {"A", "B"};
    f->train.brake_rate = 0.3;
    f->train.speed_max_m_s = 120 / 3.6;
    for (size_t way = 0; way < 2; way++)
        for (int depth = TN_POINT; depth <= TN_STRAP; depth++) {
            f->spec.brake.distance = 0;
            make(f, names[way], names[1 - way], (enum tn_depth)depth);
            struct tn_track plain = f->track;
            f->spec.brake.distance = 800;
            make(f, names[way], names[1 - way], (enum tn_depth)depth);
            assert_true(check_rule(f, &plain) > 0);
        }
    struct tn_profile_point drop[] = {{.km = 0, .elevation = 50},
                                      {.km = 9000, .elevation = 50},
                                      {.km = 9300, .elevation = 44},
                                      {.km = 40000, .elevation = 44}};
    f->line.profile = (struct tn_list)LIST(drop); /* shorter than train and distance: worst in the middle of a piece */
    f->spec.brake.distance = 0;
    make(f, "A", "B", TN_STRAP);
    struct tn_track plain = f->track;
    f->spec.brake.distance = 800;
    make(f, "A", "B", TN_STRAP);
    assert_true(check_rule(f, &plain) > 2);
}

static void test_rule_that_does_not_bind(void **state)
{
    struct fixture *f = *state;
    f->train.brake_rate = 0.3;
    f->spec.brake.distance = 800;
    f->train.speed_max_m_s = 120 / 3.6;
    make(f, "A", "B", TN_STRAP);
    double steep = tn_train_permitted_speed(&f->train, -0.016, 800);
    assert_true(steep < f->train.speed_max_m_s && steep > 5);
    assert_permitted(piece_at(&f->track, 30000)->rule_m_s, steep); /* long 16 permil */
    assert_true(isinf(piece_at(&f->track, 12000)->rule_m_s));      /* climbs */
    assert_true(isinf(piece_at(&f->track, 24199)->rule_m_s));      /* level, the crest more than 800 m ahead */
    f->train.speed_max_m_s = 0.9 * steep;
    make(f, "A", "B", TN_STRAP);
    for (size_t i = 0; i < f->track.count; i++) {
        assert_true(isinf(f->track.pieces[i].rule_m_s));
        assert_near_abs(f->track.pieces[i].limit_m_s, 0.9 * steep, 0);
    }
}

static void test_zones(void **state)
{
    struct fixture *f = *state;
    f->weather.wind = (struct tn_wind){.speed = 10, .from = 90, .yaw_angle = 0.26};
    assert_int_equal(tn_path_init(&f->path, &f->line, -1, "A", "B", NULL, NULL, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(tn_track_init(&f->track, &f->path, &f->train, &f->weather, TN_STRAP, &f->arena, &f->ctx),
                     TN_ERR_INPUT);
    assert_string_equal(f->ctx.diagnostics[0].text, "wind needs to know where line hills points");
    struct tn_station bent[] = {{.km = 1000, .name = "A", .phase = -1, .until = -1, .lat = 40, .lon = 90},
                                {.km = 20000, .name = "C", .phase = -1, .until = -1, .lat = 40, .lon = 90.2},
                                {.km = 39000, .name = "B", .phase = -1, .until = -1, .lat = 40.2, .lon = 90.2}};
    f->line.stations = (struct tn_list)LIST(bent);
    make(f, "A", "B", TN_STRAP);
    assert_int_equal(f->track.zone_count, 2);
    assert_near_abs(f->track.zones[piece_at(&f->track, 18990)->zone].head_m_s, 10, 1e-9); /* eastward against it */
    assert_near_abs(f->track.zones[piece_at(&f->track, 19010)->zone].head_m_s, 0, 1e-9);
    assert_near_abs(fabs(f->track.zones[piece_at(&f->track, 19010)->zone].cross_m_s), 10, 1e-9);
    make(f, "B", "A", TN_STRAP);
    assert_near_abs(f->track.zones[piece_at(&f->track, 19010)->zone].head_m_s, -10, 1e-9);
    f->weather.wind.speed = 0;
    make(f, "A", "B", TN_STRAP);
    assert_int_equal(f->track.zone_count, 1);
    f->train.diesel =
        true; /* bands of 50 m from 0 to 250 m, shared by the climbs and descents that pass through them */
    make(f, "A", "B", TN_STRAP);
    assert_int_equal(f->track.zone_count, 5);
    double edge = 8000 + 650 + (50 - 29.75) / 0.016; /* the head passes 50 m */
    assert_int_not_equal(piece_at(&f->track, edge - 0.1)->zone, piece_at(&f->track, edge + 0.1)->zone);
    assert_int_equal(piece_at(&f->track, edge + 0.1)->zone, piece_at(&f->track, edge + 3000)->zone);
}

static void test_joined(void **state)
{
    struct fixture *f = *state; /* points that say nothing new leave no piece behind */
    make(f, "A", "B", TN_STRAP);
    size_t count = f->track.count;
    struct tn_profile_point more[9];
    memcpy(more, hills, sizeof hills);
    more[8] = hills[7];
    more[7] = (struct tn_profile_point){.km = 36500, .elevation = 227.35 - 0.016 * 10500};
    f->line.profile = (struct tn_list)LIST(more);
    make(f, "A", "B", TN_STRAP);
    assert_in_range(f->track.count, count - 1, count + 1); /* the air may be cut elsewhere */
    more[7].elevation += 0.005;                            /* a grade of 0.5e-6 more is something new */
    make(f, "A", "B", TN_STRAP);
    double grade = (more[7].elevation - 227.35) / 10500;
    assert_near_rel(force_at(&f->track, 35400), f->train.mass_kg * G * grade, 1e-10);
    assert_near_rel(force_at(&f->track, 28000), f->train.mass_kg * G * grade, 1e-10);
}

static void test_uniform(void **state)
{
    struct fixture *f = *state;
    f->train.brake_rate = 0.3;
    f->spec.brake.distance = 800;
    struct tn_track *t = &f->track;
    assert_int_equal(tn_track_uniform(t, &f->train, &f->weather, 0.016, 600, 2000, 1e6, &f->arena, &f->ctx), TN_OK);
    assert_int_equal(t->count, 1);
    assert_int_equal(t->zone_count, 1);
    assert_near_rel(t->pieces[0].k0, f->train.mass_kg * G * 0.017, 1e-13);
    assert_near_rel(t->pieces[0].r0, tn_air_density(2000, 288.15) / TN_AIR_DENSITY_REFERENCE, 1e-15);
    assert_near_abs(t->pieces[0].limit_m_s, f->train.speed_max_m_s, 0);
    assert_true(isinf(t->pieces[0].rule_m_s));
    f->train.speed_max_m_s = 40;
    tn_track_uniform(t, &f->train, &f->weather, -0.016, INFINITY, 0, 1e6, &f->arena, &f->ctx);
    assert_near_rel(t->pieces[0].rule_m_s, tn_train_permitted_speed(&f->train, -0.016, 800), 1e-15);
    assert_near_abs(t->pieces[0].limit_m_s, t->pieces[0].rule_m_s, 0);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_strap_against_vehicles),
                                       TEST(test_curves),
                                       TEST(test_work_is_rise),
                                       TEST(test_behind_origin),
                                       TEST(test_point),
                                       TEST(test_mirror),
                                       TEST(test_limits),
                                       TEST(test_tunnels),
                                       TEST(test_density),
                                       TEST(test_distance_rule),
                                       TEST(test_rule_that_does_not_bind),
                                       TEST(test_zones),
                                       TEST(test_joined),
                                       TEST(test_uniform)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
