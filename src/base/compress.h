/* zlib and zstd: the state in dlt's form, the frames of the log, packed files piece by piece. */
#ifndef WR_COMPRESS_H
#define WR_COMPRESS_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/buf.h"

/* base64(zlib level 9): the form of dlt's state. Byte for byte what Python's zlib gives. */
weir_status wr_deflate_base64(weir_ctx *cx, wr_buf *ret, weir_str bytes) WEIR_MUST_USE;
/* Back, with a NUL behind; WEIR_PARSE when the text is not in that form, WEIR_LIMIT when it holds more than `max` bytes. */
weir_status wr_inflate_base64(weir_ctx *cx, wr_arena *arena, weir_str text, size_t max,
                              weir_str *ret) WEIR_MUST_USE;

/* Reused from frame to frame; belongs to one thread. Zero is a valid one. */
typedef struct wr_zstd {
    void *compress;
    void *decompress;
} wr_zstd;
void wr_zstd_done(wr_zstd *zstd);
void wr_cleanup_zstd(wr_zstd *zstd);
/* Append the zstd frame of `bytes` to `ret`; level 1. The maximum of `ret` must leave room for the worst case: a little
 * more than `bytes.len`. */
weir_status wr_zstd_pack(weir_ctx *cx, wr_zstd *zstd, wr_buf *ret, weir_str bytes) WEIR_MUST_USE;
/* Exactly `len` bytes to `ret`; WEIR_CORRUPT otherwise. */
weir_status wr_zstd_unpack(weir_ctx *cx, wr_zstd *zstd, void *ret, size_t len, weir_str packed)
    WEIR_MUST_USE;

/* Makes one member of a gzip file, piece by piece; a file may have several. It belongs to one thread. Zero is a valid one. */
typedef struct wr_gzip {
    void *stream;
} wr_gzip;
/* Take `bytes`; what is packed by now is appended to `out`. */
weir_status wr_gzip_add(weir_ctx *cx, wr_gzip *gzip, weir_str bytes, wr_buf *out) WEIR_MUST_USE;
/* Append the rest of the member, which may be an empty one; the next piece begins another. */
weir_status wr_gzip_end(weir_ctx *cx, wr_gzip *gzip, wr_buf *out) WEIR_MUST_USE;
void wr_gzip_done(wr_gzip *gzip);

/* How a file is packed. */
typedef enum wr_packing { WR_PLAIN, WR_GZIP, WR_ZSTD } wr_packing;
/* So many bytes of its beginning tell; a shorter file is taken for plain if they do not. */
#define WR_PACKING_HEAD 4
wr_packing wr_packing_of(weir_str head);

/* Unpacks one stream after the other, each piece by piece: all the members of a gzip file, all the frames of a zstd
 * file. It belongs to one thread. Zero is a valid one.
 *
 *     begin ─▶ feed ─▶ take … take ─▶ feed ─▶ take … take ─▶ end        `end` only where the stream ends */
typedef struct wr_unpacker {
    wr_packing packing;
    bool inside;      /* a member or a frame has begun and not ended */
    weir_str fed;     /* what is left of it */
    int64_t position; /* of `fed` in the stream */
    void *gzip;
    void *zstd;
} wr_unpacker;

/* A new stream, not WR_PLAIN. zstd frames that need more than `window_max` bytes (at least 8 MiB, which all must be able
 * to have) will be WEIR_LIMIT. */
weir_status wr_unpacker_begin(weir_ctx *cx, wr_unpacker *unpacker, wr_packing packing,
                              size_t window_max) WEIR_MUST_USE;
/* The next packed bytes, borrowed. All of what was fed before has been taken. */
void wr_unpacker_feed(wr_unpacker *unpacker, weir_str packed);
/* Up to `len` bytes; fewer when all that was fed is used up. WEIR_CORRUPT with the place in the stream. */
weir_status wr_unpacker_take(weir_ctx *cx, wr_unpacker *unpacker, char *ret, size_t len,
                             size_t *ret_len) WEIR_MUST_USE;
/* WEIR_CORRUPT when the stream may not end here. */
weir_status wr_unpacker_end(weir_ctx *cx, const wr_unpacker *unpacker) WEIR_MUST_USE;
void wr_unpacker_done(wr_unpacker *unpacker);
void wr_cleanup_unpacker(wr_unpacker *unpacker);

#endif
