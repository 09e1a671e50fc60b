/* Tests of schema/coerce.h; the rules themselves are held by the golden vectors. */
#include "schema/coerce.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "harness/test.h"

#define SCRATCH_MAX ((size_t)1 << 16)

/* The text of a value in a column, or why there is none. */
static const char *text_in(weir_type type, weir_value value, wr_buf *scratch)
{
    const weir_column column = { .type = type };
    weir_value ret;
    if (!wr_coerce(&column, value, scratch, &ret))
        return "(does not fit)";
    if (ret.kind != WEIR_TEXT && ret.kind != WEIR_BYTES)
        return "(no text)";
    wr_buf copy = wr_buf_max(SCRATCH_MAX);
    wr_buf_str(&copy, ret.as.s);
    wr_buf_done(scratch);
    *scratch = copy;
    return wr_buf_text(scratch);
}

static bool coerce(weir_type type, weir_value value, weir_value *ret)
{
    const weir_column column = { .type = type };
    return wr_coerce(&column, value, NULL, ret);
}

TEST(a_value_of_the_columns_type_is_unchanged_and_borrowed)
{
    const weir_str text = wr_lit("0x1F");
    weir_value ret;

    CHECK(coerce(WEIR_TYPE_TEXT, weir_text(text), &ret));
    CHECK(ret.kind == WEIR_TEXT && ret.as.s.ptr == text.ptr && ret.as.s.len == text.len);
    CHECK(coerce(WEIR_TYPE_BIGINT, weir_int(INT64_MIN), &ret));
    CHECK(ret.kind == WEIR_INT && ret.as.i == INT64_MIN);
    CHECK(coerce(WEIR_TYPE_DECIMAL, weir_decimal("1.50"), &ret));
    CHECK(ret.kind == WEIR_TEXT && wr_str_eq(ret.as.s, wr_lit("1.50")));
    CHECK(coerce(WEIR_TYPE_DECIMAL, weir_text(wr_lit("12")), &ret));
    CHECK(ret.kind == WEIR_TEXT);
    CHECK(coerce(WEIR_TYPE_JSON, weir_json_text(wr_lit("{\"a\":1}")), &ret));
    CHECK(ret.kind == WEIR_TEXT && wr_str_eq(ret.as.s, wr_lit("{\"a\":1}")));
}

TEST(null_stays_null_in_a_column_of_any_type)
{
    weir_value ret;

    for (weir_type type = WEIR_NO_TYPE; type <= WEIR_TYPE_JSON; type++) {
        CHECK(coerce(type, weir_null(), &ret));
        CHECK_INT(ret.kind, WEIR_NULL);
        CHECK(coerce(type, (weir_value){ 0 }, &ret));
        CHECK_INT(ret.kind, WEIR_ABSENT);
    }
}

TEST(nothing_but_null_fits_a_column_without_type)
{
    weir_value ret;

    CHECK(!coerce(WEIR_NO_TYPE, weir_int(1), &ret));
    CHECK(!coerce(WEIR_NO_TYPE, weir_json_text(wr_lit("[]")), &ret));
}

TEST(a_number_beyond_64_bits_fits_no_bigint)
{
    weir_value ret;

    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_float(0x1p63), &ret));
    CHECK(coerce(WEIR_TYPE_BIGINT, weir_float(-0x1p63), &ret));
    CHECK(ret.as.i == INT64_MIN);
    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_decimal("9223372036854775808"), &ret));
    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_text(wr_lit("9223372036854775808")), &ret));
    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_text(wr_lit("0x8000000000000000")), &ret));
    CHECK(coerce(WEIR_TYPE_BIGINT, weir_text(wr_lit(" 0x7fffffffffffffff ")), &ret));
    CHECK(ret.as.i == INT64_MAX);
}

TEST(fractions_fit_no_bigint)
{
    weir_value ret;

    CHECK(coerce(WEIR_TYPE_BIGINT, weir_float(3.0), &ret));
    CHECK_INT(ret.as.i, 3);
    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_float(3.5), &ret));
    CHECK(coerce(WEIR_TYPE_BIGINT, weir_decimal("3.00"), &ret));
    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_decimal("3.01"), &ret));
    CHECK(!coerce(WEIR_TYPE_BIGINT, weir_text(wr_lit("3.0")), &ret));
}

TEST(times_outside_of_the_years_1_to_9999_do_not_fit)
{
    static const int64_t outside[] = { 253402300800, -62135596801, INT64_MAX, INT64_MIN };
    weir_value ret;

    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        CHECK(!coerce(WEIR_TYPE_TIMESTAMP, weir_int(outside[i]), &ret));
        CHECK(!coerce(WEIR_TYPE_DATE, weir_int(outside[i]), &ret));
        CHECK(!coerce(WEIR_TYPE_TIMESTAMP, weir_float((double)outside[i]), &ret));
    }
    CHECK(!coerce(WEIR_TYPE_TIMESTAMP, weir_float(253402300799.9999999), &ret));
    CHECK(!coerce(WEIR_TYPE_TIMESTAMP, weir_date(INT64_MAX), &ret));
    CHECK(!coerce(WEIR_TYPE_TIMESTAMP, weir_text(wr_lit("0001-01-01T00:00:00+01:00")), &ret));
    CHECK(coerce(WEIR_TYPE_TIMESTAMP, weir_int(253402300799), &ret));
}

TEST(seconds_are_rounded_to_the_nearest_microsecond)
{
    weir_value ret;

    CHECK(coerce(WEIR_TYPE_TIMESTAMP, weir_float(1633344898.7415245), &ret));
    CHECK_INT(ret.as.i, 1633344898741524);
    CHECK(coerce(WEIR_TYPE_TIMESTAMP, weir_float(-0.0000015), &ret));
    CHECK_INT(ret.as.i, -2);
    CHECK(coerce(WEIR_TYPE_TIMESTAMP, weir_float(0x1p-21), &ret)); /* 0.476… µs */
    CHECK_INT(ret.as.i, 0);
    CHECK(coerce(WEIR_TYPE_TIMESTAMP, weir_text(wr_lit("1.5e0")), &ret));
    CHECK_INT(ret.as.i, 1500000);
}

TEST(the_time_zone_of_a_text_is_applied)
{
    weir_value ret;

    CHECK(coerce(WEIR_TYPE_TIMESTAMP, weir_text(wr_lit("1970-01-01T02:00:00+02:00")), &ret));
    CHECK_INT(ret.as.i, 0);
    CHECK(coerce(WEIR_TYPE_DATE, weir_text(wr_lit("2024-05-06T23:30:00-05:00")), &ret));
    CHECK_INT(ret.as.i, wr_days_from_civil(2024, 5, 7));
    CHECK(coerce(WEIR_TYPE_TIME, weir_text(wr_lit("00:30:00+01:00")), &ret));
    CHECK_INT(ret.as.i, INT64_C(84600) * 1000000);
}

TEST(the_day_of_a_time_before_1970_is_the_one_it_is_in)
{
    weir_value ret;

    CHECK(coerce(WEIR_TYPE_DATE, weir_timestamp(-1), &ret));
    CHECK_INT(ret.as.i, -1);
    CHECK(coerce(WEIR_TYPE_DATE, weir_timestamp(-WR_US_PER_DAY), &ret));
    CHECK_INT(ret.as.i, -1);
}

TEST(every_value_has_a_text)
{
    wr_auto(buf) wr_buf s = wr_buf_max(SCRATCH_MAX);

    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_bool(true), &s), "True");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_int(-7), &s), "-7");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_float(1e16), &s), "1e+16");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_decimal("1e3"), &s), "1E+3");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_bytes("a", 1), &s), "YQ==");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_timestamp(1500000), &s),
              "1970-01-01T00:00:01.500000+00:00");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_date(0), &s), "1970-01-01");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_time_of_day(0), &s), "00:00:00");
}

TEST(a_double_becomes_the_decimal_of_its_shortest_text)
{
    wr_auto(buf) wr_buf s = wr_buf_max(SCRATCH_MAX);

    CHECK_STR(text_in(WEIR_TYPE_DECIMAL, weir_float(0.1), &s), "0.1");
    CHECK_STR(text_in(WEIR_TYPE_DECIMAL, weir_float(1e16), &s), "1E+16");
    CHECK_STR(text_in(WEIR_TYPE_WEI, weir_float(1e-5), &s), "0.00001");
}

TEST(texts_in_json_lose_their_marks_and_keys_keep_them)
{
    wr_auto(buf) wr_buf s = wr_buf_max(SCRATCH_MAX);
    const weir_str marked = wr_lit("{\"\uf026k\":[\"\uf0261.5\",\"\\\"\uf026\",\"\uf026\"]}");

    CHECK_STR(text_in(WEIR_TYPE_JSON, weir_json_text(marked), &s),
              "{\"\uf026k\":[\"1.5\",\"\\\"\uf026\",\"\uf026\"]}");
}

TEST(a_text_in_a_json_column_is_parsed)
{
    wr_auto(buf) wr_buf s = wr_buf_max(SCRATCH_MAX);
    weir_value ret;

    CHECK_STR(text_in(WEIR_TYPE_JSON, weir_text(wr_lit(" { \"a\" : [1.50, null] } ")), &s),
              "{\"a\":[1.5,null]}");
    CHECK_STR(text_in(WEIR_TYPE_JSON, weir_text(wr_lit("{} x")), &s), "(does not fit)");
    CHECK_STR(text_in(WEIR_TYPE_JSON, weir_text(wr_lit("hello")), &s), "(does not fit)");
    CHECK_STR(text_in(WEIR_TYPE_JSON, weir_text(wr_lit("")), &s), "(does not fit)");
    CHECK(coerce(WEIR_TYPE_JSON, weir_text(wr_lit("null")), &ret));
    CHECK_INT(ret.kind, WEIR_NULL);
}

TEST(what_is_too_long_for_the_scratch_memory_does_not_fit)
{
    wr_auto(buf) wr_buf s = wr_buf_max(8);

    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_bytes("0123456789", 10), &s), "(does not fit)");
    CHECK_STR(text_in(WEIR_TYPE_TEXT, weir_bytes("0", 1), &s), "MA==");
}

TEST(wei_that_no_number_type_holds_is_told)
{
    CHECK(wr_wei_fits(wr_lit("578960446186580977117854925043439539266")));
    CHECK(!wr_wei_fits(wr_lit("578960446186580977117854925043439539267")));
    CHECK(wr_wei_fits(wr_lit("-578960446186580977117854925043439539267")));
    CHECK(!wr_wei_fits(wr_lit("-578960446186580977117854925043439539268")));
    CHECK(!wr_wei_fits(wr_lit("1E+40")));
    CHECK(wr_wei_fits(wr_lit("21.37")));
}

TEST(a_number_near_now_is_a_time_where_that_is_detected)
{
    const weir_time now = INT64_C(1700000000) * WR_US_PER_SECOND;

    CHECK_INT(wr_infer_type(weir_int(1700000000), 0, now), WEIR_TYPE_BIGINT);
    CHECK_INT(wr_infer_type(weir_int(1700000000), WR_DETECT_TIMESTAMP, now), WEIR_TYPE_TIMESTAMP);
    CHECK_INT(wr_infer_type(weir_float(1700000000.5), WR_DETECT_TIMESTAMP, now),
              WEIR_TYPE_TIMESTAMP);
    CHECK_INT(wr_infer_type(weir_int(1), WR_DETECT_TIMESTAMP, now), WEIR_TYPE_BIGINT);
    CHECK_INT(wr_infer_type(weir_int(INT64_MIN), WR_DETECT_TIMESTAMP, now), WEIR_TYPE_BIGINT);
    CHECK_INT(wr_infer_type(weir_bool(true), WR_DETECT_TIMESTAMP, now), WEIR_TYPE_BOOL);
}

TEST(null_has_no_type)
{
    CHECK_INT(wr_infer_type(weir_null(), WR_DETECT_ISO_TIMESTAMP, 0), WEIR_NO_TYPE);
    CHECK_INT(wr_natural_type(WEIR_ABSENT), WEIR_NO_TYPE);
    CHECK_STR(wr_variant_suffix(WEIR_TYPE_JSON), "v_json");
}
