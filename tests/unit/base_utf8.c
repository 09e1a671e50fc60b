/* Tests of base/utf8.h. */
#include "base/utf8.h"

#include "base/str.h"
#include "harness/test.h"

TEST(text_is_valid_up_to_its_first_malformed_byte)
{
    static const struct {
        weir_str text;
        size_t valid;
    } cases[] = {
        { { "", 0 }, 0 },
        { wr_lit("plain ascii that is longer than eight bytes"), 43 },
        { wr_lit("gr\xC3\xB6\xC3\x9F"
                 "e \xE6\x97\xA5 \xF0\x9F\x98\x80"),
          16 },
        { wr_lit("12345678\xFF"), 8 },
        { wr_lit("1234567\x80"), 7 },
        { wr_lit("a\xC0\x80"), 1 },                 /* overlong */
        { wr_lit("a\xE0\x9F\xBF"), 1 },             /* overlong */
        { wr_lit("a\xF0\x8F\xBF\xBF"), 1 },         /* overlong */
        { wr_lit("a\xED\xA0\x80"), 1 },             /* surrogate */
        { wr_lit("a\xED\x9F\xBF\xEE\x80\x80"), 7 }, /* its neighbours */
        { wr_lit("a\xF4\x90\x80\x80"), 1 },         /* beyond U+10FFFF */
        { wr_lit("a\xF4\x8F\xBF\xBF"), 5 },         /* the last one */
        { wr_lit("ab\xE6\x97"), 2 },                /* cut off */
        { wr_lit("ab\xE6\x97x"), 2 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_INT(wr_utf8_valid(cases[i].text), cases[i].valid);
}

TEST(characters_are_read_one_by_one)
{
    const weir_str text = wr_lit("a\xC3\xB6\xE6\x97\xA5\xF0\x9F\x98\x80");
    size_t at = 0;

    CHECK_INT(wr_utf8_next(text, &at), 'a');
    CHECK_INT(wr_utf8_next(text, &at), 0xF6);
    CHECK_INT(wr_utf8_next(text, &at), 0x65E5);
    CHECK_INT(wr_utf8_next(text, &at), 0x1F600);
    CHECK_INT(at, text.len);
}

TEST(a_malformed_byte_is_read_alone_and_written_back)
{
    const weir_str text = wr_lit("\xE6\x97z");
    size_t at = 0;
    char back[4];

    const uint32_t first = wr_utf8_next(text, &at);
    CHECK_INT(first, 0xDCE6);
    CHECK_INT(at, 1);
    CHECK_INT(wr_utf8_put(back, first), 1);
    CHECK_INT((unsigned char)back[0], 0xE6);
    CHECK_INT(wr_utf8_next(text, &at), 0xDC97);
    CHECK_INT(wr_utf8_next(text, &at), 'z');
}

TEST(what_is_written_reads_back)
{
    static const uint32_t points[] = { 0,      0x7F,   0x80,   0x7FF,   0x800,   0xD7FF,
                                       0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF };
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        char bytes[4];
        size_t at = 0;
        const weir_str text = { bytes, wr_utf8_put(bytes, points[i]) };
        CHECK_INT(wr_utf8_valid(text), text.len);
        CHECK_INT(wr_utf8_next(text, &at), points[i]);
        CHECK_INT(at, text.len);
    }
}

TEST(what_is_no_character_is_written_as_the_replacement)
{
    char bytes[4];
    size_t at = 0;

    CHECK_INT(wr_utf8_put(bytes, 0xD800), 3);
    CHECK_INT(wr_utf8_next((weir_str){ bytes, 3 }, &at), 0xFFFD);
    at = 0;
    CHECK_INT(wr_utf8_put(bytes, 0x110000), 3);
    CHECK_INT(wr_utf8_next((weir_str){ bytes, 3 }, &at), 0xFFFD);
}

TEST(length_and_prefix_count_characters)
{
    const weir_str text = wr_lit("gr\xC3\xB6\xC3\x9F"
                                 "e \xE6\x97\xA5\xFF and more");

    CHECK_INT(wr_utf8_len(text), 17);
    CHECK_INT(wr_utf8_len((weir_str){ 0 }), 0);
    CHECK_INT(wr_utf8_prefix(text, 0), 0);
    CHECK_INT(wr_utf8_prefix(text, 3), 4);
    CHECK_INT(wr_utf8_prefix(text, 7), 11);
    CHECK_INT(wr_utf8_prefix(text, 1000), text.len);
}

TEST(space_is_what_python_strips)
{
    static const uint32_t spaces[] = { 0x09,   0x0D,   0x1C,   0x1F,   0x20,
                                       0x85,   0xA0,   0x1680, 0x2000, 0x200A,
                                       0x2028, 0x2029, 0x202F, 0x205F, 0x3000 };
    static const uint32_t others[] = { 0, 0x08, 0x0E, 0x1B, 0x21, 0x7F, 0x200B, 0x2060, 0xFEFF };

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        CHECK(wr_is_space(spaces[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CHECK(!wr_is_space(others[i]));
}

TEST(digits_are_those_of_all_scripts)
{
    static const uint32_t digits[] = { '0',    '9',    0x0660,  0x0669,  0x0E50,
                                       0xFF10, 0xFF19, 0x1D7CE, 0x1D7FF, 0x1FBF9 };
    static const uint32_t others[] = { '/',    ':',    0xB2,    0x065F,  0x066A,
                                       0x2160, 0xFF1A, 0x1D7CD, 0x1FBFA, 0x10FFFF };
    int count = 0;

    for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
        CHECK(wr_is_digit(digits[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CHECK(!wr_is_digit(others[i]));
    for (uint32_t c = 0; c < 0x110000; c++)
        count += wr_is_digit(c);
    CHECK_INT(count, 660);
}
