/* Marked texts of typed values against dlt: typed_json.json. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/coerce.h"

enum { EMPTY_BYTES, INSTANTS, HEX_BYTES, WEI, NO_KIND, LIMITS };

static const golden_rule rules[] = {
    [EMPTY_BYTES] = { "ENG 3", "empty bytes are read as empty bytes" },
    [INSTANTS] = { "weir/value.h", "times and time stamps have no zone: they are in UTC" },
    [HEX_BYTES] = { "weir/value.h", "bytes have one kind: they are written as base64" },
    [WEI] = { "weir/value.h", "no value is wei by itself: it is written as a decimal" },
    [NO_KIND] = { "weir/value.h", "such a value cannot be given to weir" },
    [LIMITS] = { "1.6.6", "the range of integers is checked where rows come in" },
};

static bool has_type(const wr_node *node, const char *type)
{
    return wr_str_eq(golden_type(node), weir_str_of(type));
}

/* ---- reading ---- */

static weir_value decode(wr_arena *arena, weir_str text)
{
    wr_auto(buf) wr_buf scratch = wr_buf_max(1 << 20);
    weir_value value;
    if (!wr_typed_decode(text, &scratch, &value))
        return weir_text(text);
    if (value.kind == WEIR_BYTES || value.kind == WEIR_TEXT)
        value.as.s = wr_arena_str(arena, value.as.s);
    return value;
}

static bool check_decoded(golden *g, const wr_node *test, weir_value actual)
{
    weir_value expected;
    return golden_value(&g->arena, wr_node_get(test, "decoded"), &expected) &&
           golden_same(actual, expected);
}

static void check_reading(golden *g, const wr_node *test)
{
    const weir_value value = decode(&g->arena, wr_node_get_text(test, "decode_string"));
    golden_check(g, test, check_decoded(g, test, value), golden_show(&g->arena, value));
}

/* ---- writing and reading back ---- */

/* Integers of 64 bits without sign come from JSON only. */
static weir_value value_to_write(const wr_node *node, weir_value value)
{
    return has_type(node, "int") && value.kind == WEIR_DECIMAL ? weir_json_text(value.as.s) : value;
}

static bool check_typed(golden *g, const wr_node *test, weir_value value)
{
    return wr_str_eq(golden_show(&g->arena, value), wr_node_get_text(test, "typed"));
}

/* The text in a json column, which is what rows and hashes show. */
static bool check_plain(golden *g, const wr_node *test, weir_value value)
{
    wr_auto(buf) wr_buf scratch = wr_buf_max(1 << 20);
    const weir_column column = { .type = WEIR_TYPE_JSON };
    if (value.kind == WEIR_TEXT) /* a text of the user's, which only looks marked */
        return wr_str_eq(golden_show(&g->arena, value), wr_node_get_text(test, "plain"));

    const weir_value marked = weir_json_text(golden_show(&g->arena, value));
    weir_value plain;
    return wr_coerce(&column, marked, &scratch, &plain) &&
           wr_str_eq(plain.as.s, wr_node_get_text(test, "plain"));
}

static bool check_back(golden *g, const wr_node *test)
{
    wr_node *typed;
    if (wr_node_parse(&g->cx, &g->arena, wr_node_get_text(test, "typed"), &typed) != WEIR_OK)
        return false;
    if (typed->kind == WR_NODE_ARRAY || typed->kind == WR_NODE_OBJECT)
        return true; /* what is inside is read one by one */
    weir_value value;
    if (typed->kind == WR_NODE_TEXT)
        value = decode(&g->arena, typed->text);
    else if (!golden_value(&g->arena, typed, &value))
        return false;
    return check_decoded(g, test, value);
}

/* Is there a date-time, also inside, that is not in UTC, or a time with a zone? */
static bool is_elsewhere(const wr_node *node)
{
    const bool in_utc = wr_str_ends(wr_node_get_text(node, "v"), wr_lit("+00:00"));
    if (has_type(node, "time"))
        return in_utc;
    if (has_type(node, "datetime"))
        return !in_utc;
    for (const wr_node *child = node->first; child; child = child->next) {
        if (is_elsewhere(child))
            return true;
    }
    return false;
}

static bool decided(golden *g, const wr_node *test)
{
    const wr_node *node = wr_node_get(test, "value");
    if (wr_node_get(test, "typed_error"))
        golden_decide(g, has_type(node, "int") ? LIMITS : NO_KIND);
    else if (has_type(node, "bytes") && wr_node_get_text(node, "v").len == 0)
        golden_decide(g, EMPTY_BYTES);
    else if (has_type(node, "hexbytes"))
        golden_decide(g, HEX_BYTES);
    else if (has_type(node, "wei"))
        golden_decide(g, WEI);
    else if (is_elsewhere(node))
        golden_decide(g, INSTANTS);
    else
        return false;
    return true;
}

static void check_writing(golden *g, const wr_node *test)
{
    const wr_node *node = wr_node_get(test, "value");
    weir_value value;
    const bool known = golden_value(&g->arena, node, &value);
    if (known)
        value = value_to_write(node, value);
    const bool passed = known && wr_node_get(test, "plain") && check_typed(g, test, value) &&
                        check_plain(g, test, value) && check_back(g, test);
    if (!passed && decided(g, test))
        return;
    golden_check(g, test, passed, known ? golden_show(&g->arena, value) : wr_lit("no such value"));
}

TEST(golden_typed_values_are_written_and_read_as_in_dlt)
{
    golden g;
    golden_open(&g, "typed_json.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next) {
        if (wr_node_get(test, "decode_string"))
            check_reading(&g, test);
        else
            check_writing(&g, test);
    }
    golden_close(&g);
}
