/* zlib for the state as dlt stores it and for files that are written, zstd for the frames of the log, both for packed files
 * that are read. The only file that includes
 * either. */
#include "base/compress.h"

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"

#define ZSTD_LEVEL 1
#define INFLATE_START 4096
/* To zlib: the largest window, in a gzip wrapping. */
#define GZIP_WINDOW (15 + 16)
/* Logarithms of the window that every zstd decoder is expected to have, and of the largest one. */
#define WINDOW_LOG_MIN 23
#define WINDOW_LOG_MAX 31

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

static bool has_at(weir_str s, size_t at, const char *bytes, size_t len)
{
    return s.len >= at + len && memcmp(s.ptr + at, bytes, len) == 0;
}

/* A zstd file may begin with a frame to be skipped, whose first byte is one of sixteen. */
wr_packing wr_packing_of(weir_str head)
{
    if (has_at(head, 0, "\x1F\x8B", 2))
        return WR_GZIP;
    if (has_at(head, 0, "\x28\xB5\x2F\xFD", 4))
        return WR_ZSTD;
    if (has_at(head, 1, "\x2A\x4D\x18", 3) && ((unsigned char)head.ptr[0] & 0xF0) == 0x50)
        return WR_ZSTD;
    return WR_PLAIN;
}

static weir_status begin_gzip(weir_ctx *cx, wr_unpacker *unpacker)
{
    if (unpacker->gzip)
        return WEIR_OK; /* reset at each member */
    z_stream *stream = wr_new(z_stream);
    const int code = inflateInit2(stream, GZIP_WINDOW);
    if (code != Z_OK) {
        wr_free(stream);
        return zlib_failed(cx, "unpacking", code);
    }
    unpacker->gzip = stream;
    return WEIR_OK;
}

static int window_log(size_t window_max)
{
    int log = WINDOW_LOG_MIN;
    while (log < WINDOW_LOG_MAX && window_max >> (log + 1) != 0)
        log++;
    return log;
}

static weir_status begin_zstd(weir_ctx *cx, wr_unpacker *unpacker, size_t window_max)
{
    if (!unpacker->zstd)
        unpacker->zstd = ZSTD_createDCtx();
    if (!unpacker->zstd)
        return weir_fail(cx, WEIR_NOMEM, "no memory for the zstd decompressor");
    ZSTD_DCtx_reset(unpacker->zstd, ZSTD_reset_session_and_parameters);
    ZSTD_DCtx_setParameter(unpacker->zstd, ZSTD_d_windowLogMax, window_log(window_max));
    return WEIR_OK;
}

weir_status wr_unpacker_begin(weir_ctx *cx, wr_unpacker *unpacker, wr_packing packing,
                              size_t window_max)
{
    wr_assert(packing == WR_GZIP || packing == WR_ZSTD);
    unpacker->packing = packing;
    unpacker->inside = false;
    unpacker->fed = (weir_str){ 0 };
    unpacker->position = 0;
    return packing == WR_GZIP ? begin_gzip(cx, unpacker) : begin_zstd(cx, unpacker, window_max);
}

void wr_unpacker_feed(wr_unpacker *unpacker, weir_str packed)
{
    wr_assert(unpacker->fed.len == 0);
    unpacker->fed = packed;
}

static void use_up(wr_unpacker *unpacker, size_t len)
{
    unpacker->fed.ptr += len;
    unpacker->fed.len -= len;
    unpacker->position += (int64_t)len;
}

static const char *packing_name(const wr_unpacker *unpacker)
{
    return unpacker->packing == WR_GZIP ? "gzip" : "zstd";
}

static weir_status corrupt(weir_ctx *cx, const wr_unpacker *unpacker, const char *why)
{
    return weir_fail(cx, WEIR_CORRUPT, "the %s data is damaged near byte %lld: %s",
                     packing_name(unpacker), (long long)unpacker->position, why);
}

/* gzip and tar fill up with zeros behind a member. */
static void skip_zeros(wr_unpacker *unpacker)
{
    size_t zeros = 0;
    while (zeros < unpacker->fed.len && unpacker->fed.ptr[zeros] == '\0')
        zeros++;
    use_up(unpacker, zeros);
}

static weir_status step_gzip(weir_ctx *cx, wr_unpacker *unpacker, char *ret, size_t len,
                             size_t *ret_len)
{
    z_stream *stream = unpacker->gzip;
    if (!unpacker->inside) {
        if (unpacker->position > 0)
            skip_zeros(unpacker);
        if (unpacker->fed.len == 0)
            return WEIR_OK;
        inflateReset(stream);
        unpacker->inside = true;
    }
    const uInt fed = unpacker->fed.len < UINT_MAX ? (uInt)unpacker->fed.len : UINT_MAX;
    const uInt room = len < UINT_MAX ? (uInt)len : UINT_MAX;
    stream->next_in = (const Bytef *)unpacker->fed.ptr;
    stream->avail_in = fed;
    stream->next_out = (Bytef *)ret;
    stream->avail_out = room;
    const int code = inflate(stream, Z_NO_FLUSH);
    use_up(unpacker, fed - stream->avail_in);
    *ret_len = room - stream->avail_out;

    if (code == Z_MEM_ERROR)
        return zlib_failed(cx, "unpacking", code);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return corrupt(cx, unpacker, stream->msg ? stream->msg : "bad data");
    unpacker->inside = code != Z_STREAM_END;
    return WEIR_OK;
}

static weir_status zstd_failed(weir_ctx *cx, const wr_unpacker *unpacker, size_t code)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation: return weir_fail(cx, WEIR_NOMEM, "unpacking: out of memory");
    case ZSTD_error_frameParameter_windowTooLarge:
        return weir_fail(cx, WEIR_LIMIT,
                         "unpacking the zstd data takes more memory than is allowed"
                         "\nhint: allow more with --memory");
    default: return corrupt(cx, unpacker, ZSTD_getErrorName(code));
    }
}

static weir_status step_zstd(weir_ctx *cx, wr_unpacker *unpacker, char *ret, size_t len,
                             size_t *ret_len)
{
    /* Without this a call would already count as the beginning of the next frame. */
    if (!unpacker->inside && unpacker->fed.len == 0)
        return WEIR_OK;
    ZSTD_inBuffer in = { .src = unpacker->fed.ptr, .size = unpacker->fed.len };
    ZSTD_outBuffer out = { .dst = ret, .size = len };
    const size_t code = ZSTD_decompressStream(unpacker->zstd, &out, &in);
    use_up(unpacker, in.pos);
    *ret_len = out.pos;
    if (ZSTD_isError(code))
        return zstd_failed(cx, unpacker, code);
    unpacker->inside = code != 0;
    return WEIR_OK;
}

weir_status wr_unpacker_take(weir_ctx *cx, wr_unpacker *unpacker, char *ret, size_t len,
                             size_t *ret_len)
{
    size_t total = 0;
    while (total < len) {
        const size_t fed = unpacker->fed.len;
        size_t got = 0;
        WEIR_TRY(unpacker->packing == WR_GZIP
                     ? step_gzip(cx, unpacker, ret + total, len - total, &got)
                     : step_zstd(cx, unpacker, ret + total, len - total, &got));
        total += got;
        if (got == 0 && unpacker->fed.len == fed)
            break;
    }
    *ret_len = total;
    return WEIR_OK;
}

weir_status wr_unpacker_end(weir_ctx *cx, const wr_unpacker *unpacker)
{
    if (!unpacker->inside)
        return WEIR_OK;
    return weir_fail(
        cx, WEIR_CORRUPT,
        "the %s data ends early, at byte %lld\nhint: the file was cut off: copy it again",
        packing_name(unpacker), (long long)unpacker->position);
}

void wr_unpacker_done(wr_unpacker *unpacker)
{
    if (unpacker->gzip)
        inflateEnd(unpacker->gzip);
    wr_free(unpacker->gzip);
    ZSTD_freeDCtx(unpacker->zstd);
    *unpacker = (wr_unpacker){ 0 };
}

void wr_cleanup_unpacker(wr_unpacker *unpacker)
{
    wr_unpacker_done(unpacker);
}

/* ---- packing gzip ---- */

/* Level 6 would take twice as long, for files a tenth smaller. */
#define GZIP_LEVEL 1
#define GZIP_MEMORY 8
#define GZIP_STEP ((size_t)64 << 10)

static weir_status begin_packing(weir_ctx *cx, wr_gzip *gzip)
{
    if (gzip->stream)
        return WEIR_OK;
    z_stream *stream = wr_new(z_stream);
    const int code =
        deflateInit2(stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY);
    if (code != Z_OK) {
        wr_free(stream);
        return zlib_failed(cx, "compressing", code);
    }
    gzip->stream = stream;
    return WEIR_OK;
}

/* All that `stream` was given; with Z_FINISH also what it holds back. */
static weir_status run_gzip(weir_ctx *cx, z_stream *stream, int flush, wr_buf *out)
{
    int code = Z_OK;
    do {
        char *room = wr_buf_room(out, GZIP_STEP);
        if (!room)
            return wr_buf_check(cx, out, "packed text");
        stream->next_out = (Bytef *)room;
        stream->avail_out = (uInt)GZIP_STEP;
        code = deflate(stream, flush);
        if (code == Z_STREAM_ERROR)
            return zlib_failed(cx, "compressing", code);
        wr_buf_used(out, GZIP_STEP - stream->avail_out);
    } while (stream->avail_out == 0 || (flush == Z_FINISH && code != Z_STREAM_END));
    return WEIR_OK;
}

weir_status wr_gzip_add(weir_ctx *cx, wr_gzip *gzip, weir_str bytes, wr_buf *out)
{
    WEIR_TRY(begin_packing(cx, gzip));
    z_stream *stream = gzip->stream;
    while (bytes.len > 0) {
        const size_t len = bytes.len < INT_MAX ? bytes.len : INT_MAX;
        stream->next_in = (const Bytef *)bytes.ptr;
        stream->avail_in = (uInt)len;
        WEIR_TRY(run_gzip(cx, stream, Z_NO_FLUSH, out));
        bytes = (weir_str){ bytes.ptr + len, bytes.len - len };
    }
    return WEIR_OK;
}

weir_status wr_gzip_end(weir_ctx *cx, wr_gzip *gzip, wr_buf *out)
{
    WEIR_TRY(begin_packing(cx, gzip));
    const weir_status status = run_gzip(cx, gzip->stream, Z_FINISH, out);
    wr_gzip_done(gzip);
    return status;
}

void wr_gzip_done(wr_gzip *gzip)
{
    if (gzip->stream)
        deflateEnd(gzip->stream);
    wr_free(gzip->stream);
    gzip->stream = NULL;
}
