/* Tests of schema/schema.h: fresh schemas, copies, sharing. */
#include "schema/schema.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

static const wr_new_column NAME_COLUMN = { { "name", 4 }, WEIR_TYPE_TEXT, false };

/* Add a text column `name` to a table nested in dlt's table of loads. */
static weir_status add_name(wr_schema *schema, weir_str table)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    return wr_schema_add_columns(&cx, schema, table, wr_lit("_dlt_loads"), &NAME_COLUMN, 1);
}

TEST(a_fresh_schema_has_the_tables_of_dlt)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("event"));

    CHECK_INT(schema->tables.len, 2);
    const wr_table *loads = wr_schema_table(schema, wr_lit("_dlt_loads"));
    CHECK(loads != NULL);
    CHECK_INT(loads->pub.column_count, 5);
    CHECK_TEXT(loads->pub.columns[0].name, "load_id");
    CHECK_INT(loads->pub.columns[0].type, WEIR_TYPE_TEXT);
    CHECK_INT(loads->pub.columns[0].precision, 64);
    CHECK_INT(loads->pub.columns[0].hints, WEIR_HINT_NOT_NULL);
    CHECK_INT(loads->pub.columns[1].hints, 0);
    CHECK_TEXT(loads->write, "skip");
    CHECK_TEXT(loads->resource, "_dlt_loads");
    CHECK(wr_schema_table(schema, wr_lit("_dlt_pipeline_state")) == NULL);
}

TEST(a_fresh_schema_has_the_hash_of_dlt)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("event"));

    wr_schema_bump(schema);

    CHECK_STR(schema->hash, "7rrLHV6HlNNt87Iow3579/TL4v1jEGnekjvZAegpr34=");
    CHECK_INT(schema->version, 1);
    CHECK_INT(schema->previous.len, 0);
}

TEST(columns_are_found_by_name)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    const wr_table *table = wr_schema_table(schema, wr_lit("_dlt_version"));

    CHECK_INT(wr_table_column(table, wr_lit("version")), 0);
    CHECK_INT(wr_table_column(table, wr_lit("schema")), 5);
    CHECK_INT(wr_table_column(table, wr_lit("sch")), -1);
}

TEST(a_clone_shares_tables_until_they_change)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    wr_auto(schema) wr_schema *clone = wr_schema_clone(schema);

    CHECK_OK(add_name(clone, wr_lit("_dlt_loads")));

    const weir_str loads = wr_lit("_dlt_loads");
    const weir_str version = wr_lit("_dlt_version");
    CHECK(wr_schema_table(schema, loads) != wr_schema_table(clone, loads));
    CHECK(wr_schema_table(schema, version) == wr_schema_table(clone, version));
    CHECK_INT(wr_table_column(wr_schema_table(schema, loads), wr_lit("name")), -1);
    CHECK_INT(wr_table_column(wr_schema_table(clone, loads), wr_lit("name")), 5);
}

TEST(a_clone_outlives_its_original)
{
    wr_schema *schema = wr_schema_new(wr_lit("s"));
    CHECK_OK(add_name(schema, wr_lit("child")));
    wr_schema_bump(schema);
    CHECK_OK(add_name(schema, wr_lit("other")));
    wr_schema_bump(schema);

    wr_auto(schema) wr_schema *clone = wr_schema_clone(schema);
    char hash[WR_SCHEMA_HASH_TEXT];
    memcpy(hash, schema->hash, sizeof(hash));
    wr_schema_drop(schema);

    CHECK_INT(clone->version, 2);
    CHECK_INT(clone->previous.len, 1);
    CHECK_STR(clone->hash, hash);
    wr_schema_hash(clone, hash);
    CHECK_STR(clone->hash, hash);
    CHECK_TEXT(wr_schema_table(clone, wr_lit("child"))->pub.parent, "_dlt_loads");
}

TEST(a_schema_lives_as_long_as_somebody_holds_it)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));

    wr_schema_drop(wr_schema_hold(schema));
    wr_schema_drop(NULL);

    CHECK_TEXT(schema->name, "s");
}

TEST(names_of_dlt_begin_with_its_prefix)
{
    CHECK(wr_is_dlt_name(wr_lit("_dlt_id")));
    CHECK(wr_is_dlt_name(wr_lit("_dlt")));
    CHECK(!wr_is_dlt_name(wr_lit("dlt_id")));
    CHECK(!wr_is_dlt_name(wr_lit("_dl")));
}

TEST(types_have_the_names_of_dlt)
{
    CHECK_STR(weir_type_name(WEIR_NO_TYPE), "");
    CHECK_STR(weir_type_name(WEIR_TYPE_TEXT), "text");
    CHECK_STR(weir_type_name(WEIR_TYPE_JSON), "json");
}
