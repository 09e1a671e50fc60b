/* The SQL of every way to replace and to merge, held against golden/sql/<dialect>.sql. tools/regen writes these files. */
#include <fcntl.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/duckdb.h"
#include "destinations/sql_chain.h"
#include "harness/chains.h"
#include "harness/test.h"

#define MERGE .disposition = WEIR_INTO_MERGE
#define DELETE_INSERT MERGE, .merge = WEIR_MERGE_DELETE_INSERT
#define UPSERT MERGE, .merge = WEIR_MERGE_UPSERT, .primary_key = "id"
#define INSERT_ONLY MERGE, .merge = WEIR_MERGE_INSERT_ONLY, .primary_key = "id"
#define SCD2 MERGE, .merge = WEIR_MERGE_SCD2
#define CDC MERGE, .merge = WEIR_MERGE_CDC
#define FILTER "region = 'eu'"
#define SCOPE "{table}.region = 'eu' AND EXISTS (SELECT 1 FROM {staging_table})"

static const test_chain cases[] = {
    { "replace", .disposition = WEIR_INTO_REPLACE, .levels = 1 },

    { "delete-insert without keys", DELETE_INSERT },
    { "delete-insert without keys, nested", DELETE_INSERT, .levels = 1 },
    { "delete-insert", DELETE_INSERT, .primary_key = "id" },
    { "delete-insert, compound key", DELETE_INSERT, .primary_key = "id,region" },
    { "delete-insert, nested", DELETE_INSERT, .primary_key = "id", .levels = 2 },
    { "delete-insert by merge key", DELETE_INSERT, .merge_key = "region" },
    { "delete-insert by merge key, nested", DELETE_INSERT, .merge_key = "region", .levels = 1 },
    { "delete-insert by both keys", DELETE_INSERT, .primary_key = "id", .merge_key = "region,at" },
    { "delete-insert by both keys, nested", DELETE_INSERT, .primary_key = "id",
      .merge_key = "region", .levels = 1 },
    { "delete-insert, hard delete and sort", DELETE_INSERT, .primary_key = "id",
      .hard_delete = "deleted", .keep_last = "at" },
    { "delete-insert, hard delete and sort, nested", DELETE_INSERT, .primary_key = "id",
      .hard_delete = "gone", .keep_first = "at", .levels = 2 },
    { "delete-insert without keys, hard delete, nested", DELETE_INSERT, .hard_delete = "deleted",
      .levels = 1 },
    { "delete-insert, deduplicated", DELETE_INSERT, .primary_key = "id", .deduplicated = true,
      .levels = 1 },
    { "delete-insert, parent key for a root key", DELETE_INSERT, .primary_key = "id", .levels = 1,
      .no_root_key = true },
    { "delete-insert, source filter", DELETE_INSERT, .primary_key = "id", .source_filter = FILTER },
    { "delete-insert, source filter, nested", DELETE_INSERT, .primary_key = "id", .levels = 1,
      .source_filter = FILTER },
    { "delete-insert, destination scope", DELETE_INSERT, .destination_scope = SCOPE, .levels = 1 },

    { "upsert", UPSERT },
    { "upsert, hard delete, nested", UPSERT, .hard_delete = "deleted", .levels = 2 },
    { "upsert, unchanged rows left alone, nested", UPSERT, .skip_unchanged = true, .levels = 1 },
    { "upsert, row version, source filter, nested", UPSERT, .skip_unchanged = true,
      .row_version = "note", .source_filter = FILTER, .levels = 1 },

    { "insert-only", INSERT_ONLY },
    { "insert-only, hard delete, nested", INSERT_ONLY, .hard_delete = "deleted", .levels = 1,
      .no_root_key = true },

    { "scd2", SCD2 },
    { "scd2, nested, versions have an end", SCD2, .levels = 2, .no_root_key = true, .ends = true },
    { "scd2 by merge key", SCD2, .merge_key = "id,region" },
    { "scd2, row version", SCD2, .row_version = "note", .levels = 1, .no_root_key = true },
    { "scd2, source filter, nested", SCD2, .levels = 2, .no_root_key = true,
      .source_filter = FILTER },
    { "scd2, destination scope", SCD2, .destination_scope = SCOPE },

    { "cdc", CDC, .primary_key = "id" },
    { "cdc, compound key, merge key, hard delete, nested", CDC, .primary_key = "id,region",
      .merge_key = "at", .hard_delete = "deleted", .levels = 1 },
    { "cdc, destination scope, source filter, nested", CDC, .primary_key = "id",
      .destination_scope = SCOPE, .source_filter = FILTER, .levels = 1 },
};

static const char *const postgres_swap[] = {
    "DROP TABLE IF EXISTS {table}",
    "ALTER TABLE {staged} SET SCHEMA {dataset}",
    "CREATE TABLE {staged} (LIKE {table} INCLUDING ALL)",
    NULL,
};
static const wr_sql_driver postgres = { .dialect = { .truncates = true, .swap = postgres_swap } };

static wr_sql open_sql(const wr_sql_driver *driver)
{
    return (wr_sql){
        .driver = driver,
        .dataset = { .name = wr_lit("shop"), .path = wr_lit("\"shop\"") },
        .staging = { .name = wr_lit("shop_staging"), .path = wr_lit("\"shop_staging\"") },
    };
}

static weir_status append_script(weir_ctx *cx, const wr_sql *sql, const test_chain *what,
                                 const char *name, wr_buf *out)
{
    wr_sql_script script;
    WEIR_TRY(wr_sql_settle_script(cx, sql, test_chain_make(what), &script));
    wr_buf_printf(out, "%s-- %s\n", out->len > 0 ? "\n" : "", name);
    for (size_t i = 0; i < script.statements.len; i++)
        wr_buf_printf(out, "%.*s;\n", WR_STR(script.statements.ptr[i]));
    wr_sql_script_done(&script);
    return WEIR_OK;
}

static weir_status append_scripts(weir_ctx *cx, const wr_sql_driver *driver, wr_buf *out)
{
    wr_sql sql = open_sql(driver);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        WEIR_TRY(append_script(cx, &sql, &cases[i], cases[i].name, out));
    if (!driver->dialect.swap)
        return WEIR_OK;
    sql.replace = WR_SQL_SWAP;
    return append_script(cx, &sql, &cases[0], "replace by tables that change places", out);
}

/* The files are long: the first line that differs is shown, and the case that it belongs to. */
static void check_lines(const char *dialect, weir_str actual, weir_str expected)
{
    weir_str name = { 0 };
    weir_str line;
    weir_str should;
    while (actual.len > 0 || expected.len > 0) {
        line = should = (weir_str){ 0 };
        (void)wr_str_split(&actual, '\n', &line); /* one may have more lines */
        (void)wr_str_split(&expected, '\n', &should);
        if (wr_str_starts(should, wr_lit("-- ")))
            name = should;
        if (!wr_str_eq(line, should))
            FAIL("%s.sql, %.*s\n    actual:   %.*s\n    expected: %.*s\n"
                 "    meant? tools/regen writes the file anew",
                 dialect, WR_STR(name), WR_STR(line), WR_STR(should));
    }
}

/* Compare with the file of the dialect, or write it. */
static void check_dialect(const char *dialect, const wr_sql_driver *driver)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 20);
    wr_ctx_init(&cx, NULL);
    if (append_scripts(&cx, driver, &text) != WEIR_OK)
        FAIL("%s", weir_error_message(&cx));

    char path[1024];
    snprintf(path, sizeof(path), "%s/golden/sql/%s.sql", WEIR_TESTS_DIR, dialect);
    if (getenv("WEIR_REGEN")) {
        FILE *file = fopen(path, "w");
        CHECK(file && fwrite(text.ptr, 1, text.len, file) == text.len && fclose(file) == 0);
        return;
    }
    weir_str expected = { 0 };
    bool found = false;
    CHECK_OK(wr_file_read(&cx, &arena, AT_FDCWD, path, &expected, &found));
    CHECK(found);
    check_lines(dialect, wr_buf_view(&text), expected);
}

TEST(every_way_to_write_has_the_sql_of_its_golden_file_for_duckdb)
{
    check_dialect("duckdb", &wr_duckdb_driver);
}

TEST(every_way_to_write_has_the_sql_of_its_golden_file_for_postgres)
{
    check_dialect("postgres", &postgres);
}

/* What cannot be merged, and why. */
static void check_refused(const test_chain *what, weir_status expected, const char *message)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    const wr_sql sql = open_sql(&wr_duckdb_driver);
    wr_sql_script script;
    CHECK_INT(wr_sql_settle_script(&cx, &sql, test_chain_make(what), &script), expected);
    CHECK_STR(weir_error_message(&cx), message);
    CHECK(*weir_error_hint(&cx));
}

TEST(a_merge_without_the_key_that_it_needs_says_which)
{
    const test_chain keyless = { .disposition = WEIR_INTO_MERGE, .merge = WEIR_MERGE_UPSERT };
    check_refused(&keyless, WEIR_SCHEMA,
                  "table 'users' cannot be merged: this merge strategy needs a primary key");

    const test_chain rootless = { DELETE_INSERT, .primary_key = "id", .levels = 2,
                                  .no_root_key = true };
    check_refused(&rootless, WEIR_SCHEMA,
                  "table 'users__pets__toys' cannot be merged: it has no root key, a column that "
                  "names the row of the root table");
}

TEST(a_condition_with_braces_that_name_nothing_is_refused)
{
    const test_chain unknown = { SCD2, .destination_scope = "x = {y}" };
    check_refused(&unknown, WEIR_CONFIG,
                  "table 'users': the condition 'x = {y}' has braces that name nothing");

    const test_chain open = { SCD2, .source_filter = "x = '{'" };
    check_refused(&open, WEIR_CONFIG,
                  "table 'users': the condition 'x = '{'' has braces that name nothing");
}
