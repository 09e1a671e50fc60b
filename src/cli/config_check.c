/* weir config check: what pipelines need and do not find, all of it at once, and keys of the files that nothing reads. */
#include <stdio.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "cli/config.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "config/files.h"
#include "config/lookup.h"
#include "config/values.h"
#include "pipeline/exchange.h"
#include "pipeline/home.h"
#include "project/crash.h"
#include "project/program.h"

#define SHOWN_MAX ((size_t)64 << 10)

/* Settings of dlt that have no meaning for weir: they may stay in the files of a project that both run. */
static const char *const only_dlt[] = {
    "runtime.dlthub_telemetry",
    "runtime.log_format",
    "runtime.sentry_dsn",
    "runtime.slack_incoming_hook",
    "extract.workers",
    "extract.max_parallel_items",
    "extract.futures_poll_interval",
    "extract.next_item_mode",
    "data_writer.buffer_max_items",
    "normalize.data_writer.buffer_max_items",
    "normalize.start_method",
    "load.workers",
    "load.parallelism_strategy",
    "load.raise_on_failed_jobs",
    "load.raise_on_max_retries",
    "load.delete_completed_jobs",
    "load.truncate_staging_dataset",
    "load.start_new_jobs_on_signal",
    "load.auto_abort_on_terminal_error",
    NULL,
};

typedef struct check {
    wr_arena arena; /* wiped */
    wr_config *config;
    wr_node *problems; /* [{"kind", "message", "hint"}] */
    size_t failures;   /* problems that would stop a run */
    wr_map known;      /* dotted key → anything: what look-ups ask for */
    wr_map pipelines;  /* names */
} check;

/* ---- problems ---- */

static weir_str masked(check *c, const char *text)
{
    wr_auto(buf) wr_buf out = wr_buf_max(SHOWN_MAX);
    wr_mask(&out, weir_str_of(text));
    return wr_arena_str(&c->arena, wr_buf_view(&out));
}

static void add_problem(check *c, const char *kind, const char *message, const char *hint)
{
    const struct {
        const char *name;
        const char *text;
    } members[] = { { "kind", kind }, { "message", message }, { "hint", hint } };
    wr_node *node = wr_node_new(&c->arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
        if (members[i].text && *members[i].text)
            wr_node_set(&c->arena, node, weir_str_of(members[i].name),
                        wr_node_text(&c->arena, masked(c, members[i].text)));
    wr_node_append(c->problems, node);
}

/* A failure about what the user wrote down is a problem among others; any other one ends the command. */
static weir_status note(weir_ctx *cx, check *c, weir_status status)
{
    if (status != WEIR_CONFIG && status != WEIR_PARSE)
        return status;
    add_problem(c, "error", weir_error_message(cx), weir_error_hint(cx));
    c->failures++;
    weir_error_clear(cx);
    return WEIR_OK;
}

/* ---- what is needed ---- */

static weir_status check_options(weir_ctx *cx, check *c, const wr_scope *scope, wr_section section,
                                 const weir_option *options)
{
    wr_scope own = *scope;
    own.section = section;
    const weir_option_values *values = NULL;
    return note(cx, c, wr_config_resolve(cx, &own, options, &c->arena, &values));
}

static weir_status check_pipeline(weir_ctx *cx, check *c, const wr_program *program)
{
    const weir_pipeline *pipeline = program->pipeline;
    const wr_scope scope = { .config = c->config, .pipeline = weir_str_of(pipeline->name) };
    const wr_destination_wish wish = { .written = weir_str_of(pipeline->destination) };
    wr_map_put(&c->pipelines, scope.pipeline, c);
    WEIR_TRY(check_options(cx, c, &scope, WR_SECTION("normalize"), wr_normalize_options));
    WEIR_TRY(check_options(cx, c, &scope, WR_SECTION("load"), wr_load_options));
    WEIR_TRY(check_options(cx, c, &scope, WR_SECTION("schema"), wr_exchange_options));
    WEIR_TRY(check_options(cx, c, &scope, wr_schema_section(&c->arena, scope.pipeline),
                           wr_schema_options));

    wr_destination_choice choice = { 0 };
    WEIR_TRY(note(cx, c, wr_destination_choose(cx, &scope, &wish, &c->arena, &choice)));
    if (choice.destination)
        WEIR_TRY(check_options(cx, c, &scope,
                               WR_SECTION("destination", wr_arena_str(&c->arena, choice.name).ptr),
                               choice.destination->options));
    const weir_option_values *values = NULL;
    return note(cx, c, wr_source_configure(cx, &scope, program->source, &c->arena, &values));
}

static weir_status take_program(weir_ctx *cx, void *self, const wr_program *program,
                                weir_status status)
{
    check *c = self;
    if (status == WEIR_OK && program->pipeline)
        status = wr_pipeline_setup(cx, c->config, program->pipeline);
    if (status != WEIR_OK)
        return note(cx, c, status);
    return program->pipeline ? check_pipeline(cx, c, program) : WEIR_OK;
}

static weir_status check_word(weir_ctx *cx, check *c, const char *word)
{
    wr_program program = { 0 };
    const weir_status status = wr_program_load(cx, &c->arena, c->config, word, true, &program);
    return take_program(cx, c, &program, status);
}

static weir_status check_project(weir_ctx *cx, check *c)
{
    wr_module module;
    return wr_program_each(cx, &c->arena, c->config, take_program, c, &module);
}

/* ---- keys that nothing reads ---- */

/* All providers are asked for the same keys: one of them is enough. */
static weir_status keep_key(weir_ctx *cx, void *self, const wr_provider *provider,
                            const wr_key *key, bool *ret_done)
{
    (void)cx;
    (void)ret_done;
    check *c = self;
    if (provider->get == wr_environment.get)
        wr_map_put(&c->known, wr_key_dotted(NULL, key, &c->arena), c);
    return WEIR_OK;
}

static weir_status learn_group(weir_ctx *cx, check *c, const wr_option_group *group)
{
    const wr_scope scope = { .config = c->config, .section = group->section };
    for (const weir_option *option = group->options; option->name; option++) {
        const wr_scope own = wr_option_scope(&scope, group->options, option);
        WEIR_TRY(wr_config_visit(cx, &own, option, keep_key, c));
    }
    return WEIR_OK;
}

static weir_status learn_options(weir_ctx *cx, check *c, weir_str pipeline)
{
    const wr_option_groups groups = wr_known_options(&c->arena, pipeline);
    for (size_t i = 0; i < groups.len; i++)
        WEIR_TRY(learn_group(cx, c, &groups.ptr[i]));
    return WEIR_OK;
}

/* A table `destination.<name>` may be that of a destination with a name of its own. */
static weir_status learn_named(weir_ctx *cx, check *c, weir_str dotted, weir_str name)
{
    if (!wr_str_eq(dotted, wr_arena_printf(&c->arena, "destination.%.*s", WR_STR(name))))
        return WEIR_OK;
    wr_option_group group;
    bool found = false;
    WEIR_TRY(wr_option_group_named(cx, c->config, &c->arena, name, &group, &found));
    if (!found)
        return WEIR_OK;
    WEIR_TRY(learn_group(cx, c, &group));
    const wr_scope exact = { .config = c->config, .section = group.section, .exact = true };
    return wr_config_visit(cx, &exact, &wr_destination_type_option, keep_key, c);
}

static weir_status learn_pipelines(weir_ctx *cx, check *c)
{
    wr_names names = { 0 };
    WEIR_TRY(wr_home_list(cx, &c->arena, &names));
    for (size_t i = 0; i < names.len; i++)
        wr_map_put(&c->pipelines, names.ptr[i], c);
    WEIR_TRY(learn_options(cx, c, (weir_str){ 0 }));
    for (size_t i = 0; i < c->pipelines.len; i++)
        WEIR_TRY(learn_options(cx, c, c->pipelines.entries[i].key));
    for (size_t i = 0; only_dlt[i]; i++)
        wr_map_put(&c->known, weir_str_of(only_dlt[i]), c);
    return WEIR_OK;
}

/* The key without the name of a pipeline in front. */
static weir_str without_pipeline(const check *c, weir_str dotted)
{
    weir_str rest = dotted;
    weir_str first;
    if (wr_str_split(&rest, '.', &first) && rest.len > 0 && wr_map_get(&c->pipelines, first))
        return rest;
    return dotted;
}

static const char *nearest_known(check *c, weir_str dotted)
{
    const char **names = wr_arena_new_array(&c->arena, c->known.len + 1, const char *);
    for (size_t i = 0; i < c->known.len; i++)
        names[i] = c->known.entries[i].key.ptr;
    return wr_str_nearest(wr_arena_str(&c->arena, dotted).ptr, names);
}

static weir_status check_key(weir_ctx *cx, void *self, weir_str dotted, const wr_toml *value,
                             bool *ret_inside)
{
    check *c = self;
    if (value->kind == WR_TOML_TABLE)
        WEIR_TRY(learn_named(cx, c, dotted, value->key));
    if (wr_map_get(&c->known, dotted) || wr_map_get(&c->known, without_pipeline(c, dotted))) {
        /* what is below a connection string are its parts; below anything else, its content */
        const weir_str last = wr_lit("credentials");
        *ret_inside = wr_str_ends(dotted, last);
        return WEIR_OK;
    }
    *ret_inside = value->kind == WR_TOML_TABLE;
    if (*ret_inside)
        return WEIR_OK;
    const char *nearest = nearest_known(c, dotted);
    const weir_str message =
        wr_arena_printf(&c->arena, "%s:%u: nothing reads the key '%.*s'", value->key_place.file,
                        value->key_place.line, WR_STR(dotted));
    const weir_str hint =
        nearest ? wr_arena_printf(&c->arena, "did you mean '%s'?", nearest) : (weir_str){ 0 };
    add_problem(c, "unread", message.ptr, hint.ptr);
    return WEIR_OK;
}

static weir_status check_keys(weir_ctx *cx, check *c)
{
    WEIR_TRY(learn_pipelines(cx, c));
    return wr_config_visit_keys(cx, c->config, &c->arena, check_key, c);
}

/* ---- the command ---- */

static weir_status print_problems(weir_ctx *cx, check *c, bool json)
{
    if (json) {
        wr_node *node = wr_node_new(&c->arena, WR_NODE_OBJECT);
        wr_node_set(&c->arena, node, wr_lit("problems"), c->problems);
        return wr_print_json(cx, node);
    }
    for (const wr_node *problem = c->problems->first; problem; problem = problem->next) {
        const weir_str hint = wr_node_get_text(problem, "hint");
        printf("%.*s: %.*s\n", WR_STR(wr_node_get_text(problem, "kind")),
               WR_STR(wr_node_get_text(problem, "message")));
        if (hint.len > 0)
            printf("  hint: %.*s\n", WR_STR(hint));
    }
    if (c->problems->count == 0)
        puts("the configuration is complete");
    return WEIR_OK;
}

static weir_status run_check(weir_ctx *cx, const wr_call *call, check *c)
{
    c->problems = wr_node_new(&c->arena, WR_NODE_ARRAY);
    WEIR_TRY(wr_project_config(cx, &c->config));
    wr_crash_watch("config check", call->words[0]);
    WEIR_TRY(call->words[0] ? check_word(cx, c, call->words[0]) : check_project(cx, c));
    if (!call->words[0])
        WEIR_TRY(check_keys(cx, c)); /* one pipeline does not read what others need */
    WEIR_TRY(print_problems(cx, c, wr_call_flag(call, "json") != NULL));
    if (c->failures > 0)
        return weir_fail(cx, WEIR_CONFIG, "%zu error(s) in the configuration", c->failures);
    return WEIR_OK;
}

weir_status wr_command_config_check(weir_ctx *cx, const wr_call *call)
{
    check c = { .arena.wipe = true };
    const weir_status status = run_check(cx, call, &c);
    wr_map_done(&c.known);
    wr_map_done(&c.pipelines);
    wr_config_free(c.config);
    wr_arena_done(&c.arena);
    return status;
}
