/* Running statements in DuckDB. Results come as Arrow streams: it converts its chunks itself. */
#include "destinations/duckdb_result.h"

#include <errno.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/sql.h"

/* What a stream owns. */
typedef struct result_stream {
    const wr_duckdb_api *api;
    wr_duckdb_result result;
    wr_duckdb_arrow_options *options;
    char error[1024];
} result_stream;

weir_status wr_duckdb_exec(weir_ctx *cx, const wr_duckdb_api *api, wr_duckdb_connection *connection,
                           const char *sql)
{
    wr_duckdb_result result = { 0 };
    weir_status status = WEIR_OK;
    if (api->query(connection, sql, &result) != 0)
        status = wr_duckdb_fail(cx, api->result_error_type(&result), api->result_error(&result));
    api->destroy_result(&result);
    return status;
}

/* Keep DuckDB's error for get_last_error. 0 when there is none. */
static int note_error(result_stream *self, wr_duckdb_error *error)
{
    int ret = 0;
    if (error && self->api->error_data_has_error(error)) {
        (void)snprintf(self->error, sizeof(self->error), "%s",
                       self->api->error_data_message(error));
        ret = EIO;
    }
    self->api->destroy_error_data(&error);
    return ret;
}

static int result_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    result_stream *self = stream->private_data;
    const wr_duckdb_api *api = self->api;
    const uint64_t count = api->column_count(&self->result);
    wr_duckdb_type **types = wr_new_array(count, wr_duckdb_type *);
    const char **names = wr_new_array(count, const char *);
    for (uint64_t i = 0; i < count; i++) {
        types[i] = api->column_logical_type(&self->result, i);
        names[i] = api->column_name(&self->result, i);
    }

    const int failed =
        note_error(self, api->to_arrow_schema(self->options, types, names, count, ret));
    for (uint64_t i = 0; i < count; i++)
        api->destroy_logical_type(&types[i]);
    wr_free(types);
    wr_free(names);
    return failed;
}

static int result_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    result_stream *self = stream->private_data;
    *ret = (struct ArrowArray){ 0 };
    wr_duckdb_chunk *chunk = self->api->fetch_chunk(self->result);
    if (!chunk)
        return 0;
    const int failed = note_error(self, self->api->data_chunk_to_arrow(self->options, chunk, ret));
    self->api->destroy_data_chunk(&chunk);
    return failed;
}

static const char *result_error(struct ArrowArrayStream *stream)
{
    const result_stream *self = stream->private_data;
    return self->error;
}

static void result_release(struct ArrowArrayStream *stream)
{
    result_stream *self = stream->private_data;
    self->api->destroy_arrow_options(&self->options);
    self->api->destroy_result(&self->result);
    wr_free(self);
    stream->release = NULL;
}

weir_status wr_duckdb_query(weir_ctx *cx, const wr_duckdb_api *api,
                            wr_duckdb_connection *connection, const char *sql,
                            struct ArrowArrayStream *ret)
{
    wr_duckdb_result result = { 0 };
    if (api->query(connection, sql, &result) != 0) {
        const weir_status status =
            wr_duckdb_fail(cx, api->result_error_type(&result), api->result_error(&result));
        api->destroy_result(&result);
        return status;
    }

    result_stream *self = wr_new(result_stream);
    self->api = api;
    self->result = result;
    self->options = api->result_get_arrow_options(&self->result);
    *ret = (struct ArrowArrayStream){ .get_schema = result_schema,
                                      .get_next = result_next,
                                      .get_last_error = result_error,
                                      .release = result_release,
                                      .private_data = self };
    return WEIR_OK;
}

/* What becomes of a column of a type; `#` stands for the column. By DuckDB's number of the type; NULL: as text. */
static const char *const plain_forms[] = {
    [1] = "#",                         /* BOOLEAN */
    [2] = "#",                         /* TINYINT */
    [3] = "#",                         /* SMALLINT */
    [4] = "#",                         /* INTEGER */
    [5] = "#",                         /* BIGINT */
    [6] = "#",                         /* UTINYINT */
    [7] = "#",                         /* USMALLINT */
    [8] = "#",                         /* UINTEGER */
    [9] = "#",                         /* UBIGINT */
    [10] = "#",                        /* FLOAT */
    [11] = "#",                        /* DOUBLE */
    [12] = "#",                        /* TIMESTAMP */
    [13] = "#",                        /* DATE */
    [14] = "#",                        /* TIME */
    [16] = "CAST(# AS DECIMAL(38,0))", /* HUGEINT: sums of integers are */
    [17] = "#",                        /* VARCHAR */
    [18] = "#",                        /* BLOB */
    [19] = "#",                        /* DECIMAL */
    [20] = "#",                        /* TIMESTAMP_S */
    [21] = "#",                        /* TIMESTAMP_MS */
    [22] = "#",                        /* TIMESTAMP_NS */
    [24] = "to_json(#)",               /* LIST */
    [25] = "to_json(#)",               /* STRUCT */
    [26] = "to_json(#)",               /* MAP */
    [28] = "to_json(#)",               /* UNION */
    [31] = "#",                        /* TIMESTAMP WITH TIME ZONE */
    [33] = "to_json(#)",               /* ARRAY */
};

static const char *plain_form(int type)
{
    const int known = (int)(sizeof(plain_forms) / sizeof(plain_forms[0]));
    const char *form = type >= 0 && type < known ? plain_forms[type] : NULL;
    return form ? form : "CAST(# AS VARCHAR)";
}

/* Append one column of the outer query: `#3` is DuckDB's name for the third one of the inner query. */
static void append_plain(wr_buf *out, const char *form, uint64_t number, const char *name)
{
    for (const char *at = form; *at; at++) {
        wr_buf_char(out, *at);
        if (*at == '#')
            wr_buf_printf(out, "%" PRIu64, number);
    }
    wr_buf_cstr(out, " AS ");
    wr_sql_ident(out, weir_str_of(name));
}

/* Without blanks and semicolons at the end, so that it can stand in parentheses. */
static weir_str one_statement(weir_str sql)
{
    sql = wr_str_trim(sql);
    while (wr_str_ends(sql, wr_lit(";"))) {
        sql.len--;
        sql = wr_str_trim(sql);
    }
    return sql;
}

/* The query, wrapped in one that makes its columns plain; as it is when all are. */
static void append_plain_query(wr_buf *out, const wr_duckdb_api *api,
                               wr_duckdb_statement *statement, weir_str sql)
{
    bool changed = false;
    wr_auto(buf) wr_buf columns = wr_buf_max(WR_SQL_MAX);
    const uint64_t count = api->prepared_statement_column_count(statement);
    for (uint64_t i = 0; i < count; i++) {
        const char *form = plain_form(api->prepared_statement_column_type(statement, i));
        const char *name = api->prepared_statement_column_name(statement, i);
        changed = changed || strcmp(form, "#") != 0;
        wr_buf_cstr(&columns, i > 0 ? ", " : "");
        append_plain(&columns, form, i + 1, name);
        api->free((void *)(uintptr_t)name); /* const only in DuckDB's declaration */
    }
    if (changed)
        wr_buf_printf(out, "SELECT %s FROM (", wr_buf_text(&columns));
    wr_buf_str(out, sql);
    /* On a line of its own: a comment may end the query. */
    wr_buf_cstr(out, changed ? "\n)" : "");
}

weir_status wr_duckdb_query_plain(weir_ctx *cx, const wr_duckdb_api *api,
                                  wr_duckdb_connection *connection, weir_str sql,
                                  struct ArrowArrayStream *ret)
{
    sql = one_statement(sql);
    wr_auto(buf) wr_buf inner = wr_buf_max(WR_SQL_MAX);
    wr_buf_str(&inner, sql);
    WEIR_TRY(wr_buf_check(cx, &inner, "a query"));

    wr_duckdb_statement *statement = NULL;
    if (api->prepare(connection, wr_buf_text(&inner), &statement) != 0) {
        const weir_status status = weir_fail(cx, WEIR_INVALID, "%s", api->prepare_error(statement));
        api->destroy_prepare(&statement);
        return status;
    }
    wr_auto(buf) wr_buf plain = wr_buf_max(WR_SQL_MAX);
    append_plain_query(&plain, api, statement, sql);
    api->destroy_prepare(&statement);
    WEIR_TRY(wr_buf_check(cx, &plain, "a query"));
    return wr_duckdb_query(cx, api, connection, wr_buf_text(&plain), ret);
}
