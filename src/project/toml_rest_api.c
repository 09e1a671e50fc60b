/* APIs as a source: [source.rest_api], dlt's RESTAPIConfig key by key. */
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/resource.h"
#include "project/toml_source.h"
#include "sources/rest_api.h"

/* dlt's settings of its HTTP client, in [runtime]. */
static const weir_option RUNTIME_OPTIONS[] = {
    { "request_max_attempts", WEIR_OPTION_INT, "5", .help = "attempts of a request in all" },
    { "request_backoff_factor", WEIR_OPTION_SECONDS, "1",
      .help = "delay behind the first attempt; each next one is twice as long" },
    { "request_max_retry_delay", WEIR_OPTION_SECONDS, "300", .help = "no delay is longer" },
    { "request_timeout", WEIR_OPTION_SECONDS, "60", .help = "of one attempt" },
    { 0 },
};

static weir_status read_settings(const wr_toml_source *r, wr_rest_settings *ret)
{
    const wr_scope scope = { r->config, weir_str_of(r->pipeline), WR_SECTION("runtime") };
    const weir_option_values *values = NULL;
    WEIR_TRY(wr_config_resolve(r->cx, &scope, RUNTIME_OPTIONS, r->arena, &values));
    const int64_t attempts = weir_option_int(values, "request_max_attempts");
    *ret = (wr_rest_settings){
        .attempts = attempts < 1 ? 1 : (int)attempts,
        .factor = weir_option_seconds(values, "request_backoff_factor"),
        .max_delay_s = weir_option_seconds(values, "request_max_retry_delay"),
        .timeout_s = weir_option_seconds(values, "request_timeout"),
    };
    return WEIR_OK;
}

/* ---- the configuration ---- */

/* The incremental of an endpoint, with the types that cursors know. */
static void put_incremental(const wr_toml_source *r, const wr_toml *table, wr_node *node)
{
    const wr_toml *endpoint = wr_toml_get(table, wr_lit("endpoint"));
    const wr_toml *given = wr_toml_get(endpoint, wr_lit("incremental"));
    wr_node *target = wr_node_get(node, "endpoint");
    if (given && given->kind == WR_TOML_TABLE && target)
        wr_node_set(r->arena, target, wr_lit("incremental"), wr_toml_source_typed(r, given));
}

static wr_node *config_node(const wr_toml_source *r)
{
    static const char *const KEYS[] = { "client", "resources", "resource_defaults", NULL };
    wr_node *config = wr_node_new(r->arena, WR_NODE_OBJECT);
    for (size_t i = 0; KEYS[i]; i++) {
        const wr_toml *given = wr_toml_get(r->settings, weir_str_of(KEYS[i]));
        if (given)
            wr_node_set(r->arena, config, weir_str_of(KEYS[i]), wr_toml_to_node(r->arena, given));
    }
    const wr_toml *resources = wr_toml_get(r->settings, wr_lit("resources"));
    const wr_toml *resource = resources ? resources->first : NULL;
    wr_node *list = wr_node_get(config, "resources");
    for (wr_node *node = list ? list->first : NULL; node; node = node->next) {
        put_incremental(r, resource, node);
        resource = resource->next;
    }
    put_incremental(r, wr_toml_get(r->settings, wr_lit("resource_defaults")),
                    wr_node_get(config, "resource_defaults"));
    return config;
}

/* ---- resources ---- */

/* The part of an endpoint's incremental that is the resource's. */
static wr_node *incremental_hint(const wr_toml_source *r, const wr_node *given)
{
    wr_node *hint = wr_node_new(r->arena, WR_NODE_OBJECT);
    for (size_t i = 0; wr_incremental_arguments[i]; i++) {
        const wr_node *member = wr_node_get(given, wr_incremental_arguments[i]);
        if (member)
            wr_node_set(r->arena, hint, member->key, wr_node_copy(r->arena, member));
    }
    return hint;
}

static bool is_own(weir_str key)
{
    for (size_t i = 0; wr_rest_resource_keys[i]; i++)
        if (wr_str_eq(key, weir_str_of(wr_rest_resource_keys[i])))
            return true;
    return false;
}

static void define(const wr_toml_source *r, const wr_rest_job *job, weir_resource *ret)
{
    const wr_rest_resource *resource = job->resource;
    wr_node *hints = wr_node_new(r->arena, WR_NODE_OBJECT);
    for (const wr_node *member = resource->config->first; member; member = member->next) {
        const weir_str field = wr_node_get_text(member, "field");
        if (wr_str_eq(member->key, wr_lit("table_name")) && field.len)
            ret->table_field = wr_arena_str(r->arena, field).ptr;
        else if (!is_own(member->key))
            wr_node_set(r->arena, hints, member->key, wr_node_copy(r->arena, member));
    }
    if (resource->incremental)
        wr_node_set(r->arena, hints, wr_lit("incremental"),
                    incremental_hint(r, resource->incremental));
    if (hints->count)
        ret->hints = wr_toml_source_json(r, hints);
    wr_rest_resource_define(job, ret);
}

static weir_status read_api(const wr_toml_source *r, wr_rest_api **ret)
{
    const wr_toml_place place = r->settings->place;
    const weir_status status = wr_rest_config_read(r->cx, r->arena, config_node(r), ret);
    return wr_context(r->cx, status, "%s:%u:%u", place.file, place.line, place.column);
}

static weir_status read_all(wr_toml_source *r, weir_source *ret)
{
    wr_rest_api *api = NULL;
    wr_rest_settings settings;
    wr_resources checked;
    WEIR_TRY(wr_toml_source_text(r, r->settings, "name", &ret->schema));
    if (ret->schema)
        ret->name = ret->schema;
    WEIR_TRY(wr_toml_source_text(r, r->settings, "section", &ret->name));
    WEIR_TRY(read_settings(r, &settings));
    WEIR_TRY(read_api(r, &api));
    weir_resource *list = wr_arena_new_array(r->arena, api->resource_count + 1, weir_resource);
    for (size_t i = 0; i < api->resource_count; i++) {
        wr_rest_job *job = wr_arena_new(r->arena, wr_rest_job);
        *job = (wr_rest_job){ &api->resources[i], settings };
        define(r, job, &list[i]);
    }
    ret->resources = list;
    ret->config = wr_rest_options(r->arena, api);
    const weir_status status = wr_resources_read(r->cx, r->arena, list, &checked);
    return wr_context(r->cx, status, "%s:%u:%u", r->settings->place.file, r->settings->place.line,
                      r->settings->place.column);
}

const wr_source_kind wr_toml_rest_api = {
    .name = "rest_api",
    .example = "client = { base_url = \"https://api.example.com\" }, resources = [\"posts\"]",
    .keys = (const char *const[]){ "client", "resource_defaults", "name", "section", NULL },
    .resource_keys = (const char *const[]){ NULL },
    .read_all = read_all,
};
