/* Tests of format/jsonpath.h. */
#include "format/jsonpath.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"

static const wr_jval *parse(fixture *f, weir_str json)
{
    const wr_jval *value = NULL;
    size_t used;
    char *text = wr_arena_alloc(&f->arena, json.len + WR_JSON_PADDING);
    memcpy(text, json.ptr, json.len);
    const weir_status status = wr_json_read(&f->cx, &f->reader, text, json.len, &value, &used);
    wr_assert(status == WEIR_OK);
    return value;
}

static const wr_jsonpath *compile(fixture *f, const char *text)
{
    const wr_jsonpath *path = NULL;
    return wr_jsonpath_compile(&f->cx, &f->arena, weir_str_of(text), &path) == WEIR_OK ? path
                                                                                       : NULL;
}

/* What the path leads to as JSON, "-" for nothing, or the message. */
static const char *find(fixture *f, const char *text, weir_str json)
{
    const wr_jsonpath *path = compile(f, text);
    if (!path)
        return weir_error_message(&f->cx);
    const wr_jval *found = wr_jsonpath_first(path, parse(f, json));
    wr_buf_clear(&f->out);
    if (found)
        wr_json_write(&f->out, found);
    else
        wr_buf_char(&f->out, '-');
    return wr_buf_text(&f->out);
}

/* What jsonpath_ng, which dlt uses, finds first in this document. */
static const weir_str DOCUMENT =
    wr_lit("{\"a\":{\"b\":1,\"c\":[{\"t\":5},{\"t\":6},{\"t\":null}]},\"na.me\":3,\"2024\":9,"
           "\"-5\":8,\"@ts\":7,\"items\":[1,2,3],\"x\":null,\"*\":77,\"e\":{},\"ts\":0,"
           "\"deep\":{\"ts\":1},\"a'b\":4,\"größe\":12}");

TEST(paths_lead_to_the_first_match_as_in_dlt)
{
    static const struct {
        const char *path;
        const char *expected;
    } CASES[] = {
        { "a.b", "1" },
        { "$.a.b", "1" },
        { " a . b ", "1" },
        { "$.a['b']", "1" },
        { "a.[b]", "1" },
        { "'na.me'", "3" },
        { "\"na.me\"", "3" },
        { "$['na.me']", "3" },
        { "['na.me']", "3" },
        { "'a\\'b'", "4" },
        { "'größe'", "12" },
        { "2024", "9" },
        { "-5", "8" },
        { "@ts", "7" },
        { "'*'", "77" },
        { "a.*", "1" },
        { "a.c[0].t", "5" },
        { "a.c[ 01 ].t", "6" },
        { "a.c[-1].t", "null" },
        { "a.c[-3].t", "5" },
        { "a.c[-4].t", "-" },
        { "a.c[3].t", "-" },
        { "a.c[9223372036854775807].t", "-" },
        { "a.c[1:].t", "6" },
        { "a.c[:-1].t", "5" },
        { "a.c[*].t", "5" },
        { "a.c.*.t", "5" },
        { "items[-2:-1]", "2" },
        { "items[-9:]", "1" },
        { "items[5:1]", "-" },
        { "items[:]", "1" },
        { "items.0", "-" },
        { "items.[0]", "1" },
        { "$..t", "5" },
        { "$..ts", "0" },
        { "deep..ts", "1" },
        { "$..c[1].t", "6" },
        { "$..[0].t", "5" },
        { "a..c..t", "5" },
        { "a..*", "1" },
        { "x.y", "-" },
        { "ts.z", "-" },
        { "e..*", "-" },
        { "[0]", "-" },
        { "x", "null" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const char *found = find(&f, CASES[i].path, DOCUMENT);
        if (strcmp(found, CASES[i].expected) != 0)
            FAIL("'%s' leads to %s, not %s", CASES[i].path, found, CASES[i].expected);
    }
}

TEST(a_path_of_one_name_is_known_as_such)
{
    static const struct {
        const char *path;
        const char *name;
    } CASES[] = {
        { "updated_at", "updated_at" },
        { "'Updated At'", "Updated At" },
        { "\"na.me\"", "na.me" },
        { "['x y']", "x y" },
        { "[a]", "a" },
        { "007", "7" },
        { "@timestamp", "@timestamp" },
        { "a-b@c", "a-b@c" },
        { " true ", "true" },
        { "$.a", NULL },
        { "a.b", NULL },
        { "*", NULL },
        { "[0]", NULL },
        { "$", NULL },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const wr_jsonpath *path = compile(&f, CASES[i].path);
        CHECK(path);
        const weir_str *name = wr_jsonpath_name(path);
        CHECK(!name == !CASES[i].name);
        if (name)
            CHECK_TEXT(*name, CASES[i].name);
    }
}

TEST(what_is_no_path_says_where_it_is_wrong)
{
    static const char *const WRONG[] = {
        "",       "a.",       "..a",
        ".a",     "$.",       "$a",
        "a$",     "a b",      "Updated At",
        "größe",  "1.5",      "1a",
        "'a'b",   "'open",    "a[",
        "a[]",    "a[+1]",    "a[0",
        "a:b",    "where",    "a.where",
        "$$",     "a..",      "a[1",
        "a[0,1]", "a[?(b]",   "a[?b=]",
        "a[?b=1", "a,",       "a|",
        "|a",     "a[1:2:3]", "a[99999999999999999999]",
        "`this`", "'a\\",
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
        weir_error_clear(&f.cx);
        if (compile(&f, WRONG[i]))
            FAIL("'%s' is taken for a path", WRONG[i]);
        CHECK_INT(f.cx.error.status, WEIR_CONFIG);
    }

    CHECK(!compile(&f, "größe"));
    CHECK_STR(weir_error_message(&f.cx), "JSON path 'größe' has an unexpected 'ö' at byte 3");
    CHECK(strstr(weir_error_hint(&f.cx), "quoted"));
    CHECK(!compile(&f, "a.b."));
    CHECK_STR(weir_error_message(&f.cx), "JSON path 'a.b.' ends too early");
}

TEST(the_root_is_a_value_too)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_STR(find(&f, "$", wr_lit("[1]")), "[1]");
    CHECK_STR(find(&f, "$[0]", wr_lit("[1]")), "1");
    CHECK_STR(find(&f, "a", wr_lit("5")), "-");
    CHECK_STR(find(&f, "$..a", wr_lit("5")), "-");
}

TEST(of_members_with_the_same_name_the_last_is_found)
{
    wr_auto(fixture) fixture f = fixture_new();
    size_t place = 0;
    CHECK_STR(find(&f, "a.b", wr_lit("{\"a\":{\"b\":1},\"a\":{\"b\":2}}")), "2");

    const wr_jval *row = parse(&f, wr_lit("{\"a\":1,\"b\":2,\"a\":3}"));
    CHECK_INT(wr_jval_member(row, wr_lit("a"), &place)->as.i64, 3);
    CHECK_INT(place, 2);
}

TEST(a_member_is_found_wherever_it_was_in_the_row_before)
{
    static const char *const ROWS[] = {
        "{\"x\":0,\"a\":1}", "{\"x\":0,\"a\":1}",         "{\"a\":1,\"x\":0}",
        "{\"a\":1}",         "{\"y\":2,\"z\":3,\"a\":1}", "{\"a\":1,\"y\":2,\"z\":3}",
    };
    wr_auto(fixture) fixture f = fixture_new();
    size_t place = 0;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        const wr_jval *found = wr_jval_member(parse(&f, weir_str_of(ROWS[i])), wr_lit("a"), &place);
        CHECK(found);
        CHECK_INT(found->as.i64, 1);
    }
    CHECK(!wr_jval_member(parse(&f, wr_lit("{\"b\":1}")), wr_lit("a"), &place));
    CHECK(!wr_jval_member(parse(&f, wr_lit("{}")), wr_lit("a"), &place));
    CHECK(!wr_jval_member(parse(&f, wr_lit("[1]")), wr_lit("a"), &place));
}
