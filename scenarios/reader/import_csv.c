/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of a line: which table a file is, its columns tell; a profile may give grades in place of elevations. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>

#include "import_parts.h"

struct grade_point {
    double km, elevation, grade;
    int confidence;
    const char *source;
};

static const struct tn_field grade_fields[] = {
    TN_F_NUMBER(grade_point, km, TN_Q_LENGTH, NAN, -INFINITY, INFINITY, TN_REQUIRED, "distance from the line's origin"),
    TN_F_NUMBER(grade_point, elevation, TN_Q_LENGTH, NAN, -500, 9000, 0, "elevation, of the first point"),
    TN_F_NUMBER(grade_point, grade, TN_Q_GRADE, NAN, -1, 1, TN_REQUIRED, "grade from there on, climbing with km"),
    TN_F_CHOICE(grade_point, confidence, tn_confidence_name, TN_PUBLISHED, 0, "how well it is known"),
    TN_F_STRING(grade_point, source, 0, "where the values come from"),
    TN_F_END};
static const struct tn_schema grade_schema = {"grade", "a point of the profile, and the grade from there on",
                                              sizeof(struct grade_point), grade_fields};

struct columns {
    const char **names;
    size_t count;
};

static bool has(const struct columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->names[i], name) == 0)
            return true;
    return false;
}

/* How many columns are known, twice; 0 if one is missing that must be there. */
static int fit(const struct columns *columns, const struct tn_schema *row)
{
    int known = 0;
    for (const struct tn_field *field = row->fields; field->name != NULL; field++) {
        if (has(columns, field->name))
            known += 2;
        else if (field->flags & TN_REQUIRED)
            return 0;
    }
    return known;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The list of a line that the file is; its name settles what its columns leave open. */
static const struct tn_field *find_list(const struct columns *columns, const char *path)
{
    const struct tn_field *best = NULL;
    int most = 0;
    bool tie = false;
    for (const struct tn_field *field = tn_line_schema.fields; field->name != NULL; field++) {
        if (field->type != TN_LIST || strcmp(field->name, "notes") == 0)
            continue;
        int known = fit(columns, field->sub);
        known += known > 0 && strstr(base_name(path), field->name) != NULL;
        tie = known == most ? most > 0 : known < most && tie;
        if (known > most) {
            most = known;
            best = field;
        }
    }
    return tie ? NULL : best;
}

/* The one line that all tables are about, named after the first file. */
static struct tn_node *find_line(struct tn_import *import, const struct tn_node *like, const struct tn_field *list)
{
    struct tn_node *lines = tn_import_root_list(import, "lines", like);
    if (lines == NULL || lines->count > 0)
        return lines == NULL ? NULL : lines->items[0];
    const char *file = base_name(like->place.file);
    size_t length = strlen(file) - strlen(".csv"), word = strlen(list->name);
    if (length >= word && strncmp(file + length - word, list->name, word) == 0)
        length -= word;
    while (length > 0 && strchr("-_. ", file[length - 1]) != NULL)
        length--;
    const char *id = length == 0 ? "line" : tn_reader_printf(import->reader, "%.*s", (int)length, file);
    struct tn_node *line = tn_import_new(import, TN_NODE_MAPPING, like);
    if (id == NULL || line == NULL)
        return NULL;
    tn_import_put(import, line, "id", tn_import_scalar(import, like, "%s", tn_import_id(import, like, lines, id)));
    tn_import_append(import, lines, line);
    tn_import_assumed(import, like, "line", id,
                      "tables do not tell which way is up: towards decreasing km, unless the line file says otherwise");
    return line;
}

static void unknown(const struct tn_place *place, const char *name, void *payload)
{
    struct tn_import *import = payload;
    const struct tn_node node = {.place = *place};
    tn_import_lost(import, &node, "column", name, "a line has no value of that name");
}

/* Where all elevations are there they count, and the grades go. */
static bool drop_grades(struct tn_import *import, const struct tn_node *points)
{
    for (size_t i = 0; i < points->count; i++)
        if (tn_tree_get(points->items[i], "elevation") == NULL)
            return false;
    for (size_t i = 0; i < points->count; i++) {
        const struct tn_node *grade = tn_tree_take(points->items[i], "grade");
        if (grade != NULL)
            tn_import_lost(import, grade, "grade", "", "grades follow from the elevations");
    }
    return true;
}

/* Elevations from grades. */
static struct tn_node *climb(struct tn_import *import, const struct tn_node *points)
{
    struct tn_scenario_reader *reader = import->reader;
    struct tn_node *out = tn_import_new(import, TN_NODE_SEQUENCE, points);
    double elevation_m = 0, grade = 0, km_m = NAN;
    for (size_t i = 0; out != NULL && i < points->count; i++) {
        const struct tn_node *point = points->items[i], *given = tn_tree_get(point, "elevation");
        const struct tn_node *km = tn_tree_get(point, "km"), *rise = tn_tree_get(point, "grade");
        struct tn_node *row = tn_import_new(import, TN_NODE_MAPPING, point);
        double here_m = NAN;
        const bool last = i + 1 == points->count;
        if (km == NULL || (rise == NULL && !last)) {
            tn_import_error(import, point, NULL, "a point of the profile needs its km and the grade from there on");
            return NULL;
        }
        if (!tn_quantity_read(&here_m, NULL, reader, km, "km", TN_Q_LENGTH))
            return NULL;
        if (i == 0 && given != NULL)
            (void)tn_quantity_read(&elevation_m, NULL, reader, given, "elevation", TN_Q_LENGTH);
        else if (i == 0)
            tn_import_assumed(import, point, "elevation", "", "not known where the line begins: taken as 0 m");
        else if (given != NULL)
            tn_import_lost(import, given, "elevation", "", "elevations follow from the first one and the grades");
        elevation_m += i == 0 ? 0 : grade * (here_m - km_m);
        km_m = here_m;
        if (rise != NULL && tn_quantity_read(&grade, NULL, reader, rise, "grade", TN_Q_GRADE) && last && grade != 0)
            tn_import_lost(import, rise, "grade", "", "it begins where the profile ends");
        tn_import_put(import, row, "km", tn_tree_get(point, "km"));
        tn_import_put_number(import, row, "elevation", rise == NULL ? km : rise, elevation_m, "m");
        tn_import_put(import, row, "confidence", tn_tree_get(point, "confidence"));
        tn_import_put(import, row, "source", tn_tree_get(point, "source"));
        tn_import_append(import, out, row);
    }
    return out;
}

/* "stations (km, name), profile (km, elevation), ..." */
static const char *known_tables(struct tn_import *import)
{
    const char *text = "a line's tables and the columns that they need: profile (km, grade)";
    for (const struct tn_field *list = tn_line_schema.fields; list->name != NULL; list++) {
        if (list->type != TN_LIST || strcmp(list->name, "notes") == 0)
            continue;
        const char *names = "";
        for (const struct tn_field *field = list->sub->fields; field->name != NULL && names != NULL; field++)
            if (field->flags & TN_REQUIRED)
                names = tn_reader_printf(import->reader, "%s%s%s", names, *names == '\0' ? "" : ", ", field->name);
        text = tn_reader_printf(import->reader, "%s, %s (%s)", text, list->name, names == NULL ? "" : names);
        if (text == NULL)
            return NULL;
    }
    return text;
}

void tn_import_table(struct tn_import *import, struct tn_source *source)
{
    struct tn_scenario_reader *reader = import->reader;
    const struct tn_node like = {.kind = TN_NODE_SEQUENCE, .source = source, .place = tn_source_place(source, 1, 1, 1)};
    struct columns columns = {NULL, 0};
    columns.names = tn_csv_headings(&columns.count, reader, source);
    if (columns.names == NULL)
        return;
    const bool grades = fit(&columns, &grade_schema) > 0;
    const struct tn_field *list =
        grades ? tn_schema_find(&tn_line_schema, "profile") : find_list(&columns, source->path);
    if (list == NULL) {
        tn_import_error(import, &like, known_tables(import), "these columns are of no table of a line, or of several");
        return;
    }
    struct tn_node *rows = tn_csv_parse_known(reader, source, grades ? &grade_schema : list->sub, unknown, import);
    if (rows != NULL && grades && !drop_grades(import, rows))
        rows = climb(import, rows);
    struct tn_node *line = rows == NULL ? NULL : find_line(import, &like, list);
    if (line == NULL)
        return;
    const struct tn_node *there = tn_tree_get(line, list->name);
    if (there != NULL)
        tn_import_error(import, &like, NULL, "a table of %s is given by %s already", list->name, there->place.file);
    else
        tn_import_put(import, line, list->name, rows);
}
