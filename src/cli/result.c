/* Walks over the Arrow stream of a query row by row. */
#include "cli/result.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cell.h"
#include "cli/pipeline.h"
#include "format/json.h"

static weir_status fail_stream(weir_ctx *cx, struct ArrowArrayStream *stream)
{
    const char *message = stream->get_last_error(stream);
    return weir_fail(cx, WEIR_REJECTED, "%s", message ? message : "the query failed");
}

weir_status wr_result_open(weir_ctx *cx, const wr_last *last, weir_str sql, wr_result *ret)
{
    if (!last->destination->query)
        return weir_fail(cx, WEIR_UNSUPPORTED, "the destination '%s' cannot be asked in SQL",
                         last->destination->name);
    wr_result result = { 0 };
    WEIR_TRY(last->destination->query(cx, last->self, sql, &result.stream));
    if (result.stream.get_schema(&result.stream, &result.schema) != 0) {
        const weir_status status = fail_stream(cx, &result.stream);
        wr_cleanup_result(&result);
        return status;
    }
    *ret = result;
    return WEIR_OK;
}

static void release_rows(wr_result *result)
{
    if (result->rows.release)
        result->rows.release(&result->rows);
    result->rows = (struct ArrowArray){ 0 };
}

weir_status wr_result_next(weir_ctx *cx, wr_result *result, bool *ret_found)
{
    result->row++;
    while (!result->rows.release || result->row >= result->rows.length) {
        WEIR_TRY(wr_check_cancel(cx));
        release_rows(result);
        if (result->stream.get_next(&result->stream, &result->rows) != 0)
            return fail_stream(cx, &result->stream);
        if (!result->rows.release) { /* a released array is the end of a stream */
            *ret_found = false;
            return WEIR_OK;
        }
        result->row = 0;
    }
    *ret_found = true;
    return WEIR_OK;
}

size_t wr_result_columns(const wr_result *result)
{
    return (size_t)result->schema.n_children;
}

weir_str wr_result_name(const wr_result *result, size_t column)
{
    return weir_str_of(result->schema.children[column]->name);
}

bool wr_result_is_number(const wr_result *result, size_t column)
{
    return wr_cell_is_number(result->schema.children[column]);
}

/* Row of a column: the struct of all columns may begin behind its children. */
static int64_t row_of(const wr_result *result)
{
    return result->row + result->rows.offset;
}

bool wr_result_null(const wr_result *result, size_t column)
{
    return wr_cell_null(result->schema.children[column], result->rows.children[column],
                        row_of(result));
}

weir_status wr_result_text(weir_ctx *cx, const wr_result *result, size_t column, wr_buf *out)
{
    wr_buf_clear(out);
    wr_cell_text(out, result->schema.children[column], result->rows.children[column],
                 row_of(result));
    return wr_buf_check(cx, out, "a cell");
}

weir_status wr_result_json(weir_ctx *cx, const wr_result *result, wr_buf *out)
{
    wr_buf_char(out, '{');
    for (size_t i = 0; i < wr_result_columns(result); i++) {
        wr_buf_cstr(out, i > 0 ? "," : "");
        wr_json_quote(out, wr_result_name(result, i));
        wr_buf_char(out, ':');
        wr_cell_json(out, result->schema.children[i], result->rows.children[i], row_of(result));
    }
    wr_buf_char(out, '}');
    return wr_buf_check(cx, out, "a row");
}

void wr_cleanup_result(wr_result *result)
{
    release_rows(result);
    if (result->schema.release)
        result->schema.release(&result->schema);
    if (result->stream.release)
        result->stream.release(&result->stream);
    *result = (wr_result){ 0 };
}

weir_status wr_result_each(weir_ctx *cx, const wr_last *last, const wr_buf *sql,
                           weir_status (*take)(weir_ctx *cx, void *self, const wr_result *row),
                           void *self)
{
    WEIR_TRY(wr_buf_check(cx, sql, "a query over all tables"));
    wr_auto(result) wr_result result = { 0 };
    WEIR_TRY(wr_result_open(cx, last, wr_buf_view(sql), &result));
    for (;;) {
        bool found;
        WEIR_TRY(wr_result_next(cx, &result, &found));
        if (!found)
            return WEIR_OK;
        WEIR_TRY(take(cx, self, &result));
    }
}

weir_status wr_result_str(weir_ctx *cx, const wr_result *result, size_t column, wr_arena *arena,
                          weir_str *ret)
{
    wr_auto(buf) wr_buf text = wr_buf_max(WR_CELL_MAX);
    WEIR_TRY(wr_result_text(cx, result, column, &text));
    *ret = wr_arena_str(arena, wr_buf_view(&text));
    return WEIR_OK;
}

weir_status wr_result_last(weir_ctx *cx, weir_str pipeline, wr_last *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    WEIR_TRY(wr_pipeline_home(cx, &arena, pipeline, &home)); /* names those that there are */
    return wr_last_open(cx, pipeline, ret);
}

/* ---- statements ---- */

/* Text in SQL, between `quote`s: a literal ('), or an identifier ("). */
static void put_quoted(wr_buf *out, weir_str text, char quote)
{
    wr_buf_char(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote)
            wr_buf_char(out, quote);
        wr_buf_char(out, text.ptr[i]);
    }
    wr_buf_char(out, quote);
}

void wr_put_literal(wr_buf *sql, weir_str text)
{
    put_quoted(sql, text, '\'');
}

void wr_put_table(wr_buf *sql, weir_str dataset, weir_str table)
{
    put_quoted(sql, dataset, '"');
    wr_buf_char(sql, '.');
    put_quoted(sql, table, '"');
}
