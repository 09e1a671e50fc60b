/* Tests of format/toml.h: what is refused, where, and what the message says. */
#include "format/toml.h"

#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"

typedef struct refusal {
    const char *text;
    const char *message; /* behind "config.toml:" */
    const char *hint;    /* its beginning */
} refusal;

static bool is_refused(const refusal *r)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    const wr_toml *root;
    const weir_status status =
        wr_toml_parse(&cx, &arena, "config.toml", weir_str_of(r->text), &root);
    const weir_str message = wr_arena_printf(&arena, "config.toml:%s", r->message);
    const char *hint = weir_error_hint(&cx);
    if (status == WEIR_PARSE && strcmp(weir_error_message(&cx), message.ptr) == 0 &&
        wr_str_starts(weir_str_of(hint), weir_str_of(r->hint)) && !*hint == !*r->hint)
        return true;
    test_note("%s: status %d, '%s', hint '%s'", r->text, (int)status, weir_error_message(&cx),
              hint);
    return false;
}

static void check_refusals(const refusal *refusals, size_t count)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++)
        failed += !is_refused(&refusals[i]);
    CHECK_INT(failed, 0);
}

#define CHECK_REFUSED(...)                                                                         \
    do {                                                                                           \
        const refusal refusals[] = { __VA_ARGS__ };                                                \
        check_refusals(refusals, sizeof(refusals) / sizeof(*refusals));                            \
    } while (0)

#define BACKSLASH "write a backslash twice, or put the text in single quotes"
#define BARE_KEY "a key of other characters than"
#define ONE_VALUE "a key has one value"

TEST(toml_text_without_quotes_is_refused)
{
    CHECK_REFUSED(
        { "a = events", "1:5: expected a value, found 'events'", "text needs quotes" },
        { "a = /data/x", "1:5: expected a value, found '/data/x'", "text needs quotes" },
        { "a = C:\\data", "1:5: expected a value, found 'C:\\data'",
          "text needs quotes; single ones take a backslash as it is" },
        { "a = \xe2\x80\x9cx\xe2\x80\x9d",
          "1:5: expected a value, found '\xe2\x80\x9cx\xe2\x80\x9d'",
          "these quotes are typographic ones" },
        { "a = [x]", "1:6: expected a value, found 'x'", "text needs quotes" },
        { "a = 10MB", "1:5: expected a number, found '10MB'", "what is no number needs quotes" },
        { "a = 1.2.3", "1:5: expected a number, found '1.2.3'", "what is no number needs quotes" });
}

TEST(toml_words_of_other_languages_are_explained)
{
    CHECK_REFUSED(
        { "a = True", "1:5: expected a value, found 'True'", "booleans are" },
        { "a = yes", "1:5: expected a value, found 'yes'", "booleans are" },
        { "a = null", "1:5: expected a value, found 'null'", "TOML has no null" },
        { "a = None", "1:5: expected a value, found 'None'", "TOML has no null" },
        { "a = NaN", "1:5: expected a value, found 'NaN'", "not a number is 'nan'" },
        { "{ \"a\": 1 }", "1:1: expected a key, found '{'", "a TOML file is no JSON" },
        { "a: 1", "1:2: expected '=' behind the key 'a', found ':'", "TOML writes 'key = value'" });
}

TEST(a_missing_quote_is_found_at_the_end_of_the_line)
{
    CHECK_REFUSED(
        { "a = \"x\nb = 1", "1:7: expected the closing \", found the end of the line",
          "the text begins in line 1, column 5; one of several lines stands between" },
        { "a = 'x", "1:7: expected the closing ', found the end of the file",
          "the text begins in line 1, column 5; one of several lines stands between '''" },
        { "a = 1\nb = \"\"\"x\n\n\"\"",
          "4:3: expected the closing \"\"\", found the end of the file",
          "the text begins in line 2, column 5" },
        { "a = x\"", "1:5: expected a value, found 'x\"'", "text needs quotes" },
        { "a = \"x\"y\"", "1:8: expected the end of the line, found 'y\"'",
          "each setting has a line of its own" });
}

TEST(a_backslash_in_double_quotes_must_begin_an_escape)
{
    CHECK_REFUSED(
        { "a = \"C:\\data\"", "1:8: expected an escape as '\\n' or '\\\\', found '\\d'",
          BACKSLASH },
        { "a = \"C:\\Users\\x\"",
          "1:10: expected 8 hexadecimal digits behind '\\U', found 'sers\\x\"'", BACKSLASH },
        { "a = \"C:\\\xc3\xa9\"", "1:8: expected an escape as '\\n' or '\\\\', found '\\\xc3\xa9'",
          BACKSLASH },
        { "a = \"\\", "1:6: expected an escape as '\\n' or '\\\\', found '\\'", BACKSLASH },
        { "a = \"\\x41\"", "1:6: expected an escape as '\\n' or '\\\\', found '\\x'", BACKSLASH },
        { "a = \"\\ud800\"", "1:6: expected a character, found '\\ud800', which is none", "" });
}

TEST(control_characters_and_other_encodings_are_refused_in_toml)
{
    CHECK_REFUSED(
        { "a = \"\x07\"", "1:6: expected a printable character, found the control character U+0007",
          "write it as \\u0007" },
        { "a = '\x7f'", "1:6: expected a printable character, found the control character U+007F",
          "write it as \\u007f, in double quotes" },
        { "a = 1 # \x01", "1:9: expected the text of a comment, found the control character U+0001",
          "" },
        { "a = 1\rb = 2",
          "1:6: expected the end of the line, found a carriage return without a line feed", "" },
        { "a = \"\xc3\xa9\xff\"", "1:7: expected UTF-8, found the byte 0xff",
          "save the file as UTF-8" },
        { "\xff\xfe", "1:1: expected UTF-8, found the byte 0xff", "save the file as UTF-8" });
}

TEST(a_toml_setting_is_a_key_an_equals_sign_and_a_value)
{
    CHECK_REFUSED({ "a", "1:2: expected '=' behind the key 'a', found the end of the file",
                    "a setting is 'key = value'" },
                  { "a b = 1", "1:3: expected '=' behind the key 'a', found 'b'", BARE_KEY },
                  { "gr\xc3\xb6\xc3\x9f"
                    "e = 1",
                    "1:3: expected '=' behind the key 'gr', found '\xc3\xb6\xc3\x9f"
                    "e'",
                    BARE_KEY },
                  { "a =\nb = 1", "1:4: expected a value, found the end of the line",
                    "an empty text is \"\"" },
                  { "a = # b", "1:5: expected a value, found a comment", "an empty text is \"\"" },
                  { "= 1", "1:1: expected a key, found '='", "" },
                  { "a..b = 1", "1:3: expected a key, found '.b'", "" },
                  { "$a = 1", "1:1: expected a key, found '$a'", BARE_KEY },
                  { "a = 1 b = 2", "1:7: expected the end of the line, found 'b'",
                    "each setting has a line of its own" },
                  { "a = 1,000", "1:6: expected the end of the line, found ','",
                    "no comma stands between settings" });
}

TEST(a_key_is_set_once)
{
    CHECK_REFUSED({ "a = 1\n\n\"a\" = 2",
                    "3:1: cannot set 'a': it is already an integer, since line 1", ONE_VALUE },
                  { "a = 1\na.b = 2",
                    "2:1: cannot add to 'a': it is already an integer, since line 1", ONE_VALUE },
                  { "a.b = 1\na = 2",
                    "2:1: cannot set 'a': it is already a table of keys with dots, since line 1",
                    "keep the keys of a table together" },
                  { "a = {b = 1}\na.c = 2",
                    "2:1: cannot add to 'a': it is already an inline table, since line 1",
                    "a key is set once, and what stands in brackets is complete" },
                  { "a = {b = 1, b = 2}",
                    "1:13: cannot set 'b': it is already an integer, since line 1", ONE_VALUE });
}

TEST(a_toml_table_is_opened_once)
{
    CHECK_REFUSED(
        { "[a]\n[b]\n[a]",
          "3:2: cannot open the table 'a': it is already a table with a header, since line 1",
          "keep the keys of a table together" },
        { "[a]\nb.c = 1\n[a.b]",
          "3:4: cannot open the table 'b': it is already a table of keys with dots, since line 2",
          "keep the keys of a table together" },
        { "[a.b]\n[a]\nb.c = 1",
          "3:1: cannot add to 'b': it is already a table with a header, since line 1",
          "keep the keys of a table together" },
        { "a = []\n[[a]]", "2:3: cannot add a table to 'a': it is already an array, since line 1",
          "a key is set once, and what stands in brackets is complete" },
        { "[[a]]\n[a]",
          "2:2: cannot open the table 'a': it is already an array of tables, since line 1",
          "keep the keys of a table together" },
        { "[a.b]\n[[a]]", "2:3: cannot add a table to 'a': it is already a table, since line 1",
          "keep the keys of a table together" },
        { "[a\nb = 1", "1:3: expected ']' behind the name of the table, found the end of the line",
          "" },
        { "[[a] ]", "1:5: expected ']' behind the name of the table, found ' '", "" },
        { "[]", "1:2: expected a key, found ']'", "" });
}

TEST(what_opens_in_toml_must_close)
{
    CHECK_REFUSED({ "a = [1,\n2\nb = 1", "3:1: expected ',' or ']', found 'b'",
                    "the array begins in line 1" },
                  { "a = [", "1:6: expected ',' or ']', found the end of the file",
                    "the array begins in line 1" },
                  { "a = [1,,2]", "1:8: expected a value, found ','", "" },
                  { "a = {b = 1,\nc = 2}", "1:12: expected a key, found the end of the line", "" },
                  { "a = {b = 1\n}", "1:11: expected ',' or '}', found the end of the line",
                    "an inline table has one line" },
                  { "a = {b = 1, }", "1:13: expected a key, found '}'",
                    "no comma stands in front of the closing brace" },
                  { "a = {b = 1 c = 2}", "1:12: expected ',' or '}', found 'c'",
                    "the inline table begins in line 1" });
}

TEST(toml_numbers_are_refused_rather_than_changed)
{
    CHECK_REFUSED(
        { "a = 9223372036854775808",
          "1:5: expected an integer of 64 bits with sign, found '9223372036854775808'", "" },
        { "a = 0x8000000000000000",
          "1:5: expected an integer of 64 bits with sign, found '0x8000000000000000'", "" },
        { "a = 1e400", "1:5: expected a float in the range of doubles, found '1e400'", "" },
        { "a = 007", "1:5: expected a number, found '007'", "a number does not begin with 0" },
        { "a = -0xff", "1:5: expected a number, found '-0xff'", "0x, 0o and 0b begin" },
        { "a = .5", "1:5: expected a number, found '.5'", "a float has digits" },
        { "a = 5.", "1:5: expected a number, found '5.'", "a float has digits" },
        { "a = 1__0", "1:5: expected a number, found '1__0'", "'_' may only stand" });
}

TEST(toml_dates_must_exist)
{
    CHECK_REFUSED(
        { "a = 2023-02-29", "1:5: expected a date that exists, found '2023-02-29'", "" },
        { "a = 24:00:00", "1:5: expected a time of day that exists, found '24:00:00'", "" },
        { "a = 2024-01-01T00:00:00+24:00",
          "1:5: expected a date and time with an offset that exists, found "
          "'2024-01-01T00:00:00+24:00'",
          "" },
        { "a = 0001-01-01T00:00:00+00:01",
          "1:5: expected a date and time with an offset that exists, found "
          "'0001-01-01T00:00:00+00:01'",
          "" },
        { "a = 07:32", "1:5: expected a date or a time in one of TOML's forms, found '07:32'",
          "2024-01-31, 07:32:00" },
        { "a = 2024-1-5", "1:5: expected a date or a time in one of TOML's forms, found '2024-1-5'",
          "2024-01-31, 07:32:00" },
        { "a = 2024-01-31 1",
          "1:5: expected a date or a time in one of TOML's forms, found "
          "'2024-01-31'",
          "2024-01-31, 07:32:00" });
}

TEST(a_long_word_is_cut_in_the_message)
{
    CHECK_REFUSED({ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
                    "1:51: expected '=' behind the key "
                    "'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee\xe2\x80\xa6', found the end of "
                    "the file",
                    "a setting is" },
                  { "a = aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
                    "1:5: expected a value, found "
                    "'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee\xe2\x80\xa6'",
                    "text needs quotes" });
}
