/* Reads the endpoint of a resource: path, parameters, placeholders, what is done with answers. */
#include "base/ctx.h"
#include "base/number.h"
#include "base/str.h"
#include "sources/rest_config_parts.h"
#include "sources/rest_template.h"

#define SHOWN_MAX ((size_t)64 << 10)

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

weir_status wr_rest_check_keys(weir_ctx *cx, const wr_node *table, const char *what,
                               const char *const *known, const char *const *more)
{
    if (table->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_CONFIG, "%s is no table", what);
    for (const wr_node *member = table->first; member; member = member->next) {
        if (wr_str_among(member->key, known) || (more && wr_str_among(member->key, more)))
            continue;
        const weir_status status =
            weir_fail(cx, WEIR_CONFIG, "%s has the unknown key '%.*s'", what, WR_STR(member->key));
        if (wr_str_among(member->key, ENDPOINT_KEYS))
            wr_hint(cx, "it belongs into 'endpoint'");
        return wr_suggest(cx, status, member->key, known);
    }
    return WEIR_OK;
}

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

static const char *repr_of(const wr_rest_reader *r, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(SHOWN_MAX);
    wr_rest_put_repr(&out, node);
    return wr_arena_str(r->arena, wr_buf_view(&out)).ptr;
}

/* A placeholder that is filled from the parent's row: only one parent, please. */
static weir_status bind(wr_rest_reader *r, weir_str name, weir_str parent, weir_str field)
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
static weir_status bind_expression(wr_rest_reader *r, weir_str name)
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

static bool is_expression(const wr_rest_reader *r, weir_str name)
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

static weir_status fail_placeholder(const wr_rest_reader *r, weir_str path, weir_str name)
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
static weir_status put_in_path(wr_rest_reader *r, weir_str path, weir_str name, wr_buf *out,
                               wr_node *taken)
{
    const wr_node *param = wr_node_get_str(r->params, name);
    const weir_str type = wr_node_get_text(param, "type");
    if (is_expression(r, name)) {
        wr_buf_printf(out, "{%.*s}", WR_STR(name));
        return WEIR_OK;
    }
    if (!wr_node_is_given(param))
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

static weir_status bind_path(wr_rest_reader *r, weir_str path, wr_node *taken)
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
static weir_status take_incremental(wr_rest_reader *r, const wr_node *param)
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
    WEIR_TRY(
        wr_rest_check_keys(r->cx, param, "a param of type incremental", INCREMENTAL_KEYS, NULL));
    resource->incremental = param;
    resource->start_param = param->key;
    return WEIR_OK;
}

static weir_status read_param(wr_rest_reader *r, const wr_node *param, const wr_node *taken)
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

static weir_status read_params(wr_rest_reader *r, const wr_node *taken)
{
    wr_node *left = wr_node_new(r->arena, WR_NODE_OBJECT);
    for (const wr_node *param = r->params->first; param; param = param->next) {
        WEIR_TRY(read_param(r, param, taken));
        if (wr_node_is_given(param) && param->kind != WR_NODE_OBJECT &&
            !wr_node_get_str(taken, param->key))
            wr_node_set(r->arena, left, param->key, wr_node_copy(r->arena, param));
    }
    r->resource->params = left;
    return WEIR_OK;
}

/* ---- expressions ---- */

static weir_status check_expression(weir_ctx *cx, void *self, weir_str name)
{
    wr_rest_reader *r = self;
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

static weir_status read_expressions(wr_rest_reader *r)
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

static weir_status read_actions(wr_rest_reader *r, const wr_node *given)
{
    wr_rest_action **last = &r->resource->actions;
    if (!wr_node_is_given(given))
        return WEIR_OK;
    r->resource->has_actions = true;
    for (const wr_node *item = given->first; item; item = item->next) {
        int64_t status;
        WEIR_TRY(wr_rest_check_keys(r->cx, item, "a response action", ACTION_KEYS, NULL));
        wr_rest_action *action = wr_arena_new(r->arena, wr_rest_action);
        const wr_node *code = wr_node_get(item, "status_code");
        const bool is_int =
            code && code->kind == WR_NODE_NUMBER && wr_int_parse(code->text, &status);
        *action = (wr_rest_action){
            .ignore = wr_str_eq(wr_node_get_text(item, "action"), wr_lit("ignore")),
            .has_status = wr_node_is_given(code),
            .status = is_int ? status : -1, /* a text never fits, as in dlt */
            .content = wr_node_get_text(item, "content"),
        };
        *last = action;
        last = &action->next;
    }
    return WEIR_OK;
}

static weir_status read_method(wr_rest_reader *r, const wr_node *endpoint)
{
    const wr_node *given = wr_node_get(endpoint, "method");
    r->resource->method = wr_lit("GET");
    if (!wr_node_is_given(given))
        return WEIR_OK;
    if (!wr_str_eq(given->text, wr_lit("GET")) && !wr_str_eq(given->text, wr_lit("POST")))
        return weir_fail(r->cx, WEIR_CONFIG, "'method' is '%.*s', expected GET or POST",
                         WR_STR(given->text));
    r->resource->method = given->text;
    return WEIR_OK;
}

static weir_status read_selector(wr_rest_reader *r, const wr_node *endpoint, bool single)
{
    const wr_node *given = wr_node_get(endpoint, "data_selector");
    if (wr_node_is_given(given) && given->kind != WR_NODE_TEXT)
        return weir_fail(r->cx, WEIR_CONFIG, "'data_selector' is no text");
    if (!wr_node_is_given(given) && !single)
        return WEIR_OK;
    r->resource->selector_text = wr_node_is_given(given) ? given->text : wr_lit("$");
    return wr_context(
        r->cx,
        wr_jsonpath_compile(r->cx, r->arena, r->resource->selector_text, &r->resource->selector),
        "data_selector");
}

static weir_status read_paginator(wr_rest_reader *r, const wr_node *endpoint, bool single)
{
    const wr_node *given = wr_node_get(endpoint, "paginator");
    WEIR_TRY(wr_rest_paginator_read(r->cx, r->arena, given, &r->resource->paginator));
    if (!wr_node_is_given(given) && single)
        return wr_rest_paginator_read(r->cx, r->arena,
                                      wr_node_text(r->arena, wr_lit("single_page")),
                                      &r->resource->paginator);
    if (!r->resource->paginator)
        r->resource->paginator = r->paginator;
    return WEIR_OK;
}

static weir_status read_incremental(wr_rest_reader *r, const wr_node *endpoint)
{
    const wr_node *given = wr_node_get(endpoint, "incremental");
    wr_rest_resource *resource = r->resource;
    if (!wr_node_is_given(given))
        return WEIR_OK;
    WEIR_TRY(wr_rest_check_keys(r->cx, given, "incremental", INCREMENTAL_KEYS, NULL));
    resource->convert = wr_node_get_text(given, "convert");
    if (wr_node_is_given(wr_node_get(given, "convert")))
        WEIR_TRY(wr_rest_convert_check(r->cx, resource->convert));
    if (wr_node_is_given(wr_node_get(given, "transform")))
        return weir_fail(r->cx, WEIR_UNSUPPORTED,
                         "'transform' of an incremental is an old name\n"
                         "hint: it is called 'convert' now");
    resource->incremental = given;
    resource->start_param = wr_node_get_text(given, "start_param");
    resource->end_param = wr_node_get_text(given, "end_param");
    return WEIR_OK;
}

static weir_status check_object(const wr_rest_reader *r, const wr_node *endpoint, const char *key,
                                const wr_node **ret)
{
    const wr_node *given = wr_node_get(endpoint, key);
    *ret = wr_node_is_given(given) ? given : NULL;
    if (!*ret || given->kind == WR_NODE_OBJECT)
        return WEIR_OK;
    return weir_fail(r->cx, WEIR_CONFIG, "'%s' is no table", key);
}

static weir_status read_bodies(wr_rest_reader *r, const wr_node *endpoint)
{
    wr_rest_resource *resource = r->resource;
    const wr_node *params = NULL;
    WEIR_TRY(check_object(r, endpoint, "params", &params));
    WEIR_TRY(check_object(r, endpoint, "json", &resource->json));
    WEIR_TRY(check_object(r, endpoint, "headers", &resource->headers));
    r->params = params ? wr_node_copy(r->arena, params) : wr_node_new(r->arena, WR_NODE_OBJECT);
    const wr_node *data = wr_node_get(endpoint, "data");
    resource->data = wr_node_is_given(data) ? data : NULL;
    if (resource->json && resource->json->count && resource->data)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "'json' and 'data' cannot both be sent\n"
                         "hint: 'json' is a JSON body, 'data' a form or a text");
    return WEIR_OK;
}

weir_status wr_rest_endpoint_read(wr_rest_reader *r, const wr_node *endpoint)
{
    wr_node *taken = wr_node_new(r->arena, WR_NODE_OBJECT);
    const wr_node *given_path = wr_node_get(endpoint, "path");
    const weir_str path = wr_node_is_given(given_path) ? given_path->text : r->resource->name;
    const bool single = wr_rest_is_single_entity(path);
    WEIR_TRY(wr_rest_check_keys(r->cx, endpoint, "endpoint", ENDPOINT_KEYS, NULL));
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
