/* What a pipeline leaves to the configuration: its destination, its dataset, the options of its source. */
#include "base/ctx.h"
#include "base/process.h"
#include "base/str.h"
#include "config/values.h"
#include "pipeline/home.h"
#include "pipeline/normalize.h"
#include "pipeline/options.h"
#include "pipeline/run.h"

static weir_status ask(weir_ctx *cx, const wr_scope *scope, const char *name, wr_arena *arena,
                       weir_str *ret)
{
    const weir_option option = { .name = name };
    wr_answer answer = { 0 };
    WEIR_TRY(wr_config_get(cx, scope, &option, arena, &answer));
    if (answer.found)
        *ret = answer.text;
    return WEIR_OK;
}

/* One of the pipeline's settings: pipelines.<pipeline>.<name> and so on, as dlt has it. */
static weir_status ask_pipeline(weir_ctx *cx, const wr_scope *scope, const char *name,
                                wr_arena *arena, weir_str *ret)
{
    wr_scope own = *scope;
    own.section = WR_SECTION("pipelines", wr_arena_str(arena, scope->pipeline).ptr);
    return ask(cx, &own, name, arena, ret);
}

/* ---- the destination ---- */

/* `name` as the user gives it: of a destination with a type of its own, or of a built-in one. */
static weir_status find_destination(weir_ctx *cx, const wr_scope *scope, weir_str name,
                                    wr_arena *arena, wr_destination_choice *ret)
{
    wr_scope exact = *scope;
    exact.exact = true;
    exact.section = WR_SECTION("destination", wr_arena_str(arena, name).ptr);
    weir_str type = name;
    WEIR_TRY(ask(cx, &exact, wr_destination_type_option.name, arena, &type));
    WEIR_TRY(wr_destination_get(cx, type, &ret->destination));
    ret->name = wr_arena_str(arena, name);
    return WEIR_OK;
}

static weir_status fail_without(weir_ctx *cx, weir_str pipeline)
{
    return weir_fail(
        cx, WEIR_CONFIG,
        "pipeline '%.*s' has no destination\n"
        "hint: set .destination = \"duckdb\", or DESTINATION__NAME in the environment, "
        "or give --destination",
        WR_STR(pipeline));
}

/* dlt's settings: a type for a pipeline that names none, and a name; a name alone is a type. */
static weir_status choose_as_dlt(weir_ctx *cx, const wr_scope *scope, weir_str written,
                                 wr_arena *arena, wr_destination_choice *ret)
{
    weir_str type = written;
    weir_str name = { 0 };
    WEIR_TRY(ask_pipeline(cx, scope, "destination_name", arena, &name));
    if (type.len == 0)
        WEIR_TRY(ask_pipeline(cx, scope, "destination_type", arena, &type));
    if (type.len == 0)
        type = name;
    if (type.len == 0)
        return fail_without(cx, scope->pipeline);
    WEIR_TRY(find_destination(cx, scope, type, arena, ret));
    if (name.len > 0)
        ret->name = name;
    return WEIR_OK;
}

weir_status wr_destination_choose(weir_ctx *cx, const wr_scope *scope,
                                  const wr_destination_wish *wish, wr_arena *arena,
                                  wr_destination_choice *ret)
{
    weir_str name = wish->given;
    if (name.len == 0)
        WEIR_TRY(ask(cx, scope, "destination.name", arena, &name));
    if (name.len == 0)
        return choose_as_dlt(cx, scope, wish->written, arena, ret);
    WEIR_TRY(find_destination(cx, scope, name, arena, ret));
    if (wish->written.len > 0 && !wr_str_eq(name, wish->written))
        weir_info(cx, "the destination is '%.*s' in place of '%.*s'", WR_STR(name),
                  WR_STR(wish->written));
    return WEIR_OK;
}

/* ---- the rest ---- */

weir_status wr_dataset_choose(weir_ctx *cx, const wr_scope *scope, wr_arena *arena, weir_str *ret)
{
    weir_str name = { 0 };
    WEIR_TRY(ask_pipeline(cx, scope, "dataset_name", arena, &name));
    *ret = name.len > 0 ? name : wr_arena_printf(arena, "%.*s_dataset", WR_STR(scope->pipeline));
    return WEIR_OK;
}

wr_section wr_schema_section(wr_arena *arena, weir_str schema)
{
    return schema.len > 0 ? WR_SECTION("sources", wr_arena_str(arena, schema).ptr)
                          : (wr_section){ 0 };
}

static weir_status check_json_config(weir_ctx *cx, const wr_answer *answer, weir_str module,
                                     const wr_node *config)
{
    static const char relational[] = "dlt.common.normalizers.json.relational";
    if (module.len > 0 && !wr_str_eq(module, wr_lit("relational")) &&
        !wr_str_eq(module, weir_str_of(relational)))
        return weir_fail(cx, WEIR_CONFIG,
                         "there is no JSON normaliser '%.*s' (%.*s)\nhint: it is 'relational'",
                         WR_STR(module), WR_STR(answer->where));
    const int64_t levels = wr_node_get_int(config, "max_nesting", 0);
    if (levels >= 0 && levels <= WR_MAX_NESTING)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG, "'max_nesting' is %lld, not from 0 to %d (%.*s)",
                     (long long)levels, WR_MAX_NESTING, WR_STR(answer->where));
}

weir_status wr_json_config_choose(weir_ctx *cx, const wr_scope *scope, weir_str schema,
                                  wr_arena *arena, wr_node **ret)
{
    wr_scope own = *scope;
    const weir_option_values *values = NULL;
    own.section = wr_schema_section(arena, schema);
    WEIR_TRY(wr_config_resolve(cx, &own, wr_schema_options, arena, &values));
    *ret = NULL;
    if (!values->values[0].given)
        return WEIR_OK;
    wr_node *given = NULL;
    WEIR_TRY(wr_node_parse(cx, arena, values->values[0].text, &given));
    wr_node *config = wr_node_child(arena, given, wr_lit("config"));
    WEIR_TRY(check_json_config(cx, &values->values[0].answer, wr_node_get_text(given, "module"),
                               config));
    *ret = config;
    return WEIR_OK;
}

weir_status wr_project_configure(weir_ctx *cx, wr_config *config)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str project;
    WEIR_TRY(wr_project_dir(cx, &arena, &project));
    WEIR_TRY(wr_config_read_files(cx, config, project));
    for (size_t i = 0; wr_builtin_providers[i]; i++)
        WEIR_TRY(wr_config_add_builtin(cx, config, wr_builtin_providers[i]));
    return WEIR_OK;
}

weir_status wr_refresh_choose(weir_ctx *cx, const wr_scope *scope, wr_arena *arena, weir_str *ret)
{
    return ask_pipeline(cx, scope, "refresh", arena, ret);
}

weir_status wr_pipeline_setup(weir_ctx *cx, wr_config *config, const weir_pipeline *pipeline)
{
    if (!pipeline->setup)
        return WEIR_OK;
    wr_config *before = cx->config;
    cx->config = config;
    const weir_status status = pipeline->setup(cx);
    cx->config = before;
    return wr_context(cx, status, "the setup of pipeline '%s'", pipeline->name);
}

/* The folder of a file in sources/<folder>/; empty when it is in none. */
static weir_str folder_of(const char *file)
{
    static const char mark[] = "sources/";
    const char *at = NULL;
    for (const char *next = file; (next = strstr(next, mark)); next++)
        if (next == file || next[-1] == '/')
            at = next + sizeof(mark) - 1;
    const char *slash = at ? strchr(at, '/') : NULL;
    return slash ? (weir_str){ at, (size_t)(slash - at) } : (weir_str){ 0 };
}

/* The registration of a source; NULL: it is none that is registered. */
static const weir_registration *registration_of(const weir_source *source)
{
    for (size_t i = 0; i < wr_registered_count(); i++)
        if (wr_registered(i)->part == WEIR_PART_SOURCE && wr_registered(i)->what == source)
            return wr_registered(i);
    return NULL;
}

const weir_source *wr_source_find(weir_str name)
{
    for (size_t i = 0; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        const weir_source *source = part->what;
        if (part->part == WEIR_PART_SOURCE && wr_str_eq(weir_str_of(source->name), name))
            return source;
    }
    return NULL;
}

wr_section wr_source_section(const weir_source *source)
{
    const weir_registration *registration = registration_of(source);
    const weir_str folder = registration ? folder_of(registration->file) : (weir_str){ 0 };
    wr_section section = WR_SECTION("sources");
    if (folder.len > 0)
        section.parts[section.len++] = folder;
    section.parts[section.len++] = weir_str_of(source->name);
    return section;
}

weir_status wr_source_configure(weir_ctx *cx, const wr_scope *scope, const weir_source *source,
                                wr_arena *arena, const weir_option_values **ret)
{
    if (!source || !source->config) {
        *ret = NULL;
        return WEIR_OK;
    }
    wr_scope own = *scope;
    own.section = wr_source_section(source);
    return wr_config_resolve(cx, &own, source->config, arena, ret);
}
