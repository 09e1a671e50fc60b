/* Files as streams of unpacked bytes: plain, gzip, zstd, told by their first bytes. */
#ifndef WR_UNPACK_H
#define WR_UNPACK_H

#include <stdatomic.h>

#include <weir/base.h>

#include "base/compress.h"

/* The first read of a stream asks for at least so many bytes: they tell how it is packed. */
#define WR_STREAM_HEAD 8

/* One file after the other, on one thread; the settings and the memory stay. Zero, with `fd` -1, is a valid one. */
typedef struct wr_stream {
    /* Settings. */
    size_t block;            /* bytes of a packed file that are read at once; >= WR_STREAM_HEAD */
    size_t window_max;       /* memory that unpacking may take */
    const atomic_bool *stop; /* true ends reading with WEIR_CANCELLED; or NULL */
    atomic_int_least64_t *read; /* grows by the bytes that were read; or NULL */

    /* The file. */
    int fd;
    bool seekable;
    bool begun; /* the first bytes were looked at, and `packing` is known */
    wr_packing packing;
    bool ended;     /* all packed bytes were read */
    int64_t offset; /* packed bytes that were read */
    weir_str name;
    wr_unpacker unpacker;
    char *packed; /* `block` bytes, once a packed file was seen */
} wr_stream;

typedef struct wr_stream_file {
    int fd;        /* is closed with the stream, unless it is the standard input */
    bool seekable; /* a regular file, read from its beginning; otherwise from its position */
    weir_str name; /* for messages; borrowed */
} wr_stream_file;

void wr_stream_begin(wr_stream *stream, wr_stream_file file);
/* `len` unpacked bytes; fewer only at the end. WEIR_CORRUPT for packed data that is cut off or damaged, WEIR_UNSUPPORTED
 * for other ways of packing; both name the file. */
weir_status wr_stream_read(weir_ctx *cx, void *stream, char *ret, size_t len, size_t *ret_len)
    WEIR_MUST_USE;
void wr_stream_end(wr_stream *stream);
void wr_stream_done(wr_stream *stream);

#endif
