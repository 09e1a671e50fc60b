/* Tests of base/str.h. */
#include "base/str.h"

#include <string.h>

#include "harness/test.h"

TEST(texts_are_ordered_by_bytes_and_a_prefix_comes_first)
{
    CHECK(wr_str_cmp(wr_lit("a"), wr_lit("b")) < 0);
    CHECK(wr_str_cmp(wr_lit("\xFF"), wr_lit("a")) > 0);
    CHECK(wr_str_cmp(wr_lit("ab"), wr_lit("abc")) < 0);
    CHECK(wr_str_cmp(wr_lit("abc"), wr_lit("ab")) > 0);
    CHECK_INT(wr_str_cmp(wr_lit("ab"), wr_lit("ab")), 0);
    CHECK_INT(wr_str_cmp((weir_str){ 0 }, wr_lit("")), 0);
    CHECK(wr_str_cmp((weir_str){ 0 }, wr_lit("a")) < 0);
}

TEST(starts_and_ends_are_found)
{
    CHECK(wr_str_starts(wr_lit("_dlt_id"), wr_lit("_dlt_")));
    CHECK(!wr_str_starts(wr_lit("_dl"), wr_lit("_dlt_")));
    CHECK(wr_str_ends(wr_lit("a.csv"), wr_lit(".csv")));
    CHECK(!wr_str_ends(wr_lit("csv"), wr_lit(".csv")));
    CHECK(wr_str_starts((weir_str){ 0 }, (weir_str){ 0 }));
    CHECK(wr_str_ends((weir_str){ 0 }, (weir_str){ 0 }));
}

TEST(white_space_is_trimmed_at_both_ends)
{
    CHECK(wr_str_eq(wr_str_trim(wr_lit(" \t\r\na b\v\f ")), wr_lit("a b")));
    CHECK_INT(wr_str_trim(wr_lit("  ")).len, 0);
    CHECK_INT(wr_str_trim((weir_str){ 0 }).len, 0);
}

TEST(a_text_is_split_at_each_separator)
{
    weir_str rest = wr_lit("a,,bc");
    weir_str part;

    CHECK(wr_str_split(&rest, ',', &part) && wr_str_eq(part, wr_lit("a")));
    CHECK(wr_str_split(&rest, ',', &part) && wr_str_eq(part, wr_lit("")));
    CHECK(wr_str_split(&rest, ',', &part) && wr_str_eq(part, wr_lit("bc")));
    CHECK(!wr_str_split(&rest, ',', &part));
}

TEST(a_text_that_fits_is_copied_whole)
{
    char ret[6];

    CHECK_INT(wr_str_fit(ret, sizeof(ret), wr_lit("abcde")), 5);
    CHECK_STR(ret, "abcde");
    CHECK_INT(wr_str_fit(ret, sizeof(ret), (weir_str){ 0 }), 0);
    CHECK_STR(ret, "");
}

TEST(a_text_that_does_not_fit_is_cut_between_characters)
{
    char ret[6];
    char least[4];

    CHECK_INT(wr_str_fit(ret, sizeof(ret), wr_lit("abcdef")), 5);
    CHECK_STR(ret, "ab…");
    CHECK_INT(wr_str_fit(ret, sizeof(ret), wr_lit("aéééé")), 4);
    CHECK_STR(ret, "a…");
    wr_str_fit(least, sizeof(least), wr_lit("abcdef"));
    CHECK_STR(least, "…");
}

TEST(the_nearest_name_is_meant)
{
    static const char *const names[] = { "postgres", "duckdb", "snowflake", "filesystem", NULL };

    CHECK_STR(wr_str_nearest("postgre", names), "postgres");
    CHECK_STR(wr_str_nearest("DuckDb", names), "duckdb");
    CHECK_STR(wr_str_nearest("dukcdb", names), "duckdb");
    CHECK_STR(wr_str_nearest("snowflaek", names), "snowflake");
    CHECK(wr_str_nearest("bigquery", names) == NULL);
    CHECK(wr_str_nearest("", names) == NULL);
    CHECK(wr_str_nearest("duckdb", names + 4) == NULL);
}

TEST(the_nearest_of_two_names_is_the_nearer_one)
{
    static const char *const names[] = { "merged", "merge", NULL };

    CHECK_STR(wr_str_nearest("merg", names), "merge");
}

TEST(a_very_long_name_is_near_nothing)
{
    char name[200];
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const char *const names[] = { name, NULL };

    CHECK(wr_str_nearest(name, names) == NULL);
    CHECK(wr_str_nearest("aaa", names) == NULL);
}

TEST(texts_are_equal_when_each_byte_is)
{
    for (size_t len = 0; len < 40; len++) {
        char a[40];
        char b[40];
        for (size_t i = 0; i < len; i++)
            a[i] = b[i] = (char)('a' + i);
        const weir_str left = { a, len };
        const weir_str right = { b, len };
        CHECK(wr_str_eq(left, right));
        for (size_t i = 0; i < len; i++) {
            b[i] ^= 1;
            CHECK(!wr_str_eq(left, right));
            b[i] ^= 1;
        }
        CHECK(len == 0 || !wr_str_eq(left, (weir_str){ b, len - 1 }));
    }
}
