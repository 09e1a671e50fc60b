/* Extracting into a package, up to its seal. */
#include "base/ctx.h"
#include "base/str.h"
#include "base/time.h"
#include "pipeline/execution.h"

weir_status wr_run_set_state(wr_run *r, bool *ret_changed)
{
    const wr_state_owner owner = {
        .pipeline = r->name,
        .schema = r->schema_name,
        .dataset = r->dataset_given,
        .destination_type = weir_str_of(r->destination->type),
    };
    if (!r->settings->upkeep)
        wr_state_set_owner(&r->arena, r->state, &owner);
    WEIR_TRY(wr_state_bump(r->cx, &r->arena, r->state, ret_changed));
    *ret_changed |= wr_node_get_bool(r->refresh, "store_state", false);
    return WEIR_OK;
}

/* A changed state is a row like others: it is the last frame, and is committed with the rows that changed it. */
weir_status wr_run_state_frame(wr_run *r, weir_str load_id, wr_buf *row, wr_frame *ret)
{
    WEIR_TRY(wr_state_row(r->cx, r->state, load_id, row));
    (void)wr_buf_room(row, WR_JSON_PADDING);
    *ret = (wr_frame){
        .kind = WR_FRAME_TYPED,
        .rows = 1,
        .resource = wr_lit(WR_STATE_TABLE),
        .table = wr_lit(WR_STATE_TABLE),
        .content = row->ptr,
        .len = row->len,
    };
    return WEIR_OK;
}

static weir_status append_state(wr_run *r, wr_log_writer *log, weir_str load_id)
{
    wr_auto(buf) wr_buf row = wr_buf_max(WR_STATE_MAX);
    wr_frame frame;
    WEIR_TRY(wr_run_state_frame(r, load_id, &row, &frame));
    return wr_log_append(r->cx, log, &frame);
}

/* Resources that replace: also tables go of which none of their rows tells. */
static wr_node *replacing_resources(wr_run *r)
{
    wr_node *ret = wr_node_new(&r->arena, WR_NODE_ARRAY);
    for (size_t i = 0; i < r->resources.len; i++)
        if (r->resources.ptr[i].replaces)
            wr_node_append(ret, wr_node_text(&r->arena, r->resources.ptr[i].name));
    return ret;
}

wr_node *wr_run_manifest(wr_run *r, weir_str load_id, const wr_log_writer *log,
                         const wr_extracted *extracted, bool state_changed)
{
    char now[WR_TIME_TEXT];
    wr_node *ret = wr_node_new(&r->arena, WR_NODE_OBJECT);
    wr_run_set_int(r, ret, "package_version", WR_PACKAGE_VERSION);
    wr_run_set_text(r, ret, "state", weir_str_of(wr_package_state_name(WR_PACKAGE_SEALED)));
    wr_run_set_text(r, ret, "load_id", load_id);
    wr_run_set_text(r, ret, "pipeline", r->name);
    wr_run_set_text(r, ret, "schema_name", r->schema_name);
    wr_run_set_text(r, ret, "destination", weir_str_of(r->destination->name));
    wr_run_set_text(r, ret, "dataset", r->dataset);
    wr_run_set_text(r, ret, "sealed_at", (weir_str){ now, wr_time_iso(now, wr_now(r->cx)) });
    wr_run_set_int(r, ret, "frames", (int64_t)log->frames);
    wr_run_set_int(r, ret, "rows", extracted->rows);
    wr_run_set_int(r, ret, "bytes", extracted->bytes);
    wr_node_set(&r->arena, ret, wr_lit("tables"), wr_node_copy(&r->arena, extracted->tables));
    wr_node_set(&r->arena, ret, wr_lit("replaces"), replacing_resources(r));
    if (r->refresh)
        wr_node_set(&r->arena, ret, wr_lit("refresh"), wr_node_copy(&r->arena, r->refresh));
    wr_node_set(&r->arena, ret, wr_lit("settings"), wr_node_copy(&r->arena, r->schema_settings));
    wr_node_set(&r->arena, ret, wr_lit("state_changed"), wr_node_bool(&r->arena, state_changed));
    wr_node_set(&r->arena, ret, wr_lit("pipeline_state"), wr_node_copy(&r->arena, r->state));
    return ret;
}

wr_extract_args wr_run_extract_args(wr_run *r)
{
    return (wr_extract_args){
        .resources = r->resources,
        .naming = r->naming,
        .schema = r->schema_name,
        .arena = &r->arena,
        .state = r->state,
        .stored = r->schema,
        .progress = wr_run_tell,
        .progress_self = r,
    };
}

static weir_status fill_log(wr_run *r, wr_log_writer *log, weir_str load_id,
                            wr_extracted *extracted, bool *ret_state_changed)
{
    if (!r->state)
        r->state = wr_state_new(&r->arena);
    const wr_extract_args how = wr_run_extract_args(r);
    wr_extract_reset(&how);
    WEIR_TRY(wr_extract(r->cx, &how, log, extracted));
    WEIR_TRY(wr_run_set_state(r, ret_state_changed));
    return *ret_state_changed ? append_state(r, log, load_id) : WEIR_OK;
}

/* A resource that replaces a table empties it also when it has no rows. */
static bool replaces_something(const wr_run *r)
{
    for (size_t k = 0; k < r->resources.len; k++) {
        const wr_resource *resource = &r->resources.ptr[k];
        for (size_t i = 0; resource->replaces && r->schema && i < r->schema->tables.len; i++) {
            const wr_table *table = r->schema->tables.ptr[i];
            if (table->seen_data && wr_str_eq(table->resource, resource->name))
                return true;
        }
    }
    return false;
}

static bool is_worth_it(const wr_run *r, const wr_log_writer *log)
{
    return log->frames > 0 || replaces_something(r) || wr_refresh_takes(r->refresh);
}

/* *ret_sealed false: there is nothing to load. */
static weir_status extract_into(wr_run *r, int dir, weir_str load_id, bool *ret_sealed)
{
    wr_log_writer log;
    WEIR_TRY(wr_log_create(r->cx, dir, &log));
    wr_extracted extracted;
    bool state_changed = false;
    weir_status status = fill_log(r, &log, load_id, &extracted, &state_changed);
    const bool worth_it = is_worth_it(r, &log);
    if (status == WEIR_OK && worth_it)
        status = wr_log_sync(r->cx, &log);
    if (status == WEIR_OK && worth_it)
        status = wr_package_seal(r->cx, dir,
                                 wr_run_manifest(r, load_id, &log, &extracted, state_changed));
    wr_log_writer_close(&log);
    *ret_sealed = worth_it;
    return status;
}

/* Extract into a new package and seal it. What fails leaves nothing. */
weir_status wr_run_extract(wr_run *r, char ret_load_id[WR_LOAD_ID_TEXT], bool *ret_sealed)
{
    wr_load_id_make(r->cx, r->last_load_id, ret_load_id);
    const weir_str load_id = weir_str_of(ret_load_id);
    r->cx->scope.load_id = load_id;
    wr_auto(close) int dir = -1;
    weir_status status = wr_package_create(r->cx, &r->home, load_id, &dir);
    if (status == WEIR_OK)
        status = extract_into(r, dir, load_id, ret_sealed);
    if (status == WEIR_OK && !*ret_sealed)
        return wr_package_drop(r->cx, &r->home, load_id);
    if (status != WEIR_OK) {
        const wr_error why = r->cx->error;
        if (wr_package_drop(r->cx, &r->home, load_id) != WEIR_OK)
            weir_error_clear(r->cx); /* swept by the next run */
        (void)wr_error_adopt(r->cx, &why);
    }
    return status;
}

static weir_status plan_log(wr_run *r, weir_str load_id, wr_log_writer *log)
{
    wr_extracted extracted;
    bool state_changed = false;
    WEIR_TRY(fill_log(r, log, load_id, &extracted, &state_changed));
    if (!is_worth_it(r, log))
        return WEIR_OK;
    const wr_package package = {
        .load_id = load_id,
        .manifest = wr_run_manifest(r, load_id, log, &extracted, state_changed),
    };
    wr_log_frames frames;
    WEIR_TRY(wr_log_frames_reopen(r->cx, log, &frames));
    const weir_status status = wr_run_load_frames(r, &package, wr_log_frames_of(&frames));
    wr_log_frames_close(&frames);
    return status;
}

weir_status wr_run_plan_log(wr_run *r)
{
    char load_id[WR_LOAD_ID_TEXT];
    wr_load_id_make(r->cx, r->last_load_id, load_id);
    r->cx->scope.load_id = weir_str_of(load_id);
    wr_log_writer log;
    WEIR_TRY(wr_log_create_nameless(r->cx, &log));
    const weir_status status = plan_log(r, weir_str_of(load_id), &log);
    wr_log_writer_close(&log);
    return status;
}
