/* The output of a Singer tap, cut into chunks that have rows of one stream each. */
#ifndef WR_SINGER_SPLIT_H
#define WR_SINGER_SPLIT_H

#include "sources/pool.h"
#include "sources/singer.h"

typedef struct wr_singer_split {
    /* Settings. */
    wr_pool *pool;   /* of chunks that are given */
    bool may_be_bad; /* lines that are no JSON become bad chunks */
    wr_singer singer;
    /* private */
    wr_buffer *from; /* a chunk of lines; NULL: a new one is needed */
    size_t at;
    int64_t line; /* number of the one at `at` in `from`, from 0 */
} wr_singer_split;

/* A new chunk of messages; it is given back to its pool when all was taken, before the next one. */
void wr_singer_split_begin(wr_singer_split *split, wr_buffer *from);
/* The next rows of it, NULL at its end: the longest run of lines without a row of another stream. They stand where they stood,
 * with blanks around them. Errors name the line. The caller gives them back. */
weir_status wr_singer_split_next(weir_ctx *cx, wr_singer_split *split, wr_buffer **ret)
    WEIR_MUST_USE;
void wr_singer_split_done(wr_singer_split *split);

#endif
