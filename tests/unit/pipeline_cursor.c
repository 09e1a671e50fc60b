/* Tests of pipeline/cursor.h. */
#include "pipeline/cursor.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"

#define DECIMAL "\uf026"
#define MOMENT "\uf027"
#define DATE "\uf028"
#define BASE64 "\uf02b"
#define HEX "\uf02a"
#define TIME "\uf02d"

static wr_cursor cursor(fixture *f, const char *json)
{
    wr_node *node = NULL;
    wr_cursor ret = { 0 };
    weir_status status = wr_node_parse(&f->cx, &f->arena, weir_str_of(json), &node);
    if (status == WEIR_OK)
        status = wr_cursor_read(&f->cx, &f->arena, node, &ret);
    wr_assert(status == WEIR_OK);
    return ret;
}

static const char *written(fixture *f, const wr_cursor *value)
{
    wr_buf_clear(&f->out);
    wr_cursor_write(&f->out, value);
    return wr_buf_text(&f->out);
}

/* '<', '=', '>', or '?' when there is no order; the same the other way round. */
static char order(fixture *f, const char *left, const char *right)
{
    const wr_cursor a = cursor(f, left);
    const wr_cursor b = cursor(f, right);
    int forth = 0;
    int back = 0;
    const bool ordered = wr_cursor_order(&a, &b, &forth);
    if (wr_cursor_order(&b, &a, &back) != ordered || (ordered && forth != -back))
        return '!';
    return ordered ? "<=>"[forth + 1] : '?';
}

TEST(cursor_values_have_the_order_of_their_kind)
{
    static const struct {
        const char *left;
        char order;
        const char *right;
    } CASES[] = {
        { "1", '<', "2" },
        { "-1", '<', "0" },
        { "2.5", '>', "2" },
        { "1", '=', "1.0" },
        { "true", '=', "1" },
        { "false", '<', "0.5" },
        { "9223372036854775807", '<', "9223372036854775808" },
        { "18446744073709551615", '>', "-9223372036854775808" },
        { "9007199254740993", '>', "9007199254740992.0" },
        { "9223372036854775807", '<', "9223372036854775808.0" },
        { "18446744073709551616", '>', "18446744073709551615" }, /* a double */
        { "0.1", '>', "\"" DECIMAL "0.1\"" },                    /* the double is a bit more */
        { "0.5", '=', "\"" DECIMAL "0.50\"" },
        { "-5e-324", '<', "\"" DECIMAL "0\"" },
        { "\"" DECIMAL "2.50\"", '=', "\"" DECIMAL "2.5\"" },
        { "\"" DECIMAL "-3\"", '<', "\"" DECIMAL "-2.9\"" },
        { "\"" DECIMAL "1E+3\"", '=', "1000" },
        { "\"" DECIMAL "Infinity\"", '>', "1e308" },
        { "\"" DECIMAL "NaN\"", '?', "\"" DECIMAL "NaN\"" },
        { "\"a\"", '<', "\"b\"" },
        { "\"B\"", '<', "\"a\"" },
        { "\"\"", '<', "\"a\"" },
        { "\"10\"", '<', "\"9\"" },
        { "\"z\"", '<', "\"é\"" },
        { "\"\xEF\xBF\xBD\"", '<', "\"😀\"" },
        { "\"" MOMENT "2024-01-02T00:00:00+00:00\"", '=',
          "\"" MOMENT "2024-01-02T02:00:00+02:00\"" },
        { "\"" MOMENT "2024-01-02T00:00:00\"", '<', "\"" MOMENT "2024-01-02T00:00:00.000001\"" },
        { "\"" MOMENT "2024-01-02T00:00:00\"", '?', "\"" MOMENT "2024-01-02T00:00:00+00:00\"" },
        { "\"" DATE "1969-12-31\"", '<', "\"" DATE "1970-01-01\"" },
        { "\"" DATE "2024-01-02\"", '?', "\"" MOMENT "2024-01-02T00:00:00\"" },
        { "\"" TIME "03:00:00\"", '<', "\"" TIME "04:00:00\"" },
        { "\"" TIME "03:00:00+00:00\"", '=', "\"" TIME "04:00:00+01:00\"" },
        { "\"" TIME "03:00:00+00:00\"", '?', "\"" TIME "03:00:00\"" },
        { "\"" TIME "03:00:00\"", '?', "\"" MOMENT "2024-01-02T00:00:00\"" },
        { "\"" BASE64 "YQ==\"", '<', "\"" BASE64 "/w==\"" }, /* the letters have another order */
        { "\"" HEX "0x61\"", '=', "\"" BASE64 "YQ==\"" },
        { "\"1\"", '?', "1" },
        { "\"a\"", '?', "\"" BASE64 "YQ==\"" },
        { "null", '?', "null" },
        { "[1]", '?', "[1]" },
        { "{}", '?', "{}" },
        { "1e400", '?', "1" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const char actual = order(&f, CASES[i].left, CASES[i].right);
        if (actual != CASES[i].order)
            FAIL("%s %c %s, not %c", CASES[i].left, actual, CASES[i].right, CASES[i].order);
    }
}

TEST(cursor_values_go_back_to_the_state_as_they_came)
{
    static const char *const VALUES[] = {
        "null",
        "true",
        "-5",
        "9223372036854775807",
        "18446744073709551615",
        "1.0",
        "1e+16",
        "\"té\\\"xt\\n\"",
        "\"" MOMENT "2024-01-02T02:00:00.000600+05:30\"",
        "\"" MOMENT "2024-01-02T00:00:00\"",
        "\"" DATE "2024-01-02\"",
        "\"" DECIMAL "2.50\"",
        "\"" BASE64 "YQ==\"",
        "\"" MOMENT "no date\"",
        "\"" DECIMAL "\"",
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        const wr_cursor value = cursor(&f, VALUES[i]);
        CHECK_STR(written(&f, &value), VALUES[i]);
    }
}

TEST(a_mark_before_what_does_not_parse_is_part_of_a_text)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_INT(cursor(&f, "\"" MOMENT "tomorrow\"").kind, WR_CURSOR_TEXT);
    CHECK_INT(cursor(&f, "\"" DATE "2024-02-30\"").kind, WR_CURSOR_TEXT);
    CHECK_INT(cursor(&f, "\"" DECIMAL "1,5\"").kind, WR_CURSOR_TEXT);
    CHECK_INT(cursor(&f, "\"" TIME "25:00:00\"").kind, WR_CURSOR_TEXT);
}

TEST(a_date_time_is_written_with_its_zone)
{
    static const struct {
        wr_moment moment;
        const char *expected;
    } CASES[] = {
        { { 0, 0, true }, MOMENT "1970-01-01T00:00:00+00:00" },
        { { 600, 0, false }, MOMENT "1970-01-01T00:00:00.000600" },
        { { 0, -19800, true }, MOMENT "1969-12-31T18:30:00-05:30" },
        { { -1, 7200, true }, MOMENT "1970-01-01T01:59:59.999999+02:00" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        CHECK_TEXT(wr_cursor_moment(&f.arena, CASES[i].moment).text, CASES[i].expected);
}

TEST(values_are_shown_with_their_kind)
{
    char shown[WR_CURSOR_SHOWN];
    wr_auto(fixture) fixture f = fixture_new();
    wr_cursor value = cursor(&f, "\"" MOMENT "2024-01-02T00:00:00\"");
    CHECK_STR(wr_cursor_show(shown, &value), "'2024-01-02T00:00:00' (date-time without a zone)");
    value = cursor(&f, "5");
    CHECK_STR(wr_cursor_show(shown, &value), "'5' (integer)");
    value = cursor(&f, "\"\"");
    CHECK_STR(wr_cursor_show(shown, &value), "'' (text)");
    value = cursor(&f, "null");
    CHECK_STR(wr_cursor_show(shown, &value), "null");
}
