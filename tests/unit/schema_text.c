/* Tests of schema/text.h. */
#include "schema/text.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

TEST(text_is_trimmed_as_python_does)
{
    CHECK_TEXT(wr_text_trim(wr_lit("a b")), "a b");
    CHECK_TEXT(wr_text_trim(wr_lit(" \t\u00a0a\u3000b\u2003\x1c")), "a\u3000b");
    CHECK_TEXT(wr_text_trim(wr_lit("日本語")), "日本語");
    CHECK_INT(wr_text_trim(wr_lit(" \u2028 ")).len, 0);
    CHECK_INT(wr_text_trim((weir_str){ 0 }).len, 0);
    CHECK_TEXT(wr_text_trim(wr_lit(" \x80\xa0 ")), "\x80\xa0");
}

static const char *plain(const char *text, wr_buf *made)
{
    weir_str ret;
    if (!wr_number_plain(weir_str_of(text), made, &ret))
        return "(none)";
    wr_buf copy = wr_buf_max(256);
    wr_buf_str(&copy, ret);
    wr_buf_done(made);
    *made = copy;
    return wr_buf_text(made);
}

TEST(digits_of_any_script_and_underscores_between_them_are_plain_numbers)
{
    wr_auto(buf) wr_buf made = wr_buf_max(256);

    CHECK_STR(plain("1_000", &made), "1000");
    CHECK_STR(plain("-１２.٥", &made), "-12.5");
    CHECK_STR(plain("𝟗𝟘𝟭", &made), "901");
    CHECK_STR(plain("_1", &made), "(none)");
    CHECK_STR(plain("1_", &made), "(none)");
    CHECK_STR(plain("1__0", &made), "(none)");
    CHECK_STR(plain("1\u00a00", &made), "(none)");
}

TEST(a_plain_number_is_borrowed)
{
    const weir_str number = wr_lit("-1.5e3");
    weir_str ret;

    CHECK(wr_number_plain(number, NULL, &ret));
    CHECK(ret.ptr == number.ptr && ret.len == number.len);
}

TEST(hexadecimal_numbers_become_decimal_digits)
{
    wr_auto(buf) wr_buf made = wr_buf_max(256);
    weir_str ret;

    CHECK(wr_number_hex(wr_lit("fF"), &made, &ret));
    CHECK_TEXT(ret, "255");
    CHECK(wr_number_hex(wr_lit("000"), &made, &ret));
    CHECK_TEXT(ret, "0");
    CHECK(wr_number_hex(wr_lit("3b9aca00"), &made, &ret));
    CHECK_TEXT(ret, "1000000000");
    CHECK(wr_number_hex(wr_lit("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
                        &made, &ret));
    CHECK_TEXT(ret,
               "115792089237316195423570985008687907853269984665640564039457584007913129639935");
    CHECK(!wr_number_hex(wr_lit(""), &made, &ret));
    CHECK(!wr_number_hex(wr_lit("-1"), &made, &ret));
    CHECK(!wr_number_hex(
        wr_lit("0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), &made, &ret));
}
