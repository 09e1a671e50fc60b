/* Streams of unpacked bytes. A plain file is read straight to where its bytes are wanted; a packed one block by block into
 * memory of the stream, and unpacked from there to where its bytes are wanted. */
#include "sources/unpack.h"

#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

/* What is often met and not read; none of it can begin JSON. */
static const struct {
    weir_str head;
    const char *what;
    const char *hint;
} strangers[] = {
    { wr_lit("BZh"), "packed with bzip2", "unpack it on the way: bzcat FILE | weir copy - ..." },
    { wr_lit("\xFD"
             "7zXZ"),
      "packed with xz", "unpack it on the way: xzcat FILE | weir copy - ..." },
    { wr_lit("\x04\x22\x4D\x18"), "packed with lz4",
      "unpack it on the way: lz4cat FILE | weir copy - ..." },
    { wr_lit("PK\x03\x04"), "a zip archive",
      "unpack it on the way: unzip -p FILE | weir copy - ..." },
    { wr_lit("PAR1"), "a Parquet file",
      "expected JSON lines or a JSON array, plain or packed with gzip or zstd" },
};

void wr_stream_begin(wr_stream *stream, wr_stream_file file)
{
    stream->fd = file.fd;
    stream->seekable = file.seekable;
    stream->name = file.name;
    stream->begun = false;
    stream->ended = false;
    stream->offset = 0;
}

void wr_stream_end(wr_stream *stream)
{
    if (stream->fd != STDIN_FILENO)
        wr_cleanup_close(&stream->fd);
    stream->fd = -1;
}

void wr_stream_done(wr_stream *stream)
{
    wr_stream_end(stream);
    wr_unpacker_done(&stream->unpacker);
    wr_free(stream->packed);
    stream->packed = NULL;
}

/* Before each read, so that neither a slow pipe nor a thousand files without content hold up an end. */
static weir_status check_stop(weir_ctx *cx, const wr_stream *stream)
{
    if (stream->stop && atomic_load(stream->stop))
        return weir_fail(cx, WEIR_CANCELLED, "nobody reads '%.*s' any more", WR_STR(stream->name));
    return wr_check_cancel(cx);
}

/* Fill `len` bytes from a pipe, however small its pieces are. */
static weir_status read_waiting(weir_ctx *cx, const wr_stream *stream, char *ret, size_t len,
                                size_t *ret_len)
{
    size_t total = 0;
    for (bool end = false; total < len && !end;) {
        size_t got = 0;
        WEIR_TRY(check_stop(cx, stream));
        WEIR_TRY(wr_read_some(cx, stream->fd, ret + total, len - total, &got, &end));
        total += got;
    }
    *ret_len = total;
    return WEIR_OK;
}

/* Bytes as they lie in the file; fewer than `len` at its end. */
static weir_status read_raw(weir_ctx *cx, wr_stream *stream, char *ret, size_t len, size_t *ret_len)
{
    size_t got = 0;
    WEIR_TRY(check_stop(cx, stream));
    if (!stream->ended)
        WEIR_TRY(stream->seekable ? wr_read_at(cx, stream->fd, ret, len, stream->offset, &got)
                                  : read_waiting(cx, stream, ret, len, &got));
    stream->offset += (int64_t)got;
    if (stream->read)
        atomic_fetch_add(stream->read, (int64_t)got);
    stream->ended = stream->ended || got < len;
    *ret_len = got;
    return WEIR_OK;
}

static weir_status refuse_strangers(weir_ctx *cx, const wr_stream *stream, weir_str head)
{
    for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
        if (wr_str_starts(head, strangers[i].head))
            return weir_fail(cx, WEIR_UNSUPPORTED, "'%.*s' is %s\nhint: %s", WR_STR(stream->name),
                             strangers[i].what, strangers[i].hint);
    return WEIR_OK;
}

static weir_status unpack(weir_ctx *cx, wr_stream *stream, char *ret, size_t len, size_t *ret_len)
{
    size_t total = 0;
    for (;;) {
        size_t got;
        WEIR_TRY(wr_unpacker_take(cx, &stream->unpacker, ret + total, len - total, &got));
        total += got;
        if (total == len)
            break;
        if (stream->ended) {
            WEIR_TRY(wr_unpacker_end(cx, &stream->unpacker));
            break;
        }
        WEIR_TRY(read_raw(cx, stream, stream->packed, stream->block, &got));
        wr_unpacker_feed(&stream->unpacker, (weir_str){ stream->packed, got });
    }
    *ret_len = total;
    return WEIR_OK;
}

/* The first bytes were read as those of a plain file, and are packed: move them to where those belong. */
static weir_status begin_unpacking(weir_ctx *cx, wr_stream *stream, wr_packing packing,
                                   weir_str head)
{
    if (!stream->packed)
        stream->packed = wr_realloc(NULL, stream->block);
    memcpy(stream->packed, head.ptr, head.len);
    WEIR_TRY(wr_unpacker_begin(cx, &stream->unpacker, packing, stream->window_max));
    wr_unpacker_feed(&stream->unpacker, (weir_str){ stream->packed, head.len });
    return WEIR_OK;
}

static weir_status read_first(weir_ctx *cx, wr_stream *stream, char *ret, size_t len,
                              size_t *ret_len, wr_packing *ret_packing)
{
    wr_assert(len >= WR_STREAM_HEAD && stream->block >= WR_STREAM_HEAD);
    size_t got;
    WEIR_TRY(read_raw(cx, stream, ret, len < stream->block ? len : stream->block, &got));
    const weir_str head = { ret, got };
    WEIR_TRY(refuse_strangers(cx, stream, head));
    const wr_packing packing = wr_packing_of(head);
    if (packing != WR_PLAIN)
        WEIR_TRY(begin_unpacking(cx, stream, packing, head));
    *ret_len = packing == WR_PLAIN ? got : 0;
    *ret_packing = packing;
    return WEIR_OK;
}

weir_status wr_stream_read(weir_ctx *cx, void *self, char *ret, size_t len, size_t *ret_len)
{
    wr_stream *stream = self;
    size_t first = 0;
    if (!stream->begun) {
        WEIR_TRY(read_first(cx, stream, ret, len, &first, &stream->packing));
        stream->begun = true;
    }
    size_t rest = 0;
    if (stream->packing == WR_PLAIN)
        WEIR_TRY(read_raw(cx, stream, ret + first, len - first, &rest));
    else
        WEIR_TRY(
            wr_context(cx, unpack(cx, stream, ret, len, &rest), "'%.*s'", WR_STR(stream->name)));
    *ret_len = first + rest;
    return WEIR_OK;
}
