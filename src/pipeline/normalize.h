/* Normalising: JSON values of one frame become rows of tables. Pure: the result depends on the frame and the schema
 * snapshot alone, so any number of workers may run ahead, and replaying gives the same rows.
 *
 *   frame ──parse in place──▶ values ──walk──▶ cells in builders ──finish──▶ batches, additions
 *
 * A walk follows shapes: a tree of the keys seen so far, which knows for each key the column or table that its value goes
 * to, and guesses that the next key follows the last one as it did before. So naming and look-up happen once per distinct
 * key. Ids are not hashed in the walk, but per table when the frame is done, parents first.
 *
 * A column takes memory for each row of its table, whether or not the row has a value. So a frame of narrow rows in a wide
 * table is normalised in parts, which end when they have many cells. Where they end makes no difference to the rows.
 */
#ifndef WR_NORMALIZE_H
#define WR_NORMALIZE_H

#include <weir/destination.h>

#include "pipeline/framelog.h"
#include "schema/batch.h"
#include "schema/schema.h"

typedef struct wr_normalizer wr_normalizer;

/* What does not change during a load. */
typedef struct wr_normalizer_args {
    wr_naming naming;
    weir_str load_id;    /* borrowed */
    weir_time started;   /* for detections */
    int max_nesting;     /* levels of nested tables */
    bool strips_nul;     /* the destination cannot keep NUL in texts */
    bool refuses_nulls;  /* it refuses rows without a value in columns that must not be null */
    weir_digits decimal; /* what it holds; zero: anything */
    weir_digits wei;
    int integer_bits; /* of its narrowest integers, wider ones have twice as many; 0: all have 64 */
    size_t column_max; /* most columns of one table */
    size_t part_cells; /* a part ends behind so many, at a row of the frame; 0: WR_PART_CELLS */
    size_t idle_bytes; /* batches that came back are kept for others, up to this sum */
} wr_normalizer_args;

#define WR_MAX_NESTING 1000
#define WR_COLUMN_MAX 4000
#define WR_PART_CELLS ((size_t)1 << 19) /* 4 MiB of numbers */

/* One worker. Its batches refer to it: free it after the last one is released. */
wr_normalizer *wr_normalizer_new(const wr_normalizer_args *args);
void wr_normalizer_free(wr_normalizer *normalizer);

/* What a frame adds to the schema: a table's new columns, in order of appearance, and those that its contract refused,
 * which stand for the rest of the load. */
typedef struct wr_addition {
    weir_str table;
    weir_str parent;
    const wr_new_column *columns;
    size_t count;
    const wr_discard *discards;
    size_t discard_count;
} wr_addition;

/* Make the addition to an unshared schema. */
weir_status wr_addition_apply(weir_ctx *cx, wr_schema *schema, const wr_addition *addition)
    WEIR_MUST_USE;
/* Its lists are the normaliser's: take them along into `arena`. */
void wr_addition_keep(wr_arena *arena, wr_addition *addition);

/* What a contract left out of a table: rows, without what was below them, and values of other rows. */
typedef struct wr_dropped {
    weir_str table;
    int64_t rows;
    int64_t values;
} wr_dropped;

/* A name that came with nulls only and is no column. */
typedef struct wr_null_column {
    weir_str table;
    weir_str column;
} wr_null_column;

typedef struct wr_normalized {
    wr_batch *batches; /* a list, parents before their children; owned by the receiver */
    wr_vec(wr_addition)
        additions; /* valid until the next call, as the lists below; texts outlive it */
    wr_vec(wr_dropped) dropped;
    wr_vec(wr_null_column) nulls;
    wr_vec(uint32_t) bad; /* rows of the frame that are no JSON: they go to the quarantine */
} wr_normalized;

/* How far a frame is normalised. Zero: not at all. */
typedef struct wr_frame_mark {
    size_t at;       /* in the content */
    uint32_t row;    /* of the frame's own */
    uint64_t walked; /* rows of all tables */
} wr_frame_mark;

/* Normalise a frame under a snapshot, from `mark` on, which moves: to the end, or as far as a part goes. `frame->content` is
 * changed up to there, unless it is of WR_FRAME_LINES. On failure no batch is left. */
weir_status wr_normalize(weir_ctx *cx, wr_normalizer *normalizer, const wr_schema *schema,
                         const wr_frame *frame, wr_frame_mark *mark, wr_normalized *ret)
    WEIR_MUST_USE;
static inline bool wr_frame_ends(const wr_frame *frame, const wr_frame_mark *mark)
{
    return mark->at >= frame->len;
}
void wr_normalized_done(wr_normalized *normalized);

#endif
