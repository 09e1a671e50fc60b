/* Reads the configuration of an API: keys, defaults, placeholders, who depends on whom. */
#include "sources/rest_config.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "sources/rest_template.h"

#define SHOWN_MAX ((size_t)64 << 10)

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
static const char *const ENDPOINT_KEYS[] = {
    "path",      "method",        "params",           "json",        "data", "headers",
    "paginator", "data_selector", "response_actions", "incremental", "auth", NULL,
};
static const char *const ACTION_KEYS[] = { "status_code", "content", "action", NULL };
static const char *const INCREMENTAL_KEYS[] = {
    "cursor_path",
    "initial_value",
    "last_value_func",
    "primary_key",
    "end_value",
    "row_order",
    "allow_external_schedulers",
    "lag",
    "on_cursor_value_missing",
    "range_start",
    "range_end",
    "start_param",
    "end_param",
    "convert",
    "transform",
    "type",
    NULL,
};

static bool is_given(const wr_node *node)
{
    return node && node->kind != WR_NODE_NULL;
}

static bool in_list(weir_str key, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (wr_str_eq(key, weir_str_of(list[i])))
            return true;
    return false;
}

static weir_status check_keys(weir_ctx *cx, const wr_node *table, const char *what,
                              const char *const *known, const char *const *more)
{
    if (table->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_CONFIG, "%s is no table", what);
    for (const wr_node *member = table->first; member; member = member->next) {
        if (in_list(member->key, known) || (more && in_list(member->key, more)))
            continue;
        wr_auto(free) char *name = wr_copy(member->key.ptr, member->key.len);
        const char *nearest = wr_str_nearest(name, known);
        if (!nearest && in_list(member->key, ENDPOINT_KEYS))
            return weir_fail(cx, WEIR_CONFIG,
                             "%s has the unknown key '%s'\nhint: it belongs into 'endpoint'", what,
                             name);
        return weir_fail(cx, WEIR_CONFIG, "%s has the unknown key '%s'%s%s%s", what, name,
                         nearest ? "\nhint: did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'?" : "");
    }
    return WEIR_OK;
}

/* ---- defaults ---- */

/* Members of `own` beat those of `defaults`, null too. */
static wr_node *merge(wr_arena *arena, const wr_node *defaults, const wr_node *own)
{
    wr_node *ret =
        is_given(defaults) ? wr_node_copy(arena, defaults) : wr_node_new(arena, WR_NODE_OBJECT);
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
    if (!is_given(theirs) || !is_given(ours))
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
    } else if (!is_given(endpoint)) {
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

/* ---- one resource ---- */

typedef struct config_reader {
    weir_ctx *cx;
    wr_arena *arena;
    wr_rest_api *api;
    const wr_rest_auth *auth; /* the client's */
    const wr_rest_paginator *paginator;
    wr_rest_resource *resource; /* at hand */
    wr_node *params;            /* of it, without those that its path takes */
} config_reader;

bool wr_rest_is_single_entity(weir_str path)
{
    static const char LETTERS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    size_t at = slash ? (size_t)(slash - path.ptr) + 1 : 0;
    for (; at < path.len; at++) {
        if (path.ptr[at] != '{')
            continue;
        size_t end = at + 1;
        while (end < path.len && path.ptr[end] && strchr(LETTERS, path.ptr[end]))
            end++;
        if (end > at + 1 && end < path.len && path.ptr[end] == '}')
            return true;
    }
    return false;
}

static const char *repr_of(const config_reader *r, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(SHOWN_MAX);
    wr_rest_put_repr(&out, node);
    return wr_arena_str(r->arena, wr_buf_view(&out)).ptr;
}

/* A placeholder that is filled from the parent's row: only one parent, please. */
static weir_status bind(config_reader *r, weir_str name, weir_str parent, weir_str field)
{
    wr_rest_resource *resource = r->resource;
    if (resource->parent.len && !wr_str_eq(resource->parent, parent))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "it depends on two resources, '%.*s' and '%.*s'\n"
                         "hint: a resource has one parent; with include_from_parent that one can "
                         "hand down what it has from its own",
                         WR_STR(resource->parent), WR_STR(parent));
    resource->parent = wr_arena_str(r->arena, parent); /* its NUL is needed */
    for (const wr_rest_binding *b = resource->bindings; b; b = b->next)
        if (wr_str_eq(b->name, name))
            return WEIR_OK;
    wr_rest_binding *binding = wr_arena_new(r->arena, wr_rest_binding);
    *binding = (wr_rest_binding){ name, field, NULL, resource->bindings };
    WEIR_TRY(wr_jsonpath_compile(r->cx, r->arena, field, &binding->path));
    resource->bindings = binding;
    return WEIR_OK;
}

/* `resources.posts.id`: the field is all behind the second dot. */
static weir_status bind_expression(config_reader *r, weir_str name)
{
    weir_str rest = name;
    weir_str parent = { 0 };
    weir_str part;
    (void)wr_str_split(&rest, '.', &part); /* "resources" */
    if (!wr_str_split(&rest, '.', &parent) || rest.len == 0 || parent.len == 0)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "invalid definition of '%.*s', expected 'resources.<resource>.<field>'",
                         WR_STR(name));
    return bind(r, name, parent, rest);
}

/* ---- the path ---- */

static bool is_expression(const config_reader *r, weir_str name)
{
    return wr_str_starts(name, wr_lit("resources.")) ||
           (r->resource->incremental && wr_str_starts(name, wr_lit("incremental.")));
}

static void put_doubled(wr_buf *out, weir_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '{' || text.ptr[i] == '}')
            wr_buf_char(out, text.ptr[i]);
        wr_buf_char(out, text.ptr[i]);
    }
}

static weir_status fail_placeholder(const config_reader *r, weir_str path, weir_str name)
{
    if (memchr(name.ptr, '.', name.len))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "the path '%.*s' has the placeholder '%.*s', which is no valid name\n"
                         "hint: names with dots begin with resources%s",
                         WR_STR(path), WR_STR(name),
                         r->resource->incremental
                             ? " or incremental"
                             : ", and with incremental when the endpoint has one");
    return weir_fail(r->cx, WEIR_CONFIG,
                     "the path '%.*s' requires a param named '%.*s', but it was not found in "
                     "'endpoint.params': %s\nhint: as in params = { %.*s = … }",
                     WR_STR(path), WR_STR(name), repr_of(r, r->params), WR_STR(name));
}

/* One placeholder of a path: left for later, or filled from the parameters, which lose it. */
static weir_status put_in_path(config_reader *r, weir_str path, weir_str name, wr_buf *out,
                               wr_node *taken)
{
    const wr_node *param = wr_node_get_str(r->params, name);
    const weir_str type = wr_node_get_text(param, "type");
    if (is_expression(r, name)) {
        wr_buf_printf(out, "{%.*s}", WR_STR(name));
        return WEIR_OK;
    }
    if (!is_given(param))
        return fail_placeholder(r, path, name);
    if (wr_str_eq(type, wr_lit("incremental")))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "the path '%.*s' tries to bind the param '%.*s' of type incremental\n"
                         "hint: {incremental.start_value} with 'incremental' in the endpoint does",
                         WR_STR(path), WR_STR(name));
    wr_node_set(r->arena, taken, name, wr_node_bool(r->arena, true));
    if (wr_str_eq(type, wr_lit("resolve"))) {
        wr_buf_printf(out, "{%.*s}", WR_STR(name));
        return WEIR_OK;
    }
    wr_auto(buf) wr_buf text = wr_buf_max(WR_REST_TEXT_MAX);
    wr_rest_put_text(&text, param);
    put_doubled(out, wr_buf_view(&text));
    return WEIR_OK;
}

static weir_status bind_path(config_reader *r, weir_str path, wr_node *taken)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_REST_TEXT_MAX);
    weir_str rest = path;
    for (;;) {
        wr_auto(buf) wr_buf literal = wr_buf_max(WR_REST_TEXT_MAX);
        wr_rest_field field;
        bool found = false;
        WEIR_TRY(wr_rest_template_next(r->cx, &rest, &literal, &field, &found));
        put_doubled(&out, wr_buf_view(&literal));
        if (!found)
            break;
        WEIR_TRY(put_in_path(r, path, field.name, &out, taken));
    }
    WEIR_TRY(wr_buf_check(r->cx, &out, "a path"));
    r->resource->path = wr_arena_str(r->arena, wr_buf_view(&out));
    return WEIR_OK;
}

/* ---- parameters ---- */

/* The old form of an incremental: a parameter of that type. */
static weir_status take_incremental(config_reader *r, const wr_node *param)
{
    wr_rest_resource *resource = r->resource;
    if (resource->start_param.len || resource->incremental)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "only a single incremental is allowed per endpoint, found '%.*s' beside "
                         "another one",
                         WR_STR(param->key));
    if (wr_node_get(param, "end_value") || wr_node_get(param, "end_param"))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "a param of type incremental has no end: '%.*s'\n"
                         "hint: 'incremental' in the endpoint has end_value and end_param",
                         WR_STR(param->key));
    WEIR_TRY(check_keys(r->cx, param, "a param of type incremental", INCREMENTAL_KEYS, NULL));
    resource->incremental = param;
    resource->start_param = param->key;
    return WEIR_OK;
}

static weir_status read_param(config_reader *r, const wr_node *param, const wr_node *taken)
{
    const weir_str type = wr_node_get_text(param, "type");
    if (param->kind != WR_NODE_OBJECT)
        return WEIR_OK;
    if (wr_str_eq(type, wr_lit("incremental"))) {
        WEIR_TRY(take_incremental(r, param));
    } else if (wr_str_eq(type, wr_lit("resolve"))) {
        const weir_str parent = wr_node_get_text(param, "resource");
        const weir_str field = wr_node_get_text(param, "field");
        if (!parent.len || !field.len)
            return weir_fail(r->cx, WEIR_CONFIG,
                             "the param '%.*s' of type resolve has no 'resource' or no 'field'",
                             WR_STR(param->key));
        WEIR_TRY(bind(r, param->key, parent, field));
        if (!wr_node_get_str(taken, param->key))
            return weir_fail(r->cx, WEIR_CONFIG,
                             "the param '%.*s' of type resolve is not bound in the path '%.*s'\n"
                             "hint: in other places write {resources.%.*s.%.*s}",
                             WR_STR(param->key), WR_STR(r->resource->path), WR_STR(parent),
                             WR_STR(field));
    } else {
        return weir_fail(r->cx, WEIR_CONFIG,
                         "the param '%.*s' is a table of type '%.*s', expected incremental or "
                         "resolve",
                         WR_STR(param->key), WR_STR(type));
    }
    return WEIR_OK;
}

static weir_status read_params(config_reader *r, const wr_node *taken)
{
    wr_node *left = wr_node_new(r->arena, WR_NODE_OBJECT);
    for (const wr_node *param = r->params->first; param; param = param->next) {
        WEIR_TRY(read_param(r, param, taken));
        if (is_given(param) && param->kind != WR_NODE_OBJECT && !wr_node_get_str(taken, param->key))
            wr_node_set(r->arena, left, param->key, wr_node_copy(r->arena, param));
    }
    r->resource->params = left;
    return WEIR_OK;
}

/* ---- expressions ---- */

static weir_status check_expression(weir_ctx *cx, void *self, weir_str name)
{
    config_reader *r = self;
    if (!is_expression(r, name))
        return weir_fail(
            cx, WEIR_CONFIG,
            "the expression '%.*s' is not valid\n"
            "hint: expressions begin with resources.%s; braces that stand for themselves are "
            "doubled: {{ }}",
            WR_STR(name), r->resource->incremental ? " or incremental." : "");
    return wr_str_starts(name, wr_lit("resources.")) ? bind_expression(r, name) : WEIR_OK;
}

static weir_status bind_in_path(weir_ctx *cx, void *self, weir_str name)
{
    (void)cx;
    return wr_str_starts(name, wr_lit("resources.")) ? bind_expression(self, name) : WEIR_OK;
}

static weir_status read_expressions(config_reader *r)
{
    const wr_rest_resource *resource = r->resource;
    const struct {
        const char *name;
        const wr_node *template;
    } places[] = { { "params", resource->params },
                   { "json", resource->json },
                   { "data", resource->data },
                   { "headers", resource->headers } };
    const wr_node *path = wr_node_text(r->arena, resource->path);
    WEIR_TRY(wr_rest_template_each(r->cx, path, bind_in_path, r));
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        WEIR_TRY(wr_context(r->cx,
                            wr_rest_template_each(r->cx, places[i].template, check_expression, r),
                            "%s", places[i].name));
    return WEIR_OK;
}

/* ---- the endpoint ---- */

static weir_status read_actions(config_reader *r, const wr_node *given)
{
    wr_rest_action **last = &r->resource->actions;
    if (!is_given(given))
        return WEIR_OK;
    r->resource->has_actions = true;
    for (const wr_node *item = given->first; item; item = item->next) {
        int64_t status;
        WEIR_TRY(check_keys(r->cx, item, "a response action", ACTION_KEYS, NULL));
        wr_rest_action *action = wr_arena_new(r->arena, wr_rest_action);
        const wr_node *code = wr_node_get(item, "status_code");
        const bool is_int =
            code && code->kind == WR_NODE_NUMBER && wr_int_parse(code->text, &status);
        *action = (wr_rest_action){
            .ignore = wr_str_eq(wr_node_get_text(item, "action"), wr_lit("ignore")),
            .has_status = is_given(code),
            .status = is_int ? status : -1, /* a text never fits, as in dlt */
            .content = wr_node_get_text(item, "content"),
        };
        *last = action;
        last = &action->next;
    }
    return WEIR_OK;
}

static weir_status read_method(config_reader *r, const wr_node *endpoint)
{
    const wr_node *given = wr_node_get(endpoint, "method");
    r->resource->method = wr_lit("GET");
    if (!is_given(given))
        return WEIR_OK;
    if (!wr_str_eq(given->text, wr_lit("GET")) && !wr_str_eq(given->text, wr_lit("POST")))
        return weir_fail(r->cx, WEIR_CONFIG, "'method' is '%.*s', expected GET or POST",
                         WR_STR(given->text));
    r->resource->method = given->text;
    return WEIR_OK;
}

static weir_status read_selector(config_reader *r, const wr_node *endpoint, bool single)
{
    const wr_node *given = wr_node_get(endpoint, "data_selector");
    if (is_given(given) && given->kind != WR_NODE_TEXT)
        return weir_fail(r->cx, WEIR_CONFIG, "'data_selector' is no text");
    if (!is_given(given) && !single)
        return WEIR_OK;
    r->resource->selector_text = is_given(given) ? given->text : wr_lit("$");
    return wr_context(
        r->cx,
        wr_jsonpath_compile(r->cx, r->arena, r->resource->selector_text, &r->resource->selector),
        "data_selector");
}

static weir_status read_paginator(config_reader *r, const wr_node *endpoint, bool single)
{
    const wr_node *given = wr_node_get(endpoint, "paginator");
    WEIR_TRY(wr_rest_paginator_read(r->cx, r->arena, given, &r->resource->paginator));
    if (!is_given(given) && single)
        return wr_rest_paginator_read(r->cx, r->arena,
                                      wr_node_text(r->arena, wr_lit("single_page")),
                                      &r->resource->paginator);
    if (!r->resource->paginator)
        r->resource->paginator = r->paginator;
    return WEIR_OK;
}

static weir_status read_incremental(config_reader *r, const wr_node *endpoint)
{
    const wr_node *given = wr_node_get(endpoint, "incremental");
    wr_rest_resource *resource = r->resource;
    if (!is_given(given))
        return WEIR_OK;
    WEIR_TRY(check_keys(r->cx, given, "incremental", INCREMENTAL_KEYS, NULL));
    resource->convert = wr_node_get_text(given, "convert");
    if (is_given(wr_node_get(given, "convert")))
        WEIR_TRY(wr_rest_convert_check(r->cx, resource->convert));
    if (is_given(wr_node_get(given, "transform")))
        return weir_fail(r->cx, WEIR_UNSUPPORTED,
                         "'transform' of an incremental is an old name\n"
                         "hint: it is called 'convert' now");
    resource->incremental = given;
    resource->start_param = wr_node_get_text(given, "start_param");
    resource->end_param = wr_node_get_text(given, "end_param");
    return WEIR_OK;
}

static weir_status check_object(const config_reader *r, const wr_node *endpoint, const char *key,
                                const wr_node **ret)
{
    const wr_node *given = wr_node_get(endpoint, key);
    *ret = is_given(given) ? given : NULL;
    if (!*ret || given->kind == WR_NODE_OBJECT)
        return WEIR_OK;
    return weir_fail(r->cx, WEIR_CONFIG, "'%s' is no table", key);
}

static weir_status read_bodies(config_reader *r, const wr_node *endpoint)
{
    wr_rest_resource *resource = r->resource;
    const wr_node *params = NULL;
    WEIR_TRY(check_object(r, endpoint, "params", &params));
    WEIR_TRY(check_object(r, endpoint, "json", &resource->json));
    WEIR_TRY(check_object(r, endpoint, "headers", &resource->headers));
    r->params = params ? wr_node_copy(r->arena, params) : wr_node_new(r->arena, WR_NODE_OBJECT);
    const wr_node *data = wr_node_get(endpoint, "data");
    resource->data = is_given(data) ? data : NULL;
    if (resource->json && resource->json->count && resource->data)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "'json' and 'data' cannot both be sent\n"
                         "hint: 'json' is a JSON body, 'data' a form or a text");
    return WEIR_OK;
}

static weir_status read_endpoint(config_reader *r, const wr_node *endpoint)
{
    wr_node *taken = wr_node_new(r->arena, WR_NODE_OBJECT);
    const wr_node *given_path = wr_node_get(endpoint, "path");
    const weir_str path = is_given(given_path) ? given_path->text : r->resource->name;
    const bool single = wr_rest_is_single_entity(path);
    WEIR_TRY(check_keys(r->cx, endpoint, "endpoint", ENDPOINT_KEYS, NULL));
    WEIR_TRY(read_method(r, endpoint));
    WEIR_TRY(read_selector(r, endpoint, single));
    WEIR_TRY(read_paginator(r, endpoint, single));
    WEIR_TRY(read_actions(r, wr_node_get(endpoint, "response_actions")));
    WEIR_TRY(read_incremental(r, endpoint));
    WEIR_TRY(read_bodies(r, endpoint));
    WEIR_TRY(bind_path(r, path, taken));
    WEIR_TRY(read_params(r, taken));
    WEIR_TRY(wr_rest_auth_read(r->cx, r->arena, wr_node_get(endpoint, "auth"), &r->resource->auth));
    if (!r->resource->auth)
        r->resource->auth = r->auth;
    return read_expressions(r);
}

/* ---- resources ---- */

static weir_status read_include(config_reader *r)
{
    wr_rest_resource *resource = r->resource;
    const wr_node *given = wr_node_get(resource->config, "include_from_parent");
    if (!is_given(given))
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

static weir_status read_fields(config_reader *r)
{
    wr_rest_resource *resource = r->resource;
    const wr_node *config = resource->config;
    WEIR_TRY(wr_rest_steps_read(r->cx, r->arena, wr_node_get(config, "processing_steps"),
                                &resource->steps));
    WEIR_TRY(read_endpoint(r, wr_node_get(config, "endpoint")));
    if (is_given(wr_node_get(config, "incremental")))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "it has the key 'incremental'\n"
                         "hint: that is a key of its 'endpoint'");
    return read_include(r);
}

/* Days need no endpoint, and get no defaults: they are as a resource of dlt that is not made by rest_api. */
static weir_status read_days(config_reader *r, const wr_node *given)
{
    static const char *const KEYS[] = { "name", "selected", "days", "incremental", NULL };
    WEIR_TRY(check_keys(r->cx, given, "it", KEYS, NULL));
    wr_rest_days *days = wr_arena_new(r->arena, wr_rest_days);
    WEIR_TRY(wr_rest_days_read(r->cx, wr_node_get(given, "days"), days));
    r->resource->days = days;
    r->resource->config = given;
    r->resource->incremental = wr_node_get(given, "incremental");
    return WEIR_OK;
}

static weir_status read_resource(config_reader *r, const wr_node *defaults, const wr_node *given,
                                 size_t number)
{
    wr_rest_resource *resource = r->resource = &r->api->resources[number];
    if (given->kind != WR_NODE_TEXT && given->kind != WR_NODE_OBJECT)
        return weir_fail(r->cx, WEIR_CONFIG, "resource number %zu is neither a name nor a table",
                         number + 1);
    wr_node *own = spell_out(r->arena, given);
    const wr_node *name = wr_node_get(own, "name");
    if (!is_given(name) || name->kind != WR_NODE_TEXT || name->text.len == 0)
        return weir_fail(r->cx, WEIR_CONFIG, "resource number %zu has no 'name'", number + 1);
    for (size_t i = 0; i < number; i++)
        if (wr_str_eq(r->api->resources[i].name, name->text))
            return weir_fail(r->cx, WEIR_CONFIG, "resource '%.*s' is already defined",
                             WR_STR(name->text));
    *resource = (wr_rest_resource){ .api = r->api, .name = name->text };
    resource->selected = wr_node_get_bool(own, "selected", true);
    weir_status status = check_keys(r->cx, own, "it", wr_rest_resource_keys, HINT_KEYS);
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

static weir_status check_parents(const config_reader *r)
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
static void put_in_order(const config_reader *r)
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

static weir_status read_client(config_reader *r, const wr_node *client)
{
    const wr_node *base = wr_node_get(client, "base_url");
    WEIR_TRY(check_keys(r->cx, client, "'client'", CLIENT_KEYS, NULL));
    if (!is_given(base) || base->kind != WR_NODE_TEXT)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "'client' has no 'base_url'\n"
                         "hint: as in client = { base_url = \"https://api.example.com/v1\" }");
    if (is_given(wr_node_get(client, "session")))
        return weir_fail(r->cx, WEIR_UNSUPPORTED,
                         "'session' of 'client' is an object of Python\n"
                         "hint: leave it out; connections are kept");
    r->api->base_url = base->text;
    r->api->headers = wr_node_get(client, "headers");
    WEIR_TRY(wr_rest_auth_read(r->cx, r->arena, wr_node_get(client, "auth"), &r->auth));
    return wr_rest_paginator_read(r->cx, r->arena, wr_node_get(client, "paginator"), &r->paginator);
}

static weir_status check_defaults(const config_reader *r, const wr_node *defaults)
{
    if (!is_given(defaults))
        return WEIR_OK;
    WEIR_TRY(
        check_keys(r->cx, defaults, "'resource_defaults'", &wr_rest_resource_keys[1], HINT_KEYS));
    const wr_node *endpoint = wr_node_get(defaults, "endpoint");
    if (!is_given(endpoint) || endpoint->kind == WR_NODE_OBJECT)
        return WEIR_OK;
    return weir_fail(r->cx, WEIR_CONFIG, "'endpoint' of 'resource_defaults' is no table");
}

static weir_status read_resources(config_reader *r, const wr_node *config)
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
    config_reader r = { .cx = cx, .arena = arena, .api = wr_arena_new(arena, wr_rest_api) };
    const wr_node *client = wr_node_get(config, "client");
    WEIR_TRY(check_keys(cx, config, "the source", TOP_KEYS, NULL));
    if (!is_given(client))
        return weir_fail(cx, WEIR_CONFIG,
                         "there is no 'client'\n"
                         "hint: as in client = { base_url = \"https://…\" }");
    WEIR_TRY(wr_context(cx, read_client(&r, client), "client"));
    WEIR_TRY(read_resources(&r, config));
    *ret = r.api;
    return WEIR_OK;
}
