/* Reads the configuration of an API: client, defaults, resources, who depends on whom. */
#include "sources/rest_config_parts.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "sources/rest_template.h"

static const char *const TOP_KEYS[] = { "client", "resources", "resource_defaults", NULL };
static const char *const CLIENT_KEYS[] = { "base_url",  "headers", "auth",
                                           "paginator", "session", NULL };
const char *const wr_rest_resource_keys[] = {
    "name",
    "endpoint",
    "include_from_parent",
    "processing_steps",
    "selected",
    "parallelized",
    "days",
    "incremental",
    NULL,
};
/* Of dlt's: all that pipeline/resource.h knows but `incremental`, which belongs to the endpoint, or to days. */
static const char *const HINT_KEYS[] = {
    "table_name",
    "parent_table_name",
    "write_disposition",
    "columns",
    "primary_key",
    "merge_key",
    "schema_contract",
    "table_format",
    "file_format",
    "references",
    "max_table_nesting",
    "nested_hints",
    "additional_table_hints",
    NULL,
};
/* ---- defaults ---- */

/* Members of `own` beat those of `defaults`, null too. */
static wr_node *merge(wr_arena *arena, const wr_node *defaults, const wr_node *own)
{
    wr_node *ret = wr_node_is_given(defaults) ? wr_node_copy(arena, defaults)
                                              : wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *member = own ? own->first : NULL; member; member = member->next)
        wr_node_set(arena, ret, member->key, wr_node_copy(arena, member));
    return ret;
}

/* Merge one member more deeply than `merge` did. */
static void merge_member(wr_arena *arena, wr_node *ret, const wr_node *defaults, const wr_node *own,
                         const char *key)
{
    const wr_node *theirs = wr_node_get(defaults, key);
    const wr_node *ours = wr_node_get(own, key);
    if (theirs && ours && theirs->kind == WR_NODE_OBJECT && ours->kind == WR_NODE_OBJECT)
        wr_node_set(arena, ret, weir_str_of(key), merge(arena, theirs, ours));
}

/* Columns as a map from names: a list of columns is one, too. */
static const wr_node *columns_of(wr_arena *arena, const wr_node *table)
{
    const wr_node *given = wr_node_get(table, "columns");
    if (!given || given->kind != WR_NODE_ARRAY)
        return given;
    wr_node *map = wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *column = given->first; column; column = column->next)
        wr_node_set(arena, map, wr_node_get_text(column, "name"), wr_node_copy(arena, column));
    return map;
}

static void merge_columns(wr_arena *arena, wr_node *ret, const wr_node *defaults,
                          const wr_node *own)
{
    const wr_node *theirs = columns_of(arena, defaults);
    const wr_node *ours = columns_of(arena, own);
    if (!wr_node_is_given(theirs) || !wr_node_is_given(ours))
        return;
    wr_node *columns = wr_node_copy(arena, theirs);
    for (const wr_node *column = ours->first; column; column = column->next)
        wr_node_set(arena, columns, column->key,
                    merge(arena, wr_node_get_str(theirs, column->key), column));
    wr_node_set(arena, ret, wr_lit("columns"), columns);
}

/* A resource as a table whose endpoint is one. */
static wr_node *spell_out(wr_arena *arena, const wr_node *given)
{
    wr_node *ret = wr_node_new(arena, WR_NODE_OBJECT);
    if (given->kind == WR_NODE_TEXT)
        wr_node_set(arena, ret, wr_lit("name"), wr_node_text(arena, given->text));
    else
        ret = wr_node_copy(arena, given);
    const wr_node *endpoint = wr_node_get(ret, "endpoint");
    if (endpoint && endpoint->kind == WR_NODE_TEXT) {
        wr_node *table = wr_node_new(arena, WR_NODE_OBJECT);
        wr_node_set(arena, table, wr_lit("path"), wr_node_text(arena, endpoint->text));
        wr_node_set(arena, ret, wr_lit("endpoint"), table);
    } else if (!wr_node_is_given(endpoint)) {
        wr_node_set(arena, ret, wr_lit("endpoint"), wr_node_new(arena, WR_NODE_OBJECT));
    }
    return ret;
}

static wr_node *with_defaults(wr_arena *arena, const wr_node *defaults, const wr_node *own)
{
    wr_node *ret = merge(arena, defaults, own);
    const wr_node *their_endpoint = wr_node_get(defaults, "endpoint");
    const wr_node *our_endpoint = wr_node_get(own, "endpoint");
    wr_node *endpoint = merge(arena, their_endpoint, our_endpoint);
    merge_member(arena, endpoint, their_endpoint, our_endpoint, "params");
    merge_member(arena, endpoint, their_endpoint, our_endpoint, "json");
    wr_node_set(arena, ret, wr_lit("endpoint"), endpoint);
    merge_columns(arena, ret, defaults, own);
    return ret;
}

/* ---- resources ---- */

static weir_status read_include(wr_rest_reader *r)
{
    wr_rest_resource *resource = r->resource;
    const wr_node *given = wr_node_get(resource->config, "include_from_parent");
    if (!wr_node_is_given(given))
        return WEIR_OK;
    if (given->kind != WR_NODE_ARRAY)
        return weir_fail(r->cx, WEIR_CONFIG, "'include_from_parent' is no list of names");
    if (!resource->parent.len)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "it has 'include_from_parent' but is not dependent on another resource");
    weir_str *names = wr_arena_new_array(r->arena, given->count + 1, weir_str);
    for (const wr_node *name = given->first; name; name = name->next)
        names[resource->include_count++] = name->text;
    resource->include = names;
    return WEIR_OK;
}

static weir_status read_fields(wr_rest_reader *r)
{
    wr_rest_resource *resource = r->resource;
    const wr_node *config = resource->config;
    WEIR_TRY(wr_rest_steps_read(r->cx, r->arena, wr_node_get(config, "processing_steps"),
                                &resource->steps));
    WEIR_TRY(wr_rest_endpoint_read(r, wr_node_get(config, "endpoint")));
    if (wr_node_is_given(wr_node_get(config, "incremental")))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "it has the key 'incremental'\n"
                         "hint: that is a key of its 'endpoint'");
    return read_include(r);
}

/* Days need no endpoint, and get no defaults: they are as a resource of dlt that is not made by rest_api. */
static weir_status read_days(wr_rest_reader *r, const wr_node *given)
{
    static const char *const KEYS[] = { "name", "selected", "days", "incremental", NULL };
    WEIR_TRY(wr_rest_check_keys(r->cx, given, "it", KEYS, NULL));
    wr_rest_days *days = wr_arena_new(r->arena, wr_rest_days);
    WEIR_TRY(wr_rest_days_read(r->cx, wr_node_get(given, "days"), days));
    r->resource->days = days;
    r->resource->config = given;
    r->resource->incremental = wr_node_get(given, "incremental");
    return WEIR_OK;
}

static weir_status read_resource(wr_rest_reader *r, const wr_node *defaults, const wr_node *given,
                                 size_t number)
{
    wr_rest_resource *resource = r->resource = &r->api->resources[number];
    if (given->kind != WR_NODE_TEXT && given->kind != WR_NODE_OBJECT)
        return weir_fail(r->cx, WEIR_CONFIG, "resource number %zu is neither a name nor a table",
                         number + 1);
    wr_node *own = spell_out(r->arena, given);
    const wr_node *name = wr_node_get(own, "name");
    if (!wr_node_is_given(name) || name->kind != WR_NODE_TEXT || name->text.len == 0)
        return weir_fail(r->cx, WEIR_CONFIG, "resource number %zu has no 'name'", number + 1);
    for (size_t i = 0; i < number; i++)
        if (wr_str_eq(r->api->resources[i].name, name->text))
            return weir_fail(r->cx, WEIR_CONFIG, "resource '%.*s' is already defined",
                             WR_STR(name->text));
    *resource = (wr_rest_resource){ .api = r->api, .name = name->text };
    resource->selected = wr_node_get_bool(own, "selected", true);
    weir_status status = wr_rest_check_keys(r->cx, own, "it", wr_rest_resource_keys, HINT_KEYS);
    if (status == WEIR_OK && wr_node_get(given, "days")) {
        status = read_days(r, given);
    } else if (status == WEIR_OK) {
        resource->config = with_defaults(r->arena, defaults, own);
        status = read_fields(r);
    }
    return wr_context(r->cx, status, "resource '%.*s'", WR_STR(resource->name));
}

/* ---- order ---- */

static wr_rest_resource *find(const wr_rest_api *api, weir_str name)
{
    for (size_t i = 0; i < api->resource_count; i++)
        if (wr_str_eq(api->resources[i].name, name))
            return &api->resources[i];
    return NULL;
}

static weir_status check_parents(const wr_rest_reader *r)
{
    const wr_rest_api *api = r->api;
    for (size_t i = 0; i < api->resource_count; i++) {
        const wr_rest_resource *at = &api->resources[i];
        size_t steps = 0;
        for (; at->parent.len; steps++) {
            const wr_rest_resource *parent = find(api, at->parent);
            if (!parent)
                return weir_fail(r->cx, WEIR_CONFIG,
                                 "resource '%.*s' depends on '%.*s', which is not there",
                                 WR_STR(at->name), WR_STR(at->parent));
            if (steps > api->resource_count)
                return weir_fail(r->cx, WEIR_CONFIG,
                                 "resources depend on each other in a circle: '%.*s' and '%.*s'",
                                 WR_STR(at->name), WR_STR(parent->name));
            at = parent;
        }
    }
    return WEIR_OK;
}

static size_t depth_of(const wr_rest_api *api, const wr_rest_resource *resource)
{
    size_t depth = 0;
    for (; resource->parent.len; depth++)
        resource = find(api, resource->parent);
    return depth;
}

/* In waves: those without a parent first, then their children. Being named as a parent counts as a mention. */
static void put_in_order(const wr_rest_reader *r)
{
    wr_rest_api *api = r->api;
    wr_rest_resource *sorted =
        wr_arena_new_array(r->arena, api->resource_count + 1, wr_rest_resource);
    wr_node *mentioned = wr_node_new(r->arena, WR_NODE_OBJECT);
    size_t count = 0;
    for (size_t i = 0; i < api->resource_count; i++) {
        const wr_rest_resource *at = &api->resources[i];
        if (at->parent.len && !wr_node_get_str(mentioned, at->parent))
            wr_node_set(r->arena, mentioned, at->parent, wr_node_bool(r->arena, true));
        if (!wr_node_get_str(mentioned, at->name))
            wr_node_set(r->arena, mentioned, at->name, wr_node_bool(r->arena, true));
    }
    for (size_t depth = 0; count < api->resource_count; depth++)
        for (const wr_node *name = mentioned->first; name; name = name->next) {
            const wr_rest_resource *at = find(api, name->key);
            if (depth_of(api, at) == depth)
                sorted[count++] = *at;
        }
    api->resources = sorted;
}

/* ---- the whole ---- */

static weir_status read_client(wr_rest_reader *r, const wr_node *client)
{
    const wr_node *base = wr_node_get(client, "base_url");
    WEIR_TRY(wr_rest_check_keys(r->cx, client, "'client'", CLIENT_KEYS, NULL));
    if (!wr_node_is_given(base) || base->kind != WR_NODE_TEXT)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "'client' has no 'base_url'\n"
                         "hint: as in client = { base_url = \"https://api.example.com/v1\" }");
    if (wr_node_is_given(wr_node_get(client, "session")))
        return weir_fail(r->cx, WEIR_UNSUPPORTED,
                         "'session' of 'client' is an object of Python\n"
                         "hint: leave it out; connections are kept");
    r->api->base_url = base->text;
    r->api->headers = wr_node_get(client, "headers");
    WEIR_TRY(wr_rest_auth_read(r->cx, r->arena, wr_node_get(client, "auth"), &r->auth));
    return wr_rest_paginator_read(r->cx, r->arena, wr_node_get(client, "paginator"), &r->paginator);
}

static weir_status check_defaults(const wr_rest_reader *r, const wr_node *defaults)
{
    if (!wr_node_is_given(defaults))
        return WEIR_OK;
    WEIR_TRY(wr_rest_check_keys(r->cx, defaults, "'resource_defaults'", &wr_rest_resource_keys[1],
                                HINT_KEYS));
    const wr_node *endpoint = wr_node_get(defaults, "endpoint");
    if (!wr_node_is_given(endpoint) || endpoint->kind == WR_NODE_OBJECT)
        return WEIR_OK;
    return weir_fail(r->cx, WEIR_CONFIG, "'endpoint' of 'resource_defaults' is no table");
}

static weir_status read_resources(wr_rest_reader *r, const wr_node *config)
{
    const wr_node *list = wr_node_get(config, "resources");
    const wr_node *defaults = wr_node_get(config, "resource_defaults");
    if (!list || list->kind != WR_NODE_ARRAY)
        return weir_fail(r->cx, WEIR_CONFIG, "there is no list of 'resources'");
    WEIR_TRY(check_defaults(r, defaults));
    r->api->resources = wr_arena_new_array(r->arena, list->count + 1, wr_rest_resource);
    for (const wr_node *item = list->first; item; item = item->next) {
        WEIR_TRY(read_resource(r, defaults, item, r->api->resource_count));
        r->api->resource_count++;
    }
    WEIR_TRY(check_parents(r));
    put_in_order(r);
    return WEIR_OK;
}

weir_status wr_rest_config_read(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                                wr_rest_api **ret)
{
    wr_rest_reader r = { .cx = cx, .arena = arena, .api = wr_arena_new(arena, wr_rest_api) };
    const wr_node *client = wr_node_get(config, "client");
    WEIR_TRY(wr_rest_check_keys(cx, config, "the source", TOP_KEYS, NULL));
    if (!wr_node_is_given(client))
        return weir_fail(cx, WEIR_CONFIG,
                         "there is no 'client'\n"
                         "hint: as in client = { base_url = \"https://…\" }");
    WEIR_TRY(wr_context(cx, read_client(&r, client), "client"));
    WEIR_TRY(read_resources(&r, config));
    *ret = r.api;
    return WEIR_OK;
}
