/* What is the same for all databases: restore, tables that fit, the bookkeeping of a load. The names and columns of the
 * tables that dlt keeps are laid down in spec/dlt-load-destinations.md, 1.16.
 *
 *   restore   newest state of a completed load, newest schema, greatest load id: what is missing is simply empty
 *   begin     one transaction, with CREATE SCHEMA in it
 *   write     a table is looked up once and then known; CREATE or ALTER when it does not fit; rows
 *   commit    _dlt_version (unless its hash is there), _dlt_loads, COMMIT
 */
#include "destinations/sql.h"

#include <inttypes.h>

#include "base/compress.h"
#include "base/ctx.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

/* The longest state or schema that is read back. */
#define DOCUMENT_MAX ((size_t)64 << 20)

/* A table as the database has it. */
typedef struct sql_table {
    bool exists;
    bool settled;   /* made or emptied in this load: there are no rows of earlier ones */
    wr_map columns; /* name as the database compares it → anything */
} sql_table;

/* Every value of a set. */
static char present;

void wr_sql_init(wr_sql *sql, const wr_sql_driver *driver, const weir_target *target)
{
    sql->driver = driver;
    sql->pipeline = wr_arena_str(&sql->texts, target->pipeline);
    sql->dataset = wr_arena_str(&sql->texts, target->dataset);

    wr_auto(buf) wr_buf schema = wr_buf_max(WR_SQL_MAX);
    wr_sql_ident(&schema, sql->dataset);
    sql->schema = wr_arena_str(&sql->texts, wr_buf_view(&schema));
}

/* Forget what was looked up. */
static void forget_tables(wr_sql *sql)
{
    for (size_t i = 0; i < sql->tables.len; i++) {
        sql_table *table = sql->tables.entries[i].value;
        wr_map_done(&table->columns);
    }
    wr_map_clear(&sql->tables);
    wr_arena_reset(&sql->catalog);
    sql->dataset_known = false;
}

void wr_sql_done(wr_sql *sql)
{
    forget_tables(sql);
    wr_map_done(&sql->tables);
    wr_arena_done(&sql->catalog);
    wr_arena_done(&sql->texts);
}

static weir_status execute(weir_ctx *cx, wr_sql *sql, wr_buf *statement)
{
    WEIR_TRY(wr_buf_check(cx, statement, "a statement"));
    wr_log(cx, "sql", WR_LOG_DEBUG, "%.*s", WR_STR(wr_buf_view(statement)));
    return sql->driver->exec(cx, sql, wr_buf_view(statement));
}

static weir_status execute_text(weir_ctx *cx, wr_sql *sql, const char *statement)
{
    return sql->driver->exec(cx, sql, weir_str_of(statement));
}

/* A table of the dataset, as it stands in statements. */
static weir_str table_path(const wr_sql *sql, wr_buf *out, weir_str table)
{
    wr_buf_printf(out, "%.*s.", WR_STR(sql->schema));
    wr_sql_ident(out, table);
    return wr_buf_view(out);
}

/* A name as the database compares it, in the catalog's memory. */
static weir_str compared(wr_sql *sql, weir_str name)
{
    if (sql->driver->dialect.case_sensitive)
        return wr_arena_str(&sql->catalog, name);
    char *text = wr_arena_alloc(&sql->catalog, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (weir_str){ text, name.len };
}

/* Each statement looks its names up, so a look-up must leave no memory behind. */
static void *find_name(wr_sql *sql, const wr_map *map, weir_str name)
{
    const wr_arena_mark mark = wr_arena_here(&sql->catalog);
    void *found = wr_map_get(map, compared(sql, name));
    wr_arena_back(&sql->catalog, mark);
    return found;
}

static void add_column(wr_sql *sql, sql_table *table, weir_str column)
{
    wr_map_put(&table->columns, compared(sql, column), &present);
}

static weir_status look_up_table(weir_ctx *cx, wr_sql *sql, weir_str name, sql_table **ret)
{
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    wr_sql_columns columns = { 0 };
    bool exists = false;
    WEIR_TRY(sql->driver->columns(cx, sql, table_path(sql, &path, name), &sql->catalog, &columns,
                                  &exists));
    sql_table *table = wr_arena_new(&sql->catalog, sql_table);
    table->exists = exists;
    for (size_t i = 0; i < columns.len; i++)
        add_column(sql, table, columns.ptr[i]);
    wr_map_put(&sql->tables, compared(sql, name), table);
    *ret = table;
    return WEIR_OK;
}

/* The table of that name; `exists` tells whether there is one. The database is asked once. */
static weir_status find_table(weir_ctx *cx, wr_sql *sql, weir_str name, sql_table **ret)
{
    sql_table *table = find_name(sql, &sql->tables, name);
    if (!table)
        return look_up_table(cx, sql, name, ret);
    *ret = table;
    return WEIR_OK;
}

static weir_status table_exists(weir_ctx *cx, wr_sql *sql, const char *name, bool *ret)
{
    sql_table *table = NULL;
    WEIR_TRY(find_table(cx, sql, weir_str_of(name), &table));
    *ret = table->exists;
    return WEIR_OK;
}

/* Does the dataset exist? One that has a table that was already found does. */
static weir_status find_dataset(weir_ctx *cx, wr_sql *sql)
{
    if (sql->dataset_known)
        return WEIR_OK;
    bool found = false;
    for (size_t i = 0; i < sql->tables.len && !found; i++)
        found = ((const sql_table *)sql->tables.entries[i].value)->exists;
    if (!found)
        WEIR_TRY(sql->driver->has_schema(cx, sql, sql->dataset, &found));
    sql->has_dataset = found;
    sql->dataset_known = true;
    return WEIR_OK;
}

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

static weir_status restore_state(weir_ctx *cx, wr_sql *sql, weir_str *ret)
{
    bool found = false;
    WEIR_TRY(table_exists(cx, sql, "_dlt_pipeline_state", &found));
    if (!found)
        return WEIR_OK;

    wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&query,
                  "SELECT s.state FROM %.*s.\"_dlt_pipeline_state\" AS s JOIN "
                  "%.*s.\"_dlt_loads\" AS l ON l.load_id = s._dlt_load_id WHERE pipeline_name = ",
                  WR_STR(sql->schema), WR_STR(sql->schema));
    wr_sql_text(&query, sql->pipeline);
    wr_buf_cstr(&query, " AND l.status = 0 ORDER BY l.load_id DESC LIMIT 1");
    WEIR_TRY(query_text(cx, sql, &query, ret));
    return read_document(cx, sql, ret);
}

static weir_status restore_schema(weir_ctx *cx, wr_sql *sql, weir_str schema_name, weir_str *ret)
{
    bool found = false;
    WEIR_TRY(table_exists(cx, sql, "_dlt_version", &found));
    if (!found)
        return WEIR_OK;

    wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&query, "SELECT \"schema\" FROM %.*s.\"_dlt_version\" WHERE schema_name = ",
                  WR_STR(sql->schema));
    wr_sql_text(&query, schema_name);
    wr_buf_cstr(&query, " ORDER BY inserted_at DESC LIMIT 1");
    WEIR_TRY(query_text(cx, sql, &query, ret));
    return read_document(cx, sql, ret);
}

static weir_status restore_load_id(weir_ctx *cx, wr_sql *sql, weir_str *ret)
{
    wr_auto(buf) wr_buf query = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&query, "SELECT load_id FROM %.*s.\"_dlt_loads\" ORDER BY load_id DESC LIMIT 1",
                  WR_STR(sql->schema));
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
        WEIR_TRY(restore_state(cx, sql, &restored.state));
    }
    WEIR_TRY(restore_schema(cx, sql, schema_name, &restored.schema));
    WEIR_TRY(find_dataset(cx, sql));
    restored.has_dataset = sql->has_dataset;
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
                      WR_STR(sql->schema));
        wr_sql_text(&query, load_id);
        wr_buf_cstr(&query, " LIMIT 1");
        WEIR_TRY(query_text(cx, sql, &query, &found));
    }
    *ret = found.len > 0;
    return WEIR_OK;
}

static weir_status create_dataset(weir_ctx *cx, wr_sql *sql)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement, "CREATE SCHEMA %.*s", WR_STR(sql->schema));
    WEIR_TRY(execute(cx, sql, &statement));
    sql->has_dataset = true;
    return WEIR_OK;
}

weir_status wr_sql_begin(weir_ctx *cx, void *self, const weir_load_job *load)
{
    (void)load;
    wr_sql *sql = self;
    for (size_t i = 0; i < sql->tables.len; i++)
        ((sql_table *)sql->tables.entries[i].value)->settled = false;
    WEIR_TRY(find_dataset(cx, sql));

    WEIR_TRY(wr_fault(cx, "load.begin"));
    WEIR_TRY(sql->driver->begin(cx, sql));
    sql->in_transaction = true;
    return sql->has_dataset ? WEIR_OK : create_dataset(cx, sql);
}

static size_t complete_columns(const weir_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        count += table->columns[i].type != WEIR_NO_TYPE;
    return count;
}

static weir_status create_table(weir_ctx *cx, wr_sql *sql, sql_table *known, weir_str path,
                                const weir_table *table)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    WEIR_TRY(wr_sql_create_table(cx, sql, &statement, path, table));
    WEIR_TRY(execute(cx, sql, &statement));
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type != WEIR_NO_TYPE)
            add_column(sql, known, table->columns[i].name);
    }
    known->exists = true;
    known->settled = true;
    return WEIR_OK;
}

static weir_status alter_table(weir_ctx *cx, wr_sql *sql, sql_table *known, weir_str path,
                               const weir_column *column)
{
    if (column->hints & WEIR_HINT_NOT_NULL)
        weir_warn(cx,
                  "column '%.*s' is added to %.*s as one that may be null: "
                  "the rows that are there have no value for it",
                  WR_STR(column->name), WR_STR(path));
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    WEIR_TRY(wr_sql_add_column(cx, sql, &statement, path, column));
    WEIR_TRY(execute(cx, sql, &statement));
    add_column(sql, known, column->name);
    return WEIR_OK;
}

static weir_status fit_table(weir_ctx *cx, wr_sql *sql, sql_table *known, weir_str path,
                             const weir_table *table)
{
    if (!known->exists)
        return create_table(cx, sql, known, path, table);
    for (size_t i = 0; i < table->column_count; i++) {
        const weir_column *column = &table->columns[i];
        if (column->type != WEIR_NO_TYPE && !find_name(sql, &known->columns, column->name))
            WEIR_TRY(alter_table(cx, sql, known, path, column));
    }
    return WEIR_OK;
}

static weir_status empty_table(weir_ctx *cx, wr_sql *sql, sql_table *known, weir_str path)
{
    if (known->settled)
        return WEIR_OK;
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_sql_empty_table(sql, &statement, path);
    WEIR_TRY(execute(cx, sql, &statement));
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
    const weir_str path = table_path(sql, &buf, table->name);
    sql_table *known = NULL;
    WEIR_TRY(find_table(cx, sql, table->name, &known));
    WEIR_TRY(fit_table(cx, sql, known, path, table));
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
    return execute(cx, sql, &statement);
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
    return execute(cx, sql, &statement);
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
    forget_tables(sql);

    weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    (void)execute_text(&cx, sql,
                       "ROLLBACK"); /* a connection that is lost has rolled back already */
    wr_ctx_done(&cx);
}
