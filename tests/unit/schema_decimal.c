/* Tests of schema/decimal.h. */
#include "schema/decimal.h"

#include <math.h>

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

/* A number read and written again; empty when it is none. */
static const char *again(const char *text, wr_buf *out)
{
    wr_decimal d;
    wr_buf_clear(out);
    if (wr_decimal_parse(weir_str_of(text), &d))
        wr_decimal_write(out, &d);
    return wr_buf_text(out);
}

TEST(decimals_are_written_as_python_does)
{
    static const char *const pairs[][2] = {
        { "1.50", "1.50" },        { "+007", "7" },
        { ".5", "0.5" },           { "5.", "5" },
        { "1e3", "1E+3" },         { "12.34e1", "123.4" },
        { "12.34E5", "1.234E+6" }, { "0.000001", "0.000001" },
        { "0.0000001", "1E-7" },   { "-0", "-0" },
        { "0.00", "0.00" },        { "0e3", "0E+3" },
        { "0.0000000", "0E-7" },   { "1e-0005", "0.00001" },
        { "-INF", "-Infinity" },   { "Infinity", "Infinity" },
        { "-nan", "NaN" },         { "1E+999999999", "1E+999999999" },
    };
    wr_auto(buf) wr_buf out = wr_buf_max(64);

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        CHECK_STR(again(pairs[i][0], &out), pairs[i][1]);
}

TEST(what_is_no_decimal_is_refused)
{
    static const char *const texts[] = {
        "",   ".",    "+",    "e5",           "1e",  "1e+", "1.2.3", "1 2", " 1",  "0x1",
        "in", "infi", "nan1", "1e1000000000", "--1", "1,5", "\0165", "+-1", "1_0", "Nan ",
    };
    wr_decimal d;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        CHECK(!wr_decimal_parse(weir_str_of(texts[i]), &d));
    CHECK(!wr_decimal_parse((weir_str){ 0 }, &d));
}

TEST(a_canonical_decimal_is_what_writing_it_gives)
{
    static const char *const texts[] = {
        "0",   "-0",           "12",    "1.50", "0.000001", "0.0000001", "0.000000", "0.0000000",
        "007", "00",           "1.",    ".5",   "+1",       "1E+3",      "1e3",      "-",
        "",    "1.0000000000", "-12.5", "0.5",  "x",        "1x",
    };
    wr_auto(buf) wr_buf out = wr_buf_max(64);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const bool plain = texts[i][0] != '\0' && !strchr(texts[i], 'E');
        const bool unchanged = plain && strcmp(again(texts[i], &out), texts[i]) == 0;
        CHECK_INT(wr_decimal_is_canonical(weir_str_of(texts[i])), unchanged);
    }
}

static bool int_of(const char *text, int64_t *ret)
{
    wr_decimal d;
    return wr_decimal_parse(weir_str_of(text), &d) && wr_decimal_int(&d, ret);
}

TEST(integral_decimals_of_64_bits_are_integers)
{
    int64_t i = 1;

    CHECK(int_of("3.000", &i) && i == 3);
    CHECK(int_of("-1E+3", &i) && i == -1000);
    CHECK(int_of("0e999", &i) && i == 0);
    CHECK(int_of("12300e-2", &i) && i == 123);
    CHECK(int_of("9223372036854775807.0", &i) && i == INT64_MAX);
    CHECK(int_of("-9223372036854775808", &i) && i == INT64_MIN);
    CHECK(!int_of("9223372036854775808", &i));
    CHECK(!int_of("3.5", &i));
    CHECK(!int_of("1e-1", &i));
    CHECK(!int_of("1e19", &i));
    CHECK(!int_of("NaN", &i));
    CHECK(!int_of("inf", &i));
}

static double double_of(const char *text)
{
    wr_decimal d;
    return wr_decimal_parse(weir_str_of(text), &d) ? wr_decimal_double(&d) : 0.0;
}

TEST(decimals_become_the_nearest_double)
{
    CHECK(double_of("0.1") == 0.1);
    CHECK(double_of("007.") == 7.0);
    CHECK(double_of("9007199254740993") == 9007199254740992.0);
    CHECK(double_of("1e400") == (double)INFINITY);
    CHECK(double_of("-inf") == -(double)INFINITY);
    CHECK(isnan(double_of("nan")));
}

static int compare(const char *text, const char *digits)
{
    wr_decimal d;
    return wr_decimal_parse(weir_str_of(text), &d) ? wr_decimal_compare(&d, weir_str_of(digits))
                                                   : 9;
}

TEST(absolute_values_are_compared_exactly)
{
    CHECK_INT(compare("123", "123"), 0);
    CHECK_INT(compare("-123.000", "123"), 0);
    CHECK_INT(compare("1.23e2", "123"), 0);
    CHECK_INT(compare("123.0001", "123"), 1);
    CHECK_INT(compare("122.9999", "123"), -1);
    CHECK_INT(compare("1e3", "123"), 1);
    CHECK_INT(compare("1e2", "123"), -1);
    CHECK_INT(compare("0e9", "123"), -1);
}

static int order(const char *left, const char *right)
{
    wr_decimal a;
    wr_decimal b;
    return wr_decimal_parse(weir_str_of(left), &a) && wr_decimal_parse(weir_str_of(right), &b)
               ? wr_decimal_order(&a, &b)
               : 9;
}

TEST(decimals_are_ordered_by_value)
{
    CHECK_INT(order("1.5", "1.50"), 0);
    CHECK_INT(order("1E+3", "1000"), 0);
    CHECK_INT(order("0", "-0.00"), 0);
    CHECK_INT(order("0e9", "1e-9"), -1);
    CHECK_INT(order("-1.5", "1"), -1);
    CHECK_INT(order("-2", "-10"), 1);
    CHECK_INT(order("0.001", "0.01"), -1);
    CHECK_INT(order("123456789012345678901", "123456789012345678900.9"), 1);
    CHECK_INT(order("inf", "1e999"), 1);
    CHECK_INT(order("-inf", "inf"), -1);
    CHECK_INT(order("inf", "Infinity"), 0);
}

static bool fits(const char *number, int precision, int scale)
{
    wr_decimal d;
    return wr_decimal_parse(weir_str_of(number), &d) && wr_decimal_fits(&d, precision, scale);
}

TEST(a_decimal_fits_while_rounding_leaves_it_in_range)
{
    CHECK(fits("99.9", 3, 1));
    CHECK(fits("-99.94999", 3, 1));
    CHECK(!fits("99.95", 3, 1));
    CHECK(!fits("-100", 3, 1));
    CHECK(fits("0", 3, 1));
    CHECK(fits("1e-400", 3, 1));
    CHECK(!fits("1e400", 38, 9));
    CHECK(fits("99999999999999999999999999999", 38, 9));
    CHECK(!fits("100000000000000000000000000000", 38, 9));
    CHECK(fits("1e37", 38, 0));
    CHECK(!fits("1e38", 38, 0));
    CHECK(fits("0.09", 1, 1));
    CHECK(!fits("NaN", 38, 9));
    CHECK(!fits("-inf", 38, 9));
}
