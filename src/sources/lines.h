/* Byte streams, cut into chunks of whole values: JSON lines, or the elements of one JSON array. */
#ifndef WR_LINES_H
#define WR_LINES_H

#include <weir/input.h>

#include "sources/json_array.h"
#include "sources/pool.h"

/* The part of a file that is in memory, and how far it was looked at:
 *
 *     text           border       scanned            len
 *      │ whole values │ a part of one │ not looked at │            */
typedef struct wr_window {
    weir_str name;  /* of the file */
    int64_t offset; /* of the window in the file */
    char *text;
    size_t len;
    size_t scanned;
    int64_t line; /* number of the line that `scanned` stands in, from 1 */
    size_t border;
    int64_t border_line; /* the one that `border` stands in */
    int64_t rows;        /* values before `border` */
    size_t target;       /* a border past it is the only one */
    size_t value_max;    /* longest value */
} wr_window;

/* Move the border behind a value and the byte that ended it. WEIR_LIMIT when the value is too long. */
weir_status wr_window_add(weir_ctx *cx, wr_window *window, size_t end) WEIR_MUST_USE;

/* Cuts one file after the other, on one thread. Which chunks it gives depends on the content and the size of a chunk
 * alone: the most whole values that fit, at least one; never on how much is read at once. */
typedef struct wr_cutter {
    /* Settings. */
    wr_pool *pool;    /* `size` of its buffers is the size of a chunk */
    size_t block;     /* bytes that are read at once; at most the size of a chunk */
    size_t value_max; /* longest value */
    /* Gives `len` bytes, fewer only at the end; the first call of a file asks for 8 or more. */
    weir_status (*read)(weir_ctx *cx, void *from, char *ret, size_t len, size_t *ret_len);
    void *from;

    /* The file. */
    enum { WR_UNKNOWN, WR_LINES, WR_ARRAY } format;
    bool ended; /* all was read */
    wr_window window;
    wr_buffer *buffer; /* the window's memory */
    wr_json_array array;
} wr_cutter;

/* A new file; `name` is borrowed, by the chunks too. */
void wr_cutter_begin(wr_cutter *cutter, weir_str name);
/* The next chunk, NULL at the end. The caller gives it back to the pool. */
weir_status wr_cutter_next(weir_ctx *cx, wr_cutter *cutter, wr_buffer **ret) WEIR_MUST_USE;
void wr_cutter_done(wr_cutter *cutter);

#endif
