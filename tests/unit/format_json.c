/* Tests of format/json.h: reading. */
#include "format/json.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

/* A text that may be changed, with room behind, and a reader for it. */
typedef struct input {
    weir_ctx cx;
    wr_json_reader reader;
    char *text;
    size_t len;
    const wr_jval *value;
    size_t used;
} input;

static input input_of(const char *text)
{
    input in = { .len = strlen(text) };
    wr_ctx_init(&in.cx, NULL);
    in.text = wr_alloc(in.len + WR_JSON_PADDING);
    memcpy(in.text, text, in.len);
    return in;
}

static void wr_cleanup_input(input *in)
{
    wr_free(in->text);
    wr_json_reader_done(&in->reader);
    wr_ctx_done(&in->cx);
}

/* Read the value at `at`. */
static weir_status read_at(input *in, size_t at)
{
    return wr_json_read(&in->cx, &in->reader, in->text + at, in->len - at, &in->value, &in->used);
}

/* Is the text refused with this message? */
static bool refused(const char *text, const char *message)
{
    wr_auto(input) input in = input_of(text);
    return read_at(&in, 0) == WEIR_PARSE && strstr(weir_error_message(&in.cx), message);
}

/* ---- rows ---- */

TEST(an_object_is_walked_key_by_key)
{
    wr_auto(input) input in = input_of("{\"a\":1,\"b\":[true,null,\"x\\n\\u00e9\"],\"c\":-2.5}");

    CHECK_OK(read_at(&in, 0));

    CHECK_INT(wr_jkind_of(in.value), WR_JOBJECT);
    CHECK_INT(wr_jlen(in.value), 3);
    const wr_jval *key = wr_jfirst(in.value);
    CHECK_TEXT(wr_jtext(key), "a");
    const wr_jval *value = wr_jnext(key);
    CHECK_INT(wr_jnumber_of(value), WR_JUINT);
    CHECK_INT(value->as.i64, 1);

    const wr_jval *list = wr_jnext(wr_jnext(value));
    CHECK_INT(wr_jkind_of(list), WR_JARRAY);
    const wr_jval *element = wr_jfirst(list);
    CHECK(wr_jbool(element));
    CHECK_INT(wr_jkind_of(wr_jnext(element)), WR_JNULL);
    CHECK_TEXT(wr_jtext(wr_jnext(wr_jnext(element))), "x\n\xc3\xa9");

    key = wr_jnext(list);
    CHECK_TEXT(wr_jtext(key), "c");
    CHECK(wr_jnext(key)->as.f64 == -2.5);
}

TEST(values_are_read_one_after_the_other)
{
    wr_auto(input) input in = input_of("{\"a\":1}\n {\"b\":2}[]");

    CHECK_OK(read_at(&in, 0));
    CHECK_INT(in.used, 7);
    CHECK_OK(read_at(&in, 7));
    CHECK_INT(in.used, 9);
    CHECK_TEXT(wr_jtext(wr_jfirst(in.value)), "b");
    CHECK_OK(read_at(&in, 16));
    CHECK_INT(in.used, 2);
    CHECK_INT(wr_jkind_of(in.value), WR_JARRAY);
}

TEST(a_value_may_span_lines)
{
    wr_auto(input) input in = input_of("{\n  \"a\": [\n    1\n  ]\n}\n{}");

    CHECK_OK(read_at(&in, 0));

    CHECK_INT(in.used, 22);
    CHECK_TEXT(wr_jtext(wr_jfirst(in.value)), "a");
}

TEST(integers_of_64_bits_are_exact_and_longer_ones_stay_text)
{
    wr_auto(input) input in = input_of(
        "[9223372036854775807,-9223372036854775808,18446744073709551615,18446744073709551616,1e400]");

    CHECK_OK(read_at(&in, 0));

    const wr_jval *v = wr_jfirst(in.value);
    CHECK(v->as.i64 == INT64_MAX);
    v = wr_jnext(v);
    CHECK_INT(wr_jnumber_of(v), WR_JINT);
    CHECK(v->as.i64 == INT64_MIN);
    v = wr_jnext(v);
    CHECK_INT(wr_jnumber_of(v), WR_JUINT);
    CHECK(v->as.u64 == UINT64_MAX);
    v = wr_jnext(v);
    CHECK_INT(wr_jkind_of(v), WR_JRAW);
    CHECK_TEXT(wr_jtext(v), "18446744073709551616");
    CHECK_TEXT(wr_jtext(wr_jnext(v)), "1e400");
}

TEST(a_bare_long_number_leaves_what_follows_as_it_is)
{
    wr_auto(input) input in = input_of(" 123456789012345678901234567890\n{}");

    CHECK_OK(read_at(&in, 0));

    CHECK_TEXT(wr_jtext(in.value), "123456789012345678901234567890");
    CHECK_INT(in.used, 31);
    CHECK_OK(read_at(&in, 31));
    CHECK_INT(wr_jkind_of(in.value), WR_JOBJECT);
}

TEST(a_row_does_not_reserve_memory_for_all_that_follows)
{
    char text[8192] = "{\"a\":1}";
    memset(text + 7, '\n', sizeof(text) - 7 - WR_JSON_PADDING);
    wr_auto(input) input in = input_of(text);

    CHECK_OK(read_at(&in, 0));

    CHECK(in.reader.pool_size < 2048);
}

TEST(memory_of_a_reader_is_used_again)
{
    wr_auto(input) input in =
        input_of("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]");
    CHECK_OK(read_at(&in, 0));
    const void *pool = in.reader.pool;
    const size_t before = wr_mem_now();

    for (int i = 0; i < 100; i++)
        CHECK_OK(read_at(&in, 0));

    CHECK(in.reader.pool == pool);
    CHECK_INT(wr_mem_now(), before);
}

TEST(a_large_value_makes_the_reader_grow)
{
    char text[6000] = "[";
    for (int i = 0; i < 2000; i++)
        memcpy(text + strlen(text), i ? ",7" : "7", i ? 3 : 2);
    memcpy(text + strlen(text), "]", 2);
    wr_auto(input) input in = input_of(text);

    CHECK_OK(read_at(&in, 0));

    CHECK_INT(wr_jlen(in.value), 2000);
    const wr_jval *v = wr_jfirst(in.value);
    for (size_t i = 0; i < 2000; i++, v = wr_jnext(v))
        CHECK_INT(v->as.i64, 7);
}

TEST(text_that_is_not_json_is_refused_at_its_byte)
{
    CHECK(refused("{\"a\":x}", "byte 5: unexpected character"));
    CHECK(refused("{\"a\":1,}", "byte 6: trailing comma"));
    CHECK(refused("[1", "byte 2: unexpected end"));
    CHECK(refused("", "byte 0"));
    CHECK(refused("  \n", "empty"));
    CHECK(refused("[01]", "byte 1"));
    CHECK(refused("[NaN]", "byte 1"));
    CHECK(refused("\"a\nb\"", "control character"));
    CHECK(refused("\xef\xbb\xbf{}", "byte order mark"));
}

TEST(text_that_is_not_utf8_is_refused)
{
    CHECK(refused("\"a\xff\"", "UTF-8"));
    CHECK(refused("\"\xed\xa0\x80\"", "UTF-8"));
    CHECK(refused("\"\\ud800\"", "surrogate"));
}

static weir_status read_nested(size_t depth)
{
    char *text = wr_alloc(depth * 2 + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    wr_auto(input) input in = input_of(text);
    wr_free(text);
    return read_at(&in, 0);
}

TEST(a_row_may_be_nested_up_to_the_limit)
{
    CHECK_OK(read_nested(WR_JSON_DEPTH));
    CHECK_INT(read_nested(WR_JSON_DEPTH + 1), WEIR_LIMIT);
    CHECK_INT(read_nested(100000), WEIR_LIMIT);
}

/* ---- checks ---- */

static weir_status check(const char *text, wr_jkind *ret)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    return wr_json_check(&cx, weir_str_of(text), ret);
}

TEST(a_check_tells_the_kind)
{
    wr_jkind kind = WR_JNONE;

    CHECK_OK(check(" {\"a\":[]} \n", &kind));
    CHECK_INT(kind, WR_JOBJECT);
    CHECK_OK(check("null", &kind));
    CHECK_INT(kind, WR_JNULL);
    CHECK_OK(check("99999999999999999999999", &kind));
    CHECK_INT(kind, WR_JRAW);
}

TEST(a_check_wants_exactly_one_value)
{
    wr_jkind kind = WR_JBOOL;

    CHECK_INT(check("{} {}", &kind), WEIR_PARSE);
    CHECK_INT(check("", &kind), WEIR_PARSE);
    CHECK_INT(check("{\"a\"}", &kind), WEIR_PARSE);
    CHECK_INT(kind, WR_JBOOL);
}
