/* HTTP: one request and its answer, over connections that are kept and used again. libcurl stays behind http.c; it is
 * opened on first use. May be called from any thread. */
#ifndef WR_HTTP_H
#define WR_HTTP_H

#include <weir/base.h>

#include "base/arena.h"
#include "net/retry.h"

typedef struct wr_http_header {
    weir_str name;
    weir_str value;
} wr_http_header;

#define WR_HTTP_HEADERS(...)                                                                       \
    .headers = (const wr_http_header[]){ __VA_ARGS__ },                                            \
    .header_count = sizeof((const wr_http_header[]){ __VA_ARGS__ }) / sizeof(wr_http_header)

/* What zero stands for. */
#define WR_HTTP_TIMEOUT_MS 60000
#define WR_HTTP_CONNECT_MS 10000
#define WR_HTTP_BODY_MAX ((size_t)64 << 20)

typedef struct wr_http_request {
    const char *method; /* NULL: GET */
    weir_str url;       /* http or https */
    const wr_http_header *headers;
    size_t header_count;
    weir_str body;
    int timeout_ms; /* from the first byte out to the last byte in */
    int connect_ms;
    size_t body_max; /* of the answer */
    int redirects;   /* how many are followed; 0: the answer is the redirect */
    /* Who is trusted to sign certificates; NULL: the file that SSL_CERT_FILE or CURL_CA_BUNDLE names, or the system's. */
    const char *ca_file;
    bool direct;     /* without the proxy that the environment names */
    bool secret_url; /* messages show host and port only */
    bool
        secret_body; /* the answer holds secrets: messages do not quote it, and its memory is cleared */
} wr_http_request;

/* In the arena of the call. */
typedef struct wr_http_response {
    int status;
    const wr_http_header *headers;
    size_t header_count;
    weir_str body; /* unpacked; with a NUL behind it */
} wr_http_response;

/* One attempt. WEIR_OK for every answer, whatever its status. WEIR_NETWORK, also when no connection
 * comes about in time; WEIR_TIMEOUT for an answer that does not; WEIR_LIMIT for a body beyond
 * the maximum; WEIR_CONFIG for an URL or a certificate that does not work; WEIR_CANCELLED. */
weir_status wr_http_send(weir_ctx *cx, wr_arena *arena, const wr_http_request *request,
                         wr_http_response *ret) WEIR_MUST_USE;

/* WEIR_OK for 2xx, else what the status means, with method, URL and the first bytes of the body in the message, the
 * status as native code, and Retry-After as time to wait: 401 and 403 WEIR_AUTH, 408 WEIR_TIMEOUT, 425 and 429
 * WEIR_THROTTLED, 5xx WEIR_NETWORK, what cannot be helped WEIR_REJECTED. */
weir_status wr_http_check(weir_ctx *cx, const wr_http_request *request,
                          const wr_http_response *response) WEIR_MUST_USE;

/* Send and check, again while the failure is transient: see net/retry.h. */
weir_status wr_http_call(weir_ctx *cx, wr_arena *arena, const wr_http_request *request,
                         wr_retry retry, wr_http_response *ret) WEIR_MUST_USE;

/* The time to wait that an answer's Retry-After names, seconds or a date; 0: none, or one that is past. */
int64_t wr_http_retry_after_us(weir_ctx *cx, const wr_http_response *response);
/* A header of the answer, in any case of letters; empty when it is missing. */
weir_str wr_http_header_of(const wr_http_response *response, const char *name);
/* The URL as messages show it: without user, password, values of the query, and known secrets; in the arena. */
weir_str wr_http_shown_url(wr_arena *arena, const wr_http_request *request);
/* "https://host:port" of an URL, in the arena. */
weir_str wr_http_host(wr_arena *arena, weir_str url);
/* The time in a header Date, or of a Retry-After; false for what is none. */
bool wr_http_date(weir_str text, weir_time *ret);

#endif
