#include <stdio.h>
#include <weir.h>

static weir_status test_data(weir_ctx *cx, weir_rows *rows)
{
    WEIR_TRY(weir_emit(rows, weir_kv("id", 1), weir_kv("name", "test")));
    return weir_emit(rows, weir_kv("id", 2), weir_kv("name", "another test"));
}

weir_status weir_main(weir_ctx *cx)
{
    weir_load_info info;
    WEIR_TRY(weir_pipeline_run(cx, &(weir_pipeline){ .name = "test", .destination = "duckdb", .dataset = "test_data" },
                               .resources = WEIR_RESOURCES({ "test_data", test_data }), .info = &info));
    weir_print(&info);
    puts("weir is working!");
    return WEIR_OK;
}
