/* Puts tokens and keys into requests, and asks for tokens. */
#include "sources/rest_auth.h"

#include <weir/source.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "config/values.h"
#include "net/url.h"
#include "sources/rest_template.h"

#define FORM_MAX ((size_t)64 << 10)
#define EXPIRES_IN_S 3600

/* ---- reading ---- */

typedef struct auth_kind {
    const char *name;
    wr_rest_auth_kind kind;
    const char *first;
    const char *second;
    const char *const *keys;
} auth_kind;

#define KEYS(...) ((const char *const[]){ "type", __VA_ARGS__, NULL })

static const auth_kind KINDS[] = {
    { "bearer", WR_REST_BEARER, "token", NULL, KEYS("token") },
    { "api_key", WR_REST_API_KEY, "api_key", NULL, KEYS("name", "api_key", "location") },
    { "http_basic", WR_REST_BASIC, "username", "password", KEYS("username", "password") },
    { "oauth2_client_credentials", WR_REST_OAUTH2, "client_id", "client_secret",
      KEYS("access_token", "access_token_url", "client_id", "client_secret",
           "access_token_request_data", "default_token_expiration", "session") },
};

#define KIND_COUNT (sizeof(KINDS) / sizeof(*KINDS))

static weir_status check_keys(weir_ctx *cx, const auth_kind *kind, const wr_node *config)
{
    char what[64];
    snprintf(what, sizeof(what), "auth of type '%s'", kind->name);
    return wr_node_check_keys(cx, config, what, kind->keys);
}

static weir_status read_secret(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                               const char *field, wr_rest_secret *ret)
{
    const wr_node *given = field ? wr_node_get(config, field) : NULL;
    if (!field)
        return WEIR_OK;
    ret->field = field;
    if (!wr_node_is_given(given)) {
        ret->option = wr_arena_printf(arena, "credentials.%s", field).ptr;
        return WEIR_OK;
    }
    const weir_str option = wr_node_get_text(given, "option");
    if (option.len) {
        ret->option = wr_arena_str(arena, option).ptr;
        return WEIR_OK;
    }
    if (given->kind != WR_NODE_TEXT)
        return weir_fail(cx, WEIR_CONFIG,
                         "'%s' of auth is no text\n"
                         "hint: { option = \"api_key\" } takes it from the configuration",
                         field);
    ret->text = wr_arena_str(arena, given->text);
    return WEIR_OK;
}

static weir_status read_location(weir_ctx *cx, const wr_node *config, wr_rest_key_place *ret)
{
    static const struct {
        const char *name;
        wr_rest_key_place place;
    } PLACES[] = { { "header", WR_REST_IN_HEADER },
                   { "query", WR_REST_IN_QUERY },
                   { "param", WR_REST_IN_QUERY },
                   { "cookie", WR_REST_IN_COOKIE } };
    const wr_node *given = wr_node_get(config, "location");
    if (!wr_node_is_given(given))
        return WEIR_OK;
    for (size_t i = 0; i < sizeof(PLACES) / sizeof(*PLACES); i++) {
        if (!wr_str_eq(given->text, weir_str_of(PLACES[i].name)))
            continue;
        *ret = PLACES[i].place;
        return WEIR_OK;
    }
    return weir_fail(cx, WEIR_CONFIG, "'location' of auth is '%.*s', expected header or query",
                     WR_STR(given->text));
}

static weir_status read_kind(weir_ctx *cx, wr_arena *arena, const auth_kind *kind,
                             const wr_node *config, wr_rest_auth *auth)
{
    auth->kind = kind->kind;
    auth->name = wr_node_get_text(config, "name");
    if (auth->name.len == 0)
        auth->name = wr_lit("Authorization");
    auth->request_data = wr_node_get(config, "access_token_request_data");
    auth->expires_in_s = wr_node_get_int(config, "default_token_expiration", EXPIRES_IN_S);
    WEIR_TRY(read_secret(cx, arena, config, kind->first, &auth->first));
    WEIR_TRY(read_secret(cx, arena, config, kind->second, &auth->second));
    if (kind->kind == WR_REST_OAUTH2)
        auth->token = wr_arena_new(arena, wr_rest_token);
    if (kind->kind == WR_REST_OAUTH2)
        WEIR_TRY(read_secret(cx, arena, config, "access_token_url", &auth->url));
    return kind->kind == WR_REST_API_KEY ? read_location(cx, config, &auth->place) : WEIR_OK;
}

weir_status wr_rest_auth_read(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                              const wr_rest_auth **ret)
{
    *ret = NULL;
    if (!wr_node_is_given(config))
        return WEIR_OK;
    const bool is_name = config->kind == WR_NODE_TEXT;
    if (!is_name && config->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_CONFIG, "auth is neither a name nor a table");
    weir_str type = is_name ? config->text : wr_node_get_text(config, "type");
    if (type.len == 0)
        type = wr_lit("bearer");
    size_t i = 0;
    while (i < KIND_COUNT && !wr_str_eq(type, weir_str_of(KINDS[i].name)))
        i++;
    if (i == KIND_COUNT)
        return weir_fail(cx, WEIR_CONFIG,
                         "there is no auth of type '%.*s'\n"
                         "hint: there are bearer, api_key, http_basic and "
                         "oauth2_client_credentials",
                         WR_STR(type));
    const wr_node *table = is_name ? wr_node_new(arena, WR_NODE_OBJECT) : config;
    wr_rest_auth *auth = wr_arena_new(arena, wr_rest_auth);
    WEIR_TRY(check_keys(cx, &KINDS[i], table));
    WEIR_TRY(read_kind(cx, arena, &KINDS[i], table, auth));
    *ret = auth;
    return WEIR_OK;
}

/* ---- showing ---- */

weir_str wr_rest_secret_text(weir_ctx *cx, const wr_rest_secret *secret)
{
    return secret->option ? weir_str_of(weir_config(cx, secret->option)) : secret->text;
}

static void put_member(wr_buf *form, const wr_node *member)
{
    wr_auto(buf) wr_buf text = wr_buf_max(FORM_MAX);
    wr_rest_put_text(&text, member);
    wr_form_pair(form, member->key, wr_buf_view(&text));
}

/* The form that asks for a token; members that are given take the place of ours. */
static void put_form(weir_ctx *cx, wr_buf *form, const wr_rest_auth *auth)
{
    const struct {
        const char *name;
        weir_str value;
    } own[] = { { "client_id", wr_rest_secret_text(cx, &auth->first) },
                { "client_secret", wr_rest_secret_text(cx, &auth->second) },
                { "grant_type", wr_lit("client_credentials") } };
    const wr_node *more = auth->request_data;
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        if (!wr_node_get(more, own[i].name))
            wr_form_pair(form, weir_str_of(own[i].name), own[i].value);
    for (const wr_node *member = more ? more->first : NULL; member; member = member->next)
        put_member(form, member);
}

static weir_status read_token(weir_ctx *cx, wr_arena *arena, const wr_rest_auth *auth,
                              const wr_http_response *response)
{
    wr_node *answer = NULL;
    if (wr_node_parse(cx, arena, response->body, &answer) != WEIR_OK ||
        wr_node_get_text(answer, "access_token").len == 0) {
        weir_error_clear(cx);
        return weir_fail(cx, WEIR_AUTH,
                         "the answer of '%.*s' has no 'access_token'\n"
                         "hint: is access_token_url the address that gives tokens?",
                         WR_STR(wr_rest_secret_text(cx, &auth->url)));
    }
    const weir_str text = wr_node_get_text(answer, "access_token");
    wr_rest_token *token = auth->token;
    if (text.len > sizeof token->text)
        return weir_fail(cx, WEIR_LIMIT, "the access token is longer than %zu bytes",
                         sizeof token->text);
    memcpy(token->text, text.ptr, text.len);
    token->len = text.len;
    token->until =
        wr_now(cx) + wr_node_get_int(answer, "expires_in", auth->expires_in_s) * WR_US_PER_SECOND;
    wr_log_add_secret(text);
    return WEIR_OK;
}

static weir_status fetch_token(weir_ctx *cx, wr_arena *arena, const wr_rest_auth *auth,
                               wr_rest_send_form send, void *self)
{
    if (auth->token->len && wr_now(cx) < auth->token->until)
        return WEIR_OK;
    wr_auto(buf) wr_buf form = wr_buf_max(FORM_MAX);
    put_form(cx, &form, auth);
    WEIR_TRY(wr_buf_check(cx, &form, "the form that asks for a token"));
    const wr_http_request request = {
        .method = "POST",
        .url = wr_rest_secret_text(cx, &auth->url),
        .body = wr_buf_view(&form),
        .secret_body = true,
        WR_HTTP_HEADERS({ wr_lit("Content-Type"), wr_lit("application/x-www-form-urlencoded") },
                        { wr_lit("Accept"), wr_lit("*/*") }),
    };
    wr_http_response response;
    WEIR_TRY(send(cx, self, arena, &request, &response));
    return read_token(cx, arena, auth, &response);
}

static weir_str basic(weir_ctx *cx, wr_arena *arena, const wr_rest_auth *auth)
{
    const weir_str pair =
        wr_arena_printf(arena, "%.*s:%.*s", WR_STR(wr_rest_secret_text(cx, &auth->first)),
                        WR_STR(wr_rest_secret_text(cx, &auth->second)));
    char *coded = wr_arena_alloc(arena, WR_BASE64_LEN(pair.len) + 1);
    const size_t len = wr_base64_encode(coded, (const uint8_t *)pair.ptr, pair.len);
    wr_log_add_secret((weir_str){ coded, len });
    return wr_arena_printf(arena, "Basic %.*s", (int)len, coded);
}

static weir_status show_key(weir_ctx *cx, wr_arena *arena, const wr_rest_auth *auth,
                            wr_rest_shown *ret)
{
    const weir_str key = wr_rest_secret_text(cx, &auth->first);
    if (auth->place == WR_REST_IN_COOKIE)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "keys in cookies are not built, as in dlt\n"
                         "hint: location = \"header\" or \"query\"");
    if (auth->place == WR_REST_IN_HEADER) {
        ret->header = (wr_http_header){ auth->name, key };
        return WEIR_OK;
    }
    wr_auto(buf) wr_buf pair = wr_buf_max(FORM_MAX);
    wr_form_pair(&pair, auth->name, key);
    ret->param = wr_arena_str(arena, wr_buf_view(&pair));
    ret->param_name = auth->name;
    return WEIR_OK;
}

weir_status wr_rest_auth_show(weir_ctx *cx, wr_arena *arena, const wr_rest_auth *auth,
                              wr_rest_send_form send, void *self, wr_rest_shown *ret)
{
    weir_str token_text;
    *ret = (wr_rest_shown){ 0 };
    if (!auth)
        return WEIR_OK;
    wr_log_add_secret(auth->second.field ? auth->second.text : auth->first.text);
    switch (auth->kind) {
    case WR_REST_API_KEY: return show_key(cx, arena, auth, ret);
    case WR_REST_BASIC: ret->header.value = basic(cx, arena, auth); break;
    case WR_REST_BEARER:
        token_text = wr_rest_secret_text(cx, &auth->first);
        ret->header.value = wr_arena_printf(arena, "Bearer %.*s", WR_STR(token_text));
        break;
    case WR_REST_OAUTH2:
        WEIR_TRY(fetch_token(cx, arena, auth, send, self));
        ret->header.value =
            wr_arena_printf(arena, "Bearer %.*s", (int)auth->token->len, auth->token->text);
        break;
    }
    ret->header.name = wr_lit("Authorization");
    return WEIR_OK;
}

/* ---- explaining ---- */

/* Where an option was found. */
static weir_str where_of(const weir_option_values *values, const char *name)
{
    for (size_t i = 0; values && values->options[i].name; i++)
        if (strcmp(values->options[i].name, name) == 0 && values->values[i].given)
            return values->values[i].answer.where;
    return (weir_str){ 0 };
}

static void explain_secret(weir_ctx *cx, wr_buf *out, const wr_rest_secret *secret)
{
    if (!secret->option) {
        wr_buf_printf(out, "%s that is written in the pipeline", secret->field);
        return;
    }
    const weir_str where = where_of(cx->options, secret->option);
    wr_buf_printf(out, "%s from %.*s", secret->field,
                  WR_STR(where.len ? where : wr_lit("nowhere")));
}

void wr_rest_auth_explain(weir_ctx *cx, wr_buf *out, const wr_rest_auth *auth)
{
    if (!auth) {
        wr_buf_cstr(out, "no key was sent: 'auth' is not set");
        return;
    }
    wr_buf_cstr(out, "it was asked with the ");
    explain_secret(cx, out, &auth->first);
    if (!auth->second.field)
        return;
    wr_buf_cstr(out, " and the ");
    explain_secret(cx, out, &auth->second);
}
