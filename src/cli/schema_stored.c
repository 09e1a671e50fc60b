/* Reads stored schemas: by queries at the destination, or from the pipeline's folder. */
#include "cli/schema_stored.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "cli/pipeline.h"
#include "cli/result.h"

#define SQL_MAX ((size_t)64 << 10)

static void put_query(wr_buf *sql, const wr_stored *stored, const char *columns)
{
    wr_buf_printf(sql, "select %s from ", columns);
    wr_put_table(sql, stored->last.dataset, wr_lit("_dlt_version"));
    wr_buf_cstr(sql, " where schema_name = ");
    wr_put_literal(sql, stored->schema_name);
}

static weir_status take_version(weir_ctx *cx, void *self, const wr_result *row)
{
    wr_stored *stored = self;
    weir_str number;
    wr_stored_version version = { 0 };
    WEIR_TRY(wr_result_str(cx, row, 0, &stored->arena, &number));
    WEIR_TRY(wr_result_str(cx, row, 1, &stored->arena, &version.hash));
    WEIR_TRY(wr_result_str(cx, row, 2, &stored->arena, &version.inserted_at));
    if (!wr_int_parse(number, &version.number))
        return weir_fail(cx, WEIR_CORRUPT, "_dlt_version has the version '%.*s': it is no number",
                         WR_STR(number));
    *wr_vec_push(&stored->versions) = version;
    return WEIR_OK;
}

static weir_status read_versions(weir_ctx *cx, wr_stored *stored)
{
    wr_auto(buf) wr_buf sql = wr_buf_max(SQL_MAX);
    put_query(&sql, stored, "version, version_hash, inserted_at");
    wr_buf_cstr(&sql, " order by inserted_at desc, version desc");
    WEIR_TRY(wr_result_each(cx, &stored->last, &sql, take_version, stored));
    if (stored->versions.len > 0)
        return WEIR_OK;
    return weir_fail(cx, WEIR_INVALID, "_dlt_version in dataset '%.*s' has no schema '%.*s'",
                     WR_STR(stored->last.dataset), WR_STR(stored->schema_name));
}

weir_status wr_stored_open(weir_ctx *cx, const char *word, wr_stored *ret)
{
    *ret = (wr_stored){ 0 };
    WEIR_TRY(wr_pipeline_choose(cx, &ret->arena, word, &ret->pipeline));
    const weir_status status = wr_result_last(cx, ret->pipeline, &ret->last);
    ret->schema_name = wr_node_get_text(ret->last.trace, "schema_name");
    WEIR_TRY(status);
    return read_versions(cx, ret);
}

void wr_stored_close(wr_stored *stored)
{
    wr_last_close(&stored->last);
    wr_vec_done(&stored->versions);
    wr_arena_done(&stored->arena);
}

void wr_cleanup_stored(wr_stored *stored)
{
    wr_stored_close(stored);
}

/* ---- one version ---- */

static bool is_named(const wr_stored_version *version, weir_str name)
{
    int64_t number;
    return wr_int_parse(name, &number) ? version->number == number
                                       : wr_str_starts(version->hash, name);
}

weir_status wr_stored_find(weir_ctx *cx, const wr_stored *stored, weir_str name,
                           const wr_stored_version **ret)
{
    const wr_stored_version *found = NULL;
    for (size_t i = 0; i < stored->versions.len; i++) {
        const wr_stored_version *version = &stored->versions.ptr[i];
        if (!name.len || !is_named(version, name))
            continue;
        if (found)
            return weir_fail(cx, WEIR_INVALID,
                             "schema '%.*s' has more than one version '%.*s'\n"
                             "hint: name it by more of its hash: '%.*s', '%.*s'",
                             WR_STR(stored->schema_name), WR_STR(name), WR_STR(found->hash),
                             WR_STR(version->hash));
        found = version;
    }
    if (!found)
        return weir_fail(cx, WEIR_INVALID,
                         "schema '%.*s' has no version '%.*s'\n"
                         "hint: the newest is %lld, with hash '%.*s'",
                         WR_STR(stored->schema_name), WR_STR(name),
                         (long long)stored->versions.ptr[0].number,
                         WR_STR(stored->versions.ptr[0].hash));
    *ret = found;
    return WEIR_OK;
}

/* A document on its way out of the destination. */
typedef struct reading {
    wr_arena *arena;
    weir_str text;
} reading;

static weir_status take_document(weir_ctx *cx, void *self, const wr_result *row)
{
    reading *r = self;
    return wr_result_str(cx, row, 0, r->arena, &r->text);
}

weir_status wr_stored_read(weir_ctx *cx, wr_stored *stored, const wr_stored_version *version,
                           wr_schema **ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(buf) wr_buf sql = wr_buf_max(SQL_MAX);
    reading r = { .arena = &arena };
    put_query(&sql, stored, "schema");
    wr_buf_cstr(&sql, " and version_hash = ");
    wr_put_literal(&sql, version->hash);
    WEIR_TRY(wr_result_each(cx, &stored->last, &sql, take_document, &r));
    const weir_status status = wr_schema_read(cx, r.text, ret);
    return wr_context(cx, status, "version %lld of schema '%.*s'", (long long)version->number,
                      WR_STR(stored->schema_name));
}

weir_status wr_stored_read_copy(weir_ctx *cx, wr_stored *stored, wr_schema **ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    WEIR_TRY(wr_pipeline_home(cx, &arena, stored->pipeline, &home));
    weir_str text;
    bool found = false;
    WEIR_TRY(wr_copy_read_schema(cx, &arena, &home, stored->schema_name, &text, &found));
    if (!found)
        return weir_fail(cx, WEIR_INVALID, "there is no local copy of schema '%.*s'",
                         WR_STR(stored->schema_name));
    const weir_status status = wr_schema_read(cx, text, ret);
    return wr_context(cx, status, "the local copy of schema '%.*s'", WR_STR(stored->schema_name));
}

weir_status wr_stored_read_newest(weir_ctx *cx, const char *word, wr_stored *stored,
                                  wr_schema **ret_schema, weir_str *ret_place)
{
    const weir_status status = wr_stored_open(cx, word, stored);
    if (status != WEIR_OK && !stored->schema_name.len)
        return status;
    if (status == WEIR_OK) {
        const weir_destination *destination = stored->last.destination;
        *ret_place = destination->location ? destination->location(stored->last.self)
                                           : weir_str_of(destination->name);
        return wr_stored_read(cx, stored, &stored->versions.ptr[0], ret_schema);
    }
    weir_warn(cx, "this is the local copy of the schema: %s", weir_error_message(cx));
    weir_error_clear(cx);
    *ret_place = wr_lit("the local copy");
    return wr_stored_read_copy(cx, stored, ret_schema);
}
