/* weir pipeline: the pipelines of this project, by what their folders hold. */
#include "cli/pipeline.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "pipeline/package.h"

#define NAMES_MAX 1024

/* ---- finding one ---- */

/* "'a', 'b'"; long lists end in "…". */
static const char *quoted_names(wr_buf *out, const wr_names *names)
{
    for (size_t i = 0; i < names->len; i++) {
        if (out->len + names->ptr[i].len + 16 > NAMES_MAX) {
            wr_buf_cstr(out, ", …");
            break;
        }
        wr_buf_printf(out, "%s'%.*s'", i ? ", " : "", WR_STR(names->ptr[i]));
    }
    return wr_buf_text(out);
}

static const char *nearest_name(wr_arena *arena, const wr_names *names, weir_str name)
{
    const char **list = wr_arena_new_array(arena, names->len + 1, const char *);
    for (size_t i = 0; i < names->len; i++)
        list[i] = names->ptr[i].ptr;
    return wr_str_nearest(wr_arena_str(arena, name).ptr, list);
}

static weir_status fail_unknown(weir_ctx *cx, wr_arena *arena, weir_str name)
{
    wr_names names = { 0 };
    WEIR_TRY(wr_home_list(cx, arena, &names));
    if (names.len == 0)
        return weir_fail(
            cx, WEIR_INVALID,
            "no pipeline '%.*s' was run in this project\n"
            "hint: none was yet; go to the folder where it ran, or start with: weir run "
            "FILE.c",
            WR_STR(name));
    const char *near = nearest_name(arena, &names, name);
    if (near)
        return weir_fail(cx, WEIR_INVALID,
                         "no pipeline '%.*s' was run in this project\nhint: did you mean: %s",
                         WR_STR(name), near);
    wr_auto(buf) wr_buf list = wr_buf_max(2 * NAMES_MAX);
    return weir_fail(cx, WEIR_INVALID,
                     "no pipeline '%.*s' was run in this project\nhint: there are: %s",
                     WR_STR(name), quoted_names(&list, &names));
}

weir_status wr_pipeline_home(weir_ctx *cx, wr_arena *arena, weir_str pipeline, wr_home *ret)
{
    WEIR_TRY(wr_pipeline_check_name(cx, pipeline));
    bool found = false;
    WEIR_TRY(wr_home_open(cx, arena, pipeline, false, ret, &found));
    return found ? WEIR_OK : fail_unknown(cx, arena, pipeline);
}

weir_status wr_pipeline_choose(weir_ctx *cx, wr_arena *arena, const char *word, weir_str *ret)
{
    if (word) {
        *ret = weir_str_of(word);
        return WEIR_OK;
    }
    wr_names names = { 0 };
    WEIR_TRY(wr_home_list(cx, arena, &names));
    if (names.len == 0)
        return weir_fail(cx, WEIR_INVALID,
                         "no pipeline was run in this project\n"
                         "hint: go to the folder where it ran, or start with: weir run FILE.c");
    if (names.len > 1) {
        wr_auto(buf) wr_buf list = wr_buf_max(2 * NAMES_MAX);
        return weir_fail(cx, WEIR_INVALID,
                         "this project has more than one pipeline\nhint: name one of: %s",
                         quoted_names(&list, &names));
    }
    *ret = names.ptr[0];
    return WEIR_OK;
}

/* ---- what is in a folder ---- */

typedef struct summary {
    weir_str name;
    weir_str path;
    const wr_node *last; /* trace of the last load, or NULL */
    weir_str last_load;  /* its id */
    int64_t waiting;     /* sealed: the next run loads them */
    int64_t failed;
} summary;

static weir_status summarize(weir_ctx *cx, wr_arena *arena, weir_str name, summary *ret)
{
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    WEIR_TRY(wr_pipeline_home(cx, arena, name, &home));
    wr_packages packages = { 0 };
    WEIR_TRY(wr_package_list(cx, arena, &home, true, &packages));

    summary s = { .name = name, .path = home.path };
    for (size_t i = 0; i < packages.len; i++) {
        const wr_package *package = &packages.ptr[i];
        s.waiting += package->state == WR_PACKAGE_SEALED;
        s.failed += package->state == WR_PACKAGE_FAILED;
        if (package->state == WR_PACKAGE_LOADED) {
            s.last = package->manifest;
            s.last_load = package->load_id;
        }
    }
    *ret = s;
    return WEIR_OK;
}

static const char *const trace_texts[] = { "destination", "dataset", "location" };

static wr_node *summary_node(wr_arena *arena, const summary *s)
{
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, node, wr_lit("pipeline"), wr_node_text(arena, s->name));
    wr_node_set(arena, node, wr_lit("folder"), wr_node_text(arena, s->path));
    for (size_t i = 0; i < sizeof(trace_texts) / sizeof(*trace_texts); i++)
        wr_node_set(arena, node, weir_str_of(trace_texts[i]),
                    wr_node_text(arena, wr_node_get_text(s->last, trace_texts[i])));
    wr_node_set(arena, node, wr_lit("last_load"), wr_node_text(arena, s->last_load));
    wr_node_set(arena, node, wr_lit("sealed"), wr_node_int(arena, s->waiting));
    wr_node_set(arena, node, wr_lit("failed"), wr_node_int(arena, s->failed));
    return node;
}

/* ---- the commands ---- */

static void add_row(wr_grid *grid, const summary *s)
{
    wr_grid_cell(grid, s->name);
    wr_grid_cell(grid, wr_node_get_text(s->last, "destination"));
    wr_grid_cell(grid, wr_node_get_text(s->last, "dataset"));
    wr_grid_cell(grid, s->last_load);
    wr_grid_int(grid, s->waiting);
    wr_grid_int(grid, s->failed);
}

static void add_columns(wr_grid *grid)
{
    static const char *const titles[] = { "pipeline", "destination", "dataset", "last_load" };
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
        wr_grid_column(grid, weir_str_of(titles[i]), false);
    wr_grid_column(grid, wr_lit("sealed"), true);
    wr_grid_column(grid, wr_lit("failed"), true);
}

weir_status wr_command_pipeline_list(weir_ctx *cx, const wr_call *call)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(grid) wr_grid grid = { 0 };
    const bool json = wr_call_flag(call, "json") != NULL;
    add_columns(&grid);

    wr_names names = { 0 };
    WEIR_TRY(wr_home_list(cx, &arena, &names));
    for (size_t i = 0; i < names.len; i++) {
        summary s;
        WEIR_TRY(summarize(cx, &arena, names.ptr[i], &s));
        if (json)
            WEIR_TRY(wr_print_json(cx, summary_node(&arena, &s)));
        else
            add_row(&grid, &s);
    }
    if (!json)
        wr_grid_end(&grid);
    return WEIR_OK;
}

weir_status wr_command_pipeline_show(weir_ctx *cx, const wr_call *call)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str name;
    WEIR_TRY(wr_pipeline_choose(cx, &arena, call->words[0], &name));
    summary s;
    WEIR_TRY(summarize(cx, &arena, name, &s));
    const wr_node *node = summary_node(&arena, &s);
    if (wr_call_flag(call, "json"))
        return wr_print_json(cx, node);
    for (const wr_node *fact = node->first; fact; fact = fact->next)
        if (fact->text.len > 0)
            wr_print_fact(fact->key.ptr, fact->text);
    return WEIR_OK;
}

weir_status wr_command_pipeline_forget(weir_ctx *cx, const wr_call *call)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str name;
    WEIR_TRY(wr_pipeline_choose(cx, &arena, call->words[0], &name));
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    WEIR_TRY(wr_pipeline_home(cx, &arena, name, &home));
    WEIR_TRY(wr_home_lock(cx, &home));

    summary s;
    WEIR_TRY(summarize(cx, &arena, name, &s));
    if (s.waiting + s.failed > 0 && !wr_call_flag(call, "force"))
        return weir_fail(cx, WEIR_INVALID,
                         "the pipeline '%.*s' has %lld package(s) that are not loaded\n"
                         "hint: load them with a run, drop them (weir package drop %.*s), or give "
                         "them up with --force",
                         WR_STR(name), (long long)(s.waiting + s.failed), WR_STR(name));
    WEIR_TRY(wr_remove_tree(cx, AT_FDCWD, wr_arena_str(&arena, home.path).ptr));
    printf("forgot pipeline %.*s\n", WR_STR(name));
    return WEIR_OK;
}
