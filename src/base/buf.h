/* Buffers: text and bytes that grow up to a declared maximum. Going past it sets `failed`, drops the content, and
 * makes every later append do nothing; so a chain of appends is checked once, with wr_buf_check(). */
#ifndef WR_BUF_H
#define WR_BUF_H

#include <weir/base.h>

#include "base/mem.h"

typedef struct wr_buf {
    char *ptr; /* NULL while nothing was appended */
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
} wr_buf;

/* A declared buffer: `wr_auto(buf) wr_buf out = wr_buf_max(WR_SQL_MAX);` */
#define wr_buf_max(limit) ((wr_buf){ .max = (limit) })

void wr_buf_append(wr_buf *buf, const void *bytes, size_t len);
void wr_buf_str(wr_buf *buf, weir_str s);
void wr_buf_cstr(wr_buf *buf, const char *s);
void wr_buf_char(wr_buf *buf, char c);
void wr_buf_printf(wr_buf *buf, const char *format, ...) WEIR_PRINTF(2, 3);
void wr_buf_vprintf(wr_buf *buf, const char *format, va_list args) WEIR_PRINTF(2, 0);

/* Room for `len` more bytes at the returned place, NULL past the maximum; wr_buf_used() says how many were written. */
char *wr_buf_room(wr_buf *buf, size_t len);
static inline void wr_buf_used(wr_buf *buf, size_t len)
{
    buf->len += len;
}

/* The content, borrowed until the next change. */
static inline weir_str wr_buf_view(const wr_buf *buf)
{
    weir_str ret = { buf->ptr ? buf->ptr : "", buf->len };
    return ret;
}
/* The content as a C string: a NUL is put behind it. */
const char *wr_buf_text(wr_buf *buf);

/* WEIR_LIMIT with a message that names `what` and the maximum if the buffer failed. */
weir_status wr_buf_check(weir_ctx *cx, const wr_buf *buf, const char *what) WEIR_MUST_USE;

/* Empty it and forget that it failed; keep the memory. */
void wr_buf_clear(wr_buf *buf);
void wr_buf_done(wr_buf *buf);
void wr_cleanup_buf(wr_buf *buf);

#endif
