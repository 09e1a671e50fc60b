/* Splits any bytes as the output of a Singer tap: lines and bytes of chunks are those of the input, and what is a record
 * stands where it stood. The first byte says whether bad lines are set apart. */
#include "sources/singer_split.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Every byte of a chunk is that of the input, or a blank. */
static void check_chunk(const weir_chunk *chunk, weir_str input)
{
    int64_t ends = 0;
    wr_assert(chunk->offset >= 0 && (size_t)chunk->offset + chunk->len <= input.len);
    for (size_t i = 0; i < chunk->len; i++) {
        const char original = input.ptr[(size_t)chunk->offset + i];
        wr_assert(chunk->text[i] == original || (chunk->text[i] == ' ' && original != '\n'));
        ends += chunk->text[i] == '\n';
    }
    wr_assert(chunk->len > 0 && chunk->rows == ends + (chunk->text[chunk->len - 1] != '\n'));
    wr_assert(chunk->bad == (chunk->table.len == 0));
}

/* Without errors all lines are taken; chunks follow each other. */
static weir_status split_all(weir_ctx *cx, wr_singer_split *split, weir_str input)
{
    int64_t offset = 0;
    for (;;) {
        wr_buffer *buffer = NULL;
        WEIR_TRY(wr_singer_split_next(cx, split, &buffer));
        if (!buffer)
            return WEIR_OK;
        check_chunk(&buffer->chunk, input);
        wr_assert(buffer->chunk.offset >= offset);
        offset = buffer->chunk.offset + (int64_t)buffer->chunk.len;
        wr_pool_return(buffer);
    }
}

/* Hints and state that came out are JSON. */
static void check_said(weir_ctx *cx, const wr_singer *singer)
{
    wr_jkind kind;
    for (size_t i = 0; i < singer->streams.len; i++) {
        const wr_singer_stream *stream = singer->streams.entries[i].value;
        wr_assert(stream->table.len > 0);
        wr_assert(wr_json_check(cx, stream->hints, &kind) == WEIR_OK && kind == WR_JOBJECT);
    }
    if (singer->state.len > 0)
        wr_assert(wr_json_check(cx, wr_buf_view(&singer->state), &kind) == WEIR_OK &&
                  kind == WR_JOBJECT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2)
        return 0;
    const weir_str input = { (const char *)data + 1, len - 1 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_pool pool;
    wr_pool_init(&pool, 256);
    wr_singer_split split = { .pool = &pool, .may_be_bad = data[0] & 1 };
    wr_singer_init(&split.singer, NULL, NULL);

    wr_buffer *from = wr_pool_take(&pool);
    if (from->cap < input.len)
        wr_buffer_grow(from, input.len);
    memcpy(from->chunk.text, input.ptr, input.len);
    from->chunk.len = input.len;
    from->chunk.name = wr_lit("fuzz");
    from->chunk.first_line = 1;
    wr_singer_split_begin(&split, from);
    const weir_status status = split_all(&cx, &split, input);
    wr_assert(status == WEIR_OK || weir_error_message(&cx)[0]);
    check_said(&cx, &split.singer);

    wr_singer_split_done(&split);
    wr_pool_done(&pool);
    return 0;
}
