/* JSON lines out of batches, as dlt's own: one compact object per row. Null cells are left out; decimals and wei are texts,
 * bytes base64; what JSON has no number for, NaN and infinity, is null. Keys stand in the order of the columns. */
#ifndef WR_JSONL_WRITE_H
#define WR_JSONL_WRITE_H

#include "base/buf.h"
#include "format/cells.h"

/* Append lines until none is left or `out` grew by WR_CELLS_TEXT. WEIR_LIMIT when `out` cannot hold them. */
weir_status wr_jsonl_write(weir_ctx *cx, wr_cells *cells, wr_buf *out) WEIR_MUST_USE;

#endif
