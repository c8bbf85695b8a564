/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <string.h>

/* "trains.a.load <= 5000 t or trains.a.load < 0.9 * trains.b.load": comparisons of axes, of which one must hold. */

enum relation { LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, MORE_EQUAL, MORE };
static const char *const relations[] = {"<", "<=", "==", "!=", ">=", ">"};

struct sentence {
    struct tn_scenario_reader *reader;
    const struct tn_node *node;
    char **words;
    size_t count, next;
};

static bool split(struct sentence *sentence)
{
    const char *p = sentence->node->text;
    sentence->words = tn_reader_alloc(sentence->reader, strlen(p) / 2 + 2, sizeof *sentence->words);
    while (sentence->words != NULL) {
        p += strspn(p, " ");
        const size_t length = strcspn(p, " ");
        if (length == 0)
            return true;
        sentence->words[sentence->count] = tn_reader_printf(sentence->reader, "%.*s", (int)length, p);
        if (sentence->words[sentence->count++] == NULL)
            return false;
        p += length;
    }
    return false;
}

static const char *word(const struct sentence *sentence, size_t ahead)
{
    const size_t at = sentence->next + ahead;
    return at < sentence->count ? sentence->words[at] : "";
}

static size_t find_axis(const struct tn_scenario_sweep *sweep, const char *path)
{
    for (size_t i = 0; i < sweep->axis_count; i++)
        if (strcmp(sweep->axes[i].path, path) == 0)
            return i;
    return SIZE_MAX;
}

static bool is_number(const struct tn_scenario_axis *axis)
{
    return axis->field->type == TN_NUMBER || axis->field->type == TN_INTEGER;
}

static bool wrong(const struct sentence *sentence, const char *hint, const char *text, const char *what)
{
    tn_error_at(sentence->reader->ctx, &sentence->node->place, hint, "%s '%s'", text, what);
    return false;
}

/* The words up to `or` or the end, joined. */
static const char *rest_of_term(struct sentence *sentence)
{
    const char *text = "";
    for (; *word(sentence, 0) != '\0' && strcmp(word(sentence, 0), "or") != 0 && text != NULL; sentence->next++)
        text = tn_reader_printf(sentence->reader, "%s%s%s", text, *text == '\0' ? "" : " ", word(sentence, 0));
    return text;
}

static bool read_right(struct tn_scenario_term *term, struct sentence *sentence)
{
    struct tn_scenario_reader *reader = sentence->reader;
    const struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    const struct tn_scenario_axis *axis = &sweep->axes[term->axis];
    struct tn_number factor;
    const bool product = strcmp(word(sentence, 1), "*") == 0 && tn_number_split(&factor, word(sentence, 0));
    term->factor = product && *factor.unit == '\0' ? factor.value : 1;
    term->other = find_axis(sweep, word(sentence, product ? 2 : 0));
    if (term->other != SIZE_MAX) {
        const struct tn_scenario_axis *other = &sweep->axes[term->other];
        sentence->next += product ? 3 : 1;
        return (is_number(axis) && is_number(other) && axis->field->quantity == other->field->quantity) ||
               wrong(sentence, NULL, "not to be compared:", sentence->node->text);
    }
    const char *text = rest_of_term(sentence);
    const struct tn_node value = {.kind = TN_NODE_SCALAR, .text = text, .place = sentence->node->place};
    if (text == NULL || *text == '\0')
        return wrong(sentence, NULL, "nothing to compare with in", sentence->node->text);
    if (is_number(axis))
        return tn_quantity_read(&term->number, NULL, reader, &value, axis->field->name,
                                axis->field->type == TN_INTEGER ? TN_Q_NONE : axis->field->quantity);
    term->value = text;
    for (size_t i = 0; i < axis->count; i++)
        if (strcmp(axis->texts[i], text) == 0)
            return true;
    return wrong(sentence, axis->count > 0 ? tn_reader_printf(reader, "such as %s", axis->texts[0]) : NULL,
                 "the axis has no value", text);
}

static bool read_term(struct tn_scenario_term *term, struct sentence *sentence)
{
    const struct tn_scenario_sweep *sweep = &sentence->reader->scenario.sweep;
    if (*word(sentence, 0) == '\0')
        return wrong(sentence, NULL, "nothing to compare in", sentence->node->text);
    term->axis = find_axis(sweep, word(sentence, 0));
    if (term->axis == SIZE_MAX)
        return wrong(sentence, "write AXIS <= VALUE or AXIS <= AXIS, with blanks around the sign", "there is no axis",
                     word(sentence, 0));
    term->relation = -1;
    for (int i = 0; i < (int)(sizeof relations / sizeof *relations); i++)
        if (strcmp(relations[i], word(sentence, 1)) == 0)
            term->relation = i;
    if (term->relation < 0)
        return wrong(sentence, "<, <=, ==, !=, >= or >", "no comparison:", word(sentence, 1));
    if (!is_number(&sweep->axes[term->axis]) && term->relation != EQUAL && term->relation != NOT_EQUAL)
        return wrong(sentence, "it can be == or !=", "not a number:", word(sentence, 0));
    sentence->next += 2;
    return read_right(term, sentence);
}

static bool read_sentence(struct tn_scenario_where *where, struct tn_scenario_reader *reader,
                          const struct tn_node *node)
{
    struct sentence sentence = {.reader = reader, .node = node};
    if (node->kind != TN_NODE_SCALAR) {
        tn_error_at(reader->ctx, &node->place, "such as trains.test.load <= 5000 t", "a constraint is a text, not %s",
                    tn_node_kind_name(node));
        return false;
    }
    if (!split(&sentence))
        return false;
    *where = (struct tn_scenario_where){.text = node->text};
    where->terms = tn_reader_alloc(reader, sentence.count / 3 + 1, sizeof *where->terms);
    while (where->terms != NULL) {
        if (where->term_count > sentence.count / 3 || !read_term(&where->terms[where->term_count], &sentence))
            return false;
        where->term_count++;
        if (sentence.next == sentence.count)
            return true;
        if (strcmp(word(&sentence, 0), "or") != 0)
            return wrong(&sentence, "comparisons are joined by `or`; what must hold as well is a text of its own",
                         "not understood:", word(&sentence, 0));
        sentence.next++;
    }
    return false;
}

void tn_where_read(struct tn_scenario_reader *reader, struct tn_node *node)
{
    struct tn_scenario_sweep *sweep = &reader->scenario.sweep;
    struct tn_node *const *items = node->kind == TN_NODE_SEQUENCE ? node->items : &node;
    const size_t count = node->kind == TN_NODE_SEQUENCE ? node->count : 1;
    sweep->where = tn_reader_alloc(reader, count, sizeof *sweep->where);
    for (size_t i = 0; sweep->where != NULL && i < count; i++)
        if (read_sentence(&sweep->where[sweep->where_count], reader, items[i]))
            sweep->where_count++;
}

static bool compare(int relation, double a, double b)
{
    switch (relation) {
    case LESS:
        return a < b;
    case LESS_EQUAL:
        return a <= b;
    case EQUAL:
        return a == b;
    case NOT_EQUAL:
        return a != b;
    case MORE_EQUAL:
        return a >= b;
    default:
        return a > b;
    }
}

static bool holds(const struct tn_scenario_term *term, const struct tn_scenario_sweep *sweep,
                  const struct tn_coordinate *at)
{
    const struct tn_scenario_axis *axis = &sweep->axes[term->axis];
    if (term->value != NULL)
        return (strcmp(axis->texts[at[term->axis].index], term->value) == 0) == (term->relation == EQUAL);
    return compare(term->relation, at[term->axis].number,
                   term->other == SIZE_MAX ? term->number : term->factor * at[term->other].number);
}

bool tn_where_holds(const struct tn_scenario_sweep *sweep, const struct tn_coordinate *at)
{
    for (size_t i = 0; i < sweep->where_count; i++) {
        bool any = false;
        for (size_t k = 0; k < sweep->where[i].term_count && !any; k++)
            any = holds(&sweep->where[i].terms[k], sweep, at);
        if (!any)
            return false;
    }
    return true;
}
