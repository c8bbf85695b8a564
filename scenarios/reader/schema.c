/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <string.h>

#define SCHEMAS 96

/* Every schema that a scenario can reach, once. */
struct book {
    const struct tn_schema *schemas[SCHEMAS];
    size_t count;
};

static void collect(struct book *book, const struct tn_schema *schema)
{
    for (size_t i = 0; i < book->count; i++)
        if (book->schemas[i] == schema)
            return;
    if (book->count == SCHEMAS)
        return;
    book->schemas[book->count++] = schema;
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        if (field->type == TN_STRUCT || field->type == TN_LIST)
            collect(book, field->sub);
        for (int kind = 0; field->type == TN_VARIANT && field->variant(kind) != NULL; kind++)
            collect(book, field->variant(kind));
    }
}

static struct book all(void)
{
    struct book book = {.count = 0};
    collect(&book, &tn_scenario_schema);
    collect(&book, &tn_scenario_sweep_schema);
    return book;
}

static bool is_quantity(const struct tn_field *field)
{
    return field->quantity != TN_Q_NONE && field->quantity != TN_Q_COUNT;
}

static const struct tn_unit *display(const struct tn_field *field)
{
    return is_quantity(field) && field->quantity != TN_Q_RATIO ? tn_unit_display(field->quantity) : NULL;
}

static void add_value(struct tn_string *out, const struct tn_field *field, double value)
{
    const struct tn_unit *unit = display(field);
    if (unit != NULL)
        tn_string_add(out, "%.6g %s", (value - unit->offset) / unit->factor, unit->name);
    else
        tn_string_add(out, "%.6g", value);
}

static void add_choices(struct tn_string *out, const struct tn_field *field, const char *quote)
{
    for (int i = 0; field->choice(i) != NULL; i++)
        tn_string_add(out, "%s%s%s%s", i == 0 ? "" : ", ", quote, field->choice(i), quote);
}

static void add_type(struct tn_string *out, const struct tn_field *field)
{
    switch (field->type) {
    case TN_NUMBER:
    case TN_NUMBERS:
        tn_string_add(out, "%s%s", field->type == TN_NUMBERS ? "list of " : "",
                      is_quantity(field) ? tn_quantity_name(field->quantity) : "number");
        break;
    case TN_INTEGER:
        tn_string_add(out, "whole number");
        break;
    case TN_BOOL:
        tn_string_add(out, "true or false");
        break;
    case TN_STRING:
        tn_string_add(out, "text");
        break;
    case TN_CHOICE:
        tn_string_add(out, "one of ");
        add_choices(out, field, "");
        break;
    case TN_STRUCT:
        tn_string_add(out, "%s", field->sub->name);
        break;
    case TN_LIST:
        tn_string_add(out, "list of %s, or a CSV file", field->sub->name);
        break;
    case TN_REF:
        tn_string_add(out, "id of a %s", field->sub->name);
        break;
    case TN_VARIANT:
        break;
    }
}

static void add_range(struct tn_string *out, const struct tn_field *field)
{
    bool open = field->flags & TN_POSITIVE && field->min == 0;
    if (field->type != TN_NUMBER && field->type != TN_INTEGER)
        return;
    if (isfinite(field->min)) {
        tn_string_add(out, "; %s ", open ? "more than" : "from");
        add_value(out, field, field->min);
    }
    if (isfinite(field->max)) {
        tn_string_add(out, "%s to ", isfinite(field->min) ? "" : ";");
        add_value(out, field, field->max);
    }
}

static void add_default(struct tn_string *out, const struct tn_field *field)
{
    bool integer = field->type == TN_INTEGER;
    if (field->flags & TN_REQUIRED)
        tn_string_add(out, "; required");
    else if ((field->type == TN_NUMBER || integer) && isfinite(field->def) && !(integer && field->def < 0)) {
        tn_string_add(out, "; default ");
        add_value(out, field, field->def);
    } else if (field->type == TN_BOOL)
        tn_string_add(out, "; default %s", field->def > 0 ? "true" : "false");
    else if (field->type == TN_CHOICE && field->def >= 0 && field->choice((int)field->def) != NULL)
        tn_string_add(out, "; default %s", field->choice((int)field->def));
}

void tn_schema_add_field(struct tn_string *out, const struct tn_field *field)
{
    add_type(out, field);
    add_range(out, field);
    add_default(out, field);
}

/* Of a sweep, what is read by hand; see axis.c, spread.c and where.c. */
static const struct {
    const char *name, *doc, *form, *json;
} sweep_keys[] = {
    {"study", "study that is solved", "id of a study; required", "{\"type\": \"string\"}"},
    {"over", "axes by their paths, such as trains.test.load",
     "{PATH: [values] or {from, to, step} or {from, to, count, scale: log} or\n                         "
     "{distribution: uniform, log-uniform (from, to), normal (mean, deviation), triangular (from, mode, to) or "
     "log-normal (median, factor)} or\n                         {file: TABLE.csv} or {values: [...] or estimate}; and "
     "label, grid}; "
     "required",
     "{\"type\": [\"object\", \"array\"]}"},
    {"where", "what must hold, or a point is left out", "AXIS <= VALUE or AXIS <= [FACTOR *] AXIS [or ...]; a list",
     "{\"type\": [\"string\", \"array\"]}"},
};

static void add_schema(struct tn_string *out, const struct tn_schema *schema)
{
    tn_string_add(out, "%s: %s\n", schema->name, schema->doc);
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        if (field->type == TN_VARIANT) {
            tn_string_add(out, "  (and the fields of its kind: ");
            for (int kind = 0; field->variant(kind) != NULL; kind++)
                tn_string_add(out, "%s%s", kind == 0 ? "" : ", ", field->variant(kind)->name);
            tn_string_add(out, ")\n");
            continue;
        }
        tn_string_add(out, "  %-20s %s\n  %-20s   ", field->name, field->doc, "");
        tn_schema_add_field(out, field);
        tn_string_add(out, "\n");
    }
    if (schema == &tn_scenario_schema) {
        tn_string_add(out, "  %-20s files to read as well, whose lists are added\n  %-20s   list of files\n", "include",
                      "");
        tn_string_add(out, "  %-20s a study at many points\n  %-20s   sweep\n", "sweep", "");
    }
    for (size_t i = 0; schema == &tn_scenario_sweep_schema && i < sizeof sweep_keys / sizeof *sweep_keys; i++)
        tn_string_add(out, "  %-20s %s\n  %-20s   %s\n", sweep_keys[i].name, sweep_keys[i].doc, "", sweep_keys[i].form);
}

static void add_units(struct tn_string *out)
{
    tn_string_add(out, "units: what may stand behind a number\n");
    enum tn_quantity last = TN_Q_NONE;
    for (const struct tn_unit *unit = tn_units; unit->name != NULL; unit++) {
        if (unit->quantity != last)
            tn_string_add(out, "%s  %-36s %s", last == TN_Q_NONE ? "" : "\n", tn_quantity_name(unit->quantity),
                          unit->name);
        else
            tn_string_add(out, ", %s", unit->name);
        last = unit->quantity;
    }
    tn_string_add(out, "\n");
}

/* A law's own value of a, b and c, or f0, f1 and f2, in N/kN with v in km/h; laws without such have zeros. */
static void add_own_values(struct tn_string *out, const struct tn_resistance_law *law)
{
    const struct tn_resistance_form *form = tn_resistance_form(law);
    const double values[] = {law->a, law->b, law->c};
    const char *const names[] = {"a", "b", "c", "f0", "f1", "f2"};
    if (law->a == 0 && law->b == 0 && law->c == 0)
        return;
    tn_string_add(out, "  %-24s   its own:", "");
    for (const char *const *taken = form->takes; *taken != NULL; taken++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (strcmp(*taken, names[i]) == 0)
                tn_string_add(out, " %s = %.6g", names[i], values[i % 3]);
    tn_string_add(out, "\n");
}

static void add_law(struct tn_string *out, const struct tn_resistance_law *law)
{
    const struct tn_resistance_form *form = tn_resistance_form(law);
    tn_string_add(out, "  %-24s %s (%s)\n  %-24s   %s in %s\n", law->name, law->doc, law->source, "", form->formula,
                  form->units);
    add_own_values(out, law);
    tn_string_add(out, "  %-24s   takes", "");
    for (const char *const *taken = form->takes; *taken != NULL; taken++) {
        const struct tn_field *field = tn_schema_find(&tn_resistance_schema, *taken);
        const char *unit = field == NULL || field->type == TN_BOOL ? NULL
                           : display(field) == NULL                ? NULL
                                                                   : display(field)->name;
        tn_string_add(out, "%s %s%s%s%s", taken == form->takes ? "" : ",", *taken, unit == NULL ? "" : " (",
                      unit == NULL ? "" : unit, unit == NULL ? "" : ")");
    }
    tn_string_add(out, "\n");
}

/* All laws of running resistance (name NULL), or that one. */
static bool add_laws(struct tn_string *out, const char *name)
{
    bool found = name == NULL;
    if (name == NULL)
        tn_string_add(out, "laws: how vehicles resist running\n");
    for (const struct tn_resistance_law *law = tn_resistance_laws; law->name != NULL; law++)
        if (name == NULL || strcmp(name, law->name) == 0) {
            add_law(out, law);
            found = true;
        }
    return found;
}

const char *tn_schema_name(int index)
{
    const struct book book = all();
    const size_t i = (size_t)index;
    return index < 0 || i > book.count + 1 ? NULL
           : i < book.count                ? book.schemas[i]->name
           : i == book.count               ? "laws"
                                           : "units";
}

const char *tn_schema_text(const char *name_or_null, struct tn_arena *arena)
{
    const struct book book = all();
    struct tn_string out = {0};
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    bool units = name_or_null == NULL || strcmp(name_or_null, "units") == 0, found = units;
    for (size_t i = 0; i < book.count; i++)
        if (name_or_null == NULL || strcmp(name_or_null, book.schemas[i]->name) == 0) {
            tn_string_add(&out, "%s", out.length > 0 ? "\n" : "");
            add_schema(&out, book.schemas[i]);
            found = true;
        }
    if (name_or_null == NULL || strcmp(name_or_null, "laws") == 0) {
        tn_string_add(&out, "%s", out.length > 0 ? "\n" : "");
        found = add_laws(&out, NULL);
    } else if (!found) {
        found = add_laws(&out, name_or_null);
    }
    if (units) {
        tn_string_add(&out, "%s", out.length > 0 ? "\n" : "");
        add_units(&out);
    }
    tn_c_locale_end(&c);
    const char *text = tn_string_finish(&out, arena);
    return found ? text : NULL;
}

/* JSON */

static void add_json_string(struct tn_string *out, const char *text)
{
    tn_string_add(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            tn_string_add(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            tn_string_add(out, "\\u%04x", (unsigned)*text);
        else
            tn_string_bytes(out, text, 1);
    }
    tn_string_add(out, "\"");
}

/* A number and one of the quantity's units, as a regular expression inside a JSON string. */
static void add_pattern(struct tn_string *out, enum tn_quantity quantity)
{
    tn_string_add(out,
                  "{\"type\": \"string\", \"pattern\": \"^[+-]?([0-9]+\\\\.?[0-9]*|\\\\.[0-9]+)([eE][+-]?[0-9]+)? *(");
    const char *separator = "";
    for (const struct tn_unit *unit = tn_units; unit->name != NULL; unit++) {
        if (unit->quantity != quantity)
            continue;
        tn_string_add(out, "%s", separator);
        for (const char *p = unit->name; *p != '\0'; p++)
            tn_string_add(out, strchr("()/.", *p) != NULL ? "\\\\%c" : "%c", *p);
        separator = "|";
    }
    tn_string_add(out, ")$\"}");
}

static void add_json_number(struct tn_string *out, const struct tn_field *field)
{
    bool bare = field->quantity == TN_Q_RATIO || field->quantity == TN_Q_COUNT || field->quantity == TN_Q_NONE;
    if (field->quantity == TN_Q_COUNT) {
        tn_string_add(out, "{\"type\": [\"number\", \"string\"]}");
    } else if (!bare) {
        add_pattern(out, field->quantity);
    } else {
        char text[32];
        if (field->quantity == TN_Q_RATIO)
            tn_string_add(out, "{\"anyOf\": [");
        tn_string_add(out, "{\"type\": \"number\"");
        if (isfinite(field->min)) {
            tn_number_print(text, field->min);
            tn_string_add(out, ", \"%s\": %s",
                          field->flags & TN_POSITIVE && field->min == 0 ? "exclusiveMinimum" : "minimum", text);
        }
        if (isfinite(field->max)) {
            tn_number_print(text, field->max);
            tn_string_add(out, ", \"maximum\": %s", text);
        }
        tn_string_add(out, "}");
        if (field->quantity == TN_Q_RATIO) {
            tn_string_add(out, ", ");
            add_pattern(out, TN_Q_RATIO);
            tn_string_add(out, "]}");
        }
    }
}

/* Its name, with a number where several schemas have the same. */
static void add_json_name(struct tn_string *out, const struct book *book, const struct tn_schema *schema)
{
    int same = 1;
    for (size_t i = 0; i < book->count && book->schemas[i] != schema; i++)
        same += strcmp(book->schemas[i]->name, schema->name) == 0;
    tn_string_add(out, "%s", schema->name);
    if (same > 1)
        tn_string_add(out, "-%d", same);
}

static void add_json_ref(struct tn_string *out, const struct book *book, const struct tn_schema *schema)
{
    tn_string_add(out, "{\"$ref\": \"#/definitions/");
    add_json_name(out, book, schema);
    tn_string_add(out, "\"}");
}

static void add_json_type(struct tn_string *out, const struct book *book, const struct tn_field *field)
{
    switch (field->type) {
    case TN_NUMBER:
        add_json_number(out, field);
        break;
    case TN_NUMBERS:
        tn_string_add(out, "{\"anyOf\": [");
        add_json_number(out, field);
        tn_string_add(out, ", {\"type\": \"array\", \"items\": ");
        add_json_number(out, field);
        tn_string_add(out, "}]}");
        break;
    case TN_INTEGER:
        tn_string_add(out, "{\"type\": \"integer\", \"minimum\": %.0f, \"maximum\": %.0f}", field->min, field->max);
        break;
    case TN_BOOL:
        tn_string_add(out, "{\"type\": \"boolean\"}");
        break;
    case TN_STRING:
    case TN_REF:
        tn_string_add(out, "{\"type\": [\"string\", \"number\", \"boolean\"]}"); /* YAML reads id: 25 as a number */
        break;
    case TN_CHOICE:
        tn_string_add(out, "{\"enum\": [");
        add_choices(out, field, "\"");
        for (int i = 0; field->choice(i) != NULL; i++) {
            struct tn_number number; /* YAML reads valve: 120 as a number */
            if (tn_number_split(&number, field->choice(i)) && *number.unit == '\0')
                tn_string_add(out, ", %s", field->choice(i));
        }
        tn_string_add(out, "]}");
        break;
    case TN_STRUCT:
        add_json_ref(out, book, field->sub);
        break;
    case TN_LIST:
        tn_string_add(out, "{\"anyOf\": [{\"type\": \"string\"}, ");
        add_json_ref(out, book, field->sub);
        tn_string_add(out, ", {\"type\": \"array\", \"items\": ");
        add_json_ref(out, book, field->sub);
        tn_string_add(out, "}]}");
        break;
    case TN_VARIANT:
        break;
    }
}

static void add_json_property(struct tn_string *out, const struct book *book, const struct tn_field *field,
                              const char **separator)
{
    tn_string_add(out, "%s\n        \"%s\": {\"description\": ", *separator, field->name);
    add_json_string(out, field->doc);
    tn_string_add(out, ", \"allOf\": [");
    add_json_type(out, book, field);
    tn_string_add(out, "]}");
    *separator = ",";
}

static void add_json_required(struct tn_string *out, const struct tn_schema *schema, const char **separator)
{
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++)
        if (field->flags & TN_REQUIRED) {
            tn_string_add(out, "%s\"%s\"", *separator, field->name);
            *separator = ", ";
        }
}

/* One object; of a study, one of its kinds. */
static void add_json_object(struct tn_string *out, const struct book *book, const struct tn_schema *schema,
                            const struct tn_schema *variant, const char *kind)
{
    const char *separator = "";
    tn_string_add(out, "{\n      \"type\": \"object\", \"additionalProperties\": false, \"description\": ");
    add_json_string(out, variant != NULL ? variant->doc : schema->doc);
    tn_string_add(out, ",\n      \"properties\": {");
    for (const struct tn_field *field = schema->fields; field->name != NULL; field++) {
        if (kind != NULL && strcmp(field->name, "kind") == 0) {
            tn_string_add(out, "%s\n        \"kind\": {\"const\": \"%s\"}", separator, kind);
            separator = ",";
        } else if (field->type != TN_VARIANT) {
            add_json_property(out, book, field, &separator);
        }
    }
    for (const struct tn_field *field = variant == NULL ? NULL : variant->fields; field != NULL && field->name != NULL;
         field++)
        add_json_property(out, book, field, &separator);
    if (schema == &tn_scenario_schema)
        tn_string_add(out,
                      ",\n        \"include\": {\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": "
                      "{\"type\": \"string\"}}]},\n        \"sweep\": {\"$ref\": \"#/definitions/sweep\"}");
    for (size_t i = 0; schema == &tn_scenario_sweep_schema && i < sizeof sweep_keys / sizeof *sweep_keys; i++) {
        tn_string_add(out, ",\n        \"%s\": {\"description\": ", sweep_keys[i].name);
        add_json_string(out, sweep_keys[i].doc);
        tn_string_add(out, ", \"allOf\": [%s]}", sweep_keys[i].json);
    }
    tn_string_add(out, "\n      },\n      \"required\": [%s",
                  schema == &tn_scenario_sweep_schema ? "\"study\", \"over\"" : "");
    separator = "";
    add_json_required(out, schema, &separator);
    if (variant != NULL)
        add_json_required(out, variant, &separator);
    tn_string_add(out, "]\n    }");
}

static void add_json_schema(struct tn_string *out, const struct book *book, const struct tn_schema *schema)
{
    const struct tn_field *field = schema->fields;
    while (field->name != NULL && field->type != TN_VARIANT)
        field++;
    if (field->name == NULL) {
        add_json_object(out, book, schema, NULL, NULL);
        return;
    }
    const struct tn_field *kind = tn_schema_find(schema, "kind");
    tn_string_add(out, "{\"oneOf\": [");
    for (int i = 0; field->variant(i) != NULL; i++) {
        tn_string_add(out, "%s", i == 0 ? "" : ", ");
        add_json_object(out, book, schema, field->variant(i), kind->choice(i));
    }
    tn_string_add(out, "]}");
}

const char *tn_schema_json(struct tn_arena *arena)
{
    const struct book book = all();
    struct tn_string out = {0};
    struct tn_c_locale c;
    tn_c_locale_begin(&c);
    tn_string_add(&out,
                  "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n  \"title\": \"tonnage scenario\",\n"
                  "  \"allOf\": [{\"$ref\": \"#/definitions/scenario\"}],\n  \"definitions\": {");
    for (size_t i = 0; i < book.count; i++) {
        tn_string_add(&out, "%s\n    \"", i == 0 ? "" : ",");
        add_json_name(&out, &book, book.schemas[i]);
        tn_string_add(&out, "\": ");
        add_json_schema(&out, &book, book.schemas[i]);
    }
    tn_string_add(&out, "\n  }\n}\n");
    tn_c_locale_end(&c);
    return tn_string_finish(&out, arena);
}
