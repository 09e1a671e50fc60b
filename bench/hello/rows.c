/* A resource of $ROWS rows with eight columns, emitted cell by cell. */
#include <stdlib.h>
#include <weir.h>

#include "values.h"

static weir_status emit_rows(weir_ctx *cx, weir_rows *rows)
{
    const char *count = getenv("ROWS");
    if (!count)
        return weir_fail(cx, WEIR_CONFIG, "ROWS is not set");
    const int64_t end = strtoll(count, NULL, 10);
    for (int64_t id = 0; id < end; id++) {
        const values v = values_of(id);
        WEIR_TRY(weir_emit(rows, weir_kv("id", id), weir_kv("name", (const char *)v.name),
                           weir_kv("price", v.price), weir_kv("active", v.active),
                           weir_kv("at", weir_timestamp(v.at)), weir_kv("city", v.city),
                           weir_kv("quantity", v.quantity), weir_kv("note", (const char *)v.note)));
    }
    return WEIR_OK;
}

static const weir_pipeline bench = {
    .name = "bench",
    .destination = "duckdb",
    .dataset = "bench",
    .resources = (const weir_resource[]){ { "rows", emit_rows }, { 0 } },
};

WEIR_REGISTER(bench);
