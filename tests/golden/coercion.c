/* Types and coercion against dlt: type_inference.json and coercion.json. */
#include "schema/coerce.h"

#include "cases.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/decimal.h"

enum { BIGINT, DIGITS, HEX_BYTES, INSTANTS, WEI, ENUMS };

static const golden_rule rules[] = {
    [BIGINT] = { "ENG 7", "an integer beyond 64 bits is a decimal and fits no bigint" },
    [DIGITS] = { "docs/reference/values.md", "a long number in JSON keeps its digits" },
    [HEX_BYTES] = { "weir/value.h", "bytes have one kind: no hexadecimal text form" },
    [INSTANTS] = { "weir/value.h", "a timestamp is an instant: its text is in UTC" },
    [WEI] = { "weir/value.h", "no value is wei by itself: it is a decimal" },
    [ENUMS] = { "1.6.5", "an enumeration is its value before its type is asked" },
};

static weir_type type_named(weir_str name)
{
    for (weir_type type = WEIR_TYPE_TEXT; type <= WEIR_TYPE_JSON; type++) {
        if (wr_str_eq(name, weir_str_of(wr_variant_suffix(type) + 2)))
            return type;
    }
    return WEIR_NO_TYPE;
}

static bool has_type(const wr_node *node, const char *type)
{
    return wr_str_eq(golden_type(node), weir_str_of(type));
}

/* An integer in the vector that is a decimal in weir. */
static bool is_beyond(const wr_node *node)
{
    wr_arena arena = { 0 };
    weir_value value;
    const bool beyond =
        has_type(node, "int") && golden_value(&arena, node, &value) && value.kind == WEIR_DECIMAL;
    wr_arena_done(&arena);
    return beyond;
}

/* ---- inference ---- */

static const struct {
    const char *name;
    unsigned bit;
} detections[] = {
    { "iso_timestamp", WR_DETECT_ISO_TIMESTAMP },
    { "iso_date", WR_DETECT_ISO_DATE },
    { "timestamp", WR_DETECT_TIMESTAMP },
    { "large_integer", WR_DETECT_LARGE_INTEGER },
    { "hexbytes_to_text", 0 }, /* weir has no values that these two see */
    { "wei_to_double", 0 },
};

static unsigned detections_of(const wr_node *names)
{
    unsigned bits = 0;
    for (const wr_node *name = names->first; name; name = name->next) {
        for (size_t i = 0; i < sizeof(detections) / sizeof(detections[0]); i++) {
            if (wr_str_eq(name->text, weir_str_of(detections[i].name)))
                bits |= detections[i].bit;
        }
    }
    return bits;
}

static bool inference_decided(golden *g, const wr_node *value)
{
    if (is_beyond(value))
        golden_decide(g, BIGINT);
    else if (has_type(value, "wei"))
        golden_decide(g, WEI);
    else if (has_type(value, "hexbytes"))
        golden_decide(g, HEX_BYTES);
    else if (has_type(value, "enum"))
        golden_decide(g, ENUMS);
    else
        return false;
    return true;
}

static void check_inference(golden *g, const wr_node *test)
{
    const wr_node *node = wr_node_get(test, "value");
    weir_value value;
    if (!golden_value(&g->arena, node, &value)) {
        golden_fail(g, test, "no such value");
        return;
    }
    const weir_type type = wr_infer_type(value, detections_of(wr_node_get(test, "detections")), 0);
    const weir_str name = weir_str_of(wr_variant_suffix(type) + 2);
    const bool passed = wr_str_eq(name, wr_node_get_text(test, "type"));
    if (!passed && inference_decided(g, node))
        return;
    golden_check(g, test, passed, name);
}

TEST(golden_types_are_inferred_as_in_dlt)
{
    golden g;
    golden_open(&g, "type_inference.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check_inference(&g, test);
    golden_close(&g);
}

/* ---- coercion ---- */

/* What a vector's result is in a batch. */
static bool expected_value(golden *g, weir_type type, const wr_node *out, weir_value *ret)
{
    if (type == WEIR_TYPE_JSON && out->kind != WR_NODE_NULL) {
        *ret = weir_text(golden_json(&g->arena, out));
        return true;
    }
    if (!golden_value(&g->arena, out, ret))
        return false;
    if (ret->kind == WEIR_DECIMAL)
        ret->kind = WEIR_TEXT;
    return true;
}

static bool is_in_utc(const wr_node *datetime)
{
    return wr_str_ends(wr_node_get_text(datetime, "v"), wr_lit("+00:00"));
}

static bool is_long_integer(weir_str text)
{
    int64_t i;
    wr_decimal decimal;
    return !wr_int_parse(text, &i) && wr_decimal_parse(text, &decimal) && decimal.exponent == 0 &&
           decimal.kind == WR_DECIMAL_FINITE;
}

static bool coercion_decided(golden *g, const wr_node *test, weir_type type, bool fits)
{
    const wr_node *in = wr_node_get(test, "in");
    const wr_node *out = wr_node_get(test, "out");
    if (!fits && out && (is_beyond(in) || (type == WEIR_TYPE_BIGINT && is_beyond(out))))
        golden_decide(g, BIGINT);
    else if (type == WEIR_TYPE_JSON && in->kind == WR_NODE_TEXT && is_long_integer(in->text))
        golden_decide(g, DIGITS);
    else if (type == WEIR_TYPE_TEXT && has_type(in, "hexbytes"))
        golden_decide(g, HEX_BYTES);
    else if (type == WEIR_TYPE_TEXT && has_type(in, "datetime") && !is_in_utc(in))
        golden_decide(g, INSTANTS);
    else
        return false;
    return true;
}

static void check_coercion(golden *g, const wr_node *test)
{
    const weir_column column = { .type = type_named(wr_node_get_text(test, "to")) };
    const wr_node *out = wr_node_get(test, "out");
    weir_value in;
    weir_value expected = { 0 };
    if (!golden_value(&g->arena, wr_node_get(test, "in"), &in) ||
        (out && !expected_value(g, column.type, out, &expected))) {
        golden_fail(g, test, "no such value");
        return;
    }

    wr_auto(buf) wr_buf scratch = wr_buf_max(1 << 20);
    weir_value actual = { 0 };
    const bool fits = wr_coerce(&column, in, &scratch, &actual);
    const bool passed = out ? fits && golden_same(actual, expected) : !fits;
    if (!passed && coercion_decided(g, test, column.type, fits))
        return;
    golden_check(g, test, passed, fits ? golden_show(&g->arena, actual) : wr_lit("does not fit"));
}

TEST(golden_values_are_coerced_as_in_dlt)
{
    golden g;
    golden_open(&g, "coercion.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check_coercion(&g, test);
    golden_close(&g);
}
