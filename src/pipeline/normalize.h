/* Normalising: JSON values of one frame become rows of tables. Pure: the result depends on the frame and the schema
 * snapshot alone, so any number of workers may run ahead, and replaying gives the same rows.
 *
 *   frame ──parse in place──▶ values ──walk──▶ cells in builders ──finish──▶ batches, additions
 *
 * A walk follows shapes: a tree of the keys seen so far, which knows for each key the column or table that its value goes
 * to, and guesses that the next key follows the last one as it did before. So naming and look-up happen once per distinct
 * key. Ids are not hashed in the walk, but per table when the frame is done, parents first.
 */
#ifndef WR_NORMALIZE_H
#define WR_NORMALIZE_H

#include "pipeline/framelog.h"
#include "schema/batch.h"
#include "schema/schema.h"

typedef struct wr_normalizer wr_normalizer;

/* What does not change during a load. */
typedef struct wr_normalizer_args {
    wr_naming naming;
    weir_str load_id;  /* borrowed */
    weir_time started; /* for detections */
    int max_nesting;   /* levels of nested tables */
    bool strips_nul;   /* the destination cannot keep NUL in texts */
    size_t column_max; /* most columns of one table */
} wr_normalizer_args;

#define WR_MAX_NESTING 1000
#define WR_COLUMN_MAX 4000

/* One worker. Its batches refer to it: free it after the last one is released. */
wr_normalizer *wr_normalizer_new(const wr_normalizer_args *args);
void wr_normalizer_free(wr_normalizer *normalizer);

/* What a frame adds to the schema: a table's new columns, in order of appearance. */
typedef struct wr_addition {
    weir_str table;
    weir_str parent;
    const wr_new_column *columns;
    size_t count;
} wr_addition;

typedef struct wr_normalized {
    wr_batch *batches; /* a list, parents before their children; owned by the receiver */
    wr_vec(wr_addition) additions; /* valid until the next call */
    int64_t rows;                  /* of the frame's own table */
} wr_normalized;

/* Normalise one frame under a snapshot. `frame->content` is changed. On failure no batch is left. */
weir_status wr_normalize(weir_ctx *cx, wr_normalizer *normalizer, const wr_schema *schema,
                         const wr_frame *frame, wr_normalized *ret) WEIR_MUST_USE;
void wr_normalized_done(wr_normalized *normalized);

#endif
