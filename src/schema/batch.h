/* Batches: rows of one table as Arrow arrays, made by builders whose memory is reused. A column is a pair of buffers that
 * grow with the rows; a cell that is not set is null. */
#ifndef WR_BATCH_H
#define WR_BATCH_H

#include <weir/arrow.h>
#include <weir/table.h>
#include <weir/value.h>

#include "base/vec.h"

/* How a column's cells lie in memory. Numbers that Arrow cannot hold exactly (wei, decimals) travel as text. */
typedef enum wr_layout {
    WR_LAYOUT_I64,
    WR_LAYOUT_F64,
    WR_LAYOUT_I32,
    WR_LAYOUT_BIT,
    WR_LAYOUT_TEXT,
} wr_layout;

/* ---- one column ---- */

/* Zero is a valid, empty one of 64-bit integers. */
typedef struct wr_builder {
    wr_layout layout;
    int64_t rows;      /* cells that are there; those behind, up to the batch's rows, are null */
    int64_t nulls;     /* among them */
    uint8_t *validity; /* a bit per cell; zero beyond `rows` */
    size_t validity_cap;
    uint8_t *data; /* cells; for WR_LAYOUT_TEXT the bytes of the texts */
    size_t data_len;
    size_t data_cap;
    int32_t *offsets; /* WR_LAYOUT_TEXT: where each text begins, and the end */
    size_t offsets_cap;
    size_t room; /* cells that all buffers have room for */
} wr_builder;

/* Set the cell of `row`, which is the last one or lies behind it; cells between become null. `value` is in the form that
 * wr_coerce() gives for the column's type. WR_NULL values make a null cell. */
void wr_builder_put(wr_builder *builder, int64_t row, const weir_value *value);
static inline void wr_builder_set(wr_builder *builder, int64_t row, weir_value value)
{
    wr_builder_put(builder, row, &value);
}
/* As set, for texts of WR_LAYOUT_TEXT that the caller writes: room for `len` bytes. */
char *wr_builder_text(wr_builder *builder, int64_t row, size_t len);
/* Make it have `rows` cells: adds nulls, or forgets the last ones. */
void wr_builder_resize(wr_builder *builder, int64_t rows);
/* The text in a cell of WR_LAYOUT_TEXT, borrowed until the next change; {NULL, 0} for a null cell. */
weir_str wr_builder_get_text(const wr_builder *builder, int64_t row);
/* Empty it for another batch, keep the memory. */
void wr_builder_reset(wr_builder *builder, weir_type type);
void wr_builder_done(wr_builder *builder);
size_t wr_builder_capacity(const wr_builder *builder);

/* ---- one batch ---- */

/* Rows of one table. The columns' names are borrowed from the normaliser, which outlives its batches. */
typedef struct wr_batch {
    weir_str table;
    int64_t rows;
    wr_vec(weir_column) columns; /* in any order */
    wr_vec(wr_builder) builders; /* one for each */
    size_t bytes;                /* that it takes, by capacity, once finished */
    /* Called when the last user of the exported array is done, on any thread; may free or reuse the batch. */
    void (*released)(void *self, struct wr_batch *batch);
    void *released_self;
    struct wr_batch *next; /* for the lists that hold it */
    void *private_data;
    wr_vec(struct ArrowArray) arrays;
    wr_vec(struct ArrowArray *) children;
    wr_vec(const void *) buffers;
    uint8_t *zeros; /* the cells of all columns that it lacks */
    size_t zeros_cap;
} wr_batch;

/* Add a column that has no cells yet; its number. */
size_t wr_batch_add(wr_batch *batch, const weir_column *column);
/* All rows are in: every column gets its missing nulls, `bytes` is counted. */
void wr_batch_finish(wr_batch *batch);
/* The batch as a struct array with a child for each of `columns` (the table's, at least those of the batch); columns that
 * it lacks are null. `ret` borrows its memory until it is released, which calls `released`. */
void wr_batch_export(wr_batch *batch, const weir_column *columns, size_t count,
                     struct ArrowArray *ret);
/* Give it back to whoever made it: calls `released`, or frees it. */
void wr_batch_release(wr_batch *batch);
/* Forget rows and columns, keep memory. */
void wr_batch_reset(wr_batch *batch);
void wr_batch_free(wr_batch *batch);

/* Arrow schema of columns, as a stream announces it. Its memory goes with its release. */
void wr_arrow_schema(struct ArrowSchema *ret, const weir_column *columns, size_t count);

#endif
