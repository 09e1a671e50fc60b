/* weir build: compiles the project, and checks what names what. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/config.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "config/config.h"
#include "pipeline/home.h"
#include "project/check.h"
#include "project/crash.h"
#include "project/lock.h"

/* Sources that stand in the pipeline itself have the name of their kind. */
static weir_str source_of(const wr_program *program)
{
    if (program->pipeline->source && !program->pipeline->resources)
        return weir_str_of(program->pipeline->source);
    return weir_str_of(program->source ? program->source->name : NULL);
}

static void print_module(const wr_module *module)
{
    if (!module->handle)
        puts("no C files");
    else
        printf("C files: %zu, compiled: %zu\n", module->files->len, module->compiled);
}

static void print_programs(const wr_checked *checked)
{
    wr_auto(grid) wr_grid grid = { 0 };
    wr_grid_column(&grid, wr_lit("pipeline"), false);
    wr_grid_column(&grid, wr_lit("file"), false);
    wr_grid_column(&grid, wr_lit("source"), false);
    wr_grid_column(&grid, wr_lit("destination"), false);
    for (size_t i = 0; i < checked->programs.len; i++) {
        const wr_program *program = &checked->programs.ptr[i];
        wr_grid_cell(&grid, weir_str_of(program->pipeline->name));
        wr_grid_cell(&grid, weir_str_of(program->file));
        wr_grid_cell(&grid, source_of(program));
        wr_grid_cell(&grid, weir_str_of(program->pipeline->destination));
    }
    wr_grid_end(&grid);
}

static void print_problems(const wr_problems *problems)
{
    for (size_t i = 0; i < problems->len; i++) {
        const wr_problem *problem = &problems->ptr[i];
        printf("error: %.*s\n", WR_STR(problem->message));
        if (problem->hint.len > 0)
            printf("  hint: %.*s\n", WR_STR(problem->hint));
    }
}

static weir_status print_json(weir_ctx *cx, wr_arena *arena, const wr_checked *checked)
{
    const wr_module *module = &checked->module;
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *pipelines = wr_node_new(arena, WR_NODE_ARRAY);
    wr_node *problems = wr_node_new(arena, WR_NODE_ARRAY);
    const size_t files = module->handle ? module->files->len : 0;
    wr_node_set(arena, node, wr_lit("files"), wr_node_int(arena, (int64_t)files));
    wr_node_set(arena, node, wr_lit("compiled"), wr_node_int(arena, (int64_t)module->compiled));
    for (size_t i = 0; i < checked->programs.len; i++) {
        const wr_program *program = &checked->programs.ptr[i];
        wr_node *each = wr_node_new(arena, WR_NODE_OBJECT);
        wr_node_set_text(arena, each, "pipeline", weir_str_of(program->pipeline->name));
        wr_node_set_text(arena, each, "file", weir_str_of(program->file));
        wr_node_set_text(arena, each, "source", source_of(program));
        wr_node_set_text(arena, each, "destination", weir_str_of(program->pipeline->destination));
        wr_node_append(pipelines, each);
    }
    for (size_t i = 0; i < checked->problems.len; i++) {
        wr_node *each = wr_node_new(arena, WR_NODE_OBJECT);
        wr_node_set_text(arena, each, "message", checked->problems.ptr[i].message);
        wr_node_set_text(arena, each, "hint", checked->problems.ptr[i].hint);
        wr_node_append(problems, each);
    }
    wr_node_set(arena, node, wr_lit("pipelines"), pipelines);
    wr_node_set(arena, node, wr_lit("problems"), problems);
    return wr_print_json(cx, node);
}

static weir_status print(weir_ctx *cx, wr_arena *arena, const wr_checked *checked, bool json)
{
    if (json)
        return print_json(cx, arena, checked);
    print_module(&checked->module);
    if (checked->programs.len > 0) {
        putchar('\n');
        print_programs(checked);
    }
    if (checked->problems.len > 0)
        putchar('\n');
    print_problems(&checked->problems);
    return WEIR_OK;
}

/* Nothing of the project is compiled or loaded before. */
static weir_status check_lock(weir_ctx *cx, wr_arena *arena, const wr_call *call,
                              wr_checked *checked)
{
    wr_auto(close) int dir = -1;
    weir_str project;
    const bool dev = wr_call_flag(call, "no-dev") == NULL;
    WEIR_TRY(wr_project_dir(cx, arena, &project));
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, project.ptr, false, &dir));
    WEIR_TRY(wr_lock_check(cx, arena, dir, dev, &checked->problems));
    if (checked->problems.len == 0)
        return WEIR_OK;
    if (wr_call_flag(call, "json"))
        WEIR_TRY(print_json(cx, arena, checked));
    else
        print_problems(&checked->problems);
    return weir_fail(cx, WEIR_CONFIG, "this is not what " WR_LOCK " says: %zu difference(s)",
                     checked->problems.len);
}

static weir_status build(weir_ctx *cx, const wr_call *call, wr_checked *checked)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(config) wr_config *config = NULL;
    if (wr_call_flag(call, "locked"))
        WEIR_TRY(check_lock(cx, &arena, call, checked));
    WEIR_TRY(wr_project_config(cx, &config));
    wr_crash_watch("build", NULL);
    WEIR_TRY(wr_project_check(cx, &arena, config, checked));
    WEIR_TRY(print(cx, &arena, checked, wr_call_flag(call, "json") != NULL));
    if (checked->problems.len > 0)
        return weir_fail(cx, WEIR_INVALID, "%zu error(s) in the project", checked->problems.len);
    return WEIR_OK;
}

weir_status wr_command_build(weir_ctx *cx, const wr_call *call)
{
    wr_auto(checked) wr_checked checked = { 0 };
    if (wr_call_flag(call, "no-dev") && !wr_call_flag(call, "locked")) {
        (void)weir_fail(cx, WEIR_INVALID,
                        "--no-dev says what --locked leaves out, and there is no --locked\n"
                        "hint: weir build --locked --no-dev");
        cx->error.native = WR_USAGE;
        return WEIR_INVALID;
    }
    return build(cx, call, &checked);
}
