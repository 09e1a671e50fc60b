/* What to extract. */
#include <weir.h>

/* Emits the rows of one table; what a cell has as JSON becomes columns and tables of its own. */
static weir_status extract(weir_ctx *cx, weir_rows *rows)
{
    WEIR_TRY(weir_emit(rows, weir_kv("id", 1), weir_kv("name", "first")));
    return weir_emit(rows, weir_kv("id", 2), weir_kv("name", "second"));
}

static const weir_source source = {
    .name = "PIPELINE_NAME",
    .resources = WEIR_RESOURCES({ "PIPELINE_NAME", extract, .primary_key = "id" }),
};

WEIR_REGISTER(source);
