/* Tests of schema/schema.h: what settings say about columns. */
#include "schema/schema.h"

#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/coerce.h"

/* A stored schema with these settings. */
static weir_status read_settings(weir_ctx *cx, const char *settings, wr_schema **ret)
{
    wr_ctx_init(cx, NULL);
    wr_auto(buf) wr_buf json = wr_buf_max(10000);
    wr_buf_printf(&json,
                  "{\"engine_version\":11,\"name\":\"s\",\"settings\":%s,\"tables\":"
                  "{\"_dlt_version\":{\"columns\":{}},\"_dlt_loads\":{\"columns\":{}}}}",
                  settings);
    return wr_schema_read(cx, wr_buf_view(&json), ret);
}

TEST(dlt_columns_have_default_hints)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));

    CHECK_INT(wr_schema_default_hints(schema, wr_lit("_dlt_id")),
              WEIR_HINT_NOT_NULL | WEIR_HINT_UNIQUE | WEIR_HINT_ROW_KEY);
    CHECK_INT(wr_schema_default_hints(schema, wr_lit("_dlt_parent_id")),
              WEIR_HINT_NOT_NULL | WEIR_HINT_PARENT_KEY);
    CHECK_INT(wr_schema_default_hints(schema, wr_lit("_dlt_root_id")),
              WEIR_HINT_NOT_NULL | WEIR_HINT_ROOT_KEY);
    CHECK_INT(wr_schema_default_hints(schema, wr_lit("_dlt_load_id")), WEIR_HINT_NOT_NULL);
    CHECK_INT(wr_schema_default_hints(schema, wr_lit("id")), 0);
}

TEST(a_fresh_schema_detects_time_stamps_only)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));

    CHECK_INT(wr_schema_detections(schema), WR_DETECT_ISO_TIMESTAMP);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("a")), WEIR_NO_TYPE);
}

TEST(detections_are_read_by_name)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;

    CHECK_OK(read_settings(
        &cx, "{\"detections\":[\"large_integer\",\"hexbytes_to_text\",\"iso_date\"]}", &schema));

    CHECK_INT(wr_schema_detections(schema), WR_DETECT_LARGE_INTEGER | WR_DETECT_ISO_DATE);
}

TEST(the_first_preferred_type_that_matches_wins)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;

    CHECK_OK(read_settings(
        &cx,
        "{\"preferred_types\":{\"amount\":\"decimal\",\"re:^ts$\":\"timestamp\","
        "\"re:_at$\":\"timestamp\",\"re:^(?:x|y)_\\\\d+\":\"wei\",\"re:a\":\"text\"}}",
        &schema));

    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("amount")), WEIR_TYPE_DECIMAL);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("ts")), WEIR_TYPE_TIMESTAMP);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("created_at")), WEIR_TYPE_TIMESTAMP);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("y_12_b")), WEIR_TYPE_WEI);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("amounts")), WEIR_TYPE_TEXT);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("y_d")), WEIR_NO_TYPE);
    CHECK_INT(wr_schema_preferred_type(schema, wr_lit("tss")), WEIR_NO_TYPE);
}

TEST(regular_expressions_that_only_python_knows_are_refused)
{
    static const char *const REGEXES[] = { "re:(?=a)", "re:[\\\\d]", "re:\\\\A", "re:a(",
                                           "re:\\\\" };
    for (size_t i = 0; i < sizeof(REGEXES) / sizeof(*REGEXES); i++) {
        wr_auto(ctx) weir_ctx cx;
        wr_auto(schema) wr_schema *schema = NULL;
        char settings[100];
        snprintf(settings, sizeof(settings), "{\"default_hints\":{\"not_null\":[\"%s\"]}}",
                 REGEXES[i]);

        CHECK_INT(read_settings(&cx, settings, &schema), WEIR_UNSUPPORTED);
    }
}
