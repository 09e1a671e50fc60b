/* Tests of schema files: what comes of those that people wrote or changed. How they are written: golden vectors. */
#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/schema.h"

#define TEXT_MAX ((size_t)1 << 20)
#define DLT_TABLES "  _dlt_version: {columns: {}}\n  _dlt_loads: {columns: {}}\n"
#define HEAD "engine_version: 11\nname: s\ntables:\n" DLT_TABLES

static weir_status import(weir_ctx *cx, const char *yaml, wr_schema **ret)
{
    wr_ctx_init(cx, NULL);
    const wr_schema_file file = { .path = "s.schema.yaml", .text = weir_str_of(yaml) };
    return wr_schema_import(cx, &file, ret);
}

TEST(a_schema_by_hand_gets_names_defaults_and_its_first_version)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;

    CHECK_OK(import(&cx, HEAD "  t:\n    columns:\n      a: {data_type: text}\n", &schema));

    const wr_table *table = wr_schema_table(schema, wr_lit("t"));
    CHECK_TEXT(wr_node_get_text(table->doc, "name"), "t");
    CHECK_TEXT(wr_node_get_text(table->doc, "resource"), "t");
    CHECK_TEXT(wr_node_get_text(table->doc, "write_disposition"), "append");
    CHECK_INT(table->pub.columns[0].type, WEIR_TYPE_TEXT);
    CHECK_INT(schema->version, 1);
    CHECK_INT(strlen(schema->hash), WR_SCHEMA_HASH_TEXT - 1);
}

/* A fresh schema as it is exported. */
static weir_str exported(wr_arena *arena, char ret_hash[WR_SCHEMA_HASH_TEXT])
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_schema_bump(schema);
    wr_schema_export(&out, schema, (wr_schema_form){ .remove_defaults = true }, ret_hash);
    return wr_arena_str(arena, wr_buf_view(&out));
}

TEST(a_schema_that_was_changed_by_hand_is_the_next_version)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(schema) wr_schema *same = NULL;
    wr_auto(schema) wr_schema *other = NULL;
    char hash[WR_SCHEMA_HASH_TEXT];
    const weir_str text = exported(&arena, hash);

    CHECK_OK(import(&cx, text.ptr, &same));
    CHECK_OK(import(
        &cx, wr_arena_printf(&arena, "# mine\n%sdescription: of people\n", text.ptr).ptr, &other));

    CHECK_INT(same->version, 1);
    CHECK_STR(same->hash, hash);
    CHECK_INT(other->version, 2);
    CHECK_INT(other->previous.len, 1);
    CHECK_TEXT(other->previous.ptr[0], hash);
}

TEST(the_hash_of_the_import_is_stored_and_not_exported)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    wr_auto(schema) wr_schema *back = NULL;
    wr_auto(buf) wr_buf stored = wr_buf_max(TEXT_MAX);
    wr_auto(buf) wr_buf file = wr_buf_max(TEXT_MAX);
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_ctx_init(&cx, NULL);
    wr_schema_bump(schema);

    wr_schema_set_imported_hash(schema, "first");
    wr_schema_set_imported_hash(schema, "second");

    wr_schema_write(&stored, schema, WR_JSON_COMPACT);
    CHECK_OK(wr_schema_read(&cx, wr_buf_view(&stored), &back));
    CHECK_TEXT(wr_schema_imported_hash(back), "second");
    CHECK(strstr(wr_buf_text(&stored),
                 "\"previous_hashes\":[],\"imported_version_hash\":\"second\"}"));
    wr_schema_export(&file, schema, (wr_schema_form){ .remove_defaults = true }, hash);
    CHECK(!strstr(wr_buf_text(&file), "imported_version_hash"));
}

TEST(what_is_wrong_in_a_schema_file_is_named_with_the_file)
{
    wr_auto(ctx) weir_ctx cx;
    wr_schema *schema = NULL;

    CHECK_INT(import(&cx, "name: s\n", &schema), WEIR_CORRUPT);
    CHECK_STR(weir_error_message(&cx), "importing the schema of 's.schema.yaml': there is no "
                                       "'engine_version', a number from 1 to 11");
    CHECK_INT(import(&cx, HEAD "  t: {columns: {a: {data_type: money}}}\n", &schema), WEIR_CORRUPT);
    CHECK_STR(weir_error_message(&cx),
              "importing the schema of 's.schema.yaml': column 'a' of table "
              "'t' has the unknown data type 'money'");
    CHECK_INT(import(&cx, HEAD "  t: [\n", &schema), WEIR_PARSE);
    CHECK_STR(weir_error_message(&cx), "s.schema.yaml:7:1: did not find expected node content");
}
