/* zlib for the state as dlt stores it, zstd for the frames of the log. The only file that includes either. */
#include "base/compress.h"

#include <limits.h>

#include <zlib.h>
#include <zstd.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"

#define ZSTD_LEVEL 1
#define INFLATE_START 4096

static weir_status zlib_failed(weir_ctx *cx, const char *what, int code)
{
    return code == Z_MEM_ERROR ? weir_fail(cx, WEIR_NOMEM, "%s: out of memory", what)
                               : weir_fail(cx, WEIR_INTERNAL, "%s: zlib error %d", what, code);
}

weir_status wr_deflate_base64(weir_ctx *cx, wr_buf *ret, weir_str bytes)
{
    uLongf packed_len = compressBound(bytes.len);
    wr_auto(free) Bytef *packed = wr_alloc(packed_len);
    const int code =
        compress2(packed, &packed_len, (const Bytef *)bytes.ptr, bytes.len, Z_BEST_COMPRESSION);
    if (code != Z_OK)
        return zlib_failed(cx, "compressing", code);

    char *text = wr_buf_room(ret, WR_BASE64_LEN(packed_len));
    if (text)
        wr_buf_used(ret, wr_base64_encode(text, packed, packed_len));
    return wr_buf_check(cx, ret, "compressed text");
}

static weir_status not_deflated(weir_ctx *cx, const char *what)
{
    return weir_fail(cx, WEIR_PARSE, "not a compressed text: %s", what);
}

/* Inflate into `*out`, which grows up to one byte more than `max`: that is how too much is noticed. */
static weir_status inflate_all(weir_ctx *cx, z_stream *stream, size_t max, char **out,
                               size_t *ret_len)
{
    size_t len = 0;
    size_t cap = 0;
    int code = Z_OK;
    while (code == Z_OK) {
        if (len > max)
            return weir_fail(cx, WEIR_LIMIT, "compressed text holds more than %zu bytes", max);
        if (len == cap) {
            cap = cap ? cap * 2 : INFLATE_START;
            cap = cap <= max ? cap : max + 1;
            *out = wr_realloc(*out, cap);
        }
        const size_t room = cap - len < UINT_MAX ? cap - len : UINT_MAX;
        stream->next_out = (Bytef *)*out + len;
        stream->avail_out = (uInt)room;
        code = inflate(stream, Z_NO_FLUSH);
        len += room - stream->avail_out;
    }
    if (code == Z_MEM_ERROR)
        return zlib_failed(cx, "decompressing", code);
    if (code != Z_STREAM_END)
        return not_deflated(cx, code == Z_BUF_ERROR ? "it ends early"
                                : stream->msg       ? stream->msg
                                                    : "bad zlib data");
    if (stream->avail_in > 0)
        return not_deflated(cx, "something follows its end");
    if (len > max)
        return weir_fail(cx, WEIR_LIMIT, "compressed text holds more than %zu bytes", max);
    *ret_len = len;
    return WEIR_OK;
}

weir_status wr_inflate_base64(weir_ctx *cx, wr_arena *arena, weir_str text, size_t max,
                              weir_str *ret)
{
    size_t packed_len;
    wr_auto(free) uint8_t *packed = wr_alloc(text.len / 4 * 3);
    if (!wr_base64_decode(packed, &packed_len, text))
        return not_deflated(cx, "bad base64");
    if (packed_len > UINT_MAX)
        return weir_fail(cx, WEIR_LIMIT, "compressed text has more than %u bytes", UINT_MAX);

    z_stream stream = { .next_in = packed, .avail_in = (uInt)packed_len };
    const int code = inflateInit(&stream);
    if (code != Z_OK)
        return zlib_failed(cx, "decompressing", code);
    wr_auto(free) char *out = NULL;
    size_t len = 0;
    const weir_status status = inflate_all(cx, &stream, max, &out, &len);
    inflateEnd(&stream);
    WEIR_TRY(status);

    *ret = wr_arena_str(arena, (weir_str){ out, len });
    return WEIR_OK;
}

void wr_zstd_done(wr_zstd *zstd)
{
    ZSTD_freeCCtx(zstd->compress);
    ZSTD_freeDCtx(zstd->decompress);
    *zstd = (wr_zstd){ 0 };
}

void wr_cleanup_zstd(wr_zstd *zstd)
{
    wr_zstd_done(zstd);
}

weir_status wr_zstd_pack(weir_ctx *cx, wr_zstd *zstd, wr_buf *ret, weir_str bytes)
{
    if (!zstd->compress)
        zstd->compress = ZSTD_createCCtx();
    if (!zstd->compress)
        return weir_fail(cx, WEIR_NOMEM, "no memory for the zstd compressor");

    const size_t bound = ZSTD_compressBound(bytes.len);
    char *room = wr_buf_room(ret, bound);
    if (!room)
        return wr_buf_check(cx, ret, "compressed frame");
    const size_t len =
        ZSTD_compressCCtx(zstd->compress, room, bound, bytes.ptr, bytes.len, ZSTD_LEVEL);
    if (ZSTD_isError(len))
        return weir_fail(cx, WEIR_INTERNAL, "compressing %zu bytes: %s", bytes.len,
                         ZSTD_getErrorName(len));
    wr_buf_used(ret, len);
    return WEIR_OK;
}

weir_status wr_zstd_unpack(weir_ctx *cx, wr_zstd *zstd, void *ret, size_t len, weir_str packed)
{
    if (!zstd->decompress)
        zstd->decompress = ZSTD_createDCtx();
    if (!zstd->decompress)
        return weir_fail(cx, WEIR_NOMEM, "no memory for the zstd decompressor");

    const size_t got = ZSTD_decompressDCtx(zstd->decompress, ret, len, packed.ptr, packed.len);
    if (ZSTD_isError(got))
        return weir_fail(cx, WEIR_CORRUPT, "cannot decompress %zu bytes: %s", packed.len,
                         ZSTD_getErrorName(got));
    if (got != len)
        return weir_fail(cx, WEIR_CORRUPT, "%zu bytes were compressed, expected %zu", got, len);
    return WEIR_OK;
}
