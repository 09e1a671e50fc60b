/* Tests of format/json.h: writing. */
#include "format/json.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

/* ---- texts ---- */

static const char *quoted(wr_buf *out, const char *text, size_t len)
{
    wr_buf_clear(out);
    wr_json_quote(out, (weir_str){ text, len });
    return wr_buf_text(out);
}

TEST(a_text_is_quoted_with_the_escapes_of_dlt)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    CHECK_STR(quoted(&out, "", 0), "\"\"");
    CHECK_STR(quoted(&out, NULL, 0), "\"\"");
    CHECK_STR(quoted(&out, "\"\\\b\f\n\r\t\x1f\x01\0", 10),
              "\"\\\"\\\\\\b\\f\\n\\r\\t\\u001f\\u0001\\u0000\"");
    CHECK_STR(quoted(&out, "a/b\x7f", 4), "\"a/b\x7f\"");
    CHECK_STR(quoted(&out, "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80", 9),
              "\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\"");
}

TEST(an_escape_is_found_at_every_place)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    for (size_t at = 0; at < 40; at++) {
        char text[40];
        char expected[48] = "\"";
        memset(text, 'x', sizeof(text));
        text[at] = '"';
        memset(expected + 1, 'x', 41);
        memcpy(expected + 1 + at, "\\\"", 2);
        memcpy(expected + 42, "\"", 2);

        CHECK_STR(quoted(&out, text, sizeof(text)), expected);
    }
}

TEST(every_byte_is_escaped_or_not_as_it_should_be)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    for (int c = 0; c < 256; c++) {
        char text[8];
        memset(text, c, sizeof(text));
        const bool escaped = c < 0x20 || c == '"' || c == '\\';

        quoted(&out, text, sizeof(text));

        CHECK_INT(out.len > 10, escaped);
    }
}

/* ---- parsed values ---- */

static weir_status rewrite(wr_buf *out, const char *text)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    char copy[1000] = "";
    memcpy(copy, text, strlen(text));
    const wr_jval *value;
    size_t used;
    WEIR_TRY(wr_json_read(&cx, &reader, copy, strlen(text), &value, &used));

    wr_buf_clear(out);
    wr_json_write(out, value);
    return WEIR_OK;
}

TEST(a_parsed_value_is_written_compactly_in_its_order)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    CHECK_OK(rewrite(&out, " { \"b\" : [ 1 , true , null , { } ] , \"a\" : \"\\u00e9\\n\" } "));

    CHECK_STR(wr_buf_text(&out), "{\"b\":[1,true,null,{}],\"a\":\"\xc3\xa9\\n\"}");
}

TEST(numbers_are_written_as_dlt_writes_them)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    CHECK_OK(rewrite(&out, "[1.0,1e16,0.0000001,-9223372036854775808,18446744073709551615]"));
    CHECK_STR(wr_buf_text(&out), "[1.0,1e+16,1e-7,-9223372036854775808,18446744073709551615]");
}

TEST(a_number_too_long_for_64_bits_keeps_its_text)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    CHECK_OK(rewrite(&out, "[18446744073709551616]"));
    CHECK_STR(wr_buf_text(&out), "[18446744073709551616]");

    CHECK_OK(rewrite(&out, "[-1e999]"));

    CHECK_STR(wr_buf_text(&out), "[-1e999]");
}

/* ---- documents ---- */

static void write_form(wr_buf *out, const char *text, wr_json_form form)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *node;
    if (wr_node_parse(&cx, &arena, weir_str_of(text), &node) == WEIR_OK)
        wr_node_write(out, node, form);
}

TEST(sorted_json_has_sorted_keys_at_all_levels_and_lists_in_order)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    write_form(&out,
               "{\"b\":[{\"z\":1,\"y\":2},3],\"\xc3\xa9\":0,\"a\":{\"ab\":1,\"a\":2},\"Z\":0}",
               WR_JSON_SORTED);

    CHECK_STR(wr_buf_text(&out),
              "{\"Z\":0,\"a\":{\"a\":2,\"ab\":1},\"b\":[{\"y\":2,\"z\":1},3],\"\xc3\xa9\":0}");
}

TEST(pretty_json_is_indented_by_two)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1000);

    write_form(&out, "{\"b\":[1,{\"c\":null}],\"a\":{},\"l\":[]}", WR_JSON_PRETTY);

    CHECK_STR(wr_buf_text(&out), "{\n"
                                 "  \"b\": [\n"
                                 "    1,\n"
                                 "    {\n"
                                 "      \"c\": null\n"
                                 "    }\n"
                                 "  ],\n"
                                 "  \"a\": {},\n"
                                 "  \"l\": []\n"
                                 "}");
}

TEST(writing_past_the_maximum_fails_the_buffer)
{
    wr_auto(buf) wr_buf out = wr_buf_max(8);

    write_form(&out, "[\"a long text\"]", WR_JSON_COMPACT);

    CHECK(out.failed);
}
