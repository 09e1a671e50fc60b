/* Rows of a query, one at a time. */
#ifndef WR_RESULT_H
#define WR_RESULT_H

#include <weir/arrow.h>

#include "base/buf.h"
#include "pipeline/run.h"

/* The most that one cell may come to as text. */
#define WR_CELL_MAX ((size_t)256 << 20)

/* Zero is a valid, closed one. */
typedef struct wr_result {
    struct ArrowArrayStream stream;
    struct ArrowSchema schema; /* of rows: a struct */
    struct ArrowArray rows;
    int64_t row;
} wr_result;

/* Ask the destination; it must not be asked again before the result is closed. */
weir_status wr_result_open(weir_ctx *cx, const wr_last *last, weir_str sql, wr_result *ret)
    WEIR_MUST_USE;
/* Go to the next row; *ret_found false behind the last one. */
weir_status wr_result_next(weir_ctx *cx, wr_result *result, bool *ret_found) WEIR_MUST_USE;
/* Ask and give each row to `take`. */
weir_status wr_result_each(weir_ctx *cx, const wr_last *last, const wr_buf *sql,
                           weir_status (*take)(weir_ctx *cx, void *self, const wr_result *row),
                           void *self) WEIR_MUST_USE;
size_t wr_result_columns(const wr_result *result);
weir_str wr_result_name(const wr_result *result, size_t column);
bool wr_result_is_number(const wr_result *result, size_t column);
bool wr_result_null(const wr_result *result, size_t column);
/* Replace the content of `out` with the text of a cell of the present row; empty for a null. */
weir_status wr_result_text(weir_ctx *cx, const wr_result *result, size_t column, wr_buf *out)
    WEIR_MUST_USE;
/* The same text in `arena`. */
weir_status wr_result_str(weir_ctx *cx, const wr_result *result, size_t column, wr_arena *arena,
                          weir_str *ret) WEIR_MUST_USE;
/* Append the present row as a JSON object. */
weir_status wr_result_json(weir_ctx *cx, const wr_result *result, wr_buf *out) WEIR_MUST_USE;
void wr_cleanup_result(wr_result *result);

/* The destination of a pipeline's last load, open. An unknown name is answered with those that there are. */
weir_status wr_result_last(weir_ctx *cx, weir_str pipeline, wr_last *ret) WEIR_MUST_USE;

/* Parts of statements: a literal with its quotes, a table of a dataset. */
void wr_put_literal(wr_buf *sql, weir_str text);
void wr_put_table(wr_buf *sql, weir_str dataset, weir_str table);

#endif
