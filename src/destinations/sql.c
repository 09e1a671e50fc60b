/* What is the same for all databases: a load as one transaction. The names and columns of the tables that dlt keeps are
 * laid down in spec/dlt-load-destinations.md, 1.16.
 *
 *   begin     one transaction, with CREATE SCHEMA in it
 *   write     a table is looked up once and then known; CREATE or ALTER when it does not fit; rows
 *   commit    _dlt_version (unless its hash is there), _dlt_loads, COMMIT
 */
#include "destinations/sql.h"

#include <inttypes.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "destinations/sql_parts.h"

void wr_sql_init(wr_sql *sql, const wr_sql_driver *driver, const weir_target *target)
{
    sql->driver = driver;
    sql->pipeline = wr_arena_str(&sql->texts, target->pipeline);
    sql->dataset = wr_arena_str(&sql->texts, target->dataset);

    wr_auto(buf) wr_buf schema = wr_buf_max(WR_SQL_MAX);
    wr_sql_ident(&schema, sql->dataset);
    sql->schema = wr_arena_str(&sql->texts, wr_buf_view(&schema));
}

void wr_sql_done(wr_sql *sql)
{
    wr_sql_forget(sql);
    wr_map_done(&sql->tables);
    wr_arena_done(&sql->catalog);
    wr_arena_done(&sql->texts);
}

weir_status wr_sql_execute(weir_ctx *cx, wr_sql *sql, wr_buf *statement)
{
    WEIR_TRY(wr_buf_check(cx, statement, "a statement"));
    wr_log(cx, "sql", WR_LOG_DEBUG, "%.*s", WR_STR(wr_buf_view(statement)));
    return sql->driver->exec(cx, sql, wr_buf_view(statement));
}

static weir_status execute_text(weir_ctx *cx, wr_sql *sql, const char *statement)
{
    return sql->driver->exec(cx, sql, weir_str_of(statement));
}

weir_status wr_sql_begin(weir_ctx *cx, void *self, const weir_load_job *load)
{
    (void)load;
    wr_sql *sql = self;
    wr_sql_unsettle(sql);
    WEIR_TRY(wr_sql_find_dataset(cx, sql));

    WEIR_TRY(wr_fault(cx, "load.begin"));
    WEIR_TRY(sql->driver->begin(cx, sql));
    sql->in_transaction = true;
    return sql->has_dataset ? WEIR_OK : wr_sql_create_dataset(cx, sql);
}

static size_t complete_columns(const weir_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        count += table->columns[i].type != WEIR_NO_TYPE;
    return count;
}

static weir_status empty_table(weir_ctx *cx, wr_sql *sql, wr_sql_table *known, weir_str path)
{
    if (known->settled)
        return WEIR_OK;
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_sql_empty_table(sql, &statement, path);
    WEIR_TRY(wr_sql_execute(cx, sql, &statement));
    known->settled = true;
    return WEIR_OK;
}

static weir_status write_rows(weir_ctx *cx, wr_sql *sql, weir_str path, const weir_table *table,
                              struct ArrowArrayStream *rows)
{
    wr_auto(buf) wr_buf columns = wr_buf_max(WR_SQL_MAX);
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type == WEIR_NO_TYPE)
            continue;
        wr_buf_cstr(&columns, columns.len > 0 ? ", " : "");
        wr_sql_ident(&columns, table->columns[i].name);
    }
    WEIR_TRY(wr_buf_check(cx, &columns, "the list of columns"));
    const wr_sql_into into = { .table = path, .columns = wr_buf_view(&columns) };
    return sql->driver->bulk(cx, sql, &into, rows);
}

static weir_status write_table(weir_ctx *cx, wr_sql *sql, const weir_table *table,
                               weir_disposition disposition, struct ArrowArrayStream *rows)
{
    WEIR_TRY(wr_fault(cx, "load.write"));
    wr_auto(buf) wr_buf buf = wr_buf_max(WR_SQL_MAX);
    const weir_str path = wr_sql_path(sql, &buf, table->name);
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_find_table(cx, sql, table->name, &known));
    WEIR_TRY(wr_sql_fit_table(cx, sql, known, path, table));
    if (disposition == WEIR_INTO_REPLACE)
        WEIR_TRY(empty_table(cx, sql, known, path));
    return rows ? write_rows(cx, sql, path, table, rows) : WEIR_OK;
}

weir_status wr_sql_write(weir_ctx *cx, void *self, const weir_table *table,
                         weir_disposition disposition, struct ArrowArrayStream *rows)
{
    /* A table of which nothing is known but its name is not made. */
    if (complete_columns(table) == 0)
        return WEIR_OK;
    return wr_context(cx, write_table(cx, self, table, disposition, rows), "loading table '%.*s'",
                      WR_STR(table->name));
}

static void append_time(wr_buf *out, weir_time time)
{
    char text[WR_TIME_TEXT];
    const size_t len = wr_time_iso(text, time);
    wr_sql_text(out, (weir_str){ text, len });
}

/* A schema is stored once: its hash tells. */
static weir_status store_schema(weir_ctx *cx, wr_sql *sql, const weir_load_job *load)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement,
                  "INSERT INTO %.*s.\"_dlt_version\" (\"version\", \"engine_version\", "
                  "\"inserted_at\", \"schema_name\", \"version_hash\", \"schema\") SELECT %" PRId64
                  ", %" PRId64 ", ",
                  WR_STR(sql->schema), load->schema_version, load->engine_version);
    append_time(&statement, wr_now(cx));
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_name);
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_hash);
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_json);
    wr_buf_printf(&statement,
                  " WHERE NOT EXISTS (SELECT 1 FROM %.*s.\"_dlt_version\" WHERE version_hash = ",
                  WR_STR(sql->schema));
    wr_sql_text(&statement, load->schema_hash);
    wr_buf_char(&statement, ')');
    return wr_sql_execute(cx, sql, &statement);
}

/* The row that makes the load a completed one. */
static weir_status store_load(weir_ctx *cx, wr_sql *sql, const weir_load_job *load)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement,
                  "INSERT INTO %.*s.\"_dlt_loads\" (\"load_id\", \"schema_name\", \"status\", "
                  "\"inserted_at\", \"schema_version_hash\") VALUES (",
                  WR_STR(sql->schema));
    wr_sql_text(&statement, load->load_id);
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_name);
    wr_buf_cstr(&statement, ", 0, ");
    append_time(&statement, wr_now(cx));
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_hash);
    wr_buf_char(&statement, ')');
    return wr_sql_execute(cx, sql, &statement);
}

static weir_status commit(weir_ctx *cx, wr_sql *sql, const weir_load_job *load)
{
    WEIR_TRY(wr_fault(cx, "load.bookkeep"));
    WEIR_TRY(store_schema(cx, sql, load));
    WEIR_TRY(store_load(cx, sql, load));
    WEIR_TRY(wr_fault(cx, "load.commit"));
    WEIR_TRY(execute_text(cx, sql, "COMMIT"));
    sql->in_transaction = false;
    return wr_fault(cx, "load.committed");
}

weir_status wr_sql_commit(weir_ctx *cx, void *self, const weir_load_job *load)
{
    return wr_context(cx, commit(cx, self, load), "committing load '%.*s'", WR_STR(load->load_id));
}

void wr_sql_rollback(void *self)
{
    wr_sql *sql = self;
    if (!sql->in_transaction)
        return;
    sql->in_transaction = false;
    wr_sql_forget(sql);

    weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    (void)execute_text(&cx, sql,
                       "ROLLBACK"); /* a connection that is lost has rolled back already */
    wr_ctx_done(&cx);
}
