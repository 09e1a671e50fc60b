/* Date and time texts against dlt: iso_datetime.json. */
#include "base/isotime.h"

#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "harness/test.h"
#include "schema/coerce.h"

/* ---- reading ---- */

static bool same_instant(const wr_node *expected, weir_kind kind, int64_t value)
{
    const wr_iso iso = wr_iso_parse(expected->text);
    if (iso.kind == WR_ISO_NONE)
        return false;
    if (kind == WEIR_DATE)
        return iso.us / WR_US_PER_DAY - (iso.us % WR_US_PER_DAY < 0) == value;
    return iso.us == value;
}

static bool check_parse(const wr_node *parse, const wr_iso *iso)
{
    static const char *const KINDS[] = { "", "datetime", "date", "time" };
    if (wr_node_get_bool(parse, "error", false))
        return iso->kind == WR_ISO_NONE || iso->refused;
    const bool same_kind =
        wr_str_eq(wr_node_get_text(parse, "kind"), weir_str_of(KINDS[iso->kind]));
    return same_kind && !iso->refused &&
           same_instant(wr_node_get(parse, "iso"), WEIR_TIMESTAMP, iso->us);
}

/* ---- detection and coercion ---- */

static bool check_detection(const wr_node *test, const char *member, weir_str text, unsigned bit)
{
    const wr_node *expected = wr_node_get(test, member);
    const weir_type type = wr_infer_type(weir_text(text), bit, 0);
    if (expected->kind == WR_NODE_NULL)
        return type == WEIR_TYPE_TEXT;
    return wr_str_eq(expected->text, weir_str_of(weir_type_name(type)));
}

static bool check_coercion(const wr_node *test, const char *member, weir_str text, weir_type type,
                           weir_kind kind)
{
    wr_auto(buf) wr_buf scratch = wr_buf_max(1 << 16);
    const weir_column column = { .type = type };
    const wr_node *expected = wr_node_get(test, member);
    weir_value value;
    const bool fits = wr_coerce(&column, weir_text(text), &scratch, &value);
    if (expected->kind == WR_NODE_OBJECT)
        return !fits;
    return fits && value.kind == kind && same_instant(expected, kind, value.as.i);
}

/* The name of the first member that differs; NULL: none. */
static const char *first_difference(const wr_node *test, weir_str text)
{
    const wr_iso iso = wr_iso_parse(text);
    if (!check_parse(wr_node_get(test, "parse"), &iso))
        return "parse";
    if (!check_detection(test, "detect_iso_timestamp", text, WR_DETECT_ISO_TIMESTAMP))
        return "detect_iso_timestamp";
    if (!check_detection(test, "detect_iso_date", text, WR_DETECT_ISO_DATE))
        return "detect_iso_date";
    if (!check_coercion(test, "coerce_to_timestamp", text, WEIR_TYPE_TIMESTAMP, WEIR_TIMESTAMP))
        return "coerce_to_timestamp";
    if (!check_coercion(test, "coerce_to_date", text, WEIR_TYPE_DATE, WEIR_DATE))
        return "coerce_to_date";
    if (!check_coercion(test, "coerce_to_time", text, WEIR_TYPE_TIME, WEIR_TIME))
        return "coerce_to_time";
    return NULL;
}

static void check(golden *g, const wr_node *test)
{
    const char *difference = first_difference(test, wr_node_get_text(test, "in"));
    golden_check(g, test, !difference, weir_str_of(difference));
}

TEST(golden_dates_and_times_are_read_as_in_dlt)
{
    golden g;
    golden_open(&g, "iso_datetime.json", NULL);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);
}
