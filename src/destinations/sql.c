/* What is the same for all databases: a load as one transaction. The names and columns of the tables that dlt keeps are
 * laid down in spec/dlt-load-destinations.md, 1.16.
 *
 *   begin     one transaction, with CREATE SCHEMA in it
 *   drop      tables and stored schemas go (sql_drop.c)
 *   write     a table is looked up once and then known; CREATE or ALTER when it does not fit; rows, into the staging dataset
 *             when more than INSERT is to become of them
 *   settle    what becomes of rows that are staged, and of those of earlier loads
 *   commit    _dlt_version (unless its hash is there), _dlt_loads, COMMIT
 *
 * The staging dataset is part of the transaction, and stays: it shows what the last load brought, as with dlt. */
#include "destinations/sql.h"

#include <inttypes.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/sql_chain.h"
#include "destinations/sql_parts.h"

/* ---- options ---- */

static weir_status read_replace(weir_ctx *cx, wr_sql *sql, weir_str strategy)
{
    static const char *const names[] = {
        [WR_SQL_TRUNCATE] = "truncate-and-insert",
        [WR_SQL_FROM_STAGING] = "insert-from-staging",
        [WR_SQL_SWAP] = "staging-optimized",
    };
    const size_t count = sql->driver->dialect.swap ? 3 : 2;
    for (size_t i = 0; i < count; i++) {
        if (!wr_str_eq(strategy, weir_str_of(names[i])))
            continue;
        sql->replace = (wr_sql_replace)i;
        return WEIR_OK;
    }
    return weir_fail(
        cx, WEIR_CONFIG, "the destination has no replace_strategy '%.*s'\nhint: it has %s, %s%s%s",
        WR_STR(strategy), names[0], names[1], count > 2 ? ", " : "", count > 2 ? names[2] : "");
}

static void name_dataset(wr_sql *sql, wr_sql_dataset *dataset, weir_str name)
{
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    wr_sql_ident(&path, name);
    dataset->name = wr_arena_str(&sql->texts, name);
    dataset->path = wr_arena_str(&sql->texts, wr_buf_view(&path));
}

/* By the layout, in which %s stands for the dataset. */
static weir_status name_staging(weir_ctx *cx, wr_sql *sql, weir_str layout)
{
    const char *place = memmem(layout.ptr, layout.len, "%s", 2);
    weir_str name = layout;
    if (place) {
        const weir_str head = { layout.ptr, (size_t)(place - layout.ptr) };
        const weir_str tail = { place + 2, layout.len - head.len - 2 };
        name = wr_arena_printf(&sql->texts, "%.*s%.*s%.*s", WR_STR(head), WR_STR(sql->dataset.name),
                               WR_STR(tail));
    }
    if (name.len == 0 || wr_str_eq(name, sql->dataset.name))
        return weir_fail(
            cx, WEIR_CONFIG,
            "staging_dataset_name_layout '%.*s' gives the staging dataset the name of the dataset\n"
            "hint: rows wait there to be merged; '%%s_staging' is the default",
            WR_STR(layout));
    name_dataset(sql, &sql->staging, name);
    return WEIR_OK;
}

weir_status wr_sql_init(weir_ctx *cx, wr_sql *sql, const wr_sql_driver *driver,
                        const weir_target *target)
{
    sql->driver = driver;
    sql->recorder = target->recorder;
    sql->pipeline = wr_arena_str(&sql->texts, target->pipeline);
    name_dataset(sql, &sql->dataset, target->dataset);
    WEIR_TRY(read_replace(cx, sql, weir_option_text(target->options, "replace_strategy")));
    return name_staging(cx, sql, weir_option_text(target->options, "staging_dataset_name_layout"));
}

void wr_sql_done(wr_sql *sql)
{
    wr_sql_forget(sql);
    wr_map_done(&sql->dataset.tables);
    wr_map_done(&sql->staging.tables);
    wr_arena_done(&sql->catalog);
    wr_arena_done(&sql->texts);
}

static weir_status execute(weir_ctx *cx, wr_sql *sql, weir_step step, weir_str statement)
{
    wr_log(cx, "sql", WR_LOG_DEBUG, "%.*s", WR_STR(statement));
    if (!sql->recorder)
        return sql->driver->exec(cx, sql, statement);
    sql->recorder->statement(sql->recorder->self, step, statement);
    return WEIR_OK;
}

weir_status wr_sql_execute(weir_ctx *cx, wr_sql *sql, weir_step step, wr_buf *statement)
{
    WEIR_TRY(wr_buf_check(cx, statement, "a statement"));
    return execute(cx, sql, step, wr_buf_view(statement));
}

/* Of the bookkeeping, which is no news: it is left out of plans. */
static weir_status execute_text(weir_ctx *cx, wr_sql *sql, weir_str statement)
{
    return sql->recorder ? WEIR_OK : sql->driver->exec(cx, sql, statement);
}

static weir_status keep_book(weir_ctx *cx, wr_sql *sql, wr_buf *statement)
{
    WEIR_TRY(wr_buf_check(cx, statement, "a statement"));
    wr_log(cx, "sql", WR_LOG_DEBUG, "%.*s", WR_STR(wr_buf_view(statement)));
    return execute_text(cx, sql, wr_buf_view(statement));
}

/* ---- rows ---- */

weir_status wr_sql_begin(weir_ctx *cx, void *self, const weir_load_job *load)
{
    (void)load;
    wr_sql *sql = self;
    wr_sql_unsettle(sql);
    WEIR_TRY(wr_sql_find_dataset(cx, sql, &sql->dataset));
    WEIR_TRY(wr_fault(cx, "load.begin"));
    if (!sql->recorder)
        WEIR_TRY(sql->driver->begin(cx, sql));
    sql->in_transaction = true;
    return wr_sql_need_dataset(cx, sql, &sql->dataset);
}

bool wr_sql_stages(const void *self, weir_disposition disposition)
{
    const wr_sql *sql = self;
    return disposition == WEIR_INTO_MERGE ||
           (disposition == WEIR_INTO_REPLACE && sql->replace != WR_SQL_TRUNCATE);
}

static size_t complete_columns(const weir_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        count += table->columns[i].type != WEIR_NO_TYPE;
    return count;
}

/* Rows of a plan pass by on their way to nowhere. */
static weir_status pass_rows(weir_ctx *cx, struct ArrowArrayStream *rows)
{
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        struct ArrowArray batch = { 0 };
        if (rows->get_next(rows, &batch) != 0)
            return weir_fail(cx, WEIR_IO, "%s", rows->get_last_error(rows));
        if (!batch.release)
            return WEIR_OK;
        batch.release(&batch);
    }
}

static weir_status write_rows(weir_ctx *cx, wr_sql *sql, const wr_sql_dataset *dataset,
                              const weir_table *table, struct ArrowArrayStream *rows)
{
    if (sql->recorder)
        return pass_rows(cx, rows);
    wr_auto(buf) wr_buf columns = wr_buf_max(WR_SQL_MAX);
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type == WEIR_NO_TYPE)
            continue;
        wr_buf_cstr(&columns, columns.len > 0 ? ", " : "");
        wr_sql_ident(&columns, table->columns[i].name);
    }
    WEIR_TRY(wr_buf_check(cx, &columns, "the list of columns"));
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    const wr_sql_into into = { .table = wr_sql_path(dataset, &path, table->name),
                               .columns = wr_buf_view(&columns) };
    return sql->driver->bulk(cx, sql, &into, rows);
}

/* Tables of both datasets fit when rows are staged. Rows of earlier loads go before the first ones of this. */
static weir_status write_table(weir_ctx *cx, wr_sql *sql, const weir_table *table,
                               weir_disposition disposition, struct ArrowArrayStream *rows)
{
    WEIR_TRY(wr_fault(cx, "load.write"));
    wr_sql_dataset *dataset = &sql->dataset;
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_fit_table(cx, sql, dataset, table, &known));
    if (wr_sql_stages(sql, disposition)) {
        dataset = &sql->staging;
        WEIR_TRY(wr_sql_need_dataset(cx, sql, dataset));
        WEIR_TRY(wr_sql_fit_table(cx, sql, dataset, table, &known));
    }
    if (!rows)
        return WEIR_OK;
    if (disposition != WEIR_INTO_APPEND)
        WEIR_TRY(wr_sql_clear_table(cx, sql, dataset, table->name, known));
    return write_rows(cx, sql, dataset, table, rows);
}

/* The database refused rows that the schema allows. */
static weir_status explain(weir_ctx *cx, weir_status status)
{
    if (status == WEIR_REJECTED && !*weir_error_hint(cx))
        wr_hint(cx, "a table keeps the types, keys and columns without nulls that it was made "
                    "with, whatever the schema says now; --refresh drop_resources makes it anew");
    return status;
}

weir_status wr_sql_write(weir_ctx *cx, void *self, const weir_table *table,
                         weir_disposition disposition, struct ArrowArrayStream *rows)
{
    /* A table of which nothing is known but its name is not made. */
    if (complete_columns(table) == 0)
        return WEIR_OK;
    const weir_status status = explain(cx, write_table(cx, self, table, disposition, rows));
    return wr_context(cx, status, "loading table '%.*s'", WR_STR(table->name));
}

/* ---- what becomes of them ---- */

static weir_status run_script(weir_ctx *cx, wr_sql *sql, const wr_sql_script *script)
{
    for (size_t i = 0; i < script->statements.len; i++) {
        WEIR_TRY(wr_fault(cx, "load.step"));
        WEIR_TRY(execute(cx, sql, WEIR_STEP_ROWS, script->statements.ptr[i]));
    }
    return WEIR_OK;
}

/* Tables that got no rows take part: those of an earlier load are not to be taken for rows of this. */
static weir_status settle_table(weir_ctx *cx, wr_sql *sql, const weir_table *table, bool staged)
{
    wr_sql_dataset *dataset = &sql->dataset;
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_fit_table(cx, sql, dataset, table, &known));
    if (staged) {
        dataset = &sql->staging;
        WEIR_TRY(wr_sql_need_dataset(cx, sql, dataset));
        WEIR_TRY(wr_sql_fit_table(cx, sql, dataset, table, &known));
    }
    return wr_sql_clear_table(cx, sql, dataset, table->name, known);
}

static weir_status settle(weir_ctx *cx, wr_sql *sql, const weir_chain *chain)
{
    const bool staged = wr_sql_stages(sql, chain->disposition);
    for (size_t i = 0; i < chain->count; i++)
        WEIR_TRY(settle_table(cx, sql, chain->tables[i], staged));
    if (!staged)
        return WEIR_OK;

    WEIR_TRY(wr_fault(cx, "load.settle"));
    wr_sql_script script;
    WEIR_TRY(wr_sql_settle_script(cx, sql, chain, &script));
    const weir_status status = run_script(cx, sql, &script);
    wr_sql_script_done(&script);
    sql->swapped |= chain->disposition == WEIR_INTO_REPLACE && sql->replace == WR_SQL_SWAP;
    return status;
}

weir_status wr_sql_settle(weir_ctx *cx, void *self, const weir_chain *chain)
{
    return wr_context(cx, explain(cx, settle(cx, self, chain)), "%s table '%.*s'",
                      chain->disposition == WEIR_INTO_MERGE ? "merging" : "replacing",
                      WR_STR(chain->tables[0]->name));
}

/* ---- bookkeeping ---- */

/* A schema is stored once: its hash tells. */
static weir_status store_schema(weir_ctx *cx, wr_sql *sql, const wr_sql_dataset *dataset,
                                const weir_load_job *load, const weir_stored_schema *schema)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement,
                  "INSERT INTO %.*s.\"_dlt_version\" (\"version\", \"engine_version\", "
                  "\"inserted_at\", \"schema_name\", \"version_hash\", \"schema\") SELECT %" PRId64
                  ", %" PRId64 ", ",
                  WR_STR(dataset->path), schema->version, load->engine_version);
    wr_sql_time(&statement, wr_now(cx));
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_name);
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, schema->hash);
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, schema->json);
    wr_buf_printf(&statement,
                  " WHERE NOT EXISTS (SELECT 1 FROM %.*s.\"_dlt_version\" WHERE version_hash = ",
                  WR_STR(dataset->path));
    wr_sql_text(&statement, schema->hash);
    wr_buf_char(&statement, ')');
    return keep_book(cx, sql, &statement);
}

/* The row that makes the load a completed one. */
static weir_status store_load(weir_ctx *cx, wr_sql *sql, const weir_load_job *load)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement,
                  "INSERT INTO %.*s.\"_dlt_loads\" (\"load_id\", \"schema_name\", \"status\", "
                  "\"inserted_at\", \"schema_version_hash\") VALUES (",
                  WR_STR(sql->dataset.path));
    wr_sql_text(&statement, load->load_id);
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema_name);
    wr_buf_cstr(&statement, ", 0, ");
    wr_sql_time(&statement, wr_now(cx));
    wr_buf_cstr(&statement, ", ");
    wr_sql_text(&statement, load->schema.hash);
    wr_buf_char(&statement, ')');
    return keep_book(cx, sql, &statement);
}

static weir_status commit(weir_ctx *cx, wr_sql *sql, const weir_load_job *load)
{
    WEIR_TRY(wr_fault(cx, "load.bookkeep"));
    WEIR_TRY(store_schema(cx, sql, &sql->dataset, load, &load->schema));
    if (load->staged.hash.len > 0)
        WEIR_TRY(store_schema(cx, sql, &sql->staging, load, &load->staged));
    WEIR_TRY(store_load(cx, sql, load));
    WEIR_TRY(wr_fault(cx, "load.commit"));
    WEIR_TRY(execute_text(cx, sql, wr_lit("COMMIT")));
    sql->in_transaction = false;
    if (sql->swapped && !sql->recorder)
        wr_sql_forget(sql); /* tables have the columns of others now */
    sql->swapped = false;
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
                       wr_lit("ROLLBACK")); /* a connection that is lost has rolled back already */
    wr_ctx_done(&cx);
}
