/* Cuts any bytes into chunks: nothing is lost, borders are where they belong, and reading in other portions gives the
 * same. The first two bytes say how large chunks and portions are. */
#include "sources/lines.h"

#include "../harness/memory.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

#define VALUE_MAX 500

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A chunk holds as many values as it says, and more than fit only when it is one. */
static void check_chunk(const weir_chunk *chunk, size_t size)
{
    int64_t ends = 0;
    for (size_t i = 0; i < chunk->len; i++)
        ends += chunk->text[i] == '\n';
    const bool whole = chunk->text[chunk->len - 1] == '\n';
    wr_assert(chunk->rows == ends + !whole);
    wr_assert(chunk->rows == 1 || chunk->len <= size);
    wr_assert(chunk->len <= VALUE_MAX + 1 || chunk->rows > 1);
}

/* The bytes and the borders of all chunks. */
static weir_status cut(weir_ctx *cx, weir_str content, size_t size, size_t block, wr_buf *bytes,
                       wr_buf *borders)
{
    memory_file file = { .content = content };
    wr_pool pool;
    wr_pool_init(&pool, size);
    wr_cutter cutter = { .pool = &pool, .block = block, .value_max = VALUE_MAX };
    cutter.read = memory_read;
    cutter.from = &file;
    wr_cutter_begin(&cutter, wr_lit("fuzz"));

    wr_buffer *buffer = NULL;
    weir_status status;
    while ((status = wr_cutter_next(cx, &cutter, &buffer)) == WEIR_OK && buffer) {
        const weir_chunk *chunk = &buffer->chunk;
        check_chunk(chunk, size);
        wr_assert(chunk->offset == (int64_t)bytes->len);
        wr_buf_append(bytes, chunk->text, chunk->len);
        wr_buf_printf(borders, "%zu %lld %lld\n", chunk->len, (long long)chunk->rows,
                      (long long)chunk->first_line);
        wr_pool_return(buffer);
    }
    wr_cutter_done(&cutter);
    wr_pool_done(&pool);
    return status;
}

static bool is_array(weir_str content)
{
    size_t i = 0;
    while (i < content.len && memchr(" \t\r\n", content.ptr[i], 4))
        i++;
    return i < content.len && content.ptr[i] == '[';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2)
        return 0;
    const size_t size = 8 + data[0] % 64;
    const size_t block = 1 + data[1] % size;
    const weir_str content = { (const char *)data + 2, len - 2 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(buf) wr_buf bytes = wr_buf_max(1 << 24);
    wr_auto(buf) wr_buf borders = wr_buf_max(1 << 24);
    wr_auto(buf) wr_buf bytes2 = wr_buf_max(1 << 24);
    wr_auto(buf) wr_buf borders2 = wr_buf_max(1 << 24);

    const weir_status status = cut(&cx, content, size, size, &bytes, &borders);
    const weir_status status2 = cut(&cx, content, size, block, &bytes2, &borders2);

    wr_assert(status == status2);
    wr_assert(wr_str_eq(wr_buf_view(&bytes), wr_buf_view(&bytes2)));
    wr_assert(wr_str_eq(wr_buf_view(&borders), wr_buf_view(&borders2)));
    if (status == WEIR_OK && !is_array(content))
        wr_assert(wr_str_eq(wr_buf_view(&bytes), content));
    return 0;
}
