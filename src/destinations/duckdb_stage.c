/* How rows enter DuckDB. The scan of an Arrow stream is the fast way (spec/duckdb.md), and has traps:
 *
 *   - it makes a view that holds addresses, so the view lives in a database in memory, attached as weir_stage;
 *   - the view must be made before the transaction, when nothing is known of the rows: so its stream passes every call on
 *     to the stream of the present statement. A statement binds the view anew, and may find other columns;
 *   - the scan never releases a schema that it was given: all memory of one stays with the stream.
 *
 * The other way, for a DuckDB without that function: chunks from Arrow into an appender that runs the same INSERT. */
#include "destinations/duckdb_stage.h"

#include <errno.h>
#include <inttypes.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/duckdb_result.h"

static void release_nothing(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static int stage_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    const wr_duckdb_stage *stage = stream->private_data;
    *ret = stage->schema;
    ret->release = release_nothing;
    return 0;
}

/* The next batch of `rows`, which may have none left. What goes wrong is kept: DuckDB would wrap it in words of its own. */
static int stage_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    wr_duckdb_stage *stage = stream->private_data;
    ret->release = NULL;
    if (!stage->rows)
        return 0;
    const int error_number = stage->rows->get_next(stage->rows, ret);
    if (error_number != 0) {
        const char *text = stage->rows->get_last_error(stage->rows);
        stage->error_number = error_number;
        (void)snprintf(stage->error, sizeof(stage->error), "%s", text ? text : "no reason given");
    }
    return error_number;
}

static const char *stage_error(struct ArrowArrayStream *stream)
{
    const wr_duckdb_stage *stage = stream->private_data;
    return stage->error;
}

static void stage_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static weir_status make_view(weir_ctx *cx, const wr_duckdb_api *api,
                             wr_duckdb_connection *connection, wr_duckdb_stage *stage)
{
    /* Two sessions of this process may share the database. */
    char name[32];
    (void)snprintf(name, sizeof(name), "v%" PRIxPTR, (uintptr_t)stage);
    WEIR_TRY(wr_duckdb_exec(cx, api, connection,
                            "ATTACH IF NOT EXISTS ':memory:' AS weir_stage; USE weir_stage"));

    /* A first schema, with one column that nobody will see. */
    struct ArrowSchema column = { .format = "l", .name = "c", .release = release_nothing };
    struct ArrowSchema *columns[] = { &column };
    stage->schema = (struct ArrowSchema){ .format = "+s", .n_children = 1, .children = columns };
    stage->stream = (struct ArrowArrayStream){ .get_schema = stage_schema,
                                               .get_next = stage_next,
                                               .get_last_error = stage_error,
                                               .release = stage_release,
                                               .private_data = stage };
    const wr_duckdb_state state = api->arrow_scan(connection, name, &stage->stream);
    stage->schema = (struct ArrowSchema){ 0 };
    if (state != 0)
        return weir_fail(cx, WEIR_INTERNAL, "DuckDB does not scan Arrow streams");
    (void)snprintf(stage->view, sizeof(stage->view), "weir_stage.main.%s", name);
    return WEIR_OK;
}

weir_status wr_duckdb_stage_open(weir_ctx *cx, const wr_duckdb_api *api,
                                 wr_duckdb_database *database, wr_duckdb_stage *stage)
{
    /* A connection of its own: what USE says is not to stay. */
    wr_duckdb_connection *connection = NULL;
    if (api->connect(database, &connection) != 0)
        return weir_fail(cx, WEIR_INTERNAL, "DuckDB gives no second connection");
    const weir_status status = make_view(cx, api, connection, stage);
    api->disconnect(&connection);
    return status;
}

/* INSERT casts each column to the type that the table has: JSON, DECIMAL and the like come as text. */
static weir_status append_insert(weir_ctx *cx, wr_buf *out, const wr_sql_into *into,
                                 const char *source)
{
    wr_buf_printf(out, "INSERT INTO %.*s (%.*s) SELECT * FROM %s", WR_STR(into->table),
                  WR_STR(into->columns), source);
    return wr_buf_check(cx, out, "an INSERT");
}

static weir_status fail_rows(weir_ctx *cx, int error_number, const char *text)
{
    return weir_fail(cx, error_number == ECANCELED ? WEIR_CANCELLED : WEIR_IO, "%s", text);
}

static weir_status insert_scanned(weir_ctx *cx, const wr_duckdb_api *api,
                                  wr_duckdb_connection *connection, wr_duckdb_stage *stage,
                                  const wr_sql_into *into)
{
    wr_auto(buf) wr_buf sql = wr_buf_max(WR_SQL_MAX);
    WEIR_TRY(append_insert(cx, &sql, into, stage->view));
    const weir_status status = wr_duckdb_exec(cx, api, connection, wr_buf_text(&sql));
    if (status == WEIR_OK || stage->error_number == 0)
        return status;
    return fail_rows(cx, stage->error_number, stage->error);
}

/* An appender under way. */
struct append {
    const wr_duckdb_api *api;
    wr_duckdb_connection *connection;
    wr_duckdb_stage *stage;
    const wr_sql_into *into;
    wr_duckdb_arrow_schema *converted;
    wr_duckdb_appender *appender; /* made with the first chunk, whose types it needs */
    wr_arena arena;
};

static weir_status fail_appender(weir_ctx *cx, const struct append *append)
{
    WEIR_TRY(wr_duckdb_check(cx, append->api, append->api->appender_error_data(append->appender)));
    return weir_fail(cx, WEIR_INTERNAL, "DuckDB's appender failed without a reason");
}

static weir_status open_appender(weir_ctx *cx, struct append *append, wr_duckdb_chunk *chunk)
{
    const wr_duckdb_api *api = append->api;
    const size_t count = (size_t)append->stage->schema.n_children;
    wr_duckdb_type **types = wr_arena_new_array(&append->arena, count, wr_duckdb_type *);
    const char **names = wr_arena_new_array(&append->arena, count, const char *);
    for (size_t i = 0; i < count; i++) {
        types[i] = api->vector_get_column_type(api->data_chunk_get_vector(chunk, i));
        names[i] = wr_arena_printf(&append->arena, "c%zu", i).ptr;
    }

    wr_auto(buf) wr_buf sql = wr_buf_max(WR_SQL_MAX);
    weir_status status = append_insert(cx, &sql, append->into, "weir_rows");
    if (status == WEIR_OK &&
        api->appender_create_query(append->connection, wr_buf_text(&sql), count, types, "weir_rows",
                                   names, &append->appender) != 0)
        status = fail_appender(cx, append);
    for (size_t i = 0; i < count; i++)
        api->destroy_logical_type(&types[i]);
    return status;
}

static weir_status append_chunk(weir_ctx *cx, struct append *append, wr_duckdb_chunk *chunk)
{
    if (!append->appender)
        WEIR_TRY(open_appender(cx, append, chunk));
    if (append->api->append_data_chunk(append->appender, chunk) != 0)
        return fail_appender(cx, append);
    return WEIR_OK;
}

static weir_status append_batch(weir_ctx *cx, struct append *append, struct ArrowArray *batch)
{
    const wr_duckdb_api *api = append->api;
    wr_duckdb_chunk *chunk = NULL;
    weir_status status = wr_duckdb_check(
        cx, api, api->data_chunk_from_arrow(append->connection, batch, append->converted, &chunk));
    if (status == WEIR_OK)
        status = append_chunk(cx, append, chunk);
    api->destroy_data_chunk(&chunk);
    if (batch->release)
        batch->release(batch);
    return status;
}

static weir_status append_all(weir_ctx *cx, struct append *append)
{
    const wr_duckdb_api *api = append->api;
    wr_duckdb_stage *stage = append->stage;
    WEIR_TRY(wr_duckdb_check(
        cx, api, api->schema_from_arrow(append->connection, &stage->schema, &append->converted)));
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        struct ArrowArray batch = { 0 };
        const int error_number = stage->rows->get_next(stage->rows, &batch);
        if (error_number != 0)
            return fail_rows(cx, error_number, stage->rows->get_last_error(stage->rows));
        if (!batch.release)
            break;
        WEIR_TRY(append_batch(cx, append, &batch));
    }
    if (append->appender && api->appender_close(append->appender) != 0)
        return fail_appender(cx, append);
    return WEIR_OK;
}

static weir_status insert_appended(weir_ctx *cx, const wr_duckdb_api *api,
                                   wr_duckdb_connection *connection, wr_duckdb_stage *stage,
                                   const wr_sql_into *into)
{
    struct append append = { .api = api, .connection = connection, .stage = stage, .into = into };
    const weir_status status = append_all(cx, &append);
    (void)api->appender_destroy(&append.appender); /* what it could say was said by its close */
    api->destroy_arrow_converted_schema(&append.converted);
    wr_arena_done(&append.arena);
    return status;
}

weir_status wr_duckdb_insert(weir_ctx *cx, const wr_duckdb_api *api,
                             wr_duckdb_connection *connection, wr_duckdb_stage *stage,
                             const wr_sql_into *into, struct ArrowArrayStream *rows)
{
    const int error_number = rows->get_schema(rows, &stage->schema);
    if (error_number != 0)
        return fail_rows(cx, error_number, rows->get_last_error(rows));

    stage->rows = rows;
    stage->error_number = 0;
    const weir_status status = stage->view[0] ? insert_scanned(cx, api, connection, stage, into)
                                              : insert_appended(cx, api, connection, stage, into);
    stage->rows = NULL;
    if (stage->schema.release)
        stage->schema.release(&stage->schema);
    return status;
}
