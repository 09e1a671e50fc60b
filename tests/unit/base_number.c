/* Tests of base/number.h. */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "base/str.h"
#include "harness/test.h"

TEST(integers_are_read_when_they_fit)
{
    static const struct {
        weir_str text;
        int64_t value;
    } cases[] = {
        { wr_lit("0"), 0 },
        { wr_lit("-0"), 0 },
        { wr_lit("+7"), 7 },
        { wr_lit("007"), 7 },
        { wr_lit("9223372036854775807"), INT64_MAX },
        { wr_lit("-9223372036854775808"), INT64_MIN },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 1;
        CHECK(wr_int_parse(cases[i].text, &value));
        CHECK_INT(value, cases[i].value);
    }
}

TEST(what_is_no_integer_is_refused_and_changes_nothing)
{
    static const char *const cases[] = { "",
                                         "-",
                                         "+",
                                         " 1",
                                         "1 ",
                                         "1.0",
                                         "1e3",
                                         "0x1",
                                         "--1",
                                         "1_000",
                                         "9223372036854775808",
                                         "-9223372036854775809" };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 42;
        CHECK(!wr_int_parse(weir_str_of(cases[i]), &value));
        CHECK_INT(value, 42);
    }
}

TEST(integers_are_written_in_full)
{
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { -1, "-1" },
        { 1234567890, "1234567890" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[WR_NUMBER_TEXT];
        const size_t len = wr_int_text(text, cases[i].value);
        CHECK_TEXT(((weir_str){ text, len }), cases[i].text);
    }
}

/* Recorded with Python 3.11 and orjson 3.13. */
static const struct {
    double value;
    const char *repr;
    const char *json;
} doubles[] = {
    { 0.0, "0.0", "0.0" },
    { -0.0, "-0.0", "-0.0" },
    { 1.0, "1.0", "1.0" },
    { -1.5, "-1.5", "-1.5" },
    { 0.1, "0.1", "0.1" },
    { 0.1 + 0.2, "0.30000000000000004", "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333", "0.3333333333333333" },
    { 2.0 / 3, "0.6666666666666666", "0.6666666666666666" },
    { 100.0, "100.0", "100.0" },
    { 12345.67, "12345.67", "12345.67" },
    { 0.001, "0.001", "0.001" },
    { 0.0001, "0.0001", "0.0001" },
    { 0.00012345, "0.00012345", "0.00012345" },
    { 0.00001, "1e-05", "0.00001" },
    { 0.0000123, "1.23e-05", "0.0000123" },
    { 0.000001, "1e-06", "1e-6" },
    { 1e-7, "1e-07", "1e-7" },
    { 1.5e-7, "1.5e-07", "1.5e-7" },
    { 1e-10, "1e-10", "1e-10" },
    { 123456789012345.6, "123456789012345.6", "123456789012345.6" },
    { 1e15, "1000000000000000.0", "1000000000000000.0" },
    { 9007199254740991.0, "9007199254740991.0", "9007199254740991.0" },
    { 9007199254740992.0, "9007199254740992.0", "9007199254740992.0" },
    { 9007199254740993.0, "9007199254740992.0", "9007199254740992.0" },
    { 9007199254740994.0, "9007199254740994.0", "9007199254740994.0" },
    { 9999999999999998.0, "9999999999999998.0", "9999999999999998.0" },
    { 1e16, "1e+16", "1e+16" },
    { 1.2345678901234568e16, "1.2345678901234568e+16", "1.2345678901234568e+16" },
    { 1e21, "1e+21", "1e+21" },
    { 1e22, "1e+22", "1e+22" },
    { 1e23, "1e+23", "1e+23" },
    { 9.5e22, "9.5e+22", "9.5e+22" },
    { 1.8446744073709552e19, "1.8446744073709552e+19", "1.8446744073709552e+19" },
    { 5.684341886080802e-14, "5.684341886080802e-14", "5.684341886080802e-14" }, /* 2^-44 */
    { 8.98846567431158e307, "8.98846567431158e+307", "8.98846567431158e+307" },  /* 2^1023 */
    { 1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308" },
    { 2.225073858507201e-308, "2.225073858507201e-308", "2.225073858507201e-308" },
    { 5e-324, "5e-324", "5e-324" },
    { -5e-324, "-5e-324", "-5e-324" },
    { 1e-323, "1e-323", "1e-323" },
    { 3.5e-323, "3.5e-323", "3.5e-323" },
    { 6.63123685e-316, "6.63123685e-316", "6.63123685e-316" },
};

TEST(doubles_are_written_with_the_fewest_digits)
{
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
        char text[WR_NUMBER_TEXT];
        const size_t repr_len = wr_double_repr(text, doubles[i].value);
        CHECK_TEXT(((weir_str){ text, repr_len }), doubles[i].repr);
        const size_t json_len = wr_double_json(text, doubles[i].value);
        CHECK_TEXT(((weir_str){ text, json_len }), doubles[i].json);
    }
}

TEST(doubles_that_json_has_not_are_written_as_python_does)
{
    char text[WR_NUMBER_TEXT];

    CHECK_TEXT(((weir_str){ text, wr_double_repr(text, (double)NAN) }), "nan");
    CHECK_TEXT(((weir_str){ text, wr_double_repr(text, (double)INFINITY) }), "inf");
    CHECK_TEXT(((weir_str){ text, wr_double_repr(text, -(double)INFINITY) }), "-inf");
}

static bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

TEST(doubles_read_back_from_both_forms)
{
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
        double value = 1;
        CHECK(wr_double_parse(weir_str_of(doubles[i].repr), &value));
        CHECK(same_double(value, doubles[i].value));
        CHECK(wr_double_parse(weir_str_of(doubles[i].json), &value));
        CHECK(same_double(value, doubles[i].value));
    }
}

TEST(doubles_are_rounded_correctly_when_read)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        { "9007199254740993", 9007199254740992.0 },                      /* halfway, to even */
        { "9007199254740993.00000000000000000001", 9007199254740994.0 }, /* just past it */
        { "9007199254740995", 9007199254740996.0 },
        { "1e22", 1e22 },
        { "1e23", 1e23 },
        { "123456789012345678e-5", 1234567890123.45678 },
        { "2.2250738585072011e-308", 2.225073858507201e-308 },
        { "2.4703282292062327e-324", 0.0 },
        { "2.4703282292062328e-324", 5e-324 },
        { "1.7976931348623158e308", 1.7976931348623157e308 },
        { "0.00000000000000000000000000000000000000000000000000000000000000000000001e71", 1.0 },
        { "18446744073709551616", 18446744073709551616.0 },
        { "1E+2", 100.0 },
        { "-0", -0.0 },
        { "0e99999999999", 0.0 },
        { "1e-99999999999", 0.0 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double value = 1;
        CHECK(wr_double_parse(weir_str_of(cases[i].text), &value));
        CHECK(same_double(value, cases[i].value));
    }
}

TEST(doubles_out_of_range_become_infinite)
{
    double value = 0;

    CHECK(wr_double_parse(wr_lit("1e309"), &value));
    CHECK(isinf(value) && value > 0);
    CHECK(wr_double_parse(wr_lit("-1e99999999999999999999"), &value));
    CHECK(isinf(value) && value < 0);
}

TEST(what_is_no_json_number_is_refused)
{
    static const char *const cases[] = { "",    "-",   "+1",  ".5",    "1.",    "01",
                                         "-01", "1e",  "1e+", "1 ",    " 1",    "0x1",
                                         "nan", "inf", "1,5", "1.2.3", "1e2e3", "--1" };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double value = 42;
        CHECK(!wr_double_parse(weir_str_of(cases[i]), &value));
        CHECK(same_double(value, 42));
    }
    double value;
    CHECK(!wr_double_parse((weir_str){ "1\0002", 3 }, &value));
}

TEST(reading_a_number_does_not_look_behind_its_text)
{
    double value;
    CHECK(wr_double_parse((weir_str){ "12345678901234567890123", 20 }, &value));
    CHECK(same_double(value, 12345678901234567890.0));
}
