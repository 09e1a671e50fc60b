/* Tests of sources/json_array.h, through the cutter that it belongs to. */
#include "sources/json_array.h"

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/memory.h"
#include "harness/test.h"
#include "sources/lines.h"

/* Chunks of `chunk` bytes, written to `ret` as `rows@offset "text"`. */
static weir_status cut_array(weir_ctx *cx, weir_str content, size_t chunk, size_t block,
                             wr_buf *ret)
{
    memory_file file = { .content = content };
    wr_pool pool;
    wr_pool_init(&pool, chunk);
    wr_cutter cutter = {
        .pool = &pool,
        .block = block,
        .value_max = 1000,
        .read = memory_read,
        .from = &file,
    };
    wr_cutter_begin(&cutter, wr_lit("list.json"));
    weir_status status;
    wr_buffer *buffer = NULL;
    while ((status = wr_cutter_next(cx, &cutter, &buffer)) == WEIR_OK && buffer) {
        const weir_chunk *c = &buffer->chunk;
        wr_buf_printf(ret, "%lld@%lld \"%.*s\" ", (long long)c->rows, (long long)c->offset,
                      (int)c->len, c->text);
        if (c->first_line != 0)
            wr_buf_cstr(ret, "(has lines) ");
        wr_pool_return(buffer);
    }
    wr_cutter_done(&cutter);
    wr_pool_done(&pool);
    return status;
}

static const struct {
    weir_str content;
    const char *chunks;
} arrays[] = {
    { wr_lit("[1,2,3]"), "3@0 \" 1\n2\n3\n\" " },
    { wr_lit("[]"), "" },
    { wr_lit(" [ ] \n"), "" },
    { wr_lit("\n\r\n\t[{}\n,\n{} ]\n\n"), "2@0 \" \r \t {} \n {} \n\" " },
    { wr_lit("[\n  {\n    \"a\": [1,\n2]\n  },\n  null\n]\n"),
      "2@0 \"    {     \"a\": [1, 2]   }\n   null \n\" " },
    { wr_lit("[\"],[\", \"a\\\"]\", \"\\\\\", {\"}\":\"\\\\\\\"\"}]"),
      "4@0 \" \"],[\"\n \"a\\\"]\"\n \"\\\\\"\n {\"}\":\"\\\\\\\"\"}\n\" " },
    { wr_lit("[[1,[2]],[],[[]]]"), "3@0 \" [1,[2]]\n[]\n[[]]\n\" " },
    { wr_lit("[1 2,tru]"), "2@0 \" 1 2\ntru\n\" " }, /* not parsed */
    { wr_lit("[\"\xC3\xA4\xFF\"]"), "1@0 \" \"\xC3\xA4\xFF\"\n\" " },
};

TEST(the_elements_of_an_array_stand_one_per_line)
{
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
        wr_auto(ctx) weir_ctx cx;
        wr_ctx_init(&cx, NULL);
        wr_auto(buf) wr_buf chunks = wr_buf_max(10000);

        CHECK_OK(cut_array(&cx, arrays[i].content, 1000, 64, &chunks));

        CHECK_STR(wr_buf_text(&chunks), arrays[i].chunks);
    }
}

TEST(elements_are_cut_into_chunks)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(buf) wr_buf chunks = wr_buf_max(10000);

    CHECK_OK(cut_array(&cx, wr_lit("[1,22,333,{\"one that\":\"is long\"},5,\n6]\n         \n\n\n"),
                       8, 8, &chunks));

    CHECK_STR(wr_buf_text(&chunks), "2@0 \" 1\n22\n\" 1@6 \"333\n\" "
                                    "1@10 \"{\"one that\":\"is long\"}\n\" 2@33 \"5\n 6\n\" ");
}

TEST(arrays_do_not_depend_on_how_much_is_read_at_once)
{
    static const size_t sizes[] = { 8, 9, 16, 32 };
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
            wr_auto(ctx) weir_ctx cx;
            wr_ctx_init(&cx, NULL);
            wr_auto(buf) wr_buf expected = wr_buf_max(10000);
            CHECK_OK(cut_array(&cx, arrays[i].content, sizes[s], sizes[s], &expected));
            for (size_t block = 1; block < sizes[s]; block++) {
                wr_auto(buf) wr_buf chunks = wr_buf_max(10000);
                CHECK_OK(cut_array(&cx, arrays[i].content, sizes[s], block, &chunks));
                CHECK_STR(wr_buf_text(&chunks), wr_buf_text(&expected));
            }
        }
    }
}

TEST(what_is_no_array_is_refused_at_its_line_and_byte)
{
    static const struct {
        weir_str content;
        const char *message;
    } cases[] = {
        { wr_lit("[1,\n2"), "line 2 of 'list.json', byte 5: the file ends before its array does" },
        { wr_lit("["), "line 1 of 'list.json', byte 1: the file ends before its array does" },
        { wr_lit("[\"a"), "line 1 of 'list.json', byte 3: the file ends before its array does" },
        { wr_lit("[1,\n\n,2]"), "line 3 of 'list.json', byte 5: expected a value, found ','" },
        { wr_lit("[,1]"), "line 1 of 'list.json', byte 1: expected a value, found ','" },
        { wr_lit("[1,]"), "line 1 of 'list.json', byte 3: expected a value behind ',', found ']'" },
        { wr_lit("[1}"), "line 1 of 'list.json', byte 2: found a '}' that closes nothing" },
        { wr_lit("[\n\"a\nb\"]"),
          "line 2 of 'list.json', byte 4: a string goes over the end of its line" },
        { wr_lit("[\"a\\\nb\"]"),
          "line 1 of 'list.json', byte 4: a string goes over the end of its line" },
        { wr_lit("[1]\n[2]\n"),
          "line 2 of 'list.json', byte 4: expected the end of the file behind the array" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (size_t block = 1; block <= 8; block++) {
            wr_auto(ctx) weir_ctx cx;
            wr_ctx_init(&cx, NULL);
            wr_auto(buf) wr_buf chunks = wr_buf_max(1000);
            CHECK_INT(cut_array(&cx, cases[i].content, 8, block, &chunks), WEIR_PARSE);
            CHECK_STR(weir_error_message(&cx), cases[i].message);
        }
    }
}

TEST(an_element_that_is_too_long_is_named)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(buf) wr_buf chunks = wr_buf_max(10000);
    wr_auto(buf) wr_buf text = wr_buf_max(10000);
    wr_buf_cstr(&text, "[1,\n2,\n\"");
    while (text.len < 2000)
        wr_buf_char(&text, 'a');

    CHECK_INT(cut_array(&cx, wr_buf_view(&text), 64, 64, &chunks), WEIR_LIMIT);

    CHECK_STR(
        weir_error_message(&cx),
        "line 2 of 'list.json', byte 6: the value is too long, 1001 bytes so far, at most 1000");
}
