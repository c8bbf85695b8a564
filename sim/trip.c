/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study `run`: from names of stations to a train run and back to its result. */
#include <math.h>
#include <string.h>

#include "descend.h"
#include "warm.h"

const char *tn_run_mode_name(int index)
{
    static const char *const names[] = {"traction", "hold", "brake", "overspeed", "dwell", "air", "neutral"};
    return index >= 0 && index <= TN_RUN_NEUTRAL ? names[index] : NULL;
}

const char *tn_run_depth_name(int index)
{
    return index == TN_RUN_PNEUMATIC ? "pneumatic" : tn_depth_name(index);
}

static const struct tn_field stop_fields[] = {
    TN_F_STRING(tn_run_stop_spec, station, TN_REQUIRED, "where the train stops"),
    TN_F_NUMBER(tn_run_stop_spec, dwell, TN_Q_TIME, 0, 0, HUGE_VAL, 0, "how long it stands"),
    TN_F_END,
};
static const struct tn_schema stop_schema = {"stop", "a stop of a run", sizeof(struct tn_run_stop_spec), stop_fields};

static const struct tn_field spec_fields[] = {
    TN_F_REF(tn_run_spec, train, &tn_train_schema, TN_REQUIRED, "the train"),
    TN_F_STRING(tn_run_spec, from, TN_REQUIRED, "station where it begins"),
    TN_F_STRING(tn_run_spec, to, TN_REQUIRED, "station where it ends"),
    TN_F_LIST(tn_run_spec, stops, &stop_schema, 0, "stations where it stops on the way"),
    TN_F_CHOICE(tn_run_spec, depth, tn_run_depth_name, TN_STRAP, 0,
                "mass at the head (point), along the train (strap), and with its air brake simulated (pneumatic)"),
    TN_F_STRUCT(tn_run_spec, rules, &tn_cycle_rules_schema, "how the driver uses the air brake, pneumatic depth"),
    TN_F_NUMBER(tn_run_spec, tolerance, TN_Q_NONE, TN_RUN_TOLERANCE, 1e-14, 1e-2, 0,
                "largest local relative error of a step"),
    TN_F_NUMBER(tn_run_spec, entry_speed, TN_Q_SPEED, 0, 0, 200, 0,
                "speed when passing the first station; 0 = starts there"),
    TN_F_BOOL(tn_run_spec, stop_at_end, 1, "whether it stops at the last station or passes it"),
    TN_F_STRUCT(tn_run_spec, warm, &tn_warm_spec_schema, "how warm it is at the start"),
    TN_F_BOOL(tn_run_spec, temperatures, 1,
              "whether temperatures of motors, bearings and wheels are worked out; a sweep without them is many times "
              "faster"),
    TN_F_BOOL(tn_run_spec, trace, 1, "whether speed and forces along the way are kept; not in a sweep"),
    TN_F_END,
};
const struct tn_schema tn_run_spec_schema = {"run", "least-time run of a train over the line",
                                             sizeof(struct tn_run_spec), spec_fields};

static const struct tn_field section_fields[] = {
    TN_F_STRING(tn_run_section, from, 0, "first station of the section"),
    TN_F_STRING(tn_run_section, to, 0, "last station of the section"),
    TN_R_NUMBER(tn_run_section, distance_m, TN_Q_LENGTH, "length of the section"),
    TN_R_NUMBER(tn_run_section, running_time_s, TN_Q_TIME, "running time over the section"),
    TN_R_NUMBER(tn_run_section, start_addition_s, TN_Q_TIME, "time lost by starting at its first station"),
    TN_R_NUMBER(tn_run_section, stop_addition_s, TN_Q_TIME, "time lost by stopping at its last station"),
    TN_R_NUMBER(tn_run_section, speed_to_m_s, TN_Q_SPEED, "speed at its last station"),
    TN_F_END,
};
static const struct tn_schema section_schema = {"section", "a section of the run", sizeof(struct tn_run_section),
                                                section_fields};

static const struct tn_field trace_fields[] = {
    TN_R_NUMBER(tn_run_trace_point, distance_m, TN_Q_LENGTH, "distance from the start"),
    TN_R_NUMBER(tn_run_trace_point, km_m, TN_Q_LENGTH, "position on the line"),
    TN_R_NUMBER(tn_run_trace_point, time_s, TN_Q_TIME, "time from the start"),
    TN_R_NUMBER(tn_run_trace_point, speed_m_s, TN_Q_SPEED, "speed"),
    TN_R_NUMBER(tn_run_trace_point, limit_m_s, TN_Q_SPEED, "speed limit"),
    TN_R_NUMBER(tn_run_trace_point, elevation_m, TN_Q_LENGTH, "elevation of the track under the head"),
    TN_R_NUMBER(tn_run_trace_point, traction_N, TN_Q_FORCE, "tractive effort at the rim"),
    TN_R_NUMBER(tn_run_trace_point, dynamic_brake_N, TN_Q_FORCE, "dynamic brake effort at the rim"),
    TN_R_NUMBER(tn_run_trace_point, air_brake_N, TN_Q_FORCE, "air brake force"),
    TN_R_NUMBER(tn_run_trace_point, motor_temperature_K, TN_Q_TEMPERATURE, "temperature of the hottest motor winding"),
    TN_R_NUMBER(tn_run_trace_point, bearing_temperature_K, TN_Q_TEMPERATURE, "temperature of the hottest axle bearing"),
    TN_R_NUMBER(tn_run_trace_point, tread_temperature_K, TN_Q_TEMPERATURE, "temperature of the hottest wheel rim"),
    TN_F_END,
};
static const struct tn_schema trace_schema = {"trace", "the run point by point", sizeof(struct tn_run_trace_point),
                                              trace_fields};

static const struct tn_field phase_fields[] = {
    TN_F_STRING(tn_run_phase, mode, 0, "how the train is driven"),
    TN_R_NUMBER(tn_run_phase, from_m, TN_Q_LENGTH, "distance at its begin"),
    TN_R_NUMBER(tn_run_phase, to_m, TN_Q_LENGTH, "distance at its end"),
    TN_R_NUMBER(tn_run_phase, from_m_s, TN_Q_SPEED, "speed at its begin"),
    TN_R_NUMBER(tn_run_phase, to_m_s, TN_Q_SPEED, "speed at its end"),
    TN_R_NUMBER(tn_run_phase, time_s, TN_Q_TIME, "time it takes"),
    TN_F_END,
};
static const struct tn_schema phase_schema = {"phase", "a stretch driven in one way", sizeof(struct tn_run_phase),
                                              phase_fields};

static const struct tn_field station_fields[] = {
    TN_F_STRING(tn_run_station, name, 0, "name of the station"),
    TN_F_STRING(tn_run_station, kind, 0, "what it is"),
    TN_F_INTEGER(tn_run_station, tracks, 0, 0, INFINITY, 0, "tracks on which trains can stand"),
    TN_R_NUMBER(tn_run_station, distance_m, TN_Q_LENGTH, "distance from the start"),
    TN_R_NUMBER(tn_run_station, km_m, TN_Q_LENGTH, "position on the line"),
    TN_R_NUMBER(tn_run_station, elevation_m, TN_Q_LENGTH, "elevation"),
    TN_R_NUMBER(tn_run_station, time_s, TN_Q_TIME, "time from the start when the head is there"),
    TN_R_NUMBER(tn_run_station, speed_m_s, TN_Q_SPEED, "speed there"),
    TN_F_END,
};
static const struct tn_schema station_schema = {"passing", "stations on the way", sizeof(struct tn_run_station),
                                                station_fields};

static const struct tn_field result_fields[] = {
    TN_R_NUMBER(tn_run_result, distance_m, TN_Q_LENGTH, "distance run"),
    TN_R_NUMBER(tn_run_result, running_time_s, TN_Q_TIME, "running time, standing left out"),
    TN_R_NUMBER(tn_run_result, travel_time_s, TN_Q_TIME, "travel time, standing included"),
    TN_F_NUMBER(tn_run_result, error_estimate_s, TN_Q_TIME, NAN, 0, HUGE_VAL, TN_PRECISE,
                "bound of the numerical error of the running time"),
    TN_R_NUMBER(tn_run_result, technical_speed_m_s, TN_Q_SPEED, "technical speed (distance over running time)"),
    TN_R_NUMBER(tn_run_result, travel_speed_m_s, TN_Q_SPEED, "travel speed (distance over travel time)"),
    TN_R_NUMBER(tn_run_result, speed_max_m_s, TN_Q_SPEED, "highest speed"),
    TN_R_NUMBER(tn_run_result, overspeed_max_m_s, TN_Q_SPEED, "highest speed above a limit; 0 = none passed"),
    TN_F_INTEGER(tn_run_result, air_applications, -1, 0, 0, 0,
                 "applications of the air brake on descents, pneumatic depth"),
    TN_R_NUMBER(tn_run_result, energy_traction_J, TN_Q_ENERGY, "work of traction at the rim"),
    TN_R_NUMBER(tn_run_result, energy_line_J, TN_Q_ENERGY, "energy drawn at the pantograph, auxiliaries included"),
    TN_R_NUMBER(tn_run_result, energy_regenerated_J, TN_Q_ENERGY, "energy given back by the dynamic brake"),
    TN_R_NUMBER(tn_run_result, energy_specific_J_kg_m, TN_Q_SPECIFIC_ENERGY,
                "energy drawn per mass of the whole train and distance"),
    TN_R_NUMBER(tn_run_result, fuel_kg, TN_Q_MASS, "fuel burned"),
    TN_R_NUMBER(tn_run_result, energy_dynamic_brake_J, TN_Q_ENERGY, "work of the dynamic brake at the rim"),
    TN_R_NUMBER(tn_run_result, energy_air_brake_J, TN_Q_ENERGY, "work of the air brake"),
    TN_R_NUMBER(tn_run_result, energy_resistance_J, TN_Q_ENERGY, "work of running and tunnel resistance"),
    TN_R_NUMBER(tn_run_result, energy_track_J, TN_Q_ENERGY, "work against grade and curves"),
    TN_R_NUMBER(tn_run_result, energy_kinetic_J, TN_Q_ENERGY, "kinetic energy gained"),
    TN_F_NUMBER(tn_run_result, energy_residual_1, TN_Q_RATIO, NAN, 0, HUGE_VAL, TN_PRECISE,
                "what the energy balance leaves, over the work of traction (or of resistance, if more)"),
    TN_WARM_ROWS(tn_run_result),
    TN_F_INTEGER(tn_run_result, steps, -1, 0, 0, 0, "steps of the integration"),
    TN_F_LIST(tn_run_result, sections, &section_schema, 0, "sections between stations"),
    TN_F_LIST(tn_run_result, phases, &phase_schema, TN_HIDDEN, "stretches driven in one way"),
    TN_F_LIST(tn_run_result, stations, &station_schema, TN_HIDDEN, "stations on the way"),
    TN_F_LIST(tn_run_result, trace, &trace_schema, TN_HIDDEN, "the run point by point"),
    TN_F_END,
};
const struct tn_schema tn_run_result_schema = {"run_result", "a train run", sizeof(struct tn_run_result),
                                               result_fields};

/* The lists of a line on which a path and its tracks stand. */
#define LISTS 6

/* A way over the line that many trips take: path and cache, on copies of all that they need. */
struct route {
    struct route *next;
    struct tn_line_spec seen; /* the line as it was, bytes and pointers, with the rows of its lists */
    void *rows[LISTS];
    const char *from, *to;
    int phase;
    const struct tn_line_spec *line;
    struct tn_path path;
    struct tn_list stations; /* tn_run_station without times and speeds */
    struct tn_track_cache tracks;
};

/* What something rests on, byte for byte. */
struct grounds {
    char bytes[8192];
    size_t size; /* > sizeof bytes: too much to tell */
};

static void ground(struct grounds *grounds, const void *bytes, size_t size)
{
    if (size > 0 && size <= sizeof grounds->bytes && grounds->size <= sizeof grounds->bytes - size)
        memcpy(grounds->bytes + grounds->size, bytes, size);
    else if (size > 0)
        size = sizeof grounds->bytes + 1;
    grounds->size += size;
}

static bool same_grounds(const struct grounds *a, const struct grounds *b)
{
    return a->size <= sizeof a->bytes && a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void copy_grounds(struct grounds *out, const struct grounds *in)
{
    out->size = in->size;
    if (in->size <= sizeof in->bytes)
        memcpy(out->bytes, in->bytes, in->size);
}

/* Whether objects of the schema have more than their own bytes. */
static bool reaches_on(const struct tn_schema *schema)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->type == TN_STRUCT || field->type == TN_NUMBERS || field->type == TN_REF || field->type == TN_LIST)
            return true;
    return false;
}

/* What an object points to: rows of lists, objects of references. Texts are never changed in place, so that their
   addresses tell. */
static void ground_below(struct grounds *grounds, const struct tn_schema *schema, const void *object)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        const void *where = (const char *)object + field->offset;
        const struct tn_list *list = where;
        const struct tn_ref *ref = where;
        if (field->type == TN_STRUCT)
            ground_below(grounds, field->sub, where);
        if (field->type == TN_NUMBERS)
            ground(grounds, list->items, list->count * sizeof(double));
        if (field->type == TN_REF && ref->object != NULL) {
            ground(grounds, ref->object, field->sub->size);
            ground_below(grounds, field->sub, ref->object);
        }
        if (field->type != TN_LIST)
            continue;
        ground(grounds, list->items, list->count * field->sub->size);
        for (size_t i = 0; i < list->count && reaches_on(field->sub); i++)
            ground_below(grounds, field->sub, (const char *)list->items + i * field->sub->size);
    }
}

/* The train and the track of the study before, for one after it of the same train on the same way. */
struct kit {
    struct grounds grounds; /* size 0: nothing is kept */
    struct tn_train train;
    struct tn_track track;
    struct tn_arena arena;
};

/* All that a run is made from. */
struct trip {
    const struct tn_run_spec *spec;
    const struct tn_environment *environment;
    struct route *route; /* NULL: it finds its way alone */
    struct kit *kit;     /* NULL: nothing is kept */
    struct tn_train train;
    struct tn_path path;
    struct tn_track track;
    struct tn_run_request request;
    struct tn_run run;
    struct tn_warm warm;
    struct tn_arena *arena;   /* of the result */
    struct tn_arena *scratch; /* of all else */
    struct tn_context *ctx;
};

static tn_status stop_position(struct trip *trip, const struct tn_run_stop_spec *stop, double *s_m)
{
    const struct tn_path *path = &trip->path;
    for (size_t i = 0; i < path->station_count; i++) {
        if (strcmp(path->stations[i]->name, stop->station) != 0)
            continue;
        *s_m = path->station_s_m[i];
        if (i > 0 && i + 1 < path->station_count)
            return TN_OK;
        return tn_error(trip->ctx, &stop->station, "the ends of the run need no stop", "'%s' is an end of the run",
                        stop->station);
    }
    return tn_error(trip->ctx, &stop->station, "a stop must be a station between the ends, in service in the phase",
                    "the run from '%s' to '%s' does not pass '%s'", trip->spec->from, trip->spec->to, stop->station);
}

static tn_status add_stops(struct trip *trip)
{
    const struct tn_run_stop_spec *rows = trip->spec->stops.items;
    size_t count = trip->spec->stops.count;
    struct tn_run_stop *stops = tn_arena_alloc(trip->scratch, count + 1, sizeof *stops);
    if (stops == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        tn_status status = stop_position(trip, &rows[i], &stops[i].s_m);
        if (status != TN_OK)
            return status;
        if (i > 0 && stops[i].s_m <= stops[i - 1].s_m)
            return tn_error(trip->ctx, &rows[i].station, "list the stops in the order of travel",
                            "'%s' does not come after '%s'", rows[i].station, rows[i - 1].station);
        stops[i].dwell_s = rows[i].dwell;
    }
    trip->request.stops = stops;
    trip->request.stop_count = count;
    return TN_OK;
}

static tn_status build(struct trip *trip, struct tn_arena *arena)
{
    const struct tn_environment *e = trip->environment;
    const struct tn_run_spec *spec = trip->spec;
    const enum tn_depth depth = spec->depth == TN_POINT ? TN_POINT : TN_STRAP;
    tn_status status = tn_train_init(&trip->train, spec->train.object, &e->weather, e->gravity_m_s2, arena, trip->ctx);
    if (status != TN_OK)
        return status;
    if (trip->route != NULL) {
        trip->path = trip->route->path;
        return tn_track_init_cached(&trip->track, &trip->route->tracks, &trip->path, &trip->train, &e->weather, depth,
                                    arena, trip->ctx);
    }
    status =
        tn_path_init(&trip->path, e->line, e->phase, spec->from, spec->to, &spec->from, &spec->to, arena, trip->ctx);
    return status == TN_OK
               ? tn_track_init(&trip->track, &trip->path, &trip->train, &e->weather, depth, arena, trip->ctx)
               : status;
}

/* All that train and track rest on but for the air of a train without diesels. */
static void find_kit(struct grounds *grounds, const struct trip *trip)
{
    const struct tn_environment *e = trip->environment;
    const struct tn_train_spec *train = trip->spec->train.object;
    bool diesel = false;
    const struct tn_train_locomotives *locomotives = train->locomotives.items;
    for (size_t i = 0; i < train->locomotives.count; i++)
        diesel = diesel || ((const struct tn_locomotive *)locomotives[i].type.object)->energy == TN_DIESEL;
    grounds->size = 0;
    ground(grounds, &trip->route, sizeof trip->route);
    ground(grounds, &trip->spec->depth, sizeof trip->spec->depth);
    ground(grounds, &e->gravity_m_s2, sizeof e->gravity_m_s2);
    ground(grounds, &e->weather.wind, sizeof e->weather.wind);
    ground(grounds, &e->weather.rail, sizeof e->weather.rail);
    if (diesel)
        ground(grounds, &e->weather, sizeof e->weather);
    ground(grounds, train, sizeof *train);
    ground_below(grounds, &tn_train_schema, train);
}

/* build(), or what the study before has built, in the air of this one. */
static tn_status build_again(struct trip *trip)
{
    struct kit *kit = trip->kit;
    struct grounds grounds;
    find_kit(&grounds, trip);
    if (!same_grounds(&grounds, &kit->grounds)) {
        kit->grounds.size = 0;
        tn_arena_clear(&kit->arena);
        tn_status status = build(trip, &kit->arena);
        kit->train = trip->train;
        kit->track = trip->track;
        if (status == TN_OK)
            copy_grounds(&kit->grounds, &grounds);
        return status;
    }
    trip->path = trip->route->path;
    trip->train = kit->train;
    trip->train.spec = trip->spec->train.object;
    trip->track = kit->track;
    trip->track.train = &trip->train;
    trip->track.path = &trip->path;
    tn_track_set_air(&trip->track, &trip->environment->weather);
    return TN_OK;
}

static tn_status set_up(struct trip *trip)
{
    const struct tn_environment *e = trip->environment;
    const struct tn_run_spec *spec = trip->spec;
    if (e->line == NULL)
        return tn_error(trip->ctx, &spec->from, "add `line: {id: ...}` to the scenario", "a run needs a line");
    tn_status status = trip->kit != NULL ? build_again(trip) : build(trip, trip->scratch);
    if (status != TN_OK)
        return status;
    trip->request = (struct tn_run_request){.track = &trip->track,
                                            .to_m = trip->path.length_m,
                                            .entry_m_s = spec->entry_speed,
                                            .stop_at_end = spec->stop_at_end,
                                            .marks = trip->path.station_s_m,
                                            .mark_count = trip->path.station_count,
                                            .tolerance = spec->tolerance,
                                            .trace = spec->trace,
                                            .follow = spec->temperatures ? tn_warm_follow : NULL,
                                            .follower = &trip->warm};
    double most_Pa;
    if (spec->depth == TN_RUN_PNEUMATIC)
        status = tn_cycle_rules_check(&most_Pa, &spec->rules, &trip->train.spec->brake, trip->ctx);
    if (status == TN_OK && spec->depth == TN_RUN_PNEUMATIC)
        status = tn_descend_create(&trip->request.descend, &trip->train, &spec->rules, trip->scratch, trip->ctx);
    if (status != TN_OK)
        return status;
    if (spec->temperatures)
        status =
            tn_warm_init(&trip->warm, &trip->train, &spec->warm, e->weather.temperature, spec->trace, trip->scratch);
    else
        tn_warm_unknown(&trip->warm);
    return status == TN_OK ? add_stops(trip) : status;
}

static bool stops_at(const struct trip *trip, size_t station)
{
    for (size_t i = 0; i < trip->request.stop_count; i++)
        if (trip->request.stops[i].s_m == trip->path.station_s_m[station])
            return true;
    if (station == 0)
        return trip->spec->entry_speed <= 0;
    return station + 1 == trip->path.station_count && trip->spec->stop_at_end;
}

/* Section times; passing_s: of the same train passing every station at speed, for the additions. */
static tn_status fill_sections(const struct trip *trip, const double *passing_s, const struct tn_run_station *stations,
                               struct tn_list *out)
{
    const struct tn_path *path = &trip->path;
    const struct tn_run *run = &trip->run;
    out->count = 0;
    struct tn_run_section *sections = tn_arena_alloc(trip->arena, path->station_count, sizeof *sections);
    if (sections == NULL)
        return TN_ERR_MEMORY;
    for (size_t i = 0; i + 1 < path->station_count; i++) {
        struct tn_run_section *section = &sections[i];
        section->from = stations[i].name;
        section->to = stations[i + 1].name;
        section->distance_m = path->station_s_m[i + 1] - path->station_s_m[i];
        section->running_time_s = run->mark_running_s[i + 1] - run->mark_running_s[i];
        section->speed_to_m_s = run->mark_speed_m_s[i + 1];
        double addition = section->running_time_s - passing_s[i];
        bool starts = stops_at(trip, i), stops = stops_at(trip, i + 1);
        section->start_addition_s = starts ? (stops ? (double)NAN : addition) : 0;
        section->stop_addition_s = stops ? (starts ? (double)NAN : addition) : 0;
    }
    out->items = sections;
    out->count = path->station_count - 1;
    return TN_OK;
}

static double km_at(const struct tn_path *path, double s_m)
{
    return path->origin_km_m + path->sign * s_m;
}

/* The stations of a path; texts are copied, or taken from those that are kept. */
static tn_status make_stations(struct tn_list *out, const struct tn_path *path, const struct tn_list *kept,
                               struct tn_arena *arena)
{
    struct tn_run_station *rows = tn_arena_alloc(arena, path->station_count, sizeof *rows);
    if (rows == NULL)
        return TN_ERR_MEMORY;
    if (kept != NULL)
        memcpy(rows, kept->items, path->station_count * sizeof *rows);
    for (size_t i = 0; i < path->station_count && kept == NULL; i++)
        rows[i] = (struct tn_run_station){.name = tn_text_copy(arena, path->stations[i]->name),
                                          .kind = tn_text_copy(arena, path->stations[i]->kind),
                                          .tracks = path->stations[i]->tracks,
                                          .distance_m = path->station_s_m[i],
                                          .km_m = path->stations[i]->km,
                                          .elevation_m = tn_line_elevation(path->line, path->stations[i]->km)};
    *out = (struct tn_list){rows, path->station_count};
    return TN_OK;
}

static tn_status fill_stations(const struct trip *trip, struct tn_list *out)
{
    tn_status status =
        make_stations(out, &trip->path, trip->route != NULL ? &trip->route->stations : NULL, trip->arena);
    struct tn_run_station *rows = out->items;
    for (size_t i = 0; status == TN_OK && i < trip->path.station_count; i++) {
        rows[i].time_s = trip->run.mark_time_s[i];
        rows[i].speed_m_s = trip->run.mark_speed_m_s[i];
    }
    return status;
}

static tn_status fill_trace(const struct trip *trip, struct tn_run_result *result)
{
    const struct tn_run *run = &trip->run;
    struct tn_run_trace_point *rows = tn_arena_alloc(trip->arena, run->point_count + 1, sizeof *rows);
    struct tn_run_phase *phases = tn_arena_alloc(trip->arena, run->point_count + 1, sizeof *phases);
    if (rows == NULL || phases == NULL)
        return TN_ERR_MEMORY;
    size_t count = 0, hint = 0;
    for (size_t i = 0; i < run->point_count; i++) {
        const struct tn_run_point *p = &run->points[i];
        double km = km_at(&trip->path, p->s_m);
        struct tn_warm_sample warm = tn_warm_at(&trip->warm, p->time_s, &hint);
        rows[i] = (struct tn_run_trace_point){.distance_m = p->s_m,
                                              .km_m = km,
                                              .time_s = p->time_s,
                                              .speed_m_s = p->speed_m_s,
                                              .limit_m_s = p->limit_m_s,
                                              .elevation_m = tn_line_elevation(trip->path.line, km),
                                              .traction_N = p->traction_N,
                                              .dynamic_brake_N = p->dynamic_brake_N,
                                              .air_brake_N = p->air_brake_N,
                                              .motor_temperature_K = warm.motor_K,
                                              .bearing_temperature_K = warm.bearing_K,
                                              .tread_temperature_K = warm.tread_K};
        const struct tn_run_point *before = i > 0 ? p - 1 : p;
        bool dwells = p->mode == TN_RUN_DWELL;
        if (count == 0 || strcmp(phases[count - 1].mode, tn_run_mode_name(p->mode)) != 0 || dwells)
            phases[count++] = (struct tn_run_phase){.mode = tn_run_mode_name(p->mode),
                                                    .from_m = before->s_m,
                                                    .from_m_s = before->speed_m_s,
                                                    .time_s = before->time_s};
        phases[count - 1].to_m = p->s_m;
        phases[count - 1].to_m_s = p->speed_m_s;
    }
    for (size_t i = 0; i < count; i++)
        phases[i].time_s =
            (i + 1 < count ? phases[i + 1].time_s : run->points[run->point_count - 1].time_s) - phases[i].time_s;
    result->trace = (struct tn_list){rows, run->point_count};
    result->phases = (struct tn_list){phases, count};
    return TN_OK;
}

static void fill_numbers(const struct trip *trip, struct tn_run_result *result)
{
    const struct tn_run *run = &trip->run;
    result->distance_m = run->end_s_m;
    result->running_time_s = run->running_time_s;
    result->travel_time_s = run->running_time_s + run->dwell_time_s;
    result->error_estimate_s = run->error_estimate_s;
    result->technical_speed_m_s = result->distance_m / result->running_time_s;
    result->travel_speed_m_s = result->distance_m / result->travel_time_s;
    result->energy_traction_J = run->work_traction_J;
    result->energy_regenerated_J = run->energy_regenerated_J;
    result->energy_line_J = run->energy_line_J;
    result->fuel_kg = run->fuel_kg;
    result->energy_dynamic_brake_J = run->work_dynamic_brake_J;
    result->energy_air_brake_J = run->work_air_brake_J;
    result->energy_resistance_J = run->work_resistance_J;
    result->energy_track_J = run->work_track_J;
    result->energy_kinetic_J = run->kinetic_J;
    /* A train that only coasts does no work of traction: then what it loses to resistance is the measure. */
    result->energy_residual_1 = fabs(run->residual_J) / fmax(run->work_traction_J, fmax(run->work_resistance_J, 1));
    result->energy_specific_J_kg_m = run->energy_line_J / (trip->train.mass_kg * result->distance_m);
    result->overspeed_max_m_s = run->overspeed_max_m_s;
    result->speed_max_m_s = run->speed_max_m_s;
    result->steps = (int)run->steps;
    result->air_applications = run->applications;
}

static void fill_temperatures(const struct tn_warm *warm, struct tn_run_result *result)
{
    result->motor_temperature_max_K = warm->motor.max_K;
    result->motor_temperature_limit_K = warm->motor.limit_K;
    result->motor_margin_K = warm->motor.margin_K;
    result->motor_hottest_m = warm->motor.at_m;
    result->above_continuous_s = warm->above_continuous_s;
    result->bearing_temperature_max_K = warm->bearing.max_K;
    result->bearing_temperature_limit_K = warm->bearing.limit_K;
    result->bearing_margin_K = warm->bearing.margin_K;
    result->bearing_hottest_m = warm->bearing.at_m;
    result->bearing_alarm = warm->bearing_alarm;
    result->tread_temperature_max_K = warm->tread.max_K;
    result->tread_temperature_limit_K = warm->tread.limit_K;
    result->tread_margin_K = warm->tread.margin_K;
    result->tread_hottest_m = warm->tread.at_m;
}

/* The station last passed at s, for verdicts. */
static const char *station_before(const struct tn_path *path, double s_m)
{
    size_t last = 0;
    for (size_t i = 1; i < path->station_count && path->station_s_m[i] <= s_m; i++)
        last = i;
    return path->stations[last]->name;
}

/* Whether the train stood where it is before it stalled. */
static bool stood(const struct trip *trip)
{
    const double s_m = trip->run.stall_s_m;
    bool stop = s_m == trip->request.from_m && trip->request.entry_m_s <= 0;
    for (size_t i = 0; i < trip->request.stop_count; i++)
        stop = stop || trip->request.stops[i].s_m == s_m;
    return stop;
}

static const char *stalled_neutral(const struct trip *trip, const char *neutral)
{
    return tn_arena_printf(trip->arena, "the train %s at km %.2f%s: %.0f kN needed, %.0f kN available",
                           stood(trip) ? "cannot start" : "stalls", km_at(&trip->path, trip->run.stall_s_m) / 1000,
                           neutral, trip->run.stall_need_N / 1000, trip->run.stall_force_N / 1000);
}

static tn_status fill_verdict(const struct trip *trip, struct tn_result_head *head)
{
    const struct tn_run *run = &trip->run;
    const struct tn_path *path = &trip->path;
    head->failed = !run->finished || !run->held || !isnan(run->unready_s_m);
    const char *neutral = run->finished ? "" : tn_track_neutral_text(&trip->track, run->stall_s_m, trip->arena);
    if (neutral == NULL)
        return TN_ERR_MEMORY;
    if (neutral[0])
        head->verdict = stalled_neutral(trip, neutral);
    else if (!run->finished && run->stall_force_N > 0)
        head->verdict =
            tn_arena_printf(trip->arena, "the train stalls at km %.2f beyond %s: %.0f kN needed, %.0f kN available",
                            km_at(path, run->stall_s_m) / 1000, station_before(path, run->stall_s_m),
                            run->stall_need_N / 1000, run->stall_force_N / 1000);
    else if (!run->finished)
        head->verdict = tn_arena_printf(trip->arena, "the train stalls at km %.2f beyond %s",
                                        km_at(path, run->stall_s_m) / 1000, station_before(path, run->stall_s_m));
    else if (!run->held)
        head->verdict = tn_arena_printf(trip->arena, "the brakes do not hold the train: %.1f km/h at km %.2f beyond %s",
                                        3.6 * run->overspeed_max_m_s, km_at(path, run->overspeed_s_m) / 1000,
                                        station_before(path, run->overspeed_s_m));
    else if (!isnan(run->unready_s_m))
        head->verdict = tn_arena_printf(
            trip->arena, "the air brake is needed again at km %.2f beyond %s before its reservoirs are recharged",
            km_at(path, run->unready_s_m) / 1000, station_before(path, run->unready_s_m));
    else
        head->verdict = tn_arena_printf(trip->arena, "%s to %s, %.1f km in %d h %02d min at %.1f km/h, within %.1g s",
                                        trip->spec->from, trip->spec->to, run->end_s_m / 1000,
                                        (int)(run->running_time_s / 3600), (int)fmod(run->running_time_s / 60, 60),
                                        3.6 * run->end_s_m / run->running_time_s, run->error_estimate_s);
    return head->verdict == NULL ? TN_ERR_MEMORY : TN_OK;
}

static tn_status fill_names(const struct trip *trip, struct tn_result_head *head)
{
    const struct tn_train_spec *train = trip->spec->train.object;
    head->train = tn_text_copy(trip->arena, train->id);
    head->line = tn_text_copy(trip->arena, trip->path.line->id);
    head->direction = tn_direction_name(trip->path.up ? TN_UP : TN_DOWN);
    head->depth = tn_run_depth_name(trip->spec->depth);
    return head->line == NULL ? TN_ERR_MEMORY : TN_OK;
}

static tn_status fill_head(const struct trip *trip, struct tn_result_head *head)
{
    const struct tn_train_spec *train = trip->spec->train.object;
    tn_status status = fill_names(trip, head);
    if (status == TN_OK)
        status = tn_assume_notes(head, trip->arena, train, trip->path.line);
    if (status == TN_OK)
        status = tn_assume_profile(head, trip->arena, &trip->path);
    if (status == TN_OK && trip->train.service_brake.count == 0)
        status = tn_assume(head, trip->arena, TN_ASSUMED,
                           "the brake force of the train is not stated: braking is never limited by it");
    if (status == TN_OK)
        status =
            tn_assume(head, trip->arena, TN_ASSUMED, "least-time driving; braking to stops and limits at %.2f m/s2%s",
                      train->brake.deceleration, train->brake.resistance_adds ? " beside resistance and grade" : "");
    if (status == TN_OK && trip->warm.wheel_count > 0)
        status = tn_warm_assume(head, trip->arena);
    return status;
}

static bool needs_passing(const struct trip *trip, size_t section)
{
    return stops_at(trip, section) != stops_at(trip, section + 1);
}

/* Whether the train passes the station at the limit: then a train that never stopped does the same from there on. The
   air of the simulated brake remembers more than the speed. */
static bool at_limit(const struct trip *trip, size_t station)
{
    const double speed = trip->run.mark_speed_m_s[station];
    return trip->request.descend == NULL &&
           fabs(speed - tn_track_limit(&trip->track, trip->path.station_s_m[station])) <= 1e-14 * speed;
}

/* The stations from which and to which a train is to run that does not stop, for the first section from `first` on that
   needs its time. False: there is none. */
static bool next_passage(const struct trip *trip, size_t first, size_t *from, size_t *to)
{
    const size_t last = trip->path.station_count - 1;
    bool found = false;
    for (size_t section = first; section < last; section++) {
        if (!needs_passing(trip, section))
            continue;
        size_t begin = section;
        while (begin > first && !at_limit(trip, begin))
            begin--;
        if (found && begin >= *to)
            break;
        if (!found)
            *from = begin;
        *to = section + 1;
        found = true;
    }
    return found;
}

/* Running times over sections of the same train without its stops, as fast as the limits allow, for sections on which
   it starts or stops. They are found from the last station before that it passes at the limit. */
static tn_status pass_stops(struct trip *trip, double *passing_s)
{
    tn_status status = TN_OK;
    for (size_t from = 0, to = 0; status == TN_OK && next_passage(trip, to, &from, &to);) {
        struct tn_run_request request = trip->request;
        struct tn_run run;
        request.from_m = trip->path.station_s_m[from];
        request.to_m = trip->path.station_s_m[to];
        request.entry_m_s = 1000;
        request.stop_at_end = request.trace = false;
        request.stop_count = 0;
        request.follow = NULL;
        request.marks = &trip->path.station_s_m[from];
        request.mark_count = to - from + 1;
        if (request.descend != NULL) /* its own air */
            status = tn_descend_create(&request.descend, &trip->train, &trip->spec->rules, trip->scratch, trip->ctx);
        if (status == TN_OK)
            status = tn_run_solve(&run, &request, trip->scratch, trip->ctx);
        for (size_t i = from; status == TN_OK && i < to; i++)
            passing_s[i] = run.mark_running_s[i + 1 - from] - run.mark_running_s[i - from];
    }
    return status;
}

static tn_status fill(const struct trip *trip, const double *passing_s, struct tn_run_result *result)
{
    fill_numbers(trip, result);
    fill_temperatures(&trip->warm, result);
    tn_status status = fill_stations(trip, &result->stations);
    if (status == TN_OK)
        status = fill_sections(trip, passing_s, result->stations.items, &result->sections);
    if (status == TN_OK && trip->spec->trace)
        status = fill_trace(trip, result);
    return status == TN_OK ? fill_verdict(trip, &result->head) : status;
}

/* All but the head of the result, which only its caller can take from a study before. */
static tn_status go(struct trip *trip, struct tn_run_result *result)
{
    double *passing_s = tn_arena_alloc(trip->scratch, trip->path.station_count, sizeof *passing_s);
    if (passing_s == NULL)
        return TN_ERR_MEMORY;
    tn_status status = tn_run_solve(&trip->run, &trip->request, trip->scratch, trip->ctx);
    if (status == TN_OK)
        status = trip->warm.status;
    if (status == TN_OK)
        status = pass_stops(trip, passing_s);
    return status == TN_OK ? fill(trip, passing_s, result) : status;
}

static tn_status solve(void *out, const void *in, const struct tn_environment *environment, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    struct tn_run_result *result = out;
    struct trip trip = {.spec = in, .environment = environment, .arena = arena, .scratch = arena, .ctx = ctx};
    tn_status status = set_up(&trip);
    if (status == TN_OK)
        status = fill_head(&trip, &result->head);
    return status == TN_OK ? go(&trip, result) : status;
}

static tn_status check_study(const void *spec, const struct tn_environment *environment, struct tn_arena *arena,
                             struct tn_context *ctx)
{
    struct trip trip = {.spec = spec, .environment = environment, .arena = arena, .scratch = arena, .ctx = ctx};
    return set_up(&trip);
}

/* One of them, and the size of its rows. */
static const struct tn_list *list_of(const struct tn_line_spec *line, int i, size_t *row_size)
{
    static const size_t sizes[LISTS] = {sizeof(struct tn_station), sizeof(struct tn_profile_point),
                                        sizeof(struct tn_limit),   sizeof(struct tn_curved),
                                        sizeof(struct tn_tunnel),  sizeof(struct tn_neutral_section)};
    const struct tn_list *const lists[LISTS] = {&line->stations, &line->profile, &line->limits,
                                                &line->curves,   &line->tunnels, &line->neutral_sections};
    *row_size = sizes[i];
    return lists[i];
}

static bool same_bytes(const void *a, const void *b, size_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

/* Whether the line is, byte for byte, the one of the route. Texts are never changed in place, so that their addresses
   tell. */
static bool same_route(const struct route *route, const struct tn_run_spec *spec, const struct tn_environment *e)
{
    if (route->phase != e->phase || strcmp(route->from, spec->from) != 0 || strcmp(route->to, spec->to) != 0 ||
        !same_bytes(&route->seen, e->line, sizeof route->seen))
        return false;
    for (int i = 0; i < LISTS; i++) {
        size_t size;
        const struct tn_list *list = list_of(e->line, i, &size);
        if (!same_bytes(route->rows[i], list->items, list->count * size))
            return false;
    }
    return true;
}

static tn_status new_route(struct route **out, const struct tn_run_spec *spec, const struct tn_environment *e,
                           struct tn_arena *arena, struct tn_context *ctx)
{
    struct route *route = *out = tn_arena_alloc(arena, 1, sizeof *route);
    if (route == NULL)
        return TN_ERR_MEMORY;
    *route = (struct route){.phase = e->phase,
                            .from = tn_text_copy(arena, spec->from),
                            .to = tn_text_copy(arena, spec->to),
                            .line = tn_schema_copy(&tn_line_schema, e->line, arena)};
    memcpy(&route->seen, e->line, sizeof route->seen);
    if (route->from == NULL || route->to == NULL || route->line == NULL)
        return TN_ERR_MEMORY;
    for (int i = 0; i < LISTS; i++) {
        size_t size;
        const struct tn_list *list = list_of(e->line, i, &size);
        route->rows[i] = tn_arena_alloc(arena, list->count + 1, size);
        if (route->rows[i] == NULL)
            return TN_ERR_MEMORY;
        if (list->count > 0)
            memcpy(route->rows[i], list->items, list->count * size);
    }
    route->tracks.arena = arena;
    tn_status status =
        tn_path_init(&route->path, route->line, e->phase, route->from, route->to, &spec->from, &spec->to, arena, ctx);
    return status == TN_OK ? make_stations(&route->stations, &route->path, NULL, arena) : status;
}

#define ROUTES_MOST 16  /* as many as are worth keeping */
#define SHAPES_MOST 128 /* of tracks, in all of them */

/* What solve_many keeps. */
struct routes {
    struct route *first;
    size_t count;
};

static tn_status find_route(struct route **out, struct tn_study_memory *memory, const struct tn_run_spec *spec,
                            const struct tn_environment *e, struct tn_context *ctx)
{
    struct routes *routes = memory->data;
    for (struct route *route = routes->first; route != NULL; route = route->next)
        if (same_route(route, spec, e)) {
            *out = route;
            return TN_OK;
        }
    tn_status status = new_route(out, spec, e, &memory->arena, ctx);
    if (status != TN_OK)
        return status;
    (*out)->next = routes->first;
    routes->first = *out;
    routes->count++;
    return TN_OK;
}

static tn_status begin_memory(struct tn_study_memory *memory)
{
    if (memory->data == NULL)
        memory->data = tn_arena_alloc(&memory->arena, 1, sizeof(struct routes));
    return memory->data == NULL ? TN_ERR_MEMORY : TN_OK;
}

static bool is_full(const struct tn_study_memory *memory)
{
    const struct routes *routes = memory->data;
    size_t shapes = 0;
    for (const struct route *route = routes->first; route != NULL; route = route->next)
        shapes += route->tracks.count;
    return routes->count > ROUTES_MOST || shapes > SHAPES_MOST;
}

static void ground_notes(struct grounds *grounds, const struct tn_list *notes)
{
    ground(grounds, notes, sizeof *notes);
    ground(grounds, notes->items, notes->count * sizeof(struct tn_note));
}

static void find_grounds(struct grounds *grounds, const struct trip *trip)
{
    const struct tn_train_spec *train = trip->spec->train.object;
    const struct tn_train_locomotives *locomotives = train->locomotives.items;
    const struct tn_train_wagons *wagons = train->wagons.items;
    const bool unbraked = trip->train.service_brake.count == 0, warm = trip->warm.wheel_count > 0;
    grounds->size = 0;
    for (size_t i = 0; i < train->locomotives.count; i++)
        ground_notes(grounds, &((const struct tn_locomotive *)locomotives[i].type.object)->notes);
    for (size_t i = 0; i < train->wagons.count; i++)
        ground_notes(grounds, &((const struct tn_wagon *)wagons[i].type.object)->notes);
    ground_notes(grounds, &train->notes);
    ground(grounds, &trip->route, sizeof trip->route);
    ground(grounds, &train->brake.deceleration, sizeof train->brake.deceleration);
    ground(grounds, &train->brake.resistance_adds, sizeof train->brake.resistance_adds);
    ground(grounds, &unbraked, sizeof unbraked);
    ground(grounds, &warm, sizeof warm);
}

/* What the studies of one call leave to those after them. */
struct leavings {
    struct kit kit;
    struct grounds grounds; /* of the assumptions; size 0: there are none */
    struct tn_list assumptions;
};

/* fill_head, with the assumptions of the study before where they rest on the same. */
static tn_status fill_head_again(const struct trip *trip, struct tn_result_head *head, struct leavings *before)
{
    struct grounds now;
    find_grounds(&now, trip);
    if (same_grounds(&now, &before->grounds)) {
        head->assumptions = before->assumptions;
        return fill_names(trip, head);
    }
    tn_status status = fill_head(trip, head);
    before->grounds.size = 0;
    if (status == TN_OK)
        copy_grounds(&before->grounds, &now);
    before->assumptions = head->assumptions;
    return status;
}

static tn_status solve_one(struct tn_run_result *result, const struct tn_study_many *many, size_t i,
                           struct leavings *before, struct tn_arena *arena, struct tn_context *ctx)
{
    const void *in;
    struct tn_environment e;
    struct tn_arena scratch = {0};
    tn_status status = many->inputs(&in, &e, i, many->payload, ctx);
    if (status != TN_OK)
        return status;
    struct tn_run_spec spec = *(const struct tn_run_spec *)in;
    struct trip trip = {.spec = &spec, .environment = &e, .arena = arena, .scratch = &scratch, .ctx = ctx};
    spec.trace = false;
    trip.kit = e.line != NULL ? &before->kit : NULL;
    if (e.line != NULL)
        status = find_route(&trip.route, many->memory, &spec, &e, ctx);
    if (status == TN_OK)
        status = set_up(&trip);
    if (status == TN_OK)
        status = fill_head_again(&trip, &result->head, before);
    if (status == TN_OK)
        status = go(&trip, result);
    tn_arena_clear(&scratch);
    return status;
}

static tn_status solve_many(struct tn_study_outcome *outcomes, const struct tn_study_many *many, struct tn_arena *arena)
{
    struct leavings before;
    before.grounds.size = before.kit.grounds.size = 0;
    before.kit.arena = (struct tn_arena){0};
    tn_status status = begin_memory(many->memory);
    for (size_t i = 0; i < many->count && status == TN_OK; i++) {
        struct tn_context ctx;
        memset(&ctx, 0, sizeof ctx);
        outcomes[i].status = solve_one(outcomes[i].result, many, i, &before, arena, &ctx);
        outcomes[i].reason = outcomes[i].status == TN_OK ? NULL : tn_study_reason(&ctx, outcomes[i].status, arena);
        tn_context_clear(&ctx);
    }
    tn_arena_clear(&before.kit.arena);
    many->memory->full = status == TN_OK && is_full(many->memory);
    return status;
}

const struct tn_study_kind tn_study_run = {
    "run",
    "least-time run of a train over the line: running times and energy",
    &tn_run_spec_schema,
    &tn_run_result_schema,
    solve,
    check_study,
    solve_many,
};
