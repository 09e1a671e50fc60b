/* Tests of schema/schema.h: the stored document and its versions. */
#include "schema/schema.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define TEXT_MAX ((size_t)1 << 20)

/* dlt's two tables, as small as they can be. */
#define DLT_TABLES "\"_dlt_version\":{\"columns\":{}},\"_dlt_loads\":{\"columns\":{}}"
/* A stored schema without a hash, which is not compared then. */
#define STORED(tables, more)                                                                            \
    "{\"version\":3,\"version_hash\":null,\"engine_version\":11,\"name\":\"s\",\"tables\":{" DLT_TABLES \
        tables "},\"settings\":{},\"normalizers\":{},\"previous_hashes\":[]" more "}"

/* The status of reading; *ret_message is its message, in `cx`. */
static weir_status read_text(weir_ctx *cx, const char *json, wr_schema **ret)
{
    wr_ctx_init(cx, NULL);
    return wr_schema_read(cx, weir_str_of(json), ret);
}

/* Is the document refused with this status and message? */
static bool refused(const char *json, weir_status status, const char *message)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;
    const weir_status actual = read_text(&cx, json, &schema);
    const bool same = actual == status && strstr(weir_error_message(&cx), message);
    if (!same)
        test_note("%s: %s", weir_status_name(actual), weir_error_message(&cx));
    return same;
}

TEST(a_schema_that_was_read_is_written_as_it_came)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;
    const char *json = STORED(",\"t\":{\"x-new\":{\"a\":[1.50]},\"columns\":{\"c\":{\"x\":1}}}",
                              ",\"imported_version_hash\":\"h\",\"description\":\"d\",\"x-a\":1");

    CHECK_OK(read_text(&cx, json, &schema));

    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_schema_write(&out, schema, WR_JSON_COMPACT);
    CHECK_STR(wr_buf_text(&out), json);
}

TEST(hints_of_columns_are_read_from_their_properties)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;

    CHECK_OK(read_text(
        &cx,
        STORED(",\"t\":{\"columns\":{"
               "\"a\":{\"name\":\"a\",\"data_type\":\"decimal\",\"precision\":10,\"scale\":2,"
               "\"nullable\":false,\"primary_key\":true,\"merge_key\":true,\"unique\":true},"
               "\"b\":{\"name\":\"b\",\"data_type\":\"timestamp\",\"timezone\":false,"
               "\"row_key\":true,\"parent_key\":true,\"root_key\":true,\"variant\":true},"
               "\"c\":{\"name\":\"c\",\"nullable\":true,\"timezone\":null,\"unique\":false}}}",
               ""),
        &schema));

    const weir_column *c = wr_schema_table(schema, wr_lit("t"))->pub.columns;
    CHECK_INT(c[0].type, WEIR_TYPE_DECIMAL);
    CHECK_INT(c[0].precision, 10);
    CHECK_INT(c[0].scale, 2);
    CHECK_INT(c[0].hints,
              WEIR_HINT_NOT_NULL | WEIR_HINT_PRIMARY_KEY | WEIR_HINT_MERGE_KEY | WEIR_HINT_UNIQUE);
    CHECK_INT(c[1].hints, WEIR_HINT_NO_TIMEZONE | WEIR_HINT_ROW_KEY | WEIR_HINT_PARENT_KEY |
                              WEIR_HINT_ROOT_KEY | WEIR_HINT_VARIANT);
    CHECK_INT(c[2].type, WEIR_NO_TYPE);
    CHECK_INT(c[2].hints, 0);
}

TEST(a_root_table_without_properties_has_those_of_dlt)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;

    CHECK_OK(read_text(&cx,
                       STORED(",\"r\":{\"columns\":{},\"x-normalizer\":{\"seen-data\":true}}"
                              ",\"n\":{\"columns\":{},\"parent\":\"r\"}",
                              ""),
                       &schema));

    const wr_table *root = wr_schema_table(schema, wr_lit("r"));
    CHECK_TEXT(root->write, "append");
    CHECK_TEXT(root->resource, "r");
    CHECK(root->seen_data);
    const wr_table *nested = wr_schema_table(schema, wr_lit("n"));
    CHECK_TEXT(nested->write, "");
    CHECK_TEXT(nested->resource, "");
    CHECK_TEXT(nested->pub.parent, "r");
    CHECK(!nested->seen_data);
}

TEST(a_schema_with_another_hash_than_its_content_is_corrupt)
{
    CHECK(refused("{\"version\":1,\"version_hash\":\"x\",\"engine_version\":11,\"name\":\"s\","
                  "\"tables\":{" DLT_TABLES "}}",
                  WEIR_CORRUPT, "reading the stored schema 's': the schema was changed"));
}

/* Its hash is that of another document, and cannot be checked. */
TEST(a_schema_of_an_older_engine_is_read_as_one_of_the_present_one)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;

    CHECK_OK(read_text(&cx,
                       "{\"version\":4,\"version_hash\":\"x\",\"engine_version\":9,\"name\":\"s\","
                       "\"tables\":{" DLT_TABLES ",\"t\":{\"columns\":{\"_dlt_id\":"
                       "{\"data_type\":\"complex\",\"unique\":true}}}},\"settings\":{}}",
                       &schema));

    const wr_table *table = wr_schema_table(schema, wr_lit("t"));
    CHECK_INT(table->pub.columns[0].type, WEIR_TYPE_JSON);
    CHECK(table->pub.columns[0].hints & WEIR_HINT_ROW_KEY);
    CHECK_TEXT(wr_node_get_text(table->doc, "name"), "t");
    CHECK_INT(schema->version, 4);

    wr_schema_bump(schema);

    CHECK_INT(schema->version, 5);
    CHECK_TEXT(schema->previous.ptr[0], "x");
}

TEST(a_schema_that_cannot_be_right_is_refused)
{
    CHECK(refused("[]", WEIR_CORRUPT, "there is no 'engine_version'"));
    CHECK(refused("{\"engine_version\":12,\"name\":\"s\"}", WEIR_UNSUPPORTED, "schema engine 12"));
    CHECK(refused("{\"engine_version\":11}", WEIR_CORRUPT, "has no name"));
    CHECK(refused("{\"engine_version\":11,", WEIR_PARSE, "invalid JSON at byte 21"));
    CHECK(refused("{\"engine_version\":11,\"name\":\"s\",\"tables\":{}}", WEIR_CORRUPT,
                  "lacks dlt's table '_dlt_version'"));
    CHECK(refused(STORED(",\"t\":1", ""), WEIR_CORRUPT, "table 't' has no object 'columns'"));
    CHECK(refused(STORED(",\"t\":{\"columns\":{\"c\":[]}}", ""), WEIR_CORRUPT,
                  "column 'c' of table 't' is no JSON object"));
    CHECK(refused(STORED(",\"t\":{\"columns\":{\"c\":{\"data_type\":\"money\"}}}", ""),
                  WEIR_CORRUPT, "column 'c' of table 't' has the unknown data type 'money'"));
    CHECK(refused(STORED(",\"t\":{\"columns\":{},\"parent\":\"p\"}", ""), WEIR_CORRUPT,
                  "table 't' has the parent 'p', which is not there"));
    CHECK(refused(STORED(",\"a\":{\"columns\":{},\"parent\":\"b\"}"
                         ",\"b\":{\"columns\":{},\"parent\":\"a\"}",
                         ""),
                  WEIR_CORRUPT, "which is its own descendant"));
}

TEST(ten_hashes_before_are_kept_each_once)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));

    for (int i = 0; i < 12; i++)
        wr_schema_link(schema, (const char[]){ (char)('a' + i), '\0' });
    wr_schema_link(schema, "e");

    CHECK_INT(schema->previous.len, 10);
    CHECK_TEXT(schema->previous.ptr[0], "l");
    CHECK_TEXT(schema->previous.ptr[7], "e");
    CHECK_TEXT(schema->previous.ptr[9], "c");
}

TEST(a_schema_of_a_first_load_has_the_hashes_that_dlt_gives_it)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("vec"));
    const char *items = "{\"columns\":{},\"write_disposition\":\"append\",\"name\":\"items\","
                        "\"resource\":\"items\"}";
    const wr_new_column columns[] = {
        { wr_lit("id"), WEIR_TYPE_BIGINT, false },
        { wr_lit("_dlt_load_id"), WEIR_TYPE_TEXT, false },
        { wr_lit("_dlt_id"), WEIR_TYPE_TEXT, false },
    };
    wr_node *table;
    CHECK_OK(wr_node_parse(&cx, &arena, weir_str_of(items), &table));

    CHECK_OK(wr_schema_merge_table(&cx, schema, table));
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_hash(schema, hash);
    wr_schema_link(schema, hash);
    CHECK_OK(wr_schema_merge_table(&cx, schema, wr_state_table_doc(&arena)));
    wr_schema_bump(schema);

    CHECK_STR(schema->hash, "Ko6utJBoFITMbfdBNaIpEJH4kI+Tl+xzRNSDFPaHups=");
    CHECK_OK(wr_schema_add_columns(&cx, schema, wr_lit("items"), wr_lit(""), columns, 3));
    CHECK_OK(wr_schema_add_columns(&cx, schema, wr_lit("_dlt_pipeline_state"), wr_lit(""),
                                   &columns[2], 1));
    wr_schema_set_seen_data(schema, wr_lit("items"));
    wr_schema_set_seen_data(schema, wr_lit("_dlt_pipeline_state"));
    wr_schema_bump(schema);

    CHECK_STR(schema->hash, "aYu+aoXaUViYz3jUsCh5jKrt7kR6O2BTK37xUa+pKzE=");
    CHECK_INT(schema->version, 2);
    CHECK_INT(schema->previous.len, 2);
    CHECK_TEXT(schema->previous.ptr[0], "Ko6utJBoFITMbfdBNaIpEJH4kI+Tl+xzRNSDFPaHups=");
    CHECK_TEXT(schema->previous.ptr[1], "LG+VPlcl1zCI+2fzpGQnYEYtnFS3cC3QrudLtKTL/9U=");
}
