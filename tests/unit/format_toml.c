/* Tests of format/toml.h: what a document gives. */
#include "format/toml.h"

#include <fcntl.h>
#include <math.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "base/time.h"
#include "harness/test.h"

typedef struct document {
    weir_ctx cx;
    wr_arena arena;
    weir_status status;
    const wr_toml *root; /* NULL when it was refused */
} document;

static document read_bytes(weir_str text)
{
    document doc = { 0 };
    wr_ctx_init(&doc.cx, NULL);
    doc.status = wr_toml_parse(&doc.cx, &doc.arena, "config.toml", text, &doc.root);
    if (doc.status != WEIR_OK)
        test_note("%s", weir_error_message(&doc.cx));
    return doc;
}

static document read(const char *text)
{
    return read_bytes(weir_str_of(text));
}

static void wr_cleanup_document(document *doc)
{
    wr_arena_done(&doc->arena);
    wr_ctx_done(&doc->cx);
}

static const wr_toml *value_of(const document *doc, const char *path)
{
    static const wr_toml none = { .kind = WR_TOML_TABLE };
    const wr_toml *value = wr_toml_find(doc->root, path);
    return value ? value : &none;
}

static weir_str text_of(const document *doc, const char *path)
{
    return value_of(doc, path)->text;
}

static weir_str json_of(document *doc)
{
    wr_auto(buf) wr_buf out = wr_buf_max((size_t)1 << 20);
    if (doc->root)
        wr_node_write(&out, wr_toml_to_node(&doc->arena, doc->root), WR_JSON_COMPACT);
    return wr_arena_str(&doc->arena, wr_buf_view(&out));
}

/* ---- texts ---- */

TEST(a_toml_text_in_double_quotes_has_escapes_and_one_in_single_quotes_has_none)
{
    wr_auto(document) document doc = read("a = \"\\b\\t\\n\\f\\r\\\"\\\\ \\u00e9 \\U0001F600\"\n"
                                          "b = 'C:\\data\\new \"x\"'\n"
                                          "c = \"a\ttab\"");

    CHECK_TEXT(text_of(&doc, "a"), "\b\t\n\f\r\"\\ \xc3\xa9 \xf0\x9f\x98\x80");
    CHECK_TEXT(text_of(&doc, "b"), "C:\\data\\new \"x\"");
    CHECK_TEXT(text_of(&doc, "c"), "a\ttab");
}

TEST(a_toml_text_of_several_lines_drops_its_first_line_end)
{
    wr_auto(document) document doc = read("a = \"\"\"\none\ntwo\"\"\"\n"
                                          "b = '''\r\none\r\ntwo\\\r\n'''");

    CHECK_TEXT(text_of(&doc, "a"), "one\ntwo");
    CHECK_TEXT(text_of(&doc, "b"), "one\ntwo\\\n");
}

TEST(a_toml_text_of_several_lines_may_hold_quotes_and_end_in_two)
{
    wr_auto(document) document doc = read("a = \"\"\"\"\"x\"\" y\"\"\"\"\"\n"
                                          "b = '''''x'' y'''''\n"
                                          "c = \"\"\"\"\"\"");

    CHECK_TEXT(text_of(&doc, "a"), "\"\"x\"\" y\"\"");
    CHECK_TEXT(text_of(&doc, "b"), "''x'' y''");
    CHECK_TEXT(text_of(&doc, "c"), "");
}

TEST(a_backslash_at_the_end_of_a_toml_line_takes_the_white_space_away)
{
    wr_auto(document) document doc = read("a = \"\"\"one \\  \r\n\n \t two\\\n\"\"\"");

    CHECK_TEXT(text_of(&doc, "a"), "one two");
}

/* ---- numbers and booleans ---- */

TEST(toml_integers_have_64_bits_in_four_bases)
{
    wr_auto(document) document doc = read("max = 9_223_372_036_854_775_807\n"
                                          "min = -9223372036854775808\n"
                                          "plus = +0\n"
                                          "hex = 0x7FFF_ffff_ffff_ffff\n"
                                          "oct = 0o00755\n"
                                          "bin = 0b1101");

    CHECK(value_of(&doc, "max")->as.i == INT64_MAX);
    CHECK(value_of(&doc, "min")->as.i == INT64_MIN);
    CHECK_INT(value_of(&doc, "plus")->kind, WR_TOML_INT);
    CHECK_INT(value_of(&doc, "plus")->as.i, 0);
    CHECK(value_of(&doc, "hex")->as.i == INT64_MAX);
    CHECK_INT(value_of(&doc, "oct")->as.i, 0755);
    CHECK_INT(value_of(&doc, "bin")->as.i, 13);
    CHECK_TEXT(text_of(&doc, "max"), "9_223_372_036_854_775_807");
}

TEST(toml_floats_are_doubles_with_infinity_and_nan)
{
    wr_auto(document) document doc = read("a = -1_0.2_5\n"
                                          "b = +5E+0_3\n"
                                          "c = -0.0\n"
                                          "d = -inf\n"
                                          "e = +nan\n"
                                          "f = 4.9e-324");

    CHECK(value_of(&doc, "a")->as.f == -10.25);
    CHECK(value_of(&doc, "b")->as.f == 5000.0);
    CHECK(signbit(value_of(&doc, "c")->as.f));
    CHECK(isinf(value_of(&doc, "d")->as.f) && value_of(&doc, "d")->as.f < 0);
    CHECK(isnan(value_of(&doc, "e")->as.f));
    CHECK(value_of(&doc, "f")->as.f > 0);
}

TEST(toml_booleans_are_lower_case_words)
{
    wr_auto(document) document doc = read("a = true\nb = [false]");

    CHECK_INT(value_of(&doc, "a")->kind, WR_TOML_BOOL);
    CHECK(value_of(&doc, "a")->as.b);
    CHECK_INT(value_of(&doc, "b")->first->kind, WR_TOML_BOOL);
    CHECK(!value_of(&doc, "b")->first->as.b);
}

/* ---- dates and times ---- */

TEST(a_toml_date_and_time_with_an_offset_is_an_instant)
{
    wr_auto(document) document doc = read("a = 1970-01-02T00:30:00.5+01:30\n"
                                          "b = 1970-01-01 00:00:01z\n"
                                          "c = 1969-12-31t23:59:59.1234567-00:01");

    const wr_toml *a = value_of(&doc, "a");
    CHECK_INT(a->kind, WR_TOML_TIMESTAMP);
    CHECK_INT(a->as.us, INT64_C(23) * 3600 * 1000000 + 500000);
    CHECK_INT(a->zone_minutes, 90);
    CHECK_TEXT(a->text, "1970-01-02T00:30:00.5+01:30");
    CHECK_INT(value_of(&doc, "b")->as.us, 1000000);
    CHECK_INT(value_of(&doc, "c")->as.us, 59 * INT64_C(1000000) + 123456);
    CHECK_INT(value_of(&doc, "c")->zone_minutes, -1);
}

TEST(toml_dates_and_times_may_leave_parts_out)
{
    wr_auto(document) document doc = read("a = 1970-01-02T00:00:01\n"
                                          "b = 1970-01-03 # a comment\n"
                                          "c = 23:59:59.999999999\n"
                                          "d = [2024-02-29,00:00:00]");

    CHECK_INT(value_of(&doc, "a")->kind, WR_TOML_LOCAL_TIMESTAMP);
    CHECK_INT(value_of(&doc, "a")->as.us, WR_US_PER_DAY + 1000000);
    CHECK_INT(value_of(&doc, "b")->kind, WR_TOML_DATE);
    CHECK_INT(value_of(&doc, "b")->as.us, 2 * WR_US_PER_DAY);
    CHECK_TEXT(text_of(&doc, "b"), "1970-01-03");
    CHECK_INT(value_of(&doc, "c")->kind, WR_TOML_CLOCK);
    CHECK_INT(value_of(&doc, "c")->as.us, WR_US_PER_DAY - 1);
    CHECK_INT(value_of(&doc, "d")->last->kind, WR_TOML_CLOCK);
}

/* ---- keys, tables, arrays ---- */

TEST(a_toml_tree_keeps_the_order_of_the_text)
{
    wr_auto(document) document doc = read("z = 1\n"
                                          "b.y = 2\n"
                                          "a = 3\n"
                                          "b.x = 4\n"
                                          "[c]\n"
                                          "[d.e]\n"
                                          "[d]\n"
                                          "f = 5");

    CHECK_TEXT(json_of(&doc),
               "{\"z\":1,\"b\":{\"y\":2,\"x\":4},\"a\":3,\"c\":{},\"d\":{\"e\":{},\"f\":5}}");
}

TEST(toml_keys_may_be_quoted_empty_or_look_like_numbers)
{
    wr_auto(document) document doc = read("\"\" = 1\n"
                                          "3.14 = 2\n"
                                          "'a.b' . \"\\u00e9\" = 3\n"
                                          "true = 4\n"
                                          "-_- = 5");

    CHECK_TEXT(json_of(&doc), "{\"\":1,\"3\":{\"14\":2},\"a.b\":{\"\xc3\xa9\":3},"
                              "\"true\":4,\"-_-\":5}");
}

TEST(toml_tables_say_how_they_are_written)
{
    wr_auto(document) document doc = read("a.b = {}\n"
                                          "[c.d]\n"
                                          "[[e]]\n"
                                          "[e.f]\n");

    CHECK_INT(value_of(&doc, "a")->form, WR_TOML_DOTTED);
    CHECK_INT(value_of(&doc, "a.b")->form, WR_TOML_INLINE);
    CHECK_INT(value_of(&doc, "c")->form, WR_TOML_IMPLIED);
    CHECK_INT(value_of(&doc, "c.d")->form, WR_TOML_HEADER);
    CHECK_INT(value_of(&doc, "e")->kind, WR_TOML_ARRAY);
    CHECK_INT(value_of(&doc, "e")->form, WR_TOML_HEADER);
    CHECK(wr_toml_find(value_of(&doc, "e")->first, "f"));
}

TEST(toml_arrays_of_tables_take_sub_tables_for_their_newest_element)
{
    wr_auto(document) document doc = read("[[fruit]]\n"
                                          "name = 'apple'\n"
                                          "[fruit.physical]\n"
                                          "color = 'red'\n"
                                          "[[fruit.variety]]\n"
                                          "[[fruit.variety]]\n"
                                          "[[fruit]]\n"
                                          "physical.color = 'blue'");

    CHECK_TEXT(json_of(&doc), "{\"fruit\":[{\"name\":\"apple\",\"physical\":{\"color\":\"red\"},"
                              "\"variety\":[{},{}]},{\"physical\":{\"color\":\"blue\"}}]}");
}

TEST(a_toml_table_of_dotted_keys_takes_sub_tables_but_no_header)
{
    wr_auto(document) document doc = read("[fruit]\n"
                                          "apple.color = 1\n"
                                          "[fruit.apple.texture]\n"
                                          "smooth = 2\n");

    CHECK_TEXT(json_of(&doc), "{\"fruit\":{\"apple\":{\"color\":1,\"texture\":{\"smooth\":2}}}}");
}

TEST(a_table_that_a_header_implied_can_be_opened_later)
{
    wr_auto(document) document doc = read("[a.b.c]\n"
                                          "[a]\n"
                                          "b.x = 1\n");

    CHECK_TEXT(json_of(&doc), "{\"a\":{\"b\":{\"c\":{},\"x\":1}}}");
}

TEST(toml_arrays_have_lines_comments_and_a_last_comma)
{
    wr_auto(document) document doc = read("a = [ # one\n"
                                          "  1, 'x',\n"
                                          "\n"
                                          "  # two\n"
                                          "  [ {b=1}, ] , ]");

    CHECK_TEXT(json_of(&doc), "{\"a\":[1,\"x\",[{\"b\":1}]]}");
}

TEST(toml_files_of_windows_are_read)
{
    wr_auto(document) document doc = read("\xef\xbb\xbf# x\r\na = 1\r\n\r\n[b]\r\nc = 2\r\n");

    CHECK_TEXT(json_of(&doc), "{\"a\":1,\"b\":{\"c\":2}}");
    CHECK_INT(value_of(&doc, "b.c")->place.line, 5);
}

TEST(an_empty_toml_file_is_an_empty_table)
{
    wr_auto(document) document doc = read("");
    wr_auto(document) document comment = read("  # no line end");

    CHECK_TEXT(json_of(&doc), "{}");
    CHECK_TEXT(json_of(&comment), "{}");
}

/* ---- places ---- */

TEST(every_toml_key_and_value_knows_its_place)
{
    wr_auto(document) document doc = read("# \xc3\xa9\n"
                                          "\"\xc3\xa9\" . b = [1,\n"
                                          "   'x']\n"
                                          "[t.u]\n"
                                          " k = { v = 2 }\n");

    const wr_toml *list = value_of(&doc, "\xc3\xa9.b");
    CHECK_STR(list->place.file, "config.toml");
    CHECK_INT(list->key_place.line, 2);
    CHECK_INT(list->key_place.column, 7);
    CHECK_INT(list->place.column, 11);
    CHECK_INT(list->last->place.line, 3);
    CHECK_INT(list->last->place.column, 4);
    CHECK_INT(list->last->key_place.column, 7);
    CHECK_INT(value_of(&doc, "t.u")->place.line, 4);
    CHECK_INT(value_of(&doc, "t.u")->place.column, 4);
    CHECK_INT(value_of(&doc, "t.u.k.v")->key_place.column, 8);
    CHECK_INT(value_of(&doc, "t.u.k.v")->place.column, 12);
}

TEST(a_message_about_a_toml_value_begins_with_its_place)
{
    wr_auto(document) document doc = read("a = 1\nb = 'x'\n");
    const wr_toml *b = value_of(&doc, "b");

    const weir_status status =
        wr_toml_fail(&doc.cx, WEIR_CONFIG, b->place, "expected %s, found %s\nhint: no quotes",
                     wr_toml_kind_name(WR_TOML_INT), wr_toml_kind_name(b->kind));

    CHECK_INT(status, WEIR_CONFIG);
    CHECK_STR(weir_error_message(&doc.cx), "config.toml:2:5: expected an integer, found a text");
    CHECK_STR(weir_error_hint(&doc.cx), "no quotes");
}

/* ---- looking up, JSON, files ---- */

TEST(what_is_not_in_a_toml_tree_is_null)
{
    wr_auto(document) document doc = read("a.b = 1\nc = [1]");

    CHECK(wr_toml_find(doc.root, "a.b"));
    CHECK(!wr_toml_find(doc.root, "a.c"));
    CHECK(!wr_toml_find(doc.root, "a.b.c"));
    CHECK(!wr_toml_find(doc.root, "c.0"));
    CHECK(!wr_toml_find(NULL, "a"));
    CHECK(!wr_toml_get(value_of(&doc, "c"), wr_lit("")));
}

TEST(a_toml_tree_can_be_json)
{
    wr_auto(document) document doc = read("i = 0x10\n"
                                          "f = [1.5, 1e3, -inf, nan]\n"
                                          "b = true\n"
                                          "t = [2024-01-31 07:32:00z, 2024-01-31t07:32:00.25,\n"
                                          "     2024-01-31, 07:32:00]\n"
                                          "[x]\n"
                                          "s = \"\\n\"");

    CHECK_TEXT(json_of(&doc),
               "{\"i\":16,\"f\":[1.5,1000.0,\"-inf\",\"nan\"],\"b\":true,"
               "\"t\":[\"2024-01-31T07:32:00Z\",\"2024-01-31T07:32:00.25\",\"2024-01-31\","
               "\"07:32:00\"],\"x\":{\"s\":\"\\n\"}}");
}

TEST(a_toml_file_that_is_not_there_gives_no_tree)
{
    wr_auto(document) document doc = read("");
    wr_auto(close) int dir = -1;
    CHECK_OK(wr_open_dir(&doc.cx, AT_FDCWD, test_tempdir(), false, &dir));
    CHECK_OK(wr_file_publish(&doc.cx, dir, "is.toml", wr_lit("a = 'b'")));

    CHECK_OK(wr_toml_read(&doc.cx, &doc.arena, dir, "is.toml", &doc.root));
    CHECK_TEXT(text_of(&doc, "a"), "b");
    CHECK_STR(value_of(&doc, "a")->place.file, "is.toml");
    CHECK_OK(wr_toml_read(&doc.cx, &doc.arena, dir, "not.toml", &doc.root));
    CHECK(!doc.root);
}

/* ---- limits ---- */

/* `count` times `part`, between `begin` and `end`. */
static document read_many(const char *begin, const char *part, size_t count, const char *end)
{
    wr_auto(buf) wr_buf text = wr_buf_max((size_t)64 << 20);
    wr_buf_cstr(&text, begin);
    for (size_t i = 0; i < count; i++)
        wr_buf_cstr(&text, part);
    wr_buf_cstr(&text, end);
    document doc = { 0 };
    wr_ctx_init(&doc.cx, NULL);
    doc.status = wr_toml_parse(&doc.cx, &doc.arena, "big.toml", wr_buf_view(&text), &doc.root);
    return doc;
}

TEST(toml_is_nested_up_to_a_limit)
{
    wr_auto(document) document deep = read_many("a = ", "[", WR_TOML_DEPTH, "");
    wr_auto(document) document deeper = read_many("a = ", "[", WR_TOML_DEPTH + 1, "");
    wr_auto(document) document dotted = read_many("", "a.", WR_TOML_DEPTH, "a = 1");
    wr_auto(document) document header = read_many("[", "a.", WR_TOML_DEPTH - 1, "a]");

    CHECK_INT(deep.status, WEIR_PARSE); /* it is not closed */
    CHECK_INT(deeper.status, WEIR_LIMIT);
    CHECK_STR(weir_error_message(&deeper.cx),
              "big.toml:1:1: tables and arrays are nested deeper than 100 levels");
    CHECK_INT(dotted.status, WEIR_LIMIT);
    CHECK_OK(header.status);
}

TEST(a_toml_file_has_a_largest_size_and_number_of_values)
{
    wr_auto(document) document bytes = read_many("#", "0123456789abcdef", 1 << 20, "");
    wr_auto(document) document values = read_many("a = [", "1,", WR_TOML_VALUES_MAX, "]");

    CHECK_INT(bytes.status, WEIR_LIMIT);
    CHECK_STR(weir_error_message(&bytes.cx),
              "'big.toml' has 16777217 bytes, and a TOML file may have 16777216");
    CHECK_INT(values.status, WEIR_LIMIT);
    CHECK_STR(weir_error_message(&values.cx),
              "big.toml:1:1: the file holds more than 262144 values");
}

TEST(a_large_toml_table_is_read_in_no_time)
{
    wr_auto(buf) wr_buf text = wr_buf_max((size_t)4 << 20);
    for (int i = 0; i < 50000; i++)
        wr_buf_printf(&text, "k%d = %d\n", i, i);
    wr_auto(document) document doc = read_bytes(wr_buf_view(&text));

    CHECK_OK(doc.status);
    CHECK_INT(doc.root->count, 50000);
    CHECK_INT(doc.root->last->place.line, 50000);
}
