/* What a resource gives, from the inside: rows are written down one by one, sifted when the resource wants it, and
 * appended to the open frame of their table; full frames go to the log's queue.
 *
 *   row ──▶ begin, write, end ──▶ sift ──▶ open frame of its table ──full──▶ queue
 */
#ifndef WR_ROWS_H
#define WR_ROWS_H

#include "base/queue.h"
#include "pipeline/extract.h"
#include "pipeline/line.h"
#include "pipeline/sift.h"

struct weir_rows {
    weir_ctx *cx;
    const wr_extract_args *args;
    const wr_resource *resource;
    wr_node *announced; /* array: the tables that resources announce; more come with rows */
    wr_queue *queue;
    weir_str input; /* file that the rows come from; empty: none */
    uint64_t at;    /* number of the next row: from 0 in the resource, or from 1 in its input */
    struct weir_rows *children; /* of the resources that depend on this one ... */
    struct weir_rows *next;     /* ... one behind the other */
    int64_t total_rows;
    int64_t total_bytes;
    /* private */
    weir_str table;       /* of all rows, unless a field of them or their chunk names it */
    wr_given_table given; /* by the chunk that is being read */
    wr_map tables;        /* what the field or the chunk says → the table's name */
    wr_map open;          /* table → frame that is being filled */
    size_t open_bytes;
    wr_buf row;     /* the row at hand */
    wr_buf pending; /* lines: rows of this page that the children have not seen */
    size_t page_rows;
    wr_frame_kind kind;
    bool looks;
    wr_sift sift;
    bool stopped;
    wr_json_reader reader; /* of emitted JSON */
    wr_line_reader lines;  /* of lines that may be bad */
    int64_t told_bytes;
};

/* Begin the incremental of the resource. `rows` is zero but for its public members. End it in any case. */
weir_status wr_rows_begin(weir_rows *rows) WEIR_MUST_USE;
/* All rows are there: send what is open, write where the next run begins to the state. */
weir_status wr_rows_finish(weir_rows *rows) WEIR_MUST_USE;
void wr_rows_end(weir_rows *rows);

/* There are rows, or a page of none: the resource's table is announced. Done for rows that are written down. */
weir_status wr_rows_announce(weir_rows *rows) WEIR_MUST_USE;
/* Write the row's text, on one line, to *ret ... */
weir_status wr_rows_begin_row(weir_rows *rows, wr_frame_kind kind, wr_buf **ret) WEIR_MUST_USE;
/* ... and give it away. */
weir_status wr_rows_end_row(weir_rows *rows) WEIR_MUST_USE;

/* Lines of JSON, as a whole or, sifted, one by one. */
weir_status wr_rows_add_lines(weir_rows *rows, weir_str lines, uint32_t count) WEIR_MUST_USE;
/* A page ends here: its rows are shown to the children. */
weir_status wr_rows_end_page(weir_rows *rows) WEIR_MUST_USE;
/* The rows of a chunk, a frame of an input: as a whole or, sifted or for several tables, one by one. *ret_stop: no later one can have a row that goes on. */
weir_status wr_rows_add_chunk(weir_rows *rows, const wr_frame *chunk, bool *ret_stop) WEIR_MUST_USE;

/* For queues: a frame that was sent. */
void wr_rows_release_frame(void *frame);

#endif
