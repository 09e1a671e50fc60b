/* Bad lines into their file, piece by piece: no line is held in its written form as a whole. */
#include "pipeline/quarantine.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "pipeline/input_frames.h"

/* Bytes of a line that are written at a time: whole triples, for base64. A control character becomes six bytes. */
#define PIECE ((size_t)48 << 10)
#define OUT_FLUSH ((size_t)64 << 10)
#define OUT_MAX ((size_t)2 << 20)

void wr_quarantine_begin(wr_quarantine *quarantine, const wr_home *home, const wr_package *package)
{
    *quarantine = (wr_quarantine){
        .home = home,
        .package = package,
        .dir = -1,
        .fd = -1,
        .out = wr_buf_max(OUT_MAX),
    };
}

/* What an earlier attempt left is written anew. */
static weir_status open_file(weir_ctx *cx, wr_quarantine *q)
{
    if (q->fd >= 0)
        return WEIR_OK;
    WEIR_TRY(wr_fault(cx, "quarantine.open"));
    WEIR_TRY(wr_package_create(cx, q->home, q->package->load_id, &q->dir));
    return wr_open_at(cx, q->dir, WR_BAD_ROWS, O_WRONLY | O_CREAT | O_TRUNC, &q->fd);
}

/* Write what waits, once it is `least` bytes. */
static weir_status flush(weir_ctx *cx, wr_quarantine *q, size_t least)
{
    if (q->out.len < least)
        return WEIR_OK;
    WEIR_TRY(wr_buf_check(cx, &q->out, "an entry of the quarantine"));
    WEIR_TRY(wr_write_all(cx, q->fd, wr_buf_view(&q->out)));
    wr_buf_clear(&q->out);
    return WEIR_OK;
}

static void put_text(wr_buf *out, weir_str piece)
{
    const size_t begin = out->len;
    wr_json_quote(out, piece);
    if (out->failed)
        return;
    /* Of each piece only what stands between the quotes. */
    out->len -= 2;
    memmove(out->ptr + begin, out->ptr + begin + 1, out->len - begin);
}

static void put_base64(wr_buf *out, weir_str piece)
{
    char *room = wr_buf_room(out, WR_BASE64_LEN(piece.len));
    if (room)
        wr_buf_used(out, wr_base64_encode(room, (const uint8_t *)piece.ptr, piece.len));
}

static weir_status put_line(weir_ctx *cx, wr_quarantine *q, weir_str line)
{
    const bool is_text = wr_utf8_valid(line) == line.len;
    wr_buf_cstr(&q->out, is_text ? ",\"text\":\"" : ",\"base64\":\"");
    while (line.len > 0) {
        const weir_str piece = { line.ptr, line.len < PIECE ? line.len : PIECE };
        if (is_text)
            put_text(&q->out, piece);
        else
            put_base64(&q->out, piece);
        line.ptr += piece.len;
        line.len -= piece.len;
        WEIR_TRY(flush(cx, q, OUT_FLUSH));
    }
    wr_buf_cstr(&q->out, "\"}\n");
    return flush(cx, q, OUT_FLUSH);
}

/* Read it once more: why is it no JSON? */
static void put_reason(weir_ctx *cx, wr_quarantine *q, weir_str line)
{
    const wr_jval *value;
    const weir_status status = wr_line_read_copy(cx, &q->lines, line, &value);
    wr_assert(status != WEIR_OK);
    wr_buf_cstr(&q->out, ",\"reason\":");
    wr_json_quote(&q->out, weir_str_of(weir_error_message(cx)));
    weir_error_clear(cx);
}

/* `place` is that of the line. */
static weir_status put_entry(weir_ctx *cx, wr_quarantine *q, const wr_frame *frame, wr_place place,
                             weir_str line)
{
    wr_buf_cstr(&q->out, "{\"resource\":");
    wr_json_quote(&q->out, frame->resource);
    wr_buf_cstr(&q->out, ",\"file\":");
    wr_json_quote(&q->out, frame->input);
    if (place.line > 0)
        wr_buf_printf(&q->out, ",\"line\":%lld", (long long)place.line);
    else
        wr_buf_cstr(&q->out, ",\"line\":null");
    wr_buf_printf(&q->out, ",\"offset\":%lld", (long long)place.offset);
    put_reason(cx, q, line);
    return put_line(cx, q, line);
}

weir_status wr_quarantine_add(weir_ctx *cx, wr_quarantine *q, const wr_frame *frame,
                              const uint32_t *rows, size_t count)
{
    if (count == 0)
        return WEIR_OK;
    if (!q->home) {
        q->rows += (int64_t)count;
        return WEIR_OK;
    }
    WEIR_TRY(open_file(cx, q));
    WEIR_TRY(wr_fault(cx, "quarantine.add"));
    wr_place begin = { 0 };
    (void)wr_frame_place(cx, frame, &begin); /* frames of inputs have one */
    size_t at = 0;
    uint32_t row = 0;
    for (size_t i = 0; i < count; i++) {
        for (; row < rows[i]; row++)
            (void)wr_line_cut(frame, &at);
        const wr_place place = {
            .line = begin.line > 0 ? begin.line + row : 0,
            .offset = begin.offset + (int64_t)at,
        };
        WEIR_TRY(put_entry(cx, q, frame, place, wr_line_cut(frame, &at)));
        row++;
    }
    q->rows += (int64_t)count;
    return flush(cx, q, 0);
}

weir_status wr_quarantine_seal(weir_ctx *cx, wr_quarantine *q)
{
    /* An earlier attempt may have noted a number that was another weir's. */
    const int64_t noted = wr_node_get_int(q->package->manifest, WR_BAD_ROWS_COUNT, 0);
    if (!q->home || (q->rows == 0 && noted == 0))
        return WEIR_OK;
    if (q->rows > 0) {
        WEIR_TRY(wr_fault(cx, "quarantine.sync"));
        WEIR_TRY(wr_fsync(cx, q->fd));
    }
    q->sealed = true;
    return wr_package_note_bad_rows(cx, q->home, q->package, q->rows);
}

void wr_quarantine_end(wr_quarantine *q)
{
    wr_cleanup_close(&q->fd);
    wr_cleanup_close(&q->dir);
    wr_buf_done(&q->out);
    wr_line_reader_done(&q->lines);
}
