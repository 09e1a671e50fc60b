/* weir pipeline drop, weir pipeline sync: what a pipeline needs besides running. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/config.h"
#include "cli/confirm.h"
#include "cli/pipeline.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "pipeline/run.h"

typedef struct upkeep {
    const wr_call *call;
    wr_arena arena; /* wiped */
    wr_config *config;
    weir_pipeline pipeline;
    const char *destination; /* NULL: the configuration says it */
    wr_upkeep what;
    wr_node *doc; /* what is told */
} upkeep;

static const char *flag(const upkeep *u, const char *name)
{
    return wr_call_flag(u->call, name);
}

static const char *text_of(upkeep *u, const wr_node *trace, const char *key)
{
    return wr_arena_str(&u->arena, wr_node_get_text(trace, key)).ptr;
}

/* Where the last load went, unless the options say it; without both, what the configuration says. */
static weir_status aim(weir_ctx *cx, upkeep *u)
{
    wr_node *trace = NULL;
    bool has_home = false;
    WEIR_TRY(wr_last_find(cx, weir_str_of(u->pipeline.name), &u->arena, &trace, &has_home));
    u->destination = flag(u, "destination");
    u->pipeline.dataset = flag(u, "dataset");
    if (!trace)
        return WEIR_OK;
    if (!u->destination) {
        u->destination = text_of(u, trace, "destination");
        wr_last_lead(u->config, trace);
    }
    if (!u->pipeline.dataset)
        u->pipeline.dataset = text_of(u, trace, "dataset");
    return WEIR_OK;
}

/* ---- telling ---- */

static void tell(upkeep *u, const char *key, weir_str text)
{
    wr_node_set(&u->arena, u->doc, weir_str_of(key), wr_node_text(&u->arena, text));
}

static void tell_int(upkeep *u, const char *key, int64_t number)
{
    wr_node_set(&u->arena, u->doc, weir_str_of(key), wr_node_int(&u->arena, number));
}

static void tell_where(upkeep *u, const wr_upkeep_plan *plan)
{
    u->doc = wr_node_new(&u->arena, WR_NODE_OBJECT);
    tell(u, "pipeline", weir_str_of(plan->where->pipeline));
    tell(u, "destination", weir_str_of(plan->where->destination));
    tell(u, "dataset", weir_str_of(plan->where->dataset));
    tell(u, "location", weir_str_of(plan->where->location));
    tell(u, "schema", plan->schema);
}

static void print_fact(upkeep *u, const wr_node *fact)
{
    weir_str value = fact->text;
    for (const wr_node *item = fact->first; item; item = item->next)
        value = wr_arena_printf(&u->arena, "%.*s%s%.*s", WR_STR(value), value.len ? ", " : "",
                                WR_STR(item->text));
    if (value.len > 0)
        wr_print_fact(fact->key.ptr, value);
}

/* People read it before they are asked, programs when it is done. */
static void print_facts(upkeep *u)
{
    for (const wr_node *fact = flag(u, "json") ? NULL : u->doc->first; fact; fact = fact->next)
        print_fact(u, fact);
}

static weir_status agree_to_drop(weir_ctx *cx, void *self, const wr_upkeep_plan *plan)
{
    static const struct {
        const char *shown;
        const char *list; /* of wr_refresh_plan() */
    } LISTS[] = {
        { "resources", "resources" }, { "tables", "forget" },     { "with_rows", "drop" },
        { "states", "states" },       { "state_paths", "paths" },
    };
    upkeep *u = self;
    tell_where(u, plan);
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++)
        wr_node_set(&u->arena, u->doc, weir_str_of(LISTS[i].shown),
                    wr_node_copy(&u->arena, wr_node_get(plan->takes, LISTS[i].list)));
    print_facts(u);
    return wr_confirm(cx, u->call, "drop them?");
}

static weir_status agree_to_sync(weir_ctx *cx, void *self, const wr_upkeep_plan *plan)
{
    upkeep *u = self;
    tell_where(u, plan);
    tell_int(u, "state_version", plan->state_version);
    tell_int(u, "schema_version", plan->schema_version);
    tell_int(u, "waiting", (int64_t)plan->waiting);
    print_facts(u);
    if (!plan->has_home)
        return WEIR_OK;
    return wr_confirm(cx, u->call,
                      plan->waiting ? "drop the local state, and packages that are not loaded?"
                                    : "drop the local state for that of the destination?");
}

/* ---- doing ---- */

static weir_status run(weir_ctx *cx, upkeep *u, weir_load_info *ret)
{
    const wr_run_settings settings = {
        .config = u->config,
        .destination = u->destination,
        .upkeep = &u->what,
    };
    wr_run_set(cx, &settings);
    const weir_status status = weir_pipeline_run(
        cx, &u->pipeline, .resources = (const weir_resource[]){ { 0 } }, .info = ret);
    wr_run_set(cx, NULL);
    return status;
}

static weir_status do_upkeep(weir_ctx *cx, upkeep *u)
{
    weir_load_info info = { 0 };
    WEIR_TRY(wr_project_config(cx, &u->config));
    WEIR_TRY(aim(cx, u));
    WEIR_TRY(run(cx, u, &info));
    const char *load_id = info.load_count > 0 ? info.loads[0].load_id : "";
    if (!u->what.syncs)
        tell(u, "load_id", weir_str_of(load_id));
    if (flag(u, "json"))
        return wr_print_json(cx, u->doc);
    if (u->what.syncs)
        printf("\nrestored %s from its destination\n", u->pipeline.name);
    else
        printf("\ndropped by load %s\n", load_id);
    return WEIR_OK;
}

static weir_status finish(upkeep *u, weir_status status)
{
    wr_config_free(u->config);
    wr_arena_done(&u->arena);
    return status;
}

/* ---- what is wished ---- */

/* Names with commas between them. */
static wr_node *list_of(upkeep *u, const char *text)
{
    wr_node *list = wr_node_new(&u->arena, WR_NODE_ARRAY);
    weir_str rest = weir_str_of(text);
    for (weir_str part; wr_str_split(&rest, ',', &part);)
        wr_node_append(list, wr_node_text(&u->arena, wr_str_trim(part)));
    return list;
}

static wr_node *resources_of(upkeep *u)
{
    if (flag(u, "drop-all"))
        return list_of(u, "re:.*");
    wr_node *list = wr_node_new(&u->arena, WR_NODE_ARRAY);
    for (size_t i = 1; i < u->call->word_count; i++)
        wr_node_append(list, wr_node_text(&u->arena, weir_str_of(u->call->words[i])));
    return list;
}

static weir_status read_wish(weir_ctx *cx, upkeep *u)
{
    u->what = (wr_upkeep){
        .wish = {
            .resources = resources_of(u),
            .paths = list_of(u, flag(u, "state-paths")),
            .keeps_tables = flag(u, "state-only") != NULL,
            .stores_state = true,
        },
        .schema = weir_str_of(flag(u, "schema")),
        .agree = agree_to_drop,
        .self = u,
    };
    if (u->what.wish.resources->count + u->what.wish.paths->count > 0)
        return WEIR_OK;
    (void)weir_fail(cx, WEIR_INVALID,
                    "'weir pipeline drop' needs to know what to drop\n"
                    "hint: name resources, or --drop-all, or --state-paths; the local folder alone "
                    "is removed by: weir pipeline forget %s",
                    u->call->words[0]);
    cx->error.native = WR_USAGE;
    return WEIR_INVALID;
}

/* ---- the commands ---- */

weir_status wr_command_pipeline_drop(weir_ctx *cx, const wr_call *call)
{
    upkeep u = { .call = call, .arena.wipe = true, .pipeline.name = call->words[0] };
    weir_status status = read_wish(cx, &u);
    if (status == WEIR_OK)
        status = do_upkeep(cx, &u);
    return finish(&u, status);
}

weir_status wr_command_pipeline_sync(weir_ctx *cx, const wr_call *call)
{
    upkeep u = { .call = call, .arena.wipe = true };
    u.what = (wr_upkeep){ .syncs = true, .agree = agree_to_sync, .self = &u };
    weir_str name;
    weir_status status = wr_pipeline_choose(cx, &u.arena, call->words[0], &name);
    u.pipeline.name = name.ptr;
    if (status == WEIR_OK)
        status = do_upkeep(cx, &u);
    return finish(&u, status);
}
