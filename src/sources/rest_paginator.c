/* Reads paginators, and moves them from page to page. */
#include "sources/rest_paginator.h"

#include <strings.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "net/link.h"
#include "net/url.h"
#include "sources/rest_template.h"

#define SHOWN_MAX 300 /* bytes of an answer in a message */

/* ---- reading ---- */

typedef enum arg_kind { ARG_TEXT, ARG_INT, ARG_BOOL } arg_kind;

typedef struct paginator_arg {
    const char *name;
    arg_kind kind;
} paginator_arg;

#define ARGS(...) ((const paginator_arg[]){ __VA_ARGS__, { 0 } })

static const struct {
    const char *name;
    wr_rest_paging kind;
    const paginator_arg *args; /* NULL: none */
} KINDS[] = {
    { "single_page", WR_REST_SINGLE_PAGE, NULL },
    { "json_link", WR_REST_JSON_LINK, ARGS({ "next_url_path", ARG_TEXT }) },
    { "json_response", WR_REST_JSON_LINK, ARGS({ "next_url_path", ARG_TEXT }) },
    { "header_link", WR_REST_HEADER_LINK, ARGS({ "links_next_key", ARG_TEXT }) },
    { "header_cursor", WR_REST_HEADER_CURSOR,
      ARGS({ "cursor_key", ARG_TEXT }, { "cursor_param", ARG_TEXT }) },
    { "cursor", WR_REST_CURSOR,
      ARGS({ "cursor_path", ARG_TEXT }, { "cursor_param", ARG_TEXT },
           { "cursor_body_path", ARG_TEXT }, { "stop_after_empty_page", ARG_BOOL },
           { "has_more_path", ARG_TEXT }) },
    { "offset", WR_REST_OFFSET,
      ARGS({ "limit", ARG_INT }, { "offset", ARG_INT }, { "offset_param", ARG_TEXT },
           { "offset_body_path", ARG_TEXT }, { "limit_param", ARG_TEXT },
           { "limit_body_path", ARG_TEXT }, { "total_path", ARG_TEXT },
           { "maximum_offset", ARG_INT }, { "stop_after_empty_page", ARG_BOOL },
           { "has_more_path", ARG_TEXT }) },
    { "page_number", WR_REST_PAGE_NUMBER,
      ARGS({ "base_page", ARG_INT }, { "page", ARG_INT }, { "page_param", ARG_TEXT },
           { "page_body_path", ARG_TEXT }, { "total_path", ARG_TEXT }, { "maximum_page", ARG_INT },
           { "stop_after_empty_page", ARG_BOOL }, { "has_more_path", ARG_TEXT }) },
};

#define KIND_COUNT (sizeof(KINDS) / sizeof(*KINDS))

static bool fits(const wr_node *node, arg_kind kind)
{
    int64_t number;
    switch (kind) {
    case ARG_TEXT: return node->kind == WR_NODE_TEXT;
    case ARG_INT: return node->kind == WR_NODE_NUMBER && wr_int_parse(node->text, &number);
    case ARG_BOOL: return node->kind == WR_NODE_TRUE || node->kind == WR_NODE_FALSE;
    }
    return false;
}

static weir_status unknown_arg(weir_ctx *cx, size_t kind, weir_str name)
{
    const char *known[16] = { "type" };
    const paginator_arg *args = KINDS[kind].args;
    for (size_t i = 0; args && args[i].name; i++)
        known[i + 1] = args[i].name;
    return wr_suggest(cx,
                      weir_fail(cx, WEIR_CONFIG,
                                "the paginator '%s' has the unknown argument '%.*s'",
                                KINDS[kind].name, WR_STR(name)),
                      name, known);
}

static weir_status check_args(weir_ctx *cx, size_t kind, const wr_node *config)
{
    static const char *const WHAT[] = { "a text", "a whole number", "true or false" };
    for (const wr_node *arg = config->first; arg; arg = arg->next) {
        const paginator_arg *args = KINDS[kind].args;
        if (wr_str_eq(arg->key, wr_lit("type")))
            continue;
        while (args && args->name && !wr_str_eq(arg->key, weir_str_of(args->name)))
            args++;
        if (!args || !args->name)
            return unknown_arg(cx, kind, arg->key);
        if (wr_node_is_given(arg) && !fits(arg, args->kind))
            return weir_fail(cx, WEIR_CONFIG, "'%s' of the paginator '%s' is not %s", args->name,
                             KINDS[kind].name, WHAT[args->kind]);
    }
    return WEIR_OK;
}

/* A text; `standard` when it is missing, empty when it is null. */
static weir_str text_of(const wr_node *config, const char *key, const char *standard)
{
    const wr_node *node = wr_node_get(config, key);
    if (!node)
        return weir_str_of(standard);
    return wr_node_is_given(node) ? node->text : (weir_str){ 0 };
}

static weir_status read_path(weir_ctx *cx, wr_arena *arena, weir_str text, const wr_jsonpath **ret)
{
    return text.len ? wr_jsonpath_compile(cx, arena, text, ret) : WEIR_OK;
}

/* Where a value is sent: a parameter, or a place in the body. */
static weir_status read_target(weir_ctx *cx, const wr_node *config, const char *const names[3],
                               weir_str *ret_param, weir_str *ret_body_path)
{
    const weir_str body = text_of(config, names[1], NULL);
    const bool has_param = wr_node_is_given(wr_node_get(config, names[0]));
    if (body.len && has_param)
        return weir_fail(cx, WEIR_CONFIG, "either '%s' or '%s' must be provided, not both",
                         names[0], names[1]);
    *ret_body_path = body;
    *ret_param = body.len ? (weir_str){ 0 } : text_of(config, names[0], names[2]);
    if (ret_param->len || body.len)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG, "the paginator has neither '%s' nor '%s'", names[0],
                     names[1]);
}

static weir_status check_end(weir_ctx *cx, const wr_rest_paginator *p, const char *maximum)
{
    if (p->path || p->has_maximum || p->has_more || p->stop_after_empty_page)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "the paginator never ends: one of 'total_path', '%s', 'has_more_path' or "
                     "'stop_after_empty_page' must be provided",
                     maximum);
}

static weir_status read_range(weir_ctx *cx, wr_arena *arena, wr_rest_paginator *p)
{
    const bool pages = p->kind == WR_REST_PAGE_NUMBER;
    const char *maximum = pages ? "maximum_page" : "maximum_offset";
    static const char *const PAGE[3] = { "page_param", "page_body_path", "page" };
    static const char *const OFFSET[3] = { "offset_param", "offset_body_path", "offset" };
    static const char *const LIMIT[3] = { "limit_param", "limit_body_path", "limit" };
    p->base = pages ? wr_node_get_int(p->config, "base_page", 0) : 0;
    p->first = wr_node_get_int(p->config, pages ? "page" : "offset", p->base);
    p->step = pages ? 1 : wr_node_get_int(p->config, "limit", 0);
    p->has_maximum = wr_node_is_given(wr_node_get(p->config, maximum));
    p->maximum = wr_node_get_int(p->config, maximum, 0);
    p->stop_after_empty_page = wr_node_get_bool(p->config, "stop_after_empty_page", true);
    p->path_text = text_of(p->config, "total_path", "total");
    WEIR_TRY(read_path(cx, arena, p->path_text, &p->path));
    WEIR_TRY(read_target(cx, p->config, pages ? PAGE : OFFSET, &p->param, &p->body_path));
    if (!pages)
        WEIR_TRY(read_target(cx, p->config, LIMIT, &p->limit_param, &p->limit_body_path));
    if (p->step < 1)
        return weir_fail(cx, WEIR_CONFIG,
                         "the paginator 'offset' has no 'limit', or one below 1\n"
                         "hint: as in paginator = { type = \"offset\", limit = 100 }");
    return check_end(cx, p, maximum);
}

static weir_status read_kind(weir_ctx *cx, wr_arena *arena, wr_rest_paginator *p)
{
    static const char *const CURSOR[3] = { "cursor_param", "cursor_body_path", "cursor" };
    p->has_more_text = text_of(p->config, "has_more_path", NULL);
    WEIR_TRY(read_path(cx, arena, p->has_more_text, &p->has_more));
    switch (p->kind) {
    case WR_REST_SINGLE_PAGE: return WEIR_OK;
    case WR_REST_JSON_LINK:
        p->path_text = text_of(p->config, "next_url_path", "next");
        return read_path(cx, arena, p->path_text, &p->path);
    case WR_REST_HEADER_LINK:
        p->header = text_of(p->config, "links_next_key", "next");
        return WEIR_OK;
    case WR_REST_HEADER_CURSOR:
        p->header = text_of(p->config, "cursor_key", "next");
        p->param = text_of(p->config, "cursor_param", "cursor");
        return WEIR_OK;
    case WR_REST_CURSOR:
        p->path_text = text_of(p->config, "cursor_path", "cursors.next");
        p->stop_after_empty_page = wr_node_get_bool(p->config, "stop_after_empty_page", false);
        WEIR_TRY(read_path(cx, arena, p->path_text, &p->path));
        return read_target(cx, p->config, CURSOR, &p->param, &p->body_path);
    case WR_REST_OFFSET:
    case WR_REST_PAGE_NUMBER: break;
    }
    return read_range(cx, arena, p);
}

static weir_status fail_unknown(weir_ctx *cx, weir_str name)
{
    const char *known[KIND_COUNT + 2] = { "auto" };
    for (size_t i = 0; i < KIND_COUNT; i++)
        known[i + 1] = KINDS[i].name;
    wr_auto(free) char *given = wr_copy(name.ptr, name.len);
    const char *nearest = wr_str_nearest(given, known);
    return weir_fail(cx, WEIR_CONFIG,
                     "there is no paginator '%s'\nhint: %s%s%sthere are json_link, header_link, "
                     "header_cursor, cursor, offset, page_number, single_page and auto",
                     given, nearest ? "did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'? " : "");
}

weir_status wr_rest_paginator_read(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                                   const wr_rest_paginator **ret)
{
    const bool is_name = config && config->kind == WR_NODE_TEXT;
    const weir_str type = is_name ? config->text : wr_node_get_text(config, "type");
    size_t kind = 0;
    *ret = NULL;
    if (!wr_node_is_given(config) || wr_str_eq(type, wr_lit("auto")))
        return WEIR_OK;
    if (type.len == 0)
        return weir_fail(cx, WEIR_CONFIG,
                         "a paginator has no 'type'\n"
                         "hint: as in paginator = { type = \"page_number\", base_page = 1 }");
    while (kind < KIND_COUNT && !wr_str_eq(type, weir_str_of(KINDS[kind].name)))
        kind++;
    if (kind == KIND_COUNT)
        return fail_unknown(cx, type);
    wr_rest_paginator *p = wr_arena_new(arena, wr_rest_paginator);
    p->kind = KINDS[kind].kind;
    p->config = is_name ? wr_node_new(arena, WR_NODE_OBJECT) : config;
    WEIR_TRY(check_args(cx, kind, p->config));
    WEIR_TRY(read_kind(cx, arena, p));
    *ret = p;
    return WEIR_OK;
}

/* ---- asking ---- */

wr_rest_place wr_rest_place_first(const wr_rest_paginator *paginator)
{
    return (wr_rest_place){
        .paginator = paginator,
        .has_next = true,
        .number = paginator ? paginator->first : 0,
    };
}

/* Into the body, through objects that are made where there are none: "paging.page". */
static void set_in_body(wr_arena *arena, wr_rest_request *request, weir_str path, wr_node *value)
{
    weir_str key;
    if (!request->json)
        request->json = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *object = request->json;
    while (wr_str_split(&path, '.', &key)) {
        if (path.len == 0)
            wr_node_set(arena, object, key, value);
        else
            object = wr_node_child(arena, object, key);
    }
}

static void set_value(wr_arena *arena, wr_rest_request *request, weir_str param, weir_str body_path,
                      wr_node *value)
{
    if (body_path.len) {
        set_in_body(arena, request, body_path, value);
        return;
    }
    if (!request->params)
        request->params = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, request->params, param, value);
}

static wr_node *cursor_node(wr_arena *arena, const wr_rest_place *place)
{
    wr_node *node = wr_node_text(arena, place->text);
    if (place->is_number)
        node->kind = WR_NODE_NUMBER;
    return node;
}

void wr_rest_place_set(wr_arena *arena, const wr_rest_place *place, wr_rest_request *request)
{
    const wr_rest_paginator *p = place->paginator;
    switch (p ? p->kind : WR_REST_SINGLE_PAGE) {
    case WR_REST_SINGLE_PAGE: break;
    case WR_REST_JSON_LINK:
    case WR_REST_HEADER_LINK:
        if (place->text.len) {
            request->url = place->text;
            request->params = NULL; /* the link has all that is needed */
        }
        break;
    case WR_REST_HEADER_CURSOR:
    case WR_REST_CURSOR:
        if (place->text.len)
            set_value(arena, request, p->param, p->body_path, cursor_node(arena, place));
        break;
    case WR_REST_OFFSET:
        set_value(arena, request, p->param, p->body_path, wr_node_int(arena, place->number));
        set_value(arena, request, p->limit_param, p->limit_body_path, wr_node_int(arena, p->step));
        break;
    case WR_REST_PAGE_NUMBER:
        set_value(arena, request, p->param, p->body_path, wr_node_int(arena, place->number));
        break;
    }
}

/* ---- going on ---- */

/* The beginning of an answer, for messages. */
static const char *shown(wr_arena *arena, const wr_http_response *response)
{
    char *text = wr_arena_alloc(arena, SHOWN_MAX + 1);
    wr_str_fit(text, SHOWN_MAX + 1, response->body);
    return text;
}

static const char *name_of(const wr_rest_paginator *p)
{
    size_t i = 0;
    while (KINDS[i].kind != p->kind)
        i++;
    return KINDS[i].name;
}

static weir_status missing(weir_ctx *cx, wr_arena *arena, const wr_rest_place *place,
                           const char *key, weir_str path, const wr_http_response *response)
{
    return weir_fail(cx, WEIR_REJECTED,
                     "the paginator '%s' finds nothing usable at its %s '%.*s' in the answer: %s\n"
                     "hint: set '%s' to where the answer has it%s",
                     name_of(place->paginator), key, WR_STR(path), shown(arena, response), key,
                     strcmp(key, "total_path") == 0
                         ? ", or total_path = null (in TOML: \"\") if the API does not tell it"
                         : "");
}

/* The text of a number, or of a text that is one, cut to a whole number as Python's int() does. */
static bool read_count(const wr_jval *value, int64_t *ret)
{
    switch (wr_jkind_of(value)) {
    case WR_JBOOL: *ret = wr_jbool(value); return true;
    case WR_JTEXT: return wr_int_parse(wr_str_trim(wr_jtext(value)), ret);
    case WR_JNUMBER:
        if (wr_jnumber_of(value) != WR_JREAL) {
            *ret = value->as.i64;
            return wr_jnumber_of(value) == WR_JINT || value->as.u64 <= INT64_MAX;
        }
        *ret = value->as.f64 > -9e18 && value->as.f64 < 9e18 ? (int64_t)value->as.f64 : 0;
        return value->as.f64 > -9e18 && value->as.f64 < 9e18;
    default: return false;
    }
}

static bool read_word(weir_str text, bool *ret)
{
    static const char *const WORDS[] = {
        "no", "false", "n", "f", "0", "yes", "true", "y", "t", "1"
    };
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if (text.len != strlen(WORDS[i]) || strncasecmp(text.ptr, WORDS[i], text.len) != 0)
            continue;
        *ret = i >= 5;
        return true;
    }
    return false;
}

/* `has_more` can only end it. */
static weir_status apply_has_more(weir_ctx *cx, wr_arena *arena, wr_rest_place *place,
                                  const wr_http_response *response, const wr_jval *body)
{
    const wr_rest_paginator *p = place->paginator;
    if (!p->has_more)
        return WEIR_OK;
    const wr_jval *value = wr_jsonpath_first(p->has_more, body);
    bool more = value && wr_jkind_of(value) == WR_JBOOL && wr_jbool(value);
    const bool usable =
        value && (wr_jkind_of(value) == WR_JBOOL ||
                  (wr_jkind_of(value) == WR_JTEXT && read_word(wr_jtext(value), &more)));
    if (!usable)
        return missing(cx, arena, place, "has_more_path", p->has_more_text, response);
    place->has_next = place->has_next && more;
    return WEIR_OK;
}

static weir_status next_number(weir_ctx *cx, wr_arena *arena, wr_rest_place *place,
                               const wr_http_response *response, const wr_jval *body)
{
    const wr_rest_paginator *p = place->paginator;
    int64_t total = INT64_MAX;
    if (p->path) {
        const wr_jval *value = wr_jsonpath_first(p->path, body);
        if (!value || !read_count(value, &total))
            return missing(cx, arena, place, "total_path", p->path_text, response);
    }
    place->number += p->step;
    const bool past_total = p->path && place->number - p->base >= total;
    const bool past_maximum = p->has_maximum && place->number >= p->maximum;
    place->has_next = !past_total && !past_maximum;
    return apply_has_more(cx, arena, place, response, body);
}

/* The same reference twice would go round for ever. */
static weir_status go_to(weir_ctx *cx, wr_rest_place *place, weir_str reference)
{
    if (reference.len && wr_str_eq(reference, place->text))
        return weir_fail(cx, WEIR_REJECTED,
                         "the paginator '%s' is sent to the page that it comes from: '%.*s'\n"
                         "hint: the API does not take the cursor, or names one without end; check "
                         "the paginator's arguments",
                         name_of(place->paginator), WR_STR(reference));
    place->text = reference;
    place->has_next = reference.len > 0;
    return WEIR_OK;
}

static weir_str scalar_text(wr_arena *arena, const wr_jval *value)
{
    wr_auto(buf) wr_buf text = wr_buf_max(WR_URL_MAX);
    if (!value)
        return (weir_str){ 0 };
    if (wr_jkind_of(value) == WR_JTEXT)
        return wr_arena_str(arena, wr_jtext(value));
    if (wr_jkind_of(value) == WR_JBOOL)
        return wr_jbool(value) ? wr_lit("True") : (weir_str){ 0 };
    if (wr_jkind_of(value) != WR_JNUMBER && wr_jkind_of(value) != WR_JRAW)
        return (weir_str){ 0 };
    wr_json_write(&text, value);
    const weir_str written = wr_arena_str(arena, wr_buf_view(&text));
    return wr_str_eq(written, wr_lit("0")) ? (weir_str){ 0 } : written;
}

static weir_status next_cursor(weir_ctx *cx, wr_arena *arena, wr_rest_place *place, size_t count,
                               const wr_http_response *response, const wr_jval *body)
{
    const wr_jval *value = wr_jsonpath_first(place->paginator->path, body);
    place->is_number = value && wr_jkind_of(value) == WR_JNUMBER;
    if (place->paginator->stop_after_empty_page && count == 0) {
        place->has_next = false;
        return WEIR_OK;
    }
    place->has_next = true;
    WEIR_TRY(apply_has_more(cx, arena, place, response, body));
    return place->has_next ? go_to(cx, place, scalar_text(arena, value)) : WEIR_OK;
}

static weir_status next_link(weir_ctx *cx, wr_arena *arena, wr_rest_place *place,
                             const wr_rest_request *request, weir_str link)
{
    return go_to(cx, place, link.len ? wr_url_resolve(arena, request->url, link) : link);
}

weir_status wr_rest_place_next(weir_ctx *cx, wr_arena *arena, wr_rest_place *place,
                               const wr_rest_request *request, const wr_http_response *response,
                               const wr_jval *body, size_t count)
{
    const wr_rest_paginator *p = place->paginator;
    weir_str link = { 0 };
    switch (p->kind) {
    case WR_REST_SINGLE_PAGE: place->has_next = false; return WEIR_OK;
    case WR_REST_JSON_LINK:
        return next_link(cx, arena, place, request,
                         scalar_text(arena, wr_jsonpath_first(p->path, body)));
    case WR_REST_HEADER_LINK:
        (void)wr_link_find(wr_http_header_of(response, "Link"), p->header, &link); /* or none */
        return next_link(cx, arena, place, request, wr_arena_str(arena, link));
    case WR_REST_HEADER_CURSOR:
        return go_to(
            cx, place,
            wr_arena_str(arena, wr_http_header_of(response, wr_arena_str(arena, p->header).ptr)));
    case WR_REST_CURSOR: return next_cursor(cx, arena, place, count, response, body);
    case WR_REST_OFFSET:
    case WR_REST_PAGE_NUMBER: break;
    }
    if (p->stop_after_empty_page && count == 0) {
        place->has_next = false;
        return WEIR_OK;
    }
    return next_number(cx, arena, place, response, body);
}
