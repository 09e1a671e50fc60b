/* Builds and sends requests. */
#include "sources/rest_client.h"

#include <strings.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "net/url.h"
#include "sources/rest_template.h"

#define BODY_MAX ((size_t)64 << 20)
#define QUERY_MAX WR_URL_MAX
#define REDIRECTS_MAX 30
#define QUOTE_MAX 300
#define ATTEMPTS 5
#define MAX_DELAY_S 300.0

/* ---- bodies ---- */

static void put_ascii(wr_buf *out, weir_str text)
{
    wr_buf_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        const uint32_t c = wr_utf8_next(text, &at);
        const char *shorts = c ? strchr("\b\f\n\r\t\"\\", (int)(c < 0x80 ? c : 1)) : NULL;
        if (shorts)
            wr_buf_printf(out, "\\%c", "bfnrt\"\\"[shorts - "\b\f\n\r\t\"\\"]);
        else if (c >= ' ' && c < 0x7f)
            wr_buf_char(out, (char)c);
        else if (c < 0x10000)
            wr_buf_printf(out, "\\u%04x", (unsigned)c);
        else
            wr_buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                          (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
    }
    wr_buf_char(out, '"');
}

void wr_rest_put_json(wr_buf *out, const wr_node *value)
{
    const bool is_object = value->kind == WR_NODE_OBJECT;
    if (value->kind == WR_NODE_TEXT) {
        put_ascii(out, value->text);
        return;
    }
    if (!is_object && value->kind != WR_NODE_ARRAY) {
        wr_node_write(out, value, WR_JSON_COMPACT);
        return;
    }
    wr_buf_char(out, is_object ? '{' : '[');
    for (const wr_node *child = value->first; child; child = child->next) {
        if (child != value->first)
            wr_buf_cstr(out, ", ");
        if (is_object) {
            put_ascii(out, child->key);
            wr_buf_cstr(out, ": ");
        }
        wr_rest_put_json(out, child);
    }
    wr_buf_char(out, is_object ? '}' : ']');
}

static void put_pair(wr_buf *out, weir_str name, const wr_node *value)
{
    wr_auto(buf) wr_buf text = wr_buf_max(QUERY_MAX);
    if (value->kind == WR_NODE_NULL)
        return;
    wr_rest_put_text(&text, value);
    wr_form_pair(out, name, wr_buf_view(&text));
}

/* Form encoding: nulls are dropped, lists repeat the name. */
static void put_form(wr_buf *out, const wr_node *members)
{
    for (const wr_node *member = members ? members->first : NULL; member; member = member->next) {
        if (member->kind != WR_NODE_ARRAY)
            put_pair(out, member->key, member);
        else
            for (const wr_node *item = member->first; item; item = item->next)
                put_pair(out, member->key, item);
    }
}

/* ---- headers ---- */

typedef wr_vec(wr_http_header) header_list;

/* A header that is there takes the new value. */
static void put_header(header_list *list, weir_str name, weir_str value)
{
    for (size_t i = 0; i < list->len; i++) {
        wr_http_header *header = &list->ptr[i];
        if (header->name.len == name.len &&
            strncasecmp(header->name.ptr, name.ptr, name.len) == 0) {
            header->value = value;
            return;
        }
    }
    *wr_vec_push(list) = (wr_http_header){ name, value };
}

static void put_headers(wr_arena *arena, header_list *list, const wr_node *given)
{
    for (const wr_node *member = given ? given->first : NULL; member; member = member->next) {
        wr_auto(buf) wr_buf text = wr_buf_max(QUERY_MAX);
        if (member->kind == WR_NODE_NULL)
            continue;
        wr_rest_put_text(&text, member);
        put_header(list, member->key, wr_arena_str(arena, wr_buf_view(&text)));
    }
}

/* ---- the request ---- */

typedef struct sender {
    wr_arena *arena;
    const wr_rest_route *route;
    const wr_rest_request *request;
    wr_http_request http;
    header_list headers;
} sender;

static weir_status put_body(weir_ctx *cx, sender *s)
{
    const wr_rest_request *request = s->request;
    const wr_node *data = request->data;
    wr_auto(buf) wr_buf body = wr_buf_max(BODY_MAX);
    if (request->json) {
        wr_rest_put_json(&body, request->json);
        put_header(&s->headers, wr_lit("Content-Type"), wr_lit("application/json"));
    } else if (data && data->kind == WR_NODE_OBJECT) {
        put_form(&body, data);
        put_header(&s->headers, wr_lit("Content-Type"),
                   wr_lit("application/x-www-form-urlencoded"));
    } else if (data) {
        wr_rest_put_text(&body, data);
    }
    WEIR_TRY(wr_buf_check(cx, &body, "the body of a request"));
    s->http.body = wr_arena_str(s->arena, wr_buf_view(&body));
    return WEIR_OK;
}

static weir_status put_url(weir_ctx *cx, sender *s, weir_str auth_param)
{
    wr_auto(buf) wr_buf query = wr_buf_max(QUERY_MAX);
    put_form(&query, s->request->params);
    if (auth_param.len)
        wr_buf_printf(&query, "%s%.*s", query.len ? "&" : "", WR_STR(auth_param));
    WEIR_TRY(wr_buf_check(cx, &query, "the query of a request"));
    const weir_str url = wr_url_escape(s->arena, s->request->url);
    s->http.url = wr_url_add_query(s->arena, url, wr_buf_view(&query));
    return WEIR_OK;
}

static weir_status attempt(weir_ctx *cx, void *self, wr_arena *arena,
                           const wr_http_request *request, wr_http_response *ret);

/* A link to another host gets no credentials, and one that has the key already gets it once. */
static weir_status put_auth(weir_ctx *cx, sender *s, weir_str *ret_param)
{
    wr_rest_shown shown = { 0 };
    const weir_str base = s->route->base_url;
    wr_rest_route to_token = *s->route;
    to_token.actions = NULL; /* they are for what the API answers */
    sender token = { .arena = s->arena, .route = &to_token };
    if (base.len == 0 || wr_url_same_host(base, s->request->url))
        WEIR_TRY(wr_rest_auth_show(cx, s->arena, s->route->auth, attempt, &token, &shown));
    if (shown.header.name.len)
        put_header(&s->headers, shown.header.name, shown.header.value);
    if (shown.param.len && !wr_url_has_param(s->request->url, shown.param_name))
        *ret_param = shown.param;
    return WEIR_OK;
}

static int timeout_ms(const wr_rest_settings *settings)
{
    return settings->timeout_s > 0 ? (int)(settings->timeout_s * 1000) : 0;
}

static weir_status build(weir_ctx *cx, sender *s)
{
    weir_str auth_param = { 0 };
    put_header(&s->headers, wr_lit("Accept"), wr_lit("*/*"));
    put_headers(s->arena, &s->headers, s->route->headers);
    put_headers(s->arena, &s->headers, s->request->headers);
    WEIR_TRY(put_body(cx, s));
    WEIR_TRY(put_auth(cx, s, &auth_param));
    WEIR_TRY(put_url(cx, s, auth_param));
    s->http.method = wr_arena_str(s->arena, s->request->method).ptr;
    s->http.redirects = REDIRECTS_MAX;
    s->http.timeout_ms = timeout_ms(s->route->settings);
    s->http.body_max = s->route->settings->body_max;
    s->http.headers = s->headers.ptr;
    s->http.header_count = s->headers.len;
    return WEIR_OK;
}

/* ---- the answer ---- */

static bool applies(const wr_rest_action *action, const wr_http_response *response)
{
    if (!action->ignore || (!action->has_status && !action->content.len))
        return false;
    if (action->has_status && action->status != response->status)
        return false;
    return !action->content.len ||
           memmem(response->body.ptr, response->body.len, action->content.ptr, action->content.len);
}

static bool is_ignored(const sender *s, const wr_http_response *response)
{
    for (const wr_rest_action *action = s->route->actions; action; action = action->next)
        if (applies(action, response))
            return true;
    return false;
}

static double max_delay_s(const wr_rest_settings *settings)
{
    return settings->max_delay_s > 0 ? settings->max_delay_s : MAX_DELAY_S;
}

/* Of a refusal that may pass, dlt tries 429 and all 5xx again; nothing else. */
static weir_status meaning_of(int status)
{
    if (status == 429)
        return WEIR_THROTTLED;
    if (status >= 500 && status < 600)
        return WEIR_NETWORK;
    return status == 401 || status == 403 ? WEIR_AUTH : WEIR_REJECTED;
}

static void hint_refusal(weir_ctx *cx, const sender *s, int status)
{
    wr_auto(buf) wr_buf who = wr_buf_max(QUERY_MAX);
    if (status == 401 || status == 403) {
        wr_rest_auth_explain(cx, &who, s->route->auth);
        wr_hint(cx, "%s%s", wr_buf_text(&who),
                status == 401 ? "; is it right, and still valid?"
                              : "; may it read this, and does the plan of the account have it?");
    } else if (status == 404) {
        wr_hint(cx, "check base_url and path; response_actions = [{ status_code = 404, action = "
                    "\"ignore\" }] passes it over");
    } else if (status == 429) {
        wr_hint(cx, "the API asks for fewer requests; [runtime] request_max_attempts and "
                    "request_max_retry_delay say how long it is tried");
    }
}

static weir_status refuse(weir_ctx *cx, const sender *s, const wr_http_request *request,
                          const wr_http_response *response)
{
    const int code = response->status;
    const weir_status status = meaning_of(code);
    const int64_t cap_us = (int64_t)(max_delay_s(s->route->settings) * WR_US_PER_SECOND);
    wr_assert(wr_http_check(cx, request, response) != WEIR_OK); /* it writes the message */
    cx->error.status = status;
    cx->error.wait_us = wr_http_retry_after_us(cx, response);
    if (cx->error.wait_us > cap_us)
        cx->error.wait_us = cap_us;
    hint_refusal(cx, s, code);
    return status;
}

/* One answer: 4xx and 5xx are failures, unless an action passes them over. */
static weir_status attempt_once(weir_ctx *cx, const sender *s, wr_arena *arena,
                                const wr_http_request *request, wr_http_response *ret)
{
    WEIR_TRY(wr_http_send(cx, arena, request, ret));
    if (is_ignored(s, ret) || ret->status < 400)
        return WEIR_OK;
    return refuse(cx, s, request, ret);
}

static weir_status attempt(weir_ctx *cx, void *self, wr_arena *arena,
                           const wr_http_request *request, wr_http_response *ret)
{
    const sender *s = self;
    const wr_rest_settings *settings = s->route->settings;
    const double factor = settings->factor > 0 ? settings->factor : 1;
    wr_retry retry = {
        .attempts = settings->attempts > 0 ? settings->attempts : ATTEMPTS,
        .base_us = (int64_t)(factor * WR_US_PER_SECOND),
        .max_us = (int64_t)(max_delay_s(settings) * WR_US_PER_SECOND),
        .steady = true,
    };
    retry.deadline_us = (retry.attempts + 1) * (retry.max_us + retry.max_us / 10);
    weir_status status;
    do
        status = attempt_once(cx, s, arena, request, ret);
    while (wr_retry_again(cx, &retry, &status));
    return status;
}

weir_status wr_rest_send(weir_ctx *cx, wr_arena *arena, const wr_rest_route *route,
                         const wr_rest_request *request, wr_http_response *ret, bool *ret_ignored)
{
    sender s = { .arena = arena, .route = route, .request = request };
    weir_status status = build(cx, &s);
    if (status == WEIR_OK)
        status = attempt(cx, &s, arena, &s.http, ret);
    if (status == WEIR_OK)
        *ret_ignored = is_ignored(&s, ret);
    wr_vec_done(&s.headers);
    return status;
}

weir_str wr_rest_request_shown(wr_arena *arena, const wr_rest_request *request)
{
    const wr_http_request http = { .url = request->url };
    const weir_str url = wr_http_shown_url(arena, &http);
    return wr_arena_printf(arena, "%.*s %.*s", WR_STR(request->method), WR_STR(url));
}
