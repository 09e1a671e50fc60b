/* Rows of batches on their way into text: what destinations that keep files write. See weir/destination.h for the form
 * of the batches. */
#ifndef WR_CELLS_H
#define WR_CELLS_H

#include <weir/arrow.h>
#include <weir/table.h>
#include <weir/value.h>

/* The rows of one batch, from `row` on. A writer moves `row` and stops when the text is long enough, so that memory does
 * not depend on the size of batches. */
typedef struct wr_cells {
    const weir_table *table;
    const struct ArrowArray *batch; /* a child for each complete column; borrowed */
    int64_t row;                    /* the next one that is written */
    int64_t rows_before;            /* of the same file, in earlier batches: for messages */
} wr_cells;

/* Writers go on until they have appended this many bytes: at most that and one row. */
#define WR_CELLS_TEXT ((size_t)64 << 10)

static inline bool wr_cells_left(const wr_cells *cells)
{
    return cells->row < cells->batch->length;
}

/* One cell of the present row: number `child` among the complete columns. Null, or of the kind that the column's type has;
 * decimals and wei are WEIR_DECIMAL. Texts are borrowed from the batch. */
weir_value wr_cells_get(const wr_cells *cells, const weir_column *column, size_t child);

/* Text of a date, a time, or a timestamp of this column: "2024-01-02T03:04:05+00:00" with `separator` in place of the T, and
 * without zone when the column has none. `ret` has room for WR_TIME_TEXT; returns the length. */
size_t wr_cells_time(char *ret, const weir_column *column, weir_value value, char separator);

#endif
