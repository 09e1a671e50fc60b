/* Frames of a sealed log, each in memory of its own: a frame may still be normalised while the next ones are read. */
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/frames.h"

/* A frame with its texts and content behind it in one block. */
static char *put(char *at, weir_str *text)
{
    if (text->len)
        memcpy(at, text->ptr, text->len);
    text->ptr = at;
    return at + text->len;
}

static wr_frame *copy_frame(const wr_frame *frame)
{
    const size_t texts =
        frame->resource.len + frame->table.len + frame->input.len + frame->place.len;
    wr_frame *ret = wr_alloc(sizeof(*ret) + texts + frame->len + WR_JSON_PADDING);
    *ret = *frame;
    char *at = (char *)(ret + 1);
    at = put(at, &ret->resource);
    at = put(at, &ret->table);
    at = put(at, &ret->input);
    at = put(at, &ret->place);
    ret->content = at;
    memcpy(at, frame->content, frame->len);
    return ret;
}

static weir_status next(weir_ctx *cx, void *self, wr_frame **ret)
{
    wr_log_frames *frames = self;
    wr_frame frame;
    bool found = false;
    WEIR_TRY(wr_log_next(cx, &frames->reader, &frame, &found));
    const int64_t read = (int64_t)frames->reader.next_number;
    if (!found && read != frames->promised)
        return weir_fail(cx, WEIR_CORRUPT, "the log has %lld frames, the manifest promises %lld",
                         (long long)read, (long long)frames->promised);
    *ret = found ? copy_frame(&frame) : NULL;
    return WEIR_OK;
}

static void done(void *self, wr_frame *frame)
{
    (void)self;
    wr_free(frame);
}

weir_status wr_log_frames_open(weir_ctx *cx, int package_dir, int64_t promised, wr_log_frames *ret)
{
    *ret = (wr_log_frames){ .promised = promised };
    return wr_log_open(cx, package_dir, true, &ret->reader);
}

weir_status wr_log_frames_reopen(weir_ctx *cx, const wr_log_writer *writer, wr_log_frames *ret)
{
    *ret = (wr_log_frames){ .promised = (int64_t)writer->frames };
    return wr_log_reopen(cx, writer, &ret->reader);
}

wr_frames wr_log_frames_of(wr_log_frames *frames)
{
    return (wr_frames){ next, done, frames };
}

void wr_log_frames_close(wr_log_frames *frames)
{
    wr_log_reader_close(&frames->reader);
}
