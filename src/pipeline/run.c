/* One execution of a pipeline: finish what an earlier run left, extract, seal, load, report. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/execution.h"

static const wr_run_settings NO_SETTINGS;

void wr_run_set(weir_ctx *cx, const wr_run_settings *settings)
{
    cx->activity = settings;
}

void wr_run_tell(void *self, const char *stage, int64_t rows, int64_t bytes)
{
    const wr_run *r = self;
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

void wr_run_set_text(wr_run *r, wr_node *doc, const char *key, weir_str text)
{
    wr_node_set(&r->arena, doc, weir_str_of(key), wr_node_text(&r->arena, text));
}

void wr_run_set_int(wr_run *r, wr_node *doc, const char *key, int64_t value)
{
    wr_node_set(&r->arena, doc, weir_str_of(key), wr_node_int(&r->arena, value));
}

/* Local files of destinations lie in the working folder. */
static weir_status working_folder(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    char here[4096];
    if (!getcwd(here, sizeof here))
        return wr_fail_errno(cx, errno, "cannot tell the working folder");
    *ret = wr_arena_str(arena, weir_str_of(here));
    return WEIR_OK;
}

static void keep_location(wr_run *r)
{
    const weir_str location = r->destination->location(r->self);
    snprintf(r->info.pipeline, sizeof r->info.pipeline, "%.*s", WR_STR(r->name));
    snprintf(r->info.destination, sizeof r->info.destination, "%s", r->destination->name);
    snprintf(r->info.dataset, sizeof r->info.dataset, "%.*s", WR_STR(r->dataset));
    snprintf(r->info.location, sizeof r->info.location, "%.*s", WR_STR(location));
}

weir_status wr_run_open_home(wr_run *r, bool make)
{
    bool found = false;
    WEIR_TRY(wr_home_open(r->cx, &r->arena, r->name, make, &r->home, &found));
    return r->settings->planner || !found ? WEIR_OK : wr_home_lock(r->cx, &r->home);
}

static void close_destination(wr_run *r)
{
    if (r->opened)
        r->destination->close(r->self);
    wr_free(r->self);
    r->opened = false;
    r->self = NULL;
}

weir_status wr_run_open_destination(wr_run *r, bool read_only)
{
    const wr_planner *planner = r->settings->planner;
    close_destination(r);
    weir_target target = {
        .pipeline = r->name,
        .dataset = r->dataset,
        .name = r->destination_name,
        .writing = r->normalize,
        .read_only = read_only,
        .recorder = planner ? &planner->recorder : NULL,
    };
    WEIR_TRY(working_folder(r->cx, &r->arena, &target.local_dir));
    r->self = wr_alloc(r->destination->self_size);
    r->opened = true;
    WEIR_TRY(wr_destination_open(r->cx, r->config, &r->arena, r->destination, target, r->self));
    keep_location(r);
    return WEIR_OK;
}

static weir_status execute(wr_run *r)
{
    const wr_planner *planner = r->settings->planner;
    const bool only_looks = planner || r->settings->upkeep;
    WEIR_TRY(wr_run_open_home(r, !only_looks));
    WEIR_TRY(wr_run_open_destination(r, only_looks));
    WEIR_TRY(wr_run_restore(r));
    if (r->settings->upkeep)
        return wr_run_upkeep(r);
    if (planner)
        planner->restored(planner->self);
    WEIR_TRY(wr_run_recover(r));
    WEIR_TRY(wr_run_refresh(r));

    if (wr_run_is_direct(r))
        return wr_run_direct(r);
    if (planner)
        return wr_run_plan_log(r);
    char load_id[WR_LOAD_ID_TEXT];
    bool sealed = false;
    WEIR_TRY(wr_run_extract(r, load_id, &sealed));
    return sealed ? wr_run_load_package(r, weir_str_of(load_id)) : WEIR_OK;
}

static void run_done(wr_run *r)
{
    close_destination(r);
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
    if (args->resource_size != sizeof(weir_resource))
        return weir_fail(cx, WEIR_INVALID,
                         "the caller was compiled with the headers of another weir\n"
                         "hint: compile it again with those of this one");
    wr_run r = {
        .cx = cx,
        .pipeline = args->pipeline,
        .settings = cx->activity ? cx->activity : &NO_SETTINGS,
        .name = weir_str_of(args->pipeline->name),
        .arena.wipe = true, /* options are in it */
        .home = { .dir = -1, .lock = -1 },
        .began_ns = wr_ticks_ns(cx),
    };
    const wr_log_scope scope = cx->scope;
    cx->scope = (wr_log_scope){ .pipeline = r.name };
    weir_status status = wr_run_configure(&r, args);
    wr_config *chain = cx->config;
    cx->config = NULL;
    if (status == WEIR_OK)
        status = execute(&r);
    cx->config = chain;
    cx->options = NULL;
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
