/* One execution of a pipeline: finish what an earlier run left, extract, seal, load, report. */
#include "pipeline/run.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/signals.h"
#include "base/str.h"
#include "base/time.h"
#include "base/vec.h"
#include "pipeline/extract.h"
#include "pipeline/load.h"
#include "pipeline/package.h"
#include "pipeline/state.h"

/* The working folder's name for a run: everything that lives as long as it. */
typedef struct run {
    weir_ctx *cx;
    const weir_pipeline *pipeline;
    const weir_resource *resources;
    const wr_run_settings *settings;
    wr_arena arena;
    wr_config *own_config;
    wr_config *config;
    weir_str name;
    weir_str schema_name;
    weir_str dataset_given; /* as the user wrote it: what the state keeps */
    weir_str dataset;       /* in the destination's naming */
    const weir_destination *destination;
    void *self;
    bool opened;
    wr_home home;
    wr_naming naming;
    int64_t keep_packages;
    int64_t workers;
    int64_t began_ns;
    /* as the destination has them, or their local copies */
    wr_node *state;
    wr_schema *schema;
    weir_str last_load_id;
    weir_load_info info;
} run;

static const weir_option NORMALIZE_OPTIONS[] = {
    { "workers", WEIR_OPTION_INT, .standard = "0",
      .help = "threads that normalise; 0: one less than processors" },
    { 0 },
};

static const weir_option RUN_OPTIONS[] = {
    { "keep_packages", WEIR_OPTION_INT, .standard = "10",
      .help = "traces of loads that are kept in .weir" },
    { 0 },
};

/* ---- what is configured ---- */

static const wr_run_settings NO_SETTINGS;

void wr_run_set(weir_ctx *cx, const wr_run_settings *settings)
{
    cx->activity = settings;
}

/* The program's choice, DESTINATION__NAME, the pipeline's: the first that names one. */
static weir_status choose_destination(run *r)
{
    weir_str name = weir_str_of(r->pipeline->destination);
    if (r->settings->destination) {
        name = weir_str_of(r->settings->destination);
    } else {
        static const weir_option option = { "name", WEIR_OPTION_TEXT,
                                            .help = "the destination's name" };
        const wr_scope scope = { r->config, r->name, WR_SECTION("destination") };
        wr_answer answer;
        WEIR_TRY(wr_config_get(r->cx, &scope, &option, &r->arena, &answer));
        if (answer.found)
            name = answer.text;
    }
    if (name.len == 0)
        return weir_fail(
            r->cx, WEIR_CONFIG,
            "pipeline '%s' has no destination\n"
            "hint: set .destination = \"duckdb\", or DESTINATION__NAME in the environment",
            r->pipeline->name);
    return wr_destination_get(r->cx, name, &r->destination);
}

/* A pipeline without a schema of its own: its name without a final "_pipeline", in snake_case, at most 64 characters. */
static weir_status name_schema(run *r)
{
    static const weir_str suffix = { "_pipeline", 9 };
    weir_str base = r->name;
    if (base.len > suffix.len && wr_str_ends(base, suffix))
        base.len -= suffix.len;
    wr_naming short_names = r->naming;
    short_names.max = 64;
    return wr_name_identifier(r->cx, &short_names, &r->arena, base, &r->schema_name);
}

static weir_status name_dataset(run *r)
{
    const char *given = r->pipeline->dataset;
    r->dataset_given = given && *given
                           ? weir_str_of(given)
                           : wr_arena_printf(&r->arena, "%.*s_dataset", WR_STR(r->name));
    return wr_name_identifier(r->cx, &r->naming, &r->arena, r->dataset_given, &r->dataset);
}

static const weir_source *find_source(const char *name)
{
    for (size_t i = 0; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        const weir_source *source = part->what;
        if (part->part == WEIR_PART_SOURCE && strcmp(source->name, name) == 0)
            return source;
    }
    return NULL;
}

static weir_status choose_resources(run *r, const weir_run_args *args)
{
    r->resources = args->resources ? args->resources : r->pipeline->resources;
    if (r->resources)
        return WEIR_OK;
    if (!r->pipeline->source)
        return weir_fail(
            r->cx, WEIR_INVALID,
            "pipeline '%s' has nothing to extract\n"
            "hint: give it .resources, or .source with the name of a registered source",
            r->pipeline->name);
    const weir_source *source = find_source(r->pipeline->source);
    if (!source)
        return weir_fail(r->cx, WEIR_INVALID,
                         "pipeline '%s' wants the source '%s', which is not registered",
                         r->pipeline->name, r->pipeline->source);
    r->resources = source->resources;
    return WEIR_OK;
}

static weir_status configure(run *r, const weir_run_args *args)
{
    r->config = r->settings->config;
    if (!r->config)
        r->config = r->own_config = wr_config_new();
    WEIR_TRY(wr_pipeline_check_name(r->cx, r->name));
    WEIR_TRY(choose_resources(r, args));
    WEIR_TRY(choose_destination(r));
    WEIR_TRY(wr_naming_find(r->cx, wr_lit("snake_case"), r->destination->caps.identifier_max,
                            &r->naming));
    WEIR_TRY(name_schema(r));
    WEIR_TRY(name_dataset(r));

    const wr_scope scope = { r->config, r->name, WR_SECTION("load") };
    const weir_option_values *values = NULL;
    WEIR_TRY(wr_config_resolve(r->cx, &scope, RUN_OPTIONS, &r->arena, &values));
    r->keep_packages = weir_option_int(values, "keep_packages");
    const wr_scope normalize = { r->config, r->name, WR_SECTION("normalize") };
    WEIR_TRY(wr_config_resolve(r->cx, &normalize, NORMALIZE_OPTIONS, &r->arena, &values));
    r->workers = weir_option_int(values, "workers");
    return r->pipeline->setup ? r->pipeline->setup(r->cx) : WEIR_OK;
}

/* ---- destination ---- */

/* Local files of destinations lie in the working folder. */
static weir_status working_folder(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    char here[4096];
    if (!getcwd(here, sizeof here))
        return wr_fail_errno(cx, errno, "cannot tell the working folder");
    *ret = wr_arena_str(arena, weir_str_of(here));
    return WEIR_OK;
}

static weir_status read_local_state(run *r)
{
    weir_str text;
    bool found = false;
    WEIR_TRY(wr_file_read(r->cx, &r->arena, r->home.dir, "state.json", &text, &found));
    if (found)
        return wr_state_read(r->cx, &r->arena, text, &r->state);
    return WEIR_OK;
}

static weir_str schema_file(run *r)
{
    return wr_arena_printf(&r->arena, "%.*s.schema.json", WR_STR(r->schema_name));
}

static weir_status read_local_schema(run *r)
{
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_open_dir(r->cx, r->home.dir, "schemas", true, &dir));
    weir_str text;
    bool found = false;
    WEIR_TRY(wr_file_read(r->cx, &r->arena, dir, schema_file(r).ptr, &text, &found));
    return found ? wr_schema_read(r->cx, text, &r->schema) : WEIR_OK;
}

/* State and schema: those of the destination; local copies only when it has a dataset that knows neither. Without a
 * dataset the pipeline starts over. */
static weir_status restore(run *r)
{
    weir_restored restored = { 0 };
    WEIR_TRY(r->destination->restore(r->cx, r->self, r->schema_name, &restored));
    wr_schema_drop(r->schema);
    r->schema = NULL;
    r->state = NULL;
    r->last_load_id = wr_arena_str(&r->arena, restored.last_load_id);
    if (restored.state.len)
        WEIR_TRY(wr_state_read(r->cx, &r->arena, restored.state, &r->state));
    else if (restored.has_dataset)
        WEIR_TRY(read_local_state(r));
    if (restored.schema.len)
        return wr_schema_read(r->cx, restored.schema, &r->schema);
    return restored.has_dataset ? read_local_schema(r) : WEIR_OK;
}

static void keep_location(run *r)
{
    const weir_str location = r->destination->location(r->self);
    snprintf(r->info.pipeline, sizeof r->info.pipeline, "%.*s", WR_STR(r->name));
    snprintf(r->info.destination, sizeof r->info.destination, "%s", r->destination->name);
    snprintf(r->info.dataset, sizeof r->info.dataset, "%.*s", WR_STR(r->dataset));
    snprintf(r->info.location, sizeof r->info.location, "%.*s", WR_STR(location));
}

/* ---- extract and seal ---- */

static void tell(void *self, const char *stage, int64_t rows, int64_t bytes)
{
    const run *r = self;
    if (!r->settings->progress)
        return;
    const wr_progress progress = {
        .stage = stage,
        .rows = rows,
        .bytes = bytes,
        .seconds = (double)(wr_ticks_ns(r->cx) - r->began_ns) / 1e9,
    };
    r->settings->progress(r->settings->progress_self, &progress);
}

static weir_status set_state(run *r, bool *ret_changed)
{
    const wr_state_owner owner = {
        .pipeline = r->name,
        .schema = r->schema_name,
        .dataset = r->dataset_given,
        .destination_type = weir_str_of(r->destination->type),
    };
    wr_state_set_owner(&r->arena, r->state, &owner);
    return wr_state_bump(r->cx, &r->arena, r->state, ret_changed);
}

/* A changed state is a row like others: it ends the log, and is committed with the rows that changed it. */
static weir_status append_state(run *r, wr_log_writer *log, weir_str load_id)
{
    wr_auto(buf) wr_buf row = wr_buf_max(WR_STATE_MAX);
    WEIR_TRY(wr_state_row(r->cx, r->state, load_id, &row));
    const wr_frame frame = {
        .kind = WR_FRAME_TYPED,
        .rows = 1,
        .resource = wr_lit(WR_STATE_TABLE),
        .table = wr_lit(WR_STATE_TABLE),
        .content = row.ptr,
        .len = row.len,
    };
    return wr_log_append(r->cx, log, &frame);
}

static void set_text(run *r, wr_node *doc, const char *key, weir_str text)
{
    wr_node_set(&r->arena, doc, weir_str_of(key), wr_node_text(&r->arena, text));
}

static void set_int(run *r, wr_node *doc, const char *key, int64_t value)
{
    wr_node_set(&r->arena, doc, weir_str_of(key), wr_node_int(&r->arena, value));
}

static wr_node *manifest_of(run *r, weir_str load_id, const wr_log_writer *log,
                            const wr_extracted *extracted, bool state_changed)
{
    char now[WR_TIME_TEXT];
    wr_node *ret = wr_node_new(&r->arena, WR_NODE_OBJECT);
    set_int(r, ret, "package_version", WR_PACKAGE_VERSION);
    set_text(r, ret, "state", weir_str_of(wr_package_state_name(WR_PACKAGE_SEALED)));
    set_text(r, ret, "load_id", load_id);
    set_text(r, ret, "pipeline", r->name);
    set_text(r, ret, "schema_name", r->schema_name);
    set_text(r, ret, "destination", weir_str_of(r->destination->name));
    set_text(r, ret, "dataset", r->dataset);
    set_text(r, ret, "sealed_at", (weir_str){ now, wr_time_iso(now, wr_now(r->cx)) });
    set_int(r, ret, "frames", (int64_t)log->frames);
    set_int(r, ret, "rows", extracted->rows);
    set_int(r, ret, "bytes", extracted->bytes);
    wr_node_set(&r->arena, ret, wr_lit("tables"), wr_node_copy(&r->arena, extracted->tables));
    wr_node_set(&r->arena, ret, wr_lit("state_changed"), wr_node_bool(&r->arena, state_changed));
    wr_node_set(&r->arena, ret, wr_lit("pipeline_state"), wr_node_copy(&r->arena, r->state));
    return ret;
}

static weir_status fill_log(run *r, wr_log_writer *log, weir_str load_id, wr_extracted *extracted,
                            bool *ret_state_changed)
{
    if (!r->state)
        r->state = wr_state_new(&r->arena);
    const wr_extract_args how = {
        .resources = r->resources,
        .naming = r->naming,
        .schema = r->schema_name,
        .arena = &r->arena,
        .state = r->state,
        .progress = tell,
        .progress_self = r,
    };
    WEIR_TRY(wr_extract(r->cx, &how, log, extracted));
    WEIR_TRY(set_state(r, ret_state_changed));
    if (*ret_state_changed)
        WEIR_TRY(append_state(r, log, load_id));
    return wr_log_sync(r->cx, log);
}

/* A resource that replaces a table empties it also when it has no rows. */
static bool replaces_something(const run *r)
{
    for (const weir_resource *resource = r->resources; resource->name; resource++) {
        if (resource->write != WEIR_REPLACE || !r->schema)
            continue;
        for (size_t i = 0; i < r->schema->tables.len; i++) {
            const wr_table *table = r->schema->tables.ptr[i];
            if (table->seen_data && wr_str_eq(table->resource, weir_str_of(resource->name)))
                return true;
        }
    }
    return false;
}

/* *ret_sealed false: there is nothing to load. */
static weir_status extract_into(run *r, int dir, weir_str load_id, bool *ret_sealed)
{
    wr_log_writer log;
    WEIR_TRY(wr_log_create(r->cx, dir, &log));
    wr_extracted extracted;
    bool state_changed = false;
    weir_status status = fill_log(r, &log, load_id, &extracted, &state_changed);
    const bool worth_it = log.frames > 0 || replaces_something(r);
    if (status == WEIR_OK && worth_it)
        status =
            wr_package_seal(r->cx, dir, manifest_of(r, load_id, &log, &extracted, state_changed));
    wr_log_writer_close(&log);
    *ret_sealed = worth_it;
    return status;
}

/* Extract into a new package and seal it. What fails leaves nothing. */
static weir_status extract(run *r, char ret_load_id[WR_LOAD_ID_TEXT], bool *ret_sealed)
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

/* ---- load ---- */

static wr_node *trace_of(run *r, const wr_package *package, const wr_loaded *loaded)
{
    char now[WR_TIME_TEXT];
    wr_node *ret = wr_node_copy(&r->arena, package->manifest);
    wr_node_remove(ret, wr_lit("pipeline_state"));
    wr_node_remove(ret, wr_lit("tables"));
    set_text(r, ret, "state", weir_str_of(wr_package_state_name(WR_PACKAGE_LOADED)));
    set_text(r, ret, "loaded_at", (weir_str){ now, wr_time_iso(now, wr_now(r->cx)) });
    set_text(r, ret, "location", r->destination->location(r->self));
    if (!loaded)
        return ret;
    set_text(r, ret, "schema_hash", weir_str_of(loaded->schema->hash));
    set_int(r, ret, "memory_peak", (int64_t)wr_mem_peak());
    wr_node *tables = wr_node_new(&r->arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < loaded->tables.len; i++)
        wr_node_set(&r->arena, tables, loaded->tables.ptr[i].name,
                    wr_node_int(&r->arena, loaded->tables.ptr[i].rows));
    wr_node_set(&r->arena, ret, wr_lit("tables"), tables);
    return ret;
}

static weir_status publish_node(run *r, int dir, const char *name, const wr_node *doc)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_node_write(&out, doc, WR_JSON_COMPACT);
    WEIR_TRY(wr_buf_check(r->cx, &out, name));
    return wr_file_publish(r->cx, dir, name, wr_buf_view(&out));
}

/* The local copies of what was committed. */
static weir_status keep_copies(run *r, const wr_package *package, const wr_schema *schema)
{
    WEIR_TRY(wr_fault(r->cx, "state.save"));
    WEIR_TRY(publish_node(r, r->home.dir, "state.json",
                          wr_node_get(package->manifest, "pipeline_state")));
    if (!schema)
        return WEIR_OK;
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_schema_write(&out, schema, WR_JSON_PRETTY);
    WEIR_TRY(wr_buf_check(r->cx, &out, "the schema"));
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_open_dir(r->cx, r->home.dir, "schemas", true, &dir));
    return wr_file_publish(r->cx, dir, schema_file(r).ptr, wr_buf_view(&out));
}

/* It is committed: keep copies and the trace, remove the package. `loaded` NULL: an earlier run committed it. */
static weir_status finish(run *r, const wr_package *package, const wr_loaded *loaded)
{
    WEIR_TRY(keep_copies(r, package, loaded ? loaded->schema : NULL));
    WEIR_TRY(wr_package_finish(r->cx, &r->home, package->load_id, trace_of(r, package, loaded),
                               (size_t)r->keep_packages));
    if (!loaded || r->info.load_count >= WEIR_LOADS_MAX)
        return WEIR_OK;
    weir_load *load = &r->info.loads[r->info.load_count++];
    snprintf(load->load_id, sizeof load->load_id, "%.*s", WR_STR(package->load_id));
    load->rows = loaded->rows;
    load->tables = loaded->data_tables;
    return WEIR_OK;
}

static void interrupt(void *arg)
{
    const run *r = arg;
    r->destination->cancel(r->self);
}

/* A load runs to its commit when the run is asked to end; only a second signal interrupts it. */
static weir_status load_frames(run *r, const wr_package *package, wr_frames frames, wr_loaded *ret)
{
    const wr_load_args args = {
        .destination = r->destination,
        .self = r->self,
        .frames = frames,
        .workers = (size_t)r->workers,
        .load_id = package->load_id,
        .manifest = package->manifest,
        .base = r->schema,
        .schema_name = r->schema_name,
        .progress = tell,
        .progress_self = r,
    };
    wr_cancel *cancel = r->cx->cancel;
    r->cx->cancel = NULL;
    wr_signals_on_interrupt(interrupt, r);
    const weir_status status = wr_load(r->cx, &args, ret);
    wr_signals_on_interrupt(NULL, NULL);
    r->cx->cancel = cancel;
    return status;
}

static weir_status load_package(run *r, const wr_package *package, wr_loaded *ret)
{
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_package_open(r->cx, &r->home, package->load_id, &dir));
    wr_log_frames log;
    WEIR_TRY(wr_log_frames_open(r->cx, dir, wr_node_get_int(package->manifest, "frames", 0), &log));
    const weir_status status = load_frames(r, package, wr_log_frames_of(&log), ret);
    wr_log_frames_close(&log);
    return status;
}

static weir_status load(run *r, const wr_package *package)
{
    r->cx->scope.load_id = package->load_id;
    wr_loaded loaded = { 0 };
    weir_status status = load_package(r, package, &loaded);
    if (status == WEIR_OK) {
        status = finish(r, package, &loaded);
        wr_loaded_done(&loaded);
        return status;
    }
    if (weir_status_class(status) == WEIR_CLASS_TERMINAL) {
        WEIR_TRY(wr_package_fail(r->cx, &r->home, package));
        if (!*weir_error_hint(r->cx))
            wr_hint(
                r->cx,
                "the package is kept: see `weir package show %s`, then `weir package retry` or `drop`",
                r->pipeline->name);
    }
    return wr_context(r->cx, status, "loading package '%.*s'", WR_STR(package->load_id));
}

/* What an earlier run sealed: committed or not, the destination knows. */
static weir_status recover(run *r, const wr_package *package)
{
    if (package->state == WR_PACKAGE_FAILED)
        return weir_fail(
            r->cx, WEIR_REJECTED,
            "package '%.*s' of an earlier run was refused: %.*s\n"
            "hint: `weir package retry %s` tries it again, `weir package drop %s` forgets it; its rows are "
            "extracted again",
            WR_STR(package->load_id),
            WR_STR(wr_node_get_text(wr_node_get(package->manifest, "error"), "message")),
            r->pipeline->name, r->pipeline->name);
    bool known = false;
    WEIR_TRY(r->destination->knows(r->cx, r->self, package->load_id, &known));
    if (known)
        return finish(r, package, NULL);
    return load(r, package);
}

static weir_status recover_all(run *r)
{
    WEIR_TRY(wr_package_sweep(r->cx, &r->home));
    wr_packages packages;
    WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, false, &packages));
    for (size_t i = 0; i < packages.len; i++) {
        WEIR_TRY(recover(r, &packages.ptr[i]));
        WEIR_TRY(restore(r));
    }
    return WEIR_OK;
}

static weir_status load_new(run *r, weir_str load_id)
{
    wr_packages packages;
    WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, false, &packages));
    for (size_t i = 0; i < packages.len; i++)
        if (wr_str_eq(packages.ptr[i].load_id, load_id))
            return load(r, &packages.ptr[i]);
    return weir_fail(r->cx, WEIR_INTERNAL, "package '%.*s' has vanished", WR_STR(load_id));
}

/* ---- the whole ---- */

static weir_status execute(run *r)
{
    bool found = false;
    WEIR_TRY(wr_home_open(r->cx, &r->arena, r->name, true, &r->home, &found));
    WEIR_TRY(wr_home_lock(r->cx, &r->home));

    weir_target target = { .pipeline = r->name, .dataset = r->dataset };
    WEIR_TRY(working_folder(r->cx, &r->arena, &target.local_dir));
    r->self = wr_alloc(r->destination->self_size);
    r->opened = true;
    WEIR_TRY(wr_destination_open(r->cx, r->config, &r->arena, r->destination, target, r->self));
    keep_location(r);
    WEIR_TRY(restore(r));
    WEIR_TRY(recover_all(r));

    char load_id[WR_LOAD_ID_TEXT];
    bool sealed = false;
    WEIR_TRY(extract(r, load_id, &sealed));
    return sealed ? load_new(r, weir_str_of(load_id)) : WEIR_OK;
}

static void run_done(run *r)
{
    if (r->opened)
        r->destination->close(r->self);
    wr_free(r->self);
    wr_home_close(&r->home);
    wr_schema_drop(r->schema);
    wr_config_free(r->own_config);
    wr_arena_done(&r->arena);
}

weir_status weir_pipeline_run_with(weir_ctx *cx, const weir_run_args *args)
{
    if (!args || !args->pipeline || !args->pipeline->name)
        return weir_fail(cx, WEIR_INVALID,
                         "the pipeline has no name\nhint: set .name, as in { .name = \"orders\" }");
    run r = {
        .cx = cx,
        .pipeline = args->pipeline,
        .settings = cx->activity ? cx->activity : &NO_SETTINGS,
        .name = weir_str_of(args->pipeline->name),
        .home = { .dir = -1, .lock = -1 },
        .began_ns = wr_ticks_ns(cx),
    };
    const wr_log_scope scope = cx->scope;
    cx->scope = (wr_log_scope){ .pipeline = r.name };
    weir_status status = configure(&r, args);
    if (status == WEIR_OK)
        status = execute(&r);
    if (r.settings->progress)
        r.settings->progress(r.settings->progress_self, &(const wr_progress){ .stage = NULL });
    cx->scope = scope;
    r.info.seconds = (double)(wr_ticks_ns(cx) - r.began_ns) / 1e9;
    r.info.memory_peak = (int64_t)wr_mem_peak();
    if (status == WEIR_OK && args->info)
        *args->info = r.info;
    run_done(&r);
    return wr_context(cx, status, "pipeline '%s'", args->pipeline->name);
}
