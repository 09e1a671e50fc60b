/* Every way to merge and to replace, run against a database: what is in the tables afterwards, what readers see meanwhile. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "config/config.h"
#include "destinations/duckdb.h"
#include "harness/chains.h"
#include "harness/test.h"
#include "schema/batch.h"

#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const weir_destination *const destination = &wr_destination_duckdb;

static const weir_column version_columns[] = {
    { NAME("version"), WEIR_TYPE_BIGINT },        { NAME("engine_version"), WEIR_TYPE_BIGINT },
    { NAME("inserted_at"), WEIR_TYPE_TIMESTAMP }, { NAME("schema_name"), WEIR_TYPE_TEXT },
    { NAME("version_hash"), WEIR_TYPE_TEXT },     { NAME("schema"), WEIR_TYPE_TEXT },
};
static const weir_column loads_columns[] = {
    { NAME("load_id"), WEIR_TYPE_TEXT },
    { NAME("schema_name"), WEIR_TYPE_TEXT },
    { NAME("status"), WEIR_TYPE_BIGINT },
    { NAME("inserted_at"), WEIR_TYPE_TIMESTAMP },
    { NAME("schema_version_hash"), WEIR_TYPE_TEXT },
};
static const weir_table version_table = { NAME("_dlt_version"), .columns = version_columns,
                                          .column_count = ARRAY_LEN(version_columns) };
static const weir_table loads_table = { NAME("_dlt_loads"), .columns = loads_columns,
                                        .column_count = ARRAY_LEN(loads_columns) };

struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_config *config;
    const char *dir;
    weir_str dataset;
    void *self;
    void *reader; /* another session on the same database */
};

static void *open_session(struct fixture *f)
{
    const wr_scope scope = { f->config, wr_lit("shop"), WR_SECTION("destination", "duckdb") };
    weir_target target = { .pipeline = wr_lit("shop"),
                           .dataset = f->dataset,
                           .name = wr_lit("duckdb"),
                           .local_dir = weir_str_of(f->dir) };
    void *self = wr_alloc(destination->self_size);
    if (wr_config_resolve(&f->cx, &scope, destination->options, &f->arena, &target.options) ==
            WEIR_OK &&
        destination->open(&f->cx, self, &target) == WEIR_OK)
        return self;
    destination->close(self);
    wr_free(self);
    return NULL;
}

static void close_session(void *self)
{
    if (self)
        destination->close(self);
    wr_free(self);
}

/* `dir` is empty, or the folder of another fixture: then both share the database. */
static void setup(struct fixture *f, const char *dir, weir_str dataset, const char *replace)
{
    *f = (struct fixture){ .config = wr_config_new(), .dir = dir, .dataset = dataset };
    wr_ctx_init(&f->cx, NULL);
    wr_config_set(f->config, "destination.duckdb.replace_strategy", weir_str_of(replace));
    f->self = open_session(f);
    f->reader = open_session(f);
}

static void done(struct fixture *f)
{
    if (weir_error_message(&f->cx)[0])
        test_note("%s", weir_error_message(&f->cx));
    close_session(f->reader);
    close_session(f->self);
    wr_config_free(f->config);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f, replace)                                                                        \
    __attribute__((cleanup(done))) struct fixture f;                                               \
    setup(&f, test_tempdir(), wr_lit("data"), replace)

#define TRUNCATE "truncate-and-insert"

/* ---- rows ---- */

/* One batch. */
struct rows {
    const weir_table *table;
    wr_batch *batch;
};

static int rows_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    const struct rows *rows = stream->private_data;
    wr_arrow_schema(ret, rows->batch->columns.ptr, rows->batch->columns.len);
    return 0;
}

static int rows_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    struct rows *rows = stream->private_data;
    *ret = (struct ArrowArray){ 0 };
    if (rows->batch->next)
        return 0;
    rows->batch->next = rows->batch;
    wr_batch_export(rows->batch, rows->batch->columns.ptr, rows->batch->columns.len, ret);
    return 0;
}

static const char *rows_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return "";
}

static void rows_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static void keep_batch(void *self, wr_batch *batch)
{
    (void)self, (void)batch;
}

/* A cell of a test: "-" is null, "t" and "f" truth values, numbers numbers or seconds. */
static weir_value cell_of(const weir_column *column, weir_str text)
{
    if (wr_str_eq(text, wr_lit("-")))
        return weir_null();
    char number[32];
    (void)wr_str_fit(number, sizeof(number), text);
    switch (column->type) {
    case WEIR_TYPE_BIGINT: return weir_int(strtoll(number, NULL, 10));
    case WEIR_TYPE_TIMESTAMP: return weir_timestamp(strtoll(number, NULL, 10) * 1000000);
    case WEIR_TYPE_BOOL: return weir_bool(text.ptr[0] == 't');
    default: return weir_text(text);
    }
}

/* Fill a batch from rows "1 eu, 2 us": cells of the columns that the test gives, in their order. */
static void fill_batch(wr_batch *batch, const weir_table *table, const char *const *names,
                       const char *text)
{
    weir_str rest = weir_str_of(text);
    weir_str row;
    for (size_t c = 0; c < table->column_count; c++)
        if (table->columns[c].type != WEIR_NO_TYPE)
            (void)wr_batch_add(batch, &table->columns[c]);
    while (wr_str_split(&rest, ',', &row)) {
        weir_str cell;
        row = wr_str_trim(row);
        for (size_t n = 0; wr_str_split(&row, ' ', &cell); n++)
            for (size_t c = 0; c < batch->columns.len; c++)
                if (wr_str_eq(batch->columns.ptr[c].name, weir_str_of(names[n])))
                    wr_builder_set(&batch->builders.ptr[c], batch->rows,
                                   cell_of(&batch->columns.ptr[c], cell));
        batch->rows++;
    }
    wr_batch_finish(batch);
}

static weir_status write_text(struct fixture *f, const weir_chain *chain, size_t table,
                              const char *text)
{
    static const char *const user_names[] = { "id",      "region",  "note",        "at",
                                              "deleted", "_dlt_id", "_dlt_load_id" };
    static const char *const nested_names[] = { "name", "_dlt_root_id", "_dlt_parent_id",
                                                "_dlt_id" };
    if (!text)
        return WEIR_OK;
    wr_batch *batch = wr_new(wr_batch);
    batch->released = keep_batch;
    fill_batch(batch, chain->tables[table], table ? nested_names : user_names, text);
    struct rows rows = { chain->tables[table], batch };
    struct ArrowArrayStream stream = { rows_schema, rows_next, rows_error, rows_release, &rows };
    const weir_status status =
        destination->write(&f->cx, f->self, chain->tables[table], chain->disposition, &stream);
    batch->next = NULL;
    wr_batch_free(batch);
    return status;
}

/* What one load brings. */
struct load {
    const char *users;
    const char *pets;
};

static const weir_load_job usual_job = { .load_id = wr_lit("1.0"), .schema_name = wr_lit("shop") };

static weir_status write_rows(struct fixture *f, const weir_chain *chain, const struct load *load)
{
    WEIR_TRY(write_text(f, chain, 0, load->users));
    WEIR_TRY(write_text(f, chain, 1, load->pets));
    return destination->settle(&f->cx, f->self, chain);
}

static weir_status write_load(struct fixture *f, const weir_chain *chain, const struct load *load)
{
    WEIR_TRY(destination->begin(&f->cx, f->self, &usual_job));
    return write_rows(f, chain, load);
}

static weir_status commit(struct fixture *f)
{
    weir_load_job done = usual_job;
    done.schema = (weir_stored_schema){ 1, wr_lit("h"), wr_lit("{}") };
    done.staged = (weir_stored_schema){ 2, wr_lit("s"), wr_lit("{}") };
    WEIR_TRY(destination->write(&f->cx, f->self, &version_table, WEIR_INTO_MERGE, NULL));
    WEIR_TRY(destination->write(&f->cx, f->self, &loads_table, WEIR_INTO_APPEND, NULL));
    return destination->commit(&f->cx, f->self, &done);
}

static weir_str query(struct fixture *f, void *self, const char *sql)
{
    struct ArrowArrayStream rows;
    struct ArrowArray batch = { 0 };
    weir_str text = wr_lit("nothing");
    if (destination->query(&f->cx, self, weir_str_of(sql), &rows) != WEIR_OK)
        return text;
    if (rows.get_next(&rows, &batch) == 0 && batch.release && !batch.children[0]->null_count) {
        const int32_t *offsets = batch.children[0]->buffers[1];
        const char *bytes = batch.children[0]->buffers[2];
        text = wr_arena_str(&f->arena,
                            (weir_str){ bytes + offsets[0], (size_t)(offsets[1] - offsets[0]) });
    }
    if (batch.release)
        batch.release(&batch);
    rows.release(&rows);
    return text;
}

#define USERS                                                                                      \
    "SELECT string_agg(concat_ws(' ', id, note, _dlt_id), ', ' ORDER BY id, note, _dlt_id) "       \
    "FROM users"
#define VERSIONS                                                                                     \
    "SELECT string_agg(concat_ws(' ', id, note, epoch(_dlt_valid_from)::BIGINT, "                    \
    "coalesce(epoch(_dlt_valid_to)::BIGINT::TEXT, 'on')), ', ' ORDER BY id, note, _dlt_valid_from) " \
    "FROM users"
#define PETS                                                                                       \
    "SELECT string_agg(concat_ws(' ', name, _dlt_root_id), ', ' ORDER BY name, _dlt_root_id) "     \
    "FROM users__pets"

#define TEMPORARY "SELECT count(*)::TEXT FROM duckdb_tables() WHERE temporary"

/* ---- cases ---- */

#define LOADS_MAX 3
#define MERGE .disposition = WEIR_INTO_MERGE, .merge
#define BASE                                                                                       \
    {                                                                                              \
        "1 eu a 1 - u1, 2 us b 1 - u2", "rex u1 u1 p1, tom u2 u2 p2"                               \
    }

/* Rows of users: id, region, note, at, deleted, _dlt_id; of pets: name, root, parent, _dlt_id. */
static const struct merge_case {
    test_chain chain;
    struct load loads[LOADS_MAX];
    const char *users;
    const char *pets;
} cases[] = {
    { { "rows with a key that is there are replaced, and what is below them",
        MERGE = WEIR_MERGE_DELETE_INSERT, .primary_key = "id", .levels = 1 },
      { BASE, { "2 us b2 2 - u3, 3 eu c 2 - u4", "kim u4 u4 p3" } },
      "1 a u1, 2 b2 u3, 3 c u4",
      "kim u4, rex u1" },
    { { "a flat table, compound key", MERGE = WEIR_MERGE_DELETE_INSERT,
        .primary_key = "id,region" },
      { BASE, { "1 eu a2 2 - u3, 1 us x 2 - u4" } },
      "1 a2 u3, 1 x u4, 2 b u2" },
    { { "a merge key replaces all rows that have it", MERGE = WEIR_MERGE_DELETE_INSERT,
        .merge_key = "region", .levels = 1 },
      { { "1 eu a 1 - u1, 2 us b 1 - u2, 3 eu c 1 - u3", "rex u3 u3 p1" },
        { "9 eu z 2 - u9, 9 eu z 2 - u8" } },
      "2 b u2, 9 z u8, 9 z u9",
      "nothing" },
    { { "a row goes by the primary or by the merge key", MERGE = WEIR_MERGE_DELETE_INSERT,
        .primary_key = "id", .merge_key = "region", .levels = 1 },
      { BASE, { "1 us n 2 - u3" } },
      "1 n u3",
      "nothing" },
    { { "without a key rows are appended", MERGE = WEIR_MERGE_DELETE_INSERT },
      { BASE, { "1 eu a 1 - u3" } },
      "1 a u1, 1 a u3, 2 b u2" },
    { { "null is no key", MERGE = WEIR_MERGE_DELETE_INSERT, .merge_key = "region" },
      { { "1 - a 1 - u1" }, { "1 - a 1 - u2" } },
      "1 a u1, 1 a u2" },
    { { "of rows with one key the last by the sort column comes, deletions count before",
        MERGE = WEIR_MERGE_DELETE_INSERT, .primary_key = "id", .keep_last = "at",
        .hard_delete = "deleted", .levels = 1 },
      { BASE,
        { "1 eu v1 1 - u3, 1 eu v2 2 - u4, 2 us x 1 - u5, 2 us y 2 t u6, 3 eu c 1 f u7",
          "old u3 u3 p3, new u4 u4 p4, x u5 u5 p5" } },
      "1 v2 u4, 3 c u7",
      "new u4" },
    { { "of rows with one key one comes", MERGE = WEIR_MERGE_DELETE_INSERT, .primary_key = "id",
        .keep_first = "at" },
      { BASE, { "1 eu v2 2 - u3, 1 eu v1 1 - u4" } },
      "1 v1 u4, 2 b u2" },
    { { "deletions without a key are left out", MERGE = WEIR_MERGE_DELETE_INSERT,
        .hard_delete = "deleted", .levels = 1 },
      { { "1 eu a 1 t u1, 2 us b 1 - u2", "rex u1 u1 p1, tom u2 u2 p2" } },
      "2 b u2",
      "tom u2" },
    { { "only rows for which the filter holds are merged", MERGE = WEIR_MERGE_DELETE_INSERT,
        .primary_key = "id", .source_filter = "region = 'us'", .levels = 1 },
      { { "2 us b 1 - u2", "tom u2 u2 p2" },
        { "2 us b2 2 - u3, 3 eu c 2 - u4", "kim u3 u3 p3, leo u4 u4 p4" } },
      "2 b2 u3",
      "kim u3" },
    { { "the scope says what goes", MERGE = WEIR_MERGE_DELETE_INSERT,
        .destination_scope = "{table}.region = 'us'", .levels = 1 },
      { BASE, { "3 eu c 2 - u3", "kim u3 u3 p3" } },
      "1 a u1, 3 c u3",
      "kim u3, rex u1" },

    { { "rows are updated by their key, lists shrink", MERGE = WEIR_MERGE_UPSERT,
        .primary_key = "id", .levels = 1 },
      { { "1 eu a 1 - u1, 2 us b 1 - u2", "rex u1 u1 p1, tom u1 u1 p2, kim u2 u2 p3" },
        { "1 eu a2 2 - u1, 3 eu c 2 - u3", "rex2 u1 u1 p1, leo u3 u3 p4" } },
      "1 a2 u1, 2 b u2, 3 c u3",
      "kim u2, leo u3, rex2 u1" },
    { { "an upsert deletes what is marked; what was never there comes marked",
        MERGE = WEIR_MERGE_UPSERT, .primary_key = "id", .hard_delete = "deleted", .levels = 1 },
      { BASE, { "1 eu a2 2 t u1, 3 eu c 2 t u3", "leo u3 u3 p3" } },
      "2 b u2, 3 c u3",
      "tom u2" },
    { { "of new rows with one key one updates the row", MERGE = WEIR_MERGE_UPSERT,
        .primary_key = "id" },
      { BASE, { "1 eu a2 2 - u1, 1 eu a2 2 - u1" } },
      "1 a2 u1, 2 b u2" },
    { { "what is as it was keeps its load", MERGE = WEIR_MERGE_UPSERT, .primary_key = "id",
        .skip_unchanged = true },
      { { "1 eu a 1 - u1 L1, 2 us b 1 - u2 L1" }, { "1 eu a 1 - x1 L2, 2 us b2 1 - x2 L2" } },
      "1 a u1, 2 b2 x2" },

    { { "rows that are there stay as they are", MERGE = WEIR_MERGE_INSERT_ONLY, .primary_key = "id",
        .hard_delete = "deleted", .levels = 1 },
      { BASE, { "1 eu n 2 - u1, 3 eu c 2 - u3, 4 eu d 2 t u4", "new u1 u1 p1, leo u3 u3 p3" } },
      "1 a u1, 2 b u2, 3 c u3",
      "leo u3, rex u1, tom u2" },

    { { "cdc deletes what is not there any more", MERGE = WEIR_MERGE_CDC, .primary_key = "id",
        .hard_delete = "deleted", .levels = 1 },
      { { "1 eu a 1 - u1, 2 us b 1 - u2, 3 eu c 1 - u3",
          "rex u1 u1 p1, tom u2 u2 p2, kim u3 u3 p3" },
        { "1 eu a2 2 - u1, 3 eu c 2 t u3, 4 eu d 2 t u4", "rex u1 u1 p1" } },
      "1 a2 u1",
      "rex u1" },
    { { "cdc within the merge key", MERGE = WEIR_MERGE_CDC, .primary_key = "id",
        .merge_key = "region", .levels = 1 },
      { BASE, { "3 us c 2 - u3" } },
      "1 a u1, 3 c u3",
      "rex u1" },

    { { "versions end and begin", MERGE = WEIR_MERGE_SCD2, .levels = 1, .no_root_key = true },
      { { "1 eu a 1 - h1, 2 us b 1 - h2", "rex h1 h1 p1, tom h2 h2 p2" },
        { "2 us b 1 - h2, 3 eu c 1 - h3", "tom h2 h2 p2, kim h3 h3 p3" },
        { "1 eu a 1 - h1, 2 us b 1 - h2, 3 eu c 1 - h3", "rex h1 h1 p1, tom h2 h2 p2" } },
      "1 a 1 2, 1 a 3 on, 2 b 1 on, 3 c 2 on" },
    { { "versions end within the merge key only", MERGE = WEIR_MERGE_SCD2, .merge_key = "id,region",
        .no_root_key = true },
      { { "1 eu a 1 - h1, 2 us b 1 - h2" }, { "1 eu a2 1 - h3" } },
      "1 a 1 2, 1 a2 2 on, 2 b 1 on" },
    { { "versions that hold have an end", MERGE = WEIR_MERGE_SCD2, .ends = true },
      { { "1 eu a 1 - h1, 2 us b 1 - h2" }, { "2 us b 1 - h2" } },
      "1 a 1 2, 2 b 1 253402214400" },
};

static weir_status load_all(struct fixture *f, const struct merge_case *test)
{
    for (int i = 0; i < LOADS_MAX && test->loads[i].users; i++) {
        weir_chain chain = *test_chain_make(&test->chain);
        chain.boundary = (i + 1) * 1000000;
        WEIR_TRY(write_load(f, &chain, &test->loads[i]));
        WEIR_TRY(commit(f));
    }
    return WEIR_OK;
}

static bool is(const struct merge_case *test, const char *what, weir_str actual,
               const char *expected)
{
    if (!expected || wr_str_eq(actual, weir_str_of(expected)))
        return true;
    test_note("%s: %s are '%.*s', not '%s'", test->chain.name, what, WR_STR(actual), expected);
    return false;
}

/* Opening a database takes longer than all the rest: one is kept open. */
static bool passes(struct fixture *open, size_t number, const struct merge_case *test)
{
    __attribute__((cleanup(done))) struct fixture f;
    setup(&f, open->dir, wr_arena_printf(&open->arena, "case_%zu", number), TRUNCATE);
    if (load_all(&f, test) != WEIR_OK)
        return is(test, "loads", weir_str_of(weir_error_message(&f.cx)), "well");
    const bool versions = test->chain.merge == WEIR_MERGE_SCD2;
    const weir_str users = query(&f, f.reader, versions ? VERSIONS : USERS);
    return is(test, "users", users, test->users) &&
           (!test->pets || is(test, "pets", query(&f, f.reader, PETS), test->pets)) &&
           is(test, "temporary tables", query(&f, f.self, TEMPORARY), "0");
}

TEST(every_way_to_merge_gives_the_rows_that_it_should)
{
    FIXTURE(f, TRUNCATE);
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        failed += !passes(&f, i, &cases[i]);
    test_cases("merge", (int)ARRAY_LEN(cases), failed);
}

/* ---- what readers see ---- */

static const test_chain by_id = { .disposition = WEIR_INTO_MERGE,
                                  .primary_key = "id",
                                  .levels = 1 };
static const struct load first = BASE;
static const struct load second = { "2 us b2 2 - u3", NULL };

TEST(readers_see_a_merge_when_it_is_committed)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));

    CHECK_OK(write_load(&f, test_chain_make(&by_id), &second));
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_STR(query(&f, f.reader, PETS).ptr, "rex u1, tom u2");
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b2 u3");
    CHECK_STR(query(&f, f.reader, PETS).ptr, "rex u1");
}

TEST(a_merge_that_is_rolled_back_leaves_nothing)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));

    CHECK_OK(write_load(&f, test_chain_make(&by_id), &second));
    destination->rollback(f.self);

    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_STR(query(&f, f.reader, "SELECT string_agg(note, ' ') FROM data_staging.users").ptr,
              "a b");
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &second));
    CHECK_OK(commit(&f));
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b2 u3");
}

TEST(an_upsert_leaves_columns_alone_that_weir_does_not_know)
{
    static const test_chain upsert = { .disposition = WEIR_INTO_MERGE,
                                       .merge = WEIR_MERGE_UPSERT,
                                       .primary_key = "id" };
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&upsert), &first));
    CHECK_OK(commit(&f));
    (void)query(&f, f.reader, "ALTER TABLE users ADD COLUMN seen TEXT");
    (void)query(&f, f.reader, "UPDATE users SET seen = 'by ' || note RETURNING seen");

    CHECK_OK(write_load(&f, test_chain_make(&upsert), &second));
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader,
                    "SELECT string_agg(concat_ws(' ', id, note, seen), ', ' ORDER BY id) "
                    "FROM users")
                  .ptr,
              "1 a by a, 2 b2 by b");
}

TEST(what_the_last_load_brought_stays_staged)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &second));
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, "SELECT string_agg(note, ' ') FROM data_staging.users").ptr,
              "b2");
    CHECK_STR(query(&f, f.reader, "SELECT string_agg(name, ' ') FROM data_staging.users__pets").ptr,
              "nothing");
    CHECK_STR(query(&f, f.reader,
                    "SELECT concat_ws(' ', count(*), min(version_hash)) "
                    "FROM data_staging._dlt_version")
                  .ptr,
              "1 s");
}

/* A reader that looks again and again while loads are committed. */
struct poll {
    struct fixture *f;
    atomic_bool stop;
    int looks;
    int torn; /* how often there was a state that no load leaves */
};

static weir_status poll_users(weir_ctx *cx, void *arg)
{
    struct poll *poll = arg;
    struct fixture f = { .cx = *cx };
    while (!atomic_load(&poll->stop)) {
        const weir_str seen = query(&f, poll->f->reader,
                                    "SELECT concat_ws(' ', count(*), count(DISTINCT note), "
                                    "(SELECT string_agg(name) FROM users__pets) = min(note)) "
                                    "FROM users");
        poll->looks++;
        poll->torn += !wr_str_eq(seen, wr_lit("2 1 true"));
        wr_arena_reset(&f.arena);
    }
    wr_arena_done(&f.arena);
    return WEIR_OK;
}

/* Begin a load anew: drop its tables, or empty them. */
static weir_status refresh(struct fixture *f, const weir_chain *chain, bool drops)
{
    weir_str names[2];
    for (size_t i = 0; i < chain->count; i++)
        names[i] = chain->tables[i]->name;
    if (drops)
        return destination->drop(&f->cx, f->self, &usual_job, names, chain->count);
    for (size_t i = 0; i < chain->count; i++)
        WEIR_TRY(destination->empty(&f->cx, f->self, chain->tables[i]));
    return WEIR_OK;
}

/* Load `number` of many: all rows have it, in whatever way they come. */
static weir_status load_numbered(struct fixture *f, int number)
{
    static const weir_merge merges[] = { WEIR_MERGE_DELETE_INSERT, WEIR_MERGE_UPSERT,
                                         WEIR_MERGE_CDC };
    char users[64];
    char pets[32];
    snprintf(users, sizeof(users), "1 eu n%d 1 - u1, 2 us n%d 1 - u2", number, number);
    snprintf(pets, sizeof(pets), "n%d u1 u1 p1", number);
    const weir_chain *chain = test_chain_make(&(test_chain){
        .disposition = number % 4 ? WEIR_INTO_MERGE : WEIR_INTO_REPLACE,
        .merge = merges[number % 3],
        .primary_key = "id",
        .levels = 1,
    });
    WEIR_TRY(destination->begin(&f->cx, f->self, &usual_job));
    if (number % 5 == 0)
        WEIR_TRY(refresh(f, chain, number % 2));
    WEIR_TRY(write_rows(f, chain, &(struct load){ users, pets }));
    return commit(f);
}

static weir_status load_many(struct fixture *f, int from, int to)
{
    for (int i = from; i < to; i++)
        WEIR_TRY(load_numbered(f, i));
    return WEIR_OK;
}

/* The sanitizers make a load slow: `make check` has fewer of them. */
static int polled_loads(void)
{
    return getenv("WEIR_ALL_SUITES") ? 100 : 20;
}

static void check_poll(const char *replace)
{
    FIXTURE(f, replace);
    struct poll poll = { .f = &f };
    wr_thread reader = { 0 };
    CHECK_OK(load_numbered(&f, 0));
    CHECK_OK(wr_thread_start(&f.cx, &reader, "reader", poll_users, &poll));

    const weir_status status = load_many(&f, 1, polled_loads() + 1);
    atomic_store(&poll.stop, true);
    CHECK_OK(wr_thread_join(&f.cx, &reader));

    CHECK_OK(status);
    CHECK(poll.looks > 0);
    CHECK_INT(poll.torn, 0);
}

TEST(a_reader_never_sees_a_state_between_two_loads)
{
    check_poll(TRUNCATE);
    check_poll("insert-from-staging");
}

/* Replacing gives the same rows in every way, and none is gone before others are there. */
static void check_replace(const char *strategy)
{
    const test_chain all = { .disposition = WEIR_INTO_REPLACE, .levels = 1 };
    FIXTURE(f, strategy);
    CHECK_OK(write_load(&f, test_chain_make(&all), &first));
    CHECK_OK(commit(&f));

    CHECK_OK(write_load(&f, test_chain_make(&all), &second));
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, USERS).ptr, "2 b2 u3");
    CHECK_STR(query(&f, f.reader, PETS).ptr, "nothing");
}

TEST(every_way_to_replace_gives_the_same_rows_at_once)
{
    check_replace(TRUNCATE);
    check_replace("insert-from-staging");
}

TEST(a_way_to_replace_that_the_database_does_not_have_is_refused)
{
    FIXTURE(f, "staging-optimized");

    CHECK(!f.self);
    CHECK_STR(weir_error_message(&f.cx),
              "the destination has no replace_strategy 'staging-optimized'");
    CHECK_STR(weir_error_hint(&f.cx), "it has truncate-and-insert, insert-from-staging");
    weir_error_clear(&f.cx);
}

/* ---- what is taken away ---- */

#define TABLES(dataset)                                                                            \
    "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM duckdb_tables() "                 \
    "WHERE table_name LIKE 'users%' AND schema_name = '" dataset "'"
#define STORED(dataset) "SELECT count(*)::TEXT FROM " dataset "._dlt_version"

static weir_status drop_tables(struct fixture *f, const char *schema_name)
{
    const weir_str names[] = { wr_lit("users__pets"), wr_lit("users"), wr_lit("never_there") };
    const weir_load_job load = { .load_id = wr_lit("2.0"),
                                 .schema_name = weir_str_of(schema_name) };
    WEIR_TRY(destination->begin(&f->cx, f->self, &load));
    return destination->drop(&f->cx, f->self, &load, names, ARRAY_LEN(names));
}

TEST(dropped_tables_are_gone_with_the_commit_and_those_that_are_staged_too)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));

    CHECK_OK(drop_tables(&f, "shop"));
    CHECK_STR(query(&f, f.reader, TABLES("data")).ptr, "users users__pets");
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, TABLES("data")).ptr, "nothing");
    CHECK_STR(query(&f, f.reader, TABLES("data_staging")).ptr, "nothing");
}

TEST(dropping_forgets_the_versions_of_its_schema_only)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));

    CHECK_OK(drop_tables(&f, "another"));
    CHECK_STR(query(&f, f.self, STORED("data")).ptr, "1");
    CHECK_STR(query(&f, f.self, STORED("data_staging")).ptr, "1");
    destination->rollback(f.self);

    CHECK_OK(drop_tables(&f, "shop"));
    CHECK_STR(query(&f, f.self, STORED("data")).ptr, "0");
    CHECK_STR(query(&f, f.self, STORED("data_staging")).ptr, "0");
    destination->rollback(f.self);
}

TEST(a_drop_that_is_rolled_back_has_dropped_nothing)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));

    CHECK_OK(drop_tables(&f, "shop"));
    destination->rollback(f.self);

    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_STR(query(&f, f.reader, STORED("data")).ptr, "1");
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &second));
    CHECK_OK(commit(&f));
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b2 u3");
}

TEST(a_dropped_table_is_made_again_by_the_rows_of_the_same_load)
{
    FIXTURE(f, TRUNCATE);
    CHECK_OK(write_load(&f, test_chain_make(&by_id), &first));
    CHECK_OK(commit(&f));

    const weir_chain *chain = test_chain_make(&by_id);
    CHECK_OK(drop_tables(&f, "shop"));
    CHECK_OK(write_text(&f, chain, 0, second.users));
    CHECK_OK(destination->settle(&f.cx, f.self, chain));
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, USERS).ptr, "2 b2 u3");
}

TEST(an_emptied_table_keeps_its_columns_and_takes_the_rows_of_the_load)
{
    const test_chain all = { .disposition = WEIR_INTO_APPEND, .levels = 1 };
    FIXTURE(f, TRUNCATE);
    const weir_chain *chain = test_chain_make(&all);
    const weir_load_job load = { .load_id = wr_lit("2.0"), .schema_name = wr_lit("shop") };
    CHECK_OK(destination->begin(&f.cx, f.self, &load));
    CHECK_OK(write_text(&f, chain, 0, first.users));
    CHECK_OK(write_text(&f, chain, 1, first.pets));
    CHECK_OK(commit(&f));

    CHECK_OK(destination->begin(&f.cx, f.self, &load));
    CHECK_OK(destination->empty(&f.cx, f.self, chain->tables[1]));
    CHECK_OK(destination->empty(&f.cx, f.self, chain->tables[0]));
    CHECK_OK(write_text(&f, chain, 0, second.users));
    CHECK_STR(query(&f, f.reader, USERS).ptr, "1 a u1, 2 b u2");
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, USERS).ptr, "2 b2 u3");
    CHECK_STR(query(&f, f.reader, PETS).ptr, "nothing");
    CHECK_STR(query(&f, f.reader, TABLES("data")).ptr, "users users__pets");
}

TEST(a_table_that_is_not_there_is_made_when_it_is_to_be_emptied)
{
    FIXTURE(f, TRUNCATE);
    const weir_chain *chain = test_chain_make(&by_id);
    const weir_load_job load = { .load_id = wr_lit("2.0"), .schema_name = wr_lit("shop") };

    CHECK_OK(destination->begin(&f.cx, f.self, &load));
    CHECK_OK(destination->empty(&f.cx, f.self, chain->tables[0]));
    CHECK_OK(commit(&f));

    CHECK_STR(query(&f, f.reader, TABLES("data")).ptr, "users");
}

TEST(the_staging_dataset_is_not_the_dataset)
{
    FIXTURE(f, TRUNCATE);
    wr_config_set(f.config, "destination.duckdb.staging_dataset_name_layout", wr_lit("%s"));

    CHECK(!open_session(&f));
    CHECK(strstr(weir_error_message(&f.cx), "the name of the dataset"));
    weir_error_clear(&f.cx);
}
