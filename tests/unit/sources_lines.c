/* Tests of sources/lines.h: JSON lines. */
#include "sources/lines.h"

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/memory.h"
#include "harness/test.h"

/* A cutter with small chunks, and what it made of a file: chunks as `first line:rows@offset "text"`. */
typedef struct fixture {
    weir_ctx cx;
    wr_pool pool;
    wr_cutter cutter;
    memory_file file;
    wr_buf chunks;
} fixture;

static void fixture_begin(fixture *f, size_t chunk, size_t block, size_t value_max)
{
    *f = (fixture){ .chunks = wr_buf_max(1 << 20) };
    wr_ctx_init(&f->cx, NULL);
    wr_pool_init(&f->pool, chunk);
    f->cutter = (wr_cutter){
        .pool = &f->pool,
        .block = block,
        .value_max = value_max,
        .read = memory_read,
        .from = &f->file,
    };
}

static void wr_cleanup_fixture(fixture *f)
{
    wr_cutter_done(&f->cutter);
    wr_pool_done(&f->pool);
    wr_buf_done(&f->chunks);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f, chunk, block, value_max)                                                        \
    wr_auto(fixture) fixture f;                                                                    \
    fixture_begin(&(f), (chunk), (block), (value_max))

static weir_status cut_file(fixture *f, weir_str content)
{
    f->file = (memory_file){ .content = content };
    wr_buf_clear(&f->chunks);
    wr_cutter_begin(&f->cutter, wr_lit("events"));
    for (;;) {
        wr_buffer *buffer;
        WEIR_TRY(wr_cutter_next(&f->cx, &f->cutter, &buffer));
        if (!buffer)
            return WEIR_OK;
        const weir_chunk *chunk = &buffer->chunk;
        memset(chunk->text + chunk->len, '#', WEIR_CHUNK_PADDING); /* it may be written to */
        wr_buf_printf(&f->chunks, "%lld:%lld@%lld \"%.*s\" ", (long long)chunk->first_line,
                      (long long)chunk->rows, (long long)chunk->offset, (int)chunk->len,
                      chunk->text);
        wr_pool_return(buffer);
    }
}

TEST(a_chunk_is_the_most_whole_lines_that_fit)
{
    FIXTURE(f, 8, 8, 100);

    CHECK_OK(cut_file(&f, wr_lit("1\n22\n333\n4\n5\n6\n7\n8\n")));

    CHECK_STR(wr_buf_text(&f.chunks),
              "1:2@0 \"1\n22\n\" 3:3@5 \"333\n4\n5\n\" 6:3@13 \"6\n7\n8\n\" ");
}

TEST(a_line_that_does_not_fit_is_a_chunk_of_its_own)
{
    FIXTURE(f, 8, 8, 100);

    CHECK_OK(cut_file(&f, wr_lit("1\n{\"long\":\"line\"}\n3\n4\n{\"another long\":1}")));

    CHECK_STR(wr_buf_text(&f.chunks), "1:1@0 \"1\n\" 2:1@2 \"{\"long\":\"line\"}\n\" "
                                      "3:2@18 \"3\n4\n\" 5:1@22 \"{\"another long\":1}\" ");
}

TEST(the_last_line_needs_no_end)
{
    FIXTURE(f, 8, 8, 100);

    CHECK_OK(cut_file(&f, wr_lit("1\n2")));
    CHECK_STR(wr_buf_text(&f.chunks), "1:2@0 \"1\n2\" ");

    CHECK_OK(cut_file(&f, wr_lit("1\n2\n3\n45"))); /* as long as a chunk */
    CHECK_STR(wr_buf_text(&f.chunks), "1:3@0 \"1\n2\n3\n\" 4:1@6 \"45\" ");

    CHECK_OK(cut_file(&f, wr_lit("12345678")));
    CHECK_STR(wr_buf_text(&f.chunks), "1:1@0 \"12345678\" ");
}

TEST(blank_lines_count_and_carriage_returns_stay)
{
    FIXTURE(f, 8, 8, 100);

    CHECK_OK(cut_file(&f, wr_lit("1\r\n\n2\r\n")));
    CHECK_STR(wr_buf_text(&f.chunks), "1:3@0 \"1\r\n\n2\r\n\" ");

    CHECK_OK(cut_file(&f, wr_lit("\n\n\n\n\n\n\n\n\n\n1")));
    CHECK_STR(wr_buf_text(&f.chunks), "1:8@0 \"\n\n\n\n\n\n\n\n\" 9:3@8 \"\n\n1\" ");
}

TEST(an_empty_file_has_no_chunk)
{
    FIXTURE(f, 8, 8, 100);

    CHECK_OK(cut_file(&f, wr_lit("")));

    CHECK_STR(wr_buf_text(&f.chunks), "");
}

TEST(a_list_behind_the_first_line_does_not_make_an_array_of_a_file)
{
    FIXTURE(f, 16, 8, 100);

    CHECK_OK(cut_file(&f, wr_lit("{}\n[1,2]\n")));

    CHECK_STR(wr_buf_text(&f.chunks), "1:2@0 \"{}\n[1,2]\n\" ");
}

TEST(marks_of_encodings_are_refused_with_a_hint)
{
    static const struct {
        weir_str content;
        const char *message;
    } cases[] = {
        { wr_lit("\xEF\xBB\xBF{}\n"), "'events' begins with a byte order mark, which is not JSON" },
        { wr_lit("\xEF\xBB\xBF[]"), "'events' begins with a byte order mark, which is not JSON" },
        { wr_lit("\xFF\xFE{\0}\0"), "'events' begins with the mark of UTF-16, which is not JSON" },
        { wr_lit("\xFE\xFF\0{\0}"), "'events' begins with the mark of UTF-16, which is not JSON" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        FIXTURE(f, 8, 1, 100);
        CHECK_INT(cut_file(&f, cases[i].content), WEIR_PARSE);
        CHECK_STR(weir_error_message(&f.cx), cases[i].message);
        CHECK(weir_error_hint(&f.cx)[0] != '\0');
    }
}

TEST(a_line_may_be_as_long_as_the_limit_and_no_longer)
{
    static const size_t chunks[] = { 8, 10, 11, 12, 64 };
    for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
        FIXTURE(f, chunks[i], 8, 10);
        CHECK_OK(cut_file(&f, wr_lit("1234567890")));
        CHECK_OK(cut_file(&f, wr_lit("1\n1234567890\n1234567890")));
        CHECK_INT(cut_file(&f, wr_lit("1\n12345678901\n")), WEIR_LIMIT);
        CHECK_INT(cut_file(&f, wr_lit("12345678901")), WEIR_LIMIT);
    }
}

TEST(a_line_that_is_too_long_is_named_with_the_option)
{
    FIXTURE(f, 8, 8, 20);

    CHECK_INT(cut_file(&f, wr_lit("1\n2\n3\n4\n5\n{\"a line\":\"without an end\"}")), WEIR_LIMIT);

    CHECK_STR(weir_error_message(&f.cx),
              "line 6 of 'events', byte 10: the value is too long, 21 bytes so far, at most 20");
    CHECK_STR(weir_error_hint(&f.cx), "allow longer ones with --memory");
}

/* Lines of 0 to 40 bytes, now and then of 400. */
static weir_str random_lines(wr_buf *buf, uint32_t seed, size_t len)
{
    uint32_t random = seed;
    while (buf->len < len) {
        random = random * 1664525 + 1013904223;
        const uint32_t width = random >> 8;
        for (uint32_t i = width % 9 == 0 ? width % 400 : width % 40; i > 0; i--)
            wr_buf_char(buf, (char)('a' + i % 26));
        wr_buf_char(buf, '\n');
    }
    return (weir_str){ buf->ptr, len };
}

TEST(chunks_do_not_depend_on_how_much_is_read_at_once)
{
    static const size_t blocks[] = { 1, 2, 3, 7, 13, 31, 63, 64 };
    for (uint32_t seed = 1; seed <= 20; seed++) {
        wr_auto(buf) wr_buf text = wr_buf_max(1 << 16);
        const weir_str content = random_lines(&text, seed, 4000 + seed);
        FIXTURE(expected, 64, 64, 1000);
        CHECK_OK(cut_file(&expected, content));
        for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
            FIXTURE(f, 64, blocks[i], 1000);
            CHECK_OK(cut_file(&f, content));
            CHECK_STR(wr_buf_text(&f.chunks), wr_buf_text(&expected.chunks));
        }
    }
}

TEST(buffers_are_used_again_and_those_of_long_lines_given_back)
{
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 16);
    const weir_str content = random_lines(&text, 7, 20000);
    FIXTURE(f, 64, 64, 1000);
    CHECK_OK(cut_file(&f, content));
    const size_t before = wr_mem_now();

    for (int i = 0; i < 3; i++)
        CHECK_OK(cut_file(&f, content));

    CHECK_INT(wr_mem_now(), before);
    size_t idle = 0;
    for (const wr_buffer *buffer = f.pool.idle; buffer; buffer = buffer->next)
        idle++;
    CHECK(idle <= 2);
}
