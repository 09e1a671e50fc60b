/* Loading packages and inputs, committing, tidying up. */
#include "base/ctx.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/str.h"
#include "base/time.h"
#include "pipeline/execution.h"
#include "pipeline/input_frames.h"

/* Rows and values that the schema contract dropped, by table. */
static wr_node *drops_of(wr_run *r, const wr_loaded *loaded)
{
    wr_node *ret = wr_node_new(&r->arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < loaded->drops.len; i++) {
        const wr_loaded_drop *drop = &loaded->drops.ptr[i];
        wr_node *counts = wr_node_new(&r->arena, WR_NODE_OBJECT);
        wr_run_set_int(r, counts, "rows", drop->rows);
        wr_run_set_int(r, counts, "values", drop->values);
        wr_node_set(&r->arena, ret, drop->table, counts);
    }
    return ret;
}

static int64_t count_bad_rows(const wr_package *package, const wr_loaded *loaded)
{
    return loaded ? loaded->bad_rows : wr_node_get_int(package->manifest, WR_BAD_ROWS_COUNT, 0);
}

static wr_node *trace_of(wr_run *r, const wr_package *package, const wr_loaded *loaded)
{
    char now[WR_TIME_TEXT];
    wr_node *ret = wr_node_copy(&r->arena, package->manifest);
    wr_node_remove(ret, wr_lit("pipeline_state"));
    wr_node_remove(ret, wr_lit("tables"));
    wr_node_remove(ret, wr_lit("settings"));
    wr_run_set_text(r, ret, "state", weir_str_of(wr_package_state_name(WR_PACKAGE_LOADED)));
    wr_run_set_text(r, ret, "loaded_at", (weir_str){ now, wr_time_iso(now, wr_now(r->cx)) });
    wr_run_set_text(r, ret, "location", r->destination->location(r->self));
    const int64_t bad_rows = count_bad_rows(package, loaded);
    wr_run_set_int(r, ret, WR_BAD_ROWS_COUNT, bad_rows);
    if (bad_rows > 0) {
        char path[WR_BAD_ROWS_PATH];
        wr_package_bad_rows_path(path, package->load_id);
        wr_run_set_text(r, ret, "bad_rows_file",
                        wr_arena_printf(&r->arena, "%.*s/%s", WR_STR(r->home.path), path));
    }
    if (!loaded)
        return ret;
    wr_run_set_text(r, ret, "schema_hash", weir_str_of(loaded->schema->hash));
    wr_run_set_int(r, ret, "columns_added", loaded->columns_added);
    wr_run_set_int(r, ret, "memory_peak", (int64_t)wr_mem_peak());
    wr_node *tables = wr_node_new(&r->arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < loaded->tables.len; i++)
        wr_node_set(&r->arena, tables, loaded->tables.ptr[i].name,
                    wr_node_int(&r->arena, loaded->tables.ptr[i].rows));
    wr_node_set(&r->arena, ret, wr_lit("tables"), tables);
    wr_node_set(&r->arena, ret, wr_lit("dropped"), drops_of(r, loaded));
    return ret;
}

/* It is committed: keep copies and the trace, remove the package. `loaded` NULL: an earlier run committed it. */
static weir_status finish(wr_run *r, const wr_package *package, const wr_loaded *loaded)
{
    WEIR_TRY(wr_run_keep_copies(r, wr_node_get(package->manifest, "pipeline_state"),
                                loaded ? loaded->schema : NULL));
    if (loaded)
        WEIR_TRY(wr_exchange_finish(r->cx, &r->exchange, loaded->schema, loaded->begun_import));
    WEIR_TRY(wr_package_finish(r->cx, &r->home, package->load_id, trace_of(r, package, loaded),
                               (size_t)r->keep_packages));
    if (!loaded || r->info.load_count >= WEIR_LOADS_MAX)
        return WEIR_OK;
    weir_load *load = &r->info.loads[r->info.load_count++];
    snprintf(load->load_id, sizeof load->load_id, "%.*s", WR_STR(package->load_id));
    load->rows = loaded->rows;
    load->tables = loaded->data_tables;
    load->bad_rows = loaded->bad_rows;
    return WEIR_OK;
}

static void interrupt(void *arg)
{
    const wr_run *r = arg;
    r->destination->cancel(r->self);
}

static void look(void *self, weir_str table, const struct ArrowSchema *schema,
                 const struct ArrowArray *batch)
{
    const wr_run *r = self;
    const wr_planner *planner = r->settings->planner;
    planner->rows(planner->self, &(const wr_planned_rows){ table, schema, batch });
}

/* A load runs to its commit when the run is asked to end; only a second signal interrupts it. */
static weir_status load_frames(wr_run *r, wr_quarantine *quarantine, wr_frames frames,
                               wr_loaded *ret)
{
    const wr_package *package = quarantine->package;
    const wr_load_args args = {
        .destination = r->destination,
        .self = r->self,
        .frames = frames,
        .quarantine = quarantine,
        .memory = r->settings->memory,
        .workers = (size_t)r->workers,
        .max_table_nesting = r->max_table_nesting,
        .load_id = package->load_id,
        .manifest = package->manifest,
        .base = r->schema,
        .schema_name = r->schema_name,
        .exchange = &r->exchange,
        .progress = wr_run_tell,
        .progress_self = r,
        .look = r->settings->planner ? look : NULL,
        .look_self = r,
    };
    wr_cancel *cancel = r->cx->cancel;
    if (!r->settings->planner)
        r->cx->cancel = NULL;
    wr_signals_on_interrupt(interrupt, r);
    const weir_status status = wr_load(r->cx, &args, ret);
    wr_signals_on_interrupt(NULL, NULL);
    r->cx->cancel = cancel;
    return status;
}

/* A plan writes no bad rows either. */
static const wr_home *quarantine_home(const wr_run *r)
{
    return r->settings->planner ? NULL : &r->home;
}

static weir_status load_quarantined(wr_run *r, const wr_package *package, wr_frames frames,
                                    wr_loaded *ret)
{
    wr_quarantine quarantine;
    wr_quarantine_begin(&quarantine, quarantine_home(r), package);
    const weir_status status = load_frames(r, &quarantine, frames, ret);
    wr_quarantine_end(&quarantine);
    return status;
}

static weir_status load_package(wr_run *r, const wr_package *package, wr_loaded *ret)
{
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_package_open(r->cx, &r->home, package->load_id, &dir));
    wr_log_frames log;
    WEIR_TRY(wr_log_frames_open(r->cx, dir, wr_node_get_int(package->manifest, "frames", 0), &log));
    const weir_status status = load_quarantined(r, package, wr_log_frames_of(&log), ret);
    wr_log_frames_close(&log);
    return status;
}

/* It would be committed: tell, and go on as if it were. */
static weir_status plan_commit(wr_run *r, const wr_package *package, const wr_loaded *loaded)
{
    const wr_planner *planner = r->settings->planner;
    const wr_planned_load load = {
        .location = r->destination->location(r->self),
        .waiting = package->state == WR_PACKAGE_SEALED,
        .base = r->schema,
        .loaded = loaded,
    };
    WEIR_TRY(planner->load(r->cx, planner->self, loaded->schema ? &load : NULL));
    if (!loaded->schema)
        return WEIR_OK;
    wr_schema_drop(r->schema);
    r->schema = wr_schema_hold(loaded->schema);
    r->state = wr_node_copy(&r->arena, wr_node_get(package->manifest, "pipeline_state"));
    r->last_load_id = wr_arena_str(&r->arena, package->load_id);
    return WEIR_OK;
}

/* What becomes of a load that went well; without a schema it came to nothing. */
static weir_status conclude(wr_run *r, const wr_package *package, const wr_loaded *loaded)
{
    if (r->settings->planner)
        return plan_commit(r, package, loaded);
    if (loaded->schema)
        return finish(r, package, loaded);
    return package->state == WR_PACKAGE_SEALED ? wr_package_drop(r->cx, &r->home, package->load_id)
                                               : WEIR_OK;
}

weir_status wr_run_load_frames(wr_run *r, const wr_package *package, wr_frames frames)
{
    wr_loaded loaded = { 0 };
    weir_status status = load_quarantined(r, package, frames, &loaded);
    if (status == WEIR_OK)
        status = conclude(r, package, &loaded);
    wr_loaded_done(&loaded);
    return status;
}

static weir_status load(wr_run *r, const wr_package *package)
{
    r->cx->scope.load_id = package->load_id;
    wr_loaded loaded = { 0 };
    weir_status status = load_package(r, package, &loaded);
    if (status == WEIR_OK) {
        status = conclude(r, package, &loaded);
        wr_loaded_done(&loaded);
        return status;
    }
    if (weir_status_class(status) == WEIR_CLASS_TERMINAL && !r->settings->planner) {
        WEIR_TRY(wr_package_fail(r->cx, &r->home, package));
        if (!*weir_error_hint(r->cx))
            wr_hint(
                r->cx,
                "the package is kept: see `weir package show %s`, then `weir package retry` or `drop`",
                r->pipeline->name);
    }
    return wr_context(r->cx, status, "loading package '%.*s'", WR_STR(package->load_id));
}

/* ---- inputs that can be read again ---- */

bool wr_run_is_direct(const wr_run *r)
{
    for (size_t i = 0; i < r->resources.len; i++) {
        const wr_resource *resource = &r->resources.ptr[i];
        if (!resource->def->input || !resource->def->replayable || wr_resource_looks(resource))
            return false;
    }
    return true;
}

static wr_node *direct_manifest(wr_run *r, weir_str load_id, wr_node *tables, bool state_changed)
{
    const wr_log_writer no_log = { 0 };
    const wr_extracted extracted = { .tables = tables };
    wr_node *ret = wr_run_manifest(r, load_id, &no_log, &extracted, state_changed);
    wr_run_set_text(r, ret, "state", weir_str_of(wr_package_state_name(WR_PACKAGE_COMMITTING)));
    return ret;
}

/* Announce the tables of inputs that have rows: that is known when they are open. */
static weir_status announce_inputs(wr_run *r, wr_node *tables, wr_open_input *ret_inputs)
{
    const wr_extract_args how = wr_run_extract_args(r);
    wr_extract_reset(&how);
    for (size_t i = 0; i < r->resources.len; i++) {
        const wr_resource *resource = &r->resources.ptr[i];
        const wr_incremental_home home = wr_extract_home(&how, resource, resource->of_items);
        const weir_status status = wr_input_open(r->cx, resource, &home, &ret_inputs[i]);
        if (status != WEIR_OK)
            return wr_context(r->cx, status, "resource '%s'", resource->def->name);
        if (wr_input_is_empty(&ret_inputs[i]))
            wr_extract_announce_emptied(&how, resource, tables);
        else
            WEIR_TRY(wr_extract_announce(r->cx, &how, resource, (wr_given_table){ 0 }, tables,
                                         &ret_inputs[i].table));
    }
    return WEIR_OK;
}

/* The quarantine of a load that failed. Once it is sealed, the next run asks the destination whether it counts. */
static void forget_quarantine(wr_run *r, const wr_quarantine *quarantine)
{
    if (quarantine->dir < 0 || quarantine->sealed)
        return;
    const wr_error why = r->cx->error;
    if (wr_package_drop(r->cx, &r->home, quarantine->package->load_id) != WEIR_OK)
        weir_error_clear(r->cx); /* swept by the next run */
    (void)wr_error_adopt(r->cx, &why);
}

static weir_status load_inputs(wr_run *r, const wr_package *package, wr_input_frames *inputs)
{
    wr_quarantine quarantine;
    wr_quarantine_begin(&quarantine, quarantine_home(r), package);
    wr_loaded loaded = { 0 };
    weir_status status = load_frames(r, &quarantine, wr_input_frames_of(inputs), &loaded);
    if (status != WEIR_OK)
        forget_quarantine(r, &quarantine);
    wr_quarantine_end(&quarantine);
    if (status == WEIR_OK)
        status = conclude(r, package, &loaded);
    wr_loaded_done(&loaded);
    return status;
}

static weir_status run_direct(wr_run *r, wr_package *package, wr_input_frames *inputs)
{
    wr_node *announced = wr_node_new(&r->arena, WR_NODE_ARRAY);
    WEIR_TRY(announce_inputs(r, announced, inputs->inputs));
    bool state_changed = false;
    WEIR_TRY(wr_run_set_state(r, &state_changed));
    package->manifest = direct_manifest(r, package->load_id, announced, state_changed);

    wr_auto(buf) wr_buf row = wr_buf_max(WR_STATE_MAX);
    wr_frame state = { 0 };
    if (state_changed) {
        WEIR_TRY(wr_run_state_frame(r, package->load_id, &row, &state));
        inputs->last = &state;
    }
    return load_inputs(r, package, inputs);
}

/* Rows go straight into the transaction: a run that dies before the commit has done nothing. */
weir_status wr_run_direct(wr_run *r)
{
    if (!r->state)
        r->state = wr_state_new(&r->arena);
    char load_id[WR_LOAD_ID_TEXT];
    wr_load_id_make(r->cx, r->last_load_id, load_id);
    wr_package package = { .load_id = weir_str_of(load_id) };
    r->cx->scope.load_id = package.load_id;

    const size_t count = r->resources.len + 1; /* never none */
    wr_input_frames inputs = {
        .inputs = wr_arena_new_array(&r->arena, count, wr_open_input),
        .resources = &r->resources,
    };
    const weir_status status = run_direct(r, &package, &inputs);
    wr_input_frames_end(&inputs);
    return status;
}

static weir_status refuse_failed(wr_run *r, const wr_package *package)
{
    return weir_fail(
        r->cx, WEIR_REJECTED,
        "package '%.*s' of an earlier run was refused: %.*s\n"
        "hint: `weir package retry %s` tries it again, `weir package drop %s` forgets it; its rows are "
        "extracted again",
        WR_STR(package->load_id),
        WR_STR(wr_node_get_text(wr_node_get(package->manifest, "error"), "message")),
        r->pipeline->name, r->pipeline->name);
}

static weir_status refuse_waiting(wr_run *r, const wr_package *package)
{
    return weir_fail(r->cx, WEIR_INVALID,
                     "package '%.*s' waits to be loaded\n"
                     "hint: run the pipeline first, or forget the package: weir package drop %s",
                     WR_STR(package->load_id), r->pipeline->name);
}

/* What an earlier run sealed: committed or not, the destination knows. A sync gives it up, a drop does not load it. */
static weir_status recover(wr_run *r, const wr_package *package)
{
    const wr_upkeep *upkeep = r->settings->upkeep;
    const bool gives_up = upkeep && upkeep->syncs;
    if (package->state == WR_PACKAGE_FAILED && !gives_up)
        return refuse_failed(r, package);
    bool known = false;
    WEIR_TRY(r->destination->knows(r->cx, r->self, package->load_id, &known));
    if (known)
        return finish(r, package, NULL);
    if (gives_up || package->state == WR_PACKAGE_COMMITTING)
        return wr_package_drop(r->cx, &r->home, package->load_id); /* its input is read again */
    return upkeep ? refuse_waiting(r, package) : load(r, package);
}

/* A plan begins with the loads that the run would finish first. */
static weir_status plan_recovery(wr_run *r)
{
    wr_packages packages = { 0 };
    if (r->home.dir >= 0)
        WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, false, &packages));
    for (size_t i = 0; i < packages.len; i++) {
        const wr_package *package = &packages.ptr[i];
        bool known = false;
        if (package->state == WR_PACKAGE_FAILED)
            return refuse_failed(r, package);
        WEIR_TRY(r->destination->knows(r->cx, r->self, package->load_id, &known));
        if (package->state == WR_PACKAGE_SEALED && !known)
            WEIR_TRY(load(r, package));
    }
    return WEIR_OK;
}

weir_status wr_run_recover(wr_run *r)
{
    if (r->settings->planner)
        return plan_recovery(r);
    WEIR_TRY(wr_package_sweep(r->cx, &r->home));
    wr_packages packages;
    WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, false, &packages));
    for (size_t i = 0; i < packages.len; i++) {
        WEIR_TRY(recover(r, &packages.ptr[i]));
        WEIR_TRY(wr_run_restore(r));
    }
    return WEIR_OK;
}

weir_status wr_run_load_package(wr_run *r, weir_str load_id)
{
    wr_packages packages;
    WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, false, &packages));
    for (size_t i = 0; i < packages.len; i++)
        if (wr_str_eq(packages.ptr[i].load_id, load_id))
            return load(r, &packages.ptr[i]);
    return weir_fail(r->cx, WEIR_INTERNAL, "package '%.*s' has vanished", WR_STR(load_id));
}
