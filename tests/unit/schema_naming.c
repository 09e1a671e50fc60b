/* Tests of schema/naming.h; the rules themselves are held by the golden vectors. */
#include "schema/naming.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_naming naming;
} fixture;

static fixture fixture_of(const char *convention, size_t max)
{
    fixture f = { 0 };
    wr_ctx_init(&f.cx, NULL);
    if (wr_naming_find(&f.cx, weir_str_of(convention), max, &f.naming) != WEIR_OK)
        abort();
    return f;
}

static void wr_cleanup_fixture(fixture *f)
{
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

static weir_str path_of(fixture *f, const char *raw)
{
    weir_str ret = { 0 };
    if (wr_name_path(&f->cx, &f->naming, &f->arena, weir_str_of(raw), &ret) != WEIR_OK)
        return wr_lit("(failed)");
    return ret;
}

TEST(a_key_is_named_in_snake_case)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 0);

    CHECK_TEXT(path_of(&f, "HTTPResponseCode"), "http_response_code");
    CHECK_TEXT(path_of(&f, "ABcDe"), "a_bc_de");
    CHECK_TEXT(path_of(&f, " price ($)"), "pricex");
    CHECK_TEXT(path_of(&f, "naïve"), "na_ve");
    CHECK_TEXT(path_of(&f, "٣abc"), "_٣abc");
}

TEST(a_key_that_is_named_already_keeps_its_name)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 16);

    CHECK_TEXT(path_of(&f, "a__b_c"), "a__b_c");
    CHECK_TEXT(path_of(&f, "this_iazvvw_sure"), "this_iazvvw_sure");
}

TEST(a_key_without_content_is_called_empty)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 0);

    CHECK_TEXT(path_of(&f, ""), "_empty");
    CHECK_TEXT(path_of(&f, " \t\u00a0"), "_empty");
    CHECK_TEXT(path_of(&f, "____"), "_empty");
    CHECK_TEXT(path_of(&f, "_"), "x");
}

TEST(white_space_of_any_script_is_trimmed)
{
    wr_auto(fixture) fixture f = fixture_of("direct", 0);

    CHECK_TEXT(path_of(&f, "\u3000\u00a0a b\u2028\x1f"), "a b");
}

TEST(a_path_keeps_its_levels)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 0);
    wr_auto(fixture) fixture direct = fixture_of("direct", 0);

    CHECK_TEXT(path_of(&f, "Meta__Nested Field__1st"), "meta__nested_field___1st");
    CHECK_TEXT(path_of(&direct, "Meta▶a__b▶ "), "Meta▶a__b");
}

TEST(a_long_name_is_cut_in_the_middle_and_tagged)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 16);
    const weir_str parts[] = { wr_lit("orders"), wr_lit("line_items"), wr_lit("discount_codes"),
                               wr_lit("applied_to_products_and_services"), wr_lit("value") };
    weir_str joined;

    CHECK_TEXT(path_of(&f, "long+long:SO+LONG:_>16"), "longxyfdsfgng_16");
    CHECK_OK(wr_name_join(&f.cx, &f.naming, &f.arena, parts, 5, &joined));
    CHECK_TEXT(joined, "orderz0iveavalue");
}

TEST(length_is_counted_in_characters)
{
    wr_auto(fixture) fixture f = fixture_of("direct", 8);

    CHECK_TEXT(path_of(&f, "日本語日本語日本"), "日本語日本語日本");
    CHECK_TEXT(path_of(&f, "日本語日本語日本語"), "日tduqea語");
}

TEST(a_name_cannot_be_cut_to_less_than_its_tag)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 5);
    weir_str ret = wr_lit("untouched");

    CHECK_INT(wr_name_path(&f.cx, &f.naming, &f.arena, wr_lit("abcdef"), &ret), WEIR_LIMIT);
    CHECK_TEXT(ret, "untouched");
    CHECK_TEXT(path_of(&f, "abcde"), "abcde");
}

TEST(an_empty_identifier_is_refused)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 0);
    weir_str ret;

    CHECK_INT(wr_name_identifier(&f.cx, &f.naming, &f.arena, wr_lit(" \n"), &ret), WEIR_INVALID);
    CHECK_STR(weir_error_message(&f.cx), "a name is empty or blank");
}

TEST(a_name_of_which_nothing_is_left_is_refused)
{
    wr_auto(fixture) fixture f = fixture_of("sql_cs_v1", 0);
    weir_str ret;

    CHECK_INT(wr_name_identifier(&f.cx, &f.naming, &f.arena, wr_lit("__"), &ret), WEIR_INVALID);
    CHECK_STR(weir_error_message(&f.cx), "nothing is left of the name '__' under 'sql_cs_v1'");
}

TEST(malformed_characters_in_a_name_become_an_underscore)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 0);

    CHECK_TEXT(path_of(&f, "a\xff\xfe"
                           "b\xe6"),
               "a_bx");
}

TEST(tables_of_s3_have_no_leading_underscore)
{
    wr_auto(fixture) fixture f = fixture_of("s3_tables", 0);
    weir_str ret;

    CHECK_OK(wr_name_table_path(&f.cx, &f.naming, &f.arena, wr_lit("_dlt_version"), &ret));
    CHECK_TEXT(ret, "dlt_version");
    CHECK_INT(f.naming.max, 255);
}

TEST(an_unknown_convention_is_refused_with_the_known_ones)
{
    weir_ctx cx;
    wr_naming naming;
    wr_ctx_init(&cx, NULL);

    CHECK_INT(wr_naming_find(&cx, wr_lit("camelCase"), 0, &naming), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&cx), "unknown naming convention 'camelCase'");
    CHECK_STR(weir_error_hint(&cx),
              "it is one of snake_case, duck_case, direct, sql_cs_v1, sql_ci_v1, s3_tables");
    CHECK_INT(wr_naming_find(&cx, wr_lit("s3_tables"), 256, &naming), WEIR_CONFIG);
    wr_ctx_done(&cx);
}

TEST(a_path_is_broken_into_no_more_parts_than_there_is_room_for)
{
    wr_auto(fixture) fixture f = fixture_of("snake_case", 0);
    weir_str parts[2];

    CHECK_INT(wr_name_break(&f.naming, wr_lit("a__ __b__c"), parts, 2), 2);
    CHECK_TEXT(parts[1], "b");
    CHECK_INT(wr_name_break(&f.naming, wr_lit("____"), parts, 2), 0);
}
