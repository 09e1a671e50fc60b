/* What a resource emits into, from the inside: cells and JSON become the open frame, full frames go to the log's queue. */
#ifndef WR_ROWS_H
#define WR_ROWS_H

#include "base/queue.h"
#include "pipeline/extract.h"

struct weir_rows {
    weir_ctx *cx;
    const wr_extract_args *args;
    const weir_resource *resource;
    weir_str table;
    wr_queue *queue;
    wr_frame frame; /* the open one; its content is in `content` */
    wr_buf content;
    wr_json_reader reader;
    uint64_t next_row;
    int64_t total_rows;
    int64_t total_bytes;
    int64_t told_bytes;
};

/* Send the open frame, begin another. */
weir_status wr_rows_cut(weir_rows *rows) WEIR_MUST_USE;
/* Send a copy of a frame that was made elsewhere. */
weir_status wr_rows_copy_frame(weir_rows *rows, const wr_frame *frame) WEIR_MUST_USE;
void wr_rows_done(weir_rows *rows);
/* For queues: a frame that was sent. */
void wr_rows_release_frame(void *frame);

#endif
