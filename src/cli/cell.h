/* Cells of query results as text, and as JSON. Destinations give results in a plain form: booleans, numbers, text, bytes,
 * dates and times; nested values are JSON text. */
#ifndef WR_CELL_H
#define WR_CELL_H

#include <weir/arrow.h>

#include "base/buf.h"

/* Append the text of a cell; nothing for a null one. */
void wr_cell_text(wr_buf *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                  int64_t row);
/* Append it as a JSON value: null, booleans and numbers as such, all else as a text. */
void wr_cell_json(wr_buf *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                  int64_t row);
bool wr_cell_null(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t row);
/* Is the column one of numbers? */
bool wr_cell_is_number(const struct ArrowSchema *schema);

#endif
