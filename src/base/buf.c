/* Buffers that double up to their maximum; one byte more is kept for the NUL of wr_buf_text(). */
#include "base/buf.h"

#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"

#define CAP_MIN 64

/* Make room for `len` more bytes and a NUL; false, and a failed buffer, past the maximum. */
static bool reserve(wr_buf *buf, size_t len)
{
    if (buf->failed)
        return false;
    if (len > buf->max - buf->len) {
        wr_buf_done(buf);
        buf->failed = true;
        return false;
    }

    const size_t need = buf->len + len + 1;
    if (need > buf->cap) {
        size_t cap = buf->cap < CAP_MIN / 2 ? CAP_MIN : buf->cap * 2;
        if (cap > buf->max)
            cap = buf->max + 1;
        buf->cap = cap < need ? need : cap;
        buf->ptr = wr_realloc(buf->ptr, buf->cap);
    }
    return true;
}

void wr_buf_append(wr_buf *buf, const void *bytes, size_t len)
{
    if (len == 0 || !reserve(buf, len))
        return;
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
}

void wr_buf_str(wr_buf *buf, weir_str s)
{
    wr_buf_append(buf, s.ptr, s.len);
}

void wr_buf_cstr(wr_buf *buf, const char *s)
{
    wr_buf_str(buf, weir_str_of(s));
}

void wr_buf_char(wr_buf *buf, char c)
{
    if (reserve(buf, 1))
        buf->ptr[buf->len++] = c;
}

void wr_buf_printf(wr_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wr_buf_vprintf(buf, format, args);
    va_end(args);
}

void wr_buf_vprintf(wr_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const size_t room = buf->cap - buf->len;
    const int len = vsnprintf(buf->ptr ? buf->ptr + buf->len : NULL, room, format, again);
    va_end(again);
    wr_assert(len >= 0);

    const bool fitted = (size_t)len < room;
    if (!reserve(buf, (size_t)len))
        return;
    if (!fitted)
        vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    buf->len += (size_t)len;
}

char *wr_buf_room(wr_buf *buf, size_t len)
{
    return reserve(buf, len) ? buf->ptr + buf->len : NULL;
}

const char *wr_buf_text(wr_buf *buf)
{
    if (!buf->ptr)
        return "";
    buf->ptr[buf->len] = '\0';
    return buf->ptr;
}

weir_status wr_buf_check(weir_ctx *cx, const wr_buf *buf, const char *what)
{
    if (!buf->failed)
        return WEIR_OK;
    return weir_fail(cx, WEIR_LIMIT, "%s is longer than the maximum of %zu bytes", what, buf->max);
}

void wr_buf_clear(wr_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

void wr_buf_done(wr_buf *buf)
{
    wr_free(buf->ptr);
    *buf = wr_buf_max(buf->max);
}

void wr_cleanup_buf(wr_buf *buf)
{
    wr_buf_done(buf);
}
