/* State and schema of a run: from the destination, and their local copies. */
#include "base/ctx.h"
#include "base/fault.h"
#include "base/str.h"
#include "pipeline/execution.h"

static weir_status read_local_state(wr_run *r)
{
    weir_str text;
    bool found = false;
    WEIR_TRY(wr_file_read(r->cx, &r->arena, r->home.dir, "state.json", &text, &found));
    if (found)
        return wr_state_read(r->cx, &r->arena, text, &r->state);
    return WEIR_OK;
}

static const char *schema_file(wr_arena *arena, weir_str schema)
{
    return wr_arena_printf(arena, "%.*s.schema.json", WR_STR(schema)).ptr;
}

weir_status wr_copy_read_schema(weir_ctx *cx, wr_arena *arena, const wr_home *home, weir_str schema,
                                weir_str *ret, bool *ret_found)
{
    wr_auto(close) int dir = -1;
    bool exists = false;
    WEIR_TRY(wr_exists_at(cx, home->dir, "schemas", &exists));
    *ret_found = false;
    if (!exists)
        return WEIR_OK;
    WEIR_TRY(wr_open_dir(cx, home->dir, "schemas", false, &dir));
    return wr_file_read(cx, arena, dir, schema_file(arena, schema), ret, ret_found);
}

static weir_status read_local_schema(wr_run *r)
{
    weir_str text;
    bool found = false;
    WEIR_TRY(wr_copy_read_schema(r->cx, &r->arena, &r->home, r->schema_name, &text, &found));
    return found ? wr_schema_read(r->cx, text, &r->schema) : WEIR_OK;
}

/* State and schema: those of the destination; local copies only when it has a dataset that knows neither. Without a
 * dataset the pipeline starts over. */
weir_status wr_run_restore(wr_run *r)
{
    weir_restored restored = { 0 };
    WEIR_TRY(r->destination->restore(r->cx, r->self, r->schema_name, &restored));
    const wr_upkeep *upkeep = r->settings->upkeep;
    const bool has_copies = restored.has_dataset && r->home.dir >= 0 && !(upkeep && upkeep->syncs);
    wr_schema_drop(r->schema);
    r->schema = NULL;
    r->state = NULL;
    r->last_load_id = wr_arena_str(&r->arena, restored.last_load_id);
    r->state_load_id = wr_arena_str(&r->arena, restored.state_load_id);
    if (restored.state.len)
        WEIR_TRY(wr_state_read(r->cx, &r->arena, restored.state, &r->state));
    else if (has_copies)
        WEIR_TRY(read_local_state(r));
    if (restored.schema.len)
        WEIR_TRY(wr_schema_read(r->cx, restored.schema, &r->schema));
    else if (has_copies)
        WEIR_TRY(read_local_schema(r));
    return wr_exchange_import(r->cx, &r->exchange, r->schema_name, &r->schema);
}

weir_status wr_run_refresh(wr_run *r)
{
    if (r->refresh_mode == WR_REFRESH_NONE)
        return WEIR_OK;
    if (!r->schema) {
        weir_info(r->cx, "there is nothing to refresh: it is the first load of the schema");
        return WEIR_OK;
    }
    if (!r->state)
        r->state = wr_state_new(&r->arena);
    const wr_refresh_wish wish = wr_refresh_wish_of(&r->arena, r->refresh_mode, &r->resources);
    return wr_refresh_plan(r->cx, &r->arena, &wish, r->schema, r->state, &r->refresh);
}

static weir_status publish_node(wr_run *r, int dir, const char *name, const wr_node *doc)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_node_write(&out, doc, WR_JSON_COMPACT);
    WEIR_TRY(wr_buf_check(r->cx, &out, name));
    return wr_file_publish(r->cx, dir, name, wr_buf_view(&out));
}

/* The local copies of what was committed. */
weir_status wr_run_keep_copies(wr_run *r, const wr_node *state, const wr_schema *schema)
{
    WEIR_TRY(wr_fault(r->cx, "state.save"));
    WEIR_TRY(publish_node(r, r->home.dir, "state.json", state));
    if (!schema)
        return WEIR_OK;
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_schema_write(&out, schema, WR_JSON_PRETTY);
    WEIR_TRY(wr_buf_check(r->cx, &out, "the schema"));
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_open_dir(r->cx, r->home.dir, "schemas", true, &dir));
    return wr_file_publish(r->cx, dir, schema_file(&r->arena, r->schema_name), wr_buf_view(&out));
}
