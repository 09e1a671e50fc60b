/* Tests of the marked texts of schema/coerce.h. */
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/coerce.h"

static const char *encoded(weir_value value, wr_buf *out)
{
    wr_buf_clear(out);
    wr_typed_encode(out, value);
    return wr_buf_text(out);
}

TEST(typed_values_are_written_as_marked_texts)
{
    wr_auto(buf) wr_buf out = wr_buf_max(256);

    CHECK_STR(encoded(weir_decimal("1.50"), &out), "\"\uf0261.50\"");
    CHECK_STR(encoded(weir_timestamp(0), &out), "\"\uf0271970-01-01T00:00:00+00:00\"");
    CHECK_STR(encoded(weir_date(0), &out), "\"\uf0281970-01-01\"");
    CHECK_STR(encoded(weir_bytes("a", 1), &out), "\"\uf02bYQ==\"");
    CHECK_STR(encoded(weir_time_of_day(1), &out), "\"\uf02d00:00:00.000001\"");
}

TEST(plain_values_are_written_as_json)
{
    wr_auto(buf) wr_buf out = wr_buf_max(256);

    CHECK_STR(encoded(weir_null(), &out), "null");
    CHECK_STR(encoded(weir_bool(true), &out), "true");
    CHECK_STR(encoded(weir_int(-1), &out), "-1");
    CHECK_STR(encoded(weir_float(1), &out), "1.0");
    CHECK_STR(encoded(weir_float((double)__builtin_inf()), &out), "null");
    CHECK_STR(encoded(weir_text(wr_lit("a\n")), &out), "\"a\\n\"");
    CHECK_STR(encoded(weir_json_text(wr_lit("[1]")), &out), "[1]");
}

TEST(a_marked_text_is_read_as_what_its_mark_says)
{
    wr_auto(buf) wr_buf scratch = wr_buf_max(256);
    weir_value v;

    CHECK(wr_typed_decode(wr_lit("\uf0261E+3"), &scratch, &v));
    CHECK(v.kind == WEIR_DECIMAL && wr_str_eq(v.as.s, wr_lit("1E+3")));
    CHECK(wr_typed_decode(wr_lit("\uf0271970-01-01T01:00:00+01:00"), &scratch, &v));
    CHECK(v.kind == WEIR_TIMESTAMP && v.as.i == 0);
    CHECK(wr_typed_decode(wr_lit("\uf02819691231"), &scratch, &v));
    CHECK(v.kind == WEIR_DATE && v.as.i == -1);
    CHECK(wr_typed_decode(wr_lit("\uf02a0x616"), &scratch, &v));
    CHECK(v.kind == WEIR_BYTES && wr_str_eq(v.as.s, wr_lit("\x06\x16")));
    CHECK(wr_typed_decode(wr_lit("\uf02bY W\nJj"), &scratch, &v));
    CHECK(v.kind == WEIR_BYTES && wr_str_eq(v.as.s, wr_lit("abc")));
    CHECK(wr_typed_decode(wr_lit("\uf029616263646162-6364-6162-6364-6261-6364"), &scratch, &v));
    CHECK(v.kind == WEIR_TEXT && wr_str_eq(v.as.s, wr_lit("61626364-6162-6364-6162-636462616364")));
}

TEST(empty_bytes_are_read_back)
{
    wr_auto(buf) wr_buf scratch = wr_buf_max(256);
    weir_value v;

    CHECK_STR(encoded(weir_bytes("", 0), &scratch), "\"\uf02b\"");
    CHECK(wr_typed_decode(wr_lit("\uf02b"), &scratch, &v));
    CHECK(v.kind == WEIR_BYTES && v.as.s.len == 0);
}

TEST(a_text_that_only_looks_marked_stays_a_text)
{
    static const char *const texts[] = {
        "",         "\uf026",  "\uf026x",     "\uf0272024", "\uf02812:00", "\uf029x", "\uf02a",
        "\uf02azz", "\uf02bA", "\uf02d25:00", "\uf02e1",    "\uf0251",     "abc",     "\xef\x80",
    };
    wr_auto(buf) wr_buf scratch = wr_buf_max(256);
    weir_value v;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        CHECK(!wr_typed_decode(weir_str_of(texts[i]), &scratch, &v));
}

TEST(a_mark_says_which_type_a_text_has)
{
    CHECK_INT(wr_typed_mark_of(wr_lit("\uf0261.5")), WR_MARK_DECIMAL);
    CHECK_INT(wr_typed_mark_of(wr_lit("\uf027no date")), WR_MARK_TIMESTAMP);
    CHECK_INT(wr_typed_mark_of(wr_lit("\uf02b")), WR_MARK_BASE64);
    CHECK_INT(wr_typed_mark_of(wr_lit("\uf02d03:04")), WR_MARK_TIME);
    CHECK_INT(wr_typed_mark_of(wr_lit("\uf02e")), WR_MARK_NONE);
    CHECK_INT(wr_typed_mark_of(wr_lit("")), WR_MARK_NONE);
}
