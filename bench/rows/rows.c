/* A resource of $ROWS rows with eight columns, emitted cell by cell; with $WIDE notes of 256 bytes that do not compress. */
#include <stdlib.h>
#include <string.h>
#include <weir.h>

#include "values.h"

enum { WIDE_BYTES = 256 };

static weir_str wide_note(int64_t id, char *ret)
{
    uint64_t random = ((uint64_t)id + 1) * UINT64_C(0x9E3779B97F4A7C15);
    for (int i = 0; i < WIDE_BYTES; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        ret[i] = (char)('!' + random % 90);
    }
    return (weir_str){ ret, WIDE_BYTES };
}

static weir_status emit_rows(weir_ctx *cx, weir_rows *rows)
{
    const char *count = getenv("ROWS");
    if (!count)
        return weir_fail(cx, WEIR_CONFIG, "ROWS is not set");
    const bool wide = getenv("WIDE");
    const int64_t end = strtoll(count, NULL, 10);
    char note[WIDE_BYTES];
    for (int64_t id = 0; id < end; id++) {
        const values v = values_of(id);
        WEIR_TRY(weir_emit(rows, weir_kv("id", id), weir_kv("name", (const char *)v.name),
                           weir_kv("price", v.price), weir_kv("active", v.active),
                           weir_kv("at", weir_timestamp(v.at)), weir_kv("city", v.city),
                           weir_kv("quantity", v.quantity),
                           weir_kv("note", wide ? wide_note(id, note) : weir_str_of(v.note))));
    }
    return WEIR_OK;
}

static const weir_pipeline bench = {
    .name = "bench",
    .destination = "duckdb",
    .dataset = "bench",
    .resources = WEIR_RESOURCES({ "rows", emit_rows }),
};

WEIR_REGISTER(bench);
