/* Where frames come from: a log, or inputs that can be read again. The feed does not know which. */
#ifndef WR_FRAMES_H
#define WR_FRAMES_H

#include "pipeline/framelog.h"

typedef struct wr_frames {
    /* The next frame, in order; *ret NULL at the end. It belongs to the caller until `done`. Called on one thread. */
    weir_status (*next)(weir_ctx *cx, void *self, wr_frame **ret);
    /* Any thread. */
    void (*done)(void *self, wr_frame *frame);
    void *self;
} wr_frames;

/* The frames of a sealed log. `promised` is how many there must be. */
typedef struct wr_log_frames {
    wr_log_reader reader;
    int64_t promised;
} wr_log_frames;

weir_status wr_log_frames_open(weir_ctx *cx, int package_dir, int64_t promised, wr_log_frames *ret)
    WEIR_MUST_USE;
/* Those that a writer has written so far. */
weir_status wr_log_frames_reopen(weir_ctx *cx, const wr_log_writer *writer, wr_log_frames *ret)
    WEIR_MUST_USE;
wr_frames wr_log_frames_of(wr_log_frames *frames);
void wr_log_frames_close(wr_log_frames *frames);

#endif
