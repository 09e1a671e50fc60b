/* zlib and zstd: the state in dlt's form, the frames of the log. */
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

#endif
