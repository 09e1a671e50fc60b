/* weir run: a pipeline in TOML, or a C file of the user, compiled and loaded. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/str.h"
#include "cli/config.h"
#include "cli/progress.h"
#include "cli/start.h"
#include "cli/table.h"
#include "config/config.h"
#include "pipeline/run.h"
#include "project/crash.h"
#include "project/program.h"

static wr_node *load_node(wr_arena *arena, const weir_load *load)
{
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, node, wr_lit("load_id"), wr_node_text(arena, weir_str_of(load->load_id)));
    wr_node_set(arena, node, wr_lit("rows"), wr_node_int(arena, load->rows));
    wr_node_set(arena, node, wr_lit("tables"), wr_node_int(arena, load->tables));
    wr_node_set(arena, node, wr_lit("bad_rows"), wr_node_int(arena, load->bad_rows));
    return node;
}

static weir_status print_info_json(weir_ctx *cx, const weir_load_info *info)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const struct {
        const char *key;
        const char *text;
    } texts[] = {
        { "pipeline", info->pipeline },
        { "destination", info->destination },
        { "dataset", info->dataset },
        { "location", info->location },
    };
    wr_node *node = wr_node_new(&arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        wr_node_set(&arena, node, weir_str_of(texts[i].key),
                    wr_node_text(&arena, weir_str_of(texts[i].text)));

    wr_node *seconds = wr_node_new(&arena, WR_NODE_NUMBER);
    seconds->text = wr_arena_printf(&arena, "%.3f", info->seconds);
    wr_node_set(&arena, node, wr_lit("seconds"), seconds);
    wr_node_set(&arena, node, wr_lit("memory_peak"), wr_node_int(&arena, info->memory_peak));
    wr_node *loads = wr_node_new(&arena, WR_NODE_ARRAY);
    for (int i = 0; i < info->load_count; i++)
        wr_node_append(loads, load_node(&arena, &info->loads[i]));
    wr_node_set(&arena, node, wr_lit("loads"), loads);
    return wr_print_json(cx, node);
}

/* What a run is started with. */
typedef struct how {
    bool json;
    bool plans;
    wr_progress_line line;
} how;

static weir_status run_pipeline(weir_ctx *cx, how *h, const wr_program *program)
{
    weir_load_info info = { 0 };
    WEIR_TRY(weir_pipeline_run(cx, program->pipeline, .source = program->source, .info = &info));
    wr_progress_clear(&h->line);
    if (h->plans)
        return WEIR_OK;
    if (h->json)
        return print_info_json(cx, &info);
    weir_print(&info);
    return WEIR_OK;
}

/* A user may return a failure without a word, or a number that is no status. */
static weir_status run_main(weir_ctx *cx, const wr_program *program)
{
    const weir_status status = program->main(cx);
    if (status == WEIR_OK)
        return WEIR_OK;
    if ((unsigned)status > WEIR_INTERNAL)
        return weir_fail(cx, WEIR_INVALID,
                         "weir_main of '%s' returned %d, which is no weir_status\n"
                         "hint: return WEIR_OK, or what a failed call has returned",
                         program->file, (int)status);
    if (weir_error_message(cx)[0] == '\0')
        return weir_fail(cx, status,
                         "weir_main of '%s' returned '%s' without a message\n"
                         "hint: say what went wrong: return weir_fail(cx, status, \"…\");",
                         program->file, weir_status_name(status));
    return status;
}

static weir_status run_word(weir_ctx *cx, how *h, const char *word)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_program program;
    wr_crash_watch("run", word);
    WEIR_TRY(wr_program_load(cx, &arena, cx->config, word, !h->plans, &program));
    WEIR_TRY(wr_check_cancel(cx));
    return program.main ? run_main(cx, &program) : run_pipeline(cx, h, &program);
}

weir_status wr_start_run(weir_ctx *cx, const wr_call *call, const wr_planner *planner)
{
    how h = { .json = wr_call_flag(call, "json") != NULL, .plans = planner != NULL };
    wr_auto(config) wr_config *config = NULL;
    WEIR_TRY(wr_project_config(cx, &config));
    cx->config = config;
    const wr_run_settings settings = {
        .config = config,
        .destination = wr_call_flag(call, "destination"),
        .refresh = wr_call_flag(call, "refresh"),
        .planner = planner,
        .progress = wr_progress_possible() ? wr_progress_show : NULL,
        .progress_self = &h.line,
    };
    static wr_cancel cancel;
    cx->cancel = &cancel;
    wr_signals_install(&cancel);
    wr_run_set(cx, &settings);
    const weir_status status = run_word(cx, &h, call->words[0]);
    cx->config = NULL;
    wr_run_set(cx, NULL);
    wr_progress_clear(&h.line);
    cx->cancel = NULL;
    return status;
}

weir_status wr_command_run(weir_ctx *cx, const wr_call *call)
{
    /* what the file prints comes in order with the messages, and is not lost in a crash */
    setvbuf(stdout, NULL, _IOLBF, 0);
    return wr_start_run(cx, call, NULL);
}
