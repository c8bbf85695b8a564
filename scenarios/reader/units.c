/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

/* The end of a decimal number, NULL if there is none: no hexadecimal, no infinity, as strtod would take. */
static const char *number_end(const char *p)
{
    if (*p == '+' || *p == '-')
        p++;
    const char *whole = digits(p), *end = whole;
    if (*whole == '.') {
        end = digits(whole + 1);
        if (whole == p && end == whole + 1)
            return NULL;
    } else if (whole == p) {
        return NULL;
    }
    if (*end == 'e' || *end == 'E') {
        const char *sign = end + 1 + (end[1] == '+' || end[1] == '-');
        if (digits(sign) > sign)
            end = digits(sign);
    }
    return end;
}

bool tn_number_split(struct tn_number *out, const char *text)
{
    const char *end = number_end(text);
    if (end == NULL || *end == 'x' || *end == 'X' || *end == '.' || *end == '_')
        return false;
    out->value = strtod(text, NULL); /* in the C locale: see tn_c_locale_begin */
    out->unit = end + strspn(end, " ");
    return true;
}

void tn_number_print(char out[32], double value)
{
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(out, 32, "%.*g", precision, value);
        if (strtod(out, NULL) == value)
            return;
    }
}

static const char *list_units(struct tn_scenario_reader *reader, enum tn_quantity quantity)
{
    const char *list = "";
    for (const struct tn_unit *unit = tn_units; unit->name != NULL && list != NULL; unit++)
        if (unit->quantity == quantity)
            list = tn_reader_printf(reader, "%s%s%s", list, *list == '\0' ? "" : ", ", unit->name);
    return list;
}

static const struct tn_unit *find_unit(enum tn_quantity quantity, const char *name)
{
    if (quantity != TN_Q_COUNT)
        return tn_unit_find(quantity, name, strlen(name));
    for (const struct tn_unit *unit = tn_units; unit->name != NULL; unit++)
        if (strcmp(unit->name, name) == 0)
            return unit;
    return NULL;
}

static bool not_a_number(struct tn_scenario_reader *reader, const struct tn_node *node, const char *name,
                         enum tn_quantity quantity)
{
    const struct tn_unit *unit = quantity == TN_Q_COUNT ? NULL : tn_unit_display(quantity);
    const char *hint = unit == NULL || quantity == TN_Q_RATIO
                           ? NULL
                           : tn_reader_printf(reader, "write a number and its unit, such as 20 %s", unit->name);
    if (*node->text == '\0')
        tn_error_at(reader->ctx, &node->place, hint, "'%s' has no value", name);
    else
        tn_error_at(reader->ctx, &node->place, hint, "'%s' must be a number, not '%s'", name, node->text);
    return false;
}

static bool bad_unit(struct tn_scenario_reader *reader, const struct tn_node *node, const char *name,
                     enum tn_quantity quantity, const char *unit)
{
    const char *hint =
        quantity == TN_Q_COUNT ? NULL : tn_reader_printf(reader, "units: %s", list_units(reader, quantity));
    const char *what = quantity == TN_Q_COUNT ? "number" : tn_quantity_name(quantity);
    if (*unit == ',')
        tn_error_at(reader->ctx, &node->place, "write 5200, not 5,200", "'%s' has a comma in its number", name);
    else if (quantity == TN_Q_NONE)
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' is a plain number without a unit, not '%s'", name,
                    node->text);
    else
        tn_error_at(reader->ctx, &node->place, hint, "'%s' is %s %s: it has no unit '%s'", name, tn_article(what), what,
                    unit);
    return false;
}

bool tn_quantity_read(double *out, const struct tn_unit **unit_out, struct tn_scenario_reader *reader,
                      const struct tn_node *node, const char *name, enum tn_quantity quantity)
{
    if (node->kind != TN_NODE_SCALAR) {
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' must be a number, not %s", name, tn_node_kind_name(node));
        return false;
    }
    struct tn_number number;
    if (!tn_number_split(&number, node->text))
        return not_a_number(reader, node, name, quantity);
    const struct tn_unit *unit = NULL;
    if (*number.unit != '\0') {
        unit = find_unit(quantity, number.unit);
        if (unit == NULL)
            return bad_unit(reader, node, name, quantity, number.unit);
    } else if (quantity != TN_Q_NONE && quantity != TN_Q_RATIO && quantity != TN_Q_COUNT) {
        const struct tn_unit *usual = tn_unit_display(quantity);
        /* 0.016 for a grade means 16 permil; 16 means 16 permil as well */
        bool share = strcmp(tn_quantity_si(quantity), "1") == 0 && fabs(number.value) < 0.1;
        const char *hint = share ? tn_reader_printf(reader, "write %.6g %s", number.value / usual->factor, usual->name)
                                 : tn_reader_printf(reader, "write %s %s", node->text, usual->name);
        tn_error_at(reader->ctx, &node->place, hint, "'%s' is %s %s and needs a unit", name,
                    tn_article(tn_quantity_name(quantity)), tn_quantity_name(quantity));
        return false;
    }
    double value = unit == NULL ? number.value : number.value * unit->factor + unit->offset;
    if (!isfinite(value)) {
        tn_error_at(reader->ctx, &node->place, NULL, "'%s' is too large a number", name);
        return false;
    }
    *out = value;
    if (unit_out != NULL)
        *unit_out = unit;
    return true;
}
