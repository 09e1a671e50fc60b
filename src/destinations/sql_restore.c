/* What the destination knows of a pipeline: newest state of a completed load, newest schema, greatest load id. What is
 * missing is simply empty. */
#include "base/compress.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/sql_parts.h"

/* The longest state or schema that is read back. */
#define DOCUMENT_MAX ((size_t)64 << 20)

/* The text in row `row` of a text column. */
static weir_str text_cell(const struct ArrowArray *column, int64_t row)
{
    const int64_t at = column->offset + row;
    const uint8_t *validity = column->buffers[0];
    const int32_t *offsets = column->buffers[1];
    const char *bytes = column->buffers[2];
    if (validity && !(validity[at / 8] >> (at % 8) & 1))
        return (weir_str){ 0 };
    return (weir_str){ bytes + offsets[at], (size_t)(offsets[at + 1] - offsets[at]) };
}

weir_status wr_sql_first_text(weir_ctx *cx, wr_sql *sql, struct ArrowArrayStream *rows,
                              weir_str *ret)
{
    struct ArrowArray batch = { 0 };
    if (rows->get_next(rows, &batch) != 0)
        return weir_fail(cx, WEIR_IO, "%s", rows->get_last_error(rows));
    if (!batch.release)
        return WEIR_OK;
    wr_assert(batch.n_children == 1);
    if (batch.length > 0)
        *ret = wr_arena_str(&sql->texts, text_cell(batch.children[0], batch.offset));
    batch.release(&batch);
    return WEIR_OK;
}

/* The first text that a query of one text column gives; empty when there is none. */
static weir_status query_text(weir_ctx *cx, wr_sql *sql, wr_buf *query, weir_str *ret)
{
    WEIR_TRY(wr_buf_check(cx, query, "a query"));
    struct ArrowArrayStream rows = { 0 };
    WEIR_TRY(sql->driver->query(cx, sql, wr_buf_view(query), &rows));
    const weir_status status = wr_sql_first_text(cx, sql, &rows, ret);
    rows.release(&rows);
    return status;
}

/* Documents are stored as base64 of zlib, or as they are. */
static weir_status table_exists(weir_ctx *cx, wr_sql *sql, const char *name, bool *ret)
{
    wr_sql_table *table = NULL;
    WEIR_TRY(wr_sql_find_table(cx, sql, &sql->dataset, weir_str_of(name), &table));
    *ret = table->exists;
    return WEIR_OK;
}

/* Documents are stored as base64 of zlib, or as they are. */
static weir_status read_document(weir_ctx *cx, wr_sql *sql, weir_str *text)
{
    weir_str plain = { 0 };
    const weir_status status = wr_inflate_base64(cx, &sql->texts, *text, DOCUMENT_MAX, &plain);
    if (status == WEIR_PARSE) {
        weir_error_clear(cx);
        return WEIR_OK;
    }
    if (status == WEIR_OK)
        *text = plain;
    return status;
}

/* One column of the newest committed state. */
static weir_status query_state(weir_ctx *cx, wr_sql *sql, const char *column, weir_str *ret)
{
    wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&query,
                  "SELECT %s FROM %.*s.\"_dlt_pipeline_state\" AS s JOIN "
                  "%.*s.\"_dlt_loads\" AS l ON l.load_id = s._dlt_load_id WHERE pipeline_name = ",
                  column, WR_STR(sql->dataset.path), WR_STR(sql->dataset.path));
    wr_sql_text(&query, sql->pipeline);
    wr_buf_cstr(&query, " AND l.status = 0 ORDER BY l.load_id DESC LIMIT 1");
    return query_text(cx, sql, &query, ret);
}

static weir_status restore_state(weir_ctx *cx, wr_sql *sql, weir_restored *ret)
{
    bool found = false;
    WEIR_TRY(table_exists(cx, sql, "_dlt_pipeline_state", &found));
    if (!found)
        return WEIR_OK;
    WEIR_TRY(query_state(cx, sql, "l.load_id", &ret->state_load_id));
    WEIR_TRY(query_state(cx, sql, "s.state", &ret->state));
    return read_document(cx, sql, &ret->state);
}

static weir_status restore_schema(weir_ctx *cx, wr_sql *sql, weir_str schema_name, weir_str *ret)
{
    bool found = false;
    WEIR_TRY(table_exists(cx, sql, "_dlt_version", &found));
    if (!found)
        return WEIR_OK;

    wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&query, "SELECT \"schema\" FROM %.*s.\"_dlt_version\" WHERE schema_name = ",
                  WR_STR(sql->dataset.path));
    wr_sql_text(&query, schema_name);
    wr_buf_cstr(&query, " ORDER BY inserted_at DESC LIMIT 1");
    WEIR_TRY(query_text(cx, sql, &query, ret));
    return read_document(cx, sql, ret);
}

static weir_status restore_load_id(weir_ctx *cx, wr_sql *sql, weir_str *ret)
{
    wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&query, "SELECT load_id FROM %.*s.\"_dlt_loads\" ORDER BY load_id DESC LIMIT 1",
                  WR_STR(sql->dataset.path));
    return query_text(cx, sql, &query, ret);
}

weir_status wr_sql_restore(weir_ctx *cx, void *self, weir_str schema_name, weir_restored *ret)
{
    wr_sql *sql = self;
    weir_restored restored = { 0 };
    bool has_loads = false;
    WEIR_TRY(table_exists(cx, sql, "_dlt_loads", &has_loads));
    if (has_loads) {
        WEIR_TRY(restore_load_id(cx, sql, &restored.last_load_id));
        WEIR_TRY(restore_state(cx, sql, &restored));
    }
    WEIR_TRY(restore_schema(cx, sql, schema_name, &restored.schema));
    WEIR_TRY(wr_sql_find_dataset(cx, sql, &sql->dataset));
    restored.has_dataset = sql->dataset.exists;
    *ret = restored;
    return WEIR_OK;
}

weir_status wr_sql_knows(weir_ctx *cx, void *self, weir_str load_id, bool *ret)
{
    wr_sql *sql = self;
    bool has_loads = false;
    WEIR_TRY(table_exists(cx, sql, "_dlt_loads", &has_loads));
    weir_str found = { 0 };
    if (has_loads) {
        wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
        wr_buf_printf(&query, "SELECT load_id FROM %.*s.\"_dlt_loads\" WHERE load_id = ",
                      WR_STR(sql->dataset.path));
        wr_sql_text(&query, load_id);
        wr_buf_cstr(&query, " LIMIT 1");
        WEIR_TRY(query_text(cx, sql, &query, &found));
    }
    *ret = found.len > 0;
    return WEIR_OK;
}
