/* What rest_api asks, and what it does with the answers, against dlt: vec_rest_paginators.json and vec_http.json, with a
 * server on this machine. Hosts of the vectors become its two names: 127.0.0.1 for the API, localhost for all others. */
#include "cases.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "harness/served.h"
#include "harness/test.h"
#include "net/url.h"
#include "sources/rest_pages.h"

#define TEXT_MAX ((size_t)1 << 20)
#define ANSWERS_MAX 32
#define SLEEPS_MAX 16

enum { MAXIMUM_STOPS, EMPTY_IS_END, RETRY_AFTER, NO_CONTENT, OWN_HOST, REDIRECTS, EARLIER };

static const golden_rule rules[] = {
    [MAXIMUM_STOPS] = { "dlt 1.31", "`has_more` can only end what the maximum, the total or a "
                                    "missing cursor would not" },
    [EMPTY_IS_END] = { "spec 2.4", "an empty link or cursor is the end" },
    [RETRY_AFTER] = { "dlt 1.31, V29", "a Retry-After that is not ahead is no wait" },
    [NO_CONTENT] = { "spec 8.1", "a 204 is a page without rows" },
    [OWN_HOST] = { "spec 2.6", "keys go to the API's host only, and once" },
    [REDIRECTS] = { "net/http.h", "that there were too many redirects is known behind 30 of them" },
    [EARLIER] = { "rest_config.h", "json beside data is refused with the configuration" },
};

static const struct {
    const char *name;
    int rule;
} DECIDED[] = {
    { "page_number: has_more true overrides maximum_page (1.26 behaviour)", MAXIMUM_STOPS },
    { "cursor: has_more true without a cursor repeats the request", MAXIMUM_STOPS },
    { "json_link: empty string is followed and fails", EMPTY_IS_END },
    { "header_cursor: header name is case-insensitive, empty value still continues", EMPTY_IS_END },
    { "429 Retry-After 0 retries at once (1.26)", RETRY_AFTER },
    { "503 Retry-After date in the past", RETRY_AFTER },
    { "empty 204 without actions fails to parse", NO_CONTENT },
    { "auth: api_key query repeated when the next link already has it", OWN_HOST },
    { "auth: bearer is sent to a foreign next link", OWN_HOST },
    { "too many redirects is not retried", REDIRECTS },
    { "body: json and data", EARLIER },
};

/* One case while it runs. */
typedef struct run_of {
    golden *g;
    const wr_node *test;
    served *server;
    wr_env env;
    double sleeps[SLEEPS_MAX];
    size_t sleep_count;
    wr_buf pages;
    weir_status status;
} run_of;

/* ---- the world ---- */

static void note_sleep(void *self, int64_t us)
{
    run_of *r = self;
    if (r->sleep_count < SLEEPS_MAX)
        r->sleeps[r->sleep_count++] = (double)us / WR_US_PER_SECOND;
}

static void no_random(void *self, void *ret, size_t len)
{
    (void)self;
    memset(ret, 0, len);
}

/* Hosts of the vectors as those of the server. */
static weir_str at_server(const run_of *r, weir_str text)
{
    static const struct {
        const char *host;
        const char *here;
    } HOSTS[] = { { "https://api.example.com", "127.0.0.1" },
                  { "https://api.hubapi.com", "127.0.0.1" },
                  { "https://other.example", "localhost" },
                  { "https://evil.example", "localhost" },
                  { "https://a.example", "localhost" } };
    const char *port = strrchr(served_url(r->server), ':');
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    for (size_t at = 0; at < text.len;) {
        size_t i = 0;
        const weir_str rest = { text.ptr + at, text.len - at };
        while (i < sizeof(HOSTS) / sizeof(*HOSTS) &&
               !wr_str_starts(rest, weir_str_of(HOSTS[i].host)))
            i++;
        if (i == sizeof(HOSTS) / sizeof(*HOSTS)) {
            wr_buf_char(&out, text.ptr[at++]);
            continue;
        }
        wr_buf_printf(&out, "http://%s%s", HOSTS[i].here, port);
        at += strlen(HOSTS[i].host);
    }
    return wr_arena_str(&r->g->arena, wr_buf_view(&out));
}

/* A part of the case, hosts replaced. */
static wr_node *part(const run_of *r, const char *key)
{
    const wr_node *given = wr_node_get(r->test, key);
    wr_node *ret = NULL;
    if (!given)
        return NULL;
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    wr_node_write(&text, given, WR_JSON_COMPACT);
    wr_assert(wr_node_parse(&r->g->cx, &r->g->arena, at_server(r, wr_buf_view(&text)), &ret) ==
              WEIR_OK);
    return ret;
}

static served_answer answer_of(const run_of *r, const wr_node *given)
{
    wr_auto(buf) wr_buf headers = wr_buf_max(TEXT_MAX);
    wr_auto(buf) wr_buf body = wr_buf_max(TEXT_MAX);
    const weir_str exception = wr_node_get_text(given, "exception");
    if (wr_str_eq(exception, wr_lit("TooManyRedirects")))
        return (served_answer){ 302, "", "Location: /items\r\n" };
    if (wr_str_eq(exception, wr_lit("ReadTimeout")))
        return (served_answer){ SERVED_HANG, NULL, NULL };
    if (exception.len)
        return (served_answer){ SERVED_CLOSE, NULL, NULL };
    const wr_node *list = wr_node_get(given, "headers");
    for (const wr_node *header = list ? list->first : NULL; header; header = header->next)
        wr_buf_printf(&headers, "%.*s: %.*s\r\n", WR_STR(header->key), WR_STR(header->text));
    if (wr_node_get(given, "json"))
        wr_node_write(&body, wr_node_get(given, "json"), WR_JSON_COMPACT);
    else
        wr_buf_str(&body, wr_node_get_text(given, "text"));
    return (served_answer){
        (int)wr_node_get_int(given, "status", 200),
        wr_arena_str(&r->g->arena, wr_buf_view(&body)).ptr,
        wr_arena_str(&r->g->arena, wr_buf_view(&headers)).ptr,
    };
}

static void script(run_of *r)
{
    served_answer answers[ANSWERS_MAX + 1] = { 0 };
    size_t count = 0;
    r->server = served_new({ 500 });
    const wr_node *list = part(r, "responses");
    for (const wr_node *given = list->first; given && count < ANSWERS_MAX; given = given->next)
        answers[count++] = answer_of(r, given);
    served_script_of(r->server, answers);
}

/* ---- asking ---- */

static double number_in(const wr_node *node, const char *key, double standard)
{
    const weir_str text = wr_node_get_text(node, key);
    double ret;
    return text.len && wr_double_parse(text, &ret) ? ret : standard;
}

static wr_rest_settings settings_of(const run_of *r)
{
    const wr_node *env = wr_node_get(r->test, "env");
    const int attempts = (int)number_in(env, "RUNTIME__REQUEST_MAX_ATTEMPTS", 5);
    return (wr_rest_settings){
        .attempts = attempts < 1 ? 1 : attempts,
        .factor = number_in(env, "RUNTIME__REQUEST_BACKOFF_FACTOR", 1),
        .max_delay_s = number_in(env, "RUNTIME__REQUEST_MAX_RETRY_DELAY", 300),
        .timeout_s = 0.2,
    };
}

/* The case as a configuration with one resource. */
static wr_node *config_of(const run_of *r)
{
    wr_arena *arena = &r->g->arena;
    const wr_node *request = part(r, "request");
    static const char *const SAME[] = { "method", "params", "json", "data", "headers" };
    wr_node *endpoint = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *client = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *config = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *resources = wr_node_new(arena, WR_NODE_ARRAY);
    wr_node *resource = wr_node_new(arena, WR_NODE_OBJECT);
    const wr_node *base = wr_node_get(request, "base_url");
    const wr_node *path = wr_node_get(request, "path");
    for (size_t i = 0; i < sizeof(SAME) / sizeof(*SAME); i++)
        if (wr_node_get(request, SAME[i]))
            wr_node_set(arena, endpoint, weir_str_of(SAME[i]),
                        wr_node_copy(arena, wr_node_get(request, SAME[i])));
    wr_node_set(arena, endpoint, wr_lit("path"),
                wr_node_text(arena, path ? path->text : wr_lit("/items")));
    wr_node_set(arena, client, wr_lit("base_url"),
                wr_node_text(arena, base ? base->text : weir_str_of(served_url(r->server))));
    if (wr_node_get(request, "client_headers"))
        wr_node_set(arena, client, wr_lit("headers"),
                    wr_node_copy(arena, wr_node_get(request, "client_headers")));
    if (part(r, "auth"))
        wr_node_set(arena, client, wr_lit("auth"), part(r, "auth"));
    if (part(r, "paginator"))
        wr_node_set(arena, endpoint, wr_lit("paginator"), part(r, "paginator"));
    if (part(r, "data_selector"))
        wr_node_set(arena, endpoint, wr_lit("data_selector"), part(r, "data_selector"));
    if (part(r, "actions"))
        wr_node_set(arena, endpoint, wr_lit("response_actions"), part(r, "actions"));
    wr_node_set(arena, resource, wr_lit("name"), wr_node_text(arena, wr_lit("items")));
    wr_node_set(arena, resource, wr_lit("endpoint"), endpoint);
    wr_node_append(resources, resource);
    wr_node_set(arena, config, wr_lit("client"), client);
    wr_node_set(arena, config, wr_lit("resources"), resources);
    return config;
}

static void put_page(run_of *r, const wr_rest_rows *rows)
{
    const wr_jval *row = rows->array ? wr_jfirst(rows->array) : NULL;
    wr_buf_cstr(&r->pages, r->pages.len > 1 ? ",[" : "[");
    for (size_t i = 0; i < rows->count; i++) {
        if (i > 0)
            wr_buf_char(&r->pages, ',');
        wr_json_write(&r->pages, rows->array ? row : rows->list[i]);
        row = rows->array ? wr_jnext(row) : NULL;
    }
    wr_buf_char(&r->pages, ']');
}

static weir_status ask(run_of *r)
{
    golden *g = r->g;
    wr_rest_api *api = NULL;
    const wr_rest_settings settings = settings_of(r);
    WEIR_TRY(wr_rest_config_read(&g->cx, &g->arena, config_of(r), &api));
    const wr_rest_resource *resource = &api->resources[0];
    wr_auto(rest_pages) wr_rest_pages pages = {
        .route = { &settings, api->base_url, api->headers, resource->auth, resource->actions },
        .request = { .method = resource->method,
                     .url = wr_url_join(&g->arena, api->base_url, resource->path),
                     .params = wr_node_copy(&g->arena, resource->params),
                     .json = resource->json ? wr_node_copy(&g->arena, resource->json) : NULL,
                     .data = resource->data,
                     .headers = resource->headers },
        .paginator = resource->paginator,
        .selector = resource->selector,
        .selector_text = resource->selector_text,
        .name = resource->name,
    };
    while (wr_rest_pages_next(&g->cx, &pages))
        put_page(r, &pages.rows);
    return pages.status;
}

/* ---- checking ---- */

static bool has_header(const char *request, const wr_node *header)
{
    char line[512];
    snprintf(line, sizeof line, "\r\n%.*s: %.*s\r\n", WR_STR(header->key), WR_STR(header->text));
    return strcasestr(request, line) != NULL;
}

static bool same_request(const run_of *r, int i, const wr_node *expected)
{
    golden *g = r->g;
    const char *request = served_request(r->server, i);
    const char *body = strstr(request, "\r\n\r\n");
    const weir_str url = at_server(r, wr_node_get_text(expected, "url"));
    const char *host = url.ptr + strlen("http://");
    const char *path = strchr(host, '/');
    const weir_str begins = wr_arena_printf(&g->arena, "%.*s %s HTTP/1.1\r\n",
                                            WR_STR(wr_node_get_text(expected, "method")), path);
    const weir_str to = wr_arena_printf(&g->arena, "\r\nHost: %.*s\r\n", (int)(path - host), host);
    const wr_node *headers = wr_node_get(expected, "headers");
    const weir_str sent = wr_node_get_text(expected, "body");
    bool same = wr_str_starts(weir_str_of(request), begins) && strstr(request, to.ptr);
    for (const wr_node *header = headers ? headers->first : NULL; header; header = header->next)
        same = same && has_header(request, header);
    if (!headers || !wr_node_get(headers, "Authorization"))
        same = same && !strcasestr(request, "\r\nauthorization:");
    return same && body && (!sent.len || wr_str_eq(weir_str_of(body + 4), sent));
}

static bool same_requests(const run_of *r, const wr_node *expected)
{
    int i = 0;
    for (const wr_node *request = expected->first; request; request = request->next, i++)
        if (i >= served_count(r->server) || !same_request(r, i, request))
            return false;
    return i == served_count(r->server);
}

static bool same_sleeps(const run_of *r, const wr_node *expected)
{
    size_t i = 0;
    for (const wr_node *sleep = expected ? expected->first : NULL; sleep;
         sleep = sleep->next, i++) {
        double seconds;
        if (i >= r->sleep_count || !wr_double_parse(sleep->text, &seconds) ||
            r->sleeps[i] < seconds - 0.001 || r->sleeps[i] > seconds + 0.001)
            return false;
    }
    return i == r->sleep_count;
}

/* An error of dlt's "404 Client Error: …" is one with that number. */
static bool same_error(const run_of *r, const wr_node *expected)
{
    const weir_str text = wr_node_get_text(expected, "error");
    int64_t code;
    if (!wr_node_get(expected, "error_type"))
        return r->status == WEIR_OK;
    if (r->status == WEIR_OK)
        return false;
    if (wr_str_eq(wr_node_get_text(expected, "error_type"), wr_lit("HTTPError")) &&
        wr_int_parse((weir_str){ text.ptr, 3 }, &code))
        return r->g->cx.error.native == code;
    return true;
}

static bool same_pages(run_of *r, const wr_node *expected)
{
    wr_node *pages = NULL;
    return wr_node_parse(&r->g->cx, &r->g->arena, wr_buf_view(&r->pages), &pages) == WEIR_OK &&
           wr_node_equal(pages, expected);
}

static weir_str told(const run_of *r)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_buf_printf(&out, "%.*s, %s, asked", WR_STR(wr_buf_view(&r->pages)),
                  weir_error_message(&r->g->cx));
    for (int i = 0; i < served_count(r->server); i++)
        wr_buf_printf(&out, " [%s]", served_request(r->server, i));
    for (size_t i = 0; i < r->sleep_count; i++)
        wr_buf_printf(&out, " %.2f s", r->sleeps[i]);
    return wr_arena_str(&r->g->arena, wr_buf_view(&out));
}

static int decided_by(const wr_node *test)
{
    for (size_t i = 0; i < sizeof(DECIDED) / sizeof(*DECIDED); i++)
        if (wr_str_eq(wr_node_get_text(test, "name"), weir_str_of(DECIDED[i].name)))
            return DECIDED[i].rule;
    return -1;
}

static void check(golden *g, const wr_node *test)
{
    run_of r = { .g = g, .test = test, .env = *wr_env_system(), .pages = wr_buf_max(TEXT_MAX) };
    const wr_node *expected = wr_node_get(test, "expect");
    const wr_env *real = g->cx.env;
    r.env.self = &r;
    r.env.sleep = note_sleep;
    r.env.random = no_random;
    g->cx.env = &r.env;
    script(&r);
    wr_buf_char(&r.pages, '[');
    r.status = ask(&r);
    wr_buf_char(&r.pages, ']');
    const bool same = same_error(&r, expected) &&
                      same_requests(&r, wr_node_get(expected, "requests")) &&
                      same_sleeps(&r, wr_node_get(expected, "sleeps_s")) &&
                      same_pages(&r, wr_node_get(expected, "pages"));
    const int rule = decided_by(test);
    if (!same && rule >= 0)
        golden_decide(g, (size_t)rule);
    else
        golden_check(g, test, same, told(&r));
    g->cx.env = real;
    weir_error_clear(&g->cx);
    wr_buf_done(&r.pages);
    served_free(r.server);
}

static void pass_over(void *self, wr_log_level level, weir_str line)
{
    (void)self;
    (void)level;
    (void)line;
}

/* The vectors give the same page twice, which is warned of. */
static void check_file(const char *file)
{
    golden g;
    wr_log_sink(pass_over, NULL);
    golden_open(&g, file, rules);
    for (const wr_node *test = g.cases->first; test; test = test->next)
        check(&g, test);
    wr_log_sink(NULL, NULL);
    golden_close(&g);
}

TEST(paginators_ask_and_end_as_those_of_dlt)
{
    check_file("vec_rest_paginators.json");
}

TEST(requests_retries_and_actions_are_those_of_dlt)
{
    check_file("vec_http.json");
}
