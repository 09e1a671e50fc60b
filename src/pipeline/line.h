/* Lines of frames: one JSON value each. */
#ifndef WR_LINE_H
#define WR_LINE_H

#include "pipeline/framelog.h"

/* Read the value of the line that begins at `text`, in place; `len` bytes and WR_JSON_PADDING behind them are there. *ret
 * lives until the next call. *ret_used: bytes up to the next line. WEIR_PARSE, or WEIR_LIMIT when it is nested too
 * deeply. */
weir_status wr_line_read(weir_ctx *cx, wr_json_reader *reader, char *text, size_t len,
                         const wr_jval **ret, size_t *ret_used) WEIR_MUST_USE;

/* Reads lines from a copy: the frame stays as it is, and a value ends with its line. Zero is a valid one. */
typedef struct wr_line_reader {
    wr_json_reader json;
    char *copy;
    size_t cap;
} wr_line_reader;

weir_status wr_line_read_copy(weir_ctx *cx, wr_line_reader *reader, weir_str line,
                              const wr_jval **ret) WEIR_MUST_USE;
void wr_line_reader_done(wr_line_reader *reader);

/* The line of a frame that begins at *at, without its end; *at moves to the next one. */
weir_str wr_line_cut(const wr_frame *frame, size_t *at);

#endif
