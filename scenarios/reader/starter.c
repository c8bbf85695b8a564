/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <string.h>

/* What the starter says for a field; every other field is a comment. A schema of NULL: of any study. */
struct example {
    const char *schema, *field, *text;
};

static const struct example examples[] = {
    {"line", "id", "mine-harbour"},
    {"line", "speed", "80 km/h"},
    {"line", "stations",
     "[ # or the name of a CSV file with the columns km [km], name, ...\n"
     "      {km: 0 km, name: Harbour, tracks: 4},\n"
     "      {km: 9 km, name: Valley, tracks: 2},\n"
     "      {km: 18 km, name: Crossing, tracks: 2},\n"
     "      {km: 27 km, name: Hill, tracks: 2},\n"
     "      {km: 36 km, name: Mine, tracks: 3}]"},
    {"line", "profile",
     "[ # or a CSV file: km [km], elevation [m]; between points the grade is uniform\n"
     "      {km: 0 km, elevation: 5 m},\n"
     "      {km: 9 km, elevation: 50 m},\n"
     "      {km: 18 km, elevation: 120 m},\n"
     "      {km: 27 km, elevation: 210 m},\n"
     "      {km: 36 km, elevation: 180 m}]"},
    {"line", "loops", "[{from: 0 km, to: 36 km, length: 850 m}]"},
    {"train", "id", "loaded"},
    {"train", "locomotives", "[{type: HXD1-25t, count: 1}]"},
    {"train", "wagons", "[{type: C70, load: 4000 t}]"},
    {"train", "limit", "80 km/h"},
    {"descent", "grade", "-10 permil"},
    {"brake_cycle", "grade", "-10 permil"},
    {"brake_map", "grades", "[-6 permil, -10 permil]"},
    {"brake_map", "loads", "[2000 t, 4000 t]"},
    {"stop", "grade", "-10 permil"},
    {"stop", "from", "70 km/h"},
    {"replay", "from", "Mine"},
    {"replay", "to", "Harbour"},
    {"replay", "trace",
     "[ # or a CSV file: time [s], speed [km/h]\n"
     "      {time: 0 s, speed: 0 km/h},\n"
     "      {time: 60 s, speed: 20 km/h},\n"
     "      {time: 180 s, speed: 50 km/h},\n"
     "      {time: 300 s, speed: 60 km/h}]"},
    {"rating", "grade", "10 permil"},
    {"timetable", "from", "Mine"},
    {"timetable", "to", "Harbour"},
    {"simulation", "from", "Mine"},
    {"simulation", "to", "Harbour"},
    {"capacity", "train", "loaded"},
    {"capacity", "from", "Mine"},
    {"capacity", "to", "Harbour"},
    {NULL, "classes", "[{id: freight, train: loaded, pairs: 12}]"},
    {NULL, "train", "loaded"},
    {NULL, "grade", "10 permil"},
    {NULL, "from", "Mine"},
    {NULL, "to", "Harbour"},
};

static const char *example_of(const struct tn_schema *schema, const struct tn_field *field)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *e = &examples[i];
        const bool any = e->schema == NULL && field->flags & TN_REQUIRED;
        if ((any || (e->schema != NULL && strcmp(e->schema, schema->name) == 0)) && strcmp(e->field, field->name) == 0)
            return e->text;
    }
    return NULL;
}

/* What the starter says, then all else that could be said, as comments. */
static void add_fields(struct tn_string *out, const struct tn_schema *schema)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        const char *text = example_of(schema, field);
        if (text == NULL || field->flags & TN_ID)
            continue;
        if (strchr(text, '\n') != NULL)
            tn_string_add(out, "    # %s\n    %s: %s\n", field->doc, field->name, text);
        else
            tn_string_add(out, "    %s: %s # %s\n", field->name, text, field->doc);
    }
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        if (example_of(schema, field) != NULL || field->type == TN_VARIANT)
            continue;
        tn_string_add(out, "    # %s: %s (", field->name, field->doc);
        tn_schema_add_field(out, field);
        tn_string_add(out, ")\n");
    }
}

const char *tn_scenario_starter(const char *kind_name, struct tn_arena *arena)
{
    const struct tn_study_kind *const *kind = tn_study_kinds;
    while (*kind != NULL && strcmp((*kind)->name, kind_name) != 0)
        kind++;
    if (*kind == NULL)
        return NULL;
    struct tn_string out = {0};
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    tn_string_add(
        &out,
        "# yaml-language-server: $schema=scenario.schema.json\n"
        "# A scenario of tonnage. Lines that begin with # are comments: take the # away, and fill in.\n"
        "#   tonnage check FILE       finds mistakes          tonnage schema train     lists what can be said\n"
        "#   tonnage run FILE         solves the studies      tonnage schema units     lists the units\n"
        "#   tonnage schema --json > scenario.schema.json     lets an editor complete and check this file\n"
        "tonnage: 1\n"
        "title: my first %s # stands on the plots\n"
        "include: [stock/locomotives.yaml, stock/wagons.yaml] # shipped; yours can stand beside this file\n\n"
        "line: {id: mine-harbour}\nlines:\n  - id: mine-harbour\n",
        kind_name);
    add_fields(&out, &tn_line_schema);
    tn_string_add(&out, "\ntrains:\n  - id: loaded\n");
    add_fields(&out, &tn_train_schema);
    tn_string_add(&out, "\nstudies:\n  # %s\n  - id: %s-1\n    kind: %s\n", (*kind)->doc, kind_name, kind_name);
    add_fields(&out, (*kind)->input);
    tn_string_add(&out,
                  "\n# Bounds that results have to keep, or the command ends with 1:\n"
                  "# require:\n#   - {result: %s-1.NAME, min: 0}\n"
                  "# A study at every point of a grid, with `tonnage sweep FILE -o OUT.h5`:\n"
                  "# sweep: {study: %s-1, over: {trains.loaded.load: {from: 3000 t, to: 5000 t, step: 100 t}}}\n",
                  kind_name, kind_name);
    tn_c_locale_end(&c);
    return tn_string_finish(&out, arena);
}
