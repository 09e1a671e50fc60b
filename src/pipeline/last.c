/* The destination of a pipeline's last load, opened for looking at it. */
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/package.h"
#include "pipeline/run.h"

weir_status wr_last_find(weir_ctx *cx, weir_str pipeline, wr_arena *arena, wr_node **ret,
                         bool *ret_home)
{
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    WEIR_TRY(wr_pipeline_check_name(cx, pipeline));
    WEIR_TRY(wr_home_open(cx, arena, pipeline, false, &home, ret_home));
    wr_packages packages = { 0 };
    if (*ret_home)
        WEIR_TRY(wr_package_list(cx, arena, &home, true, &packages));
    *ret = NULL;
    for (size_t i = packages.len; i-- > 0 && !*ret;)
        if (packages.ptr[i].state == WR_PACKAGE_LOADED)
            *ret = packages.ptr[i].manifest;
    return WEIR_OK;
}

weir_status wr_last_trace(weir_ctx *cx, weir_str pipeline, wr_arena *arena, wr_node **ret)
{
    bool has_home = false;
    wr_node *trace = NULL;
    WEIR_TRY(wr_last_find(cx, pipeline, arena, &trace, &has_home));
    if (!has_home)
        return weir_fail(cx, WEIR_INVALID,
                         "there is no pipeline '%.*s' in this project\n"
                         "hint: `weir pipeline list` shows those that have run here",
                         WR_STR(pipeline));
    if (!trace)
        return weir_fail(cx, WEIR_INVALID,
                         "pipeline '%.*s' has not loaded anything yet\nhint: run it first",
                         WR_STR(pipeline));
    *ret = trace;
    return WEIR_OK;
}

void wr_last_lead(wr_config *config, const wr_node *trace)
{
    const weir_str name = wr_node_get_text(trace, "destination");
    const weir_destination *destination = wr_destination_find(name);
    char path[128];
    snprintf(path, sizeof path, "destination.%.*s.%s", WR_STR(name),
             destination ? wr_destination_locator(destination) : "credentials");
    wr_config_set(config, path, wr_node_get_text(trace, "location"));
}

weir_status wr_last_open(weir_ctx *cx, weir_str pipeline, wr_last *ret)
{
    *ret = (wr_last){ .arena.wipe = true };
    WEIR_TRY(wr_last_trace(cx, pipeline, &ret->arena, &ret->trace));
    ret->dataset = wr_node_get_text(ret->trace, "dataset");
    WEIR_TRY(
        wr_destination_get(cx, wr_node_get_text(ret->trace, "destination"), &ret->destination));

    wr_config *config = wr_config_new();
    wr_last_lead(config, ret->trace);
    ret->self = wr_alloc(ret->destination->self_size);
    const weir_target target = {
        .pipeline = pipeline,
        .dataset = ret->dataset,
        .local_dir = wr_lit("."),
        .read_only = true,
    };
    const weir_status status =
        wr_destination_open(cx, config, &ret->arena, ret->destination, target, ret->self);
    wr_config_free(config);
    return status;
}

void wr_last_close(wr_last *last)
{
    if (last->self)
        last->destination->close(last->self);
    wr_free(last->self);
    last->self = NULL;
    wr_arena_done(&last->arena);
}

void wr_cleanup_last(wr_last *last)
{
    wr_last_close(last);
}
