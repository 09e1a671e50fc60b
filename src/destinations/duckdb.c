/* The destination `duckdb`. Everything that it shares with other databases is in sql.c; how rows enter it, and the traps
 * of that, in duckdb_stage.c. Facts and measurements: spec/duckdb.md. */
#include "destinations/duckdb.h"

#include <strings.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "destinations/duckdb_api.h"
#include "destinations/duckdb_file.h"
#include "destinations/duckdb_result.h"
#include "destinations/duckdb_stage.h"
#include "destinations/sql.h"

#define LOCK_WAIT_FIRST_US INT64_C(20000)
#define LOCK_WAIT_MOST_US INT64_C(1000000)

typedef struct duckdb {
    wr_sql sql; /* first: sql.c gets the whole as this */
    const wr_duckdb_api *api;
    wr_duckdb_database *database;
    wr_duckdb_connection *connection;
    wr_duckdb_connection
        *looking; /* for look-ups: one that finds nothing would abort the transaction */
    wr_duckdb_stage stage;
    bool absent;           /* a plan for a file that is not there */
    bool scans;            /* rows enter through a scan */
    bool searches_dataset; /* queries of users find tables without their schema */
    weir_str path;
    weir_str location;
} duckdb;

static const weir_option options[] = {
    { "credentials", WEIR_OPTION_URL_OR_PATH,
      .help = "path of the database file, or duckdb:///path" },
    { "credentials.database", .help = "the same" },
    { "lock_wait_s", WEIR_OPTION_SECONDS, "30",
      .help = "how long to wait while another process has the file open" },
    { "memory_limit", .help = "the most memory that DuckDB takes, as 2GB; by itself 80 % of all" },
    { "threads", WEIR_OPTION_INT, "1", .help = "threads of DuckDB, beside those of weir" },
    { "storage_compatibility_version",
      .help = "oldest DuckDB that is to read a new file, as v1.0.0" },
    { "create_indexes", WEIR_OPTION_BOOL, "false",
      .help = "make UNIQUE constraints where the schema says so" },
    WR_SQL_OPTIONS,
    { "arrow_scan", WEIR_OPTION_BOOL, "true",
      .help = "hand rows over as an Arrow stream; false: through an appender" },
    { 0 },
};

static const wr_sql_type types[] = {
    { WEIR_TYPE_TEXT, .text = "VARCHAR" },
    { WEIR_TYPE_BIGINT, .up_to = 8, .text = "TINYINT" },
    { WEIR_TYPE_BIGINT, .up_to = 16, .text = "SMALLINT" },
    { WEIR_TYPE_BIGINT, .up_to = 32, .text = "INTEGER" },
    { WEIR_TYPE_BIGINT, .up_to = 64, .text = "BIGINT" },
    { WEIR_TYPE_BIGINT, .up_to = 128, .text = "HUGEINT" },
    { WEIR_TYPE_DOUBLE, .text = "DOUBLE" },
    { WEIR_TYPE_BOOL, .text = "BOOLEAN" },
    { WEIR_TYPE_TIMESTAMP, .text = "TIMESTAMP WITH TIME ZONE" },
    { WEIR_TYPE_TIMESTAMP, .wall_clock = true, .up_to = 3, .text = "TIMESTAMP_MS" },
    { WEIR_TYPE_TIMESTAMP, .wall_clock = true, .up_to = 6, .text = "TIMESTAMP" },
    { WEIR_TYPE_TIMESTAMP, .wall_clock = true, .up_to = 9, .text = "TIMESTAMP_NS" },
    { WEIR_TYPE_DATE, .text = "DATE" },
    { WEIR_TYPE_TIME, .text = "TIME" },
    { WEIR_TYPE_DECIMAL, .text = "DECIMAL({p},{s})" },
    { WEIR_TYPE_WEI, .text = "DECIMAL({p},{s})" },
    { WEIR_TYPE_BINARY, .text = "BLOB" },
    { WEIR_TYPE_JSON, .text = "JSON" },
    { 0 },
};

/* UPDATE is slow, and COMMIT then writes each column anew of all row groups that it touched: rows are deleted and come back.
 * Columns that weir does not know keep what they have. */
static const char *const updates[] = {
    "CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, "
    "d.* REPLACE ({renewed}) FROM {table} AS d JOIN {rows} AS s ON {same}{changed}",
    "DELETE FROM {table} WHERE rowid IN (SELECT weir_place FROM weir_renewed)",
    "INSERT INTO {table} SELECT * EXCLUDE (weir_place) FROM weir_renewed",
    "DROP TABLE weir_renewed",
    NULL,
};

static weir_status set(weir_ctx *cx, const wr_duckdb_api *api, wr_duckdb_config *config,
                       const char *name, weir_str value)
{
    wr_auto(arena) wr_arena arena = { 0 };
    if (api->set_config(config, name, wr_arena_str(&arena, value).ptr) != 0)
        return weir_fail(cx, WEIR_CONFIG, "DuckDB refuses '%.*s' for its setting '%s'",
                         WR_STR(value), name);
    return WEIR_OK;
}

static weir_status configure(weir_ctx *cx, const wr_duckdb_api *api, const weir_target *target,
                             wr_duckdb_config *config)
{
    /* Nothing is fetched from the internet behind the user's back. */
    WEIR_TRY(set(cx, api, config, "autoinstall_known_extensions", wr_lit("false")));
    WEIR_TRY(set(cx, api, config, "autoload_known_extensions", wr_lit("false")));
    if (target->read_only)
        WEIR_TRY(set(cx, api, config, "access_mode", wr_lit("READ_ONLY")));

    static const char *const passed[] = { "threads", "memory_limit",
                                          "storage_compatibility_version" };
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
        const weir_str value = weir_option_text(target->options, passed[i]);
        if (value.len > 0)
            WEIR_TRY(set(cx, api, config, passed[i], value));
    }
    return WEIR_OK;
}

static weir_status open_once(weir_ctx *cx, duckdb *self, const weir_target *target)
{
    const wr_duckdb_api *api = self->api;
    wr_duckdb_config *config = NULL;
    if (api->create_config(&config) != 0)
        return weir_fail(cx, WEIR_INTERNAL, "DuckDB makes no configuration");
    char *message = NULL;
    weir_status status = configure(cx, api, target, config);
    if (status == WEIR_OK && api->get_or_create_from_cache(api->cache, self->path.ptr,
                                                           &self->database, config, &message) != 0)
        status = wr_duckdb_refused(cx, self->path.ptr, message ? message : "no reason given");
    api->free(message);
    api->destroy_config(&config);
    return status;
}

/* A lock may go while its holder is looked for: a failure without a reason that can be seen is tried once more. */
static weir_status open_twice(weir_ctx *cx, duckdb *self, const weir_target *target)
{
    const weir_status status = open_once(cx, self, target);
    if (status != WEIR_IO)
        return status;
    weir_error_clear(cx);
    return open_once(cx, self, target);
}

/* Open the file; while another process has it, wait and try again. */
static weir_status open_file(weir_ctx *cx, duckdb *self, const weir_target *target)
{
    const double patience = weir_option_seconds(target->options, "lock_wait_s");
    const int64_t start = wr_ticks_ns(cx);
    int64_t wait = LOCK_WAIT_FIRST_US;
    for (;;) {
        const weir_status status = open_twice(cx, self, target);
        const double waited = (double)(wr_ticks_ns(cx) - start) / 1e9;
        if (status != WEIR_LOCKED || waited >= patience)
            return status;
        if (wait == LOCK_WAIT_FIRST_US)
            weir_info(cx, "waiting up to %g seconds: %s", patience, weir_error_message(cx));
        weir_error_clear(cx);
        WEIR_TRY(wr_sleep(cx, wait));
        wait = wait * 2 < LOCK_WAIT_MOST_US ? wait * 2 : LOCK_WAIT_MOST_US;
    }
}

static weir_status query_text(weir_ctx *cx, duckdb *self, const char *sql, weir_str *ret)
{
    struct ArrowArrayStream rows = { 0 };
    WEIR_TRY(wr_duckdb_query(cx, self->api, self->connection, sql, &rows));
    const weir_status status = wr_sql_first_text(cx, &self->sql, &rows, ret);
    rows.release(&rows);
    return status;
}

static bool same_name(weir_str a, weir_str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* May the dataset have the name of a database? DuckDB calls that of a file as the file, up to a dot. */
static bool may_be_database(const duckdb *self, weir_str dataset)
{
    static const char *const always[] = { "memory", "system", "temp", "weir_stage" };
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (same_name(dataset, weir_str_of(always[i])))
            return true;
    }
    const char *file = strrchr(self->path.ptr, '/') + 1;
    return strncasecmp(file, dataset.ptr, dataset.len) == 0;
}

/* DuckDB's rule, for a file that it has not made yet: the name up to a dot, unless it is taken. */
static weir_str name_of_file(duckdb *self)
{
    static const char *const taken[] = { "main", "system", "temp" };
    weir_str rest = weir_str_of(strrchr(self->path.ptr, '/') + 1);
    weir_str name = { 0 };
    (void)wr_str_split(&rest, '.', &name);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (wr_str_eq(name, weir_str_of(taken[i])))
            return wr_arena_printf(&self->sql.texts, "%s_db", taken[i]);
    return name;
}

static weir_status database_name(weir_ctx *cx, duckdb *self, weir_str *ret)
{
    if (!self->absent)
        return query_text(cx, self, "SELECT current_database()", ret);
    *ret = name_of_file(self);
    return WEIR_OK;
}

/* `"shop"."orders"` is ambiguous in a file shop.duckdb: then the name of the database goes in front. */
static weir_status qualify(weir_ctx *cx, duckdb *self, wr_sql_dataset *dataset)
{
    if (!may_be_database(self, dataset->name))
        return WEIR_OK;
    weir_str database = { 0 };
    WEIR_TRY(database_name(cx, self, &database));
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    wr_sql_ident(&path, database);
    wr_buf_char(&path, '.');
    wr_sql_ident(&path, dataset->name);
    dataset->path = wr_arena_str(&self->sql.texts, wr_buf_view(&path));
    return WEIR_OK;
}

/* What makes it fast, and changes no result. */
static const char *const tuning[] = {
    /* Row groups are compressed and written while more rows are parsed, not in COMMIT. */
    "SET write_buffer_row_group_count = 1",
    /* A table that is not there is no occasion to go through all names for a similar one: that takes 30 ms. */
    "SET catalog_error_max_schemas = 0",
};

static weir_status connect(weir_ctx *cx, duckdb *self)
{
    const wr_duckdb_api *api = self->api;
    if (api->connect(self->database, &self->connection) != 0 ||
        api->connect(self->database, &self->looking) != 0)
        return weir_fail(cx, WEIR_INTERNAL, "DuckDB gives no connection");
    WEIR_TRY(wr_duckdb_exec(cx, api, self->connection,
                            "SET TimeZone = 'UTC'; SET checkpoint_threshold = '1gb'"));
    for (size_t i = 0; i < sizeof(tuning) / sizeof(tuning[0]); i++) {
        if (wr_duckdb_exec(cx, api, self->connection, tuning[i]) != WEIR_OK)
            weir_error_clear(cx); /* one that this version does not have */
    }
    return WEIR_OK;
}

static weir_status open_and_connect(weir_ctx *cx, duckdb *self, const weir_target *target)
{
    WEIR_TRY(wr_duckdb_load(cx, &self->api));
    self->scans = self->api->arrow_scan && weir_option_bool(target->options, "arrow_scan");
    WEIR_TRY(open_file(cx, self, target));
    return connect(cx, self);
}

/* The driver. */

static weir_status exec(weir_ctx *cx, void *arg, weir_str sql)
{
    duckdb *self = arg;
    wr_auto(buf) wr_buf text = wr_buf_max(WR_SQL_MAX);
    wr_buf_str(&text, sql);
    WEIR_TRY(wr_buf_check(cx, &text, "a statement"));
    return wr_duckdb_exec(cx, self->api, self->connection, wr_buf_text(&text));
}

static weir_status query(weir_ctx *cx, void *arg, weir_str sql, struct ArrowArrayStream *ret)
{
    duckdb *self = arg;
    wr_auto(buf) wr_buf text = wr_buf_max(WR_SQL_MAX);
    wr_buf_str(&text, sql);
    WEIR_TRY(wr_buf_check(cx, &text, "a query"));
    return wr_duckdb_query(cx, self->api, self->connection, wr_buf_text(&text), ret);
}

static void copy_names(const wr_duckdb_api *api, wr_duckdb_result *result, wr_arena *arena,
                       wr_sql_columns *ret)
{
    ret->len = api->column_count(result);
    ret->ptr = wr_arena_new_array(arena, ret->len, weir_str);
    for (size_t i = 0; i < ret->len; i++)
        ret->ptr[i] = wr_arena_str(arena, weir_str_of(api->column_name(result, i)));
}

/* To bind a query of the one table takes 0.4 ms. The first look into duckdb_columns() takes 20 ms, because DuckDB then
 * makes all its system views; that would nearly double the time of a small load. What the transaction itself has made is
 * not seen here: sql.c knows it. */
static weir_status columns(weir_ctx *cx, void *arg, weir_str table, wr_arena *arena,
                           wr_sql_columns *ret, bool *ret_found)
{
    duckdb *self = arg;
    const wr_duckdb_api *api = self->api;
    wr_auto(buf) wr_buf sql = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&sql, "SELECT * FROM %.*s LIMIT 0", WR_STR(table));
    WEIR_TRY(wr_buf_check(cx, &sql, "a query"));

    wr_duckdb_result result = { 0 };
    weir_status status = WEIR_OK;
    if (self->absent)
        return WEIR_OK;
    if (api->query(self->looking, wr_buf_text(&sql), &result) == 0) {
        copy_names(api, &result, arena, ret);
        *ret_found = true;
    } else if (api->result_error_type(&result) != WR_DUCKDB_ERROR_CATALOG) {
        status = wr_duckdb_fail(cx, api->result_error_type(&result), api->result_error(&result));
    }
    api->destroy_result(&result);
    return status;
}

/* Schemas that a new file has. */
static bool is_born_with(weir_str schema)
{
    return same_name(schema, wr_lit("main")) || same_name(schema, wr_lit("information_schema")) ||
           same_name(schema, wr_lit("pg_catalog"));
}

static weir_status has_schema(weir_ctx *cx, void *arg, weir_str name, bool *ret)
{
    duckdb *self = arg;
    if (self->absent) {
        *ret = is_born_with(name);
        return WEIR_OK;
    }
    wr_auto(buf) wr_buf sql = wr_buf_max(WR_SQL_MAX);
    wr_buf_cstr(&sql, "SELECT schema_name FROM duckdb_schemas() WHERE database_name = "
                      "current_database() AND lower(schema_name) = lower(");
    wr_sql_text(&sql, name);
    wr_buf_cstr(&sql, ")");
    WEIR_TRY(wr_buf_check(cx, &sql, "a query"));
    weir_str found = { 0 };
    WEIR_TRY(query_text(cx, self, wr_buf_text(&sql), &found));
    *ret = found.len > 0;
    return WEIR_OK;
}

static weir_status begin_transaction(weir_ctx *cx, void *arg)
{
    duckdb *self = arg;
    if (self->scans && !self->stage.view[0])
        WEIR_TRY(wr_duckdb_stage_open(cx, self->api, self->database, &self->stage));
    return wr_duckdb_exec(cx, self->api, self->connection, "BEGIN TRANSACTION");
}

static weir_status bulk(weir_ctx *cx, void *arg, const wr_sql_into *into,
                        struct ArrowArrayStream *rows)
{
    duckdb *self = arg;
    return wr_duckdb_insert(cx, self->api, self->connection, &self->stage, into, rows);
}

/* Digits of columns that say nothing of them: of all, and behind the point. */
enum { NUMBER_DIGITS = 38, DECIMAL_SCALE = 9 };

const wr_sql_driver wr_duckdb_driver = {
    .dialect = { .types = types,
                 .standard = { [WEIR_TYPE_BIGINT] = { 64, 0 },
                               [WEIR_TYPE_TIMESTAMP] = { 6, 0 },
                               [WEIR_TYPE_DECIMAL] = { NUMBER_DIGITS, DECIMAL_SCALE },
                               [WEIR_TYPE_WEI] = { NUMBER_DIGITS, 0 } },
                 .any_of_key = "(SELECT DISTINCT ON ({key}) * FROM {staged})",
                 .update = updates },
    .exec = exec,
    .query = query,
    .columns = columns,
    .has_schema = has_schema,
    .begin = begin_transaction,
    .bulk = bulk,
};

/* The destination. */

static weir_str credentials(const weir_target *target)
{
    const weir_str whole = weir_option_text(target->options, "credentials");
    return whole.len > 0 ? whole : weir_option_text(target->options, "credentials.database");
}

static weir_status open_duckdb(weir_ctx *cx, void *arg, const weir_target *target)
{
    duckdb *self = arg;
    WEIR_TRY(wr_sql_init(cx, &self->sql, &wr_duckdb_driver, target));
    self->sql.create_indexes = weir_option_bool(target->options, "create_indexes");
    WEIR_TRY(wr_duckdb_path(cx, &self->sql.texts, target, credentials(target), &self->path));
    self->location = wr_arena_printf(&self->sql.texts, "duckdb:///%.*s", WR_STR(self->path));

    if (target->recorder)
        WEIR_TRY(wr_duckdb_probe(cx, self->path.ptr, &self->absent));
    if (!self->absent)
        WEIR_TRY(open_and_connect(cx, self, target));
    WEIR_TRY(qualify(cx, self, &self->sql.dataset));
    return qualify(cx, self, &self->sql.staging);
}

static void cancel(void *arg)
{
    duckdb *self = arg;
    if (self->connection)
        self->api->interrupt(self->connection);
}

static void close_duckdb(void *arg)
{
    duckdb *self = arg;
    if (self->connection)
        wr_sql_rollback(&self->sql);
    if (self->api) {
        self->api->disconnect(&self->looking);
        self->api->disconnect(&self->connection);
        self->api->close(&self->database);
    }
    wr_sql_done(&self->sql);
}

static weir_str location(void *arg)
{
    const duckdb *self = arg;
    return self->location;
}

/* Users leave the dataset out: `select * from orders`. */
static weir_status query_plain(weir_ctx *cx, void *arg, weir_str sql, struct ArrowArrayStream *ret)
{
    duckdb *self = arg;
    if (!self->searches_dataset) {
        wr_auto(buf) wr_buf setting = wr_buf_max(WR_SQL_MAX);
        wr_buf_cstr(&setting, "SET search_path = ");
        wr_sql_text(&setting, self->sql.dataset.path);
        if (exec(cx, self, wr_buf_view(&setting)) != WEIR_OK)
            weir_error_clear(cx); /* there is no such schema yet */
        self->searches_dataset = true;
    }
    return wr_duckdb_query_plain(cx, self->api, self->connection, sql, ret);
}

const weir_destination wr_destination_duckdb = {
    .name = "duckdb",
    .type = "dlt.destinations.duckdb",
    .options = options,
    .caps = { .identifier_max = 65536,
              .strips_nul = true,
              .refuses_nulls = true,
              .decimal = { NUMBER_DIGITS, DECIMAL_SCALE },
              .wei = { NUMBER_DIGITS, 0 },
              .integer_bits = 8,
              .merges = WR_SQL_MERGES },
    .self_size = sizeof(duckdb),
    .open = open_duckdb,
    .restore = wr_sql_restore,
    .knows = wr_sql_knows,
    .begin = wr_sql_begin,
    .write = wr_sql_write,
    .stages = wr_sql_stages,
    .drop = wr_sql_drop,
    .empty = wr_sql_empty,
    .settle = wr_sql_settle,
    .commit = wr_sql_commit,
    .rollback = wr_sql_rollback,
    .cancel = cancel,
    .close = close_duckdb,
    .location = location,
    .query = query_plain,
};
