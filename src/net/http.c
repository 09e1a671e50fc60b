/* Wraps libcurl, which is opened with dlopen() on first use: a command that asks nothing of the network does not pay for
 * it. Each transfer has a handle of its own, with its connections; handles go back to a pool that all threads share. */
#include "net/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

/* So long may a stop of the run go unseen. */
#define POLL_MS 50
#define IDLE_MAX 16 /* handles that are kept */
#define HEADERS_MAX ((size_t)1 << 20)
#define HOST_MAX 256
/* A body of secrets gets its room at once: a buffer that grows leaves copies behind. */
#define SECRET_ROOM ((size_t)128 << 10)

/* clang-format off */
#define CURL_FUNCTIONS(X)                                                                          \
    X(global_init) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_reset) X(easy_cleanup)       \
    X(easy_strerror) X(slist_append) X(slist_free_all) X(multi_init) X(multi_add_handle)           \
    X(multi_remove_handle) X(multi_perform) X(multi_poll) X(multi_info_read) X(multi_cleanup)      \
    X(multi_strerror)
/* clang-format on */

typedef struct curl_api {
#define X(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(X)
#undef X
} curl_api;

/* A handle with the connections that it holds open. */
typedef struct channel {
    CURL *easy;
    CURLM *multi;
    char host[HOST_MAX]; /* the last one it talked to */
} channel;

/* `lock` protects everything in here; `api` never changes once `loaded`. */
static struct {
    pthread_mutex_t lock;
    bool loaded;
    curl_api api;
    channel *idle[IDLE_MAX]; /* the one used last is at the end */
    size_t idle_count;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* One transfer, as the callbacks see it. */
typedef struct transfer {
    const wr_http_request *request;
    wr_buf body;
    wr_buf headers; /* of the last answer: a redirect's are dropped */
    struct curl_slist *outgoing;
    char reason[CURL_ERROR_SIZE];
    long verified; /* what OpenSSL found wrong with the certificate; 0: nothing */
} transfer;

/* ---- the library and its handles ---- */

static const struct {
    const char *name;
    size_t place;
} symbols[] = {
#define X(name) { "curl_" #name, offsetof(curl_api, name) },
    CURL_FUNCTIONS(X)
#undef X
};

static weir_status load(weir_ctx *cx)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return weir_fail(cx, WEIR_CONFIG,
                         "libcurl cannot be opened: %s\nhint: install it (on Debian: apt-get "
                         "install libcurl4)",
                         dlerror());
    for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
        void *function = dlsym(library, symbols[i].name);
        if (!function)
            return weir_fail(cx, WEIR_CONFIG,
                             "libcurl has no function '%s'\nhint: libcurl 7.88 or newer is needed",
                             symbols[i].name);
        memcpy((char *)&pool.api + symbols[i].place, &function, sizeof(function));
    }
    if (pool.api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return weir_fail(cx, WEIR_CONFIG, "libcurl cannot be started");
    return WEIR_OK;
}

/* The pool's lock is held: whoever comes second waits until the library is there. */
static weir_status load_once(weir_ctx *cx)
{
    if (!pool.loaded)
        WEIR_TRY(load(cx));
    pool.loaded = true;
    return WEIR_OK;
}

static void channel_free(channel *c)
{
    if (!c)
        return;
    if (c->easy)
        pool.api.easy_cleanup(c->easy);
    if (c->multi)
        pool.api.multi_cleanup(c->multi);
    wr_free(c);
}

static channel *channel_new(void)
{
    channel *c = wr_new(channel);
    c->easy = pool.api.easy_init();
    c->multi = pool.api.multi_init();
    wr_assert(c->easy && c->multi); /* they fail only when memory is out */
    return c;
}

/* An idle handle that talked to this host, else a new one. */
static weir_status take_channel(weir_ctx *cx, const char *host, channel **ret)
{
    channel *found = NULL;
    pthread_mutex_lock(&pool.lock);
    const weir_status status = load_once(cx);
    for (size_t i = pool.idle_count; i-- > 0 && !found;) {
        if (strcmp(pool.idle[i]->host, host) != 0)
            continue;
        found = pool.idle[i];
        pool.idle_count--;
        memmove(pool.idle + i, pool.idle + i + 1, (pool.idle_count - i) * sizeof(*pool.idle));
    }
    pthread_mutex_unlock(&pool.lock);
    WEIR_TRY(status);
    *ret = found ? found : channel_new();
    wr_str_fit((*ret)->host, sizeof((*ret)->host), weir_str_of(host));
    return WEIR_OK;
}

/* When the pool is full, the one that has been idle for longest goes. */
static void give_channel_back(channel *c)
{
    channel *oldest = NULL;
    pool.api.easy_reset(c->easy);
    pthread_mutex_lock(&pool.lock);
    if (pool.idle_count == IDLE_MAX) {
        oldest = pool.idle[0];
        pool.idle_count--;
        memmove(pool.idle, pool.idle + 1, pool.idle_count * sizeof(*pool.idle));
    }
    pool.idle[pool.idle_count++] = c;
    pthread_mutex_unlock(&pool.lock);
    channel_free(oldest);
}

/* ---- the answer ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *self)
{
    transfer *t = self;
    (void)size; /* 1, says the manual */
    wr_buf_append(&t->body, bytes, count);
    return t->body.failed ? 0 : count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *self)
{
    transfer *t = self;
    (void)size;
    if (wr_str_starts((weir_str){ bytes, count }, wr_lit("HTTP/")))
        wr_buf_clear(&t->headers);
    wr_buf_append(&t->headers, bytes, count);
    return t->headers.failed ? 0 : count;
}

/* ---- the request ---- */

static weir_status check_header(weir_ctx *cx, const wr_http_header *header)
{
    const bool broken = memchr(header->value.ptr, '\r', header->value.len) ||
                        memchr(header->value.ptr, '\n', header->value.len) ||
                        memchr(header->value.ptr, '\0', header->value.len);
    if (!broken)
        return WEIR_OK;
    return weir_fail(cx, WEIR_INVALID,
                     "the value of the HTTP header '%.*s' has a line end in it\n"
                     "hint: look for one at the end of a token or key",
                     WR_STR(header->name));
}

static weir_status set_headers(weir_ctx *cx, transfer *t, wr_arena *arena)
{
    /* An empty one takes away what libcurl would add: the wait for "100 Continue". */
    t->outgoing = pool.api.slist_append(NULL, "Expect:");
    for (size_t i = 0; i < t->request->header_count; i++) {
        const wr_http_header *header = &t->request->headers[i];
        if (header->value.len > 0)
            WEIR_TRY(check_header(cx, header));
        const weir_str line =
            header->value.len > 0
                ? wr_arena_printf(arena, "%.*s: %.*s", WR_STR(header->name), WR_STR(header->value))
                : wr_arena_printf(arena, "%.*s;", WR_STR(header->name)); /* libcurl's form */
        t->outgoing = pool.api.slist_append(t->outgoing, line.ptr);
    }
    return WEIR_OK;
}

/* The authorities that are trusted; NULL: those of the system. */
static const char *trusted(const wr_http_request *request)
{
    const char *const files[] = { request->ca_file, getenv("SSL_CERT_FILE"),
                                  getenv("CURL_CA_BUNDLE") };
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        if (files[i] && *files[i])
            return files[i];
    return NULL;
}

static long or_else(int value, int standard)
{
    return value > 0 ? value : standard;
}

/* Only memory that is out makes these fail, and an option that this libcurl does not know: then `failed` is not 0. */
static weir_status set_up(weir_ctx *cx, CURL *easy, transfer *t, wr_arena *arena)
{
    const wr_http_request *request = t->request;
    const bool is_post = request->method && strcmp(request->method, "POST") == 0;
    const bool has_body = is_post || request->body.len > 0;
    bool failed = false;
#define SET(option, ...)                                                                           \
    failed |= pool.api.easy_setopt(easy, CURLOPT_##option, __VA_ARGS__) != CURLE_OK
    SET(URL, wr_arena_str(arena, request->url).ptr);
    SET(PROTOCOLS_STR, "http,https");
    SET(REDIR_PROTOCOLS_STR, "http,https");
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS); /* without TLS nobody speaks it */
    SET(USERAGENT, "weir/" WEIR_VERSION);
    SET(ACCEPT_ENCODING, "");
    SET(NOSIGNAL, 1L);
    SET(QUICK_EXIT, 1L); /* a resolver that hangs does not hold up the end */
    SET(TCP_KEEPALIVE, 1L);
    SET(TIMEOUT_MS, or_else(request->timeout_ms, WR_HTTP_TIMEOUT_MS));
    SET(CONNECTTIMEOUT_MS, or_else(request->connect_ms, WR_HTTP_CONNECT_MS));
    SET(FOLLOWLOCATION, request->redirects > 0 ? 1L : 0L);
    SET(MAXREDIRS, (long)request->redirects);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, (void *)t);
    SET(HEADERFUNCTION, on_header);
    SET(HEADERDATA, (void *)t);
    SET(ERRORBUFFER, t->reason);
    SET(HTTPHEADER, t->outgoing);
    if (trusted(request))
        SET(CAINFO, trusted(request));
    if (request->direct)
        SET(PROXY, "");
    if (has_body) {
        SET(POSTFIELDS, request->body.ptr ? request->body.ptr : "");
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    }
    if (request->method && strcmp(request->method, "HEAD") == 0)
        SET(NOBODY, 1L);
    else if (request->method && strcmp(request->method, has_body ? "POST" : "GET") != 0)
        SET(CUSTOMREQUEST, request->method);
#undef SET
    if (failed)
        return weir_fail(cx, WEIR_CONFIG,
                         "libcurl does not know an option that is needed\n"
                         "hint: libcurl 7.88 or newer is needed");
    return WEIR_OK;
}

/* ---- the transfer ---- */

/* A failure of libcurl and what it means; all others are of the network, and passing. */
static const struct {
    CURLcode code;
    weir_status status;
    const char *hint;
} meanings[] = {
    { CURLE_OPERATION_TIMEDOUT, WEIR_TIMEOUT, "" },
    { CURLE_OUT_OF_MEMORY, WEIR_NOMEM, "" },
    { CURLE_URL_MALFORMAT, WEIR_CONFIG, "\nhint: it begins with http:// or https://" },
    { CURLE_UNSUPPORTED_PROTOCOL, WEIR_CONFIG, "\nhint: it begins with http:// or https://" },
    { CURLE_TOO_MANY_REDIRECTS, WEIR_REJECTED, "" },
    { CURLE_PEER_FAILED_VERIFICATION, WEIR_CONFIG, "" },
    { CURLE_SSL_CACERT_BADFILE, WEIR_CONFIG,
      "\nhint: install ca-certificates; or correct the file that SSL_CERT_FILE names" },
    { CURLE_SSL_CONNECT_ERROR, WEIR_NETWORK,
      "\nhint: does the server speak TLS at this port, or is it http:// that is meant?" },
};

/* What is wrong with a certificate, in the numbers of OpenSSL's X509_V_ERR_…. libcurl looks at the host by itself. */
static const char *certificate_hint(long verified)
{
    switch (verified) {
    case 9:
    case 10:
        return "\nhint: the certificate of the server has expired, or is not valid yet; is the "
               "clock of this machine right?";
    case 0:
    case 1: /* libcurl has come to no result, for the host was wrong before */
    case 62:
    case 64: return "\nhint: the certificate is for another host; is the URL right?";
    default: break;
    }
    return "\nhint: nobody whom this machine trusts has signed the certificate of the server; is "
           "ca-certificates installed? SSL_CERT_FILE names the file of an authority of your own";
}

static weir_status fail_transfer(weir_ctx *cx, wr_arena *arena, const transfer *t, CURLcode code,
                                 bool connected)
{
    const wr_http_request *request = t->request;
    const weir_str url = wr_http_shown_url(arena, request);
    const char *method = request->method ? request->method : "GET";
    if (t->body.failed)
        return weir_fail(cx, WEIR_LIMIT, "%s %.*s: the answer is longer than %zu bytes", method,
                         WR_STR(url), t->body.max);
    if (t->headers.failed)
        return weir_fail(cx, WEIR_LIMIT, "%s %.*s: the headers are longer than %zu bytes", method,
                         WR_STR(url), t->headers.max);
    weir_status status = WEIR_NETWORK;
    const char *hint = "";
    if (code == CURLE_OPERATION_TIMEDOUT && !connected)
        code = CURLE_COULDNT_CONNECT; /* nobody is there, other than one who is slow to answer */
    for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++) {
        if (meanings[i].code != code)
            continue;
        status = meanings[i].status;
        hint = meanings[i].hint;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        hint = certificate_hint(t->verified);
    /* libcurl's own words may quote the URL: they are left out where that is secret. */
    const char *reason =
        t->reason[0] && !request->secret_url ? t->reason : pool.api.easy_strerror(code);
    return weir_fail(cx, status, "%s %.*s: %s%s", method, WR_STR(url), reason, hint);
}

/* Until it is done, or the run is stopped. */
static weir_status drive(weir_ctx *cx, channel *c, CURLcode *ret)
{
    for (;;) {
        int running = 0;
        int left = 0;
        const CURLMcode failed = pool.api.multi_perform(c->multi, &running);
        if (failed != CURLM_OK)
            return weir_fail(cx, WEIR_INTERNAL, "libcurl: %s", pool.api.multi_strerror(failed));
        const CURLMsg *message = pool.api.multi_info_read(c->multi, &left);
        if (message && message->msg == CURLMSG_DONE) {
            *ret = message->data.result;
            return WEIR_OK;
        }
        WEIR_TRY(wr_check_cancel(cx));
        (void)pool.api.multi_poll(c->multi, NULL, 0, POLL_MS, NULL); /* perform tells failures */
    }
}

static void read_headers(wr_arena *arena, weir_str text, wr_http_response *ret)
{
    wr_vec(wr_http_header) list = { 0 };
    weir_str line;
    while (wr_str_split(&text, '\n', &line)) {
        const char *colon = memchr(line.ptr, ':', line.len);
        if (!colon)
            continue;
        const size_t len = (size_t)(colon - line.ptr);
        const weir_str value = { colon + 1, line.len - len - 1 };
        *wr_vec_push(&list) = (wr_http_header){
            .name = wr_arena_str(arena, (weir_str){ line.ptr, len }),
            .value = wr_arena_str(arena, wr_str_trim(value)),
        };
    }
    wr_http_header *headers = wr_arena_new_array(arena, list.len + 1, wr_http_header);
    if (list.len > 0)
        memcpy(headers, list.ptr, list.len * sizeof(*headers));
    ret->headers = headers;
    ret->header_count = list.len;
    wr_vec_done(&list);
}

static weir_status transfer_once(weir_ctx *cx, wr_arena *arena, channel *c, transfer *t,
                                 wr_http_response *ret)
{
    WEIR_TRY(set_headers(cx, t, arena));
    WEIR_TRY(set_up(cx, c->easy, t, arena));
    if (t->request->secret_body)
        (void)wr_buf_room(&t->body, t->body.max < SECRET_ROOM ? t->body.max : SECRET_ROOM);

    CURLcode code = CURLE_OK;
    wr_assert(pool.api.multi_add_handle(c->multi, c->easy) == CURLM_OK);
    const weir_status status = drive(cx, c, &code);
    long answer = 0;
    long sent = 0;
    (void)pool.api.easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &answer); /* 0: none came */
    (void)pool.api.easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);
    (void)pool.api.easy_getinfo(c->easy, CURLINFO_SSL_VERIFYRESULT, &t->verified);
    (void)pool.api.multi_remove_handle(c->multi, c->easy); /* cannot fail: it was added */
    WEIR_TRY(status);
    if (code != CURLE_OK)
        return fail_transfer(cx, arena, t, code, sent > 0);

    wr_http_response response = { .status = (int)answer };
    response.body = wr_arena_str(arena, wr_buf_view(&t->body));
    read_headers(arena, wr_buf_view(&t->headers), &response);
    *ret = response;
    return WEIR_OK;
}

weir_status wr_http_send(weir_ctx *cx, wr_arena *arena, const wr_http_request *request,
                         wr_http_response *ret)
{
    WEIR_TRY(wr_check_cancel(cx));
    WEIR_TRY(wr_fault(cx, "http.send"));
    channel *c;
    WEIR_TRY(take_channel(cx, wr_http_host(arena, request->url).ptr, &c));
    transfer t = {
        .request = request,
        .body = wr_buf_max(request->body_max > 0 ? request->body_max : WR_HTTP_BODY_MAX),
        .headers = wr_buf_max(HEADERS_MAX),
    };
    const weir_status status = transfer_once(cx, arena, c, &t, ret);
    if (request->secret_body && t.body.ptr)
        explicit_bzero(t.body.ptr, t.body.cap);
    wr_buf_done(&t.body);
    wr_buf_done(&t.headers);
    give_channel_back(c);
    pool.api.slist_free_all(t.outgoing);
    return status;
}
