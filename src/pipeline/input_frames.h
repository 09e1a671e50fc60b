/* Frames of inputs: chunks of JSON text as frames, straight from where they lie or into a log first. */
#ifndef WR_INPUT_FRAMES_H
#define WR_INPUT_FRAMES_H

#include <weir/input.h>

#include "pipeline/frames.h"
#include "pipeline/resource.h"

/* One input while it is read; its chunks as frames. */
typedef struct wr_open_input {
    const wr_resource *resource;
    weir_str table; /* of its rows: set it before the first frame */
    void *self;
    uint64_t frames; /* of this input */
} wr_open_input;

/* Open the input of a resource. An increment over its items is applied: `home` says where the resource keeps its values,
 * and the state is moved at once. Close *ret in any case. */
weir_status wr_input_open(weir_ctx *cx, const wr_resource *resource,
                          const wr_incremental_home *home, wr_open_input *ret) WEIR_MUST_USE;
/* Is it known to have no rows? Before the first frame. */
bool wr_input_is_empty(const wr_open_input *input);
/* The next chunk as a frame; *ret NULL at the end. wr_input_done() takes it back, on any thread. */
weir_status wr_input_next(weir_ctx *cx, wr_open_input *input, wr_frame **ret) WEIR_MUST_USE;
void wr_input_done(wr_frame *frame);
/* What a frame of an input shows. */
const weir_chunk *wr_input_chunk(const wr_frame *frame);
/* All frames must be done. */
void wr_input_close(wr_open_input *input);

/* The frames of all inputs of a run, one after the other. Behind them `last`, if there is one: the state's row. */
typedef struct wr_input_frames {
    wr_open_input *inputs;
    const wr_resources *resources; /* of each */
    const wr_frame *last;
    /* private */
    size_t at;
    bool last_given;
} wr_input_frames;

wr_frames wr_input_frames_of(wr_input_frames *frames);
void wr_input_frames_end(wr_input_frames *frames);

/* Where a frame begins in its file. */
typedef struct wr_place {
    int64_t line;   /* from 1; 0: its lines are not those of the file */
    int64_t offset; /* in the unpacked file */
} wr_place;
/* False: it did not come from a file. */
bool wr_frame_place(weir_ctx *cx, const wr_frame *frame, wr_place *ret);

/* Say where in its file a row of a frame stands: "data/x.jsonl:12: byte 345: …". `row` and `at` count in the frame. Frames
 * that did not come from a file name row and resource. */
weir_status wr_frame_context(weir_ctx *cx, weir_status status, const wr_frame *frame, uint64_t row,
                             size_t at);

#endif
