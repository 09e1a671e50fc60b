/* The promises of a destination, kept by DuckDB. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compress.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "destinations/duckdb.h"
#include "harness/test.h"
#include "schema/batch.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const weir_destination *const duckdb = &wr_destination_duckdb;

struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_config *config;
    const char *dir;
    const char *dataset;
    void *self;
    char text[4096];
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){ .config = wr_config_new(), .dir = test_tempdir(), .dataset = "data" };
    wr_ctx_init(&f->cx, NULL);
}

static void close_destination(struct fixture *f)
{
    if (f->self)
        duckdb->close(f->self);
    wr_free(f->self);
    f->self = NULL;
}

static void done(struct fixture *f)
{
    /* An error that the test did not expect says why it failed. */
    if (weir_error_message(&f->cx)[0])
        test_note("%s", weir_error_message(&f->cx));
    close_destination(f);
    wr_config_free(f->config);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    __attribute__((cleanup(done))) struct fixture f;                                               \
    setup(&f)

static void set(struct fixture *f, const char *path, const char *value)
{
    wr_config_set(f->config, path, weir_str_of(value));
}

static weir_status open_as(struct fixture *f, bool read_only)
{
    const wr_scope scope = { f->config, wr_lit("shop"), WR_SECTION("destination", "duckdb") };
    weir_target target = { .pipeline = wr_lit("shop"),
                           .dataset = weir_str_of(f->dataset),
                           .name = wr_lit("duckdb"),
                           .local_dir = weir_str_of(f->dir),
                           .read_only = read_only };
    WEIR_TRY(wr_config_resolve(&f->cx, &scope, duckdb->options, &f->arena, &target.options));
    f->self = wr_alloc(duckdb->self_size);
    return duckdb->open(&f->cx, f->self, &target);
}

static weir_status open_destination(struct fixture *f)
{
    return open_as(f, false);
}

static weir_status reopen(struct fixture *f)
{
    close_destination(f);
    return open_destination(f);
}

/* Rows of a test: values in order of the columns, one row after the other. */
struct rows {
    const weir_column *columns;
    size_t column_count;
    const weir_value *values;
    size_t row_count;
    size_t batches; /* how often they come */
    int fails_with; /* behind the last batch */
    void *cancels;  /* the destination that is told to stop with every batch */
};

static void free_batch(void *self, wr_batch *batch)
{
    (void)self;
    wr_batch_free(batch);
}

static int rows_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    const struct rows *rows = stream->private_data;
    wr_arrow_schema(ret, rows->columns, rows->column_count);
    return 0;
}

static int rows_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    struct rows *rows = stream->private_data;
    *ret = (struct ArrowArray){ 0 };
    if (rows->batches == 0)
        return rows->fails_with;
    rows->batches--;
    if (rows->cancels)
        duckdb->cancel(rows->cancels);

    wr_batch *batch = wr_new(wr_batch);
    batch->released = free_batch;
    for (size_t c = 0; c < rows->column_count; c++)
        (void)wr_batch_add(batch, &rows->columns[c]);
    for (size_t r = 0; r < rows->row_count; r++) {
        for (size_t c = 0; c < rows->column_count; c++)
            wr_builder_set(&batch->builders.ptr[c], (int64_t)r,
                           rows->values[r * rows->column_count + c]);
    }
    batch->rows = (int64_t)rows->row_count;
    wr_batch_finish(batch);
    wr_batch_export(batch, rows->columns, rows->column_count, ret);
    return 0;
}

static const char *rows_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return "the source is gone";
}

static void rows_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static weir_status write_rows(struct fixture *f, const weir_table *table,
                              weir_disposition disposition, struct rows rows)
{
    rows.columns = table->columns;
    rows.column_count = table->column_count;
    rows.batches = rows.batches > 0 ? rows.batches : 1;
    struct ArrowArrayStream stream = { rows_schema, rows_next, rows_error, rows_release, &rows };
    return duckdb->write(&f->cx, f->self, table, disposition, &stream);
}

#define TABLE(table_name, table_columns)                                                           \
    {                                                                                              \
        .name = { table_name, sizeof(table_name) - 1 }, .columns = (table_columns),                \
        .column_count = ARRAY_LEN(table_columns),                                                  \
    }
#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const weir_column version_columns[] = {
    { NAME("version"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("engine_version"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("inserted_at"), WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_NOT_NULL },
    { NAME("schema_name"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("version_hash"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("schema"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL },
};
static const weir_column loads_columns[] = {
    { NAME("load_id"), WEIR_TYPE_TEXT, .precision = 64, .hints = WEIR_HINT_NOT_NULL },
    { NAME("schema_name"), WEIR_TYPE_TEXT },
    { NAME("status"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("inserted_at"), WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_NOT_NULL },
    { NAME("schema_version_hash"), WEIR_TYPE_TEXT },
};
static const weir_column state_columns[] = {
    { NAME("version"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("engine_version"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("pipeline_name"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("state"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("created_at"), WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_NOT_NULL },
    { NAME("_dlt_load_id"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL },
};
static const weir_table version_table = TABLE("_dlt_version", version_columns);
static const weir_table loads_table = TABLE("_dlt_loads", loads_columns);
static const weir_table state_table = TABLE("_dlt_pipeline_state", state_columns);

static const weir_column order_columns[] = {
    { NAME("id"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("name"), WEIR_TYPE_TEXT },
};
static const weir_column wider_columns[] = {
    { NAME("id"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
    { NAME("name"), WEIR_TYPE_TEXT },
    { NAME("paid"), WEIR_TYPE_BOOL, .hints = WEIR_HINT_NOT_NULL },
};
static const weir_table orders = TABLE("orders", order_columns);
static const weir_table wider_orders = TABLE("orders", wider_columns);

static weir_load_job job(const char *load_id)
{
    return (weir_load_job){ .load_id = weir_str_of(load_id),
                            .schema_name = wr_lit("shop"),
                            .engine_version = 11,
                            .schema = { 2, wr_lit("hash'1"), wr_lit("{\"name\":\"it's\"}") } };
}

static weir_status begin(struct fixture *f, const char *load_id)
{
    const weir_load_job load = job(load_id);
    WEIR_TRY(duckdb->begin(&f->cx, f->self, &load));
    WEIR_TRY(duckdb->write(&f->cx, f->self, &version_table, WEIR_INTO_APPEND, NULL));
    return duckdb->write(&f->cx, f->self, &loads_table, WEIR_INTO_APPEND, NULL);
}

static weir_status commit(struct fixture *f, const char *load_id)
{
    const weir_load_job load = job(load_id);
    return duckdb->commit(&f->cx, f->self, &load);
}

/* Two orders with ids from `first` on. */
static weir_status write_orders(struct fixture *f, weir_disposition disposition, int64_t first)
{
    const weir_value values[] = { weir_int(first), weir_cstr("Ada"), weir_int(first + 1),
                                  weir_null() };
    return write_rows(f, &orders, disposition, (struct rows){ .values = values, .row_count = 2 });
}

static weir_status load_orders(struct fixture *f, const char *load_id, weir_disposition disposition,
                               int64_t first)
{
    WEIR_TRY(begin(f, load_id));
    WEIR_TRY(write_orders(f, disposition, first));
    return commit(f, load_id);
}

/* The one text that a query gives, "(null)", or the error. */
static const char *query(struct fixture *f, const char *sql)
{
    struct ArrowArrayStream rows = { 0 };
    struct ArrowArray batch = { 0 };
    snprintf(f->text, sizeof(f->text), "(null)");
    if (duckdb->query(&f->cx, f->self, weir_str_of(sql), &rows) != WEIR_OK)
        return weir_error_message(&f->cx);
    if (rows.get_next(&rows, &batch) != 0)
        snprintf(f->text, sizeof(f->text), "%s", rows.get_last_error(&rows));
    if (batch.release && batch.children[0]->null_count == 0) {
        const int32_t *offsets = batch.children[0]->buffers[1];
        const char *bytes = batch.children[0]->buffers[2];
        snprintf(f->text, sizeof(f->text), "%.*s", offsets[1] - offsets[0], bytes + offsets[0]);
    }
    if (batch.release)
        batch.release(&batch);
    rows.release(&rows);
    return f->text;
}

#define ORDERS "SELECT string_agg(concat_ws(':', id, name), ' ' ORDER BY id) FROM data.orders"
#define LOADS "SELECT string_agg(load_id, ' ' ORDER BY load_id) FROM data._dlt_loads"

TEST(a_new_file_gets_the_dataset_and_the_rows)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_STR(query(&f, ORDERS), "1:Ada 2");
    CHECK_STR(query(&f, LOADS), "1.0");
    CHECK_STR(query(&f, "SELECT schema FROM data._dlt_version"), "{\"name\":\"it's\"}");
    CHECK_STR(query(&f, "SELECT version_hash FROM data._dlt_version"), "hash'1");
    CHECK(access(wr_arena_printf(&f.arena, "%s/shop.duckdb", f.dir).ptr, F_OK) == 0);
}

TEST(the_next_load_appends_and_stores_a_known_schema_once)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    CHECK_OK(reopen(&f));

    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));

    CHECK_STR(query(&f, ORDERS), "1:Ada 2 3:Ada 4");
    CHECK_STR(query(&f, LOADS), "1.0 2.0");
    CHECK_STR(query(&f, "SELECT count(*)::VARCHAR FROM data._dlt_version"), "1");
}

TEST(replacing_removes_the_rows_of_earlier_loads_only)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_OK(begin(&f, "2.0"));
    CHECK_OK(write_orders(&f, WEIR_INTO_REPLACE, 5));
    CHECK_OK(write_orders(&f, WEIR_INTO_REPLACE, 7));
    CHECK_OK(commit(&f, "2.0"));

    CHECK_STR(query(&f, ORDERS), "5:Ada 6 7:Ada 8");
}

TEST(replacing_without_rows_empties_the_table)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_OK(begin(&f, "2.0"));
    const weir_table *const tables[] = { &orders };
    const weir_chain chain = { .tables = tables, .count = 1, .disposition = WEIR_INTO_REPLACE };
    CHECK_OK(duckdb->settle(&f.cx, f.self, &chain));
    CHECK_OK(commit(&f, "2.0"));

    CHECK_STR(query(&f, ORDERS), "(null)");
}

static void count_warning(void *self, wr_log_level level, weir_str line)
{
    (void)line;
    *(int *)self += level == WR_LOG_WARN;
}

TEST(a_table_grows_in_the_middle_of_a_load)
{
    FIXTURE(f);
    int warnings = 0;
    const weir_value wide[] = { weir_int(3), weir_cstr("Grace"), weir_bool(true) };
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 9));

    wr_log_sink(count_warning, &warnings);
    CHECK_OK(begin(&f, "2.0"));
    CHECK_OK(write_orders(&f, WEIR_INTO_REPLACE, 1));
    CHECK_OK(write_rows(&f, &wider_orders, WEIR_INTO_REPLACE,
                        (struct rows){ .values = wide, .row_count = 1 }));
    CHECK_OK(commit(&f, "2.0"));
    wr_log_sink(NULL, NULL);

    CHECK_STR(query(&f, "SELECT string_agg(concat_ws(':', id, name, paid), ' ' ORDER BY id) "
                        "FROM data.orders"),
              "1:Ada 2 3:Grace:true");
    CHECK_INT(warnings, 1); /* NOT NULL is not kept */
}

TEST(names_are_compared_without_case)
{
    static const weir_column columns[] = { { NAME("ID"), WEIR_TYPE_BIGINT },
                                           { NAME("Name"), WEIR_TYPE_TEXT } };
    static const weir_table table = TABLE("ORDERS", columns);
    const weir_value values[] = { weir_int(3), weir_cstr("Grace") };
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    f.dataset = "DATA";
    CHECK_OK(reopen(&f));

    CHECK_OK(begin(&f, "2.0"));
    CHECK_OK(write_rows(&f, &table, WEIR_INTO_APPEND,
                        (struct rows){ .values = values, .row_count = 1 }));
    CHECK_OK(commit(&f, "2.0"));

    CHECK_STR(query(&f, ORDERS), "1:Ada 2 3:Grace");
}

TEST(names_that_need_quotes_are_quoted)
{
    static const weir_column columns[] = { { NAME("a \"b\" c'"), WEIR_TYPE_BIGINT },
                                           { NAME("select"), WEIR_TYPE_TEXT } };
    static const weir_table table = TABLE("order by \"x\"; --", columns);
    const weir_value values[] = { weir_int(3), weir_cstr("it's") };
    FIXTURE(f);
    f.dataset = "my \"data\"";
    CHECK_OK(open_destination(&f));

    CHECK_OK(begin(&f, "it's"));
    CHECK_OK(write_rows(&f, &table, WEIR_INTO_APPEND,
                        (struct rows){ .values = values, .row_count = 1 }));
    CHECK_OK(commit(&f, "it's"));

    CHECK_STR(query(&f, "SELECT concat_ws(':', #1, #2) FROM \"my \"\"data\"\"\".\"order by "
                        "\"\"x\"\"; --\""),
              "3:it's");
}

TEST(a_dataset_may_have_the_name_of_the_file)
{
    FIXTURE(f);
    f.dataset = "Shop";
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_STR(query(&f, "SELECT string_agg(name, ',') FROM orders"), "Ada");
}

TEST(a_dataset_may_have_the_name_of_a_database_of_duckdb)
{
    FIXTURE(f);
    f.dataset = "temp";
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_STR(query(&f, "SELECT string_agg(name, ',') FROM shop.temp.orders"), "Ada");
}

TEST(a_rollback_leaves_nothing)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, WEIR_INTO_APPEND, 1));

    duckdb->rollback(f.self);

    weir_restored restored;
    CHECK_OK(duckdb->restore(&f.cx, f.self, wr_lit("shop"), &restored));
    CHECK(!restored.has_dataset);
    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));
    CHECK_STR(query(&f, ORDERS), "3:Ada 4");
}

TEST(a_destination_that_is_closed_in_the_middle_of_a_load_leaves_nothing)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, WEIR_INTO_APPEND, 1));

    CHECK_OK(reopen(&f));

    weir_restored restored;
    CHECK_OK(duckdb->restore(&f.cx, f.self, wr_lit("shop"), &restored));
    CHECK(!restored.has_dataset);
}

TEST(rows_that_fail_fail_the_statement_with_their_own_words)
{
    FIXTURE(f);
    const weir_value values[] = { weir_int(1), weir_cstr("Ada") };
    CHECK_OK(open_destination(&f));
    CHECK_OK(begin(&f, "1.0"));

    CHECK_INT(write_rows(&f, &orders, WEIR_INTO_APPEND,
                         (struct rows){ .values = values, .row_count = 1, .fails_with = EIO }),
              WEIR_IO);

    CHECK_STR(weir_error_message(&f.cx), "loading table 'orders': the source is gone");
    weir_error_clear(&f.cx);
    duckdb->rollback(f.self);
    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));
}

TEST(a_value_that_the_table_refuses_names_the_table_and_duckdbs_reason)
{
    static const weir_column columns[] = { { NAME("price"), WEIR_TYPE_DECIMAL } };
    static const weir_table table = TABLE("prices", columns);
    const weir_value values[] = { weir_text_of(WEIR_DECIMAL, wr_lit("1e40")) };
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(begin(&f, "1.0"));

    CHECK_INT(
        write_rows(&f, &table, WEIR_INTO_APPEND, (struct rows){ .values = values, .row_count = 1 }),
        WEIR_REJECTED);

    CHECK(strstr(weir_error_message(&f.cx), "loading table 'prices': Conversion Error"));
    CHECK(strstr(weir_error_message(&f.cx), "1e40"));
    weir_error_clear(&f.cx);
}

TEST(a_statement_that_is_cancelled_stops)
{
    FIXTURE(f);
    const weir_value values[] = { weir_int(1), weir_cstr("Ada") };
    CHECK_OK(open_destination(&f));
    CHECK_OK(begin(&f, "1.0"));

    CHECK_INT(
        write_rows(
            &f, &orders, WEIR_INTO_APPEND,
            (struct rows){ .values = values, .row_count = 1, .batches = 1000, .cancels = f.self }),
        WEIR_CANCELLED);
    weir_error_clear(&f.cx);
    duckdb->rollback(f.self);

    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));
    CHECK_STR(query(&f, ORDERS), "3:Ada 4");
}

static const weir_column typed_columns[] = {
    { NAME("a"), WEIR_TYPE_TEXT, .precision = 10 },
    { NAME("b"), WEIR_TYPE_BIGINT },
    { NAME("b8"), WEIR_TYPE_BIGINT, .precision = 8 },
    { NAME("b128"), WEIR_TYPE_BIGINT, .precision = 128 },
    { NAME("c"), WEIR_TYPE_DOUBLE },
    { NAME("d"), WEIR_TYPE_BOOL },
    { NAME("e"), WEIR_TYPE_TIMESTAMP },
    { NAME("e0"), WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_NO_TIMEZONE },
    { NAME("e3"), WEIR_TYPE_TIMESTAMP, .precision = 3, .hints = WEIR_HINT_NO_TIMEZONE },
    { NAME("f"), WEIR_TYPE_DATE },
    { NAME("g"), WEIR_TYPE_TIME },
    { NAME("h"), WEIR_TYPE_DECIMAL },
    { NAME("h2"), WEIR_TYPE_DECIMAL, .precision = 10, .scale = 2 },
    { NAME("i"), WEIR_TYPE_WEI },
    { NAME("j"), WEIR_TYPE_BINARY },
    { NAME("k"), WEIR_TYPE_JSON },
};
static const weir_table typed = TABLE("typed", typed_columns);

static weir_status load_types(struct fixture *f)
{
    const weir_value values[] = {
        weir_cstr("text longer than ten"),
        weir_int(INT64_MIN),
        weir_int(-128),
        weir_int(INT64_MAX),
        weir_float(-0.1),
        weir_bool(true),
        weir_timestamp(1732440000118128),
        weir_timestamp(-1),
        weir_timestamp(1732440000118000),
        weir_date(-719162),
        weir_time_of_day(86399999999),
        weir_text_of(WEIR_DECIMAL, wr_lit("-12345678901234567890123456789.123456789")),
        weir_text_of(WEIR_DECIMAL, wr_lit("1.50")),
        weir_text_of(WEIR_DECIMAL, wr_lit("99999999999999999999999999999999999999")),
        weir_bytes("\0\xff", 2),
        weir_text_of(WEIR_JSON, wr_lit("{\"a\":[1,\"\xc3\xa9\"]}")),
    };
    weir_value nulls[ARRAY_LEN(values)];
    for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
        nulls[i] = weir_null();
    WEIR_TRY(begin(f, "1.0"));
    WEIR_TRY(
        write_rows(f, &typed, WEIR_INTO_APPEND, (struct rows){ .values = values, .row_count = 1 }));
    WEIR_TRY(write_rows(f, &typed, WEIR_INTO_APPEND,
                        (struct rows){ .values = nulls, .row_count = 1, .batches = 3 }));
    return commit(f, "1.0");
}

#define TYPED                                                                                      \
    "SELECT concat_ws('|', a, b, b8, b128, c, d, e::VARCHAR, e0, e3, f, g, h, h2, i, hex(j), k) "  \
    "FROM data.typed WHERE a IS NOT NULL"
#define TYPED_ROW                                                                                  \
    "text longer than ten|-9223372036854775808|-128|9223372036854775807|-0.1|true|"                \
    "2024-11-24 09:20:00.118128+00|1969-12-31 23:59:59.999999|2024-11-24 09:20:00.118|"            \
    "0001-01-01|23:59:59.999999|-12345678901234567890123456789.123456789|1.50|"                    \
    "99999999999999999999999999999999999999|00FF|{\"a\":[1,\"\xc3\xa9\"]}"

TEST(every_type_arrives_as_it_was)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_types(&f));

    CHECK_STR(query(&f, TYPED), TYPED_ROW);
    CHECK_STR(query(&f, "SELECT string_agg(data_type, ' ' ORDER BY ordinal_position) FROM "
                        "information_schema.columns WHERE table_name = 'typed'"),
              "VARCHAR BIGINT TINYINT HUGEINT DOUBLE BOOLEAN TIMESTAMP WITH TIME ZONE TIMESTAMP "
              "TIMESTAMP_MS DATE TIME DECIMAL(38,9) DECIMAL(10,2) DECIMAL(38,0) BLOB JSON");
    CHECK_STR(query(&f, "SELECT count(*)::VARCHAR FROM data.typed WHERE a IS NULL AND k IS NULL"),
              "3");
}

TEST(every_type_arrives_through_an_appender_too)
{
    FIXTURE(f);
    set(&f, "destination.duckdb.arrow_scan", "false");
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_types(&f));

    CHECK_STR(query(&f, TYPED), TYPED_ROW);
    CHECK_STR(query(&f, "SELECT count(*)::VARCHAR FROM data.typed WHERE a IS NULL AND k IS NULL"),
              "3");
}

/* More rows than DuckDB has in a chunk, and in a row group. */
static weir_status load_many(struct fixture *f)
{
    enum { ROWS = 50000, BATCHES = 3 };
    weir_value *values = wr_new_array(ROWS * 2, weir_value);
    for (int64_t i = 0; i < ROWS; i++) {
        values[2 * i] = weir_int(i);
        values[2 * i + 1] = weir_cstr(i % 2 ? "odd" : "even, and longer than twelve");
    }
    weir_status status = begin(f, "1.0");
    if (status == WEIR_OK)
        status =
            write_rows(f, &orders, WEIR_INTO_APPEND,
                       (struct rows){ .values = values, .row_count = ROWS, .batches = BATCHES });
    wr_free(values);
    return status == WEIR_OK ? commit(f, "1.0") : status;
}

#define MANY                                                                                       \
    "SELECT concat_ws(' ', count(*), sum(id), count(*) FILTER (name = 'odd')) FROM data.orders"

TEST(large_batches_arrive_whole)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_many(&f));

    CHECK_STR(query(&f, MANY), "150000 3749925000 75000");
}

TEST(large_batches_arrive_whole_through_an_appender_too)
{
    FIXTURE(f);
    set(&f, "destination.duckdb.arrow_scan", "false");
    CHECK_OK(open_destination(&f));

    CHECK_OK(load_many(&f));

    CHECK_STR(query(&f, MANY), "150000 3749925000 75000");
}

TEST(rows_that_fail_in_an_appender_fail_with_their_own_words)
{
    FIXTURE(f);
    const weir_value values[] = { weir_int(1), weir_cstr("Ada") };
    set(&f, "destination.duckdb.arrow_scan", "false");
    CHECK_OK(open_destination(&f));
    CHECK_OK(begin(&f, "1.0"));

    CHECK_INT(
        write_rows(&f, &orders, WEIR_INTO_APPEND,
                   (struct rows){ .values = values, .row_count = 1, .fails_with = ECANCELED }),
        WEIR_CANCELLED);

    CHECK_STR(weir_error_message(&f.cx), "loading table 'orders': the source is gone");
    weir_error_clear(&f.cx);
}

static weir_status load_state(struct fixture *f, const char *load_id, const char *state)
{
    const weir_value values[] = { weir_int(1),      weir_int(4),       weir_cstr("shop"),
                                  weir_cstr(state), weir_timestamp(0), weir_cstr(load_id) };
    WEIR_TRY(begin(f, load_id));
    WEIR_TRY(write_rows(f, &state_table, WEIR_INTO_APPEND,
                        (struct rows){ .values = values, .row_count = 1 }));
    return commit(f, load_id);
}

TEST(the_newest_state_and_schema_are_restored)
{
    FIXTURE(f);
    wr_buf packed = wr_buf_max(4096);
    CHECK_OK(wr_deflate_base64(&f.cx, &packed, wr_lit("{\"cursor\":2}")));
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_state(&f, "9.0", "{\"cursor\":1}"));
    CHECK_OK(load_state(&f, "9.5", wr_buf_text(&packed)));
    wr_buf_done(&packed);
    CHECK_OK(reopen(&f));

    weir_restored restored;
    CHECK_OK(duckdb->restore(&f.cx, f.self, wr_lit("shop"), &restored));

    CHECK(restored.has_dataset);
    CHECK_TEXT(restored.state, "{\"cursor\":2}");
    CHECK_TEXT(restored.schema, "{\"name\":\"it's\"}");
    CHECK_TEXT(restored.last_load_id, "9.5");
}

TEST(a_state_that_is_plain_json_is_restored_as_it_is)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_state(&f, "9.0", "{\"cursor\":1}"));

    weir_restored restored;
    CHECK_OK(duckdb->restore(&f.cx, f.self, wr_lit("other"), &restored));

    CHECK_TEXT(restored.state, "{\"cursor\":1}");
    CHECK_TEXT(restored.schema, "");
}

TEST(nothing_is_restored_from_an_empty_database)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));

    weir_restored restored;
    CHECK_OK(duckdb->restore(&f.cx, f.self, wr_lit("shop"), &restored));

    CHECK(!restored.has_dataset);
    CHECK_TEXT(restored.state, "");
    CHECK_TEXT(restored.last_load_id, "");
}

TEST(a_dataset_without_tables_is_there)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_STR(query(&f, "CREATE SCHEMA \"Data\""), "(null)");

    weir_restored restored;
    CHECK_OK(duckdb->restore(&f.cx, f.self, wr_lit("shop"), &restored));

    CHECK(restored.has_dataset);
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
}

TEST(a_load_id_is_known_once_it_is_committed)
{
    FIXTURE(f);
    bool known = true;
    CHECK_OK(open_destination(&f));
    CHECK_OK(duckdb->knows(&f.cx, f.self, wr_lit("1.0"), &known));
    CHECK(!known);
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_OK(duckdb->knows(&f.cx, f.self, wr_lit("1.0"), &known));
    CHECK(known);
    CHECK_OK(duckdb->knows(&f.cx, f.self, wr_lit("1.5"), &known));
    CHECK(!known);
}

static weir_status write_file(struct fixture *f, const char *path, weir_str text)
{
    wr_auto(close) int file = -1;
    WEIR_TRY(wr_open_at(&f->cx, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, &file));
    return wr_write_all(&f->cx, file, text);
}

TEST(a_file_that_is_no_database_is_left_alone)
{
    FIXTURE(f);
    const char *path = wr_arena_printf(&f.arena, "%s/shop.duckdb", f.dir).ptr;
    const weir_str text = wr_lit("these are my notes, do not touch them");
    CHECK_OK(write_file(&f, path, text));

    CHECK_INT(open_destination(&f), WEIR_INVALID);

    CHECK(strstr(weir_error_message(&f.cx), "is not a DuckDB database"));
    CHECK(strstr(weir_error_hint(&f.cx), "destination.duckdb.credentials"));
    weir_error_clear(&f.cx);
    weir_str after;
    bool found = false;
    CHECK_OK(wr_file_read(&f.cx, &f.arena, AT_FDCWD, path, &after, &found));
    CHECK(wr_str_eq(after, text));
}

TEST(a_folder_that_is_not_there_is_an_error_that_names_the_file)
{
    FIXTURE(f);
    set(&f, "destination.duckdb.credentials", "missing/shop.duckdb");

    CHECK_INT(open_destination(&f), WEIR_IO);

    CHECK(strstr(weir_error_message(&f.cx), "missing/shop.duckdb"));
    CHECK(strstr(weir_error_hint(&f.cx), "folder"));
    weir_error_clear(&f.cx);
}

TEST(credentials_name_the_file)
{
    static const struct {
        const char *credentials;
        const char *location;
    } cases[] = {
        { "duckdb:///sub.duckdb", "duckdb:///%s/sub.duckdb" },
        { "sub.duckdb", "duckdb:///%s/sub.duckdb" },
        { "duckdb:///a.b.duckdb?read_only=true", "duckdb:///%s/a.b.duckdb" },
        { "duckdb://", "duckdb:///%s/shop.duckdb" },
        { "", "duckdb:///%s/shop.duckdb" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        FIXTURE(f);
        int warnings = 0;
        char expected[256];
        const char *percent = strchr(cases[i].location, '%');
        snprintf(expected, sizeof(expected), "%.*s%s%s", (int)(percent - cases[i].location),
                 cases[i].location, f.dir, percent + 2);
        set(&f, "destination.duckdb.credentials", cases[i].credentials);
        wr_log_sink(count_warning, &warnings);
        CHECK_OK(open_destination(&f));
        wr_log_sink(NULL, NULL);
        CHECK_TEXT(duckdb->location(f.self), expected);
    }
}

TEST(a_database_in_memory_is_refused)
{
    FIXTURE(f);
    set(&f, "destination.duckdb.credentials", "duckdb:///:memory:");

    CHECK_INT(open_destination(&f), WEIR_CONFIG);
    weir_error_clear(&f.cx);
}

TEST(a_setting_that_duckdb_refuses_is_an_error_of_configuration)
{
    FIXTURE(f);
    set(&f, "destination.duckdb.memory_limit", "plenty");

    CHECK(open_destination(&f) != WEIR_OK);

    CHECK(strstr(weir_error_message(&f.cx), "plenty"));
    weir_error_clear(&f.cx);
}

/* Open the file in a child that says so and holds it until it is told to stop. */
struct holder {
    pid_t pid;
    int stop; /* closing it lets the child end */
};

static bool hold(struct fixture *f, struct holder *ret)
{
    int ready[2];
    int stop[2];
    if (pipe(ready) != 0 || pipe(stop) != 0)
        return false;
    ret->pid = fork();
    if (ret->pid == 0) {
        char c = 0;
        close(stop[1]);
        if (open_destination(f) == WEIR_OK && write(ready[1], "r", 1) == 1)
            (void)!read(stop[0], &c, 1);
        close_destination(f);
        _exit(0);
    }
    char c = 0;
    close(ready[1]);
    close(stop[0]);
    const bool held = read(ready[0], &c, 1) == 1;
    close(ready[0]);
    ret->stop = stop[1];
    return held;
}

static void let_go(const struct holder *holder)
{
    close(holder->stop);
    (void)waitpid(holder->pid, NULL, 0);
}

TEST(a_file_that_another_process_has_open_is_locked_and_names_it)
{
    FIXTURE(f);
    struct holder holder;
    set(&f, "destination.duckdb.lock_wait_s", "0");
    CHECK(hold(&f, &holder));

    const weir_status status = open_destination(&f);
    let_go(&holder);

    CHECK_INT(status, WEIR_LOCKED);
    const weir_str pid = wr_arena_printf(&f.arena, "PID %ld", (long)holder.pid);
    CHECK(strstr(weir_error_message(&f.cx), pid.ptr));
    CHECK(strstr(weir_error_hint(&f.cx), "one process"));
    weir_error_clear(&f.cx);
}

TEST(a_destination_waits_until_the_file_is_free)
{
    FIXTURE(f);
    struct holder holder;
    CHECK(hold(&f, &holder));
    close(holder.stop); /* the child ends soon */

    CHECK_OK(open_destination(&f));

    (void)waitpid(holder.pid, NULL, 0);
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
}

TEST(what_is_read_only_is_not_written)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    close_destination(&f);

    CHECK_OK(open_as(&f, true));

    CHECK_STR(query(&f, "SELECT string_agg(name, ',') FROM orders"), "Ada");
    CHECK(strstr(query(&f, "DELETE FROM orders"), "read-only"));
    weir_error_clear(&f.cx);
}

static const char *formats(struct fixture *f, const char *sql)
{
    struct ArrowArrayStream rows = { 0 };
    struct ArrowSchema schema = { 0 };
    if (duckdb->query(&f->cx, f->self, weir_str_of(sql), &rows) != WEIR_OK)
        return weir_error_message(&f->cx);
    f->text[0] = '\0';
    size_t len = 0;
    if (rows.get_schema(&rows, &schema) == 0) {
        for (int64_t i = 0; i < schema.n_children; i++)
            len += (size_t)snprintf(f->text + len, sizeof(f->text) - len, "%s%s=%s", i ? " " : "",
                                    schema.children[i]->name, schema.children[i]->format);
        schema.release(&schema);
    }
    rows.release(&rows);
    return f->text;
}

TEST(results_come_in_plain_types)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));

    CHECK_STR(
        formats(&f,
                "SELECT 1 AS i, 1::BIGINT AS l, 'a' AS t, true AS b, 1.5 AS d, 1.5::DOUBLE AS g;"),
        "i=i l=l t=u b=b d=d:2,1,128 g=g");
    CHECK_STR(formats(&f,
                      "SELECT DATE '2024-01-01' AS d, TIME '01:02:03' AS t, "
                      "TIMESTAMPTZ '2024-01-01' AS z, TIMESTAMP '2024-01-01' AS s, 'a'::BLOB AS y"),
              "d=tdD t=ttu z=tsu:UTC s=tsu: y=z");
    CHECK_STR(
        formats(&f,
                "SELECT sum(1) AS s, [1,2] AS \"a \"\"l\", uuid() AS u, {'a': 1} AS o -- odd ones"),
        "s=d:38,0,128 a \"l=u u=u o=u");
    CHECK_STR(query(&f, "SELECT [{'a': 1}, NULL] AS l"), "[{\"a\":1},null]");
}

TEST(a_query_that_is_wrong_is_refused_with_duckdbs_reason)
{
    FIXTURE(f);
    CHECK_OK(open_destination(&f));

    CHECK(strstr(query(&f, "SELECT * FROM nowhere"), "nowhere"));
    weir_error_clear(&f.cx);
    CHECK(strstr(query(&f, "SELECT 1; SELECT 2"), "multiple"));
    weir_error_clear(&f.cx);
}

TEST(a_file_of_an_older_format_is_made_on_demand)
{
    FIXTURE(f);
    set(&f, "destination.duckdb.storage_compatibility_version", "v1.0.0");
    CHECK_OK(open_destination(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    close_destination(&f);

    /* The storage version stands behind the magic number; 64 is that of 1.0. */
    wr_auto(close) int file = -1;
    uint64_t version = 0;
    CHECK_OK(wr_open_at(&f.cx, AT_FDCWD, wr_arena_printf(&f.arena, "%s/shop.duckdb", f.dir).ptr,
                        O_RDONLY, &file));
    CHECK_INT(pread(file, &version, sizeof(version), 12), sizeof(version));
    CHECK_INT(version, 64);
}
