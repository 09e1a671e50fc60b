/* The promises of a destination, kept by folders of files. */
#include "destinations/filesystem.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compress.h"
#include "base/ctx.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "harness/rows.h"
#include "harness/test.h"
#include "pipeline/options.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const weir_destination *const files = &wr_destination_filesystem;

struct lake {
    weir_ctx cx;
    wr_arena arena;
    wr_config *config;
    const char *dir;
    void *self;
    wr_buf text;
};

static void setup(struct lake *f)
{
    *f = (struct lake){ .config = wr_config_new(), .dir = test_tempdir() };
    wr_ctx_init(&f->cx, NULL);
    f->text = wr_buf_max(1 << 20);
    wr_config_set(f->config, "destination.filesystem.bucket_url", wr_lit("lake"));
}

static void close_lake(struct lake *f)
{
    if (f->self)
        files->close(f->self);
    wr_free(f->self);
    f->self = NULL;
}

static void done(struct lake *f)
{
    /* An error that the test did not expect says why it failed. */
    if (weir_error_message(&f->cx)[0])
        test_note("%s", weir_error_message(&f->cx));
    close_lake(f);
    wr_config_free(f->config);
    wr_arena_done(&f->arena);
    wr_buf_done(&f->text);
    wr_ctx_done(&f->cx);
}

#define LAKE(f)                                                                                    \
    __attribute__((cleanup(done))) struct lake f;                                                  \
    setup(&f)

static void set(struct lake *f, const char *path, const char *value)
{
    wr_config_set(f->config, path, weir_str_of(value));
}

static weir_status open_lake(struct lake *f)
{
    close_lake(f);
    const wr_scope scope = { f->config, wr_lit("shop"), WR_SECTION("destination", "filesystem") };
    const wr_scope writing = { f->config, wr_lit("shop"), WR_SECTION("normalize") };
    weir_target target = { .pipeline = wr_lit("shop"),
                           .dataset = wr_lit("data"),
                           .name = wr_lit("filesystem"),
                           .local_dir = weir_str_of(f->dir) };
    WEIR_TRY(wr_config_resolve(&f->cx, &scope, files->options, &f->arena, &target.options));
    WEIR_TRY(wr_config_resolve(&f->cx, &writing, wr_normalize_options, &f->arena, &target.writing));
    f->self = wr_alloc(files->self_size);
    return files->open(&f->cx, f->self, &target);
}

/* ---- rows ---- */

static const weir_column order_columns[] = {
    { NAME("id"), WEIR_TYPE_BIGINT },
    { NAME("name"), WEIR_TYPE_TEXT },
};
static const weir_column wider_columns[] = {
    { NAME("id"), WEIR_TYPE_BIGINT },
    { NAME("name"), WEIR_TYPE_TEXT },
    { NAME("paid"), WEIR_TYPE_BOOL },
};
static const weir_column state_columns[] = {
    { NAME("version"), WEIR_TYPE_BIGINT },
    { NAME("state"), WEIR_TYPE_TEXT },
    { NAME("_dlt_id"), WEIR_TYPE_TEXT },
};
static const weir_table orders = { NAME("orders"), .columns = order_columns, .column_count = 2 };
static const weir_table lines = { NAME("orders__lines"), NAME("orders"), order_columns, 2 };
static const weir_table wider_orders = { NAME("orders"), .columns = wider_columns,
                                         .column_count = 3 };
static const weir_table states = { NAME("_dlt_pipeline_state"), .columns = state_columns,
                                   .column_count = 3 };

/* A stream of one batch. */
typedef struct feed {
    rows rows;
    const char *error; /* instead of the end */
} feed;

static int feed_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    feed *f = stream->private_data;
    *ret = f->rows.array;
    if (!ret->release)
        return f->error ? EIO : 0;
    f->rows.array.release = NULL;
    f->rows.batch = NULL;
    return 0;
}

static const char *feed_error(struct ArrowArrayStream *stream)
{
    const feed *f = stream->private_data;
    return f->error;
}

static weir_status write_feed(struct lake *f, const weir_table *table, weir_disposition into,
                              feed *from)
{
    (void)rows_cells(&from->rows);
    struct ArrowArrayStream stream = { .get_next = feed_next,
                                       .get_last_error = feed_error,
                                       .private_data = from };
    const weir_status status = files->write(&f->cx, f->self, table, into, &stream);
    if (from->rows.array.release)
        from->rows.array.release(&from->rows.array);
    wr_buf_done(&from->rows.out);
    wr_ctx_done(&from->rows.cx);
    return status;
}

/* Orders with ids from `first` to `last`. */
static weir_status write_orders(struct lake *f, const weir_table *table, weir_disposition into,
                                int64_t first, int64_t last)
{
    feed from = { rows_new(table->columns, table->column_count), NULL };
    for (int64_t id = first; id <= last; id++)
        ROWS_ADD(&from.rows, weir_int(id), weir_cstr("Ada"), weir_bool(true));
    return write_feed(f, table, into, &from);
}

static weir_status write_state(struct lake *f, const char *state)
{
    feed from = { rows_new(state_columns, 3), NULL };
    ROWS_ADD(&from.rows, weir_int(1), weir_cstr(state), weir_cstr("id"));
    return write_feed(f, &states, WEIR_INTO_APPEND, &from);
}

static weir_load_job job(const char *load_id)
{
    return (weir_load_job){ .load_id = weir_str_of(load_id),
                            .schema_name = wr_lit("my__shop"),
                            .engine_version = 11,
                            .schema = { 2, wr_lit("irVs"), wr_lit("{\"name\":\"it's\"}") } };
}

static weir_status begin(struct lake *f, const char *load_id)
{
    const weir_load_job load = job(load_id);
    return files->begin(&f->cx, f->self, &load);
}

static weir_status commit(struct lake *f, const char *load_id)
{
    const weir_load_job load = job(load_id);
    return files->commit(&f->cx, f->self, &load);
}

static weir_status load_orders(struct lake *f, const char *load_id, weir_disposition into,
                               int64_t first)
{
    WEIR_TRY(begin(f, load_id));
    WEIR_TRY(write_orders(f, &orders, into, first, first + 1));
    return commit(f, load_id);
}

/* ---- what is there ---- */

static void put_files(struct lake *f, int dir, weir_str prefix)
{
    wr_names names = { 0 };
    if (wr_list_dir(&f->cx, &f->arena, dir, &names) != WEIR_OK)
        return;
    for (size_t i = 0; i < names.len; i++) {
        wr_auto(close) int below = openat(dir, names.ptr[i].ptr, O_RDONLY | O_DIRECTORY);
        const weir_str path =
            wr_arena_printf(&f->arena, "%.*s%.*s", WR_STR(prefix), WR_STR(names.ptr[i]));
        if (below >= 0)
            put_files(f, below, wr_arena_printf(&f->arena, "%.*s/", WR_STR(path)));
        else
            wr_buf_printf(&f->text, "%s%.*s", f->text.len ? " " : "", WR_STR(path));
    }
}

/* All files below a folder of the lake, "" for the lake itself, by name. */
static const char *list(struct lake *f, const char *folder)
{
    const weir_str path = wr_arena_printf(&f->arena, "%s/lake/%s", f->dir, folder);
    wr_auto(close) int dir = open(path.ptr, O_RDONLY | O_DIRECTORY);
    wr_buf_clear(&f->text);
    if (dir >= 0)
        put_files(f, dir, (weir_str){ 0 });
    return wr_buf_text(&f->text);
}

static const char *content(struct lake *f, const char *path)
{
    weir_str text = { 0 };
    bool found = false;
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    const weir_str file = wr_arena_printf(&f->arena, "%s/lake/data/%s", f->dir, path);
    if (wr_file_read(&f->cx, &f->arena, AT_FDCWD, file.ptr, &text, &found) != WEIR_OK || !found)
        return "(none)";
    wr_buf_clear(&f->text);
    if (wr_packing_of(text) == WR_PLAIN) {
        wr_buf_str(&f->text, text);
        return wr_buf_text(&f->text);
    }
    char *room = wr_buf_room(&f->text, 1 << 16);
    size_t len = 0;
    if (wr_unpacker_begin(&f->cx, &unpacker, WR_GZIP, 8 << 20) != WEIR_OK)
        return "(not packed)";
    wr_unpacker_feed(&unpacker, text);
    if (wr_unpacker_take(&f->cx, &unpacker, room, 1 << 16, &len) != WEIR_OK)
        return "(damaged)";
    wr_buf_used(&f->text, len);
    return wr_buf_text(&f->text);
}

/* The first file of a table. */
static const char *first_of(struct lake *f, const char *table)
{
    weir_str names = weir_str_of(list(f, wr_arena_printf(&f->arena, "data/%s", table).ptr));
    weir_str first = { 0 };
    (void)wr_str_split(&names, ' ', &first);
    const weir_str path = wr_arena_printf(&f->arena, "%s/%.*s", table, WR_STR(first));
    return content(f, path.ptr);
}

TEST(a_new_folder_gets_the_dataset_and_the_files)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));

    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_STR(list(&f, "data/orders"), "1.0.205e8d598c.jsonl.gz");
    CHECK_STR(first_of(&f, "orders"), "{\"id\":1,\"name\":\"Ada\"}\n{\"id\":2,\"name\":\"Ada\"}\n");
    CHECK_STR(content(&f, "init"), "{\"initial_version\":2,\"current_version\":2}");
    CHECK_STR(list(&f, "data/_dlt_loads"), "my__shop__1.0.jsonl");
    CHECK(strstr(first_of(&f, "_dlt_loads"),
                 "{\"load_id\":\"1.0\",\"schema_name\":\"my__shop\",\"status\":0,"));
    CHECK(strstr(list(&f, "data/_dlt_version"), "__8ab56c.jsonl"));
    CHECK(strstr(first_of(&f, "_dlt_version"), "\"schema\":\"{\\\"name\\\":\\\"it's\\\"}\"}"));
}

TEST(nothing_is_seen_before_the_commit_and_nothing_left_by_a_rollback)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 2));
    CHECK_STR(list(&f, ""), ".weir-data-1.0/1");

    files->rollback(f.self);

    CHECK_STR(list(&f, ""), "");
    weir_restored restored;
    CHECK_OK(files->restore(&f.cx, f.self, wr_lit("my__shop"), &restored));
    CHECK(!restored.has_dataset);
    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));
    CHECK_STR(list(&f, "data/_dlt_loads"), "my__shop__2.0.jsonl");
}

TEST(what_was_stored_is_restored)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1732440000.118128"));
    CHECK_OK(write_state(&f, "{\"a\":1}"));
    CHECK_OK(commit(&f, "1732440000.118128"));
    CHECK_OK(load_orders(&f, "1732440001.5", WEIR_INTO_APPEND, 1));
    CHECK_OK(open_lake(&f));

    weir_restored restored;
    CHECK_OK(files->restore(&f.cx, f.self, wr_lit("my__shop"), &restored));

    CHECK(restored.has_dataset);
    CHECK_TEXT(restored.state, "{\"a\":1}");
    CHECK_TEXT(restored.schema, "{\"name\":\"it's\"}");
    CHECK_TEXT(restored.last_load_id, "1732440001.5");
    CHECK_STR(list(&f, "data/_dlt_pipeline_state"), "shop__1732440000.118128__8ab56c.jsonl");
    CHECK_STR(first_of(&f, "_dlt_pipeline_state"), "{\"version\":1,\"state\":\"{\\\"a\\\":1}\"}");
    bool known = false;
    CHECK_OK(files->knows(&f.cx, f.self, wr_lit("1732440001.5"), &known));
    CHECK(known);
    CHECK_OK(files->knows(&f.cx, f.self, wr_lit("1732440001"), &known));
    CHECK(!known);
}

TEST(a_known_schema_is_stored_once)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    const weir_str before = wr_arena_str(&f.arena, weir_str_of(list(&f, "data/_dlt_version")));

    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 1));

    CHECK_STR(list(&f, "data/_dlt_version"), before.ptr);
}

TEST(replacing_removes_the_files_of_earlier_loads_only)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));

    CHECK_OK(begin(&f, "2.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_REPLACE, 5, 5));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_REPLACE, 6, 6));
    CHECK_OK(commit(&f, "2.0"));

    CHECK_STR(first_of(&f, "orders"), "{\"id\":5,\"name\":\"Ada\"}\n{\"id\":6,\"name\":\"Ada\"}\n");
    CHECK(!strchr(list(&f, "data/orders"), ' '));
}

TEST(replacing_without_rows_leaves_one_empty_file)
{
    LAKE(f);
    set(&f, "normalize.loader_file_format", "csv");
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 2));
    CHECK_OK(write_orders(&f, &lines, WEIR_INTO_APPEND, 1, 2));
    CHECK_OK(commit(&f, "1.0"));

    CHECK_OK(begin(&f, "2.0"));
    const weir_table *const tables[] = { &orders, &lines };
    const weir_chain chain = { .tables = tables, .count = 2, .disposition = WEIR_INTO_REPLACE };
    CHECK_OK(files->settle(&f.cx, f.self, &chain));
    CHECK_OK(commit(&f, "2.0"));

    CHECK_STR(first_of(&f, "orders"), "\"id\",\"name\"\n");
    CHECK_STR(list(&f, "data/orders__lines"), "");
}

TEST(tables_in_one_folder_lose_their_own_files_only)
{
    LAKE(f);
    set(&f, "destination.filesystem.layout", "{table_name}.{load_id}.{file_id}.{ext}");
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 2));
    CHECK_OK(write_orders(&f, &lines, WEIR_INTO_APPEND, 1, 2));
    CHECK_OK(commit(&f, "1.0"));

    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_REPLACE, 3));

    const char *left = list(&f, "data");
    CHECK(strstr(left, "orders.2.0.") && strstr(left, "orders__lines.1.0."));
    CHECK(!strstr(left, "orders.1.0.") && strstr(left, "init"));
}

TEST(dropping_takes_files_and_stored_schemas_and_a_new_one_is_stored)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    const weir_str before = wr_arena_str(&f.arena, weir_str_of(list(&f, "data/_dlt_version")));

    const weir_load_job load = job("2.0");
    CHECK_OK(begin(&f, "2.0"));
    CHECK_OK(files->drop(&f.cx, f.self, &load, &orders.name, 1));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 7, 7));
    CHECK_OK(commit(&f, "2.0"));

    CHECK_STR(first_of(&f, "orders"), "{\"id\":7,\"name\":\"Ada\"}\n");
    const char *after = list(&f, "data/_dlt_version");
    CHECK(*after && !strstr(after, before.ptr) && !strchr(after, ' '));
}

TEST(csv_begins_another_file_when_columns_are_added)
{
    static const weir_table texts = { NAME("orders"), .columns = order_columns, .column_count = 2,
                                      .file_format = NAME("csv") };
    static const weir_table wider_texts = { NAME("orders"), .columns = wider_columns,
                                            .column_count = 3, .file_format = NAME("csv") };
    LAKE(f);
    set(&f, "normalize.data_writer.disable_compression", "true");
    CHECK_OK(open_lake(&f));

    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &texts, WEIR_INTO_APPEND, 1, 1));
    CHECK_OK(write_orders(&f, &wider_texts, WEIR_INTO_APPEND, 2, 2));
    CHECK_OK(write_orders(&f, &wider_texts, WEIR_INTO_APPEND, 3, 3));
    CHECK_OK(commit(&f, "1.0"));

    weir_str names = weir_str_of(list(&f, "data/orders"));
    wr_auto(buf) wr_buf all = wr_buf_max(1000);
    weir_str name = { 0 };
    names = wr_arena_str(&f.arena, names);
    while (wr_str_split(&names, ' ', &name)) {
        CHECK(wr_str_ends(name, wr_lit(".csv")));
        wr_buf_cstr(&all, content(&f, wr_arena_printf(&f.arena, "orders/%.*s", WR_STR(name)).ptr));
    }
    CHECK(strstr(wr_buf_text(&all), "\"id\",\"name\"\n1,\"Ada\"\n"));
    CHECK(strstr(wr_buf_text(&all), "\"id\",\"name\",\"paid\"\n2,\"Ada\",True\n3,\"Ada\",True\n"));
}

TEST(jsonl_goes_on_when_columns_are_added)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));

    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 1));
    CHECK_OK(write_orders(&f, &wider_orders, WEIR_INTO_APPEND, 2, 2));
    CHECK_OK(commit(&f, "1.0"));

    CHECK_STR(list(&f, "data/orders"), "1.0.205e8d598c.jsonl.gz");
    CHECK_INT(wr_packing_of(weir_str_of(first_of(&f, "orders"))), WR_PLAIN);
}

TEST(a_file_ends_at_its_greatest_number_of_rows)
{
    LAKE(f);
    set(&f, "normalize.data_writer.file_max_items", "2");
    CHECK_OK(open_lake(&f));

    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 3));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 4, 5));
    CHECK_OK(commit(&f, "1.0"));

    weir_str names = wr_arena_str(&f.arena, weir_str_of(list(&f, "data/orders")));
    weir_str name = { 0 };
    size_t count = 0;
    for (; wr_str_split(&names, ' ', &name); count++)
        CHECK(strlen(content(&f, wr_arena_printf(&f.arena, "orders/%.*s", WR_STR(name)).ptr)) <=
              44);
    CHECK_INT(count, 3);
}

TEST(two_files_of_one_path_are_refused)
{
    LAKE(f);
    set(&f, "destination.filesystem.layout", "{table_name}/{load_id}.{ext}");
    set(&f, "normalize.data_writer.file_max_items", "1");
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 2));

    CHECK_INT(commit(&f, "1.0"), WEIR_CONFIG);

    CHECK(strstr(weir_error_message(&f.cx), "two files of this load have the path"));
    weir_error_clear(&f.cx);
    files->rollback(f.self);
    CHECK_STR(list(&f, ""), "");
}

TEST(an_old_dataset_keeps_names_without_gz)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    CHECK(truncate(wr_arena_printf(&f.arena, "%s/lake/data/init", f.dir).ptr, 0) == 0);

    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_REPLACE, 3));

    const weir_str name = weir_str_of(list(&f, "data/orders"));
    CHECK(wr_str_ends(name, wr_lit(".jsonl")));
    CHECK_STR(content(&f, "init"), "{\"initial_version\":1,\"current_version\":2}");
    CHECK_STR(first_of(&f, "orders"), "{\"id\":3,\"name\":\"Ada\"}\n{\"id\":4,\"name\":\"Ada\"}\n");
}

TEST(a_dataset_of_a_later_version_is_left_alone)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    wr_auto(close) int dir = open(wr_arena_printf(&f.arena, "%s/lake/data", f.dir).ptr, O_RDONLY);
    CHECK_OK(wr_file_publish(&f.cx, dir, "init",
                             wr_lit("{\"initial_version\":2,\"current_version\":3}")));

    CHECK_INT(begin(&f, "2.0"), WEIR_UNSUPPORTED);

    CHECK(strstr(weir_error_message(&f.cx), "versions 2 and 3"));
    weir_error_clear(&f.cx);
}

TEST(only_the_newest_states_of_a_pipeline_are_kept)
{
    static const char *const load_ids[] = { "1732440000.1", "1732440000.2", "1732440000.3" };
    LAKE(f);
    set(&f, "destination.filesystem.max_state_files", "2");
    CHECK_OK(open_lake(&f));

    for (size_t i = 0; i < ARRAY_LEN(load_ids); i++) {
        CHECK_OK(begin(&f, load_ids[i]));
        CHECK_OK(write_state(&f, load_ids[i]));
        CHECK_OK(commit(&f, load_ids[i]));
    }

    CHECK_STR(list(&f, "data/_dlt_pipeline_state"),
              "shop__1732440000.2__8ab56c.jsonl shop__1732440000.3__8ab56c.jsonl");
}

TEST(rows_that_fail_fail_the_load_with_their_own_words)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    feed from = { rows_new(order_columns, 2), "the source is gone" };
    ROWS_ADD(&from.rows, weir_int(1), weir_cstr("Ada"));

    CHECK_INT(write_feed(&f, &orders, WEIR_INTO_APPEND, &from), WEIR_IO);

    CHECK_STR(weir_error_message(&f.cx), "loading table 'orders': the source is gone");
    weir_error_clear(&f.cx);
    files->rollback(f.self);
    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));
    CHECK_STR(first_of(&f, "orders"), "{\"id\":3,\"name\":\"Ada\"}\n{\"id\":4,\"name\":\"Ada\"}\n");
}

TEST(a_value_that_csv_cannot_hold_names_row_and_column)
{
    static const weir_column columns[] = { { NAME("id"), WEIR_TYPE_BIGINT },
                                           { NAME("raw"), WEIR_TYPE_BINARY } };
    static const weir_table table = { NAME("raws"), .columns = columns, .column_count = 2,
                                      .file_format = NAME("csv") };
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    feed from = { rows_new(columns, 2), NULL };
    ROWS_ADD(&from.rows, weir_int(1), weir_bytes("ok", 2));
    ROWS_ADD(&from.rows, weir_int(2), weir_bytes("\xff", 1));

    CHECK_INT(write_feed(&f, &table, WEIR_INTO_APPEND, &from), WEIR_REJECTED);

    CHECK(strstr(weir_error_message(&f.cx), "table 'raws': row 2: column 'raw'"));
    weir_error_clear(&f.cx);
}

TEST(other_places_and_formats_are_refused_with_a_hint)
{
    static const struct {
        const char *path;
        const char *value;
        const char *why;
    } cases[] = {
        { "destination.filesystem.bucket_url", "s3://bucket/lake", "not yet to s3" },
        { "destination.filesystem.bucket_url", "file://host/lake", "no absolute path" },
        { "normalize.data_writer.encoding", "latin-1", "encoding is 'latin-1'" },
        { "normalize.data_writer.file_max_items", "-1", "file_max_items is -1" },
        { "normalize.data_writer.quoting", "some", "no quoting of csv" },
    };
    static const weir_table parquet = { NAME("orders"), .columns = order_columns, .column_count = 2,
                                        .file_format = NAME("parquet") };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        LAKE(f);
        set(&f, cases[i].path, cases[i].value);
        CHECK(open_lake(&f) != WEIR_OK);
        CHECK(strstr(weir_error_message(&f.cx), cases[i].why));
        CHECK(*weir_error_hint(&f.cx));
        weir_error_clear(&f.cx);
    }
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_INT(files->write(&f.cx, f.self, &parquet, WEIR_INTO_APPEND, NULL), WEIR_UNSUPPORTED);
    weir_error_clear(&f.cx);
}

TEST(a_file_url_names_the_folder)
{
    LAKE(f);
    set(&f, "destination.filesystem.bucket_url",
        wr_arena_printf(&f.arena, "file://%s/a%%20lake/", f.dir).ptr);

    CHECK_OK(open_lake(&f));

    CHECK_STR(files->location(f.self).ptr,
              wr_arena_printf(&f.arena, "file://%s/a lake", f.dir).ptr);
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    CHECK(access(wr_arena_printf(&f.arena, "%s/a lake/data/init", f.dir).ptr, F_OK) == 0);
}

/* ---- commits that go wrong ---- */

#ifdef WEIR_FAULTS

TEST(a_commit_that_fails_takes_back_what_it_has_published)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 2));

    wr_fault_set(
        "io.rename@4=EIO"); /* behind that of what is written down, of init and of the schema */
    CHECK_INT(commit(&f, "1.0"), WEIR_IO);
    wr_fault_set(NULL);

    weir_error_clear(&f.cx);
    files->rollback(f.self);
    CHECK_STR(list(&f, ""), "");
    CHECK(access(wr_arena_printf(&f.arena, "%s/lake/data", f.dir).ptr, F_OK) != 0);
    CHECK_OK(load_orders(&f, "2.0", WEIR_INTO_APPEND, 3));
}

TEST(a_load_that_counts_is_finished_by_whoever_opens_the_lake_next)
{
    LAKE(f);
    CHECK_OK(open_lake(&f));
    CHECK_OK(load_orders(&f, "1.0", WEIR_INTO_APPEND, 1));
    CHECK_OK(begin(&f, "2.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_REPLACE, 3, 3));

    wr_fault_set("io.unlink@1=EACCES");
    CHECK_INT(commit(&f, "2.0"), WEIR_IO);
    wr_fault_set(NULL);
    CHECK(strstr(weir_error_message(&f.cx), "the next run does the rest"));
    weir_error_clear(&f.cx);
    files->rollback(f.self);
    CHECK_OK(open_lake(&f));

    CHECK_STR(first_of(&f, "orders"), "{\"id\":3,\"name\":\"Ada\"}\n");
    CHECK(!strchr(list(&f, "data/orders"), ' '));
    CHECK(!strstr(list(&f, ""), ".weir-"));
}

#endif

TEST(a_load_on_its_way_is_not_swept_by_another)
{
    LAKE(f);
    LAKE(other);
    other.dir = f.dir;
    CHECK_OK(open_lake(&f));
    CHECK_OK(begin(&f, "1.0"));
    CHECK_OK(write_orders(&f, &orders, WEIR_INTO_APPEND, 1, 2));

    CHECK_OK(open_lake(&other));
    CHECK_OK(load_orders(&other, "2.0", WEIR_INTO_APPEND, 3));
    CHECK_OK(commit(&f, "1.0"));

    CHECK_STR(list(&f, "data/_dlt_loads"), "my__shop__1.0.jsonl my__shop__2.0.jsonl");
}
